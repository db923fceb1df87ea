"""From cells to values: one parser for each column, made once a file."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from connectors.files.cells import Cell, CellError, number_text, text, to_count, to_date, to_fen, to_month
from connectors.files.encoding import LOST
from connectors.files.table import RawRow
from connectors.mapping import CodeTable, Column, Match
from connectors.reading.scrub import SEPARATORS
from domain.codes import Sex
from domain.errors import BadInput
from domain.identity import CitizenId, ProvisionalNumber, clean_number, parse_citizen_id, parse_provisional_number

Parser = Callable[[Cell], Any]

SEX_GB = MappingProxyType({"1": "1", "2": "2", "0": "0", "9": "9"})
SEX_01 = MappingProxyType({"0": "1", "1": "2", "2": "0", "9": "9"})
"""Some systems write 0 for men and 1 for women."""

_NAME_GAPS = re.compile(r"(?<=[\u3400-\u9fff])[\s\u3000]+(?=[\u3400-\u9fff])")
_MIDDLE_DOTS = str.maketrans(dict.fromkeys("•･・∙‧⋅．.", "·"))
_LONGEST_NAME = 60
_LONGEST_TEXT = 500
_PHONES = re.compile(r"[;；,，、/]+")


@dataclass(frozen=True, slots=True)
class Parse:
    """A column with its parser."""

    name: str
    index: int
    parse: Parser
    title: str


def parsers(match: Match, sex_coding: str) -> tuple[Parse, ...]:
    """A parser for each column of a file; `sex_coding` is GB or 01."""
    return tuple(
        Parse(column.field.name, column.index, _parser(column, match, sex_coding), column.title.shown)
        for column in match.columns
    )


def _parser(column: Column, match: Match, sex_coding: str) -> Parser:
    kind = column.field.type
    if kind in ("fen", "signed_fen"):
        return lambda cell: to_fen(cell, unit=column.title.unit, negative=kind == "signed_fen")
    if kind == "tags":
        return _tags(match.mapping.codes[column.field.codes])
    if kind in ("code", "hint", "sex"):
        table = match.mapping.codes[column.field.codes]
        own = {code: table.to[label] for code, label in column.title.codes if label in table.to}
        if kind == "sex" and not own:
            own = dict(SEX_01 if sex_coding == "01" else SEX_GB)
        table = table.with_labels(own)
        return _hint(table) if kind == "hint" else _code(table)
    simple: dict[str, Parser] = {
        "name": to_name,
        "text": to_text,
        "number": to_number,
        "phone": to_phone,
        "account": to_account,
        "citizen_id": to_identity,
        "date": to_date,
        "until": to_date,
        "month": to_month,
        "count": to_count,
    }
    return simple[kind]


def _code(table: CodeTable) -> Parser:
    known: dict[Cell, str | None] = {None: None, "": None}
    known.update(table.to)

    def parse(cell: Cell) -> str | None:
        try:
            return known[cell]
        except KeyError:
            found = _code_of(cell, table)
            if len(known) < 1_000 and isinstance(cell, str):
                known[cell] = found
            return found

    return parse


def _code_of(cell: Cell, table: CodeTable) -> str | None:
    plain = number_text(cell)
    if not plain:
        return None
    for candidate in (plain, plain.upper(), plain.zfill(2), text(cell), _without_code(plain)):
        if candidate in table.to:
            return table.to[candidate]
    raise CellError(f"的值不在代码表中；可用：{table.shown}。")


def _without_code(plain: str) -> str:
    """`01疾病` and `疾病(01)` are written by systems that show code and label together."""
    return re.sub(r"^\d{1,2}[-_.:：、\s]*|[(（]\d{1,2}[)）]$", "", plain) or plain


def _hint(table: CodeTable) -> Parser:
    strict = _code(table)

    def parse(cell: Cell) -> Any:
        try:
            return strict(cell)
        except CellError:
            return None

    return parse


def _tags(table: CodeTable) -> Parser:
    """The codes of the known tags of a cell, each once, with commas between; unknown ones are none of ours."""

    def parse(cell: Cell) -> str | None:
        known = (table.to[part] for part in SEPARATORS.split(text(cell)) if part in table.to)
        return ",".join(dict.fromkeys(known)) or None

    return parse


def to_text(cell: Cell) -> str | None:
    """Free text; None where empty."""
    plain = text(cell)
    if LOST in plain:
        raise CellError("含有无法还原的乱码；请从来源系统重新导出。")
    if len(plain) > _LONGEST_TEXT:
        raise CellError(f"超过 {_LONGEST_TEXT} 字；可能是引号没有闭合，请核对。")
    return plain or None


def to_number(cell: Cell) -> str | None:
    """A number that names something (household, case, batch): full-width and spaces made plain."""
    return number_text(cell) or None


def to_name(cell: Cell) -> str | None:
    """A person's name, in one form: without spaces between characters, with one kind of middle dot."""
    plain = to_text(cell)
    if plain is None:
        return None
    if not plain.isalpha():
        plain = _NAME_GAPS.sub("", unicodedata.normalize("NFKC", plain).translate(_MIDDLE_DOTS))
        if any(character.isdigit() for character in plain):
            raise CellError("姓名中有数字；可能错列，请核对。")
    if len(plain) > _LONGEST_NAME:
        raise CellError(f"姓名超过 {_LONGEST_NAME} 字；可能错列，请核对。")
    return plain


def same_name(one: str, other: str) -> bool:
    """Whether two names are the same but for spaces, dots, width and variant characters."""
    return one == other or _folded(one) == _folded(other)


_VARIANTS = str.maketrans("峯羣勳囯裏堦甦喆淼栢昇佈邨菴槑衞", "峰群勋国里阶苏哲淼柏升布村庵梅卫")


def _folded(name: str) -> str:
    plain = unicodedata.normalize("NFKC", name).translate(_MIDDLE_DOTS).translate(_VARIANTS)
    return "".join(character for character in plain if not character.isspace() and character != "·").casefold()


def to_phone(cell: Cell) -> str | None:
    """One or more phone numbers, separated by `;`."""
    plain = text(cell)
    if not plain:
        return None
    if plain.isdigit() and plain.isascii():
        return plain
    try:
        numbers = [number_text(part) for part in _PHONES.split(plain)]
    except CellError:
        return None  # a phone that a spreadsheet has spoilt must not keep a person out
    return ";".join(number for number in numbers if number)[:100] or None


def to_account(cell: Cell) -> str | None:
    """A bank account: digits without the gaps people write between them."""
    plain = number_text(cell).replace("-", "")
    return plain or None


def to_identity(cell: Cell) -> CitizenId | ProvisionalNumber | None:
    """A citizen ID, or the number a system made up for someone without one; raises CellError without repeating it."""
    if cell is None or cell == "":
        return None
    plain = text(cell)
    if not plain:
        return None
    try:
        return parse_citizen_id(plain)
    except BadInput as error:
        if plain[-1] in "NnＮ" and (made_up := parse_provisional_number(plain)) is not None:
            return made_up
        raise CellError(str(error).removeprefix("公民身份号码")) from None


def guess_sex_coding(rows: Iterable[RawRow], columns: Sequence[Column]) -> str:
    """GB or 01, whichever agrees with the citizen IDs; without any to compare, whether a 0 stands beside the 1s."""
    places = {column.field.name: column for column in columns}
    if "sex" not in places:
        return "GB"
    sex, number = places["sex"].index, places["citizen_id"].index if "citizen_id" in places else None
    agree = {"GB": 0, "01": 0}
    seen: set[str] = set()
    for row in rows:
        if sex >= len(row.cells) or not (digit := number_text(row.cells[sex])).isdigit():
            continue
        seen.add(digit)
        cleaned = clean_number(text(row.cells[number])) if number is not None and number < len(row.cells) else ""
        if len(cleaned) == 18 and cleaned[:17].isdigit():
            male = Sex.MALE if int(cleaned[16]) % 2 else Sex.FEMALE
            agree["GB"] += SEX_GB.get(digit) == male.value
            agree["01"] += SEX_01.get(digit) == male.value
    if any(agree.values()):
        return "01" if agree["01"] > agree["GB"] else "GB"
    return "01" if "0" in seen and "2" not in seen else "GB"
