"""The log onto public topics: every public event once, in the order of its subject, whatever dies meanwhile.

The truth of how far it has come is Kafka's (sending.py); PostgreSQL has a copy of it for those who watch. After any
error whose outcome nobody knows the sender is given up, and a new one reads from Kafka what was committed.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Any, TypeVar
from zlib import crc32

from connectors.following import following
from connectors.kafka.sending import Record, Sender
from connectors.kafka.topics import platform_topic, public_topic
from connectors.platforms.declaration import Platform
from connectors.platforms.shape import Shape
from connectors.public import CONTEXTS
from connectors.public.messages import public_message
from domain.errors import BadSetting, MinzhengError, Unavailable
from infra.log import EventLog, LogEvent
from infra.settings import Settings
from infra.store import EventStore
from infra.tasks import pause

BATCH = 2_000
"""Rows of the log read, and at most sent, together."""
_PATIENCE = 60.0
"""Seconds after which a transaction counts as hung: the client waits for its end without one."""
_IDLE = 5.0
"""Seconds without an event after which the position is told all the same: what says nothing in public is done too."""
_AWAY = 1.0
_logger = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(slots=True)
class Relay:
    """Sends under a name what `make` makes of the log's rows, and of the position of the message before them."""

    log: EventLog
    settings: Settings
    name: str
    make: Callable[[list[LogEvent], int], Awaitable[list[Record]]]
    report: Callable[[str], None] = lambda text: None
    position: int = 0
    """Everything up to here has been sent."""
    sent: int = 0
    sender: Callable[[Settings, str], Sender] = Sender
    held: Callable[[], Awaitable[bool]] | None = None
    """Whether nothing is to be sent for the time being."""

    @property
    def follower(self) -> str:
        """Under which name the log keeps a copy of the position."""
        return follower(self.settings.kafka_prefix, self.name)

    async def run(self, stop: asyncio.Event) -> None:
        """Send what is recorded until `stop` is set; where Kafka or PostgreSQL is away it is tried again.

        Raises BadSetting where Kafka is ahead of the log, which then was restored to an earlier point: what receivers
        have had would be contradicted by whatever is recorded next.
        """
        while not stop.is_set():
            thread = ThreadPoolExecutor(1, "relay")
            try:
                await self._send(thread, stop)
            except BadSetting:
                raise
            except MinzhengError as error:
                self.report(str(error))
                _logger.warning("relay %s: %s", self.name, type(error).__name__)
                await pause(stop, _AWAY)
            finally:
                thread.shutdown(wait=False, cancel_futures=True)

    async def _send(self, thread: ThreadPoolExecutor, stop: asyncio.Event) -> None:
        sender = await _within(thread, self.sender, self.settings, self.name)
        try:
            self.position = await _within(thread, sender.begin)
            head = await self.log.head()
            if self.position > head:
                raise BadSetting(
                    f"Kafka 已有日志第 {self.position} 条的消息，而数据库只到第 {head} 条，"
                    "数据库似乎恢复到了较早的时点。已停止发送；"
                    "请恢复到更近的备份，或为新的日志另设 MINZHENG_KAFKA_PREFIX。",
                    "MINZHENG_KAFKA_PREFIX",
                )
            async with aclosing(following(self.log, self.position, BATCH, stop, _IDLE)) as batches:
                told = self.position
                async for rows in batches:
                    while self.held is not None and await self.held() and not stop.is_set():
                        await pause(stop, _AWAY)
                    if stop.is_set():
                        return
                    messages = await self.make(rows, sender.last)
                    position = rows[-1].position if rows else self.position
                    if messages or (not rows and told < position):
                        await _within(thread, sender.send, messages, position)
                        told = position
                    await self._note(position, len(messages))
        finally:
            # A sender that hangs is left to itself: the next one fences it.
            with suppress(MinzhengError):
                await _within(thread, sender.close, seconds=5)

    async def _note(self, position: int, sent: int) -> None:
        self.position, self.sent = position, self.sent + sent
        before = await self.log.place(self.follower)
        if before < position:
            await self.log.move(self.follower, before, position)


def public_relay(log: EventLog, settings: Settings, shard: int = 0, shards: int = 1, **more: Any) -> Relay:
    """One shard of the public relay. Subjects are shared out over the shards, so that each keeps its order."""
    topics = {context: public_topic(context, settings.kafka_prefix).name for context in CONTEXTS}

    async def make(rows: list[LogEvent], previous: int) -> list[Record]:
        return [
            Record(topics[said.context], said.key, said.value, said.position)
            for said in map(public_message, rows)
            if said is not None and (shards == 1 or crc32(said.key) % shards == shard)
        ]

    return Relay(log, settings, f"{shard}/{shards}", make, **more)


def platform_relay(store: EventStore, settings: Settings, platform: Platform, **more: Any) -> Relay:
    """What goes to one platform by a topic of its own."""
    topic, shape = platform_topic(platform.name, settings.kafka_prefix).name, Shape(platform, store)

    async def make(rows: list[LogEvent], previous: int) -> list[Record]:
        made = await shape.messages(rows, previous)
        return [Record(topic, message.key, message.value, message.position) for message in made]

    return Relay(store.log, settings, platform.name, make, **more)


def follower(prefix: str, name: str) -> str:
    """Under which name the log keeps a copy of a sender's position."""
    return f"relay:{prefix}:{name}"


async def _within(thread: ThreadPoolExecutor, work: Callable[..., T], *arguments: Any, seconds: float = _PATIENCE) -> T:
    """Have the thread do it; raises Unavailable where it does not come to an end."""
    try:
        return await asyncio.wait_for(asyncio.get_running_loop().run_in_executor(thread, work, *arguments), seconds)
    except TimeoutError:
        raise Unavailable(f"Kafka 在 {seconds:.0f} 秒内没有答复；重新开始。") from None


__all__ = ["BATCH", "Relay", "follower", "platform_relay", "public_relay"]
