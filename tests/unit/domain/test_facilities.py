"""Facilities: filing, opening, inspections and what they stop, smoke detectors and alarms."""

from datetime import date
from uuid import uuid4

import pytest

from domain.care import Stay
from domain.care.commands import AddBeds, CloseFacility
from domain.care.stay import next_stay_id
from domain.codes import (
    AlarmOutcome,
    DischargeReason,
    FacilityKind,
    FacilityState,
    InspectionResult,
    Payer,
    StayKind,
)
from domain.errors import BadInput
from domain.registry import Facility
from domain.registry.commands import (
    AcceptRectification,
    ChangeFacilityDetails,
    FileFacility,
    HandleSmokeAlarm,
    InstallSmokeDetector,
    OpenFacility,
    RecordInspection,
    RegisterFacility,
    ReportSmokeAlarm,
    ResumeFacility,
    SuspendFacility,
)
from domain.registry.facility import facility_id
from tests.unit.domain.care_samples import TODAY, bed, facility
from tests.unit.domain.samples import VILLAGE, on
from tests.unit.domain.specification import assert_replays, given


def planned(kind: FacilityKind = FacilityKind.INST) -> Facility:
    return facility(kind, state=FacilityState.PLANNED)


class TestFilingAndOpening:
    def test_a_facility_is_registered_once_whatever_its_name_is_written_like(self) -> None:
        ask = RegisterFacility(name="外海 养老院", kind=FacilityKind.INST, division_code=VILLAGE, bed_capacity=60)
        made = given().when(ask).then(Facility.Created, bed_capacity=60, state=FacilityState.PLANNED)
        assert made.id == facility_id("外海养老院")
        given(made).when(ask).refused("不能重复登记")

    def test_an_institution_files_before_it_opens(self) -> None:
        home = planned()
        given(home).when(OpenFacility(facility_id=home.id, opened_on=TODAY)).refused("须先向区民政部门备案")
        filed = given(home).when(FileFacility(facility_id=home.id, filing_no="江备〔2015〕1号"))
        home = filed.then(Facility.StatusChanged, state=FacilityState.FILED, reference="江备〔2015〕1号")
        opened = given(home).when(OpenFacility(facility_id=home.id, opened_on=date(2015, 12, 1)))
        home = opened.then(Facility.StatusChanged, state=FacilityState.OPERATING, effective_on=date(2015, 12, 1))
        assert (home.opened_on, home.filing_no) == (date(2015, 12, 1), "江备〔2015〕1号")

    @pytest.mark.parametrize("kind", [FacilityKind.DAY_CARE, FacilityKind.HOME_STATION, FacilityKind.WAREHOUSE])
    def test_others_open_without_a_filing(self, kind: FacilityKind) -> None:
        place = planned(kind)
        given(place).when(FileFacility(facility_id=place.id, filing_no="1")).refused("无需办理养老机构备案")
        given(place).when(OpenFacility(facility_id=place.id, opened_on=TODAY)).then(Facility.StatusChanged)

    def test_particulars_change_only_where_something_does(self) -> None:
        home = facility()
        same = ChangeFacilityDetails(facility_id=home.id, operator="晨光养老服务中心")
        given(home).when(same).refused("没有需要变更的内容")
        more = ChangeFacilityDetails(facility_id=home.id, bed_capacity=80, area_m2=6_672)
        home = given(home).when(more).then(Facility.DetailsChanged, operator=None, bed_capacity=80)
        assert (home.bed_capacity, home.area_m2, home.operator) == (80, 6_672, "晨光养老服务中心")


class TestInspections:
    def test_what_is_to_be_mended_stops_new_residents_until_it_is_accepted(self) -> None:
        home = facility()
        look = RecordInspection(
            facility_id=home.id, result=InspectionResult.RECTIFY, inspected_on=TODAY, found="疏散通道堆放杂物"
        )
        home = given(home).when(look).then(Facility.Inspected, Facility.StatusChanged)
        assert home.state is FacilityState.RECTIFYING
        # 15 working days from 10 December 2015, with New Year's Day 2016 off.
        assert home.inspections[1].rectify_by == date(2015, 12, 31)
        given(home).when(ResumeFacility(facility_id=home.id, reason="已整改")).refused("尚未验收")
        done = AcceptRectification(facility_id=home.id, number=1, note="通道已清空", done_on=TODAY)
        home = (
            given(home)
            .when(done)
            .then(Facility.RectificationDone, Facility.StatusChanged, state=FacilityState.OPERATING)
        )
        given(home).when(done).refused("没有待验收的整改")

    def test_two_demands_both_have_to_be_met(self) -> None:
        home = facility()
        look = RecordInspection(
            facility_id=home.id, result=InspectionResult.SUSPEND, inspected_on=TODAY, found="烟感失效"
        )
        home = given(home).when(look).then(Facility.Inspected, Facility.StatusChanged, state=FacilityState.SUSPENDED)
        again = RecordInspection(facility_id=home.id, result=InspectionResult.RECTIFY, inspected_on=TODAY, found="厨房")
        home = given(home).when(again).then(Facility.Inspected, Facility.StatusChanged)
        first = AcceptRectification(facility_id=home.id, number=1, note="已更换", done_on=TODAY)
        home = given(home).when(first).then(Facility.RectificationDone)
        assert home.state is not FacilityState.OPERATING
        second = AcceptRectification(facility_id=home.id, number=2, note="已清理", done_on=TODAY)
        home = given(home).when(second).then(Facility.RectificationDone, Facility.StatusChanged)
        assert home.state is FacilityState.OPERATING

    def test_a_passed_inspection_changes_nothing_and_problems_have_to_be_named(self) -> None:
        home = facility()
        passed = RecordInspection(facility_id=home.id, result=InspectionResult.PASSED, inspected_on=TODAY)
        given(home).when(passed).then(Facility.Inspected, rectify_by=None)
        vague = RecordInspection(facility_id=home.id, result=InspectionResult.RECTIFY, inspected_on=TODAY)
        given(home).when(vague).refused("写明发现的问题")

    def test_suspending_needs_a_reason(self) -> None:
        home = facility()
        given(home).when(SuspendFacility(facility_id=home.id, reason=" ")).refused("写明暂停服务的原因")
        given(home).when(SuspendFacility(facility_id=home.id, reason="未按期整改")).then(Facility.StatusChanged)


class TestClosing:
    def test_not_while_somebody_lives_there(self) -> None:
        home, who = facility(), uuid4()
        stay = Stay.admit(
            next_stay_id(who, 0),
            on("2015-06-01"),
            person_id=who,
            facility_id=home.id,
            admission_no="1",
            kind=StayKind.RESIDENT,
            payer=Payer.SELF,
            division_code=VILLAGE,
            effective_on=date(2015, 6, 1),
        )
        close = CloseFacility(facility_id=home.id, reason="机构注销")
        given(home, stay).when(close).refused("尚有 1 名在院老年人")
        stay.discharge(on("2015-12-09"), reason=DischargeReason.TRANSFER, effective_on=date(2015, 12, 9))
        closed = given(home, stay).when(close).then(Facility.StatusChanged, state=FacilityState.CLOSED)
        given(closed).when(close).refused("已经关停")


class TestSmoke:
    def test_a_detector_is_put_up_once_and_an_alarm_seen_to_once(self) -> None:
        home = facility()
        put = InstallSmokeDetector(facility_id=home.id, detector_no="YG-01", place="二楼走廊", installed_on=TODAY)
        home = given(home).when(put).then(Facility.DetectorInstalled)
        given(home).when(put).refused("不能重复登记")
        alarm = ReportSmokeAlarm(facility_id=home.id, alarm_no="A1", detector_no="YG-01")
        home = given(home).when(alarm).then(Facility.SmokeAlarmRaised)
        given(home).when(alarm).refused("已经登记过")
        vague = HandleSmokeAlarm(facility_id=home.id, alarm_no="A1", outcome=AlarmOutcome.FIRE)
        given(home).when(vague).refused("写明处置情况")
        seen = HandleSmokeAlarm(facility_id=home.id, alarm_no="A1", outcome=AlarmOutcome.FALSE_ALARM)
        home = given(home).when(seen).then(Facility.SmokeAlarmHandled)
        given(home).when(seen).refused("没有编号为 A1 的待处置报警")
        home.report_alarm(on("2015-12-10"), alarm_no="A1", detector_no="YG-01")
        assert not home.alarms

    def test_facts_are_never_refused(self) -> None:
        home = facility(state=FacilityState.CLOSED)
        home.report_state(on("2015-12-01"), state=FacilityState.OPERATING, effective_on=date(2015, 12, 1))
        home.report_state(on("2015-12-02"), state=FacilityState.OPERATING, effective_on=date(2015, 12, 2))
        home.report_details(on("2015-12-02"), effective_on=TODAY, bed_capacity=30)
        home.report_inspection(on("2015-12-02"), result=InspectionResult.RECTIFY, inspected_on=TODAY)
        assert (home.state, home.bed_capacity) == (FacilityState.OPERATING, 30)
        assert home.open_inspections[0].rectify_by is None
        assert_replays(home)


class TestBedsOfAFacility:
    def test_numbers_are_unique_there_and_only_where_people_live(self) -> None:
        home = facility()
        add = AddBeds(facility_id=home.id, bed_nos=("201-1", "201-2"))
        made = given(home).when(add)
        assert [each.bed_no for each in made.aggregates] == ["201-1", "201-2"]  # type: ignore[attr-defined]
        given(home, bed(home, "２０１－１")).when(add).refused("床位 201-1 已登记")
        twice = AddBeds(facility_id=home.id, bed_nos=("1", " 1"))
        given(home).when(twice).refused("不重复", BadInput)
        station = facility(FacilityKind.HOME_STATION, name="站")
        given(station).when(AddBeds(facility_id=station.id, bed_nos=("1",))).refused("不设住养床位")
