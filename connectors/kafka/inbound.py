"""Source systems' messages into the log: each taken in once, in its order, whatever dies meanwhile.

How far a partition was taken in stands in PostgreSQL and moves in the very transaction that appends what its messages
changed. A worker that was replaced meanwhile finds its place taken, and has written nothing. Messages that can't be
understood go to quarantine before their place is passed, so that none is lost and none holds the partition up.
"""

import asyncio
import logging
import sys
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.importer import Importer
from connectors.kafka.frames import (
    Assigned,
    Failure,
    Frame,
    Order,
    Places,
    Revoked,
    pack_order,
)
from connectors.kafka.intray import Intray
from connectors.kafka.streams import Streams
from connectors.kafka.taking import Taken, Taking, first_of
from connectors.kafka.topics import Incoming, Partition
from domain.errors import MinzhengError, Unavailable
from infra.settings import environment
from infra.tasks import end, fewer_collections, pause

_IDLE = 2.0
"""Seconds without a message after which what came too early is looked at."""
_AWAY = 1.0
"""Seconds before Kafka or PostgreSQL is tried again."""
_GRACE = 3.0
"""Seconds in which what is under way may end once the worker is to stop; then it is cut off, and loses nothing."""
_logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Inbound:
    """One worker. Several share the topics' partitions; `command` starts its reading process."""

    importer: Importer
    taken: Taken = field(default_factory=Taken)
    report: Callable[[str], None] = lambda text: None
    command: Sequence[str] = (sys.executable, "-m", "connectors.kafka.reading")
    _taking: Taking | None = None
    _streams: Streams | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Take in what comes until `stop` is set. Where Kafka or PostgreSQL is away it is tried again."""
        with fewer_collections():
            await self._run(stop)

    async def _run(self, stop: asyncio.Event) -> None:
        try:
            while not stop.is_set():
                reading = await self._start()
                try:
                    await _in_time(self._follow(reading, stop), stop)
                except MinzhengError as error:
                    self.report(str(error))
                    _logger.warning("inbound: %s", type(error).__name__)
                finally:
                    self._taking = None
                    await _end(reading)
                    self.importer.forget()
                if not stop.is_set():
                    await pause(stop, _AWAY)
        finally:
            self.streams.close()

    @property
    def partitions(self) -> frozenset[Partition]:
        """The partitions that are this worker's now."""
        return frozenset() if self._taking is None else frozenset(self._taking.places)

    @property
    def streams(self) -> Streams:
        """What is noted of the topics in the connectors' tables."""
        if self._streams is None:
            self._streams = Streams(self.importer)
        return self._streams

    async def _start(self) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *self.command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=environment(self.importer.settings),
            start_new_session=True,
        )

    async def _follow(self, reading: asyncio.subprocess.Process, stop: asyncio.Event) -> None:
        assert reading.stdout is not None
        await self.streams.check_leftovers()
        intray = Intray(reading.stdout)
        taking = Taking(self.importer, self.streams, self.taken, lambda done: _tell(reading, done), stop)
        self._taking = taking
        try:
            while not stop.is_set():
                await first_of(intray.arrived(), stop.wait(), seconds=_IDLE)
                if intray.has_rows:
                    await taking.take(intray)
                elif intray.ready:
                    await self._told(await intray.next(), taking, reading)
                elif not stop.is_set():
                    async with self.streams.importing():
                        await self.streams.let_in()
        finally:
            await intray.close()

    async def _told(self, frame: Frame, taking: Taking, reading: asyncio.subprocess.Process) -> None:
        """What the reading process says beside rows."""
        if isinstance(frame, Failure):
            raise Unavailable(frame.message)
        if isinstance(frame, Assigned):
            await self._assigned(frame, taking, reading)
        elif isinstance(frame, Revoked):
            for topic, number in frame.partitions:
                taking.give_up(Partition(topic, number))

    async def _assigned(self, frame: Assigned, taking: Taking, reading: asyncio.subprocess.Process) -> None:
        told = []
        for topic, number, first, behind in frame.partitions:
            partition = Partition(topic, number)
            place = await self.importer.log.place(partition.follower)
            found = Incoming(partition, place, first, behind)
            if found.gap:
                self.report(found.gap_told)
                continue
            taking.begin(partition, place)
            told.append((topic, number, place))
        await _tell(reading, Places(told))


async def _in_time(work: Coroutine[Any, Any, None], stop: asyncio.Event) -> None:
    """Do the work; once `stop` is set it has a few seconds left."""
    task, ended = asyncio.create_task(work), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait((task, ended), return_when=asyncio.FIRST_COMPLETED)
        await asyncio.wait((task,), timeout=_GRACE)
        if task.done():
            task.result()
    finally:
        await end(ended)
        await end(task)


async def _tell(reading: asyncio.subprocess.Process, order: Order) -> None:
    assert reading.stdin is not None
    try:
        reading.stdin.write(pack_order(order) + b"\n")
        await reading.stdin.drain()
    except (ConnectionError, RuntimeError):
        raise Unavailable("读取 Kafka 的进程意外结束，正在重新启动。") from None


async def _end(reading: asyncio.subprocess.Process) -> None:
    if reading.stdin is not None:
        reading.stdin.close()
    try:
        await asyncio.wait_for(reading.wait(), 5)
    except TimeoutError:
        reading.kill()
        await reading.wait()


__all__ = ["Inbound", "Taken"]
