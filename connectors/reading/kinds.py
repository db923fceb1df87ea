"""What each source's files hold: one line a source."""

from collections.abc import Mapping
from types import MappingProxyType

from connectors.reading import assistance, bank, civic, econ, population, procurement
from connectors.reading.rows import Kind

KINDS: Mapping[str, Mapping[str, Kind]] = MappingProxyType(
    {
        "population": population.KINDS,
        "assistance": assistance.KINDS,
        "econ": econ.KINDS,
        "bank": bank.KINDS,
        "procurement": procurement.KINDS,
        "civic": civic.KINDS,
    }
)
"""Kinds of rows by source."""
