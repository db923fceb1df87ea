"""Every context with its commands, imported: after this `kernel.event_classes()` and the subclasses of `Command` are
complete."""

from types import ModuleType

import domain.assistance.commands
import domain.care.commands
import domain.funds.commands
import domain.medical.commands
import domain.registry.commands
from domain import assistance, care, civic, findings, funds, grid, medical, processes, procurement, registry, relief, rights

CONTEXTS: tuple[ModuleType, ...] = (registry, assistance, care, funds, processes, findings, rights, medical, grid, relief, procurement, civic)


import domain.grid.commands

import domain.relief.commands

import domain.civic.commands
import domain.procurement.commands

"""The packages that hold aggregates; a new context is added here once."""

__all__ = ["CONTEXTS", "domain"]
