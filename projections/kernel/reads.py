"""Reads of the present and of the past: the one definition of what `asOf` and `effectiveOn` mean in SQL.

A history row was its key's current row for positions `from_pos <= P < until_pos`; from `until_pos` on (and before
`to_pos`, where that is set) it is what is known to have been true on business dates `valid_from <= D < valid_to`.
"""

from projections.kernel.tables import KERNEL_COLUMNS, View


def read_source(view: View, as_of: str | None = None, effective: str | None = None) -> str:
    """A table expression with the view's columns and scope, valid_from, from_pos; at most one row a key.

    `as_of` is the SQL of a log position (`$3::bigint`), `effective` of a business date (`$4::date`); None reads the
    present. Give the expression an alias. Row security holds in either case.
    """
    if as_of is None and effective is None:
        return view.live
    live, past = conditions(as_of, effective)
    columns = ", ".join((*view.names, *KERNEL_COLUMNS))
    if not view.has_history:
        return f"(SELECT {columns} FROM {view.live} WHERE {live})"
    return (
        f"(SELECT {columns} FROM {view.live} WHERE {live} UNION ALL SELECT {columns} FROM {view.history} WHERE {past})"
    )


def conditions(as_of: str | None, effective: str | None) -> tuple[str, str]:
    """What a live row and what a history row must satisfy."""
    if as_of is None:
        return (
            f"valid_from <= {effective}",
            f"to_pos IS NULL AND valid_from <= {effective} AND {effective} < valid_to",
        )
    current = f"from_pos <= {as_of} AND {as_of} < until_pos"
    if effective is None:
        return f"from_pos <= {as_of}", current
    known = f"until_pos <= {as_of} AND (to_pos IS NULL OR {as_of} < to_pos) AND {effective} < valid_to"
    return (
        f"from_pos <= {as_of} AND valid_from <= {effective}",
        f"valid_from <= {effective} AND (({current}) OR ({known}))",
    )
