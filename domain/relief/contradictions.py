"""What contradicts the rules in what the relief office reports. Pure functions; each contradiction is one finding."""

from collections.abc import Iterator
from datetime import date

from domain.clock import month_of
from domain.codes import AidKind, FindingRule
from domain.errors import ParameterNotInForce
from domain.findings import FindingDraft
from domain.formulas import yuan
from domain.parameters import Parameters
from domain.registry.person import Person
from domain.relief.aid import ReliefAid
from domain.relief.amounts import amount_of
from domain.relief.figures import impossible
from domain.relief.reporting import DisasterReports
from domain.relief.stock import Stock


def stock_findings(stock: Stock, slip_no: str, missing: int, on: date) -> Iterator[FindingDraft]:
    """A slip gave out more than the books had: `missing` pieces of it."""
    if missing > 0:
        yield FindingDraft(
            rule=FindingRule.STOCK_BELOW_ZERO,
            subject=f"stock:{stock.id}",
            case_id=None,
            person_id=None,
            month=month_of(on),
            amount_fen=0,
            detail=f"{stock.item.label}出库单 {slip_no}：账外出库 {missing}，账面现为 {stock.balance}",
            evidence=(f"stock:{stock.id}@{stock.version}",),
            division_code=stock.division_code,
            effective_on=on,
            key=f"stock_below_zero {stock.id} {slip_no}",
        )


def report_findings(reports: DisasterReports, on: date) -> Iterator[FindingDraft]:
    """The report that came last says something impossible, or fewer deaths than one before it in time."""
    number = max(reports.reports)
    last = reports.reports[number]
    wrong = list(impossible(last.figures))
    before = [r for no, r in reports.reports.items() if no != number and not r.corrected_by and r.as_of <= last.as_of]
    deaths = max((r.figures.dead_count for r in before), default=0)
    if last.figures.dead_count < deaths:
        wrong.append(f"死亡人口由 {deaths} 减为 {last.figures.dead_count}，没有说明")
    if wrong:
        yield FindingDraft(
            rule=FindingRule.DISASTER_FIGURES,
            subject=f"disaster:{reports.disaster_id}",
            case_id=None,
            person_id=None,
            month=month_of(on),
            amount_fen=0,
            detail=f"第 {number} 号{last.stage.label}：{'；'.join(wrong)}",
            evidence=(f"disaster_reports:{reports.id}@{reports.version}",),
            division_code=reports.division_code,
            effective_on=on,
            key=f"disaster_figures {reports.id} {number}",
        )


def winter_findings(aid: ReliefAid, person: Person, parameters: Parameters, on: date) -> Iterator[FindingDraft]:
    """An amount off the standard, or money for somebody who had died before it was paid."""

    def draft(rule: FindingRule, amount_fen: int, detail: str) -> FindingDraft:
        return FindingDraft(
            rule=rule,
            subject=f"person:{person.id}",
            case_id=None,
            person_id=person.id,
            month=month_of(on),
            amount_fen=amount_fen,
            detail=detail,
            evidence=(f"person:{person.id}@{person.version}", f"relief_aid:{aid.id}@{aid.version}"),
            division_code=aid.division_code,
            effective_on=on,
            key=f"{rule.value} {aid.id}",
        )

    said = {"head_count": aid.head_count, "days": 0, "damage": None}
    try:
        due = amount_of(AidKind.WINTER_SPRING, parameters, aid.division_code, on, **said)  # type: ignore[arg-type]
    except ParameterNotInForce:
        pass  # years before the standard: nothing to compare with
    else:
        if due.amount_fen != aid.amount_fen:
            text = f"冬春救助 {yuan(aid.amount_fen)}，按 {aid.head_count} 人的标准为 {yuan(due.amount_fen)}"
            yield draft(FindingRule.AMOUNT_OFF_RULE, aid.amount_fen - due.amount_fen, text)
    if person.died_on is not None and person.died_on < on:
        yield draft(FindingRule.PAID_AFTER_DEATH, aid.amount_fen, f"冬春救助 {yuan(aid.amount_fen)} 发放时已死亡")
