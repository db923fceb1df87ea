"""Findings (疑点): what was reported against the rules, for departments and auditors to work through.

A finding has an owner and a day by which it is to be looked into. Whoever does says whether it is so: what is so gets
a day by which it is to be set right, somebody sets it right, and somebody else closes it. What is not so is dismissed
with its reason, and can be taken up again.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar, Self
from uuid import UUID, uuid5

from domain import kernel
from domain.access import RoleCode
from domain.codes import FindingRule, FindingState
from domain.errors import RuleViolated
from domain.parameters import official_parameters
from domain.workdays import working_days_after

_BY_DISTRICT = frozenset(
    {
        *(FindingRule.BANK_DIFFERS, FindingRule.BATCH_TOTALS, FindingRule.MERGED_BENEFITS),
        *(FindingRule.MEDICAL_SPLIT, FindingRule.MEDICAL_DIFFERENCE, FindingRule.MEDICAL_LATER),
        FindingRule.SOURCE_DELETED,
        FindingRule.PLATFORM_DIFFERS,
        *(FindingRule.STOCK_BELOW_ZERO, FindingRule.RELATIVE_UNVISITED, FindingRule.SAMPLED_TWICE),
    }
)
"""What no street could look into alone; everything else is its subject's street's."""
_OPEN = frozenset({FindingState.OPEN, FindingState.CONFIRMED, FindingState.RECTIFIED})


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


def owner_of(rule: FindingRule) -> RoleCode:
    """Whose it is to look into what a rule found."""
    return RoleCode.DISTRICT_CLERK if rule in _BY_DISTRICT else RoleCode.STREET_OFFICER


class Finding(kernel.Aggregate):
    """One contradiction. Its id is derived from rule, subject and period, so that a replay finds nothing twice."""

    TOPIC: ClassVar[str] = "findings.Finding"
    SUBJECT: ClassVar[str] = "finding"
    division_code: str = ""
    rule: FindingRule = FindingRule.PAID_AFTER_DEATH
    subject: str = ""
    case_id: UUID | None = None
    state: FindingState = FindingState.OPEN
    rectified_by: str = ""

    class Created(kernel.Created):
        """A rule found a contradiction. `evidence` names what it saw: `subject@version`, newest last."""

        TOPIC = "findings.FindingRaised"
        TITLE = "发现疑点"
        class_version = 2
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
        owner: RoleCode
        check_by: date | None

        @staticmethod
        def upcast_v1_v2(state: dict[str, Any]) -> None:
            """The first findings had neither an owner nor a day."""
            state["owner"] = owner_of(FindingRule(state["rule"])).value
            state["check_by"] = None

        def gist(self) -> str:
            return f"{self.rule.label} {self.month}".rstrip()

    class Confirmed(kernel.Event):
        """It is so: to be set right by a day."""

        TOPIC = "findings.FindingConfirmed"
        TITLE = "疑点属实，限期整改"
        assessment: str
        by: str
        rectify_by: date

        def apply(self, aggregate: "Finding") -> None:
            aggregate.state = FindingState.CONFIRMED

        def gist(self) -> str:
            return self.assessment

    class Rectified(kernel.Event):
        """Somebody set it right: what was done, how much money came back, and which record shows it."""

        TOPIC = "findings.FindingRectified"
        TITLE = "疑点整改"
        action: str
        by: str
        recovered_fen: int
        shown_by: str
        review_by: date

        def apply(self, aggregate: "Finding") -> None:
            aggregate.state = FindingState.RECTIFIED
            aggregate.rectified_by = self.by

        def gist(self) -> str:
            return self.action

    class SentBack(kernel.Event):
        """What was done does not set it right."""

        TOPIC = "findings.FindingSentBack"
        TITLE = "整改退回"
        reason: str
        by: str
        rectify_by: date

        def apply(self, aggregate: "Finding") -> None:
            aggregate.state = FindingState.CONFIRMED

        def gist(self) -> str:
            return self.reason

    class Resolved(kernel.Event):
        """Someone worked it through."""

        TOPIC = "findings.FindingResolved"
        TITLE = "办结疑点"
        outcome: str

        def apply(self, aggregate: "Finding") -> None:
            aggregate.state = FindingState.RESOLVED

        def gist(self) -> str:
            return self.outcome

    class Dismissed(kernel.Event):
        """It is not so, and why."""

        TOPIC = "findings.FindingDismissed"
        TITLE = "疑点不属实"
        reason: str
        by: str

        def apply(self, aggregate: "Finding") -> None:
            aggregate.state = FindingState.DISMISSED

        def gist(self) -> str:
            return self.reason

    class Reopened(kernel.Event):
        """Something new speaks for it after all."""

        TOPIC = "findings.FindingReopened"
        TITLE = "重启疑点"
        reason: str
        by: str
        check_by: date

        def apply(self, aggregate: "Finding") -> None:
            aggregate.state = FindingState.OPEN

        def gist(self) -> str:
            return self.reason

    def subjects(self) -> Iterable[str]:
        """A finding stands on its subject's timeline."""
        yield self.subject

    @staticmethod
    def id_for(key: str) -> UUID:
        """The one id of what a feed or a rule found, by its draft's key (which names nobody but by id)."""
        return uuid5(_FINDINGS, key)

    @property
    def resolved(self) -> bool:
        """Whether nothing is left to do."""
        return self.state not in _OPEN

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
        found_on: date | None = None,
    ) -> Self:
        """A new finding, to be looked into within the parameter `findings.check` from the day it was found.

        That is `found_on` where a source's file of an earlier day (`at`) was taken in later.
        """
        day = found_on or at.date()
        days = official_parameters().value("findings.check", division_code, day)
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
            owner=owner_of(rule),
            check_by=working_days_after(day, days),
        )

    def confirm(self, at: datetime, *, assessment: str, by: str, rectify_by: date) -> None:
        """It is so."""
        self._demand("确认属实", FindingState.OPEN)
        why = _written(assessment, "确认属实须写明核查情况。")
        self.record(self.Confirmed, at=at, assessment=why, by=by, rectify_by=rectify_by)

    def rectify(
        self, at: datetime, *, action: str, by: str, review_by: date, recovered_fen: int = 0, shown_by: str = ""
    ) -> None:
        """It has been set right; `shown_by` names the record that shows it (`case:…`, `recovery:…`)."""
        self._demand("登记整改", FindingState.CONFIRMED)
        if recovered_fen < 0:
            raise RuleViolated("整改收回的金额不能为负。")
        self.record(
            self.Rectified,
            at=at,
            action=_written(action, "登记整改须写明采取的措施。"),
            by=by,
            recovered_fen=recovered_fen,
            shown_by=shown_by,
            review_by=review_by,
        )

    def send_back(self, at: datetime, *, reason: str, by: str, rectify_by: date) -> None:
        """It has not been set right."""
        self._demand("退回整改", FindingState.RECTIFIED)
        self._demand_other_hand(by)
        why = _written(reason, "退回整改须写明理由。")
        self.record(self.SentBack, at=at, reason=why, by=by, rectify_by=rectify_by)

    def resolve(self, at: datetime, *, outcome: str, by: str = "") -> None:
        """Close it with what came of it.

        What was confirmed is closed once it has been set right, and by another hand than set it right.
        """
        if self.resolved:
            raise RuleViolated("此疑点已办结，不能重复办结。")
        if self.state is FindingState.CONFIRMED:
            raise RuleViolated("此疑点已确认属实，须先登记整改，再由他人复核办结。")
        if self.state is FindingState.RECTIFIED:
            self._demand_other_hand(by)
        self.record(self.Resolved, at=at, outcome=_written(outcome, "办结疑点须写明核查结果。"))

    def dismiss(self, at: datetime, *, reason: str, by: str) -> None:
        """It is not so."""
        self._demand("认定不属实", FindingState.OPEN)
        self.record(self.Dismissed, at=at, reason=_written(reason, "认定不属实须写明依据。"), by=by)

    def reopen(self, at: datetime, *, reason: str, by: str, check_by: date) -> None:
        """Look into it again."""
        self._demand("重启", FindingState.RESOLVED, FindingState.DISMISSED)
        why = _written(reason, "重启疑点须写明新的情况。")
        self.record(self.Reopened, at=at, reason=why, by=by, check_by=check_by)

    def _demand(self, what: str, *states: FindingState) -> None:
        if self.state not in states:
            raise RuleViolated(f"此疑点现为“{self.state.label}”，不能{what}。")

    def _demand_other_hand(self, by: str) -> None:
        if by and by == self.rectified_by:
            raise RuleViolated("整改由您登记，复核须由其他经办人员办理。")


def _written(text: str, demand: str) -> str:
    given = text.strip()
    if not given:
        raise RuleViolated(demand)
    return given
