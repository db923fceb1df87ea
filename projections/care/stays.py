"""Stays and day care in the read models (careRecords)."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar
from uuid import UUID

from domain.access import Area
from domain.care import Stay
from domain.codes import DischargeReason, GuaranteedGroup, LeaveReason, Payer, StayKind, StayState
from domain.kernel import Event
from infra.log import LogEvent
from projections.kernel.changes import Changes, Projection, handles
from projections.kernel.tables import Doc, One, Relations, view


@view(
    "care_record",
    area=Area.CARE,
    scope_from="division_code",
    order=("admitted_on", "id"),
    indexes=(("open", "admitted_on", "id"),),
)
@dataclass
class CareRecordRow:
    """入住与日间照料记录"""

    id: Annotated[UUID, Doc("入住记录标识")]
    person_id: Annotated[UUID, Doc("人员标识")]
    facility_id: Annotated[UUID, Doc("设施标识")]
    admission_no: Annotated[str, Doc("入院编号")]
    kind: Annotated[StayKind, Doc("照料方式")]
    state: Annotated[StayState, Doc("在院状态")]
    open: Annotated[bool, Doc("是否尚未离院")]
    bed_id: Annotated[UUID | None, Doc("床位标识")]
    payer: Annotated[Payer, Doc("费用由谁承担")]
    guaranteed_as: Annotated[GuaranteedGroup | None, Doc("政府购买时的保障类别")]
    assessment_id: Annotated[UUID | None, Doc("入住时有效的能力评估")]
    division_code: Annotated[str, Doc("区划代码")]
    admitted_on: Annotated[date, Doc("入住日期")]
    away_since: Annotated[date | None, Doc("外出日期")]
    away_reason: Annotated[LeaveReason | None, Doc("外出原因")]
    discharged_on: Annotated[date | None, Doc("离院日期")]
    discharge_reason: Annotated[DischargeReason | None, Doc("离院原因")]

    RELATIONS: ClassVar[Relations] = {
        "person": One("person", local="person_id"),
        "facility": One("facility", local="facility_id"),
        "bed": One("bed", local="bed_id"),
        "assessment": One("assessment", local="assessment_id"),
        "division": One("division", local="division_code"),
    }
    FILTERS: ClassVar[tuple[str, ...]] = (
        "person_id",
        "facility_id",
        "kind",
        "state",
        "open",
        "payer",
        "admitted_on",
        "discharged_on",
        "discharge_reason",
        "division_code",
    )


class Stays(Projection):
    """What happens to stays. A part of the projection `Care`, never run by itself."""

    @handles(Stay.Created)
    def admitted(self, event: Stay.Created, at: LogEvent, to: Changes) -> None:
        """Somebody is there from now on."""
        to.insert(
            CareRecordRow,
            event.originator_id,
            on=event.effective_on,
            person_id=event.person_id,
            facility_id=event.facility_id,
            admission_no=event.admission_no,
            kind=event.kind,
            state=event.state,
            open=event.state is not StayState.DISCHARGED,
            bed_id=event.bed_id,
            payer=event.payer,
            guaranteed_as=event.guaranteed_as,
            assessment_id=event.assessment_id,
            division_code=event.division_code,
            admitted_on=event.effective_on,
        )

    @handles(Stay.Began)
    def began(self, event: Stay.Began, at: LogEvent, to: Changes) -> None:
        """Who was registered is there."""
        _change(to, event, at, event.effective_on, state=StayState.ADMITTED, admitted_on=event.effective_on)

    @handles(Stay.BedChanged)
    def moved_bed(self, event: Stay.BedChanged, at: LogEvent, to: Changes) -> None:
        """In another bed."""
        _change(to, event, at, event.effective_on, bed_id=event.bed_id)

    @handles(Stay.PayerChanged)
    def other_payer(self, event: Stay.PayerChanged, at: LogEvent, to: Changes) -> None:
        """Somebody else pays."""
        _change(to, event, at, event.effective_on, payer=event.payer, guaranteed_as=event.guaranteed_as)

    @handles(Stay.LeaveStarted)
    def away(self, event: Stay.LeaveStarted, at: LogEvent, to: Changes) -> None:
        """Away for a time."""
        said: dict[str, Any] = {"away_since": event.effective_on, "away_reason": event.reason}
        _change(to, event, at, event.effective_on, state=StayState.AWAY, **said)

    @handles(Stay.LeaveEnded)
    def back(self, event: Stay.LeaveEnded, at: LogEvent, to: Changes) -> None:
        """Back."""
        none: dict[str, Any] = {"away_since": None, "away_reason": None}
        _change(to, event, at, event.effective_on, state=StayState.ADMITTED, **none)

    @handles(Stay.Discharged)
    def discharged(self, event: Stay.Discharged, at: LogEvent, to: Changes) -> None:
        """Over."""
        said: dict[str, Any] = {"discharged_on": event.effective_on, "discharge_reason": event.reason, "open": False}
        none: dict[str, Any] = {"away_since": None, "away_reason": None}
        _change(to, event, at, event.effective_on, state=StayState.DISCHARGED, **said, **none)

    @handles(Stay.Reinstated)
    def reinstated(self, event: Stay.Reinstated, at: LogEvent, to: Changes) -> None:
        """Not over after all."""
        none: dict[str, Any] = {"discharged_on": None, "discharge_reason": None, "open": True}
        to.patch(
            CareRecordRow,
            event.originator_id,
            on=event.timestamp.date(),
            decided=at.decided,
            state=event.state,
            **none,
        )


def _change(to: Changes, event: Event, at: LogEvent, on: date, **columns: Any) -> None:
    to.patch(CareRecordRow, event.originator_id, on=on, decided=at.decided, **columns)
