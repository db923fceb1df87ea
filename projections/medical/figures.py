"""The counts that indicators of medical assistance are made of, over settlements and claims."""

from collections.abc import Iterable, Mapping

from domain.codes import MaCategory, MedType
from domain.medical.split import RELIEVED
from domain.parameters import Span
from projections.assistance.figures import Asked, Bind
from projections.kernel import reads
from projections.kernel.tables import VIEWS

_KEY = ", ".join(f"'{category.value}'" for category in MaCategory if category in RELIEVED)
_INPATIENT = f"category IN ({_KEY}) AND med_type = '{MedType.INPATIENT.value}'"
"""Those whose ratio the plan raises: dibao and tekun in hospital."""


def _sum(column: str, condition: str) -> str:
    return f"coalesce(sum({column}) FILTER (WHERE {condition}), 0)"


SETTLED: Mapping[str, str] = {
    "ma_booked_times": "count(*) FILTER (WHERE sign > 0 AND paid > 0)",
    "ma_undone_times": "count(*) FILTER (WHERE sign < 0 AND paid > 0)",
    "ma_booked_fen": _sum("paid", "sign > 0"),
    "ma_undone_fen": _sum("paid", "sign < 0"),
    "ma_key_booked_fen": _sum("paid", f"sign > 0 AND {_INPATIENT}"),
    "ma_key_undone_fen": _sum("paid", f"sign < 0 AND {_INPATIENT}"),
    "ma_key_base_fen": _sum("sign * base", _INPATIENT),
}
CLAIMED: Mapping[str, str] = {
    "ma_claim_times": "count(*)",
    "ma_claim_fen": "coalesce(sum(paid), 0)",
    "ma_key_claim_fen": _sum("paid", _INPATIENT),
    "ma_key_base_fen": _sum("base", _INPATIENT),
}
HOSPITALS: Mapping[str, str] = {"ma_hospitals": "count(*)"}
COUNTS = frozenset((*SETTLED, *CLAIMED, *HOSPITALS))
"""Every count there is."""


def counts_sql(bind: Bind, asked: Asked, names: Iterable[str], spans: Iterable[Span]) -> str:
    """A statement with rows (g, c): a group, and its counts as JSON; a group may have several rows, to be added up."""
    wanted = frozenset(names)
    parts = []
    for source, measures in (
        (_settlements(bind, asked), SETTLED),
        (_claims(bind, asked), CLAIMED),
        (_hospitals(bind, asked), HOSPITALS),
    ):
        chosen = {name: text for name, text in measures.items() if name in wanted}
        if chosen:
            columns = ", ".join(f"{text} AS {name}" for name, text in chosen.items())
            keys = ", ".join(f"a.{name}" for name in chosen)
            parts.append(
                f"SELECT a.g, to_json(k) AS c FROM (SELECT g, {columns} FROM ({source}) s GROUP BY g) a "
                f"CROSS JOIN LATERAL (SELECT {keys}) k"
            )
    return " UNION ALL ".join(parts)


def _settlements(bind: Bind, asked: Asked) -> str:
    """Every settlement that was made in the period, and every one that was undone in it."""
    base = "greatest(f.in_scope_fen - f.basic_fen - f.si_fen - f.supplement_fen, 0)"
    columns = f"{asked.group} AS g, f.category, f.med_type, f.assistance_fen AS paid, {base} AS base"
    return " UNION ALL ".join(
        f"SELECT {columns}, {sign} AS sign FROM {table} f WHERE {_within(bind, asked, known, day)}"
        for table, known in _tables(asked, "settlement")
        for day, sign in (("booked_on", 1), ("cancelled_on", -1))
    )


def _claims(bind: Bind, asked: Asked) -> str:
    """Every claim that was approved in the period."""
    columns = f"{asked.group} AS g, f.category, f.med_type, f.amount_fen AS paid, f.base_fen AS base"
    return " UNION ALL ".join(
        f"SELECT {columns} FROM {table} f WHERE f.amount_fen > 0 AND {_within(bind, asked, known, 'decided_on')}"
        for table, known in _tables(asked, "manual_claim")
    )


def _hospitals(bind: Bind, asked: Asked) -> str:
    """Hospitals whose agreement holds on the last day of the period, and that settle."""
    last = bind(asked.period.last, "date")
    source = reads.read_source(VIEWS["hospital"], asked.position or None, last)
    return (
        f"SELECT {asked.group} AS g FROM {source} f WHERE f.state = 'in_force' "
        f"AND {last} BETWEEN f.from_on AND f.to_on "
        f"AND (f.suspended_from IS NULL OR f.suspended_from > {last}) "
        f"AND f.division_code >= {asked.lo} AND f.division_code < {asked.hi}"
    )


def _tables(asked: Asked, view: str) -> list[tuple[str, str]]:
    """Where the versions stand, with what makes one known at the position asked for."""
    if not asked.position:
        return [(f"{view}_figures", "true")]
    live, past = reads.conditions(asked.position, None)
    return [(f"{view}_figures", live), (f"{view}_past_figures", past)]


def _within(bind: Bind, asked: Asked, known: str, day: str) -> str:
    begins, ends = bind(asked.period.first, "date"), bind(asked.period.last, "date")
    inside = f"f.division_code >= {asked.lo} AND f.division_code < {asked.hi}"
    return f"{known} AND {inside} AND f.{day} BETWEEN {begins} AND {ends}"
