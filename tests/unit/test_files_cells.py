"""Cells: dates, months and money in every form in which offices write them."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.files.cells import OPEN_MONTH, CellError, number_text, text, to_count, to_date, to_fen, to_month

DAYS = st.dates(date(1901, 1, 1), date(2099, 12, 31))
FEN = st.integers(0, 10**11)


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2015-12-31", date(2015, 12, 31)),
        ("2015/1/5", date(2015, 1, 5)),
        ("2015.1.5", date(2015, 1, 5)),
        ("20151231", date(2015, 12, 31)),
        ("2015-12-31 00:00:00", date(2015, 12, 31)),
        ("2015/1/5 8:30", date(2015, 1, 5)),
        ("1949-03-08T00:00:00", date(1949, 3, 8)),
        ("2015年1月5日", date(2015, 1, 5)),
        ("２０１５年１月５日", date(2015, 1, 5)),
        ("42369", date(2015, 12, 31)),
        (42369, date(2015, 12, 31)),
        (42369.5, date(2015, 12, 31)),
        ("42369.0", date(2015, 12, 31)),
        (datetime(2015, 12, 31, 8, 30), date(2015, 12, 31)),
        (date(2015, 12, 31), date(2015, 12, 31)),
        ("2015-12-31\t", date(2015, 12, 31)),
        ("null", None),
        ("", None),
        (None, None),
    ],
)
def test_dates(cell: str | float | date | None, day: date | None) -> None:
    assert to_date(cell) == day


@pytest.mark.parametrize("cell", ["2015-02-30", "2015-13-01", "不详", "201", "1500-01-01", "99999999", 7])
def test_what_is_no_date(cell: str | int) -> None:
    with pytest.raises(CellError):
        to_date(cell)


@given(DAYS)
def test_a_day_is_read_from_every_form(day: date) -> None:
    serial = (day - date(1899, 12, 30)).days
    forms = [
        day.isoformat(), f"{day:%Y%m%d}", f"{day.year}/{day.month}/{day.day}", f"{day.year}年{day.month}月{day.day}日",
        f"{day.isoformat()} 00:00:00", f"{day.isoformat()}T00:00:00", str(serial), serial, float(serial),
        datetime(day.year, day.month, day.day), f"{day.isoformat()}\t",
    ]  # fmt: skip
    assert {to_date(form) for form in forms} == {day}


@pytest.mark.parametrize(
    ("cell", "month"),
    [
        ("2015-12", "2015-12"),
        ("201512", "2015-12"),
        ("2015/1", "2015-01"),
        ("2015年12月", "2015-12"),
        ("2015年12月份", "2015-12"),
        ("2015-12\t", "2015-12"),
        ("2015-12-01", "2015-12"),
        ("20151231", "2015-12"),
        (date(2015, 12, 1), "2015-12"),
        (201512.0, "2015-12"),
        ("42339", "2015-12"),
        ("3000-12", OPEN_MONTH),
        ("3000-12-12", OPEN_MONTH),
        (datetime(3000, 12, 12), OPEN_MONTH),
        ("长期", OPEN_MONTH),
        ("", None),
    ],
)
def test_months(cell: str | float | date, month: str | None) -> None:
    assert to_month(cell) == month


@pytest.mark.parametrize("cell", ["2015-13", "十二月", "12", "2015-00"])
def test_what_is_no_month(cell: str) -> None:
    with pytest.raises(CellError):
        to_month(cell)


@pytest.mark.parametrize(
    ("cell", "fen"),
    [
        ("550", 55_000),
        ("550.0", 55_000),
        ("999.9", 99_990),
        ("1,234.50", 123_450),
        ("1，234.5", 123_450),
        ("550元", 55_000),
        ("５５０．５元", 55_050),
        ("¥550.05", 55_005),
        ("1.5万元", 1_500_000),
        ("0", 0),
        (550, 55_000),
        (550.1, 55_010),
        (0.29, 29),
        (1.1, 110),
        ("", None),
        (None, None),
        ("null", None),
    ],
)
def test_money(cell: str | float | None, fen: int | None) -> None:
    assert to_fen(cell) == fen


@pytest.mark.parametrize("cell", ["550.005", "五百", "1,23", "-5", "1e400", "NaN元", "5 5a"])
def test_what_is_no_money(cell: str) -> None:
    with pytest.raises(CellError):
        to_fen(cell)


def test_the_headers_unit_counts() -> None:
    assert to_fen("1.25", unit="万元") == 1_250_000
    assert to_fen("125", unit="分") == 125
    assert to_fen("1.25元", unit="万元") == 125


@given(FEN)
def test_fen_survive_every_form_exactly(fen: int) -> None:
    yuan = Decimal(fen) / 100
    assert to_fen(f"{yuan:.2f}") == fen
    assert to_fen(f"{yuan:,.2f}") == fen
    assert to_fen(f"{yuan:.2f}元") == fen
    assert to_fen(str(fen), unit="分") == fen


@given(st.integers(0, 10**9))
def test_a_spreadsheets_float_is_the_amount_someone_typed(fen: int) -> None:
    """A float is read as the shortest decimal that means it, which is what stood in the cell."""
    assert to_fen(fen / 100) == fen


def test_texts_lose_what_stands_around_them() -> None:
    assert text("990000197001010017\t") == "990000197001010017"
    assert text("\u3000幻甲\xa0") == "幻甲"
    assert text("'0755") == "0755"
    assert text("NULL") == ""
    assert text(13800000000.0) == "13800000000"
    assert text(datetime(2015, 12, 31)) == "2015-12-31"
    assert text(datetime(2015, 12, 31, 8, 5)) == "2015-12-31 08:05:00"


def test_numbers_that_name_something() -> None:
    assert number_text("13800000000.0") == "13800000000"
    assert number_text("１２３") == "123"
    assert number_text("C440 704") == "C440704"
    with pytest.raises(CellError, match="科学计数"):
        number_text("9.90000197001E+17")
    assert to_count("3人") == 3
    assert to_count(3.0) == 3
    with pytest.raises(CellError):
        to_count("三")
