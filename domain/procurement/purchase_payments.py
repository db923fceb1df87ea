"""Payments of a purchase: asked for by one hand, approved by another, of what was accepted, out of what was reserved.

The last milestone's money waits for the evaluation.
"""

from datetime import date, datetime
from uuid import UUID

from domain import kernel
from domain.codes import FundSource, InstalmentState, MilestoneState, PurchaseState
from domain.errors import RuleViolated
from domain.formulas import yuan
from domain.procurement.contract import Instalment, Milestone
from domain.procurement.purchase_record import PurchaseRecord
from domain.wording import written

_S = PurchaseState
PAYABLE = (_S.CONTRACTED, _S.PERFORMING, _S.ACCEPTED, _S.EVALUATED)
"""States of a contract in which something may still be paid."""


class PurchasePayments(PurchaseRecord):
    """Events and decisions about payments; always used as `Purchase`."""

    class PaymentPrepared(kernel.Event):
        """Somebody asks that a part of an accepted milestone be paid, out of this money."""

        TOPIC = "procurement.PaymentPrepared"
        TITLE = "提出合同付款"
        payment_no: int
        milestone_no: int
        amount_fen: int
        budget_id: UUID
        source: FundSource
        by: str

        def apply(self, aggregate: "PurchasePayments") -> None:
            made = Instalment(self.payment_no, self.milestone_no, self.amount_fen, self.budget_id, self.source, self.by)
            aggregate.instalments = (*aggregate.instalments, made)
            aggregate.move_money(self.milestone_no, pending=self.amount_fen)

        def gist(self) -> str:
            return (
                f"第 {self.payment_no} 笔，第 {self.milestone_no} 节点，{yuan(self.amount_fen)}（{self.source.label}）"
            )

    class PaymentRejected(kernel.Event):
        """Whoever was to approve it did not."""

        TOPIC = "procurement.PaymentRejected"
        TITLE = "退回合同付款"
        payment_no: int
        reason: str
        by: str

        def apply(self, aggregate: "PurchasePayments") -> None:
            paid = aggregate.change_instalment(self.payment_no, InstalmentState.REJECTED)
            aggregate.move_money(paid.milestone_no, pending=-paid.amount_fen)

        def gist(self) -> str:
            return f"第 {self.payment_no} 笔：{self.reason}"

    class Paid(kernel.Event):
        """Paid to `organisation_id`, out of this budget; `left_fen` of the milestone is still to be paid."""

        TOPIC = "procurement.ContractPaid"
        TITLE = "支付购买服务款项"
        payment_no: int
        milestone_no: int
        organisation_id: UUID
        amount_fen: int
        budget_id: UUID
        source: FundSource
        left_fen: int
        by: str
        state: PurchaseState

        def apply(self, aggregate: "PurchasePayments") -> None:
            aggregate.change_instalment(self.payment_no, InstalmentState.PAID)
            aggregate.move_money(self.milestone_no, pending=-self.amount_fen, paid=self.amount_fen)
            aggregate.spend(self.budget_id, self.amount_fen)
            aggregate.state = self.state

        def gist(self) -> str:
            return f"第 {self.payment_no} 笔 {yuan(self.amount_fen)}（{self.source.label}）"

    class PaymentReturned(kernel.Event):
        """The bank sent a payment back; it is owed again by `pay_by`."""

        TOPIC = "procurement.ContractPaymentReturned"
        TITLE = "合同付款被银行退回"
        payment_no: int
        milestone_no: int
        amount_fen: int
        budget_id: UUID
        reason: str
        by: str
        pay_by: date
        state: PurchaseState

        def apply(self, aggregate: "PurchasePayments") -> None:
            aggregate.change_instalment(self.payment_no, InstalmentState.RETURNED)
            aggregate.move_money(self.milestone_no, paid=-self.amount_fen)
            aggregate.spend(self.budget_id, -self.amount_fen)
            aggregate.state = self.state

        def gist(self) -> str:
            return f"第 {self.payment_no} 笔 {yuan(self.amount_fen)}"

    def prepare_payment(self, at: datetime, *, milestone_no: int, amount_fen: int, budget_id: UUID, by: str) -> None:
        """Ask for a payment of an accepted milestone; the last one's waits for the evaluation."""
        self._demand_payable()
        milestone = self._milestone(milestone_no, "付款", MilestoneState.ACCEPTED)
        if milestone_no == self._final_no() and self.score_bp is None:
            raise RuleViolated("最后一期款项须在绩效评价完成后支付。")
        left = milestone.accepted_fen - milestone.paid_fen - milestone.pending_fen
        if not 0 < amount_fen <= left:
            raise RuleViolated(f"付款金额应大于 0，且不超过该节点已验收未付的 {yuan(left)}。")
        funding = next((each for each in self.fundings if each.budget_id == budget_id), None)
        if funding is None:
            raise RuleViolated("所选预算没有为本项目安排资金，请选择本项目已落实的预算。")
        asked = sum(each.amount_fen for each in self._pending() if each.budget_id == budget_id)
        free = funding.reserved_fen - funding.spent_fen - asked
        if amount_fen > free:
            raise RuleViolated(f"该预算为本项目安排的资金只余 {yuan(free)}，请分由其他已落实的预算支付。")
        self.record(
            self.PaymentPrepared,
            at=at,
            payment_no=len(self.instalments) + 1,
            milestone_no=milestone_no,
            amount_fen=amount_fen,
            budget_id=budget_id,
            source=funding.source,
            by=by,
        )

    def approve_payment(self, at: datetime, *, payment_no: int, by: str) -> Instalment:
        """Pay it; raises RuleViolated where the one who asked for it is the one who approves. Gives the payment."""
        self._demand_payable()
        payment = self._payment(payment_no, InstalmentState.PREPARED)
        if by == payment.prepared_by:
            raise RuleViolated("您已提出此笔付款，不能再审核支付；请由其他人办理。")
        milestone = self._milestone(payment.milestone_no, "付款", MilestoneState.ACCEPTED)
        evaluated, paid = self.state is _S.EVALUATED, self.paid_fen + payment.amount_fen
        self.record(
            self.Paid,
            at=at,
            payment_no=payment_no,
            milestone_no=payment.milestone_no,
            organisation_id=milestone.organisation_id,
            amount_fen=payment.amount_fen,
            budget_id=payment.budget_id,
            source=payment.source,
            left_fen=milestone.accepted_fen - milestone.paid_fen - payment.amount_fen,
            by=by,
            state=_S.PAID if evaluated and paid == self.accepted_fen else self.state,
        )
        return payment

    def reject_payment(self, at: datetime, *, payment_no: int, reason: str, by: str) -> None:
        """Not to be paid as asked for."""
        self._payment(payment_no, InstalmentState.PREPARED)
        text = written(reason, "退回付款须写明原因。")
        self.record(self.PaymentRejected, at=at, payment_no=payment_no, reason=text, by=by)

    def return_payment(self, at: datetime, *, payment_no: int, reason: str, by: str, pay_by: date) -> Instalment:
        """The bank sent it back: owed again, and the money is the budget's again. Gives the payment."""
        if self.state is _S.CLOSED:
            raise RuleViolated("项目已办结、预算已退回，请由财务部门另行处理银行退款。")
        payment = self._payment(payment_no, InstalmentState.PAID)
        self.record(
            self.PaymentReturned,
            at=at,
            payment_no=payment_no,
            milestone_no=payment.milestone_no,
            amount_fen=payment.amount_fen,
            budget_id=payment.budget_id,
            reason=written(reason, "请写明银行退回的原因，不写账号。"),
            by=by,
            pay_by=pay_by,
            state=_S.EVALUATED if self.state is _S.PAID else self.state,
        )
        return payment

    def _final_no(self) -> int:
        """The milestone whose money waits for the evaluation: the last one, of an ended contract the last accepted."""
        counted = (MilestoneState.ACCEPTED,) if self.terminated else tuple(MilestoneState)
        return max((each.term.no for each in self.milestones if each.state in counted), default=0)

    def _find(self, no: int) -> Milestone | None:
        return next((each for each in self.milestones if each.term.no == no), None)

    def _pending(self) -> list[Instalment]:
        return [each for each in self.instalments if each.state is InstalmentState.PREPARED]

    def _milestone(self, no: int, what: str, state: MilestoneState) -> Milestone:
        found = self._find(no)
        if found is None:
            raise RuleViolated(f"合同没有第 {no} 节点，请核对。")
        if found.state is not state:
            raise RuleViolated(f"第 {no} 节点现为“{found.state.label}”，不能{what}；须为“{state.label}”。")
        return found

    def _payment(self, no: int, state: InstalmentState) -> Instalment:
        if not 0 < no <= len(self.instalments):
            raise RuleViolated(f"没有第 {no} 笔付款，请核对。")
        found = self.instalments[no - 1]
        if found.state is not state:
            raise RuleViolated(f"第 {no} 笔付款现为“{found.state.label}”，不能办理；须为“{state.label}”。")
        return found

    def _demand_payable(self) -> None:
        self._demand("付款", *PAYABLE)
        if self.held is not None:
            raise RuleViolated(f"承接主体现为“{self.held.label}”，付款已暂停；请先解除、移交或终止合同。")

    def _demand(self, what: str, *states: PurchaseState) -> None:
        if self.state not in states:
            allowed = "、".join(state.label for state in states)
            raise RuleViolated(f"购买服务项目现为“{self.state.label}”，不能{what}；须为：{allowed}。")

    def move_money(self, no: int, *, pending: int = 0, paid: int = 0) -> None:
        """Of events: money of a milestone that is asked for, or paid."""
        of = next(each for each in self.milestones if each.term.no == no)
        self.change_milestone(no, pending_fen=of.pending_fen + pending, paid_fen=of.paid_fen + paid)

    def change_instalment(self, no: int, state: InstalmentState) -> Instalment:
        """Of events: a payment in another state."""
        found = self.instalments[no - 1]
        self.instalments = tuple(each._replace(state=state) if each.no == no else each for each in self.instalments)
        return found

    def spend(self, budget_id: UUID, amount_fen: int) -> None:
        """Of events: money spent out of a budget, or come back."""
        self.fundings = tuple(
            each._replace(spent_fen=each.spent_fen + amount_fen) if each.budget_id == budget_id else each
            for each in self.fundings
        )
