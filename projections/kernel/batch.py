"""One batch of events: apply, load the rows they touch, fold, and give every row its scope. No SQL here."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from domain.kernel import Event
from infra.log import LogEvent
from projections.kernel.changes import PUT, Changes, Group, Key, Op, Projection, Row, RowChanges, Shape
from projections.kernel.fold import Folded, KeyFold, Past, Transition, Version, is_late


class Tables(Protocol):
    """The stored rows, as a batch needs them."""

    async def live(self, shape: Shape, keys: Collection[Key]) -> dict[Key, Version]:
        """Live rows of these keys, where there are any."""
        ...

    async def known(self, shape: Shape, keys: Collection[Key]) -> dict[Key, list[Past]]:
        """History rows of these keys that are still known to be true (to_pos null), by business date."""
        ...

    async def group(self, shape: Shape, column: int, values: Collection[Any]) -> dict[Any, list[Key]]:
        """Keys of the live rows whose column has one of these values, by value."""
        ...

    async def scopes(self, shape: Shape, keys: Collection[Key]) -> dict[Key, str]:
        """Scopes of the live rows of these keys, where there are any."""
        ...


@dataclass
class ViewDelta:
    """What to write for one view. Rows of `inserts`, `updates` and `history` are complete records."""

    shape: Shape
    inserts: list[tuple[Any, ...]] = field(default_factory=list)
    appended: list[tuple[Any, tuple[Any, ...], str]] = field(default_factory=list)
    """First column, what rows of one event have in common (one tuple for all of them), and scope."""
    updates: list[tuple[Any, ...]] = field(default_factory=list)
    history: list[tuple[Any, ...]] = field(default_factory=list)
    closed: list[tuple[Key, int, date, int]] = field(default_factory=list)
    """Key, from_pos, valid_from and to_pos of stored history rows no longer known to be true."""
    rescoped: dict[Key, str] = field(default_factory=dict)
    """Keys whose scope is another now: their older rows and the rows they own take it on."""
    begun: Mapping[Key, str] = field(default_factory=dict)
    """Keys written, the new ones among them, with their scope: rows they own may have come before them."""
    orphans: set[Key] = field(default_factory=set)
    """Owners that rows written here should have and that are not there (yet)."""


Delta = dict[str, ViewDelta]


class Unreadable:
    """Stands for an event that could not be decoded; who needs it stops there."""

    def __init__(self, error: Exception) -> None:
        self.error = error


Decoded = Sequence[tuple[LogEvent, Event | Unreadable]]


def concerning(projection: Projection, events: Decoded) -> Decoded:
    """Those of a batch's events that a projection has to look at: most batches hold few of a context's."""
    wanted = projection.handled
    if not wanted:
        return events
    wanted |= {Unreadable}
    return [pair for pair in events if type(pair[1]) in wanted]


def collect(
    projection: Projection, events: Iterable[tuple[LogEvent, Event | Unreadable]], into: Changes | None = None
) -> Changes:
    """What the events change, in order, `into` what earlier ones of the batch changed.

    Raises whatever a handler raises, as Poison with the position.
    """
    changes = into or Changes(projection.shapes)
    handled, apply = projection.handled, projection.apply
    for at, event in events:
        if handled and type(event) not in handled and type(event) is not Unreadable:
            continue
        changes.position = at.position
        try:
            if isinstance(event, Unreadable):
                if projection.concerns(at.topic, None):
                    raise event.error
            else:
                apply(event, at, changes)
        except Exception as error:
            raise Poison(at.position, at.topic, error) from error
    return changes


class Poison(Exception):
    """An event a projection can't take. The projection stops before it; the others go on."""

    def __init__(self, position: int, topic: str, error: Exception) -> None:
        super().__init__(f"event {position} ({topic}): {type(error).__name__}: {error}")
        self.position = position
        self.error = error


async def settle(projection: Projection, changes: Changes, tables: Tables) -> Delta:
    """Fold the changes over the stored rows, one view after the other, and give the rows their scopes."""
    folded: dict[str, Folded] = {}
    stored: dict[str, dict[Key, Version]] = {}
    for name, shape in projection.shapes.items():
        rows = changes.views[name]
        if rows.groups:
            await _spread_groups(shape, rows, tables)
        method = projection.followers.get(shape.view.row)
        watched: list[Transition] | None = [] if method else None
        folded[name], stored[name] = await _fold(shape, rows, tables, watched)
        if method and watched:
            _follow(projection, method, shape, watched, changes)
    return await _scoped(projection, changes, folded, stored, tables)


async def _spread_groups(shape: Shape, rows: RowChanges, tables: Tables) -> None:
    """Give each member of a group its own copy of the group's change. Who is a member is decided by the fold."""
    stored: dict[int, dict[Any, list[Key]]] = {}
    for column in {group.column for group in rows.groups}:
        values = {group.value for group in rows.groups if group.column == column}
        stored[column] = await tables.group(shape, column, values)
    for key in list(rows.born):
        rows.age(key)
    for group in rows.groups:
        candidates = dict.fromkeys(stored[group.column].get(group.value, ()))
        candidates |= dict.fromkeys(_candidates(shape, rows, group))
        for key in candidates:
            if key not in group.keep:
                rows.ops.setdefault(key, []).append(group.op)
    for ops in rows.ops.values():
        ops.sort(key=_by_seq)


def _candidates(shape: Shape, rows: RowChanges, group: Group) -> Iterable[Key]:
    """Keys of this batch that may have come into the group before its change."""
    if group.column in shape.key:
        part = shape.key.index(group.column)
        wanted = group.value
        return [key for key in rows.ops if (key[part] if type(key) is tuple else key) == wanted]
    column, value, seq = group.column, group.value, group.op.seq
    return [key for key, ops in rows.ops.items() if any(op.seq < seq and _gives(op, column) == value for op in ops)]


def _gives(op: Op, column: int) -> Any:
    return op.values[column] if op.kind == PUT else op.assigned.get(column)


def _by_seq(op: Op) -> int:
    return op.seq


async def _fold(
    shape: Shape, rows: RowChanges, tables: Tables, watched: list[Transition] | None
) -> tuple[Folded, dict[Key, Version]]:
    ops, fresh = rows.ops, rows.fresh
    asked = [key for key in ops if key not in fresh] if fresh else list(ops)
    stored = await tables.live(shape, asked) if asked else {}
    known: Mapping[Key, list[Past]] = {}
    if shape.view.temporal:
        late = [key for key, version in stored.items() if is_late(ops[key], version)]
        known = await tables.known(shape, late) if late else {}
    out = Folded()
    for key, changes in ops.items():
        before = stored.get(key)
        fold = KeyFold(shape, before, known.get(key) or [])
        try:
            fold.run(key, changes, watched)
        except Exception as error:
            raise Poison(fold.position, f"view {shape.view.name}", error) from error
        live = fold.live
        if before is None:
            if live is not None:
                out.inserts[key] = live
        elif live is not before and live is not None:
            out.updates[key] = live
        if fold.new:
            out.history += [(key, past) for past in fold.new if past.visible]
        if fold.replaced:
            out.closed += [(key, past) for past in fold.replaced]
    return out, stored


def _follow(projection: Projection, method: str, shape: Shape, watched: Sequence[Transition], changes: Changes) -> None:
    """Tell the projection of patched rows; what it changes stands in order with what events changed directly."""
    names = shape.view.names
    watched = sorted(watched, key=lambda transition: transition.position)
    for change in watched:
        changes.position = change.position
        before, after = Row(zip(names, change.before, strict=True)), Row(zip(names, change.after, strict=True))
        getattr(projection, method)(before, after, change.on, changes)
    for rows in changes.views.values():
        for ops in rows.ops.values():
            if len(ops) > 1:
                ops.sort(key=_by_position)


def _by_position(op: Op) -> tuple[int, int]:
    return op.position, op.seq


async def _scoped(
    projection: Projection,
    changes: Changes,
    folded: Mapping[str, Folded],
    stored: Mapping[str, Mapping[Key, Version]],
    tables: Tables,
) -> Delta:
    """Complete records. A row's scope is its owner's, as it is after this batch, else its own division."""
    delta: Delta = {}
    present: dict[str, dict[Key, str]] = {}
    for name, shape in projection.shapes.items():
        view, before, new = folded[name], stored[name], changes.views[name]
        latest = {key: before[key] for key, _ in view.history if key in before}
        latest |= view.inserts
        latest |= view.updates
        owners, orphans = await _owners(projection, shape, latest, new, present, tables)
        scopes = {key: _scope(shape, live.values, owners) for key, live in latest.items()}
        rows = delta[name] = _records(shape, view, before, scopes)
        rows.orphans = orphans
        bits = shape.all_bits
        for values, on, position, _ in new.born.values():
            rows.inserts.append((*values, _scope(shape, values, owners), on, position, bits))
        if shape.owns:
            scopes |= {key: _scope(shape, born[0], owners) for key, born in new.born.items()}
        present[name] = scopes
        own = shape.scope - 1
        rows.appended = [(head, rest, owners.get(head) or rest[own]) for head, rest in new.appended]
    return delta


async def _owners(
    projection: Projection,
    shape: Shape,
    latest: Mapping[Key, Version],
    new: RowChanges,
    present: Mapping[str, dict[Key, str]],
    tables: Tables,
) -> tuple[Mapping[Key, str], set[Key]]:
    """Scopes of the owners of these rows, this batch's word before the stored one; and those that are missing."""
    if shape.view.owner is None:
        return {}, set()
    owner, place = shape.view.owner.to, shape.owner
    wanted = {live.values[place] for live in latest.values()}
    wanted.update([head for head, _ in new.appended])
    wanted.update([born[0][place] for born in new.born.values()])
    wanted.discard(None)  # a row that hangs on nothing
    missing = wanted.difference(present[owner])
    if not missing:
        return present[owner], missing
    owners = await tables.scopes(projection.shapes[owner], missing) | present[owner]
    return owners, missing.difference(owners)


def _records(shape: Shape, view: Folded, before: Mapping[Key, Version], scopes: Mapping[Key, str]) -> ViewDelta:
    rows = ViewDelta(shape, begun=scopes)
    for key, live in view.inserts.items():
        rows.inserts.append((*live.values, scopes[key], live.valid_from, live.from_pos, live.changed))
    for key, live in view.updates.items():
        rows.updates.append((*live.values, scopes[key], live.valid_from, live.from_pos, live.changed))
        if scopes[key] != before[key].scope:
            rows.rescoped[key] = scopes[key]
    rows.history = [
        (*p.values, scopes[key], p.valid_from, p.from_pos, p.changed, p.valid_to, p.until_pos, p.to_pos)
        for key, p in view.history
    ]
    rows.closed = [(key, past.from_pos, past.valid_from, past.to_pos or 0) for key, past in view.closed]
    return rows


def _scope(shape: Shape, values: Sequence[Any], owners: Mapping[Key, str]) -> str:
    if shape.owner >= 0:
        owner = owners.get(values[shape.owner])
        if owner is not None:
            return owner
    return str(values[shape.scope]) if shape.scope >= 0 else ""
