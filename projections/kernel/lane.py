"""One projection at work on one build of its tables: takes batches, and says clearly where it can't go on."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import asyncpg

from infra.database import connect
from projections.kernel.batch import Poison, collect, settle
from projections.kernel.changes import Changes, Projection
from projections.kernel.feed import Events, Feed, slices
from projections.kernel.writer import WRITER_SETTINGS, Writer

_log = logging.getLogger(__name__)
LOST = (OSError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError, asyncpg.OperatorInterventionError)
"""The connection is gone, and with it what wasn't committed."""


class Lane:
    """A projection, its connection and its writer. `position`: the log position its tables hold."""

    def __init__(
        self, projection: Projection, connection: "asyncpg.Connection[Any]", writer: Writer, position: int
    ) -> None:
        self.projection = projection
        self.connection = connection
        self.writer = writer
        self.position = position
        self.stopped = False

    async def prepare(self, events: Events) -> Changes | Poison:
        """What these events change, found out ahead of their turn: it asks nothing of the tables."""
        changes = Changes(self.projection.shapes)
        try:
            async for part in slices(events):
                collect(self.projection, part, changes)
        except Poison as poison:
            return poison
        return changes

    async def take(self, events: Events, last: int, prepared: Changes | Poison | None = None) -> None:
        """Write these events, which reach up to position `last`; raises Poison with everything before it written."""
        try:
            if isinstance(prepared, Poison):
                raise prepared
            await self._write(events, last, prepared)
        except Poison as poison:
            before = [pair for pair in events if pair[0].position < poison.position]
            if poison.position - 1 > self.position:
                await self._write(before, poison.position - 1)
            raise
        except LOST:
            raise
        except (asyncpg.PostgresError, asyncpg.DataError, ValueError, TypeError, OverflowError) as error:
            await self._halve(events, last, error)

    async def _halve(self, events: Events, last: int, error: Exception) -> None:
        """PostgreSQL refuses the batch: find the event it refuses."""
        if len(events) <= 1:
            raise Poison(events[0][0].position if events else last, "write", error) from error
        middle = len(events) // 2
        await self.take(events[:middle], events[middle][0].position - 1)
        await self.take(events[middle:], last)

    async def _write(self, events: Events, last: int, prepared: Changes | None = None) -> None:
        projection = self.projection
        changes = prepared or collect(projection, events)
        async with self.connection.transaction():
            delta = await settle(projection, changes, self.writer)
            await self.writer.write(delta, self.position, last)
        self.writer.committed(delta)
        self.position = last

    async def stop(self, poison: Poison) -> None:
        """Record that the projection stands still, and why; a program that can take the event starts it again."""
        self.stopped = True
        _log.error("projection %s stops before %s", self.projection.name, poison)
        await self.connection.execute(
            "UPDATE read.projection SET state = 'stopped', error = $2, changed_at = clock_timestamp() WHERE name = $1",
            self.projection.name,
            _reason(poison),
        )

    async def close(self) -> None:
        """Let the connection go, and with it the leadership."""
        self.connection.terminate()


def _reason(poison: Poison) -> str:
    """Where and what kind of error; never its text, which may quote personal data."""
    kind = type(poison.error).__name__
    own = f": {poison.error}" if kind == "BadChange" else ""
    return f"position {poison.position}: {kind}{own}"


Prepared = Changes | Poison


async def pump(
    feed: Feed,
    lanes: Sequence[Lane],
    upto: int,
    size: int,
    take: Callable[[Lane, Events, int, Prepared], Awaitable[None]],
    told: Callable[[int], None],
) -> None:
    """Bring lanes that stand at the same position up to `upto`, each at its own pace but for a batch or two.

    So one batch is read, decoded and its changes found while PostgreSQL writes another. `take` is called with the
    batch, the position it ends at and what was prepared; an error of its ends everything. `told` hears of each batch's
    size.
    """
    queues: list[asyncio.Queue[tuple[Events, int, Prepared] | None]] = [asyncio.Queue(1) for _ in lanes]

    async def work(lane: Lane, queue: "asyncio.Queue[tuple[Events, int, Prepared] | None]") -> None:
        while (batch := await queue.get()) is not None:
            await take(lane, *batch)

    try:
        async with asyncio.TaskGroup() as tasks:
            for lane, queue in zip(lanes, queues, strict=True):
                tasks.create_task(work(lane, queue))
            async for last, events in feed.batches(lanes[0].position, upto, size):
                for lane, queue in zip(lanes, queues, strict=True):
                    await queue.put((events, last, await lane.prepare(events)))
                told(len(events))
            for queue in queues:
                await queue.put(None)
    except BaseExceptionGroup as group:
        raise group.exceptions[0] from None


async def open_connection(url: str) -> "asyncpg.Connection[Any]":
    """A projector's connection. Raises Unavailable."""
    return await connect(url, "projector", **WRITER_SETTINGS)


async def read_from(connection: "asyncpg.Connection[Any]", schema: str) -> None:
    """Put a schema first on the connection's search path."""
    await connection.execute("SELECT set_config('search_path', $1, false)", schema)
