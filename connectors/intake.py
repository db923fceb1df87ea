"""Takes a file's chunks in: decides one while the one before it is being written.

The order of writing is what makes a kill at any moment harmless: first what the append will come to (`intend`), then
the append, then the outcome together with the rows that go to quarantine. A chunk whose outcome is missing is decided
again; its rows are then known to the log, and the counts are those intended.
"""

import gc
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from uuid import UUID

import msgspec

from connectors.deciding import Decider, Decision, Origin, Row
from connectors.ledger import Counts, FileEntry, Ledger, Progress
from connectors.mending import Mending
from connectors.pipeline import Batch, Outcome, Pipeline
from connectors.quarantine import Entry, Quarantine
from connectors.reading.frames import Chunk
from connectors.reading.row_reader import RowReader
from connectors.reading.rows import Fault, Parsed
from connectors.setting_aside import entry_of, with_columns
from domain.errors import IdentifierTaken, Unavailable, VersionConflict
from infra.keys import KeyRing
from infra.log import EventLog

_THRESHOLDS = (50_000, 20, 50)
"""A batch makes some ten thousand objects that live until it is written, none of them in cycles: looking for cycles
as often as Python does by default costs a seventh of the time."""

_PAUSE = 0.1
"""Seconds before a chunk that was refused is decided again, doubled for each further time."""

_unpack = msgspec.msgpack.Decoder().decode


@dataclass(slots=True, kw_only=True)
class _Chunk(Batch):
    done: float
    entries: list[Entry] = field(default_factory=list)
    intended: Counts | None = None


@dataclass(slots=True)
class Intake:
    """One file being taken in. Without a ledger nothing is noted: a dry run."""

    origin: Origin
    entry: FileEntry
    decider: Decider
    log: EventLog
    keyring: KeyRing
    reader: RowReader
    ledger: Ledger | None
    quarantine: Quarantine | None
    report: Callable[[int, float, Counts], None]
    counts: Counts
    mending: Mending
    """What waits of this kind in quarantine, which these rows may mend."""
    faults: dict[tuple[str, str], int] = field(default_factory=dict)
    touched: dict[UUID, int | None] = field(default_factory=dict)

    async def run(self, chunks: AsyncIterator[Chunk]) -> None:
        """Take all chunks in. Raises Unavailable where the database stays away, VersionConflict if others keep on."""
        pipeline = Pipeline(
            self._decide, self._write, _PAUSE, "其他人一直在修改同样的记录，导入没有完成；再次导入会从中断处继续。"
        )
        thresholds = gc.get_threshold()
        gc.set_threshold(*_THRESHOLDS)
        try:
            async for chunk in chunks:
                await pipeline.take(_Chunk(rows=chunk.rows, done=chunk.done, origin=self.origin, decider=self.decider))
        finally:
            gc.set_threshold(*thresholds)
            await pipeline.finish()  # also where the file breaks off: what was read until then stays

    async def _decide(self, chunk: _Chunk) -> Decision:
        decision = await self.decider.decide(chunk.rows, self.origin)
        if decision.faults:
            await self.keyring.preload([self.entry.key_holder])
        chunk.entries = [self._entry(row, fault) for row, fault in decision.faults]
        return decision

    async def _write(self, chunk: _Chunk, last: bool) -> Outcome:
        """Write a chunk's append and outcome. One that got no answer is decided anew: the log knows what it has."""
        decision, row = chunk.decision, chunk.rows[-1].number
        assert decision is not None, "written once it is decided"
        counts = self._counts(decision, chunk)
        if decision.append.messages or decision.append.events:
            if self.ledger is not None:
                await self.ledger.intend(self.entry.id, Progress(row, counts, decision.touched))
            try:
                appended = await self.log.append(decision.append)
            except (VersionConflict, IdentifierTaken):
                return Outcome.REFUSED
            except Unavailable:
                if last:
                    raise
                chunk.intended = counts  # if it was written after all, this is what it came to
                return Outcome.REFUSED
            if appended.duplicate:  # someone else took the same rows in meanwhile
                return Outcome.REFUSED
            self.keyring.confirm(decision.append.keys)
            self.decider.world.note(appended.first, appended.last)
        self.counts = await self._outcome(row, counts, chunk.entries, decision)
        self.touched.update(decision.touched)
        for entry in chunk.entries:
            key = (entry.fault.reason.label, "、".join(entry.fault.columns))
            self.faults[key] = self.faults.get(key, 0) + 1
        self.report(row, chunk.done, self.counts)
        return Outcome.WRITTEN

    def _counts(self, decision: Decision, chunk: _Chunk) -> Counts:
        """The counts with this chunk. One whose answer was lost comes to what was intended."""
        if decision.repeated and chunk.intended is not None:
            return chunk.intended
        if decision.repeated and self.entry.pending is not None and chunk.rows[-1].number == self.entry.pending_row:
            return self.entry.pending
        return self.counts + Counts(
            read=len(chunk.rows),
            recorded=decision.recorded,
            duplicates=decision.duplicates,
            outdated=decision.outdated,
            quarantined=len(decision.faults),
            events=len(decision.append.events),
            findings=decision.findings,
        )

    async def _outcome(self, row: int, counts: Counts, entries: list[Entry], decision: Decision) -> Counts:
        if self.ledger is None or self.quarantine is None:
            return counts
        async with self.ledger.tables.transaction() as connection:
            if candidates := self.mending.candidates(decision.good):
                mended = await self.quarantine.mend(connection, self.origin, candidates)
                counts = replace(counts, mended=counts.mended + mended)
            if entries:
                await self.quarantine.add(connection, self.origin, entries)
                self.mending.add(entries)
            await self.ledger.commit(connection, self.entry.id, Progress(row, counts, {}))
        return counts

    def _entry(self, row: Row, fault: Fault) -> Entry:
        """A row for quarantine. A record is found again by its key, or by what is left without the faulty fields."""
        parsed = row.parsed
        fault = with_columns(fault, self.reader.columns)
        rest = row.rests[0] if parsed.fault is not None and row.rests else self._rest(parsed, fault)
        return entry_of(row, fault, self.entry, self.origin.export_on.isoformat(), rest, self.keyring)

    def _rest(self, parsed: Parsed, fault: Fault) -> bytes | None:
        if not fault.fields:
            return None
        rest = self.reader.rest(_unpack(parsed.cells), fault.fields)
        return self.keyring.digest("row rest", f"{self.origin.source}\n{rest}")[:16]
