"""Lots of relief goods: which pieces go first, and what they are worth. Exact: every piece has its own lot's price."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Pick:
    """So many pieces of one lot, at the lot's price in fen."""

    lot_no: int
    qty_count: int
    unit_fen: int


Picks = tuple[Pick, ...]


class Lot(NamedTuple):
    """What was received at once: `waiting` until it is put away, then `free` until it is allocated."""

    unit_fen: int
    best_before: date | None
    waiting: int = 0
    free: int = 0

    def usable(self, on: date) -> bool:
        """Whether it may still be given out on a day."""
        return self.best_before is None or self.best_before >= on


class Allocation(NamedTuple):
    """What is promised to a place and not there yet: pieces still in the warehouse, and on their way."""

    to_division_code: str
    here: Picks
    on_way: Picks


def qty(picks: Iterable[Pick]) -> int:
    """How many pieces."""
    return sum(pick.qty_count for pick in picks)


def value_fen(picks: Iterable[Pick]) -> int:
    """What they are worth, in fen."""
    return sum(pick.qty_count * pick.unit_fen for pick in picks)


def pick_free(lots: Mapping[int, Lot], wanted: int) -> Picks:
    """At most so many free pieces, those that expire first and came first before others."""
    order = sorted(lots.items(), key=lambda entry: (entry[1].best_before or date.max, entry[0]))
    picked = []
    for number, lot in order:
        if wanted <= 0:
            break
        if taken := min(wanted, lot.free):
            picked.append(Pick(number, taken, lot.unit_fen))
            wanted -= taken
    return tuple(picked)


def split(picks: Picks, wanted: int) -> tuple[Picks, Picks]:
    """The first `wanted` pieces, and the rest."""
    first, rest = [], []
    for pick in picks:
        taken = min(wanted, pick.qty_count)
        wanted -= taken
        if taken:
            first.append(Pick(pick.lot_no, taken, pick.unit_fen))
        if pick.qty_count > taken:
            rest.append(Pick(pick.lot_no, pick.qty_count - taken, pick.unit_fen))
    return tuple(first), tuple(rest)


def freed(lots: dict[int, Lot], picks: Picks, sign: int = 1) -> None:
    """Put picked pieces back into their lots' free ones (or, with `sign` -1, take them out)."""
    for pick in picks:
        lot = lots[pick.lot_no]
        lots[pick.lot_no] = lot._replace(free=lot.free + sign * pick.qty_count)
