"""The counts that indicators of oversight are made of: the rolls and their visits, samples, findings, complaints."""

from collections.abc import Iterable

from domain.assistance.oversight import WRONG
from domain.codes import UrbanRural
from domain.parameters import Parameters
from projections.assistance.figures import Asked, Bind, in_force
from projections.procurement.figures import rows, union, versions

STANDARDS = {
    name: text
    for kind in UrbanRural
    for name, text in (
        (f"dibao_standard_{kind.value}_fen", f"coalesce(sum({kind.value}), 0)"),
        (f"dibao_standard_{kind.value}_known", f"count({kind.value})"),
    )
}
_ON_ROLLS = (
    "scheme = 'DIBAO' AND start_month IS NOT NULL AND "
    "(state IN ('paying', 'suspended') OR state = 'closed' AND closed_on BETWEEN begins AND last)"
)
ROLLS = {
    "dibao_rolls_persons": f"coalesce(sum(member_count) FILTER (WHERE {_ON_ROLLS}), 0)",
    "dibao_rolls_visited_persons": (
        f"coalesce(sum(member_count) FILTER (WHERE {_ON_ROLLS} AND visited_on BETWEEN begins AND last), 0)"
    ),
}
SAMPLES = {
    "sample_households": "coalesce(sum(household_count), 0)",
    "sample_population": "coalesce(sum(population_count), 0)",
    "sample_left_out": "coalesce(sum(left_out_count), 0)",
    "sample_confirmed": "coalesce(sum(confirmed), 0)",
    "sample_rechecked": "coalesce(sum(rechecked), 0)",
}
TWICE = {"sample_drawn_twice": "count(*)"}
_WRONG = ", ".join(f"'{rule.value}'" for rule in WRONG)
FINDINGS = {
    "wrong_grants": (
        f"count(*) FILTER (WHERE rule IN ({_WRONG}) AND raised_on BETWEEN begins AND last AND (state IN "
        "('confirmed', 'rectified') OR state = 'resolved' AND rectified_on IS NOT NULL))"
    )
}
_FILED = "filed_on BETWEEN begins AND last"
COMPLAINTS = {
    "complaints": f"count(*) FILTER (WHERE {_FILED})",
    "complaints_upheld": f"count(*) FILTER (WHERE {_FILED} AND upheld)",
}
COUNTS = frozenset((*STANDARDS, *ROLLS, *SAMPLES, *TWICE, *FINDINGS, *COMPLAINTS))
"""Every count there is."""


def counts_sql(bind: Bind, asked: Asked, names: Iterable[str], parameters: Parameters) -> str:
    """A statement with rows (g, c): a group, and its counts as JSON; empty where none of its counts is asked for."""
    last = asked.period.last
    days = {"last": last, "begins": asked.period.first}
    of_case = ("scheme", "state", "member_count", "start_month", "closed_on", "visited_on")
    return union(
        names,
        (_standards(bind, asked, parameters), STANDARDS),
        (versions(bind, asked, "case", of_case, last, days), ROLLS),
        (_samples(bind, asked), SAMPLES),
        (_twice(bind, asked), TWICE),
        (versions(bind, asked, "finding", ("rule", "state", "raised_on", "rectified_on"), None, days), FINDINGS),
        (versions(bind, asked, "complaint", ("filed_on", "upheld"), None, days), COMPLAINTS),
    )


def _standards(bind: Bind, asked: Asked, parameters: Parameters) -> str:
    """The standards in force on the last day for each group, which is a division."""
    last = bind(asked.period.last, "date")
    values = ", ".join(
        f"{in_force(bind, parameters.spans(f'dibao.standard.{kind.value}'), 't.g', last)} AS {kind.value}"
        for kind in UrbanRural
    )
    groups = f"SELECT {asked.group} AS g"
    if asked.length:
        groups = (
            f"SELECT DISTINCT {asked.group} AS g FROM (SELECT d.code AS division_code FROM division d "
            f"WHERE d.code >= {asked.lo} AND d.code < {asked.hi} AND length(d.code) >= {asked.length}) f"
        )
    return f"SELECT t.g, {values} FROM ({groups}) t"


def _samples(bind: Bind, asked: Asked) -> str:
    """The year's campaigns as they stood on the last day of the period."""
    columns = ("household_count", "population_count", "left_out_count", "confirmed", "rechecked")
    return (
        f"SELECT {asked.group} AS g, {', '.join(f'f.{name}' for name in columns)} "
        f"FROM {rows(asked, 'campaign', bind(asked.period.last, 'date'))} f "
        f"WHERE f.year = {bind(asked.period.last.year, 'bigint')} "
        f"AND f.division_code >= {asked.lo} AND f.division_code < {asked.hi}"
    )


def _twice(bind: Bind, asked: Asked) -> str:
    """Households drawn in the year that were drawn in the other year of the cycle too."""
    visits, campaigns = rows(asked, "visit"), rows(asked, "campaign")
    return (
        f"SELECT {asked.group} AS g FROM (SELECT v.scope AS division_code FROM {visits} v "
        f"JOIN {campaigns} c ON c.id = v.campaign_id WHERE c.year = {bind(asked.period.last.year, 'bigint')} "
        f"AND EXISTS (SELECT FROM {visits} w JOIN {campaigns} e ON e.id = w.campaign_id "
        "WHERE w.household_id = v.household_id AND e.cycle_from = c.cycle_from AND e.year <> c.year)) f "
        f"WHERE f.division_code >= {asked.lo} AND f.division_code < {asked.hi}"
    )
