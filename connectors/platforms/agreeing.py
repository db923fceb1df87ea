"""Every day by itself: what each platform should have had is held against what it has, and a difference is a finding.

A day is looked at once the platform has been told all of it. Where a platform can't be asked (files that it took, an
HTTPS platform without a list), our own count and digest are noted for it to check.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from connectors.database import Tables
from connectors.platforms.answers import SOURCE
from connectors.platforms.declaration import Platform
from connectors.platforms.reconciling import Day, differences, expected, stretch, summed_up
from connectors.platforms.ways import Listed, NotDelivered, Parcel
from domain.access import SYSTEM
from domain.clock import CHINA
from domain.errors import MinzhengError, VersionConflict
from domain.findings import Finding
from domain.findings.exchange import disagreed
from infra.codec import Envelope
from infra.store import EventStore
from infra.tasks import pause

_EVERY = 600.0
"""Seconds between two looks whether a day is to be held against a platform's."""
_DAYS = 31
"""Days that are caught up on, at most."""
Ask = Callable[[Parcel, str], Awaitable[Sequence[Listed] | None]]


@dataclass(frozen=True, slots=True)
class Agreement:
    """How a day compared. `theirs` is None where the platform could not be asked."""

    day: date
    ours: Day
    theirs: Day | None
    differences: int


@dataclass(slots=True)
class Agreeing:
    """Holds one platform's days against the log's."""

    store: EventStore
    tables: Tables
    platform: Platform
    ask: Ask
    follower: str
    now: Callable[[], datetime]
    """The business time, at which a finding is made."""
    report: Callable[[str], None] = lambda text: None

    async def run(self, stop: asyncio.Event) -> None:
        """Look at each day that is over, until `stop` is set."""
        while not stop.is_set():
            try:
                await self.catch_up(datetime.now(UTC).astimezone(CHINA).date())
            except NotDelivered as error:
                self.report(f"平台 {self.platform.name} 的逐日核对没有完成（{error}），稍后再试。")
            except MinzhengError as error:
                self.report(str(error))
            await pause(stop, _EVERY)

    async def catch_up(self, today: date) -> list[Agreement]:
        """Look at every day before today that was not looked at yet. Raises NotDelivered, Unavailable."""
        async with self.tables.transaction() as connection:
            last = await connection.fetchval(
                "SELECT max(day) FROM connectors.agreement WHERE platform = $1", self.platform.name
            )
        day = max(last or today - timedelta(days=2), today - timedelta(days=_DAYS + 1)) + timedelta(days=1)
        made = []
        while day < today:
            agreement = await self.compare(day)
            if agreement is None:
                break
            made.append(agreement)
            day += timedelta(days=1)
        return made

    async def compare(self, day: date) -> Agreement | None:
        """Look at one day and note how it compared; None where the platform has not been told all of it yet."""
        after, upto = await stretch(self.store.log, day)
        if await self.store.log.place(self.follower) < upto:
            return None
        ours = await expected(self.store, self.platform, day)
        theirs = await self.ask(Parcel((), after, upto), day.isoformat())
        found = [] if theirs is None else differences(ours, theirs)
        agreement = Agreement(day, summed_up(ours), None if theirs is None else summed_up(sorted(theirs)), len(found))
        await self._note(agreement)
        if found:
            await self._find(agreement)
        return agreement

    async def _note(self, agreement: Agreement) -> None:
        theirs = agreement.theirs
        async with self.tables.transaction(durable=True) as connection:
            await connection.execute(
                """INSERT INTO connectors.agreement (platform, day, count, digest, their_count, their_digest,
                    differences) VALUES ($1, $2, $3, $4, $5, $6, $7)
                ON CONFLICT (platform, day) DO UPDATE SET count = $3, digest = $4, their_count = $5,
                    their_digest = $6, differences = $7, checked_at = clock_timestamp()""",
                *(self.platform.name, agreement.day, agreement.ours.count, bytes.fromhex(agreement.ours.digest)),
                *((None, None) if theirs is None else (theirs.count, bytes.fromhex(theirs.digest))),
                agreement.differences,
            )

    async def _find(self, agreement: Agreement) -> None:
        """Raise the day's finding, unless it was found before."""
        assert agreement.theirs is not None, "only then are there differences"
        draft = disagreed(
            self.platform.name,
            agreement.day,
            agreement.ours.count,
            agreement.theirs.count,
            agreement.differences,
            self.platform.division[:6],
        )
        id = Finding.id_for(draft.key)
        if await self.store.load(Finding, id) is not None:
            return
        now = self.now()
        try:
            await self.store.save(
                [Finding.raise_for(id, now, found_on=now.date(), **draft.fields())],
                Envelope(actor=SYSTEM.name, role=SYSTEM.role.value, source=SOURCE),
            )
        except VersionConflict:  # another process was first
            return


__all__ = ["Agreeing", "Agreement"]
