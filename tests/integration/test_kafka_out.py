"""The log onto public topics through a real broker: each event once and in order, checked by another client."""

import asyncio
import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from connectors.kafka.administration import make_topics
from connectors.kafka.relay import public_relay
from connectors.kafka.sending import Sender
from connectors.kafka.topics import public_topic, relay_topic
from connectors.public import CATALOGUE, CONTEXTS
from connectors.public.schemas import event_schema
from domain.errors import BadSetting, Unavailable
from infra.local_kafka import run_tool
from infra.log import PostgresLog
from infra.settings import Settings
from infra.store import EventStore
from tests.fixtures.kafka import Topics
from tests.integration.messages_support import people, read, relaying, until


@pytest.fixture
def settings(kafka: Topics) -> Settings:
    settings = kafka.settings(Settings())
    topics = [public_topic(context, kafka.prefix) for context in CONTEXTS]
    make_topics(settings, [*topics, relay_topic(kafka.prefix)])
    return settings


def public(settings: Settings) -> list[dict[str, Any]]:
    """All public messages by their place in the log."""
    topics = [public_topic(context, settings.kafka_prefix).name for context in CONTEXTS]
    return sorted((json.loads(m.value()) for m in read(settings, topics)), key=lambda event: event["sequence"])


async def expected(log: PostgresLog) -> list[str]:
    """The names of what must be there, in order, by the log alone."""
    return [f"{row.stream_id}@{row.version}" for row in await log.read(0, 1_000_000) if row.topic in CATALOGUE]


async def test_every_public_event_once_with_its_place_and_nothing_personal(
    log: PostgresLog, store: EventStore, settings: Settings
) -> None:
    await people(store, 40)
    async with relaying(log, settings) as relay:
        await until(lambda: relay.position == 120)
        (late,) = await people(store, 1)
        await until(lambda: relay.position == 123)
    found = public(settings)
    assert [event["id"] for event in found] == await expected(log)
    assert relay.sent == len(found) == 82
    by_type = {said.type: said for said in CATALOGUE.values()}
    for event in found:
        Draft202012Validator(event_schema(by_type[event["type"]])).validate(event)
    texts = json.dumps(found, ensure_ascii=False)
    assert not any(secret in texts for secret in ("幻某", "1990000", "990000"))
    last = found[-1]
    assert (last["type"], last["subject"], last["sequence"]) == (
        "cn.jianghai.minzheng.registry.PersonMoved.v1",
        f"person:{late.id}",
        f"{122:020d}",
    )
    assert last["data"]["movedOn"] == "2015-06-01"
    messages = read(settings, [public_topic("registry", settings.kafka_prefix).name])
    for message in messages:
        assert message.key().decode() == json.loads(message.value())["subject"]
        assert dict(message.headers())["content-type"].startswith(b"application/cloudevents+json")


async def test_one_subject_s_messages_keep_their_order(log: PostgresLog, store: EventStore, settings: Settings) -> None:
    made = await people(store, 30)
    async with relaying(log, settings) as relay:
        await until(lambda: relay.position == 90)
    order: dict[str, list[str]] = {}
    for message in read(settings, [public_topic("registry", settings.kafka_prefix).name]):
        order.setdefault(message.key().decode(), []).append(json.loads(message.value())["type"].split(".")[-2])
    assert order == {f"person:{one.id}": ["PersonRegistered", "PersonMoved"] for one in made}


async def test_started_again_it_goes_on_from_what_kafka_has(
    log: PostgresLog, store: EventStore, settings: Settings
) -> None:
    await people(store, 10)
    for total in (30, 60, 90):
        async with relaying(log, settings) as relay:
            await until(lambda total=total, relay=relay: relay.position == total)
        await people(store, 10)
    async with relaying(log, settings) as relay:
        await until(lambda: relay.position == 120)
    assert [event["id"] for event in public(settings)] == await expected(log)


async def test_a_second_one_fences_the_first_and_nothing_is_sent_twice(
    log: PostgresLog, store: EventStore, settings: Settings
) -> None:
    await people(store, 10)
    said: list[str] = []
    async with relaying(log, settings, report=said.append) as first:
        await until(lambda: first.position == 30)
        async with relaying(log, settings) as second:
            await until(lambda: second.position == 30)
            for _ in range(5):
                await people(store, 10)
            await until(lambda: max(first.position, second.position) == 180)
    assert [event["id"] for event in public(settings)] == await expected(log)


async def test_the_broker_s_own_tool_reads_it(
    log: PostgresLog, store: EventStore, settings: Settings, kafka: Topics
) -> None:
    await people(store, 3)
    async with relaying(log, settings) as relay:
        await until(lambda: relay.position == 9)
    topic = public_topic("registry", settings.kafka_prefix).name
    given = ["--bootstrap-server", kafka.broker.bootstrap, "--topic", topic, "--from-beginning"]
    given += ["--max-messages", "6", "--timeout-ms", "20000", "--isolation-level", "read_committed"]
    printed = await asyncio.to_thread(run_tool, "org.apache.kafka.tools.consumer.ConsoleConsumer", given)
    found = sorted((json.loads(line) for line in printed.splitlines()), key=lambda event: event["sequence"])
    assert [event["id"] for event in found] == await expected(log)


class Breaking(Sender):
    """Fails after its records were sent, before or after the commit: nobody knows what became of them."""

    fails: int = 3
    after_commit: bool = False

    def send(self, messages: Any, position: int) -> None:
        if messages and type(self).fails > 0:
            type(self).fails -= 1
            if self.after_commit:
                super().send(messages, position)
            else:
                self._producer.begin_transaction()
                for message in messages:
                    self._producer.send(message.topic, message.value, message.key)
                self._producer.flush()
            raise Unavailable("broken off")
        super().send(messages, position)


@pytest.mark.parametrize("after_commit", [False, True])
async def test_an_unknown_outcome_is_found_out(
    log: PostgresLog, store: EventStore, settings: Settings, after_commit: bool
) -> None:
    sender = type("Failing", (Breaking,), {"fails": 3, "after_commit": after_commit})
    await people(store, 20)
    async with relaying(log, settings, sender=sender) as relay:
        await until(lambda: relay.position == 60)
    assert sender.fails == (2 if after_commit else 0), "what was committed is not sent again"  # type: ignore[attr-defined]
    assert [event["id"] for event in public(settings)] == await expected(log)


async def test_kafka_ahead_of_the_log_is_refused(log: PostgresLog, store: EventStore, settings: Settings) -> None:
    await people(store, 2)
    ahead = Sender(settings, "0/1")
    ahead.begin()
    ahead.send((), 999)
    ahead.close()
    with pytest.raises(BadSetting, match="恢复到了较早的时点"):
        await public_relay(log, settings).run(asyncio.Event())
    assert public(settings) == []


async def test_shards_share_the_subjects_and_their_number_may_change(
    log: PostgresLog, store: EventStore, settings: Settings
) -> None:
    await people(store, 30)
    async with relaying(log, settings, shard=0, shards=2) as one:
        await until(lambda: one.position == 90)
    with pytest.raises(BadSetting, match="尚未发到同一位置"):
        await public_relay(log, settings, shard=0, shards=3).run(asyncio.Event())
    async with relaying(log, settings, shard=1, shards=2) as two:
        await until(lambda: two.position == 90)
    assert one.sent + two.sent == 60
    assert min(one.sent, two.sent) > 10
    await people(store, 5)
    async with relaying(log, settings) as alone:
        await until(lambda: alone.position == 105)
    assert [event["id"] for event in public(settings)] == await expected(log)


def test_nothing_personal_can_be_declared_public() -> None:
    from connectors.public.kinds import public as declared

    for name in ("name", "citizen_id", "nothing"):
        with pytest.raises(ValueError, match=name):
            declared("registry.PersonRegistered", name)
