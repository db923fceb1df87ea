"""Purchases of services: every rule from the catalogue to the last instalment, and money within its bounds."""

from contextlib import suppress
from datetime import date
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

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
    Scheme,
    TenderMethod,
)
from domain.errors import NotFound, RuleViolated
from domain.funds import Budget
from domain.kernel import tags_of
from domain.parameters import official_parameters
from domain.procurement import Organisation, Purchase
from domain.procurement.commands import (
    AcceptMilestone,
    AmendContract,
    ApprovePurchasePayment,
    CancelPurchase,
    ClosePurchase,
    DeliverMilestone,
    EvaluatePurchase,
    HandOverContract,
    HoldContract,
    OpenPurchase,
    PreparePurchasePayment,
    RejectMilestone,
    RejectPurchasePayment,
    ReleaseContract,
    ReservePurchaseBudget,
    ReturnPurchasePayment,
    SignContract,
    TenderPurchase,
    TerminateContract,
)
from domain.procurement.contract import Dimensions, performance_score
from domain.procurement.reported import of_contract
from tests.unit.domain.purchases import (
    BUYER,
    EVEN,
    MONEY,
    OTHER,
    PAYER,
    accept,
    budget,
    budgeted,
    opened,
    registered,
    scored,
    signed,
    tendered,
    terms,
)
from tests.unit.domain.samples import on
from tests.unit.domain.specification import NOW, assert_replays, given, history


class TestOpening:
    def test_only_what_the_catalogue_has(self) -> None:
        given().when(OpenPurchase(title="居家养老", item="home_care"), by=BUYER).then(
            Purchase.Created, item="HOME_CARE", division_code="440704004", renews_id=None
        )
        given().when(OpenPurchase(title="修路", item="ROADS"), by=BUYER).refused(
            "不在 2015-12-10 有效的购买服务指导性目录内"
        )
        early = OpenPurchase(title="居家养老", item="HOME_CARE")
        given().when(early, by=BUYER, now=on("2013-12-31")).refused("目录内有：无")
        given().when(OpenPurchase(title=" ", item="HOME_CARE"), by=BUYER).refused("项目名称")

    def test_a_renewal_has_to_be_earned(self) -> None:
        good, poor = scored(), scored(marks=Dimensions(6_000, 7_000, 7_000, 7_999))
        told: dict[str, Any] = {"title": "续签", "item": "HOME_CARE"}
        renewal = given(good).when(OpenPurchase(renews_id=good.id, **told), by=BUYER)
        renewal.then(Purchase.Created, renews_id=good.id, chain_from=date(2015, 2, 1))
        assert poor.score_bp == 7_000  # 6,999.75 rounded half up
        given(poor).when(OpenPurchase(renews_id=poor.id, **told), by=BUYER).then(Purchase.Created)
        worse = scored(marks=Dimensions(6_000, 7_000, 7_000, 7_996))
        given(worse).when(OpenPurchase(renews_id=worse.id, **told), by=BUYER).refused("得分 69.99，低于续签要求 70.00")
        running = signed()
        given(running).when(OpenPurchase(renews_id=running.id, **told), by=BUYER).refused("尚未完成绩效评价")
        other = OpenPurchase(title="x", item="DAY_CARE", renews_id=good.id)
        given(good).when(other, by=BUYER).refused("应与原项目（HOME_CARE）相同")


class TestBudget:
    def test_several_tiers_give_a_part_each(self) -> None:
        project, district, street = opened(), budget(), budget(source=FundSource.STREET, division_code="440704004")
        for money, total in ((district, 10_000_000), (street, 20_000_000)):
            command = ReservePurchaseBudget(purchase_id=project.id, budget_id=money.id, amount_fen=10_000_000)
            given(project, money).when(command, by=MONEY).then(Purchase.Budgeted, Budget.Reserved)
            assert (project.reserved_fen, money.free_fen) == (total, 40_000_000)
        assert project.state is PurchaseState.BUDGETED
        assert_replays(project)

    def test_refusals(self) -> None:
        project, money = opened(), budget(1_000)
        told = {"purchase_id": project.id, "budget_id": money.id}
        world = given(project, money)
        world.when(ReservePurchaseBudget(amount_fen=1_001, **told), by=MONEY).refused("可用余额 10元")
        world.when(ReservePurchaseBudget(amount_fen=0, **told), by=MONEY).refused("应大于 0")
        own = opened(by="money")
        given(own, money).when(
            ReservePurchaseBudget(purchase_id=own.id, budget_id=money.id, amount_fen=1), by=MONEY
        ).refused("您已为此项目立项")
        dibao = budget(scheme=Scheme.DIBAO)
        given(project, dibao).when(
            ReservePurchaseBudget(purchase_id=project.id, budget_id=dibao.id, amount_fen=1), by=MONEY
        ).refused("不能购买服务")
        given(project).when(ReservePurchaseBudget(amount_fen=1, **told), by=MONEY).refused("没有此预算")
        world.when(ReservePurchaseBudget(amount_fen=400, **told), by=MONEY).then(Purchase.Budgeted, Budget.Reserved)
        world.when(ReservePurchaseBudget(amount_fen=400, **told), by=MONEY).refused("不能重复占用")

    def test_a_project_given_up_gives_the_money_back(self) -> None:
        money = budget()
        project = tendered((money, 18_000_000))
        given(project, money).when(CancelPurchase(purchase_id=project.id, reason="计划调整"), by=MONEY).then(
            Purchase.Cancelled, Budget.Drawn, spent_fen=0, released_fen=18_000_000
        )
        assert (money.free_fen, money.committed_fen) == (50_000_000, 0)


class TestTender:
    def command(self, project: Purchase, organisation: UUID, **fields: Any) -> TenderPurchase:
        told = {"method": TenderMethod.NEGOTIATION, "price_fen": 17_000_000, "bidders": 3, **fields}
        return TenderPurchase(purchase_id=project.id, organisation_id=organisation, **told)

    def test_the_method_follows_the_amount(self) -> None:
        centre, small, large = registered(), budgeted(), budgeted((budget(400_000_000), 200_000_000))
        direct = {"method": TenderMethod.DIRECT, "bidders": 1}
        given(small, centre).when(self.command(small, centre.id, **direct), by=BUYER).then(Purchase.Tendered)
        middle = budgeted((budget(), 20_000_000))
        given(middle, centre).when(self.command(middle, centre.id, **direct), by=BUYER).refused("已达采购限额标准")
        world = given(large, centre)
        world.when(self.command(large, centre.id), by=BUYER).refused("应公开招标")
        allowed = {"basis": "江财采〔2015〕8号"}
        world.when(self.command(large, centre.id, **allowed), by=BUYER).then(Purchase.Tendered)

    def test_refusals(self) -> None:
        centre, project = registered(), budgeted()
        world = given(project, centre)
        world.when(self.command(project, centre.id, bidders=2), by=BUYER).refused("不少于 3 家")
        world.when(self.command(project, centre.id, price_fen=18_000_001), by=BUYER).refused("不超过已落实预算")
        world.when(self.command(project, centre.id, method=TenderMethod.SINGLE, bidders=1), by=BUYER).refused(
            "单一来源"
        )
        world.when(self.command(project, uuid4()), by=BUYER).refused("没有此社会组织")
        bare = opened()
        given(bare, centre).when(self.command(bare, centre.id), by=BUYER).refused("不能确定承接主体")

    def test_only_an_organisation_in_good_standing(self) -> None:
        centre, project = registered(), budgeted()
        centre.list_abnormal(on("2015-02-01"), reason=AbnormalReason.NO_REPORT, letter_no="1号", by="district")
        given(project, centre).when(self.command(project, centre.id), by=BUYER).refused("列入异常名录”，不能承接")
        chosen = tendered(organisation=centre.id)
        sign = contract(chosen)
        given(chosen, centre).when(sign, by=BUYER).refused("不能承接新的购买服务合同")

    def test_a_renewal_goes_to_the_same_one(self) -> None:
        centre, other = registered(), registered()
        old = scored(organisation=centre.id)
        project = budgeted(renews=old)
        single = {"method": TenderMethod.SINGLE, "bidders": 1, "basis": "续签批复"}
        world = given(project, centre, other)
        world.when(self.command(project, other.id, **single), by=BUYER).refused("应与原项目相同")
        world.when(self.command(project, centre.id, **single), by=BUYER).then(Purchase.Tendered)


def contract(project: Purchase, **fields: Any) -> SignContract:
    """Three instalments from January to December 2016."""
    told: dict[str, Any] = {
        "contract_no": "JH-2016-01",
        "starts_on": date(2016, 1, 1),
        "ends_on": date(2016, 12, 31),
        "milestone_titles": ("一期", "二期", "三期"),
        "milestones_fen": (6_000_000, 6_000_000, 6_000_000),
        "milestones_due_on": (date(2016, 4, 30), date(2016, 8, 31), date(2016, 12, 31)),
        **fields,
    }
    return SignContract(purchase_id=project.id, **told)


class TestContract:
    def test_signed(self) -> None:
        centre = registered()
        project = tendered(organisation=centre.id)
        given(project, centre).when(contract(project), by=BUYER).then(
            Purchase.ContractSigned, amount_fen=18_000_000, credit_code=centre.credit_code, end_by=date(2016, 12, 31)
        )
        assert f"organisation:{centre.id}" in tags_of(project, history(project)[-1])

    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ({"milestones_fen": (6_000_000, 6_000_000, 6_000_001)}, "不超过成交金额 180000元"),
            ({"milestones_fen": (0, 0, 0)}, "应大于 0"),
            ({"milestones_fen": (6_000_000, 6_000_000)}, "一一对应"),
            ({"milestones_fen": (6_000_000, -1, 6_000_000)}, "不能为负数"),
            ({"ends_on": date(2017, 1, 1)}, "一般不超过 12 个月"),
            ({"ends_on": date(2019, 1, 1), "longer_basis": "连续性强"}, "最长不超过 36 个月"),
            ({"ends_on": date(2015, 12, 31)}, "不能早于起始日期"),
            ({"milestones_due_on": (date(2016, 4, 30), date(2016, 8, 31), date(2017, 1, 1))}, "应在合同期内"),
            ({"milestones_due_on": (date(2016, 4, 30), date(2016, 4, 29), date(2016, 5, 1))}, "先后排列"),
            ({"contract_no": " "}, "合同编号"),
        ],
    )
    def test_refusals(self, fields: dict[str, Any], said: str) -> None:
        centre = registered()
        project = tendered(organisation=centre.id)
        given(project, centre).when(contract(project, **fields), by=BUYER).refused(said)

    def test_three_years_with_a_reason_and_no_more_by_renewing(self) -> None:
        centre = registered()
        project = tendered(organisation=centre.id)
        longest = {"ends_on": date(2018, 12, 31), "longer_basis": "内容固定、连续性强"}
        given(project, centre).when(contract(project, **longest), by=BUYER).then(Purchase.ContractSigned)
        old = scored(organisation=centre.id)  # its contract began on 1 February 2015
        renewal = tendered(organisation=centre.id, renews=old)
        beyond = {"ends_on": date(2018, 2, 1), "longer_basis": "连续性强"}
        given(renewal, centre).when(contract(renewal, **beyond), by=BUYER).refused("自 2015-02-01 起连同续签计算")
        just = {"ends_on": date(2018, 1, 31), "longer_basis": "连续性强"}
        given(renewal, centre).when(contract(renewal, **just), by=BUYER).then(Purchase.ContractSigned)


class TestAmendment:
    def command(self, made: Purchase, *amounts: int, **fields: Any) -> AmendContract:
        told = terms(*amounts)
        given_fields: dict[str, Any] = {
            "ends_on": date(2015, 12, 31),
            "milestone_titles": tuple(term.title for term in told),
            "milestones_fen": tuple(term.amount_fen for term in told),
            "milestones_due_on": tuple(term.due_on for term in told),
            "basis": "补充协议 1 号",
            **fields,
        }
        return AmendContract(purchase_id=made.id, **given_fields)

    def running(self) -> Purchase:
        """30,000 yuan of three milestones, the first accepted; 40,000 are reserved."""
        made = signed(1_000_000, 1_000_000, 1_000_000, money=((budget(), 4_000_000),))
        accept(made, 1)
        return made

    def test_what_was_accepted_stays_and_the_rest_is_anew(self) -> None:
        made = self.running()
        command = self.command(made, 1_000_000, 1_200_000, 600_000, 500_000)
        given(made).when(command, by=BUYER).then(Purchase.Amended, amount_fen=3_300_000, dropped=())
        assert [(m.term.no, m.state) for m in made.milestones] == [
            *((1, MilestoneState.ACCEPTED), (2, MilestoneState.DUE), (3, MilestoneState.DUE), (4, MilestoneState.DUE)),
        ]
        assert made.accepted_fen == 1_000_000
        given(made).when(self.command(made, 1_000_000, 1_000_000), by=BUYER).then(Purchase.Amended, dropped=(3, 4))
        assert len(made.milestones) == 2
        assert_replays(made)

    def test_refusals(self) -> None:
        made = self.running()
        world = given(made)
        over = self.command(made, 1_000_000, 1_000_000, 1_300_001)
        world.when(over, by=BUYER).refused("不超过原合同的 110%（33000元）")
        world.when(self.command(made, 900_000, 1_000_000), by=BUYER).refused("不能变更")
        world.when(self.command(made, 1_000_000), by=BUYER).refused("还有待交付的节点")
        world.when(self.command(made, 1_000_000, 1_000_000, basis=" "), by=BUYER).refused("补充协议编号")
        late = self.command(made, 1_000_000, 1_000_000, ends_on=date(2018, 2, 1))
        world.when(late, by=BUYER).refused("最长不超过 36 个月")
        short = self.command(made, 1_000_000, 1_000_000, milestone_titles=("一",))
        world.when(short, by=BUYER).refused("一一对应")
        done = scored(100)
        given(done).when(self.command(done, 100, 1), by=BUYER).refused("不能变更合同")


class TestMilestones:
    def test_delivered_rejected_delivered_again_and_accepted(self) -> None:
        project = signed()
        world = given(project)
        deliver = DeliverMilestone(purchase_id=project.id, no=1, note="服务 120 户")
        world.when(deliver, by=BUYER).then(Purchase.Delivered, accept_by=date(2015, 12, 24))
        world.when(deliver, by=BUYER).refused("待验收”，不能登记交付")
        world.when(RejectMilestone(purchase_id=project.id, no=1, reason="台账不全"), by=OTHER).then(
            Purchase.Rejected, redo_by=date(2015, 12, 24)
        )
        world.when(AcceptMilestone(purchase_id=project.id, no=1), by=OTHER).refused("待交付”，不能验收")
        world.when(deliver, by=BUYER).then(Purchase.Delivered)
        world.when(AcceptMilestone(purchase_id=project.id, no=1), by=OTHER).then(
            Purchase.Accepted, accepted_fen=6_000_000, pay_by=date(2016, 1, 11), evaluate_by=None
        )

    def test_accepted_by_neither_the_preparer_nor_who_reported_it(self) -> None:
        project = signed()
        project.deliver(NOW, no=1, note="台账", by="other", accept_by=date(2015, 12, 24))
        given(project).when(AcceptMilestone(purchase_id=project.id, no=1), by=BUYER).refused("您已为此项目立项")
        given(project).when(AcceptMilestone(purchase_id=project.id, no=1), by=OTHER).refused("您已登记此节点的交付")

    def test_less_is_accepted_with_a_reason_more_never(self) -> None:
        project = signed()
        project.deliver(NOW, no=1, note="台账", by="centre", accept_by=date(2015, 12, 24))
        told: dict[str, Any] = {"purchase_id": project.id, "no": 1}
        world = given(project)
        world.when(AcceptMilestone(accepted_fen=5_000_000, **told), by=OTHER).refused("扣减原因")
        world.when(AcceptMilestone(accepted_fen=6_000_001, **told), by=OTHER).refused("验收金额应在")
        world.when(AcceptMilestone(accepted_fen=5_000_000, reason="少 20 户", **told), by=OTHER).then(
            Purchase.Accepted, accepted_fen=5_000_000
        )

    def test_not_before_the_contract_begins(self) -> None:
        project = signed()
        command = DeliverMilestone(purchase_id=project.id, no=1, note="x")
        given(project).when(command, by=BUYER, now=on("2015-01-31")).refused("不能提前登记交付")
        given(project).when(DeliverMilestone(purchase_id=project.id, no=4, note="x"), by=BUYER).refused("没有第 4 节点")

    def test_the_last_one_opens_the_evaluation(self) -> None:
        project = signed()
        accept(project, 1)
        accept(project, 3)
        assert project.state is PurchaseState.PERFORMING
        project.deliver(NOW, no=2, note="台账", by="centre", accept_by=date(2015, 12, 24))
        given(project).when(AcceptMilestone(purchase_id=project.id, no=2), by=OTHER).then(
            Purchase.Accepted, evaluate_by=date(2016, 1, 8)
        )
        assert project.state is PurchaseState.ACCEPTED


class TestEvaluation:
    def command(self, project: Purchase, **fields: Any) -> EvaluatePurchase:
        marks = {"savings_bp": 9_000, "effectiveness_bp": 8_000, "transparency_bp": 8_500, "professionalism_bp": 9_500}
        return EvaluatePurchase(purchase_id=project.id, evaluator="第三方", **{**marks, **fields})

    def test_four_dimensions_by_the_weights_in_force(self) -> None:
        project = signed(18_000_000)
        accept(project, 1)
        given(project).when(self.command(project), by=BUYER).refused("您已为此项目立项")
        given(project).when(self.command(project, savings_bp=10_001), by=OTHER).refused("应在 0 至 10000")
        given(project).when(self.command(project), by=OTHER).then(
            Purchase.Scored,
            score_bp=8_650,  # 25% × 90 + 35% × 80 + 20% × 85 + 20% × 95
            weights=Dimensions(2_500, 3_500, 2_000, 2_000),
            least_bp=7_000,
            pay_by=date(2016, 1, 11),
        )
        given(project).when(self.command(project), by=OTHER).refused("不能绩效评价")

    def test_weights_make_a_whole(self) -> None:
        with pytest.raises(RuleViolated, match="合计应为 100%"):
            performance_score(EVEN, Dimensions(2_500, 2_500, 2_500, 2_499))

    @with_any(
        st.lists(st.integers(0, 10_000), min_size=4, max_size=4),
        st.lists(st.integers(0, 10_000), min_size=3, max_size=3),
    )
    def test_a_score_lies_between_the_lowest_and_the_highest_mark(self, marks: list[int], cuts: list[int]) -> None:
        points = [0, *sorted(cuts), 10_000]
        weights = Dimensions(*(b - a for a, b in pairwise(points)))
        score = performance_score(Dimensions(*marks), weights)
        assert min(marks) <= score <= max(marks)


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
