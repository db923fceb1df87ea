"""What rows of the assistance system say."""

from typing import Any

from connectors.facts import CaseFact, GrantFact, MemberFact, MemberState, PaymentFact, PaymentState
from connectors.reading.demand import Values, demand, demand_citizen_id
from connectors.reading.places import division_of
from connectors.reading.rows import Kind, Reason, RowFault
from domain.assistance.recognition import STATUS_SCHEMES
from domain.codes import (
    BENEFIT_SCHEMES,
    Cause,
    CloseReason,
    Code,
    PaymentKind,
    Relation,
    Scheme,
    SelfCare,
    TempType,
    UrbanRural,
)
from domain.identity import CitizenId


def case_fact(values: Values) -> CaseFact:
    """A treatment period."""
    start, end = demand(values, "start_month"), values.get("end_month") or ""
    if not start:
        raise RowFault(Reason.MISSING, "起始年月没有写明。", ("start_month",))
    if end and end < start:
        raise RowFault(Reason.INCONSISTENT, "截止年月早于起始年月；请核对。", ("start_month", "end_month"))
    scheme = Scheme(demand(values, "scheme"))
    if scheme in STATUS_SCHEMES or scheme is Scheme.PURCHASE:
        raise RowFault(Reason.INCONSISTENT, f"{scheme.label}不发放保障金，不能作为保障花名册导入。", ("scheme",))
    if scheme in BENEFIT_SCHEMES:
        raise RowFault(Reason.INCONSISTENT, f"{scheme.label}是个人待遇，请作为养老助残的名册导入。", ("scheme",))
    division = division_of(values, required=False)
    supplement = values.get("supplement") or 0
    return CaseFact(
        on=values.get("on"),
        case_no=demand(values, "case_no"),
        scheme=scheme,
        urban_rural=_urban_rural(values, division),
        division_code=division,
        head_name=demand(values, "head_name"),
        head_id=demand_citizen_id(values, "head_id"),
        monthly_fen=demand(values, "amount") + supplement,
        start_month=start,
        end_month=end,
        cause=Cause(values.get("cause") or Cause.OTHER.value),
        household_size=values.get("household_size"),
        covered_count=values.get("covered_count"),
        monthly_income_fen=values.get("income"),
        supplement_fen=supplement,
        stop_reason=_optional(CloseReason, values.get("stop_reason")),
        self_care=_optional(SelfCare, values.get("self_care")),
        bank=values.get("bank"),
        account=values.get("account"),
    )


def _urban_rural(values: Values, division: str) -> UrbanRural:
    """As the row says; else as its programme's name says; else by the division, whose villages count from 200."""
    given = values.get("urban_rural") or values.get("scheme_area")
    if given:
        return UrbanRural(given)
    village = len(division) == 12 and division[9:] >= "200"
    return UrbanRural.RURAL if village else UrbanRural.URBAN


def _optional(code_set: type[Code], value: str | None) -> Any:
    return None if value is None else code_set(value)


def member_fact(values: Values) -> MemberFact:
    """A member of a case's household."""
    identity = values.get("citizen_id")
    name = demand(values, "name")
    birth_on = values.get("birth_on") or (identity.birth_on if identity else None)
    if identity is None and birth_on is None:
        raise RowFault(Reason.MISSING, "为空，请填写公民身份号码。", ("citizen_id",))
    return MemberFact(
        on=values.get("on"),
        case_no=demand(values, "case_no"),
        name=name,
        citizen_id=identity.number18 if isinstance(identity, CitizenId) else None,
        relation=Relation(demand(values, "relation")),
        covered=values.get("covered") != "0",
        state=MemberState(values.get("state") or MemberState.NORMAL.value),
        birth_on=birth_on,
    )


def payment_fact(values: Values) -> PaymentFact:
    """A line of a payroll. What was paid is the total; it must be the sum of what it consists of."""
    amount, supplement, total = values.get("amount"), values.get("supplement"), values.get("total")
    if amount is None and total is None:
        raise RowFault(Reason.MISSING, "发放金额为空，请填写。", ("total", "amount"))
    parts = None if amount is None else amount + (supplement or 0)
    if total is not None and parts is not None and total != parts:
        raise RowFault(Reason.INCONSISTENT, "发放合计不等于保障金与分类施保金之和；请核对。", ("total", "amount"))
    month = demand(values, "pay_month")
    if not month:
        raise RowFault(Reason.UNREADABLE, "发放年月应为具体的年月。", ("pay_month",))
    identity = values.get("citizen_id")
    return PaymentFact(
        on=values.get("on"),
        case_no=demand(values, "case_no"),
        month=month,
        amount_fen=total if total is not None else parts or 0,
        name=values.get("name") or "",
        citizen_id=identity.number18 if isinstance(identity, CitizenId) else None,
        kind=PaymentKind(values.get("kind") or PaymentKind.REGULAR.value),
        covered_count=values.get("covered_count"),
        bank=values.get("bank"),
        account=values.get("account"),
        batch_no=values.get("batch_no") or "",
        fund_source=values.get("fund_source") or "",
        state=_optional(PaymentState, values.get("state")),
        return_reason=values.get("return_reason"),
    )


def grant_fact(values: Values) -> GrantFact:
    """A temporary grant."""
    return GrantFact(
        on=values.get("on"),
        grant_no=demand(values, "grant_no"),
        name=demand(values, "name"),
        citizen_id=demand_citizen_id(values),
        division_code=division_of(values, required=False),
        kind=TempType(demand(values, "type")),
        amount_fen=demand(values, "amount"),
        paid_on=demand(values, "paid_on"),
        cause=Cause(values.get("cause") or Cause.OTHER.value),
        fund_source=values.get("fund_source") or "",
        reason=values.get("reason"),
    )


KINDS = {
    "cases": Kind(case_fact, together="case_no"),
    "members": Kind(member_fact, together="case_no"),
    "payments": Kind(payment_fact),
    "grants": Kind(grant_fact),
}
