"""Temporary assistance (临时救助): `S × n × months`, paid once."""

from datetime import date

from domain.assistance.dibao import standard_code
from domain.codes import UrbanRural
from domain.errors import RuleViolated
from domain.formulas import Computed, Trace, round_up
from domain.parameters import Parameters

FORMULA = "低保标准×救助人数×计发月数，进位"


def amount(standard: int, persons: int, months: int, unit: int) -> int:
    """The sum paid once, in fen (array-safe)."""
    return round_up(standard * persons * months, unit)


def compute(
    parameters: Parameters, on: date, *, division_code: str, urban_rural: UrbanRural, persons: int, months: int
) -> Computed:
    """The sum for `months` of the dibao standard.

    Raises RuleViolated when `months` is not between 1 and the cap, ParameterNotInForce.
    """
    trace = Trace(parameters, division_code, on)
    cap = trace.parameter("temp.cap_months")
    if not 1 <= months <= cap:
        raise RuleViolated(f"临时救助计发月数应为 1 至 {cap} 个月，现为 {months}；请调整月数。")
    standard = trace.parameter(standard_code(urban_rural))
    trace.step("救助人数", persons, "persons")
    trace.step("计发月数", months, "months")
    paid = trace.step("救助金额", amount(standard, persons, months, trace.parameter("temp.rounding")))
    return trace.result(paid, FORMULA)
