"""What an event means for a projection's rows, said without looking at them: puts, patches, additions.

A projection's handlers are pure: they turn one event into changes. Where the outcome depends on the rows, the change
says so (`Col`, `where`, `decided`) and the fold decides, so that the same log always gives the same rows, whatever the
batches it came in.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, ClassVar, TypeVar

from domain.errors import MinzhengError
from domain.kernel import Event
from infra.log import LogEvent
from projections.kernel.tables import View, view_of

H = TypeVar("H", bound=Callable[..., None])
Key = Any
"""A key value (UUID, text), or a tuple of them where the view's key has several columns."""
PUT, ADD, PATCH, PATCH_KNOWN = 0, 1, 2, 3


class BadChange(MinzhengError):
    """A projection asked for a change that its view can't take: a fault of the projection."""


_NOTHING: dict[int, Any] = {}
_NO_VALUES: list[Any] = []


class Col:
    """Stands for the value that another column of the same row has at the date of the change."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


class Op:
    """One change of one row, with names resolved to column numbers. `seq` orders the changes of a batch."""

    __slots__ = (
        "assigned",
        "counted",
        "current",
        "decided",
        "fallback",
        "kind",
        "on",
        "position",
        "seq",
        "values",
        "where",
    )

    def __init__(self, seq: int, position: int, kind: int, on: date | int, assigned: dict[int, Any]) -> None:
        self.seq = seq
        self.position = position
        self.kind = kind
        self.on = on
        """Business date; an int is the column of the current row that holds it (`fallback` where that is null)."""
        self.fallback: date | None = None
        self.assigned = assigned
        """Columns it sets. Of a put, which sets all of them, `values` holds them instead."""
        self.values = _NO_VALUES
        self.counted: dict[int, int] | None = None
        self.where: tuple[tuple[int, Any], ...] = ()
        self.decided = False
        """It also takes the place of what was recorded before for later dates."""
        self.current: tuple[int, Any] | None = None
        """A column of the current row and the value it must have: what makes the row one of a group."""


class Group:
    """A change of every row whose current `column` is `value`, but for the keys in `keep`."""

    __slots__ = ("column", "keep", "op", "value")

    def __init__(self, column: int, value: Any, keep: frozenset[Any], op: Op) -> None:
        self.column = column
        self.value = value
        self.keep = keep
        self.op = op


class Shape:
    """A view prepared for folding: column numbers, key columns, blanks."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.index = view.index_of
        self.width = len(view.columns)
        self.key = tuple(view.index_of[name] for name in view.key)
        self.blank = [column.blank for column in view.columns]
        self.required = tuple(
            i for i, c in enumerate(view.columns) if not c.nullable and c.blank is None and i not in self.key
        )
        self.all_bits = (1 << self.width) - 1
        self.counts = frozenset(i for i, c in enumerate(view.columns) if c.counted)
        self.owner = view.index_of[view.owner.column] if view.owner else -1
        self.scope = view.index_of[view.scope_from] if view.scope_from else -1
        self.owns = False
        """Whether rows of another view of the projection take their scope from rows of this one."""

    def resolve(self, columns: Mapping[str, Any]) -> dict[int, Any]:
        """Column numbers for names; `Col` values get theirs too. Raises BadChange."""
        index = self.index
        try:
            found = {index[name]: value for name, value in columns.items()}
            for i, value in found.items():
                if type(value) is Col:
                    found[i] = Ref(index[value.name])
        except KeyError as error:
            raise BadChange(f"view {self.view.name} has no column {error}") from None
        return found

    def conditions(self, columns: Mapping[str, Any]) -> tuple[tuple[int, Any], ...]:
        """Column numbers and values of a `where`."""
        return tuple((self.index[name], value) for name, value in columns.items())


class Ref:
    """A resolved `Col`."""

    __slots__ = ("index",)

    def __init__(self, index: int) -> None:
        self.index = index


class RowChanges:
    """The changes of one view in a batch, by key."""

    __slots__ = ("appended", "born", "fresh", "groups", "ops", "shape")

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.born: dict[Key, tuple[list[Any], date, int, int]] = {}
        """Inserted and not changed since, as most new rows are: values, date, position and sequence number."""
        self.ops: dict[Key, list[Op]] = {}
        self.fresh: set[Key] = set()
        """Keys among `ops` that can't have a row yet: their first change was an insert."""
        self.groups: list[Group] = []
        self.appended: list[tuple[Any, tuple[Any, ...]]] = []

    def add(self, key: Key, op: Op) -> None:
        """One more change of a key."""
        ops = self.ops.get(key)
        if ops is not None:
            ops.append(op)
        elif key in self.born:
            self.age(key).append(op)
        else:
            self.ops[key] = [op]

    def age(self, key: Key) -> list[Op]:
        """Make an inserted row one that is changed: the list of its changes, the insert first."""
        values, on, position, seq = self.born.pop(key)
        op = Op(seq, position, PUT, on, _NOTHING)
        op.values = values
        self.fresh.add(key)
        self.ops[key] = ops = [op]
        return ops


class Changes:
    """What a batch of events changes. The driver sets `position` before each event."""

    def __init__(self, shapes: Mapping[str, Shape]) -> None:
        self.position = 0
        self.views = {name: RowChanges(shape) for name, shape in shapes.items()}
        self._rows = {shape.view.row: self.views[name] for name, shape in shapes.items()}
        self._seq = 0

    @property
    def empty(self) -> bool:
        """Whether nothing changes at all."""
        return not any(rows.born or rows.ops or rows.groups or rows.appended for rows in self.views.values())

    def insert(self, row: type, key: Key, *, on: date, **columns: Any) -> None:
        """A row that can't exist yet (its stream begins with this event): true from `on`."""
        changes = self._rows[row]
        values = _full(changes.shape, key, columns)
        if key in changes.born:
            raise BadChange(f"view {changes.shape.view.name}: a row is inserted that is there already")
        if key in changes.ops:  # other streams spoke of it before it came (patch_known): the fold takes them in order
            op = self._op(PUT, on, _NOTHING)
            op.values = values
            changes.ops[key].append(op)
            return
        self._seq += 1
        changes.born[key] = (values, on, self.position, self._seq)

    def put(self, row: type, key: Key, *, on: date, **columns: Any) -> None:
        """Set every column from `on`: the row may or may not exist. Columns not named become null (0, false, ()).

        Key columns are taken from the key.
        """
        changes = self._rows[row]
        op = self._op(PUT, on, _NOTHING)
        op.values = _full(changes.shape, key, columns)
        changes.add(key, op)

    def patch(
        self,
        row: type,
        key: Key,
        *,
        on: date | Col,
        where: Mapping[str, Any] | None = None,
        fallback: date | None = None,
        decided: bool = False,
        **columns: Any,
    ) -> None:
        """Set some columns of an existing row from `on`: a late one holds until the column's next later change.

        `on` may be a date column of the row (`fallback` where that is null). With `where` nothing happens unless the
        row has these values at that date. A date before the row's own beginning counts as its beginning. A `decided`
        change was made in knowledge of what is recorded: it holds over changes that were recorded for later dates.
        """
        changes = self._rows[row]
        op = self._patch(changes.shape, on, where, fallback, columns)
        op.decided = decided
        changes.add(key, op)

    def patch_known(
        self, row: type, key: Key, *, on: date, where: Mapping[str, Any] | None = None, **columns: Any
    ) -> None:
        """Like `patch`, for a row of another stream than the event's: nothing happens where there is none (yet)."""
        changes = self._rows[row]
        op = self._patch(changes.shape, on, where, None, columns)
        op.kind = PATCH_KNOWN
        changes.add(key, op)

    def patch_group(
        self,
        row: type,
        column: str,
        value: Any,
        *,
        on: date,
        keep: frozenset[Key] = frozenset(),
        where: Mapping[str, Any] | None = None,
        **columns: Any,
    ) -> None:
        """Patch every row whose `column` now holds `value`, but for the keys in `keep`."""
        changes = self._rows[row]
        op = self._patch(changes.shape, on, where, None, columns)
        op.kind, op.current = PATCH_KNOWN, (changes.shape.index[column], value)
        changes.groups.append(Group(op.current[0], value, keep, op))

    def add(self, row: type, key: Key, *, on: date, assign: Mapping[str, Any] | None = None, **counts: int) -> None:
        """Add to counted columns from `on` (the row begins where there is none), and assign others."""
        changes = self._rows[row]
        shape = changes.shape
        op = self._op(ADD, on, shape.resolve(assign) if assign else {})
        op.counted = shape.resolve(counts)
        if not shape.counts.issuperset(op.counted):
            raise BadChange(f"view {shape.view.name}: only counted columns can be added to")
        changes.add(key, op)

    def append(self, row: type, heads: Sequence[Any], tail: tuple[Any, ...], *, on: date) -> None:
        """Rows of an appended view that differ in their first column only: `tail` is all the others, in order."""
        if heads:
            rest = (*tail, on, self.position, 0)
            self._rows[row].appended += [(head, rest) for head in heads]

    def _patch(
        self,
        shape: Shape,
        on: date | Col,
        where: Mapping[str, Any] | None,
        fallback: date | None,
        columns: Mapping[str, Any],
    ) -> Op:
        op = self._op(PATCH, shape.index[on.name] if isinstance(on, Col) else on, shape.resolve(columns))
        op.fallback = fallback
        if where:
            op.where = shape.conditions(where)
        return op

    def _op(self, kind: int, on: date | int, assigned: dict[int, Any]) -> Op:
        self._seq += 1
        return Op(self._seq, self.position, kind, on, assigned)


def _full(shape: Shape, key: Key, columns: Mapping[str, Any]) -> list[Any]:
    """A row's values in order: the key's, those given, blanks. Raises BadChange."""
    values = shape.blank.copy()
    index = shape.index
    try:
        for name, value in columns.items():
            values[index[name]] = value
    except KeyError as error:
        raise BadChange(f"view {shape.view.name} has no column {error}") from None
    if type(key) is tuple:
        for i, part in zip(shape.key, key, strict=True):
            values[i] = part
    else:
        values[shape.key[0]] = key
    for i in shape.required:
        if values[i] is None:
            raise BadChange(f"view {shape.view.name}: {shape.view.names[i]} has no value")
    return values


def handles(*events: type[Event]) -> Callable[[H], H]:
    """Marks a projection's method `(self, event, at, to)` as the handler of these event classes."""

    def mark(method: H) -> H:
        method.__handles__ = events  # type: ignore[attr-defined]  # read by Projection.__init_subclass__
        return method

    return mark


class Row(dict[str, Any]):
    """A row's values by column name, as a follower sees it."""


class Projection:
    """A set of views built from the log alone. `name` is for ever; `version` rises when the rows would differ."""

    name: ClassVar[str]
    version: ClassVar[int]
    views: ClassVar[tuple[type, ...]]
    """Row classes, owners first."""
    contexts: ClassVar[tuple[str, ...]] = ()
    """Contexts (first half of a topic) every event class of which is either handled or ignored here."""
    ignores: ClassVar[tuple[type[Event], ...]] = ()
    """Event classes of these contexts that change nothing here, on purpose."""
    personal: ClassVar[bool] = True
    """Whether personal fields are read."""
    handlers: ClassVar[Mapping[type[Event], Callable[..., None]]] = {}
    followers: ClassVar[Mapping[type, str]] = {}
    """Row classes and the method `(self, before, after, on, to)` told of each patch of such a row; it may only change
    views that stand later in `views`, and has to be pure as well."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        found = {
            event: method
            for method in vars(cls).values()
            if callable(method)
            for event in getattr(method, "__handles__", ())
        }
        inherited = (vars(base).get("handlers", {}) for base in reversed(cls.__mro__))
        cls.handlers = {event: method for handlers in (*inherited, found) for event, method in handlers.items()}

    def __init__(self) -> None:
        self.shapes = {shape.view.name: shape for shape in (Shape(view_of(row)) for row in self.views)}
        for shape in list(self.shapes.values()):
            if shape.view.owner is not None:
                self.shapes[shape.view.owner.to].owns = True

    def concerns(self, topic: str, cls: type[Event] | None) -> bool:
        """Whether events of this class matter here; the others are not even decoded.

        None is a class this program doesn't know: to go past it would lose it for ever.
        """
        return cls in self.handlers if cls is not None else topic.partition(".")[0] in self.contexts

    @property
    def handled(self) -> frozenset[type]:
        """Event classes that `apply` does anything for; empty: all of them."""
        return frozenset(self.handlers)

    def apply(self, event: Event, at: LogEvent, to: Changes) -> None:
        """Say what one event changes. Pure: no state, no clock, no I/O."""
        handler = self.handlers.get(type(event))
        if handler is not None:
            handler(self, event, at, to)


def division_of(at: LogEvent) -> str:
    """The division an event belongs to: of its aggregate when it happened, else of whoever recorded it."""
    for tag in reversed(at.tags):
        if tag.startswith("division:"):
            return tag[9:]
    return at.division
