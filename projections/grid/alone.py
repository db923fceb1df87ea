"""Who lives alone and was not met, read for a whole division at once: the answer to the domain's wish."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from domain.access import subtree
from domain.grid.alone import AloneUnvisited
from domain.grid.resident import MET
from infra.log import EventLog
from projections.funds.snapshot import snapshot

READS = ("registry", "grid")
_ALONE = """
SELECT r.person_id FROM resident r JOIN person p ON p.id = r.person_id
WHERE r.living = 'alone' AND r.ended IS NULL AND r.scope >= $1 AND r.scope < $2
  AND p.birth_on <= $3 AND p.state IN ('provisional', 'verified')
  AND NOT EXISTS (
    SELECT 1 FROM grid_visit v
    WHERE v.person_id = r.person_id AND v.visited_on >= $4 AND v.visited_on < $5 AND v.result = ANY ($6::text[])
  )
ORDER BY r.person_id
"""


def alone_reader(log: EventLog, url: str) -> Callable[[AloneUnvisited], Awaitable[tuple[UUID, ...]]]:
    """The reader that the dispatcher asks; `url` logs in as a member of the readers' role."""

    async def read(wish: AloneUnvisited) -> tuple[UUID, ...]:
        lo, hi = subtree(wish.division_code)
        met = sorted(result.value for result in MET)
        async with snapshot(log, url, wish.division_code, READS) as (connection, _):
            rows = await connection.fetch(_ALONE, lo, hi, wish.born_by, wish.since, wish.until, met)
        return tuple(row[0] for row in rows)

    return read
