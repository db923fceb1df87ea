"""One schema's tables in PostgreSQL: loads what a batch touches, writes what it came to, with the position.

Everything of a batch and the position it brings the tables to are one transaction, so that neither a crash nor a
second writer can leave them apart. New rows are COPYed; changed rows are updated by arrays, or
from a temporary table that they are COPYed into.
"""

from collections.abc import AsyncIterator, Collection, Sequence
from typing import Any

import asyncpg

from projections.kernel.batch import Delta, ViewDelta
from projections.kernel.changes import Key, Projection, Shape
from projections.kernel.copying import AppendedRows
from projections.kernel.fold import Past, Version
from projections.kernel.place import PROJECTED

_SEPARATOR = "\x1f"  # between the elements of an array column inside the array of a batch's values
_STAGED = 100  # changed rows of a view from which a COPY beside and one update are cheaper than arrays
_CHUNK = 1 << 18  # bytes handed to the driver at once
_SEEN = 200_000  # scopes of owners kept in memory
_LIVE = ("scope", "valid_from", "from_pos", "changed")
_PAST = (*_LIVE, "valid_to", "until_pos", "to_pos")
_TYPES = {
    "scope": "text",
    "valid_from": "date",
    "from_pos": "bigint",
    "changed": "bigint",
    "to_pos": "bigint",
}
WRITER_SETTINGS = {
    # A batch finds its rows by key: what is cheapest for a young table, or for no keys in particular, is ruinous for
    # one that has grown since it was planned.
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "plan_cache_mode": "force_custom_plan",
    # What a crash of the server may undo is a whole batch with its position: the log, which is durable, gives it again.
    "synchronous_commit": "off",
}


class Fenced(Exception):
    """Someone else has written to these tables or put others in their place: begin anew from what is stored."""


class Writer:
    """Reads and writes the tables of one build. Implements `Tables`.

    The connection belongs to the writer, with the schema first on its search path. While `bulk`, scopes are not
    carried to older rows: `finish` of a rebuild does that once for all.
    """

    def __init__(
        self, connection: "asyncpg.Connection[Any]", projection: Projection, schema: str, *, live: bool, bulk: bool
    ) -> None:
        self.connection = connection
        self.projection = projection
        self.schema = schema
        self.live_schema = live
        self.bulk = bulk
        self._sql = {name: _Statements(shape, projection) for name, shape in projection.shapes.items()}
        self._orphans: dict[str, set[str]] = {}
        self._scopes: dict[str, dict[Key, str]] = {}
        self._staged: set[str] = set()
        """Views that have their temporary table: made when many rows change at once, which in most they never do."""

    async def live(self, shape: Shape, keys: Collection[Key]) -> dict[Key, Version]:
        """See Tables."""
        rows = await self.connection.fetch(self._sql[shape.view.name].live, *_key_arrays(shape, keys))
        width, found = shape.width, {}
        for row in rows:
            values = list(row)
            scope, valid_from, from_pos, changed = values[width:]
            del values[width:]
            found[_key(shape, values)] = Version(values, valid_from, from_pos, changed, scope)
        return found

    async def known(self, shape: Shape, keys: Collection[Key]) -> dict[Key, list[Past]]:
        """See Tables."""
        rows = await self.connection.fetch(self._sql[shape.view.name].known, *_key_arrays(shape, keys))
        width = shape.width
        found: dict[Key, list[Past]] = {}
        for row in rows:
            values = list(row)
            _, valid_from, from_pos, changed, valid_to, until_pos, to_pos = values[width:]
            del values[width:]
            past = Past(values, valid_from, from_pos, changed, valid_to, until_pos, to_pos)
            past.stored = True
            found.setdefault(_key(shape, values), []).append(past)
        return found

    async def group(self, shape: Shape, column: int, values: Collection[Any]) -> dict[Any, list[Key]]:
        """See Tables."""
        view = shape.view
        declared = view.columns[column]
        rows = await self.connection.fetch(
            f"SELECT {declared.name}, {', '.join(view.key)} FROM {view.live} "
            f"WHERE {declared.name} = ANY($1::{declared.sql_type}[])",
            list(values),
        )
        found: dict[Any, list[Key]] = {}
        for value, *key in rows:
            found.setdefault(value, []).append(key[0] if len(key) == 1 else tuple(key))
        return found

    async def scopes(self, shape: Shape, keys: Collection[Key]) -> dict[Key, str]:
        """See Tables. Nobody else writes these tables, so that what was seen once is kept."""
        seen = self._scopes.setdefault(shape.view.name, {})
        get = seen.get
        found = {key: scope for key in keys if (scope := get(key)) is not None}
        if len(found) < len(keys):
            missing = [key for key in keys if key not in found]
            loaded = dict(await self.connection.fetch(self._sql[shape.view.name].scopes, missing))
            seen |= loaded
            found |= loaded
        return found

    def committed(self, delta: Delta) -> None:
        """The batch is written for good: remember where its rows belong now."""
        for name, rows in delta.items():
            if len(rows.updates) > _STAGED:
                self._staged.add(name)
            if rows.shape.owns:
                seen = self._scopes.setdefault(name, {})
                seen |= rows.begun
                if len(seen) > _SEEN:
                    seen.clear()

    async def write(self, delta: Delta, before: int, after: int) -> None:
        """Write a batch and move from position `before` to `after`, in the caller's transaction.

        Raises Fenced where the tables do not stand at `before` or are no longer what they were.
        """
        for name, rows in delta.items():
            if not self.bulk:
                await self._rescope(name, rows)
        for name, rows in delta.items():
            await self._write(name, rows)
            await self._note_orphans(rows)
        await self.move(before, after)

    async def move(self, before: int, after: int) -> None:
        """Record that the tables hold the log up to `after`; raises Fenced as `write` does."""
        if self.live_schema:
            done = await self.connection.execute(
                "UPDATE read.projection SET position = $4, changed_at = clock_timestamp() "
                "WHERE name = $1 AND schema = $2 AND position = $3 AND state = 'running'",
                self.projection.name,
                self.schema,
                before,
                after,
            )
            await self.connection.execute("SELECT pg_notify($1, $2)", PROJECTED, f"{self.projection.name} {after}")
        else:
            done = await self.connection.execute(
                "UPDATE read.schema SET position = $3, changed_at = clock_timestamp() "
                "WHERE schema = $1 AND position = $2 AND state = 'building'",
                self.schema,
                before,
                after,
            )
        if done != "UPDATE 1":
            raise Fenced(f"{self.schema} is not at position {before}")

    async def _write(self, name: str, rows: ViewDelta) -> None:
        shape, sql = rows.shape, self._sql[name]
        if rows.inserts:
            await self._copy(name, sql.live_columns, rows.inserts)
        if rows.appended:
            await self.connection.copy_to_table(
                name,
                schema_name=self.schema,
                columns=sql.appended.columns,
                source=_chunks(sql.appended.encode(rows.appended)),
                format="binary",
                timeout=600,
            )
        if len(rows.updates) > _STAGED:
            if name not in self._staged:
                await self.connection.execute(sql.stage)
            await self._copy(f"{name}_staged", sql.live_columns, rows.updates, schema="pg_temp")
            await self.connection.execute(sql.update_staged)
        elif rows.updates:
            await self.connection.execute(sql.update, *_arrays(sql.arrays, rows.updates))
        if rows.closed:
            keys = _key_arrays(shape, [closed[0] for closed in rows.closed])
            rest = [list(part) for part in zip(*(closed[1:] for closed in rows.closed), strict=True)]
            await self.connection.execute(sql.close, *keys, *rest)
        if rows.history:
            await self._copy(f"{name}_history", sql.past_columns, rows.history)

    async def _copy(
        self, table: str, columns: Sequence[str], records: Sequence[tuple[Any, ...]], schema: str = ""
    ) -> None:
        await self.connection.copy_records_to_table(
            table, schema_name=schema or self.schema, columns=columns, records=records, timeout=600
        )

    async def _rescope(self, name: str, rows: ViewDelta) -> None:
        """Older versions, and the rows these own, take on a new scope."""
        changed = rows.rescoped
        if awaited := self._orphans.get(name):
            changed = changed | {key: scope for key, scope in rows.begun.items() if str(key) in awaited}
        if not changed:
            return
        scopes = list(changed.values())
        keys = _key_arrays(rows.shape, changed)
        sql = self._sql[name]
        if sql.rescope_own:
            await self.connection.execute(sql.rescope_own, *keys, scopes)
        for statement in sql.rescope_owned:
            await self.connection.execute(statement, *keys, scopes)

    async def _note_orphans(self, rows: ViewDelta) -> None:
        """Remember owners that are missing: only for these is it worth looking for rows that came before them."""
        owner = rows.shape.view.owner
        if owner is None or not rows.orphans:
            return
        known = self._orphans.setdefault(owner.to, set())
        new = {str(key) for key in rows.orphans} - known
        if new:
            await self.connection.execute(
                "INSERT INTO orphan SELECT $1, k FROM unnest($2::text[]) k ON CONFLICT DO NOTHING", owner.to, list(new)
            )
            known |= new

    async def begin(self) -> None:
        """To be called once, before the first batch: load what earlier writers of these tables remembered."""
        for owner, key in await self.connection.fetch("SELECT owner, key FROM orphan"):
            self._orphans.setdefault(owner, set()).add(key)


async def _chunks(stream: bytes) -> AsyncIterator[bytes]:
    """A COPY stream as the driver takes one; bare bytes would be a path to it."""
    view = memoryview(stream)
    for start in range(0, len(view), _CHUNK):
        yield bytes(view[start : start + _CHUNK])


class _Statements:
    """The SQL of one view."""

    def __init__(self, shape: Shape, projection: Projection) -> None:
        view = shape.view
        self.live_columns = (*view.names, *_LIVE)
        self.past_columns = (*view.names, *_PAST)
        types = {column.name: column.sql_type for column in view.columns} | _TYPES
        if view.appended:
            order = (*view.names, *_LIVE[1:], _LIVE[0])
            self.appended = AppendedRows(order, [types[name] for name in order])
        keys = [f"${i}::{types[name]}[]" for i, name in enumerate(view.key, 1)]
        joined = f"FROM unnest({', '.join(keys)}) AS k({', '.join(view.key)}) JOIN"
        on = " AND ".join(f"t.{name} = k.{name}" for name in view.key)
        single = len(view.key) == 1
        source = f"FROM {view.live} t WHERE t.{view.key[0]} = ANY({keys[0]})" if single else ""
        columns = ", ".join(f"t.{name}" for name in self.live_columns)
        self.live = f"SELECT {columns} {source or f'{joined} {view.live} t ON {on}'}"
        self.scopes = f"SELECT t.{view.key[0]}, t.scope {source}"
        past = ", ".join(f"t.{name}" for name in self.past_columns)
        # OFFSET 0 makes it look up key by key: a planner that has no statistics yet takes `IS NULL` for rare, and reads
        # the whole table once for each key.
        matching = " AND ".join(f"h.{name} = k.{name}" for name in view.key)
        self.known = (
            f"SELECT {past} {joined.removesuffix('JOIN')}CROSS JOIN LATERAL (SELECT * FROM {view.history} h "
            f"WHERE {matching} AND h.to_pos IS NULL ORDER BY h.valid_from OFFSET 0) t"
        )
        after = len(view.key)
        self.close = (
            f"UPDATE {view.history} t SET to_pos = k.to_pos FROM unnest({', '.join(keys)}, ${after + 1}::bigint[], "
            f"${after + 2}::date[], ${after + 3}::bigint[]) AS k({', '.join(view.key)}, from_pos, valid_from, to_pos) "
            f"WHERE {on} AND t.from_pos = k.from_pos AND t.valid_from = k.valid_from"
        )
        self.arrays = tuple(i for i, column in enumerate(view.columns) if column.is_array)
        self.update = _update(shape, types, self.live_columns)
        # Temporary: unlike a table of the schema's, it is emptied without waiting for the disk.
        self.stage = f'CREATE TEMP TABLE "{view.name}_staged" (LIKE {view.live}) ON COMMIT DELETE ROWS'
        self.update_staged = (
            f"UPDATE {view.live} t SET {', '.join(f'{c} = k.{c}' for c in self.live_columns if c not in view.key)} "
            f'FROM pg_temp."{view.name}_staged" k WHERE {on}'
        )
        named = f"unnest({', '.join(keys)}, ${after + 1}::text[]) AS k({', '.join(view.key)}, scope)"
        changed = f"SET scope = k.scope FROM {named} WHERE"
        self.rescope_own = f"UPDATE {view.history} t {changed} {on} AND t.scope <> k.scope" if view.has_history else ""
        self.rescope_owned = tuple(
            f"UPDATE {table} t {changed} t.{owned.view.owner.column} = k.{view.key[0]} AND t.scope <> k.scope"
            for owned in projection.shapes.values()
            if owned.view.owner is not None and owned.view.owner.to == view.name
            for table in ((owned.view.live, owned.view.history) if owned.view.has_history else (owned.view.live,))
        )


def _update(shape: Shape, types: dict[str, str], columns: Sequence[str]) -> str:
    """UPDATE of whole live rows by one array a column; array columns come as joined text."""
    view = shape.view
    arrays = {column.name for column in view.columns if column.is_array}
    given = ", ".join(f"${i}::{'text' if name in arrays else types[name]}[]" for i, name in enumerate(columns, 1))
    assigned = ", ".join(
        f"{name} = string_to_array(k.{name}, E'\\x1f')::{types[name]}" if name in arrays else f"{name} = k.{name}"
        for name in columns
        if name not in view.key
    )
    on = " AND ".join(f"t.{name} = k.{name}" for name in view.key)
    return f"UPDATE {view.live} t SET {assigned} FROM unnest({given}) AS k({', '.join(columns)}) WHERE {on}"


def _arrays(joined: tuple[int, ...], records: Sequence[tuple[Any, ...]]) -> list[Sequence[Any]]:
    columns: list[Sequence[Any]] = list(zip(*records, strict=True))
    for i in joined:
        columns[i] = [None if value is None else _SEPARATOR.join(map(str, value)) for value in columns[i]]
    return columns


def _key_arrays(shape: Shape, keys: Collection[Key]) -> list[Sequence[Any]]:
    if len(shape.key) == 1:
        return [list(keys)]
    return list(zip(*keys, strict=True))


def _key(shape: Shape, values: list[Any]) -> Key:
    if len(shape.key) == 1:
        return values[shape.key[0]]
    return tuple(values[i] for i in shape.key)
