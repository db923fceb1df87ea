"""Field-by-field resolution, for what one statement can't answer: the same answer from the same SQL parts.

Resolvers fetch whole rows as JSON, relations of many rows at a time. They are attached to every read field of the
schema, made from the same declarations as the compiler's joins.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import asyncpg
import orjson
from graphql import GraphQLObjectType, GraphQLResolveInfo
from strawberry.dataloader import DataLoader

from api.graphql.arguments import Argument, Environment, Given, constant, from_values
from api.graphql.cursors import cursor_sql
from api.graphql.engine import Caller, Engine
from api.graphql.errors import database_error
from api.graphql.kinds import Kind, Relation
from api.graphql.roots import Root, root_conditions
from api.graphql.schema import ApiSchema
from api.graphql.sql import LIST_LIMIT, Builder, Node, Statement, Times, list_sql, one_sql, order_by, related
from domain.errors import BadInput

Row = dict[str, Any]
Info = GraphQLResolveInfo[Any]
Arguments = dict[str, Argument]
_LOCAL = "@{}"
_AT = "@at"
_CURSOR = "@cursor"


@dataclass(frozen=True, slots=True)
class At:
    """The two times a row was read at, resolved."""

    position: int | None = None
    day: date | None = None


@dataclass(slots=True)
class Context:
    """One request to the executor."""

    engine: Engine
    caller: Caller
    loaders: dict[Any, "DataLoader[Any, Any]"] = field(default_factory=dict)
    counted: int = 0
    """How many fields of this request have counted whole tables."""
    persons: bytearray = field(default_factory=bytearray)
    """Ids of the persons that were read, 16 bytes each."""

    def builder(self) -> Builder:
        """A builder for what this caller may see."""
        return Builder(self.engine.schema.kinds, self.caller.actor.clear)

    async def on_timeline(self, tags: Sequence[str], position: int) -> list[str]:
        """Those of the subjects on whose timelines the caller sees this position."""
        builder = self.builder()
        kind = builder.kinds["timeline"]
        conditions = [
            f"t.subject = ANY ({builder.bind(constant(list(tags)).get, 'text[]')})",
            f"t.position = {builder.bind(constant(position).get, 'bigint')}",
        ]
        rows = builder.rows(kind, ("subject",), Times(), conditions, " ORDER BY t.subject")
        found = f"SELECT coalesce(json_agg(s.subject), '[]'::json) AS j, ''::bytea AS i FROM ({rows}) s"
        return list(await self.run(builder, found))

    async def run(self, builder: Builder, body: str) -> Any:
        """The value of one statement."""
        statement: Statement = builder.statement(body, ())
        try:
            data, persons = await self.engine.run(statement, Environment({}), self.caller)
        except asyncpg.DataError:
            raise BadInput("参数超出可表示的范围。") from None
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            raise database_error(error) from error
        self.persons += persons or b""
        return orjson.loads(data)


@dataclass(frozen=True, slots=True)
class Page:
    """A connection: the page's rows, one more where there is a next page, and how to count the whole."""

    rows: list[Row]
    first: int
    later: bool
    count: Any

    @property
    def shown(self) -> list[Row]:
        """The rows of this page."""
        return self.rows[: self.first]

    def info(self) -> Row:
        """Relay's PageInfo."""
        cursors = [row[_CURSOR] for row in self.shown]
        return {
            "hasNextPage": len(self.rows) > self.first,
            "hasPreviousPage": self.later,
            "startCursor": cursors[0] if cursors else None,
            "endCursor": cursors[-1] if cursors else None,
        }


def attach_reads(schema: ApiSchema) -> None:
    """Give every read field of the schema its resolver."""
    query = schema.core.query_type
    assert query is not None
    for root in schema.roots.values():
        query.fields[root.name].resolve = _root_resolver(schema, root)
    for kind in schema.kinds:
        owner = schema.core.type_map[kind.type_name]
        assert isinstance(owner, GraphQLObjectType)
        for name in kind.leaves:
            owner.fields[name].resolve = _leaf
        for relation in kind.relations.values():
            owner.fields[relation.name].resolve = _relation_resolver(schema, kind, relation)
        _attach_connection(schema, kind)


def _attach_connection(schema: ApiSchema, kind: Kind) -> None:
    connection, edge = (schema.core.type_map.get(f"{kind.type_name}{part}") for part in ("Connection", "Edge"))
    if connection is None:
        return  # no field of the schema lists it
    assert isinstance(connection, GraphQLObjectType)
    assert isinstance(edge, GraphQLObjectType)
    connection.fields["nodes"].resolve = lambda page, info: page.shown
    connection.fields["edges"].resolve = lambda page, info: page.shown
    connection.fields["pageInfo"].resolve = lambda page, info: page.info()
    connection.fields["totalCount"].resolve = lambda page, info: page.count()
    edge.fields["cursor"].resolve = lambda row, info: row[_CURSOR]
    edge.fields["node"].resolve = lambda row, info: row


def _leaf(row: Row, info: Info) -> Any:
    value = row[info.field_name]
    named = info.return_type
    if value is not None and hasattr(named, "of_type"):
        named = named.of_type
    parse = getattr(named, "values", None)
    # An enum's field holds the name already; the executor wants the member behind it.
    return parse[value].value if parse is not None and value is not None else value


def _root_resolver(schema: ApiSchema, root: Root) -> Any:
    kind = schema.kinds[root.kind]

    async def resolve(source: Any, info: Info, **values: Any) -> Any:
        context: Context = info.context
        given = from_values(values)
        at = await _at(context, kind, given)
        builder = context.builder()
        times = _times(builder, at)
        if not root.single:
            return await _root_page(context, root, kind, given, at)
        conditions = root_conditions(builder, root, kind, given, times)
        node = _whole(builder, kind)
        rows = builder.rows(kind, node.needed, times, conditions, " LIMIT 1")
        return _stamped(await context.run(builder, one_sql(node, rows)), at)

    return resolve


async def _at(context: Context, kind: Kind, given: Arguments) -> At:
    """Resolve the times of a root field, and wait for what it waits for."""
    empty = Environment({})
    engine = context.engine
    values = {name: argument.get(empty) for name, argument in given.items() if isinstance(argument, Given)}
    position = None
    if (moment := values.get("asOf")) is not None:
        position = await engine.log.position_at(moment)
    await engine.wait_for(frozenset((kind.projection,)), max(position or 0, values.get("minPosition") or 0))
    return At(position, values.get("effectiveOn"))


async def _root_page(context: Context, root: Root, kind: Kind, given: Arguments, at: At) -> Page:
    builder = context.builder()
    order = root.order or kind.order
    first = _first(builder, given)
    conditions = root_conditions(builder, root, kind, given, _times(builder, at))
    rows = await context.run(builder, _page_body(builder, kind, order, conditions, given, at, first))

    async def count() -> int:
        counting = context.builder()
        demanded = root_conditions(counting, root, kind, given, _times(counting, at))
        return int(await context.run(counting, _count_body(counting, kind, demanded, at)))

    return Page([_stamped(row, at) for row in rows], first, isinstance(given.get("after"), Given), count)


def _relation_resolver(schema: ApiSchema, kind: Kind, relation: Relation) -> Any:
    target = schema.kinds[relation.to]
    local = _LOCAL.format(relation.local)

    async def resolve(row: Row, info: Info, **values: Any) -> Any:
        context: Context = info.context
        at: At = row[_AT]
        key = row[local]
        if key is None:
            return [] if relation.many and not relation.paged else None
        signature = (kind.name, relation.name, at, orjson.dumps(values, default=str, option=orjson.OPT_SORT_KEYS))
        loader = _loader(context, signature, kind, relation, target, from_values(values))
        found = await loader.load(key)
        if relation.paged:
            return found
        return [_stamped(each, at) for each in found] if relation.many else _stamped(found, at)

    return resolve


def _loader(
    context: Context,
    signature: tuple[str, str, At, bytes],
    kind: Kind,
    relation: Relation,
    target: Kind,
    given: Arguments,
) -> "DataLoader[Any, Any]":
    made = context.loaders.get(signature)
    if made is None:
        related_rows = _Related(context, relation, target, given, signature[2], kind.columns[relation.local].sql_type)
        made = DataLoader(related_rows.pages if relation.paged else related_rows.rows)
        context.loaders[signature] = made
    return made


class _Related:
    """What many rows of one level are related to, by one statement for all of them."""

    def __init__(
        self, context: Context, relation: Relation, target: Kind, given: Arguments, at: At, key_type: str
    ) -> None:
        self._context = context
        self._relation = relation
        self._target = target
        self._given = given
        self._at = at
        self._key_type = key_type
        self._counts: DataLoader[Any, int] = DataLoader(self._load_counts)

    async def rows(self, keys: list[Any]) -> list[Any]:
        """For each key the related row, or the list of them."""
        return await self._batch(self._plain, keys)

    async def pages(self, keys: list[Any]) -> list[Page]:
        """For each key a page of the related rows."""
        first = _first(self._context.builder(), self._given)

        def page(builder: Builder, tie: str) -> str:
            conditions = [tie, *_filters(builder, self._target, self._given, _times(builder, self._at))]
            return _page_body(builder, self._target, self._relation.order, conditions, self._given, self._at, first)

        later = isinstance(self._given.get("after"), Given)
        return [
            Page([_stamped(row, self._at) for row in rows], first, later, _counter(self._counts, key))
            for key, rows in zip(keys, await self._batch(page, keys), strict=True)
        ]

    async def _batch(self, body: Any, keys: list[Any]) -> list[Any]:
        builder = self._context.builder()
        bound = builder.bind(constant(keys).get, f"{self._key_type}[]")
        inner = body(builder, related(self._relation.on, self._relation.prefix, "k.key"))
        return list(
            await self._context.run(
                builder,
                f"SELECT json_agg(s.j ORDER BY k.ord) AS j, ''::bytea AS i "
                f"FROM unnest({bound}) WITH ORDINALITY k(key, ord) LEFT JOIN LATERAL ({inner}) s ON true",
            )
        )

    def _plain(self, builder: Builder, tie: str) -> str:
        node = _whole(builder, self._target)
        times = _times(builder, self._at)
        if not self._relation.many:
            return one_sql(node, builder.rows(self._target, node.needed, times, [tie], " LIMIT 1"))
        node.need(*self._relation.order)
        tail = order_by(self._relation.order, str(LIST_LIMIT))
        return list_sql(node, builder.rows(self._target, node.needed, times, [tie], tail))

    async def _load_counts(self, keys: list[Any]) -> list[int]:
        return await self._batch(self._counted, keys)

    def _counted(self, builder: Builder, tie: str) -> str:
        return _count_body(
            builder,
            self._target,
            [tie, *_filters(builder, self._target, self._given, _times(builder, self._at))],
            self._at,
        )


def _first(builder: Builder, given: Arguments) -> int:
    limit = builder.limit(given)
    return limit if isinstance(limit, int) else int(limit(Environment({})))


def _counter(counts: "DataLoader[Any, int]", key: Any) -> Any:
    return lambda: counts.load(key)


def _filters(builder: Builder, kind: Kind, given: Arguments, times: Times) -> list[str]:
    chosen = given.get("filter")
    return builder.conditions(kind, chosen, times) if isinstance(chosen, dict) else []


def _page_body(
    builder: Builder,
    kind: Kind,
    order: Sequence[str],
    conditions: Sequence[str],
    given: Arguments,
    at: At,
    first: int,
) -> str:
    node = _whole(builder, kind)
    node.need(*order)
    node.fields.append(f'{cursor_sql(kind.name, order, node.alias)} AS "{_CURSOR}"')
    after = builder.after(kind, order, given.get("after"))
    tail = order_by(order, builder.bind(constant(first + 1).get, "bigint"))
    return list_sql(node, builder.rows(kind, node.needed, _times(builder, at), [*conditions, *after], tail))


def _count_body(builder: Builder, kind: Kind, conditions: Sequence[str], at: At) -> str:
    rows = builder.rows(kind, (), _times(builder, at), conditions)
    return f"SELECT to_json(count(*)) AS j, ''::bytea AS i FROM ({rows}) c"


def _whole(builder: Builder, kind: Kind) -> Node:
    """A row with every field, and the columns its relations start from."""
    node = builder.node(kind)
    for leaf in kind.leaves.values():
        node.leaf(f'"{leaf.name}"', leaf, builder)
    for name in kind.locals:
        node.need(name)
        node.fields.append(f'{node.alias}.{name} AS "{_LOCAL.format(name)}"')
    return node


def _times(builder: Builder, at: At) -> Times:
    return Times(
        builder.bind(constant(at.position).get, "bigint") if at.position is not None else "",
        builder.bind(constant(at.day).get, "date") if at.day is not None else "",
    )


def _stamped(row: Any, at: At) -> Any:
    if row is not None:
        row[_AT] = at
    return row
