"""What is dropped from a row before anything else sees it: neither facts nor hashes nor quarantine ever hold it.

Grid systems keep a person's illness or past beside what help they get (艾滋病, 吸毒, 社区矫正). The platform has no
duty that needs it (个人信息保护法 arts. 6, 28), so it goes where the row is read, in memory:

- of a column of tags only those are kept that the mapping's code table knows (all others, digits too, are dropped);
- in every other cell, read or not, each part between separators that names one of the mapping's `never` words is
  dropped.
"""

import re
from collections.abc import Callable

from connectors.files.cells import Cell, text
from connectors.mapping import Match

SEPARATORS = re.compile(r"[,，;；、|/\s]+")
Scrub = Callable[[list[Cell]], list[Cell]]


def scrubber(match: Match) -> Scrub | None:
    """What to run every row of a file through; None where its mapping drops nothing."""
    mapping = match.mapping
    tags = {c.index: mapping.codes[c.field.codes].to for c in match.columns if c.field.type == "tags"}
    if not tags and not mapping.never:
        return None
    never = re.compile("|".join(map(re.escape, mapping.never)), re.IGNORECASE) if mapping.never else None

    def scrub(cells: list[Cell]) -> list[Cell]:
        kept = list(cells)
        for index, cell in enumerate(cells):
            if index in tags:
                kept[index] = ",".join(part for part in SEPARATORS.split(text(cell)) if part in tags[index])
            elif never is not None and isinstance(cell, str) and never.search(cell):
                kept[index] = ",".join(part for part in SEPARATORS.split(cell) if part and not never.search(part))
        return kept

    return scrub
