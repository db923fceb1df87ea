"""What sources report of persons and households: nothing refused, nothing recorded where nothing changes."""

from datetime import date
from uuid import uuid4

from domain.codes import Relation, Sex
from domain.registry import Household, Person
from domain.registry.person import PersonState
from tests.unit.domain.samples import CITIZEN_ID, OTHER_VILLAGE, VILLAGE, household, on, person
from tests.unit.domain.specification import assert_replays, history

AT = on("2015-06-03")
DAY = date(2015, 6, 1)


def names(aggregate: Person | Household) -> list[str]:
    assert_replays(aggregate)
    return [type(event).__name__ for event in history(aggregate)][1:]


def twice(call: object, **fields: object) -> None:
    call(AT, **fields)  # type: ignore[operator]
    call(AT, **fields)  # type: ignore[operator]


class TestPerson:
    def test_details(self) -> None:
        who = person(phone="1")
        twice(who.report_details, name=None, phone="2", address="一巷")
        assert names(who) == ["DetailsChanged"]
        assert (who.name, who.phone, who.address) == ("麦某", "2", "一巷")

    def test_moves_and_the_way_back(self) -> None:
        who = person()
        twice(who.report_move_reversed, from_on=DAY)
        twice(who.report_move, to_division_code=OTHER_VILLAGE, moved_on=DAY)
        twice(who.report_moved_out, to_place="广州市", moved_on=DAY)
        assert who.state is PersonState.MOVED_OUT
        twice(who.report_move_reversed, from_on=DAY)
        assert names(who) == ["Moved", "MovedOut", "MoveReversed"]
        assert history(who)[-1].corrects_version == 3
        assert who.state is PersonState.VERIFIED

    def test_a_death_reported_confirmed_and_reversed(self) -> None:
        who = person()
        twice(who.report_death_reversed, reason="")
        twice(who.report_death, died_on=DAY, evidence="网格")
        assert (who.state, who.died_on) == (PersonState.VERIFIED, DAY)
        twice(who.report_death, died_on=DAY, evidence="殡葬", confirmed_by="殡仪馆")
        twice(who.report_death, died_on=date(2015, 5, 1), evidence="网格")
        assert (who.state, who.died_on) == (PersonState.DECEASED, DAY)
        twice(who.report_death_reversed, reason="误报")
        assert names(who) == ["DeathReported", "DeathConfirmed", "DeathReversed"]
        assert (who.state, who.died_on) == (PersonState.VERIFIED, None)

    def test_a_confirmed_death_on_another_day_is_confirmed_anew(self) -> None:
        who = person()
        who.report_death(AT, died_on=DAY, evidence="", confirmed_by="殡仪馆")
        who.report_death(AT, died_on=date(2015, 5, 30), evidence="", confirmed_by="公安")
        assert names(who) == ["DeathConfirmed", "DeathConfirmed"]
        assert who.died_on == date(2015, 5, 30)

    def test_an_identity_learnt(self) -> None:
        who = person(citizen_id=None)
        twice(who.report_verified, citizen_id=CITIZEN_ID, match_source="x", birth_on=DAY, sex=Sex.FEMALE)
        assert names(who) == ["Verified"]
        assert (who.birth_on, who.sex) == (DAY, Sex.FEMALE)

    def test_events_carry_the_state_they_leave(self) -> None:
        who = person(citizen_id=None)
        who.report_moved_out(AT, to_place="", moved_on=DAY)
        who.report_verified(AT, citizen_id=CITIZEN_ID, match_source="x")
        who.report_death(AT, died_on=DAY, evidence="", confirmed_by="x")
        who.merge(AT, into=person())
        who.report_move_reversed(AT, from_on=DAY)
        who.report_death_reversed(AT, reason="")
        who.unmerge(AT)
        states = [event.state for event in history(who)[1:]]
        assert [state.name for state in states] == [
            *("MOVED_OUT", "MOVED_OUT", "DECEASED", "MERGED", "MERGED", "MERGED"),
            "VERIFIED",
        ]
        assert who.state is states[-1]


class TestHousehold:
    def test_members_and_head(self) -> None:
        formed, head, child = household(), uuid4(), uuid4()
        twice(formed.report_member, person_id=head, relation=Relation.HEAD, effective_on=DAY)
        twice(formed.report_member, person_id=child, relation=Relation.SON, effective_on=DAY)
        twice(formed.report_head, person_id=child, effective_on=DAY)
        twice(formed.report_member_left, person_id=head, reason="", effective_on=DAY)
        assert names(formed) == ["MemberJoined", "MemberJoined", "HeadChanged", "MemberLeft"]
        assert (formed.head_id, formed.members) == (child, {child: Relation.HEAD})

    def test_another_relation_of_a_member(self) -> None:
        formed, who = household(), uuid4()
        formed.report_member(AT, person_id=who, relation=Relation.SON, effective_on=DAY)
        formed.report_member(AT, person_id=who, relation=Relation.ADOPTED_SON, effective_on=DAY)
        assert formed.members[who] is Relation.ADOPTED_SON

    def test_place_and_end(self) -> None:
        formed = household(person())
        twice(formed.report_relocated, division_code=VILLAGE, address=None, moved_on=DAY)
        twice(formed.report_relocated, division_code=OTHER_VILLAGE, address="二巷", moved_on=DAY)
        twice(formed.report_dissolved, from_on=DAY)
        assert names(formed)[1:] == ["Relocated", "Dissolved"]
        assert (formed.division_code, formed.dissolved_on) == (OTHER_VILLAGE, DAY)
