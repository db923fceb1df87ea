"""Whose facilities are, and how full: the answers to the domain's wishes."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from domain.access import subtree
from domain.registry.operators import FacilitiesRunBy, ResidentsOf
from infra.log import EventLog
from projections.funds.snapshot import snapshot

_RUN_BY = """
SELECT id FROM facility WHERE operator = $1 AND state <> 'closed' AND scope >= $2 AND scope < $3 ORDER BY id
"""
_RESIDENTS = """
SELECT count(*) FROM care_record WHERE facility_id = $1 AND kind = 'resident' AND state IN ('admitted', 'away')
"""


def run_by_reader(log: EventLog, url: str) -> Callable[[FacilitiesRunBy], Awaitable[tuple[UUID, ...]]]:
    """The reader that the rules ask; `url` logs in as a member of the readers' role."""

    async def read(wish: FacilitiesRunBy) -> tuple[UUID, ...]:
        lo, hi = subtree(wish.division_code)
        async with snapshot(log, url, wish.division_code, ("facilities",)) as (connection, _):
            rows = await connection.fetch(_RUN_BY, wish.operator, lo, hi)
        return tuple(row[0] for row in rows)

    return read


def residents_reader(log: EventLog, url: str) -> Callable[[ResidentsOf], Awaitable[int]]:
    """The reader that the rules ask; `url` logs in as a member of the readers' role."""

    async def read(wish: ResidentsOf) -> int:
        async with snapshot(log, url, wish.division_code, ("care",)) as (connection, _):
            return int(await connection.fetchval(_RESIDENTS, wish.facility_id))

    return read
