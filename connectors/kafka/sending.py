"""A producer that sends for one shard of the relay, or for one platform: blocks, so it lives in a thread of its own.

One Kafka transaction carries a batch of messages and the position up to which they stand for the log. Whoever begins
fences whoever sent before under the same name, and goes on from the position that Kafka itself has.
"""

import json
import time
from collections.abc import Sequence
from typing import NamedTuple

from connectors.kafka.client import KafkaError, TopicPartition, consumer, producer, translated
from connectors.kafka.topics import relay_topic
from connectors.public.messages import CONTENT_TYPE
from domain.errors import BadSetting, Unavailable
from infra.settings import Settings

_BATCH_BYTES = 512 << 10
_LINGER_MS = 5
_TRANSACTION_MS = 60_000
"""After which the broker ends what a killed relay left open, if no other has begun under its name before."""
_RETRY_MS = 10
"""A transaction close behind another is told to wait until that one's marks are written: a few ms, not 100."""
_READ_WITHIN = 90.0
_HEADERS = [("content-type", CONTENT_TYPE)]


class Record(NamedTuple):
    """One message on its way."""

    topic: str
    key: bytes
    value: bytes
    position: int
    """Of the event it tells of."""


class Sender:
    """Sends under one name, each batch once. To be used by one thread; useless after any error.

    A name like `0/2` is that of a shard, which with its number's others makes up the relay.
    """

    def __init__(self, settings: Settings, name: str) -> None:
        self._settings = settings
        self.name = name
        self.last = 0
        """The position of the last message there was."""
        self._state = relay_topic(settings.kafka_prefix).name
        self._producer = producer(
            settings,
            f"{settings.kafka_prefix}-relay-{name.replace('/', '-of-')}",
            batch_size=_BATCH_BYTES,
            linger_ms=_LINGER_MS,
            transaction_timeout_ms=_TRANSACTION_MS,
            retry_backoff_ms=_RETRY_MS,
        )

    def begin(self) -> int:
        """Fence whoever sent before, and say up to which position everything has been sent.

        Raises Unavailable, and BadSetting where shards of another number have not come to one position.
        """
        with translated("开始发送"):
            self._producer.init_transactions()
        states = self._states()
        positions = {name: state["position"] for name, state in states.items()}
        self.last = states.get(self.name, {}).get("last", 0)
        start = _start(positions, self.name)
        if positions and positions.get(self.name) != start:
            self.send((), start)  # from now on it is ours, whatever becomes of the former shards
        return start

    def send(self, messages: Sequence[Record], position: int) -> None:
        """Send all of them, and that everything up to this position is sent, or none of it.

        Raises Unavailable where that failed or nobody knows whether it did: then begin anew with another sender.
        """
        last = messages[-1].position if messages else self.last
        state = json.dumps({"position": position, "last": last}).encode()
        with translated("发送消息"):
            self._producer.begin_transaction()
            futures = [self._producer.send(message.topic, message.value, message.key, _HEADERS) for message in messages]
            futures.append(self._producer.send(self._state, state, self.name.encode()))
            self._producer.commit_transaction()
            for future in futures:
                if not future.succeeded():  # the commit waits for all of them; one that failed aborts it
                    raise KafkaError("a record of a committed transaction is not there")
        self.last = last

    def close(self) -> None:
        """Let go of the connections; what is open is aborted by whoever begins next."""
        with translated("停止发送"):
            self._producer.close(timeout=2)

    def _states(self) -> dict[str, dict[str, int]]:
        """How far everybody who ever sent has come, by what was committed."""
        partition = TopicPartition(self._state, 0)
        with translated("读取发送位置"):
            # Up to what there is at all, not to what is committed: another shard's open transaction may stand before
            # our own last one.
            everything = consumer(self._settings, isolation_level="read_uncommitted")
            end = everything.end_offsets([partition])[partition]
            everything.close()
            committed = consumer(self._settings)
            try:
                committed.assign([partition])
                committed.seek_to_beginning(partition)
                return self._read(committed, partition, end)
            finally:
                committed.close()

    def _read(self, reader: "object", partition: TopicPartition, end: int) -> dict[str, dict[str, int]]:
        found: dict[str, dict[str, int]] = {}
        deadline = time.monotonic() + _READ_WITHIN
        while reader.position(partition) < end:  # type: ignore[attr-defined]  # the client is not typed
            if time.monotonic() > deadline:
                raise Unavailable("Kafka 中的发送位置读不完（有未结束的事务）；稍后会重试。")
            for records in reader.poll(200).values():  # type: ignore[attr-defined]
                found.update((record.key.decode(), json.loads(record.value)) for record in records)
        return found


def _start(positions: dict[str, int], mine: str) -> int:
    """Where a shard goes on: where it was, or after a change of their number where all the former ones have come to.

    Whoever is no shard goes on where it was.
    """
    _, divided, number = mine.partition("/")
    positions = {name: at for name, at in positions.items() if ("/" in name) is bool(divided)}
    if not divided or not positions:
        return positions.get(mine, 0)
    shards = int(number)
    ran_last = max(positions, key=positions.__getitem__).partition("/")[2]
    former = {name: at for name, at in positions.items() if name.partition("/")[2] == ran_last}
    if ran_last == str(shards) and mine in former:
        return former[mine]
    last = max(former.values())
    others = {name: at for name, at in positions.items() if name.partition("/")[2] != str(shards)}
    if ran_last == str(shards):  # ours has not said anything yet since the number was changed
        return max(others.values(), default=0)
    if set(former.values()) != {last} or len(former) != int(ran_last):
        raise BadSetting(
            f"发送分片数由 {ran_last} 改为 {shards}，但原来的分片尚未发到同一位置；"
            "请先用原来的分片数运行到全部发完，再更改。",
            "MINZHENG_KAFKA_SHARDS",
        )
    return last


__all__ = ["Record", "Sender"]
