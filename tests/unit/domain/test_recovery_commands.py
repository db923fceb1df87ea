"""Overpayments: found, told, heard, decided, fined, taken back. One success each, every refusal, and the sums."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.access import Actor, RoleCode
from domain.assistance import Case, Payment, Recovery
from domain.assistance.commands import (
    CloseRecovery,
    ConsentToDeduction,
    DecideFine,
    DecideRecovery,
    FindOverpayment,
    HoldHearing,
    NotifyRecovery,
    OfferHearing,
    ReceiveRecovery,
    RefundRecovery,
    RequestHearing,
    ReviseRecovery,
    ScheduleHearing,
    TransferCase,
    WaiveHearing,
)
from domain.codes import (
    FindingRule,
    HearingState,
    OverpaymentReason,
    RecoveryMethod,
    RecoveryOutcome,
    RecoveryPart,
    RecoveryState,
)
from domain.errors import BadInput
from domain.findings import Finding
from tests.unit.domain.samples import OTHER_VILLAGE, PARAMETERS, on, paying, payment
from tests.unit.domain.specification import CLERK, NOW, STREET, Given, given

SECOND = Actor("district-2", RoleCode.DISTRICT_CLERK, "440704")
CASHIER = Actor("cashier", RoleCode.FINANCE_OFFICER, "440704", "finance")
FRAUD, LATE = OverpaymentReason.FRAUD, OverpaymentReason.LATE_REPORT


def found(reason: OverpaymentReason = FRAUD, amount_fen: int = 100_001) -> Recovery:
    """Too much in March and April 2015, found by the street."""
    return Recovery.find(
        uuid4(),
        on("2015-11-02"),
        case=paying(),
        from_month="2015-03",
        to_month="2015-04",
        amount_fen=amount_fen,
        paid_fen=150_000,
        reason=reason,
        facts="另有铺面出租",
        by="street",
        notify_by=date(2015, 11, 9),
    )


def notified(reason: OverpaymentReason = FRAUD, **fields: Any) -> Recovery:
    """The person was told on 3 November and could answer until the 10th."""
    recovery = found(reason, **fields)
    recovery.notify(
        on("2015-11-03"),
        letter_no="告知〔2015〕1号",
        proof="直接送达",
        served_on=date(2015, 11, 3),
        statement_by=date(2015, 11, 10),
        decide_by=date(2015, 11, 24),
    )
    return recovery


def decided(reason: OverpaymentReason = FRAUD, **fields: Any) -> Recovery:
    """All of it is to be given back."""
    recovery = notified(reason, **fields)
    recovery.decide(
        on("2015-11-20"),
        amount_fen=recovery.amount_fen,
        grounds="属实",
        letter_no="追回〔2015〕1号",
        by="district",
        pay_by=date(2015, 12, 21),
    )
    return recovery


def offered(recovery: Recovery) -> Recovery:
    """A hearing may be asked for until 15 December."""
    recovery.offer_hearing(
        on("2015-12-08"), letter_no="听告〔2015〕1号", served_on=date(2015, 12, 8), request_by=date(2015, 12, 15)
    )
    return recovery


def requested(recovery: Recovery) -> Recovery:
    """It was asked for."""
    offered(recovery).request_hearing(on("2015-12-09"), requested_on=date(2015, 12, 9), hold_by=date(2016, 1, 7))
    return recovery


def scheduled(recovery: Recovery) -> Recovery:
    """It was to be on 10 December."""
    requested(recovery).schedule_hearing(
        on("2015-12-09"),
        letter_no="听通〔2015〕1号",
        hearing_on=date(2015, 12, 10),
        place="区民政局",
        earliest_on=date(2015, 12, 10),
    )
    return recovery


def waived(recovery: Recovery) -> Recovery:
    """It was given up."""
    offered(recovery).waive_hearing(on("2015-12-09"), proof="放弃声明", decide_by=date(2015, 12, 23))
    return recovery


def fined() -> Recovery:
    """200,002 fen beside 100,001 to be given back."""
    recovery = waived(decided())
    fine = {"amount_fen": 200_002, "grounds": "骗取", "letter_no": "罚〔2015〕1号", "by": "district"}
    recovery.fine(NOW, pay_by=date(2016, 1, 11), parameters=PARAMETERS, **fine)  # type: ignore[arg-type]
    return recovery


class TestFinding:
    def command(self, case: Case, **fields: Any) -> FindOverpayment:
        told = {"from_month": "2015-03", "to_month": "2015-04", "amount_fen": 150_000, "reason": LATE, **fields}
        return FindOverpayment(case_id=case.id, facts="子女已就业", **told)

    def world(self) -> tuple[Case, Given]:
        case = paying()
        sent_back = payment(case, "2015-05")
        sent_back.mark_returned(on("2015-05-12"), reason="账户注销", effective_on=date(2015, 5, 12))
        return case, given(case, payment(case), payment(case, "2015-04"), sent_back)

    def test_the_street_finds_it(self) -> None:
        case, world = self.world()
        recovery = world.when(self.command(case), by=STREET).then(
            Recovery.Created, notify_by=date(2015, 12, 17), found_by="street", payee_id=case.applicant_id
        )
        assert recovery.id == Recovery.id_for(case.id, 1)

    def test_what_pointed_to_it_is_settled_with_it(self) -> None:
        case, _ = self.world()
        finding = self.finding(case.id)
        world = given(case, payment(case), payment(case, "2015-04"), finding)
        outcome = world.when(self.command(case, finding_id=finding.id), by=STREET)
        outcome.then(Recovery.Created, Finding.Resolved, outcome="属实，已转追回：1500元")
        assert outcome.aggregates[0].finding_id == finding.id  # type: ignore[attr-defined]
        other = self.finding(uuid4())
        given(case, other).when(self.command(case, finding_id=other.id)).refused("不是该个案的")

    def finding(self, case_id: UUID) -> Finding:
        return Finding.raise_for(
            uuid4(),
            NOW,
            rule=FindingRule.PAID_NOT_ENTITLED,
            subject=f"case:{case_id}",
            division_code="440704004203",
            effective_on=date(2015, 3, 1),
            detail="不在保障期内",
            evidence=(),
            case_id=case_id,
        )

    @pytest.mark.parametrize(
        ("fields", "text"),
        [
            ({"amount_fen": 150_001}, "实际发放的 1500元"),
            ({"amount_fen": 0}, "大于 0"),
            ({"from_month": "2015-05"}, "起始月份晚于截止月份"),
            ({"from_month": "2015-05", "to_month": "2015-05", "amount_fen": 1}, "实际发放的 0元"),
        ],
    )
    def test_refusals(self, fields: dict[str, Any], text: str) -> None:
        case, world = self.world()
        world.when(self.command(case, **fields)).refused(text)

    def test_a_month_that_is_no_month(self) -> None:
        case, world = self.world()
        world.when(self.command(case, to_month="2015-4")).refused("应为 YYYY-MM", BadInput)

    def test_no_month_is_recovered_twice_unless_it_was_dropped(self) -> None:
        case, _ = self.world()
        first = given(case, payment(case), payment(case, "2015-04")).when(self.command(case)).aggregates[0]
        assert isinstance(first, Recovery)
        world = given(case, first, payment(case), payment(case, "2015-04"))
        world.when(self.command(case, from_month="2015-04", amount_fen=1)).refused("不能重复登记")
        first.close(NOW, outcome=RecoveryOutcome.DROPPED, grounds="收入已如实申报", by="district-2")
        second = world.when(self.command(case)).then(Recovery.Created)
        assert second.id == Recovery.id_for(case.id, 2)


class TestTelling:
    def command(self, recovery: Recovery, **fields: Any) -> NotifyRecovery:
        told = {"letter_no": "告知〔2015〕1号", "proof": "直接送达", "served_on": date(2015, 12, 10), **fields}
        return NotifyRecovery(recovery_id=recovery.id, **told)

    def test_the_person_may_answer_for_five_working_days(self) -> None:
        recovery = found()
        given(recovery).when(self.command(recovery), by=STREET).then(
            Recovery.Notified, statement_by=date(2015, 12, 17), decide_by=date(2015, 12, 31)
        )

    def test_refusals(self) -> None:
        recovery, told = found(), notified()
        given(recovery).when(self.command(recovery, served_on=date(2015, 12, 11))).refused("不能晚于今天")
        given(recovery).when(self.command(recovery, letter_no=" ")).refused("告知书文号")
        given(recovery).when(self.command(recovery, proof=" ")).refused("送达方式及凭证")
        given(told).when(self.command(told)).refused("已告知”，不能登记告知")


class TestDeciding:
    def command(self, recovery: Recovery, **fields: Any) -> DecideRecovery:
        told = {"amount_fen": 100_001, "grounds": "属实", "letter_no": "追回〔2015〕1号", **fields}
        return DecideRecovery(recovery_id=recovery.id, **told)

    def test_the_district_orders_it_back(self) -> None:
        recovery = notified()
        given(recovery).when(self.command(recovery)).then(
            Recovery.Decided, amount_fen=100_001, pay_by=date(2016, 1, 11), by="district"
        )
        assert (recovery.state, recovery.outstanding_fen) == (RecoveryState.DECIDED, 100_001)

    def test_refusals(self) -> None:
        recovery, untold = notified(), found()
        given(untold).when(self.command(untold)).refused("已查明”，不能决定追回")
        given(recovery).when(self.command(recovery), now=on("2015-11-10")).refused("陈述申辩期至 2015-11-10 届满")
        given(recovery).when(self.command(recovery, amount_fen=100_002)).refused("不超过查明的 1000.01元")
        given(recovery).when(self.command(recovery, amount_fen=0)).refused("大于 0")
        given(recovery).when(self.command(recovery, grounds="")).refused("写明追回理由")
        given(recovery).when(self.command(recovery, letter_no="")).refused("决定书文号")
        finder = Actor("street", RoleCode.DISTRICT_CLERK, "440704")
        given(recovery).when(self.command(recovery), by=finder).refused("您查明了此笔多发，不能再决定追回")


class TestHearing:
    def offer(self, recovery: Recovery, day: str = "2015-12-08") -> OfferHearing:
        return OfferHearing(recovery_id=recovery.id, letter_no="听告〔2015〕1号", served_on=date.fromisoformat(day))

    def test_it_may_be_asked_for_within_five_working_days(self) -> None:
        recovery = decided()
        given(recovery).when(self.offer(recovery)).then(Recovery.HearingOffered, request_by=date(2015, 12, 15))
        ask = RequestHearing(recovery_id=recovery.id, requested_on=date(2015, 12, 15))
        late = RequestHearing(recovery_id=recovery.id, requested_on=date(2015, 12, 16))
        given(recovery).when(late, now=on("2015-12-16")).refused("期限已于 2015-12-15 届满")
        given(recovery).when(ask, now=on("2015-12-10")).refused("不能晚于今天")
        given(recovery).when(ask, now=on("2015-12-16")).then(Recovery.HearingRequested, hold_by=date(2016, 1, 13))

    def test_who_found_it_does_not_preside(self) -> None:
        recovery = scheduled(decided())
        hold = HoldHearing(recovery_id=recovery.id, minutes="当事人陈述……", held_on=NOW.date())
        finder = Actor("street", RoleCode.DISTRICT_CLERK, "440704")
        given(recovery).when(hold, by=finder).refused("非本案调查人员主持")
        given(recovery).when(hold).then(Recovery.HearingHeld, presided_by="district", decide_by=date(2015, 12, 24))
        assert recovery.hearing is HearingState.HELD

    def schedule(self, recovery: Recovery, **fields: Any) -> ScheduleHearing:
        told = {"letter_no": "听通1号", "hearing_on": date(2015, 12, 17), "place": "区民政局二楼", **fields}
        return ScheduleHearing(recovery_id=recovery.id, **told)

    def test_the_person_is_told_seven_days_before(self) -> None:
        recovery = requested(decided())
        early = self.schedule(recovery, hearing_on=date(2015, 12, 16))
        given(recovery).when(early).refused("最早可在 2015-12-17 举行")
        given(recovery).when(self.schedule(recovery)).then(Recovery.HearingScheduled, hearing_on=date(2015, 12, 17))
        hold = HoldHearing(recovery_id=recovery.id, minutes="x", held_on=NOW.date())
        given(recovery).when(hold).refused("已通知当事人于 2015-12-17 听证")
        given(recovery).when(self.schedule(recovery, hearing_on=date(2015, 12, 20))).then(Recovery.HearingScheduled)
        given(recovery).when(self.schedule(recovery, place=" ")).refused("听证地点")
        given(recovery).when(self.schedule(recovery, letter_no=" ")).refused("通知书文号")
        unasked = offered(decided())
        given(unasked).when(self.schedule(unasked)).refused("不能通知听证")

    def test_it_may_be_given_up(self) -> None:
        for recovery in (offered(decided()), requested(notified()), scheduled(decided())):
            waive = WaiveHearing(recovery_id=recovery.id, proof="放弃听证声明书")
            given(recovery).when(waive, by=STREET).then(Recovery.HearingWaived)
            given(recovery).when(waive).refused("已书面放弃”，不能登记放弃听证")

    @pytest.mark.parametrize("reason", [r for r in OverpaymentReason if r is not FRAUD])
    def test_only_fraud_is_fined_and_so_only_fraud_is_heard(self, reason: OverpaymentReason) -> None:
        recovery = decided(reason)
        given(recovery).when(self.offer(recovery)).refused("不予罚款，无需告知听证")

    def test_refusals(self) -> None:
        untold, twice, asked = found(), offered(decided()), scheduled(decided())
        unscheduled = requested(decided())
        unheard = HoldHearing(recovery_id=unscheduled.id, minutes="x", held_on=NOW.date())
        given(unscheduled).when(unheard).refused("须为：已通知听证")
        given(untold).when(self.offer(untold)).refused("已查明”，不能告知听证权利")
        given(twice).when(self.offer(twice)).refused("不能重复告知")
        fresh = decided()
        given(fresh).when(self.offer(fresh, "2015-12-11")).refused("不能晚于今天")
        early = HoldHearing(recovery_id=twice.id, minutes="x", held_on=NOW.date())
        given(twice).when(early).refused("已告知听证权利”，不能登记听证")
        blank = HoldHearing(recovery_id=asked.id, minutes=" ", held_on=NOW.date())
        given(asked).when(blank).refused("听证笔录")
        tomorrow = HoldHearing(recovery_id=asked.id, minutes="x", held_on=date(2015, 12, 11))
        given(asked).when(tomorrow).refused("不能晚于今天")
        given(asked).when(WaiveHearing(recovery_id=asked.id, proof="")).refused("书面凭证")


class TestFining:
    def command(self, recovery: Recovery, amount_fen: int = 100_001, **fields: str) -> DecideFine:
        told = {"grounds": "骗取救助", "letter_no": "罚〔2015〕1号", **fields}
        return DecideFine(recovery_id=recovery.id, amount_fen=amount_fen, **told)

    @pytest.mark.parametrize(
        ("amount", "allowed"), [(100_000, False), (100_001, True), (300_003, True), (300_004, False)]
    )
    def test_one_to_three_times_of_what_was_obtained(self, amount: int, allowed: bool) -> None:
        recovery = waived(decided())
        outcome = given(recovery).when(self.command(recovery, amount))
        if allowed:
            outcome.then(Recovery.FineDecided, amount_fen=amount, pay_by=date(2016, 1, 11))
            assert recovery.outstanding_fen == 100_001 + amount
        else:
            outcome.refused("罚款应在 1000.01元 至 3000.03元 之间")

    @pytest.mark.parametrize(
        ("recovery", "text"),
        [
            (decided(), "有权申请听证"),
            (offered(decided()), "可在 2015-12-15 前申请听证"),
            (requested(decided()), "听证举行前不能决定罚款"),
            (scheduled(decided()), "听证举行前不能决定罚款"),
            (waived(notified()), "已告知”，不能决定罚款"),
            (decided(OverpaymentReason.OFFICIAL_ERROR), "经办差错不予罚款"),
            (decided(LATE), "不予罚款"),
            (fined(), "不能再次罚款"),
        ],
    )
    def test_refusals(self, recovery: Recovery, text: str) -> None:
        given(recovery).when(self.command(recovery)).refused(text)

    def test_who_did_not_ask_in_time_has_had_the_chance(self) -> None:
        recovery = offered(decided())
        given(recovery).when(self.command(recovery), now=on("2015-12-15")).refused("前申请听证")
        given(recovery).when(self.command(recovery), now=on("2015-12-16")).then(Recovery.FineDecided)

    def test_who_found_it_does_not_fine_and_grounds_are_written(self) -> None:
        recovery = waived(decided())
        finder = Actor("street", RoleCode.DISTRICT_CLERK, "440704")
        given(recovery).when(self.command(recovery), by=finder).refused("不能再决定罚款")
        given(recovery).when(self.command(recovery, grounds=" ")).refused("写明罚款的事实")
        given(recovery).when(self.command(recovery, letter_no=" ")).refused("处罚决定书文号")


class TestReceiving:
    def command(self, recovery: Recovery, amount_fen: int, **fields: Any) -> ReceiveRecovery:
        told = {
            "part": RecoveryPart.RECOVERY,
            "method": RecoveryMethod.REFUND,
            "voucher_no": "收1",
            "received_on": NOW.date(),
            **fields,
        }
        return ReceiveRecovery(recovery_id=recovery.id, amount_fen=amount_fen, **told)

    def test_who_decided_does_not_take_the_money(self) -> None:
        recovery = fined()
        fine = self.command(recovery, 1, part=RecoveryPart.FINE)
        for command in (self.command(recovery, 1), fine):
            given(recovery).when(command, by=CLERK).refused("决定与收款须由不同的人办理")
        given(recovery).when(fine, by=SECOND).then(Recovery.Received)

    def test_every_fen_is_counted_and_the_last_one_closes_it(self) -> None:
        recovery = decided(LATE)
        world = given(recovery)
        world.when(self.command(recovery, 33_333), by=CASHIER).then(Recovery.Received, recovery_left_fen=66_668)
        world.when(self.command(recovery, 66_669), by=CASHIER).refused("不超过待收 666.68元")
        world.when(self.command(recovery, 0), by=CASHIER).refused("大于 0")
        outcome = world.when(self.command(recovery, 66_668), by=CASHIER)
        outcome.then(Recovery.Received, Recovery.Closed, outcome=RecoveryOutcome.PAID, written_off_fen=0)
        assert (recovery.outstanding_fen, recovery.state) == (0, RecoveryState.CLOSED)
        world.when(self.command(recovery, 1), by=CASHIER).refused("已了结”，不能登记收款")

    def test_the_fine_is_kept_apart(self) -> None:
        recovery = fined()
        world = given(recovery)
        fine = {"part": RecoveryPart.FINE}
        world.when(self.command(recovery, 200_003, **fine), by=CASHIER).refused(
            "罚款收款应大于 0 且不超过待收 2000.02元"
        )
        paid = self.command(recovery, 200_002, **fine)
        world.when(paid, by=CASHIER).then(Recovery.Received, recovery_left_fen=100_001, fine_left_fen=0)
        world.when(self.command(recovery, 100_001), by=CASHIER).then(Recovery.Received, Recovery.Closed)

    def test_a_fraud_that_is_paid_back_may_still_be_fined(self) -> None:
        recovery = decided()
        world = given(recovery)
        world.when(self.command(recovery, 100_001), by=CASHIER).then(Recovery.Received)
        assert (recovery.state, recovery.outstanding_fen) == (RecoveryState.DECIDED, 0)
        world.when(OfferHearing(recovery_id=recovery.id, letter_no="1", served_on=NOW.date())).then(
            Recovery.HearingOffered
        )

    def test_deduction_only_with_written_consent_and_never_for_a_fine(self) -> None:
        recovery = fined()
        world = given(recovery)
        deduction = {"method": RecoveryMethod.DEDUCTION}
        world.when(self.command(recovery, 10_000, **deduction), by=CASHIER).refused("书面同意")
        agreed = ConsentToDeduction(recovery_id=recovery.id, consent_no="同意书1号")
        world.when(ConsentToDeduction(recovery_id=recovery.id, consent_no=" ")).refused("同意书的编号")
        world.when(agreed, by=STREET).then(Recovery.DeductionConsented)
        world.when(agreed).refused("无需重复登记")
        world.when(self.command(recovery, 10_000, **deduction), by=CASHIER).then(
            Recovery.Received, recovery_left_fen=90_001
        )
        world.when(self.command(recovery, 1, part=RecoveryPart.FINE, **deduction), by=CASHIER).refused(
            "罚款不能从救助待遇中抵扣"
        )

    def test_refusals(self) -> None:
        recovery, undecided = decided(), notified()
        given(undecided).when(self.command(undecided, 1)).refused("已告知”，不能登记收款")
        tomorrow = self.command(recovery, 1, received_on=date(2015, 12, 11))
        given(recovery).when(tomorrow, by=CASHIER).refused("不能晚于今天")
        given(recovery).when(self.command(recovery, 1, voucher_no=" "), by=CASHIER).refused("收款凭证号")


class TestRevision:
    def command(self, recovery: Recovery, decided_fen: int, fine_fen: int | None = None, **fields: str) -> Any:
        told = {"basis": "江府行复〔2015〕9号", **fields}
        return ReviseRecovery(recovery_id=recovery.id, decided_fen=decided_fen, fine_fen=fine_fen, **told)

    def refund(self, recovery: Recovery, amount_fen: int, **fields: Any) -> RefundRecovery:
        told = {"part": RecoveryPart.RECOVERY, "voucher_no": "退1", "refunded_on": NOW.date(), **fields}
        return RefundRecovery(recovery_id=recovery.id, amount_fen=amount_fen, **told)

    def paid_in_full(self) -> Recovery:
        recovery = fined()
        for part, amount in ((RecoveryPart.RECOVERY, 100_001), (RecoveryPart.FINE, 200_002)):
            told = {"method": RecoveryMethod.REFUND, "voucher_no": "1", "received_on": NOW.date(), "by": "cashier"}
            recovery.receive(NOW, part=part, amount_fen=amount, **told)  # type: ignore[arg-type]
        assert recovery.outcome is RecoveryOutcome.PAID
        return recovery

    def test_a_judgment_lowers_what_is_owed(self) -> None:
        recovery = fined()
        given(recovery).when(self.command(recovery, 60_000, 60_000)).then(
            Recovery.Revised, recovery_left_fen=60_000, fine_left_fen=60_000, refund_fen=0
        )
        assert recovery.outstanding_fen == 120_000

    def test_what_was_paid_and_quashed_goes_back_to_the_fen(self) -> None:
        recovery = self.paid_in_full()
        world = given(recovery)
        world.when(self.command(recovery, 40_000, 0)).then(
            Recovery.Revised, refund_fen=260_003, recovery_left_fen=0, refund_by=date(2015, 12, 24)
        )
        close = CloseRecovery(recovery_id=recovery.id, outcome=RecoveryOutcome.PAID, grounds="x")
        world.when(close).refused("尚有多收的 2600.03元 未退还")
        world.when(self.refund(recovery, 60_002), by=CASHIER).refused("不超过应退 600.01元")
        world.when(self.refund(recovery, 60_001), by=CASHIER).then(Recovery.Refunded, refund_left_fen=200_002)
        fine = self.refund(recovery, 200_002, part=RecoveryPart.FINE)
        world.when(fine, by=CASHIER).then(Recovery.Refunded, Recovery.Closed, outcome=RecoveryOutcome.PAID)
        assert (recovery.recovered_fen, recovery.fine_paid_fen, recovery.refund_fen) == (40_000, 0, 0)

    def test_an_unpaid_order_that_is_quashed_is_closed(self) -> None:
        recovery = decided()
        given(recovery).when(self.command(recovery, 0)).then(Recovery.Revised, Recovery.Closed, written_off_fen=0)

    def test_refusals(self) -> None:
        recovery, undecided, lost = fined(), notified(), decided(LATE)
        lost.close(NOW, outcome=RecoveryOutcome.WRITTEN_OFF, grounds="x", by="district-2")
        given(recovery).when(self.command(recovery, 100_002, 0)).refused("不得高于原决定")
        given(recovery).when(self.command(recovery, 0, 200_003)).refused("不得高于原决定")
        given(recovery).when(self.command(recovery, -1, 0)).refused("不得高于原决定")
        given(recovery).when(self.command(recovery, 100_001, 200_002)).refused("没有变化")
        given(recovery).when(self.command(recovery, 0)).refused("撤销的填 0")
        given(recovery).when(self.command(recovery, 0, 0, basis=" ")).refused("判决书文号")
        given(undecided).when(self.command(undecided, 0)).refused("已告知”，不能变更")
        given(lost).when(self.command(lost, 0)).refused("已了结”，不能变更")
        given(recovery).when(self.refund(recovery, 1)).refused("不超过应退 0元")
        over = self.paid_in_full()
        given(over).when(self.command(over, 0, 0)).then(Recovery.Revised)
        given(over).when(self.refund(over, 1, refunded_on=date(2015, 12, 11))).refused("不能晚于今天")
        given(over).when(self.refund(over, 1, voucher_no=" ")).refused("退款凭证号")


class TestClosing:
    def command(self, recovery: Recovery, outcome: RecoveryOutcome, grounds: str = "依据") -> CloseRecovery:
        return CloseRecovery(recovery_id=recovery.id, outcome=outcome, grounds=grounds)

    def test_what_can_not_be_got_back_is_written_off_by_another_hand(self) -> None:
        recovery = decided(LATE)
        off = self.command(recovery, RecoveryOutcome.WRITTEN_OFF)
        given(recovery).when(off, by=CLERK).refused("您作出了追回决定，不能再核销")
        finder = Actor("street", RoleCode.DISTRICT_CLERK, "440704")
        given(recovery).when(off, by=finder).refused("不能再了结")
        given(recovery).when(off, by=SECOND).then(Recovery.Closed, written_off_fen=100_001)

    @pytest.mark.parametrize("recovery", [found(), notified()], ids=["found", "notified"])
    def test_what_was_not_paid_too_much_is_dropped(self, recovery: Recovery) -> None:
        drop = self.command(recovery, RecoveryOutcome.DROPPED)
        given(recovery).when(drop).then(Recovery.Closed, outcome=RecoveryOutcome.DROPPED, written_off_fen=0)

    def test_a_paid_fraud_without_a_fine_is_closed_by_hand(self) -> None:
        recovery = decided()
        given(recovery).when(self.command(recovery, RecoveryOutcome.PAID), by=SECOND).refused("尚有 1000.01元 未收回")
        refund = {"part": RecoveryPart.RECOVERY, "method": RecoveryMethod.REFUND, "amount_fen": 100_001}
        recovery.receive(NOW, voucher_no="1", received_on=NOW.date(), by="cashier", **refund)  # type: ignore[arg-type]
        off = self.command(recovery, RecoveryOutcome.WRITTEN_OFF)
        given(recovery).when(off, by=SECOND).refused("无需核销")
        given(recovery).when(self.command(recovery, RecoveryOutcome.PAID)).then(Recovery.Closed)

    def test_refusals(self) -> None:
        done, early, asked = decided(), notified(), requested(decided())
        given(done).when(self.command(done, RecoveryOutcome.DROPPED)).refused("不能以“查明不应追回”了结")
        given(early).when(self.command(early, RecoveryOutcome.WRITTEN_OFF)).refused("不能以“核销”了结")
        given(done).when(self.command(done, RecoveryOutcome.WRITTEN_OFF, " "), by=SECOND).refused("写明了结的理由")
        off = self.command(asked, RecoveryOutcome.WRITTEN_OFF)
        given(asked).when(off, by=SECOND).refused("已申请听证")


def test_a_case_takes_its_recovery_along() -> None:
    case = paying()
    recovery = Recovery.find(
        Recovery.id_for(case.id, 1),
        NOW,
        case=case,
        from_month="2015-03",
        to_month="2015-03",
        amount_fen=1,
        paid_fen=1,
        reason=LATE,
        facts="x",
        by="street",
        notify_by=date(2015, 12, 20),
    )
    move = TransferCase(case_id=case.id, to_division_code=OTHER_VILLAGE, moved_on=NOW.date())
    given(case, recovery).when(move).then(Case.Transferred, Recovery.Transferred)
    assert recovery.division_code == OTHER_VILLAGE


def test_a_payment_that_differs_is_found_by_its_own_amount() -> None:
    case = paying()
    corrected = payment(case)
    corrected.correct(NOW, amount_fen=40_000, reason="误录")
    assert isinstance(corrected, Payment)
    find = FindOverpayment(
        case_id=case.id, from_month="2015-03", to_month="2015-03", amount_fen=40_001, reason=LATE, facts="x"
    )
    given(case, corrected).when(find).refused("实际发放的 400元")
