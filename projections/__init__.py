"""Read models. Importing this package declares every view (`projections.kernel.tables.VIEWS`)."""

from projections import assistance, findings, registry, timeline

__all__ = ["assistance", "findings", "registry", "timeline"]
