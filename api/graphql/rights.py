"""Rights in the API: who may act in which role, where and until when, and the decisions on it."""

from api.graphql.commands import mutations_of
from api.graphql.roots import listing
from domain import rights

ROOTS = (
    listing("accounts", "account", "有权限记录的账号 · accounts of which rights are recorded"),
    listing("rights", "right", "账号权限，含已撤销和到期的 · rights, past ones among them"),
    listing("deputations", "deputation", "代办，含已终止和到期的 · who stands in for whom, past ones among them"),
)
MUTATIONS = mutations_of(rights)
