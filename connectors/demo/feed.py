"""A file of one of the systems beside population and assistance, written row by row with its defects counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Self

from connectors.demo.figures import TODAY
from connectors.demo.manifest import EARLY, WAITING, Dirt, Expected, File, Manifest, Planter
from connectors.demo.tables import Cell, CsvTable, XlsxTable


@dataclass(frozen=True, slots=True)
class Books:
    """Where a district's files go and who counts what is planted in them."""

    out: Path
    manifest: Manifest
    planter: Planter

    def feed(
        self,
        name: str,
        kind: tuple[str, str],
        headers: Sequence[str],
        *,
        export_on: date = TODAY,
        encoding: str = "utf-8-sig",
        title: str = "",
    ) -> "Feed":
        """A new file; `kind` is source and content, the suffix says how it is written."""
        path = self.out / name
        if name.endswith(".xlsx"):
            return Feed(self, File(name, *kind, export_on, 0), XlsxTable(path, headers, title))
        return Feed(self, File(name, *kind, export_on, 0), CsvTable(path, headers, encoding))


class Feed:
    """An open file. A row with a defect is told so, and the manifest learns what the import must make of it."""

    def __init__(self, books: Books, file: File, table: CsvTable | XlsxTable) -> None:
        self._books, self._file, self._table = books, file, table
        self._rows = 0
        self._expected = books.manifest.expected.setdefault(f"{file.source}/{file.content}", Expected())

    def write(self, row: Sequence[Cell], dirt: Dirt | None = None) -> None:
        """One row, with the one defect it has."""
        if dirt is not None:
            self._books.planter.seen(dirt)
        self._put(row, dirt)

    def copies(self, row: Sequence[Cell], dirt: Dirt | None = None) -> None:
        """As `write`; now and then the row stands there twice."""
        self.write(row, dirt)
        if dirt is None and self.due(Dirt.GOOD_COPY):
            self._table.write(row)
            self._rows += 1
            self._expected.duplicates += 1
            self._books.planter.seen(Dirt.GOOD_COPY)

    def due(self, *kinds: Dirt) -> Dirt | None:
        """The first of these kinds that is due on this row; counted when it is written."""
        chosen = None
        for kind in kinds:
            if self._books.planter.due(kind) and chosen is None:
                chosen = kind
                self._books.planter.spent(kind)
        return chosen

    def found(self, dirt: Dirt, count: int = 1) -> None:
        """Defects that are not one for a row."""
        self._books.planter.seen(dirt, count)

    def _put(self, row: Sequence[Cell], dirt: Dirt | None) -> None:
        self._table.write(row)
        self._rows += 1
        if dirt in WAITING:
            self._expected.quarantined += 1
        elif dirt in EARLY:
            self._expected.early += 1
        else:
            self._expected.recorded += 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._table.close()
        file = self._file
        self._books.manifest.files.append(File(file.path, file.source, file.content, file.export_on, self._rows))
