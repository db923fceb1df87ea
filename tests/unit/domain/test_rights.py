"""Rights: granted by somebody else, from a day on, withdrawn at once; deputies for a time."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.access import Actor, RoleCode, account_id
from domain.errors import BadInput, Forbidden, NotFound
from domain.kernel import Command
from domain.rights import Account, EndDeputy, GrantRight, NameDeputy, WithdrawRight
from tests.unit.domain.samples import on
from tests.unit.domain.specification import NOW, Given, assert_replays, given

ADMIN = Actor("安全管理员", RoleCode.SECURITY_ADMIN, "440704")
STREET = "440704004"
TODAY = NOW.date()


def grant(**fields: Any) -> GrantRight:
    """A street officer's right from today on, unless told otherwise."""
    base = {"account": "乙", "granted_role": RoleCode.STREET_OFFICER, "division_code": STREET, "from_on": TODAY}
    return GrantRight(**{**base, "basis": "任命〔2015〕3号", **fields})


def account(name: str = "乙", **fields: Any) -> Account:
    """An account with one right, a street officer's from 1 December 2015 unless told otherwise."""
    made = Account.open(on("2015-12-01"), account=name, division_code="440704")
    right = {"role": RoleCode.STREET_OFFICER, "division_code": STREET, "department": "civil_affairs", "to_on": None}
    made.grant(
        on("2015-12-01"),
        right_id=uuid4(),
        from_on=date(2015, 12, 1),
        basis="任命",
        visitor_until=date(2016, 3, 1),
        **{**right, **fields},  # type: ignore[arg-type]
    )
    return made


def officer(name: str = "乙", division: str = STREET, **fields: Any) -> Actor:
    return Actor(name, **{"role": RoleCode.STREET_OFFICER, "division_code": division, **fields})


class TestGranting:
    def test_the_first_right_opens_the_account(self) -> None:
        right = uuid4()
        made = given().when(grant(), ADMIN, new_id=right).then(Account.Created, Account.RightGranted, right_id=right)
        assert made.id == account_id("乙")
        assert made.may(officer(), TODAY)
        assert_replays(made)

    def test_a_further_right_stands_beside_it(self) -> None:
        one = account()
        command = grant(granted_role=RoleCode.GRID_WORKER, division_code="440704004203", to_on=date(2015, 12, 31))
        made = given(one).when(command, ADMIN).then(Account.RightGranted, to_on=date(2015, 12, 31))
        grid = officer(division="440704004203", role=RoleCode.GRID_WORKER)
        assert made.may(grid, date(2015, 12, 31))
        assert not made.may(grid, date(2016, 1, 1))
        assert made.may(officer(), date(2016, 1, 1))

    def test_nobody_grants_to_themselves_nor_to_whom_they_stand_in_for(self) -> None:
        given().when(grant(account=ADMIN.name), ADMIN).refused("不能给自己授予权限", Forbidden)
        standing_in = Actor("代办", RoleCode.SECURITY_ADMIN, "440704", acts_for="乙")
        given().when(grant(), standing_in).refused("不能给自己授予权限", Forbidden)
        one = account()
        one.name_deputy(NOW, deputation_id=uuid4(), deputy=ADMIN.name, from_on=TODAY, to_on=TODAY, basis="休假")
        given(one).when(grant(), ADMIN).refused("不能给自己授予权限", Forbidden)
        naming = NameDeputy(account="乙", deputy=ADMIN.name, from_on=TODAY, to_on=TODAY, basis="休假")
        given(account()).when(naming, ADMIN).refused("指定自己代办", Forbidden)

    @pytest.mark.parametrize(
        ("fields", "text"),
        [
            ({"from_on": date(2015, 12, 9)}, "不能追溯授予"),
            ({"to_on": date(2015, 12, 9)}, "末日早于首日"),
            ({"basis": " "}, "须写明依据"),
            ({"account": " 乙"}, "前后不能有空格"),
            ({"granted_role": RoleCode.VISITOR}, "必须有末日，最晚至 2016-03-11"),
            ({"granted_role": RoleCode.VISITOR, "to_on": date(2016, 3, 12)}, "最晚至 2016-03-11"),
        ],
    )
    def test_what_no_right_can_be(self, fields: dict[str, Any], text: str) -> None:
        given().when(grant(**fields), ADMIN).refused(text)

    def test_three_watch_over_each_other_and_nobody_is_two_of_them(self) -> None:
        text = "须由三个人分别担任"
        given(account()).when(grant(granted_role=RoleCode.AUDIT_ADMIN, division_code="440704"), ADMIN).refused(text)
        keeper = account(role=RoleCode.AUDIT_ADMIN, division_code="440704")
        given(keeper).when(grant(), ADMIN).refused(text)
        given(keeper).when(grant(granted_role=RoleCode.ADMINISTRATOR, division_code="440704"), ADMIN).refused(text)
        naming = NameDeputy(account="乙", deputy="丙", from_on=TODAY, to_on=TODAY, basis="休假")
        given(keeper).when(naming, ADMIN).refused("不能由他人代办")
        once = account(to_on=date(2015, 12, 5))
        given(once).when(grant(granted_role=RoleCode.AUDIT_ADMIN), ADMIN).then(Account.RightGranted)

    def test_only_known_divisions_and_departments_and_only_the_granters_own(self) -> None:
        given().when(grant(division_code="440703"), ADMIN).refused("不是江海区", BadInput)
        given().when(grant(department="x"), ADMIN).refused("部门", BadInput)
        street = Actor("街道管理员", RoleCode.ADMINISTRATOR, "440704005")
        given().when(grant(), street).refused("不在您的管辖范围内", Forbidden)

    def test_a_right_covers_its_subtree_in_its_role_and_department(self) -> None:
        one = account()
        assert one.may(officer(division="440704004203"), TODAY)
        assert not one.may(officer(division="440704"), TODAY)
        assert not one.may(officer(division="440704005"), TODAY)
        assert not one.may(officer(department="finance"), TODAY)
        assert not one.may(officer(role=RoleCode.DISTRICT_CLERK), TODAY)
        assert not one.may(officer(), date(2015, 11, 30))


class TestWithdrawing:
    def test_one_right_at_once(self) -> None:
        one = account()
        one.grant(
            on("2015-12-02"),
            right_id=UUID(int=7),
            role=RoleCode.GRID_WORKER,
            division_code=STREET,
            department="civil_affairs",
            from_on=date(2015, 12, 2),
            to_on=date(2015, 12, 5),
            basis="兼任",
            visitor_until=date(2016, 1, 1),
        )
        command = WithdrawRight(account="乙", reason="调离", right_id=UUID(int=7))
        # It had run out already: that day stays its last.
        made = given(one).when(command, ADMIN).then(Account.RightWithdrawn, last_on=date(2015, 12, 5))
        assert made.may(officer(), TODAY)
        rest = given(one).when(WithdrawRight(account="乙", reason="离职"), ADMIN)
        assert rest.events[-1].last_on == TODAY  # type: ignore[attr-defined]
        assert not rest.aggregates[0].rights  # type: ignore[attr-defined]

    def test_what_is_not_there_can_not_be_withdrawn(self) -> None:
        wrong = WithdrawRight(account="乙", reason="调离", right_id=uuid4())
        given(account()).when(wrong, ADMIN).refused("没有可以撤销的权限")
        given().when(wrong, ADMIN).refused("nothing there", NotFound)
        given(account()).when(WithdrawRight(account="乙", reason=" "), ADMIN).refused("须写明原因")


class TestDeputies:
    def naming(self, **fields: Any) -> Command:
        base = {"account": "乙", "deputy": "丙", "from_on": TODAY, "to_on": date(2015, 12, 20), "basis": "年休假"}
        return NameDeputy(**{**base, **fields})

    def deputised(self) -> Given:
        one = account()
        named = given(one).when(self.naming(), ADMIN).then(Account.DeputyNamed, deputy="丙")
        return given(named)

    def test_for_a_time(self) -> None:
        (one,) = self.deputised().aggregates.values()
        assert isinstance(one, Account)
        assert one.deputised("丙", date(2015, 12, 20))
        assert not one.deputised("丙", date(2015, 12, 21))
        assert not one.deputised("丁", TODAY)

    def test_and_ended_at_once(self) -> None:
        ending = EndDeputy(account="乙", deputy="丙")
        made = self.deputised().when(ending, ADMIN).then(Account.DeputyEnded, effective_on=TODAY)
        assert not made.deputised("丙", TODAY)
        given(made).when(ending, ADMIN).refused("不是该账号的代办人")

    @pytest.mark.parametrize(
        ("fields", "text"),
        [
            ({"deputy": "乙"}, "应为另一个账号"),
            ({"to_on": date(2015, 12, 9)}, "末日不能早于首日"),
            ({"from_on": date(2015, 12, 1)}, "首日不能早于今天"),
            ({"basis": ""}, "须写明依据"),
        ],
    )
    def test_what_no_deputation_can_be(self, fields: dict[str, Any], text: str) -> None:
        given(account()).when(self.naming(**fields), ADMIN).refused(text)

    def test_without_a_right_there_is_nothing_to_stand_in_for(self) -> None:
        one = account()
        one.withdraw(on("2015-12-02"), right_id=None, reason="离职")
        given(one).when(self.naming(), ADMIN).refused("没有有效权限")
