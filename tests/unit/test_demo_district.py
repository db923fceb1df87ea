"""The generated district: the same for the same seed, fictitious, with the planted defects and the plan's figures."""

import hashlib
import os
import subprocess
import sys
from collections import defaultdict
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from openpyxl import load_workbook
from stdnum.cn.ric import calc_check_digit

from connectors.demo import Dirt, Manifest, generate
from connectors.demo.figures import COVERED_2015, POPULATION, REMOVED_2015, TEMPORARY_TIMES, TEMPORARY_YUAN, scaled
from connectors.demo.tables import CsvTable, XlsxTable, serial
from connectors.files.cells import text
from connectors.files.table import open_table
from connectors.mapping import builtin_mappings
from domain.errors import BadInput
from domain.identity import parse_citizen_id

PERSONS = 3_000
ID_TITLES = ("公民身份号码", "身份证号", "证件号码", "身份证号码", "老人身份证", "残疾证号")
CORE = ("population", "assistance")


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Manifest]:
    folder = tmp_path_factory.mktemp("district")
    return folder, generate(folder, PERSONS, 5)


def rows_of(folder: Path, name: str) -> list[dict[str, str]]:
    """A file's rows by title, read by the product's own reader."""
    vocabulary = frozenset().union(*(mapping.vocabulary for mapping in builtin_mappings()))
    table = open_table(folder / name, vocabulary)
    titles = [title.shown for title in table.titles]
    return [dict(zip(titles, (text(c) for c in row.cells), strict=True)) for row in table.rows]


def digest(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def id_of(row: dict[str, str]) -> str:
    return next(row[title] for title in ID_TITLES if title in row).strip()


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    generate(tmp_path / "a", 400, 7)
    generate(tmp_path / "b", 400, 7)
    generate(tmp_path / "c", 400, 8)
    assert digest(tmp_path / "a") == digest(tmp_path / "b")
    assert digest(tmp_path / "a") != digest(tmp_path / "c")


def test_hash_randomisation_changes_nothing(tmp_path: Path) -> None:
    code = "import sys, pathlib, connectors.demo as d; d.generate(pathlib.Path(sys.argv[1]), 300, 7)"
    for hash_seed in ("1", "2"):
        subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / hash_seed)],
            check=True,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
        )
    assert digest(tmp_path / "1") == digest(tmp_path / "2")


def test_a_second_run_replaces_the_first_and_leaves_other_folders_alone(tmp_path: Path) -> None:
    generate(tmp_path / "out", 400, 7)
    generate(tmp_path / "out", 300, 7)
    assert Manifest.read(tmp_path / "out").persons == 300
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("keep")
    with pytest.raises(BadInput, match="空文件夹"):
        generate(tmp_path / "mine", 300, 7)
    assert (tmp_path / "mine" / "letter.txt").read_text() == "keep"


def test_too_few_persons_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="人数"):
        generate(tmp_path, 10, 1)


def test_every_file_is_listed_with_its_rows(district: tuple[Path, Manifest]) -> None:
    folder, manifest = district
    assert {file.path for file in manifest.files} | {"manifest.json"} == {path.name for path in folder.iterdir()}
    for file in manifest.files:
        assert len(rows_of(folder, file.path)) == file.rows, file.path
    assert Manifest.read(folder) == manifest


def test_every_id_is_fictitious_and_valid_where_meant_to_be(district: tuple[Path, Manifest]) -> None:
    folder, manifest = district
    wrong = made_up = short = 0
    for file in manifest.files:
        for row in rows_of(folder, file.path):
            if file.source not in CORE:
                assert not (row.keys() & set(ID_TITLES)) or parse_citizen_id(id_of(row)[:18]).number18[:6] == "990000"
                continue
            number = id_of(row)
            assert number.startswith("990000")
            made_up += number.endswith("N")
            short += len(number) == 15
            if len(number) == 18 and not number.endswith("N"):
                wrong += number[-1] != str(calc_check_digit(number[:17] + "0"))
                if number[-1] == str(calc_check_digit(number[:17] + "0")):
                    assert parse_citizen_id(number).number18 == number
    assert wrong == manifest.dirt[Dirt.WRONG_CHECK_DIGIT]
    assert made_up == manifest.dirt[Dirt.PROVISIONAL_NUMBER]
    assert short == manifest.dirt[Dirt.SHORT_ID]


def test_names_phones_and_addresses_are_nobodys(district: tuple[Path, Manifest]) -> None:
    folder, manifest = district
    for file in manifest.files:
        if file.content == "persons":
            for row in rows_of(folder, file.path):
                assert not row["姓名"] or row["姓名"][0] in "拟仿演试模构虚幻"
                assert not row["联系电话"] or row["联系电话"].startswith("129")
                assert any(word in row["现住地址"] for word in ("样例", "示例", "虚构", "试验", "演示", "模拟", "构想"))


def test_defects_of_residents_are_counted(district: tuple[Path, Manifest]) -> None:
    folder, manifest = district
    files = [f.path for f in manifest.files if f.content == "persons" and "_20151201" in f.path]
    rows = [row for name in files for row in rows_of(folder, name)]
    dirt = manifest.dirt
    relation_words = {"户主", "配偶", "子", "女", "父亲", "母亲", "父母", "02", "10", "20", "30", "51", "52"}
    unknown = [
        row
        for row in rows
        if row["与户主关系"] not in relation_words
        or row["性别"] not in {"男", "女", "1", "2"}
        or row["人口类型"] not in {"户籍", "流动"}
    ]
    assert len(unknown) == dirt[Dirt.UNKNOWN_CODE]
    assert sum(not row["姓名"] for row in rows) + _missing_payments(folder, manifest) == dirt[Dirt.MISSING_CELL]
    assert sum(not row["所属街道"] for row in rows) == dirt.get(Dirt.STREET_MISSING, 0)
    names: dict[str, set[str]] = {}
    for row in rows:
        names.setdefault(id_of(row), set()).add(row["姓名"])
    assert sum(len(found) > 1 for found in names.values()) == dirt[Dirt.OTHER_NAME]
    assert len({id_of(row) for row in rows}) == PERSONS


def _missing_payments(folder: Path, manifest: Manifest) -> int:
    files = [file.path for file in manifest.files if file.content == "payments"]
    return sum(not row["发放合计(元)"] for name in files for row in rows_of(folder, name))


def test_text_files_have_the_encodings_they_are_meant_to_have(district: tuple[Path, Manifest]) -> None:
    folder, _ = district
    assert (folder / "人口_外海街道社区_20151201.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    with pytest.raises(UnicodeDecodeError):
        (folder / "人口_江南街道_20151201.csv").read_text("utf-8")
    assert "姓名" in (folder / "人口_江南街道_20151201.csv").read_text("gb18030")
    assert "\t" in (folder / "人口_礼乐街道_20151201.xls").read_text("gb18030")


def test_workbooks_have_title_and_dates_that_other_programs_read(tmp_path: Path) -> None:
    table = XlsxTable(tmp_path / "a.xlsx", ["姓名", "日期", "数"], "标题 <&>")
    table.write(["拟春", date(2015, 12, 31), 5])
    table.write(["", date(1900, 3, 1), 0])
    table.close()
    sheet = load_workbook(tmp_path / "a.xlsx").active
    assert sheet is not None
    assert [str(area) for area in sheet.merged_cells.ranges] == ["A1:C1"]
    values = list(sheet.iter_rows(values_only=True))
    assert values[0][0] == "标题 <&>"
    assert values[2] == ("拟春", datetime(2015, 12, 31), 5)
    assert values[3] == (None, datetime(1900, 3, 1), 0)
    assert serial(date(2015, 12, 31)) == 42369


def test_csv_refuses_what_an_encoding_cannot_hold(tmp_path: Path) -> None:
    table = CsvTable(tmp_path / "a.csv", ["姓名"], "gb2312")
    with pytest.raises(UnicodeEncodeError):
        table.write(["䶮"])
    table.close()
    assert (tmp_path / "a.csv").read_text("gb2312") == "姓名\n"


# The plan's figures, scaled.

LARGER = 20_000
SCALE = LARGER / POPULATION


@pytest.fixture(scope="module")
def larger(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Manifest]:
    folder = tmp_path_factory.mktemp("figures")
    return folder, generate(folder, LARGER, 1)


@pytest.fixture(scope="module")
def cases(larger: tuple[Path, Manifest]) -> list[dict[str, str]]:
    folder, manifest = larger
    rows = [row for f in manifest.files if f.content == "cases" for row in rows_of(folder, f.path)]
    unique = {tuple(value.strip() for value in row.values()): row for row in rows}
    return [{key: value.strip() for key, value in row.items()} for row in unique.values()]


@pytest.fixture(scope="module")
def payments(larger: tuple[Path, Manifest]) -> list[dict[str, str]]:
    folder, manifest = larger
    return [row for f in manifest.files if f.path.startswith("发放_") for row in rows_of(folder, f.path)]


def is_dibao(row: dict[str, str]) -> bool:
    return row["救助类型"].endswith("低保")


def test_persons_on_dibao_in_2015_and_removed(larger: tuple[Path, Manifest]) -> None:
    _, manifest = larger
    assert manifest.totals["covered_2015"] == round(COVERED_2015 * SCALE)
    assert manifest.totals["removed_2015"] == round(REMOVED_2015 * SCALE)
    assert manifest.totals["removed_2015"] / manifest.totals["covered_2015"] == pytest.approx(0.202, abs=0.01)


def test_removals_stand_in_the_files(cases: list[dict[str, str]]) -> None:
    removed = [r for r in cases if is_dibao(r) and r["停保原因"] == "收入超过标准" and r["截止保障年月"][:4] == "2015"]
    assert sum(int(row["保障人口数"]) for row in removed) == round(REMOVED_2015 * SCALE)


@pytest.mark.parametrize(("area", "floor"), [("城镇", 384), ("农村", 186)])
def test_average_gap_lies_just_above_the_plans(cases: list[dict[str, str]], area: str, floor: int) -> None:
    paid = [r for r in cases if is_dibao(r) and r["城乡属性"] == area and r["截止保障年月"] == "3000-12"]
    persons = sum(int(row["保障人口数"]) for row in paid)
    average = sum(int(row["保障金额（元）"]) for row in paid) / persons
    assert floor <= average < floor + 6


@pytest.mark.parametrize(("urban", "floor"), [("城镇", 384), ("农村", 186)])
def test_average_gap_over_the_year(
    cases: list[dict[str, str]], payments: list[dict[str, str]], urban: str, floor: int
) -> None:
    numbers = {
        row.get("低保证号") or row.get("救助证编号") for row in cases if is_dibao(row) and row["城乡属性"] == urban
    }
    paid = [r for r in payments if r["低保证号"] in numbers and r["发放年月"][:4] == "2015" and r["发放合计(元)"]]
    average = sum(int(r["发放合计(元)"]) for r in paid) / sum(int(r["保障人数"]) for r in paid)
    assert floor <= average <= floor + 8


def test_temporary_assistance_adds_up(larger: tuple[Path, Manifest]) -> None:
    folder, manifest = larger
    rows = rows_of(folder, "临时救助_2011-2015.csv")
    total = sum(int(row["救助金额(元)"]) for row in rows)
    assert len(rows) == round(TEMPORARY_TIMES * SCALE) == manifest.totals["temporary_times"]
    assert total == pytest.approx(TEMPORARY_YUAN * SCALE, rel=0.02)
    assert total / len(rows) == pytest.approx(3_217, rel=0.02)
    assert {row["发放日期"][:4] for row in rows} == {"2011", "2012", "2013", "2014", "2015"}


def test_tekun_is_920_a_month_in_2015(cases: list[dict[str, str]]) -> None:
    rows = [row for row in cases if not is_dibao(row)]
    assert {row["保障金额（元）"] for row in rows if row["起始保障年月"] >= "2015-01"} == {"920"}


def test_amounts_follow_the_rule_but_for_the_planted_ones(
    larger: tuple[Path, Manifest], cases: list[dict[str, str]]
) -> None:
    _, manifest = larger
    standards = {"城镇": (330, 380, 430, 500, 550), "农村": (240, 280, 340, 430, 550)}
    off = 0
    for row in filter(is_dibao, cases):
        standard = standards[row["城乡属性"]][int(row["起始保障年月"][:4]) - 2011]
        exact = standard * int(row["保障人口数"]) - float(row["家庭月收入(元)"])
        off += not 0 <= int(row["保障金额（元）"]) - exact < 1
    assert off == manifest.dirt[Dirt.AMOUNT_OFF_RULE]


def test_periods_of_a_case_join_without_gap_or_overlap(cases: list[dict[str, str]]) -> None:
    by_case = defaultdict(list)
    for row in cases:
        by_case[row.get("低保证号") or row.get("救助证编号")].append((row["起始保障年月"], row["截止保障年月"]))
    for periods in by_case.values():
        periods.sort()
        for (_, end), (start, _) in pairwise(periods):
            year, month = int(end[:4]), int(end[5:])
            assert start == (f"{year}-{month + 1:02d}" if month < 12 else f"{year + 1}-01")


def test_every_month_due_is_paid_once(
    larger: tuple[Path, Manifest], cases: list[dict[str, str]], payments: list[dict[str, str]]
) -> None:
    _, manifest = larger
    paid = {(row["低保证号"], row["发放年月"]) for row in payments}
    due = set()
    for row in cases:
        for year in range(2011, 2016):
            for month in (f"{year}-{m:02d}" for m in range(1, 13)):
                if row["起始保障年月"] <= month <= row["截止保障年月"]:
                    due.add((row.get("低保证号") or row.get("救助证编号"), month))
    assert due <= paid
    extra = manifest.dirt[Dirt.UNKNOWN_CASE] + sum(month.endswith("-13") for _, month in paid)
    assert len(paid - due) == extra
    assert manifest.totals["payments"] == len(due)


def test_a_small_district_has_one_of_nearly_everything(tmp_path: Path) -> None:
    manifest = generate(tmp_path, 400, 1)
    late = {Dirt.STREET_MISSING, Dirt.LATE_DEATH, Dirt.PAID_AFTER_DEATH, Dirt.CORRECTED_ID, *RARE}
    assert {kind.value for kind in Dirt} - {kind.value for kind in late} <= set(manifest.dirt)


RARE = {
    Dirt.STILL_IN_AFTER_DEATH,
    Dirt.LEFT_BEFORE_CAME,
    Dirt.MET_DEAD,
    Dirt.WINTER_DEAD,
    Dirt.ALLOWANCE_TWICE,
    Dirt.ALLOWANCE_OFF,
}
"""What only a larger district has room for, among the systems beside population and assistance."""


def test_targets_scale() -> None:
    whole = scaled(POPULATION)
    assert (whole.covered_2015, whole.removed_2015, whole.temporary_times) == (2_453, 495, 945)
    assert whole.temporary_yuan == 3_040_000
