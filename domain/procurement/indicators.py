"""The indicators of social organisations and government purchase: the plan's own figures of (二), (三) and (六).

A state is counted as it is on the last day of the period, a contract where it ran on any day of it.
"""

from domain.codes import IndicatorUnit, PopulationBasis
from domain.indicators import Indicator

_PLAN = "江海区“十三五”大民政规划（二）"
_NONE = PopulationBasis.NONE
_REGISTERED = "期末已登记、未注销也未撤销的社会组织，含列入异常名录的"

INDICATORS = (
    Indicator(
        name="organisations",
        label="社会组织数",
        unit=IndicatorUnit.ITEMS,
        basis=_NONE,
        formula=_REGISTERED,
        source=_PLAN,
        plan_value=158,
        plan_year="2015",
    ),
    Indicator(
        name="organisations_per_10000",
        label="每万人拥有社会组织",
        unit=IndicatorUnit.HUNDREDTH_PER_10000,
        basis=PopulationBasis.RESIDENT,
        formula=f"{_REGISTERED} ÷ 人口基数 × 10000；人口基数为参数 procurement.population，"
        "现由规划的 158 个、每万人 9.6 家推算为 164600 人，口径待核",
        source=_PLAN,
        plus=("organisations",),
        per=("organisation_population",),
        plan_value=960,
        plan_year="2015",
    ),
    Indicator(
        name="organisations_abnormal",
        label="列入异常名录的社会组织数",
        unit=IndicatorUnit.ITEMS,
        basis=_NONE,
        formula="期末列入异常名录的社会组织",
        source="社会团体登记管理条例（待核）",
    ),
    Indicator(
        name="contracted_bodies",
        label="承接购买服务的社工机构数",
        unit=IndicatorUnit.ITEMS,
        basis=_NONE,
        formula="期间内有购买服务合同在履行的社会工作服务机构，一家只计一次；是否社工机构、是否本地按签约时的登记",
        source=_PLAN,
        distinct=True,
        plan_value=6,
    ),
    Indicator(
        name="contracted_local_share",
        label="承接机构本地化比例",
        unit=IndicatorUnit.BP,
        basis=_NONE,
        formula="上述机构中的本地机构 ÷ 上述机构（规划：6 家中 5 家，83.3%）",
        source=_PLAN,
        plus=("contracted_local_bodies",),
        per=("contracted_bodies",),
        plan_value=8_330,
    ),
    Indicator(
        name="support_fund_fen",
        label="社会组织扶持发展专项资金",
        unit=IndicatorUnit.FEN,
        basis=_NONE,
        formula="期末所在年度区和街道安排的金额（更正后）",
        source=_PLAN,
        plan_value=30_000_000,
        plan_year="2013",
    ),
    Indicator(
        name="support_fund_growth",
        label="扶持资金比上年增长",
        unit=IndicatorUnit.BP,
        basis=_NONE,
        formula="（期末所在年度金额 − 上年金额）÷ 上年金额；只计两年都有登记的区和街道",
        source=_PLAN,
        plus=("support_fund_compared_fen",),
        minus=("support_fund_former_fen",),
        per=("support_fund_former_fen",),
        target=1_000,
        plan_value=1_000,
        plan_year="2014–2018",
    ),
    Indicator(
        name="support_fund_short_fen",
        label="扶持资金低于规划的差额",
        unit=IndicatorUnit.FEN,
        basis=_NONE,
        formula="期末所在年度，区和各街道低于规划最低金额（2013 年 30 万元、街道 3 万元，每年增长 10%）的差额合计",
        source=_PLAN,
    ),
)
"""Every indicator of social organisations and government purchase."""
