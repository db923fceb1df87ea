"""How a read model is declared: one dataclass a view, which is also its table, its history and its GraphQL type.

    @view("household", area=Area.REGISTRY, scope_from="division_code", order=("household_no", "id"))
    @dataclass
    class HouseholdRow:
        \"\"\"家庭\"\"\"

        id: UUID
        household_no: Annotated[str, Doc("户号")]
        ...
        RELATIONS: ClassVar[Relations] = {"members": Many("member", on="household_id")}
        FILTERS: ClassVar[tuple[str, ...]] = ("division_code",)

Everything else (DDL, row security, writing, past reads, the GraphQL compiler) is derived from the resolved `View`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from types import NoneType, UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from domain.access import Area, PersonalClass

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Doc:
    """Chinese description of a column: what users and the GraphQL schema show."""

    text: str


@dataclass(frozen=True, slots=True)
class Masked:
    """The column holds personal data of this class; roles without it see it masked."""

    personal: PersonalClass


@dataclass(frozen=True, slots=True)
class Limit:
    """The column is the day something is due by, as long as the bool column `while_` holds.

    GraphQL shows a traffic light beside it, for the reader's own day: it is no column, and nothing changes overnight.
    """

    while_: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A plain property of a column."""

    name: str


FEN = Mark("fen")
"""Money: GraphQL scalar Fen, with a `yuan` text beside it."""
POSITION = Mark("position")
"""A log position: 64 bits, a GraphQL scalar of its own."""
JSON = Mark("json")
"""Text that holds a JSON document."""
COUNTED = Mark("counted")
"""An int that is only ever added to (`Changes.add`): at any date it is the sum of what was added up to then."""


@dataclass(frozen=True, slots=True)
class One:
    """At most one row of view `to`: the one whose column `on` (default: its only key column) equals ours, `local`."""

    to: str
    local: str
    on: str = ""


@dataclass(frozen=True, slots=True)
class Many:
    """The rows of view `to` whose column `on` equals ours, `local` (default: our first key column).

    With a `prefix` the column equals the prefix followed by our column as text: `person:` || id.
    Ordered by `order`, else by the view's own order; never led by scope.
    """

    to: str
    on: str
    local: str = ""
    order: tuple[str, ...] = ()
    prefix: str = ""


Relations = Mapping[str, One | Many]


@dataclass(frozen=True, slots=True)
class Owner:
    """Rows take the scope of the row of view `to` (of the same projection) whose only key column equals `column`."""

    to: str
    column: str


@dataclass(frozen=True, slots=True)
class Private:
    """Each row is for one account alone, for a time: the database shows it to nobody else, whatever a query asks.

    Readers see a row while `open` is true and until the day in `until`, where the session is that account's
    (`minzheng.visit`, projections/kernel/scope.py). Its past is shown to nobody.
    """

    account: str
    """Column with the account's id (domain.access.account_id)."""
    until: str
    open: str
    since: str = ""
    """Column with the first day on which it is seen, where that may lie ahead."""


@dataclass(frozen=True, slots=True)
class Through:
    """Rows that are shown, beside the area's readers, to whoever the private view `to` has a row for now.

    Both views have `column`: a hospital's window sees the rows of its hospital, and needs no area for it.
    """

    to: str
    column: str


@dataclass(frozen=True, slots=True)
class Figures:
    """Columns that may be counted by whoever was responsible for a row then, whoever is responsible for it now.

    Rows are seen by their present owner alone. A figure of a past month has to stay what it was, for the district and
    for the street that had the case: so there is a relation `<view>_figures` with these columns, which shows every
    version under the division that the version itself names (`division_code`). None of them may identify anybody.
    `of_owner` names columns of the owner's present row that never change. `also` are further areas whose readers count
    these rows though they may not read them: how many old people a street has is no secret from whoever plans its beds.
    """

    columns: tuple[str, ...]
    of_owner: tuple[str, ...] = ()
    also: tuple[Area, ...] = ()


@dataclass(frozen=True)
class Column:
    """One resolved field of a row class."""

    name: str
    type: Any
    """Without None and marks: str, int, bool, date, datetime, UUID, a Code enum, tuple[UUID, ...], tuple[str, ...]."""
    nullable: bool
    doc: str = ""
    masked: PersonalClass | None = None
    marks: frozenset[str] = frozenset()
    limit: Limit | None = None

    @property
    def fen(self) -> bool:
        """Whether it is money in fen."""
        return FEN.name in self.marks

    @property
    def position(self) -> bool:
        """Whether it is a log position."""
        return POSITION.name in self.marks

    @property
    def counted(self) -> bool:
        """Whether it is a sum of increments."""
        return COUNTED.name in self.marks

    @property
    def is_enum(self) -> bool:
        """Whether its type is an enum (a text column)."""
        return isinstance(self.type, type) and issubclass(self.type, StrEnum)

    @property
    def is_array(self) -> bool:
        """Whether it holds several values."""
        return get_origin(self.type) is tuple

    @cached_property
    def sql_type(self) -> str:
        """PostgreSQL type without collation."""
        if self.is_array:
            return f"{_SQL_TYPES[get_args(self.type)[0]]}[]"
        return "text" if self.is_enum else _SQL_TYPES[self.type]

    @property
    def blank(self) -> Any:
        """What it holds where nothing was ever said."""
        if self.nullable:
            return None
        return () if self.is_array else _BLANKS.get(self.type)


_SQL_TYPES: dict[Any, str] = {
    str: "text",
    int: "bigint",
    bool: "boolean",
    date: "date",
    datetime: "timestamptz",
    UUID: "uuid",
}
_BLANKS: dict[Any, Any] = {int: 0, bool: False}
KERNEL_COLUMNS = ("scope", "valid_from", "from_pos")
"""Columns the kernel adds to every table and that every read gives: owner's division code, business date from which
the version is true, position from which it was known."""


@dataclass(frozen=True)
class View:
    """A declared read table with everything derived from its row class."""

    name: str
    row: type
    area: Area | None
    """Area a reader needs; None: the row's own column `area` says it."""
    key: tuple[str, ...]
    order: tuple[str, ...]
    """Order of lists below the scope, ending in the key, so that it is total."""
    columns: tuple[Column, ...]
    relations: Relations
    filters: tuple[str, ...]
    indexes: tuple[tuple[str, ...], ...] = ()
    """Further indexes of the live table, for filters; relations have theirs anyway."""
    temporal: bool = True
    """False: facts with a date of their own (`valid_from`), not states that hold for a time."""
    appended: bool = False
    """Rows are inserted and never change (but for their scope): there is no history table, and rows of one event
    differ in their first column only, which names their owner."""
    owner: Owner | None = None
    scope_from: str = ""
    """Column with the division code that is the scope: where there is no owner, or no such owner row."""
    public: bool = False
    """Readable by every session that has any scope, whatever its division and areas."""
    internal: bool = False
    """A projection's own bookkeeping: not for readers, not in the API."""
    listed: bool = True
    """Whether lists of it are asked for (an index on scope and order); else it is reached by key and relations."""
    private: Private | None = None
    """For one account a row, not for whoever has the division and the area."""
    through: Through | None = None
    """Who sees rows without the area."""
    figures: Figures | None = None
    """What of it may be counted under the division of the time."""

    @property
    def live(self) -> str:
        """Quoted name of the table with one row a key (`case` is an SQL keyword)."""
        return f'"{self.name}"'

    @property
    def history(self) -> str:
        """Quoted name of the table with superseded versions; there is none unless `has_history`."""
        return f'"{self.name}_history"'

    @property
    def has_history(self) -> bool:
        """Whether superseded versions are kept."""
        return not self.appended

    @property
    def doc(self) -> str:
        """Chinese name of the view."""
        return (self.row.__doc__ or self.name).strip()

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Declared column names, in order."""
        return tuple(column.name for column in self.columns)

    @cached_property
    def index_of(self) -> dict[str, int]:
        """Place of each declared column."""
        return {name: i for i, name in enumerate(self.names)}

    def column(self, name: str) -> Column:
        """The declared column of that name; raises KeyError."""
        return self.columns[self.index_of[name]]


_MOST_COLUMNS = 62  # each has a bit in the bigint column `changed`
VIEWS: dict[str, View] = {}
"""Every declared view, by name. Import `projections` to have them all."""


def view(
    name: str,
    *,
    area: Area | None,
    key: tuple[str, ...] = (),
    order: tuple[str, ...] = (),
    indexes: tuple[tuple[str, ...], ...] = (),
    temporal: bool = True,
    appended: bool = False,
    owner: Owner | None = None,
    scope_from: str = "",
    public: bool = False,
    internal: bool = False,
    listed: bool = True,
    private: Private | None = None,
    through: Through | None = None,
    figures: Figures | None = None,
) -> Callable[[type[R]], type[R]]:
    """Declare a dataclass as the row of a view; its first field is the key unless `key` names several."""

    def declare(row: type[R]) -> type[R]:
        columns = _columns(row)
        keys = key or (columns[0].name,)
        resolved = View(
            name=name,
            row=row,
            area=area,
            key=keys,
            order=(*order, *(k for k in keys if k not in order)),
            columns=columns,
            relations=getattr(row, "RELATIONS", {}),
            filters=getattr(row, "FILTERS", ()),
            indexes=indexes,
            temporal=temporal and not appended,
            appended=appended,
            owner=owner,
            scope_from=scope_from,
            public=public,
            internal=internal,
            listed=listed,
            private=private,
            through=through,
            figures=figures,
        )
        _check(resolved)
        VIEWS[name] = resolved
        row.__view__ = resolved  # type: ignore[attr-defined]  # read by view_of
        return row

    return declare


def _check(declared: View) -> None:
    """Raise TypeError where a declaration names columns that do not exist, or a name that is taken."""
    used = {*declared.order, *declared.filters, *(c for index in declared.indexes for c in index)}
    used |= {declared.scope_from} - {""}
    if declared.figures is not None:
        used |= {*declared.figures.columns, "division_code"}
    if declared.owner is not None:
        used.add(declared.owner.column)
    if declared.private is not None:
        used |= {declared.private.account, declared.private.until, declared.private.open}
        used |= {declared.private.since} - {""}
    if declared.through is not None:
        used.add(declared.through.column)
    if declared.area is None and not (declared.public or declared.internal):
        used.add("area")
    if len(declared.columns) > _MOST_COLUMNS:
        raise TypeError(f"view {declared.name}: more than {_MOST_COLUMNS} columns")
    owner, first = declared.owner, declared.columns[0].name
    if declared.appended and (owner is None or owner.column != first or not declared.scope_from):
        raise TypeError(f"view {declared.name}: an appended view has its owner first and a division of its own")
    if declared.appended and any(column.nullable for column in declared.columns):
        raise TypeError(f"view {declared.name}: an appended view has a value in every column")
    if missing := used - set(declared.names) - set(KERNEL_COLUMNS):
        raise TypeError(f"view {declared.name}: no such columns: {', '.join(sorted(missing))}")
    if VIEWS.setdefault(declared.name, declared).row.__qualname__ != declared.row.__qualname__:
        raise TypeError(f"two views are called {declared.name}")


def view_of(row: type) -> View:
    """The view a row class declares; raises TypeError where it declares none."""
    found = vars(row).get("__view__")
    if not isinstance(found, View):
        raise TypeError(f"{row.__name__} declares no view")
    return found


def unresolved() -> list[str]:
    """Every relation or owner that names a view or column that does not exist; empty when all is well."""
    wrong = []
    for source in VIEWS.values():
        targets = [(f"{source.name}.{name}", relation) for name, relation in source.relations.items()]
        for label, relation in targets:
            target = VIEWS.get(relation.to)
            local = relation.local or source.key[0]
            on = relation.on or (target.key[0] if target else "")
            if target is None or on not in target.names or local not in source.names or target.internal:
                wrong.append(label)
            if label.partition(".")[2] in source.names:
                wrong.append(f"{label} is also a column")
        if source.owner is not None:
            owner = VIEWS.get(source.owner.to)
            if owner is None or owner.owner is not None or len(owner.key) != 1:
                wrong.append(f"{source.name} owner {source.owner.to}")
    return wrong


def _columns(row: type) -> tuple[Column, ...]:
    hints = get_type_hints(row, include_extras=True)
    return tuple(_column(field.name, hints[field.name]) for field in fields(row))


def _column(name: str, hint: Any) -> Column:
    extras: tuple[Any, ...] = ()
    if get_origin(hint) is Annotated:
        hint, *rest = get_args(hint)
        extras = tuple(rest)
    nullable = False
    if get_origin(hint) in (Union, UnionType):
        parts = [part for part in get_args(hint) if part is not NoneType]
        if len(parts) != 1:
            raise TypeError(f"column {name}: one type, or one type and None")
        hint, nullable = parts[0], True
    column = Column(
        name=name,
        type=hint,
        nullable=nullable,
        doc=next((e.text for e in extras if isinstance(e, Doc)), ""),
        masked=next((e.personal for e in extras if isinstance(e, Masked)), None),
        marks=frozenset(e.name for e in extras if isinstance(e, Mark)),
        limit=next((e for e in extras if isinstance(e, Limit)), None),
    )
    if not column.is_enum and not column.is_array and hint not in _SQL_TYPES:
        raise TypeError(f"column {name}: {hint!r} has no PostgreSQL type")
    return column
