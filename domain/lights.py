"""The traffic light of a limit: overdue, near, or not near yet.

It depends on the day it is looked at and is stored nowhere; the day something is due stands in the event that opens it.
"""

from datetime import date

from domain.codes import Light
from domain.parameters import Parameters
from domain.workdays import working_days_after


def near_until(parameters: Parameters, division_code: str, today: date) -> date:
    """The last day that counts as near: so many working days from `today` as the division's reminder is ahead."""
    return working_days_after(today, parameters.value("limits.reminder", division_code, today))


def light_of(due_on: date, today: date, near: date) -> Light:
    """Red once the day has passed, yellow up to the day `near`, else green."""
    if due_on < today:
        return Light.RED
    return Light.YELLOW if due_on <= near else Light.GREEN
