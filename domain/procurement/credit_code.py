"""Unified social credit codes (统一社会信用代码, GB 32100-2015) as clerks and files write them.

Eighteen characters: registering department and kind (2), division of the register (6), organisation code with a check
digit of its own (9, GB 11714), check digit of the whole. python-stdnum checks the whole; the organisation code's own
check digit and what the first two characters mean are checked here. These codes are public and stand in clear.
"""

from dataclasses import dataclass

from stdnum.cn import uscc
from stdnum.exceptions import InvalidChecksum, ValidationError

from domain.codes import OrgKind
from domain.errors import BadInput
from domain.identity import clean_number

FIELD = "credit_code"
_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_KINDS = {
    "51": OrgKind.ASSOCIATION,
    "52": OrgKind.PRIVATE_NON_ENTERPRISE,
    "53": OrgKind.FOUNDATION,
}
"""What civil affairs registers: the first two characters say which."""
_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
"""GB 11714: of the eight characters before the organisation code's check digit."""


@dataclass(frozen=True, slots=True)
class CreditCode:
    """A checked code. `kind` is None for what another department registered, such as a company."""

    number: str
    kind: OrgKind | None
    area: str


def parse_credit_code(text: str) -> CreditCode:
    """The code in a cell; raises BadInput that says which place is wrong."""
    number = clean_number(text).replace("-", "")
    if not number:
        raise BadInput("统一社会信用代码为空，请填写 18 位代码。", FIELD)
    if len(number) != 18:
        raise BadInput(f"统一社会信用代码应为 18 位，现为 {len(number)} 位；请核对登记证书。", FIELD)
    for place, character in enumerate(number, start=1):
        if character not in _ALPHABET or (place <= 8 and not character.isdigit()):
            allowed = "数字" if place <= 8 else "数字或大写字母（不含 I、O、S、V、Z）"
            raise BadInput(f"统一社会信用代码第 {place} 位应为{allowed}；请核对登记证书。", FIELD)
    try:
        uscc.validate(number)
    except InvalidChecksum:
        expected = uscc.calc_check_digit(number[:17])
        raise BadInput(
            f"统一社会信用代码第 18 位校验码不符：按前 17 位计算应为 {expected}；请逐位核对登记证书。", FIELD
        ) from None
    except ValidationError:
        raise BadInput("统一社会信用代码格式不符；请核对登记证书。", FIELD) from None
    body = organisation_check_digit(number[8:16])
    if number[16] != body:
        raise BadInput(f"统一社会信用代码第 17 位（组织机构代码校验码）不符：应为 {body}；请逐位核对登记证书。", FIELD)
    return CreditCode(number, _KINDS.get(number[:2]), number[2:8])


def organisation_check_digit(body: str) -> str:
    """The check digit of eight characters of an organisation code (GB 11714): digits and letters A to Z."""
    total = sum(weight * int(character, 36) for weight, character in zip(_WEIGHTS, body, strict=True))
    left = 11 - total % 11
    return {10: "X", 11: "0"}.get(left, str(left))


def demand_kind(code: CreditCode, kind: OrgKind) -> None:
    """Raise BadInput where the code is not one of this kind of social organisation."""
    if code.kind is not kind:
        found = code.kind.label if code.kind else "其他登记管理部门登记的单位"
        raise BadInput(f"统一社会信用代码前两位表明为{found}，与填报的{kind.label}不符；请核对登记证书。", FIELD)
