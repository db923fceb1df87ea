"""The counts that indicators of social organisations and purchase are made of, over the read models.

As in assistance/figures.py nothing is kept: a period is counted where its records stand, at the position asked for,
each under the division it named at the time.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from domain.parameters import Span
from projections.assistance.figures import Asked, Bind
from projections.kernel import reads
from projections.kernel.reads import read_source
from projections.kernel.tables import VIEWS

POPULATION = "procurement.population"
"""The parameter that organisations are counted against."""
_REGISTERED = "state IN ('registered', 'good', 'abnormal')"
_RUNS = "state NOT IN ('catalogued', 'budgeted', 'tendered', 'cancelled') AND starts_on <= last AND ends_on >= begins"

ORGANISATIONS = {
    "organisations": f"count(*) FILTER (WHERE {_REGISTERED})",
    "organisations_abnormal": "count(*) FILTER (WHERE state = 'abnormal')",
}
CONTRACTS = {
    "contracted_bodies": f"count(DISTINCT organisation_id) FILTER (WHERE social_work AND {_RUNS})",
    "contracted_local_bodies": f"count(DISTINCT organisation_id) FILTER (WHERE local AND social_work AND {_RUNS})",
}
_BOTH = "former_fen IS NOT NULL"
FUNDS = {
    "support_fund_fen": "coalesce(sum(amount_fen), 0)",
    "support_fund_compared_fen": f"coalesce(sum(amount_fen) FILTER (WHERE {_BOTH}), 0)",
    "support_fund_former_fen": f"coalesce(sum(former_fen) FILTER (WHERE {_BOTH}), 0)",
    "support_fund_short_fen": "coalesce(sum(greatest(0, coalesce(least_fen, 0) - amount_fen)), 0)",
}
PEOPLE = {"organisation_population": "coalesce(sum(value), 0)"}
COUNTS = frozenset((*ORGANISATIONS, *CONTRACTS, *FUNDS, *PEOPLE))
"""Every count there is."""


def counts_sql(bind: Bind, asked: Asked, names: Iterable[str], population: Iterable[Span]) -> str:
    """A statement with rows (g, c): a group, and its counts as JSON; empty where none of its counts is asked for."""
    last = asked.period.last
    days = {"last": last, "begins": asked.period.first}
    return union(
        names,
        (versions(bind, asked, "organisation", ("state",), last), ORGANISATIONS),
        (
            versions(
                bind,
                asked,
                "purchase",
                ("state", "organisation_id", "local", "social_work", "starts_on", "ends_on"),
                last,
                days,
            ),
            CONTRACTS,
        ),
        (_funds(bind, asked), FUNDS),
        (_population(bind, asked, population), PEOPLE),
    )


def union(names: Iterable[str], *sources: tuple[str, Mapping[str, str]]) -> str:
    """Rows (g, c) of those counts that are asked for, one statement after the other."""
    wanted, parts = frozenset(names), []
    for source, measures in sources:
        chosen = {name: text for name, text in measures.items() if name in wanted}
        if chosen:
            columns = ", ".join(f"{text} AS {name}" for name, text in chosen.items())
            keys = ", ".join(f"a.{name}" for name in chosen)
            parts.append(
                f"SELECT a.g, to_json(k) AS c FROM (SELECT g, {columns} FROM ({source}) s GROUP BY g) a "
                f"CROSS JOIN LATERAL (SELECT {keys}) k"
            )
    return " UNION ALL ".join(parts)


def versions(
    bind: Bind,
    asked: Asked,
    view: str,
    columns: Iterable[str],
    on: date | None,
    values: Mapping[str, date] | None = None,
) -> str:
    """Rows of a view's figures with their group `g`, as they were `on` a day (None: whenever they hold).

    Each of `values` is a day that every row carries.
    """
    day = None if on is None else bind(on, "date")
    live, past = reads.conditions(asked.position or None, day) if asked.position or day else ("true", "false")
    inside = f"f.division_code >= {asked.lo} AND f.division_code < {asked.hi}"
    more = "".join(f", {bind(value, 'date')} AS {name}" for name, value in (values or {}).items())
    shown = ", ".join(f"f.{name}" for name in columns)
    return " UNION ALL ".join(
        f"SELECT {asked.group} AS g, f.division_code, {shown}{more} FROM {table} f WHERE {known} AND {inside}"
        for table, known in ((f"{view}_figures", live), (f"{view}_past_figures", past))
    )


def rows(asked: Asked, view: str, day: str | None = None) -> str:
    """A view's own rows, for what is public or stays with its present owner; `day` is the SQL of a business date."""
    return read_source(VIEWS[view], asked.position or None, day)


def _funds(bind: Bind, asked: Asked) -> str:
    """The amount of the period's last year of each division that has one, and of the year before."""
    rows = versions(bind, asked, "support_fund_year", ("year", "amount_fen", "least_fen"), None)
    year: Any = bind(asked.period.last.year, "bigint")
    return (
        f"SELECT t.g, t.amount_fen, t.least_fen, b.amount_fen AS former_fen FROM ({rows}) t "
        f"LEFT JOIN ({rows}) b ON b.division_code = t.division_code AND b.year = t.year - 1 WHERE t.year = {year}"
    )


def _population(bind: Bind, asked: Asked, population: Iterable[Span]) -> str:
    """The population that the parameter gives for exactly the divisions that are asked for."""
    known, last = list(population), bind(asked.period.last, "date")
    given = ", ".join(
        (
            bind([span.division_code for span in known], "text[]"),
            bind([span.from_on for span in known], "date[]"),
            bind([span.to_on for span in known], "date[]"),
            bind([span.value for span in known], "bigint[]"),
        )
    )
    return (
        f"SELECT f.division_code AS g, f.value FROM unnest({given}) f(division_code, from_on, to_on, value) "
        f"WHERE {last} BETWEEN f.from_on AND f.to_on AND f.division_code = {asked.group} "
        f"AND f.division_code >= {asked.lo} AND f.division_code < {asked.hi} "
        f"AND length(f.division_code) >= {asked.length}"
    )
