"""A file's chunks for an event loop: small files are read in place, large ones by a process of their own."""

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from connectors.mapping import Override
from connectors.reading.frames import (
    LENGTH,
    Chunk,
    Described,
    End,
    Failure,
    Frame,
    Job,
    Start,
    pack_json,
    unpack_frame,
)
from connectors.reading.reader import Description, Reading, open_reading
from domain.errors import Unavailable, UnreadableFile

_SMALL = 256 << 10
"""Bytes below which starting a process costs more than it saves."""
_BUFFER = 1 << 20


class FileRows(Protocol):
    """An open file: described first, then its chunks once."""

    description: Description
    skipped: dict[str, int]

    def chunks(self, start: Start) -> AsyncIterator[Chunk]:
        """The rows; raises UnreadableFile where the file breaks off."""
        ...

    async def close(self) -> None:
        """Stop reading."""
        ...


async def open_rows(path: Path, source: str, override: Override | None = None, sheet: str = "") -> FileRows:
    """Open a file; raises UnreadableFile or BadInput where it can't be read as what the source exports."""
    if _is_small(path):
        return _InPlace(open_reading(path, source, override, sheet))
    return await _Apart.open(Job(str(path), source, override, sheet))


def _is_small(path: Path) -> bool:
    try:
        return path.stat().st_size < _SMALL
    except OSError as error:
        raise UnreadableFile(f"文件打不开（{error.strerror}）；请检查路径和权限。") from None


class _InPlace:
    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self.description = reading.description
        self.skipped: dict[str, int] = {}

    async def chunks(self, start: Start) -> AsyncIterator[Chunk]:
        for rows in self._read(start):
            yield rows
            await asyncio.sleep(0)
        self.skipped = self._reading.skipped

    def _read(self, start: Start) -> Iterator[Chunk]:
        for rows in self._reading.chunks(start.today, after=start.after, waiting=start.waiting, anchors=start.anchors):
            yield Chunk(rows, self._reading.done)

    async def close(self) -> None:
        """Nothing to stop."""


class _Apart:
    """A reading process; it runs ahead by as much as the pipe between us holds."""

    def __init__(self, process: asyncio.subprocess.Process, description: Description) -> None:
        self._process = process
        self.description = description
        self.skipped: dict[str, int] = {}

    @classmethod
    async def open(cls, job: Job) -> "_Apart":
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "connectors.reading.worker",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=_BUFFER,
        )
        try:
            _tell(process, pack_json(job))
            frame = await _frame(process)
            if not isinstance(frame, Described):
                raise _failure(frame)
            return cls(process, frame.description)
        except BaseException:
            await _stop(process)
            raise

    async def chunks(self, start: Start) -> AsyncIterator[Chunk]:
        _tell(self._process, pack_json(start))
        while True:
            frame = await _frame(self._process)
            if isinstance(frame, Chunk):
                yield frame
            elif isinstance(frame, End):
                self.skipped = frame.skipped
                return
            else:
                raise _failure(frame)

    async def close(self) -> None:
        await _stop(self._process)


def _tell(process: asyncio.subprocess.Process, line: bytes) -> None:
    assert process.stdin is not None
    process.stdin.write(line + b"\n")


async def _frame(process: asyncio.subprocess.Process) -> Frame:
    assert process.stdout is not None
    try:
        length = int.from_bytes(await process.stdout.readexactly(LENGTH), "big")
        return unpack_frame(await process.stdout.readexactly(length))
    except (asyncio.IncompleteReadError, ConnectionError):
        raise Unavailable("读取文件的进程意外结束（可能内存不足）；再次导入会从中断处继续。") from None


def _failure(frame: Frame) -> UnreadableFile:
    return (
        UnreadableFile(frame.message, frame.field) if isinstance(frame, Failure) else UnreadableFile("文件读不出来。")
    )


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.kill()
    if process.stdin is not None:
        process.stdin.close()
    await process.wait()
