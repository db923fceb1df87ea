"""A person's disability certificate (残疾人证, GB/T 26341-2010): category, grade and how long it holds.

Category and grade are health data: events hold them sealed under the person's key, and the certificate's number, which
ends in both, is never kept at all (it follows from citizen ID, category and grade).
"""

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import ClassVar, NamedTuple, Self
from uuid import UUID, uuid5

from domain import kernel
from domain.clock import at as start_of
from domain.codes import DisabilityCategory, DisabilityGrade
from domain.errors import BadInput, RuleViolated
from domain.identity import CitizenId, clean_number, parse_citizen_id
from domain.kernel import ERASED, NO_ID, PersonalText

FIELD = "certificate_no"
_NUMBER = re.compile(r"(?P<citizen>.{18})(?P<category>[1-7])(?P<grade>[1-4])(?:B\d{1,2})?")


class CertificateNumber(NamedTuple):
    """What a certificate's number says."""

    citizen: CitizenId
    category: DisabilityCategory
    grade: DisabilityGrade


def parse_certificate_number(text: str) -> CertificateNumber:
    """Citizen ID, category and grade of a certificate number: 20 characters, and B1, B2 … after a replacement.

    Raises BadInput that says which place is wrong and never repeats the number.
    """
    number = clean_number(text)
    found = _NUMBER.fullmatch(number)
    if found is None:
        if len(number) not in (20, 22, 23):
            raise BadInput(
                f"残疾人证号应为 20 位（公民身份号码、类别、等级），现为 {len(number)} 位；请核对证件。", FIELD
            )
        raise BadInput("残疾人证号第 19 位应为类别 1 至 7，第 20 位应为等级 1 至 4，补证的以 B 加数字结尾。", FIELD)
    citizen = parse_citizen_id(found["citizen"])
    return CertificateNumber(citizen, DisabilityCategory(found["category"]), DisabilityGrade(found["grade"]))


class DisabilityCertificate(kernel.Timed):
    """The certificate of one person, through its renewals; one aggregate a person."""

    TOPIC: ClassVar[str] = "care.DisabilityCertificate"
    SUBJECT: ClassVar[str] = "certificate"
    division_code: str = ""
    person_id: UUID = NO_ID
    category_code: str = ""
    grade_code: str = ""
    from_on: date | None = None
    valid_to_on: date | None = None
    cancelled_on: date | None = None
    watched: bool = False
    """Whether its end is to be noticed: it was entered here, and has not run out yet."""

    class Created(kernel.Created):
        """Issued for the first time; holds from `from_on` to `valid_to_on` (None: without end).

        `evaluate_by`: by then the street looks at both subsidies (X10); None where a source reports it.
        """

        TOPIC = "care.DisabilityCertified"
        TITLE = "核发残疾人证"
        KEY_HOLDER: ClassVar[str] = "person_id"
        person_id: UUID
        category_code: PersonalText
        grade_code: PersonalText
        from_on: date
        valid_to_on: date | None
        evaluate_by: date | None
        division_code: str

        def apply(self, aggregate: "DisabilityCertificate") -> None:
            aggregate.watched = self.evaluate_by is not None and self.valid_to_on is not None

        def gist(self) -> str:
            return _until(self.valid_to_on)

    class Renewed(kernel.Event):
        """Issued anew: another grade or category, or for longer."""

        TOPIC = "care.DisabilityRecertified"
        TITLE = "换发残疾人证"
        KEY_HOLDER: ClassVar[str] = "person_id"
        person_id: UUID
        category_code: PersonalText
        grade_code: PersonalText
        from_on: date
        valid_to_on: date | None
        evaluate_by: date | None

        def apply(self, aggregate: "DisabilityCertificate") -> None:
            aggregate.watched = self.evaluate_by is not None and self.valid_to_on is not None
            aggregate.category_code = self.category_code
            aggregate.grade_code = self.grade_code
            aggregate.from_on = self.from_on
            aggregate.valid_to_on = self.valid_to_on
            aggregate.cancelled_on = None

        def gist(self) -> str:
            return _until(self.valid_to_on)

    class Cancelled(kernel.Event):
        """No longer valid from `from_on`: withdrawn, given back, or its holder died."""

        TOPIC = "care.DisabilityCertificateCancelled"
        TITLE = "注销残疾人证"
        person_id: UUID
        reason: str
        from_on: date
        evaluate_by: date | None

        def apply(self, aggregate: "DisabilityCertificate") -> None:
            aggregate.watched = False
            aggregate.cancelled_on = self.from_on

        def gist(self) -> str:
            return self.reason

    class Expired(kernel.Event):
        """It was not renewed in time: no longer valid from `from_on` (X10)."""

        TOPIC = "care.DisabilityCertificateExpired"
        TITLE = "残疾人证到期"
        person_id: UUID
        from_on: date

        def apply(self, aggregate: "DisabilityCertificate") -> None:
            aggregate.watched = False

    class Transferred(kernel.Event):
        """Its holder moved within the district."""

        TOPIC = "care.DisabilityCertificateTransferred"
        TITLE = "残疾人证随人移交"
        to_division_code: str
        moved_on: date

        def apply(self, aggregate: "DisabilityCertificate") -> None:
            aggregate.division_code = self.to_division_code

    @staticmethod
    def id_for(person_id: UUID) -> UUID:
        """The id of a person's certificate."""
        return uuid5(person_id, "disability certificate")

    @classmethod
    def certify(
        cls,
        at: datetime,
        *,
        person_id: UUID,
        category: DisabilityCategory,
        grade: DisabilityGrade,
        from_on: date,
        valid_to_on: date | None,
        division_code: str,
        evaluate_by: date | None = None,
    ) -> Self:
        """A first certificate."""
        _demand_days(from_on, valid_to_on)
        return cls.create(
            cls.Created,
            id=cls.id_for(person_id),
            at=at,
            person_id=person_id,
            category_code=category.value,
            grade_code=grade.value,
            from_on=from_on,
            valid_to_on=valid_to_on,
            evaluate_by=evaluate_by,
            division_code=division_code,
        )

    def renew(
        self,
        at: datetime,
        *,
        category: DisabilityCategory,
        grade: DisabilityGrade,
        from_on: date,
        valid_to_on: date | None,
        evaluate_by: date | None = None,
    ) -> None:
        """Issue it anew; raises RuleViolated where nothing differs."""
        _demand_days(from_on, valid_to_on)
        if self._same(category, grade, valid_to_on):
            raise RuleViolated("残疾人证的类别、等级和有效期没有变化，无需换发。")
        self._renew(at, category, grade, from_on, valid_to_on, evaluate_by)

    def cancel(self, at: datetime, *, reason: str, from_on: date, evaluate_by: date | None = None) -> None:
        """It is no longer valid from a day on; nothing is recorded where it is not already."""
        if not reason.strip():
            raise RuleViolated("注销残疾人证须写明原因。")
        if self.cancelled_on is None or from_on < self.cancelled_on:
            self.record(
                self.Cancelled,
                at=at,
                person_id=self.person_id,
                reason=reason.strip(),
                from_on=from_on,
                evaluate_by=evaluate_by,
            )

    def transfer(self, at: datetime, *, to_division_code: str, moved_on: date) -> None:
        """Go along with its holder; nothing is recorded where it is there already."""
        if to_division_code != self.division_code:
            self.record(self.Transferred, at=at, to_division_code=to_division_code, moved_on=moved_on)

    @property
    def lapses_at(self) -> datetime | None:
        """The day after its last one."""
        if not self.watched or self.valid_to_on is None:
            return None
        return start_of(self.valid_to_on + timedelta(days=1))

    def lapse(self, at: datetime, owner: kernel.Aggregate | None = None) -> None:
        """It has run out."""
        if self.lapses_at is not None and self.lapses_at <= at:
            self.record(self.Expired, at=at, person_id=self.person_id, from_on=self.lapses_at.date())

    def subjects(self) -> Iterable[str]:
        """Found by its tag while its end is to be noticed."""
        if self.watched:
            yield kernel.TIMERS

    # Facts of source systems.

    def report_certified(
        self,
        at: datetime,
        *,
        category: DisabilityCategory,
        grade: DisabilityGrade,
        from_on: date,
        valid_to_on: date | None,
    ) -> None:
        """A source knows this certificate; nothing is recorded where it says what is known."""
        if not self._same(category, grade, valid_to_on):
            self._renew(at, category, grade, from_on, valid_to_on, None)

    def report_cancelled(self, at: datetime, *, reason: str, from_on: date) -> None:
        """A source says it is no longer valid."""
        if self.cancelled_on is None:
            self.record(
                self.Cancelled, at=at, person_id=self.person_id, reason=reason, from_on=from_on, evaluate_by=None
            )

    @property
    def category(self) -> DisabilityCategory | None:
        """The category; None where the person's data were erased."""
        return None if self.category_code in ("", ERASED) else DisabilityCategory(self.category_code)

    @property
    def grade(self) -> DisabilityGrade | None:
        """The grade; None where the person's data were erased."""
        return None if self.grade_code in ("", ERASED) else DisabilityGrade(self.grade_code)

    @property
    def ends_on(self) -> date | None:
        """The last day it holds, for whatever reason; None: without end."""
        days = [day for day in (self.valid_to_on, self._before_cancelled()) if day is not None]
        return min(days, default=None)

    def _before_cancelled(self) -> date | None:
        return None if self.cancelled_on is None else date.fromordinal(self.cancelled_on.toordinal() - 1)

    def _same(self, category: DisabilityCategory, grade: DisabilityGrade, valid_to_on: date | None) -> bool:
        given = (category.value, grade.value, valid_to_on)
        return self.cancelled_on is None and given == (self.category_code, self.grade_code, self.valid_to_on)

    def _renew(
        self,
        at: datetime,
        category: DisabilityCategory,
        grade: DisabilityGrade,
        from_on: date,
        valid_to_on: date | None,
        evaluate_by: date | None,
    ) -> None:
        self.record(
            self.Renewed,
            at=at,
            person_id=self.person_id,
            category_code=category.value,
            grade_code=grade.value,
            from_on=from_on,
            valid_to_on=valid_to_on,
            evaluate_by=evaluate_by,
        )


def _until(valid_to_on: date | None) -> str:
    return "长期有效" if valid_to_on is None else f"有效至 {valid_to_on}"


def _demand_days(from_on: date, valid_to_on: date | None) -> None:
    if valid_to_on is not None and valid_to_on < from_on:
        raise RuleViolated("残疾人证的有效期截止日早于发证日期，请核对。")
