"""Messages in and out: how fast the log goes onto Kafka, how fast sources' messages come in, and how soon.

Out: a district's own events, relayed by one process and by two shards in processes of their own. The peer is
kafka-python's bare transactional producer with the very same messages in batches of the same size, in turns with it.

In: persons as CloudEvents in three partitions, taken in by one worker with its reading process, to committed events.

How soon: messages at a steady rate, each of them three events, and ten commands a second given by GraphQL beside them;
from the moment before a message is produced to the moment at which its event is seen on the public topic, by another
client, and in GraphQL's answers; and from the commit of a message's event, and of a command's, to the public topic.
"""

import argparse
import asyncio
import http.client
import json
import multiprocessing
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import uvloop
from confluent_kafka import Consumer, TopicPartition
from rich.console import Console
from rich.table import Table

from api.auth import issue_token
from bench.projections import District, fill_log, settle
from connectors.importer import Importer
from connectors.kafka.administration import make_topics
from connectors.kafka.client import producer
from connectors.kafka.inbound import Inbound
from connectors.kafka.relay import BATCH, public_relay
from connectors.kafka.topics import all_topics, public_topic, source_topic
from connectors.public.messages import CONTENT_TYPE, PublicMessage, public_message
from connectors.schema import migrate_connectors
from infra.codec import EventCodec
from infra.database import LOGIN, connect, with_database, with_user
from infra.keys import KeyRing, open_master_key
from infra.local_kafka import LocalKafka
from infra.local_postgres import LocalPostgres
from infra.log import PostgresLog
from infra.migrate import migrate
from infra.settings import Settings, environment
from projections import PROJECTIONS
from projections.kernel.place import migrate_projections
from projections.kernel.runner import Runner

ROUNDS = 3
RATES, SECONDS, WARM = (170, 500), 18, 3
"""Messages a second: 510 and 1,500 events a second; for how long, and how much of that is not counted: processes that
have only just started are slower (up to a second and a half until something is in GraphQL)."""
COMMANDS = 10
"""Commands a second beside them."""


class Bench:
    """One server, one broker; each measurement has topics of its own."""

    def __init__(self, admin: str, broker: LocalKafka, folder: Path) -> None:
        self.admin, self.broker, self.folder = admin, broker, folder

    def settings(self, **more: Any) -> Settings:
        """Settings of a new installation on the broker, its topics made."""
        settings = Settings(
            kafka=self.broker.bootstrap, kafka_prefix=f"b{uuid4().hex[:8]}", data_dir=self.folder, **more
        )
        make_topics(settings, all_topics(settings.kafka_prefix))
        return settings

    async def database(self, name: str) -> str:
        """A fresh database for the run-time login."""
        connection = await asyncpg.connect(self.admin)
        await connection.execute(f"CREATE DATABASE {name}")
        await connection.close()
        admin = with_database(self.admin, name)
        await migrate(admin)
        owner = await connect(admin, None)
        await migrate_connectors(owner)
        await migrate_projections(owner)
        await owner.close()
        return with_user(admin, LOGIN)


async def relayed(url: str, settings: Settings, head: int, shard: int = 0, shards: int = 1) -> float:
    """Seconds for one shard to send the whole log."""
    log, stop = PostgresLog(url), asyncio.Event()
    relay = public_relay(log, settings, shard, shards)
    began = time.perf_counter()
    running = asyncio.create_task(relay.run(stop))
    await _until(lambda: relay.position >= head or running.done())
    took = time.perf_counter() - began
    stop.set()
    await running
    await log.close()
    return took


def _shard(url: str, settings: Settings, head: int, shard: int, shards: int) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(relayed(url, settings, head, shard, shards))


def in_two(url: str, settings: Settings, head: int) -> float:
    """Seconds for two shards in processes of their own, their start included."""
    context = multiprocessing.get_context("spawn")
    shards = [context.Process(target=_shard, args=(url, settings, head, number, 2)) for number in range(2)]
    began = time.perf_counter()
    for process in shards:
        process.start()
    for process in shards:
        process.join()
        if process.exitcode:
            raise SystemExit("A relaying process failed.")
    return time.perf_counter() - began


async def messages_of(url: str) -> list[list[PublicMessage]]:
    """What the relay sends, in the batches in which it does."""
    log = PostgresLog(url)
    batches, after = [], 0
    while rows := await log.read(after, BATCH):
        batches.append([message for row in rows if (message := public_message(row)) is not None])
        after = rows[-1].position
    await log.close()
    return batches


def bare(settings: Settings, batches: Sequence[Sequence[PublicMessage]]) -> float:
    """Seconds for the client alone to send the same messages, made beforehand, a transaction a batch."""
    topics = {m.context: public_topic(m.context, settings.kafka_prefix).name for batch in batches for m in batch}
    headers = [("content-type", CONTENT_TYPE)]
    sender = producer(settings, f"{settings.kafka_prefix}-bare", batch_size=512 << 10, linger_ms=5)
    began = time.perf_counter()
    sender.init_transactions()
    for batch in batches:
        sender.begin_transaction()
        for message in batch:
            sender.send(topics[message.context], message.value, message.key, headers)
        sender.commit_transaction()
    took = time.perf_counter() - began
    sender.close()
    return took


async def out(bench: Bench, events: int) -> dict[str, Any]:
    """Messages a second of the relay and of the bare client, in turns."""
    url = await bench.database("outgoing")
    head = await fill_log(url, District().population(events), events)
    await settle(with_database(bench.admin, "outgoing"))
    batches = await messages_of(url)
    count = sum(map(len, batches))
    ours, theirs = [], []
    for _ in range(ROUNDS):
        theirs.append(count / await asyncio.to_thread(bare, bench.settings(), batches))
        ours.append(count / await relayed(url, bench.settings(), head))
    two = count / await asyncio.to_thread(in_two, url, bench.settings(kafka_shards=2), head)
    return {
        "logEvents": head,
        "messages": count,
        "relayPerSecond": [round(rate) for rate in sorted(ours)],
        "relayInTwoPerSecond": round(two),
        "barePerSecond": [round(rate) for rate in sorted(theirs)],
        "ratio": round(statistics.median(ours) / statistics.median(theirs), 2),
    }


def persons(count: int, first: int = 0) -> Iterator[tuple[bytes, bytes]]:
    """Key and CloudEvent of persons of the register, each alone in a household."""
    for number in range(first, first + count):
        id = citizen_id(number)
        born, sex = f"{id[6:10]}-{id[10:12]}-{id[12:14]}", "男" if int(id[16]) % 2 else "女"
        row = {
            **{"姓名": "幻甲一", "公民身份号码": id, "性别": sex, "出生日期": born, "人口类型": "户籍"},
            **{"户号": f"H{number:06d}", "户主姓名": "幻甲一", "户主公民身份号码": id, "与户主关系": "户主"},
            **{"所属街道": "江南街道", "所属社区": "桥南社区居委会", "现住地址": f"样例路{number}号"},
            **{"联系电话": f"199{number:08d}", "登记日期": "2010-01-05"},
        }
        event = {"specversion": "1.0", "id": f"p-{number}", "source": "/population", "data": row}
        event |= {"type": "cn.jianghai.population.persons.v1", "time": "2015-12-30T09:00:00+08:00"}
        yield id.encode(), json.dumps(event, ensure_ascii=False).encode()


def citizen_id(number: int) -> str:
    """A valid ID of the fictitious area, another for each number."""
    from stdnum.cn.ric import calc_check_digit

    born = date(1930, 1, 1) + timedelta(days=number // 1000)
    body = f"990000{born:%Y%m%d}{number % 1000:03d}"
    return body + str(calc_check_digit(body + "0"))


HEADERS = [("content-type", b"application/cloudevents+json")]


async def taken_in(bench: Bench, count: int) -> dict[str, Any]:
    """Messages a second to committed events; and of a second time, when nothing is new."""
    url, settings = await bench.database("incoming"), bench.settings()
    topic = source_topic("population", settings.kafka_prefix)
    sender = producer(settings, batch_size=256 << 10, linger_ms=5)
    for number, (key, value) in enumerate(persons(count)):
        sender.send(topic, value, key, HEADERS, partition=number % 3)
    sender.flush()
    sender.close()
    log = PostgresLog(url)
    importer, stop = Importer(log, url, settings), asyncio.Event()
    inbound = Inbound(importer)
    running = asyncio.create_task(inbound.run(stop))
    await _until(lambda: inbound.taken.read > 0)
    began, before = time.perf_counter(), inbound.taken.read
    await _until(lambda: inbound.taken.read >= count)
    rate = (count - before) / (time.perf_counter() - began)
    stop.set()
    await running
    events, recorded = await log.head(), inbound.taken.recorded
    await importer.close()
    await log.close()
    return {"incoming": recorded, "incomingEvents": events, "incomingPerSecond": round(rate)}


async def _until(true: Callable[[], bool]) -> None:
    """Wait until that holds."""
    while True:
        if true():
            return
        await asyncio.sleep(0.005)


def _working(url: str, settings: Settings, role: str) -> None:
    """One role of the platform, until it is ended."""

    async def work() -> None:
        log, forever = PostgresLog(url), asyncio.Event()
        if role == "in":
            await Inbound(Importer(log, url, settings)).run(forever)
        elif role == "out":
            await public_relay(log, settings).run(forever)
        else:
            ring = KeyRing(log, open_master_key(settings))
            await Runner(log, EventCodec(ring), url, PROJECTIONS).run(forever)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work())


async def how_soon(bench: Bench, rate: int) -> dict[str, Any]:
    """Milliseconds at the median and the 99th of a hundred, at a steady rate."""
    url, settings = await bench.database(f"timely{rate}"), bench.settings()
    context = multiprocessing.get_context("spawn")
    roles = [
        context.Process(target=_working, args=(url, settings, role), daemon=True) for role in ("in", "out", "views")
    ]
    for role in roles:
        role.start()
    api = _Api(url, settings)
    try:
        await _until_running(url, settings)
        await api.until_ready()
        sent: list[float] = []
        public, incidents = _Watch(settings, "registry.PersonRegistered"), _Watch(settings, "grid.IncidentReported")
        visible, deciding = _Visible(api), _Deciding(api)
        watchers = [threading.Thread(target=each.run, daemon=True) for each in (public, incidents, visible, deciding)]
        for watcher in watchers:
            watcher.start()
        await asyncio.to_thread(_steady, settings, sent, rate)
        deciding.over.set()
        await asyncio.to_thread(watchers[-1].join)
        for _ in range(600):
            if min(len(public.seen), len(visible.seen)) >= len(sent) and len(incidents.seen) >= deciding.count:
                break
            await asyncio.sleep(0.05)
        visible.over.set()
        await asyncio.to_thread(watchers[2].join)
    finally:
        api.end()
        for role in roles:
            role.kill()
            role.join()
    decided = list(zip(incidents.recorded, incidents.seen, strict=True))
    assert len(decided) == deciding.count, "every command must come out"
    return {
        f"at {rate} messages/s": {
            "produced to public topic": _quantiles(zip(sent, public.seen, strict=True), skip=rate * WARM),
            "produced to GraphQL": _quantiles(zip(sent, visible.seen, strict=True), skip=rate * WARM),
            "message committed to public topic": _quantiles(
                zip(public.recorded, public.seen, strict=True), skip=rate * WARM
            ),
            "command committed to public topic": _quantiles(decided, skip=COMMANDS * WARM),
        }
    }


def _quantiles(pairs: Iterable[tuple[float, float]], skip: int) -> dict[str, float]:
    """Milliseconds from the first to the second of each pair; the first ones are not counted."""
    values = [1000 * (there - then) for then, there in pairs][skip:]
    parts = statistics.quantiles(values, n=100)
    return {"median": round(parts[49], 1), "p99": round(parts[98], 1), "most": round(max(values), 1)}


async def _until_running(url: str, settings: Settings) -> None:
    """Send one person ahead, and wait until it stands in the read model: then everything is at work."""
    sender = producer(settings)
    ((key, value),) = persons(1, first=9_000_000)
    sender.send(source_topic("population", settings.kafka_prefix), value, key, HEADERS, partition=0).get(timeout=30)
    sender.close()
    seen = _Seen(url)
    watching = asyncio.create_task(seen.run())
    async with asyncio.timeout(60):
        await _until(lambda: bool(seen.seen))
    watching.cancel()


def _steady(settings: Settings, sent: list[float], rate: int) -> None:
    """Produce persons into one partition at the rate, and note when each was begun to be sent."""
    topic = source_topic("population", settings.kafka_prefix)
    sender = producer(settings, linger_ms=0)
    began = time.time()
    for number, (key, value) in enumerate(persons(rate * SECONDS)):
        wait = began + number / rate - time.time()
        if wait > 0:
            time.sleep(wait)
        sent.append(time.time())
        sender.send(topic, value, key, HEADERS, partition=0)
    sender.flush()
    sender.close()


class _Watch:
    """Sees the public messages of one kind of event, by another client than the one that sends."""

    def __init__(self, settings: Settings, event: str) -> None:
        self.seen: list[float] = []
        self.recorded: list[float] = []
        context, _, name = event.partition(".")
        self._mark = f".{name}.".encode()
        self._topic = public_topic(context, settings.kafka_prefix)
        self._reader = Consumer(
            {
                **{"bootstrap.servers": settings.kafka, "group.id": str(uuid4())},
                **{"isolation.level": "read_committed", "fetch.wait.max.ms": 20, "log_level": 0},
            }
        )
        ends = [
            TopicPartition(
                self._topic.name, n, self._reader.get_watermark_offsets(TopicPartition(self._topic.name, n), 10)[1]
            )
            for n in range(self._topic.partitions)
        ]
        self._reader.assign(ends)

    def run(self) -> None:
        """Note when each comes. Those of one batch come together, so that their order among partitions is no matter."""
        while True:
            message = self._reader.poll(1)
            if message is not None and message.error() is None and self._mark in message.value():
                self.seen.append(time.time())
                recorded = json.loads(message.value())["recordedtime"]
                self.recorded.append(datetime.fromisoformat(recorded).timestamp())


class _Seen:
    """Sees persons appear in the read model's table, a few milliseconds apart."""

    def __init__(self, url: str) -> None:
        self.seen: list[float] = []
        self._url = url

    async def run(self) -> None:
        """Note when each comes."""
        connection = await connect(self._url, "projector")
        path = None
        while True:
            path = path or await self._path(connection)
            if path is not None:
                break
            await asyncio.sleep(0.1)
        before = await connection.fetchval(f'SELECT count(*) FROM "{path}".person')
        while True:
            now = await connection.fetchval(f'SELECT count(*) FROM "{path}".person')
            self.seen.extend([time.time()] * (now - before))
            before = now
            await asyncio.sleep(0.004)

    async def _path(self, connection: Any) -> str | None:
        found = await connection.fetchval(
            "SELECT table_schema FROM information_schema.tables WHERE table_name = 'person' ORDER BY 1 DESC LIMIT 1"
        )
        return None if found is None else str(found)


class _Api:
    """The service as a process of its own, and requests to it."""

    def __init__(self, url: str, settings: Settings) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = int(probe.getsockname()[1])
        here = settings.model_copy(update={"database_url": url})
        command = [sys.executable, "-m", "api.cli", "serve", "--host", "127.0.0.1", "--port", str(self._port)]
        self._process = subprocess.Popen(command, env=environment(here), stdout=subprocess.DEVNULL)
        self._headers = {
            "Authorization": f"Bearer {issue_token(here, role='district_clerk', division='440704')}",
            "Content-Type": "application/json",
        }
        self._connection = threading.local()

    async def until_ready(self) -> None:
        """Wait until it answers."""
        async with asyncio.timeout(90):
            while True:
                try:
                    await asyncio.to_thread(self.ask, "{ me { name } }")
                except OSError:
                    await asyncio.sleep(0.2)
                else:
                    return

    def ask(self, query: str, **variables: Any) -> Any:
        """The answer's data, by a connection of the thread's own."""
        connection = getattr(self._connection, "kept", None)
        if connection is None:
            connection = self._connection.kept = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        try:
            connection.request("POST", "/graphql", json.dumps({"query": query, "variables": variables}), self._headers)
            body = json.loads(connection.getresponse().read())
        except OSError:
            self._connection.kept = None
            raise
        assert "errors" not in body, body["errors"]
        return body["data"]

    def end(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()


class _Visible:
    """Asks GraphQL again and again how many persons there are: each that is there can be read there."""

    def __init__(self, api: _Api) -> None:
        self.seen: list[float] = []
        self.over = threading.Event()
        self._api = api
        self._before = self._count()

    def run(self) -> None:
        """Note when each comes. Asking is work too, on the same two cores: some twenty times a second, not more."""
        while not self.over.wait(0.04):
            now = self._count()
            self.seen.extend([time.time()] * (now - self._before))
            self._before = now

    def _count(self) -> int:
        return int(self._api.ask("{ persons(first: 1) { totalCount } }")["persons"]["totalCount"])


class _Deciding:
    """Somebody at a desk who reports incidents, at a steady rate."""

    def __init__(self, api: _Api) -> None:
        self.count = 0
        self.over = threading.Event()
        self._api = api

    def run(self) -> None:
        """Give commands until it is over."""
        command = "mutation Report($input: ReportIncidentInput!) { reportIncident(input: $input) { position } }"
        given = {"type": "FIRE", "urgency": "III", "divisionCode": "440704001015", "place": "某处", "text": "某事"}
        while not self.over.wait(1 / COMMANDS):
            self._api.ask(command, input=given)
            self.count += 1


def main(arguments: list[str]) -> dict[str, Any]:
    """Measure and print; the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--messages", type=int, default=50_000)
    parser.add_argument("--parts", default="out,in,soon170,soon500")
    options = parser.parse_args(arguments)
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="minzheng-messages-") as folder:
        server, broker = LocalPostgres(Path(folder) / "pg"), LocalKafka(Path(folder) / "kafka", heap="1g")
        try:
            broker.start()
            bench = Bench(server.url(), broker, Path(folder))
            parts = {
                "out": lambda: out(bench, options.events),
                "in": lambda: taken_in(bench, options.messages),
                **{f"soon{rate}": (lambda rate=rate: how_soon(bench, rate)) for rate in RATES},
            }
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                for part in options.parts.split(","):
                    figures |= runner.run(parts[part]())
        finally:
            broker.stop()
            server.stop()
    table = Table("", "", title="Messages")
    for name, value in figures.items():
        table.add_row(name, str(value))
    Console().print(table)
    return figures
