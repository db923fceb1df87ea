"""Findings (疑点): what a source reported against the rules, for departments and auditors to work through."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, ClassVar, Self
from uuid import UUID, uuid5

from domain import kernel
from domain.access import RoleCode
from domain.codes import FindingRule
from domain.errors import RuleViolated
from domain.kernel import Command, Decided, Decision, Doc, Load

_FINDINGS = UUID("8d0b7a52-0c0e-5c2f-8a55-4f4b0a3f5d21")


@dataclass(frozen=True, slots=True)
class FindingDraft:
    """A contradiction before it has an id and a time. `key` is the same whenever the same thing is found again.

    `evidence` names what the rule saw as `subject@version`, newest last. `amount_fen` is the money at stake, negative
    where too little was paid. The text holds no personal data.
    """

    rule: FindingRule
    subject: str
    case_id: UUID | None
    person_id: UUID | None
    month: str
    amount_fen: int
    detail: str
    evidence: tuple[str, ...]
    division_code: str
    effective_on: date
    key: str

    def fields(self) -> dict[str, Any]:
        """The arguments of `Finding.raise_for` beside id and time."""
        return {name: getattr(self, name) for name in self.__slots__ if name != "key"}


class Finding(kernel.Aggregate):
    """One contradiction. Its id is derived from rule, subject and period, so that a replay finds nothing twice."""

    TOPIC: ClassVar[str] = "findings.Finding"
    SUBJECT: ClassVar[str] = "finding"
    division_code: str = ""
    rule: FindingRule = FindingRule.PAID_AFTER_DEATH
    subject: str = ""
    case_id: UUID | None = None
    resolved: bool = False

    class Created(kernel.Created):
        """A rule found a contradiction. `evidence` names what it saw: `subject@version`, newest last."""

        TOPIC = "findings.FindingRaised"
        TITLE = "发现疑点"
        rule: FindingRule
        subject: str
        case_id: UUID | None
        person_id: UUID | None
        month: str
        amount_fen: int
        detail: str
        evidence: tuple[str, ...]
        division_code: str
        effective_on: date

        def gist(self) -> str:
            return f"{self.rule.label} {self.month}".rstrip()

    class Resolved(kernel.Event):
        """Someone worked it through."""

        TOPIC = "findings.FindingResolved"
        TITLE = "办结疑点"
        outcome: str

        def apply(self, aggregate: "Finding") -> None:
            aggregate.resolved = True

        def gist(self) -> str:
            return self.outcome

    def subjects(self) -> Iterable[str]:
        """A finding stands on its subject's timeline."""
        yield self.subject

    @staticmethod
    def id_for(key: str) -> UUID:
        """The one id of what a rule of the platform found, by its draft's key (which names nobody but by id)."""
        return uuid5(_FINDINGS, key)

    @classmethod
    def raise_for(
        cls,
        id: UUID,
        at: datetime,
        *,
        rule: FindingRule,
        subject: str,
        division_code: str,
        effective_on: date,
        detail: str,
        evidence: tuple[str, ...],
        case_id: UUID | None = None,
        person_id: UUID | None = None,
        month: str = "",
        amount_fen: int = 0,
    ) -> Self:
        """A new finding."""
        return cls.create(
            cls.Created,
            id=id,
            at=at,
            rule=rule,
            subject=subject,
            case_id=case_id,
            person_id=person_id,
            month=month,
            amount_fen=amount_fen,
            detail=detail,
            evidence=evidence,
            division_code=division_code,
            effective_on=effective_on,
        )

    def resolve(self, at: datetime, *, outcome: str) -> None:
        """Close it with what came of it; raises RuleViolated when it is closed already."""
        if self.resolved:
            raise RuleViolated("此疑点已办结，不能重复办结。")
        if not outcome.strip():
            raise RuleViolated("办结疑点须写明核查结果。")
        self.record(self.Resolved, at=at, outcome=outcome.strip())


@dataclass(frozen=True, kw_only=True)
class ResolveFinding(Command):
    """办结疑点：写明核查结果和处理。"""

    ROLES: ClassVar = frozenset({RoleCode.DISTRICT_CLERK, RoleCode.STREET_OFFICER, RoleCode.AUDITOR})
    finding_id: Annotated[UUID, Doc("疑点标识")]
    outcome: Annotated[str, Doc("核查结果和处理，不写个人信息")]

    def decide(self, by: Decision) -> Decided:
        finding: Finding = yield Load(Finding, self.finding_id)
        finding.resolve(by.now, outcome=self.outcome)
        return (finding,)
