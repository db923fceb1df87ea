"""Read models. Importing this package declares every view (`projections.kernel.tables.VIEWS`)."""

from projections.assistance import Assistance
from projections.civic import Civic
from projections.findings import Findings
from projections.funds import Funds
from projections.kernel.changes import Projection
from projections.procurement import Procurement
from projections.registry import Registry
from projections.rights import Rights
from projections.tasks import Tasks
from projections.timeline import Timeline
from projections.work import Work

PROJECTIONS: tuple[Projection, ...] = (
    Registry(),
    Assistance(),
    Work(),
    Tasks(),
    Funds(),
    Procurement(),
    Civic(),
    Timeline(),
    Findings(),
    Rights(),
)
"""Every projection; each keeps its own position in the log."""

__all__ = [
    "PROJECTIONS",
    "Assistance",
    "Civic",
    "Findings",
    "Funds",
    "Procurement",
    "Projection",
    "Registry",
    "Rights",
    "Tasks",
    "Timeline",
    "Work",
]
