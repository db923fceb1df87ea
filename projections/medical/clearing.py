"""Daily reconciliations, monthly clearings and claims afterwards in the read models."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar
from uuid import UUID

from domain.access import Area, PersonalClass
from domain.clock import first_day
from domain.codes import ClaimState, ClearingState, DifferenceKind, FundSource, MaCategory, MedType
from domain.medical import Clearing, DailyReconciliation, ManualClaim
from infra.log import LogEvent
from projections.assistance.cases import trace
from projections.kernel.changes import Changes, Projection, handles
from projections.kernel.tables import FEN, JSON, Doc, Figures, Many, Masked, One, Owner, Relations, view
from projections.medical.hospitals import WINDOW, HospitalMonthRow
from projections.medical.visits import PERSON

HOSPITAL = Owner("hospital", "hospital_id")


@view(
    "reconciliation",
    area=Area.MEDICAL,
    owner=HOSPITAL,
    order=("business_on", "id"),
    indexes=(("hospital_id", "business_on"),),
    through=WINDOW,
)
@dataclass
class ReconciliationRow:
    """医院日对账"""

    id: Annotated[UUID, Doc("日对账标识")]
    hospital_id: Annotated[UUID, Doc("定点医疗机构标识")]
    business_on: Annotated[date, Doc("对账日期")]
    ours_count: Annotated[int, Doc("本平台笔数（退费记负数）")]
    theirs_count: Annotated[int, Doc("医院笔数（退费记负数）")]
    ours_total_fen: Annotated[int, Doc("本平台医疗费总额"), FEN]
    theirs_total_fen: Annotated[int, Doc("医院医疗费总额"), FEN]
    ours_assistance_fen: Annotated[int, Doc("本平台医疗救助支出"), FEN]
    theirs_assistance_fen: Annotated[int, Doc("医院医疗救助支出"), FEN]
    diff_fen: Annotated[int, Doc("医疗救助支出差额"), FEN]
    difference_count: Annotated[int, Doc("差异笔数")]
    open_count: Annotated[int, Doc("其中未核实")]
    resolve_by: Annotated[date | None, Doc("核实期限")]
    compared_on: Annotated[date | None, Doc("最近对账日期")]

    RELATIONS: ClassVar[Relations] = {
        "hospital": One("hospital", local="hospital_id"),
        "differences": Many("reconciliation_difference", on="reconciliation_id", order=("settlement_no",)),
    }
    FILTERS: ClassVar[tuple[str, ...]] = ("hospital_id", "business_on", "open_count", "resolve_by")


@view(
    "reconciliation_difference",
    area=Area.MEDICAL,
    key=("reconciliation_id", "settlement_no", "refund"),
    owner=HOSPITAL,
    order=("business_on", "reconciliation_id", "settlement_no", "refund"),
    through=WINDOW,
)
@dataclass
class ReconciliationDifferenceRow:
    """对账差异"""

    reconciliation_id: Annotated[UUID, Doc("日对账标识")]
    settlement_no: Annotated[str, Doc("结算ID")]
    refund: Annotated[bool, Doc("是否为退费行")]
    hospital_id: Annotated[UUID, Doc("定点医疗机构标识")]
    business_on: Annotated[date, Doc("对账日期")]
    kind: Annotated[DifferenceKind, Doc("差异种类")]
    ours_total_fen: Annotated[int, Doc("本平台医疗费总额"), FEN]
    theirs_total_fen: Annotated[int, Doc("医院医疗费总额"), FEN]
    ours_assistance_fen: Annotated[int, Doc("本平台医疗救助支出"), FEN]
    theirs_assistance_fen: Annotated[int, Doc("医院医疗救助支出"), FEN]
    open: Annotated[bool, Doc("是否未核实")]
    note: Annotated[str | None, Doc("核实情况")]
    resolved_by: Annotated[str | None, Doc("核实人账号")]

    RELATIONS: ClassVar[Relations] = {"hospital": One("hospital", local="hospital_id")}
    FILTERS: ClassVar[tuple[str, ...]] = ("hospital_id", "business_on", "kind", "open", "settlement_no")


@view(
    "clearing",
    area=Area.MEDICAL,
    owner=HOSPITAL,
    order=("month", "id"),
    indexes=(("hospital_id", "month"),),
    through=WINDOW,
)
@dataclass
class ClearingRow:
    """月度清算"""

    id: Annotated[UUID, Doc("月度清算标识")]
    hospital_id: Annotated[UUID, Doc("定点医疗机构标识")]
    month: Annotated[str, Doc("清算月份")]
    state: Annotated[ClearingState, Doc("清算状态")]
    count: Annotated[int, Doc("笔数（退费记负数）")]
    total_fen: Annotated[int, Doc("医疗费总额"), FEN]
    amount_fen: Annotated[int, Doc("医疗救助应付"), FEN]
    approve_by: Annotated[date | None, Doc("审批拨付期限")]
    prepared_by: Annotated[str, Doc("编制人账号")]
    approved_by: Annotated[str | None, Doc("审批人账号")]
    fund_source: Annotated[FundSource | None, Doc("资金来源")]
    voucher_no: Annotated[str | None, Doc("拨款凭证号")]
    paid_on: Annotated[date | None, Doc("拨付日期")]
    withdrawn_reason: Annotated[str | None, Doc("撤回原因")]

    RELATIONS: ClassVar[Relations] = {
        "hospital": One("hospital", local="hospital_id"),
        "settlements": Many("settlement", on="clearing_id", order=("settled_on",)),
    }
    FILTERS: ClassVar[tuple[str, ...]] = ("hospital_id", "month", "state", "approve_by", "paid_on")


@view(
    "manual_claim",
    area=Area.MEDICAL,
    owner=PERSON,
    scope_from="division_code",
    order=("filed_on", "id"),
    figures=Figures(("med_type", "category", "decided_on", "amount_fen", "base_fen")),
)
@dataclass
class ManualClaimRow:
    """事后救助申请"""

    id: Annotated[UUID, Doc("事后救助申请标识")]
    person_id: Annotated[UUID, Doc("患者人员标识")]
    visit_id: Annotated[UUID | None, Doc("就诊标识")]
    category: Annotated[MaCategory, Doc("医疗救助对象类别")]
    med_type: Annotated[MedType, Doc("医疗类别")]
    state: Annotated[ClaimState, Doc("申请状态")]
    filed_on: Annotated[date, Doc("受理日期")]
    admitted_on: Annotated[date, Doc("就诊（入院）日期")]
    discharged_on: Annotated[date, Doc("出院日期")]
    invoice_no: Annotated[str, Doc("票据号")]
    summary: Annotated[str | None, Doc("就诊医院和病情"), Masked(PersonalClass.HEALTH)]
    objection: Annotated[str | None, Doc("异议内容"), Masked(PersonalClass.CIRCUMSTANCES)]
    total_fen: Annotated[int, Doc("医疗费总额"), FEN]
    base_fen: Annotated[int, Doc("各项保险支付后的政策范围内费用"), FEN]
    amount_fen: Annotated[int | None, Doc("核准金额"), FEN]
    review_by: Annotated[date | None, Doc("街道审核期限")]
    notice_from: Annotated[date | None, Doc("公示首日")]
    notice_to: Annotated[date | None, Doc("公示末日")]
    decide_by: Annotated[date | None, Doc("决定期限")]
    reviewed_by: Annotated[str | None, Doc("审核人账号")]
    decided_by: Annotated[str | None, Doc("决定人账号")]
    decided_on: Annotated[date | None, Doc("决定日期")]
    refusal: Annotated[str | None, Doc("不予救助的理由")]
    paid_on: Annotated[date | None, Doc("支付日期")]
    computed: Annotated[str | None, Doc("计算过程"), JSON]
    division_code: Annotated[str, Doc("受理时的区划代码")]

    RELATIONS: ClassVar[Relations] = {
        "person": One("person", local="person_id"),
        "visit": One("medical_visit", local="visit_id"),
    }
    FILTERS: ClassVar[tuple[str, ...]] = (
        "person_id",
        "state",
        "category",
        "filed_on",
        "review_by",
        "notice_to",
        "decide_by",
        "division_code",
    )


class ClearingAndClaims(Projection):
    """Days, months and claims. A part of the projection `Medical`, never run by itself."""

    @handles(DailyReconciliation.Created)
    def day_opened(self, event: DailyReconciliation.Created, at: LogEvent, to: Changes) -> None:
        """A day."""
        about: dict[str, Any] = {"hospital_id": event.hospital_id, "business_on": event.business_on}
        to.insert(ReconciliationRow, event.originator_id, on=event.business_on, **about)

    @handles(DailyReconciliation.Compared)
    def compared(self, event: DailyReconciliation.Compared, at: LogEvent, to: Changes) -> None:
        """Both sides' sums, and each difference; those of an earlier comparison are gone."""
        on, id = event.timestamp.date(), event.originator_id
        count = len(event.differences)
        to.patch(
            ReconciliationRow,
            id,
            on=on,
            ours_count=event.ours.lines,
            theirs_count=event.theirs.lines,
            ours_total_fen=event.ours.total_fen,
            theirs_total_fen=event.theirs.total_fen,
            ours_assistance_fen=event.ours.assistance_fen,
            theirs_assistance_fen=event.theirs.assistance_fen,
            diff_fen=event.diff_fen,
            difference_count=count,
            open_count=count,
            resolve_by=event.resolve_by,
            compared_on=on,
        )
        still: dict[str, Any] = {"open": True}
        gone: dict[str, Any] = {"open": False, "note": "再次对账相符"}
        to.patch_group(ReconciliationDifferenceRow, "reconciliation_id", id, on=on, where=still, **gone)
        for difference in event.differences:
            said = difference._asdict()
            key = (id, said.pop("settlement_no"), said.pop("refund"))
            about = {"hospital_id": event.hospital_id, "business_on": event.business_on}
            to.put(ReconciliationDifferenceRow, key, on=on, **about, **said, open=True)

    @handles(DailyReconciliation.Resolved)
    def resolved_difference(self, event: DailyReconciliation.Resolved, at: LogEvent, to: Changes) -> None:
        """One was looked into."""
        on, key = event.timestamp.date(), (event.originator_id, event.settlement_no, event.refund)
        to.patch(ReconciliationDifferenceRow, key, on=on, open=False, note=event.note, resolved_by=event.by)
        resolve_by: dict[str, Any] = {} if event.left_count else {"resolve_by": None}
        to.patch(ReconciliationRow, event.originator_id, on=on, open_count=event.left_count, **resolve_by)

    @handles(Clearing.Created, Clearing.Redrawn)
    def drawn_up(self, event: Clearing.Created | Clearing.Redrawn, at: LogEvent, to: Changes) -> None:
        """What a month comes to."""
        to.put(
            ClearingRow,
            event.originator_id,
            on=event.timestamp.date(),
            hospital_id=event.hospital_id,
            month=event.month,
            state=ClearingState.PREPARED,
            count=event.count,
            total_fen=event.total_fen,
            amount_fen=event.amount_fen,
            approve_by=event.approve_by,
            prepared_by=event.by,
        )

    @handles(Clearing.Withdrawn)
    def withdrawn(self, event: Clearing.Withdrawn, at: LogEvent, to: Changes) -> None:
        """To be drawn up anew."""
        said: dict[str, Any] = {"state": ClearingState.WITHDRAWN, "withdrawn_reason": event.reason, "approve_by": None}
        to.patch(ClearingRow, event.originator_id, on=event.timestamp.date(), **said)

    @handles(Clearing.Paid)
    def paid_hospital(self, event: Clearing.Paid, at: LogEvent, to: Changes) -> None:
        """The hospital has its money."""
        on = event.timestamp.date()
        to.patch(
            ClearingRow,
            event.originator_id,
            on=on,
            state=ClearingState.PAID,
            approved_by=event.by,
            fund_source=event.fund_source,
            voucher_no=event.voucher_no,
            paid_on=on,
            approve_by=None,
        )
        key = (event.hospital_id, event.month)
        to.add(HospitalMonthRow, key, on=first_day(event.month), cleared_fen=event.amount_fen)

    @handles(ManualClaim.Created)
    def filed(self, event: ManualClaim.Created, at: LogEvent, to: Changes) -> None:
        """An application."""
        on = event.timestamp.date()
        to.insert(
            ManualClaimRow,
            event.originator_id,
            on=on,
            person_id=event.person_id,
            visit_id=event.visit_id,
            category=event.category,
            med_type=event.med_type,
            state=ClaimState.FILED,
            filed_on=on,
            admitted_on=event.admitted_on,
            discharged_on=event.discharged_on,
            invoice_no=event.invoice_no,
            summary=event.summary,
            total_fen=event.receipts.total_fen,
            base_fen=event.receipts.base_fen,
            review_by=event.review_by,
            division_code=event.division_code,
        )

    @handles(ManualClaim.Reviewed)
    def reviewed_claim(self, event: ManualClaim.Reviewed, at: LogEvent, to: Changes) -> None:
        """The street saw the bills."""
        bills: dict[str, Any] = {"total_fen": event.receipts.total_fen, "base_fen": event.receipts.base_fen}
        self._claim(event, to, state=ClaimState.REVIEWED, reviewed_by=event.by, review_by=None, **bills)

    @handles(ManualClaim.Publicised)
    def publicised_claim(self, event: ManualClaim.Publicised, at: LogEvent, to: Changes) -> None:
        """The notice hangs."""
        days: dict[str, Any] = {"notice_from": event.from_on, "notice_to": event.to_on, "decide_by": event.decide_by}
        self._claim(event, to, state=ClaimState.PUBLICISED, **days)

    @handles(ManualClaim.Objected)
    def objected_claim(self, event: ManualClaim.Objected, at: LogEvent, to: Changes) -> None:
        """The street looks again."""
        said: dict[str, Any] = {"objection": event.objection, "review_by": event.review_by, "decide_by": None}
        self._claim(event, to, state=ClaimState.OBJECTED, **said)

    @handles(ManualClaim.Approved)
    def approved_claim(self, event: ManualClaim.Approved, at: LogEvent, to: Changes) -> None:
        """Granted."""
        said: dict[str, Any] = {"amount_fen": event.amount_fen, "computed": trace(event.computed)}
        self._claim(event, to, state=ClaimState.APPROVED, **said, **self._decided(event))

    @handles(ManualClaim.Refused)
    def refused_claim(self, event: ManualClaim.Refused, at: LogEvent, to: Changes) -> None:
        """Refused."""
        self._claim(event, to, state=ClaimState.REFUSED, refusal=event.reason, **self._decided(event))

    @handles(ManualClaim.Paid)
    def paid_claim(self, event: ManualClaim.Paid, at: LogEvent, to: Changes) -> None:
        """The person has the money."""
        self._claim(event, to, state=ClaimState.PAID, paid_on=event.timestamp.date())

    def _decided(self, event: ManualClaim.Approved | ManualClaim.Refused) -> dict[str, Any]:
        return {"decided_by": event.by, "decided_on": event.timestamp.date(), "decide_by": None}

    def _claim(self, event: Any, to: Changes, **columns: Any) -> None:
        to.patch(ManualClaimRow, event.originator_id, on=event.timestamp.date(), **columns)
