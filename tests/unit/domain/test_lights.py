"""The traffic light of a limit, by working days."""

from datetime import date

import pytest

from domain.codes import Light
from domain.lights import light_of, near_until
from tests.unit.domain.samples import PARAMETERS, VILLAGE


@pytest.mark.parametrize(
    ("today", "near"),
    [
        ("2016-01-11", "2016-01-14"),
        ("2016-02-04", "2016-02-14"),  # Friday, worked Saturday, then seven days of Spring Festival, worked Sunday
        ("2016-02-06", "2016-02-16"),
    ],
)
def test_near_is_counted_in_working_days(today: str, near: str) -> None:
    assert near_until(PARAMETERS, VILLAGE, date.fromisoformat(today)) == date.fromisoformat(near)
    assert near_until(PARAMETERS, "", date.fromisoformat(today)) == date.fromisoformat(near)


def test_a_limit_is_red_only_after_its_day() -> None:
    today, near = date(2016, 1, 11), date(2016, 1, 14)
    found = {day: light_of(date(2016, 1, day), today, near) for day in (10, 11, 14, 15)}
    assert found == {10: Light.RED, 11: Light.YELLOW, 14: Light.YELLOW, 15: Light.GREEN}
