"""Purchases of services in the read models: the project, its budgets, its milestones and every payment."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar
from uuid import UUID

from domain.access import Area
from domain.codes import FundSource, InstalmentState, MilestoneState, OrgState, PurchaseState, TenderMethod
from domain.kernel import Event
from domain.procurement import Purchase
from infra.log import LogEvent
from projections.kernel.changes import Changes, Projection, handles
from projections.kernel.tables import COUNTED, FEN, Doc, Figures, Limit, Many, One, Owner, Relations, view


@view(
    "purchase",
    area=Area.PROCUREMENT,
    scope_from="division_code",
    order=("id",),
    indexes=(("state", "scope", "id"), ("organisation_id", "id")),
    figures=Figures(("state", "organisation_id", "local", "social_work", "starts_on", "ends_on")),
)
@dataclass
class PurchaseRow:
    """政府购买服务项目"""

    id: Annotated[UUID, Doc("项目标识")]
    title: Annotated[str, Doc("项目名称")]
    item: Annotated[str, Doc("指导性目录的服务项目代码")]
    division_code: Annotated[str, Doc("购买主体区划代码")]
    state: Annotated[PurchaseState, Doc("状态")]
    open: Annotated[bool, Doc("是否未办结")]
    renews_id: Annotated[UUID | None, Doc("续签的原项目")]
    method: Annotated[TenderMethod | None, Doc("采购方式")]
    tender_basis: Annotated[str | None, Doc("采用该采购方式的批准文号")]
    organisation_id: Annotated[UUID | None, Doc("承接的社会组织")]
    local: Annotated[bool | None, Doc("承接的社会组织签约时是否本地")]
    social_work: Annotated[bool | None, Doc("承接的社会组织签约时是否社工机构")]
    price_fen: Annotated[int | None, Doc("成交金额"), FEN]
    contract_no: Annotated[str | None, Doc("合同编号")]
    amount_fen: Annotated[int | None, Doc("合同金额"), FEN]
    starts_on: Annotated[date | None, Doc("合同起始日期")]
    ends_on: Annotated[date | None, Doc("合同终止日期")]
    longer_basis: Annotated[str | None, Doc("期限超过一年的理由")]
    reserved_fen: Annotated[int, Doc("已落实预算"), FEN, COUNTED]
    accepted_fen: Annotated[int, Doc("已验收金额"), FEN, COUNTED]
    paid_fen: Annotated[int, Doc("已支付金额"), FEN, COUNTED]
    score_bp: Annotated[int | None, Doc("绩效得分（万分之）")]
    savings_bp: Annotated[int | None, Doc("资金节约得分（万分之）")]
    effectiveness_bp: Annotated[int | None, Doc("政策效能得分（万分之）")]
    transparency_bp: Annotated[int | None, Doc("透明程度得分（万分之）")]
    professionalism_bp: Annotated[int | None, Doc("专业化水平得分（万分之）")]
    renewable: Annotated[bool | None, Doc("得分是否达到续签要求；未评价为空")]
    evaluator: Annotated[str | None, Doc("评价机构")]
    evaluate_by: Annotated[date | None, Doc("绩效评价期限")]
    held: Annotated[OrgState | None, Doc("承接主体异常的状态；空为正常")]
    end_reason: Annotated[str | None, Doc("终止或取消的原因")]
    prepared_by: Annotated[str, Doc("立项人账号")]
    opened_on: Annotated[date, Doc("立项日期")]
    closed_on: Annotated[date | None, Doc("办结或取消日期")]

    RELATIONS: ClassVar[Relations] = {
        "division": One("division", local="division_code"),
        "organisation": One("organisation", local="organisation_id"),
        "renews": One("purchase", local="renews_id"),
        "fundings": Many("purchase_funding", on="purchase_id", order=("budget_id",)),
        "milestones": Many("purchase_milestone", on="purchase_id", order=("no",)),
        "payments": Many("purchase_payment", on="purchase_id", order=("payment_no",)),
        "timeline": Many("timeline", on="subject", prefix="purchase:"),
    }
    FILTERS: ClassVar[tuple[str, ...]] = (
        *("state", "open", "item", "organisation_id", "local", "method", "held", "renewable"),
        *("starts_on", "ends_on", "division_code", "contract_no", "renews_id", "opened_on"),
    )


@view(
    "purchase_funding",
    area=Area.PROCUREMENT,
    key=("purchase_id", "budget_id"),
    owner=Owner("purchase", "purchase_id"),
    order=("purchase_id", "budget_id"),
    listed=False,
)
@dataclass
class PurchaseFundingRow:
    """项目的资金来源"""

    purchase_id: Annotated[UUID, Doc("项目标识")]
    budget_id: Annotated[UUID, Doc("预算标识")]
    source: Annotated[FundSource, Doc("资金来源")]
    reserved_fen: Annotated[int, Doc("预留金额"), FEN]
    spent_fen: Annotated[int, Doc("已支付"), FEN, COUNTED]

    RELATIONS: ClassVar[Relations] = {
        "purchase": One("purchase", local="purchase_id"),
        "budget": One("budget", local="budget_id"),
    }
    FILTERS: ClassVar[tuple[str, ...]] = ("purchase_id", "budget_id", "source")


@view(
    "purchase_milestone",
    area=Area.PROCUREMENT,
    key=("purchase_id", "no"),
    owner=Owner("purchase", "purchase_id"),
    order=("due_on", "purchase_id", "no"),
    indexes=(("open", "due_on", "purchase_id", "no", "scope"),),
)
@dataclass
class PurchaseMilestoneRow:
    """服务节点"""

    purchase_id: Annotated[UUID, Doc("项目标识")]
    no: Annotated[int, Doc("节点编号")]
    title: Annotated[str, Doc("节点名称")]
    amount_fen: Annotated[int, Doc("合同金额"), FEN]
    due_on: Annotated[date, Doc("现办环节的期限：交付或验收"), Limit("open")]
    state: Annotated[MilestoneState, Doc("状态")]
    open: Annotated[bool, Doc("是否待交付或待验收")]
    organisation_id: Annotated[UUID | None, Doc("交付的社会组织")]
    note: Annotated[str | None, Doc("交付的内容或验收意见")]
    delivered_on: Annotated[date | None, Doc("最近一次交付日期")]
    accepted_on: Annotated[date | None, Doc("验收日期")]
    accepted_by: Annotated[str | None, Doc("验收人账号")]
    accepted_fen: Annotated[int | None, Doc("验收金额"), FEN]
    rejected_count: Annotated[int, Doc("验收不合格的次数"), COUNTED]
    paid_fen: Annotated[int, Doc("已支付"), FEN, COUNTED]

    RELATIONS: ClassVar[Relations] = {
        "purchase": One("purchase", local="purchase_id"),
        "organisation": One("organisation", local="organisation_id"),
    }
    FILTERS: ClassVar[tuple[str, ...]] = ("purchase_id", "state", "open", "due_on", "organisation_id")


@view(
    "purchase_payment",
    area=Area.PROCUREMENT,
    key=("purchase_id", "payment_no"),
    owner=Owner("purchase", "purchase_id"),
    order=("purchase_id", "payment_no"),
    indexes=(("budget_id",),),
)
@dataclass
class PurchasePaymentRow:
    """合同付款"""

    purchase_id: Annotated[UUID, Doc("项目标识")]
    payment_no: Annotated[int, Doc("付款编号")]
    milestone_no: Annotated[int, Doc("服务节点编号")]
    amount_fen: Annotated[int, Doc("金额"), FEN]
    budget_id: Annotated[UUID, Doc("由哪项预算支付")]
    source: Annotated[FundSource, Doc("资金来源")]
    state: Annotated[InstalmentState, Doc("状态")]
    organisation_id: Annotated[UUID | None, Doc("收款的社会组织")]
    reason: Annotated[str | None, Doc("退回的原因")]
    prepared_by: Annotated[str, Doc("提出人账号")]
    approved_by: Annotated[str | None, Doc("审核人账号")]
    paid_on: Annotated[date | None, Doc("支付日期")]

    RELATIONS: ClassVar[Relations] = {
        "purchase": One("purchase", local="purchase_id"),
        "budget": One("budget", local="budget_id"),
        "organisation": One("organisation", local="organisation_id"),
    }
    FILTERS: ClassVar[tuple[str, ...]] = (
        *("purchase_id", "budget_id", "source", "state"),
        *("organisation_id", "paid_on", "milestone_no"),
    )


class Purchases(Projection):
    """What happens to purchases. A part of the projection `Procurement`, never run by itself."""

    @handles(Purchase.Created)
    def purchase_opened(self, event: Purchase.Created, at: LogEvent, to: Changes) -> None:
        """A project."""
        on = event.timestamp.date()
        to.insert(
            PurchaseRow,
            event.originator_id,
            on=on,
            title=event.title,
            item=event.item,
            division_code=event.division_code,
            state=PurchaseState.CATALOGUED,
            open=True,
            renews_id=event.renews_id,
            organisation_id=event.renewed_organisation_id,
            prepared_by=event.by,
            opened_on=on,
        )

    @handles(Purchase.Budgeted)
    def purchase_budgeted(self, event: Purchase.Budgeted, at: LogEvent, to: Changes) -> None:
        """A budget gives a part."""
        id, on = event.originator_id, event.timestamp.date()
        to.add(PurchaseRow, id, on=on, reserved_fen=event.amount_fen)
        _change(to, event, state=PurchaseState.BUDGETED)
        said = {"source": event.source, "reserved_fen": event.amount_fen}
        to.insert(PurchaseFundingRow, (id, event.budget_id), on=on, **said)

    @handles(Purchase.Tendered)
    def purchase_tendered(self, event: Purchase.Tendered, at: LogEvent, to: Changes) -> None:
        """An organisation was chosen."""
        said: dict[str, Any] = {"method": event.method, "tender_basis": event.basis or None}
        said |= {"organisation_id": event.organisation_id, "price_fen": event.price_fen}
        _change(to, event, state=PurchaseState.TENDERED, **said)

    @handles(Purchase.ContractSigned)
    def contract_signed(self, event: Purchase.ContractSigned, at: LogEvent, to: Changes) -> None:
        """The contract with its milestones."""
        said: dict[str, Any] = {"contract_no": event.contract_no, "organisation_id": event.organisation_id}
        said |= {"local": event.local, "social_work": event.social_work}
        said |= {"amount_fen": event.amount_fen, "starts_on": event.starts_on, "ends_on": event.ends_on}
        _change(to, event, state=PurchaseState.CONTRACTED, longer_basis=event.longer_basis or None, **said)
        for term in event.terms:
            to.insert(
                PurchaseMilestoneRow,
                (event.originator_id, term.no),
                on=event.timestamp.date(),
                title=term.title,
                amount_fen=term.amount_fen,
                due_on=term.due_on,
                state=MilestoneState.DUE,
                open=True,
            )

    @handles(Purchase.Amended)
    def contract_amended(self, event: Purchase.Amended, at: LogEvent, to: Changes) -> None:
        """Other milestones from those that are still due on; what was delivered stays."""
        id, on = event.originator_id, event.timestamp.date()
        _change(to, event, amount_fen=event.amount_fen, ends_on=event.ends_on)
        for no in event.dropped:
            _milestone(to, event, no, state=MilestoneState.DROPPED, open=False)
        for term in event.due_terms:
            said = {"title": term.title, "amount_fen": term.amount_fen, "due_on": term.due_on}
            said |= {"state": MilestoneState.DUE, "open": True}
            to.add(PurchaseMilestoneRow, (id, term.no), on=on, assign=said)

    @handles(Purchase.Reported)
    def contract_reported(self, event: Purchase.Reported, at: LogEvent, to: Changes) -> None:
        """A source's contract."""
        state = PurchaseState.CLOSED if event.finished else PurchaseState.PERFORMING
        said: dict[str, Any] = {"contract_no": event.contract_no, "organisation_id": event.organisation_id}
        said |= {"local": event.local, "social_work": event.social_work, "amount_fen": event.amount_fen}
        said |= {"starts_on": event.starts_on, "ends_on": event.ends_on, "open": not event.finished}
        _change(to, event, state=state, **said)
        paid, on = event.paid_fen - event.former_paid_fen, event.timestamp.date()
        to.add(PurchaseRow, event.originator_id, on=on, accepted_fen=paid, paid_fen=paid)

    @handles(Purchase.Delivered)
    def milestone_delivered(self, event: Purchase.Delivered, at: LogEvent, to: Changes) -> None:
        """To be accepted."""
        _change(to, event, state=PurchaseState.PERFORMING)
        said: dict[str, Any] = {"organisation_id": event.organisation_id, "note": event.note}
        said |= {"delivered_on": event.timestamp.date(), "due_on": event.accept_by}
        _milestone(to, event, event.no, state=MilestoneState.DELIVERED, **said)

    @handles(Purchase.Rejected)
    def milestone_rejected(self, event: Purchase.Rejected, at: LogEvent, to: Changes) -> None:
        """To be delivered again."""
        key, on = (event.originator_id, event.no), event.timestamp.date()
        to.add(PurchaseMilestoneRow, key, on=on, rejected_count=1)
        _milestone(to, event, event.no, state=MilestoneState.DUE, note=event.reason, due_on=event.redo_by)

    @handles(Purchase.Accepted)
    def milestone_accepted(self, event: Purchase.Accepted, at: LogEvent, to: Changes) -> None:
        """With the last one the evaluation is due."""
        said: dict[str, Any] = {"accepted_on": event.timestamp.date(), "accepted_by": event.by}
        said |= {"accepted_fen": event.accepted_fen, "open": False}
        if event.reason:
            said["note"] = event.reason
        _milestone(to, event, event.no, state=MilestoneState.ACCEPTED, **said)
        on = event.timestamp.date()
        to.add(PurchaseRow, event.originator_id, on=on, accepted_fen=event.accepted_fen)
        if event.evaluate_by is not None:
            _change(to, event, state=PurchaseState.ACCEPTED, evaluate_by=event.evaluate_by)

    @handles(Purchase.Scored)
    def purchase_scored(self, event: Purchase.Scored, at: LogEvent, to: Changes) -> None:
        """How well it was done; with nothing owed it is paid at once."""
        said: dict[str, Any] = {"score_bp": event.score_bp, "renewable": event.score_bp >= event.least_bp}
        said |= {"evaluator": event.evaluator, **event.marks._asdict()}
        _change(to, event, state=event.state, **said)

    @handles(Purchase.PaymentPrepared)
    def payment_prepared(self, event: Purchase.PaymentPrepared, at: LogEvent, to: Changes) -> None:
        """Asked for."""
        to.insert(
            PurchasePaymentRow,
            (event.originator_id, event.payment_no),
            on=event.timestamp.date(),
            milestone_no=event.milestone_no,
            amount_fen=event.amount_fen,
            budget_id=event.budget_id,
            source=event.source,
            state=InstalmentState.PREPARED,
            prepared_by=event.by,
        )

    @handles(Purchase.PaymentRejected)
    def payment_rejected(self, event: Purchase.PaymentRejected, at: LogEvent, to: Changes) -> None:
        """Not as asked for."""
        said = {"state": InstalmentState.REJECTED, "reason": event.reason, "approved_by": event.by}
        _payment(to, event, event.payment_no, **said)

    @handles(Purchase.Paid)
    def payment_made(self, event: Purchase.Paid, at: LogEvent, to: Changes) -> None:
        """Paid out of a budget."""
        said: dict[str, Any] = {"state": InstalmentState.PAID, "approved_by": event.by}
        said |= {"organisation_id": event.organisation_id, "paid_on": event.timestamp.date()}
        _payment(to, event, event.payment_no, **said)
        _move(to, event, event.amount_fen)
        _change(to, event, state=event.state)

    @handles(Purchase.PaymentReturned)
    def payment_returned(self, event: Purchase.PaymentReturned, at: LogEvent, to: Changes) -> None:
        """The money came back."""
        _payment(to, event, event.payment_no, state=InstalmentState.RETURNED, reason=event.reason, paid_on=None)
        _move(to, event, -event.amount_fen)
        _change(to, event, state=event.state)

    @handles(Purchase.Held)
    def contract_held(self, event: Purchase.Held, at: LogEvent, to: Changes) -> None:
        """The organisation can't simply go on."""
        _change(to, event, held=event.standing)

    @handles(Purchase.Released)
    def contract_released(self, event: Purchase.Released, at: LogEvent, to: Changes) -> None:
        """It can."""
        _change(to, event, held=None)

    @handles(Purchase.HandedOver)
    def contract_handed_over(self, event: Purchase.HandedOver, at: LogEvent, to: Changes) -> None:
        """Another one goes on."""
        party: dict[str, Any] = {"local": event.local, "social_work": event.social_work}
        _change(to, event, held=None, organisation_id=event.organisation_id, **party)

    @handles(Purchase.Terminated)
    def contract_terminated(self, event: Purchase.Terminated, at: LogEvent, to: Changes) -> None:
        """What was not delivered is dropped."""
        said: dict[str, Any] = {"held": None, "end_reason": event.reason, "evaluate_by": event.evaluate_by}
        _change(to, event, state=PurchaseState.ACCEPTED, **said)
        dropped: dict[str, Any] = {"state": MilestoneState.DROPPED, "open": False}
        of, on = event.originator_id, event.timestamp.date()
        to.patch_group(PurchaseMilestoneRow, "purchase_id", of, on=on, where={"open": True}, **dropped)

    @handles(Purchase.Closed)
    def purchase_closed(self, event: Purchase.Closed, at: LogEvent, to: Changes) -> None:
        """Nothing is left to do."""
        _change(to, event, state=PurchaseState.CLOSED, open=False, closed_on=event.timestamp.date())

    @handles(Purchase.Cancelled)
    def purchase_cancelled(self, event: Purchase.Cancelled, at: LogEvent, to: Changes) -> None:
        """Given up."""
        said: dict[str, Any] = {"closed_on": event.timestamp.date(), "end_reason": event.reason, "open": False}
        _change(to, event, state=PurchaseState.CANCELLED, **said)


def _change(to: Changes, event: Event, **columns: Any) -> None:
    to.patch(PurchaseRow, event.originator_id, on=event.timestamp.date(), decided=True, **columns)


def _milestone(to: Changes, event: Event, no: int, **columns: Any) -> None:
    to.patch(PurchaseMilestoneRow, (event.originator_id, no), on=event.timestamp.date(), decided=True, **columns)


def _payment(to: Changes, event: Event, no: int, **columns: Any) -> None:
    to.patch(PurchasePaymentRow, (event.originator_id, no), on=event.timestamp.date(), decided=True, **columns)


def _move(to: Changes, event: Purchase.Paid | Purchase.PaymentReturned, amount_fen: int) -> None:
    """Money of a payment, where it counts: the project, its milestone, the budget it is taken from."""
    id, on = event.originator_id, event.timestamp.date()
    to.add(PurchaseRow, id, on=on, paid_fen=amount_fen)
    to.add(PurchaseMilestoneRow, (id, event.milestone_no), on=on, paid_fen=amount_fen)
    to.add(PurchaseFundingRow, (id, event.budget_id), on=on, spent_fen=amount_fen)
