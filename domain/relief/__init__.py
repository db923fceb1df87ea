"""Disaster relief: disasters with what is reported of them, affected people, relief stock, relief money."""

from domain.relief.affected import Affected
from domain.relief.aid import ReliefAid
from domain.relief.casualty import Casualty
from domain.relief.disaster import Disaster
from domain.relief.reporting import DisasterReports
from domain.relief.stock import Stock

__all__ = ["Affected", "Casualty", "Disaster", "DisasterReports", "ReliefAid", "Stock"]
