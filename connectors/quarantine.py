"""Rows that could not be understood: kept with their reason until someone has set them right, never dropped.

The raw row is sealed under the key of its file, which is destroyed when its time has come (`forget_expired`). Reasons,
columns and rows' numbers hold no personal data and may be listed.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from connectors.database import Tables
from connectors.deciding import DISTRICT, Origin, Row
from connectors.files.cells import Cell, text
from connectors.reading.reader import Layout
from connectors.reading.rows import Fault, Reason
from connectors.sources import SOURCES
from domain.errors import NotFound
from infra.keys import KeyRing
from infra.log import EventLog


@dataclass(frozen=True, slots=True)
class Quarantined:
    """One row in quarantine, as anybody who may see it sees it."""

    id: UUID
    file_id: UUID
    source: str
    kind: str
    row_number: int
    columns: tuple[str, ...]
    reason: Reason
    message: str
    division_code: str
    export_on: date
    state: str
    attempts: int
    created_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Entry:
    """A row on its way into quarantine."""

    id: UUID
    row: int
    division_code: str
    fault: Fault
    record: bytes | None
    rest: bytes | None
    sealed: bytes


@dataclass(frozen=True, slots=True)
class Kept:
    """A row taken out of quarantine to be read again."""

    id: UUID
    file_id: UUID
    source: str
    kind: str
    row: int
    export_on: date
    key_holder: UUID
    written_layout: bytes
    sealed: bytes
    sha256: bytes
    basis: str
    """Where it stood, as events name it; empty for what came before that was noted."""

    @property
    def layout(self) -> Layout:
        """How the row's file is read."""
        return _layout(self.written_layout)

    def cells(self, keyring: KeyRing) -> list[Cell] | None:
        """The row as it stood; None where its file's key has expired. The key must be loaded."""
        plain = keyring.open(self.key_holder, self.sealed, self.id.bytes)
        return None if plain is None else msgspec.msgpack.decode(plain)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An open row with what a repaired one is known by."""

    kept: Kept
    record: bytes | None
    rest: bytes | None
    fields: tuple[str, ...]


_COLUMNS = """id, file_id, source, kind, row_number, column_names, reason, message, division_code, export_on, state,
    attempts, created_at, closed_at"""
_KEPT = """q.id, q.file_id, q.source, q.kind, q.row_number, q.export_on, q.sealed, q.basis, f.key_holder, f.layout,
    f.sha256"""
_PAGE = 1_000


class Quarantine:
    """The quarantine in PostgreSQL."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def pages(self, source: str, kind: str) -> AsyncIterator[list[Waiting]]:
        """All open rows of a kind, a page at a time."""
        after: UUID | None = None
        while True:
            async with self._tables.transaction() as connection:
                rows = await connection.fetch(
                    f"""SELECT {_KEPT}, q.record, q.rest, q.fields
                    FROM connectors.quarantine q JOIN connectors.file f ON f.id = q.file_id
                    WHERE q.state = 'open' AND q.source = $1 AND q.kind = $2 AND ($3::uuid IS NULL OR q.id > $3)
                    ORDER BY q.id LIMIT {_PAGE}""",
                    source,
                    kind,
                    after,
                )
            if rows:
                yield [Waiting(_kept(row), row["record"], row["rest"], tuple(row["fields"])) for row in rows]
                after = rows[-1]["id"]
            if len(rows) < _PAGE:
                return

    async def any_open(self, source: str, kind: str) -> bool:
        """Whether any row of a kind waits."""
        async with self._tables.transaction() as connection:
            return bool(
                await connection.fetchval(
                    """SELECT EXISTS (SELECT FROM connectors.quarantine
                    WHERE state = 'open' AND source = $1 AND kind = $2)""",
                    source,
                    kind,
                )
            )

    async def add(self, connection: "asyncpg.Connection[Any]", origin: Origin, entries: Sequence[Entry]) -> None:
        """Put rows in; one that came before stays as it is."""
        await connection.executemany(
            """INSERT INTO connectors.quarantine (id, file_id, source, kind, area, division_code, row_number, export_on,
                reason, message, column_names, fields, record, rest, sealed, basis)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
            ON CONFLICT (id) DO NOTHING""",
            [
                (
                    entry.id,
                    origin.file_id,
                    origin.source,
                    origin.kind,
                    SOURCES[origin.source].area.value,
                    entry.division_code or DISTRICT,
                    entry.row,
                    origin.export_on,
                    entry.fault.reason.value,
                    entry.fault.message,
                    list(entry.fault.columns),
                    list(entry.fault.fields),
                    entry.record,
                    entry.rest,
                    entry.sealed,
                    f"{origin.medium}:{origin.file_mark}",
                )
                for entry in entries
            ],
        )

    async def mend(self, connection: "asyncpg.Connection[Any]", origin: Origin, rows: Iterable[Row]) -> int:
        """Close what waited for these rows: the same record, or the same row but for the fields at fault.

        An export older than the one a row was quarantined from mends nothing.
        """
        records: list[bytes] = []
        rests: list[bytes] = []
        for row in rows:
            records.append(row.record)
            rests.extend(row.rests)
        closed = await connection.fetch(
            """UPDATE connectors.quarantine SET state = 'mended', closed_at = now()
            WHERE state = 'open' AND source = $1 AND kind = $2 AND export_on <= $3
                AND (record = ANY($4::bytea[]) OR rest = ANY($5::bytea[])) RETURNING 1""",
            origin.source,
            origin.kind,
            origin.export_on,
            records,
            rests,
        )
        return len(closed)

    async def rows(
        self,
        *,
        source: str = "",
        kind: str = "",
        reason: str = "",
        file_id: UUID | None = None,
        state: str = "open",
        division: str = "",
        limit: int = 100,
        offset: int = 0,
    ) -> list[Quarantined]:
        """Rows in quarantine, newest first; empty arguments don't restrict, `division` takes its whole subtree."""
        async with self._tables.transaction() as connection:
            rows = await connection.fetch(
                f"""SELECT {_COLUMNS} FROM connectors.quarantine
                WHERE ($1 = '' OR source = $1) AND ($2 = '' OR kind = $2) AND ($3 = '' OR reason = $3)
                    AND ($4::uuid IS NULL OR file_id = $4) AND ($5 = '' OR state = $5)
                    AND starts_with(division_code, $6)
                ORDER BY created_at DESC, file_id, row_number LIMIT $7 OFFSET $8""",
                source,
                kind,
                reason,
                file_id,
                state,
                division,
                limit,
                offset,
            )
        return [_quarantined(row) for row in rows]

    async def counts(self) -> dict[tuple[str, str, str], int]:
        """Open rows by source, kind and reason."""
        async with self._tables.transaction() as connection:
            rows = await connection.fetch(
                """SELECT source, kind, reason, count(*) AS count FROM connectors.quarantine WHERE state = 'open'
                GROUP BY source, kind, reason ORDER BY source, kind, reason"""
            )
        return {(row["source"], row["kind"], row["reason"]): row["count"] for row in rows}

    async def take(
        self,
        *,
        ids: Sequence[UUID] = (),
        file_id: UUID | None = None,
        reasons: Sequence[str] = (),
        source: str = "",
        after: UUID | None = None,
        limit: int = 1_000,
    ) -> list[Kept]:
        """Open rows to be read again, in the order in which they came; `after` goes on behind one taken before."""
        async with self._tables.transaction() as connection:
            rows = await connection.fetch(
                f"""SELECT {_KEPT}
                FROM connectors.quarantine q JOIN connectors.file f ON f.id = q.file_id
                WHERE q.state = 'open' AND ($1::uuid[] = '{{}}' OR q.id = ANY($1))
                    AND ($2::uuid IS NULL OR q.file_id = $2)
                    AND ($3::text[] = '{{}}' OR q.reason = ANY($3)) AND ($4 = '' OR q.source = $4)
                    AND ($5::uuid IS NULL OR (q.export_on, q.file_id, q.row_number, q.id) >
                        (SELECT export_on, file_id, row_number, id FROM connectors.quarantine WHERE id = $5))
                ORDER BY q.export_on, q.file_id, q.row_number, q.id LIMIT $6""",
                list(ids),
                file_id,
                list(reasons),
                source,
                after,
                limit,
            )
        return [_kept(row) for row in rows]

    async def close(self, recorded: Sequence[UUID], failed: Sequence[tuple[UUID, Fault]]) -> None:
        """The outcome of a retry: these rows are in the log now, those still wait, for this reason."""
        async with self._tables.transaction(durable=True) as connection:
            await connection.execute(
                """UPDATE connectors.quarantine SET state = 'recorded', closed_at = now(), attempts = attempts + 1
                WHERE id = ANY($1) AND state = 'open'""",
                list(recorded),
            )
            await connection.executemany(
                """UPDATE connectors.quarantine SET reason = $2, message = $3, column_names = $4,
                    attempts = attempts + 1 WHERE id = $1 AND state = 'open'""",
                [(id, fault.reason.value, fault.message, list(fault.columns)) for id, fault in failed],
            )


async def raw_row(quarantine: Quarantine, keyring: KeyRing, id: UUID) -> dict[str, str]:
    """A waiting row as it stood, title → text: personal data, for the clerk who corrects it.

    Raises NotFound where no such row waits, or its file's key has expired.
    """
    kept = await quarantine.take(ids=[id])
    if not kept:
        raise NotFound("没有此待处理记录，或已处理。")
    await keyring.preload([kept[0].key_holder])
    cells = kept[0].cells(keyring)
    if cells is None:
        raise NotFound("此记录的原始内容已到期销毁；请从来源系统重新导出。")
    return {title: text(cell) for title, cell in zip(kept[0].layout.titles, cells, strict=False)}


async def forget_expired(tables: Tables, log: EventLog, today: date) -> int:
    """Destroy the keys of files whose time has come and of which no row waits; returns how many."""
    async with tables.transaction() as connection:
        rows = await connection.fetch(
            """SELECT key_holder FROM connectors.file f WHERE expires_on < $1 AND name IS NOT NULL AND NOT EXISTS
                (SELECT FROM connectors.quarantine q WHERE q.file_id = f.id AND q.state = 'open')""",
            today,
        )
    holders = [row["key_holder"] for row in rows]
    for holder in holders:
        await log.destroy_key(holder)
    async with tables.transaction(durable=True) as connection:
        await connection.execute("UPDATE connectors.file SET name = NULL WHERE key_holder = ANY($1)", holders)
    return len(holders)


@lru_cache(maxsize=64)
def _layout(written: bytes) -> Layout:
    return msgspec.json.decode(written, type=Layout)


def _quarantined(row: "asyncpg.Record") -> Quarantined:
    return Quarantined(
        id=row["id"],
        file_id=row["file_id"],
        source=row["source"],
        kind=row["kind"],
        row_number=row["row_number"],
        columns=tuple(row["column_names"]),
        reason=Reason(row["reason"]),
        message=row["message"],
        division_code=row["division_code"],
        export_on=row["export_on"],
        state=row["state"],
        attempts=row["attempts"],
        created_at=row["created_at"],
        closed_at=row["closed_at"],
    )


def _kept(row: "asyncpg.Record") -> Kept:
    return Kept(
        id=row["id"],
        file_id=row["file_id"],
        source=row["source"],
        kind=row["kind"],
        row=row["row_number"],
        export_on=row["export_on"],
        key_holder=row["key_holder"],
        written_layout=row["layout"],
        sealed=row["sealed"],
        sha256=row["sha256"],
        basis=row["basis"],
    )
