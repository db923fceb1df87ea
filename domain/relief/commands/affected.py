"""Decisions about affected people: listed, looked up, brought to a shelter, given relief."""

from collections.abc import Generator, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from domain.access import CASEWORKERS, OFFICIALS
from domain.codes import AffectedBy, ReliefItem
from domain.errors import RuleViolated
from domain.kernel import Aggregate, Command, Decided, Decision, Doc, Load, LoadMany, Wish
from domain.registry.person import Person, PersonState
from domain.registry.places import demand_division
from domain.relief.affected import Affected, Handed
from domain.relief.clock import moment
from domain.relief.commands.disasters import DisasterId, the_disaster
from domain.relief.disaster import Disaster

AffectedId = Annotated[UUID, Doc("受灾人员或群体的登记标识")]
ShelterId = Annotated[UUID, Doc("安置点（设施）标识")]
Items = Annotated[tuple[ReliefItem, ...], Doc("发放的物资")]
Counts = Annotated[tuple[int, ...], Doc("数量，与物资一一对应，每人的数量")]
_MOST = 200


@dataclass(frozen=True, kw_only=True)
class ListVulnerablePersons(Command):
    """列出重点人员：受灾范围内的低保特困、残疾、高龄、独居等人员，须逐人走访；通常由平台自动列出。"""

    ROLES: ClassVar = OFFICIALS
    disaster_id: DisasterId
    person_ids: Annotated[tuple[UUID, ...], Doc(f"人员标识，一次至多 {_MOST} 人")]

    def decide(self, by: Decision) -> Decided:
        _demand_few(self.person_ids)
        disaster: Disaster = yield Load(Disaster, self.disaster_id)
        disaster.demand_struck("列出重点人员")
        people = yield from _people(disaster, self.person_ids)
        new = disaster.list_vulnerable(by.now, self.person_ids)
        if not new and self.person_ids:
            raise RuleViolated("所填人员均已列入清单，不重复列出。")
        added = yield from _added(disaster, by, [people[id] for id in new], AffectedBy.VULNERABLE)
        return (disaster, *added.values())


@dataclass(frozen=True, kw_only=True)
class CheckVulnerablePerson(Command):
    """走访重点人员：受灾的继续救助，未受灾的不再计入救助时限。"""

    ROLES: ClassVar = CASEWORKERS
    affected_id: AffectedId
    affected: Annotated[bool, Doc("是否受灾、需要救助")]

    def decide(self, by: Decision) -> Decided:
        found: Affected = yield Load(Affected, self.affected_id)
        found.check(by.now, affected=self.affected, by=by.actor.name)
        return (found,)


@dataclass(frozen=True, kw_only=True)
class RegisterAffectedPersons(Command):
    """登记受灾人员：走访得知、需要救助的；首次救助的时限自灾害发生时起算。"""

    ROLES: ClassVar = CASEWORKERS
    disaster_id: DisasterId
    person_ids: Annotated[tuple[UUID, ...], Doc(f"人员标识，一次至多 {_MOST} 人")]

    def decide(self, by: Decision) -> Decided:
        disaster = yield from the_disaster(self.disaster_id)
        disaster.demand_struck("登记受灾人员")
        known, new = yield from _everyone(disaster, by, self.person_ids, AffectedBy.VISITED)
        if not new:
            raise RuleViolated(f"所填 {len(known)} 人均已登记，不重复登记。")
        return tuple(new)


@dataclass(frozen=True, kw_only=True)
class EvacuatePersons(Command):
    """登记转移安置：预警时即可办理；知道姓名的逐人登记到安置点；由未登记姓名的群体中补登的，群体人数相应减少。"""

    ROLES: ClassVar = CASEWORKERS
    disaster_id: DisasterId
    person_ids: Annotated[tuple[UUID, ...], Doc(f"人员标识，一次至多 {_MOST} 人")]
    facility_id: ShelterId
    evacuated_at: Annotated[datetime | None, Doc("到达安置点的时间；不填为现在")] = None
    from_group_id: Annotated[UUID | None, Doc("原先只计人数的群体登记标识")] = None

    def decide(self, by: Decision) -> Decided:
        disaster = yield from the_disaster(self.disaster_id)
        disaster.demand_open("登记转移安置")
        known, new = yield from _everyone(disaster, by, self.person_ids, AffectedBy.EVACUATED)
        evacuated_at = _arrived(self.evacuated_at, by, disaster)
        group: tuple[Affected, ...] = ()
        if self.from_group_id is not None:
            counted: Affected = yield Load(Affected, self.from_group_id)
            if counted.disaster_id != disaster.id:
                raise RuleViolated("所填群体不属于本次灾害，请核对。")
            left, reason = counted.head_count - len(known) - len(new), "补登姓名"
            counted.recount(by.now, head_count=left, reason=reason, by=by.actor.name)
            group = (counted,)
        for each in (*known, *new):
            each.evacuate(by.now, facility_id=self.facility_id, evacuated_at=evacuated_at, by=by.actor.name)
        return (*known, *new, *group)


@dataclass(frozen=True, kw_only=True)
class EvacuateGroup(Command):
    """登记转移安置的群体：来不及登记姓名的，先计人数。"""

    ROLES: ClassVar = CASEWORKERS
    disaster_id: DisasterId
    head_count: Annotated[int, Doc("人数")]
    facility_id: ShelterId
    division_code: Annotated[str, Doc("从何处转移，村（社区）区划代码")]
    evacuated_at: Annotated[datetime | None, Doc("到达安置点的时间；不填为现在")] = None

    def decide(self, by: Decision) -> Decided:
        disaster = yield from the_disaster(self.disaster_id)
        disaster.demand_open("登记转移安置")
        division = demand_division(self.division_code)
        disaster.demand_within(division)
        group = Affected.group(
            by.new_id,
            by.now,
            disaster_id=disaster.id,
            head_count=self.head_count,
            division_code=division,
            occurred_at=disaster.occurred_at,
            relief_by=disaster.relief_by,
            by=by.actor.name,
        )
        evacuated_at = _arrived(self.evacuated_at, by, disaster)
        group.evacuate(by.now, facility_id=self.facility_id, evacuated_at=evacuated_at, by=by.actor.name)
        return (group,)


@dataclass(frozen=True, kw_only=True)
class RecountGroup(Command):
    """重新清点群体人数。"""

    ROLES: ClassVar = CASEWORKERS
    affected_id: AffectedId
    head_count: Annotated[int, Doc("清点后的人数")]
    reason: Annotated[str, Doc("变化的原因，不写个人信息")]

    def decide(self, by: Decision) -> Decided:
        group: Affected = yield Load(Affected, self.affected_id)
        group.recount(by.now, head_count=self.head_count, reason=self.reason, by=by.actor.name)
        return (group,)


@dataclass(frozen=True, kw_only=True)
class ReturnEvacuees(Command):
    """登记返家：离开安置点。"""

    ROLES: ClassVar = CASEWORKERS
    affected_ids: Annotated[tuple[UUID, ...], Doc(f"登记标识，一次至多 {_MOST} 项")]
    returned_at: Annotated[datetime | None, Doc("离开的时间；不填为现在")] = None

    def decide(self, by: Decision) -> Decided:
        _demand_few(self.affected_ids)
        returned_at = moment(self.returned_at or by.now, by.now, "离开的时间")
        gone: list[Aggregate] = []
        for id in dict.fromkeys(self.affected_ids):
            found: Affected = yield Load(Affected, id)
            gone.append(found)
        for each in gone:
            assert isinstance(each, Affected)
            each.go_home(by.now, returned_at=returned_at, by=by.actor.name)
        return tuple(gone)


@dataclass(frozen=True, kw_only=True)
class DeliverRelief(Command):
    """发放救助物资：逐人登记；首次救助的记录是否在时限内，逾时补登的也如实记录。"""

    ROLES: ClassVar = CASEWORKERS
    disaster_id: DisasterId
    person_ids: Annotated[tuple[UUID, ...], Doc(f"领取人标识，一次至多 {_MOST} 人")]
    items: Items
    counts: Counts
    delivered_at: Annotated[datetime | None, Doc("发放时间；不填为现在")] = None

    def decide(self, by: Decision) -> Decided:
        disaster = yield from the_disaster(self.disaster_id)
        disaster.demand_open("发放救助物资")
        known, new = yield from _everyone(disaster, by, self.person_ids, AffectedBy.VISITED)
        delivered_at = moment(self.delivered_at or by.now, by.now, "发放时间")
        handed = _handed(self.items, self.counts)
        for each in (*known, *new):
            each.relieve(by.now, delivered_at=delivered_at, items=handed, by=by.actor.name)
        return (*known, *new)


@dataclass(frozen=True, kw_only=True)
class DeliverReliefToGroup(Command):
    """向未登记姓名的群体发放救助物资：登记领取人数。"""

    ROLES: ClassVar = CASEWORKERS
    affected_id: AffectedId
    head_count: Annotated[int, Doc("领取人数")]
    items: Items
    counts: Annotated[tuple[int, ...], Doc("数量，与物资一一对应，合计数量")]
    delivered_at: Annotated[datetime | None, Doc("发放时间；不填为现在")] = None

    def decide(self, by: Decision) -> Decided:
        group: Affected = yield Load(Affected, self.affected_id)
        if self.head_count <= 0:
            raise RuleViolated("领取人数应大于 0。")
        group.relieve(
            by.now,
            delivered_at=moment(self.delivered_at or by.now, by.now, "发放时间"),
            items=_handed(self.items, self.counts),
            by=by.actor.name,
            head_count=self.head_count,
        )
        return (group,)


@dataclass(frozen=True, kw_only=True)
class VoidReliefDelivery(Command):
    """撤销发放登记：登记到别人名下、时间填错等；撤销后按实际重新登记，原登记保留可查。"""

    ROLES: ClassVar = CASEWORKERS
    affected_id: AffectedId
    version: Annotated[int, Doc("发放登记的编号（第几个事件）")]
    reason: Annotated[str, Doc("撤销的原因，不写个人信息")]

    def decide(self, by: Decision) -> Decided:
        found: Affected = yield Load(Affected, self.affected_id)
        found.void_delivery(by.now, version=self.version, reason=self.reason, by=by.actor.name)
        return (found,)


def _everyone(
    disaster: Disaster, by: Decision, person_ids: Iterable[UUID], known_by: AffectedBy
) -> Generator[Wish, Any, tuple[list[Affected], list[Affected]]]:
    """These people in this disaster: those known already, and those who come in now."""
    wanted = tuple(dict.fromkeys(person_ids))
    _demand_few(wanted)
    if not wanted:
        raise RuleViolated("请填写人员标识；不知道姓名的按群体登记。")
    people = yield from _people(disaster, wanted)
    known: dict[UUID, Affected] = yield LoadMany(Affected, tuple(Affected.id_for(disaster.id, id) for id in wanted))
    fresh = [people[id] for id in wanted if Affected.id_for(disaster.id, id) not in known]
    new = yield from _added(disaster, by, fresh, known_by)
    return list(known.values()), list(new.values())


def _people(disaster: Disaster, person_ids: Iterable[UUID]) -> Generator[Wish, Any, dict[UUID, Person]]:
    """Living people of places that the disaster reached."""
    found: dict[UUID, Person] = {}
    for id in dict.fromkeys(person_ids):
        person: Person = yield Load(Person, id)
        if person.state in (PersonState.DECEASED, PersonState.MERGED):
            raise RuleViolated(f"人员记录现为“{person.state.label}”，不能登记为受灾人员；死亡的请登记因灾人员名单。")
        disaster.demand_within(person.division_code)
        found[id] = person
    return found


def _added(
    disaster: Disaster, by: Decision, people: Iterable[Person], known_by: AffectedBy
) -> Generator[Wish, Any, dict[UUID, Affected]]:
    ids = {Affected.id_for(disaster.id, person.id): person for person in people}
    known = yield LoadMany(Affected, tuple(ids))
    return {
        id: Affected.person(
            by.now,
            disaster_id=disaster.id,
            person_id=person.id,
            known_by=known_by,
            division_code=person.division_code,
            occurred_at=disaster.occurred_at,
            relief_by=disaster.relief_by,
            by=by.actor.name,
        )
        for id, person in ids.items()
        if id not in known
    }


def _arrived(given: datetime | None, by: Decision, disaster: Disaster) -> datetime:
    """When they came to the shelter; people may be evacuated on a warning, before the disaster struck."""
    arrived = moment(given or by.now, by.now, "到达安置点的时间")
    if disaster.occurred_at is not None and (disaster.occurred_at - arrived).days > _BEFORE:
        raise RuleViolated(f"到达安置点的时间早于“{disaster.title}”发生 {_BEFORE} 日以上，请核对。")
    return arrived


_BEFORE = 7
"""Days before a disaster within which people are evacuated because of its warning."""


def _handed(items: tuple[ReliefItem, ...], counts: tuple[int, ...]) -> tuple[Handed, ...]:
    if len(items) != len(counts):
        raise RuleViolated("物资与数量应一一对应，请核对。")
    return tuple(Handed(item, count) for item, count in zip(items, counts, strict=True))


def _demand_few(ids: tuple[UUID, ...]) -> None:
    if len(ids) > _MOST:
        raise RuleViolated(f"一次至多 {_MOST} 人，请分次办理。")
