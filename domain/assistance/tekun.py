"""Tekun (特困人员供养): basic living standard plus care by the degree of self-care."""

from datetime import date

from domain.codes import SelfCare
from domain.formulas import Computed, Trace, round_up, share_rounded_up
from domain.parameters import Parameters

FORMULA = "(基本生活标准 + 照料护理标准)×供养人数，进位"
PLAN_BASIS = "江海区“十三五”大民政规划（四）1：上年度农村居民人均可支配收入×65%÷12"


def care(minimum_wage: int, bp: int, unit: int) -> int:
    """The monthly care standard in fen, a share of the minimum wage (array-safe)."""
    return share_rounded_up(minimum_wage, bp, unit)


def monthly(basic: int, care_fen: int, persons: int, unit: int) -> int:
    """The monthly amount of `persons` with the same degree of self-care (array-safe)."""
    return round_up((basic + care_fen) * persons, unit)


def plan_standard(rural_income: int, share_bp: int) -> int:
    """The plan's own rule for the basic standard: a share of last year's rural income, a month, to the whole yuan."""
    return (rural_income * share_bp // 12 // 10_000 + 50) // 100 * 100


def compute(
    parameters: Parameters, on: date, *, division_code: str, persons: int, self_care: SelfCare | None
) -> Computed:
    """The monthly amount on a day; an unassessed person counts as fully able to care for himself.

    Raises ParameterNotInForce.
    """
    trace = Trace(parameters, division_code, on)
    basic = trace.parameter("tekun.basic")
    bp = trace.parameter(f"tekun.care.{(self_care or SelfCare.FULL).value}")
    unit = trace.parameter("tekun.rounding")
    care_fen = trace.step("照料护理", care(trace.parameter("tekun.minimum_wage"), bp, unit) if bp else 0)
    trace.step("供养人数", persons, "persons")
    amount = trace.step("月供养金额", monthly(basic, care_fen, persons, unit))
    return trace.result(amount, FORMULA)
