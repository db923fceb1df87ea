"""The indicators of disaster relief: the plan's own figures, and its target of relief within twelve hours.

Casualties count where and when they happened, money on the day it was paid, stock as it is on the last day of the
period, relief by the disaster: those that struck in the period.
"""

from functools import partial

from domain.codes import IndicatorUnit, PopulationBasis
from domain.indicators import Indicator

_PLAN = "江海区“十三五”大民政规划（五）"
_ACTUAL, _NONE = PopulationBasis.ACTUAL, PopulationBasis.NONE
_ITEMS, _PERSONS, _FEN = IndicatorUnit.ITEMS, IndicatorUnit.PERSONS, IndicatorUnit.FEN
_PAID = "期间内支付、未退回的（按支付日期）"
_LISTED = "死亡、失踪名单上，事发在期间内、未撤销、未找到生还的"
_of = partial(Indicator, source=_PLAN)

INDICATORS: tuple[Indicator, ...] = (
    _of(
        "disaster_casualties",
        "因灾死亡、失踪人数",
        _PERSONS,
        _ACTUAL,
        f"{_LISTED}；受伤的没有名单，只在灾情报告里；规划数为两年合计",
        plus=("disaster_deaths", "disaster_missing"),
        plan_value=0,
    ),
    _of("disaster_deaths", "因灾死亡人数", _PERSONS, _ACTUAL, f"{_LISTED}死亡人员"),
    _of("disaster_missing", "因灾失踪人数", _PERSONS, _ACTUAL, f"{_LISTED}失踪人员"),
    _of(
        "disaster_living_aid_fen",
        "灾害生活救助金",
        _FEN,
        _ACTUAL,
        f"{_PAID}过渡期生活救助和冬春救助；规划数为两年合计",
        plan_value=30_000_000,
    ),
    _of(
        "disaster_housing_aid_fen",
        "倒损住房恢复重建补助",
        _FEN,
        _ACTUAL,
        f"{_PAID}倒损住房恢复重建补助；规划数为两年合计",
        plan_value=4_500_000,
    ),
    _of(
        "warehouse_m2",
        "救灾物资仓库面积",
        IndicatorUnit.SQUARE_METRES,
        _NONE,
        "期末未关停、非筹建的救灾物资仓库登记的建筑面积合计",
        plan_value=701,
    ),
    _of(
        "stock_kinds",
        "救灾物资品种数",
        _ITEMS,
        _NONE,
        "期末在库可用数量大于 0 的物资品种，各仓库相同的只计一个",
        distinct=True,
        plan_value=20,
    ),
    _of("stock_pieces", "救灾物资件数", _ITEMS, _NONE, "期末在库可用的件数；账面为负的按 0 计", plan_value=4_000),
    _of("stock_value_fen", "救灾物资价值", _FEN, _NONE, "期末在库可用物资的价值（按入库单价）", plan_value=45_000_000),
    _of(
        "stock_persons",
        "救灾物资可保障人数",
        _PERSONS,
        _ACTUAL,
        "期末各定额品种在库可用数量 ÷ 每人定额（参数 relief.norm.*，示例），取最小的一个，只舍不入；过期的仍计入",
        distinct=True,
        plan_value=300,
    ),
    _of(
        "relief_persons",
        "得到灾害救助的人数",
        _PERSONS,
        _ACTUAL,
        "期间内发生的灾害中已得到首次救助的人，每次灾害各计一次；未登记姓名的群体按人数",
        plus=("relief_in_time_persons", "relief_late_persons"),
    ),
    _of(
        "relief_in_time_share",
        "受灾人员 12 小时内得到救助的比例",
        IndicatorUnit.BP,
        _ACTUAL,
        "期间内发生的灾害中，在时限（灾害发生后 12 小时，参数 relief.first_relief）内得到首次救助的人 "
        "÷ 登记的受灾人员；尚未得到救助的（含待走访的重点人员）在分母内，经走访未受灾的不在",
        plus=("relief_in_time_persons",),
        per=("relief_in_time_persons", "relief_late_persons", "relief_waiting_persons"),
        target=10_000,
    ),
)
"""Every indicator of disaster relief."""
