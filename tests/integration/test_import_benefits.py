"""Rosters, payments, certificates and wide rows of the eldercare and disability systems, as messy as they come."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from domain.care import Benefit, BenefitPayment, DisabilityCertificate
from domain.codes import BenefitEnd, BenefitKind, BenefitState, DisabilityGrade, FindingRule
from domain.findings import Finding
from tests.files.installation import Installation, installed
from tests.files.make import DEATH_TITLES, citizen_id, person, table, write_csv, write_xls, write_xlsx

BORN = date(1930, 5, 5)
ELDER, OLDER, YOUNG = person(1, born=BORN), person(2, born=date(1925, 12, 31)), person(3, born=date(1950, 1, 1))
ROSTER = (
    "街道", "社区", "*姓名", "老人身份证(18位)", "登记日期", "津贴标准（元）", "银行卡号", "银行卡主",
    "与老人关系（0本人 1子女）", "状态（0正常 1已注销）", "注销原因（0迁出 1死亡 2其他）", "注销日期",
)  # fmt: skip
PAYMENTS = (
    "姓名", "老人身份证", "发放时间", "发放金额(元)", "补发金额", "补发月数", "开始时间", "结束时间", "批次号",
    "发放状态",
)  # fmt: skip
CERTIFICATES = ("姓名", "残疾人证号", "残疾类别", "残疾等级", "街道", "社区", "发证日期", "有效期至", "注销日期")
WIDE = ("姓名", "身份证号", "地区", "困难残疾人生活补贴", "重度残疾人护理补贴", "高龄补贴", "低保金", "特困供养金")
PLACE = {"街道": "江南街道", "社区": "桥南社区居委会"}


TODAY = date(2016, 3, 31)


@pytest.fixture
async def it(admin_url: str, database_url: str, tmp_path: Path) -> AsyncIterator[Installation]:
    async with installed(admin_url, database_url, tmp_path) as installation:
        installation.importer.settings = installation.importer.settings.model_copy(update={"today": TODAY})
        people = write_csv(tmp_path / "people.csv", [ELDER, OLDER, YOUNG])
        await installation.take(people, "population", "2014-12-31")
        yield installation


def on_roster(row: dict[str, Any], **changed: Any) -> dict[str, Any]:
    number = row["公民身份号码"]
    found = {**PLACE, "*姓名": row["姓名"], "老人身份证(18位)": number, "登记日期": "2015-03-10"}
    return found | {"津贴标准（元）": 30, "状态（0正常 1已注销）": "0"} | changed


async def roster(it: Installation, *rows: dict[str, Any], on: str = "2015-12-31") -> Any:
    cells = [["高龄津贴名册"], list(ROSTER), *table(rows, ROSTER)]
    return await it.take(write_xls(it.folder / "roster.xls", cells), "eldercare", on)


async def paid(it: Installation, *rows: dict[str, Any], on: str = "2015-12-31") -> Any:
    return await it.take(write_csv(it.folder / "paid.csv", rows, PAYMENTS, "gb18030"), "eldercare", on)


async def wide(it: Installation, *rows: dict[str, Any], on: str = "2016-01-31") -> Any:
    return await it.take(write_xlsx(it.folder / "wide.xlsx", [list(WIDE), *table(rows, WIDE)]), "disability", on)


def line(row: dict[str, Any], **changed: Any) -> dict[str, Any]:
    found = {"姓名": row["姓名"], "老人身份证": row["公民身份号码"], "发放时间": "2015-06-15", "发放金额(元)": "30"}
    return found | {"批次号": "201506"} | changed


async def benefit(it: Installation, row: dict[str, Any], kind: str = "OLD_AGE_ALLOWANCE") -> Benefit:
    holder = await it.person(row["公民身份号码"])
    found = await it.aggregate(Benefit.id_for(holder.id, BenefitKind(kind)))
    assert isinstance(found, Benefit)
    return found


async def findings(it: Installation) -> list[tuple[FindingRule, str, int]]:
    found = [event for event in await it.events(Finding.Created.TOPIC) if isinstance(event, Finding.Created)]
    return sorted((event.rule, event.month, event.amount_fen) for event in found)


async def test_a_roster_with_people_struck_off(it: Installation) -> None:
    gone = {"状态（0正常 1已注销）": "1", "注销原因（0迁出 1死亡 2其他）": "0", "注销日期": "2015-09-12"}
    bank = {"银行卡号": "6200 0000 0000 0000 001", "银行卡主": "幻卡主", "与老人关系（0本人 1子女）": "1"}
    report = await roster(
        it,
        on_roster(ELDER, **bank),
        on_roster(OLDER, **gone),
        on_roster(YOUNG),
        on_roster(ELDER, **bank),
        on_roster(person(9, born=BORN), **{"老人身份证(18位)": "9900001930050500"}),
        on_roster(OLDER, **{"*姓名": "别人"}),
    )
    assert (report.counts.recorded, report.counts.duplicates, report.counts.quarantined) == (3, 1, 2)
    one = await benefit(it, ELDER)
    assert (one.state, one.start_month, one.monthly_fen) == (BenefitState.PAYING, "2015-03", 3_000)
    holder = await it.person(ELDER["公民身份号码"])
    assert (holder.account, holder.account_name) == ("6200000000000000001", "幻卡主")
    two = await benefit(it, OLDER)
    assert (two.state, two.end_reason, two.end_month) == (BenefitState.ENDED, BenefitEnd.MOVED_OUT, "2015-09")
    assert await findings(it) == [(FindingRule.OUTSIDE_AGE, "2015-03", 3_000)]

    # The same again says nothing new; a later one is a change.
    assert (await roster(it, on_roster(ELDER, **bank))).counts.recorded == 0
    await roster(it, on_roster(ELDER, **bank) | {"津贴标准（元）": "100.00"}, on="2016-01-31")
    assert (await benefit(it, ELDER)).amount_for("2015-03") == 10_000
    assert (FindingRule.BENEFIT_OFF_RULE, "2015-03", 7_000) in await findings(it)


async def test_without_amounts_the_roster_is_paid_by_age(it: Installation) -> None:
    report = await roster(it, on_roster(OLDER) | {"津贴标准（元）": ""}, on_roster(YOUNG) | {"津贴标准（元）": ""})
    assert (report.counts.recorded, report.counts.quarantined) == (1, 1)
    two = await benefit(it, OLDER)
    assert [two.amount_for(month) for month in ("2015-02", "2015-03", "2015-11", "2015-12")] == [
        None,
        3_000,
        3_000,
        10_000,
    ]
    (waiting,) = await it.waiting()
    assert "未满 80 周岁" in waiting.message


async def test_payments_with_back_pay_and_what_contradicts_them(it: Installation) -> None:
    early = await paid(it, line(ELDER))
    assert (early.counts.recorded, early.counts.quarantined) == (0, 1)  # nobody is on a roster yet
    await roster(it, on_roster(ELDER), on_roster(OLDER))
    assert await it.waiting() == []  # it entered by itself

    report = await paid(
        it,
        line(OLDER, 开始时间="2015-05", 结束时间="2015-06", 补发金额="60", 补发月数="2") | {"发放金额(元)": "60.00"},
        line(ELDER, 发放时间="2015-07-15", 批次号="201507", 发放状态="退回"),
        line(ELDER, 发放时间="2015-08-15", 批次号="201508") | {"发放金额(元)": "50"},
        line(ELDER, 发放时间="2015-02-15", 批次号="201502"),
        line(OLDER, 发放时间="2015-08-15", 批次号="x", 开始时间="2015-07", 结束时间="2015-09")
        | {"发放金额(元)": "100"},
        line(OLDER, 发放时间="2015-09-15", 批次号="y", 补发金额="30"),
    )
    assert (report.counts.recorded, report.counts.quarantined) == (4, 2)
    payments = [event for event in await it.events(BenefitPayment.Created.TOPIC)]
    assert sorted((p.month, p.kind.value, p.amount_fen) for p in payments) == [  # type: ignore[attr-defined]
        ("2015-02", "regular", 3_000),
        ("2015-03", "back_pay", 3_000),
        ("2015-04", "back_pay", 3_000),
        ("2015-05", "regular", 3_000),
        ("2015-06", "regular", 3_000),
        ("2015-06", "regular", 3_000),
        ("2015-07", "regular", 3_000),
        ("2015-08", "regular", 5_000),
    ]
    assert await findings(it) == [
        (FindingRule.AMOUNT_DIFFERS, "2015-08", 2_000),
        (FindingRule.PAID_NOT_ENTITLED, "2015-02", 3_000),
    ]
    # A correction of the same row, and a second payment for the same month.
    await paid(it, line(ELDER, 发放时间="2015-08-15", 批次号="201508"), on="2016-01-05")
    await paid(it, line(ELDER, 发放时间="2015-08-20", 批次号="201508b"), on="2016-01-05")
    assert (FindingRule.PAID_TWICE, "2015-08", 3_000) in await findings(it)

    # A death that is learnt only now: two of the payments came after it.
    row = dict(zip(DEATH_TITLES, [ELDER["公民身份号码"], ELDER["姓名"], "2015-07-20", "2015-07-22"], strict=True))
    await it.take(write_csv(it.folder / "deaths.csv", [row], DEATH_TITLES), "population", "2016-01-31")
    after = [each for each in await findings(it) if each[0] is FindingRule.PAID_AFTER_DEATH]
    assert after == [(FindingRule.PAID_AFTER_DEATH, "2015-08", 3_000)] * 2
    await roster(it, on_roster(ELDER, 登记日期="2015-03-11"), on="2016-02-28")
    assert (FindingRule.PAID_AFTER_DEATH, "2016-02", 3_000) in await findings(it)


def certified(row: dict[str, Any], tail: str, **changed: Any) -> dict[str, Any]:
    found = {"姓名": row["姓名"], "残疾人证号": f"{row['公民身份号码']}{tail}", **PLACE, "发证日期": "2014-05-01"}
    return found | changed


async def certificates(it: Installation, *rows: dict[str, Any], on: str = "2015-12-31") -> Any:
    return await it.take(write_csv(it.folder / "certificates.csv", rows, CERTIFICATES), "disability", on)


async def test_certificates_by_their_number(it: Installation) -> None:
    report = await certificates(
        it,
        certified(ELDER, "42", 残疾类别="肢体残疾", 残疾等级="二级", 有效期至="2024-04-30"),
        certified(OLDER, "51B1", 注销日期="2015-06-01"),
        certified(YOUNG, "42", 残疾等级="一级"),
        certified(YOUNG, "99"),
    )
    assert (report.counts.recorded, report.counts.quarantined) == (2, 2)
    assert all(YOUNG["公民身份号码"] not in waiting.message for waiting in await it.waiting())
    holder = await it.person(ELDER["公民身份号码"])
    held = await it.aggregate(DisabilityCertificate.id_for(holder.id))
    assert (held.grade, held.ends_on) == (DisabilityGrade.TWO, date(2024, 4, 30))
    other = await it.aggregate(DisabilityCertificate.id_for((await it.person(OLDER["公民身份号码"])).id))
    assert other.ends_on == date(2015, 5, 31)
    await certificates(it, certified(ELDER, "41", 发证日期="2015-12-01"), on="2016-01-31")
    held = await it.aggregate(held.id)
    assert (held.grade, held.ends_on) == (DisabilityGrade.ONE, None)


async def test_a_wide_row_shows_what_excludes_each_other(it: Installation) -> None:
    row = {"姓名": ELDER["姓名"], "身份证号": ELDER["公民身份号码"], "地区": "江海区江南街道桥南社区"}
    stranger = {"姓名": "幻新一", "身份证号": citizen_id(77, date(1980, 1, 1)), "地区": "江海区江南街道桥南社区"}
    report = await wide(
        it,
        row | {"重度残疾人护理补贴": 200, "高龄补贴": "30.0", "特困供养金": "920"},
        stranger | {"困难残疾人生活补贴": "150元", "低保金": 550, "重度残疾人护理补贴": 0},
        row | {"身份证号": OLDER["公民身份号码"], "姓名": OLDER["姓名"]},
    )
    assert (report.counts.recorded, report.counts.quarantined) == (2, 1)
    nursing = await benefit(it, ELDER, "DIS_NURSING")
    assert (nursing.start_month, nursing.monthly_fen) == ("2016-01", 20_000)
    assert await findings(it) == [(FindingRule.EXCLUSIVE_BENEFITS, "2016-01", 20_000)]
    # The roster speaks of the same benefit as the wide row.
    await roster(it, on_roster(ELDER), on="2016-02-28")
    events = await it.events(Benefit.Created.TOPIC)
    assert len([event for event in events if getattr(event, "kind", None) is BenefitKind.OLD_AGE_ALLOWANCE]) == 1
    assert (await benefit(it, ELDER)).amount_for("2015-03") == 3_000
