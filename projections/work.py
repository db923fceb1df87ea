"""Work items (待办): every step of a case that somebody has to take, by whom and by when.

An event that opens a step carries the day it is due; history that a source reports carries none, and opens nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from domain.access import Area, RoleCode
from domain.assistance import Case, EconVerification, Notice, Recovery, Referral, Visit
from domain.codes import RecoveryPart, WorkStep
from domain.kernel import Event
from infra.log import LogEvent
from projections.kernel.changes import Changes, Projection, handles
from projections.kernel.tables import Doc, Limit, Many, One, Owner, Relations, view
from projections.procurement.work import OWNERS as SERVICE_OWNERS
from projections.procurement.work import ServiceWork

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
    WorkStep.ECON_AUTHORISE: RoleCode.COMMUNITY_WORKER,
    WorkStep.ECON_SEND: RoleCode.STREET_OFFICER,
    WorkStep.ECON_ANSWERS: RoleCode.STREET_OFFICER,
    WorkStep.ECON_REPORT: RoleCode.STREET_OFFICER,
    WorkStep.ECON_REVERIFY: RoleCode.STREET_OFFICER,
    WorkStep.ECON_ABOVE: RoleCode.STREET_OFFICER,
    WorkStep.SAMPLE_RECHECK: RoleCode.STREET_OFFICER,
    WorkStep.FEEDBACK: RoleCode.STREET_OFFICER,
    WorkStep.NOTIFY_RECOVERY: RoleCode.STREET_OFFICER,
    WorkStep.HEARING: RoleCode.DISTRICT_CLERK,
    WorkStep.DECIDE_RECOVERY: RoleCode.DISTRICT_CLERK,
    WorkStep.COLLECT: RoleCode.STREET_OFFICER,
    WorkStep.COLLECT_FINE: RoleCode.DISTRICT_CLERK,
    WorkStep.REFUND: RoleCode.DISTRICT_CLERK,
    **SERVICE_OWNERS,
}
"""Whose step it is: the role that the law's procedure gives it to."""
_ECON = tuple(step for step in WorkStep if step.name.startswith("ECON_"))
"""Steps of an economic-status verification."""
_RECOVERING = (
    *(WorkStep.NOTIFY_RECOVERY, WorkStep.DECIDE_RECOVERY, WorkStep.HEARING),
    *(WorkStep.COLLECT, WorkStep.COLLECT_FINE, WorkStep.REFUND),
)


@view(
    "work_item",
    area=Area.ASSISTANCE,
    key=("case_id", "step", "item"),
    scope_from="division_code",
    owner=Owner("work_case", "case_id"),
    order=("due_on", "case_id", "step", "item"),
    indexes=(
        ("open", "due_on", "case_id", "step", "item", "scope"),
        ("open", "role", "due_on", "case_id", "step", "item", "scope"),
        ("open", "assignee", "due_on", "case_id", "step", "item"),
    ),
    listed=False,
)
@dataclass
class WorkItemRow:
    """待办事项"""

    case_id: Annotated[UUID, Doc("个案标识；不属于个案的事项为社会组织、购买服务项目或公开事项的标识")]
    step: Annotated[WorkStep, Doc("办理环节")]
    item: Annotated[str, Doc("同一环节有多项时的事项标识（转介、追回的标识）；个案自己的环节为空")]
    division_code: Annotated[str, Doc("提出时的区划代码")]
    role: Annotated[RoleCode, Doc("由何角色办理")]
    open: Annotated[bool, Doc("是否未办")]
    opened_on: Annotated[date, Doc("开始日期")]
    due_on: Annotated[date, Doc("期限"), Limit("open")]
    done_on: Annotated[date | None, Doc("办理日期")]
    assignee: Annotated[str | None, Doc("分派给的账号；空为本单位")]

    RELATIONS: ClassVar[Relations] = {
        "case": One("case", local="case_id"),
        "organisation": One("organisation", local="case_id"),
        "purchase": One("purchase", local="case_id"),
        "disclosure": One("disclosure", local="case_id"),
        "timeline": Many("timeline", on="subject", prefix="case:"),
    }
    FILTERS: ClassVar[tuple[str, ...]] = ("open", "role", "step", "item", "due_on", "assignee", "division_code")


@view("work_case", area=None, scope_from="division_code", internal=True, listed=False)
@dataclass
class WorkCaseRow:
    """待办个案的现属区划"""

    case_id: Annotated[UUID, Doc("个案标识")]
    division_code: Annotated[str, Doc("区划代码")]


class WorkBeside(Projection):
    """Steps beside a case's own way: several of a kind may be open at once, so each names its item.

    What another department has to do stands in its own list (`referral`, `conference_task`), which it may read.
    """

    @handles(Referral.Answered)
    def referral_answered(self, event: Referral.Answered, at: LogEvent, to: Changes) -> None:
        """Whoever made the referral tells the person."""
        self._item(event, at, to, WorkStep.FEEDBACK, event.case_id, event.feedback_by, event.made_by)

    @handles(Referral.Returned)
    def referral_returned(self, event: Referral.Returned, at: LogEvent, to: Changes) -> None:
        """Whoever made the referral finds the right department."""
        self._item(event, at, to, WorkStep.FEEDBACK, event.case_id, event.redirect_by, event.made_by)

    @handles(Referral.Redirected, Referral.Closed)
    def referral_done(self, event: Referral.Redirected | Referral.Closed, at: LogEvent, to: Changes) -> None:
        """It is another department's turn, or nobody's."""
        self._item_done(event, to, event.case_id, WorkStep.FEEDBACK)

    @handles(Recovery.Created)
    def overpaid(self, event: Recovery.Created, at: LogEvent, to: Changes) -> None:
        """The person is to be told."""
        self._item(event, at, to, WorkStep.NOTIFY_RECOVERY, event.case_id, event.notify_by)

    @handles(Recovery.Notified)
    def recovery_notified(self, event: Recovery.Notified, at: LogEvent, to: Changes) -> None:
        """The district is to decide when the person could answer."""
        self._item_done(event, to, event.case_id, WorkStep.NOTIFY_RECOVERY)
        self._item(event, at, to, WorkStep.DECIDE_RECOVERY, event.case_id, event.decide_by)

    @handles(Recovery.HearingOffered)
    def hearing_offered(self, event: Recovery.HearingOffered, at: LogEvent, to: Changes) -> None:
        """The person may ask for a hearing until then."""
        self._item(event, at, to, WorkStep.HEARING, event.case_id, event.request_by)

    @handles(Recovery.HearingRequested)
    def hearing_requested(self, event: Recovery.HearingRequested, at: LogEvent, to: Changes) -> None:
        """It is to be held."""
        self._item(event, at, to, WorkStep.HEARING, event.case_id, event.hold_by)

    @handles(Recovery.HearingScheduled)
    def hearing_scheduled(self, event: Recovery.HearingScheduled, at: LogEvent, to: Changes) -> None:
        """On this day."""
        self._item(event, at, to, WorkStep.HEARING, event.case_id, event.hearing_on)

    @handles(Recovery.HearingHeld, Recovery.HearingWaived)
    def hearing_over(self, event: Recovery.HearingHeld | Recovery.HearingWaived, at: LogEvent, to: Changes) -> None:
        """The fine is to be decided."""
        self._item(event, at, to, WorkStep.HEARING, event.case_id, event.decide_by)

    @handles(Recovery.Decided)
    def recovery_decided(self, event: Recovery.Decided, at: LogEvent, to: Changes) -> None:
        """Money is outstanding."""
        self._item_done(event, to, event.case_id, WorkStep.DECIDE_RECOVERY)
        self._item(event, at, to, WorkStep.COLLECT, event.case_id, event.pay_by)

    @handles(Recovery.FineDecided)
    def fined(self, event: Recovery.FineDecided, at: LogEvent, to: Changes) -> None:
        """So is a fine."""
        self._item_done(event, to, event.case_id, WorkStep.HEARING)
        self._item(event, at, to, WorkStep.COLLECT_FINE, event.case_id, event.pay_by)

    @handles(Recovery.Received)
    def received(self, event: Recovery.Received, at: LogEvent, to: Changes) -> None:
        """With the last fen it is done."""
        fine = event.part is RecoveryPart.FINE
        if (event.fine_left_fen if fine else event.recovery_left_fen) == 0:
            self._item_done(event, to, event.case_id, WorkStep.COLLECT_FINE if fine else WorkStep.COLLECT)

    @handles(Recovery.Revised)
    def revised(self, event: Recovery.Revised, at: LogEvent, to: Changes) -> None:
        """Less is outstanding; money may have to go back."""
        paid = ((WorkStep.COLLECT, event.recovery_left_fen), (WorkStep.COLLECT_FINE, event.fine_left_fen))
        self._item_done(event, to, event.case_id, *(step for step, left in paid if left == 0))
        if event.refund_fen:
            self._item(event, at, to, WorkStep.REFUND, event.case_id, event.refund_by)

    @handles(Recovery.Refunded)
    def refunded(self, event: Recovery.Refunded, at: LogEvent, to: Changes) -> None:
        """With the last fen it is done."""
        if event.refund_left_fen == 0:
            self._item_done(event, to, event.case_id, WorkStep.REFUND)

    @handles(Recovery.Closed)
    def recovery_closed(self, event: Recovery.Closed, at: LogEvent, to: Changes) -> None:
        """Nothing is left to do."""
        self._item_done(event, to, event.case_id, *_RECOVERING)

    def _item(
        self,
        event: Event,
        at: LogEvent,
        to: Changes,
        step: WorkStep,
        case: UUID | None,
        due_on: date,
        assignee: str = "",
    ) -> None:
        if case is None:
            return  # what hangs on no case is followed in its own list
        on = _today(event)
        to.put(
            WorkItemRow,
            (case, step, str(event.originator_id)),
            on=on,
            division_code=at.division,
            role=OWNERS[step],
            open=True,
            opened_on=on,
            due_on=due_on,
            assignee=assignee or None,
        )

    def _item_done(self, event: Event, to: Changes, case: UUID | None, *steps: WorkStep) -> None:
        on, still = _today(event), {"open": True}
        for step in steps if case is not None else ():
            key = (case, step, str(event.originator_id))
            to.patch_known(WorkItemRow, key, on=on, where=still, open=False, done_on=on, assignee=None)


class Work(WorkBeside, ServiceWork):
    """What is to be done next in each case; it goes along when the case moves to another street."""

    name = "work"
    version = 2
    views = (WorkCaseRow, WorkItemRow)
    item_row = WorkItemRow
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
        to.patch(WorkCaseRow, event.originator_id, on=event.moved_on, decided=at.decided, division_code=moved)

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
        self._done(event, to, WorkStep.ECON_ABOVE)
        self._open(event, at, to, WorkStep.REVIEW, event.review_by)
        self._open(event, at, to, WorkStep.RECHECK, event.recheck_by)
        self._open(event, at, to, WorkStep.DECIDE, event.renew_by)

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

    @handles(Case.Recognised)
    def recognised(self, event: Case.Recognised, at: LogEvent, to: Changes) -> None:
        """To be published, and looked at again before it expires."""
        self._over(event, to)
        self._open(event, at, to, WorkStep.ANNOUNCE, event.announce_by)
        self._open(event, at, to, WorkStep.RECHECK, event.recheck_by)

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
            self._done(event, to, WorkStep.SERVE_NOTICE)
        self._open(event, at, to, WorkStep.SERVE_NOTICE, event.queue_by, event.division_code)

    @handles(Case.Withdrawn, Case.Terminated, Case.Closed)
    def over(self, event: Case.Withdrawn | Case.Terminated | Case.Closed, at: LogEvent, to: Changes) -> None:
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
        case, on = event.originator_id, _today(event)
        with_case = {"open": True, "item": "", "due_on": event.former_due_on}
        keep = frozenset({(case, WorkStep.SERVE_NOTICE, "")})
        to.patch_group(WorkItemRow, "case_id", case, on=on, keep=keep, where=with_case, due_on=event.due_on)

    @handles(Case.WorkAssigned)
    def assigned(self, event: Case.WorkAssigned, at: LogEvent, to: Changes) -> None:
        """Somebody's own."""
        key, still = (event.originator_id, event.step, event.item), {"open": True}
        to.patch_known(WorkItemRow, key, on=_today(event), where=still, assignee=event.assignee or None)

    @handles(EconVerification.Created)
    def econ_opened(self, event: EconVerification.Created, at: LogEvent, to: Changes) -> None:
        """The household's adults have to authorise."""
        self._open(event, at, to, WorkStep.ECON_AUTHORISE, event.authorise_by)

    @handles(EconVerification.AuthorizationSigned)
    def econ_signed(self, event: EconVerification.AuthorizationSigned, at: LogEvent, to: Changes) -> None:
        """Once everyone has, the sources are to be asked."""
        if event.complete:
            self._done(event, to, WorkStep.ECON_AUTHORISE)
            self._open(event, at, to, WorkStep.ECON_SEND, event.send_by)

    @handles(EconVerification.AuthorizationRevoked)
    def econ_revoked(self, event: EconVerification.AuthorizationRevoked, at: LogEvent, to: Changes) -> None:
        """To be authorised again, or ended."""
        self._done(event, to, WorkStep.ECON_SEND)
        self._open(event, at, to, WorkStep.ECON_AUTHORISE, event.authorise_by)

    @handles(EconVerification.QuerySent)
    def econ_sent(self, event: EconVerification.QuerySent, at: LogEvent, to: Changes) -> None:
        """Its answer is to be seen to, and the report to be made."""
        self._done(event, to, WorkStep.ECON_AUTHORISE, WorkStep.ECON_SEND)
        self._open(event, at, to, WorkStep.ECON_ANSWERS, event.answer_by)
        self._open(event, at, to, WorkStep.ECON_REPORT, event.report_by)

    @handles(EconVerification.QueryAnswered, EconVerification.QueryTimedOut)
    def econ_answered(
        self, event: EconVerification.QueryAnswered | EconVerification.QueryTimedOut, at: LogEvent, to: Changes
    ) -> None:
        """Nobody is waited for any more where this was the last one."""
        if event.waiting == 0:
            self._done(event, to, WorkStep.ECON_ANSWERS)

    @handles(EconVerification.EconReported)
    def econ_reported(self, event: EconVerification.EconReported, at: LogEvent, to: Changes) -> None:
        """Reported."""
        self._done(event, to, WorkStep.ECON_REPORT, WorkStep.ECON_AUTHORISE)

    @handles(EconVerification.IncomeAboveFound)
    def econ_above(self, event: EconVerification.IncomeAboveFound, at: LogEvent, to: Changes) -> None:
        """People look into an income that is not below the standard."""
        self._open(event, at, to, WorkStep.ECON_ABOVE, event.recheck_by)

    @handles(EconVerification.Contested)
    def econ_contested(self, event: EconVerification.Contested, at: LogEvent, to: Changes) -> None:
        """Another hand verifies again; only then is the income looked into."""
        self._done(event, to, WorkStep.ECON_ABOVE)
        self._open(event, at, to, WorkStep.ECON_REVERIFY, event.reverify_by)

    @handles(EconVerification.Reverified)
    def econ_reverified(self, event: EconVerification.Reverified, at: LogEvent, to: Changes) -> None:
        """Verified again."""
        self._done(event, to, WorkStep.ECON_REVERIFY, WorkStep.ECON_AUTHORISE)

    @handles(EconVerification.Cancelled)
    def econ_cancelled(self, event: EconVerification.Cancelled, at: LogEvent, to: Changes) -> None:
        """Ended."""
        self._done(event, to, *_ECON)

    @handles(Visit.ResultSubmitted)
    def found_otherwise(self, event: Visit.ResultSubmitted, at: LogEvent, to: Changes) -> None:
        """A visitor found otherwise than stated: the street is to look itself."""
        self._open(event, at, to, WorkStep.SAMPLE_RECHECK, event.recheck_by)

    @handles(Visit.RecheckDone)
    def looked_again(self, event: Visit.RecheckDone, at: LogEvent, to: Changes) -> None:
        """The street has looked."""
        self._done(event, to, WorkStep.SAMPLE_RECHECK)

    def _open(
        self,
        event: Event,
        at: LogEvent,
        to: Changes,
        step: WorkStep,
        due_on: date | None,
        division: str = "",
    ) -> None:
        if due_on is None:
            return
        case, on = _case(event), _today(event)
        to.put(
            WorkItemRow,
            (case, step, ""),
            on=on,
            division_code=division or at.division,
            role=OWNERS[step],
            open=True,
            opened_on=on,
            due_on=due_on,
        )

    def _over(self, event: Event, to: Changes) -> None:
        """Nothing of the case's own steps is left, but for notices, which are served whatever has become of it."""
        case, on = event.originator_id, _today(event)
        still = {"open": True, "item": ""}  # a recovery goes on when its case is over
        keep = frozenset({(case, WorkStep.SERVE_NOTICE, "")})
        done = {"open": False, "done_on": on, "assignee": None}
        to.patch_group(WorkItemRow, "case_id", case, on=on, keep=keep, where=still, **done)

    def _done(self, event: Event, to: Changes, *steps: WorkStep) -> None:
        on = _today(event)
        for step in steps:
            key, still = (_case(event), step, ""), {"open": True}
            to.patch_known(WorkItemRow, key, on=on, where=still, open=False, done_on=on, assignee=None)


def _case(event: Event) -> UUID:
    """The case that an event is about: its own stream's, unless it names another's."""
    found: UUID = getattr(event, "case_id", event.originator_id)
    return found


def _today(event: Event) -> date:
    """A queue tells what was to be done when it was recorded, whatever day a grant is for."""
    return event.timestamp.date()
