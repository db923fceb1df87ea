"""What rows of the settlement systems say."""

from collections.abc import Iterable

from connectors.facts import AdmissionFact, EntryState, SettlementFact
from connectors.reading.demand import Values, demand, demand_citizen_id
from connectors.reading.rows import Kind, Reason, RowFault
from domain.codes import InsuranceType, MedType

_UNDONE = "1"
"""退费结算标志: this row undoes another."""


def admission_fact(values: Values) -> AdmissionFact:
    """A visit."""
    admitted, discharged = demand(values, "admitted_on"), values.get("discharged_on")
    if discharged is not None and discharged < admitted:
        raise RowFault(Reason.INCONSISTENT, "出院日期早于入院日期；请核对。", ("admitted_on", "discharged_on"))
    return AdmissionFact(
        on=admitted,
        hospital_code=demand(values, "hospital_code"),
        visit_no=demand(values, "visit_no"),
        name=demand(values, "name"),
        citizen_id=demand_citizen_id(values),
        insurance=_insurance(values),
        med_type=_med_type(values),
        admitted_on=admitted,
        discharged_on=discharged,
        diagnosis=values.get("diagnosis"),
    )


def settlement_fact(values: Values) -> SettlementFact:
    """A settlement by the national interface; a refund is a row of its own that names the one it undoes."""
    undoes = values.get("refund") == _UNDONE
    original = values.get("original_no") or ""
    if undoes and not original:
        raise RowFault(Reason.MISSING, "为空；退费记录须写明原结算ID。", ("original_no",))
    return _settlement(values, EntryState.REVERSAL if undoes else EntryState.NORMAL, original)


def one_stop_fact(values: Values) -> SettlementFact:
    """A one-stop case of the civil-affairs side: the visit and its settlement in one row."""
    state = EntryState(values.get("entry_state") or EntryState.NORMAL.value)
    original = values.get("original_no") or ""
    if state is EntryState.REVERSAL and not original:
        raise RowFault(Reason.MISSING, "为空；冲正记录须写明原流水号。", ("original_no",))
    if state is EntryState.OTHER_VALID:
        state = EntryState.NORMAL
    return _settlement(values, state, original)


def _settlement(values: Values, state: EntryState, original: str) -> SettlementFact:
    settled_on = demand(values, "settled_on")
    total = _amount(values, "total")
    if values.get("total") is None:
        raise RowFault(Reason.MISSING, "为空，请填写。", ("total",))
    parts = {
        "basic_fen": _amount(values, "basic"),
        "si_fen": _sum(values, "si", "large"),
        "supplement_fen": _sum(values, "enterprise", "civil_servant", "other", "other_assistance"),
        "assistance_fen": _amount(values, "assistance"),
        "hospital_fen": _amount(values, "waived"),
        "account_fen": _amount(values, "account_pay"),
        "family_account_fen": _amount(values, "family_account_pay"),
    }
    return SettlementFact(
        on=settled_on,
        hospital_code=demand(values, "hospital_code"),
        settlement_no=demand(values, "settlement_no"),
        visit_no=demand(values, "visit_no"),
        name=values.get("name") or "",
        citizen_id=demand_citizen_id(values),
        insurance=_insurance(values),
        med_type=_med_type(values),
        settled_on=settled_on,
        state=state,
        original_no=original,
        admitted_on=values.get("admitted_on"),
        discharged_on=values.get("discharged_on"),
        diagnosis=values.get("diagnosis"),
        total_fen=total,
        in_scope_fen=_amount(values, "in_scope"),
        cash_fen=_cash(values, total, parts.values()),
        **parts,
    )


def _cash(values: Values, total: int, parts: Iterable[int]) -> int:
    """What the person paid: as the row says, else the person's share without the accounts, else what is left."""
    if values.get("cash") is not None:
        return _amount(values, "cash")
    if values.get("person") is not None:
        return _amount(values, "person") - _sum(values, "account_pay", "family_account_pay")
    return total - sum(parts)


def _amount(values: Values, name: str) -> int:
    """An amount without its sign: rows that undo another are written with either."""
    amount: int = values.get(name) or 0
    return abs(amount)


def _sum(values: Values, *names: str) -> int:
    return sum(_amount(values, name) for name in names)


def _insurance(values: Values) -> InsuranceType:
    return InsuranceType(values.get("insurance") or InsuranceType.NONE.value)


def _med_type(values: Values) -> MedType:
    return MedType(values.get("med_type") or MedType.INPATIENT.value)


KINDS = {
    "admissions": Kind(admission_fact),
    "settlements": Kind(settlement_fact),
    "onestop": Kind(one_stop_fact),
}
