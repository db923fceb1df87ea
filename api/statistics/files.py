"""Tables as files: a workbook with two-row headings, or comma-separated text."""

import csv
from collections.abc import Iterable
from decimal import Decimal
from io import StringIO
from itertools import groupby
from pathlib import Path

from api.statistics.table import Line, Table, Value
from domain.errors import BadInput

_CODE, _NAME = "区划代码", "区划"
_MADE = ("单位负责人：", "统计负责人：", "填表人：", "报出日期：")


def write_table(table: Table, out: Path) -> None:
    """Write it as `.xlsx` or `.csv` by the name's end; raises BadInput for any other."""
    match out.suffix.lower():
        case ".xlsx":
            _write_workbook(table, out)
        case ".csv":
            out.write_text(csv_of(table_rows(table)), encoding="utf-8-sig", newline="")
        case _:
            raise BadInput(f"文件名“{out.name}”应以 .xlsx 或 .csv 结尾。", "out")


def table_rows(table: Table) -> Iterable[list[str]]:
    """The table as text, notes first."""
    yield [table.title]
    yield from ([note] for note in table.notes)
    yield [_CODE, _NAME, *(f"{column.group}：{column.title}" for column in table.columns)]
    for line in table.lines:
        yield [line.code, line.name, *(_text(value) for value in line.values)]


def csv_of(rows: Iterable[Iterable[str]]) -> str:
    """Rows as comma-separated text."""
    text = StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue()


def _text(value: Value) -> str:
    if value is None:
        return ""
    return f"{value:.2f}" if isinstance(value, Decimal) else str(value)


def _write_workbook(table: Table, out: Path) -> None:
    from openpyxl import Workbook  # a fifth of a second that no other verb needs to wait for
    from openpyxl.styles import Alignment, Border, Font, Side
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = table.period
    width = len(table.columns) + 2
    thin = Side(style="thin")
    border, middle = Border(thin, thin, thin, thin), Alignment("center", "center", wrap_text=True)

    def across(row: int, text: str, font: Font, align: Alignment) -> None:
        sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=width)
        cell = sheet.cell(row, 1, text)
        cell.font, cell.alignment = font, align

    across(1, table.title, Font(name="宋体", size=16, bold=True), Alignment("center", "center"))
    for number, note in enumerate(table.notes, 2):
        across(number, note, Font(name="宋体", size=9), Alignment("left", "center", wrap_text=True))
    top = len(table.notes) + 2
    for place, title in enumerate((_CODE, _NAME), 1):
        sheet.merge_cells(start_row=top, start_column=place, end_row=top + 1, end_column=place)
        sheet.cell(top, place, title)
    place = 3
    for group, columns in groupby(table.columns, key=lambda column: column.group):
        titles = [column.title for column in columns]
        sheet.merge_cells(start_row=top, start_column=place, end_row=top, end_column=place + len(titles) - 1)
        sheet.cell(top, place, group)
        for offset, title in enumerate(titles):
            sheet.cell(top + 1, place + offset, title)
        place += len(titles)
    for row in sheet.iter_rows(min_row=top, max_row=top + 1, max_col=width):
        for head in row:
            head.font, head.alignment, head.border = Font(name="宋体", bold=True), middle, border
    for number, line in enumerate(table.lines, top + 2):
        for column, value in enumerate((line.code, _indented(line), *line.values), 1):
            written = sheet.cell(number, column, value)
            written.font, written.border = Font(name="宋体", bold=line.level < 2), border
            if isinstance(value, Decimal):
                written.number_format = "#,##0.00"
    across(top + 2 + len(table.lines), "　　　".join(_MADE), Font(name="宋体", size=10), Alignment("left"))
    for column in range(1, width + 1):
        sheet.column_dimensions[get_column_letter(column)].width = 16 if column <= 2 else 13
    sheet.freeze_panes = f"C{top + 2}"
    book.save(out)


def _indented(line: Line) -> str:
    return "　" * line.level + line.name
