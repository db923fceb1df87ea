"""What a benefit would be if a parameter were another one, though what it rests on is sealed.

Levels, grades and hardship are read for nobody's curiosity. So a benefit is held against everything its rule may look
at: where the amount that is paid comes from one thing only, or from several that the change treats alike, it is known
what would be paid instead.
"""

from collections.abc import Iterator
from datetime import date

from domain.care.benefits.amounts import DISABILITY_KINDS, NURSING_KINDS, Known, Refusal, age_in, compute
from domain.care.benefits.basis import NOTHING, Basis
from domain.codes import BenefitKind, CareLevel, DisabilityCategory, DisabilityGrade, Guarantee
from domain.errors import ParameterNotInForce
from domain.parameters import Parameters

CODES = "benefits."
"""How the code of every parameter begins that a benefit is computed from."""
_LENGTHS = (12, 9, 6, 4, 2, 0)
"""Of division codes, from community up to the whole country."""


class WhatIf:
    """Amounts of benefits under two sets of parameters: those in force, and those that might be."""

    def __init__(self, parameters: Parameters, instead: Parameters) -> None:
        self._parameters = parameters
        self._instead = instead
        both = (*parameters, *instead)
        self._divisions = {version.division_code for version in both if version.code.startswith(CODES)}
        self._tables: dict[tuple[BenefitKind, str, int, str], dict[int, set[int | None]]] = {}
        self._places: dict[str, str] = {}

    def amount(
        self, kind: BenefitKind, division_code: str, birth_on: date | None, month: str, paid_fen: int
    ) -> int | None:
        """What would be paid instead of `paid_fen` for a month, 0 for nothing; None where that can't be said."""
        key = (kind, self._place(division_code), age_in(month, birth_on) if birth_on is not None else -1, month)
        if key not in self._tables:
            self._tables[key] = self._table(kind, key[1], birth_on, month)
        found = self._tables[key].get(paid_fen, set())
        return next(iter(found)) if len(found) == 1 else None

    def _place(self, division_code: str) -> str:
        """The smallest division with parameters of its own that it belongs to: thousands of communities share it."""
        if division_code not in self._places:
            known = (division_code[:length] for length in _LENGTHS if length <= len(division_code))
            self._places[division_code] = next((code for code in known if code in self._divisions), "")
        return self._places[division_code]

    def _table(self, kind: BenefitKind, place: str, birth_on: date | None, month: str) -> dict[int, set[int | None]]:
        found: dict[int, set[int | None]] = {}
        for basis in bases(kind):
            known = Known(place, birth_on, True, basis)
            before = _amount(kind, known, self._parameters, month)
            if before is not None:
                found.setdefault(before, set()).add(_amount(kind, known, self._instead, month))
        return found


def bases(kind: BenefitKind) -> Iterator[Basis]:
    """Everything sealed that makes a difference to an amount of this kind."""
    if kind in NURSING_KINDS:  # any hardship does, whichever it is
        yield NOTHING
        yield from (Basis(guarantee=Guarantee.DIBAO, level=level) for level in (None, *CareLevel))
    elif kind is BenefitKind.DIS_LIVING:
        certificate = (DisabilityCategory.LIMB, DisabilityGrade.ONE)
        yield from (Basis(guarantee, category=certificate[0], grade=certificate[1]) for guarantee in (None, *Guarantee))
    elif kind in DISABILITY_KINDS:
        yield from (
            Basis(category=category, grade=grade) for category in DisabilityCategory for grade in DisabilityGrade
        )
    else:
        yield NOTHING


def _amount(kind: BenefitKind, known: Known, parameters: Parameters, month: str) -> int | None:
    try:
        computed = compute(kind, known, parameters, month)
    except ParameterNotInForce:
        return None
    return 0 if isinstance(computed, Refusal) else computed.amount_fen


__all__ = ["CODES", "WhatIf", "bases"]
