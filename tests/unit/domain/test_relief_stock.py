"""Relief stock: each way a piece can go, what is refused, and that no piece is ever lost or made."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from domain.codes import ReliefItem, StockOrigin
from domain.errors import RuleViolated
from domain.relief import Stock
from domain.relief.commands import (
    AllocateStock,
    CountStock,
    DeliverStock,
    PutAwayStock,
    ReceiveStock,
    ReturnStock,
    ScrapStock,
    ShipStock,
)
from domain.relief.lots import qty
from domain.relief.norms import needs, persons_provided, shortages
from tests.unit.domain.reliefs import STREET_CODE, stock, struck
from tests.unit.domain.samples import PARAMETERS, VILLAGE
from tests.unit.domain.specification import NOW, given, history, rebuilt

PLACE: dict[str, Any] = {"facility_id": uuid4(), "item": ReliefItem.TENT}
LATER = NOW + timedelta(days=400)


class TestCourse:
    def test_from_arrival_to_the_signature(self) -> None:
        arrived = ReceiveStock(
            **PLACE, qty_count=60, unit_fen=45_000, origin=StockOrigin.PURCHASE, voucher_no="采〔2015〕7号"
        )
        made = given().when(arrived).then(Stock.Created, Stock.Received, lot_no=1, put_away=False)
        assert made.balance == 0
        world = given(made)
        world.when(PutAwayStock(**PLACE, lot_no=1, accepted_count=50, rejected_count=10, reason="破损")).then(
            Stock.PutAway, unit_fen=45_000
        )
        assert (made.balance, made.value_fen) == (50, 2_250_000)
        disaster = struck()
        world = given(made, disaster)
        out = AllocateStock(
            facility_id=PLACE["facility_id"],
            allocation_no="调1号",
            items=(ReliefItem.TENT,),
            counts=(30,),
            to_division_code=STREET_CODE,
            disaster_id=disaster.id,
        )
        world.when(out).then(Stock.Allocated, qty_count=30, value_fen=1_350_000, disaster_id=disaster.id)
        world.when(out).refused("调拨单 调1号 已登记过帐篷")
        slip: dict[str, Any] = {**PLACE, "allocation_no": "调1号"}
        delivered = DeliverStock(**slip, qty_count=25, receipt_no="签 3")
        world.when(delivered).refused("运送中 0，不足 25")
        world.when(ShipStock(**slip)).then(Stock.Shipped, qty_count=30)
        world.when(ShipStock(**slip)).refused("没有待发运的")
        world.when(delivered).then(Stock.Delivered, left_count=5, to_division_code=STREET_CODE)
        world.when(ReturnStock(**slip, qty_count=3, reason="未用完")).then(Stock.Returned, left_count=2)
        world.when(ScrapStock(**slip, qty_count=2, grounds="途中被水冲走，批 1 号")).then(Stock.Scrapped, left_count=0)
        assert (made.balance, made.value_fen) == (23, 23 * 45_000)
        world.when(delivered).refused("运送中 0")

    def test_what_expires_first_goes_first_and_what_is_expired_does_not(self) -> None:
        made = stock(ReliefItem.WATER, 10, best_before=date(2016, 6, 1))
        old = made.receive(
            NOW - timedelta(days=9),
            qty_count=5,
            unit_fen=100,
            origin=StockOrigin.DONATION,
            voucher_no="捐1",
            by="x",
            best_before=date(2015, 12, 31),
        )
        made.put_away(NOW, lot_no=old, accepted_count=5, rejected_count=0, by="x")
        said = {"to_division_code": VILLAGE, "disaster_id": None, "by": "x"}
        made.allocate(NOW, allocation_no="甲", qty_count=7, **said)  # type: ignore[arg-type]  # as named
        event = history(made)[-1]
        assert isinstance(event, Stock.Allocated)
        assert [(p.lot_no, p.qty_count) for p in event.picks] == [(2, 5), (1, 2)]
        assert event.value_fen == 5 * 100 + 2 * 12_345
        expired = AllocateStock(
            facility_id=made.facility_id,
            allocation_no="乙",
            items=(ReliefItem.WATER,),
            counts=(1,),
            to_division_code=VILLAGE,
        )
        given(made).when(expired, now=LATER).refused("可调拨 0，不足 1，另有已过期 8")

    def test_a_slip_of_several_items_is_allocated_whole_or_not_at_all(self) -> None:
        place = uuid4()
        tents, quilts = stock(facility_id=place), stock(ReliefItem.QUILT, 5, facility_id=place)
        items = (ReliefItem.TENT, ReliefItem.QUILT)
        slip: dict[str, Any] = {"facility_id": place, "allocation_no": "调2", "to_division_code": VILLAGE}
        world = given(tents, quilts)
        world.when(AllocateStock(**slip, items=items, counts=(10, 6))).refused("棉被可调拨 5，不足 6")
        world.when(AllocateStock(**slip, items=items, counts=(10,))).refused("一一对应")
        world.when(AllocateStock(**slip, items=items, counts=(10, 0))).refused("数量应大于 0")
        world.when(AllocateStock(**slip, items=items, counts=(10, 5))).then(Stock.Allocated, Stock.Allocated)

    def test_counting_explains_every_difference(self) -> None:
        made = stock(count=100, facility_id=PLACE["facility_id"])
        made.allocate(NOW, allocation_no="甲", qty_count=40, to_division_code=VILLAGE, disaster_id=None, by="x")
        world = given(made)
        counted: dict[str, Any] = {**PLACE, "counted_on": NOW.date()}
        world.when(CountStock(**counted, counted_count=97)).refused("账面 100，实盘 97，请说明差异原因")
        world.when(CountStock(**counted, counted_count=39)).refused("少于已调拨待发运的 40")
        world.when(CountStock(**counted, counted_count=97, explanation="鼠咬 3 顶")).then(
            Stock.Counted, booked_count=100, value_delta_fen=-3 * 12_345
        )
        assert made.balance == 57
        world.when(CountStock(**counted, counted_count=99, explanation="漏记 2 顶")).then(
            Stock.Counted, value_delta_fen=2 * 12_345
        )
        world.when(CountStock(**counted, counted_count=99)).then(Stock.Counted, value_delta_fen=0)
        world.when(CountStock(**{**counted, "counted_on": LATER.date()}, counted_count=9)).refused("不能晚于今天")

    def test_refusals(self) -> None:
        made = stock(count=10, facility_id=PLACE["facility_id"])
        world = given(made)
        bought: dict[str, Any] = {**PLACE, "origin": StockOrigin.PURCHASE}
        world.when(ReceiveStock(**bought, qty_count=0, unit_fen=1, voucher_no="x")).refused("大于 0")
        world.when(ReceiveStock(**bought, qty_count=1, unit_fen=-1, voucher_no="x")).refused("单价不能为负数")
        world.when(ReceiveStock(**bought, qty_count=1, unit_fen=1, voucher_no=" ")).refused("入库凭证号")
        world.when(PutAwayStock(**PLACE, lot_no=1, accepted_count=1)).refused("没有待验收")
        world.when(ScrapStock(**PLACE, qty_count=11, grounds="霉变")).refused("不能报废 11")
        world.when(ScrapStock(**PLACE, qty_count=1, grounds="")).refused("批准文号")
        world.when(ShipStock(**PLACE, allocation_no="无")).refused("此调拨单没有帐篷")
        more = made.receive(NOW, qty_count=5, unit_fen=1, origin=StockOrigin.DONATION, voucher_no="x", by="x")
        history(made)
        world.when(PutAwayStock(**PLACE, lot_no=more, accepted_count=5, rejected_count=1)).refused("1 至 5 之间")
        world.when(PutAwayStock(**PLACE, lot_no=more, accepted_count=4, rejected_count=1)).refused("写明原因")


class TestFacts:
    def test_a_source_may_give_out_what_was_not_there_and_a_decision_may_not_build_on_it(self) -> None:
        made = stock(count=10, facility_id=PLACE["facility_id"])
        assert made.report_issued(NOW, qty_count=25, voucher_no="出1", issued_on=NOW.date()) == 15
        assert (made.balance, made.value_fen) == (-15, 0)
        assert made.report_received(NOW, qty_count=20, unit_fen=5, origin=StockOrigin.ALLOTTED, voucher_no="入1") == 2
        assert made.balance == 5
        said: dict[str, Any] = {"to_division_code": VILLAGE, "items": (ReliefItem.TENT,)}
        out = AllocateStock(facility_id=made.facility_id, allocation_no="甲", counts=(6,), **said)
        world = given(made)
        world.when(out).refused("可调拨 5，不足 6")
        counted = CountStock(**PLACE, counted_count=20, counted_on=NOW.date(), explanation="出库单重复登记")
        world.when(counted).then(Stock.Counted, booked_count=5, counted_count=20)
        assert (made.balance, made.short) == (20, 0)
        world.when(out).then(Stock.Allocated)


class TestNorms:
    def test_three_hundred_people_and_what_is_short(self) -> None:
        on = NOW.date()
        have = {ReliefItem.TENT: 70, ReliefItem.FOLDING_BED: 300, ReliefItem.FLASHLIGHT: 151, ReliefItem.BOAT: 1}
        wanted = {need.item: need for need in needs(have, PARAMETERS, "440704", on)}
        assert (wanted[ReliefItem.TENT].required, wanted[ReliefItem.TENT].short) == (75, 5)
        assert ReliefItem.BOAT not in wanted
        short = {need.item for need in shortages(have, PARAMETERS, "440704", on)}
        assert ReliefItem.FOLDING_BED not in short
        assert {ReliefItem.TENT, ReliefItem.QUILT} <= short
        assert needs({}, PARAMETERS, "440704", on, persons=3)[0].required == 1

    def test_for_how_many_the_stock_is_enough(self) -> None:
        have = {item: 1000 for item in ReliefItem} | {ReliefItem.TENT: 70}
        assert persons_provided(have, PARAMETERS, "440704", NOW.date()) == 280
        assert persons_provided({}, PARAMETERS, "440704", NOW.date()) == 0


class Warehouse(RuleBasedStateMachine):
    """Whatever is decided in whatever order: nothing below zero, and every piece is somewhere, at its own price."""

    def __init__(self) -> None:
        super().__init__()
        self.stock = stock(count=0)
        self.slips: list[str] = []
        self.arrived = self.rejected = self.delivered = self.scrapped = self.found = self.lost = 0
        self.arrived_fen = self.gone_fen = 0

    def decide(self, decide: Any) -> bool:
        """Try it; whether it was decided."""
        before = len(self.stock.pending_events)
        try:
            decide()
        except RuleViolated:
            assert len(self.stock.pending_events) == before
            return False
        return True

    @rule(count=st.integers(-1, 40), price=st.integers(0, 9_999_999))
    def receive(self, count: int, price: int) -> None:
        said: dict[str, Any] = {"origin": StockOrigin.PURCHASE, "voucher_no": "x", "by": "x"}
        if self.decide(lambda: self.stock.receive(NOW, qty_count=count, unit_fen=price, **said)):
            self.arrived += count
            self.arrived_fen += count * price

    @rule(lot=st.integers(1, 8), good=st.integers(-1, 40), bad=st.integers(-1, 5))
    def put_away(self, lot: int, good: int, bad: int) -> None:
        said: dict[str, Any] = {"accepted_count": good, "rejected_count": bad, "reason": "x", "by": "x"}
        if self.decide(lambda: self.stock.put_away(NOW, lot_no=lot, **said)):
            self.rejected += bad
            self.gone_fen += bad * self.stock.lots[lot].unit_fen

    @rule(count=st.integers(0, 60))
    def allocate(self, count: int) -> None:
        slip = f"调{len(self.slips)}"
        said: dict[str, Any] = {"to_division_code": VILLAGE, "disaster_id": None, "by": "x"}
        if self.decide(lambda: self.stock.allocate(NOW, allocation_no=slip, qty_count=count, **said)):
            self.slips.append(slip)

    @precondition(lambda self: self.slips)
    @rule(data=st.data(), count=st.integers(0, 40), what=st.sampled_from(("ship", "deliver", "back", "never", "lose")))
    def move(self, data: Any, count: int, what: str) -> None:
        id = Stock.allocation_id(self.stock.facility_id, data.draw(st.sampled_from(self.slips)))
        said: dict[str, Any] = {"allocation_id": id, "qty_count": count, "by": "x"}
        match what:
            case "ship":
                self.decide(lambda: self.stock.ship(NOW, allocation_id=id, by="x"))
            case "deliver":
                if self.decide(lambda: self.stock.deliver(NOW, receipt_no="x", delivered_at=NOW, **said)):
                    self.delivered += count
                    self.gone_fen += self.last("value_fen")
            case "lose":
                if self.decide(lambda: self.stock.scrap(NOW, grounds="x", **said)):
                    self.scrapped += count
                    self.gone_fen += self.last("value_fen")
            case _:
                self.decide(lambda: self.stock.give_back(NOW, shipped=what == "back", reason="x", **said))

    @rule(count=st.integers(0, 40))
    def scrap(self, count: int) -> None:
        if self.decide(lambda: self.stock.scrap(NOW, qty_count=count, grounds="x", by="x")):
            self.scrapped += count
            self.gone_fen += self.last("value_fen")

    @rule(count=st.integers(0, 120))
    def take_stock(self, count: int) -> None:
        said: dict[str, Any] = {"explanation": "x", "counted_on": NOW.date(), "by": "x"}
        if self.decide(lambda: self.stock.count(NOW, counted_count=count, **said)):
            self.found += max(0, count - self.last("booked_count"))
            self.lost += max(0, self.last("booked_count") - count)
            self.gone_fen -= self.last("value_delta_fen")

    def last(self, name: str) -> int:
        return int(getattr(self.stock.pending_events[-1], name))

    @invariant()
    def nothing_is_below_zero(self) -> None:
        assert self.stock.short == 0
        assert all(lot.free >= 0 and lot.waiting >= 0 for lot in self.stock.lots.values())

    @invariant()
    def every_piece_and_every_fen_is_somewhere(self) -> None:
        lots, slips = self.stock.lots, self.stock.allocations.values()
        picks = [pick for one in slips for pick in (*one.here, *one.on_way)]
        here = sum(lot.free + lot.waiting for lot in lots.values()) + qty(picks)
        gone = self.rejected + self.delivered + self.scrapped + self.lost
        assert here + gone == self.arrived + self.found
        worth = sum((lot.free + lot.waiting) * lot.unit_fen for lot in lots.values())
        worth += sum(pick.qty_count * pick.unit_fen for pick in picks)
        assert worth == self.arrived_fen - self.gone_fen

    def teardown(self) -> None:
        assert rebuilt(history(self.stock)) == self.stock


TestWarehouse = Warehouse.TestCase
TestWarehouse.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
