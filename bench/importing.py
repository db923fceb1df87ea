"""Files into the log: rows a second and memory, with every check, rule and finding on.

The demo district's own files (its dirt included) go through the ordinary import: population, cases, members, payrolls.
Then one large register is imported for its memory: that of the importing process and of the reading one together,
the server's not counted. The peer is the plainest load there is, the same rows read by `csv` and copied as text into
one table: no checks, no identities, no history. It says how much of the machine a load needs at least.
"""

import argparse
import asyncio
import codecs
import csv
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg
import uvloop
from rich.console import Console
from rich.table import Table

from connectors.demo.generate import district_places, generate
from connectors.demo.layouts import TOWN
from connectors.demo.manifest import File, Manifest
from connectors.demo.residents import homes
from connectors.importer import Importer, Options
from connectors.schema import migrate_connectors
from infra.database import LOGIN, connect, with_database, with_user
from infra.local_postgres import LocalPostgres
from infra.log import PostgresLog
from infra.migrate import migrate
from infra.settings import Settings, environment

EXPORTED = date(2015, 12, 31)
SEED = 1
_SOURCES = ("population", "assistance")
_LEAST = 200
"""Rows of a file from which on its rate says something."""


@dataclass(frozen=True, slots=True)
class Taken:
    """One import: rows, seconds, events, processor seconds of the importing process, peak memory in MiB."""

    rows: int
    seconds: float
    events: int
    processor: float
    memory: float

    @property
    def rate(self) -> float:
        """Rows a second."""
        return self.rows / self.seconds

    def __add__(self, other: "Taken") -> "Taken":
        """Both together, with the larger memory."""
        return Taken(
            self.rows + other.rows,
            self.seconds + other.seconds,
            self.events + other.events,
            self.processor + other.processor,
            max(self.memory, other.memory),
        )


NOTHING = Taken(0, 0.0, 0, 0.0, 0.0)


async def database(server: LocalPostgres, name: str) -> str:
    """The run-time URL of a fresh migrated database."""
    connection = await asyncpg.connect(server.url())
    await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()
    admin = with_database(server.url(), name)
    await migrate(admin)
    own = await connect(admin, None)
    await migrate_connectors(own)
    await own.close()
    return with_user(admin, LOGIN)


async def child(url: str, folder: str, path: str, source: str, export_on: str) -> None:
    """Import one file and print what came of it: run in a process of its own, whose memory is watched."""
    settings = Settings(data_dir=Path(folder), today=EXPORTED)
    log = PostgresLog(url)
    importer = Importer(log, url, settings)
    await log.head()  # connected, as a running platform is
    began, processor = time.perf_counter(), time.process_time()
    report = await importer.import_file(Path(path), source, Options(export_on=date.fromisoformat(export_on)))
    seconds = time.perf_counter() - began
    await importer.close()
    await log.close()
    counts = report.counts
    print(json.dumps([counts.read, seconds, counts.events, time.process_time() - processor]))


def take(url: str, folder: Path, file: File) -> Taken:
    """Import in a child process, watching the memory of it and of its reader."""
    arguments = [url, str(folder), str(folder / file.path), file.source, file.export_on.isoformat()]
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.importing", "--child", *arguments], stdout=subprocess.PIPE, text=True
    )
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, memory_of(process.pid))
        time.sleep(0.05)
    output = process.stdout.read() if process.stdout else ""
    if process.returncode:
        raise SystemExit(f"importing {file.path} failed")
    rows, seconds, events, processor = json.loads(output)
    return Taken(rows, seconds, events, processor, peak)


def memory_of(pid: int) -> float:
    """MiB resident of a process and its children."""
    total = 0
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with suppress(OSError, ValueError, KeyError):  # it has just ended
            status = dict(line.split(":", 1) for line in (entry / "status").read_text().splitlines())
            if pid in (int(entry.name), int(status["PPid"])):
                total += int(status["VmRSS"].split()[0])
    return total / 1024


def write_register(path: Path, rows: int) -> None:
    """One street's register with that many rows."""
    table = replace(TOWN, file=path.name).open(path.parent)
    for home in homes(district_places(), rows, SEED):
        for resident in home.members:
            table.write(TOWN.cut(TOWN.row(resident)))
    table.close()


async def copied(server: LocalPostgres, path: Path) -> Taken:
    """The peer: the file's cells copied as text into one table."""
    connection = await asyncpg.connect(with_database(server.url(), "peer"))
    with path.open(encoding="gb18030", newline="") as file:
        reader = csv.reader(file)
        columns = [f"c{number}" for number, _ in enumerate(next(reader))]
        await connection.execute(f"CREATE TABLE plain ({', '.join(f'{column} text' for column in columns)})")
        began, processor, rows = time.perf_counter(), time.process_time(), 0
        while batch := [row for _, row in zip(range(10_000), reader, strict=False)]:
            await connection.copy_records_to_table("plain", records=batch, columns=columns)
            rows += len(batch)
    await connection.close()
    return Taken(rows, time.perf_counter() - began, 0, time.process_time() - processor, 0.0)


async def measure(persons: int, rows: int) -> dict[str, Taken]:
    """Every figure, by what was imported."""
    with tempfile.TemporaryDirectory(prefix="minzheng-bench-") as name:
        folder = Path(name)
        server = await asyncio.to_thread(LocalPostgres, folder / "pg")
        try:
            district = folder / "district"
            manifest = await asyncio.to_thread(generate, district, persons, SEED)
            url = await database(server, "bench")
            figures = await asyncio.to_thread(district_figures, url, district, manifest)
            whole = sum(figures.values(), NOTHING)
            processed = await database(server, "processed")
            with processing(processed, district):
                again = await asyncio.to_thread(district_figures, processed, district, manifest)
            figures["the district alone"] = whole
            figures["the district, all processes on"] = sum(again.values(), NOTHING)
            await asyncio.to_thread(write_register, district / "register.csv", rows)
            register = File("register.csv", "population", "persons", EXPORTED, rows)
            large = await database(server, "large")
            figures["one large register"] = await asyncio.to_thread(take, large, district, register)
            await database(server, "peer")
            figures["peer: the register as text into a table"] = await copied(server, district / "register.csv")
            return figures
        finally:
            await asyncio.to_thread(server.stop)


@contextmanager
def processing(url: str, folder: Path) -> Iterator[None]:
    """`minzheng process` beside it, as in production: cross-system rules, deadlines, recalculation, issuing."""
    settings = Settings(data_dir=folder, database_url=url, today=EXPORTED)
    process = subprocess.Popen([sys.executable, "-m", "api.cli", "process"], env=environment(settings))
    try:
        yield
        if process.poll() is not None:
            raise SystemExit("the processes have ended")
    finally:
        process.terminate()
        process.wait()


def district_figures(url: str, folder: Path, manifest: Manifest) -> dict[str, Taken]:
    """The district's files in their order, summed by kind; the payrolls of all years as one file."""
    figures: dict[str, Taken] = {}
    files = [file for file in manifest.files if file.source in _SOURCES and file.rows >= _LEAST]
    payrolls = [file for file in files if file.content == "payments"]
    others = [file for file in files if file.content != "payments"]
    for file in (*others, joined(folder, payrolls)):
        figures[file.content] = figures.get(file.content, NOTHING) + take(url, folder, file)
    return figures


def joined(folder: Path, payrolls: list[File]) -> File:
    """One payroll of all years."""
    path, rows = folder / "payrolls.csv", 0
    with path.open("w", encoding="utf-8", newline="") as whole:
        writer = csv.writer(whole)
        for number, file in enumerate(payrolls):
            encoding = "gb18030" if (folder / file.path).read_bytes()[:3] != codecs.BOM_UTF8 else "utf-8-sig"
            with (folder / file.path).open(encoding=encoding, newline="") as part:
                lines = list(csv.reader(part))
            writer.writerows(lines[1 if number else 0 :])
            rows += len(lines) - 1
    return File(path.name, "assistance", "payments", EXPORTED, rows)


def show(figures: dict[str, Taken]) -> None:
    """A table on the screen."""
    table = Table("import", "rows", "rows/s", "events", "processor µs/row", "memory MiB", title="files into the log")
    for name, taken in figures.items():
        table.add_row(
            name,
            f"{taken.rows:,}",
            f"{taken.rate:,.0f}",
            f"{taken.events:,}",
            f"{taken.processor / taken.rows * 1e6:.0f}",
            f"{taken.memory:.0f}" if taken.memory else "",
        )
    Console().print(table)


def main(argv: list[str]) -> dict[str, Any]:
    """Run it; returns rows a second, processor time and memory by what was imported."""
    if argv[:1] == ["--child"]:
        uvloop.run(child(*argv[1:]))
        return {}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--persons", type=int, default=30_000, help="persons of the demo district")
    parser.add_argument("--rows", type=int, default=200_000, help="rows of the large register")
    options = parser.parse_args(argv)
    figures = uvloop.run(measure(options.persons, options.rows))
    show(figures)
    alone, beside = figures["the district alone"], figures["the district, all processes on"]
    Console().print(f"all processes on: {beside.rate / alone.rate:.2f} of the rate without them")
    return {
        name: {
            "rows": taken.rows,
            "rowsPerSecond": round(taken.rate),
            "processorMicrosecondsPerRow": round(taken.processor / taken.rows * 1e6),
            "memoryMiB": round(taken.memory),
        }
        for name, taken in figures.items()
    }


if __name__ == "__main__":
    main(sys.argv[1:])
