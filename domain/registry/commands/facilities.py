"""Decisions about facilities: register, file, open, inspect, suspend, resume; smoke detectors and their alarms.

Closing one asks who still lives there, so it stands with care (domain/care/commands/facilities.py).
"""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from domain.access import CASEWORKERS, DISTRICT, OFFICIALS
from domain.codes import AlarmOutcome, FacilityKind, InspectionResult, OperatorMode
from domain.errors import RuleViolated
from domain.kernel import Command, Decided, Decision, Doc, Load, LoadMany
from domain.registry.facility import Facility, facility_id
from domain.registry.places import demand_division

FacilityId = Annotated[UUID, Doc("设施标识")]
Reason = Annotated[str, Doc("原因或依据，不写个人信息")]


@dataclass(frozen=True, kw_only=True)
class RegisterFacility(Command):
    """登记设施：养老机构、居家养老服务站、日间照料中心、仓库、避难场所等，登记后为筹建状态。"""

    ROLES: ClassVar = DISTRICT
    name: Annotated[str, Doc("名称，按登记证书填写")]
    kind: Annotated[FacilityKind, Doc("设施类型")]
    division_code: Annotated[str, Doc("所在地区划代码")]
    operator_mode: Annotated[OperatorMode | None, Doc("运营方式")] = None
    operator: Annotated[str, Doc("运营单位名称")] = ""
    address: Annotated[str, Doc("地址")] = ""
    bed_capacity: Annotated[int, Doc("核定床位数")] = 0
    area_m2: Annotated[int | None, Doc("建筑面积（平方米）")] = None

    def decide(self, by: Decision) -> Decided:
        known: dict[UUID, Facility] = yield LoadMany(Facility, (facility_id(self.name),))
        if known:
            raise RuleViolated(f"已有名为“{self.name.strip()}”的设施，不能重复登记；如系另一处，请写明全称。")
        facility = Facility.register(
            by.now,
            name=self.name,
            kind=self.kind,
            division_code=demand_division(self.division_code),
            operator_mode=self.operator_mode,
            operator=self.operator,
            address=self.address,
            bed_capacity=self.bed_capacity,
            area_m2=self.area_m2,
            by=by.actor.name,
        )
        return (facility,)


@dataclass(frozen=True, kw_only=True)
class FileFacility(Command):
    """养老机构备案：登记后向区民政部门备案。"""

    ROLES: ClassVar = DISTRICT
    facility_id: FacilityId
    filing_no: Annotated[str, Doc("备案编号")]

    def decide(self, by: Decision) -> Decided:
        facility: Facility = yield Load(Facility, self.facility_id)
        facility.file(by.now, filing_no=self.filing_no, by=by.actor.name)
        return (facility,)


@dataclass(frozen=True, kw_only=True)
class OpenFacility(Command):
    """设施开始运营：养老机构、农村敬老院须先备案。"""

    ROLES: ClassVar = DISTRICT
    facility_id: FacilityId
    opened_on: Annotated[date, Doc("开业日期")]

    def decide(self, by: Decision) -> Decided:
        facility: Facility = yield Load(Facility, self.facility_id)
        facility.open(by.now, opened_on=self.opened_on, by=by.actor.name)
        return (facility,)


@dataclass(frozen=True, kw_only=True)
class ChangeFacilityDetails(Command):
    """变更设施信息；未填写的项不变。"""

    ROLES: ClassVar = DISTRICT
    facility_id: FacilityId
    name: Annotated[str | None, Doc("名称")] = None
    operator_mode: Annotated[OperatorMode | None, Doc("运营方式")] = None
    operator: Annotated[str | None, Doc("运营单位名称")] = None
    address: Annotated[str | None, Doc("地址")] = None
    bed_capacity: Annotated[int | None, Doc("核定床位数")] = None
    area_m2: Annotated[int | None, Doc("建筑面积（平方米）")] = None

    def decide(self, by: Decision) -> Decided:
        facility: Facility = yield Load(Facility, self.facility_id)
        facility.change_details(
            by.now,
            by=by.actor.name,
            name=self.name,
            operator_mode=self.operator_mode,
            operator=self.operator,
            address=self.address,
            bed_capacity=self.bed_capacity,
            area_m2=self.area_m2,
        )
        return (facility,)


@dataclass(frozen=True, kw_only=True)
class RecordInspection(Command):
    """登记设施检查：要求整改的写明问题，整改期限按现行规定计算，验收前不接收新的服务对象。"""

    ROLES: ClassVar = OFFICIALS
    facility_id: FacilityId
    result: Annotated[InspectionResult, Doc("检查结果")]
    inspected_on: Annotated[date, Doc("检查日期")]
    found: Annotated[str, Doc("发现的问题，只写设施情况，不写个人信息")] = ""

    def decide(self, by: Decision) -> Decided:
        facility: Facility = yield Load(Facility, self.facility_id)
        mend = self.result is not InspectionResult.PASSED
        facility.inspect(
            by.now,
            result=self.result,
            found=self.found,
            inspected_on=self.inspected_on,
            rectify_by=by.due("care.rectification", facility.division_code) if mend else None,
            by=by.actor.name,
        )
        return (facility,)


@dataclass(frozen=True, kw_only=True)
class AcceptRectification(Command):
    """整改验收：工作人员复查合格；全部整改合格后恢复运营。"""

    ROLES: ClassVar = OFFICIALS
    facility_id: FacilityId
    number: Annotated[int, Doc("第几次检查")]
    note: Annotated[str, Doc("复查情况，不写个人信息")]
    done_on: Annotated[date, Doc("整改完成日期")]

    def decide(self, by: Decision) -> Decided:
        facility: Facility = yield Load(Facility, self.facility_id)
        facility.accept_rectification(
            by.now, number=self.number, note=self.note, done_on=self.done_on, by=by.actor.name
        )
        return (facility,)


@dataclass(frozen=True, kw_only=True)
class SuspendFacility(Command):
    """责令设施暂停服务。"""

    ROLES: ClassVar = DISTRICT
    facility_id: FacilityId
    reason: Reason

    def decide(self, by: Decision) -> Decided:
        facility: Facility = yield Load(Facility, self.facility_id)
        facility.suspend(by.now, reason=self.reason, by=by.actor.name)
        return (facility,)


@dataclass(frozen=True, kw_only=True)
class ResumeFacility(Command):
    """设施恢复运营：整改全部验收后。"""

    ROLES: ClassVar = DISTRICT
    facility_id: FacilityId
    reason: Reason

    def decide(self, by: Decision) -> Decided:
        facility: Facility = yield Load(Facility, self.facility_id)
        facility.resume(by.now, reason=self.reason, by=by.actor.name)
        return (facility,)


@dataclass(frozen=True, kw_only=True)
class InstallSmokeDetector(Command):
    """登记安装独立式烟感报警器。"""

    ROLES: ClassVar = CASEWORKERS
    facility_id: FacilityId
    detector_no: Annotated[str, Doc("烟感编号")]
    place: Annotated[str, Doc("安装位置，如“二楼走廊”")]
    installed_on: Annotated[date, Doc("安装日期")]

    def decide(self, by: Decision) -> Decided:
        facility: Facility = yield Load(Facility, self.facility_id)
        facility.install_detector(
            by.now,
            detector_no=self.detector_no,
            place=self.place,
            installed_on=self.installed_on,
            by=by.actor.name,
        )
        return (facility,)


@dataclass(frozen=True, kw_only=True)
class RemoveSmokeDetector(Command):
    """登记拆除烟感报警器。"""

    ROLES: ClassVar = CASEWORKERS
    facility_id: FacilityId
    detector_no: Annotated[str, Doc("烟感编号")]
    reason: Reason

    def decide(self, by: Decision) -> Decided:
        facility: Facility = yield Load(Facility, self.facility_id)
        facility.remove_detector(by.now, detector_no=self.detector_no, reason=self.reason, by=by.actor.name)
        return (facility,)


@dataclass(frozen=True, kw_only=True)
class ReportSmokeAlarm(Command):
    """登记烟感报警。"""

    ROLES: ClassVar = CASEWORKERS
    facility_id: FacilityId
    alarm_no: Annotated[str, Doc("报警编号，同一报警只登记一次")]
    detector_no: Annotated[str, Doc("烟感编号")]

    def decide(self, by: Decision) -> Decided:
        facility: Facility = yield Load(Facility, self.facility_id)
        if not self.alarm_no.strip():
            raise RuleViolated("请填写报警编号。")
        if self.alarm_no in facility.alarms_seen:
            raise RuleViolated(f"报警 {self.alarm_no} 已经登记过。")
        facility.report_alarm(by.now, alarm_no=self.alarm_no, detector_no=self.detector_no)
        return (facility,)


@dataclass(frozen=True, kw_only=True)
class HandleSmokeAlarm(Command):
    """登记烟感报警的处置结果。"""

    ROLES: ClassVar = CASEWORKERS
    facility_id: FacilityId
    alarm_no: Annotated[str, Doc("报警编号")]
    outcome: Annotated[AlarmOutcome, Doc("处置结果")]
    note: Annotated[str, Doc("处置情况，不写个人信息")] = ""

    def decide(self, by: Decision) -> Decided:
        facility: Facility = yield Load(Facility, self.facility_id)
        facility.handle_alarm(by.now, alarm_no=self.alarm_no, outcome=self.outcome, note=self.note, by=by.actor.name)
        return (facility,)
