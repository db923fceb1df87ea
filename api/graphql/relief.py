"""Disaster relief in the API: disasters, reports, the relief clock, stock, relief money, and the decisions on them."""

from api.graphql.commands import mutations_of
from api.graphql.roots import listing, single
from domain import relief

ROOTS = (
    single("disaster", "disaster", "一次灾害 · one disaster"),
    listing("disasters", "disaster", "全区的灾害，按发生日期 · disasters of the district by day"),
    listing(
        "disasterReports",
        "disaster_report",
        "辖区内的灾情报告，含被更正的 · disaster reports of your divisions, corrected ones too",
        order=("filed_at", "reports_id", "report_no"),
    ),
    listing(
        "disasterUnits",
        "disaster_unit",
        "辖区内的报灾单位，应报和逾期情况 · units that report, what is due and what was late",
    ),
    listing("casualties", "casualty", "辖区内的因灾死亡、失踪人员 · dead and missing people of your divisions"),
    listing(
        "affectedPersons",
        "affected",
        "辖区内的受灾人员 · affected people of your divisions",
        order=("disaster_id", "id"),
    ),
    listing("reliefDeliveries", "relief_delivery", "辖区内的救助物资发放 · relief handed over in your divisions"),
    listing(
        "reliefClocks",
        "relief_clock",
        "每次灾害各村（社区）首次救助的进度 · how far first relief has come, by disaster and place",
        order=("disaster_id", "division_code"),
    ),
    listing("stocks", "stock", "辖区内的救灾物资库存 · relief stock of your warehouses by item"),
    listing("stockMovements", "stock_movement", "辖区内的救灾物资变动 · movements of relief stock"),
    listing("stockAllocations", "stock_allocation", "辖区内的物资调拨 · allocations of relief stock"),
    single("reliefAid", "relief_aid", "一项灾害救助资金 · one family's relief money"),
    listing("reliefAids", "relief_aid", "辖区内的灾害救助资金 · relief money of your divisions"),
)
MUTATIONS = mutations_of(relief)
