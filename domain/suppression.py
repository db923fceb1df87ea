"""Small cells of published tables: which numbers have to stay out so that none of them can be computed.

A table is a tree of divisions: a leaf is a count of its own, every other node the sum of its children. A count below
`SMALL` (but not 0, which tells of nobody) is hidden. Then further ones are hidden until no published total gives a
hidden number away: what it leaves open are at least two parts, at least `SMALL` together and more than one for each.
Which further ones are hidden goes by an order that the caller gives and keeps secret: by value, or by an order that
everybody knows, a hidden number would tell that it is a small one. A hidden sum takes all of its parts along, empty
ones too, for which of them stay would tell why it is hidden.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

SMALL = 5
"""Counts from 1 to one less than this are not published."""


@dataclass(slots=True)
class Suppression:
    """The hidden nodes of one table; `children` has every node that is a sum, its parts in a secret order."""

    root: str
    children: Mapping[str, tuple[str, ...]]
    counts: Mapping[str, int]
    """Of every node."""
    hidden: set[str] = field(default_factory=set)

    def run(self) -> frozenset[str]:
        """Hide what has to be hidden."""
        self.hidden.clear()
        for node, count in self.counts.items():
            if count != 0 and count < SMALL:
                self._hide(node)
        for node in self._sums(self.root):
            while node not in self.hidden and not self._safe(node):
                self._hide(self._next(node))
        return frozenset(self.hidden)

    def _sums(self, node: str) -> Iterator[str]:
        """Every sum at or below a node, parts before wholes."""
        for child in self.children.get(node, ()):
            yield from self._sums(child)
        if node in self.children:
            yield node

    def _safe(self, node: str) -> bool:
        """Whether what a published sum leaves open tells nothing of any of its hidden parts, each at least 1."""
        open_parts = [self.counts[child] for child in self.children[node] if child in self.hidden]
        together = sum(open_parts)
        return not open_parts or (len(open_parts) > 1 and together >= SMALL and together > len(open_parts))

    def _next(self, node: str) -> str:
        """What is hidden next for the sake of a sum: another of its parts, else the sum itself."""
        for child in self.children[node]:
            if child not in self.hidden and self.counts[child] > 0:
                return child
        return node

    def _hide(self, node: str) -> None:
        self.hidden.add(node)
        for child in self.children.get(node, ()):
            self._hide(child)
