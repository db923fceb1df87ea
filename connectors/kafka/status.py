"""How far messages in and out have come: for `minzheng doctor` and whoever watches."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from connectors.kafka.client import TopicPartition, consumer, translated
from connectors.kafka.relay import follower
from connectors.kafka.topics import Incoming, Partition, source_of, source_topics
from domain.errors import MinzhengError
from infra.log import EventLog
from infra.settings import Settings

_FRESH = 5.0
"""Seconds for which what Kafka said is told again."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One shard of the relay: everything up to `position` of a log of `head` events has been sent."""

    shard: str
    position: int
    head: int


async def incoming(log: EventLog, settings: Settings) -> list[Incoming]:
    """Every partition of every source topic there is; raises Unavailable where Kafka is away."""
    found = await asyncio.to_thread(_offsets, settings)
    return [
        Incoming(partition, await log.place(partition.follower), first, after)
        for partition, (first, after) in sorted(found.items())
    ]


@dataclass(frozen=True, slots=True)
class SourceStanding:
    """How far a source's messages are taken in: those that wait, and whether some are gone that nobody has read."""

    source: str
    lag: int
    gap: bool


@dataclass(slots=True)
class IncomingWatch:
    """Tells how far sources are taken in, and asks Kafka every few seconds at most, however many want to know."""

    log: EventLog
    settings: Settings
    _told: Sequence[SourceStanding] | None = None
    _asked_at: float = -_FRESH
    _asking: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def read(self) -> Sequence[SourceStanding] | None:
        """Every source whose topic there is; None where Kafka is away or can't be asked."""
        async with self._asking:
            if time.monotonic() - self._asked_at >= _FRESH:
                try:
                    self._told = _by_source(await incoming(self.log, self.settings))
                except MinzhengError:
                    self._told = None
                self._asked_at = time.monotonic()
        return self._told


def _by_source(partitions: Sequence[Incoming]) -> list[SourceStanding]:
    found: dict[str, list[Incoming]] = {}
    for each in partitions:
        found.setdefault(source_of(each.partition.topic), []).append(each)
    return [
        SourceStanding(source, sum(each.lag for each in its), any(each.gap for each in its))
        for source, its in found.items()
    ]


async def outgoing(log: EventLog, settings: Settings) -> list[Outgoing]:
    """Every shard of the relay, by the copy of its position that the log keeps."""
    head, shards = await log.head(), settings.kafka_shards
    return [
        Outgoing(f"{shard}/{shards}", await log.place(follower(settings.kafka_prefix, f"{shard}/{shards}")), head)
        for shard in range(shards)
    ]


def _offsets(settings: Settings) -> dict[Partition, tuple[int, int]]:
    reader = consumer(settings)
    try:
        with translated("查看主题"):
            known = [
                TopicPartition(topic.name, number)
                for topic in source_topics(settings.kafka_prefix)
                for number in reader.partitions_for_topic(topic.name) or ()
            ]
            first, after = reader.beginning_offsets(known), reader.end_offsets(known)
    finally:
        reader.close()
    return {Partition(place.topic, place.partition): (first[place], after[place]) for place in known}


__all__ = ["IncomingWatch", "Outgoing", "SourceStanding", "incoming", "outgoing"]
