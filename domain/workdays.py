"""Legal time limits: working days by the State Council's yearly holiday notice, and calendar days.

The day on which a limit starts is not counted; a limit in calendar days that would end on a day off ends on the next
working day (民法典 articles 201 to 203).
"""

from datetime import date, timedelta
from functools import cache
from importlib.resources import files

import yaml

_DAY = timedelta(days=1)
_SATURDAY = 5


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


def days_after(start: date, count: int) -> date:
    """The last day of a limit of `count` calendar days that starts on `start`."""
    day = start + count * _DAY
    while not is_working_day(day):
        day += _DAY
    return day


@cache
def _tables() -> tuple[frozenset[date], frozenset[date]]:
    years = yaml.safe_load(files("domain").joinpath("holidays.yaml").read_text("utf-8"))
    off = (day for year in years.values() for span in year["放假"] for day in _span(span))
    return frozenset(off), frozenset(day for year in years.values() for day in year["补班"])


def _span(text: str) -> list[date]:
    first, last = (date.fromisoformat(part) for part in text.split(".."))
    return [first + n * _DAY for n in range((last - first).days + 1)]
