"""Source systems' messages through a real broker into the log: once, in order, whatever they are and whoever dies."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from connectors.importer import Importer
from connectors.kafka.inbound import Inbound
from connectors.kafka.topics import Partition, source_topic
from connectors.quarantine import Quarantine
from connectors.reading.rows import Reason
from domain.codes import FindingRule
from domain.findings import Finding
from domain.registry import Person
from infra.log import PostgresLog
from tests.files.installation import Installation, installed
from tests.files.make import DEATH_TITLES, citizen_id, person, write_csv
from tests.fixtures.kafka import Topics, change, cloud_event
from tests.integration.messages_support import until

STRUCTURED = {"content-type": "application/cloudevents+json; charset=UTF-8"}


@pytest.fixture
async def it(admin_url: str, database_url: str, tmp_path: Path, kafka: Topics) -> AsyncIterator[Installation]:
    async with installed(admin_url, database_url, tmp_path) as installation:
        kafka.make(installation.importer.settings)
        installation.importer.settings = kafka.settings(installation.importer.settings)
        yield installation


@asynccontextmanager
async def worker(it: Installation, said: list[str] | None = None) -> AsyncIterator[Inbound]:
    """One worker with an importer of its own, as each process has."""
    log = PostgresLog(it.importer.url)
    importer = Importer(log, it.importer.url, it.importer.settings)
    inbound, stop = Inbound(importer, report=(said if said is not None else []).append), asyncio.Event()
    running = asyncio.create_task(inbound.run(stop))
    try:
        yield inbound
    finally:
        stop.set()
        await running
        await importer.close()
        await log.close()


async def taken(it: Installation, kafka: Topics, source: str = "population", partition: int = 0) -> int:
    """How far a partition was taken in."""
    return await it.log.place(Partition(source_topic(source, kafka.prefix), partition).follower)


def structured(number: int, id: str, **changed: Any) -> tuple[str, bytes, dict[str, str]]:
    """A person of the register as a structured CloudEvent."""
    return citizen_id(number), cloud_event("persons", person(number, **changed), id), STRUCTURED


async def test_both_modes_of_cloudevents_and_changes_of_a_database(it: Installation, kafka: Topics) -> None:
    binary = {
        "ce_specversion": "1.0",
        "ce_id": "b-1",
        "ce_source": "/population",
        "ce_type": "cn.jianghai.population.persons.v1",
        "ce_time": "2015-12-30T08:00:00+08:00",
        "content-type": "application/json",
    }
    row = {
        "name": "幻丁三",
        "citizen_id": citizen_id(23),
        **{k: v for k, v in person(23).items() if k not in ("姓名", "公民身份号码")},
    }
    kafka.send(
        "population",
        [
            structured(21, "s-1"),
            ("k", json.dumps(person(22), ensure_ascii=False).encode(), binary),
            ("k", change("persons", "c", row, 100), {}),
            ("k", None, {}),
            ("k", change("t_persons", "u", {**row, "联系电话": "19900009999"}, 101), {}),
        ],
    )
    async with worker(it) as inbound:
        await until(lambda: taken_is(it, kafka, 5))
    assert (inbound.taken.read, inbound.taken.recorded, inbound.taken.quarantined) == (4, 4, 0)
    one, changed = await it.person(citizen_id(21)), await it.person(citizen_id(23))
    assert (one.name, one.division_code) == (person(21)["姓名"], "440704001015")
    assert (changed.name, changed.phone) == ("幻丁三", "19900009999")
    rows = await it.log.read(0, 100)
    topic = source_topic("population", kafka.prefix)
    assert {row.basis for row in rows} == {f"kafka:{topic}/0#{offset}" for offset in (0, 1, 2, 4)}
    assert {row.source for row in rows} == {"population"}


async def taken_is(it: Installation, kafka: Topics, place: int) -> bool:
    return await taken(it, kafka) == place


async def test_the_same_message_again_is_nothing_and_there_and_back_are_three(it: Installation, kafka: Topics) -> None:
    to = structured(1, "m-2", 联系电话="200")
    sent = [structured(1, "m-1", 联系电话="100"), to, to, structured(1, "m-3", 联系电话="100"), to]
    kafka.send("population", sent)
    async with worker(it) as inbound:
        await until(lambda: taken_is(it, kafka, 5))
    assert (inbound.taken.recorded, inbound.taken.duplicates) == (3, 2)
    assert (await it.person(citizen_id(1))).phone == "100", "all on one day, and the last word counts"
    changes = await it.events(Person.DetailsChanged.TOPIC)
    assert [getattr(event, "phone", None) for event in changes] == ["200", "100"]


async def test_poison_waits_with_its_reason_and_holds_nobody_up(it: Installation, kafka: Topics) -> None:
    nested = cloud_event("persons", {"姓名": {"姓": "幻"}}, "p-2")
    kafka.send(
        "population",
        [
            ("k", b"\xff\xfe not json", {}),
            ("k", nested, STRUCTURED),
            ("k", json.dumps({"op": "x"}).encode(), {}),
            ("k", cloud_event("persons", {"颜色": "红"}, "p-4"), STRUCTURED),
            structured(2, "p-5", 公民身份号码="12"),
            structured(3, "p-6"),
        ],
    )
    async with worker(it) as inbound:
        await until(lambda: taken_is(it, kafka, 6))
    assert (inbound.taken.recorded, inbound.taken.quarantined) == (1, 5)
    waiting = await it.waiting()
    assert [(row.row_number, row.kind, row.reason) for row in waiting] == [
        *((number, "message", Reason.UNREADABLE) for number in range(4)),
        (4, "persons", Reason.UNREADABLE),
    ]
    assert all("幻" not in row.message and row.message.endswith("。") for row in waiting)
    kafka.send("population", [structured(2, "p-7")])
    async with worker(it):
        await until(lambda: taken_is(it, kafka, 7))
    assert [row.row_number for row in await it.waiting("mended")] == [], "another number may be another person"


async def test_what_comes_before_its_predecessor_enters_when_that_has_come(it: Installation, kafka: Topics) -> None:
    died = dict(zip(DEATH_TITLES, (citizen_id(5), person(5)["姓名"], "2015-12-20", "2015-12-22"), strict=True))
    grown = cloud_event("deaths", died, "d-1")
    kafka.send("population", [("k", grown, STRUCTURED)])
    async with worker(it):
        await until(lambda: taken_is(it, kafka, 1))
        before = len(await it.waiting())
        kafka.send("population", [structured(5, "d-2")], partition=1)
        await until(lambda: entered(it))
    assert (await it.person(citizen_id(5))).died_on is not None
    assert before in (0, 1)


async def entered(it: Installation) -> bool:
    try:
        return (await it.person(citizen_id(5))).died_on is not None
    except AssertionError:
        return False


async def test_a_deleted_record_is_looked_into_and_nothing_is_forgotten(it: Installation, kafka: Topics) -> None:
    row = person(7)
    kafka.send(
        "population",
        [
            ("k", change("persons", "r", row, 0), {}),
            ("k", change("persons", "d", row, 2), {}),
            ("k", change("persons", "d", row, 2), {}),
            ("k", change("persons", "d", person(8), 3), {}),
            ("k", change("persons", "c", row, 4), {}),
        ],
    )
    async with worker(it) as inbound:
        await until(lambda: taken_is(it, kafka, 5))
    (finding,) = await it.events(Finding.Created.TOPIC)
    assert isinstance(finding, Finding.Created)
    assert (finding.rule, finding.owner.value) == (FindingRule.SOURCE_DELETED, "district_clerk")
    assert (await it.person(citizen_id(7))).name == row["姓名"]
    assert (inbound.taken.recorded, inbound.taken.duplicates) == (3, 2)


async def test_a_file_and_messages_meet_in_the_same_records(it: Installation, kafka: Topics, tmp_path: Path) -> None:
    await it.take(write_csv(tmp_path / "a.csv", [person(1), person(2)]), "population", "2015-12-29")
    head = await it.log.head()
    kafka.send("population", [structured(1, "f-1"), structured(2, "f-2", 联系电话="300")])
    async with worker(it) as inbound:
        await until(lambda: taken_is(it, kafka, 2))
    assert (inbound.taken.recorded, inbound.taken.duplicates) == (1, 1)
    assert await it.log.head() == head + 1


async def test_two_workers_share_the_partitions_and_each_takes_over(it: Installation, kafka: Topics) -> None:
    for partition in range(3):
        numbers = range(100 * partition + 1, 100 * partition + 61)
        kafka.send("population", [structured(number, f"w-{number}") for number in numbers], partition=partition)
    population = {Partition(source_topic("population", kafka.prefix), number) for number in range(3)}
    async with worker(it) as first:
        await until(lambda: first.taken.read > 0)
        async with worker(it) as second:
            await until(lambda: len(second.partitions & population) in (1, 2) and all_taken(it, kafka, 60))
            for partition in range(3):
                numbers = range(100 * partition + 61, 100 * partition + 99)
                kafka.send("population", [structured(n, f"w-{n}") for n in numbers], partition=partition)
            await until(lambda: all_taken(it, kafka, 98))
            assert second.taken.recorded > 0, "both are at work"
        for partition in range(3):
            kafka.send("population", [structured(100 * partition + 99, f"w-{partition}")], partition=partition)
        await until(lambda: all_taken(it, kafka, 99))
    events = await it.events(Person.Created.TOPIC)
    assert len(events) == 297, "every message once, whoever had its partition"


async def all_taken(it: Installation, kafka: Topics, place: int) -> bool:
    return [await taken(it, kafka, partition=number) for number in range(3)] == [place] * 3


async def test_what_was_deleted_before_it_was_read_is_not_passed_by(it: Installation, kafka: Topics) -> None:
    topic = Partition(source_topic("population", kafka.prefix), 0)
    assert await it.log.move(topic.follower, 0, 40)
    kafka.send("population", [structured(1, "g-1")])
    said: list[str] = []
    async with worker(it, said) as inbound:
        await until(lambda: said)
        await asyncio.sleep(0.5)
    assert inbound.taken.read == 0
    assert str(topic) in said[0]
    assert await it.log.place(topic.follower) == 40


async def test_quarantined_messages_can_be_set_right(it: Installation, kafka: Topics) -> None:
    from connectors.retry import correct, retry

    kafka.send("population", [structured(9, "c-1", 公民身份号码="9900001"), ("k", b"nothing", {})])
    async with worker(it):
        await until(lambda: taken_is(it, kafka, 2))
    row = next(row for row in await it.waiting() if row.kind == "persons")
    from domain.access import SYSTEM

    done = await correct(it.importer, row.id, {"公民身份号码": citizen_id(9)}, SYSTEM)
    assert done.recorded == 1
    again = await retry(it.importer)
    assert (again.recorded, again.waiting) == (0, 1), "what was no record can only be sent anew"
    assert [row.kind for row in await Quarantine(it.importer.tables).rows()] == ["message"]
