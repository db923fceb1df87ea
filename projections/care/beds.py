"""Beds in the read models, and how many of each facility are free."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar
from uuid import UUID

from domain.access import Area
from domain.care import Bed
from domain.codes import BedKind, BedState, ReleaseReason
from domain.kernel import Event
from infra.log import LogEvent
from projections.kernel.changes import Changes, Projection, Row, handles
from projections.kernel.tables import COUNTED, Doc, Figures, Limit, One, Relations, view


@view(
    "bed",
    area=Area.CARE,
    scope_from="division_code",
    order=("facility_id", "bed_no", "id"),
    indexes=(("state", "facility_id", "bed_no", "id"), ("held", "release_by", "id")),
    figures=Figures(("facility_id", "kind")),
)
@dataclass
class BedRow:
    """床位"""

    id: Annotated[UUID, Doc("床位标识")]
    facility_id: Annotated[UUID, Doc("设施标识")]
    bed_no: Annotated[str, Doc("床位号")]
    room: Annotated[str | None, Doc("房间")]
    kind: Annotated[BedKind, Doc("床位类型")]
    division_code: Annotated[str, Doc("区划代码")]
    state: Annotated[BedState, Doc("床位状态")]
    person_id: Annotated[UUID | None, Doc("使用或预订床位的人；来源登记给多人的为最近一人")]
    since_on: Annotated[date, Doc("现状态自何日起")]
    held: Annotated[bool, Doc("是否为外出者保留")]
    release_by: Annotated[date | None, Doc("保留或预订的期限"), Limit("held")]
    overdue: Annotated[bool, Doc("保留期满无人处理（X6）")]
    note: Annotated[str | None, Doc("停用或继续保留的原因")]

    RELATIONS: ClassVar[Relations] = {
        "facility": One("facility", local="facility_id"),
        "person": One("person", local="person_id"),
        "division": One("division", local="division_code"),
    }
    FILTERS: ClassVar[tuple[str, ...]] = (
        "facility_id",
        "state",
        "kind",
        "person_id",
        "held",
        "overdue",
        "release_by",
        "division_code",
    )


# Public like the facility: who looks for a bed looks in the whole district. Nothing here is about anybody.
@view("facility_beds", area=Area.CARE, scope_from="division_code", order=("facility_id",), public=True)
@dataclass
class FacilityBedsRow:
    """设施床位数"""

    facility_id: Annotated[UUID, Doc("设施标识")]
    division_code: Annotated[str | None, Doc("区划代码")]
    total: Annotated[int, Doc("床位数（含停用）"), COUNTED]
    available: Annotated[int, Doc("空闲"), COUNTED]
    reserved: Annotated[int, Doc("已预订"), COUNTED]
    occupied: Annotated[int, Doc("已入住"), COUNTED]
    held: Annotated[int, Doc("保留"), COUNTED]
    cleaning: Annotated[int, Doc("待清洁"), COUNTED]
    out_of_service: Annotated[int, Doc("停用"), COUNTED]

    RELATIONS: ClassVar[Relations] = {"facility": One("facility", local="facility_id")}
    FILTERS: ClassVar[tuple[str, ...]] = ("facility_id", "division_code")


class Beds(Projection):
    """What happens to beds. A part of the projection `Care`, never run by itself."""

    @handles(Bed.Created)
    def bed_added(self, event: Bed.Created, at: LogEvent, to: Changes) -> None:
        """A free bed."""
        on = event.effective_on
        to.insert(
            BedRow,
            event.originator_id,
            on=on,
            facility_id=event.facility_id,
            bed_no=event.bed_no,
            room=event.room or None,
            kind=event.kind,
            division_code=event.division_code,
            state=BedState.AVAILABLE,
            since_on=on,
            held=False,
        )
        where = {"division_code": event.division_code}
        to.add(FacilityBedsRow, event.facility_id, on=on, assign=where, total=1, available=1)

    @handles(Bed.Reserved)
    def bed_reserved(self, event: Bed.Reserved, at: LogEvent, to: Changes) -> None:
        """Kept for somebody who is to come."""
        said: dict[str, Any] = {"person_id": event.person_id, "release_by": event.release_by}
        _change(to, event, at, event.effective_on, BedState.RESERVED, **said)

    @handles(Bed.Occupied)
    def bed_occupied(self, event: Bed.Occupied, at: LogEvent, to: Changes) -> None:
        """Somebody's."""
        _change(
            to, event, at, event.effective_on, BedState.OCCUPIED, person_id=event.person_id, release_by=None, note=None
        )

    @handles(Bed.Held)
    def bed_held(self, event: Bed.Held, at: LogEvent, to: Changes) -> None:
        """Kept for who is away."""
        _change(to, event, at, event.effective_on, BedState.HELD, release_by=event.release_by)

    @handles(Bed.HoldConfirmed)
    def hold_confirmed(self, event: Bed.HoldConfirmed, at: LogEvent, to: Changes) -> None:
        """Until another day."""
        said: dict[str, Any] = {"release_by": event.release_by, "note": event.reason, "overdue": False}
        to.patch(BedRow, event.originator_id, on=event.timestamp.date(), decided=at.decided, **said)

    @handles(Bed.HoldOverdue)
    def hold_overdue(self, event: Bed.HoldOverdue, at: LogEvent, to: Changes) -> None:
        """Nobody has said anything in time."""
        to.patch(BedRow, event.originator_id, on=event.timestamp.date(), overdue=True)

    @handles(Bed.Released)
    def bed_released(self, event: Bed.Released, at: LogEvent, to: Changes) -> None:
        """Nobody's, unless it had been given twice."""
        if event.left:
            return
        unused = event.reason is ReleaseReason.RESERVATION_OVER
        state = BedState.AVAILABLE if unused else BedState.CLEANING
        _change(to, event, at, event.effective_on, state, person_id=None, release_by=None, note=None)

    @handles(Bed.Readied)
    def bed_readied(self, event: Bed.Readied, at: LogEvent, to: Changes) -> None:
        """Free."""
        _change(to, event, at, event.effective_on, BedState.AVAILABLE, note=None)

    @handles(Bed.TakenOut)
    def bed_taken_out(self, event: Bed.TakenOut, at: LogEvent, to: Changes) -> None:
        """Not to be given."""
        _change(to, event, at, event.effective_on, BedState.OUT_OF_SERVICE, note=event.reason)

    def count_bed(self, before: Row, after: Row, on: date, to: Changes) -> None:
        """A bed in another state counts elsewhere, from the day it is."""
        was, now = before["state"], after["state"]
        if was != now:
            counts: dict[str, Any] = {BedState(was).value: -1, BedState(now).value: 1}
            to.add(FacilityBedsRow, after["facility_id"], on=on, **counts)


def _change(to: Changes, event: Event, at: LogEvent, on: date, state: BedState, **columns: Any) -> None:
    said = {"state": state, "since_on": on, "held": state is BedState.HELD, "overdue": False, **columns}
    to.patch(BedRow, event.originator_id, on=on, decided=at.decided, **said)
