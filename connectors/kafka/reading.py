"""The process that reads source topics: `python -m connectors.kafka.reading`, spoken to by connectors.kafka.inbound.

It polls, understands messages and reads their rows while its parent decides and writes, so that two cores are at work.
Where to go on is for the parent to say, who has it from PostgreSQL; Kafka's own commits are for those who watch the
lag. A parent that is slow reads slowly, and then this process polls no more: nothing piles up.
"""

import gc
import os
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from queue import SimpleQueue
from typing import Any, BinaryIO

from connectors.kafka.client import (
    ConsumerRebalanceListener,
    KafkaConsumer,
    OffsetAndMetadata,
    TopicPartition,
    consumer,
    sent_at,
    translated,
)
from connectors.kafka.frames import (
    Assigned,
    Done,
    Failure,
    Places,
    Revoked,
    Rows,
    unpack_order,
)
from connectors.kafka.messages import Unintelligible, understand
from connectors.kafka.rows import MESSAGE, Readers, load_overrides, unread, unread_layout
from connectors.kafka.topics import source_of, source_topics
from connectors.reading.frames import write_frame
from connectors.reading.reader import CHUNK
from connectors.reading.rows import Parsed
from domain.errors import MinzhengError
from infra.settings import load_settings

_POLL_MS = 200
_SESSION_MS = 6_000
"""After which the partitions of a reader that was killed go to others."""
_METADATA_MS = 5_000
"""After which topics are looked for anew: one that has only just been made may be missing at the first look."""
_FETCH_BYTES = 2 << 20
_COMMIT_EVERY = 50
"""Polls between two commits of what the parent has done."""


def main() -> None:
    """Read until the parent is gone."""
    gc.set_threshold(100_000, 50, 50)  # rows are no cycles
    stdout = sys.stdout.buffer
    try:
        _Reading(stdout).run()
    except MinzhengError as error:
        write_frame(stdout, Failure(str(error)))
    except BrokenPipeError:
        pass
    sys.stdout.flush()
    os._exit(0)  # the thread that listens may be in the midst of it


class _Reading:
    def __init__(self, stdout: BinaryIO) -> None:
        settings = load_settings()
        self._stdout = stdout
        self._readers = Readers(load_overrides(settings.kafka_mappings), settings.now().date())
        self._places: SimpleQueue[Places] = SimpleQueue()
        self._over = threading.Event()
        self._done: dict[TopicPartition, int] = {}
        self._changes: SimpleQueue[tuple[bool, list[TopicPartition]]] = SimpleQueue()
        """What the group's coordinator has given (True) and taken away, in order: told by the client's own thread."""
        self._topics = [topic.name for topic in source_topics(settings.kafka_prefix)]
        self._consumer: KafkaConsumer = consumer(
            settings,
            settings.kafka_prefix,
            max_poll_records=2 * CHUNK,
            max_partition_fetch_bytes=_FETCH_BYTES,
            session_timeout_ms=_SESSION_MS,
            heartbeat_interval_ms=_SESSION_MS // 3,
            metadata_max_age_ms=_METADATA_MS,
        )

    def run(self) -> None:
        threading.Thread(target=self._listen, name="orders", daemon=True).start()
        self._consumer.subscribe(self._topics, listener=_Listener(self))
        polls = 0
        while not self._over.is_set():
            with translated("读取来源系统的消息"):
                found = self._consumer.poll(_POLL_MS)
                while not self._changes.empty():
                    given, partitions = self._changes.get()
                    (self._given if given else self._taken)(partitions)
            for partition, records in found.items():
                for start in range(0, len(records), CHUNK):
                    for rows in self._rows(partition, records[start : start + CHUNK]):
                        write_frame(self._stdout, rows)
            polls += 1
            if polls % _COMMIT_EVERY == 0:
                self._commit()
        self._consumer.close()  # the others need not wait until it is missed

    def assigned(self, partitions: Iterable[TopicPartition]) -> None:
        """These are ours, and lie still until it is known where to go on. Called by the client's thread."""
        mine = sorted(partitions)
        self._consumer.pause(*mine)
        self._changes.put((True, mine))

    def revoked(self, partitions: Iterable[TopicPartition]) -> None:
        """These are ours no longer. Called by the client's thread."""
        self._changes.put((False, sorted(partitions)))

    def _given(self, partitions: list[TopicPartition]) -> None:
        """Ask the parent where to go on, and go there."""
        mine = [partition for partition in partitions if partition in self._consumer.assignment()]
        if not mine:
            return
        begin, end = self._consumer.beginning_offsets(mine), self._consumer.end_offsets(mine)
        write_frame(self._stdout, Assigned([(p.topic, p.partition, begin[p], end[p]) for p in mine]))
        told = {TopicPartition(topic, number): offset for topic, number, offset in self._places.get().partitions}
        for partition in mine:
            if partition in told and partition in self._consumer.assignment():
                self._consumer.seek(partition, told[partition])
                self._consumer.resume(partition)

    def _taken(self, partitions: list[TopicPartition]) -> None:
        """Tell the parent, who gives up what it has not written yet."""
        for partition in partitions:
            self._done.pop(partition, None)
        if partitions:
            write_frame(self._stdout, Revoked([(p.topic, p.partition) for p in partitions]))

    def _listen(self) -> None:
        """Orders of the parent; whoever has lost it ends."""
        for line in sys.stdin.buffer:
            order = unpack_order(line)
            if isinstance(order, Places):
                self._places.put(order)
            elif isinstance(order, Done):
                self._done[TopicPartition(order.topic, order.partition)] = order.offset
        self._over.set()
        self._places.put(Places([]))

    def _commit(self) -> None:
        done = {p: offset for p, offset in list(self._done.items()) if p in self._consumer.assignment()}
        if done:
            self._consumer.commit_async({p: OffsetAndMetadata(offset, "", -1) for p, offset in done.items()})

    def _rows(self, partition: TopicPartition, records: Sequence[Any]) -> Iterator[Rows]:
        """The messages in runs of one kind, layout and day, in their order; a tombstone goes with its neighbours."""
        source = source_of(partition.topic)
        run: list[Parsed] = []
        head: tuple[Any, ...] = ()
        first = last = records[0].offset
        for record in records:
            found = self._read(source, partition, record)
            if found is not None and head and found[0] != head:
                yield _run(partition, source, head, run, first, last)
                run, first = [], record.offset
            if found is not None:
                head = found[0]
                run.append(found[1])
            last = record.offset
        yield _run(partition, source, head, run, first, last)

    def _read(self, source: str, partition: TopicPartition, record: Any) -> tuple[tuple[Any, ...], Parsed] | None:
        sent = sent_at(record)
        place = f"{partition.topic}/{partition.partition}@{record.offset}"
        try:
            said = understand(record.value, record.headers, sent, place)
            if said is None:
                return None
            reader = self._readers.reader(source, said)
            return (reader.kind, reader.layout, said.on), reader.read(said, record.offset)
        except Unintelligible as error:
            text = record.value.decode("utf-8", "replace")
            return (MESSAGE, unread_layout(source), sent.date()), unread(record.offset, [text], str(error), place)


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]  # the client is not typed
    """Passes on what the group's coordinator decides; called from within `poll`."""

    def __init__(self, reading: _Reading) -> None:
        self._reading = reading

    def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        self._reading.assigned(assigned)

    def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        self._reading.revoked(revoked)

    def on_partitions_lost(self, lost: Iterable[TopicPartition]) -> None:
        self._reading.revoked(lost)


def _run(
    partition: TopicPartition,
    source: str,
    head: tuple[Any, ...],
    run: list[Parsed],
    first: int,
    last: int,
) -> Rows:
    kind, layout, on = head or ("", b"", datetime.now(UTC).date())
    return Rows(
        topic=partition.topic,
        partition=partition.partition,
        first=first,
        last=last,
        source=source,
        kind=kind,
        layout=layout,
        on=on,
        rows=run,
    )


if __name__ == "__main__":
    main()
