"""One projection at work on one build of its tables: takes batches, and says clearly where it can't go on."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import asyncpg

from infra.database import connect
from projections.kernel.batch import Poison, collect, concerning, settle
from projections.kernel.changes import Changes, Projection
from projections.kernel.feed import Events, Feed, slices
from projections.kernel.place import move_together
from projections.kernel.writer import WRITER_SETTINGS, Writer

_log = logging.getLogger(__name__)
LOST = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # what the driver says where a connection ends between two of its states
    asyncpg.OperatorInterventionError,
)
"""The connection is gone, and with it what wasn't committed."""
_SKIPPED = 8  # batches that don't concern a lane until its position is moved all the same


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
            async for part in slices(concerning(self.projection, events)):
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
    rest: Callable[[Sequence[Lane], int], Awaitable[None]],
    told: Callable[[int], None],
) -> None:
    """Bring lanes that stand at the same position up to `upto`, each at its own pace but for a batch or two.

    So one batch is read, decoded and its changes found while PostgreSQL writes another. `take` is called with the
    batch, the position it ends at and what was prepared; an error of its ends everything. `told` hears of each batch's
    size. A lane that a batch doesn't concern leaves it out and moves on with one of the next; `rest` is called in the
    end with those left behind, and how far.
    """
    queues: list[asyncio.Queue[tuple[Events, int, Prepared] | None]] = [asyncio.Queue(1) for _ in lanes]
    skipped = [0] * len(lanes)

    async def work(lane: Lane, queue: "asyncio.Queue[tuple[Events, int, Prepared] | None]") -> None:
        while (batch := await queue.get()) is not None:
            await take(lane, *batch)

    last = start = lanes[0].position
    try:
        async with asyncio.TaskGroup() as tasks:
            for lane, queue in zip(lanes, queues, strict=True):
                tasks.create_task(work(lane, queue))
            async for last, events in feed.batches(start, upto, size):
                for number, (lane, queue) in enumerate(zip(lanes, queues, strict=True)):
                    prepared = await lane.prepare(events)
                    skipped[number] += 1
                    if touches(prepared) or skipped[number] > _SKIPPED:
                        skipped[number] = 0
                        await queue.put((events, last, prepared))
                told(len(events))
            for queue in queues:
                await queue.put(None)
        await rest([lane for lane, left in zip(lanes, skipped, strict=True) if left], last)
    except BaseExceptionGroup as group:
        raise group.exceptions[0] from None


def touches(prepared: Prepared) -> bool:
    """Whether there is anything to do but to move on."""
    return isinstance(prepared, Poison) or not prepared.empty


async def move_on(lanes: Sequence[Lane], last: int) -> set[Lane]:
    """Move live lanes, which nothing up to `last` concerns, in one statement on the first one's connection.

    Answers those that did not stand where they are thought to: they are fenced off.
    """
    moved = await move_together(
        lanes[0].connection, [(lane.projection.name, lane.writer.schema, lane.position) for lane in lanes], last
    )
    for lane in lanes:
        if lane.projection.name in moved:
            lane.position = last
    return {lane for lane in lanes if lane.projection.name not in moved}


async def open_connection(url: str) -> "asyncpg.Connection[Any]":
    """A projector's connection. Raises Unavailable."""
    return await connect(url, "projector", **WRITER_SETTINGS)


async def read_from(connection: "asyncpg.Connection[Any]", schema: str) -> None:
    """Put a schema first on the connection's search path."""
    await connection.execute("SELECT set_config('search_path', $1, false)", schema)
