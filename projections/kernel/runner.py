"""The runner: keeps the live tables of projections up with the log, whoever else runs beside it.

Of several processes one leads each projection, by an advisory lock that its connection holds; a killed leader's
connection ends and another takes over, from the position that stands in the same transaction as the rows. All
projections at the same position share one reading and decoding of the log.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from datetime import timedelta

import asyncpg

from domain.errors import Unavailable
from infra.codec import EventCodec
from infra.database import connect
from infra.log import EventLog, LogEvent
from infra.tasks import end
from projections.kernel.batch import Poison
from projections.kernel.changes import Projection
from projections.kernel.feed import Events, Feed, Quiet
from projections.kernel.lane import LOST, Lane, Prepared, move_on, open_connection, pump, read_from, touches
from projections.kernel.place import (
    Live,
    drop_unused,
    go_live,
    live_of,
    live_search_path,
    lock,
    migrate_projections,
)
from projections.kernel.rebuild import finish, rebuild, start_build
from projections.kernel.writer import Fenced, Writer

__all__ = ["Runner", "live_search_path", "migrate_projections"]

_log = logging.getLogger(__name__)
_ELECTION = 1.0  # seconds between attempts to lead what nobody here leads
_IDLE = 1.0
_STRIDE = 10  # batches between looks at what else there is to do, when far behind
_RETIRED = timedelta(minutes=10)
BATCH = 5000


class Runner:
    """Runs projections in this process; several runners may run the same ones.

    `batch` is the most events one transaction takes.
    """

    def __init__(
        self, log: EventLog, codec: EventCodec, url: str, projections: Sequence[Projection], *, batch: int = BATCH
    ) -> None:
        self._log = log
        self._codec = codec
        self._url = url
        self._projections = tuple(projections)
        self._batch = batch
        self._lanes: dict[str, Lane] = {}
        self._builds: dict[str, asyncio.Task[None]] = {}
        self._barred: set[str] = set()
        self._tail: _Tail | None = None
        self._quiet = Quiet()
        self._election = 0.0

    async def run(self, stop: asyncio.Event) -> None:
        """Keep up with the log until `stop` is set. Outlives the server's restarts."""
        try:
            while not stop.is_set():
                try:
                    if time.monotonic() >= self._election:
                        self._election = time.monotonic() + _ELECTION
                        await self._elect()
                    await self._advance(stop)
                except (Unavailable, *LOST) as error:
                    _log.warning("projections wait for PostgreSQL (%s)", type(error).__name__)
                    await _pause(stop, _IDLE)
        finally:
            await self._close()

    async def catch_up(self, to: int | None = None) -> None:
        """Return when all projections hold the log up to `to` (default: its present head).

        What another process leads is waited for; a stopped projection is not. Raises Unavailable.
        """
        target = await self._log.head() if to is None else to
        with Quiet() as self._quiet:
            await self._catch_up(target)

    async def _catch_up(self, target: int) -> None:
        try:
            while True:
                await self._elect()
                await asyncio.gather(*self._builds.values())
                await self._fill(target)
                waiting = await self._behind(target)
                if not waiting:
                    return
                await asyncio.sleep(0.1)
        finally:
            await self._close()

    async def positions(self) -> dict[str, int]:
        """The last position each of the projections holds; those without tables yet are missing."""
        return {name: live.position for name, live in (await self.status()).items()}

    async def status(self) -> dict[str, Live]:
        """State of each of the projections that has tables."""
        connection = await connect(self._url, "projector")
        try:
            found = await live_of(connection)
        finally:
            connection.terminate()
        return {p.name: found[p.name] for p in self._projections if p.name in found}

    async def _behind(self, target: int) -> set[str]:
        status = await self.status()
        return {
            p.name
            for p in self._projections
            if p.name not in status or (status[p.name].position < target and status[p.name].state == "running")
        }

    # Leading

    async def _elect(self) -> None:
        """Try to lead what is not led here; build what has no tables of this version."""
        for name, task in list(self._builds.items()):
            if task.done():
                del self._builds[name]
                task.result()
        for lane in [lane for lane in self._lanes.values() if lane.stopped]:
            if (await live_of(lane.connection))[lane.projection.name].schema != lane.writer.schema:
                self._barred.discard(lane.projection.name)  # rebuilt meanwhile: all is open again
                await self._drop(lane)
        for projection in self._projections:
            if projection.name not in self._lanes and projection.name not in self._builds:
                await self._try(projection)

    async def _try(self, projection: Projection) -> None:
        connection = await open_connection(self._url)
        lane = None
        try:
            if not await lock(connection, projection.name):
                return
            live = (await live_of(connection)).get(projection.name)
            if live is None:
                await self._start(projection)
            elif live.version != projection.version:
                self._builds[projection.name] = asyncio.create_task(self._replace(projection))
            else:
                await read_from(connection, live.schema)
                writer = Writer(connection, projection, live.schema, live=True, bulk=False)
                await writer.begin()
                lane = self._lanes[projection.name] = Lane(projection, connection, writer, live.position)
                await self._resume(lane, live)
                await drop_unused(connection, projection.name, _RETIRED)
        except LOST as error:
            raise Unavailable(f"PostgreSQL went away ({type(error).__name__}); trying again.") from error
        finally:
            if lane is None:
                connection.terminate()

    async def _resume(self, lane: Lane, live: Live) -> None:
        """A projection that was stopped goes on where it stands: this program may know better."""
        if live.state == "stopped" and live.name not in self._barred:
            await lane.connection.execute(
                "UPDATE read.projection SET state = 'running', error = '' WHERE name = $1", live.name
            )
        elif live.state == "stopped":
            lane.stopped = True

    async def _start(self, projection: Projection) -> None:
        """First tables: from the whole log at once; empty ones where the log holds an event they can't take."""
        try:
            await rebuild(self._log, self._codec, self._url, [projection])
        except Poison:
            lane = await start_build(self._url, projection)
            try:
                await finish(lane)
                async with lane.connection.transaction():
                    await go_live(lane.connection, lane.writer.schema)
            finally:
                await lane.close()

    async def _replace(self, projection: Projection) -> None:
        """Tables of this program's version beside those of another one, which stay as they are until then."""
        try:
            await rebuild(self._log, self._codec, self._url, [projection])
        except Poison as poison:
            _log.error("projection %s version %d can't be built: %s", projection.name, projection.version, poison)
            await asyncio.sleep(30)

    # Working

    async def _advance(self, stop: asyncio.Event) -> None:
        """One batch for the projections that are furthest behind, or a while of waiting for one."""
        lanes = [lane for lane in self._lanes.values() if not lane.stopped]
        if not lanes:
            await _pause(stop, _ELECTION)
            return
        position = min(lane.position for lane in lanes)
        if any(lane.position > position for lane in lanes):
            with Quiet() as self._quiet:
                await self._fill(position + _STRIDE * self._batch)
            return
        if self._tail is None or self._tail.position != position:
            await self._end_tail()
            self._tail = _Tail(self._log, position, self._batch)
        rows = await self._tail.next(stop, _IDLE)
        if len(rows) == self._batch:  # far behind: not batch by batch
            with Quiet() as self._quiet:
                await self._fill(position + _STRIDE * self._batch)
        elif rows:
            feed = Feed(self._log, self._codec, [lane.projection for lane in lanes])
            with Quiet():
                events, last = await feed.decode(rows), rows[-1].position
                prepared = {lane: await lane.prepare(events) for lane in lanes}
                busy = {lane: changes for lane, changes in prepared.items() if touches(changes)}
                idle = [lane for lane in lanes if lane not in busy]
                taking = (self._take_one(lane, events, last, changes) for lane, changes in busy.items())
                await asyncio.gather(*taking, self._pass_by(idle, last))

    async def _fill(self, upto: int) -> None:
        """Bring every projection led here up to a position."""
        while lanes := [lane for lane in self._lanes.values() if not lane.stopped and lane.position < upto]:
            position = min(lane.position for lane in lanes)
            group = [lane for lane in lanes if lane.position == position]
            ahead = min((lane.position for lane in lanes if lane.position > position), default=upto)
            feed = Feed(self._log, self._codec, [lane.projection for lane in group])
            await pump(feed, group, ahead, self._batch, self._take_one, self._pass_by, self._quiet.took)
            if all(lane.position == position and lane in self._lanes.values() for lane in group):
                return  # the log ends here, or these stopped

    async def _take_one(self, lane: Lane, events: Events, last: int, prepared: Prepared | None = None) -> None:
        if lane.stopped or self._lanes.get(lane.projection.name) is not lane:
            return  # it fell out while this batch was on its way
        try:
            try:
                await lane.take(events, last, prepared)
            except Poison as poison:
                self._barred.add(lane.projection.name)
                await lane.stop(poison)
        except (Fenced, *LOST) as error:
            # Another build went live, or the server went away: take up what is stored.
            _log.info("projection %s starts again (%s)", lane.projection.name, type(error).__name__)
            await self._drop(lane)

    async def _pass_by(self, lanes: Sequence[Lane], last: int) -> None:
        """Lanes that nothing up to `last` concerns: one statement for all of them, however many contexts there are."""
        while lanes := [lane for lane in lanes if not lane.stopped and self._lanes.get(lane.projection.name) is lane]:
            try:
                fenced = await move_on(lanes, last)
            except (asyncpg.DeadlockDetectedError, *LOST):
                fenced, lanes = {lanes[0]}, lanes[1:]
            else:
                lanes = []
            for lane in fenced:
                await self._drop(lane)

    async def _drop(self, lane: Lane) -> None:
        self._lanes.pop(lane.projection.name, None)
        self._election = 0.0
        await lane.close()

    async def _end_tail(self) -> None:
        if self._tail is not None:
            tail, self._tail = self._tail, None
            await tail.close()

    async def _close(self) -> None:
        await self._end_tail()
        for task in self._builds.values():
            await end(task)
        self._builds.clear()
        for lane in list(self._lanes.values()):
            await self._drop(lane)


class _Tail:
    """The log from a position on, one batch ahead."""

    def __init__(self, log: EventLog, position: int, limit: int) -> None:
        self.position = position
        self._batches: AsyncIterator[list[LogEvent]] = log.tail(position, limit)
        self._ahead: asyncio.Task[list[LogEvent]] | None = None

    async def next(self, stop: asyncio.Event, seconds: float) -> list[LogEvent]:
        """The next batch; empty when there was none for that long, or when told to stop."""
        if self._ahead is None:
            self._ahead = asyncio.create_task(_anext(self._batches))
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait((self._ahead, stopping), timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
        if not self._ahead.done():
            return []
        rows = self._ahead.result()
        self.position = rows[-1].position
        self._ahead = asyncio.create_task(_anext(self._batches))
        return rows

    async def close(self) -> None:
        """End the reading."""
        await end(self._ahead)
        if (close := getattr(self._batches, "aclose", None)) is not None:
            await close()


async def _anext(batches: AsyncIterator[list[LogEvent]]) -> list[LogEvent]:
    try:
        return await anext(batches)
    except StopAsyncIteration:
        raise Unavailable("The event log was closed.") from None


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
