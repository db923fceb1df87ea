"""Decisions while a contract runs: delivered, accepted, evaluated, paid."""

from collections.abc import Generator
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar
from uuid import UUID

from domain.access import FINANCE, OFFICIALS
from domain.errors import RuleViolated
from domain.funds.budget import Budget
from domain.kernel import Command, Decided, Decision, Doc, Load, LoadMany, Wish
from domain.procurement.commands.purchases import PurchaseId
from domain.procurement.contract import Dimensions
from domain.procurement.purchase import Purchase
from domain.workdays import days_after

MilestoneNo = Annotated[int, Doc("服务节点编号")]
PaymentNo = Annotated[int, Doc("付款编号")]


@dataclass(frozen=True, kw_only=True)
class DeliverMilestone(Command):
    """登记交付：承接主体交付了一个服务节点，写明成果；由其他人限期验收。"""

    ROLES: ClassVar = OFFICIALS
    purchase_id: PurchaseId
    no: MilestoneNo
    note: Annotated[str, Doc("交付的内容和成果，不写个人信息")]

    def decide(self, by: Decision) -> Decided:
        purchase: Purchase = yield Load(Purchase, self.purchase_id)
        due = by.due("procurement.acceptance", purchase.division_code)
        purchase.deliver(by.now, no=self.no, note=self.note, by=by.actor.name, accept_by=due)
        return (purchase,)


@dataclass(frozen=True, kw_only=True)
class AcceptMilestone(Command):
    """验收服务节点：由立项人、登记交付人以外的人办理；扣减金额的写明原因。最后一个节点验收后限期绩效评价。"""

    ROLES: ClassVar = OFFICIALS
    purchase_id: PurchaseId
    no: MilestoneNo
    accepted_fen: Annotated[int | None, Doc("验收金额（分）；不填为该节点合同金额")] = None
    reason: Annotated[str, Doc("扣减原因")] = ""

    def decide(self, by: Decision) -> Decided:
        purchase: Purchase = yield Load(Purchase, self.purchase_id)
        purchase.accept(
            by.now,
            no=self.no,
            by=by.actor.name,
            accepted_fen=self.accepted_fen,
            reason=self.reason,
            pay_by=_pay_by(by, purchase),
            evaluate_by=by.due("procurement.evaluation", purchase.division_code),
        )
        return (purchase,)


@dataclass(frozen=True, kw_only=True)
class RejectMilestone(Command):
    """验收不合格：写明原因，限期整改后重新交付。"""

    ROLES: ClassVar = OFFICIALS
    purchase_id: PurchaseId
    no: MilestoneNo
    reason: Annotated[str, Doc("不合格原因和整改要求，不写个人信息")]

    def decide(self, by: Decision) -> Decided:
        purchase: Purchase = yield Load(Purchase, self.purchase_id)
        due = by.due("procurement.redelivery", purchase.division_code)
        purchase.reject(by.now, no=self.no, reason=self.reason, by=by.actor.name, redo_by=due)
        return (purchase,)


@dataclass(frozen=True, kw_only=True)
class EvaluatePurchase(Command):
    """购买服务绩效评价：按资金节约、政策效能、透明程度、专业化水平四个维度打分，加权得出总分；由立项人以外的人办理。"""

    ROLES: ClassVar = OFFICIALS
    purchase_id: PurchaseId
    savings_bp: Annotated[int, Doc("资金节约得分，万分之，0 至 10000")]
    effectiveness_bp: Annotated[int, Doc("政策效能得分，万分之，0 至 10000")]
    transparency_bp: Annotated[int, Doc("透明程度得分，万分之，0 至 10000")]
    professionalism_bp: Annotated[int, Doc("专业化水平得分，万分之，0 至 10000")]
    evaluator: Annotated[str, Doc("评价机构或评价小组")]
    note: Annotated[str, Doc("评价意见，不写个人信息")] = ""

    def decide(self, by: Decision) -> Decided:
        purchase: Purchase = yield Load(Purchase, self.purchase_id)
        division = purchase.division_code
        names = ("savings", "effectiveness", "transparency", "professionalism")
        weights = (by.parameters.value(f"procurement.weight_{name}", division, by.today) for name in names)
        purchase.evaluate(
            by.now,
            marks=Dimensions(self.savings_bp, self.effectiveness_bp, self.transparency_bp, self.professionalism_bp),
            weights=Dimensions(*weights),
            least_bp=by.parameters.value("procurement.renewal_score", division, by.today),
            evaluator=self.evaluator,
            note=self.note,
            by=by.actor.name,
            pay_by=_pay_by(by, purchase),
        )
        return (purchase,)


@dataclass(frozen=True, kw_only=True)
class PreparePurchasePayment(Command):
    """提出合同付款：对已验收的节点提出付款并指明由哪项预算支付；最后一期在绩效评价后。"""

    ROLES: ClassVar = OFFICIALS | FINANCE
    purchase_id: PurchaseId
    milestone_no: MilestoneNo
    amount_fen: Annotated[int, Doc("付款金额（分）")]
    budget_id: Annotated[UUID, Doc("由哪项已落实的预算支付")]

    def decide(self, by: Decision) -> Decided:
        purchase: Purchase = yield Load(Purchase, self.purchase_id)
        purchase.prepare_payment(
            by.now,
            milestone_no=self.milestone_no,
            amount_fen=self.amount_fen,
            budget_id=self.budget_id,
            by=by.actor.name,
        )
        return (purchase,)


@dataclass(frozen=True, kw_only=True)
class ApprovePurchasePayment(Command):
    """审核支付合同付款：由提出人以外的人办理，同时核销预算。"""

    ROLES: ClassVar = FINANCE
    purchase_id: PurchaseId
    payment_no: PaymentNo

    def decide(self, by: Decision) -> Decided:
        purchase: Purchase = yield Load(Purchase, self.purchase_id)
        budget = yield from _budget_of(purchase, self.payment_no)
        payment = purchase.approve_payment(by.now, payment_no=self.payment_no, by=by.actor.name)
        budget.draw(by.now, purchase_id=purchase.id, spent_fen=payment.amount_fen)
        return (purchase, budget)


@dataclass(frozen=True, kw_only=True)
class RejectPurchasePayment(Command):
    """退回合同付款申请：写明原因，可重新提出。"""

    ROLES: ClassVar = FINANCE
    purchase_id: PurchaseId
    payment_no: PaymentNo
    reason: Annotated[str, Doc("退回原因")]

    def decide(self, by: Decision) -> Decided:
        purchase: Purchase = yield Load(Purchase, self.purchase_id)
        purchase.reject_payment(by.now, payment_no=self.payment_no, reason=self.reason, by=by.actor.name)
        return (purchase,)


@dataclass(frozen=True, kw_only=True)
class ReturnPurchasePayment(Command):
    """登记合同付款被银行退回：款项回到预算，须重新支付。"""

    ROLES: ClassVar = FINANCE
    purchase_id: PurchaseId
    payment_no: PaymentNo
    reason: Annotated[str, Doc("退回原因，不写账号")]

    def decide(self, by: Decision) -> Decided:
        purchase: Purchase = yield Load(Purchase, self.purchase_id)
        budget = yield from _budget_of(purchase, self.payment_no)
        due = _pay_by(by, purchase)
        payment = purchase.return_payment(
            by.now, payment_no=self.payment_no, reason=self.reason, by=by.actor.name, pay_by=due
        )
        budget.draw(by.now, purchase_id=purchase.id, spent_fen=-payment.amount_fen)
        return (purchase, budget)


def _budget_of(purchase: Purchase, payment_no: int) -> Generator[Wish, Any, Budget]:
    """The budget that a payment is taken from."""
    payment = next((each for each in purchase.instalments if each.no == payment_no), None)
    if payment is None:
        raise RuleViolated(f"没有第 {payment_no} 笔付款，请核对。")
    budgets: dict[UUID, Budget] = yield LoadMany(Budget, (payment.budget_id,))
    return budgets[payment.budget_id]


def _pay_by(by: Decision, purchase: Purchase) -> date:
    """By when an accepted milestone is paid: the parameter is in calendar days."""
    return days_after(by.today, by.parameters.value("procurement.payment", purchase.division_code, by.today))
