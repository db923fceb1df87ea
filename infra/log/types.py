"""What goes into the event log, what comes back, and the one interface every other module sees.

Appends are atomic per `Append`, ordered by gapless positions from 1, checked against the expected versions, and
idempotent per source message. `PostgresLog` is the log; `MemoryLog` is the same contract in memory, for tests.

The records are msgspec structs: tens of thousands are built a second, and a frozen dataclass costs ten times more.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime
from typing import NamedTuple, Protocol
from uuid import UUID

import msgspec

PLATFORM = "api"
"""The source of what people decide here."""


class NewEvent(msgspec.Struct, frozen=True, gc=False):
    """One event to append, payload already encoded (and its personal part already encrypted).

    The defaults are what a recorder that knows nothing of the envelope writes.
    """

    stream_id: UUID
    version: int
    """The stream's next number: 0 or 1 starts a stream, anything else must follow its predecessor."""
    topic: str
    """Stable name of the event's type, never a module path."""
    payload: bytes
    schema_version: int = 1
    tags: tuple[str, ...] = ()
    """Subjects: `person:…`, `household:…`, `case:…`, `facility:…`, `division:…`."""
    occurred_at: datetime | None = None
    """Business time, with a time zone; None takes the recorded time."""
    actor: str = ""
    role: str = ""
    org: str = ""
    division: str = ""
    basis: str = ""
    source: str = ""
    message_id: str = ""
    correlation_id: UUID | None = None
    causation_id: UUID | None = None
    crypto_suite: int = 0
    """0 nothing encrypted, 1 AES-256-GCM, 2 SM4-GCM."""


class LogEvent(NewEvent, frozen=True, gc=False, kw_only=True):
    """One event as the log holds it."""

    position: int
    """Place in the one order of all events, gapless from 1."""
    recorded_at: datetime
    """When the log recorded it; never falls as positions rise."""
    row_format: int = 1

    @property
    def occurred(self) -> datetime:
        """Business time, the recorded time where none was given."""
        return self.occurred_at or self.recorded_at

    @property
    def decided(self) -> bool:
        """Whether it was decided on this platform, in knowledge of what was recorded; else it is a source's fact."""
        return self.source in ("", PLATFORM)


class SourceMessage(msgspec.Struct, frozen=True, gc=False):
    """What a source system said, by keyed hashes: makes an append idempotent.

    `message` is the HMAC of the record's key, content and export date, `record` of its key, `content` of its
    content (16 bytes each). All three are needed: the content alone would lose a record that goes A → B → A,
    and the file and row alone would record a repaired file twice.
    """

    source: str
    message: bytes
    record: bytes
    content: bytes
    export_on: date


class RecordState(msgspec.Struct, frozen=True, gc=False):
    """The last recorded state of one record of a source."""

    content: bytes
    export_on: date


class Identifier(msgspec.Struct, frozen=True, gc=False):
    """A keyed HMAC (32 bytes) of an identifier, and who it belongs to; one owner only, for ever."""

    digest: bytes
    kind: str
    owner: UUID


class HolderKey(msgspec.Struct, frozen=True, gc=False):
    """The data key of a person or household, wrapped by the master key `master_id`.

    `wrapped` is empty once the key has been destroyed: the row stays, so that nobody makes a second key.
    """

    holder: UUID
    wrapped: bytes
    master_id: str
    suite: int


class Move(msgspec.Struct, frozen=True, gc=False):
    """A follower that moves on with an append: from `before`, where it must still stand, to `to`."""

    follower: str
    before: int
    to: int


class Append(msgspec.Struct, frozen=True, gc=False):
    """What is written together or not at all."""

    events: tuple[NewEvent, ...]
    messages: tuple[SourceMessage, ...] = ()
    identifiers: tuple[Identifier, ...] = ()
    keys: tuple[HolderKey, ...] = ()
    moves: tuple[Move, ...] = ()


class Appended(NamedTuple):
    """Where an append stands: positions `first` to `last`, both included.

    An append without events gives (head + 1, head). `duplicate`: every message had been recorded before and
    nothing was written; the positions are those of the first time.
    """

    first: int
    last: int
    duplicate: bool = False


class StreamHead(NamedTuple):
    """A stream's last event: its version and its place in the log."""

    version: int
    position: int


class EventLog(Protocol):
    """The one log. Every method may raise Unavailable where the server can't be reached now."""

    async def append(self, item: Append) -> Appended:
        """Write the item, durably, before returning.

        Raises VersionConflict where a stream has moved on, where only some of the messages are known or where a
        holder already has another key (load again and decide anew), IdentifierTaken where an identifier has another
        owner, and PlaceTaken where one of the followers does not stand where it should: another process has moved it,
        or this very item has, if its first answer was lost. All concern this item alone. Unavailable leaves the
        outcome open: appending the same item again is safe when it carries a SourceMessage or an expected version.
        """
        ...

    async def head(self) -> int:
        """The last position; 0 when the log is empty."""
        ...

    async def read(self, after: int, limit: int, upto: int | None = None, topics: Sequence[str] = ()) -> list[LogEvent]:
        """At most `limit` events behind position `after` (and not behind `upto`), in order; only those topics if any
        are named."""
        ...

    async def stream(self, stream_id: UUID, after_version: int = -1) -> list[LogEvent]:
        """One stream's events behind a version, in order."""
        ...

    async def streams(self, ids: Sequence[UUID]) -> dict[UUID, list[LogEvent]]:
        """Whole streams by one query; every id is in the answer, unknown ones with an empty list."""
        ...

    async def heads(self, ids: Sequence[UUID]) -> dict[UUID, StreamHead]:
        """The last event of each of those streams that exist, by one query and without reading any payload."""
        ...

    async def tagged(self, tag: str, after: int = 0, limit: int = 1000) -> list[LogEvent]:
        """At most `limit` events that carry the tag, behind position `after`, in order."""
        ...

    def tail(self, after: int, limit: int = 1000) -> AsyncIterator[list[LogEvent]]:
        """Batches of at most `limit` events behind `after`, in order, then those to come; never ends.

        Outlives the server's restarts: what was recorded meanwhile follows, nothing twice.
        """
        ...

    async def position_at(self, time: datetime) -> int:
        """The last position recorded at or before `time`; 0 where there is none."""
        ...

    async def identifiers(self, digests: Sequence[bytes]) -> dict[bytes, UUID]:
        """Owners of the identifiers that are known."""
        ...

    async def known_messages(self, source: str, messages: Sequence[tuple[bytes, bytes]]) -> set[bytes]:
        """Those of the source's messages, each given as (record, message), that have been recorded."""
        ...

    async def records(self, source: str, records: Sequence[bytes]) -> dict[bytes, RecordState]:
        """The last state of those of the source's records that are known."""
        ...

    async def keys(self, holders: Sequence[UUID]) -> dict[UUID, HolderKey]:
        """The wrapped keys of the holders that have one; a destroyed key comes with `wrapped` empty."""
        ...

    async def destroy_key(self, holder: UUID) -> bool:
        """Destroy the holder's key for ever; False where there was none left to destroy.

        A holder who never had a key gets a destroyed one, so that none can be made later.
        """
        ...

    async def place(self, follower: str) -> int:
        """How far a follower of the log has come: the position it last moved to, 0 for one nobody has heard of."""
        ...

    async def move(self, follower: str, before: int, to: int) -> bool:
        """Move a follower on from `before`; False where another process has moved it meanwhile, and nothing changes."""
        ...

    async def close(self) -> None:
        """Finish what is queued and let go of every connection."""
        ...


async def pages(log: EventLog, tag: str, after: int = 0) -> AsyncIterator[list[LogEvent]]:
    """The events behind a position that carry the tag, some at a time, up to the last one there is now."""
    while rows := await log.tagged(tag, after=after):
        yield rows
        after = rows[-1].position
