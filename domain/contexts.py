"""Every context with its commands, imported: after this `kernel.event_classes()` and the subclasses of `Command` are
complete."""

from types import ModuleType

import domain.assistance.commands
import domain.care.commands
import domain.civic.commands
import domain.funds.commands
import domain.grid.commands
import domain.medical.commands
import domain.procurement.commands
import domain.registry.commands
import domain.relief.commands
from domain import (
    assistance,
    care,
    civic,
    findings,
    funds,
    grid,
    medical,
    processes,
    procurement,
    registry,
    relief,
    rights,
)

CONTEXTS: tuple[ModuleType, ...] = (
    *(registry, assistance, care, medical, grid, relief, procurement, civic),
    *(funds, processes, findings, rights),
)
"""The packages that hold aggregates; a new context is added here once."""

__all__ = ["CONTEXTS", "domain"]
