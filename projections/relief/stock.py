"""Relief stock: what is where and what it is worth, each movement, each allocation on its way."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar
from uuid import UUID

from domain.access import Area
from domain.codes import AllocationState, ReliefItem, StockMove
from domain.relief import Stock
from domain.relief.lots import value_fen
from infra.log import LogEvent
from projections.kernel.changes import Changes, Projection, division_of, handles
from projections.kernel.tables import COUNTED, FEN, Doc, Figures, Many, One, Relations, view
from projections.relief.disasters import day_of


@view(
    "stock",
    area=Area.RELIEF,
    scope_from="division_code",
    order=("facility_id", "item", "id"),
    figures=Figures(("item", "free_count", "value_fen")),
)
@dataclass
class StockRow:
    """救灾物资库存：一个仓库的一个品种"""

    id: Annotated[UUID, Doc("物资账标识")]
    facility_id: Annotated[UUID, Doc("仓库（设施）标识")]
    item: Annotated[ReliefItem, Doc("物资品种")]
    division_code: Annotated[str, Doc("仓库所在区划代码")]
    waiting_count: Annotated[int, Doc("到货待验收"), COUNTED]
    free_count: Annotated[int, Doc("在库可用，含已过期的；来源系统多出库的为负数"), COUNTED]
    allocated_count: Annotated[int, Doc("已调拨待发运"), COUNTED]
    shipped_count: Annotated[int, Doc("运送中"), COUNTED]
    delivered_count: Annotated[int, Doc("累计送达"), COUNTED]
    scrapped_count: Annotated[int, Doc("累计报废"), COUNTED]
    value_fen: Annotated[int, Doc("在库可用物资的价值"), FEN, COUNTED]
    counted_on: Annotated[date | None, Doc("最近一次盘点日期")]

    RELATIONS: ClassVar[Relations] = {
        "division": One("division", local="division_code"),
        "movements": Many("stock_movement", on="stock_id", order=("version",)),
        "allocations": Many("stock_allocation", on="stock_id", order=("allocation_no",)),
    }
    FILTERS: ClassVar[tuple[str, ...]] = ("facility_id", "item", "free_count", "division_code")


@view(
    "stock_movement",
    area=Area.RELIEF,
    key=("stock_id", "version"),
    scope_from="division_code",
    order=("moved_on", "stock_id", "version"),
    indexes=(("facility_id",), ("disaster_id",)),
)
@dataclass
class StockMovementRow:
    """救灾物资变动"""

    stock_id: Annotated[UUID, Doc("物资账标识")]
    version: Annotated[int, Doc("第几个事件")]
    facility_id: Annotated[UUID, Doc("仓库（设施）标识")]
    item: Annotated[ReliefItem, Doc("物资品种")]
    division_code: Annotated[str, Doc("仓库所在区划代码")]
    move: Annotated[StockMove, Doc("变动")]
    moved_on: Annotated[date, Doc("日期")]
    qty_count: Annotated[int, Doc("数量")]
    value_fen: Annotated[int, Doc("价值"), FEN]
    lot_no: Annotated[int | None, Doc("批号")]
    allocation_id: Annotated[UUID | None, Doc("调拨标识")]
    disaster_id: Annotated[UUID | None, Doc("灾害标识")]
    document: Annotated[str | None, Doc("凭证、调拨单、签收单号")]
    note: Annotated[str | None, Doc("原因、说明")]
    by: Annotated[str, Doc("经办账号；来源系统的为空")]

    RELATIONS: ClassVar[Relations] = {
        "stock": One("stock", local="stock_id"),
        "disaster": One("disaster", local="disaster_id"),
    }
    FILTERS: ClassVar[tuple[str, ...]] = (
        *("facility_id", "item", "move", "moved_on", "allocation_id", "disaster_id", "division_code"),
    )


@view(
    "stock_allocation",
    area=Area.RELIEF,
    key=("stock_id", "allocation_id"),
    scope_from="division_code",
    order=("allocation_no", "stock_id", "allocation_id"),
    indexes=(("disaster_id",),),
)
@dataclass
class StockAllocationRow:
    """物资调拨：一张调拨单的一个品种"""

    stock_id: Annotated[UUID, Doc("物资账标识")]
    allocation_id: Annotated[UUID, Doc("调拨标识，同一调拨单各品种相同")]
    allocation_no: Annotated[str, Doc("调拨单号")]
    facility_id: Annotated[UUID, Doc("仓库（设施）标识")]
    item: Annotated[ReliefItem, Doc("物资品种")]
    division_code: Annotated[str, Doc("仓库所在区划代码")]
    to_division_code: Annotated[str, Doc("调往的区划代码")]
    disaster_id: Annotated[UUID | None, Doc("灾害标识")]
    state: Annotated[AllocationState, Doc("状态")]
    allocated_on: Annotated[date, Doc("调拨日期")]
    qty_count: Annotated[int, Doc("调拨数量")]
    value_fen: Annotated[int, Doc("调拨物资的价值"), FEN]
    delivered_count: Annotated[int, Doc("送达数量"), COUNTED]
    returned_count: Annotated[int, Doc("退回数量"), COUNTED]
    scrapped_count: Annotated[int, Doc("途中报废数量"), COUNTED]

    RELATIONS: ClassVar[Relations] = {
        "stock": One("stock", local="stock_id"),
        "disaster": One("disaster", local="disaster_id"),
    }
    FILTERS: ClassVar[tuple[str, ...]] = (
        *("facility_id", "item", "state", "disaster_id", "to_division_code", "allocation_no", "division_code"),
    )


class Stocks(Projection):
    """What happens to stock. A part of the projection `Relief`, never run by itself."""

    @handles(Stock.Created)
    def opened(self, event: Stock.Created, at: LogEvent, to: Changes) -> None:
        """An empty account."""
        what: dict[str, Any] = {"facility_id": event.facility_id, "item": event.item}
        to.insert(StockRow, event.originator_id, on=day_of(event), division_code=event.division_code, **what)

    @handles(Stock.Received)
    def received(self, event: Stock.Received, at: LogEvent, to: Changes) -> None:
        """Here, to be inspected; a source's is put away already."""
        count, worth = event.qty_count, event.qty_count * event.unit_fen
        move = StockMove.IN_STOCK if event.put_away else StockMove.RECEIVED
        _moved(to, event, at, move, count, worth, lot_no=event.lot_no, document=event.voucher_no or None, by=event.by)
        if event.put_away:
            _count(to, event, free_count=count, value_fen=worth)
        else:
            _count(to, event, waiting_count=count)

    @handles(Stock.PutAway)
    def put_away(self, event: Stock.PutAway, at: LogEvent, to: Changes) -> None:
        """Good pieces may be given out."""
        good, bad, price = event.accepted_count, event.rejected_count, event.unit_fen
        note = f"退货 {bad}：{event.reason}" if bad else None
        said = {"lot_no": event.lot_no, "note": note, "by": event.by}
        _moved(
            to,
            event,
            at,
            StockMove.IN_STOCK if good else StockMove.REJECTED,
            good or bad,
            (good or bad) * price,
            **said,
        )
        _count(to, event, waiting_count=-good - bad, free_count=good, value_fen=good * price)

    @handles(Stock.Allocated)
    def allocated(self, event: Stock.Allocated, at: LogEvent, to: Changes) -> None:
        """Set apart."""
        to.insert(
            StockAllocationRow,
            (event.originator_id, event.allocation_id),
            on=day_of(event),
            allocation_no=event.allocation_no,
            facility_id=event.facility_id,
            item=event.item,
            division_code=division_of(at),
            to_division_code=event.to_division_code,
            disaster_id=event.disaster_id,
            state=AllocationState.ALLOCATED,
            allocated_on=day_of(event),
            qty_count=event.qty_count,
            value_fen=event.value_fen,
        )
        said = {"disaster_id": event.disaster_id, "document": event.allocation_no, "note": event.to_division_code}
        _moved(to, event, at, StockMove.ALLOCATED, event.qty_count, event.value_fen, by=event.by, **said)
        _count(to, event, free_count=-event.qty_count, value_fen=-event.value_fen, allocated_count=event.qty_count)

    @handles(Stock.Shipped)
    def shipped(self, event: Stock.Shipped, at: LogEvent, to: Changes) -> None:
        """On its way."""
        _moved(to, event, at, StockMove.SHIPPED, event.qty_count, event.value_fen, by=event.by)
        _count(to, event, allocated_count=-event.qty_count, shipped_count=event.qty_count)
        _allocation(to, event, state=AllocationState.SHIPPED)

    @handles(Stock.Delivered)
    def delivered(self, event: Stock.Delivered, at: LogEvent, to: Changes) -> None:
        """Signed for."""
        said = {"document": event.receipt_no, "by": event.by}
        _moved(to, event, at, StockMove.DELIVERED, event.qty_count, event.value_fen, **said)
        _count(to, event, shipped_count=-event.qty_count, delivered_count=event.qty_count)
        _left(to, event, delivered_count=event.qty_count)

    @handles(Stock.Returned)
    def given_back(self, event: Stock.Returned, at: LogEvent, to: Changes) -> None:
        """In the stock again."""
        count = event.qty_count
        _moved(to, event, at, StockMove.RETURNED, count, event.value_fen, note=event.reason, by=event.by)
        left = {"shipped_count": -count} if event.shipped else {"allocated_count": -count}
        _count(to, event, free_count=count, value_fen=event.value_fen, **left)
        _left(to, event, returned_count=count)

    @handles(Stock.Scrapped)
    def scrapped(self, event: Stock.Scrapped, at: LogEvent, to: Changes) -> None:
        """No good any more."""
        count = event.qty_count
        _moved(to, event, at, StockMove.SCRAPPED, count, event.value_fen, note=event.grounds, by=event.by)
        if event.allocation_id is None:
            _count(to, event, scrapped_count=count, free_count=-count, value_fen=-event.value_fen)
        else:
            _count(to, event, scrapped_count=count, shipped_count=-count)
            _left(to, event, scrapped_count=count)

    @handles(Stock.Counted)
    def counted(self, event: Stock.Counted, at: LogEvent, to: Changes) -> None:
        """The books say what was counted."""
        delta = event.counted_count - event.booked_count
        move = StockMove.COUNTED_LESS if delta < 0 else StockMove.COUNTED_MORE
        note = f"账面 {event.booked_count}，实盘 {event.counted_count}"
        said = {"note": f"{note}：{event.explanation}" if event.explanation else note, "by": event.by}
        _moved(to, event, at, move, abs(delta), event.value_delta_fen, **said)
        _count(to, event, free_count=delta, value_fen=event.value_delta_fen)
        to.patch(StockRow, event.originator_id, on=day_of(event), counted_on=event.counted_on)

    @handles(Stock.IssueReported)
    def issued(self, event: Stock.IssueReported, at: LogEvent, to: Changes) -> None:
        """A source gave it out."""
        note = f"账外 {event.short_count}" if event.short_count else None
        said = {"disaster_id": event.disaster_id, "document": event.voucher_no or None, "note": note, "by": ""}
        _moved(to, event, at, StockMove.ISSUED, event.qty_count, value_fen(event.picks), **said)
        _count(to, event, free_count=-event.qty_count, value_fen=-event.value_fen)


def _moved(to: Changes, event: Any, at: LogEvent, move: StockMove, count: int, worth: int, **said: Any) -> None:
    to.insert(
        StockMovementRow,
        (event.originator_id, event.originator_version),
        on=day_of(event),
        facility_id=event.facility_id,
        item=event.item,
        division_code=division_of(at),
        move=move,
        moved_on=event.true_from(),
        qty_count=count,
        value_fen=worth,
        allocation_id=getattr(event, "allocation_id", None),
        **said,
    )


def _count(to: Changes, event: Any, **counts: Any) -> None:
    to.add(StockRow, event.originator_id, on=day_of(event), **counts)


def _allocation(to: Changes, event: Any, **columns: Any) -> None:
    to.patch(StockAllocationRow, (event.originator_id, event.allocation_id), on=day_of(event), decided=True, **columns)


def _left(to: Changes, event: Any, **counts: Any) -> None:
    """So many pieces of an allocation went somewhere; with the last one it is done."""
    to.add(StockAllocationRow, (event.originator_id, event.allocation_id), on=day_of(event), **counts)
    if event.left_count == 0:
        _allocation(to, event, state=AllocationState.DONE)
