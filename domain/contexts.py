"""Every context, imported: after this, `kernel.event_classes()` and `kernel.aggregate_classes()` are complete."""

from domain import assistance, findings, registry

CONTEXTS = (registry, assistance, findings)
"""The packages that hold aggregates; a new context is added here once."""
