"""Beds and stays: a bed is one person's, a person is in one house, and who leaves or dies frees the bed that day."""

import contextlib
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from domain.care import Bed, Stay
from domain.care.bed import bed_id
from domain.care.commands import (
    AdmitToCare,
    CancelReservation,
    ChangeCareBed,
    ChangeCarePayer,
    ConfirmBedHold,
    DischargeFromCare,
    EndCareLeave,
    EnrolDayCare,
    ReadyBed,
    ReserveBed,
    ReverseDischarge,
    StartCareLeave,
    TakeBedOut,
)
from domain.care.stay import next_stay_id, stay_id
from domain.clock import at as start_of
from domain.codes import (
    BedState,
    DischargeReason,
    FacilityKind,
    FacilityState,
    GuaranteedGroup,
    LeaveReason,
    Payer,
    ReleaseReason,
    StayKind,
    StayState,
)
from domain.errors import RuleViolated
from domain.registry import Facility, Person
from tests.unit.domain.care_samples import FULL, TODAY, bed, effective, elder, facility
from tests.unit.domain.samples import VILLAGE, on
from tests.unit.domain.specification import Given, assert_replays, given


def admit(who: Person, to: Bed, **fields: Any) -> AdmitToCare:
    return AdmitToCare(**{"person_id": who.id, "bed_id": to.id, "admission_no": "R1", "admitted_on": TODAY, **fields})


def staying(who: Person, at: Facility, in_bed: Bed | None, since: str = "2015-11-01", **fields: Any) -> Stay:
    """A stay, and the bed given to it."""
    day = date.fromisoformat(since)
    if in_bed is not None:
        in_bed.occupy(on(since), person_id=who.id, effective_on=day, by="village")
    kind = StayKind.DAY_CARE if in_bed is None else StayKind.RESIDENT
    given_ = {"admission_no": "R0", "payer": Payer.SELF, "kind": kind, **fields}
    return Stay.admit(
        next_stay_id(who.id, 0),
        on(since),
        person_id=who.id,
        facility_id=at.id,
        bed_id=None if in_bed is None else in_bed.id,
        division_code=VILLAGE,
        effective_on=day,
        **given_,
    )


class World:
    """A house with two beds and an assessed elder."""

    def __init__(self) -> None:
        self.home = facility()
        self.bed, self.other = bed(self.home), bed(self.home, "201-2")
        self.who = elder()
        self.assessed = effective(self.who)

    def given(self, *more: Any) -> Given:
        return given(self.home, self.bed, self.other, self.who, self.assessed, *more)


class TestAdmission:
    def test_takes_the_bed_and_names_the_assessment(self) -> None:
        w = World()
        outcome = w.given().when(admit(w.who, w.bed))
        stay = outcome.then(Stay.Created, Bed.Occupied, person_id=w.who.id)
        assert (stay.bed_id, stay.state, stay.facility_id) == (w.bed.id, StayState.ADMITTED, w.home.id)
        assert outcome.events[0].assessment_id == w.assessed.id  # type: ignore[attr-defined]

    def test_a_bed_is_not_given_twice(self) -> None:
        w = World()
        w.bed.occupy(on("2015-12-01"), person_id=uuid4(), effective_on=date(2015, 12, 1), by="village")
        w.given().when(admit(w.who, w.bed)).refused("不能再安排他人")

    def test_a_bed_kept_for_another_is_not_given(self) -> None:
        w = World()
        w.bed.reserve(on("2015-12-01"), person_id=uuid4(), release_by=TODAY, by="village")
        w.given().when(admit(w.who, w.bed)).refused("现为“已预订”")
        mine = World()
        mine.bed.reserve(on("2015-12-01"), person_id=mine.who.id, release_by=TODAY, by="village")
        mine.given().when(admit(mine.who, mine.bed)).then(Stay.Created, Bed.Occupied)

    def test_without_an_assessment_in_force_nobody_is_admitted(self) -> None:
        w = World()
        given(w.home, w.bed, w.who).when(admit(w.who, w.bed)).refused("没有有效的能力评估结果")
        before = admit(w.who, w.bed, admitted_on=date(2015, 12, 4))
        w.given().when(before).refused("没有有效的能力评估结果")

    @pytest.mark.parametrize("state", [FacilityState.RECTIFYING, FacilityState.SUSPENDED, FacilityState.FILED])
    def test_only_a_house_at_work_takes_somebody(self, state: FacilityState) -> None:
        w = World()
        w.home.report_state(on("2015-12-01"), state=state, effective_on=date(2015, 12, 1))
        w.given().when(admit(w.who, w.bed)).refused("须在运营中")

    def test_nobody_is_in_two_houses(self) -> None:
        w, second = World(), facility(name="礼乐养老院")
        there = staying(w.who, second, bed(second))
        w.given(second, there).when(admit(w.who, w.bed)).refused("须先办理离院")
        day = staying(w.who, second, None)
        w.given(second, day).when(admit(w.who, w.bed)).refused("须先终止日间照料")

    def test_two_who_admit_at_once_collide(self) -> None:
        who = uuid4()
        assert next_stay_id(who, 0) == next_stay_id(who, 0) != next_stay_id(who, 1)

    def test_an_admission_number_is_used_once_in_a_house(self) -> None:
        w, another = World(), elder()
        there = staying(another, w.home, w.other, admission_no="R1")
        w.given(there).when(admit(w.who, w.bed)).refused("编号 R1")

    def test_the_dead_are_not_admitted_and_old_admissions_are_imported(self) -> None:
        w = World()
        w.given().when(admit(w.who, w.bed, admitted_on=date(2015, 10, 1))).refused("从来源系统导入")
        w.who.report_death(on("2015-12-09"), died_on=date(2015, 12, 8), evidence="网格")
        w.given().when(admit(w.who, w.bed)).refused("死亡")


class TestPurchase:
    def test_government_buys_for_the_guaranteed_who_need_care(self) -> None:
        w = World()
        w.given().when(admit(w.who, w.bed, payer=Payer.GOVERNMENT)).refused("请填写保障类别")
        bought = admit(w.who, w.bed, payer=Payer.GOVERNMENT, guaranteed_as=GuaranteedGroup.TEKUN)
        w.given().when(bought).then(Stay.Created, Bed.Occupied)

    def test_not_for_the_able_unless_very_old(self) -> None:
        w = World()
        w.assessed = effective(w.who, scores=FULL)
        bought = {"payer": Payer.GOVERNMENT, "guaranteed_as": GuaranteedGroup.LOW_INCOME}
        w.given().when(admit(w.who, w.bed, **bought)).refused("等级未达到 2 级")
        old = World()
        old.who = elder(birth_on=date(1935, 12, 10))
        old.assessed = effective(old.who, scores=FULL)
        old.given().when(admit(old.who, old.bed, **bought)).then(Stay.Created, Bed.Occupied)
        nearly = World()
        nearly.who = elder(birth_on=date(1935, 12, 11))
        nearly.assessed = effective(nearly.who, scores=FULL)
        nearly.given().when(admit(nearly.who, nearly.bed, **bought)).refused("未满 80 周岁")

    def test_another_payer_later(self) -> None:
        w = World()
        stay = staying(w.who, w.home, w.bed)
        change = ChangeCarePayer(
            stay_id=stay.id, payer=Payer.GOVERNMENT, effective_on=TODAY, guaranteed_as=GuaranteedGroup.TEKUN
        )
        stay = w.given(stay).when(change).then(Stay.PayerChanged, former=Payer.SELF)
        w.given(stay).when(change).refused("没有变更")


class TestLeave:
    def test_the_bed_is_kept_until_the_day_after_thirty_days(self) -> None:
        w = World()
        stay = staying(w.who, w.home, w.bed)
        leave = StartCareLeave(stay_id=stay.id, reason=LeaveReason.HOSPITAL, left_on=date(2015, 12, 1))
        outcome = w.given(stay).when(leave)
        outcome.then(Stay.LeaveStarted, Bed.Held, release_by=date(2016, 1, 1))
        assert not w.bed.hold_over(date(2015, 12, 31))
        assert w.bed.hold_over(date(2016, 1, 1))

    def test_back_in_time_or_confirmed_or_freed(self) -> None:
        w = World()
        stay = staying(w.who, w.home, w.bed)
        leave = StartCareLeave(stay_id=stay.id, reason=LeaveReason.HOSPITAL, left_on=date(2015, 11, 5))
        w.given(stay).when(leave).then(Stay.LeaveStarted, Bed.Held)
        early = date(2015, 11, 4)
        w.given(stay).when(EndCareLeave(stay_id=stay.id, back_on=early)).refused("不能早于外出日期")
        longer = ConfirmBedHold(bed_id=w.bed.id, reason="仍在住院", release_by=date(2015, 12, 31))
        w.given(stay).when(longer).then(Bed.HoldConfirmed)
        with pytest.raises(RuleViolated, match="未满"):
            w.bed.release(
                on("2015-12-30"), person_id=w.who.id, reason=ReleaseReason.HOLD_OVER, effective_on=date(2015, 12, 30)
            )
        w.given(stay).when(EndCareLeave(stay_id=stay.id, back_on=TODAY)).then(Stay.LeaveEnded, Bed.Occupied)
        assert w.bed.state is BedState.OCCUPIED

    def test_a_bed_freed_on_day_31_is_not_there_any_more(self) -> None:
        w = World()
        stay = staying(w.who, w.home, w.bed)
        leave = StartCareLeave(stay_id=stay.id, reason=LeaveReason.HOSPITAL, left_on=date(2015, 11, 5))
        w.given(stay).when(leave).then(Stay.LeaveStarted, Bed.Held)
        w.bed.release(on("2015-12-06"), person_id=w.who.id, reason=ReleaseReason.HOLD_OVER, effective_on=TODAY)
        assert w.bed.state is BedState.CLEANING
        w.given(stay).when(EndCareLeave(stay_id=stay.id, back_on=TODAY)).refused("原床位已腾出")

    @examples(st.lists(st.integers(1, 40), min_size=1, max_size=6))
    def test_days_in_the_house_are_those_of_neither_coming_going_nor_leave(self, steps: list[int]) -> None:
        home, who = facility(), elder()
        stay, day = staying(who, home, bed(home), "2015-01-10"), date(2015, 1, 10)
        away: set[date] = set()
        for place, days in enumerate(steps):
            left, day = day + timedelta(days=1), day + timedelta(days=1 + days)
            if place % 2 == 0:
                stay.report_state(on(str(left)), state=StayState.AWAY, effective_on=left)
                stay.report_state(on(str(day)), state=StayState.ADMITTED, effective_on=day)
                away |= {left + timedelta(days=n) for n in range(days + 1)}
        end = day + timedelta(days=3)
        stay.discharge(on(str(end)), reason=DischargeReason.HOME, effective_on=end)
        for n in range((end - date(2015, 1, 1)).days + 5):
            on_day = date(2015, 1, 1) + timedelta(days=n)
            assert stay.there_on(on_day) == (date(2015, 1, 10) < on_day < end and on_day not in away)


class TestDischarge:
    @pytest.mark.parametrize(
        ("reason", "freed"),
        [
            (DischargeReason.HOME, ReleaseReason.DISCHARGE),
            (DischargeReason.TRANSFER, ReleaseReason.DISCHARGE),
            (DischargeReason.DEATH, ReleaseReason.DEATH),
        ],
    )
    def test_frees_the_bed_on_the_same_day(self, reason: DischargeReason, freed: ReleaseReason) -> None:
        w = World()
        stay = staying(w.who, w.home, w.bed)
        gone = DischargeFromCare(stay_id=stay.id, reason=reason, discharged_on=date(2015, 12, 9))
        w.given(stay).when(gone).then(Stay.Discharged, Bed.Released, reason=freed, effective_on=date(2015, 12, 9))
        assert w.bed.state is BedState.CLEANING
        w.given(stay).when(gone).refused("不能重复登记")
        w.given().when(ReadyBed(bed_id=w.bed.id)).then(Bed.Readied)
        w.given().when(ReadyBed(bed_id=w.bed.id)).refused("无需恢复")

    def test_a_death_may_end_it_twice(self) -> None:
        w = World()
        stay = staying(w.who, w.home, w.bed)
        for _ in range(2):
            stay.discharge(on("2015-12-10"), reason=DischargeReason.DEATH, effective_on=TODAY)
            w.bed.release(on("2015-12-10"), person_id=w.who.id, reason=ReleaseReason.DEATH, effective_on=TODAY)
        assert (len([*stay.pending_events]), len([*w.bed.pending_events])) == (2, 3)
        assert_replays(stay)
        assert_replays(w.bed)

    def test_a_false_death_is_taken_back_into_a_free_bed(self) -> None:
        w = World()
        stay = staying(w.who, w.home, w.bed)
        gone = DischargeFromCare(stay_id=stay.id, reason=DischargeReason.DEATH, discharged_on=TODAY)
        w.given(stay).when(gone).then(Stay.Discharged, Bed.Released)
        back = ReverseDischarge(stay_id=stay.id, bed_id=w.other.id, reason="误报死亡")
        stay = w.given(stay).when(back).then(Stay.Reinstated, Stay.BedChanged, Bed.Occupied)
        assert (stay.state, stay.discharged_on, stay.bed_id) == (StayState.ADMITTED, None, w.other.id)

    def test_not_before_admission_nor_tomorrow(self) -> None:
        w = World()
        stay = staying(w.who, w.home, w.bed)
        for day in (date(2015, 10, 31), date(2015, 12, 11)):
            gone = DischargeFromCare(stay_id=stay.id, reason=DischargeReason.HOME, discharged_on=day)
            w.given(stay).when(gone).refused("与今天之间")


class TestBeds:
    def test_another_bed_of_the_same_house(self) -> None:
        w, second = World(), facility(name="礼乐养老院")
        far = bed(second)
        stay = staying(w.who, w.home, w.bed)
        w.given(stay, far).when(ChangeCareBed(stay_id=stay.id, bed_id=far.id)).refused("同一机构")
        moved = w.given(stay).when(ChangeCareBed(stay_id=stay.id, bed_id=w.other.id))
        moved.then(Stay.BedChanged, Bed.Occupied, Bed.Released, reason=ReleaseReason.CHANGED_BED)
        assert (w.bed.state, w.other.state) == (BedState.CLEANING, BedState.OCCUPIED)

    def test_one_reservation_a_person_and_it_can_be_given_up(self) -> None:
        w = World()
        reserve = ReserveBed(bed_id=w.bed.id, person_id=w.who.id)
        w.given().when(reserve).then(Bed.Reserved, release_by=date(2015, 12, 17))
        w.given().when(ReserveBed(bed_id=w.other.id, person_id=w.who.id)).refused("已有一张床位")
        w.given().when(CancelReservation(bed_id=w.bed.id)).then(Bed.Released)
        assert w.bed.state is BedState.AVAILABLE
        w.given().when(CancelReservation(bed_id=w.bed.id)).refused("没有预订可以取消")

    def test_a_bed_in_use_is_not_taken_out(self) -> None:
        w = World()
        w.given().when(TakeBedOut(bed_id=w.other.id, reason="维修")).then(Bed.TakenOut)
        w.given().when(admit(w.who, w.other)).refused("现为“停用”")
        w.bed.occupy(on("2015-12-01"), person_id=w.who.id, effective_on=TODAY, by="village")
        w.given().when(TakeBedOut(bed_id=w.bed.id, reason="维修")).refused("腾床后才能停用")

    def test_facts_give_it_twice_and_each_leaves_for_themselves(self) -> None:
        one, two, known = uuid4(), uuid4(), bed(facility())
        for who in (one, two, one):
            known.report_occupied(on("2015-12-01"), person_id=who, effective_on=date(2015, 12, 1))
        assert known.persons == (one, two)
        day = date(2015, 12, 3)
        known.report_held(on("2015-12-02"), person_id=two, reason=LeaveReason.HOSPITAL, effective_on=day)
        known.report_released(on("2015-12-03"), person_id=one, reason=ReleaseReason.DISCHARGE, effective_on=day)
        assert (known.persons, known.state, known.release_by) == ((two,), BedState.HELD, None)
        known.report_released(on("2015-12-03"), person_id=uuid4(), reason=ReleaseReason.DEATH, effective_on=day)
        known.report_released(on("2015-12-03"), person_id=two, reason=ReleaseReason.DEATH, effective_on=day)
        assert known.state is BedState.CLEANING
        assert_replays(known)

    @examples(st.lists(st.tuples(st.sampled_from("rohbxcw"), st.integers(0, 2)), max_size=30))
    def test_decisions_never_give_a_bed_to_two(self, steps: list[tuple[str, int]]) -> None:
        people, known, at = [uuid4() for _ in range(3)], bed(facility()), on("2015-12-10")
        for what, whose in steps:
            who: Any = {"person_id": people[whose], "by": "village"}
            acts = {
                "r": lambda who=who: known.reserve(at, release_by=TODAY, **who),
                "o": lambda who=who: known.occupy(at, effective_on=TODAY, **who),
                "h": lambda who=who: known.hold(
                    at, reason=LeaveReason.HOME, effective_on=TODAY, release_by=TODAY, **who
                ),
                "b": lambda who=who: known.take_back(at, effective_on=TODAY, **who),
                "x": lambda who=who: known.release(at, reason=ReleaseReason.DISCHARGE, effective_on=TODAY, **who),
                "c": lambda who=who: known.ready(at, by="village"),
                "w": lambda who=who: known.take_out(at, reason="维修", by="village"),
            }
            with contextlib.suppress(RuleViolated):
                acts[what]()
            theirs = known.state in (BedState.RESERVED, BedState.OCCUPIED, BedState.HELD)
            assert len(known.persons) == int(theirs)
        assert_replays(known)


class TestDayCare:
    def test_takes_no_bed_and_is_not_for_residents(self) -> None:
        w, centre = World(), facility(FacilityKind.DAY_CARE, name="外海日间照料中心")
        enrol = EnrolDayCare(
            person_id=w.who.id, facility_id=centre.id, enrolment_no="D1", enrolled_on=date(2015, 12, 1)
        )
        stay = given(centre, w.who).when(enrol).then(Stay.Created, kind=StayKind.DAY_CARE, bed_id=None)
        given(centre, w.who, stay).when(enrol).refused("已在一处登记日间照料")
        w.given(centre, staying(w.who, w.home, w.bed)).when(enrol).refused("不能同时在两处")
        assert not stay.resident
        assert not stay.there_on(date(2015, 12, 5))

    def test_not_in_a_warehouse(self) -> None:
        w, store = World(), facility(FacilityKind.WAREHOUSE, name="仓库")
        enrol = EnrolDayCare(person_id=w.who.id, facility_id=store.id, enrolment_no="D1", enrolled_on=TODAY)
        w.given(store).when(enrol).refused("不提供日间照料")


class TestStayFacts:
    def test_a_source_says_how_it_stands(self) -> None:
        home, who = facility(), uuid4()
        stay = Stay.admit(
            stay_id(home.id, "X1"),
            on("2015-01-10"),
            person_id=who,
            facility_id=home.id,
            admission_no="X1",
            kind=StayKind.RESIDENT,
            payer=Payer.SELF,
            division_code=VILLAGE,
            effective_on=date(2015, 1, 10),
            state=StayState.REGISTERED,
        )
        day = date(2015, 2, 1)
        for state in (StayState.ADMITTED, StayState.ADMITTED, StayState.AWAY, StayState.DISCHARGED, StayState.AWAY):
            stay.report_state(on("2015-02-01"), state=state, effective_on=day)
        kinds = [type(event).__name__ for event in stay.pending_events]
        assert kinds == ["Created", "Began", "LeaveStarted", "Discharged", "Reinstated"]
        assert stay.state is StayState.AWAY
        assert bed_id(home.id, " ２０１ ") == bed_id(home.id, "201")
        assert_replays(stay)


class TestWhatLapses:
    def test_a_hold_past_its_day_alerts_once_and_frees_nothing(self) -> None:
        known, who = bed(facility()), uuid4()
        known.occupy(on("2015-11-01"), person_id=who, effective_on=date(2015, 11, 1), by="village")
        held: dict[str, Any] = {"reason": LeaveReason.HOSPITAL, "effective_on": date(2015, 11, 1), "by": "village"}
        known.hold(on("2015-11-01"), person_id=who, release_by=date(2015, 12, 2), **held)
        assert known.lapses_at == start_of(date(2015, 12, 3))
        known.lapse(on("2015-12-02"))
        assert not known.overdue
        for _ in range(2):
            known.lapse(on("2015-12-03"))
        assert [type(e).__name__ for e in known.pending_events] == ["Created", "Occupied", "Held", "HoldOverdue"]
        assert (known.state, known.persons, known.lapses_at) == (BedState.HELD, (who,), None)
        known.confirm_hold(on("2015-12-04"), reason="仍在住院", release_by=date(2015, 12, 20), by="village")
        assert known.lapses_at == start_of(date(2015, 12, 21))
        assert_replays(known)

    def test_a_reservation_nobody_came_for_is_over(self) -> None:
        known = bed(facility())
        known.reserve(on("2015-12-01"), person_id=uuid4(), release_by=date(2015, 12, 8), by="village")
        known.lapse(on("2015-12-09"))
        assert (known.state, known.persons) == (BedState.AVAILABLE, ())
        assert_replays(known)

    def test_what_a_source_reported_never_lapses(self) -> None:
        known, who = bed(facility()), uuid4()
        known.report_held(on("2015-01-05"), person_id=who, reason=LeaveReason.OTHER, effective_on=date(2015, 1, 5))
        assert known.lapses_at is None
        known.lapse(on("2015-12-09"))
        assert known.state is BedState.HELD
