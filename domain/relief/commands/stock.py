"""Decisions about relief stock: received, put away, allocated, shipped, delivered, returned, scrapped, counted."""

from collections.abc import Generator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from domain.access import OFFICIALS
from domain.codes import ReliefItem, StockOrigin
from domain.errors import RuleViolated
from domain.kernel import Command, Decided, Decision, Doc, Load, LoadMany, Wish
from domain.registry.places import demand_division
from domain.relief.clock import moment
from domain.relief.commands.disasters import the_disaster
from domain.relief.stock import Stock

FacilityId = Annotated[UUID, Doc("仓库（设施）标识")]
Item = Annotated[ReliefItem, Doc("物资品种")]
Qty = Annotated[int, Doc("数量")]
AllocationNo = Annotated[str, Doc("调拨单号")]


@dataclass(frozen=True, kw_only=True)
class ReceiveStock(Command):
    """登记物资到货：按批登记数量、单价和来源，待验收入库。"""

    ROLES: ClassVar = OFFICIALS
    facility_id: FacilityId
    item: Item
    qty_count: Qty
    unit_fen: Annotated[int, Doc("单价（分）；无偿取得的填评估价或 0")]
    origin: Annotated[StockOrigin, Doc("来源")]
    voucher_no: Annotated[str, Doc("入库凭证号")]
    best_before: Annotated[date | None, Doc("有效期最后一日；没有的不填")] = None
    division_code: Annotated[str, Doc("仓库所在区划代码；首次登记时使用，不填为本人辖区")] = ""

    def decide(self, by: Decision) -> Decided:
        id = Stock.id_for(self.facility_id, self.item)
        stock: Stock | None = (yield LoadMany(Stock, (id,))).get(id)
        if stock is None:
            division = demand_division(self.division_code or by.actor.division_code)
            stock = Stock.open(by.now, facility_id=self.facility_id, item=self.item, division_code=division)
        stock.receive(
            by.now,
            qty_count=self.qty_count,
            unit_fen=self.unit_fen,
            origin=self.origin,
            voucher_no=self.voucher_no,
            by=by.actor.name,
            best_before=self.best_before,
        )
        return (stock,)


@dataclass(frozen=True, kw_only=True)
class PutAwayStock(Command):
    """物资验收入库：合格的入库，不合格的退货并写明原因。"""

    ROLES: ClassVar = OFFICIALS
    facility_id: FacilityId
    item: Item
    lot_no: Annotated[int, Doc("批号")]
    accepted_count: Annotated[int, Doc("合格数量")]
    rejected_count: Annotated[int, Doc("不合格数量")] = 0
    reason: Annotated[str, Doc("不合格的原因")] = ""

    def decide(self, by: Decision) -> Decided:
        stock = yield from _stock(self.facility_id, self.item)
        stock.put_away(
            by.now,
            lot_no=self.lot_no,
            accepted_count=self.accepted_count,
            rejected_count=self.rejected_count,
            by=by.actor.name,
            reason=self.reason,
        )
        return (stock,)


@dataclass(frozen=True, kw_only=True)
class AllocateStock(Command):
    """调拨物资：一张调拨单可有多个品种，全部足额才调拨；同一批物资先到期的先用。"""

    ROLES: ClassVar = OFFICIALS
    facility_id: FacilityId
    allocation_no: AllocationNo
    items: Annotated[tuple[ReliefItem, ...], Doc("物资品种")]
    counts: Annotated[tuple[int, ...], Doc("数量，与品种一一对应")]
    to_division_code: Annotated[str, Doc("调往何处，区划代码")]
    disaster_id: Annotated[UUID | None, Doc("为哪次灾害调拨；预置、日常救助的不填")] = None

    def decide(self, by: Decision) -> Decided:
        if not self.items or len(self.items) != len(self.counts) or len(set(self.items)) != len(self.items):
            raise RuleViolated("每个品种填写一次，并与数量一一对应，请核对。")
        to = demand_division(self.to_division_code, "to_division_code")
        if self.disaster_id is not None:
            disaster = yield from the_disaster(self.disaster_id)
            disaster.demand_open("调拨物资")
            disaster.demand_within(to)
        stocks: list[Stock] = []
        for item in self.items:
            stocks.append((yield from _stock(self.facility_id, item)))
        lines = list(zip(stocks, self.counts, strict=True))
        for stock, count in lines:  # all of them or none
            stock.demand_free(by.now, allocation_no=self.allocation_no, qty_count=count)
        for stock, count in lines:
            stock.allocate(
                by.now,
                allocation_no=self.allocation_no,
                qty_count=count,
                to_division_code=to,
                disaster_id=self.disaster_id,
                by=by.actor.name,
            )
        return tuple(stocks)


@dataclass(frozen=True, kw_only=True)
class ShipStock(Command):
    """发运物资：调拨单上尚未发运的全部出库。"""

    ROLES: ClassVar = OFFICIALS
    facility_id: FacilityId
    allocation_no: AllocationNo
    item: Item

    def decide(self, by: Decision) -> Decided:
        stock = yield from _stock(self.facility_id, self.item)
        allocation_id = Stock.allocation_id(self.facility_id, self.allocation_no)
        stock.ship(by.now, allocation_id=allocation_id, by=by.actor.name)
        return (stock,)


@dataclass(frozen=True, kw_only=True)
class DeliverStock(Command):
    """物资送达：登记签收数量；未签收的另行退回或报废。"""

    ROLES: ClassVar = OFFICIALS
    facility_id: FacilityId
    allocation_no: AllocationNo
    item: Item
    qty_count: Qty
    receipt_no: Annotated[str, Doc("签收单号")]
    delivered_at: Annotated[datetime | None, Doc("送达时间；不填为现在")] = None

    def decide(self, by: Decision) -> Decided:
        stock = yield from _stock(self.facility_id, self.item)
        stock.deliver(
            by.now,
            allocation_id=Stock.allocation_id(self.facility_id, self.allocation_no),
            qty_count=self.qty_count,
            receipt_no=self.receipt_no,
            delivered_at=moment(self.delivered_at or by.now, by.now, "送达时间"),
            by=by.actor.name,
        )
        return (stock,)


@dataclass(frozen=True, kw_only=True)
class ReturnStock(Command):
    """物资退回入库：未发运的调拨取消，或发运后带回。"""

    ROLES: ClassVar = OFFICIALS
    facility_id: FacilityId
    allocation_no: AllocationNo
    item: Item
    qty_count: Qty
    reason: Annotated[str, Doc("退回原因")]
    shipped: Annotated[bool, Doc("是否已发运")] = True

    def decide(self, by: Decision) -> Decided:
        stock = yield from _stock(self.facility_id, self.item)
        stock.give_back(
            by.now,
            allocation_id=Stock.allocation_id(self.facility_id, self.allocation_no),
            qty_count=self.qty_count,
            shipped=self.shipped,
            reason=self.reason,
            by=by.actor.name,
        )
        return (stock,)


@dataclass(frozen=True, kw_only=True)
class ScrapStock(Command):
    """物资报废：在库的（先到期的先报废），或运送途中灭失、损坏的。"""

    ROLES: ClassVar = OFFICIALS
    facility_id: FacilityId
    item: Item
    qty_count: Qty
    grounds: Annotated[str, Doc("原因和批准文号")]
    allocation_no: Annotated[str, Doc("调拨单号；报废在库物资的不填")] = ""

    def decide(self, by: Decision) -> Decided:
        stock = yield from _stock(self.facility_id, self.item)
        allocation = Stock.allocation_id(self.facility_id, self.allocation_no) if self.allocation_no.strip() else None
        stock.scrap(by.now, qty_count=self.qty_count, grounds=self.grounds, by=by.actor.name, allocation_id=allocation)
        return (stock,)


@dataclass(frozen=True, kw_only=True)
class CountStock(Command):
    """盘点物资：登记实盘数量（含已调拨未发运的），与账面不符的说明原因，账面随之调整。"""

    ROLES: ClassVar = OFFICIALS
    facility_id: FacilityId
    item: Item
    counted_count: Annotated[int, Doc("实盘数量，不含待验收的")]
    counted_on: Annotated[date, Doc("盘点日期")]
    explanation: Annotated[str, Doc("差异原因；相符的不填")] = ""

    def decide(self, by: Decision) -> Decided:
        stock = yield from _stock(self.facility_id, self.item)
        stock.count(
            by.now,
            counted_count=self.counted_count,
            explanation=self.explanation,
            counted_on=self.counted_on,
            by=by.actor.name,
        )
        return (stock,)


def _stock(facility_id: UUID, item: ReliefItem) -> Generator[Wish, Any, Stock]:
    found: Stock = yield Load(Stock, Stock.id_for(facility_id, item))
    return found
