"""What lapses by itself when its time is over: queries that a source has not answered, reports too old to rely on,
incidents and clues that nobody took on.

What is still to lapse follows from the log alone, so there is no other state to lose, and the aggregate decides: run
again, or by two processes at once, nothing lapses twice. What has no limit, as history, never does.
"""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from typing import Any, ClassVar, Protocol
from uuid import UUID

from domain.access import SYSTEM
from domain.assistance import Case, EconVerification
from domain.assistance.case_process import OVER
from domain.assistance.verification_record import VERIFICATIONS
from domain.clock import end_of
from domain.errors import VersionConflict
from domain.grid import Incident, NeedClue
from domain.grid.clue import CLUES
from domain.grid.escalation import escalate_clue, escalate_incident
from domain.grid.incident import INCIDENTS
from domain.kernel import Aggregate
from domain.parameters import Parameters
from infra.codec import Envelope
from infra.log import pages
from infra.parameters import CurrentParameters
from infra.store import EventStore
from infra.tasks import follow

_ENVELOPE = Envelope(actor=SYSTEM.name, role=SYSTEM.role.value, source="deadlines")
_CHUNK = 250


class Lapsing(Protocol):
    """One kind of aggregate that lapses. Each of its events carries `tag`, by which they are followed."""

    kind: ClassVar[type[Aggregate]]
    tag: ClassVar[str]

    def due(self, aggregate: Any) -> datetime | None:
        """The last moment of what lapses next; None where nothing does."""

    async def lapse(self, found: Iterable[Any], now: datetime, store: EventStore, parameters: Parameters) -> None:
        """Let each of these decide what has lapsed."""


class Verifications:
    """Queries that a source has not answered, and reports that expire."""

    kind: ClassVar[type[Aggregate]] = EconVerification
    tag: ClassVar[str] = VERIFICATIONS

    def due(self, aggregate: EconVerification) -> datetime | None:
        """The end of its day."""
        return None if aggregate.due_on is None else end_of(aggregate.due_on)

    async def lapse(
        self, found: Iterable[EconVerification], now: datetime, store: EventStore, parameters: Parameters
    ) -> None:
        """One whose case is over, as a source reported, is ended: whoever decides ends it at once."""
        verifications = list(found)
        cases = await store.load_many(Case, [verification.case_id for verification in verifications])
        for verification in verifications:
            case = cases.get(verification.case_id)
            if case is not None and case.state in OVER:
                verification.end_with_case(now)
            verification.lapse(now)


class Incidents:
    """Incidents not accepted or not resolved in time: the next level answers for them."""

    kind: ClassVar[type[Aggregate]] = Incident
    tag: ClassVar[str] = INCIDENTS

    def due(self, aggregate: Incident) -> datetime | None:
        """Its moment on the clock."""
        return aggregate.due_at

    async def lapse(self, found: Iterable[Incident], now: datetime, store: EventStore, parameters: Parameters) -> None:
        """Each by its own urgency."""
        for incident in found:
            escalate_incident(incident, now, parameters)


class Clues:
    """Clues to needs not taken on or not answered in time."""

    kind: ClassVar[type[Aggregate]] = NeedClue
    tag: ClassVar[str] = CLUES

    def due(self, aggregate: NeedClue) -> datetime | None:
        """The end of its day."""
        return None if aggregate.due_on is None else end_of(aggregate.due_on)

    async def lapse(self, found: Iterable[NeedClue], now: datetime, store: EventStore, parameters: Parameters) -> None:
        """Each by the step that waits."""
        for clue in found:
            escalate_clue(clue, now, parameters)


KINDS: tuple[Lapsing, ...] = (Verifications(), Incidents(), Clues())
"""Every kind; another is added here once."""


class Deadlines:
    """Lets what is over lapse. `now` is the business clock."""

    def __init__(self, store: EventStore, now: Callable[[], datetime], kinds: tuple[Lapsing, ...] = KINDS) -> None:
        self._now = now
        parameters = CurrentParameters(store)
        self._watches = [_Watch(store, kind, parameters) for kind in kinds]

    async def run_pending(self) -> int:
        """Record what has lapsed; how many aggregates were changed."""
        return sum([await watch.run_pending(self._now()) for watch in self._watches])

    async def follow(self, stop: asyncio.Event, every: float = 2.0) -> None:
        """Look for what has lapsed until `stop` is set."""
        await follow(self.run_pending, stop, every)


class _Watch:
    """What is still to lapse of one kind, as far as the log was read."""

    def __init__(self, store: EventStore, lapsing: Lapsing, parameters: CurrentParameters) -> None:
        self._store = store
        self._lapsing = lapsing
        self._parameters = parameters
        self._position = 0
        self._due: dict[UUID, datetime] = {}
        """The last moment of what lapses next, for every aggregate of which anything does."""

    async def run_pending(self, now: datetime) -> int:
        await self._catch_up()
        over = sorted((due, id) for id, due in self._due.items() if due < now)
        ids = [id for _, id in over]
        changed = 0
        for start in range(0, len(ids), _CHUNK):
            changed += await self._lapse(ids[start : start + _CHUNK], now)
        return changed

    async def _catch_up(self) -> None:
        """What has happened to this kind since the last time, by the tag they have in common.

        Each is loaded once, however often it was changed: at the start that is every one there ever was.
        """
        changed: dict[UUID, None] = {}
        position = self._position
        async for rows in pages(self._store.log, self._lapsing.tag, position):
            changed.update((row.stream_id, None) for row in rows)
            position = rows[-1].position
        ids = list(changed)
        for start in range(0, len(ids), _CHUNK):
            found = await self._store.load_many(self._lapsing.kind, ids[start : start + _CHUNK])
            for aggregate in found.values():
                self._note(aggregate)
        self._position = position

    def _note(self, aggregate: Aggregate) -> None:
        due = self._lapsing.due(aggregate)
        if due is None:
            self._due.pop(aggregate.id, None)
        else:
            self._due[aggregate.id] = due

    async def _lapse(self, ids: list[UUID], now: datetime) -> int:
        changed = 0
        found = await self._store.load_many(self._lapsing.kind, ids)
        await self._lapsing.lapse(found.values(), now, self._store, await self._parameters.get())
        for aggregate in found.values():
            if aggregate.pending_events:
                with suppress(VersionConflict):  # someone else was first: it is looked at anew the next time
                    await self._store.save([aggregate], _ENVELOPE)
                    changed += 1
            self._note(aggregate)
        return changed
