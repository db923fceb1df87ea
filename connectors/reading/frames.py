"""What the reading process tells the importing one: frames of a length, a kind, and packed content."""

from collections.abc import Callable
from datetime import date
from typing import BinaryIO

import msgspec

from connectors.mapping import Override
from connectors.reading.reader import Description
from connectors.reading.rows import Parsed


class Job(msgspec.Struct, frozen=True):
    """Which file to read, and how."""

    path: str
    source: str
    override: Override | None = None
    sheet: str = ""


class Start(msgspec.Struct, frozen=True):
    """Read on: behind which row, as of which day, and what waits in quarantine."""

    after: int
    today: date
    waiting: tuple[tuple[str, ...], ...] = ()
    anchors: frozenset[str] = frozenset()


class Chunk(msgspec.Struct, frozen=True, tag="chunk"):
    """Rows that are decided together."""

    rows: list[Parsed]
    done: float
    """Share of the file that has been read; 0 where unknown."""


class End(msgspec.Struct, frozen=True, tag="end"):
    """There are no more rows."""

    skipped: dict[str, int]


class Failure(msgspec.Struct, frozen=True, tag="failure"):
    """The file can't be read (any further); `field` as in BadInput."""

    message: str
    field: str = ""


class Described(msgspec.Struct, frozen=True, tag="described"):
    """What the file is."""

    description: Description


Frame = Described | Chunk | End | Failure

pack = msgspec.msgpack.Encoder().encode
unpack_frame: Callable[[bytes], Frame] = msgspec.msgpack.Decoder(Frame).decode
pack_json = msgspec.json.encode
LENGTH = 4
"""Bytes of a frame's length, big-endian."""


def write_frame(stdout: BinaryIO, frame: msgspec.Struct) -> None:
    """Write a frame of this or another pair of processes, with its length before it."""
    packed = pack(frame)
    stdout.write(len(packed).to_bytes(LENGTH, "big"))
    stdout.write(packed)
    stdout.flush()
