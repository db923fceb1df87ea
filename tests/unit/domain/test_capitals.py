"""Money in capitals: the rule's own examples, and the places where noughts go wrong."""

import pytest
from hypothesis import given, strategies

from domain.assistance.capitals import capitals

_VALUES = {digit: value for value, digit in enumerate("零壹贰叁肆伍陆柒捌玖")}
_UNITS = {"拾": 10, "佰": 100, "仟": 1000}


def read(text: str) -> int:
    """The fen that capitals say, by reading them as people do."""
    total = section = digit = fen = 0
    for sign in text.removeprefix("人民币").removesuffix("整"):
        if sign in _VALUES:
            digit = _VALUES[sign]
        elif sign in _UNITS:
            section, digit = section + digit * _UNITS[sign], 0
        elif sign in "万亿":
            total, section, digit = total + (section + digit) * (10**4 if sign == "万" else 10**8), 0, 0
        elif sign == "元":
            fen, total, section, digit = (total + section + digit) * 100, 0, 0, 0
        elif sign in "角分":
            fen, digit = fen + digit * (10 if sign == "角" else 1), 0
    return fen


@pytest.mark.parametrize(
    ("yuan", "written"),
    [
        ("0.00", "零元整"),
        ("0.01", "壹分"),
        ("0.10", "壹角整"),
        ("0.15", "壹角伍分"),
        ("1.00", "壹元整"),
        ("1.01", "壹元零壹分"),
        ("10.00", "壹拾元整"),
        ("15.00", "壹拾伍元整"),
        ("105.00", "壹佰零伍元整"),
        ("750.00", "柒佰伍拾元整"),
        ("900.00", "玖佰元整"),
        ("1010.00", "壹仟零壹拾元整"),
        ("1409.50", "壹仟肆佰零玖元伍角整"),
        ("6007.14", "陆仟零柒元壹角肆分"),
        ("1680.32", "壹仟陆佰捌拾元叁角贰分"),
        ("16409.02", "壹万陆仟肆佰零玖元零贰分"),
        ("325.04", "叁佰贰拾伍元零肆分"),
        ("107000.53", "壹拾万柒仟元伍角叁分"),
        ("100500.00", "壹拾万零伍佰元整"),
        ("10001.00", "壹万零壹元整"),
        ("1000100.00", "壹佰万零壹佰元整"),
        ("20000000.00", "贰仟万元整"),
        ("100000001.00", "壹亿零壹元整"),
        ("110000000000.05", "壹仟壹佰亿元零伍分"),
    ],
)
def test_as_vouchers_write_it(yuan: str, written: str) -> None:
    whole, part = yuan.split(".")
    assert capitals(int(whole) * 100 + int(part)) == f"人民币{written}"


@given(strategies.integers(0, 10**14 - 1))
def test_read_again_it_is_the_same_amount(fen: int) -> None:
    written = capitals(fen)
    assert read(written) == fen
    assert "零零" not in written


@pytest.mark.parametrize("fen", [-1, 10**14])
def test_what_it_does_not_write(fen: int) -> None:
    with pytest.raises(ValueError, match="range"):
        capitals(fen)
