"""Reading parameter versions from YAML that policy officers write.

A file has a topic (主题) and parameters (参数), each with code (代码), name (名称) and versions (版本). A version
has its value with unit in the usual writing (550元, 65%, 6个月), division (区划), first and last day (自, 至), legal
basis (依据) and, where the value is not documented, a note that says so (说明). Money becomes whole fen and a share
whole basis points; anything that would have to be rounded is refused.
"""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from domain.errors import BadInput
from domain.parameters.versions import Parameters, ParameterVersion, Unit

_VALUE = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>元|%|倍|\D+)")
_UNITS = {
    "元": (Unit.FEN, 100),
    "%": (Unit.BP, 100),
    "倍": (Unit.BP, 10_000),
    "人": (Unit.PERSONS, 1),
    "家": (Unit.ORGANISATIONS, 1),
    "个月": (Unit.MONTHS, 1),
    "日": (Unit.DAYS, 1),
    "个工作日": (Unit.WORKING_DAYS, 1),
    "小时": (Unit.HOURS, 1),
    "分钟": (Unit.MINUTES, 1),
    "周岁": (Unit.YEARS, 1),
    "次": (Unit.TIMES, 1),
    "级": (Unit.GRADE, 1),
}
_VERSION_KEYS = {"数值", "区划", "自", "至", "依据", "说明"}


@cache
def official_parameters() -> Parameters:
    """The parameters that come with the product."""
    folder = files("domain.parameters")
    texts = sorted((entry.name, entry.read_text("utf-8")) for entry in folder.iterdir() if entry.name.endswith(".yaml"))
    return Parameters(version for name, text in texts for version in read_versions(text, name))


def read_versions(text: str, name: str) -> Iterator[ParameterVersion]:
    """The versions in one YAML text; raises BadInput that names the file, the parameter and what to correct."""
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise BadInput(f"参数文件 {name} 不是有效的 YAML：{str(error).splitlines()[0]}", name) from None
    if not isinstance(document, dict) or not isinstance(document.get("参数"), list):
        raise BadInput(f"参数文件 {name} 缺少“参数”列表。", name)
    for entry in document["参数"]:
        code = str(entry.get("代码", ""))
        if not code or not entry.get("名称") or not entry.get("版本"):
            raise BadInput(f"参数文件 {name} 中参数“{code}”应有代码、名称和版本。", name)
        for version in entry["版本"]:
            yield _version(version, code, str(entry["名称"]), f"参数文件 {name} 的 {code}")


def parse_value(text: str, where: str) -> tuple[int, Unit]:
    """`550元` → 55000 fen, `65%` → 6500 bp, `6个月` → 6 months; raises BadInput where that is not a whole number."""
    found = _VALUE.fullmatch(text.strip())
    unit, factor = _UNITS.get(found["unit"].strip(), (None, 1)) if found else (None, 1)
    if found is None or unit is None:
        raise BadInput(f"{where}：数值“{text[:20]}”应写作数字加单位（{'、'.join(_UNITS)}）。", where)
    exact = Decimal(found["number"]) * factor
    if exact != int(exact):
        raise BadInput(f"{where}：数值“{text[:20]}”超出精度（金额至分，比例至万分之一）。", where)
    return int(exact), unit


def _version(entry: dict[str, Any], code: str, name: str, where: str) -> ParameterVersion:
    if unknown := set(entry) - _VERSION_KEYS:
        raise BadInput(f"{where}：不认识的项“{'、'.join(map(str, sorted(unknown)))}”。", where)
    if not entry.get("依据"):
        raise BadInput(f"{where}：缺少依据。", where)
    value, unit = parse_value(str(entry.get("数值", "")), where)
    return ParameterVersion(
        code=code,
        name=name,
        value=value,
        unit=unit,
        division_code=str(entry.get("区划", "")),
        from_on=_day(entry.get("自"), where),
        to_on=None if entry.get("至") is None else _day(entry["至"], where),
        legal_basis=str(entry["依据"]),
        note=str(entry.get("说明", "")),
    )


def _day(value: object, where: str) -> date:
    if not isinstance(value, date):
        raise BadInput(f"{where}：日期应写作 2015-01-01。", where)
    return value
