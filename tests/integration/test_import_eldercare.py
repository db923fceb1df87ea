"""The eldercare system's files, as messy as they come: facilities, stays and beds, assessments, services at home."""

from collections.abc import AsyncIterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from domain.care import Assessment, Bed, ServiceOrder, Stay
from domain.care.bed import bed_id
from domain.care.stay import stay_id
from domain.codes import (
    AssessmentState,
    BedState,
    DischargeReason,
    FacilityKind,
    FacilityState,
    FindingRule,
    OperatorMode,
    OrderState,
    Payer,
    Scale,
    StayState,
)
from domain.findings import Finding
from domain.registry import Facility
from domain.registry.facility import facility_id
from tests.files.installation import Installation, installed
from tests.files.make import citizen_id, person, write_csv, write_xlsx

ELDER, OTHER = person(1, born=date(1940, 3, 3)), person(2, born=date(1938, 5, 5))
ID, SECOND = citizen_id(1, date(1940, 3, 3)), citizen_id(2, date(1938, 5, 5))
HOME = "外海养老院"
STAYS = ("姓名", "身份证号", "入院机构", "入院编号", "入院时间", "出院时间", "出院原因", "入院状态", "床位号")
ASSESSED = ("姓名", "身份证号", "评估日期", "评估标准", "总分", "等级", "失能状况", "评估员", "审核人")
SERVICES = ("服务单号", "姓名", "身份证号", "服务机构", "服务项目", "服务日期", "时长（分钟）", "数量", "单价", "金额")


@pytest.fixture
async def it(admin_url: str, database_url: str, tmp_path: Path) -> AsyncIterator[Installation]:
    async with installed(admin_url, database_url, tmp_path) as installation:
        await installation.take(write_csv(tmp_path / "people.csv", [ELDER, OTHER]), "population", "2014-12-31")
        yield installation


async def facilities(it: Installation) -> None:
    """The list of facilities as a workbook with a big title, code lists in headers and an example row."""
    cells: list[list[Any]] = [
        ["江海区养老服务设施名册（2015年）"],
        [
            "*机构名称",
            "*机构类型",
            "机构性质(1公办 2民办 3公建民营)",
            "*街道",
            "*社区",
            "床位数",
            "建筑面积",
            "开业时间",
            "状态",
        ],
        [HOME, "养老院", "3", "外海街道", "麻三村", "120.0", "6672", "2011-04-01 00:00:00", "在用"],
        ["礼乐敬老院", "", "公办", "礼乐街道", "威西村委会", 60, "", datetime(2010, 1, 5), "运营"],
        ["麻三居家养老服务站", "居家养老站", "", "外海", "麻三", "", "", "", ""],
        ["", "", "", "", "", "", "", "", ""],
    ]
    report = await it.take(write_xlsx(it.folder / "facilities.xlsx", cells), "eldercare")
    assert (report.counts.recorded, report.counts.quarantined) == (3, 0)


async def take(
    it: Installation, name: str, titles: tuple[str, ...], *rows: tuple[Any, ...], on: str = "2015-12-31"
) -> Any:
    made = [dict(zip(titles, row, strict=True)) for row in rows]
    return await it.take(write_csv(it.folder / f"{name}.csv", made, titles, encoding="gb18030"), "eldercare", on)


async def found(it: Installation) -> list[tuple[FindingRule, int]]:
    events = [event for event in await it.events(Finding.Created.TOPIC) if isinstance(event, Finding.Created)]
    return [(event.rule, event.amount_fen) for event in events]


async def test_facilities_are_known_by_name_and_change_as_files_say(it: Installation) -> None:
    await facilities(it)
    home = await it.aggregate(facility_id("外海 养老院"))
    assert isinstance(home, Facility)
    assert (home.kind, home.state, home.operator_mode) == (
        FacilityKind.INST,
        FacilityState.OPERATING,
        OperatorMode.PUBLIC_BUILT_PRIVATE_RUN,
    )
    assert (home.bed_capacity, home.area_m2, home.opened_on) == (120, 6672, date(2011, 4, 1))
    rural = await it.aggregate(facility_id("礼乐敬老院"))
    assert (rural.kind, rural.division_code) == (FacilityKind.RURAL_HOME, "440704005211")
    titles = ("机构名称", "机构类型", "所属地区", "床位数", "状态")
    report = await take(it, "later", titles, (HOME, "养老院", "江海区,外海街道,麻三村", 130, "限期整改"))
    assert report.counts.recorded == 1
    home = await it.aggregate(home.id)
    assert (home.bed_capacity, home.state, home.opened_on) == (130, FacilityState.RECTIFYING, date(2011, 4, 1))


async def test_stays_with_their_beds_from_admission_to_death(it: Installation) -> None:
    early = (ELDER["姓名"], ID, HOME, "R1", "2015-03-01 08:30:00", "", "", "3", "201-1")
    report = await take(it, "stays", STAYS, early, on="2015-06-30")
    assert (report.counts.recorded, report.counts.quarantined) == (0, 1)
    (waiting,) = await it.waiting()
    assert waiting.reason == "no_predecessor"
    await facilities(it)
    home = facility_id(HOME)
    stay = await it.aggregate(stay_id(home, "R1"))
    assert isinstance(stay, Stay)
    assert (stay.state, stay.admitted_on, stay.payer) == (StayState.ADMITTED, date(2015, 3, 1), Payer.SELF)
    bed = await it.aggregate(bed_id(home, "201-1"))
    assert (bed.state, bed.persons) == (BedState.OCCUPIED, (stay.person_id,))

    away = (*early[:7], "外出", "２０１－１")
    assert (await take(it, "away", STAYS, away, on="2015-09-30")).counts.recorded == 1
    assert (await it.aggregate(bed.id)).state is BedState.HELD
    assert (await it.aggregate(bed.id)).release_by is None, "history opens no work"
    died = (*early[:5], "2015-12-01", "2", "6", "201-1")
    assert (await take(it, "died", STAYS, died)).counts.recorded == 1
    assert (await take(it, "died", STAYS, died)).counts.duplicates == 1
    stay, bed = await it.aggregate(stay.id), await it.aggregate(bed.id)
    assert (stay.state, stay.discharged_on) == (StayState.DISCHARGED, date(2015, 12, 1))
    assert (bed.state, bed.persons) == (BedState.CLEANING, ())
    reasons = [event.reason for event in await it.events(Stay.Discharged.TOPIC)]  # type: ignore[attr-defined]
    assert reasons == [DischargeReason.DEATH]
    assert await found(it) == []


async def test_what_contradicts_itself_waits_and_what_contradicts_the_rules_is_found(it: Installation) -> None:
    await facilities(it)
    report = await take(
        it,
        "stays",
        STAYS,
        (ELDER["姓名"], ID, HOME, "R1", "2015-03-01", "", "", "已住院", "201-1"),
        (OTHER["姓名"], SECOND, HOME, "R2", "2015-04-01", "", "", "3", "201-1"),
        (OTHER["姓名"], SECOND, "礼乐敬老院", "R9", "2015-05-01", "", "", "3", ""),
        (OTHER["姓名"], SECOND, HOME, "R3", "2015-05-01", "2015-04-01", "", "6", ""),
        (OTHER["姓名"], SECOND, HOME, "R4", "2015-05-01", "", "", "6", ""),
        (OTHER["姓名"], SECOND, HOME, "R1", "2015-05-01", "", "", "3", ""),
        ("幻甲九", SECOND, HOME, "R5", "2015-05-01", "", "", "3", ""),
        (OTHER["姓名"], SECOND, HOME, "R6", "2015-05-01", "", "", "7", ""),
    )
    assert (report.counts.recorded, report.counts.quarantined) == (3, 5)
    assert sorted(rule for rule, _ in await found(it)) == [FindingRule.BED_GIVEN_TWICE, FindingRule.TWO_STAYS]
    bed = await it.aggregate(bed_id(facility_id(HOME), "201-1"))
    assert len(bed.persons) == 2
    deaths = [{"身份证号": SECOND, "姓名": OTHER["姓名"], "去世时间": "2015-08-01", "火化时间": "2015-08-03"}]
    await it.take(write_csv(it.folder / "deaths.csv", deaths, tuple(deaths[0])), "population")
    later = (OTHER["姓名"], SECOND, HOME, "R2", "2015-04-01", "2015-10-01", "其他", "6", "201-1")
    await take(it, "left", STAYS, later)
    assert (FindingRule.STAY_AFTER_DEATH, 0) in await found(it)


async def test_assessments_keep_their_own_scales_and_nobodys_name(it: Installation) -> None:
    name = ELDER["姓名"]
    report = await take(
        it,
        "assessed",
        ASSESSED,
        (name, ID, "2014-06-01", "", "", "", "3", "甲一、乙二", "丙三"),
        (name, ID, "2015-06-01", "GB/T 42195-2022", "43", "4", "", "甲一", "甲一"),
        (name, ID, "2015-07-01", "国标", "43", "2", "", "甲一、乙二", ""),
        (name, ID, "2015-07-02", "", "", "2", "", "甲一、乙二", ""),
        (name, ID, "2015-07-03", "MZ/T039-2013", "", "4", "", "甲一、乙二", ""),
    )
    assert (report.counts.recorded, report.counts.quarantined) == (2, 3)
    assert sorted(rule for rule, _ in await found(it)) == [
        FindingRule.ASSESSOR_REVIEWED,
        FindingRule.TOO_FEW_ASSESSORS,
    ]
    made = {event.originator_id for event in await it.events(Assessment.Created.TOPIC)}
    both = sorted([await it.aggregate(id) for id in made], key=lambda each: each.assessed_on)
    assert [(each.scale, each.grade, each.state) for each in both] == [
        (Scale.LOCAL, 1, AssessmentState.EXPIRED),
        (Scale.GBT_42195, 4, AssessmentState.EFFECTIVE),
    ]
    assert both[1].valid_to == date(2016, 6, 1)
    rows = await it.log.read(0, 100_000)
    for row in rows:
        assert "甲一".encode() not in row.payload
        assert "乙二".encode() not in row.payload


async def test_services_are_paid_by_their_units_and_not_while_the_person_lives_elsewhere(it: Installation) -> None:
    await facilities(it)
    station, name = "麻三居家养老服务站", ELDER["姓名"]
    await take(it, "stays", STAYS, (name, ID, HOME, "R1", "2015-03-01", "2015-04-01", "0", "6", ""))
    report = await take(
        it,
        "services",
        SERVICES,
        ("S1", name, ID, station, "1", "2015-02-01", "60", "2", "15.50", "31"),
        ("S2", name, ID, station, "助洁", "2015-03-10", "60", "1", "30", "30.00"),
        ("S3", name, ID, station, "助浴", "2015-05-01", "60", "1", "30", "35"),
        ("S4", name, ID, "没有的站", "助浴", "2015-05-01", "60", "1", "30", "30"),
        ("S5", name, ID, station, "助浴", "2015-05-01", "60", "3", "", "10"),
    )
    assert (report.counts.recorded, report.counts.quarantined) == (3, 2)
    assert sorted(await found(it)) == [
        (FindingRule.SERVICE_AMOUNT, 500),
        (FindingRule.SERVICE_WHILE_AWAY, 3_000),
    ]
    order = await it.derived("service order", "eldercare", "S1")
    assert isinstance(order, ServiceOrder)
    assert (order.state, order.served_units, order.payable_fen, order.settled_fen) == (
        OrderState.SETTLED,
        2,
        3_100,
        3_100,
    )
    assert not [event for event in await it.events(Bed.Created.TOPIC)]
