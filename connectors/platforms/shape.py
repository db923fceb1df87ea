"""Rows of the log as one platform's messages: its own types and fields, with what it may know of the person.

`previous` is the position of the message before it: a receiver that keeps the last one it had sees at once that one is
missing, or came twice, though positions between are others' business.
"""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, get_type_hints
from uuid import UUID

from connectors.platforms.declaration import Platform, Shown, Told, code_of
from connectors.public.kinds import PREFIX
from connectors.public.messages import cloud_event, event_id
from domain.codes import Code
from domain.kernel import ERASED, event_classes
from domain.registry import Person
from infra.codec import plain_fields
from infra.log import LogEvent
from infra.store import EventStore

_PAGE = 2_000


@dataclass(frozen=True, slots=True)
class PlatformMessage:
    """One message. `id` is the event's name for ever, `values` what is told by the platform's own names.

    `value` is the message as a CloudEvent; a file or table says the same in columns.
    """

    id: str
    type: str
    subject: str
    position: int
    previous: int
    occurred: datetime
    recorded_at: datetime
    division: str
    values: Mapping[str, Any]
    value: bytes

    @property
    def key(self) -> bytes:
        """Whose order it keeps."""
        return self.subject.encode()


class Shape:
    """Makes one platform's messages."""

    def __init__(self, platform: Platform, store: EventStore) -> None:
        self._platform = platform
        self._store = store

    def concerns(self, row: LogEvent) -> bool:
        """Whether the platform is told of this event."""
        return row.topic in self._platform.events and row.division.startswith(self._platform.division)

    async def messages(self, rows: Iterable[LogEvent], previous: int) -> list[PlatformMessage]:
        """The messages of these rows, in order. Who was erased is told of without name and number."""
        mine = [(row, self._platform.events[row.topic], plain_fields(row)) for row in rows if self.concerns(row)]
        wanted = {id for row, told, raw in mine if told.person and (id := _whose(row, told, raw)) is not None}
        persons = await self._store.load_many(Person, sorted(wanted)) if wanted else {}
        await self._open([each for each in mine if each[1].opened])
        made = []
        for row, told, raw in mine:
            made.append(self._message(row, told, raw, persons, previous))
            previous = row.position
        return made

    async def between(self, after: int, upto: int, previous: int = 0) -> AsyncIterator[list[PlatformMessage]]:
        """Every message of a stretch of the log, a page at a time."""
        while after < upto:
            rows = await self._store.log.read(after, min(_PAGE, upto - after), upto)
            if not rows:
                return
            messages = await self.messages(rows, previous)
            previous = messages[-1].position if messages else previous
            after = rows[-1].position
            yield messages

    async def last_before(self, position: int) -> int:
        """Where the last message up to a position stands; 0 where there is none."""
        while position > 0:
            after = max(0, position - _PAGE)
            rows = await self._store.log.read(after, position - after, position)
            found = next((row.position for row in reversed(rows) if self.concerns(row)), 0)
            if found:
                return found
            position = after
        return 0

    async def _open(self, mine: Sequence[tuple[LogEvent, Told, dict[str, Any]]]) -> None:
        """Put the sealed fields that are told beside the plain ones."""
        codec = self._store.codec
        await self._store.keyring.preload(codec.holders(row for row, _, _ in mine))
        for row, told, raw in mine:
            event = codec.decode(row)
            raw.update((shown.field, getattr(event, shown.field)) for shown in told.opened)

    def _message(
        self, row: LogEvent, told: Told, raw: dict[str, Any], persons: dict[UUID, Person], previous: int
    ) -> PlatformMessage:
        values: dict[str, Any] = {}
        who = _whose(row, told, raw) if told.person else None
        person = persons.get(who) if who is not None else None
        for shown in told.person:
            values[shown.name] = _open(getattr(person, shown.field, None))
        for shown in told.fields:
            values[shown.name] = _in_form(row.topic, shown, raw.get(shown.field))
        for shown in told.opened:
            values[shown.name] = _open(raw.get(shown.field))
        subject = f"person:{who}" if who is not None else f"{row.topic.partition('.')[0]}:{row.stream_id}"
        data = {"personId": str(who), **values} if person is not None else values
        type = f"{PREFIX}.{self._platform.name}.{told.type}.v1"
        return PlatformMessage(
            id=event_id(row),
            type=told.type,
            subject=subject,
            position=row.position,
            previous=previous,
            occurred=row.occurred,
            recorded_at=row.recorded_at,
            division=row.division,
            values=values,
            value=cloud_event(row, type, subject, data, previous=f"{previous:020d}"),
        )


def _whose(row: LogEvent, told: Told, raw: dict[str, Any]) -> UUID | None:
    if not told.whose:
        return row.stream_id
    named = raw.get(told.whose)
    return UUID(named) if named else None


def _open(value: Any) -> Any:
    return None if value == ERASED else value


def _in_form(topic: str, shown: Shown, value: Any) -> Any:
    if value is None or not shown.form:
        return value
    if shown.form == "yuan":
        sign, fen = ("-" if value < 0 else ""), abs(value)
        return f"{sign}{fen // 100}.{fen % 100:02d}"
    return _codes(topic)[shown.field](value).label


@cache
def _codes(topic: str) -> dict[str, type[Code]]:
    """The code sets of an event's fields."""
    hints = get_type_hints(event_classes()[topic])
    return {name: found for name, hint in hints.items() if (found := code_of(hint)) is not None}


__all__ = ["PlatformMessage", "Shape"]
