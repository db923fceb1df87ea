"""Messages as rows of the sources' mappings: which kind a message is of, and how its columns are read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

import msgspec

from connectors.files.cells import Cell
from connectors.files.table import RawRow
from connectors.files.titles import read_titles
from connectors.kafka.messages import Said, Unintelligible
from connectors.mapping import Mapping, Override, builtin_mappings, load_override, match_titles, with_override
from connectors.reading.reader import Layout
from connectors.reading.row_reader import RowReader
from connectors.reading.rows import Fault, Parsed, Reason
from domain.errors import UnreadableFile

MESSAGE = "message"
"""The kind of what can't be told to be of any."""
_TEXT = ("消息内容",)
_REMEMBERED = 512
_pack = msgspec.msgpack.Encoder().encode


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the rows of one layout."""

    kind: str
    layout: bytes
    rows: RowReader

    def read(self, said: Said, offset: int) -> Parsed:
        """The message's record: its fact or its fault."""
        parsed = self.rows.read(RawRow(offset, list(said.cells), ""))
        parsed.mark, parsed.deleted = said.mark, said.deleted
        return parsed


class Readers:
    """Readers for whatever columns the messages of a source have. `overrides` are offices' own mapping files."""

    def __init__(self, overrides: Sequence[Override], today: date) -> None:
        self._overrides = {(override.source, override.kind): override for override in overrides}
        self._today = today
        self._found = lru_cache(maxsize=_REMEMBERED)(self._find)

    def reader(self, source: str, said: Said) -> Reader:
        """How this message is read; raises Unintelligible where its columns fit no kind of the source's."""
        return self._found(source, said.names, said.columns)

    def _find(self, source: str, names: tuple[str, ...], columns: tuple[str, ...]) -> Reader:
        mappings = [self._own(mapping) for mapping in builtin_mappings() if mapping.source == source]
        named = next((mapping for name in names for mapping in mappings if mapping.kind == name), None)
        chosen = mappings if named is None else [named]
        titles = _titles(columns, chosen)
        try:
            match = match_titles(read_titles(list(titles)), chosen)
        except UnreadableFile as error:
            raise Unintelligible(
                str(error).replace("标题", "列名").replace("，或用 --mapping 说明本单位的标题", "")
            ) from None
        override = self._overrides.get((source, match.mapping.kind))
        coding = (override.sex_coding if override else "") or "GB"
        layout = Layout(source, match.mapping.kind, titles, coding, override)
        packed = msgspec.json.encode(layout, order="deterministic")
        return Reader(match.mapping.kind, packed, RowReader(match, coding, self._today))

    def _own(self, mapping: Mapping) -> Mapping:
        override = self._overrides.get((mapping.source, mapping.kind))
        return mapping if override is None else with_override(mapping, override)


def load_overrides(folder: Path | None) -> tuple[Override, ...]:
    """Every mapping file of a folder; raises BadInput naming file and line of a mistake."""
    return () if folder is None else tuple(load_override(path) for path in sorted(folder.glob("*.yaml")))


def unread(number: int, cells: Sequence[Cell], why: str, mark: str) -> Parsed:
    """What can't be told to be a record of any kind, as a row for quarantine."""
    return Parsed(number, "", "", _pack(cells), fault=Fault(Reason.UNREADABLE, why), mark=mark)


def unread_layout(source: str) -> bytes:
    """The layout of what is kept as a mere text."""
    return msgspec.json.encode(Layout(source, MESSAGE, _TEXT), order="deterministic")


def _titles(columns: tuple[str, ...], mappings: Sequence[Mapping]) -> tuple[str, ...]:
    """Columns that are named like a mapping's field get its usual title."""
    fields = {known.name: known.headers[0] for mapping in mappings for known in mapping.fields}
    return tuple(fields.get(column, column) for column in columns)


__all__ = ["MESSAGE", "Reader", "Readers", "load_overrides", "unread", "unread_layout"]
