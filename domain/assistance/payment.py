"""One payment: a stream of its own, so that sixty months do not lengthen a case's stream."""

from datetime import date, datetime
from typing import ClassVar, Self
from uuid import UUID

from domain import kernel
from domain.codes import PaymentKind
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
    returned: bool = False

    class Created(kernel.Created):
        """Money was paid out."""

        TOPIC = "assistance.PaymentIssued"
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

    class Returned(kernel.Event):
        """The bank sent it back."""

        TOPIC = "assistance.PaymentReturned"
        case_id: UUID
        reason: str
        effective_on: date

        def apply(self, aggregate: "Payment") -> None:
            aggregate.returned = True

    class Corrected(kernel.Event):
        """The recorded amount was mistaken; names the version of the event it corrects."""

        TOPIC = "assistance.PaymentCorrected"
        case_id: UUID
        corrects_version: int
        amount_fen: int
        reason: str

        def apply(self, aggregate: "Payment") -> None:
            aggregate.amount_fen = self.amount_fen

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

    def report_amount(self, at: datetime, *, amount_fen: int, reason: str) -> None:
        """A source now gives another amount for the same payment: a correction of what it reported first."""
        if amount_fen != self.amount_fen:
            self.record(
                self.Corrected,
                at=at,
                case_id=self.case_id,
                corrects_version=self.version,
                amount_fen=amount_fen,
                reason=reason,
            )

    def report_returned(self, at: datetime, *, reason: str, effective_on: date) -> None:
        """A source says the bank returned it."""
        if not self.returned:
            self.record(self.Returned, at=at, case_id=self.case_id, reason=reason, effective_on=effective_on)
