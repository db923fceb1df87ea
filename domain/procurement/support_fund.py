"""The fund that supports social organisations (社会组织扶持发展专项资金): each year's amount, and what it should be.

Plan (二)2: at least 300,000 yuan in the district's first year (2013) and 30,000 in each street's, then at least 10%
more each year for five years. A year that falls short is recorded all the same, with what is missing.
"""

from datetime import date, datetime
from typing import ClassVar, NamedTuple, Self
from uuid import UUID, uuid5

from domain import kernel
from domain.errors import ParameterNotInForce, RuleViolated
from domain.formulas import BP, yuan
from domain.parameters import Parameters
from domain.wording import written

_FUNDS = UUID("5c1f0b77-94d5-5a0d-8a5e-2f4b7c9d1e36")
_STREET = 9


class FundYear(NamedTuple):
    """What was set up for a year, and the event that said so."""

    year: int
    amount_fen: int
    version: int


class SupportFund(kernel.Aggregate):
    """The fund of the district or of a street, with all its years."""

    TOPIC: ClassVar[str] = "procurement.SupportFund"
    SUBJECT: ClassVar[str] = "support_fund"
    division_code: str = ""
    years: tuple[FundYear, ...] = ()

    class Created(kernel.Created):
        """The district or a street has such a fund."""

        TOPIC = "procurement.SupportFundOpened"
        TITLE = "设立社会组织扶持资金"
        division_code: str
        by: str

    class YearSet(kernel.Event):
        """The amount for a year; `least_fen` is what the plan wants at least, None where it says nothing of that year.

        With `corrects_version` it takes the place of what that event said.
        """

        TOPIC = "procurement.SupportFundYearSet"
        TITLE = "安排社会组织扶持资金"
        year: int
        amount_fen: int
        least_fen: int | None
        legal_basis: str
        corrects_version: int | None
        division_code: str
        by: str

        def apply(self, aggregate: "SupportFund") -> None:
            others = (each for each in aggregate.years if each.year != self.year)
            made = FundYear(self.year, self.amount_fen, self.originator_version)
            aggregate.years = tuple(sorted((*others, made)))

        def gist(self) -> str:
            missing = max(0, (self.least_fen or 0) - self.amount_fen)
            return f"{self.year} 年 {yuan(self.amount_fen)}{f'，低于规划 {yuan(missing)}' if missing else ''}"

    @staticmethod
    def id_for(division_code: str) -> UUID:
        """The id of a division's fund: it has one."""
        return uuid5(_FUNDS, division_code)

    @classmethod
    def open(cls, at: datetime, *, division_code: str, by: str) -> Self:
        """The fund of the district or a street."""
        if len(division_code) > _STREET:
            raise RuleViolated("扶持资金由区和街道设立，村、社区不设。")
        return cls.create(cls.Created, id=cls.id_for(division_code), at=at, division_code=division_code, by=by)

    def set_year(
        self, at: datetime, *, year: int, amount_fen: int, least_fen: int | None, legal_basis: str, by: str
    ) -> None:
        """Record a year's amount, once; what was recorded wrongly is put right by `correct_year`."""
        if self.amount(year) is not None:
            raise RuleViolated(f"{year} 年扶持资金已登记，有误的请办理更正。")
        self._set(at, year, amount_fen, least_fen, legal_basis, by, None)

    def correct_year(
        self, at: datetime, *, year: int, amount_fen: int, least_fen: int | None, legal_basis: str, by: str
    ) -> None:
        """Put a year's amount right; the event names the one that it corrects."""
        known = self.amount(year)
        if known is None:
            raise RuleViolated(f"{year} 年扶持资金尚未登记，不能更正。")
        if known.amount_fen == amount_fen:
            raise RuleViolated(f"{year} 年扶持资金已是 {yuan(amount_fen)}，无须更正。")
        self._set(at, year, amount_fen, least_fen, legal_basis, by, known.version)

    def amount(self, year: int) -> FundYear | None:
        """What was set up for that year."""
        return next((each for each in self.years if each.year == year), None)

    def _set(
        self,
        at: datetime,
        year: int,
        amount_fen: int,
        least_fen: int | None,
        legal_basis: str,
        by: str,
        corrects: int | None,
    ) -> None:
        if not 2000 <= year <= at.year + 1:
            raise RuleViolated(f"年度应在 2000 至 {at.year + 1} 之间。")
        if amount_fen < 0:
            raise RuleViolated("扶持资金金额不能为负数；当年没有安排的填 0。")
        basis = written(legal_basis, "请填写资金安排文件及文号。")
        fields = {"year": year, "amount_fen": amount_fen, "least_fen": least_fen, "legal_basis": basis}
        fields["division_code"] = self.division_code
        self.record(self.YearSet, at=at, corrects_version=corrects, by=by, **fields)


def grown(base_fen: int, growth_bp: int, years: int) -> int:
    """`base × (1 + growth)^years` in fen, rounded up once at the end: the plan says at least.

    Raises ValueError where years is negative.
    """
    if years < 0:
        raise ValueError(f"years is {years}")
    over, under = base_fen, 1
    for _ in range(years):
        over, under = over * (BP + growth_bp), under * BP
    return -(-over // under)


def least_of(parameters: Parameters, division_code: str, year: int) -> int | None:
    """What the plan wants a division's fund to be in a year at least, in fen; None for years it says nothing of."""
    code = "procurement.fund_street" if len(division_code) == _STREET else "procurement.fund_district"
    on = date(year, 1, 1)
    try:
        base = parameters.find(code, division_code, on)
        growth = parameters.value("procurement.fund_growth", division_code, on)
    except ParameterNotInForce:
        return None
    return grown(base.value, growth, year - base.from_on.year)
