"""What may not be paid together to one person in one month (国发〔2015〕52号 and the district's own rules).

The table is data: each row says which benefits it speaks of and what follows, with its legal basis and first day. One
function looks at all lines of one person for one month. Order never matters: what blocks is never itself blocked, and
of several in one class the highest amount stays, then the one first in the code set, then the smaller key.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from domain.clock import first_day
from domain.codes import BenefitKind, Code, HeldLine


class Outcome(Code):
    """互斥处理"""

    BLOCKS = "blocks", "享受前者的不能享受后者"
    HIGHER = "higher", "同类中只能享受一项，择高"


@dataclass(frozen=True, slots=True)
class Exclusion:
    """One row of the table. With BLOCKS whoever has one of `these` has none of `those`; with HIGHER `these` are a class

    of which one stays, and `those` is empty.
    """

    outcome: Outcome
    these: frozenset[HeldLine]
    those: frozenset[HeldLine]
    from_on: date
    basis: str
    said: str
    """The rule in words, for whoever is refused or asks."""


_SUBSIDIES = frozenset({HeldLine.DIS_LIVING, HeldLine.DIS_NURSING})
_ORDER_52 = "国发〔2015〕52号（条款待核）"
_NONE: frozenset[HeldLine] = frozenset()
EXCLUSIONS: tuple[Exclusion, ...] = (
    Exclusion(
        Outcome.BLOCKS,
        frozenset({HeldLine.TEKUN}),
        frozenset({HeldLine.DIBAO}),
        date(2011, 1, 1),
        "民发〔2021〕43号；此前为五保供养不重复享受低保（待核）",
        "特困供养和低保只能享受一项",
    ),
    Exclusion(
        Outcome.BLOCKS,
        frozenset({HeldLine.TEKUN}),
        _SUBSIDIES,
        date(2016, 1, 1),
        _ORDER_52,
        "纳入特困供养的残疾人不享受残疾人两项补贴",
    ),
    Exclusion(
        Outcome.BLOCKS,
        frozenset({HeldLine.WORK_INJURY_NURSING}),
        _SUBSIDIES,
        date(2016, 1, 1),
        _ORDER_52,
        "享受工伤保险生活护理费的残疾人不享受残疾人两项补贴",
    ),
    Exclusion(
        Outcome.BLOCKS,
        frozenset({HeldLine.ORPHAN_ALLOWANCE}),
        frozenset({HeldLine.DIS_LIVING}),
        date(2016, 1, 1),
        _ORDER_52,
        "享受孤儿基本生活保障的残疾儿童不享受困难残疾人生活补贴，可享受护理补贴",
    ),
    Exclusion(
        Outcome.HIGHER,
        frozenset({HeldLine.DIS_LIVING, HeldLine.OTHER_LIVING}),
        _NONE,
        date(2016, 1, 1),
        _ORDER_52,
        "同类福利性生活补贴只能择高享受一项",
    ),
    Exclusion(
        Outcome.HIGHER,
        frozenset({HeldLine.DIS_NURSING, HeldLine.OTHER_NURSING, HeldLine.NURSING_INST, HeldLine.NURSING_HOME}),
        _NONE,
        date(2016, 1, 1),
        _ORDER_52,
        "同类护理补贴只能择高享受一项",
    ),
    Exclusion(
        Outcome.HIGHER,
        frozenset({HeldLine.NURSING_INST, HeldLine.NURSING_HOME}),
        _NONE,
        date(2011, 1, 1),
        "江海区“十三五”大民政规划（由政府购买床位或居家服务，二者择一）",
        "机构和居家护理补贴同一月份只能享受一项",
    ),
)
"""The table. Living and nursing subsidy stand in no row together: both may be paid."""


class Line(NamedTuple):
    """One benefit of a person in a month. `key` tells lines apart and names nobody (a benefit's or case's id)."""

    kind: HeldLine
    amount_fen: int
    key: str


class Dropped(NamedTuple):
    """A line that may not be paid, in whose favour, and by which rule (None: a second line of the same benefit)."""

    line: Line
    stays: Line
    rule: Exclusion | None

    @property
    def said(self) -> str:
        """The rule in words."""
        return self.rule.said if self.rule is not None else "同一待遇同一月份只能享受一份"


class Verdict(NamedTuple):
    """Which lines may be paid for the month and which not; both in the lines' own order (kind, amount, key)."""

    payable: tuple[Line, ...]
    dropped: tuple[Dropped, ...]


def of_kind(kind: BenefitKind) -> HeldLine:
    """The line that a benefit of the platform makes."""
    return HeldLine(kind.value)


def judge(lines: Iterable[Line], month: str) -> Verdict:
    """Which of one person's lines may be paid together for a month: never more than one of each benefit.

    The same lines give the same verdict in whatever order they come. What is dropped was entitled by its own rule;
    whether it ends is for people to decide (个人信息保护法第二十四条).
    """
    day = first_day(month)
    rules = [rule for rule in EXCLUSIONS if rule.from_on <= day]
    left = sorted(lines, key=_rank)
    dropped: list[Dropped] = []
    for kind in HeldLine:
        left = _one_of(left, frozenset({kind}), None, dropped)
    for rule in (rule for rule in rules if rule.outcome is Outcome.BLOCKS):
        blocker = next((line for line in left if line.kind in rule.these), None)
        if blocker is not None:
            dropped += [Dropped(line, blocker, rule) for line in left if line.kind in rule.those]
            left = [line for line in left if line.kind not in rule.those]
    for rule in sorted(
        (r for r in rules if r.outcome is Outcome.HIGHER), key=lambda r: (len(r.these), sorted(r.these))
    ):
        left = _one_of(left, rule.these, rule, dropped)
    return Verdict(tuple(left), tuple(sorted(dropped, key=lambda each: _rank(each.line))))


def excludes(one: HeldLine, other: HeldLine, month: str) -> bool:
    """Whether two benefits exclude each other in a month, whichever of them stays."""
    return len(judge((Line(one, 1, "1"), Line(other, 1, "2")), month).payable) < 2


def pairs(month: str) -> tuple[tuple[HeldLine, HeldLine], ...]:
    """Every two different benefits that exclude each other in a month, each pair once, in the code set's order."""
    kinds = tuple(HeldLine)
    return tuple((one, other) for i, one in enumerate(kinds) for other in kinds[i + 1 :] if excludes(one, other, month))


_PLACE = {kind: place for place, kind in enumerate(HeldLine)}


def _rank(line: Line) -> tuple[int, int, str]:
    """Highest amount first, then the code set's order, then the key."""
    return (-line.amount_fen, _PLACE[line.kind], line.key)


def _one_of(left: list[Line], kinds: frozenset[HeldLine], rule: Exclusion | None, dropped: list[Dropped]) -> list[Line]:
    """The lines without all but the first of these kinds; the others are added to `dropped`."""
    stays = next((line for line in left if line.kind in kinds), None)
    if stays is None:
        return left
    dropped += [Dropped(line, stays, rule) for line in left if line.kind in kinds and line is not stays]
    return [line for line in left if line.kind not in kinds or line is stays]
