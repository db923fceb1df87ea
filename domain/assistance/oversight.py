"""The indicators of how assistance is watched over: samples, visits, wrong grants, complaints, and the standard itself.

They are the district plan's own figures on verification (2014 and 2015) and on the dibao standard.
"""

from functools import partial

from domain.codes import FindingRule, IndicatorUnit, PopulationBasis
from domain.indicators import Indicator

_PLAN = "江海区“十三五”大民政规划（四）1"
_REGISTERED, _ACTUAL, _NONE = PopulationBasis.REGISTERED, PopulationBasis.ACTUAL, PopulationBasis.NONE
_HOUSEHOLDS, _CASES, _BP = IndicatorUnit.HOUSEHOLDS, IndicatorUnit.CASES, IndicatorUnit.BP
_OF_YEAR = "期末所在年度的抽样核查"
WRONG = (FindingRule.PAID_NOT_ENTITLED, FindingRule.INCOME_ABOVE_STANDARD, FindingRule.DEAD_MEMBER)
"""Findings that, once confirmed, say that somebody was granted what they were not entitled to (错保)."""
_of = partial(Indicator, source=_PLAN)

STANDARDS = tuple(
    _of(
        f"dibao_standard_{kind}",
        f"{label}低保标准",
        IndicatorUnit.FEN_PER_PERSON,
        _REGISTERED,
        f"期末施行的标准（参数 dibao.standard.{kind}）",
        plus=(f"dibao_standard_{kind}_fen",),
        per=(f"dibao_standard_{kind}_known",),
        plan_value=55_000,
        plan_year="2015",
    )
    for kind, label in (("urban", "城镇"), ("rural", "农村"))
)
"""The standard, as a dated parameter has it."""

VISITED = (
    _of(
        "dibao_visited_share",
        "低保入户核查覆盖率",
        _BP,
        _REGISTERED,
        "期末在册（发放中、已停发）和期间内退出的低保家庭的保障人数中，期间内工作人员入户核查过的",
        plus=("dibao_rolls_visited_persons",),
        per=("dibao_rolls_persons",),
        target=10_000,
        plan_value=10_000,
        plan_year="2015",
    ),
)
"""Whom officials visited, of everybody who was on the rolls."""

SAMPLED = (
    _of(
        "sample_share",
        "低保抽样比例",
        _BP,
        _REGISTERED,
        f"{_OF_YEAR}抽中的户数 ÷ 抽样时在册家庭户数；抽样由区级办理，不分街道",
        plus=("sample_households",),
        per=("sample_population",),
        target=5_000,
        plan_value=5_000,
        plan_year="2014–2015",
    ),
    _of(
        "sample_cycle_share",
        "两年一轮抽样覆盖率",
        _BP,
        _REGISTERED,
        f"{_OF_YEAR}，本轮第一年已核查而不再抽取的户数与抽中的户数之和 ÷ 抽样时在册家庭户数；第二年即两年合计",
        plus=("sample_households", "sample_left_out"),
        per=("sample_population",),
        plan_value=10_000,
        plan_year="2014–2015",
    ),
    _of(
        "sample_checked_share",
        "抽中家庭核查率",
        _BP,
        _REGISTERED,
        f"{_OF_YEAR}抽中的家庭中，至期末购买服务核查一致的或工作人员已复查的 ÷ 抽中的户数",
        plus=("sample_confirmed", "sample_rechecked"),
        per=("sample_households",),
        target=10_000,
        plan_value=10_000,
        plan_year="2015",
    ),
    _of(
        "sample_drawn_twice",
        "同一轮两年都抽中的户数",
        _HOUSEHOLDS,
        _REGISTERED,
        f"{_OF_YEAR}抽中的家庭中，同一轮另一年也抽中的；按现属区划",
        plan_value=0,
        plan_year="2014–2015",
    ),
)
"""The yearly samples; how visits went stands in the campaign."""

COMPLAINED = (
    _of(
        "wrong_grants",
        "错保件数",
        _CASES,
        _REGISTERED,
        "发生日期在期间内、经核实属实（含已整改、已办结）的疑点："
        f"{'、'.join(rule.label for rule in WRONG)}；各系统不区分人情保、关系保",
        plan_value=0,
        plan_year="2015",
    ),
    _of(
        "complaints",
        "社会救助投诉件数",
        _CASES,
        _ACTUAL,
        "登记日期在期间内的投诉，按登记单位",
        plan_value=0,
        plan_year="2015",
    ),
    _of("complaints_upheld", "投诉属实件数", _CASES, _ACTUAL, "上述投诉中，已答复属实的"),
)
"""What turned out wrong, and what people complained of."""

INDICATORS: tuple[Indicator, ...] = (*STANDARDS, *VISITED, *SAMPLED, *COMPLAINED)
"""Every indicator of oversight."""
