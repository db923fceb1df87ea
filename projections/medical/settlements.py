"""Settlements in the read models: every part of every bill, and the months of each hospital."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar
from uuid import UUID

from domain.access import Area
from domain.clock import month_of
from domain.codes import InsuranceType, MaCategory, MedType, SettlementCancelReason, SettlementState
from domain.medical import Settlement
from domain.medical.split import Split
from infra.log import LogEvent
from projections.assistance.cases import trace
from projections.kernel.changes import Changes, Projection, handles
from projections.kernel.tables import FEN, JSON, Doc, Figures, One, Relations, view
from projections.medical.hospitals import WINDOW, HospitalMonthRow
from projections.medical.visits import PERSON


@view(
    "settlement",
    area=Area.MEDICAL,
    owner=PERSON,
    scope_from="division_code",
    order=("settled_on", "id"),
    indexes=(
        ("hospital_id", "booked_on", "id"),
        ("state", "scope", "settled_on", "id"),
        ("person_id", "settled_on", "id"),
    ),
    through=WINDOW,
    figures=Figures(
        (
            *("med_type", "category", "booked_on", "cancelled_on"),
            *("in_scope_fen", "basic_fen", "si_fen", "supplement_fen", "assistance_fen"),
        )
    ),
)
@dataclass
class SettlementRow:
    """结算"""

    id: Annotated[UUID, Doc("结算标识")]
    settlement_no: Annotated[str, Doc("结算ID")]
    visit_id: Annotated[UUID, Doc("就诊标识")]
    hospital_id: Annotated[UUID, Doc("定点医疗机构标识")]
    person_id: Annotated[UUID, Doc("患者人员标识")]
    med_type: Annotated[MedType, Doc("医疗类别")]
    insurance: Annotated[InsuranceType, Doc("险种类别")]
    state: Annotated[SettlementState, Doc("结算状态")]
    booked: Annotated[bool, Doc("本平台是否已入账（且未撤销、未冲正）")]
    category: Annotated[MaCategory | None, Doc("医疗救助对象类别")]
    settled_on: Annotated[date, Doc("结算业务日期")]
    booked_on: Annotated[date | None, Doc("入账日期（计入医院当日文件）")]
    cancelled_on: Annotated[date | None, Doc("撤销或冲正日期")]
    cancel_reason: Annotated[SettlementCancelReason | None, Doc("撤销原因")]
    reissue_by: Annotated[date | None, Doc("重新结算期限")]
    reverse_by: Annotated[date | None, Doc("结果不明的核实期限")]
    replaces_id: Annotated[UUID | None, Doc("替代哪一笔已撤销的结算")]
    replaced_by: Annotated[UUID | None, Doc("被哪一笔结算替代")]
    clearing_id: Annotated[UUID | None, Doc("月度清算标识")]
    total_fen: Annotated[int, Doc("医疗费总额"), FEN]
    in_scope_fen: Annotated[int, Doc("符合政策范围金额"), FEN]
    basic_fen: Annotated[int, Doc("基本医保统筹基金支出"), FEN]
    si_fen: Annotated[int, Doc("大病保险（职工大额）支出"), FEN]
    supplement_fen: Annotated[int, Doc("其他补充保障支出"), FEN]
    assistance_fen: Annotated[int, Doc("医疗救助基金支出"), FEN]
    funds_fen: Annotated[int, Doc("基金支付总额"), FEN]
    hospital_fen: Annotated[int, Doc("医院减免"), FEN]
    person_fen: Annotated[int, Doc("个人负担总金额"), FEN]
    account_fen: Annotated[int, Doc("个人账户支出"), FEN]
    family_account_fen: Annotated[int, Doc("家庭共济账户支出"), FEN]
    cash_fen: Annotated[int, Doc("个人现金支付"), FEN]
    deductible_before_fen: Annotated[int, Doc("结算前年度起付线已累计"), FEN]
    cap_used_before_fen: Annotated[int, Doc("结算前年度限额已使用"), FEN]
    large_share: Annotated[bool, Doc("个人负担是否超过提示金额")]
    computed: Annotated[str | None, Doc("计算过程（公式、参数版本、各步）；来源报送的为空"), JSON]
    division_code: Annotated[str, Doc("登记时患者的区划代码")]

    RELATIONS: ClassVar[Relations] = {
        "person": One("person", local="person_id"),
        "hospital": One("hospital", local="hospital_id"),
        "visit": One("medical_visit", local="visit_id"),
        "replaces": One("settlement", local="replaces_id"),
        "replacement": One("settlement", local="replaced_by"),
        "clearing": One("clearing", local="clearing_id"),
    }
    FILTERS: ClassVar[tuple[str, ...]] = (
        "settlement_no",
        "visit_id",
        "hospital_id",
        "person_id",
        "med_type",
        "insurance",
        "state",
        "booked",
        "category",
        "settled_on",
        "booked_on",
        "cancelled_on",
        "reissue_by",
        "reverse_by",
        "large_share",
        "clearing_id",
        "division_code",
    )


class Settlements(Projection):
    """What happens to settlements. A part of the projection `Medical`, never run by itself."""

    @handles(Settlement.Created)
    def opened_bill(self, event: Settlement.Created, at: LogEvent, to: Changes) -> None:
        """A bill is to be settled."""
        to.insert(
            SettlementRow,
            event.originator_id,
            on=event.timestamp.date(),
            settlement_no=event.settlement_no,
            visit_id=event.visit_id,
            hospital_id=event.hospital_id,
            person_id=event.person_id,
            med_type=event.med_type,
            insurance=event.insurance,
            state=SettlementState.OPENED,
            settled_on=event.settled_on,
            replaces_id=event.replaces_id,
            division_code=event.division_code,
        )

    @handles(Settlement.PreSettled)
    def shown(self, event: Settlement.PreSettled, at: LogEvent, to: Changes) -> None:
        """What it would come to."""
        said: dict[str, Any] = {"state": SettlementState.PRE_SETTLED, "settled_on": event.settled_on, **_parts(event)}
        to.patch(SettlementRow, event.originator_id, on=event.timestamp.date(), **said)

    @handles(Settlement.Made)
    def made(self, event: Settlement.Made, at: LogEvent, to: Changes) -> None:
        """What it came to."""
        on = event.timestamp.date()
        dates: dict[str, Any] = {"settled_on": event.settled_on, "booked_on": event.booked_on, "booked": True}
        said: dict[str, Any] = {"state": SettlementState.SETTLED, **dates, **_parts(event)}
        to.patch(SettlementRow, event.originator_id, on=on, **said)
        _count(to, event.hospital_id, event.booked_on, event.bill.total_fen, event.split, 1)

    @handles(Settlement.MarkedUnknown)
    def unknown(self, event: Settlement.MarkedUnknown, at: LogEvent, to: Changes) -> None:
        """Nobody at the hospital knows whether it is booked."""
        said: dict[str, Any] = {"state": SettlementState.PENDING_REVERSAL, "reverse_by": event.reverse_by}
        to.patch(SettlementRow, event.originator_id, on=event.timestamp.date(), **said)

    @handles(Settlement.Confirmed)
    def confirmed_bill(self, event: Settlement.Confirmed, at: LogEvent, to: Changes) -> None:
        """It is."""
        said: dict[str, Any] = {"state": SettlementState.SETTLED, "reverse_by": None}
        to.patch(SettlementRow, event.originator_id, on=event.timestamp.date(), **said)

    @handles(Settlement.Reversed)
    def reversed_bill(self, event: Settlement.Reversed, at: LogEvent, to: Changes) -> None:
        """It is no longer."""
        undone_on = event.reversed_on if event.was_booked else None
        said: dict[str, Any] = {
            "state": SettlementState.REVERSED,
            "reverse_by": None,
            "booked": False,
            "cancelled_on": undone_on,
        }
        to.patch(SettlementRow, event.originator_id, on=event.timestamp.date(), **said)
        if event.was_booked:
            _count(to, event.hospital_id, event.reversed_on, event.undone.total_fen, event.undone, -1)

    @handles(Settlement.Cancelled)
    def cancelled(self, event: Settlement.Cancelled, at: LogEvent, to: Changes) -> None:
        """Undone, by an opposite entry on its own day."""
        to.patch(
            SettlementRow,
            event.originator_id,
            on=event.timestamp.date(),
            state=SettlementState.CANCELLED,
            booked=False,
            cancelled_on=event.cancelled_on,
            cancel_reason=event.reason,
            reissue_by=event.reissue_by,
        )
        _count(to, event.hospital_id, event.cancelled_on, event.total_fen, event.undone, -1)

    @handles(Settlement.Reissued)
    def reissued(self, event: Settlement.Reissued, at: LogEvent, to: Changes) -> None:
        """Another took its place."""
        said: dict[str, Any] = {
            "state": SettlementState.RE_SETTLED,
            "replaced_by": event.replaced_by,
            "reissue_by": None,
        }
        to.patch(SettlementRow, event.originator_id, on=event.timestamp.date(), **said)

    @handles(Settlement.Dropped)
    def dropped(self, event: Settlement.Dropped, at: LogEvent, to: Changes) -> None:
        """None will."""
        said: dict[str, Any] = {"state": SettlementState.DROPPED, "reissue_by": None}
        to.patch(SettlementRow, event.originator_id, on=event.timestamp.date(), **said)

    @handles(Settlement.Reconciled)
    def reconciled(self, event: Settlement.Reconciled, at: LogEvent, to: Changes) -> None:
        """The hospital has it alike."""
        on = event.timestamp.date()
        to.patch(SettlementRow, event.originator_id, on=on, state=SettlementState.RECONCILED)

    @handles(Settlement.Cleared)
    def cleared_bill(self, event: Settlement.Cleared, at: LogEvent, to: Changes) -> None:
        """The hospital was paid."""
        said: dict[str, Any] = {"state": SettlementState.CLEARED, "clearing_id": event.clearing_id}
        to.patch(SettlementRow, event.originator_id, on=event.timestamp.date(), **said)


def _parts(event: Settlement.PreSettled | Settlement.Made) -> dict[str, Any]:
    return {
        "category": event.category,
        "total_fen": event.bill.total_fen,
        "in_scope_fen": event.bill.in_scope_fen,
        **event.split._asdict(),
        "funds_fen": event.split.funds_fen,
        "person_fen": event.split.person_fen,
        "deductible_before_fen": event.used.deductible_fen,
        "cap_used_before_fen": event.used.assistance_fen,
        "large_share": event.large_share,
        "computed": trace(event.computed),
    }


def _count(to: Changes, hospital_id: UUID, on: date, total_fen: int, split: Split, sign: int) -> None:
    """Count a settlement, or one undone (−1), in its hospital's month."""
    counts: dict[str, Any] = {
        "made_count": 1 if sign > 0 else 0,
        "undone_count": 0 if sign > 0 else 1,
        "total_fen": sign * total_fen,
        "assistance_fen": sign * split.assistance_fen,
        "person_fen": sign * split.person_fen,
    }
    to.add(HospitalMonthRow, (hospital_id, month_of(on)), on=on, **counts)
