"""Overpayments in the read models: how far each recovery is, what is still owed, and every receipt."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar
from uuid import UUID

from domain.access import Area, PersonalClass
from domain.assistance import Recovery
from domain.codes import (
    HearingState,
    OverpaymentReason,
    RecoveryMethod,
    RecoveryOutcome,
    RecoveryPart,
    RecoveryState,
)
from domain.kernel import Event
from infra.log import LogEvent
from projections.kernel.changes import Changes, Projection, handles
from projections.kernel.tables import FEN, Doc, Many, Masked, One, Owner, Relations, view


@view(
    "recovery",
    area=Area.ASSISTANCE,
    scope_from="division_code",
    owner=Owner("case", "case_id"),
    order=("found_on", "id"),
    indexes=(("open", "scope", "found_on", "id"),),
)
@dataclass
class RecoveryRow:
    """追回"""

    id: Annotated[UUID, Doc("追回标识")]
    case_id: Annotated[UUID, Doc("个案标识")]
    household_id: Annotated[UUID, Doc("家庭标识")]
    payee_id: Annotated[UUID, Doc("领取人标识")]
    division_code: Annotated[str, Doc("区划代码")]
    from_month: Annotated[str, Doc("多发起始月份")]
    to_month: Annotated[str, Doc("多发截止月份")]
    amount_fen: Annotated[int, Doc("查明的多发金额"), FEN]
    reason: Annotated[OverpaymentReason, Doc("多发原因")]
    facts: Annotated[str, Doc("事实和证据"), Masked(PersonalClass.CIRCUMSTANCES)]
    state: Annotated[RecoveryState, Doc("追回状态")]
    open: Annotated[bool, Doc("是否未了结")]
    hearing: Annotated[HearingState, Doc("听证状态")]
    found_by: Annotated[str, Doc("查明的账号")]
    found_on: Annotated[date, Doc("查明日期")]
    finding_id: Annotated[UUID | None, Doc("由哪条疑点引起")]
    notified_on: Annotated[date | None, Doc("事先告知书送达日期")]
    statement_by: Annotated[date | None, Doc("陈述申辩期满日")]
    hearing_request_by: Annotated[date | None, Doc("申请听证期满日")]
    hearing_by: Annotated[date | None, Doc("举行听证的期限")]
    hearing_on: Annotated[date | None, Doc("通知的听证日期")]
    hearing_place: Annotated[str | None, Doc("听证地点")]
    heard_on: Annotated[date | None, Doc("听证日期")]
    presided_by: Annotated[str | None, Doc("主持听证的账号")]
    minutes: Annotated[str | None, Doc("听证笔录要点"), Masked(PersonalClass.CIRCUMSTANCES)]
    decided_fen: Annotated[int | None, Doc("决定追回的金额"), FEN]
    decided_on: Annotated[date | None, Doc("决定追回日期")]
    decided_by: Annotated[str | None, Doc("决定追回的账号")]
    letter_no: Annotated[str | None, Doc("追回决定书文号")]
    pay_by: Annotated[date | None, Doc("追回款缴纳期限")]
    recovery_left_fen: Annotated[int, Doc("待收追回款"), FEN]
    fine_fen: Annotated[int | None, Doc("罚款金额"), FEN]
    fined_on: Annotated[date | None, Doc("决定罚款日期")]
    fined_by: Annotated[str | None, Doc("决定罚款的账号")]
    fine_letter_no: Annotated[str | None, Doc("行政处罚决定书文号")]
    fine_pay_by: Annotated[date | None, Doc("罚款缴纳期限")]
    fine_left_fen: Annotated[int, Doc("待收罚款"), FEN]
    refund_left_fen: Annotated[int, Doc("应退还而未退还的多收款项"), FEN]
    revised_by: Annotated[str | None, Doc("变更依据的复议决定书或判决书文号")]
    consent_no: Annotated[str | None, Doc("抵扣同意书编号")]
    outcome: Annotated[RecoveryOutcome | None, Doc("了结方式")]
    written_off_fen: Annotated[int, Doc("核销金额"), FEN]
    grounds: Annotated[str | None, Doc("最近一次决定或了结的理由")]
    closed_on: Annotated[date | None, Doc("了结日期")]
    closed_by: Annotated[str | None, Doc("了结的账号")]

    RELATIONS: ClassVar[Relations] = {
        "division": One("division", local="division_code"),
        "case": One("case", local="case_id"),
        "payee": One("person", local="payee_id"),
        "finding": One("finding", local="finding_id"),
        "receipts": Many("recovery_receipt", on="recovery_id", order=("version",)),
    }
    FILTERS: ClassVar[tuple[str, ...]] = (
        "open",
        "state",
        "hearing",
        "reason",
        "outcome",
        "case_id",
        "payee_id",
        "division_code",
        "found_on",
        "pay_by",
        "fine_pay_by",
        "hearing_request_by",
        "hearing_on",
    )


@view(
    "recovery_receipt",
    area=Area.ASSISTANCE,
    key=("recovery_id", "version"),
    owner=Owner("case", "case_id"),
    temporal=False,
    listed=False,
)
@dataclass
class RecoveryReceiptRow:
    """追回收款"""

    recovery_id: Annotated[UUID, Doc("追回标识")]
    version: Annotated[int, Doc("事件版本")]
    case_id: Annotated[UUID, Doc("个案标识")]
    part: Annotated[RecoveryPart, Doc("款项性质")]
    method: Annotated[RecoveryMethod, Doc("收款方式")]
    amount_fen: Annotated[int, Doc("金额；退还当事人的为负"), FEN]
    voucher_no: Annotated[str, Doc("收款凭证号")]
    received_on: Annotated[date, Doc("收款日期")]

    RELATIONS: ClassVar[Relations] = {"recovery": One("recovery", local="recovery_id")}


class Recoveries(Projection):
    """What happens to overpayments. A part of the projection `Assistance`, never run by itself."""

    @handles(Recovery.Created)
    def overpaid(self, event: Recovery.Created, at: LogEvent, to: Changes) -> None:
        """Too much was paid."""
        on = event.timestamp.date()
        to.insert(
            RecoveryRow,
            event.originator_id,
            on=on,
            case_id=event.case_id,
            household_id=event.household_id,
            payee_id=event.payee_id,
            division_code=event.division_code,
            from_month=event.from_month,
            to_month=event.to_month,
            amount_fen=event.amount_fen,
            reason=event.reason,
            facts=event.facts,
            state=RecoveryState.FOUND,
            open=True,
            hearing=HearingState.NONE,
            found_by=event.found_by,
            found_on=on,
            finding_id=event.finding_id,
        )

    @handles(Recovery.Notified)
    def recovery_notified(self, event: Recovery.Notified, at: LogEvent, to: Changes) -> None:
        """The person was told."""
        said: dict[str, Any] = {"notified_on": event.effective_on, "statement_by": event.statement_by}
        _change(to, event, state=RecoveryState.NOTIFIED, **said)

    @handles(Recovery.HearingOffered)
    def hearing_offered(self, event: Recovery.HearingOffered, at: LogEvent, to: Changes) -> None:
        """A fine is intended."""
        _change(to, event, hearing=HearingState.OFFERED, hearing_request_by=event.request_by)

    @handles(Recovery.HearingRequested)
    def hearing_requested(self, event: Recovery.HearingRequested, at: LogEvent, to: Changes) -> None:
        """A hearing is to be held."""
        _change(to, event, hearing=HearingState.REQUESTED, hearing_by=event.hold_by)

    @handles(Recovery.HearingScheduled)
    def hearing_scheduled(self, event: Recovery.HearingScheduled, at: LogEvent, to: Changes) -> None:
        """When and where."""
        said: dict[str, Any] = {"hearing_on": event.hearing_on, "hearing_place": event.place}
        _change(to, event, hearing=HearingState.SCHEDULED, **said)

    @handles(Recovery.HearingHeld)
    def heard(self, event: Recovery.HearingHeld, at: LogEvent, to: Changes) -> None:
        """It was held."""
        said: dict[str, Any] = {"heard_on": event.effective_on, "presided_by": event.presided_by}
        _change(to, event, hearing=HearingState.HELD, minutes=event.minutes, **said)

    @handles(Recovery.HearingWaived)
    def hearing_waived(self, event: Recovery.HearingWaived, at: LogEvent, to: Changes) -> None:
        """There will be none."""
        _change(to, event, hearing=HearingState.WAIVED)

    @handles(Recovery.Decided)
    def recovery_decided(self, event: Recovery.Decided, at: LogEvent, to: Changes) -> None:
        """So much is owed."""
        said: dict[str, Any] = {"decided_fen": event.amount_fen, "decided_on": event.timestamp.date()}
        said |= {"decided_by": event.by, "letter_no": event.letter_no, "pay_by": event.pay_by}
        said |= {"recovery_left_fen": event.amount_fen, "grounds": event.grounds}
        _change(to, event, state=RecoveryState.DECIDED, **said)

    @handles(Recovery.FineDecided)
    def fined(self, event: Recovery.FineDecided, at: LogEvent, to: Changes) -> None:
        """And a fine."""
        said: dict[str, Any] = {"fine_fen": event.amount_fen, "fined_on": event.timestamp.date()}
        said |= {"fined_by": event.by, "fine_letter_no": event.letter_no, "fine_pay_by": event.pay_by}
        _change(to, event, fine_left_fen=event.amount_fen, grounds=event.grounds, **said)

    @handles(Recovery.DeductionConsented)
    def deduction_consented(self, event: Recovery.DeductionConsented, at: LogEvent, to: Changes) -> None:
        """It may be deducted."""
        _change(to, event, consent_no=event.consent_no)

    @handles(Recovery.Received)
    def received(self, event: Recovery.Received, at: LogEvent, to: Changes) -> None:
        """Money came back."""
        left = {"recovery_left_fen": event.recovery_left_fen, "fine_left_fen": event.fine_left_fen}
        _change(to, event, **left)
        self._receipt(event, to, event.method, event.amount_fen)

    @handles(Recovery.Revised)
    def revised(self, event: Recovery.Revised, at: LogEvent, to: Changes) -> None:
        """Less is owed, or nothing."""
        owed: dict[str, Any] = {"decided_fen": event.decided_fen, "fine_fen": event.fine_fen, "open": True}
        owed |= {"recovery_left_fen": event.recovery_left_fen, "fine_left_fen": event.fine_left_fen}
        anew: dict[str, Any] = {"outcome": None, "closed_on": None, "closed_by": None, "revised_by": event.basis}
        _change(to, event, state=RecoveryState.DECIDED, refund_left_fen=event.refund_fen, **owed, **anew)

    @handles(Recovery.Refunded)
    def refunded(self, event: Recovery.Refunded, at: LogEvent, to: Changes) -> None:
        """Money went back; in the receipts it stands below zero."""
        _change(to, event, refund_left_fen=event.refund_left_fen)
        self._receipt(event, to, RecoveryMethod.REFUND, -event.amount_fen)

    @handles(Recovery.Closed)
    def recovery_closed(self, event: Recovery.Closed, at: LogEvent, to: Changes) -> None:
        """Nothing is left to do; what is written off is no longer owed."""
        said: dict[str, Any] = {"outcome": event.outcome, "written_off_fen": event.written_off_fen, "open": False}
        said |= {"grounds": event.grounds, "closed_on": event.timestamp.date(), "closed_by": event.by}
        _change(to, event, state=RecoveryState.CLOSED, recovery_left_fen=0, fine_left_fen=0, **said)

    @handles(Recovery.Transferred)
    def recovery_moved(self, event: Recovery.Transferred, at: LogEvent, to: Changes) -> None:
        """Along with its case."""
        _change(to, event, division_code=event.to_division_code)

    def _receipt(
        self, event: Recovery.Received | Recovery.Refunded, to: Changes, method: RecoveryMethod, amount_fen: int
    ) -> None:
        to.insert(
            RecoveryReceiptRow,
            (event.originator_id, event.originator_version),
            on=event.effective_on,
            case_id=event.case_id,
            part=event.part,
            method=method,
            amount_fen=amount_fen,
            voucher_no=event.voucher_no,
            received_on=event.effective_on,
        )


def _change(to: Changes, event: Event, **columns: Any) -> None:
    to.patch(RecoveryRow, event.originator_id, on=event.timestamp.date(), decided=True, **columns)
