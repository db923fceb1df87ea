"""The indicators of community governance: the plan's own figures of (三), and the titles of （五）.

What exists is counted as it is on the last day of the period. Villages and communities are those that the register of
divisions has on that day, which may be others than the plan counted (63 today, 62 then).
"""

from functools import partial

from domain.codes import IndicatorUnit, PopulationBasis
from domain.indicators import Indicator

_PLAN = "江海区“十三五”大民政规划（三）"
_NONE = PopulationBasis.NONE
_ITEMS, _BP, _PERSONS = IndicatorUnit.ITEMS, IndicatorUnit.BP, IndicatorUnit.PERSONS
_of = partial(Indicator, source=_PLAN)

INDICATORS = (
    _of("communities", "村、社区数", _ITEMS, _NONE, "期末的村和社区，按区划登记", plan_value=62),
    _of("villages", "村数", _ITEMS, _NONE, "期末的村，按区划代码（后三位 200 至 399）", plan_value=36),
    _of("streets", "街道数", _ITEMS, _NONE, "期末的街道；规划由 3 个家庭服务中心覆盖全部街道推算", plan_value=3),
    _of(
        "station_coverage",
        "公共服务站覆盖率",
        _BP,
        _NONE,
        "期末有公共服务站的村、社区 ÷ 期末的村、社区",
        plus=("station_divisions",),
        per=("communities",),
        target=10_000,
        plan_value=10_000,
    ),
    _of(
        "family_centre_coverage",
        "家庭服务中心覆盖率",
        _BP,
        _NONE,
        "期末有家庭服务中心的街道 ÷ 期末的街道",
        plus=("family_centre_divisions",),
        per=("streets",),
        target=10_000,
        plan_value=10_000,
    ),
    _of("family_centres", "家庭服务中心数", _ITEMS, _NONE, "期末的家庭服务中心", plan_value=3),
    _of(
        "supervision_committees",
        "村务监督委员会数",
        _ITEMS,
        _NONE,
        "期末已建立村务监督委员会的村",
        target=36,
        plan_value=36,
    ),
    _of(
        "model_units",
        "村（居）务公开民主管理示范单位数",
        _ITEMS,
        _NONE,
        "期末已获命名、未取消的村、社区",
        target=62,
        plan_value=62,
    ),
    _of(
        "model_communities_completed",
        "完成创建的综合减灾示范社区",
        _ITEMS,
        _NONE,
        "期末完成创建的，含已获命名的",
        source="江海区“十三五”大民政规划（五）",
        target=12,
        plan_value=12,
    ),
    _of(
        "model_communities_titled",
        "获命名的综合减灾示范社区",
        _ITEMS,
        _NONE,
        "期末已获全国命名、未取消的",
        source="江海区“十三五”大民政规划（五）",
        target=9,
        plan_value=9,
    ),
    _of("consultations", "城乡社区协商次数", _ITEMS, _NONE, "期间内举行的协商"),
    _of(
        "one_person_share",
        "书记主任一肩挑比例",
        _BP,
        _NONE,
        "期末最近一届选举中一肩挑的村、社区 ÷ 登记了该届选举的村、社区",
        plus=("one_person",),
        per=("elections",),
        target=9_000,
        plan_value=9_000,
        plan_year="2014",
    ),
    _of(
        "cross_membership_share",
        "“两委”交叉任职比例",
        _BP,
        _NONE,
        "期末最近一届选举中交叉任职的村（居）委会成员 ÷ 村（居）委会成员",
        plus=("cross_members",),
        per=("committee_members",),
        target=9_000,
        plan_value=9_000,
        plan_year="2014",
    ),
    _of(
        "cadre_allowance_avg",
        "村（居）干部月人均补贴",
        IndicatorUnit.FEN_PER_PERSON,
        _NONE,
        "期末所在年度的补贴合计 ÷ 发放人月数",
        plus=("cadre_allowance_fen",),
        per=("cadre_person_months",),
        target=250_000,
        plan_value=250_000,
    ),
    _of(
        "social_workers",
        "持证社工人数",
        _PERSONS,
        PopulationBasis.RESIDENT,
        "期末在册的持证社工",
        target=120,
        plan_value=120,
        plan_year="2015",
    ),
    _of("volunteers", "志愿者人数", _PERSONS, PopulationBasis.RESIDENT, "期末在册的志愿者"),
    _of(
        "volunteers_added",
        "志愿者比上年同期增加",
        _PERSONS,
        PopulationBasis.RESIDENT,
        "期末在册的志愿者减去一年前在册的；为正即逐年递增",
        plus=("volunteers",),
        minus=("volunteers_year_before",),
    ),
    _of(
        "disclosures_in_time",
        "村（居）务按时公布率",
        _BP,
        _NONE,
        "期限在期间内的公开事项中按时公布的 ÷ 期限在期间内、本期须公布的公开事项",
        per=("disclosures_due",),
        source="村民委员会组织法第三十条（待核）",
    ),
)
"""Every indicator of community governance."""
