"""A small district of all systems, imported in the manifest's order: what is recorded, what waits, what is found."""

import secrets
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from api.demo_start import before_settlements
from api.platform import open_divisions
from connectors.demo import Manifest, generate
from connectors.demo.manifest import Dirt, File
from connectors.importer import Importer, Options
from connectors.quarantine import Quarantine
from domain.findings import Finding
from infra.database import LOGIN, with_database, with_user
from infra.local_postgres import LocalPostgres
from infra.log import PostgresLog
from projections import PROJECTIONS
from projections.kernel.runner import Runner
from tests.conftest import _TEMPLATE, _execute, _run
from tests.files.installation import settings_of
from tests.fixtures.api import migrate_reads, platform_on

PERSONS, SEED = 900, 3
CORE = ("population", "assistance")


@dataclass
class Outcome:
    """What came of the import of the systems beside population and assistance."""

    manifest: Manifest
    rows: Counter[str] = field(default_factory=Counter)
    recorded: Counter[str] = field(default_factory=Counter)
    duplicates: Counter[str] = field(default_factory=Counter)
    quarantined: Counter[str] = field(default_factory=Counter)
    entered: int = 0
    waiting: Counter[str] = field(default_factory=Counter)
    findings: Counter[str] = field(default_factory=Counter)
    again: Counter[str] = field(default_factory=Counter)
    stopped: dict[str, str] = field(default_factory=dict)


async def _take(importer: Importer, folder: Path, file: File, outcome: Outcome) -> None:
    report = await importer.import_file(folder / file.path, file.source, Options(export_on=file.export_on))
    assert report.kind == file.content, file.path
    key = f"{file.source}/{file.content}"
    outcome.rows[key] += report.counts.read
    outcome.recorded[key] += report.counts.recorded
    outcome.duplicates[key] += report.counts.duplicates
    outcome.quarantined[key] += report.counts.quarantined
    outcome.entered += report.entered


async def _findings(log: PostgresLog, importer: Importer) -> Counter[str]:
    rows = [row for row in await log.read(0, 10_000_000) if row.topic == Finding.Created.TOPIC]
    events = [importer.store.codec.decode(row) for row in rows]
    return Counter(event.rule.value for event in events if isinstance(event, Finding.Created))


async def _take_in(url: str, admin_url: str, folder: Path, outcome: Outcome) -> None:
    log = PostgresLog(url)
    platform = platform_on(url, admin_url, folder, log)
    importer = Importer(log, url, settings_of(folder))
    try:
        await migrate_reads(admin_url)
        await open_divisions(platform)
        files = outcome.manifest.files
        ignored = Outcome(outcome.manifest)
        for file in [file for file in files if file.source in CORE]:
            await _take(importer, folder / "files", file, ignored)
        before = await _findings(log, importer)
        await before_settlements(platform.store, outcome.manifest)
        await before_settlements(platform.store, outcome.manifest)
        others = [file for file in files if file.source not in CORE]
        for file in others:
            await _take(importer, folder / "files", file, outcome)
        outcome.findings = await _findings(log, importer) - before
        waiting = await Quarantine(importer.tables).counts()
        for (source, kind, _), count in waiting.items():
            if source not in CORE:
                outcome.waiting[f"{source}/{kind}"] += count
        repeated = Outcome(outcome.manifest)
        for file in others[::4]:
            await _take(importer, folder / "files", file, repeated)
        outcome.again = repeated.recorded
        runner = Runner(log, platform.codec, url, PROJECTIONS)
        await runner.catch_up()
        outcome.stopped = {name: each.error for name, each in (await runner.status()).items() if each.error}
    finally:
        await importer.close()
        await log.close()


@pytest.fixture(scope="module")
def taken(server: LocalPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outcome]:
    """The district with every system's files taken in."""
    name, folder = f"test_{secrets.token_hex(6)}", tmp_path_factory.mktemp("systems")
    admin_url = with_database(server.url(), name)
    outcome = Outcome(generate(folder / "files", PERSONS, SEED))
    _run(_execute(server.url(), f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE}"))
    _run(_take_in(with_user(admin_url, LOGIN), admin_url, folder, outcome))
    yield outcome
    _run(_execute(server.url(), f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))


def test_every_row_is_recorded_waits_or_is_a_repetition(taken: Outcome) -> None:
    expected = taken.manifest.expected
    assert set(taken.rows) == set(expected)
    for key, counts in expected.items():
        assert taken.rows[key] == counts.recorded + counts.early + counts.quarantined + counts.duplicates, key
        assert taken.recorded[key] == counts.recorded, key
        assert taken.duplicates[key] == counts.duplicates, key
        assert taken.quarantined[key] == counts.early + counts.quarantined, key


def test_early_rows_enter_by_themselves_and_the_others_wait(taken: Outcome) -> None:
    expected = taken.manifest.expected
    assert taken.entered == sum(counts.early for counts in expected.values()) > 0
    assert taken.waiting == Counter({key: counts.quarantined for key, counts in expected.items()})


def test_each_planted_contradiction_is_found_and_nothing_else(taken: Outcome) -> None:
    assert taken.findings == Counter(taken.manifest.findings)
    assert len(taken.manifest.findings) >= 20


def test_the_same_files_again_record_nothing(taken: Outcome) -> None:
    assert not any(taken.again.values())


def test_every_read_model_takes_all_of_it(taken: Outcome) -> None:
    assert taken.stopped == {}


def test_the_small_district_has_each_kind_of_early_row(taken: Outcome) -> None:
    early = (Dirt.STAY_EARLY, Dirt.ALLOWANCE_EARLY, Dirt.SETTLEMENT_EARLY, Dirt.HANDLING_EARLY, Dirt.CONTRACT_EARLY)
    assert all(taken.manifest.dirt[kind] for kind in early)
