"""X13 and X19: who belongs to a household, and who is one and the same."""

from datetime import date
from uuid import uuid4

import pytest

from domain.assistance import Case
from domain.clock import at
from domain.codes import DutyState, FindingRule, HouseholdKind, ProcessCode, Relation
from domain.registry import Household, Person
from tests.unit.domain.samples import VILLAGE, household, paying, person
from tests.unit.processes.district import TODAY, District

X13, X19 = ProcessCode.MEMBER_CHANGED, ProcessCode.PERSON_MERGED


@pytest.fixture
def district() -> District:
    return District()


def family(*, kind: HouseholdKind = HouseholdKind.CO_LIVING) -> tuple[Person, Person, Household, Case]:
    """Two who live together and are supported."""
    one, two = person(), person(citizen_id=None)
    home = household(one, two, kind=kind)
    return one, two, home, paying(members=(one.id, two.id), household_id=home.id, income_fen=20_000)


async def test_who_joins_is_to_be_reckoned_with(district: District) -> None:
    one, two, home, case = family()
    child = person(citizen_id=None)
    await district.has(one, two, home, case, child)
    await district.run()
    home.join(at(TODAY, 9), person_id=child.id, relation=Relation.GRANDCHILD, effective_on=TODAY)
    await district.has(home)
    assert await district.run() == 1
    (duty,) = await district.duties(X13)
    assert (duty.person_id, duty.case_id, duty.due_at) == (child.id, case.id, at(date(2015, 12, 25)))
    assert (await district.again(case)).amount_for("2016-01") == case.amount_for("2015-12"), "paid as before till then"
    case.change_members(at(TODAY, 10), member_ids=(one.id, two.id, child.id), reason="出生", from_on=date(2016, 1, 1))
    await district.has(case)
    await district.run()
    assert (await district.again(duty)).state is DutyState.DONE


async def test_who_leaves_too_but_only_where_they_were_covered(district: District) -> None:
    one, two, home, case = family()
    lodger = person(citizen_id=None)
    home.join(at(date(2011, 2, 1)), person_id=lodger.id, relation=Relation.OTHER, effective_on=date(2011, 2, 1))
    await district.has(one, two, lodger, home, case, source="population")
    await district.run()
    for who in (lodger, two):
        home.leave(at(TODAY, 9), person_id=who.id, reason="分户", effective_on=TODAY)
    await district.has(home)
    await district.run()
    assert [duty.person_id for duty in await district.duties(X13)] == [two.id]


async def test_a_registered_household_is_no_unit_of_assistance(district: District) -> None:
    one, two, home, case = family(kind=HouseholdKind.REGISTERED)
    await district.has(one, two, home, case)
    await district.run()
    home.leave(at(TODAY, 9), person_id=two.id, reason="迁户", effective_on=TODAY)
    await district.has(home)
    assert await district.run() == 0


async def test_two_records_of_one_person_with_a_benefit_each_are_found_and_nothing_is_stopped(
    district: District,
) -> None:
    one, two = person(), person(citizen_id=None, name="麦某")
    dibao = paying(members=(one.id, uuid4()), income_fen=20_000)
    other = paying(members=(two.id,), income_fen=10_000)
    await district.has(one, two, dibao, other)
    two.merge(at(TODAY, 9), into=one)
    await district.has(two)
    await district.run()
    (finding,) = await district.findings()
    assert (finding.rule, finding.subject) == (FindingRule.MERGED_BENEFITS, f"person:{one.id}")
    (duty,) = await district.duties(X19)
    assert duty.division_code == VILLAGE
    for case in (dibao, other):
        assert (await district.again(case)).amount_for("2016-01") == case.amount_for("2015-12")
    two.unmerge(at(TODAY, 10))
    await district.has(two)
    await district.run()
    assert (await district.again(duty)).state is DutyState.VOID


async def test_one_benefit_on_two_records_is_nothing_to_find(district: District) -> None:
    one, two = person(), person(citizen_id=None, name="麦某")
    shared = paying(members=(one.id, two.id), income_fen=20_000)
    await district.has(one, two, shared)
    two.merge(at(TODAY, 9), into=one)
    await district.has(two)
    await district.run()
    assert (await district.duties(X19), await district.findings()) == ([], [])
