"""Unified social credit codes: both check digits, every place of an error, and what the first two characters say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc

from domain.codes import OrgKind
from domain.errors import BadInput
from domain.procurement.credit_code import demand_kind, organisation_check_digit, parse_credit_code

COMPANY, CENTRE = "9144030071526726XG", "52440704MJL123454D"
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def made(prefix: str, body: str, area: str = "440704") -> str:
    """A code with both check digits right."""
    first = f"{prefix}{area}{body}{organisation_check_digit(body)}"
    return first + uscc.calc_check_digit(first)


def test_the_two_codes_of_the_reference() -> None:
    company, centre = parse_credit_code(COMPANY), parse_credit_code(CENTRE)
    assert (company.number, company.kind, company.area) == (COMPANY, None, "440300")
    assert (centre.number, centre.kind, centre.area) == (CENTRE, OrgKind.PRIVATE_NON_ENTERPRISE, "440704")


@pytest.mark.parametrize(
    "text",
    ["52440704mjl123454d", " 52440704MJL123454D\t", "５２４４０７０４ＭＪＬ１２３４５４Ｄ", "52-440704-MJL123454-D"],
)
def test_as_people_write_them(text: str) -> None:
    assert parse_credit_code(text).number == CENTRE


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "为空"),
        ("52440704MJL12345", "现为 16 位"),
        ("5244070AMJL123454D", "第 8 位应为数字"),
        ("52440704MJI123454D", "第 11 位"),
        ("52440704MJL123454E", "第 18 位校验码不符：按前 17 位计算应为 D"),
    ],
)
def test_what_is_wrong_is_named(text: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        parse_credit_code(text)


def test_the_organisation_code_has_a_check_digit_of_its_own() -> None:
    wrong = "52440704MJL123455"  # the right one is 4
    with pytest.raises(BadInput, match="第 17 位（组织机构代码校验码）不符：应为 4"):
        parse_credit_code(wrong + uscc.calc_check_digit(wrong))


@given(
    st.sampled_from([("51", OrgKind.ASSOCIATION), ("52", OrgKind.PRIVATE_NON_ENTERPRISE), ("53", OrgKind.FOUNDATION)]),
    st.text(ALPHABET, min_size=8, max_size=8),
    st.integers(0, 17),
    st.sampled_from(ALPHABET),
)
def test_any_single_slip_is_found(prefix: tuple[str, OrgKind], body: str, place: int, other: str) -> None:
    number = made(prefix[0], body)
    code = parse_credit_code(number)
    assert code.kind is prefix[1]
    demand_kind(code, prefix[1])
    slipped = number[:place] + other + number[place + 1 :]
    if slipped != number:
        with pytest.raises(BadInput):
            parse_credit_code(slipped)


def test_the_kind_has_to_be_the_codes_own() -> None:
    with pytest.raises(BadInput, match="社会服务机构（民办非企业单位），与填报的基金会不符"):
        demand_kind(parse_credit_code(CENTRE), OrgKind.FOUNDATION)
    with pytest.raises(BadInput, match="其他登记管理部门"):
        demand_kind(parse_credit_code(COMPANY), OrgKind.ASSOCIATION)
