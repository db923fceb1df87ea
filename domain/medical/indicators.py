"""The indicators of medical assistance: the plan's figures, counted from settlements and claims.

A settlement counts on the day of its hospital's file, one that is undone counts −1 on the day it is undone, and a claim
counts on the day it is approved. So a past month stays what it was, and the sum of months is what was paid.
"""

from domain.codes import IndicatorUnit, PopulationBasis
from domain.indicators import Indicator

_PLAN = "江海区“十三五”大民政规划：直接医疗救助支出、救助人次、政策范围内住院自付费用救助比例"
_BASIS = PopulationBasis.REGISTERED


INDICATORS: tuple[Indicator, ...] = (
    Indicator(
        name="ma_times",
        label="直接医疗救助人次",
        unit=IndicatorUnit.TIMES,
        basis=_BASIS,
        formula="期间内有医疗救助支出的结算笔数，减去期间内撤销、冲正的，加上核准的事后救助件数",
        source=_PLAN,
        plus=("ma_booked_times", "ma_claim_times"),
        minus=("ma_undone_times",),
        plan_value=1_345,
    ),
    Indicator(
        name="ma_fen",
        label="直接医疗救助支出",
        unit=IndicatorUnit.FEN,
        basis=_BASIS,
        formula="上述结算和事后救助的医疗救助支出，减去期间内撤销、冲正的",
        source=_PLAN,
        plus=("ma_booked_fen", "ma_claim_fen"),
        minus=("ma_undone_fen",),
        plan_value=520_000_000,
    ),
    Indicator(
        name="ma_inpatient_ratio",
        label="重点救助对象政策范围内住院自付费用救助比例",
        unit=IndicatorUnit.BP,
        basis=_BASIS,
        formula="低保对象、特困人员住院：医疗救助支出 ÷ 各项保险支付后的政策范围内费用",
        source=_PLAN,
        plus=("ma_key_booked_fen", "ma_key_claim_fen"),
        minus=("ma_key_undone_fen",),
        per=("ma_key_base_fen",),
        target=7_000,
        plan_value=6_000,
    ),
    Indicator(
        name="ma_avg_fen",
        label="直接医疗救助次均金额",
        unit=IndicatorUnit.FEN_PER_TIME,
        basis=_BASIS,
        formula="期间内有医疗救助支出的结算和核准的事后救助的金额 ÷ 其笔数，含后来撤销的；"
        "规划数由 520 万元、1345 人次推算",
        source=_PLAN,
        plus=("ma_booked_fen", "ma_claim_fen"),
        per=("ma_booked_times", "ma_claim_times"),
        plan_value=386_600,
    ),
    Indicator(
        name="ma_hospitals",
        label="同步结算定点医院数",
        unit=IndicatorUnit.ITEMS,
        basis=PopulationBasis.NONE,
        formula="期末协议有效、未暂停结算的定点医疗机构，按管理归属区划；"
        "规划为 6 家市级医院，等级和隶属见定点医疗机构登记",
        source=_PLAN,
        plan_value=6,
    ),
)
"""Every indicator of medical assistance."""
