"""X8 and X9 in care, on the grid, in relief and among volunteers: what is a person's own goes along, or ends."""

from typing import ClassVar
from uuid import UUID

from domain.access import Area
from domain.care import Assessment, Benefit, DisabilityCertificate, ServiceOrder
from domain.civic import SocialWorker, Volunteer
from domain.clock import month_of, next_month
from domain.codes import AssessmentEnd, BenefitHold, OrderEnd, ProcessCode, ResidentEnd
from domain.grid import NeedClue, Resident
from domain.kernel import Decided, Decision, Load, LoadTagged
from domain.processes.process import Process, Trigger, changed
from domain.registry import Person
from domain.registry.person import PersonState
from domain.relief import ReliefAid
from domain.workdays import days_after


class CareFollows(Process):
    """X8: benefits, certificates, assessments and orders belong where the person lives now."""

    CODE: ClassVar = ProcessCode.MOVED_WITHIN
    ON: ClassVar = (Person.Moved,)
    MUST: ClassVar = "个人待遇、残疾人证、能力评估、居家服务工单随人移交，不断发、不重复申请"
    LIMIT: ClassVar = "即时"
    FAILS: ClassVar = "由区人工办理；移交前由原管辖地发放"
    AREA: ClassVar = Area.CARE

    def react(self, trigger: Trigger, by: Decision) -> Decided:
        event = trigger.event
        assert isinstance(event, Person.Moved)
        person: Person = yield Load(Person, event.originator_id)
        there, tag = person.division_code, (f"person:{person.id}",)
        if there != event.to_division_code:
            return ()  # moved on since
        benefits: dict[UUID, Benefit] = yield LoadTagged(Benefit, tag)
        certificates: dict[UUID, DisabilityCertificate] = yield LoadTagged(DisabilityCertificate, tag)
        assessments: dict[UUID, Assessment] = yield LoadTagged(Assessment, tag)
        orders: dict[UUID, ServiceOrder] = yield LoadTagged(ServiceOrder, tag)
        theirs: tuple[Benefit | DisabilityCertificate | Assessment | ServiceOrder, ...]
        theirs = (*benefits.values(), *certificates.values(), *assessments.values(), *orders.values())
        for one in theirs:
            one.transfer(by.now, to_division_code=there, moved_on=event.moved_on)
        return changed(*theirs)


class NeighboursFollow(Process):
    """X8: the grid there knows them, and what else is counted by where they live."""

    CODE: ClassVar = ProcessCode.MOVED_WITHIN
    ON: ClassVar = (Person.Moved,)
    MUST: ClassVar = "网格走访和需求线索、灾害救助、社工和志愿者登记随人移交"
    LIMIT: ClassVar = "即时"
    FAILS: ClassVar = "由区人工办理"
    AREA: ClassVar = Area.GRID

    def react(self, trigger: Trigger, by: Decision) -> Decided:
        event = trigger.event
        assert isinstance(event, Person.Moved)
        person: Person = yield Load(Person, event.originator_id)
        there, tag = person.division_code, (f"person:{person.id}",)
        if there != event.to_division_code:
            return ()
        residents: dict[UUID, Resident] = yield LoadTagged(Resident, tag)
        clues: dict[UUID, NeedClue] = yield LoadTagged(NeedClue, tag)
        aids: dict[UUID, ReliefAid] = yield LoadTagged(ReliefAid, tag)
        workers: dict[UUID, SocialWorker] = yield LoadTagged(SocialWorker, tag)
        volunteers: dict[UUID, Volunteer] = yield LoadTagged(Volunteer, tag)
        grid: tuple[Resident | NeedClue | ReliefAid, ...] = (*residents.values(), *clues.values(), *aids.values())
        counted: tuple[SocialWorker | Volunteer, ...] = (*workers.values(), *volunteers.values())
        for one in grid:
            one.transfer(by.now, to_division_code=there, moved_on=event.moved_on)
        for each in counted:
            each.go_along(by.now, to_division_code=there, moved_on=event.moved_on)
        return changed(*grid, *counted)


class LeftCare(Process):
    """X9: benefits are held from the next month on until the other place has confirmed; services at home end."""

    CODE: ClassVar = ProcessCode.MOVED_OUT
    ON: ClassVar = (Person.MovedOut, Person.MoveReversed)
    MUST: ClassVar = "个人待遇自次月起暂缓，待迁入地确认后终止；居家服务和评估终止；迁回的恢复并补发"
    LIMIT: ClassVar = "次月"
    FAILS: ClassVar = "由区人工办理"
    AREA: ClassVar = Area.CARE

    def react(self, trigger: Trigger, by: Decision) -> Decided:
        person: Person = yield Load(Person, trigger.event.originator_id)
        tag = (f"person:{person.id}",)
        benefits: dict[UUID, Benefit] = yield LoadTagged(Benefit, tag)
        residents: dict[UUID, Resident] = yield LoadTagged(Resident, tag)
        if isinstance(trigger.event, Person.MoveReversed):
            for benefit in benefits.values():
                if benefit.held is BenefitHold.MOVING_OUT:
                    benefit.release_line(by.now, reason="已迁回本区，或迁出登记有误")
            for resident in residents.values():
                if resident.ended is ResidentEnd.MOVED_OUT:
                    resident.resume(by.now, from_on=by.today)
            return changed(*benefits.values(), *residents.values())
        event = trigger.event
        assert isinstance(event, Person.MovedOut)
        if person.state is not PersonState.MOVED_OUT or trigger.is_history(by):
            return ()
        orders: dict[UUID, ServiceOrder] = yield LoadTagged(ServiceOrder, tag)
        assessments: dict[UUID, Assessment] = yield LoadTagged(Assessment, tag)
        days = by.parameters.value("processes.moved_out", person.division_code, by.today)
        for benefit in benefits.values():
            benefit.hold_line(
                by.now,
                reason=BenefitHold.MOVING_OUT,
                from_month=next_month(month_of(max(event.moved_on, by.today))),
                decide_by=days_after(by.today, days),
            )
        for order in orders.values():
            order.cancel(by.now, reason=OrderEnd.MOVED_OUT, effective_on=by.today)
        for assessment in assessments.values():
            assessment.cancel(by.now, reason=AssessmentEnd.MOVED_OUT)
        for resident in residents.values():
            resident.end(by.now, reason=ResidentEnd.MOVED_OUT, from_on=event.moved_on)
        return changed(*benefits.values(), *orders.values(), *assessments.values(), *residents.values())


__all__ = ["CareFollows", "LeftCare", "NeighboursFollow"]
