"""What must hold after the chaos, found out without any of the code that was under it.

Kafka is read by another client (librdkafka), what was produced is what the harness itself remembers, and the log's
content is compared with both.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from confluent_kafka import Consumer, TopicPartition

from connectors.public import CATALOGUE
from domain.kernel import Event
from domain.registry import Person
from infra.codec import EventCodec
from infra.keys import KeyRing
from infra.log import LogEvent, PostgresLog


@dataclass(slots=True)
class Verdict:
    """Everything that was found wrong, and how much was looked at."""

    wrong: list[str] = field(default_factory=list)
    events: int = 0
    messages: int = 0
    told: dict[str, int] = field(default_factory=dict)
    """Messages that each platform has."""

    def demand(self, true: bool, what: str) -> None:
        """Note what is wrong."""
        if not true:
            self.wrong.append(what)


Message = tuple[int, int, bytes, dict[str, Any]]
"""Partition, offset, key, event."""


def read_topic(bootstrap: str, topic: str) -> list[Message]:
    """Every committed message."""
    reader = Consumer(
        {
            **{"bootstrap.servers": bootstrap, "group.id": f"check-{uuid4()}", "isolation.level": "read_committed"},
            **{"enable.partition.eof": True, "auto.offset.reset": "earliest"},
        }
    )
    numbers = list(reader.list_topics(topic, timeout=20).topics[topic].partitions)
    reader.assign([TopicPartition(topic, number, 0) for number in numbers])
    found, ended = [], 0
    while ended < len(numbers):
        message = reader.poll(20)
        assert message is not None, "the broker did not answer the checker"
        if message.error() is None:
            found.append((message.partition(), message.offset(), message.key(), json.loads(message.value())))
        else:
            ended += 1
    reader.close()
    return found


def offsets_behind(bootstrap: str, topic: str) -> dict[int, int]:
    """Behind the last committed message of each partition."""
    behind: dict[int, int] = {}
    for partition, offset, _, _ in read_topic(bootstrap, topic):
        behind[partition] = max(behind.get(partition, 0), offset + 1)
    return behind


async def check(
    log: PostgresLog, keyring: KeyRing, bootstrap: str, topic: str, produced: dict[str, list[str]]
) -> Verdict:
    """`produced`: what was sent of each person in order, by citizen ID: the phone of each message."""
    verdict, codec = Verdict(), EventCodec(keyring)
    rows = await log.read(0, 10_000_000)
    verdict.events = len(rows)
    verdict.demand([row.position for row in rows] == list(range(1, len(rows) + 1)), "positions have gaps")
    await keyring.preload(codec.holders(rows))
    events = [codec.decode(row) for row in rows]
    _came_in(verdict, events, produced)
    messages = read_topic(bootstrap, topic)
    verdict.messages = len(messages)
    _went_out(verdict, rows, messages)
    _is_known_to_receivers(verdict, events, messages)
    return verdict


def _came_in(verdict: Verdict, events: Sequence[Event], produced: dict[str, list[str]]) -> None:
    """Each message once, in its order."""
    phones: dict[Any, list[str]] = {}
    named: dict[Any, str] = {}
    for event in events:
        if isinstance(event, Person.Created):
            verdict.demand(event.originator_id not in named, "a person was registered twice")
            named[event.originator_id] = str(event.citizen_id)
            phones[event.originator_id] = [str(event.phone)]
        elif isinstance(event, Person.DetailsChanged) and event.phone is not None:
            phones[event.originator_id].append(event.phone)
    taken = {named[id]: list_ for id, list_ in phones.items()}
    verdict.demand(len(taken) == len(named), "a citizen ID has two persons")
    for number, sent in produced.items():
        # A worker may see the same person's next two messages in one batch: each is recorded all the same.
        verdict.demand(taken.get(number) == sent, f"a person's messages: {len(sent)} sent, {taken.get(number)!r:.200}")
    verdict.demand(set(taken) == set(produced), "somebody is in the log of whom nothing was sent")


def _went_out(verdict: Verdict, rows: Sequence[LogEvent], messages: Sequence[Message]) -> None:
    """Each public event once, with its place, in order."""
    expected = [
        (row.position, f"{row.stream_id}@{row.version}")
        for row in rows
        if row.topic in CATALOGUE and row.topic.startswith("registry.")
    ]
    found = sorted((int(event["sequence"]), event["id"]) for _, _, _, event in messages)
    doubled = [place for place, count in Counter(place for place, _ in found).items() if count > 1]
    verdict.demand(not doubled, f"sent twice: positions {doubled[:10]}")
    missing = sorted(set(expected) - set(found))
    verdict.demand(not missing, f"never sent: {missing[:10]}")
    verdict.demand(not set(found) - set(expected), "something was sent that the log does not have")
    order: dict[int, list[int]] = {}
    for partition, _, _, event in _in_order(messages):
        order.setdefault(partition, []).append(int(event["sequence"]))
    verdict.demand(all(places == sorted(places) for places in order.values()), "a partition is out of order")


def _is_known_to_receivers(verdict: Verdict, events: Sequence[Event], messages: Sequence[Message]) -> None:
    """A receiver that folds the messages, in the order in which it has them, knows what the log knows."""
    theirs: dict[str, str] = {}
    for _, _, _, event in _in_order(messages):
        if ".PersonRegistered." in event["type"]:
            theirs[event["subject"]] = event["data"]["divisionCode"]
        elif ".PersonMoved." in event["type"]:
            theirs[event["subject"]] = event["data"]["toDivisionCode"]
    ours: dict[str, str] = {}
    for known in events:
        if isinstance(known, Person.Created):
            ours[f"person:{known.originator_id}"] = known.division_code
        elif isinstance(known, Person.Moved):
            ours[f"person:{known.originator_id}"] = known.to_division_code
    verdict.demand(theirs == ours, "a receiver's state is not the log's")


def _in_order(messages: Sequence[Message]) -> list[Message]:
    """As each partition has them."""
    return sorted(messages, key=lambda message: (message[0], message[1]))
