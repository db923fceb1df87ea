"""Money paid for a benefit: one payment a month, in a stream of its own, as for cases (assistance.Payment).

What differs is whose it is: a person's, without a household, sealed under that person's key.
"""

from datetime import date, datetime
from typing import Any, ClassVar, Self
from uuid import UUID, uuid5

from domain import kernel
from domain.codes import BenefitKind, PaymentKind
from domain.formulas import yuan
from domain.kernel import NO_ID, PersonalText


class BenefitPayment(kernel.Aggregate):
    """Money issued for a benefit and month, and what became of it."""

    TOPIC: ClassVar[str] = "care.BenefitPayment"
    SUBJECT: ClassVar[str] = "benefit_payment"
    division_code: str = ""
    benefit_id: UUID = NO_ID
    person_id: UUID = NO_ID
    benefit: BenefitKind = BenefitKind.OLD_AGE_ALLOWANCE
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

        TOPIC = "care.BenefitPaid"
        TITLE = "发放个人待遇"
        KEY_HOLDER: ClassVar[str] = "person_id"
        benefit_id: UUID
        person_id: UUID
        benefit: BenefitKind
        kind: PaymentKind
        month: str
        amount_fen: int
        division_code: str
        account: PersonalText | None
        batch_no: str
        fund_source: str
        effective_on: date

        def gist(self) -> str:
            return f"{self.month} {self.benefit.label} {self.kind.label} {yuan(self.amount_fen)}"

    class Returned(kernel.Event):
        """The bank sent it back."""

        TOPIC = "care.BenefitPaymentReturned"
        TITLE = "个人待遇发放退回"
        benefit_id: UUID
        reason: str
        effective_on: date

        def apply(self, aggregate: "BenefitPayment") -> None:
            aggregate.returned = True

        def gist(self) -> str:
            return self.reason

    class Cleared(kernel.Event):
        """The bank says that `amount_fen` has reached the account."""

        TOPIC = "care.BenefitPaymentCleared"
        TITLE = "个人待遇银行入账"
        benefit_id: UUID
        amount_fen: int
        effective_on: date

        def apply(self, aggregate: "BenefitPayment") -> None:
            aggregate.cleared_fen = self.amount_fen

        def gist(self) -> str:
            return yuan(self.amount_fen)

    class Corrected(kernel.Event):
        """The recorded amount was mistaken; names the version of the event it corrects."""

        TOPIC = "care.BenefitPaymentCorrected"
        TITLE = "更正个人待遇发放金额"
        benefit_id: UUID
        corrects_version: int
        amount_fen: int
        reason: str

        def apply(self, aggregate: "BenefitPayment") -> None:
            aggregate.amount_fen = self.amount_fen
            aggregate.amount_version = self.originator_version

        def gist(self) -> str:
            return f"更正为 {yuan(self.amount_fen)}：{self.reason}"

    @staticmethod
    def id_for(benefit_id: UUID, month: str) -> UUID:
        """The id of a benefit's regular payment for a month: one and the same, so that it can't be issued twice."""
        return uuid5(benefit_id, f"payment {month}")

    @classmethod
    def report_issued(cls, id: UUID, at: datetime, **fields: Any) -> Self:
        """A source's list says that this was paid: the fields of the first event."""
        return cls.create(cls.Created, id=id, at=at, **fields)

    @classmethod
    def issued(cls, id: UUID, at: datetime, **fields: Any) -> "BenefitPayment.Created":
        """The event of `report_issued` without its aggregate: for a hundred thousand of them at once."""
        return cls.Created(originator_id=id, originator_topic=cls.TOPIC, originator_version=1, timestamp=at, **fields)

    def report_amount(self, at: datetime, *, amount_fen: int, reason: str) -> None:
        """A source now gives another amount for the same payment."""
        if amount_fen != self.amount_fen:
            self.record(
                self.Corrected,
                at=at,
                benefit_id=self.benefit_id,
                corrects_version=self.amount_version,
                amount_fen=amount_fen,
                reason=reason,
            )

    def report_returned(self, at: datetime, *, reason: str, effective_on: date) -> None:
        """The bank returned it."""
        if not self.returned:
            self.record(self.Returned, at=at, benefit_id=self.benefit_id, reason=reason, effective_on=effective_on)

    def report_cleared(self, at: datetime, *, amount_fen: int, effective_on: date) -> None:
        """The bank says this much has reached the account."""
        if self.cleared_fen != amount_fen:
            self.record(
                self.Cleared, at=at, benefit_id=self.benefit_id, amount_fen=amount_fen, effective_on=effective_on
            )
