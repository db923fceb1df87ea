"""X16: a social organisation may not simply go on, and people depend on what it does.

What is certain the rule does by itself: contracts are held (nothing new is signed with it anyway), ventures of one that
no longer exists end. Who serves its clients from now on is for people to settle within a day, and for the district
after that.
"""

from collections.abc import Generator
from typing import Any, ClassVar
from uuid import UUID

from domain.access import Area, RoleCode
from domain.care import ServiceOrder, Stay
from domain.care.order import BEFORE_SERVICE
from domain.codes import FacilityState, OrgState, ProcessCode, VentureState
from domain.kernel import Aggregate, Decided, Decision, Load, LoadMany, LoadTagged, Wish
from domain.processes.duty import Duty
from domain.processes.process import Process, Trigger, changed, hours
from domain.procurement import Organisation, Purchase, Venture
from domain.registry import Facility
from domain.registry.operators import FacilitiesRunBy

_IN_DOUBT = frozenset({OrgState.ABNORMAL, OrgState.DEREGISTERED, OrgState.REVOKED})
_GONE = frozenset({OrgState.DEREGISTERED, OrgState.REVOKED})
_OPEN_VENTURES = frozenset({VentureState.PROPOSED, VentureState.SELECTED, VentureState.RUNNING})
_DISTRICT = 6
"""Digits of a district's code."""


class OrganisationInDoubt(Process):
    """X16"""

    CODE: ClassVar = ProcessCode.ORG_IN_DOUBT
    ON: ClassVar = (
        *(Organisation.ListedAbnormal, Organisation.Deregistered, Organisation.Revoked),
        *(Organisation.Unlisted, Organisation.Reinstated),
        *(Purchase.HandedOver, Purchase.Terminated, Purchase.Closed, Venture.Withdrawn, Venture.Finished),
        *(Facility.DetailsChanged, Facility.StatusChanged),
    )
    MUST: ClassVar = "在履行的合同暂停付款，撤销、注销的创投项目撤项，其服务对象另行安排"
    LIMIT: ClassVar = "24 小时"
    FAILS: ClassVar = "逾期由区接管安排"
    AREA: ClassVar = Area.PROCUREMENT

    def react(self, trigger: Trigger, by: Decision) -> Decided:
        event = trigger.event
        if isinstance(event, (Facility.DetailsChanged, Facility.StatusChanged)):
            return (yield from self._facility_changed(event, by))
        if isinstance(event, (Purchase.HandedOver, Purchase.Terminated, Purchase.Closed)):
            purchase: Purchase = yield Load(Purchase, event.originator_id)
            former = event.former_id if isinstance(event, Purchase.HandedOver) else purchase.organisation_id
            return (yield from self._settled(former, by))
        if isinstance(event, (Venture.Withdrawn, Venture.Finished)):
            venture: Venture = yield Load(Venture, event.originator_id)
            return (yield from self._settled(venture.organisation_id, by))
        organisation: Organisation = yield Load(Organisation, event.originator_id)
        if organisation.state in _IN_DOUBT:
            return (yield from self._in_doubt(trigger, organisation, by))
        if organisation.in_good_standing(by.today):
            return (yield from self._back(organisation, by))
        return ()

    def _in_doubt(
        self, trigger: Trigger, organisation: Organisation, by: Decision
    ) -> Generator[Wish, Any, tuple[Aggregate, ...]]:
        history = trigger.is_history(by)
        purchases, ventures = yield from _of(organisation.id)
        for purchase in purchases:
            due = None if history else by.due("procurement.take_over", purchase.division_code)
            purchase.hold(by.now, standing=organisation.state, take_over_by=due, by=by.actor.name)
        if history:
            return changed(*purchases)
        if organisation.state in _GONE:
            for venture in ventures:
                venture.withdraw(by.now, reason=f"承办机构{organisation.state.label}", by=by.actor.name)
        waiting = sum(each.held is not None for each in purchases)
        running = sum(each.state in _OPEN_VENTURES for each in ventures)
        duties: list[Duty] = []
        if waiting or running:
            task = (
                f"“{organisation.name}”{organisation.state.label}：{waiting} 个合同、{running} 个创投项目须落实接续服务"
            )
            duties.append(self._duty(trigger, by, f"organisation:{organisation.id}", task, organisation.division_code))
        duties += yield from self._clients(trigger, organisation, by)
        return (*changed(*purchases, *ventures), *duties)

    def _clients(
        self, trigger: Trigger, organisation: Organisation, by: Decision
    ) -> Generator[Wish, Any, tuple[Duty, ...]]:
        """One duty for each facility that it runs and where anybody lives, is looked after or waits for a service."""
        district = organisation.division_code[:_DISTRICT]
        ids: tuple[UUID, ...] = yield FacilitiesRunBy(district, organisation.name)
        facilities: dict[UUID, Facility] = yield LoadMany(Facility, ids)
        asked = []
        for facility in facilities.values():
            stays: dict[UUID, Stay] = yield LoadTagged(Stay, (f"facility:{facility.id}",))
            orders: dict[UUID, ServiceOrder] = yield LoadTagged(ServiceOrder, (f"facility:{facility.id}",))
            there = {stay.person_id for stay in stays.values() if stay.open}
            ahead = [order for order in orders.values() if order.state in BEFORE_SERVICE]
            clients = len(there | {order.person_id for order in ahead})
            if clients:
                task = (
                    f"运营方“{organisation.name}”{organisation.state.label}：“{facility.name}”的 {clients} 名服务对象"
                    f"（{len(ahead)} 个未完成工单）须另行安排或变更运营方"
                )
                asked.append(self._duty(trigger, by, f"facility:{facility.id}", task, facility.division_code))
        return tuple(asked)

    def _duty(self, trigger: Trigger, by: Decision, subject: str, task: str, division_code: str) -> Duty:
        at_district = len(division_code) <= _DISTRICT
        return self.ask(
            trigger,
            by,
            subject,
            task,
            hours(by, "processes.clients_reassigned", division_code),
            role=RoleCode.DISTRICT_CLERK if at_district else RoleCode.STREET_OFFICER,
            division_code=division_code,
        )

    def _back(self, organisation: Organisation, by: Decision) -> Generator[Wish, Any, tuple[Aggregate, ...]]:
        """In good standing again: contracts go on; a venture that ended is proposed anew."""
        purchases, _ = yield from _of(organisation.id)
        for purchase in purchases:
            purchase.release(by.now, reason="承接主体已恢复正常", by=by.actor.name)
        district = organisation.division_code[:_DISTRICT]
        ids: tuple[UUID, ...] = yield FacilitiesRunBy(district, organisation.name)
        tags = (f"organisation:{organisation.id}", *(f"facility:{id}" for id in ids))
        duties: dict[UUID, Duty] = yield LoadTagged(Duty, tags)
        for duty in duties.values():
            if duty.process is self.CODE:
                duty.drop(by.now, reason="该组织已恢复正常")
        return changed(*purchases, *duties.values())

    def _settled(self, organisation_id: UUID, by: Decision) -> Generator[Wish, Any, tuple[Aggregate, ...]]:
        duties: dict[UUID, Duty] = yield LoadTagged(Duty, (f"organisation:{organisation_id}",))
        mine = [duty for duty in duties.values() if duty.process is self.CODE and duty.open]
        if not mine:
            return ()
        purchases, ventures = yield from _of(organisation_id)
        if any(each.held is not None for each in purchases) or any(each.state in _OPEN_VENTURES for each in ventures):
            return ()
        for duty in mine:
            duty.fulfil(by.now, result="合同和创投项目均已移交、终止或办结")
        return changed(*mine)

    def _facility_changed(
        self, event: Facility.DetailsChanged | Facility.StatusChanged, by: Decision
    ) -> Generator[Wish, Any, tuple[Aggregate, ...]]:
        """Another operator, or none any more: the clients are seen to."""
        if isinstance(event, Facility.DetailsChanged):
            result = "已变更运营方" if event.operator is not None else ""
        else:
            result = "该设施已关停" if event.state is FacilityState.CLOSED else ""
        if not result:
            return ()
        duties: dict[UUID, Duty] = yield LoadTagged(Duty, (f"facility:{event.originator_id}",))
        for duty in duties.values():
            if duty.process is self.CODE:
                duty.fulfil(by.now, result=result)
        return changed(*duties.values())


def _of(organisation_id: UUID) -> Generator[Wish, Any, tuple[tuple[Purchase, ...], tuple[Venture, ...]]]:
    """What an organisation does under contract or as a venture, over or not, by their ids."""
    tag = f"organisation:{organisation_id}"
    bought: dict[UUID, Purchase] = yield LoadTagged(Purchase, (tag,))
    tried: dict[UUID, Venture] = yield LoadTagged(Venture, (tag,))
    purchases = sorted((p for p in bought.values() if p.organisation_id == organisation_id), key=lambda p: p.id)
    open_ones = (v for v in tried.values() if v.organisation_id == organisation_id and v.state in _OPEN_VENTURES)
    return tuple(purchases), tuple(sorted(open_ones, key=lambda venture: venture.id))


__all__ = ["OrganisationInDoubt"]
