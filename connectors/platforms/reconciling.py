"""A day held against what a platform has: by count and digest, and where they differ message by message.

What a platform should have had on a day follows from the log and its declaration alone, whatever became of the way.
"""

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from connectors.platforms.declaration import Platform
from connectors.platforms.shape import Shape
from connectors.platforms.ways import Listed
from connectors.public.messages import event_id
from domain.clock import at
from domain.errors import UnreadableFile
from infra.log import EventLog
from infra.store import EventStore

_PAGE = 2_000
_COLUMNS = ("sequence", "id")


@dataclass(frozen=True, slots=True)
class Day:
    """A day's messages: `digest` is the SHA-256 of one line each, `sequence id`, in their order, each ended by LF."""

    count: int
    first: int
    last: int
    digest: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One message on which the two do not agree, and how: missing there, unknown here, or there more than once."""

    sequence: int
    id: str
    how: str


async def expected(store: EventStore, platform: Platform, day: date) -> list[Listed]:
    """Position and id of every message of what was recorded on a day, in order. Nobody's data are opened for it."""
    shape, found = Shape(platform, store), []
    after, upto = await stretch(store.log, day)
    while after < upto:
        rows = await store.log.read(after, _PAGE, upto)
        found += [Listed(row.position, event_id(row)) for row in rows if shape.concerns(row)]
        after = rows[-1].position
    return found


def summed_up(messages: Iterable[tuple[int, str]]) -> Day:
    """Count and digest, as the receiver computes them from what it has."""
    listed, digest = list(messages), hashlib.sha256()
    for sequence, id in listed:
        digest.update(f"{sequence:020d} {id}\n".encode())
    first, last = (listed[0][0], listed[-1][0]) if listed else (0, 0)
    return Day(len(listed), first, last, digest.hexdigest())


def differences(ours: Iterable[tuple[int, str]], theirs: Iterable[tuple[int, str]]) -> list[Difference]:
    """Where a receiver's list of a day differs, by position."""
    had = Counter(theirs)
    wanted = dict.fromkeys(ours)
    found = [Difference(*each, "对方缺少") for each in wanted if each not in had]
    found += [Difference(*each, "本方没有") for each in had if each not in wanted]
    found += [Difference(*each, f"对方有 {count} 条") for each, count in had.items() if count > 1 and each in wanted]
    return sorted(found, key=lambda each: (each.sequence, each.how))


def read_list(path: Path) -> list[Listed]:
    """A receiver's list: CSV with the columns sequence and id. Raises UnreadableFile naming the line."""
    try:
        return parse_list(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError):
        raise UnreadableFile("对方清单打不开或不是 UTF-8 的 CSV；请检查。") from None


def parse_list(text: str) -> list[Listed]:
    """The lines of a receiver's list; raises UnreadableFile naming the line."""
    try:
        rows = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
        if not set(_COLUMNS) <= set(rows.fieldnames or ()):
            raise UnreadableFile("对方清单应为 CSV，有 sequence、id 两列。")
        return [Listed(_number(row["sequence"], line), row["id"]) for line, row in enumerate(rows, 2)]
    except csv.Error:
        raise UnreadableFile("对方清单不是 UTF-8 的 CSV；请检查。") from None


async def stretch(log: EventLog, day: date) -> tuple[int, int]:
    """Between which positions of the log a day was recorded: behind the first, up to the second."""
    # `position_at` counts what was recorded at the moment itself, which is the day before's for its last instant.
    after = await log.position_at(at(day) - timedelta(microseconds=1))
    return after, await log.position_at(at(day + timedelta(days=1)) - timedelta(microseconds=1))


def _number(text: str | None, line: int) -> int:
    if text is None or not (text.isascii() and text.isdigit()):
        raise UnreadableFile(f"对方清单第 {line} 行的 sequence 不是数字；请更正。")
    return int(text)


__all__ = [
    "Day",
    "Difference",
    "differences",
    "expected",
    "parse_list",
    "read_list",
    "stretch",
    "summed_up",
]
