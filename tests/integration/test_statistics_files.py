"""Monthly tables and the open data file of an imported district."""

import csv
import json
import os
import subprocess
import sys
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from api.graphql.engine import Engine
from api.statistics.asking import Asker
from api.statistics.files import table_rows, write_table
from api.statistics.open_data import FAMILIES, OpenData, make_open_data, write_open_data
from api.statistics.table import Line, Table, _columns, check_totals, make_table
from domain.clock import at, first_day
from domain.codes import Breakdown
from domain.errors import BadInput, Conflict
from domain.suppression import SMALL
from tests.fixtures import demo as district
from tests.fixtures.api import Asking
from tests.fixtures.demo import Imported

imported, demo = district.imported, district.demo
NOW = at(first_day("2016-01"))


@pytest.fixture
async def engine(demo: Asking) -> Engine:
    """The district's engine."""
    return demo.service.running()


def by_title(table: Table, line: Line) -> dict[tuple[str, str], Any]:
    return {(c.group, c.title): value for c, value in zip(table.columns, line.values, strict=True)}


async def test_a_month_has_every_street_and_community_and_sums_that_agree(engine: Engine, tmp_path: Path) -> None:
    table = await make_table(Asker(engine, "440704"), "2015-06")
    assert table.title == "江海区社会救助统计月报（2015年6月）"
    assert [line.level for line in table.lines].count(1) == 3
    assert [line.level for line in table.lines].count(2) == 63
    whole = by_title(table, table.lines[0])
    streets = [by_title(table, line) for line in table.lines if line.level == 1]
    for key in (("最低生活保障", "户数"), ("最低生活保障", "本年累计支出（元）"), ("临时救助", "本年累计人次")):
        assert whole[key] == sum(street[key] for street in streets) > 0
    assert whole["最低生活保障", "本年累计支出（元）"] > whole["最低生活保障", "本月支出（元）"]
    june = await Asker(engine, "440704").ask(["dibao_net_fen"], "2015-06")
    assert whole["最低生活保障", "本月支出（元）"] == Decimal(june.values["dibao_net_fen", "440704"] or 0) / 100

    write_table(table, tmp_path / "月报.xlsx")
    sheet = load_workbook(tmp_path / "月报.xlsx").active
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0][0] == table.title
    assert f"日志位置 {table.position}" in rows[3][0]
    assert "人口口径" in rows[2][0]
    heads = {row[0]: row for row in rows[6:]}
    assert heads["440704"][2] == whole["最低生活保障", "户数"]
    assert sheet.freeze_panes == "C7"

    write_table(table, tmp_path / "月报.csv")
    with (tmp_path / "月报.csv").open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file)) == [list(row) for row in table_rows(table)]
    with pytest.raises(BadInput, match="xlsx"):
        write_table(table, tmp_path / "月报.pdf")


async def test_a_table_can_be_made_again(engine: Engine) -> None:
    table = await make_table(Asker(engine, "440704004"), "2015")
    assert [line.level for line in table.lines] == [0, *(2 for _ in table.lines[1:])]
    again = await make_table(Asker(engine, "440704004", table.position), "2015")
    assert again == table
    early = await make_table(Asker(engine, "440704004", 1_000), "2015")  # persons were read first, no case yet
    assert early.position == 1_000
    assert not any(value for line in early.lines for value in line.values)


def test_a_table_whose_sums_do_not_agree_is_not_made() -> None:
    table_columns = tuple(c for c in _columns(monthly=True) if c.additive)[:1]
    whole = Line("440704", "合计", 0, (5,))
    streets = (Line("440704001", "甲", 1, (2,)), Line("440704004", "乙", 1, (3,)))
    places = (Line("440704001001", "子", 2, (2,)), Line("440704004001", "丑", 2, (3,)))
    check_totals(table_columns, (whole, *streets, *places))
    for wrong in (
        (whole, streets[0], places[0]),
        (whole, *streets, places[0]),
        (whole, *streets, Line("440704001001", "子", 2, (3,)), Line("440704004001", "丑", 2, (2,))),
    ):
        with pytest.raises(Conflict, match="不符"):
            check_totals(table_columns, wrong)


async def opened(engine: Engine) -> OpenData:
    return await make_open_data(Asker(engine, "440704"), "2015", lambda key: key[::-1], NOW, "某局")


async def test_open_data_tells_nothing_of_a_few(engine: Engine, tmp_path: Path) -> None:
    data = await opened(engine)
    names = sorted({name for family in FAMILIES for name in (family.base, *family.shown)})
    asker = Asker(engine, "440704", data.metadata["logPosition"])
    levels = [await asker.ask(names, "2015", parts) for parts in (None, Breakdown.STREET, Breakdown.COMMUNITY)]
    true = {key: value for level in levels for key, value in level.values.items()}
    base_of = {name: family.base for family in FAMILIES for name in family.shown}
    seen = defaultdict(int)
    for row in data.rows:
        code, name = row["divisionCode"], row["indicator"]
        seen[row["suppressed"]] += 1
        if 0 < (true[base_of[name], code] or 0) < SMALL:
            assert row["suppressed"], row
        assert (row["value"] is None) == (row["suppressed"] or true[name, code] is None), row
    assert seen[True] > 20
    assert seen[False] > 20
    # No published total leaves one hidden part open, or fewer than five.
    shown = {(row["indicator"], row["divisionCode"]): row for row in data.rows}
    for (name, code), row in shown.items():
        below = [r for (n, c), r in shown.items() if n == name and c[: len(code)] == code and _parent(c) == code]
        hidden = [r for r in below if r["suppressed"]]
        if hidden and not row["suppressed"]:
            assert len(hidden) > 1, row
            assert sum(true[base_of[name], r["divisionCode"]] or 0 for r in hidden) >= SMALL, row
        if row["suppressed"]:
            assert len(hidden) == len(below)


def _parent(code: str) -> str:
    return {12: code[:9], 9: code[:6]}.get(len(code), "")


async def test_open_data_files_say_what_they_are(engine: Engine, tmp_path: Path) -> None:
    data = await opened(engine)
    write_open_data(data, tmp_path / "data.json")
    read = json.loads((tmp_path / "data.json").read_text(encoding="utf-8"))
    assert {"license", "source", "generatedAt", "populationBasis", "suppression"} <= read["metadata"].keys()
    assert len(read["rows"]) == len(data.rows)
    write_open_data(data, tmp_path / "data.csv")
    text = (tmp_path / "data.csv").read_text(encoding="utf-8-sig")
    assert "# 使用许可：" in text
    assert "# 小数值处理：" in text
    rows = list(csv.DictReader(line for line in text.splitlines() if not line.startswith(("#", '"#'))))
    assert len(rows) == len(data.rows)
    assert {row["数值"] for row in rows if row["隐去"] == "是"} == {""}
    allowed = {"指标代码", "指标", "单位", "人口口径", "年份", "级别", "区划代码", "区划", "数值", "隐去"}
    assert rows[0].keys() == allowed
    with pytest.raises(BadInput, match="csv"):
        write_open_data(data, tmp_path / "data.xlsx")
    with pytest.raises(BadInput, match="四位数字"):
        await make_open_data(Asker(engine, "440704"), "2015-06", str, NOW, "某局")


def minzheng(imported: Imported, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "MINZHENG_DATABASE_URL": imported.url,
        "MINZHENG_DATA_DIR": str(imported.folder),
        "MINZHENG_TODAY": "2015-12-31",
    }
    command = [sys.executable, "-m", "api.cli", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_the_verbs(imported: Imported, tmp_path: Path) -> None:
    done = minzheng(imported, "statistics", "--period", "2015-06", "--json", "--out", str(tmp_path / "a.csv"))
    assert done.returncode == 0, done.stderr
    table = json.loads(done.stdout)
    assert (table["period"], len(table["rows"])) == ("2015-06", 67)
    assert (tmp_path / "a.csv").exists()
    done = minzheng(imported, "statistics", "open-data", "--year", "2015", "--out", str(tmp_path / "o.csv"))
    assert done.returncode == 0, done.stderr
    again = minzheng(imported, "statistics", "open-data", "--year", "2015", "--out", str(tmp_path / "p.csv"))
    assert again.returncode == 0

    def rows(name: str) -> list[str]:
        lines = (tmp_path / name).read_text(encoding="utf-8-sig").splitlines()
        return [line for line in lines if not line.startswith("# 生成时间")]

    assert rows("o.csv") == rows("p.csv")  # what is hidden is always the same
    for wrong, text in (
        (("statistics",), "--period"),
        (("statistics", "--period", "2015-06"), "--out"),
        (("statistics", "--period", "June", "--json"), "应为年或月"),
    ):
        failed = minzheng(imported, *wrong)
        assert failed.returncode != 0
        assert text in failed.stderr
        assert "Traceback" not in failed.stderr
