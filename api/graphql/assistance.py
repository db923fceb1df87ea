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
        order=("due_on", "case_id", "step", "item"),
    ),
    single("referral", "referral", "一项转介 · one referral to another department"),
    listing(
        "referrals",
        "referral",
        "转介，按期限先后；部门人员只见交给本部门的 · referrals by due date; a department sees its own",
        order=("due_on", "id"),
    ),
    single("recovery", "recovery", "一项追回 · one overpayment being recovered"),
    listing("recoveries", "recovery", "辖区内的追回 · overpayments of your divisions"),
    listing("complaints", "complaint", "投诉，按期限先后 · complaints by due date", order=("due_on", "id")),
    listing("conferences", "conference", "社会救助联席会议 · joint conferences"),
    listing(
        "conferenceTasks",
        "conference_task",
        "联席会议交办事项，按期限先后；部门人员只见交给本部门的 · tasks of joint conferences by due date",
        order=("due_on", "conference_id", "task_no"),
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
    single("document", "document", "一份附件 · one paper of a case"),
    listing("documents", "document", "辖区内的附件 · papers of the cases of your divisions"),
    single("notice", "notice", "一份通知书 · one notice"),
    listing("notices", "notice", "辖区内的通知书 · notices of your divisions"),
)
MUTATIONS = mutations_of(assistance)
