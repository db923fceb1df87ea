"""Sheets as PDF: what stands on them, where lines end, what can't be drawn."""

import re
from datetime import date
from pathlib import Path

import pypdfium2
import pytest

from api.papers.pdf import pdf_of
from domain.assistance.forms import Shown, Visited, first_notice, proof_of_service, second_notice, visit_form
from domain.assistance.letters import letter
from domain.assistance.sheets import Grid, Line, Place, Sheet, page
from domain.codes import NoticeKind, Scheme
from domain.errors import BadSetting, RuleViolated
from tests.unit.domain.test_notices import GOLDEN, Ready, issued, told

A4 = (595, 842)
OFFICE = "江门市江海区外海街道办事处"
HOTLINE = "外海街道办事处，政务服务热线 12345"


def pages_of(pdf: bytes) -> list[list[str]]:
    """The lines of each page, its number left out."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        found = []
        for number in range(len(document)):
            assert tuple(round(side) for side in document[number].get_size()) == A4
            text = document[number].get_textpage().get_text_range()
            found.append([line for line in text.splitlines() if not re.fullmatch(r"— \d+ —", line.strip())])
        return found
    finally:
        document.close()


def sheet_of(kind: NoticeKind) -> Sheet:
    """A notice as it is printed."""
    ready = Ready()
    case = ready.case(kind)
    return letter(told(case, ready.person, issued(case, ready.person, kind)))


@pytest.mark.parametrize("kind", NoticeKind)
def test_a_notice_is_one_page_with_the_golden_text(kind: NoticeKind) -> None:
    (lines,) = pages_of(pdf_of(sheet_of(kind)))
    golden = (GOLDEN / f"notice-1-{kind.value}.txt").read_text("utf-8")
    assert "".join("".join(lines).split()) == "".join(golden.split())
    assert lines[0] == sheet_of(kind).title[0]


def test_the_same_sheet_gives_the_same_bytes() -> None:
    sheet = sheet_of(NoticeKind.STOP)
    assert pdf_of(sheet) == pdf_of(sheet)


@pytest.mark.parametrize("shift", range(1, 29))
def test_no_line_begins_or_ends_as_print_forbids(shift: int) -> None:
    text = (
        "甲" * shift
        + "，依据《社会救助暂行办法》（国务院令第649号）第十一条，每月1,234,567.50元（大写），2016年；乙、丙。" * 3
    )
    ((_, *lines),) = pages_of(pdf_of(Sheet(("题",), "", (Line(text),))))
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    for line in lines:
        assert line[0] not in "，。、；：）》", line
        assert line[-1] not in "（《", line
        assert not re.match(r"^[,.\d]*\d元", line) or line.startswith("1,234,567.50元"), line


def test_a_long_word_is_broken_rather_than_cut_off() -> None:
    word = "A" * 200
    ((_, *lines),) = pages_of(pdf_of(Sheet(("题",), "", (Line(word),))))
    assert "".join(lines) == word


def test_what_is_signed_never_stands_alone_on_a_page() -> None:
    signed = (Line("", Place.RIGHT), Line("某局（印章）", Place.RIGHT), Line("2016年1月1日", Place.RIGHT))
    for count in range(10, 26):
        paragraphs = tuple(Line(f"第{number}段") for number in range(count))
        pages = pages_of(pdf_of(Sheet(("某局", "通知书"), "1号", (*paragraphs, *signed))))
        assert f"第{count - 1}段" in "".join(pages[-1])
        assert "2016年1月1日" in "".join(pages[-1])


def test_text_is_never_markup() -> None:
    sheet = Sheet(("<b>题</b>",), "", (Line("<b>甲</b>&amp;<br/>"), Grid((("<i>乙</i>",),), (100,))))
    (lines,) = pages_of(pdf_of(sheet))
    assert "".join(lines) == "<b>题</b><b>甲</b>&amp;<br/><i>乙</i>"
    html = page(sheet)
    assert "<b>" not in html
    assert "&lt;b&gt;甲&lt;/b&gt;&amp;amp;" in html


@pytest.mark.parametrize("rare_character", ["𬭎", "䶮"])
def test_a_name_never_prints_with_a_hole(tmp_path: Path, rare_character: str) -> None:
    rare = Sheet(("通知书",), "", (Line(f"拟某{rare_character}："),))
    with pytest.raises(RuleViolated, match="缺字"):
        pdf_of(rare)
    assert rare_character in page(rare)
    (tmp_path / "none.ttf").write_bytes(b"no font")
    with pytest.raises(BadSetting, match=r"none\.ttf"):
        pdf_of(rare, tmp_path / "none.ttf")


class TestForms:
    def test_a_blank_visit_form_is_one_page(self) -> None:
        (lines,) = pages_of(pdf_of(visit_form("", Visited())))
        text = "".join("".join(lines).split())
        assert text.startswith("社会救助家庭入户核查表个案编号救助类别")
        assert "核查人签名（不少于两人）" in text

    def test_a_large_household_goes_on_a_second_page(self) -> None:
        members = tuple((f"拟某{n}", "子", str(n)) for n in range(30))
        pages = pages_of(
            pdf_of(visit_form(OFFICE, Visited("A1", "最低生活保障", "拟某0", "一巷1号", "麻三村", members)))
        )
        assert len(pages) == 2
        assert all(any(f"拟某{n}" in line for page in pages for line in page) for n in range(30))

    def test_a_slip_names_notice_and_recipient_only(self) -> None:
        (lines,) = pages_of(pdf_of(proof_of_service(OFFICE, "受理通知书", "江海外海救受〔2016〕1号", "拟某甲")))
        text = "".join("".join(lines).split())
        assert "送达文书受理通知书江海外海救受〔2016〕1号受送达人拟某甲送达方式□直接送达□留置送达" in text

    def test_public_notices_show_four_things_of_a_household(self) -> None:
        shown = [Shown("拟某甲", "麻三村", 3, 75_000), Shown("拟某乙", "麻三村", 1, None)]
        first = first_notice(
            OFFICE,
            Scheme.DIBAO,
            shown,
            notice_no="公示〔2016〕3号",
            from_on=date(2016, 2, 16),
            to_on=date(2016, 2, 23),
            contact=HOTLINE,
        )
        grid = next(part for part in first.body if isinstance(part, Grid))
        assert grid.rows == (
            ("序号", "姓名", "村（社区）", "人数", "拟每月金额（元）"),
            ("1", "拟某甲", "麻三村", "3", "750.00"),
            ("2", "拟某乙", "麻三村", "1", ""),
        )
        second = second_notice(OFFICE, Scheme.TEMP, shown[:1], notice_no="", on=date(2016, 3, 3), contact=HOTLINE)
        assert second.name == "临时救助对象公布"
        assert pages_of(pdf_of(second))
        assert '<meta name="robots" content="noindex">' in page(first)
