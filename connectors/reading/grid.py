"""What rows of grid systems say. The digits of a state mean another thing in each system: each title has its table."""

from connectors.facts import GridFact, GridVisitFact, HandlingFact, IncidentFact, ResidentFact
from connectors.reading.demand import Values, demand, demand_citizen_id
from connectors.reading.places import division_of, explain
from connectors.reading.rows import Kind, Reason, RowFault
from domain.codes import GridVisitResult, IncidentState, IncidentType, Living, ReporterKind, Tenure, Urgency
from domain.errors import BadInput
from domain.grid.geometry import Point, parse_point
from domain.grid.grid import demand_grid_code

_STATES = ("state", "state_fp", "state_sp")


def grid_fact(values: Values) -> GridFact:
    """A row of the list of grids."""
    code = demand(values, "grid_code")
    _community(values, _grid_code(values))
    return GridFact(on=values.get("on"), code=code, name=values.get("grid_name") or code)


def incident_fact(values: Values) -> IncidentFact:
    """A row of the list of incidents."""
    demand(values, "occurred_on")
    code, point = _grid_code(values), _point(values)
    title, text = values.get("title"), values.get("text")
    return IncidentFact(
        on=values.get("on"),
        incident_no=demand(values, "incident_no"),
        incident_type=IncidentType(values.get("type") or IncidentType.OTHER),
        urgency=Urgency(values.get("urgency") or Urgency.III),
        state=_state(values),
        division_code=_community(values, code),
        grid_code=code,
        grid_name=values.get("grid_name") or "",
        lng=None if point is None else point.lng,
        lat=None if point is None else point.lat,
        place=values.get("place_text") or "",
        text="：".join(part for part in (title, text) if part),
        reporter_kind=ReporterKind(values.get("reporter_kind") or ReporterKind.OTHER),
        reporter=values.get("reporter"),
        phone=values.get("phone"),
    )


def handling_fact(values: Values) -> HandlingFact:
    """A row of the trail of incidents; one that was finished and says nothing else is handled."""
    finished = values.get("finished_on")
    state = _state(values) or (IncidentState.RESOLVED if finished is not None else IncidentState.HANDLING)
    said = [part for part in (values.get("measure"), values.get("feedback")) if part]
    return HandlingFact(
        on=finished or values.get("on"),
        incident_no=demand(values, "incident_no"),
        state=state,
        org=values.get("org") or "",
        measure="；".join(said) or None,
    )


def resident_fact(values: Values) -> ResidentFact:
    """A row of the list of residents."""
    code = _grid_code(values)
    living = (values.get("tags") or "").split(",")[0]
    return ResidentFact(
        on=values.get("on"),
        name=demand(values, "name"),
        citizen_id=demand_citizen_id(values),
        division_code=_community(values, code),
        grid_code=code,
        grid_name=values.get("grid_name") or "",
        living=Living(living or Living.UNKNOWN),
        tenure=Tenure(values.get("tenure") or Tenure.UNKNOWN),
    )


def visit_fact(values: Values) -> GridVisitFact:
    """A row of the list of visits; one that says nothing else was made and met the person."""
    demand(values, "visited_on")
    return GridVisitFact(
        on=values.get("on"),
        name=values.get("name"),
        citizen_id=demand_citizen_id(values),
        result=GridVisitResult(values.get("result") or GridVisitResult.WELL),
        note=values.get("note"),
    )


def _state(values: Values) -> IncidentState | None:
    found = [values[name] for name in _STATES if values.get(name) is not None]
    if len(set(found)) > 1:
        raise RowFault(Reason.INCONSISTENT, "两列处理状态不一致；请核对。", _STATES)
    return IncidentState(found[0]) if found else None


def _grid_code(values: Values) -> str:
    code = values.get("grid_code")
    if not code:
        return ""
    try:
        return demand_grid_code(str(code))
    except BadInput as error:
        raise RowFault(Reason.UNREADABLE, explain(error), ("grid_code",)) from None


def _community(values: Values, grid_code: str) -> str:
    """The community a row names, by its grid's code where it names none; the two must agree."""
    named = any(values.get(name) for name in ("division_code", "community", "place"))
    if grid_code and not named:
        return grid_code[:12]
    division = division_of(values)
    if len(division) != 12:
        raise RowFault(Reason.MISSING, "没有写明村（社区）；请填写所属街道和社区，或区划代码。", ("community",))
    if grid_code and not grid_code.startswith(division):
        raise RowFault(Reason.INCONSISTENT, "网格不在所写的村（社区）；请核对。", ("grid_code", "community"))
    return division


def _point(values: Values) -> Point | None:
    text, lng, lat = values.get("point"), values.get("lng"), values.get("lat")
    if not text and not (lng and lat):
        return None
    try:
        return parse_point(str(text or f"{lng},{lat}"))
    except BadInput as error:
        raise RowFault(Reason.UNREADABLE, str(error), ("point",) if text else ("lng", "lat")) from None


KINDS = {
    "grids": Kind(grid_fact),
    "incidents": Kind(incident_fact),
    "handling": Kind(handling_fact),
    "residents": Kind(resident_fact),
    "visits": Kind(visit_fact),
}
