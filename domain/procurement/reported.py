"""What contradicts the rules in what sources reported of contracts. Pure functions; each gives findings."""

from datetime import date

from domain.clock import months_after
from domain.codes import FindingRule, OrgState, PurchaseState
from domain.errors import ParameterNotInForce
from domain.findings import FindingDraft
from domain.formulas import yuan
from domain.parameters import Parameters
from domain.procurement.organisation import Organisation
from domain.procurement.purchase import Purchase


def of_contract(
    purchase: Purchase, organisation: Organisation, parameters: Parameters, on: date
) -> tuple[FindingDraft, ...]:
    """Contradictions of a reported contract as of a day: its organisation's standing, its term, what was paid."""
    found, evidence = [], (f"organisation:{organisation.id}@{organisation.version}",)
    running = purchase.state is not PurchaseState.CLOSED and purchase.ends_on is not None and purchase.ends_on >= on
    if running and organisation.state in (OrgState.ABNORMAL, OrgState.DEREGISTERED, OrgState.REVOKED):
        text = f"合同 {purchase.contract_no} 仍在履行，承接主体现为“{organisation.state.label}”。"
        found.append(_draft(FindingRule.CONTRACT_STANDING, purchase, on, text, organisation.state.value, 0, evidence))
    if (longest := _longest(purchase, parameters)) is not None and (purchase.ends_on or on) >= longest:
        text = f"合同 {purchase.contract_no} 自 {purchase.starts_on} 至 {purchase.ends_on}，超过最长期限。"
        found.append(_draft(FindingRule.CONTRACT_TERM, purchase, on, text, str(purchase.ends_on)))
    over = purchase.paid_fen - purchase.amount_fen
    if over > 0:
        text = f"合同 {purchase.contract_no} 金额 {yuan(purchase.amount_fen)}，已付 {yuan(purchase.paid_fen)}。"
        found.append(_draft(FindingRule.CONTRACT_OVERPAID, purchase, on, text, str(over), over))
    return tuple(found)


def _longest(purchase: Purchase, parameters: Parameters) -> date | None:
    """The first day on which a contract may run no longer; None where nothing says so."""
    if purchase.starts_on is None:
        return None
    code = "procurement.contract_months_most"
    try:
        months = parameters.value(code, purchase.division_code, purchase.starts_on)
    except ParameterNotInForce:
        return None
    return months_after(purchase.starts_on, months)


def _draft(
    rule: FindingRule,
    purchase: Purchase,
    on: date,
    detail: str,
    what: str,
    amount_fen: int = 0,
    evidence: tuple[str, ...] = (),
) -> FindingDraft:
    return FindingDraft(
        rule=rule,
        subject=f"purchase:{purchase.id}",
        case_id=None,
        person_id=None,
        month="",
        amount_fen=amount_fen,
        detail=detail,
        evidence=(*evidence, f"purchase:{purchase.id}@{purchase.version}"),
        division_code=purchase.division_code,
        effective_on=on,
        key=f"{rule.value} {purchase.id} {what}",
    )
