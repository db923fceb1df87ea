"""A claim afterwards (事后救助): for whoever could not be settled at the hospital's window.

Dibao and tekun need no application where their hospital settles with the platform; everyone else's goes from the street
by a public notice to the district (社会救助暂行办法 art. 30). The insurances have paid before, so only the last step of
the formula is computed, and it uses the same yearly deductible and cap.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import ClassVar, NamedTuple, Self
from uuid import UUID

from domain import kernel
from domain.codes import ClaimState, HospitalLevel, InsuranceType, MaCategory, MedType
from domain.errors import RuleViolated
from domain.formulas import Computed, yuan
from domain.kernel import NO_ID, PersonalText
from domain.medical.split import Terms, Used


class Receipts(NamedTuple):
    """What the bills say, in fen: the whole, what lies in scope, and what insurances and the hospital have paid."""

    total_fen: int
    in_scope_fen: int
    basic_fen: int = 0
    si_fen: int = 0
    supplement_fen: int = 0
    hospital_fen: int = 0

    @property
    def base_fen(self) -> int:
        """What medical assistance is computed on."""
        return max(0, self.in_scope_fen - self.basic_fen - self.si_fen - self.supplement_fen)

    @property
    def left_fen(self) -> int:
        """What the person has paid."""
        return self.total_fen - self.basic_fen - self.si_fen - self.supplement_fen - self.hospital_fen


class ManualClaim(kernel.Aggregate):
    """One person's claim for one visit."""

    TOPIC: ClassVar[str] = "medical.ManualClaim"
    SUBJECT: ClassVar[str] = "claim"
    division_code: str = ""
    person_id: UUID = NO_ID
    category: MaCategory = MaCategory.NONE
    med_type: MedType = MedType.INPATIENT
    discharged_on: date | None = None
    receipts: Receipts = Receipts(0, 0)
    invoice_no: str = ""
    state: ClaimState = ClaimState.FILED
    notice_to: date | None = None
    amount_fen: int = 0
    reviewed_by: str = ""
    decided_by: str = ""

    class Created(kernel.Created):
        """The street took the application; what the person has is sealed under their key."""

        TOPIC = "medical.ManualClaimFiled"
        TITLE = "受理事后救助申请"
        KEY_HOLDER: ClassVar[str] = "person_id"
        person_id: UUID
        visit_id: UUID | None
        category: MaCategory
        med_type: MedType
        admitted_on: date
        discharged_on: date
        receipts: Receipts
        invoice_no: str
        summary: PersonalText
        by: str
        review_by: date
        division_code: str

        def gist(self) -> str:
            return f"{self.category.label}，总额 {yuan(self.receipts.total_fen)}"

    class Reviewed(kernel.Event):
        """The street checked the bills."""

        TOPIC = "medical.ManualClaimReviewed"
        TITLE = "街道审核事后救助"
        receipts: Receipts
        note: str
        by: str

        def apply(self, aggregate: "ManualClaim") -> None:
            aggregate.state = ClaimState.REVIEWED
            aggregate.receipts = self.receipts
            aggregate.reviewed_by = self.by

        def gist(self) -> str:
            return self.note

    class Publicised(kernel.Event):
        """A notice hangs from and to a day; the district decides by `decide_by`."""

        TOPIC = "medical.ManualClaimPublicised"
        TITLE = "公示事后救助"
        notice_no: str
        from_on: date
        to_on: date
        decide_by: date

        def apply(self, aggregate: "ManualClaim") -> None:
            aggregate.state = ClaimState.PUBLICISED
            aggregate.notice_to = self.to_on

        def gist(self) -> str:
            return f"{self.from_on} 至 {self.to_on}"

    class Objected(kernel.Event):
        """Somebody objected; what they said is sealed under the person's key. The street reviews again."""

        TOPIC = "medical.ManualClaimObjected"
        TITLE = "对事后救助提出异议"
        KEY_HOLDER: ClassVar[str] = "person_id"
        person_id: UUID
        objection: PersonalText
        review_by: date

        def apply(self, aggregate: "ManualClaim") -> None:
            aggregate.state = ClaimState.OBJECTED

    class Approved(kernel.Event):
        """The district grants what the formula comes to."""

        TOPIC = "medical.ManualClaimApproved"
        TITLE = "核准事后救助"
        amount_fen: int
        uses: Used
        used: Used
        computed: Computed
        by: str
        pay_by: date

        def apply(self, aggregate: "ManualClaim") -> None:
            aggregate.state = ClaimState.APPROVED
            aggregate.amount_fen = self.amount_fen
            aggregate.decided_by = self.by

        def gist(self) -> str:
            return yuan(self.amount_fen)

    class Refused(kernel.Event):
        """The district refuses, and says why."""

        TOPIC = "medical.ManualClaimRefused"
        TITLE = "不予事后救助"
        reason: str
        by: str

        def apply(self, aggregate: "ManualClaim") -> None:
            aggregate.state = ClaimState.REFUSED
            aggregate.decided_by = self.by

        def gist(self) -> str:
            return self.reason

    class Paid(kernel.Event):
        """The money went to the person."""

        TOPIC = "medical.ManualClaimPaid"
        TITLE = "支付事后救助"
        amount_fen: int
        voucher_no: str
        by: str

        def apply(self, aggregate: "ManualClaim") -> None:
            aggregate.state = ClaimState.PAID

        def gist(self) -> str:
            return yuan(self.amount_fen)

    def subjects(self) -> Iterable[str]:
        """Its events stand on the person's timeline."""
        yield f"person:{self.person_id}"

    @classmethod
    def file(
        cls,
        id: UUID,
        at: datetime,
        *,
        person_id: UUID,
        visit_id: UUID | None,
        category: MaCategory,
        med_type: MedType,
        admitted_on: date,
        discharged_on: date,
        receipts: Receipts,
        invoice_no: str,
        summary: str,
        by: str,
        review_by: date,
        division_code: str,
    ) -> Self:
        """Take an application; raises RuleViolated where the person has no category, or the bills make no sense."""
        if category is MaCategory.NONE:
            raise RuleViolated(
                "该人员在就诊期间不属于医疗救助对象；请先认定（低保边缘、刚性支出困难等）后再申请，或转其他救助。"
            )
        if not admitted_on <= discharged_on <= at.date():
            raise RuleViolated("入院日期不能晚于出院日期，出院日期不能晚于今天。")
        demand_sense(receipts)
        return cls.create(
            cls.Created,
            id=id,
            at=at,
            person_id=person_id,
            visit_id=visit_id,
            category=category,
            med_type=med_type,
            admitted_on=admitted_on,
            discharged_on=discharged_on,
            receipts=receipts,
            invoice_no=_given(invoice_no, "请填写医疗收费票据号，防止重复申请。"),
            summary=_given(summary, "请写明就诊医院和病情。"),
            by=by,
            review_by=review_by,
            division_code=division_code,
        )

    def review(self, at: datetime, *, receipts: Receipts, note: str, by: str) -> None:
        """The street has seen the bills; it may correct what they say. After an objection it does so again."""
        self._demand("审核", ClaimState.FILED, ClaimState.OBJECTED)
        demand_sense(receipts)
        note = _given(note, "请写明审核意见。")
        self.record(self.Reviewed, at=at, receipts=receipts, note=note, by=by)

    def publicise(self, at: datetime, *, notice_no: str, from_on: date, to_on: date, decide_by: date) -> None:
        """Hang the notice."""
        self._demand("公示", ClaimState.REVIEWED)
        number = _given(notice_no, "请填写公示编号。")
        self.record(self.Publicised, at=at, notice_no=number, from_on=from_on, to_on=to_on, decide_by=decide_by)

    def object(self, at: datetime, *, objection: str, review_by: date) -> None:
        """Somebody objects while the notice hangs, or before the district decides."""
        self._demand("提出异议", ClaimState.PUBLICISED)
        text = _given(objection, "请写明异议内容。")
        self.record(self.Objected, at=at, person_id=self.person_id, objection=text, review_by=review_by)

    def approve(self, at: datetime, *, computed: Computed, uses: Used, used: Used, by: str, pay_by: date) -> None:
        """Grant what the formula comes to, when the notice has run without an objection that is open."""
        self._demand_decidable(at, by)
        amount = min(computed.amount_fen, self.receipts.left_fen)
        if amount == 0:
            raise RuleViolated("按公式计算的救助金额为 0（未超过起付线或年度限额已用完），请作不予救助处理并说明。")
        self.record(
            self.Approved,
            at=at,
            amount_fen=amount,
            uses=uses._replace(assistance_fen=amount),
            used=used,
            computed=computed,
            by=by,
            pay_by=pay_by,
        )

    def refuse(self, at: datetime, *, reason: str, by: str) -> None:
        """Refuse it; a refusal needs no notice."""
        self._demand("作出决定", ClaimState.REVIEWED, ClaimState.PUBLICISED)
        self._demand_other(by)
        self.record(self.Refused, at=at, reason=_given(reason, "不予救助须写明理由。"), by=by)

    def pay(self, at: datetime, *, voucher_no: str, by: str) -> None:
        """The money goes; not by the hand that approved it."""
        self._demand("支付", ClaimState.APPROVED)
        if by == self.decided_by:
            raise RuleViolated("您已核准此申请，不能再支付；请由其他经办人办理。")
        number = _given(voucher_no, "请填写支付凭证号。")
        self.record(self.Paid, at=at, amount_fen=self.amount_fen, voucher_no=number, by=by)

    def terms(self) -> Terms:
        """What decides which parameters hold: those of the day of discharge."""
        assert self.discharged_on is not None
        return Terms(
            self.division_code,
            self.discharged_on,
            InsuranceType.NONE,
            HospitalLevel.FIRST,
            self.med_type,
            self.category,
        )

    def _demand_decidable(self, at: datetime, by: str) -> None:
        self._demand("作出决定", ClaimState.PUBLICISED)
        self._demand_other(by)
        if self.notice_to is not None and at.date() <= self.notice_to:
            raise RuleViolated(f"公示期至 {self.notice_to}，期满前不能核准。")

    def _demand_other(self, by: str) -> None:
        if by == self.reviewed_by:
            raise RuleViolated("您已审核此申请，不能再作决定；请由其他经办人办理。")

    def _demand(self, what: str, *states: ClaimState) -> None:
        if self.state not in states:
            allowed = "、".join(state.label for state in states)
            raise RuleViolated(f"申请现为“{self.state.label}”，不能{what}；须为：{allowed}。")


def demand_sense(receipts: Receipts) -> None:
    """Raise RuleViolated where bills say what can't be."""
    if min(receipts) < 0 or receipts.total_fen == 0:
        raise RuleViolated("票据各项金额不能为负数，总额应大于 0。")
    if receipts.in_scope_fen > receipts.total_fen or receipts.left_fen < 0:
        raise RuleViolated("政策范围内费用或已报销金额之和大于医疗费总额，请核对票据。")


def _given(text: str, demand: str) -> str:
    if not text.strip():
        raise RuleViolated(demand)
    return text.strip()
