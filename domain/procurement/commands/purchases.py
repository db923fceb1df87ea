"""Decisions about a purchase of services up to its contract: opened, budgeted, tendered, signed, handed over, ended."""

from collections.abc import Generator
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar
from uuid import UUID

from domain.access import FINANCE, OFFICIALS
from domain.codes import OrgState, TenderMethod
from domain.errors import RuleViolated
from domain.funds.budget import Budget
from domain.kernel import Command, Decided, Decision, Doc, Load, LoadMany, Wish
from domain.procurement.contract import Term
from domain.procurement.organisation import Organisation
from domain.procurement.purchase import Purchase
from domain.registry.places import demand_division

PurchaseId = Annotated[UUID, Doc("购买服务项目标识")]


@dataclass(frozen=True, kw_only=True)
class OpenPurchase(Command):
    """购买服务立项：服务项目须在指导性目录内；续签的写明原项目，其绩效得分须达到要求。"""

    ROLES: ClassVar = OFFICIALS
    title: Annotated[str, Doc("项目名称")]
    item: Annotated[str, Doc("指导性目录的服务项目代码")]
    renews_id: Annotated[UUID | None, Doc("续签的原项目；新购买的不填")] = None
    division_code: Annotated[str, Doc("购买主体区划代码；不填为本人辖区")] = ""

    def decide(self, by: Decision) -> Decided:
        division = demand_division(self.division_code or by.actor.division_code)
        renews: Purchase | None = None
        if self.renews_id is not None:
            renews = yield Load(Purchase, self.renews_id)
        purchase = Purchase.open(
            by.new_id,
            by.now,
            title=self.title,
            item=self.item,
            division_code=division,
            by=by.actor.name,
            renews=renews,
            least_score_bp=by.parameters.value("procurement.renewal_score", division, by.today),
        )
        return (purchase,)


@dataclass(frozen=True, kw_only=True)
class ReservePurchaseBudget(Command):
    """落实购买服务预算：在一项政府购买服务预算中预留资金；市、区、街道等可各出一部分，由立项人以外的人办理。"""

    ROLES: ClassVar = FINANCE
    purchase_id: PurchaseId
    budget_id: Annotated[UUID, Doc("预算标识")]
    amount_fen: Annotated[int, Doc("预留金额（分）")]

    def decide(self, by: Decision) -> Decided:
        purchase: Purchase = yield Load(Purchase, self.purchase_id)
        budget = yield from _budget(self.budget_id)
        budget.demand_reservable(purchase_id=purchase.id, amount_fen=self.amount_fen)
        source, amount = budget.source, self.amount_fen
        purchase.reserve(by.now, budget_id=budget.id, source=source, amount_fen=amount, by=by.actor.name)
        budget.reserve(by.now, purchase_id=purchase.id, amount_fen=amount)
        return (purchase, budget)


@dataclass(frozen=True, kw_only=True)
class TenderPurchase(Command):
    """确定承接主体：采购方式按预算金额确定；只有信用良好的社会组织才能承接。"""

    ROLES: ClassVar = OFFICIALS
    purchase_id: PurchaseId
    method: Annotated[TenderMethod, Doc("采购方式")]
    organisation_id: Annotated[UUID, Doc("成交的社会组织")]
    price_fen: Annotated[int, Doc("成交金额（分）")]
    bidders: Annotated[int, Doc("有效供应商家数")]
    basis: Annotated[str, Doc("采用非公开招标、单一来源的理由和批准文号")] = ""

    def decide(self, by: Decision) -> Decided:
        purchase: Purchase = yield Load(Purchase, self.purchase_id)
        organisation = yield from organisation_of(self.organisation_id)
        organisation.demand_good_standing(by.today)
        direct, open_from, least = _values(by, purchase, "tender_limit", "open_tender_limit", "tender_bidders")
        purchase.tender(
            by.now,
            method=self.method,
            basis=self.basis,
            bidders=self.bidders,
            organisation_id=organisation.id,
            price_fen=self.price_fen,
            by=by.actor.name,
            direct_below_fen=direct,
            open_from_fen=open_from,
            bidders_least=least,
        )
        return (purchase,)


@dataclass(frozen=True, kw_only=True)
class SignContract(Command):
    """签订购买服务合同：金额为各服务节点之和，不超过成交金额；期限一般不超过一年，最长不超过三年。"""

    ROLES: ClassVar = OFFICIALS
    purchase_id: PurchaseId
    contract_no: Annotated[str, Doc("合同编号")]
    starts_on: Annotated[date, Doc("起始日期")]
    ends_on: Annotated[date, Doc("终止日期")]
    milestone_titles: Annotated[tuple[str, ...], Doc("各服务节点的名称，按交付先后")]
    milestones_fen: Annotated[tuple[int, ...], Doc("各服务节点的金额（分），顺序同上")]
    milestones_due_on: Annotated[tuple[date, ...], Doc("各服务节点的交付日期，顺序同上")]
    longer_basis: Annotated[str, Doc("期限超过一般期限的理由")] = ""

    def decide(self, by: Decision) -> Decided:
        terms = _terms(self.milestone_titles, self.milestones_fen, self.milestones_due_on)
        purchase: Purchase = yield Load(Purchase, self.purchase_id)
        organisation = yield from organisation_of(purchase.organisation_id)
        organisation.demand_good_standing(by.today)
        usual, most = _values(by, purchase, "contract_months", "contract_months_most")
        purchase.sign(
            by.now,
            contract_no=self.contract_no,
            party=organisation.party,
            starts_on=self.starts_on,
            ends_on=self.ends_on,
            terms=terms,
            longer_basis=self.longer_basis,
            by=by.actor.name,
            usual_months=usual,
            most_months=most,
        )
        return (purchase,)


@dataclass(frozen=True, kw_only=True)
class AmendContract(Command):
    """变更购买服务合同：按补充协议列出全部服务节点，已交付和已验收的保持不变；增加的金额不超过原合同的一定比例。"""

    ROLES: ClassVar = OFFICIALS
    purchase_id: PurchaseId
    ends_on: Annotated[date, Doc("变更后的终止日期")]
    milestone_titles: Annotated[tuple[str, ...], Doc("变更后全部服务节点的名称，按交付先后")]
    milestones_fen: Annotated[tuple[int, ...], Doc("各服务节点的金额（分），顺序同上")]
    milestones_due_on: Annotated[tuple[date, ...], Doc("各服务节点的交付日期，顺序同上")]
    basis: Annotated[str, Doc("补充协议编号和理由")]

    def decide(self, by: Decision) -> Decided:
        terms = _terms(self.milestone_titles, self.milestones_fen, self.milestones_due_on)
        purchase: Purchase = yield Load(Purchase, self.purchase_id)
        more, most = _values(by, purchase, "amendment_most", "contract_months_most")
        purchase.amend(
            by.now,
            ends_on=self.ends_on,
            terms=terms,
            basis=self.basis,
            by=by.actor.name,
            more_bp=more,
            most_months=most,
        )
        return (purchase,)


@dataclass(frozen=True, kw_only=True)
class HoldContract(Command):
    """暂停付款：承接主体被列入异常名录或撤销、注销登记时，暂停付款并限期落实接续服务。"""

    ROLES: ClassVar = OFFICIALS
    purchase_id: PurchaseId

    def decide(self, by: Decision) -> Decided:
        purchase: Purchase = yield Load(Purchase, self.purchase_id)
        organisation = yield from organisation_of(purchase.organisation_id)
        if organisation.state in (OrgState.REGISTERED, OrgState.GOOD):
            raise RuleViolated(f"“{organisation.name}”现为“{organisation.state.label}”，不需暂停付款。")
        due = by.due("procurement.take_over", purchase.division_code)
        purchase.hold(by.now, standing=organisation.state, take_over_by=due, by=by.actor.name)
        return (purchase,)


@dataclass(frozen=True, kw_only=True)
class ReleaseContract(Command):
    """解除合同暂停：承接主体已恢复正常的，写明依据。"""

    ROLES: ClassVar = OFFICIALS
    purchase_id: PurchaseId
    reason: Annotated[str, Doc("恢复正常的依据")]

    def decide(self, by: Decision) -> Decided:
        purchase: Purchase = yield Load(Purchase, self.purchase_id)
        organisation = yield from organisation_of(purchase.organisation_id)
        organisation.demand_good_standing(by.today)
        purchase.release(by.now, reason=self.reason, by=by.actor.name)
        return (purchase,)


@dataclass(frozen=True, kw_only=True)
class HandOverContract(Command):
    """移交购买服务合同：未履行部分由另一信用良好的社会组织接续；已验收部分仍付给原承接主体。"""

    ROLES: ClassVar = OFFICIALS
    purchase_id: PurchaseId
    organisation_id: Annotated[UUID, Doc("接续的社会组织")]
    basis: Annotated[str, Doc("三方协议或批准文号")]

    def decide(self, by: Decision) -> Decided:
        purchase: Purchase = yield Load(Purchase, self.purchase_id)
        organisation = yield from organisation_of(self.organisation_id)
        organisation.demand_good_standing(by.today)
        purchase.hand_over(by.now, party=organisation.party, basis=self.basis, by=by.actor.name)
        return (purchase,)


@dataclass(frozen=True, kw_only=True)
class TerminateContract(Command):
    """终止购买服务合同：未履行的节点不再履行，已验收的评价后付清。"""

    ROLES: ClassVar = OFFICIALS
    purchase_id: PurchaseId
    reason: Annotated[str, Doc("终止原因")]

    def decide(self, by: Decision) -> Decided:
        purchase: Purchase = yield Load(Purchase, self.purchase_id)
        due = by.due("procurement.evaluation", purchase.division_code)
        purchase.terminate(by.now, reason=self.reason, by=by.actor.name, evaluate_by=due)
        return (purchase,)


@dataclass(frozen=True, kw_only=True)
class CancelPurchase(Command):
    """取消购买服务项目：签订合同以前办理，预留的资金退回预算。"""

    ROLES: ClassVar = FINANCE
    purchase_id: PurchaseId
    reason: Annotated[str, Doc("取消原因")]

    def decide(self, by: Decision) -> Decided:
        purchase: Purchase = yield Load(Purchase, self.purchase_id)
        purchase.cancel(by.now, reason=self.reason, by=by.actor.name)
        return (purchase, *(yield from released(purchase, by)))


@dataclass(frozen=True, kw_only=True)
class ClosePurchase(Command):
    """办结购买服务项目：款项付清后办理，未用完的资金退回预算。"""

    ROLES: ClassVar = FINANCE
    purchase_id: PurchaseId

    def decide(self, by: Decision) -> Decided:
        purchase: Purchase = yield Load(Purchase, self.purchase_id)
        purchase.close(by.now, by=by.actor.name)
        return (purchase, *(yield from released(purchase, by)))


def organisation_of(id: UUID) -> Generator[Wish, Any, Organisation]:
    """A social organisation of the whole district: whoever buys may choose any of them."""
    found: Organisation | None = (yield LoadMany(Organisation, (id,))).get(id)
    if found is None:
        raise RuleViolated("没有此社会组织，请先登记或核对标识。")
    return found


def released(purchase: Purchase, by: Decision) -> Generator[Wish, Any, tuple[Budget, ...]]:
    """The purchase's budgets with what it did not need given back."""
    budgets: dict[UUID, Budget] = yield LoadMany(Budget, tuple(each.budget_id for each in purchase.fundings))
    for each in purchase.fundings:
        rest = each.reserved_fen - each.spent_fen
        budgets[each.budget_id].draw(by.now, purchase_id=purchase.id, released_fen=rest)
    return tuple(budgets.values())


def _terms(titles: tuple[str, ...], amounts: tuple[int, ...], days: tuple[date, ...]) -> tuple[Term, ...]:
    if not len(titles) == len(amounts) == len(days):
        raise RuleViolated("各服务节点的名称、金额和交付日期应一一对应。")
    given = zip(titles, amounts, days, strict=True)
    return tuple(Term(no, title.strip(), fen, due) for no, (title, fen, due) in enumerate(given, start=1))


def _budget(id: UUID) -> Generator[Wish, Any, Budget]:
    found: Budget | None = (yield LoadMany(Budget, (id,))).get(id)
    if found is None:
        raise RuleViolated("没有此预算，请先下达政府购买服务预算。")
    return found


def _values(by: Decision, purchase: Purchase, *codes: str) -> tuple[int, ...]:
    return tuple(by.parameters.value(f"procurement.{code}", purchase.division_code, by.today) for code in codes)
