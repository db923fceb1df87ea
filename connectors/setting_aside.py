"""A row that can't be recorded becomes an entry of the quarantine, whether it stood in a file or in a message."""

from collections.abc import Callable, Sequence

from connectors.deciding import Row
from connectors.ledger import FileEntry
from connectors.quarantine import Entry
from connectors.reading.rows import Fault, Reason
from infra.keys import KeyRing

Columns = Callable[[Sequence[str]], tuple[str, ...]]
"""The titles of fields as they stand in the file."""


def with_columns(fault: Fault, columns: Columns) -> Fault:
    """The fault with the columns it lies in, where it names fields only."""
    if not fault.fields or fault.columns:
        return fault
    return Fault(fault.reason, fault.message, tuple(sorted(fault.fields)), columns(fault.fields))


def entry_of(row: Row, fault: Fault, file: FileEntry, mark: str, rest: bytes | None, keyring: KeyRing) -> Entry:
    """The row sealed under its file's key, which must be loaded.

    Its id follows from what the row says and from `mark`, which tells it from others that say the same: to set the
    same row aside again changes nothing. `rest` is what a repaired row is known by where its key can't be read.
    """
    parsed = row.parsed
    id = keyring.derive_id("quarantine", f"{file.source}\n{file.kind}\n{mark}\n{parsed.cells.hex()}")
    return Entry(
        id=id,
        row=parsed.number,
        division_code=parsed.division or getattr(parsed.fact, "division_code", None) or "",
        fault=fault,
        # The record of a row that may be another person's is not the one that waits.
        record=None if fault.reason is Reason.IDENTITY else row.record or None,
        rest=rest,
        sealed=keyring.seal(file.key_holder, parsed.cells, id.bytes),
    )


__all__ = ["entry_of", "with_columns"]
