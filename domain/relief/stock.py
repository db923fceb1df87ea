"""Relief stock (救灾物资): one stream for each warehouse and item, in lots; never below zero by a decision.

RECEIVED → IN_STOCK → ALLOCATED → SHIPPED → DELIVERED, or RETURNED, or SCRAPPED. Two officers who allocate the same
goods at once meet in the stream's version: the second decides anew on what is left. What a source
reports may take a stock below zero; that is recorded as it is (`short`), and an inventory count explains it.
"""

from dataclasses import field
from datetime import date, datetime
from typing import Any, ClassVar, Self
from uuid import UUID, uuid5

from domain import kernel
from domain.codes import ReliefItem, StockOrigin
from domain.errors import RuleViolated
from domain.relief.lots import Allocation, Lot, Pick, Picks, freed, pick_free, qty, split, value_fen

_STOCKS = UUID("7d1f4b0e-52c6-5f0a-9a3c-6b1d2e8f4a03")
"""Namespace of the ids: one for each warehouse and item."""


class Stock(kernel.Aggregate):
    """One item in one warehouse, which is known by its facility's id alone."""

    TOPIC: ClassVar[str] = "relief.Stock"
    SUBJECT: ClassVar[str] = "stock"
    division_code: str = ""
    facility_id: UUID = kernel.NO_ID
    item: ReliefItem = ReliefItem.OTHER
    lots: dict[int, Lot] = field(default_factory=dict)
    allocations: dict[UUID, Allocation] = field(default_factory=dict)
    short: int = 0
    """Pieces a source says were given out of an empty stock."""

    class Created(kernel.Created):
        """The warehouse begins to keep the item."""

        TOPIC = "relief.StockOpened"
        TITLE = "建立物资账"
        facility_id: UUID
        item: ReliefItem
        division_code: str

        def gist(self) -> str:
            return self.item.label

    class Received(kernel.Event):
        """A lot arrived, to be inspected."""

        TOPIC = "relief.StockReceived"
        TITLE = "物资到货"
        facility_id: UUID
        item: ReliefItem
        lot_no: int
        qty_count: int
        unit_fen: int
        origin: StockOrigin
        best_before: date | None
        voucher_no: str
        put_away: bool
        by: str

        def apply(self, aggregate: "Stock") -> None:
            waiting, free = (0, self.qty_count) if self.put_away else (self.qty_count, 0)
            aggregate.lots[self.lot_no] = Lot(self.unit_fen, self.best_before, waiting, free)

        def gist(self) -> str:
            return f"{self.item.label} {self.qty_count}，{self.origin.label}"

    class PutAway(kernel.Event):
        """What arrived was inspected: accepted into the stock, the rest sent back."""

        TOPIC = "relief.StockPutAway"
        TITLE = "物资验收入库"
        facility_id: UUID
        item: ReliefItem
        lot_no: int
        accepted_count: int
        rejected_count: int
        unit_fen: int
        reason: str
        by: str

        def apply(self, aggregate: "Stock") -> None:
            lot = aggregate.lots[self.lot_no]
            waiting = lot.waiting - self.accepted_count - self.rejected_count
            aggregate.lots[self.lot_no] = lot._replace(waiting=waiting, free=lot.free + self.accepted_count)

        def gist(self) -> str:
            rejected = f"，退货 {self.rejected_count}" if self.rejected_count else ""
            return f"{self.item.label} {self.accepted_count}{rejected}"

    class Allocated(kernel.Event):
        """Pieces are set apart for a place, because of a disaster or in advance."""

        TOPIC = "relief.StockAllocated"
        TITLE = "调拨物资"
        facility_id: UUID
        item: ReliefItem
        allocation_id: UUID
        allocation_no: str
        disaster_id: UUID | None
        to_division_code: str
        picks: Picks
        qty_count: int
        value_fen: int
        by: str

        def apply(self, aggregate: "Stock") -> None:
            freed(aggregate.lots, self.picks, -1)
            aggregate.allocations[self.allocation_id] = Allocation(self.to_division_code, self.picks, ())

        def gist(self) -> str:
            return f"{self.item.label} {self.qty_count} → {self.to_division_code}"

    class Shipped(kernel.Event):
        """Pieces of an allocation left the warehouse."""

        TOPIC = "relief.StockShipped"
        TITLE = "发运物资"
        facility_id: UUID
        item: ReliefItem
        allocation_id: UUID
        qty_count: int
        value_fen: int
        by: str

        def apply(self, aggregate: "Stock") -> None:
            one = aggregate.allocations[self.allocation_id]
            gone, here = split(one.here, self.qty_count)
            aggregate.allocations[self.allocation_id] = one._replace(here=here, on_way=one.on_way + gone)

        def gist(self) -> str:
            return f"{self.item.label} {self.qty_count}"

    class Delivered(kernel.Event):
        """Pieces arrived and were signed for."""

        TOPIC = "relief.StockDelivered"
        TITLE = "物资送达"
        facility_id: UUID
        item: ReliefItem
        allocation_id: UUID
        to_division_code: str
        qty_count: int
        value_fen: int
        receipt_no: str
        delivered_at: datetime
        left_count: int
        by: str

        def apply(self, aggregate: "Stock") -> None:
            aggregate.gone(self.allocation_id, self.qty_count)

        def gist(self) -> str:
            return f"{self.item.label} {self.qty_count}，签收单 {self.receipt_no}"

    class Returned(kernel.Event):
        """Pieces of an allocation went back into the stock: not shipped after all, or brought back."""

        TOPIC = "relief.StockReturned"
        TITLE = "物资退回入库"
        facility_id: UUID
        item: ReliefItem
        allocation_id: UUID
        shipped: bool
        qty_count: int
        value_fen: int
        reason: str
        left_count: int
        by: str

        def apply(self, aggregate: "Stock") -> None:
            freed(aggregate.lots, aggregate.gone(self.allocation_id, self.qty_count, shipped=self.shipped))

        def gist(self) -> str:
            return f"{self.item.label} {self.qty_count}：{self.reason}"

    class Scrapped(kernel.Event):
        """Pieces are no good any more: out of the stock, or lost and spoilt on their way."""

        TOPIC = "relief.StockScrapped"
        TITLE = "物资报废"
        facility_id: UUID
        item: ReliefItem
        allocation_id: UUID | None
        picks: Picks
        qty_count: int
        value_fen: int
        grounds: str
        left_count: int
        by: str

        def apply(self, aggregate: "Stock") -> None:
            if self.allocation_id is None:
                freed(aggregate.lots, self.picks, -1)
            else:
                aggregate.gone(self.allocation_id, self.qty_count)

        def gist(self) -> str:
            return f"{self.item.label} {self.qty_count}：{self.grounds}"

    class Counted(kernel.Event):
        """An inventory count; what the books say now is what was counted, and why they differed is said."""

        TOPIC = "relief.StockCounted"
        TITLE = "盘点物资"
        facility_id: UUID
        item: ReliefItem
        booked_count: int
        counted_count: int
        less: Picks
        more: Pick | None
        value_delta_fen: int
        explanation: str
        counted_on: date
        by: str

        def apply(self, aggregate: "Stock") -> None:
            freed(aggregate.lots, self.less, -1)
            if self.more is not None:
                lot = Lot(self.more.unit_fen, None, 0, self.more.qty_count)
                aggregate.lots[self.more.lot_no] = lot
            aggregate.short = 0

        def gist(self) -> str:
            return f"{self.item.label} 账面 {self.booked_count}，实盘 {self.counted_count}"

    class IssueReported(kernel.Event):
        """A source says that pieces were given out; `short_count` of them were not in the books."""

        TOPIC = "relief.StockIssueReported"
        TITLE = "来源登记物资出库"
        facility_id: UUID
        item: ReliefItem
        disaster_id: UUID | None
        picks: Picks
        qty_count: int
        short_count: int
        value_fen: int
        voucher_no: str
        effective_on: date

        def apply(self, aggregate: "Stock") -> None:
            freed(aggregate.lots, self.picks, -1)
            aggregate.short += self.short_count

        def gist(self) -> str:
            return f"{self.item.label} {self.qty_count}{f'，账外 {self.short_count}' if self.short_count else ''}"

    @staticmethod
    def id_for(facility_id: UUID, item: ReliefItem) -> UUID:
        """The id of an item's stock in a warehouse."""
        return uuid5(_STOCKS, f"{facility_id} {item.value}")

    @staticmethod
    def allocation_id(facility_id: UUID, allocation_no: str) -> UUID:
        """The id of a warehouse's allocation (调拨单) by its number: the same in every item's stock."""
        return uuid5(_STOCKS, f"{facility_id} 调拨 {allocation_no.strip()}")

    @classmethod
    def open(cls, at: datetime, *, facility_id: UUID, item: ReliefItem, division_code: str) -> Self:
        """An item that the warehouse has not kept before."""
        id = cls.id_for(facility_id, item)
        return cls.create(cls.Created, id=id, at=at, facility_id=facility_id, item=item, division_code=division_code)

    def receive(
        self,
        at: datetime,
        *,
        qty_count: int,
        unit_fen: int,
        origin: StockOrigin,
        voucher_no: str,
        by: str,
        best_before: date | None = None,
    ) -> int:
        """A lot arrived; gives its number. It is put away when it has been inspected."""
        self._demand_positive(qty_count)
        if unit_fen < 0:
            raise RuleViolated("单价不能为负数；无偿取得的填 0 或评估价。")
        if not voucher_no.strip():
            raise RuleViolated("请填写入库凭证号（采购合同、捐赠或调拨单号）。")
        return self._received(at, qty_count, unit_fen, origin, best_before, voucher_no, by)

    def put_away(
        self, at: datetime, *, lot_no: int, accepted_count: int, rejected_count: int, by: str, reason: str = ""
    ) -> None:
        """Accept what of a lot is good, send back what is not; both together may be less than arrived, not more."""
        lot = self.lots.get(lot_no)
        if lot is None or not lot.waiting:
            raise RuleViolated(f"第 {lot_no} 批没有待验收的物资，请核对批号。")
        if accepted_count < 0 or rejected_count < 0 or not 0 < accepted_count + rejected_count <= lot.waiting:
            raise RuleViolated(f"第 {lot_no} 批待验收 {lot.waiting}，合格与不合格之和应在 1 至 {lot.waiting} 之间。")
        if rejected_count and not reason.strip():
            raise RuleViolated("验收不合格的须写明原因。")
        said = {"lot_no": lot_no, "accepted_count": accepted_count, "rejected_count": rejected_count}
        self._record(self.PutAway, at, unit_fen=lot.unit_fen, reason=reason.strip(), by=by, **said)

    def allocate(
        self,
        at: datetime,
        *,
        allocation_no: str,
        qty_count: int,
        to_division_code: str,
        disaster_id: UUID | None,
        by: str,
    ) -> None:
        """Set pieces apart for a place; raises RuleViolated as `demand_free` does."""
        usable = self.demand_free(at, allocation_no=allocation_no, qty_count=qty_count)
        picks = pick_free(usable, qty_count)
        allocation_id = self.allocation_id(self.facility_id, allocation_no)
        said = {"allocation_id": allocation_id, "allocation_no": allocation_no.strip(), "disaster_id": disaster_id}
        what = {"picks": picks, "qty_count": qty_count, "value_fen": value_fen(picks)}
        self._record(self.Allocated, at, to_division_code=to_division_code, by=by, **what, **said)

    def demand_free(self, at: datetime, *, allocation_no: str, qty_count: int) -> dict[int, Lot]:
        """The lots that may be given out; raises RuleViolated where they hold fewer free pieces."""
        self._demand_positive(qty_count)
        if not allocation_no.strip():
            raise RuleViolated("请填写调拨单号。")
        if self.allocation_id(self.facility_id, allocation_no) in self.allocations:
            raise RuleViolated(f"调拨单 {allocation_no.strip()} 已登记过{self.item.label}，不重复调拨。")
        usable = {number: lot for number, lot in self.lots.items() if lot.usable(at.date())}
        free = sum(lot.free for lot in usable.values()) - self.short
        if qty_count > free:
            expired = sum(lot.free for lot in self.lots.values()) - sum(lot.free for lot in usable.values())
            note = f"，另有已过期 {expired}" if expired else ""
            raise RuleViolated(
                f"{self.item.label}可调拨 {max(0, free)}，不足 {qty_count}{note}；请调整数量或另行筹措。"
            )
        return usable

    def ship(self, at: datetime, *, allocation_id: UUID, by: str) -> None:
        """Everything of an allocation that is still here leaves the warehouse."""
        here = self._allocation(allocation_id).here
        if not here:
            raise RuleViolated(f"{self.item.label}没有待发运的，请核对调拨单。")
        said = {"allocation_id": allocation_id, "qty_count": qty(here), "value_fen": value_fen(here)}
        self._record(self.Shipped, at, by=by, **said)

    def deliver(
        self, at: datetime, *, allocation_id: UUID, qty_count: int, receipt_no: str, delivered_at: datetime, by: str
    ) -> None:
        """Pieces on their way arrived and were signed for; those missing are brought back or scrapped by their own."""
        self._demand_positive(qty_count)
        one = self._allocation(allocation_id)
        if not receipt_no.strip():
            raise RuleViolated("请填写签收单号。")
        picks = self._of(one.on_way, qty_count, "运送中")
        self._record(
            self.Delivered,
            at,
            allocation_id=allocation_id,
            to_division_code=one.to_division_code,
            qty_count=qty_count,
            value_fen=value_fen(picks),
            receipt_no=receipt_no.strip(),
            delivered_at=delivered_at,
            left_count=qty(one.here) + qty(one.on_way) - qty_count,
            by=by,
        )

    def give_back(
        self, at: datetime, *, allocation_id: UUID, qty_count: int, shipped: bool, reason: str, by: str
    ) -> None:
        """Pieces of an allocation go back into the stock: those on their way (`shipped`), or those never sent."""
        self._demand_positive(qty_count)
        one = self._allocation(allocation_id)
        if not reason.strip():
            raise RuleViolated("请写明退回的原因。")
        picks = self._of(one.on_way if shipped else one.here, qty_count, "运送中" if shipped else "待发运")
        left = qty(one.here) + qty(one.on_way) - qty_count
        said = {"allocation_id": allocation_id, "shipped": shipped, "qty_count": qty_count, "left_count": left}
        self._record(self.Returned, at, value_fen=value_fen(picks), reason=reason.strip(), by=by, **said)

    def scrap(self, at: datetime, *, qty_count: int, grounds: str, by: str, allocation_id: UUID | None = None) -> None:
        """Pieces are no good any more: expired ones of the stock first, or those of an allocation on their way."""
        self._demand_positive(qty_count)
        if not grounds.strip():
            raise RuleViolated("报废须写明原因和批准文号。")
        if allocation_id is None:
            available, left = self.balance, 0
            if qty_count > available:
                raise RuleViolated(f"{self.item.label}在库可用 {max(0, available)}，不能报废 {qty_count}。")
            picks = pick_free(self.lots, qty_count)
        else:
            one = self._allocation(allocation_id)
            picks = self._of(one.on_way, qty_count, "运送中")
            left = qty(one.here) + qty(one.on_way) - qty_count
        said = {"allocation_id": allocation_id, "picks": picks, "qty_count": qty_count, "left_count": left}
        self._record(self.Scrapped, at, value_fen=value_fen(picks), grounds=grounds.strip(), by=by, **said)

    def count(self, at: datetime, *, counted_count: int, explanation: str, counted_on: date, by: str) -> None:
        """An inventory count of everything put away and not shipped, allocated pieces included.

        Raises RuleViolated where a difference is not explained, or where not even the allocated pieces are there.
        """
        if counted_count < 0:
            raise RuleViolated("实盘数量不能为负数。")
        if counted_on > at.date():
            raise RuleViolated("盘点日期不能晚于今天。")
        allocated = sum(qty(one.here) for one in self.allocations.values())
        free = sum(lot.free for lot in self.lots.values())
        booked = free + allocated - self.short
        if counted_count < allocated:
            raise RuleViolated(f"实盘 {counted_count} 少于已调拨待发运的 {allocated}；请先退回相应的调拨，再登记盘点。")
        if counted_count != booked and not explanation.strip():
            raise RuleViolated(f"账面 {booked}，实盘 {counted_count}，请说明差异原因。")
        delta = counted_count - allocated - free
        less = pick_free(self.lots, -delta) if delta < 0 else ()
        more = Pick(self._next_lot, delta, self._last_price) if delta > 0 else None
        self._record(
            self.Counted,
            at,
            booked_count=booked,
            counted_count=counted_count,
            less=less,
            more=more,
            value_delta_fen=(value_fen((more,)) if more else 0) - value_fen(less),
            explanation=explanation.strip(),
            counted_on=counted_on,
            by=by,
        )

    def report_received(
        self, at: datetime, *, qty_count: int, unit_fen: int, origin: StockOrigin, voucher_no: str
    ) -> int:
        """A source says that pieces came in; they count as put away. Gives the lot's number."""
        return self._received(at, qty_count, unit_fen, origin, None, voucher_no, "", put_away=True)

    def report_issued(
        self, at: datetime, *, qty_count: int, voucher_no: str, issued_on: date, disaster_id: UUID | None = None
    ) -> int:
        """A source says that pieces were given out; gives how many of them the books did not have."""
        picks = pick_free(self.lots, qty_count)
        missing = qty_count - qty(picks)
        said = {"picks": picks, "qty_count": qty_count, "short_count": missing, "value_fen": value_fen(picks)}
        about = {"disaster_id": disaster_id, "voucher_no": voucher_no, "effective_on": issued_on}
        self._record(self.IssueReported, at, **said, **about)
        return missing

    @property
    def balance(self) -> int:
        """Pieces that may be given out; below zero where a source gave out more than there was."""
        return sum(lot.free for lot in self.lots.values()) - self.short

    @property
    def value_fen(self) -> int:
        """What the free pieces are worth."""
        return sum(lot.free * lot.unit_fen for lot in self.lots.values())

    def gone(self, allocation_id: UUID, count: int, *, shipped: bool = True) -> Picks:
        """Take pieces out of an allocation, for events that say where they went."""
        one = self.allocations[allocation_id]
        taken, rest = split(one.on_way if shipped else one.here, count)
        self.allocations[allocation_id] = one._replace(on_way=rest) if shipped else one._replace(here=rest)
        return taken

    @property
    def _next_lot(self) -> int:
        return max(self.lots, default=0) + 1

    @property
    def _last_price(self) -> int:
        return self.lots[max(self.lots)].unit_fen if self.lots else 0

    def _received(
        self,
        at: datetime,
        qty_count: int,
        unit_fen: int,
        origin: StockOrigin,
        best_before: date | None,
        voucher_no: str,
        by: str,
        put_away: bool = False,
    ) -> int:
        said = {"qty_count": qty_count, "unit_fen": unit_fen, "origin": origin, "best_before": best_before, "by": by}
        lot = {"lot_no": self._next_lot, "voucher_no": voucher_no.strip(), "put_away": put_away}
        self._record(self.Received, at, **lot, **said)
        return max(self.lots)

    def _record(self, event: type[kernel.Event], at: datetime, **said: Any) -> None:
        self.record(event, at=at, facility_id=self.facility_id, item=self.item, **said)

    def _allocation(self, id: UUID) -> Allocation:
        if id not in self.allocations:
            raise RuleViolated(f"此调拨单没有{self.item.label}，请核对调拨单和物资。")
        return self.allocations[id]

    def _of(self, picks: Picks, wanted: int, where: str) -> Picks:
        if wanted > qty(picks):
            raise RuleViolated(f"{self.item.label}{where} {qty(picks)}，不足 {wanted}，请核对数量。")
        return split(picks, wanted)[0]

    def _demand_positive(self, count: int) -> None:
        if count <= 0:
            raise RuleViolated("数量应大于 0。")
