"""The fold equals the plainest model of two times, for any order of changes and any batches they come in."""

import asyncio
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, ClassVar
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.access import Area
from domain.kernel import Event
from infra.log import LogEvent
from projections.kernel.batch import Poison
from projections.kernel.changes import BadChange, Changes, Col, Projection, Shape
from projections.kernel.memory import MemoryTables
from projections.kernel.tables import COUNTED, VIEWS, view, view_of


@view("fold_thing", area=Area.REGISTRY, scope_from="home")
@dataclass
class ThingRow:
    """东西"""

    id: str
    home: str
    colour: str | None
    size: int
    seen_on: date | None
    touched: Annotated[int, COUNTED]

    FILTERS: ClassVar[tuple[str, ...]] = ()


@view("fold_count", area=Area.REGISTRY)
@dataclass
class CountRow:
    """计数"""

    id: str
    total: Annotated[int, COUNTED]
    last: str | None


@view("fold_fact", area=Area.REGISTRY, temporal=False)
@dataclass
class FactRow:
    """事实"""

    id: str
    amount: int


for _name in ("fold_thing", "fold_count", "fold_fact"):
    del VIEWS[_name]  # these stand in no schema

DAY = date(2015, 1, 1)
DAYS = [DAY + timedelta(days=n) for n in range(8)]
NOW = datetime(2015, 12, 1, tzinfo=UTC)


class Scripted(Projection):
    """Applies whatever the test says of a position."""

    name = "scripted"
    version = 1
    views = (ThingRow, CountRow, FactRow)

    def __init__(self, script: dict[int, Any]) -> None:
        super().__init__()
        self.script = script

    def apply(self, event: Event, at: LogEvent, to: Changes) -> None:
        self.script[at.position](to)


def at(position: int) -> LogEvent:
    """An event that is only a position."""
    return LogEvent(stream_id=UUID(int=position), version=1, topic="t", payload=b"", position=position, recorded_at=NOW)


def play(steps: list[Any], cuts: list[int] | None = None) -> MemoryTables:
    """Tables after these steps (position 1 on), in batches that end at the cuts."""
    tables = MemoryTables(Scripted(dict(enumerate(steps, 1))))
    events: Any = [(at(position), None) for position in range(1, len(steps) + 1)]
    ends = sorted({*(cuts or ()), len(steps)})

    async def run() -> None:
        start = 0
        for end in ends:
            await tables.take(events[start:end])
            start = end

    asyncio.run(run())
    return tables


@dataclass
class Effect:
    """What one step said of one key."""

    day: date
    position: int
    order: int
    assigned: dict[str, Any]
    decided: bool


class Naive:
    """The model itself: effects, and a value by looking at all of them."""

    def __init__(self) -> None:
        self.effects: dict[str, list[Effect]] = defaultdict(list)
        self.shape = Shape(view_of(ThingRow))

    def value(self, key: str, day: date, position: int) -> dict[str, Any] | None:
        told = [e for e in self.effects[key] if e.position <= position]
        effects = sorted((e for e in told if e.day <= day), key=lambda e: (e.day, e.order))
        if not effects:
            return None
        row = dict(zip(self.shape.view.names, self.shape.blank, strict=True)) | {"id": key}
        for effect in effects:
            over = [e for e in told if e.decided and e.order > effect.order and e.day < effect.day]
            row |= {n: value for n, value in effect.assigned.items() if not any(n in e.assigned for e in over)}
        return row

    def record(self, key: str, position: int, step: dict[str, Any]) -> None:
        """Note a step's effect, as it is decided when it is recorded."""
        known = self.effects[key]
        columns = dict(step["columns"])
        if step["kind"] == "put":
            columns = {"colour": None, "size": 0, "seen_on": None} | columns
        elif not known:
            return
        current = self.value(key, date.max, position) if known else None
        if step.get("group") is not None and (current is None or current["colour"] != step["group"]):
            return
        day = step["on"]
        if day == "seen_on":
            assert current is not None
            day = current["seen_on"] or max(e.day for e in known)
        if step["kind"] == "patch":
            day = max(day, min(e.day for e in known))
        base = self.value(key, day, position) or {}
        if any(base.get(name) != value for name, value in step.get("where", {}).items()):
            return
        columns = {name: base[value.name] if isinstance(value, Col) else value for name, value in columns.items()}
        known.append(Effect(day, position, len(known), columns, step.get("decided", False)))


COLOURS = st.sampled_from(["red", "green", "blue"])
DATES = st.sampled_from(DAYS)
CONDITION = st.one_of(st.just({}), COLOURS.map(lambda c: {"colour": c}), st.integers(0, 2).map(lambda n: {"size": n}))


@st.composite
def step(draw: st.DrawFn) -> dict[str, Any]:
    """A random put, patch or group patch."""
    kind = draw(st.sampled_from(["put", "patch", "patch", "patch", "group"]))
    columns: dict[str, Any] = {}
    if kind == "put" or draw(st.booleans()):
        columns["home"] = draw(st.sampled_from(["1", "2"]))
    if draw(st.booleans()):
        columns["colour"] = draw(st.one_of(COLOURS, st.none()))
    if draw(st.booleans()):
        columns["seen_on"] = draw(DATES)
    if not columns or draw(st.booleans()):
        columns["size"] = draw(st.integers(0, 2))
    drawn: dict[str, Any] = {"kind": kind, "columns": columns, "on": draw(DATES), "key": draw(st.sampled_from("ab"))}
    if kind == "patch":
        if draw(st.integers(0, 4)) == 0:
            drawn["on"] = "seen_on"
        if draw(st.integers(0, 3)) == 0:
            columns["colour"] = Col("home")
        drawn["where"] = draw(CONDITION)
        drawn["decided"] = draw(st.booleans())
    if kind == "group":
        drawn["kind"], drawn["group"], drawn["where"] = "patch", draw(COLOURS), draw(CONDITION)
    return drawn


def say(drawn: dict[str, Any], born: set[str]) -> Any:
    """The drawn step as a projection would say it."""
    on = Col("seen_on") if drawn["on"] == "seen_on" else drawn["on"]
    if drawn.get("group"):
        return lambda to: to.patch_group(
            ThingRow, "colour", drawn["group"], on=on, where=drawn["where"], **drawn["columns"]
        )
    if drawn["kind"] == "put":
        born.add(drawn["key"])
        return lambda to: to.put(ThingRow, drawn["key"], on=on, **drawn["columns"])
    if drawn["key"] not in born:
        return lambda to: None
    return lambda to: to.patch(
        ThingRow, drawn["key"], on=on, where=drawn["where"], decided=drawn["decided"], **drawn["columns"]
    )


@settings(max_examples=400, deadline=None)
@given(st.lists(step(), min_size=1, max_size=14), st.lists(st.integers(1, 14), max_size=4))
def test_fold_equals_the_naive_model_at_every_two_times(steps: list[dict[str, Any]], cuts: list[int]) -> None:
    born: set[str] = set()
    tables = play([say(drawn, born) for drawn in steps], [cut for cut in cuts if cut < len(steps)])
    naive = Naive()
    for position, drawn in enumerate(steps, 1):
        for key in ("a", "b") if drawn.get("group") else (drawn["key"],):
            naive.record(key, position, drawn)
    head = len(steps)
    for key in ("a", "b"):
        assert tables.read("fold_thing").get(key) == naive.value(key, date.max, head)
        for day in DAYS:
            assert tables.read("fold_thing", effective=day).get(key) == naive.value(key, day, head)
        for position in range(head + 1):
            current = tables.read("fold_thing", as_of=position).get(key)
            assert current == naive.value(key, date.max, position)
            for day in DAYS:
                seen = tables.read("fold_thing", as_of=position, effective=day).get(key)
                assert seen == naive.value(key, day, position)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(DATES, st.integers(-3, 3), st.one_of(st.none(), COLOURS)), min_size=1, max_size=12),
    st.lists(st.integers(1, 12), max_size=3),
)
def test_counted_columns_are_sums_at_every_two_times(added: list[tuple[date, int, Any]], cuts: list[int]) -> None:
    steps = [
        lambda to, on=on, n=n, last=last: to.add(
            CountRow, "c", on=on, total=n, assign={} if last is None else {"last": last}
        )
        for on, n, last in added
    ]
    tables = play(steps, [cut for cut in cuts if cut < len(steps)])
    for position in range(1, len(steps) + 1):
        for day in (*DAYS, date.max):
            told = [(on, i, n, last) for i, (on, n, last) in enumerate(added[:position]) if on <= day]
            row = tables.read("fold_count", as_of=position, effective=day).get("c")
            lasts = [last for *_, last in sorted(told, key=lambda t: t[:2]) if last is not None]
            assert row == (
                {"id": "c", "total": sum(t[2] for t in told), "last": lasts[-1] if lasts else None} if told else None
            )


@settings(max_examples=150, deadline=None)
@given(st.lists(step(), min_size=1, max_size=12), st.lists(st.integers(1, 12), max_size=3))
def test_batches_do_not_matter(steps: list[dict[str, Any]], cuts: list[int]) -> None:
    def rows(tables: MemoryTables) -> Any:
        live = {
            k: (v.values, v.valid_from, v.from_pos, v.changed, v.scope) for k, v in tables.rows["fold_thing"].items()
        }
        past = sorted(
            (str(k), p.from_pos, p.valid_from, p.values, p.changed, p.valid_to, p.until_pos, p.to_pos)
            for k, pasts in tables.history["fold_thing"].items()
            for p in pasts
        )
        return live, past

    one = play([say(drawn, born) for born in [set()] for drawn in steps])
    many = play([say(drawn, born) for born in [set()] for drawn in steps], [cut for cut in cuts if cut < len(steps)])
    assert rows(one) == rows(many)


def test_a_late_change_holds_until_the_next_change_of_that_column() -> None:
    tables = play(
        [
            lambda to: to.put(ThingRow, "a", on=DAYS[0], home="1", colour="red"),
            lambda to: to.patch(ThingRow, "a", on=DAYS[4], colour="blue"),
            lambda to: to.patch(ThingRow, "a", on=DAYS[2], colour="green", size=7),
        ]
    )

    def seen(day: int, as_of: int | None = None) -> tuple[Any, Any]:
        row = tables.read("fold_thing", effective=DAYS[day], as_of=as_of)["a"]
        return row["colour"], row["size"]

    assert [seen(day) for day in (0, 2, 3, 4)] == [("red", 0), ("green", 7), ("green", 7), ("blue", 7)]
    assert [seen(day, 2) for day in (0, 2, 3, 4)] == [("red", 0), ("red", 0), ("red", 0), ("blue", 0)]


def test_facts_keep_what_was_known_but_are_not_split_in_business_time() -> None:
    tables = play(
        [
            lambda to: to.insert(FactRow, "f", on=DAYS[3], amount=5),
            lambda to: to.patch(FactRow, "f", on=DAYS[6], amount=7),
        ]
    )
    assert tables.read("fold_fact", as_of=1)["f"]["amount"] == 5
    assert tables.read("fold_fact", as_of=2)["f"]["amount"] == 7
    assert tables.read("fold_fact", effective=DAYS[3])["f"]["amount"] == 7
    assert tables.read("fold_fact", effective=DAYS[2]) == {}


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (lambda to: to.patch(ThingRow, "a", on=DAY, size=1), "no row to change"),
        (lambda to: to.put(ThingRow, "a", on=DAY, size=1), "home has no value"),
        (lambda to: to.put(ThingRow, "a", on=DAY, home="1", weight=1), "no column 'weight'"),
        (lambda to: to.patch(ThingRow, "a", on=DAY, weight=1), "no column 'weight'"),
        (lambda to: to.add(ThingRow, "a", on=DAY, size=1), "only counted"),
        (lambda to: to.add(ThingRow, "a", on=DAY, touched=1), "home has no value"),
    ],
)
def test_a_change_the_view_cannot_take_is_poison(said: Any, words: str) -> None:
    with pytest.raises(Poison, match=words) as caught:
        play([said])
    assert caught.value.position == 1
    assert isinstance(caught.value.error, BadChange)


def test_rows_take_the_scope_of_their_column() -> None:
    tables = play(
        [
            lambda to: to.put(ThingRow, "a", on=DAY, home="1"),
            lambda to: to.patch(ThingRow, "a", on=DAYS[1], home="2"),
        ],
        [1],
    )
    assert tables.rows["fold_thing"]["a"].scope == "2"
