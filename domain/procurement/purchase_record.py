"""What a government purchase of services (政府购买服务) is: its fields, its events, and what each of them changes.

政府购买服务管理办法 (MOF order 102/2020) `[law*]` and the district's rules 江高新财行〔2014〕6号 `[plan]`. What may be
decided stands in purchase.py.
"""

from collections.abc import Iterable
from datetime import date
from typing import ClassVar
from uuid import UUID

from domain import kernel
from domain.codes import FundSource, MilestoneState, OrgState, PurchaseState, TenderMethod
from domain.formulas import yuan
from domain.kernel import NO_ID
from domain.procurement.contract import Dimensions, Funding, Instalment, Milestone, Term


class PurchaseRecord(kernel.Aggregate):
    """State and events of a purchase; always used as `Purchase`."""

    SUBJECT: ClassVar[str] = "purchase"
    division_code: str = ""
    title: str = ""
    item: str = ""
    state: PurchaseState = PurchaseState.CATALOGUED
    prepared_by: str = ""
    renews_id: UUID | None = None
    chain_from: date | None = None
    """When the first contract of a chain of renewals began; None: this is no renewal."""
    fundings: tuple[Funding, ...] = ()
    method: TenderMethod = TenderMethod.OPEN
    price_fen: int = 0
    organisation_id: UUID = NO_ID
    contract_no: str = ""
    signed_fen: int = 0
    """The contract's sum when it was signed; `amount_fen` is as amended."""
    amount_fen: int = 0
    starts_on: date | None = None
    ends_on: date | None = None
    milestones: tuple[Milestone, ...] = ()
    instalments: tuple[Instalment, ...] = ()
    score_bp: int | None = None
    held: OrgState | None = None
    """In which state the organisation must not go on unseen; None: it goes on."""
    terminated: bool = False
    reported_paid_fen: int = 0
    reported_version: int | None = None
    """The event by which a source reported the contract last; None: it was signed on the platform."""

    class Created(kernel.Created):
        """A service of the catalogue is to be bought; a renewal names the purchase it goes on from."""

        TOPIC = "procurement.ProjectCatalogued"
        TITLE = "购买服务立项"
        title: str
        item: str
        renews_id: UUID | None
        chain_from: date | None
        renewed_organisation_id: UUID | None
        division_code: str
        by: str

        def apply(self, aggregate: "PurchaseRecord") -> None:
            aggregate.prepared_by = self.by
            aggregate.organisation_id = self.renewed_organisation_id or NO_ID

        def gist(self) -> str:
            return f"{self.title}（{self.item}）"

    class Budgeted(kernel.Event):
        """A budget reserved this much for it; the three tiers may each give a part (三级各出一点)."""

        TOPIC = "procurement.ProjectBudgeted"
        TITLE = "落实购买服务预算"
        budget_id: UUID
        source: FundSource
        amount_fen: int
        total_fen: int
        by: str

        def apply(self, aggregate: "PurchaseRecord") -> None:
            aggregate.fundings = (*aggregate.fundings, Funding(self.budget_id, self.source, self.amount_fen))
            if aggregate.state is PurchaseState.CATALOGUED:
                aggregate.state = PurchaseState.BUDGETED

        def gist(self) -> str:
            return f"{self.source.label} {yuan(self.amount_fen)}，合计 {yuan(self.total_fen)}"

    class Tendered(kernel.Event):
        """An organisation was chosen, for this price. Where the method is not the ordinary one, `basis` allows it."""

        TOPIC = "procurement.ServiceTendered"
        TITLE = "确定承接主体"
        method: TenderMethod
        basis: str
        bidders: int
        organisation_id: UUID
        price_fen: int
        by: str

        def apply(self, aggregate: "PurchaseRecord") -> None:
            aggregate.state = PurchaseState.TENDERED
            aggregate.method = self.method
            aggregate.organisation_id = self.organisation_id
            aggregate.price_fen = self.price_fen

        def gist(self) -> str:
            return f"{self.method.label}，{self.bidders} 家响应，成交 {yuan(self.price_fen)}"

    class ContractSigned(kernel.Event):
        """The contract: with whom, for how much, from when to when, and what is delivered by when.

        Whether the organisation is local and a social-work body is said as the register had it then.
        """

        TOPIC = "procurement.ContractSigned"
        TITLE = "签订购买服务合同"
        contract_no: str
        organisation_id: UUID
        credit_code: str
        local: bool
        social_work: bool
        amount_fen: int
        starts_on: date
        ends_on: date
        longer_basis: str
        terms: tuple[Term, ...]
        end_by: date | None
        by: str

        def apply(self, aggregate: "PurchaseRecord") -> None:
            aggregate.state = PurchaseState.CONTRACTED
            aggregate.signed_fen = self.amount_fen
            aggregate.contract_no = self.contract_no
            aggregate.organisation_id = self.organisation_id
            aggregate.amount_fen = self.amount_fen
            aggregate.starts_on = self.starts_on
            aggregate.ends_on = self.ends_on
            aggregate.milestones = tuple(Milestone(term) for term in self.terms)

        def gist(self) -> str:
            return f"{self.contract_no}，{yuan(self.amount_fen)}，{self.starts_on} 至 {self.ends_on}"

    class Amended(kernel.Event):
        """The contract was changed (补充协议): what is still to be delivered, and another end.

        `dropped` are the numbers of milestones that are no more.
        """

        TOPIC = "procurement.ContractAmended"
        TITLE = "变更购买服务合同"
        amount_fen: int
        ends_on: date
        due_terms: tuple[Term, ...]
        dropped: tuple[int, ...]
        basis: str
        end_by: date
        by: str

        def apply(self, aggregate: "PurchaseRecord") -> None:
            settled = (each for each in aggregate.milestones if each.state is not MilestoneState.DUE)
            made = (*settled, *(Milestone(term) for term in self.due_terms))
            aggregate.amount_fen = self.amount_fen
            aggregate.ends_on = self.ends_on
            aggregate.milestones = tuple(sorted(made, key=lambda each: each.term.no))

        def gist(self) -> str:
            return f"{yuan(self.amount_fen)}，至 {self.ends_on}，{self.basis}"

    class Reported(kernel.Event):
        """A source says how a contract stands; with `corrects_version` it takes the place of what that event said.

        `paid_fen` is all that was paid for it so far, of which the platform knows no single payments.
        """

        TOPIC = "procurement.ContractReported"
        TITLE = "报送购买服务合同"
        contract_no: str
        organisation_id: UUID
        credit_code: str
        local: bool
        social_work: bool
        amount_fen: int
        starts_on: date
        ends_on: date
        paid_fen: int
        former_paid_fen: int
        finished: bool
        corrects_version: int | None

        def apply(self, aggregate: "PurchaseRecord") -> None:
            aggregate.state = PurchaseState.CLOSED if self.finished else PurchaseState.PERFORMING
            aggregate.contract_no = self.contract_no
            aggregate.organisation_id = self.organisation_id
            aggregate.amount_fen = self.amount_fen
            aggregate.starts_on = self.starts_on
            aggregate.ends_on = self.ends_on
            aggregate.reported_paid_fen = self.paid_fen
            aggregate.reported_version = self.originator_version

        def gist(self) -> str:
            return f"{self.contract_no}，{yuan(self.amount_fen)}，已付 {yuan(self.paid_fen)}"

    class Delivered(kernel.Event):
        """The organisation says a milestone is done; looked at by `accept_by`. The first one begins performance."""

        TOPIC = "procurement.MilestoneDelivered"
        TITLE = "交付服务节点"
        no: int
        note: str
        organisation_id: UUID
        by: str
        accept_by: date

        def apply(self, aggregate: "PurchaseRecord") -> None:
            aggregate.state = PurchaseState.PERFORMING
            said = {"state": MilestoneState.DELIVERED, "organisation_id": self.organisation_id}
            aggregate.change_milestone(self.no, delivered_by=self.by, **said)

        def gist(self) -> str:
            return f"第 {self.no} 节点"

    class Rejected(kernel.Event):
        """It was not what the contract asks for; to be done again by `redo_by`."""

        TOPIC = "procurement.MilestoneRejected"
        TITLE = "服务节点验收不合格"
        no: int
        reason: str
        by: str
        redo_by: date

        def apply(self, aggregate: "PurchaseRecord") -> None:
            aggregate.change_milestone(self.no, state=MilestoneState.DUE, delivered_by="")

        def gist(self) -> str:
            return f"第 {self.no} 节点：{self.reason}"

    class Accepted(kernel.Event):
        """Accepted, for the whole amount or (with a reason) for less. With the last one the evaluation is due."""

        TOPIC = "procurement.MilestoneAccepted"
        TITLE = "服务节点通过验收"
        no: int
        accepted_fen: int
        reason: str
        by: str
        pay_by: date | None
        evaluate_by: date | None

        def apply(self, aggregate: "PurchaseRecord") -> None:
            aggregate.change_milestone(self.no, state=MilestoneState.ACCEPTED, accepted_fen=self.accepted_fen)
            if self.evaluate_by is not None:
                aggregate.state = PurchaseState.ACCEPTED

        def gist(self) -> str:
            return f"第 {self.no} 节点，{yuan(self.accepted_fen)}"

    class Scored(kernel.Event):
        """How well it was done, with the marks, the weights of the day, and what both make.

        The money of milestone `final_no`, which waited for this, is to be paid by `pay_by`.
        """

        TOPIC = "procurement.PerformanceScored"
        TITLE = "购买服务绩效评价"
        marks: Dimensions
        weights: Dimensions
        score_bp: int
        least_bp: int
        evaluator: str
        note: str
        by: str
        final_no: int
        pay_by: date | None
        state: PurchaseState

        def apply(self, aggregate: "PurchaseRecord") -> None:
            aggregate.score_bp = self.score_bp
            aggregate.state = self.state

        def gist(self) -> str:
            low = "，低于续签要求" if self.score_bp < self.least_bp else ""
            return f"得分 {self.score_bp // 100}.{self.score_bp % 100:02d}{low}"

    class Held(kernel.Event):
        """The organisation can't simply go on: who serves its clients is to be settled by `take_over_by` (X16)."""

        TOPIC = "procurement.ContractHeld"
        TITLE = "承接主体异常，暂停付款"
        organisation_id: UUID
        standing: OrgState
        take_over_by: date | None
        by: str

        def apply(self, aggregate: "PurchaseRecord") -> None:
            aggregate.held = self.standing

        def gist(self) -> str:
            return self.standing.label

    class Released(kernel.Event):
        """The organisation may go on after all."""

        TOPIC = "procurement.ContractReleased"
        TITLE = "解除合同暂停"
        reason: str
        by: str

        def apply(self, aggregate: "PurchaseRecord") -> None:
            aggregate.held = None

        def gist(self) -> str:
            return self.reason

    class HandedOver(kernel.Event):
        """Another organisation takes over what is not delivered yet."""

        TOPIC = "procurement.ContractHandedOver"
        TITLE = "移交购买服务合同"
        former_id: UUID
        organisation_id: UUID
        credit_code: str
        local: bool
        social_work: bool
        basis: str
        by: str

        def apply(self, aggregate: "PurchaseRecord") -> None:
            aggregate.organisation_id = self.organisation_id
            aggregate.held = None

        def gist(self) -> str:
            return self.basis

    class Terminated(kernel.Event):
        """Ended before its time: what is not delivered is dropped, what was accepted is evaluated and paid."""

        TOPIC = "procurement.ContractTerminated"
        TITLE = "终止购买服务合同"
        reason: str
        by: str
        evaluate_by: date | None

        def apply(self, aggregate: "PurchaseRecord") -> None:
            aggregate.terminated = True
            aggregate.held = None
            aggregate.state = PurchaseState.ACCEPTED
            open_ones = (each.term.no for each in aggregate.milestones if each.state is not MilestoneState.ACCEPTED)
            for no in tuple(open_ones):
                aggregate.change_milestone(no, state=MilestoneState.DROPPED)

        def gist(self) -> str:
            return self.reason

    class Closed(kernel.Event):
        """Everything is paid; `released_fen` of the money reserved was not needed."""

        TOPIC = "procurement.PurchaseClosed"
        TITLE = "办结购买服务项目"
        released_fen: int
        by: str

        def apply(self, aggregate: "PurchaseRecord") -> None:
            aggregate.state = PurchaseState.CLOSED

        def gist(self) -> str:
            return f"退回预算 {yuan(self.released_fen)}" if self.released_fen else ""

    class Cancelled(kernel.Event):
        """Given up before a contract was signed."""

        TOPIC = "procurement.PurchaseCancelled"
        TITLE = "取消购买服务项目"
        reason: str
        released_fen: int
        by: str

        def apply(self, aggregate: "PurchaseRecord") -> None:
            aggregate.state = PurchaseState.CANCELLED

        def gist(self) -> str:
            return self.reason

    def subjects(self) -> Iterable[str]:
        """What happens to a purchase stands on the timeline of the organisation that serves."""
        if self.organisation_id != NO_ID:
            yield f"organisation:{self.organisation_id}"

    @property
    def reserved_fen(self) -> int:
        """What budgets have reserved for it."""
        return sum(each.reserved_fen for each in self.fundings)

    @property
    def accepted_fen(self) -> int:
        """What of the contract was accepted; of a reported one what was paid, since nobody says more of it."""
        return self.reported_paid_fen + sum(each.accepted_fen for each in self.milestones)

    @property
    def paid_fen(self) -> int:
        """What was paid and not sent back."""
        return self.reported_paid_fen + sum(each.paid_fen for each in self.milestones)

    def change_milestone(self, no: int, **fields: object) -> None:
        """Of events: one milestone with other values."""
        self.milestones = tuple(
            each._replace(**fields) if each.term.no == no else each  # type: ignore[arg-type]
            for each in self.milestones
        )
