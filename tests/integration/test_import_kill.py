"""An import that ends at any moment and is started again comes to the same log and the same counts."""

import asyncio
import random
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from connectors.importer import Report
from connectors.intake import Intake
from connectors.ledger import Ledger
from domain.errors import Unavailable
from infra.database import LOGIN, with_database, with_user
from infra.log import PostgresLog
from tests.files.installation import Installation, installed
from tests.files.make import CASE_TITLES, MEMBER_TITLES, PAYMENT_TITLES, case, payment, person, write_csv

IMPORT = """
import asyncio, sys
from datetime import date
from pathlib import Path
from connectors.importer import Importer, Options
from infra.log import PostgresLog
from tests.files.installation import settings_of

async def main(url, folder, path):
    log = PostgresLog(url)
    importer = Importer(log, url, settings_of(Path(folder)))
    await importer.import_file(Path(path), "population", Options(export_on=date(2015, 12, 31)))
    await importer.close()
    await log.close()

asyncio.run(main(*sys.argv[1:]))
"""


@asynccontextmanager
async def two_installations(admin_url: str, folder: Path) -> AsyncIterator[tuple[Installation, Installation]]:
    """Two on databases of their own, with the same master key."""
    connection = await asyncpg.connect(with_database(admin_url, "postgres"))
    own = await connection.fetchval(
        "SELECT datname FROM pg_database WHERE datname LIKE 'test%' AND strpos($1, datname) > 0", admin_url
    )
    name = f"{own}_twin"
    await connection.execute(f"CREATE DATABASE {name} TEMPLATE {own}")
    twin_url = with_database(admin_url, name)
    try:
        async with (
            installed(admin_url, with_user(admin_url, LOGIN), folder) as one,
            installed(twin_url, with_user(twin_url, LOGIN), folder) as other,
        ):
            yield one, other
    finally:
        await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await connection.close()


def people(count: int) -> list[dict[str, Any]]:
    """Three to a household, each born on another day, some rows faulty or repeated."""
    rows = []
    for n in range(count):
        born = date(1950, 1, 1) + timedelta(days=n)
        rows.append(person(n, born=born, 户号=f"H{n // 3}", 与户主关系="户主" if n % 3 == 0 else "子女"))
    for n, changed in enumerate(({"性别": "7"}, {"出生日期": "1970-02-30"}, {"公民身份号码": "990000197001010"})):
        rows[count * (n + 1) // 4] |= changed
    rows[count // 2 + 2] = rows[count // 2 + 1]
    return rows


async def outcome(it: Installation) -> tuple[Any, Any]:
    return await it.story(), [(row.row_number, row.reason, row.columns) for row in await it.waiting()]


@pytest.mark.slow
async def test_killed_at_random_moments(admin_url: str, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "people.csv", people(4_000))
    dice = random.Random(7)
    async with two_installations(admin_url, tmp_path) as (it, twin):
        kills = 0
        for attempt in range(12):
            if not await interrupted(it, path, dice, wait=attempt % 3 != 0):
                break
            kills += 1
        report = await it.take(path, "population")
        assert kills >= 3
        alone = await twin.take(path, "population")
        assert report.counts.read == alone.counts.read
        assert await outcome(it) == await outcome(twin)
        assert len({row.position for row in await it.log.read(0, 100_000)}) == await it.log.head()


async def interrupted(it: Installation, path: Path, dice: random.Random, *, wait: bool) -> bool:
    """Import in another process and kill it, with `wait` not before it has recorded something; False if it was done."""
    before = await it.log.head()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", IMPORT, it.importer.url, str(it.folder), str(path)
    )
    while wait and process.returncode is None and await it.log.head() == before:  # noqa: ASYNC110
        await asyncio.sleep(0.005)
    await asyncio.sleep(dice.random() * (0.12 if wait else 1.5))
    if process.returncode is None:
        process.kill()
    return await process.wait() != 0


class Killed(BaseException):
    """The process ends here."""


Place = tuple[type, str, bool]
PLACES: dict[str, Place] = {
    "before the intention": (Ledger, "intend", False),
    "after the intention": (Ledger, "intend", True),
    "after the append": (PostgresLog, "append", True),
    "before the outcome": (Intake, "_outcome", False),
    "after the outcome": (Intake, "_outcome", True),
    "before the end": (Ledger, "finish", False),
    "while cases are checked": (Ledger, "checked", False),
}


def killing(place: Place, call: int) -> Callable[..., Any]:
    """The method, which ends the process at its n-th call, before or after its work."""
    cls, name, after = place
    original = getattr(cls, name)
    calls = 0

    async def method(self: Any, *arguments: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == call and not after:
            raise Killed
        result = await original(self, *arguments, **named)
        if calls == call:
            raise Killed
        return result

    return method


@pytest.mark.parametrize("where", PLACES)
async def test_killed_between_any_two_steps(
    where: str, admin_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.reading.reader.CHUNK", 5)
    place = PLACES[where]
    async with two_installations(admin_url, tmp_path) as (it, twin):
        for source, path in files(tmp_path):
            alone = await twin.take(path, source)
            report = await taken_at_last(it, path, source, place, monkeypatch)
            assert report.counts.read == alone.counts.read
            ledger = Ledger(it.importer.tables)
            assert report.file_id is not None
            entry = await ledger.find(report.file_id)
            assert entry is not None
            assert entry.counts.recorded + entry.counts.duplicates + entry.counts.quarantined == entry.counts.read
            if where == "while cases are checked":  # the findings of that moment stand in the log, but are not counted
                entry = replace(entry, counts=replace(entry.counts, events=alone.counts.events))
                entry = replace(entry, counts=replace(entry.counts, findings=alone.counts.findings))
            assert entry.counts == alone.counts
        assert await outcome(it) == await outcome(twin)


async def taken_at_last(
    it: Installation, path: Path, source: str, place: Place, monkeypatch: pytest.MonkeyPatch
) -> Report:
    """Import, ending the process at the place's first, second and third time."""
    for call in (1, 2, 3):
        with monkeypatch.context() as patch:
            patch.setattr(place[0], place[1], killing(place, call))
            try:
                return await it.take(path, source)
            except Killed:
                it.as_new_process()
    return await it.take(path, source)


def files(folder: Path) -> list[tuple[str, Path]]:
    persons = people(24)
    heads = [row for row in persons if row["与户主关系"] == "户主"]
    good = [row for row in heads if "02-30" not in row["出生日期"]]
    good = [row for row in good if row["性别"] != "7" and len(row["公民身份号码"]) == 18]
    cases = [case(f"C{n}", head, **{"保障金额（元）": 500 + n}) for n, head in enumerate(good)]
    members = [
        {"低保证号": f"C{n}", "姓名": head["姓名"], "身份证号": head["公民身份号码"], "与户主关系": "户主"}
        for n, head in enumerate(good)
    ]
    paid = [payment(f"C{n}", f"2015-{m:02d}", head) for m in range(1, 4) for n, head in enumerate(good)]
    return [
        ("population", write_csv(folder / "people.csv", persons)),
        ("assistance", write_csv(folder / "cases.csv", cases, CASE_TITLES)),
        ("assistance", write_csv(folder / "members.csv", members, MEMBER_TITLES)),
        ("assistance", write_csv(folder / "payments.csv", paid, PAYMENT_TITLES)),
    ]


async def test_an_answer_that_is_lost(admin_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The append is written, but the server goes away before it says so: nothing twice, and the counts are right."""
    monkeypatch.setattr("connectors.reading.reader.CHUNK", 5)
    monkeypatch.setattr("connectors.intake._PAUSE", 0.001)
    append = PostgresLog.append
    calls = 0

    async def lossy(self: PostgresLog, item: Any) -> Any:
        nonlocal calls
        calls += 1
        answer = await append(self, item)
        if item.messages and calls % 2:
            raise Unavailable("lost")
        return answer

    path = files(tmp_path)[0][1]
    async with two_installations(admin_url, tmp_path) as (it, twin):
        alone = await twin.take(path, "population")
        monkeypatch.setattr(PostgresLog, "append", lossy)
        report = await it.take(path, "population")
        assert report.counts == alone.counts
        assert await outcome(it) == await outcome(twin)
