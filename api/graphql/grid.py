"""The community grid in the API: grids, incidents, clues, residents, visits, and the decisions on them."""

from api.graphql.commands import mutations_of
from api.graphql.roots import listing, single
from domain import grid

ROOTS = (
    single("grid", "grid", "一个网格 · one grid"),
    listing("grids", "grid", "辖区内的网格，边界为 GeoJSON · grids of your divisions", order=("code", "id")),
    listing("gridWorkers", "grid_worker", "网格员指派 · who answers for which grid, from and to a day"),
    single("incident", "incident", "一件网格事件 · one incident"),
    listing("incidents", "incident", "辖区内的网格事件，按上报时间 · incidents of your divisions"),
    single("clue", "clue", "一条需求线索 · one clue to somebody's need"),
    listing("clues", "clue", "辖区内的需求线索，按上报日期 · clues of your divisions"),
    listing("residents", "resident", "辖区内的网格居民 · residents as the grid knows them"),
    listing("gridVisits", "grid_visit", "辖区内分派的和已作的走访 · visits to be made and made"),
    listing(
        "myGridVisits",
        "my_grid_visit",
        "分派给本人（或由本人代办的网格员）、尚未完成的走访，按期限先后 · a grid worker's own open visits",
        order=("due_on", "id"),
        timed=False,
    ),
    listing("residentChanges", "resident_change", "上报的死亡和搬迁及其确认 · reported deaths and moves"),
    listing("publicFacilities", "public_facility", "辖区内的公共设施 · public facilities"),
    listing("propertyManagements", "property_management", "辖区内的小区物业管理 · property management of estates"),
)
MUTATIONS = mutations_of(grid)
