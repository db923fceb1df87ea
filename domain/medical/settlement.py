"""A settlement (结算): a bill's parts, from the pre-settlement that is shown to what is cleared with the hospital.

    OPENED → PRE_SETTLED → SETTLED → RECONCILED → CLEARED
    SETTLED, RECONCILED, CLEARED → CANCELLED → RE_SETTLED (another settlement takes its place) | DROPPED (none will)
    PRE_SETTLED, SETTLED → PENDING_REVERSAL (nobody knows whether it was booked) → SETTLED | REVERSED

Its id follows from the hospital and the hospital's settlement number; each of the interface's transactions (infno)
happens to it once, so that a message that comes again does nothing again.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import ClassVar, Self
from uuid import UUID, uuid5

from domain import kernel
from domain.codes import (
    HospitalLevel,
    InsuranceType,
    MaCategory,
    MedType,
    SettlementCancelReason,
    SettlementState,
)
from domain.errors import RuleViolated
from domain.formulas import Computed, yuan
from domain.kernel import NO_ID
from domain.medical.split import Bill, Outcome, Printed, Split, Terms, Used, imbalance

BOOKED = frozenset({SettlementState.SETTLED, SettlementState.RECONCILED, SettlementState.CLEARED})
"""States in which its parts count."""
OVER = frozenset(
    {SettlementState.CANCELLED, SettlementState.RE_SETTLED, SettlementState.DROPPED, SettlementState.REVERSED}
)
"""States in which nothing of it counts any more."""


class Infno:
    """Numbers of the national interface's transactions, by what they do (inpatient, outpatient)."""

    PRE_SETTLE = ("2303", "2206")
    SETTLE = ("2304", "2207")
    CANCEL = ("2305", "2208")
    REVERSE = "2601"

    @staticmethod
    def of(pair: tuple[str, str], med_type: MedType) -> str:
        """The number for a kind of visit."""
        return pair[0] if med_type is MedType.INPATIENT else pair[1]


class Settlement(kernel.Aggregate):
    """One settlement of one visit."""

    TOPIC: ClassVar[str] = "medical.Settlement"
    SUBJECT: ClassVar[str] = "settlement"
    division_code: str = ""
    visit_id: UUID = NO_ID
    hospital_id: UUID = NO_ID
    person_id: UUID = NO_ID
    settlement_no: str = ""
    insurance: InsuranceType = InsuranceType.RESIDENT
    level: HospitalLevel = HospitalLevel.FIRST
    med_type: MedType = MedType.INPATIENT
    settled_on: date = date.min
    """The business date by which it is computed and whose year it counts in."""
    replaces_id: UUID | None = None
    state: SettlementState = SettlementState.OPENED
    category: MaCategory = MaCategory.NONE
    bill: Bill = Bill(0, 0)
    split: Split = Split()
    uses: Used = Used()
    computed: Computed | None = None
    booked: bool = False
    booked_on: date | None = None
    booked_at: datetime | None = None
    cancelled_on: date | None = None
    replaced_by: UUID | None = None

    class Created(kernel.Created):
        """A bill is to be settled; `settled_on` is the business date by which it is computed."""

        TOPIC = "medical.SettlementOpened"
        TITLE = "建立结算"
        visit_id: UUID
        hospital_id: UUID
        person_id: UUID
        settlement_no: str
        insurance: InsuranceType
        level: HospitalLevel
        med_type: MedType
        settled_on: date
        replaces_id: UUID | None
        division_code: str

    class PreSettled(kernel.Event):
        """The parts as they would be now, shown to the patient; nothing is booked. `used` is the year before it."""

        TOPIC = "medical.PreSettled"
        TITLE = "预结算"
        category: MaCategory
        bill: Bill
        split: Split
        uses: Used
        used: Used
        computed: Computed | None
        large_share: bool
        settled_on: date
        by: str

        def apply(self, aggregate: "Settlement") -> None:
            aggregate.state = SettlementState.PRE_SETTLED
            aggregate.settled_on = self.settled_on
            aggregate.category = self.category
            aggregate.bill = self.bill
            aggregate.split = self.split
            aggregate.uses = self.uses
            aggregate.computed = self.computed

        def gist(self) -> str:
            return f"总额 {yuan(self.bill.total_fen)}，医疗救助 {yuan(self.split.assistance_fen)}"

    class Made(kernel.Event):
        """It is settled: the parts are owed and paid. `booked_on` is the day of the hospital's file that has it.

        `computed` is None where a source reports it. `large_share` says that the person's part is above what the
        district looks into (X14).
        """

        TOPIC = "medical.SettlementMade"
        TITLE = "结算"
        hospital_id: UUID
        person_id: UUID
        visit_id: UUID
        category: MaCategory
        bill: Bill
        split: Split
        uses: Used
        used: Used
        computed: Computed | None
        large_share: bool
        infno: str
        settled_on: date
        booked_on: date
        by: str

        def apply(self, aggregate: "Settlement") -> None:
            aggregate.state = SettlementState.SETTLED
            aggregate.category = self.category
            aggregate.bill = self.bill
            aggregate.split = self.split
            aggregate.uses = self.uses
            aggregate.computed = self.computed
            aggregate.settled_on = self.settled_on
            aggregate.booked_on = self.booked_on
            aggregate.booked_at = aggregate.booked_at or self.timestamp
            aggregate.booked = True

        def gist(self) -> str:
            paid = f"医疗救助 {yuan(self.split.assistance_fen)}，个人 {yuan(self.split.person_fen)}"
            return f"总额 {yuan(self.bill.total_fen)}，{paid}"

    class MarkedUnknown(kernel.Event):
        """The hospital had no answer to a transaction; whether it is booked is to be found out by `reverse_by`."""

        TOPIC = "medical.SettlementUnknown"
        TITLE = "结算结果不明"
        infno: str
        message_no: str
        by: str
        reverse_by: date | None

        def apply(self, aggregate: "Settlement") -> None:
            aggregate.state = SettlementState.PENDING_REVERSAL

        def gist(self) -> str:
            return f"交易 {self.infno}，{'已入账' if self.reverse_by is None else f'期限 {self.reverse_by}'}"

    class Confirmed(kernel.Event):
        """It is booked and stands."""

        TOPIC = "medical.SettlementConfirmed"
        TITLE = "确认结算有效"
        note: str
        by: str

        def apply(self, aggregate: "Settlement") -> None:
            aggregate.state = SettlementState.SETTLED

        def gist(self) -> str:
            return self.note

    class Reversed(kernel.Event):
        """The transaction was taken back (冲正), as if it had never been; `was_booked` says whether anything was."""

        TOPIC = "medical.TxReversed"
        TITLE = "冲正"
        hospital_id: UUID
        infno: str
        message_no: str
        was_booked: bool
        undone: Split
        reversed_on: date
        by: str

        def apply(self, aggregate: "Settlement") -> None:
            aggregate.state = SettlementState.REVERSED
            aggregate.cancelled_on = self.reversed_on if self.was_booked else None
            aggregate.booked = False

        def gist(self) -> str:
            return f"交易 {self.infno}，{'已入账，予以冲回' if self.was_booked else '未入账'}"

    class Cancelled(kernel.Event):
        """The settlement is undone by an opposite entry; the bill is to be settled again by `reissue_by`."""

        TOPIC = "medical.SettlementCancelled"
        TITLE = "撤销结算"
        hospital_id: UUID
        reason: SettlementCancelReason
        infno: str
        total_fen: int
        undone: Split
        cancelled_on: date
        reissue_by: date | None
        by: str

        def apply(self, aggregate: "Settlement") -> None:
            aggregate.state = SettlementState.CANCELLED
            aggregate.cancelled_on = self.cancelled_on
            aggregate.booked = False

        def gist(self) -> str:
            return self.reason.label

    class Reissued(kernel.Event):
        """Another settlement took this one's place."""

        TOPIC = "medical.SettlementReissued"
        TITLE = "重新结算"
        replaced_by: UUID
        settlement_no: str

        def apply(self, aggregate: "Settlement") -> None:
            aggregate.state = SettlementState.RE_SETTLED
            aggregate.replaced_by = self.replaced_by

        def gist(self) -> str:
            return f"改为结算 {self.settlement_no}"

    class Dropped(kernel.Event):
        """No other settlement will take its place: the patient paid otherwise, or the visit was a mistake."""

        TOPIC = "medical.SettlementDropped"
        TITLE = "不再重新结算"
        reason: str
        by: str

        def apply(self, aggregate: "Settlement") -> None:
            aggregate.state = SettlementState.DROPPED

        def gist(self) -> str:
            return self.reason

    class Reconciled(kernel.Event):
        """The hospital's file of the day has it with the same amounts."""

        TOPIC = "medical.SettlementReconciled"
        TITLE = "结算对账相符"
        business_on: date

        def apply(self, aggregate: "Settlement") -> None:
            aggregate.state = SettlementState.RECONCILED

    class Cleared(kernel.Event):
        """The fund paid the hospital its part."""

        TOPIC = "medical.SettlementCleared"
        TITLE = "结算已清算"
        clearing_id: UUID
        month: str

        def apply(self, aggregate: "Settlement") -> None:
            aggregate.state = SettlementState.CLEARED

        def gist(self) -> str:
            return self.month

    def subjects(self) -> Iterable[str]:
        """Person, visit and hospital; and the hospital's days and months in whose files it stands."""
        yield f"person:{self.person_id}"
        yield f"medical_visit:{self.visit_id}"
        yield f"hospital:{self.hospital_id}"
        for day in dict.fromkeys((self.booked_on, self.cancelled_on)):
            if day is not None:
                yield day_tag(self.hospital_id, day)
                yield month_tag(self.hospital_id, f"{day:%Y-%m}")

    @property
    def year(self) -> int:
        """The year that it counts in."""
        return self.settled_on.year

    @staticmethod
    def id_for(hospital_id: UUID, settlement_no: str) -> UUID:
        """The id of a hospital's settlement with this number (结算ID)."""
        return uuid5(hospital_id, f"settlement {settlement_no}")

    @classmethod
    def open(
        cls,
        at: datetime,
        *,
        visit_id: UUID,
        hospital_id: UUID,
        person_id: UUID,
        settlement_no: str,
        insurance: InsuranceType,
        level: HospitalLevel,
        med_type: MedType,
        settled_on: date,
        replaces_id: UUID | None,
        division_code: str,
    ) -> Self:
        """A bill that is to be settled; raises RuleViolated where the hospital gave it no number."""
        if not settlement_no.strip():
            raise RuleViolated("请填写结算ID。")
        return cls.create(
            cls.Created,
            id=cls.id_for(hospital_id, settlement_no.strip()),
            at=at,
            visit_id=visit_id,
            hospital_id=hospital_id,
            person_id=person_id,
            settlement_no=settlement_no.strip(),
            insurance=insurance,
            level=level,
            med_type=med_type,
            settled_on=settled_on,
            replaces_id=replaces_id,
            division_code=division_code,
        )

    def terms(self, category: MaCategory) -> Terms:
        """What decides which parameters it is computed by."""
        return Terms(self.division_code, self.settled_on, self.insurance, self.level, self.med_type, category)

    def show(self, at: datetime, *, outcome: Outcome, settled_on: date, by: str) -> None:
        """Pre-settle: note what is shown to the patient. May be done again until it is settled."""
        self._demand("预结算", SettlementState.OPENED, SettlementState.PRE_SETTLED)
        self.record(self.PreSettled, at=at, **outcome._asdict(), settled_on=settled_on, by=by)

    def settle(self, at: datetime, *, outcome: Outcome, printed: Printed, by: str) -> None:
        """Book what was shown and printed; raises RuleViolated where the parts don't add up or are others by now."""
        self._demand("结算", SettlementState.PRE_SETTLED)
        if self.replaces_id is None and self.settled_on != at.date():
            raise RuleViolated(f"预结算是 {self.settled_on} 的，年度累计和标准以结算当日为准；请重新预结算后再结算。")
        if difference := printed.imbalance_fen or imbalance(outcome.bill, outcome.split):
            raise RuleViolated(f"结算各项之和与医疗费总额相差 {difference} 分，不能结算；请核对后重新预结算。")
        if outcome.split != self.split or outcome.category is not self.category:
            raise RuleViolated(
                f"预结算后年度累计或身份有变，医疗救助应为 {yuan(outcome.split.assistance_fen)}（预结算时为 "
                f"{yuan(self.split.assistance_fen)}）；请重新预结算并告知患者后再结算。"
            )
        if printed != Printed.of(outcome.split):
            raise RuleViolated(
                f"结算单与预结算不一致：基金支付应为 {yuan(outcome.split.funds_fen)}，个人负担应为 "
                f"{yuan(outcome.split.person_fen)}；请按预结算结果打印后再结算。"
            )
        self._make(at, outcome, booked_on=at.date(), by=by)

    def report_made(self, at: datetime, *, outcome: Outcome, by: str) -> None:
        """A source reports what was settled, whether it adds up or not; once."""
        if not self.booked and self.state not in OVER:
            self._make(at, outcome, booked_on=self.settled_on, by=by)

    def remake(self, at: datetime, *, outcome: Outcome, by: str) -> None:
        """Settle anew what was settled before, since what an earlier settlement had used was given back (X18)."""
        self._demand("重新结算", SettlementState.OPENED)
        self._make(at, outcome, booked_on=at.date(), by=by)

    def mark_unknown(self, at: datetime, *, message_no: str, by: str, reverse_by: date) -> None:
        """The hospital doesn't know whether it is settled."""
        self._demand("登记结果不明", SettlementState.PRE_SETTLED, SettlementState.SETTLED)
        infno = Infno.of(Infno.SETTLE, self.med_type)
        self.record(self.MarkedUnknown, at=at, infno=infno, message_no=message_no, by=by, reverse_by=reverse_by)

    def confirm(self, at: datetime, *, note: str, by: str) -> None:
        """It turned out to be booked here and there."""
        self._demand("确认", SettlementState.PENDING_REVERSAL)
        if not self.booked:
            raise RuleViolated("本平台没有入账此笔结算，不能确认；请冲正后重新预结算、结算。")
        self.record(self.Confirmed, at=at, note=_given(note, "确认结算须写明核实方式。"), by=by)

    def reverse(self, at: datetime, *, message_no: str, by: str) -> None:
        """Take the transaction back; what it had booked is given back by whoever calls."""
        self._demand("冲正", SettlementState.PENDING_REVERSAL)
        self.record(
            self.Reversed,
            at=at,
            hospital_id=self.hospital_id,
            infno=Infno.REVERSE,
            message_no=_given(message_no, "冲正须填写原交易的报文号。"),
            was_booked=self.booked,
            undone=self.split if self.booked else Split(),
            reversed_on=at.date(),
            by=by,
        )

    def cancel(self, at: datetime, *, reason: SettlementCancelReason, reissue_by: date | None, by: str) -> None:
        """Undo it; what it had booked is given back by whoever calls."""
        self._demand("撤销", *BOOKED)
        self._cancel(at, reason, at.date(), reissue_by, by)

    def report_cancelled(self, at: datetime, *, cancelled_on: date, by: str) -> None:
        """A source reports that it was paid back; a second report records nothing."""
        if self.state in BOOKED or self.state is SettlementState.PENDING_REVERSAL:
            self._cancel(at, SettlementCancelReason.REPORTED, cancelled_on, None, by)

    def replace(self, at: datetime, *, by_id: UUID, settlement_no: str) -> None:
        """Another settlement takes its place; nothing is recorded where that was said."""
        if self.replaced_by != by_id:
            self._demand("重新结算", SettlementState.CANCELLED)
            self.record(self.Reissued, at=at, replaced_by=by_id, settlement_no=settlement_no)

    def drop(self, at: datetime, *, reason: str, by: str) -> None:
        """Leave it undone."""
        self._demand("登记为不再结算", SettlementState.CANCELLED)
        self.record(self.Dropped, at=at, reason=_given(reason, "不再重新结算须写明原因。"), by=by)

    def reconcile(self, at: datetime, *, business_on: date) -> None:
        """The hospital's file agrees; nothing is recorded where that is known, or where it is no longer in force."""
        if self.state is SettlementState.SETTLED:
            self.record(self.Reconciled, at=at, business_on=business_on)

    def clear(self, at: datetime, *, clearing_id: UUID, month: str) -> None:
        """The hospital was paid."""
        self._demand("清算", SettlementState.RECONCILED)
        self.record(self.Cleared, at=at, clearing_id=clearing_id, month=month)

    def fund_on(self, day: date) -> int:
        """What medical assistance owes the hospital for it in a day's file, in fen: negative where it is undone."""
        made = self.split.assistance_fen if self.booked_on == day else 0
        undone = self.split.assistance_fen if self.cancelled_on == day else 0
        return made - undone

    def _make(self, at: datetime, outcome: Outcome, *, booked_on: date, by: str) -> None:
        self.record(
            self.Made,
            at=at,
            hospital_id=self.hospital_id,
            person_id=self.person_id,
            visit_id=self.visit_id,
            **outcome._asdict(),
            infno=Infno.of(Infno.SETTLE, self.med_type),
            settled_on=self.settled_on,
            booked_on=booked_on,
            by=by,
        )

    def _cancel(self, at: datetime, reason: SettlementCancelReason, on: date, reissue_by: date | None, by: str) -> None:
        self.record(
            self.Cancelled,
            at=at,
            hospital_id=self.hospital_id,
            reason=reason,
            infno=Infno.of(Infno.CANCEL, self.med_type),
            total_fen=self.bill.total_fen,
            undone=self.split,
            cancelled_on=on,
            reissue_by=reissue_by,
            by=by,
        )

    def _demand(self, what: str, *states: SettlementState) -> None:
        if self.state not in states:
            allowed = "、".join(state.label for state in SettlementState if state in states)
            raise RuleViolated(f"结算 {self.settlement_no} 现为“{self.state.label}”，不能{what}；须为：{allowed}。")


def day_tag(hospital_id: UUID, day: date) -> str:
    """The tag of a hospital's settlements in the file of a day."""
    return f"hospital_day:{hospital_id}/{day}"


def month_tag(hospital_id: UUID, month: str) -> str:
    """The tag of a hospital's settlements in the files of a month."""
    return f"hospital_month:{hospital_id}/{month}"


def _given(text: str, demand: str) -> str:
    if not text.strip():
        raise RuleViolated(demand)
    return text.strip()
