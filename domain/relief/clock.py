"""The relief clock: every affected person has the first relief within twelve hours of the disaster.

江海区“十三五”大民政规划: 灾后12小时内受灾人员基本生活得到救助. Hours are real hours from the moment it happened;
they stop for no night and no holiday. Everything here is arithmetic on moments that are handed in.
"""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import NamedTuple, Protocol

from domain.clock import CHINA
from domain.errors import RuleViolated
from domain.parameters import Parameters

_MINUTE = timedelta(minutes=1)


class Clock(NamedTuple):
    """By when what has to be done after a disaster."""

    list_by: datetime
    """The vulnerable people of the place are listed (from when the disaster is recorded)."""
    alarm_at: datetime
    """Whoever has no relief by now raises the alarm."""
    relief_by: datetime
    """Everybody has the first relief."""


class Waiting(Protocol):
    """What the clock needs to know of affected people; `domain.relief.affected.Affected` has it."""

    @property
    def relief_by(self) -> datetime | None: ...
    @property
    def waiting_count(self) -> int: ...
    @property
    def in_time_count(self) -> int: ...
    @property
    def late_count(self) -> int: ...


class Standing(NamedTuple):
    """How far relief has come at a moment, in heads."""

    in_time: int
    late: int
    waiting: int
    """Still without relief, overdue ones included."""
    overdue: int
    """Still without relief though their hours are over."""
    minutes_left: int | None
    """Whole minutes until the next of the waiting is overdue (negative: the longest overdue); None: nobody waits."""


def clock_of(occurred_at: datetime, recorded_at: datetime, parameters: Parameters, division_code: str) -> Clock:
    """The clock that starts with a disaster; raises ParameterNotInForce."""
    on = occurred_at.date()

    def hours(code: str) -> timedelta:
        return timedelta(hours=parameters.value(code, division_code, on))

    return Clock(
        list_by=recorded_at + hours("relief.vulnerable_list"),
        alarm_at=occurred_at + hours("relief.relief_alarm"),
        relief_by=occurred_at + hours("relief.first_relief"),
    )


def minutes_between(start: datetime, end: datetime) -> int:
    """Whole minutes that have passed (rounded down; negative where `end` is earlier)."""
    return (end - start) // _MINUTE


def without_relief(affected: Iterable[Waiting]) -> int:
    """How many heads still wait for their first relief."""
    return sum(each.waiting_count for each in affected)


def standing(affected: Iterable[Waiting], now: datetime) -> Standing:
    """How far relief has come at `now`.

    Facts of sources have no clock of their own: such people wait, and are never overdue.
    """
    everybody = tuple(affected)
    waiting = [each for each in everybody if each.waiting_count]
    dues = [each.relief_by for each in waiting if each.relief_by is not None]
    return Standing(
        in_time=sum(each.in_time_count for each in everybody),
        late=sum(each.late_count for each in everybody),
        waiting=without_relief(waiting),
        overdue=sum(each.waiting_count for each in waiting if each.relief_by is not None and each.relief_by < now),
        minutes_left=minutes_between(now, min(dues)) if dues else None,
    )


def moment(given: datetime, now: datetime, what: str) -> datetime:
    """A moment that somebody states, in the district's time; raises RuleViolated where it has not come yet."""
    stated = given.astimezone(CHINA) if given.tzinfo else given.replace(tzinfo=CHINA)
    if stated > now:
        raise RuleViolated(f"{what}不能晚于现在，请核对时间。")
    return stated


def next_daily(after: datetime, hour: int) -> datetime:
    """That hour of the day after a moment's own."""
    return daily(after.date() + timedelta(days=1), hour)


def daily(day: date, hour: int) -> datetime:
    """That hour of a day."""
    return datetime.combine(day, time(hour), CHINA)


def end_of(day: date) -> datetime:
    """The last minute of a day, by which what is due within days has to be done."""
    return datetime.combine(day, time(23, 59), CHINA)
