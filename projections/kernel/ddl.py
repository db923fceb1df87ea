"""The statements that make a projection's tables: columns, indexes, row security. Read tables are never altered."""

from collections.abc import Iterable

from projections.kernel.scope import policies
from projections.kernel.tables import VIEWS, Column, Many, View

_KERNEL = (
    'scope text COLLATE "C" NOT NULL',
    "valid_from date NOT NULL",
    "from_pos bigint NOT NULL",
    "changed bigint NOT NULL",
)
_PAST = ("valid_to date NOT NULL", "until_pos bigint NOT NULL", "to_pos bigint")


_SELDOM = "autovacuum_vacuum_insert_scale_factor = 0.5, autovacuum_analyze_scale_factor = 0.4"
"""While the log is caught up with, tables grow and grow, and the server would look at them all the time."""
ORPHANS = 'CREATE TABLE orphan (owner text, key text COLLATE "C", PRIMARY KEY (owner, key))'
"""Owners that rows refer to and that were not there when the row was written (views.owner)."""


def tables(view: View) -> list[str]:
    """CREATE TABLE statements with primary keys: what the writer needs from the first row on."""
    columns = [_column(column) for column in view.columns]
    # Live rows are updated in place where a page has room for the new version (no index of theirs changes). Rows that
    # are only ever appended are not looked for while a rebuild fills the table: their key can wait as well.
    key = [] if view.appended else [_primary_key(view)]
    room = f" WITH ({_SELDOM})" if view.appended else f" WITH (fillfactor = 90, {_SELDOM})"
    statements = [f"CREATE TABLE {view.live} ({', '.join([*columns, *_KERNEL, *key])}){room}"]
    if view.has_history:
        past = f"PRIMARY KEY ({', '.join(view.key)}, from_pos, valid_from)"
        statements.append(
            f"CREATE TABLE {view.history} ({', '.join([*columns, *_KERNEL, *_PAST, past])}) WITH ({_SELDOM})"
        )
    return statements


def finishing(view: View) -> list[str]:
    """What can wait until a rebuild has filled the tables: further indexes, row security, statistics."""
    statements = [f"ALTER TABLE {view.live} ADD {_primary_key(view)}"] if view.appended else []
    statements += [f"CREATE INDEX ON {view.live} ({', '.join(columns)})" for columns in indexes(view)]
    if view.has_history:
        past = indexes(view, past=True)
        statements += [f"CREATE INDEX ON {view.history} ({', '.join(columns)})" for columns in past]
    statements += policies(view)
    statements.append(f"ANALYZE {view.live}")
    if view.has_history:
        statements.append(f"ANALYZE {view.history}")
    return statements


def indexes(view: View, *, past: bool = False) -> list[tuple[str, ...]]:
    """Column lists of the indexes beside the primary key, of the live or the history table.

    Lists are ordered by scope first, so that one index serves the district, a street and a community alike. A
    relation finds its rows by an index on the joined column in the relation's order. What a view adds for its filters
    serves the present only: the past of a list is found by scope. One that leads another is left out.
    """
    wanted: list[tuple[str, ...]] = []
    if view.listed and not (view.internal or view.public):
        wanted.append(("scope", *view.order))
    if not past:
        wanted += view.indexes
    wanted += _relation_indexes(view)
    if view.owner is not None:
        wanted.append((view.owner.column,))
    kept: list[tuple[str, ...]] = []
    for columns in sorted(set(wanted), key=lambda c: (-len(c), c)):
        if not any(other[: len(columns)] == columns for other in (*kept, view.key)):
            kept.append(columns)
    return kept


def _primary_key(view: View) -> str:
    return f"PRIMARY KEY ({', '.join(view.key)})"


def _relation_indexes(view: View) -> Iterable[tuple[str, ...]]:
    for source in VIEWS.values():
        for relation in source.relations.values():
            if relation.to == view.name and isinstance(relation, Many) and relation.on != view.key[0]:
                order = relation.order or view.order
                yield (relation.on, *order, *(key for key in view.key if key not in order and key != relation.on))


def _column(column: Column) -> str:
    collation = ' COLLATE "C"' if column.sql_type.startswith("text") else ""
    return f"{column.name} {column.sql_type}{collation}{'' if column.nullable else ' NOT NULL'}"
