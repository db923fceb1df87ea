"""Who is covered by a case, and which amount is due, in which month: step functions kept as their few steps."""

from typing import NamedTuple, Self, TypeVar
from uuid import UUID

from domain.clock import next_month


class Due(NamedTuple):
    """From `month` on `amount_fen` is due (None: nothing is), by the case's event `version`."""

    month: str
    amount_fen: int | None
    version: int
    closing: bool = False


class Amount(NamedTuple):
    """From `month` on this is the amount, whether or not it is paid; by the case's event `version`."""

    month: str
    amount_fen: int
    version: int


class Turn(NamedTuple):
    """From `month` on the case is paid, or is not; `closing` where it ends."""

    month: str
    paid: bool
    version: int
    closing: bool = False


class Entitlement(NamedTuple):
    """What is due when: which amount holds and whether it is paid, two lists in order of month.

    They are kept apart so that a suspension forgets no amount that was decided for a month behind it. Every change
    gives a new value; none is made in place.
    """

    amounts: tuple[Amount, ...] = ()
    turns: tuple[Turn, ...] = ()

    def at(self, month: str) -> int | None:
        """The fen due in a month, or None where nothing is."""
        turn, amount = _last(self.turns, month), _last(self.amounts, month)
        return amount.amount_fen if turn is not None and turn.paid and amount is not None else None

    def granted(self, start: str, end: str, amount_fen: int, version: int) -> Self:
        """A grant from `start` to `end` (empty: open); it supersedes whatever was planned from `start` on."""
        granted = self._replace(
            amounts=(*_before(self.amounts, start), Amount(start, amount_fen, version)),
            turns=(*_before(self.turns, start), Turn(start, True, version)),
        )
        return granted.ended(end, version) if end else granted

    def changed(self, month: str, amount_fen: int, version: int) -> Self:
        """Another amount from `month` until the next later one; while nothing is paid it waits until that goes on.

        For a month before the first grant that is known it is an earlier grant, learnt late.
        """
        others = (amount for amount in self.amounts if amount.month != month)
        earlier = () if _last(self.turns, month) is not None else (Turn(month, True, version),)
        return self._replace(
            amounts=tuple(sorted([*others, Amount(month, amount_fen, version)], key=_month)),
            turns=(*earlier, *self.turns),
        )

    def stopped(self, month: str, version: int) -> Self:
        """Nothing is due from `month` on, until a later change says otherwise."""
        return self._replace(turns=(*_before(self.turns, month), Turn(month, False, version)))

    def resumed(self, month: str, version: int) -> Self:
        """The amount is due again from `month` on."""
        return self._replace(turns=(*_before(self.turns, month), Turn(month, True, version)))

    def ended(self, end: str, version: int) -> Self:
        """`end` is the last month due; a later end than one given before brings the months between back."""
        kept = tuple(turn for turn in self.turns if turn.month <= end and not turn.closing)
        return self._replace(turns=(*kept, Turn(next_month(end), False, version, closing=True)))

    def corrected(self, version: int, amount_fen: int) -> Self:
        """The amount that event `version` gave was mistaken and is `amount_fen`."""
        return self._replace(
            amounts=tuple(a._replace(amount_fen=amount_fen) if a.version == version else a for a in self.amounts)
        )

    @property
    def steps(self) -> tuple[Due, ...]:
        """Both lists as one: what is due from each month on in which anything changes."""
        months = sorted({*map(_month, self.amounts), *map(_month, self.turns)})
        return tuple(self._step(month) for month in months)

    def latest(self) -> int | None:
        """The last amount given, whether or not it is still due."""
        return self.amounts[-1].amount_fen if self.amounts else None

    def latest_month(self) -> str | None:
        """The month in which the last amount given begins."""
        return self.amounts[-1].month if self.amounts else None

    def step_of(self, version: int) -> Amount | None:
        """The amount that event `version` gave, if it gave one."""
        return next((amount for amount in self.amounts if amount.version == version), None)

    def covers(self, start: str, end: str, amount_fen: int) -> bool:
        """Whether exactly `amount_fen` is due in every month from `start` to `end` (empty: without end)."""
        inside = [step for step in self.steps if step.month > start and (not end or step.month <= end)]
        return self.at(start) == amount_fen and all(step.amount_fen == amount_fen for step in inside)

    def followed(self, month: str) -> bool:
        """Whether an amount of a later month is known: a change in `month` is then one of the past."""
        return any(step.month > month and step.amount_fen is not None for step in self.steps)

    def months(self, upto: str) -> tuple[str, ...]:
        """Every month up to and including `upto` in which something is due."""
        found: list[str] = []
        month = self.turns[0].month if self.turns else next_month(upto)
        while month <= upto:
            if self.at(month) is not None:
                found.append(month)
            month = next_month(month)
        return tuple(found)

    def _step(self, month: str) -> Due:
        turn, amount = _last(self.turns, month), _last(self.amounts, month)
        if turn is None or amount is None or not turn.paid:
            return Due(month, None, turn.version if turn else 0, turn is not None and turn.closing)
        return Due(month, amount.amount_fen, amount.version)


class Roster(NamedTuple):
    """From `month` on (empty: from the start) these persons are covered."""

    month: str
    member_ids: tuple[UUID, ...]


class Rosters(NamedTuple):
    """Who was covered when, in order of month."""

    lists: tuple[Roster, ...] = ()

    def changed(self, month: str, member_ids: tuple[UUID, ...]) -> Self:
        """Other persons from `month` until the next later change, if one is known already."""
        others = [roster for roster in self.lists if roster.month != month]
        return self._replace(lists=tuple(sorted([*others, Roster(month, member_ids)])))

    def at(self, month: str) -> tuple[UUID, ...]:
        """The persons covered in a month; before the first list, those of the first."""
        found = self.lists[0].member_ids if self.lists else ()
        for roster in self.lists:
            if roster.month > month:
                break
            found = roster.member_ids
        return found


T = TypeVar("T", Amount, Turn)


def _month(item: Amount | Turn) -> str:
    return item.month


def _before(items: tuple[T, ...], month: str) -> tuple[T, ...]:
    return tuple(item for item in items if item.month < month)


def _last(items: tuple[T, ...], month: str) -> T | None:
    """The one that holds in a month."""
    found = None
    for item in items:
        if item.month > month:
            break
        found = item
    return found
