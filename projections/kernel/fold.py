"""The fold: changes of one key, in log order, over the versions that are known. Pure and in memory.

The model, which unit tests state in its plainest form: a column's value on business date D, as known at position P,
is that of the last change, by (date, position), among the changes of that column with date <= D and position <= P.
The current row at P is the row on the last of days. Counted columns hold the sum of those changes instead. A decided
change moreover cancels, from its position on, earlier recorded changes of its columns that have a later date.

Stored, that is the live row (the current one) and history rows, whose meaning is given in reads.py. A change that
comes in business order only pushes the live row into history. A late one rewrites the versions from its date on,
each column up to the next later change of that column: `changed` (one bit a column) says what a version changed.
"""

from bisect import bisect_right
from datetime import date
from typing import Any

from projections.kernel.changes import PATCH, PATCH_KNOWN, PUT, BadChange, Key, Op, Ref, Shape


class Version:
    """A live row."""

    __slots__ = ("changed", "from_pos", "scope", "valid_from", "values")

    def __init__(self, values: list[Any], valid_from: date, from_pos: int, changed: int, scope: str = "") -> None:
        self.values = values
        self.valid_from = valid_from
        self.from_pos = from_pos
        self.changed = changed
        self.scope = scope
        """As stored; the writer gives new versions theirs."""


class Past:
    """A history row. `stored`: it stands in the table already."""

    __slots__ = ("changed", "from_pos", "stored", "to_pos", "until_pos", "valid_from", "valid_to", "values")

    def __init__(
        self,
        values: list[Any],
        valid_from: date,
        from_pos: int,
        changed: int,
        valid_to: date,
        until_pos: int,
        to_pos: int | None,
    ) -> None:
        self.values = values
        self.valid_from = valid_from
        self.from_pos = from_pos
        self.changed = changed
        self.valid_to = valid_to
        self.until_pos = until_pos
        self.to_pos = to_pos
        self.stored = False

    @property
    def visible(self) -> bool:
        """Whether any read could ever see it: not where it was replaced at the position that made it."""
        return self.from_pos < self.until_pos or self.to_pos is None or self.until_pos < self.to_pos


class Folded:
    """What became of a view's rows."""

    __slots__ = ("closed", "history", "inserts", "updates")

    def __init__(self) -> None:
        self.inserts: dict[Key, Version] = {}
        self.updates: dict[Key, Version] = {}
        self.history: list[tuple[Key, Past]] = []
        self.closed: list[tuple[Key, Past]] = []
        """Stored history rows that are no longer known to be true; their `to_pos` says from when."""


class Transition:
    """One patch of a row, for followers."""

    __slots__ = ("after", "before", "on", "position")

    def __init__(self, position: int, on: date, before: list[Any], after: list[Any]) -> None:
        self.position = position
        self.on = on
        self.before = before
        self.after = after


class KeyFold:
    """Folds the changes of one key. `known` are its stored history rows still known to be true, by date."""

    __slots__ = ("known", "live", "new", "position", "replaced", "shape")

    def __init__(self, shape: Shape, live: Version | None, known: list[Past]) -> None:
        self.shape = shape
        self.live = live
        self.known = known
        self.new: list[Past] = []
        self.replaced: list[Past] = []
        self.position = 0

    def run(self, key: Key, ops: list[Op], watched: list[Transition] | None = None) -> None:
        """Apply the changes in order; raises BadChange where a row to be patched is missing."""
        for op in ops:
            self.position = op.position
            live = self.live
            if live is None:
                if op.kind != PATCH_KNOWN:
                    self._begin(key, op)
                continue
            if op.current is not None and live.values[op.current[0]] != op.current[1]:
                continue
            on = op.on
            if type(on) is int:
                on = live.values[on] or op.fallback or live.valid_from
            if not self.shape.view.temporal:
                self._correct(live, op)
            elif on >= live.valid_from:  # type: ignore[operator]  # a date by now
                self._advance(live, op, on)  # type: ignore[arg-type]
            else:
                self._late(live, op, on, key)  # type: ignore[arg-type]
            if watched is not None and self.live is not live:
                watched.append(Transition(op.position, on, live.values, self.live.values))  # type: ignore[arg-type,union-attr]

    def _begin(self, key: Key, op: Op) -> None:
        shape = self.shape
        if op.kind == PATCH:
            raise BadChange(f"view {shape.view.name}: there is no row to change (position {op.position})")
        values, changed = _first(shape, key, op)
        self.live = Version(values, op.on, op.position, changed)  # type: ignore[arg-type]  # a date: never a column

    def _correct(self, live: Version, op: Op) -> None:
        """A fact without a duration: the present row changes, the former one stays only as what was known."""
        if _holds(op, live.values):
            values = _changed(live.values, _resolved(op, live.values), op.counted)
            self._retire(live, op.position)
            self.live = Version(values, live.valid_from, op.position, live.changed)

    def _advance(self, live: Version, op: Op, on: date) -> None:
        """A change on or after the live row's own date."""
        if not _holds(op, live.values):
            return
        position = op.position
        values = _changed(live.values, _resolved(op, live.values), op.counted)
        changed = self._bits(op)
        if on > live.valid_from:
            self._keep(
                Past(live.values, live.valid_from, live.from_pos, live.changed, on, position, None), len(self.known)
            )
        else:
            changed |= live.changed
            self._retire(live, position)
        self.live = Version(values, on, position, changed)

    def _late(self, live: Version, op: Op, on: date, key: Key) -> None:
        """A change before the live row's date: rewrite the known past from there on."""
        known = self.known
        first = known[0].valid_from if known else live.valid_from
        if op.kind >= PATCH and on < first:
            if not known:
                return self._advance(live, op, first)
            on = first
        place = bisect_right(known, on, key=lambda past: past.valid_from) - 1
        base = known[place] if place >= 0 else None
        if base is None:
            if op.where:
                return None
            values, changed = _first(self.shape, key, op)
            self._keep(Past(values, on, op.position, changed, first, op.position, None), 0)
            assigned, place = _resolved(op, values), 0
        else:
            if not _holds(op, base.values):
                return None
            assigned = _resolved(op, base.values)
            place = self._split(place, base, op, on, assigned)
        return self._carry(live, op, assigned, place + 1)

    def _split(self, place: int, base: Past, op: Op, on: date, assigned: dict[int, Any]) -> int:
        """Replace the version at `place` by what it was before `on` and what it is from then; the latter's place."""
        position = op.position
        values = _changed(base.values, assigned, op.counted)
        self._close(place, position)
        changed = self._bits(op)
        if base.valid_from == on:
            changed |= base.changed
        else:
            self._keep(Past(base.values, base.valid_from, position, base.changed, on, position, None), place)
            place += 1
        self._keep(Past(values, on, position, changed, base.valid_to, position, None), place)
        return place

    def _carry(self, live: Version, op: Op, assigned: dict[int, Any], place: int) -> None:
        """Carry the change on into later versions, each column until a version that changed it itself.

        A decision goes on to the end, and those versions no longer count as having changed its columns.
        """
        position, decided = op.position, op.decided
        pending = {i: value for i, value in assigned.items() if i not in self.shape.key}
        cleared = ~self._bits(op) if decided else -1
        while place < len(self.known):
            later = self.known[place]
            if not decided:
                pending = {i: value for i, value in pending.items() if not later.changed >> i & 1}
            if not pending and not op.counted:
                return
            values = _changed(later.values, pending, op.counted)
            self._close(place, position)
            bits = later.changed & cleared
            self._keep(Past(values, later.valid_from, position, bits, later.valid_to, position, None), place)
            place += 1
        if not decided:
            pending = {i: value for i, value in pending.items() if not live.changed >> i & 1}
        if pending or op.counted:
            values = _changed(live.values, pending, op.counted)
            self._retire(live, position)
            self.live = Version(values, live.valid_from, position, live.changed & cleared)

    def _bits(self, op: Op) -> int:
        if op.kind == PUT:
            return self.shape.all_bits
        bits = 0
        for i in op.assigned:
            bits |= 1 << i
        return bits

    def _keep(self, past: Past, place: int) -> None:
        self.known.insert(place, past)
        self.new.append(past)

    def _close(self, place: int, position: int) -> None:
        past = self.known.pop(place)
        past.to_pos = position
        if past.stored:
            self.replaced.append(past)

    def _retire(self, live: Version, position: int) -> None:
        """The live row was current until now, and what it said of its time is no longer held true."""
        if live.from_pos < position and self.shape.view.has_history:
            self.new.append(
                Past(live.values, live.valid_from, live.from_pos, live.changed, live.valid_from, position, position)
            )


def is_late(ops: list[Op], live: Version) -> bool:
    """Whether one of the changes may fall before the versions that come before it (then `known` is needed)."""
    latest = live.valid_from
    for op in ops:
        if not isinstance(op.on, date) or op.on < latest:
            return True
        latest = op.on
    return False


def _first(shape: Shape, key: Key, op: Op) -> tuple[list[Any], int]:
    """The first values of a row, and which of them were said."""
    if op.kind == PUT:
        return op.values, shape.all_bits
    values = list(shape.blank)
    for i, part in zip(shape.key, key if type(key) is tuple else (key,), strict=True):
        values[i] = part
    bits = 0
    for i, value in op.assigned.items():
        values[i] = value
        bits |= 1 << i
    for i, count in (op.counted or {}).items():
        values[i] += count
    for i in shape.required:
        if values[i] is None:
            raise BadChange(f"view {shape.view.name}: {shape.view.names[i]} has no value")
    return values, bits


def _changed(values: list[Any], assigned: dict[int, Any], counted: dict[int, int] | None) -> list[Any]:
    new = values.copy()
    for i, value in assigned.items():
        new[i] = value
    if counted:
        for i, count in counted.items():
            new[i] += count
    return new


def _resolved(op: Op, values: list[Any]) -> dict[int, Any]:
    if op.kind == PUT:
        return dict(enumerate(op.values))
    for value in op.assigned.values():
        if type(value) is Ref:
            return {i: values[v.index] if type(v) is Ref else v for i, v in op.assigned.items()}
    return op.assigned


def _holds(op: Op, values: list[Any]) -> bool:
    return not op.where or all(values[i] == value for i, value in op.where)
