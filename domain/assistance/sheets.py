"""A printed sheet: what stands on it, apart from how it is drawn; and its HTML.

A notice's hash is that of its HTML, so what `page` writes for a sheet is for ever: another look is another function,
under a new template number (letters.py), never a change here. PDF is drawn from the same sheet and has no hash.
"""

from dataclasses import dataclass
from enum import StrEnum
from html import escape


class Place(StrEnum):
    """Where a line stands. TEXT begins with two characters' indent, as paragraphs do."""

    TEXT = "text"
    LEFT = "left"
    RIGHT = "right"
    SMALL = "small"


@dataclass(frozen=True, slots=True)
class Line:
    """One paragraph."""

    text: str
    place: Place = Place.TEXT


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: rows of cells, widths in hundredths of the line, least row height in mm; `head`: the first is a title
    row. An empty cell is for a pen."""

    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]
    height: int = 9
    head: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """A whole paper: title lines centred, the number at the right under them, then the body.

    `dense`: a form, with narrow margins and small type.
    """

    title: tuple[str, ...]
    number: str
    body: tuple[Line | Grid, ...]
    dense: bool = False

    @property
    def name(self) -> str:
        """What it is called: the last title line."""
        return self.title[-1]


_STYLE = (
    "@page{size:A4;margin:37mm 26mm 35mm 28mm}"
    "body{font:15pt/25pt FangSong,STFangsong,'仿宋',SimSun,STSong,serif;max-width:156mm;margin:0 auto;color:#000}"
    "h1{font:bold 22pt/34pt SimSun,STSong,serif;text-align:center;margin:0}"
    "p{margin:0;text-align:justify;overflow-wrap:anywhere}"
    "p.number,p.right{text-align:right}p.number{margin:6pt 0 14pt}p.right{padding-right:2em}"
    "p.text{text-indent:2em}p.small{font-size:12pt;line-height:18pt}"
    "table{border-collapse:collapse;width:100%;margin:6pt 0;font-size:12pt;line-height:18pt}"
    "table+table{margin-top:-6.75pt}"
    "td,th{border:.75pt solid #000;padding:1.5mm 2mm;vertical-align:middle;text-align:left;font-weight:normal;"
    "overflow-wrap:anywhere}th{text-align:center}"
)
_DENSE = (
    "@page{margin:18mm 20mm}body{font-size:12pt;line-height:18pt;max-width:170mm}h1{font-size:18pt;line-height:26pt}"
    "td,th{padding:.5mm 2mm}table{margin:2pt 0}table+table{margin-top:-2.75pt}"
)


def page(sheet: Sheet) -> str:
    """The sheet as one HTML document without anything from elsewhere; everything in it is escaped."""
    style = _STYLE + (_DENSE if sheet.dense else "")
    title = "".join(f"<h1>{escape(line)}</h1>\n" for line in sheet.title)
    number = f'<p class="number">{escape(sheet.number)}</p>\n' if sheet.number else ""
    body = "".join(_grid(part) if isinstance(part, Grid) else _line(part) for part in sheet.body)
    return (
        f'<!DOCTYPE html>\n<html lang="zh-CN">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="robots" content="noindex">\n<title>{escape(sheet.name)}</title>\n'
        f"<style>{style}</style>\n</head>\n<body>\n{title}{number}{body}</body>\n</html>\n"
    )


def _line(line: Line) -> str:
    return f'<p class="{line.place.value}">{escape(line.text) or "<br>"}</p>\n'


def _grid(grid: Grid) -> str:
    columns = "".join(f'<col style="width:{width}%">' for width in grid.widths)
    rows = "".join(
        f'<tr style="height:{grid.height}mm">{"".join(_cell(text, grid.head and not place) for text in row)}</tr>\n'
        for place, row in enumerate(grid.rows)
    )
    return f"<table>\n<colgroup>{columns}</colgroup>\n{rows}</table>\n"


def _cell(text: str, head: bool) -> str:
    return f"<th>{escape(text)}</th>" if head else f"<td>{escape(text)}</td>"


def said_on(year: int, month: int, day: int) -> str:
    """A date as papers write it."""
    return f"{year}年{month}月{day}日"
