"""Makes and checks the topics: what there is, and what an operator has to see to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from connectors.kafka.client import NewTopic, admin, consumer, error_of, translated
from connectors.kafka.client import TopicPartition as Place
from connectors.kafka.topics import Partition, Topic
from infra.settings import Settings

_REPLICAS = 3
_IN_SYNC = 2
"""Replicas that must have a record before it counts, where there are brokers enough."""

_DONE = frozenset({0, 36})
"""What a broker answers where the topic is there now: made, or made by another before."""


@dataclass(frozen=True, slots=True)
class Found:
    """One topic: how many partitions it has, and how many messages it has had."""

    name: str
    partitions: int
    messages: int


def make_topics(settings: Settings, topics: Sequence[Topic]) -> list[str]:
    """Make those that are not there, leave the others as they are; the names of the new ones. Raises Unavailable."""
    client = admin(settings)
    try:
        with translated("建立主题"):
            known = set(client.list_topics())
            missing = [topic for topic in topics if topic.name not in known]
            if missing:
                brokers = len(client.describe_cluster()["brokers"])
                _create(client, [_new(topic, brokers) for topic in missing])
    finally:
        client.close()
    return [topic.name for topic in missing]


def sizes(settings: Settings, topics: Sequence[Topic]) -> list[Found]:
    """What stands in topics that are there; raises Unavailable."""
    reader = consumer(settings)
    try:
        with translated("查看主题"):
            places = {topic.name: sorted(reader.partitions_for_topic(topic.name) or ()) for topic in topics}
            ends = reader.end_offsets([Place(name, number) for name, numbers in places.items() for number in numbers])
    finally:
        reader.close()
    return [
        Found(name, len(numbers), sum(ends[Place(name, number)] for number in numbers))
        for name, numbers in places.items()
    ]


def beginning(settings: Settings, partition: Partition) -> int:
    """The offset of the first message there still is; raises Unavailable."""
    reader, place = consumer(settings), Place(partition.topic, partition.partition)
    try:
        with translated("查看主题"):
            return int(reader.beginning_offsets([place])[place])
    finally:
        reader.close()


def _create(client: Any, topics: Sequence[Any]) -> None:
    answers = client.create_topics(topics, raise_errors=False)["topics"]
    for code in sorted({answer["error_code"] for answer in answers} - _DONE):
        raise error_of(code, [answer["name"] for answer in answers if answer["error_code"] == code])


def _new(topic: Topic, brokers: int) -> Any:
    replicas = min(_REPLICAS, brokers)
    configs = {"min.insync.replicas": str(_IN_SYNC if replicas >= _REPLICAS else 1), **dict(topic.configs)}
    return NewTopic(topic.name, topic.partitions, replicas, topic_configs=configs)


__all__ = ["Found", "beginning", "make_topics", "sizes"]
