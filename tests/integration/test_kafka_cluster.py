"""Brokers that are not there: the relay goes on without one of three, and waits without two."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient, ConfigResource

from connectors.kafka import client
from connectors.kafka.administration import make_topics
from connectors.kafka.topics import Topic, public_topic, relay_topic
from connectors.public import CATALOGUE, CONTEXTS
from infra.codec import EventCodec
from infra.keys import FileMasterKey, KeyRing
from infra.local_kafka import LocalKafka, free_ports
from infra.log import PostgresLog
from infra.settings import Settings
from infra.store import EventStore
from tests.fixtures.kafka import brokers_run_here, listeners, skip_aloud
from tests.integration.messages_support import people, read, relaying, until

PREFIX = "three"
TOPICS = [*(public_topic(context, PREFIX) for context in CONTEXTS), relay_topic(PREFIX)]
_REPLICATED = {
    "offsets.topic.replication.factor": "3",
    "transaction.state.log.replication.factor": "3",
    "transaction.state.log.min.isr": "2",
    # A dead broker is missed soon, so that nobody waits long for it.
    "broker.session.timeout.ms": "3000",
    "controller.quorum.election.timeout.ms": "500",
    "controller.quorum.fetch.timeout.ms": "1000",
}


@contextmanager
def _cluster(folder: Path) -> Iterator[list[LocalKafka]]:
    ports = iter(free_ports(6))
    places = [{"PLAINTEXT": next(ports), "CONTROLLER": next(ports)} for _ in range(3)]
    voters = ",".join(f"{node}@127.0.0.1:{place['CONTROLLER']}" for node, place in enumerate(places, 1))
    brokers = [
        LocalKafka(
            folder / str(node),
            heap="256m",
            properties={
                **_REPLICATED,
                **listeners(place),
                "node.id": str(node),
                "controller.quorum.voters": voters,
            },
        )
        for node, place in enumerate(places, 1)
    ]
    try:
        for broker in brokers:
            broker.launch()
        for broker in brokers:
            broker.wait()
        yield brokers
    finally:
        for broker in brokers:
            broker.kill()


@pytest.fixture
def brokers(
    tmp_path: Path, record_property: Callable[[str, object], None], capfd: pytest.CaptureFixture[str]
) -> Iterator[list[LocalKafka]]:
    if not brokers_run_here():
        skip_aloud(record_property, capfd)
    with _cluster(tmp_path) as brokers:
        yield brokers


def _brokers(settings: Settings) -> int:
    """How many brokers each of them knows of: all of it is one cluster only then."""
    clusters = (AdminClient({"bootstrap.servers": server, "log_level": 0}) for server in settings.kafka.split(","))
    return min(len(cluster.list_topics(timeout=10).brokers) for cluster in clusters)


def _replicas(settings: Settings, *topics: Topic) -> dict[str, tuple[set[int], str]]:
    """How many replicas each topic's partitions have, and how many must be in step, as another client sees it.

    Of a topic that the broker asked has not heard of yet: nothing.
    """
    administrator = AdminClient({"bootstrap.servers": settings.kafka, "log_level": 0})
    resources = [ConfigResource(ConfigResource.Type.TOPIC, topic.name) for topic in topics]
    in_step = {
        place.name: future.result()["min.insync.replicas"].value
        for place, future in administrator.describe_configs(resources, request_timeout=10).items()
        if future.exception(10) is None
    }
    return {
        name: ({len(partition.replicas) for partition in topic.partitions.values()}, in_step[name])
        for name, topic in administrator.list_topics(timeout=10).topics.items()
        if name in in_step
    }


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")  # which the client leaves where nobody listens
async def test_the_relay_goes_on_without_one_broker_and_waits_without_two(
    log: PostgresLog, brokers: list[LocalKafka], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "REQUEST_MS", 4_000)
    monkeypatch.setattr(client, "CONNECT_MS", 4_000)
    settings = Settings(kafka=",".join(broker.bootstrap for broker in brokers), kafka_prefix=PREFIX)
    await until(lambda: _brokers(settings) == 3)
    make_topics(settings, TOPICS)
    await until(lambda: _replicas(settings, *TOPICS) == {topic.name: ({3}, "2") for topic in TOPICS})
    ring = KeyRing(log, FileMasterKey(bytes(32)))
    store = EventStore(log, EventCodec(ring), ring)
    said: list[str] = []
    async with relaying(log, settings, report=said.append) as relay:
        await people(store, 10)
        await until(lambda: relay.position == 30)
        brokers[0].kill()
        await people(store, 10)
        await until(lambda: relay.position == 60)
        later = Topic(f"{PREFIX}.later.v1")
        make_topics(settings, [later])
        await until(lambda: _replicas(settings, later) == {later.name: ({3}, "2")})  # the one that is away will follow
        brokers[1].kill()
        said.clear()
        await people(store, 10)
        await until(lambda: said)
        assert relay.position == 60
        brokers[0].launch()
        brokers[1].launch()
        await until(lambda: relay.position == 90, 60)
    assert any("请检查代理是否都在运行" in text for text in said)
    assert all(text.count("。") == 1 and "Error" not in text for text in said), said
    found = sorted(
        (json.loads(message.value()) for message in read(settings, [topic.name for topic in TOPICS[:-1]])),
        key=lambda event: event["sequence"],
    )
    rows = [row for row in await log.read(0, 1_000_000) if row.topic in CATALOGUE]
    assert [event["id"] for event in found] == [f"{row.stream_id}@{row.version}" for row in rows]
