"""Aggregates in and out of the log: loads streams and replays them, saves several aggregates as one append."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar, cast
from uuid import UUID

from domain.errors import VersionConflict
from domain.kernel import Aggregate, Event, replayed, tags_of, tags_of_first
from infra.codec import Envelope, EventCodec
from infra.keys import KeyRing
from infra.log import Append, Appended, EventLog, Identifier, LogEvent, NewEvent, SourceMessage, pages

A = TypeVar("A", bound=Aggregate)

_CHUNK = 200
IDENTIFIER_FIELDS = {"citizen_id": "citizen_id", "request_no": "request_no"}
"""Event fields that identify their aggregate to the outside, and the kind they are found by."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """Where a message stands in the log: its last position and the streams it changed, in order."""

    last: int
    streams: tuple[UUID, ...]


class EventStore:
    """The log as a store of aggregates."""

    def __init__(self, log: EventLog, codec: EventCodec, keyring: KeyRing) -> None:
        self.log = log
        self.codec = codec
        self.keyring = keyring

    async def load(self, kind: type[A], id: UUID) -> A | None:
        """The aggregate as of now; None where there is none of that kind."""
        return (await self.load_many(kind, [id])).get(id)

    async def load_many(
        self, kind: type[A], ids: Sequence[UUID], upto: int | None = None, *, with_personal: bool = True
    ) -> dict[UUID, A]:
        """Those of the aggregates that exist, by two queries for every few hundred; as of position `upto` if given.

        Without `with_personal` nothing is decrypted: personal fields read ERASED, and nothing may be saved.
        """
        found: dict[UUID, A] = {}
        for start in range(0, len(ids), _CHUNK):  # replaying thousands at once would keep everybody else waiting
            found |= await self._load(kind, ids[start : start + _CHUNK], upto, with_personal)
        return found

    async def _load(self, kind: type[A], ids: Sequence[UUID], upto: int | None, with_personal: bool) -> dict[UUID, A]:
        streams = await self.log.streams(list(ids))
        if upto is not None:
            streams = {id: [row for row in rows if row.position <= upto] for id, rows in streams.items()}
        if with_personal:
            await self.keyring.preload(self.codec.holders(row for rows in streams.values() for row in rows))
        found = {}
        for id, rows in streams.items():
            aggregate = self.replay(rows, with_personal=with_personal)
            if isinstance(aggregate, kind):
                found[id] = aggregate
        return found

    async def history(self, kind: type[A], id: UUID) -> tuple[Event, ...]:
        """The events of one stream, oldest first; none where there is no aggregate of that kind."""
        rows = await self.log.stream(id)
        await self.keyring.preload(self.codec.holders(rows))
        events = tuple(self.codec.decode(row) for row in rows)
        return events if isinstance(replayed(events), kind) else ()

    async def load_tagged(self, kind: type[A], tags: Sequence[str]) -> dict[UUID, A]:
        """The aggregates of a kind that have an event with one of these tags."""
        topics = {event.TOPIC for event in vars(kind).values() if isinstance(event, type) and issubclass(event, Event)}
        ids: dict[UUID, None] = {}
        for tag in tags:
            async for rows in pages(self.log, tag):
                ids.update((row.stream_id, None) for row in rows if row.topic in topics)
        return await self.load_many(kind, list(ids))

    def replay(self, rows: Iterable[LogEvent], *, with_personal: bool = True) -> Aggregate | None:
        """The aggregate that a stream's rows make; the keys must be loaded."""
        aggregate: Aggregate | None = None
        for row in rows:
            event = self.codec.decode(row, with_personal=with_personal)
            aggregate = event.mutate(aggregate)
        return aggregate

    async def find_person(self, citizen_id: str) -> UUID | None:
        """The person with this 18-digit citizen ID."""
        digest = self.keyring.digest("citizen_id", citizen_id)
        return (await self.log.identifiers([digest])).get(digest)

    async def recorded_by(self, message: SourceMessage) -> Recorded:
        """Where a known message stands; appending it again writes nothing and answers with its positions."""
        appended = await self.log.append(Append((), (message,)))
        rows = await self.log.read(appended.first - 1, appended.last - appended.first + 1)
        return Recorded(appended.last, tuple(dict.fromkeys(row.stream_id for row in rows)))

    async def save(
        self, aggregates: Iterable[Aggregate], envelope: Envelope, messages: Sequence[SourceMessage] = ()
    ) -> Appended:
        """Append the pending events of all these aggregates, or none of them.

        Raises what `EventLog.append` raises; the aggregates are spent then and must be loaded anew.
        """
        changed = list(aggregates)
        await self.keyring.preload(self.codec.pending_holders(changed))
        return await self.append(self.prepare(((a, envelope) for a in changed), messages))

    async def append(self, item: Append) -> Appended:
        """Append what `prepare` made. New keys count as the log's only once an append that holds them succeeded."""
        try:
            appended = await self.log.append(item)
        except BaseException:
            self.keyring.forget(item.keys)
            raise
        if appended.duplicate:
            self.keyring.forget(item.keys)
        else:
            self.keyring.confirm(item.keys)
        return appended

    async def ensure_key(self, holder: UUID) -> None:
        """See to it that the holder's key stands in the log before anything outside the log is sealed under it.

        What an event seals comes with its key in the same append; a file does not, and would be lost with a key whose
        append failed. Raises RuleViolated where the key has been destroyed.
        """
        for attempt in (1, 2):
            await self.keyring.preload([holder])
            self.keyring.seal(holder, b"", b"")
            made = self.keyring.take_new()
            if not made:
                return
            try:
                await self.append(Append((), keys=made))
            except VersionConflict:
                if attempt == 2:
                    raise

    def prepare(self, changes: Iterable[tuple[Aggregate, Envelope]], messages: Sequence[SourceMessage] = ()) -> Append:
        """One append of the aggregates' pending events, each under its envelope; the keys must be loaded."""
        events: list[NewEvent] = []
        identifiers: list[Identifier] = []
        for aggregate, envelope in changes:
            own = envelope if envelope.division else replace(envelope, division=aggregate.division_code)
            for event in cast("Sequence[Event]", aggregate.collect_events()):
                events.append(self.codec.encode(event, own, tags_of(aggregate, event)))
                identifiers.extend(self._identifiers(event))
        return Append(tuple(events), tuple(messages), tuple(identifiers), self.keyring.take_new())

    async def append_first(self, kind: type[Aggregate], events: Sequence[Event], envelope: Envelope) -> Appended:
        """Append first events of aggregates of a kind that adds no subjects and identifies nobody to the outside.

        They are not made for it: that is half the time of a bulk run. Raises what `save` raises.
        """
        await self.keyring.preload(self.codec.holders_of(events))
        divisions = {getattr(event, "division_code", "") for event in events}
        own = {division: replace(envelope, division=division) for division in divisions}
        encoded = tuple(
            self.codec.encode(event, own[getattr(event, "division_code", "")], tags_of_first(kind, event))
            for event in events
        )
        return await self.append(Append(encoded, (), (), self.keyring.take_new()))

    def _identifiers(self, event: Event) -> Iterable[Identifier]:
        for field, kind in IDENTIFIER_FIELDS.items():
            value = getattr(event, field, None)
            if value:
                yield Identifier(self.keyring.digest(kind, value), kind, event.originator_id)
