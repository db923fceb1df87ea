"""What may be decided about budgets and payrolls."""

from domain.funds.commands.budgets import AdjustBudget, ApproveBudget
from domain.funds.commands.payrolls import (
    ApprovePayroll,
    CancelPayroll,
    CheckPayroll,
    PreparePayroll,
    ReconcilePayroll,
    SendPayroll,
)

__all__ = [
    "AdjustBudget",
    "ApproveBudget",
    "ApprovePayroll",
    "CancelPayroll",
    "CheckPayroll",
    "PreparePayroll",
    "ReconcilePayroll",
    "SendPayroll",
]
