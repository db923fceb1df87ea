"""X15: a disaster has struck, and who can hardly help themselves is looked for before they ask.

The list is of ids alone; why somebody is on it is their own business. Everybody on it has a clock that is the
disaster's (domain/relief/clock.py): whoever has had nothing when four hours are left raises the alarm.
"""

from collections.abc import Generator, Iterable
from typing import Any, ClassVar
from uuid import UUID

from domain.access import Area, RoleCode
from domain.codes import AffectedBy, DisasterState, ProcessCode
from domain.grid import Grid
from domain.grid.alone import born_by
from domain.grid.geometry import Point, touch
from domain.grid.grid import grid_id
from domain.kernel import Aggregate, Decided, Decision, Load, LoadMany, LoadTagged, Wish
from domain.processes.duty import Duty
from domain.processes.process import Process, Trigger, changed
from domain.relief import Affected, Disaster
from domain.relief.clock import without_relief
from domain.relief.vulnerable import VulnerablePerson, VulnerablePersons

_HIT = frozenset({DisasterState.OCCURRED, DisasterState.RESPONDING, DisasterState.STABLE})
_DISTRICT = 6
"""Digits of a district's code."""


class DisasterOccurred(Process):
    """X15"""

    CODE: ClassVar = ProcessCode.DISASTER_OCCURRED
    ON: ClassVar = (
        *(Disaster.Occurred, Disaster.AreaChanged, Disaster.FlaredUp),
        *(Duty.Escalated, Disaster.Closed),
    )
    MUST: ClassVar = "列出受灾范围内的低保特困、持证残疾、80 岁以上和独居人员，起算 12 小时救助时限"
    LIMIT: ClassVar = "1 小时内列出；12 小时内首次救助"
    FAILS: ClassVar = "8 小时仍有人未得到救助的告警，升级至区"
    AREA: ClassVar = Area.RELIEF

    def concerns(self, trigger: Trigger) -> bool:
        event = trigger.event
        return event.process is self.CODE if isinstance(event, Duty.Escalated) else True

    def react(self, trigger: Trigger, by: Decision) -> Decided:
        event = trigger.event
        if isinstance(event, Duty.Escalated):
            return (yield from self._little_time_left(event, by))
        disaster: Disaster = yield Load(Disaster, event.originator_id)
        if isinstance(event, Disaster.Closed):
            return (yield from self._over(disaster, by))
        if disaster.state not in _HIT or disaster.relief_by is None or trigger.is_history(by):
            return ()  # warned of only, over, or a source's history, which starts no clock
        return (yield from self._listed(trigger, disaster, by))

    def _listed(
        self, trigger: Trigger, disaster: Disaster, by: Decision
    ) -> Generator[Wish, Any, tuple[Aggregate, ...]]:
        age = by.parameters.value("processes.vulnerable_age", disaster.division_code, by.today)
        found: tuple[VulnerablePerson, ...] = yield VulnerablePersons(
            disaster.division_code, disaster.affected_codes, born_by(by.today, age), by.today
        )
        found = yield from _within(disaster, found, by)
        where = {each.person_id: each.division_code for each in found}
        new = disaster.list_vulnerable(by.now, where)
        ids = {Affected.id_for(disaster.id, person): person for person in new}
        known: dict[UUID, Affected] = yield LoadMany(Affected, tuple(ids))
        added = tuple(
            Affected.person(
                by.now,
                disaster_id=disaster.id,
                person_id=person,
                known_by=AffectedBy.VULNERABLE,
                division_code=where[person],
                occurred_at=disaster.occurred_at,
                relief_by=disaster.relief_by,
                by=by.actor.name,
            )
            for id, person in ids.items()
            if id not in known
        )
        return (*changed(disaster), *added, *self._watch(trigger, disaster, by))

    def _watch(self, trigger: Trigger, disaster: Disaster, by: Decision) -> Iterable[Duty]:
        """What lapses when little time is left; once for each time that it strikes."""
        if not isinstance(trigger.event, Disaster.Occurred) or disaster.alarm_at is None:
            return ()
        task = "灾后首次救助：逐一核实重点人员，受灾的在时限内救助"
        at_district = len(disaster.division_code) <= _DISTRICT
        role = RoleCode.DISTRICT_CLERK if at_district else RoleCode.STREET_OFFICER
        where = disaster.division_code
        return (
            self.ask(trigger, by, f"disaster:{disaster.id}", task, disaster.alarm_at, role=role, division_code=where),
        )

    def _little_time_left(self, event: Duty.Escalated, by: Decision) -> Generator[Wish, Any, tuple[Aggregate, ...]]:
        duty: Duty = yield Load(Duty, event.originator_id)
        disaster: Disaster = yield Load(Disaster, UUID(duty.subject.partition(":")[2]))
        everybody: dict[UUID, Affected] = yield LoadTagged(Affected, (f"disaster:{disaster.id}",))
        waiting = without_relief(everybody.values())
        if waiting:
            disaster.alarm(by.now, waiting_count=waiting)
        else:
            duty.fulfil(by.now, result="重点人员均已核实，受灾的均已得到首次救助")
        return changed(disaster, duty)

    def _over(self, disaster: Disaster, by: Decision) -> Generator[Wish, Any, tuple[Aggregate, ...]]:
        if disaster.state is not DisasterState.CLOSED:
            return ()
        duties: dict[UUID, Duty] = yield LoadTagged(Duty, (f"disaster:{disaster.id}",))
        for duty in duties.values():
            if duty.process is self.CODE:
                duty.drop(by.now, reason="灾害已结束")
        return changed(*duties.values())


def _within(
    disaster: Disaster, found: tuple[VulnerablePerson, ...], by: Decision
) -> Generator[Wish, Any, tuple[VulnerablePerson, ...]]:
    """Without those whose grid lies outside the disaster's polygon; whose grid or border is unknown stays listed."""
    if not disaster.area:
        return found
    area = tuple(Point(lng, lat) for lng, lat in (*disaster.area, disaster.area[0]))
    codes = {each.grid_code for each in found if each.grid_code}
    grids: dict[UUID, Grid] = yield LoadMany(Grid, tuple(grid_id(code) for code in sorted(codes)))
    outside = set()
    for grid in grids.values():
        border = grid.border_on(by.today)
        if border is not None and not touch(area, border):
            outside.add(grid.code)
    return tuple(each for each in found if each.grid_code not in outside)


__all__ = ["DisasterOccurred"]
