"""Budgets in the read models: what was given, what is promised, spent and left."""

from dataclasses import dataclass
from typing import Annotated, ClassVar
from uuid import UUID

from domain.access import Area
from domain.codes import FundSource, Scheme
from domain.funds import Budget
from infra.log import LogEvent
from projections.kernel.changes import Changes, Projection, handles
from projections.kernel.tables import COUNTED, FEN, Doc, Many, Relations, view


@view("budget", area=Area.FUNDS, scope_from="division_code", order=("year", "id"))
@dataclass
class BudgetRow:
    """预算"""

    id: Annotated[UUID, Doc("预算标识")]
    year: Annotated[int, Doc("预算年度")]
    source: Annotated[FundSource, Doc("资金来源")]
    scheme: Annotated[Scheme, Doc("用于何类救助")]
    division_code: Annotated[str, Doc("区划代码")]
    legal_basis: Annotated[str, Doc("预算文件及文号")]
    amount_fen: Annotated[int, Doc("预算金额（含调整）"), FEN, COUNTED]
    committed_fen: Annotated[int, Doc("已审批未支出"), FEN, COUNTED]
    spent_fen: Annotated[int, Doc("已支出（银行入账）"), FEN, COUNTED]
    free_fen: Annotated[int, Doc("可用余额"), FEN, COUNTED]

    RELATIONS: ClassVar[Relations] = {
        "payrolls": Many("payroll", on="budget_id", order=("month",)),
        "timeline": Many("timeline", on="subject", prefix="budget:"),
    }
    FILTERS: ClassVar[tuple[str, ...]] = ("year", "source", "scheme", "division_code")


class Budgets(Projection):
    """What happens to budgets. A part of the projection `Funds`, never run by itself."""

    @handles(Budget.Created)
    def given(self, event: Budget.Created, at: LogEvent, to: Changes) -> None:
        """A year's money."""
        said = {
            "year": event.year,
            "source": event.source,
            "scheme": event.scheme,
            "division_code": event.division_code,
            "legal_basis": event.legal_basis,
        }
        given = event.amount_fen
        to.add(BudgetRow, event.originator_id, on=event.true_from(), assign=said, amount_fen=given, free_fen=given)

    @handles(Budget.Adjusted)
    def adjusted(self, event: Budget.Adjusted, at: LogEvent, to: Changes) -> None:
        """More or less of it."""
        delta = event.delta_fen
        to.add(BudgetRow, event.originator_id, on=event.true_from(), amount_fen=delta, free_fen=delta)

    @handles(Budget.Committed, Budget.Reserved)
    def committed(self, event: Budget.Committed | Budget.Reserved, at: LogEvent, to: Changes) -> None:
        """Promised."""
        taken = event.amount_fen
        to.add(BudgetRow, event.originator_id, on=event.true_from(), committed_fen=taken, free_fen=-taken)

    @handles(Budget.Settled, Budget.Drawn)
    def settled(self, event: Budget.Settled | Budget.Drawn, at: LogEvent, to: Changes) -> None:
        """Spent, or given back."""
        spent, released = event.spent_fen, event.released_fen
        to.add(
            BudgetRow,
            event.originator_id,
            on=event.true_from(),
            committed_fen=-spent - released,
            spent_fen=spent,
            free_fen=released,
        )
