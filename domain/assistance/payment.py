"""One payment: a stream of its own, so that sixty months do not lengthen a case's stream."""

from datetime import date, datetime
from typing import Any, ClassVar, Self
from uuid import UUID, uuid5

from domain import kernel
from domain.assistance.case import Case
from domain.clock import demand_month, month_of
from domain.codes import PaymentKind, Scheme
from domain.errors import RuleViolated
from domain.formulas import yuan
from domain.kernel import NO_ID, PersonalText


class Payment(kernel.Aggregate):
    """Money issued for a case and month, and what became of it."""

    TOPIC: ClassVar[str] = "assistance.Payment"
    SUBJECT: ClassVar[str] = "payment"
    division_code: str = ""
    case_id: UUID = NO_ID
    household_id: UUID = NO_ID
    payee_id: UUID = NO_ID
    kind: PaymentKind = PaymentKind.REGULAR
    month: str = ""
    amount_fen: int = 0
    account: str | None = None
    batch_no: str = ""
    returned: bool = False
    cleared_fen: int | None = None
    amount_version: int = 1

    class Created(kernel.Created):
        """Money was paid out."""

        TOPIC = "assistance.PaymentIssued"
        TITLE = "发放"
        KEY_HOLDER = "household_id"
        case_id: UUID
        household_id: UUID
        payee_id: UUID
        kind: PaymentKind
        month: str
        amount_fen: int
        division_code: str
        account: PersonalText | None
        batch_no: str
        fund_source: str
        effective_on: date

        def gist(self) -> str:
            return f"{self.month} {self.kind.label} {yuan(self.amount_fen)}"

    class Returned(kernel.Event):
        """The bank sent it back."""

        TOPIC = "assistance.PaymentReturned"
        TITLE = "发放退回"
        case_id: UUID
        reason: str
        effective_on: date

        def apply(self, aggregate: "Payment") -> None:
            aggregate.returned = True

        def gist(self) -> str:
            return self.reason

    class Cleared(kernel.Event):
        """The bank says that `amount_fen` has reached the account."""

        TOPIC = "assistance.PaymentCleared"
        TITLE = "银行入账"
        case_id: UUID
        amount_fen: int
        effective_on: date

        def apply(self, aggregate: "Payment") -> None:
            aggregate.cleared_fen = self.amount_fen

        def gist(self) -> str:
            return yuan(self.amount_fen)

    class Corrected(kernel.Event):
        """The recorded amount was mistaken; names the version of the event it corrects."""

        TOPIC = "assistance.PaymentCorrected"
        TITLE = "更正发放金额"
        case_id: UUID
        corrects_version: int
        amount_fen: int
        reason: str

        def apply(self, aggregate: "Payment") -> None:
            aggregate.amount_fen = self.amount_fen
            aggregate.amount_version = self.originator_version

        def gist(self) -> str:
            return f"更正为 {yuan(self.amount_fen)}：{self.reason}"

    # Facts of source systems.

    @classmethod
    def report_issued(
        cls,
        id: UUID,
        at: datetime,
        *,
        case_id: UUID,
        household_id: UUID,
        payee_id: UUID,
        kind: PaymentKind,
        month: str,
        amount_fen: int,
        division_code: str,
        account: str | None,
        batch_no: str,
        fund_source: str,
        effective_on: date,
    ) -> Self:
        """A source's payroll says that this was paid."""
        return cls.create(
            cls.Created,
            id=id,
            at=at,
            case_id=case_id,
            household_id=household_id,
            payee_id=payee_id,
            kind=kind,
            month=month,
            amount_fen=amount_fen,
            division_code=division_code,
            account=account,
            batch_no=batch_no,
            fund_source=fund_source,
            effective_on=effective_on,
        )

    @classmethod
    def issued(cls, id: UUID, at: datetime, **fields: Any) -> "Payment.Created":
        """The event of `report_issued` without its aggregate: for a hundred thousand of them at once."""
        return cls.Created(originator_id=id, originator_topic=cls.TOPIC, originator_version=1, timestamp=at, **fields)

    def report_amount(self, at: datetime, *, amount_fen: int, reason: str) -> None:
        """A source now gives another amount for the same payment: a correction of what it reported first."""
        if amount_fen != self.amount_fen:
            self._correct(at, amount_fen, reason)

    def report_returned(self, at: datetime, *, reason: str, effective_on: date) -> None:
        """A source says the bank returned it."""
        if not self.returned:
            self.record(self.Returned, at=at, case_id=self.case_id, reason=reason, effective_on=effective_on)

    def report_cleared(self, at: datetime, *, amount_fen: int, effective_on: date) -> None:
        """The bank says this much has reached the account."""
        if self.cleared_fen != amount_fen:
            self.record(self.Cleared, at=at, case_id=self.case_id, amount_fen=amount_fen, effective_on=effective_on)

    # Decisions.

    @staticmethod
    def id_for(case_id: UUID, month: str) -> UUID:
        """The id of a case's regular payment for a month: one and the same, so that it can't be issued twice."""
        return uuid5(case_id, f"payment {month}")

    @classmethod
    def issue(cls, at: datetime, *, case: Case, month: str, batch_no: str, fund_source: str) -> Self:
        """Pay what is due to a case for a month that has begun; the amount is the case's own."""
        demand_month(month)
        due = case.amount_for(month)
        if due is None:
            raise RuleViolated(f"{month} 不在该个案的保障期内，不能发放。")
        if month > month_of(at.date()):
            raise RuleViolated(f"{month} 尚未开始，不能提前发放。")
        kind = PaymentKind.ONE_OFF if case.scheme is Scheme.TEMP else PaymentKind.REGULAR
        return cls._issue(cls.id_for(case.id, month), at, case, kind, month, due, batch_no, fund_source)

    @classmethod
    def issue_back_pay(
        cls, id: UUID, at: datetime, *, case: Case, month: str, amount_fen: int, batch_no: str, fund_source: str
    ) -> Self:
        """Make up for what was paid too little for a month in which the case was entitled."""
        demand_month(month)
        due = case.amount_for(month)
        if due is None:
            raise RuleViolated(f"{month} 不在该个案的保障期内，不能补发。")
        if not 0 < amount_fen <= due:
            raise RuleViolated(f"补发金额应大于 0 且不超过该月核定金额 {yuan(due)}。")
        return cls._issue(id, at, case, PaymentKind.BACK_PAY, month, amount_fen, batch_no, fund_source)

    def mark_returned(self, at: datetime, *, reason: str, effective_on: date) -> None:
        """The bank sent it back."""
        if self.returned:
            raise RuleViolated("此笔发放已登记退回，不能重复登记。")
        self.record(self.Returned, at=at, case_id=self.case_id, reason=reason, effective_on=effective_on)

    def correct(self, at: datetime, *, amount_fen: int, reason: str) -> None:
        """The recorded amount was mistaken; what was recorded first stays visible."""
        if self.returned:
            raise RuleViolated("此笔发放已退回，不能更正金额。")
        if amount_fen < 0 or amount_fen == self.amount_fen:
            raise RuleViolated(f"更正后的金额应不同于原金额 {yuan(self.amount_fen)}，且不为负。")
        if not reason.strip():
            raise RuleViolated("更正金额须写明原因。")
        self._correct(at, amount_fen, reason.strip())

    @classmethod
    def _issue(
        cls,
        id: UUID,
        at: datetime,
        case: Case,
        kind: PaymentKind,
        month: str,
        amount_fen: int,
        batch_no: str,
        fund_source: str,
    ) -> Self:
        return cls.report_issued(
            id,
            at,
            case_id=case.id,
            household_id=case.household_id,
            payee_id=case.applicant_id,
            kind=kind,
            month=month,
            amount_fen=amount_fen,
            division_code=case.division_code,
            account=case.account,
            batch_no=batch_no,
            fund_source=fund_source,
            effective_on=at.date(),
        )

    def _correct(self, at: datetime, amount_fen: int, reason: str) -> None:
        self.record(
            self.Corrected,
            at=at,
            case_id=self.case_id,
            corrects_version=self.amount_version,
            amount_fen=amount_fen,
            reason=reason,
        )
