"""A platform's declaration: which events of which divisions it gets, which fields of them, and by which way.

One YAML file a platform. The built-in ones stand beside this module; an installation names those in use, or a folder
with its own, in MINZHENG_PLATFORMS. What a platform may know of a person (name, number) is said event by event: the
receiver needs it to find the person, and nobody else gets it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Literal, get_args

import domain.contexts  # noqa: F401 - every context's events
from connectors.mapping.lines import Node, read_lines
from domain.errors import BadSetting
from domain.kernel import Event, event_classes, personal_fields
from domain.registry import Person
from infra.settings import Settings

Way = Literal["kafka", "https"]
_WAYS: tuple[str, ...] = get_args(Way)
_KEYS = ("name", "title", "division", "way", "url", "events")
_EVENT_KEYS = ("type", "fields", "person", "whose")
_OF_PERSONS = ("name", "citizen_id", "phone", "address")
"""What a receiver may be told of a person."""
_OWN = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of one kind of event: under which name, which of its fields, and what of which person.

    `whose` is the field that names the person; empty where the event is the person's own, or no person is told of.
    """

    type: str
    fields: tuple[str, ...]
    person: tuple[str, ...] = ()
    whose: str = _OWN


@dataclass(frozen=True, slots=True)
class Platform:
    """One receiver. `events` by the topic of the event; `url` where messages go by HTTPS."""

    name: str
    title: str
    division: str
    way: Way
    url: str
    events: Mapping[str, Told]


def load_platforms(chosen: str) -> tuple[Platform, ...]:
    """The platforms in use: built-in ones by name, separated by commas, or every file of a folder.

    Raises MappingFault naming file and line of a mistake, BadSetting for what is neither.
    """
    if not chosen:
        return ()
    folder = Path(chosen)
    if folder.is_dir():
        found = [read_platform(path.read_text("utf-8"), path.name) for path in sorted(folder.glob("*.yaml"))]
    else:
        known = builtin()
        names = [name.strip() for name in chosen.split(",") if name.strip()]
        if unknown := [name for name in names if name not in known]:
            raise BadSetting(
                f"MINZHENG_PLATFORMS：没有平台“{unknown[0][:40]}”，也不是目录；可用：{'、'.join(sorted(known))}。",
                "MINZHENG_PLATFORMS",
            )
        found = [known[name] for name in names]
    if len({platform.name for platform in found}) < len(found):
        raise BadSetting("MINZHENG_PLATFORMS：有两个平台同名；请改其中一个的 name。", "MINZHENG_PLATFORMS")
    return tuple(found)


def by_topic(settings: Settings) -> tuple[str, ...]:
    """The names of the platforms in use that take their messages from a topic of Kafka's."""
    return tuple(platform.name for platform in load_platforms(settings.platforms) if platform.way == "kafka")


def builtin() -> Mapping[str, Platform]:
    """The declarations that come with the product, by name."""
    folder = files("connectors.platforms")
    texts = {item.name: item.read_text(encoding="utf-8") for item in folder.iterdir() if item.name.endswith(".yaml")}
    platforms = [read_platform(text, name) for name, text in sorted(texts.items())]
    return MappingProxyType({platform.name: platform for platform in platforms})


def read_platform(text: str, file: str) -> Platform:
    """One declaration; raises MappingFault."""
    root = read_lines(text, file)
    entries = _entries(root, _KEYS)
    way = entries["way"].text() if "way" in entries else "kafka"
    if way not in _WAYS:
        raise entries["way"].fault(f"way 只能是 {'、'.join(_WAYS)}。")
    url = entries["url"].text() if "url" in entries else ""
    if way == "https" and not url.startswith(("https://", "http://127.0.0.1", "http://localhost")):
        raise entries.get("url", root).fault("way 为 https 时须给出 https:// 开头的 url。")
    events = {}
    for topic, (where, told) in _demanded(root, entries, "events").items().items():
        if topic not in event_classes():
            raise where.fault(f"没有事件“{topic}”；见 docs/catalogue.txt。")
        events[topic] = _told(event_classes()[topic], told)
    return Platform(
        name=_demanded(root, entries, "name").text(),
        title=_demanded(root, entries, "title").text(),
        division=_demanded(root, entries, "division").text(),
        way="https" if way == "https" else "kafka",
        url=url,
        events=MappingProxyType(events),
    )


def _told(event: type[Event], node: Node) -> Told:
    entries = _entries(node, _EVENT_KEYS)
    known = {field.name for field in fields(event)} - set(personal_fields(event))
    names = entries["fields"].texts() if "fields" in entries else ()
    for name in names:
        if name not in known:
            raise entries["fields"].fault(f"事件 {event.TOPIC} 没有可发送的字段“{name}”。")
    person = entries["person"].texts() if "person" in entries else ()
    for name in person:
        if name not in _OF_PERSONS:
            raise entries["person"].fault(f"person 只能是 {'、'.join(_OF_PERSONS)}。")
    whose = entries["whose"].text() if "whose" in entries else _whose(event)
    if person and whose == _OWN and event not in vars(Person).values():
        raise entries["person"].fault(f"事件 {event.TOPIC} 没有指明是谁；请用 whose 给出字段。")
    if whose != _OWN and whose not in known:
        raise entries["whose"].fault(f"事件 {event.TOPIC} 没有字段“{whose}”。")
    kind = entries["type"].text() if "type" in entries else event.TOPIC.partition(".")[2]
    return Told(kind, names, person, whose)


def _whose(event: type[Event]) -> str:
    """The field by which an event names its person, where it has the usual one."""
    return "person_id" if any(field.name == "person_id" for field in fields(event)) else _OWN


def _entries(node: Node, allowed: Sequence[str]) -> dict[str, Node]:
    found = {}
    for key, (where, value) in node.items().items():
        if key not in allowed:
            raise where.fault(f"“{key}”未知；可用：{'、'.join(allowed)}。")
        found[key] = value
    return found


def _demanded(root: Node, entries: Mapping[str, Node], name: str) -> Node:
    if name not in entries:
        raise root.fault(f"缺少 {name}。")
    return entries[name]


__all__ = ["Platform", "Told", "builtin", "by_topic", "load_platforms", "read_platform"]
