"""The way by files: a numbered file whenever some time has passed, into a folder from which the platform takes them.

`<folder>/<platform>/out` holds what goes out, `back` takes what comes back: answers to messages, or the platform's own
records, in any form that files of sources may have. What was taken in is moved to `back/done`, what can't be read to
`back/failed` with the reason beside it.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from connectors.files import open_table
from connectors.kafka.messages import Said
from connectors.platforms.declaration import Platform
from connectors.platforms.inbox import ANSWERS, Keep
from connectors.platforms.parcels import write_parcel
from connectors.platforms.ways import Delivered, Listed, NotDelivered, Parcel
from domain.clock import CHINA
from domain.errors import BadInput, UnreadableFile
from infra.settings import Settings

_AT_ONCE = 50_000
_MINUTE = 60.0
_SETTLED = 2.0
"""Seconds for which a file must not have changed: until then somebody may still be writing it."""
_TITLES = frozenset({"消息标识", "处理结果"})
"""The columns by which a file is known to hold answers to messages."""
_UNFINISHED = (".part", ".tmp", ".filepart", ".crdownload")
TakeIn = Callable[[Path, str], Awaitable[object]]
"""Takes a source's file in; raises UnreadableFile where it is none of that source's."""


def folder_of(platform: Platform, settings: Settings) -> Path:
    """Where a platform's files stand."""
    return (settings.platform_files or settings.data_dir / "platforms") / platform.name


class Files:
    """Writes a platform's files and takes in what comes back."""

    at_once = _AT_ONCE

    def __init__(self, platform: Platform, settings: Settings) -> None:
        self._platform = platform
        self._folder = folder_of(platform, settings)
        self.every = platform.every * _MINUTE

    async def deliver(self, parcel: Parcel) -> Delivered:
        """Write the parcel's file; once more it becomes the same file. Raises NotDelivered."""
        name = f"{self._platform.name}-{parcel.number:06d}.{self._platform.format}"
        path = self._folder / "out" / name
        try:
            made = await asyncio.to_thread(write_parcel, self._platform, parcel.messages, path, number=parcel.number)
        except OSError as error:
            raise NotDelivered(f"文件写不了（{error.strerror}）") from None
        return Delivered(name=name, digest=made.digest)

    async def listed(self, parcel: Parcel, day: str) -> Sequence[Listed] | None:
        """What a platform has of the files it took is not known from here."""
        return None

    async def collect(self, keep: Keep, take_in: TakeIn) -> None:
        """Keep the answers, and take in the records, of every file that has come back.

        Raises NotDelivered where the folder can't be used.
        """
        back = self._folder / "back"
        try:
            back.mkdir(parents=True, exist_ok=True)
            for path in sorted(filter(_is_whole, back.iterdir())):
                await self._take(path, keep, take_in)
        except OSError as error:
            raise NotDelivered(f"目录用不了（{error.strerror}）") from None

    async def _take(self, path: Path, keep: Keep, take_in: TakeIn) -> None:
        answers = await asyncio.to_thread(_answers, path)
        try:
            if answers is not None:
                await keep(answers)
            elif self._platform.source:
                await take_in(path, self._platform.source)
            else:
                raise UnreadableFile("没有找到 消息标识、处理结果 两列；此平台也没有声明 source，不能收其数据。")
        except (UnreadableFile, BadInput) as error:
            note = path.parent / "failed" / f"{path.name}.txt"
            note.parent.mkdir(exist_ok=True)
            note.write_text(f"{error}\n", encoding="utf-8")
            _move(path, note.parent)
        else:
            _move(path, path.parent / "done")

    async def close(self) -> None:
        """Nothing is open."""


def _answers(path: Path) -> list[Said] | None:
    """A file's rows as answers to messages; None where it holds none."""
    try:
        table = open_table(path, _TITLES)
        titles = tuple(title.shown for title in table.titles)
        if not {title.name for title in table.titles} >= _TITLES:
            return None
        content = sha256(path.read_bytes()).hexdigest()
        day = datetime.fromtimestamp(path.stat().st_mtime, CHINA).date()
        return [Said((ANSWERS,), titles, tuple(row.cells), day, f"{content}#{row.number}") for row in table.rows]
    except UnreadableFile:
        return None


def _is_whole(path: Path) -> bool:
    if not path.is_file() or path.name.startswith(".") or path.suffix in _UNFINISHED:
        return False
    return time.time() - path.stat().st_mtime >= _SETTLED


def _move(path: Path, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    path.replace(folder / path.name)


__all__ = ["Files", "TakeIn", "folder_of"]
