"""What rows of the eldercare system say."""

import re
from typing import Any

from connectors.facts.eldercare import AbilityResult, AssessmentFact, FacilityFact, ServiceFact, StayFact
from connectors.reading.demand import Values, demand, demand_citizen_id
from connectors.reading.places import division_of
from connectors.reading.rows import Kind, Reason, RowFault
from domain.care.scales import grade_of, label_of
from domain.codes import (
    BedKind,
    Code,
    DischargeReason,
    FacilityKind,
    FacilityState,
    HomeService,
    OperatorMode,
    Scale,
    StayState,
)
from domain.errors import BadInput

_LOCAL_GRADES = {AbilityResult.ABLE: 0, AbilityResult.PARTIAL: 1, AbilityResult.UNABLE: 2}
_BETWEEN_NAMES = re.compile(r"[、，,;；/\s]+")


def facility_fact(values: Values) -> FacilityFact:
    """A facility. Where no kind is given, its name tells a rural home from an institution."""
    name = demand(values, "name")
    for field in ("bed_capacity", "area_m2"):
        if (values.get(field) or 0) < 0:
            raise RowFault(Reason.INCONSISTENT, "不能为负；请核对。", (field,))
    kind = values.get("kind")
    if kind is None:
        kind = FacilityKind.RURAL_HOME if name.endswith("敬老院") else FacilityKind.INST
    return FacilityFact(
        on=values.get("on"),
        name=name,
        kind=FacilityKind(kind),
        division_code=division_of(values),
        state=_optional(FacilityState, values.get("state")),
        operator_mode=_optional(OperatorMode, values.get("operator_mode")),
        operator=values.get("operator"),
        address=values.get("address"),
        bed_capacity=values.get("bed_capacity"),
        area_m2=values.get("area_m2") or None,
        opened_on=values.get("opened_on"),
    )


def stay_fact(values: Values) -> StayFact:
    """A stay. Without a state, who has left is discharged and everybody else is there."""
    admitted, discharged = demand(values, "admitted_on"), values.get("discharged_on")
    if discharged is not None and discharged < admitted:
        raise RowFault(Reason.INCONSISTENT, "出院时间早于入院时间；请核对。", ("admitted_on", "discharged_on"))
    given = values.get("state")
    state = StayState(given) if given else StayState.DISCHARGED if discharged else StayState.ADMITTED
    if state is StayState.DISCHARGED and discharged is None:
        raise RowFault(Reason.MISSING, "已退住而没有出院时间；请填写。", ("discharged_on",))
    if state is not StayState.DISCHARGED and discharged is not None:
        raise RowFault(Reason.INCONSISTENT, "有出院时间而状态不是已退住；请核对。", ("state", "discharged_on"))
    return StayFact(
        on=values.get("on"),
        admission_no=values.get("admission_no") or "",
        facility=demand(values, "facility"),
        citizen_id=demand_citizen_id(values),
        name=demand(values, "name"),
        state=state,
        admitted_on=admitted,
        discharged_on=discharged,
        reason=DischargeReason(values.get("reason") or DischargeReason.OTHER.value),
        bed_kind=BedKind(values.get("bed_kind") or BedKind.INSTITUTION.value),
        bed_no=values.get("bed_no"),
        room=values.get("room"),
        purchased=values.get("purchased") == "1",
    )


def assessment_fact(values: Values) -> AssessmentFact:
    """A result. A grade without a scale is nobody's; a result in words is the system's own scale."""
    scale = _optional(Scale, values.get("scale"))
    grade, result, total = values.get("grade"), values.get("result"), values.get("total")
    if grade is None and result is not None:
        scale, grade = Scale.LOCAL, _LOCAL_GRADES[AbilityResult(result)]
    if grade is None:
        raise RowFault(Reason.MISSING, "没有评估等级；请填写。", ("grade", "result"))
    if scale is None:
        raise RowFault(Reason.MISSING, "没有写明评估标准，等级无法解释；请填写。", ("scale",))
    try:
        label_of(scale, grade)
        if scale is Scale.GBT_42195 and total is not None and grade_of(total) > grade:
            raise RowFault(Reason.INCONSISTENT, "等级轻于总分所示；请核对。", ("total", "grade"))
    except BadInput:
        raise RowFault(Reason.INCONSISTENT, "等级或总分不在该标准的范围内；请核对。", ("grade", "total")) from None
    assessed, valid_to = demand(values, "assessed_on"), values.get("valid_to")
    if valid_to is not None and valid_to < assessed:
        raise RowFault(Reason.INCONSISTENT, "有效期早于评估日期；请核对。", ("assessed_on", "valid_to"))
    return AssessmentFact(
        on=values.get("on"),
        citizen_id=demand_citizen_id(values),
        name=demand(values, "name"),
        division_code=division_of(values) if values.get("community") else "",
        scale=scale,
        grade=grade,
        total=total,
        assessed_on=assessed,
        valid_to=valid_to,
        assessors=tuple(filter(None, _BETWEEN_NAMES.split(values.get("assessors") or ""))),
        reviewer=values.get("reviewer"),
    )


def service_fact(values: Values) -> ServiceFact:
    """A service. One unit where no number is given."""
    units = values.get("units")
    units = 1 if units is None else units
    if units < 1 or (values.get("minutes") or 0) < 0:
        raise RowFault(Reason.INCONSISTENT, "数量应大于 0，时长不能为负；请核对。", ("units", "minutes"))
    price, amount = values.get("price"), values.get("amount")
    if price is None and amount is not None and amount % units:
        raise RowFault(Reason.MISSING, "没有单价，金额也不能按数量整除；请填写单价。", ("price",))
    each = price if price is not None else (amount or 0) // units
    if each < 0 or (amount or 0) < 0:
        raise RowFault(Reason.INCONSISTENT, "单价、金额不能为负；请核对。", ("price", "amount"))
    return ServiceFact(
        on=values.get("on"),
        order_no=demand(values, "order_no"),
        citizen_id=demand_citizen_id(values),
        name=demand(values, "name"),
        facility=demand(values, "facility"),
        service=HomeService(demand(values, "service")),
        served_on=demand(values, "served_on"),
        minutes=values.get("minutes") or 0,
        units=units,
        price_fen=each,
        amount_fen=amount,
        purchased=values.get("purchased") == "1",
    )


def _optional(code_set: type[Code], value: str | None) -> Any:
    return None if value is None else code_set(value)


KINDS = {
    "facilities": Kind(facility_fact),
    "stays": Kind(stay_fact),
    "assessments": Kind(assessment_fact),
    "services": Kind(service_fact),
}
