"""A whole file read: what it is, and its rows as facts and faults in chunks."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import chain
from pathlib import Path

import msgspec

from connectors.files import RawRow, Table, open_table
from connectors.files.table import look_ahead
from connectors.files.titles import read_titles
from connectors.mapping import Mapping, Match, Override, builtin_mappings, match_titles, with_override
from connectors.mapping.store import sources
from connectors.reading.kinds import KINDS
from connectors.reading.row_reader import RowReader
from connectors.reading.rows import Parsed
from connectors.reading.values import guess_sex_coding
from domain.errors import BadInput

_SAMPLE = 2_000
"""Rows looked at to find out how sexes are coded."""
CHUNK = 1_000
"""Rows decided and appended together: more would keep people at their desks waiting."""
_LONGEST_RUN = 200


class Layout(msgspec.Struct, frozen=True):
    """How a file is read, kept with its quarantined rows so that they can be read again."""

    source: str
    kind: str
    titles: tuple[str, ...]
    sex_coding: str = "GB"
    override: Override | None = None

    def reader(self, today: date) -> RowReader:
        """Reads rows of this layout."""
        match = match_titles(read_titles(list(self.titles)), _mappings(self.source, self.override, self.kind))
        return RowReader(match, self.sex_coding, today)


class Description(msgspec.Struct, frozen=True):
    """What the clerk is told of a file before its rows are taken in."""

    layout: Layout
    format: str
    kind_title: str
    header_row: int
    columns: dict[str, str]
    """Field → title, for every column that is used."""
    unused: tuple[str, ...]


class Reading:
    """An open file; its rows can be gone through once."""

    def __init__(self, table: Table, match: Match, rows: Iterator[RawRow], description: Description) -> None:
        self._table = table
        self._match = match
        self._rows = rows
        self.description = description

    @property
    def skipped(self) -> dict[str, int]:
        """Rows left out so far because they are no data: sums, examples, notes."""
        return dict(self._table.skipped)

    @property
    def done(self) -> float:
        """Share of the file that has been read; 0 where that can't be told."""
        return self._table.done()

    def chunks(
        self,
        today: date,
        *,
        after: int = 0,
        waiting: Sequence[tuple[str, ...]] = (),
        anchors: frozenset[str] = frozenset(),
    ) -> Iterator[list[Parsed]]:
        """The rows behind row number `after`, a thousand or so at a time; rows of one case, say, stay together."""
        reader = RowReader(self._match, self.description.layout.sex_coding, today, waiting, anchors)
        layout = self.description.layout
        together = KINDS[layout.source][layout.kind].together
        chunk: list[Parsed] = []
        for raw in self._rows:
            if raw.number <= after:
                continue
            parsed = reader.read(raw)
            if len(chunk) >= CHUNK and not (together and _same(chunk, parsed, together)):
                yield chunk
                chunk = []
            chunk.append(parsed)
        if chunk:
            yield chunk


def _same(chunk: list[Parsed], parsed: Parsed, field: str) -> bool:
    if len(chunk) >= CHUNK + _LONGEST_RUN:
        return False
    before, now = (getattr(row.fact, field, None) for row in (chunk[-1], parsed))
    return now is None or before == now  # a faulty row doesn't part the rows around it


def open_reading(path: Path, source: str, override: Override | None = None, sheet: str = "") -> Reading:
    """Open a file of a source and find out what it holds.

    Raises UnreadableFile where that can't be told, BadInput for an unknown source or another source's mapping.
    """
    if source not in sources():
        raise BadInput(f"来源“{source[:40]}”未知；可用：{'、'.join(sources())}。", "source")
    if override is not None and override.source != source:
        raise BadInput(f"映射文件属于来源“{override.source}”，不是“{source}”。", "mapping")
    mappings = _mappings(source, override)
    vocabulary = frozenset().union(*(mapping.vocabulary for mapping in mappings))
    table = open_table(path, vocabulary, sheet or (override.sheet if override else ""))
    match = match_titles(table.titles, mappings)
    sample, rest = look_ahead(table.rows, _SAMPLE)
    coding = (override.sex_coding if override else "") or guess_sex_coding(sample, match.columns)
    titles = tuple(title.shown for title in table.titles)
    layout = Layout(source, match.mapping.kind, titles, coding, override)
    columns = {column.field.name: column.title.shown for column in match.columns}
    description = Description(layout, table.format, match.mapping.title, table.header_row, columns, match.unused)
    return Reading(table, match, chain(sample, rest), description)


def _mappings(source: str, override: Override | None, kind: str = "") -> tuple[Mapping, ...]:
    """The source's mappings; with an office's file only the one it is for."""
    own = [mapping for mapping in builtin_mappings() if mapping.source == source]
    if override is not None:
        own = [with_override(mapping, override) for mapping in own if mapping.kind == override.kind]
    return tuple(mapping for mapping in own if not kind or mapping.kind == kind)
