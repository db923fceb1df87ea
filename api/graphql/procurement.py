"""Social organisations and government purchase in the API, and the decisions on them."""

from api.graphql.commands import mutations_of
from api.graphql.roots import listing, single
from domain import procurement

ROOTS = (
    single("organisation", "organisation", "一个社会组织 · one social organisation"),
    listing("organisations", "organisation", "辖区内的社会组织 · social organisations of your divisions"),
    listing(
        "organisationYears",
        "organisation_year",
        "社会组织历年年报年检 · yearly reports and inspections",
        order=("year", "organisation_id"),
    ),
    single("purchase", "purchase", "一个购买服务项目 · one purchase of services"),
    listing("purchases", "purchase", "辖区内的购买服务项目 · purchases of services of your divisions"),
    listing(
        "purchaseMilestones",
        "purchase_milestone",
        "服务节点，按期限先后 · milestones of contracts by due date",
        order=("due_on", "purchase_id", "no"),
    ),
    listing(
        "purchasePayments",
        "purchase_payment",
        "合同付款及其资金来源 · payments of contracts with their source",
    ),
    single("venture", "venture", "一个公益创投项目 · one venture project"),
    listing("ventures", "venture", "辖区内的公益创投项目 · venture projects of your divisions"),
    listing("supportFunds", "support_fund", "社会组织扶持发展专项资金 · support funds"),
    listing(
        "supportFundYears",
        "support_fund_year",
        "扶持资金各年金额和低于规划的差额 · each year's amount and what is missing",
        order=("year", "support_fund_id"),
    ),
)
MUTATIONS = mutations_of(procurement)
