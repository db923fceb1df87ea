"""Decisions about stays: admit, move to another bed, leave and come back, discharge; day care.

A stay belongs to the facility's division, whoever's resident the person was before.
"""

from collections.abc import Generator, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any, ClassVar
from uuid import UUID

from domain.access import CASEWORKERS, OFFICIALS
from domain.care.assessment import Assessment, in_force
from domain.care.bed import Bed
from domain.care.purchase import demand_purchase
from domain.care.stay import Stay, demand_nowhere_else, next_stay_id
from domain.codes import DischargeReason, GuaranteedGroup, LeaveReason, Payer, ReleaseReason, StayKind
from domain.errors import BadInput, RuleViolated
from domain.kernel import Command, Decided, Decision, Doc, Load, LoadMany, LoadTagged, Wish
from domain.registry.facility import DAY, RESIDENTIAL, Facility
from domain.registry.person import Person

PersonId = Annotated[UUID, Doc("人员标识")]
StayId = Annotated[UUID, Doc("入住记录标识")]
PayerDoc = Annotated[Payer, Doc("费用由谁承担")]
Guaranteed = Annotated[GuaranteedGroup | None, Doc("政府购买时的保障类别")]
_DEAD = "此人已登记死亡或死亡线索待核实，不能办理；如有误，请先更正人员登记。"


@dataclass(frozen=True, kw_only=True)
class AdmitToCare(Command):
    """入住养老机构：须有有效的能力评估、运营中的机构和空闲或为其预订的床位；一人不能同时在两家机构。"""

    ROLES: ClassVar = CASEWORKERS
    person_id: PersonId
    bed_id: Annotated[UUID, Doc("床位标识")]
    admission_no: Annotated[str, Doc("入院编号，在该机构内不重复")]
    admitted_on: Annotated[date, Doc("入住日期")]
    payer: PayerDoc = Payer.SELF
    guaranteed_as: Guaranteed = None

    def decide(self, by: Decision) -> Decided:
        bed: Bed = yield Load(Bed, self.bed_id)
        facility: Facility = yield Load(Facility, bed.facility_id)
        facility.demand_open_for("办理入住")
        if facility.kind not in RESIDENTIAL:
            raise RuleViolated(f"{facility.kind.label}不办理入住。")
        person, stay_id = yield from _entering(facility, self.person_id, StayKind.RESIDENT, self.admission_no)
        if not _just_now(self.admitted_on, by):
            raise RuleViolated("入住日期应为今天或此前 30 天以内；更早的入住请从来源系统导入。")
        assessment = in_force((yield from _assessments(person.id)), self.admitted_on)
        if assessment is None:
            raise RuleViolated("此人没有有效的能力评估结果，入住前须先评估。")
        if self.payer is Payer.GOVERNMENT:
            demand_purchase(
                self.guaranteed_as,
                assessment,
                person.birth_on,
                parameters=by.parameters,
                division_code=facility.division_code,
                on=self.admitted_on,
            )
        bed.occupy(by.now, person_id=person.id, effective_on=self.admitted_on, by=by.actor.name)
        stay = Stay.admit(
            stay_id,
            by.now,
            person_id=person.id,
            facility_id=facility.id,
            admission_no=self.admission_no,
            kind=StayKind.RESIDENT,
            payer=self.payer,
            guaranteed_as=self.guaranteed_as,
            assessment_id=assessment.id,
            bed_id=bed.id,
            division_code=facility.division_code,
            effective_on=self.admitted_on,
            by=by.actor.name,
        )
        return stay, bed


@dataclass(frozen=True, kw_only=True)
class EnrolDayCare(Command):
    """登记日间照料：不占床位；在机构入住的人不能同时登记。"""

    ROLES: ClassVar = CASEWORKERS
    person_id: PersonId
    facility_id: Annotated[UUID, Doc("提供日间照料的设施")]
    enrolment_no: Annotated[str, Doc("登记编号，在该设施内不重复")]
    enrolled_on: Annotated[date, Doc("开始日期")]
    payer: PayerDoc = Payer.SELF
    guaranteed_as: Guaranteed = None

    def decide(self, by: Decision) -> Decided:
        facility: Facility = yield Load(Facility, self.facility_id)
        facility.demand_open_for("登记日间照料")
        if facility.kind not in DAY:
            raise RuleViolated(f"{facility.kind.label}不提供日间照料。")
        person, stay_id = yield from _entering(facility, self.person_id, StayKind.DAY_CARE, self.enrolment_no)
        if not _just_now(self.enrolled_on, by):
            raise RuleViolated("开始日期应为今天或此前 30 天以内。")
        assessment = in_force((yield from _assessments(person.id)), self.enrolled_on)
        if self.payer is Payer.GOVERNMENT:
            demand_purchase(
                self.guaranteed_as,
                assessment,
                person.birth_on,
                parameters=by.parameters,
                division_code=facility.division_code,
                on=self.enrolled_on,
            )
        stay = Stay.admit(
            stay_id,
            by.now,
            person_id=person.id,
            facility_id=facility.id,
            admission_no=self.enrolment_no,
            kind=StayKind.DAY_CARE,
            payer=self.payer,
            guaranteed_as=self.guaranteed_as,
            assessment_id=None if assessment is None else assessment.id,
            division_code=facility.division_code,
            effective_on=self.enrolled_on,
            by=by.actor.name,
        )
        return (stay,)


@dataclass(frozen=True, kw_only=True)
class ChangeCareBed(Command):
    """调换床位：在同一机构换到另一张空闲床位。"""

    ROLES: ClassVar = CASEWORKERS
    stay_id: StayId
    bed_id: Annotated[UUID, Doc("换到的床位")]

    def decide(self, by: Decision) -> Decided:
        stay: Stay = yield Load(Stay, self.stay_id)
        bed: Bed = yield Load(Bed, self.bed_id)
        if bed.facility_id != stay.facility_id:
            raise RuleViolated("只能换到同一机构的床位；转到其他机构请先办理离院。")
        left: dict[UUID, Bed] = yield LoadMany(Bed, () if stay.bed_id is None else (stay.bed_id,))
        stay.change_bed(by.now, bed_id=bed.id, by=by.actor.name)
        bed.occupy(by.now, person_id=stay.person_id, effective_on=by.today, by=by.actor.name)
        for former in left.values():
            reason = ReleaseReason.CHANGED_BED
            former.release(by.now, person_id=stay.person_id, reason=reason, effective_on=by.today, by=by.actor.name)
        return (stay, bed, *left.values())


@dataclass(frozen=True, kw_only=True)
class ChangeCarePayer(Command):
    """变更入住费用的承担方：改为政府购买的，须属于兜底保障对象并达到评估等级或年龄。"""

    ROLES: ClassVar = OFFICIALS
    stay_id: StayId
    payer: PayerDoc
    effective_on: Annotated[date, Doc("自何日起")]
    guaranteed_as: Guaranteed = None

    def decide(self, by: Decision) -> Decided:
        stay: Stay = yield Load(Stay, self.stay_id)
        if self.payer is Payer.GOVERNMENT:
            found: dict[UUID, Person] = yield LoadMany(Person, (stay.person_id,))
            demand_purchase(
                self.guaranteed_as,
                in_force((yield from _assessments(stay.person_id)), self.effective_on),
                found[stay.person_id].birth_on if stay.person_id in found else None,
                parameters=by.parameters,
                division_code=stay.division_code,
                on=self.effective_on,
            )
        stay.change_payer(
            by.now,
            payer=self.payer,
            guaranteed_as=self.guaranteed_as,
            effective_on=self.effective_on,
            by=by.actor.name,
        )
        return (stay,)


@dataclass(frozen=True, kw_only=True)
class StartCareLeave(Command):
    """登记外出：住院、回家等；床位保留至规定期限。"""

    ROLES: ClassVar = CASEWORKERS
    stay_id: StayId
    reason: Annotated[LeaveReason, Doc("外出原因")]
    left_on: Annotated[date, Doc("外出日期")]

    def decide(self, by: Decision) -> Decided:
        stay: Stay = yield Load(Stay, self.stay_id)
        beds: dict[UUID, Bed] = yield LoadMany(Bed, () if stay.bed_id is None else (stay.bed_id,))
        stay.leave(by.now, reason=self.reason, effective_on=self.left_on, by=by.actor.name)
        # Kept for so many days: on the day after them it is freed or confirmed (X6).
        days = by.parameters.value("care.hold_days", stay.division_code, self.left_on)
        for bed in beds.values():
            bed.hold(
                by.now,
                person_id=stay.person_id,
                reason=self.reason,
                effective_on=self.left_on,
                release_by=self.left_on + timedelta(days=days + 1),
                by=by.actor.name,
            )
        return (stay, *beds.values())


@dataclass(frozen=True, kw_only=True)
class EndCareLeave(Command):
    """登记返院。"""

    ROLES: ClassVar = CASEWORKERS
    stay_id: StayId
    back_on: Annotated[date, Doc("返院日期")]

    def decide(self, by: Decision) -> Decided:
        stay: Stay = yield Load(Stay, self.stay_id)
        beds: dict[UUID, Bed] = yield LoadMany(Bed, () if stay.bed_id is None else (stay.bed_id,))
        if any(stay.person_id not in bed.persons for bed in beds.values()):
            raise RuleViolated("原床位已腾出，请先为其安排床位（调换床位）或办理离院后重新入住。")
        stay.come_back(by.now, effective_on=self.back_on, by=by.actor.name)
        for bed in beds.values():
            bed.take_back(by.now, person_id=stay.person_id, effective_on=self.back_on, by=by.actor.name)
        return (stay, *beds.values())


@dataclass(frozen=True, kw_only=True)
class DischargeFromCare(Command):
    """登记离院或终止日间照料：当日腾出床位。"""

    ROLES: ClassVar = CASEWORKERS
    stay_id: StayId
    reason: Annotated[DischargeReason, Doc("离院原因")]
    discharged_on: Annotated[date, Doc("离院日期")]

    def decide(self, by: Decision) -> Decided:
        stay: Stay = yield Load(Stay, self.stay_id)
        if not stay.open:
            raise RuleViolated("此入住记录已登记离院，不能重复登记。")
        beds: dict[UUID, Bed] = yield LoadMany(Bed, () if stay.bed_id is None else (stay.bed_id,))
        stay.discharge(by.now, reason=self.reason, effective_on=self.discharged_on, by=by.actor.name)
        freed = ReleaseReason.DEATH if self.reason is DischargeReason.DEATH else ReleaseReason.DISCHARGE
        for bed in beds.values():
            bed.release(
                by.now,
                person_id=stay.person_id,
                reason=freed,
                effective_on=self.discharged_on,
                by=by.actor.name,
            )
        return (stay, *beds.values())


@dataclass(frozen=True, kw_only=True)
class ReverseDischarge(Command):
    """撤销误登记的离院：原床位仍可用的，同时重新安排。"""

    ROLES: ClassVar = OFFICIALS
    stay_id: StayId
    bed_id: Annotated[UUID | None, Doc("重新安排的床位；日间照料不填")]
    reason: Annotated[str, Doc("撤销的原因和依据，不写个人信息")]

    def decide(self, by: Decision) -> Decided:
        stay: Stay = yield Load(Stay, self.stay_id)
        stays: dict[UUID, Stay] = yield LoadTagged(Stay, (f"person:{stay.person_id}",))
        demand_nowhere_else((other for other in stays.values() if other.id != stay.id), stay.kind)
        beds: dict[UUID, Bed] = yield LoadMany(Bed, () if self.bed_id is None else (self.bed_id,))
        if stay.kind is StayKind.RESIDENT and not beds:
            raise BadInput("请填写重新安排的床位。", "bed_id")
        stay.reinstate(by.now, reason=self.reason, by=by.actor.name)
        for bed in beds.values():
            if bed.facility_id != stay.facility_id:
                raise RuleViolated("重新安排的床位须在同一机构。")
            bed.occupy(by.now, person_id=stay.person_id, effective_on=by.today, by=by.actor.name)
            stay.report_bed(by.now, bed_id=bed.id, effective_on=by.today)
        return (stay, *beds.values())


def demand_new_number(stays: Iterable[Stay], facility: Facility, number: str) -> None:
    """Raise where the facility has given this number already, or there is none."""
    if not number.strip():
        raise BadInput("请填写编号。", "admission_no")
    for stay in stays:
        if stay.facility_id == facility.id and stay.admission_no == number.strip():
            raise RuleViolated(f"编号 {number.strip()} 在“{facility.name}”已使用，不能重复。")


def _entering(
    facility: Facility, person_id: UUID, kind: StayKind, number: str
) -> Generator[Wish, Any, tuple[Person, UUID]]:
    """Whoever enters a facility, and the new stay's id: alive, nowhere else, under a number that is new there."""
    person = _living((yield LoadMany(Person, (person_id,))), person_id)
    stays: dict[UUID, Stay] = yield LoadTagged(Stay, (f"person:{person.id}",))
    demand_nowhere_else(stays.values(), kind)
    theirs: dict[UUID, Stay] = yield LoadTagged(Stay, (f"facility:{facility.id}",))
    demand_new_number(theirs.values(), facility, number)
    return person, next_stay_id(person.id, len(stays))


def _assessments(person_id: UUID) -> Generator[Wish, Any, Iterable[Assessment]]:
    known: dict[UUID, Assessment] = yield LoadTagged(Assessment, (f"person:{person_id}",))
    return known.values()


def _living(found: dict[UUID, Person], id: UUID) -> Person:
    if id not in found:
        raise BadInput("没有此人员的登记，请先登记人员。", "person_id")
    if found[id].died_on is not None:
        raise RuleViolated(_DEAD)
    return found[id]


def _just_now(day: date, by: Decision) -> bool:
    return by.today - timedelta(days=30) <= day <= by.today
