"""What is to be done next about assessments, beds and facilities: steps without a case, so their own subject stands in
its place.
"""

from collections.abc import Mapping
from datetime import date

from domain.access import RoleCode
from domain.care import Assessment, Bed
from domain.codes import InspectionResult, WorkStep
from domain.kernel import Event
from domain.registry import Facility
from infra.log import LogEvent
from projections.kernel.changes import Changes, Projection, handles

CARE_OWNERS: Mapping[WorkStep, RoleCode] = {
    WorkStep.ASSIGN_ASSESSMENT: RoleCode.STREET_OFFICER,
    WorkStep.ASSESS: RoleCode.ASSESSOR,
    WorkStep.REVIEW_ASSESSMENT: RoleCode.STREET_OFFICER,
    WorkStep.TELL_ASSESSMENT: RoleCode.STREET_OFFICER,
    WorkStep.RENEW_ASSESSMENT: RoleCode.COMMUNITY_WORKER,
    WorkStep.BED_RESERVED: RoleCode.COMMUNITY_WORKER,
    WorkStep.BED_HELD: RoleCode.COMMUNITY_WORKER,
    WorkStep.RECTIFICATION: RoleCode.STREET_OFFICER,
}
"""Whose step it is."""
_ASSESSING = (
    *(WorkStep.ASSIGN_ASSESSMENT, WorkStep.ASSESS, WorkStep.REVIEW_ASSESSMENT, WorkStep.TELL_ASSESSMENT),
    WorkStep.RENEW_ASSESSMENT,
)


class CareWork(Projection):
    """A part of the projection `Work`, which says what a step's row is."""

    def open_step(
        self, event: Event, at: LogEvent, to: Changes, step: WorkStep, due_on: date | None, item: str = ""
    ) -> None:
        """A step of the event's own subject, due by then; nothing without a day."""
        raise NotImplementedError

    def close_steps(self, event: Event, to: Changes, *steps: WorkStep, item: str = "") -> None:
        """These are done."""
        raise NotImplementedError

    def belong(self, event: Event, to: Changes, division_code: str) -> None:
        """The subject whose steps these are belongs to a division, and may move."""
        raise NotImplementedError

    def move(self, event: Event, at: LogEvent, to: Changes, division_code: str, on: date) -> None:
        """It moved, and its steps with it."""
        raise NotImplementedError

    @handles(Assessment.Created)
    def assessment_requested(self, event: Assessment.Created, at: LogEvent, to: Changes) -> None:
        """Assessors are to be named."""
        self.belong(event, to, event.division_code)
        self.open_step(event, at, to, WorkStep.ASSIGN_ASSESSMENT, event.assign_by)

    @handles(Assessment.Assigned)
    def assessment_assigned(self, event: Assessment.Assigned, at: LogEvent, to: Changes) -> None:
        """The assessors' turn."""
        self.close_steps(event, to, WorkStep.ASSIGN_ASSESSMENT)
        self.open_step(event, at, to, WorkStep.ASSESS, event.due_on)

    @handles(Assessment.Scored)
    def assessment_scored(self, event: Assessment.Scored, at: LogEvent, to: Changes) -> None:
        """To be reviewed."""
        self.close_steps(event, to, WorkStep.ASSESS)
        self.open_step(event, at, to, WorkStep.REVIEW_ASSESSMENT, event.review_by)

    @handles(Assessment.SentBack)
    def assessment_sent_back(self, event: Assessment.SentBack, at: LogEvent, to: Changes) -> None:
        """The assessors' turn again."""
        self.close_steps(event, to, WorkStep.REVIEW_ASSESSMENT)
        self.open_step(event, at, to, WorkStep.ASSESS, event.due_on)

    @handles(Assessment.Reviewed)
    def assessment_reviewed(self, event: Assessment.Reviewed, at: LogEvent, to: Changes) -> None:
        """The person is to be told."""
        self.close_steps(event, to, WorkStep.REVIEW_ASSESSMENT)
        self.open_step(event, at, to, WorkStep.TELL_ASSESSMENT, event.tell_by)

    @handles(Assessment.TookEffect)
    def assessment_holds(self, event: Assessment.TookEffect, at: LogEvent, to: Changes) -> None:
        """To be renewed before it ends."""
        self.close_steps(event, to, WorkStep.TELL_ASSESSMENT)
        self.open_step(event, at, to, WorkStep.RENEW_ASSESSMENT, event.renew_by)

    @handles(Assessment.Reassessed, Assessment.Expired, Assessment.Cancelled)
    def assessment_over(
        self, event: Assessment.Reassessed | Assessment.Expired | Assessment.Cancelled, at: LogEvent, to: Changes
    ) -> None:
        """Nothing is left to do."""
        self.close_steps(event, to, *_ASSESSING)

    @handles(Assessment.Transferred)
    def assessment_moved(self, event: Assessment.Transferred, at: LogEvent, to: Changes) -> None:
        """Another street's work."""
        self.move(event, at, to, event.to_division_code, event.moved_on)

    @handles(Bed.Reserved)
    def bed_reserved(self, event: Bed.Reserved, at: LogEvent, to: Changes) -> None:
        """Somebody should have come by then."""
        self.open_step(event, at, to, WorkStep.BED_RESERVED, event.release_by)

    @handles(Bed.Held, Bed.HoldConfirmed)
    def bed_held(self, event: Bed.Held | Bed.HoldConfirmed, at: LogEvent, to: Changes) -> None:
        """To be freed or confirmed by then (X6)."""
        self.open_step(event, at, to, WorkStep.BED_HELD, event.release_by)

    @handles(Bed.Occupied, Bed.Released)
    def bed_settled(self, event: Bed.Occupied | Bed.Released, at: LogEvent, to: Changes) -> None:
        """Somebody is in it, or nobody's any more."""
        self.close_steps(event, to, WorkStep.BED_RESERVED, WorkStep.BED_HELD)

    @handles(Facility.Inspected)
    def facility_inspected(self, event: Facility.Inspected, at: LogEvent, to: Changes) -> None:
        """Somebody looks whether it is mended by then."""
        if event.result is not InspectionResult.PASSED:
            self.open_step(event, at, to, WorkStep.RECTIFICATION, event.rectify_by, str(event.number))

    @handles(Facility.RectificationDone)
    def facility_mended(self, event: Facility.RectificationDone, at: LogEvent, to: Changes) -> None:
        """Mended."""
        self.close_steps(event, to, WorkStep.RECTIFICATION, item=str(event.number))
