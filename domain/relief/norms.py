"""How much a district keeps in stock: for at least 300 people (江海区“十三五”大民政规划), by pieces for each of them.

A norm is a parameter `relief.norm.<item>` in pieces for a hundred people; an item without one may be kept, and is never
short.
"""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from domain.codes import ReliefItem
from domain.errors import ParameterNotInForce
from domain.parameters import Parameters

WHOLE_BP = 10_000
"""A norm of one piece for each person."""


class Need(NamedTuple):
    """What of an item has to be there and what is, in pieces."""

    item: ReliefItem
    required: int
    available: int

    @property
    def short(self) -> int:
        """How many pieces are missing."""
        return max(0, self.required - self.available)


def norm_code(item: ReliefItem) -> str:
    """The parameter that holds an item's norm."""
    return f"relief.norm.{item.value}"


def required(item: ReliefItem, parameters: Parameters, division_code: str, on: date, persons: int = 0) -> int | None:
    """Pieces to keep for so many people (0: as many as the parameter says), rounded up; None: no norm in force."""
    heads = persons or parameters.value("relief.stock_persons", division_code, on)
    try:
        share = parameters.value(norm_code(item), division_code, on)
    except ParameterNotInForce:
        return None
    return -(-heads * share // WHOLE_BP)


def needs(
    balances: Mapping[ReliefItem, int], parameters: Parameters, division_code: str, on: date, persons: int = 0
) -> tuple[Need, ...]:
    """Every item that has a norm, with what is there; raises ParameterNotInForce where no number of people is set."""
    found = []
    for item in ReliefItem:
        wanted = required(item, parameters, division_code, on, persons)
        if wanted is not None:
            found.append(Need(item, wanted, max(0, balances.get(item, 0))))
    return tuple(found)


def shortages(
    balances: Mapping[ReliefItem, int], parameters: Parameters, division_code: str, on: date, persons: int = 0
) -> tuple[Need, ...]:
    """What of it is short."""
    return tuple(need for need in needs(balances, parameters, division_code, on, persons) if need.short)


def persons_provided(balances: Mapping[ReliefItem, int], parameters: Parameters, division_code: str, on: date) -> int:
    """For how many people the stock is enough of every item with a norm; 0 where there are no norms."""
    covered = []
    for item in ReliefItem:
        try:
            share = parameters.value(norm_code(item), division_code, on)
        except ParameterNotInForce:
            continue
        covered.append(max(0, balances.get(item, 0)) * WHOLE_BP // share)
    return min(covered, default=0)
