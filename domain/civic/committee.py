"""Elections of village and community committees, and what their cadres are paid.

`[plan]` (三)3 and 4: in 2014 more than 90% had one person as party secretary and director (一肩挑) and members in both
committees (交叉任职); in 2015 cadres got 2,500 yuan a month on average.
"""

from datetime import date, datetime
from typing import ClassVar, NamedTuple, Self
from uuid import UUID, uuid5

from domain import kernel
from domain.errors import RuleViolated
from domain.formulas import yuan
from domain.wording import written

_ELECTIONS = UUID("7f40a9b2-51d7-5d9e-8b67-c0e2d4f61a38")


class Seats(NamedTuple):
    """Who was elected, in heads: the committee (村〔居〕委会), and how many of it also sit in the party's committee."""

    committee_count: int
    cross_count: int
    one_person: bool
    """Whether the party secretary is the director (一肩挑)."""
    eligible_count: int
    voted_count: int


class Election(kernel.Aggregate):
    """One village's election of one term."""

    TOPIC: ClassVar[str] = "civic.Election"
    SUBJECT: ClassVar[str] = "election"
    division_code: str = ""
    year: int = 0
    seats: Seats = Seats(0, 0, False, 0, 0)
    said_version: int = 1

    class Created(kernel.Created):
        """The election was held."""

        TOPIC = "civic.ElectionHeld"
        TITLE = "村（居）委会换届选举"
        year: int
        seats: Seats
        effective_on: date
        division_code: str
        by: str

        def gist(self) -> str:
            return _gist(self.year, self.seats)

    class Corrected(kernel.Event):
        """What was recorded of it was wrong; the event names the one that it corrects."""

        TOPIC = "civic.ElectionCorrected"
        TITLE = "更正换届选举结果"
        seats: Seats
        corrects_version: int
        reason: str
        by: str

        def apply(self, aggregate: "Election") -> None:
            aggregate.seats = self.seats
            aggregate.said_version = self.originator_version

        def gist(self) -> str:
            return _gist(0, self.seats)

    @staticmethod
    def id_for(division_code: str, year: int) -> UUID:
        """The id of a division's election of a year: there is one."""
        return uuid5(_ELECTIONS, f"{division_code} {year}")

    @classmethod
    def hold(cls, at: datetime, *, year: int, seats: Seats, held_on: date, division_code: str, by: str) -> Self:
        """Record an election; raises RuleViolated where its numbers can't be."""
        _demand_village(division_code)
        _demand_seats(seats)
        if held_on > at.date() or held_on.year not in (year, year + 1):
            raise RuleViolated("选举日期不能晚于今天，且应在换届年度或次年。")
        return cls.create(
            cls.Created,
            id=cls.id_for(division_code, year),
            at=at,
            year=year,
            seats=seats,
            effective_on=held_on,
            division_code=division_code,
            by=by,
        )

    def correct(self, at: datetime, *, seats: Seats, reason: str, by: str) -> None:
        """Put the numbers right."""
        _demand_seats(seats)
        if seats == self.seats:
            raise RuleViolated("更正后的结果与原结果相同，无须更正。")
        text = written(reason, "更正须写明原因。")
        self.record(self.Corrected, at=at, seats=seats, corrects_version=self.said_version, reason=text, by=by)


class AllowanceYear(NamedTuple):
    """What a division's cadres were paid in a year, for how many months of work, and the event that said so."""

    year: int
    person_months: int
    total_fen: int
    version: int


class CadreAllowance(kernel.Aggregate):
    """The allowances of one division's cadres, by year."""

    TOPIC: ClassVar[str] = "civic.CadreAllowance"
    SUBJECT: ClassVar[str] = "cadre_allowance"
    division_code: str = ""
    years: tuple[AllowanceYear, ...] = ()

    class Created(kernel.Created):
        """A division's allowances are recorded."""

        TOPIC = "civic.CadreAllowanceOpened"
        TITLE = "建立村（居）干部补贴台账"
        division_code: str
        by: str

    class YearSet(kernel.Event):
        """A year's sum and the months of work it paid; with `corrects_version` it takes an earlier one's place."""

        TOPIC = "civic.CadreAllowanceYearSet"
        TITLE = "登记村（居）干部补贴"
        year: int
        person_months: int
        total_fen: int
        corrects_version: int | None
        division_code: str
        by: str

        def apply(self, aggregate: "CadreAllowance") -> None:
            others = (each for each in aggregate.years if each.year != self.year)
            made = AllowanceYear(self.year, self.person_months, self.total_fen, self.originator_version)
            aggregate.years = tuple(sorted((*others, made)))

        def gist(self) -> str:
            return f"{self.year} 年 {self.person_months} 人月，{yuan(self.total_fen)}"

    @staticmethod
    def id_for(division_code: str) -> UUID:
        """The id of a division's allowances."""
        return uuid5(_ELECTIONS, f"allowance {division_code}")

    @classmethod
    def open(cls, at: datetime, *, division_code: str, by: str) -> Self:
        """Begin a division's account of allowances."""
        _demand_village(division_code)
        return cls.create(cls.Created, id=cls.id_for(division_code), at=at, division_code=division_code, by=by)

    def set_year(self, at: datetime, *, year: int, person_months: int, total_fen: int, by: str) -> None:
        """Record a year; what was recorded before is corrected by it, and named."""
        if not 2000 <= year <= at.year:
            raise RuleViolated(f"年度应在 2000 至 {at.year} 之间。")
        if person_months <= 0 or total_fen < 0:
            raise RuleViolated("人月数应大于 0，补贴合计不能为负数。")
        known = next((each for each in self.years if each.year == year), None)
        if known is not None and (known.person_months, known.total_fen) == (person_months, total_fen):
            raise RuleViolated(f"{year} 年补贴已登记为同样的数，无须更正。")
        fields = {"year": year, "person_months": person_months, "total_fen": total_fen}
        corrects = known.version if known else None
        self.record(self.YearSet, at=at, corrects_version=corrects, division_code=self.division_code, by=by, **fields)


def _demand_village(division_code: str) -> None:
    if len(division_code) != 12:
        raise RuleViolated("请填写 12 位的村、社区代码。")


def _demand_seats(seats: Seats) -> None:
    if not (seats.committee_count > 0 and 0 <= seats.cross_count <= seats.committee_count):
        raise RuleViolated("委员会成员应至少一人，交叉任职人数不能多于成员人数。")
    if not 0 <= seats.voted_count <= seats.eligible_count:
        raise RuleViolated("参加投票人数不能多于登记参加选举的人数。")


def _gist(year: int, seats: Seats) -> str:
    term = f"{year} 年，" if year else ""
    one = "一肩挑，" if seats.one_person else ""
    return f"{term}{one}成员 {seats.committee_count} 人，交叉任职 {seats.cross_count} 人"
