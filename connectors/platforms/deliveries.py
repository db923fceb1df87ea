"""The work of every platform in use: each by itself, so that one that does not answer delays nobody else."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from connectors.importer import Importer, opened_importer
from connectors.kafka.relay import platform_relay
from connectors.platforms.agreeing import Agreeing
from connectors.platforms.collecting import Collecting
from connectors.platforms.declaration import Platform, load_platforms
from connectors.platforms.delivery import Delivery
from connectors.platforms.files import Files
from connectors.platforms.https import Https
from connectors.platforms.inbox import Inbox
from connectors.platforms.returning import Returning
from connectors.platforms.standing import follower_of, is_paused
from connectors.platforms.tables import Tables as ExchangeTables
from connectors.platforms.topic import Topic
from connectors.platforms.ways import Way
from domain.errors import BadSetting
from infra.settings import Settings
from infra.store import EventStore

Work = Coroutine[Any, Any, None]


@dataclass(slots=True)
class Deliveries:
    """What runs for the platforms in use. `client` posts, `importer` takes in what comes back."""

    store: EventStore
    settings: Settings
    importer: Importer
    client: httpx.AsyncClient
    report: Callable[[str], None]

    def works(self, stop: asyncio.Event) -> Iterator[Work]:
        """Everything that is to run. Raises BadSetting, MappingFault for what is set up wrongly."""
        platforms = load_platforms(self.settings.platforms)
        if not platforms:
            return
        inbox = Inbox(self.importer.tables, self.store)
        for platform in platforms:
            yield from self._of(platform, inbox, stop)
        yield Returning(self.importer, platforms, inbox, self.report).run(stop)

    def _of(self, platform: Platform, inbox: Inbox, stop: asyncio.Event) -> Iterator[Work]:
        """One platform's messages out, what comes back, and its days held against the log's."""
        tables, settings = self.importer.tables, self.settings
        agreeing = partial(
            Agreeing,
            self.store,
            tables,
            platform,
            follower=follower_of(platform, settings),
            now=settings.now,
            report=self.report,
        )
        if platform.way == "kafka":
            if not settings.kafka:
                raise BadSetting(
                    f"平台 {platform.name} 从 Kafka 主题读取；请设置 MINZHENG_KAFKA，或在声明中改用其他方式。",
                    "MINZHENG_KAFKA",
                )
            topic = Topic(platform, settings, self.store.log)
            held = partial(is_paused, tables, platform.name)
            yield platform_relay(self.store, settings, platform, report=self.report, held=held).run(stop)
            collect = partial(topic.collect, inbox)
            yield Collecting(platform, tables, collect, self.report, close=topic.close).run(stop)
            yield agreeing(ask=topic.listed).run(stop)
            return
        way, asked = self._way(platform), self._way(platform)
        yield Delivery(self.store, platform, tables, way, inbox, self.report).run(stop)
        yield agreeing(ask=asked.listed).run(stop)
        keep = partial(inbox.put_all, platform.name)
        if isinstance(asked, Files):
            yield Collecting(platform, tables, partial(asked.collect, keep, self._take_in), self.report).run(stop)
        elif isinstance(asked, ExchangeTables):
            collect = partial(asked.collect, keep)
            yield Collecting(platform, tables, collect, self.report, close=asked.close).run(stop)

    def _way(self, platform: Platform) -> Way:
        if platform.way == "https":
            return Https(platform, self.settings, self.client)
        return Files(platform, self.settings) if platform.way == "files" else ExchangeTables(platform, self.settings)

    async def _take_in(self, path: Path, source: str) -> None:
        """A platform's own records, as a file of a source: by an importer that no other work uses meanwhile."""
        async with opened_importer(self.store.log, self.importer.url, self.settings) as importer:
            await importer.import_file(path, source)


__all__ = ["Deliveries"]
