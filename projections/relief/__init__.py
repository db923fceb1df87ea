"""Disaster relief: disasters and their reports, affected people, stock, relief money."""

from projections.relief.affected import AffectedPeople, AffectedRow, ReliefClockRow, ReliefDeliveryRow
from projections.relief.aid import Aids, ReliefAidRow
from projections.relief.disasters import CasualtyRow, DisasterReportRow, DisasterRow, Disasters, DisasterUnitRow
from projections.relief.stock import StockAllocationRow, StockMovementRow, StockRow, Stocks


class Relief(Disasters, AffectedPeople, Stocks, Aids):
    """Everything about disasters; what is due in them stands among the tasks (tasks.py)."""

    name = "relief"
    version = 2
    views = (
        *(DisasterRow, DisasterUnitRow, DisasterReportRow, CasualtyRow),
        *(AffectedRow, ReliefDeliveryRow, ReliefClockRow),
        *(StockRow, StockMovementRow, StockAllocationRow),
        ReliefAidRow,
    )
    contexts = ("relief",)


__all__ = [
    "AffectedRow",
    "CasualtyRow",
    "DisasterReportRow",
    "DisasterRow",
    "DisasterUnitRow",
    "Relief",
    "ReliefAidRow",
    "ReliefClockRow",
    "ReliefDeliveryRow",
    "StockAllocationRow",
    "StockMovementRow",
    "StockRow",
]
