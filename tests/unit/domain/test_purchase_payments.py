"""Money of purchases: instalments within what was accepted, organisations in doubt, what a source reports."""

from contextlib import suppress
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given as with_any
from hypothesis import settings
from hypothesis import strategies as st

from domain.codes import (
    AbnormalReason,
    FindingRule,
    FundSource,
    InstalmentState,
    MilestoneState,
    OrgState,
    PurchaseState,
)
from domain.errors import NotFound, RuleViolated
from domain.funds import Budget
from domain.parameters import official_parameters
from domain.procurement import Organisation, Purchase
from domain.procurement.commands import (
    ApprovePurchasePayment,
    ClosePurchase,
    DeliverMilestone,
    HandOverContract,
    HoldContract,
    PreparePurchasePayment,
    RejectPurchasePayment,
    ReleaseContract,
    ReturnPurchasePayment,
    TerminateContract,
)
from domain.procurement.contract import Dimensions
from domain.procurement.reported import of_contract
from tests.unit.domain.purchases import (
    BUYER,
    EVEN,
    MONEY,
    PAYER,
    accept,
    budget,
    registered,
    scored,
    signed,
)
from tests.unit.domain.samples import on
from tests.unit.domain.specification import NOW, assert_replays, given, history


class TestPayment:
    def test_asked_for_by_one_approved_by_another_and_taken_from_the_budget(self) -> None:
        money = budget()
        project = signed(money=((money, 18_000_000),))
        accept(project, 1)
        world = given(project, money)
        ask = PreparePurchasePayment(purchase_id=project.id, milestone_no=1, amount_fen=6_000_000, budget_id=money.id)
        world.when(ask, by=MONEY).then(Purchase.PaymentPrepared, payment_no=1, source=FundSource.DISTRICT)
        world.when(ask, by=MONEY).refused("已验收未付的 0元")
        world.when(ApprovePurchasePayment(purchase_id=project.id, payment_no=1), by=MONEY).refused("您已提出此笔付款")
        world.when(ApprovePurchasePayment(purchase_id=project.id, payment_no=1), by=PAYER).then(
            Purchase.Paid, Budget.Drawn, spent_fen=6_000_000
        )
        assert (money.spent_fen, money.committed_fen, money.free_fen) == (6_000_000, 12_000_000, 32_000_000)
        world.when(ApprovePurchasePayment(purchase_id=project.id, payment_no=1), by=PAYER).refused("已支付”，不能办理")
        world.when(ApprovePurchasePayment(purchase_id=project.id, payment_no=2), by=PAYER).refused("没有第 2 笔")

    def test_refused_and_asked_for_again(self) -> None:
        money = budget()
        project = signed(money=((money, 18_000_000),))
        accept(project, 1)
        ask = PreparePurchasePayment(purchase_id=project.id, milestone_no=1, amount_fen=6_000_000, budget_id=money.id)
        world = given(project, money)
        world.when(ask, by=MONEY).then(Purchase.PaymentPrepared)
        world.when(RejectPurchasePayment(purchase_id=project.id, payment_no=1, reason="发票有误"), by=PAYER).then(
            Purchase.PaymentRejected
        )
        world.when(ask, by=MONEY).then(Purchase.PaymentPrepared, payment_no=2)

    def test_not_before_acceptance_and_the_last_one_after_the_evaluation(self) -> None:
        money = budget()
        project = signed(10_000_000, 8_000_000, money=((money, 18_000_000),))
        told: dict[str, Any] = {"purchase_id": project.id, "budget_id": money.id}
        first = PreparePurchasePayment(milestone_no=1, amount_fen=1, **told)
        given(project, money).when(first, by=MONEY).refused("待交付”，不能付款")
        accept(project, 1)
        accept(project, 2)
        last = PreparePurchasePayment(milestone_no=2, amount_fen=1, **told)
        given(project, money).when(last, by=MONEY).refused("绩效评价完成后支付")
        given(project, money).when(first, by=MONEY).then(Purchase.PaymentPrepared)
        project.evaluate(
            NOW, marks=EVEN, weights=EVEN, least_bp=0, evaluator="三方", note="", by="other", pay_by=date(2016, 1, 11)
        )
        given(project, money).when(last, by=MONEY).then(Purchase.PaymentPrepared)

    def test_out_of_what_each_budget_gave(self) -> None:
        district, street = budget(), budget(source=FundSource.STREET, division_code="440704004")
        project = scored(18_000_000, money=((district, 10_000_000), (street, 8_000_000)))
        ask = {"purchase_id": project.id, "milestone_no": 1}
        world = given(project, district, street)
        world.when(PreparePurchasePayment(amount_fen=10_000_001, budget_id=district.id, **ask), by=MONEY).refused(
            "只余 100000元"
        )
        world.when(PreparePurchasePayment(amount_fen=1, budget_id=uuid4(), **ask), by=MONEY).refused("没有为本项目安排")
        world.when(PreparePurchasePayment(amount_fen=9_000_000, budget_id=district.id, **ask), by=MONEY).then(
            Purchase.PaymentPrepared
        )
        world.when(PreparePurchasePayment(amount_fen=1_000_001, budget_id=district.id, **ask), by=MONEY).refused(
            "只余 10000元"
        )

    def test_paid_off_returned_paid_again_and_closed(self) -> None:
        money = budget()
        project = scored(18_000_000, money=((money, 20_000_000),))
        world = given(project, money)
        ask = PreparePurchasePayment(purchase_id=project.id, milestone_no=1, amount_fen=18_000_000, budget_id=money.id)
        approve = {"purchase_id": project.id}
        world.when(ask, by=MONEY).then(Purchase.PaymentPrepared)
        world.when(ClosePurchase(purchase_id=project.id), by=MONEY).refused("不能办结")
        world.when(ApprovePurchasePayment(payment_no=1, **approve), by=PAYER).then(Purchase.Paid, Budget.Drawn)
        assert project.state is PurchaseState.PAID
        world.when(ReturnPurchasePayment(payment_no=1, reason="户名不符", **approve), by=PAYER).then(
            Purchase.PaymentReturned, Budget.Drawn, spent_fen=-18_000_000
        )
        assert (project.state, project.paid_fen, money.spent_fen) == (PurchaseState.EVALUATED, 0, 0)
        world.when(ask, by=MONEY).then(Purchase.PaymentPrepared, payment_no=2)
        world.when(ApprovePurchasePayment(payment_no=2, **approve), by=PAYER).then(Purchase.Paid, Budget.Drawn)
        world.when(ClosePurchase(purchase_id=project.id), by=MONEY).then(
            Purchase.Closed, Budget.Drawn, released_fen=2_000_000
        )
        assert (money.spent_fen, money.committed_fen, money.free_fen) == (18_000_000, 0, 32_000_000)
        world.when(ReturnPurchasePayment(payment_no=2, reason="x", **approve), by=PAYER).refused("已办结")


class TestWhenTheOrganisationFails:
    def test_held_paid_no_more_and_handed_over(self) -> None:
        money, centre, other = budget(), registered(), registered()
        project = signed(organisation=centre.id, money=((money, 18_000_000),))
        accept(project, 1)
        given(project, centre).when(HoldContract(purchase_id=project.id), by=BUYER).refused("不需暂停付款")
        centre.revoke(on("2015-12-01"), reason="违法", letter_no="1号", heard=True, by="district")
        world = given(project, centre, other, money)
        world.when(HoldContract(purchase_id=project.id), by=BUYER).then(
            Purchase.Held, standing=OrgState.REVOKED, take_over_by=date(2015, 12, 11)
        )
        world.when(HoldContract(purchase_id=project.id), by=BUYER).then()
        ask = PreparePurchasePayment(purchase_id=project.id, milestone_no=1, amount_fen=1, budget_id=money.id)
        world.when(ask, by=MONEY).refused("付款已暂停")
        world.when(DeliverMilestone(purchase_id=project.id, no=2, note="x"), by=BUYER).refused("请先移交或终止")
        world.when(ReleaseContract(purchase_id=project.id, reason="x"), by=BUYER).refused("已撤销登记")
        hand = {"purchase_id": project.id, "basis": "三方协议"}
        world.when(HandOverContract(organisation_id=centre.id, **hand), by=BUYER).refused("已撤销登记")
        world.when(HandOverContract(organisation_id=other.id, **hand), by=BUYER).then(
            Purchase.HandedOver, former_id=centre.id
        )
        accept(project, 2)
        assert [each.organisation_id for each in project.milestones[:2]] == [centre.id, other.id]
        world.when(ask, by=MONEY).then(Purchase.PaymentPrepared)
        world.when(ApprovePurchasePayment(purchase_id=project.id, payment_no=1), by=PAYER).then(
            Purchase.Paid, Budget.Drawn
        )
        paid = next(event for event in history(project) if isinstance(event, Purchase.Paid))
        assert paid.organisation_id == centre.id  # who did the work

    def test_goes_on_when_it_was_an_error(self) -> None:
        centre = registered()
        project = signed(organisation=centre.id)
        centre.list_abnormal(on("2015-12-01"), reason=AbnormalReason.OTHER, letter_no="1号", by="district")
        given(project, centre).when(HoldContract(purchase_id=project.id), by=BUYER).then(Purchase.Held)
        centre.unlist(NOW, reason="误列", by="district")
        given(project, centre).when(ReleaseContract(purchase_id=project.id, reason="已移出"), by=BUYER).then(
            Purchase.Released
        )

    def test_ended_early_only_what_was_accepted_is_paid(self) -> None:
        money = budget()
        project = signed(money=((money, 18_000_000),))
        accept(project, 1)
        project.deliver(NOW, no=2, note="x", by="centre", accept_by=date(2015, 12, 24))
        command = TerminateContract(purchase_id=project.id, reason="承接主体被撤销登记")
        given(project).when(command, by=BUYER).refused("请先验收")
        project.reject(NOW, no=2, reason="x", by="other", redo_by=date(2015, 12, 24))
        given(project).when(command, by=BUYER).then(Purchase.Terminated, evaluate_by=date(2016, 1, 8))
        assert [each.state for each in project.milestones] == [
            *(MilestoneState.ACCEPTED, MilestoneState.DROPPED, MilestoneState.DROPPED)
        ]
        ask = PreparePurchasePayment(purchase_id=project.id, milestone_no=1, amount_fen=6_000_000, budget_id=money.id)
        given(project, money).when(ask, by=MONEY).refused("绩效评价完成后支付")
        told: dict[str, Any] = {"weights": EVEN, "least_bp": 0, "evaluator": "三方", "note": "", "by": "other"}
        project.evaluate(NOW, marks=Dimensions(1, 1, 1, 1), pay_by=date(2016, 1, 11), **told)
        given(project, money).when(ask, by=MONEY).then(Purchase.PaymentPrepared)
        given(project, money).when(ApprovePurchasePayment(purchase_id=project.id, payment_no=1), by=PAYER).then(
            Purchase.Paid, Budget.Drawn
        )
        assert project.state is PurchaseState.PAID

    def test_ended_before_anything_was_done(self) -> None:
        money = budget()
        project = signed(money=((money, 18_000_000),))
        given(project).when(TerminateContract(purchase_id=project.id, reason="不可抗力"), by=BUYER).then(
            Purchase.Terminated
        )
        project.evaluate(
            NOW, marks=EVEN, weights=EVEN, least_bp=0, evaluator="x", note="", by="other", pay_by=date(2016, 1, 11)
        )
        given(project, money).when(ClosePurchase(purchase_id=project.id), by=MONEY).then(Purchase.Closed, Budget.Drawn)
        assert money.free_fen == 50_000_000


class TestReported:
    def reported(self, **fields: Any) -> tuple[Purchase, Organisation]:
        centre = registered()
        made = Purchase.report_new(uuid4(), NOW, title="居家养老", item="HOME_CARE", division_code="440704004")
        told: dict[str, Any] = {"contract_no": "1", "starts_on": date(2015, 2, 1), "ends_on": date(2016, 1, 31)}
        told |= {"amount_fen": 900, "paid_fen": 600, "finished": False, **fields}
        for _ in range(2):  # the same again is nothing new
            made.report_contract(NOW, party=centre.party, **told)
        return made, centre

    def test_what_a_ledger_says_opens_no_work_and_is_corrected_by_name(self) -> None:
        made, centre = self.reported()
        assert [type(event) for event in history(made)] == [Purchase.Created, Purchase.Reported]
        assert (made.state, made.paid_fen, made.accepted_fen) == (PurchaseState.PERFORMING, 600, 600)
        dates = {"starts_on": date(2015, 2, 1), "ends_on": date(2016, 1, 31)}
        made.report_contract(
            NOW, contract_no="1", party=centre.party, amount_fen=900, paid_fen=900, finished=True, **dates
        )
        last = history(made)[-1]
        assert isinstance(last, Purchase.Reported)
        assert (last.corrects_version, last.former_paid_fen, made.state) == (2, 600, PurchaseState.CLOSED)
        assert_replays(made)

    def test_it_is_held_ended_evaluated_and_closed_like_others(self) -> None:
        made, centre = self.reported()
        centre.revoke(NOW, reason="违法", letter_no="1号", heard=True, by="district")
        given(made, centre).when(HoldContract(purchase_id=made.id), by=BUYER).then(Purchase.Held)
        given(made).when(TerminateContract(purchase_id=made.id, reason="被撤销"), by=BUYER).then(Purchase.Terminated)
        made.evaluate(
            NOW, marks=EVEN, weights=EVEN, least_bp=0, evaluator="x", note="", by="other", pay_by=date(2016, 1, 11)
        )
        given(made).when(ClosePurchase(purchase_id=made.id), by=MONEY).then(Purchase.Closed, released_fen=0)

    @pytest.mark.parametrize(
        ("fields", "rules"),
        [
            ({}, []),
            ({"paid_fen": 901}, [(FindingRule.CONTRACT_OVERPAID, 1)]),
            ({"ends_on": date(2018, 2, 1)}, [(FindingRule.CONTRACT_TERM, 0)]),
            ({"ends_on": date(2018, 1, 31)}, []),
        ],
    )
    def test_what_contradicts_the_rules(self, fields: dict[str, Any], rules: list[tuple[FindingRule, int]]) -> None:
        made, centre = self.reported(**fields)
        found = of_contract(made, centre, official_parameters(), NOW.date())
        assert [(draft.rule, draft.amount_fen) for draft in found] == rules
        centre.revoke(NOW, reason="违法", letter_no="1号", heard=True, by="district")
        again = {draft.rule for draft in of_contract(made, centre, official_parameters(), NOW.date())}
        assert FindingRule.CONTRACT_STANDING in again
        later = {draft.rule for draft in of_contract(made, centre, official_parameters(), date(2019, 1, 1))}
        assert FindingRule.CONTRACT_STANDING not in later


def test_what_is_not_there_is_not_found() -> None:
    given().when(ClosePurchase(purchase_id=uuid4()), by=MONEY).refused("nothing", NotFound)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(("deliver", "reject", "accept", "less", "ask", "approve", "refuse", "return", "end", "score")),
        st.integers(1, 3),
        st.integers(0, 12_000),
        st.booleans(),
    ),
    max_size=60,
)


@settings(max_examples=150, deadline=None)
@with_any(st.lists(st.integers(0, 10_000), min_size=1, max_size=3).filter(sum), st.integers(0, 5_000), STEPS)
def test_paid_stays_within_accepted_and_accepted_within_the_contract_on_any_course(
    amounts: list[int], more: int, steps: list[tuple[str, int, int, bool]]
) -> None:
    """Whatever is tried in whatever order: refused, or within every bound; and the budgets agree to the fen."""
    half = (sum(amounts) + more + 1) // 2
    monies = (budget(), budget(source=FundSource.STREET, division_code="440704004"))
    project = signed(*amounts, money=tuple((money, half) for money in monies))
    for what, no, fen, second in steps:
        with suppress(RuleViolated):
            try_step(project, monies, what, no, fen, monies[second])
        assert 0 <= project.paid_fen <= project.accepted_fen <= project.amount_fen <= project.reserved_fen
        for each in project.milestones:
            assert 0 <= each.paid_fen <= each.paid_fen + each.pending_fen <= each.accepted_fen <= each.term.amount_fen
        by_state = sum(each.amount_fen for each in project.instalments if each.state is InstalmentState.PAID)
        assert by_state == project.paid_fen == sum(money.spent_fen for money in monies)
        assert all(money.spent_fen <= half for money in monies)
    assert_replays(project)


def try_step(project: Purchase, monies: tuple[Budget, Budget], what: str, no: int, fen: int, money: Budget) -> None:
    """One thing that may happen to a purchase with its budgets; raises RuleViolated where it may not."""
    day = date(2016, 1, 8)
    match what:
        case "deliver":
            project.deliver(NOW, no=no, note="x", by="centre", accept_by=day)
        case "reject":
            project.reject(NOW, no=no, reason="x", by="other", redo_by=day)
        case "accept" | "less":
            part = None if what == "accept" else fen
            project.accept(NOW, no=no, by="other", accepted_fen=part, reason="x", pay_by=day, evaluate_by=day)
        case "ask":
            project.prepare_payment(NOW, milestone_no=no, amount_fen=fen, budget_id=money.id, by="money")
        case "approve":
            paid = project.approve_payment(NOW, payment_no=no, by="payer")
            of = next(each for each in monies if each.id == paid.budget_id)
            of.draw(NOW, purchase_id=project.id, spent_fen=paid.amount_fen)
        case "refuse":
            project.reject_payment(NOW, payment_no=no, reason="x", by="payer")
        case "return":
            back = project.return_payment(NOW, payment_no=no, reason="x", by="payer", pay_by=day)
            of = next(each for each in monies if each.id == back.budget_id)
            of.draw(NOW, purchase_id=project.id, spent_fen=-back.amount_fen)
        case "end":
            project.terminate(NOW, reason="x", by="buyer", evaluate_by=day)
        case _:
            marks = Dimensions(fen % 10_001, 0, 0, 0)
            project.evaluate(NOW, marks=marks, weights=EVEN, least_bp=0, evaluator="x", note="", by="other", pay_by=day)
