"""One shard's producer: blocks, so it lives in a thread of its own.

One Kafka transaction carries a batch of messages and the position up to which they stand for the log. Whoever begins
fences whoever sent before under the same name, and goes on from the position that Kafka itself has.
"""

import json
import time
from collections.abc import Sequence

from connectors.kafka.client import KafkaError, TopicPartition, consumer, producer, translated
from connectors.kafka.topics import public_topic, relay_topic
from connectors.public.messages import CONTENT_TYPE, PublicMessage
from domain.errors import BadSetting, Unavailable
from infra.settings import Settings

_BATCH_BYTES = 512 << 10
_LINGER_MS = 5
_TRANSACTION_MS = 60_000
"""After which the broker ends what a killed relay left open, if no other has begun under its name before."""
_READ_WITHIN = 90.0
_HEADERS = [("content-type", CONTENT_TYPE)]


class Sender:
    """Sends one shard's messages, each batch once. To be used by one thread; useless after any error."""

    def __init__(self, settings: Settings, shard: int, shards: int) -> None:
        self._settings = settings
        self._prefix = settings.kafka_prefix
        self._shards = shards
        self.name = _name(shard, shards)
        self._state = relay_topic(self._prefix).name
        self._topics: dict[str, str] = {}
        self._producer = producer(
            settings,
            f"{self._prefix}-relay-{shard}-of-{shards}",
            batch_size=_BATCH_BYTES,
            linger_ms=_LINGER_MS,
            transaction_timeout_ms=_TRANSACTION_MS,
        )

    def begin(self) -> int:
        """Fence whoever sent before, and say up to which position everything has been sent.

        Raises Unavailable, and BadSetting where other shards of another number have not come to one position.
        """
        with translated("开始发送"):
            self._producer.init_transactions()
        positions = self._positions()
        start = _start(positions, self.name, self._shards)
        if positions and positions.get(self.name) != start:
            self.send((), start)  # from now on it is ours, whatever becomes of the former shards
        return start

    def send(self, messages: Sequence[PublicMessage], position: int) -> None:
        """Send all of them, and that everything up to this position is sent, or none of it.

        Raises Unavailable where that failed or nobody knows whether it did: then begin anew with another sender.
        """
        state = json.dumps({"position": position}).encode()
        with translated("发送消息"):
            self._producer.begin_transaction()
            futures = [
                self._producer.send(self._topic(message.context), message.value, message.key, _HEADERS)
                for message in messages
            ]
            futures.append(self._producer.send(self._state, state, self.name.encode()))
            self._producer.commit_transaction()
            for future in futures:
                if not future.succeeded():  # the commit waits for all of them; one that failed aborts it
                    raise KafkaError("a record of a committed transaction is not there")

    def close(self) -> None:
        """Let go of the connections; what is open is aborted by whoever begins next."""
        with translated("停止发送"):
            self._producer.close(timeout=2)

    def _topic(self, context: str) -> str:
        if context not in self._topics:
            self._topics[context] = public_topic(context, self._prefix).name
        return self._topics[context]

    def _positions(self) -> dict[str, int]:
        """The last committed position of every shard there ever was."""
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

    def _read(self, reader: "object", partition: TopicPartition, end: int) -> dict[str, int]:
        found: dict[str, int] = {}
        deadline = time.monotonic() + _READ_WITHIN
        while reader.position(partition) < end:  # type: ignore[attr-defined]  # the client is not typed
            if time.monotonic() > deadline:
                raise Unavailable("Kafka 中的发送位置读不完（有未结束的事务）；稍后会重试。")
            for records in reader.poll(200).values():  # type: ignore[attr-defined]
                found.update((record.key.decode(), json.loads(record.value)["position"]) for record in records)
        return found


def _name(shard: int, shards: int) -> str:
    return f"{shard}/{shards}"


def _start(positions: dict[str, int], mine: str, shards: int) -> int:
    """Where a shard goes on: where it was, or after a change of their number where all the former ones have come to."""
    if not positions:
        return 0
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


__all__ = ["Sender"]
