"""The day a file was exported, from its name where nobody says."""

import re
from calendar import monthrange
from datetime import date

_DAYS = (
    re.compile(r"(?<!\d)(20\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)"),
    re.compile(r"(?<!\d)(20\d\d)[-_.年](1[0-2]|0?[1-9])[-_.月](3[01]|[12]\d|0?[1-9])日?(?!\d)"),
)
_MONTH = re.compile(r"(?<!\d)(20\d\d)(?:[-_.年](1[0-2]|0?[1-9])|(0[1-9]|1[0-2]))月?(?!\d)")


def export_date(name: str, today: date) -> date:
    """The last day, month's end or year's day a file's name gives (`20151231`, `2015-12`, `2015年12月`); else today.

    A day after today is no export's: today then.
    """
    found = _last_day(name) or _last_month(name) or today
    return min(found, today)


def _last_day(name: str) -> date | None:
    for pattern in _DAYS:
        for year, month, day in reversed(pattern.findall(name)):
            try:
                return date(int(year), int(month), int(day))
            except ValueError:
                continue
    return None


def _last_month(name: str) -> date | None:
    matches = _MONTH.findall(name)
    if not matches:
        return None
    year, separated, compact = matches[-1]
    month = int(separated or compact)
    return date(int(year), month, monthrange(int(year), month)[1])
