"""Money: budgets with what is left of them, payrolls with their lines."""

from projections.funds.budgets import BudgetRow, Budgets
from projections.funds.payrolls import PayrollLineRow, PayrollRow, Payrolls


class Funds(Budgets, Payrolls):
    """Budgets and payrolls."""

    name = "funds"
    version = 3
    views = (BudgetRow, PayrollRow, PayrollLineRow)
    contexts = ("funds",)
    personal = False


__all__ = ["BudgetRow", "Funds", "PayrollLineRow", "PayrollRow"]
