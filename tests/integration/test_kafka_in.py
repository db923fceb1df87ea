"""Source systems' messages through a real broker into the log: once, in order, whatever they are and whoever dies."""

import asyncio
import json
import os
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from connectors.deciding import Decider
from connectors.kafka import client
from connectors.kafka.status import IncomingWatch, SourceStanding
from connectors.kafka.topics import Partition, source_topic
from connectors.quarantine import Quarantine
from connectors.reading.rows import Reason
from domain.codes import FindingRule
from domain.errors import Unavailable, VersionConflict
from domain.findings import Finding
from domain.registry import Person
from infra.local_kafka import free_ports
from infra.log import Append, Appended, PostgresLog
from tests.chaos.proxy import Proxy, before_socket
from tests.files.installation import Installation, installed
from tests.files.make import DEATH_TITLES, citizen_id, person, write_csv
from tests.fixtures.kafka import Topics, change, cloud_event
from tests.integration.messages_support import until, worker

STRUCTURED = {"content-type": "application/cloudevents+json; charset=UTF-8"}


@pytest.fixture
async def it(admin_url: str, database_url: str, tmp_path: Path, kafka: Topics) -> AsyncIterator[Installation]:
    async with installed(admin_url, database_url, tmp_path) as installation:
        kafka.make(installation.importer.settings)
        installation.importer.settings = kafka.settings(installation.importer.settings)
        yield installation


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
        await until(lambda: any(str(topic) in text for text in said))
        await asyncio.sleep(0.5)
    assert inbound.taken.read == 0
    assert await it.log.place(topic.follower) == 40


@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")  # which the client leaves where nobody listens
async def test_how_far_sources_are_taken_in_is_told_while_kafka_is_there(
    it: Installation, kafka: Topics, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = it.importer.settings
    kafka.send("population", [structured(1, "w-1"), structured(2, "w-2")])
    watch = IncomingWatch(it.log, settings)
    told = {each.source: each for each in await watch.read() or ()}
    assert told["population"] == SourceStanding("population", 2, False)
    assert told["grid"] == SourceStanding("grid", 0, False)
    assert await it.log.move(Partition(source_topic("population", kafka.prefix), 0).follower, 0, 40)
    assert {each.source: each for each in await watch.read() or ()} == told, "not asked again so soon"
    now = await IncomingWatch(it.log, settings).read() or ()
    assert [each.source for each in now if each.gap] == ["population"]
    monkeypatch.setattr(client, "CONNECT_MS", 300)
    nowhere = settings.model_copy(update={"kafka": f"127.0.0.1:{free_ports(1)[0]}"})
    assert await IncomingWatch(it.log, nowhere).read() is None


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


MANY, PEOPLE = 1_400, 1_200
"""Messages of one partition: two batches, since no more than a thousand are decided at once."""


class Watched(PostgresLog):
    """A log whose first append of messages waits until the batch behind it is decided, and then goes its own way."""

    def __init__(self, url: str, decided: "Decided", first: Callable[[Append], Awaitable[Appended]]) -> None:
        super().__init__(url)
        self.moved: list[int] = []
        """Where the appends' moves led, in their order."""
        self._decided = decided
        self._first = first

    async def append(self, item: Append) -> Appended:
        """As the log does, but for the first one that moves a place."""
        if item.moves:
            self.moved.append(item.moves[0].to)
            if len(self.moved) == 1:
                await until(lambda: self._decided.count == 2)
                return await self._first(item)
        return await super().append(item)


class Decided:
    """Counts what was decided."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.count = 0
        decide = Decider.decide

        async def counting(decider: Decider, *arguments: object) -> object:
            decision = await decide(decider, *arguments)  # type: ignore[arg-type]
            self.count += 1
            return decision

        patch.setattr(Decider, "decide", counting)


@pytest.fixture
def decided(monkeypatch: pytest.MonkeyPatch) -> Decided:
    return Decided(monkeypatch)


async def sent(it: Installation, kafka: Topics) -> None:
    """Persons, of whom the second batch tells something new of some of the first; nothing of them is known."""
    kafka.send("population", [numbered(number % PEOPLE, f"m-{number}", number) for number in range(MANY)])


def numbered(one: int, id: str, phone: int = 0) -> tuple[str, bytes, dict[str, str]]:
    """A message of one of more than a thousand persons."""
    return structured(one, id, born=born(one), 联系电话=f"199{phone:08d}")


def born(one: int) -> date:
    return date(1970, 1, 1 + one // 1_000)


async def all_once(it: Installation) -> None:
    """Every message is in the log, once and in its order."""
    assert len(await it.events(Person.Created.TOPIC)) == PEOPLE
    for one, phone in ((3, PEOPLE + 3), (700, 700), (PEOPLE - 1, PEOPLE - 1)):
        assert (await it.person(citizen_id(one % 1_000, born(one)))).phone == f"199{phone:08d}"
    rows = await it.log.read(0, 100_000)
    assert len({row.message_id for row in rows}) == MANY


async def test_the_second_is_decided_while_the_first_is_written(
    it: Installation, kafka: Topics, decided: Decided
) -> None:
    log = Watched(it.importer.url, decided, lambda item: PostgresLog.append(log, item))
    await sent(it, kafka)
    async with worker(it, log=log) as inbound:
        await until(lambda: taken_is(it, kafka, MANY))
    assert decided.count == 2
    assert (inbound.taken.read, inbound.taken.recorded) == (MANY, MANY)
    await all_once(it)


async def test_where_the_first_is_refused_both_are_decided_again(
    it: Installation, kafka: Topics, decided: Decided
) -> None:
    async def refused(item: Append) -> Appended:
        raise VersionConflict("other")

    log = Watched(it.importer.url, decided, refused)
    await sent(it, kafka)
    async with worker(it, log=log) as inbound:
        await until(lambda: taken_is(it, kafka, MANY))
    assert decided.count == 4
    assert log.moved == [log.moved[0], log.moved[0], MANY]
    assert (inbound.taken.read, inbound.taken.recorded) == (MANY, MANY)
    await all_once(it)


async def test_where_the_firsts_answer_is_lost_the_second_builds_on_the_log(
    it: Installation, kafka: Topics, decided: Decided
) -> None:
    async def unanswered(item: Append) -> Appended:
        await PostgresLog.append(log, item)
        raise Unavailable("cut")

    log = Watched(it.importer.url, decided, unanswered)
    await sent(it, kafka)
    async with worker(it, log=log) as inbound:
        await until(lambda: taken_is(it, kafka, MANY))
    assert decided.count == 3, "the first stands in the log"
    assert inbound.taken.read == MANY
    await all_once(it)


async def test_whoever_has_lost_the_partition_writes_nothing_of_what_was_decided_ahead(
    it: Installation, kafka: Topics, decided: Decided
) -> None:
    follower = Partition(source_topic("population", kafka.prefix), 0).follower

    async def overtaken(item: Append) -> Appended:
        assert await it.log.move(follower, 0, 5)
        return await PostgresLog.append(log, item)

    log = Watched(it.importer.url, decided, overtaken)
    await sent(it, kafka)
    async with worker(it, log=log) as inbound:
        await until(lambda: log.moved and not any(p.follower == follower for p in inbound.partitions))
        kafka.send("population", [numbered(5_000, "other")], partition=1)
        await until(lambda: taken_of(it, kafka, 1))
    assert await taken(it, kafka) == 5, "it is the other's to move"
    assert decided.count == 3, "the message of the other partition"
    assert inbound.taken.recorded == 1
    assert len(await it.events(Person.Created.TOPIC)) == 1
    async with worker(it):
        await until(lambda: taken_is(it, kafka, MANY))
    # The other has passed five by, but they come again.
    assert len(await it.events(Person.Created.TOPIC)) == PEOPLE + 1, "whoever comes next begins with nothing of it"


async def taken_of(it: Installation, kafka: Topics, partition: int) -> bool:
    return await taken(it, kafka, partition=partition) == 1


async def test_the_lock_is_given_back_while_messages_keep_coming(
    it: Installation, kafka: Topics, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Slow(PostgresLog):
        async def append(self, item: Append) -> Appended:
            await asyncio.sleep(0.3 if item.moves else 0)
            return await super().append(item)

    monkeypatch.setattr("connectors.kafka.taking._SHARE", 0.1)
    total = 6_000
    kafka.send("population", [numbered(number, f"l-{number}") for number in range(total)])
    async with worker(it, log=Slow(it.importer.url)) as inbound:
        await until(lambda: inbound.taken.read > 0)
        async with it.importer.tables.only_one("import"):
            before = inbound.taken.read
            assert before < total, "whoever waits is let in between two batches"
            await asyncio.sleep(1)
            assert inbound.taken.read == before, "and has it alone"
        await until(lambda: taken_is(it, kafka, total))
    assert len(await it.events(Person.Created.TOPIC)) == total


@pytest.fixture
async def proxied(database_url: str) -> AsyncIterator[tuple[str, Proxy]]:
    """The database behind a proxy that can cut every connection to it."""
    real = Path(parse_qs(urlsplit(database_url).query)["host"][0])
    (name,) = (name for name in os.listdir(real) if name.startswith(".s.PGSQL") and "lock" not in name)
    with tempfile.TemporaryDirectory(prefix="mz") as folder:
        proxy = before_socket(Path(folder) / name, real / name)
        url = database_url.replace(quote(str(real), safe=""), quote(folder, safe="")).replace(str(real), folder)
        assert url != database_url
        yield url, proxy
        proxy.close()


async def test_told_to_stop_it_does_so_while_the_database_is_away(
    it: Installation, kafka: Topics, decided: Decided, proxied: tuple[str, Proxy]
) -> None:
    url, proxy = proxied
    cutting: list[asyncio.Task[None]] = []

    async def cut(item: Append) -> Appended:
        cutting.append(asyncio.create_task(asyncio.to_thread(proxy.cut, 9)))
        await asyncio.sleep(0.2)
        return await PostgresLog.append(log, item)

    log = Watched(url, decided, cut)
    await sent(it, kafka)
    loop = asyncio.get_running_loop()
    async with worker(it, log=log):
        await until(lambda: len(log.moved) > 1)  # it is tried again and again
        stopped_at = loop.time()
    assert loop.time() - stopped_at < 8
    assert not all(each.done() for each in cutting), "it was away all the while"
    assert await taken(it, kafka) == 0
    async with worker(it):
        await until(lambda: taken_is(it, kafka, MANY))
    await all_once(it)
    await asyncio.gather(*cutting)
