"""The community grid in the read models."""

from projections.grid.clues import ClueRow, Clues, ResidentChangeRow
from projections.grid.grids import GridRow, Grids, GridWorkerRow, PropertyManagementRow, PublicFacilityRow
from projections.grid.incidents import IncidentRow, Incidents
from projections.grid.residents import GridVisitRow, MyGridVisitRow, ResidentRow, Residents


class GridViews(Grids, Incidents, Clues, Residents):
    """Grids, incidents, clues, residents and visits; and deaths as they are reported, which the registry tells."""

    name = "grid"
    version = 1
    views = (
        *(GridRow, ResidentRow, GridWorkerRow, PublicFacilityRow, PropertyManagementRow),
        *(IncidentRow, ClueRow, ResidentChangeRow, GridVisitRow, MyGridVisitRow),
    )
    contexts = ("grid",)


__all__ = ["GridViews"]
