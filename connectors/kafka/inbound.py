"""Source systems' messages into the log: each taken in once, in its order, whatever dies meanwhile.

How far a partition was taken in stands in PostgreSQL and moves in the very transaction that appends what its messages
changed. A worker that was replaced meanwhile finds its place taken, and has written nothing. Messages that can't be
understood go to quarantine before their place is passed, so that none is lost and none holds the partition up.
"""

import asyncio
import logging
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import msgspec

from connectors.deciding import Decider, Decision, Origin
from connectors.importer import Importer
from connectors.kafka.frames import (
    Assigned,
    Done,
    Failure,
    Frame,
    Order,
    Places,
    Revoked,
    Rows,
    pack_order,
)
from connectors.kafka.intray import Intray
from connectors.kafka.streams import Streams
from connectors.kafka.topics import Partition
from connectors.reading.rows import Parsed
from domain.errors import IdentifierTaken, MinzhengError, PlaceTaken, Unavailable, VersionConflict
from infra.log import Append, Move
from infra.settings import environment
from infra.tasks import fewer_collections, pause

_ATTEMPTS = 8
_PAUSE = 0.05
"""Seconds before the second attempt, doubled for each further one."""
_IDLE = 2.0
"""Seconds without a message after which what came too early is looked at."""
_AWAY = 1.0
"""Seconds before Kafka or PostgreSQL is tried again."""
_logger = logging.getLogger(__name__)


class Lost(Exception):
    """Another worker has taken the partition over."""


@dataclass(slots=True)
class Taken:
    """What has become of the messages so far."""

    read: int = 0
    recorded: int = 0
    duplicates: int = 0
    quarantined: int = 0
    events: int = 0


@dataclass(slots=True)
class Inbound:
    """One worker. Several share the topics' partitions; `command` starts its reading process."""

    importer: Importer
    taken: Taken = field(default_factory=Taken)
    report: Callable[[str], None] = lambda text: None
    command: Sequence[str] = (sys.executable, "-m", "connectors.kafka.reading")
    _places: dict[Partition, int] = field(default_factory=dict)
    """Where each of our partitions goes on."""
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
                    await self._follow(reading, stop)
                except MinzhengError as error:
                    self.report(str(error))
                    _logger.warning("inbound: %s", type(error).__name__)
                finally:
                    await _end(reading)
                    self._places.clear()
                    self.importer.forget()
                if not stop.is_set():
                    await pause(stop, _AWAY)
        finally:
            await self.streams.close()

    @property
    def partitions(self) -> frozenset[Partition]:
        """The partitions that are this worker's now."""
        return frozenset(self._places)

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
        intray, ended = Intray(reading.stdout), asyncio.create_task(stop.wait())
        coming: asyncio.Task[Frame] | None = None
        try:
            while not stop.is_set():
                coming = coming or asyncio.create_task(intray.next())
                await asyncio.wait((coming, ended), timeout=_IDLE, return_when=asyncio.FIRST_COMPLETED)
                if coming.done():
                    frame, coming = coming.result(), None
                    await self._take(frame, reading)
                elif not ended.done():
                    async with self.streams.importing():
                        await self.streams.let_in()
        finally:
            ended.cancel()
            if coming is not None:
                coming.cancel()
                await asyncio.gather(coming, return_exceptions=True)
            await intray.close()

    async def _take(self, frame: Frame, reading: asyncio.subprocess.Process) -> None:
        if isinstance(frame, Failure):
            raise Unavailable(frame.message)
        if isinstance(frame, Assigned):
            await self._assigned(frame, reading)
            return
        if isinstance(frame, Revoked):
            for topic, number in frame.partitions:
                self._places.pop(Partition(topic, number), None)
            return
        partition = Partition(frame.topic, frame.partition)
        if partition not in self._places:
            return  # ours no longer
        try:
            await self._rows(partition, frame)
        except Lost:
            self._places.pop(partition, None)
            return
        await _tell(reading, Done(frame.topic, frame.partition, self._places[partition]))

    async def _assigned(self, frame: Assigned, reading: asyncio.subprocess.Process) -> None:
        told = []
        for topic, number, begin, end in frame.partitions:
            partition = Partition(topic, number)
            place = await self.importer.log.place(partition.follower)
            if begin > place > 0 or place > end or (place == 0 and begin > 0):
                # Deleted before it was read, or another topic of the same name: nobody goes past that unasked.
                self.report(
                    f"{partition}：已读到 {place}，而 Kafka 现有 {begin} 至 {end}，中间的消息已经丢失或主题被重建；"
                    "请先向来源系统补取，再运行 minzheng topics --accept-gap。"
                )
                continue
            self._places[partition] = place
            told.append((topic, number, place))
        await _tell(reading, Places(told))

    async def _rows(self, partition: Partition, frame: Rows) -> None:
        place = self._places[partition]
        rows = [row for row in frame.rows if row.number >= place]
        if frame.last < place:
            return
        async with self.streams.importing():
            if rows:
                await self._decide(partition, frame, rows)
            else:  # tombstones, which say nothing
                await self._append(partition, Append((), moves=(self._move(partition, frame),)), frame)
        self.taken.read += len(rows)

    def _move(self, partition: Partition, frame: Rows) -> Move:
        return Move(partition.follower, self._places[partition], frame.last + 1)

    async def _decide(self, partition: Partition, frame: Rows, rows: list[Parsed]) -> None:
        importer = self.importer
        entry = await self.streams.entry(partition, frame)
        origin = Origin(
            source=frame.source,
            kind=frame.kind,
            export_on=frame.on,
            file_id=entry.id,
            file_mark=str(partition),
            medium="kafka",
            taken_on=importer.settings.now().date(),
        )
        decider = importer.decider(frame.source)
        world = decider.world
        for attempt in range(_ATTEMPTS):
            head = await importer.log.head()
            world.note(head + 1, head)  # what others wrote since is looked at anew
            decision = await decider.decide(rows, origin)
            append = msgspec.structs.replace(decision.append, moves=(self._move(partition, frame),))
            try:
                await self.streams.put_aside(entry, origin, frame, decision)
                appended = await self._append(partition, append, frame)
            except (VersionConflict, IdentifierTaken):
                _forget(decider, decision)
                await asyncio.sleep(_PAUSE * 2**attempt)
                continue
            except BaseException:
                _forget(decider, decision)
                raise
            if appended is None:  # written by us or by another: what is true of it stands in the log
                _forget(decider, decision)
            else:
                world.keyring.confirm(decision.append.keys)
                world.note(*appended)
            self._count(decision)
            await self.streams.settle(origin, decision)
            return
        raise VersionConflict("其他人一直在修改同样的记录；稍后从此处继续。")

    async def _append(self, partition: Partition, append: Append, frame: Rows) -> tuple[int, int] | None:
        """Write and move on; None where an append whose answer was lost had done so. Raises Lost."""
        while True:
            try:
                appended = await self.importer.log.append(append)
            except Unavailable:
                await asyncio.sleep(_AWAY)
                continue
            except PlaceTaken:
                now = await self.importer.log.place(partition.follower)
                if now != frame.last + 1:
                    raise Lost from None
                self._places[partition] = now
                return None
            if appended.duplicate:  # the same messages by another way: only the place is left to move
                append = Append((), moves=append.moves)
                continue
            self._places[partition] = frame.last + 1
            return appended.first, appended.last

    def _count(self, decision: Decision) -> None:
        self.taken.recorded += decision.recorded
        self.taken.duplicates += decision.duplicates
        self.taken.quarantined += len(decision.faults)
        self.taken.events += len(decision.append.events)


def _forget(decider: Decider, decision: Decision) -> None:
    """What was decided came to nothing, or nobody knows: neither its keys nor its changes may be built on."""
    decider.world.keyring.forget(decision.append.keys)
    decider.forget()


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
