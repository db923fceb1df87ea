"""The district's own figures for 2011 to 2015, as its plan gives them, scaled to a number of persons."""

from dataclasses import dataclass
from datetime import date

TODAY = date(2015, 12, 31)
"""The present of the demo district."""
DISTRICT = "440704"
FIRST_MONTH = "2011-01"
LAST_MONTH = "2015-12"

POPULATION = 164_600
"""158 social organisations are 9.6 for every 10,000 people."""
COVERED_2015 = 2_453
"""Persons on dibao in 2015, every one of them visited."""
REMOVED_2015 = 495
"""Of these, persons whose household no longer met the conditions: 20.2%."""
TEMPORARY_TIMES = 945
TEMPORARY_YUAN = 3_040_000
"""Temporary assistance over the five years: person-times, and yuan in total."""
GAP_URBAN, GAP_RURAL = 384, 186
"""Least average dibao a covered person and month in 2015, yuan."""

TEKUN_PERSONS = 320
"""Persons in extreme hardship at the end of 2015; the plan names none, so this is the demo's own choice."""
EARLIER_SHARE = 0.35
"""Persons whose dibao ended before 2015, as a share of those on it in 2015; the demo's own choice."""


@dataclass(frozen=True, slots=True)
class Targets:
    """The plan's figures for a district of that many persons."""

    persons: int
    covered_2015: int
    removed_2015: int
    earlier: int
    tekun: int
    temporary_times: int
    temporary_yuan: int


def scaled(persons: int) -> Targets:
    """The targets of a district of `persons` persons."""
    scale = persons / POPULATION

    def part(figure: float) -> int:
        return max(1, round(figure * scale))

    times = part(TEMPORARY_TIMES)
    covered = part(COVERED_2015)
    return Targets(
        persons=persons,
        covered_2015=covered,
        removed_2015=max(1, round(covered * REMOVED_2015 / COVERED_2015)),
        earlier=part(COVERED_2015 * EARLIER_SHARE),
        tekun=part(TEKUN_PERSONS),
        temporary_times=times,
        temporary_yuan=round(TEMPORARY_YUAN * times / TEMPORARY_TIMES),
    )


# The other systems. What the plan names is the plan's; what it leaves open is the demo's own choice, and says so.

BEDS = 1_233
ALLOWANCE_YUAN = 1_570_000
"""Old-age allowances paid over the five years."""
MEDICAL_TIMES = 1_345
MEDICAL_YUAN = 5_200_000
"""Medical assistance over the five years: person-times, and yuan in total."""
WINTER_YUAN = 300_000
"""Living aid after disasters in 2014 and 2015; the demo gives it in its winter lists."""
ORGANISATIONS = 158
"""Not scaled: the indicator for every 10,000 people rests on the whole district's population."""
SOCIAL_WORKERS = 120
STOCK_YUAN = 450_000
"""Worth of the relief warehouse; it does not scale, since one warehouse serves whoever lives here."""

CERTIFICATES = 3_000
HOME_SERVICES = 20_000
INCIDENTS = 1_500
"""Disability certificates, services at home over the five years, incidents of the two pilot grids: own choices."""


def part(figure: int, persons: int, least: int = 1) -> int:
    """A figure of the whole district for one of `persons` persons; never below `least`."""
    return max(least, round(figure * persons / POPULATION))
