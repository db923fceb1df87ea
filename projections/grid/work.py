"""What the grid adds to the work queue: incidents, clues, visits and moves to confirm. None of them hangs on a case."""

from datetime import date, datetime
from typing import Any

from domain.access import Area, RoleCode
from domain.codes import ClueState, IncidentState, WorkStep
from domain.grid import Incident, MoveReport, NeedClue, Resident
from domain.grid.limits import ROLES_OF
from domain.kernel import Event
from infra.log import LogEvent
from projections.kernel.changes import Changes, handles
from projections.work_items import WorkCaseRow, WorkItemRow, WorkItems, day_of

_INCIDENT = (WorkStep.INCIDENT_ACCEPT, WorkStep.INCIDENT_RESOLVE, WorkStep.INCIDENT_VERIFY)
_CLUE = (WorkStep.CLUE_ACCEPT, WorkStep.CLUE_ANSWER, WorkStep.CLUE_FEEDBACK)


class GridWork(WorkItems):
    """Steps of the grid. A part of the projection `Work`, never run by itself."""

    @handles(Incident.Created)
    def incident_reported(self, event: Incident.Created, at: LogEvent, to: Changes) -> None:
        """The community accepts it."""
        if event.accept_by is not None:
            self._grid(event, at, to, WorkStep.INCIDENT_ACCEPT, event.accept_by)

    @handles(Incident.Accepted, Incident.Reopened)
    def incident_accepted(self, event: Incident.Accepted | Incident.Reopened, at: LogEvent, to: Changes) -> None:
        """It is to be resolved."""
        self._grid_done(event, to, WorkStep.INCIDENT_ACCEPT)
        self._grid(event, at, to, WorkStep.INCIDENT_RESOLVE, event.resolve_by, ROLES_OF[event.level])

    @handles(Incident.Dispatched)
    def incident_dispatched(self, event: Incident.Dispatched, at: LogEvent, to: Changes) -> None:
        """The handler's own, where it has an account."""
        self._resolving(event, to, assignee=event.handler or None)

    @handles(Incident.Returned)
    def incident_returned(self, event: Incident.Returned, at: LogEvent, to: Changes) -> None:
        """Nobody's in particular; one that was not resolved after all is to be resolved by another moment."""
        self._grid_done(event, to, WorkStep.INCIDENT_VERIFY)
        if event.due_at is not None:
            self._grid(event, at, to, WorkStep.INCIDENT_RESOLVE, event.due_at, ROLES_OF[event.level])
        else:
            self._resolving(event, to, assignee=None)

    @handles(Incident.Reclassified)
    def incident_reclassified(self, event: Incident.Reclassified, at: LogEvent, to: Changes) -> None:
        """The step that waits has another limit."""
        if event.due_at is not None:
            for step in (WorkStep.INCIDENT_ACCEPT, WorkStep.INCIDENT_RESOLVE):
                self._still(event, to, step, due_on=event.due_at.date(), due_at=event.due_at)

    @handles(Incident.Escalated)
    def incident_escalated(self, event: Incident.Escalated, at: LogEvent, to: Changes) -> None:
        """The next level's; at the district it stays as late as it is."""
        step = WorkStep.INCIDENT_ACCEPT if event.state is IncidentState.REPORTED else WorkStep.INCIDENT_RESOLVE
        said: dict[str, Any] = {"role": ROLES_OF[event.to_level]}
        if event.due_at is not None:
            said |= {"due_on": event.due_at.date(), "due_at": event.due_at}
        self._still(event, to, step, **said)

    @handles(Incident.Resolved)
    def incident_resolved(self, event: Incident.Resolved, at: LogEvent, to: Changes) -> None:
        """Somebody else looks at it."""
        self._grid_done(event, to, WorkStep.INCIDENT_RESOLVE)
        self._grid(event, at, to, WorkStep.INCIDENT_VERIFY, event.verify_by)

    @handles(Incident.Verified, Incident.Duplicated, Incident.SourceHandled)
    def incident_over(
        self, event: Incident.Verified | Incident.Duplicated | Incident.SourceHandled, at: LogEvent, to: Changes
    ) -> None:
        """Nothing is left that anybody waits for."""
        self._grid_done(event, to, *_INCIDENT)

    @handles(NeedClue.Created)
    def clue_found(self, event: NeedClue.Created, at: LogEvent, to: Changes) -> None:
        """The community takes it on."""
        to.insert(WorkCaseRow, event.originator_id, on=day_of(event), division_code=event.division_code)
        if event.accept_by is not None:
            self._grid(event, at, to, WorkStep.CLUE_ACCEPT, event.accept_by)

    @handles(NeedClue.Accepted)
    def clue_accepted(self, event: NeedClue.Accepted, at: LogEvent, to: Changes) -> None:
        """It is to be answered."""
        self._grid_done(event, to, WorkStep.CLUE_ACCEPT)
        self._grid(event, at, to, WorkStep.CLUE_ANSWER, event.answer_by, ROLES_OF[event.level])

    @handles(NeedClue.Answered, NeedClue.Declined)
    def clue_answered(self, event: NeedClue.Answered | NeedClue.Declined, at: LogEvent, to: Changes) -> None:
        """Whoever found it is to be told."""
        self._grid_done(event, to, WorkStep.CLUE_ACCEPT, WorkStep.CLUE_ANSWER)
        self._grid(event, at, to, WorkStep.CLUE_FEEDBACK, event.feedback_by, ROLES_OF[event.level])

    @handles(NeedClue.FedBack, NeedClue.Cancelled)
    def clue_over(self, event: NeedClue.FedBack | NeedClue.Cancelled, at: LogEvent, to: Changes) -> None:
        """Nothing is left to do."""
        self._grid_done(event, to, *_CLUE)

    @handles(NeedClue.Escalated)
    def clue_escalated(self, event: NeedClue.Escalated, at: LogEvent, to: Changes) -> None:
        """The next level's; at the district it stays as late as it is."""
        step = WorkStep.CLUE_ACCEPT if event.state is ClueState.REPORTED else WorkStep.CLUE_ANSWER
        said: dict[str, Any] = {"role": ROLES_OF[event.to_level]}
        if event.due_on is not None:
            said["due_on"] = event.due_on
        self._still(event, to, step, **said)

    @handles(NeedClue.Transferred)
    def clue_moved(self, event: NeedClue.Transferred, at: LogEvent, to: Changes) -> None:
        """Another community's."""
        to.patch(WorkCaseRow, event.originator_id, on=day_of(event), decided=True, division_code=event.to_division_code)

    @handles(Resident.Created)
    def resident_listed(self, event: Resident.Created, at: LogEvent, to: Changes) -> None:
        """Visits to be made go where the resident goes."""
        to.insert(WorkCaseRow, event.originator_id, on=event.from_on, division_code=event.division_code)

    @handles(Resident.Moved)
    def resident_moved(self, event: Resident.Moved, at: LogEvent, to: Changes) -> None:
        """Another community's."""
        moved = event.to_division_code
        to.patch(WorkCaseRow, event.originator_id, on=event.moved_on, decided=at.decided, division_code=moved)

    @handles(Resident.VisitAllocated)
    def visit_allocated(self, event: Resident.VisitAllocated, at: LogEvent, to: Changes) -> None:
        """A worker's to make."""
        given: dict[str, Any] = {"item": str(event.visit_id), "area": Area.GRID}
        self._item(event, at, to, WorkStep.GRID_VISIT, event.originator_id, event.due_on, event.worker, **given)

    @handles(Resident.VisitLogged)
    def visit_made(self, event: Resident.VisitLogged, at: LogEvent, to: Changes) -> None:
        """Made, as far as it was theirs to make."""
        for visit in event.done:
            self._item_done(event, to, event.originator_id, WorkStep.GRID_VISIT, item=str(visit))

    @handles(Resident.VisitCancelled)
    def visit_cancelled(self, event: Resident.VisitCancelled, at: LogEvent, to: Changes) -> None:
        """Nobody's any more."""
        self._item_done(event, to, event.originator_id, WorkStep.GRID_VISIT, item=str(event.visit_id))

    @handles(MoveReport.Created)
    def move_reported(self, event: MoveReport.Created, at: LogEvent, to: Changes) -> None:
        """The community confirms it, or finds that it is not so."""
        self._grid(event, at, to, WorkStep.MOVE_CONFIRM, event.confirm_by)

    @handles(MoveReport.Confirmed, MoveReport.Rejected)
    def move_settled(self, event: MoveReport.Confirmed | MoveReport.Rejected, at: LogEvent, to: Changes) -> None:
        """Settled."""
        self._grid_done(event, to, WorkStep.MOVE_CONFIRM)

    def _grid(
        self,
        event: Event,
        at: LogEvent,
        to: Changes,
        step: WorkStep,
        due: date | datetime,
        role: RoleCode | None = None,
    ) -> None:
        moment = due if isinstance(due, datetime) else None
        on = due.date() if isinstance(due, datetime) else due
        self._item(event, at, to, step, event.originator_id, on, area=Area.GRID, role=role, due_at=moment)

    def _grid_done(self, event: Event, to: Changes, *steps: WorkStep) -> None:
        self._item_done(event, to, event.originator_id, *steps)

    def _still(self, event: Event, to: Changes, step: WorkStep, **said: Any) -> None:
        """Change a step that is still open."""
        key, still = (event.originator_id, step, str(event.originator_id)), {"open": True}
        to.patch_known(WorkItemRow, key, on=day_of(event), where=still, **said)

    def _resolving(self, event: Event, to: Changes, **said: Any) -> None:
        self._still(event, to, WorkStep.INCIDENT_RESOLVE, **said)
