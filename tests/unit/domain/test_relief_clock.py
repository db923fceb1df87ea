"""Affected people and their twelve hours: who waits, how long they have, and what is late."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from domain.access import Actor, RoleCode
from domain.codes import AffectedBy, AffectedState, ReliefItem
from domain.errors import NotFound, RuleViolated
from domain.relief import Affected, Disaster
from domain.relief.affected import Handed
from domain.relief.clock import clock_of, minutes_between, standing, without_relief
from domain.relief.commands import (
    CheckVulnerablePerson,
    DeliverRelief,
    DeliverReliefToGroup,
    EvacuateGroup,
    EvacuatePersons,
    ListVulnerablePersons,
    RecountGroup,
    RegisterAffectedPersons,
    ReturnEvacuees,
    VoidReliefDelivery,
)
from tests.unit.domain.reliefs import STRUCK, affected, moment, struck, warned
from tests.unit.domain.samples import OTHER_VILLAGE, PARAMETERS, VILLAGE, person
from tests.unit.domain.specification import CLERK, NOW, STREET, given, history, rebuilt

WORKER = Actor("community", RoleCode.COMMUNITY_WORKER, VILLAGE)
TWELVE = STRUCK + timedelta(hours=12)
WATER = (Handed(ReliefItem.WATER, 1),)


class TestRelief:
    def deliver(self, disaster: Disaster, *ids: UUID, at: datetime | None = None) -> DeliverRelief:
        items = (ReliefItem.WATER, ReliefItem.QUILT)
        return DeliverRelief(disaster_id=disaster.id, person_ids=ids, items=items, counts=(2, 1), delivered_at=at)

    def test_the_first_relief_says_whether_it_came_in_time(self) -> None:
        disaster, who = struck(), person()
        outcome = given(disaster, who).when(self.deliver(disaster, who.id), by=WORKER)
        found = outcome.then(Affected.Created, Affected.Relieved, after_minutes=180, share=1)
        assert (found.in_time_count, found.late_count, found.waiting_count) == (1, 0, 0)
        again = given(disaster, who, found).when(self.deliver(disaster, who.id), by=WORKER, now=NOW + timedelta(days=1))
        again.then(Affected.Relieved, share=0)
        assert (found.in_time_count, found.late_count) == (1, 0)

    @pytest.mark.parametrize(("minutes", "late"), [(0, False), (1, True)])
    def test_twelve_hours_to_the_minute(self, minutes: int, late: bool) -> None:
        disaster, who = struck(), person()
        at = TWELVE + timedelta(minutes=minutes)
        outcome = given(disaster, who).when(self.deliver(disaster, who.id, at=at), by=WORKER, now=at)
        found = outcome.then(Affected.Created, Affected.Relieved, after_minutes=720 + minutes)
        assert (found.late_count, found.in_time_count) == (int(late), int(not late))

    def test_entered_later_it_counts_when_it_was_handed_over(self) -> None:
        disaster, who = struck(), person()
        late_entry = self.deliver(disaster, who.id, at=moment("2015-12-10 17:00"))
        outcome = given(disaster, who).when(late_entry, by=WORKER, now=NOW + timedelta(days=2))
        assert outcome.then(Affected.Created, Affected.Relieved).in_time_count == 1

    def test_a_group_is_served_head_by_head(self) -> None:
        disaster = struck()
        group = affected(disaster, head_count=30)
        world = given(disaster, group)
        said = {"affected_id": group.id, "items": (ReliefItem.INSTANT_FOOD,), "counts": (20,)}
        first = DeliverReliefToGroup(head_count=20, **said)  # type: ignore[arg-type]  # as named
        world.when(first, by=WORKER).then(Affected.Relieved, share=20)
        assert group.waiting_count == 10
        world.when(first, by=WORKER, now=TWELVE + timedelta(hours=1)).then(Affected.Relieved, share=10)
        assert (group.in_time_count, group.late_count, group.waiting_count) == (20, 10, 0)
        more = DeliverReliefToGroup(head_count=31, **said)  # type: ignore[arg-type]  # as named
        world.when(more, by=WORKER).refused("1 至 30 之间")

    def test_lists_from_the_field_come_in_any_order(self) -> None:
        disaster, who = struck(), person()
        late, early = TWELVE + timedelta(hours=2), STRUCK + timedelta(hours=5)
        evening = late + timedelta(hours=1)
        first = given(disaster, who).when(self.deliver(disaster, who.id, at=late), by=WORKER, now=evening)
        found = first.then(Affected.Created, Affected.Relieved)
        assert (found.in_time_count, found.late_count) == (0, 1)
        world = given(disaster, who, found)
        outcome = world.when(self.deliver(disaster, who.id, at=early), by=WORKER, now=evening)
        outcome.then(Affected.Relieved)
        assert (found.in_time_count, found.late_count) == (1, 0)
        assert found.first is not None
        assert (found.first.relief_at, found.first.after_minutes, found.first.late_delta) == (early, 300, -1)

    def test_a_wrong_entry_is_taken_back_and_both_stay(self) -> None:
        disaster, who = struck(), person()
        found = given(disaster, who).when(self.deliver(disaster, who.id), by=WORKER).aggregates[0]
        assert isinstance(found, Affected)
        world = given(disaster, who, found)
        void = VoidReliefDelivery(affected_id=found.id, version=2, reason="登记到别人名下")
        world.when(VoidReliefDelivery(affected_id=found.id, version=1, reason="x"), by=WORKER).refused("没有第 1 号")
        world.when(VoidReliefDelivery(affected_id=found.id, version=2, reason=" "), by=WORKER).refused("写明撤销")
        world.when(void, by=WORKER).then(Affected.DeliveryVoided, voids_version=2)
        assert found.waiting_count == 1
        world.when(void, by=WORKER).refused("已撤销")
        found.lapse(TWELVE + timedelta(minutes=1))
        assert found.overdue

    def test_relief_before_a_disaster_that_is_entered_late_counts_by_its_hours(self) -> None:
        early = affected(warned(), occurred_at=None, relief_by=None)
        early.relieve(NOW, delivered_at=TWELVE + timedelta(hours=1), items=WATER, by="x")
        assert (early.in_time_count, early.late_count) == (1, 0)
        early.start_clock(NOW, occurred_at=STRUCK, relief_by=TWELVE)
        assert (early.in_time_count, early.late_count) == (0, 1)
        assert rebuilt(history(early)) == early

    def test_refusals(self) -> None:
        disaster, who, far = struck(), person(), person(division_code=OTHER_VILLAGE, citizen_id=None)
        world = given(disaster, who, far)
        world.when(self.deliver(disaster)).refused("填写人员标识")
        world.when(self.deliver(disaster, *[uuid4() for _ in range(201)])).refused("一次至多 200 人")
        world.when(self.deliver(disaster, uuid4())).refused("nothing", NotFound)
        world.when(self.deliver(disaster, far.id)).refused("受灾范围内")
        future = self.deliver(disaster, who.id, at=NOW + timedelta(minutes=1))
        world.when(future).refused("发放时间不能晚于现在")
        nothing = DeliverRelief(disaster_id=disaster.id, person_ids=(who.id,), items=(), counts=())
        world.when(nothing).refused("物资及数量")
        uneven = DeliverRelief(disaster_id=disaster.id, person_ids=(who.id,), items=(ReliefItem.TENT,), counts=(1, 2))
        world.when(uneven).refused("一一对应")
        who.report_death(NOW, died_on=NOW.date(), evidence="x", confirmed_by="公安")
        given(disaster, who).when(self.deliver(disaster, who.id)).refused("死亡的请登记因灾人员名单")


class TestEvacuation:
    def test_to_a_shelter_to_another_and_home(self) -> None:
        disaster, who, first, second = struck(), person(), uuid4(), uuid4()
        world = given(disaster, who)
        there = EvacuatePersons(disaster_id=disaster.id, person_ids=(who.id,), facility_id=first)
        found = world.when(there, by=WORKER).then(Affected.Created, Affected.Evacuated, facility_id=first)
        world = given(disaster, who, found)
        world.when(there, by=WORKER).refused("已安置在该安置点")
        other = EvacuatePersons(disaster_id=disaster.id, person_ids=(who.id,), facility_id=second)
        world.when(other, by=WORKER).then(Affected.Evacuated, facility_id=second)
        home = ReturnEvacuees(affected_ids=(found.id,))
        world.when(home, by=WORKER).then(Affected.Returned, facility_id=second)
        assert found.state is AffectedState.RETURNED
        world.when(home, by=WORKER).refused("未安置在安置点")

    def test_a_crowd_is_counted_first_and_named_later(self) -> None:
        disaster, who, shelter = struck(), person(), uuid4()
        crowd = EvacuateGroup(disaster_id=disaster.id, head_count=40, facility_id=shelter, division_code=VILLAGE)
        group = given(disaster).when(crowd, by=WORKER).then(Affected.Created, Affected.Evacuated, head_count=40)
        world = given(disaster, who, group)
        named = EvacuatePersons(
            disaster_id=disaster.id, person_ids=(who.id,), facility_id=shelter, from_group_id=group.id
        )
        world.when(named, by=WORKER).then(Affected.Created, Affected.Evacuated, Affected.Recounted, head_count=39)
        recount = RecountGroup(affected_id=group.id, head_count=41, reason="夜间又到 2 人")
        world.when(recount, by=WORKER).then(Affected.Recounted, former_count=39, head_count=41)
        group.relieve(NOW, delivered_at=NOW, items=WATER, by="x", head_count=20)
        history(group)
        below = RecountGroup(affected_id=group.id, head_count=19, reason="走散")
        world.when(below, by=WORKER).refused("已有 20 人得到救助")
        none = EvacuateGroup(disaster_id=disaster.id, head_count=0, facility_id=shelter, division_code=VILLAGE)
        world.when(none, by=WORKER).refused("人数应大于 0")


class TestVulnerable:
    def test_whoever_is_listed_is_looked_up_and_only_then_counts_as_safe(self) -> None:
        disaster, one, two = struck(), person(), person(citizen_id=None)
        world = given(disaster, one, two)
        listed = ListVulnerablePersons(disaster_id=disaster.id, person_ids=(one.id, two.id))
        outcome = world.when(listed)
        outcome.then(Disaster.VulnerableListed, Affected.Created, Affected.Created, known_by=AffectedBy.VULNERABLE)
        first, second = (each for each in outcome.aggregates if isinstance(each, Affected))
        assert without_relief((first, second)) == 2
        world = given(disaster, one, two, first, second)
        world.when(listed).refused("均已列入清单")
        safe = CheckVulnerablePerson(affected_id=first.id, affected=False)
        world.when(safe, by=WORKER).then(Affected.Checked)
        assert (first.state, first.waiting_count) == (AffectedState.SAFE, 0)
        deliver = TestRelief().deliver(disaster, one.id)
        world.when(deliver, by=WORKER).refused("经走访未受灾")
        world.when(CheckVulnerablePerson(affected_id=first.id, affected=True), by=WORKER).then(Affected.Checked)
        world.when(deliver, by=WORKER).then(Affected.Relieved)
        world.when(safe, by=WORKER).refused("得到救助")

    def test_who_is_registered_already_stays_one(self) -> None:
        disaster, who = struck(), person()
        known = affected(disaster, who.id)
        world = given(disaster, who, known)
        world.when(RegisterAffectedPersons(disaster_id=disaster.id, person_ids=(who.id,))).refused("均已登记")
        listed = ListVulnerablePersons(disaster_id=disaster.id, person_ids=(who.id,))
        world.when(listed).then(Disaster.VulnerableListed)

    def test_the_district_lists_the_community_looks(self) -> None:
        assert RoleCode.COMMUNITY_WORKER not in ListVulnerablePersons.ROLES
        assert RoleCode.COMMUNITY_WORKER in CheckVulnerablePerson.ROLES
        disaster = warned()
        listed = ListVulnerablePersons(disaster_id=disaster.id, person_ids=())
        given(disaster).when(listed, by=CLERK).refused("尚未登记发生")
        given(disaster).when(listed, by=STREET)  # its own scope is the dispatcher's to see to


class TestClock:
    def test_overdue_is_recorded_once_and_only_for_whoever_waits(self) -> None:
        disaster = struck()
        waiting, served = affected(disaster), affected(disaster)
        served.relieve(NOW, delivered_at=NOW, items=WATER, by="x")
        for each in (waiting, served):
            for at in (TWELVE, TWELVE + timedelta(minutes=1), TWELVE + timedelta(hours=1)):
                each.lapse(at)
        assert [type(e) for e in history(waiting)] == [Affected.Created, Affected.Overdue]
        assert not [e for e in history(served) if isinstance(e, Affected.Overdue)]
        assert rebuilt(history(waiting)) == waiting

    def test_how_far_relief_has_come(self) -> None:
        disaster = struck()
        one, crowd, old = affected(disaster), affected(disaster, head_count=10), affected(disaster, relief_by=None)
        crowd.relieve(NOW, delivered_at=NOW, items=WATER, by="x", head_count=4)
        now = standing((one, crowd, old), STRUCK + timedelta(hours=10))
        assert (now.in_time, now.late, now.waiting, now.overdue, now.minutes_left) == (4, 0, 8, 0, 120)
        later = standing((one, crowd, old), TWELVE + timedelta(minutes=90))
        assert (later.overdue, later.minutes_left) == (7, -90)
        assert standing((), NOW).minutes_left is None

    def test_hours_are_parameters(self) -> None:
        clock = clock_of(STRUCK, NOW, PARAMETERS, VILLAGE)
        assert [minutes_between(STRUCK, m) for m in (clock.alarm_at, clock.relief_by)] == [480, 720]
        assert minutes_between(NOW, clock.list_by) == 60

    def test_a_sources_delivery_is_taken_as_it_is(self) -> None:
        one = affected(struck(), occurred_at=None, relief_by=None)
        one.report_relieved(NOW, delivered_at=NOW, items=WATER)
        assert (one.in_time_count, one.late_count) == (1, 0)
        with pytest.raises(RuleViolated, match="不能清点人数"):
            one.recount(NOW, head_count=2, reason="x", by="x")


steps = st.lists(
    st.tuples(st.sampled_from(("relieve", "recount", "lapse", "void")), st.integers(0, 30), st.integers(0, 30)),
    max_size=20,
)


@drawn(steps)
def test_heads_are_neither_lost_nor_counted_twice(course: list[tuple[str, int, int]]) -> None:
    """In time + late + waiting are always all heads, whatever happens in whatever order."""
    group = affected(struck(), head_count=10)
    now = STRUCK
    for what, number, hours in course:
        now += timedelta(hours=hours)
        try:
            if what == "relieve":
                group.relieve(now, delivered_at=now, items=WATER, by="x", head_count=number)
            elif what == "void":
                group.void_delivery(now, version=number, reason="误登", by="x")
            elif what == "recount":
                group.recount(now, head_count=number, reason="清点", by="x")
            else:
                group.lapse(now)
        except RuleViolated:
            continue
        assert group.in_time_count + group.late_count + group.waiting_count == group.head_count
        assert standing((group,), now).waiting == group.waiting_count
    assert rebuilt(history(group)) == group


@drawn(st.permutations([1, 4, 9, 13, 20]), st.sets(st.integers(0, 4), max_size=4))
def test_a_persons_first_relief_is_the_earliest_that_stands_however_it_was_entered(
    hours: list[int], wrong: set[int]
) -> None:
    one = affected(struck())
    for hour in hours:
        one.relieve(NOW, delivered_at=STRUCK + timedelta(hours=hour), items=WATER, by="x")
    versions = list(one.deliveries)
    for place in sorted(wrong):
        one.void_delivery(NOW, version=versions[place], reason="误登", by="x")
    earliest = min(hour for place, hour in enumerate(hours) if place not in wrong)
    assert one.first is not None
    assert one.first.after_minutes == earliest * 60
    assert (one.in_time_count, one.late_count) == (int(earliest <= 12), int(earliest > 12))
    changes = [e.first for e in history(one) if isinstance(e, Affected.Relieved | Affected.DeliveryVoided)]
    assert sum(change.in_time_delta for change in changes) == one.in_time_count
    assert 1 + sum(change.waiting_delta for change in changes) == one.waiting_count
