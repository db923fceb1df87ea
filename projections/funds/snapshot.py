"""One snapshot of the read models that money is decided on, when they have reached the log's head."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from domain.access import Area, subtree
from domain.errors import Unavailable
from infra.database import connect
from infra.log import EventLog
from projections.kernel.place import live_of, live_search_path
from projections.kernel.scope import AREAS, HI, LO

READS = ("registry", "assistance", "care", "funds")
"""Projections that must have caught up."""
PATIENCE = 60.0
"""Seconds to wait for them."""
_POLL = 0.05
_STATEMENT = 120_000
"""Milliseconds a statement over a whole district may take."""


@asynccontextmanager
async def snapshot(
    log: EventLog, url: str, division_code: str, reads: tuple[str, ...] = READS
) -> AsyncIterator[tuple["asyncpg.Connection[Any]", int]]:
    """A connection inside one repeatable read over a division's subtree, and the log position it stands at.

    `url` logs in as a member of the readers' role. Raises Unavailable where the read models lag too far behind.
    """
    head = await log.head()
    lo, hi = subtree(division_code)
    scope = {LO: lo, HI: hi, AREAS: ",".join(sorted(Area))}
    connection = await connect(
        url,
        "reader",
        default_transaction_read_only="on",
        default_transaction_isolation="repeatable read",
        statement_timeout=str(_STATEMENT),
        work_mem="128MB",
        # Each statement is over a whole district. A table filled a moment ago has no statistics yet; a nested loop
        # chosen for the one row that is then expected would run a hundred thousand times over as many.
        enable_nestloop="off",
        **scope,
    )
    try:
        await _caught_up(connection, head, reads)
        await connection.execute(f"SET search_path TO {await live_search_path(connection)}")
        async with connection.transaction():
            live = await live_of(connection)
            yield connection, min(live[name].position for name in reads)
    finally:
        await connection.close()


async def _caught_up(connection: "asyncpg.Connection[Any]", head: int, reads: tuple[str, ...]) -> None:
    waited = 0.0
    while True:
        live = await live_of(connection)
        late = [name for name in reads if name not in live or live[name].position < head]
        if not late:
            return
        if waited >= PATIENCE:
            raise Unavailable(f"读模型 {'、'.join(late)} 尚未处理到日志位置 {head}，请稍后再试。")
        await asyncio.sleep(_POLL)
        waited += _POLL
