"""A validated read document becomes one SQL statement that returns the response's JSON.

Nested objects are lateral joins with a LIMIT, so that PostgreSQL never reorders what a list has ordered; every list
is one aggregate over a page of rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import FieldNode, GraphQLObjectType, GraphQLSchema, OperationDefinitionNode, get_named_type

from api.graphql.arguments import NULL, Argument, Get, Given, arguments
from api.graphql.columns import Clear
from api.graphql.cursors import cursor_sql
from api.graphql.kinds import Kind, Kinds, Relation
from api.graphql.roots import Root, root_conditions
from api.graphql.selection import Fields, Fragments, collect
from api.graphql.sql import (
    LIST_COST,
    LIST_LIMIT,
    Builder,
    Cost,
    Node,
    Statement,
    Times,
    list_sql,
    one_sql,
    order_by,
    related,
)

_LONGEST_NAME = 63
"""PostgreSQL cuts longer names off."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """SQL that selects `j` and `i`, and its cost."""

    sql: str
    cost: Cost


@dataclass(slots=True)
class Compiler:
    """Compiles the query operations of one schema."""

    schema: GraphQLSchema
    kinds: Kinds
    roots: Mapping[str, Root]

    def compile(
        self, operation: OperationDefinitionNode, fragments: Fragments, variables: Mapping[str, Any], clear: Clear
    ) -> Statement:
        """The statement of a query for variables of this shape.

        It is not `complete`, but still tells the cost, where something in it is for the executor to answer. Raises
        BadInput where an argument can't be meant that way.
        """
        return _Run(self, fragments, variables, Builder(self.kinds, clear)).operation(operation)


@dataclass(slots=True)
class _Run:
    compiler: Compiler
    fragments: Fragments
    variables: Mapping[str, Any]
    builder: Builder
    complete: bool = True

    def key(self, key: str) -> str:
        """A response key as a quoted SQL name; GraphQL names hold no quotes."""
        if len(key) > _LONGEST_NAME:
            self.complete = False
        return f'"{key}"'

    def operation(self, operation: OperationDefinitionNode) -> Statement:
        query = self.compiler.schema.query_type
        assert query is not None
        fields, joins, ids, costs = [], [], [], []
        for key, nodes in self.collect([operation], query.name).items():
            if nodes[0].name.value == "__typename":
                fields.append(f"'{query.name}' AS {self.key(key)}")
                continue
            root = self.compiler.roots.get(nodes[0].name.value)
            if root is None:
                self.complete = False
                continue
            compiled = self.root(root, nodes, query)
            alias = self.builder.alias("r")
            joins.append(f"LEFT JOIN LATERAL ({compiled.sql}) {alias} ON true")
            fields.append(f"{alias}.j AS {self.key(key)}")
            ids.append(f"coalesce({alias}.i, ''::bytea)")
            costs.append(compiled.cost)
        persons = " || ".join(ids) or "''::bytea"
        body = (
            f"SELECT row_to_json(d) AS j, {persons} AS i FROM (SELECT 1) u "
            f"{' '.join(joins)} CROSS JOIN LATERAL (SELECT {', '.join(fields)}) d"
        )
        return self.builder.statement(body, costs, complete=self.complete)

    def collect(self, nodes: Sequence[Any], type_name: str) -> Fields:
        return collect([node.selection_set for node in nodes], type_name, self.fragments, self.variables)

    def root(self, root: Root, nodes: Sequence[FieldNode], query: GraphQLObjectType) -> Compiled:
        given = arguments(query.fields[nodes[0].name.value], nodes[0], self.variables)
        kind = self.compiler.kinds[root.kind]
        times = self.builder.times(given)
        conditions = root_conditions(self.builder, root, kind, given, times)
        if root.single:
            return self.one(kind, conditions, nodes, times)
        return self.connection(kind, root.order or kind.order, conditions, given, nodes, times)

    def one(self, kind: Kind, conditions: Sequence[str], nodes: Sequence[FieldNode], times: Times) -> Compiled:
        node = self.builder.node(kind)
        inner = self.object(node, nodes, times)
        rows = self.builder.rows(kind, node.needed, times, conditions, " LIMIT 1")
        return Compiled(one_sql(node, rows), Cost(1, inner))

    def object(self, node: Node, nodes: Sequence[FieldNode], times: Times) -> list[Cost]:
        """Fill a node with what the fields' selections ask for; returns the costs below it."""
        costs = []
        for key, asked in self.collect(nodes, node.kind.type_name).items():
            name = asked[0].name.value
            if name == "__typename":
                node.fields.append(f"'{node.kind.type_name}' AS {self.key(key)}")
            elif (leaf := node.kind.leaves.get(name)) is not None:
                node.leaf(self.key(key), leaf, self.builder)
            else:
                compiled = self.relation(node, node.kind.relations[name], asked, times)
                alias = self.builder.alias("r")
                node.joins.append(f"LEFT JOIN LATERAL ({compiled.sql}) {alias} ON true")
                node.fields.append(f"{alias}.j AS {self.key(key)}")
                node.ids.append(f"coalesce({alias}.i, ''::bytea)")
                costs.append(compiled.cost)
        return costs

    def relation(self, node: Node, relation: Relation, nodes: Sequence[FieldNode], times: Times) -> Compiled:
        target = self.compiler.kinds[relation.to]
        node.need(relation.local)
        tie = related(relation.on, relation.prefix, f"{node.alias}.{relation.local}")
        if not relation.many:
            return self.one(target, [tie], nodes, times)
        if relation.paged:
            owner = self.compiler.schema.type_map[node.kind.type_name]
            assert isinstance(owner, GraphQLObjectType)
            given = arguments(owner.fields[relation.name], nodes[0], self.variables)
            conditions = [tie, *self.filters(target, given, times)]
            return self.connection(target, relation.order, conditions, given, nodes, times)
        child = self.builder.node(target)
        inner = self.object(child, nodes, times)
        child.need(*relation.order)
        tail = order_by(relation.order, str(LIST_LIMIT))
        rows = self.builder.rows(target, child.needed, times, [tie], tail)
        return Compiled(list_sql(child, rows), Cost(LIST_COST, inner))

    def filters(self, kind: Kind, given: Mapping[str, Argument], times: Times) -> list[str]:
        chosen = given.get("filter")
        return self.builder.conditions(kind, chosen, times) if isinstance(chosen, dict) else []

    def connection(
        self,
        kind: Kind,
        order: Sequence[str],
        conditions: Sequence[str],
        given: Mapping[str, Argument],
        nodes: Sequence[FieldNode],
        times: Times,
    ) -> Compiled:
        definition = get_named_type(self.compiler.schema.type_map[f"{kind.type_name}Connection"])
        page = Page(self, kind, order, conditions, given, times)
        for key, asked in self.collect(nodes, definition.name).items():
            page.field(self.key(key), asked)
        return page.compiled()


def _constant(value: int) -> Get:
    return lambda env: value


class Page:
    """One connection under construction: which aggregates over a page of rows answer which of its fields."""

    def __init__(
        self,
        run: _Run,
        kind: Kind,
        order: Sequence[str],
        conditions: Sequence[str],
        given: Mapping[str, Argument],
        times: Times,
    ) -> None:
        self.run, self.kind, self.order, self.times = run, kind, order, times
        self.conditions = conditions
        self.given = given
        self.alias = run.builder.alias()
        self.wants_info = self.wants_cursors = False
        self.more = False
        """Whether one row more than the page is read, to tell if there is a next page."""
        self.outer: list[str] = []
        self.aggregates: list[str] = []
        self.nodes: list[Node] = []
        self.edges: list[str] = []
        self.costs: list[Cost] = []
        self.limit = run.builder.limit(given)
        self.get: Get = _constant(self.limit) if isinstance(self.limit, int) else self.limit
        self.first = ""
        self.cursor = cursor_sql(kind.name, order, self.alias)

    def field(self, key: str, asked: Sequence[FieldNode]) -> None:
        """Answer one field of the connection under a quoted key."""
        name = asked[0].name.value
        if name == "__typename":
            self.outer.append(f"'{self.kind.type_name}Connection' AS {key}")
        elif name == "totalCount":
            rows = self.run.builder.rows(self.kind, (), self.times, self.conditions)
            self.outer.append(f"(SELECT count(*) FROM ({rows}) c) AS {key}")
        elif name == "nodes":
            node = self.object(asked)
            self.outer.append(f"{self.aggregate(f'json_agg({node.out})')} AS {key}")
        elif name == "edges":
            self.outer.append(f"{self.aggregate(f'json_agg({self.edge(asked)})')} AS {key}")
        else:
            self.outer.append(f"({self.page_info(asked)}) AS {key}")

    def object(self, asked: Sequence[FieldNode]) -> Node:
        node = self.run.builder.node(self.kind, self.alias)
        self.costs += self.run.object(node, asked, self.times)
        self.nodes.append(node)
        return node

    def edge(self, asked: Sequence[FieldNode]) -> str:
        """The alias of a lateral row with an edge's fields."""
        fields = []
        for key, nodes in self.run.collect(asked, f"{self.kind.type_name}Edge").items():
            quoted, name = self.run.key(key), nodes[0].name.value
            if name == "__typename":
                fields.append(f"'{self.kind.type_name}Edge' AS {quoted}")
            elif name == "cursor":
                fields.append(f"{self.cursor} AS {quoted}")
            else:
                fields.append(f"row_to_json({self.object(nodes).out}) AS {quoted}")
        alias = self.run.builder.alias("e")
        self.edges.append(f"CROSS JOIN LATERAL (SELECT {', '.join(fields)}) {alias}")
        return alias

    def page_info(self, asked: Sequence[FieldNode]) -> str:
        """A subquery with the JSON of the page's place in the list."""
        fields = []
        for key, nodes in self.run.collect(asked, "PageInfo").items():
            quoted, name = self.run.key(key), nodes[0].name.value
            if name == "__typename":
                fields.append(f"'PageInfo' AS {quoted}")
            elif name == "hasPreviousPage":
                fields.append(f"{str(isinstance(self.given.get('after', NULL), Given)).lower()} AS {quoted}")
            elif name == "hasNextPage":
                self.more = True
                fields.append(f"a.rows > {self.bound_first()} AS {quoted}")
            else:
                place = "1" if name == "startCursor" else f"least(a.rows, {self.bound_first()})::integer"
                fields.append(f"CASE WHEN {self.bound_first()} > 0 THEN a.cursors[{place}] END AS {quoted}")
                self.wants_cursors = True
        self.wants_info = True
        return f"SELECT row_to_json(pi) FROM (SELECT {', '.join(fields)}) pi"

    def bound_first(self) -> str:
        self.first = self.run.builder.bind(self.get, "bigint")
        return self.first

    def aggregate(self, expression: str) -> str:
        """Where the outer row finds an aggregate over the page's rows."""
        self.aggregates.append(expression)
        return f"a.a{len(self.aggregates)}"

    def compiled(self) -> Compiled:
        """The whole connection."""
        outer = ", ".join(self.outer)
        cost = Cost(self.limit, self.costs)
        if not (self.aggregates or self.wants_info):
            return Compiled(f"SELECT row_to_json(o) AS j, ''::bytea AS i FROM (SELECT {outer}) o", Cost(1))
        aggregates = self.aggregate_list()
        joins = " ".join((*(join for node in self.nodes for join in node.joins), *self.rows_of_objects()))
        inner = f"SELECT {', '.join(aggregates)} FROM ({self.rows()}) {self.alias} {joins}"
        return Compiled(
            f"SELECT row_to_json(o) AS j, a.i AS i FROM ({inner}) a CROSS JOIN LATERAL (SELECT {outer}) o", cost
        )

    def rows_of_objects(self) -> list[str]:
        return [*(node.row() for node in self.nodes), *self.edges]

    def aggregate_list(self) -> list[str]:
        only = f" FILTER (WHERE {self.alias}.rn <= {self.bound_first()})" if self.more else ""
        found = [f"coalesce({text}{only}, '[]'::json) AS a{i}" for i, text in enumerate(self.aggregates, 1)]
        if self.nodes:
            own = self.nodes[0].persons()
            below = [id for node in self.nodes[1:] for id in node.ids]
            found.append(f"string_agg({' || '.join((own, *below))}, ''::bytea){only} AS i")
        else:
            found.append("''::bytea AS i")
        if self.wants_info:
            found.append("count(*) AS rows")
        if self.wants_cursors:
            found.append(f"array_agg({self.cursor}) AS cursors")
        return found

    def rows(self) -> str:
        needed = {**dict.fromkeys(self.order), **{name: None for node in self.nodes for name in node.needed}}
        builder = self.run.builder
        get = self.get
        limit = builder.bind((lambda env: get(env) + 1) if self.more else get, "bigint")
        conditions = [*self.conditions, *builder.after(self.kind, self.order, self.given.get("after"))]
        rows = builder.rows(self.kind, needed, self.times, conditions, order_by(self.order, limit))
        return f"SELECT x.*, row_number() OVER () AS rn FROM ({rows}) x" if self.more else rows
