"""Rebuilding: new tables beside the live ones, from the log alone, then a switch that readers follow.

The bulk of the log is folded in large batches into tables that have nothing but a primary key; indexes, row security
and the scopes of older rows come once at the end. Whatever happened meanwhile is caught up with, the last of it while
the live writer waits; then one transaction makes the new schema the live one. Queries go on all the time: the old
tables stay until the next rebuild, or until they have been retired for a while.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import asyncpg

from infra.codec import EventCodec
from infra.log import EventLog
from projections.kernel.changes import Projection
from projections.kernel.ddl import ORPHANS, finishing, tables
from projections.kernel.feed import Feed, Quiet
from projections.kernel.lane import Lane, open_connection, pump, read_from
from projections.kernel.place import create_schema, drop_unused, go_live
from projections.kernel.writer import Writer

BATCH = 10_000
_NEAR = 2_000
_GRACE = timedelta(seconds=10)  # readers hear of a switch within a second or so
_PLANNER = ("enable_seqscan", "enable_hashjoin", "enable_mergejoin")


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild came to."""

    name: str
    schema: str
    position: int
    seconds: float


async def rebuild(
    log: EventLog,
    codec: EventCodec,
    url: str,
    projections: Sequence[Projection],
    *,
    batch: int = BATCH,
    progress: Callable[[int, int], None] | None = None,
) -> list[Rebuilt]:
    """Rebuild projections from the log, reading it once for all, and make their new tables live.

    `progress` is told (position, head). Raises Poison at an event that one of them can't take: nothing changes then.
    """
    started = time.monotonic()
    async with building(url, projections) as lanes:
        await fill(log, codec, lanes, await log.head(), batch=batch, progress=progress)
        await asyncio.gather(*(finish(lane) for lane in lanes))
        while (head := await log.head()) - lanes[0].position > _NEAR:
            await fill(log, codec, lanes, head, batch=batch)
        for lane in lanes:
            await _switch(log, codec, lane, batch)
    seconds = time.monotonic() - started
    return [Rebuilt(lane.projection.name, lane.writer.schema, lane.position, seconds) for lane in lanes]


@asynccontextmanager
async def building(url: str, projections: Sequence[Projection]) -> AsyncIterator[list[Lane]]:
    """Lanes on new, empty schemas; what has not gone live in the end is dropped."""
    lanes: list[Lane] = []
    try:
        for projection in projections:
            lanes.append(await start_build(url, projection))
        yield lanes
    finally:
        for lane in lanes:
            try:
                await lane.connection.execute("SELECT read.drop_schema($1)", lane.writer.schema)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                pass  # the next rebuild drops it
            finally:
                await lane.close()


async def start_build(url: str, projection: Projection) -> Lane:
    """A lane on a new, empty schema of the projection, in bulk."""
    connection = await open_connection(url)
    try:
        await drop_unused(connection, projection.name, _GRACE)
        schema = await create_schema(connection, projection)
        await read_from(connection, schema)
        async with connection.transaction():
            await connection.execute(ORPHANS)
            for shape in projection.shapes.values():
                for statement in tables(shape.view):
                    await connection.execute(statement)
        writer = Writer(connection, projection, schema, live=False, bulk=True)
        await writer.begin()
    except BaseException:
        connection.terminate()
        raise
    return Lane(projection, connection, writer, 0)


async def fill(
    log: EventLog,
    codec: EventCodec,
    lanes: Sequence[Lane],
    upto: int,
    *,
    batch: int = BATCH,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Bring lanes that stand at the same position up to `upto`; each event is read and decoded once for all."""
    feed = Feed(log, codec, [lane.projection for lane in lanes])
    with Quiet() as quiet:

        def told(events: int) -> None:
            quiet.took(events)
            if progress is not None:
                progress(min(lane.position for lane in lanes), upto)

        await pump(feed, lanes, upto, batch, Lane.take, _rest, told)
    if progress is not None:
        progress(upto, upto)


async def _rest(lanes: Sequence[Lane], last: int) -> None:
    for lane in lanes:
        await lane.take([], last)


async def finish(lane: Lane) -> None:
    """End the bulk: give older rows their present scope, then make what was left out of the tables."""
    async with lane.connection.transaction():
        for setting in _PLANNER:
            await lane.connection.execute(f"SET LOCAL {setting} = on")
        await lane.connection.execute("SET LOCAL maintenance_work_mem = '256MB'")
        await lane.connection.execute("SET LOCAL work_mem = '128MB'")
        for statement in _rescoping(lane.projection):
            await lane.connection.execute(statement)
        for shape in lane.projection.shapes.values():
            for statement in finishing(shape.view):
                await lane.connection.execute(statement)
    lane.writer.bulk = False


def _rescoping(projection: Projection) -> list[str]:
    """Statements that give every row the scope of its present owner, and every version that of its key."""
    statements = []
    for shape in projection.shapes.values():
        view = shape.view
        if view.owner is not None:
            owner = projection.shapes[view.owner.to].view
            statements.append(
                f"UPDATE {view.live} t SET scope = o.scope FROM {owner.live} o "
                f"WHERE o.{owner.key[0]} = t.{view.owner.column} AND o.scope <> t.scope"
            )
        if view.has_history:
            same = " AND ".join(f"l.{key} = t.{key}" for key in view.key)
            statements.append(
                f"UPDATE {view.history} t SET scope = l.scope FROM {view.live} l WHERE {same} AND l.scope <> t.scope"
            )
    return statements


async def _switch(log: EventLog, codec: EventCodec, lane: Lane, batch: int) -> None:
    """Hold the live writer, catch up with it, and become the live tables."""
    connection: asyncpg.Connection[Any] = lane.connection
    async with connection.transaction():
        live = await connection.fetchval(
            "SELECT position FROM read.projection WHERE name = $1 FOR UPDATE", lane.projection.name
        )
        await fill(log, codec, [lane], max(live or 0, await log.head()), batch=batch)
        await go_live(connection, lane.writer.schema)
    lane.writer.live_schema = True
