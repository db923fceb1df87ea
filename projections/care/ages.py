"""Who comes of an age without the allowance of it, read over registry and benefits at once."""

from collections.abc import Awaitable, Callable
from datetime import date
from uuid import UUID

from domain.access import subtree
from domain.care.age_roll import WithoutAllowance
from infra.log import EventLog
from projections.funds.snapshot import snapshot

READS = ("registry", "care")
_WITHOUT = """
SELECT p.id, p.division_code, p.birth_on
FROM person p
WHERE p.state IN ('provisional', 'verified') AND p.scope >= $1 AND p.scope < $2 AND p.birth_on = ANY ($3)
  AND NOT EXISTS (
    SELECT 1 FROM benefit b WHERE b.person_id = p.id AND b.kind = 'OLD_AGE_ALLOWANCE'
      AND b.state IN ('applied', 'approved', 'paying', 'suspended')
  )
ORDER BY p.division_code, p.id
"""


def without_allowance_reader(
    log: EventLog, url: str
) -> Callable[[WithoutAllowance], Awaitable[tuple[tuple[UUID, str, date], ...]]]:
    """The reader that the rules ask; `url` logs in as a member of the readers' role."""

    async def read(wish: WithoutAllowance) -> tuple[tuple[UUID, str, date], ...]:
        lo, hi = subtree(wish.division_code)
        async with snapshot(log, url, wish.division_code, READS) as (connection, _):
            rows = await connection.fetch(_WITHOUT, lo, hi, list(wish.born_on))
        return tuple((row["id"], row["division_code"], row["birth_on"]) for row in rows)

    return read
