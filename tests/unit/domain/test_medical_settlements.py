"""Settlements at a hospital's window: shown, booked once, unknown, reversed, cancelled, and later ones made anew."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from domain.codes import (
    AccumulatorCause,
    FindingRule,
    InsuranceType,
    MaCategory,
    MedType,
    SettlementCancelReason,
    SettlementState,
)
from domain.errors import NotFound, RuleViolated
from domain.findings import Finding
from domain.kernel import tags_of
from domain.medical import Accumulator, MedicalCategory, MedicalVisit, Settlement
from domain.medical.commands import (
    CancelSettlement,
    ConfirmSettlement,
    DropSettlement,
    PreSettleBill,
    ReportSettlementUnknown,
    ReverseSettlement,
    SettleBill,
)
from domain.medical.resettling import Undone, give_back, next_number
from domain.medical.settlement import day_tag
from domain.medical.split import Bill, Printed, Split, Used, imbalance
from tests.unit.domain.medical_samples import (
    DESK,
    EXAMPLE,
    OTHER_DESK,
    TODAY,
    admitted,
    categories,
    discharged,
    hospital,
    opened,
    result,
    settled,
    shown,
    year_of,
)
from tests.unit.domain.samples import PARAMETERS, on
from tests.unit.domain.specification import CLERK, NOW, Given, assert_replays, given

PLACE = hospital()
PERSON = uuid4()


def settle(settlement: Settlement, **fields: Any) -> SettleBill:
    """The statement that the hospital prints of what was shown."""
    printed = {**Printed.of(settlement.split)._asdict(), **fields}
    return SettleBill(settlement_id=settlement.id, **printed)


class TestPreSettling:
    def world(self, **fields: Any) -> tuple[Given, MedicalVisit]:
        visit = discharged(PLACE, PERSON)
        return given(PLACE, visit, categories(PERSON)), visit

    def test_shows_every_part_and_books_nothing(self) -> None:
        world, visit = self.world()
        command = PreSettleBill(visit_id=visit.id, settlement_no="S1")
        made = world.when(command, by=DESK).then(
            Settlement.Created,
            Settlement.PreSettled,
            split=Split(basic_fen=1_905_000, assistance_fen=486_500, cash_fen=608_500),
            used=Used(),
            settled_on=TODAY,
        )
        assert (made.state, made.booked) == (SettlementState.PRE_SETTLED, False)
        assert made.computed is not None
        assert made.computed.parameters

    def test_may_be_done_again_with_what_others_pay(self) -> None:
        _, visit = self.world()
        first = shown(visit)
        again = PreSettleBill(visit_id=visit.id, settlement_no="S1", hospital_fen=100_000, account_fen=1_000)
        made = given(PLACE, visit, first).when(again, by=DESK).then(Settlement.PreSettled)
        assert (made.split.hospital_fen, made.split.account_fen, made.split.cash_fen) == (100_000, 1_000, 507_500)

    def test_needs_expenses_and_a_number_of_its_own(self) -> None:
        bare = admitted(PLACE, PERSON)
        given(PLACE, bare).when(PreSettleBill(visit_id=bare.id, settlement_no="S1"), by=DESK).refused("尚未上传费用")
        world, visit = self.world()
        world.when(PreSettleBill(visit_id=visit.id, settlement_no=" "), by=DESK).refused("结算ID")
        other = discharged(PLACE, PERSON, "J2")
        taken = given(PLACE, visit, other, shown(other))
        taken.when(PreSettleBill(visit_id=visit.id, settlement_no="S1"), by=DESK).refused("已用于另一次就诊")

    def test_is_blocked_while_the_category_is_held_unless_the_patient_was_in_before(self) -> None:
        visit = discharged(PLACE, PERSON)
        held = categories(PERSON)
        held.hold(on("2015-11-20"), reason="个案复核中")
        command = PreSettleBill(visit_id=visit.id, settlement_no="S1")
        given(PLACE, visit, held).when(command, by=DESK).refused("暂停使用（个案复核中）")
        later = categories(PERSON)
        later.hold(on("2015-12-05"), reason="个案复核中")
        given(PLACE, visit, later).when(command, by=DESK).then(Settlement.Created, Settlement.PreSettled)

    def test_is_this_hospital_s_window_s_alone(self) -> None:
        world, visit = self.world()
        command = PreSettleBill(visit_id=visit.id, settlement_no="S1")
        world.when(command, by=OTHER_DESK).refused("不属于您所在的医院", NotFound)
        world.when(command, by=CLERK).then(Settlement.Created, Settlement.PreSettled)


class TestSettling:
    def test_books_what_was_shown_with_the_year_in_one_go(self) -> None:
        visit = discharged(PLACE, PERSON)
        first = shown(visit)
        outcome = given(PLACE, visit, first).when(settle(first), by=DESK)
        made = outcome.then(Settlement.Made, Accumulator.Created, Accumulator.Changed, used=first.uses)
        event = outcome.events[0]
        assert isinstance(event, Settlement.Made)
        assert (event.infno, event.large_share, event.booked_on) == ("2304", False, TODAY)
        assert day_tag(PLACE.id, TODAY) in tags_of(made, event)

    def test_of_an_outpatient_has_its_own_number_and_needs_no_discharge(self) -> None:
        visit = discharged(PLACE, PERSON)
        visit.med_type = MedType.CHRONIC
        first = shown(visit)
        outcome = given(PLACE, visit, first).when(settle(first), by=DESK)
        assert outcome.error is None
        assert outcome.events[0].infno == "2207"  # type: ignore[attr-defined]

    def test_is_booked_once_however_often_it_comes(self) -> None:
        visit, year = discharged(PLACE, PERSON), year_of(PERSON)
        first = settled(visit, year=year)
        world = given(PLACE, visit, first, year)
        assert world.when(settle(first), by=DESK).events == ()
        world.when(settle(first, person_fen=0, funds_fen=first.split.total_fen), by=DESK).refused("金额与此次提交不同")

    def test_refuses_parts_that_do_not_add_up(self) -> None:
        visit = discharged(PLACE, PERSON)
        first = shown(visit)
        world = given(PLACE, visit, first)
        world.when(settle(first, person_fen=608_499), by=DESK).refused("相差 -1 分")
        moved = settle(first, person_fen=608_400, funds_fen=first.split.funds_fen + 100)
        world.when(moved, by=DESK).refused("与预结算不一致")

    def test_refuses_what_the_patient_was_not_told(self) -> None:
        visit, year = discharged(PLACE, PERSON), year_of(PERSON)
        first = shown(visit)
        year.book(on("2015-12-10"), source_id=uuid4(), uses=Used(assistance_fen=7_900_000))
        given(PLACE, visit, first, year).when(settle(first), by=DESK).refused("重新预结算并告知患者")
        world = given(PLACE, visit, shown(discharged(PLACE, PERSON)))
        tomorrow = world.when(settle(first), by=DESK, now=NOW + timedelta(days=1))
        tomorrow.refused("预结算是 2015-12-10 的")

    def test_waits_for_the_discharge_of_a_stay(self) -> None:
        visit = admitted(PLACE, PERSON)
        first = opened(visit)
        first.show(NOW, outcome=result(first, EXAMPLE, Used()), settled_on=TODAY, by=DESK.name)
        given(PLACE, visit, first).when(settle(first), by=DESK).refused("尚未办理出院")

    def test_of_a_visit_there_is_one(self) -> None:
        visit, year = discharged(PLACE, PERSON), year_of(PERSON)
        first, second = settled(visit, year=year), shown(visit, "S2", used=year.used)
        world = given(PLACE, visit, first, second, year)
        world.when(settle(second), by=DESK).refused("已有结算 S1（已结算）")
        world.when(PreSettleBill(visit_id=visit.id, settlement_no="S3"), by=DESK).refused("已有结算 S1")

    def test_a_source_s_settlement_that_does_not_add_up_is_recorded(self) -> None:
        made = opened(discharged(PLACE, PERSON))
        wrong = result(made, EXAMPLE, Used())._replace(split=Split(basic_fen=100), computed=None)
        made.report_made(NOW, outcome=wrong, by="来源")
        made.report_made(NOW, outcome=wrong, by="来源")
        assert (made.state, made.booked) == (SettlementState.SETTLED, True)
        assert imbalance(made.bill, made.split) == 100 - EXAMPLE.total_fen
        assert_replays(made)


class TestUnknownResults:
    def test_are_to_be_looked_into_in_time(self) -> None:
        visit, year = discharged(PLACE, PERSON), year_of(PERSON)
        first = settled(visit, year=year)
        command = ReportSettlementUnknown(settlement_id=first.id, message_no="M1")
        world = given(PLACE, visit, first, year)
        world.when(command, by=DESK).then(Settlement.MarkedUnknown, reverse_by=date(2015, 12, 11), infno="2304")
        world.when(PreSettleBill(visit_id=visit.id, settlement_no="S2"), by=DESK).refused("结果不明")

    def test_booked_ones_are_confirmed_or_reversed(self) -> None:
        visit, year = discharged(PLACE, PERSON), year_of(PERSON)
        first = settled(visit, year=year)
        first.mark_unknown(NOW, message_no="M1", by=DESK.name, reverse_by=TODAY)
        confirm = ConfirmSettlement(settlement_id=first.id, note="医院补查已收到应答")
        made = given(PLACE, visit, first, year).when(confirm, by=DESK).then(Settlement.Confirmed)
        assert made.state is SettlementState.SETTLED
        first.mark_unknown(NOW, message_no="M2", by=DESK.name, reverse_by=TODAY)
        reverse = ReverseSettlement(settlement_id=first.id, message_no="M2")
        outcome = given(PLACE, visit, first, year).when(reverse, by=DESK)
        outcome.then(Settlement.Reversed, Accumulator.Changed, cause=AccumulatorCause.REVERSED, used=Used())
        assert first.fund_on(TODAY) == 0

    def test_what_was_not_booked_is_reversed_without_a_trace_in_the_year(self) -> None:
        visit = discharged(PLACE, PERSON)
        first = shown(visit)
        first.mark_unknown(NOW, message_no="M1", by=DESK.name, reverse_by=TODAY)
        world = given(PLACE, visit, first)
        world.when(ConfirmSettlement(settlement_id=first.id, note="x"), by=DESK).refused("没有入账")
        world.when(ReverseSettlement(settlement_id=first.id, message_no=" "), by=DESK).refused("报文号")
        reverse = ReverseSettlement(settlement_id=first.id, message_no="M1")
        world.when(reverse, by=DESK).then(Settlement.Reversed, was_booked=False)
        assert first.cancelled_on is None
        again = PreSettleBill(visit_id=visit.id, settlement_no="S2")
        given(PLACE, visit, first).when(again, by=DESK).then(Settlement.Created, Settlement.PreSettled)

    def test_nothing_is_confirmed_or_reversed_that_is_certain(self) -> None:
        visit, year = discharged(PLACE, PERSON), year_of(PERSON)
        first = settled(visit, year=year)
        world = given(PLACE, visit, first, year)
        world.when(ConfirmSettlement(settlement_id=first.id, note="x"), by=DESK).refused("不能确认")
        world.when(ReverseSettlement(settlement_id=first.id, message_no="M"), by=DESK).refused("不能冲正")


class TestCancelling:
    def cancel(self, settlement: Settlement) -> CancelSettlement:
        return CancelSettlement(settlement_id=settlement.id, reason=SettlementCancelReason.WRONG_FEES)

    def test_gives_back_deductible_and_cap_and_waits_for_another(self) -> None:
        visit, year = discharged(PLACE, PERSON), year_of(PERSON)
        first = settled(visit, year=year)
        made = (
            given(PLACE, visit, first, year)
            .when(self.cancel(first), by=DESK)
            .then(Settlement.Cancelled, Accumulator.Changed, used=Used(), uses=Used().minus(first.uses))
        )
        assert (made.state, made.fund_on(TODAY)) == (SettlementState.CANCELLED, 0)
        assert year.entries == ()

    def test_the_next_settlement_of_the_visit_takes_its_place_and_its_day(self) -> None:
        visit, year = discharged(PLACE, PERSON), year_of(PERSON)
        first = settled(visit, year=year)
        first.cancel(NOW, reason=SettlementCancelReason.WRONG_FEES, reissue_by=TODAY, by=DESK.name)
        year.restore(NOW, source_id=first.id, cause=AccumulatorCause.CANCELLED)
        later = on("2016-01-05")
        again = PreSettleBill(visit_id=visit.id, settlement_no="S2")
        second = given(PLACE, visit, first, year).when(again, by=DESK, now=later).aggregates[0]
        assert isinstance(second, Settlement)
        assert (second.replaces_id, second.settled_on, second.year) == (first.id, TODAY, 2015)
        outcome = given(PLACE, visit, first, second, year).when(settle(second), by=DESK, now=later)
        outcome.then(Settlement.Made, Accumulator.Changed, Settlement.Reissued, replaced_by=second.id)
        assert (first.state, year.used) == (SettlementState.RE_SETTLED, second.uses)
        assert second.booked_on == date(2016, 1, 5)

    def test_is_refused_for_what_does_not_count(self) -> None:
        visit = discharged(PLACE, PERSON)
        first = shown(visit)
        given(PLACE, visit, first).when(self.cancel(first), by=DESK).refused("不能撤销")
        ours = CancelSettlement(settlement_id=first.id, reason=SettlementCancelReason.EARLIER_CANCELLED)
        given(PLACE, visit, first).when(ours, by=DESK).refused("由系统登记")

    def test_may_be_left_at_that(self) -> None:
        visit, year = discharged(PLACE, PERSON), year_of(PERSON)
        first = settled(visit, year=year)
        drop = DropSettlement(settlement_id=first.id, reason="患者自费")
        given(PLACE, visit, first, year).when(drop, by=DESK).refused("不能登记为不再结算")
        given(PLACE, visit, first, year).when(self.cancel(first), by=DESK)
        given(PLACE, visit, first, year).when(DropSettlement(settlement_id=first.id, reason=" "), by=DESK).refused(
            "原因"
        )
        made = given(PLACE, visit, first, year).when(drop, by=DESK).then(Settlement.Dropped)
        assert made.state is SettlementState.DROPPED
        anew = PreSettleBill(visit_id=visit.id, settlement_no="S2")
        second = given(PLACE, visit, first, year).when(anew, by=DESK).aggregates[0]
        assert isinstance(second, Settlement)
        assert second.replaces_id is None

    def test_later_ones_that_come_out_otherwise_are_made_anew(self) -> None:
        """Deductible 2,000 yuan: the first bill used it, so without the first the second has to."""
        year, bill = year_of(PERSON), Bill(1_500_000, 1_200_000)
        visits = [discharged(PLACE, PERSON, f"J{n}", bill, MaCategory.MARGIN) for n in (1, 2, 3)]
        first, second, third = (settled(visit, f"S{n}", bill, year) for n, visit in enumerate(visits, 1))
        assert (first.uses.deductible_fen, second.uses.deductible_fen) == (200_000, 0)
        world = given(PLACE, *visits, first, second, third, year)
        outcome = world.when(self.cancel(first), by=DESK)
        names = [type(event).__name__ for event in outcome.events]
        assert names == ["Cancelled", "Cancelled", "Reissued", "Created", "Made", "Changed", "Changed", "Changed"]
        made = outcome.aggregates[2]
        assert isinstance(made, Settlement)
        assert (made.settlement_no, made.replaces_id, made.uses.deductible_fen) == ("S2-R1", second.id, 200_000)
        assert (second.state, third.state) == (SettlementState.RE_SETTLED, SettlementState.SETTLED)
        assert year.used == made.uses.plus(third.uses)
        assert [entry.source_id for entry in year.entries] == [made.id, third.id]

    def test_what_a_source_reported_keeps_its_parts(self) -> None:
        year, visits = year_of(PERSON), [discharged(PLACE, PERSON, f"J{n}") for n in (1, 2)]
        first, second = (settled(visit, f"S{n}", year=year) for n, visit in enumerate(visits, 1))
        second.computed = None
        undone = self.undo(first, year, {second.id: second})
        assert (undone.changed, undone.affected) == ((year,), ()), "no deductible and no cap: nothing to look at"

    def test_what_cannot_be_made_anew_becomes_a_finding_where_it_matters(self) -> None:
        year, bill = year_of(PERSON), Bill(1_500_000, 1_200_000)
        visits = [discharged(PLACE, PERSON, f"J{n}", bill, MaCategory.MARGIN) for n in (1, 2)]
        first, second = (settled(visit, f"S{n}", bill, year) for n, visit in enumerate(visits, 1))
        second.computed = None
        claim = uuid4()
        year.book(
            NOW + timedelta(hours=1), source_id=claim, uses=Used(assistance_fen=5), cause=AccumulatorCause.CLAIMED
        )
        world = given(PLACE, *visits, first, second, year)
        outcome = world.when(self.cancel(first), by=DESK)
        outcome.then(
            *(Settlement.Cancelled, Accumulator.Changed, Finding.Created, Finding.Created),
            rule=FindingRule.MEDICAL_LATER,
            person_id=PERSON,
        )
        details = [event.detail for event in outcome.events if isinstance(event, Finding.Created)]
        assert [str(id) in detail for id, detail in zip((second.id, claim), details, strict=True)] == [True, True]

    def undo(self, settlement: Settlement, year: Accumulator, others: dict[UUID, Settlement]) -> Undone:
        return give_back(
            NOW,
            settlement=settlement,
            year=year,
            others=others,
            parameters=PARAMETERS,
            cause=AccumulatorCause.CANCELLED,
            by=DESK.name,
        )

    def test_numbers_of_those_made_anew(self) -> None:
        assert [next_number(n) for n in ("S2", "S2-R1", "A-R9", "X-Rx")] == ["S2-R1", "S2-R2", "A-R10", "X-Rx-R1"]


class TestTheYear:
    @drawn(
        st.lists(st.tuples(st.integers(1, 20_000_000), st.integers(0, 100)), min_size=1, max_size=5),
        st.data(),
        st.sampled_from([MaCategory.DIBAO, MaCategory.MARGIN]),
    )
    @settings(max_examples=60, deadline=None)
    def test_without_a_settlement_is_what_it_were_had_it_never_been(
        self, drawn_bills: list[tuple[int, int]], data: st.DataObject, category: MaCategory
    ) -> None:
        bills = [Bill(total, total * share // 100) for total, share in drawn_bills]
        gone = data.draw(st.integers(0, len(bills) - 1))
        year, made = self._year(bills, category)
        undone = made[gone]
        undone.cancel(NOW, reason=SettlementCancelReason.WRONG_FEES, reissue_by=None, by="x")
        others = {settlement.id: settlement for settlement in made}
        TestCancelling().undo(undone, year, others)
        never, _ = self._year([bill for n, bill in enumerate(bills) if n != gone], category)
        assert year.used == never.used
        assert [entry.uses for entry in year.entries] == [entry.uses for entry in never.entries]
        assert_replays(year)

    @drawn(st.lists(st.tuples(*[st.integers(0, 10**9)] * 5), min_size=1, max_size=6), st.randoms())
    def test_gives_back_exactly_what_was_used(self, uses: list[tuple[int, ...]], chance: Any) -> None:
        year, ids = year_of(PERSON), [uuid4() for _ in uses]
        for n, (id, each) in enumerate(zip(ids, uses, strict=True)):
            year.book(NOW + timedelta(minutes=n), source_id=id, uses=Used(*each))
        chance.shuffle(ids)
        for id in ids:
            year.restore(NOW, source_id=id, cause=AccumulatorCause.CANCELLED)
            year.restore(NOW, source_id=id, cause=AccumulatorCause.CANCELLED)
        assert (year.used, year.entries) == (Used(), ())
        assert_replays(year)

    def test_books_nothing_twice(self) -> None:
        year, id = year_of(PERSON), uuid4()
        year.book(NOW, source_id=id, uses=Used(1))
        with pytest.raises(RuleViolated, match="不能重复计入"):
            year.book(NOW, source_id=id, uses=Used(1))

    def _year(self, bills: list[Bill], category: MaCategory) -> tuple[Accumulator, list[Settlement]]:
        year, made = year_of(PERSON), []
        for n, bill in enumerate(bills):
            visit = admitted(PLACE, PERSON, f"J{n}", insurance=InsuranceType.RESIDENT)
            one = opened(visit, f"S{n}")
            at = NOW + timedelta(minutes=n)
            outcome = result(one, bill, year.used, category)
            one.show(at, outcome=outcome, settled_on=TODAY, by="x")
            one.settle(at, outcome=outcome, printed=Printed.of(outcome.split), by="x")
            year.book(at, source_id=one.id, uses=outcome.uses)
            made.append(one)
        return year, made


def test_categories_are_found_by_the_person_alone() -> None:
    assert categories(PERSON).id == MedicalCategory.id_for(PERSON)
