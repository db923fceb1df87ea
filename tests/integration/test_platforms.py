"""What platforms get: by a topic and by HTTPS, each change once and in order, whoever does not answer."""

import asyncio
import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from connectors.database import Tables
from connectors.kafka.administration import make_topics
from connectors.kafka.relay import platform_relay
from connectors.kafka.topics import platform_topic, relay_topic
from connectors.platforms.declaration import builtin
from connectors.platforms.delivery import follower
from connectors.platforms.https import Https, is_signed, signature
from connectors.platforms.reconciling import differences, expected, read_list, summed_up
from connectors.platforms.standing import is_paused, replay_from, set_paused, standings
from domain.clock import CHINA
from domain.errors import BadInput, BadSetting, UnreadableFile
from infra.codec import EventCodec
from infra.keys import FileMasterKey, KeyRing
from infra.log import PostgresLog
from infra.settings import Settings
from infra.store import EventStore
from tests.fixtures.kafka import Topics
from tests.integration.messages_support import people, read, running, until
from tests.integration.platforms_support import (
    KEY,
    Receiver,
    caught_up,
    declared,
    delivering,
    dies,
    failed,
    installed,
)


async def test_by_a_topic_each_change_once_with_the_one_before_it(
    log: PostgresLog, store: EventStore, kafka: Topics
) -> None:
    platform, settings = builtin()["population"], kafka.settings(Settings())
    topic = platform_topic(platform.name, kafka.prefix)
    make_topics(settings, [topic, relay_topic(kafka.prefix)])
    made = await people(store, 3)
    for number in range(3):
        relay = platform_relay(store, settings, platform)
        async with running(relay.run):
            await dies(store, made[number : number + 1])
            head = await log.head()
            await until(lambda head=head, relay=relay: relay.position == head)
    events = [json.loads(message.value()) for message in read(settings, [topic.name])]
    assert [event["type"].split(".")[-2] for event in events] == ["PersonMoved"] * 3 + ["DeathConfirmed"] * 3
    places = [event["sequence"] for event in events]
    assert places == sorted(places)
    assert [event["previous"] for event in events] == [f"{0:020d}", *places[:-1]], "across restarts too"
    dead = events[-1]["data"]
    assert (dead["citizenId"], dead["name"], dead["diedOn"]) == (made[2].citizen_id, "幻某甲", "2015-12-20")
    assert "phone" not in json.dumps(events), "nothing but what it was declared to get"


async def test_a_paused_topic_gets_nothing_and_then_all_of_it(
    log: PostgresLog, store: EventStore, tables: Tables, kafka: Topics
) -> None:
    settings = kafka.settings(Settings(platforms="population"))
    topic = platform_topic("population", kafka.prefix)
    make_topics(settings, [topic, relay_topic(kafka.prefix)])
    await set_paused(settings, tables, "population", paused=True)
    relay = platform_relay(store, settings, builtin()["population"], held=lambda: is_paused(tables, "population"))
    async with running(relay.run):
        await people(store, 2)
        await asyncio.sleep(1.5)
        assert relay.sent == 0
        await set_paused(settings, tables, "population", paused=False)
        await until(lambda: relay.sent == 2)
    assert len(read(settings, [topic.name])) == 2
    with pytest.raises(BadInput, match="由接收方自己从任一位置重读"):
        await replay_from(log, settings, "population", 0)


async def test_by_https_in_order_past_answers_that_do_not_count(
    log: PostgresLog,
    store: EventStore,
    tables: Tables,
    receiver: Receiver,
    client: httpx.AsyncClient,
    tmp_path: Path,
) -> None:
    platform, settings = declared(receiver.way), installed(tmp_path, receiver.way)
    receiver.answers = [503, 202, 429, 500, 422]
    made = await people(store, 3)
    async with delivering(store, platform, tables, Https(platform, settings, client)):
        await until(lambda: len(receiver.had) == 3)
        await dies(store, made)
        await until(lambda: len(receiver.had) == 6)
        await until(lambda: caught_up(log, platform))
    keys = [key for key, _ in receiver.had]
    assert len(set(keys)) == 6, "nothing twice that was answered"
    assert [event["previous"] for _, event in receiver.had][1:] == [event["sequence"] for _, event in receiver.had][:-1]
    assert receiver.had[-1][1]["data"].keys() == {"personId", "公民身份号码", "姓名", "死亡日期"}, "its own names"
    async with tables.transaction() as connection:
        receipts = await connection.fetch("SELECT * FROM connectors.receipt ORDER BY position")
    assert [(row["accepted"], row["status"]) for row in receipts] == [(True, 202), (False, 422), *[(True, 202)] * 4]
    assert receipts[0]["reference"] == "r-1"
    (state,) = await standings(log, settings, tables)
    assert (state.failures, state.paused, state.position) == (0, False, await log.head())
    assert (state.refused, state.waiting) == (1, 1), "what it refused is in the inbox"


async def test_one_that_is_away_keeps_its_place_and_says_so(
    log: PostgresLog,
    store: EventStore,
    tables: Tables,
    receiver: Receiver,
    client: httpx.AsyncClient,
    tmp_path: Path,
) -> None:
    platform, settings = declared(receiver.way), installed(tmp_path, receiver.way)
    receiver.close()
    await people(store, 2)
    async with delivering(store, platform, tables, Https(platform, settings, client)):
        await until(lambda: failed(log, settings, tables))
    assert await log.place(follower(platform)) == 0
    (state,) = await standings(log, settings, tables)
    assert (state.error, state.broken) == ("ConnectError", False)
    assert state.retry_at is not None
    assert state.retry_at > datetime.now(UTC), "also by another process not before"


async def test_one_that_is_broken_is_tried_once_in_a_while_and_at_once_when_resumed(
    log: PostgresLog,
    store: EventStore,
    tables: Tables,
    receiver: Receiver,
    client: httpx.AsyncClient,
    tmp_path: Path,
) -> None:
    platform, settings = declared(receiver.way), installed(tmp_path, receiver.way)
    await people(store, 1)
    async with tables.transaction(durable=True) as connection:
        await connection.execute(
            "INSERT INTO connectors.platform (name, failures, error) VALUES ('population', 9, 'HTTP 503')"
        )
    receiver.answers = [503]
    async with delivering(store, platform, tables, Https(platform, settings, client)):
        await until(lambda: failed(log, settings, tables, 10))
        (state,) = await standings(log, settings, tables)
        assert state.broken
        assert state.retry_at is not None
        assert state.retry_at > datetime.now(UTC) + timedelta(minutes=4)
        await set_paused(settings, tables, "population", paused=False)
        await until(lambda: caught_up(log, platform))
    (state,) = await standings(log, settings, tables)
    assert (state.broken, state.failures, len(receiver.had)) == (False, 0, 1)


async def test_it_can_be_paused_resumed_and_told_again(
    log: PostgresLog,
    store: EventStore,
    tables: Tables,
    receiver: Receiver,
    client: httpx.AsyncClient,
    tmp_path: Path,
) -> None:
    platform, settings = declared(receiver.way), installed(tmp_path, receiver.way)
    await people(store, 3)
    await set_paused(settings, tables, "population", paused=True)
    async with delivering(store, platform, tables, Https(platform, settings, client)):
        await asyncio.sleep(1.5)
        assert receiver.had == []
        await set_paused(settings, tables, "population", paused=False)
        await until(lambda: caught_up(log, platform))
    first = list(receiver.had)
    await replay_from(log, settings, "population", int(first[0][1]["sequence"]))
    async with delivering(store, platform, tables, Https(platform, settings, client)):
        await until(lambda: caught_up(log, platform))
    assert receiver.had == first + first[1:], "the same keys, by which it knows them, and the same one before each"


async def test_told_again_by_a_process_that_has_nothing_else_to_do(
    log: PostgresLog,
    store: EventStore,
    tables: Tables,
    receiver: Receiver,
    client: httpx.AsyncClient,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("connectors.platforms.delivery._LOOK", 0.2)
    platform, settings = declared(receiver.way), installed(tmp_path, receiver.way)
    await people(store, 2)
    async with delivering(store, platform, tables, Https(platform, settings, client)):
        await until(lambda: caught_up(log, platform))
        await asyncio.sleep(0.5)
        await replay_from(log, settings, "population", 0)
        await until(lambda: len(receiver.had) == 4)
        await until(lambda: caught_up(log, platform))
    assert receiver.had[2:] == receiver.had[:2]


async def test_without_a_key_nothing_is_sent(receiver: Receiver, client: httpx.AsyncClient, tmp_path: Path) -> None:
    settings = installed(tmp_path, receiver.way)
    (tmp_path / "secrets" / "population.key").unlink()
    with pytest.raises(BadSetting, match="没有签名密钥"):
        Https(declared(receiver.way), settings, client)


def test_a_signature_holds_for_its_body_and_not_for_long() -> None:
    now = datetime(2026, 1, 5, 12, tzinfo=UTC)
    at = int(now.timestamp())
    signed = signature(KEY, at, b"body")
    assert is_signed(KEY, signed, b"body", now + timedelta(seconds=200))
    assert not is_signed(KEY, signed, b"other", now)
    assert not is_signed(b"other", signed, b"body", now)
    assert not is_signed(KEY, signed, b"body", now + timedelta(seconds=301))
    assert not is_signed(KEY, signed.replace(f"t={at}", f"t={at + 1}"), b"body", now)
    for broken in ("", "t=,v1=", "t=abc", "v1=00", "t=²,v1=00"):
        assert not is_signed(KEY, broken, b"body", now)


async def test_who_was_erased_is_told_of_without_a_name(
    log: PostgresLog,
    store: EventStore,
    tables: Tables,
    receiver: Receiver,
    client: httpx.AsyncClient,
    tmp_path: Path,
) -> None:
    platform, settings = declared(receiver.way), installed(tmp_path, receiver.way)
    (one,) = await people(store, 1)
    await log.destroy_key(one.id)
    ring = KeyRing(log, FileMasterKey(bytes(32)))
    fresh = EventStore(log, EventCodec(ring), ring)
    async with delivering(fresh, platform, tables, Https(platform, settings, client)):
        await until(lambda: len(receiver.had) == 1)
    data = receiver.had[0][1]["data"]
    assert (data["姓名"], data["公民身份号码"], data["迁移日期"]) == (None, None, "2015-06-01")


async def test_a_day_is_held_against_what_the_receiver_has(store: EventStore, tmp_path: Path) -> None:
    platform, today = builtin()["population"], datetime.now(UTC).astimezone(CHINA).date()
    await dies(store, await people(store, 4))
    ours = await expected(store, platform, today) + await expected(store, platform, today + timedelta(days=1))
    assert len(ours) == 8, "also where midnight passes meanwhile"
    day = summed_up(ours)
    assert (day.count, day.first, day.last) == (8, ours[0][0], ours[-1][0])
    lines = "".join(f"{sequence:020d} {id}\n" for sequence, id in ours)
    assert day.digest == hashlib.sha256(lines.encode()).hexdigest()
    assert await expected(store, platform, today - timedelta(days=3)) == []

    theirs = tmp_path / "theirs.csv"
    had = [*ours[:2], ours[1], *ours[3:], (999, "x@1")]
    theirs.write_text("sequence,id\n" + "".join(f"{s:020d},{id}\n" for s, id in had), encoding="utf-8")
    found = [(each.sequence, each.how) for each in differences(ours, read_list(theirs))]
    assert found == [(ours[1][0], "对方有 2 条"), (ours[2][0], "对方缺少"), (999, "本方没有")]
    theirs.write_text("sequence,id\nabc,1\n", encoding="utf-8")
    with pytest.raises(UnreadableFile, match="第 2 行"):
        read_list(theirs)
