"""Grid systems' rows: grids, incidents, what was done about them, residents, visits. History: no limit runs from it."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from types import MappingProxyType
from uuid import UUID

from connectors.deciding import Handler, Row, Turn, fact_of, singly
from connectors.facts import GridFact, GridVisitFact, HandlingFact, IncidentFact, ResidentFact
from connectors.people import citizen_ids, demand_person, person_from_row
from connectors.reading.rows import Reason, RowFault
from connectors.world import World
from domain.codes import IncidentState
from domain.grid import Grid, Incident, Resident
from domain.grid.contradictions import of_handling, of_visit
from domain.grid.geometry import Point
from domain.grid.grid import grid_at, grid_id, grids_of
from domain.grid.resident import resident_id
from domain.registry import Person

SOURCE = "grid"


def handlers(world: World) -> MappingProxyType[str, Handler]:
    """How each kind of a grid system's rows is decided."""
    return MappingProxyType(
        {
            "grids": Grids(world),
            "incidents": Incidents(world),
            "handling": Handling(world),
            "residents": Residents(world),
            "visits": Visits(world),
        }
    )


def incident_id(world: World, incident_no: str) -> UUID:
    """An incident by the number the source gave it."""
    return world.derive("incident", SOURCE, incident_no)


class _Rows:
    """Rows that are each decided by themselves."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._grids: dict[UUID, Grid] = {}

    def runs(self, rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
        """Each row by itself."""
        return singly(rows)

    async def _know_grids(self, divisions: Iterable[str]) -> None:
        """The grids of the communities that rows name."""
        wanted = tuple(grids_of(division) for division in dict.fromkeys(divisions))
        self._grids = await self._world.store.load_tagged(Grid, wanted) if wanted else {}

    async def _know_people(self, facts: Sequence[ResidentFact] | Sequence[GridVisitFact]) -> None:
        """The persons behind the citizen IDs, and what the grid knows of them."""
        world = self._world
        numbers = citizen_ids(facts, "citizen_id")
        world.resolve(numbers)
        known = [(number, world.person_id(number)) for number in numbers]
        ids = [id for _, id in known if id is not None]
        new = [world.reserved_id(number) for number, id in known if id is None]
        await world.load([*ids, *(resident_id(id) for id in ids)], [*ids, *new])

    def _grid_of(self, division_code: str, code: str, name: str, point: Point | None, on: date) -> str:
        """The code of the grid that a row names by code or name, or whose border of the day its place lies in."""
        if code:
            return code
        here = [grid for grid in self._grids.values() if grid.division_code == division_code]
        named = sorted(grid.code for grid in here if name and grid.name == name)
        if named:
            return named[0]
        return grid_at(here, point, on) if point is not None else ""


class Grids(_Rows):
    """Rows of the list of grids: a new one, or another name."""

    async def load(self, facts: Sequence[GridFact]) -> None:
        """The grids themselves."""
        await self._world.load([grid_id(fact.code) for fact in facts], ())

    def apply(self, run: Sequence[Row], turn: Turn) -> None:
        """Report the grid."""
        (row,) = run
        fact = fact_of(row)
        assert isinstance(fact, GridFact)
        on = fact.on or turn.export_on
        grid = self._world.get(Grid, grid_id(fact.code))
        if grid is None:
            grid = Grid.define(turn.at(on), code=fact.code, name=fact.name, polygon=None, from_on=on)
            self._world.add(grid)
        else:
            grid.report_defined(turn.at(turn.export_on), name=fact.name, from_on=on)
        turn.change(grid)
        turn.record(row)


class Incidents(_Rows):
    """Rows of the list of incidents, which a source overwrites: a new one, or another state."""

    async def load(self, facts: Sequence[IncidentFact]) -> None:
        """The incidents, and the grids they may lie in."""
        ids = [incident_id(self._world, fact.incident_no) for fact in facts]
        await self._world.load(ids, ids)
        await self._know_grids(fact.division_code for fact in facts)

    def apply(self, run: Sequence[Row], turn: Turn) -> None:
        """Report the incident, then how it stands."""
        (row,) = run
        fact = fact_of(row)
        assert isinstance(fact, IncidentFact)
        incident = self._world.get(Incident, incident_id(self._world, fact.incident_no))
        if incident is None:
            incident = self._report(fact, turn)
        if fact.state is not None:
            incident.report_handled(
                turn.at(turn.export_on),
                row_key="",
                state=fact.state,
                org="",
                measure=None,
                handled_on=turn.export_on,
            )
        turn.change(incident)
        turn.record(row)

    def _report(self, fact: IncidentFact, turn: Turn) -> Incident:
        occurred_on = fact.on or turn.export_on
        point = None if fact.lng is None or fact.lat is None else Point(fact.lng, fact.lat)
        incident = Incident.report(
            incident_id(self._world, fact.incident_no),
            turn.at(occurred_on),
            type=fact.incident_type,
            urgency=fact.urgency,
            division_code=fact.division_code,
            grid_code=self._grid_of(fact.division_code, fact.grid_code, fact.grid_name, point, occurred_on),
            point=point,
            place=fact.place,
            text=fact.text,
            reporter_kind=fact.reporter_kind,
            reporter=fact.reporter,
            phone=fact.phone,
            by="",
            limits=(),
            incident_no=fact.incident_no,
            effective_on=occurred_on,
        )
        self._world.add(incident)
        return incident


class Handling(_Rows):
    """Rows of the trail, one an assignment; the incident must be known."""

    async def load(self, facts: Sequence[HandlingFact]) -> None:
        """The incidents."""
        ids = [incident_id(self._world, fact.incident_no) for fact in facts]
        await self._world.load(ids)

    def apply(self, run: Sequence[Row], turn: Turn) -> None:
        """Report what was done. A row the source has changed is another entry: both stay visible."""
        (row,) = run
        fact = fact_of(row)
        assert isinstance(fact, HandlingFact)
        incident = self._world.get(Incident, incident_id(self._world, fact.incident_no))
        if incident is None:
            message = "没有此编号的事件；请先导入事件，此行随后自动入库。"
            raise RowFault(Reason.NO_PREDECESSOR, message, ("incident_no",))
        handled_on = fact.on or turn.export_on
        incident.report_handled(
            turn.at(handled_on),
            row_key=row.message.hex(),
            state=fact.state,
            org=fact.org,
            measure=fact.measure,
            handled_on=handled_on,
        )
        if fact.state is not IncidentState.REPORTED:
            turn.find(of_handling(incident, handled_on), row)
        turn.change(incident)
        turn.record(row)


class Residents(_Rows):
    """Rows of the list of residents: in which grid they live, and how."""

    async def load(self, facts: Sequence[ResidentFact]) -> None:
        """The persons, what the grid knows of them, and the grids they may be named by."""
        await self._know_people(facts)
        await self._know_grids(fact.division_code for fact in facts)

    def apply(self, run: Sequence[Row], turn: Turn) -> None:
        """Report the resident; where the registry has them live is the registry's to say."""
        (row,) = run
        fact = fact_of(row)
        assert isinstance(fact, ResidentFact)
        on = fact.on or turn.export_on
        person = person_from_row(self._world, fact.citizen_id, fact.name, fact.division_code, on)
        turn.change(person)
        code = self._grid_of(fact.division_code, fact.grid_code, fact.grid_name, None, on)
        resident = self._world.get(Resident, resident_id(person.id))
        if resident is None:
            resident = _entered(self._world, person, fact.division_code, code, turn)
        else:
            kept = code or (resident.grid_code if resident.division_code == fact.division_code else "")
            resident.transfer(turn.at(turn.export_on), to_division_code=fact.division_code, moved_on=on, grid_code=kept)
        resident.report_living(turn.at(turn.export_on), living=fact.living, tenure=fact.tenure, on=on)
        turn.change(resident)
        turn.record(row)


class Visits(_Rows):
    """Rows of the list of visits; the person must be known."""

    async def load(self, facts: Sequence[GridVisitFact]) -> None:
        """The persons, and what the grid knows of them."""
        await self._know_people(facts)

    def apply(self, run: Sequence[Row], turn: Turn) -> None:
        """Report the visit."""
        (row,) = run
        fact = fact_of(row)
        assert isinstance(fact, GridVisitFact)
        person = demand_person(self._world, fact.citizen_id, fact.name)
        visited_on = fact.on or turn.export_on
        resident = self._world.get(Resident, resident_id(person.id))
        if resident is None:
            resident = _entered(self._world, person, person.division_code, "", turn)
        resident.report_visit(
            turn.at(visited_on),
            record=row.record.hex(),
            row_key=row.message.hex(),
            result=fact.result,
            note=fact.note,
            by="",
            visited_on=visited_on,
        )
        turn.find(of_visit(resident, person, fact.result, visited_on), row)
        turn.change(resident)
        turn.record(row)


def _entered(world: World, person: Person, division_code: str, grid_code: str, turn: Turn) -> Resident:
    on = turn.export_on
    made = Resident.enter(
        turn.at(on), person_id=person.id, grid_code=grid_code, division_code=division_code, from_on=on
    )
    world.add(made)
    return made
