"""The indicators of care for the old and the disabled: the plan's own figures, and its targets for 2020.

What exists is counted as it is on the last day of the period; what was given or paid, on the day it was. The old are
those of 60 and more by the registry of persons, where they live: the registered ones (户籍) or all who are there
(实有). Nobody knows who has lived here for half a year, so nothing is of the resident population (常住).
"""

from functools import partial

from domain.codes import IndicatorUnit, PopulationBasis
from domain.indicators import Indicator

_PLAN = "江海区“十三五”大民政规划"
_REGISTERED, _ACTUAL, _NONE = PopulationBasis.REGISTERED, PopulationBasis.ACTUAL, PopulationBasis.NONE
_ITEMS, _PERSONS, _TIMES = IndicatorUnit.ITEMS, IndicatorUnit.PERSONS, IndicatorUnit.TIMES
_FEN, _BP = IndicatorUnit.FEN, IndicatorUnit.BP
_OLD = "期末年满 60 周岁、已登记、未迁出、未死亡、未合并的人，按居住地"
_BEDS = "期末登记的机构床位，含停用的；筹建和已关停设施的不计，家庭养老床位不计"
_of = partial(Indicator, source=_PLAN)

BEDS = (
    _of("beds", "养老床位数", _ITEMS, _NONE, _BEDS, plan_value=1_233),
    _of(
        "bed_capacity",
        "核定床位数",
        _ITEMS,
        _NONE,
        "期末未关停、非筹建的养老机构、农村敬老院、综合养老服务中心备案或登记的核定床位合计",
    ),
    _of("elderly_registered", "户籍老年人口", _PERSONS, _REGISTERED, f"{_OLD}，人口类型为户籍"),
    _of("elderly_actual", "实有老年人口", _PERSONS, _ACTUAL, f"{_OLD}，不分人口类型"),
    *(
        _of(
            name,
            label,
            IndicatorUnit.HUNDREDTH_PER_1000,
            basis,
            f"{_BEDS} ÷ {whose} × 1000",
            plus=("beds",),
            per=(per,),
            target=4_000,
        )
        for name, label, basis, whose, per in (
            ("beds_per_1000", "每千名户籍老年人拥有养老床位", _REGISTERED, "户籍老年人口", "elderly_registered"),
            ("beds_per_1000_actual", "每千名实有老年人拥有养老床位", _ACTUAL, "实有老年人口", "elderly_actual"),
        )
    ),
    _of(
        "home_care_coverage",
        "居家养老、日间照料设施覆盖率",
        _BP,
        _NONE,
        "期末本村、社区内有运营中（含整改中）的居家养老服务总站、服务站、农村幸福院、日间照料中心或"
        "综合养老服务中心的村、社区 ÷ 期末的村、社区；街道一级的设施不算覆盖其各村、社区",
        plus=("home_care_divisions",),
        per=("care_communities",),
        target=10_000,
    ),
)
"""Places to be cared for."""

ALLOWANCE = (
    _of(
        "old_age_fen",
        "高龄津贴支出",
        _FEN,
        _REGISTERED,
        "期间内发放的减去期间内退回的（按发放、退回日期，更正后）；规划数为 2011 至 2015 五年合计，逐年相加",
        plus=("old_age_paid_fen",),
        minus=("old_age_returned_fen",),
        plan_value=157_000_000,
        plan_year="2011–2015",
    ),
    _of(
        "old_age_persons",
        "高龄津贴发放人数",
        _PERSONS,
        _REGISTERED,
        "期间内发放过的人，一人只计一次；期间内迁移过的两地各计一次",
        distinct=True,
    ),
    _of(
        "elder_cards",
        "老年人证件数",
        _ITEMS,
        _REGISTERED,
        "期末有效（未注销）的老年人优待证和长者卡，按发证时的区划；规划数为历年办理约 11000 张",
        plan_value=11_000,
    ),
)
"""What is paid to the very old, and cards."""

INSURED = (
    _of(
        "elder_insured",
        "银龄安康政府投保人数",
        _PERSONS,
        _REGISTERED,
        "期末在保险期内、未撤销的政府代缴老年人意外伤害保险，一人一年一份"
        "（户籍年满 78 周岁，或五保、低保年满 60 周岁）",
        plan_value=4_300,
    ),
    _of(
        "elder_insurance_coverage",
        "银龄安康投保覆盖率",
        _BP,
        _REGISTERED,
        "银龄安康政府投保人数 ÷ 户籍老年人口；自费参保的没有数据，规划 41% 的分母未写明",
        plus=("elder_insured",),
        per=("elderly_registered",),
        plan_value=4_100,
    ),
    *(
        _of(
            f"{kind}_premium_{what}",
            f"政府代缴{label}{heading}",
            unit,
            _REGISTERED,
            f"{formula}，未撤销的{label}代缴，含低保、特困人员的；每份均为个人缴费全额",
        )
        for kind, label in (("medical", "基本医疗保险"), ("pension", "基本养老保险"))
        for what, heading, unit, formula in (
            ("persons", "人数", _PERSONS, "期末在保险期内"),
            ("fen", "保费", _FEN, "期间内办理"),
        )
    ),
    *(
        _of(
            f"disabled_{kind}_coverage",
            f"残疾人{label}政府全额代缴率",
            _BP,
            _REGISTERED,
            f"年初持证有效的{whom}中，期末在政府代缴保险期内的 ÷ 年初持证有效的{whom}；"
            "按现属区划，死亡未注销证件的仍在分母内",
            plus=(f"disabled_{kind}_insured",),
            per=(f"disabled_{kind}_entitled",),
            target=10_000,
            plan_value=10_000,
        )
        for kind, label, whom in (
            ("medical", "基本医疗保险", "重度（一、二级）和智力、精神残疾人"),
            ("pension", "基本养老保险", "重度（一、二级）残疾人"),
        )
    ),
)
"""Insurance that the government pays for."""

SERVICES = (
    _of(
        "rehab_care_times",
        "残疾人康复、托养服务人次",
        _TIMES,
        _ACTUAL,
        "期间内提供、未撤销的康复服务和托养照料服务的人次（更正后），不论是否持证",
        plus=("rehab_times", "nursing_times"),
        plan_value=3_686,
    ),
    _of("rehab_times", "康复服务人次", _TIMES, _ACTUAL, "上述人次中的康复服务"),
    _of("nursing_times", "托养照料服务人次", _TIMES, _ACTUAL, "上述人次中的托养照料服务"),
)
"""Services to the disabled."""

CHILDREN = (
    _of(
        "child_rehab_times",
        "0—6 岁儿童抢救性康复人次",
        _TIMES,
        _ACTUAL,
        "期间内提供、未撤销的康复服务中，服务当日不满 7 周岁的人次；按现属区划，出生日期不详的不计",
    ),
)
"""Counted with the person's date of birth, which only those see who may read the registry."""

INDICATORS: tuple[Indicator, ...] = (*BEDS, *ALLOWANCE, *INSURED, *SERVICES)
"""Every other indicator of care."""
