"""Read models. Importing this package declares every view (`projections.kernel.tables.VIEWS`)."""

from projections.assistance import Assistance
from projections.findings import Findings
from projections.funds import Funds
from projections.kernel.changes import Projection
from projections.registry import Registry
from projections.relief import Relief
from projections.rights import Rights
from projections.tasks import Tasks
from projections.timeline import Timeline
from projections.work import Work

PROJECTIONS: tuple[Projection, ...] = (
    Registry(),
    Assistance(),
    Work(),
    Tasks(),
    Relief(),
    Funds(),
    Timeline(),
    Findings(),
    Rights(),
)
"""Every projection; each keeps its own position in the log."""

__all__ = [
    "PROJECTIONS",
    "Assistance",
    "Findings",
    "Funds",
    "Projection",
    "Registry",
    "Relief",
    "Rights",
    "Tasks",
    "Timeline",
    "Work",
]
