"""Purchases of services: every rule from the catalogue to the evaluation."""

from datetime import date
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given as with_any
from hypothesis import strategies as st

from domain.codes import (
    AbnormalReason,
    FundSource,
    MilestoneState,
    PurchaseState,
    Scheme,
    TenderMethod,
)
from domain.errors import RuleViolated
from domain.funds import Budget
from domain.kernel import tags_of
from domain.procurement import Purchase
from domain.procurement.commands import (
    AcceptMilestone,
    AmendContract,
    CancelPurchase,
    DeliverMilestone,
    EvaluatePurchase,
    OpenPurchase,
    RejectMilestone,
    ReservePurchaseBudget,
    SignContract,
    TenderPurchase,
)
from domain.procurement.contract import Dimensions, performance_score
from tests.unit.domain.purchases import (
    BUYER,
    EVEN,
    MONEY,
    OTHER,
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
