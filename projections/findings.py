"""Findings (疑点): contradictions that departments and auditors work through."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from domain.access import Area
from domain.codes import FindingRule
from domain.findings import Finding
from infra.log import LogEvent
from projections.kernel.changes import Changes, handles
from projections.kernel.tables import FEN, Doc, Many, One, Owner, Relations, view
from projections.subjects import Subjects


@view(
    "finding",
    area=Area.FINDINGS,
    scope_from="division_code",
    owner=Owner("finding_subject", "subject"),
    order=("raised_on", "id"),
    indexes=(("resolved", "scope", "raised_on", "id"), ("rule", "scope", "raised_on", "id")),
    temporal=False,
)
@dataclass
class FindingRow:
    """疑点"""

    id: Annotated[UUID, Doc("疑点标识")]
    rule: Annotated[FindingRule, Doc("疑点规则")]
    subject: Annotated[str, Doc("主体（如 case:标识）")]
    case_id: Annotated[UUID | None, Doc("个案标识")]
    person_id: Annotated[UUID | None, Doc("人员标识")]
    month: Annotated[str, Doc("所属月份；空为不涉及月份")]
    amount_fen: Annotated[int, Doc("涉及金额"), FEN]
    detail: Annotated[str, Doc("说明")]
    evidence: Annotated[tuple[str, ...], Doc("依据的事件（主体@版本）")]
    division_code: Annotated[str, Doc("发现时的区划代码")]
    raised_on: Annotated[date, Doc("发生日期")]
    resolved: Annotated[bool, Doc("是否办结")]
    resolved_on: Annotated[date | None, Doc("办结日期")]
    outcome: Annotated[str | None, Doc("办理结果")]

    RELATIONS: ClassVar[Relations] = {
        "division": One("division", local="division_code"),
        "case": One("case", local="case_id"),
        "person": One("person", local="person_id"),
        "timeline": Many("timeline", on="subject", local="subject"),
    }
    FILTERS: ClassVar[tuple[str, ...]] = (
        "rule",
        "resolved",
        "case_id",
        "person_id",
        "month",
        "division_code",
        "raised_on",
    )


@view("finding_subject", area=None, scope_from="division_code", internal=True, listed=False)
@dataclass
class FindingSubjectRow:
    """疑点主体的现属区划"""

    subject: Annotated[str, Doc("主体")]
    division_code: Annotated[str, Doc("区划代码")]


class Findings(Subjects):
    """Findings belong to whoever is responsible for their subject now: a case that moved takes its findings along."""

    name = "findings"
    version = 2
    views = (FindingSubjectRow, FindingRow)
    contexts = ("findings",)
    personal = False
    subject_row = FindingSubjectRow

    @handles(Finding.Created)
    def raised(self, event: Finding.Created, at: LogEvent, to: Changes) -> None:
        """A rule found a contradiction."""
        to.insert(
            FindingRow,
            event.originator_id,
            on=event.effective_on,
            rule=event.rule,
            subject=event.subject,
            case_id=event.case_id,
            person_id=event.person_id,
            month=event.month,
            amount_fen=event.amount_fen,
            detail=event.detail,
            evidence=event.evidence,
            division_code=event.division_code,
            raised_on=event.effective_on,
        )

    @handles(Finding.Resolved)
    def resolved(self, event: Finding.Resolved, at: LogEvent, to: Changes) -> None:
        """Someone worked it through."""
        on = event.true_from()
        to.patch(FindingRow, event.originator_id, on=on, resolved=True, resolved_on=on, outcome=event.outcome)
