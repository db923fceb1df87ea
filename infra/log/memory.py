"""The event log's contract in memory: for unit tests, and as the plainest statement of what the log does."""

import asyncio
from bisect import bisect_right
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec

from domain.errors import IdentifierTaken, PlaceTaken, VersionConflict
from infra.log.types import (
    Append,
    Appended,
    HolderKey,
    Identifier,
    LogEvent,
    NewEvent,
    RecordState,
    StreamHead,
)


class MemoryLog:
    """An `EventLog` that forgets everything with the process; for one event loop."""

    def __init__(self) -> None:
        self._events: list[LogEvent] = []
        self._streams: dict[UUID, list[LogEvent]] = defaultdict(list)
        self._tags: dict[str, list[LogEvent]] = defaultdict(list)
        self._messages: dict[tuple[str, bytes], Appended] = {}
        self._records: dict[tuple[str, bytes], RecordState] = {}
        self._identifiers: dict[bytes, Identifier] = {}
        self._keys: dict[UUID, HolderKey] = {}
        self._places: dict[str, int] = {}
        self._recorded_at = datetime.min.replace(tzinfo=UTC)
        self._appended = asyncio.Event()

    async def append(self, item: Append) -> Appended:
        """See EventLog."""
        if any(self._places.get(move.follower, 0) != move.before for move in item.moves):
            raise PlaceTaken("Another process has taken this over; nothing was written.")
        known = [self._messages[key] for m in item.messages if (key := (m.source, m.message)) in self._messages]
        if known and len(known) == len(item.messages):
            return Appended(min(a.first for a in known), max(a.last for a in known), duplicate=True)
        if known or len({(m.source, m.message) for m in item.messages}) < len(item.messages):
            raise VersionConflict("Some of these source messages are recorded already; load again and leave them out.")
        self._check_versions(item.events)
        self._check_owners(item)
        return self._write(item)

    def _check_versions(self, events: Sequence[NewEvent]) -> None:
        last: dict[UUID, int] = {}
        for event in events:
            stream = self._streams.get(event.stream_id)
            before = last.get(event.stream_id, stream[-1].version if stream else -1)
            if event.version != before + 1 and not (event.version == 1 and before == -1):
                raise VersionConflict(
                    f"Stream {event.stream_id} stands at version {before}, not {event.version - 1}; load it again."
                )
            last[event.stream_id] = event.version

    def _check_owners(self, item: Append) -> None:
        for new in item.identifiers:
            if self._identifiers.get(new.digest, new).owner != new.owner:
                raise IdentifierTaken(f"This {new.kind} belongs to another person already.")
        for key in item.keys:
            if self._keys.get(key.holder, key).wrapped != key.wrapped:
                raise VersionConflict(f"Holder {key.holder} has another key already; load it and encode again.")

    def _write(self, item: Append) -> Appended:
        now = max(datetime.now(UTC), self._recorded_at + timedelta(microseconds=1))
        self._recorded_at = now
        first = len(self._events) + 1
        for position, new in enumerate(item.events, first):
            fields = msgspec.structs.asdict(new) | {"occurred_at": new.occurred_at or now}
            event = LogEvent(**fields, position=position, recorded_at=now)
            self._events.append(event)
            self._streams[event.stream_id].append(event)
            for tag in dict.fromkeys(event.tags):
                self._tags[tag].append(event)
        appended = Appended(first, len(self._events))
        for message in item.messages:
            self._messages[message.source, message.message] = appended
            self._records[message.source, message.record] = RecordState(message.content, message.export_on)
        self._identifiers |= {i.digest: i for i in item.identifiers}
        self._keys |= {k.holder: k for k in item.keys}
        self._places |= {move.follower: move.to for move in item.moves}
        self._appended.set()
        self._appended = asyncio.Event()
        return appended

    async def head(self) -> int:
        """See EventLog."""
        return len(self._events)

    async def read(self, after: int, limit: int, upto: int | None = None, topics: Sequence[str] = ()) -> list[LogEvent]:
        """See EventLog."""
        rows = self._events[max(after, 0) : upto]
        return [row for row in rows if row.topic in topics][:limit] if topics else rows[:limit]

    async def stream(self, stream_id: UUID, after_version: int = -1) -> list[LogEvent]:
        """See EventLog."""
        return [event for event in self._streams.get(stream_id, ()) if event.version > after_version]

    async def streams(self, ids: Sequence[UUID]) -> dict[UUID, list[LogEvent]]:
        """See EventLog."""
        return {stream_id: list(self._streams.get(stream_id, ())) for stream_id in ids}

    async def heads(self, ids: Sequence[UUID]) -> dict[UUID, StreamHead]:
        """See EventLog."""
        streams = await self.streams(ids)
        return {id: StreamHead(rows[-1].version, rows[-1].position) for id, rows in streams.items() if rows}

    async def tagged(self, tag: str, after: int = 0, limit: int = 1000) -> list[LogEvent]:
        """See EventLog."""
        return [event for event in self._tags.get(tag, ()) if event.position > after][:limit]

    async def tail(self, after: int, limit: int = 1000) -> AsyncIterator[list[LogEvent]]:
        """See EventLog."""
        while True:
            appended = self._appended
            if batch := await self.read(after, limit):
                after = batch[-1].position
                yield batch
            else:
                await appended.wait()

    async def position_at(self, time: datetime) -> int:
        """See EventLog."""
        return bisect_right(self._events, time, key=lambda event: event.recorded_at)

    async def identifiers(self, digests: Sequence[bytes]) -> dict[bytes, UUID]:
        """See EventLog."""
        return {digest: self._identifiers[digest].owner for digest in digests if digest in self._identifiers}

    async def known_messages(self, source: str, messages: Sequence[tuple[bytes, bytes]]) -> set[bytes]:
        """See EventLog."""
        return {message for _, message in messages if (source, message) in self._messages}

    async def records(self, source: str, records: Sequence[bytes]) -> dict[bytes, RecordState]:
        """See EventLog."""
        return {record: self._records[source, record] for record in records if (source, record) in self._records}

    async def keys(self, holders: Sequence[UUID]) -> dict[UUID, HolderKey]:
        """See EventLog."""
        return {holder: self._keys[holder] for holder in holders if holder in self._keys}

    async def destroy_key(self, holder: UUID) -> bool:
        """See EventLog."""
        before = self._keys.get(holder)
        if before is None:
            self._keys[holder] = HolderKey(holder, b"", "", 0)
        elif before.wrapped:
            self._keys[holder] = HolderKey(holder, b"", before.master_id, before.suite)
        return before is not None and bool(before.wrapped)

    async def place(self, follower: str) -> int:
        """See EventLog."""
        return self._places.get(follower, 0)

    async def move(self, follower: str, before: int, to: int) -> bool:
        """See EventLog."""
        moved = self._places.get(follower, 0) == before
        if moved:
            self._places[follower] = to
        return moved

    async def close(self) -> None:
        """See EventLog."""
