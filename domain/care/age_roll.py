"""Each month's call of who comes of an age of the old-age allowance (X11): one roll for each district.

Nobody applies for what they do not know of. So on the first of every month the roll is called, and whoever reaches an
age in it and has no allowance is prompted. A month in which the platform stood still is called when it runs again.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, Self
from uuid import UUID, uuid5

from domain import kernel
from domain.clock import at as start_of
from domain.clock import first_day, month_of, next_month
from domain.kernel import TIMERS, Reading

_ROLLS = UUID("0f5f9f0e-6f0a-5a53-9d0c-2f7c3f1f8b21")


class AgeRoll(kernel.Timed):
    """A district's roll."""

    TOPIC: ClassVar[str] = "care.AgeRoll"
    SUBJECT: ClassVar[str] = "age_roll"
    division_code: str = ""
    month: str = ""
    """The next month to be called."""

    class Created(kernel.Created):
        """Called from this month on."""

        TOPIC = "care.AgeRollOpened"
        TITLE = "开始逐月到龄提示"
        division_code: str
        month: str

    class Called(kernel.Event):
        """Who reaches an age in this month is to be looked for."""

        TOPIC = "care.AgeRollCalled"
        TITLE = "当月到龄提示"
        month: str
        from_on: date

        def apply(self, aggregate: "AgeRoll") -> None:
            aggregate.month = next_month(self.month)

        def gist(self) -> str:
            return self.month

    @classmethod
    def id_for(cls, division_code: str) -> UUID:
        """The one roll of a district."""
        return uuid5(_ROLLS, division_code)

    @classmethod
    def open(cls, at: datetime, *, division_code: str) -> Self:
        """A district's roll, called from the next month on."""
        month = next_month(month_of(at.date()))
        return cls.create(cls.Created, id=cls.id_for(division_code), at=at, division_code=division_code, month=month)

    def subjects(self) -> Iterable[str]:
        """It stands on its district's timeline."""
        yield f"division:{self.division_code}"
        yield TIMERS

    @property
    def lapses_at(self) -> datetime | None:
        """The first moment of the next month to be called."""
        return start_of(first_day(self.month))

    def lapse(self, at: datetime, owner: kernel.Aggregate | None = None) -> None:
        """Call every month that has begun."""
        while (due := start_of(first_day(self.month))) <= at:
            self.record(self.Called, at=at, month=self.month, from_on=due.date())


@dataclass(frozen=True, slots=True)
class WithoutAllowance(Reading):
    """A wish for the living persons of a division's subtree who were born on one of these days and neither draw nor
    have applied for the old-age allowance.

    Answered with (person id, division code, birth date) each, by division and id, at the log's head.
    """

    division_code: str
    born_on: tuple[date, ...]
