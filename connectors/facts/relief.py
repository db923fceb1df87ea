"""What the relief office's own lists say."""

from datetime import date

from connectors.facts.base import Fact
from domain.codes import Code, DisasterKind, FundSource, ReliefItem, ReportStage, StockOrigin


class StockDirection(Code):
    """出入库方向"""

    IN = "in", "入库"
    OUT = "out", "出库"


class StockSlipFact(Fact, frozen=True, array_like=True, gc=False, kw_only=True):
    """One line of a warehouse's slip; `unit_fen` is the price of one piece."""

    slip_no: str
    warehouse: str
    item: ReliefItem
    direction: StockDirection
    qty_count: int
    unit_fen: int = 0
    origin: StockOrigin = StockOrigin.PURCHASE
    division_code: str = ""


class DisasterReportFact(Fact, frozen=True, array_like=True, gc=False, kw_only=True):
    """One township's line of the disaster statistics. `on` is the day the figures hold at; money in fen."""

    title: str
    disaster: DisasterKind
    occurred_on: date
    division_code: str
    stage: ReportStage
    figures: tuple[int, ...]
    """As `domain.relief.figures.Figures` has them, in its order."""


class WinterAidFact(Fact, frozen=True, array_like=True, gc=False, kw_only=True):
    """One family of a winter and spring list; `paid_on` where it was paid already."""

    season: int
    name: str
    citizen_id: str
    division_code: str
    head_count: int = 1
    amount_fen: int = 0
    situation: str = ""
    paid_on: date | None = None
    payment_no: str = ""
    fund_source: FundSource | None = None
