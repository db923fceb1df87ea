"""What an assessment is: its fields, its events, and what each of them changes. What may be decided: assessment.py.

What an assessment says of a person's health is sealed under the person's key: points, total, grade, circumstances. A
decision reads the grade through the aggregate; once the key is destroyed there is no grade any more.
"""

from collections.abc import Iterable
from datetime import date
from typing import ClassVar
from uuid import UUID

from domain import kernel
from domain.codes import AssessmentEnd, AssessmentReason, AssessmentState, Scale
from domain.kernel import NO_ID, PersonalText


class AssessmentRecord(kernel.Timed):
    """State and events of an assessment; always used as `Assessment`."""

    SUBJECT: ClassVar[str] = "assessment"
    division_code: str = ""
    person_id: UUID = NO_ID
    provider_id: UUID | None = None
    reason: AssessmentReason = AssessmentReason.SUBSIDY
    disputes: UUID | None = None
    state: AssessmentState = AssessmentState.REQUESTED
    assessors: tuple[str, ...] = ()
    organisation: str = ""
    signed: tuple[str, ...] = ()
    scale: Scale | None = None
    grade_text: str = ""
    assessed_on: date | None = None
    due_on: date | None = None
    reviewer: str = ""
    effective_on: date | None = None
    valid_to: date | None = None
    dispute_by: date | None = None
    renew_by: date | None = None

    class Created(kernel.Created):
        """Somebody is to be assessed; assessors are named by `assign_by`.

        `provider_id` is the facility that would be paid for the care, of which assessors have to be independent;
        `disputes` the assessment that this one is to look at again.
        """

        TOPIC = "care.AssessmentRequested"
        TITLE = "申请能力评估"
        person_id: UUID
        provider_id: UUID | None
        reason: AssessmentReason
        disputes: UUID | None
        division_code: str
        by: str
        assign_by: date | None

        def gist(self) -> str:
            return self.reason.label

    class Assigned(kernel.Event):
        """These accounts are to assess by `due_on`. What they need to find the person is all they are shown."""

        TOPIC = "care.AssessmentAssigned"
        TITLE = "分派评估"
        KEY_HOLDER: ClassVar[str] = "person_id"
        person_id: UUID
        assessors: tuple[str, ...]
        former: tuple[str, ...]
        organisation: str
        due_on: date
        name: PersonalText
        phone: PersonalText | None
        address: PersonalText | None
        earlier_scale: Scale | None
        earlier_grade: PersonalText | None
        by: str

        def apply(self, aggregate: "AssessmentRecord") -> None:
            aggregate.state = AssessmentState.ASSIGNED
            aggregate.assessors = self.assessors
            aggregate.organisation = self.organisation
            aggregate.due_on = self.due_on

        def gist(self) -> str:
            return f"{'、'.join(self.assessors)}，{self.due_on} 前"

    class Scored(kernel.Event):
        """The points and the grade they make, by one of the assessors; the others sign. To be reviewed by `review_by`.

        `scores` are the points in the standard's order (of MZ/T 039 the four axes), `drivers` the items that drove the
        grade, `upgrades` why it is worse than the points say; each separated by commas or 、.
        """

        TOPIC = "care.AssessmentScored"
        TITLE = "提交评估结果"
        KEY_HOLDER: ClassVar[str] = "person_id"
        person_id: UUID
        scale: Scale
        assessors: tuple[str, ...]
        scores: PersonalText
        total: PersonalText
        by_points: PersonalText
        grade: PersonalText
        upgrades: PersonalText
        drivers: PersonalText
        by: str
        review_by: date | None
        assessed_on: date

        def apply(self, aggregate: "AssessmentRecord") -> None:
            aggregate.state = AssessmentState.SCORED
            aggregate.scale = self.scale
            aggregate.assessors = self.assessors
            aggregate.grade_text = self.grade
            aggregate.assessed_on = self.assessed_on
            aggregate.signed = (self.by,) if self.by else ()

        def gist(self) -> str:
            return self.scale.label

    class Signed(kernel.Event):
        """Another of the assessors was there and agrees."""

        TOPIC = "care.AssessmentSigned"
        TITLE = "评估人员会签"
        person_id: UUID
        signed: tuple[str, ...]
        by: str

        def apply(self, aggregate: "AssessmentRecord") -> None:
            aggregate.signed = self.signed

        def gist(self) -> str:
            return self.by

    class SentBack(kernel.Event):
        """The review found that it has to be assessed again, by `due_on`."""

        TOPIC = "care.AssessmentSentBack"
        TITLE = "退回评估"
        person_id: UUID
        reason: str
        assessors: tuple[str, ...]
        by: str
        due_on: date

        def apply(self, aggregate: "AssessmentRecord") -> None:
            aggregate.state = AssessmentState.ASSIGNED
            aggregate.signed = ()
            aggregate.due_on = self.due_on

        def gist(self) -> str:
            return self.reason

    class Reviewed(kernel.Event):
        """An official who did not assess agrees; the person is told by `tell_by`."""

        TOPIC = "care.AssessmentReviewed"
        TITLE = "审核评估结果"
        person_id: UUID
        assessors: tuple[str, ...]
        by: str
        tell_by: date | None

        def apply(self, aggregate: "AssessmentRecord") -> None:
            aggregate.state = AssessmentState.REVIEWED
            aggregate.reviewer = self.by

    class TookEffect(kernel.Event):
        """The person was told, and it holds until `valid_to`; assessed again by `renew_by`, disputed by `dispute_by`.

        `changed` says whether the grade is another than the one in force before (X12); False where there was none.
        """

        TOPIC = "care.AssessmentTookEffect"
        TITLE = "评估结果生效"
        person_id: UUID
        assessors: tuple[str, ...]
        changed: bool
        valid_to: date
        dispute_by: date | None
        renew_by: date | None
        effective_on: date
        by: str

        def apply(self, aggregate: "AssessmentRecord") -> None:
            aggregate.state = AssessmentState.EFFECTIVE
            aggregate.effective_on = self.effective_on
            aggregate.valid_to = self.valid_to
            aggregate.dispute_by = self.dispute_by
            aggregate.renew_by = self.renew_by

        def gist(self) -> str:
            return f"有效期至 {self.valid_to}"

    class Disputed(kernel.Event):
        """The person or their family objects in time; others assess again (`reassessment_id`). It holds until then."""

        TOPIC = "care.AssessmentDisputed"
        TITLE = "对评估结果有异议"
        KEY_HOLDER: ClassVar[str] = "person_id"
        person_id: UUID
        reason: PersonalText
        reassessment_id: UUID
        assessors: tuple[str, ...]
        by: str

        def apply(self, aggregate: "AssessmentRecord") -> None:
            aggregate.state = AssessmentState.DISPUTED

    class DisputeWithdrawn(kernel.Event):
        """The objection was taken back before others had assessed again: the result holds as before."""

        TOPIC = "care.AssessmentDisputeWithdrawn"
        TITLE = "撤回异议"
        person_id: UUID
        by: str

        def apply(self, aggregate: "AssessmentRecord") -> None:
            aggregate.state = AssessmentState.EFFECTIVE

    class Reassessed(kernel.Event):
        """Others assessed again: the grade was upheld, or overturned."""

        TOPIC = "care.AssessmentReassessed"
        TITLE = "重新评估完成"
        person_id: UUID
        reassessment_id: UUID
        upheld: bool
        assessors: tuple[str, ...]
        effective_on: date

        def apply(self, aggregate: "AssessmentRecord") -> None:
            aggregate.state = AssessmentState.REASSESSED

        def gist(self) -> str:
            return "维持原等级" if self.upheld else "改变原等级"

    class Expired(kernel.Event):
        """It no longer holds from `effective_on`."""

        TOPIC = "care.AssessmentExpired"
        TITLE = "评估结果失效"
        person_id: UUID
        reason: AssessmentEnd
        assessors: tuple[str, ...]
        effective_on: date

        def apply(self, aggregate: "AssessmentRecord") -> None:
            aggregate.state = AssessmentState.EXPIRED

        def gist(self) -> str:
            return self.reason.label

    class Cancelled(kernel.Event):
        """Nobody is to be assessed any more."""

        TOPIC = "care.AssessmentCancelled"
        TITLE = "终止评估"
        person_id: UUID
        reason: AssessmentEnd
        assessors: tuple[str, ...]
        by: str

        def apply(self, aggregate: "AssessmentRecord") -> None:
            aggregate.state = AssessmentState.CANCELLED

        def gist(self) -> str:
            return self.reason.label

    class Transferred(kernel.Event):
        """The person moved within the district; another street's from this day on."""

        TOPIC = "care.AssessmentTransferred"
        TITLE = "移交评估"
        person_id: UUID
        from_division_code: str
        to_division_code: str
        moved_on: date

        def apply(self, aggregate: "AssessmentRecord") -> None:
            aggregate.division_code = self.to_division_code

        def gist(self) -> str:
            return f"{self.from_division_code} → {self.to_division_code}"

    def subjects(self) -> Iterable[str]:
        """An assessment's events stand on its person's timeline."""
        yield from super().subjects()
        yield f"person:{self.person_id}"
