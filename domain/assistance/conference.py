"""The joint conference of social assistance (社会救助联席会议): departments at one table, and what each is to do."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import ClassVar, Self
from uuid import UUID

from domain import kernel
from domain.codes import Department
from domain.errors import RuleViolated
from domain.wording import written


class Conference(kernel.Aggregate):
    """One meeting and its tasks."""

    TOPIC: ClassVar[str] = "assistance.Conference"
    SUBJECT: ClassVar[str] = "conference"
    division_code: str = ""
    case_ids: tuple[UUID, ...] = ()
    held_on: date | None = None
    owners: tuple[Department, ...] = ()
    """The department of each task, in the order of their numbers from 1."""
    done: tuple[int, ...] = ()

    class Created(kernel.Created):
        """The departments met about a topic, and about these cases where there were any."""

        TOPIC = "assistance.ConferenceHeld"
        TITLE = "召开联席会议"
        topic: str
        case_ids: tuple[UUID, ...]
        departments: tuple[Department, ...]
        effective_on: date
        division_code: str

        def apply(self, aggregate: "Conference") -> None:
            aggregate.held_on = self.effective_on

        def gist(self) -> str:
            return self.topic

    class TaskAssigned(kernel.Event):
        """A department is to do something by a day."""

        TOPIC = "assistance.ConferenceTaskAssigned"
        TITLE = "联席会议交办事项"
        task_no: int
        task: str
        department: Department
        due_on: date

        def apply(self, aggregate: "Conference") -> None:
            aggregate.owners = (*aggregate.owners, self.department)

        def gist(self) -> str:
            return f"{self.department.label}，{self.due_on} 前"

    class TaskDone(kernel.Event):
        """The department did it, with this result."""

        TOPIC = "assistance.ConferenceTaskDone"
        TITLE = "办结联席会议事项"
        task_no: int
        result: str
        letter_no: str
        by: str

        def apply(self, aggregate: "Conference") -> None:
            aggregate.done = (*aggregate.done, self.task_no)

        def gist(self) -> str:
            return f"第 {self.task_no} 项"

    def subjects(self) -> Iterable[str]:
        """What a conference decided stands on the timelines of its cases."""
        for case_id in self.case_ids:
            yield f"case:{case_id}"

    @classmethod
    def hold(
        cls,
        id: UUID,
        at: datetime,
        *,
        topic: str,
        case_ids: tuple[UUID, ...],
        departments: tuple[Department, ...],
        held_on: date,
        division_code: str,
    ) -> Self:
        """Record a meeting that took place."""
        if held_on > at.date():
            raise RuleViolated("会议日期不能晚于今天。")
        if len(set(departments)) < _TWO:
            raise RuleViolated("联席会议至少有两个部门参加。")
        return cls.create(
            cls.Created,
            id=id,
            at=at,
            topic=written(topic, "请写明会议议题。"),
            case_ids=tuple(dict.fromkeys(case_ids)),
            departments=tuple(dict.fromkeys(departments)),
            effective_on=held_on,
            division_code=division_code,
        )

    def assign(self, at: datetime, *, task: str, department: Department, due_on: date) -> None:
        """Give a department a task."""
        if due_on <= at.date():
            raise RuleViolated("交办事项的期限应晚于今天。")
        self.record(
            self.TaskAssigned,
            at=at,
            task_no=len(self.owners) + 1,
            task=written(task, "请写明交办事项。"),
            department=department,
            due_on=due_on,
        )

    def owner_of(self, task_no: int) -> Department:
        """The department that a task is for; raises RuleViolated where there is no such task."""
        if not 1 <= task_no <= len(self.owners):
            raise RuleViolated(f"此次会议没有第 {task_no} 项交办事项；共 {len(self.owners)} 项。")
        return self.owners[task_no - 1]

    def finish(self, at: datetime, *, task_no: int, result: str, by: str, letter_no: str = "") -> None:
        """A task is done; with a `letter_no` the department said so on paper."""
        self.owner_of(task_no)
        if task_no in self.done:
            raise RuleViolated(f"第 {task_no} 项交办事项已办结。")
        text = written(result, "请写明办理结果。")
        self.record(self.TaskDone, at=at, task_no=task_no, result=text, letter_no=letter_no.strip(), by=by)


_TWO = 2
"""Fewer departments than this are no joint conference."""
