"""One door to the three schemes' formulas: what an amount is computed from, and which formula takes it."""

from dataclasses import dataclass
from datetime import date

from domain.assistance import dibao, tekun, temporary
from domain.codes import Scheme, SelfCare, Supplement, UrbanRural
from domain.formulas import Computed
from domain.parameters import Parameters


@dataclass(frozen=True, slots=True)
class Basis:
    """What the amount of a case is computed from. `months` is for temporary assistance only."""

    scheme: Scheme
    division_code: str
    urban_rural: UrbanRural
    persons: int
    monthly_income_fen: int = 0
    supplements: tuple[Supplement, ...] = ()
    self_care: SelfCare | None = None
    months: int = 1


def compute(basis: Basis, parameters: Parameters, on: date) -> Computed:
    """The amount by the scheme's formula and the parameters in force `on`, with its trace.

    Raises ParameterNotInForce, and RuleViolated where temporary assistance exceeds its months.
    """
    if basis.scheme is Scheme.TEKUN:
        return tekun.compute(
            parameters,
            on,
            division_code=basis.division_code,
            persons=basis.persons,
            self_care=basis.self_care,
        )
    if basis.scheme is Scheme.TEMP:
        return temporary.compute(
            parameters,
            on,
            division_code=basis.division_code,
            urban_rural=basis.urban_rural,
            persons=basis.persons,
            months=basis.months,
        )
    return dibao.compute(
        parameters,
        on,
        division_code=basis.division_code,
        urban_rural=basis.urban_rural,
        persons=basis.persons,
        monthly_income_fen=basis.monthly_income_fen,
        supplements=basis.supplements,
    )
