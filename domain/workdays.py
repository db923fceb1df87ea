"""Legal time limits: working days by the State Council's yearly holiday notice, and calendar days.

The day on which a limit starts is not counted; a limit in calendar days that would end on a day off ends on the next
working day (民法典 articles 201 to 203).
"""

from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

_DAY = timedelta(days=1)
_SATURDAY = 5
_PUBLISHED_FROM = 10


def is_working_day(day: date) -> bool:
    """Whether offices work; in years without a holiday table only Saturdays and Sundays are off."""
    off, made_up = _tables()
    return day in made_up or (day.weekday() < _SATURDAY and day not in off)


def working_days_after(start: date, count: int) -> date:
    """The last day of a limit of `count` working days that starts on `start`."""
    day = start
    for _ in range(count):
        day += _DAY
        while not is_working_day(day):
            day += _DAY
    return day


def working_days_between(start: date, end: date) -> int:
    """How many working days lie behind `start` up to and including `end`."""
    return sum(is_working_day(start + n * _DAY) for n in range(1, (end - start).days + 1))


def years_without_table(today: date) -> tuple[int, ...]:
    """This year and, from October on, the next one, as far as their holidays have not been entered.

    The State Council publishes a year's holidays in the last quarter of the year before; limits that reach into a year
    without a table count its holidays as working days and so end too early.
    """
    wanted = (today.year, today.year + 1) if today.month >= _PUBLISHED_FROM else (today.year,)
    return tuple(year for year in wanted if year not in _years())


def days_after(start: date, count: int) -> date:
    """The last day of a limit of `count` calendar days that starts on `start`."""
    day = start + count * _DAY
    while not is_working_day(day):
        day += _DAY
    return day


@cache
def _years() -> dict[int, Any]:
    found: dict[int, Any] = yaml.safe_load(files("domain").joinpath("holidays.yaml").read_text("utf-8"))
    return found


@cache
def _tables() -> tuple[frozenset[date], frozenset[date]]:
    years = _years()
    off = (day for year in years.values() for span in year["放假"] for day in _span(span))
    return frozenset(off), frozenset(day for year in years.values() for day in year["补班"])


def _span(text: str) -> list[date]:
    first, last = (date.fromisoformat(part) for part in text.split(".."))
    return [first + n * _DAY for n in range((last - first).days + 1)]
