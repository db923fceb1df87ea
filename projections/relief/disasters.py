"""Disasters and what is reported of them, each version of each report."""

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

import msgspec

from domain.access import Area, PersonalClass
from domain.codes import CasualtyState, DisasterKind, DisasterState, ReportStage, ResponseLevel
from domain.kernel import Event
from domain.relief import Casualty, Disaster, DisasterReports
from domain.relief.figures import Figures
from infra.log import LogEvent
from projections.kernel.changes import Changes, Projection, division_of, handles
from projections.kernel.tables import COUNTED, FEN, JSON, Doc, Many, Masked, One, Relations, view
from projections.kernel.tables import Figures as Counted


@view(
    "disaster",
    area=Area.RELIEF,
    scope_from="division_code",
    order=("registered_on", "id"),
    public=True,
)
@dataclass
class DisasterRow:
    """灾害：何时何处发生何灾、现处何阶段，各级均可查看，不含个人信息"""

    id: Annotated[UUID, Doc("灾害标识")]
    kind: Annotated[DisasterKind, Doc("灾害种类")]
    title: Annotated[str, Doc("灾害名称")]
    warning: Annotated[str | None, Doc("预警单位、等级和编号")]
    state: Annotated[DisasterState, Doc("状态")]
    division_code: Annotated[str, Doc("登记单位区划代码")]
    affected_codes: Annotated[tuple[str, ...], Doc("受灾的区划代码")]
    ring: Annotated[str | None, Doc("受灾范围多边形：[[经度, 纬度], …]，单位为千万分之一度"), JSON]
    registered_on: Annotated[date, Doc("登记日期")]
    occurred_at: Annotated[datetime | None, Doc("发生时间")]
    occurred_on: Annotated[date | None, Doc("发生日期")]
    level: Annotated[ResponseLevel | None, Doc("救助应急响应等级")]
    list_by: Annotated[datetime | None, Doc("列出重点人员的时限")]
    list_made: Annotated[bool, Doc("是否已列出重点人员")]
    alarm_at: Annotated[datetime | None, Doc("救助时限告警时间")]
    relief_by: Annotated[datetime | None, Doc("首次救助的时限")]
    alarmed_at: Annotated[datetime | None, Doc("发出告警的时间")]
    alarmed_count: Annotated[int | None, Doc("告警时尚未得到救助的人数")]
    stable_at: Annotated[datetime | None, Doc("灾情稳定时间")]
    verified_report_no: Annotated[int | None, Doc("登记单位核报的编号")]
    closed_on: Annotated[date | None, Doc("结束日期")]
    note: Annotated[str | None, Doc("结束的情况")]

    RELATIONS: ClassVar[Relations] = {
        "division": One("division", local="division_code"),
        "reports": Many("disaster_report", on="disaster_id", order=("filed_at", "reports_id", "report_no")),
        "units": Many("disaster_unit", on="disaster_id", order=("division_code",)),
        "clocks": Many("relief_clock", on="disaster_id", order=("division_code",)),
        "allocations": Many("stock_allocation", on="disaster_id", order=("allocation_no",)),
    }
    FILTERS: ClassVar[tuple[str, ...]] = ("kind", "state", "level", "registered_on", "occurred_on", "division_code")


@view("disaster_unit", area=Area.RELIEF, scope_from="division_code", indexes=(("disaster_id",),))
@dataclass
class DisasterUnitRow:
    """报灾单位：应报、已报和逾期的情况"""

    id: Annotated[UUID, Doc("报灾单位标识")]
    disaster_id: Annotated[UUID, Doc("灾害标识")]
    division_code: Annotated[str, Doc("区划代码")]
    due_stage: Annotated[ReportStage | None, Doc("下一次应报的阶段；零报告表示每日续报或零报告")]
    due_at: Annotated[datetime | None, Doc("下一次报告的时限")]
    report_count: Annotated[int, Doc("已报次数，含更正"), COUNTED]
    late_count: Annotated[int, Doc("其中逾期报出的次数"), COUNTED]
    missed_count: Annotated[int, Doc("到时未报的次数"), COUNTED]
    last_report_no: Annotated[int | None, Doc("最近一次报告的编号")]
    verified_on: Annotated[date | None, Doc("核报日期")]

    RELATIONS: ClassVar[Relations] = {
        "disaster": One("disaster", local="disaster_id"),
        "division": One("division", local="division_code"),
        "reports": Many("disaster_report", on="reports_id", order=("report_no",)),
    }
    FILTERS: ClassVar[tuple[str, ...]] = ("disaster_id", "due_stage", "division_code")


@view(
    "disaster_report",
    area=Area.RELIEF,
    key=("reports_id", "report_no"),
    scope_from="division_code",
    order=("disaster_id", "filed_at", "reports_id", "report_no"),
    indexes=(("disaster_id",),),
)
@dataclass
class DisasterReportRow:
    """灾情报告：各阶段、各次，被更正的也保留；数据均为累计数"""

    reports_id: Annotated[UUID, Doc("报灾单位标识")]
    report_no: Annotated[int, Doc("报告编号，自 1 起")]
    disaster_id: Annotated[UUID, Doc("灾害标识")]
    division_code: Annotated[str, Doc("报灾单位区划代码")]
    stage: Annotated[ReportStage, Doc("报告阶段")]
    as_of: Annotated[datetime, Doc("数据截止时间")]
    filed_at: Annotated[datetime, Doc("报出时间")]
    due_at: Annotated[datetime | None, Doc("报出时限")]
    late: Annotated[bool, Doc("是否逾期")]
    corrects: Annotated[int | None, Doc("更正哪一号报告")]
    corrected_by: Annotated[int | None, Doc("已由哪一号更正；空为现行")]
    affected_count: Annotated[int, Doc("受灾人口")]
    evacuated_count: Annotated[int, Doc("紧急转移安置人口")]
    need_relief_count: Annotated[int, Doc("需紧急生活救助人口")]
    dead_count: Annotated[int, Doc("因灾死亡人口")]
    missing_count: Annotated[int, Doc("因灾失踪人口")]
    injured_count: Annotated[int, Doc("因灾伤病人口")]
    collapsed_rooms: Annotated[int, Doc("倒塌房屋间数")]
    severe_rooms: Annotated[int, Doc("严重损坏房屋间数")]
    moderate_rooms: Annotated[int, Doc("一般损坏房屋间数")]
    crops_m2: Annotated[int, Doc("农作物受灾面积（平方米）")]
    loss_fen: Annotated[int, Doc("直接经济损失"), FEN]
    note: Annotated[str | None, Doc("说明或更正原因")]
    by: Annotated[str, Doc("填报账号；来源系统的为空")]

    RELATIONS: ClassVar[Relations] = {
        "disaster": One("disaster", local="disaster_id"),
        "division": One("division", local="division_code"),
    }
    FILTERS: ClassVar[tuple[str, ...]] = ("disaster_id", "stage", "late", "corrected_by", "as_of", "division_code")


@view(
    "casualty",
    area=Area.RELIEF,
    scope_from="division_code",
    indexes=(("disaster_id",), ("person_id",)),
    figures=Counted(("state", "happened_at")),
)
@dataclass
class CasualtyRow:
    """因灾死亡、失踪人员"""

    id: Annotated[UUID, Doc("登记标识")]
    disaster_id: Annotated[UUID, Doc("灾害标识")]
    person_id: Annotated[UUID | None, Doc("人员标识；未登记的外来人员为空")]
    division_code: Annotated[str, Doc("事发地区划代码")]
    state: Annotated[CasualtyState, Doc("现状")]
    name: Annotated[str, Doc("姓名"), Masked(PersonalClass.CIRCUMSTANCES)]
    particulars: Annotated[str, Doc("经过、特征"), Masked(PersonalClass.CIRCUMSTANCES)]
    happened_at: Annotated[datetime, Doc("死亡或失踪的时间")]
    grounds: Annotated[str | None, Doc("变更的依据"), Masked(PersonalClass.CIRCUMSTANCES)]
    entered_by: Annotated[str, Doc("登记账号")]

    RELATIONS: ClassVar[Relations] = {
        "disaster": One("disaster", local="disaster_id"),
        "person": One("person", local="person_id"),
        "division": One("division", local="division_code"),
    }
    FILTERS: ClassVar[tuple[str, ...]] = ("disaster_id", "person_id", "state", "division_code")


class Disasters(Projection):
    """What happens to disasters. A part of the projection `Relief`, never run by itself."""

    @handles(Disaster.Created)
    def registered(self, event: Disaster.Created, at: LogEvent, to: Changes) -> None:
        """Warned of, or about to be said to have struck."""
        to.insert(
            DisasterRow,
            event.originator_id,
            on=day_of(event),
            kind=event.kind,
            title=event.title,
            warning=event.warning or None,
            state=DisasterState.WARNED,
            division_code=event.division_code,
            registered_on=day_of(event),
            affected_codes=event.affected_codes,
            ring=_ring(event.area),
        )

    @handles(Disaster.Occurred)
    def occurred(self, event: Disaster.Occurred, at: LogEvent, to: Changes) -> None:
        """The clock runs."""
        struck = {"occurred_at": event.occurred_at, "occurred_on": event.occurred_at.date()}
        due = {"list_by": event.list_by, "alarm_at": event.alarm_at, "relief_by": event.relief_by}
        _change(to, event, state=DisasterState.OCCURRED, **struck, **due)

    @handles(Disaster.AreaChanged)
    def area_changed(self, event: Disaster.AreaChanged, at: LogEvent, to: Changes) -> None:
        """Other places."""
        _change(to, event, affected_codes=event.affected_codes, ring=_ring(event.area))

    @handles(Disaster.Responded)
    def responded(self, event: Disaster.Responded, at: LogEvent, to: Changes) -> None:
        """A response of a level."""
        _change(to, event, state=DisasterState.RESPONDING, level=event.level)

    @handles(Disaster.VulnerableListed)
    def listed(self, event: Disaster.VulnerableListed, at: LogEvent, to: Changes) -> None:
        """Whoever is on it has a row of their own."""
        if event.complete:
            _change(to, event, list_made=True)

    @handles(Disaster.AlarmRaised)
    def alarmed(self, event: Disaster.AlarmRaised, at: LogEvent, to: Changes) -> None:
        """People wait and the time is short."""
        _change(to, event, alarmed_at=event.timestamp, alarmed_count=event.waiting_count)

    @handles(Disaster.Stabilised)
    def stable(self, event: Disaster.Stabilised, at: LogEvent, to: Changes) -> None:
        """It grows no further."""
        _change(to, event, state=DisasterState.STABLE, stable_at=event.stable_at)

    @handles(Disaster.FlaredUp)
    def flared_up(self, event: Disaster.FlaredUp, at: LogEvent, to: Changes) -> None:
        """It does again; where a response had been launched, that goes on."""
        on, id = day_of(event), event.originator_id
        to.patch(DisasterRow, id, on=on, decided=True, state=DisasterState.RESPONDING, stable_at=None)
        to.patch(DisasterRow, id, on=on, where={"level": None}, decided=True, state=DisasterState.OCCURRED)

    @handles(Disaster.Verified)
    def verified(self, event: Disaster.Verified, at: LogEvent, to: Changes) -> None:
        """The owner's figures are final."""
        _change(to, event, state=DisasterState.VERIFIED, verified_report_no=event.report_no)

    @handles(Disaster.RecoveryBegun)
    def recovering(self, event: Disaster.RecoveryBegun, at: LogEvent, to: Changes) -> None:
        """Rebuilding."""
        _change(to, event, state=DisasterState.RECOVERING)

    @handles(Disaster.Closed)
    def closed(self, event: Disaster.Closed, at: LogEvent, to: Changes) -> None:
        """Over."""
        _change(to, event, state=DisasterState.CLOSED, closed_on=day_of(event), note=event.note)

    @handles(DisasterReports.Created)
    def unit(self, event: DisasterReports.Created, at: LogEvent, to: Changes) -> None:
        """A unit that has to report."""
        said: dict[str, Any] = {"disaster_id": event.disaster_id, "division_code": event.division_code}
        due = {"due_at": event.due_at, "due_stage": ReportStage.INITIAL if event.due_at else None}
        to.insert(DisasterUnitRow, event.originator_id, on=day_of(event), **said, **due)

    @handles(DisasterReports.Filed)
    def filed(self, event: DisasterReports.Filed, at: LogEvent, to: Changes) -> None:
        """One more report; what it corrects stays beside it."""
        id, on, figures = event.originator_id, day_of(event), event.figures
        to.insert(
            DisasterReportRow,
            (id, event.report_no),
            on=on,
            disaster_id=event.disaster_id,
            division_code=division_of(at),
            stage=event.stage,
            as_of=event.as_of,
            filed_at=event.timestamp,
            due_at=event.due_at,
            late=event.late,
            corrects=event.corrects,
            note=event.note or None,
            by=event.by,
            **{field.name: getattr(figures, field.name) for field in fields(Figures)},
        )
        to.add(DisasterUnitRow, id, on=on, report_count=1, late_count=int(event.late))
        if event.corrects is not None:
            to.patch(DisasterReportRow, (id, event.corrects), on=on, corrected_by=event.report_no)
            return
        to.patch(DisasterUnitRow, id, on=on, decided=True, last_report_no=event.report_no, due_at=event.next_due_at)
        if event.stage is ReportStage.VERIFIED:
            to.patch(DisasterUnitRow, id, on=on, decided=True, verified_on=on, due_stage=None)
        elif event.next_due_at is None:
            to.patch(DisasterUnitRow, id, on=on, decided=True, due_stage=None)
        else:
            daily = {"due_stage": ReportStage.INITIAL}
            to.patch(DisasterUnitRow, id, on=on, where=daily, decided=True, due_stage=ReportStage.ZERO)

    @handles(DisasterReports.Missed)
    def missed(self, event: DisasterReports.Missed, at: LogEvent, to: Changes) -> None:
        """Nothing came in time."""
        id, on = event.originator_id, day_of(event)
        to.add(DisasterUnitRow, id, on=on, missed_count=1)
        next_due: dict[str, Any] = {"due_at": event.next_due_at, "due_stage": event.next_stage}
        to.patch(DisasterUnitRow, id, on=on, decided=True, **next_due)

    @handles(DisasterReports.Stabilised)
    def awaiting_verified(self, event: DisasterReports.Stabilised, at: LogEvent, to: Changes) -> None:
        """The verified report is next."""
        due: dict[str, Any] = {"due_at": event.due_at, "due_stage": ReportStage.VERIFIED if event.due_at else None}
        to.patch(DisasterUnitRow, event.originator_id, on=day_of(event), decided=True, **due)

    @handles(DisasterReports.Resumed)
    def resumed(self, event: DisasterReports.Resumed, at: LogEvent, to: Changes) -> None:
        """Every day again."""
        due: dict[str, Any] = {"due_at": event.due_at, "due_stage": ReportStage.ZERO}
        to.patch(DisasterUnitRow, event.originator_id, on=day_of(event), decided=True, **due)

    @handles(Casualty.Created)
    def casualty(self, event: Casualty.Created, at: LogEvent, to: Changes) -> None:
        """Dead or missing."""
        to.insert(
            CasualtyRow,
            event.originator_id,
            on=day_of(event),
            disaster_id=event.disaster_id,
            person_id=event.person_id,
            division_code=event.division_code,
            state=CasualtyState(event.kind.value),
            name=event.name,
            particulars=event.particulars,
            happened_at=event.happened_at,
            entered_by=event.by,
        )

    @handles(Casualty.Changed)
    def casualty_changed(self, event: Casualty.Changed, at: LogEvent, to: Changes) -> None:
        """More is known."""
        said: dict[str, Any] = {"state": event.state, "grounds": event.grounds}
        to.patch(CasualtyRow, event.originator_id, on=day_of(event), decided=True, **said)


def day_of(event: Event) -> date:
    """The day it happened."""
    return event.timestamp.date()


def _ring(area: tuple[tuple[int, int], ...]) -> str | None:
    return msgspec.json.encode(area).decode() if area else None


def _change(to: Changes, event: Event, **columns: Any) -> None:
    to.patch(DisasterRow, event.originator_id, on=day_of(event), decided=True, **columns)
