"""X15: who can hardly help themselves is listed at once, has twelve hours, and is missed after eight."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

from domain.access import RoleCode
from domain.clock import at
from domain.codes import AffectedState, DutyState, ProcessCode, ReliefItem
from domain.grid import Grid
from domain.relief import Affected, Disaster
from domain.relief.affected import Handed
from domain.relief.vulnerable import VulnerablePerson, VulnerablePersons
from tests.unit.domain.reliefs import STRUCK, affected, moment, struck, warned
from tests.unit.domain.samples import VILLAGE
from tests.unit.domain.test_grid_map import BASE, CODE, NEXT, ring
from tests.unit.processes.district import TODAY, District

X15 = ProcessCode.DISASTER_OCCURRED


class Place:
    """Who lives there, as the read models tell."""

    def __init__(self, *people: VulnerablePerson) -> None:
        self.people = people
        self.asked: list[VulnerablePersons] = []

    async def __call__(self, wish: VulnerablePersons) -> tuple[VulnerablePerson, ...]:
        self.asked.append(wish)
        return self.people


def living(grid: str = "", id: UUID | None = None) -> VulnerablePerson:
    return VulnerablePerson(id or uuid4(), VILLAGE, grid)


def hit(*people: VulnerablePerson) -> tuple[District, Place]:
    """A district in which these people live."""
    place = Place(*people)
    return District(readers={VulnerablePersons: place}), place


async def test_everybody_is_listed_at_once_and_the_twelve_hours_run() -> None:
    known, other = living(), living()
    district, place = hit(known, other)
    disaster = struck()
    district.day, district.hour = TODAY, 6
    await district.has(disaster, affected(disaster, known.person_id))
    assert await district.run() == 1
    (wish,) = place.asked
    assert (wish.codes, wish.born_by) == (("440704004",), date(1935, 12, 10)), "80 years on the day"
    assert list((await district.again(disaster)).listed) == [known.person_id, other.person_id]
    found = {one.person_id: one for one in await district._all(Affected)}
    assert found[known.person_id].state is AffectedState.AFFECTED, "who was known stays as they were"
    assert (found[other.person_id].state, found[other.person_id].relief_by) == (
        AffectedState.TO_CHECK,
        STRUCK + timedelta(hours=12),
    )
    (duty,) = await district.duties(X15)
    assert (duty.role, duty.division_code, duty.due_at) == (
        RoleCode.DISTRICT_CLERK,
        "440704",
        STRUCK + timedelta(hours=8),
    )
    head = await district.log.head()
    assert (await (await district.anew()).run(), await district.log.head()) == (0, head)


async def test_after_eight_hours_whoever_waits_raises_the_alarm_once() -> None:
    one = living()
    district, _ = hit(one)
    disaster = struck()
    await district.has(disaster)
    await district.run()
    assert await district.pass_to(TODAY, 13) == 0
    await district.pass_to(TODAY, 14)
    await district.run()
    (alarm,) = await district.events(Disaster.AlarmRaised)
    assert alarm.waiting_count == 1  # type: ignore[attr-defined]
    (duty,) = await district.duties(X15)
    assert duty.state is DutyState.ESCALATED
    await (await district.anew()).run()
    assert len(await district.events(Disaster.AlarmRaised)) == 1
    ended = await district.again(disaster)
    ended.stabilise(at(TODAY, 20), stable_at=at(TODAY, 20), by="district")
    ended.verify(at(TODAY, 21), report_no=1, by="district")
    ended.close(at(TODAY, 22), note="已恢复", by="district")
    await district.has(ended)
    await district.run()
    assert (await district.again(duty)).state is DutyState.VOID


async def test_where_nobody_waits_any_more_there_is_no_alarm() -> None:
    one, two = living(), living()
    district, _ = hit(one, two)
    disaster = struck()
    await district.has(disaster)
    await district.run()
    first, second = await district._all(Affected)
    first.check(at(TODAY, 9), affected=False, by="community")
    handed = (Handed(ReliefItem.TENT, 1),)
    second.relieve(at(TODAY, 10), delivered_at=at(TODAY, 10), items=handed, by="community")
    await district.has(first, second)
    await district.pass_to(TODAY, 14)
    await district.run()
    assert await district.events(Disaster.AlarmRaised) == []
    assert [duty.state for duty in await district.duties(X15)] == [DutyState.DONE]


async def test_a_wider_area_adds_whoever_lives_there() -> None:
    one, two = living(), living()
    district, place = hit(one)
    disaster = struck()
    await district.has(disaster)
    await district.run()
    place.people = (one, two)
    disaster = await district.again(disaster)
    disaster.change_area(at(TODAY, 10), affected_codes=("440704004", "440704005"), by="district")
    await district.has(disaster)
    assert await district.run() == 1
    assert [each.person_id for each in await district._all(Affected)] == [one.person_id, two.person_id]
    assert len(await district.duties(X15)) == 1, "it struck once"


async def test_a_polygon_leaves_out_whose_grid_lies_outside_and_nobody_else() -> None:
    inside, outside, unknown = living(CODE), living(NEXT), living()
    district, _ = hit(inside, outside, unknown)
    near, far = ring((0, 0), (1000, 0), (1000, 1000), (0, 1000)), ring((9000, 0), (9900, 0), (9900, 900))
    for code, border in ((CODE, near), (NEXT, far)):
        grid = Grid.define(at(TODAY), code=code, name="网格", polygon=border, from_on=date(2015, 1, 1))
        await district.has(grid)
    corners = ((500, 500), (2000, 500), (2000, 2000))
    area = tuple((BASE.lng + lng, BASE.lat + lat) for lng, lat in corners)
    await district.has(struck(area=area))
    await district.run()
    assert {each.person_id for each in await district._all(Affected)} == {inside.person_id, unknown.person_id}


async def test_a_warning_and_a_source_s_history_list_nobody() -> None:
    district, place = hit(living())
    past = warned()
    past.report_occurred(moment("2015-12-09 06:00"), occurred_at=moment("2015-12-09 06:00"))
    await district.has(warned())
    await district.has(past, source="relief")
    assert (await district.run(), place.asked) == (0, [])
    old = replace(District(readers={VulnerablePersons: place}), day=date(2016, 6, 1))
    await old.has(struck(), source="relief")
    assert (await old.run(), place.asked) == (0, [])
