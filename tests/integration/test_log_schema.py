"""What holds in the database itself, whoever connects: rights, immutability, integrity, index use, migrations."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import product
from typing import Any, Literal, get_args
from uuid import uuid4

import asyncpg
import pytest

from domain.errors import BadSetting, Unavailable, VersionConflict
from infra.database import ROLES, Role, connect, with_database, with_user
from infra.local_postgres import LocalPostgres
from infra.log import Append, HolderKey, Identifier, PostgresLog
from infra.log.appender import _CALL, arguments
from infra.log.postgres import _READ, _READ_TOPICS, _STREAM, _TAGGED, PLANNING
from infra.migrate import Migration, migrate
from tests.fixtures.log_items import event, said

TABLES = ("head", "event", "source_message", "identifier", "holder_key", "migration")
Right = Literal["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE"]


@asynccontextmanager
async def closing(url: str) -> AsyncIterator[Any]:
    """A connection as the URL's own user."""
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


async def test_rights_are_as_few_as_can_be(admin_url: str) -> None:
    may: dict[Role, set[tuple[str, str]]] = {role: set() for role in ROLES if role != "owner"}
    ask = "SELECT has_table_privilege($1, $2, $3)"
    async with closing(admin_url) as connection:
        for role, table, right in product(may, TABLES, get_args(Right)):
            if await connection.fetchval(ask, f"minzheng_{role}", f"log.{table}", right):
                may[role].add((table, right))
    assert may["appender"] == {(table, "SELECT") for table in TABLES}
    assert may["projector"] == {("head", "SELECT"), ("event", "SELECT"), ("holder_key", "SELECT")}
    assert may["reader"] == set()


@pytest.mark.parametrize("role", [None, "projector", "reader"])
async def test_only_the_appender_appends(database_url: str, role: Role | None) -> None:
    connection = await connect(database_url, role)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.fetchrow(_CALL, False, *arguments([Append((event(uuid4(), 1),))]))
    await connection.close()


@pytest.mark.parametrize(
    "statement",
    ["UPDATE log.event SET payload = ''", "DELETE FROM log.event", "TRUNCATE log.event"],
)
async def test_nobody_changes_what_was_recorded(log: PostgresLog, admin_url: str, statement: str) -> None:
    await log.append(Append((event(uuid4(), 1),)))
    async with closing(admin_url) as connection:
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="only ever appended"):
            await connection.execute(statement)


async def test_integrity_does_not_depend_on_the_caller(log: PostgresLog, database_url: str) -> None:
    """A caller that breaks the appender's promises writes nothing at all."""
    stream = uuid4()
    await log.append(Append((event(stream, 1),), (said("a"),)))
    connection = await connect(database_url, "appender")
    fresh = uuid4()
    rivals = [Append((event(fresh, 1),)), Append((event(fresh, 1),))]
    known = [Append((event(uuid4(), 1),), (said("a"),)), Append((event(uuid4(), 1),))]
    for items in (rivals, known):
        with pytest.raises(asyncpg.UniqueViolationError):
            await connection.fetchrow(_CALL, False, *arguments(items))
    _, *rest = arguments([Append((event(fresh, 1), event(fresh, 2)))])
    answer = await connection.fetchrow(_CALL, False, True, *rest)  # not single, but says so
    assert answer is not None
    assert answer["verdicts"] == [2]
    await connection.close()
    assert await log.head() == 1
    assert (await log.append(Append((event(stream, 2),)))).first == 2


HOLDER = uuid4()
RACES = {
    "version": [Append((event(HOLDER, 1),)), Append((event(HOLDER, 1),))],
    "version 0 behind 1": [Append((event(HOLDER, 1),)), Append((event(HOLDER, 0),))],
    "message": [Append((event(uuid4(), 1),), (said("a"),)) for _ in range(2)],
    "identifier": [
        Append((event(owner, 1),), identifiers=(Identifier(bytes(32), "citizen_id", owner),))
        for owner in (uuid4(), uuid4())
    ],
    "key": [Append((event(uuid4(), 1),), keys=(HolderKey(HOLDER, key, "m", 1),)) for key in (b"a", b"b")],
}


@pytest.mark.parametrize("race", RACES)
async def test_a_rival_that_commits_after_the_look_is_met_by_an_index(race: str, database_url: str) -> None:
    """The second looks while the first holds the lock, uncommitted; it must not go through when the first commits."""
    one, other = [await connect(database_url, "appender") for _ in range(2)]
    try:
        async with one.transaction():
            await one.fetchrow(_CALL, False, *arguments(RACES[race][:1]))
            waiting = asyncio.create_task(other.fetchrow(_CALL, False, *arguments(RACES[race][1:])))
            await asyncio.sleep(0.2)
            assert not waiting.done()
        with pytest.raises(asyncpg.UniqueViolationError):
            await waiting
        answer = await other.fetchrow(_CALL, True, *arguments(RACES[race][1:]))
        assert answer is not None
        assert answer["verdicts"] != [0]
    finally:
        await one.close()
        await other.close()


async def test_look_ups_use_their_indexes(log: PostgresLog, admin_url: str) -> None:
    streams = [uuid4() for _ in range(400)]
    for start in range(0, 400, 100):
        await asyncio.gather(
            *(
                log.append(
                    Append(
                        tuple(
                            event(s, v, tags=(f"person:{s}", f"household:{streams[i - i % 5]}", "division:1"))
                            for v in range(1, 26)
                        )
                    )
                )
                for i, s in enumerate(streams[start : start + 100], start)
            )
        )
    async with closing(admin_url) as connection:
        for name, value in PLANNING.items():
            await connection.execute("SELECT set_config($1, $2, false)", name, value)
        assert await _plan(connection, _READ, 100, 1000) == {"event_pkey"}, "before there are statistics, too"
        await connection.execute("SELECT log.settle_tags(); ANALYZE log.event")
        assert await _plan(connection, _READ_TOPICS, 100, 9000, ["t"], 1000) == {"event_pkey"}
        own = await _plan(connection, _TAGGED, f"person:{streams[7]}", 0, 1000, streams[7])
        household = await _plan(connection, _TAGGED, f"household:{streams[5]}", 0, 1000, None)
        stream = await _plan(connection, _STREAM, streams[0], -1)
    assert {"event_stream", "event_tags"} <= own
    assert household == {"event_tags"}
    assert stream == {"event_stream"}
    assert len(await log.tagged(f"person:{streams[7]}")) == 25
    assert len(await log.tagged(f"household:{streams[5]}")) == 125


async def _plan(connection: Any, query: str, *values: Any) -> set[str]:
    rows = await connection.fetch(f"EXPLAIN (FORMAT JSON) {query}", *values)
    return set(_indexes(json.loads(rows[0][0])))


def _indexes(plan: Any) -> Iterator[str]:
    if isinstance(plan, dict):
        if "Index Name" in plan:
            yield plan["Index Name"]
        assert plan.get("Node Type") not in ("Seq Scan", "Sort" if "event_pkey" in str(plan) else "")
        plan = list(plan.values())
    if isinstance(plan, list):
        for part in plan:
            yield from _indexes(part)


async def test_pending_tags_are_settled(log: PostgresLog, admin_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.log.appender.SETTLE_EVERY", 50)
    for _ in range(120):
        await log.append(Append((event(uuid4(), 1, tags=("division:1",)),)))
    await log.close()
    async with closing(admin_url) as connection:
        left = await connection.fetchval("SELECT gin_clean_pending_list('log.event_tags')")
    assert left < 5


async def test_migrating_twice_changes_nothing(admin_url: str, log: PostgresLog) -> None:
    await log.append(Append((event(uuid4(), 1),)))
    await migrate(admin_url)
    assert await log.head() == 1


async def test_other_parts_bring_their_own_steps(admin_url: str) -> None:
    step = Migration("inbox", 1, "CREATE SCHEMA inbox; CREATE TABLE inbox.file (name text)")
    await migrate(admin_url, [step])
    await migrate(admin_url, [step])
    with pytest.raises(BadSetting, match="inbox 1"):
        await migrate(admin_url, [Migration("inbox", 1, "SELECT 2")])
    broken = Migration("inbox", 2, "CREATE TABLE inbox.half (n int); SELECT 1/0")
    with pytest.raises(asyncpg.DivisionByZeroError):
        await migrate(admin_url, [step, broken])
    async with closing(admin_url) as connection:
        assert await connection.fetchval("SELECT to_regclass('inbox.half')") is None


async def test_migration_by_a_database_owner_without_other_rights(server: LocalPostgres, database_url: str) -> None:
    """As in production: an administrator made the roles and the database; the platform's login owns it."""
    login, name = f"platform_{secrets.token_hex(4)}", f"owned_{secrets.token_hex(4)}"
    admin = await asyncpg.connect(server.url())
    await admin.execute(f"CREATE ROLE {login} LOGIN; ")
    await admin.execute(f"CREATE DATABASE {name} OWNER {login}")
    url = with_user(with_database(server.url(), name), login)
    try:
        with pytest.raises(BadSetting, match="member of"):
            await migrate(url)
        for role in ROLES:
            await admin.execute(f"GRANT minzheng_{role} TO {login}")
        await migrate(url)
        await migrate(url)
        log = PostgresLog(url)
        assert (await log.append(Append((event(uuid4(), 1),)))).first == 1
        await log.close()
    finally:
        await admin.execute(f"DROP DATABASE {name}")
        await admin.execute(f"DROP ROLE {login}")
        await admin.close()


async def test_a_server_that_is_not_there() -> None:
    nowhere = "postgresql://minzheng@localhost:1/none"
    with pytest.raises(Unavailable):
        await migrate(nowhere)
    log = PostgresLog(nowhere)
    with pytest.raises(Unavailable):
        await log.append(Append((event(uuid4(), 1),)))
    with pytest.raises(Unavailable):
        await log.head()
    await log.close()
    with pytest.raises(Unavailable, match="closed"):
        await log.append(Append((event(uuid4(), 1),)))


async def test_a_backstop_violation_reads_as_a_conflict(log: PostgresLog, admin_url: str) -> None:
    """Whatever slips past the checks, another writer's row for one, is a conflict to the caller."""
    stream = uuid4()
    await log.append(Append((event(stream, 1),)))
    async with closing(admin_url) as connection:
        await connection.execute("CREATE UNIQUE INDEX one_topic ON log.event (topic)")
    with pytest.raises(VersionConflict):
        await log.append(Append((event(stream, 2),)))
