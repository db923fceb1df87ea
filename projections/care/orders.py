"""Services at home, purchased hours, and devices, adaptations and rehabilitation in the read models."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from domain.access import Area, PersonalClass
from domain.care import PurchasedHours, ServiceOrder, SupportService
from domain.codes import (
    ConfirmedBy,
    FundSource,
    GuaranteedGroup,
    HomeService,
    OrderEnd,
    OrderState,
    Payer,
    ServiceRating,
    SupportKind,
)
from domain.kernel import Event
from infra.log import LogEvent
from projections.kernel.changes import Changes, Projection, handles
from projections.kernel.tables import FEN, Doc, Figures, Masked, One, Relations, view


@view(
    "service_order",
    area=Area.CARE,
    scope_from="division_code",
    order=("planned_on", "id"),
    indexes=(("state", "planned_on", "id"),),
)
@dataclass
class ServiceOrderRow:
    """居家服务工单"""

    id: Annotated[UUID, Doc("服务工单标识")]
    person_id: Annotated[UUID, Doc("人员标识")]
    facility_id: Annotated[UUID, Doc("提供服务的设施")]
    order_no: Annotated[str | None, Doc("来源系统的工单编号")]
    service: Annotated[HomeService, Doc("服务项目")]
    state: Annotated[OrderState, Doc("工单状态")]
    payer: Annotated[Payer, Doc("费用由谁承担")]
    guaranteed_as: Annotated[GuaranteedGroup | None, Doc("政府购买时的保障类别")]
    unit_count: Annotated[int, Doc("数量")]
    unit_minutes: Annotated[int, Doc("每单位服务时长（分钟）")]
    price_fen: Annotated[int, Doc("单价"), FEN]
    planned_on: Annotated[date, Doc("约定或实际服务日期")]
    division_code: Annotated[str, Doc("区划代码")]
    drafted_by: Annotated[str | None, Doc("提出的经办账号")]
    approved_by: Annotated[str | None, Doc("批准的经办账号")]
    worker_no: Annotated[str | None, Doc("服务人员工号")]
    checked_in_at: Annotated[datetime | None, Doc("签到时间")]
    check_in_place: Annotated[str | None, Doc("签到位置"), Masked(PersonalClass.LOCATION)]
    check_out_place: Annotated[str | None, Doc("签退位置"), Masked(PersonalClass.LOCATION)]
    minutes: Annotated[int | None, Doc("实际服务时长（分钟）")]
    served_units: Annotated[int | None, Doc("实际完成的整单位数")]
    rating: Annotated[ServiceRating | None, Doc("服务评价")]
    confirmed_by: Annotated[ConfirmedBy | None, Doc("由谁确认")]
    amount_fen: Annotated[int | None, Doc("结算金额"), FEN]
    invoice_no: Annotated[str | None, Doc("结算单号")]
    settled_on: Annotated[date | None, Doc("结算日期")]
    end_reason: Annotated[OrderEnd | None, Doc("取消、暂停或未履约的原因")]

    RELATIONS: ClassVar[Relations] = {
        "person": One("person", local="person_id"),
        "facility": One("facility", local="facility_id"),
        "division": One("division", local="division_code"),
    }
    FILTERS: ClassVar[tuple[str, ...]] = (
        "person_id",
        "facility_id",
        "service",
        "state",
        "payer",
        "planned_on",
        "settled_on",
        "rating",
        "end_reason",
        "division_code",
    )


@view("purchased_hours", area=Area.CARE, scope_from="division_code", order=("month", "id"))
@dataclass
class PurchasedHoursRow:
    """政府购买服务时数"""

    id: Annotated[UUID, Doc("标识")]
    person_id: Annotated[UUID, Doc("人员标识")]
    month: Annotated[str, Doc("月份")]
    division_code: Annotated[str, Doc("区划代码")]
    used_minutes: Annotated[int, Doc("最近一次批准时已用的分钟数")]
    quota_minutes: Annotated[int, Doc("当月时数（分钟）")]

    RELATIONS: ClassVar[Relations] = {"person": One("person", local="person_id")}
    FILTERS: ClassVar[tuple[str, ...]] = ("person_id", "month", "division_code")


@view(
    "support_service",
    area=Area.CARE,
    scope_from="division_code",
    order=("given_on", "id"),
    figures=Figures(("kind", "times", "given_on", "voided")),
)
@dataclass
class SupportServiceRow:
    """助残助老服务记录"""

    id: Annotated[UUID, Doc("服务记录标识")]
    person_id: Annotated[UUID, Doc("人员标识")]
    kind: Annotated[SupportKind, Doc("种类")]
    item: Annotated[str, Doc("器具、改造或服务内容"), Masked(PersonalClass.HEALTH)]
    provider: Annotated[str, Doc("服务单位")]
    times: Annotated[int, Doc("人次")]
    cost_fen: Annotated[int, Doc("费用"), FEN]
    fund_source: Annotated[FundSource, Doc("资金来源")]
    division_code: Annotated[str, Doc("区划代码")]
    given_on: Annotated[date, Doc("服务日期")]
    voided: Annotated[bool, Doc("是否已撤销")]
    note: Annotated[str | None, Doc("更正或撤销的原因")]

    RELATIONS: ClassVar[Relations] = {
        "person": One("person", local="person_id"),
        "division": One("division", local="division_code"),
    }
    FILTERS: ClassVar[tuple[str, ...]] = ("person_id", "kind", "fund_source", "given_on", "voided", "division_code")


class Orders(Projection):
    """What happens to services at home and other support. A part of the projection `Care`, never run by itself."""

    @handles(ServiceOrder.Created)
    def ordered(self, event: ServiceOrder.Created, at: LogEvent, to: Changes) -> None:
        """A draft."""
        to.insert(
            ServiceOrderRow,
            event.originator_id,
            on=event.timestamp.date(),
            person_id=event.person_id,
            facility_id=event.facility_id,
            order_no=event.order_no or None,
            service=event.service,
            state=OrderState.DRAFT,
            payer=event.payer,
            guaranteed_as=event.guaranteed_as,
            unit_count=event.unit_count,
            unit_minutes=event.unit_minutes,
            price_fen=event.price_fen,
            planned_on=event.planned_on,
            division_code=event.division_code,
            drafted_by=event.drafted_by or None,
        )

    @handles(ServiceOrder.Approved)
    def order_approved(self, event: ServiceOrder.Approved, at: LogEvent, to: Changes) -> None:
        """To be given."""
        _change(to, event, state=OrderState.APPROVED, approved_by=event.approved_by)

    @handles(ServiceOrder.Dispatched)
    def order_dispatched(self, event: ServiceOrder.Dispatched, at: LogEvent, to: Changes) -> None:
        """Somebody is sent."""
        _change(to, event, state=OrderState.DISPATCHED, worker_no=event.worker_no)

    @handles(ServiceOrder.Accepted)
    def order_accepted(self, event: ServiceOrder.Accepted, at: LogEvent, to: Changes) -> None:
        """The worker takes it."""
        _change(to, event, state=OrderState.ACCEPTED, worker_no=event.worker_no)

    @handles(ServiceOrder.CheckedIn)
    def checked_in(self, event: ServiceOrder.CheckedIn, at: LogEvent, to: Changes) -> None:
        """There."""
        said: dict[str, Any] = {"checked_in_at": event.timestamp, "check_in_place": event.place}
        _change(to, event, state=OrderState.IN_SERVICE, **said)

    @handles(ServiceOrder.Completed)
    def completed(self, event: ServiceOrder.Completed, at: LogEvent, to: Changes) -> None:
        """Done."""
        said: dict[str, Any] = {"minutes": event.minutes, "served_units": event.served_units}
        said |= {"check_out_place": event.place, "planned_on": event.served_on}
        _change(to, event, state=OrderState.COMPLETED, **said)

    @handles(ServiceOrder.Confirmed)
    def service_confirmed(self, event: ServiceOrder.Confirmed, at: LogEvent, to: Changes) -> None:
        """The person says so."""
        _change(to, event, state=OrderState.CONFIRMED, rating=event.rating, confirmed_by=event.confirmed_by)

    @handles(ServiceOrder.Settled)
    def order_settled(self, event: ServiceOrder.Settled, at: LogEvent, to: Changes) -> None:
        """Paid."""
        said: dict[str, Any] = {"amount_fen": event.amount_fen, "invoice_no": event.invoice_no or None}
        _change(to, event, state=OrderState.SETTLED, settled_on=event.settled_on, **said)

    @handles(ServiceOrder.Missed)
    def missed(self, event: ServiceOrder.Missed, at: LogEvent, to: Changes) -> None:
        """Not given."""
        _change(to, event, state=OrderState.MISSED, end_reason=event.reason)

    @handles(ServiceOrder.Cancelled)
    def order_cancelled(self, event: ServiceOrder.Cancelled, at: LogEvent, to: Changes) -> None:
        """Not to be given."""
        _change(to, event, state=OrderState.CANCELLED, end_reason=event.reason)

    @handles(ServiceOrder.Suspended)
    def order_suspended(self, event: ServiceOrder.Suspended, at: LogEvent, to: Changes) -> None:
        """Not for the time being."""
        _change(to, event, state=OrderState.SUSPENDED, end_reason=event.reason)

    @handles(ServiceOrder.Resumed)
    def order_resumed(self, event: ServiceOrder.Resumed, at: LogEvent, to: Changes) -> None:
        """After all."""
        _change(to, event, state=event.state, planned_on=event.planned_on, end_reason=None)

    @handles(ServiceOrder.Transferred)
    def order_moved(self, event: ServiceOrder.Transferred, at: LogEvent, to: Changes) -> None:
        """Another street's."""
        _change(to, event, division_code=event.to_division_code)

    @handles(PurchasedHours.Created)
    def hours_opened(self, event: PurchasedHours.Created, at: LogEvent, to: Changes) -> None:
        """A month of which nothing is used."""
        to.insert(
            PurchasedHoursRow,
            event.originator_id,
            on=event.timestamp.date(),
            person_id=event.person_id,
            month=event.month,
            division_code=event.division_code,
        )

    @handles(PurchasedHours.Promised)
    def hours_promised(self, event: PurchasedHours.Promised, at: LogEvent, to: Changes) -> None:
        """More is used."""
        said: dict[str, Any] = {"used_minutes": event.used_minutes, "quota_minutes": event.quota_minutes}
        to.patch(PurchasedHoursRow, event.originator_id, on=event.timestamp.date(), **said)

    @handles(SupportService.Created)
    def support_given(self, event: SupportService.Created, at: LogEvent, to: Changes) -> None:
        """Something was given."""
        to.insert(
            SupportServiceRow,
            event.originator_id,
            on=event.effective_on,
            person_id=event.person_id,
            kind=event.kind,
            item=event.item,
            provider=event.provider,
            times=event.times,
            cost_fen=event.cost_fen,
            fund_source=event.fund_source,
            division_code=event.division_code,
            given_on=event.effective_on,
        )

    @handles(SupportService.Corrected)
    def support_corrected(self, event: SupportService.Corrected, at: LogEvent, to: Changes) -> None:
        """Set right."""
        said: dict[str, Any] = {"times": event.times, "cost_fen": event.cost_fen, "fund_source": event.fund_source}
        to.patch(SupportServiceRow, event.originator_id, on=event.timestamp.date(), note=event.reason, **said)

    @handles(SupportService.Voided)
    def support_voided(self, event: SupportService.Voided, at: LogEvent, to: Changes) -> None:
        """Never given."""
        to.patch(SupportServiceRow, event.originator_id, on=event.timestamp.date(), voided=True, note=event.reason)


def _change(to: Changes, event: Event, **columns: Any) -> None:
    to.patch(ServiceOrderRow, event.originator_id, on=event.timestamp.date(), decided=True, **columns)
