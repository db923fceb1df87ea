"""What rows of the eldercare and disability systems say of benefits."""

from typing import Any

from connectors.facts import (
    AllowanceFact,
    AllowancePaymentFact,
    CertificateFact,
    PaymentState,
    RosterExit,
    RosterState,
    SubsidiesFact,
)
from connectors.reading.demand import Values, demand, demand_citizen_id
from connectors.reading.places import division_of
from connectors.reading.rows import Kind, Reason, RowFault
from domain.care.certificate import CertificateNumber, parse_certificate_number
from domain.clock import month_of, months_between, next_month
from domain.codes import DisabilityCategory, DisabilityGrade
from domain.errors import BadInput
from domain.identity import CitizenId

_MOST_MONTHS = 24
"""Months in one row; more are a slip of the pen."""


def allowance_fact(values: Values) -> AllowanceFact:
    """Somebody on the roster; struck off with a day and, where it is written, a reason."""
    start = values.get("start_month") or _month_of(values.get("enrolled_on"))
    if not start:
        raise RowFault(Reason.MISSING, "没有写明自何月起享受，请填写。", ("start_month", "enrolled_on"))
    gone = values.get("state") == RosterState.STRUCK_OFF.value or values.get("exit") is not None
    cancelled_on = values.get("cancelled_on")
    if gone and cancelled_on is None:
        raise RowFault(Reason.MISSING, "已注销，但没有注销日期；请填写。", ("cancelled_on", "state"))
    if cancelled_on is not None and not gone and values.get("state") is not None:
        raise RowFault(Reason.INCONSISTENT, "有注销日期，状态却是正常；请核对。", ("state", "cancelled_on"))
    left = cancelled_on is not None
    return AllowanceFact(
        on=values.get("on"),
        name=demand(values, "name"),
        citizen_id=demand_citizen_id(values),
        division_code=division_of(values, required=False),
        start_month=start,
        monthly_fen=values.get("amount"),
        account=values.get("account"),
        account_name=values.get("account_name"),
        bank=values.get("bank"),
        exit=RosterExit(values.get("exit") or RosterExit.OTHER.value) if left else None,
        cancelled_on=cancelled_on,
    )


def allowance_payment_fact(values: Values) -> AllowancePaymentFact:
    """What was paid for a month or a period; an amount must divide into its months to the fen."""
    amount, back = demand(values, "amount"), values.get("back_amount") or 0
    first = values.get("from_month") or values.get("pay_month") or _month_of(values.get("paid_on"))
    last = values.get("to_month") or first
    if not first:
        raise RowFault(Reason.MISSING, "没有写明是哪个月的津贴，请填写。", ("pay_month", "from_month"))
    count, back_count = months_between(first, last or first), values.get("back_months") or 0
    if not 1 <= count <= _MOST_MONTHS:
        message = f"起止月份颠倒，或超过 {_MOST_MONTHS} 个月；请核对。"
        raise RowFault(Reason.INCONSISTENT, message, ("from_month", "to_month"))
    if back_count > _MOST_MONTHS or bool(back) != bool(back_count):
        message = f"补发金额和补发月数须同时填写，且不超过 {_MOST_MONTHS} 个月；请核对。"
        raise RowFault(Reason.INCONSISTENT, message, ("back_amount", "back_months"))
    if amount % count or (back_count and back % back_count):
        message = "金额不能平均到各月；请按月分行填写。"
        raise RowFault(Reason.INCONSISTENT, message, ("amount", "back_amount", "back_months"))
    return AllowancePaymentFact(
        on=values.get("on"),
        name=values.get("name") or "",
        citizen_id=demand_citizen_id(values),
        months=tuple(next_month(first, n) for n in range(count)),
        monthly_fen=amount // count,
        back_months=tuple(next_month(first, -n) for n in range(back_count, 0, -1)),
        back_fen=back // back_count if back_count else 0,
        paid_on=values.get("paid_on"),
        account=values.get("account"),
        batch_no=values.get("batch_no") or "",
        fund_source=values.get("fund_source") or "",
        state=PaymentState(values["state"]) if values.get("state") else None,
        return_reason=values.get("return_reason"),
    )


def certificate_fact(values: Values) -> CertificateFact:
    """A certificate: its number says who it is, which category and grade; the columns beside it must agree."""
    number, identity = _number(values), values.get("citizen_id")
    citizen = number.citizen if number is not None else identity
    if not isinstance(citizen, CitizenId):
        raise RowFault(Reason.MISSING, "没有公民身份号码，也没有残疾人证号；请填写。", ("citizen_id", "certificate_no"))
    if isinstance(identity, CitizenId) and identity.number18 != citizen.number18:
        raise RowFault(
            Reason.INCONSISTENT, "残疾人证号前 18 位与公民身份号码不同；请核对。", ("certificate_no", "citizen_id")
        )
    category, grade = values.get("category"), values.get("grade")
    if number is not None:
        if category not in (None, number.category.value) or grade not in (None, number.grade.value):
            message = "残疾人证号末两位与类别、等级不同；请核对。"
            raise RowFault(Reason.INCONSISTENT, message, ("certificate_no", "category", "grade"))
        category, grade = number.category.value, number.grade.value
    if category is None or grade is None:
        raise RowFault(Reason.MISSING, "残疾类别或等级为空，请填写。", ("category", "grade"))
    from_on, valid_to = values.get("from_on"), values.get("valid_to_on")
    if from_on is not None and valid_to is not None and valid_to < from_on:
        raise RowFault(Reason.INCONSISTENT, "有效期截止日早于发证日期；请核对。", ("from_on", "valid_to_on"))
    return CertificateFact(
        on=values.get("on"),
        name=demand(values, "name"),
        citizen_id=citizen.number18,
        division_code=division_of(values, required=False),
        category=DisabilityCategory(category),
        grade=DisabilityGrade(grade),
        from_on=from_on,
        valid_to_on=valid_to,
        cancelled_on=values.get("cancelled_on"),
        cancel_reason=values.get("cancel_reason") or "",
    )


def subsidies_fact(values: Values) -> SubsidiesFact:
    """A wide row: at least one of its benefits is an amount."""
    columns = ("living", "nursing", "old_age", "dibao", "tekun")
    if not any(values.get(name) for name in columns):
        raise RowFault(Reason.MISSING, "各项待遇都没有金额；没有享受任何待遇的不必列入。", columns)
    return SubsidiesFact(
        on=values.get("on"),
        name=demand(values, "name"),
        citizen_id=demand_citizen_id(values),
        division_code=division_of(values, required=False),
        month=values.get("month") or "",
        **{f"{name}_fen": values.get(name) for name in columns},
    )


def _number(values: Values) -> CertificateNumber | None:
    given = values.get("certificate_no")
    if given is None:
        return None
    try:
        return parse_certificate_number(given)
    except BadInput as error:
        raise RowFault(Reason.UNREADABLE, str(error), ("certificate_no",)) from None


def _month_of(day: Any) -> str:
    return "" if day is None else month_of(day)


ELDERCARE = {
    "allowances": Kind(allowance_fact),
    "allowance_payments": Kind(allowance_payment_fact),
}
"""Kinds of the eldercare system's rows that are about benefits."""
DISABILITY = {
    "certificates": Kind(certificate_fact),
    "subsidies": Kind(subsidies_fact),
}
"""Kinds of the disability system's rows."""
