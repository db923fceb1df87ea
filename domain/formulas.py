"""How an amount is computed, and the trace that is kept with it."""

from dataclasses import dataclass, field
from datetime import date

from domain.parameters import Parameters


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


@dataclass
class Trace:
    """Collects the steps of one computation while it runs."""

    parameters: Parameters
    division_code: str
    on: date
    refs: list[str] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)

    def parameter(self, code: str) -> int:
        """The value in force, noted with its version and legal basis; raises ParameterNotInForce."""
        version = self.parameters.find(code, self.division_code, self.on)
        self.refs.append(version.ref)
        self.steps.append(Step(version.name, version.value, version.unit.value, version.legal_basis))
        return version.value

    def step(self, name: str, value: int, unit: str = "fen", basis: str = "") -> int:
        """Note an input or an intermediate result, and give it back."""
        self.steps.append(Step(name, value, unit, basis))
        return value

    def result(self, amount_fen: int, formula: str) -> Computed:
        """The amount with everything noted."""
        return Computed(amount_fen, formula, tuple(self.refs), tuple(self.steps))


# The arithmetic below stands in small functions of integers without branches, so that the same functions take numpy
# int64 arrays (one element a case) in a whole-district run: `need * (need > 0)` is max(0, need) for both.

BP = 10_000
"""Basis points in a whole."""


def positive(value: int) -> int:
    """The value where it is above zero, else 0 (array-safe)."""
    return value * (value > 0)


def round_up(value: int, unit: int) -> int:
    """The next multiple of `unit` at or above `value` (array-safe)."""
    return -(-value // unit) * unit


def share_rounded_up(base: int, bp: int, unit: int) -> int:
    """`base × bp ÷ 10,000`, rounded up once to a multiple of `unit` (array-safe)."""
    return round_up(base * bp, unit * BP) // BP


def yuan(fen: int) -> str:
    """Money as people write it: `750元`, `750.50元`."""
    whole, rest = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}{whole}{f'.{rest:02d}' if rest else ''}元"
