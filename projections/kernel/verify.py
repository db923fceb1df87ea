"""Verifying: rebuild into tables of its own from the log, and compare with the live ones row by row."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg

from domain.errors import NotFound
from infra.codec import EventCodec
from infra.log import EventLog
from projections.kernel.changes import Projection
from projections.kernel.lane import Lane, open_connection
from projections.kernel.place import live_of
from projections.kernel.rebuild import BATCH, building, fill, finish
from projections.kernel.tables import View

_SHOWN = 20
_KERNEL = ("scope", "valid_from", "from_pos", "changed")
_PAST = ("valid_to", "until_pos", "to_pos")


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that is not what the log says. Only names of columns, never what they hold."""

    table: str
    key: str
    columns: tuple[str, ...]
    """The columns that differ; empty where one side lacks the row."""
    missing: str = ""
    """`live` or `rebuilt`: the side that lacks the row."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What a comparison came to: the position compared, rows compared, rows that differ, the first of them."""

    name: str
    position: int
    rows: int
    differing: int
    differences: tuple[Difference, ...]


async def verify(log: EventLog, codec: EventCodec, url: str, projections: Sequence[Projection]) -> list[Verified]:
    """Compare each projection's live tables with a rebuild up to the position they hold.

    The live writer waits only for the last few events; the comparison itself reads a snapshot. Raises NotFound where
    a projection has no live tables of this program's version, and Poison as a rebuild does.
    """
    results = []
    for projection in projections:
        async with building(url, [projection]) as (lane,):
            results.append(await _verify(log, codec, url, lane))
    return results


async def _verify(log: EventLog, codec: EventCodec, url: str, lane: Lane) -> Verified:
    projection = lane.projection
    live = (await live_of(lane.connection)).get(projection.name)
    if live is None or live.version != projection.version:
        raise NotFound(
            f"Projection {projection.name} has no live tables of version {projection.version}; start the projections."
        )
    await fill(log, codec, [lane], live.position, batch=BATCH)
    await finish(lane)
    holding, snapshot = await open_connection(url), await open_connection(url)
    try:
        await holding.execute("BEGIN")
        schema, position = await holding.fetchrow(  # type: ignore[misc]  # there are live tables
            "SELECT schema, position FROM read.projection WHERE name = $1 FOR UPDATE", projection.name
        )
        await fill(log, codec, [lane], position, batch=BATCH)
        await snapshot.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        await snapshot.fetchval("SELECT count(*) FROM read.projection")
        await holding.execute("ROLLBACK")  # from here on the live writer may go on: the snapshot doesn't see it
        for setting in ("enable_seqscan", "enable_hashjoin", "enable_mergejoin"):
            await snapshot.execute(f"SET LOCAL {setting} = on")
        return await _compare(snapshot, lane, schema, position)
    finally:
        holding.terminate()
        snapshot.terminate()


async def _compare(snapshot: "asyncpg.Connection[Any]", lane: Lane, schema: str, position: int) -> Verified:
    rows = differing = 0
    shown: list[Difference] = []
    for shape in lane.projection.shapes.values():
        view = shape.view
        for table, columns, key in _tables_of(view):
            rows += await snapshot.fetchval(f"SELECT count(*) FROM {schema}.{table}")
            found = await snapshot.fetch(_difference(schema, lane.writer.schema, table, columns, key), _SHOWN)
            if found:
                differing += found[0]["total"]
            shown += [Difference(table.strip('"'), row["key"], tuple(row["columns"]), row["missing"]) for row in found]
    return Verified(lane.projection.name, position, rows, differing, tuple(shown[:_SHOWN]))


def _tables_of(view: View) -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """The view's tables with all their columns and what makes a row of each unique."""
    columns = (*view.names, *_KERNEL)
    found = [(view.live, columns, view.key)]
    if view.has_history:
        found.append((view.history, (*columns, *_PAST), (*view.key, "from_pos", "valid_from")))
    return found


def _difference(live: str, rebuilt: str, table: str, columns: Sequence[str], key: Sequence[str]) -> str:
    on = " AND ".join(f"a.{name} = b.{name}" for name in key)
    left, right = (", ".join(f"{side}.{name}" for name in columns) for side in "ab")
    named = ", ".join(f"CASE WHEN a.{c} IS DISTINCT FROM b.{c} THEN '{c}' END" for c in columns)
    shown = ", ".join(f"coalesce(a.{name}, b.{name})" for name in key)
    first = key[0]
    return (
        f"SELECT concat_ws(' ', {shown}) AS key, count(*) OVER () AS total, "
        f"CASE WHEN a.{first} IS NULL THEN 'live' WHEN b.{first} IS NULL THEN 'rebuilt' ELSE '' END AS missing, "
        f"CASE WHEN a.{first} IS NULL OR b.{first} IS NULL THEN '{{}}'::text[] "
        f"ELSE array_remove(ARRAY[{named}], NULL) END AS columns "
        f"FROM {live}.{table} a FULL JOIN {rebuilt}.{table} b ON {on} "
        f"WHERE ({left}) IS DISTINCT FROM ({right}) LIMIT $1"
    )
