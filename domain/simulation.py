"""What if a parameter were another one: who would gain, who would lose, and what it would cost, by street and fund.

Nothing is decided here and nothing recorded. Each household's amount is computed twice by the formula that pays it
(`dibao.py`, `tekun.py`, over the columns of the whole district), with the parameters in force and with the changed
ones; what differs is what the change does. So a household that is paid something else than the formula gives shows up
with the change alone, and not with its old difference.

Who is not supported today and would be is known of households on the margin, whose income was verified; of all others
nobody knows the income, and they are not guessed at.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from domain.assistance import tekun
from domain.care.benefits.what_if import CODES, WhatIf
from domain.clock import demand_month, first_day
from domain.codes import BenefitKind, Scheme, SelfCare
from domain.errors import BadInput, ParameterNotInForce
from domain.funds.due import UNKNOWN, Fen, rule_amounts
from domain.kernel import Reading
from domain.parameters import Parameters, ParameterVersion
from domain.parameters.loading import parse_value

_STREET = 9
"""Digits of a street's code."""


@dataclass(frozen=True, slots=True)
class Change:
    """A parameter as it might be: code, value in the usual writing (`600元`), and for which division if not for all."""

    code: str
    value: str
    division_code: str = ""


@dataclass(frozen=True, slots=True)
class Supported(Reading):
    """A wish for everybody in a division's subtree who is paid monthly in a month, or is on the margin of dibao then.

    Households by their cases, persons by their benefits.

    Answered with a `SupportedTable` at the log's head.
    """

    month: str
    division_code: str


class SupportedRow(NamedTuple):
    """One household in a month. `due_fen` is what it is paid, 0 for one on the margin."""

    case_id: UUID
    division_code: str
    scheme: str
    urban_rural: str
    persons: int
    income_fen: int | None
    supplements: str
    self_care: str | None
    due_fen: int
    fund: str
    """Where its last payment came from."""
    month: str
    birth_on: date | None = None
    """Of a benefit's person."""


class SupportedTable(NamedTuple):
    """Households as the log stood at `position`."""

    position: int
    rows: Sequence[SupportedRow]


@dataclass(frozen=True, slots=True)
class Line:
    """What a change does to the households of one street, scheme and fund, a month; fen."""

    street: str
    scheme: Scheme
    fund: str
    households: int
    persons: int
    before_fen: int
    after_fen: int
    gaining: int
    gained_fen: int
    losing: int
    lost_fen: int
    entering: int
    """Households on the margin that would be entitled."""
    leaving: int
    """Households that would no longer be."""
    unknown: int
    """Households of which it can't be said: income unknown, or paid although the formula gives nothing."""

    @property
    def cost_fen(self) -> int:
        """How much more it would cost a month, negative where it would cost less."""
        return self.after_fen - self.before_fen


class Moved(NamedTuple):
    """One household to which the change makes a difference."""

    case_id: UUID
    division_code: str
    scheme: Scheme
    before_fen: int
    after_fen: int


@dataclass(frozen=True, slots=True)
class Simulation:
    """What would come of it, of the log's state at `position`."""

    position: int
    month: str
    changes: tuple[ParameterVersion, ...]
    replaced: tuple[ParameterVersion, ...]
    """The versions that hold instead today, in the same order."""
    lines: tuple[Line, ...]
    moved: tuple[Moved, ...]
    """Who gains and who loses, the largest difference first."""


def changed(
    parameters: Parameters, changes: Iterable[Change], month: str, division_code: str
) -> tuple[ParameterVersion, ...]:
    """The changed versions, in force from the month's first day; raises BadInput for what can't be meant.

    A change that names no division is for the whole of `division_code`.

    Only a parameter that is in force can be changed, and into a value of the same unit.
    """
    day = first_day(demand_month(month))
    found = []
    for change in changes:
        where = change.division_code or division_code
        try:
            known = parameters.find(change.code, where, day)
        except ParameterNotInForce:
            raise BadInput(
                f"参数“{change.code[:60]}”在该区划于 {day.isoformat()} 没有有效版本，不能试算。", "code"
            ) from None
        value, unit = parse_value(change.value, f"参数 {change.code}")
        if unit is not known.unit:
            raise BadInput(f"参数“{known.name}”的单位是{known.unit.label}，“{change.value[:20]}”不是。", "value")
        found.append(ParameterVersion(known.code, known.name, value, unit, where, day, None, "试算", "试算，未生效"))
    if not found:
        raise BadInput("请至少给出一项要试算的参数。", "changes")
    return tuple(found)


def simulate(
    table: SupportedTable, parameters: Parameters, versions: tuple[ParameterVersion, ...], month: str
) -> Simulation:
    """What the changed versions would do to the households of a table."""
    what_if = _overriding(parameters, versions)
    rows = table.rows
    due = np.fromiter((row.due_fen for row in rows), np.int64, len(rows))
    benefit = np.fromiter((row.scheme in _KINDS for row in rows), np.bool_, len(rows))
    # What no change is about stays as it is paid, and that much is certain.
    before, after = due.copy(), due.copy()
    if any(not version.code.startswith(CODES) for version in versions):
        before = np.where(benefit, due, _amounts(rows, parameters))
        after = np.where(benefit, due, _amounts(rows, what_if))
    if any(version.code.startswith(CODES) for version in versions):
        for place, amounts in _benefits(rows, parameters, what_if):
            before[place], after[place] = amounts
    paid = due > 0
    # Paid although the formula gives nothing today: what a change would do to that nobody can say.
    known = (before != UNKNOWN) & (after != UNKNOWN) & ~(paid & (before == 0))
    # Whoever is no longer entitled loses what he is paid, whatever the formula gave before.
    differs = np.where(after == 0, -due, np.maximum(after - before, -due))
    delta = np.where(known, np.where(paid, differs, np.where(before == 0, after, 0)), 0)
    day = first_day(month)
    return Simulation(
        table.position,
        month,
        versions,
        tuple(parameters.find(version.code, version.division_code, day) for version in versions),
        tuple(_lines(rows, due, delta, known)),
        tuple(_moved(rows, due, delta)),
    )


def _overriding(parameters: Parameters, versions: tuple[ParameterVersion, ...]) -> Parameters:
    """Parameters in which a changed version also replaces what its division's parts have of their own."""
    kept = (
        known
        for known in parameters
        if not any(
            known.code == version.code
            and known.division_code != version.division_code
            and known.division_code.startswith(version.division_code)
            for version in versions
        )
    )
    return Parameters([*kept, *versions])


def _amounts(rows: Sequence[SupportedRow], parameters: Parameters) -> Fen:
    """The formula's amounts: a household on the margin by that of dibao, which it would get."""
    amounts = np.full(len(rows), UNKNOWN, np.int64)
    of_dibao = [place for place, row in enumerate(rows) if row.scheme in _BY_GAP]
    amounts[of_dibao] = rule_amounts([rows[place] for place in of_dibao], Scheme.DIBAO, parameters)
    of_tekun = [place for place, row in enumerate(rows) if row.scheme == Scheme.TEKUN.value]
    groups: dict[tuple[str, str | None, str], list[int]] = {}
    for place in of_tekun:
        row = rows[place]
        groups.setdefault((row.division_code, row.self_care, row.month), []).append(place)
    for (division, self_care, month), places in groups.items():
        persons = np.fromiter((rows[place].persons for place in places), np.int64, len(places))
        amounts[places] = _tekun(parameters, division, self_care, first_day(month), persons)
    return amounts


def _benefits(
    rows: Sequence[SupportedRow], parameters: Parameters, what_if: Parameters
) -> Iterable[tuple[int, tuple[int, int]]]:
    """The places of benefits, and what each is paid before and after, UNKNOWN where that can't be said."""
    amounts = WhatIf(parameters, what_if)
    for place, row in enumerate(rows):
        if row.scheme not in _KINDS:
            continue
        after = amounts.amount(BenefitKind(row.scheme), row.division_code, row.birth_on, row.month, row.due_fen)
        yield place, (UNKNOWN, UNKNOWN) if after is None else (row.due_fen, after)


_BY_GAP = frozenset((Scheme.DIBAO.value, Scheme.DIBAO_MARGIN.value))
_KINDS = frozenset(kind.value for kind in BenefitKind)


def _tekun(
    parameters: Parameters, division: str, self_care: str | None, day: date, persons: NDArray[np.int64]
) -> Fen | int:
    try:
        basic = parameters.value("tekun.basic", division, day)
        share = parameters.value(f"tekun.care.{self_care or SelfCare.FULL.value}", division, day)
        wage, unit = (parameters.value(f"tekun.{name}", division, day) for name in ("minimum_wage", "rounding"))
    except ParameterNotInForce:
        return UNKNOWN
    care = tekun.care(wage, share, unit) if share else 0
    amounts: Fen = tekun.monthly(basic, care, persons, unit)  # type: ignore[arg-type,assignment]  # takes arrays
    return amounts


def _lines(rows: Sequence[SupportedRow], due: Fen, delta: Fen, known: NDArray[np.bool_]) -> Iterable[Line]:
    keys: dict[tuple[str, str, str], int] = {}
    group = np.fromiter(
        (keys.setdefault((r.division_code[:_STREET], r.scheme, r.fund), len(keys)) for r in rows), np.int64, len(rows)
    )
    persons = np.fromiter((row.persons for row in rows), np.int64, len(rows))
    sums = _Sums(group, len(keys))
    paid, after = due > 0, due + delta
    of = {
        "households": sums.count(paid | (after > 0)),
        "persons": sums.add(persons, paid | (after > 0)),
        "before_fen": sums.add(due),
        "after_fen": sums.add(after),
        "gaining": sums.count(delta > 0),
        "gained_fen": sums.add(delta, delta > 0),
        "losing": sums.count(delta < 0),
        "lost_fen": sums.add(-delta, delta < 0),
        "entering": sums.count(~paid & (after > 0)),
        "leaving": sums.count(paid & (after == 0)),
        "unknown": sums.count(~known),
    }
    for (street, scheme, fund), place in sorted(keys.items()):
        yield Line(street, Scheme(scheme), fund, **{name: int(column[place]) for name, column in of.items()})


class _Sums:
    """Sums of columns by group, exact in int64."""

    def __init__(self, group: NDArray[np.int64], size: int) -> None:
        self._group = group
        self._size = size

    def add(self, column: Fen, where: NDArray[np.bool_] | None = None) -> Fen:
        """A column's sums, of the rows where a condition holds."""
        found = np.zeros(self._size, np.int64)
        chosen = slice(None) if where is None else where
        np.add.at(found, self._group[chosen], column[chosen])
        return found

    def count(self, where: NDArray[np.bool_]) -> Fen:
        """How many rows fulfil a condition."""
        return self.add(where.astype(np.int64))


def _moved(rows: Sequence[SupportedRow], due: Fen, delta: Fen) -> Iterable[Moved]:
    places = np.flatnonzero(delta)
    for place in places[np.argsort(-np.abs(delta[places]), kind="stable")].tolist():
        row, before = rows[place], int(due[place])
        yield Moved(row.case_id, row.division_code, Scheme(row.scheme), before, before + int(delta[place]))
