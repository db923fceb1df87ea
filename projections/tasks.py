"""Tasks (任务): what somebody has to do outside a case's own way, in whichever system, by whom and by when.

A case's steps stand in the work queue (`work.py`). A task's row belongs to the division whose turn it is.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, ClassVar
from uuid import UUID

from domain.access import Area, RoleCode
from domain.clock import CHINA
from domain.codes import TaskStep
from domain.kernel import Event
from domain.processes import Duty
from infra.log import LogEvent
from projections.kernel.changes import Changes, Projection, handles
from projections.kernel.tables import Doc, Limit, Many, One, Relations, view


@view(
    "task",
    area=None,
    key=("subject", "step", "item"),
    scope_from="division_code",
    order=("due_on", "subject", "step", "item"),
    indexes=(
        ("open", "due_on", "subject", "step", "item", "scope"),
        ("open", "role", "due_on", "subject", "step", "item", "scope"),
        ("person_id",),
        ("case_id",),
    ),
)
@dataclass
class TaskRow:
    """任务"""

    subject: Annotated[str, Doc("事项（如 duty:标识、incident:标识）")]
    step: Annotated[TaskStep, Doc("办理环节")]
    item: Annotated[str, Doc("同一环节有多项时的区分；只有一项时为空")]
    area: Annotated[Area, Doc("数据领域")]
    division_code: Annotated[str, Doc("由何地办理")]
    role: Annotated[RoleCode, Doc("由何角色办理")]
    task: Annotated[str, Doc("要办的事")]
    about: Annotated[str, Doc("涉及的主体（如 person:标识）")]
    person_id: Annotated[UUID | None, Doc("人员标识")]
    case_id: Annotated[UUID | None, Doc("个案标识")]
    rule: Annotated[str, Doc("由哪条跨系统规则提出（X1–X20）；空为系统自身环节")]
    open: Annotated[bool, Doc("是否未办")]
    escalated: Annotated[bool, Doc("是否已逾期升级")]
    opened_at: Annotated[datetime, Doc("提出时间")]
    due_at: Annotated[datetime, Doc("时限：自此刻起为逾期")]
    due_on: Annotated[date, Doc("最后一日"), Limit("open")]
    done_on: Annotated[date | None, Doc("办结日期")]
    result: Annotated[str | None, Doc("办理结果")]

    RELATIONS: ClassVar[Relations] = {
        "case": One("case", local="case_id"),
        "person": One("person", local="person_id"),
        "division": One("division", local="division_code"),
        "timeline": Many("timeline", on="subject", local="about"),
    }
    FILTERS: ClassVar[tuple[str, ...]] = (
        *("open", "escalated", "role", "step", "area", "rule", "due_on", "person_id", "case_id", "division_code"),
        *("subject", "about"),
    )


class Tasks(Projection):
    """What is asked of people by the cross-system rules."""

    name = "tasks"
    version = 1
    views = (TaskRow,)
    contexts = ("processes",)
    personal = False

    @handles(Duty.Created)
    def asked(self, event: Duty.Created, at: LogEvent, to: Changes) -> None:
        """A rule asks for something."""
        to.insert(
            TaskRow,
            _key(event),
            on=_today(event),
            area=event.area,
            division_code=event.division_code,
            role=event.role,
            task=event.task,
            about=event.subject,
            person_id=event.person_id,
            case_id=event.case_id,
            rule=event.process.value,
            open=True,
            opened_at=event.timestamp,
            due_at=event.due_at,
            due_on=_last_day(event.due_at),
        )

    @handles(Duty.Done, Duty.Dropped)
    def over(self, event: Duty.Done | Duty.Dropped, at: LogEvent, to: Changes) -> None:
        """Nobody has to do it any more."""
        on = _today(event)
        said = event.result if isinstance(event, Duty.Done) else event.reason
        to.patch(TaskRow, _key(event), on=on, open=False, done_on=on, result=said)

    @handles(Duty.Escalated)
    def escalated(self, event: Duty.Escalated, at: LogEvent, to: Changes) -> None:
        """The district's now."""
        to.patch(
            TaskRow,
            _key(event),
            on=_today(event),
            escalated=True,
            role=event.role,
            division_code=event.division_code,
            due_at=event.due_at,
            due_on=_last_day(event.due_at),
        )

    @handles(Duty.Followed)
    def followed(self, event: Duty.Followed, at: LogEvent, to: Changes) -> None:
        """Another division's now."""
        to.patch(TaskRow, _key(event), on=_today(event), division_code=event.to_division_code)


def _key(event: Event) -> tuple[str, TaskStep, str]:
    return f"duty:{event.originator_id}", TaskStep.DUTY, ""


def _today(event: Event) -> date:
    """A list of tasks tells what was to be done when it was recorded."""
    return event.timestamp.date()


def _last_day(due_at: datetime) -> date:
    """The last day on which it is not late: the day before a midnight, else the moment's own day."""
    return (due_at - timedelta(microseconds=1)).astimezone(CHINA).date()
