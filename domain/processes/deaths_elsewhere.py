"""X1 and X2 in care, medical settlement, on the grid and in relief: what was the person's alone ends with a death.

Each system has a rule of its own, so that what one refuses (a stay that began after the death, say) stops no other.
"""

from abc import abstractmethod
from collections.abc import Generator
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from domain.access import Area, RoleCode
from domain.care import Assessment, Bed, Benefit, BenefitPayment, ElderCard, ServiceOrder, Stay
from domain.care.commands.benefits import paid_by_month
from domain.clock import month_of, next_month
from domain.codes import (
    AssessmentEnd,
    BenefitEnd,
    BenefitHold,
    DischargeReason,
    OrderEnd,
    ProcessCode,
    ReleaseReason,
    ResidentEnd,
)
from domain.grid import NeedClue, Resident
from domain.kernel import Aggregate, Decided, Decision, Event, Load, LoadMany, LoadTagged, Wish
from domain.medical import MedicalCategory
from domain.processes.deaths import long_past
from domain.processes.process import Process, Trigger, changed, working_days
from domain.registry import Person
from domain.relief import ReliefAid

_IN_FORCE_AGAIN = (Benefit.Created, Benefit.Granted, Benefit.Resumed, Benefit.Reinstated)
_DEATHS = (Person.DeathConfirmed, Person.DeathReversed)


class _AtDeath(Process):
    """X1 in one system: what ends with a confirmed death, and what is taken up again where it was a mistake.

    A subclass adds to `ON` what its system may say of somebody after the death was dealt with: feeds come in any order.
    """

    CODE: ClassVar = ProcessCode.DEATH_CONFIRMED
    ON: ClassVar[tuple[type[Event], ...]] = _DEATHS

    def react(self, trigger: Trigger, by: Decision) -> Decided:
        person = yield from _whose(trigger.event)
        if person is None:
            return ()
        if isinstance(trigger.event, Person.DeathReversed):
            return (yield from self.alive(person, trigger, by))
        if not person.death_confirmed or person.died_on is None:
            return ()  # alive, or taken back since
        return (yield from self.dead(person, person.died_on, trigger, by))

    @abstractmethod
    def dead(self, person: Person, died_on: date, trigger: Trigger, by: Decision) -> Decided:
        """What follows from the death."""

    @abstractmethod
    def alive(self, person: Person, trigger: Trigger, by: Decision) -> Decided:
        """What follows where the death is taken back."""


class DeathEndsBenefits(_AtDeath):
    """X1: allowances and subsidies end with the month of the death; what was paid later is to be recovered."""

    ON: ClassVar = (*_DEATHS, *_IN_FORCE_AGAIN, ElderCard.Created, ElderCard.Replaced)
    MUST: ClassVar = "个人待遇自死亡次月起终止，多发的列为待追回；撤销死亡的恢复"
    LIMIT: ClassVar = "次月"
    FAILS: ClassVar = "由区人工办理"
    AREA: ClassVar = Area.CARE

    def alive(self, person: Person, trigger: Trigger, by: Decision) -> Decided:
        benefits: dict[UUID, Benefit] = yield LoadTagged(Benefit, (f"person:{person.id}",))
        for benefit in benefits.values():
            if benefit.end_reason is BenefitEnd.DECEASED and benefit.end_month:
                benefit.reinstate(by.now, reason="死亡登记已撤销，本人在世")
        return changed(*benefits.values())

    def dead(self, person: Person, died_on: date, trigger: Trigger, by: Decision) -> Decided:
        tag = (f"person:{person.id}",)
        benefits: dict[UUID, Benefit] = yield LoadTagged(Benefit, tag)
        payments: dict[UUID, BenefitPayment] = yield LoadTagged(BenefitPayment, tag)
        duties: list[Aggregate] = []
        for benefit in benefits.values():
            benefit.end(by.now, reason=BenefitEnd.DECEASED, end_month=month_of(died_on))
            paid = paid_by_month(p for p in payments.values() if p.benefit_id == benefit.id)
            over = benefit.find_overpaid(by.now, paid=paid)
            if over is not None and benefit.pending_events and not long_past(trigger, died_on, by):
                due = working_days(by, "processes.death_settled", benefit.division_code)
                what = f"{benefit.kind.label}在死亡后多发 {len(over.months)} 个月，核实并追回"
                duties.append(
                    self.ask(
                        trigger,
                        by,
                        f"benefit:{benefit.id}",
                        what,
                        due,
                        division_code=benefit.division_code,
                        person_id=person.id,
                    )
                )
        cards: dict[UUID, ElderCard] = yield LoadTagged(ElderCard, tag)
        for card in cards.values():
            card.cancel(by.now, reason="本人已死亡")
        return (*changed(*benefits.values(), *cards.values()), *duties)


class ReportedDeathHoldsBenefits(Process):
    """X2: a death that was only reported holds the person's own lines, from the month after it."""

    CODE: ClassVar = ProcessCode.DEATH_REPORTED
    ON: ClassVar = (Person.DeathReported, Person.DeathReversed, *_IN_FORCE_AGAIN)
    MUST: ClassVar = "只暂缓本人的个人待遇；撤销后补发"
    LIMIT: ClassVar = "即时"
    FAILS: ClassVar = "由区人工办理"
    AREA: ClassVar = Area.CARE

    def react(self, trigger: Trigger, by: Decision) -> Decided:
        person = yield from _whose(trigger.event)
        if person is None or (person.died_on is None and not isinstance(trigger.event, Person.DeathReversed)):
            return ()
        benefits: dict[UUID, Benefit] = yield LoadTagged(Benefit, (f"person:{person.id}",))
        for benefit in benefits.values():
            if person.died_on is None:
                if benefit.held is BenefitHold.DEATH_REPORTED:
                    benefit.release_line(by.now, reason="此人在世，上报的死亡已撤销")
            elif not person.death_confirmed and not long_past(trigger, person.died_on, by):
                month = max(next_month(month_of(person.died_on)), month_of(by.today))
                benefit.hold_line(by.now, reason=BenefitHold.DEATH_REPORTED, from_month=month)
        return changed(*benefits.values())


class DeathEndsCare(_AtDeath):
    """X1: the bed is free the same day, orders at home are off, nobody is assessed any more."""

    ON: ClassVar = (
        *_DEATHS,
        *(Stay.Created, Stay.Began, Stay.Reinstated),
        *(Assessment.Created, Assessment.TookEffect),
    )
    MUST: ClassVar = "离院、释放床位、取消居家服务工单、终止能力评估"
    LIMIT: ClassVar = "当日"
    FAILS: ClassVar = "由区人工办理；撤销死亡的由街道恢复"
    AREA: ClassVar = Area.CARE

    def alive(self, person: Person, trigger: Trigger, by: Decision) -> Decided:
        stays: dict[UUID, Stay] = yield LoadTagged(Stay, (f"person:{person.id}",))
        due = working_days(by, "processes.failed", person.division_code)
        return tuple(
            self.ask(
                trigger,
                by,
                f"stay:{stay.id}",
                "本人在世：恢复入住登记和床位",
                due,
                division_code=stay.division_code,
                person_id=person.id,
            )
            for stay in stays.values()
            if stay.discharge_reason is DischargeReason.DEATH
        )

    def dead(self, person: Person, died_on: date, trigger: Trigger, by: Decision) -> Decided:
        tag = (f"person:{person.id}",)
        stays: dict[UUID, Stay] = yield LoadTagged(Stay, tag)
        beds: dict[UUID, Bed] = yield LoadTagged(Bed, tag)
        orders: dict[UUID, ServiceOrder] = yield LoadTagged(ServiceOrder, tag)
        assessments: dict[UUID, Assessment] = yield LoadTagged(Assessment, tag)
        for stay in stays.values():
            if stay.open:
                left = max(died_on, stay.admitted_on or died_on)
                stay.discharge(by.now, reason=DischargeReason.DEATH, effective_on=left)
        for bed in beds.values():
            bed.release(by.now, person_id=person.id, reason=ReleaseReason.DEATH, effective_on=by.today)
        for order in orders.values():
            order.cancel(by.now, reason=OrderEnd.DEATH, effective_on=by.today)
        for assessment in assessments.values():
            assessment.cancel(by.now, reason=AssessmentEnd.DEATH)
            assessment.expire(by.now, reason=AssessmentEnd.DEATH, effective_on=by.today)
        return changed(*stays.values(), *beds.values(), *orders.values(), *assessments.values())


class DeathEndsCategory(_AtDeath):
    """X1: the category of medical assistance ends with the day of the death; a stay open then keeps what it has."""

    MUST: ClassVar = "医疗救助身份截至死亡当日；在院的按入院时身份结算"
    LIMIT: ClassVar = "当日"
    FAILS: ClassVar = "由区人工办理；撤销死亡的由区重新登记身份"
    AREA: ClassVar = Area.MEDICAL

    def alive(self, person: Person, trigger: Trigger, by: Decision) -> Decided:
        found = yield from self._category(person)
        if not any(category.spans for category in found):
            return ()
        return (
            self.ask(
                trigger,
                by,
                f"person:{person.id}",
                "本人在世：核对并重新登记医疗救助身份",
                working_days(by, "processes.failed", person.division_code),
                role=RoleCode.DISTRICT_CLERK,
                division_code=person.division_code,
                person_id=person.id,
            ),
        )

    def dead(self, person: Person, died_on: date, trigger: Trigger, by: Decision) -> Decided:
        found = yield from self._category(person)
        for category in found:
            category.end_all(by.now, last_on=died_on, reason="本人死亡")
        return changed(*found)

    @staticmethod
    def _category(person: Person) -> Generator[Wish, Any, tuple[MedicalCategory, ...]]:
        found: dict[UUID, MedicalCategory] = yield LoadMany(MedicalCategory, (MedicalCategory.id_for(person.id),))
        return tuple(found.values())


class DeathElsewhere(_AtDeath):
    """X1: the grid looks after them no longer, and aid in a disaster is not paid out."""

    ON: ClassVar = (*_DEATHS, Resident.Created, Resident.Resumed, NeedClue.Created, ReliefAid.Created)
    MUST: ClassVar = "不再列入网格走访，撤下需求线索，暂缓支付灾害救助"
    LIMIT: ClassVar = "当日"
    FAILS: ClassVar = "由区人工办理"
    AREA: ClassVar = Area.GRID

    def alive(self, person: Person, trigger: Trigger, by: Decision) -> Decided:
        tag = (f"person:{person.id}",)
        residents: dict[UUID, Resident] = yield LoadTagged(Resident, tag)
        aids: dict[UUID, ReliefAid] = yield LoadTagged(ReliefAid, tag)
        for resident in residents.values():
            if resident.ended is ResidentEnd.DECEASED:
                resident.resume(by.now, from_on=by.today)
        for aid in aids.values():
            aid.release(by.now, reason="本人在世，死亡登记已撤销")
        return changed(*residents.values(), *aids.values())

    def dead(self, person: Person, died_on: date, trigger: Trigger, by: Decision) -> Decided:
        tag = (f"person:{person.id}",)
        residents: dict[UUID, Resident] = yield LoadTagged(Resident, tag)
        clues: dict[UUID, NeedClue] = yield LoadTagged(NeedClue, tag)
        aids: dict[UUID, ReliefAid] = yield LoadTagged(ReliefAid, tag)
        for resident in residents.values():
            resident.end(by.now, reason=ResidentEnd.DECEASED, from_on=died_on)
        for clue in clues.values():
            clue.cancel(by.now, reason="本人已死亡", by="")
        for aid in aids.values():
            aid.hold(by.now, reason="受助人已死亡，待确认领取人")
        return changed(*residents.values(), *clues.values(), *aids.values())


def _whose(event: Event) -> Generator[Wish, Any, Person | None]:
    """The person whose death it is, or of whom a system speaks; None where nobody knows them."""
    id: UUID | None = getattr(event, "person_id", None)
    if id is None and isinstance(event, _IN_FORCE_AGAIN):
        benefit: Benefit = yield Load(Benefit, event.originator_id)
        id = benefit.person_id
    id = id or event.originator_id
    found: dict[UUID, Person] = yield LoadMany(Person, (id,))
    return found.get(id)


__all__ = [
    "DeathElsewhere",
    "DeathEndsBenefits",
    "DeathEndsCare",
    "DeathEndsCategory",
    "ReportedDeathHoldsBenefits",
]
