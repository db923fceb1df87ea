"""Who is to be paid what for a month: the rule of a payroll, over columns of the whole district at once.

What is due stands in the decisions on cases and benefits, its owners; nothing is decided anew here. For a month, what
was paid already is taken off, so that whatever is missing (a payment the bank returned, a later increase for past
months) is made up for, and nothing is paid twice. Lines that can't be paid are held with their reason rather than left
out in silence.

Beside each amount stands what the scheme's formula gives for dibao and for the old-age allowance, computed exactly in
int64 fen: who checks a payroll sees where the two differ.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, Protocol
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from domain.assistance import dibao
from domain.care.benefits.amounts import Known, Refusal, age_in, compute
from domain.clock import first_day
from domain.codes import BenefitKind, HoldReason, PaymentKind, Scheme, Supplement, UrbanRural
from domain.errors import ParameterNotInForce
from domain.kernel import ERASED, Reading
from domain.parameters import Parameters

Fen = NDArray[np.int64]
UNKNOWN = -1
"""Stands for the formula's result where it can't be computed: income or standard unknown, or another scheme."""


@dataclass(frozen=True, slots=True)
class DueCases(Reading):
    """A wish for every case (or benefit) of a scheme in a division's subtree to which something is due in the months.

    Answered with a `DueTable` at the log's head. Payments of the batch `besides` do not count as made.
    """

    scheme: Scheme
    months: tuple[str, ...]
    division_code: str
    besides: str = ""
    with_members: bool = False
    """Whether who is covered is asked for as well."""


class DueRow(NamedTuple):
    """One owner and month. `paid_fen` is what was paid for it and not returned, in `payments` payments in all."""

    owner_id: UUID
    """The case, or the benefit where the scheme is one of `BENEFIT_SCHEMES`."""
    household_id: UUID | None
    """None where it is a benefit: it is one person's."""
    payee_id: UUID
    division_code: str
    month: str
    due_fen: int
    paid_fen: int
    payments: int
    pending: bool
    """A line of another payroll that is not issued yet is for the same owner and month."""
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
    """Nothing is recorded of the owner for a day after the one that was asked for."""
    waits: bool = False
    """Somebody has to decide first whether the month is paid."""
    twice: bool = False
    """The payee has another benefit of the same kind for the month."""
    birth_on: date | None = None
    """The payee's, where the amount follows from age."""
    doubtful: int = 0
    """How many of those covered are reported to have died before the month, which nobody has confirmed."""

    @property
    def withheld_fen(self) -> int:
        """Their share of what is still due (X2): neither paid nor stopped until somebody has found out."""
        share = -(-self.due_fen * self.doubtful // self.persons) if self.doubtful and self.persons else 0
        return max(0, min(share, self.due_fen - self.paid_fen))

    @property
    def open_fen(self) -> int:
        """What may be paid now; negative where too much was paid."""
        return self.due_fen - self.paid_fen - self.withheld_fen


class DueTable(NamedTuple):
    """What is due, as the log stood at `position`."""

    position: int
    rows: Sequence[DueRow]


class Line(NamedTuple):
    """One line of a payroll, of a case or (without a household) of a benefit.

    `rule_fen` is what the formula gives, UNKNOWN where that can't be said.
    """

    owner_id: UUID
    household_id: UUID | None
    payee_id: UUID
    division_code: str
    month: str
    kind: PaymentKind
    amount_fen: int
    rule_fen: int
    withheld_fen: int = 0
    """What is held back beside it, as somebody covered is reported to have died."""


class Held(NamedTuple):
    """A line that is not paid, and why. `number` is its place in the payroll, 0 where it was never listed."""

    number: int
    owner_id: UUID
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
    rule = amounts_by_rule(rows, scheme, parameters).tolist()
    lines: list[Line] = []
    held: list[Held] = []
    for row, computed in zip(rows, rule, strict=True):
        whole = row.due_fen - row.paid_fen
        if whole == 0:
            continue
        withheld = row.withheld_fen if row.doubtful else 0
        reason = hold_reason(row, whole) or (HoldReason.DEATH_REPORTED if withheld == whole else None)
        if reason is not None:
            held.append(Held(0, row.owner_id, row.division_code, row.month, abs(whole), reason))
            continue
        kind = PaymentKind.BACK_PAY if row.payments else _first(scheme)
        whose = (row.owner_id, row.household_id, row.payee_id, row.division_code, row.month, kind)
        lines.append(Line(*whose, whole - withheld, computed, withheld))
    return Plan(table.position, tuple(lines), tuple(held))


def hold_reason(row: DueRow, amount_fen: int) -> HoldReason | None:
    """Why what is open of a row can't be paid now; None where it can."""
    if amount_fen < 0:
        return HoldReason.OVERPAID
    if row.dead:
        return HoldReason.DEAD
    if row.waits:
        return HoldReason.UNDECIDED
    if row.twice:
        return HoldReason.TWICE
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
    known = {(row.owner_id, row.month): row for row in table.rows}
    payable: list[Payable] = []
    held: list[Held] = []
    for number, line in lines:
        row = known.get((line.owner_id, line.month))
        reason: HoldReason | None = HoldReason.CHANGED
        if row is not None:
            open_fen = row.open_fen
            reason = hold_reason(row._replace(pending=False), row.due_fen - row.paid_fen)
            if reason is None and row.doubtful and open_fen == 0:
                reason = HoldReason.DEATH_REPORTED
            if reason is None and open_fen != line.amount_fen:
                reason = HoldReason.PAID if open_fen == 0 else HoldReason.CHANGED
            if reason is None and row.account:
                payable.append(Payable(number, line, row.account))
                continue
        why = reason or HoldReason.CHANGED
        held.append(Held(number, line.owner_id, line.division_code, line.month, line.amount_fen, why))
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


def amounts_by_rule(rows: Sequence[DueRow], scheme: Scheme, parameters: Parameters) -> Fen:
    """What the scheme's formula gives for each row, where it needs nothing that is sealed; UNKNOWN for the others."""
    if scheme is Scheme.OLD_AGE_ALLOWANCE:
        return _old_age(rows, parameters)
    return rule_amounts(rows, scheme, parameters)


def _old_age(rows: Sequence[DueRow], parameters: Parameters) -> Fen:
    """By the one formula (care/benefits/amounts.py), asked once for each age, division and month there is."""
    known: dict[tuple[str, str, int], int] = {}

    def amount(row: DueRow) -> int:
        if row.birth_on is None:
            return UNKNOWN
        key = (row.division_code, row.month, age_in(row.month, row.birth_on))
        if key not in known:
            known[key] = _allowance(Known(row.division_code, row.birth_on), parameters, row.month)
        return known[key]

    return np.fromiter(map(amount, rows), np.int64, len(rows))


def _allowance(known: Known, parameters: Parameters, month: str) -> int:
    try:
        computed = compute(BenefitKind.OLD_AGE_ALLOWANCE, known, parameters, month)
    except ParameterNotInForce:
        return UNKNOWN
    return 0 if isinstance(computed, Refusal) else computed.amount_fen


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
