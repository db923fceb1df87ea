"""What the reading process has told and nobody has taken yet: read ahead, and neighbours put together.

Under load messages come in frames of a few rows each, and to decide a few costs nearly as much as to decide hundreds.
So what has piled up while a batch was being written becomes the next batch. No more than some thousand rows are held:
then nothing is read, the pipe fills, and the reading process waits.
"""

import asyncio
from collections import deque
from typing import TypeGuard

import msgspec

from connectors.kafka.frames import Frame, Rows, unpack_frame
from connectors.reading.frames import LENGTH
from connectors.reading.reader import CHUNK
from domain.errors import Unavailable

_HELD = 3 * CHUNK


class Intray:
    """Frames from a stream, in their order."""

    def __init__(self, stdout: asyncio.StreamReader) -> None:
        self._stdout = stdout
        self._frames: deque[Frame] = deque()
        self._rows = 0
        self._changed = asyncio.Event()
        self._reading = asyncio.create_task(self._read())

    @property
    def has_rows(self) -> bool:
        """Whether rows are what comes next, and have come."""
        return bool(self._frames) and isinstance(self._frames[0], Rows)

    @property
    def ready(self) -> bool:
        """Whether `next` waits for nothing."""
        return bool(self._frames) or self._reading.done()

    async def arrived(self) -> None:
        """Wait until there is a frame. Raises Unavailable where the reading process has ended."""
        while not self._frames:
            if self._reading.done():
                self._reading.result()
            await self._wait()

    async def next(self) -> Frame:
        """The next frame, with what follows it of the same kind, layout and day in the same partition.

        As many rows as are decided at once, where there are so many.

        Raises Unavailable where the reading process has ended.
        """
        await self.arrived()
        frame = self._frames.popleft()
        if isinstance(frame, Rows):
            rows = list(frame.rows)
            while self._frames and len(rows) < CHUNK and _follows(after := self._frames[0], frame):
                self._frames.popleft()
                if len(rows) + len(after.rows) > CHUNK:
                    after, rest = _split(after, CHUNK - len(rows))
                    self._frames.appendleft(rest)
                rows += after.rows
                frame = msgspec.structs.replace(frame, last=after.last)
            frame = msgspec.structs.replace(frame, rows=rows)
            self._rows -= len(rows)
        self._changed.set()
        return frame

    async def close(self) -> None:
        """Read no more."""
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)

    async def _read(self) -> None:
        while True:
            while self._rows >= _HELD:
                await self._wait()
            try:
                length = int.from_bytes(await self._stdout.readexactly(LENGTH), "big")
                frame = unpack_frame(await self._stdout.readexactly(length))
            except asyncio.IncompleteReadError:
                self._changed.set()
                raise Unavailable("读取 Kafka 的进程意外结束，正在重新启动。") from None
            self._frames.append(frame)
            if isinstance(frame, Rows):
                self._rows += len(frame.rows)
            self._changed.set()

    async def _wait(self) -> None:
        self._changed.clear()
        await self._changed.wait()


def _follows(after: Frame, frame: Rows) -> TypeGuard[Rows]:
    """Whether this can be decided together with the frame before it."""
    if not isinstance(after, Rows):
        return False
    same = (frame.topic, frame.partition, frame.kind, frame.layout, frame.on)
    return same == (after.topic, after.partition, after.kind, after.layout, after.on)


def _split(frame: Rows, count: int) -> tuple[Rows, Rows]:
    """A frame's first so many rows, and the others."""
    begin = frame.rows[count].number
    first = msgspec.structs.replace(frame, last=begin - 1, rows=frame.rows[:count])
    return first, msgspec.structs.replace(frame, first=begin, rows=frame.rows[count:])


__all__ = ["Intray"]
