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
    single("document", "document", "一份附件 · one paper of a case"),
    listing("documents", "document", "辖区内的附件 · papers of the cases of your divisions"),
    single("notice", "notice", "一份通知书 · one notice"),
    listing("notices", "notice", "辖区内的通知书 · notices of your divisions"),
)
MUTATIONS = mutations_of(assistance)
