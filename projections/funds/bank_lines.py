"""What a bank has to know of a payroll's payments, read for one payroll: names and accounts in clear.

Whoever asks must be allowed to: this reads with all rights over the payroll's own divisions.
"""

from collections.abc import Awaitable, Callable

from domain.codes import BENEFIT_SCHEMES
from domain.funds.payroll import BankLine, Payroll
from infra.log import EventLog
from projections.funds.snapshot import snapshot

_LINES = """
SELECT l.number, h.name, p.account, coalesce(c.bank, ''), p.amount_fen, l.month
FROM payroll_line l
JOIN payment p ON p.case_id = l.owner_id AND p.month = l.month AND p.batch_no = $2
JOIN person h ON h.id = p.payee_id
JOIN "case" c ON c.id = l.owner_id
WHERE l.payroll_id = $1 AND l.number > 0 AND l.held IS NULL
ORDER BY l.number
"""

# A benefit goes to the person's own account, in the name that stands on the card.
_BENEFIT_LINES = """
SELECT l.number, coalesce(nullif(h.account_name, ''), h.name), p.account, coalesce(h.bank, ''), p.amount_fen, l.month
FROM payroll_line l
JOIN benefit_payment p ON p.benefit_id = l.owner_id AND p.month = l.month AND p.batch_no = $2
JOIN person h ON h.id = p.person_id
WHERE l.payroll_id = $1 AND l.number > 0 AND l.held IS NULL
ORDER BY l.number
"""


def bank_lines_reader(log: EventLog, url: str) -> Callable[[Payroll], Awaitable[list[BankLine]]]:
    """The reader of a payroll's lines; `url` logs in as a member of the readers' role."""

    async def read(payroll: Payroll) -> list[BankLine]:
        return await read_bank_lines(log, url, payroll)

    return read


async def read_bank_lines(log: EventLog, url: str, payroll: Payroll) -> list[BankLine]:
    """The issued lines of a payroll in their order; raises Unavailable where the read models lag too far behind."""
    async with snapshot(log, url, payroll.division_code) as (connection, _):
        statement = _BENEFIT_LINES if payroll.scheme in BENEFIT_SCHEMES else _LINES
        found = await connection.fetch(statement, payroll.id, payroll.batch_no)
    return [BankLine._make(row) for row in found]
