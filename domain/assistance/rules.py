"""How an amount is computed, and the trace that is kept with it (filled by the rules of each scheme)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a computation: what was taken or computed, its value, and the legal basis where it has one.

    `value` is an integer in `unit`: fen, bp (1/10,000), persons, months.
    """

    name: str
    value: int
    unit: str
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Computed:
    """An amount in fen with the formula's name, the parameter versions it used, and its steps in order."""

    amount_fen: int
    formula: str
    parameters: tuple[str, ...]
    steps: tuple[Step, ...]
