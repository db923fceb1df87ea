"""How much a benefit is in a month, and who is not entitled to it: one pure function a question.

An age is that of completed years by the birth date (GB 11643) and counts for the whole month it is reached in, so age
and certificate are looked at on the month's last day; amounts are those of the parameters in force on its first day.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from domain.care.benefits.basis import NOTHING, Basis
from domain.clock import completed_years, first_day, month_of, months_between, next_month
from domain.codes import BenefitKind, CareLevel, DisabilityCategory, DisabilityGrade, Guarantee
from domain.errors import ParameterNotInForce
from domain.formulas import Computed, Trace, share_rounded_up, yuan
from domain.parameters import Parameters

OLD_AGE = "benefits.old_age."
OLD_AGE_FORMULA = "按当月年龄（周岁，按出生日期计）所在档次的标准发放"
NURSING_FORMULA = "护理补贴标准［失能等级或高龄］［机构｜居家］"
LIVING_FORMULA = "困难残疾人生活补贴标准×发放比例［困难身份］，进位"
DIS_NURSING_FORMULA = "重度残疾人护理补贴标准×发放比例［残疾等级］，进位"
SEVERE = frozenset({DisabilityGrade.ONE, DisabilityGrade.TWO})
"""Grades that count as severe (重度) in every rule of this district."""
MIND = frozenset({DisabilityCategory.INTELLECTUAL, DisabilityCategory.MENTAL})
_SETTING = {BenefitKind.NURSING_INST: "inst", BenefitKind.NURSING_HOME: "home"}
_DISABLED_LEVELS = frozenset({CareLevel.MODERATE, CareLevel.SEVERE, CareLevel.COMPLETE})
DISABILITY_KINDS = frozenset({BenefitKind.DIS_LIVING, BenefitKind.DIS_NURSING})
NURSING_KINDS = frozenset(_SETTING)


@dataclass(frozen=True, slots=True)
class Known:
    """A person as the rules see them: birth date (None: unknown), whether registered here, division, and the basis."""

    division_code: str
    birth_on: date | None
    registered: bool = True
    basis: Basis = NOTHING


class Refusal(NamedTuple):
    """Why nothing is due, in Chinese and without personal data beyond the rule's own words."""

    reason: str


class MonthAmount(NamedTuple):
    """From `month` on this is due by the rule (0: nothing is)."""

    month: str
    computed: Computed


@lru_cache(maxsize=4_096)
def last_day(month: str) -> date:
    """The last day of a month; kept, since a payroll asks it of a hundred thousand rows of the same few months."""
    return first_day(next_month(month)) - timedelta(days=1)


def age_in(month: str, birth_on: date) -> int:
    """The completed years that count for a month: those reached by its last day."""
    return completed_years(birth_on, last_day(month))


def month_reaching(birth_on: date, years: int) -> str:
    """The first month in which an age counts; who is born on 29 February reaches it on 1 March in common years."""
    month = f"{birth_on.year + years:04d}-{birth_on.month:02d}"
    return month if age_in(month, birth_on) >= years else next_month(month)


def births_reaching(month: str, years: int) -> tuple[date, ...]:
    """The birth dates by which an age counts from this month on: those of the month, and 29 February in March."""
    first = first_day(month)
    start = date(first.year - years, first.month, 1) - timedelta(days=1)
    days = (start + timedelta(days=n) for n in range(33))
    return tuple(day for day in days if month_reaching(day, years) == month)


def bands(parameters: Parameters, division_code: str, on: date) -> tuple[int, ...]:
    """The ages from which the old-age allowance is paid or rises, youngest first: those that have an amount then."""
    found = []
    for age in _ages(parameters):
        try:
            amount = parameters.value(f"{OLD_AGE}{age}", division_code, on)
        except ParameterNotInForce:
            continue
        if amount:
            found.append(age)
    return tuple(found)


@lru_cache(maxsize=4)
def _ages(parameters: Parameters) -> tuple[int, ...]:
    """Ages for which there is an amount at any time; kept, since a roster asks it of each person and month."""
    named = (code.removeprefix(OLD_AGE) for code in parameters.codes if code.startswith(OLD_AGE))
    return tuple(sorted(int(age) for age in named if age.isdigit()))


def compute(kind: BenefitKind, known: Known, parameters: Parameters, month: str) -> Computed | Refusal:
    """What is due to a person for a month with its trace, or why nothing is.

    Raises ParameterNotInForce where the district has no amounts for the month.
    """
    trace = Trace(parameters, known.division_code, first_day(month))
    if kind is BenefitKind.OLD_AGE_ALLOWANCE:
        return _old_age(known, trace, month)
    if kind in NURSING_KINDS:
        return _nursing(_SETTING[kind], known, trace, month)
    if (refusal := _without_certificate(known.basis, month)) is not None:
        return refusal
    return _living(known, trace) if kind is BenefitKind.DIS_LIVING else _dis_nursing(known, trace)


def schedule(
    kind: BenefitKind, known: Known, parameters: Parameters, start: str, upto: str
) -> tuple[MonthAmount, ...] | Refusal:
    """The amounts from `start` to `upto`, one entry for each month in which the amount changes.

    A refusal where nothing is due in the first month. Raises ParameterNotInForce.
    """
    found: list[MonthAmount] = []
    for n in range(max(1, months_between(start, upto))):
        month = next_month(start, n)
        computed = compute(kind, known, parameters, month)
        if isinstance(computed, Refusal):
            if not found:
                return computed
            computed = Computed(0, computed.reason, (), ())
        if not found or found[-1].computed.amount_fen != computed.amount_fen:
            found.append(MonthAmount(month, computed))
    return tuple(found)


def next_turn(kind: BenefitKind, known: Known, parameters: Parameters, month: str) -> str:
    """The first month after `month` in which the rule may give something else without anybody deciding anything.

    A band of age is reached, an elder becomes very old, a certificate has run out. Empty where nothing of that is
    ahead. Raises ParameterNotInForce.
    """
    turns = []
    if kind in DISABILITY_KINDS and known.basis.valid_to is not None:
        turns.append(next_month(month_of(known.basis.valid_to)))
    if known.birth_on is not None and kind is BenefitKind.OLD_AGE_ALLOWANCE:
        ages = bands(parameters, known.division_code, first_day(month))
        turns += [month_reaching(known.birth_on, age) for age in ages]
    if known.birth_on is not None and kind in NURSING_KINDS:
        very_old = parameters.value("benefits.nursing.very_old_age", known.division_code, first_day(month))
        turns.append(month_reaching(known.birth_on, very_old))
    return min((turn for turn in turns if turn > month), default="")


def start_month(kind: BenefitKind, known: Known, parameters: Parameters, applied_on: date, decided_on: date) -> str:
    """The first month due: each scheme has its own rule.

    The two disability subsidies begin with the month of application (国发〔2015〕52号). The old-age allowance begins
    with the month the age is reached where the application was timely (X11), else with that of the application; the
    elder nursing subsidy after the decision. The offsets are parameters. Raises ParameterNotInForce.
    """
    applied, on = month_of(applied_on), applied_on
    if kind in NURSING_KINDS:
        return next_month(
            month_of(decided_on), parameters.value("benefits.nursing.start_offset", known.division_code, decided_on)
        )
    if kind in DISABILITY_KINDS:
        offset = f"benefits.{kind.value.lower()}.start_offset"
        return next_month(applied, parameters.value(offset, known.division_code, on))
    start = next_month(applied, parameters.value("benefits.old_age.start_offset", known.division_code, on))
    ages = bands(parameters, known.division_code, on)
    if known.birth_on is None or not ages:
        return start
    reached = month_reaching(known.birth_on, ages[0])
    if reached >= start:
        return reached
    timely = parameters.value("benefits.old_age.timely_months", known.division_code, on)
    return reached if applied <= next_month(reached, timely) else start


def _old_age(known: Known, trace: Trace, month: str) -> Computed | Refusal:
    if known.birth_on is None:
        return Refusal("出生日期不详，不能计算年龄；请先核实身份。")
    if not known.registered:
        return Refusal("不是本地户籍，不能享受高龄津贴。")
    ages = bands(trace.parameters, known.division_code, trace.on)
    if not ages:
        trace.parameters.find(f"{OLD_AGE}80", known.division_code, trace.on)  # raises: no amount at all is in force
        return Refusal("高龄津贴没有发放档次。")
    age = trace.step("当月年龄（周岁）", age_in(month, known.birth_on), "years")
    reached = [band for band in ages if band <= age]
    if not reached:
        return Refusal(f"{month} 未满 {ages[0]} 周岁，不能享受高龄津贴。")
    return trace.result(trace.parameter(f"{OLD_AGE}{reached[-1]}"), OLD_AGE_FORMULA)


def _nursing(setting: str, known: Known, trace: Trace, month: str) -> Computed | Refusal:
    """For guaranteed or poor elders who are disabled, demented or very old (规划：失能、失智、高龄的困难老年人)."""
    if known.birth_on is None:
        return Refusal("出生日期不详，不能计算年龄；请先核实身份。")
    if known.basis.guarantee is None:
        return Refusal("不是特困、低保、低收入或困难失独家庭的老年人，不能享受护理补贴。")
    age = trace.step("当月年龄（周岁）", age_in(month, known.birth_on), "years")
    least = trace.parameter("benefits.nursing.min_age")
    if age < least:
        return Refusal(f"{month} 未满 {least} 周岁，不能享受老年人护理补贴。")
    level = known.basis.level
    if known.basis.demented and (level is None or level < CareLevel.MODERATE):
        level = CareLevel.MODERATE  # who is demented is looked after as moderately disabled at least
    if level in _DISABLED_LEVELS and level is not None:
        return trace.result(trace.parameter(f"benefits.nursing.{setting}.{level.value}"), NURSING_FORMULA)
    if age < (very_old := trace.parameter("benefits.nursing.very_old_age")):
        return Refusal(f"没有中度以上失能或失智的评估结论，且 {month} 未满 {very_old} 周岁，不能享受护理补贴。")
    return trace.result(trace.parameter(f"benefits.nursing.{setting}.very_old"), NURSING_FORMULA)


def _without_certificate(basis: Basis, month: str) -> Refusal | None:
    """A subsidy needs a certificate that holds for the whole month begun: it is due for its last month in full."""
    if basis.category is None or basis.grade is None:
        return Refusal("没有残疾人证，不能享受残疾人补贴。")
    if basis.valid_to is not None and basis.valid_to < first_day(month):
        return Refusal(f"残疾人证在 {month} 以前已到期，请先换证。")
    return None


_SHARES: Mapping[Guarantee, str] = {
    Guarantee.DIBAO: "benefits.dis_living.share.dibao",
    Guarantee.MARGIN: "benefits.dis_living.share.margin",
    Guarantee.LOST_ONLY_CHILD: "benefits.dis_living.share.margin",
}
"""Tekun is not among them: it excludes both subsidies (exclusion.py)."""


def _living(known: Known, trace: Trace) -> Computed | Refusal:
    code = _SHARES.get(known.basis.guarantee) if known.basis.guarantee is not None else None
    share = trace.parameter(code) if code is not None else 0
    if share == 0:
        return Refusal("不是低保家庭（或本地已扩面的困难家庭）中的残疾人，不能享受困难残疾人生活补贴。")
    return _shared(trace, "benefits.dis_living.amount", share, LIVING_FORMULA)


def _dis_nursing(known: Known, trace: Trace) -> Computed | Refusal:
    grade, category = known.basis.grade, known.basis.category
    assert grade is not None, "asked only of who has a certificate"
    if not known.basis.needs_care:
        return Refusal("不需要六个月以上的长期照护，不能享受重度残疾人护理补贴。")
    share = 0
    if grade in SEVERE:
        share = trace.parameter(f"benefits.dis_nursing.share.{grade.value}")
    elif category in MIND:
        share = trace.parameter(f"benefits.dis_nursing.share.mind.{grade.value}")
    if share == 0:
        return Refusal("残疾类别和等级不在重度残疾人护理补贴范围内。")
    return _shared(trace, "benefits.dis_nursing.amount", share, DIS_NURSING_FORMULA)


def _shared(trace: Trace, code: str, share: int, formula: str) -> Computed:
    unit = trace.parameter("benefits.rounding")
    return trace.result(trace.step("月补贴金额", share_rounded_up(trace.parameter(code), share, unit)), formula)


class Paid(NamedTuple):
    """What was paid for a month and not returned."""

    month: str
    amount_fen: int


class Overpaid(NamedTuple):
    """What was paid beyond what was due (追缴起止月、追缴金额)."""

    from_month: str
    to_month: str
    amount_fen: int
    months: tuple[Paid, ...]
    """Each month with the excess."""


def overpaid(due: Mapping[str, int], paid: Mapping[str, int]) -> Overpaid | None:
    """The months in which more was paid than was due, whose excess is to be recovered; None where there is none.

    A month paid too little does not offset another: it is made up for by back pay.
    """
    found = tuple(
        Paid(month, fen - due.get(month, 0)) for month, fen in sorted(paid.items()) if fen > due.get(month, 0)
    )
    if not found:
        return None
    return Overpaid(found[0].month, found[-1].month, sum(each.amount_fen for each in found), found)


def said(amount: Overpaid) -> str:
    """An overpayment in words."""
    return f"{amount.from_month} 至 {amount.to_month} 多发 {len(amount.months)} 个月，合计 {yuan(amount.amount_fen)}"
