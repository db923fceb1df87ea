"""Facilities in the read models: who runs them, in what state they are, inspections, smoke detectors and alarms."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from domain.access import Area
from domain.codes import AlarmOutcome, FacilityKind, FacilityState, InspectionResult, OperatorMode
from domain.registry.facility import Facility
from infra.log import LogEvent
from projections.kernel.changes import Changes, Projection, handles
from projections.kernel.tables import Doc, Limit, Many, One, Owner, Relations, view


# Public: what a facility is and where stands on its door, and whoever places somebody looks beyond their own street.
@view("facility", area=Area.CARE, scope_from="division_code", order=("name", "id"), public=True)
@dataclass
class FacilityRow:
    """设施"""

    id: Annotated[UUID, Doc("设施标识")]
    name: Annotated[str, Doc("名称")]
    kind: Annotated[FacilityKind, Doc("设施类型")]
    state: Annotated[FacilityState, Doc("设施状态")]
    operator_mode: Annotated[OperatorMode | None, Doc("运营方式")]
    operator: Annotated[str | None, Doc("运营单位")]
    division_code: Annotated[str, Doc("所在地区划代码")]
    address: Annotated[str | None, Doc("地址")]
    bed_capacity: Annotated[int, Doc("核定床位数")]
    area_m2: Annotated[int | None, Doc("建筑面积（平方米）")]
    opened_on: Annotated[date | None, Doc("开业日期")]
    filing_no: Annotated[str | None, Doc("备案编号")]
    closed_on: Annotated[date | None, Doc("关停日期")]

    RELATIONS: ClassVar[Relations] = {
        "division": One("division", local="division_code"),
        "bed_counts": One("facility_beds", local="id"),
        "beds": Many("bed", on="facility_id", order=("bed_no", "id")),
        "stays": Many("care_record", on="facility_id", order=("admitted_on", "id")),
        "inspections": Many("facility_inspection", on="facility_id", order=("number", "facility_id")),
        "detectors": Many("smoke_detector", on="facility_id", order=("detector_no", "facility_id")),
        "alarms": Many("smoke_alarm", on="facility_id", order=("raised_at", "facility_id", "alarm_no")),
        "timeline": Many("timeline", on="subject", prefix="facility:"),
    }
    FILTERS: ClassVar[tuple[str, ...]] = ("kind", "state", "operator_mode", "division_code", "opened_on")


@view(
    "facility_inspection",
    area=Area.CARE,
    key=("facility_id", "number"),
    owner=Owner("facility", "facility_id"),
    order=("inspected_on", "facility_id", "number"),
)
@dataclass
class FacilityInspectionRow:
    """设施检查"""

    facility_id: Annotated[UUID, Doc("设施标识")]
    number: Annotated[int, Doc("第几次检查")]
    result: Annotated[InspectionResult, Doc("检查结果")]
    inspected_on: Annotated[date, Doc("检查日期")]
    found: Annotated[str | None, Doc("发现的问题")]
    waiting: Annotated[bool, Doc("是否待整改")]
    rectify_by: Annotated[date | None, Doc("整改期限"), Limit("waiting")]
    done_on: Annotated[date | None, Doc("整改完成日期")]
    note: Annotated[str | None, Doc("复查情况")]
    inspected_by: Annotated[str | None, Doc("检查的经办账号")]
    accepted_by: Annotated[str | None, Doc("验收的经办账号")]

    RELATIONS: ClassVar[Relations] = {"facility": One("facility", local="facility_id")}
    FILTERS: ClassVar[tuple[str, ...]] = ("facility_id", "result", "waiting", "inspected_on", "rectify_by")


@view("smoke_detector", area=Area.CARE, key=("facility_id", "detector_no"), owner=Owner("facility", "facility_id"))
@dataclass
class SmokeDetectorRow:
    """烟感报警器"""

    facility_id: Annotated[UUID, Doc("设施标识")]
    detector_no: Annotated[str, Doc("烟感编号")]
    place: Annotated[str, Doc("安装位置")]
    installed_on: Annotated[date, Doc("安装日期")]
    removed_on: Annotated[date | None, Doc("拆除日期")]

    RELATIONS: ClassVar[Relations] = {"facility": One("facility", local="facility_id")}
    FILTERS: ClassVar[tuple[str, ...]] = ("facility_id", "installed_on", "removed_on")


@view(
    "smoke_alarm",
    area=Area.CARE,
    key=("facility_id", "alarm_no"),
    owner=Owner("facility", "facility_id"),
    order=("raised_at", "facility_id", "alarm_no"),
)
@dataclass
class SmokeAlarmRow:
    """烟感报警"""

    facility_id: Annotated[UUID, Doc("设施标识")]
    alarm_no: Annotated[str, Doc("报警编号")]
    detector_no: Annotated[str, Doc("烟感编号")]
    raised_at: Annotated[datetime, Doc("报警时间")]
    open: Annotated[bool, Doc("是否未处置")]
    outcome: Annotated[AlarmOutcome | None, Doc("处置结果")]
    note: Annotated[str | None, Doc("处置情况")]
    handled_at: Annotated[datetime | None, Doc("处置时间")]
    handled_by: Annotated[str | None, Doc("处置的账号")]

    RELATIONS: ClassVar[Relations] = {"facility": One("facility", local="facility_id")}
    FILTERS: ClassVar[tuple[str, ...]] = ("facility_id", "open", "outcome", "raised_at")


class Facilities(Projection):
    """What happens to facilities."""

    name = "facilities"
    version = 1
    views = (FacilityRow, FacilityInspectionRow, SmokeDetectorRow, SmokeAlarmRow)
    personal = False

    @handles(Facility.Created)
    def registered(self, event: Facility.Created, at: LogEvent, to: Changes) -> None:
        """A facility, from the day it opened where that is known."""
        to.insert(
            FacilityRow,
            event.originator_id,
            on=event.opened_on or event.timestamp.date(),
            name=event.name,
            kind=event.kind,
            state=event.state,
            operator_mode=event.operator_mode,
            operator=event.operator or None,
            division_code=event.division_code,
            address=event.address or None,
            bed_capacity=event.bed_capacity,
            area_m2=event.area_m2,
            opened_on=event.opened_on,
            filing_no=event.filing_no or None,
        )

    @handles(Facility.StatusChanged)
    def status(self, event: Facility.StatusChanged, at: LogEvent, to: Changes) -> None:
        """Another state."""
        said: dict[str, Any] = {"state": event.state}
        if event.state is FacilityState.FILED:
            said["filing_no"] = event.reference or None
        if event.state is FacilityState.CLOSED:
            said["closed_on"] = event.effective_on
        to.patch(FacilityRow, event.originator_id, on=event.effective_on, decided=at.decided, **said)
        if event.state is FacilityState.OPERATING:
            # Only the first opening is the day it opened.
            where = {"opened_on": None}
            to.patch(FacilityRow, event.originator_id, on=event.effective_on, where=where, opened_on=event.effective_on)

    @handles(Facility.DetailsChanged)
    def details(self, event: Facility.DetailsChanged, at: LogEvent, to: Changes) -> None:
        """Particulars."""
        names = ("name", "operator_mode", "operator", "address", "bed_capacity", "area_m2", "opened_on")
        news = {name: value for name in names if (value := getattr(event, name)) is not None}
        to.patch(FacilityRow, event.originator_id, on=event.effective_on, decided=at.decided, **news)

    @handles(Facility.Inspected)
    def inspected(self, event: Facility.Inspected, at: LogEvent, to: Changes) -> None:
        """An inspection, and what it wants mended."""
        to.insert(
            FacilityInspectionRow,
            (event.originator_id, event.number),
            on=event.timestamp.date(),
            result=event.result,
            inspected_on=event.inspected_on,
            found=event.found or None,
            waiting=event.result is not InspectionResult.PASSED,
            rectify_by=event.rectify_by,
            inspected_by=event.by or None,
        )

    @handles(Facility.RectificationDone)
    def rectified(self, event: Facility.RectificationDone, at: LogEvent, to: Changes) -> None:
        """Mended."""
        to.patch(
            FacilityInspectionRow,
            (event.originator_id, event.number),
            on=event.timestamp.date(),
            waiting=False,
            done_on=event.done_on,
            note=event.note,
            accepted_by=event.by,
        )

    @handles(Facility.DetectorInstalled)
    def installed(self, event: Facility.DetectorInstalled, at: LogEvent, to: Changes) -> None:
        """A detector, new or put back."""
        key = (event.originator_id, event.detector_no)
        on = event.installed_on
        to.put(SmokeDetectorRow, key, on=on, place=event.place, installed_on=on)

    @handles(Facility.DetectorRemoved)
    def removed(self, event: Facility.DetectorRemoved, at: LogEvent, to: Changes) -> None:
        """A detector that is gone."""
        key = (event.originator_id, event.detector_no)
        to.patch(SmokeDetectorRow, key, on=event.removed_on, removed_on=event.removed_on)

    @handles(Facility.SmokeAlarmRaised)
    def alarm(self, event: Facility.SmokeAlarmRaised, at: LogEvent, to: Changes) -> None:
        """An alarm that somebody has to see to."""
        to.insert(
            SmokeAlarmRow,
            (event.originator_id, event.alarm_no),
            on=event.timestamp.date(),
            detector_no=event.detector_no,
            raised_at=event.timestamp,
            open=True,
        )

    @handles(Facility.SmokeAlarmHandled)
    def handled_alarm(self, event: Facility.SmokeAlarmHandled, at: LogEvent, to: Changes) -> None:
        """What it was."""
        to.patch(
            SmokeAlarmRow,
            (event.originator_id, event.alarm_no),
            on=event.timestamp.date(),
            open=False,
            outcome=event.outcome,
            note=event.note or None,
            handled_at=event.timestamp,
            handled_by=event.by,
        )
