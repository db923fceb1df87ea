"""How far messages in and out have come: for `minzheng doctor` and whoever watches."""

import asyncio
from dataclasses import dataclass

from connectors.kafka.client import TopicPartition, consumer, translated
from connectors.kafka.relay import follower
from connectors.kafka.topics import Partition, source_topics
from infra.log import EventLog
from infra.settings import Settings


@dataclass(frozen=True, slots=True)
class Incoming:
    """One partition of a source: `place` was taken in of the messages from `first` to before `next`."""

    partition: Partition
    place: int
    first: int
    next: int

    @property
    def lag(self) -> int:
        """Messages not taken in yet."""
        return max(0, self.next - max(self.place, self.first))

    @property
    def gap(self) -> bool:
        """Whether messages are gone that nobody has read, or the topic is another one than it was."""
        return self.place < self.first or self.place > self.next


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


__all__ = ["Incoming", "Outgoing", "incoming", "outgoing"]
