"""X8 and X9: who moves takes along what is theirs; nobody applies anew, is paid twice or falls between two streets."""

from datetime import date
from uuid import uuid4

import pytest

from domain.assistance import Case
from domain.clock import at
from domain.codes import CloseReason, DutyState, ProcessCode
from domain.processes import Duty
from domain.registry import Person
from tests.unit.domain.samples import OTHER_VILLAGE, VILLAGE, paying, person
from tests.unit.processes.district import TODAY, District

X2, X8, X9 = ProcessCode.DEATH_REPORTED, ProcessCode.MOVED_WITHIN, ProcessCode.MOVED_OUT


@pytest.fixture
def district() -> District:
    return District()


def moves(who: Person, on: date = TODAY) -> Person:
    """That person moves to another street's village."""
    who.move(at(TODAY, 9), to_division_code=OTHER_VILLAGE, moved_on=on)
    return who


async def test_a_case_follows_its_whole_household_and_pays_on(district: District) -> None:
    one, two = person(), person(citizen_id=None)
    case = paying(members=(one.id, two.id), income_fen=20_000)
    await district.has(one, two, case, moves(one))
    await district.run()
    assert (await district.again(case)).division_code == VILLAGE, "only one of two has moved"
    await district.has(moves(two))
    await district.run()
    moved = await district.again(case)
    assert (moved.division_code, moved.state, moved.amount_for("2015-12"), moved.amount_for("2016-01")) == (
        OTHER_VILLAGE,
        case.state,
        case.amount_for("2015-12"),
        case.amount_for("2015-12"),
    )
    (event,) = await district.events(Case.Transferred)
    assert event.moved_on == TODAY  # type: ignore[attr-defined]


async def test_half_a_household_is_for_the_street_to_find_out(district: District) -> None:
    one, two = person(), person(citizen_id=None)
    case = paying(members=(one.id, two.id), income_fen=20_000)
    await district.has(one, two, case, moves(one))
    await district.run()
    (duty,) = await district.duties(X8)
    assert (duty.case_id, duty.division_code, duty.due_at) == (case.id, VILLAGE, at(date(2015, 12, 18)))
    case.transfer(at(TODAY, 15), to_division_code=OTHER_VILLAGE, moved_on=TODAY)
    await district.has(case)
    await district.run()
    assert (await district.again(duty)).state is DutyState.DONE


async def test_whoever_died_before_holds_nobody_up(district: District) -> None:
    one, two = person(), person(citizen_id=None)
    case = paying(members=(one.id, two.id), income_fen=20_000)
    two.report_death(at(date(2015, 3, 1)), died_on=date(2015, 3, 1), evidence="", confirmed_by="死亡证明")
    await district.has(one, two, case, moves(one))
    await district.run()
    assert (await district.again(case)).division_code == OTHER_VILLAGE


async def test_what_is_asked_about_a_person_goes_along(district: District) -> None:
    one = person()
    one.report_death(at(TODAY, 8), died_on=TODAY, evidence="电话")
    await district.has(one)
    await district.run()
    (duty,) = await district.duties(X2)
    assert duty.division_code == VILLAGE
    await district.has(moves(one))
    await district.run()
    assert (await district.again(duty)).division_code == OTHER_VILLAGE
    await district.run()
    assert len(await district.events(Duty.Followed)) == 1


async def test_only_the_last_of_two_moves_counts(district: District) -> None:
    one = person()
    case = paying(members=(one.id,), income_fen=10_000)
    moves(one)
    one.move(at(TODAY, 10), to_division_code=VILLAGE, moved_on=TODAY)
    await district.has(one, case)
    await district.run()
    assert await district.events(Case.Transferred) == []


async def test_leaving_the_district_ends_nothing_by_itself(district: District) -> None:
    one = person()
    case = paying(members=(one.id,), income_fen=10_000)
    one.move_out(at(TODAY, 9), to_place="外市样例区", moved_on=TODAY)
    await district.has(one, case)
    await district.run()
    (duty,) = await district.duties(X9)
    assert (duty.case_id, duty.due_at) == (case.id, at(date(2016, 1, 12))), (
        "30 days; the last one, a Saturday, rolls on"
    )
    assert (await district.again(case)).amount_for("2016-01") == case.amount_for("2015-12")
    await district.pass_to(date(2016, 1, 12))
    late = await district.again(duty)
    assert (late.state, late.division_code) == (DutyState.ESCALATED, "440704")
    case.close(at(district.day), reason=CloseReason.MOVED_OUT, end_month="2016-01")
    await district.has(case)
    await district.run()
    assert (await district.again(duty)).state is DutyState.DONE


async def test_who_comes_back_has_never_left(district: District) -> None:
    one = person()
    await district.has(one, paying(members=(one.id, uuid4()), income_fen=20_000))
    one.move_out(at(TODAY, 9), to_place="外市样例区", moved_on=TODAY)
    await district.has(one)
    await district.run()
    one.reverse_move(at(TODAY, 12), from_on=TODAY)
    await district.has(one)
    await district.run()
    assert [duty.state for duty in await district.duties(X9)] == [DutyState.VOID]
