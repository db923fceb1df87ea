"""Five years of assistance in the demo district: who was on dibao or tekun when, for how much, and by which rule."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta

from connectors.demo.dice import Dice, Weighted
from connectors.demo.figures import FIRST_MONTH, GAP_RURAL, GAP_URBAN, LAST_MONTH, Targets
from connectors.demo.manifest import Dirt, Planter
from connectors.demo.residents import BASELINE, Home, Resident
from domain.clock import completed_years, first_day, month_of, next_month
from domain.codes import Cause, CloseReason, PopulationKind, Scheme

FIRST_MONTH_2015 = "2015-01"
OPEN = "3000-12"
"""How the assistance system writes a period without end."""

Standard = Callable[[Scheme, bool, str], int]
"""Yuan a person and month: by scheme, urban or not, and month."""


def _months() -> Iterator[str]:
    month = FIRST_MONTH
    while month <= LAST_MONTH:
        yield month
        month = next_month(month)


MONTHS = tuple(_months())


@dataclass(slots=True)
class Period:
    """Months of one amount. `income_fen` and `amount` (whole yuan) are the household's and a month's."""

    start: str
    end: str
    family: int
    covered: int
    income_fen: int
    amount: int


@dataclass(slots=True, eq=False)
class Case:
    """A case as the assistance system holds it."""

    number: str
    scheme: Scheme
    home: Home
    family: list[Resident]
    covered: list[Resident]
    urban: bool
    cause: Cause
    applied_on: date
    start: str
    end: str = ""
    reason: CloseReason | None = None
    account: str = ""
    bank: str = ""
    gap: int = 0
    """Yuan by which the income a person falls short of the standard in 2015."""
    paid_after_death: bool = False
    odd_fen: int = 0
    """What the household's income falls short of whole yuan by; the amount is rounded up."""
    periods: list[Period] = field(default_factory=list)

    @property
    def head(self) -> Resident:
        """In whose name it runs."""
        return self.home.head

    @property
    def last(self) -> str:
        """The last month paid within the demo's five years."""
        return self.end or LAST_MONTH

    def period_in(self, month: str) -> Period | None:
        """The period a month belongs to."""
        return next((p for p in self.periods if p.start <= month <= p.end), None)


def may_be_assisted(home: Home) -> bool:
    """Homes whose history is simple enough for a case: all registered by 2010, the head alive or alone."""
    return (
        home.head.kind is PopulationKind.REGISTERED
        and all(m.registered_on <= BASELINE for m in home.members)
        and (home.head.died_on is None or len(home.members) == 1)
        and all(m.died_on is None or m.died_on > date(2011, 2, 1) for m in home.members)
        and completed_years(home.head.birth_on, date(2011, 1, 1)) >= 20
    )


_CAUSES = Weighted(
    (Cause.ILLNESS, 34.0),
    (Cause.DISABILITY, 26.0),
    (Cause.NO_WORKER, 20.0),
    (Cause.UNEMPLOYMENT, 9.0),
    (Cause.LAND_LOST, 4.0),
    (Cause.OTHER, 7.0),
)
_REASONS = Weighted((CloseReason.INCOME_ABOVE, 65.0), (CloseReason.VOLUNTARY, 20.0), (CloseReason.OTHER, 15.0))
_BANKS = ("样例农村商业银行江海支行", "示例储蓄银行外海支行", "演示合作银行礼乐支行")


class Roll:
    """Makes the cases of a district from the homes that could be assisted."""

    def __init__(
        self, candidates: list[Home], targets: Targets, standard: Standard, planter: Planter, seed: int
    ) -> None:
        self._dice = Dice(seed, 7)
        self._spare = list(candidates)
        self._dice.shuffle(self._spare)
        self._targets = targets
        self._standard = standard
        self._planter = planter
        self._serials: dict[tuple[str, str, str], int] = {}
        self.cases: list[Case] = []

    @property
    def spare(self) -> list[Home]:
        """Homes without a case."""
        return self._spare

    def make(self) -> list[Case]:
        """All cases in the order of their numbers."""
        self._tekun()
        self._removed_in_2015()
        self._on_dibao_in_2015()
        self._earlier()
        self._calibrate()
        for case in self.cases:
            case.periods = list(_periods(case, self._standard, self._dice))
        self.cases.sort(key=lambda case: case.number)
        return self.cases

    def _tekun(self) -> None:
        left = self._targets.tekun
        for home in list(self._spare):
            if not left:
                break
            if len(home.members) > 1 or completed_years(home.head.birth_on, date(2011, 1, 1)) < 60:
                continue
            died = home.head.died_on
            start = FIRST_MONTH if self._dice.chance(0.7) or died else self._dice.pick(MONTHS[1:50])
            self._end_with_head(self._open(Scheme.TEKUN, home, home.members, start))
            left -= not died

    def _removed_in_2015(self) -> None:
        left = self._targets.removed_2015
        while left:
            home = self._take(lambda h: all(m.died_on is None for m in h.members))
            start = FIRST_MONTH if self._dice.chance(0.55) else self._dice.pick(MONTHS[1:40])
            case = self._open(Scheme.DIBAO, home, home.members[:left], start)
            case.end = self._dice.pick(MONTHS[49:59])
            case.reason = CloseReason.INCOME_ABOVE
            left -= len(case.covered)

    def _on_dibao_in_2015(self) -> None:
        left = self._targets.covered_2015 - self._targets.removed_2015
        left -= self._both_schemes(left)
        while left > 0:
            home = self._take(lambda h: h.head.died_on is None or h.head.died_on.year == 2015)
            start = FIRST_MONTH if self._dice.chance(0.45) else self._dice.pick(MONTHS[1:54])
            alive = _alive_in(home, start)
            still = [m for m in alive if m.died_on is None or m.died_on >= date(2015, 1, 1)]
            if len(still) > left:
                alive = still[:left]
            case = self._open(Scheme.DIBAO, home, alive, start)
            self._end_with_head(case)
            left -= min(left, len(still))

    def _both_schemes(self, most: int) -> int:
        """Some persons on tekun get dibao besides, which nobody may; returns how many."""
        both = 0
        for case in [c for c in self.cases if c.scheme is Scheme.TEKUN and not c.end]:
            if both < most and self._planter.due(Dirt.EXCLUSIVE_SCHEMES):
                self._planter.planted(Dirt.EXCLUSIVE_SCHEMES)
                self._open(Scheme.DIBAO, case.home, case.covered, self._dice.pick(MONTHS[48:56]))
                both += 1
        return both

    def _earlier(self) -> None:
        left = self._targets.earlier
        while left > 0 and self._spare:
            home = self._take(lambda h: h.head.died_on is None or h.head.died_on.year < 2015)
            start = FIRST_MONTH if self._dice.chance(0.7) or home.head.died_on else self._dice.pick(MONTHS[1:28])
            case = self._open(Scheme.DIBAO, home, _alive_in(home, start), start)
            left -= len(case.covered)
            if home.head.died_on:
                self._end_with_head(case)
            else:
                case.end = self._dice.pick(MONTHS[MONTHS.index(start) + 5 : 48])
                case.reason = _REASONS.pick(self._dice)

    def _take(self, suits: Callable[[Home], bool]) -> Home:
        index = next(i for i, home in enumerate(self._spare) if suits(home))
        return self._spare[index]

    def _end_with_head(self, case: Case) -> None:
        """A case of one person ends with the month of death, or some months later where nobody noticed."""
        if case.head.died_on is None:
            return
        death = max(month_of(case.head.died_on), case.start)
        case.end, case.reason = death, CloseReason.DECEASED
        if self._planter.due(Dirt.PAID_AFTER_DEATH):
            case.end = min(next_month(death, self._dice.between(1, 4)), LAST_MONTH)
            case.paid_after_death = True
            self._planter.planted(Dirt.PAID_AFTER_DEATH, count=months_between(death, case.end))

    def _open(self, scheme: Scheme, home: Home, covered: list[Resident], start: str) -> Case:
        with suppress(ValueError):  # a home with a second case has gone from the list before
            self._spare.remove(home)
        dice, urban = self._dice, home.place.urban
        letter = "W" if scheme is Scheme.TEKUN else "C" if urban else "N"
        applied_on = dice.day(first_day(next_month(start, -2)), first_day(next_month(start, -1)) - timedelta(days=1))
        street, year = home.place.street_code, str(applied_on.year)
        serial = self._serials[letter, street, year] = self._serials.get((letter, street, year), 0) + 1
        case = Case(
            number=f"{letter}{street}{year}{serial:05d}",
            scheme=scheme,
            home=home,
            family=_alive_in(home, start),
            covered=covered,
            urban=urban,
            cause=Cause.NO_WORKER if scheme is Scheme.TEKUN else _CAUSES.pick(dice),
            applied_on=applied_on,
            start=start,
            account=f"9900{dice.between(0, 10**15 - 1):015d}",
            bank=dice.pick(_BANKS),
            odd_fen=dice.pick((0, 0, 0, 0, 50, 20, 80)),
        )
        self.cases.append(case)
        return case

    def _calibrate(self) -> None:
        """Give each household a gap so that the averages of 2015 lie just above the plan's.

        The cases still open at the end give the average of December; those that ended in 2015 then make up the
        average of the whole year.
        """
        for urban, floor, low, high in ((True, GAP_URBAN, 120, 535), (False, GAP_RURAL, 40, 430)):
            group = [c for c in self.cases if c.scheme is Scheme.DIBAO and c.urban == urban]
            for case in group:
                case.gap = min(high, max(low, self._dice.near(floor, 180)))
            still = [case for case in group if not case.end]
            ended = [case for case in group if case.end >= FIRST_MONTH_2015]
            _shift(still, [_persons(case) for case in still], floor, (low, high))
            short = sum((floor - case.gap) * _persons(case) * _months_in_2015(case) for case in still)
            _shift(ended, [_persons(case) * _months_in_2015(case) for case in ended], floor, (low, high), max(0, short))


def _shift(group: list[Case], weights: list[int], floor: int, bounds: tuple[int, int], more: int = 0) -> None:
    """Move gaps a yuan at a time until their weighted average is `floor` to `floor` + 1, and the sum `more` besides."""
    total = sum(case.gap * weight for case, weight in zip(group, weights, strict=True))
    wanted = sum(weights) * floor + more
    for _ in range(600):
        step = 1 if total < wanted else -1
        for case, weight in zip(group, weights, strict=True):
            needed = total < wanted if step > 0 else total - weight >= wanted
            if needed and bounds[0] < case.gap + step < bounds[1]:
                case.gap += step
                total += step * weight
        if wanted <= total < wanted + sum(weights):
            return


def _persons(case: Case) -> int:
    return sum(m.died_on is None for m in case.covered) or 1


def _months_in_2015(case: Case) -> int:
    return months_between(max(case.start, FIRST_MONTH_2015), case.last) + 1


def months_between(first: str, last: str) -> int:
    """How many months `last` lies behind `first`."""
    one, other = first_day(first), first_day(last)
    return (other.year - one.year) * 12 + other.month - one.month


def _alive_in(home: Home, month: str) -> list[Resident]:
    first = first_day(month)
    return [m for m in home.members if m.died_on is None or m.died_on >= first]


def _periods(case: Case, standard: Standard, dice: Dice) -> Iterator[Period]:
    """Runs of equal amounts from the start to the end, by the standard, income and members of each month."""
    current: Period | None = None
    reviewed = dice.pick(MONTHS[6:48]) if dice.chance(0.3) else ""
    factor = dice.between(80, 105)
    for month in MONTHS[MONTHS.index(case.start) : MONTHS.index(case.last) + 1]:
        first = first_day(month)
        family = sum(m.died_on is None or m.died_on >= first for m in case.family) or 1
        covered = sum(m.died_on is None or m.died_on >= first for m in case.covered) or 1
        if case.scheme is Scheme.TEKUN:
            income_fen, amount = 0, standard(case.scheme, case.urban, month) * covered
        else:
            level = standard(case.scheme, case.urban, month)
            now = standard(case.scheme, case.urban, LAST_MONTH)
            each = (now - case.gap) * level * (factor if month < reviewed else 100) // (now * 100)
            income_fen = max(0, min(each, level - 10) * covered * 100 - case.odd_fen)
            amount = -(-(level * covered * 100 - income_fen) // 100)
        if current is None or (family, covered, amount) != (current.family, current.covered, current.amount):
            if current is not None:
                yield current
            current = Period(month, month, family, covered, income_fen, amount)
        current.end = month
    if current is not None:
        current.end = case.end or OPEN
        yield current
