"""Decisions about disasters: warned of, struck, answered, stable, recovered from."""

from collections.abc import Generator, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, ClassVar
from uuid import UUID

from domain.access import OFFICIALS
from domain.codes import DisasterKind, ResponseLevel
from domain.errors import NotFound, RuleViolated
from domain.kernel import Aggregate, Command, Decided, Decision, Doc, Load, LoadMany, LoadTagged, Wish
from domain.registry.divisions import official_divisions
from domain.registry.places import demand_division
from domain.relief.affected import Affected
from domain.relief.clock import clock_of, end_of, moment
from domain.relief.disaster import Disaster, Ring
from domain.relief.reporting import DisasterReports

DisasterId = Annotated[UUID, Doc("灾害标识")]
Codes = Annotated[tuple[str, ...], Doc("受灾的区划代码，可写街道或村（社区）；写本区代码表示全区")]
Area = Annotated[tuple[tuple[int, int], ...], Doc("受灾范围多边形各点，依次为经度、纬度乘以一千万的整数；没有的不填")]
_STREET, _DISTRICT = 9, 6


def the_disaster(id: UUID) -> Generator[Wish, Any, Disaster]:
    """A disaster, whoever recorded it: streets and communities work on the district's too."""
    found: Disaster | None = (yield LoadMany(Disaster, (id,))).get(id)
    if found is None:
        raise NotFound(f"没有找到灾害 {id}，请核对标识。")
    return found


def reporting_units(owner: str, affected_codes: Iterable[str]) -> tuple[str, ...]:
    """Who reports of a disaster: whoever recorded it, and for the district's ones every street that is hit."""
    if len(owner) > _DISTRICT:
        return (owner,)
    streets = {code[:_STREET] for code in affected_codes if len(code) >= _STREET}
    if any(len(code) < _STREET for code in affected_codes):
        streets |= {record.code for record in official_divisions() if record.parent_code == owner}
    return (owner, *sorted(streets))


def units_of(disaster: Disaster) -> Generator[Wish, Any, tuple[DisasterReports, ...]]:
    """The reports of every unit of the district that has any of it, by the units' own ids.

    By its tag they would be looked for among everybody who is affected.
    """
    district = disaster.division_code[:_DISTRICT]
    codes = [record.code for record in official_divisions() if record.code.startswith(district)]
    found: dict[UUID, DisasterReports] = yield LoadMany(
        DisasterReports, tuple(DisasterReports.id_for(disaster.id, code) for code in codes)
    )
    return tuple(found.values())


def opened_reports(
    disaster: Disaster, by: Decision, units: Iterable[str]
) -> Generator[Wish, Any, tuple[DisasterReports, ...]]:
    """The reports of the units that have none yet of a disaster: the first is due so many hours after it struck."""
    assert disaster.occurred_at is not None
    ids = {DisasterReports.id_for(disaster.id, unit): unit for unit in units}
    known = yield LoadMany(DisasterReports, tuple(ids))
    made = []
    for id, unit in ids.items():
        if id in known:
            continue
        limit = "relief.street_report" if len(unit) > _DISTRICT else "relief.first_report"
        day = disaster.occurred_at.date()
        hours = by.parameters.value(limit, unit, day)
        made.append(
            DisasterReports.open(
                by.now,
                disaster_id=disaster.id,
                division_code=unit,
                occurred_at=disaster.occurred_at,
                daily_hour=by.parameters.value("relief.daily_report", unit, day),
                due_at=disaster.occurred_at + timedelta(hours=hours),
            )
        )
    return tuple(made)


@dataclass(frozen=True, kw_only=True)
class RegisterDisaster(Command):
    """登记灾害：已发生的填写发生时间，报灾和救助时限随即起算；尚未发生的填写预警情况。"""

    ROLES: ClassVar = OFFICIALS
    kind: Annotated[DisasterKind, Doc("灾害种类")]
    title: Annotated[str, Doc("灾害名称，如“1713号台风天鸽”，不写个人信息")]
    affected_codes: Codes
    occurred_at: Annotated[datetime | None, Doc("发生时间；仅有预警的不填")] = None
    warning: Annotated[str, Doc("预警单位、等级和编号；已发生而未曾预警的不填")] = ""
    area: Area = ()
    division_code: Annotated[str, Doc("登记单位区划代码；不填为本人辖区")] = ""

    def decide(self, by: Decision) -> Decided:
        if self.occurred_at is None and not self.warning.strip():
            raise RuleViolated("请填写发生时间；尚未发生的请填写预警单位、等级和编号。")
        disaster = Disaster.register(
            by.new_id,
            by.now,
            kind=self.kind,
            title=self.title,
            affected_codes=[demand_division(code, "affected_codes") for code in self.affected_codes],
            division_code=self.division_code or by.actor.division_code,
            by=by.actor.name,
            area=_ring(self.area),
            warning=self.warning,
        )
        if self.occurred_at is None:
            return (disaster,)
        reports = yield from _struck(disaster, by, self.occurred_at)
        return (disaster, *reports)


@dataclass(frozen=True, kw_only=True)
class RecordDisasterOccurrence(Command):
    """登记灾害发生：预警的灾害已发生；初报、首次救助的时限自发生时间起算。"""

    ROLES: ClassVar = OFFICIALS
    disaster_id: DisasterId
    occurred_at: Annotated[datetime, Doc("发生时间")]

    def decide(self, by: Decision) -> Decided:
        disaster: Disaster = yield Load(Disaster, self.disaster_id)
        reports = yield from _struck(disaster, by, self.occurred_at)
        return (disaster, *reports)


@dataclass(frozen=True, kw_only=True)
class ChangeDisasterArea(Command):
    """变更受灾范围：以所填区划和范围替换原有的；新波及的街道须报灾情。"""

    ROLES: ClassVar = OFFICIALS
    disaster_id: DisasterId
    affected_codes: Codes
    area: Area = ()

    def decide(self, by: Decision) -> Decided:
        disaster: Disaster = yield Load(Disaster, self.disaster_id)
        codes = [demand_division(code, "affected_codes") for code in self.affected_codes]
        units: tuple[str, ...] = ()
        if disaster.occurred_at is not None:
            units = reporting_units(disaster.division_code, codes)
        reports: tuple[DisasterReports, ...] = ()
        if units:
            reports = yield from opened_reports(disaster, by, units)
        disaster.change_area(by.now, affected_codes=codes, area=_ring(self.area), by=by.actor.name)
        return (disaster, *reports)


@dataclass(frozen=True, kw_only=True)
class OpenDisasterReporting(Command):
    """增加报灾单位：由街道登记的灾害需区级上报，或有单位应报而未列入的。"""

    ROLES: ClassVar = OFFICIALS
    disaster_id: DisasterId
    division_code: Annotated[str, Doc("报灾单位区划代码；不填为本人辖区")] = ""

    def decide(self, by: Decision) -> Decided:
        disaster = yield from the_disaster(self.disaster_id)
        disaster.demand_struck("报告灾情")
        if not disaster.active:
            raise RuleViolated("灾情已稳定，不再增加报灾单位；有反复的请先登记灾情反复。")
        unit = demand_division(self.division_code or by.actor.division_code)
        disaster.demand_within(unit)
        reports = yield from opened_reports(disaster, by, (unit,))
        if not reports:
            raise RuleViolated(f"区划 {unit} 已是报灾单位，不重复增加。")
        return reports


@dataclass(frozen=True, kw_only=True)
class LaunchDisasterResponse(Command):
    """启动救助应急响应，或调整响应等级。"""

    ROLES: ClassVar = OFFICIALS
    disaster_id: DisasterId
    level: Annotated[ResponseLevel, Doc("响应等级")]
    grounds: Annotated[str, Doc("依据：预案条款、指挥部决定文号")]

    def decide(self, by: Decision) -> Decided:
        disaster: Disaster = yield Load(Disaster, self.disaster_id)
        disaster.respond(by.now, level=self.level, grounds=self.grounds, by=by.actor.name)
        return (disaster,)


@dataclass(frozen=True, kw_only=True)
class StabiliseDisaster(Command):
    """登记灾情稳定：停止每日报告，应急响应结束，核报时限起算。"""

    ROLES: ClassVar = OFFICIALS
    disaster_id: DisasterId
    stable_at: Annotated[datetime | None, Doc("稳定时间；不填为现在")] = None

    def decide(self, by: Decision) -> Decided:
        disaster: Disaster = yield Load(Disaster, self.disaster_id)
        stable_at = moment(self.stable_at or by.now, by.now, "稳定时间")
        units = yield from _units(disaster, by)
        disaster.stabilise(by.now, stable_at=stable_at, by=by.actor.name)
        for reports in units:
            days = by.parameters.value("relief.verified_report", reports.division_code, stable_at.date())
            reports.stabilise(by.now, due_at=end_of(stable_at.date() + timedelta(days=days)))
        return (disaster, *units)


@dataclass(frozen=True, kw_only=True)
class ResumeDisaster(Command):
    """登记灾情反复：稳定后又有发展的，恢复每日报告。"""

    ROLES: ClassVar = OFFICIALS
    disaster_id: DisasterId
    reason: Annotated[str, Doc("反复的情况，不写个人信息")]

    def decide(self, by: Decision) -> Decided:
        disaster: Disaster = yield Load(Disaster, self.disaster_id)
        units = yield from _units(disaster, by)
        disaster.flare_up(by.now, reason=self.reason, by=by.actor.name)
        for reports in units:
            reports.resume(by.now)
        return (disaster, *units)


@dataclass(frozen=True, kw_only=True)
class BeginDisasterRecovery(Command):
    """转入恢复重建：核报之后办理。"""

    ROLES: ClassVar = OFFICIALS
    disaster_id: DisasterId

    def decide(self, by: Decision) -> Decided:
        disaster: Disaster = yield Load(Disaster, self.disaster_id)
        disaster.recover(by.now, by=by.actor.name)
        return (disaster,)


@dataclass(frozen=True, kw_only=True)
class CloseDisaster(Command):
    """结束灾害：预警解除，或核报、恢复重建已完成。"""

    ROLES: ClassVar = OFFICIALS
    disaster_id: DisasterId
    note: Annotated[str, Doc("结束的情况，不写个人信息")]

    def decide(self, by: Decision) -> Decided:
        disaster: Disaster = yield Load(Disaster, self.disaster_id)
        disaster.close(by.now, note=self.note, by=by.actor.name)
        return (disaster,)


def _struck(disaster: Disaster, by: Decision, given: datetime) -> Generator[Wish, Any, tuple[Aggregate, ...]]:
    """It has struck: reports are opened, and the clock starts for those who were evacuated on the warning."""
    occurred_at = moment(given, by.now, "发生时间")
    clock = clock_of(occurred_at, by.now, by.parameters, disaster.division_code)
    disaster.occur(by.now, occurred_at=occurred_at, clock=clock)
    evacuated: dict[UUID, Affected] = yield LoadTagged(Affected, (f"disaster:{disaster.id}",))
    for each in evacuated.values():
        each.start_clock(by.now, occurred_at=occurred_at, relief_by=clock.relief_by)
    units = reporting_units(disaster.division_code, disaster.affected_codes)
    reports = yield from opened_reports(disaster, by, units)
    return (*reports, *(each for each in evacuated.values() if each.pending_events))


def _units(disaster: Disaster, by: Decision) -> Generator[Wish, Any, tuple[DisasterReports, ...]]:
    """Every unit that reports of it; raises RuleViolated where the district does too and a street decides."""
    found = yield from units_of(disaster)
    if any(not by.actor.covers(each.division_code) for each in found):
        raise RuleViolated("本次灾害已由区级上报，请由区级登记灾情稳定或反复。")
    return found


def _ring(area: Iterable[Iterable[int]]) -> Ring:
    """The polygon as it was given, its points as pairs; raises RuleViolated where a point is none."""
    points = tuple(tuple(point) for point in area)
    if any(len(point) != len(("lng", "lat")) for point in points):
        raise RuleViolated("多边形的每一点应为经度、纬度两个整数。")
    return points  # type: ignore[return-value]  # each is a pair
