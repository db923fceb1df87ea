"""Money paid too much: found, told to the person, decided, and taken back; fraud is fined after its hearing's chance.

社会救助暂行办法 (order 649/2014) article 68: whoever obtains assistance by fraud gives it back and may be fined one to
three times of it. 行政处罚法 (2021) articles 44, 45, 63 and 64: reasons are told and heard before; a hearing is held
where it is asked for in time, not by who investigated. Fines go to the treasury and are kept apart from what is taken
back. Whoever found an overpayment doesn't decide on it; who decided neither takes the money (article 67: who fines and
who collects are two) nor writes it off.
"""

from datetime import date, datetime
from typing import ClassVar, Self
from uuid import UUID, uuid5

from domain.assistance.case import Case
from domain.assistance.recovery_record import RecoveryRecord
from domain.clock import demand_month
from domain.codes import (
    HearingState,
    OverpaymentReason,
    RecoveryMethod,
    RecoveryOutcome,
    RecoveryPart,
    RecoveryState,
)
from domain.errors import RuleViolated
from domain.formulas import BP, yuan
from domain.parameters import Parameters
from domain.wording import written

_ASKED_FOR = (HearingState.REQUESTED, HearingState.SCHEDULED)


class Recovery(RecoveryRecord):
    """One overpayment of a case and what became of it."""

    TOPIC: ClassVar[str] = "assistance.Recovery"

    class Created(RecoveryRecord.Created):
        """Too much was paid. Named again, since the library would make up another first event for a subclass."""

    @staticmethod
    def id_for(case_id: UUID, number: int) -> UUID:
        """The id of a case's overpayment by its number: two who find the next one at once can't both record it."""
        return uuid5(case_id, f"recovery {number}")

    @classmethod
    def find(
        cls,
        id: UUID,
        at: datetime,
        *,
        case: Case,
        from_month: str,
        to_month: str,
        amount_fen: int,
        paid_fen: int,
        reason: OverpaymentReason,
        facts: str,
        by: str,
        notify_by: date,
        finding_id: UUID | None = None,
    ) -> Self:
        """Record what was paid too much; `paid_fen` is what was paid for these months and not sent back."""
        if demand_month(from_month) > demand_month(to_month):
            raise RuleViolated("多发的起始月份晚于截止月份，请核对。")
        if not 0 < amount_fen <= paid_fen:
            raise RuleViolated(f"多发金额应大于 0 且不超过这些月份实际发放的 {yuan(paid_fen)}。")
        return cls.create(
            cls.Created,
            id=id,
            at=at,
            case_id=case.id,
            household_id=case.household_id,
            payee_id=case.applicant_id,
            from_month=from_month,
            to_month=to_month,
            amount_fen=amount_fen,
            reason=reason,
            facts=written(facts, "请写明多发的事实和证据。"),
            found_by=by,
            notify_by=notify_by,
            finding_id=finding_id,
            division_code=case.division_code,
        )

    def notify(
        self, at: datetime, *, letter_no: str, proof: str, served_on: date, statement_by: date, decide_by: date
    ) -> None:
        """The person was told in writing, and may answer."""
        self._demand("登记告知", RecoveryState.FOUND)
        if served_on > at.date():
            raise RuleViolated("送达日期不能晚于今天。")
        self.record(
            self.Notified,
            at=at,
            case_id=self.case_id,
            letter_no=written(letter_no, "请填写告知书文号。"),
            proof=written(proof, "请写明送达方式及凭证。"),
            effective_on=served_on,
            statement_by=statement_by,
            decide_by=decide_by,
        )

    def offer_hearing(self, at: datetime, *, letter_no: str, served_on: date, request_by: date) -> None:
        """Tell of an intended fine and of the right to a hearing: for fraud only."""
        self._demand("告知听证权利", RecoveryState.NOTIFIED, RecoveryState.DECIDED)
        if self.reason is not OverpaymentReason.FRAUD:
            raise RuleViolated(f"{self.reason.label}不予罚款，无需告知听证；只有骗取救助可以处以罚款。")
        if self.hearing is not HearingState.NONE:
            raise RuleViolated(f"听证权利现为“{self.hearing.label}”，不能重复告知。")
        if served_on > at.date():
            raise RuleViolated("送达日期不能晚于今天。")
        number = written(letter_no, "请填写听证告知书文号。")
        self.record(
            self.HearingOffered,
            at=at,
            case_id=self.case_id,
            letter_no=number,
            effective_on=served_on,
            request_by=request_by,
        )

    def request_hearing(self, at: datetime, *, requested_on: date, hold_by: date) -> None:
        """The person asks for a hearing, in time."""
        self._demand_hearing("登记听证申请", HearingState.OFFERED)
        if requested_on > at.date():
            raise RuleViolated("申请日期不能晚于今天。")
        if self.request_by is not None and requested_on > self.request_by:
            raise RuleViolated(f"申请听证的期限已于 {self.request_by} 届满。")
        self.record(self.HearingRequested, at=at, case_id=self.case_id, effective_on=requested_on, hold_by=hold_by)

    def schedule_hearing(
        self, at: datetime, *, letter_no: str, hearing_on: date, place: str, earliest_on: date
    ) -> None:
        """Tell the person when and where, in good time; again where another day is needed."""
        self._demand_hearing("通知听证", HearingState.REQUESTED, HearingState.SCHEDULED)
        if hearing_on < earliest_on:
            raise RuleViolated(f"听证须提前通知当事人，最早可在 {earliest_on} 举行。")
        self.record(
            self.HearingScheduled,
            at=at,
            case_id=self.case_id,
            letter_no=written(letter_no, "请填写听证通知书文号。"),
            hearing_on=hearing_on,
            place=written(place, "请写明听证地点。"),
        )

    def hold_hearing(self, at: datetime, *, by: str, minutes: str, held_on: date, decide_by: date) -> None:
        """The hearing took place, under somebody who didn't investigate."""
        self._demand_hearing("登记听证", HearingState.SCHEDULED)
        if by == self.found_by:
            raise RuleViolated("听证由非本案调查人员主持，您查明了此笔多发，请由其他人员主持并登记。")
        if held_on > at.date():
            raise RuleViolated("听证日期不能晚于今天。")
        if self.hearing_on is not None and held_on < self.hearing_on:
            raise RuleViolated(f"已通知当事人于 {self.hearing_on} 听证，不能提前举行。")
        self.record(
            self.HearingHeld,
            at=at,
            case_id=self.case_id,
            household_id=self.household_id,
            presided_by=by,
            minutes=written(minutes, "请写明听证笔录要点。"),
            effective_on=held_on,
            decide_by=decide_by,
        )

    def waive_hearing(self, at: datetime, *, proof: str, decide_by: date) -> None:
        """The person gives the hearing up."""
        states = (HearingState.OFFERED, HearingState.REQUESTED, HearingState.SCHEDULED)
        self._demand_hearing("登记放弃听证", *states)
        text = written(proof, "放弃听证须有书面凭证，请写明；无正当理由不到场的写明情况。")
        self.record(
            self.HearingWaived,
            at=at,
            case_id=self.case_id,
            proof=text,
            effective_on=at.date(),
            decide_by=decide_by,
        )

    def decide(self, at: datetime, *, amount_fen: int, grounds: str, letter_no: str, by: str, pay_by: date) -> None:
        """Order so much to be given back, after the person could answer, by another hand than who found it."""
        self._demand("决定追回", RecoveryState.NOTIFIED)
        self._demand_other_than_finder(by, "决定追回")
        if self.statement_by is not None and at.date() <= self.statement_by:
            raise RuleViolated(f"陈述申辩期至 {self.statement_by} 届满，届满前不能作出追回决定。")
        if not 0 < amount_fen <= self.amount_fen:
            raise RuleViolated(f"追回金额应大于 0 且不超过查明的 {yuan(self.amount_fen)}；不应追回的请了结。")
        self.record(
            self.Decided,
            at=at,
            case_id=self.case_id,
            amount_fen=amount_fen,
            grounds=written(grounds, "请写明追回理由，及对陈述申辩意见是否采纳。"),
            letter_no=written(letter_no, "请填写追回决定书文号。"),
            by=by,
            pay_by=pay_by,
        )

    def fine(
        self,
        at: datetime,
        *,
        amount_fen: int,
        grounds: str,
        letter_no: str,
        by: str,
        pay_by: date,
        parameters: Parameters,
    ) -> None:
        """Fine a fraud one to three times of what was obtained by it, once the chance of a hearing has passed."""
        self._demand("决定罚款", RecoveryState.DECIDED)
        if self.reason is not OverpaymentReason.FRAUD:
            raise RuleViolated(f"{self.reason.label}不予罚款；只有骗取救助可以处以罚款。")
        self._demand_other_than_finder(by, "决定罚款")
        if self.fine_fen is not None:
            raise RuleViolated(f"已处罚款 {yuan(self.fine_fen)}，同一事实不能再次罚款。")
        self._demand_heard(at.date())
        least, most = self.fine_range(parameters, at.date())
        if not least <= amount_fen <= most:
            raise RuleViolated(f"罚款应在 {yuan(least)} 至 {yuan(most)} 之间（骗取款额的法定倍数）。")
        self.record(
            self.FineDecided,
            at=at,
            case_id=self.case_id,
            amount_fen=amount_fen,
            grounds=written(grounds, "请写明罚款的事实、理由和依据，及听证意见是否采纳。"),
            letter_no=written(letter_no, "请填写行政处罚决定书文号。"),
            by=by,
            pay_by=pay_by,
        )

    def fine_range(self, parameters: Parameters, on: date) -> tuple[int, int]:
        """The least and the highest fine in fen, exactly: the least rounded up, the highest down."""
        taken = self.decided_fen or 0
        least = parameters.value("recovery.fine_min", self.division_code, on)
        most = parameters.value("recovery.fine_max", self.division_code, on)
        return -(-taken * least // BP), taken * most // BP

    def consent(self, at: datetime, *, consent_no: str) -> None:
        """The household agrees in writing to deductions."""
        self._demand("登记抵扣同意书", RecoveryState.DECIDED)
        if self.consented:
            raise RuleViolated("已登记同意抵扣，无需重复登记。")
        text = written(consent_no, "请填写抵扣同意书的编号。")
        self.record(self.DeductionConsented, at=at, case_id=self.case_id, consent_no=text, effective_on=at.date())

    def receive(
        self,
        at: datetime,
        *,
        part: RecoveryPart,
        method: RecoveryMethod,
        amount_fen: int,
        voucher_no: str,
        received_on: date,
        by: str,
    ) -> None:
        """Money came back. Never more than is owed; from assistance only with written consent, and never for a fine.

        With the last fen it is closed, unless it is a fraud that is not fined yet.
        """
        self._demand("登记收款", RecoveryState.DECIDED)
        if received_on > at.date():
            raise RuleViolated("收款日期不能晚于今天。")
        if by and by == (self.fined_by if part is RecoveryPart.FINE else self.decided_by):
            raise RuleViolated(f"您决定了此笔{part.label}，不能再登记收款；决定与收款须由不同的人办理。")
        if method is RecoveryMethod.DEDUCTION and part is RecoveryPart.FINE:
            raise RuleViolated("罚款不能从救助待遇中抵扣。")
        if method is RecoveryMethod.DEDUCTION and not self.consented:
            raise RuleViolated("从待遇中抵扣须有当事人书面同意，请先登记抵扣同意书。")
        left = self.fine_left_fen if part is RecoveryPart.FINE else self.recovery_left_fen
        if not 0 < amount_fen <= left:
            raise RuleViolated(f"{part.label}收款应大于 0 且不超过待收 {yuan(left)}；多收的请退还。")
        fine = part is RecoveryPart.FINE
        self.record(
            self.Received,
            at=at,
            case_id=self.case_id,
            part=part,
            method=method,
            amount_fen=amount_fen,
            voucher_no=written(voucher_no, "请填写收款凭证号。"),
            recovery_left_fen=self.recovery_left_fen - (0 if fine else amount_fen),
            fine_left_fen=self.fine_left_fen - (amount_fen if fine else 0),
            effective_on=received_on,
        )
        self._close_when_settled(at, by)

    def revise(
        self, at: datetime, *, basis: str, decided_fen: int, fine_fen: int | None, refund_by: date, by: str
    ) -> None:
        """Lower order and fine as an administrative review or judgment says; 0 quashes them; never make them higher.

        What was received beyond that is to be given back, also where everything had been paid.
        """
        if self.outcome is not RecoveryOutcome.PAID:
            self._demand("变更", RecoveryState.DECIDED)
        document = written(basis, "请填写复议决定书或判决书文号。")
        if (fine_fen is None) is not (self.fine_fen is None):
            raise RuleViolated("没有罚款的不填罚款金额；有罚款的请填写变更后的金额，撤销的填 0。")
        before, fined_before = self.decided_fen or 0, self.fine_fen or 0
        if not 0 <= decided_fen <= before or not 0 <= (fine_fen or 0) <= fined_before:
            raise RuleViolated(f"变更后的金额不得高于原决定的追回 {yuan(before)}、罚款 {yuan(fined_before)}。")
        if (decided_fen, fine_fen or 0) == (before, fined_before):
            raise RuleViolated("金额没有变化，无需变更。")
        self.record(
            self.Revised,
            at=at,
            case_id=self.case_id,
            basis=document,
            decided_fen=decided_fen,
            fine_fen=fine_fen,
            recovery_left_fen=max(0, decided_fen - self.recovered_fen),
            fine_left_fen=max(0, (fine_fen or 0) - self.fine_paid_fen),
            refund_fen=max(0, self.recovered_fen - decided_fen) + max(0, self.fine_paid_fen - (fine_fen or 0)),
            refund_by=refund_by,
            by=by,
        )
        self._close_when_settled(at, by)

    def refund(
        self, at: datetime, *, part: RecoveryPart, amount_fen: int, voucher_no: str, refunded_on: date, by: str
    ) -> None:
        """Give back what is no longer owed; with the last fen it is closed, if nothing else is owed."""
        self._demand("登记退还", RecoveryState.DECIDED)
        left = self.refund_of(part)
        if not 0 < amount_fen <= left:
            raise RuleViolated(f"退还的{part.label}应大于 0 且不超过应退 {yuan(left)}。")
        if refunded_on > at.date():
            raise RuleViolated("退还日期不能晚于今天。")
        self.record(
            self.Refunded,
            at=at,
            case_id=self.case_id,
            part=part,
            amount_fen=amount_fen,
            voucher_no=written(voucher_no, "请填写退款凭证号。"),
            refund_left_fen=self.refund_fen - amount_fen,
            effective_on=refunded_on,
        )
        self._close_when_settled(at, by)

    def close(self, at: datetime, *, outcome: RecoveryOutcome, grounds: str, by: str) -> None:
        """End it: all paid; written off by another hand than who decided; or dropped before a decision."""
        self._demand("了结", RecoveryState.FOUND, RecoveryState.NOTIFIED, RecoveryState.DECIDED)
        decided = self.state is RecoveryState.DECIDED
        if (outcome is RecoveryOutcome.DROPPED) is decided:
            raise RuleViolated(f"追回现为“{self.state.label}”，不能以“{outcome.label}”了结。")
        self._demand_other_than_finder(by, "了结")
        left = self.outstanding_fen
        if self.refund_fen:
            raise RuleViolated(f"尚有多收的 {yuan(self.refund_fen)} 未退还，不能了结。")
        if outcome is RecoveryOutcome.PAID and left:
            raise RuleViolated(f"尚有 {yuan(left)} 未收回，不能以全额收回了结。")
        if decided and self.hearing in _ASKED_FOR:
            raise RuleViolated("当事人已申请听证，听证举行或放弃前不能了结。")
        if outcome is RecoveryOutcome.WRITTEN_OFF:
            if not left:
                raise RuleViolated("款项已全部收回，无需核销。")
            if by == self.decided_by:
                raise RuleViolated("您作出了追回决定，不能再核销；请由其他人员办理。")
        self._close(at, outcome, written(grounds, "请写明了结的理由和依据。"), by)

    def go_along(self, at: datetime, *, to_division_code: str, moved_on: date) -> None:
        """Belong to where its case belongs now."""
        self.record(self.Transferred, at=at, case_id=self.case_id, to_division_code=to_division_code, moved_on=moved_on)

    def _close_when_settled(self, at: datetime, by: str) -> None:
        """Nothing is owed by anybody: closed, unless it is a fraud that may still be fined."""
        may_be_fined = self.reason is OverpaymentReason.FRAUD and self.fine_fen is None and self.decided_fen
        if not self.outstanding_fen and not self.refund_fen and not may_be_fined:
            self._close(at, RecoveryOutcome.PAID, "款项已结清", by)

    def _close(self, at: datetime, outcome: RecoveryOutcome, grounds: str, by: str) -> None:
        lost = self.outstanding_fen if outcome is RecoveryOutcome.WRITTEN_OFF else 0
        self.record(
            self.Closed,
            at=at,
            case_id=self.case_id,
            outcome=outcome,
            written_off_fen=lost,
            grounds=grounds,
            by=by,
        )

    def _demand(self, what: str, *states: RecoveryState) -> None:
        if self.state not in states:
            allowed = "、".join(state.label for state in states)
            raise RuleViolated(f"追回现为“{self.state.label}”，不能{what}；须为：{allowed}。")

    def _demand_hearing(self, what: str, *states: HearingState) -> None:
        self._demand(what, RecoveryState.NOTIFIED, RecoveryState.DECIDED)
        if self.hearing not in states:
            allowed = "、".join(state.label for state in states)
            raise RuleViolated(f"听证现为“{self.hearing.label}”，不能{what}；须为：{allowed}。")

    def _demand_heard(self, on: date) -> None:
        """Raise RuleViolated while the person may still be heard."""
        match self.hearing:
            case HearingState.NONE:
                raise RuleViolated("罚款前须告知当事人有权申请听证。")
            case HearingState.OFFERED if self.request_by is not None and on <= self.request_by:
                raise RuleViolated(f"当事人可在 {self.request_by} 前申请听证，届满前不能决定罚款。")
            case HearingState.REQUESTED | HearingState.SCHEDULED:
                raise RuleViolated("当事人已申请听证，听证举行前不能决定罚款。")

    def _demand_other_than_finder(self, by: str, what: str) -> None:
        if by and by == self.found_by:
            raise RuleViolated(f"您查明了此笔多发，不能再{what}；请由其他经办人办理。")
