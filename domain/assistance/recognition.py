"""Who is recognised without being paid: dibao-margin households (低保边缘) and those of rigid expense (刚性支出困难).

The result of each rule is a status that opens other help. `Computed.amount_fen` is therefore always 0; the trace says
what the rule compared. Nothing is divided: shares are compared crosswise, exactly.
"""

from datetime import date

from domain.assistance.dibao import eligible, standard_code
from domain.codes import Scheme, UrbanRural
from domain.formulas import BP, Computed, Trace, yuan
from domain.parameters import Parameters

STATUS_SCHEMES = frozenset({Scheme.DIBAO_MARGIN, Scheme.RIGID_EXPENSE})
"""Schemes whose grant is a status with an end and without money."""
MARGIN_FORMULA = "低保标准 ≤ 家庭人均月收入 < 低保标准×倍数"
RIGID_FORMULA = "家庭人均年收入 < 上年度人均可支配收入，且必需支出 > 家庭收入×比例"
_DISPOSABLE_INCOME = {
    UrbanRural.URBAN: "rigid.disposable_income.urban",
    UrbanRural.RURAL: "tekun.rural_income",
}
_MONTHS = 12


def above_margin(standard: int, factor_bp: int, persons: int, income: int) -> bool:
    """Whether income per person reaches the standard times the factor (array-safe)."""
    return income * BP >= standard * factor_bp * persons


def below_average(yearly_average: int, persons: int, monthly_income: int) -> bool:
    """Whether a year's income per person stays below the average of all residents (array-safe)."""
    return monthly_income * _MONTHS < yearly_average * persons


def burdened(expense: int, income: int, share_bp: int) -> bool:
    """Whether necessary expense takes more than the share of income (array-safe)."""
    return expense * BP > income * share_bp


def margin(
    parameters: Parameters, on: date, *, division_code: str, urban_rural: UrbanRural, persons: int, income_fen: int
) -> tuple[str | None, Computed]:
    """Why a household is not on the margin of dibao by its income (None where it is), and what was compared.

    Raises ParameterNotInForce. Property is tested apart.
    """
    trace = Trace(parameters, division_code, on)
    standard = trace.parameter(standard_code(urban_rural))
    factor = trace.parameter("dibao.margin_factor")
    trace.step("家庭人数", persons, "persons")
    trace.step("家庭可计算月收入", income_fen)
    lower = trace.step("低保标准合计", standard * persons)
    upper = trace.step("低保边缘收入上限合计（舍去不足1分）", standard * factor * persons // BP)
    why = None
    if eligible(standard, persons, income_fen):
        why = f"家庭月收入 {yuan(income_fen)} 低于低保标准合计 {yuan(lower)}，应申请低保。"
    elif above_margin(standard, factor, persons, income_fen):
        why = f"家庭月收入 {yuan(income_fen)} 不低于低保边缘收入上限 {yuan(upper)}。"
    return why, trace.result(0, MARGIN_FORMULA)


def rigid_expense(
    parameters: Parameters,
    on: date,
    *,
    division_code: str,
    urban_rural: UrbanRural,
    persons: int,
    income_fen: int,
    expense_fen: int,
) -> tuple[str | None, Computed]:
    """Why a household is not in hardship from necessary expense (None where it is), and what was compared.

    Income and necessary expense (medical, schooling, disability) are a month's, in the mean of the months looked at.
    Raises ParameterNotInForce. Property is tested apart.
    """
    trace = Trace(parameters, division_code, on)
    average = trace.parameter(_DISPOSABLE_INCOME[urban_rural])
    share = trace.parameter("rigid.expense_share")
    trace.step("家庭人数", persons, "persons")
    trace.step("家庭可计算月收入", income_fen)
    yearly = trace.step("家庭年收入", income_fen * _MONTHS)
    limit = trace.step("上年度人均可支配收入合计", average * persons)
    trace.step("必需支出（月均）", expense_fen)
    least = trace.step("家庭月收入×比例（舍去不足1分）", income_fen * share // BP)
    why = None
    if not below_average(average, persons, income_fen):
        why = f"家庭年收入 {yuan(yearly)} 不低于上年度人均可支配收入合计 {yuan(limit)}。"
    elif not burdened(expense_fen, income_fen, share):
        why = f"必需支出每月 {yuan(expense_fen)} 未超过家庭月收入的规定比例 {yuan(least)}。"
    return why, trace.result(0, RIGID_FORMULA)
