"""A dry run decides everything and writes nothing."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from tests.files.installation import Installation, installed
from tests.files.make import CASE_TITLES, DEATH_TITLES, PAYMENT_TITLES, case, citizen_id, payment, person, write_csv


@pytest.fixture
async def it(admin_url: str, database_url: str, tmp_path: Path) -> AsyncIterator[Installation]:
    async with installed(admin_url, database_url, tmp_path) as installation:
        yield installation


async def everything(admin_url: str) -> list[str]:
    connection = await asyncpg.connect(admin_url)
    tables = await connection.fetch(
        "SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('log', 'connectors') ORDER BY 1, 2"
    )
    rows = [str(await connection.fetch(f"SELECT * FROM {s}.{t} ORDER BY 1::text")) for s, t in tables]
    await connection.close()
    return rows


async def test_a_dry_run_foretells_the_import_and_writes_nothing(
    it: Installation, admin_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.reading.reader.CHUNK", 4)
    head = person(1)
    rows = [head, person(2, 户号="H00001", 与户主关系="配偶"), person(3, 性别="7"), *map(person, range(4, 12)), head]
    deaths = [dict(zip(DEATH_TITLES, (citizen_id(1), "", "2015-01-05", ""), strict=True))]
    paid = [payment("C1", f"2015-0{n}", head) for n in (1, 2, 3)]
    files = [
        ("population", write_csv(it.folder / "people.csv", rows)),
        ("assistance", write_csv(it.folder / "cases.csv", [case("C1", head)] * 2, CASE_TITLES)),
        ("assistance", write_csv(it.folder / "pay.csv", paid, PAYMENT_TITLES)),
        ("population", write_csv(it.folder / "deaths.csv", deaths, DEATH_TITLES)),
    ]
    for source, path in files:
        before = await everything(admin_url)
        foretold = await it.take(path, source, dry_run=True)
        assert await everything(admin_url) == before
        assert foretold.dry_run
        done = await it.take(path, source)
        assert replace(foretold.counts, mended=0) == done.counts
        assert foretold.faults == done.faults
    assert done.counts.findings == 2
