"""Mappings: which kind a file is, which column is which field, an office's own file and its mistakes."""

from pathlib import Path

import pytest

from connectors.files.titles import read_titles
from connectors.mapping import Match, builtin_mappings, load_override, match_titles, with_override
from connectors.mapping.lines import MappingFault
from connectors.mapping.schema import CODE_SETS
from domain.errors import UnreadableFile
from tests.files.make import (
    CASE_TITLES,
    DEATH_TITLES,
    GRANT_TITLES,
    MEMBER_TITLES,
    MOVE_TITLES,
    PAYMENT_TITLES,
    PERSON_TITLES,
)

OLD_CASE_TITLES = ("五保证号", "申请类别", "行政区划", "姓名", "身份证号码", "总救助金额(元/月/户)", "救助开始日期")
HOUSEHOLD_TITLES = ("户号", "户主姓名", "户主身份证号", "所属街道", "所属社区", "户籍地")


def matched(source: str, *titles: str) -> Match:
    return match_titles(read_titles(list(titles)), [m for m in builtin_mappings() if m.source == source])


@pytest.mark.parametrize(
    ("source", "kind", "titles"),
    [
        ("population", "persons", PERSON_TITLES),
        ("population", "households", HOUSEHOLD_TITLES),
        ("population", "moves", MOVE_TITLES),
        ("population", "deaths", DEATH_TITLES),
        ("population", "deaths", ("身份证号", "区域", "姓名", "居住地址", "去世时间", "火化时间", "殡葬单位")),
        ("population", "persons", ("姓名", "身份证号", "与户主关系", "户编号", "街道", "村/社区")),
        ("assistance", "cases", CASE_TITLES),
        ("assistance", "cases", OLD_CASE_TITLES),
        ("assistance", "members", MEMBER_TITLES),
        ("assistance", "payments", PAYMENT_TITLES),
        ("assistance", "payments", ("发放年月", "低保证号", "姓名", "身份证号码", "保障金(元)", "帐号")),
        ("assistance", "grants", GRANT_TITLES),
        ("assistance", "grants", ("编号", "姓名", "身份证号", "地区", "困难类型", "本次发放资金(元)", "发放日期")),
    ],
)  # fmt: skip
def test_the_kind_is_known_by_the_titles(source: str, kind: str, titles: tuple[str, ...]) -> None:
    assert matched(source, *titles).mapping.kind == kind


def test_unused_columns_are_told() -> None:
    match = matched("population", *PERSON_TITLES, "血型", "冗余字段1")
    assert match.unused == ("血型", "冗余字段1")


def test_what_misses_is_named() -> None:
    with pytest.raises(UnreadableFile, match=r"发放名册.*“发放年月”"):
        matched("assistance", *(title for title in PAYMENT_TITLES if title != "发放年月"))
    with pytest.raises(UnreadableFile, match="“行政区划代码或所属社区或行政区划”"):
        matched("population", *(title for title in PERSON_TITLES if title != "所属社区"))


def test_the_first_variant_that_is_there_counts() -> None:
    match = matched("assistance", "姓名", *CASE_TITLES)
    (column,) = [column for column in match.columns if column.field.name == "head_name"]
    assert column.title.name == "户主姓名"


def test_every_code_in_the_tables_is_a_code() -> None:
    for mapping in builtin_mappings():
        for name, table in mapping.codes.items():
            code_set = CODE_SETS[name]
            allowed = {"0", "1"} if code_set is None else {member.value for member in code_set}
            assert set(table.to.values()) <= allowed, name


def test_key_fields_exist() -> None:
    derived = {"street_code", "provisional_no"}
    for mapping in builtin_mappings():
        names = {field.name for field in mapping.fields} | derived
        assert all(names.issuperset(key) for key in mapping.keys), mapping.kind


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "office.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_an_office_maps_its_own_titles_and_labels(tmp_path: Path) -> None:
    override = load_override(
        write(
            tmp_path,
            "source: population\nkind: persons\nheaders:\n  name: [住户, 住户姓名]\n  citizen_id: 证照号\n"
            "codes:\n  sex:\n    '1': [乾]\n    '2': [坤]\nsheet: 住户\nsex_coding: '01'\n",
        )
    )
    (mapping,) = [m for m in builtin_mappings() if m.kind == "persons"]
    own = with_override(mapping, override)
    match = match_titles(read_titles(["住户姓名", "*证照号（必填）", "与户主关系", "所属社区"]), [own])
    assert [column.field.name for column in match.columns] == ["name", "citizen_id", "relation", "community"]
    assert own.codes["sex"].to["乾"] == "1"
    assert own.codes["sex"].to["男"] == "1"
    assert (override.sheet, override.sex_coding) == ("住户", "01")


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("", None, "空"),
        ("source: population\nkind: persons\nheader:\n", 3, "“header”未知"),
        ("source: populace\nkind: persons\n", 1, "“populace”未知"),
        ("source: population\nkind: cases\n", 2, "“cases”未知"),
        ("kind: persons\n", 1, "缺少 source"),
        ("source: population\nkind: persons\nheaders:\n  name: 姓名\n  surname: 姓\n", 5, "“surname”未知"),
        ("source: population\nkind: persons\nheaders:\n  name: 姓名\n  name: 名\n", 5, "写了两次"),
        ("source: population\nkind: persons\nheaders:\n  - 姓名\n", 4, "名称: 值"),
        ("source: population\nkind: persons\ncodes:\n  sex:\n    '7': [某]\n", 5, "“7”不在代码表"),
        ("source: population\nkind: persons\ncodes:\n  sex:\n    '1': [某]\n    '2': [某]\n", 6, "对应了两个代码"),
        ("source: population\nkind: persons\ncodes:\n  colour: {}\n", 4, "“colour”未知"),
        ("source: population\nkind: persons\nsex_coding: 2\n", 3, "sex_coding"),
        ("source: population\nkind: persons\nheaders: [\n", 4, "YAML"),
        ("source: population\n\tkind: persons\n", 2, "YAML"),
    ],
)
def test_a_wrong_mapping_file_is_named_by_line(tmp_path: Path, text: str, line: int | None, message: str) -> None:
    with pytest.raises(MappingFault, match=message) as caught:
        load_override(write(tmp_path, text))
    assert "office.yaml" in str(caught.value)
    if line is not None:
        assert f"第 {line} 行" in str(caught.value)


def test_a_mapping_file_in_another_encoding(tmp_path: Path) -> None:
    path = tmp_path / "office.yaml"
    path.write_bytes("source: population\nkind: persons\nheaders: {name: 住户姓名}\n".encode("gbk"))
    with pytest.raises(MappingFault, match="UTF-8"):
        load_override(path)


def test_offices_can_look_up_every_title() -> None:
    text = (Path(__file__).parents[2] / "docs" / "feeds.md").read_text(encoding="utf-8")
    for mapping in builtin_mappings():
        assert f"`{mapping.source}` / `{mapping.kind}`" in text
        for field in mapping.fields:
            assert f"| `{field.name}` | {'、'.join(field.headers)} |" in text, (mapping.kind, field.name)
        assert all(f"| `{name}` | {table.shown} |" in text for name, table in mapping.codes.items())
