"""From the log to decoded events, read and decoded once for all projections that stand at the same position."""

import asyncio
import gc
from collections.abc import AsyncIterator, Sequence
from typing import TypeVar
from uuid import UUID

import domain.contexts
from domain.kernel import Event, event_classes
from infra.codec import EventCodec
from infra.log import EventLog, LogEvent
from infra.tasks import end
from projections.kernel.batch import Unreadable
from projections.kernel.changes import Projection

Events = list[tuple[LogEvent, Event | Unreadable]]


class Quiet:
    """No garbage collection while batches are folded, but for one now and then.

    A batch is hundreds of thousands of objects that all live until it is written and hold no cycles: collecting in
    between looks at every one of them again and again, for half of the time that folding takes.
    """

    EVENTS = 500_000

    def __init__(self) -> None:
        self._taken = 0
        self._was_on = False

    def __enter__(self) -> "Quiet":
        self._was_on = gc.isenabled()
        gc.disable()
        return self

    def __exit__(self, *_: object) -> None:
        if self._was_on:
            gc.enable()

    def took(self, events: int) -> None:
        """So many events more have been folded."""
        self._taken += events
        if self._taken >= self.EVENTS:
            self._taken = 0
            gc.collect()


_SLICE = 250
T = TypeVar("T")


async def slices(items: Sequence[T]) -> AsyncIterator[Sequence[T]]:
    """The items a few milliseconds' work at a time: PostgreSQL's answers to others are taken in between."""
    for start in range(0, len(items), _SLICE):
        yield items[start : start + _SLICE]
        await asyncio.sleep(0)


class Feed:
    """Reads batches of the log and decodes what some projection needs."""

    def __init__(self, log: EventLog, codec: EventCodec, projections: Sequence[Projection]) -> None:
        self.log = log
        self._codec = codec
        self._projections = projections
        self._personal = any(projection.personal for projection in projections)
        self._classes = event_classes()
        self._wanted: dict[str, bool] = {}

    async def decode(self, rows: Sequence[LogEvent]) -> Events:
        """The events of these rows that matter to someone here; Unreadable where one can't be decoded."""
        matters = self._wanted
        for topic in {row.topic for row in rows}.difference(matters):
            matters[topic] = self._matters(topic)
        wanted = [row for row in rows if matters[row.topic]]
        if self._personal:
            # The codec's own ring: it has to hold the keys that decoding asks it for.
            await self._codec._keyring.preload(self._holders(wanted))
        decoded: Events = []
        async for rows in slices(wanted):
            decoded += self._slice(rows)
        return decoded

    def _slice(self, rows: Sequence[LogEvent]) -> Events:
        decode, personal = self._codec.decode, self._personal
        try:
            return [(row, decode(row, with_personal=personal)) for row in rows]
        except Exception:
            return [(row, self._decode(row)) for row in rows]

    async def batches(self, after: int, upto: int, size: int) -> AsyncIterator[tuple[int, Events]]:
        """Decoded batches behind `after`, up to `upto`, each with the position it ends at; reads one ahead."""
        ahead = asyncio.create_task(self.log.read(after, size, upto))
        try:
            while rows := await ahead:
                last = rows[-1].position
                ahead = asyncio.create_task(self.log.read(last, size, upto))
                yield last, await self.decode(rows)
        finally:
            await end(ahead)

    def _matters(self, topic: str) -> bool:
        cls = self._classes.get(topic)
        return any(projection.concerns(topic, cls) for projection in self._projections)

    def _holders(self, rows: Sequence[LogEvent]) -> set[UUID]:
        try:
            return self._codec.holders(rows)
        except Exception:
            if len(rows) == 1:
                return set()  # decoding it will say what is wrong
            middle = len(rows) // 2
            return self._holders(rows[:middle]) | self._holders(rows[middle:])

    def _decode(self, row: LogEvent) -> Event | Unreadable:
        try:
            return self._codec.decode(row, with_personal=self._personal)
        except Exception as error:
            return Unreadable(error)


__all__ = ["Events", "Feed", "Quiet", "domain", "slices"]
