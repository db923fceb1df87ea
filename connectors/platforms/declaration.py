"""A platform's declaration: which events of which divisions it gets, which fields of them, and by which way.

One YAML file a platform. The built-in ones stand beside this module; an installation names those in use, or a folder
with its own, in MINZHENG_PLATFORMS. What a platform may know of a person (name, number) is said event by event: the
receiver needs it to find the person, and nobody else gets it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from importlib.resources import files
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, get_args, get_type_hints

import domain.contexts  # noqa: F401 - every context's events
from connectors.mapping.lines import Node, read_lines
from connectors.mapping.store import sources
from connectors.public.kinds import camel
from domain.codes import Code
from domain.errors import BadSetting
from domain.kernel import Event, event_classes, personal_fields
from domain.registry import Person
from infra.settings import Settings

Way = Literal["kafka", "https", "files", "tables"]
Format = Literal["csv", "xlsx"]
_WAYS: tuple[str, ...] = get_args(Way)
_FORMATS: tuple[str, ...] = get_args(Format)
_KEYS_OF: Mapping[str, tuple[str, ...]] = {
    "kafka": (),
    "https": ("url", "list"),
    "files": ("format", "every"),
    "tables": ("table",),
}
"""What only one way has a use for."""
_KEYS = ("name", "title", "division", "way", *chain(*_KEYS_OF.values()), "source", "events")
_EVENT_KEYS = ("type", "fields", "opened", "person", "whose")
_OF_PERSONS = ("name", "citizen_id", "phone", "address")
"""What a receiver may be told of a person."""
_OWN = ""
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_TABLE = re.compile(r"[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)?")
_FORMS: tuple[str, ...] = ("", "yuan", "label")
_MINUTES = re.compile(r"\d{1,4}(\.\d{1,2})?")
_HOURLY = 60
_SELDOM = 0.05
"""Least minutes between two files."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One value a platform is told: a field, under the platform's own name for it, and in which form.

    Forms: as it is; `yuan`, an amount with two decimals instead of fen; `label`, a code's Chinese label.
    """

    field: str
    name: str
    form: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of one kind of event: under which name, which of its fields, and what of which person.

    `whose` is the field that names the person; empty where the event is the person's own, or no person is told of.
    `opened` are sealed fields of the event itself (a bank account, for whoever pays into it).
    """

    type: str
    fields: tuple[Shown, ...]
    opened: tuple[Shown, ...] = ()
    person: tuple[Shown, ...] = ()
    whose: str = _OWN


@dataclass(frozen=True, slots=True)
class Platform:
    """One receiver. `events` by the topic of the event.

    By HTTPS messages go to `url`, and `list` answers what it has of a day; files are of a `format` and made `every` so
    many minutes; by an exchange table they go into `table` of the platform's own database. `source` is the source
    system as which its own records are read when it sends them back.
    """

    name: str
    title: str
    division: str
    way: Way
    events: Mapping[str, Told]
    url: str = ""
    list: str = ""
    format: Format = "csv"
    every: float = _HOURLY
    table: str = ""
    source: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """Every name under which it is told something, in the declaration's order: the columns of a file or table."""
        return tuple(
            dict.fromkeys(
                shown.name for told in self.events.values() for shown in (*told.person, *told.fields, *told.opened)
            )
        )


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
    name = _demanded(root, entries, "name")
    if not _NAME.fullmatch(name.text()):
        raise name.fault("name 只能是小写字母、数字和下划线，以字母开头。")
    way = entries["way"].text() if "way" in entries else "kafka"
    if way not in _WAYS:
        raise entries["way"].fault(f"way 只能是 {'、'.join(_WAYS)}。")
    for other, keys in _KEYS_OF.items():
        for key in keys:
            if other != way and key in entries:
                raise entries[key].fault(f"{key} 只用于 way: {other}。")
    source = entries["source"].text() if "source" in entries else ""
    if source and source not in sources():
        raise entries["source"].fault(f"没有来源系统“{source}”；可用：{'、'.join(sources())}。")
    events = {}
    for topic, (where, told) in _demanded(root, entries, "events").items().items():
        if topic not in event_classes():
            raise where.fault(f"没有事件“{topic}”；见 docs/catalogue.txt。")
        events[topic] = _told(event_classes()[topic], told)
    return Platform(
        name=name.text(),
        title=_demanded(root, entries, "title").text(),
        division=_demanded(root, entries, "division").text(),
        way=way,  # type: ignore[arg-type]  # one of them, as was looked at
        events=MappingProxyType(events),
        source=source,
        **_of_way(way, root, entries),
    )


def _of_way(way: str, root: Node, entries: Mapping[str, Node]) -> dict[str, Any]:
    """What is declared of the way."""
    given = {key: entries[key].text() for key in _KEYS_OF[way] if key in entries}
    if way == "https":
        if "url" not in given:
            raise root.fault("way 为 https 时须给出 https:// 开头的 url。")
        for key, url in given.items():
            if not url.startswith(("https://", "http://127.0.0.1", "http://localhost")):
                raise entries[key].fault(f"{key} 须以 https:// 开头。")
    if way == "files":
        if given.get("format", "csv") not in _FORMATS:
            raise entries["format"].fault(f"format 只能是 {'、'.join(_FORMATS)}。")
        every = given.pop("every", str(_HOURLY))
        if not _MINUTES.fullmatch(every) or not _SELDOM <= float(every) <= 24 * _HOURLY:
            raise entries["every"].fault(f"every 是两个文件之间的分钟数，{_SELDOM} 至 1440。")
        return {**given, "every": float(every)}
    if way == "tables" and not _TABLE.fullmatch(given.get("table", "")):
        raise entries.get("table", root).fault(
            "way 为 tables 时须给出 table：表名，或 模式.表名，小写字母、数字和下划线。"
        )
    return given


def _told(event: type[Event], node: Node) -> Told:
    entries = _entries(node, _EVENT_KEYS)
    sealed = set(personal_fields(event))
    hints = get_type_hints(event)
    known = {field.name for field in fields(event)} - sealed
    shown = _shown(entries.get("fields"))
    for where, each in shown:
        if each.field not in known:
            raise where.fault(f"事件 {event.TOPIC} 没有可发送的字段“{each.field}”。")
        if each.form == "yuan" and not each.field.endswith("_fen"):
            raise where.fault(f"as: yuan 只用于金额（…_fen），“{each.field}”不是。")
        if each.form == "label" and code_of(hints[each.field]) is None:
            raise where.fault(f"as: label 只用于代码，“{each.field}”不是。")
    opened = _shown(entries.get("opened"))
    for where, each in opened:
        if each.field not in sealed:
            raise where.fault(f"事件 {event.TOPIC} 没有加密字段“{each.field}”。")
    person = _shown(entries.get("person"))
    for where, each in person:
        if each.field not in _OF_PERSONS:
            raise where.fault(f"person 只能是 {'、'.join(_OF_PERSONS)}。")
    whose = entries["whose"].text() if "whose" in entries else _whose(event)
    if person and whose == _OWN and event not in vars(Person).values():
        raise entries["person"].fault(f"事件 {event.TOPIC} 没有指明是谁；请用 whose 给出字段。")
    if whose != _OWN and whose not in known:
        raise entries["whose"].fault(f"事件 {event.TOPIC} 没有字段“{whose}”。")
    kind = entries["type"].text() if "type" in entries else event.TOPIC.partition(".")[2]
    return Told(kind, _each(shown), _each(opened), _each(person), whose)


def _shown(node: Node | None) -> list[tuple[Node, Shown]]:
    """Fields by name alone, or with the platform's own: `died_on: 死亡日期`, `total_fen: {name: 金额, as: yuan}`."""
    if node is None:
        return []
    if not node.holds_names():
        return [(node, Shown(name, camel(name))) for name in node.texts()]
    found = []
    for field_name, (where, value) in node.items().items():
        name, form = camel(field_name), ""
        if value.holds_names():
            entries = _entries(value, ("name", "as"))
            name = entries["name"].text() if "name" in entries else name
            form = entries["as"].text() if "as" in entries else ""
            if form not in _FORMS:
                raise entries["as"].fault(f"as 只能是 {'、'.join(_FORMS[1:])}。")
        else:
            name = value.text()
        found.append((where, Shown(field_name, name, form)))
    return found


def _each(found: Sequence[tuple[Node, Shown]]) -> tuple[Shown, ...]:
    return tuple(shown for _, shown in found)


def code_of(hint: Any) -> type[Code] | None:
    """The code set of a field's type, where it has one."""
    parts = (hint, *get_args(hint))
    return next((part for part in parts if isinstance(part, type) and issubclass(part, Code)), None)


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


__all__ = ["Platform", "Shown", "Told", "builtin", "by_topic", "code_of", "load_platforms", "read_platform"]
