"""Money in the API: budgets, payrolls, and the decisions on them."""

from api.graphql.commands import mutations_of
from api.graphql.roots import listing, single
from domain import funds

ROOTS = (
    single("payroll", "payroll", "一个发放批次 · one payroll"),
    listing("payrolls", "payroll", "辖区内的发放批次 · payrolls of your divisions"),
    listing(
        "payrollLines",
        "payroll_line",
        "发放批次明细，含不列入的及其原因 · lines of payrolls, held ones with their reason",
        order=("payroll_id", "number", "owner_id", "month"),
    ),
    single("budget", "budget", "一项预算 · one budget"),
    listing("budgets", "budget", "辖区内的预算 · budgets of your divisions"),
)
MUTATIONS = mutations_of(funds)
