"""Ability assessments (老年人能力评估): REQUESTED → ASSIGNED → SCORED → REVIEWED → EFFECTIVE → {DISPUTED → REASSESSED,
EXPIRED}.

At least two assessors, independent of the provider (assessor.py), sign the points; an official who is none of them
reviews; the result holds from the day the person is told, for a limited time. Who objects in time is assessed again by
others, and what was decided holds until they are done. The scales stand in scales.py.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import ClassVar, Self
from uuid import UUID

from domain import kernel
from domain.care.assessment_record import AssessmentRecord
from domain.care.scales import Graded, label_of
from domain.clock import at as start_of
from domain.codes import AssessmentEnd, AssessmentReason, AssessmentState, Scale
from domain.errors import NotFound, RuleViolated

UNDER_WAY = frozenset(
    {AssessmentState.REQUESTED, AssessmentState.ASSIGNED, AssessmentState.SCORED, AssessmentState.REVIEWED}
)
"""States of an assessment without a result that holds."""
HOLDS = frozenset({AssessmentState.EFFECTIVE, AssessmentState.DISPUTED})
"""States in which a result holds until its last day."""


class Assessment(AssessmentRecord):
    """One assessment of one person's ability."""

    TOPIC: ClassVar[str] = "care.Assessment"

    class Created(AssessmentRecord.Created):
        """Somebody is to be assessed. Named again, since the library would make up another first event."""

    @classmethod
    def request(
        cls,
        id: UUID,
        at: datetime,
        *,
        person_id: UUID,
        reason: AssessmentReason,
        division_code: str,
        provider_id: UUID | None = None,
        disputes: UUID | None = None,
        assign_by: date | None = None,
        by: str = "",
    ) -> Self:
        """Somebody is to be assessed."""
        return cls.create(
            cls.Created,
            id=id,
            at=at,
            person_id=person_id,
            provider_id=provider_id,
            reason=reason,
            disputes=disputes,
            division_code=division_code,
            by=by,
            assign_by=assign_by,
        )

    @property
    def grade(self) -> int | None:
        """The grade on its own scale; None before it is scored, and once the person's key is destroyed."""
        return int(self.grade_text) if self.grade_text.isdigit() else None

    def in_force_on(self, day: date) -> bool:
        """Whether its result holds on a day: disputed, until others have assessed again."""
        if self.state not in HOLDS or self.effective_on is None or self.valid_to is None:
            return False
        return self.effective_on <= day <= self.valid_to

    @property
    def lapses_at(self) -> datetime | None:
        """When its last day is over; a result that a source reported is history, and never lapses by itself."""
        if self.state not in HOLDS or self.renew_by is None or self.valid_to is None:
            return None
        return start_of(self.valid_to + timedelta(days=1))

    def lapse(self, at: datetime, owner: kernel.Aggregate | None = None) -> None:
        """Its time is over."""
        if self.lapses_at is not None and at >= self.lapses_at:
            self._expired(at, AssessmentEnd.TIME, self.lapses_at.date())

    # Facts of sources

    def report_result(
        self,
        at: datetime,
        *,
        scale: Scale,
        grade: int,
        assessed_on: date,
        valid_to: date,
        assessors: tuple[str, ...] = (),
        reviewer: str = "",
        scores: tuple[int, ...] = (),
        total: int | None = None,
    ) -> None:
        """A source reports a result that holds already; what is wrong with it is a finding (contradictions.py)."""
        self.record(
            self.Scored,
            at=at,
            person_id=self.person_id,
            scale=scale,
            assessors=assessors,
            scores=_listed(scores),
            total="" if total is None else str(total),
            by_points="",
            grade=str(grade),
            upgrades="",
            drivers="",
            by="",
            review_by=None,
            assessed_on=assessed_on,
        )
        if reviewer:
            self.record(
                self.Reviewed,
                at=at,
                person_id=self.person_id,
                assessors=self.assessors,
                by=reviewer,
                tell_by=None,
            )
        self._effect(at, False, valid_to, None, None, assessed_on, "")

    # Decisions

    def assign(
        self,
        at: datetime,
        *,
        assessors: tuple[str, ...],
        least: int,
        organisation: str,
        due_on: date,
        contact: tuple[str, str | None, str | None],
        earlier: "Assessment | None",
        by: str,
    ) -> None:
        """Name the assessors, or others while nobody has scored. `contact` is name, telephone and address."""
        self._demand("分派", AssessmentState.REQUESTED, AssessmentState.ASSIGNED)
        if len(set(assessors)) != len(assessors) or len(assessors) < least:
            raise RuleViolated(f"评估须由至少 {least} 名不同的评估人员共同进行。")
        if by in assessors:
            raise RuleViolated("分派人不能把评估分派给自己。")
        if due_on < at.date():
            raise RuleViolated("评估期限不能早于今天。")
        grade = None if earlier is None or earlier.grade is None else str(earlier.grade)
        name, phone, address = contact
        self.record(
            self.Assigned,
            at=at,
            person_id=self.person_id,
            assessors=assessors,
            former=self.assessors,
            organisation=organisation,
            due_on=due_on,
            name=name,
            phone=phone,
            address=address,
            earlier_scale=None if grade is None or earlier is None else earlier.scale,
            earlier_grade=grade,
            by=by,
        )

    def score(
        self,
        at: datetime,
        *,
        scale: Scale,
        scores: tuple[int, ...],
        graded: Graded,
        assessed_on: date,
        by: str,
        review_by: date,
    ) -> None:
        """Hand the points in, by one of the assessors; others are told of nothing."""
        self._demand_assessor(by)
        self._demand("提交评估结果", AssessmentState.ASSIGNED)
        if assessed_on > at.date():
            raise RuleViolated("评估日期不能晚于今天。")
        self.record(
            self.Scored,
            at=at,
            person_id=self.person_id,
            scale=scale,
            assessors=self.assessors,
            scores=_listed(scores),
            total=str(graded.total) if scale is Scale.GBT_42195 else "",
            by_points=str(graded.by_points),
            grade=str(graded.grade),
            upgrades="；".join(graded.upgrades),
            drivers=",".join(graded.drivers),
            by=by,
            review_by=review_by,
            assessed_on=assessed_on,
        )

    def sign(self, at: datetime, *, by: str) -> None:
        """Another assessor was there and agrees."""
        self._demand_assessor(by)
        self._demand("会签", AssessmentState.SCORED)
        if by in self.signed:
            raise RuleViolated("您已提交或会签此项评估。")
        self.record(self.Signed, at=at, person_id=self.person_id, signed=(*self.signed, by), by=by)

    def send_back(self, at: datetime, *, reason: str, by: str, due_on: date) -> None:
        """It has to be assessed again."""
        self._demand("退回", AssessmentState.SCORED)
        self._demand_other(by)
        if not reason.strip():
            raise RuleViolated("退回评估须写明原因。")
        self.record(
            self.SentBack,
            at=at,
            person_id=self.person_id,
            reason=reason.strip(),
            assessors=self.assessors,
            by=by,
            due_on=due_on,
        )

    def review(self, at: datetime, *, least: int, by: str, tell_by: date) -> None:
        """An official agrees who did not assess, once enough assessors have signed."""
        self._demand("审核", AssessmentState.SCORED)
        self._demand_other(by)
        if len(self.signed) < least:
            missing = "、".join(each for each in self.assessors if each not in self.signed)
            raise RuleViolated(f"须有至少 {least} 名评估人员签名；尚未会签：{missing}。")
        self.record(self.Reviewed, at=at, person_id=self.person_id, assessors=self.assessors, by=by, tell_by=tell_by)

    def take_effect(
        self,
        at: datetime,
        *,
        earlier: "Assessment | None",
        valid_to: date,
        dispute_by: date,
        renew_by: date,
        by: str,
    ) -> None:
        """The person was told: it holds from today. `earlier` is what held until now."""
        self._demand("告知并生效", AssessmentState.REVIEWED)
        changed = earlier is not None and (earlier.scale, earlier.grade) != (self.scale, self.grade)
        self._effect(at, changed, valid_to, dispute_by, renew_by, at.date(), by)

    def dispute(self, at: datetime, *, reason: str, reassessment_id: UUID, by: str) -> None:
        """The person or their family objects, in time."""
        self._demand("提出异议", AssessmentState.EFFECTIVE)
        if self.dispute_by is not None and at.date() > self.dispute_by:
            raise RuleViolated(f"异议期限已于 {self.dispute_by} 届满；身体状况有变化的，请重新申请评估。")
        if not reason.strip():
            raise RuleViolated("请写明异议的理由。")
        self.record(
            self.Disputed,
            at=at,
            person_id=self.person_id,
            reason=reason.strip(),
            reassessment_id=reassessment_id,
            assessors=self.assessors,
            by=by,
        )

    def give_way(self, at: datetime, *, to: "Assessment") -> None:
        """Another result takes its place: of a reassessment, where it was disputed."""
        if self.state is AssessmentState.DISPUTED and to.disputes == self.id:
            upheld = (self.scale, self.grade) == (to.scale, to.grade)
            self.record(
                self.Reassessed,
                at=at,
                person_id=self.person_id,
                reassessment_id=to.id,
                upheld=upheld,
                assessors=self.assessors,
                effective_on=at.date(),
            )
        elif self.state in HOLDS:
            self._expired(at, AssessmentEnd.SUPERSEDED, at.date())

    def withdraw_dispute(self, at: datetime, *, by: str = "") -> None:
        """The objection was taken back. Nothing where there is none."""
        if self.state is AssessmentState.DISPUTED:
            self.record(self.DisputeWithdrawn, at=at, person_id=self.person_id, by=by)

    def expire(self, at: datetime, *, reason: AssessmentEnd, effective_on: date) -> None:
        """It no longer holds: its time is over, the person died or left. Nothing where it does not hold anyway."""
        if self.state not in HOLDS:
            return
        if reason is AssessmentEnd.TIME and self.valid_to is not None and at.date() <= self.valid_to:
            raise RuleViolated(f"评估结果有效期至 {self.valid_to}，尚未届满。")
        self._expired(at, reason, effective_on)

    def cancel(self, at: datetime, *, reason: AssessmentEnd, by: str = "") -> None:
        """Nobody is to be assessed any more. Nothing where it is over, so that it may be repeated (X1)."""
        if self.state in UNDER_WAY:
            self.record(
                self.Cancelled,
                at=at,
                person_id=self.person_id,
                reason=reason,
                assessors=self.assessors,
                by=by,
            )

    def transfer(self, at: datetime, *, to_division_code: str, moved_on: date) -> None:
        """Go along with the person to another street or community (X8). Nothing where it is there already."""
        if to_division_code != self.division_code:
            self.record(
                self.Transferred,
                at=at,
                person_id=self.person_id,
                from_division_code=self.division_code,
                to_division_code=to_division_code,
                moved_on=moved_on,
            )

    @property
    def result(self) -> str:
        """The grade in words, as on a form; raises RuleViolated where there is none."""
        if self.scale is None or self.grade is None:
            raise RuleViolated("此项评估没有结果。")
        return label_of(self.scale, self.grade)

    def _effect(
        self,
        at: datetime,
        changed: bool,
        valid_to: date,
        dispute_by: date | None,
        renew_by: date | None,
        effective_on: date,
        by: str,
    ) -> None:
        self.record(
            self.TookEffect,
            at=at,
            person_id=self.person_id,
            assessors=self.assessors,
            changed=changed,
            valid_to=valid_to,
            dispute_by=dispute_by,
            renew_by=renew_by,
            effective_on=effective_on,
            by=by,
        )

    def _expired(self, at: datetime, reason: AssessmentEnd, effective_on: date) -> None:
        self.record(
            self.Expired,
            at=at,
            person_id=self.person_id,
            reason=reason,
            assessors=self.assessors,
            effective_on=effective_on,
        )

    def _demand_assessor(self, by: str) -> None:
        if by not in self.assessors or self.state not in (AssessmentState.ASSIGNED, AssessmentState.SCORED):
            raise NotFound(f"没有找到 {self.SUBJECT}:{self.id}，或不是分派给您的未完成评估。")

    def _demand_other(self, by: str) -> None:
        if by in self.assessors:
            raise RuleViolated("审核人不能是参加评估的人员。")

    def _demand(self, what: str, *states: AssessmentState) -> None:
        if self.state not in states:
            allowed = "、".join(state.label for state in states)
            raise RuleViolated(f"评估现为“{self.state.label}”，不能{what}；须为：{allowed}。")


def in_force(assessments: Iterable[Assessment], day: date) -> Assessment | None:
    """The result that holds for a person on a day, the latest where sources reported several."""
    found = [each for each in assessments if each.in_force_on(day)]
    return max(found, key=lambda each: (each.effective_on or date.min, str(each.id)), default=None)


def _listed(points: tuple[int, ...]) -> str:
    return ",".join(map(str, points))
