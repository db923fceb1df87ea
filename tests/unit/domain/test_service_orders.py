"""Services at home: who gets them, whose hours they use, and what is paid for them; other support."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from domain.access import Actor, RoleCode
from domain.care import PurchasedHours, ServiceOrder, SupportService
from domain.care.commands import (
    AcceptOrder,
    ApproveOrder,
    CancelOrder,
    CheckIn,
    CheckOut,
    ConfirmOrder,
    CorrectSupportService,
    DispatchOrder,
    MissOrder,
    OrderService,
    RecordSupportService,
    ResumeOrder,
    SettleOrder,
    SuspendOrder,
    VoidSupportService,
)
from domain.care.hours import hours_id
from domain.clock import at
from domain.codes import (
    ConfirmedBy,
    FacilityKind,
    FundSource,
    GuaranteedGroup,
    HomeService,
    OrderEnd,
    OrderState,
    Payer,
    ServiceRating,
    SupportKind,
)
from domain.errors import RuleViolated
from tests.unit.domain.care_samples import TODAY, bed, effective, elder, facility, order
from tests.unit.domain.samples import on
from tests.unit.domain.specification import CLERK, assert_replays, given
from tests.unit.domain.test_beds_and_stays import staying

STATION = facility(FacilityKind.HOME_STATION, name="麻三居家养老服务站")
APPROVER = Actor("批准", RoleCode.STREET_OFFICER, "440704004")
FINANCE = Actor("财务", RoleCode.FINANCE_OFFICER, "440704")


def ordering(who: UUID, **fields: Any) -> OrderService:
    given_ = {"service": HomeService.BATH, "unit_count": 2, "unit_minutes": 60, "price_fen": 3_000}
    return OrderService(**{**given_, "person_id": who, "facility_id": STATION.id, "planned_on": TODAY, **fields})


class TestOrdering:
    def test_what_people_pay_themselves_needs_nothing_else(self) -> None:
        who = elder()
        given(who, STATION).when(ordering(who.id)).then(ServiceOrder.Created, payer=Payer.SELF, drafted_by="district")

    def test_government_buys_for_the_guaranteed_by_time(self) -> None:
        who = elder()
        bought: dict[str, Any] = {"payer": Payer.GOVERNMENT, "guaranteed_as": GuaranteedGroup.THREE_NO}
        given(who, STATION).when(ordering(who.id, **bought)).refused("须有有效的能力评估结果")
        known = effective(who)
        given(who, STATION, known).when(ordering(who.id, unit_minutes=0, **bought)).refused("填写每单位服务时长")
        given(who, STATION, known).when(ordering(who.id, **bought)).then(ServiceOrder.Created)

    def test_not_for_who_lives_in_an_institution(self) -> None:
        who, home = elder(), facility()
        stay = staying(who, home, bed(home))
        given(who, STATION, stay).when(ordering(who.id)).refused("在养老机构入住")

    def test_not_for_yesterday_or_nothing(self) -> None:
        who = elder()
        given(who, STATION).when(ordering(who.id, planned_on=date(2015, 12, 9))).refused("不能早于今天")
        given(who, STATION).when(ordering(who.id, unit_count=0)).refused("大于 0")


class TestHours:
    def test_approved_by_another_hand_within_the_hours_of_the_month(self) -> None:
        who = elder()
        first = order(who, STATION, unit_count=12)
        done = given(who, first).when(ApproveOrder(order_id=first.id), APPROVER)
        first = done.then(ServiceOrder.Approved, PurchasedHours.Created, PurchasedHours.Promised, used_minutes=720)
        hours = done.aggregates[1]
        over = order(who, STATION, unit_count=9)
        given(who, first, over, hours).when(ApproveOrder(order_id=over.id), APPROVER).refused("共 1260 分钟")
        fits = order(who, STATION, unit_count=8)
        done = given(who, first, over, fits, hours).when(ApproveOrder(order_id=fits.id), APPROVER)
        done.then(ServiceOrder.Approved, PurchasedHours.Promised, used_minutes=1_200, quota_minutes=1_200)

    def test_a_new_month_has_its_own_and_what_was_cancelled_uses_nothing(self) -> None:
        who = elder()
        january = order(who, STATION, unit_count=20, planned_on=date(2016, 1, 4))
        full = order(who, STATION, unit_count=20)
        done = given(who, full, january).when(ApproveOrder(order_id=full.id), APPROVER)
        hours = done.aggregates[1]
        given(who, full, january, hours).when(ApproveOrder(order_id=january.id), APPROVER).then(
            ServiceOrder.Approved, PurchasedHours.Created, PurchasedHours.Promised
        )
        full.cancel(on("2015-12-10"), reason=OrderEnd.WITHDRAWN, effective_on=TODAY)
        next_ = order(who, STATION, unit_count=20)
        given(who, full, next_, hours).when(ApproveOrder(order_id=next_.id), APPROVER).then(
            ServiceOrder.Approved, PurchasedHours.Promised, used_minutes=1_200
        )
        assert hours.id == hours_id(who.id, "2015-12")

    def test_nobody_approves_their_own(self) -> None:
        one = order(elder(), STATION)
        drafter = Actor("village", RoleCode.STREET_OFFICER, "440704004")
        given(one).when(ApproveOrder(order_id=one.id), drafter).refused("不能是同一人")
        own = order(elder(), STATION, Payer.SELF)
        given(own).when(ApproveOrder(order_id=own.id), drafter).then(ServiceOrder.Approved, month_minutes=0)

    @examples(st.lists(st.tuples(st.integers(1, 12), st.booleans()), max_size=12))
    def test_never_more_than_the_quota_is_promised(self, steps: list[tuple[int, bool]]) -> None:
        who, quota = elder(), 600
        hours = PurchasedHours.open(on("2015-12-10"), person_id=who.id, month="2015-12", division_code="440704004203")
        orders: list[ServiceOrder] = []
        for units, cancelled in steps:
            one = order(who, STATION, unit_count=units)
            try:
                used = hours.promise(on("2015-12-10"), order=one, others=orders, quota_minutes=quota)
            except RuleViolated:
                continue
            one.approve(on("2015-12-10"), month_minutes=used, by="other")
            if cancelled:
                one.cancel(on("2015-12-10"), reason=OrderEnd.WITHDRAWN, effective_on=TODAY)
            orders.append(one)
            assert used <= quota
        assert sum(one.reserved_minutes for one in orders) <= quota


class TestGiving:
    def given_until(self, state: OrderState, payer: Payer = Payer.GOVERNMENT, minutes: int = 125) -> ServiceOrder:
        """An order as far as this state."""
        one = order(elder(), STATION, payer)
        start = at(TODAY, 9)
        steps: list[Any] = [
            (OrderState.APPROVED, lambda: one.approve(start, month_minutes=120, by="批准")),
            (OrderState.DISPATCHED, lambda: one.dispatch(start, worker_no="07", by="x")),
            (OrderState.ACCEPTED, lambda: one.accept(start, worker_no="07", by="x")),
            (OrderState.IN_SERVICE, lambda: one.check_in(start, place="22.5,113.1", by="x")),
            (
                OrderState.COMPLETED,
                lambda: one.check_out(start + timedelta(minutes=minutes), place=None, by="x"),
            ),
            (
                OrderState.CONFIRMED,
                lambda: one.confirm(start, rating=ServiceRating.GOOD, confirmed_by=ConfirmedBy.ELDER, by="x"),
            ),
        ]
        for reached, step in steps:
            if one.state is state:
                break
            step()
            assert one.state is reached
        return one

    def test_from_the_draft_to_the_money(self) -> None:
        one = order(elder(), STATION)
        hours_known = given(one).when(ApproveOrder(order_id=one.id), APPROVER)
        one = hours_known.then(ServiceOrder.Approved, PurchasedHours.Created, PurchasedHours.Promised)
        given(one).when(DispatchOrder(order_id=one.id, worker_no="07")).then(ServiceOrder.Dispatched)
        given(one).when(AcceptOrder(order_id=one.id, worker_no="07")).then(ServiceOrder.Accepted)
        before = at(date(2015, 12, 9), 9)
        given(one).when(CheckIn(order_id=one.id), now=before).refused("不能提前签到")
        given(one).when(CheckIn(order_id=one.id, place="22.5,113.1"), now=at(TODAY, 9)).then(ServiceOrder.CheckedIn)
        out = given(one).when(CheckOut(order_id=one.id), now=at(TODAY, 11, 5))
        out.then(ServiceOrder.Completed, minutes=125, served_units=2)
        settle = SettleOrder(order_id=one.id, invoice_no="FP-1")
        given(one).when(settle, FINANCE).refused("现为“已完成待确认”，不能结算")
        confirm = ConfirmOrder(order_id=one.id, rating=ServiceRating.GOOD, confirmed_by=ConfirmedBy.ELDER)
        given(one).when(confirm).then(ServiceOrder.Confirmed)
        given(one).when(confirm).refused("不能确认")
        given(one).when(settle, FINANCE).then(ServiceOrder.Settled, amount_fen=6_000)
        given(one).when(settle, FINANCE).refused("现为“已结算”，不能结算")

    @pytest.mark.parametrize(
        ("minutes", "units", "fen"), [(0, 0, 0), (59, 0, 0), (60, 1, 3_000), (119, 1, 3_000), (600, 2, 6_000)]
    )
    def test_whole_units_at_most_those_ordered(self, minutes: int, units: int, fen: int) -> None:
        one = self.given_until(OrderState.COMPLETED, minutes=minutes)
        assert (one.served_units, one.payable_fen) == (units, fen)

    def test_what_is_not_by_time_is_given_whole(self) -> None:
        one = order(elder(), STATION, Payer.SELF, unit_minutes=0, unit_count=3, price_fen=1_250)
        one.report_given(on("2015-12-10"), minutes=0, served_on=TODAY)
        assert (one.served_units, one.payable_fen, one.reserved_minutes) == (3, 3_750, 0)

    def test_who_approved_does_not_settle(self) -> None:
        one = self.given_until(OrderState.CONFIRMED)
        approver = Actor("批准", RoleCode.FINANCE_OFFICER, "440704")
        given(one).when(SettleOrder(order_id=one.id, invoice_no="1"), approver).refused("不能是同一人")
        given(one).when(SettleOrder(order_id=one.id, invoice_no=" "), FINANCE).refused("填写结算单号")

    def test_a_service_on_a_day_in_an_institution_is_not_paid(self) -> None:
        one, home = self.given_until(OrderState.CONFIRMED), facility()
        who = elder(id=one.person_id)
        settle = SettleOrder(order_id=one.id, invoice_no="1")
        there = staying(who, home, bed(home), "2015-12-09")
        given(one, there).when(settle, FINANCE).refused("在养老机构住养")
        that_day = staying(who, home, bed(home, "3"), "2015-12-10")
        given(one, that_day).when(settle, FINANCE).then(ServiceOrder.Settled)

    def test_missed_cancelled_suspended_and_resumed(self) -> None:
        one = self.given_until(OrderState.ACCEPTED)
        given(one).when(SuspendOrder(order_id=one.id, reason=OrderEnd.HOSPITAL)).then(ServiceOrder.Suspended)
        given(one).when(SuspendOrder(order_id=one.id, reason=OrderEnd.HOSPITAL)).refused("不能暂停")
        later = ResumeOrder(order_id=one.id, planned_on=date(2016, 1, 4))
        given(one).when(later).refused("其他月份的请另提工单")
        soon = ResumeOrder(order_id=one.id, planned_on=date(2015, 12, 20))
        given(one).when(soon).then(ServiceOrder.Resumed, state=OrderState.ACCEPTED)
        given(one).when(MissOrder(order_id=one.id, reason=OrderEnd.NO_SHOW)).refused("尚未到期")
        given(one).when(CancelOrder(order_id=one.id, reason=OrderEnd.WITHDRAWN)).then(ServiceOrder.Cancelled)
        given(one).when(CancelOrder(order_id=one.id, reason=OrderEnd.WITHDRAWN)).refused("不能取消")

    def test_a_stay_or_a_death_cancels_what_has_not_begun_and_nothing_else(self) -> None:
        for state in (OrderState.DRAFT, OrderState.APPROVED, OrderState.DISPATCHED, OrderState.ACCEPTED):
            one = self.given_until(state)
            for _ in range(2):
                one.cancel(on("2015-12-10"), reason=OrderEnd.ADMITTED, effective_on=TODAY)
            assert one.state is OrderState.CANCELLED
            assert_replays(one)
        given_ = self.given_until(OrderState.COMPLETED)
        given_.cancel(on("2015-12-10"), reason=OrderEnd.DEATH, effective_on=TODAY)
        given_.suspend(on("2015-12-10"), reason=OrderEnd.DEATH, effective_on=TODAY)
        assert given_.state is OrderState.COMPLETED

    def test_it_goes_along_with_the_person_until_it_is_over(self) -> None:
        one = self.given_until(OrderState.APPROVED)
        for _ in range(2):
            one.transfer(on("2015-12-10"), to_division_code="440704005211", moved_on=TODAY)
        assert one.division_code == "440704005211"
        assert [type(e).__name__ for e in one.pending_events].count("Transferred") == 1


class TestSupport:
    def test_given_corrected_and_voided_with_the_old_still_there(self) -> None:
        who = elder()
        ask = RecordSupportService(
            person_id=who.id,
            kind=SupportKind.DEVICE,
            item="助行器",
            provider="区残联辅具站",
            given_on=TODAY,
            cost_fen=35_000,
            fund_source=FundSource.LOTTERY,
        )
        made = given(who).when(ask).then(SupportService.Created, cost_fen=35_000)
        fix = CorrectSupportService(
            support_id=made.id, times=1, cost_fen=30_000, fund_source=FundSource.DISTRICT, reason="发票金额有误"
        )
        made = given(made).when(fix).then(SupportService.Corrected, corrects_version=1)
        void = VoidSupportService(support_id=made.id, reason="重复登记")
        made = given(made).when(void).then(SupportService.Voided)
        given(made).when(void).refused("已撤销")
        assert (made.cost_fen, made.voided) == (30_000, True)

    def test_not_from_tomorrow_and_not_for_less_than_nothing(self) -> None:
        who = elder()
        given_ = {"person_id": who.id, "kind": SupportKind.REHAB, "item": "理疗", "provider": "康复站"}
        money = {"fund_source": FundSource.CITY}
        later = RecordSupportService(**given_, **money, given_on=date(2015, 12, 11), cost_fen=1)
        given(who).when(later, CLERK).refused("不能晚于今天")
        less = RecordSupportService(**given_, **money, given_on=TODAY, cost_fen=-1)
        given(who).when(less, CLERK).refused("不能为负")


def test_a_person_has_one_stream_of_hours_a_month() -> None:
    who = uuid4()
    assert hours_id(who, "2015-12") == hours_id(who, "2015-12") != hours_id(who, "2016-01")
