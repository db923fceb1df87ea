"""The assistance system's files: cases by periods, members, payrolls, grants, and what contradicts the rules."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from domain.assistance import Case, Payment
from domain.codes import CaseState, FindingRule, Scheme
from domain.findings import Finding
from tests.files.installation import Installation, installed
from tests.files.make import (
    CASE_TITLES,
    DEATH_TITLES,
    GRANT_TITLES,
    MEMBER_TITLES,
    PAYMENT_TITLES,
    case,
    citizen_id,
    payment,
    person,
    write_csv,
)

HEAD, SPOUSE, CHILD = person(1), person(2), person(3, born=date(2005, 5, 5))


@pytest.fixture
async def it(admin_url: str, database_url: str, tmp_path: Path) -> AsyncIterator[Installation]:
    async with installed(admin_url, database_url, tmp_path) as installation:
        await installation.take(write_csv(tmp_path / "people.csv", [HEAD, SPOUSE, CHILD]), "population", "2014-12-31")
        yield installation


async def cases(it: Installation, *rows: dict[str, Any], on: str = "2015-12-31") -> Any:
    return await it.take(write_csv(it.folder / "cases.csv", rows, CASE_TITLES), "assistance", on)


async def members(it: Installation, *rows: dict[str, Any], on: str = "2015-12-31") -> Any:
    return await it.take(write_csv(it.folder / "members.csv", rows, MEMBER_TITLES), "assistance", on)


async def payments(it: Installation, *rows: dict[str, Any], on: str = "2015-12-31") -> Any:
    return await it.take(write_csv(it.folder / "payments.csv", rows, PAYMENT_TITLES), "assistance", on)


async def deaths(it: Installation, *rows: list[Any], on: str = "2015-12-31") -> Any:
    made = [dict(zip(DEATH_TITLES, row, strict=True)) for row in rows]
    return await it.take(write_csv(it.folder / "deaths.csv", made, DEATH_TITLES), "population", on)


def member(number: str, row: dict[str, Any], **changed: str) -> dict[str, Any]:
    found = {"低保证号": number, "姓名": row["姓名"], "身份证号": row["公民身份号码"], "与户主关系": "户主"}
    return found | {"是否保障对象": "享受", "人员状态": "正常"} | changed


async def test_a_roll_of_recognised_households_is_no_roll_of_payments(it: Installation) -> None:
    report = await cases(it, case("C1", HEAD, 救助类型="低保边缘家庭认定"))
    assert (report.counts.recorded, report.counts.quarantined) == (0, 1)


async def the_case(it: Installation, number: str = "C1") -> Case:
    found = await it.derived("case", "assistance", number)
    assert isinstance(found, Case)
    return found


async def findings(it: Installation) -> list[Finding.Created]:
    return [event for event in await it.events(Finding.Created.TOPIC) if isinstance(event, Finding.Created)]


async def test_periods_become_one_case(it: Installation) -> None:
    report = await cases(
        it,
        case("C1", HEAD, 起始保障年月="2015-07", **{"保障金额（元）": "600.5", "家庭月收入(元)": "49.5"}),
        case("C1", HEAD, 截止保障年月="2015-06"),
        case("C2", SPOUSE, 截止保障年月="2015-03", 停保原因="收入超过标准"),
    )
    assert (report.counts.recorded, report.counts.quarantined) == (3, 0)
    found = await the_case(it)
    assert (found.state, found.monthly_fen, found.scheme) == (CaseState.PAYING, 60_050, Scheme.DIBAO)
    assert (found.amount_for("2015-06"), found.amount_for("2015-07")) == (55_000, 60_050)
    assert found.account == "990012345678"
    ended = await the_case(it, "C2")
    assert (ended.state, ended.end_month, ended.amount_for("2015-04")) == (CaseState.CLOSED, "2015-03", None)
    household = await it.derived("household", "assistance", "C1")
    assert household.head_id == (await it.person(citizen_id(1))).id


async def test_a_later_file_goes_on_with_the_case(it: Installation) -> None:
    await cases(it, case("C1", HEAD), on="2015-06-30")
    open_until = case("C1", HEAD, 截止保障年月="2015-08")
    raised = case("C1", HEAD, 起始保障年月="2015-09", **{"保障金额（元）": 600})
    report = await cases(it, open_until, raised, on="2015-09-30")
    assert report.counts.recorded == 2
    found = await the_case(it)
    assert (found.state, found.amount_for("2015-08"), found.amount_for("2015-09")) == (CaseState.PAYING, 55_000, 60_000)
    report = await cases(it, open_until, raised | {"截止保障年月": "2015-11", "停保原因": "死亡"}, on="2015-12-31")
    assert (report.counts.recorded, report.counts.duplicates) == (1, 1)
    assert ((await the_case(it)).state, (await the_case(it)).end_month) == (CaseState.CLOSED, "2015-11")
    corrected = open_until | {"保障金额（元）": 560}
    await cases(it, corrected, on="2015-12-31")
    found = await the_case(it)
    assert found.state is CaseState.CLOSED
    assert [found.amount_for(f"2015-{n:02d}") for n in (1, 8, 9, 11, 12)] == [56_000, 56_000, 60_000, 60_000, None]


async def test_members_are_covered_from_the_first_month(it: Installation) -> None:
    await cases(it, case("C1", HEAD, 家庭人口数=3, 保障人口数=2, **{"保障金额（元）": 1100}))
    report = await members(
        it,
        member("C1", HEAD),
        member("C1", SPOUSE, 与户主关系="配偶"),
        member("C1", CHILD, 与户主关系="子", 是否保障对象="不享受"),
        member("C9", HEAD),
    )
    assert (report.counts.recorded, report.counts.quarantined) == (3, 1)
    found = await the_case(it)
    ids = [(await it.person(row["公民身份号码"])).id for row in (HEAD, SPOUSE, CHILD)]
    assert set(found.members_for("2015-01")) == set(ids[:2])
    household = await it.derived("household", "assistance", "C1")
    assert set(household.members) == set(ids)
    assert len(await it.events(Case.MembersChanged.TOPIC)) == 1, "one change for all rows of a case"


async def test_a_member_who_died_is_covered_until_then(it: Installation) -> None:
    await deaths(it, [citizen_id(2), "幻丙一", "2015-04-10", "2015-04-12"])
    await cases(it, case("C1", HEAD, 保障人口数=2, **{"保障金额（元）": 1100}))
    await members(it, member("C1", HEAD), member("C1", SPOUSE, 与户主关系="配偶", 人员状态="死亡"))
    found = await the_case(it)
    assert [len(found.members_for(month)) for month in ("2015-04", "2015-05")] == [2, 1]


async def test_someone_unknown_is_registered_from_the_row(it: Installation) -> None:
    newcomer = person(77)
    await cases(it, case("C1", newcomer))
    found = await it.person(newcomer["公民身份号码"])
    assert (found.name, found.birth_on, found.division_code) == ("幻辛八", date(1970, 1, 1), "440704001015")


async def test_payments(it: Installation) -> None:
    await cases(it, case("C1", HEAD))
    report = await payments(
        it,
        payment("C1", "2015-01", HEAD),
        payment("C1", "2015-02", HEAD, **{"发放合计(元)": "560"}),
        payment("C1", "2015-03", HEAD),
        payment("C1", "2015-03", HEAD, 批次号="DB201503-2"),
        payment("C1", "2015-04", HEAD, 发放状态="银行退回"),
        payment("C1", "2014-12", HEAD),
        payment("C8", "2015-01", HEAD),
        payment("C1", "2015-05", HEAD, 姓名="另一人"),
    )
    assert (report.counts.recorded, report.counts.quarantined) == (6, 2)
    found = {(finding.rule, finding.month, finding.amount_fen) for finding in await findings(it)}
    assert found == {
        (FindingRule.AMOUNT_DIFFERS, "2015-02", 1_000),
        (FindingRule.PAID_TWICE, "2015-03", 55_000),
        (FindingRule.PAID_NOT_ENTITLED, "2014-12", 55_000),
    }
    assert len(await it.events(Payment.Returned.TOPIC)) == 1
    assert [row.reason.value for row in await it.waiting()] == ["unknown_case", "identity"]


async def test_a_corrected_payment(it: Installation) -> None:
    await cases(it, case("C1", HEAD))
    await payments(it, payment("C1", "2015-02", HEAD, **{"发放合计(元)": "560"}), on="2015-03-05")
    await payments(it, payment("C1", "2015-02", HEAD, 发放状态="退回"), on="2015-04-05")
    (corrected,) = await it.events(Payment.Corrected.TOPIC)
    paid = await it.aggregate(corrected.originator_id)
    assert (paid.amount_fen, paid.returned) == (55_000, True)


async def test_a_further_payment_of_a_month_can_be_corrected(it: Installation) -> None:
    await cases(it, case("C1", HEAD))
    second = payment("C1", "2015-02", HEAD, 批次号="二")
    await payments(it, payment("C1", "2015-02", HEAD), second, on="2015-03-05")
    await payments(it, second | {"发放合计(元)": "1"}, on="2015-04-05")
    amounts = {(await it.aggregate(event.originator_id)).amount_fen for event in await it.events(Payment.Created.TOPIC)}
    assert amounts == {55_000, 100}


async def test_paid_after_death_whichever_is_learnt_first(it: Installation) -> None:
    await cases(it, case("C1", HEAD), case("C2", SPOUSE))
    await deaths(it, [citizen_id(1), "幻乙一", "2015-03-10", "2015-03-12"])
    months = [f"2015-{n:02d}" for n in range(3, 6)]
    await payments(it, *(payment(n, month, head) for month in months for n, head in (("C1", HEAD), ("C2", SPOUSE))))
    await deaths(it, [citizen_id(2), "幻丙一", "2015-04-10", ""])
    found = sorted((f.rule, f.month) for f in await findings(it))
    assert found == [
        (FindingRule.PAID_AFTER_DEATH, "2015-04"),
        (FindingRule.PAID_AFTER_DEATH, "2015-05"),
        (FindingRule.PAID_AFTER_DEATH, "2015-05"),
    ]


async def test_the_rule_and_exclusion_are_checked_once_all_is_known(it: Installation) -> None:
    report = await cases(
        it,
        case("C1", HEAD, 保障人口数=2, **{"保障金额（元）": 1100}),
        case("C2", SPOUSE, **{"保障金额（元）": 777}),
        case("W1", SPOUSE, 救助类型="农村五保", **{"保障金额（元）": 920}),
    )
    assert report.counts.findings == 2
    report = await members(it, member("C1", HEAD), member("C1", CHILD, 与户主关系="子"))
    assert report.counts.findings == 0, "1100 is right for two"
    found = {finding.rule for finding in await findings(it)}
    assert found == {FindingRule.AMOUNT_OFF_RULE, FindingRule.EXCLUSIVE_SCHEMES}
    assert (
        await cases(it, case("C1", HEAD, 保障人口数=2, 银行账号="1", **{"保障金额（元）": 1100}))
    ).counts.findings == 0


async def test_temporary_grants(it: Installation) -> None:
    row = {
        "编号": "LS1", "姓名": HEAD["姓名"], "身份证号": citizen_id(1), "地区": "江海区外海街道麻三村",
        "救助类型": "支出型", "救助金额(元)": "1650", "资金来源": "慈善", "发放日期": "2015-06-01", "原因": "重大疾病",
    }  # fmt: skip
    path = write_csv(it.folder / "g.csv", [row, row | {"编号": "LS2"}], GRANT_TITLES)
    assert (await it.take(path, "assistance")).counts.recorded == 2
    granted = await it.derived("case", "assistance", "grant", "LS1")
    assert (granted.scheme, granted.state, granted.monthly_fen) == (Scheme.TEMP, CaseState.CLOSED, 165_000)
    wrong = write_csv(it.folder / "g.csv", [row | {"姓名": SPOUSE["姓名"], "身份证号": citizen_id(2)}], GRANT_TITLES)
    assert (await it.take(wrong, "assistance")).counts.quarantined == 1
    less = write_csv(it.folder / "g.csv", [row | {"救助金额(元)": "1600"}], GRANT_TITLES)
    assert (await it.take(less, "assistance")).counts.recorded == 1
    assert (await it.derived("payment", "assistance", "grant", "LS1")).amount_fen == 160_000
