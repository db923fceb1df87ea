"""Every context with its commands, imported: after this `kernel.event_classes()` and the subclasses of `Command` are
complete."""

from types import ModuleType

import domain.assistance.commands
import domain.civic.commands
import domain.funds.commands
import domain.procurement.commands
import domain.registry.commands
from domain import assistance, civic, findings, funds, processes, procurement, registry, rights

CONTEXTS: tuple[ModuleType, ...] = (registry, assistance, funds, procurement, civic, processes, findings, rights)
"""The packages that hold aggregates; a new context is added here once."""

__all__ = ["CONTEXTS", "domain"]
