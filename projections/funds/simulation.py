"""Every supported household and every benefit of a district, read at once: the answer to the domain's `Supported`."""

from collections.abc import Awaitable, Callable

from domain.access import subtree
from domain.clock import first_day, next_month
from domain.simulation import Supported, SupportedRow, SupportedTable
from infra.log import EventLog
from projections.funds.snapshot import snapshot
from projections.kernel.reads import read_source
from projections.kernel.tables import VIEWS

_SUPPORTED = f"""
SELECT c.id, c.scope, c.scheme, c.urban_rural, c.member_count, c.monthly_income_fen,
       array_to_string(c.supplements, ','), c.self_care,
       CASE WHEN c.state = 'paying' THEN c.monthly_fen ELSE 0 END, coalesce(p.fund_source, ''), $2::text,
       NULL::date
FROM {read_source(VIEWS["case"], effective="$1::date")} c
LEFT JOIN (
    SELECT DISTINCT ON (case_id) case_id, fund_source FROM payment
    WHERE month > $5 AND month <= $2 AND NOT returned ORDER BY case_id, month DESC, id
) p ON p.case_id = c.id
WHERE (
    c.scheme IN ('DIBAO', 'TEKUN') AND c.state = 'paying' AND c.start_month <= $2
        AND (c.end_month IS NULL OR c.end_month >= $2)
    OR c.scheme = 'DIBAO_MARGIN' AND c.state = 'recognised' AND (c.valid_until IS NULL OR c.valid_until >= $1)
) AND c.scope >= $3 AND c.scope < $4
UNION ALL
SELECT b.id, b.scope, b.kind, '', 1, NULL, '', NULL, b.monthly_fen, coalesce(p.fund_source, ''), $2::text, h.birth_on
FROM {read_source(VIEWS["benefit"], effective="$1::date")} b
LEFT JOIN person h ON h.id = b.person_id
LEFT JOIN (
    SELECT DISTINCT ON (benefit_id) benefit_id, fund_source FROM benefit_payment
    WHERE month > $5 AND month <= $2 AND NOT returned ORDER BY benefit_id, month DESC, id
) p ON p.benefit_id = b.id
WHERE b.state = 'paying' AND b.start_month <= $2 AND b.scope >= $3 AND b.scope < $4
ORDER BY 2, 1
"""
_BACK = 3
"""Months in which a household's last payment is looked for."""


def supported_reader(log: EventLog, url: str) -> Callable[[Supported], Awaitable[SupportedTable]]:
    """The reader; `url` logs in as a member of the readers' role."""

    async def read(wish: Supported) -> SupportedTable:
        lo, hi = subtree(wish.division_code)
        day, since = first_day(wish.month), next_month(wish.month, -_BACK)
        async with snapshot(log, url, wish.division_code) as (connection, position):
            found = await connection.fetch(_SUPPORTED, day, wish.month, lo, hi, since)
        return SupportedTable(position, list(map(SupportedRow._make, found)))

    return read
