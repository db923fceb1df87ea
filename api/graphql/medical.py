"""Medical assistance in the API: hospitals, visits, settlements, clearing, and the decisions on them."""

from api.graphql.commands import mutations_of
from api.graphql.roots import listing, single
from domain import medical

ROOTS = (
    single("hospital", "hospital", "一家定点医疗机构 · one designated hospital"),
    listing("hospitals", "hospital", "定点医疗机构 · designated hospitals", order=("code", "id")),
    listing(
        "myHospitals",
        "hospital_desk",
        "本人所在的医院结算窗口 · the hospitals at whose window one works",
        order=("hospital_id", "account_id"),
        timed=False,
    ),
    listing(
        "hospitalMonths",
        "hospital_month",
        "医院月度结算汇总；医院窗口只见本院 · settled sums by hospital and month; a window sees its own hospital",
        order=("month", "hospital_id"),
    ),
    listing("medicalCategories", "medical_category", "辖区内的医疗救助身份 · categories of medical assistance"),
    single("medicalVisit", "medical_visit", "一次就诊 · one visit to a hospital"),
    listing(
        "medicalVisits",
        "medical_visit",
        "辖区内的就诊；医院窗口只见本院 · visits to hospitals; a window sees its own hospital's",
    ),
    single("settlement", "settlement", "一笔结算 · one settlement"),
    listing(
        "settlements",
        "settlement",
        "辖区内的结算；医院窗口只见本院 · settlements; a window sees its own hospital's",
    ),
    listing("accumulators", "accumulator", "辖区内的年度累计 · what persons' years have used"),
    listing(
        "reconciliations",
        "reconciliation",
        "医院日对账；医院窗口只见本院 · daily reconciliations; a window sees its own hospital's",
    ),
    listing(
        "reconciliationDifferences",
        "reconciliation_difference",
        "对账差异；医院窗口只见本院 · differences; a window sees its own hospital's",
    ),
    single("clearing", "clearing", "一次月度清算 · one monthly clearing"),
    listing("clearings", "clearing", "月度清算；医院窗口只见本院 · monthly clearings with hospitals"),
    single("manualClaim", "manual_claim", "一项事后救助申请 · one claim afterwards"),
    listing("manualClaims", "manual_claim", "辖区内的事后救助申请 · claims afterwards"),
)
MUTATIONS = mutations_of(medical)
