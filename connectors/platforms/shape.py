"""Rows of the log as one platform's messages: its own types and fields, with what it may know of the person.

`previous` is the position of the message before it: a receiver that keeps the last one it had sees at once that one is
missing, or came twice, though positions between are others' business.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple
from uuid import UUID

from connectors.platforms.declaration import Platform, Told
from connectors.public.kinds import PREFIX, camel
from connectors.public.messages import cloud_event, event_id
from domain.kernel import ERASED
from domain.registry import Person
from infra.codec import plain_fields
from infra.log import LogEvent
from infra.store import EventStore


class PlatformMessage(NamedTuple):
    """One message: the event's name for ever, its subject, and the CloudEvent."""

    id: str
    key: bytes
    value: bytes
    position: int


class Shape:
    """Makes one platform's messages."""

    def __init__(self, platform: Platform, store: EventStore) -> None:
        self._platform = platform
        self._store = store

    async def messages(self, rows: Iterable[LogEvent], previous: int) -> list[PlatformMessage]:
        """The messages of these rows, in order. Who was erased is told of without name and number."""
        mine = [
            (row, self._platform.events[row.topic], plain_fields(row))
            for row in rows
            if row.topic in self._platform.events and row.division.startswith(self._platform.division)
        ]
        wanted = {id for row, told, raw in mine if told.person and (id := _whose(row, told, raw)) is not None}
        persons = await self._store.load_many(Person, sorted(wanted)) if wanted else {}
        made = []
        for row, told, raw in mine:
            made.append(self._message(row, told, raw, persons, previous))
            previous = row.position
        return made

    def _message(
        self, row: LogEvent, told: Told, raw: dict[str, Any], persons: dict[UUID, Person], previous: int
    ) -> PlatformMessage:
        data = {camel(name): raw.get(name) for name in told.fields}
        who = _whose(row, told, raw) if told.person else None
        if who is not None and (person := persons.get(who)) is not None:
            data["personId"] = str(who)
            data |= {camel(name): _open(getattr(person, name)) for name in told.person}
        subject = f"person:{who}" if who is not None else f"{row.topic.partition('.')[0]}:{row.stream_id}"
        type = f"{PREFIX}.{self._platform.name}.{told.type}.v1"
        value = cloud_event(row, type, subject, data, previous=f"{previous:020d}")
        return PlatformMessage(event_id(row), subject.encode(), value, row.position)


def _whose(row: LogEvent, told: Told, raw: dict[str, Any]) -> UUID | None:
    if not told.whose:
        return row.stream_id
    named = raw.get(told.whose)
    return UUID(named) if named else None


def _open(value: Any) -> Any:
    return None if value == ERASED else value


__all__ = ["PlatformMessage", "Shape"]
