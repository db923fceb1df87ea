"""Services at home (居家服务工单): DRAFT → APPROVED → DISPATCHED → ACCEPTED → IN_SERVICE → COMPLETED → CONFIRMED →
SETTLED; or MISSED, CANCELLED, SUSPENDED.

What is paid is what was given and confirmed: whole units, at the price of the order, never more than were ordered. What
government buys counts against the person's hours of the month. Who lives in an institution gets no service at home.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import ClassVar, Self
from uuid import UUID

from domain import kernel
from domain.clock import month_of
from domain.codes import ConfirmedBy, GuaranteedGroup, HomeService, OrderEnd, OrderState, Payer, ServiceRating
from domain.errors import RuleViolated
from domain.kernel import NO_ID, PersonalText

BEFORE_SERVICE = (OrderState.DRAFT, OrderState.APPROVED, OrderState.DISPATCHED, OrderState.ACCEPTED)
"""States in which nobody has come yet."""
_OVER = (OrderState.SETTLED, OrderState.MISSED, OrderState.CANCELLED)
_GIVEN = (OrderState.COMPLETED, OrderState.CONFIRMED, OrderState.SETTLED)


class ServiceOrder(kernel.Aggregate):
    """One service ordered for one person for one day."""

    TOPIC: ClassVar[str] = "care.ServiceOrder"
    SUBJECT: ClassVar[str] = "order"
    division_code: str = ""
    person_id: UUID = NO_ID
    facility_id: UUID = NO_ID
    service: HomeService = HomeService.OTHER
    payer: Payer = Payer.SELF
    planned_on: date | None = None
    unit_count: int = 0
    unit_minutes: int = 0
    price_fen: int = 0
    state: OrderState = OrderState.DRAFT
    drafted_by: str = ""
    approved_by: str = ""
    resume_to: OrderState = OrderState.APPROVED
    checked_in_at: datetime | None = None
    minutes: int = 0
    served_units: int = 0
    settled_fen: int = 0

    class Created(kernel.Created):
        """Ordered for `planned_on`: so many units of `unit_minutes` minutes (0: not by time) at `price_fen` each.

        `facility_id` is the provider. `order_no` is the source's own number, empty where the order was made here.
        """

        TOPIC = "care.ServiceOrdered"
        TITLE = "提出服务工单"
        person_id: UUID
        facility_id: UUID
        order_no: str
        service: HomeService
        payer: Payer
        guaranteed_as: GuaranteedGroup | None
        unit_count: int
        unit_minutes: int
        price_fen: int
        planned_on: date
        division_code: str
        drafted_by: str

        def gist(self) -> str:
            return f"{self.service.label}，{self.planned_on}，{self.payer.label}"

    class Approved(kernel.Event):
        """To be given; of what government buys, so many minutes of the person's month are used with it."""

        TOPIC = "care.ServiceApproved"
        TITLE = "批准服务工单"
        month_minutes: int
        approved_by: str

        def apply(self, aggregate: "ServiceOrder") -> None:
            aggregate.state = OrderState.APPROVED
            aggregate.approved_by = self.approved_by

    class Dispatched(kernel.Event):
        """The provider sends a worker, known here by their number (工号) alone."""

        TOPIC = "care.ServiceDispatched"
        TITLE = "派单"
        worker_no: str
        by: str

        def apply(self, aggregate: "ServiceOrder") -> None:
            aggregate.state = OrderState.DISPATCHED

        def gist(self) -> str:
            return self.worker_no

    class Accepted(kernel.Event):
        """The worker takes it."""

        TOPIC = "care.ServiceAccepted"
        TITLE = "接单"
        worker_no: str
        by: str

        def apply(self, aggregate: "ServiceOrder") -> None:
            aggregate.state = OrderState.ACCEPTED

    class CheckedIn(kernel.Event):
        """The worker is there. The place is the person's home, and sealed under their key."""

        TOPIC = "care.ServiceCheckedIn"
        TITLE = "上门签到"
        KEY_HOLDER: ClassVar[str] = "person_id"
        person_id: UUID
        place: PersonalText | None
        by: str

        def apply(self, aggregate: "ServiceOrder") -> None:
            aggregate.state = OrderState.IN_SERVICE
            aggregate.checked_in_at = self.timestamp

    class Completed(kernel.Event):
        """The worker is done: so many minutes, and the whole units they make."""

        TOPIC = "care.ServiceCompleted"
        TITLE = "服务完成"
        KEY_HOLDER: ClassVar[str] = "person_id"
        person_id: UUID
        minutes: int
        served_units: int
        place: PersonalText | None
        served_on: date
        by: str

        def apply(self, aggregate: "ServiceOrder") -> None:
            aggregate.state = OrderState.COMPLETED
            aggregate.minutes = self.minutes
            aggregate.served_units = self.served_units
            aggregate.planned_on = self.served_on

        def gist(self) -> str:
            return f"{self.minutes} 分钟"

    class Confirmed(kernel.Event):
        """The person, or somebody for them, says that it was given, and how good it was."""

        TOPIC = "care.ServiceConfirmed"
        TITLE = "确认服务"
        rating: ServiceRating
        confirmed_by: ConfirmedBy
        by: str

        def apply(self, aggregate: "ServiceOrder") -> None:
            aggregate.state = OrderState.CONFIRMED

        def gist(self) -> str:
            return f"{self.confirmed_by.label}：{self.rating.label}"

    class Settled(kernel.Event):
        """Paid to the provider: the units given at their price."""

        TOPIC = "care.ServiceSettled"
        TITLE = "结算服务"
        invoice_no: str
        amount_fen: int
        settled_on: date
        by: str

        def apply(self, aggregate: "ServiceOrder") -> None:
            aggregate.state = OrderState.SETTLED
            aggregate.settled_fen = self.amount_fen

        def gist(self) -> str:
            return self.invoice_no

    class Missed(kernel.Event):
        """Nobody came, or nobody was at home."""

        TOPIC = "care.ServiceMissed"
        TITLE = "服务未履约"
        reason: OrderEnd
        by: str

        def apply(self, aggregate: "ServiceOrder") -> None:
            aggregate.state = OrderState.MISSED

        def gist(self) -> str:
            return self.reason.label

    class Cancelled(kernel.Event):
        """Not to be given."""

        TOPIC = "care.ServiceCancelled"
        TITLE = "取消服务工单"
        reason: OrderEnd
        effective_on: date
        by: str

        def apply(self, aggregate: "ServiceOrder") -> None:
            aggregate.state = OrderState.CANCELLED

        def gist(self) -> str:
            return self.reason.label

    class Suspended(kernel.Event):
        """Not to be given for the time being. That somebody is in hospital stands on no timeline."""

        TOPIC = "care.ServiceSuspended"
        TITLE = "暂停服务工单"
        reason: OrderEnd
        effective_on: date
        by: str

        def apply(self, aggregate: "ServiceOrder") -> None:
            aggregate.resume_to = aggregate.state
            aggregate.state = OrderState.SUSPENDED

    class Resumed(kernel.Event):
        """To be given again, on this day."""

        TOPIC = "care.ServiceResumed"
        TITLE = "恢复服务工单"
        planned_on: date
        state: OrderState
        by: str

        def apply(self, aggregate: "ServiceOrder") -> None:
            aggregate.state = self.state
            aggregate.planned_on = self.planned_on

        def gist(self) -> str:
            return str(self.planned_on)

    class Transferred(kernel.Event):
        """The person moved within the district; another street's from this day on."""

        TOPIC = "care.ServiceTransferred"
        TITLE = "移交服务工单"
        from_division_code: str
        to_division_code: str
        moved_on: date

        def apply(self, aggregate: "ServiceOrder") -> None:
            aggregate.division_code = self.to_division_code

        def gist(self) -> str:
            return f"{self.from_division_code} → {self.to_division_code}"

    def subjects(self) -> Iterable[str]:
        """An order's events stand on its person's timeline."""
        yield f"person:{self.person_id}"

    @classmethod
    def draft(
        cls,
        id: UUID,
        at: datetime,
        *,
        person_id: UUID,
        facility_id: UUID,
        service: HomeService,
        payer: Payer,
        unit_count: int,
        unit_minutes: int,
        price_fen: int,
        planned_on: date,
        division_code: str,
        guaranteed_as: GuaranteedGroup | None = None,
        order_no: str = "",
        by: str = "",
    ) -> Self:
        """A service for somebody on a day."""
        if unit_count <= 0 or unit_minutes < 0 or price_fen < 0:
            raise RuleViolated("服务数量应大于 0，时长和单价不能为负，请核对。")
        return cls.create(
            cls.Created,
            id=id,
            at=at,
            person_id=person_id,
            facility_id=facility_id,
            order_no=order_no,
            service=service,
            payer=payer,
            guaranteed_as=guaranteed_as,
            unit_count=unit_count,
            unit_minutes=unit_minutes,
            price_fen=price_fen,
            planned_on=planned_on,
            division_code=division_code,
            drafted_by=by,
        )

    @property
    def month(self) -> str:
        """The month whose hours it uses, `YYYY-MM`."""
        return month_of(self.planned_on) if self.planned_on else ""

    @property
    def reserved_minutes(self) -> int:
        """Minutes of the month that it uses: those ordered, and once it was given those given."""
        if self.state in (OrderState.DRAFT, OrderState.MISSED, OrderState.CANCELLED):
            return 0
        if self.state in _GIVEN:
            return self.served_units * self.unit_minutes
        return self.unit_count * self.unit_minutes

    @property
    def payable_fen(self) -> int:
        """What is owed for what was given, in fen."""
        return self.served_units * self.price_fen

    # Facts of sources

    def report_given(
        self, at: datetime, *, minutes: int, served_on: date, units: int | None = None, amount_fen: int | None = None
    ) -> None:
        """A source reports a service that was given, and what was paid for it where it says so."""
        served = self.unit_count if units is None else units
        self.record(
            self.Completed,
            at=at,
            person_id=self.person_id,
            minutes=minutes,
            served_units=served,
            place=None,
            served_on=served_on,
            by="",
        )
        if amount_fen is not None:
            self.record(self.Settled, at=at, invoice_no="", amount_fen=amount_fen, settled_on=served_on, by="")

    # Decisions

    def approve(self, at: datetime, *, month_minutes: int, by: str) -> None:
        """To be given. `month_minutes` of the person's month are used with it; another hand approves what government
        buys, within the person's hours (hours.py)."""
        self._demand("批准", OrderState.DRAFT)
        if self.payer is Payer.GOVERNMENT and by == self.drafted_by:
            raise RuleViolated("政府购买的服务，提出人与批准人不能是同一人。")
        self.record(self.Approved, at=at, month_minutes=month_minutes, approved_by=by)

    def dispatch(self, at: datetime, *, worker_no: str, by: str) -> None:
        """Send a worker, or another one who has not set out yet."""
        self._demand("派单", OrderState.APPROVED, OrderState.DISPATCHED, OrderState.ACCEPTED)
        if not worker_no.strip():
            raise RuleViolated("请填写服务人员工号。")
        self.record(self.Dispatched, at=at, worker_no=worker_no.strip(), by=by)

    def accept(self, at: datetime, *, worker_no: str, by: str) -> None:
        """The worker takes it."""
        self._demand("接单", OrderState.DISPATCHED)
        self.record(self.Accepted, at=at, worker_no=worker_no, by=by)

    def check_in(self, at: datetime, *, place: str | None, by: str) -> None:
        """The worker is there; not before the day it is for."""
        self._demand("签到", OrderState.ACCEPTED)
        if self.planned_on is not None and at.date() < self.planned_on:
            raise RuleViolated(f"此单约定 {self.planned_on} 服务，不能提前签到。")
        self.record(self.CheckedIn, at=at, person_id=self.person_id, place=place, by=by)

    def check_out(self, at: datetime, *, place: str | None, by: str) -> None:
        """The worker is done. Minutes run from check-in; units are whole ones, at most those ordered."""
        self._demand("签退", OrderState.IN_SERVICE)
        assert self.checked_in_at is not None
        minutes = int((at - self.checked_in_at).total_seconds()) // 60
        whole = self.unit_count if self.unit_minutes == 0 else min(self.unit_count, minutes // self.unit_minutes)
        self.record(
            self.Completed,
            at=at,
            person_id=self.person_id,
            minutes=minutes,
            served_units=whole,
            place=place,
            served_on=self.checked_in_at.date(),
            by=by,
        )

    def confirm(self, at: datetime, *, rating: ServiceRating, confirmed_by: ConfirmedBy, by: str) -> None:
        """The person says that it was given; once."""
        self._demand("确认", OrderState.COMPLETED)
        self.record(self.Confirmed, at=at, rating=rating, confirmed_by=confirmed_by, by=by)

    def settle(self, at: datetime, *, invoice_no: str, by: str) -> int:
        """Pay what was given and confirmed, once; gives the amount in fen."""
        self._demand("结算", OrderState.CONFIRMED)
        if not invoice_no.strip():
            raise RuleViolated("请填写结算单号。")
        if self.payer is Payer.GOVERNMENT and by == self.approved_by:
            raise RuleViolated("政府购买的服务，批准人与结算人不能是同一人。")
        amount = self.payable_fen
        self.record(self.Settled, at=at, invoice_no=invoice_no.strip(), amount_fen=amount, settled_on=at.date(), by=by)
        return amount

    def miss(self, at: datetime, *, reason: OrderEnd, by: str) -> None:
        """Nobody came, or nobody was at home."""
        self._demand("登记未履约", OrderState.DISPATCHED, OrderState.ACCEPTED)
        if self.planned_on is not None and at.date() < self.planned_on:
            raise RuleViolated(f"此单约定 {self.planned_on} 服务，尚未到期。")
        self.record(self.Missed, at=at, reason=reason, by=by)

    def cancel(self, at: datetime, *, reason: OrderEnd, effective_on: date, by: str = "") -> None:
        """Not to be given (X1, X5). Nothing where it is over or was given already, so that it may be repeated."""
        if self.state in (*BEFORE_SERVICE, OrderState.SUSPENDED):
            self.record(self.Cancelled, at=at, reason=reason, effective_on=effective_on, by=by)

    def suspend(self, at: datetime, *, reason: OrderEnd, effective_on: date, by: str = "") -> None:
        """Not to be given for the time being, as during a stay in hospital. Nothing where it can't be any more."""
        if self.state in BEFORE_SERVICE:
            self.record(self.Suspended, at=at, reason=reason, effective_on=effective_on, by=by)

    def resume(self, at: datetime, *, planned_on: date, by: str) -> None:
        """To be given after all, in the state it had."""
        self._demand("恢复", OrderState.SUSPENDED)
        if planned_on < at.date():
            raise RuleViolated("恢复后的服务日期不能早于今天。")
        if self.payer is Payer.GOVERNMENT and month_of(planned_on) != self.month:
            raise RuleViolated(f"政府购买时数按月计算，此单属 {self.month}；其他月份的请另提工单。")
        self.record(self.Resumed, at=at, planned_on=planned_on, state=self.resume_to, by=by)

    def transfer(self, at: datetime, *, to_division_code: str, moved_on: date) -> None:
        """Go along with the person (X8). Nothing where it is there already, or over."""
        if self.state not in _OVER and to_division_code != self.division_code:
            self.record(
                self.Transferred,
                at=at,
                from_division_code=self.division_code,
                to_division_code=to_division_code,
                moved_on=moved_on,
            )

    def _demand(self, what: str, *states: OrderState) -> None:
        if self.state not in states:
            allowed = "、".join(state.label for state in states)
            raise RuleViolated(f"服务工单现为“{self.state.label}”，不能{what}；须为：{allowed}。")
