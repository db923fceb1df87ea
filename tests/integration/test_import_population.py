"""The population system's files: persons, households, moves, deaths, and what a second file of the same changes."""

from collections.abc import AsyncIterator, Sequence
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest

from connectors.deciding import Decider, Decision, Origin
from connectors.importer import own_store
from connectors.reading import Parsed
from domain.clock import at
from domain.codes import HouseholdKind, Relation
from domain.registry import Household, Person
from domain.registry.person import PersonState
from infra.codec import Envelope
from tests.files.installation import Installation, installed
from tests.files.make import DEATH_TITLES, MOVE_TITLES, citizen_id, person, write_csv, write_xlsx


@pytest.fixture
async def it(admin_url: str, database_url: str, tmp_path: Path) -> AsyncIterator[Installation]:
    async with installed(admin_url, database_url, tmp_path) as installation:
        yield installation


FAMILY = [
    person(1),
    person(2, 户号="H00001", 户主姓名="幻乙一", 户主公民身份号码=citizen_id(1), 与户主关系="配偶"),
    person(3, 户号="H00001", 户主姓名="幻乙一", 户主公民身份号码=citizen_id(1), 与户主关系="子", born=date(2001, 5, 5)),
]


async def test_a_family(it: Installation, tmp_path: Path) -> None:
    report = await it.take(write_csv(tmp_path / "a.csv", FAMILY), "population")
    assert (report.counts.read, report.counts.recorded, report.counts.events) == (3, 3, 7)
    head = await it.person(citizen_id(1))
    assert (head.name, head.state, head.division_code) == ("幻乙一", PersonState.VERIFIED, "440704001015")
    household = await it.derived("household", "population", "registered", "440704001", "H00001")
    assert isinstance(household, Household)
    assert household.kind is HouseholdKind.REGISTERED
    assert household.head_id == head.id
    assert sorted(household.members.values()) == [Relation.HEAD, Relation.SPOUSE, Relation.SON]
    rows = await it.log.read(0, 10)
    assert {(row.source, row.actor) for row in rows} == {("population", "minzheng")}
    assert rows[0].basis.startswith("file:")
    assert rows[0].basis.endswith("#2")
    assert f"person:{head.id}" in rows[0].tags
    assert "幻乙".encode() not in b"".join(row.payload for row in rows), "names stand in the log as ciphertext only"


async def test_the_same_again_records_nothing(it: Installation, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", FAMILY)
    await it.take(path, "population")
    head = await it.log.head()
    again = await it.take(path, "population")
    as_xlsx = write_xlsx(tmp_path / "b.xlsx", [list(FAMILY[0]), *(list(row.values()) for row in FAMILY)])
    other_format = await it.take(as_xlsx, "population")
    next_month = await it.take(path, "population", "2015-12-30")
    for report in (again, other_format, next_month):
        assert (report.counts.read, report.counts.recorded, report.counts.duplicates) == (3, 0, 3)
    assert await it.log.head() == head


async def test_there_and_back_again(it: Installation, tmp_path: Path) -> None:
    """A → B → A is three reports, though the third says what the first said."""
    for day, phone in (("2015-10-31", "100"), ("2015-11-30", "200"), ("2015-12-31", "100")):
        report = await it.take(write_csv(tmp_path / f"{day}.csv", [person(1, 联系电话=phone)]), "population", day)
        assert report.counts.recorded == 1
    assert (await it.person(citizen_id(1))).phone == "100"
    changes = await it.events(Person.DetailsChanged.TOPIC)
    assert [getattr(event, "phone", None) for event in changes] == ["200", "100"]


async def test_an_older_export_changes_nothing(it: Installation, tmp_path: Path) -> None:
    await it.take(write_csv(tmp_path / "new.csv", [person(1, 联系电话="200")]), "population", "2015-12-31")
    report = await it.take(write_csv(tmp_path / "old.csv", [person(1, 联系电话="100")]), "population", "2015-06-30")
    assert (report.counts.duplicates, report.counts.outdated) == (1, 1)
    assert (await it.person(citizen_id(1))).phone == "200"


async def test_homonyms_are_two_people_and_one_number_is_one(it: Installation, tmp_path: Path) -> None:
    rows = [
        person(1),
        person(3, 姓名="幻乙一"),
        person(5),
        person(5, 姓名="另一人", 户主姓名="另一人"),
        person(7, 姓名="幻 辛一"),
    ]
    report = await it.take(write_csv(tmp_path / "a.csv", rows), "population")
    assert (report.counts.recorded, report.counts.quarantined) == (4, 1)
    assert (await it.person(citizen_id(1))).id != (await it.person(citizen_id(3))).id
    (waiting,) = await it.waiting()
    assert (waiting.row_number, waiting.columns) == (5, ("姓名", "公民身份号码"))
    spaced = await it.take(write_csv(tmp_path / "b.csv", [person(7, 姓名="幻辛一", 联系电话="1")]), "population")
    assert spaced.counts.recorded == 1


async def test_someone_without_an_id_is_provisional_until_it_is_known(it: Installation, tmp_path: Path) -> None:
    without = person(1, 公民身份号码="", 户主公民身份号码="")
    await it.take(write_csv(tmp_path / "a.csv", [without, person(2, 公民身份号码="99000019700101012N")]), "population")
    states = [event for event in await it.events(Person.Created.TOPIC) if isinstance(event, Person.Created)]
    assert [event.provisional for event in states] == [True, True]
    report = await it.take(write_csv(tmp_path / "b.csv", [person(1), person(2)]), "population", "2015-12-31")
    assert report.counts.recorded == 2
    assert len(await it.events(Person.Created.TOPIC)) == 2
    known = await it.person(citizen_id(1))
    assert (known.state, known.citizen_id) == (PersonState.VERIFIED, citizen_id(1))


async def test_a_changed_register_moves_people(it: Installation, tmp_path: Path) -> None:
    await it.take(write_csv(tmp_path / "a.csv", FAMILY), "population", "2015-06-30")
    son = FAMILY[2] | {"户号": "H00009", "与户主关系": "户主", "所属街道": "外海街道", "所属社区": "麻三村"}
    await it.take(write_csv(tmp_path / "b.csv", [son]), "population", "2015-12-31")
    moved = await it.person(citizen_id(3, date(2001, 5, 5)))
    assert moved.division_code == "440704004203"
    former = await it.derived("household", "population", "registered", "440704001", "H00001")
    present = await it.derived("household", "population", "registered", "440704004", "H00009")
    assert (moved.id in former.members, moved.id in present.members) == (False, True)


async def test_moves(it: Installation, tmp_path: Path) -> None:
    await it.take(write_csv(tmp_path / "a.csv", FAMILY), "population", "2015-01-31")
    row = {"姓名": "幻丙一", "公民身份号码": citizen_id(2), "原因": "购房"}
    moves = [
        row | {"变动类型": "区内迁移", "迁往地": "礼乐街道墟镇社区", "变动日期": "2015-03-01"},
        row | {"变动类型": "迁出", "迁往地": "外市样例区", "变动日期": "2015-05-01"},
        row | {"变动类型": "迁回", "迁往地": "外海街道墟镇社区", "变动日期": "2015-07-01"},
        row | {"公民身份号码": citizen_id(9), "变动类型": "迁出", "变动日期": "2015-07-01"},
        row | {"姓名": "另一人", "变动类型": "迁出", "变动日期": "2015-08-01"},
    ]
    report = await it.take(write_csv(tmp_path / "m.csv", moves, MOVE_TITLES), "population")
    assert (report.counts.recorded, report.counts.quarantined) == (3, 2)
    moved = await it.person(citizen_id(2))
    assert (moved.state, moved.division_code) == (PersonState.VERIFIED, "440704004001")
    household = await it.derived("household", "population", "registered", "440704001", "H00001")
    assert moved.id not in household.members
    assert [row.reason.value for row in await it.waiting()] == ["unknown_person", "identity"]


async def test_deaths(it: Installation, tmp_path: Path) -> None:
    await it.take(write_csv(tmp_path / "a.csv", FAMILY), "population", "2015-01-31")
    deaths = [
        [citizen_id(1), "幻乙一", date(2015, 3, 1), date(2015, 3, 3)],
        [citizen_id(2), "幻丙一", 42100, None],
        [citizen_id(9), "幻无", 42100, None],
    ]
    report = await it.take(write_xlsx(tmp_path / "d.xlsx", [["名单"], list(DEATH_TITLES), *deaths]), "population")
    assert (report.counts.recorded, report.counts.quarantined) == (2, 1)
    confirmed, reported = await it.person(citizen_id(1)), await it.person(citizen_id(2))
    assert (confirmed.state, confirmed.died_on) == (PersonState.DECEASED, date(2015, 3, 1))
    assert (reported.state, reported.death_confirmed) == (PersonState.VERIFIED, False)
    household = await it.derived("household", "population", "registered", "440704001", "H00001")
    assert (confirmed.id in household.members, reported.id in household.members) == (False, True)
    again = await it.take(write_csv(tmp_path / "b.csv", [person(1, 联系电话="7")]), "population")
    assert again.counts.recorded == 1, "a register that still lists the dead is recorded"
    household = await it.derived("household", "population", "registered", "440704001", "H00001")
    assert confirmed.id not in household.members, "but does not make them members again"


async def test_someone_else_was_first(it: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another writer registers the person between our looking and our writing: decided again, nothing twice."""
    decide = Decider.decide
    calls = 0

    async def interrupted(self: Decider, rows: Sequence[Parsed], origin: Origin) -> Decision:
        nonlocal calls
        decision = await decide(self, rows, origin)
        calls += 1
        if calls == 1:
            await register(it, person(1))
        return decision

    monkeypatch.setattr(Decider, "decide", interrupted)
    report = await it.take(write_csv(tmp_path / "a.csv", [person(1), person(2)]), "population")
    assert (report.counts.recorded, calls) == (2, 2)
    assert len(await it.events(Person.Created.TOPIC)) == 2
    assert (await it.person(citizen_id(1))).phone == "19900000001"


async def register(it: Installation, row: dict[str, str]) -> None:
    """Register someone beside the import."""
    store = own_store(it.log, it.importer.settings)
    stranger = Person.register(
        uuid4(), at(date(2015, 1, 1)), name=row["姓名"], division_code="440704001015", citizen_id=row["公民身份号码"]
    )
    await store.save([stranger], Envelope())
