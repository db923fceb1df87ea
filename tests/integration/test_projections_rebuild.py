"""Rebuilding beside the live tables while queries and writing go on; verification finds what is not as the log says."""

import asyncio
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from domain.errors import NotFound
from infra.database import connect
from projections import PROJECTIONS, Assistance, Registry
from projections.kernel.batch import Poison
from projections.kernel.place import drop_unused, live_of, live_search_path
from projections.kernel.rebuild import rebuild
from projections.kernel.verify import verify
from tests.integration.projections_support import ALL, World, eventful, person, world
from tests.integration.test_projections_runner import Squeamish, until

__all__ = ["world"]


@pytest.mark.usefixtures("projected")
async def test_a_rebuild_equals_the_live_tables(world: World) -> None:
    await world.runner().catch_up()
    await eventful(world, 250)
    await world.runner(batch=11).catch_up()
    results = await verify(world.log, world.fresh(), world.url, PROJECTIONS)
    assert {result.name: result.differences for result in results} == {p.name: () for p in PROJECTIONS}
    assert all(
        result.rows > 50 for result in results if result.name not in ("findings", "rights", "tasks", "facilities")
    )
    for result in await rebuild(world.log, world.fresh(), world.url, PROJECTIONS, batch=40):
        assert result.position == await world.log.head()
    results = await verify(world.log, world.fresh(), world.url, PROJECTIONS)
    assert sum(result.differing for result in results) == 0


async def test_verification_finds_what_was_altered(world: World, admin_url: str) -> None:
    await eventful(world, 60)
    await world.runner((Assistance(),)).catch_up()
    admin = await asyncpg.connect(admin_url)
    schema = await admin.fetchval("SELECT schema FROM read.projection WHERE name = 'assistance'")
    await admin.execute(
        f"UPDATE {schema}.payment SET amount_fen = amount_fen + 1 WHERE id = (SELECT min(id::text)::uuid "
        f"FROM {schema}.payment)"
    )
    await admin.execute(f"DELETE FROM {schema}.case_total")
    await admin.close()
    (result,) = await verify(world.log, world.fresh(), world.url, [Assistance()])
    assert result.differing >= 2
    by_table = {difference.table: difference for difference in result.differences}
    assert by_table["payment"].columns == ("amount_fen",)
    assert by_table["case_total"].missing == "live"
    connection = await connect(world.url, "projector")
    assert await connection.fetchval("SELECT count(*) FROM read.schema WHERE state = 'building'") == 0
    await connection.close()


async def test_verification_needs_live_tables(world: World) -> None:
    with pytest.raises(NotFound):
        await verify(world.log, world.fresh(), world.url, [Registry()])


@pytest.mark.usefixtures("projected")
async def test_queries_and_writing_go_on_during_rebuilds(world: World) -> None:
    runner, stop = world.runner(), asyncio.Event()
    running = asyncio.create_task(runner.run(stop))
    await world.record(*(person(world) for _ in range(50)))
    await rebuild(world.log, world.codec, world.url, PROJECTIONS)
    counted: list[int] = []
    done = asyncio.Event()

    async def read() -> None:
        while not done.is_set():
            async with world.reader("4", areas=ALL) as reader:
                schema = await reader.fetchval("SELECT current_schema()")
                for _ in range(20):  # a reader that keeps its path for a while after a switch
                    counted.append(await reader.fetchval("SELECT count(*) FROM person"))
                    await asyncio.sleep(0.005)
                assert schema.startswith("read_")

    async def write() -> None:
        while not done.is_set():
            await world.record(person(world))

    readers = [asyncio.create_task(read()) for _ in range(3)]
    writer = asyncio.create_task(write())
    switched = set()
    for _ in range(4):
        results = await rebuild(world.log, world.fresh(), world.url, PROJECTIONS, batch=100)
        switched |= {result.schema for result in results}
    done.set()
    await asyncio.gather(writer, *readers)
    head = await world.log.head()

    async def there() -> bool:
        return set((await runner.positions()).values()) == {head}

    await until(there)
    stop.set()
    await running
    assert len(switched) == 4 * len(PROJECTIONS)
    assert min(counted) >= 50
    async with world.reader("4", areas=ALL) as reader:
        assert await reader.fetchval("SELECT count(*) FROM person") == head
    results = await verify(world.log, world.fresh(), world.url, PROJECTIONS)
    assert sum(result.differing for result in results) == 0


async def test_a_rebuild_that_fails_changes_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await world.record(*(person(world) for _ in range(5)))
    await world.runner((Registry(),)).catch_up()
    connection = await connect(world.url, "projector")
    before = await live_of(connection)
    monkeypatch.setattr(Squeamish, "bad", 3)
    with pytest.raises(Poison):
        await rebuild(world.log, world.fresh(), world.url, [Squeamish()])
    assert await live_of(connection) == before
    assert await connection.fetchval("SELECT count(*) FROM read.schema") == 1
    await connection.close()


async def test_retired_schemas_are_dropped_when_nobody_reads_them(world: World) -> None:
    await world.record(person(world))
    await world.runner((Registry(),)).catch_up()
    connection = await connect(world.url, "projector")
    old = await live_search_path(connection)
    async with world.reader("4", areas=ALL) as reader, reader.transaction():
        await reader.fetchval("SELECT count(*) FROM person")
        (result,) = await rebuild(world.log, world.fresh(), world.url, [Registry()])
        assert await live_search_path(connection) == result.schema != old
        assert await reader.fetchval("SELECT count(*) FROM person") == 1  # the old tables, in an open transaction
        assert await drop_unused(connection, "registry", timedelta()) == []
    assert await drop_unused(connection, "registry", timedelta(minutes=1)) == []
    assert await drop_unused(connection, "registry", timedelta()) == [old]
    assert await _schemas(connection) == {result.schema}
    await connection.close()


async def _schemas(connection: Any) -> set[str]:
    rows = await connection.fetch(r"SELECT nspname FROM pg_namespace WHERE nspname LIKE 'read\_%'")
    return {row[0] for row in rows}
