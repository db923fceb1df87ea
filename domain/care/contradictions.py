"""What contradicts the rules of care in what sources reported. Pure functions; each contradiction becomes one finding.

What isn't handed in is not looked at. The `key` is the same whenever the same thing is found again, so that looking
twice finds nothing twice. The texts hold no personal data, and nothing of a person's health.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.care.assessment import Assessment
from domain.care.bed import Bed
from domain.care.order import ServiceOrder
from domain.care.stay import Stay
from domain.clock import month_of
from domain.codes import FindingRule, OrderState, StayKind, StayState
from domain.findings.finding import FindingDraft
from domain.kernel import Aggregate
from domain.registry.facility import Facility

_GIVEN = (OrderState.COMPLETED, OrderState.CONFIRMED, OrderState.SETTLED)


@dataclass(frozen=True, slots=True)
class Away:
    """Days on which somebody was not at home, first and last (None: still away): a stay in hospital, say.

    What a context outside care knows of them comes in here, with what proves it.
    """

    first: date
    last: date | None
    evidence: str

    def whole(self, day: date) -> bool:
        """Whether they were away the whole day: on the day of coming and of going a service at home is possible."""
        return self.first < day and (self.last is None or day < self.last)


def bed_given_twice(bed: Bed, on: date) -> tuple[FindingDraft, ...]:
    """A bed that sources give to more than one person."""
    if len(bed.persons) < 2:
        return ()
    detail = f"床位 {bed.bed_no} 同时登记为 {len(bed.persons)} 人的床位。"
    rule = FindingRule.BED_GIVEN_TWICE
    whose = ",".join(sorted(map(str, bed.persons)))
    return (_finding(rule, bed, None, detail, (_seen(bed),), on, f"{rule}:{bed.id}:{whose}"),)


def two_stays(stay: Stay, others: Iterable[Stay]) -> Iterator[FindingDraft]:
    """Stays of one person at two institutions for the same days."""
    rule = FindingRule.TWO_STAYS
    for other in others:
        if other.id == stay.id or not _overlap(stay, other):
            continue
        first, second = sorted((stay, other), key=lambda each: str(each.id))
        day = max(filter(None, (stay.admitted_on, other.admitted_on)))
        yield _finding(
            rule,
            stay,
            stay.person_id,
            f"自 {day} 起同时登记在两家机构入住。",
            (_seen(first), _seen(second)),
            day,
            f"{rule}:{first.id}:{second.id}",
        )


def stay_after_death(stay: Stay, died_on: date | None, on: date) -> tuple[FindingDraft, ...]:
    """A stay that goes on, or ended, after the person's death: the bed is to be freed on the same day (X1)."""
    end = stay.discharged_on
    if died_on is None or stay.state is StayState.REGISTERED or (end is not None and end <= died_on):
        return ()
    if end is None and on <= died_on:
        return ()
    until = f"至 {end} 才登记离院" if end else "尚未登记离院"
    rule = FindingRule.STAY_AFTER_DEATH
    detail = f"登记死亡日期 {died_on}，入住记录{until}。"
    return (_finding(rule, stay, stay.person_id, detail, (_seen(stay),), end or on, f"{rule}:{stay.id}"),)


def of_assessment(assessment: Assessment, least: int) -> Iterator[FindingDraft]:
    """An assessment by too few assessors, or reviewed by one of them."""
    on = assessment.assessed_on
    if on is None:
        return
    if len(set(assessment.assessors)) < least:
        rule = FindingRule.TOO_FEW_ASSESSORS
        detail = f"评估应有至少 {least} 名评估人员，记录为 {len(set(assessment.assessors))} 名。"
        yield _finding(
            rule, assessment, assessment.person_id, detail, (_seen(assessment),), on, f"{rule}:{assessment.id}"
        )
    if assessment.reviewer and assessment.reviewer in assessment.assessors:
        rule = FindingRule.ASSESSOR_REVIEWED
        detail = "审核人就是评估人员之一。"
        yield _finding(
            rule, assessment, assessment.person_id, detail, (_seen(assessment),), on, f"{rule}:{assessment.id}"
        )


def services_while_away(orders: Iterable[ServiceOrder], away: Iterable[Away]) -> Iterator[FindingDraft]:
    """Services at home, given or billed, on days on which the person was away all day (X5, X12).

    `away` are days in hospital, which other systems know; days in an institution come from `days_in` of its stays.
    """
    rule, intervals = FindingRule.SERVICE_WHILE_AWAY, tuple(away)
    for order in orders:
        day = order.planned_on
        if day is None or order.state not in _GIVEN:
            continue
        for interval in intervals:
            if interval.whole(day):
                amount = order.settled_fen or order.payable_fen
                yield _finding(
                    rule,
                    order,
                    order.person_id,
                    f"{day} 登记了居家服务，当日此人全天不在家中。",
                    (interval.evidence, _seen(order)),
                    day,
                    f"{rule}:{order.id}",
                    amount,
                )
                break


def service_after_death(order: ServiceOrder, died_on: date | None, seen: str) -> tuple[FindingDraft, ...]:
    """A service given or billed for a day after the person's death; `seen` is what proves that."""
    day = order.planned_on
    if died_on is None or day is None or order.state not in _GIVEN or day <= died_on:
        return ()
    rule, amount = FindingRule.SERVICE_AFTER_DEATH, order.settled_fen or order.payable_fen
    detail = f"登记死亡日期 {died_on}，{day} 仍登记居家服务。"
    evidence = (seen, _seen(order))
    return (_finding(rule, order, order.person_id, detail, evidence, day, f"{rule}:{order.id}", amount),)


def beds_overbooked(facility: Facility, stays: Iterable[Stay], on: date) -> tuple[FindingDraft, ...]:
    """More people live in a house than it has beds; once a month. Those who came last are the evidence."""
    living = sorted((stay for stay in stays if stay.resident), key=lambda stay: (stay.admitted_on or on, str(stay.id)))
    if not 0 < facility.bed_capacity < len(living):
        return ()
    rule, beyond = FindingRule.BEDS_OVERBOOKED, living[facility.bed_capacity :]
    detail = f"核定床位 {facility.bed_capacity} 张，登记在住（含外出）{len(living)} 人。"
    evidence = (_seen(facility), *(_seen(stay) for stay in beyond))
    return (_finding(rule, facility, None, detail, evidence, on, f"{rule}:{facility.id}:{month_of(on)}"),)


def service_amount(order: ServiceOrder) -> tuple[FindingDraft, ...]:
    """A service settled for another amount than its units at their price; negative where too little was paid."""
    if order.state is not OrderState.SETTLED or order.settled_fen == order.payable_fen or order.planned_on is None:
        return ()
    rule, over = FindingRule.SERVICE_AMOUNT, order.settled_fen - order.payable_fen
    detail = f"按单价和数量应结算 {order.payable_fen} 分，实际结算 {order.settled_fen} 分。"
    key = f"{rule}:{order.id}:{order.settled_fen}"
    return (_finding(rule, order, order.person_id, detail, (_seen(order),), order.planned_on, key, over),)


def days_in(stay: Stay) -> tuple[Away, ...]:
    """The days of a stay in an institution on which the person was there: leaves are left out."""
    if stay.kind is not StayKind.RESIDENT or stay.state is StayState.REGISTERED or stay.admitted_on is None:
        return ()
    found, first = [], stay.admitted_on
    for start, end in stay.leaves:
        found.append(Away(first, start, _seen(stay)))
        if end is None:
            return tuple(found)
        first = end
    return (*found, Away(first, stay.discharged_on, _seen(stay)))


def _overlap(one: Stay, two: Stay) -> bool:
    for stay in (one, two):
        if stay.kind is not StayKind.RESIDENT or stay.state is StayState.REGISTERED or stay.admitted_on is None:
            return False
    assert one.admitted_on is not None
    assert two.admitted_on is not None
    # Who leaves one house in the morning and comes to another in the evening is at two on one day, and rightly so.
    one_end, two_end = one.discharged_on or date.max, two.discharged_on or date.max
    return one.admitted_on < two_end and two.admitted_on < one_end


def _finding(
    rule: FindingRule,
    about: Aggregate,
    person: UUID | None,
    detail: str,
    evidence: tuple[str, ...],
    on: date,
    key: str,
    amount_fen: int = 0,
) -> FindingDraft:
    return FindingDraft(
        rule=rule,
        subject=f"{about.SUBJECT}:{about.id}",
        case_id=None,
        person_id=person,
        month="",
        amount_fen=amount_fen,
        detail=detail,
        evidence=evidence,
        division_code=about.division_code,
        effective_on=on,
        key=key,
    )


def _seen(aggregate: Aggregate) -> str:
    return f"{aggregate.SUBJECT}:{aggregate.id}@{aggregate.version}"
