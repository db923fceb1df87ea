"""A year's insurance premium that the government pays for a person (政府代缴保费), elders' accident insurance included.

One aggregate a person, insurance and year: nobody is insured twice, however often a division is enrolled.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, NamedTuple, Self
from uuid import UUID, uuid5

from domain import kernel
from domain.care.benefit import traced
from domain.codes import FundSource, PremiumKind
from domain.errors import RuleViolated
from domain.formulas import Computed, yuan
from domain.kernel import NO_ID, PersonalText, Reading
from domain.wording import written


class Premium(kernel.Aggregate):
    """One person's premium for one year."""

    TOPIC: ClassVar[str] = "care.Premium"
    SUBJECT: ClassVar[str] = "premium"
    division_code: str = ""
    person_id: UUID = NO_ID
    kind: PremiumKind = PremiumKind.ELDER_ACCIDENT
    year: int = 0
    amount_fen: int = 0
    cancelled: bool = False

    class Created(kernel.Created):
        """Enrolled for a policy year; why stands in the sealed computation."""

        TOPIC = "care.PremiumSubsidised"
        TITLE = "政府代缴保费"
        KEY_HOLDER: ClassVar[str] = "person_id"
        person_id: UUID
        kind: PremiumKind
        year: int
        from_on: date
        to_on: date
        amount_fen: int
        fund_source: FundSource
        trace: PersonalText
        by: str
        division_code: str

        def gist(self) -> str:
            return f"{self.year} 年{self.kind.label} {yuan(self.amount_fen)}"

    class Cancelled(kernel.Event):
        """Enrolled by mistake, or ended early: the premium is asked back from the insurer."""

        TOPIC = "care.PremiumCancelled"
        TITLE = "撤销政府代缴保费"
        person_id: UUID
        reason: str
        by: str

        def apply(self, aggregate: "Premium") -> None:
            aggregate.cancelled = True

        def gist(self) -> str:
            return self.reason

    @staticmethod
    def id_for(person_id: UUID, kind: PremiumKind, year: int) -> UUID:
        """The id of a person's premium for a year."""
        return uuid5(person_id, f"premium {kind.value} {year}")

    @classmethod
    def enrol(
        cls,
        at: datetime,
        *,
        person_id: UUID,
        kind: PremiumKind,
        year: int,
        computed: Computed,
        fund_source: FundSource,
        division_code: str,
        by: str,
    ) -> Self:
        """Pay for a person's year, which is the calendar year."""
        return cls.create(
            cls.Created,
            id=cls.id_for(person_id, kind, year),
            at=at,
            person_id=person_id,
            kind=kind,
            year=year,
            from_on=date(year, 1, 1),
            to_on=date(year, 12, 31),
            amount_fen=computed.amount_fen,
            fund_source=fund_source,
            trace=traced(computed),
            by=by,
            division_code=division_code,
        )

    def cancel(self, at: datetime, *, reason: str, by: str) -> None:
        """Take it back."""
        if self.cancelled:
            raise RuleViolated("此代缴已撤销，不能重复撤销。")
        why = written(reason, "撤销代缴须写明原因。")
        self.record(self.Cancelled, at=at, person_id=self.person_id, reason=why, by=by)


class Candidate(NamedTuple):
    """Somebody alive of a division without a premium of the kind and year yet, as far as the rule looks at them.

    `guarantee`, `category` and `grade` are codes, empty where there is none; `valid_to` is the certificate's last day.
    """

    person_id: UUID
    division_code: str
    birth_on: date | None
    registered: bool
    guarantee: str
    category: str
    grade: str
    valid_to: date | None


class Candidates(NamedTuple):
    """Everybody to be looked at, as the log stood at `position`."""

    position: int
    persons: Sequence[Candidate]


@dataclass(frozen=True, slots=True)
class PremiumCandidates(Reading):
    """A wish for everybody of a division's subtree who may be entitled to a premium for a year and has none."""

    kind: PremiumKind
    year: int
    division_code: str
