"""What each source's files hold: one line a source."""

from collections.abc import Mapping
from types import MappingProxyType

from connectors.reading import (
    assistance,
    bank,
    benefits,
    civic,
    econ,
    eldercare,
    grid,
    medical,
    platforms,
    population,
    procurement,
    relief,
)
from connectors.reading.rows import Kind

KINDS: Mapping[str, Mapping[str, Kind]] = MappingProxyType(
    {
        "population": population.KINDS,
        "assistance": assistance.KINDS,
        "econ": econ.KINDS,
        "bank": bank.KINDS,
        "eldercare": {**eldercare.KINDS, **benefits.ELDERCARE},
        "disability": benefits.DISABILITY,
        "medical": medical.KINDS,
        "grid": grid.KINDS,
        "relief": relief.KINDS,
        "procurement": procurement.KINDS,
        "civic": civic.KINDS,
        "platforms": platforms.KINDS,
    }
)
"""Kinds of rows by source."""
