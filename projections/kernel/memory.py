"""The read tables in memory: for unit tests, and as the plainest statement of what the writer does."""

from collections.abc import Collection
from datetime import date
from typing import Any

from domain.kernel import Event
from infra.log import LogEvent
from projections.kernel.batch import Delta, ViewDelta, collect, settle
from projections.kernel.changes import Key, Projection, Row, Shape
from projections.kernel.fold import Past, Version

_LAST_DAY = date.max


class MemoryTables:
    """One projection's tables. Reads answer like read_source."""

    def __init__(self, projection: Projection) -> None:
        self.projection = projection
        self.rows: dict[str, dict[Key, Version]] = {name: {} for name in projection.shapes}
        self.history: dict[str, dict[Key, list[Past]]] = {name: {} for name in projection.shapes}

    async def take(self, events: list[tuple[LogEvent, Event]]) -> Delta:
        """Fold and write one batch."""
        delta = await settle(self.projection, collect(self.projection, events), self)
        self.write(delta)
        return delta

    def write(self, delta: Delta) -> None:
        """Write what a batch came to."""
        for name, rows in delta.items():
            for record in (*rows.inserts, *rows.updates, *map(_whole, rows.appended)):
                key = self._key(rows.shape, record)
                self.rows[name][key] = _version(rows.shape, record)
            for key, from_pos, valid_from, to_pos in rows.closed:
                for past in self.history[name][key]:
                    if (past.from_pos, past.valid_from) == (from_pos, valid_from):
                        past.to_pos = to_pos
            for record in rows.history:
                past = _past(rows.shape, record)
                self.history[name].setdefault(self._key(rows.shape, record), []).append(past)
        for name, rows in delta.items():
            self._rescope(name, rows)

    def _rescope(self, name: str, rows: ViewDelta) -> None:
        for key, scope in {**rows.begun, **rows.rescoped}.items():
            self.rows[name][key].scope = scope
            for child, shape in self.projection.shapes.items():
                if shape.view.owner is not None and shape.view.owner.to == name:
                    for live in self.rows[child].values():
                        if live.values[shape.owner] == key:
                            live.scope = scope

    async def live(self, shape: Shape, keys: Collection[Key]) -> dict[Key, Version]:
        """See Tables."""
        rows = self.rows[shape.view.name]
        return {key: rows[key] for key in keys if key in rows}

    async def known(self, shape: Shape, keys: Collection[Key]) -> dict[Key, list[Past]]:
        """See Tables."""
        found = {}
        for key in keys:
            known = [_stored(past) for past in self.history[shape.view.name].get(key, ()) if past.to_pos is None]
            found[key] = sorted(known, key=lambda past: past.valid_from)
        return found

    async def group(self, shape: Shape, column: int, values: Collection[Any]) -> dict[Any, list[Key]]:
        """See Tables."""
        rows = self.rows[shape.view.name].items()
        return {value: [key for key, live in rows if live.values[column] == value] for value in values}

    async def scopes(self, shape: Shape, keys: Collection[Key]) -> dict[Key, str]:
        """See Tables."""
        return {key: version.scope for key, version in (await self.live(shape, keys)).items()}

    def read(self, view: str, *, as_of: int | None = None, effective: date | None = None) -> dict[Key, Row]:
        """Rows by key, as read_source gives them; raises AssertionError where a key has two."""
        shape = self.projection.shapes[view]
        found: dict[Key, Row] = {}
        for key, live in self.rows[view].items():
            if (as_of is None or live.from_pos <= as_of) and (effective is None or live.valid_from <= effective):
                found[key] = Row(zip(shape.view.names, live.values, strict=True))
        for key, pasts in self.history[view].items():
            for past in pasts:
                if _seen(past, as_of, effective):
                    assert key not in found, f"{view} {key} has two rows at {as_of}, {effective}"
                    found[key] = Row(zip(shape.view.names, past.values, strict=True))
        return found

    def _key(self, shape: Shape, record: tuple[Any, ...]) -> Key:
        if len(shape.key) == 1:
            return record[shape.key[0]]
        return tuple(record[i] for i in shape.key)


def _seen(past: Past, as_of: int | None, effective: date | None) -> bool:
    if as_of is None and effective is None:
        return False
    day = effective if effective is not None else _LAST_DAY
    current = as_of is not None and past.from_pos <= as_of < past.until_pos and past.valid_from <= day
    known = past.until_pos <= as_of if as_of is not None else True
    held = past.to_pos is None or (as_of is not None and as_of < past.to_pos)
    return current or (effective is not None and known and held and past.valid_from <= day < past.valid_to)


def _whole(record: tuple[Any, tuple[Any, ...], str]) -> tuple[Any, ...]:
    """A record of an appended view, put together like the others."""
    head, rest, scope = record
    return (head, *rest[:-3], scope, *rest[-3:])


def _version(shape: Shape, record: tuple[Any, ...]) -> Version:
    scope, valid_from, from_pos, changed = record[shape.width :]
    return Version(list(record[: shape.width]), valid_from, from_pos, changed, scope)


def _past(shape: Shape, record: tuple[Any, ...]) -> Past:
    _, valid_from, from_pos, changed, valid_to, until_pos, to_pos = record[shape.width :]
    return Past(list(record[: shape.width]), valid_from, from_pos, changed, valid_to, until_pos, to_pos)


def _stored(past: Past) -> Past:
    copy = Past(past.values, past.valid_from, past.from_pos, past.changed, past.valid_to, past.until_pos, past.to_pos)
    copy.stored = True
    return copy
