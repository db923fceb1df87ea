"""Social assistance in the API: cases, payments, and the decisions on them."""

from api.graphql.commands import mutations_of
from api.graphql.roots import listing, single
from domain import assistance

ROOTS = (
    single("case", "case", "一个救助个案 · one assistance case"),
    listing("cases", "case", "辖区内的救助个案 · assistance cases of your divisions"),
    listing("payments", "payment", "辖区内的发放记录 · payments of your divisions"),
    listing(
        "workItems",
        "work_item",
        "辖区内的待办，按期限先后 · open and done steps of cases, by due date",
        order=("due_on", "case_id", "step"),
    ),
    single("verification", "verification", "一次经济状况核对 · one economic-status verification"),
    listing("verifications", "verification", "辖区内的经济状况核对 · verifications of your divisions"),
    listing(
        "verificationQueries",
        "verification_query",
        "辖区内的核对查询 · what each source was asked, and whether it has answered",
    ),
    single("campaign", "campaign", "一年的抽样核查 · one year's verification by sample"),
    listing("campaigns", "campaign", "各年的抽样核查 · verification by sample, by year"),
    listing("visits", "visit", "辖区内抽中家庭的入户核查 · visits to sampled households of your divisions"),
    listing(
        "myVisits",
        "my_visit",
        "分派给本人、未完成且未到期的入户核查 · a purchased visitor's own open visits",
        order=("due_on", "id"),
        timed=False,
    ),
)
MUTATIONS = mutations_of(assistance)
