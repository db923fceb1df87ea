"""Decisions about a purchase of services: from the catalogue to the last instalment.

Money has three bounds that hold at any moment: what is paid was accepted, what is accepted is in the contract, what is
in the contract was reserved by budgets. Whoever prepared the project neither reserves its money nor accepts its
results, and no payment is approved by whoever asked for it.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import ClassVar, Self
from uuid import UUID

from domain.clock import months_after
from domain.codes import FundSource, MilestoneState, OrgState, PurchaseState, TenderMethod
from domain.errors import RuleViolated
from domain.formulas import BP, yuan
from domain.procurement.catalogue import demand_item
from domain.procurement.contract import (
    Dimensions,
    Milestone,
    Party,
    Term,
    demand_terms,
    performance_score,
)
from domain.procurement.purchase_payments import PAYABLE, PurchasePayments
from domain.procurement.purchase_record import PurchaseRecord
from domain.wording import written

_S = PurchaseState
_RUNNING = (_S.CONTRACTED, _S.PERFORMING)


class Purchase(PurchasePayments):
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

    def amend(
        self,
        at: datetime,
        *,
        ends_on: date,
        terms: Sequence[Term],
        basis: str,
        by: str,
        more_bp: int,
        most_months: int,
    ) -> None:
        """Change a running contract: what was delivered or accepted stays as it is, something is still to be delivered.

        It may cost up to `more_bp` more than what was signed, never more than what is reserved.
        """
        self._demand("变更合同", *_RUNNING)
        if self.held is not None:
            raise RuleViolated(f"承接主体现为“{self.held.label}”，请先移交或终止合同。")
        starts_on = self.starts_on or at.date()
        demand_terms(terms, starts_on, ends_on)
        settled = {each.term for each in self.milestones if each.state is not MilestoneState.DUE}
        if not settled <= set(terms) or settled == set(terms):
            raise RuleViolated("已交付或已验收的节点不能变更，变更后应还有待交付的节点。")
        amount, most = sum(term.amount_fen for term in terms), self.signed_fen * (BP + more_bp) // BP
        if not 0 < amount <= min(most, self.reserved_fen):
            raise RuleViolated(
                f"变更后金额 {yuan(amount)} 应大于 0，不超过原合同的 {most * 100 // self.signed_fen}%（{yuan(most)}）"
                f"和已落实预算 {yuan(self.reserved_fen)}。"
            )
        if ends_on > _last_day(self.chain_from or starts_on, most_months):
            raise RuleViolated(f"合同期限最长不超过 {most_months} 个月，到期应重新采购。")
        due_terms, numbers = tuple(term for term in terms if term not in settled), {term.no for term in terms}
        self.record(
            self.Amended,
            at=at,
            amount_fen=amount,
            ends_on=ends_on,
            due_terms=due_terms,
            dropped=tuple(each.term.no for each in self.milestones if each.term.no not in numbers),
            basis=written(basis, "变更合同须写明补充协议编号和理由。"),
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

    def hold(self, at: datetime, *, standing: OrgState, take_over_by: date | None, by: str) -> None:
        """The organisation was revoked or listed as abnormal; nothing is recorded where that is known or nothing runs.

        For a process (X16) as well as for people: says the same again without harm.
        """
        if self.state in PAYABLE and self.held is not standing and not self.terminated:
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

    def _demand_acceptor(self, milestone: Milestone, by: str) -> None:
        self._demand_other_hand(by, "验收")
        if by == milestone.delivered_by:
            raise RuleViolated("您已登记此节点的交付，不能再验收；请由其他人办理。")

    def _demand_other_hand(self, by: str, what: str) -> None:
        if by == self.prepared_by:
            raise RuleViolated(f"您已为此项目立项，不能再办理{what}；请由其他人办理。")


def _last_day(start: date, months: int) -> date:
    return months_after(start, months) - timedelta(days=1)


def _score(bp: int) -> str:
    return f"{bp // 100}.{bp % 100:02d}"
