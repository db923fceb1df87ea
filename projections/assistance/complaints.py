"""Complaints in the read models: a queue of their own, since a case's own queue would tell whom they are about."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar
from uuid import UUID

from domain.access import Area, PersonalClass
from domain.assistance import Complaint
from domain.codes import ComplaintState
from domain.kernel import Event
from infra.log import LogEvent
from projections.kernel.changes import Changes, Projection, handles
from projections.kernel.tables import Doc, Figures, Masked, One, Relations, view


@view(
    "complaint",
    area=Area.ASSISTANCE,
    scope_from="division_code",
    order=("due_on", "id"),
    indexes=(("open", "due_on", "id", "scope"),),
    figures=Figures(("filed_on", "upheld")),
)
@dataclass
class ComplaintRow:
    """投诉"""

    id: Annotated[UUID, Doc("投诉标识")]
    about_case: Annotated[UUID | None, Doc("被投诉的个案")]
    about_division: Annotated[str, Doc("被投诉单位的区划代码")]
    complainant: Annotated[str | None, Doc("投诉人；空为匿名"), Masked(PersonalClass.CIRCUMSTANCES)]
    anonymous: Annotated[bool, Doc("是否匿名")]
    text: Annotated[str, Doc("投诉内容"), Masked(PersonalClass.CIRCUMSTANCES)]
    division_code: Annotated[str, Doc("登记单位的区划代码")]
    state: Annotated[ComplaintState, Doc("投诉状态")]
    open: Annotated[bool, Doc("是否未答复")]
    due_on: Annotated[date, Doc("现办环节的期限")]
    taken_by: Annotated[str, Doc("登记的账号")]
    filed_on: Annotated[date, Doc("登记日期")]
    accepted_on: Annotated[date | None, Doc("受理日期")]
    accepted_by: Annotated[str | None, Doc("受理的账号")]
    upheld: Annotated[bool | None, Doc("是否属实")]
    answer: Annotated[str | None, Doc("核查情况和处理结果"), Masked(PersonalClass.CIRCUMSTANCES)]
    answered_on: Annotated[date | None, Doc("答复日期")]
    answered_by: Annotated[str | None, Doc("答复的账号")]

    RELATIONS: ClassVar[Relations] = {
        "division": One("division", local="division_code"),
        "case": One("case", local="about_case"),
    }
    FILTERS: ClassVar[tuple[str, ...]] = (
        "open",
        "state",
        "due_on",
        "upheld",
        "anonymous",
        "about_case",
        "about_division",
        "division_code",
        "filed_on",
    )


class Complaints(Projection):
    """What happens to complaints. A part of the projection `Assistance`, never run by itself."""

    @handles(Complaint.Created)
    def complained(self, event: Complaint.Created, at: LogEvent, to: Changes) -> None:
        """Somebody complains."""
        on = event.timestamp.date()
        to.insert(
            ComplaintRow,
            event.originator_id,
            on=on,
            about_case=event.about_case,
            about_division=event.about_division,
            complainant=event.complainant,
            anonymous=event.complainant is None,
            text=event.text,
            division_code=event.division_code,
            state=ComplaintState.FILED,
            open=True,
            due_on=event.accept_by,
            taken_by=event.taken_by,
            filed_on=on,
        )

    @handles(Complaint.Accepted)
    def complaint_accepted(self, event: Complaint.Accepted, at: LogEvent, to: Changes) -> None:
        """It is looked into."""
        said: dict[str, Any] = {"accepted_on": event.timestamp.date(), "accepted_by": event.by}
        _change(to, event, state=ComplaintState.ACCEPTED, due_on=event.answer_by, **said)

    @handles(Complaint.Answered)
    def complaint_answered(self, event: Complaint.Answered, at: LogEvent, to: Changes) -> None:
        """Upheld or not."""
        said: dict[str, Any] = {"upheld": event.upheld, "answer": event.answer, "answered_by": event.by}
        _change(to, event, state=ComplaintState.ANSWERED, open=False, answered_on=event.timestamp.date(), **said)


def _change(to: Changes, event: Event, **columns: Any) -> None:
    to.patch(ComplaintRow, event.originator_id, on=event.timestamp.date(), decided=True, **columns)
