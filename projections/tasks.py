"""Tasks (任务): what somebody has to do outside a case's own way, in whichever system, by whom and by when.

A case's steps stand in the work queue (`work.py`). A task's row belongs to the division whose turn it is.
"""

from domain.codes import TaskStep
from domain.kernel import Event
from domain.processes import Duty
from infra.log import LogEvent
from projections.care.tasks import CareTasks
from projections.grid.tasks import GridTasks
from projections.kernel.changes import Changes, handles
from projections.medical.tasks import MedicalTasks
from projections.relief.tasks import ReliefTasks
from projections.task_rows import TaskRow, day_of, last_day


class Tasks(CareTasks, MedicalTasks, GridTasks, ReliefTasks):
    """What is asked of people by the cross-system rules, and each system's own steps outside a case."""

    name = "tasks"
    version = 2
    views = (TaskRow,)
    contexts = ("processes",)
    personal = False

    @handles(Duty.Created)
    def asked(self, event: Duty.Created, at: LogEvent, to: Changes) -> None:
        """A rule asks for something."""
        to.insert(
            TaskRow,
            _key(event),
            on=day_of(event),
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
            due_on=last_day(event.due_at),
        )

    @handles(Duty.Done, Duty.Dropped)
    def over(self, event: Duty.Done | Duty.Dropped, at: LogEvent, to: Changes) -> None:
        """Nobody has to do it any more."""
        on = day_of(event)
        said = event.result if isinstance(event, Duty.Done) else event.reason
        to.patch(TaskRow, _key(event), on=on, open=False, done_on=on, result=said)

    @handles(Duty.Escalated)
    def escalated(self, event: Duty.Escalated, at: LogEvent, to: Changes) -> None:
        """The district's now."""
        to.patch(
            TaskRow,
            _key(event),
            on=day_of(event),
            escalated=True,
            role=event.role,
            division_code=event.division_code,
            due_at=event.due_at,
            due_on=last_day(event.due_at),
        )

    @handles(Duty.Followed)
    def followed(self, event: Duty.Followed, at: LogEvent, to: Changes) -> None:
        """Another division's now."""
        to.patch(TaskRow, _key(event), on=day_of(event), division_code=event.to_division_code)


def _key(event: Event) -> tuple[str, TaskStep, str]:
    return f"duty:{event.originator_id}", TaskStep.DUTY, ""


__all__ = ["TaskRow", "Tasks"]
