"""Files: formats by content, encodings, headers under titles, rows that are no data."""

import codecs
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.files import Table, open_table
from connectors.files.cells import text
from connectors.files.encoding import LOST
from connectors.mapping import builtin_mappings
from domain.errors import UnreadableFile
from tests.files.make import PERSON_TITLES, person, table, write_csv, write_json, write_xls, write_xlsx

VOCABULARY = frozenset().union(*(mapping.vocabulary for mapping in builtin_mappings()))
PEOPLE = [person(1), person(2)]
CELLS = [list(PERSON_TITLES), *table(PEOPLE, PERSON_TITLES)]


def opened(path: Path) -> tuple[Table, list[list[str]]]:
    found = open_table(path, VOCABULARY)
    return found, [[text(cell) for cell in row.cells] for row in found.rows]


def texts(cells: list[list[Any]]) -> list[list[str]]:
    return [[text(cell) for cell in row] for row in cells]


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
def test_text_in_any_encoding_and_with_any_delimiter(tmp_path: Path, encoding: str, delimiter: str) -> None:
    found, rows = opened(write_csv(tmp_path / "a.csv", PEOPLE, encoding=encoding, delimiter=delimiter))
    assert rows == texts(CELLS[1:])
    name = {"utf-8": "UTF-8", "utf-8-sig": "BOM", "gb18030": "GB18030", "gbk": "GB18030", "utf-16": "UTF-16"}[encoding]
    assert name in found.format


@pytest.mark.parametrize("saved_as", ["utf-8", "utf-16"])
def test_gbk_once_opened_as_western_text_is_read_back(tmp_path: Path, saved_as: str) -> None:
    path = write_csv(tmp_path / "a.csv", PEOPLE, encoding="gbk")
    path.write_bytes(path.read_bytes().decode("latin-1").encode(saved_as))
    found, rows = opened(path)
    assert rows == texts(CELLS[1:])
    assert "GBK 曾被误当作西文" in found.format


def test_utf8_once_opened_as_western_text_is_read_back(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", PEOPLE)
    path.write_bytes(path.read_bytes().decode("latin-1").encode("utf-8"))
    found, rows = opened(path)
    assert rows == texts(CELLS[1:])
    assert "UTF-8 曾被误当作西文" in found.format


def test_utf8_once_opened_as_gbk_is_read_back_where_nothing_was_lost(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", PEOPLE)
    path.write_bytes(path.read_bytes().decode("gbk", "replace").replace(LOST, "?").encode("gbk"))
    found, rows = opened(path)
    assert "UTF-8 曾被误当作 GBK" in found.format
    assert [title.name for title in found.titles] == [title for title in PERSON_TITLES]
    whole = {title: rows[0][index] for index, title in enumerate(PERSON_TITLES)}
    assert whole["公民身份号码"] == PEOPLE[0]["公民身份号码"]
    assert any(LOST in cell for cell in rows[0]), "names of three characters lost a byte and can't be restored"


def test_text_replaced_by_question_marks_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("锟斤拷锟斤拷,锟斤拷\n锟斤拷,锟斤拷\n".encode("gbk"))
    with pytest.raises(UnreadableFile, match="乱码"):
        opened(path)


def test_broken_bytes_spoil_their_row_only(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", PEOPLE)
    path.write_bytes(path.read_bytes().replace("幻丙".encode(), "幻丙".encode()[:5], 1))
    found, rows = opened(path)
    assert LOST in rows[1][0]
    assert LOST not in rows[0][0]
    assert "损坏" in found.format


@pytest.mark.parametrize("name", ["a.xlsx", "a.xls", "a.csv"])
def test_format_is_known_by_content_not_by_suffix(tmp_path: Path, name: str) -> None:
    typed = [CELLS[0], [*CELLS[1][:3], datetime(1970, 1, 1), *CELLS[1][4:]]]
    _, rows = opened(write_xlsx(tmp_path / name, typed))
    assert rows == texts(typed[1:])
    _, rows = opened(write_xls(tmp_path / name, CELLS))
    assert rows == texts(CELLS[1:])
    _, rows = opened(write_csv(tmp_path / name, PEOPLE, encoding="gb18030"))
    assert rows == texts(CELLS[1:])


def test_html_named_xls(tmp_path: Path) -> None:
    lines = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in CELLS)
    page = (
        f"<html><head><meta charset=gb2312></head><body><table><tr><th colspan=14>名册</th></tr>{lines}</table></body>"
    )
    path = tmp_path / "a.xls"
    path.write_bytes(page.encode("gb18030"))
    found, rows = opened(path)
    assert rows == texts(CELLS[1:])
    assert found.format.startswith("HTML")
    assert found.header_row == 2


def test_xml_spreadsheet_named_xls(tmp_path: Path) -> None:
    def cell(value: object) -> str:
        return f'<Cell><Data ss:Type="String">{value}</Data></Cell>'

    rows = "".join(f"<Row>{''.join(map(cell, row))}</Row>" for row in CELLS)
    path = tmp_path / "a.xls"
    path.write_text(
        '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        f'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="a"><Table>{rows}</Table>'
        "</Worksheet></Workbook>",
        encoding="utf-8",
    )
    assert opened(path)[1] == texts(CELLS[1:])


def test_json_lines(tmp_path: Path) -> None:
    path = write_json(tmp_path / "a.jsonl", PEOPLE)
    with path.open("a", encoding="utf-8") as file:
        file.write('{"姓名": \n')
    found = open_table(path, VOCABULARY)
    rows = list(found.rows)
    assert [row.number for row in rows] == [1, 2, 3]
    assert texts([row.cells for row in rows[:2]]) == texts(CELLS[1:])
    assert "JSON" in rows[2].problem


def test_large_workbooks_are_streamed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.files.formats._SMALL_SHEET", 100)
    typed = [CELLS[0], [*CELLS[1][:3], date(1970, 1, 1), *CELLS[1][4:]]]
    assert opened(write_xlsx(tmp_path / "a.xlsx", typed))[1] == texts(typed[1:])


def test_header_under_a_title_and_rows_that_are_no_data(tmp_path: Path) -> None:
    notes = ["必填", "18位，末位X大写", "必填", "格式：yyyy-MM-dd"]
    example = ["示例：幻零", PEOPLE[0]["公民身份号码"]]
    cells = [
        ["江南街道实有人口登记表（2015年12月）"],
        [],
        list(PERSON_TITLES),
        notes,
        example,
        CELLS[1],
        [],
        ["合　计", "", "2"],
        CELLS[2],
        list(PERSON_TITLES),
        ["", "总计", 2],
        ["制表人：某某", "", "审核：某某"],
    ]
    found, rows = opened(write_xlsx(tmp_path / "a.xlsx", cells))
    assert found.header_row == 3
    assert rows == texts(CELLS[1:])
    assert found.skipped == {"说明行": 1, "示例行": 1, "合计行": 2, "重复的标题行": 1, "落款行": 1}


def test_row_numbers_are_those_a_spreadsheet_shows(tmp_path: Path) -> None:
    found = open_table(write_xlsx(tmp_path / "a.xlsx", [["名册"], *CELLS]), VOCABULARY)
    assert [row.number for row in found.rows] == [3, 4]


def test_two_level_headers_are_joined(tmp_path: Path) -> None:
    upper = ["姓名", "公民身份号码", "户主", None, "住址", None, None]
    lower = [None, None, "户主姓名", "与户主关系", "所属街道", "所属社区", "现住地址"]
    row = ["幻甲", PEOPLE[0]["公民身份号码"], "幻甲", "户主", "江南街道", "桥南社区", "样例路1号"]
    found, rows = opened(write_xlsx(tmp_path / "a.xlsx", [["名册"], upper, lower, row]))
    assert [title.name for title in found.titles] == [*upper[:2], *lower[2:]]
    assert rows == [row]


def test_titles_lose_noise_and_repeated_ones_are_told_apart(tmp_path: Path) -> None:
    titles = [
        "*姓 名",
        "公民身份号码\n（必填）",
        "性别（1男 2女）",
        "所属楼栋",
        "所属楼栋",
        "保障金额（万元）",
        "Ａ项目",
    ]
    found, _ = opened(write_xlsx(tmp_path / "a.xlsx", [titles, ["幻甲", PEOPLE[0]["公民身份号码"]]]))
    assert [t.name for t in found.titles] == [
        "姓名",
        "公民身份号码",
        "性别",
        "所属楼栋",
        "所属楼栋2",
        "保障金额",
        "A项目",
    ]
    assert found.titles[2].codes == (("1", "男"), ("2", "女"))
    assert found.titles[5].unit == "万元"


def test_the_sheet_with_a_header_is_found(tmp_path: Path) -> None:
    dictionary = [["字典"], ["男"], ["女"]]
    found, rows = opened(write_xlsx(tmp_path / "a.xlsx", dictionary, CELLS))
    assert rows == texts(CELLS[1:])
    assert "Sheet1" in found.format


def test_a_shifted_row_is_told(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", PEOPLE)
    with path.open("a", encoding="utf-8") as file:
        file.write(",".join([*map(str, CELLS[1]), "多出来的"]) + "\n")
    rows = list(open_table(path, VOCABULARY).rows)
    assert [bool(row.problem) for row in rows] == [False, False, True]


def test_a_quote_that_never_closes(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", PEOPLE)
    with path.open("a", encoding="utf-8") as file:
        file.write('"幻甲,' + "x" * 200_000)
    found = open_table(path, VOCABULARY)
    with pytest.raises(UnreadableFile, match="第 4 行"):
        list(found.rows)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "空"),
        (b"PK\x03\x04broken", "不完整"),
        (bytes(range(256)) * 8, "不是文本|标题行"),
        ("一些,文字\n没有,标题\n".encode(), "标题行"),
    ],
)
def test_what_is_no_table(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(UnreadableFile, match=message):
        opened(path)


def test_a_password_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512 + "EncryptedPackage".encode("utf-16-le"))
    with pytest.raises(UnreadableFile, match="密码"):
        opened(path)


def test_how_much_has_been_read(tmp_path: Path) -> None:
    found = open_table(write_csv(tmp_path / "a.csv", PEOPLE), VOCABULARY)
    list(found.rows)
    assert found.done() == 1.0


def test_bom_inside_does_no_harm(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", PEOPLE)
    path.write_bytes(codecs.BOM_UTF8 + codecs.BOM_UTF8 + path.read_bytes())
    assert opened(path)[1] == texts(CELLS[1:])
