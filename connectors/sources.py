"""Every source of rows and how its rows are decided: one line a source."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from connectors import (
    assistance,
    bank,
    benefits,
    civic,
    econ,
    eldercare,
    grid,
    medical,
    population,
    procurement,
    relief,
)
from connectors.deciding import Handler
from connectors.platforms import answers
from connectors.world import World
from domain.access import Area


@dataclass(frozen=True, slots=True)
class Source:
    """`area`: whose data its rows are, and so who may see that some wait. `handlers` are by kind."""

    area: Area
    handlers: Callable[[World], Mapping[str, Handler]]


def _eldercare(world: World) -> Mapping[str, Handler]:
    """The eldercare system knows of places and services, and of benefits."""
    return {**eldercare.handlers(world), **benefits.eldercare_handlers(world)}


SOURCES: Mapping[str, Source] = MappingProxyType(
    {
        population.SOURCE: Source(Area.REGISTRY, population.handlers),
        assistance.SOURCE: Source(Area.ASSISTANCE, assistance.handlers),
        econ.SOURCE: Source(Area.ASSISTANCE, econ.handlers),
        eldercare.SOURCE: Source(Area.CARE, _eldercare),
        bank.SOURCE: Source(Area.FUNDS, bank.handlers),
        medical.SOURCE: Source(Area.MEDICAL, medical.handlers),
        benefits.DISABILITY: Source(Area.CARE, benefits.disability_handlers),
        grid.SOURCE: Source(Area.GRID, grid.handlers),
        relief.SOURCE: Source(Area.RELIEF, relief.handlers),
        procurement.SOURCE: Source(Area.PROCUREMENT, procurement.handlers),
        civic.SOURCE: Source(Area.CIVIC, civic.handlers),
        answers.SOURCE: Source(Area.FINDINGS, answers.handlers),
    }
)
"""Sources by name."""
