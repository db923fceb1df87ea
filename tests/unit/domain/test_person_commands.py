"""Decisions about persons: one success each, and every refusal."""

from datetime import date
from uuid import uuid4

import pytest

from domain.access import Actor, RoleCode
from domain.codes import Sex
from domain.errors import BadInput, NotFound
from domain.registry import Person
from domain.registry.commands import (
    ConfirmDeath,
    CorrectPersonDetails,
    MergePersons,
    MovePerson,
    MovePersonOut,
    RegisterPerson,
    ReportDeath,
    ReverseDeath,
    ReversePersonMove,
    UnmergePerson,
    VerifyPerson,
)
from domain.registry.person import PersonState
from tests.unit.domain.samples import CITIZEN_ID, OTHER_VILLAGE, VILLAGE, on, person
from tests.unit.domain.specification import CLERK, given

GRID = Actor("grid", RoleCode.GRID_WORKER, VILLAGE)
DIED = date(2015, 11, 3)


def dead() -> Person:
    who = person()
    who.confirm_death(on("2015-11-10"), died_on=DIED, confirmed_by="死亡医学证明")
    return who


def moved_out() -> Person:
    who = person()
    who.move_out(on("2015-05-01"), to_place="广州市", moved_on=date(2015, 5, 1))
    return who


class TestRegisterPerson:
    def test_with_a_citizen_id_birth_and_sex_come_from_it(self) -> None:
        command = RegisterPerson(name=" 麦某 ", division_code=VILLAGE, citizen_id="110105491231002")
        who = given().when(command).then(Person.Created, name="麦某", birth_on=date(1949, 12, 31), sex=Sex.FEMALE)
        assert (who.state, who.citizen_id) == (PersonState.VERIFIED, CITIZEN_ID)

    def test_without_one_the_person_is_provisional(self) -> None:
        who = given().when(RegisterPerson(name="无名", division_code=VILLAGE)).then(Person.Created, provisional=True)
        assert who.state is PersonState.PROVISIONAL

    def test_a_known_citizen_id_is_refused(self) -> None:
        command = RegisterPerson(name="麦某", division_code=VILLAGE, citizen_id=CITIZEN_ID)
        given(person()).when(command).refused("已登记")

    @pytest.mark.parametrize("other", [{"birth_on": date(1950, 1, 1)}, {"sex": Sex.MALE}])
    def test_particulars_against_the_citizen_id_are_refused(self, other: dict[str, object]) -> None:
        command = RegisterPerson(name="麦某", division_code=VILLAGE, citizen_id=CITIZEN_ID, **other)
        given().when(command).refused("不符")

    @pytest.mark.parametrize(
        ("fields", "text"),
        [
            ({"name": " "}, "姓名不能为空"),
            ({"division_code": "440703002001"}, "不是江海区"),
            ({"citizen_id": "11010519491231002"}, "应为 18 位"),
        ],
    )
    def test_what_cannot_be_understood_is_refused(self, fields: dict[str, str], text: str) -> None:
        command = RegisterPerson(**{"name": "麦某", "division_code": VILLAGE, **fields})
        given().when(command).refused(text, BadInput)

    def test_a_birth_in_the_future_is_refused(self) -> None:
        command = RegisterPerson(name="麦某", division_code=VILLAGE, birth_on=date(2016, 1, 1))
        given().when(command).refused("不能晚于今天")


class TestVerifyPerson:
    def test_a_provisional_person_is_verified(self) -> None:
        who = person(citizen_id=None)
        command = VerifyPerson(person_id=who.id, citizen_id=CITIZEN_ID, match_source="公安户籍")
        given(who).when(command).then(Person.Verified, citizen_id=CITIZEN_ID, state=PersonState.VERIFIED)
        assert (who.birth_on, who.sex, who.state) == (date(1949, 12, 31), Sex.FEMALE, PersonState.VERIFIED)

    def test_a_verified_person_is_refused(self) -> None:
        who = person()
        command = VerifyPerson(person_id=who.id, citizen_id=CITIZEN_ID, match_source="公安户籍")
        given(who).when(command).refused("只有待核实人员")

    def test_another_persons_citizen_id_is_refused(self) -> None:
        who = person(citizen_id=None)
        command = VerifyPerson(person_id=who.id, citizen_id=CITIZEN_ID, match_source="公安户籍")
        given(who, person()).when(command).refused("属于另一条人员记录")

    def test_an_unknown_person_is_not_found(self) -> None:
        command = VerifyPerson(person_id=uuid4(), citizen_id=CITIZEN_ID, match_source="公安户籍")
        given().when(command).refused("nothing", NotFound)


class TestCorrectPersonDetails:
    def test_only_what_is_given_changes(self) -> None:
        who = person(phone="0750-1")
        command = CorrectPersonDetails(person_id=who.id, phone="", corrects_version=1)
        given(who).when(command).then(Person.DetailsChanged, phone="", name=None, corrects_version=1)
        assert (who.name, who.phone) == ("麦某", "")

    @pytest.mark.parametrize(
        ("fields", "text"),
        [
            ({"name": "麦某"}, "无需更正"),
            ({}, "无需更正"),
            ({"name": "麦甲", "corrects_version": 7}, "第 7 条记录不存在"),
        ],
    )
    def test_refusals(self, fields: dict[str, object], text: str) -> None:
        who = person()
        given(who).when(CorrectPersonDetails(person_id=who.id, **fields)).refused(text)

    def test_an_empty_name_is_refused(self) -> None:
        who = person()
        given(who).when(CorrectPersonDetails(person_id=who.id, name=" ")).refused("姓名不能为空", BadInput)

    def test_a_merged_record_is_refused(self) -> None:
        who = person()
        who.merge(on("2015-03-01"), into=person())
        given(who).when(CorrectPersonDetails(person_id=who.id, name="麦甲")).refused("已合并")


class TestDeath:
    def test_a_grid_worker_reports_it(self) -> None:
        who = person()
        command = ReportDeath(person_id=who.id, died_on=DIED, evidence="入户走访")
        given(who).when(command, by=GRID).then(Person.DeathReported, died_on=DIED)
        assert (who.state, who.death_confirmed) == (PersonState.VERIFIED, False)

    def test_a_report_is_refused_twice_and_for_the_future(self) -> None:
        who = dead()
        given(who).when(ReportDeath(person_id=who.id, died_on=DIED, evidence="走访")).refused("无需重复上报")
        alive = person()
        command = ReportDeath(person_id=alive.id, died_on=date(2016, 1, 1), evidence="走访")
        given(alive).when(command).refused("不能晚于今天")

    def test_an_official_confirms_it(self) -> None:
        who = person()
        command = ConfirmDeath(person_id=who.id, died_on=DIED, confirmed_by="死亡医学证明")
        given(who).when(command).then(Person.DeathConfirmed, state=PersonState.DECEASED)
        assert (who.state, who.died_on) == (PersonState.DECEASED, DIED)

    @pytest.mark.parametrize(
        ("who", "died_on", "text"),
        [
            (dead(), DIED, "已经确认"),
            (person(), date(2015, 12, 11), "不能晚于今天"),
            (person(birth_on=date(1949, 12, 31)), date(1949, 12, 30), "早于出生日期"),
        ],
    )
    def test_confirming_is_refused(self, who: Person, died_on: date, text: str) -> None:
        command = ConfirmDeath(person_id=who.id, died_on=died_on, confirmed_by="死亡医学证明")
        given(who).when(command).refused(text)

    def test_confirming_for_a_merged_record_is_refused(self) -> None:
        who = person()
        who.merge(on("2015-03-01"), into=person())
        command = ConfirmDeath(person_id=who.id, died_on=DIED, confirmed_by="死亡医学证明")
        given(who).when(command).refused("已合并")

    def test_a_false_death_is_taken_back(self) -> None:
        who = dead()
        command = ReverseDeath(person_id=who.id, reason="本人到场")
        given(who).when(command).then(Person.DeathReversed, corrects_version=2, state=PersonState.VERIFIED)
        assert (who.state, who.died_on, who.death_confirmed) == (PersonState.VERIFIED, None, False)

    def test_taking_back_shows_the_state_beneath(self) -> None:
        who = moved_out()
        who.confirm_death(on("2015-11-10"), died_on=DIED, confirmed_by="死亡医学证明")
        assert who.state is PersonState.DECEASED
        given(who).when(ReverseDeath(person_id=who.id, reason="误报")).then(
            Person.DeathReversed, state=PersonState.MOVED_OUT
        )
        given(who).when(ReversePersonMove(person_id=who.id, from_on=date(2015, 12, 1))).then(
            Person.MoveReversed, state=PersonState.VERIFIED
        )

    def test_the_living_have_no_death_to_take_back(self) -> None:
        who = person()
        given(who).when(ReverseDeath(person_id=who.id, reason="误报")).refused("没有死亡登记")


class TestMoves:
    def test_within_the_district(self) -> None:
        who = person()
        command = MovePerson(person_id=who.id, to_division_code=OTHER_VILLAGE, moved_on=date(2015, 12, 1))
        given(who).when(command).then(Person.Moved, from_division_code=VILLAGE, to_division_code=OTHER_VILLAGE)
        assert who.division_code == OTHER_VILLAGE

    @pytest.mark.parametrize(("who", "text"), [(dead(), "已确认死亡"), (moved_out(), "已迁出本区"), (person(), "相同")])
    def test_moves_are_refused(self, who: Person, text: str) -> None:
        command = MovePerson(person_id=who.id, to_division_code=VILLAGE, moved_on=date(2015, 12, 1))
        given(who).when(command).refused(text)

    def test_to_an_unknown_division_is_refused(self) -> None:
        who = person()
        command = MovePerson(person_id=who.id, to_division_code="440704009001", moved_on=date(2015, 12, 1))
        given(who).when(command).refused("不是江海区", BadInput)

    def test_out_of_the_district_and_back(self) -> None:
        who = person()
        command = MovePersonOut(person_id=who.id, to_place="广州市", moved_on=date(2015, 12, 1))
        given(who).when(command).then(Person.MovedOut, state=PersonState.MOVED_OUT)
        back = ReversePersonMove(person_id=who.id, from_on=date(2015, 12, 5))
        given(who).when(back).then(Person.MoveReversed, corrects_version=2, state=PersonState.VERIFIED)
        assert who.state is PersonState.VERIFIED

    @pytest.mark.parametrize(("who", "text"), [(dead(), "已确认死亡"), (moved_out(), "已迁出本区")])
    def test_moving_out_is_refused(self, who: Person, text: str) -> None:
        given(who).when(MovePersonOut(person_id=who.id, to_place="广州市", moved_on=DIED)).refused(text)

    def test_nothing_to_take_back(self) -> None:
        who = person()
        given(who).when(ReversePersonMove(person_id=who.id, from_on=DIED)).refused("没有迁出登记")


class TestMerging:
    def test_two_records_of_one_human_being(self) -> None:
        who, into = person(citizen_id=None), person()
        given(who, into).when(MergePersons(from_id=who.id, into_id=into.id)).then(
            Person.Merged, into_id=into.id, state=PersonState.MERGED
        )
        assert (who.state, who.merged_into) == (PersonState.MERGED, into.id)

    def test_un_merging_restores(self) -> None:
        who, into = dead(), person()
        who.merge(on("2015-11-20"), into=into)
        given(who).when(UnmergePerson(person_id=who.id)).then(
            Person.Unmerged, corrects_version=3, into_id=into.id, state=PersonState.DECEASED
        )
        assert (who.state, who.merged_into) == (PersonState.DECEASED, None)

    def test_into_itself_is_refused(self) -> None:
        who = person()
        given(who).when(MergePersons(from_id=who.id, into_id=who.id)).refused("合并到它自己")

    def test_into_a_merged_record_is_refused(self) -> None:
        who, middle, into = person(), person(), person()
        middle.merge(on("2015-11-20"), into=into)
        given(who, middle).when(MergePersons(from_id=who.id, into_id=middle.id)).refused("目标人员记录已被合并")

    def test_a_merged_record_is_refused(self) -> None:
        who, into = person(), person()
        who.merge(on("2015-11-20"), into=into)
        given(who, into).when(MergePersons(from_id=who.id, into_id=into.id)).refused("已合并到另一条")

    def test_two_citizen_ids_are_refused(self) -> None:
        who, into = person(), person(citizen_id="110105199003070012")
        given(who, into).when(MergePersons(from_id=who.id, into_id=into.id)).refused("号码不同")

    def test_nothing_to_take_back(self) -> None:
        who = person()
        given(who).when(UnmergePerson(person_id=who.id), by=CLERK).refused("没有被合并")
