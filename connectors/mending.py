"""Which rows of a file may mend what waits in quarantine.

A repaired row is known by its record's key, or by being the same row but for the fields that were at fault. To hash
every row once for each set of such fields would double an import's work, so the reader first looks whether a name or
number of the row occurs in any row that waits.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from connectors.deciding import Row
from connectors.quarantine import Entry, Quarantine
from connectors.reading.row_reader import RowReader
from infra.keys import KeyRing

_MOST_FIELDS = 8
"""Sets of faulty fields that rows are compared without, the most frequent ones."""

_MOST_OPENED = 2_000
"""Waiting rows that are looked into although they are known by their record's key already."""


@dataclass(slots=True)
class Mending:
    """What waits of one kind: keyed hashes to compare with, and for the reader what to look for."""

    records: set[bytes] = field(default_factory=set)
    rests: set[bytes] = field(default_factory=set)
    fields: tuple[tuple[str, ...], ...] = ()
    anchors: frozenset[str] = frozenset()

    def candidates(self, rows: Iterable[Row]) -> list[Row]:
        """The rows for which something may wait."""
        if not self.records and not self.rests:
            return []
        return [row for row in rows if row.record in self.records or not self.rests.isdisjoint(row.rests)]

    def add(self, entries: Sequence[Entry]) -> None:
        """These rows wait from now on."""
        self.records.update(entry.record for entry in entries if entry.record)
        self.rests.update(entry.rest for entry in entries if entry.rest)


async def mending(quarantine: Quarantine, keyring: KeyRing, source: str, kind: str, today: date) -> Mending:
    """What waits of a source's kind now."""
    found = Mending()
    sets: dict[tuple[str, ...], int] = {}
    readers: dict[bytes, RowReader] = {}
    anchors: set[str] = set()
    opened = 0
    async for page in quarantine.pages(source, kind):
        await keyring.preload({row.kept.key_holder for row in page})
        for row in page:
            if row.record:
                found.records.add(row.record)
            if not row.rest:
                continue
            found.rests.add(row.rest)
            sets[row.fields] = sets.get(row.fields, 0) + 1
            if (row.record and opened >= _MOST_OPENED) or (cells := row.kept.cells(keyring)) is None:
                continue
            opened += 1
            layout = row.kept.written_layout
            if layout not in readers:
                readers[layout] = row.kept.layout.reader(today)
            anchors |= readers[layout].anchors(cells)
    found.fields = tuple(sorted(sets, key=lambda names: (-sets[names], names))[:_MOST_FIELDS])
    found.anchors = frozenset(anchors)
    return found
