"""Decisions about overpayments: found by the street or the district, decided and fined by the district."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, ClassVar
from uuid import UUID

from domain.access import DISTRICT, FINANCE, OFFICIALS
from domain.assistance.case import Case
from domain.assistance.payment import Payment
from domain.assistance.recovery import Recovery
from domain.codes import OverpaymentReason, RecoveryMethod, RecoveryOutcome, RecoveryPart
from domain.errors import RuleViolated
from domain.findings import Finding
from domain.formulas import yuan
from domain.kernel import Command, Decided, Decision, Doc, Load, LoadTagged
from domain.workdays import days_after

RecoveryId = Annotated[UUID, Doc("追回标识")]


@dataclass(frozen=True, kw_only=True)
class FindOverpayment(Command):
    """查明多发：写明月份、金额、原因和事实；金额不超过这些月份实际发放的，同一月份不能重复追回。"""

    ROLES: ClassVar = OFFICIALS
    case_id: Annotated[UUID, Doc("个案标识")]
    from_month: Annotated[str, Doc("多发起始月份 YYYY-MM")]
    to_month: Annotated[str, Doc("多发截止月份 YYYY-MM")]
    amount_fen: Annotated[int, Doc("多发金额（分）")]
    reason: Annotated[OverpaymentReason, Doc("多发原因")]
    facts: Annotated[str, Doc("事实和证据，加密保存")]
    finding_id: Annotated[UUID | None, Doc("由哪条疑点引起；该疑点随即办结")] = None

    def decide(self, by: Decision) -> Decided:
        case: Case = yield Load(Case, self.case_id)
        finding: Finding | None = None
        if self.finding_id is not None:
            finding = yield Load(Finding, self.finding_id)
            assert finding is not None, "Load raises NotFound"
            if finding.case_id != case.id:
                raise RuleViolated("此疑点不是该个案的，请核对。")
        known: dict[UUID, Recovery] = yield LoadTagged(Recovery, (f"case:{case.id}",))
        for other in known.values():
            if other.outcome is not RecoveryOutcome.DROPPED and other.covers(self.from_month, self.to_month):
                raise RuleViolated(f"{other.from_month} 至 {other.to_month} 的多发已在追回或已了结，不能重复登记。")
        payments: dict[UUID, Payment] = yield LoadTagged(Payment, (f"case:{case.id}",))
        paid = sum(
            payment.amount_fen
            for payment in payments.values()
            if payment.case_id == case.id and not payment.returned and self.from_month <= payment.month <= self.to_month
        )
        recovery = Recovery.find(
            Recovery.id_for(case.id, len(known) + 1),
            by.now,
            case=case,
            from_month=self.from_month,
            to_month=self.to_month,
            amount_fen=self.amount_fen,
            paid_fen=paid,
            reason=self.reason,
            facts=self.facts,
            by=by.actor.name,
            notify_by=by.due("limits.recovery_notice", case.division_code),
            finding_id=self.finding_id,
        )
        if finding is None or finding.resolved:
            return (recovery,)
        finding.resolve(by.now, outcome=f"属实，已转追回：{yuan(self.amount_fen)}")
        return (recovery, finding)


@dataclass(frozen=True, kw_only=True)
class NotifyRecovery(Command):
    """登记追回事先告知书的送达：当事人自送达之日起可以陈述申辩。"""

    ROLES: ClassVar = OFFICIALS
    recovery_id: RecoveryId
    letter_no: Annotated[str, Doc("告知书文号")]
    proof: Annotated[str, Doc("送达方式及凭证")]
    served_on: Annotated[date, Doc("送达日期")]

    def decide(self, by: Decision) -> Decided:
        recovery: Recovery = yield Load(Recovery, self.recovery_id)
        place = recovery.division_code
        statement = by.due("limits.recovery_statement", place, self.served_on)
        recovery.notify(
            by.now,
            letter_no=self.letter_no,
            proof=self.proof,
            served_on=self.served_on,
            statement_by=statement,
            decide_by=by.due("limits.recovery_decision", place, statement),
        )
        return (recovery,)


@dataclass(frozen=True, kw_only=True)
class OfferHearing(Command):
    """告知听证权利：拟对骗取救助处以罚款的，书面告知当事人可以申请听证。"""

    ROLES: ClassVar = DISTRICT
    recovery_id: RecoveryId
    letter_no: Annotated[str, Doc("听证告知书文号")]
    served_on: Annotated[date, Doc("送达日期")]

    def decide(self, by: Decision) -> Decided:
        recovery: Recovery = yield Load(Recovery, self.recovery_id)
        last = by.due("limits.hearing_request", recovery.division_code, self.served_on)
        recovery.offer_hearing(by.now, letter_no=self.letter_no, served_on=self.served_on, request_by=last)
        return (recovery,)


@dataclass(frozen=True, kw_only=True)
class RequestHearing(Command):
    """登记听证申请：当事人在期限内申请的，应当组织听证。"""

    ROLES: ClassVar = OFFICIALS
    recovery_id: RecoveryId
    requested_on: Annotated[date, Doc("当事人申请日期")]

    def decide(self, by: Decision) -> Decided:
        recovery: Recovery = yield Load(Recovery, self.recovery_id)
        hold_by = by.due("limits.hearing", recovery.division_code, self.requested_on)
        recovery.request_hearing(by.now, requested_on=self.requested_on, hold_by=hold_by)
        return (recovery,)


@dataclass(frozen=True, kw_only=True)
class ScheduleHearing(Command):
    """通知听证：书面通知当事人听证的时间、地点，须提前规定日数；改期的重新通知。"""

    ROLES: ClassVar = DISTRICT
    recovery_id: RecoveryId
    letter_no: Annotated[str, Doc("听证通知书文号")]
    hearing_on: Annotated[date, Doc("听证日期")]
    place: Annotated[str, Doc("听证地点")]

    def decide(self, by: Decision) -> Decided:
        recovery: Recovery = yield Load(Recovery, self.recovery_id)
        ahead = by.parameters.value("limits.hearing_notice", recovery.division_code, by.today)
        recovery.schedule_hearing(
            by.now,
            letter_no=self.letter_no,
            hearing_on=self.hearing_on,
            place=self.place,
            earliest_on=by.today + timedelta(days=ahead),
        )
        return (recovery,)


@dataclass(frozen=True, kw_only=True)
class HoldHearing(Command):
    """登记听证：由非本案调查人员主持并登记笔录要点。"""

    ROLES: ClassVar = DISTRICT
    recovery_id: RecoveryId
    minutes: Annotated[str, Doc("听证笔录要点，加密保存")]
    held_on: Annotated[date, Doc("听证日期")]

    def decide(self, by: Decision) -> Decided:
        recovery: Recovery = yield Load(Recovery, self.recovery_id)
        deciding = by.due("limits.recovery_decision", recovery.division_code, self.held_on)
        recovery.hold_hearing(by.now, by=by.actor.name, minutes=self.minutes, held_on=self.held_on, decide_by=deciding)
        return (recovery,)


@dataclass(frozen=True, kw_only=True)
class WaiveHearing(Command):
    """登记放弃听证：当事人书面放弃，或无正当理由不到场。"""

    ROLES: ClassVar = OFFICIALS
    recovery_id: RecoveryId
    proof: Annotated[str, Doc("书面凭证或不到场情况，不写个人信息")]

    def decide(self, by: Decision) -> Decided:
        recovery: Recovery = yield Load(Recovery, self.recovery_id)
        deciding = by.due("limits.recovery_decision", recovery.division_code)
        recovery.waive_hearing(by.now, proof=self.proof, decide_by=deciding)
        return (recovery,)


@dataclass(frozen=True, kw_only=True)
class DecideRecovery(Command):
    """决定追回：陈述申辩期满后由区级作出；查明多发的人不能作出决定。"""

    ROLES: ClassVar = DISTRICT
    recovery_id: RecoveryId
    amount_fen: Annotated[int, Doc("追回金额（分）")]
    grounds: Annotated[str, Doc("理由，及对陈述申辩是否采纳；不写个人信息")]
    letter_no: Annotated[str, Doc("追回决定书文号")]

    def decide(self, by: Decision) -> Decided:
        recovery: Recovery = yield Load(Recovery, self.recovery_id)
        recovery.decide(
            by.now,
            amount_fen=self.amount_fen,
            grounds=self.grounds,
            letter_no=self.letter_no,
            by=by.actor.name,
            pay_by=_pay_by(by, recovery),
        )
        return (recovery,)


@dataclass(frozen=True, kw_only=True)
class DecideFine(Command):
    """决定罚款：仅限骗取救助，听证举行、放弃或期满未申请后作出，金额为骗取款额的法定倍数。"""

    ROLES: ClassVar = DISTRICT
    recovery_id: RecoveryId
    amount_fen: Annotated[int, Doc("罚款金额（分）")]
    grounds: Annotated[str, Doc("事实、理由和依据；不写个人信息")]
    letter_no: Annotated[str, Doc("行政处罚决定书文号")]

    def decide(self, by: Decision) -> Decided:
        recovery: Recovery = yield Load(Recovery, self.recovery_id)
        recovery.fine(
            by.now,
            amount_fen=self.amount_fen,
            grounds=self.grounds,
            letter_no=self.letter_no,
            by=by.actor.name,
            pay_by=_pay_by(by, recovery),
            parameters=by.parameters,
        )
        return (recovery,)


@dataclass(frozen=True, kw_only=True)
class ConsentToDeduction(Command):
    """登记当事人书面同意从救助待遇中抵扣追回款。"""

    ROLES: ClassVar = OFFICIALS
    recovery_id: RecoveryId
    consent_no: Annotated[str, Doc("抵扣同意书编号")]

    def decide(self, by: Decision) -> Decided:
        recovery: Recovery = yield Load(Recovery, self.recovery_id)
        recovery.consent(by.now, consent_no=self.consent_no)
        return (recovery,)


@dataclass(frozen=True, kw_only=True)
class ReceiveRecovery(Command):
    """登记收到的追回款或罚款；不得多收，全部收回后自动了结。"""

    ROLES: ClassVar = FINANCE
    recovery_id: RecoveryId
    part: Annotated[RecoveryPart, Doc("追回款或罚款")]
    method: Annotated[RecoveryMethod, Doc("收款方式")]
    amount_fen: Annotated[int, Doc("金额（分）")]
    voucher_no: Annotated[str, Doc("收款凭证号")]
    received_on: Annotated[date, Doc("收款日期")]

    def decide(self, by: Decision) -> Decided:
        recovery: Recovery = yield Load(Recovery, self.recovery_id)
        recovery.receive(
            by.now,
            part=self.part,
            method=self.method,
            amount_fen=self.amount_fen,
            voucher_no=self.voucher_no,
            received_on=self.received_on,
            by=by.actor.name,
        )
        return (recovery,)


@dataclass(frozen=True, kw_only=True)
class ReviseRecovery(Command):
    """变更追回：依行政复议决定或判决降低或撤销（填 0）追回和罚款，不得加重；多收的随后退还。"""

    ROLES: ClassVar = DISTRICT
    recovery_id: RecoveryId
    basis: Annotated[str, Doc("复议决定书或判决书文号")]
    decided_fen: Annotated[int, Doc("变更后的追回金额（分）")]
    fine_fen: Annotated[int | None, Doc("变更后的罚款金额（分）；没有罚款的不填")] = None

    def decide(self, by: Decision) -> Decided:
        recovery: Recovery = yield Load(Recovery, self.recovery_id)
        recovery.revise(
            by.now,
            basis=self.basis,
            decided_fen=self.decided_fen,
            fine_fen=self.fine_fen,
            refund_by=by.due("limits.recovery_refund", recovery.division_code),
            by=by.actor.name,
        )
        return (recovery,)


@dataclass(frozen=True, kw_only=True)
class RefundRecovery(Command):
    """登记退还：决定变更或撤销后，把多收的款项退还当事人。"""

    ROLES: ClassVar = FINANCE
    recovery_id: RecoveryId
    part: Annotated[RecoveryPart, Doc("追回款或罚款")]
    amount_fen: Annotated[int, Doc("退还金额（分）")]
    voucher_no: Annotated[str, Doc("退款凭证号")]
    refunded_on: Annotated[date, Doc("退还日期")]

    def decide(self, by: Decision) -> Decided:
        recovery: Recovery = yield Load(Recovery, self.recovery_id)
        recovery.refund(
            by.now,
            part=self.part,
            amount_fen=self.amount_fen,
            voucher_no=self.voucher_no,
            refunded_on=self.refunded_on,
            by=by.actor.name,
        )
        return (recovery,)


@dataclass(frozen=True, kw_only=True)
class CloseRecovery(Command):
    """了结追回：全额收回、核销（须由作出决定以外的人办理），或查明不应追回。"""

    ROLES: ClassVar = DISTRICT
    recovery_id: RecoveryId
    outcome: Annotated[RecoveryOutcome, Doc("了结方式")]
    grounds: Annotated[str, Doc("理由和依据；不写个人信息")]

    def decide(self, by: Decision) -> Decided:
        recovery: Recovery = yield Load(Recovery, self.recovery_id)
        recovery.close(by.now, outcome=self.outcome, grounds=self.grounds, by=by.actor.name)
        return (recovery,)


def _pay_by(by: Decision, recovery: Recovery) -> date:
    days = by.parameters.value("limits.recovery_payment", recovery.division_code, by.today)
    return days_after(by.today, days)
