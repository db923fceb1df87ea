"""Whose insurance the government pays in full, for a year: medical, pension, and the elders' accident insurance."""

from datetime import date

from domain.care.benefits.amounts import MIND, SEVERE, Known, Refusal
from domain.clock import completed_years
from domain.codes import Guarantee, PremiumKind
from domain.formulas import Computed, Trace
from domain.parameters import Parameters

FORMULA = "由政府全额代缴的年度个人缴费"
_POOR = frozenset({Guarantee.TEKUN, Guarantee.DIBAO})


def premium(kind: PremiumKind, known: Known, parameters: Parameters, year: int) -> Computed | Refusal:
    """What is paid for a person's year, or why nothing is. Raises ParameterNotInForce.

    Medical: dibao (and tekun), severe, intellectual and mental disabled; pension: dibao (and tekun) and severe
    disabled; accident insurance: registered elders of 78, and of 60 on tekun or dibao (江海区“十三五”大民政规划).
    Ages are those reached within the policy year, and a certificate must hold when the year begins.
    """
    first, last = date(year, 1, 1), date(year, 12, 31)
    trace = Trace(parameters, known.division_code, first)
    if kind is PremiumKind.ELDER_ACCIDENT:
        if known.birth_on is None:
            return Refusal("出生日期不详，不能计算年龄；请先核实身份。")
        poor = known.basis.guarantee in _POOR
        least = trace.parameter("benefits.elder_accident.poor_age" if poor else "benefits.elder_accident.age")
        age = trace.step("当年满周岁", completed_years(known.birth_on, last), "years")
        if age < least or not (poor or known.registered):
            return Refusal(f"{year} 年不满 {least} 周岁或不是本地户籍，不由政府投保银龄安康。")
        return trace.result(trace.parameter("benefits.premium.elder_accident"), FORMULA)
    basis = known.basis
    certified = basis.grade is not None and (basis.valid_to is None or basis.valid_to >= first)
    severe = certified and basis.grade in SEVERE
    mind = certified and basis.category in MIND and kind is PremiumKind.MEDICAL
    if basis.guarantee not in _POOR and not severe and not mind:
        return Refusal(f"不是低保、特困人员或符合条件的残疾人，不由政府代缴{kind.label}。")
    return trace.result(trace.parameter(f"benefits.premium.{kind.value}"), FORMULA)
