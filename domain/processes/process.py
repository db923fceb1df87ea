"""What a cross-system rule is: on a trigger it looks at what the log says and changes it, or asks somebody to.

A rule's `react` has the shape of a command's `decide`: a generator that yields wishes and returns the aggregates it
changed. Its changes are one append, which carries the rule and its trigger as a message: run again, it repeats nothing.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import ClassVar
from uuid import UUID

from domain.access import Area, RoleCode
from domain.codes import ProcessCode
from domain.kernel import Aggregate, Decided, Decision, Event
from domain.processes.duty import Duty, end_of
from domain.workdays import days_after, working_days_after

HISTORY = "processes.history"
"""Parameter: what a source reports that happened longer ago than so many days is history."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """An event and where it stands."""

    event: Event
    position: int
    division_code: str
    decided: bool
    """Whether it was decided here; else it is a source's fact."""

    @property
    def mark(self) -> str:
        """Its name for ever: `stream@version`."""
        return f"{self.event.originator_id}@{self.event.originator_version}"

    def is_history(self, by: Decision) -> bool:
        """Whether a source tells of something long past: no timer fires and nobody is asked to do anything."""
        if self.decided:
            return False
        days = by.parameters.value(HISTORY, self.division_code, by.today)
        return (by.today - self.event.true_from()).days > days


class Process(ABC):
    """One rule. Subclasses name their code, triggers and what docs/processes.md says of them."""

    CODE: ClassVar[ProcessCode]
    ON: ClassVar[tuple[type[Event], ...]]
    MUST: ClassVar[str]
    """What must happen, in Chinese."""
    LIMIT: ClassVar[str]
    """By when."""
    FAILS: ClassVar[str]
    """What happens where it does not."""
    AREA: ClassVar[Area]
    """Whose work it is: the area of the duties it asks for."""

    def concerns(self, trigger: Trigger) -> bool:
        """Whether the rule looks at this trigger at all, by the event alone."""
        return True

    @abstractmethod
    def react(self, trigger: Trigger, by: Decision) -> Decided:
        """What follows; raises RuleViolated where an aggregate refuses, which becomes a duty of the district's."""

    def ask(
        self,
        trigger: Trigger,
        by: Decision,
        subject: str,
        task: str,
        due_at: datetime,
        *,
        role: RoleCode = RoleCode.STREET_OFFICER,
        division_code: str = "",
        person_id: UUID | None = None,
        case_id: UUID | None = None,
    ) -> Duty:
        """A duty of this rule."""
        return Duty.ask(
            by.now,
            process=self.CODE,
            trigger=trigger.mark,
            position=trigger.position,
            subject=subject,
            area=self.AREA,
            role=role,
            division_code=division_code or trigger.division_code,
            task=task,
            due_at=due_at,
            person_id=person_id,
            case_id=case_id,
        )

    def failed(self, trigger: Trigger, by: Decision, reason: str) -> Duty:
        """The rule could not be kept by itself: the district sees to it within a working day."""
        return Duty.ask(
            by.now,
            process=self.CODE,
            trigger=f"{trigger.mark}|failed",
            position=trigger.position,
            subject=f"{trigger.event.originator_id}",
            area=self.AREA,
            role=RoleCode.DISTRICT_CLERK,
            division_code=trigger.division_code[:6],
            task=f"{self.CODE.label}：未能自动办理，请人工办理。{reason}",
            due_at=working_days(by, "processes.failed", trigger.division_code),
        )


def working_days(by: Decision, limit: str, division_code: str, start: date | None = None) -> datetime:
    """The moment from which a limit in working days (a parameter) that starts then (today) has been missed."""
    days = by.parameters.value(limit, division_code, by.today)
    return end_of(working_days_after(start or by.today, days))


def calendar_days(by: Decision, limit: str, division_code: str, start: date | None = None) -> datetime:
    """The same of a limit in calendar days."""
    return end_of(days_after(start or by.today, by.parameters.value(limit, division_code, by.today)))


def hours(by: Decision, limit: str, division_code: str) -> datetime:
    """The moment at which a limit in hours (a parameter) that starts now is over."""
    return by.now + timedelta(hours=by.parameters.value(limit, division_code, by.today))


def changed(*aggregates: Aggregate | None) -> tuple[Aggregate, ...]:
    """Those of the aggregates that have something new to say."""
    return tuple(one for one in aggregates if one is not None and one.pending_events)


__all__ = ["Process", "Trigger", "calendar_days", "changed", "hours", "working_days"]
