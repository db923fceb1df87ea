"""Connections under scopes: kept, lent to others of the level, renewed with the views, and survived."""

import asyncio
import itertools
from typing import Any

import asyncpg
import pytest

from api.access import Scope, ScopedPool
from domain.errors import Unavailable
from tests.fixtures import api, read_rows
from tests.fixtures.api import Asking, District, actor
from tests.fixtures.read_rows import COMMUNITIES, DISTRICT, SCHEMA, STREETS

ask, district = api.ask, api.district

WHO = """SELECT b.j, b.i FROM (SELECT 1 WHERE current_setting('minzheng.lo', true) = $1
    AND current_setting('minzheng.hi', true) = $2 AND current_setting('minzheng.areas', true) = $3
    AND current_setting('minzheng.visit', true) = $4) g
    LEFT JOIN LATERAL (SELECT to_json(pg_backend_pid()) AS j, ''::bytea AS i) b ON true"""
SLEEP = WHO.replace("to_json(pg_backend_pid())", "to_json(pg_sleep($5::float8)::text)")
COUNT = WHO.replace("to_json(pg_backend_pid())", "(SELECT to_json(count(*)) FROM person)")


def scope(division: str, role: str = "auditor") -> Scope:
    """Someone's scope."""
    return Scope.of(actor(role, division))


@pytest.fixture
async def pool(district: District) -> Any:
    """A pool of three connections."""
    made = ScopedPool(district.url, size=3, timeout=5)
    made.search_path = SCHEMA
    yield made
    await made.close()


async def backend(pool: ScopedPool, division: str) -> bytes:
    """The server process that serves a division."""
    return (await pool.read(scope(division), WHO, ()))[0]


async def test_a_scope_comes_back_to_its_connection(pool: ScopedPool) -> None:
    first = {division: await backend(pool, division) for division in COMMUNITIES[:3]}
    assert len(set(first.values())) == 3
    for _ in range(3):
        for division, process in first.items():
            assert await backend(pool, division) == process


async def test_a_connection_is_lent_only_within_its_level(pool: ScopedPool) -> None:
    community = await backend(pool, COMMUNITIES[0])
    street = await backend(pool, STREETS[0])
    whole = await backend(pool, DISTRICT)
    assert await backend(pool, COMMUNITIES[1]) == community
    assert await backend(pool, STREETS[1]) == street
    assert await backend(pool, DISTRICT) == whole


async def test_levels_do_not_starve_each_other(pool: ScopedPool) -> None:
    divisions = [*COMMUNITIES, *STREETS, DISTRICT] * 6
    found = await asyncio.gather(*(pool.read(scope(division), COUNT, ()) for division in divisions))
    assert len(found) == len(divisions)
    for division, (count, _) in zip(divisions, found, strict=True):
        assert count == (await pool.read(scope(division), COUNT, ()))[0]
    assert pool._opened <= 3


async def test_waiting_ends_and_cancelled_waiters_leave_nothing_behind(pool: ScopedPool) -> None:
    await asyncio.gather(*(pool.read(scope(DISTRICT), SLEEP, (0.1,)) for _ in range(3)))
    pool.timeout = 0.5  # for callers; the connections keep their own limit
    busy = [asyncio.create_task(pool.read(scope(DISTRICT), SLEEP, (1.2,))) for _ in range(3)]
    await asyncio.sleep(0.3)
    with pytest.raises(Unavailable, match="繁忙"):
        await pool.read(scope(DISTRICT), WHO, ())
    waiting = asyncio.create_task(pool.read(scope(DISTRICT), WHO, ()))
    await asyncio.sleep(0.05)
    waiting.cancel()
    await asyncio.gather(waiting, *busy, return_exceptions=True)
    await asyncio.gather(*(backend(pool, DISTRICT) for _ in range(6)))
    assert pool._opened == len(pool._idle) <= 3


async def test_a_cancelled_read_gives_its_place_back(pool: ScopedPool) -> None:
    for _ in range(5):
        reading = asyncio.create_task(pool.read(scope(DISTRICT), SLEEP, (10.0,)))
        await asyncio.sleep(0.05)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
    assert await backend(pool, DISTRICT)
    assert pool._opened == len(pool._idle) == 1


async def test_a_statement_that_takes_too_long_is_ended(district: District, ask: Asking) -> None:
    pool = ScopedPool(district.url, size=1, timeout=0.3)
    pool.search_path = SCHEMA
    with pytest.raises(asyncpg.QueryCanceledError):
        await pool.read(scope(DISTRICT), SLEEP, (5.0,))
    await backend(pool, DISTRICT)  # the connection goes on
    await pool.close()


async def test_connections_the_server_ended_are_replaced_unnoticed(pool: ScopedPool, district: District) -> None:
    await asyncio.gather(*(pool.read(scope(division), COUNT, ()) for division in COMMUNITIES))
    admin = await asyncpg.connect(district.admin_url)
    try:
        stop = asyncio.Event()

        async def load(division: str) -> int:
            done = 0
            while not stop.is_set():
                await pool.read(scope(division), COUNT, ())
                done += 1
            return done

        loads = [asyncio.create_task(load(division)) for division in (*COMMUNITIES, *STREETS)]
        for _ in range(3):
            await asyncio.sleep(0.2)
            # An idle connection: what is cut off in the middle of a statement is repeated once as well.
            await admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
                "AND usename = 'minzheng' AND query LIKE 'SELECT b.j%'"
            )
        await asyncio.sleep(0.2)
        stop.set()
        assert all(await asyncio.gather(*loads))
    finally:
        await admin.close()


async def test_a_server_that_is_away_is_unavailable() -> None:
    pool = ScopedPool("postgresql://nobody@127.0.0.1:9/none", size=1, timeout=1)
    for _ in range(2):
        with pytest.raises(Unavailable):
            await backend(pool, DISTRICT)
    assert pool._opened == 0


async def test_views_are_switched_under_load_without_an_error(ask: Asking, district: District) -> None:
    """A rebuilt schema goes live while everyone reads: no read fails, and soon all read the new one."""
    admin = await asyncpg.connect(district.admin_url)
    stop = asyncio.Event()
    by = itertools.cycle([actor("auditor", division) for division in (*COMMUNITIES, *STREETS, DISTRICT)])

    async def load() -> int:
        done = 0
        while not stop.is_set():
            answer = await ask.answer("{ persons(first: 3) { totalCount nodes { id name } } }", next(by))
            assert answer.compiled, answer.body
            assert not answer.error, answer.body
            done += 1
        return done

    loads = [asyncio.create_task(load()) for _ in range(6)]
    try:
        for n in range(3):
            schema = f"read_test_{n}"
            await read_rows.create(admin, read_rows.Seeder(seed=10 + n, persons=30), schema)
            await admin.execute("UPDATE read.projection SET schema = $1", schema)
            await admin.execute("NOTIFY minzheng_views, 'registry'")
            await asyncio.sleep(0.3)
            found = await ask.data("{ persons { totalCount } }")
            assert found["persons"]["totalCount"] == 30
        stop.set()
        assert sum(await asyncio.gather(*loads)) > 20
    finally:
        stop.set()
        await asyncio.gather(*loads, return_exceptions=True)
        await admin.execute("UPDATE read.projection SET schema = $1", SCHEMA)
        await admin.close()
