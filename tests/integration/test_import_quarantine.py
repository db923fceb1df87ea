"""Rows that wait: listed without personal data, mended by repaired files, retried, corrected, forgotten in time."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import asyncpg
import pytest

from connectors.files.cells import text
from connectors.quarantine import Quarantine, forget_expired, raw_row
from connectors.reading import Reason
from connectors.retry import correct, retry
from domain.access import SYSTEM
from domain.errors import BadInput, NotFound
from domain.registry import Person
from tests.files.installation import TODAY, Installation, installed
from tests.files.make import (
    CASE_TITLES,
    MEMBER_TITLES,
    PAYMENT_TITLES,
    case,
    citizen_id,
    payment,
    person,
    write_csv,
    write_xlsx,
)

WRONG_ID = citizen_id(3)[:17] + ("0" if citizen_id(3)[17] != "0" else "1")
BROKEN = [
    person(1),
    person(2, 性别="7"),
    person(3, 公民身份号码=WRONG_ID, 户主公民身份号码=""),
    person(4, 出生日期="1970-02-30"),
    person(5, 姓名=""),
]


@pytest.fixture
async def it(admin_url: str, database_url: str, tmp_path: Path) -> AsyncIterator[Installation]:
    async with installed(admin_url, database_url, tmp_path) as installation:
        yield installation


async def test_what_waits_is_listed_without_personal_data(it: Installation, admin_url: str) -> None:
    report = await it.take(write_csv(it.folder / "a.csv", BROKEN), "population")
    assert (report.counts.recorded, report.counts.quarantined) == (1, 4)
    waiting = await it.waiting()
    assert [(row.row_number, row.columns) for row in waiting] == [
        (3, ("性别",)),
        (4, ("公民身份号码",)),
        (5, ("出生日期",)),
        (6, ("姓名",)),
    ]
    assert {row.division_code for row in waiting} == {"440704001015"}
    connection = await asyncpg.connect(admin_url)
    stored = str(await connection.fetch("SELECT * FROM connectors.quarantine")) + str(
        await connection.fetch("SELECT * FROM connectors.file")
    )
    await connection.close()
    for row in BROKEN:
        assert not any(str(row[title]) in stored for title in ("公民身份号码", "现住地址", "联系电话"))
    raw = await raw_row(Quarantine(it.importer.tables), it.importer.store.keyring, waiting[1].id)
    assert raw["公民身份号码"] == WRONG_ID


async def test_a_repaired_file_mends_exactly_what_it_repairs(it: Installation) -> None:
    await it.take(write_csv(it.folder / "a.csv", BROKEN), "population")
    events = await it.log.head()
    repaired = [BROKEN[0], person(2), person(3, 户主公民身份号码=""), BROKEN[3], BROKEN[4]]
    report = await it.take(write_csv(it.folder / "b.csv", repaired), "population")
    assert (report.counts.recorded, report.counts.duplicates, report.counts.mended) == (2, 1, 2)
    assert await it.log.head() == events + 6
    assert [row.row_number for row in await it.waiting()] == [5, 6]
    assert [row.row_number for row in await it.waiting("mended")] == [3, 4]
    as_xlsx = [list(person(4)), *(list(person(n).values()) for n in (4, 5))]
    report = await it.take(write_xlsx(it.folder / "c.xlsx", as_xlsx), "population")
    assert (report.counts.recorded, report.counts.mended) == (2, 2)
    assert await it.waiting() == []


async def test_an_older_file_mends_nothing(it: Installation) -> None:
    await it.take(write_csv(it.folder / "a.csv", [person(2, 性别="7")]), "population", "2015-12-31")
    report = await it.take(write_csv(it.folder / "b.csv", [person(2)]), "population", "2015-06-30")
    assert (report.counts.recorded, report.counts.mended, len(await it.waiting())) == (1, 0, 1)


async def test_the_same_broken_file_again_waits_once(it: Installation) -> None:
    path = write_csv(it.folder / "a.csv", BROKEN)
    await it.take(path, "population")
    report = await it.take(path, "population")
    assert (report.counts.read, report.counts.duplicates, report.counts.quarantined) == (5, 1, 4)
    assert len(await it.waiting()) == 4


async def test_what_came_too_early_enters_by_itself(it: Installation) -> None:
    head = person(1)
    await it.take(write_csv(it.folder / "p.csv", [head]), "population")
    paid = write_csv(it.folder / "pay.csv", [payment("C1", f"2015-{n:02d}", head) for n in (1, 2)], PAYMENT_TITLES)
    row = {"低保证号": "C1", "姓名": "幻乙一", "身份证号": citizen_id(1), "与户主关系": "户主"}
    await it.take(write_csv(it.folder / "m.csv", [row], MEMBER_TITLES), "assistance")
    assert (await it.take(paid, "assistance")).counts.quarantined == 2
    retried = await retry(it.importer)
    assert (retried.recorded, retried.waiting) == (0, 3)
    assert retried.reasons == {Reason.UNKNOWN_CASE.label: 3}
    arrived = await it.take(write_csv(it.folder / "c.csv", [case("C1", head)], CASE_TITLES), "assistance")
    assert (arrived.entered, arrived.as_json()["entered"], await it.waiting()) == (3, 3, [])
    assert [row.attempts for row in await it.waiting("recorded")] == [2, 2, 2]
    assert (await it.take(paid, "assistance")).counts.duplicates == 2


async def test_a_row_enters_once_its_predecessors_predecessor_has_arrived(it: Installation) -> None:
    """A payment waits for its case, and the case for nobody: its head is registered from its own row."""
    head = person(1)
    death = [[citizen_id(1), "幻乙一", date(2015, 3, 1), date(2015, 3, 3)]]
    titles = ("身份证号", "姓名", "去世时间", "火化时间")
    early = await it.take(
        write_csv(it.folder / "d.csv", [dict(zip(titles, death[0], strict=True))], titles), "population"
    )
    assert early.counts.quarantined == 1
    paid = write_csv(it.folder / "pay.csv", [payment("C1", "2015-01", head)], PAYMENT_TITLES)
    assert (await it.take(paid, "assistance")).counts.quarantined == 1
    arrived = await it.take(write_csv(it.folder / "c.csv", [case("C1", head)], CASE_TITLES), "assistance")
    assert (arrived.entered, await it.waiting()) == (2, [])
    assert (await it.person(citizen_id(1))).died_on == date(2015, 3, 1)


async def test_one_row_of_a_file_is_retried(it: Installation) -> None:
    head = person(1)
    await it.take(write_csv(it.folder / "p.csv", [head]), "population")
    report = await it.take(
        write_csv(it.folder / "pay.csv", [payment("C1", f"2015-{n:02d}", head) for n in (1, 2)], PAYMENT_TITLES),
        "assistance",
    )
    first, _ = await it.waiting()
    assert (await retry(it.importer, ids=[first.id])).waiting == 1
    assert (await retry(it.importer, file_id=report.file_id)).waiting == 2
    assert sorted(row.attempts for row in await it.waiting()) == [1, 2]


async def test_a_row_is_corrected_by_hand(it: Installation) -> None:
    await it.take(write_csv(it.folder / "a.csv", BROKEN), "population")
    waiting = (await it.waiting())[1]
    with pytest.raises(BadInput, match="血型"):
        await correct(it.importer, waiting.id, {"血型": "A"}, SYSTEM)
    retried = await correct(it.importer, waiting.id, {"公民身份号码": WRONG_ID[:16] + "?"}, SYSTEM)
    assert (retried.recorded, retried.waiting) == (0, 1)
    retried = await correct(it.importer, waiting.id, {"公民身份号码": citizen_id(3)}, SYSTEM)
    assert retried.recorded == 1
    assert (await it.person(citizen_id(3))).name == "幻丁一"
    with pytest.raises(NotFound):
        await correct(it.importer, waiting.id, {}, SYSTEM)


async def test_raw_rows_are_forgotten_in_time(it: Installation) -> None:
    path = write_csv(it.folder / "a.csv", [person(2, 性别="7"), person(4)])
    await it.take(path, "population")
    later = date(TODAY.year + 1, 12, 31)
    assert await forget_expired(it.importer.tables, it.log, later) == 0, "a row waits"
    (waiting,) = await it.waiting()
    await correct(it.importer, waiting.id, {"性别": "女"}, SYSTEM)
    assert await forget_expired(it.importer.tables, it.log, TODAY) == 0
    assert await forget_expired(it.importer.tables, it.log, later) == 1
    it.as_new_process()
    report = await it.take(path, "population")
    assert report.counts.duplicates == 2, "done, and nothing waits"


async def test_erased_persons_stay_erased(it: Installation) -> None:
    await it.take(write_csv(it.folder / "a.csv", [person(1), person(2)]), "population", "2015-06-30")
    erased = (await it.person(citizen_id(1))).id
    await it.log.destroy_key(erased)
    it.as_new_process()
    changed = [person(1, 联系电话="1"), person(2, 联系电话="2")]
    report = await it.take(write_csv(it.folder / "b.csv", changed), "population", "2015-12-31")
    assert (report.counts.recorded, report.counts.quarantined) == (1, 1)
    assert [row.reason for row in await it.waiting()] == [Reason.ERASED]
    assert len(await it.events(Person.DetailsChanged.TOPIC)) == 1


def test_reasons_have_labels() -> None:
    assert all(text(reason.label) for reason in Reason)
