"""The parts every read statement is put together from, by the compiler and by the resolvers alike.

A statement reads `(json j, bytes i)` in one row: the answer, and the ids of the persons in it (16 bytes each), so that
reads can be recorded. No row at all means that the connection's scope is not the caller's. Values are parameters,
always; only names and constants of the program stand in the text.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from api.graphql.arguments import NULL, Argument, Environment, Get, Given
from api.graphql.columns import Clear, leaf_sql, light_sql, persons_sql
from api.graphql.cursors import read_cursor
from api.graphql.kinds import Filter, Kind, Kinds, Leaf
from domain.access import subtree
from domain.errors import BadInput
from projections.kernel import reads
from projections.kernel.tables import Column

DEFAULT_PAGE = 50
MAX_PAGE = 1000
LIST_LIMIT = 1000
"""Most rows of a plain list relation: households, coverages and divisions have far fewer."""
LIST_COST = 20
"""What a plain list relation counts for in a query's cost."""

GUARD = (
    "SELECT b.j, b.i FROM (SELECT 1 WHERE current_setting('minzheng.lo', true) = $1 "
    "AND current_setting('minzheng.hi', true) = $2 AND current_setting('minzheng.areas', true) = $3 "
    "AND current_setting('minzheng.visit', true) = $4) g "
    "LEFT JOIN LATERAL ({body}) b ON true"
)
"""The statement checks the scope it runs under itself: a mistake in pooling refuses instead of leaking."""


Sought = Literal["position", "citizen", "today", "soon"]


@dataclass(frozen=True, slots=True)
class Lookup:
    """Something to find out before the statement runs.

    The position of a time, the person behind a citizen ID, today's business date, and the day up to which a limit is
    near.
    """

    what: "Sought"
    get: Get


@dataclass(frozen=True, slots=True)
class Statement:
    """A compiled read: text, where its parameters come from, and what has to be known or waited for first."""

    sql: str
    gets: tuple[Get, ...]
    lookups: tuple[Lookup, ...]
    waits: tuple[Get, ...]
    """Positions that the projections must have reached."""
    projections: frozenset[str]
    costs: tuple["Cost", ...]
    complete: bool = True
    """Whether it answers the whole document; else only its cost is of use."""

    fixed_cost: int | None = None
    """Its cost, where no variable has a part in it."""

    def cost(self, env: Environment) -> int:
        """Rows this may read in the worst case: the product of nested limits, summed."""
        return self.fixed_cost if self.fixed_cost is not None else sum(part.rows(env) for part in self.costs)


@dataclass(slots=True)
class Cost:
    """Worst-case number of rows at one place of a statement, and below each of them."""

    limit: Get | int
    inner: list["Cost"] = field(default_factory=list)

    def rows(self, env: Environment) -> int:
        """Rows here and below."""
        here = self.limit if isinstance(self.limit, int) else int(self.limit(env))
        return here * (1 + sum(part.rows(env) for part in self.inner)) if self.inner else here

    def fixed(self) -> bool:
        """Whether no variable has a part in it."""
        return isinstance(self.limit, int) and all(part.fixed() for part in self.inner)


@dataclass(frozen=True, slots=True)
class Times:
    """Recorded and business time of a read, as SQL parameters; empty is the present."""

    position: str = ""
    day: str = ""


@dataclass(slots=True)
class Node:
    """One object under construction: what is read of the row `alias`."""

    kind: Kind
    alias: str
    out: str
    """Alias of the lateral table whose row is the object."""
    fields: list[str] = field(default_factory=list)
    joins: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    needed: dict[str, None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.need(*self.kind.persons)

    def need(self, *columns: str) -> None:
        """The row must carry these columns."""
        self.needed.update(dict.fromkeys(columns))

    def leaf(self, key: str, leaf: Leaf, builder: "Builder") -> None:
        """Answer a field under a quoted key."""
        self.need(leaf.column.name)
        if leaf.form in ("light", "light_label") and leaf.column.limit is not None:
            self.need(leaf.column.limit.while_)
            text = light_sql(leaf, self.alias, builder.day("today"), builder.day("soon"))
        else:
            text = leaf_sql(leaf, self.alias, builder.clear)
        self.fields.append(f"{text} AS {key}")

    def row(self) -> str:
        """The object as a lateral table."""
        return f"CROSS JOIN LATERAL (SELECT {', '.join(self.fields)}) {self.out}"

    def persons(self) -> str:
        """Ids of the persons in the object and below it."""
        return " || ".join((*persons_sql(self.kind, self.alias), *self.ids)) or "''::bytea"


@dataclass(slots=True)
class Builder:
    """Collects parameters, lookups and names while one statement is put together."""

    kinds: Kinds
    clear: Clear
    gets: list[Get] = field(default_factory=list)
    lookups: list[Lookup] = field(default_factory=list)
    waits: list[Get] = field(default_factory=list)
    projections: set[str] = field(default_factory=set)
    _aliases: int = 0
    _bound: dict[tuple[Get, str], str] = field(default_factory=dict)
    _days: dict[str, str] = field(default_factory=dict)

    def bind(self, get: Get, sql_type: str) -> str:
        """A parameter; the same value of the same type is sent once."""
        known = self._bound.get((get, sql_type))
        if known is None:
            self.gets.append(get)
            known = self._bound[get, sql_type] = f"${len(self.gets) + 4}::{sql_type}"
        return known

    def alias(self, prefix: str = "p") -> str:
        """A fresh table alias."""
        self._aliases += 1
        return f"{prefix}{self._aliases}"

    def node(self, kind: Kind, alias: str = "") -> Node:
        """An empty object on a fresh row alias, or on that of another object of the same row."""
        return Node(kind, alias or self.alias(), self.alias("n"))

    def day(self, what: Literal["today", "soon"]) -> str:
        """A day that depends on when the question is asked, as a parameter."""
        if what not in self._days:
            self._days[what] = self.bind(self.look_up(what, lambda env: None), "date")
        return self._days[what]

    def look_up(self, what: Sought, get: Get) -> Get:
        """A value that is found out before the statement runs."""
        place = len(self.lookups)
        self.lookups.append(Lookup(what, get))
        return lambda env: env.looked_up[place]

    def statement(self, body: str, costs: Sequence[Cost], *, complete: bool = True) -> Statement:
        """The finished statement around a body that selects `j` and `i`."""
        # What nothing below turned out to need is named all the same, or PostgreSQL could not tell its type.
        idle = [place for place in self._bound.values() if f"{place.partition('::')[0]}::" not in body]
        if idle:
            body = f"SELECT w.j, w.i FROM ({body}) w LEFT JOIN (SELECT {', '.join(idle)}) idle ON true"
        return Statement(
            sql=GUARD.format(body=body),
            gets=tuple(self.gets),
            lookups=tuple(self.lookups),
            waits=tuple(self.waits),
            projections=frozenset(self.projections),
            costs=tuple(costs),
            complete=complete,
            fixed_cost=sum(part.rows(Environment({})) for part in costs) if all(c.fixed() for c in costs) else None,
        )

    def times(self, arguments: Mapping[str, Argument]) -> Times:
        """The two times a root field is asked for, and what it has to wait for."""
        as_of, day = arguments.get("asOf", NULL), arguments.get("effectiveOn", NULL)
        least = arguments.get("minPosition", NULL)
        if isinstance(least, Given):
            self.waits.append(least.get)
        position = ""
        if isinstance(as_of, Given):
            get = self.look_up("position", as_of.get)
            # A projection that lags behind the asked time would answer with less than was known then.
            self.waits.append(get)
            position = self.bind(get, "bigint")
        return Times(position, self.bind(day.get, "date") if isinstance(day, Given) else "")

    def rows(
        self,
        kind: Kind,
        columns: Iterable[str],
        times: Times,
        conditions: Sequence[str],
        tail: str = "",
    ) -> str:
        """Select rows of a kind at the given times; conditions and tail speak of the row as `t`."""
        if kind.projection:
            self.projections.add(kind.projection)
        chosen = ", ".join(f"t.{name}" for name in columns) or "1"
        if not (times.position or times.day):
            return f"{_select(chosen, kind.table, conditions)}{tail}"
        live, past = reads.conditions(times.position or None, times.day or None)
        present = f"{_select(chosen, kind.table, (live, *conditions))}{tail}"
        if not kind.view.has_history:
            return present
        # Ordered and limited in each arm as well: over a union with conditions PostgreSQL would sort everything.
        arms = (present, f"{_select(chosen, kind.view.history, (past, *conditions))}{tail}")
        return f"SELECT {chosen} FROM ({' UNION ALL '.join(f'({arm})' for arm in arms)}) t{tail}"

    def conditions(self, kind: Kind, given: Mapping[str, Argument], times: Times) -> list[str]:
        """What a filter input demands of `t`; raises BadInput where a field is given as null."""
        found = []
        # At present a row's division is its scope, where no owner gives it another: and scope leads the indexes.
        own = kind.view.scope_from == "division_code" and kind.view.owner is None and times == Times()
        for name, argument in given.items():
            chosen = kind.filters[name]
            if argument is NULL:
                raise BadInput(f"筛选条件 {name} 不能为 null；不筛选时请不要写它。", f"filter.{name}")
            place = "t.scope" if own and chosen.op == "subtree" else f"t.{chosen.column.name}"
            found += self._condition(chosen, place, argument)
        return found

    def _condition(self, chosen: Filter, place: str, argument: Argument) -> list[str]:
        column = chosen.column
        if isinstance(argument, dict):
            return self._range(place, chosen, argument)
        assert isinstance(argument, Given)
        get = argument.get
        if chosen.op == "subtree":
            return [
                f"{place} >= {self.bind(lambda env: _division(get(env))[0], 'text')}",
                f"{place} < {self.bind(lambda env: _division(get(env))[1], 'text')}",
            ]
        if chosen.op == "citizen":
            return [f"t.id = {self.bind(self.look_up('citizen', get), 'uuid')}"]
        if chosen.op == "is":
            return [f"{place} = {self.bind(get, column.sql_type)}"]
        if argument.single:
            return [f"{place} = {self.bind(lambda env: get(env)[0], column.sql_type)}"]
        return [f"{place} = ANY ({self.bind(get, f'{column.sql_type}[]')})"]

    def _range(self, place: str, chosen: Filter, given: Mapping[str, Argument]) -> list[str]:
        found = []
        for name, sign in (("from", ">="), ("to", "<=")):
            bound = given.get(name)
            if bound is NULL:
                raise BadInput(f"筛选条件 {chosen.name}.{name} 不能为 null。", f"filter.{chosen.name}.{name}")
            if isinstance(bound, Given):
                found.append(f"{place} {sign} {self.bind(bound.get, chosen.column.sql_type)}")
        if not found:
            raise BadInput(f"筛选条件 {chosen.name} 应有 from 或 to。", f"filter.{chosen.name}")
        return found

    def after(self, kind: Kind, order: Sequence[str], cursor: Argument | None) -> list[str]:
        """The condition of rows after a cursor in an order."""
        if not isinstance(cursor, Given):
            return []
        columns = [kind.columns[name] for name in order]
        parts = [self.bind(_cursor_part(cursor.get, kind, columns, i), c.sql_type) for i, c in enumerate(columns)]
        left = ", ".join(f"t.{name}" for name in order)
        return [f"({left}) > ({', '.join(parts)})"] if len(parts) > 1 else [f"{left} > {parts[0]}"]

    def limit(self, arguments: Mapping[str, Argument]) -> Get | int:
        """The page size, as a number where the document says it; raises BadInput, at run time else."""
        first = arguments.get("first")
        if not isinstance(first, Given):
            return DEFAULT_PAGE
        get = first.get
        return _page_size(get(Environment({}))) if first.known else lambda env: _page_size(get(env))


def one_sql(node: Node, rows: str) -> str:
    """At most one object: `rows` selects at most one row."""
    joins = " ".join((*node.joins, node.row()))
    return f"SELECT row_to_json({node.out}) AS j, {node.persons()} AS i FROM ({rows}) {node.alias} {joins}"


def list_sql(node: Node, rows: str) -> str:
    """A plain list of objects, in the order of `rows`, which end in a LIMIT (that keeps their order)."""
    joins = " ".join((*node.joins, node.row()))
    return (
        f"SELECT coalesce(json_agg({node.out}), '[]'::json) AS j, string_agg({node.persons()}, ''::bytea) AS i "
        f"FROM ({rows}) {node.alias} {joins}"
    )


def order_by(order: Sequence[str], limit: str) -> str:
    """The tail of a page of rows."""
    return f" ORDER BY {', '.join(f't.{name}' for name in order)} LIMIT {limit}"


def related(relation_on: str, prefix: str, place: str) -> str:
    """The condition that ties `t` to the row it is related to."""
    if prefix:
        return f"t.{relation_on} = '{prefix}' || {place}::text"
    return f"t.{relation_on} = {place}"


def _select(chosen: str, table: str, conditions: Sequence[str]) -> str:
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    return f"SELECT {chosen} FROM {table} t{where}"


def _division(code: Any) -> tuple[str, str]:
    if not isinstance(code, str) or not (code.isascii() and code.isdigit() and 2 <= len(code) <= 12):
        raise BadInput("筛选条件 division 应为 2 至 12 位数字的区划代码。", "filter.division")
    return subtree(code)


def _page_size(first: int) -> int:
    if not 0 <= first <= MAX_PAGE:
        raise BadInput(f"first 应在 0 与 {MAX_PAGE} 之间，现为 {first}；请分页读取。", "first")
    return first


def _cursor_part(get: Get, kind: Kind, columns: Sequence[Column], place: int) -> Get:
    return lambda env: read_cursor(get(env), kind.name, columns)[place]
