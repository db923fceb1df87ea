"""Which files were taken in and how far, so that an import killed at any moment goes on where it was."""

from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from typing import Any, Self
from uuid import UUID

import asyncpg

from connectors.database import Tables


@dataclass(frozen=True, slots=True)
class Counts:
    """What has become of a file's rows: `read` = `recorded` + `duplicates` + `quarantined`.

    `outdated` are those of the duplicates that an export of a later day has overtaken.
    """

    read: int = 0
    recorded: int = 0
    duplicates: int = 0
    outdated: int = 0
    quarantined: int = 0
    events: int = 0
    findings: int = 0
    mended: int = 0

    def __add__(self, other: Self) -> Self:
        """Both together."""
        sums = {f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)}
        return replace(self, **sums)

    @classmethod
    def of(cls, stored: dict[str, Any] | None) -> Self:
        """From the ledger's JSON."""
        return cls(**{f.name: (stored or {}).get(f.name, 0) for f in fields(cls)})


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file of the ledger. `committed_row` is the last row of the file whose outcome is final."""

    id: UUID
    source: str
    kind: str
    sha256: bytes
    export_on: date
    key_holder: UUID
    expires_on: date
    layout: bytes
    name: bytes | None = None
    committed_row: int = 0
    counts: Counts = Counts()
    pending_row: int | None = None
    pending: Counts | None = None
    done: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """A step of a file: its rows up to `row` come to `counts` in all; these cases are to be looked at afterwards."""

    row: int
    counts: Counts
    touched: dict[UUID, int | None]


class Ledger:
    """The ledger in PostgreSQL."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables

    async def find(self, id: UUID) -> FileEntry | None:
        """The file's entry as it stands."""
        async with self.tables.transaction() as connection:
            row = await connection.fetchrow("SELECT * FROM connectors.file WHERE id = $1", id)
        return None if row is None else _entry(row)

    async def enter(self, entry: FileEntry) -> None:
        """Note a new file, or an old one's new key where its first one has expired."""
        async with self.tables.transaction(durable=True) as connection:
            await connection.execute(
                """INSERT INTO connectors.file
                    (id, source, kind, sha256, export_on, key_holder, expires_on, name, layout)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO UPDATE
                SET key_holder = excluded.key_holder, expires_on = excluded.expires_on, name = excluded.name""",
                entry.id,
                entry.source,
                entry.kind,
                entry.sha256,
                entry.export_on,
                entry.key_holder,
                entry.expires_on,
                entry.name,
                entry.layout,
            )

    async def begin_again(self, id: UUID) -> None:
        """Go through the file from its first row: it was done, but rows of it wait that may be understood now."""
        async with self.tables.transaction() as connection:
            await connection.execute(
                """UPDATE connectors.file SET committed_row = 0, counts = '{}', pending_row = NULL, pending = NULL,
                    done = false, changed_at = now() WHERE id = $1""",
                id,
            )

    async def intend(self, id: UUID, step: Progress) -> None:
        """What the append about to be made will have come to: so that a lost answer can be made up for."""
        async with self.tables.transaction() as connection:
            await connection.execute(
                "UPDATE connectors.file SET pending_row = $2, pending = $3 WHERE id = $1",
                id,
                step.row,
                asdict(step.counts),
            )
            await self.note_unchecked(connection, id, step.touched)

    async def commit(self, connection: "asyncpg.Connection[Any]", id: UUID, step: Progress) -> None:
        """The rows up to the step's are final. In the caller's transaction, with the rows that go to quarantine."""
        await connection.execute(
            """UPDATE connectors.file SET committed_row = $2, counts = $3, pending_row = NULL, pending = NULL,
                changed_at = now() WHERE id = $1""",
            id,
            step.row,
            asdict(step.counts),
        )

    async def note_unchecked(
        self, connection: "asyncpg.Connection[Any]", id: UUID, touched: dict[UUID, int | None]
    ) -> None:
        """These cases are to be looked at. In the caller's transaction."""
        if touched:
            await connection.execute(
                """INSERT INTO connectors.unchecked (file_id, case_id, expected)
                SELECT $1, * FROM unnest($2::uuid[], $3::integer[])
                ON CONFLICT (file_id, case_id) DO UPDATE SET expected = excluded.expected""",
                id,
                list(touched),
                list(touched.values()),
            )

    async def all_unchecked(self) -> dict[UUID, dict[UUID, int | None]]:
        """Every case that nobody has looked at yet, by what changed it."""
        found: dict[UUID, dict[UUID, int | None]] = {}
        async with self.tables.transaction() as connection:
            for row in await connection.fetch("SELECT file_id, case_id, expected FROM connectors.unchecked"):
                found.setdefault(row["file_id"], {})[row["case_id"]] = row["expected"]
        return found

    async def unchecked(self, id: UUID, limit: int) -> dict[UUID, int | None]:
        """Cases the file has changed that nobody has looked at yet."""
        async with self.tables.transaction() as connection:
            rows = await connection.fetch(
                "SELECT case_id, expected FROM connectors.unchecked WHERE file_id = $1 ORDER BY case_id LIMIT $2",
                id,
                limit,
            )
            return {row["case_id"]: row["expected"] for row in rows}

    async def checked(self, id: UUID, cases: list[UUID], counts: Counts | None = None) -> None:
        """These cases have been looked at, which a file counts."""
        async with self.tables.transaction() as connection:
            await connection.execute(
                "DELETE FROM connectors.unchecked WHERE file_id = $1 AND case_id = ANY($2)", id, cases
            )
            if counts is not None:
                await connection.execute("UPDATE connectors.file SET counts = $2 WHERE id = $1", id, asdict(counts))

    async def finish(self, id: UUID, counts: Counts) -> None:
        """The whole file is in."""
        async with self.tables.transaction(durable=True) as connection:
            await connection.execute(
                "UPDATE connectors.file SET done = true, counts = $2, changed_at = now() WHERE id = $1",
                id,
                asdict(counts),
            )


def _entry(row: "asyncpg.Record") -> FileEntry:
    return FileEntry(
        id=row["id"],
        source=row["source"],
        kind=row["kind"],
        sha256=row["sha256"],
        export_on=row["export_on"],
        key_holder=row["key_holder"],
        expires_on=row["expires_on"],
        layout=row["layout"],
        name=row["name"],
        committed_row=row["committed_row"],
        counts=Counts.of(row["counts"]),
        pending_row=row["pending_row"],
        pending=None if row["pending"] is None else Counts.of(row["pending"]),
        done=row["done"],
    )
