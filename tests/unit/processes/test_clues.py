"""X14 and X20: a large bill is a clue that somebody looks into, and an application answers to it."""

from datetime import date
from typing import Any

import pytest

from domain.access import RoleCode
from domain.clock import at
from domain.codes import (
    ClueNeed,
    ClueSource,
    ClueState,
    DutyState,
    GridVisitResult,
    ProcessCode,
    Scheme,
    SettlementCancelReason,
    VisitPurpose,
)
from domain.grid import Grid, NeedClue, Resident
from domain.medical import Settlement
from domain.medical.split import Bill
from domain.processes.clues import clue_id
from domain.registry import Person
from tests.unit.domain.medical_samples import DESK, discharged, hospital, settled
from tests.unit.domain.samples import VILLAGE, applied, person
from tests.unit.domain.test_grid_map import CODE
from tests.unit.processes.district import TODAY, District

X14 = ProcessCode.LARGE_CASH_SHARE
LARGE = Bill(12_000_000, 4_000_000)
"""120,000 yuan, most of it out of scope."""


@pytest.fixture
def district() -> District:
    return District()


def billed(who: Person, bill: Bill = LARGE, number: str = "S1") -> Settlement:
    """A settlement of that person's stay, made today."""
    return settled(discharged(hospital(), who.id, f"J{number}", bill), number, bill)


async def clues(district: District) -> list[NeedClue]:
    return await district._all(NeedClue)


def clue(who: Person, need: ClueNeed = ClueNeed.BASIC_LIVING, **fields: Any) -> NeedClue:
    """What a grid worker found yesterday."""
    said = {"text": "断粮", "by": "网格员甲", "grid_code": CODE, "division_code": VILLAGE, "source": ClueSource.VISIT}
    limits = (date(2015, 12, 11), date(2015, 12, 15), date(2015, 12, 17))
    said |= {"limits": limits, **fields}
    return NeedClue.find(
        fields.pop("id", clue_id(who.id)), at(date(2015, 12, 9), 9), person_id=who.id, need=need, **said
    )


async def test_a_large_bill_is_a_clue_for_three_working_days(district: District) -> None:
    one, two = person(), person(citizen_id=None)
    await district.has(one, two, billed(one), billed(two, Bill(300_000, 260_000), "S2"))
    assert await district.run() == 1, "the small bill is nobody's clue"
    (found,) = await clues(district)
    assert (found.person_id, found.need, found.source, found.due_on) == (
        one.id,
        ClueNeed.TEMP,
        ClueSource.SETTLEMENT,
        date(2015, 12, 15),
    )
    await district.has(billed(one, number="S3"))
    assert await district.run() == 0, "one clue of a kind is looked into at a time"
    assert (await (await district.anew()).run(), len(await clues(district))) == (0, 1)


async def test_nobody_took_it_on_so_the_grid_worker_calls(district: District) -> None:
    one = person()
    grid = Grid.define(at(TODAY), code=CODE, name="一网格", polygon=None, from_on=date(2015, 1, 1))
    grid.assign(at(TODAY), worker="网格员甲", deputy=False, from_on=TODAY, to_on=None)
    listed = Resident.enter(at(TODAY), person_id=one.id, grid_code=CODE, division_code=VILLAGE, from_on=TODAY)
    await district.has(one, grid, listed, billed(one))
    await district.run()
    assert await district.pass_to(date(2015, 12, 15), 23) == 0
    assert await district.pass_to(date(2015, 12, 16)) == 1
    await district.run()
    (visit,) = (await district.again(listed)).allocated
    assert (visit.worker, visit.purpose, visit.due_on) == ("网格员甲", VisitPurpose.NEED, date(2015, 12, 21))
    await district.pass_to(date(2015, 12, 30))
    await district.run()
    assert len((await district.again(listed)).allocated) == 1, "the levels above are told by the clue itself"


async def test_where_nobody_walks_the_grid_the_street_sends_somebody_and_then_the_district(district: District) -> None:
    one = person()
    await district.has(one, billed(one))
    await district.run()
    await district.pass_to(date(2015, 12, 16))
    await district.run()
    (duty,) = await district.duties(X14)
    assert (duty.role, duty.division_code, duty.due_at) == (RoleCode.STREET_OFFICER, VILLAGE, at(date(2015, 12, 22)))
    await district.pass_to(date(2015, 12, 22))
    assert (await district.again(duty)).role is RoleCode.DISTRICT_CLERK
    met = Resident.enter(at(district.day), person_id=one.id, grid_code="", division_code=VILLAGE, from_on=TODAY)
    said: dict[str, Any] = {"visit_id": one.id, "purpose": VisitPurpose.NEED, "note": "困难", "by": "甲"}
    met.log_visit(at(district.day, 8), result=GridVisitResult.NEEDS_HELP, visited_on=district.day, **said)
    await district.has(met)
    await district.run()
    assert (await district.again(duty)).state is DutyState.DONE


async def test_an_undone_settlement_takes_its_clue_along_unless_somebody_has_it(district: District) -> None:
    one, two = person(), person(citizen_id=None)
    bills = (billed(one), billed(two, number="S2"))
    await district.has(one, two, *bills)
    await district.run()
    taken = await district.store.load(NeedClue, clue_id(bills[1].id))
    assert taken is not None
    taken.accept(at(TODAY, 10), by="村干部丁", limits=(date(2015, 12, 24),))
    await district.has(taken)
    for bill in bills:
        bill.cancel(at(TODAY, 11), reason=SettlementCancelReason.WRONG_FEES, reissue_by=None, by=DESK.name)
    await district.has(*bills)
    await district.run()
    assert [each.state for each in await clues(district)] == [ClueState.CANCELLED, ClueState.ACCEPTED]


async def test_bills_of_long_ago_and_of_the_dead_are_no_clue(district: District) -> None:
    one, two = person(), person(citizen_id=None)
    two.report_death(at(TODAY, 8), died_on=TODAY, evidence="", confirmed_by="死亡证明")
    await district.has(one, two, billed(two))
    await district.run()
    assert await clues(district) == []
    district.day = date(2016, 3, 1)
    await district.has(billed(one, number="S9"), source="medical")
    assert await district.run() == 0


async def test_an_application_takes_the_clue_on_and_its_end_answers_it(district: District) -> None:
    one = person()
    found = clue(one)
    await district.has(one, found)
    case = applied(Scheme.DIBAO, (one.id,), from_on=TODAY)
    await district.has(case)
    assert await district.run() == 1
    linked = await district.again(found)
    assert (linked.state, linked.case_id) == (ClueState.ACCEPTED, case.id)
    (told,) = await district.events(NeedClue.Accepted)
    assert told.found_by == "网格员甲", "who found it sees that it is taken on"  # type: ignore[attr-defined]
    case.withdraw(at(TODAY, 12), reason="自行解决")
    await district.has(case)
    await district.run()
    assert (await district.again(found)).state is ClueState.ANSWERED
    (answer,) = await district.events(NeedClue.Answered)
    assert answer.feedback_by == date(2015, 12, 14)  # type: ignore[attr-defined]
    assert "低保" not in answer.answer, "what a household gets is not the reporter's to know"  # type: ignore[attr-defined]
    assert await (await district.anew()).run() == 0


async def test_an_application_for_something_else_by_others_or_of_long_ago_answers_nothing(district: District) -> None:
    one, two = person(), person(citizen_id=None)
    found = clue(one)
    await district.has(one, two, found, applied(Scheme.TEKUN, (one.id,)), applied(Scheme.DIBAO, (two.id,)))
    await district.has(applied(Scheme.DIBAO, (one.id,)), source="assistance")
    assert await district.run() == 0
    assert (await district.again(found)).state is ClueState.REPORTED
