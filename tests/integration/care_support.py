"""A home with its beds, stays, assessments and services, some steps further, for the read models' tests."""

import random
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid5

from domain.care import Assessment, Assessor, Bed, PurchasedHours, ServiceOrder, Stay, SupportService
from domain.care.scales import Circumstances, grade, items
from domain.care.stay import next_stay_id
from domain.clock import at as instant
from domain.clock import month_of
from domain.codes import (
    AlarmOutcome,
    AssessmentEnd,
    AssessmentReason,
    ConfirmedBy,
    ConflictKind,
    DischargeReason,
    FacilityKind,
    FacilityState,
    FundSource,
    HomeService,
    InspectionResult,
    LeaveReason,
    OrderEnd,
    Payer,
    ReleaseReason,
    Scale,
    ServiceRating,
    StayKind,
    StayState,
    SupportKind,
)
from domain.kernel import Aggregate
from domain.registry import Facility, Person

WEEK = timedelta(days=7)


def cared(chance: random.Random, people: list[Person], on: date) -> list[Aggregate]:
    """A home at work in the first person's division, and what became of each person there."""
    now, division = instant(on), people[0].division_code
    home = Facility.register(
        now, name=f"院{chance.randrange(10**9)}", kind=FacilityKind.INST, division_code=division, bed_capacity=9
    )
    home.file(now, filing_no="1", by="甲")
    home.open(now, opened_on=on, by="甲")
    home.install_detector(now, detector_no="1", place="走廊", installed_on=on, by="甲")
    home.report_alarm(now, alarm_no="1", detector_no="1")
    if chance.randrange(2):
        home.handle_alarm(now, alarm_no="1", outcome=AlarmOutcome.TEST, note="", by="甲")
        home.remove_detector(now, detector_no="1", reason="更换", by="甲")
    home.inspect(now, result=InspectionResult.RECTIFY, found="通道", inspected_on=on, rectify_by=on + WEEK, by="甲")
    if chance.randrange(2):
        home.accept_rectification(now, number=1, note="好", done_on=on, by="乙")
        home.report_state(now, state=FacilityState.SUSPENDED, effective_on=on + WEEK)
    made: list[Aggregate] = [home, _assessor(home, on)]
    for number, person in enumerate(people):
        bed = Bed.add(
            now,
            facility_id=home.id,
            bed_no=str(number),
            division_code=division,
            effective_on=on,
        )
        made += [bed, _stay(chance, home, bed, person, on), _assessment(chance, home, person, on)]
        made += [*_order(chance, home, person, on), _support(chance, person, on)]
    return made


def _assessor(home: Facility, on: date) -> Assessor:
    made = Assessor.register(
        instant(on),
        account=f"评估{home.name}",
        organisation="评估中心",
        qualification_no="1",
        division_code=home.division_code,
        by="甲",
    )
    made.declare(instant(on), facility_id=home.id, kind=ConflictKind.EMPLOYED, by="甲")
    return made


def _stay(chance: random.Random, home: Facility, bed: Bed, person: Person, on: date) -> Stay:
    stay = Stay.admit(
        next_stay_id(person.id, chance.randrange(10**9)),
        instant(on),
        person_id=person.id,
        facility_id=home.id,
        admission_no=str(chance.randrange(10**6)),
        kind=StayKind.RESIDENT,
        payer=Payer.SELF,
        division_code=home.division_code,
        effective_on=on,
        bed_id=bed.id,
        state=chance.choice((StayState.REGISTERED, StayState.ADMITTED)),
    )
    who: dict[str, Any] = {"person_id": person.id}
    away, back, gone = on + WEEK, on + 2 * WEEK, on + 3 * WEEK
    bed.reserve(instant(on), release_by=on + WEEK, by="甲", **who)
    steps: list[Any] = [
        lambda: (
            stay.report_state(instant(on), state=StayState.ADMITTED, effective_on=on),
            bed.occupy(instant(on), effective_on=on, by="甲", **who),
        ),
        lambda: (
            stay.leave(instant(away), reason=LeaveReason.HOSPITAL, effective_on=away, by="甲"),
            bed.hold(instant(away), reason=LeaveReason.HOSPITAL, effective_on=away, release_by=gone, by="甲", **who),
        ),
        lambda: bed.confirm_hold(instant(away), reason="住院", release_by=gone + WEEK, by="甲"),
        lambda: (
            stay.come_back(instant(back), effective_on=back, by="甲"),
            bed.take_back(instant(back), effective_on=back, by="甲", **who),
        ),
        lambda: stay.change_payer(instant(back), payer=Payer.TEKUN, guaranteed_as=None, effective_on=back, by="甲"),
        lambda: (
            stay.discharge(instant(gone), reason=DischargeReason.HOME, effective_on=gone),
            bed.release(instant(gone), reason=ReleaseReason.DISCHARGE, effective_on=gone, **who),
        ),
        lambda: bed.ready(instant(gone + WEEK), by="甲"),
        lambda: bed.take_out(instant(gone + WEEK), reason="维修", by="甲"),
        lambda: stay.reinstate(instant(gone + WEEK), reason="误登", by="甲"),
    ]
    for step in steps[: chance.randrange(len(steps) + 1)]:
        step()
    return stay


def _assessment(chance: random.Random, home: Facility, person: Person, on: date) -> Assessment:
    now = instant(on)
    made = Assessment.request(
        UUID(int=chance.getrandbits(128), version=4),
        now,
        person_id=person.id,
        reason=AssessmentReason.ADMISSION,
        division_code=person.division_code,
        provider_id=home.id,
        assign_by=on + WEEK,
        by="甲",
    )
    points = tuple(chance.randrange(item.most + 1) for item in items())
    graded = grade(points, Circumstances(dementia=True))
    due = on + 60 * WEEK
    named: dict[str, Any] = {"least": 2, "organisation": "评估中心", "due_on": due, "earlier": None, "by": "甲"}
    contact = (person.name, person.phone, person.address)
    score: dict[str, Any] = {"scores": points, "graded": graded, "assessed_on": on, "review_by": due}
    score["scale"] = Scale.GBT_42195
    again = uuid5(made.id, "again")
    steps: list[Any] = [
        lambda: made.assign(now, assessors=("丙", "丁"), contact=contact, **named),
        lambda: made.assign(now, assessors=("丁", "visiting"), contact=contact, **named),
        lambda: made.score(now, by="丁", **score),
        lambda: made.send_back(now, reason="漏项", by="乙", due_on=due),
        lambda: made.score(now, by="visiting", **score),
        lambda: made.sign(now, by="丁"),
        lambda: made.review(now, least=2, by="乙", tell_by=due),
        lambda: made.take_effect(now, earlier=None, valid_to=due, dispute_by=on + WEEK, renew_by=due, by="乙"),
        lambda: made.transfer(now, to_division_code="440704002001", moved_on=on),
        lambda: made.dispute(now, reason="不服", reassessment_id=again, by="甲"),
        lambda: made.withdraw_dispute(now),
        lambda: made.expire(now, reason=AssessmentEnd.DEATH, effective_on=on),
    ]
    for step in steps[: chance.randrange(len(steps) + 1)]:
        step()
    return made


def _order(chance: random.Random, home: Facility, person: Person, on: date) -> list[Aggregate]:
    now = instant(on, 9)
    one = ServiceOrder.draft(
        UUID(int=chance.getrandbits(128), version=4),
        now,
        person_id=person.id,
        facility_id=home.id,
        service=HomeService.MEAL,
        payer=Payer.SELF,
        unit_count=1,
        unit_minutes=30,
        price_fen=1_500,
        planned_on=on,
        division_code=person.division_code,
        by="甲",
    )
    hours = PurchasedHours.open(now, person_id=person.id, month=month_of(on), division_code=person.division_code)
    hours.promise(now, order=one, others=(), quota_minutes=600)
    steps: list[Any] = [
        lambda: one.approve(now, month_minutes=30, by="乙"),
        lambda: one.dispatch(now, worker_no="07", by="甲"),
        lambda: one.suspend(now, reason=OrderEnd.HOSPITAL, effective_on=on),
        lambda: one.resume(now, planned_on=on, by="甲"),
        lambda: one.accept(now, worker_no="07", by="甲"),
        lambda: one.check_in(now, place="22.5,113.1", by="甲"),
        lambda: one.check_out(instant(on, 10), place="22.5,113.1", by="甲"),
        lambda: one.confirm(now, rating=ServiceRating.GOOD, confirmed_by=ConfirmedBy.ELDER, by="甲"),
        lambda: one.settle(now, invoice_no="1", by="丙"),
    ]
    for step in steps[: chance.randrange(len(steps) + 1)]:
        step()
    if chance.randrange(3) == 0:
        one.cancel(now, reason=OrderEnd.HOSPITAL, effective_on=on)
    return [one, hours]


def _support(chance: random.Random, person: Person, on: date) -> SupportService:
    made = SupportService.give(
        UUID(int=chance.getrandbits(128), version=4),
        instant(on),
        person_id=person.id,
        kind=SupportKind.DEVICE,
        item="助行器",
        provider="站",
        cost_fen=35_000,
        fund_source=FundSource.LOTTERY,
        division_code=person.division_code,
        effective_on=on,
    )
    if chance.randrange(2):
        made.correct(instant(on), times=2, cost_fen=1, fund_source=FundSource.CITY, reason="误", by="甲")
        made.void(instant(on), reason="误", by="甲")
    return made
