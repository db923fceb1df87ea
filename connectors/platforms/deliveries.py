"""Every platform in use, each delivered to by itself: one that does not answer delays nobody else."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from typing import Any

import httpx

from connectors.database import Tables
from connectors.kafka.relay import follower as relay_follower
from connectors.kafka.relay import platform_relay
from connectors.platforms.declaration import Platform, load_platforms
from connectors.platforms.https import HttpsDelivery
from connectors.platforms.https import follower as https_follower
from domain.errors import BadInput, NotFound
from infra.log import EventLog
from infra.settings import Settings
from infra.store import EventStore


@dataclass(frozen=True, slots=True)
class State:
    """How it stands with a platform: everything up to `position` has been told it."""

    name: str
    way: str
    position: int
    paused: bool
    failures: int
    error: str


def deliveries(
    store: EventStore,
    settings: Settings,
    tables: Tables,
    client: httpx.AsyncClient,
    stop: asyncio.Event,
    report: Callable[[str], None],
) -> Iterator[Coroutine[Any, Any, None]]:
    """The work of every platform in use. Raises BadSetting, MappingFault."""
    for platform in load_platforms(settings.platforms):
        if platform.way == "kafka":
            yield platform_relay(store, settings, platform, report=report).run(stop)
        else:
            yield HttpsDelivery(store, settings, platform, tables, client, report).run(stop)


async def states(log: EventLog, settings: Settings, tables: Tables) -> list[State]:
    """How it stands with each platform in use."""
    async with tables.transaction() as connection:
        rows = await connection.fetch("SELECT name, paused, failures, error FROM connectors.platform")
    noted = {row["name"]: row for row in rows}
    found = []
    for platform in load_platforms(settings.platforms):
        row = noted.get(platform.name)
        position = await log.place(_follower(platform, settings))
        paused, failures, error = (row["paused"], row["failures"], row["error"]) if row else (False, 0, "")
        found.append(State(platform.name, platform.way, position, paused, failures, error))
    return found


async def set_paused(settings: Settings, tables: Tables, name: str, *, paused: bool) -> None:
    """Pause or resume; raises NotFound, and BadInput for a platform that takes its messages from a topic."""
    _by_https(settings, name)
    async with tables.transaction(durable=True) as connection:
        await connection.execute(
            """INSERT INTO connectors.platform (name, paused) VALUES ($1, $2)
            ON CONFLICT (name) DO UPDATE SET paused = $2, changed_at = now()""",
            name,
            paused,
        )


async def replay_from(log: EventLog, settings: Settings, name: str, position: int) -> None:
    """Tell it again what stands behind a position; raises NotFound, and BadInput where it takes them from a topic."""
    platform = _by_https(settings, name)
    follower = https_follower(platform)
    for _ in range(10):
        place = await log.place(follower)
        if place == position or await log.move(follower, place, position):
            return
    raise BadInput("此平台的发送位置正在变化；请先暂停再重发。", "name")


def in_use(settings: Settings, name: str) -> Platform:
    """A platform in use; raises NotFound."""
    found = {platform.name: platform for platform in load_platforms(settings.platforms)}
    if name not in found:
        raise NotFound(f"没有在用的平台“{name[:40]}”；在用：{'、'.join(found) or '无'}。")
    return found[name]


def _by_https(settings: Settings, name: str) -> Platform:
    platform = in_use(settings, name)
    if platform.way == "kafka":
        raise BadInput("此平台从 Kafka 主题读取，暂停和重读由接收方自己进行。", "name")
    return platform


def _follower(platform: Platform, settings: Settings) -> str:
    return relay_follower(settings.kafka_prefix, platform.name) if platform.way == "kafka" else https_follower(platform)


__all__ = ["State", "deliveries", "in_use", "replay_from", "set_paused", "states"]
