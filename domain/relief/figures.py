"""What a disaster report counts (自然灾害情况统计): people, houses, losses. All cumulative since the disaster began."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from typing import NamedTuple

from domain.errors import RuleViolated

LABELS = {
    "affected_count": "受灾人口",
    "evacuated_count": "紧急转移安置人口",
    "need_relief_count": "需紧急生活救助人口",
    "dead_count": "因灾死亡人口",
    "missing_count": "因灾失踪人口",
    "injured_count": "因灾伤病人口",
    "collapsed_rooms": "倒塌房屋间数",
    "severe_rooms": "严重损坏房屋间数",
    "moderate_rooms": "一般损坏房屋间数",
    "crops_m2": "农作物受灾面积（平方米）",
    "loss_fen": "直接经济损失（分）",
}
"""What each figure is called in the statistics, in their order."""


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one report: heads, rooms, square metres, fen."""

    affected_count: int = 0
    evacuated_count: int = 0
    need_relief_count: int = 0
    dead_count: int = 0
    missing_count: int = 0
    injured_count: int = 0
    collapsed_rooms: int = 0
    severe_rooms: int = 0
    moderate_rooms: int = 0
    crops_m2: int = 0
    loss_fen: int = 0

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


class Disagreement(NamedTuple):
    """A figure that two sides count differently."""

    figure: str
    stated: int
    counted: int

    def __str__(self) -> str:
        return f"{LABELS[self.figure]}：填报 {self.stated}，合计 {self.counted}"


def total(reports: Iterable[Figures]) -> Figures:
    """The sum of several units' figures."""
    return sum(reports, Figures())


def impossible(figures: Figures) -> Iterator[str]:
    """What can't be true of one report, each as a sentence; none where all is well.

    自然灾害情况统计调查制度: people who were evacuated, fell ill, died or are missing are among the affected ones.
    """
    for field in fields(figures):
        if getattr(figures, field.name) < 0:
            yield f"{LABELS[field.name]}不能为负数"
    for name in ("evacuated_count", "need_relief_count"):
        if getattr(figures, name) > figures.affected_count:
            yield f"{LABELS[name]}不能多于受灾人口"
    if figures.dead_count + figures.missing_count + figures.injured_count > figures.affected_count:
        yield "死亡、失踪、伤病人口合计不能多于受灾人口"


def demand_possible(figures: Figures) -> None:
    """Raise RuleViolated that names everything impossible."""
    if wrong := list(impossible(figures)):
        raise RuleViolated(f"灾情数据有误：{'；'.join(wrong)}。请核对后再报。")


def lower_deaths(before: Figures, after: Figures) -> bool:
    """Whether a cumulative count of deaths fell, which has to be explained."""
    return after.dead_count < before.dead_count


def disagreements(stated: Figures, counted: Figures) -> tuple[Disagreement, ...]:
    """Where a unit's own report differs from the sum of the units below it."""
    return tuple(
        Disagreement(f.name, getattr(stated, f.name), getattr(counted, f.name))
        for f in fields(Figures)
        if getattr(stated, f.name) != getattr(counted, f.name)
    )
