"""Who is to be paid what for a month: the rule of a payroll, over columns of the whole district at once.

What is due stands in the cases' decisions; nothing is decided anew here. For a month, what was paid already is taken
off, so that whatever is missing (a payment the bank returned, a later increase for past months) is made up for, and
nothing is paid twice. Lines that can't be paid are held with their reason rather than left out in silence.

Beside each amount stands what the scheme's formula gives today for dibao, computed exactly in int64 fen: who checks a
payroll sees where the two differ.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from domain.assistance import dibao
from domain.clock import first_day
from domain.codes import HoldReason, PaymentKind, Scheme, Supplement, UrbanRural
from domain.errors import ParameterNotInForce
from domain.kernel import ERASED, Reading
from domain.parameters import Parameters

Fen = NDArray[np.int64]
UNKNOWN = -1
"""Stands for the formula's result where it can't be computed: income or standard unknown, or another scheme."""


@dataclass(frozen=True, slots=True)
class DueCases(Reading):
    """A wish for every case of a scheme in a division's subtree to which something is due in one of the months.

    Answered with a `DueTable` at the log's head. Payments of the batch `besides` do not count as made.
    """

    scheme: Scheme
    months: tuple[str, ...]
    division_code: str
    besides: str = ""
    with_members: bool = False
    """Whether who is covered is asked for as well."""


class DueRow(NamedTuple):
    """One case and month. `paid_fen` is what was paid for the month and not returned, in `payments` payments in all."""

    case_id: UUID
    household_id: UUID
    payee_id: UUID
    division_code: str
    month: str
    due_fen: int
    paid_fen: int
    payments: int
    pending: bool
    """A line of another payroll that is not issued yet is for the same case and month."""
    dead: bool
    """Someone covered, or the payee, is confirmed to have died before the month."""
    account: str | None
    urban_rural: str
    persons: int
    income_fen: int | None
    supplements: str
    """Those entitled to a supplement, one code each, comma-separated."""
    member_ids: Sequence[UUID]
    """Empty where they were not asked for."""
    settled: bool
    """Nothing is recorded of the case for a day after the month's first."""


class DueTable(NamedTuple):
    """What is due, as the log stood at `position`."""

    position: int
    rows: Sequence[DueRow]


class Line(NamedTuple):
    """One line of a payroll. `rule_fen` is what the formula gives, UNKNOWN where that can't be said."""

    case_id: UUID
    household_id: UUID
    payee_id: UUID
    division_code: str
    month: str
    kind: PaymentKind
    amount_fen: int
    rule_fen: int


class Held(NamedTuple):
    """A line that is not paid, and why. `number` is its place in the payroll, 0 where it was never listed."""

    number: int
    case_id: UUID
    division_code: str
    month: str
    amount_fen: int
    reason: HoldReason


class Plan(NamedTuple):
    """A payroll before anybody has decided on it."""

    position: int
    lines: tuple[Line, ...]
    held: tuple[Held, ...]

    @property
    def total_fen(self) -> int:
        """The sum of its lines."""
        return sum(line.amount_fen for line in self.lines)


def plan(table: DueTable, scheme: Scheme, parameters: Parameters) -> Plan:
    """The lines and holds that a table comes to, in its order; exact in fen."""
    rows = table.rows
    due = np.fromiter((row.due_fen for row in rows), np.int64, len(rows))
    paid = np.fromiter((row.paid_fen for row in rows), np.int64, len(rows))
    open_fen = (due - paid).tolist()
    rule = rule_amounts(rows, scheme, parameters).tolist()
    lines: list[Line] = []
    held: list[Held] = []
    for row, amount, computed in zip(rows, open_fen, rule, strict=True):
        if amount == 0:
            continue
        reason = hold_reason(row, amount)
        if reason is not None:
            held.append(Held(0, row.case_id, row.division_code, row.month, abs(amount), reason))
            continue
        kind = PaymentKind.BACK_PAY if row.payments else _first(scheme)
        lines.append(
            Line(row.case_id, row.household_id, row.payee_id, row.division_code, row.month, kind, amount, computed)
        )
    return Plan(table.position, tuple(lines), tuple(held))


def hold_reason(row: DueRow, amount_fen: int) -> HoldReason | None:
    """Why what is open of a row can't be paid now; None where it can."""
    if amount_fen < 0:
        return HoldReason.OVERPAID
    if row.dead:
        return HoldReason.DEAD
    if row.pending:
        return HoldReason.PENDING
    if row.account == ERASED:
        return HoldReason.ERASED
    if not row.account:
        return HoldReason.NO_ACCOUNT
    return None


class Payable(NamedTuple):
    """A line that still holds, with its place in the payroll and the account it goes to."""

    number: int
    line: Line
    account: str


def still_due(lines: Iterable[tuple[int, Line]], table: DueTable) -> tuple[list[Payable], list[Held]]:
    """Which approved lines may be paid today, and which no longer may since something changed after they were drawn up.

    A line of another payroll that waits as well holds nobody up here: whichever is issued first pays.
    """
    known = {(row.case_id, row.month): row for row in table.rows}
    payable: list[Payable] = []
    held: list[Held] = []
    for number, line in lines:
        row = known.get((line.case_id, line.month))
        reason: HoldReason | None = HoldReason.CHANGED
        if row is not None:
            open_fen = row.due_fen - row.paid_fen
            reason = hold_reason(row._replace(pending=False), open_fen)
            if reason is None and open_fen != line.amount_fen:
                reason = HoldReason.PAID if open_fen == 0 else HoldReason.CHANGED
            if reason is None and row.account:
                payable.append(Payable(number, line, row.account))
                continue
        why = reason or HoldReason.CHANGED
        held.append(Held(number, line.case_id, line.division_code, line.month, line.amount_fen, why))
    return payable, held


class Reckoned(Protocol):
    """What the formula needs to know of a household in a month."""

    @property
    def division_code(self) -> str: ...
    @property
    def month(self) -> str: ...
    @property
    def urban_rural(self) -> str: ...
    @property
    def persons(self) -> int: ...
    @property
    def income_fen(self) -> int | None: ...
    @property
    def supplements(self) -> str: ...


def rule_amounts(rows: Sequence[Reckoned], scheme: Scheme, parameters: Parameters) -> Fen:
    """What the dibao formula gives for each row on the first day of its month, in fen; UNKNOWN where it can't be said.

    The same functions as for one case (dibao.py), on arrays: nothing here is a second version of the rule.
    """
    if scheme is not Scheme.DIBAO or not rows:
        return np.full(len(rows), UNKNOWN, np.int64)
    standards = _Standards(parameters)
    groups = [standards.group(row.division_code, row.urban_rural, row.month, row.supplements) for row in rows]
    taken = np.array(standards.values, np.int64)[np.array(groups)]
    income = np.fromiter((UNKNOWN if r.income_fen is None else r.income_fen for r in rows), np.int64, len(rows))
    persons = np.fromiter((row.persons for row in rows), np.int64, len(rows))
    standard, supplement_bp, unit = taken[:, 0], taken[:, 1], taken[:, 2]
    # The functions are written for one number and, being free of branches, take arrays as they are.
    gap = dibao.gap(standard, persons, income)  # type: ignore[arg-type]
    amounts: Fen = dibao.monthly(gap, standard, supplement_bp, np.maximum(unit, 1))  # type: ignore[assignment]
    return np.where((income == UNKNOWN) | (unit == UNKNOWN), UNKNOWN, amounts)


class _Standards:
    """Parameter values for the few combinations of place, kind, month and supplements that a district has."""

    def __init__(self, parameters: Parameters) -> None:
        self._parameters = parameters
        self._known: dict[tuple[str, str, str, str], int] = {}
        self.values: list[tuple[int, int, int]] = []
        """Standard, summed supplement in basis points, rounding unit."""

    def group(self, division: str, urban_rural: str, month: str, supplements: str) -> int:
        """The place of a combination in `values`."""
        key = (division, urban_rural, month, supplements)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = len(self.values)
            self.values.append(self._value(division, urban_rural, month, supplements))
        return found

    def _value(self, division: str, urban_rural: str, month: str, supplements: str) -> tuple[int, int, int]:
        day = first_day(month)
        try:
            standard = self._parameters.value(dibao.standard_code(UrbanRural(urban_rural)), division, day)
            share = sum(
                count * self._parameters.value(f"dibao.supplement.{kind.value}", division, day)
                for kind, count in Counter(_supplements(supplements)).items()
            )
            return standard, share, self._parameters.value("dibao.rounding", division, day)
        except ParameterNotInForce:
            return UNKNOWN, 0, UNKNOWN


def _supplements(codes: str) -> Iterator[Supplement]:
    return (Supplement(code) for code in codes.split(",") if code)


def _first(scheme: Scheme) -> PaymentKind:
    return PaymentKind.ONE_OFF if scheme is Scheme.TEMP else PaymentKind.REGULAR
