"""From what people write to a division: codes, names, and full paths such as 江门市江海区外海街道麻三村.

A name that occurs in two streets (墟镇社区 does) is refused unless its street is given.
"""

import re
from functools import cache, lru_cache

from domain.errors import BadInput
from domain.registry.divisions import DivisionRecord, official_divisions

DISTRICT = "440704"
FIELD = "division"

_BREAKS = re.compile(r"[\s,，、/\\>＞\-—|｜·.．_]+")
_VILLAGE_END = re.compile(
    r"(?:社区居民委员会|社区居委会|居民委员会|村民委员会|社区村民委员会|村委会|居委会|社区|村委|居委|村)$"
)
_STREET_END = re.compile(r"(?:街道办事处|街道办|街道|街|镇人民政府|镇)$")


def is_known_division(code: str) -> bool:
    """Whether a code is an official division of the district, or a later one (12 digits) under an official street."""
    known = _by_code()
    return code.startswith(DISTRICT) and (code in known or (len(code) == 12 and code.isdigit() and code[:9] in known))


def demand_division(code: str, field: str = "division_code") -> str:
    """The code itself; raises BadInput where the district has no such division."""
    if not is_known_division(code):
        raise BadInput(f"区划代码“{code[:20]}”不是江海区的街道或村（社区）代码，请核对。", field)
    return code


@lru_cache(maxsize=65_536)  # files repeat a few hundred texts a million times
def find_division(text: str, *, street: str = "") -> DivisionRecord:
    """The division of the district that a cell names; `street` (name or code) helps where the name stands twice.

    Raises BadInput naming what could not be found, or between which streets the name is ambiguous.
    """
    plain = _BREAKS.sub("", text)
    if not plain:
        raise BadInput("区划为空，请填写街道和村（社区）名称或代码。", FIELD)
    if plain.isascii() and plain.isdigit():
        return _of_code(plain)
    record, rest = _descend(plain)
    if street and len(record.code) < 9:
        record = _street(street)
    if not rest:
        return record
    return _community(rest, record, text)


def _of_code(code: str) -> DivisionRecord:
    known = _by_code()
    found = known.get(code)
    if found is None and len(code) == 12:
        found = known.get(code.removesuffix("000")) or known.get(code.removesuffix("000000"))
    if found is None or not found.code.startswith(DISTRICT):
        raise BadInput(f"区划代码“{code[:20]}”不在江海区，请核对。", FIELD)
    return found


def _descend(plain: str) -> tuple[DivisionRecord, str]:
    """Province, city, district and street at the head of a path, each of which may be left out; and the rest."""
    rest = re.sub(r"^广东省?", "", plain)
    rest = re.sub(r"^江门市?", "", rest)
    for record in official_divisions():
        if record.kind == "district" and rest.startswith(record.name):
            if record.code != DISTRICT:
                raise BadInput(f"“{record.name}”不属于江海区；区外人员请填写迁往地，不填本区区划。", FIELD)
            rest = rest.removeprefix(record.name)
            break
    else:
        rest = re.sub(r"^江海(?=.)", "", rest)
    district = _by_code()[DISTRICT]
    for record in official_divisions():
        if record.parent_code == DISTRICT:
            stem = _street_stem(record.name)
            if rest.startswith(stem):
                return record, re.sub(r"^(?:街道办事处|街道办|街道|街|镇)", "", rest.removeprefix(stem))
    return district, rest


def _street(text: str) -> DivisionRecord:
    plain = _BREAKS.sub("", text)
    if plain.isascii() and plain.isdigit():
        return _of_code(plain)
    record, rest = _descend(plain)
    if rest or len(record.code) != 9:
        raise BadInput(f"街道“{text[:20]}”不在江海区；可用：{_street_names()}。", FIELD)
    return record


def _community(rest: str, above: DivisionRecord, text: str) -> DivisionRecord:
    found = [record for record in _by_stem().get(_stem(rest), ()) if record.code.startswith(above.code)]
    if len(found) == 1:
        return found[0]
    if not found:
        where = above.name if above.code != DISTRICT else "江海区"
        raise BadInput(f"“{text[:40]}”：{where}没有名为“{rest[:20]}”的村（社区），请核对。", FIELD)
    streets = "、".join(_by_code()[record.parent_code].name for record in found)
    raise BadInput(f"“{text[:40]}”在{streets}都有，请写明街道。", FIELD)


def _stem(name: str) -> str:
    return _VILLAGE_END.sub("", name) or name


def _street_stem(name: str) -> str:
    return _STREET_END.sub("", name)


def _street_names() -> str:
    return "、".join(record.name for record in official_divisions() if record.parent_code == DISTRICT)


@cache
def _by_code() -> dict[str, DivisionRecord]:
    return {record.code: record for record in official_divisions()}


@cache
def _by_stem() -> dict[str, tuple[DivisionRecord, ...]]:
    found: dict[str, tuple[DivisionRecord, ...]] = {}
    for record in official_divisions():
        if len(record.code) == 12 and record.code.startswith(DISTRICT):
            stem = _stem(record.name)
            found[stem] = (*found.get(stem, ()), record)
    return found
