"""CSV and its kin: comma, TAB, semicolon or bar, quoted or not."""

import csv
from collections.abc import Collection, Iterator
from pathlib import Path

from connectors.files.encoding import Encoding, read_head
from connectors.files.place import Place
from connectors.files.table import RawRow, Sheet
from connectors.files.titles import plain_title
from domain.errors import UnreadableFile

_DELIMITERS = {",": "逗号", "\t": "TAB", ";": "分号", "|": "竖线"}
_LONGEST_CELL = 1 << 17


def delimited_sheet(path: Path, encoding: Encoding, vocabulary: Collection[str]) -> Sheet:
    """The file's rows, read as they are asked for; the sheet's name tells the delimiter."""
    delimiter = _delimiter(read_head(path, encoding.codec), encoding, vocabulary)
    name = "" if delimiter == "," else f"以{_DELIMITERS[delimiter]}分隔"
    place = Place(path)
    return Sheet(name, _rows(place, encoding, delimiter), place.done)


def _delimiter(head: str, encoding: Encoding, vocabulary: Collection[str]) -> str:
    """The delimiter that brings out the most known titles, then the most cells."""
    lines = head.splitlines()[:40]

    def score(delimiter: str) -> tuple[int, int]:
        try:
            rows = list(csv.reader(lines, delimiter=delimiter))
        except csv.Error:
            return (0, 0)
        hits = (sum(plain_title(_repaired(cell, encoding)) in vocabulary for cell in row) for row in rows)
        return max(hits, default=0), max(map(len, rows), default=0)

    return max(_DELIMITERS, key=score)


def _repaired(cell: str, encoding: Encoding) -> str:
    return encoding.repair(cell) if encoding.repair else cell


def _rows(place: Place, encoding: Encoding, delimiter: str) -> Iterator[RawRow]:
    csv.field_size_limit(_LONGEST_CELL)
    with place.open(encoding.codec, newline="") as file:
        reader = csv.reader((line.replace("\x00", "") for line in file), delimiter=delimiter)
        number = 0
        try:
            if encoding.repair:
                for number, row in enumerate(reader, start=1):
                    yield RawRow(number, [encoding.repair(cell) for cell in row])
            else:
                for number, row in enumerate(reader, start=1):
                    yield RawRow(number, row)  # type: ignore[arg-type]  # every text is a cell
        except csv.Error:
            raise UnreadableFile(
                f"第 {number + 1} 行起的引号没有闭合，后面的内容无法分行；请补上引号后再导入（之前的行不受影响）。"
            ) from None
