"""What grid systems say: grids, incidents and what was done about them, residents, visits."""

from connectors.facts.base import Fact
from domain.codes import GridVisitResult, IncidentState, IncidentType, Living, ReporterKind, Tenure, Urgency


class GridFact(Fact, frozen=True, array_like=True, gc=False, kw_only=True):
    """A grid by its code. The grid worker's name is no account here and is not read."""

    code: str
    name: str


class IncidentFact(Fact, frozen=True, array_like=True, gc=False, kw_only=True):
    """An incident as it stands; its place in units of 1e-7 degree."""

    incident_no: str
    incident_type: IncidentType
    urgency: Urgency
    state: IncidentState | None
    division_code: str
    grid_code: str = ""
    grid_name: str = ""
    lng: int | None = None
    lat: int | None = None
    place: str = ""
    text: str = ""
    reporter_kind: ReporterKind = ReporterKind.PLATFORM
    reporter: str | None = None
    phone: str | None = None


class HandlingFact(Fact, frozen=True, array_like=True, gc=False, kw_only=True):
    """One assignment of an incident and what came of it."""

    incident_no: str
    state: IncidentState
    org: str = ""
    measure: str | None = None


class ResidentFact(Fact, frozen=True, array_like=True, gc=False, kw_only=True):
    """A resident of a grid; of their tags only how they live is read."""

    name: str
    citizen_id: str
    division_code: str
    grid_code: str = ""
    grid_name: str = ""
    living: Living = Living.UNKNOWN
    tenure: Tenure = Tenure.UNKNOWN


class GridVisitFact(Fact, frozen=True, array_like=True, gc=False, kw_only=True):
    """A visit that was made."""

    name: str | None
    citizen_id: str
    result: GridVisitResult
    note: str | None = None
