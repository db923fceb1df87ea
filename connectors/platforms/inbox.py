"""What platforms send back, kept in the order in which it came until it is in the log, sealed till it is forgotten.

Refusals, corrections and a platform's own records come by any way; here they all become rows of one table, each once,
and from here they go the way of every source's messages (taking.py).
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from connectors.database import Tables
from connectors.importer import KEPT_DAYS
from connectors.kafka.messages import Said, Unintelligible, understand
from connectors.platforms.ways import Answer
from domain.clock import CHINA
from domain.errors import PlaceTaken
from infra.log import MOVE, Move
from infra.store import EventStore

ANSWERS = "answers"
"""The kind of what a platform says about a message it had."""
UNREAD = "?"
"""What stands for the kind of what can't be understood; its only column is why."""
Keep = Callable[[Sequence[Said]], Awaitable[object]]
"""Puts what came back into the inbox; when it returns, that is safe."""
_COLUMNS = ("消息标识", "处理结果", "说明")


class _Kept(msgspec.Struct, frozen=True, array_like=True):
    """What was said, packed. A cell's day comes back as text, which is read as a day all the same."""

    names: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[Any, ...]
    on: date
    mark: str
    deleted: bool


_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(_Kept).decode


@dataclass(frozen=True, slots=True)
class Arrived:
    """Something that came back, by its number among what came of its platform; None where its key has expired."""

    number: int
    received_at: datetime
    said: Said | None


class Inbox:
    """The inbox in PostgreSQL."""

    def __init__(self, tables: Tables, store: EventStore) -> None:
        self.tables = tables
        self._store = store

    async def put_all(self, platform: str, said: Sequence[Said], move: Move | None = None) -> int:
        """Put these in, in a transaction of their own that may move a follower too; how many are new.

        Raises PlaceTaken where that follower was moved by another meanwhile.
        """
        if not said and move is None:
            return 0
        await self.prepare(platform)
        async with self.tables.transaction(durable=True) as connection:
            if move is not None and not await connection.fetchval(MOVE, move.follower, move.before, move.to):
                raise PlaceTaken("Another process collects from this platform.")
            return sum([(await self.put(connection, platform, each))[1] for each in said])

    async def prepare(self, platform: str) -> None:
        """Have this month's key in the log and at hand for what is about to be put in."""
        await self._store.ensure_key(self._holder(platform))

    async def put(self, connection: "asyncpg.Connection[Any]", platform: str, said: Said) -> tuple[int, bool]:
        """Put one in, in the caller's transaction and after `prepare`: its number, and whether it is new."""
        await connection.execute(
            "INSERT INTO connectors.platform (name) VALUES ($1) ON CONFLICT (name) DO NOTHING", platform
        )
        # One after the other, so that no smaller number appears behind one that was taken in.
        await connection.execute("SELECT FROM connectors.platform WHERE name = $1 FOR UPDATE", platform)
        mark = sha256(f"{platform}\n{said.mark}".encode()).digest()
        known = await connection.fetchval(
            "SELECT number FROM connectors.inbox WHERE platform = $1 AND mark = $2", platform, mark
        )
        if known is not None:
            return int(known), False
        holder = self._holder(platform)
        number = await connection.fetchval(
            """INSERT INTO connectors.inbox (platform, number, mark, key_holder, sealed)
            SELECT $1, coalesce(max(number) + 1, 0), $2, $3, $4 FROM connectors.inbox WHERE platform = $1
            RETURNING number""",
            *(platform, mark, holder, self._store.keyring.seal(holder, _packed(said), mark)),
        )
        return int(number), True

    async def read(self, platform: str, first: int, limit: int) -> list[Arrived]:
        """What came of a platform, from a number on."""
        async with self.tables.transaction() as connection:
            rows = await connection.fetch(
                """SELECT number, mark, key_holder, sealed, received_at FROM connectors.inbox
                WHERE platform = $1 AND number >= $2 ORDER BY number LIMIT $3""",
                *(platform, first, limit),
            )
        await self._store.keyring.preload({row["key_holder"] for row in rows})
        return [Arrived(row["number"], row["received_at"], self._open(row)) for row in rows]

    async def next_number(self, platform: str) -> int:
        """The number that the next one to come will have."""
        async with self.tables.transaction() as connection:
            number = await connection.fetchval(
                "SELECT coalesce(max(number) + 1, 0) FROM connectors.inbox WHERE platform = $1", platform
            )
        return int(number)

    async def forget_expired(self) -> int:
        """Destroy the keys of months whose time has come, as those of files; how many."""
        async with self.tables.transaction() as connection:
            rows = await connection.fetch(
                """SELECT key_holder FROM connectors.inbox WHERE sealed <> '' GROUP BY key_holder
                HAVING max(received_at) < $1""",
                datetime.now(UTC) - timedelta(days=KEPT_DAYS),
            )
        for row in rows:
            await self._store.log.destroy_key(row["key_holder"])
        async with self.tables.transaction(durable=True) as connection:
            await connection.execute(
                "UPDATE connectors.inbox SET sealed = '' WHERE key_holder = ANY($1)",
                [row["key_holder"] for row in rows],
            )
        return len(rows)

    def _open(self, row: asyncpg.Record) -> Said | None:
        plain = self._store.keyring.open(row["key_holder"], row["sealed"], row["mark"]) if row["sealed"] else None
        return None if plain is None else Said(*msgspec.structs.astuple(_unpack(plain)))

    def _holder(self, platform: str) -> UUID:
        """Under whose key this month's messages are sealed, whichever process puts them in."""
        month = datetime.now(UTC).astimezone(CHINA)
        return self._store.keyring.derive_id("inbox", f"{platform}\n{month:%Y-%m}")


def _packed(said: Said) -> bytes:
    return _pack(_Kept(said.names, said.columns, said.cells, said.on, said.mark, said.deleted))


def refusal(answer: Answer) -> Said:
    """A message that was refused at once, as if the refusal had been sent back."""
    return answer_said(answer.message.id, reason=answer.reason or f"HTTP {answer.status}", mark=str(answer.status))


def answer_said(id: str, *, reason: str, mark: str = "") -> Said:
    """That a platform refused a message, by the message's id."""
    today = datetime.now(UTC).astimezone(CHINA).date()
    return Said((ANSWERS,), _COLUMNS, (id, "退回", reason), today, f"refused\n{id}\n{mark or reason}")


def kept(value: bytes, sent_at: datetime, place: str, headers: Sequence[tuple[str, bytes]] = ()) -> Said:
    """What a message says, for the inbox: what can't be understood is kept as a mere text, for quarantine."""
    try:
        said = understand(value, headers, sent_at, place)
    except Unintelligible as error:
        said = None
        why = str(error)
    else:
        why = "消息没有内容；请平台按接口文档发送。"
    if said is not None:
        return said
    day = sent_at.astimezone(CHINA).date()
    return Said((UNREAD,), (why,), (value.decode("utf-8", "replace"),), day, place)


__all__ = ["ANSWERS", "UNREAD", "Arrived", "Inbox", "Keep", "answer_said", "kept", "refusal"]
