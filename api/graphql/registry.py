"""Registry in the API: what can be asked and decided about persons, households and divisions."""

from api.graphql.commands import mutations_of
from api.graphql.roots import listing, single
from domain import registry

ROOTS = (
    single("person", "person", "按标识或公民身份号码查一个人 · one person by id or citizen ID", citizen=True),
    listing("persons", "person", "辖区内的人员 · persons of your divisions"),
    single("household", "household", "一个家庭 · one household"),
    listing("households", "household", "辖区内的家庭 · households of your divisions"),
    listing("divisions", "division", "行政区划 · the divisions"),
)
MUTATIONS = mutations_of(registry)
