"""Citizen IDs as clerks and old systems write them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn.ric import calc_check_digit

from domain.codes import Sex
from domain.errors import BadInput
from domain.identity import is_provisional_number, parse_citizen_id, parse_provisional_number

NUMBER = "11010519491231002X"

areas = st.integers(110_000, 999_999).map(str)
births = st.dates(date(1850, 1, 1), date(2099, 12, 31))
serials = st.integers(0, 999).map("{:03d}".format)


@st.composite
def numbers(draw: st.DrawFn) -> str:
    body = draw(areas) + draw(births).strftime("%Y%m%d") + draw(serials)
    return body + str(calc_check_digit(body + "0"))


def test_the_standards_own_example() -> None:
    known = parse_citizen_id(NUMBER)
    assert (known.number18, known.birth_on, known.sex) == (NUMBER, date(1949, 12, 31), Sex.FEMALE)
    assert (known.area, known.upgraded) == ("110105", False)


@pytest.mark.parametrize(
    "text",
    [
        "11010519491231002x",
        "\t11010519491231002X\t",
        "'11010519491231002X",
        "’11010519491231002X",
        " 110105 19491231 002X ",
        "１１０１０５１９４９１２３１００２Ｘ",
        "\ufeff11010519491231002X\u3000",
        "110105491231002",
    ],
)
def test_what_surrounds_a_number_is_taken_off(text: str) -> None:
    assert parse_citizen_id(text).number18 == NUMBER


def test_fifteen_digits_are_upgraded() -> None:
    assert parse_citizen_id("110105491231002").upgraded


@given(numbers())
def test_every_right_number_is_understood(number: str) -> None:
    known = parse_citizen_id(number)
    assert known.number18 == number
    assert known.birth_on.strftime("%Y%m%d") == number[6:14]
    assert known.sex is (Sex.MALE if int(number[16]) % 2 else Sex.FEMALE)


@given(numbers(), st.integers(0, 17), st.sampled_from("0123456789"))
def test_one_wrong_digit_is_always_found(number: str, place: int, digit: str) -> None:
    wrong = number[:place] + digit + number[place + 1 :]
    if wrong != number:
        with pytest.raises(BadInput):
            parse_citizen_id(wrong)


@given(numbers().filter(lambda number: number[6:8] == "19"))
def test_the_old_form_gives_the_new_one(number: str) -> None:
    assert parse_citizen_id(number[:6] + number[8:17]).number18 == number


@given(st.text(max_size=30).map(str.strip).filter(lambda text: len(text) > 3))
def test_a_refusal_never_repeats_what_was_written(text: str) -> None:
    with pytest.raises(BadInput) as refused:
        parse_citizen_id(text)
    assert text not in str(refused.value)
    assert refused.value.field == "citizen_id"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "为空"),
        ("　", "为空"),
        ("4.40704E+17", "数值格式"),
        ("440704196401010010.0", "数值格式"),
        ("11010519491231", "现为 14 位"),
        ("110105********002X", "第 7 位应为数字"),
        ("11010519491231002Y", "第 18 位应为数字或 X"),
        ("1101054912310O2", "第 14 位应为数字"),
        ("010105194912310021", "第 1 位不能为 0"),
        ("110105194902310021", "第 7 至 14 位不是有效的出生日期"),
        ("110105490231002", "第 7 至 12 位不是有效的出生日期"),
        ("110105184912310021", "早于 1850 年"),
        ("110105194912310021", "应为 X"),
    ],
)
def test_a_refusal_names_what_is_wrong(text: str, says: str) -> None:
    with pytest.raises(BadInput, match=says) as refused:
        parse_citizen_id(text)
    assert "19491231" not in str(refused.value)


@pytest.mark.parametrize(("sex", "says"), [("1", Sex.MALE), ("2", Sex.FEMALE), ("0", Sex.UNKNOWN)])
def test_provisional_numbers(sex: str, says: Sex) -> None:
    found = parse_provisional_number(f"4407041940010105{sex}n\t")
    assert found is not None
    assert (found.number, found.sex) == (f"4407041940010105{sex}N", says)
    assert (found.birth_on, found.area) == (date(1940, 1, 1), "440704")
    assert is_provisional_number(found.number)


@pytest.mark.parametrize("text", [NUMBER, "44070419401301051N", "", "44070418400101051N"])
def test_other_numbers_are_not_provisional(text: str) -> None:
    assert not is_provisional_number(text)
