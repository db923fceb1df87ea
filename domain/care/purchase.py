"""Whom government buys a bed or a service at home for (district plan): guaranteed elders in need of care."""

from datetime import date

from domain.care.assessment import Assessment
from domain.clock import completed_years
from domain.codes import GuaranteedGroup, Scale
from domain.errors import RuleViolated
from domain.parameters import Parameters


def demand_purchase(
    guaranteed_as: GuaranteedGroup | None,
    assessment: Assessment | None,
    birth_on: date | None,
    *,
    parameters: Parameters,
    division_code: str,
    on: date,
) -> None:
    """Raise RuleViolated where government does not buy: not of a guaranteed group, or not in need by grade or age.

    The grade counts on the scale in force today (GB/T 42195-2022); an older scale's grade is not converted into it, so
    who was assessed by one is assessed anew, unless old enough.
    """
    if guaranteed_as is None:
        raise RuleViolated("政府购买只面向特困、三无、低收入、经济困难的计划生育特殊家庭的老年人，请填写保障类别。")
    age = parameters.value("care.purchase_age", division_code, on)
    if birth_on is not None and completed_years(birth_on, on) >= age:
        return
    least = parameters.value("care.purchase_grade", division_code, on)
    if assessment is None:
        raise RuleViolated(f"未满 {age} 周岁的，政府购买须有有效的能力评估结果；请先申请评估。")
    if assessment.scale is not Scale.GBT_42195:
        raise RuleViolated("现有评估结果用的是其他标准，等级不换算；请先按 GB/T 42195-2022 重新评估。")
    if assessment.grade is None or assessment.grade < least:
        raise RuleViolated(f"能力评估等级未达到 {least} 级，且未满 {age} 周岁，不属于政府购买的范围。")
