"""What rows of the register of social organisations and of the purchase ledger say."""

from connectors.facts import ContractFact, ContractState, OrganisationFact
from connectors.reading.demand import Values, demand
from connectors.reading.places import division_of
from connectors.reading.rows import Kind, Reason, RowFault
from domain.codes import OrgInspectionResult, OrgKind, OrgState
from domain.errors import BadInput
from domain.procurement.credit_code import demand_kind, parse_credit_code


def organisation_fact(values: Values) -> OrganisationFact:
    """One organisation; the code's check digits and its kind have to fit."""
    code, kind = _code(values), OrgKind(demand(values, "org_kind"))
    try:
        demand_kind(parse_credit_code(code), kind)
    except BadInput as error:
        raise RowFault(Reason.INCONSISTENT, str(error), ("credit_code", "org_kind")) from None
    state = OrgState(values.get("org_state") or OrgState.REGISTERED.value)
    if state is OrgState.PREPARING:
        raise RowFault(Reason.INCONSISTENT, "有登记日期而状态为筹备；请核对。", ("org_state", "registered_on"))
    result = values.get("inspection")
    year = values.get("inspected_year")
    if (result is None) != (year is None) or (year is not None and not (year.isdigit() and len(year) == 4)):
        raise RowFault(
            Reason.INCONSISTENT, "年检年度（四位数字）和年检结论应同时填写。", ("inspected_year", "inspection")
        )
    return OrganisationFact(
        on=values.get("on"),
        credit_code=code,
        name=demand(values, "org_name"),
        kind=kind,
        registered_on=demand(values, "registered_on"),
        division_code=division_of(values, required=False),
        sponsor=values.get("sponsor") or "",
        representative=values.get("representative"),
        state=state,
        local=values.get("local") != "0",
        social_work=values.get("social_work") == "1",
        certified_count=values.get("certified_count") or 0,
        inspected_year=int(year) if year is not None else None,
        inspection=OrgInspectionResult(result) if result is not None else None,
    )


def contract_fact(values: Values) -> ContractFact:
    """One contract."""
    starts_on, ends_on = demand(values, "starts_on"), demand(values, "ends_on")
    if ends_on < starts_on:
        raise RowFault(Reason.INCONSISTENT, "终止日期早于起始日期；请核对。", ("starts_on", "ends_on"))
    amount, paid = demand(values, "amount"), values.get("paid") or 0
    if amount <= 0 or paid < 0:
        raise RowFault(Reason.INCONSISTENT, "合同金额应大于 0，已付金额不能为负数。", ("amount", "paid"))
    return ContractFact(
        on=values.get("on"),
        contract_no=demand(values, "contract_no").upper(),
        title=demand(values, "title"),
        item=demand(values, "item").upper(),
        credit_code=_code(values),
        amount_fen=amount,
        starts_on=starts_on,
        ends_on=ends_on,
        division_code=division_of(values, required=False),
        paid_fen=paid,
        finished=values.get("contract_state") == ContractState.FINISHED,
    )


def _code(values: Values) -> str:
    try:
        return parse_credit_code(demand(values, "credit_code")).number
    except BadInput as error:
        raise RowFault(Reason.UNREADABLE, str(error), ("credit_code",)) from None


KINDS = {"organisations": Kind(organisation_fact), "contracts": Kind(contract_fact)}
