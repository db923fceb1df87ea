"""Steps of medical assistance in the work queue: no case has them, so each stands under what it is about."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from domain.codes import WorkStep
from domain.kernel import Event
from domain.medical import Clearing, DailyReconciliation, ManualClaim, Settlement
from infra.log import LogEvent
from projections.kernel.changes import Changes, Projection, handles


class MedicalWork(Projection):
    """Pending reversals, bills to settle again, differences, clearings and claims. A part of the projection `Work`.

    An item's `case_id` is the id of the settlement, day, clearing or claim. A window sees its own in `settlements`
    and `reconciliations`; the district sees them all here.
    """

    _item: Callable[..., None]
    """`Work` opens an item."""
    _item_done: Callable[..., None]
    """`Work` closes items."""

    @handles(Settlement.MarkedUnknown)
    def settlement_unknown(self, event: Settlement.MarkedUnknown, at: LogEvent, to: Changes) -> None:
        """Somebody has to find out."""
        self._due(event, at, to, WorkStep.MEDICAL_REVERSAL, event.reverse_by)

    @handles(Settlement.Confirmed, Settlement.Reversed)
    def settlement_known(self, event: Settlement.Confirmed | Settlement.Reversed, at: LogEvent, to: Changes) -> None:
        """Somebody has."""
        self._over_for(event, to, WorkStep.MEDICAL_REVERSAL)

    @handles(Settlement.Cancelled)
    def settlement_cancelled(self, event: Settlement.Cancelled, at: LogEvent, to: Changes) -> None:
        """The bill is to be settled again."""
        self._over_for(event, to, WorkStep.MEDICAL_REVERSAL)
        self._due(event, at, to, WorkStep.MEDICAL_REISSUE, event.reissue_by)

    @handles(Settlement.Reissued)
    def settlement_reissued(self, event: Settlement.Reissued, at: LogEvent, to: Changes) -> None:
        """It was."""
        self._over_for(event, to, WorkStep.MEDICAL_REISSUE)

    @handles(DailyReconciliation.Compared)
    def day_compared(self, event: DailyReconciliation.Compared, at: LogEvent, to: Changes) -> None:
        """Differences are to be looked into, or there are none any more."""
        self._over_for(event, to, WorkStep.MEDICAL_DIFFERENCE)
        self._due(event, at, to, WorkStep.MEDICAL_DIFFERENCE, event.resolve_by)

    @handles(DailyReconciliation.Resolved)
    def difference_resolved(self, event: DailyReconciliation.Resolved, at: LogEvent, to: Changes) -> None:
        """With the last one it is done."""
        if event.left_count == 0:
            self._over_for(event, to, WorkStep.MEDICAL_DIFFERENCE)

    @handles(Clearing.Created, Clearing.Redrawn)
    def clearing_prepared(self, event: Clearing.Created | Clearing.Redrawn, at: LogEvent, to: Changes) -> None:
        """A second hand is to approve it."""
        self._due(event, at, to, WorkStep.MEDICAL_CLEARING, event.approve_by)

    @handles(Clearing.Withdrawn, Clearing.Paid)
    def clearing_over(self, event: Clearing.Withdrawn | Clearing.Paid, at: LogEvent, to: Changes) -> None:
        """It was, or is not to be."""
        self._over_for(event, to, WorkStep.MEDICAL_CLEARING)

    @handles(ManualClaim.Created, ManualClaim.Objected)
    def claim_filed(self, event: ManualClaim.Created | ManualClaim.Objected, at: LogEvent, to: Changes) -> None:
        """The street is to see the bills."""
        self._over_for(event, to, WorkStep.MEDICAL_CLAIM_DECIDE)
        self._due(event, at, to, WorkStep.MEDICAL_CLAIM_REVIEW, event.review_by)

    @handles(ManualClaim.Reviewed)
    def claim_reviewed(self, event: ManualClaim.Reviewed, at: LogEvent, to: Changes) -> None:
        """It has."""
        self._over_for(event, to, WorkStep.MEDICAL_CLAIM_REVIEW)

    @handles(ManualClaim.Publicised)
    def claim_publicised(self, event: ManualClaim.Publicised, at: LogEvent, to: Changes) -> None:
        """The district is to decide when the notice has run."""
        self._due(event, at, to, WorkStep.MEDICAL_CLAIM_DECIDE, event.decide_by)

    @handles(ManualClaim.Approved, ManualClaim.Refused)
    def claim_decided(self, event: ManualClaim.Approved | ManualClaim.Refused, at: LogEvent, to: Changes) -> None:
        """It has."""
        self._over_for(event, to, WorkStep.MEDICAL_CLAIM_DECIDE)

    def _due(self, event: Event, at: LogEvent, to: Changes, step: WorkStep, due_on: Any) -> None:
        if due_on is not None:
            self._item(event, at, to, step, _about(event), due_on)

    def _over_for(self, event: Event, to: Changes, step: WorkStep) -> None:
        self._item_done(event, to, _about(event), step)


def _about(event: Event) -> UUID:
    return event.originator_id
