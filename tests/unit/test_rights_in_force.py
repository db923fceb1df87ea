"""What the rights on record mean for whoever comes with a token: the rule, and how soon a change is known."""

from datetime import date, timedelta
from typing import Any

import pytest

from domain.access import SYSTEM, Actor, RoleCode
from domain.clock import at
from domain.errors import Forbidden
from domain.rights import EndDeputy, GrantRight, NameDeputy, WithdrawRight
from infra.codec import EventCodec
from infra.dispatch import Dispatcher
from infra.keys import FileMasterKey, KeyRing
from infra.log import MemoryLog
from infra.rights import Rights
from infra.store import EventStore

ADMIN = Actor("管理员", RoleCode.SECURITY_ADMIN, "440704")
OFFICER = Actor("乙", RoleCode.STREET_OFFICER, "440704004")
DEPUTY = Actor("丙", RoleCode.STREET_OFFICER, "440704004")
VISITOR = Actor("社工", RoleCode.VISITOR, "440704004")


class District:
    """A log in memory, a clock, whoever gives commands, and another process that reads the same log."""

    def __init__(self) -> None:
        log: Any = MemoryLog()
        keyring = KeyRing(log, FileMasterKey(bytes(32)))
        store = EventStore(log, EventCodec(keyring), keyring)
        self.day = date(2016, 1, 11)
        self.dispatcher = Dispatcher(store, self.now)
        self.here = self.dispatcher.rights
        self.elsewhere = Rights(store, self.now)
        self.strict = Rights(store, self.now, strict=True)

    def now(self) -> Any:
        return at(self.day, 9)

    async def grant(self, who: Actor, days: int | None = None, by: Actor = ADMIN) -> None:
        to_on = None if days is None else self.day + timedelta(days=days)
        place = {"division_code": who.division_code, "department": who.department}
        command = GrantRight(
            account=who.name, granted_role=who.role, from_on=self.day, to_on=to_on, basis="任命", **place
        )
        await self.dispatcher.dispatch(command, by)


@pytest.fixture
def district() -> District:
    return District()


async def test_nothing_on_record_is_enough_in_development_and_nothing_in_production(district: District) -> None:
    assert district.here.admitted(OFFICER) is OFFICER
    with pytest.raises(Forbidden, match="没有区划 440704004“街道经办人员”的有效权限"):
        district.strict.admitted(OFFICER)
    await district.grant(OFFICER)
    await district.strict.refresh()
    assert district.strict.admitted(OFFICER) is OFFICER
    assert district.strict.admitted(SYSTEM) is SYSTEM
    with pytest.raises(Forbidden):  # a token that only says so is not the platform itself
        district.strict.admitted(Actor(SYSTEM.name, SYSTEM.role, SYSTEM.division_code))


async def test_a_visitor_needs_a_right_of_their_own_and_it_runs_out(district: District) -> None:
    with pytest.raises(Forbidden, match="没有有效的入户核查权限"):
        district.here.admitted(VISITOR)
    await district.grant(VISITOR, days=10)
    assert district.here.admitted(VISITOR) is VISITOR
    district.day += timedelta(days=11)
    with pytest.raises(Forbidden):
        district.here.admitted(VISITOR)


async def test_nobody_stands_in_for_a_visitor(district: District) -> None:
    await district.grant(VISITOR, days=10)
    days = {"from_on": district.day, "to_on": district.day}
    await district.dispatcher.dispatch(NameDeputy(account=VISITOR.name, deputy="丁", basis="病假", **days), ADMIN)
    with pytest.raises(Forbidden):
        district.here.admitted(Actor("丁", RoleCode.VISITOR, "440704004"))


async def test_a_withdrawal_holds_here_at_once_and_elsewhere_after_a_look(district: District) -> None:
    await district.grant(OFFICER)
    await district.elsewhere.refresh()
    epochs = district.here.epoch, district.elsewhere.epoch
    await district.dispatcher.dispatch(WithdrawRight(account=OFFICER.name, reason="调离"), ADMIN)
    with pytest.raises(Forbidden):
        district.here.admitted(OFFICER)
    assert district.elsewhere.admitted(OFFICER) is OFFICER
    await district.elsewhere.refresh()
    with pytest.raises(Forbidden):
        district.elsewhere.admitted(OFFICER)
    assert (district.here.epoch, district.elsewhere.epoch) > epochs
    # Having had one, the account is not one of which nothing is on record.
    await district.grant(OFFICER)
    assert district.here.admitted(OFFICER) is OFFICER


async def test_remembered_answers_end_with_every_change_and_with_the_day(district: District) -> None:
    await district.here.refresh()
    epoch = district.here.epoch
    await district.here.refresh()
    assert district.here.epoch == epoch
    district.day += timedelta(days=1)
    await district.here.refresh()
    assert district.here.epoch == epoch + 1
    await district.grant(OFFICER)
    assert district.here.epoch > epoch + 1


async def test_a_deputy_acts_for_somebody_and_only_as_far_as_their_right_goes(district: District) -> None:
    await district.grant(OFFICER)
    await district.grant(Actor(DEPUTY.name, RoleCode.GRID_WORKER, "440704004203"))
    days = {"from_on": district.day, "to_on": district.day + timedelta(days=3)}
    await district.dispatcher.dispatch(NameDeputy(account="乙", deputy="丙", basis="休假", **days), ADMIN)
    acting = district.here.admitted(DEPUTY)
    assert (acting.name, acting.acts_for) == ("丙", "乙")
    own = Actor("丙", RoleCode.GRID_WORKER, "440704004203")
    assert district.here.admitted(own).acts_for == ""
    with pytest.raises(Forbidden):
        district.here.admitted(Actor("丙", RoleCode.DISTRICT_CLERK, "440704"))
    with pytest.raises(Forbidden):  # a deputy's deputy stands in for nobody else
        await district.dispatcher.dispatch(NameDeputy(account="乙", deputy="丁", basis="休假", **days), DEPUTY)
    district.day += timedelta(days=4)
    with pytest.raises(Forbidden):
        district.here.admitted(DEPUTY)
    district.day -= timedelta(days=4)
    await district.dispatcher.dispatch(WithdrawRight(account="乙", reason="调离"), ADMIN)
    with pytest.raises(Forbidden):  # there is nothing left to stand in for
        district.here.admitted(DEPUTY)


async def test_a_deputation_ends_at_once(district: District) -> None:
    await district.grant(OFFICER)
    await district.grant(Actor("丙", RoleCode.GRID_WORKER, "440704004203"))
    days = {"from_on": district.day, "to_on": district.day}
    await district.dispatcher.dispatch(NameDeputy(account="乙", deputy="丙", basis="休假", **days), ADMIN)
    await district.dispatcher.dispatch(EndDeputy(account="乙", deputy="丙"), ADMIN)
    with pytest.raises(Forbidden):
        district.here.admitted(DEPUTY)


async def test_whether_anybody_may_grant(district: District) -> None:
    assert not district.here.any_granting()
    await district.grant(Actor("安全员", RoleCode.SECURITY_ADMIN, "440704"), by=SYSTEM)
    assert district.here.any_granting()
    await district.dispatcher.dispatch(WithdrawRight(account="安全员", reason="离任"), ADMIN)
    assert not district.here.any_granting()
