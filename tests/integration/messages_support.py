"""What the tests of messages share: people whose events are public, and another client that reads them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import date, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

from confluent_kafka import Consumer, TopicPartition
from stdnum.cn.ric import calc_check_digit

from connectors.importer import Importer
from connectors.kafka.inbound import Inbound
from connectors.kafka.relay import Relay, public_relay
from domain.clock import at
from domain.registry import Person
from infra.codec import Envelope
from infra.log import PostgresLog
from infra.settings import Settings
from infra.store import EventStore
from tests.files.installation import Installation

STREET = "440704004"


_NUMBERS = count(1)


def _citizen_id(number: int) -> str:
    """Of a division that does not exist; otherwise as real ones are."""
    born = date(1950, 1, 1) + timedelta(days=number // 900)
    body = f"990000{born:%Y%m%d}{number % 900:03d}"
    return body + str(calc_check_digit(body + "0"))


async def until(true: Callable[[], Any], seconds: float = 90) -> None:
    """Wait until that holds."""
    async with asyncio.timeout(seconds):
        while True:
            found = true()
            if found if not asyncio.iscoroutine(found) else await found:
                return
            await asyncio.sleep(0.05)


@asynccontextmanager
async def running(*works: Callable[[asyncio.Event], Coroutine[Any, Any, None]]) -> AsyncIterator[None]:
    """What runs until it is told to stop runs meanwhile."""
    stop = asyncio.Event()
    tasks = [asyncio.create_task(work(stop)) for work in works]
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*tasks)


@asynccontextmanager
async def worker(
    it: Installation, said: list[str] | None = None, log: PostgresLog | None = None
) -> AsyncIterator[Inbound]:
    """One inbound worker with an importer of its own, as each process has."""
    log = log or PostgresLog(it.importer.url)
    importer = Importer(log, it.importer.url, it.importer.settings)
    inbound = Inbound(importer, report=(said.append if said is not None else print))
    try:
        async with running(inbound.run):
            yield inbound
    finally:
        await importer.close()
        await log.close()


@asynccontextmanager
async def relaying(log: PostgresLog, settings: Settings, **more: Any) -> AsyncIterator[Relay]:
    """One relay of public messages."""
    relay = public_relay(log, settings, **more)
    async with running(relay.run):
        yield relay


async def people(store: EventStore, how_many: int) -> list[Person]:
    """So many newcomers, each of whom moves and gets another phone: three events, two of them public."""
    made = []
    for number in range(how_many):
        one = Person.register(
            uuid4(),
            at(date(2015, 1, 5)),
            name="幻某甲",
            division_code=f"{STREET}{200 + number % 9}",
            citizen_id=_citizen_id(next(_NUMBERS)),
            birth_on=date(1950, 1, 1),
            phone="19900001111",
        )
        one.move(at(date(2015, 6, 1)), to_division_code=f"{STREET}209", moved_on=date(2015, 6, 1))
        one.report_details(at(date(2015, 7, 1)), name=None, phone="19900002222", address=None)
        made.append(one)
    await store.save(made, Envelope(actor="导入", role="administrator", source="population", division=STREET))
    return made


def read(settings: Settings, topics: list[str]) -> list[Any]:
    """Every committed message, by a client that has nothing to do with the sending one."""
    reader = Consumer(
        {
            "bootstrap.servers": settings.kafka,
            "group.id": f"check-{uuid4()}",
            "isolation.level": "read_committed",
            "enable.partition.eof": True,
            "auto.offset.reset": "earliest",
        }
    )
    partitions = [
        TopicPartition(name, number, 0)
        for name in topics
        for number in reader.list_topics(name, timeout=10).topics[name].partitions
    ]
    reader.assign(partitions)
    found, ended = [], 0
    while ended < len(partitions):
        message = reader.poll(10)
        assert message is not None, "the broker did not answer"
        if message.error() is None:
            found.append(message)
        else:
            ended += 1
    reader.close()
    return found
