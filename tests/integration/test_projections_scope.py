"""Row security: readers see what their scope and areas allow, in the present and the past, and nothing by default."""

from datetime import date, timedelta
from typing import Any

import asyncpg
import pytest

from domain.access import Actor, Area, RoleCode
from projections import PROJECTIONS
from projections.kernel.scope import session_scope
from projections.kernel.tables import VIEWS
from tests.integration.medical_support import WINDOW
from tests.integration.projections_support import (
    ALL,
    DAY,
    NORTH,
    SOUTH,
    World,
    case,
    division,
    eventful,
    household,
    instant,
    payment,
    person,
    world,
)

__all__ = ["world"]

pytestmark = pytest.mark.usefixtures("projected")

READABLE = [view for view in VIEWS.values() if not view.internal]


async def count(reader: "asyncpg.Connection[Any]", table: str) -> int:
    """How many rows this reader sees."""
    return int(await reader.fetchval(f"SELECT count(*) FROM {table}"))


async def test_without_settings_nothing_is_seen(world: World) -> None:
    await eventful(world, 60)
    await world.runner().catch_up()
    async with world.reader() as reader:
        for view in READABLE:
            assert await count(reader, view.live) == 0
            if view.has_history:
                assert await count(reader, view.history) == 0
        await reader.execute("SELECT set_config('minzheng.lo', '', false), set_config('minzheng.hi', '', false)")
        for view in READABLE:
            assert await count(reader, view.live) == 0


async def test_readers_may_not_see_bookkeeping_nor_write_nor_read_the_log(world: World) -> None:
    await eventful(world, 20)
    await world.runner().catch_up()
    async with world.reader("4", areas=ALL) as reader:
        for statement in (
            "SELECT * FROM timeline_subject",
            "UPDATE person SET name = 'x'",
            "INSERT INTO read.projection VALUES ('x', 1, 'x', 1, 'running', '', now())",
            "SELECT read.drop_schema('read_registry_v2_1')",
            "SELECT * FROM log.event",
        ):
            with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.UndefinedTableError)):
                await reader.execute(statement)


async def test_areas_are_asked_for(world: World) -> None:
    await eventful(world, 400)
    await world.runner().catch_up()
    for areas in ("registry", "assistance", "care", "findings", "rights"):
        async with world.reader("4", areas=areas) as reader:
            for view in READABLE:
                seen = await count(reader, view.live)
                if view.public:
                    assert seen > 0
                elif view.private is not None:
                    assert seen == 0
                elif view.area is not None:
                    assert (seen > 0) == (view.area == areas), view.name
            assert set(await reader.fetch("SELECT DISTINCT area FROM timeline")) <= {(areas,)}
            assert await count(reader, "timeline") > 0
            assert await count(reader, "referral") == 0
    for areas in ("education", "housing"):
        async with world.reader("4", areas=areas) as reader:
            assert await reader.fetch("SELECT DISTINCT area FROM referral") == [(areas,)]
            seen = [view.name for view in READABLE if not view.public and await count(reader, view.live)]
            assert seen == ["referral"], "a department sees what was handed over to it, and nothing else"


async def test_the_session_scope_of_an_actor(world: World) -> None:
    await eventful(world, 10)
    await world.runner().catch_up()
    settings = session_scope(Actor("李四", RoleCode.COMMUNITY_WORKER, NORTH))
    assert (settings["minzheng.lo"], settings["minzheng.hi"]) == (NORTH, f"{NORTH}:")
    assert {"assistance", "registry"} < set(settings["minzheng.areas"].split(",")) < set(Area)
    assert settings["minzheng.visit"] == ""
    async with world.reader(settings["minzheng.lo"], settings["minzheng.hi"], settings["minzheng.areas"]) as reader:
        assert set(await reader.fetch("SELECT DISTINCT scope FROM person")) <= {(NORTH,)}
        assert await count(reader, "finding") == 0


async def test_a_visitor_sees_their_own_open_visits_until_their_day(world: World) -> None:
    await eventful(world, 10)
    await world.runner().catch_up()
    due, late = date(2016, 6, 19), date(2016, 6, 20)
    own, other = Actor("社工甲", RoleCode.VISITOR, "4"), Actor("社工乙", RoleCode.VISITOR, "4")
    clerk = Actor("社工甲", RoleCode.DISTRICT_CLERK, "4")
    for who, today, visits in ((own, due, 1), (own, late, 0), (own, None, 0), (other, due, 0), (clerk, due, 0)):
        async with world.reader("4", areas=ALL) as reader:
            for name, value in session_scope(who, today).items():
                await reader.execute("SELECT set_config($1, $2, false)", name, value)
            assert await count(reader, "my_visit") == visits, who
            assert await count(reader, "my_visit_history") == 0
            for view in READABLE:
                if who.role is RoleCode.VISITOR and not view.public and view.private is None:
                    assert await count(reader, view.live) == 0
    async with world.reader("4", areas=ALL) as reader:
        await reader.execute("SELECT set_config('minzheng.visit', 'anything', false)")
        with pytest.raises(asyncpg.DataError):  # a setting that nobody can have: an error, not a leak
            await count(reader, "my_visit")


async def test_a_window_sees_its_own_hospital_s_rows_while_it_is_bound(world: World) -> None:
    await eventful(world, 10)
    await world.runner().catch_up()
    theirs = {view.name: view.live for view in READABLE if view.through is not None}
    async with world.reader("4", areas="medical") as reader:
        everything = {name: await count(reader, live) for name, live in theirs.items()}
    assert min(everything[name] for name in ("settlement", "medical_visit", "reconciliation", "clearing")) > 0
    own, gone = Actor(WINDOW, RoleCode.HOSPITAL_DESK, "4"), Actor("离职者", RoleCode.HOSPITAL_DESK, "4")
    other, posing = Actor("别院窗口", RoleCode.HOSPITAL_DESK, "4"), Actor(WINDOW, RoleCode.VISITOR, "4")
    during, before, after = (DAY + timedelta(days=days) for days in (9, -1, 901))
    nothing = dict.fromkeys(theirs, 0)
    days = ((own, during), (own, before), (own, after), (own, None), (other, during), (gone, during), (posing, during))
    for who, today in days:
        bound = (who, today) == (own, during)
        async with world.reader("4", areas=ALL) as reader:
            for name, value in session_scope(who, today).items():
                await reader.execute("SELECT set_config($1, $2, false)", name, value)
            assert {name: await count(reader, live) for name, live in theirs.items()} == (
                everything if bound else nothing
            )
            seen = {view.name for view in READABLE if not view.public and await count(reader, view.live)}
            assert seen - {*theirs} == ({"hospital_desk"} if bound else set()), (who, today)
            assert (await count(reader, "settlement_history") > 0) == bound


async def test_all_versions_and_all_that_is_owned_follow_the_present_owner(world: World) -> None:
    applicant = person(world)
    home = household(world, applicant)
    one = case(world, home, applicant)
    paid = payment(world, one, "2014-02")
    await world.record(division(world, NORTH, "北"), applicant, home, one, paid)
    runner = world.runner()
    await runner.catch_up()
    async with world.reader(NORTH, areas=ALL) as north, world.reader(SOUTH, areas=ALL) as south:
        tables = ('"case"', "case_history", "payment", "case_total", "case_member", "case_total_history")
        before = {table: await count(north, table) for table in tables}
        assert before["case_history"] > 0
        one.report_moved(instant(DAY), to_division_code=SOUTH, moved_on=DAY)
        await world.record(one)
        await runner.catch_up()
        for table in tables:
            assert await count(north, table) == 0
            assert await count(south, table) >= before[table]
        row = await south.fetchrow("SELECT division_code, scope FROM payment")
        assert tuple(row or ()) == (NORTH, SOUTH)  # the historic division stays
        subject = f"case:{one.id}"
        assert await north.fetchval("SELECT count(*) FROM timeline WHERE subject = $1", subject) == 0
        assert await south.fetchval("SELECT count(*) FROM timeline WHERE subject = $1", subject) > 3


async def test_rows_that_came_before_their_owner_take_its_scope_when_it_comes(world: World) -> None:
    stranger = person(world)
    home = household(world, stranger, division=SOUTH)
    await world.record(home)  # names a person nobody has recorded yet
    runner = world.runner()
    await runner.catch_up()
    subject = f"person:{stranger.id}"
    async with world.reader(NORTH, areas=ALL) as north:
        look = "SELECT count(*) FROM timeline WHERE subject = $1"
        assert await north.fetchval(look, subject) == 0
        await world.record(stranger)
        await runner.catch_up()
        assert await north.fetchval(look, subject) == 2


async def test_a_lists_plan_leads_with_the_scope(world: World) -> None:
    await eventful(world, 40)
    await world.runner().catch_up()
    async with world.reader(NORTH, areas=ALL) as reader:
        await reader.execute("SET enable_seqscan = off")
        await reader.execute("SET enable_bitmapscan = off")  # a handful of wide rows is cheaper fetched and sorted
        for view in READABLE:
            if not view.listed or view.public:
                continue
            order = ", ".join(("scope", *view.order))
            plan = await reader.fetch(f"EXPLAIN (COSTS OFF) SELECT * FROM {view.live} ORDER BY {order} LIMIT 5")
            text = "\n".join(row[0] for row in plan)
            assert "Sort" not in text, text
            assert "Index Cond: ((scope >= " in text, text
            assert "InitPlan" in text, text  # the areas are looked at once a scan


def test_every_view_is_under_a_policy() -> None:
    assert {view.name for view in VIEWS.values() if view.internal} == {
        "finding_subject",
        "medical_person",
        "timeline_subject",
        "work_case",
    }
    assert {shape for projection in PROJECTIONS for shape in projection.shapes} == set(VIEWS)
