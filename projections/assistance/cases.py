"""Cases in the read models: where each stands, whom it covers, and every step on its way."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar
from uuid import UUID

import msgspec

from domain.access import Area, PersonalClass
from domain.assistance import Case
from domain.codes import CaseState, Cause, CloseReason, Opinion, Scheme, SelfCare, UrbanRural, VisitFinding
from domain.formulas import Computed
from infra.log import LogEvent
from projections.kernel.changes import Changes, Projection, handles
from projections.kernel.tables import FEN, JSON, Doc, Figures, Many, Masked, One, Owner, Relations, view


@view(
    "case",
    area=Area.ASSISTANCE,
    scope_from="division_code",
    order=("case_no", "id"),
    indexes=(("case_no",), ("state", "scope", "case_no", "id")),
    figures=Figures(
        (
            *("scheme", "state", "urban_rural", "member_count", "monthly_fen", "self_care", "start_month", "end_month"),
            *("close_reason", "closed_on", "visited_on", "due_on", "decided_on"),
        )
    ),
)
@dataclass
class CaseRow:
    """救助个案"""

    id: Annotated[UUID, Doc("个案标识")]
    case_no: Annotated[str, Doc("个案编号")]
    scheme: Annotated[Scheme, Doc("救助类别")]
    state: Annotated[CaseState, Doc("个案状态")]
    cause: Annotated[Cause, Doc("致困原因")]
    urban_rural: Annotated[UrbanRural, Doc("城乡属性")]
    division_code: Annotated[str, Doc("区划代码")]
    household_id: Annotated[UUID, Doc("家庭标识")]
    applicant_id: Annotated[UUID, Doc("申请人标识")]
    member_ids: Annotated[tuple[UUID, ...], Doc("保障对象标识")]
    member_count: Annotated[int, Doc("保障人数")]
    applied_on: Annotated[date, Doc("申请日期")]
    due_on: Annotated[date | None, Doc("办结期限")]
    monthly_income_fen: Annotated[int | None, Doc("核定家庭月收入"), FEN]
    property_within_limits: Annotated[bool | None, Doc("财产是否符合规定")]
    supplements: Annotated[tuple[str, ...], Doc("分类施保对象，每人一项")]
    conclusion: Annotated[str | None, Doc("核对结论")]
    monthly_fen: Annotated[int, Doc("月保障金额（临时救助为一次性金额）"), FEN]
    amount_from: Annotated[date | None, Doc("现行金额起始日")]
    start_month: Annotated[str | None, Doc("起发月份")]
    end_month: Annotated[str | None, Doc("最后发放月份")]
    computed: Annotated[str | None, Doc("金额计算过程"), JSON]
    account: Annotated[str | None, Doc("发放账号"), Masked(PersonalClass.ACCOUNT)]
    bank: Annotated[str | None, Doc("开户银行")]
    reason: Annotated[str | None, Doc("最近一次退回、停发、恢复、变更、撤回、不予确认或重新办理的理由")]
    close_reason: Annotated[CloseReason | None, Doc("结案原因")]
    closed_on: Annotated[date | None, Doc("结案日期")]
    staff_relative: Annotated[bool, Doc("是否近亲属备案个案")]
    relative_of: Annotated[str | None, Doc("近亲属备案的工作人员"), Masked(PersonalClass.CIRCUMSTANCES)]
    officially_visited: Annotated[bool, Doc("街道或区级工作人员是否已入户")]
    visited_on: Annotated[date | None, Doc("最近一次入户核查日期")]
    visit_finding: Annotated[VisitFinding | None, Doc("入户核查结论")]
    visit_report: Annotated[str | None, Doc("入户核查情况"), Masked(PersonalClass.CIRCUMSTANCES)]
    review_for: Annotated[int | None, Doc("民主评议同意人数")]
    review_against: Annotated[int | None, Doc("民主评议不同意人数")]
    opinion: Annotated[Opinion | None, Doc("街道审核意见")]
    notice_no: Annotated[str | None, Doc("公示编号")]
    notice_from: Annotated[date | None, Doc("公示起始日")]
    notice_to: Annotated[date | None, Doc("公示届满日")]
    objected_on: Annotated[date | None, Doc("提出异议日期")]
    objection: Annotated[str | None, Doc("异议内容"), Masked(PersonalClass.CIRCUMSTANCES)]
    waiting_since: Annotated[date | None, Doc("自何日起等待补充材料，期间停止计算期限")]
    announced_on: Annotated[date | None, Doc("公布救助结果日期")]
    served_on: Annotated[date | None, Doc("不予确认通知书送达日期")]
    prepared_by: Annotated[str | None, Doc("登记核对结果的经办账号")]
    reviewed_by: Annotated[str | None, Doc("提出审核意见的账号")]
    decided_by: Annotated[str | None, Doc("作出决定的账号")]
    decided_on: Annotated[date | None, Doc("在平台上作出决定的日期")]
    self_care: Annotated[SelfCare | None, Doc("生活自理能力"), Masked(PersonalClass.CIRCUMSTANCES)]
    recheck_on: Annotated[date | None, Doc("下次定期复核日期")]
    necessary_expense_fen: Annotated[int | None, Doc("核定必需支出（月均）"), FEN]
    recognised_on: Annotated[date | None, Doc("困难家庭认定起始日")]
    valid_until: Annotated[date | None, Doc("困难家庭认定有效期末日")]
    suggests: Annotated[Scheme | None, Doc("不予确认时按核对结果可另行申请的救助")]

    RELATIONS: ClassVar[Relations] = {
        "division": One("division", local="division_code"),
        "household": One("household", local="household_id"),
        "applicant": One("person", local="applicant_id"),
        "members": Many("case_member", on="case_id", order=("person_id",)),
        "payments": Many("payment", on="case_id", order=("month",)),
        "totals": One("case_total", local="id"),
        "findings": Many("finding", on="case_id", order=("raised_on",)),
        "sample_visits": Many("visit", on="case_id", order=("id",)),
        "referrals": Many("referral", on="case_id", order=("due_on",)),
        "recoveries": Many("recovery", on="case_id", order=("found_on",)),
        "documents": Many("document", on="case_id", order=("attached_on",)),
        "notices": Many("notice", on="case_id", order=("issued_on",)),
        "work_items": Many("work_item", on="case_id", order=("due_on",)),
        "verifications": Many("verification", on="case_id", order=("opened_on",)),
        "timeline": Many("timeline", on="subject", prefix="case:"),
    }
    FILTERS: ClassVar[tuple[str, ...]] = (
        "case_no",
        "scheme",
        "state",
        "cause",
        "urban_rural",
        "division_code",
        "household_id",
        "applicant_id",
        "applied_on",
        "due_on",
        "close_reason",
        "amount_from",
        "notice_to",
        "objected_on",
        "waiting_since",
        "recheck_on",
        "staff_relative",
        "officially_visited",
        "valid_until",
        "suggests",
    )


@view(
    "case_member",
    area=Area.ASSISTANCE,
    key=("case_id", "person_id"),
    owner=Owner("case", "case_id"),
    listed=False,
)
@dataclass
class CaseMemberRow:
    """保障对象"""

    case_id: Annotated[UUID, Doc("个案标识")]
    person_id: Annotated[UUID, Doc("人员标识")]
    applicant: Annotated[bool, Doc("是否申请人")]
    covered: Annotated[bool, Doc("是否在保障范围内")]

    RELATIONS: ClassVar[Relations] = {
        "case": One("case", local="case_id"),
        "person": One("person", local="person_id"),
    }


class Cases(Projection):
    """What happens to cases. A part of the projection `Assistance`, never run by itself."""

    @handles(Case.Created)
    def applied(self, event: Case.Created, at: LogEvent, to: Changes) -> None:
        """A new case, and whom it is to cover."""
        case, on = event.originator_id, event.from_on
        to.insert(
            CaseRow,
            case,
            on=on,
            case_no=event.case_no,
            scheme=event.scheme,
            state=CaseState.APPLIED,
            cause=event.cause,
            urban_rural=event.urban_rural,
            division_code=event.division_code,
            household_id=event.household_id,
            applicant_id=event.applicant_id,
            member_ids=event.member_ids,
            member_count=len(event.member_ids),
            applied_on=on,
        )
        for person in dict.fromkeys(event.member_ids):
            applicant = person == event.applicant_id
            to.insert(CaseMemberRow, (case, person), on=on, applicant=applicant, covered=True)
        if event.applicant_id not in event.member_ids:
            to.insert(CaseMemberRow, (case, event.applicant_id), on=on, applicant=True, covered=False)

    @handles(Case.Returned)
    def returned(self, event: Case.Returned, at: LogEvent, to: Changes) -> None:
        """Back to the applicant."""
        _change(to, event, at, event.true_from(), state=CaseState.RETURNED, reason=event.missing)

    @handles(Case.Accepted)
    def accepted(self, event: Case.Accepted, at: LogEvent, to: Changes) -> None:
        """The clock runs."""
        _change(to, event, at, event.true_from(), state=CaseState.ACCEPTED, due_on=event.due_on)

    @handles(Case.VerificationReported)
    def verified(self, event: Case.VerificationReported, at: LogEvent, to: Changes) -> None:
        """Income and property; a case in force stays in its state."""
        on = event.true_from()
        _change(
            to,
            event,
            at,
            on,
            monthly_income_fen=event.monthly_income_fen,
            property_within_limits=event.property_within_limits,
            conclusion=event.conclusion or None,
            supplements=tuple(supplement.value for supplement in event.supplements),
            necessary_expense_fen=event.necessary_expense_fen,
            **_known(prepared_by=event.by, recheck_on=event.recheck_by, self_care=event.self_care),
        )
        waiting = {"state": CaseState.ACCEPTED}
        to.patch(CaseRow, event.originator_id, on=on, where=waiting, decided=at.decided, state=CaseState.VERIFIED)

    @handles(Case.Confirmed)
    def confirmed(self, event: Case.Confirmed, at: LogEvent, to: Changes) -> None:
        """Granted."""
        _change(
            to,
            event,
            at,
            event.from_on,
            state=CaseState.PAYING,
            monthly_fen=event.monthly_fen,
            amount_from=event.from_on,
            start_month=event.start_month or None,
            end_month=event.end_month or None,
            computed=trace(event.computed),
            **_known(decided_by=event.by, recheck_on=event.recheck_by),
        )
        self._decided(event, at, to)

    @handles(Case.Refused)
    def refused(self, event: Case.Refused, at: LogEvent, to: Changes) -> None:
        """Not granted."""
        said: dict[str, Any] = {"reason": event.reason, "computed": trace(event.computed), "suggests": event.suggests}
        _change(to, event, at, event.true_from(), state=CaseState.REFUSED, **said, **_known(decided_by=event.by))
        self._decided(event, at, to)

    def _decided(self, event: Case.Confirmed | Case.Refused, at: LogEvent, to: Changes) -> None:
        """A grant holds from its month on, but was decided on the day it was recorded; a source's says no such day."""
        if event.by:
            on = event.timestamp.date()
            _change(to, event, at, on, decided_on=on)

    @handles(Case.Recognised)
    def recognised(self, event: Case.Recognised, at: LogEvent, to: Changes) -> None:
        """A household of a kind that other help is open to."""
        said: dict[str, Any] = {"computed": trace(event.computed), "recognised_on": event.from_on}
        said |= {"valid_until": event.valid_to, **_known(decided_by=event.by, recheck_on=event.recheck_by)}
        _change(to, event, at, event.from_on, state=CaseState.RECOGNISED, **said)

    @handles(Case.Terminated)
    def terminated(self, event: Case.Terminated, at: LogEvent, to: Changes) -> None:
        """Not carried on."""
        said: dict[str, Any] = {"reason": event.reason, "waiting_since": None, "decided_by": event.by}
        _change(to, event, at, event.true_from(), state=CaseState.TERMINATED, **said)

    @handles(Case.Visited)
    def visited(self, event: Case.Visited, at: LogEvent, to: Changes) -> None:
        """Someone called on the household."""
        on = event.effective_on
        said: dict[str, Any] = {"visit_finding": event.finding, "visit_report": event.report}
        _change(to, event, at, on, visited_on=on, **said, **_known(officially_visited=event.by_officials))

    @handles(Case.RelativeDisclosed)
    def related(self, event: Case.RelativeDisclosed, at: LogEvent, to: Changes) -> None:
        """In the register of staff relatives."""
        _change(to, event, at, event.true_from(), staff_relative=True, relative_of=event.staff)

    @handles(Case.CommunityReviewHeld)
    def deliberated(self, event: Case.CommunityReviewHeld, at: LogEvent, to: Changes) -> None:
        """The community deliberated."""
        counted = {"review_for": event.for_count, "review_against": event.against_count}
        _change(to, event, at, event.effective_on, **counted)

    @handles(Case.Reviewed)
    def reviewed(self, event: Case.Reviewed, at: LogEvent, to: Changes) -> None:
        """The street's opinion."""
        said: dict[str, Any] = {"opinion": event.opinion, "reviewed_by": event.by}
        _change(to, event, at, event.true_from(), state=CaseState.REVIEWED, **said)

    @handles(Case.NoticePosted)
    def publicised(self, event: Case.NoticePosted, at: LogEvent, to: Changes) -> None:
        """On the notice board."""
        said: dict[str, Any] = {
            "notice_no": event.notice_no,
            "notice_from": event.from_on,
            "notice_to": event.to_on,
            "objected_on": None,
            "objection": None,
        }
        _change(to, event, at, event.true_from(), state=CaseState.PUBLICISED, **said)

    @handles(Case.ObjectionFiled)
    def objected(self, event: Case.ObjectionFiled, at: LogEvent, to: Changes) -> None:
        """Someone objects."""
        on = event.effective_on
        _change(to, event, at, on, state=CaseState.OBJECTED, objected_on=on, objection=event.reason)

    @handles(Case.ObjectionAnswered)
    def answered(self, event: Case.ObjectionAnswered, at: LogEvent, to: Changes) -> None:
        """Investigated again; review and notice are to come again."""
        anew: dict[str, Any] = {"opinion": None, "reviewed_by": None, "notice_to": None, "prepared_by": event.by}
        _change(to, event, at, event.true_from(), state=CaseState.VERIFIED, reason=event.note, **anew)

    @handles(Case.SupplementRequested)
    def clock_stopped(self, event: Case.SupplementRequested, at: LogEvent, to: Changes) -> None:
        """The clock stands still."""
        _change(to, event, at, event.effective_on, waiting_since=event.effective_on, reason=event.missing)

    @handles(Case.SupplementReceived)
    def clock_started(self, event: Case.SupplementReceived, at: LogEvent, to: Changes) -> None:
        """The clock runs on."""
        _change(to, event, at, event.effective_on, waiting_since=None, due_on=event.due_on)

    @handles(Case.DeadlineExtended)
    def extended(self, event: Case.DeadlineExtended, at: LogEvent, to: Changes) -> None:
        """More time."""
        _change(to, event, at, event.true_from(), due_on=event.due_on, reason=event.reason)

    @handles(Case.Announced)
    def announced(self, event: Case.Announced, at: LogEvent, to: Changes) -> None:
        """The grant is published."""
        _change(to, event, at, event.from_on, announced_on=event.from_on)

    @handles(Case.RefusalServed)
    def served(self, event: Case.RefusalServed, at: LogEvent, to: Changes) -> None:
        """The refusal has reached the applicant."""
        _change(to, event, at, event.effective_on, served_on=event.effective_on)

    @handles(Case.Withdrawn)
    def withdrawn(self, event: Case.Withdrawn, at: LogEvent, to: Changes) -> None:
        """Taken back."""
        _change(to, event, at, event.true_from(), state=CaseState.WITHDRAWN, reason=event.reason)

    @handles(Case.Recalculated)
    def recalculated(self, event: Case.Recalculated, at: LogEvent, to: Changes) -> None:
        """Another amount from the first of a month."""
        _until_the_next(
            to,
            event,
            event.from_on,
            monthly_fen=event.new_fen,
            amount_from=event.from_on,
            computed=trace(event.computed),
            reason=event.cause,
        )

    @handles(Case.AmountCorrected)
    def corrected(self, event: Case.AmountCorrected, at: LogEvent, to: Changes) -> None:
        """The amount was wrong from the day it was given for, up to the next one that was given."""
        on = event.true_from()
        said: dict[str, Any] = {"monthly_fen": event.new_fen, "computed": None, "reason": event.reason}
        to.patch(CaseRow, event.originator_id, on=on, **said)

    @handles(Case.MembersChanged)
    def members_changed(self, event: Case.MembersChanged, at: LogEvent, to: Changes) -> None:
        """Others are covered; who was covered before stays on record as no longer covered."""
        case, on, members = event.originator_id, event.from_on, event.member_ids
        _change(to, event, at, on, member_ids=members, member_count=len(members), reason=event.reason)
        keep = frozenset((case, person) for person in members)
        to.patch_group(CaseMemberRow, "case_id", case, on=on, keep=keep, where={"covered": True}, covered=False)
        for person in members:
            to.add(CaseMemberRow, (case, person), on=on, assign={"covered": True})

    @handles(Case.AccountChanged)
    def account_changed(self, event: Case.AccountChanged, at: LogEvent, to: Changes) -> None:
        """Another account."""
        _change(to, event, at, event.true_from(), account=event.account, bank=event.bank or None)

    @handles(Case.Suspended)
    def suspended(self, event: Case.Suspended, at: LogEvent, to: Changes) -> None:
        """Payment stops."""
        _change(to, event, at, event.from_on, state=CaseState.SUSPENDED, reason=event.reason)

    @handles(Case.Resumed)
    def resumed(self, event: Case.Resumed, at: LogEvent, to: Changes) -> None:
        """Payment goes on."""
        _change(to, event, at, event.from_on, state=CaseState.PAYING, reason=event.reason)

    @handles(Case.Closed)
    def closed(self, event: Case.Closed, at: LogEvent, to: Changes) -> None:
        """Assistance ends."""
        _change(
            to,
            event,
            at,
            event.from_on,
            state=CaseState.CLOSED,
            close_reason=event.reason,
            closed_on=event.from_on,
            end_month=event.end_month or None,
        )

    @handles(Case.Reopened)
    def reopened(self, event: Case.Reopened, at: LogEvent, to: Changes) -> None:
        """Back to verification."""
        open_again: dict[str, Any] = {"end_month": None, "close_reason": None, "closed_on": None}
        open_again |= _known(due_on=event.due_on)
        _change(to, event, at, event.true_from(), state=CaseState.ACCEPTED, reason=event.basis, **open_again)

    @handles(Case.Transferred)
    def transferred(self, event: Case.Transferred, at: LogEvent, to: Changes) -> None:
        """Another street or community owns the case, and all that hangs on it."""
        _change(to, event, at, event.moved_on, division_code=event.to_division_code)


def trace(computed: Computed | None) -> str | None:
    """The computation as JSON."""
    return None if computed is None else msgspec.json.encode(computed).decode()


def _change(to: Changes, event: Any, at: LogEvent, on: date, **columns: Any) -> None:
    to.patch(CaseRow, event.originator_id, on=on, decided=at.decided, **columns)


def _until_the_next(to: Changes, event: Any, on: date, **columns: Any) -> None:
    """What holds until a later month's own amount, whoever says it: as `Entitlement.changed` has it."""
    to.patch(CaseRow, event.originator_id, on=on, **columns)


def _known(**columns: Any) -> dict[str, Any]:
    """Those of the columns that an event says anything of."""
    return {name: value for name, value in columns.items() if value}
