"""An assistance case from application to closing and reopening.

Legal route: 社会救助暂行办法 (State Council order 649/2014, amended 709/2019). Dibao and tekun are paid monthly from
the month after confirmation; temporary assistance is paid once.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import ClassVar, Self
from uuid import UUID

from domain import kernel
from domain.assistance.rules import Computed
from domain.codes import CaseState, Cause, CloseReason, Scheme, UrbanRural
from domain.kernel import NO_ID, PersonalText


class Case(kernel.Aggregate):
    """One household's case in one scheme."""

    TOPIC: ClassVar[str] = "assistance.Case"
    SUBJECT: ClassVar[str] = "case"
    division_code: str = ""
    scheme: Scheme = Scheme.DIBAO
    state: CaseState = CaseState.APPLIED
    case_no: str = ""
    household_id: UUID = NO_ID
    applicant_id: UUID = NO_ID
    member_ids: tuple[UUID, ...] = ()
    urban_rural: UrbanRural = UrbanRural.URBAN
    monthly_income_fen: int | None = None
    monthly_fen: int = 0
    start_month: str = ""
    end_month: str = ""
    account: str | None = None

    class Created(kernel.Created):
        """Someone applied for assistance for the named members of a co-living household."""

        TOPIC = "assistance.AssistanceApplied"
        scheme: Scheme
        case_no: str
        household_id: UUID
        applicant_id: UUID
        member_ids: tuple[UUID, ...]
        cause: Cause
        urban_rural: UrbanRural
        division_code: str
        from_on: date

    class Returned(kernel.Event):
        """The file is incomplete and goes back to the applicant."""

        TOPIC = "assistance.CaseReturned"
        missing: str

        def apply(self, aggregate: "Case") -> None:
            aggregate.state = CaseState.RETURNED

    class Accepted(kernel.Event):
        """The street accepts the complete file; the whole case is due by `due_on`."""

        TOPIC = "assistance.CaseAccepted"
        due_on: date

        def apply(self, aggregate: "Case") -> None:
            aggregate.state = CaseState.ACCEPTED

    class VerificationReported(kernel.Event):
        """Visit and economic verification gave this; income is the household's countable monthly income in fen."""

        TOPIC = "assistance.VerificationReported"
        monthly_income_fen: int
        property_within_limits: bool
        conclusion: str

        def apply(self, aggregate: "Case") -> None:
            aggregate.monthly_income_fen = self.monthly_income_fen
            if aggregate.state is CaseState.ACCEPTED:
                aggregate.state = CaseState.VERIFIED

    class Confirmed(kernel.Event):
        """Granted: monthly (or, for temporary assistance, once) `monthly_fen` from `start_month`.

        `computed` is the rule's own result; None where a source reported an amount without what it is computed from.
        """

        TOPIC = "assistance.CaseConfirmed"
        monthly_fen: int
        start_month: str
        end_month: str
        computed: Computed | None
        from_on: date

        def apply(self, aggregate: "Case") -> None:
            aggregate.state = CaseState.PAYING
            aggregate.monthly_fen = self.monthly_fen
            aggregate.start_month = self.start_month
            aggregate.end_month = self.end_month

    class Refused(kernel.Event):
        """Not granted, with the reason and the applicant's remedies."""

        TOPIC = "assistance.CaseRefused"
        reason: str
        computed: Computed | None

        def apply(self, aggregate: "Case") -> None:
            aggregate.state = CaseState.REFUSED

    class Withdrawn(kernel.Event):
        """The applicant withdrew."""

        TOPIC = "assistance.CaseWithdrawn"
        reason: str

        def apply(self, aggregate: "Case") -> None:
            aggregate.state = CaseState.WITHDRAWN

    class Recalculated(kernel.Event):
        """The amount changes from `from_on` (the first of a month): new standard, income or members."""

        TOPIC = "assistance.AmountRecalculated"
        old_fen: int
        new_fen: int
        cause: str
        computed: Computed | None
        from_on: date

        def apply(self, aggregate: "Case") -> None:
            aggregate.monthly_fen = self.new_fen

    class MembersChanged(kernel.Event):
        """Who is covered changes from `from_on`."""

        TOPIC = "assistance.CaseMembersChanged"
        member_ids: tuple[UUID, ...]
        reason: str
        from_on: date

        def apply(self, aggregate: "Case") -> None:
            aggregate.member_ids = self.member_ids

    class AccountChanged(kernel.Event):
        """Where the money goes; sealed under the household's key."""

        TOPIC = "assistance.CaseAccountChanged"
        KEY_HOLDER = "household_id"
        household_id: UUID
        account: PersonalText
        bank: str

        def apply(self, aggregate: "Case") -> None:
            aggregate.account = self.account

    class Suspended(kernel.Event):
        """Payment stops until resumed."""

        TOPIC = "assistance.CaseSuspended"
        reason: str
        from_on: date

        def apply(self, aggregate: "Case") -> None:
            aggregate.state = CaseState.SUSPENDED

    class Resumed(kernel.Event):
        """Payment goes on."""

        TOPIC = "assistance.CaseResumed"
        reason: str
        from_on: date

        def apply(self, aggregate: "Case") -> None:
            aggregate.state = CaseState.PAYING

    class Closed(kernel.Event):
        """Assistance ends with `end_month`, the last one paid."""

        TOPIC = "assistance.CaseClosed"
        reason: CloseReason
        end_month: str
        from_on: date

        def apply(self, aggregate: "Case") -> None:
            aggregate.state = CaseState.CLOSED
            aggregate.end_month = self.end_month

    class Reopened(kernel.Event):
        """Back to verification after administrative review or judgment, named in `basis`."""

        TOPIC = "assistance.CaseReopened"
        basis: str

        def apply(self, aggregate: "Case") -> None:
            aggregate.state = CaseState.ACCEPTED
            aggregate.end_month = ""

    class Transferred(kernel.Event):
        """Another street or community owns the case."""

        TOPIC = "assistance.CaseTransferred"
        from_division_code: str
        to_division_code: str
        moved_on: date

        def apply(self, aggregate: "Case") -> None:
            aggregate.division_code = self.to_division_code

    class AmountCorrected(kernel.Event):
        """A mistaken amount is set right; names the version of the event it corrects, which stays visible."""

        TOPIC = "assistance.AmountCorrected"
        corrects_version: int
        old_fen: int
        new_fen: int
        reason: str

        def apply(self, aggregate: "Case") -> None:
            aggregate.monthly_fen = self.new_fen

    def subjects(self) -> Iterable[str]:
        """A case's events stand on the timelines of its household and of every covered person."""
        yield f"household:{self.household_id}"
        yield f"person:{self.applicant_id}"
        for member in self.member_ids:
            yield f"person:{member}"

    @classmethod
    def apply_for(
        cls,
        id: UUID,
        at: datetime,
        *,
        scheme: Scheme,
        case_no: str,
        household_id: UUID,
        applicant_id: UUID,
        member_ids: tuple[UUID, ...],
        cause: Cause,
        urban_rural: UrbanRural,
        division_code: str,
        from_on: date,
    ) -> Self:
        """A new case; eligibility is for the decision, not the application."""
        return cls.create(
            cls.Created,
            id=id,
            at=at,
            scheme=scheme,
            case_no=case_no,
            household_id=household_id,
            applicant_id=applicant_id,
            member_ids=member_ids,
            cause=cause,
            urban_rural=urban_rural,
            division_code=division_code,
            from_on=from_on,
        )
