"""What came back of platforms, out of the inbox into the log: by the very way of source systems' messages.

An answer to a message is a row of the source `platforms`; a platform's own record is a row of the source that its
declaration names. The inbox of a platform counts as a partition: how far it was taken in moves with the append.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import groupby

from connectors.importer import Importer
from connectors.kafka.frames import Done, Frame, Rows
from connectors.kafka.messages import Said, Unintelligible
from connectors.kafka.rows import MESSAGE, Readers, load_overrides, unread, unread_layout
from connectors.kafka.streams import Streams
from connectors.kafka.taking import Taken, Taking
from connectors.kafka.topics import Partition
from connectors.platforms.answers import SOURCE
from connectors.platforms.declaration import Platform
from connectors.platforms.inbox import ANSWERS, UNREAD, Arrived, Inbox
from connectors.reading.rows import Parsed
from domain.errors import MinzhengError
from infra.tasks import pause

_EVERY = 2.0
"""Seconds between two looks into the inbox."""
_AT_ONCE = 500
_FORGET_EVERY = 3_600.0
_PLATFORM = "平台"


class Returning:
    """Takes in what came back of every platform in use."""

    def __init__(
        self,
        importer: Importer,
        platforms: Sequence[Platform],
        inbox: Inbox,
        report: Callable[[str], None] = lambda text: None,
    ) -> None:
        """Raises MappingFault for a mistake in an office's mapping file."""
        self._importer = importer
        self._platforms = platforms
        self._inbox = inbox
        self._report = report
        settings = importer.settings
        self._readers = Readers(load_overrides(settings.kafka_mappings), settings.now().date())
        self._forgot_at = 0.0
        self.taken = Taken()

    async def run(self, stop: asyncio.Event) -> None:
        """Take in until `stop` is set; where PostgreSQL is away it is tried again."""
        streams = Streams(self._importer)
        try:
            while not stop.is_set():
                try:
                    for platform in self._platforms:
                        await self._take(platform, streams, stop)
                    await self._forget()
                except MinzhengError as error:
                    self._report(str(error))
                    self._importer.forget()
                await pause(stop, _EVERY)
        finally:
            streams.close()

    async def _take(self, platform: Platform, streams: Streams, stop: asyncio.Event) -> None:
        partition = inbox_of(platform.name)
        while not stop.is_set():
            place = await self._importer.log.place(partition.follower)
            arrived = await self._inbox.read(platform.name, place, _AT_ONCE)
            if not arrived:
                return
            tray = _Tray(self._frames(platform, partition, arrived))
            taking = Taking(self._importer, streams, self.taken, _tell_nobody, stop, medium="inbox")
            taking.begin(partition, place)
            await taking.take(tray)

    async def _forget(self) -> None:
        if time.monotonic() - self._forgot_at >= _FORGET_EVERY:
            self._forgot_at = time.monotonic()
            await self._inbox.forget_expired()

    def _frames(self, platform: Platform, partition: Partition, arrived: Iterable[Arrived]) -> list[Rows]:
        """What is decided together: neighbours of one source, kind, layout and day."""
        read = [self._read(platform, each) for each in arrived]
        frames = []
        for head, group in groupby(read, key=lambda each: each[0]):
            rows = [row for _, row in group]
            source, kind, layout, on = head
            frames.append(
                Rows(
                    topic=partition.topic,
                    partition=partition.partition,
                    first=rows[0].number,
                    last=rows[-1].number,
                    source=source,
                    kind=kind,
                    layout=layout,
                    on=on,
                    rows=rows,
                )
            )
        return frames

    def _read(self, platform: Platform, arrived: Arrived) -> tuple[tuple[str, str, bytes, object], Parsed]:
        """One row: whose it is, and what it says or why it can't be read."""
        said = arrived.said
        source = SOURCE if said is None or said.names[:1] in ((ANSWERS,), (UNREAD,)) else platform.source
        mark = f"{platform.name}\n{said.mark if said is not None else arrived.number}"
        try:
            if said is None:
                raise Unintelligible("原始内容已到期销毁；请平台重新发送。")
            if said.names == (UNREAD,):
                raise Unintelligible(said.columns[0])
            if not source:
                raise Unintelligible("此平台没有声明 source，不能收其数据；请在平台声明中写明来源系统。")
            told = _by(platform, said) if source == SOURCE else said
            reader = self._readers.reader(source, told)
        except Unintelligible as error:
            cells = said.cells if said is not None else ()
            day = arrived.received_at.date() if said is None else said.on
            return (SOURCE, MESSAGE, unread_layout(SOURCE), day), unread(arrived.number, cells, str(error), mark)
        parsed = reader.read(told, arrived.number)
        parsed.mark = mark
        return (source, reader.kind, reader.layout, said.on), parsed


def inbox_of(platform: str) -> Partition:
    """The partition as which a platform's inbox is taken in."""
    return Partition(f"inbox.{platform}", 0)


def _by(platform: Platform, said: Said) -> Said:
    """An answer with the platform that gave it, whatever it calls itself."""
    pairs = [pair for pair in zip(said.columns, said.cells, strict=False) if pair[0] not in (_PLATFORM, "platform")]
    columns, cells = zip(*pairs, (_PLATFORM, platform.name), strict=True)
    return replace(said, columns=columns, cells=cells)


class _Tray:
    """Frames that are there already, for whoever takes them from a reading process else."""

    def __init__(self, frames: Sequence[Frame]) -> None:
        self._frames = list(frames)

    @property
    def has_rows(self) -> bool:
        """Whether any are left."""
        return bool(self._frames)

    async def arrived(self) -> None:
        """No more will come."""
        await asyncio.get_running_loop().create_future()

    async def next(self) -> Frame:
        """The next one."""
        return self._frames.pop(0)


async def _tell_nobody(done: Done) -> None:
    """Nobody waits to hear how far it is."""


__all__ = ["Returning", "inbox_of"]
