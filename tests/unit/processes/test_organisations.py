"""X16: an organisation may not simply go on; its contracts wait, and its clients are somebody's to see to."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.access import RoleCode
from domain.care import ServiceOrder, Stay
from domain.clock import at
from domain.codes import (
    AbnormalReason,
    DutyState,
    FundSource,
    HomeService,
    OrgState,
    Payer,
    ProcessCode,
    StayKind,
    VentureState,
)
from domain.procurement import Organisation, Purchase, Venture
from domain.procurement.contract import Party
from domain.registry import Facility
from domain.registry.operators import FacilitiesRunBy
from tests.unit.domain.care_samples import facility
from tests.unit.domain.purchases import CODE, STREET_CODE, registered, signed
from tests.unit.domain.samples import VILLAGE
from tests.unit.processes.district import TODAY, District

X16 = ProcessCode.ORG_IN_DOUBT


class World:
    """A centre with a contract, a venture and a home for the elderly with two clients."""

    def __init__(self) -> None:
        self.centre: Organisation = registered()
        self.contract: Purchase = signed(organisation=self.centre.id)
        self.venture = venture(self.centre.id)
        self.home: Facility = facility(operator=self.centre.name)
        self.district = District(readers={FacilitiesRunBy: self.run_by})

    async def run_by(self, wish: FacilitiesRunBy) -> tuple[UUID, ...]:
        assert wish.operator == self.centre.name
        return (self.home.id,)

    async def there(self) -> "World":
        """All of it is known."""
        here = {"facility_id": self.home.id, "division_code": VILLAGE, "payer": Payer.SELF}
        stay = Stay.admit(
            uuid4(),
            at(TODAY, 8),
            person_id=uuid4(),
            admission_no="A1",
            kind=StayKind.RESIDENT,
            effective_on=date(2015, 6, 1),
            **here,
        )
        order = ServiceOrder.draft(
            uuid4(),
            at(TODAY, 8),
            person_id=uuid4(),
            service=HomeService.OTHER,
            unit_count=1,
            unit_minutes=60,
            price_fen=3_000,
            planned_on=date(2015, 12, 12),
            **here,
        )
        await self.district.has(self.centre, self.contract, self.venture, self.home, stay, order)
        await self.district.run()
        return self

    async def revoked(self) -> None:
        """It loses its registration."""
        centre = await self.district.again(self.centre)
        centre.revoke(at(TODAY, 9), reason="违法", letter_no="江民撤1号", heard=True, by="district")
        await self.district.has(centre)
        await self.district.run()

    async def listed(self) -> None:
        """It comes onto the list of abnormal ones."""
        centre = await self.district.again(self.centre)
        centre.list_abnormal(at(TODAY, 9), reason=AbnormalReason.OTHER, letter_no="江民异1号", by="district")
        await self.district.has(centre)
        await self.district.run()

    async def duty(self, kind: str) -> Any:
        (found,) = [d for d in await self.district.duties(X16) if d.subject.startswith(kind)]
        return found


def venture(centre: UUID) -> Venture:
    """A project of the centre that runs."""
    said: dict[str, Any] = {"title": "幸福院", "beneficiaries": "老人", "asked_fen": 5_000_000}
    made = Venture.propose(
        uuid4(), at(date(2015, 3, 1)), organisation_id=centre, division_code=VILLAGE, by="甲", **said
    )
    grant: dict[str, Any] = {"source": FundSource.LOTTERY, "basis": "评审", "finish_by": date(2016, 12, 31)}
    made.select(at(date(2015, 3, 2)), granted_fen=4_000_000, by="乙", **grant)
    made.start(at(date(2015, 3, 3)), by="乙")
    return made


def handed_over(contract: Purchase) -> None:
    """To another organisation."""
    contract.hand_over(
        at(TODAY, 12), party=Party(uuid4(), CODE, local=True, social_work=True), basis="协议", by="other"
    )


@pytest.fixture
async def world() -> World:
    return await World().there()


async def test_revoked_contracts_are_held_ventures_end_and_clients_are_seen_to_within_a_day(world: World) -> None:
    await world.revoked()
    held = await world.district.again(world.contract)
    assert held.held is OrgState.REVOKED
    assert (await world.district.again(world.venture)).state is VentureState.WITHDRAWN
    contract, clients = await world.duty("organisation:"), await world.duty("facility:")
    assert contract.due_at == clients.due_at == at(TODAY, 9) + timedelta(hours=24)
    assert (contract.division_code, clients.division_code) == (STREET_CODE, VILLAGE)
    tasks = [event.gist() for event in await world.district.events(type(contract).Created)]
    assert any("1 个合同、0 个创投项目" in task for task in tasks)
    assert any("2 名服务对象（1 个未完成工单）" in task for task in tasks)
    head = await world.district.log.head()
    assert (await (await world.district.anew()).run(), await world.district.log.head()) == (0, head)


async def test_after_a_day_the_district_takes_over(world: World) -> None:
    await world.revoked()
    assert await world.district.pass_to(date(2015, 12, 11), 8) == 0
    assert await world.district.pass_to(date(2015, 12, 11), 9) == 2
    late: Iterable[Any] = await world.district.duties(X16)
    assert {(duty.role, duty.division_code) for duty in late} == {(RoleCode.DISTRICT_CLERK, "440704")}


async def test_another_organisation_and_another_operator_are_what_was_asked_for(world: World) -> None:
    await world.revoked()
    contract = await world.district.again(world.contract)
    handed_over(contract)
    home = await world.district.again(world.home)
    home.report_details(at(TODAY, 12), operator="江海区阳光社工中心", effective_on=TODAY)
    await world.district.has(contract, home)
    await world.district.run()
    assert [duty.state for duty in await world.district.duties(X16)] == [DutyState.DONE, DutyState.DONE]


async def test_listed_as_abnormal_its_venture_goes_on_and_back_in_order_everything_does(world: World) -> None:
    await world.listed()
    assert (await world.district.again(world.contract)).held is OrgState.ABNORMAL
    assert (await world.district.again(world.venture)).state is VentureState.RUNNING
    centre = await world.district.again(world.centre)
    centre.unlist(at(TODAY, 15), reason="已整改", by="district")
    await world.district.has(centre)
    await world.district.run()
    assert (await world.district.again(world.contract)).held is None
    assert [duty.state for duty in await world.district.duties(X16)] == [DutyState.VOID, DutyState.VOID]


async def test_a_contract_settled_while_a_venture_still_runs_is_not_all(world: World) -> None:
    await world.listed()
    contract = await world.district.again(world.contract)
    handed_over(contract)
    await world.district.has(contract)
    await world.district.run()
    assert (await world.duty("organisation:")).state is DutyState.OPEN
    project = await world.district.again(world.venture)
    project.withdraw(at(TODAY, 16), reason="承办机构异常", by="乙")
    await world.district.has(project)
    await world.district.run()
    assert (await world.duty("organisation:")).state is DutyState.DONE


async def test_history_holds_what_still_runs_and_asks_nobody(world: World) -> None:
    centre = await world.district.again(world.centre)
    old = date(2015, 6, 1)
    centre.report_state(at(old), state=OrgState.REVOKED, reason="登记机关报送", effective_on=old)
    await world.district.has(centre, source="procurement")
    await world.district.run()
    (held,) = await world.district.events(Purchase.Held)
    assert held.take_over_by is None  # type: ignore[attr-defined]
    assert await world.district.duties(X16) == []
    assert (await world.district.again(world.venture)).state is VentureState.RUNNING
