"""Findings (疑点): contradictions that departments and auditors work through."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar
from uuid import UUID

from domain.access import Area, RoleCode
from domain.codes import FindingRule, FindingState
from domain.findings import Finding
from domain.kernel import Event
from infra.log import LogEvent
from projections.kernel.changes import Changes, handles
from projections.kernel.tables import FEN, Doc, Figures, Limit, Many, One, Owner, Relations, view
from projections.subjects import Subjects


@view(
    "finding",
    area=Area.FINDINGS,
    scope_from="division_code",
    owner=Owner("finding_subject", "subject"),
    order=("raised_on", "id"),
    indexes=(("resolved", "scope", "raised_on", "id"), ("rule", "scope", "raised_on", "id")),
    temporal=False,
    figures=Figures(("rule", "state", "raised_on", "rectified_on"), also=(Area.ASSISTANCE,)),
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
    evidence: Annotated[tuple[str, ...], Doc("依据的事件（主体@版本；日志位置用 logEntry(event) 查）")]
    division_code: Annotated[str, Doc("发现时的区划代码")]
    raised_on: Annotated[date, Doc("发生日期")]
    owner: Annotated[RoleCode, Doc("由何角色核实")]
    state: Annotated[FindingState, Doc("状态")]
    open: Annotated[bool, Doc("是否未了")]
    due_on: Annotated[date | None, Doc("本环节期限"), Limit("open")]
    assessment: Annotated[str | None, Doc("核查情况")]
    rectification: Annotated[str | None, Doc("整改措施")]
    rectified_on: Annotated[date | None, Doc("整改日期")]
    recovered_fen: Annotated[int, Doc("整改收回或补发的金额"), FEN]
    shown_by: Annotated[str | None, Doc("可以证明整改的记录")]
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
        "state",
        "owner",
        "due_on",
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
    version = 4
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
            owner=event.owner,
            state=FindingState.OPEN,
            open=True,
            due_on=event.check_by,
        )

    @handles(Finding.Resolved)
    def resolved(self, event: Finding.Resolved, at: LogEvent, to: Changes) -> None:
        """Someone worked it through."""
        self._closed(event, to, FindingState.RESOLVED, event.outcome)

    @handles(Finding.Dismissed)
    def dismissed(self, event: Finding.Dismissed, at: LogEvent, to: Changes) -> None:
        """It is not so."""
        self._closed(event, to, FindingState.DISMISSED, event.reason)

    @handles(Finding.Confirmed)
    def confirmed(self, event: Finding.Confirmed, at: LogEvent, to: Changes) -> None:
        """It is so, and to be set right."""
        self._goes_on(event, to, FindingState.CONFIRMED, event.rectify_by, assessment=event.assessment)

    @handles(Finding.Rectified)
    def rectified(self, event: Finding.Rectified, at: LogEvent, to: Changes) -> None:
        """Somebody set it right; another looks at it."""
        done = {"rectification": event.action, "rectified_on": event.true_from(), "shown_by": event.shown_by or None}
        money = {"recovered_fen": event.recovered_fen}
        self._goes_on(event, to, FindingState.RECTIFIED, event.review_by, **done, **money)

    @handles(Finding.SentBack)
    def sent_back(self, event: Finding.SentBack, at: LogEvent, to: Changes) -> None:
        """Not right yet."""
        self._goes_on(event, to, FindingState.CONFIRMED, event.rectify_by)

    @handles(Finding.Reopened)
    def reopened(self, event: Finding.Reopened, at: LogEvent, to: Changes) -> None:
        """To be looked into again."""
        anew = {"resolved": False, "resolved_on": None, "outcome": None}
        self._goes_on(event, to, FindingState.OPEN, event.check_by, open=True, **anew)

    def _closed(self, event: Event, to: Changes, state: FindingState, outcome: str) -> None:
        on = event.true_from()
        over: dict[str, Any] = {"open": False, "due_on": None, "resolved": True}
        to.patch(FindingRow, event.originator_id, on=on, state=state, resolved_on=on, outcome=outcome, **over)

    def _goes_on(self, event: Event, to: Changes, state: FindingState, due_on: date, **said: Any) -> None:
        to.patch(FindingRow, event.originator_id, on=event.true_from(), state=state, due_on=due_on, **said)
