"""Column titles as offices write them, reduced to what can be compared.

`*性别（1男 2女）` and `性　别` are the same column; the code list and the unit in the brackets are kept beside it.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from connectors.files.cells import Cell, text

_NOISE = re.compile(r"[\s*※★●:：#、\-_\u200b-\u200f\ufeff]+")
_BRACKETS = re.compile(r"[(（\[【<〈{「][^()（）\[\]【】<>〈〉{}「」]*[)）\]】>〉}」]")
_UNITS = re.compile(r"万元|千元|元|分")
_CODE = re.compile(r"(?<!\d)(\d{1,2})\s*[:：.、=\-—]?\s*([\u4e00-\u9fff]+)")


@dataclass(frozen=True, slots=True)
class Title:
    """One column's title: `name` compares, `shown` is what stands in the file."""

    name: str
    shown: str
    unit: str = ""
    codes: tuple[tuple[str, str], ...] = ()
    """A code list given in brackets: (code, label)."""


@lru_cache(maxsize=4_000)
def plain_title(title: str) -> str:
    """A title without brackets, stars, spaces and full-width forms: what is compared with the mappings."""
    plain = unicodedata.normalize("NFKC", title)
    before = None
    while before != plain:  # brackets within brackets, innermost first
        before, plain = plain, _BRACKETS.sub("", plain)
    plain = re.split(r"[(（\[【]", plain)[0] or plain  # a bracket that never closes
    return _NOISE.sub("", plain)


def read_title(cell: Cell) -> Title:
    """A header cell."""
    shown = " ".join(text(cell).split())
    plain = unicodedata.normalize("NFKC", shown)
    inside = " ".join(_BRACKETS.findall(plain))
    unit = _UNITS.search(inside)
    codes = tuple((code, label) for code, label in _CODE.findall(inside))
    return Title(plain_title(shown), shown, unit[0] if unit else "", codes if len(codes) > 1 else ())


def read_titles(cells: list[Cell]) -> list[Title]:
    """A header row. A title that stands twice gets a number from its second place on (`所属楼栋2`)."""
    seen: dict[str, int] = {}
    titles = []
    for cell in cells:
        title = read_title(cell)
        count = seen[title.name] = seen.get(title.name, 0) + 1
        if title.name and count > 1:
            title = Title(f"{title.name}{count}", f"{title.shown}（第{count}列）", title.unit, title.codes)
        titles.append(title)
    return titles
