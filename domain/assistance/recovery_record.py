"""What a recovery is: its fields, its events, and what each of them changes. What may be decided: recovery.py."""

from collections.abc import Iterable
from datetime import date
from typing import ClassVar
from uuid import UUID

from domain import kernel
from domain.codes import (
    HearingState,
    OverpaymentReason,
    RecoveryMethod,
    RecoveryOutcome,
    RecoveryPart,
    RecoveryState,
)
from domain.formulas import yuan
from domain.kernel import NO_ID, PersonalText


class RecoveryRecord(kernel.Aggregate):
    """State and events of a recovery; always used as `Recovery`."""

    SUBJECT: ClassVar[str] = "recovery"
    division_code: str = ""
    case_id: UUID = NO_ID
    household_id: UUID = NO_ID
    payee_id: UUID = NO_ID
    finding_id: UUID | None = None
    from_month: str = ""
    to_month: str = ""
    amount_fen: int = 0
    reason: OverpaymentReason = OverpaymentReason.LATE_REPORT
    state: RecoveryState = RecoveryState.FOUND
    hearing: HearingState = HearingState.NONE
    found_by: str = ""
    decided_by: str = ""
    fined_by: str = ""
    statement_by: date | None = None
    request_by: date | None = None
    hearing_on: date | None = None
    decided_fen: int | None = None
    fine_fen: int | None = None
    recovered_fen: int = 0
    fine_paid_fen: int = 0
    consented: bool = False
    outcome: RecoveryOutcome | None = None

    class Created(kernel.Created):
        """Too much was paid for the months from `from_month` to `to_month`, both counted; the person is told by
        `notify_by`. How it came about is sealed under the household's key; `finding_id` is what pointed to it."""

        TOPIC = "assistance.OverpaymentFound"
        TITLE = "查明多发"
        KEY_HOLDER: ClassVar[str] = "household_id"
        case_id: UUID
        household_id: UUID
        payee_id: UUID
        from_month: str
        to_month: str
        amount_fen: int
        reason: OverpaymentReason
        facts: PersonalText
        found_by: str
        notify_by: date
        finding_id: UUID | None
        division_code: str

        def gist(self) -> str:
            return f"{self.reason.label}，{self.from_month} 至 {self.to_month}，{yuan(self.amount_fen)}"

    class Notified(kernel.Event):
        """The person was told facts, amount and grounds, and may answer until `statement_by`."""

        TOPIC = "assistance.RecoveryNotified"
        TITLE = "送达追回事先告知书"
        case_id: UUID
        letter_no: str
        proof: str
        effective_on: date
        statement_by: date
        decide_by: date

        def apply(self, aggregate: "RecoveryRecord") -> None:
            aggregate.state = RecoveryState.NOTIFIED
            aggregate.statement_by = self.statement_by

        def gist(self) -> str:
            return f"{self.letter_no}，陈述申辩至 {self.statement_by}"

    class HearingOffered(kernel.Event):
        """The person was told that a fine is intended and that a hearing may be asked for until `request_by`."""

        TOPIC = "assistance.HearingOffered"
        TITLE = "告知听证权利"
        case_id: UUID
        letter_no: str
        effective_on: date
        request_by: date

        def apply(self, aggregate: "RecoveryRecord") -> None:
            aggregate.hearing = HearingState.OFFERED
            aggregate.request_by = self.request_by

        def gist(self) -> str:
            return f"{self.letter_no}，申请听证至 {self.request_by}"

    class HearingRequested(kernel.Event):
        """The person asks for a hearing; it is to be held by `hold_by`."""

        TOPIC = "assistance.HearingRequested"
        TITLE = "申请听证"
        case_id: UUID
        effective_on: date
        hold_by: date

        def apply(self, aggregate: "RecoveryRecord") -> None:
            aggregate.hearing = HearingState.REQUESTED

        def gist(self) -> str:
            return f"须于 {self.hold_by} 前举行"

    class HearingScheduled(kernel.Event):
        """The person was told when and where it is held."""

        TOPIC = "assistance.HearingScheduled"
        TITLE = "通知听证"
        case_id: UUID
        letter_no: str
        hearing_on: date
        place: str

        def apply(self, aggregate: "RecoveryRecord") -> None:
            aggregate.hearing = HearingState.SCHEDULED
            aggregate.hearing_on = self.hearing_on

        def gist(self) -> str:
            return f"{self.letter_no}，{self.hearing_on} 在{self.place}"

    class HearingHeld(kernel.Event):
        """The hearing took place; its record is sealed under the household's key."""

        TOPIC = "assistance.HearingHeld"
        TITLE = "举行听证"
        KEY_HOLDER: ClassVar[str] = "household_id"
        case_id: UUID
        household_id: UUID
        presided_by: str
        minutes: PersonalText
        effective_on: date
        decide_by: date

        def apply(self, aggregate: "RecoveryRecord") -> None:
            aggregate.hearing = HearingState.HELD

    class HearingWaived(kernel.Event):
        """The person gave up the hearing in writing, or didn't come to it without reason."""

        TOPIC = "assistance.HearingWaived"
        TITLE = "放弃听证"
        case_id: UUID
        proof: str
        effective_on: date
        decide_by: date

        def apply(self, aggregate: "RecoveryRecord") -> None:
            aggregate.hearing = HearingState.WAIVED

        def gist(self) -> str:
            return self.proof

    class Decided(kernel.Event):
        """So much is to be given back by `pay_by`."""

        TOPIC = "assistance.RecoveryDecided"
        TITLE = "决定追回"
        case_id: UUID
        amount_fen: int
        grounds: str
        letter_no: str
        by: str
        pay_by: date

        def apply(self, aggregate: "RecoveryRecord") -> None:
            aggregate.state = RecoveryState.DECIDED
            aggregate.decided_fen = self.amount_fen
            aggregate.decided_by = self.by

        def gist(self) -> str:
            return f"{self.letter_no}，{yuan(self.amount_fen)}，缴至 {self.pay_by}"

    class FineDecided(kernel.Event):
        """A fine for fraud, beside what is to be given back."""

        TOPIC = "assistance.FineDecided"
        TITLE = "决定罚款"
        case_id: UUID
        amount_fen: int
        grounds: str
        letter_no: str
        by: str
        pay_by: date

        def apply(self, aggregate: "RecoveryRecord") -> None:
            aggregate.fine_fen = self.amount_fen
            aggregate.fined_by = self.by

        def gist(self) -> str:
            return f"{self.letter_no}，{yuan(self.amount_fen)}，缴至 {self.pay_by}"

    class DeductionConsented(kernel.Event):
        """The household agrees in writing that its assistance is reduced until what it owes is given back."""

        TOPIC = "assistance.DeductionConsented"
        TITLE = "书面同意从待遇中抵扣"
        case_id: UUID
        consent_no: str
        effective_on: date

        def apply(self, aggregate: "RecoveryRecord") -> None:
            aggregate.consented = True

        def gist(self) -> str:
            return self.consent_no

    class Received(kernel.Event):
        """Money came back; `recovery_left_fen` and `fine_left_fen` are what is still owed after it."""

        TOPIC = "assistance.RecoveryReceived"
        TITLE = "收到款项"
        case_id: UUID
        part: RecoveryPart
        method: RecoveryMethod
        amount_fen: int
        voucher_no: str
        recovery_left_fen: int
        fine_left_fen: int
        effective_on: date

        def apply(self, aggregate: "RecoveryRecord") -> None:
            if self.part is RecoveryPart.FINE:
                aggregate.fine_paid_fen += self.amount_fen
            else:
                aggregate.recovered_fen += self.amount_fen

        def gist(self) -> str:
            return f"{self.part.label} {yuan(self.amount_fen)}，{self.method.label}，{self.voucher_no}"

    class Revised(kernel.Event):
        """An administrative review or judgment, named in `basis`, lowered what is owed, or quashed it (0).

        `refund_fen` is what was received beyond that and goes back to the person by `refund_by`.
        """

        TOPIC = "assistance.RecoveryRevised"
        TITLE = "依复议或判决变更追回"
        case_id: UUID
        basis: str
        decided_fen: int
        fine_fen: int | None
        recovery_left_fen: int
        fine_left_fen: int
        refund_fen: int
        refund_by: date
        by: str

        def apply(self, aggregate: "RecoveryRecord") -> None:
            aggregate.state = RecoveryState.DECIDED
            aggregate.outcome = None
            aggregate.decided_fen = self.decided_fen
            aggregate.fine_fen = self.fine_fen

        def gist(self) -> str:
            fine = "" if self.fine_fen is None else f"，罚款 {yuan(self.fine_fen)}"
            return f"{self.basis}：追回 {yuan(self.decided_fen)}{fine}，应退 {yuan(self.refund_fen)}"

    class Refunded(kernel.Event):
        """Money that is no longer owed went back to the person; `refund_left_fen` is still to go."""

        TOPIC = "assistance.RecoveryRefunded"
        TITLE = "退还多收款项"
        case_id: UUID
        part: RecoveryPart
        amount_fen: int
        voucher_no: str
        refund_left_fen: int
        effective_on: date

        def apply(self, aggregate: "RecoveryRecord") -> None:
            if self.part is RecoveryPart.FINE:
                aggregate.fine_paid_fen -= self.amount_fen
            else:
                aggregate.recovered_fen -= self.amount_fen

        def gist(self) -> str:
            return f"{self.part.label} {yuan(self.amount_fen)}，{self.voucher_no}"

    class Closed(kernel.Event):
        """Nothing is left to be done: paid, written off, or nothing was to be given back."""

        TOPIC = "assistance.RecoveryClosed"
        TITLE = "了结追回"
        case_id: UUID
        outcome: RecoveryOutcome
        written_off_fen: int
        grounds: str
        by: str

        def apply(self, aggregate: "RecoveryRecord") -> None:
            aggregate.state = RecoveryState.CLOSED
            aggregate.outcome = self.outcome

        def gist(self) -> str:
            lost = f" {yuan(self.written_off_fen)}" if self.written_off_fen else ""
            return f"{self.outcome.label}{lost}：{self.grounds}"

    class Transferred(kernel.Event):
        """Its case went to another street or community, and this goes along."""

        TOPIC = "assistance.RecoveryTransferred"
        TITLE = "随个案移交追回"
        case_id: UUID
        to_division_code: str
        moved_on: date

        def apply(self, aggregate: "RecoveryRecord") -> None:
            aggregate.division_code = self.to_division_code

    def subjects(self) -> Iterable[str]:
        """It stands on the timelines of its case, household and payee."""
        yield f"case:{self.case_id}"
        yield f"household:{self.household_id}"
        yield f"person:{self.payee_id}"

    @property
    def recovery_left_fen(self) -> int:
        """What is still to be given back."""
        return max(0, (self.decided_fen or 0) - self.recovered_fen)

    @property
    def fine_left_fen(self) -> int:
        """What is still owed of the fine."""
        return max(0, (self.fine_fen or 0) - self.fine_paid_fen)

    def refund_of(self, part: RecoveryPart) -> int:
        """What was received of a part beyond what is owed since a revision."""
        if part is RecoveryPart.FINE:
            return max(0, self.fine_paid_fen - (self.fine_fen or 0))
        return max(0, self.recovered_fen - (self.decided_fen or 0))

    @property
    def refund_fen(self) -> int:
        """Everything that is to go back to the person."""
        return sum(self.refund_of(part) for part in RecoveryPart)

    @property
    def outstanding_fen(self) -> int:
        """Everything still owed; never below zero."""
        return self.recovery_left_fen + self.fine_left_fen

    def covers(self, from_month: str, to_month: str) -> bool:
        """Whether it is about any of these months."""
        return self.from_month <= to_month and from_month <= self.to_month
