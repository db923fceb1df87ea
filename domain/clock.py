"""Business time: dates and months of the district, always +08:00. Nothing here reads the real clock."""

from datetime import date, datetime, time, timedelta, timezone

from domain.errors import BadInput

CHINA = timezone(timedelta(hours=8), "+08:00")
"""China has one zone and no daylight saving; a fixed offset keeps replays independent of zone databases."""


def at(day: date, hour: int = 0, minute: int = 0) -> datetime:
    """The instant of `day` at that hour in China."""
    return datetime.combine(day, time(hour, minute), CHINA)


def month_of(day: date) -> str:
    """`YYYY-MM` of a day."""
    return f"{day.year:04d}-{day.month:02d}"


def first_day(month: str) -> date:
    """The first day of a `YYYY-MM` month; raises BadInput on anything else."""
    try:
        year, number = month.split("-")
        if len(year) != 4 or len(number) != 2:
            raise ValueError
        return date(int(year), int(number), 1)
    except ValueError:
        raise BadInput(f"月份“{month[:20]}”应为 YYYY-MM，例如 2015-12。", "month") from None


def demand_month(text: str) -> str:
    """The month itself; raises BadInput where it is not `YYYY-MM`."""
    return month_of(first_day(text))


def first_month_from(day: date) -> str:
    """The first month that begins on `day` or later: what starts within a month counts from the next one."""
    return month_of(day) if day.day == 1 else next_month(month_of(day))


def months_between(start: str, end: str) -> int:
    """How many months lie from `start` to `end`, both counted; 0 when `end` is earlier."""
    first, last = first_day(start), first_day(end)
    return max(0, (last.year - first.year) * 12 + last.month - first.month + 1)


def next_month(month: str, count: int = 1) -> str:
    """The month `count` months later (earlier when negative)."""
    first = first_day(month)
    index = first.year * 12 + first.month - 1 + count
    return f"{index // 12:04d}-{index % 12 + 1:02d}"


def completed_years(born: date, on: date) -> int:
    """Age in completed years on a day (周岁)."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def months_after(day: date, months: int) -> date:
    """The same day so many months later; the month's last one where it has no such day (民法典第二百零二条)."""
    first = first_day(next_month(month_of(day), months))
    last = first_day(next_month(month_of(first))) - timedelta(days=1)
    return min(first + timedelta(days=day.day - 1), last)
