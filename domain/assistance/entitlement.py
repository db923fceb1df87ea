"""Who is covered by a case, and which amount is due, in which month: step functions kept as their few steps."""

from typing import NamedTuple, Self
from uuid import UUID

from domain.clock import next_month


class Due(NamedTuple):
    """From `month` on `amount_fen` is due (None: nothing is), by the case's event `version`."""

    month: str
    amount_fen: int | None
    version: int
    closing: bool = False


class Entitlement(NamedTuple):
    """The steps of one case in order of month. Every change gives a new value; none is made in place."""

    steps: tuple[Due, ...] = ()

    def at(self, month: str) -> int | None:
        """The fen due in a month, or None where nothing is."""
        step = self._step_in(month)
        return None if step is None else step.amount_fen

    def granted(self, start: str, end: str, amount_fen: int, version: int) -> Self:
        """A grant from `start` to `end` (empty: open); it supersedes whatever was planned from `start` on."""
        kept = tuple(step for step in self.steps if step.month < start)
        granted = self._replace(steps=(*kept, Due(start, amount_fen, version)))
        return granted.ended(end, version) if end else granted

    def changed(self, month: str, amount_fen: int, version: int) -> Self:
        """Another amount from `month` until the next later change; unchanged where nothing is due in that month."""
        if (current := self._step_in(month)) is not None and current.amount_fen is None:
            return self
        others = [step for step in self.steps if step.month != month]
        return self._replace(steps=tuple(sorted([*others, Due(month, amount_fen, version)], key=_order)))

    def stopped(self, month: str, version: int) -> Self:
        """Nothing is due from `month` on, until a later change says otherwise."""
        kept = tuple(step for step in self.steps if step.month < month)
        return self._replace(steps=(*kept, Due(month, None, version)))

    def resumed(self, month: str, amount_fen: int) -> Self:
        """The amount is due again from `month` on, still by the event that gave it."""
        kept = tuple(step for step in self.steps if step.month < month)
        given = next((step.version for step in reversed(self.steps) if step.amount_fen == amount_fen), 0)
        return self._replace(steps=(*kept, Due(month, amount_fen, given)))

    def ended(self, end: str, version: int) -> Self:
        """`end` is the last month due; a later end than one given before brings the months between back."""
        kept = tuple(step for step in self.steps if step.month <= end and not step.closing)
        return self._replace(steps=(*kept, Due(next_month(end), None, version, closing=True)))

    def corrected(self, version: int, amount_fen: int) -> Self:
        """The amount that event `version` gave was mistaken and is `amount_fen`."""
        steps = (
            step._replace(amount_fen=amount_fen) if step.version == version and step.amount_fen is not None else step
            for step in self.steps
        )
        return self._replace(steps=tuple(steps))

    def latest(self) -> int | None:
        """The last amount given, whether or not it is still due."""
        return next((step.amount_fen for step in reversed(self.steps) if step.amount_fen is not None), None)

    def latest_month(self) -> str | None:
        """The month in which the last amount given begins."""
        return next((step.month for step in reversed(self.steps) if step.amount_fen is not None), None)

    def step_of(self, version: int) -> Due | None:
        """The step that event `version` made, if it gave an amount."""
        return next((s for s in self.steps if s.version == version and s.amount_fen is not None), None)

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
        month = self.steps[0].month if self.steps else next_month(upto)
        while month <= upto:
            if self.at(month) is not None:
                found.append(month)
            month = next_month(month)
        return tuple(found)

    def _step_in(self, month: str) -> Due | None:
        found = None
        for step in self.steps:
            if step.month > month:
                break
            found = step
        return found


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


def _order(step: Due) -> str:
    return step.month
