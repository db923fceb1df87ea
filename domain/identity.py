"""Citizen IDs (公民身份号码, GB 11643-1999) as clerks and old systems write them.

A refusal says which place is wrong and never repeats the number: it may stand in logs and quarantine reasons.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from stdnum.cn.ric import calc_check_digit

from domain.codes import Sex
from domain.errors import BadInput

FIELD = "citizen_id"
OLDEST_YEAR = 1850
"""Nobody on any roll was born earlier; an earlier year is a slip of the pen."""

_QUOTES = "'’‘＇`"
_INVISIBLE = re.compile(r"[\s\u200b-\u200f\ufeff\u2060]+")
_SPREADSHEET_NUMBER = re.compile(r"\d(\.\d+)?E\+?\d+|\d+\.\d+")
_PROVISIONAL = re.compile(r"(?P<area>\d{6})(?P<birth>\d{8})\d{2}(?P<sex>\d)N")


@dataclass(frozen=True, slots=True)
class CitizenId:
    """A checked citizen ID. `upgraded` tells that it was written in the 15-digit form given out until 1999."""

    number18: str
    birth_on: date
    sex: Sex
    upgraded: bool
    area: str


@dataclass(frozen=True, slots=True)
class ProvisionalNumber:
    """A number a civil-affairs system made up for someone without a citizen ID; it identifies nobody elsewhere."""

    number: str
    birth_on: date
    sex: Sex
    area: str


def clean_number(text: str) -> str:
    """A number without what spreadsheets put around it: spaces, TAB, apostrophes, full-width forms, lower-case x."""
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    return plain.strip(_QUOTES).upper()


def parse_citizen_id(text: str) -> CitizenId:
    """The citizen ID in a cell; raises BadInput that names what is wrong without repeating the number.

    The check digit and the birth date are checked; the area code is not looked up, because districts are renamed and
    people keep the code they were given at birth.
    """
    number = clean_number(text)
    if not number:
        raise BadInput("公民身份号码为空，请填写 18 位号码。", FIELD)
    if _SPREADSHEET_NUMBER.fullmatch(number):
        raise BadInput("公民身份号码是数值格式，表格软件已丢失末几位；请将该列设为文本格式后重新填写。", FIELD)
    if len(number) not in (15, 18):
        raise BadInput(f"公民身份号码应为 18 位（旧号码 15 位），现为 {len(number)} 位；请核对证件。", FIELD)
    upgraded = len(number) == 15
    body = number[:6] + "19" + number[6:] if upgraded else number[:17]
    _check_characters(number)
    if number[0] == "0":
        raise BadInput("公民身份号码第 1 位不能为 0，前 6 位应为行政区划代码；请核对证件。", FIELD)
    birth_on = _birth_date(body[6:14], "第 7 至 12 位" if upgraded else "第 7 至 14 位")
    expected = str(calc_check_digit(body + "0"))
    if not upgraded and number[17] != expected:
        raise BadInput(f"公民身份号码第 18 位校验码不符：按前 17 位计算应为 {expected}；请逐位核对证件。", FIELD)
    sex = Sex.MALE if int(body[16]) % 2 else Sex.FEMALE
    return CitizenId(body + expected, birth_on, sex, upgraded, body[:6])


def parse_provisional_number(text: str) -> ProvisionalNumber | None:
    """A made-up number (6-digit area, 8-digit birth date, 2-digit serial, sex 1/2, N), or None for anything else."""
    found = _PROVISIONAL.fullmatch(clean_number(text))
    if found is None:
        return None
    try:
        birth_on = _birth_date(found["birth"], "第 7 至 14 位")
    except BadInput:
        return None
    sex = {"1": Sex.MALE, "2": Sex.FEMALE}.get(found["sex"], Sex.UNKNOWN)
    return ProvisionalNumber(found[0], birth_on, sex, found["area"])


def is_provisional_number(text: str) -> bool:
    """Whether a cell holds a made-up number; such a person is registered as provisional, without a citizen ID."""
    return parse_provisional_number(text) is not None


def _check_characters(number: str) -> None:
    for place, character in enumerate(number, start=1):
        digit = character.isascii() and character.isdigit()
        if not digit and not (place == 18 and character == "X"):
            allowed = "数字或 X" if place == 18 else "数字"
            raise BadInput(f"公民身份号码第 {place} 位应为{allowed}；请核对证件。", FIELD)


def _birth_date(digits: str, places: str) -> date:
    try:
        found = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        raise BadInput(f"公民身份号码{places}不是有效的出生日期；请核对证件。", FIELD) from None
    if found.year < OLDEST_YEAR:
        raise BadInput(f"公民身份号码{places}的出生年份早于 {OLDEST_YEAR} 年；请核对证件。", FIELD)
    return found
