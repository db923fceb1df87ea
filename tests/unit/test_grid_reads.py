"""What the read models make of a grid: lists, the queue, each worker's own visits, and what is masked in the log."""

import random
from datetime import timedelta
from typing import Any

import pytest

from domain.access import Area, RoleCode, account_id, own_work_id
from domain.clock import at
from domain.codes import ChangeState, ClueState, GridLevel, GridVisitState, IncidentState, Living, TaskStep
from domain.grid import Incident
from domain.kernel import event_classes
from infra.codec import EventCodec
from infra.deadlines import Deadlines
from infra.keys import FileMasterKey, KeyRing
from infra.log import MemoryLog
from infra.store import EventStore
from projections import GridViews, Tasks
from projections.kernel.changes import Projection, Row
from projections.kernel.memory import MemoryTables
from projections.kernel.scope import VISIT, session_scope
from tests.integration.grid_support import CODE, SOUTH, WALKER, WEEK, gridded, incident
from tests.integration.projections_support import CLERK, DAY, NORTH, World, person
from tests.unit.domain.test_incident import DEPUTY
from tests.unit.domain.test_incident import WALKER as ACTOR


@pytest.fixture
async def world() -> World:
    """A grid with everything in it."""
    log: Any = MemoryLog()
    keyring = KeyRing(log, FileMasterKey(bytes(32)))
    codec = EventCodec(keyring)
    made = World(log, "", keyring, codec, EventStore(log, codec, keyring), random.Random(7))
    people = [person(made, NORTH, f"拟某{n}") for n in range(3)]
    await made.record(*people)
    people[0].report_death(at(DAY + WEEK), died_on=DAY, evidence="走访")
    people[1].report_death(at(DAY + WEEK), died_on=DAY, evidence="走访")
    people[1].report_death_reversed(at(DAY + 2 * WEEK), reason="误报")
    await made.record(*people, *gridded(made.id, people, DAY), envelope=CLERK)
    return made


async def read(world: World, projection: Projection, view: str) -> dict[Any, Row]:
    """A view's rows now, folded three events at a time."""
    rows = await world.log.read(0, 10_000)
    await world.keyring.preload(world.codec.holders(rows))
    events = [(row, world.codec.decode(row)) for row in rows]
    made = MemoryTables(projection)
    for start in range(0, len(events), 3):
        await made.take(events[start : start + 3])
    return made.read(view)


async def test_every_event_of_the_grid_is_in_the_story(world: World) -> None:
    told = {row.topic for row in await world.log.read(0, 10_000)}
    assert {topic for topic in event_classes() if topic.startswith("grid.")} <= told


async def test_grids_and_who_answers_for_them(world: World) -> None:
    grids = {row["code"]: row for row in (await read(world, GridViews(), "grid")).values()}
    assert grids[CODE]["name"] == "东一网格"
    assert grids[CODE]["polygon"].startswith('{"type":"Polygon","coordinates":[[[113.0000000,22.0000000]')
    assert grids[f"{NORTH}002"]["closed_on"] == DAY + WEEK
    workers = {row["worker"]: row for row in (await read(world, GridViews(), "grid_worker")).values()}
    assert (workers[WALKER]["to_on"], workers["网格员乙"]["to_on"], workers["网格员乙"]["deputy"]) == (None, DAY, True)


async def test_incidents_as_they_stand(world: World) -> None:
    rows = sorted((await read(world, GridViews(), "incident")).values(), key=lambda row: row["state"])
    assert [(row["state"], row["open"], row["level"]) for row in rows] == [
        (IncidentState.ACCEPTED, True, GridLevel.COMMUNITY),
        (IncidentState.CLOSED, False, GridLevel.COMMUNITY),
        (IncidentState.DUPLICATE, False, GridLevel.COMMUNITY),
        (IncidentState.REPORTED, True, GridLevel.STREET),
    ]
    reopened, told, twice, late = rows
    assert (reopened["resolved_at"], reopened["closed_on"], reopened["due_at"]) == (None, None, at(DAY, 10))
    assert (told["measure"], told["due_at"]) == ("已处理", None)
    assert (twice["original_id"], late["due_at"]) == (late["id"], at(DAY, 12))
    assert late["location"] == '{"type":"Point","coordinates":[113.0000000,22.0000000]}'


async def test_clues_residents_and_changes(world: World) -> None:
    clues = sorted((await read(world, GridViews(), "clue")).values(), key=lambda row: row["state"])
    assert [(row["state"], row["open"], row["division_code"]) for row in clues] == [
        (ClueState.CANCELLED, False, SOUTH),
        (ClueState.CLOSED, False, NORTH),
        (ClueState.DECLINED, True, NORTH),
    ]
    residents = (await read(world, GridViews(), "resident")).values()
    assert {(row["living"], row["met_on"], row["ended"]) for row in residents} == {(Living.ALONE, DAY, None)}
    assert {row["division_code"] for row in residents} == {NORTH, SOUTH}
    changes = sorted(
        (await read(world, GridViews(), "resident_change")).values(), key=lambda r: (r["kind"], r["state"])
    )
    assert [(row["kind"], row["state"], row["open"]) for row in changes] == [
        ("death", ChangeState.REJECTED, False),
        ("death", ChangeState.REPORTED, True),
        ("move", ChangeState.CONFIRMED, False),
        ("move", ChangeState.REJECTED, False),
        ("move", ChangeState.REPORTED, True),
    ]


async def test_visits_owed_and_made(world: World) -> None:
    visits = (await read(world, GridViews(), "grid_visit")).values()
    states = [row["state"] for row in visits]
    # Of three owed one was made and one cancelled; three times nobody opened, and two calls were not owed.
    assert (states.count(GridVisitState.ALLOCATED), states.count(GridVisitState.CANCELLED)) == (1, 1)
    assert states.count(GridVisitState.MADE) == 1 + 3 + 2
    mine = [row for row in (await read(world, GridViews(), "my_grid_visit")).values() if row["open"]]
    (owed,) = (row for row in visits if row["open"])
    assert [(row["id"], row["worker_id"]) for row in mine] == [(owed["id"], own_work_id(WALKER))]


async def test_the_queue_has_what_somebody_has_to_do(world: World) -> None:
    rows = [row for row in (await read(world, Tasks(), "task")).values() if row["open"]]
    assert sorted((row["step"], row["role"], row["due_on"], row["due_at"]) for row in rows) == [
        (TaskStep.CLUE_FEEDBACK, RoleCode.COMMUNITY_WORKER, DAY + WEEK, at(DAY + WEEK + timedelta(days=1))),
        (TaskStep.GRID_VISIT, RoleCode.GRID_WORKER, DAY + WEEK, at(DAY + WEEK + timedelta(days=1))),
        (TaskStep.INCIDENT_ACCEPT, RoleCode.STREET_OFFICER, DAY, at(DAY, 12)),
        (TaskStep.INCIDENT_RESOLVE, RoleCode.COMMUNITY_WORKER, DAY, at(DAY, 10)),
        (TaskStep.MOVE_CONFIRM, RoleCode.COMMUNITY_WORKER, DAY + WEEK, at(DAY + WEEK + timedelta(days=1))),
    ]
    assert {row["area"] for row in rows} == {Area.GRID}
    assert [row["assignee"] for row in rows if row["step"] == TaskStep.GRID_VISIT] == [WALKER]


async def test_what_is_personal_is_sealed(world: World) -> None:
    rows = await world.log.read(0, 10_000)
    written = ("拟某报", "拟某管", "拟某亲", "北街1号", "冒烟", "行动不便", "住院", "已扑灭", "临时救助", "无人")
    for row in rows:
        assert not [text for text in written if text.encode() in row.payload], row.topic


async def test_the_timer_escalates_incidents_and_clues_once(world: World) -> None:
    one = incident(world.id(), at(DAY + 8 * WEEK, 9), limits=(at(DAY + 8 * WEEK, 9, 30), at(DAY + 8 * WEEK, 10)))
    await world.record(one)
    now = [at(DAY + 8 * WEEK, 9, 30)]

    def watch() -> Deadlines:
        return Deadlines(world.store, lambda: now[0])

    one_process = watch()
    await one_process.run_pending()
    levels = []
    for _ in range(3):
        now[0] += timedelta(seconds=1)
        await one_process.run_pending()
        await watch().run_pending()
        loaded = await world.store.load(Incident, one.id)
        assert loaded is not None
        levels.append((loaded.level, loaded.due_at))
    assert levels == [(GridLevel.STREET, at(DAY + 8 * WEEK, 10))] * 3
    rows = (await read(world, Tasks(), "task")).values()
    (item,) = (row for row in rows if row["subject"] == f"incident:{one.id}")
    assert (item["role"], item["due_at"]) == (RoleCode.STREET_OFFICER, levels[0][1])


def test_a_session_shows_a_workers_own_and_not_a_visitors() -> None:
    day = f"{DAY} "
    assert session_scope(ACTOR, DAY)[VISIT] == day + str(own_work_id(ACTOR.name)) != day + str(account_id(ACTOR.name))
    assert session_scope(DEPUTY, DAY)[VISIT] == session_scope(ACTOR, DAY)[VISIT]
    assert session_scope(ACTOR)[VISIT] == ""
