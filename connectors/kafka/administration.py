"""Makes and checks the topics: what there is, and what an operator has to see to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from connectors.kafka.client import NewTopic, admin, consumer, translated
from connectors.kafka.client import TopicPartition as Place
from connectors.kafka.topics import Topic
from infra.settings import Settings

_REPLICAS = 3
_IN_SYNC = 2
"""Replicas that must have a record before it counts, where there are brokers enough."""


@dataclass(frozen=True, slots=True)
class Found:
    """One topic: whether it was just made, how many partitions it has, and how many messages it has had."""

    name: str
    made: bool
    partitions: int
    messages: int


def make_topics(settings: Settings, topics: Sequence[Topic]) -> list[Found]:
    """Make those that are not there, leave the others as they are; raises Unavailable."""
    client = admin(settings)
    try:
        with translated("管理主题"):
            known = set(client.list_topics())
            brokers = len(client.describe_cluster()["brokers"])
            missing = [topic for topic in topics if topic.name not in known]
            if missing:
                client.create_topics([_new(topic, brokers) for topic in missing])
    finally:
        client.close()
    made = {topic.name for topic in missing}
    return [Found(name, name in made, *_size(settings, name)) for name in (topic.name for topic in topics)]


def _new(topic: Topic, brokers: int) -> Any:
    replicas = min(_REPLICAS, brokers)
    configs = {"min.insync.replicas": str(_IN_SYNC if replicas >= _REPLICAS else 1), **dict(topic.configs)}
    return NewTopic(topic.name, topic.partitions, replicas, topic_configs=configs)


def _size(settings: Settings, name: str) -> tuple[int, int]:
    reader = consumer(settings)
    try:
        with translated("查看主题"):
            partitions = [Place(name, number) for number in sorted(reader.partitions_for_topic(name) or ())]
            ends = reader.end_offsets(partitions) if partitions else {}
    finally:
        reader.close()
    return len(partitions), sum(ends.values())


__all__ = ["Found", "make_topics"]
