"""Duties (督办事项): what a cross-system rule asks of a person, by when, and what became of it.

Rules do by themselves what follows from a certain fact (a bed of somebody who has died is free); what weighs on
somebody is for people to decide (个人信息保护法 art. 24), and the rule sees to it that they do.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, ClassVar, Self
from uuid import UUID, uuid5

from domain import kernel
from domain.access import CASEWORKERS, Area, RoleCode
from domain.clock import at as start_of
from domain.codes import DutyState, ProcessCode
from domain.errors import RuleViolated
from domain.kernel import TIMERS, Command, Decided, Decision, Doc, Load

_DUTIES = UUID("5b0c7c1e-1f6c-5c53-9a55-0b9a2f2f7b10")
_OPEN = frozenset({DutyState.OPEN, DutyState.ESCALATED})
_DISTRICT = 6
"""Digits of a district's code."""


class Duty(kernel.Timed):
    """One thing that somebody has to do. Its id follows from rule, trigger and subject: it is never asked for twice."""

    TOPIC: ClassVar[str] = "processes.Duty"
    SUBJECT: ClassVar[str] = "duty"
    division_code: str = ""
    process: ProcessCode = ProcessCode.DEATH_REPORTED
    subject: str = ""
    person_id: UUID | None = None
    case_id: UUID | None = None
    role: RoleCode = RoleCode.STREET_OFFICER
    due_at: datetime | None = None
    more_hours: int = 0
    state: DutyState = DutyState.OPEN

    class Created(kernel.Created):
        """A rule asks for something: late from `due_at` on. `trigger` is the log position it saw."""

        TOPIC = "processes.DutyOpened"
        TITLE = "提出督办事项"
        process: ProcessCode
        subject: str
        area: Area
        role: RoleCode
        division_code: str
        person_id: UUID | None
        case_id: UUID | None
        task: str
        due_at: datetime
        more_hours: int
        trigger: int

        def gist(self) -> str:
            return self.task

    class Done(kernel.Event):
        """It was done: what came of it, in the words of whoever did it, or by the event that fulfilled it."""

        TOPIC = "processes.DutyDone"
        TITLE = "办结督办事项"
        process: ProcessCode
        result: str

        def apply(self, aggregate: "Duty") -> None:
            aggregate.state = DutyState.DONE

        def gist(self) -> str:
            return self.result

    class Dropped(kernel.Event):
        """What it was asked for no longer holds: a death that was taken back, say."""

        TOPIC = "processes.DutyDropped"
        TITLE = "督办事项不再需要"
        process: ProcessCode
        reason: str

        def apply(self, aggregate: "Duty") -> None:
            aggregate.state = DutyState.VOID

        def gist(self) -> str:
            return self.reason

    class Escalated(kernel.Event):
        """Nobody did it in time: it is the district's now."""

        TOPIC = "processes.DutyEscalated"
        TITLE = "督办事项逾期升级"
        process: ProcessCode
        role: RoleCode
        former_role: RoleCode
        former_division_code: str
        division_code: str
        due_at: datetime
        effective_on: date

        def apply(self, aggregate: "Duty") -> None:
            aggregate.state = DutyState.ESCALATED
            aggregate.role = self.role
            aggregate.division_code = self.division_code
            aggregate.due_at = self.due_at

    class Followed(kernel.Event):
        """Its subject belongs to another division now."""

        TOPIC = "processes.DutyTransferred"
        TITLE = "督办事项随主体移交"
        process: ProcessCode
        from_division_code: str
        to_division_code: str

        def apply(self, aggregate: "Duty") -> None:
            aggregate.division_code = self.to_division_code

    def subjects(self) -> Iterable[str]:
        """It stands on its subject's timeline."""
        yield self.subject
        yield TIMERS

    @classmethod
    def id_for(cls, process: ProcessCode, trigger: str, subject: str) -> UUID:
        """The one id of what a rule asks for about a subject because of a trigger (`stream@version`)."""
        return uuid5(_DUTIES, f"{process.value}|{trigger}|{subject}")

    @property
    def open(self) -> bool:
        """Whether somebody still has to do it."""
        return self.state in _OPEN

    @property
    def lapses_at(self) -> datetime | None:
        """When it goes to the district; what the district has stays there, however late."""
        return self.due_at if self.state is DutyState.OPEN else None

    def lapse(self, at: datetime, owner: kernel.Aggregate | None = None) -> None:
        """Hand it to the district once its time is over."""
        if self.lapses_at is None or self.due_at is None or self.due_at > at:
            return
        self.record(
            self.Escalated,
            at=at,
            process=self.process,
            role=RoleCode.DISTRICT_CLERK,
            former_role=self.role,
            former_division_code=self.division_code,
            division_code=self.division_code[:_DISTRICT],
            due_at=self.due_at + timedelta(hours=self.more_hours),
            effective_on=self.due_at.date(),
        )

    @classmethod
    def ask(
        cls,
        at: datetime,
        *,
        process: ProcessCode,
        trigger: str,
        position: int,
        subject: str,
        area: Area,
        role: RoleCode,
        division_code: str,
        task: str,
        due_at: datetime,
        more_hours: int = 48,
        person_id: UUID | None = None,
        case_id: UUID | None = None,
    ) -> Self:
        """A new duty; when it lapses the district has `more_hours` for it. `task` holds no personal data."""
        return cls.create(
            cls.Created,
            id=cls.id_for(process, trigger, subject),
            at=at,
            process=process,
            subject=subject,
            area=area,
            role=role,
            division_code=division_code,
            person_id=person_id,
            case_id=case_id,
            task=task,
            due_at=due_at,
            more_hours=more_hours,
            trigger=position,
        )

    def complete(self, at: datetime, *, result: str) -> None:
        """It has been done; raises RuleViolated where it is over or nothing is said of what came of it."""
        if not self.open:
            raise RuleViolated(f"此督办事项{self.state.label}，不能再办理。")
        if not result.strip():
            raise RuleViolated("请写明办理结果。")
        self.record(self.Done, at=at, process=self.process, result=result.strip())

    def fulfil(self, at: datetime, *, result: str) -> None:
        """An event shows that it has been done; nothing happens where it is over already."""
        if self.open:
            self.record(self.Done, at=at, process=self.process, result=result)

    def drop(self, at: datetime, *, reason: str) -> None:
        """It is no longer needed; nothing happens where it is over already."""
        if self.open:
            self.record(self.Dropped, at=at, process=self.process, reason=reason)

    def follow(self, at: datetime, *, division_code: str) -> None:
        """Belong where its subject belongs now; what the district has stays with the district."""
        if self.state is DutyState.OPEN and division_code != self.division_code:
            self.record(
                self.Followed,
                at=at,
                process=self.process,
                from_division_code=self.division_code,
                to_division_code=division_code,
            )


def end_of(day: date) -> datetime:
    """The moment from which something due on that day is late."""
    return start_of(day + timedelta(days=1))


@dataclass(frozen=True, kw_only=True)
class CompleteDuty(Command):
    """办结督办事项：写明办理结果。逾期升级后由区级经办人员办理。"""

    ROLES: ClassVar = CASEWORKERS
    duty_id: Annotated[UUID, Doc("督办事项标识")]
    result: Annotated[str, Doc("办理结果，不写个人信息")]

    def decide(self, by: Decision) -> Decided:
        duty: Duty = yield Load(Duty, self.duty_id)
        if duty.state is DutyState.ESCALATED and by.actor.role is not RoleCode.DISTRICT_CLERK:
            raise RuleViolated("此督办事项已逾期升级，由区级经办人员办理。")
        duty.complete(by.now, result=self.result)
        return (duty,)
