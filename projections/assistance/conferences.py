"""Joint conferences in the read models: each meeting, and each department's tasks."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from domain.access import HANDED_OVER, Area
from domain.assistance import Conference
from domain.codes import Department
from infra.log import LogEvent
from projections.kernel.changes import Changes, Projection, handles
from projections.kernel.tables import Doc, Many, One, Owner, Relations, view


@view("conference", area=Area.ASSISTANCE, scope_from="division_code", order=("held_on", "id"))
@dataclass
class ConferenceRow:
    """社会救助联席会议"""

    id: Annotated[UUID, Doc("会议标识")]
    topic: Annotated[str, Doc("议题")]
    held_on: Annotated[date, Doc("会议日期")]
    departments: Annotated[tuple[str, ...], Doc("参加部门代码")]
    case_ids: Annotated[tuple[UUID, ...], Doc("涉及的救助个案标识")]
    division_code: Annotated[str, Doc("区划代码")]

    RELATIONS: ClassVar[Relations] = {
        "division": One("division", local="division_code"),
        "tasks": Many("conference_task", on="conference_id", order=("task_no",)),
    }
    FILTERS: ClassVar[tuple[str, ...]] = ("held_on", "division_code")


@view(
    "conference_task",
    area=None,
    key=("conference_id", "task_no"),
    owner=Owner("conference", "conference_id"),
    order=("due_on", "conference_id", "task_no"),
    indexes=(("open", "due_on", "conference_id", "task_no", "scope"),),
)
@dataclass
class ConferenceTaskRow:
    """联席会议交办事项"""

    conference_id: Annotated[UUID, Doc("会议标识")]
    task_no: Annotated[int, Doc("事项序号")]
    area: Annotated[Area, Doc("数据领域：承办部门只见交给自己的")]
    department: Annotated[Department, Doc("承办部门")]
    task: Annotated[str, Doc("交办事项")]
    due_on: Annotated[date, Doc("办理期限")]
    open: Annotated[bool, Doc("是否未办结")]
    assigned_on: Annotated[date, Doc("交办日期")]
    result: Annotated[str | None, Doc("办理结果")]
    done_on: Annotated[date | None, Doc("办结日期")]
    done_by: Annotated[str | None, Doc("办结或代为登记的账号")]
    letter_no: Annotated[str | None, Doc("部门书面复函文号")]

    RELATIONS: ClassVar[Relations] = {"conference": One("conference", local="conference_id")}
    FILTERS: ClassVar[tuple[str, ...]] = ("open", "department", "due_on", "conference_id")


class Conferences(Projection):
    """What happens to joint conferences. A part of the projection `Assistance`, never run by itself."""

    @handles(Conference.Created)
    def met(self, event: Conference.Created, at: LogEvent, to: Changes) -> None:
        """The departments met."""
        to.insert(
            ConferenceRow,
            event.originator_id,
            on=event.effective_on,
            topic=event.topic,
            held_on=event.effective_on,
            departments=tuple(department.value for department in event.departments),
            case_ids=event.case_ids,
            division_code=event.division_code,
        )

    @handles(Conference.TaskAssigned)
    def task_assigned(self, event: Conference.TaskAssigned, at: LogEvent, to: Changes) -> None:
        """A department has something to do."""
        on = event.timestamp.date()
        to.insert(
            ConferenceTaskRow,
            (event.originator_id, event.task_no),
            on=on,
            area=HANDED_OVER[event.department],
            department=event.department,
            task=event.task,
            due_on=event.due_on,
            open=True,
            assigned_on=on,
        )

    @handles(Conference.TaskDone)
    def task_done(self, event: Conference.TaskDone, at: LogEvent, to: Changes) -> None:
        """It did it."""
        on = event.timestamp.date()
        to.patch(
            ConferenceTaskRow,
            (event.originator_id, event.task_no),
            on=on,
            decided=True,
            open=False,
            result=event.result,
            done_on=on,
            done_by=event.by,
            letter_no=event.letter_no or None,
        )
