"""Any file of rows, read as a stream: format by content, header row found, what isn't data left out.

Above the header there may be merged titles and notes; below it a row of explanations, example rows, blank rows, sums
and signature lines. None of those is a person, so none of them is yielded; each is counted by its kind.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

from connectors.files.cells import Cell, text
from connectors.files.encoding import LOST
from connectors.files.titles import Title, plain_title, read_titles
from domain.errors import UnreadableFile

_LOOK_AHEAD = 40
"""Rows within which the header must stand."""
_LEAST_TITLES = 2

_SUM = re.compile(r"(?:本页|本月|全区|街道|村|社区)?(?:合计|总计|小计|共计|累计)(?:[:：（(\d].*)?")
_EXAMPLE = re.compile(r"[(（\[【]?(?:示例|样例|范例|例如|例)[)）\]】]?(?:[:：].*|\d*)|.*[(（](?:示例|样例|例)[)）]")
_FOOTER = re.compile(
    r"(?:制表|填表|审核|复核|负责|经办|打印|导出|单位|审批|领导|备注|说明|注)"
    r"(?:人|单位|时间|日期|负责人|签字|签名|盖章)*\s*[:：].*"
)
_NOTE = re.compile(r"必填|选填|可不填|填写|格式|不超过|如[:：]|例[:：]|请|下拉|字典|位数|\d位|YYYY|yyyy|单选|多选|说明")
_DATA = re.compile(r"\d{17}[\dXx]|\d{4}[-/年.]\d{1,2}(?:[-/月.]\d{1,2}日?)?|\d{5,}(?:\.\d+)?|\d+\.\d+")


class RawRow(NamedTuple):
    """One row of data. `number` is its row in the file (what a spreadsheet shows), counted from 1."""

    number: int
    cells: list[Cell]
    problem: str = ""
    """Why the row as a whole can't be read, for the clerk; empty where it can."""


def _unknown() -> float:
    return 0.0


@dataclass(slots=True)
class Sheet:
    """One sheet of a file, before anything is known of its columns."""

    name: str
    rows: Iterator[RawRow]
    done: Callable[[], float] = _unknown
    """Share of the sheet that has been read; 0 where that can't be told."""


@dataclass(slots=True)
class Table:
    """A file that is read: its columns, and its rows as a stream that can be gone through once."""

    format: str
    """What the clerk is told of format, encoding and sheet."""
    titles: list[Title]
    header_row: int
    rows: Iterator[RawRow]
    skipped: Counter[str] = field(default_factory=Counter)
    """Rows left out so far, by why."""
    done: Callable[[], float] = _unknown


def open_table(path: Path, vocabulary: Collection[str], sheet: str = "") -> Table:
    """Open any supported file.

    `vocabulary` are plain titles (see titles.py) by which the header is known; the first sheet that has one is read,
    or the one named. Raises UnreadableFile where the format is unknown or no header is found.
    """
    from connectors.files.formats import read_sheets  # it needs this module's types

    names = []
    for description, found in read_sheets(path, vocabulary):
        if sheet and found.name != sheet:
            continue
        names.append(found.name)
        head, rest = look_ahead(found.rows, _LOOK_AHEAD)
        header = find_header(head, vocabulary)
        if header is not None:
            table = _table(description, header, head, rest, vocabulary)
            table.done = found.done
            return table
    where = f"工作表 {'、'.join(names)} 中" if any(names) else "文件中"
    raise UnreadableFile(
        f"{where}前 {_LOOK_AHEAD} 行没有找到标题行（如“姓名”“身份证号”）；请检查文件，或用 --mapping 说明本单位的标题。"
    )


def look_ahead(rows: Iterator[RawRow], count: int) -> tuple[list[RawRow], Iterator[RawRow]]:
    """The first rows, and those behind them. A file that breaks off within the first breaks off behind them."""
    head: list[RawRow] = []
    try:
        head.extend(islice(rows, count))
    except UnreadableFile as error:
        return head, _broken(error)
    return head, rows


def _broken(error: UnreadableFile) -> Iterator[RawRow]:
    raise error
    yield  # pragma: no cover - makes this a generator


@dataclass(frozen=True, slots=True)
class Header:
    """Where the header stands: index of its first row, how many rows it takes, and its cells made one row."""

    index: int
    height: int
    cells: list[Cell]


def find_header(rows: list[RawRow], vocabulary: Collection[str]) -> Header | None:
    """The row with the most known titles; two rows where groups of columns share a merged upper title."""
    known = frozenset(vocabulary)
    scores = [_known_titles(row.cells, known) for row in rows]
    best = max(range(len(rows)), key=lambda i: (scores[i], -i), default=-1)
    if best < 0 or scores[best] < _LEAST_TITLES:
        return None
    for upper in (best - 1, best):
        if 0 <= upper < len(rows) - 1:
            merged = _merged(rows[upper].cells, rows[upper + 1].cells, known)
            if _known_titles(merged, known) > scores[best]:
                return Header(upper, 2, merged)
    return Header(best, 1, rows[best].cells)


def _known_titles(cells: Iterable[Cell], known: frozenset[str]) -> int:
    names = {plain_title(text(cell)) for cell in cells if isinstance(cell, str) and len(cell) < 200}
    return sum(name in known or (LOST in name and restore_title(name, known) != name) for name in names)


def _merged(upper: list[Cell], lower: list[Cell], known: frozenset[str]) -> list[Cell]:
    width = max(len(upper), len(lower))
    above = [*upper, *[None] * (width - len(upper))]
    below = [*lower, *[None] * (width - len(lower))]
    # The lower title is the column's own wherever there is one, unless it is data under a one-row title.
    return [low if text(low) and (not text(up) or plain_title(text(low)) in known) else up
            for up, low in zip(above, below, strict=True)]  # fmt: skip


def restore_title(name: str, known: Iterable[str]) -> str:
    """The one known title that a title with lost characters can have been; the title itself if there isn't one."""
    pattern = re.compile("".join(".{1,2}" if part == "" else re.escape(part) for part in _lost_parts(name)))
    fitting = [title for title in known if pattern.fullmatch(title)]
    return fitting[0] if len(fitting) == 1 else name


def _restored(title: Title, known: Iterable[str]) -> Title:
    name = restore_title(title.name, known)
    return title if name == title.name else Title(name, name, title.unit, title.codes)


def _lost_parts(name: str) -> list[str]:
    """The pieces between lost characters, with "" for each run of them."""
    return [part if part[0] not in "\ufffd?" else "" for part in re.findall(r"[\ufffd?]+|[^\ufffd?]+", name)]


def _table(
    description: str, header: Header, head: list[RawRow], rest: Iterator[RawRow], vocabulary: Collection[str]
) -> Table:
    titles = read_titles(header.cells)
    titles = [_restored(title, vocabulary) if LOST in title.name else title for title in titles]
    while titles and not titles[-1].name:
        titles.pop()
    table = Table(description, titles, head[header.index].number, iter(()))
    header_texts = [plain_title(text(cell)) for cell in header.cells]
    data = chain(head[header.index + header.height :], rest)
    table.rows = _data_rows(data, table, header_texts)
    return table


def _data_rows(rows: Iterator[RawRow], table: Table, header: list[str]) -> Iterator[RawRow]:
    width = len(table.titles)
    below = 0
    for number, cells, problem in rows:
        filled: list[Cell] = [cell for cell in cells if cell is not None and cell != ""]
        if not filled and not problem:
            continue
        below += 1
        kind = "" if problem else _what_else(cells, filled, below, header, width)
        if kind:
            table.skipped[kind] += 1
            continue
        if len(cells) != width and not problem:
            if len(cells) > width and any(text(cell) for cell in cells[width:]):
                problem = "此行的单元格比标题多，内容可能错位（例如未加引号的逗号）；请核对。"
            cells = [*cells[:width], *[None] * (width - len(cells))]
        yield RawRow(number, cells, problem)


def _what_else(cells: list[Cell], filled: list[Cell], below: int, header: list[str], width: int) -> str:
    """What a row is if it isn't data: sum, example, notes, signature, repeated header; empty for data."""
    first = filled[0]
    if isinstance(first, str):
        plain = first if first.isascii() else first.replace(" ", "").replace("\u3000", "").strip()
        if not plain.isascii() and not plain.isdigit():
            if _SUM.fullmatch(plain):
                return "合计行"
            if _EXAMPLE.fullmatch(plain):
                return "示例行"
            if len(filled) <= max(3, width // 3) and _FOOTER.fullmatch(plain):
                return "落款行"
            if plain_title(plain) in header and _is_header(cells, header):
                return "重复的标题行"
    if not _has_text(cells):
        return "空行"
    if below <= 3:
        return _early(cells, filled)
    return _sum_inside(cells) if len(filled) * 2 <= width else ""


def _has_text(cells: list[Cell]) -> bool:
    return any(text(cell) for cell in cells)


def _early(cells: list[Cell], filled: list[Cell]) -> str:
    """Explanations and examples stand only directly under the header."""
    shown = [text(cell) for cell in filled]
    if any(_EXAMPLE.fullmatch(cell) for cell in shown[:3]):
        return "示例行"
    notes = sum(_NOTE.search(cell) is not None for cell in shown)
    if notes and (notes > 1 or len(filled) * 2 <= len(cells)) and not any(_DATA.fullmatch(cell) for cell in shown):
        return "说明行"
    return _sum_inside(cells)


def _sum_inside(cells: list[Cell]) -> str:
    """A sum row whose first cell is a number or date: the word stands in one of the next cells."""
    words = [text(cell).replace(" ", "").replace("\u3000", "") for cell in cells[:4]]
    return "合计行" if any(word in ("合计", "总计", "小计", "共计") for word in words) else ""


def _is_header(cells: list[Cell], header: list[str]) -> bool:
    return sum(bool(name) and plain_title(text(cell)) == name for cell, name in zip(cells, header, strict=False)) >= 2
