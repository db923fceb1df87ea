"""The composition root: the one place where settings become servers, the log, keys, the store and the dispatcher.

Nothing connects at import; a command opens one Platform and everything it opened is closed with it.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import domain.contexts
from connectors.schema import migrate_connectors
from domain.access import SYSTEM
from domain.care.age_roll import WithoutAllowance
from domain.care.premium import PremiumCandidates
from domain.clock import at
from domain.funds.due import DueCases
from domain.grid.alone import AloneUnvisited
from domain.kernel import Reading
from domain.registry import Division
from domain.registry.divisions import official_divisions
from domain.registry.operators import FacilitiesRunBy, ResidentsOf
from domain.relief.vulnerable import VulnerablePersons
from domain.simulation import Supported
from infra.codec import Envelope, EventCodec
from infra.database import connect, runtime_url, with_database
from infra.dispatch import Dispatcher, Reader
from infra.keys import KeyRing, open_master_key
from infra.local_postgres import LocalPostgres
from infra.log import EventLog, PostgresLog, SourceMessage
from infra.migrate import migrate
from infra.rights import Rights
from infra.settings import Settings
from infra.store import EventStore
from projections import PROJECTIONS
from projections.care.ages import without_allowance_reader
from projections.care.houses import residents_reader, run_by_reader
from projections.care.premiums import candidates_reader
from projections.funds.due import due_reader
from projections.funds.simulation import supported_reader
from projections.grid.alone import alone_reader
from projections.kernel.runner import Runner, migrate_projections
from projections.relief.vulnerable import vulnerable_reader

DATABASE = "minzheng"
"""The embedded server's database."""


@dataclass(frozen=True, slots=True)
class Databases:
    """Where the database is: `url` for run-time connections, `admin_url` for migrations."""

    url: str
    admin_url: str


@dataclass(frozen=True, slots=True)
class Platform:
    """Everything a command works with. `codec` and `keyring` are shared by whoever runs on this event loop."""

    settings: Settings
    databases: Databases
    log: EventLog
    keyring: KeyRing
    codec: EventCodec
    store: EventStore
    dispatcher: Dispatcher

    def runner(self, names: tuple[str, ...] = ()) -> Runner:
        """A projection runner for the named projections; for all of them when none is named."""
        chosen = [p for p in PROJECTIONS if not names or p.name in names]
        return Runner(self.log, self.codec, self.databases.url, chosen)


@asynccontextmanager
async def open_platform(settings: Settings) -> AsyncIterator[Platform]:
    """Open the platform: start or join the embedded server where no database is set, bring the schema up to date."""
    async with AsyncExitStack() as stack:
        databases = await _databases(settings, stack)
        if not settings.database_url:
            await migrate_all(databases)
        log = PostgresLog(databases.url)
        stack.push_async_callback(log.close)
        keyring = KeyRing(log, open_master_key(settings))
        codec = EventCodec(keyring)
        store = EventStore(log, codec, keyring)
        rights = Rights(store, settings.now, strict=settings.mode == "production")
        dispatcher = Dispatcher(store, settings.now, rights, readers(log, databases.url))
        yield Platform(settings, databases, log, keyring, codec, store, dispatcher)


def readers(log: EventLog, url: str) -> dict[type[Reading], Reader]:
    """Who answers what commands wish to know of the read models."""
    return {
        DueCases: due_reader(log, url),
        Supported: supported_reader(log, url),
        PremiumCandidates: candidates_reader(log, url),
        AloneUnvisited: alone_reader(log, url),
        VulnerablePersons: vulnerable_reader(log, url),
        FacilitiesRunBy: run_by_reader(log, url),
        ResidentsOf: residents_reader(log, url),
        WithoutAllowance: without_allowance_reader(log, url),
    }


async def migrate_all(databases: Databases) -> None:
    """Bring the log's, the connectors' and the projections' schemas up to date; safe to repeat."""
    await migrate(databases.admin_url)
    connection = await connect(databases.admin_url, None)
    try:
        await migrate_connectors(connection)
        await migrate_projections(connection)
    finally:
        await connection.close()


async def open_divisions(platform: Platform) -> int:
    """Record the official divisions as events, once; returns how many were new."""
    events = 0
    pending: list[Division] = []
    messages: list[SourceMessage] = []
    for record in official_divisions():
        key = platform.keyring.digest("division", record.code)[:16]
        content = platform.keyring.digest("division content", repr(record))[:16]
        messages.append(SourceMessage("divisions", content, key, content, record.from_on))
        pending.append(
            Division.open(
                platform.keyring.derive_id("division", record.code),
                at(record.from_on),
                code=record.code,
                name=record.name,
                parent_code=record.parent_code,
                kind=record.kind,
                from_on=record.from_on,
            )
        )
    known = await platform.log.known_messages("divisions", [(m.record, m.message) for m in messages])
    fresh = [(d, m) for d, m in zip(pending, messages, strict=True) if m.message not in known]
    if fresh:
        envelope = Envelope(
            actor=SYSTEM.name, role=SYSTEM.role.value, source="divisions", basis="GB/T 2260、GB/T 10114"
        )
        await platform.store.save([d for d, _ in fresh], envelope, [m for _, m in fresh])
        events = len(fresh)
    return events


async def _databases(settings: Settings, stack: AsyncExitStack) -> Databases:
    if settings.database_url:
        return Databases(url=settings.database_url, admin_url=settings.database_url)
    server = await asyncio.to_thread(LocalPostgres, settings.data_dir / "postgres")
    stack.push_async_callback(asyncio.to_thread, server.stop)
    admin = server.url()
    connection = await connect(admin, None)
    try:
        if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", DATABASE):
            await connection.execute(f"CREATE DATABASE {DATABASE}")
    finally:
        await connection.close()
    admin = with_database(admin, DATABASE)
    return Databases(url=runtime_url(settings, admin), admin_url=admin)


__all__ = ["Databases", "Platform", "domain", "migrate_all", "open_divisions", "open_platform"]
