"""Decisions about budgets."""

from dataclasses import dataclass
from typing import Annotated, ClassVar
from uuid import UUID

from domain.access import FINANCE
from domain.codes import FundSource, Scheme
from domain.errors import RuleViolated
from domain.funds.budget import Budget
from domain.kernel import Command, Decided, Decision, Doc, Load, LoadMany


@dataclass(frozen=True, kw_only=True)
class ApproveBudget(Command):
    """下达预算：某一来源的资金在一年内用于一类救助；同一年度、来源、类别和区划只下达一次，以后用调整。"""

    ROLES: ClassVar = FINANCE
    year: Annotated[int, Doc("预算年度")]
    source: Annotated[FundSource, Doc("资金来源")]
    scheme: Annotated[Scheme, Doc("用于何类救助")]
    amount_fen: Annotated[int, Doc("预算金额（分）")]
    legal_basis: Annotated[str, Doc("预算文件及文号")]
    division_code: Annotated[str, Doc("区划代码；不填为本人辖区")] = ""

    def decide(self, by: Decision) -> Decided:
        division = self.division_code or by.actor.division_code
        if (yield LoadMany(Budget, (Budget.id_for(self.year, self.source, self.scheme, division),))):
            raise RuleViolated(
                f"{self.year} 年{self.source.label}的{self.scheme.label}预算已下达；增减请办理预算调整。"
            )
        return (
            Budget.approve(
                by.now,
                year=self.year,
                source=self.source,
                scheme=self.scheme,
                division_code=division,
                amount_fen=self.amount_fen,
                legal_basis=self.legal_basis,
                by=by.actor.name,
            ),
        )


@dataclass(frozen=True, kw_only=True)
class AdjustBudget(Command):
    """调整预算：调增或调减，调减不得低于已占用和已支出的金额。"""

    ROLES: ClassVar = FINANCE
    budget_id: Annotated[UUID, Doc("预算标识")]
    delta_fen: Annotated[int, Doc("调整金额（分），负数为调减")]
    legal_basis: Annotated[str, Doc("预算文件及文号")]

    def decide(self, by: Decision) -> Decided:
        budget: Budget = yield Load(Budget, self.budget_id)
        budget.adjust(by.now, delta_fen=self.delta_fen, legal_basis=self.legal_basis, by=by.actor.name)
        return (budget,)
