"""X3, X4 and X1 at the hospital's window: who is on assistance is known there at once, and no longer when it ends."""

from datetime import date

import pytest

from domain.access import RoleCode
from domain.assistance import Case
from domain.care import Premium
from domain.clock import at
from domain.codes import CloseReason, DutyState, FundSource, MaCategory, PremiumKind, ProcessCode, Scheme
from domain.formulas import Computed
from domain.medical import MedicalCategory
from domain.registry import Person
from tests.unit.domain.samples import paying, person
from tests.unit.processes.district import TODAY, District

X3 = ProcessCode.CASE_CONFIRMED


@pytest.fixture
def district() -> District:
    return District()


def covered(scheme: Scheme = Scheme.DIBAO) -> tuple[Person, Person, Case]:
    """Two who are on assistance since February 2015."""
    one, two = person(), person(citizen_id=None)
    return one, two, paying(scheme, members=(one.id, two.id), income_fen=20_000)


async def category_of(district: District, who: Person) -> MedicalCategory:
    """What the hospital's window would see."""
    found = await district.store.load(MedicalCategory, MedicalCategory.id_for(who.id))
    assert found is not None
    return found


async def test_everybody_covered_has_a_category_at_once_also_from_a_source_s_old_case(district: District) -> None:
    one, two, case = covered()
    await district.has(one, two, case, source="assistance")
    await district.run()
    for who in (one, two):
        found = await category_of(district, who)
        assert found.category_on(TODAY) is MaCategory.DIBAO
        assert found.category_on(date(2015, 1, 31)) is MaCategory.NONE
    assert await district.duties(X3) == [], "nobody is asked to do anything about history"
    head = await district.log.head()
    assert (await (await district.anew()).run(), await district.log.head()) == (0, head)


async def test_who_is_covered_later_gets_it_and_who_is_no_longer_loses_it(district: District) -> None:
    one, two, case = covered()
    three = person(citizen_id=None)
    await district.has(one, two, three, case)
    await district.run()
    case.change_members(at(TODAY, 9), member_ids=(one.id, three.id), reason="分户", from_on=date(2015, 12, 1))
    await district.has(case)
    await district.run()
    assert (await category_of(district, three)).category_on(TODAY) is MaCategory.DIBAO
    left = await category_of(district, two)
    assert (left.category_on(date(2015, 11, 30)), left.category_on(TODAY)) == (MaCategory.DIBAO, MaCategory.NONE)


async def test_it_ends_with_the_last_month_of_the_case(district: District) -> None:
    one, two, case = covered()
    await district.has(one, two, case)
    await district.run()
    case.close(at(TODAY, 9), reason=CloseReason.INCOME_ABOVE, end_month="2015-12")
    await district.has(case)
    await district.run()
    found = await category_of(district, one)
    assert (found.category_on(date(2015, 12, 31)), found.category_on(date(2016, 1, 1))) == (
        MaCategory.DIBAO,
        MaCategory.NONE,
    )


async def test_it_ends_with_a_death_and_the_living_keep_theirs(district: District) -> None:
    one, two, case = covered()
    await district.has(one, two, case)
    await district.run()
    one.report_death(at(TODAY, 9), died_on=date(2015, 12, 5), evidence="", confirmed_by="死亡证明")
    await district.has(one)
    await district.run()
    dead = await category_of(district, one)
    assert (dead.category_on(date(2015, 12, 5)), dead.category_on(date(2015, 12, 6))) == (
        MaCategory.DIBAO,
        MaCategory.NONE,
    )
    assert (await category_of(district, two)).category_on(TODAY) is MaCategory.DIBAO
    one.reverse_death(at(TODAY, 12), reason="本人在世")
    await district.has(one)
    await district.run()
    duties = [d for d in await district.duties(ProcessCode.DEATH_CONFIRMED) if d.subject == f"person:{one.id}"]
    assert [duty.role for duty in duties] == [RoleCode.DISTRICT_CLERK]


async def test_the_premium_is_asked_for_within_a_day_until_everybody_has_it(district: District) -> None:
    one, two, _ = covered()
    case = paying(members=(one.id, two.id), income_fen=20_000)
    await district.has(one, two, case)
    await district.run()
    (duty,) = await district.duties(X3)
    assert (duty.role, duty.case_id, duty.due_at) == (RoleCode.DISTRICT_CLERK, case.id, at(date(2015, 12, 11), 9))
    for number, who in enumerate((one, two)):
        premium = Premium.enrol(
            at(TODAY, 10),
            person_id=who.id,
            kind=PremiumKind.MEDICAL,
            year=2015,
            computed=Computed(12_000, "示例", (), ()),
            fund_source=FundSource.DISTRICT,
            division_code=who.division_code,
            by="district",
        )
        await district.has(premium)
        await district.run()
        assert (await district.again(duty)).state is (DutyState.DONE if number else DutyState.OPEN)
