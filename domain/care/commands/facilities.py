"""Decisions about a facility's beds, and the end of a facility."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, ClassVar
from uuid import UUID

from domain.access import CASEWORKERS, DISTRICT
from domain.care.bed import Bed, bed_id
from domain.care.stay import Stay
from domain.codes import BedKind, ReleaseReason
from domain.errors import BadInput, RuleViolated
from domain.kernel import Command, Decided, Decision, Doc, Load, LoadMany, LoadTagged
from domain.registry.facility import RESIDENTIAL, Facility
from domain.registry.person import Person

FacilityId = Annotated[UUID, Doc("设施标识")]
BedId = Annotated[UUID, Doc("床位标识")]
PersonId = Annotated[UUID, Doc("人员标识")]
_MOST = 500


@dataclass(frozen=True, kw_only=True)
class CloseFacility(Command):
    """关停设施：在院老年人全部安置并登记离院后。"""

    ROLES: ClassVar = DISTRICT
    facility_id: FacilityId
    reason: Annotated[str, Doc("关停的原因和依据，不写个人信息")]

    def decide(self, by: Decision) -> Decided:
        facility: Facility = yield Load(Facility, self.facility_id)
        stays: dict[UUID, Stay] = yield LoadTagged(Stay, (f"facility:{facility.id}",))
        there = [stay for stay in stays.values() if stay.facility_id == facility.id and stay.open]
        facility.close(by.now, reason=self.reason, by=by.actor.name, residents=len(there))
        return (facility,)


@dataclass(frozen=True, kw_only=True)
class AddBeds(Command):
    """登记床位：为一处设施登记一批床位，床位号在该设施内不重复。"""

    ROLES: ClassVar = CASEWORKERS
    facility_id: FacilityId
    bed_nos: Annotated[tuple[str, ...], Doc(f"床位号，一次至多 {_MOST} 张")]
    room: Annotated[str, Doc("房间")] = ""
    kind: Annotated[BedKind, Doc("床位类型")] = BedKind.INSTITUTION

    def decide(self, by: Decision) -> Decided:
        facility: Facility = yield Load(Facility, self.facility_id)
        if facility.kind not in RESIDENTIAL:
            raise RuleViolated(f"{facility.kind.label}不设住养床位。")
        ids = tuple(bed_id(facility.id, number) for number in self.bed_nos)
        if not 0 < len(set(ids)) == len(ids) <= _MOST:
            raise BadInput(f"床位号应为 1 至 {_MOST} 个，且不重复。", "bed_nos")
        known: dict[UUID, Bed] = yield LoadMany(Bed, ids)
        if known:
            there = "、".join(bed.bed_no for bed in known.values())
            raise RuleViolated(f"床位 {there[:60]} 已登记，不能重复登记。")
        return tuple(
            Bed.add(
                by.now,
                facility_id=facility.id,
                bed_no=number,
                division_code=facility.division_code,
                effective_on=by.today,
                room=self.room,
                kind=self.kind,
                by=by.actor.name,
            )
            for number in self.bed_nos
        )


@dataclass(frozen=True, kw_only=True)
class ReserveBed(Command):
    """预订床位：为即将入住的人保留一张空闲床位。"""

    ROLES: ClassVar = CASEWORKERS
    bed_id: BedId
    person_id: PersonId

    def decide(self, by: Decision) -> Decided:
        bed: Bed = yield Load(Bed, self.bed_id)
        facility: Facility = yield Load(Facility, bed.facility_id)
        facility.demand_open_for("预订床位")
        found: dict[UUID, Person] = yield LoadMany(Person, (self.person_id,))
        if self.person_id not in found:
            raise BadInput("没有此人员的登记，请先登记人员。", "person_id")
        others: dict[UUID, Bed] = yield LoadTagged(Bed, (f"person:{self.person_id}",))
        if any(self.person_id in other.persons for other in others.values() if other.id != bed.id):
            raise RuleViolated("此人已有一张床位，不能再预订；请先腾出或取消。")
        days = by.parameters.value("care.reservation_days", bed.division_code, by.today)
        release_by = by.today + timedelta(days=days)
        bed.reserve(by.now, person_id=self.person_id, release_by=release_by, by=by.actor.name)
        return (bed,)


@dataclass(frozen=True, kw_only=True)
class CancelReservation(Command):
    """取消床位预订。"""

    ROLES: ClassVar = CASEWORKERS
    bed_id: BedId

    def decide(self, by: Decision) -> Decided:
        bed: Bed = yield Load(Bed, self.bed_id)
        if not bed.persons:
            raise RuleViolated(f"床位 {bed.bed_no} 现为“{bed.state.label}”，没有预订可以取消。")
        reason = ReleaseReason.RESERVATION_OVER
        bed.release(by.now, person_id=bed.persons[0], reason=reason, effective_on=by.today, by=by.actor.name)
        return (bed,)


@dataclass(frozen=True, kw_only=True)
class ConfirmBedHold(Command):
    """确认继续保留床位：住院等外出超过保留期限的，写明原因和新的期限。"""

    ROLES: ClassVar = CASEWORKERS
    bed_id: BedId
    reason: Annotated[str, Doc("继续保留的原因，不写个人信息")]
    release_by: Annotated[date, Doc("新的期限")]

    def decide(self, by: Decision) -> Decided:
        bed: Bed = yield Load(Bed, self.bed_id)
        bed.confirm_hold(by.now, reason=self.reason, release_by=self.release_by, by=by.actor.name)
        return (bed,)


@dataclass(frozen=True, kw_only=True)
class ReadyBed(Command):
    """床位恢复空闲：清洁完毕或停用结束。"""

    ROLES: ClassVar = CASEWORKERS
    bed_id: BedId

    def decide(self, by: Decision) -> Decided:
        bed: Bed = yield Load(Bed, self.bed_id)
        bed.ready(by.now, by=by.actor.name)
        return (bed,)


@dataclass(frozen=True, kw_only=True)
class TakeBedOut(Command):
    """停用床位：维修等。"""

    ROLES: ClassVar = CASEWORKERS
    bed_id: BedId
    reason: Annotated[str, Doc("停用的原因")]

    def decide(self, by: Decision) -> Decided:
        bed: Bed = yield Load(Bed, self.bed_id)
        bed.take_out(by.now, reason=self.reason, by=by.actor.name)
        return (bed,)
