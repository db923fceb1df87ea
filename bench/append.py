"""Appending single events: our log with everything on, against the library's own PostgreSQL recorder.

Both write to the same embedded server, in turns, so that whatever else the machine does meets both; each round begins
with new tables, but for rounds of ours in a log that holds a million events already. The library's recorder
gets ready-made bytes and writes one event a call from eight threads. Ours encodes a domain event (one personal field
sealed under its holder's key), takes tags, business time, envelope, expected version and the source's message with its
keyed hashes, from 256 or 64 concurrent callers of one process. Every tenth event starts a new person, whose key goes
along.
"""

import argparse
import asyncio
import os
import random
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import asyncpg
import psutil
import uvloop
from rich.console import Console
from rich.table import Table

from domain.clock import CHINA
from domain.registry import Person
from infra.codec import Envelope, EventCodec
from infra.database import LOGIN, with_database, with_user
from infra.keys import FileMasterKey, KeyRing
from infra.local_postgres import LocalPostgres
from infra.log import Append, PostgresLog, SourceMessage
from infra.migrate import migrate

EVENTS_PER_PERSON = 10
STOCK_THREADS = 8
MOST = 120_000
"""Events a second that no machine of ours reaches: so many people are made ready."""
ADDRESS = "江海市临港街道海洋社区幸福路十二弄三号四〇二室（原登记地址为望海镇东风村第七村民小组二十六号）"
"""With its envelope of base64 and JSON this makes a payload of about 300 bytes."""
LARGE = 1_000_000
"""Events that the large log holds before its rounds begin."""
NOW = datetime(2015, 12, 1, 9, 30, tzinfo=CHINA)
EXPORTED = date(2015, 12, 1)
ENVELOPE = Envelope(
    actor="officer-17",
    role="street_officer",
    org="民政科",
    division="990102001",
    basis="沪民救〔2015〕1号",
    source="population",
    message_id="2015-12-01/17",
    correlation_id=uuid4(),
)


@dataclass(frozen=True, slots=True)
class Figures:
    """One round: events a second, latencies in milliseconds, and what else the machine did meanwhile, in cores."""

    rate: float
    p50: float
    p99: float
    other: float = 0.0


def figures(latencies: list[float], seconds: float) -> Figures:
    """Of one round's latencies in seconds."""
    ordered = sorted(latencies)
    at = [ordered[int(len(ordered) * share)] * 1e3 for share in (0.5, 0.99)]
    return Figures(len(ordered) / seconds, *at)


def stock(url: str, seconds: float) -> Figures:
    """The library's recorder: eight threads, one event of 300 bytes a call."""
    # Imported here: only this benchmark needs psycopg and its pool.
    from eventsourcing.persistence import StoredEvent
    from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore

    host = parse_qs(urlsplit(url).query)["host"][0]
    datastore = PostgresDatastore(
        dbname=urlsplit(url).path[1:],
        host=host,
        port="5432",
        user="postgres",
        password="",
        pool_size=STOCK_THREADS,
        max_overflow=0,
    )
    recorder = PostgresApplicationRecorder(datastore, events_table_name="stored_events")
    recorder.create_table()
    latencies: list[float] = []
    state = random.randbytes(300)
    until = time.perf_counter() + seconds

    def work() -> None:
        mine: list[float] = []
        while time.perf_counter() < until:
            person = uuid4()
            for version in range(1, EVENTS_PER_PERSON + 1):
                started = time.perf_counter()
                recorder.insert_events([StoredEvent(person, version, "registry.PersonDetailsChanged", state)])
                mine.append(time.perf_counter() - started)
        latencies.extend(mine)

    threads = [threading.Thread(target=work) for _ in range(STOCK_THREADS)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - began
    datastore.close()
    return figures(latencies, took)


class Callers:
    """Concurrent callers of one log, as the API's requests are: each encodes, seals, hashes and appends."""

    def __init__(self, url: str, lanes: int) -> None:
        self.log = PostgresLog(url, lanes=lanes)
        self.ring = KeyRing(self.log, FileMasterKey(os.urandom(32)))
        self.codec = EventCodec(self.ring)
        self.latencies: list[float] = []
        self.until = 0.0
        self.people: Iterator[UUID] = iter(())

    async def run(self, callers: int, seconds: float) -> Figures:
        """One round."""
        self.latencies = []
        people = [uuid4() for _ in range(int(seconds * MOST / EVENTS_PER_PERSON) + callers)]
        await self.ring.preload(people)  # in bulk and before the clock runs, as an import does
        self.people = iter(people)
        began = time.perf_counter()
        self.until = began + seconds
        await asyncio.gather(*(self._caller() for _ in range(callers)))
        return figures(self.latencies, time.perf_counter() - began)

    async def _caller(self) -> None:
        while time.perf_counter() < self.until:
            person = next(self.people)
            tags = self.tags(person)
            for version in range(1, EVENTS_PER_PERSON + 1):
                started = time.perf_counter()
                item = self.item(person, version, tags)
                await self.log.append(item)
                self.ring.confirm(item.keys)
                self.latencies.append(time.perf_counter() - started)

    @staticmethod
    def tags(person: UUID) -> tuple[str, ...]:
        """What a person's events are tagged with."""
        return (f"person:{person}", f"household:{uuid4()}", "division:990102001")

    def item(self, person: UUID, version: int, tags: tuple[str, ...]) -> Append:
        """One event with all that goes along."""
        fields: dict[str, Any] = {"name": None, "phone": None, "address": ADDRESS, "corrects_version": None}
        event = Person.DetailsChanged(originator_id=person, originator_version=version, timestamp=NOW, **fields)
        new = self.codec.encode(event, ENVELOPE, tags)
        key = tags[0]
        content = f"{key}|{version}"
        message = SourceMessage(
            "population",
            self.ring.digest("message", content)[:16],
            self.ring.digest("record", key)[:16],
            self.ring.digest("content", content)[:16],
            EXPORTED,
        )
        return Append((new,), (message,), keys=self.ring.take_new())


async def ours(url: str, callers: int, seconds: float, lanes: int) -> Figures:
    """One round of ours; checks that nothing is missing."""
    group = Callers(url, lanes)
    before = await group.log.head()
    result = await group.run(callers, seconds)
    after = await group.log.head()
    if after - before != len(group.latencies):
        raise SystemExit(f"{len(group.latencies)} appends were acknowledged, {after - before} are there.")
    await group.log.close()
    return result


async def create(url: str, name: str) -> str:
    """A new database on the server of `url`; its URL, for the superuser."""
    connection = await asyncpg.connect(url)
    await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()
    return with_database(url, name)


async def drop(url: str, name: str) -> None:
    """Away with a database."""
    connection = await asyncpg.connect(url)
    await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await connection.close()


async def create_log(url: str, name: str) -> str:
    """A new, empty log; its URL for the run-time login."""
    made = await create(url, name)
    await migrate(made)
    return with_user(made, LOGIN)


async def fill(url: str, events: int) -> None:
    """That many of the callers' own events, by large appends."""
    group = Callers(url, 2)
    for _ in range(events // 2000):
        people = [uuid4() for _ in range(2000 // EVENTS_PER_PERSON)]
        await group.ring.preload(people)
        items = [group.item(p, v, group.tags(p)) for p in people for v in range(1, EVENTS_PER_PERSON + 1)]
        keys = {key.holder: key for item in items for key in item.keys}
        joined = Append(
            tuple(event for item in items for event in item.events),
            tuple(message for item in items for message in item.messages),
            keys=tuple(keys.values()),
        )
        await group.log.append(joined)
        group.ring.confirm(joined.keys)
    await group.log.close()


class Beside:
    """Processor time that neither this process nor the server used: a round beside other work says little."""

    def __init__(self, postmaster: int | None) -> None:
        self._postmaster = psutil.Process(postmaster)

    def watch(self, run: Callable[[], Figures]) -> Figures:
        """Run one round and note what else went on."""
        began, machine, own = time.perf_counter(), self._machine(), self._own()
        result = run()
        took = time.perf_counter() - began
        return replace(result, other=max(0.0, (self._machine() - machine - self._own() + own) / took))

    @staticmethod
    def _machine() -> float:
        times = psutil.cpu_times()
        return float(times.user + times.system + times.nice + times.irq + times.softirq + times.steal)

    def _own(self) -> float:
        server = self._postmaster.cpu_times()
        total = time.process_time() + server.user + server.system + server.children_user + server.children_system
        for child in self._postmaster.children():
            with suppress(psutil.NoSuchProcess):
                times = child.cpu_times()
                total += times.user + times.system
        return float(total)


def measure(rounds: int, seconds: float, lanes: int) -> dict[str, list[Figures]]:
    """Ours on a large log, which warms buffers and WAL files for what follows; then rounds of each on new tables."""
    large = {n: f"{n} callers, {LARGE:,} events there" for n in (256, 64)}
    names = ("library, 8 threads", "256 callers", "64 callers", *large.values())
    found: dict[str, list[Figures]] = {name: [] for name in names}
    with tempfile.TemporaryDirectory(prefix="mzbench") as directory:
        server = LocalPostgres(Path(directory) / "pg")
        try:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                beside = Beside(server.get_pid())

                def round_(url: str, callers: int) -> Figures:
                    return beside.watch(partial(runner.run, ours(url, callers, seconds, lanes)))

                url = runner.run(create_log(server.url(), "large"))
                runner.run(fill(url, LARGE))
                for n in (256, 64):
                    found[large[n]] = [round_(url, n) for _ in range(rounds)]
                runner.run(drop(server.url(), "large"))
                for number in range(rounds):
                    url = runner.run(create(server.url(), f"stock_{number}"))
                    found["library, 8 threads"].append(beside.watch(partial(stock, url, seconds)))
                    for n in (256, 64):
                        name = f"ours_{n}_{number}"
                        url = runner.run(create_log(server.url(), name))
                        found[f"{n} callers"].append(round_(url, n))
                        runner.run(drop(server.url(), name))
        finally:
            server.stop()
    return found


def main(argv: list[str]) -> dict[str, Any]:
    """Measure, print the table, return the figures."""
    parser = argparse.ArgumentParser(prog="bench append")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--lanes", type=int, default=2, help="connections of our appender")
    options = parser.parse_args(argv)
    found = measure(options.rounds, options.seconds, options.lanes)
    peer = found["library, 8 threads"]
    table = Table("append, 1 event a call", "events/s", "p50 ms", "p99 ms", "× library", "other load, cores")
    results: dict[str, Any] = {}
    for name, rounds in found.items():
        rate, p50, p99 = (statistics.median(getattr(f, field) for f in rounds) for field in ("rate", "p50", "p99"))
        ratio = statistics.median(mine.rate / theirs.rate for mine, theirs in zip(rounds, peer, strict=True))
        other = " ".join(f"{f.other:.1f}" for f in rounds)
        table.add_row(name, f"{rate:,.0f}", f"{p50:.2f}", f"{p99:.2f}", f"{ratio:.1f}", other)
        results[name] = {"rate": rate, "p50": p50, "p99": p99, "ratio": ratio, "rounds": [asdict(f) for f in rounds]}
    Console().print(table)
    return results


if __name__ == "__main__":
    import sys

    main(sys.argv[1:])
