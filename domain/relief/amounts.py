"""How much relief money a decision gives, step by step, from the parameters in force.

自然灾害救助条例 (order 577/2010): article 18 transitional living aid, article 20 rebuilding, article 21 winters.
"""

from datetime import date
from uuid import UUID, uuid5

from domain.codes import AidKind, HouseDamage
from domain.errors import RuleViolated
from domain.formulas import Computed, Trace
from domain.parameters import Parameters

_LISTS = UUID("7d1f4b0e-52c6-5f0a-9a3c-6b1d2e8f4a05")
"""Namespace of the ids of a community's winter and spring lists."""


def aid_list_id(division_code: str, season: int) -> UUID:
    """The id of a community's list for the winter that begins in a year: what its entries are tagged with."""
    return uuid5(_LISTS, f"{season} {division_code}")


def amount_of(
    kind: AidKind,
    parameters: Parameters,
    division_code: str,
    on: date,
    *,
    head_count: int,
    days: int,
    damage: HouseDamage | None,
) -> Computed:
    """The amount in fen with its trace.

    Raises RuleViolated where the house is not damaged enough or the days are too many, ParameterNotInForce.
    """
    trace = Trace(parameters, division_code, on)
    match kind:
        case AidKind.REBUILD:
            if damage is None or damage is HouseDamage.NONE:
                raise RuleViolated("房屋未损坏或尚未评定，没有重建补助；请先评定房屋损坏等级，或不予救助。")
            amount = trace.parameter(f"relief.rebuild.{damage.value}")
            formula = f"按户，{damage.label}"
        case AidKind.TRANSITION:
            longest = trace.parameter("relief.transition.longest")
            if not 0 < days <= longest:
                raise RuleViolated(f"过渡期生活救助应在 1 至 {longest} 日之间，现为 {days} 日。")
            daily = trace.parameter("relief.transition.daily")
            amount = daily * trace.step("人数", head_count, "persons") * trace.step("天数", days, "days")
            formula = "每人每日标准 × 人数 × 天数"
        case AidKind.WINTER_SPRING:
            each = trace.parameter("relief.winter_spring.person")
            amount = each * trace.step("人数", head_count, "persons")
            formula = "每人标准 × 人数"
    trace.step("救助金额", amount)
    return trace.result(amount, formula)
