"""From facts to one append: which rows are new, what they change, what contradicts the rules.

A batch of rows becomes one atomic append with a message for each new row. The rows' order is the order of the events.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from hashlib import sha256
from itertools import groupby
from typing import Any, Protocol
from uuid import UUID

from connectors.facts import Fact
from connectors.people import citizen_ids
from connectors.reading.rows import Fault, Parsed, Reason, RowFault
from connectors.world import World
from domain.access import SYSTEM, Actor
from domain.clock import at
from domain.codes import FindingRule
from domain.errors import RuleViolated
from domain.findings import Finding, FindingDraft
from domain.kernel import Aggregate
from infra.codec import Envelope
from infra.keys import KeyRing
from infra.log import Append, HolderKey, Identifier, NewEvent, RecordState, SourceMessage

DISTRICT = "440704"
"""Where a row belongs whose division can't be read."""
_DELETED = "\x1fdeleted"
"""What a source that no longer has a record says of it."""
ERASED_MESSAGE = "此人的个人信息已依法删除，不能再登记；请先确认是否为同一人。"


@dataclass(frozen=True)
class Origin:
    """Where rows come from: the file, when it was exported, who takes it in."""

    source: str
    kind: str
    export_on: date
    file_id: UUID
    file_mark: str
    """What events name as their basis: the beginning of the file's hash, or a topic's partition."""
    actor: Actor = SYSTEM
    medium: str = "file"
    """What the mark is one of: a file, or a topic of Kafka's."""
    taken_on: date | None = None
    """The business date on which it is taken in: from then on a finding is to be looked into."""

    @cached_property
    def exported(self) -> bytes:
        """The export date, as it goes into the messages' hashes."""
        return self.export_on.isoformat().encode()


class Row:
    """A row with its keyed hashes. `record` is empty where the row's key can't be read."""

    __slots__ = ("content", "known", "message", "parsed", "record", "rests")

    def __init__(self, parsed: Parsed, origin: Origin, keyring: KeyRing) -> None:
        self.parsed = parsed
        self.rests = tuple(keyring.digest("row rest", f"{origin.source}\n{rest}")[:16] for rest in parsed.rests)
        self.record = self.content = self.message = b""
        self.known = False
        if parsed.key:
            record = f"{origin.source}\n{parsed.key}"
            self.record = keyring.digest("source record", record)[:16]
            if parsed.fact is not None:
                said = _DELETED if parsed.deleted else parsed.content
                content = keyring.digest("source content", f"{record}\n{said}")
                self.content = content[:16]
                # The half of the keyed hash that is stored nowhere keeps this one a keyed hash too. A message has an
                # identity, by which it is known again; a row is known by what it says and by its export's day.
                mark = parsed.mark.encode() if parsed.mark else origin.exported
                self.message = sha256(content + mark).digest()[:16]


@dataclass(slots=True)
class Decision:
    """What a batch comes to. Nothing of it has happened until its append has succeeded."""

    append: Append
    recorded: int = 0
    duplicates: int = 0
    outdated: int = 0
    findings: int = 0
    faults: list[tuple[Row, Fault]] = field(default_factory=list)
    good: list[Row] = field(default_factory=list)
    """Rows whose record is in the log now: what waited in quarantine for them is mended."""
    touched: dict[UUID, int | None] = field(default_factory=dict)
    """Cases to be looked at once the whole file is in, with how many persons the file says they cover."""
    states: dict[bytes, RecordState] = field(default_factory=dict)
    repeated: int = 0
    """Rows whose very message was known: an append whose answer was lost, where an import goes on."""


class Turn:
    """One batch being decided: what its rows change, in their order."""

    def __init__(self, origin: Origin, world: World) -> None:
        self.origin = origin
        self.world = world
        self.decision = Decision(Append(()))
        self.changed: dict[UUID, Aggregate] = {}
        self.drafts: list[tuple[FindingDraft, Row | None]] = []
        self._events: list[NewEvent] = []
        self._messages: list[SourceMessage] = []
        self._identifiers: list[Identifier] = []
        self._keys: dict[UUID, HolderKey] = {}
        self._said: set[bytes] = set()

    @property
    def export_on(self) -> date:
        """The day the source wrote the file."""
        return self.origin.export_on

    def at(self, day: date) -> datetime:
        """When something happened: on that day, and not after the export."""
        return at(min(day, self.origin.export_on))

    def change(self, aggregate: Aggregate) -> None:
        """This aggregate may have new events of the present row."""
        if aggregate.pending_events:
            self.changed[aggregate.id] = aggregate

    def find(self, drafts: Iterable[FindingDraft], row: Row | None) -> None:
        """Contradictions that the present row shows, or (without one) the file as a whole."""
        self.drafts.extend((draft, row) for draft in drafts)

    def knows(self, row: Row) -> bool:
        """Whether the row's record has been recorded before, from this file or another."""
        return row.known or row.record in self.decision.states

    def repeats(self, row: Row) -> bool:
        """Whether the row says what an earlier row of this batch said; it is counted then."""
        state = self.decision.states.get(row.record)
        if state is None or (state.content != row.content and row.message not in self._said):
            return False
        self.decision.duplicates += 1
        self.decision.good.append(row)
        return True

    def record(self, row: Row) -> None:
        """The present row is understood: encode its events under its own envelope."""
        self._said.add(row.message)
        self._messages.append(
            SourceMessage(self.origin.source, row.message, row.record, row.content, self.origin.export_on)
        )
        self.decision.recorded += 1
        self.decision.good.append(row)
        self.decision.states[row.record] = RecordState(row.content, self.origin.export_on)
        if self.changed:
            self._encode(row)

    def deleted(self, row: Row) -> None:
        """The source no longer has the record: what it said stays, and somebody is to look into it.

        Of a record that was never heard of nothing is lost.
        """
        if not self.knows(row):
            self.decision.duplicates += 1
            return
        fact = row.parsed.fact
        number = getattr(fact, "citizen_id", None)
        person = self.world.person_id(number) if number else None
        self.find(
            (record_deleted(self.origin.source, self.origin.kind, row.record, fact, person, self.export_on),), row
        )
        self.record(row)

    def _encode(self, row: Row | None) -> None:
        changed = tuple(self.changed.values())
        self.changed.clear()
        # Mostly one: an envelope costs as much as sealing an event.
        envelopes = {division: self._envelope(row, division) for division in {one.division_code for one in changed}}
        changes = [(one, envelopes[one.division_code]) for one in changed]
        try:
            part = self.world.store.prepare(changes)
        except RuleViolated:  # a destroyed key: this person or household has been erased
            if row is None:
                raise
            raise Refused(row.parsed.number, Fault(Reason.ERASED, ERASED_MESSAGE)) from None
        self._events.extend(part.events)
        self._identifiers.extend(part.identifiers)
        self._keys.update((key.holder, key) for key in part.keys)

    def _envelope(self, row: Row | None, division: str) -> Envelope:
        actor, mark = self.origin.actor, f"{self.origin.medium}:{self.origin.file_mark}"
        return Envelope(
            actor=actor.name,
            role=actor.role.value,
            org=actor.department,
            division=division,
            basis=mark if row is None else f"{mark}#{row.parsed.number}",
            source=self.origin.source,
            message_id="" if row is None else row.message.hex(),
            correlation_id=self.origin.file_id,
        )

    async def raise_findings(self) -> None:
        """Make findings of the drafts, those excepted that were found before, by a feed or by a rule.

        The first findings had ids of the connectors' own.
        """
        drafts = {Finding.id_for(draft.key): (draft, row) for draft, row in self.drafts}
        former = {id: self.world.derive("finding", draft.key) for id, (draft, _) in drafts.items()}
        known = await self.world.store.load_many(Finding, [*former, *former.values()]) if drafts else {}
        for id, (draft, row) in drafts.items():
            if id not in known and former[id] not in known:
                found_on = self.origin.taken_on or self.export_on
                self.change(Finding.raise_for(id, self.at(self.export_on), found_on=found_on, **draft.fields()))
                self.decision.findings += 1
                self._encode(row)

    def finish(self) -> Decision:
        """The decision, with everything in one append."""
        self.decision.append = Append(
            tuple(self._events), tuple(self._messages), tuple(self._identifiers), tuple(self._keys.values())
        )
        return self.decision


class Refused(Exception):
    """A row that can't be encoded after all; the batch is decided again without it."""

    def __init__(self, number: int, fault: Fault) -> None:
        super().__init__(fault.message)
        self.number = number
        self.fault = fault


class Handler(Protocol):
    """How one kind of rows is decided."""

    async def load(self, facts: Sequence[Any]) -> None:
        """Have at hand whatever these facts may concern."""
        ...

    def runs(self, rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
        """The rows in groups that are decided together."""
        ...

    def apply(self, run: Sequence[Row], turn: Turn) -> None:
        """Report the facts of a group to the aggregates; raises RowFault before anything is changed.

        In a group of several rows it calls `turn.record` for each itself and answers faults by `reject`.
        """
        ...


class Decider:
    """Decides batches of one source, one after the other. `handlers` are by kind."""

    def __init__(self, world: World, handlers: Mapping[str, Handler]) -> None:
        self.world = world
        self._handlers = handlers
        self._recent: list[Decision] = []

    async def start(self) -> None:
        """Begin with a file: know nothing but the log as it stands."""
        self._recent.clear()
        await self.world.start()

    def forget(self) -> None:
        """What was decided came to nothing, or someone else changed something: start from the log."""
        self.world.clear()
        self._recent.clear()

    async def decide(self, parsed: Sequence[Parsed], origin: Origin) -> Decision:
        """What a batch comes to, after the batches decided before it (whether or not they are written yet)."""
        rows = [Row(item, origin, self.world.keyring) for item in parsed]
        refused: dict[int, Fault] = {}
        while True:
            try:
                decision = await self._attempt(rows, origin, refused)
            except Refused as refusal:
                refused[refusal.number] = refusal.fault
                await self.world.settle()
                self.world.keyring.forget(self.world.keyring.take_new())
                self.world.clear()
                continue
            self._recent = [*self._recent[-1:], decision]
            return decision

    async def _attempt(self, rows: Sequence[Row], origin: Origin, refused: Mapping[int, Fault]) -> Decision:
        await self.world.catch_up()
        turn = Turn(origin, self.world)
        fresh = await self._sort_out(rows, turn, refused)
        if fresh:
            handler = self._handlers[origin.kind]
            await handler.load([row.parsed.fact for row in fresh])
            await self.world.ready()
            for deleted, group in groupby(fresh, key=lambda row: row.parsed.deleted):
                for run in singly(list(group)) if deleted else handler.runs(list(group)):
                    _apply(handler, run, turn)
            await turn.raise_findings()
        return turn.finish()

    async def _sort_out(self, rows: Sequence[Row], turn: Turn, refused: Mapping[int, Fault]) -> list[Row]:
        """The rows that say something new, in order; the others are counted."""
        decision, source = turn.decision, turn.origin.source
        understood = []
        for row in rows:
            fault = row.parsed.fault or refused.get(row.parsed.number)
            if fault is None:
                understood.append(row)
            else:
                decision.faults.append((row, fault))
        if not understood:
            return []
        numbers = citizen_ids((row.parsed.fact for row in understood), "citizen_id", "head_id")
        asked = self.world.log.records(source, list({row.record for row in understood}))
        states, _ = await asyncio.gather(asked, self.world.look_up(numbers))
        for recent in self._recent:  # perhaps not written yet when the log was asked
            states.update(recent.states)
        known = await self._known_messages(source, [row for row in understood if row.record in states])
        fresh = []
        changing: set[bytes] = set()
        for row in understood:
            state = states.get(row.record)
            row.known = state is not None
            if row.message in known:
                decision.repeated += 1
                decision.duplicates += 1
                decision.good.append(row)
            elif state is not None and state.export_on > turn.export_on:
                decision.duplicates += 1
                decision.outdated += 1
            elif state is not None and state.content == row.content and row.record not in changing:
                decision.duplicates += 1
                decision.good.append(row)
            else:
                changing.add(row.record)
                fresh.append(row)
        return fresh

    async def _known_messages(self, source: str, rows: Sequence[Row]) -> set[bytes]:
        """Which of these messages are recorded; a record never heard of can have none."""
        known = (
            await self.world.log.known_messages(source, [(row.record, row.message) for row in rows]) if rows else set()
        )
        recent = {message.message for decision in self._recent for message in decision.append.messages}
        return known | recent


def _apply(handler: Handler, run: Sequence[Row], turn: Turn) -> None:
    if len(run) > 1:
        handler.apply(run, turn)
        return
    (row,) = run
    if turn.repeats(row):
        return
    if row.parsed.deleted:
        turn.deleted(row)
        return
    try:
        handler.apply(run, turn)
    except RowFault as fault:
        reject(row, fault, turn)


def reject(row: Row, fault: RowFault, turn: Turn) -> None:
    """The row can't be recorded: it goes to quarantine."""
    turn.changed.clear()
    turn.decision.faults.append((row, Fault(fault.reason, fault.message, fault.fields, ())))


def record_deleted(
    source: str, kind: str, record: bytes, fact: Fact | None, person: UUID | None, on: date
) -> FindingDraft:
    """A source deleted a record of which the log has had something: a person's where it is known whose."""
    subject = f"person:{person}" if person is not None else f"record:{record.hex()}"
    return FindingDraft(
        rule=FindingRule.SOURCE_DELETED,
        subject=subject,
        case_id=None,
        person_id=person,
        month="",
        amount_fen=0,
        detail=f"来源系统（{source}，{kind}）已删除此前报送的一条记录；已登记的内容不变，请核实是否有误。",
        evidence=(f"record:{record.hex()}",),
        division_code=getattr(fact, "division_code", None) or DISTRICT,
        effective_on=on,
        key=f"source_deleted|{source}|{record.hex()}|{on.isoformat()}",
    )


def singly(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    """Each row by itself."""
    return ((row,) for row in rows)


def fact_of(row: Row) -> Fact:
    """The fact of a row that was understood."""
    assert row.parsed.fact is not None, "rows without a fact are sorted out before"
    return row.parsed.fact
