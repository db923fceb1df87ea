"""The event log in PostgreSQL: reads here, group-committed appends in `appender`, the schema in `schema.sql`."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from domain.errors import Unavailable
from infra.database import session_settings
from infra.log.appender import Appender, Mac
from infra.log.failures import translated
from infra.log.listener import Listener
from infra.log.types import Append, Appended, HolderKey, LogEvent, RecordState, StreamHead

POLL = 1.0
"""Longest wait, in seconds, of a tailer that hears nothing."""
_AWAY = 0.25

PLANNING = {"plan_cache_mode": "force_custom_plan", "enable_seqscan": "off", "random_page_cost": "1"}
"""How reads are planned: for each call's values, since the tag of a person and that of a district need different
plans; never by walking through the table; and along an index rather than by sorting, also while the table is too young
to have statistics (its pages stand in the order of positions, which the planner learns only from those)."""

_COLUMNS = (
    "position, recorded_at, row_format, stream_id, version, topic, payload, schema_version, tags, occurred_at, actor, "
    "role, org, division, basis, source, message_id, correlation_id, causation_id, crypto_suite"
)
# An upper bound is a LIMIT, since positions have no gaps: with a second comparison the planner takes the range for a
# small part of a table it has no statistics of yet, and sorts all of the rest for every page.
_READ = f"SELECT {_COLUMNS} FROM log.event WHERE position > $1 ORDER BY position LIMIT $2"
_READ_TOPICS = f"""
SELECT {_COLUMNS} FROM (SELECT * FROM log.event WHERE position > $1 ORDER BY position LIMIT $2) e
WHERE topic = ANY($3) ORDER BY position LIMIT $4"""
_STREAM = f"SELECT {_COLUMNS} FROM log.event WHERE stream_id = $1 AND version > $2 ORDER BY version"
_STREAMS = f"SELECT {_COLUMNS} FROM log.event WHERE stream_id = ANY($1) ORDER BY stream_id, version"
_HEADS = """
SELECT s.id, h.version, h.position FROM unnest($1::uuid[]) s(id) CROSS JOIN LATERAL (
    SELECT version, position FROM log.event e WHERE e.stream_id = s.id ORDER BY version DESC LIMIT 1) h"""
_TAGGED = f"""
SELECT {_COLUMNS} FROM log.event
WHERE position > $2 AND (
    (CASE WHEN right(tags[1], 36) = stream_id::text THEN tags[2:] ELSE tags END) @> ARRAY[$1::text]
    OR stream_id = $4 AND tags[1] = $1)
ORDER BY position LIMIT $3"""
_RECORDS = """
SELECT r.record, s.content, s.export_on FROM unnest($2::uuid[]) r(record) CROSS JOIN LATERAL (
    SELECT content, export_on FROM log.source_message m WHERE m.record = r.record AND m.source = $1
    ORDER BY entry DESC LIMIT 1) s"""
_KNOWN = """
SELECT m.message FROM unnest($2::uuid[], $3::uuid[]) m(record, message) WHERE (
    SELECT true FROM log.source_message s
    WHERE s.record = m.record AND s.message = m.message AND s.source = $1)"""
_IDENTIFIERS = "SELECT digest, owner FROM log.identifier WHERE digest = ANY($1::bytea[])"
_KEYS = "SELECT holder, wrapped, master_id, suite FROM log.holder_key WHERE holder = ANY($1::uuid[])"
_PLACE = "SELECT position FROM log.place WHERE follower = $1"
MOVE = """
INSERT INTO log.place (follower, position) SELECT $1, $3::bigint WHERE $2::bigint = 0
    OR EXISTS (SELECT FROM log.place WHERE follower = $1)
ON CONFLICT (follower) DO UPDATE SET position = $3 WHERE place.position = $2 RETURNING true"""
"""Moves a follower on from $2 to $3 and answers true; nothing where it does not stand there. For a transaction too."""
_END = (1 << 63) - 1


class PostgresLog:
    """The `EventLog` that everything else runs on. Connects when first used; for one event loop."""

    def __init__(self, url: str, *, readers: int = 4, lanes: int = 2, timeout: float = 60.0) -> None:
        """`readers` connections at most for reading, `lanes` for appending, one for listening.

        `url` logs in as a member of the appender's role; it must reach the server directly, because LISTEN and
        prepared statements do not survive a transaction-pooling proxy. `timeout` in seconds for one statement.
        """
        self._url = url
        self._readers = readers
        self._timeout = timeout
        self._pool: asyncpg.Pool[Any] | None = None
        self._appender = Appender(url, lanes=lanes, timeout=timeout)
        self._listener = Listener(url)
        self._closed = False

    async def append(self, item: Append) -> Appended:
        """Write the item, durably, before returning; see EventLog.

        Where the server goes away before it has answered, the outcome is unknown and Unavailable is raised.
        Appending the same item again is safe when it carries a SourceMessage (it answers as a duplicate if it had
        been written) and, with a VersionConflict instead, when it holds events with expected versions.
        """
        return await self._appender.append(item)

    async def head(self) -> int:
        """See EventLog."""
        return int((await self._fetch("SELECT position FROM log.head"))[0][0])

    async def read(self, after: int, limit: int, upto: int | None = None, topics: Sequence[str] = ()) -> list[LogEvent]:
        """See EventLog."""
        after = max(after, 0)
        reach = _END if upto is None else max(upto - after, 0)
        if topics:
            return _events(await self._fetch(_READ_TOPICS, after, reach, topics, limit))
        return _events(await self._fetch(_READ, after, min(reach, limit)))

    async def stream(self, stream_id: UUID, after_version: int = -1) -> list[LogEvent]:
        """See EventLog."""
        return _events(await self._fetch(_STREAM, stream_id, after_version))

    async def streams(self, ids: Sequence[UUID]) -> dict[UUID, list[LogEvent]]:
        """See EventLog."""
        found: dict[UUID, list[LogEvent]] = {stream_id: [] for stream_id in ids}
        for event in _events(await self._fetch(_STREAMS, list(found))):
            found[event.stream_id].append(event)
        return found

    async def heads(self, ids: Sequence[UUID]) -> dict[UUID, StreamHead]:
        """See EventLog."""
        return {row[0]: StreamHead(row[1], row[2]) for row in await self._fetch(_HEADS, list(ids))}

    async def tagged(self, tag: str, after: int = 0, limit: int = 1000) -> list[LogEvent]:
        """See EventLog."""
        return _events(await self._fetch(_TAGGED, tag, after, limit, _own_stream(tag)))

    async def tail(self, after: int, limit: int = 1000) -> AsyncIterator[list[LogEvent]]:
        """See EventLog. Ends only when this log is closed.

        While the reader is at work on a full batch, the next one is fetched already.
        """
        self._listener.start()
        ahead: asyncio.Task[list[LogEvent]] | None = None
        try:
            while not self._closed:
                woken = self._listener.woken
                try:
                    batch = await (ahead or self.read(after, limit))
                except Unavailable:
                    ahead = None
                    await asyncio.sleep(_AWAY)
                    continue
                ahead = None
                if batch:
                    after = batch[-1].position
                    if len(batch) == limit:
                        ahead = asyncio.create_task(self.read(after, limit))
                    yield batch
                else:
                    with suppress(TimeoutError):
                        await asyncio.wait_for(woken.wait(), POLL)
        finally:
            if ahead is not None:
                ahead.cancel()
                await asyncio.gather(ahead, return_exceptions=True)

    async def position_at(self, time: datetime) -> int:
        """See EventLog."""
        return int((await self._fetch("SELECT log.position_at($1)", time))[0][0])

    async def identifiers(self, digests: Sequence[bytes]) -> dict[bytes, UUID]:
        """See EventLog."""
        return dict(await self._fetch(_IDENTIFIERS, digests)) if digests else {}

    async def known_messages(self, source: str, messages: Sequence[tuple[bytes, bytes]]) -> set[bytes]:
        """See EventLog."""
        columns = ([Mac(part) for part in column] for column in zip(*messages, strict=True))
        rows = await self._fetch(_KNOWN, source, *columns) if messages else ()
        return {message.bytes for (message,) in rows}

    async def records(self, source: str, records: Sequence[bytes]) -> dict[bytes, RecordState]:
        """See EventLog."""
        rows = await self._fetch(_RECORDS, source, list(map(Mac, records))) if records else ()
        return {record.bytes: RecordState(content.bytes, export_on) for record, content, export_on in rows}

    async def keys(self, holders: Sequence[UUID]) -> dict[UUID, HolderKey]:
        """See EventLog."""
        rows = await self._fetch(_KEYS, holders) if holders else ()
        return {row[0]: HolderKey(*row) for row in rows}

    async def destroy_key(self, holder: UUID) -> bool:
        """See EventLog."""
        return bool((await self._fetch("SELECT log.destroy_key($1)", holder))[0][0])

    async def place(self, follower: str) -> int:
        """See EventLog."""
        rows = await self._fetch(_PLACE, follower)
        return rows[0][0] if rows else 0

    async def move(self, follower: str, before: int, to: int) -> bool:
        """See EventLog."""
        return bool(await self._fetch(MOVE, follower, before, to))

    async def close(self) -> None:
        """See EventLog. Tailers end."""
        self._closed = True
        await self._appender.close()
        await self._listener.close()
        if self._pool is not None:
            with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
                await asyncio.wait_for(self._pool.close(), 5)

    async def _fetch(self, query: str, *arguments: Any) -> list[Any]:
        with translated():
            async with self._reader() as connection:
                return await connection.fetch(query, *arguments, timeout=self._timeout)  # type: ignore[no-any-return]

    @asynccontextmanager
    async def _reader(self) -> AsyncIterator[Any]:
        if self._closed:
            raise Unavailable("The event log is closed in this process.")
        if self._pool is None:
            settings = session_settings("appender", **PLANNING)
            self._pool = asyncpg.create_pool(
                self._url, min_size=0, max_size=self._readers, server_settings=settings, reset=_keep
            )
            await self._pool  # without a minimum size this connects nothing and so can't interleave
        async with self._pool.acquire() as connection:
            yield connection


def _own_stream(tag: str) -> UUID | None:
    """The stream whose own tag this may be: such tags are not in the tags' index, but in the streams'."""
    try:
        return UUID(tag[-36:])
    except ValueError:
        return None


async def _keep(connection: Any) -> None:
    """Statements here change no setting; the driver's RESET ALL would cost each read a round trip."""


def _events(rows: Sequence[Any]) -> list[LogEvent]:
    return [
        LogEvent(
            stream, version, topic, payload, schema, tuple(tags), *rest, position=at, recorded_at=then, row_format=form
        )
        for at, then, form, stream, version, topic, payload, schema, tags, *rest in rows
    ]
