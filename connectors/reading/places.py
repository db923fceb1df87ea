"""The division a row names, by code, by street and community, or by a full path."""

import re

from connectors.reading.rows import Reason, RowFault
from domain.errors import BadInput
from domain.registry.places import demand_division, find_division

_QUOTED = re.compile(r"“[^”]*”[:：]?")
PLACE_FIELDS = ("division_code", "community", "street", "place")


def division_of(values: dict[str, object], *, required: bool = True) -> str:
    """The division code a row gives; raises RowFault where it gives none or one that isn't clear."""
    code, street = values.get("division_code"), values.get("street")
    community, place = values.get("community"), values.get("place")
    try:
        if code:
            return demand_division(str(code))
        if community:
            return find_division(str(community), street=str(street or "")).code
        if place:
            return find_division(str(place), street=str(street or "")).code
        if street and not required:
            return find_division(str(street)).code
    except BadInput as error:
        fields = [name for name in PLACE_FIELDS if values.get(name)] or ["community"]
        raise RowFault(Reason.UNREADABLE, explain(error), _with_street(fields)) from None
    raise RowFault(Reason.MISSING, "没有写明村（社区）；请填写所属街道和社区，或区划代码。", PLACE_FIELDS)


def division_named(text: str, field: str, *, street: str = "") -> str:
    """The division that one cell names; raises RowFault."""
    try:
        return find_division(text, street=street).code
    except BadInput as error:
        raise RowFault(Reason.UNREADABLE, explain(error), (field,)) from None


def explain(error: BadInput) -> str:
    """An error's sentence without what it quotes: a cell in the wrong column may hold anything."""
    return _QUOTED.sub("此处", str(error))


def _with_street(fields: list[str]) -> list[str]:
    """A missing street is as much at fault as the name that needs it."""
    return fields if "street" in fields or "division_code" in fields else [*fields, "street"]
