"""The counts that indicators of disaster relief are made of, over the read models of relief and of facilities."""

from collections.abc import Iterable

from domain.codes import AidKind, ReliefItem
from domain.parameters import Parameters
from domain.relief.norms import WHOLE_BP, norm_code
from projections.assistance.figures import Asked, Bind
from projections.procurement.figures import rows, union, versions

_HAPPENED = "(happened_at AT TIME ZONE 'Asia/Shanghai')::date BETWEEN begins AND last"
CASUALTIES = {
    f"disaster_{what}": f"count(*) FILTER (WHERE state = '{state}' AND {_HAPPENED})"
    for what, state in (("deaths", "dead"), ("missing", "missing"))
}
_LIVING = f"'{AidKind.TRANSITION.value}', '{AidKind.WINTER_SPRING.value}'"
_PAID = "state = 'paid' AND paid_on BETWEEN begins AND last"
AID = {
    "disaster_living_aid_fen": f"coalesce(sum(amount_fen) FILTER (WHERE {_PAID} AND kind IN ({_LIVING})), 0)",
    "disaster_housing_aid_fen": (
        f"coalesce(sum(amount_fen) FILTER (WHERE {_PAID} AND kind = '{AidKind.REBUILD.value}'), 0)"
    ),
}
STOCK = {
    "stock_kinds": "count(DISTINCT item) FILTER (WHERE free_count > 0)",
    "stock_pieces": "coalesce(sum(greatest(free_count, 0)), 0)",
    "stock_value_fen": "coalesce(sum(value_fen), 0)",
}
PROVIDED = {"stock_persons": "coalesce(min(persons), 0)"}
WAREHOUSES = {"warehouse_m2": "coalesce(sum(area_m2), 0)"}
RELIEVED = {
    "relief_in_time_persons": "coalesce(sum(in_time_count), 0)",
    "relief_late_persons": "coalesce(sum(late_count), 0)",
    "relief_waiting_persons": "coalesce(sum(waiting_count), 0)",
}
COUNTS = frozenset((*CASUALTIES, *AID, *STOCK, *PROVIDED, *WAREHOUSES, *RELIEVED))
"""Every count there is."""


def counts_sql(bind: Bind, asked: Asked, names: Iterable[str], parameters: Parameters) -> str:
    """A statement with rows (g, c): a group, and its counts as JSON; empty where none of its counts is asked for."""
    last = asked.period.last
    days = {"last": last, "begins": asked.period.first}
    return union(
        names,
        (versions(bind, asked, "casualty", ("state", "happened_at"), None, days), CASUALTIES),
        (versions(bind, asked, "relief_aid", ("kind", "state", "amount_fen", "paid_on"), None, days), AID),
        (versions(bind, asked, "stock", ("item", "free_count", "value_fen"), last), STOCK),
        (_provided(bind, asked, parameters), PROVIDED),
        (_warehouses(bind, asked), WAREHOUSES),
        (_relieved(bind, asked), RELIEVED),
    )


def _warehouses(bind: Bind, asked: Asked) -> str:
    return (
        f"SELECT {asked.group} AS g, f.area_m2 FROM {rows(asked, 'facility', bind(asked.period.last, 'date'))} f "
        "WHERE f.kind = 'WAREHOUSE' AND f.state NOT IN ('planned', 'closed') "
        f"AND f.division_code >= {asked.lo} AND f.division_code < {asked.hi}"
    )


def _relieved(bind: Bind, asked: Asked) -> str:
    """How far relief came in each place, of disasters that struck in the period."""
    begins, ends = bind(asked.period.first, "date"), bind(asked.period.last, "date")
    columns = ("disaster_id", "in_time_count", "late_count", "waiting_count")
    return (
        f"SELECT r.* FROM ({versions(bind, asked, 'relief_clock', columns, None)}) r "
        f"JOIN {rows(asked, 'disaster')} d ON d.id = r.disaster_id WHERE d.occurred_on BETWEEN {begins} AND {ends}"
    )


def _provided(bind: Bind, asked: Asked, parameters: Parameters) -> str:
    """For how many people the pieces of each item with a norm are enough, where there is any stock at all.

    The norm is that of the longest division code that holds the group, on the last day.
    """
    spans = [(item, span) for item in ReliefItem for span in parameters.spans(norm_code(item))]
    last = bind(asked.period.last, "date")
    given = ", ".join(
        (
            bind([item.value for item, _ in spans], "text[]"),
            bind([span.division_code for _, span in spans], "text[]"),
            bind([span.from_on for _, span in spans], "date[]"),
            bind([span.to_on for _, span in spans], "date[]"),
            bind([span.value for _, span in spans], "bigint[]"),
        )
    )
    stock = versions(bind, asked, "stock", ("item", "free_count"), asked.period.last)
    return (
        f"SELECT w.g, greatest(coalesce(b.free, 0), 0) * {WHOLE_BP} / w.share AS persons FROM ("
        "SELECT DISTINCT ON (t.g, n.item) t.g, n.item, n.share "
        f"FROM (SELECT DISTINCT s.g FROM ({stock}) s) t "
        f"JOIN unnest({given}) n(item, code, from_on, to_on, share) "
        f"ON left(t.g, length(n.code)) = n.code AND {last} BETWEEN n.from_on AND n.to_on "
        "ORDER BY t.g, n.item, length(n.code) DESC) w "
        f"LEFT JOIN (SELECT s.g, s.item, sum(s.free_count)::bigint AS free FROM ({stock}) s GROUP BY s.g, s.item) b "
        "ON b.g = w.g AND b.item = w.item"
    )
