"""The scales by which an elder's ability is assessed, and what a score means.

GB/T 42195-2022: 26 items in four domains, 90 points in all; more points are more ability, and a higher grade is less
of it. Three circumstances make the grade worse than the points say: a coma (grade 4 at once), dementia or a mental
disorder (F00–F99, one grade), two or more care risk events in 30 days (one grade). Both of the latter count, up to
grade 4 (to be checked against the standard's text, as are the items' maxima: gbt42195.yaml).

MZ/T 039-2013 has a grade of 0 to 3 from four axes, and older files only say 自理, 半失能 or 失能. What was assessed by
one of them stands as it was: no scale is ever converted into another.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from domain.codes import Scale
from domain.errors import BadInput

RISK_EVENTS = 2
"""So many care risk events (falls, choking, self-harm, getting lost …) within 30 days make the grade one worse."""
WORST = 4
MZT_WORST = 3
MZT_AXES = ("日常生活活动", "精神状态", "感知觉与沟通", "社会参与")
_MZT_LABELS = ("能力完好", "轻度失能", "中度失能", "重度失能")
_LOCAL_LABELS = ("自理", "半失能", "失能")


@dataclass(frozen=True, slots=True)
class Item:
    """One item of the scale, and the most points it gives."""

    code: str
    name: str
    domain: str
    most: int


@dataclass(frozen=True, slots=True)
class Band:
    """The points, both counted, that make a grade."""

    grade: int
    label: str
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What makes a grade worse than its points."""

    coma: bool = False
    dementia: bool = False
    """Diagnosed dementia (F00–F03) or another mental or behavioural disorder (F04–F99)."""
    risk_events: int = 0
    """Care risk events in the last 30 days."""


@dataclass(frozen=True, slots=True)
class Graded:
    """What came of the points: the grade they make, the one that holds, and why it is another."""

    total: int
    by_points: int
    grade: int
    upgrades: tuple[str, ...]
    drivers: tuple[str, ...]
    """Codes of the items that drove the grade: the fewest that, had they been intact, would have made it milder."""


@cache
def items() -> tuple[Item, ...]:
    """The 26 items in the standard's order."""
    return tuple(
        Item(item["代码"], item["名称"], domain["名称"], item["最高"])
        for domain in _standard()["指标"]
        for item in domain["项目"]
    )


@cache
def bands() -> tuple[Band, ...]:
    """The grades from intact to lost."""
    return tuple(Band(band["级"], band["名称"], band["自"], band["至"]) for band in _standard()["等级"])


def demand_scores(scores: Mapping[str, int]) -> tuple[int, ...]:
    """The points in the standard's order; raises BadInput naming items that are missing, unknown or out of range."""
    known = {item.code: item for item in items()}
    if unknown := sorted(set(scores) - set(known)):
        raise BadInput(f"评估项目 {'、'.join(unknown)[:60]} 不在 GB/T 42195-2022 的 26 项之中。", "scores")
    if missing := [item.name for item in items() if item.code not in scores]:
        raise BadInput(f"尚有 {len(missing)} 项未评分：{'、'.join(missing)}。", "scores")
    for code, points in scores.items():
        if not 0 <= points <= known[code].most:
            raise BadInput(f"“{known[code].name}”的分值应为 0 至 {known[code].most}，填写为 {points}。", "scores")
    return tuple(scores[item.code] for item in items())


def grade(points: tuple[int, ...], circumstances: Circumstances) -> Graded:
    """Grade the points of all 26 items, as `demand_scores` gives them."""
    if circumstances.risk_events < 0:
        raise BadInput("照护风险事件次数不能为负。", "risk_events")
    total = sum(points)
    by_points = grade_of(total)
    upgrades = []
    if circumstances.dementia:
        upgrades.append("确诊痴呆或其他精神和行为障碍，提高一级")
    if circumstances.risk_events >= RISK_EVENTS:
        upgrades.append(f"30 天内照护风险事件 {circumstances.risk_events} 次，提高一级")
    result = min(by_points + len(upgrades), WORST)
    if circumstances.coma:
        result, upgrades = WORST, ["昏迷，直接评定为能力完全丧失"]
    return Graded(total, by_points, result, tuple(upgrades), _drivers(points, total, by_points))


def grade_of(total: int) -> int:
    """The grade of a total; raises BadInput where the scale has no such total."""
    for band in bands():
        if band.least <= total <= band.most:
            return band.grade
    raise BadInput(f"总分应为 0 至 {_standard()['总分']}，填写为 {total}。", "total")


def label_of(scale: Scale, grade: int) -> str:
    """What a grade is called on its own scale; raises BadInput where the scale has no such grade."""
    own = {Scale.MZT_039: _MZT_LABELS, Scale.LOCAL: _LOCAL_LABELS}
    labels = own.get(scale) or tuple(band.label for band in bands())
    if not 0 <= grade < len(labels):
        raise BadInput(f"{scale.label}的等级应为 0 至 {len(labels) - 1}，填写为 {grade}。", "grade")
    return labels[grade]


def demand_axes(axes: tuple[int, ...], grade: int) -> None:
    """Raise BadInput where this is no result of MZ/T 039-2013: four axes and a grade, each from 0 to 3."""
    if len(axes) != len(MZT_AXES) or not all(0 <= axis <= MZT_WORST for axis in axes):
        raise BadInput(f"MZ/T 039-2013 应有{'、'.join(MZT_AXES)}四项分级，各为 0 至 {MZT_WORST}。", "axes")
    label_of(Scale.MZT_039, grade)


def _drivers(points: tuple[int, ...], total: int, by_points: int) -> tuple[str, ...]:
    """The items whose losses, greatest first, part the total from the next better grade."""
    if by_points == 0:
        return ()
    wanted = bands()[by_points - 1].least
    lost = sorted(
        ((item.most - own, place, item) for place, (item, own) in enumerate(zip(items(), points, strict=True))),
        key=lambda each: (-each[0], each[1]),
    )
    chosen = []
    for loss, _, item in lost:
        if total >= wanted:
            break
        total += loss
        chosen.append(item.code)
    return tuple(chosen)


@cache
def _standard() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(files("domain.care").joinpath("gbt42195.yaml").read_text("utf-8"))
    return found
