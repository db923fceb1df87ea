"""The platform's message roles as processes of their own, a source that keeps sending, and what befalls them.

Which faults come, in which order and how long each lasts, follows from the seed.
"""

import asyncio
import json
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import psutil
from confluent_kafka import Producer

from connectors.kafka.administration import make_topics, sizes
from connectors.kafka.topics import Partition, Topic, all_topics, public_topic, source_topic
from connectors.schema import migrate_connectors
from infra.database import LOGIN, connect, with_user
from infra.keys import KeyRing, open_master_key
from infra.local_kafka import LocalKafka
from infra.local_postgres import LocalPostgres
from infra.log import PostgresLog
from infra.migrate import migrate
from infra.settings import Settings, environment
from tests.chaos.checker import Verdict, check, offsets_behind
from tests.chaos.platforms import check_platforms, check_receiver, declare, followers
from tests.chaos.proxy import before_port, before_socket
from tests.files.make import citizen_id, person

PEOPLE = 200
COMMUNITIES = ("桥南社区居委会", "中沙社区居委会", "江翠社区居委会")
RATE = 120
"""Messages a second."""
_PATIENCE = 150.0


@dataclass(slots=True)
class Report:
    """What was done and what came of it."""

    seed: int
    faults: Counter[str] = field(default_factory=Counter)
    produced: int = 0
    seconds: float = 0.0
    verdict: Verdict = field(default_factory=Verdict)

    def as_json(self) -> dict[str, Any]:
        """For whoever keeps it."""
        return {
            "seed": self.seed,
            "faults": dict(sorted(self.faults.items())),
            "produced": self.produced,
            "events": self.verdict.events,
            "publicMessages": self.verdict.messages,
            "platforms": self.verdict.told,
            "seconds": round(self.seconds, 1),
            "wrong": self.verdict.wrong,
        }


class Worker:
    """One process, started again whenever it ends."""

    def __init__(self, module: str, arguments: list[str], env: dict[str, str], log: Path) -> None:
        self._command = [sys.executable, "-m", module, *arguments]
        self._env, self._log = env, log
        self._over = False
        self.process = self._spawn()

    def keep(self) -> None:
        """Start it again where it has ended."""
        if not self._over and self.process.poll() is not None:
            self._bury()
            self.process = self._spawn()

    def kill(self) -> None:
        """End it at once; what it was doing is cut off."""
        self.process.kill()

    def kill_reader(self) -> None:
        """End the process that reads for it, if it has one."""
        for child in psutil.Process(self.process.pid).children():
            child.kill()

    def end(self) -> None:
        """For good."""
        self._over = True
        self.process.kill()
        self.process.wait()
        self._bury()

    def _bury(self) -> None:
        """Let go of a dead one's pipe."""
        if self.process.stdin is not None:
            self.process.stdin.close()

    def _spawn(self) -> "subprocess.Popen[bytes]":
        with self._log.open("ab") as output:
            return subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                env=self._env,
                start_new_session=True,
            )


class Chaos:
    """One run."""

    def __init__(self, seed: int, faults: int, folder: Path, weakness: str = "") -> None:
        """`weakness` names one of weaknesses.py, with which the roles run."""
        self._random = random.Random(seed)
        self._faults = faults
        self._weakness = weakness
        self._folder = folder
        self.report = Report(seed)
        self.produced: dict[str, list[str]] = {}

    def run(self) -> Report:
        """All of it."""
        began = time.monotonic()
        with ExitStack() as stack:
            self._begin(stack)
            sending = threading.Thread(target=self._send, daemon=True)
            sending.start()
            kinds = self._kinds()
            for number in range(self._faults):
                time.sleep(self._random.uniform(0.5, 2.0))
                # Each kind at least once, then by chance.
                name = sorted(kinds)[number] if number < len(kinds) else self._random.choice(sorted(kinds))
                kinds[name]()
                self.report.faults[name] += 1
            self._enough.set()
            sending.join(_PATIENCE)
            settled = asyncio.run(self._settle())
            self.report.verdict = asyncio.run(self._check())
            self.report.verdict.demand(
                settled, f"not everything was in and out within {_PATIENCE:.0f} s of the last fault"
            )
        self.report.seconds = time.monotonic() - began
        return self.report

    def _begin(self, stack: ExitStack) -> None:
        self._postgres = LocalPostgres(self._folder / "pg")
        stack.callback(self._postgres.stop)
        admin = self._postgres.url()
        asyncio.run(_schema(admin))
        real = Path(parse_qs(urlsplit(admin).query)["host"][0])
        sockets = self._folder / "s"
        sockets.mkdir()
        name = next(
            path.name for path in real.iterdir() if path.name.startswith(".s.PGSQL") and "lock" not in path.name
        )
        self._database = before_socket(sockets / name, real / name)
        stack.callback(self._database.close)
        self._direct = with_user(admin, LOGIN)
        proxied = self._direct.replace(quote(str(real), safe=""), quote(str(sockets), safe="")).replace(
            str(real), str(sockets)
        )
        assert proxied != self._direct, "the roles must go through the proxy"
        port = free_port()
        self._broker = LocalKafka(self._folder / "kafka", advertised=port)
        self._kafka = before_port(port, lambda: self._broker.port)
        stack.callback(self._kafka.close)
        self._broker.start()
        stack.callback(self._broker.stop)
        receiving = free_port()
        declarations, secrets = declare(self._folder, receiving, free_port(), proxied)
        self._settings = Settings(
            kafka=self._broker.bootstrap,
            database_url=proxied,
            data_dir=self._folder,
            today="2015-12-31",
            platforms=str(declarations),
            platform_secrets=secrets,
            platform_files=self._folder / "exchange",
        )
        make_topics(self._settings, all_topics(self._settings.kafka_prefix, ["topic"]))
        open_master_key(self._settings)
        env = environment(self._settings)
        public = public_topic("registry", self._settings.kafka_prefix).name
        program = ("tests.chaos.weaknesses", [self._weakness]) if self._weakness else ("api.cli", [])
        roles = (
            *((program[0], [*program[1], "sync", role, "--with-parent"]) for role in ("in", "in", "out", "platforms")),
            ("tests.chaos.receivers", ["https", str(receiving), str(self._folder / "https.db")]),
            ("tests.chaos.receivers", ["topic", self._settings.kafka, public, str(self._folder / "topic.db")]),
        )
        self._workers = [
            Worker(module, role, env, self._folder / f"worker{n}.log") for n, (module, role) in enumerate(roles)
        ]
        for worker in self._workers:
            stack.callback(worker.end)
        self._enough, self._over = threading.Event(), threading.Event()
        supervising = threading.Thread(target=self._supervise, daemon=True)
        supervising.start()
        stack.callback(supervising.join)
        stack.callback(self._over.set)

    def _supervise(self) -> None:
        while not self._over.is_set():
            for worker in self._workers:
                worker.keep()
            time.sleep(0.3)

    def _kinds(self) -> dict[str, Callable[[], None]]:
        chance = self._random
        into, out, platforms, receivers = self._workers[:2], self._workers[2], self._workers[3], self._workers[4:]
        return {
            "broker killed": lambda: self._restart_broker(chance.uniform(0.2, 1.5)),
            "connections to Kafka cut": lambda: self._kafka.cut(chance.uniform(0, 1.5)),
            "connections to PostgreSQL cut": lambda: self._database.cut(chance.uniform(0, 1.0)),
            "inbound worker killed": lambda: chance.choice(into).kill(),
            "Kafka stalled": lambda: self._kafka.stall(chance.uniform(0.5, 3)),
            "platforms' worker killed": platforms.kill,
            "PostgreSQL killed": self._restart_postgres,
            "PostgreSQL stalled": lambda: self._database.stall(chance.uniform(0.5, 2)),
            "reading process killed": lambda: _quietly(chance.choice(into).kill_reader),
            "receiver killed": lambda: chance.choice(receivers).kill(),
            "relay killed": out.kill,
        }

    def _restart_broker(self, away: float) -> None:
        self._broker.kill()
        time.sleep(away)
        self._broker.start()

    def _restart_postgres(self) -> None:
        postmaster = psutil.Process(int((self._postgres.pgdata / "postmaster.pid").read_text().split()[0]))
        children = postmaster.children()
        postmaster.send_signal(signal.SIGQUIT)  # an immediate shutdown: nothing is written out
        psutil.wait_procs([postmaster, *children], timeout=20)
        self._postgres.ensure_postgres_running()

    def _send(self) -> None:
        """A source system that writes what changes of its people, at a steady rate, until it is enough."""
        sender = Producer(
            {
                **{"bootstrap.servers": self._settings.kafka, "enable.idempotence": True, "acks": "all"},
                **{"message.timeout.ms": 300_000, "linger.ms": 5, "log_level": 0},
            }
        )
        topic, chance = source_topic("population", self._settings.kafka_prefix), random.Random(self.report.seed)
        while not self._enough.is_set():
            number = chance.randrange(PEOPLE)
            self.report.produced += 1
            phone = f"199{self.report.produced:08d}"
            event = {
                **{"specversion": "1.0", "id": f"m-{self.report.produced}", "source": "/population"},
                **{"type": "cn.jianghai.population.persons.v1", "time": "2015-12-30T09:00:00+08:00"},
                # Who moves to and fro gives others something to be told each time.
                "data": person(number, 联系电话=phone, 所属社区=chance.choice(COMMUNITIES)),
            }
            key = citizen_id(number)
            self.produced.setdefault(key, []).append(phone)
            value = json.dumps(event, ensure_ascii=False).encode()
            sender.produce(topic, value, key.encode(), headers={"content-type": b"application/cloudevents+json"})
            sender.poll(0)
            time.sleep(1 / RATE)
        assert sender.flush(_PATIENCE) == 0, "the source could not send everything"

    async def _settle(self) -> bool:
        """Wait until everything that was sent is in, and everything that is in is out; False where that takes long."""
        log = PostgresLog(self._direct)
        topic = source_topic("population", self._settings.kafka_prefix)
        try:
            async with asyncio.timeout(_PATIENCE):
                while True:
                    if await self._settled(log, topic):
                        return True
                    await asyncio.sleep(0.5)
        except TimeoutError:
            return False
        finally:
            await log.close()

    async def _settled(self, log: PostgresLog, topic: str) -> bool:
        (found,) = await asyncio.to_thread(sizes, self._settings, [Topic(topic)])
        taken = sum([await log.place(Partition(topic, number).follower) for number in range(found.partitions)])
        relay = await log.place(f"relay:{self._settings.kafka_prefix}:0/1")
        if taken != found.messages or relay != await log.head():
            return False
        told = [await log.place(name) for name in followers(self._settings.kafka_prefix)]
        arrived = await log.place("kafka:inbox.https/0")
        return min(told) == await log.head() and arrived == await self._refused() and self._received()

    async def _refused(self) -> int:
        """How many messages are in the inbox."""
        connection = await connect(self._direct, "appender")
        try:
            return int(await connection.fetchval("SELECT count(*) FROM connectors.inbox"))
        finally:
            await connection.close()

    def _received(self) -> bool:
        """Whether the public topic's receiver has come to its end."""
        topic = public_topic("registry", self._settings.kafka_prefix)
        places = dict(sqlite3.connect(self._folder / "topic.db").execute("SELECT number, next FROM place"))
        ends = offsets_behind(self._settings.kafka, topic.name)
        return all(places.get(number, 0) >= end for number, end in ends.items())

    async def _check(self) -> Verdict:
        self._over.set()
        for worker in self._workers:
            worker.end()
        log = PostgresLog(self._direct)
        try:
            keyring = KeyRing(log, open_master_key(self._settings))
            prefix, kafka = self._settings.kafka_prefix, self._settings.kafka
            verdict = await check(log, keyring, kafka, public_topic("registry", prefix).name, self.produced)
            rows = await log.read(0, 10_000_000)
            await check_platforms(verdict, rows, kafka, prefix, self._folder, self._direct)
            check_receiver(verdict, rows, self._folder / "topic.db")
            return verdict
        finally:
            await log.close()


async def _schema(admin: str) -> None:
    await migrate(admin)
    owner = await connect(admin, None)
    await migrate_connectors(owner)
    # A platform's own database: a schema of its own is as good as that.
    await owner.execute(f"CREATE SCHEMA exchange AUTHORIZATION {LOGIN}")
    await owner.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _quietly(work: Callable[[], None]) -> None:
    """What is gone already can't be killed."""
    try:
        work()
    except psutil.NoSuchProcess:
        return


def chaos(seed: int, faults: int, weakness: str = "") -> Report:
    """One run in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="mz", ignore_cleanup_errors=True) as folder:
        os.chmod(folder, 0o711)
        return Chaos(seed, faults, Path(folder), weakness).run()


__all__ = ["Chaos", "Report", "chaos"]
