"""A benefit's state and events; what may be decided on it stands in benefit.py, what sources report in benefit_facts.

Whose it is stands in every event that speaks of health or hardship: those are sealed under the person's own key.
"""

from collections.abc import Iterable
from datetime import date
from typing import ClassVar
from uuid import UUID

from domain import kernel
from domain.care.benefits.basis import NOTHING, Basis, opened
from domain.clock import month_of, next_month
from domain.codes import BenefitEnd, BenefitHold, BenefitKind, BenefitState, LifeProof
from domain.entitlement import Entitlement
from domain.formulas import yuan
from domain.kernel import NO_ID, PersonalText


class BenefitRecord(kernel.Timed):
    """One benefit of one person; always used as `Benefit`."""

    SUBJECT: ClassVar[str] = "benefit"
    division_code: str = ""
    person_id: UUID = NO_ID
    kind: BenefitKind = BenefitKind.OLD_AGE_ALLOWANCE
    state: BenefitState = BenefitState.APPLIED
    applied_on: date | None = None
    basis_text: str = ""
    entitlement: Entitlement = Entitlement()
    monthly_fen: int = 0
    start_month: str = ""
    end_month: str = ""
    end_reason: BenefitEnd | None = None
    before_end: BenefitState = BenefitState.PAYING
    ended_by: int = 0
    """Version of the event that ended it last."""
    held: BenefitHold | None = None
    held_from: str = ""
    overpaid_fen: int = 0
    overpaid_from: str = ""
    overpaid_to: str = ""
    proof_valid_to: date | None = None
    turn_month: str = ""
    """The month in which the rule gives something else by itself; empty where none is ahead, or somebody was asked."""
    turn_asked: str = ""
    """The month for which somebody was asked to look at it; empty where nobody is waited for."""
    hands: tuple[str, ...] = ()
    """Accounts that applied for it and approved it: whoever decides is another."""

    class Created(kernel.Created):
        """Someone applied, or a source enrols the person (`by` and `review_by` are then empty)."""

        TOPIC = "care.BenefitApplied"
        TITLE = "申请个人待遇"
        KEY_HOLDER: ClassVar[str] = "person_id"
        person_id: UUID
        kind: BenefitKind
        basis: PersonalText
        applied_on: date
        from_on: date
        by: str
        review_by: date | None
        division_code: str

        def apply(self, aggregate: "BenefitRecord") -> None:
            aggregate.basis_text = self.basis
            aggregate.hands = (self.by,) if self.by else ()

        def gist(self) -> str:
            return self.kind.label

    class Approved(kernel.Event):
        """The street found the application right; the district decides by `decide_by`."""

        TOPIC = "care.BenefitApproved"
        TITLE = "审核个人待遇"
        note: str
        by: str
        decide_by: date

        def apply(self, aggregate: "BenefitRecord") -> None:
            aggregate.state = BenefitState.APPROVED
            aggregate.hands = (*aggregate.hands, self.by)

        def gist(self) -> str:
            return self.note

    class Granted(kernel.Event):
        """`monthly_fen` a month from `start_month` (to `end_month`, where it is not open).

        `trace` is the rule's own computation, sealed, since it names levels; empty where a source only gave the amount.
        """

        TOPIC = "care.BenefitGranted"
        TITLE = "审定个人待遇"
        KEY_HOLDER: ClassVar[str] = "person_id"
        person_id: UUID
        kind: BenefitKind
        monthly_fen: int
        start_month: str
        end_month: str
        trace: PersonalText
        turn_month: str
        from_on: date
        by: str

        def apply(self, aggregate: "BenefitRecord") -> None:
            aggregate.turn_month = self.turn_month
            aggregate.state = BenefitState.PAYING
            aggregate.start_month = self.start_month
            aggregate.end_month = self.end_month
            aggregate.end_reason = None
            aggregate.entitlement = aggregate.entitlement.granted(
                self.start_month, self.end_month, self.monthly_fen, self.originator_version
            )
            aggregate.monthly_fen = self.monthly_fen

        def gist(self) -> str:
            return f"{self.kind.label} 每月 {yuan(self.monthly_fen)}，自 {self.start_month} 起"

    class Refused(kernel.Event):
        """Not granted, with the reason in writing."""

        TOPIC = "care.BenefitRefused"
        TITLE = "不予发放个人待遇"
        reason: str
        by: str

        def apply(self, aggregate: "BenefitRecord") -> None:
            aggregate.state = BenefitState.REFUSED

        def gist(self) -> str:
            return self.reason

    class Withdrawn(kernel.Event):
        """The applicant took the application back."""

        TOPIC = "care.BenefitWithdrawn"
        TITLE = "撤回个人待遇申请"
        reason: str
        by: str

        def apply(self, aggregate: "BenefitRecord") -> None:
            aggregate.state = BenefitState.WITHDRAWN

        def gist(self) -> str:
            return self.reason

    class BasisChanged(kernel.Event):
        """Another level, certificate or hardship: what later amounts are computed from."""

        TOPIC = "care.BenefitBasisChanged"
        TITLE = "变更待遇计算依据"
        KEY_HOLDER: ClassVar[str] = "person_id"
        person_id: UUID
        basis: PersonalText
        cause: str

        def apply(self, aggregate: "BenefitRecord") -> None:
            aggregate.basis_text = self.basis

        def gist(self) -> str:
            return self.cause

    class AmountChanged(kernel.Event):
        """Another amount from `from_on` (the first of a month), until a later one."""

        TOPIC = "care.BenefitAmountChanged"
        TITLE = "调整个人待遇金额"
        KEY_HOLDER: ClassVar[str] = "person_id"
        person_id: UUID
        old_fen: int
        new_fen: int
        cause: str
        trace: PersonalText
        turn_month: str
        from_on: date
        by: str

        def apply(self, aggregate: "BenefitRecord") -> None:
            aggregate.turn_month = self.turn_month
            aggregate.turn_asked = ""
            aggregate.entitlement = aggregate.entitlement.changed(
                month_of(self.from_on), self.new_fen, self.originator_version
            )
            aggregate.monthly_fen = aggregate.entitlement.latest() or 0

        def gist(self) -> str:
            return f"{yuan(self.old_fen)} → {yuan(self.new_fen)}，自 {self.from_on} 起：{self.cause}"

    class TurnDue(kernel.Event):
        """From `from_on` (the first of a month) the rule gives something else: to be looked at before (X10, X11)."""

        TOPIC = "care.BenefitTurnDue"
        TITLE = "待遇将按规则变化"
        person_id: UUID
        kind: BenefitKind
        from_on: date

        def apply(self, aggregate: "BenefitRecord") -> None:
            aggregate.turn_month = ""
            aggregate.turn_asked = month_of(self.from_on)

        def gist(self) -> str:
            return f"{self.kind.label} 自 {month_of(self.from_on)} 起应重新核定"

    class TurnSettled(kernel.Event):
        """Somebody looked at it and the amount stays; the rule's next turn is in `turn_month`."""

        TOPIC = "care.BenefitTurnSettled"
        TITLE = "核定后待遇金额不变"
        person_id: UUID
        turn_month: str
        cause: str
        by: str

        def apply(self, aggregate: "BenefitRecord") -> None:
            aggregate.turn_month = self.turn_month
            aggregate.turn_asked = ""

        def gist(self) -> str:
            return self.cause

    class Held(kernel.Event):
        """Nothing is paid for the months from `from_on` on until somebody decides, by `decide_by`: they stay due."""

        TOPIC = "care.BenefitLineHeld"
        TITLE = "暂缓发放"
        reason: BenefitHold
        from_on: date
        decide_by: date | None

        def apply(self, aggregate: "BenefitRecord") -> None:
            aggregate.held = self.reason
            aggregate.held_from = month_of(self.from_on)

        def gist(self) -> str:
            return f"{self.reason.label}，自 {month_of(self.from_on)} 起"

    class Released(kernel.Event):
        """Somebody decided that it goes on; what was held back is paid with the next payroll."""

        TOPIC = "care.BenefitLineReleased"
        TITLE = "恢复发放（解除暂缓）"
        reason: str
        by: str

        def apply(self, aggregate: "BenefitRecord") -> None:
            aggregate.held = None
            aggregate.held_from = ""

        def gist(self) -> str:
            return self.reason

    class Suspended(kernel.Event):
        """Nothing is due from `from_on` (the first of a month) on until it is resumed."""

        TOPIC = "care.BenefitSuspended"
        TITLE = "停发个人待遇"
        reason: str
        from_on: date
        by: str

        def apply(self, aggregate: "BenefitRecord") -> None:
            aggregate.state = BenefitState.SUSPENDED
            aggregate.entitlement = aggregate.entitlement.stopped(month_of(self.from_on), self.originator_version)

        def gist(self) -> str:
            return self.reason

    class Resumed(kernel.Event):
        """Due again from `from_on` (the first of a month) on."""

        TOPIC = "care.BenefitResumed"
        TITLE = "恢复个人待遇"
        reason: str
        from_on: date
        by: str

        def apply(self, aggregate: "BenefitRecord") -> None:
            aggregate.state = BenefitState.PAYING
            aggregate.entitlement = aggregate.entitlement.resumed(month_of(self.from_on), self.originator_version)

        def gist(self) -> str:
            return self.reason

    class Stopped(kernel.Event):
        """It ends with `end_month`, the last one due (empty where nothing ever was)."""

        TOPIC = "care.BenefitStopped"
        TITLE = "终止个人待遇"
        reason: BenefitEnd
        end_month: str
        from_on: date
        note: str
        by: str

        def apply(self, aggregate: "BenefitRecord") -> None:
            if aggregate.state is not BenefitState.ENDED:
                aggregate.before_end = aggregate.state
            aggregate.state = BenefitState.ENDED
            aggregate.end_reason = self.reason
            aggregate.turn_asked = ""
            aggregate.ended_by = self.originator_version
            aggregate.end_month = self.end_month
            aggregate.held = None
            aggregate.held_from = ""
            if self.end_month:
                # Not `ended`, by which an end given later brings the time since the first one back: somebody may have
                # been on the roster twice, with a gap that stays one.
                after = next_month(self.end_month)
                aggregate.entitlement = aggregate.entitlement.stopped(after, self.originator_version)

        def gist(self) -> str:
            return f"{self.reason.label}，最后发放月份 {self.end_month or '无'}"

    class Reinstated(kernel.Event):
        """The end was mistaken (a false death, a move that did not happen): again as it was from the month after it."""

        TOPIC = "care.BenefitReinstated"
        TITLE = "恢复已终止的个人待遇"
        corrects_version: int
        reason: str
        state: BenefitState
        from_on: date
        by: str

        def apply(self, aggregate: "BenefitRecord") -> None:
            aggregate.state = self.state
            aggregate.end_month = ""
            aggregate.end_reason = None
            aggregate.overpaid_fen = 0
            aggregate.overpaid_from = aggregate.overpaid_to = ""
            again = (
                aggregate.entitlement.resumed if self.state is BenefitState.PAYING else aggregate.entitlement.stopped
            )
            aggregate.entitlement = again(month_of(self.from_on), self.originator_version)

        def gist(self) -> str:
            return self.reason

    class OverpaymentFound(kernel.Event):
        """Months were paid that were not due (追缴起止月): what is to be recovered of them by now, in all."""

        TOPIC = "care.BenefitOverpaymentFound"
        TITLE = "查明个人待遇多发"
        person_id: UUID
        from_month: str
        to_month: str
        month_count: int
        amount_fen: int

        def apply(self, aggregate: "BenefitRecord") -> None:
            aggregate.overpaid_fen = self.amount_fen
            aggregate.overpaid_from, aggregate.overpaid_to = self.from_month, self.to_month

        def gist(self) -> str:
            return f"{self.from_month} 至 {self.to_month} {self.month_count} 个月，{yuan(self.amount_fen)}"

    class LifeProved(kernel.Event):
        """The person was seen to be alive; holds until `valid_to`."""

        TOPIC = "care.LifeProofRecorded"
        TITLE = "生存认证"
        method: LifeProof
        proved_on: date
        valid_to: date
        by: str

        def apply(self, aggregate: "BenefitRecord") -> None:
            aggregate.proof_valid_to = self.valid_to

        def gist(self) -> str:
            return f"{self.method.label}，有效至 {self.valid_to}"

    class Transferred(kernel.Event):
        """Another street or community looks after it; nobody applies anew."""

        TOPIC = "care.BenefitTransferred"
        TITLE = "移交个人待遇"
        from_division_code: str
        to_division_code: str
        moved_on: date

        def apply(self, aggregate: "BenefitRecord") -> None:
            aggregate.division_code = self.to_division_code

        def gist(self) -> str:
            return f"{self.from_division_code} → {self.to_division_code}"

    @property
    def basis(self) -> Basis:
        """What it is computed from beside birth date and month; nothing is known where the data were erased."""
        return opened(self.basis_text) if self.basis_text else NOTHING

    @property
    def in_force(self) -> bool:
        """Whether there is a grant that an amount can change."""
        return self.state in (BenefitState.PAYING, BenefitState.SUSPENDED)

    @property
    def open(self) -> bool:
        """Whether anything can still come of it."""
        return self.in_force or self.state in (BenefitState.APPLIED, BenefitState.APPROVED)

    def amount_for(self, month: str) -> int | None:
        """The fen due for a month, held or not; None where nothing is."""
        return self.entitlement.at(month)

    def held_in(self, month: str) -> bool:
        """Whether what is due for a month waits for a decision."""
        return self.held is not None and month >= self.held_from

    def subjects(self) -> Iterable[str]:
        """Everything that happens to it stands on its person's timeline; what will turn is found by its tag."""
        yield f"person:{self.person_id}"
        if self.turn_month:
            yield kernel.TIMERS
