"""The register of social organisations, the purchase ledger and the disclosure platform, as files."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from domain.codes import FindingRule, OrgState, PurchaseState
from domain.procurement import Organisation
from tests.files.installation import Installation, installed
from tests.files.make import write_csv

ORG_TITLES = [
    *("社会组织名称", "统一社会信用代码", "社会组织类型", "成立登记日期", "法定代表人", "登记状态", "是否本地"),
    *("是否社工机构", "持证社工人数", "年检年度", "年检结论", "所属街道"),
]
CONTRACT_TITLES = [
    *("合同编号", "项目名称", "目录代码", "承接主体信用代码", "合同金额（元）", "已付金额（元）"),
    *("合同起始日期", "合同终止日期", "合同状态", "所属街道"),
]
DISCLOSURE_TITLES = ["公开事项", "公开期间", "公布日期", "内容摘要", "所属街道", "村/社区"]
CODE = "52440704MJL123454D"
CENTRE = dict(
    zip(
        ORG_TITLES,
        [
            *("江海区晨光社工中心", CODE.lower(), "民非", "2012-05-04", "拟某甲", "正常", "是"),
            *("是", "8", "2014", "合格", "外海街道"),
        ],
        strict=True,
    )
)
CONTRACT = dict(
    zip(
        CONTRACT_TITLES,
        [
            *("JH-2015-01", "外海居家养老服务", "HOME_CARE", CODE, "180000.50", "60000"),
            *("2015-02-01", "2016-01-31", "履行中", "外海街道"),
        ],
        strict=True,
    )
)
POSTED = dict(
    zip(DISCLOSURE_TITLES, ["财务公开", "2015年第3季度", "2015-10-09", "ab" * 32, "外海街道", "麻三村"], strict=True)
)


@pytest.fixture
async def it(admin_url: str, database_url: str, tmp_path: Path) -> AsyncIterator[Installation]:
    async with installed(admin_url, database_url, tmp_path) as installation:
        yield installation


async def take(it: Installation, titles: list[str], *rows: dict[str, Any], on: str = "2015-11-30") -> Any:
    source = "civic" if titles is DISCLOSURE_TITLES else "procurement"
    return await it.take(write_csv(it.folder / f"{len(titles)}.csv", rows, titles), source, on)


async def found(it: Installation) -> list[tuple[FindingRule, int]]:
    return [(each.rule, each.amount_fen) for each in await it.events("findings.FindingRaised")]  # type: ignore[attr-defined]


async def test_the_register_and_what_changes_in_it(it: Installation) -> None:
    report = await take(it, ORG_TITLES, CENTRE)
    assert (report.counts.recorded, report.counts.quarantined) == (1, 0)
    centre = await it.aggregate(Organisation.id_for(CODE))
    assert (centre.state, centre.local, centre.certified_count) == (OrgState.GOOD, True, 8)
    assert (await take(it, ORG_TITLES, CENTRE)).counts.duplicates == 1
    changed = CENTRE | {"持证社工人数": "12", "登记状态": "异常", "年检结论": "不合格"}
    assert (await take(it, ORG_TITLES, changed, on="2015-12-10")).counts.recorded == 1
    centre = await it.aggregate(Organisation.id_for(CODE))
    assert (centre.state, centre.certified_count) == (OrgState.ABNORMAL, 12)
    assert not centre.in_good_standing(date(2015, 12, 10))
    inspected = await it.events("procurement.OrgInspected")
    assert [each.corrects_version is None for each in inspected] == [True, False]  # type: ignore[attr-defined]
    wrong = (
        CENTRE | {"统一社会信用代码": "52440704MJL123454E"},
        CENTRE | {"社会组织类型": "基金会"},
        CENTRE | {"年检结论": ""},
        CENTRE | {"登记状态": "筹备"},
    )
    report = await take(it, ORG_TITLES, *wrong, on="2015-12-20")
    assert (report.counts.recorded, report.counts.quarantined) == (0, 4)
    assert not any("拟某甲" in str(each) for each in await it.waiting())


async def test_contracts_wait_for_their_organisation_and_contradictions_are_found(it: Installation) -> None:
    report = await take(it, CONTRACT_TITLES, CONTRACT)
    assert (report.counts.recorded, report.counts.quarantined) == (0, 1)
    await take(it, ORG_TITLES, CENTRE)  # what waited enters by itself

    contract = await it.derived("purchase", "procurement", "JH-2015-01")
    assert (contract.state, contract.amount_fen, contract.paid_fen) == (PurchaseState.PERFORMING, 18_000_050, 6_000_000)
    assert contract.organisation_id == Organisation.id_for(CODE)
    assert await found(it) == []
    over = CONTRACT | {"已付金额（元）": "190000", "合同终止日期": "2018-02-01"}
    assert (await take(it, CONTRACT_TITLES, over, on="2015-12-10")).counts.recorded == 1
    assert await found(it) == [(FindingRule.CONTRACT_TERM, 0), (FindingRule.CONTRACT_OVERPAID, 999_950)]
    await take(it, ORG_TITLES, CENTRE | {"登记状态": "撤销登记"}, on="2015-12-15")
    again = over | {"已付金额（元）": "190000.00", "项目名称": "外海居家养老服务项目"}
    await take(it, CONTRACT_TITLES, again, on="2015-12-20")
    assert (FindingRule.CONTRACT_STANDING, 0) in await found(it)


async def test_postings_close_what_was_due_and_late_ones_are_found(it: Installation) -> None:
    late = POSTED | {"公开事项": "计生", "公布日期": "2015-10-20"}
    report = await take(
        it, DISCLOSURE_TITLES, POSTED, late, POSTED | {"公开期间": "第三季"}, POSTED | {"内容摘要": "x"}
    )
    assert (report.counts.recorded, report.counts.quarantined) == (2, 2)
    assert await found(it) == [(FindingRule.DISCLOSED_LATE, 0)]
    posted = await it.events("civic.DisclosurePosted")
    assert [(each.period, each.corrects_version) for each in posted] == [("2015-Q3", None)] * 2  # type: ignore[attr-defined]
    fixed = POSTED | {"内容摘要": "CD" * 32, "公布日期": "2015-11-02"}
    assert (await take(it, DISCLOSURE_TITLES, fixed, on="2015-12-10")).counts.recorded == 1
    posted = await it.events("civic.DisclosurePosted")
    assert posted[-1].corrects_version == 2  # type: ignore[attr-defined]
    assert len(await found(it)) == 1
