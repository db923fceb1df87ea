"""What the grid waits for, as tasks: incidents, clues, visits and moves to confirm."""

from datetime import date, datetime, timedelta
from typing import Any

from domain.access import Area, RoleCode
from domain.clock import at as start_of
from domain.codes import ClueState, IncidentState, TaskStep
from domain.grid import Incident, MoveReport, NeedClue, Resident
from domain.grid.limits import ROLES_OF
from domain.kernel import Event
from infra.log import LogEvent
from projections.kernel.changes import Changes, Projection, division_of, handles
from projections.task_rows import TaskRow, day_of, last_day

_SUBJECTS = {
    event: kind.SUBJECT
    for kind in (Incident, NeedClue, Resident, MoveReport)
    for event in vars(kind).values()
    if isinstance(event, type) and issubclass(event, Event)
}
OWNERS = {
    TaskStep.INCIDENT_ACCEPT: RoleCode.COMMUNITY_WORKER,
    TaskStep.INCIDENT_RESOLVE: RoleCode.COMMUNITY_WORKER,
    TaskStep.INCIDENT_VERIFY: RoleCode.COMMUNITY_WORKER,
    TaskStep.CLUE_ACCEPT: RoleCode.COMMUNITY_WORKER,
    TaskStep.CLUE_ANSWER: RoleCode.COMMUNITY_WORKER,
    TaskStep.CLUE_FEEDBACK: RoleCode.COMMUNITY_WORKER,
    TaskStep.GRID_VISIT: RoleCode.GRID_WORKER,
    TaskStep.MOVE_CONFIRM: RoleCode.COMMUNITY_WORKER,
}
"""Whose step it is, where no level says otherwise."""
_INCIDENT = (TaskStep.INCIDENT_ACCEPT, TaskStep.INCIDENT_RESOLVE, TaskStep.INCIDENT_VERIFY)
_CLUE = (TaskStep.CLUE_ACCEPT, TaskStep.CLUE_ANSWER, TaskStep.CLUE_FEEDBACK)


class GridTasks(Projection):
    """Steps of the grid. A part of the projection `Tasks`, never run by itself."""

    @handles(Incident.Created)
    def incident_reported(self, event: Incident.Created, at: LogEvent, to: Changes) -> None:
        """The community accepts it."""
        if event.accept_by is not None:
            self._open_grid(event, at, to, TaskStep.INCIDENT_ACCEPT, event.accept_by)

    @handles(Incident.Accepted, Incident.Reopened)
    def incident_accepted(self, event: Incident.Accepted | Incident.Reopened, at: LogEvent, to: Changes) -> None:
        """It is to be resolved."""
        self._done_grid(event, to, TaskStep.INCIDENT_ACCEPT)
        self._open_grid(event, at, to, TaskStep.INCIDENT_RESOLVE, event.resolve_by, ROLES_OF[event.level])

    @handles(Incident.Dispatched)
    def incident_dispatched(self, event: Incident.Dispatched, at: LogEvent, to: Changes) -> None:
        """The handler's own, where it has an account."""
        self._still(event, to, TaskStep.INCIDENT_RESOLVE, assignee=event.handler or None)

    @handles(Incident.Returned)
    def incident_returned(self, event: Incident.Returned, at: LogEvent, to: Changes) -> None:
        """Nobody's in particular; one that was not resolved after all is to be resolved by another moment."""
        self._done_grid(event, to, TaskStep.INCIDENT_VERIFY)
        if event.due_at is not None:
            self._open_grid(event, at, to, TaskStep.INCIDENT_RESOLVE, event.due_at, ROLES_OF[event.level])
        else:
            self._still(event, to, TaskStep.INCIDENT_RESOLVE, assignee=None)

    @handles(Incident.Reclassified)
    def incident_reclassified(self, event: Incident.Reclassified, at: LogEvent, to: Changes) -> None:
        """The step that waits has another limit."""
        if event.due_at is not None:
            for step in (TaskStep.INCIDENT_ACCEPT, TaskStep.INCIDENT_RESOLVE):
                self._still(event, to, step, **_due(event.due_at))

    @handles(Incident.Escalated)
    def incident_escalated(self, event: Incident.Escalated, at: LogEvent, to: Changes) -> None:
        """The next level's; at the district it stays as late as it is."""
        step = TaskStep.INCIDENT_ACCEPT if event.state is IncidentState.REPORTED else TaskStep.INCIDENT_RESOLVE
        said: dict[str, Any] = {"role": ROLES_OF[event.to_level], "escalated": True}
        if event.due_at is not None:
            said |= _due(event.due_at)
        self._still(event, to, step, **said)

    @handles(Incident.Resolved)
    def incident_resolved(self, event: Incident.Resolved, at: LogEvent, to: Changes) -> None:
        """Somebody else looks at it."""
        self._done_grid(event, to, TaskStep.INCIDENT_RESOLVE)
        self._open_grid(event, at, to, TaskStep.INCIDENT_VERIFY, event.verify_by)

    @handles(Incident.Transferred)
    def incident_moved(self, event: Incident.Transferred, at: LogEvent, to: Changes) -> None:
        """Another community's to accept, or to send on."""
        for step in (TaskStep.INCIDENT_ACCEPT, TaskStep.INCIDENT_RESOLVE):
            self._still(event, to, step, division_code=event.to_division_code, assignee=None)

    @handles(Incident.Verified, Incident.Duplicated, Incident.SourceHandled)
    def incident_over(
        self, event: Incident.Verified | Incident.Duplicated | Incident.SourceHandled, at: LogEvent, to: Changes
    ) -> None:
        """Nothing is left that anybody waits for."""
        if isinstance(event, Incident.SourceHandled) and not event.holds:
            return
        self._done_grid(event, to, *_INCIDENT)

    @handles(NeedClue.Created)
    def clue_found(self, event: NeedClue.Created, at: LogEvent, to: Changes) -> None:
        """The community takes it on."""
        if event.accept_by is not None:
            task: dict[str, Any] = {"person_id": event.person_id, "task": f"受理需求线索：{event.need.label}"}
            self._open_grid(event, at, to, TaskStep.CLUE_ACCEPT, event.accept_by, **task)

    @handles(NeedClue.Accepted)
    def clue_accepted(self, event: NeedClue.Accepted, at: LogEvent, to: Changes) -> None:
        """It is to be answered."""
        self._done_grid(event, to, TaskStep.CLUE_ACCEPT)
        said: dict[str, Any] = {"person_id": event.person_id}
        self._open_grid(event, at, to, TaskStep.CLUE_ANSWER, event.answer_by, ROLES_OF[event.level], **said)

    @handles(NeedClue.Answered, NeedClue.Declined)
    def clue_answered(self, event: NeedClue.Answered | NeedClue.Declined, at: LogEvent, to: Changes) -> None:
        """Whoever found it is to be told."""
        self._done_grid(event, to, TaskStep.CLUE_ACCEPT, TaskStep.CLUE_ANSWER)
        said: dict[str, Any] = {"person_id": event.person_id}
        self._open_grid(event, at, to, TaskStep.CLUE_FEEDBACK, event.feedback_by, ROLES_OF[event.level], **said)

    @handles(NeedClue.FedBack, NeedClue.Cancelled)
    def clue_over(self, event: NeedClue.FedBack | NeedClue.Cancelled, at: LogEvent, to: Changes) -> None:
        """Nothing is left to do."""
        self._done_grid(event, to, *_CLUE)

    @handles(NeedClue.Escalated)
    def clue_escalated(self, event: NeedClue.Escalated, at: LogEvent, to: Changes) -> None:
        """The next level's; at the district it stays as late as it is."""
        step = TaskStep.CLUE_ACCEPT if event.state is ClueState.REPORTED else TaskStep.CLUE_ANSWER
        said: dict[str, Any] = {"role": ROLES_OF[event.to_level], "escalated": True}
        if event.due_on is not None:
            said |= _due(event.due_on)
        self._still(event, to, step, **said)

    @handles(NeedClue.Transferred)
    def clue_moved(self, event: NeedClue.Transferred, at: LogEvent, to: Changes) -> None:
        """Another community's."""
        for step in _CLUE:
            self._still(event, to, step, division_code=event.to_division_code)

    @handles(Resident.VisitAllocated)
    def visit_allocated(self, event: Resident.VisitAllocated, at: LogEvent, to: Changes) -> None:
        """A worker's to make."""
        said: dict[str, Any] = {"item": str(event.visit_id), "person_id": event.person_id, "assignee": event.worker}
        self._open_grid(event, at, to, TaskStep.GRID_VISIT, event.due_on, task=event.purpose.label, **said)

    @handles(Resident.VisitLogged)
    def visit_made(self, event: Resident.VisitLogged, at: LogEvent, to: Changes) -> None:
        """Made, as far as it was theirs to make."""
        for visit in event.done:
            self._done_grid(event, to, TaskStep.GRID_VISIT, item=str(visit))

    @handles(Resident.VisitCancelled)
    def visit_cancelled(self, event: Resident.VisitCancelled, at: LogEvent, to: Changes) -> None:
        """Nobody's any more."""
        self._done_grid(event, to, TaskStep.GRID_VISIT, item=str(event.visit_id))

    @handles(MoveReport.Created)
    def move_reported(self, event: MoveReport.Created, at: LogEvent, to: Changes) -> None:
        """The community confirms it, or finds that it is not so."""
        self._open_grid(event, at, to, TaskStep.MOVE_CONFIRM, event.confirm_by, person_id=event.person_id)

    @handles(MoveReport.Confirmed, MoveReport.Rejected)
    def move_settled(self, event: MoveReport.Confirmed | MoveReport.Rejected, at: LogEvent, to: Changes) -> None:
        """Settled."""
        self._done_grid(event, to, TaskStep.MOVE_CONFIRM)

    def _open_grid(
        self,
        event: Event,
        at: LogEvent,
        to: Changes,
        step: TaskStep,
        due: date | datetime,
        role: RoleCode | None = None,
        **said: Any,
    ) -> None:
        """A task that has to be done, or is done anew; of a day that is due the task is late after it."""
        key = (f"{_SUBJECTS[type(event)]}:{event.originator_id}", step, said.pop("item", ""))
        person = said.pop("person_id", None)
        to.put(
            TaskRow,
            key,
            on=day_of(event),
            area=Area.GRID,
            division_code=division_of(at),
            role=role or OWNERS[step],
            task=said.pop("task", step.label),
            about=f"person:{person}" if person is not None else key[0],
            person_id=person,
            case_id=None,
            rule="",
            open=True,
            escalated=False,
            opened_at=event.timestamp,
            **_due(due),
            **said,
        )

    def _done_grid(self, event: Event, to: Changes, *steps: TaskStep, item: str = "") -> None:
        for step in steps:
            self._still(event, to, step, item=item, open=False, done_on=day_of(event), result=event.TITLE)

    def _still(self, event: Event, to: Changes, step: TaskStep, *, item: str = "", **said: Any) -> None:
        """Change a task that is still open."""
        key, still = (f"{_SUBJECTS[type(event)]}:{event.originator_id}", step, item), {"open": True}
        to.patch_known(TaskRow, key, on=day_of(event), where=still, **said)


def _due(due: date | datetime) -> dict[str, Any]:
    late = due if isinstance(due, datetime) else start_of(due + timedelta(days=1))
    return {"due_at": late, "due_on": last_day(late)}
