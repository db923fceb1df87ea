"""What messages say: both modes of CloudEvents, Debezium's envelopes and types, and everything else."""

import base64
import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from connectors.kafka.messages import Unintelligible, understand
from connectors.kafka.rows import MESSAGE, Readers, unread_layout
from connectors.reading.reader import Layout
from tests.files.make import person
from tests.fixtures.kafka import change, cloud_event

SENT = datetime(2015, 12, 30, 20, 0, tzinfo=UTC)
PLACE = "topic/0@7"
STRUCTURED = [("content-type", b"application/cloudevents+json")]


def said(value: bytes | None, headers: list[tuple[str, bytes]] | None = None) -> Any:
    return understand(value, headers or [], SENT, PLACE)


def test_a_structured_event_names_kind_day_and_itself() -> None:
    found = said(cloud_event("persons", {"姓名": "幻甲", "在世": True, "标签": ["独居", "高龄"]}, "m-1"), STRUCTURED)
    assert found.names[0] == "persons"
    assert (found.columns, found.cells) == (("姓名", "在世", "标签"), ("幻甲", "是", "独居、高龄"))
    assert (found.on, found.mark, found.deleted) == (date(2015, 12, 30), "/population\nm-1", False)


def test_a_structured_event_is_known_without_a_header_too() -> None:
    assert said(cloud_event("persons", {"姓名": "幻甲"}, "m-1")).mark == "/population\nm-1"


def test_the_day_is_china_s() -> None:
    late = cloud_event("persons", {"姓名": "幻甲"}, "m-1", time="2015-12-30T17:00:00Z")
    assert said(late, STRUCTURED).on == date(2015, 12, 31)


def test_a_tombstone_says_nothing() -> None:
    assert said(None) is None
    assert said(json.dumps({"schema": None, "payload": None}).encode()) is None


@pytest.mark.parametrize(("op", "deleted"), [("c", False), ("u", False), ("r", False), ("d", True)])
def test_a_change_is_told_by_the_side_that_counts(op: str, deleted: bool) -> None:
    found = said(change("T_PERSONS", op, {"XM": "幻甲"}, 42))
    assert (found.columns, found.cells, found.deleted) == (("XM",), ("幻甲",), deleted)
    assert found.names == ("T_PERSONS", "t_persons", "persons")
    assert found.on == date(2015, 12, 30)
    # A snapshot's rows all stand at one place in their log: each is known by its place in the topic instead.
    assert (found.mark == PLACE) is (op == "r")


def test_a_change_sent_again_is_the_same() -> None:
    first, again, other = (said(change("p", "u", {"XM": "幻"}, lsn)).mark for lsn in (42, 42, 43))
    assert first == again != other


def test_declared_types_are_given_back() -> None:
    unscaled = base64.b64encode((-12_345).to_bytes(4, "big", signed=True)).decode()
    types = [
        {"field": "born", "type": "int32", "name": "io.debezium.time.Date"},
        {"field": "at", "type": "int64", "name": "io.debezium.time.MicroTimestamp"},
        {"field": "zoned", "type": "string", "name": "io.debezium.time.ZonedTimestamp"},
        {
            "field": "money",
            "type": "bytes",
            "name": "org.apache.kafka.connect.data.Decimal",
            "parameters": {"scale": "2"},
        },
        {"field": "plain", "type": "string"},
    ]
    schema = {"type": "struct", "fields": [{"field": "after", "fields": types}]}
    row = {"born": -1, "at": 1_000_000, "zoned": "2015-12-30T17:00:00Z", "money": unscaled, "plain": "x"}
    found = said(change("p", "c", row, 1, schema=schema))
    assert found.cells == (
        date(1969, 12, 31),
        datetime(1970, 1, 1, 0, 0, 1),
        datetime(2015, 12, 31, 1, 0),
        "-123.45",
        "x",
    )
    with pytest.raises(Unintelligible, match="类型不符"):
        said(change("p", "c", {**row, "born": "yesterday"}, 1, schema=schema))


@pytest.mark.parametrize(
    ("value", "headers", "words"),
    [
        (b"\xff\xfe", [], "不是 JSON"),
        (b"[1]", [], "既不是"),
        (b'{"op":"x","after":{"a":1}}', [], "既不是"),
        (b'{"op":"u","before":null,"after":null}', [], "缺少 after"),
        (b'{"op":"d","before":null}', [], "缺少 before"),
        (b'{"specversion":"1.0","id":"1","data":{"a":1}}', STRUCTURED, "CloudEvents"),
        (b'{"a":1}', [("ce_id", b"1")], "CloudEvents"),
        (cloud_event("persons", [1], "x"), STRUCTURED, "一条记录"),
        (cloud_event("persons", {"a": {"b": 1}}, "x"), STRUCTURED, "展开嵌套"),
    ],
)
def test_what_can_not_be_understood_is_told_in_a_sentence(value: bytes, headers: Any, words: str) -> None:
    with pytest.raises(Unintelligible, match=words) as told:
        said(value, headers)
    assert str(told.value).endswith("。")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(
    ["op", "after", "before", "payload", "schema", "source", "specversion", "id", "type", "data", "time"]
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    st.binary(max_size=60) | st.dictionaries(KEYS, JSON, max_size=6).map(lambda d: json.dumps(d).encode()),
    st.lists(
        st.tuples(st.sampled_from(["ce_id", "ce_type", "ce_time", "content-type"]), st.binary(max_size=12)), max_size=3
    ),
)
def test_nothing_else_ever_happens(value: bytes, headers: list[tuple[str, bytes]]) -> None:
    """Whatever a stranger sends: it is understood, or it is not."""
    try:
        understand(value, headers, SENT, PLACE)
    except Unintelligible:
        return


ROWS = st.dictionaries(st.text(max_size=5), JSON, max_size=4) | JSON
DECLARED = st.fixed_dictionaries(
    {},
    optional={"field": JSON | st.sampled_from(["after", "before"]), "fields": JSON, "name": JSON, "parameters": JSON},
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    op=st.sampled_from(["c", "u", "r", "d"]) | JSON,
    sides=st.tuples(ROWS, ROWS),
    source=st.dictionaries(st.sampled_from(["table", "lsn", "ts_ms", "snapshot", "connector"]), JSON) | JSON,
    columns=st.lists(DECLARED, max_size=2) | JSON,
    enveloped=st.booleans(),
)
@example(op=[], sides=({}, {}), source={}, columns=[], enveloped=False)
@example(op="c", sides=({}, {"a": 1}), source={"ts_ms": 1e300}, columns=[], enveloped=False)
@example(op="c", sides=({}, {"a": 1}), source={}, columns=[{"field": []}], enveloped=True)
def test_nor_does_anything_of_what_looks_like_a_change(
    op: Any, sides: tuple[Any, Any], source: Any, columns: Any, enveloped: bool
) -> None:
    """A poisoned envelope must not end the process that reads it."""
    change: Any = {"op": op, "before": sides[0], "after": sides[1], "source": source}
    if enveloped:
        change = {"schema": {"fields": [{"field": "after", "fields": columns}, *([columns] * 2)]}, "payload": change}
    try:
        understand(json.dumps(change).encode(), [], SENT, PLACE)
    except Unintelligible:
        return


class TestReaders:
    readers = Readers((), date(2015, 12, 31))

    def test_columns_may_be_named_like_the_mapping_s_fields(self) -> None:
        row = {k: v for k, v in person(1).items() if k not in ("姓名", "公民身份号码")}
        message = said(
            cloud_event("persons", {"name": "幻甲一", "citizen_id": person(1)["公民身份号码"], **row}, "m"), STRUCTURED
        )
        reader = self.readers.reader("population", message)
        parsed = reader.read(message, 7)
        assert (reader.kind, parsed.number, parsed.mark, parsed.fault) == ("persons", 7, "/population\nm", None)
        assert parsed.fact is not None

    def test_the_kind_follows_from_the_columns_where_nothing_names_it(self) -> None:
        message = said(change("RKXX_2015", "c", person(1), 1))
        assert self.readers.reader("population", message).kind == "persons"

    def test_columns_that_fit_nothing_are_told(self) -> None:
        message = said(cloud_event("persons", {"颜色": "红"}, "m"), STRUCTURED)
        with pytest.raises(Unintelligible, match="缺少列"):
            self.readers.reader("population", message)

    def test_what_was_no_record_is_kept_as_text(self) -> None:
        import msgspec

        assert msgspec.json.decode(unread_layout("population"), type=Layout).kind == MESSAGE
