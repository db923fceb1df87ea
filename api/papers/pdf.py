"""Sheets as PDF: A4 with the margins and type sizes of official papers (GB/T 9704-2012), drawn by ReportLab.

Without a setting the characters are those of the reader's own Song face (STSong-Light, which every PDF reader for
Chinese has or replaces): small files, nothing to license. MINZHENG_FONT_FILE embeds a TrueType font instead, for
archives, and for names with characters that the standard face has not.
"""

import re
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

from reportlab.lib import pagesizes
from reportlab.lib.enums import TA_CENTER, TA_RIGHT
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfbase.ttfonts import TTFError, TTFont
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    KeepTogether,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)

from domain.assistance.sheets import Grid, Line, Place, Sheet
from domain.errors import BadSetting, RuleViolated

_STANDARD = "STSong-Light"
_NEVER_FIRST = "、，。；：！？）》〕」”’,.;:!?)"
_NEVER_LAST = "（《〔「“‘("
_WORDS = re.compile(rf"[{re.escape(_NEVER_LAST)}]*(?:[0-9A-Za-z.,:/-]*[0-9A-Za-z]元?|.)[{re.escape(_NEVER_FIRST)}]*")
"""What no line end may come into: a number or word, with the marks that may not begin or end a line."""


class _Look(NamedTuple):
    """Margins and sizes of a paper."""

    top: float
    bottom: float
    left: float
    right: float
    title: int
    text: int
    leading: int
    small: int

    @property
    def width(self) -> float:
        """Of a line, in points."""
        return float(pagesizes.A4[0]) - self.left - self.right


_PAPER = _Look(37 * mm, 30 * mm, 28 * mm, 26 * mm, title=22, text=15, leading=25, small=12)
"""Title in size 2, text in 小三; a notice with its remedies stands on one page."""
_FORM = _Look(18 * mm, 18 * mm, 20 * mm, 20 * mm, title=18, text=12, leading=18, small=10)
_SIGNED = 3
"""Lines at the end (a gap, the office, the day) that never stand on a page by themselves."""


def pdf_of(sheet: Sheet, font_file: Path | None = None) -> bytes:
    """The sheet as a PDF; the same sheet gives the same bytes.

    Raises RuleViolated where the font has not a character of it, BadSetting where the font file is none.
    """
    font, look = _font(font_file), _FORM if sheet.dense else _PAPER
    _demand_characters(sheet, font)
    file = BytesIO()
    document = BaseDocTemplate(
        file, pagesize=pagesizes.A4, title=sheet.name, author=sheet.title[0], lang="zh-CN", invariant=1
    )
    height = pagesizes.A4[1] - look.top - look.bottom
    frame = Frame(look.left, look.bottom, look.width, height, 0, 0, 0, 0)
    document.addPageTemplates(PageTemplate(frames=[frame], onPage=_numbered(font, look)))
    parts = list(_parts(sheet, font, look))
    if isinstance(sheet.body[-1], Line) and sheet.body[-1].place is Place.RIGHT:
        kept = _SIGNED + 1  # with the last paragraph
        parts = [*parts[:-kept], KeepTogether(parts[-kept:])]
    document.build(parts)
    return file.getvalue()


def _parts(sheet: Sheet, font: str, look: _Look) -> Iterator[Flowable]:
    styles = _styles(font, look)
    for line in sheet.title:
        yield Paragraph(escape(line), styles["title"])
    yield Spacer(0, 4 * mm)
    if sheet.number:
        yield Paragraph(escape(sheet.number), styles["number"])
        yield Spacer(0, 5 * mm)
    after_grid = True
    for part in sheet.body:
        if isinstance(part, Grid) != after_grid:
            yield Spacer(0, 1.5 * mm)
            after_grid = not after_grid
        if isinstance(part, Grid):
            yield _table(part, styles, look)
        else:
            yield Paragraph(
                _broken(part.text, styles[part.place.value], look.width) or "&nbsp;", styles[part.place.value]
            )


def _table(grid: Grid, styles: dict[str, ParagraphStyle], look: _Look) -> Table:
    widths = [look.width * width / 100 for width in grid.widths]
    rows = []
    for place, row in enumerate(grid.rows):
        style = styles["head" if grid.head and not place else "cell"]
        cells = zip(row, widths, strict=True)
        rows.append([Paragraph(_broken(text, style, width - _PADDING), style) for text, width in cells])
    table = Table(
        rows,
        colWidths=widths,
        minRowHeights=[grid.height * mm] * len(rows),
        repeatRows=1 if grid.head else 0,
    )
    table.setStyle(TableStyle([("GRID", (0, 0), (-1, -1), 0.75, "black"), ("VALIGN", (0, 0), (-1, -1), "MIDDLE")]))
    return table


def _broken(text: str, style: ParagraphStyle, width: float) -> str:
    """The text as ReportLab's markup with every line end set, by the rules of Chinese print that it does not know."""
    lines: list[str] = []
    line, room = "", width - style.firstLineIndent - style.rightIndent
    for word in _WORDS.findall(text):
        size = stringWidth(word, style.fontName, style.fontSize)
        for piece in word if size > width else (word,):  # what no line holds is broken anywhere
            size = stringWidth(piece, style.fontName, style.fontSize)
            if size > room and line:
                lines.append(line)
                line, room = "", width - style.rightIndent
            line, room = line + piece, room - size
    return "<br/>".join(escape(each).replace("\u3000", "&nbsp;" * 2) for each in (*lines, line))


_PADDING = 12.5
"""Points that a cell's own margins take, and a little."""


@cache
def _styles(font: str, look: _Look) -> dict[str, ParagraphStyle]:
    def style(name: str, size: float, leading: float, **more: Any) -> ParagraphStyle:
        return ParagraphStyle(name, fontName=font, fontSize=size, leading=leading, **more)

    text, leading, small = look.text, look.leading, look.small
    return {
        "title": style("title", look.title, look.title + 10, alignment=TA_CENTER, wordWrap="CJK"),
        "number": style("number", text, leading, alignment=TA_RIGHT),
        Place.TEXT.value: style("text", text, leading, firstLineIndent=2 * text),
        Place.LEFT.value: style("left", text, leading),
        Place.RIGHT.value: style("right", text, leading, alignment=TA_RIGHT, rightIndent=2 * text),
        Place.SMALL.value: style("small", small, small + 6),
        "cell": style("cell", 12, 16),
        "head": style("head", 12, 16, alignment=TA_CENTER),
    }


def _numbered(font: str, look: _Look) -> Any:
    def draw(canvas: Any, document: Any) -> None:
        canvas.saveState()
        canvas.setFont(font, look.small)
        canvas.drawCentredString(pagesizes.A4[0] / 2, look.bottom * 0.6, f"— {document.page} —")
        canvas.restoreState()

    return draw


@cache
def _font(path: Path | None) -> str:
    """The name of the registered font."""
    if path is None:
        pdfmetrics.registerFont(UnicodeCIDFont(_STANDARD))
        return _STANDARD
    try:
        pdfmetrics.registerFont(TTFont(path.stem, str(path)))
    except (TTFError, OSError):
        raise BadSetting(
            f"{path} is not a TrueType font that can be embedded; set another.", "MINZHENG_FONT_FILE"
        ) from None
    return path.stem


def _demand_characters(sheet: Sheet, font: str) -> None:
    """A name must never print with a hole in it."""
    registered = pdfmetrics.getFont(font)
    glyphs = getattr(getattr(registered, "face", None), "charToGlyph", None)
    texts = [*sheet.title, sheet.number]
    for part in sheet.body:
        texts += [part.text] if isinstance(part, Line) else [cell for row in part.rows for cell in row]
    missing = {c for c in "".join(texts) if not (_in_song(c) if glyphs is None else ord(c) in glyphs)}
    if missing:
        raise RuleViolated(
            f"字体中没有 {len(missing)} 个字，打印会缺字；请用 MINZHENG_FONT_FILE 另设字体，或打印 HTML 版。"
        )


def _in_song(character: str) -> bool:
    """Whether every reader's Song face has it: the characters of GBK."""
    try:
        return bool(character.encode("gbk"))
    except UnicodeEncodeError:
        return False
