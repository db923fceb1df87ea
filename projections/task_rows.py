"""The row of a task, as every part of the projection `Tasks` writes it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, ClassVar
from uuid import UUID

from domain.access import Area, RoleCode
from domain.clock import CHINA
from domain.codes import TaskStep
from domain.kernel import Event
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
        ("open", "assignee", "due_on", "subject", "step", "item"),
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
    assignee: Annotated[str | None, Doc("由哪个账号办理；空为本单位")]
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
        *("subject", "about", "assignee"),
    )


def day_of(event: Event) -> date:
    """A list of tasks tells what was to be done when it was recorded."""
    return event.timestamp.date()


def last_day(due_at: datetime) -> date:
    """The last day on which it is not late: the day before a midnight, else the moment's own day."""
    return (due_at - timedelta(microseconds=1)).astimezone(CHINA).date()
