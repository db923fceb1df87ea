"""Rows of appended views in PostgreSQL's binary COPY format, each event's part encoded once for all its rows.

An event stands on several timelines by rows that differ in their first column and their scope only; the driver would
encode the twenty others again for each. Format: <https://www.postgresql.org/docs/current/sql-copy.html>, "Binary
Format"; dates and times count from 2000-01-01 UTC.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from operator import attrgetter, itemgetter
from struct import Struct
from typing import Any

_HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_TRAILER = b"\xff\xff"
_LENGTH = Struct("!i").pack
_FIELDS = Struct("!h").pack
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_EPOCH_DAY = date(2000, 1, 1).toordinal()
_REMEMBERED = 20_000  # texts and dates whose bytes are kept: most of a log's are said again and again


class _Texts(dict[str, bytes]):
    """Bytes of a text with its length before it."""

    def __missing__(self, value: str) -> bytes:
        if "\0" in value:
            raise ValueError("a text holds a zero byte, which PostgreSQL can't store")
        if len(self) >= _REMEMBERED:
            self.clear()
        raw = value.encode()
        self[value] = found = _LENGTH(len(raw)) + raw
        return found


class _Days(dict[date, int]):
    """A date as the number PostgreSQL stores."""

    def __missing__(self, day: date) -> int:
        if len(self) >= _REMEMBERED:
            self.clear()
        self[day] = number = day.toordinal() - _EPOCH_DAY
        return number


class AppendedRows:
    """Encodes rows of one table: a head (text), what comes between, and a scope (text)."""

    def __init__(self, columns: Sequence[str], types: Sequence[str]) -> None:
        """`columns` of the table in the order of the records, with their PostgreSQL types."""
        between = range(1, len(types) - 1)
        fixed = [i for i in between if types[i] != "text"]
        texts = [i for i in between if types[i] == "text"]
        self.columns = tuple(columns[i] for i in (0, *fixed, *texts, len(types) - 1))
        """The order in which they are encoded, which a COPY has to name: those of a fixed size are packed at once."""
        kinds: dict[str, tuple[int, str, Callable[[Any], Any]]] = {
            "bigint": (8, "q", int),
            "date": (4, "i", _Days().__getitem__),
            "timestamptz": (8, "q", _microseconds),
            "uuid": (16, "16s", attrgetter("bytes")),
        }
        chosen = [kinds[types[i]] for i in fixed]
        self._converters = [convert for _, _, convert in chosen]
        self._sizes = [size for size, _, _ in chosen for _ in range(2)]
        self._pack = Struct("!" + "".join(f"i{form}" for _, form, _ in chosen)).pack
        self._fixed = _picker(i - 1 for i in fixed)
        self._between = _picker(i - 1 for i in texts)
        self._texts = _Texts()
        self._count = _FIELDS(len(types))

    def encode(self, records: Iterable[tuple[str, tuple[Any, ...], str]]) -> bytes:
        """The whole stream. Records of one event share one tuple and follow each other."""
        count, texts = self._count, self._texts
        parts = [_HEADER]
        last: tuple[Any, ...] | None = None
        where: str | None = None
        tail = end = b""
        for head, rest, scope in records:
            if rest is not last:
                last, where = rest, None
                tail = self._tail(rest)
            if scope != where:
                where = scope
                end = tail + texts[scope]
            raw = head.encode()
            parts += (count, _LENGTH(len(raw)), raw, end)
        parts.append(_TRAILER)
        return b"".join(parts)

    def _tail(self, rest: tuple[Any, ...]) -> bytes:
        packed = self._sizes.copy()
        packed[1::2] = [convert(value) for convert, value in zip(self._converters, self._fixed(rest), strict=True)]
        texts = self._texts
        return b"".join([self._pack(*packed), *[texts[value] for value in self._between(rest)]])


def _picker(places: Iterable[int]) -> Callable[[tuple[Any, ...]], Sequence[Any]]:
    """Picks these values of a tuple; of one place or none the library's getter would give no sequence."""
    chosen = tuple(places)
    return itemgetter(*chosen) if len(chosen) > 1 else lambda row: [row[place] for place in chosen]


def _microseconds(moment: datetime) -> int:
    past = moment - _EPOCH
    return (past.days * 86_400 + past.seconds) * 1_000_000 + past.microseconds
