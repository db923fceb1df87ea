"""What a row of a source's file says, typed: the outcome of reading, and all the deciders know of files.

Structs rather than dataclasses: they pass from the reading process to the deciding one at a million an hour and more,
and msgspec packs them twenty times as fast. A fact's class name is unique over all sources: it is its tag.
"""

from datetime import date

import msgspec


class Fact(msgspec.Struct, frozen=True, array_like=True, gc=False, kw_only=True, tag=True):
    """What a row says. `on` is its business date; None where the file gives none (the export date then)."""

    on: date | None = None
