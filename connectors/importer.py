"""Takes a source system's file into the log: `import_file`.

Reading goes on in a process of its own, deciding here, one file of a source at a time. The same file again records
nothing; a file that was broken off goes on where it was; a repaired file records what was wrong before and mends it.
"""

import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec

from connectors.checking import record_findings
from connectors.database import Tables
from connectors.dates import export_date
from connectors.deciding import Decider, Decision, Origin
from connectors.intake import Intake
from connectors.ledger import Counts, FileEntry, Ledger
from connectors.mapping import load_override
from connectors.mending import Mending, mending
from connectors.quarantine import Quarantine
from connectors.reading.frames import Start
from connectors.reading.reader import Description
from connectors.reading.rows_of import FileRows, open_rows
from connectors.rehearsal import Rehearsal
from connectors.retry import retry_early
from connectors.sources import SOURCES
from connectors.world import World
from domain.access import SYSTEM, Actor
from domain.errors import BadInput, UnreadableFile
from domain.parameters import Parameters
from infra.codec import EventCodec
from infra.keys import KeyRing, open_master_key
from infra.log import EventLog
from infra.parameters import CurrentParameters
from infra.settings import Settings
from infra.store import EventStore

KEPT_DAYS = 180
"""How long the raw rows of a file stay readable once none of them waits."""
_CHECKED_AT_ONCE = 200
_KEYS = 20_000
"""Data keys kept in memory, a few batches' worth."""


@dataclass(frozen=True, slots=True)
class Seen:
    """How far an import is: rows read, share of the file (0 where unknown), counts so far."""

    row: int
    done: float
    counts: Counts


@dataclass(frozen=True, slots=True)
class Options:
    """How a file is to be taken in. Empty ones are found out from the file."""

    mapping: Path | None = None
    export_on: date | None = None
    sheet: str = ""
    dry_run: bool = False
    actor: Actor = SYSTEM


@dataclass(frozen=True, slots=True)
class Report:
    """What has become of a file. `faults` counts quarantined rows by reason and columns, `skipped` what is no data."""

    path: str
    source: str
    kind: str
    kind_title: str
    format: str
    export_on: date
    counts: Counts
    unused_columns: tuple[str, ...] = ()
    skipped: dict[str, int] = field(default_factory=dict)
    faults: dict[tuple[str, str], int] = field(default_factory=dict)
    resumed: bool = False
    entered: int = 0
    """Rows of this and other files that had waited for something of this one and are in the log now."""
    dry_run: bool = False
    file_id: UUID | None = None

    def as_json(self) -> dict[str, Any]:
        """What `minzheng import --json` prints."""
        counts = self.counts
        return {
            "file": self.path,
            "source": self.source,
            "kind": self.kind,
            "format": self.format,
            "exportOn": self.export_on.isoformat(),
            "read": counts.read,
            "recorded": counts.recorded,
            "duplicates": counts.duplicates,
            "outdated": counts.outdated,
            "quarantined": counts.quarantined,
            "mended": counts.mended,
            "events": counts.events,
            "findings": counts.findings,
            "skipped": self.skipped,
            "unusedColumns": list(self.unused_columns),
            "entered": self.entered,
            "resumed": self.resumed,
            "dryRun": self.dry_run,
        }


@dataclass(slots=True)
class Importer:
    """Takes files in, one after the other. `url` is that of the run-time login, as for the log."""

    log: EventLog
    url: str
    settings: Settings
    _store: EventStore | None = None
    _parameters: CurrentParameters | None = None
    _tables: Tables | None = None
    _deciders: dict[str, Decider] = field(default_factory=dict)

    @property
    def store(self) -> EventStore:
        """The log as a store of aggregates, with a key ring of its own: that of an import is used up and small."""
        if self._store is None:
            self._store = own_store(self.log, self.settings)
        return self._store

    async def parameters(self) -> Parameters:
        """The parameters in force, standards the district has adopted included."""
        if self._parameters is None:
            self._parameters = CurrentParameters(self.store)
        return await self._parameters.get()

    @property
    def tables(self) -> Tables:
        """The connectors' tables."""
        if self._tables is None:
            self._tables = Tables(self.url)
        return self._tables

    async def close(self) -> None:
        """Let go of the connections."""
        if self._tables is not None:
            await self._tables.close()

    async def import_file(
        self,
        path: Path,
        source: str,
        options: Options | None = None,
        progress: Callable[[Seen], None] | None = None,
        described: Callable[[Description, date], None] | None = None,
    ) -> Report:
        """Take one file in.

        `described` is called with what the file is before its rows are taken in, `progress` after each chunk. Raises
        UnreadableFile where the file can't be read or holds something else, BadInput for a wrong mapping file,
        Unavailable where the database goes away; calling again goes on where it was.
        """
        options = options or Options()
        override = load_override(options.mapping) if options.mapping else None
        if override is not None and override.source != source:
            raise BadInput(f"映射文件属于来源“{override.source}”，不是“{source}”。", "mapping")
        rows = await open_rows(path, source, override, options.sheet)
        try:
            today = self.settings.now().date()
            export_on = options.export_on or export_date(path.name, today)
            if export_on > today:
                raise BadInput(f"导出日期 {export_on} 晚于今天 {today}；请核对。", "export_on")
            if described is not None:
                described(rows.description, export_on)
            run = _Run(self, path, rows, export_on, today, options, progress or _silent)
            return await (run.rehearse() if options.dry_run else run.take_in())
        finally:
            await rows.close()

    def forget(self) -> None:
        """What deciders have in memory may not be what the log has: know nothing but that."""
        for decider in self._deciders.values():
            decider.forget()

    def decider(self, source: str) -> Decider:
        """The one decider of a source."""
        if source not in self._deciders:
            self._deciders[source] = new_decider(source, self.store)
        return self._deciders[source]


def own_store(log: EventLog, settings: Settings) -> EventStore:
    """A store on a log for one import: it remembers the keys of recent batches only."""
    keyring = KeyRing(log, open_master_key(settings), capacity=_KEYS)
    return EventStore(log, EventCodec(keyring), keyring)


def new_decider(source: str, store: EventStore) -> Decider:
    """A decider of a source's rows."""
    world = World(store)
    return Decider(world, SOURCES[source].handlers(world))


class _Run:
    """One file's import."""

    def __init__(
        self,
        importer: Importer,
        path: Path,
        rows: FileRows,
        export_on: date,
        today: date,
        options: Options,
        progress: Callable[[Seen], None],
    ) -> None:
        self._importer = importer
        self._path = path
        self._rows = rows
        self._today = today
        self._options = options
        self._progress = progress
        self._sha256 = file_sha256(path)
        layout = rows.description.layout
        self._layout = msgspec.json.encode(layout, order="deterministic")
        identity = "\n".join(
            (layout.source, layout.kind, export_on.isoformat(), self._sha256.hex(), self._layout.decode())
        )
        self._origin = Origin(
            source=layout.source,
            kind=layout.kind,
            export_on=export_on,
            file_id=importer.store.keyring.derive_id("file", identity),
            file_mark=self._sha256.hex()[:16],
            actor=options.actor,
            taken_on=today,
        )

    async def take_in(self) -> Report:
        """Import for good."""
        store = self._importer.store
        # One file at a time in the whole installation: a payment and the death before it would else miss each other.
        async with self._importer.tables.only_one("import"):
            ledger, quarantine = Ledger(self._importer.tables), Quarantine(self._importer.tables)
            known = await ledger.find(self._origin.file_id)
            waits = await quarantine.any_open(self._origin.source, self._origin.kind)
            if known is not None and known.done and not waits:
                counts = Counts(read=known.counts.read, duplicates=known.counts.read)
                return self._report(counts, {}, resumed=False)
            entry = await self._open_entry(store, ledger, known)
            resumed = not entry.done and entry.committed_row > 0
            if entry.done:
                await ledger.begin_again(entry.id)
                entry = replace(entry, done=False, committed_row=0, counts=Counts(), pending_row=None, pending=None)
            keyring = self._importer.store.keyring
            waiting = await mending(quarantine, keyring, self._origin.source, self._origin.kind, self._today)
            decider = self._importer.decider(self._origin.source)
            await decider.start()
            intake = self._intake(store, entry, decider, waiting, ledger, quarantine)
            await intake.run(
                self._rows.chunks(Start(entry.committed_row, self._today, waiting.fields, waiting.anchors))
            )
            counts = await self._check_from_ledger(ledger, decider, intake.counts)
            await ledger.finish(entry.id, counts)
            entered = await retry_early(self._importer, self._options.actor) if counts.recorded else 0
            return self._report(counts, intake.faults, resumed=resumed, entered=entered)

    async def rehearse(self) -> Report:
        """Decide everything and write nothing."""
        rehearsal = Rehearsal(self._importer.log)
        store = own_store(rehearsal, self._importer.settings)
        try:
            entry = self._entry()
            await store.ensure_key(entry.key_holder)
            decider = new_decider(self._origin.source, store)
            await decider.start()
            intake = self._intake(store, entry, decider, Mending(), None, None)
            await intake.run(self._rows.chunks(Start(0, self._today)))
            counts = await self._check(dict(intake.touched), decider, intake.counts)
            return self._report(counts, intake.faults, resumed=False)
        finally:
            await rehearsal.close()

    def _intake(
        self,
        store: EventStore,
        entry: FileEntry,
        decider: Decider,
        waiting: Mending,
        ledger: Ledger | None,
        quarantine: Quarantine | None,
    ) -> Intake:
        return Intake(
            origin=self._origin,
            entry=entry,
            decider=decider,
            log=store.log,
            keyring=store.keyring,
            reader=self._rows.description.layout.reader(self._today),
            ledger=ledger,
            quarantine=quarantine,
            report=lambda row, done, counts: self._progress(Seen(row, done, counts)),
            counts=entry.counts,
            mending=waiting,
        )

    def _entry(self) -> FileEntry:
        expires_on = self._today + timedelta(days=KEPT_DAYS)
        return FileEntry(
            id=self._origin.file_id,
            source=self._origin.source,
            kind=self._origin.kind,
            sha256=self._sha256,
            export_on=self._origin.export_on,
            key_holder=uuid4(),
            expires_on=expires_on,
            layout=self._layout,
        )

    async def _open_entry(self, store: EventStore, ledger: Ledger, known: FileEntry | None) -> FileEntry:
        """The ledger's entry; the file's name is sealed under its key, and a key that expired is renewed."""
        if known is not None and known.name is not None:
            await store.ensure_key(known.key_holder)
            return known
        new = self._entry()
        await store.ensure_key(new.key_holder)
        name = store.keyring.seal(new.key_holder, self._path.name.encode(), new.id.bytes)
        await ledger.enter(replace(new, name=name))
        entry = await ledger.find(new.id)
        assert entry is not None, "it has just been entered"
        return entry

    async def _check_from_ledger(self, ledger: Ledger, decider: Decider, counts: Counts) -> Counts:
        while cases := await ledger.unchecked(self._origin.file_id, _CHECKED_AT_ONCE):
            decision = await self._checked(cases, decider)
            counts = counts + Counts(events=len(decision.append.events), findings=decision.findings)
            await ledger.checked(self._origin.file_id, list(cases), counts)
        return counts

    async def _check(self, cases: dict[UUID, int | None], decider: Decider, counts: Counts) -> Counts:
        ids = list(cases)
        for start in range(0, len(ids), _CHECKED_AT_ONCE):
            part = {id: cases[id] for id in ids[start : start + _CHECKED_AT_ONCE]}
            decision = await self._checked(part, decider)
            counts = counts + Counts(events=len(decision.append.events), findings=decision.findings)
        return counts

    async def _checked(self, cases: dict[UUID, int | None], decider: Decider) -> Decision:
        parameters = await self._importer.parameters()
        return await record_findings(decider, cases, parameters, self._origin)

    def _report(self, counts: Counts, faults: dict[tuple[str, str], int], *, resumed: bool, entered: int = 0) -> Report:
        description = self._rows.description
        return Report(
            path=str(self._path),
            source=self._origin.source,
            kind=self._origin.kind,
            kind_title=description.kind_title,
            format=description.format,
            export_on=self._origin.export_on,
            counts=counts,
            unused_columns=description.unused,
            skipped=dict(self._rows.skipped),
            faults=faults,
            resumed=resumed,
            entered=entered,
            dry_run=self._options.dry_run,
            file_id=None if self._options.dry_run else self._origin.file_id,
        )


def _silent(seen: Seen) -> None:
    """Nobody watches."""


def file_sha256(path: Path) -> bytes:
    """The hash of a file's content; raises UnreadableFile where it can't be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except OSError as error:
        raise UnreadableFile(f"文件打不开（{error.strerror}）；请检查路径和权限。") from None


@asynccontextmanager
async def opened_importer(log: EventLog, url: str, settings: Settings) -> AsyncIterator[Importer]:
    """An importer that is closed at the end."""
    importer = Importer(log, url, settings)
    try:
        yield importer
    finally:
        await importer.close()


async def import_file(
    path: Path,
    source: str,
    *,
    log: EventLog,
    url: str,
    settings: Settings,
    options: Options | None = None,
    progress: Callable[[Seen], None] | None = None,
) -> Report:
    """Take one file in; see Importer.import_file."""
    async with opened_importer(log, url, settings) as importer:
        return await importer.import_file(path, source, options, progress)


__all__ = ["Importer", "Options", "Report", "Seen", "import_file", "new_decider", "opened_importer", "own_store"]
