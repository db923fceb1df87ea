"""What is known of one family's relief money, and the events by which it came so."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from domain import kernel
from domain.codes import AidKind, AidState, FundSource, HouseDamage
from domain.formulas import Computed, yuan
from domain.kernel import NO_ID, PersonalText


class AidRecord(kernel.Aggregate):
    """State and events of one family's relief money; always used as `ReliefAid`."""

    SUBJECT: ClassVar[str] = "relief_aid"
    division_code: str = ""
    kind: AidKind = AidKind.REBUILD
    person_id: UUID = NO_ID
    disaster_id: UUID | None = None
    season: int | None = None
    head_count: int = 0
    days: int = 0
    state: AidState = AidState.APPLIED
    damage: HouseDamage | None = None
    passed: bool | None = None
    """What the last community review said."""
    notice_to: date | None = None
    entered_by: str = ""
    submitted_by: str = ""
    decided_by: str = ""
    amount_fen: int = 0
    held: str = ""
    """Why it is not to be paid for now; empty: it may be."""

    class Created(kernel.Created):
        """Applied for, or nominated by the villagers' group; the community reviews it by `review_by`."""

        TOPIC = "relief.AidApplied"
        TITLE = "申请灾害救助资金"
        KEY_HOLDER: ClassVar[str] = "person_id"
        kind: AidKind
        person_id: UUID
        disaster_id: UUID | None
        season: int | None
        aid_list_id: UUID | None
        head_count: int
        days: int
        nominated: bool
        situation: PersonalText
        division_code: str
        by: str
        review_by: date | None

        def apply(self, aggregate: "AidRecord") -> None:
            aggregate.entered_by = self.by

        def gist(self) -> str:
            return f"{self.kind.label}，{self.head_count} 人{'，提名' if self.nominated else ''}"

    class DamageAssessed(kernel.Event):
        """How badly the house is damaged; how it was seen is the person's own."""

        TOPIC = "relief.HouseDamageAssessed"
        TITLE = "评定房屋损坏"
        KEY_HOLDER: ClassVar[str] = "person_id"
        person_id: UUID
        grade: HouseDamage
        rooms: int
        report: PersonalText
        effective_on: date
        by: str

        def apply(self, aggregate: "AidRecord") -> None:
            aggregate.damage = self.grade

        def gist(self) -> str:
            return f"{self.grade.label}，{self.rooms} 间"

    class Reviewed(kernel.Event):
        """The community deliberated; with more votes for it than against, it is publicised."""

        TOPIC = "relief.AidReviewed"
        TITLE = "民主评议灾害救助"
        person_id: UUID
        for_count: int
        against_count: int
        passed: bool
        again: bool
        effective_on: date
        by: str
        next_by: date | None

        def apply(self, aggregate: "AidRecord") -> None:
            aggregate.passed = self.passed
            if not self.passed:
                aggregate.state = AidState.APPLIED
            elif self.again:
                aggregate.state = AidState.PUBLICISED
            else:
                aggregate.state = AidState.REVIEWED

        def gist(self) -> str:
            return f"同意 {self.for_count}，不同意 {self.against_count}"

    class NoticePosted(kernel.Event):
        """On the notice board from one day to another; the street goes on by `submit_by`."""

        TOPIC = "relief.AidNoticePosted"
        TITLE = "公示灾害救助"
        person_id: UUID
        notice_no: str
        from_on: date
        to_on: date
        by: str
        submit_by: date | None

        def apply(self, aggregate: "AidRecord") -> None:
            aggregate.state, aggregate.notice_to = AidState.PUBLICISED, self.to_on

        def gist(self) -> str:
            return f"{self.notice_no}，{self.from_on} 至 {self.to_on}"

    class Objected(kernel.Event):
        """Somebody objects; the community deliberates again by `review_by`."""

        TOPIC = "relief.AidObjected"
        TITLE = "对灾害救助提出异议"
        KEY_HOLDER: ClassVar[str] = "person_id"
        person_id: UUID
        reason: PersonalText
        review_by: date | None

        def apply(self, aggregate: "AidRecord") -> None:
            aggregate.state = AidState.OBJECTED

    class Submitted(kernel.Event):
        """The street has looked through the papers and submits them to the district."""

        TOPIC = "relief.AidSubmitted"
        TITLE = "街道审核灾害救助"
        person_id: UUID
        opinion: str
        by: str
        decide_by: date | None

        def apply(self, aggregate: "AidRecord") -> None:
            aggregate.state, aggregate.submitted_by = AidState.SUBMITTED, self.by

        def gist(self) -> str:
            return self.opinion

    class Decided(kernel.Event):
        """Granted, with how the amount was computed (None where a source says so); to be paid by `pay_by`."""

        TOPIC = "relief.AidDecided"
        TITLE = "审批灾害救助"
        person_id: UUID
        kind: AidKind
        amount_fen: int
        computed: Computed | None
        by: str
        pay_by: date | None

        def apply(self, aggregate: "AidRecord") -> None:
            aggregate.state, aggregate.amount_fen, aggregate.decided_by = AidState.APPROVED, self.amount_fen, self.by

        def gist(self) -> str:
            return f"{self.kind.label} {yuan(self.amount_fen)}"

    class Refused(kernel.Event):
        """Not granted; why is the person's own."""

        TOPIC = "relief.AidRefused"
        TITLE = "不予灾害救助"
        KEY_HOLDER: ClassVar[str] = "person_id"
        person_id: UUID
        reason: PersonalText
        by: str

        def apply(self, aggregate: "AidRecord") -> None:
            aggregate.state, aggregate.decided_by = AidState.REFUSED, self.by

    class Held(kernel.Event):
        """Granted, but not to be paid for now."""

        TOPIC = "relief.AidHeld"
        TITLE = "暂缓支付灾害救助"
        person_id: UUID
        reason: str
        by: str

        def apply(self, aggregate: "AidRecord") -> None:
            aggregate.held = self.reason

        def gist(self) -> str:
            return self.reason

    class Released(kernel.Event):
        """It may be paid after all."""

        TOPIC = "relief.AidReleased"
        TITLE = "恢复支付灾害救助"
        person_id: UUID
        reason: str
        by: str

        def apply(self, aggregate: "AidRecord") -> None:
            aggregate.held = ""

        def gist(self) -> str:
            return self.reason

    class Paid(kernel.Event):
        """The money went out, from a source of funds (None where a source of rows names none), with its number."""

        TOPIC = "relief.AidPaid"
        TITLE = "支付灾害救助"
        person_id: UUID
        kind: AidKind
        amount_fen: int
        fund_source: FundSource | None
        payment_no: str
        effective_on: date
        by: str

        def apply(self, aggregate: "AidRecord") -> None:
            aggregate.state, aggregate.amount_fen = AidState.PAID, self.amount_fen

        def gist(self) -> str:
            source = "" if self.fund_source is None else f"，{self.fund_source.label}"
            return f"{self.kind.label} {yuan(self.amount_fen)}{source}"

    class PaymentReturned(kernel.Event):
        """The bank sent it back; it is due again."""

        TOPIC = "relief.AidPaymentReturned"
        TITLE = "灾害救助退回"
        person_id: UUID
        amount_fen: int
        reason: str
        effective_on: date
        pay_by: date | None

        def apply(self, aggregate: "AidRecord") -> None:
            aggregate.state = AidState.APPROVED

        def gist(self) -> str:
            return f"{yuan(self.amount_fen)}：{self.reason}"

    class Withdrawn(kernel.Event):
        """Taken back before anything was decided, or ended since its reason is gone."""

        TOPIC = "relief.AidWithdrawn"
        TITLE = "撤回灾害救助申请"
        person_id: UUID
        reason: str
        by: str

        def apply(self, aggregate: "AidRecord") -> None:
            aggregate.state = AidState.WITHDRAWN

        def gist(self) -> str:
            return self.reason

    class Transferred(kernel.Event):
        """The person lives in another division now, which goes on with it."""

        TOPIC = "relief.AidTransferred"
        TITLE = "移交灾害救助"
        person_id: UUID
        from_division_code: str
        to_division_code: str
        moved_on: date

        def apply(self, aggregate: "AidRecord") -> None:
            aggregate.division_code = self.to_division_code

        def gist(self) -> str:
            return f"{self.from_division_code} → {self.to_division_code}"
