"""Appended rows as PostgreSQL's binary COPY takes them: what the driver would send, value by value."""

from datetime import UTC, date, datetime, timedelta, timezone
from struct import unpack_from
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.kernel.copying import AppendedRows

COLUMNS = ("subject", "position", "title", "on", "at", "stream", "detail", "scope")
TYPES = ("text", "bigint", "text", "date", "timestamptz", "uuid", "text", "text")
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=20)
RESTS = st.tuples(
    st.integers(-(1 << 63), (1 << 63) - 1),
    TEXTS,
    st.dates(),
    st.datetimes(
        min_value=datetime(1, 1, 3), max_value=datetime(9999, 12, 29), timezones=st.just(timezone(timedelta(hours=8)))
    ),
    st.uuids(),
    TEXTS,
)


def read(stream: bytes, columns: tuple[str, ...]) -> list[dict[str, Any]]:
    """The rows of a binary COPY stream, by an independent reading of the format."""
    assert stream.startswith(b"PGCOPY\n\xff\r\n\0" + bytes(8))
    place, rows = 19, []
    types = dict(zip(COLUMNS, TYPES, strict=True))
    while (count := unpack_from("!h", stream, place)[0]) != -1:
        assert count == len(columns)
        place += 2
        row = {}
        for name in columns:
            (size,) = unpack_from("!i", stream, place)
            raw = stream[place + 4 : place + 4 + size]
            assert len(raw) == size
            place += 4 + size
            row[name] = decode(types[name], raw)
        rows.append(row)
    assert place + 2 == len(stream)
    return rows


def decode(sql_type: str, raw: bytes) -> Any:
    """A value from its binary form."""
    match sql_type:
        case "text":
            return raw.decode()
        case "uuid":
            return UUID(bytes=raw)
        case "date":
            return date.fromordinal(date(2000, 1, 1).toordinal() + int.from_bytes(raw, "big", signed=True))
        case "timestamptz":
            return datetime(2000, 1, 1, tzinfo=UTC) + timedelta(microseconds=int.from_bytes(raw, "big", signed=True))
        case _:
            return int.from_bytes(raw, "big", signed=True)


@given(st.lists(st.tuples(st.lists(TEXTS, max_size=3), RESTS, TEXTS), max_size=5))
def test_every_row_reads_back(events: list[tuple[list[str], tuple[Any, ...], str]]) -> None:
    rows = AppendedRows(COLUMNS, TYPES)
    records = [(head, rest, scope) for heads, rest, scope in events for head in heads]
    found = read(rows.encode(records), rows.columns)
    assert [tuple(row[name] for name in COLUMNS) for row in found] == [
        (head, *rest, scope) for head, rest, scope in records
    ]


def test_rows_of_one_event_may_belong_to_different_divisions() -> None:
    rows = AppendedRows(("subject", "position", "title", "scope"), ("text", "bigint", "text", "text"))
    rest = (7, "发放")
    found = read(rows.encode([("a", rest, "440704001001"), ("b", rest, "440704002001")]), rows.columns)
    assert [(row["subject"], row["scope"]) for row in found] == [("a", "440704001001"), ("b", "440704002001")]


def test_a_zero_byte_is_refused_here_not_by_the_server() -> None:
    rows = AppendedRows(("subject", "position", "title", "scope"), ("text", "bigint", "text", "text"))
    with pytest.raises(ValueError, match="zero byte"):
        rows.encode([("a", (7, "b\0"), "440704001001")])
