"""Who read whose data, when and what for: noted before the answer leaves, by many readers at once.

个人信息保护法 articles 34 to 36 and 51: official duties are no licence to look around; who looked at whom can be found.
One row a request holds the ids of all persons in its answer. Rows are only ever added. They are not waited for until
they are on disk: what a crash of the database server itself loses is its last fraction of a second; a crash of this
process loses nothing that was answered.
"""

import asyncio
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg

from domain.access import Actor
from infra.database import connect
from infra.log.failures import translated
from infra.tasks import end

_INSERT = """
INSERT INTO log.person_read (actor, acts_for, role, department, division, purpose, matter, operation, persons)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
    $9::bytea[])"""
# Whole ids only: one that begins within another is none.
_OF_PERSON = """
SELECT at, actor, acts_for, role, department, division, purpose, matter, operation FROM log.person_read
WHERE at >= $2 AND at < $3 AND starts_with(division, $4) AND position($1::bytea IN persons) % 16 = 1
ORDER BY at DESC LIMIT $5"""


class PersonRead(NamedTuple):
    """One request whose answer held something of persons. `persons` are their ids, 16 bytes each."""

    actor: Actor
    purpose: str
    matter: str
    """The case or other matter it was for, as the reader names it."""
    operation: str
    """The GraphQL operation's name."""
    persons: bytes


class ReadRecord(NamedTuple):
    """What was noted of one reading."""

    at: datetime
    actor: str
    acts_for: str
    role: str
    department: str
    division_code: str
    purpose: str
    matter: str
    operation: str


class PersonReads:
    """Notes readings, a group at a time. Connects when first used; for one event loop."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: asyncpg.Connection[Any] | None = None
        self._waiting: list[tuple[PersonRead, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def note(self, read: PersonRead) -> None:
        """Return once the reading is noted; raises Unavailable where it can't be, and nothing may be answered."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((read, done))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
        await done

    async def of_person(
        self, person_id: UUID, since: datetime, until: datetime, division_code: str, limit: int
    ) -> list[ReadRecord]:
        """Readings of a person by readers of a division's subtree, the latest first."""
        with translated():
            connection = await connect(self._url, "appender")
            try:
                rows = await connection.fetch(_OF_PERSON, person_id.bytes, since, until, division_code, limit)
            finally:
                await connection.close()
        return [ReadRecord(*row) for row in rows]

    async def close(self) -> None:
        """Let go of the connection."""
        await end(self._writing)
        if self._connection is not None:
            await self._connection.close()

    async def _write(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting, []
            try:
                await self._insert([read for read, _ in group])
            except Exception as error:
                for _, done in group:
                    if not done.done():
                        done.set_exception(error)
            else:
                for _, done in group:
                    if not done.done():  # whoever asked may have gone away
                        done.set_result(None)

    async def _insert(self, reads: list[PersonRead]) -> None:
        rows = [
            (
                *(read.actor.name, read.actor.acts_for, read.actor.role.value, read.actor.department),
                *(read.actor.division_code, read.purpose, read.matter, read.operation, read.persons),
            )
            for read in reads
        ]
        with translated():
            if self._connection is None or self._connection.is_closed():
                self._connection = await connect(self._url, "appender", synchronous_commit="off")
            await self._connection.execute(_INSERT, *map(list, zip(*rows, strict=True)))
