"""What is noted of a topic beside the log: rows that wait, cases to be looked at, and the key that seals them.

A topic has a new entry and key each month, as a file has: what waits of it can be read for as long as a file's rows.
"""

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache
from hashlib import sha256
from uuid import UUID, uuid4

import asyncpg
import msgspec

from connectors.checking import record_findings
from connectors.database import LOCK, UNLOCK, locked
from connectors.deciding import Decision, Origin
from connectors.importer import KEPT_DAYS, Importer
from connectors.kafka.frames import Rows
from connectors.kafka.topics import Partition
from connectors.ledger import FileEntry, Ledger
from connectors.quarantine import Entry, Quarantine
from connectors.reading.reader import Layout
from connectors.reading.row_reader import RowReader
from connectors.retry import retry_early
from connectors.setting_aside import entry_of, with_columns
from infra.database import connect
from infra.log.failures import translated

_WANTED = """
SELECT EXISTS (SELECT FROM pg_locks held JOIN pg_locks wanted USING (locktype, database, classid, objid, objsubid)
WHERE locktype = 'advisory' AND held.pid = pg_backend_pid() AND held.granted AND NOT wanted.granted)"""
_LOOK_AGAIN = 50
"""Batches after which it is asked anew whether anything waits."""
_RETRY_EVERY = 2.0
"""Seconds between two looks at what came too early, while something enters that it may have waited for."""


class Streams:
    """The connectors' tables as an inbound worker uses them."""

    def __init__(self, importer: Importer) -> None:
        self._importer = importer
        self._ledger = Ledger(importer.tables)
        self._quarantine = Quarantine(importer.tables)
        self._entries: dict[UUID, FileEntry] = {}
        self._lock: asyncpg.Connection | None = None
        self._waiting: dict[tuple[str, str], bool] = {}
        self._unchecked: dict[UUID, tuple[Origin, dict[UUID, int | None]]] = {}
        """Cases that rows in the log have changed, by what these came from; noted in the ledger, too."""
        self._entered = False
        """Whether anything was recorded since what came too early was last looked at."""
        self._looked_at = 0.0
        self._batches = 0

    @asynccontextmanager
    async def importing(self) -> AsyncIterator[None]:
        """Hold the lock that files and messages are taken in under, one after the other.

        Raises Unavailable where PostgreSQL is away. What fails within gives its lock back with the connection, which
        asks nothing of a server that may not answer.
        """
        try:
            with translated():
                if self._lock is None or self._lock.is_closed():
                    self._lock = await connect(self._importer.url, "appender")
                await self._lock.execute(LOCK, locked("import"))
            yield
            # A connection that broke has given its lock back; what is written is fenced by its place in any case.
            with translated():
                if not self._lock.is_closed():
                    await self._lock.execute(UNLOCK, locked("import"))
        except BaseException:
            self.close()
            raise

    async def wanted(self) -> bool:
        """Whether somebody waits for the lock that is held, or it is held no longer. Raises Unavailable."""
        if self._lock is None or self._lock.is_closed():
            return True
        with translated():
            return bool(await self._lock.fetchval(_WANTED))

    async def entry(self, partition: Partition, rows: Rows) -> FileEntry:
        """The entry under which rows of this layout and month are kept; made where there is none."""
        keyring, today = self._importer.store.keyring, self._importer.settings.now().date()
        name = f"{partition.topic}\n{rows.kind}\n{today:%Y-%m}\n{rows.layout.decode()}"
        id = keyring.derive_id("stream", name)
        if id not in self._entries:
            found = await self._ledger.find(id)
            if found is None:
                found = FileEntry(
                    id=id,
                    source=rows.source,
                    kind=rows.kind,
                    sha256=sha256(name.encode()).digest(),
                    export_on=today.replace(day=1),
                    key_holder=uuid4(),
                    expires_on=_month_later(today) + timedelta(days=KEPT_DAYS),
                    layout=rows.layout,
                    done=True,
                )
                await self._importer.store.ensure_key(found.key_holder)
                sealed = keyring.seal(found.key_holder, partition.topic.encode(), id.bytes)
                await self._ledger.enter(replace(found, name=sealed))
                found = await self._ledger.find(id) or found  # another worker's, if that was first
            self._entries[id] = found
        return self._entries[id]

    async def sealed(self, file: FileEntry, rows: Rows, decision: Decision) -> list[Entry]:
        """What can't be recorded, as it goes to quarantine."""
        if not decision.faults:
            return []
        keyring, today = self._importer.store.keyring, self._importer.settings.now().date()
        await keyring.preload([file.key_holder])

        def columns(fields: Sequence[str]) -> tuple[str, ...]:
            return _reader(rows.layout, today).columns(fields)

        return [
            entry_of(row, with_columns(fault, columns), file, row.parsed.mark, None, keyring)
            for row, fault in decision.faults
        ]

    async def put_aside(self, origin: Origin, entries: Sequence[Entry], decision: Decision) -> None:
        """Before the place is passed: what can't be recorded goes to quarantine, what is to be looked at is noted."""
        if not entries and not decision.touched:
            return
        async with self._importer.tables.transaction(durable=True) as connection:
            await self._quarantine.add(connection, origin, entries)
            await self._ledger.note_unchecked(connection, origin.file_id, decision.touched)
        if entries:
            self._waiting[origin.source, origin.kind] = True

    async def settle(self, origin: Origin, decision: Decision) -> None:
        """After the append, and before anything else is put aside: mend what waited for these rows."""
        if decision.touched:
            self._unchecked.setdefault(origin.file_id, (origin, {}))[1].update(decision.touched)
        if not decision.recorded:
            return
        self._entered = True
        self._batches += 1
        if self._batches % _LOOK_AGAIN == 0:
            self._waiting.clear()
        if await self._waits(origin.source, origin.kind):
            async with self._importer.tables.transaction() as connection:
                await self._quarantine.mend(connection, origin, decision.good)

    async def look_after(self) -> None:
        """Look at the cases that were changed, let early rows in. For when all that was decided stands in the log."""
        while self._unchecked:
            _, (origin, cases) = self._unchecked.popitem()
            await self._check(origin, cases)
        await self.let_in()

    async def let_in(self) -> None:
        """Read again what came too early, where something has entered since; not with every single message."""
        if self._entered and time.monotonic() - self._looked_at >= _RETRY_EVERY:
            self._entered, self._looked_at = False, time.monotonic()
            await retry_early(self._importer)

    async def check_leftovers(self) -> None:
        """Look at the cases that a worker had noted when it was cut off."""
        self._unchecked.clear()  # our own are among them
        if not await self._ledger.all_unchecked():
            return
        async with self.importing():  # by now whoever is at work has looked at theirs
            for file_id, cases in (await self._ledger.all_unchecked()).items():
                entry = await self._ledger.find(file_id)
                if entry is not None and entry.done:  # a file that is being imported looks after its own
                    origin = Origin(entry.source, entry.kind, entry.export_on, entry.id, "")
                    await self._check(origin, cases)

    async def _check(self, origin: Origin, cases: dict[UUID, int | None]) -> None:
        parameters = await self._importer.parameters()
        await record_findings(self._importer.decider(origin.source), cases, parameters, origin)
        await self._ledger.checked(origin.file_id, list(cases))

    async def _waits(self, source: str, kind: str) -> bool:
        if (source, kind) not in self._waiting:
            self._waiting[source, kind] = await self._quarantine.any_open(source, kind)
        return self._waiting[source, kind]

    def close(self) -> None:
        """Let go of the lock's connection, and so of the lock."""
        if self._lock is not None:
            self._lock.terminate()
            self._lock = None


@lru_cache(maxsize=64)
def _reader(layout: bytes, today: date) -> RowReader:
    return msgspec.json.decode(layout, type=Layout).reader(today)


def _month_later(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)
