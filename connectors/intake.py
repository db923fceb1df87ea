"""Takes a file's chunks in: decides one while the one before it is being written.

The order of writing is what makes a kill at any moment harmless: first what the append will come to (`intend`), then
the append, then the outcome together with the rows that go to quarantine. A chunk whose outcome is missing is decided
again; its rows are then known to the log, and the counts are those intended.
"""

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

import msgspec

from connectors.deciding import Decider, Decision, Origin, Row
from connectors.facts import Fact
from connectors.ledger import Counts, FileEntry, Ledger, Progress
from connectors.mending import Mending
from connectors.quarantine import Entry, Quarantine
from connectors.reading.frames import Chunk
from connectors.reading.row_reader import RowReader
from connectors.reading.rows import Fault, Parsed, Reason
from domain.errors import IdentifierTaken, Unavailable, VersionConflict
from infra.keys import KeyRing
from infra.log import Append, EventLog

_ATTEMPTS = 8
_THRESHOLDS = (50_000, 20, 50)
"""A batch makes some ten thousand objects that live until it is written, none of them in cycles: looking for cycles
as often as Python does by default costs a seventh of the time."""
_PAUSE = 0.1
"""Seconds to wait before the second attempt, doubled for each further one."""

_unpack = msgspec.msgpack.Decoder().decode


class Overtaken(Exception):
    """The append before this chunk was refused: what was decided on it must be decided again."""


@dataclass(slots=True)
class _Step:
    rows: Sequence[Parsed]
    done: float
    decision: Decision | None = None
    entries: list[Entry] = field(default_factory=list)
    written: "asyncio.Task[bool] | None" = None
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
    _before: _Step | None = None
    """The chunk that is being written."""

    async def run(self, chunks: AsyncIterator[Chunk]) -> None:
        """Take all chunks in. Raises Unavailable where the database stays away, VersionConflict if others keep on."""
        thresholds = gc.get_threshold()
        gc.set_threshold(*_THRESHOLDS)
        try:
            async for chunk in chunks:
                await self._take(_Step(chunk.rows, chunk.done))
        finally:
            gc.set_threshold(*thresholds)
            # Also where the file breaks off: what was read until then stays.
            last, self._before = self._before, None
            if last is not None:
                await self._settled(last, None)
            self.decider.world.settle = _settling(None)

    async def _take(self, step: _Step) -> None:
        before = self._before
        self.decider.world.settle = _settling(before)
        await self._decide_ahead(step)
        if before is not None:
            self._before = None
            await self._settled(before, step)
        if step.decision is None:
            await self._decide(step)
        step.written = asyncio.create_task(self._write(step))
        self._before = step

    async def _decide_ahead(self, step: _Step) -> None:
        try:
            await self._decide(step)
        except Overtaken:
            step.decision = None

    async def _decide(self, step: _Step) -> None:
        decision = await self.decider.decide(step.rows, self.origin)
        if decision.faults:
            await self.keyring.preload([self.entry.key_holder])
        step.entries = [self._entry(row, fault) for row, fault in decision.faults]
        step.decision = decision

    async def _settled(self, step: _Step, ahead: _Step | None) -> None:
        """Wait until the step is written; where it was refused, forget what was decided and do it again."""
        assert step.written is not None
        attempt = 0
        while not await step.written:
            attempt += 1
            for decided in (step, ahead):
                if decided is not None and decided.decision is not None:
                    self.keyring.forget(decided.decision.append.keys)
                    decided.decision = None
            self.decider.forget()
            self.decider.world.settle = _settling(None)
            if attempt == _ATTEMPTS:
                raise VersionConflict("其他人一直在修改同样的记录，导入没有完成；再次导入会从中断处继续。")
            await asyncio.sleep(_PAUSE * 2**attempt)
            await self._decide(step)
            step.written = asyncio.create_task(self._write(step, last=attempt == _ATTEMPTS - 1))

    async def _write(self, step: _Step, *, last: bool = False) -> bool:
        """Write a chunk's append and outcome; False where it was refused or got no answer."""
        decision, row = step.decision, step.rows[-1].number
        assert decision is not None, "written once it is decided"
        counts = self._counts(decision, step)
        if decision.append.messages or decision.append.events:
            if self.ledger is not None:
                await self.ledger.intend(self.entry.id, Progress(row, counts, decision.touched))
            try:
                appended = await self.log.append(decision.append)
            except (VersionConflict, IdentifierTaken):
                return False
            except Unavailable:
                if last:
                    raise
                step.intended = counts  # if it was written after all, this is what it came to
                return False
            if appended.duplicate:  # someone else took the same rows in meanwhile
                return False
            self.keyring.confirm(decision.append.keys)
            self.decider.world.note(appended.first, appended.last)
        counts = await self._outcome(row, counts, step.entries, decision)
        self.counts = counts
        self.touched.update(decision.touched)
        for entry in step.entries:
            key = (entry.fault.reason.label, "、".join(entry.fault.columns))
            self.faults[key] = self.faults.get(key, 0) + 1
        self.report(row, step.done, counts)
        return True

    def _counts(self, decision: Decision, step: _Step) -> Counts:
        """The counts with this chunk. One whose answer was lost comes to what was intended."""
        if decision.repeated and step.intended is not None:
            return step.intended
        if decision.repeated and self.entry.pending is not None and step.rows[-1].number == self.entry.pending_row:
            return self.entry.pending
        return self.counts + Counts(
            read=len(step.rows),
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
        id = self.keyring.derive_id("quarantine", _identity(self.origin, parsed))
        if fault.fields and not fault.columns:
            fault = Fault(fault.reason, fault.message, tuple(sorted(fault.fields)), self.reader.columns(fault.fields))
        rest = row.rests[0] if parsed.fault is not None and row.rests else self._rest(parsed, fault)
        # The record of a row that may be another person's is not the one that waits.
        record = None if fault.reason is Reason.IDENTITY else row.record or None
        return Entry(
            id=id,
            row=parsed.number,
            division_code=parsed.division or _division(parsed.fact),
            fault=fault,
            record=record,
            rest=rest,
            sealed=self.keyring.seal(self.entry.key_holder, parsed.cells, id.bytes),
        )

    def _rest(self, parsed: Parsed, fault: Fault) -> bytes | None:
        if not fault.fields:
            return None
        rest = self.reader.rest(_unpack(parsed.cells), fault.fields)
        return self.keyring.digest("row rest", f"{self.origin.source}\n{rest}")[:16]


def _settling(step: _Step | None) -> Callable[[], Awaitable[None]]:
    """What `World.settle` does while this step is being written: raises Overtaken where it was refused."""

    async def settle() -> None:
        if step is not None and step.written is not None and not await asyncio.shield(step.written):
            raise Overtaken

    return settle


def _identity(origin: Origin, parsed: Parsed) -> str:
    return f"{origin.source}\n{origin.kind}\n{origin.export_on.isoformat()}\n{parsed.cells.hex()}"


def _division(fact: Fact | None) -> str:
    return getattr(fact, "division_code", None) or ""


async def ensure_key(log: EventLog, keyring: KeyRing, holder: UUID) -> None:
    """Have the file's key in the log before anything is sealed under it."""
    await keyring.preload([holder])
    keyring.seal(holder, b"", holder.bytes)
    keys = keyring.take_new()
    if keys:
        await log.append(Append((), keys=keys))
        keyring.confirm(keys)
