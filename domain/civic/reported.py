"""What contradicts the rules in what sources reported of disclosures."""

from datetime import date

from domain.civic.disclosure import Disclosure, Span
from domain.codes import DisclosureTopic, FindingRule
from domain.errors import BadInput, ParameterNotInForce
from domain.findings import FindingDraft
from domain.parameters import Parameters
from domain.workdays import days_after


def of_disclosure(disclosure: Disclosure, posted_on: date, parameters: Parameters) -> tuple[FindingDraft, ...]:
    """Whether something was posted after the day it was due; major matters are due by their own day."""
    due = _due(disclosure, parameters)
    if due is None or posted_on <= due:
        return ()
    rule = FindingRule.DISCLOSED_LATE
    return (
        FindingDraft(
            rule=rule,
            subject=f"disclosure:{disclosure.id}",
            case_id=None,
            person_id=None,
            month="",
            amount_fen=0,
            detail=f"{disclosure.topic.label} {disclosure.period} 应于 {due} 前公布，{posted_on} 才公布。",
            evidence=(f"disclosure:{disclosure.id}@{disclosure.version}",),
            division_code=disclosure.division_code,
            effective_on=posted_on,
            key=f"{rule.value} {disclosure.id}",
        ),
    )


def _due(disclosure: Disclosure, parameters: Parameters) -> date | None:
    if disclosure.topic is DisclosureTopic.MAJOR:
        return None
    try:
        last = Span.parse(disclosure.period).last
        return days_after(last, parameters.value("civic.disclosure", disclosure.division_code, last))
    except (BadInput, ParameterNotInForce):
        return None
