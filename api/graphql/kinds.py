"""Read views as the API sees them: which GraphQL type, field, filter and relation stands for which column.

Everything is derived from the views that projections declare; types, compiler and resolvers all read it from here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any, Literal
from uuid import UUID

from domain.kernel import SUBJECT_FIELDS
from projections.kernel.tables import JSON, Column, Many, One, View

Form = Literal["value", "label", "yuan", "light", "light_label"]
FilterOp = Literal["any", "subtree", "range", "is", "citizen"]

_TYPE_NAMES = {"timeline": "TimelineEntry"}
_PAGED = frozenset(
    {
        *("payment", "benefit_payment", "payroll_line", "timeline", "finding", "visit"),
        *("bed", "care_record", "smoke_alarm"),
    }
)
"""Views whose rows grow without end: relations to them are connections, to all others plain lists."""
_VALID_FROM = Column("valid_from", date, False, "此版本的业务生效日期")
_FROM_POS = Column("from_pos", int, False, "此版本记入日志的位置", marks=frozenset({"position"}))


def camel(name: str) -> str:
    """`division_code` → `divisionCode`."""
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def described(doc: str, name: str) -> str:
    """Chinese description with the English name in words."""
    words = name.replace("_", " ")
    return f"{doc} · {words}" if doc else words


@dataclass(frozen=True)
class Leaf:
    """One scalar or enum field of a GraphQL type, and how it comes out of its column."""

    name: str
    column: Column
    form: Form
    doc: str

    @property
    def nullable(self) -> bool:
        """Whether it may be null; a light is out where nothing is due."""
        return self.column.nullable or self.form in ("light", "light_label")


@dataclass(frozen=True)
class Filter:
    """One field of a filter input: what it does to which column."""

    name: str
    column: Column
    op: FilterOp
    doc: str


@dataclass(frozen=True)
class Relation:
    """A relation of a kind: `many` gives a plain list, `paged` a connection, else at most one."""

    name: str
    to: str
    local: str
    on: str
    many: bool
    paged: bool
    order: tuple[str, ...]
    prefix: str
    doc: str


@dataclass(frozen=True)
class Kind:
    """One view as a GraphQL object type."""

    view: View
    type_name: str
    leaves: Mapping[str, Leaf]
    relations: Mapping[str, Relation]
    filters: Mapping[str, Filter]
    order: tuple[str, ...]
    """Order of root lists: below the scope where the view is listed, so that one index serves every subtree."""
    persons: tuple[str, ...]
    """Columns that name persons whose data a row shows."""
    projection: str
    """Name of the projection that writes it; empty where none does, and there is no past to read."""
    table: str
    """The live table, as SQL names it."""

    @property
    def name(self) -> str:
        """Name of the view."""
        return self.view.name

    @cached_property
    def columns(self) -> Mapping[str, Column]:
        """Every readable column by its SQL name."""
        own = {column.name: column for column in self.view.columns}
        return {**own, "valid_from": _VALID_FROM, "from_pos": _FROM_POS, "scope": Column("scope", str, False)}

    @property
    def locals(self) -> tuple[str, ...]:
        """Columns that its relations start from."""
        return tuple(dict.fromkeys(relation.local for relation in self.relations.values()))


@dataclass(frozen=True)
class Kinds:
    """All kinds by view name."""

    by_name: Mapping[str, Kind]
    by_type: Mapping[str, Kind] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_type", {kind.type_name: kind for kind in self.by_name.values()})

    def __getitem__(self, name: str) -> Kind:
        return self.by_name[name]

    def __iter__(self) -> Any:
        return iter(self.by_name.values())


def kinds_of(views: Iterable[View], projection_of: Mapping[str, str]) -> Kinds:
    """The kinds of all views that readers may see; `projection_of` names each view's projection.

    Raises TypeError where a view asks for something reads can't do: an order that may be null, or a cursor made of
    masked data.
    """
    readable = [view for view in views if not view.internal]
    by_name = {view.name: view for view in readable}
    return Kinds({view.name: _kind(view, by_name, projection_of[view.name]) for view in readable})


def _kind(view: View, views: Mapping[str, View], projection: str) -> Kind:
    order = ("scope", *view.order) if view.listed and not view.public else view.order
    relations = {camel(name): _relation(name, relation, view, views) for name, relation in view.relations.items()}
    leaves = {leaf.name: leaf for column in view.columns for leaf in _leaves(column)}
    for column, name in ((_VALID_FROM, "validFrom"), (_FROM_POS, "fromPosition")):
        leaves[name] = Leaf(name, column, "value", described(column.doc, column.name))
    for name in (*order, *(n for r in relations.values() if r.many for n in r.order if r.to == view.name)):
        if any(c.name == name and (c.nullable or c.masked) for c in view.columns):
            raise TypeError(f"view {view.name}: {name} is nullable or masked and can't order a list")
    if clash := leaves.keys() & relations.keys():
        raise TypeError(f"view {view.name}: {', '.join(clash)} is both field and relation")
    persons = [c.name for c in view.columns if c.type is UUID and SUBJECT_FIELDS.get(c.name) == "person"]
    persons += [view.key[0]] if view.name == "person" else []
    persons += [c.name for c in view.columns if c.name == "subject"]
    return Kind(
        view=view,
        type_name=_TYPE_NAMES.get(view.name, view.row.__name__.removesuffix("Row")),
        leaves=leaves,
        relations=relations,
        filters={f.name: f for f in (_filter(view.column(name)) for name in view.filters)},
        order=order,
        persons=tuple(persons),
        projection=projection,
        table=view.live,
    )


def plain_kind(
    name: str,
    row: type,
    *,
    table: str,
    columns: tuple[Column, ...],
    order: tuple[str, ...],
    filters: tuple[str, ...],
) -> Kind:
    """A kind over a table that no projection writes: it is read as it is now."""
    view = View(name, row, None, (columns[0].name,), order, columns, {}, filters, temporal=False, appended=True)
    leaves = {leaf.name: leaf for column in columns for leaf in _leaves(column)}
    chosen = {f.name: f for f in (_filter(view.column(name)) for name in filters)}
    return Kind(view, row.__name__, leaves, {}, chosen, order, (), "", table)


def _leaves(column: Column) -> Iterable[Leaf]:
    name = camel(column.name)
    doc = described(column.doc, column.name)
    yield Leaf(name, column, "value", doc)
    if column.is_enum:
        yield Leaf(f"{name}Label", column, "label", f"{column.doc}（中文名称） · label of {name}")
    if column.limit is not None:
        yield Leaf("light", column, "light", "期限提示，按查询当日计，已办的为空 · red, yellow or green today")
        yield Leaf("lightLabel", column, "light_label", "期限提示（中文名称） · label of light")
    if column.fen:
        yuan = "yuan" if name == "amountFen" else f"{name.removesuffix('Fen')}Yuan"
        yield Leaf(yuan, column, "yuan", f"{column.doc}（元） · {name} in yuan, formatted")


def _relation(name: str, declared: One | Many, view: View, views: Mapping[str, View]) -> Relation:
    target = views[declared.to]
    many = isinstance(declared, Many)
    order: tuple[str, ...] = ()
    prefix = ""
    if isinstance(declared, Many):
        chosen = declared.order or target.order
        order = (*chosen, *(key for key in target.key if key not in chosen and key != declared.on))
        prefix = declared.prefix
    return Relation(
        name=camel(name),
        to=declared.to,
        local=declared.local or view.key[0],
        on=declared.on or target.key[0],
        many=many,
        paged=many and declared.to in _PAGED,
        order=order,
        prefix=prefix,
        doc=described(target.doc, name),
    )


def _filter(column: Column) -> Filter:
    if column.name == "division_code":
        return Filter("division", column, "subtree", "区划代码，含全部下级 · a division with everything below it")
    name, doc = camel(column.name), described(column.doc, column.name)
    if column.name == "citizen_id":
        return Filter(name, column, "citizen", doc)
    if column.masked:
        raise TypeError(f"{column.name} is masked: filtering by it would tell what it holds")
    if column.type in (date, datetime):
        return Filter(name, column, "range", doc)
    return Filter(name, column, "is" if column.type is bool else "any", doc)


def is_json(column: Column) -> bool:
    """Whether a text column holds a JSON document."""
    return JSON.name in column.marks
