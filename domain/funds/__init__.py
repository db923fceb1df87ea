"""Money: budgets by source and year, and payrolls from their preparation to what the bank says."""

from domain.funds.budget import Budget
from domain.funds.payroll import Payroll

__all__ = ["Budget", "Payroll"]
