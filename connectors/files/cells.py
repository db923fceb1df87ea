"""Values out of cells: text, dates, months and money, in every form in which offices write them.

Cells come as text (CSV, JSON) or typed (spreadsheets). Money becomes integer fen by decimal arithmetic, never through
binary floating point. A value that can't be understood raises CellError, whose sentence is for the clerk and never
repeats the value: it may be personal, and reasons are shown in lists.
"""

import re
import unicodedata
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache

Cell = str | int | float | date | datetime | None
"""What a reader yields; `datetime` only where a time of day was given."""

OPEN_MONTH = ""
"""How an open end (3000-12 in the sources) is written from here on."""

_NOTHING = frozenset({"null", "none", "nan", "n/a", "#n/a", "-", "--", "—", "——", "/", "\\n", "(null)"})
_INVISIBLE = re.compile(r"[\u200b-\u200f\ufeff\u2060\x00-\x1f\x7f]+")
_EXCEL_DAY_ZERO = date(1899, 12, 30)  # makes 60 the 28th of February 1900, as every date after Excel's leap-year slip
_SERIALS = range(366, 73051)  # 1900-12-31 to 2099-12-31
_OPEN_YEARS = ("3000", "9999", "2999")
_DATE = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?"
    r"(?:[T ]?\s*\d{1,2}[:时]\d{1,2}(?:[:分]\d{1,2}(?:\.\d+)?)?[分秒]?(?:Z|[+-]\d\d:?\d\d)?)?"
)
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:\d{6})?")
_MONTH = re.compile(r"(\d{4})\s*(?:[-/.年])\s*(\d{1,2})\s*月?(?:份)?(?:[-/.月]\s*\d{1,2}.*)?")
_COMPACT_MONTH = re.compile(r"(\d{4})(\d\d)(?:\d\d)?")
_INTEGRAL = re.compile(r"-?\d+\.0+")
_GROUPED = re.compile(r"-?\d{1,3}(?:,\d{3})+(?:\.\d*)?")
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?[Ee]\+?\d+")


class CellError(ValueError):
    """A cell that can't be understood; the message is one sentence for the clerk, without the value."""


def text(cell: Cell) -> str:
    """A cell as text: without surrounding space, TAB or invisible characters; empty where it says "nothing"."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        plain = cell.strip(" \t\r\n\u3000\xa0'")
        if not plain.isprintable():
            plain = _INVISIBLE.sub("", plain.replace("\n", " ")).strip()
        return "" if plain.lower() in _NOTHING else plain
    return _typed_text(cell)


def _typed_text(cell: int | float | date | datetime) -> str:
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, int):
        return str(cell)
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        midnight = (cell.hour, cell.minute, cell.second) == (0, 0, 0)
        return cell.date().isoformat() if midnight else cell.isoformat(" ", "seconds")
    return cell.isoformat()


def number_text(cell: Cell) -> str:
    """A number that is a name (phone, code, count): full-width digits made plain, a spreadsheet's `.0` dropped."""
    plain = text(cell)
    if not plain.isascii():
        plain = unicodedata.normalize("NFKC", plain)
    if _INTEGRAL.fullmatch(plain):
        plain = plain.partition(".")[0]
    elif _SCIENTIFIC.fullmatch(plain):
        raise CellError("被表格软件存成了科学计数，末几位可能已丢失；请将该列设为文本格式后重新填写。")
    return plain.replace(" ", "")


def to_date(cell: Cell) -> date | None:
    """A day; None where the cell is empty. Excel serial numbers are days too. Raises CellError."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, datetime):
        return _sane(cell.date())
    if isinstance(cell, date):
        return _sane(cell)
    return _date_of(text(cell))


@lru_cache(maxsize=20_000)
def _date_of(plain: str) -> date | None:
    if not plain:
        return None
    plain = unicodedata.normalize("NFKC", plain)
    found = _DATE.fullmatch(plain) or _COMPACT.fullmatch(plain)
    if found:
        try:
            return _sane(date(int(found[1]), int(found[2]), int(found[3])))
        except ValueError:
            raise CellError("不是有效的日期（月或日超出范围）；请写成 2015-12-31 的样子。") from None
    serial = plain.partition(".")
    if serial[0].isdigit() and (not serial[2] or serial[2].isdigit()) and int(serial[0]) in _SERIALS:
        return _EXCEL_DAY_ZERO + timedelta(days=int(serial[0]))
    raise CellError("不是日期；请写成 2015-12-31 的样子。")


def _sane(day: date) -> date:
    if not 1850 <= day.year <= 2100:
        raise CellError("年份超出 1850 至 2100 年；请核对。")
    return day


def to_month(cell: Cell) -> str | None:
    """A month as `YYYY-MM`; OPEN_MONTH for an end that is open (3000-12), None where the cell is empty."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, date):
        return OPEN_MONTH if str(cell.year) in _OPEN_YEARS else f"{_sane(cell).year:04d}-{cell.month:02d}"
    return _month_of(text(cell))


@lru_cache(maxsize=5_000)
def _month_of(plain: str) -> str | None:
    if not plain:
        return None
    plain = unicodedata.normalize("NFKC", plain)
    if plain.startswith(_OPEN_YEARS) or plain in ("长期", "至今", "无固定期限"):
        return OPEN_MONTH
    found = _MONTH.fullmatch(plain) or _COMPACT_MONTH.fullmatch(plain)
    if found is None:
        day = _serial_day(plain)
        return f"{day.year:04d}-{day.month:02d}"
    year, month = int(found[1]), int(found[2])
    if not 1 <= month <= 12 or not 1949 <= year <= 2100:
        raise CellError("不是有效的年月；请写成 2015-12 的样子。")
    return f"{year:04d}-{month:02d}"


def _serial_day(plain: str) -> date:
    whole = plain.partition(".")[0]
    if whole.isdigit() and int(whole) in _SERIALS and len(whole) == 5:
        return _EXCEL_DAY_ZERO + timedelta(days=int(whole))
    raise CellError("不是年月；请写成 2015-12 的样子。")


def to_fen(cell: Cell, *, unit: str = "", negative: bool = False) -> int | None:
    """Money in fen, exactly; None where the cell is empty. `unit` is the header's (元, 万元, 分).

    Raises CellError for anything finer than a fen rather than rounding it.
    """
    if cell is None or cell == "":
        return None
    plain = text(cell)
    fen = _fen_of(plain, unit) if plain else None
    if fen is not None and fen < 0 and not negative:
        raise CellError("金额不能是负数；如为扣回请另行登记。")
    return fen


@lru_cache(maxsize=20_000)
def _fen_of(plain: str, unit: str) -> int:
    plain = unicodedata.normalize("NFKC", plain).replace(" ", "").lstrip("¥￥")
    for suffix in ("万元", "元整", "元", "圆", "万"):
        if plain.endswith(suffix):
            plain, unit = plain.removesuffix(suffix), "万元" if suffix.startswith("万") else "元"
            break
    if _GROUPED.fullmatch(plain):
        plain = plain.replace(",", "")
    try:
        amount = Decimal(plain)
    except InvalidOperation:
        raise CellError("不是金额；请只写数字，例如 550.00。") from None
    if not amount.is_finite() or abs(amount) >= Decimal(10) ** 12:
        raise CellError("金额超出范围；请核对。")
    fen = amount * {"万元": 1_000_000, "千元": 100_000, "分": 1}.get(unit, 100)
    if fen != fen.to_integral_value():
        raise CellError("金额精确到分，不能再有更小的小数；请核对。")
    return int(fen)


def to_count(cell: Cell) -> int | None:
    """A number of people or months; None where the cell is empty. Raises CellError."""
    plain = number_text(cell).removesuffix("人").removesuffix("个月")
    if not plain:
        return None
    if not plain.isdigit() or len(plain) > 6:
        raise CellError("应为整数。")
    return int(plain)
