"""X1 and X2, and how any rule runs: once, whatever is cut off; not for history; its failures stop nothing else."""

from datetime import date, datetime
from typing import ClassVar

import pytest

from domain.access import Area, RoleCode
from domain.clock import at
from domain.codes import CloseReason, DutyState, MaCategory, ProcessCode
from domain.errors import RuleViolated
from domain.kernel import Decided, Decision
from domain.medical import MedicalCategory
from domain.processes import Duty, Process, Trigger
from domain.registry import Person
from infra.log import Append, Appended
from infra.processes import Processes
from tests.unit.domain.samples import VILLAGE, paying, person
from tests.unit.processes.district import TODAY, District

X1, X2 = ProcessCode.DEATH_CONFIRMED, ProcessCode.DEATH_REPORTED


@pytest.fixture
def district() -> District:
    return District()


def dies(who: Person, died_on: str = "2015-12-05", *, confirmed: bool = True) -> Person:
    """That person's death becomes known on 10 December."""
    who.report_death(
        at(TODAY, 9),
        died_on=date.fromisoformat(died_on),
        evidence="入户走访",
        confirmed_by="死亡证明" if confirmed else "",
    )
    return who


async def test_a_confirmed_death_asks_the_street_to_change_the_household_in_time(district: District) -> None:
    one, two = person(), person(citizen_id=None)
    case = paying(members=(one.id, two.id), income_fen=20_000)
    await district.has(one, two, case, dies(one))
    await district.run()
    (duty,) = await district.duties(X1)
    assert (duty.subject, duty.person_id, duty.case_id) == (f"case:{case.id}", one.id, case.id)
    assert (duty.role, duty.division_code) == (RoleCode.STREET_OFFICER, VILLAGE)
    assert duty.due_at == at(date(2015, 12, 25)), "ten working days after 10 December end with the 24th"
    assert (await district.again(case)).member_ids == (one.id, two.id), "people decide what becomes of the household"


async def test_what_was_asked_for_is_done_once_nobody_dead_is_covered(district: District) -> None:
    one, two = person(), person(citizen_id=None)
    case = paying(members=(two.id, one.id), income_fen=20_000)
    await district.has(one, two, case, dies(one))
    await district.run()
    case.change_members(at(TODAY, 10), member_ids=(two.id,), reason="成员死亡", from_on=date(2016, 1, 1))
    await district.has(case)
    await district.run()
    (duty,) = await district.duties(X1)
    assert duty.state is DutyState.DONE


async def test_a_case_that_is_closed_is_done_with(district: District) -> None:
    one = person()
    case = paying(members=(one.id,), income_fen=10_000)
    await district.has(one, case, dies(one))
    await district.run()
    (duty,) = await district.duties(X1)
    case.close(at(TODAY, 10), reason=CloseReason.DECEASED, end_month="2015-12")
    await district.has(case)
    await district.run()
    assert (await district.again(duty)).state is DutyState.DONE


async def test_a_death_that_is_taken_back_leaves_nothing_to_do(district: District) -> None:
    one = person()
    case = paying(members=(one.id,), income_fen=10_000)
    await district.has(one, case, dies(one))
    await district.run()
    one.reverse_death(at(TODAY, 11), reason="同名同姓，本人在世")
    await district.has(one)
    await district.run()
    duties = {duty.subject: duty.state for duty in await district.duties(X1)}
    assert duties == {f"case:{case.id}": DutyState.VOID, f"person:{one.id}": DutyState.OPEN}, (
        "their status is given anew"
    )


class TestLearntLater:
    """Feeds come in any order: what a system says of somebody after the death was dealt with."""

    async def test_a_case_that_covers_somebody_dead_is_asked_about_once(self, district: District) -> None:
        one, two, three = person(), person(citizen_id=None), person(citizen_id=None)
        await district.has(dies(one), two, dies(three, "2015-12-01"))
        await district.run()
        case = paying(members=(two.id, one.id, three.id), income_fen=20_000)
        await district.has(case, source="assistance")
        await district.run()
        (duty,) = await district.duties(X1)
        assert (duty.subject, duty.person_id) == (f"case:{case.id}", three.id), "who died first"
        case.change_members(at(TODAY, 10), member_ids=(two.id, one.id), reason="成员死亡", from_on=date(2016, 1, 1))
        await district.has(case)
        await district.run()
        assert [duty.state for duty in await district.duties(X1)] == [DutyState.DONE, DutyState.OPEN], "one is left"
        case.change_members(at(TODAY, 11), member_ids=(two.id,), reason="成员死亡", from_on=date(2016, 1, 1))
        await district.has(case)
        await district.run()
        assert [duty.state for duty in await district.duties(X1)] == [DutyState.DONE, DutyState.DONE]
        assert await district.run() == 0

    async def test_a_case_of_somebody_who_died_long_ago_is_history(self, district: District) -> None:
        one = dies(person(), "2014-03-05")
        await district.has(one, source="population")
        await district.run()
        await district.has(paying(members=(one.id,), income_fen=10_000), source="assistance")
        await district.run()
        assert await district.duties(X1) == []

    async def test_their_medical_status_lasts_to_the_day_of_the_death(self, district: District) -> None:
        one = dies(person())
        await district.has(one, source="population")
        await district.run()
        await district.has(paying(members=(one.id,), income_fen=10_000), source="assistance")
        await district.run()
        category = await district.store.load(MedicalCategory, MedicalCategory.id_for(one.id))
        assert category is not None
        assert category.category_on(date(2015, 12, 5)) is MaCategory.DIBAO
        assert category.category_on(date(2015, 12, 6)) is MaCategory.NONE


async def test_a_reported_death_is_for_the_street_to_find_out_and_then_for_the_district(district: District) -> None:
    one = person()
    await district.has(one, paying(members=(one.id,), income_fen=10_000), dies(one, confirmed=False))
    await district.run()
    (duty,) = await district.duties(X2)
    assert (duty.role, duty.due_at) == (RoleCode.STREET_OFFICER, at(date(2015, 12, 16)))
    await district.pass_to(date(2015, 12, 15), 23)
    assert (await district.again(duty)).state is DutyState.OPEN
    await district.pass_to(date(2015, 12, 16))
    late = await district.again(duty)
    assert (late.state, late.role, late.division_code) == (DutyState.ESCALATED, RoleCode.DISTRICT_CLERK, "440704")
    assert await district.pass_to(date(2016, 1, 16)) == 0, "what the district has stays with it"
    with pytest.raises(RuleViolated, match="写明办理结果"):
        late.complete(at(district.day), result=" ")
    assert await district.duties(X1) == []


async def test_confirming_or_taking_back_answers_the_question(district: District) -> None:
    one, two = person(), person(citizen_id=None)
    await district.has(one, two, dies(one, confirmed=False), dies(two, confirmed=False))
    await district.run()
    one.confirm_death(at(TODAY, 15), died_on=date(2015, 12, 5), confirmed_by="死亡证明")
    two.reverse_death(at(TODAY, 15), reason="本人在世")
    await district.has(one, two)
    await district.run()
    assert [duty.state for duty in await district.duties(X2)] == [DutyState.DONE, DutyState.DONE]


async def test_what_a_source_tells_of_long_ago_asks_nobody_for_anything(district: District) -> None:
    one, two = person(), person(citizen_id=None)
    case = paying(members=(one.id, two.id), income_fen=20_000)
    await district.has(one, two, case, source="population")
    await district.has(dies(one, "2015-10-20"), source="population")
    await district.run()
    assert await district.duties(X1) == []
    await district.has(dies(two, "2015-11-20"), source="population")
    await district.run()
    assert len(await district.duties(X1)) == 1, "within 45 days it is no history"


@pytest.mark.parametrize("restart", [False, True])
async def test_run_again_it_changes_nothing(district: District, restart: bool) -> None:
    one = person()
    await district.has(one, paying(members=(one.id,), income_fen=10_000), dies(one))
    assert await district.run() > 0
    head = await district.log.head()
    again = await district.anew() if restart else district
    assert (await again.run(), await district.log.head()) == (0, head)


async def test_two_processes_at_once_ask_once(district: District) -> None:
    one = person()
    await district.has(one, paying(members=(one.id,), income_fen=10_000), dies(one))
    other = Processes(district.store, district.now)
    assert (await district.run() > 0, await other.run_pending()) == (True, 0)
    assert len(await district.duties(X1)) == 1


async def test_cut_off_before_and_after_its_append_it_goes_on(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Died(BaseException):
        """The process is gone."""

    one, two = person(), person(citizen_id=None)
    await district.has(
        one,
        two,
        paying(members=(one.id,), income_fen=10_000),
        paying(members=(two.id,), income_fen=10_000),
        dies(one),
        dies(two),
    )
    append, calls = district.log.append, 0

    async def dying(item: Append) -> Appended:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise Died
        done = await append(item)
        if calls == 2:
            raise Died
        return done

    monkeypatch.setattr(district.log, "append", dying)
    for _ in range(2):
        with pytest.raises(Died):
            await district.run()
    await district.run()
    assert len(await district.duties(X1)) == 2


class Failing(Process):
    """A rule with a fault."""

    CODE: ClassVar = ProcessCode.NEED_CLUE
    ON: ClassVar = (Person.DeathConfirmed,)
    AREA: ClassVar = Area.GRID
    error: ClassVar[Exception] = RuleViolated("床位已停用。")

    def react(self, trigger: Trigger, by: Decision) -> Decided:
        raise self.error
        yield


@pytest.mark.parametrize("error", [RuleViolated("床位已停用。"), ZeroDivisionError()])
async def test_what_a_rule_can_not_do_is_handed_to_the_district_once(
    district: District, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setattr(Failing, "error", error)
    one = person()
    await district.has(one, dies(one))
    rules = Processes(district.store, district.now, rules=(Failing(),))
    assert await rules.run_pending() == 1
    (duty,) = await district.duties(ProcessCode.NEED_CLUE)
    assert (duty.role, duty.division_code, duty.due_at) == (
        RoleCode.DISTRICT_CLERK,
        "440704",
        datetime.combine(date(2015, 12, 12), datetime.min.time(), at(TODAY).tzinfo),
    )
    (opened,) = await district.events(Duty.Created)
    assert opened.gist().startswith("需求线索，一门受理并反馈：未能自动办理，请人工办理。")
    await district.anew()
    assert await Processes(district.store, district.now, rules=(Failing(),)).run_pending() == 0
