"""Where subjects belong now: for projections whose rows hang on a subject (`person:…`, `case:…`) of any context."""

from datetime import date
from typing import ClassVar

from domain.assistance import Case
from domain.registry import Household, Person
from infra.log import LogEvent
from projections.kernel.changes import Changes, Projection, handles


class Subjects(Projection):
    """Keeps one row a subject, with its division, that other rows of the projection take their scope from."""

    subject_row: ClassVar[type]
    """A row class with the fields `subject` and `division_code`, first among the views."""

    @handles(Person.Created)
    def person(self, event: Person.Created, at: LogEvent, to: Changes) -> None:
        """A person."""
        self._begin(f"person:{event.originator_id}", event.division_code, event.true_from(), to)

    @handles(Household.Created)
    def household(self, event: Household.Created, at: LogEvent, to: Changes) -> None:
        """A household."""
        self._begin(f"household:{event.originator_id}", event.division_code, event.from_on, to)

    @handles(Case.Created)
    def case(self, event: Case.Created, at: LogEvent, to: Changes) -> None:
        """A case."""
        self._begin(f"case:{event.originator_id}", event.division_code, event.from_on, to)

    @handles(Person.Moved)
    def person_moved(self, event: Person.Moved, at: LogEvent, to: Changes) -> None:
        """A person elsewhere."""
        self._move(f"person:{event.originator_id}", event.to_division_code, event.moved_on, at, to)

    @handles(Household.Relocated)
    def household_moved(self, event: Household.Relocated, at: LogEvent, to: Changes) -> None:
        """A household elsewhere."""
        self._move(f"household:{event.originator_id}", event.to_division_code, event.moved_on, at, to)

    @handles(Case.Transferred)
    def case_moved(self, event: Case.Transferred, at: LogEvent, to: Changes) -> None:
        """Another owner of a case."""
        self._move(f"case:{event.originator_id}", event.to_division_code, event.moved_on, at, to)

    def _begin(self, subject: str, division_code: str, on: date, to: Changes) -> None:
        to.insert(self.subject_row, subject, on=on, division_code=division_code)

    def _move(self, subject: str, division_code: str, on: date, at: LogEvent, to: Changes) -> None:
        # Dated like the move of the subject's own row, so that both agree on where it belongs.
        to.patch(self.subject_row, subject, on=on, decided=at.decided, division_code=division_code)
