"""Whose first relief came in time: worked out anew from every delivery that stands, in whatever order they are entered.

Lists from the field come in late and out of order, and some entries are wrong: a person's first relief is the earliest
delivery that stands. A group's heads have no names: each delivery serves as many as were still without when it was
entered, and that stays its share.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from domain.relief.clock import minutes_between


class Delivery(NamedTuple):
    """One delivery: how many heads of a group it was the first for, and when; `void` where its entry was wrong."""

    share: int
    delivered_at: datetime
    void: bool = False


@dataclass(frozen=True, slots=True)
class FirstRelief:
    """How an affected person or group stands after an event, and by how much that differs from before, in heads."""

    in_time_count: int
    late_count: int
    waiting_count: int
    in_time_delta: int
    late_delta: int
    waiting_delta: int
    relief_at: datetime | None
    """When the first of them had something."""
    after_minutes: int | None
    """Whole minutes from the disaster to then; negative before it struck, None while it has not."""


def first_relief(
    deliveries: Iterable[Delivery],
    *,
    named: bool,
    head_count: int,
    occurred_at: datetime | None,
    relief_by: datetime | None,
    before: tuple[int, int, int],
) -> FirstRelief:
    """The account of these deliveries; `before` is what was in time, late and waiting until now.

    Without a `relief_by` nothing is late.
    """
    standing = [each for each in deliveries if not each.void]
    earliest = min((each.delivered_at for each in standing), default=None)
    served = standing
    if named and earliest is not None:
        served = [Delivery(1, earliest)]
    late = sum(each.share for each in served if relief_by is not None and each.delivered_at > relief_by)
    in_time = sum(each.share for each in served) - late
    waiting = max(0, head_count - in_time - late)
    after = None if earliest is None or occurred_at is None else minutes_between(occurred_at, earliest)
    deltas = (in_time - before[0], late - before[1], waiting - before[2])
    return FirstRelief(in_time, late, waiting, *deltas, earliest, after)
