"""A log to rehearse on: reads what the real one holds, keeps what is appended to itself in a file that is thrown away.

A dry run so decides exactly what an import would, whatever its size, and nothing reaches the real log.
"""

import sqlite3
import tempfile
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from domain.errors import IdentifierTaken
from infra.log import Append, Appended, EventLog, HolderKey, LogEvent, RecordState, StreamHead

_TABLES = """
PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -16384;
CREATE TABLE event (position INTEGER PRIMARY KEY, stream BLOB, version INTEGER, packed BLOB);
CREATE INDEX event_stream ON event (stream, version);
CREATE TABLE tag (tag TEXT, position INTEGER, PRIMARY KEY (tag, position)) WITHOUT ROWID;
CREATE TABLE message (source TEXT, message BLOB, PRIMARY KEY (source, message)) WITHOUT ROWID;
CREATE TABLE record (source TEXT, record BLOB, content BLOB, export_on TEXT, PRIMARY KEY (source, record))
    WITHOUT ROWID;
CREATE TABLE identifier (digest BLOB PRIMARY KEY, owner BLOB) WITHOUT ROWID;
CREATE TABLE holder_key (holder BLOB PRIMARY KEY, packed BLOB) WITHOUT ROWID;
"""
_pack = msgspec.msgpack.Encoder().encode
_unpack_event = msgspec.msgpack.Decoder(LogEvent).decode
_unpack_key = msgspec.msgpack.Decoder(HolderKey).decode


class Rehearsal:
    """An EventLog over another one, for one event loop; only what importing needs is overlaid."""

    def __init__(self, real: EventLog) -> None:
        self._real = real
        self._folder = tempfile.TemporaryDirectory(prefix="minzheng-dry-run-")
        self._db = sqlite3.connect(Path(self._folder.name) / "rehearsal.db", isolation_level=None)
        self._db.executescript(_TABLES)
        self._position = 0

    async def append(self, item: Append) -> Appended:
        """Keep the item here; positions go on behind the real log's head."""
        self._position = self._position or await self._real.head()
        first, now = self._position + 1, datetime.now(UTC)
        self._db.execute("BEGIN")
        for new in item.identifiers:
            owner = (await self.identifiers([new.digest])).get(new.digest)
            if owner not in (None, new.owner):
                self._db.execute("ROLLBACK")
                raise IdentifierTaken(f"This {new.kind} belongs to another person already.")
        events, tags = [], []
        for position, event in enumerate(item.events, first):
            full = LogEvent(**msgspec.structs.asdict(event), position=position, recorded_at=now)
            events.append((position, event.stream_id.bytes, event.version, _pack(full)))
            tags += [(tag, position) for tag in event.tags]
        self._many("INSERT INTO event VALUES (?, ?, ?, ?)", events)
        self._many("INSERT OR IGNORE INTO tag VALUES (?, ?)", tags)
        self._many("INSERT OR IGNORE INTO message VALUES (?, ?)", [(m.source, m.message) for m in item.messages])
        self._many(
            "INSERT OR REPLACE INTO record VALUES (?, ?, ?, ?)",
            [(m.source, m.record, m.content, m.export_on.isoformat()) for m in item.messages],
        )
        self._many(
            "INSERT OR IGNORE INTO identifier VALUES (?, ?)", [(i.digest, i.owner.bytes) for i in item.identifiers]
        )
        self._many("INSERT OR IGNORE INTO holder_key VALUES (?, ?)", [(k.holder.bytes, _pack(k)) for k in item.keys])
        self._db.execute("COMMIT")
        self._position += len(events)
        return Appended(first, self._position)

    def _many(self, statement: str, rows: list[tuple[Any, ...]]) -> None:
        self._db.executemany(statement, rows)

    async def head(self) -> int:
        """See EventLog."""
        return self._position or await self._real.head()

    async def read(self, after: int, limit: int, upto: int | None = None, topics: Sequence[str] = ()) -> list[LogEvent]:
        """See EventLog; the real log only."""
        return await self._real.read(after, limit, upto, topics)

    async def stream(self, stream_id: UUID, after_version: int = -1) -> list[LogEvent]:
        """See EventLog."""
        events = (await self.streams([stream_id]))[stream_id]
        return [event for event in events if event.version > after_version]

    async def streams(self, ids: Sequence[UUID]) -> dict[UUID, list[LogEvent]]:
        """See EventLog."""
        found = await self._real.streams(ids)
        for id in found:
            rows = self._db.execute("SELECT packed FROM event WHERE stream = ? ORDER BY version", (id.bytes,))
            found[id] = [*found[id], *(_unpack_event(row[0]) for row in rows)]
        return found

    async def heads(self, ids: Sequence[UUID]) -> dict[UUID, StreamHead]:
        """See EventLog: as if what was rehearsed had happened."""
        streams = await self.streams(ids)
        return {id: StreamHead(rows[-1].version, rows[-1].position) for id, rows in streams.items() if rows}

    async def tagged(self, tag: str, after: int = 0, limit: int = 1000) -> list[LogEvent]:
        """See EventLog."""
        found = await self._real.tagged(tag, after, limit)
        rows = self._db.execute(
            """SELECT packed FROM tag JOIN event USING (position) WHERE tag = ? AND position > ?
            ORDER BY position LIMIT ?""",
            (tag, after, limit - len(found)),
        )
        return [*found, *(_unpack_event(row[0]) for row in rows)]

    def tail(self, after: int, limit: int = 1000) -> AsyncIterator[list[LogEvent]]:
        """See EventLog; the real log only."""
        return self._real.tail(after, limit)

    async def position_at(self, time: datetime) -> int:
        """See EventLog; the real log only."""
        return await self._real.position_at(time)

    async def identifiers(self, digests: Sequence[bytes]) -> dict[bytes, UUID]:
        """See EventLog."""
        found = await self._real.identifiers(digests)
        for digest in digests:
            row = self._db.execute("SELECT owner FROM identifier WHERE digest = ?", (digest,)).fetchone()
            if row is not None:
                found[digest] = UUID(bytes=row[0])
        return found

    async def known_messages(self, source: str, messages: Sequence[tuple[bytes, bytes]]) -> set[bytes]:
        """See EventLog."""
        found = await self._real.known_messages(source, messages)
        query = "SELECT 1 FROM message WHERE source = ? AND message = ?"
        return found | {m for _, m in messages if self._db.execute(query, (source, m)).fetchone()}

    async def records(self, source: str, records: Sequence[bytes]) -> dict[bytes, RecordState]:
        """See EventLog."""
        found = await self._real.records(source, records)
        query = "SELECT content, export_on FROM record WHERE source = ? AND record = ?"
        for record in records:
            row = self._db.execute(query, (source, record)).fetchone()
            if row is not None:
                found[record] = RecordState(row[0], date.fromisoformat(row[1]))
        return found

    async def keys(self, holders: Sequence[UUID]) -> dict[UUID, HolderKey]:
        """See EventLog."""
        found = await self._real.keys(holders)
        for holder in holders:
            row = self._db.execute("SELECT packed FROM holder_key WHERE holder = ?", (holder.bytes,)).fetchone()
            if row is not None:
                found[holder] = _unpack_key(row[0])
        return found

    async def destroy_key(self, holder: UUID) -> bool:
        """Nothing is destroyed in a rehearsal."""
        return False

    async def place(self, follower: str) -> int:
        """See EventLog; the real log only."""
        return await self._real.place(follower)

    async def move(self, follower: str, before: int, to: int) -> bool:
        """Nobody moves on from a rehearsal."""
        return False

    async def close(self) -> None:
        """Throw the rehearsal away; the real log stays open."""
        self._db.close()
        self._folder.cleanup()
