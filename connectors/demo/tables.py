"""Files as source systems write them: CSV in the encodings of the day, and XLSX. The same rows give the same bytes."""

import csv
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import IO, Protocol, Self
from xml.sax.saxutils import escape

Cell = str | int | date
"""XLSX keeps whole numbers as numbers and dates as serial numbers with a date format; in CSV all are text."""


class Table(Protocol):
    """An open file that rows are written to."""

    def write(self, row: Sequence[Cell]) -> None:
        """Append one row."""
        ...

    def close(self) -> None:
        """Finish the file."""
        ...


class CsvTable:
    """A CSV file: `gb18030` as most systems export it, `utf-8-sig` with a byte-order mark, or plain `utf-8`."""

    def __init__(self, path: Path, headers: Sequence[str], encoding: str = "gb18030", delimiter: str = ",") -> None:
        # errors: a character that an encoding lacks would be a fault of the generator, and must not pass.
        self._file = path.open("w", encoding=encoding, newline="")
        self._writer = csv.writer(self._file, delimiter=delimiter, lineterminator="\r\n")
        self._writer.writerow(headers)

    def write(self, row: Sequence[Cell]) -> None:
        """Append one row."""
        self._writer.writerow(row)

    def close(self) -> None:
        """Finish the file."""
        self._file.close()


class XlsxTable:
    """One sheet of an XLSX file, streamed; an optional merged title stands above the headers.

    Written without a library because a library stamps the time of writing into the file.
    """

    def __init__(self, path: Path, headers: Sequence[str], title: str = "") -> None:
        self._archive = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=4)
        for name, text in _PARTS.items():
            self._archive.writestr(_entry(name), text)
        self._merge = f"A1:{_column(len(headers) - 1)}1" if title else ""
        self._number = 0
        self._sheet: IO[bytes] = self._archive.open(_entry("xl/worksheets/sheet1.xml"), "w", force_zip64=True)
        self._sheet.write(f'{_XML}<worksheet xmlns="{_MAIN}"><sheetData>'.encode())
        if title:
            self.write([title])
        self.write(headers)

    def write(self, row: Sequence[Cell]) -> None:
        """Append one row; empty text leaves the cell out."""
        self._number += 1
        cells = "".join(_cell(f"{_column(i)}{self._number}", value) for i, value in enumerate(row) if value != "")
        self._sheet.write(f'<row r="{self._number}">{cells}</row>'.encode())

    def close(self) -> None:
        """Finish the sheet and the archive."""
        merged = f'<mergeCells count="1"><mergeCell ref="{self._merge}"/></mergeCells>' if self._merge else ""
        self._sheet.write(f"</sheetData>{merged}</worksheet>".encode())
        self._sheet.close()
        self._archive.close()


class Tables:
    """Every open table of a run, closed together."""

    def __init__(self) -> None:
        self._open: list[Table] = []

    def add(self, table: Table) -> Table:
        """Remember a table to close it."""
        self._open.append(table)
        return table

    def close(self) -> None:
        """Close what is open."""
        while self._open:
            self._open.pop().close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def serial(day: date) -> int:
    """Excel's number of a day: 1 January 1900 is 1, and 29 February 1900 is counted though it never was."""
    return day.toordinal() - date(1899, 12, 30).toordinal()


def write_all(table: Table, rows: Iterable[Sequence[Cell]]) -> int:
    """Append all rows; returns how many there were."""
    count = 0
    for count, row in enumerate(rows, 1):  # noqa: B007 - the last count is the answer
        table.write(row)
    return count


_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS = {
    "[Content_Types].xml": (
        f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        '<sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>'
    ),
    "xl/styles.xml": (
        f'{_XML}<styleSheet xmlns="{_MAIN}">'
        '<fonts count="1"><font><sz val="11"/><name val="宋体"/></font></fonts>'
        '<fills count="1"><fill><patternFill patternType="none"/></fill></fills>'
        '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        '<cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
        '<xf numFmtId="14" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    ),
}


def _entry(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, date_time=(2015, 12, 31, 0, 0, 0))
    info.compress_type = zipfile.ZIP_DEFLATED
    info.create_system = 3  # the same bytes whatever system writes them
    return info


def _column(index: int) -> str:
    letters = ""
    while index >= 0:
        letters = chr(65 + index % 26) + letters
        index = index // 26 - 1
    return letters


def _cell(place: str, value: Cell) -> str:
    if isinstance(value, date):
        return f'<c r="{place}" s="1"><v>{serial(value)}</v></c>'
    if isinstance(value, int):
        return f'<c r="{place}"><v>{value}</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
