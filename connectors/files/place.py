"""A text file that can tell how much of it has been read."""

import io
from pathlib import Path
from typing import Any, TextIO

_BUFFER = 1 << 20


class Place:
    """A file and the place up to which it has been read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._size = max(1, path.stat().st_size)
        self._raw: io.FileIO | None = None
        self._read = 0

    def open(self, codec: str, newline: str | None = None) -> TextIO:
        """Open for reading; bytes that are no text become U+FFFD."""
        self._raw = _Counting(self.path, self)
        return io.TextIOWrapper(io.BufferedReader(self._raw, _BUFFER), codec, errors="replace", newline=newline)

    def advance(self, count: int) -> None:
        """So many more bytes have been read."""
        self._read += count

    def done(self) -> float:
        """The share that has been read, from 0 to 1."""
        return min(1.0, self._read / self._size)


class _Counting(io.FileIO):
    def __init__(self, path: Path, place: Place) -> None:
        super().__init__(path)
        self._place = place

    def readinto(self, buffer: Any) -> Any:
        """Read, and tell the place how much."""
        count = super().readinto(buffer)
        self._place.advance(count or 0)
        return count
