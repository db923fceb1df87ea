"""Steps of medical assistance among the tasks: reversals, bills to settle again, differences, clearings, claims."""

from datetime import date, timedelta

from domain.access import Area, RoleCode
from domain.clock import at as start_of
from domain.codes import TaskStep
from domain.kernel import Event
from domain.medical import Clearing, DailyReconciliation, ManualClaim, Settlement
from infra.log import LogEvent
from projections.kernel.changes import Changes, Projection, division_of, handles

_STREET = frozenset({TaskStep.MEDICAL_CLAIM_REVIEW})
_KINDS = {
    "Settlement": "settlement",
    "DailyReconciliation": "reconciliation",
    "Clearing": "clearing",
    "ManualClaim": "claim",
}
_DAY = timedelta(days=1)


class MedicalTasks(Projection):
    """A part of the projection `Tasks`, never run by itself: the first of its views is the row of a task.

    A hospital's window sees its own in `settlements` and `reconciliationDifferences`; the district sees all of them.
    """

    @handles(Settlement.MarkedUnknown)
    def settlement_unknown(self, event: Settlement.MarkedUnknown, at: LogEvent, to: Changes) -> None:
        """Somebody has to find out."""
        self._due(event, at, to, TaskStep.MEDICAL_REVERSAL, event.reverse_by)

    @handles(Settlement.Confirmed, Settlement.Reversed)
    def settlement_known(self, event: Settlement.Confirmed | Settlement.Reversed, at: LogEvent, to: Changes) -> None:
        """Somebody has."""
        self._done_medical(event, to, TaskStep.MEDICAL_REVERSAL)

    @handles(Settlement.Cancelled)
    def settlement_cancelled(self, event: Settlement.Cancelled, at: LogEvent, to: Changes) -> None:
        """The bill is to be settled again."""
        self._done_medical(event, to, TaskStep.MEDICAL_REVERSAL)
        self._due(event, at, to, TaskStep.MEDICAL_REISSUE, event.reissue_by)

    @handles(Settlement.Reissued, Settlement.Dropped)
    def settlement_reissued(self, event: Settlement.Reissued | Settlement.Dropped, at: LogEvent, to: Changes) -> None:
        """It was, or is not to be."""
        self._done_medical(event, to, TaskStep.MEDICAL_REISSUE)

    @handles(DailyReconciliation.Compared)
    def day_compared(self, event: DailyReconciliation.Compared, at: LogEvent, to: Changes) -> None:
        """Differences are to be looked into, or there are none any more."""
        self._done_medical(event, to, TaskStep.MEDICAL_DIFFERENCE)
        self._due(event, at, to, TaskStep.MEDICAL_DIFFERENCE, event.resolve_by)

    @handles(DailyReconciliation.Resolved)
    def difference_resolved(self, event: DailyReconciliation.Resolved, at: LogEvent, to: Changes) -> None:
        """With the last one it is done."""
        if event.left_count == 0:
            self._done_medical(event, to, TaskStep.MEDICAL_DIFFERENCE)

    @handles(Clearing.Created, Clearing.Redrawn)
    def clearing_prepared(self, event: Clearing.Created | Clearing.Redrawn, at: LogEvent, to: Changes) -> None:
        """A second hand is to approve it."""
        self._due(event, at, to, TaskStep.MEDICAL_CLEARING, event.approve_by)

    @handles(Clearing.Withdrawn, Clearing.Paid)
    def clearing_over(self, event: Clearing.Withdrawn | Clearing.Paid, at: LogEvent, to: Changes) -> None:
        """It was, or is not to be."""
        self._done_medical(event, to, TaskStep.MEDICAL_CLEARING)

    @handles(ManualClaim.Created, ManualClaim.Objected)
    def claim_filed(self, event: ManualClaim.Created | ManualClaim.Objected, at: LogEvent, to: Changes) -> None:
        """The street is to see the bills."""
        self._done_medical(event, to, TaskStep.MEDICAL_CLAIM_DECIDE)
        self._due(event, at, to, TaskStep.MEDICAL_CLAIM_REVIEW, event.review_by)

    @handles(ManualClaim.Reviewed)
    def claim_reviewed(self, event: ManualClaim.Reviewed, at: LogEvent, to: Changes) -> None:
        """It has."""
        self._done_medical(event, to, TaskStep.MEDICAL_CLAIM_REVIEW)

    @handles(ManualClaim.Publicised)
    def claim_publicised(self, event: ManualClaim.Publicised, at: LogEvent, to: Changes) -> None:
        """The district is to decide when the notice has run."""
        self._due(event, at, to, TaskStep.MEDICAL_CLAIM_DECIDE, event.decide_by)

    @handles(ManualClaim.Approved)
    def claim_approved(self, event: ManualClaim.Approved, at: LogEvent, to: Changes) -> None:
        """The money is to go."""
        self._done_medical(event, to, TaskStep.MEDICAL_CLAIM_DECIDE)
        self._due(event, at, to, TaskStep.MEDICAL_CLAIM_PAY, event.pay_by)

    @handles(ManualClaim.Refused)
    def claim_refused(self, event: ManualClaim.Refused, at: LogEvent, to: Changes) -> None:
        """Nothing is left to do."""
        self._done_medical(event, to, TaskStep.MEDICAL_CLAIM_REVIEW, TaskStep.MEDICAL_CLAIM_DECIDE)

    @handles(ManualClaim.Paid)
    def claim_paid(self, event: ManualClaim.Paid, at: LogEvent, to: Changes) -> None:
        """It went."""
        self._done_medical(event, to, TaskStep.MEDICAL_CLAIM_PAY)

    def _due(self, event: Event, at: LogEvent, to: Changes, step: TaskStep, due_on: date | None) -> None:
        if due_on is None:
            return
        subject = _subject(event)
        to.put(
            self.views[0],
            (subject, step, ""),
            on=event.timestamp.date(),
            area=Area.MEDICAL,
            division_code=division_of(at),
            role=RoleCode.STREET_OFFICER if step in _STREET else RoleCode.DISTRICT_CLERK,
            task=step.label,
            about=subject,
            rule="",
            open=True,
            opened_at=event.timestamp,
            due_at=start_of(due_on + _DAY),
            due_on=due_on,
        )

    def _done_medical(self, event: Event, to: Changes, *steps: TaskStep) -> None:
        on, still = event.timestamp.date(), {"open": True}
        for step in steps:
            key = (_subject(event), step, "")
            to.patch_known(self.views[0], key, on=on, where=still, open=False, done_on=on)


def _subject(event: Event) -> str:
    """What it is about, as its events are tagged."""
    return f"{_KINDS[type(event).__qualname__.partition('.')[0]]}:{event.originator_id}"
