"""How one field comes out of its column: enum names, labels, yuan, masks. Each is one SQL expression."""

from functools import cache
from typing import Any

from api.graphql.kinds import Kind, Leaf, is_json
from domain.access import PersonalClass
from domain.codes import Light
from domain.kernel import ERASED

Clear = frozenset[PersonalClass]
"""Classes of personal data a caller sees unmasked: what plans are kept apart by."""


def leaf_sql(leaf: Leaf, alias: str, clear: Clear) -> str:
    """The expression of a field, on the row `alias`, for a caller who sees `clear`."""
    column = leaf.column
    place = f"{alias}.{column.name}"
    if column.masked is not None and column.masked not in clear:
        # Of a code or a document nothing can remain: a part of it would be another code, or no document.
        return "NULL" if column.is_enum or is_json(column) else masked_sql(place, column.masked)
    if leaf.form == "label":
        return _case(place, column.type, labels=True)
    if leaf.form == "yuan":
        return f"to_char({place} / 100.0, 'FM999,999,999,999,999,990.00')"
    if column.is_enum:
        return _case(place, column.type, labels=False)
    return f"{place}::json" if is_json(column) else place


def light_sql(leaf: Leaf, alias: str, today: str, soon: str) -> str:
    """The traffic light of a day something is due by: `soon` is the last day that counts as near."""
    assert leaf.column.limit is not None
    place = f"{alias}.{leaf.column.name}"
    red, yellow, green = (
        literal(light.label if leaf.form == "light_label" else light.name)
        for light in (Light.RED, Light.YELLOW, Light.GREEN)
    )
    return (
        f"CASE WHEN NOT {alias}.{leaf.column.limit.while_} THEN NULL WHEN {place} < {today} THEN {red} "
        f"WHEN {place} <= {soon} THEN {yellow} ELSE {green} END"
    )


def masked_sql(place: str, personal: PersonalClass) -> str:
    """What remains of a masked value.

    Of a citizen ID only the area code: the birth date stands beside it, and the rest would complete the number.
    """
    match personal:
        case PersonalClass.IDENTITY:
            kept = f"left({place}, 6) || '************'"
        case PersonalClass.CONTACT:
            kept = f"left({place}, 3) || '****'"
        case PersonalClass.ACCOUNT:
            kept = f"'****' || right({place}, least(4, greatest(0, length({place}) - 8)))"
        case _:  # nothing of what somebody tells, has, suffers from, or of where they are
            kept = "'****'"
    return f"CASE WHEN {place} IN ('', '{ERASED}') THEN {place} ELSE {kept} END"


def persons_sql(kind: Kind, alias: str) -> list[str]:
    """The ids of the persons a row shows, each as 16 bytes or none."""
    found = []
    for name in kind.persons:
        place = f"{alias}.{name}"
        if name == "subject":
            found.append(
                f"CASE WHEN left({place}, 7) = 'person:' THEN uuid_send(substr({place}, 8)::uuid) ELSE ''::bytea END"
            )
        elif kind.columns[name].nullable:
            found.append(f"coalesce(uuid_send({place}), ''::bytea)")
        else:
            found.append(f"uuid_send({place})")
    return found


def literal(text: str) -> str:
    """A constant of the program as an SQL literal; never a value from a request."""
    return "'" + text.replace("'", "''") + "'"


@cache
def _case_arms(enum: Any, labels: bool) -> str:
    arms = (f"WHEN {literal(member.value)} THEN {literal(member.label if labels else member.name)}" for member in enum)
    return " ".join(arms)


def _case(place: str, enum: Any, labels: bool) -> str:
    if not labels and all(member.name == member.value.upper() for member in enum):
        return f"upper({place})"
    return f"CASE {place} {_case_arms(enum, labels)} END"
