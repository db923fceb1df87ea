"""What lapses by itself when its time is over: queries that no source answered, beds held too long, open incidents.

What is still to lapse follows from the log alone, so there is no other state to lose, and the aggregate decides: run
again, or by two processes at once, nothing lapses twice. What has no moment to lapse at, as history, never does.
"""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from uuid import UUID

from domain.access import SYSTEM
from domain.assistance.verification_record import VERIFICATIONS
from domain.errors import VersionConflict
from domain.kernel import TIMERS, Aggregate, Timed
from infra.codec import Envelope
from infra.log import pages
from infra.store import EventStore
from infra.tasks import follow

_ENVELOPE = Envelope(actor=SYSTEM.name, role=SYSTEM.role.value, source="deadlines")
_TAGS = (TIMERS, VERIFICATIONS)
_CHUNK = 250


class Deadlines:
    """Lets aggregates lapse. `now` is the business clock."""

    def __init__(self, store: EventStore, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now
        self._positions = dict.fromkeys(_TAGS, 0)
        self._due: dict[UUID, datetime] = {}
        """When the next thing lapses, for every aggregate in which anything does."""

    async def run_pending(self) -> int:
        """Record what has lapsed; how many aggregates were changed."""
        for tag in _TAGS:
            await self._catch_up(tag)
        now = self._now()
        over = sorted((due, id) for id, due in self._due.items() if due <= now)
        ids = [id for _, id in over]
        changed = 0
        for start in range(0, len(ids), _CHUNK):
            changed += await self._lapse(ids[start : start + _CHUNK])
        return changed

    async def follow(self, stop: asyncio.Event, every: float = 2.0) -> None:
        """Look for what has lapsed until `stop` is set."""
        await follow(self.run_pending, stop, every)

    async def _catch_up(self, tag: str) -> None:
        """What has happened since the last time to aggregates with a tag in common.

        Each is loaded once, however often it was changed: at the start that is every one there ever was.
        """
        changed: dict[UUID, None] = {}
        position = self._positions[tag]
        async for rows in pages(self._store.log, tag, position):
            changed.update((row.stream_id, None) for row in rows)
            position = rows[-1].position
        ids = list(changed)
        for start in range(0, len(ids), _CHUNK):
            # When something lapses is nothing personal: no key is fetched and nothing decrypted to learn it.
            found = await self._store.load_many(Timed, ids[start : start + _CHUNK], with_personal=False)
            for aggregate in found.values():
                self._note(aggregate)
        self._positions[tag] = position

    def _note(self, aggregate: Timed) -> None:
        due = aggregate.lapses_at
        if due is None:
            self._due.pop(aggregate.id, None)
        else:
            self._due[aggregate.id] = due

    async def _lapse(self, ids: list[UUID]) -> int:
        changed = 0
        found = await self._store.load_many(Timed, ids)
        owners = await self._owners(found.values())
        for aggregate in found.values():
            owner = aggregate.owner()
            aggregate.lapse(self._now(), None if owner is None else owners.get(owner[1]))
            if aggregate.pending_events:
                with suppress(VersionConflict):  # someone else was first: it is looked at anew the next time
                    await self._store.save([aggregate], _ENVELOPE)
                    changed += 1
            self._note(aggregate)
        return changed

    async def _owners(self, aggregates: Iterable[Timed]) -> dict[UUID, Aggregate]:
        owned = [owner for aggregate in aggregates if (owner := aggregate.owner()) is not None]
        owners: dict[UUID, Aggregate] = {}
        for kind in dict.fromkeys(kind for kind, _ in owned):
            owners |= await self._store.load_many(kind, [id for of, id in owned if of is kind])
        return owners
