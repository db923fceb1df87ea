"""How it stands with each platform in use, and what people may do about it: pause, resume, tell it again."""

from dataclasses import dataclass
from datetime import date, datetime

import asyncpg

from connectors.database import Tables
from connectors.kafka.relay import follower as relay_follower
from connectors.platforms.breaker import is_broken
from connectors.platforms.declaration import Platform, load_platforms
from connectors.platforms.delivery import follower as delivery_follower
from connectors.platforms.returning import inbox_of
from domain.codes import Code
from domain.errors import BadInput, NotFound
from infra.log import EventLog
from infra.settings import Settings


class ExchangeState(Code):
    """与上级平台往来的状态"""

    WORKING = "working", "正常"
    PAUSED = "paused", "已暂停"
    RETRYING = "retrying", "未送达，正在重试"
    BROKEN = "broken", "已断开，每隔几分钟试一次"


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything up to `position` has been told the platform; `waiting` of what came back is not in the log yet.

    `retry_at` is when it is tried again after `failures` in a row; `checked` is the last day held against what it has.
    """

    name: str
    title: str
    way: str
    division: str
    position: int
    paused: bool
    failures: int
    error: str
    retry_at: datetime | None
    answered_at: datetime | None
    refused: int
    waiting: int
    back_error: str
    checked: date | None
    differences: int

    @property
    def broken(self) -> bool:
        """Whether its way counts as broken: it is tried once in a while only."""
        return is_broken(self.failures)

    @property
    def state(self) -> ExchangeState:
        """How it stands, in a word. A pause is somebody's will, whatever went wrong before."""
        if self.paused:
            return ExchangeState.PAUSED
        if self.broken:
            return ExchangeState.BROKEN
        return ExchangeState.RETRYING if self.failures else ExchangeState.WORKING


async def standings(log: EventLog, settings: Settings, tables: Tables) -> list[Standing]:
    """How it stands with each platform in use."""
    platforms = load_platforms(settings.platforms)
    async with tables.transaction() as connection:
        rows = await connection.fetch(_NOTED, [platform.name for platform in platforms])
    return [await _standing(log, settings, *each) for each in zip(platforms, rows, strict=True)]


_NOTED = """
    SELECT coalesce(p.paused, false) AS paused, coalesce(p.failures, 0) AS failures, coalesce(p.error, '') AS error,
        p.retry_at, p.answered_at, coalesce(p.poll_error, '') AS back_error,
        a.day AS checked, coalesce(a.differences, 0) AS differences,
        (SELECT count(*) FROM connectors.receipt r WHERE r.platform = n.name AND NOT r.accepted) AS refused,
        (SELECT coalesce(max(i.number) + 1, 0) FROM connectors.inbox i WHERE i.platform = n.name) AS arrived
    FROM unnest($1::text[]) WITH ORDINALITY n (name, place)
    LEFT JOIN connectors.platform p ON p.name = n.name
    LEFT JOIN LATERAL (
        SELECT day, differences FROM connectors.agreement a WHERE a.platform = n.name ORDER BY day DESC LIMIT 1
    ) a ON true
    ORDER BY n.place"""


async def _standing(log: EventLog, settings: Settings, platform: Platform, noted: asyncpg.Record) -> Standing:
    told = dict(noted)
    waiting = told.pop("arrived") - await log.place(inbox_of(platform.name).follower)
    return Standing(
        name=platform.name,
        title=platform.title,
        way=platform.way,
        division=platform.division,
        position=await log.place(follower_of(platform, settings)),
        waiting=max(0, waiting),
        **told,
    )


async def set_paused(settings: Settings, tables: Tables, name: str, *, paused: bool) -> None:
    """Pause or resume; whoever is resumed is tried at once. Raises NotFound."""
    in_use(settings, name)
    async with tables.transaction(durable=True) as connection:
        await connection.execute(
            """INSERT INTO connectors.platform (name, paused) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE
            SET paused = $2, retry_at = NULL, changed_at = now()""",
            *(name, paused),
        )


async def is_paused(tables: Tables, name: str) -> bool:
    """Whether a platform is told nothing for the time being."""
    async with tables.transaction() as connection:
        return bool(await connection.fetchval("SELECT paused FROM connectors.platform WHERE name = $1", name))


async def replay_from(log: EventLog, settings: Settings, name: str, position: int) -> None:
    """Tell it again what stands behind a position.

    Raises NotFound, and BadInput where it takes its messages from a topic: there it goes back by itself, and gets what
    the topic has no more as a snapshot.
    """
    platform = in_use(settings, name)
    if platform.way == "kafka":
        raise BadInput(
            "此平台从 Kafka 主题读取，由接收方自己从任一位置重读；主题已不保留的，用 minzheng platform snapshot 补给。",
            "name",
        )
    for _ in range(10):
        place = await log.place(delivery_follower(platform))
        if place == position or await log.move(delivery_follower(platform), place, position):
            return
    raise BadInput("此平台的发送位置正在变化；请先暂停再重发。", "name")


def in_use(settings: Settings, name: str) -> Platform:
    """A platform in use; raises NotFound."""
    found = {platform.name: platform for platform in load_platforms(settings.platforms)}
    if name not in found:
        raise NotFound(f"没有在用的平台“{name[:40]}”；在用：{'、'.join(found) or '无'}。")
    return found[name]


def follower_of(platform: Platform, settings: Settings) -> str:
    """Under which name the log keeps how far a platform has come, whatever its way."""
    return (
        relay_follower(settings.kafka_prefix, platform.name) if platform.way == "kafka" else delivery_follower(platform)
    )


__all__ = ["ExchangeState", "Standing", "follower_of", "in_use", "is_paused", "replay_from", "set_paused", "standings"]
