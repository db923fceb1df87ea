"""What is said in public of the grid: incidents by kind and place, grids and their boundaries."""

from connectors.public.kinds import public

PUBLIC = (
    public("grid.GridDefined", "code", "name", "division_code", "polygon", "from_on"),
    public("grid.GridRedefined", "name", "polygon", "from_on"),
    public("grid.GridClosed", "from_on"),
    public(
        "grid.IncidentReported",
        "incident_no",
        "type",
        "urgency",
        "division_code",
        "grid_code",
        "lng",
        "lat",
        "effective_on",
    ),
    public("grid.IncidentEscalated", "state", "from_level", "to_level"),
    public("grid.IncidentResolved", "late"),
    public("grid.IncidentClosed"),
    public("grid.PublicFacilityListed", "kind", "name", "division_code", "grid_code", "lng", "lat"),
    public("grid.PublicFacilityChecked", "state", "effective_on"),
)
