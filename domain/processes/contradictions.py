"""What contradicts the rules across systems, so that no single feed can see it: each is raised as a finding, once.

A finding asks nobody to stop anything. Sources' facts of any age are looked at, since auditors ask of years ago; what
a feed found by itself has the same id, and a finding that was closed or dismissed is not raised again.
"""

from collections.abc import Generator, Iterable
from dataclasses import replace
from datetime import date
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from domain.access import Area
from domain.assistance import Campaign, Case, Payment, Visit
from domain.assistance.contradictions import of_death
from domain.assistance.sampling import campaign_id
from domain.assistance.visit import visit_id
from domain.care import Benefit, BenefitPayment, ServiceOrder, Stay
from domain.care.benefits.basis import NOTHING
from domain.care.benefits.contradictions import of_lines, paid_after_death
from domain.care.benefits.exclusion import EXCLUSIONS
from domain.care.benefits.lines import lines_of
from domain.care.contradictions import (
    Away,
    beds_overbooked,
    days_in,
    service_after_death,
    services_while_away,
    stay_after_death,
)
from domain.clock import month_of
from domain.codes import BenefitKind, FindingRule, MedType, ProcessCode, Scheme, StayKind, VisitState, Ward
from domain.findings import Finding, FindingDraft
from domain.kernel import Aggregate, Decided, Decision, Load, LoadMany, LoadTagged, Wish
from domain.medical import MedicalVisit, Settlement
from domain.medical.contradictions import of_visit
from domain.medical.settlement import BOOKED
from domain.processes.process import Process, Trigger
from domain.registry import Facility, Person
from domain.registry.operators import ResidentsOf

A = TypeVar("A", bound=Aggregate)
_DISTRICT = 6
"""Digits of a district's code."""
_ONCE = "发现即列为疑点"
_NEVER = "不由平台停发或追缴；由责任人核实、整改"


class ServicesAway(Process):
    """Services at home on days on which the person was in hospital or in an institution."""

    CODE: ClassVar = ProcessCode.SERVICES_AWAY
    ON: ClassVar = (ServiceOrder.Completed, MedicalVisit.Discharged, Stay.Created, Stay.Began)
    MUST: ClassVar = "住院、住机构整日期间的居家服务列为疑点"
    LIMIT: ClassVar = _ONCE
    FAILS: ClassVar = _NEVER
    AREA: ClassVar = Area.CARE

    def react(self, trigger: Trigger, by: Decision) -> Decided:
        event = trigger.event
        assert isinstance(event, (ServiceOrder.Completed, MedicalVisit.Discharged, Stay.Created, Stay.Began))
        who = (f"person:{event.person_id}",)
        orders: dict[UUID, ServiceOrder]
        if isinstance(event, ServiceOrder.Completed):
            orders = yield LoadMany(ServiceOrder, (event.originator_id,))
        else:
            orders = yield LoadTagged(ServiceOrder, who)
        if not orders:
            return ()
        stays: dict[UUID, Stay] = yield LoadTagged(Stay, who)
        visits: dict[UUID, MedicalVisit] = yield LoadTagged(MedicalVisit, who)
        away = [*(span for stay in _sorted(stays) for span in days_in(stay)), *_in_hospital(_sorted(visits))]
        return (yield from raised(services_while_away(_sorted(orders), away), by))


class RelativeUnvisited(Process):
    """A staff relative's case that was confirmed though officials had not called on the household."""

    CODE: ClassVar = ProcessCode.RELATIVE_UNVISITED
    ON: ClassVar = (Case.Confirmed,)
    MUST: ClassVar = "近亲属备案的个案，未经街道或区级工作人员入户即确认的列为疑点"
    LIMIT: ClassVar = _ONCE
    FAILS: ClassVar = _NEVER
    AREA: ClassVar = Area.ASSISTANCE

    def react(self, trigger: Trigger, by: Decision) -> Decided:
        event = trigger.event
        assert isinstance(event, Case.Confirmed)
        case: Case = yield Load(Case, event.originator_id)
        on = event.timestamp.date()
        if not case.staff_relative or any(day <= on for day in case.official_visits):
            return ()
        draft = FindingDraft(
            rule=FindingRule.RELATIVE_UNVISITED,
            subject=f"case:{case.id}",
            case_id=case.id,
            person_id=None,
            month=event.start_month,
            amount_fen=event.monthly_fen,
            detail=f"已办理近亲属备案，{on} 确认时没有街道或区级工作人员入户核查的记录。",
            evidence=(_seen(case),),
            division_code=case.division_code,
            effective_on=on,
            key=f"relative_unvisited|{case.id}|{event.originator_version}",
        )
        return (yield from raised((draft,), by))


class SampledTwice(Process):
    """A household that was met in one year of a cycle and is drawn or met in the other."""

    CODE: ClassVar = ProcessCode.SAMPLED_TWICE
    ON: ClassVar = (Campaign.HouseholdsDrawn, Visit.ResultSubmitted, Visit.RecheckDone)
    MUST: ClassVar = "同一两年周期内重复抽取或入户的家庭列为疑点"
    LIMIT: ClassVar = _ONCE
    FAILS: ClassVar = _NEVER
    AREA: ClassVar = Area.ASSISTANCE

    def react(self, trigger: Trigger, by: Decision) -> Decided:
        event = trigger.event
        if isinstance(event, Campaign.HouseholdsDrawn):
            return (yield from self._drawn(event, by))
        visit: Visit = yield Load(Visit, event.originator_id)
        campaign: Campaign = yield Load(Campaign, visit.campaign_id)
        first = campaign.cycle_from
        other = campaign_id(campaign.division_code, first + 1 if campaign.year == first else first)
        twin = visit_id(other, visit.household_id)
        found: dict[UUID, Visit] = yield LoadMany(Visit, (twin,))
        if not visit.met or twin not in found or not found[twin].met:
            return ()
        both = sorted((visit, found[twin]), key=lambda each: str(each.campaign_id))
        return (yield from raised((_twice(campaign, visit, "两年均已入户", both, event.true_from()),), by))

    def _drawn(self, event: Campaign.HouseholdsDrawn, by: Decision) -> Generator[Wish, Any, tuple[Aggregate, ...]]:
        campaign: Campaign = yield Load(Campaign, event.originator_id)
        earlier = campaign.earlier_id
        if earlier is None:
            return ()
        visits: dict[UUID, Visit] = yield LoadMany(Visit, tuple(visit_id(earlier, one) for one in event.households))
        drafts = [
            _twice(campaign, visit, "首年已入户，又列入次年样本", (visit, campaign), event.timestamp.date())
            for visit in _sorted(visits)
            if visit.met
        ]
        return (yield from raised(drafts, by))


class BedsOverbooked(Process):
    """More people living in an institution than it has beds."""

    CODE: ClassVar = ProcessCode.BEDS_OVERBOOKED
    ON: ClassVar = (Stay.Created, Stay.Began, Stay.Reinstated, Facility.DetailsChanged)
    MUST: ClassVar = "机构登记在住人数超过核定床位的列为疑点，每月一次"
    LIMIT: ClassVar = _ONCE
    FAILS: ClassVar = _NEVER
    AREA: ClassVar = Area.CARE

    def concerns(self, trigger: Trigger) -> bool:
        event = trigger.event
        if isinstance(event, Stay.Created):
            return event.kind is StayKind.RESIDENT
        return not isinstance(event, Facility.DetailsChanged) or event.bed_capacity is not None

    def react(self, trigger: Trigger, by: Decision) -> Decided:
        event = trigger.event
        id = event.originator_id if isinstance(event, Facility.DetailsChanged) else event.facility_id  # type: ignore[attr-defined]
        known: dict[UUID, Facility] = yield LoadMany(Facility, (id,))
        facility = known.get(id)
        if facility is None or not facility.bed_capacity:
            return ()
        # Thousands have lived in a house over the years: the read model counts, and only where it is too many does
        # the log say who.
        living: int = yield ResidentsOf(facility.division_code[:_DISTRICT], facility.id)
        if living <= facility.bed_capacity:
            return ()
        stays: dict[UUID, Stay] = yield LoadTagged(Stay, (f"facility:{facility.id}",))
        return (yield from raised(beds_overbooked(facility, stays.values(), by.today), by))


class BenefitsTogether(Process):
    """Benefits of one person, and tekun support of the household, that exclude each other."""

    CODE: ClassVar = ProcessCode.BENEFITS_TOGETHER
    ON: ClassVar = (
        *(Benefit.Granted, Benefit.Resumed, Benefit.Reinstated),
        *(Case.Confirmed, Case.MembersChanged, Case.Resumed, Case.Reopened),
    )
    MUST: ClassVar = "特困供养与残疾人两项补贴、机构与居家护理补贴等互斥待遇列为疑点"
    LIMIT: ClassVar = _ONCE
    FAILS: ClassVar = _NEVER
    AREA: ClassVar = Area.CARE

    def concerns(self, trigger: Trigger) -> bool:
        event = trigger.event  # nothing excludes the old-age allowance
        return not isinstance(event, Benefit.Granted) or event.kind is not BenefitKind.OLD_AGE_ALLOWANCE

    def react(self, trigger: Trigger, by: Decision) -> Decided:
        id = trigger.event.originator_id
        people: tuple[UUID, ...]
        if isinstance(trigger.event, (Benefit.Granted, Benefit.Resumed, Benefit.Reinstated)):
            benefit: Benefit = yield Load(Benefit, id)
            people = (benefit.person_id,)
        else:
            case: Case = yield Load(Case, id)
            if case.scheme is not Scheme.TEKUN:
                return ()  # dibao excludes no benefit
            people = tuple(dict.fromkeys(one for roster in case.rosters.lists for one in roster.member_ids))
        found: tuple[Aggregate, ...] = ()
        for person in people:
            found += yield from self._of(person, by)
        return found

    def _of(self, person: UUID, by: Decision) -> Generator[Wish, Any, tuple[Aggregate, ...]]:
        who = (f"person:{person}",)
        held: dict[UUID, Benefit] = yield LoadTagged(Benefit, who)
        if not held:
            return ()
        cases: dict[UUID, Case] = yield LoadTagged(Case, who)
        seen = {str(one.id): _seen(one) for one in (*held.values(), *cases.values())}
        pairs: dict[str, dict[str, FindingDraft]] = {}
        for month in _months(held.values(), cases.values(), month_of(by.today)):
            lines = lines_of(person, month, held.values(), cases.values(), NOTHING)
            for benefit in _sorted(held):
                for draft in of_lines(benefit, lines, month):
                    pair = draft.key.split("|", 2)[2]  # after rule and benefit: both lines, the first month counts
                    both = tuple(seen[one] for one in pair.split("|") if one in seen)
                    pairs.setdefault(pair, {}).setdefault(draft.key, replace(draft, evidence=both))
        # Either of two benefits may have named the pair before.
        ids = [Finding.id_for(key) for drafts in pairs.values() for key in drafts]
        known: dict[UUID, Finding] = yield LoadMany(Finding, tuple(ids))
        new = [
            next(iter(drafts.values()))
            for drafts in pairs.values()
            if not any(Finding.id_for(key) in known for key in drafts)
        ]
        return (yield from raised(new, by))


class AfterDeath(Process):
    """What was paid, settled, occupied or served after a death, whichever of the two was learnt first."""

    CODE: ClassVar = ProcessCode.AFTER_DEATH
    ON: ClassVar = (Person.DeathConfirmed, ServiceOrder.Completed)
    MUST: ClassVar = "死亡后的救助和个人待遇发放、就诊结算、在院、居家服务列为疑点"
    LIMIT: ClassVar = _ONCE
    FAILS: ClassVar = _NEVER
    AREA: ClassVar = Area.REGISTRY

    def react(self, trigger: Trigger, by: Decision) -> Decided:
        event = trigger.event
        if isinstance(event, ServiceOrder.Completed):
            order: ServiceOrder = yield Load(ServiceOrder, event.originator_id)
            served: Person = yield Load(Person, order.person_id)
            died_on = served.died_on if served.death_confirmed else None
            return (yield from raised(service_after_death(order, died_on, _seen(served)), by))
        person: Person = yield Load(Person, event.originator_id)
        if person.died_on is None or not person.death_confirmed:
            return ()  # taken back since
        who = f"person:{person.id}"
        cases: dict[UUID, Case] = yield LoadTagged(Case, (who,))
        paid: dict[UUID, Payment] = yield LoadTagged(Payment, (who, *(f"case:{id}" for id in cases)))
        drawn: dict[UUID, BenefitPayment] = yield LoadTagged(BenefitPayment, (who,))
        stays: dict[UUID, Stay] = yield LoadTagged(Stay, (who,))
        orders: dict[UUID, ServiceOrder] = yield LoadTagged(ServiceOrder, (who,))
        drafts = [
            *of_death(person, _sorted(paid), cases),
            *paid_after_death(person, _sorted(drawn)),
            *(draft for stay in _sorted(stays) for draft in stay_after_death(stay, person.died_on, by.today)),
            *(draft for one in _sorted(orders) for draft in service_after_death(one, person.died_on, _seen(person))),
            *(yield from self._treated(person)),
        ]
        return (yield from raised(drafts, by))

    def _treated(self, person: Person) -> Generator[Wish, Any, list[FindingDraft]]:
        """Visits that began after the death, with what medical assistance paid for them."""
        visits: dict[UUID, MedicalVisit] = yield LoadTagged(MedicalVisit, (f"person:{person.id}",))
        settlements: dict[UUID, Settlement] = yield LoadTagged(Settlement, (f"person:{person.id}",))
        found = []
        for visit in _sorted(visits):
            booked = [one for one in _sorted(settlements) if one.visit_id == visit.id and one.state in BOOKED]
            if visit.state is VisitState.VOIDED:
                continue
            for draft in of_visit(visit, person.died_on, ()):
                paid = sum(one.split.assistance_fen for one in booked)
                evidence = (*draft.evidence, *map(_seen, booked), _seen(person))
                found.append(replace(draft, amount_fen=paid, evidence=evidence))
        return found


def raised(drafts: Iterable[FindingDraft], by: Decision) -> Generator[Wish, Any, tuple[Finding, ...]]:
    """Findings of these drafts, without those that were ever raised before, whatever became of them."""
    wanted = {Finding.id_for(draft.key): draft for draft in drafts}
    if not wanted:
        return ()
    known: dict[UUID, Finding] = yield LoadMany(Finding, tuple(wanted))
    return tuple(Finding.raise_for(id, by.now, **draft.fields()) for id, draft in wanted.items() if id not in known)


def _in_hospital(visits: Iterable[MedicalVisit]) -> Iterable[Away]:
    """Days in a ward. A stay whose end nobody has reported yet says nothing; a bed at home is no absence."""
    for visit in visits:
        inpatient = visit.med_type is MedType.INPATIENT and visit.ward is not Ward.HOME_BED
        if inpatient and visit.state is VisitState.DISCHARGED and visit.admitted_on is not None:
            yield Away(visit.admitted_on, visit.discharged_on, _seen(visit))


def _twice(campaign: Campaign, visit: Visit, how: str, seen: Iterable[Aggregate], on: date) -> FindingDraft:
    first = campaign.cycle_from
    return FindingDraft(
        rule=FindingRule.SAMPLED_TWICE,
        subject=f"household:{visit.household_id}",
        case_id=visit.case_id,
        person_id=None,
        month="",
        amount_fen=0,
        detail=f"{first} 至 {first + 1} 年核查周期内{how}。",
        evidence=tuple(map(_seen, seen)),
        division_code=visit.division_code,
        effective_on=on,
        key=f"sampled_twice|{campaign.division_code}|{first}|{visit.household_id}",
    )


def _months(benefits: Iterable[Benefit], cases: Iterable[Case], upto: str) -> list[str]:
    """Every month in which it can begin that two exclude each other: an amount, a roster or a rule changes."""
    months = {month_of(rule.from_on) for rule in EXCLUSIONS}
    for one in benefits:
        months |= {due.month for due in one.entitlement.steps}
    for case in cases:
        months |= {due.month for due in case.entitlement.steps}
        months |= {roster.month for roster in case.rosters.lists if roster.month}
    return sorted(month for month in months if month <= upto)


def _sorted(found: dict[UUID, A]) -> list[A]:
    """In the order of their ids, so that the same is found first whenever it is looked for."""
    return [found[id] for id in sorted(found)]


def _seen(aggregate: Aggregate) -> str:
    return f"{aggregate.SUBJECT}:{aggregate.id}@{aggregate.version}"


__all__ = [
    "AfterDeath",
    "BedsOverbooked",
    "BenefitsTogether",
    "RelativeUnvisited",
    "SampledTwice",
    "ServicesAway",
    "raised",
]
