"""What the client is mended for holds on a real broker: no part of a transaction, no joining that is forgotten."""

import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager

import psutil
import pytest
from kafka.admin import NewPartitions

from connectors.kafka import client
from connectors.kafka.administration import make_topics
from connectors.kafka.topics import Topic
from domain.errors import Unavailable
from infra.local_kafka import LocalKafka
from infra.settings import Settings
from tests.fixtures.kafka import Topics
from tests.integration.messages_support import read


class _Given(client.ConsumerRebalanceListener):  # type: ignore[misc]
    """Knows which partitions are a consumer's."""

    def __init__(self) -> None:
        self.partitions: set[int] = set()

    def on_partitions_assigned(self, assigned: Iterable[client.TopicPartition]) -> None:
        self.partitions = {partition.partition for partition in assigned}

    def on_partitions_revoked(self, revoked: Iterable[client.TopicPartition]) -> None:
        self.partitions = set()


@pytest.mark.parametrize("milliseconds", [1, 5])
def test_who_joins_again_gets_the_answer_however_often_it_polls_meanwhile(kafka: Topics, milliseconds: int) -> None:
    settings, topic = kafka.settings(Settings()), Topic(f"{kafka.prefix}.source.v1", 1)
    make_topics(settings, [topic])
    given = _Given()
    with (
        closing(client.admin(settings)) as administrator,
        closing(client.consumer(settings, kafka.prefix, metadata_max_age_ms=100)) as reader,
    ):
        reader.subscribe([topic.name], listener=given)
        for partitions in range(1, 6):
            if partitions > 1:
                administrator.create_partitions({topic.name: NewPartitions(partitions)})
            until = time.monotonic() + 20
            while len(given.partitions) < partitions and time.monotonic() < until:
                reader.poll(milliseconds)
            assert given.partitions == set(range(partitions))


def test_no_transaction_is_committed_without_a_record_that_came_too_late(kafka: Topics) -> None:
    """The client gives such a record up; what else was in the transaction must not count then."""
    settings, topic = kafka.settings(Settings()), Topic(f"{kafka.prefix}.relay.v1", 1)
    make_topics(settings, [topic])
    sender = client.producer(settings, kafka.prefix, request_timeout_ms=1_000, delivery_timeout_ms=2_000)
    sender.init_transactions()
    sender.begin_transaction()
    sender.send(topic.name, b"in time").get(30)
    with _silent(kafka.broker):
        late = sender.send(topic.name, b"late")
        with pytest.raises(Unavailable, match="发送：Kafka 没有及时答复"), client.translated("发送"):
            late.get(30)
    with pytest.raises(Unavailable), client.translated("发送"):
        sender.commit_transaction()
    sender.close(timeout=2)
    with closing(client.producer(settings, kafka.prefix)) as after:
        after.init_transactions()
    assert read(settings, [topic.name]) == []


@contextmanager
def _silent(broker: LocalKafka) -> Iterator[None]:
    """The broker's process stands still."""
    (process,) = [
        child
        for child in psutil.Process().children()
        if any(at.status == psutil.CONN_LISTEN and at.laddr.port == broker.port for at in child.net_connections())
    ]
    process.suspend()
    try:
        yield
    finally:
        process.resume()
