"""GraphQL types of the read views, made from their row classes' declarations.

Python classes are needed by Strawberry alone and never instantiated: objects are the JSON rows PostgreSQL wrote, and a
field is read by its name.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, get_args
from uuid import UUID

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

from api.graphql.kinds import Filter, Kind, Kinds, Leaf, Relation, is_json
from api.graphql.roots import Root
from api.graphql.scalars import Document, Fen, Position, Whole
from api.graphql.sql import DEFAULT_PAGE, MAX_PAGE
from domain.codes import Code, Light
from projections.kernel.tables import Column

Namespace = dict[str, Any]

_FIRST = f"每页条数，至多 {MAX_PAGE} · page size"
_AFTER = "从此游标之后开始 · cursor of the row to start after"
_TIME_ARGUMENTS = (
    ("asOf", "datetime", "按当时所知 · as it was known at this time (recorded time)"),
    ("effectiveOn", "date", "按当日实际 · as it was true on this day (business time)"),
    ("minPosition", "Position", "等到读模型达到此日志位置 · wait until reads have reached this log position"),
)


@strawberry.type(description="列表中的位置 · place of a page in its list")
class PageInfo:
    """Relay's PageInfo."""

    hasNextPage: bool
    hasPreviousPage: bool
    startCursor: str | None
    endCursor: str | None


@strawberry.input(description="日期范围，含两端 · a range of days, both ends included")
class DateRange:
    """At least one end."""

    from_: date | None = strawberry.field(name="from", default=strawberry.UNSET)
    to: date | None = strawberry.UNSET


@strawberry.input(description="时间范围，含两端 · a range of instants, both ends included")
class DateTimeRange:
    """At least one end."""

    from_: datetime | None = strawberry.field(name="from", default=strawberry.UNSET)
    to: datetime | None = strawberry.UNSET


def enum_type(code: type[Code]) -> Any:
    """A code set as a GraphQL enum: names as in the program, labels as descriptions."""
    made = strawberry.enum(code, description=(code.__doc__ or code.__name__).strip())
    for value, member in zip(made.__strawberry_definition__.values, code, strict=True):  # type: ignore[attr-defined]
        value.description = member.label
    return made


def python_type(column: Column) -> Any:
    """What Strawberry is told a column is."""
    if column.fen:
        return Fen
    if column.position:
        return Position
    if is_json(column):
        return Document
    if column.is_enum:
        return enum_type(column.type)
    return list[get_args(column.type)[0]] if column.is_array else column.type  # type: ignore[misc]


def read_types(kinds: Kinds) -> Namespace:
    """Every object, connection, edge and filter type of the kinds, by GraphQL name."""
    space: Namespace = {
        "PageInfo": PageInfo,
        "Position": Position,
        "Whole": Whole,
        "date": date,
        "datetime": datetime,
        "UUID": UUID,
    }
    for kind in kinds:
        if kind.filters:
            space[f"{kind.type_name}Filter"] = _filter_type(kind)
        space[kind.type_name] = _kind_type(kind, kinds, space)
        space |= _connection_types(kind, space)
    return space


def query_type(kinds: Kinds, roots: Iterable[Root], space: Namespace, extra: Mapping[str, StrawberryField]) -> Any:
    """The type Query: the roots over views, and the fields that no view answers."""
    fields = {root.name: _root_field(root, kinds[root.kind], space) for root in roots}
    return object_type("Query", {**fields, **extra}, "查询 · reads", space)


def _kind_type(kind: Kind, kinds: Kinds, space: Namespace) -> Any:
    fields: dict[str, StrawberryField] = {}
    for leaf in kind.leaves.values():
        fields[leaf.name] = field(_leaf_annotation(leaf), leaf.doc, space)
    for relation in kind.relations.values():
        fields[relation.name] = _relation_field(relation, kinds[relation.to], space)
    return object_type(kind.type_name, fields, f"{kind.view.doc} · {kind.view.name.replace('_', ' ')}", space)


def _leaf_annotation(leaf: Leaf) -> Any:
    if leaf.form == "light":
        return enum_type(Light) | None
    kind = str if leaf.form in ("label", "yuan", "light_label") else python_type(leaf.column)
    return kind | None if leaf.nullable else kind


def _relation_field(relation: Relation, target: Kind, space: Namespace) -> StrawberryField:
    name = target.type_name
    if relation.paged:
        return field(f"{name}Connection", relation.doc, space, _page_arguments(target, space))
    return field(f"list[{name}]" if relation.many else f"{name} | None", relation.doc, space)


def _connection_types(kind: Kind, space: Namespace) -> Namespace:
    name, doc = kind.type_name, kind.view.doc
    edge = {
        "cursor": field(str, "游标 · opaque cursor", space),
        "node": field(name, doc, space),
    }
    connection = {
        "nodes": field(f"list[{name}]", "本页记录 · rows of this page", space),
        "edges": field(f"list[{name}Edge]", "本页记录及其游标 · rows with their cursors", space),
        "pageInfo": field("PageInfo", "本页位置 · place in the list", space),
        "totalCount": field(int, "符合条件的总数，仅在需要时请求 · number of all rows, counted when asked", space),
    }
    return {
        f"{name}Edge": object_type(f"{name}Edge", edge, f"{doc}（含游标） · edge", space),
        f"{name}Connection": object_type(f"{name}Connection", connection, f"{doc}列表 · connection", space),
    }


def object_type(name: str, fields: Mapping[str, StrawberryField], doc: str, space: Namespace) -> Any:
    """An object type whose annotations are resolved in `space`, where types of each other stand later."""
    annotations = {key: each.type_annotation.annotation for key, each in fields.items() if each.type_annotation}
    made = strawberry.type(type(name, (), dict(fields)), description=doc)
    for each in made.__strawberry_definition__.fields:  # type: ignore[attr-defined]
        # Making it a dataclass has replaced the namespace with this module's.
        each.type_annotation = StrawberryAnnotation(annotations[each.python_name], namespace=space)
    return made


def _filter_type(kind: Kind) -> Any:
    fields = {chosen.name: _filter_field(chosen) for chosen in kind.filters.values()}
    made = type(f"{kind.type_name}Filter", (), fields)
    return strawberry.input(made, description=f"{kind.view.doc}筛选条件，须全部满足 · all of them must hold")


def _filter_field(chosen: Filter) -> StrawberryField:
    column = chosen.column
    match chosen.op:
        case "range":
            wanted: Any = DateTimeRange if column.type is datetime else DateRange
        case "subtree" | "citizen":
            wanted = str
        case "is":
            wanted = bool
        case "any":
            wanted = list[python_type(column)]  # type: ignore[misc]
    return StrawberryField(
        type_annotation=StrawberryAnnotation(wanted | None), description=chosen.doc, default=strawberry.UNSET
    )


def _root_field(root: Root, kind: Kind, space: Namespace) -> StrawberryField:
    asked = _TIME_ARGUMENTS if root.timed else ()
    times = [argument(name, f"{python} | None", doc, space) for name, python, doc in asked]
    if root.single:
        keys = [argument("id", "UUID | None" if root.citizen else "UUID", f"{kind.view.doc}标识 · id", space)]
        if root.citizen:
            keys.append(argument("citizenId", "str | None", "公民身份号码 · citizen ID", space))
        return field(f"{kind.type_name} | None", root.doc, space, [*keys, *times])
    given = _page_arguments(kind, space)
    if root.subject:
        given.insert(0, argument(root.subject, "str", kind.columns[root.subject].doc, space))
    return field(f"{kind.type_name}Connection", root.doc, space, [*given, *times])


def _page_arguments(kind: Kind, space: Namespace) -> list[StrawberryArgument]:
    made = [
        argument("first", "int", _FIRST, space, default=DEFAULT_PAGE),
        argument("after", "str | None", _AFTER, space),
    ]
    if kind.filters:
        name = f"{kind.type_name}Filter"
        made.insert(0, argument("filter", f"{name} | None", "筛选条件 · which rows", space))
    return made


def argument(
    name: str, annotation: str, doc: str, space: Namespace, default: object = strawberry.UNSET
) -> StrawberryArgument:
    """An argument; optional where the annotation says so or a default is given."""
    optional = strawberry.UNSET if default is strawberry.UNSET else default
    return StrawberryArgument(
        python_name=name,
        graphql_name=name,
        type_annotation=StrawberryAnnotation(annotation, namespace=space),
        description=doc,
        default=optional,
    )


def field(
    annotation: Any, doc: str, space: Namespace, arguments: list[StrawberryArgument] | None = None
) -> StrawberryField:
    """A field of an object type. A textual annotation is resolved in `space`, once all types stand there."""
    made = StrawberryField(
        type_annotation=StrawberryAnnotation(annotation, namespace=space),
        description=doc,
    )
    if arguments is not None:
        made.arguments = arguments
    return made
