"""Read models. Importing this package declares every view (`projections.kernel.tables.VIEWS`)."""

from projections.assistance import Assistance
from projections.care import Care
from projections.civic import Civic
from projections.facilities import Facilities
from projections.findings import Findings
from projections.funds import Funds
from projections.grid import GridViews
from projections.kernel.changes import Projection
from projections.medical import Medical
from projections.procurement import Procurement
from projections.registry import Registry
from projections.relief import Relief
from projections.rights import Rights
from projections.tasks import Tasks
from projections.timeline import Timeline
from projections.work import Work

PROJECTIONS: tuple[Projection, ...] = (
    Registry(),
    Assistance(),
    Facilities(),
    Care(),
    Work(),
    Tasks(),
    Relief(),
    Funds(),
    Medical(),
    GridViews(),
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
    "Care",
    "Civic",
    "Facilities",
    "Findings",
    "Funds",
    "GridViews",
    "Medical",
    "Procurement",
    "Projection",
    "Registry",
    "Relief",
    "Rights",
    "Tasks",
    "Timeline",
    "Work",
]
