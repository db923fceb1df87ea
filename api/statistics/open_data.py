"""The open data file (公共数据开放): a year's figures by street and community without anything about anybody.

A figure is published where enough households stand behind it. Each family of figures has a count that says how many
they are, and is hidden with it, here and in what the published totals would give away (domain/suppression.py). Who came
and who left is not published by place: with the figures of two years it would follow from what is.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from api.statistics.asking import Asker, Figures
from api.statistics.files import csv_of
from api.statistics.table import in_yuan
from domain.assistance.indicators import INDICATORS
from domain.codes import Breakdown, IndicatorUnit
from domain.errors import BadInput
from domain.indicators import Indicator
from domain.suppression import SMALL, Suppression

Order = Callable[[str], Any]
"""The secret order of divisions: a sort key that nobody outside can know."""


@dataclass(frozen=True, slots=True)
class Family:
    """Figures that are hidden together, by the count of those they are about."""

    base: str
    shown: tuple[str, ...]


FAMILIES = (
    Family("dibao_households", ("dibao_households", "dibao_persons")),
    Family("dibao_paid_households", ("dibao_net_fen", "dibao_avg_gap")),
    Family("tekun_persons", ("tekun_persons",)),
    Family("tekun_paid_households", ("tekun_net_fen",)),
    Family("temp_paid_households", ("temp_times", "temp_net_fen")),
)
SUPPRESSION = (
    f"户数或人数为 1 至 {SMALL - 1} 的数据不公开；为防止由合计推算，另行隐去若干数据，隐去的上级数据其下级一并隐去。"
    "隐去的数据“数值”为空、“隐去”为“是”。"
)
LICENSE = (
    "可以免费使用、复制、加工和传播，须注明来源和数据日期，不得与其他数据结合识别个人或家庭"
    "（许可条款为示例，正式发布前由区政务数据主管部门核定）。"
)
_NAMES = {indicator.name: indicator for indicator in INDICATORS}


@dataclass(frozen=True, slots=True)
class OpenData:
    """The file's content: what stands about it, and its rows."""

    metadata: Mapping[str, Any]
    rows: tuple[Mapping[str, Any], ...]


async def make_open_data(asker: Asker, year: str, order: Order, at: datetime, source: str) -> OpenData:
    """A year's open data; `at` is when it is made. Raises BadInput where `year` is no year."""
    if len(year) != 4:
        raise BadInput(f"年份“{year[:20]}”应为四位数字，例如 2015。", "year")
    names = sorted({name for family in FAMILIES for name in (family.base, *family.shown)})
    levels = [await asker.ask(names, year)]
    if len(asker.division) < 9:
        levels.append(await asker.ask(names, year, Breakdown.STREET))
    if len(asker.division) < 12:
        levels.append(await asker.ask(names, year, Breakdown.COMMUNITY))
    children = tree([list(level.divisions) for level in levels], order)
    rows = tuple(row for family in FAMILIES for row in _family(family, year, levels, children))
    shown = [_NAMES[name] for family in FAMILIES for name in family.shown]
    return OpenData(
        {
            "title": f"{next(iter(levels[0].divisions.values()))}社会救助公开数据（{year}年）",
            "source": source,
            "generatedAt": at.isoformat(timespec="seconds"),
            "logPosition": asker.position,
            "period": year,
            "division": asker.division,
            "license": LICENSE,
            "suppression": SUPPRESSION,
            "populationBasis": {each.label: each.basis.label for each in shown},
            "formulas": {each.label: each.formula for each in shown},
        },
        rows,
    )


def tree(levels: list[list[str]], order: Order) -> dict[str, tuple[str, ...]]:
    """The parts of every division, in the secret order; what lies directly in a street is a part of its own.

    A division of the lowest level whose code is that of one above stands for what is in none of its parts.
    """
    made: dict[str, tuple[str, ...]] = {}
    for depth, parents in enumerate(levels[:-1]):
        for parent in parents:
            below = [_key(code, depth + 1) for code in levels[depth + 1] if code.startswith(parent)]
            made[_key(parent, depth)] = tuple(sorted(below, key=order))
    return made


def _key(code: str, depth: int) -> str:
    return f"{depth}:{code}"


def hidden_of(base: str, levels: list[Figures], children: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    """The divisions whose figures stay out, by depth and code."""
    lowest = len(levels) - 1
    counts = {_key(code, lowest): levels[lowest].values[base, code] or 0 for code in levels[lowest].divisions}
    # Sums of the parts: a household that moved within the year is one more there than in the whole.
    for depth in range(lowest - 1, -1, -1):
        for code in levels[depth].divisions:
            counts[_key(code, depth)] = sum(counts[child] for child in children[_key(code, depth)])
    (root,) = (_key(code, 0) for code in levels[0].divisions)
    return Suppression(root, children, counts).run()


def _family(
    family: Family, year: str, levels: list[Figures], children: Mapping[str, tuple[str, ...]]
) -> Iterator[Mapping[str, Any]]:
    hidden = hidden_of(family.base, levels, children)
    for name in family.shown:
        for depth, level in enumerate(levels):
            for code, division in level.divisions.items():
                suppressed = _key(code, depth) in hidden
                yield {
                    "indicator": name,
                    "label": _NAMES[name].label,
                    "unit": _unit(_NAMES[name]),
                    "populationBasis": _NAMES[name].basis.label,
                    "year": year,
                    "level": _level(depth, len(levels)),
                    "divisionCode": code,
                    "divisionName": division,
                    "value": None if suppressed else _published(_NAMES[name], level.values[name, code]),
                    "suppressed": suppressed,
                }


def _level(depth: int, levels: int) -> str:
    if depth == 0:
        return "合计"
    return "街道" if depth < levels - 1 else "村、社区"


def _unit(indicator: Indicator) -> str:
    return indicator.unit.label.replace("分", "元") if _money(indicator) else indicator.unit.label


def _money(indicator: Indicator) -> bool:
    return indicator.unit in (IndicatorUnit.FEN, IndicatorUnit.FEN_PER_PERSON)


def _published(indicator: Indicator, value: int | None) -> int | str | None:
    return f"{in_yuan(value):.2f}" if value is not None and _money(indicator) else value


_TITLES = {
    "indicator": "指标代码",
    "label": "指标",
    "unit": "单位",
    "populationBasis": "人口口径",
    "year": "年份",
    "level": "级别",
    "divisionCode": "区划代码",
    "divisionName": "区划",
    "value": "数值",
    "suppressed": "隐去",
}
_ABOUT = {
    "title": "标题",
    "source": "来源",
    "generatedAt": "生成时间",
    "logPosition": "数据截至日志位置",
    "license": "使用许可",
    "suppression": "小数值处理",
}


def write_open_data(data: OpenData, out: Path) -> None:
    """Write it as `.json` or `.csv` by the name's end; raises BadInput for any other."""
    match out.suffix.lower():
        case ".json":
            text = json.dumps({"metadata": data.metadata, "rows": data.rows}, ensure_ascii=False, indent=1)
            out.write_text(text + "\n", encoding="utf-8")
        case ".csv":
            out.write_text(csv_of(_csv_rows(data)), encoding="utf-8-sig", newline="")
        case _:
            raise BadInput(f"文件名“{out.name}”应以 .csv 或 .json 结尾。", "out")


def _csv_rows(data: OpenData) -> Iterable[list[str]]:
    for name, title in _ABOUT.items():
        yield [f"# {title}：{data.metadata[name]}"]
    for label, formula in data.metadata["formulas"].items():
        yield [f"# {label}：{formula}（{data.metadata['populationBasis'][label]}）"]
    yield list(_TITLES.values())
    for row in data.rows:
        yield [_cell(row[name]) for name in _TITLES]


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else ""
    return "" if value is None else str(value)


__all__ = ["FAMILIES", "Family", "OpenData", "hidden_of", "make_open_data", "tree", "write_open_data"]
