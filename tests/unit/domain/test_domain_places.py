"""From what people write to a division."""

import pytest

from domain.errors import BadInput
from domain.registry.divisions import official_divisions
from domain.registry.places import demand_division, find_division, is_known_division


def test_the_official_list() -> None:
    district = [record for record in official_divisions() if record.code.startswith("440704")]
    kinds = [record.kind for record in district]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {
        "district": 1,
        "street": 3,
        "community": 27,
        "village": 36,
    }
    codes = {record.code for record in official_divisions()}
    assert all(not record.parent_code or record.parent_code in codes for record in official_divisions()[1:])


@pytest.mark.parametrize(
    "text",
    [
        "江门市江海区外海街道麻三村",
        "广东省江门市江海区外海街道麻三村委会",
        "广东省/江门市/江海区/外海街道/麻三村民委员会",
        "江海区,外海街道,麻三村",
        "外海街道办事处 麻三村委",
        "外海麻三村",
        "外海街麻三",
        "麻三村",
        "麻三社区",
        " 麻三 ",
        "440704004203",
    ],
)
def test_many_writings_of_one_village(text: str) -> None:
    assert find_division(text).code == "440704004203"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("江门市江海区", "440704"),
        ("江海区", "440704"),
        ("礼乐街道", "440704005"),
        ("江海区礼乐", "440704005"),
        ("440704005000", "440704005"),
        ("440704000000", "440704"),
        ("江南街道富横社区居委会", "440704001027"),
        ("外海街道墟镇社区", "440704004001"),
        ("礼乐街道办事处墟镇社区居民委员会", "440704005001"),
    ],
)
def test_other_levels(text: str, code: str) -> None:
    assert find_division(text).code == code


@pytest.mark.parametrize(
    "record", [record for record in official_divisions() if record.code.startswith("440704") and len(record.code) == 12]
)
def test_every_official_name_with_its_street(record: object) -> None:
    by_code = {each.code: each for each in official_divisions()}
    street = by_code[record.parent_code]  # type: ignore[attr-defined]
    assert find_division(f"江门市江海区{street.name}{record.name}") == record  # type: ignore[attr-defined]
    assert find_division(record.name, street=street.code) == record  # type: ignore[attr-defined]
    assert find_division(record.name, street=street.name) == record  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "区划为空"),
        ("墟镇社区", "在外海街道、礼乐街道都有，请写明街道"),
        ("江门市蓬江区白沙街道", "不属于江海区"),
        ("外海街道富横社区", "外海街道没有名为“富横社区”"),
        ("天河村", "江海区没有名为“天河村”"),
        ("440703002001", "不在江海区"),
        ("440704009999", "不在江海区"),
        ("44070400", "不在江海区"),
    ],
)
def test_refusals(text: str, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        find_division(text)


def test_an_unknown_street_is_refused() -> None:
    with pytest.raises(BadInput, match="可用：江南街道、外海街道、礼乐街道"):
        find_division("墟镇社区", street="滘头街道")


@pytest.mark.parametrize(("code", "known"), [("440704", True), ("440704004", True), ("440704004299", True)])
def test_known_codes(code: str, known: bool) -> None:
    assert is_known_division(code) is known
    assert demand_division(code) == code


@pytest.mark.parametrize("code", ["", "44", "440703002", "440704009", "440704009001", "44070400420", "44070400420x"])
def test_unknown_codes(code: str) -> None:
    with pytest.raises(BadInput):
        demand_division(code)
