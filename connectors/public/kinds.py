"""What is said in public of an event: a type of its own with a version, chosen fields, whose order it keeps.

A domain event never leaves the district as it is. What others rely on is declared here field by field, so that a
domain event may change its shape while the public type stays; a public type that must change gets a new version.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, get_type_hints

import domain.contexts  # noqa: F401 - every context's events
from domain.kernel import SUBJECT_FIELDS, Event, aggregate_classes, event_classes, personal_fields

PREFIX = "cn.jianghai.minzheng"


@dataclass(frozen=True)
class Public:
    """One public type. `of` is the field that names the subject whose messages stay in order; empty: its own stream."""

    event: type[Event]
    names: tuple[str, ...]
    of: str = ""
    version: int = 1

    @cached_property
    def context(self) -> str:
        """The context it is of, which names its topic."""
        return self.event.TOPIC.partition(".")[0]

    @cached_property
    def type(self) -> str:
        """The CloudEvents type: `cn.jianghai.minzheng.assistance.CaseConfirmed.v1`."""
        return f"{PREFIX}.{self.event.TOPIC}.v{self.version}"

    @cached_property
    def subject_kind(self) -> str:
        """What kind of thing its subject is: case, person, …"""
        if self.of:
            return SUBJECT_FIELDS[self.of]
        return _subjects()[self.event]

    @cached_property
    def keys(self) -> tuple[tuple[str, str], ...]:
        """Each field's name in the event and in the message (`from_on`, `fromOn`)."""
        return tuple((name, camel(name)) for name in self.names)

    @cached_property
    def hints(self) -> Mapping[str, Any]:
        """The chosen fields' types."""
        hints = get_type_hints(self.event)
        return {name: hints[name] for name in self.names}


def public(topic: str, *names: str, of: str = "", version: int = 1) -> Public:
    """Declare a public type of an event. Raises ValueError for a field that is not there, or is personal."""
    event = event_classes()[topic]
    known = {field.name for field in fields(event)}
    sealed = set(personal_fields(event))
    for name in (*names, *((of,) if of else ())):
        if name not in known or name in sealed:
            raise ValueError(f"{event.TOPIC}: {name} is no field that may be said in public")
    return Public(event, names, of, version)


def camel(name: str) -> str:
    """`from_on` as `fromOn`."""
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def _subjects() -> Mapping[type[Event], str]:
    """Each event class with its aggregate's subject."""
    return {
        event: aggregate.SUBJECT
        for aggregate in aggregate_classes().values()
        for cls in aggregate.__mro__
        for event in vars(cls).values()
        if isinstance(event, type) and issubclass(event, Event)
    }


__all__ = ["PREFIX", "Public", "camel", "public"]
