"""What platforms get: by a topic and by HTTPS, each change once and in order, whoever does not answer."""

import asyncio
import hashlib
import hmac
import http.server
import json
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.database import Tables
from connectors.kafka.administration import make_topics
from connectors.kafka.relay import platform_relay
from connectors.kafka.topics import platform_topic, relay_topic
from connectors.platforms.declaration import Platform, builtin
from connectors.platforms.deliveries import replay_from, set_paused, states
from connectors.platforms.https import SIGNATURE, HttpsDelivery, follower
from connectors.platforms.reconciling import differences, expected, read_list, summed_up
from connectors.schema import migrate_connectors
from domain.clock import at
from domain.errors import BadSetting, UnreadableFile
from infra.codec import Envelope, EventCodec
from infra.database import connect
from infra.keys import FileMasterKey, KeyRing
from infra.log import PostgresLog
from infra.settings import Settings
from infra.store import EventStore
from tests.fixtures.kafka import Topics
from tests.integration.messages_support import people, read, until

KEY = b"agreed upon"


@pytest.fixture
def store(log: PostgresLog) -> EventStore:
    ring = KeyRing(log, FileMasterKey(bytes(32)))
    return EventStore(log, EventCodec(ring), ring)


async def dies(store: EventStore, people: list[Any], day: int = 20) -> None:
    """They die, one after another."""
    for one in people:
        one.report_death(at(date(2015, 12, day)), died_on=date(2015, 12, day), evidence="", confirmed_by="医院")
    await store.save(people, Envelope(actor="导入", source="population", division="440704004"))


class Receiver:
    """A platform's HTTP service on this machine; `answers` are given in turn, then 202 for ever."""

    def __init__(self) -> None:
        self.had: list[tuple[str, dict[str, Any]]] = []
        self.answers: list[int] = []
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = receiver.answers.pop(0) if receiver.answers else 202
                if status < 300 or status == 422:
                    receiver.take(dict(self.headers), body)
                self.send_response(status)
                self.send_header("Receipt", f"r-{len(receiver.had)}")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Nobody listens."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/events"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def take(self, headers: dict[str, str], body: bytes) -> None:
        """Check the signature as a receiver has to, and keep the message."""
        time, mac = (part.partition("=")[2] for part in headers[SIGNATURE].split(","))
        assert hmac.compare_digest(mac, hmac.new(KEY, f"{time}.".encode() + body, hashlib.sha256).hexdigest())
        self.had.append((headers["Idempotency-Key"], json.loads(body)))

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
async def tables(admin_url: str, database_url: str) -> AsyncIterator[Tables]:
    owner = await connect(admin_url, None)
    await migrate_connectors(owner)
    await owner.close()
    tables = Tables(database_url)
    yield tables
    await tables.close()


def by_https(receiver: Receiver, folder: Path) -> tuple[Platform, Settings]:
    """The population platform by HTTPS, and an installation that knows its key."""
    (folder / "secrets").mkdir(exist_ok=True)
    (folder / "platforms").mkdir(exist_ok=True)
    (folder / "secrets" / "population.key").write_bytes(KEY + b"\n")
    like = builtin()["population"]
    own = f'name: population\ntitle: 人口\ndivision: "440704"\nway: https\nurl: {receiver.url}\nevents:\n'
    own += "".join(
        f"  {t}:\n    fields: [{', '.join(told.fields)}]\n    person: [{', '.join(told.person)}]\n"
        for t, told in like.events.items()
    )
    (folder / "platforms" / "population.yaml").write_text(own, encoding="utf-8")
    settings = Settings(data_dir=folder, platforms=str(folder / "platforms"), platform_secrets=folder / "secrets")
    return Platform(like.name, like.title, like.division, "https", receiver.url, like.events), settings


@asynccontextmanager
async def delivering(store: EventStore, settings: Settings, platform: Platform, tables: Tables) -> AsyncIterator[None]:
    stop = asyncio.Event()
    async with httpx.AsyncClient() as client:
        running = asyncio.create_task(HttpsDelivery(store, settings, platform, tables, client).run(stop))
        try:
            yield
        finally:
            stop.set()
            await running


async def test_by_a_topic_each_change_once_with_the_one_before_it(
    log: PostgresLog, store: EventStore, kafka: Topics
) -> None:
    platform, settings = builtin()["population"], kafka.settings(Settings())
    topic = platform_topic(platform.name, kafka.prefix)
    make_topics(settings, [topic, relay_topic(kafka.prefix)])
    made = await people(store, 3)
    for number in range(3):
        relay, stop = platform_relay(store, settings, platform), asyncio.Event()
        running = asyncio.create_task(relay.run(stop))
        await dies(store, made[number : number + 1])
        head = await log.head()
        await until(lambda head=head, relay=relay: relay.position == head)
        stop.set()
        await running
    events = [json.loads(message.value()) for message in read(settings, [topic.name])]
    assert [event["type"].split(".")[-2] for event in events] == ["PersonMoved"] * 3 + ["DeathConfirmed"] * 3
    places = [event["sequence"] for event in events]
    assert places == sorted(places)
    assert [event["previous"] for event in events] == [f"{0:020d}", *places[:-1]], "across restarts too"
    dead = events[-1]["data"]
    assert (dead["citizenId"], dead["name"], dead["diedOn"]) == (made[2].citizen_id, "幻某甲", "2015-12-20")
    assert "phone" not in json.dumps(events), "nothing but what it was declared to get"


async def test_by_https_in_order_past_answers_that_do_not_count(
    log: PostgresLog, store: EventStore, tables: Tables, receiver: Receiver, tmp_path: Path
) -> None:
    platform, settings = by_https(receiver, tmp_path)
    receiver.answers = [503, 202, 429, 500, 422]
    made = await people(store, 3)
    async with delivering(store, settings, platform, tables):
        await until(lambda: len(receiver.had) == 3)
        await dies(store, made)
        await until(lambda: len(receiver.had) == 6)
        await until(lambda: caught_up(log, platform))
    keys = [key for key, _ in receiver.had]
    assert len(set(keys)) == 6, "nothing twice that was answered"
    assert [event["previous"] for _, event in receiver.had][1:] == [event["sequence"] for _, event in receiver.had][:-1]
    async with tables.transaction() as connection:
        receipts = await connection.fetch("SELECT * FROM connectors.receipt ORDER BY position")
    assert [(row["accepted"], row["status"]) for row in receipts] == [(True, 202), (False, 422), *[(True, 202)] * 4]
    assert receipts[0]["reference"] == "r-1"
    (state,) = await states(log, settings, tables)
    assert (state.failures, state.paused, state.position) == (0, False, await log.head())


async def caught_up(log: PostgresLog, platform: Platform) -> bool:
    return await log.place(follower(platform)) == await log.head()


async def test_one_that_is_away_keeps_its_place_and_says_so(
    log: PostgresLog, store: EventStore, tables: Tables, receiver: Receiver, tmp_path: Path
) -> None:
    platform, settings = by_https(receiver, tmp_path)
    receiver.close()
    await people(store, 2)
    async with delivering(store, settings, platform, tables):
        await until(lambda: failed(log, settings, tables))
    assert await log.place(follower(platform)) == 0
    (state,) = await states(log, settings, tables)
    assert state.error == "ConnectError"


async def failed(log: PostgresLog, settings: Settings, tables: Tables) -> bool:
    (state,) = await states(log, settings, tables)
    return state.failures >= 2


async def test_it_can_be_paused_resumed_and_told_again(
    log: PostgresLog, store: EventStore, tables: Tables, receiver: Receiver, tmp_path: Path
) -> None:
    platform, settings = by_https(receiver, tmp_path)
    await people(store, 2)
    await set_paused(settings, tables, "population", paused=True)
    async with delivering(store, settings, platform, tables):
        await asyncio.sleep(1.5)
        assert receiver.had == []
        await set_paused(settings, tables, "population", paused=False)
        await until(lambda: caught_up(log, platform))
    first = [key for key, _ in receiver.had]
    await replay_from(log, settings, "population", 0)
    async with delivering(store, settings, platform, tables):
        await until(lambda: caught_up(log, platform))
    assert [key for key, _ in receiver.had] == first * 2, "the same keys, by which it knows them"


async def test_without_a_key_nothing_is_sent(
    store: EventStore, tables: Tables, receiver: Receiver, tmp_path: Path
) -> None:
    platform, settings = by_https(receiver, tmp_path)
    (tmp_path / "secrets" / "population.key").unlink()
    async with httpx.AsyncClient() as client:
        with pytest.raises(BadSetting, match="没有签名密钥"):
            await HttpsDelivery(store, settings, platform, tables, client).run(asyncio.Event())


async def test_who_was_erased_is_told_of_without_a_name(
    log: PostgresLog, store: EventStore, tables: Tables, receiver: Receiver, tmp_path: Path
) -> None:
    platform, settings = by_https(receiver, tmp_path)
    (one,) = await people(store, 1)
    await log.destroy_key(one.id)
    ring = KeyRing(log, FileMasterKey(bytes(32)))
    fresh = EventStore(log, EventCodec(ring), ring)
    async with delivering(fresh, settings, platform, tables):
        await until(lambda: len(receiver.had) == 1)
    data = receiver.had[0][1]["data"]
    assert (data["name"], data["citizenId"], data["movedOn"]) == (None, None, "2015-06-01")


async def test_a_day_is_held_against_what_the_receiver_has(store: EventStore, tmp_path: Path) -> None:
    from datetime import UTC, datetime, timedelta

    from domain.clock import CHINA

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
