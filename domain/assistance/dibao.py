"""Dibao (最低生活保障): who is eligible and for how much.

`monthly = max(0, S − pc) × n + Σ supplement`, with `pc = income ÷ n`; so the gap is `max(0, S × n − income)` and needs
no division. Everything is summed exactly in 1/10,000 fen and rounded once, the household's total, upwards.
"""

from collections import Counter
from datetime import date

from domain.codes import Supplement, UrbanRural
from domain.formulas import BP, Computed, Trace, positive, round_up
from domain.parameters import Parameters

FORMULA = "max(0, 保障标准×保障人数−家庭月收入) + Σ(分类施保人数×保障标准×比例)，家庭合计进位"
GAP_BASIS = "社会救助暂行办法第十二条：按家庭人均收入低于标准的差额发给"


def standard_code(urban_rural: UrbanRural) -> str:
    """The parameter that holds the standard S."""
    return f"dibao.standard.{urban_rural.value}"


def gap(standard: int, persons: int, income: int) -> int:
    """What the household's income falls short of the standard by, in fen; 0 when it does not (array-safe)."""
    return positive(standard * persons - income)


def monthly(gap_fen: int, standard: int, supplement_bp: int, unit: int) -> int:
    """Gap and supplements (`supplement_bp` summed over the entitled), rounded up to `unit` fen (array-safe).

    Without a gap there is no dibao and so no supplement.
    """
    exact = (gap_fen * BP + standard * supplement_bp) * (gap_fen > 0)
    return round_up(exact, unit * BP) // BP


def eligible(standard: int, persons: int, income: int) -> bool:
    """Whether income per person is below the standard (property is tested apart)."""
    return income < standard * persons


def compute(
    parameters: Parameters,
    on: date,
    *,
    division_code: str,
    urban_rural: UrbanRural,
    persons: int,
    monthly_income_fen: int,
    supplements: tuple[Supplement, ...] = (),
) -> Computed:
    """The household's monthly amount on a day, 0 where it is not eligible; raises ParameterNotInForce."""
    trace = Trace(parameters, division_code, on)
    standard = trace.parameter(standard_code(urban_rural))
    trace.step("保障人数", persons, "persons")
    trace.step("家庭可计算月收入", monthly_income_fen)
    trace.step("家庭人均月收入（舍去不足1分）", monthly_income_fen // persons if persons else 0)
    gap_fen = trace.step("差额", gap(standard, persons, monthly_income_fen), basis=GAP_BASIS)
    supplement_bp = 0
    for kind, count in sorted(Counter(supplements).items()) if gap_fen else ():
        share = trace.parameter(f"dibao.supplement.{kind.value}")
        trace.step(f"分类施保人数（{kind.label}）", count, "persons")
        supplement_bp += count * share
    if supplement_bp:
        trace.step("分类施保合计比例", supplement_bp, "bp")
    unit = trace.parameter("dibao.rounding")
    amount = trace.step("月保障金额", monthly(gap_fen, standard, supplement_bp, unit))
    return trace.result(amount, FORMULA)
