"""What a row must say: values by field name, and the faults where one is missing."""

from typing import Any

from connectors.reading.rows import Reason, RowFault
from domain.identity import CitizenId

Values = dict[str, Any]


def demand(values: Values, name: str) -> Any:
    """A value that must be there."""
    value = values.get(name)
    if value is None:
        raise RowFault(Reason.MISSING, "为空，请填写。", (name,))
    return value


def demand_citizen_id(values: Values, name: str = "citizen_id") -> str:
    """A citizen ID that must be there and must be a real one."""
    identity = demand(values, name)
    if not isinstance(identity, CitizenId):
        raise RowFault(Reason.UNREADABLE, "是系统自编的临时号码，不能用来确认是谁；请填写公民身份号码。", (name,))
    return identity.number18
