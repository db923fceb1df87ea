"""The counts that indicators of social assistance are made of, as one statement over the read models.

Nothing is kept: a month is counted where its cases and payments stand, at the position asked for, so that a figure
can't differ from the records it is about (docs/decisions/0012). Each row belongs to the division it named at the time
(`Figures` in kernel/tables.py).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from domain.assistance.indicators import MONTHLY, PAID_SCHEMES
from domain.clock import first_day
from domain.codes import Scheme, SelfCare, UrbanRural
from domain.indicators import Period, last_day
from domain.parameters import Span
from projections.kernel import reads

Bind = Callable[[Any, str], str]
"""Makes a value of an SQL type a parameter; the same value is sent once."""
THRESHOLD = "temp.small_amount"
"""The parameter up to which a street decides."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be counted, in SQL: for which divisions, grouped how, as known when."""

    period: Period
    lo: str
    hi: str
    group: str
    """The group of a row `f`, an expression."""
    position: str = ""
    """The log position it was known at; empty is the present."""
    length: int = 0
    """Length of the codes of the groups; 0: there is one group, the division itself."""


def _count(condition: str) -> str:
    return f"count(*) FILTER (WHERE {condition})"


def _sum(column: str, condition: str) -> str:
    return f"coalesce(sum({column}) FILTER (WHERE {condition}), 0)"


def _covered() -> Mapping[str, str]:
    """Counts of cases as they stand on the first day of each month; `due` says whether that month is to be paid."""
    made = {}
    for kind in UrbanRural:
        dibao = f"due AND scheme = 'DIBAO' AND urban_rural = '{kind.value}'"
        made[f"dibao_households_{kind.value}"] = _count(f"final AND {dibao}")
        made[f"dibao_persons_{kind.value}"] = _sum("member_count", f"final AND {dibao}")
        made[f"dibao_person_months_{kind.value}"] = _sum("member_count", dibao)
        made[f"dibao_due_fen_{kind.value}"] = _sum("monthly_fen", dibao)
    tekun = "final AND due AND scheme = 'TEKUN'"
    made["tekun_households"] = _count(tekun)
    made["tekun_persons"] = _sum("member_count", tekun)
    for level in SelfCare:
        made[f"tekun_persons_{level.value}"] = _sum("member_count", f"{tekun} AND self_care = '{level.value}'")
    made["tekun_persons_unknown"] = _sum("member_count", f"{tekun} AND self_care IS NULL")
    for scheme in MONTHLY:
        made[f"{scheme.value.lower()}_due_fen"] = _sum("monthly_fen", f"due AND scheme = '{scheme.value}'")
        new = f"due AND scheme = '{scheme.value}' AND start_month = month"
        made[f"{scheme.value.lower()}_new_households"] = _count(new)
        made[f"{scheme.value.lower()}_new_persons"] = _sum("member_count", new)
    return made


def _left() -> Mapping[str, str]:
    """Counts of cases as they stand on the last day of each month."""
    # Temporary assistance is granted within its month, often to a case that did not exist on the first day.
    made = {"temp_due_fen": _sum("monthly_fen", "due AND scheme = 'TEMP' AND start_month = month")}
    for scheme in MONTHLY:
        closed = (
            f"scheme = '{scheme.value}' AND state = 'closed' AND closed_on BETWEEN first AND last "
            "AND start_month IS NOT NULL"
        )
        made[f"{scheme.value.lower()}_closed_households"] = _count(closed)
        made[f"{scheme.value.lower()}_closed_persons"] = _sum("member_count", closed)
        if scheme is Scheme.DIBAO:
            removed = f"{closed} AND close_reason IN ('income_above', 'fraud')"
            made["dibao_removed_persons"] = _sum("member_count", removed)
    visited = "final AND scheme = 'DIBAO' AND visited_on BETWEEN begins AND last"
    made["dibao_visited_persons"] = _sum("member_count", visited)
    decided = "decided_on BETWEEN first AND last"
    made["decided_cases"] = _count(decided)
    made["refused_cases"] = _count(f"{decided} AND state = 'refused'")
    made["decided_with_limit"] = _count(f"{decided} AND due_on IS NOT NULL")
    made["decided_in_limit"] = _count(f"{decided} AND decided_on <= due_on")
    return made


def _paid() -> Mapping[str, str]:
    """Counts of payments."""
    made = {}
    for scheme in PAID_SCHEMES:
        name, of = scheme.value.lower(), f"scheme = '{scheme.value}'"
        made[f"{name}_paid_fen"] = _sum("amount_fen", f"{of} AND paid_then")
        made[f"{name}_returned_fen"] = _sum("amount_fen", f"{of} AND returned_then")
        made[f"{name}_paid_households"] = f"count(DISTINCT case_id) FILTER (WHERE {of} AND paid_then)"
        made[f"{name}_issued_for_fen"] = _sum("amount_fen", f"{of} AND for_then")
        made[f"{name}_returned_for_fen"] = _sum("amount_fen", f"{of} AND for_then AND returned")
    made["temp_paid_count"] = _count("scheme = 'TEMP' AND paid_then")
    made["temp_returned_count"] = _count("scheme = 'TEMP' AND returned_then")
    made["temp_small_times"] = _count("small")
    made["temp_small_fen"] = _sum("amount_fen", "small")
    return made


COVERED, LEFT, PAID = _covered(), _left(), _paid()
COUNTS = frozenset((*COVERED, *LEFT, *PAID))
"""Every count there is."""


def counts_sql(bind: Bind, asked: Asked, names: Iterable[str], threshold: Iterable[Span]) -> str:
    """A statement with rows (g, c): a group, and its counts as JSON; a group may have several rows, to be added up."""
    wanted = frozenset(names)
    parts = []
    for source, measures in (
        (_cases(bind, asked, "first"), COVERED),
        (_cases(bind, asked, "last"), LEFT),
        (_payments(bind, asked, threshold), PAID),
    ):
        chosen = {name: text for name, text in measures.items() if name in wanted}
        if chosen:
            # json_build_object takes at most 50 pairs, and a row has names of its own.
            columns = ", ".join(f"{text} AS {name}" for name, text in chosen.items())
            keys = ", ".join(f"a.{name}" for name in chosen)
            parts.append(
                f"SELECT a.g, to_json(k) AS c FROM (SELECT g, {columns} FROM ({source}) s GROUP BY g) a "
                f"CROSS JOIN LATERAL (SELECT {keys}) k"
            )
    return " UNION ALL ".join(parts)


def _cases(bind: Bind, asked: Asked, day: str) -> str:
    """Every case once for each month, as it stood on that month's `first` or `last` day."""
    months = asked.period.months
    spans = (
        f"unnest({bind(list(months), 'text[]')}, {bind([first_day(m) for m in months], 'date[]')}, "
        f"{bind([last_day(m) for m in months], 'date[]')}) m(month, first, last)"
    )
    columns = (
        f"{asked.group} AS g, m.month, m.first, m.last, m.month = {bind(months[-1], 'text')} AS final, "
        f"{bind(asked.period.first, 'date')} AS begins, f.scheme, f.state, f.urban_rural, f.member_count, "
        "f.monthly_fen, f.self_care, f.start_month, f.close_reason, f.closed_on, f.visited_on, f.due_on, f.decided_on, "
        "f.state = 'paying' AND f.start_month <= m.month AND (f.end_month IS NULL OR f.end_month >= m.month) AS due"
    )
    live, past = reads.conditions(asked.position or None, f"m.{day}")
    inside = f"f.division_code >= {asked.lo} AND f.division_code < {asked.hi}"
    return " UNION ALL ".join(
        f"SELECT {columns} FROM {spans} JOIN {table} f ON {known} WHERE {inside}"
        for table, known in (("case_figures", live), ("case_past_figures", past))
    )


def _payments(bind: Bind, asked: Asked, threshold: Iterable[Span]) -> str:
    """Every payment that was made, sent back, or due in the period."""
    begins, ends = bind(asked.period.first, "date"), bind(asked.period.last, "date")
    paid = f"f.paid_on BETWEEN {begins} AND {ends}"
    returned = f"f.returned AND f.returned_on BETWEEN {begins} AND {ends}"
    month = f"f.month = ANY ({bind(list(asked.period.months), 'text[]')})"
    small = f"CASE WHEN f.scheme = 'TEMP' AND {paid} THEN f.amount_fen <= {in_force(bind, threshold)} END"
    columns = (
        f"{asked.group} AS g, f.scheme, f.case_id, f.amount_fen, f.returned, {paid} AS paid_then, "
        f"coalesce({returned}, false) AS returned_then, {month} AS for_then, {small} AS small"
    )
    inside = f"f.division_code >= {asked.lo} AND f.division_code < {asked.hi} AND ({paid} OR {month} OR {returned})"
    arms = [("payment_figures", "true")]
    if asked.position:
        live, past = reads.conditions(asked.position, None)
        arms = [("payment_figures", live), ("payment_past_figures", past)]
    return " UNION ALL ".join(f"SELECT {columns} FROM {table} f WHERE {known} AND {inside}" for table, known in arms)


def in_force(bind: Bind, spans: Iterable[Span], division: str = "f.division_code", day: str = "f.paid_on") -> str:
    """The value of a parameter for a row's division and day; null where none is in force."""
    known = list(spans)
    given = ", ".join(
        (
            bind([span.division_code for span in known], "text[]"),
            bind([span.from_on for span in known], "date[]"),
            bind([span.to_on for span in known], "date[]"),
            bind([span.value for span in known], "bigint[]"),
        )
    )
    return (
        f"(SELECT v.value FROM unnest({given}) v(code, from_on, to_on, value) "
        f"WHERE {day} BETWEEN v.from_on AND v.to_on "
        f"AND left({division}, length(v.code)) = v.code ORDER BY length(v.code) DESC LIMIT 1)"
    )
