"""The counts that indicators of community governance are made of, over the read models."""

from collections.abc import Iterable

from domain.clock import months_after
from projections.assistance.figures import Asked, Bind
from projections.procurement.figures import union, versions

_STANDS, _TITLED = "result <> 'ended'", "result = 'titled'"


def _records(kind: str, condition: str = _STANDS) -> str:
    return f"kind = '{kind}' AND {condition}"


RECORDS = {
    "station_divisions": f"count(DISTINCT division_code) FILTER (WHERE {_records('public_station')})",
    "family_centre_divisions": f"count(DISTINCT division_code) FILTER (WHERE {_records('family_centre')})",
    "family_centres": f"count(*) FILTER (WHERE {_records('family_centre')})",
    "supervision_committees": f"count(DISTINCT division_code) FILTER (WHERE {_records('supervision_committee')})",
    "model_units": f"count(DISTINCT division_code) FILTER (WHERE {_records('model_unit')})",
    "model_communities_completed": f"count(DISTINCT division_code) FILTER (WHERE {_records('model_community')})",
    "model_communities_titled": f"count(DISTINCT division_code) FILTER (WHERE {_records('model_community', _TITLED)})",
    "consultations": f"count(*) FILTER (WHERE {_records('consultation', 'held_on BETWEEN begins AND last')})",
}
PLACES = {
    "communities": "count(*) FILTER (WHERE length(division_code) = 12)",
    "villages": (
        "count(*) FILTER (WHERE length(division_code) = 12 AND right(division_code, 3) BETWEEN '200' AND '399')"
    ),
    "streets": "count(*) FILTER (WHERE length(division_code) = 9)",
}
ELECTIONS = {
    "elections": "count(*)",
    "one_person": "count(*) FILTER (WHERE one_person)",
    "committee_members": "coalesce(sum(committee_count), 0)",
    "cross_members": "coalesce(sum(cross_count), 0)",
}
ALLOWANCES = {
    "cadre_allowance_fen": "coalesce(sum(total_fen), 0)",
    "cadre_person_months": "coalesce(sum(person_months), 0)",
}
WORKERS = {"social_workers": "count(*) FILTER (WHERE active)"}
VOLUNTEERS = {"volunteers": "count(*) FILTER (WHERE active)"}
VOLUNTEERS_BEFORE = {"volunteers_year_before": "count(*) FILTER (WHERE active)"}
_DUE = "post_by BETWEEN begins AND last AND state <> 'waived'"
DISCLOSURES = {
    "disclosures_due": f"count(*) FILTER (WHERE {_DUE})",
    "disclosures_in_time": f"count(*) FILTER (WHERE {_DUE} AND posted_on <= post_by)",
}
COUNTS = frozenset(
    (*RECORDS, *PLACES, *ELECTIONS, *ALLOWANCES, *WORKERS, *VOLUNTEERS, *VOLUNTEERS_BEFORE, *DISCLOSURES)
)
"""Every count there is."""


def counts_sql(bind: Bind, asked: Asked, names: Iterable[str]) -> str:
    """A statement with rows (g, c): a group, and its counts as JSON; empty where none of its counts is asked for."""
    last = asked.period.last
    days = {"last": last, "begins": asked.period.first}
    before = months_after(last, -12)
    return union(
        names,
        (versions(bind, asked, "community_record", ("kind", "result", "held_on"), last, days), RECORDS),
        (_places(bind, asked), PLACES),
        (_elections(bind, asked), ELECTIONS),
        (_allowances(bind, asked), ALLOWANCES),
        (versions(bind, asked, "social_worker", ("active",), last), WORKERS),
        (versions(bind, asked, "volunteer", ("active",), last), VOLUNTEERS),
        (versions(bind, asked, "volunteer", ("active",), before), VOLUNTEERS_BEFORE),
        (versions(bind, asked, "disclosure", ("post_by", "posted_on", "state"), None, days), DISCLOSURES),
    )


def _places(bind: Bind, asked: Asked) -> str:
    """Divisions that are there on the last day, in the subtree asked for."""
    last = bind(asked.period.last, "date")
    return (
        f"SELECT {asked.group} AS g, f.division_code FROM "
        "(SELECT d.code AS division_code, d.opened_on, d.closed_on FROM division d) f "
        f"WHERE f.division_code >= {asked.lo} AND f.division_code < {asked.hi} AND f.opened_on <= {last} "
        f"AND (f.closed_on IS NULL OR f.closed_on > {last}) AND length(f.division_code) >= {asked.length}"
    )


def _elections(bind: Bind, asked: Asked) -> str:
    """Each division's last election up to the period's end."""
    columns = ("year", "committee_count", "cross_count", "one_person")
    rows = versions(bind, asked, "election", columns, asked.period.last)
    return (
        "SELECT * FROM (SELECT r.*, row_number() OVER (PARTITION BY r.division_code ORDER BY r.year DESC) AS place "
        f"FROM ({rows}) r) q WHERE q.place = 1"
    )


def _allowances(bind: Bind, asked: Asked) -> str:
    """The allowances of the period's last year."""
    rows = versions(bind, asked, "cadre_allowance", ("year", "person_months", "total_fen"), None)
    return f"SELECT r.* FROM ({rows}) r WHERE r.year = {bind(asked.period.last.year, 'bigint')}"
