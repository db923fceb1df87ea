"""Who can hardly help themselves where a disaster struck, read over registry, cases, certificates and grid at once."""

from collections.abc import Awaitable, Callable

from domain.access import subtree
from domain.relief.vulnerable import VulnerablePerson, VulnerablePersons
from infra.log import EventLog
from projections.funds.snapshot import snapshot

READS = ("registry", "assistance", "care", "grid")
# Those who live alone are listed at any age: who asked for it is asked on the spot.
_VULNERABLE = """
SELECT p.id, p.division_code, coalesce(r.grid_code, '')
FROM person p
LEFT JOIN resident r ON r.person_id = p.id AND r.ended IS NULL
WHERE p.state IN ('provisional', 'verified') AND p.scope >= $1 AND p.scope < $2 AND p.division_code LIKE ANY ($3)
  AND (
    p.birth_on <= $4
    OR r.living = 'alone'
    OR EXISTS (
      SELECT 1 FROM disability_certificate c
      WHERE c.person_id = p.id AND NOT c.expired AND (c.valid_to_on IS NULL OR c.valid_to_on >= $5)
        AND (c.cancelled_on IS NULL OR c.cancelled_on > $5)
    )
    OR p.id IN (
      SELECT m.person_id FROM case_member m JOIN "case" k ON k.id = m.case_id
      WHERE m.covered AND k.state IN ('paying', 'suspended') AND k.scheme IN ('DIBAO', 'TEKUN')
    )
  )
ORDER BY p.division_code, p.id
"""


def vulnerable_reader(
    log: EventLog, url: str
) -> Callable[[VulnerablePersons], Awaitable[tuple[VulnerablePerson, ...]]]:
    """The reader that the rules ask; `url` logs in as a member of the readers' role."""

    async def read(wish: VulnerablePersons) -> tuple[VulnerablePerson, ...]:
        lo, hi = subtree(wish.division_code)
        within = [f"{code}%" for code in wish.codes]
        async with snapshot(log, url, wish.division_code, READS) as (connection, _):
            rows = await connection.fetch(_VULNERABLE, lo, hi, within, wish.born_by, wish.on)
        return tuple(VulnerablePerson._make(row) for row in rows)

    return read
