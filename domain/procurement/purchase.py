"""Decisions about a purchase of services: from the catalogue to the last instalment.

Money has three bounds that hold at any moment: what is paid was accepted, what is accepted is in the contract, what is
in the contract was reserved by budgets. Whoever prepared the project neither reserves its money nor accepts its
results, and no payment is approved by whoever asked for it.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import ClassVar, Self
from uuid import UUID

from domain.assistance.case_process import written
from domain.assistance.rules import yuan
from domain.clock import months_after
from domain.codes import FundSource, InstalmentState, MilestoneState, OrgState, PurchaseState, TenderMethod
from domain.errors import RuleViolated
from domain.procurement.catalogue import demand_item
from domain.procurement.contract import (
    Dimensions,
    Instalment,
    Milestone,
    Party,
    Term,
    demand_terms,
    performance_score,
)
from domain.procurement.purchase_record import PurchaseRecord

_S = PurchaseState
_RUNNING = (_S.CONTRACTED, _S.PERFORMING)
_PAYABLE = (_S.CONTRACTED, _S.PERFORMING, _S.ACCEPTED, _S.EVALUATED)


class Purchase(PurchaseRecord):
    """One service that the government buys."""

    TOPIC: ClassVar[str] = "procurement.Purchase"

    class Created(PurchaseRecord.Created):
        """To be bought. Named again, since the library would make up another first event for a subclass."""

    @classmethod
    def open(
        cls,
        id: UUID,
        at: datetime,
        *,
        title: str,
        item: str,
        division_code: str,
        by: str,
        renews: "Purchase | None" = None,
        least_score_bp: int = 0,
    ) -> Self:
        """A service to be bought; raises RuleViolated where the catalogue has none such or a renewal is not earned."""
        code = demand_item(item, at.date()).code
        if renews is not None:
            renews.demand_renewable(least_score_bp)
            if renews.item != code:
                raise RuleViolated(f"续签的服务项目应与原项目（{renews.item}）相同；不同的请另行立项。")
        return cls.create(
            cls.Created,
            id=id,
            at=at,
            title=written(title, "请填写项目名称。"),
            item=code,
            renews_id=renews.id if renews else None,
            chain_from=(renews.chain_from or renews.starts_on) if renews else None,
            renewed_organisation_id=renews.organisation_id if renews else None,
            division_code=division_code,
            by=by,
        )

    @classmethod
    def report_new(cls, id: UUID, at: datetime, *, title: str, item: str, division_code: str) -> Self:
        """A purchase that a source knows; `report_contract` says the rest."""
        none = {"renews_id": None, "chain_from": None, "renewed_organisation_id": None}
        return cls.create(cls.Created, id=id, at=at, title=title, item=item, division_code=division_code, by="", **none)

    def report_contract(
        self,
        at: datetime,
        *,
        contract_no: str,
        party: Party,
        amount_fen: int,
        starts_on: date,
        ends_on: date,
        paid_fen: int,
        finished: bool,
    ) -> None:
        """How a contract stands, as a source has it; the same again is nothing new."""
        known = (self.organisation_id, self.amount_fen, self.starts_on, self.ends_on, self.reported_paid_fen)
        said = (party.organisation_id, amount_fen, starts_on, ends_on, paid_fen)
        if known != said or finished != (self.state is _S.CLOSED):
            self.record(
                self.Reported,
                at=at,
                contract_no=contract_no,
                **party._asdict(),
                amount_fen=amount_fen,
                starts_on=starts_on,
                ends_on=ends_on,
                paid_fen=paid_fen,
                former_paid_fen=self.reported_paid_fen,
                finished=finished,
                corrects_version=self.reported_version,
            )

    def demand_renewable(self, least_bp: int) -> None:
        """Raise RuleViolated where this purchase was not done, or not well enough, to go on with without a tender."""
        if self.score_bp is None:
            raise RuleViolated("原项目尚未完成绩效评价，不能续签。")
        if self.score_bp < least_bp:
            raise RuleViolated(f"原项目绩效得分 {_score(self.score_bp)}，低于续签要求 {_score(least_bp)}，不能续签。")
        if self.terminated or self.held is not None:
            raise RuleViolated("原项目合同已终止或承接主体异常，不能续签。")

    def reserve(self, at: datetime, *, budget_id: UUID, source: FundSource, amount_fen: int, by: str) -> None:
        """Note what a budget gives; before the tender, and by another hand than whoever prepared the project."""
        self._demand("落实预算", _S.CATALOGUED, _S.BUDGETED)
        self._demand_other_hand(by, "落实预算")
        if amount_fen <= 0:
            raise RuleViolated("落实预算的金额应大于 0。")
        if any(each.budget_id == budget_id for each in self.fundings):
            raise RuleViolated("此预算已为本项目安排资金，请选择其他预算或先取消立项。")
        total = self.reserved_fen + amount_fen
        fields = {"budget_id": budget_id, "source": source, "amount_fen": amount_fen}
        self.record(self.Budgeted, at=at, total_fen=total, by=by, **fields)

    def tender(
        self,
        at: datetime,
        *,
        method: TenderMethod,
        basis: str,
        bidders: int,
        organisation_id: UUID,
        price_fen: int,
        by: str,
        direct_below_fen: int,
        open_from_fen: int,
        bidders_least: int,
    ) -> None:
        """Choose who serves. The amount that decides on the method is what was budgeted, not the price that came out.

        A method that the amount does not allow, a single source, and a renewal need a basis (who allowed it, by which
        paper).
        """
        self._demand("确定承接主体", _S.BUDGETED)
        if self.renews_id is not None and organisation_id != self.organisation_id:
            raise RuleViolated("续签的承接主体应与原项目相同；更换承接主体的请另行立项采购。")
        if not 0 < price_fen <= self.reserved_fen:
            raise RuleViolated(f"成交金额 {yuan(price_fen)} 应大于 0，且不超过已落实预算 {yuan(self.reserved_fen)}。")
        budget, has_basis = self.reserved_fen, bool(basis.strip())
        if method is TenderMethod.DIRECT and budget >= direct_below_fen:
            raise RuleViolated(f"预算 {yuan(budget)} 已达采购限额标准 {yuan(direct_below_fen)}，不能自行采购。")
        if budget >= open_from_fen and method is not TenderMethod.OPEN and not has_basis:
            raise RuleViolated(
                f"预算 {yuan(budget)} 已达公开招标数额标准 {yuan(open_from_fen)}，应公开招标；"
                "经批准采用其他方式的，请填写批准文号。"
            )
        if method is TenderMethod.SINGLE and not has_basis:
            raise RuleViolated("单一来源采购须填写法定情形和批准文号。")
        alone = method in (TenderMethod.SINGLE, TenderMethod.DIRECT)
        if bidders < (1 if alone else bidders_least):
            raise RuleViolated(
                f"{method.label}的有效供应商应不少于 {1 if alone else bidders_least} 家，请重新组织采购。"
            )
        self.record(
            self.Tendered,
            at=at,
            method=method,
            basis=basis.strip(),
            bidders=bidders,
            organisation_id=organisation_id,
            price_fen=price_fen,
            by=by,
        )

    def sign(
        self,
        at: datetime,
        *,
        contract_no: str,
        party: Party,
        starts_on: date,
        ends_on: date,
        terms: Sequence[Term],
        longer_basis: str,
        by: str,
        usual_months: int,
        most_months: int,
    ) -> None:
        """Sign with whoever was chosen, for no more than the price. The organisation's standing is the caller's check.

        `usual_months` are exceeded with a basis only, `most_months` (with all that is renewed) never.
        """
        self._demand("签订合同", _S.TENDERED)
        if party.organisation_id != self.organisation_id:
            raise RuleViolated("合同的承接主体与采购结果不一致；更换承接主体须重新采购。")
        amount = sum(term.amount_fen for term in terms)
        if not 0 < amount <= self.price_fen:
            raise RuleViolated(f"合同金额 {yuan(amount)} 应大于 0，且不超过成交金额 {yuan(self.price_fen)}。")
        demand_terms(terms, starts_on, ends_on)
        if ends_on > _last_day(starts_on, usual_months) and not longer_basis.strip():
            raise RuleViolated(
                f"合同期限一般不超过 {usual_months} 个月；内容相对固定、连续性强、经费来源稳定、"
                "价格变化幅度小的，请填写理由。"
            )
        chain = self.chain_from or starts_on
        if ends_on > _last_day(chain, most_months):
            since = f"（自 {chain} 起连同续签计算）" if self.chain_from else ""
            raise RuleViolated(f"合同期限最长不超过 {most_months} 个月{since}，到期应重新采购。")
        self.record(
            self.ContractSigned,
            at=at,
            contract_no=written(contract_no, "请填写合同编号。"),
            **party._asdict(),
            amount_fen=amount,
            starts_on=starts_on,
            ends_on=ends_on,
            longer_basis=longer_basis.strip(),
            terms=tuple(terms),
            end_by=ends_on,
            by=by,
        )

    def deliver(self, at: datetime, *, no: int, note: str, by: str, accept_by: date) -> None:
        """A milestone was delivered, from the contract's first day on."""
        self._demand("登记交付", *_RUNNING)
        self._milestone(no, "登记交付", MilestoneState.DUE)
        if self.starts_on is not None and at.date() < self.starts_on:
            raise RuleViolated(f"合同自 {self.starts_on} 起履行，不能提前登记交付。")
        if self.held is not None:
            raise RuleViolated(f"承接主体现为“{self.held.label}”，请先移交或终止合同。")
        text = written(note, "请写明交付的内容和成果，不写个人信息。")
        served = self.organisation_id
        self.record(self.Delivered, at=at, no=no, note=text, organisation_id=served, by=by, accept_by=accept_by)

    def reject(self, at: datetime, *, no: int, reason: str, by: str, redo_by: date) -> None:
        """It does not do; to be delivered again."""
        self._demand("验收", *_RUNNING)
        self._demand_acceptor(self._milestone(no, "验收", MilestoneState.DELIVERED), by)
        text = written(reason, "验收不合格须写明原因和整改要求，不写个人信息。")
        self.record(self.Rejected, at=at, no=no, reason=text, by=by, redo_by=redo_by)

    def accept(
        self,
        at: datetime,
        *,
        no: int,
        by: str,
        pay_by: date,
        evaluate_by: date,
        accepted_fen: int | None = None,
        reason: str = "",
    ) -> None:
        """Accept a milestone, for all its money or for less with a reason.

        Accepted by another hand than whoever prepared the project and whoever reported the delivery. The last one's
        money waits for the evaluation, which is then due by `evaluate_by`.
        """
        self._demand("验收", *_RUNNING)
        milestone = self._milestone(no, "验收", MilestoneState.DELIVERED)
        self._demand_acceptor(milestone, by)
        whole = milestone.term.amount_fen
        amount = whole if accepted_fen is None else accepted_fen
        if not 0 <= amount <= whole:
            raise RuleViolated(f"验收金额应在 0 至该节点合同金额 {yuan(whole)} 之间。")
        if amount < whole and not reason.strip():
            raise RuleViolated("验收金额低于合同金额的，请写明扣减原因。")
        others = (each for each in self.milestones if each.term.no != no)
        last = all(each.state is MilestoneState.ACCEPTED for each in others)
        waits = amount == 0 or no == self._final_no()
        self.record(
            self.Accepted,
            at=at,
            no=no,
            accepted_fen=amount,
            reason=reason.strip(),
            by=by,
            pay_by=None if waits else pay_by,
            evaluate_by=evaluate_by if last else None,
        )

    def evaluate(
        self,
        at: datetime,
        *,
        marks: Dimensions,
        weights: Dimensions,
        least_bp: int,
        evaluator: str,
        note: str,
        by: str,
        pay_by: date,
    ) -> None:
        """Score the performance by its four dimensions, each 0 to 10,000 bp, by weights that make 10,000 bp."""
        self._demand("绩效评价", _S.ACCEPTED)
        self._demand_other_hand(by, "绩效评价")
        score = performance_score(marks, weights)
        final = self._find(self._final_no())
        owed = final is not None and final.accepted_fen > final.paid_fen
        self.record(
            self.Scored,
            at=at,
            marks=marks,
            weights=weights,
            score_bp=score,
            least_bp=least_bp,
            evaluator=written(evaluator, "请填写评价机构或评价小组。"),
            note=note.strip(),
            by=by,
            final_no=self._final_no(),
            pay_by=pay_by if owed else None,
            state=_S.PAID if self.paid_fen == self.accepted_fen else _S.EVALUATED,
        )

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

    def hold(self, at: datetime, *, standing: OrgState, take_over_by: date | None, by: str) -> None:
        """The organisation was revoked or listed as abnormal; nothing is recorded where that is known or nothing runs.

        For a process (X16) as well as for people: says the same again without harm.
        """
        if self.state in _PAYABLE and self.held is not standing and not self.terminated:
            organisation = self.organisation_id
            fields = {"organisation_id": organisation, "standing": standing, "take_over_by": take_over_by}
            self.record(self.Held, at=at, by=by, **fields)

    def release(self, at: datetime, *, reason: str, by: str) -> None:
        """The organisation may go on; nothing is recorded where nothing was held."""
        if self.held is not None:
            text = written(reason, "解除暂停须写明承接主体恢复正常的依据。")
            self.record(self.Released, at=at, reason=text, by=by)

    def hand_over(self, at: datetime, *, party: Party, basis: str, by: str) -> None:
        """Let another organisation do what is not delivered yet; what was accepted is still paid to the former one."""
        self._demand("移交合同", *_RUNNING)
        if party.organisation_id == self.organisation_id:
            raise RuleViolated("接续的承接主体应是另一个社会组织。")
        if any(each.state is MilestoneState.DELIVERED for each in self.milestones):
            raise RuleViolated("有已交付未验收的节点，请先验收，再移交合同。")
        text = written(basis, "移交合同须写明依据（三方协议或批准文号）。")
        former = self.organisation_id
        self.record(self.HandedOver, at=at, former_id=former, basis=text, by=by, **party._asdict())

    def terminate(self, at: datetime, *, reason: str, by: str, evaluate_by: date) -> None:
        """End it before its time."""
        self._demand("终止合同", *_RUNNING)
        if any(each.state is MilestoneState.DELIVERED for each in self.milestones):
            raise RuleViolated("有已交付未验收的节点，请先验收，再终止合同。")
        text = written(reason, "终止合同须写明原因。")
        self.record(self.Terminated, at=at, reason=text, by=by, evaluate_by=evaluate_by)

    def close(self, at: datetime, *, by: str) -> None:
        """Everything is paid: what budgets reserved beyond that is theirs again."""
        self._demand("办结", _S.PAID)
        released = sum(each.reserved_fen - each.spent_fen for each in self.fundings)
        self.record(self.Closed, at=at, released_fen=released, by=by)

    def cancel(self, at: datetime, *, reason: str, by: str) -> None:
        """Give it up before a contract is signed."""
        self._demand("取消", _S.CATALOGUED, _S.BUDGETED, _S.TENDERED)
        text = written(reason, "取消项目须写明原因。")
        self.record(self.Cancelled, at=at, reason=text, released_fen=self.reserved_fen, by=by)

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
        self._demand("付款", *_PAYABLE)
        if self.held is not None:
            raise RuleViolated(f"承接主体现为“{self.held.label}”，付款已暂停；请先解除、移交或终止合同。")

    def _demand_acceptor(self, milestone: Milestone, by: str) -> None:
        self._demand_other_hand(by, "验收")
        if by == milestone.delivered_by:
            raise RuleViolated("您已登记此节点的交付，不能再验收；请由其他人办理。")

    def _demand_other_hand(self, by: str, what: str) -> None:
        if by == self.prepared_by:
            raise RuleViolated(f"您已为此项目立项，不能再办理{what}；请由其他人办理。")

    def _demand(self, what: str, *states: PurchaseState) -> None:
        if self.state not in states:
            allowed = "、".join(state.label for state in states)
            raise RuleViolated(f"购买服务项目现为“{self.state.label}”，不能{what}；须为：{allowed}。")


def _last_day(start: date, months: int) -> date:
    return months_after(start, months) - timedelta(days=1)


def _score(bp: int) -> str:
    return f"{bp // 100}.{bp % 100:02d}"
