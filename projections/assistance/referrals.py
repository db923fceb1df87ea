"""Referrals in the read models: the queue of each department, and of the office that has to tell the person."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar
from uuid import UUID

from domain.access import HANDED_OVER, Area, PersonalClass
from domain.assistance import Referral
from domain.codes import Department, Need, ReferralResult, ReferralState
from domain.kernel import Event
from infra.log import LogEvent
from projections.kernel.changes import Changes, Projection, handles
from projections.kernel.tables import Doc, Masked, One, Owner, Relations, view


@view(
    "referral",
    area=None,
    scope_from="division_code",
    owner=Owner("case", "case_id"),
    order=("due_on", "id"),
    indexes=(("open", "due_on", "id", "scope"),),
)
@dataclass
class ReferralRow:
    """转介"""

    id: Annotated[UUID, Doc("转介标识")]
    area: Annotated[Area, Doc("数据领域：承办部门只见交给自己的")]
    person_id: Annotated[UUID, Doc("需要帮助的人")]
    case_id: Annotated[UUID | None, Doc("由哪个救助个案引起")]
    need: Annotated[Need, Doc("需要何种帮助")]
    department: Annotated[Department, Doc("承办部门")]
    division_code: Annotated[str, Doc("区划代码")]
    state: Annotated[ReferralState, Doc("转介状态")]
    open: Annotated[bool, Doc("是否未办结")]
    waits_for: Annotated[Department, Doc("现由哪个部门办理；民政部门为转出单位")]
    due_on: Annotated[date, Doc("现办环节的期限")]
    contact: Annotated[str, Doc("当事人姓名和联系方式"), Masked(PersonalClass.CIRCUMSTANCES)]
    summary: Annotated[str, Doc("情况和需求"), Masked(PersonalClass.CIRCUMSTANCES)]
    made_by: Annotated[str, Doc("转出的经办账号")]
    made_on: Annotated[date, Doc("转介日期")]
    accepted_on: Annotated[date | None, Doc("受理日期")]
    accepted_by: Annotated[str | None, Doc("受理的账号")]
    return_reason: Annotated[str | None, Doc("最近一次退回的理由")]
    result: Annotated[ReferralResult | None, Doc("办理结果")]
    answer: Annotated[str | None, Doc("结果说明"), Masked(PersonalClass.CIRCUMSTANCES)]
    answered_on: Annotated[date | None, Doc("答复日期")]
    answered_by: Annotated[str | None, Doc("答复或代为登记的账号")]
    letter_no: Annotated[str | None, Doc("部门书面答复或退回的文号")]
    note: Annotated[str | None, Doc("告知当事人或未经答复办结的情况")]
    closed_on: Annotated[date | None, Doc("办结日期")]

    RELATIONS: ClassVar[Relations] = {
        "division": One("division", local="division_code"),
        "person": One("person", local="person_id"),
        "case": One("case", local="case_id"),
    }
    FILTERS: ClassVar[tuple[str, ...]] = (
        "open",
        "state",
        "need",
        "department",
        "waits_for",
        "due_on",
        "result",
        "made_by",
        "made_on",
        "person_id",
        "case_id",
        "division_code",
    )


class Referrals(Projection):
    """What happens to referrals. A part of the projection `Assistance`, never run by itself."""

    @handles(Referral.Created)
    def referred(self, event: Referral.Created, at: LogEvent, to: Changes) -> None:
        """The department's turn."""
        on = event.timestamp.date()
        to.insert(
            ReferralRow,
            event.originator_id,
            on=on,
            area=HANDED_OVER[event.department],
            person_id=event.person_id,
            case_id=event.case_id,
            need=event.need,
            department=event.department,
            division_code=event.division_code,
            state=ReferralState.MADE,
            open=True,
            waits_for=event.department,
            due_on=event.accept_by,
            contact=event.contact,
            summary=event.summary,
            made_by=event.by,
            made_on=on,
        )

    @handles(Referral.Accepted)
    def referral_accepted(self, event: Referral.Accepted, at: LogEvent, to: Changes) -> None:
        """The department works on it."""
        on = event.timestamp.date()
        said: dict[str, Any] = {"due_on": event.answer_by, "accepted_on": on, "accepted_by": event.by}
        _change(to, event, state=ReferralState.ACCEPTED, **said)

    @handles(Referral.Returned)
    def referral_returned(self, event: Referral.Returned, at: LogEvent, to: Changes) -> None:
        """Back to the office that made it."""
        said: dict[str, Any] = {"due_on": event.redirect_by, "return_reason": event.reason}
        said["letter_no"] = event.letter_no or None
        none: dict[str, Any] = {"accepted_on": None, "accepted_by": None}
        _change(to, event, state=ReferralState.RETURNED, waits_for=Department.CIVIL_AFFAIRS, **said, **none)

    @handles(Referral.Redirected)
    def redirected(self, event: Referral.Redirected, at: LogEvent, to: Changes) -> None:
        """Another department's turn; the former one no longer sees it."""
        owner: dict[str, Any] = {"area": HANDED_OVER[event.department], "department": event.department}
        owner["waits_for"] = event.department
        _change(to, event, state=ReferralState.MADE, due_on=event.accept_by, **owner)

    @handles(Referral.Answered)
    def referral_answered(self, event: Referral.Answered, at: LogEvent, to: Changes) -> None:
        """The person is to be told."""
        said: dict[str, Any] = {"result": event.result, "answer": event.answer, "answered_by": event.by}
        said |= {"answered_on": event.timestamp.date(), "due_on": event.feedback_by}
        said["letter_no"] = event.letter_no or None
        _change(to, event, state=ReferralState.ANSWERED, waits_for=Department.CIVIL_AFFAIRS, **said)

    @handles(Referral.Closed)
    def referral_closed(self, event: Referral.Closed, at: LogEvent, to: Changes) -> None:
        """Nothing is left to do."""
        said: dict[str, Any] = {"note": event.note, "closed_on": event.timestamp.date(), "open": False}
        _change(to, event, state=ReferralState.CLOSED, **said)

    @handles(Referral.Transferred)
    def referral_moved(self, event: Referral.Transferred, at: LogEvent, to: Changes) -> None:
        """Along with its case."""
        _change(to, event, division_code=event.to_division_code)


def _change(to: Changes, event: Event, **columns: Any) -> None:
    to.patch(ReferralRow, event.originator_id, on=event.timestamp.date(), decided=True, **columns)
