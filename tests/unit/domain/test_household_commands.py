"""Decisions about households and divisions: one success each, and every refusal."""

from datetime import date
from uuid import uuid4

import pytest

from domain.codes import HouseholdKind, Relation
from domain.errors import BadInput
from domain.registry import Division, Household, Person
from domain.registry.commands import (
    ChangeHouseholdHead,
    CloseDivision,
    DissolveHousehold,
    FormHousehold,
    JoinHousehold,
    LeaveHousehold,
    OpenDivision,
    RelocateHousehold,
)
from tests.unit.domain.samples import OTHER_VILLAGE, VILLAGE, household, on, person
from tests.unit.domain.specification import given

DAY = date(2015, 12, 1)


def dissolved() -> Household:
    formed = household(person())
    formed.dissolve(on("2015-10-01"), from_on=date(2015, 10, 1))
    return formed


def dead() -> Person:
    who = person()
    who.confirm_death(on("2015-11-10"), died_on=date(2015, 11, 3), confirmed_by="证明")
    return who


class TestFormHousehold:
    def test_with_its_head(self) -> None:
        head = person()
        command = FormHousehold(kind=HouseholdKind.CO_LIVING, head_id=head.id, division_code=VILLAGE)
        formed = given(head).when(command).then(Household.Created, Household.MemberJoined, relation=Relation.HEAD)
        assert (formed.head_id, formed.members) == (head.id, {head.id: Relation.HEAD})

    def test_with_a_dead_head_is_refused(self) -> None:
        head = dead()
        command = FormHousehold(kind=HouseholdKind.CO_LIVING, head_id=head.id, division_code=VILLAGE)
        given(head).when(command).refused("已死亡")

    def test_in_an_unknown_division_is_refused(self) -> None:
        head = person()
        command = FormHousehold(kind=HouseholdKind.CO_LIVING, head_id=head.id, division_code="4407")
        given(head).when(command).refused("不是江海区", BadInput)


class TestMembers:
    def test_joining(self) -> None:
        head, child = person(), person(citizen_id=None)
        formed = household(head)
        command = JoinHousehold(household_id=formed.id, person_id=child.id, relation=Relation.SON, effective_on=DAY)
        given(formed, child).when(command).then(Household.MemberJoined, person_id=child.id)
        assert formed.members[child.id] is Relation.SON

    def test_joining_is_refused(self) -> None:
        head, other, late = person(), person(), dead()
        formed, gone = household(head), dissolved()

        def join(where: Household, who: Person, relation: Relation) -> JoinHousehold:
            return JoinHousehold(household_id=where.id, person_id=who.id, relation=relation, effective_on=DAY)

        world = given(formed, gone, head, other, late)
        world.when(join(formed, head, Relation.SON)).refused("已是该家庭成员")
        world.when(join(formed, other, Relation.HEAD)).refused("已有户主")
        world.when(join(gone, other, Relation.SON)).refused("注销")
        world.when(join(formed, late, Relation.SON)).refused("已死亡")

    def test_leaving(self) -> None:
        head, child = person(), person()
        formed = household(head, child)
        command = LeaveHousehold(household_id=formed.id, person_id=child.id, reason="出嫁", effective_on=DAY)
        given(formed).when(command).then(Household.MemberLeft, reason="出嫁")
        assert child.id not in formed.members

    def test_the_last_head_may_leave(self) -> None:
        head = person()
        formed = household(head)
        command = LeaveHousehold(household_id=formed.id, person_id=head.id, reason="死亡", effective_on=DAY)
        given(formed).when(command).then(Household.MemberLeft)
        assert formed.head_id is None

    def test_leaving_is_refused(self) -> None:
        head, child = person(), person()
        formed, gone = household(head, child), dissolved()

        def leave(where: Household, who: Person) -> LeaveHousehold:
            return LeaveHousehold(household_id=where.id, person_id=who.id, reason="x", effective_on=DAY)

        world = given(formed, gone)
        world.when(leave(formed, head)).refused("请先变更户主")
        world.when(leave(formed, person())).refused("不是该家庭成员")
        world.when(leave(gone, head)).refused("注销")

    def test_another_head(self) -> None:
        head, child = person(), person()
        formed = household(head, child)
        command = ChangeHouseholdHead(household_id=formed.id, person_id=child.id, effective_on=DAY)
        given(formed).when(command).then(Household.HeadChanged, head_id=child.id, former_head_id=head.id)
        assert formed.members == {head.id: Relation.OTHER, child.id: Relation.HEAD}

    def test_another_head_is_refused(self) -> None:
        head = person()
        formed, gone = household(head), dissolved()
        world = given(formed, gone)
        for where, who, text in ((formed, head.id, "已是户主"), (formed, uuid4(), "不是"), (gone, head.id, "注销")):
            command = ChangeHouseholdHead(household_id=where.id, person_id=who, effective_on=DAY)
            world.when(command).refused(text)


class TestRelocateAndDissolve:
    def test_relocating(self) -> None:
        formed = household(person())
        command = RelocateHousehold(household_id=formed.id, division_code=OTHER_VILLAGE, address="二巷", moved_on=DAY)
        given(formed).when(command).then(Household.Relocated, from_division_code=VILLAGE)
        assert (formed.division_code, formed.address) == (OTHER_VILLAGE, "二巷")

    def test_relocating_is_refused(self) -> None:
        formed, gone = household(person()), dissolved()
        world = given(formed, gone)
        same = RelocateHousehold(household_id=formed.id, division_code=VILLAGE, moved_on=DAY)
        world.when(same).refused("相同")
        ended = RelocateHousehold(household_id=gone.id, division_code=OTHER_VILLAGE, moved_on=DAY)
        world.when(ended).refused("注销")
        away = RelocateHousehold(household_id=formed.id, division_code="440703002", moved_on=DAY)
        world.when(away).refused("不是江海区", BadInput)

    def test_dissolving(self) -> None:
        formed = household(person())
        given(formed).when(DissolveHousehold(household_id=formed.id, from_on=DAY)).then(Household.Dissolved)
        assert (formed.members, formed.head_id, formed.dissolved_on) == ({}, None, DAY)

    def test_dissolving_twice_is_refused(self) -> None:
        gone = dissolved()
        given(gone).when(DissolveHousehold(household_id=gone.id, from_on=DAY)).refused("已于 2015-10-01 注销")


class TestDivisions:
    def test_a_new_village(self) -> None:
        command = OpenDivision(code="440704004299", name="新麻村委会", from_on=date(2016, 1, 1))
        opened = given().when(command).then(Division.Created, kind="village", parent_code="440704004")
        assert opened.division_code == "440704004299"

    def test_opening_is_refused(self) -> None:
        used = OpenDivision(code=VILLAGE, name="麻三村委会", from_on=DAY)
        given().when(used).refused("已在用")
        for code, name in (("44070400429", "x"), ("440704009001", "x"), ("440704004299", " ")):
            given().when(OpenDivision(code=code, name=name, from_on=DAY)).refused("", BadInput)

    def test_closing(self) -> None:
        opened = Division.open(
            uuid4(), on("2009-01-01"), code=VILLAGE, name="麻三", parent_code=VILLAGE[:9], kind="village", from_on=DAY
        )
        command = CloseDivision(division_id=opened.id, from_on=DAY)
        given(opened).when(command).then(Division.Closed)
        given(opened).when(command).refused("不能再次撤销")


@pytest.mark.parametrize("relation", [Relation.HEAD, Relation.SELF])
def test_whoever_joins_as_head_is_head(relation: Relation) -> None:
    formed = household()
    who = uuid4()
    formed.report_member(on("2015-01-01"), person_id=who, relation=relation, effective_on=DAY)
    assert formed.head_id == who
