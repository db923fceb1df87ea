"""Indicators (指标): what a figure counts, in which unit and of which population, and which rule it comes from.

An indicator says which *counts* it is made of. Counts are whole numbers that add up over divisions and months; the read
models give them (projections/assistance/figures.py). Whatever does not add up, a mean or a share, is computed from the
counts of the whole division and period, never from the figures of its parts.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from domain.clock import first_day, months_between, next_month
from domain.codes import IndicatorUnit, PopulationBasis
from domain.errors import BadInput

_MOST_MONTHS = 12
_SCALES = {
    IndicatorUnit.BP: 10_000,
    IndicatorUnit.HUNDREDTH_PER_1000: 100_000,
    IndicatorUnit.HUNDREDTH_PER_10000: 1_000_000,
}
"""What a quotient is in the units of shares; the others take it as it is."""


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator. `plus` and `minus` name the counts it is made of, `per` what they are divided by.

    Without `plus` it is the count of its own name.
    """

    name: str
    label: str
    unit: IndicatorUnit
    basis: PopulationBasis
    formula: str
    """How it is computed, in Chinese, for whoever reads the figure."""
    source: str
    """The law, plan or statistical rule that asks for it."""
    plus: tuple[str, ...] = ()
    minus: tuple[str, ...] = ()
    per: tuple[str, ...] = ()
    distinct: bool = False
    """Whether it counts each only once, so that who moved within the period is counted in both divisions."""
    target: int | None = None
    """What the plan wants it to reach, in its unit."""
    plan_value: int | None = None
    """What the plan itself states for it, in its unit."""
    plan_year: str = ""
    """The year, or years, that the plan states it for; empty where it names none."""

    @property
    def additive(self) -> bool:
        """Whether the figures of a division's parts add up to its own."""
        return not (self.per or self.distinct)

    @property
    def scale(self) -> int:
        """What its quotient is multiplied by to be in its unit."""
        return _SCALES.get(self.unit, 1)

    @property
    def counts(self) -> frozenset[str]:
        """The counts it needs."""
        return frozenset((*self._added, *self.minus, *self.per))

    @property
    def _added(self) -> tuple[str, ...]:
        return self.plus or (self.name,)

    def value(self, counts: Mapping[str, int]) -> int | None:
        """The figure in its unit, halves rounded up; None where there is nothing to divide by."""
        total = sum(counts[name] for name in self._added) - sum(counts[name] for name in self.minus)
        if not self.per:
            return total
        divisor = sum(counts[name] for name in self.per)
        return (2 * total * self.scale + divisor) // (2 * divisor) if divisor else None


@dataclass(frozen=True, slots=True)
class Period:
    """A month (`2015-06`), a year (`2015`) or some months in a row (`2015-01/2015-06`) of the district."""

    text: str
    months: tuple[str, ...]

    @classmethod
    def parse(cls, text: str, today: date) -> "Period":
        """The period, of a running year up to the running month.

        Raises BadInput where it is none of these, has more than twelve months, or has not begun.
        """
        begin, slash, end = text.partition("/")
        if len(text) == 4 and text.isascii() and text.isdigit() and text >= "1900":
            months = [next_month(f"{text}-01", n) for n in range(12)]
        elif len(begin) == 7 and (not slash or len(end) == 7):
            months = [next_month(begin, n) for n in range(months_between(begin, end or begin))]
        else:
            raise BadInput(f"期间“{text[:20]}”应为年或月，例如 2015 或 2015-06。", "period")
        if not 0 < len(months) <= _MOST_MONTHS:
            raise BadInput(f"期间 {text} 应有 1 至 {_MOST_MONTHS} 个月。", "period")
        begun = tuple(month for month in months if first_day(month) <= today)
        if not begun:
            raise BadInput(f"期间 {text} 尚未开始，没有统计数据。", "period")
        return cls(text, begun)

    @property
    def first(self) -> date:
        """Its first day."""
        return first_day(self.months[0])

    @property
    def last(self) -> date:
        """Its last day."""
        return last_day(self.months[-1])


def last_day(month: str) -> date:
    """The last day of a `YYYY-MM` month."""
    return first_day(next_month(month)) - timedelta(days=1)


def chosen(indicators: Iterable[Indicator], names: Iterable[str] | None) -> tuple[Indicator, ...]:
    """The named indicators in the order asked for, all of them where none is named; raises BadInput."""
    known = {indicator.name: indicator for indicator in indicators}
    if not names:
        return tuple(known.values())
    wanted = tuple(dict.fromkeys(names))
    if unknown := [name for name in wanted if name not in known]:
        raise BadInput(f"没有指标“{unknown[0][:40]}”；可用：{'、'.join(known)}。", "names")
    return tuple(known[name] for name in wanted)
