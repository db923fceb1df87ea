"""What a reported visit or settlement contradicts: pure functions that say it as findings, and never refuse."""

from collections.abc import Iterable, Iterator
from datetime import date
from uuid import UUID

from domain.clock import month_of
from domain.codes import FindingRule, MaCategory
from domain.errors import ParameterNotInForce
from domain.findings import FindingDraft
from domain.medical.accumulator import Accumulator
from domain.medical.category import MedicalCategory, better
from domain.medical.settlement import Settlement
from domain.medical.split import Bill, Split, imbalance, limits
from domain.medical.visit import MedicalVisit
from domain.parameters import Parameters


def category_for(visit: MedicalVisit, categories: MedicalCategory | None) -> MaCategory:
    """The category that a visit is to be settled by: the better of its first and its last day."""
    if categories is None or visit.admitted_on is None:
        return MaCategory.NONE
    last = visit.discharged_on or visit.admitted_on
    return better(categories.category_on(visit.admitted_on), categories.category_on(last))


def of_visit(visit: MedicalVisit, died_on: date | None, others: Iterable[MedicalVisit]) -> Iterator[FindingDraft]:
    """A visit after the person's death, and two stays in hospital at once."""
    first = visit.admitted_on
    assert first is not None
    if died_on is not None and first > died_on:
        yield _draft(FindingRule.MEDICAL_AFTER_DEATH, visit, first, f"就诊 {first}，死亡 {died_on}", 0, "")
    for other in others:
        if visit.overlaps(other):
            pair = "+".join(sorted((str(visit.id), str(other.id))))
            text = f"{first} 起的住院与 {other.admitted_on} 起的另一次住院时间重叠"
            yield _draft(FindingRule.MEDICAL_OVERLAP, visit, first, text, 0, pair)


def of_settlement(
    settlement: Settlement,
    visit: MedicalVisit,
    categories: MedicalCategory | None,
    year: Accumulator,
    parameters: Parameters,
) -> Iterator[FindingDraft]:
    """Parts that don't add up, assistance for whoever had no category then, and a yearly cap that is exceeded."""
    day, paid = settlement.settled_on, settlement.split.assistance_fen
    if difference := imbalance(settlement.bill, settlement.split):
        text = f"结算 {settlement.settlement_no} 各方支付之和与医疗费总额相差 {difference} 分"
        yield _draft(FindingRule.MEDICAL_SPLIT, visit, day, text, difference, str(settlement.id))
    category = category_for(visit, categories)
    if paid and category is MaCategory.NONE:
        text = f"结算 {settlement.settlement_no} 有医疗救助支出，入院、出院当日均无医疗救助身份"
        yield _draft(FindingRule.MEDICAL_CATEGORY, visit, day, text, paid, str(settlement.id))
    elif paid and (over := _over_cap(settlement, category, year, parameters)) > 0:
        text = f"结算 {settlement.settlement_no} 后 {year.year} 年医疗救助累计超过限额 {over} 分"
        yield _draft(FindingRule.MEDICAL_OVER_CAP, visit, day, text, over, str(settlement.id))


def of_difference(settlement: Settlement, visit: MedicalVisit, bill: Bill, split: Split) -> Iterator[FindingDraft]:
    """A settlement that this platform computed, and that its source reports with other amounts."""
    if (bill.total_fen, split) != (settlement.bill.total_fen, settlement.split):
        text = f"结算 {settlement.settlement_no} 来源系统报送的金额与本平台结算不同"
        difference = split.assistance_fen - settlement.split.assistance_fen
        day = settlement.settled_on
        yield _draft(FindingRule.MEDICAL_DIFFERENCE, visit, day, text, difference, str(settlement.id))


def of_undone(
    settlement: Settlement, visit: MedicalVisit, affected: Iterable[UUID], undone_on: date
) -> Iterator[FindingDraft]:
    """What came after an undone settlement in the year and could not be made anew: whoever made it has to see."""
    for id in affected:
        text = (
            f"结算 {settlement.settlement_no} 已撤销或退费，其后计入 {settlement.year} 年累计的一笔（{id}）须核对并重算"
        )
        yield _draft(FindingRule.MEDICAL_LATER, visit, undone_on, text, 0, f"{settlement.id}+{id}")


def _over_cap(settlement: Settlement, category: MaCategory, year: Accumulator, parameters: Parameters) -> int:
    """How much the year is beyond its cap after this settlement; 0 where no cap is known for the day."""
    try:
        _, cap = limits(parameters, settlement.terms(category))
    except ParameterNotInForce:
        return 0
    return year.used.assistance_fen - cap


def _draft(rule: FindingRule, visit: MedicalVisit, on: date, detail: str, amount_fen: int, key: str) -> FindingDraft:
    return FindingDraft(
        rule=rule,
        subject=f"person:{visit.person_id}",
        case_id=None,
        person_id=visit.person_id,
        month=month_of(on),
        amount_fen=amount_fen,
        detail=detail,
        evidence=(f"medical_visit:{visit.id}@{visit.version}",),
        division_code=visit.division_code,
        effective_on=on,
        key=f"{rule.value} {visit.id} {key}".rstrip(),
    )
