"""Months, days and legal limits."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.clock import (
    at,
    completed_years,
    demand_month,
    first_day,
    first_month_from,
    month_of,
    months_between,
    next_month,
)
from domain.errors import BadInput
from domain.workdays import days_after, is_working_day, working_days_after

days = st.dates(date(1900, 1, 1), date(2200, 12, 31))
months = days.map(month_of)


@given(months, st.integers(-600, 600), st.integers(-600, 600))
def test_months_add_up(month: str, one: int, other: int) -> None:
    assert next_month(next_month(month, one), other) == next_month(month, one + other)


@given(months, st.integers(0, 600))
def test_counting_months_inverts_adding_them(month: str, count: int) -> None:
    assert months_between(month, next_month(month, count)) == count + 1
    assert months_between(next_month(month, count + 1), month) == 0


@given(days)
def test_a_month_as_text_sorts_as_time(day: date) -> None:
    assert month_of(day) < next_month(month_of(day))
    assert month_of(first_day(month_of(day))) == month_of(day)
    assert first_day(first_month_from(day)) >= day
    assert first_day(first_month_from(day)) - day < timedelta(days=31)


@pytest.mark.parametrize("text", ["", "2015", "2015-13", "2015-1", "15-01", "2015/01", "2015-01-01", "3000年"])
def test_other_writings_of_a_month_are_refused(text: str) -> None:
    with pytest.raises(BadInput, match="YYYY-MM"):
        demand_month(text)


@pytest.mark.parametrize(
    ("born", "on", "years"),
    [
        (date(1955, 3, 2), date(2015, 3, 1), 59),
        (date(1955, 3, 2), date(2015, 3, 2), 60),
        (date(1956, 2, 29), date(2016, 2, 28), 59),
    ],
)
def test_age_in_completed_years(born: date, on: date, years: int) -> None:
    assert completed_years(born, on) == years


def test_business_time_is_china_time() -> None:
    assert at(date(2015, 12, 31), 23).isoformat() == "2015-12-31T23:00:00+08:00"


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2015, 10, 1), False),
        (date(2015, 10, 10), True),  # a Saturday made up
        (date(2015, 10, 11), False),
        (date(2015, 12, 31), True),
        (date(2013, 10, 1), True),  # no table for that year: only weekends are off
    ],
)
def test_working_days(day: date, works: bool) -> None:
    assert is_working_day(day) is works


def test_limits_pass_over_holidays() -> None:
    assert working_days_after(date(2015, 9, 30), 3) == date(2015, 10, 10)
    assert days_after(date(2015, 9, 28), 7) == date(2015, 10, 8)


@given(days, st.integers(1, 60))
def test_a_limit_ends_on_a_working_day_after_that_many(start: date, count: int) -> None:
    last = working_days_after(start, count)
    between = [start + timedelta(days=n) for n in range(1, (last - start).days + 1)]
    assert is_working_day(last)
    assert sum(map(is_working_day, between)) == count
