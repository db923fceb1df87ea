"""Work items (待办): every step of a case that somebody has to take, by whom and by when.

An event that opens a step carries the day it is due; history that a source reports carries none, and opens nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from domain.access import Area, RoleCode
from domain.assistance import Case, Notice
from domain.codes import WorkStep
from domain.kernel import Event
from infra.log import LogEvent
from projections.kernel.changes import Changes, Projection, handles
from projections.kernel.tables import Doc, Many, One, Owner, Relations, view

OWNERS: Mapping[WorkStep, RoleCode] = {
    WorkStep.ACCEPT: RoleCode.STREET_OFFICER,
    WorkStep.INVESTIGATE: RoleCode.STREET_OFFICER,
    WorkStep.VERIFY: RoleCode.STREET_OFFICER,
    WorkStep.REVIEW: RoleCode.STREET_OFFICER,
    WorkStep.PUBLICISE: RoleCode.COMMUNITY_WORKER,
    WorkStep.REINVESTIGATE: RoleCode.STREET_OFFICER,
    WorkStep.DECIDE: RoleCode.DISTRICT_CLERK,
    WorkStep.ANNOUNCE: RoleCode.COMMUNITY_WORKER,
    WorkStep.SERVE: RoleCode.DISTRICT_CLERK,
    WorkStep.SERVE_NOTICE: RoleCode.STREET_OFFICER,
    WorkStep.PAPERS: RoleCode.STREET_OFFICER,
    WorkStep.RECHECK: RoleCode.STREET_OFFICER,
}
"""Whose step it is: the role that the law's procedure gives it to."""


@view(
    "work_item",
    area=Area.ASSISTANCE,
    key=("case_id", "step"),
    scope_from="division_code",
    owner=Owner("work_case", "case_id"),
    order=("due_on", "case_id", "step"),
    indexes=(
        ("open", "due_on", "case_id", "step", "scope"),
        ("open", "role", "due_on", "case_id", "step", "scope"),
        ("open", "assignee", "due_on", "case_id", "step"),
    ),
    listed=False,
)
@dataclass
class WorkItemRow:
    """待办事项"""

    case_id: Annotated[UUID, Doc("个案标识")]
    step: Annotated[WorkStep, Doc("办理环节")]
    division_code: Annotated[str, Doc("提出时的区划代码")]
    role: Annotated[RoleCode, Doc("由何角色办理")]
    open: Annotated[bool, Doc("是否未办")]
    opened_on: Annotated[date, Doc("开始日期")]
    due_on: Annotated[date, Doc("期限")]
    done_on: Annotated[date | None, Doc("办理日期")]
    assignee: Annotated[str | None, Doc("分派给的账号；空为本单位")]

    RELATIONS: ClassVar[Relations] = {
        "case": One("case", local="case_id"),
        "timeline": Many("timeline", on="subject", prefix="case:"),
    }
    FILTERS: ClassVar[tuple[str, ...]] = ("open", "role", "step", "due_on", "assignee", "division_code")


@view("work_case", area=None, scope_from="division_code", internal=True, listed=False)
@dataclass
class WorkCaseRow:
    """待办个案的现属区划"""

    case_id: Annotated[UUID, Doc("个案标识")]
    division_code: Annotated[str, Doc("区划代码")]


class Work(Projection):
    """What is to be done next in each case; it goes along when the case moves to another street."""

    name = "work"
    version = 1
    views = (WorkCaseRow, WorkItemRow)
    personal = False

    @handles(Case.Created)
    def applied(self, event: Case.Created, at: LogEvent, to: Changes) -> None:
        """The file is to be looked at."""
        to.insert(WorkCaseRow, event.originator_id, on=event.from_on, division_code=event.division_code)
        self._open(event, at, to, WorkStep.ACCEPT, event.accept_by, event.division_code)

    @handles(Case.Transferred)
    def transferred(self, event: Case.Transferred, at: LogEvent, to: Changes) -> None:
        """Another street's work."""
        moved = event.to_division_code
        to.patch(WorkCaseRow, event.originator_id, on=event.moved_on, decided=not at.source, division_code=moved)

    @handles(Case.Returned)
    def returned(self, event: Case.Returned, at: LogEvent, to: Changes) -> None:
        """It is the applicant's turn."""
        self._done(event, to, WorkStep.ACCEPT)

    @handles(Case.Accepted)
    def accepted(self, event: Case.Accepted, at: LogEvent, to: Changes) -> None:
        """The investigation has to start."""
        self._done(event, to, WorkStep.ACCEPT)
        self._open(event, at, to, WorkStep.INVESTIGATE, event.investigate_by)

    @handles(Case.Visited)
    def visited(self, event: Case.Visited, at: LogEvent, to: Changes) -> None:
        """The investigation has started; its result is to come."""
        self._done(event, to, WorkStep.INVESTIGATE)
        self._open(event, at, to, WorkStep.VERIFY, event.verify_by)

    @handles(Case.VerificationReported)
    def verified(self, event: Case.VerificationReported, at: LogEvent, to: Changes) -> None:
        """The street is to review; of a case in force this was the recheck."""
        self._done(event, to, WorkStep.INVESTIGATE, WorkStep.VERIFY, WorkStep.RECHECK, WorkStep.PAPERS)
        self._open(event, at, to, WorkStep.REVIEW, event.review_by)
        self._open(event, at, to, WorkStep.RECHECK, event.recheck_by)

    @handles(Case.Reviewed)
    def reviewed(self, event: Case.Reviewed, at: LogEvent, to: Changes) -> None:
        """The opinion is to be publicised."""
        self._done(event, to, WorkStep.REVIEW)
        self._open(event, at, to, WorkStep.PUBLICISE, event.publicise_by)

    @handles(Case.NoticePosted)
    def publicised(self, event: Case.NoticePosted, at: LogEvent, to: Changes) -> None:
        """The district is to decide when the notice has run."""
        self._done(event, to, WorkStep.PUBLICISE)
        self._open(event, at, to, WorkStep.DECIDE, event.decide_by)

    @handles(Case.ObjectionFiled)
    def objected(self, event: Case.ObjectionFiled, at: LogEvent, to: Changes) -> None:
        """The street is to look into it first."""
        self._done(event, to, WorkStep.DECIDE)
        self._open(event, at, to, WorkStep.REINVESTIGATE, event.answer_by)

    @handles(Case.ObjectionAnswered)
    def answered(self, event: Case.ObjectionAnswered, at: LogEvent, to: Changes) -> None:
        """Review and notice come again."""
        self._done(event, to, WorkStep.REINVESTIGATE)
        self._open(event, at, to, WorkStep.REVIEW, event.review_by)

    @handles(Case.Confirmed)
    def confirmed(self, event: Case.Confirmed, at: LogEvent, to: Changes) -> None:
        """The grant is to be published, and looked at again in time."""
        self._over(event, to)
        self._open(event, at, to, WorkStep.ANNOUNCE, event.announce_by)
        self._open(event, at, to, WorkStep.RECHECK, event.recheck_by)
        self._open(event, at, to, WorkStep.PAPERS, event.papers_by)

    @handles(Case.Refused)
    def refused(self, event: Case.Refused, at: LogEvent, to: Changes) -> None:
        """The refusal is to be served."""
        self._over(event, to)
        self._open(event, at, to, WorkStep.SERVE, event.serve_by)

    @handles(Case.Announced)
    def announced(self, event: Case.Announced, at: LogEvent, to: Changes) -> None:
        """Published."""
        self._done(event, to, WorkStep.ANNOUNCE)

    @handles(Case.RefusalServed)
    def served(self, event: Case.RefusalServed, at: LogEvent, to: Changes) -> None:
        """Served."""
        self._done(event, to, WorkStep.SERVE)

    @handles(Notice.Created, Notice.Served)
    def notice(self, event: Notice.Created | Notice.Served, at: LogEvent, to: Changes) -> None:
        """What notices of the case are still to be served, by the first day that one of them is due."""
        if isinstance(event, Notice.Served) and event.queue_by is None:
            self._done(event, to, WorkStep.SERVE_NOTICE, case=event.case_id)
        self._open(event, at, to, WorkStep.SERVE_NOTICE, event.queue_by, event.division_code, case=event.case_id)

    @handles(Case.Withdrawn, Case.Closed)
    def over(self, event: Case.Withdrawn | Case.Closed, at: LogEvent, to: Changes) -> None:
        """Nothing is left to do."""
        self._over(event, to)

    @handles(Case.Reopened)
    def reopened(self, event: Case.Reopened, at: LogEvent, to: Changes) -> None:
        """An order to decide anew."""
        self._over(event, to)
        self._open(event, at, to, WorkStep.VERIFY, event.due_on)

    @handles(Case.SupplementReceived, Case.DeadlineExtended)
    def later(self, event: Case.SupplementReceived | Case.DeadlineExtended, at: LogEvent, to: Changes) -> None:
        """What was due with the case is due with it still."""
        case, on, with_case = event.originator_id, _today(event), {"open": True, "due_on": event.former_due_on}
        keep = frozenset({(case, WorkStep.SERVE_NOTICE)})
        to.patch_group(WorkItemRow, "case_id", case, on=on, keep=keep, where=with_case, due_on=event.due_on)

    @handles(Case.WorkAssigned)
    def assigned(self, event: Case.WorkAssigned, at: LogEvent, to: Changes) -> None:
        """Somebody's own."""
        key, still = (event.originator_id, event.step), {"open": True}
        to.patch_known(WorkItemRow, key, on=_today(event), where=still, assignee=event.assignee or None)

    def _open(
        self,
        event: Event,
        at: LogEvent,
        to: Changes,
        step: WorkStep,
        due_on: date | None,
        division: str = "",
        *,
        case: UUID | None = None,
    ) -> None:
        if due_on is None:
            return
        on = _today(event)
        to.put(
            WorkItemRow,
            (case or event.originator_id, step),
            on=on,
            division_code=division or at.division,
            role=OWNERS[step],
            open=True,
            opened_on=on,
            due_on=due_on,
        )

    def _over(self, event: Event, to: Changes) -> None:
        """Nothing of what was to be done is left, but for notices, which are served whatever has become of the case."""
        case, on, still = event.originator_id, _today(event), {"open": True}
        keep = frozenset({(case, WorkStep.SERVE_NOTICE)})
        done = {"open": False, "done_on": on, "assignee": None}
        to.patch_group(WorkItemRow, "case_id", case, on=on, keep=keep, where=still, **done)

    def _done(self, event: Event, to: Changes, *steps: WorkStep, case: UUID | None = None) -> None:
        on = _today(event)
        for step in steps:
            key, still = (case or event.originator_id, step), {"open": True}
            to.patch_known(WorkItemRow, key, on=on, where=still, open=False, done_on=on, assignee=None)


def _today(event: Event) -> date:
    """A queue tells what was to be done when it was recorded, whatever day a grant is for."""
    return event.timestamp.date()
