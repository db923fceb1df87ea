"""Who lives alone at a great age and was not met in a month: whom the grid calls on (独居高龄老人月度走访)."""

from dataclasses import dataclass
from datetime import date, timedelta

from domain.clock import first_day, month_of, next_month
from domain.kernel import Reading


@dataclass(frozen=True, slots=True)
class AloneUnvisited(Reading):
    """A wish for the persons of a division's subtree who said they live alone, were born by `born_by` and whom nobody
    met from `since` up to, not including, `until`.

    Answered with their ids, in order, at the log's head.
    """

    division_code: str
    born_by: date
    since: date
    until: date


def month_span(month: str) -> tuple[date, date]:
    """The first day of a month and of the next."""
    return first_day(month), first_day(next_month(month))


def last_day_of(day: date) -> date:
    """The last day of a day's month."""
    return month_span(month_of(day))[1] - timedelta(days=1)


def born_by(day: date, years: int) -> date:
    """The latest birthday of somebody who has completed these years (周岁) on a day."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February of a year that has none
        return day.replace(year=day.year - years, day=28)
