"""A district in memory with its rules at work: what the tests of cross-system rules act on."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from domain.care.age_roll import WithoutAllowance
from domain.clock import at
from domain.codes import DutyState, ProcessCode
from domain.findings import Finding
from domain.kernel import Aggregate, Event, Reading
from domain.processes import Duty
from domain.registry.operators import FacilitiesRunBy, ResidentsOf
from domain.relief.vulnerable import VulnerablePersons
from infra.codec import Envelope, EventCodec
from infra.deadlines import Deadlines
from infra.keys import FileMasterKey, KeyRing
from infra.log import MemoryLog
from infra.processes import Processes
from infra.store import EventStore

A = TypeVar("A", bound=Aggregate)


async def _nobody(wish: Reading) -> tuple[UUID, ...]:
    return ()


async def _none(wish: Reading) -> int:
    return 0


_EMPTY: dict[type, Any] = {
    VulnerablePersons: _nobody,
    FacilitiesRunBy: _nobody,
    ResidentsOf: _none,
    WithoutAllowance: _nobody,
}
"""What read models of a district answer in which nothing stands that a test does not say."""
TODAY = date(2015, 12, 10)
"""A Thursday in the demo district's own year."""


@dataclass
class District:
    """The log, the rules and the business clock; `readers` answer what the rules ask of read models."""

    day: date = TODAY
    hour: int = 9
    readers: dict[type, Any] = field(default_factory=dict)
    log: MemoryLog = field(default_factory=MemoryLog)

    def __post_init__(self) -> None:
        keyring = KeyRing(self.log, FileMasterKey(b"0" * 32))
        self.store = EventStore(self.log, EventCodec(keyring), keyring)
        self.readers = {**_EMPTY, **self.readers}
        self.rules = Processes(self.store, self.now, self.readers)
        self.deadlines = Deadlines(self.store, self.now)

    def now(self) -> datetime:
        """The business clock."""
        return at(self.day, self.hour)

    async def has(self, *aggregates: Aggregate, source: str = "") -> None:
        """These things have happened before, or happen now; with a `source` as that system reports them."""
        await self.store.save([a for a in aggregates if a.pending_events], Envelope(source=source))

    async def again(self, aggregate: A) -> A:
        """The aggregate as the log has it now."""
        found = await self.store.load(type(aggregate), aggregate.id)
        assert found is not None
        return found

    async def run(self) -> int:
        """Let the rules react; how many reactions changed anything."""
        return await self.rules.run_pending()

    async def pass_to(self, day: date, hour: int = 9) -> int:
        """Let time pass, and what lapses lapse; how many aggregates did."""
        self.day, self.hour = day, hour
        return await self.deadlines.run_pending()

    async def duties(self, code: ProcessCode, *states: DutyState) -> list[Duty]:
        """What a rule has asked for, oldest first; in these states only, if any are named."""
        found = await self._all(Duty)
        return [duty for duty in found if duty.process is code and (not states or duty.state in states)]

    async def findings(self) -> list[Finding]:
        """Every finding there is."""
        return await self._all(Finding)

    async def events(self, kind: type[Event]) -> list[Event]:
        """Every event of a kind, oldest first."""
        rows = [row for row in await self.log.read(0, 1_000_000) if row.topic == kind.TOPIC]
        await self.store.keyring.preload(self.store.codec.holders(rows))
        return [self.store.codec.decode(row) for row in rows]

    async def anew(self) -> "District":
        """The same log with a process that has forgotten its place and everything else."""
        self.log._places.clear()
        fresh = District(self.day, self.hour, self.readers, self.log)
        fresh.store, fresh.rules, fresh.deadlines = (
            self.store,
            Processes(self.store, fresh.now, self.readers),
            Deadlines(self.store, fresh.now),
        )
        return fresh

    async def _all(self, kind: type[A]) -> list[A]:
        ids: dict[UUID, None] = {}
        for row in await self.log.read(0, 1_000_000):
            if row.topic == kind.Created.TOPIC:  # type: ignore[attr-defined]
                ids[row.stream_id] = None
        found = await self.store.load_many(kind, list(ids))
        return [found[id] for id in ids]
