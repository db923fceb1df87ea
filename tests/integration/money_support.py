"""Budgets and payrolls in any state, for tests of the read models."""

import random
from datetime import datetime
from uuid import UUID

from domain.assistance import Case
from domain.codes import FundSource, HoldReason, PaymentKind, Scheme
from domain.funds import Budget, Payroll
from domain.funds.due import Held, Line, Plan
from domain.kernel import Aggregate


def _plan(chance: random.Random, cases: list[Case], month: str) -> Plan:
    lines, held = [], []
    for case in cases:
        fen = chance.randrange(10_000, 90_000)
        if chance.randrange(3) == 0:
            held.append(Held(0, case.id, case.division_code, month, fen, chance.choice(list(HoldReason))))
            continue
        kind = chance.choice((PaymentKind.REGULAR, PaymentKind.BACK_PAY))
        line = Line(case.id, case.household_id, case.applicant_id, case.division_code, month, kind, fen, fen)
        lines.append(line)
    if not lines:
        case = cases[0]
        held = [each for each in held if each.owner_id != case.id]
        fields = (case.id, case.household_id, case.applicant_id, case.division_code, month)
        lines.append(Line(*fields, PaymentKind.REGULAR, 75_000, -1))
    return Plan(7, tuple(lines), tuple(held))


def budget(when: datetime, number: int) -> Budget:
    """A year's money."""
    return Budget.approve(
        when,
        year=when.year,
        source=FundSource.DISTRICT,
        scheme=Scheme.DIBAO,
        division_code=f"4407040{number:02d}",
        amount_fen=10**9 + number,
        legal_basis="年度预算",
        by="甲",
    )


def payroll(chance: random.Random, when: datetime, cases: list[Case], money: Budget, number: str) -> list[Aggregate]:
    """A payroll that has got somewhere on its way, with its budget."""
    month = f"{when:%Y-%m}"
    made = Payroll.prepare(
        when,
        batch_no=number,
        scheme=Scheme.DIBAO,
        month=month,
        since=month,
        division_code="440704",
        budget_id=money.id,
        fund_source=money.source,
        plan=_plan(chance, cases, month),
        by="甲",
    )
    if chance.randrange(6) == 0:
        made.cancel(when, by="甲", reason="重编")
        return [made]
    made.check(when, by="乙", note="")
    made.approve(when, by="丙")
    money.commit(when, payroll_id=made.id, scheme=Scheme.DIBAO, month=month, amount_fen=made.total_fen)
    first = made.lines[0]
    out = [Held(1, first.owner_id, first.division_code, first.month, first.amount_fen, HoldReason.CHANGED)]
    made.report_issued(when, chance.choice(([], out)))
    if made.issued_count:
        made.send(when, by="甲", file_sha256="0" * 64, line_count=made.issued_count, total_fen=made.issued_fen)
        money.settle(when, payroll_id=made.id, spent_fen=made.issued_fen // 2, released_fen=0)
        made.reconcile(when, by="乙", payments={UUID(int=0): None})  # type: ignore[dict-item]  # nothing answered yet
    return [made, money]
