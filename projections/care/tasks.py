"""What somebody has to do about assessments, beds and facilities. A part of the projection of tasks."""

from datetime import date, datetime, timedelta
from uuid import UUID

from domain.access import Area, RoleCode
from domain.care import Assessment, Bed
from domain.clock import at as start_of
from domain.codes import InspectionResult, TaskStep
from domain.kernel import Event
from domain.registry import Facility
from infra.log import LogEvent
from projections.kernel.changes import Changes, Projection, division_of, handles
from projections.task_rows import TaskRow

_OWNERS = {
    TaskStep.ASSIGN_ASSESSMENT: RoleCode.STREET_OFFICER,
    TaskStep.ASSESS: RoleCode.ASSESSOR,
    TaskStep.REVIEW_ASSESSMENT: RoleCode.STREET_OFFICER,
    TaskStep.TELL_ASSESSMENT: RoleCode.STREET_OFFICER,
    TaskStep.RENEW_ASSESSMENT: RoleCode.COMMUNITY_WORKER,
    TaskStep.BED_HELD: RoleCode.COMMUNITY_WORKER,
    TaskStep.RECTIFICATION: RoleCode.STREET_OFFICER,
    TaskStep.SMOKE_ALARM: RoleCode.COMMUNITY_WORKER,
}
"""Whose turn it is."""
_ASSESSING = (
    *(TaskStep.ASSIGN_ASSESSMENT, TaskStep.ASSESS, TaskStep.REVIEW_ASSESSMENT, TaskStep.TELL_ASSESSMENT),
    TaskStep.RENEW_ASSESSMENT,
)
_HELD_TOO_LONG = "X6"


class CareTasks(Projection):
    """Tasks of care, a part of the projection `Tasks`. History carries no day and asks nothing of anybody."""

    @handles(Assessment.Created)
    def assessment_requested(self, event: Assessment.Created, at: LogEvent, to: Changes) -> None:
        """Assessors are to be named."""
        _open(event, at, to, TaskStep.ASSIGN_ASSESSMENT, event.assign_by, person=event.person_id)

    @handles(Assessment.Assigned)
    def assessment_assigned(self, event: Assessment.Assigned, at: LogEvent, to: Changes) -> None:
        """The assessors' turn."""
        _done(event, to, TaskStep.ASSIGN_ASSESSMENT)
        _open(event, at, to, TaskStep.ASSESS, event.due_on, person=event.person_id)

    @handles(Assessment.Scored)
    def assessment_scored(self, event: Assessment.Scored, at: LogEvent, to: Changes) -> None:
        """To be reviewed."""
        _done(event, to, TaskStep.ASSESS)
        _open(event, at, to, TaskStep.REVIEW_ASSESSMENT, event.review_by, person=event.person_id)

    @handles(Assessment.SentBack)
    def assessment_sent_back(self, event: Assessment.SentBack, at: LogEvent, to: Changes) -> None:
        """The assessors' turn again."""
        _done(event, to, TaskStep.REVIEW_ASSESSMENT)
        _open(event, at, to, TaskStep.ASSESS, event.due_on, person=event.person_id)

    @handles(Assessment.Reviewed)
    def assessment_reviewed(self, event: Assessment.Reviewed, at: LogEvent, to: Changes) -> None:
        """The person is to be told."""
        _done(event, to, TaskStep.REVIEW_ASSESSMENT)
        _open(event, at, to, TaskStep.TELL_ASSESSMENT, event.tell_by, person=event.person_id)

    @handles(Assessment.TookEffect)
    def assessment_holds(self, event: Assessment.TookEffect, at: LogEvent, to: Changes) -> None:
        """To be renewed before it ends."""
        _done(event, to, TaskStep.TELL_ASSESSMENT)
        _open(event, at, to, TaskStep.RENEW_ASSESSMENT, event.renew_by, person=event.person_id)

    @handles(Assessment.Reassessed, Assessment.Expired, Assessment.Cancelled)
    def assessment_over(
        self, event: Assessment.Reassessed | Assessment.Expired | Assessment.Cancelled, at: LogEvent, to: Changes
    ) -> None:
        """Nothing is left to do."""
        _done(event, to, *_ASSESSING)

    @handles(Assessment.Transferred)
    def assessment_moved(self, event: Assessment.Transferred, at: LogEvent, to: Changes) -> None:
        """Another street's."""
        for step in _ASSESSING:
            key, still = (_subject(event), step, ""), {"open": True}
            to.patch_known(TaskRow, key, on=_today(event), where=still, division_code=event.to_division_code)

    @handles(Bed.Held, Bed.HoldConfirmed)
    def bed_held(self, event: Bed.Held | Bed.HoldConfirmed, at: LogEvent, to: Changes) -> None:
        """To be freed or confirmed by then (X6)."""
        about = f"facility:{event.facility_id}"
        rule, person = _HELD_TOO_LONG, event.person_id
        _open(event, at, to, TaskStep.BED_HELD, event.release_by, about=about, person=person, rule=rule)

    @handles(Bed.HoldOverdue)
    def bed_overdue(self, event: Bed.HoldOverdue, at: LogEvent, to: Changes) -> None:
        """Nobody said anything in time: the street sees to it."""
        key, still = (_subject(event), TaskStep.BED_HELD, ""), {"open": True}
        to.patch_known(TaskRow, key, on=_today(event), where=still, escalated=True, role=RoleCode.STREET_OFFICER)

    @handles(Bed.Occupied, Bed.Released)
    def bed_settled(self, event: Bed.Occupied | Bed.Released, at: LogEvent, to: Changes) -> None:
        """Somebody is in it, or nobody's any more."""
        _done(event, to, TaskStep.BED_HELD)

    @handles(Facility.Inspected)
    def facility_inspected(self, event: Facility.Inspected, at: LogEvent, to: Changes) -> None:
        """Somebody looks whether it is mended by then."""
        if event.result is not InspectionResult.PASSED:
            _open(event, at, to, TaskStep.RECTIFICATION, event.rectify_by, item=str(event.number))

    @handles(Facility.RectificationDone)
    def facility_mended(self, event: Facility.RectificationDone, at: LogEvent, to: Changes) -> None:
        """Mended."""
        _done(event, to, TaskStep.RECTIFICATION, item=str(event.number))

    @handles(Facility.SmokeAlarmRaised)
    def smoke_alarm(self, event: Facility.SmokeAlarmRaised, at: LogEvent, to: Changes) -> None:
        """Somebody goes there at once."""
        _open(event, at, to, TaskStep.SMOKE_ALARM, _today(event), item=event.alarm_no, due_at=event.timestamp)

    @handles(Facility.SmokeAlarmHandled)
    def smoke_alarm_seen_to(self, event: Facility.SmokeAlarmHandled, at: LogEvent, to: Changes) -> None:
        """Somebody was there."""
        _done(event, to, TaskStep.SMOKE_ALARM, item=event.alarm_no)


def _open(
    event: Event,
    at: LogEvent,
    to: Changes,
    step: TaskStep,
    due_on: date | None,
    *,
    item: str = "",
    about: str = "",
    person: UUID | None = None,
    rule: str = "",
    due_at: datetime | None = None,
) -> None:
    if due_on is None:
        return
    subject = _subject(event)
    to.put(
        TaskRow,
        (subject, step, item),
        on=_today(event),
        area=Area.CARE,
        division_code=division_of(at),
        role=_OWNERS[step],
        task=step.label,
        about=about or (f"person:{person}" if person else subject),
        person_id=person,
        rule=rule,
        open=True,
        opened_at=event.timestamp,
        due_at=due_at or start_of(due_on + timedelta(days=1)),
        due_on=due_on,
    )


def _done(event: Event, to: Changes, *steps: TaskStep, item: str = "") -> None:
    on, still = _today(event), {"open": True}
    for step in steps:
        to.patch_known(TaskRow, (_subject(event), step, item), on=on, where=still, open=False, done_on=on)


def _subject(event: Event) -> str:
    kind = "bed" if type(event) in _BED else "facility" if type(event) in _FACILITY else "assessment"
    return f"{kind}:{event.originator_id}"


_BED = frozenset(e for e in vars(Bed).values() if isinstance(e, type) and issubclass(e, Event))
_FACILITY = frozenset(e for e in vars(Facility).values() if isinstance(e, type) and issubclass(e, Event))


def _today(event: Event) -> date:
    return event.timestamp.date()
