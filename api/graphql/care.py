"""Care of the old and the disabled in the API: benefits, what was paid for them, disability certificates."""

from api.graphql.commands import mutations_of
from api.graphql.roots import listing, single
from domain import care

ROOTS = (
    single("benefit", "benefit", "一项个人待遇 · one benefit of a person"),
    listing("benefits", "benefit", "辖区内的个人待遇 · benefits of your divisions"),
    listing(
        "benefitQueue",
        "benefit",
        "个人待遇，按期限先后；配合 waiting 筛选即为待办 · benefits by due date: the queue of those that wait",
        order=("due_on", "id"),
    ),
    listing("benefitPayments", "benefit_payment", "辖区内的个人待遇发放记录 · payments of benefits of your divisions"),
    listing("premiums", "premium", "辖区内由政府代缴的保费 · insurance premiums paid by the government"),
    listing("elderCards", "elder_card", "辖区内的老年人证件 · elders' cards of your divisions"),
    listing("disabilityCertificates", "disability_certificate", "辖区内的残疾人证 · disability certificates"),
)
MUTATIONS = mutations_of(care)
