"""What is due, read for a whole scheme at once: the answer to the domain's wish `DueCases`.

The read models are asked only when they have reached the log's head, in one snapshot of all of them, so that the
answer holds at a log position and an auditor can ask the same of a rebuilt view.
"""

from collections.abc import Awaitable, Callable

from domain.access import subtree
from domain.care.benefits.amounts import last_day
from domain.clock import first_day
from domain.codes import BENEFIT_SCHEMES
from domain.funds.due import DueCases, DueRow, DueTable
from infra.log import EventLog
from projections.funds.snapshot import snapshot
from projections.kernel.reads import read_source
from projections.kernel.tables import VIEWS

# Payments of a month, and lines of payrolls not issued yet, are read by month and joined by owner; everything else
# hangs on the cases of the scheme, which are the bulk of the work.
_DUE = f"""
SELECT c.id, c.household_id, c.applicant_id, c.scope, $3::text, c.monthly_fen, coalesce(p.paid, 0)::bigint,
       coalesce(p.payments, 0)::bigint, w.owner_id IS NOT NULL, coalesce(d.dead, false), a.account, c.urban_rural,
       c.member_count, c.monthly_income_fen, array_to_string(c.supplements, ','), {{members}},
       c.valid_from = a.valid_from, false, false, NULL::date, coalesce(d.doubtful, 0)::bigint
FROM {read_source(VIEWS["case"], effective="$2::date")} c
JOIN "case" a ON a.id = c.id
LEFT JOIN (
    SELECT case_id, sum(amount_fen) FILTER (WHERE NOT returned) AS paid, count(*) AS payments
    FROM payment WHERE month = $3 AND batch_no <> $6 GROUP BY case_id
) p ON p.case_id = c.id
LEFT JOIN (
    SELECT DISTINCT l.owner_id FROM payroll_line l JOIN payroll b ON b.id = l.payroll_id
    WHERE l.month = $3 AND l.held IS NULL AND b.state IN ('prepared', 'checked', 'approved') AND b.batch_no <> $6
) w ON w.owner_id = c.id
LEFT JOIN (
    SELECT m.case_id, bool_or(h.death_confirmed) AS dead,
           count(*) FILTER (WHERE m.covered AND NOT h.death_confirmed) AS doubtful
    FROM {read_source(VIEWS["case_member"], effective="$2::date")} m JOIN person h ON h.id = m.person_id
    WHERE (m.covered OR m.applicant) AND h.died_on < $2 GROUP BY m.case_id
) d ON d.case_id = c.id
WHERE c.scheme = $1 AND c.state = 'paying' AND c.start_month <= $3 AND (c.end_month IS NULL OR c.end_month >= $3)
  AND c.scope >= $4 AND c.scope < $5
ORDER BY c.scope, c.case_no, c.id
"""

# A benefit is one person's: no members, no income. Its row is read on the month's last day ($2), a death on its first
# ($7); what is held stands in the present row, since a decision on it concerns all months that wait.
_DUE_BENEFITS = f"""
SELECT c.id, NULL::uuid, c.person_id, c.scope, $3::text, c.monthly_fen, coalesce(p.paid, 0)::bigint,
       coalesce(p.payments, 0)::bigint, w.owner_id IS NOT NULL, coalesce(h.death_confirmed AND h.died_on < $7, false),
       h.account, '', 1, NULL::bigint, '', ARRAY[]::uuid[], true, coalesce(a.held_from <= $3, false),
       count(*) OVER (PARTITION BY coalesce(h.merged_into, c.person_id)) > 1, h.birth_on, 0::bigint
FROM {read_source(VIEWS["benefit"], effective="$2::date")} c
JOIN benefit a ON a.id = c.id
LEFT JOIN person h ON h.id = c.person_id
LEFT JOIN (
    SELECT benefit_id, sum(amount_fen) FILTER (WHERE NOT returned) AS paid, count(*) AS payments
    FROM benefit_payment WHERE month = $3 AND batch_no <> $6 GROUP BY benefit_id
) p ON p.benefit_id = c.id
LEFT JOIN (
    SELECT DISTINCT l.owner_id FROM payroll_line l JOIN payroll b ON b.id = l.payroll_id
    WHERE l.month = $3 AND l.held IS NULL AND b.state IN ('prepared', 'checked', 'approved') AND b.batch_no <> $6
) w ON w.owner_id = c.id
WHERE c.kind = $1 AND c.state = 'paying' AND c.start_month <= $3 AND c.scope >= $4 AND c.scope < $5
ORDER BY c.scope, c.applied_on, c.id
"""

_NOBODY = "ARRAY[]::uuid[]"


def due_reader(log: EventLog, url: str) -> Callable[[DueCases], Awaitable[DueTable]]:
    """The reader that the dispatcher asks; `url` logs in as a member of the readers' role."""

    async def read(wish: DueCases) -> DueTable:
        return await read_due(log, url, wish)

    return read


async def read_due(log: EventLog, url: str, wish: DueCases) -> DueTable:
    """What is due by the log as it stands now; raises Unavailable where the read models lag too far behind."""
    lo, hi = subtree(wish.division_code)
    rows: list[DueRow] = []
    benefits = wish.scheme in BENEFIT_SCHEMES
    statement = _DUE_BENEFITS if benefits else _DUE.format(members="c.member_ids" if wish.with_members else _NOBODY)
    async with snapshot(log, url, wish.division_code) as (connection, position):
        for month in wish.months:
            first = first_day(month)
            days = (
                (last_day(month), month, lo, hi, wish.besides, first)
                if benefits
                else (first, month, lo, hi, wish.besides)
            )
            rows.extend(map(DueRow._make, await connection.fetch(statement, wish.scheme.value, *days)))
    return DueTable(position, rows)
