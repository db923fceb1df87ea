"""Takes one platform's messages to it, in their order, each once: whatever the way, and whatever dies meanwhile.

How far it has come moves in the transaction that notes what was answered. A parcel whose answer was lost is handed over
again, and every way knows it: by an idempotency key, by its number, by its rows' keys.
"""

import asyncio
import hashlib
import logging
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg

from connectors.database import Tables
from connectors.following import following
from connectors.platforms import breaker
from connectors.platforms.declaration import Platform
from connectors.platforms.inbox import Inbox, refusal
from connectors.platforms.shape import PlatformMessage, Shape
from connectors.platforms.ways import Answer, Delivered, NotDelivered, Parcel, Way
from domain.errors import MinzhengError, PlaceTaken
from infra.log import MOVE
from infra.store import EventStore
from infra.tasks import pause

_ROWS = 500
_LOOK = 5.0
"""Seconds without an event after which it is looked whether the platform is to be told again from elsewhere."""
_HELD = 1.0
"""Seconds after which it is looked anew whether a platform is still paused, or to be waited for."""
_logger = logging.getLogger(__name__)


def follower(platform: Platform) -> str:
    """Under which name the log keeps how far a platform has come."""
    return f"platform:{platform.name}"


@dataclass(slots=True)
class Delivery:
    """One platform's messages by its way. What it refuses goes into the inbox as if it had been sent back."""

    store: EventStore
    platform: Platform
    tables: Tables
    way: Way
    inbox: Inbox
    report: Callable[[str], None] = lambda text: None
    _shape: Shape = field(init=False)

    def __post_init__(self) -> None:
        """Make what makes the messages."""
        self._shape = Shape(self.platform, self.store)

    async def run(self, stop: asyncio.Event) -> None:
        """Deliver what is recorded until `stop` is set; where PostgreSQL is away it is tried again."""
        try:
            while not stop.is_set():
                try:
                    await self._deliver(stop)
                except PlaceTaken:  # another process delivers to it, or it is told again from elsewhere
                    await pause(stop, _HELD)
                except MinzhengError as error:
                    self.report(str(error))
                    await pause(stop, breaker.FIRST)
        finally:
            await self.way.close()

    async def _deliver(self, stop: asyncio.Event) -> None:
        parcels = self._gathered(stop) if self.way.every else self._as_they_come(stop)
        async with aclosing(parcels):
            async for parcel in parcels:
                if not await self._insist(parcel, stop):
                    return

    async def _as_they_come(self, stop: asyncio.Event) -> AsyncGenerator[Parcel, None]:
        place, previous = await self._start()
        async with aclosing(following(self.store.log, place, _ROWS, stop, _LOOK)) as batches:
            async for rows in batches:
                if not rows and await self._moved(place):
                    return
                for part in _parts(await self._shape.messages(rows, previous), self.way.at_once):
                    previous = part[-1].position
                    yield Parcel(part, place, previous)
                    place = previous
                if rows and rows[-1].position > place:
                    place = await self._pass(place, rows[-1].position)

    async def _gathered(self, stop: asyncio.Event) -> AsyncGenerator[Parcel, None]:
        """Parcels of whatever has come in a while, numbered. One that was noted and not made is made first."""
        while not stop.is_set():
            place, previous = await self._start()
            number, upto = await self._noted(place)
            head = await self.store.log.head()
            messages, upto = await self._gather(place, upto or head, previous, bound=bool(upto))
            if messages:
                await self._note(number, place, upto)
                yield Parcel(messages, place, upto, number)
            elif upto > place:
                await self._pass(place, upto)
            if upto >= head:
                await self._rest(stop, upto)

    async def _rest(self, stop: asyncio.Event, place: int) -> None:
        """Wait until it is time for the next parcel, or it is told again from elsewhere."""
        until = time.monotonic() + self.way.every
        while not stop.is_set() and (left := until - time.monotonic()) > 0:
            await pause(stop, min(left, _LOOK))
            if await self._moved(place):
                return

    async def _moved(self, place: int) -> bool:
        """Whether it is to be told again from elsewhere, or another process has delivered to it."""
        return await self.store.log.place(follower(self.platform)) != place

    async def _gather(self, place: int, upto: int, previous: int, *, bound: bool) -> tuple[list[PlatformMessage], int]:
        """The messages up to a position; unless that is bound, no more of them than fit one parcel."""
        found: list[PlatformMessage] = []
        async for messages in self._shape.between(place, upto, previous):
            found += messages
            if not bound and len(found) >= self.way.at_once:
                found = found[: self.way.at_once]
                return found, found[-1].position
        return found, upto

    async def _start(self) -> tuple[int, int]:
        """Behind which position to go on, and where the message before that stands."""
        place = await self.store.log.place(follower(self.platform))
        async with self.tables.transaction() as connection:
            last = await connection.fetchval("SELECT last FROM connectors.platform WHERE name = $1", self.platform.name)
        if last is None or last > place:  # it is told again from an earlier place
            return place, await self._shape.last_before(place)
        return place, int(last)

    async def _pass(self, place: int, upto: int) -> int:
        """Go past what the platform is told nothing of. Raises PlaceTaken."""
        if not await self.store.log.move(follower(self.platform), place, upto):
            raise PlaceTaken("Another process delivers to this platform.")
        return upto

    async def _insist(self, parcel: Parcel, stop: asyncio.Event) -> bool:
        """Try until it is answered; False where `stop` was set before."""
        while not stop.is_set():
            failures = await self._attempts()
            if failures is None:
                await pause(stop, _HELD)
                continue
            try:
                delivered = await self.way.deliver(parcel)
            except NotDelivered as error:
                await self._failed(failures + 1, str(error))
                continue
            await self._commit(parcel, delivered)
            return True
        return False

    async def _attempts(self) -> int | None:
        """How often it has failed in a row; None while it is paused or not yet to be tried again."""
        async with self.tables.transaction() as connection:
            row = await connection.fetchrow(
                "SELECT paused, failures, retry_at FROM connectors.platform WHERE name = $1", self.platform.name
            )
        if row is None:
            return 0
        if row["paused"] or (row["retry_at"] is not None and row["retry_at"] > datetime.now(UTC)):
            return None
        return int(row["failures"])

    async def _failed(self, failures: int, why: str) -> None:
        wait = breaker.wait_after(failures)
        _logger.warning("platform %s: %s", self.platform.name, why)
        if failures == breaker.BROKEN_AFTER:
            self.report(f"平台 {self.platform.name} 连续 {failures} 次未送达（{why}），改为每隔几分钟试一次。")
        async with self.tables.transaction() as connection:
            await connection.execute(
                """INSERT INTO connectors.platform (name, failures, error, retry_at) VALUES ($1, $2, $3, $4)
                ON CONFLICT (name) DO UPDATE SET failures = $2, error = $3, retry_at = $4, changed_at = now()""",
                self.platform.name,
                failures,
                why[:200],
                datetime.now(UTC) + timedelta(seconds=wait),
            )

    async def _commit(self, parcel: Parcel, delivered: Delivered) -> None:
        """Note the answers, what was refused, and that the parcel is done with, in one transaction.

        Raises PlaceTaken where the place has moved meanwhile.
        """
        refused = [refusal(answer) for answer in delivered.answers if not answer.accepted]
        if refused:
            await self.inbox.prepare(self.platform.name)
        async with self.tables.transaction(durable=True) as connection:
            if not await connection.fetchval(MOVE, follower(self.platform), parcel.after, parcel.upto):
                raise PlaceTaken("Another process delivers to this platform.")
            await connection.execute(
                """INSERT INTO connectors.platform (name, last, answered_at) VALUES ($1, $2, now())
                ON CONFLICT (name) DO UPDATE SET last = $2, answered_at = now(), failures = 0, error = '',
                    retry_at = NULL, changed_at = now()""",
                self.platform.name,
                parcel.messages[-1].position,
            )
            await self._receipts(connection, delivered.answers)
            if parcel.number:
                await connection.execute(
                    """UPDATE connectors.parcel SET name = $3, count = $4, digest = $5, made_at = clock_timestamp()
                    WHERE platform = $1 AND number = $2""",
                    *(self.platform.name, parcel.number, delivered.name, len(parcel.messages), delivered.digest),
                )
            for said in refused:
                await self.inbox.put(connection, self.platform.name, said)

    async def _receipts(self, connection: "asyncpg.Connection[Any]", answers: Sequence[Answer]) -> None:
        await connection.executemany(
            """INSERT INTO connectors.receipt (platform, position, previous, accepted, status, reference, digest)
            VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (platform, position) DO UPDATE SET
                accepted = excluded.accepted, status = excluded.status, reference = excluded.reference,
                digest = excluded.digest, at = excluded.at""",
            [
                (
                    self.platform.name,
                    answer.message.position,
                    answer.message.previous,
                    answer.accepted,
                    answer.status,
                    answer.reference,
                    hashlib.sha256(answer.message.value).digest(),
                )
                for answer in answers
            ],
        )

    async def _noted(self, place: int) -> tuple[int, int]:
        """The number of the next parcel; and up to where it goes, if it was noted before it could be made."""
        async with self.tables.transaction() as connection:
            row = await connection.fetchrow(
                """SELECT number, after, upto, made_at FROM connectors.parcel WHERE platform = $1
                ORDER BY number DESC LIMIT 1""",
                self.platform.name,
            )
        if row is None:
            return 1, 0
        if row["made_at"] is not None:
            return row["number"] + 1, 0
        return row["number"], row["upto"] if row["after"] == place else 0

    async def _note(self, number: int, after: int, upto: int) -> None:
        async with self.tables.transaction(durable=True) as connection:
            await connection.execute(
                """INSERT INTO connectors.parcel (platform, number, after, upto) VALUES ($1, $2, $3, $4)
                ON CONFLICT (platform, number) DO UPDATE SET after = $3, upto = $4 WHERE parcel.made_at IS NULL""",
                *(self.platform.name, number, after, upto),
            )


def _parts(messages: Sequence[PlatformMessage], size: int) -> list[Sequence[PlatformMessage]]:
    return [messages[start : start + size] for start in range(0, len(messages), size)]


__all__ = ["Delivery", "follower"]
