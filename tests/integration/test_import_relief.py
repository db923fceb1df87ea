"""The relief office's workbooks: slips, disaster statistics, and the winter template with its notes and empty rows."""

from collections.abc import AsyncIterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from connectors.relief import SOURCE
from domain.codes import AidState, DisasterState, FindingRule, FundSource, ReliefItem, ReportStage
from domain.findings import Finding
from domain.relief import Disaster, DisasterReports, ReliefAid, Stock
from tests.files.installation import Installation, installed
from tests.files.make import DEATH_TITLES, citizen_id, person, write_csv

ONE, TWO, THREE = person(1), person(2), person(3)
SLIPS = ("单据号", "仓库名称", "物资名称", "出入库类型", "数量（件）", "单价（元）", "物资来源", "日期")
STATISTICS = (
    *("灾害名称", "灾种", "发生时间", "街道", "报告阶段", "数据截止时间", "受灾人口（人）", "紧急转移安置人口（人）"),
    *("因灾死亡人口（人）", "倒塌房屋（间）", "直接经济损失（万元）"),
)
WINTER = ("救助年度", "户主姓名", "身份证号码", "街道", "村/社区", "救助人口", "救助金额（元）", "资金来源", "发放日期")
NOTE = "填写说明：\n1. 身份证号码须为文本格式；\n2. 救助金额以元为单位，见“字典”工作表。"


@pytest.fixture
async def it(admin_url: str, database_url: str, tmp_path: Path) -> AsyncIterator[Installation]:
    async with installed(admin_url, database_url, tmp_path) as installation:
        await installation.take(write_csv(tmp_path / "people.csv", [ONE, TWO, THREE]), "population", "2014-12-31")
        yield installation


def workbook(path: Path, titles: Sequence[str], rows: Sequence[Sequence[Any]], note: str = "") -> Path:
    """A workbook as the office's template has it: a merged note, titles below it, empty rows, a dictionary sheet."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    if note:
        sheet.append([note])
        sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(titles))
    sheet.append(list(titles))
    for row in rows:
        sheet.append(list(row))
    for _ in range(30):
        sheet.append([""] * len(titles))
    other = book.create_sheet("字典")
    other.append(["街道", "村/社区", "救助年度"])
    other.append(["江南街道", "桥南社区居委会", "2015-2016年度"])
    book.save(path)
    return path


async def findings(it: Installation) -> list[Finding.Created]:
    return [event for event in await it.events(Finding.Created.TOPIC) if isinstance(event, Finding.Created)]


async def of_kind(it: Installation, kind: Any) -> list[Any]:
    """Every aggregate of a kind, in the order they began."""
    ids = [event.originator_id for event in await it.events(kind.Created.TOPIC)]
    return [await it.aggregate(id) for id in ids]


async def test_slips_make_the_stock_and_what_was_not_there_is_a_finding(it: Installation) -> None:
    rows = [
        ("RK001\t", "区救灾仓库", "12平方米单帐篷", "采购入库", 40, "450.50", "政府采购", "2015-03-02"),
        ("RK001", "区救灾仓库", "矿泉水", "入库", "100 ", 18, "社会捐赠", "2015/3/2"),
        ("CK001", "区救灾仓库", "帐篷", "调拨出库", 55, "", "", "2015-07-02"),
        ("合计", "", "", "", 195, "", "", ""),
        ("CK002", "区救灾仓库", "飞毯", "出库", 1, "", "", "2015-07-03"),
        ("CK003", "区救灾仓库", "帐篷", "出库", 0, "", "", "2015-07-03"),
    ]
    path = workbook(it.folder / "物资.xlsx", SLIPS, rows, "2015年救灾物资出入库台账")
    report = await it.take(path, SOURCE, "2015-12-25")
    assert (report.counts.recorded, report.counts.quarantined) == (3, 2)
    tents, water = await of_kind(it, Stock)
    assert (tents.item, tents.balance, tents.short, tents.value_fen) == (ReliefItem.TENT, -15, 15, 0)
    assert (water.balance, water.value_fen) == (100, 180_000)
    assert tents.facility_id == water.facility_id
    (found,) = await findings(it)
    assert (found.rule, found.subject) == (FindingRule.STOCK_BELOW_ZERO, f"stock:{tents.id}")
    assert "CK001：账外出库 15" in found.detail

    again = await it.take(path, SOURCE)
    assert (again.counts.recorded, again.counts.duplicates) == (0, 3)
    changed = [("CK001", "区救灾仓库", "帐篷", "出库", 40, "", "", "2015-07-02")]
    report = await it.take(workbook(it.folder / "改.xlsx", SLIPS, changed), SOURCE)
    assert (report.counts.recorded, report.counts.quarantined) == (0, 1), "a slip is never changed"


async def test_statistics_by_street_in_any_order_with_corrections(it: Installation) -> None:
    what = ("台风彩虹", "台风灾害", "2015-10-04")
    rows = [
        (*what, "外海街道", "续报", "2015-10-05", 320, 80, 0, 12, "35.5"),
        (*what, "外海街道", "初报", "2015-10-04", 150, 60, 0, 3, 10),
        (*what, "礼乐街道", "初报", "2015-10-04", 20, 50, 0, 0, 0),
        (*what, "外海街道", "核报", "2015-10-03", 1, 0, 0, 0, 0),
        (*what, "银河街道", "初报", "2015-10-04", 1, 0, 0, 0, 0),
    ]
    report = await it.take(workbook(it.folder / "灾情.xlsx", STATISTICS, rows, NOTE), SOURCE, "2015-12-25")
    assert (report.counts.recorded, report.counts.quarantined) == (3, 2)
    (disaster,) = await of_kind(it, Disaster)
    assert (disaster.title, disaster.state, disaster.relief_by) == ("台风彩虹", DisasterState.OCCURRED, None)
    outer, south = await of_kind(it, DisasterReports)
    assert (outer.division_code, south.division_code) == ("440704004", "440704005")
    assert outer.latest.stage is ReportStage.FOLLOW_UP
    assert (outer.latest.figures.affected_count, outer.latest.figures.loss_fen) == (320, 35_500_000)
    assert outer.due_at is None
    (found,) = await findings(it)
    assert (found.rule, found.division_code) == (FindingRule.DISASTER_FIGURES, "440704005")
    assert "紧急转移安置人口不能多于受灾人口" in found.detail

    right = [(*what, "礼乐街道", "初报", "2015-10-04", 90, 50, 0, 0, 0)]
    report = await it.take(workbook(it.folder / "更正.xlsx", STATISTICS, right), SOURCE)
    assert report.counts.recorded == 1
    _, south = await of_kind(it, DisasterReports)
    assert (south.reports[1].corrected_by, south.latest.figures.affected_count) == (2, 90)


async def test_the_winter_template_with_its_note_its_dictionary_and_its_empty_rows(it: Installation) -> None:
    dead = {"身份证号": TWO["公民身份号码"], "姓名": TWO["姓名"], "去世时间": "2015-11-01", "火化时间": "2015-11-03"}
    await it.take(write_csv(it.folder / "deaths.csv", [dead], DEATH_TITLES), "population", "2015-12-01")
    new = citizen_id(77, date(1950, 2, 3))
    place, paid = ("江南街道", "桥南社区居委会"), "2015-12-20"
    year = "2015-2016年度"
    rows = [
        (year, ONE["姓名"], ONE["公民身份号码"] + "\t", *place, 3, 540, "区财政资金", paid),
        (year, TWO["姓名"], TWO["公民身份号码"], *place, 1, "180.00", "省财政", paid),
        ("2015", "拟某新", new, *place, 2, 400, "", ""),
        (year, "他人", THREE["公民身份号码"], *place, 1, 180, "区财政", paid),
        (year, THREE["姓名"], "11010519491231002", *place, 1, 180, "区财政", paid),
    ]
    path = workbook(it.folder / "冬春.xlsx", WINTER, rows, NOTE)
    report = await it.take(path, SOURCE, "2015-12-25")
    assert (report.counts.recorded, report.counts.quarantined) == (3, 2)
    first, second, third = await of_kind(it, ReliefAid)
    assert (first.season, first.head_count, first.amount_fen, first.state) == (2015, 3, 54_000, AidState.PAID)
    assert (third.state, third.due_fen) == (AidState.APPROVED, 40_000)
    paid_events = [e for e in await it.events(ReliefAid.Paid.TOPIC) if isinstance(e, ReliefAid.Paid)]
    assert [e.fund_source for e in paid_events] == [FundSource.DISTRICT, FundSource.PROVINCE]
    rules = {(f.rule, f.person_id, f.amount_fen) for f in await findings(it)}
    assert rules == {
        (FindingRule.PAID_AFTER_DEATH, second.person_id, 18_000),
        (FindingRule.AMOUNT_OFF_RULE, third.person_id, 4_000),
    }
    assert (await it.person(new)).name == "拟某新"
    again = await it.take(path, SOURCE)
    assert (again.counts.recorded, again.counts.duplicates) == (0, 3)
