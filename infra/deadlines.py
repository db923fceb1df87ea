"""What lapses by itself when its day is over: queries that a source has not answered, reports too old to rely on.

What is still to lapse follows from the log alone, so there is no other state to lose, and the aggregate decides: run
again, or by two processes at once, nothing lapses twice. What has no day to lapse on, as history, never does.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime
from uuid import UUID

from domain.access import SYSTEM
from domain.assistance import Case, EconVerification
from domain.assistance.case_process import OVER
from domain.assistance.verification_record import VERIFICATIONS
from domain.errors import VersionConflict
from infra.codec import Envelope
from infra.log import pages
from infra.store import EventStore
from infra.tasks import follow

_ENVELOPE = Envelope(actor=SYSTEM.name, role=SYSTEM.role.value, source="deadlines")
_CHUNK = 250


class Deadlines:
    """Lets verifications lapse. `now` is the business clock."""

    def __init__(self, store: EventStore, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now
        self._position = 0
        self._due: dict[UUID, date] = {}
        """The last day of what lapses next, for every verification of which anything does."""

    async def run_pending(self) -> int:
        """Record what has lapsed; how many verifications were changed."""
        await self._catch_up()
        today = self._now().date()
        over = sorted((due, id) for id, due in self._due.items() if due < today)
        ids = [id for _, id in over]
        changed = 0
        for start in range(0, len(ids), _CHUNK):
            changed += await self._lapse(ids[start : start + _CHUNK])
        return changed

    async def follow(self, stop: asyncio.Event, every: float = 2.0) -> None:
        """Look for what has lapsed until `stop` is set."""
        await follow(self.run_pending, stop, every)

    async def _catch_up(self) -> None:
        """What has happened to verifications since the last time, by the tag they have in common.

        Each is loaded once, however often it was changed: at the start that is every verification there ever was.
        """
        changed: dict[UUID, None] = {}
        position = self._position
        async for rows in pages(self._store.log, VERIFICATIONS, position):
            changed.update((row.stream_id, None) for row in rows)
            position = rows[-1].position
        ids = list(changed)
        for start in range(0, len(ids), _CHUNK):
            found = await self._store.load_many(EconVerification, ids[start : start + _CHUNK])
            for verification in found.values():
                self._note(verification)
        self._position = position

    def _note(self, verification: EconVerification) -> None:
        if verification.due_on is None:
            self._due.pop(verification.id, None)
        else:
            self._due[verification.id] = verification.due_on

    async def _lapse(self, ids: list[UUID]) -> int:
        changed = 0
        found = await self._store.load_many(EconVerification, ids)
        cases = await self._store.load_many(Case, [verification.case_id for verification in found.values()])
        for verification in found.values():
            case = cases.get(verification.case_id)
            if case is not None and case.state in OVER:  # as a source reported: whoever decides ends it at once
                verification.end_with_case(self._now())
            verification.lapse(self._now())
            if verification.pending_events:
                with suppress(VersionConflict):  # someone else was first: it is looked at anew the next time
                    await self._store.save([verification], _ENVELOPE)
                    changed += 1
            self._note(verification)
        return changed
