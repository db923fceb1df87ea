"""Group commit: everything that callers queue while a batch is being written forms the next batch.

A commit costs the same for one event and for hundreds (a round trip, the head's lock, a flush to disk), so a process
writes all its callers' items by one call of `log.append`, which answers per item: one conflict fails one caller.

Two connections take turns. While the server works on one batch, this process prepares the next and wakes the callers
of the last; with one connection the two would wait for each other. When both connections are idle the queue is cut
in half, or a crowd of callers that wait together would stay in step for ever and only one connection be used.

A batch holds at most one item that touches a given stream, message, identifier or holder; later ones wait until the
one before them is decided. Callers of one stream are so served in the order they came.
"""

import asyncio
from collections import deque
from collections.abc import Hashable, Sequence
from itertools import chain, zip_longest
from typing import Any

import asyncpg

from domain.errors import BadInput, Conflict, IdentifierTaken, PlaceTaken, Unavailable, VersionConflict
from infra.database import connect
from infra.log.failures import is_away, unavailable
from infra.log.types import Append, Appended

MAX_EVENTS = 2000
"""Events in a batch, unless a single item holds more; about 50 ms of the head's lock."""
SETTLE_EVERY = 4000
"""Events of this process after which it sorts pending tags into their index: some 40 ms of work on its own
connection, which would otherwise fall into a commit that everybody waits for."""
_SPLIT_FROM = 96
"""Below this many waiting items two half batches cost more than they overlap: a batch costs the server 0.2 ms and more
before its first event."""
TAG_SEPARATOR = "\x1f"
_CALL = "SELECT before, verdicts, firsts, lasts FROM log.append($1, $2, $3, $4, $5, $6, $7)"
_CALL_MOVING = "SELECT before, verdicts, firsts, lasts FROM log.append_moving($1, $2, $3, $4, $5, $6)"

Waiting = tuple[Append, Sequence[Hashable], "asyncio.Future[Appended]"]
"""An item, what it touches, and its caller's future."""


class Appender:
    """The one way a process writes the log; belongs to the event loop that first uses it."""

    def __init__(self, url: str, *, lanes: int = 2, timeout: float = 60.0) -> None:
        """`lanes` connections; a batch unanswered for `timeout` seconds counts as lost."""
        self._queue: deque[Waiting] = deque()
        self._busy: set[Hashable] = set()
        self._idle = [_Lane(url, timeout) for _ in range(lanes)]
        self._lanes = tuple(self._idle)
        self._settler = _Settler(url)
        self._running: set[asyncio.Task[None]] = set()
        self._scheduled = False
        self._closed = False

    def append(self, item: Append) -> "asyncio.Future[Appended]":
        """Queue the item; see EventLog.append for what becomes of it."""
        if self._closed:
            raise Unavailable("The event log is closed in this process.")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Appended] = loop.create_future()
        self._queue.append((item, _touched(item), future))
        if not self._scheduled and self._idle:
            # Not at once: callers that are ready in this turn of the loop still get into the same batch.
            self._scheduled = True
            loop.call_soon(self._dispatch)
        return future

    async def close(self) -> None:
        """Write what is queued, then close the connections."""
        self._closed = True
        while self._running or self._queue:
            self._dispatch()
            await asyncio.gather(*self._running, return_exceptions=True)
        for connection in (*self._lanes, self._settler):
            await connection.close()

    def _dispatch(self) -> None:
        self._scheduled = False
        while self._idle and self._queue:
            batch, keys = self._take()
            if not batch:
                return
            lane = self._idle.pop()
            task = asyncio.create_task(self._write(lane, batch, keys))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    def _take(self) -> tuple[list[Waiting], set[Hashable]]:
        """The next batch and what it touches; leaves in the queue, in order, what must wait for another batch."""
        queue = self._queue
        waiting = len(queue)
        most = -(-waiting // len(self._idle)) if waiting >= _SPLIT_FROM else waiting
        batch: list[Waiting] = []
        keys: list[Hashable] = []
        events = 0
        while queue and len(batch) < most:
            entry = queue[0]
            count, alone = len(entry[0].events), bool(entry[0].moves)
            if batch and (alone or events + count > MAX_EVENTS):
                break
            queue.popleft()
            if entry[2].done():  # its caller has given up
                continue
            batch.append(entry)
            keys.extend(entry[1])
            events += count
            if alone:
                break
        touched = set(keys)
        if len(touched) < len(keys) or not self._busy.isdisjoint(touched):
            batch, touched = self._without_rivals(batch)
        self._busy |= touched
        return batch, touched

    def _without_rivals(self, candidates: list[Waiting]) -> tuple[list[Waiting], set[Hashable]]:
        """Those that touch nothing a running batch or an earlier candidate touches; the others go back."""
        batch: list[Waiting] = []
        held: list[Waiting] = []
        touched: set[Hashable] = set()
        blocked = set(self._busy)
        for entry in candidates:
            keys = entry[1]
            if blocked.isdisjoint(keys):
                batch.append(entry)
                touched.update(keys)
            else:
                held.append(entry)
            blocked.update(keys)
        self._queue.extendleft(reversed(held))
        return batch, touched

    async def _write(self, lane: "_Lane", batch: list[Waiting], touched: set[Hashable]) -> None:
        outcomes: Sequence[Appended | Exception] = ()
        try:
            outcomes = await lane.write([item for item, _, _ in batch])
        finally:
            self._busy -= touched
            self._idle.append(lane)
            # Send the next batch first, so that the server works while the callers of this one wake up.
            self._dispatch()
            self._settler.count(sum(len(item.events) for item, _, _ in batch))
            for (_, _, future), outcome in zip_longest(batch, outcomes):
                if future.done():
                    continue
                if outcome is None:
                    future.set_exception(Unavailable("The append was broken off; its outcome is unknown."))
                elif isinstance(outcome, Exception):
                    future.set_exception(outcome)
                else:
                    future.set_result(outcome)


def _touched(item: Append) -> Sequence[Hashable]:
    """Whatever two items of a batch must not have in common, each once."""
    events, messages = item.events, item.messages
    if len(events) == 1 and len(messages) <= 1 and not item.identifiers and not item.keys and not item.moves:
        stream = events[0].stream_id.int  # hashed in C, as a UUID is not
        return (stream, messages[0].message) if messages else (stream,)
    keys: set[Hashable] = {event.stream_id.int for event in events}
    keys.update(message.message for message in messages)
    keys.update(identifier.digest for identifier in item.identifiers)
    keys.update((key.holder.int, "key") for key in item.keys)
    keys.update((move.follower, "place") for move in item.moves)
    return tuple(keys)


class _Connected:
    """One connection with one prepared statement; made when needed, and again after every loss."""

    def __init__(self, url: str, statement: str, name: str) -> None:
        self._url = url
        self._statement = statement
        self._name = name
        self._connection: asyncpg.Connection[Any] | None = None
        self._call: Any = None

    async def ready(self) -> Any:
        """The statement; raises Unavailable where there is no server."""
        if self._connection is None or self._connection.is_closed():
            self._connection = await connect(self._url, "appender", application_name=self._name)
            try:
                self._call = await self._connection.prepare(self._statement)
            except Exception as error:
                self._connection.terminate()
                raise unavailable(error) from error
        return self._call

    def drop(self) -> None:
        """Give the connection up at once."""
        if self._connection is not None:
            self._connection.terminate()

    async def close(self) -> None:
        """Close the connection, politely where the server still listens."""
        connection, self._connection = self._connection, None
        if connection is not None and not connection.is_closed():
            try:
                await connection.close(timeout=5)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                connection.terminate()


class _Settler(_Connected):
    """Sorts pending tags into their index beside the appends, when there are enough of them."""

    def __init__(self, url: str) -> None:
        super().__init__(url, "SELECT log.settle_tags()", "minzheng settle")
        self._written = 0
        self._task: asyncio.Task[None] | None = None

    def count(self, events: int) -> None:
        """So many events have been written."""
        self._written += events
        if self._written >= SETTLE_EVERY and (self._task is None or self._task.done()):
            self._written = 0
            self._task = asyncio.create_task(self._settle())

    async def close(self) -> None:
        """Let the current round end first."""
        if self._task is not None:
            await asyncio.wait([self._task])
        await super().close()

    async def _settle(self) -> None:
        try:
            call = await self.ready()
            await call.fetchval(timeout=60)
        except (Unavailable, OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            self.drop()  # nothing is lost: the next round, or a commit, does it


class _Lane(_Connected):
    """A connection that writes batches."""

    def __init__(self, url: str, timeout: float) -> None:
        super().__init__(url, _CALL, "minzheng append")
        self._timeout = timeout

    async def write(self, items: list[Append]) -> list[Appended | Exception]:
        """What became of each item; raises nothing but cancellation."""
        try:
            call = await self.ready()
        except Unavailable as error:
            return [Unavailable(str(error)) for _ in items]
        return await self._write(call, items, careful=not all(item.events for item in items))

    async def _write(self, call: Any, items: list[Append], *, careful: bool) -> list[Appended | Exception]:
        try:
            if items[0].moves:
                answer = await self._moving(items[0])
            else:
                answer = await call.fetchrow(careful, *arguments(items), timeout=self._timeout)
        except Exception as error:
            if is_away(error):
                # What the server had not acknowledged may be written or not; a fresh connection finds out.
                self.drop()
                return [unavailable(error) for _ in items]
            if not careful and not items[0].moves and isinstance(error, asyncpg.UniqueViolationError):
                return await self._write(call, items, careful=True)
            if len(items) == 1:
                return [_refused(error)]
            # One item the server can't take at all must not fail its batch mates.
            singly = [await self._write(call, [item], careful=True) for item in items]
            return list(chain.from_iterable(singly))
        return _outcomes(items, *answer)

    async def _moving(self, item: Append) -> Any:
        """One that moves followers, which is always alone."""
        assert self._connection is not None, "ready() connected it"
        single, _, *rows = arguments([item])
        moves = [(move.follower, move.before, move.to) for move in item.moves]
        return await self._connection.fetchrow(_CALL_MOVING, single, *rows, moves, timeout=self._timeout)


def arguments(items: Sequence[Append]) -> tuple[bool, int, list[Any], list[Any], list[Any], list[Any]]:
    """The items as log.append takes them: whether all are single events, their count, and rows of each kind.

    Tags go as one text: the driver examines each element of an array as if it might be an array again.
    """
    events: list[Any] = []
    messages: list[Any] = []
    identifiers: list[Any] = []
    keys: list[Any] = []
    single = True
    for number, item in enumerate(items, 1):
        first = len(events) + 1
        for event in item.events:
            tags = event.tags
            joined = TAG_SEPARATOR.join(tags)
            if tags and joined.count(TAG_SEPARATOR) >= len(tags):
                raise ValueError("a tag holds a control character")
            events.append(
                (
                    number,
                    event.stream_id,
                    event.version,
                    event.topic,
                    event.payload,
                    event.schema_version,
                    joined,
                    event.occurred_at,
                    event.actor,
                    event.role,
                    event.org,
                    event.division,
                    event.basis,
                    event.source,
                    event.message_id,
                    event.correlation_id,
                    event.causation_id,
                    event.crypto_suite,
                )
            )
        last = len(events)
        single = single and last == first
        for m in item.messages:
            messages.append((number, m.source, Mac(m.message), Mac(m.record), Mac(m.content), m.export_on, first, last))
        for i in item.identifiers:
            identifiers.append((number, i.digest, i.kind, i.owner, last))
        for k in item.keys:
            keys.append((number, k.holder, k.wrapped, k.master_id, k.suite))
    return single, len(items), events, messages, identifiers, keys


class Mac:
    """16 bytes of HMAC as the driver's uuid codec wants them, without the cost of a UUID object."""

    __slots__ = ("bytes",)

    def __init__(self, raw: bytes) -> None:
        self.bytes = raw


_VERDICTS: dict[int, type[Conflict]] = {
    2: VersionConflict,
    3: VersionConflict,
    4: IdentifierTaken,
    5: VersionConflict,
    6: PlaceTaken,
}


def _outcomes(
    items: list[Append], before: int, verdicts: Sequence[int] | None, firsts: Sequence[int], lasts: Sequence[int]
) -> list[Appended | Exception]:
    outcomes: list[Appended | Exception] = []
    for index, item in enumerate(items):
        verdict = verdicts[index] if verdicts else 0
        if verdict == 0:
            first = before + 1
            before += len(item.events)
            outcomes.append(Appended(first, before))
        elif verdict == 1:
            outcomes.append(Appended(firsts[index], lasts[index], duplicate=True))
        else:
            outcomes.append(_VERDICTS[verdict](_conflict(verdict, item)))
    return outcomes


def _conflict(verdict: int, item: Append) -> str:
    if verdict == 2:
        streams = sorted({str(event.stream_id) for event in item.events})
        return f"Stream {', '.join(streams[:3])} has moved on since it was loaded; load it again and decide anew."
    if verdict == 3:
        return "Some of these source messages are recorded already; load again and leave them out."
    if verdict == 4:
        kinds = sorted({identifier.kind for identifier in item.identifiers})
        return f"This {' or '.join(kinds)} belongs to another person already."
    if verdict == 6:
        return f"Another process has taken over {item.moves[0].follower}; nothing was written."
    return f"Holder {item.keys[0].holder} has another key already; load it and encode again."


def _refused(error: Exception) -> Exception:
    if isinstance(error, asyncpg.UniqueViolationError):
        return VersionConflict("Another writer was first; load again and decide anew.")
    if isinstance(error, asyncpg.DataError | asyncpg.IntegrityConstraintViolationError | ValueError | TypeError):
        return BadInput(f"The event log can't store this item ({type(error).__name__}).")
    return error
