"""Decisions about what units report of a disaster, and about the list of dead and missing."""

from collections.abc import Generator
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from domain.access import DISTRICT, OFFICIALS
from domain.codes import CasualtyKind, CasualtyState, ReportStage
from domain.errors import RuleViolated
from domain.kernel import Command, Decided, Decision, Doc, Load, LoadTagged, Wish
from domain.registry.person import Person
from domain.registry.places import demand_division
from domain.relief.casualty import Casualty, casualty_list, counts
from domain.relief.clock import moment
from domain.relief.commands.disasters import DisasterId, the_disaster, units_of
from domain.relief.disaster import Disaster
from domain.relief.figures import Figures, total
from domain.relief.reporting import DisasterReports

Unit = Annotated[str, Doc("报灾单位区划代码；不填为本人辖区")]
AsOf = Annotated[datetime | None, Doc("数据截止时间；不填为现在")]


@dataclass(frozen=True, kw_only=True)
class _Counted:
    """The figures of a report as fields of a command."""

    affected_count: Annotated[int, Doc("受灾人口")] = 0
    evacuated_count: Annotated[int, Doc("紧急转移安置人口")] = 0
    need_relief_count: Annotated[int, Doc("需紧急生活救助人口")] = 0
    dead_count: Annotated[int, Doc("因灾死亡人口")] = 0
    missing_count: Annotated[int, Doc("因灾失踪人口")] = 0
    injured_count: Annotated[int, Doc("因灾伤病人口")] = 0
    collapsed_rooms: Annotated[int, Doc("倒塌房屋间数")] = 0
    severe_rooms: Annotated[int, Doc("严重损坏房屋间数")] = 0
    moderate_rooms: Annotated[int, Doc("一般损坏房屋间数")] = 0
    crops_m2: Annotated[int, Doc("农作物受灾面积（平方米）")] = 0
    loss_fen: Annotated[int, Doc("直接经济损失（分）")] = 0

    @property
    def figures(self) -> Figures:
        """The figures alone."""
        return Figures(**{field.name: getattr(self, field.name) for field in fields(Figures)})


@dataclass(frozen=True, kw_only=True)
class FileDisasterReport(_Counted, Command):
    """报告灾情：初报、续报或核报，均为累计数；区级可由所属街道的最近一次报告汇总。核报的死亡、失踪人数须与名单相符。"""

    ROLES: ClassVar = OFFICIALS
    disaster_id: DisasterId
    stage: Annotated[ReportStage, Doc("报告阶段：初报、续报、核报；零报告另办")]
    division_code: Unit = ""
    as_of: AsOf = None
    note: Annotated[str, Doc("说明，不写个人信息；死亡人数减少的写明原因")] = ""
    sum_units: Annotated[bool, Doc("数据由下级报灾单位最近一次报告汇总，所填数据不用")] = False

    def decide(self, by: Decision) -> Decided:
        if self.stage is ReportStage.ZERO:
            raise RuleViolated("零报告请用“零报告”办理，不填数据。")
        disaster = yield from the_disaster(self.disaster_id)
        disaster.demand_struck("报告灾情")
        reports = yield from _reports(disaster, self.division_code, by)
        figures = self.figures
        if self.sum_units:
            figures = yield from _sum_of_units(disaster, reports)
        as_of = moment(self.as_of or by.now, by.now, "数据截止时间")
        owners = reports.division_code == disaster.division_code
        if self.stage is ReportStage.VERIFIED:
            if owners and by.actor.role not in DISTRICT:
                raise RuleViolated("核报由区级办理；请由区级经办人员代报，或先由区级列为报灾单位。")
            yield from _demand_list(disaster, reports, figures)
        reports.file(by.now, stage=self.stage, figures=figures, as_of=as_of, by=by.actor.name, note=self.note)
        if self.stage is ReportStage.VERIFIED and owners:
            disaster.verify(by.now, report_no=len(reports.reports), by=by.actor.name)
            return (reports, disaster)
        return (reports,)


@dataclass(frozen=True, kw_only=True)
class FileZeroReport(Command):
    """零报告：灾情没有变化，每日报告一次，直至灾情稳定。"""

    ROLES: ClassVar = OFFICIALS
    disaster_id: DisasterId
    division_code: Unit = ""
    as_of: AsOf = None

    def decide(self, by: Decision) -> Decided:
        disaster = yield from the_disaster(self.disaster_id)
        disaster.demand_struck("报告灾情")
        reports = yield from _reports(disaster, self.division_code, by)
        as_of = moment(self.as_of or by.now, by.now, "数据截止时间")
        reports.file(by.now, stage=ReportStage.ZERO, figures=None, as_of=as_of, by=by.actor.name)
        return (reports,)


@dataclass(frozen=True, kw_only=True)
class CorrectDisasterReport(_Counted, Command):
    """更正灾情报告：以新的数据取代某一号报告，原报告保留可查。"""

    ROLES: ClassVar = OFFICIALS
    disaster_id: DisasterId
    report_no: Annotated[int, Doc("被更正的报告编号")]
    note: Annotated[str, Doc("更正原因，不写个人信息")]
    division_code: Unit = ""

    def decide(self, by: Decision) -> Decided:
        disaster = yield from the_disaster(self.disaster_id)
        reports = yield from _reports(disaster, self.division_code, by)
        before = reports.reports.get(self.report_no)
        if before is not None and before.stage is ReportStage.VERIFIED:
            yield from _demand_list(disaster, reports, self.figures)
        reports.correct(by.now, report_no=self.report_no, figures=self.figures, by=by.actor.name, note=self.note)
        return (reports,)


@dataclass(frozen=True, kw_only=True)
class RecordCasualty(Command):
    """登记因灾死亡、失踪人员：逐人登记，姓名和情况加密保存；核报人数须与此名单相符。"""

    ROLES: ClassVar = OFFICIALS
    disaster_id: DisasterId
    kind: Annotated[CasualtyKind, Doc("死亡或失踪")]
    name: Annotated[str, Doc("姓名；身份不明的写“身份不明”，加密保存")]
    happened_at: Annotated[datetime, Doc("死亡或失踪的时间")]
    division_code: Annotated[str, Doc("事发地区划代码")]
    particulars: Annotated[str, Doc("经过、特征等情况，加密保存")] = ""
    person_id: Annotated[UUID | None, Doc("人员标识；未登记的外来人员不填")] = None

    def decide(self, by: Decision) -> Decided:
        disaster = yield from the_disaster(self.disaster_id)
        disaster.demand_struck("登记因灾人员")
        division = demand_division(self.division_code)
        disaster.demand_within(division)
        if self.person_id is not None:
            yield Load(Person, self.person_id)
            known: dict[UUID, Casualty] = yield LoadTagged(Casualty, (f"person:{self.person_id}",))
            for other in known.values():
                if other.disaster_id == disaster.id and other.state is not CasualtyState.WITHDRAWN:
                    raise RuleViolated(f"此人在本次灾害中已登记为“{other.state.label}”；情况有变化的请办理变更。")
        casualty = Casualty.enter(
            by.new_id,
            by.now,
            disaster_id=disaster.id,
            person_id=self.person_id,
            kind=self.kind,
            name=self.name,
            particulars=self.particulars,
            happened_at=moment(self.happened_at, by.now, "死亡或失踪的时间"),
            division_code=division,
            by=by.actor.name,
        )
        return (casualty,)


@dataclass(frozen=True, kw_only=True)
class ChangeCasualty(Command):
    """变更因灾死亡、失踪登记：失踪人员确认死亡或找到；登记有误的撤销。"""

    ROLES: ClassVar = OFFICIALS
    casualty_id: Annotated[UUID, Doc("登记标识")]
    state: Annotated[CasualtyState, Doc("现状")]
    grounds: Annotated[str, Doc("依据，加密保存")]

    def decide(self, by: Decision) -> Decided:
        casualty: Casualty = yield Load(Casualty, self.casualty_id)
        casualty.change(by.now, state=self.state, grounds=self.grounds, by=by.actor.name)
        return (casualty,)


def _reports(disaster: Disaster, division_code: str, by: Decision) -> Generator[Wish, Any, DisasterReports]:
    unit = division_code or by.actor.division_code
    found: DisasterReports = yield Load(DisasterReports, DisasterReports.id_for(disaster.id, unit))
    return found


def _sum_of_units(disaster: Disaster, reports: DisasterReports) -> Generator[Wish, Any, Figures]:
    """The sum of what the units below have reported last; raises RuleViolated where one has not reported at all."""
    own = reports.division_code
    below = [
        each
        for each in (yield from units_of(disaster))
        if each.division_code.startswith(own) and each.division_code != own
    ]
    if not below:
        raise RuleViolated("没有下级报灾单位，不能汇总；请填写数据。")
    if silent := sorted(each.division_code for each in below if each.latest is None):
        raise RuleViolated(f"报灾单位 {'、'.join(silent)} 尚未初报，不能汇总；请催报，或自行填写数据。")
    return total(each.latest.figures for each in below if each.latest is not None)


def _demand_list(disaster: Disaster, reports: DisasterReports, figures: Figures) -> Generator[Wish, Any, None]:
    """A verified report counts the dead and missing whom the list names (应急〔2020〕19号: 因灾死亡失踪人员台账)."""
    found: dict[UUID, Casualty] = yield LoadTagged(Casualty, (casualty_list(disaster.id),))
    dead, missing = counts([each for each in found.values() if each.division_code.startswith(reports.division_code)])
    for label, stated, listed in (("死亡", figures.dead_count, dead), ("失踪", figures.missing_count, missing)):
        if stated != listed:
            raise RuleViolated(f"核报因灾{label} {stated} 人，名单上 {listed} 人；请先补登或更正因灾人员名单。")
