"""What an assistance case is: its fields, its events, and what each of them changes.

Legal route: 社会救助暂行办法 (State Council order 649/2014, amended 709/2019). Dibao and tekun are paid monthly from
the month after confirmation; temporary assistance is paid once. What may be decided stands in case.py, what sources
report in case_facts.py.
"""

from collections.abc import Iterable
from datetime import date
from typing import ClassVar
from uuid import UUID

from domain import kernel
from domain.assistance.hands import Hands
from domain.clock import first_month_from, month_of
from domain.codes import CaseState, Cause, CloseReason, Scheme, SelfCare, Supplement, UrbanRural
from domain.entitlement import Entitlement, Roster, Rosters
from domain.formulas import Computed, yuan
from domain.kernel import NO_ID, PersonalText


class CaseRecord(kernel.Aggregate):
    """State and events of a case; always used as `Case`."""

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
    property_within_limits: bool = True
    monthly_fen: int = 0
    start_month: str = ""
    end_month: str = ""
    account: str | None = None
    bank: str = ""
    applied_on: date | None = None
    due_on: date | None = None
    supplements: tuple[Supplement, ...] = ()
    self_care: SelfCare | None = None
    entitlement: Entitlement = Entitlement()
    reopened_by: str = ""
    rosters: Rosters = Rosters()
    hands: Hands = Hands()
    handlers: tuple[str, ...] = ()
    """Every account that ever visited, prepared, reviewed or decided: none of them answers a complaint about it."""
    necessary_expense_fen: int | None = None
    recognised_from: date | None = None
    valid_to: date | None = None
    rechecked: bool = False
    visited_on: date | None = None
    notice_to: date | None = None
    clock_stopped_on: date | None = None
    extended: bool = False
    staff_relative: bool = False
    officially_visited: bool = False
    official_visits: tuple[date, ...] = ()
    recheck_months: int = 0

    class Created(kernel.Created):
        """Someone applied for assistance for the named members of a co-living household."""

        TOPIC = "assistance.AssistanceApplied"
        TITLE = "申请救助"
        scheme: Scheme
        case_no: str
        household_id: UUID
        applicant_id: UUID
        member_ids: tuple[UUID, ...]
        cause: Cause
        urban_rural: UrbanRural
        division_code: str
        from_on: date
        accept_by: date | None

        def apply(self, aggregate: "CaseRecord") -> None:
            aggregate.applied_on = self.from_on
            aggregate.rosters = Rosters((Roster("", self.member_ids),))

        def gist(self) -> str:
            return f"{self.scheme.label} {self.case_no}，{len(self.member_ids)} 人"

    class Returned(kernel.Event):
        """The file is incomplete and goes back to the applicant."""

        TOPIC = "assistance.CaseReturned"
        TITLE = "退回补正"
        missing: str

        def apply(self, aggregate: "CaseRecord") -> None:
            aggregate.state = CaseState.RETURNED

        def gist(self) -> str:
            return self.missing

    class Accepted(kernel.Event):
        """The street accepts the complete file; the whole case is due by `due_on`."""

        TOPIC = "assistance.CaseAccepted"
        TITLE = "受理申请"
        due_on: date
        investigate_by: date | None = None

        def apply(self, aggregate: "CaseRecord") -> None:
            aggregate.state = CaseState.ACCEPTED
            aggregate.due_on = self.due_on

        def gist(self) -> str:
            return f"办结期限 {self.due_on}"

    class VerificationReported(kernel.Event):
        """Visit and economic verification gave this; income is the household's countable monthly income in fen.

        `supplements` has one entry for each covered person who is entitled to one (分类施保). Necessary expense
        (medical, schooling, disability) is a month's in the mean, where the scheme asks for it.
        """

        TOPIC = "assistance.VerificationReported"
        TITLE = "登记核对结果"
        monthly_income_fen: int
        property_within_limits: bool
        conclusion: str
        supplements: tuple[Supplement, ...] = ()
        self_care: SelfCare | None = None
        by: str = ""
        review_by: date | None = None
        recheck_by: date | None = None
        necessary_expense_fen: int | None = None
        renew_by: date | None = None

        def apply(self, aggregate: "CaseRecord") -> None:
            if self.by:
                aggregate.hands = Hands(prepared=self.by)
            aggregate.acted_by(self.by)
            aggregate.necessary_expense_fen = self.necessary_expense_fen
            aggregate.rechecked = True
            aggregate.monthly_income_fen = self.monthly_income_fen
            aggregate.property_within_limits = self.property_within_limits
            aggregate.supplements = self.supplements
            aggregate.self_care = self.self_care
            if aggregate.state is CaseState.ACCEPTED:
                aggregate.state = CaseState.VERIFIED

        def gist(self) -> str:
            return f"家庭月收入 {yuan(self.monthly_income_fen)}"

    class Confirmed(kernel.Event):
        """Granted: monthly (or, for temporary assistance, once) `monthly_fen` from `start_month`.

        `computed` is the rule's own result; None where a source reported an amount without what it is computed from.
        """

        TOPIC = "assistance.CaseConfirmed"
        TITLE = "确认救助"
        monthly_fen: int
        start_month: str
        end_month: str
        computed: Computed | None
        from_on: date
        by: str = ""
        announce_by: date | None = None
        recheck_by: date | None = None
        recheck_months: int = 0
        papers_by: date | None = None

        def apply(self, aggregate: "CaseRecord") -> None:
            aggregate.state = CaseState.PAYING
            aggregate.acted_by(self.by)
            aggregate.recheck_months = self.recheck_months
            aggregate.monthly_fen = self.monthly_fen
            aggregate.start_month = self.start_month
            aggregate.end_month = self.end_month
            aggregate.entitlement = aggregate.entitlement.granted(
                self.start_month, self.end_month, self.monthly_fen, self.originator_version
            )

        def gist(self) -> str:
            return f"{yuan(self.monthly_fen)}，自 {self.start_month} 起"

    class Refused(kernel.Event):
        """Not granted, with the reason and the applicant's remedies, and what else the household may apply for."""

        TOPIC = "assistance.CaseRefused"
        TITLE = "不予确认"
        reason: str
        computed: Computed | None
        by: str = ""
        serve_by: date | None = None
        suggests: Scheme | None = None

        def apply(self, aggregate: "CaseRecord") -> None:
            aggregate.state = CaseState.REFUSED
            aggregate.acted_by(self.by)

        def gist(self) -> str:
            also = f"；按核对结果可申请{self.suggests.label}" if self.suggests is not None else ""
            return f"{self.reason}{also}"

    class Withdrawn(kernel.Event):
        """The applicant withdrew."""

        TOPIC = "assistance.CaseWithdrawn"
        TITLE = "撤回申请"
        reason: str

        def apply(self, aggregate: "CaseRecord") -> None:
            aggregate.state = CaseState.WITHDRAWN

        def gist(self) -> str:
            return self.reason

    class Recalculated(kernel.Event):
        """The amount changes from `from_on` (the first of a month): new standard, income or members."""

        TOPIC = "assistance.AmountRecalculated"
        TITLE = "调整金额"
        old_fen: int
        new_fen: int
        cause: str
        computed: Computed | None
        from_on: date

        def apply(self, aggregate: "CaseRecord") -> None:
            aggregate.entitlement = aggregate.entitlement.changed(
                month_of(self.from_on), self.new_fen, self.originator_version
            )
            aggregate.monthly_fen = aggregate.entitlement.latest() or 0

        def gist(self) -> str:
            return f"{yuan(self.old_fen)} → {yuan(self.new_fen)}，自 {self.from_on} 起"

    class MembersChanged(kernel.Event):
        """Who is covered changes from `from_on`; `left_ids` are those who no longer are."""

        TOPIC = "assistance.CaseMembersChanged"
        TITLE = "变更保障对象"
        member_ids: tuple[UUID, ...]
        reason: str
        from_on: date
        left_ids: tuple[UUID, ...] = ()

        def apply(self, aggregate: "CaseRecord") -> None:
            aggregate.rosters = aggregate.rosters.changed(first_month_from(self.from_on), self.member_ids)
            aggregate.member_ids = aggregate.rosters.lists[-1].member_ids

        def gist(self) -> str:
            return f"{len(self.member_ids)} 人：{self.reason}"

    class AccountChanged(kernel.Event):
        """Where the money goes; sealed under the household's key."""

        TOPIC = "assistance.CaseAccountChanged"
        TITLE = "变更发放账户"
        KEY_HOLDER = "household_id"
        household_id: UUID
        account: PersonalText
        bank: str

        def apply(self, aggregate: "CaseRecord") -> None:
            aggregate.account = self.account
            aggregate.bank = self.bank

    class Suspended(kernel.Event):
        """Payment stops until resumed."""

        TOPIC = "assistance.CaseSuspended"
        TITLE = "停发"
        reason: str
        from_on: date

        def apply(self, aggregate: "CaseRecord") -> None:
            aggregate.state = CaseState.SUSPENDED
            aggregate.entitlement = aggregate.entitlement.stopped(
                first_month_from(self.from_on), self.originator_version
            )

        def gist(self) -> str:
            return self.reason

    class Resumed(kernel.Event):
        """Payment goes on."""

        TOPIC = "assistance.CaseResumed"
        TITLE = "恢复发放"
        reason: str
        from_on: date

        def apply(self, aggregate: "CaseRecord") -> None:
            aggregate.state = CaseState.PAYING
            aggregate.entitlement = aggregate.entitlement.resumed(
                first_month_from(self.from_on), self.originator_version
            )

        def gist(self) -> str:
            return self.reason

    class Closed(kernel.Event):
        """Assistance ends with `end_month`, the last one paid; empty where nothing was ever granted."""

        TOPIC = "assistance.CaseClosed"
        TITLE = "结案"
        reason: CloseReason
        end_month: str
        from_on: date

        def apply(self, aggregate: "CaseRecord") -> None:
            aggregate.state = CaseState.CLOSED
            aggregate.end_month = self.end_month
            if self.end_month:
                aggregate.entitlement = aggregate.entitlement.ended(self.end_month, self.originator_version)

        def gist(self) -> str:
            return f"{self.reason.label}，最后发放月份 {self.end_month or '无'}"

    class Reopened(kernel.Event):
        """Back to verification after administrative review or judgment, named in `basis`."""

        TOPIC = "assistance.CaseReopened"
        TITLE = "重新办理"
        basis: str
        due_on: date | None = None

        def apply(self, aggregate: "CaseRecord") -> None:
            aggregate.state = CaseState.ACCEPTED
            aggregate.end_month = ""
            aggregate.due_on = self.due_on or aggregate.due_on
            aggregate.reopened_by = self.basis
            aggregate.hands = Hands()
            aggregate.notice_to = None

        def gist(self) -> str:
            return self.basis

    class Transferred(kernel.Event):
        """Another street or community owns the case."""

        TOPIC = "assistance.CaseTransferred"
        TITLE = "移交个案"
        from_division_code: str
        to_division_code: str
        moved_on: date

        def apply(self, aggregate: "CaseRecord") -> None:
            aggregate.division_code = self.to_division_code

        def gist(self) -> str:
            return f"{self.from_division_code} → {self.to_division_code}"

    class AmountCorrected(kernel.Event):
        """A mistaken amount is set right; names the version of the event it corrects, which stays visible."""

        TOPIC = "assistance.AmountCorrected"
        TITLE = "更正核定金额"
        corrects_version: int
        old_fen: int
        new_fen: int
        reason: str
        from_on: date | None = None

        def apply(self, aggregate: "CaseRecord") -> None:
            aggregate.entitlement = aggregate.entitlement.corrected(self.corrects_version, self.new_fen)
            aggregate.monthly_fen = aggregate.entitlement.latest() or 0

        def gist(self) -> str:
            return f"{yuan(self.old_fen)} → {yuan(self.new_fen)}：{self.reason}"

    def acted_by(self, account: str) -> None:
        """Remember an account that worked on the case (empty: a source system did)."""
        if account and account not in self.handlers:
            self.handlers = (*self.handlers, account)

    def amount_for(self, month: str) -> int | None:
        """The fen due in a month, or None where the case is not entitled to anything."""
        return self.entitlement.at(month)

    def members_for(self, month: str) -> tuple[UUID, ...]:
        """The persons covered in a month."""
        return self.rosters.at(month)

    def entitled_months(self, upto: str) -> tuple[str, ...]:
        """The months up to and including `upto` in which something is due."""
        return self.entitlement.months(upto)

    def subjects(self) -> Iterable[str]:
        """See `case_subjects`."""
        return case_subjects(self.household_id, self.applicant_id, self.member_ids)


def case_subjects(household_id: UUID, applicant_id: UUID, member_ids: Iterable[UUID]) -> Iterable[str]:
    """A case's events stand on the timelines of its household and of every covered person."""
    yield f"household:{household_id}"
    yield f"person:{applicant_id}"
    for member in member_ids:
        yield f"person:{member}"
