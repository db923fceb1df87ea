"""Messages on their way into the log: batch by batch, one being decided while the one before it is being written.

A batch's append moves its partition's place on, in the same transaction. What can't be recorded is in quarantine
before, what waited for these messages is mended after, and then only is the next batch written.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

import msgspec

from connectors.deciding import Decision, Origin
from connectors.importer import Importer
from connectors.kafka.frames import Done, Frame, Rows
from connectors.kafka.streams import Streams
from connectors.kafka.topics import Partition
from connectors.ledger import FileEntry
from connectors.pipeline import Batch, Outcome, Pipeline
from connectors.quarantine import Entry
from domain.errors import IdentifierTaken, PlaceTaken, Unavailable, VersionConflict
from infra.log import Append, Appended, Move
from infra.tasks import end, pause

_SHARE = 0.2
"""Seconds after which the lock is given back where somebody waits for it, however many messages still come."""
_LONGEST = 5.0
"""Seconds after which it is given back in any case, and what was changed is looked after."""
_PAUSE = 0.05
"""Seconds before a batch that was refused is decided again, doubled for each further time."""
_GIVEN_BACK = 15.0
"""Seconds within which Kafka takes a partition away that another has taken over; a session's length and more."""
_AWAY = 1.0
"""Seconds before PostgreSQL is tried again."""
_NOWHERE = UUID(int=0)


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


@dataclass(slots=True, kw_only=True)
class _Messages(Batch):
    partition: Partition
    frame: Rows
    move: Move
    file: FileEntry | None
    entries: list[Entry] = field(default_factory=list)
    """What of it goes to quarantine."""


class Tray(Protocol):
    """Frames in their order, those that have come and those still to come."""

    @property
    def has_rows(self) -> bool:
        """Whether rows are what comes next, and have come."""
        ...

    async def arrived(self) -> None:
        """Wait until there is a frame."""
        ...

    async def next(self) -> Frame:
        """The next frame."""
        ...


class Taking:
    """Takes in what one reading process reads, until `stop` is set; `tell` tells it what is done."""

    def __init__(
        self,
        importer: Importer,
        streams: Streams,
        taken: Taken,
        tell: Callable[[Done], Awaitable[None]],
        stop: asyncio.Event,
        *,
        medium: str = "kafka",
    ) -> None:
        """`medium` is what events name as where they came from, before the partition."""
        self.places: dict[Partition, int] = {}
        """Where each of our partitions goes on, behind the batch that is being written."""
        self._lost: dict[Partition, float] = {}
        """When another turned out to have taken over a partition of which Kafka has not said so yet."""
        self._importer = importer
        self._streams = streams
        self._taken = taken
        self._tell = tell
        self._stop = stop
        self._medium = medium
        self._looked_at = 0.0
        """When it was last asked whether somebody waits for the lock."""
        self._pipeline = Pipeline(self._decide, self._write, _PAUSE, "其他人一直在修改同样的记录；稍后从此处继续。")

    async def take(self, intray: Tray) -> None:
        """Take in the rows that have come, and those that come while they are being taken in, but not for long.

        Raises Unavailable where PostgreSQL or the reading process is away, VersionConflict where others keep changing
        the same records. All that was taken is in the log then, or will be decided again by whoever comes next.
        """
        async with self._streams.importing():
            begun = self._looked_at = time.monotonic()
            try:
                while intray.has_rows and not self._stop.is_set() and not await self._enough(begun):
                    frame = await intray.next()
                    assert isinstance(frame, Rows), "looked at"
                    await self._put_in(frame)
                    if not intray.has_rows:
                        await first_of(intray.arrived(), self._pipeline.written())
            finally:
                await self._pipeline.finish()
            await self._streams.look_after()

    async def _enough(self, begun: float) -> bool:
        """Whether it is time to give the lock back."""
        now = time.monotonic()
        if now - begun > _LONGEST:
            return True
        if now - self._looked_at < _SHARE:
            return False
        self._looked_at = now
        return await self._streams.wanted()

    async def _put_in(self, frame: Rows) -> None:
        partition = Partition(frame.topic, frame.partition)
        place = self.places.get(partition)
        if place is None:
            self._demand_another_s(partition)
            return
        if frame.last < place:  # known already
            return
        rows = [row for row in frame.rows if row.number >= place]
        # Tombstones say nothing, and need none.
        file = await self._streams.entry(partition, frame) if rows else None
        origin = Origin(
            source=frame.source,
            kind=frame.kind,
            export_on=frame.on,
            file_id=file.id if file is not None else _NOWHERE,
            file_mark=str(partition),
            medium=self._medium,
            taken_on=self._importer.settings.now().date(),
        )
        batch = _Messages(
            rows=rows,
            origin=origin,
            decider=self._importer.decider(frame.source),
            partition=partition,
            frame=frame,
            move=Move(partition.follower, place, frame.last + 1),
            file=file,
        )
        self.places[partition] = batch.move.to
        try:
            await self._pipeline.take(batch)
        except Lost:
            return

    def begin(self, partition: Partition, place: int) -> None:
        """A partition is ours from now on, and goes on from there."""
        self.places[partition] = place
        self._lost.pop(partition, None)

    def give_up(self, partition: Partition) -> None:
        """A partition is ours no longer."""
        self.places.pop(partition, None)
        self._lost.pop(partition, None)

    def _demand_another_s(self, partition: Partition) -> None:
        """Raises Unavailable where Kafka goes on giving us what another has taken over: all begins anew then.

        A place may have been moved by a former life of our own whose last append was still under way.
        """
        lost_at = self._lost.get(partition)
        if lost_at is not None and time.monotonic() - lost_at > _GIVEN_BACK:
            raise Unavailable(f"{partition} 的位置已被移动，而 Kafka 仍把它分给本进程；重新开始读取。")

    async def _decide(self, batch: _Messages) -> Decision:
        """What the batch comes to; raises Lost where its partition was lost while it waited."""
        if batch.partition not in self.places:
            raise Lost
        if batch.file is None:
            return Decision(Append(()))
        if self._pipeline.idle:  # else the append before this one shows what others wrote
            head = await self._importer.log.head()
            batch.decider.world.note(head + 1, head)
        decision = await batch.decider.decide(batch.rows, batch.origin)
        batch.entries = await self._streams.sealed(batch.file, batch.frame, decision)
        return decision

    async def _write(self, batch: _Messages, _: bool) -> Outcome:
        decision, world = batch.decision, batch.decider.world
        assert decision is not None, "written once it is decided"
        await self._streams.put_aside(batch.origin, batch.entries, decision)
        append = msgspec.structs.replace(decision.append, moves=(batch.move,))
        try:
            appended = await self._append(append)
        except (VersionConflict, IdentifierTaken):
            return Outcome.REFUSED
        except Lost:
            self.places.pop(batch.partition, None)
            self._lost.setdefault(batch.partition, time.monotonic())
            return Outcome.PASSED
        if appended is not None:
            world.keyring.confirm(append.keys)
            world.note(appended.first, appended.last)
        self._count(len(batch.rows), decision)
        await self._streams.settle(batch.origin, decision)
        await self._tell(Done(batch.frame.topic, batch.frame.partition, batch.move.to))
        return Outcome.PASSED if appended is None else Outcome.WRITTEN

    async def _append(self, append: Append) -> Appended | None:
        """Write and move on; None where what is to be written stood in the log already, by us or by another.

        Raises Lost, and Unavailable where PostgreSQL is away when the worker is to stop.
        """
        (move,) = append.moves
        known = False
        while True:
            try:
                appended = await self._importer.log.append(append)
            except Unavailable:
                if self._stop.is_set():
                    raise
                await pause(self._stop, _AWAY)
            except PlaceTaken:
                if await self._importer.log.place(move.follower) != move.to:
                    raise Lost from None
                return None
            else:
                if not appended.duplicate:
                    return None if known else appended
                # The same messages by another way: only the place is left to move.
                append, known = Append((), moves=append.moves), True

    def _count(self, rows: int, decision: Decision) -> None:
        self._taken.read += rows
        self._taken.recorded += decision.recorded
        self._taken.duplicates += decision.duplicates
        self._taken.quarantined += len(decision.faults)
        self._taken.events += len(decision.append.events)


async def first_of(*waits: Awaitable[object], seconds: float | None = None) -> None:
    """Wait until one of them has ended, whatever with, or for so long; the others are cancelled."""
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            await end(task)


__all__ = ["Taken", "Taking", "Tray", "first_of"]
