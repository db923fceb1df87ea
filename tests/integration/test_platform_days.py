"""Each day held against what a platform has, by itself: count, digest, and a finding where they differ."""

import asyncio
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from connectors.database import Tables
from connectors.kafka.administration import make_topics
from connectors.kafka.relay import follower as relay_follower
from connectors.kafka.relay import platform_relay
from connectors.kafka.topics import platform_topic, relay_topic
from connectors.platforms.agreeing import Agreeing
from connectors.platforms.delivery import follower
from connectors.platforms.https import Https
from connectors.platforms.reconciling import expected, summed_up
from connectors.platforms.standing import standings
from connectors.platforms.tables import Tables as ExchangeTables
from connectors.platforms.topic import Topic
from connectors.platforms.ways import Listed, NotDelivered, Parcel
from domain.clock import CHINA
from domain.codes import FindingRule
from domain.findings import Finding
from infra.log import PostgresLog
from infra.store import EventStore
from tests.fixtures.kafka import Topics
from tests.integration.messages_support import people, running, until
from tests.integration.platforms_support import Receiver, caught_up, declared, delivering, installed

MINUTE = timedelta(minutes=1)


def today() -> date:
    """The day of recording, which is the real one."""
    return datetime.now(UTC).astimezone(CHINA).date()


def agreeing(store: EventStore, tables: Tables, ask: Any, name: str = "platform:population") -> Agreeing:
    """What holds the population platform's days against the log's."""
    platform = declared("way: files")
    return Agreeing(store, tables, platform, ask, name, now=lambda: datetime(2015, 12, 31, 9, tzinfo=CHINA))


async def day_begun() -> date:
    """The day on which everything that follows is recorded: not the last minute of one."""
    if (left := datetime.combine(today() + timedelta(days=1), time(), CHINA) - datetime.now(CHINA)) < MINUTE:
        await asyncio.sleep(left.total_seconds() + 0.1)
    return today()


async def findings(store: EventStore) -> list[Finding.Created]:
    rows = await store.log.read(0, 10_000, topics=["findings.FindingRaised"])
    events = [store.codec.decode(row) for row in rows]
    return [event for event in events if isinstance(event, Finding.Created)]


async def test_a_difference_is_one_finding_for_the_district(
    log: PostgresLog, store: EventStore, tables: Tables, tmp_path: Path
) -> None:
    day = await day_begun()
    await people(store, 3)
    settings = installed(tmp_path, "way: files")
    ours = await expected(store, declared("way: files"), day)

    async def had(listed: list[Listed], parcel: Parcel, on: str) -> list[Listed]:
        assert (on, parcel.upto) == (day.isoformat(), await log.head())
        return listed

    looking = agreeing(store, tables, partial(had, [ours[0], ours[1], ours[1]]))
    assert await looking.compare(day) is None, "not before the platform has been told all of it"
    await log.move("platform:population", 0, await log.head())
    first = await looking.compare(day)
    assert first is not None
    assert first.theirs is not None
    assert (first.ours.count, first.theirs.count, first.differences) == (3, 3, 2)
    (finding,) = await findings(store)
    assert (finding.rule, finding.owner.value) == (FindingRule.PLATFORM_DIFFERS, "district_clerk")
    assert "本方 3 条，对方 3 条，有 2 处差异" in finding.detail
    (state,) = await standings(log, settings, tables)
    assert (state.checked, state.differences) == (day, 2)

    await log.move("platform:population", await log.place("platform:population"), await log.head())
    again = agreeing(store, tables, partial(had_whatever, ours))
    mended = await again.compare(day)
    assert mended is not None
    assert mended.differences == 0
    assert mended.theirs == summed_up(ours)
    assert len(await findings(store)) == 1, "nothing is found twice"


async def had_whatever(listed: list[Listed], parcel: Parcel, on: str) -> list[Listed]:
    return listed


async def test_days_are_caught_up_on_and_wait_for_whoever_cannot_be_asked(
    log: PostgresLog, store: EventStore, tables: Tables
) -> None:
    await people(store, 2)
    await log.move("platform:population", 0, await log.head())
    asked: list[str] = []

    async def ask(parcel: Parcel, day: str) -> None:
        asked.append(day)
        if len(asked) == 3:
            raise NotDelivered("HTTP 503")

    looking = agreeing(store, tables, ask)
    tomorrow = today() + timedelta(days=1)
    made = await looking.catch_up(tomorrow)
    assert [each.day for each in made] == [tomorrow - timedelta(days=1)]
    assert (made[0].theirs, made[0].differences) == (None, 0), "ours are noted all the same"
    assert await looking.catch_up(tomorrow) == []
    with pytest.raises(NotDelivered):
        await looking.catch_up(tomorrow + timedelta(days=2))
    made = await looking.catch_up(tomorrow + timedelta(days=2))
    assert [each.day for each in made] == [tomorrow + timedelta(days=1)], "the one before it was done"


async def test_a_platform_by_https_is_asked_its_list(
    log: PostgresLog, store: EventStore, tables: Tables, receiver: Receiver, tmp_path: Path
) -> None:
    platform, settings = declared(receiver.way), installed(tmp_path, receiver.way)
    day = await day_begun()
    await people(store, 2)
    async with httpx.AsyncClient() as client:
        way = Https(platform, settings, client)
        async with delivering(store, platform, tables, way):
            await until(lambda: caught_up(log, platform))
        receiver.list = "sequence,id\n" + "".join(f"{e['sequence']},{e['id']}\n" for _, e in receiver.had)
        looking = agreeing(store, tables, way.listed, follower(platform))
        agreement = await looking.compare(day)
        assert agreement is not None
        assert agreement.theirs == agreement.ours
        receiver.list = "什么都不是"
        with pytest.raises(NotDelivered, match="sequence、id 两列"):
            await looking.compare(day)


async def test_an_exchange_table_is_counted(
    log: PostgresLog,
    store: EventStore,
    tables: Tables,
    outside: "asyncpg.Connection[Any]",
    database_url: str,
    tmp_path: Path,
) -> None:
    way = "way: tables\ntable: outside.jianghai"
    platform, settings = declared(way), installed(tmp_path, way)
    (tmp_path / "secrets" / "population.database").write_text(database_url, encoding="utf-8")
    day = await day_begun()
    await people(store, 4)
    async with delivering(store, platform, tables, ExchangeTables(platform, settings)):
        await until(lambda: caught_up(log, platform))
    table = ExchangeTables(platform, settings)
    looking = agreeing(store, tables, table.listed)
    agreement = await looking.compare(day)
    assert agreement is not None
    assert agreement.theirs == agreement.ours
    await outside.execute("DELETE FROM outside.jianghai WHERE sequence = (SELECT min(sequence) FROM outside.jianghai)")
    agreement = await looking.compare(day)
    await table.close()
    assert agreement is not None
    assert agreement.differences == 1


async def test_a_topic_is_read_by_another_reader(
    log: PostgresLog, store: EventStore, tables: Tables, kafka: Topics, tmp_path: Path
) -> None:
    platform, settings = declared("way: kafka"), kafka.settings(installed(tmp_path, "way: kafka"))
    make_topics(settings, [platform_topic("population", kafka.prefix), relay_topic(kafka.prefix)])
    day = await day_begun()
    await people(store, 30)
    async with running(platform_relay(store, settings, platform).run):
        await until(lambda: at_head(log, relay_follower(kafka.prefix, "population")))
    topic = Topic(platform, settings, log)
    looking = agreeing(store, tables, topic.listed, relay_follower(kafka.prefix, "population"))
    agreement = await looking.compare(day)
    assert agreement is not None
    assert agreement.ours.count == 30
    assert agreement.theirs == agreement.ours
    assert await topic.listed(Parcel((), 0, 10), (day + timedelta(days=3)).isoformat()) == []


async def at_head(log: PostgresLog, name: str) -> bool:
    return await log.place(name) == await log.head()
