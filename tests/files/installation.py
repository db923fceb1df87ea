"""An installation to import into, and what can be seen of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from connectors.importer import Importer, Options, Report, own_store
from connectors.quarantine import Quarantine, Quarantined
from connectors.schema import migrate_connectors
from domain.kernel import Aggregate, Event
from infra.database import connect
from infra.log import EventLog, PostgresLog
from infra.settings import Settings

TODAY = date(2015, 12, 31)


@dataclass(slots=True)
class Installation:
    """One importer on a database of its own."""

    importer: Importer
    log: EventLog
    folder: Path

    async def take(self, path: Path, source: str, on: str = "2015-12-31", **options: Any) -> Report:
        """Import a file exported on a day."""
        return await self.importer.import_file(path, source, Options(export_on=date.fromisoformat(on), **options))

    def as_new_process(self) -> None:
        """Forget everything that a new process would not know."""
        self.importer._deciders.clear()
        self.importer._store = None

    async def events(self, topic: str = "") -> list[Event]:
        """Every event in order, or those of one topic."""
        store = own_store(self.log, self.importer.settings)
        rows = await self.log.read(0, 1_000_000)
        await store.keyring.preload(store.codec.holders(rows))
        return [store.codec.decode(row) for row in rows if topic in ("", row.topic)]

    async def story(self) -> list[Any]:
        """The log's content without what differs from run to run: ids become numbers by first appearance."""
        names: dict[str, str] = {}
        return [_plain(event, names) for event in await self.events()]

    async def person(self, citizen_id: str) -> Any:
        """The person as it stands."""
        store = own_store(self.log, self.importer.settings)
        id = await store.find_person(citizen_id)
        assert id is not None
        return await self.aggregate(id)

    async def aggregate(self, id: UUID) -> Any:
        """Any aggregate as it stands."""
        store = own_store(self.log, self.importer.settings)
        return (await store.load_many(Aggregate, [id]))[id]

    async def derived(self, kind: str, *parts: str) -> Any:
        """The aggregate that a source calls this."""
        store = own_store(self.log, self.importer.settings)
        return await self.aggregate(store.keyring.derive_id(kind, "\x1f".join(parts)))

    async def waiting(self, state: str = "open") -> list[Quarantined]:
        """Rows in quarantine by row number."""
        rows = await Quarantine(self.importer.tables).rows(state=state)
        return sorted(rows, key=lambda row: row.row_number)


def settings_of(folder: Path) -> Settings:
    """Settings of an installation whose keys lie in a folder."""
    return Settings(data_dir=folder, today=TODAY)


@asynccontextmanager
async def installed(admin_url: str, database_url: str, folder: Path) -> AsyncIterator[Installation]:
    """An installation on a fresh database."""
    connection = await connect(admin_url, None)
    try:
        await migrate_connectors(connection)
    finally:
        await connection.close()
    log = PostgresLog(database_url)
    importer = Importer(log, database_url, settings_of(folder))
    try:
        yield Installation(importer, log, folder)
    finally:
        await importer.close()
        await log.close()


def _plain(event: Event, names: dict[str, str]) -> Any:
    fields = {key: _named(value, names) for key, value in vars(event).items()}
    return type(event).__qualname__, msgspec.to_builtins(fields, str_keys=True)


def _named(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, UUID):
        return names.setdefault(str(value), f"#{len(names)}")
    if isinstance(value, tuple):
        return [_named(item, names) for item in value]
    if isinstance(value, str) and value[-37:-36] == ":":
        return f"{value[:-36]}{names.setdefault(value[-36:], f'#{len(names)}')}"
    return value
