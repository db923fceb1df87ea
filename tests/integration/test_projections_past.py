"""The tables in PostgreSQL answer every read of the present and the past like the tables in memory."""

from datetime import date, timedelta
from typing import Any

import pytest

from projections import PROJECTIONS
from projections.kernel.memory import MemoryTables
from projections.kernel.reads import read_source
from projections.kernel.tables import View
from tests.integration.projections_support import ALL, DAY, World, eventful, world

__all__ = ["world"]

pytestmark = pytest.mark.usefixtures("projected")


def plain(value: Any) -> Any:
    """A value as both sides give it: enums as text, tuples as lists."""
    if isinstance(value, tuple):
        return [plain(part) for part in value]
    return str(value) if isinstance(value, str) else value


async def in_memory(world: World) -> dict[str, MemoryTables]:
    """The same log folded in memory."""
    rows = await world.log.read(0, 100_000)
    await world.keyring.preload(world.codec.holders(rows))
    events = [(row, world.codec.decode(row)) for row in rows]
    tables = {projection.name: MemoryTables(projection) for projection in PROJECTIONS}
    for made in tables.values():
        for start in range(0, len(events), 37):
            await made.take(events[start : start + 37])
    return tables


async def stored(connection: Any, view: View, as_of: int | None, effective: date | None) -> dict[Any, dict[str, Any]]:
    """What PostgreSQL gives."""
    values = [value for value in (as_of, effective) if value is not None]
    source = read_source(
        view,
        "$1::bigint" if as_of is not None else None,
        (f"${len(values)}::date") if effective is not None else None,
    )
    rows = await connection.fetch(f"SELECT {', '.join(view.names)} FROM {source} t", *values)
    keyed = [(tuple(row[key] for key in view.key), {name: row[name] for name in view.names}) for row in rows]
    assert len({key for key, _ in keyed}) == len(keyed), "two rows of a key"
    return dict(keyed)


@pytest.mark.parametrize("batch", [5000, 7])
async def test_reads_of_two_times_equal_the_fold_in_memory(world: World, batch: int) -> None:
    head = await eventful(world, 150)
    await world.runner(batch=batch).catch_up()
    tables = await in_memory(world)
    # Every so many positions, others for each size of batch.
    times = [(None, None), *((position, None) for position in range(batch % 20, head + 1, 20))]
    times += [(None, DAY + timedelta(days=days)) for days in range(-1, 640, 60)]
    times += [(at, DAY + timedelta(days=days)) for at in range(batch % 90, head + 1, 90) for days in (0, 100, 330)]
    async with world.reader("1", "9", ALL) as reader:
        for projection in PROJECTIONS:
            for shape in projection.shapes.values():
                if shape.view.internal or shape.view.private:
                    continue
                for as_of, effective in times:
                    wanted = tables[projection.name].read(shape.view.name, as_of=as_of, effective=effective)
                    found = await stored(reader, shape.view, as_of, effective)
                    assert {key if len(key) > 1 else key[0] for key in found} == set(wanted)
                    for key, row in found.items():
                        expected = wanted[key if len(key) > 1 else key[0]]
                        assert row == {name: plain(value) for name, value in expected.items()}
