"""Everything a platform should have had so far, at once: for one that begins, or that has lost what it had.

The receiver loads the files in their order and goes on with the messages behind the last one's `last`.
"""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from connectors.platforms.declaration import Platform
from connectors.platforms.parcels import write_parcel
from connectors.platforms.shape import PlatformMessage, Shape
from domain.errors import UnreadableFile
from infra.store import EventStore

_AT_ONCE = 50_000
"""Messages of one file: what Excel still opens."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The files that were written, how many messages they hold, and up to which position of the log."""

    files: tuple[Path, ...]
    count: int
    position: int


async def write_snapshot(store: EventStore, platform: Platform, folder: Path, *, format: str = "") -> Snapshot:
    """Write all messages up to now into a folder; raises UnreadableFile where that can't be written."""
    upto = await store.log.head()
    files: list[Path] = []
    count = 0
    waiting: list[PlatformMessage] = []

    async def write() -> None:
        suffix = format or platform.format
        path = folder / f"{platform.name}-snapshot-{upto}-{len(files) + 1:04d}.{suffix}"
        try:
            await asyncio.to_thread(write_parcel, platform, waiting, path, number=len(files) + 1, format=suffix)
        except OSError as error:
            raise UnreadableFile(f"快照写不了（{error.strerror}）；请检查目录 {folder} 和磁盘空间。") from None
        files.append(path)

    async for messages in Shape(platform, store).between(0, upto):
        waiting += messages
        count += len(messages)
        if len(waiting) >= _AT_ONCE:
            await write()
            waiting = []
    if waiting or not files:
        await write()
    return Snapshot(tuple(files), count, upto)


__all__ = ["Snapshot", "write_snapshot"]
