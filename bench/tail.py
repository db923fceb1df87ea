"""Reading the log: how fast a reader that lags catches up, and how soon one that doesn't sees a new event.

Side by side on one server, each with its own database: our tail, with rows alone and with events decoded (personal
fields too), and the library's PostgreSQL recorder and subscription with its own mapper. Filling the log tells besides
how fast large items go in, as an import sends them.
"""

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import uvloop
from rich.console import Console
from rich.table import Table

from bench.append import ADDRESS, ENVELOPE, NOW, create, create_log
from domain.registry import Person
from infra.codec import EventCodec
from infra.keys import FileMasterKey, KeyRing
from infra.local_postgres import LocalPostgres
from infra.log import Append, NewEvent, PostgresLog

PAGE = 1000
ITEM = 5000
"""Events in one append while filling."""


class Ours:
    """Our log, filled and read."""

    def __init__(self, url: str) -> None:
        self.log = PostgresLog(url)
        self.ring = KeyRing(self.log, FileMasterKey(os.urandom(32)))
        self.codec = EventCodec(self.ring)

    async def fill(self, events: int) -> float:
        """Append so many events in large items; returns events a second, encoding not counted."""
        took = 0.0
        for _ in range(0, events, ITEM):
            people = [uuid4() for _ in range(ITEM // 5)]
            await self.ring.preload(people)
            item = Append(tuple(self._event(p, v) for p in people for v in range(1, 6)), keys=self.ring.take_new())
            began = time.perf_counter()
            await self.log.append(item)
            took += time.perf_counter() - began
            self.ring.confirm(item.keys)
        return events / took

    def _event(self, person: Any, version: int) -> NewEvent:
        fields: dict[str, Any] = {"name": None, "phone": None, "address": ADDRESS, "corrects_version": None}
        event = Person.DetailsChanged(originator_id=person, originator_version=version, timestamp=NOW, **fields)
        return self.codec.encode(event, ENVELOPE, (f"person:{person}", "division:990102001"))

    async def catch_up(self, events: int, decode: bool) -> float:
        """Tail from the beginning; returns events a second."""
        began = time.perf_counter()
        seen = 0
        async for batch in self.log.tail(0, limit=PAGE):
            if decode:
                await self.ring.preload(self.codec.holders(batch))
                for row in batch:
                    self.codec.decode(row)
            seen += len(batch)
            if seen >= events:
                break
        return events / (time.perf_counter() - began)

    async def latencies(self, count: int) -> list[float]:
        """Seconds from the acknowledged append of one event to its arrival at a tailer."""
        arrived: dict[int, float] = {}
        head = await self.log.head()

        async def follow() -> None:
            async for batch in self.log.tail(head):
                arrived.update((row.position, time.perf_counter()) for row in batch)
                if len(arrived) >= count:
                    return

        follower = asyncio.create_task(follow())
        await asyncio.sleep(0.2)
        sent: dict[int, float] = {}
        for _ in range(count):
            began = time.perf_counter()
            appended = await self.log.append(Append((NewEvent(uuid4(), 1, "bench.Ping", b"{}"),)))
            sent[appended.first] = began
            await asyncio.sleep(0.002)
        await follower
        return [arrived[position] - began for position, began in sent.items()]


class Library:
    """The library's recorder, mapper and subscription."""

    def __init__(self, url: str) -> None:
        # Imported here: only the benchmarks need psycopg and its pool.
        from eventsourcing.domain import Aggregate
        from eventsourcing.persistence import JSONTranscoder, Mapper, StoredEvent
        from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore

        host = parse_qs(urlsplit(url).query)["host"][0]
        self.datastore = PostgresDatastore(
            dbname=urlsplit(url).path[1:],
            host=host,
            port="5432",
            user="postgres",
            password="",
            pool_size=4,
            max_overflow=0,
        )
        self.recorder = PostgresApplicationRecorder(self.datastore)
        self.recorder.create_table()
        self.stored = StoredEvent
        self.mapper: Any = Mapper(JSONTranscoder())
        self.state = b'{"name": null, "phone": null, "address": "' + b"x" * 240 + b'"}'
        self.topic = f"{Aggregate.Event.__module__}:{Aggregate.Event.__qualname__}"

    def fill(self, events: int) -> float:
        """The same number of events, 500 an insert."""
        began = time.perf_counter()
        for _ in range(0, events, 500):
            streams = [uuid4() for _ in range(100)]
            self.recorder.insert_events([self.stored(s, v, self.topic, self.state) for s in streams for v in range(5)])
        return events / (time.perf_counter() - began)

    def catch_up(self, events: int, decode: bool) -> float:
        """Select page after page."""
        began = time.perf_counter()
        after = 0
        while after < events:
            page = self.recorder.select_notifications(after, PAGE, inclusive_of_start=False)
            if decode:
                for notification in page:
                    self.mapper.to_domain_event(notification)
            after = page[-1].id
        return events / (time.perf_counter() - began)

    def latencies(self, count: int) -> list[float]:
        """Seconds from the insert of one event to its arrival at a subscription."""
        found: list[float] = []
        with self.recorder.subscribe(gt=self.recorder.max_notification_id()) as subscription:
            time.sleep(0.2)
            for _ in range(count):
                began = time.perf_counter()
                self.recorder.insert_events([self.stored(uuid4(), 1, self.topic, self.state)])
                next(subscription)
                found.append(time.perf_counter() - began)
                time.sleep(0.002)
        return found


def measure(events: int, rounds: int, pings: int) -> dict[str, list[float]]:
    """Every figure of every round: rates in events a second, latencies in milliseconds."""
    found: dict[str, list[float]] = {}

    def note(name: str, value: float) -> None:
        found.setdefault(name, []).append(value)

    with tempfile.TemporaryDirectory(prefix="mzbench") as directory:
        server = LocalPostgres(Path(directory) / "pg")
        try:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                _measure(server.url(), runner.run, note, (events, rounds, pings))
        finally:
            server.stop()
    return found


def _measure(
    url: str, run: Callable[..., Any], note: Callable[[str, float], None], amount: tuple[int, int, int]
) -> None:
    events, rounds, pings = amount
    library = Library(run(create(url, "stock")))
    ours = Ours(run(create_log(url, "ours")))
    note("large items, ours", run(ours.fill(events)))
    note("large items, library", library.fill(events))
    for _ in range(rounds):
        for decode, what in ((False, "rows"), (True, "events")):
            note(f"catch up, {what}, ours", run(ours.catch_up(events, decode)))
            note(f"catch up, {what}, library", library.catch_up(events, decode))
        for name, seconds in (("ours", run(ours.latencies(pings))), ("library", library.latencies(pings))):
            ordered = sorted(seconds)
            note(f"latency p50 ms, {name}", ordered[len(ordered) // 2] * 1e3)
            note(f"latency p99 ms, {name}", ordered[int(len(ordered) * 0.99)] * 1e3)
    run(ours.log.close())
    library.datastore.close()


def main(argv: list[str]) -> dict[str, Any]:
    """Measure, print the table, return the figures."""
    parser = argparse.ArgumentParser(prog="bench tail")
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--pings", type=int, default=300)
    options = parser.parse_args(argv)
    found = measure(options.events, options.rounds, options.pings)
    table = Table("tail", "ours", "library", "ratio")
    results: dict[str, Any] = {}
    for name in dict.fromkeys(name.rpartition(", ")[0] for name in found):
        ours, library = (statistics.median(found[f"{name}, {who}"]) for who in ("ours", "library"))
        results[name] = {"ours": ours, "library": library, "ratio": ours / library}
        form = "{:.2f}" if "ms" in name else "{:,.0f}"
        table.add_row(name, form.format(ours), form.format(library), f"{ours / library:.2f}")
    Console().print(table)
    return results


if __name__ == "__main__":
    import sys

    main(sys.argv[1:])
