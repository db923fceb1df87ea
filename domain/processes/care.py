"""X5, X10, X11 and X12: what an admission, a certificate, a birthday and a grade mean for services and subsidies.

What rises by the rule is given without anyone asking for it. What would fall or end is for people to decide.
"""

from collections.abc import Generator
from dataclasses import replace
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from domain.access import Area, RoleCode
from domain.care import AgeRoll, Assessment, Benefit, DisabilityCertificate, ServiceOrder, Stay
from domain.care.age_roll import WithoutAllowance
from domain.care.benefits.amounts import bands, births_reaching, last_day
from domain.care.benefits.basis import opened
from domain.care.commands.benefits import Situation, situation
from domain.clock import first_day, month_of, next_month
from domain.codes import BenefitEnd, BenefitKind, CareLevel, OrderEnd, ProcessCode, Scale, StayKind, StayState
from domain.kernel import Aggregate, Decided, Decision, Event, Load, LoadMany, LoadTagged, Wish
from domain.processes.deaths import dropped
from domain.processes.duty import Duty, end_of
from domain.processes.process import Process, Trigger, changed, working_days
from domain.registry import Division, Person

_DISTRICT = 6
"""Digits of a district's code."""
_DISABLED = (BenefitKind.DIS_LIVING, BenefitKind.DIS_NURSING)
_NURSING = (BenefitKind.NURSING_INST, BenefitKind.NURSING_HOME)
_DECIDED = (
    *(Benefit.Granted, Benefit.AmountChanged, Benefit.TurnSettled, Benefit.Stopped, Benefit.Refused),
    Benefit.Suspended,
)
"""What somebody decides on a benefit: it answers what was asked about it."""


class CareAdmitted(Process):
    """X5"""

    CODE: ClassVar = ProcessCode.CARE_ADMITTED
    ON: ClassVar = (Stay.Created, Stay.Began, *_DECIDED)
    MUST: ClassVar = "停止居家服务工单，居家护理补贴止于当月，提请办理机构护理补贴"
    LIMIT: ClassVar = "当日"
    FAILS: ClassVar = "由区人工办理；入住期间的居家服务费用列为疑点，不予结算"
    AREA: ClassVar = Area.CARE

    def react(self, trigger: Trigger, by: Decision) -> Decided:
        event = trigger.event
        if isinstance(event, _DECIDED):
            return (yield from _answered(event, by, self.CODE, _NURSING))
        stay: Stay = yield Load(Stay, event.originator_id)
        if stay.kind is not StayKind.RESIDENT or stay.state is not StayState.ADMITTED or trigger.is_history(by):
            return ()
        tag, admitted_on = (f"person:{stay.person_id}",), stay.admitted_on or by.today
        orders: dict[UUID, ServiceOrder] = yield LoadTagged(ServiceOrder, tag)
        benefits: dict[UUID, Benefit] = yield LoadTagged(Benefit, tag)
        for order in orders.values():
            if order.planned_on is None or order.planned_on >= admitted_on:
                order.cancel(by.now, reason=OrderEnd.ADMITTED, effective_on=admitted_on)
        duties: list[Aggregate] = []
        for benefit in benefits.values():
            if benefit.kind is BenefitKind.NURSING_HOME and benefit.in_force:
                benefit.end(by.now, reason=BenefitEnd.CARE_CHANGED, end_month=month_of(admitted_on))
                duties.append(
                    self.ask(
                        trigger,
                        by,
                        f"person:{stay.person_id}",
                        f"已入住机构，居家护理补贴止于 {month_of(admitted_on)}：办理机构护理补贴",
                        working_days(by, "processes.care_admitted", benefit.division_code),
                        division_code=benefit.division_code,
                        person_id=stay.person_id,
                    )
                )
        return (*changed(*orders.values(), *benefits.values()), *duties)


class DisabilityChanged(Process):
    """X10"""

    CODE: ClassVar = ProcessCode.DISABILITY_CHANGED
    ON: ClassVar = (
        *(DisabilityCertificate.Created, DisabilityCertificate.Renewed),
        *(DisabilityCertificate.Cancelled, DisabilityCertificate.Expired),
        *_DECIDED,
    )
    MUST: ClassVar = "评估困难残疾人生活补贴和重度残疾人护理补贴"
    LIMIT: ClassVar = "10 个工作日"
    FAILS: ClassVar = "升级至区；原待遇在决定前照发"
    AREA: ClassVar = Area.CARE

    def react(self, trigger: Trigger, by: Decision) -> Decided:
        event = trigger.event
        if isinstance(event, _DECIDED):
            return (yield from _answered(event, by, self.CODE, _DISABLED))
        certificate: DisabilityCertificate = yield Load(DisabilityCertificate, event.originator_id)
        if trigger.is_history(by):
            return ()
        evaluate_by: date | None = getattr(event, "evaluate_by", None)
        due = (
            end_of(evaluate_by)
            if evaluate_by is not None
            else working_days(by, "processes.disability", certificate.division_code)
        )
        return (
            self.ask(
                trigger,
                by,
                f"person:{certificate.person_id}",
                f"残疾人证变动（{event.TITLE}）：评估生活补贴和护理补贴，符合的告知申请，不再符合的办理变更或终止",
                due,
                division_code=certificate.division_code,
                person_id=certificate.person_id,
            ),
        )


class AgeReached(Process):
    """X11"""

    CODE: ClassVar = ProcessCode.AGE_REACHED
    ON: ClassVar = (Benefit.TurnDue, *_DECIDED)
    MUST: ClassVar = "到龄换档：金额提高的自当月起调整，其余提请核定"
    LIMIT: ClassVar = "到龄当月"
    FAILS: ClassVar = "升级至区；及时申请的补发"
    AREA: ClassVar = Area.CARE

    def react(self, trigger: Trigger, by: Decision) -> Decided:
        event = trigger.event
        if not isinstance(event, Benefit.TurnDue):
            assert isinstance(event, _DECIDED)
            return (yield from _answered(event, by, self.CODE, tuple(BenefitKind)))
        benefit: Benefit = yield Load(Benefit, event.originator_id)
        found = yield from situation(benefit.person_id)
        month = month_of(event.from_on)
        if (yield from _raise(benefit, found, None, month, "到龄换档", by)):
            return changed(benefit)
        return (
            self.ask(
                trigger,
                by,
                f"benefit:{benefit.id}",
                f"{benefit.kind.label}自 {month} 起按规则应变化：核定后调整或终止",
                end_of(event.from_on),
                division_code=benefit.division_code,
                person_id=benefit.person_id,
            ),
        )


class AgePrompted(Process):
    """X11 of those whom nobody has on a roster: whoever reaches an age without an allowance is told of it."""

    CODE: ClassVar = ProcessCode.AGE_REACHED
    ON: ClassVar = (Division.Created, AgeRoll.Called, Benefit.Created, Person.DeathConfirmed)
    MUST: ClassVar = "每月 1 日逐人提示当月到龄而没有高龄津贴的人；已申请的即办结"
    LIMIT: ClassVar = "到龄当月"
    FAILS: ClassVar = "升级至区；及时申请的补发"
    AREA: ClassVar = Area.CARE

    def concerns(self, trigger: Trigger) -> bool:
        event = trigger.event
        if isinstance(event, Benefit.Created):
            return event.kind is BenefitKind.OLD_AGE_ALLOWANCE
        return not isinstance(event, Division.Created) or len(event.code) == _DISTRICT

    def react(self, trigger: Trigger, by: Decision) -> Decided:
        event = trigger.event
        if isinstance(event, Benefit.Created):
            return (yield from _answered(event, by, self.CODE, (BenefitKind.OLD_AGE_ALLOWANCE,)))
        if isinstance(event, Person.DeathConfirmed):
            person: Person = yield Load(Person, event.originator_id)
            return (yield from dropped(person, by, self.CODE, "本人已死亡"))
        if isinstance(event, Division.Created):
            known: dict[UUID, AgeRoll] = yield LoadMany(AgeRoll, (AgeRoll.id_for(event.code),))
            return () if known else (AgeRoll.open(by.now, division_code=event.code),)
        assert isinstance(event, AgeRoll.Called)
        roll: AgeRoll = yield Load(AgeRoll, event.originator_id)
        where = roll.division_code
        ages = {
            day: age for age in bands(by.parameters, where, event.from_on) for day in births_reaching(event.month, age)
        }
        found: tuple[tuple[UUID, str, date], ...] = yield WithoutAllowance(where, tuple(ages))
        return tuple(
            self.ask(
                trigger,
                by,
                f"person:{id}",
                f"{event.month} 满 {ages[born]} 周岁，没有高龄津贴：提示本人或家属申请，协助备齐材料",
                end_of(last_day(event.month)),
                role=RoleCode.COMMUNITY_WORKER,
                division_code=division,
                person_id=id,
            )
            for id, division, born in found
        )


class GradeChanged(Process):
    """X12"""

    CODE: ClassVar = ProcessCode.GRADE_CHANGED
    ON: ClassVar = (Assessment.TookEffect, *_DECIDED)
    MUST: ClassVar = "按新等级重算护理补贴：提高的自次月起调整，降低或终止的由人决定；调整照护计划"
    LIMIT: ClassVar = "次月"
    FAILS: ClassVar = "保留原等级待遇，升级至区"
    AREA: ClassVar = Area.CARE

    def react(self, trigger: Trigger, by: Decision) -> Decided:
        event = trigger.event
        if not isinstance(event, Assessment.TookEffect):
            assert isinstance(event, _DECIDED)
            return (yield from _answered(event, by, self.CODE, _NURSING))
        assessment: Assessment = yield Load(Assessment, event.originator_id)
        if assessment.grade is None or assessment.scale is not Scale.GBT_42195:
            return ()
        if trigger.is_history(by):
            return ()
        found = yield from situation(assessment.person_id)
        month, changing, duties = next_month(month_of(by.today)), [], []
        for benefit in found.benefits:
            level = CareLevel(str(assessment.grade))
            same = opened(benefit.basis_text).level is level
            if benefit.kind not in _NURSING or not benefit.in_force or same:
                continue
            if (yield from _raise(benefit, found, level, month, "能力等级变化", by)):
                changing.append(benefit)
                continue
            duties.append(
                self.ask(
                    trigger,
                    by,
                    f"benefit:{benefit.id}",
                    f"能力等级变化：重新核定{benefit.kind.label}和照护计划，核定前照原等级发放",
                    end_of(first_day(month)),
                    division_code=benefit.division_code,
                    person_id=benefit.person_id,
                )
            )
        return (*changed(*changing), *duties)


def _raise(
    benefit: Benefit, found: Situation, level: CareLevel | None, month: str, cause: str, by: Decision
) -> Generator[Wish, Any, bool]:
    """Give a benefit what the rule gives it from a month on, where that is more than now; whether it is."""
    yield from ()
    if benefit.held is not None or not benefit.in_force:
        return False
    given = opened(benefit.basis_text)
    basis = found.basis(replace(given, level=level) if level is not None else given, month)
    known = found.known(basis)
    amount, now = benefit.outcome(known, by.parameters, month), benefit.amount_for(month) or 0
    if amount is None or amount <= now:
        return False
    benefit.adjust(by.now, known=known, parameters=by.parameters, from_month=month, cause=cause, by="")
    benefit.change_basis(by.now, basis=basis, cause=cause)
    return True


def _answered(
    event: Event, by: Decision, code: ProcessCode, kinds: tuple[BenefitKind, ...]
) -> Generator[Wish, Any, tuple[Aggregate, ...]]:
    """Somebody has decided on a benefit of these kinds: what was asked about it, or its person, is done."""
    benefit: Benefit = yield Load(Benefit, event.originator_id)
    if benefit.kind not in kinds:
        return ()
    duties: dict[UUID, Duty] = yield LoadTagged(Duty, (f"person:{benefit.person_id}",))
    for duty in duties.values():
        if duty.process is code and duty.subject in (f"benefit:{benefit.id}", f"person:{benefit.person_id}"):
            duty.fulfil(by.now, result=event.TITLE)
    return changed(*duties.values())


__all__ = ["AgePrompted", "AgeReached", "CareAdmitted", "DisabilityChanged", "GradeChanged"]
