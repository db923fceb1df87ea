"""The way by an exchange table (前置库): rows in the platform's own PostgreSQL, which it reads and marks.

A message is one row, its position in the log the key: written again it is known. The platform marks what it has taken
(`state` 1) or refused (`state` 2, with `reason`), and writes what it sends back into the table beside it (`…_back`).
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, get_args, get_type_hints

import asyncpg
import orjson

from connectors.platforms.declaration import Platform
from connectors.platforms.https import read_secret
from connectors.platforms.inbox import Keep, answer_said, kept
from connectors.platforms.ways import Delivered, Listed, NotDelivered, Parcel
from domain.kernel import event_classes
from infra.settings import Settings

_WITHIN = 20.0
_REFUSED, _NOTED = 2, 3
"""States of a row: refused by the platform, and that this is known here."""
_AT_ONCE = 500
_FIXED = {
    "sequence": "bigint PRIMARY KEY",
    "previous": "bigint NOT NULL",
    "id": "text NOT NULL",
    "type": "text NOT NULL",
    "subject": "text NOT NULL",
    "division": "text NOT NULL",
    "occurred_at": "timestamptz NOT NULL",
    "recorded_at": "timestamptz NOT NULL",
}
_STATE = {
    "state": "smallint NOT NULL DEFAULT 0",
    "reason": "text NOT NULL DEFAULT ''",
    "written_at": "timestamptz NOT NULL DEFAULT clock_timestamp()",
}
_TYPES: Mapping[type, str] = {int: "bigint", bool: "boolean", date: "date"}
_FAILURES = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError)


class Tables:
    """Writes rows into a platform's exchange table, and reads what it has marked and sent back."""

    at_once = _AT_ONCE
    every = 0.0

    def __init__(self, platform: Platform, settings: Settings) -> None:
        """Raises BadSetting where the address of the platform's database is missing."""
        self._platform = platform
        what = f"平台 {platform.name} 没有前置库地址；请把 postgresql:// 开头的地址（含账号和口令）放入"
        self._url = read_secret(settings, f"{platform.name}.database", what).decode()
        self._columns = _columns(platform)
        self._connection: asyncpg.Connection[Any] | None = None
        self._made = False
        self._alone = asyncio.Lock()

    async def deliver(self, parcel: Parcel) -> Delivered:
        """Write the rows in one transaction; those that are there stay as they are. Raises NotDelivered."""
        names = (*_FIXED, *self._columns)
        places = ", ".join(f"${number}" for number in range(1, len(names) + 1))
        insert = (
            f"INSERT INTO {self._platform.table} ({', '.join(map(_quoted, names))}) VALUES ({places}) "
            "ON CONFLICT (sequence) DO NOTHING"
        )
        rows = [
            (
                *(message.position, message.previous, message.id, message.type, message.subject, message.division),
                *(message.occurred, message.recorded_at),
                *(_value(message.values.get(name), kind) for name, kind in self._columns.items()),
            )
            for message in parcel.messages
        ]
        async with self._alone:
            try:
                connection = await self._connected()
                async with connection.transaction():
                    await connection.executemany(insert, rows, timeout=_WITHIN)
            except _FAILURES as error:
                raise await self._failed(error) from None
        return Delivered()

    async def listed(self, parcel: Parcel, day: str) -> Sequence[Listed] | None:
        """The rows there are of this stretch. Raises NotDelivered."""
        rows = await self._fetch(
            f"SELECT sequence, id FROM {self._platform.table} WHERE sequence > $1 AND sequence <= $2 ORDER BY sequence",
            *(parcel.after, parcel.upto),
        )
        return [Listed(row["sequence"], row["id"]) for row in rows]

    async def collect(self, keep: Keep) -> None:
        """Keep what was marked as refused, and what was written to be sent back; then mark that it is kept.

        In this order, so that what dies in between is found again and known. Raises NotDelivered.
        """
        table = self._platform.table
        refused = await self._fetch(
            f"SELECT id, reason FROM {table} WHERE state = {_REFUSED} ORDER BY sequence LIMIT {_AT_ONCE}"
        )
        await keep([answer_said(row["id"], reason=row["reason"] or "未说明") for row in refused])
        if refused:
            await self._fetch(
                f"UPDATE {table} SET state = {_NOTED} WHERE state = {_REFUSED} AND id = ANY($1) RETURNING 1",
                [row["id"] for row in refused],
            )
        back = await self._fetch(
            f"SELECT number, message, written_at FROM {table}_back WHERE NOT taken ORDER BY number LIMIT {_AT_ONCE}"
        )
        name = self._platform.name
        await keep([kept(row["message"].encode(), row["written_at"], f"{name}_back/{row['number']}") for row in back])
        if back:
            numbers = [row["number"] for row in back]
            await self._fetch(f"UPDATE {table}_back SET taken = true WHERE number = ANY($1) RETURNING 1", numbers)

    async def close(self) -> None:
        """Let go of the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()

    async def _fetch(self, query: str, *arguments: Any) -> list[asyncpg.Record]:
        async with self._alone:
            try:
                connection = await self._connected()
                return await connection.fetch(query, *arguments, timeout=_WITHIN)
            except _FAILURES as error:
                raise await self._failed(error) from None

    async def _connected(self) -> "asyncpg.Connection[Any]":
        if self._connection is None or self._connection.is_closed():
            self._connection = await asyncpg.connect(self._url, timeout=_WITHIN)
        if not self._made:
            for statement in self._statements():
                await self._connection.execute(statement, timeout=_WITHIN)
            self._made = True
        return self._connection

    def _statements(self) -> list[str]:
        """The table and the one for the way back; columns that were declared later are added."""
        table, columns = self._platform.table, {**_FIXED, **self._columns, **_STATE}
        bare = table.rpartition(".")[2]
        made = ", ".join(f"{_quoted(name)} {kind}" for name, kind in columns.items())
        return [
            f"CREATE TABLE IF NOT EXISTS {table} ({made})",
            *(
                f"ALTER TABLE {table} ADD COLUMN IF NOT EXISTS {_quoted(name)} {kind}"
                for name, kind in self._columns.items()
            ),
            f"""CREATE TABLE IF NOT EXISTS {table}_back (number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                message text NOT NULL, taken boolean NOT NULL DEFAULT false,
                written_at timestamptz NOT NULL DEFAULT clock_timestamp())""",
            f"CREATE INDEX IF NOT EXISTS {bare}_refused ON {table} (sequence) WHERE state = {_REFUSED}",
            f"CREATE INDEX IF NOT EXISTS {bare}_back_new ON {table}_back (number) WHERE NOT taken",
        ]

    async def _failed(self, error: BaseException) -> NotDelivered:
        """What went wrong, by the kind of error alone: its text may quote a row."""
        if not isinstance(error, asyncpg.PostgresError) or self._connection is None or self._connection.is_closed():
            await self.close()
        state = getattr(error, "sqlstate", None)
        return NotDelivered(type(error).__name__ + (f" {state}" if state else ""))


def _columns(platform: Platform) -> dict[str, str]:
    """The declared columns with their types, by the first event that has each; text where events differ."""
    found: dict[str, str] = {}
    for topic, told in platform.events.items():
        hints = get_type_hints(event_classes()[topic])
        for shown in (*told.person, *told.fields, *told.opened):
            kind = "text" if shown in told.person or shown in told.opened else _type(hints[shown.field], shown.form)
            found[shown.name] = kind if found.get(shown.name, kind) == kind else "text"
    return {name: found[name] for name in platform.columns}


def _type(hint: Any, form: str) -> str:
    if form:
        return "numeric(18, 2)" if form == "yuan" else "text"
    parts = [part for part in (hint, *get_args(hint)) if part in _TYPES]
    return _TYPES[parts[0]] if parts else "text"


def _value(value: Any, kind: str) -> Any:
    """A plain value as the driver wants it for its column."""
    if value is None:
        return None
    if kind == "date":
        return date.fromisoformat(value)
    if kind == "text":
        return value if isinstance(value, str) else orjson.dumps(value).decode()
    return value


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


__all__ = ["Tables"]
