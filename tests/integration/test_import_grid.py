"""Files of grid systems as they really are: digits that mean different things, places, tags that must not enter."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from connectors.quarantine import Quarantine, raw_row
from connectors.reading import Reason
from connectors.retry import correct
from domain.access import SYSTEM
from domain.codes import FindingRule, IncidentState, IncidentType, Living, ReporterKind, Tenure, Urgency
from domain.grid import Grid, Incident, Resident
from domain.grid.grid import grid_id
from domain.grid.resident import resident_id
from tests.files.installation import Installation, installed
from tests.files.make import DEATH_TITLES, citizen_id, person, write_csv, write_xlsx

BRIDGE = "440704001015"
CODE = f"{BRIDGE}001"
SECRET = ("艾滋", "吸毒", "矫正", "安置帮教", "HIV")
CCM = (
    *("案（事）件编号", "案（事）件名称", "案（事）件类型", "案（事）件分级", "发生日期", "发生地详址", "中心点"),
    *("所属街道", "所属社区", "所属网格", "上报人姓名", "联系电话", "数据来源", "处理状态", "是否特殊1", "冗余字段1"),
)
RESIDENT = (
    "姓名",
    "公民身份号码",
    "所属街道",
    "所属社区",
    "所属网格",
    "特殊关怀类型",
    "居住类型",
    "冗余字段2",
    "更新时间",
)


@pytest.fixture
async def it(admin_url: str, database_url: str, tmp_path: Path) -> AsyncIterator[Installation]:
    async with installed(admin_url, database_url, tmp_path) as installation:
        grids = [{"网格编码": CODE, "网格名称": "桥南一网格", "网格员": "幻员", "联系电话": "1990000"}]
        path = write_csv(installation.folder / "g.csv", grids, ("网格编码", "网格名称", "网格员", "联系电话"))
        assert (await installation.take(path, "grid", "2015-11-30")).counts.recorded == 1
        yield installation


def event(number: int, **changed: Any) -> dict[str, Any]:
    """A row of the list of incidents as one provincial system exports it."""
    row = {
        "案（事）件编号": f"SJ{number:04d}\t",
        "案（事）件名称": "楼道堆物",
        "案（事）件类型": "消防隐患",
        "案（事）件分级": "一级",
        "发生日期": "2015-03-02 00:00:00",
        "发生地详址": "桥南社区样例路9号",
        "中心点": "113.12345678901234,22.56789012345678",
        "所属街道": "江南街道",
        "所属社区": "桥南社区居委会",
        "所属网格": "桥南一网格",
        "上报人姓名": "幻报",
        "联系电话": "19900001111.0",
        "数据来源": "1",
        "处理状态": "01",
    }
    return row | changed


async def incident(it: Installation, number: str) -> Incident:
    found = await it.derived("incident", "grid", number)
    assert isinstance(found, Incident)
    return found


async def test_grids_are_known_by_their_codes(it: Installation) -> None:
    rows = [{"网格编码": CODE, "网格名称": "桥南甲网格"}, {"网格编码": "44070400101", "网格名称": "x"}]
    report = await it.take(write_csv(it.folder / "g2.csv", rows, ("网格编码", "网格名称")), "grid")
    assert (report.counts.recorded, report.counts.quarantined) == (1, 1)
    one = await it.aggregate(grid_id(CODE))
    assert isinstance(one, Grid)
    assert (one.name, one.division_code, one.workers) == ("桥南甲网格", BRIDGE, ())


async def test_incidents_with_their_trail_open_nothing(it: Installation) -> None:
    titles = ("案（事）件编号", "处理单位", "派遣时间", "处理完成时间", "处理措施", "反馈", "处理状态")
    trail = [
        {
            "案（事）件编号": "SJ0001",
            "处理单位": "环卫队",
            "派遣时间": "2015-03-03",
            "处理措施": "清理",
            "处理状态": "02",
        },
        {"案（事）件编号": "SJ0001", "处理单位": "物业", "派遣时间": "2015-03-05", "处理完成时间": "2015-03-06"}
        | {"处理措施": "再次清理", "反馈": "满意", "处理状态": "05"},
        {"案（事）件编号": "SJ0002", "处理单位": "物业", "派遣时间": "2015-03-01", "处理措施": "x", "处理状态": "02"},
    ]
    early = await it.take(write_csv(it.folder / "h.csv", trail, titles), "grid")
    assert (early.counts.recorded, early.counts.quarantined) == (0, 3)
    assert {row.reason for row in await it.waiting()} == {Reason.NO_PREDECESSOR}
    sheet = [
        ["网格事件导出"],
        list(CCM),
        ["注：网格员填写"],
        *([row.get(t, "") for t in CCM] for row in (event(1), event(2))),
    ]
    report = await it.take(write_xlsx(it.folder / "e.xlsx", sheet), "grid")
    assert (report.counts.recorded, report.entered, await it.waiting()) == (2, 3, [])
    one = await incident(it, "SJ0001")
    assert (one.type, one.urgency, one.state) == (IncidentType.FIRE, Urgency.I, IncidentState.RESOLVED)
    assert (one.grid_code, one.org, one.due_at, one.lapses_at) == (CODE, "物业", None, None)
    created, *_ = (e for e in await it.events(Incident.Created.TOPIC))
    assert (created.lng, created.lat) == (1131234567, 225678901)  # type: ignore[attr-defined]
    assert created.reporter_kind is ReporterKind.APP  # type: ignore[attr-defined]
    assert created.phone == "19900001111"  # type: ignore[attr-defined]
    found = [e for e in await it.events("findings.FindingRaised")]
    assert [e.rule for e in found] == [FindingRule.HANDLED_BEFORE_REPORTED]  # type: ignore[attr-defined]
    head = await it.log.head()
    again = await it.take(write_csv(it.folder / "h2.csv", trail, titles), "grid")
    assert (again.counts.recorded, again.counts.duplicates, await it.log.head()) == (0, 3, head)


MEANINGS = (
    ("处理状态", "02", IncidentState.HANDLING),
    ("处理状态", "04", IncidentState.RETURNED),
    ("事件状态", "2", IncidentState.HANDLING),
    ("事件状态", "3", IncidentState.CLOSED),
    ("确认状态", "2", IncidentState.RESOLVED),
    ("确认状态", "1", IncidentState.ACCEPTED),
    ("处理状态（0未指定 1待处理 2处理中 3已办结）", "3", IncidentState.CLOSED),
    ("确认状态", "已办结", IncidentState.CLOSED),
)


async def test_a_digit_means_what_its_system_means(it: Installation) -> None:
    for number, (title, digit, state) in enumerate(MEANINGS):
        titles = [title if known == "处理状态" else known for known in CCM]
        path = write_csv(it.folder / f"e{number}.csv", [event(number) | {title: digit}], titles, encoding="gb18030")
        assert (await it.take(path, "grid")).counts.recorded == 1, (title, digit)
        assert (await incident(it, f"SJ{number:04d}")).state is state, (title, digit)


async def test_what_cannot_be_a_place_or_a_state_waits(it: Installation) -> None:
    rows = [
        event(1, 中心点="22.56,113.12"),
        event(2, 处理状态="9"),
        event(3, 所属社区="墟镇社区", 所属街道=""),
        event(4, 发生日期="2016-05-01"),
        event(5, 中心点="", 所属网格="没有这个网格", 处理状态=""),
    ]
    report = await it.take(write_csv(it.folder / "e.csv", rows, CCM), "grid")
    assert (report.counts.recorded, report.counts.quarantined) == (1, 4)
    waiting = [(row.row_number, row.columns[0]) for row in await it.waiting()]
    assert waiting == [(2, "中心点"), (3, "处理状态"), (4, "所属社区"), (5, "发生日期")]
    one = await incident(it, "SJ0005")
    assert (one.grid_code, one.state) == ("", IncidentState.REPORTED)


async def test_sensitive_tags_never_enter(it: Installation) -> None:
    def row(number: int, tags: str, **changed: Any) -> dict[str, Any]:
        who = {title: person(number)[title] for title in ("姓名", "公民身份号码", "所属街道", "所属社区")}
        more = {"所属网格": "桥南一网格", "特殊关怀类型": tags, "居住类型": "租赁", "冗余字段2": "社区矫正 跟进"}
        return {**who, **more, "更新时间": "2015-06-01", **changed}

    rows = [
        row(1, "独居老人,低保户,吸毒"),
        row(2, "艾滋病"),
        row(3, "04"),  # one system's code of 安置帮教
        row(4, "社区矫正、空巢老人", 公民身份号码="HIV 123"),  # waits: its number is none
    ]
    report = await it.take(write_csv(it.folder / "r.csv", rows, RESIDENT), "grid")
    assert (report.counts.recorded, report.counts.quarantined) == (3, 1)
    first = await it.aggregate(resident_id((await it.person(citizen_id(1))).id))
    assert isinstance(first, Resident)
    assert (first.living, first.grid_code) == (Living.ALONE, CODE)
    surveys = await it.events(Resident.Surveyed.TOPIC)
    assert [(e.living, e.tenure) for e in surveys] == [(Living.ALONE, Tenure.RENTED)]  # type: ignore[attr-defined]
    for told in await it.events():
        assert not any(word in repr(vars(told)) for word in (*SECRET, "低保户"))
    (waiting,) = await it.waiting()
    keyring = it.importer.store.keyring
    raw = await raw_row(Quarantine(it.importer.tables), keyring, waiting.id)
    assert raw["特殊关怀类型"] == "空巢老人"
    assert raw["公民身份号码"] == "123"
    assert not any(word in text for text in raw.values() for word in SECRET)
    retried = await correct(it.importer, waiting.id, {"特殊关怀类型": "吸毒,独居老人", "冗余字段2": "戒毒"}, SYSTEM)
    assert (retried.recorded, retried.waiting) == (0, 1)
    raw = await raw_row(Quarantine(it.importer.tables), keyring, waiting.id)
    assert not any(word in text for text in raw.values() for word in (*SECRET, "戒毒"))
    retried = await correct(it.importer, waiting.id, {"公民身份号码": citizen_id(4), "特殊关怀类型": "吸毒"}, SYSTEM)
    assert retried.recorded == 1
    for told in await it.events():
        assert not any(word in repr(vars(told)) for word in (*SECRET, "戒毒"))


async def test_visits_are_facts_and_the_dead_are_not_met(it: Installation) -> None:
    titles = ("姓名", "身份证号", "最近走访日期", "走访结果", "跟踪内容", "处理人员")
    one, two = person(1), person(2)
    await it.take(write_csv(it.folder / "p.csv", [one, two]), "population")
    deaths = [{"身份证号": citizen_id(2), "姓名": two["姓名"], "去世时间": "2015-02-01", "火化时间": "2015-02-03"}]
    await it.take(write_csv(it.folder / "d.csv", deaths, DEATH_TITLES), "population")
    made = [
        {"姓名": p["姓名"], "身份证号": p["公民身份号码"], "最近走访日期": on, "走访结果": "正常", "跟踪内容": "谈心"}
        for p, on in ((one, "2015-05-01"), (two, "2015-01-15"), (two, "2015-05-02"), (person(3), "2015-05-02"))
    ]
    report = await it.take(write_csv(it.folder / "v.csv", made, titles), "grid")
    assert (report.counts.recorded, report.counts.quarantined, report.counts.findings) == (3, 1, 1)
    assert [row.reason for row in await it.waiting()] == [Reason.UNKNOWN_PERSON]
    resident = await it.aggregate(resident_id((await it.person(citizen_id(1))).id))
    assert (resident.visited_on, resident.division_code) == (date(2015, 5, 1), BRIDGE)
    head = await it.log.head()
    again = await it.take(write_csv(it.folder / "v2.csv", made, titles), "grid")
    assert (again.counts.recorded, await it.log.head()) == (0, head)
    (found,) = await it.events("findings.FindingRaised")
    assert (found.rule, found.effective_on) == (FindingRule.MET_AFTER_DEATH, date(2015, 5, 2))  # type: ignore[attr-defined]
