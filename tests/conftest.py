"""One embedded PostgreSQL for a whole run of tests, and a fresh migrated database for each test that asks for one."""

import asyncio
import fcntl
import secrets
import shutil
from collections.abc import AsyncIterator, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from connectors.database import Tables
from connectors.schema import migrate_connectors
from infra.codec import EventCodec
from infra.database import LOGIN, connect, with_database, with_user
from infra.keys import FileMasterKey, KeyRing
from infra.local_postgres import LocalPostgres
from infra.log import PostgresLog
from infra.migrate import migrate
from infra.store import EventStore
from tests.fixtures.kafka import broker, kafka
from tests.fixtures.platforms import client, outside, receiver
from tests.fixtures.quick import quick_directory

__all__ = ["broker", "client", "kafka", "outside", "receiver"]  # fixtures of every test that asks for them

_TEMPLATE = "template_minzheng"
_PROJECTED = "template_projected"
_OPENED = "template_opened"
_HASTE = ("fsync", "full_page_writes")
"""What protects against a crash of the machine, which no test makes: a test of durability starts its own server."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """First the modules that start processes and wait for them: the others keep the cores busy meanwhile."""
    waiting = {
        item.path
        for item in items
        if item.get_closest_marker("slow") or {"broker", "brokers"} & set(getattr(item, "fixturenames", ()))
    }
    items.sort(key=lambda item: item.path not in waiting)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say loudly what could not run on this machine: the tests that miss something note it as `not_run`."""
    missing = {
        str(value)
        for reports in terminalreporter.stats.values()
        for report in reports
        for name, value in getattr(report, "user_properties", ())
        if name == "not_run"
    }
    for text in sorted(missing):
        terminalreporter.write_line(f"*** NOT RUN: {text}", red=True, bold=True)


def shared_directory(factory: pytest.TempPathFactory, worker: str) -> Path:
    """A directory all workers of this run share; under pytest-xdist each has its own below a common one."""
    base = factory.getbasetemp()
    return base.parent if worker != "master" else base


@contextmanager
def _only_one(directory: Path) -> Iterator[None]:
    with (directory / "postgres.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _run(work: Coroutine[Any, Any, None]) -> None:
    """Run to the end in a thread: an async fixture may ask for these while its own loop runs."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


@pytest.fixture(scope="session")
def worker_id(request: pytest.FixtureRequest) -> str:
    """Name of the pytest-xdist worker; "master" without it."""
    config = getattr(request.config, "workerinput", None)
    return str(config["workerid"]) if config else "master"


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[LocalPostgres]:
    """The run's server, shared by its workers; the last to finish stops it and clears up."""
    shared = shared_directory(tmp_path_factory, worker_id)
    with _only_one(shared):
        directory = server_directory(shared)
        postgres = LocalPostgres(directory / "pg")
        _run(_make_template(postgres.url()))
    yield postgres
    with _only_one(shared):
        postgres.stop()
        if not (directory / "pg" / "postmaster.pid").exists():
            shutil.rmtree(directory, ignore_errors=True)


def server_directory(shared: Path) -> Path:
    """Where the run's server lives: outside pytest's own directory.

    Every pytest that starts makes that one private again, and root's server runs as another user. Short, too: a UNIX
    socket's path may have no more than 107 bytes.
    """
    pointer = shared / "postgres.path"
    if not pointer.exists() or not Path(pointer.read_text(encoding="utf-8")).exists():
        pointer.write_text(str(quick_directory()), encoding="utf-8")
    return Path(pointer.read_text(encoding="utf-8"))


async def _make_template(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        if await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1 AND datistemplate", _TEMPLATE):
            return
        for setting in _HASTE:
            await connection.execute(f"ALTER SYSTEM SET {setting} = off")
        await connection.execute("SELECT pg_reload_conf()")
        await connection.execute(f"CREATE DATABASE {_TEMPLATE}")
        await migrate(with_database(url, _TEMPLATE))
        await connection.execute(f"ALTER DATABASE {_TEMPLATE} WITH IS_TEMPLATE true")
    finally:
        await connection.close()


@pytest.fixture(scope="session")
def projected(server: LocalPostgres, tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> str:
    """A second template, with the empty tables of every read model: made once a run. Its name.

    A test that names it (`usefixtures`) begins with those tables; without it, it makes them by itself.
    """
    from tests.integration.projections_support import empty_tables

    shared = shared_directory(tmp_path_factory, worker_id)
    with _only_one(shared):
        if not (shared / "projected").exists():
            _run(_execute(server.url(), f"CREATE DATABASE {_PROJECTED} TEMPLATE {_TEMPLATE}"))
            admin_url = with_database(server.url(), _PROJECTED)
            _run(empty_tables(with_user(admin_url, LOGIN), admin_url))
            _run(_execute(server.url(), f"ALTER DATABASE {_PROJECTED} WITH IS_TEMPLATE true"))
            (shared / "projected").touch()
    return _PROJECTED


@pytest.fixture(scope="session")
def opened(server: LocalPostgres, tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A third template, with the district's divisions opened and projected: made once a run. Its data directory."""
    from tests.fixtures.story import open_district

    shared = shared_directory(tmp_path_factory, worker_id)
    with _only_one(shared):
        directory = shared / "opened"
        if not directory.exists():
            directory.mkdir()
            _run(_execute(server.url(), f"CREATE DATABASE {_OPENED} TEMPLATE {_TEMPLATE}"))
            admin_url = with_database(server.url(), _OPENED)
            _run(open_district(with_user(admin_url, LOGIN), admin_url, directory))
            _run(_execute(server.url(), f"ALTER DATABASE {_OPENED} WITH IS_TEMPLATE true"))
    return directory


@pytest.fixture
def admin_url(server: LocalPostgres, request: pytest.FixtureRequest) -> Iterator[str]:
    """A fresh migrated database, as the superuser sees it: for migrations and for looking behind the scenes."""
    name, template = f"test_{secrets.token_hex(6)}", _TEMPLATE
    if "village" in request.fixturenames:
        request.getfixturevalue("opened")
        template = _OPENED
    elif "projected" in request.fixturenames:
        template = request.getfixturevalue("projected")
    _run(_execute(server.url(), f"CREATE DATABASE {name} TEMPLATE {template}"))
    if template is not _TEMPLATE:  # grants on the database itself do not come with its template
        _run(_execute(server.url(), f"GRANT CREATE ON DATABASE {name} TO minzheng_owner"))
    yield with_database(server.url(), name)
    _run(_execute(server.url(), f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture
def database_url(admin_url: str) -> str:
    """The same database for the run-time login, which takes a role on each connection."""
    return with_user(admin_url, LOGIN)


@pytest.fixture
async def log(database_url: str) -> AsyncIterator[PostgresLog]:
    """An event log on a database of its own."""
    log = PostgresLog(database_url)
    yield log
    await log.close()


@pytest.fixture
def store(log: PostgresLog) -> EventStore:
    """The log as a store of aggregates, under a key that is the same in every test."""
    ring = KeyRing(log, FileMasterKey(bytes(32)))
    return EventStore(log, EventCodec(ring), ring)


@pytest.fixture
async def tables(admin_url: str, database_url: str) -> AsyncIterator[Tables]:
    """The connectors' tables on that database."""
    owner = await connect(admin_url, None)
    await migrate_connectors(owner)
    await owner.close()
    tables = Tables(database_url)
    yield tables
    await tables.close()
