"""Decisions about services at home, and about devices, adaptations and rehabilitation that were given."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from domain.access import CASEWORKERS, FINANCE, OFFICIALS
from domain.care.assessment import Assessment, in_force
from domain.care.hours import PurchasedHours, hours_id
from domain.care.order import ServiceOrder
from domain.care.purchase import demand_purchase
from domain.care.stay import Stay
from domain.care.support import SupportService
from domain.codes import (
    ConfirmedBy,
    FundSource,
    GuaranteedGroup,
    HomeService,
    OrderEnd,
    Payer,
    ServiceRating,
    SupportKind,
)
from domain.errors import BadInput, RuleViolated
from domain.kernel import Command, Decided, Decision, Doc, Load, LoadMany, LoadTagged
from domain.registry.facility import Facility
from domain.registry.person import Person

OrderId = Annotated[UUID, Doc("服务工单标识")]
Place = Annotated[str | None, Doc("签到（签退）位置，加密保存")]
_AN_HOUR = 60


@dataclass(frozen=True, kw_only=True)
class OrderService(Command):
    """提出居家服务工单：政府购买的，须属于兜底保障对象并达到评估等级或年龄；在机构入住的人不能提出。"""

    ROLES: ClassVar = CASEWORKERS
    person_id: Annotated[UUID, Doc("人员标识")]
    facility_id: Annotated[UUID, Doc("提供服务的设施（服务站）")]
    service: Annotated[HomeService, Doc("服务项目")]
    unit_count: Annotated[int, Doc("数量")]
    unit_minutes: Annotated[int, Doc("每单位服务时长（分钟）；不按时间计的填 0")]
    price_fen: Annotated[int, Doc("单价（分）")]
    planned_on: Annotated[date, Doc("约定服务日期")]
    payer: Annotated[Payer, Doc("费用由谁承担")] = Payer.SELF
    guaranteed_as: Annotated[GuaranteedGroup | None, Doc("政府购买时的保障类别")] = None

    def decide(self, by: Decision) -> Decided:
        person: Person = yield Load(Person, self.person_id)
        if person.died_on is not None:
            raise RuleViolated("此人已登记死亡或死亡线索待核实，不能提出服务工单。")
        if self.planned_on < by.today:
            raise RuleViolated("约定服务日期不能早于今天。")
        found: dict[UUID, Facility] = yield LoadMany(Facility, (self.facility_id,))
        if not found:
            raise BadInput("没有此设施的登记，请核对。", "facility_id")
        found[self.facility_id].demand_open_for("接受服务工单")
        stays: dict[UUID, Stay] = yield LoadTagged(Stay, (f"person:{person.id}",))
        if any(stay.resident for stay in stays.values()):
            raise RuleViolated("此人在养老机构入住，不能同时提出居家服务工单。")
        if self.payer is Payer.GOVERNMENT:
            known: dict[UUID, Assessment] = yield LoadTagged(Assessment, (f"person:{person.id}",))
            demand_purchase(
                self.guaranteed_as,
                in_force(known.values(), by.today),
                person.birth_on,
                parameters=by.parameters,
                division_code=person.division_code,
                on=by.today,
            )
            if self.unit_minutes == 0:
                raise RuleViolated("政府购买的服务按时数核定，请填写每单位服务时长。")
        order = ServiceOrder.draft(
            by.new_id,
            by.now,
            person_id=person.id,
            facility_id=self.facility_id,
            service=self.service,
            payer=self.payer,
            guaranteed_as=self.guaranteed_as,
            unit_count=self.unit_count,
            unit_minutes=self.unit_minutes,
            price_fen=self.price_fen,
            planned_on=self.planned_on,
            division_code=person.division_code,
            by=by.actor.name,
        )
        return (order,)


@dataclass(frozen=True, kw_only=True)
class ApproveOrder(Command):
    """批准服务工单：政府购买的不超过每人每月时数，且批准人不是提出人。"""

    ROLES: ClassVar = OFFICIALS
    order_id: OrderId

    def decide(self, by: Decision) -> Decided:
        order: ServiceOrder = yield Load(ServiceOrder, self.order_id)
        if order.payer is not Payer.GOVERNMENT:
            order.approve(by.now, month_minutes=0, by=by.actor.name)
            return (order,)
        month = order.month
        known: dict[UUID, PurchasedHours] = yield LoadMany(PurchasedHours, (hours_id(order.person_id, month),))
        others: dict[UUID, ServiceOrder] = yield LoadTagged(ServiceOrder, (f"person:{order.person_id}",))
        hours = next(iter(known.values()), None) or PurchasedHours.open(
            by.now, person_id=order.person_id, month=month, division_code=order.division_code
        )
        quota = by.parameters.value("care.purchased_hours", order.division_code, by.today) * _AN_HOUR
        used = hours.promise(by.now, order=order, others=others.values(), quota_minutes=quota)
        order.approve(by.now, month_minutes=used, by=by.actor.name)
        return order, hours


@dataclass(frozen=True, kw_only=True)
class DispatchOrder(Command):
    """派单：安排服务人员；签到前可以改派。"""

    ROLES: ClassVar = CASEWORKERS
    order_id: OrderId
    worker_no: Annotated[str, Doc("服务人员工号")]

    def decide(self, by: Decision) -> Decided:
        return (yield from _on(self.order_id, lambda o: o.dispatch(by.now, worker_no=self.worker_no, by=by.actor.name)))


@dataclass(frozen=True, kw_only=True)
class AcceptOrder(Command):
    """接单。"""

    ROLES: ClassVar = CASEWORKERS
    order_id: OrderId
    worker_no: Annotated[str, Doc("服务人员工号")]

    def decide(self, by: Decision) -> Decided:
        return (yield from _on(self.order_id, lambda o: o.accept(by.now, worker_no=self.worker_no, by=by.actor.name)))


@dataclass(frozen=True, kw_only=True)
class CheckIn(Command):
    """上门签到。"""

    ROLES: ClassVar = CASEWORKERS
    order_id: OrderId
    place: Place = None

    def decide(self, by: Decision) -> Decided:
        return (yield from _on(self.order_id, lambda o: o.check_in(by.now, place=self.place, by=by.actor.name)))


@dataclass(frozen=True, kw_only=True)
class CheckOut(Command):
    """服务完成签退：时长自签到起算，按整单位计。"""

    ROLES: ClassVar = CASEWORKERS
    order_id: OrderId
    place: Place = None

    def decide(self, by: Decision) -> Decided:
        return (yield from _on(self.order_id, lambda o: o.check_out(by.now, place=self.place, by=by.actor.name)))


@dataclass(frozen=True, kw_only=True)
class ConfirmOrder(Command):
    """确认服务：由本人、家属确认或回访确认并评价；只确认一次。"""

    ROLES: ClassVar = CASEWORKERS
    order_id: OrderId
    rating: Annotated[ServiceRating, Doc("服务评价")]
    confirmed_by: Annotated[ConfirmedBy, Doc("由谁确认")]

    def decide(self, by: Decision) -> Decided:
        def confirm(order: ServiceOrder) -> None:
            order.confirm(by.now, rating=self.rating, confirmed_by=self.confirmed_by, by=by.actor.name)

        return (yield from _on(self.order_id, confirm))


@dataclass(frozen=True, kw_only=True)
class SettleOrder(Command):
    """结算服务：按已确认的整单位和单价结算一次；服务当日在机构住养的不能结算。"""

    ROLES: ClassVar = FINANCE
    order_id: OrderId
    invoice_no: Annotated[str, Doc("结算单号")]

    def decide(self, by: Decision) -> Decided:
        order: ServiceOrder = yield Load(ServiceOrder, self.order_id)
        stays: dict[UUID, Stay] = yield LoadTagged(Stay, (f"person:{order.person_id}",))
        day = order.planned_on
        if day is not None and any(stay.there_on(day) for stay in stays.values()):
            raise RuleViolated(f"{day} 此人在养老机构住养，居家服务费用不能结算；请核实服务是否真实。")
        order.settle(by.now, invoice_no=self.invoice_no, by=by.actor.name)
        return (order,)


@dataclass(frozen=True, kw_only=True)
class MissOrder(Command):
    """登记未履约：服务人员未上门或上门未遇。"""

    ROLES: ClassVar = CASEWORKERS
    order_id: OrderId
    reason: Annotated[OrderEnd, Doc("原因")]

    def decide(self, by: Decision) -> Decided:
        return (yield from _on(self.order_id, lambda o: o.miss(by.now, reason=self.reason, by=by.actor.name)))


@dataclass(frozen=True, kw_only=True)
class CancelOrder(Command):
    """取消服务工单：服务开始前。"""

    ROLES: ClassVar = CASEWORKERS
    order_id: OrderId
    reason: Annotated[OrderEnd, Doc("原因")]

    def decide(self, by: Decision) -> Decided:
        order: ServiceOrder = yield Load(ServiceOrder, self.order_id)
        order.cancel(by.now, reason=self.reason, effective_on=by.today, by=by.actor.name)
        if not order.pending_events:
            raise RuleViolated(f"服务工单现为“{order.state.label}”，不能取消。")
        return (order,)


@dataclass(frozen=True, kw_only=True)
class SuspendOrder(Command):
    """暂停服务工单：住院等。"""

    ROLES: ClassVar = CASEWORKERS
    order_id: OrderId
    reason: Annotated[OrderEnd, Doc("原因")]

    def decide(self, by: Decision) -> Decided:
        order: ServiceOrder = yield Load(ServiceOrder, self.order_id)
        order.suspend(by.now, reason=self.reason, effective_on=by.today, by=by.actor.name)
        if not order.pending_events:
            raise RuleViolated(f"服务工单现为“{order.state.label}”，不能暂停。")
        return (order,)


@dataclass(frozen=True, kw_only=True)
class ResumeOrder(Command):
    """恢复服务工单：重新约定服务日期。"""

    ROLES: ClassVar = CASEWORKERS
    order_id: OrderId
    planned_on: Annotated[date, Doc("重新约定的服务日期")]

    def decide(self, by: Decision) -> Decided:
        def resume(order: ServiceOrder) -> None:
            order.resume(by.now, planned_on=self.planned_on, by=by.actor.name)

        return (yield from _on(self.order_id, resume))


@dataclass(frozen=True, kw_only=True)
class RecordSupportService(Command):
    """登记助残助老服务：辅助器具适配、家庭无障碍和适老化改造、康复、托养。"""

    ROLES: ClassVar = CASEWORKERS
    person_id: Annotated[UUID, Doc("人员标识")]
    kind: Annotated[SupportKind, Doc("种类")]
    item: Annotated[str, Doc("器具、改造或服务内容，加密保存")]
    provider: Annotated[str, Doc("服务单位")]
    given_on: Annotated[date, Doc("服务日期")]
    cost_fen: Annotated[int, Doc("费用（分）")]
    fund_source: Annotated[FundSource, Doc("资金来源")]
    times: Annotated[int, Doc("人次")] = 1

    def decide(self, by: Decision) -> Decided:
        person: Person = yield Load(Person, self.person_id)
        given = SupportService.give(
            by.new_id,
            by.now,
            person_id=person.id,
            kind=self.kind,
            item=self.item,
            provider=self.provider,
            times=self.times,
            cost_fen=self.cost_fen,
            fund_source=self.fund_source,
            division_code=person.division_code,
            effective_on=self.given_on,
            by=by.actor.name,
        )
        return (given,)


@dataclass(frozen=True, kw_only=True)
class CorrectSupportService(Command):
    """更正服务记录的人次、费用或资金来源；原记录仍可查。"""

    ROLES: ClassVar = OFFICIALS
    support_id: Annotated[UUID, Doc("服务记录标识")]
    times: Annotated[int, Doc("更正后的人次")]
    cost_fen: Annotated[int, Doc("更正后的费用（分）")]
    fund_source: Annotated[FundSource, Doc("更正后的资金来源")]
    reason: Annotated[str, Doc("更正的原因，不写个人信息")]

    def decide(self, by: Decision) -> Decided:
        support: SupportService = yield Load(SupportService, self.support_id)
        support.correct(
            by.now,
            times=self.times,
            cost_fen=self.cost_fen,
            fund_source=self.fund_source,
            reason=self.reason,
            by=by.actor.name,
        )
        return (support,)


@dataclass(frozen=True, kw_only=True)
class VoidSupportService(Command):
    """撤销误登记的服务记录。"""

    ROLES: ClassVar = OFFICIALS
    support_id: Annotated[UUID, Doc("服务记录标识")]
    reason: Annotated[str, Doc("撤销的原因，不写个人信息")]

    def decide(self, by: Decision) -> Decided:
        support: SupportService = yield Load(SupportService, self.support_id)
        support.void(by.now, reason=self.reason, by=by.actor.name)
        return (support,)


def _on(order_id: UUID, act: Callable[[ServiceOrder], None]) -> Decided:
    order: ServiceOrder = yield Load(ServiceOrder, order_id)
    act(order)
    return (order,)
