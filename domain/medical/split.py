"""Who pays which part of a bill: basic insurance, serious-illness insurance, other supplements, medical assistance, the
hospital, and the person (社会救助暂行办法 art. 29: assistance comes after every insurance).

    basic = min((inScope − deductible)⁺ × ratio, yearly cap left)
    si    = min((inScope − basic − deductible left)⁺ × ratio, yearly cap left)
    base  = (inScope − basic − si − supplement)⁺
    ma    = min((base − deductible left)⁺ × ratio of the category, yearly cap left)

Each amount is rounded half up to one fen, once; what is left is the person's, so that the parts always add up. The
deductible of serious-illness insurance and the caps of both insurances are counted over the year, as that of medical
assistance is. Dibao and tekun have, by parameters of the day, a share of the serious-illness deductible, some points
more, and no cap (国办发〔2021〕42号).
"""

from datetime import date
from typing import NamedTuple

from domain.codes import HospitalLevel, InsuranceType, MaCategory, MedType
from domain.errors import RuleViolated
from domain.formulas import BP, Computed, Trace, positive, yuan
from domain.parameters import Parameters

FORMULA = "基本医保→大病保险→其他补充→医疗救助→医院减免→个人；逐项四舍五入到分，余数归个人"
RELIEVED = frozenset({MaCategory.DIBAO, MaCategory.TEKUN})
"""Categories that serious-illness insurance treats better."""
INSURED = frozenset({InsuranceType.EMPLOYEE, InsuranceType.RESIDENT})
"""Insurance types whose basic and serious-illness part this platform can compute."""
INPATIENT = frozenset({MedType.INPATIENT})


class Bill(NamedTuple):
    """What a visit costs, in fen, and what others than the funds computed here have said that they pay."""

    total_fen: int
    in_scope_fen: int
    supplement_fen: int = 0
    """Civil servants' and enterprises' supplements, commercial insurance."""
    hospital_fen: int = 0
    """What the hospital waives (医院减免)."""
    account_fen: int = 0
    """What the person pays from the individual account, as far as anything is theirs to pay."""
    family_account_fen: int = 0
    """The same from a family member's account (共济)."""


class Used(NamedTuple):
    """What a person's year, or one settlement, has used of yearly deductibles and caps, in fen."""

    basic_fen: int = 0
    si_deductible_fen: int = 0
    si_fen: int = 0
    deductible_fen: int = 0
    """Of medical assistance."""
    assistance_fen: int = 0

    def plus(self, other: "Used") -> "Used":
        """Both together."""
        return Used(*(a + b for a, b in zip(self, other, strict=True)))

    def minus(self, other: "Used") -> "Used":
        """This without the other."""
        return Used(*(a - b for a, b in zip(self, other, strict=True)))


NOTHING = Used()
"""A year of which nothing is used."""


class Split(NamedTuple):
    """The parts of a bill, in fen."""

    basic_fen: int = 0
    si_fen: int = 0
    supplement_fen: int = 0
    assistance_fen: int = 0
    hospital_fen: int = 0
    account_fen: int = 0
    family_account_fen: int = 0
    cash_fen: int = 0

    @property
    def funds_fen(self) -> int:
        """What the funds pay together."""
        return self.basic_fen + self.si_fen + self.supplement_fen + self.assistance_fen

    @property
    def person_fen(self) -> int:
        """What is the person's own: both accounts and cash."""
        return self.account_fen + self.family_account_fen + self.cash_fen

    @property
    def total_fen(self) -> int:
        """Everything together: the bill, where the parts add up."""
        return self.funds_fen + self.hospital_fen + self.person_fen


class Terms(NamedTuple):
    """What decides which parameters hold for a bill."""

    division_code: str
    on: date
    """The business date of the settlement."""
    insurance: InsuranceType
    level: HospitalLevel
    med_type: MedType
    category: MaCategory

    @property
    def grade(self) -> str:
        """The last part of the codes of basic insurance's parameters."""
        return self.level.value if self.med_type in INPATIENT else "outpatient"


class Shares(NamedTuple):
    """A bill with its parts, what they use of the year, and how they were computed."""

    split: Split
    uses: Used
    computed: Computed


class Outcome(NamedTuple):
    """Everything a settlement says of its money: by which category, of which year before it, and with which parts."""

    category: MaCategory
    bill: Bill
    split: Split
    uses: Used
    used: Used
    """What the year had used before it."""
    computed: Computed | None
    """None where a source reports the parts."""
    large_share: bool
    """Whether the person's part is above what the district looks into (`medical.large_share`)."""


class Printed(NamedTuple):
    """The four sums on the hospital's own statement, in fen."""

    total_fen: int
    funds_fen: int
    hospital_fen: int
    person_fen: int

    @classmethod
    def of(cls, split: Split) -> "Printed":
        """What a statement of these parts says."""
        return cls(split.total_fen, split.funds_fen, split.hospital_fen, split.person_fen)

    @property
    def imbalance_fen(self) -> int:
        """How much its parts are beyond its total; 0 where they add up."""
        return self.funds_fen + self.hospital_fen + self.person_fen - self.total_fen


def half_up(base_fen: int, bp: int) -> int:
    """`base × bp ÷ 10,000`, half up to one fen; the base is not negative."""
    return (2 * base_fen * bp + BP) // (2 * BP)


def compute(parameters: Parameters, terms: Terms, bill: Bill, used: Used = NOTHING) -> Shares:
    """The parts of a bill of somebody who has `used` this much of the year before.

    Raises RuleViolated where the bill contradicts itself or the insurance can't be computed here, ParameterNotInForce.
    """
    demand_whole(bill)
    trace = Trace(parameters, terms.division_code, terms.on)
    trace.step("医疗费总额", bill.total_fen)
    in_scope = trace.step("政策范围内费用", bill.in_scope_fen)
    basic, si, si_deductible = _insurance(trace, terms, in_scope, used)
    supplement = min(bill.supplement_fen, bill.total_fen - basic - si)
    if bill.supplement_fen:
        trace.step("其他补充保障", supplement)
    base = trace.step("医疗救助基数", positive(in_scope - basic - si - supplement))
    assistance, deductible = _assistance(trace, terms, base, used)
    left = bill.total_fen - basic - si - supplement - assistance
    hospital = min(bill.hospital_fen, left)
    person = trace.step("个人负担", left - hospital)
    account = min(bill.account_fen, person)
    family = min(bill.family_account_fen, person - account)
    split = Split(basic, si, supplement, assistance, hospital, account, family, person - account - family)
    uses = Used(basic, si_deductible, si, deductible, assistance)
    return Shares(split, uses, trace.result(assistance, FORMULA))


def assist(parameters: Parameters, terms: Terms, base_fen: int, used: Used = NOTHING) -> tuple[Computed, Used]:
    """Medical assistance alone, on what insurances have left of in-scope costs: for bills they have settled before.

    Raises ParameterNotInForce.
    """
    trace = Trace(parameters, terms.division_code, terms.on)
    trace.step("医疗救助基数", base_fen)
    assistance, deductible = _assistance(trace, terms, base_fen, used)
    return trace.result(assistance, FORMULA), Used(deductible_fen=deductible, assistance_fen=assistance)


def outcome(parameters: Parameters, terms: Terms, bill: Bill, used: Used = NOTHING) -> Outcome:
    """What a settlement of the bill comes to; raises what `compute` raises."""
    shares = compute(parameters, terms, bill, used)
    large = is_large(parameters, terms, shares.split)
    return Outcome(terms.category, bill, shares.split, shares.uses, used, shares.computed, large)


def is_large(parameters: Parameters, terms: Terms, split: Split) -> bool:
    """Whether the person's part is one the district looks into (X14); raises ParameterNotInForce."""
    return split.person_fen > parameters.value("medical.large_share", terms.division_code, terms.on)


def limits(parameters: Parameters, terms: Terms) -> tuple[int, int]:
    """Yearly deductible and cap of medical assistance for a category, in fen; 0 and 0 for whoever has none.

    Raises ParameterNotInForce.
    """
    return _limits(Trace(parameters, terms.division_code, terms.on), terms.category)


def demand_whole(bill: Bill) -> None:
    """Raise RuleViolated where a bill can't be what a hospital charged."""
    if min(bill) < 0:
        raise RuleViolated("费用各项不能为负数；退费请办理撤销结算。")
    if bill.total_fen == 0:
        raise RuleViolated("医疗费总额为 0，无需结算；请核对费用明细。")
    if bill.in_scope_fen > bill.total_fen:
        raise RuleViolated(
            f"政策范围内费用 {yuan(bill.in_scope_fen)} 大于医疗费总额 {yuan(bill.total_fen)}；请核对费用明细后重传。"
        )


def imbalance(bill: Bill, split: Split) -> int:
    """How much the parts of a bill are beyond (or, negative, short of) its total, in fen; 0 where they add up."""
    return split.total_fen - bill.total_fen


def _insurance(trace: Trace, terms: Terms, in_scope: int, used: Used) -> tuple[int, int, int]:
    """Basic insurance, serious-illness insurance, and what of the latter's yearly deductible is used."""
    if terms.insurance is InsuranceType.NONE:
        return trace.step("基本医保", 0), trace.step("大病保险", 0), 0
    if terms.insurance not in INSURED:
        raise RuleViolated(f"险种“{terms.insurance.label}”不在同步结算范围内；请按其主险种（职工或城乡居民医保）结算。")
    kind = terms.insurance.value
    deductible = trace.parameter(f"medical.basic.deductible.{kind}.{terms.grade}")
    ratio = trace.parameter(f"medical.basic.ratio.{kind}.{terms.grade}")
    cap_left = positive(trace.parameter(f"medical.basic.cap.{kind}") - used.basic_fen)
    basic = trace.step("基本医保", min(half_up(positive(in_scope - deductible), ratio), cap_left))
    deductible = trace.parameter(f"medical.si.deductible.{kind}")
    ratio = trace.parameter(f"medical.si.ratio.{kind}")
    cap: int | None = trace.parameter(f"medical.si.cap.{kind}")
    if terms.category in RELIEVED:
        deductible = half_up(deductible, trace.parameter("medical.si.relief.deductible_share"))
        ratio = min(BP, ratio + trace.parameter("medical.si.relief.ratio_bonus"))
        share = trace.parameter("medical.si.relief.cap_share")
        cap = half_up(cap or 0, share) if share else None
    above = positive(in_scope - basic)
    taken = trace.step("计入大病保险起付线", min(above, positive(deductible - used.si_deductible_fen)))
    si = half_up(above - taken, ratio)
    si = trace.step("大病保险", si if cap is None else min(si, positive(cap - used.si_fen)))
    return basic, si, taken


def _assistance(trace: Trace, terms: Terms, base: int, used: Used) -> tuple[int, int]:
    """Medical assistance, and what of its yearly deductible is used."""
    if terms.category is MaCategory.NONE:
        return trace.step("医疗救助（不属于救助对象）", 0), 0
    deductible, cap = _limits(trace, terms.category)
    ratio = trace.parameter(f"medical.ma.ratio.{terms.category.value}")
    taken = trace.step("计入医疗救助起付线", min(base, positive(deductible - used.deductible_fen)))
    left = trace.step("医疗救助年度限额余额", positive(cap - used.assistance_fen))
    return trace.step("医疗救助", min(half_up(base - taken, ratio), left)), taken


def _limits(trace: Trace, category: MaCategory) -> tuple[int, int]:
    if category is MaCategory.NONE:
        return 0, 0
    share = trace.parameter(f"medical.ma.deductible_share.{category.value}")
    deductible = half_up(trace.parameter("medical.resident_income"), share) if share else 0
    return deductible, trace.parameter(f"medical.ma.cap.{category.value}")
