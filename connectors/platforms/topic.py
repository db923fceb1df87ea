"""The way by a topic of Kafka's: what a platform sends back by another one, and what stands in the first.

Sending is the relay's (connectors.kafka.relay): exactly once, its position in Kafka's own transaction.
"""

import asyncio
from collections.abc import Sequence
from datetime import date
from typing import Any

import orjson

from connectors.kafka.client import TopicPartition, consumer, sent_at, translated
from connectors.kafka.topics import Incoming, Partition, back_topic, platform_topic
from connectors.platforms.declaration import Platform
from connectors.platforms.inbox import Inbox, kept
from connectors.platforms.ways import Listed, NotDelivered, Parcel
from domain.clock import at
from domain.errors import MinzhengError, Unavailable
from infra.log import EventLog, Move
from infra.settings import Settings

_AT_ONCE = 500
_WAIT_MS = 500


class Topic:
    """Reads both topics of a platform."""

    def __init__(self, platform: Platform, settings: Settings, log: EventLog) -> None:
        self._settings = settings
        self._name = platform.name
        self._log = log
        self._collecting: Any = None
        """What reads the way back, kept from one look to the next."""

    async def listed(self, parcel: Parcel, day: str) -> Sequence[Listed] | None:
        """The messages of this stretch of the log that stand in its topic. Raises NotDelivered."""
        since = int(at(date.fromisoformat(day)).timestamp() * 1000)
        try:
            return await asyncio.to_thread(self._stretch, parcel.after, parcel.upto, since)
        except MinzhengError as error:
            raise NotDelivered(str(error)) from None

    async def collect(self, inbox: Inbox) -> None:
        """Put what came back into the inbox, and move on in the same transaction. Raises NotDelivered, PlaceTaken."""
        partition = Partition(back_topic(self._name, self._settings.kafka_prefix).name, 0)
        while True:
            place = await self._log.place(partition.follower)
            try:
                records, after = await asyncio.to_thread(self._came_back, partition, place)
            except MinzhengError as error:
                await self.close()
                raise NotDelivered(str(error)) from None
            if after == place:
                return
            said = [
                kept(record.value, sent_at(record), f"{partition}@{record.offset}", record.headers)
                for record in records
                if record.value is not None
            ]
            await inbox.put_all(self._name, said, Move(partition.follower, place, after))

    async def close(self) -> None:
        """Let go of what reads the way back."""
        reader, self._collecting = self._collecting, None
        if reader is not None:
            await asyncio.to_thread(reader.close)

    def _came_back(self, partition: Partition, place: int) -> tuple[list[Any], int]:
        """Messages from an offset on, and the offset behind them. Raises Unavailable, also where some are gone."""
        where = TopicPartition(partition.topic, partition.partition)
        if self._collecting is None:
            self._collecting = consumer(self._settings)
        reader = self._collecting
        with translated("读取平台的主题"):
            reader.assign([where])
            first, after = reader.beginning_offsets([where])[where], reader.end_offsets([where])[where]
            if (found := Incoming(partition, place, first, after)).gap:
                raise Unavailable(found.gap_told)
            reader.seek(where, place)
            records = reader.poll(_WAIT_MS, max_records=_AT_ONCE).get(where, [])
        return records, (records[-1].offset + 1 if records else place)

    def _stretch(self, after: int, upto: int, since_ms: int) -> list[Listed]:
        topic = platform_topic(self._name, self._settings.kafka_prefix).name
        found: list[Listed] = []
        reader, where = consumer(self._settings), TopicPartition(topic, 0)
        try:
            with translated("读取平台的主题"):
                reader.assign([where])
                # A message is sent after it was recorded: none of the day stands before its first moment.
                begun = reader.offsets_for_times({where: since_ms})[where]
                end = reader.end_offsets([where])[where]
                if begun is None:
                    return found
                reader.seek(where, begun.offset)
                while reader.position(where) < end:
                    for record in reader.poll(_WAIT_MS).get(where, ()):
                        event = orjson.loads(record.value)
                        sequence = int(event["sequence"])
                        if sequence > upto:
                            return found
                        if sequence > after:
                            found.append(Listed(sequence, event["id"]))
        finally:
            reader.close()
        return found


__all__ = ["Topic"]
