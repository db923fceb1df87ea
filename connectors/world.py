"""What is known of the district while a file is decided: aggregates and persons' ids, in memory and loaded in bulk.

One decider a source runs at a time, so what it knows stays true until an append is refused; then all is forgotten.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TypeVar
from uuid import UUID, uuid4

from domain.kernel import Aggregate
from domain.registry import Person
from infra.keys import KeyRing
from infra.log import EventLog
from infra.store import EventStore

A = TypeVar("A", bound=Aggregate)

CITIZEN_ID = "citizen_id"


async def _nothing_under_way() -> None:
    """No append is under way."""


class World:
    """Aggregates by id, and persons by citizen ID; the ones used longest ago are forgotten first."""

    def __init__(self, store: EventStore, capacity: int = 20_000) -> None:
        self.store = store
        self._capacity = capacity
        self._aggregates: dict[UUID, Aggregate] = {}
        self._owners: dict[bytes, UUID] = {}
        self._digests: dict[str, bytes] = {}
        self._ids: dict[str, UUID] = {}
        self._reserved: dict[str, UUID] = {}
        self._derived: dict[tuple[str, ...], UUID] = {}
        self._holders: set[UUID] = set()
        self._position = 0
        self._foreign: list[tuple[int, int]] = []
        self.settle: Callable[[], Awaitable[None]] = _nothing_under_way
        """Waits until what was decided before stands in the log."""

    @property
    def keyring(self) -> KeyRing:
        """The key ring of the store."""
        return self.store.keyring

    @property
    def log(self) -> EventLog:
        """The log of the store."""
        return self.store.log

    def clear(self) -> None:
        """Forget everything: someone else has changed something, or what was decided came to nothing."""
        self._aggregates.clear()
        self._owners.clear()
        self._ids.clear()
        self._reserved.clear()
        self._foreign.clear()

    async def start(self) -> None:
        """Know nothing yet, and the log as it stands now."""
        self.clear()
        self._position = await self.log.head()

    def note(self, first: int, last: int) -> None:
        """Our own events stand at these positions; what lies between them and the last ones is someone else's."""
        if first > self._position + 1:
            self._foreign.append((self._position, first - 1))
        self._position = max(self._position, last)

    async def catch_up(self) -> None:
        """Forget the aggregates that others have changed meanwhile."""
        while self._foreign:
            after, upto = self._foreign.pop()
            if upto - after > self._capacity:
                await self.settle()
                self.clear()
                return
            for row in await self.log.read(after, upto - after, upto):
                self._aggregates.pop(row.stream_id, None)

    async def look_up(self, citizen_ids: Iterable[str]) -> None:
        """Begin a batch: ask the log who these citizen IDs belong to."""
        self._ids.clear()
        self._reserved.clear()
        self._holders.clear()
        self._derived.clear()
        self._digests = {number: self.keyring.digest(CITIZEN_ID, number) for number in dict.fromkeys(citizen_ids)}
        asked = [digest for digest in self._digests.values() if digest not in self._owners]
        if asked:
            self._make_room()
            for digest, owner in (await self.log.identifiers(asked)).items():
                self._owners.setdefault(digest, owner)

    def resolve(self, citizen_ids: Iterable[str]) -> None:
        """Settle who these looked-up citizen IDs belong to; ids are reserved for those whom nobody knows yet."""
        for number in citizen_ids:
            owner = self._owners.get(self._digests[number])
            if owner is None:
                self._reserved[number] = uuid4()
            else:
                self._ids[number] = owner

    def person_id(self, citizen_id: str) -> UUID | None:
        """Who a resolved citizen ID belongs to."""
        return self._ids.get(citizen_id)

    def reserved_id(self, citizen_id: str) -> UUID:
        """The id that the owner of an unknown citizen ID will have."""
        return self._reserved[citizen_id]

    def own(self, citizen_id: str, owner: UUID) -> None:
        """From now on the citizen ID belongs to this person."""
        self._ids[citizen_id] = owner
        self._owners[self._digests[citizen_id]] = owner

    async def load(self, ids: Iterable[UUID], holders: Iterable[UUID] | None = None) -> None:
        """Have these aggregates at hand, those of them that exist.

        `holders` are those of the others for whom something may be sealed: all of them where it isn't given.
        """
        wanted = list(dict.fromkeys(ids))
        self._refresh(wanted)
        missing = [id for id in wanted if id not in self._aggregates]
        if missing:
            found = await self.store.load_many(Aggregate, missing)
            self._aggregates.update(found)
        self._holders.update(wanted if holders is None else (id for id in wanted if id in self._aggregates))
        self._holders.update(holders or ())

    async def ready(self) -> None:
        """Have the keys of everything that was loaded for this batch: the last thing before it is decided."""
        await self.keyring.preload(self._holders)

    def person(self, citizen_id: str | None) -> Person | None:
        """The person with a resolved citizen ID."""
        owner = self._ids.get(citizen_id) if citizen_id else None
        return None if owner is None else self.get(Person, owner)

    def get(self, kind: type[A], id: UUID) -> A | None:
        """A loaded aggregate; None where there is none of that kind."""
        found = self._aggregates.get(id)
        return found if isinstance(found, kind) else None

    def many(self, kind: type[A], ids: Iterable[UUID]) -> dict[UUID, A]:
        """Those of the aggregates that are loaded."""
        return {id: found for id in ids if (found := self.get(kind, id)) is not None}

    def add(self, aggregate: Aggregate) -> None:
        """A new aggregate that the decider has just made."""
        self._aggregates[aggregate.id] = aggregate

    def derive(self, kind: str, *parts: str) -> UUID:
        """The id of what the source calls this."""
        key = (kind, *parts)
        found = self._derived.get(key)
        if found is None:
            found = self._derived[key] = self.keyring.derive_id(kind, "\x1f".join(parts))
        return found

    def _refresh(self, used: Sequence[UUID]) -> None:
        """Move what is used to the young end, and drop from the old end what is beyond the capacity."""
        aggregates = self._aggregates
        for id in used:
            found = aggregates.pop(id, None)
            if found is not None:
                aggregates[id] = found
        excess = len(aggregates) - self._capacity
        if excess > 0:
            for id in list(aggregates)[: excess + self._capacity // 8]:
                del aggregates[id]

    def _make_room(self) -> None:
        if len(self._owners) > 4 * self._capacity:
            for digest in list(self._owners)[: 2 * self._capacity]:
                del self._owners[digest]
