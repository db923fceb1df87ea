"""The log behind the interface of the `eventsourcing` library: a stock Application reads and writes the same log.

    PERSISTENCE_MODULE=infra.log.recorder MINZHENG_DATABASE_URL=postgresql://…

The library is synchronous, the log is not: a recorder runs it on an event loop of its own, in a thread of its own, and
its callers' threads wait for each other's group commits there like any other callers.

What a stock recorder doesn't know gets the defaults of `NewEvent`. Snapshots are kept in memory only: they are
shortcuts that may be lost, and the log holds nothing but what happened. Projections keep their own positions.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager, suppress
from typing import Any, TypeVar
from uuid import UUID

from eventsourcing.persistence import (
    AggregateRecorder,
    ApplicationRecorder,
    DataError,
    InfrastructureFactory,
    IntegrityError,
    Notification,
    NotSupportedError,
    OperationalError,
    ProcessRecorder,
    StoredEvent,
    Subscription,
    TrackingRecorder,
)
from eventsourcing.popo import POPOAggregateRecorder

from domain.errors import BadInput, Conflict, Unavailable
from infra.log.postgres import PostgresLog
from infra.log.types import Append, EventLog, LogEvent, NewEvent

T = TypeVar("T")


class _LoopThread:
    """An event loop in a thread."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="log recorder", daemon=True)
        self._thread.start()

    def submit(self, work: Coroutine[Any, Any, T]) -> "Future[T]":
        """Begin on the loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def stop(self) -> None:
        """End the loop and its thread."""
        if not self._loop.is_closed():
            self.submit(self._loop.shutdown_asyncgens()).result()
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()


@contextmanager
def _library_errors() -> Iterator[None]:
    try:
        yield
    except Conflict as error:
        raise IntegrityError(str(error)) from error
    except BadInput as error:
        raise DataError(str(error)) from error
    except Unavailable as error:
        raise OperationalError(str(error)) from error


class LogRecorder(ApplicationRecorder):
    """A synchronous face on an `EventLog`, which must not be used from another loop besides."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._thread = _LoopThread()
        self._closed = False

    def insert_events(self, stored_events: Sequence[StoredEvent], **_: Any) -> Sequence[int] | None:
        """Append them as one item; returns their positions. IntegrityError where a version is taken."""
        if not stored_events:
            return None
        with _library_errors():
            appended = self._run(self._log.append(Append(tuple(map(_new_event, stored_events)))))
        return list(range(appended.first, appended.last + 1))

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """Events of one stream. The bounds are applied here: streams are short and there are no snapshots."""
        with _library_errors():
            rows = self._run(self._log.stream(_uuid(originator_id), -1 if gt is None else gt))
        chosen = [row for row in rows if lte is None or row.version <= lte]
        return [_stored(row) for row in (reversed(chosen) if desc else chosen)][:limit]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """Events in the log's order from position `start` to `stop`."""
        after = 0 if start is None else start - inclusive_of_start
        with _library_errors():
            return list(map(_notification, self._run(self._log.read(after, limit, stop, topics))))

    def max_notification_id(self) -> int | None:
        """The log's head; None when it is empty."""
        with _library_errors():
            return self._run(self._log.head()) or None

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> "Subscription[ApplicationRecorder]":
        """Events behind position `gt`, then those to come."""
        return LogSubscription(self, gt, topics)

    def close(self) -> None:
        """Close the log and end the thread."""
        if not self._closed:
            self._closed = True
            self._run(self._log.close())
            self._thread.stop()

    def follow(self, gt: int | None) -> tuple[AsyncIterator[list[LogEvent]], Callable[[Any], "Future[Any]"]]:
        """A tail of the log, and what runs its steps: for subscriptions."""
        return self._log.tail(gt or 0), self._thread.submit

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._thread.submit(work).result()


class LogSubscription(Subscription[ApplicationRecorder]):
    """Follows the log by its `tail`, and so outlives the server's restarts and missed notifications."""

    def __init__(self, recorder: LogRecorder, gt: int | None, topics: Sequence[str]) -> None:
        super().__init__(recorder, gt, topics)
        self._tail, self._submit = recorder.follow(gt)
        self._batch: Iterator[Notification] = iter(())
        self._pending: Future[list[LogEvent]] | None = None
        self._lock = threading.Lock()

    def __next__(self) -> Notification:
        while not self._has_been_stopped:
            for notification in self._batch:
                return notification
            self._batch = iter(self._more())
        raise StopIteration

    def stop(self) -> None:
        """End the iteration, from any thread."""
        with self._lock:
            super().stop()
            if self._pending is not None:
                self._pending.cancel()

    def _more(self) -> list[Notification]:
        with self._lock:
            if self._has_been_stopped:
                return []
            self._pending = self._submit(_step(self._tail))
        with suppress(CancelledError), _library_errors():
            rows = self._pending.result()
            return [_notification(row) for row in rows if not self._topics or row.topic in self._topics]
        return []


async def _step(tail: AsyncIterator[list[LogEvent]]) -> list[LogEvent]:
    return await anext(tail, [])


class LogInfrastructure(InfrastructureFactory[TrackingRecorder]):
    """Gives a stock Application its recorder; all recorders of one factory share one log."""

    DATABASE_URL = "MINZHENG_DATABASE_URL"
    _recorder: LogRecorder | None = None

    def application_recorder(self) -> ApplicationRecorder:
        """The recorder on the log at MINZHENG_DATABASE_URL."""
        if self._recorder is None:
            url = self.env.get(self.DATABASE_URL)
            if not url:
                raise NotSupportedError(f"{self.DATABASE_URL} is not set; an Application can't find its log.")
            self._recorder = LogRecorder(PostgresLog(url))
        return self._recorder

    def aggregate_recorder(self, purpose: str = "events") -> AggregateRecorder:
        """The same recorder for events, one in memory for snapshots."""
        return self.application_recorder() if purpose == "events" else POPOAggregateRecorder()

    def tracking_recorder(self, tracking_recorder_class: type[TrackingRecorder] | None = None) -> TrackingRecorder:
        """Not kept in the log."""
        raise NotSupportedError("Projections keep their own positions beside their tables.")

    def process_recorder(self) -> ProcessRecorder:
        """Not kept in the log."""
        raise NotSupportedError("Projections keep their own positions beside their tables.")

    def close(self) -> None:
        """Close the log."""
        if self._recorder is not None:
            self._recorder.close()


def _uuid(originator_id: UUID | str) -> UUID:
    if isinstance(originator_id, UUID):
        return originator_id
    try:
        return UUID(originator_id)
    except ValueError:
        raise BadInput(f"The log's streams have UUIDs; {originator_id[:40]!r} is none.", "originator_id") from None


def _new_event(event: StoredEvent) -> NewEvent:
    return NewEvent(_uuid(event.originator_id), event.originator_version, event.topic, event.state)


def _stored(row: LogEvent) -> StoredEvent:
    return StoredEvent(row.stream_id, row.version, row.topic, row.payload)


def _notification(row: LogEvent) -> Notification:
    return Notification(row.stream_id, row.version, row.topic, row.payload, row.position)
