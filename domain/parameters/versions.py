"""Dated parameters: which value is in force for a division on a day."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from domain.codes import Code
from domain.errors import ParameterNotInForce


class Unit(Code):
    """参数单位"""

    FEN = "fen", "分"
    BP = "bp", "万分比"
    PERSONS = "persons", "人"
    ORGANISATIONS = "organisations", "家"
    MONTHS = "months", "个月"
    DAYS = "days", "日"
    WORKING_DAYS = "working_days", "个工作日"
    HOURS = "hours", "小时"
    MINUTES = "minutes", "分钟"
    YEARS = "years", "周岁"
    TIMES = "times", "次"
    GRADE = "grade", "级"


@dataclass(frozen=True, slots=True)
class ParameterVersion:
    """One value of a parameter for a division's subtree, in force from `from_on` to `to_on` (both counted).

    Without `to_on` it holds until the division's next version begins.
    """

    code: str
    name: str
    value: int
    unit: Unit
    division_code: str
    from_on: date
    to_on: date | None
    legal_basis: str
    note: str = ""

    @property
    def ref(self) -> str:
        """How a computation's trace names this version: `code@division/first day`."""
        return f"{self.code}@{self.division_code or '*'}/{self.from_on.isoformat()}"


@dataclass(frozen=True, slots=True)
class Span:
    """The days, both counted, on which a value of a division's own is in force."""

    division_code: str
    from_on: date
    to_on: date
    value: int


class Parameters:
    """All known versions. Immutable: `with_versions` gives another one."""

    def __init__(self, versions: Iterable[ParameterVersion]) -> None:
        chosen = {(v.code, v.division_code, v.from_on): v for v in versions}
        self._versions: dict[tuple[str, str], list[ParameterVersion]] = {}
        self._names: dict[str, str] = {}
        for version in sorted(chosen.values(), key=lambda v: v.from_on):
            self._versions.setdefault((version.code, version.division_code), []).append(version)
            self._names[version.code] = version.name

    def __iter__(self) -> Iterator[ParameterVersion]:
        """Every version, by code and division in order of time."""
        for key in sorted(self._versions):
            yield from self._versions[key]

    @property
    def codes(self) -> tuple[str, ...]:
        """Every parameter that has a version at all."""
        return tuple(sorted(self._names))

    def any_version(self, code: str) -> ParameterVersion:
        """Some version of a parameter, for its name and unit; raises ParameterNotInForce where it has none at all."""
        for (known, _), versions in self._versions.items():
            if known == code:
                return versions[-1]
        raise ParameterNotInForce(f"没有名为 {code} 的参数。")

    def find(self, code: str, division_code: str, on: date) -> ParameterVersion:
        """The version in force: the division's own, else its parent's, and so on up.

        Raises ParameterNotInForce where there is none.
        """
        for length in _PREFIXES:
            if length <= len(division_code):
                version = self._own(code, division_code[:length], on)
                if version is not None:
                    return version
        name = self._names.get(code)
        what = f"参数“{name}”（{code}）" if name else f"参数 {code}"
        place = division_code or "（全国）"
        raise ParameterNotInForce(f"{what}在区划 {place} 于 {on.isoformat()} 没有有效版本；请先补录该日的标准及依据。")

    def value(self, code: str, division_code: str, on: date) -> int:
        """The value in force, in its unit (fen, basis points, counts); raises ParameterNotInForce."""
        return self.find(code, division_code, on).value

    def history(self, code: str, division_code: str) -> tuple[ParameterVersion, ...]:
        """A division's own versions of a parameter in order of time, without inherited ones."""
        return tuple(self._versions.get((code, division_code), ()))

    def spans(self, code: str) -> tuple[Span, ...]:
        """Every value a parameter ever has, with its days: for many divisions and days at once.

        Of the spans that hold for a division on a day, the one of the longest division code is what `find` gives.
        """
        found = []
        for (known, division_code), versions in self._versions.items():
            for version, later in zip(versions, (*versions[1:], None), strict=True) if known == code else ():
                end = later.from_on - timedelta(days=1) if later is not None else date.max
                to_on = min(end, version.to_on or date.max)
                found.append(Span(division_code, version.from_on, to_on, version.value))
        return tuple(found)

    def with_versions(self, versions: Iterable[ParameterVersion]) -> "Parameters":
        """These parameters and further versions; one with the same code, division and first day replaces the old."""
        return Parameters([*self, *versions])

    def _own(self, code: str, division_code: str, on: date) -> ParameterVersion | None:
        versions = self._versions.get((code, division_code))
        if versions is None:
            return None
        place = bisect_right(versions, on, key=lambda version: version.from_on)
        if place == 0:
            return None
        version = versions[place - 1]
        return version if version.to_on is None or on <= version.to_on else None


_PREFIXES = (12, 9, 6, 4, 2, 0)
"""Lengths of division codes, from community up to the whole country (empty code)."""
