"""Tables written as markup and named `.xls`: HTML pages of old systems, and XML spreadsheets of Excel 2003."""

from collections.abc import Iterator
from datetime import datetime
from html.parser import HTMLParser
from itertools import chain
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError, iterparse

from connectors.files.cells import Cell
from connectors.files.encoding import Encoding
from connectors.files.table import RawRow, Sheet
from domain.errors import UnreadableFile

_CHUNK = 1 << 18
_WIDEST = 400
_SS = "{urn:schemas-microsoft-com:office:spreadsheet}"


class _TableParser(HTMLParser):
    """Collects the rows of every table in order; nested tables are read as rows of their own."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[list[Cell]] = []
        self._row: list[Cell] | None = None
        self._cell: list[str] | None = None
        self._span = 1

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self._end_row()
            self._row = []
        elif tag in ("td", "th"):
            self._end_cell()
            self._cell = []
            span = dict(attrs).get("colspan") or "1"
            self._span = min(int(span), _WIDEST) if span.isdigit() else 1
        elif tag == "br" and self._cell is not None:
            self._cell.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._end_cell()
        elif tag in ("tr", "table"):
            self._end_row()

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)

    def close(self) -> None:
        super().close()
        self._end_row()

    def _end_cell(self) -> None:
        if self._cell is not None and self._row is not None:
            self._row.append("".join(self._cell).strip())
            self._row.extend([None] * (self._span - 1))
        self._cell = None

    def _end_row(self) -> None:
        self._end_cell()
        if self._row is not None:
            self.rows.append(self._row)
        self._row = None

    def take(self) -> list[list[Cell]]:
        rows, self.rows = self.rows, []
        return rows


def html_sheets(path: Path, encoding: Encoding) -> Iterator[Sheet]:
    """All tables of the page as one sheet."""
    yield Sheet("", _html_rows(path, encoding))


def _html_rows(path: Path, encoding: Encoding) -> Iterator[RawRow]:
    parser = _TableParser()
    number = 0
    with path.open(encoding=encoding.codec, errors="replace") as file:
        for chunk in chain(iter(lambda: file.read(_CHUNK), ""), [None]):
            if chunk is None:
                parser.close()
            else:
                parser.feed(chunk)
            for row in parser.take():
                number += 1
                cells = [encoding.repair(c) if encoding.repair and isinstance(c, str) else c for c in row]
                yield RawRow(number, cells)


def xml_sheets(path: Path) -> Iterator[Sheet]:
    """The worksheets of an Excel 2003 XML file; all are read as one, since such exports have one sheet."""
    yield Sheet("", _xml_rows(path))


def _xml_rows(path: Path) -> Iterator[RawRow]:
    number = 0
    try:
        for _, element in iterparse(path, events=("end",)):
            if element.tag == f"{_SS}Row":
                number = int(element.get(f"{_SS}Index") or number + 1)
                yield RawRow(number, _xml_cells(element))
                element.clear()
    except ParseError:
        raise UnreadableFile(f"XML 电子表格在第 {number + 1} 行附近不完整；请重新导出。") from None


def _xml_cells(row: Element) -> list[Cell]:
    cells: list[Cell] = []
    for cell in row.iter(f"{_SS}Cell"):
        index = int(cell.get(f"{_SS}Index") or len(cells) + 1)
        cells.extend([None] * (min(index, _WIDEST) - 1 - len(cells)))
        data = cell.find(f"{_SS}Data")
        cells.append(None if data is None else _xml_value(data))
        cells.extend([None] * min(int(cell.get(f"{_SS}MergeAcross") or 0), _WIDEST))
    return cells


def _xml_value(data: Element) -> Cell:
    text = "".join(data.itertext())
    if data.get(f"{_SS}Type") == "DateTime":
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            return text
    return text
