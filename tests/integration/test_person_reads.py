"""Who read whose data, when and what for: noted before the answer leaves, found by auditors, kept from others."""

import asyncio
import json
from datetime import datetime
from uuid import UUID, uuid4

import asyncpg
import pytest

from api.graphql.engine import Caller, Request
from domain.access import Actor, RoleCode
from domain.clock import CHINA
from domain.errors import Unavailable
from infra.database import connect
from infra.reads import PersonRead, PersonReads
from tests.fixtures import story as told
from tests.fixtures.story import CLERK, OFFICER, VILLAGE, Story

village = told.village
AUDITOR = Actor("审计己", RoleCode.AUDITOR, "440704", "audit")
READS = """query Reads($person: UUID!, $since: Date!, $until: Date!) {
    personReads(person: $person, since: $since, until: $until) {
        at actor role department divisionCode purpose matter operation } }"""
PERSON = "query Look($id: UUID!, $least: Position) { person(id: $id, minPosition: $least) { name } }"


async def reads_of(village: Story, person: str) -> list[dict[str, str]]:
    """What auditors find of today, the oldest first."""
    today = datetime.now(CHINA).date().isoformat()
    found = await village.ask.data(READS, AUDITOR, person=person, since=today, until=today)
    return list(reversed(found["personReads"]))


async def test_what_was_read_is_found_with_its_purpose(village: Story) -> None:
    (one,) = await village.do(OFFICER, "registerPerson", name="拟某甲", divisionCode=VILLAGE)
    (two,) = await village.do(OFFICER, "registerPerson", name="拟某乙", divisionCode=VILLAGE)
    engine = village.ask.service.running()
    asked = Request(PERSON, {"id": one, "least": village.position}, None, "核对年检材料", "N440704201600001")
    answer = await engine.answer(asked, Caller.of(OFFICER))
    assert (answer.compiled, json.loads(answer.body)["data"]["person"]["name"]) == (True, "拟某甲")
    await village.ask.executed(PERSON, CLERK, id=one, least=village.position)
    await village.ask.data("query All { persons(first: 9) { nodes { id } } }", CLERK)
    found = await reads_of(village, one)
    assert [(read["actor"], read["operation"], read["purpose"], read["matter"]) for read in found] == [
        (OFFICER.name, "Look", "核对年检材料", "N440704201600001"),
        (CLERK.name, "Look", "", ""),
        (CLERK.name, "All", "", ""),
    ]
    assert (found[0]["role"], found[0]["divisionCode"]) == ("street_officer", OFFICER.division_code)
    assert [read["operation"] for read in await reads_of(village, two)] == ["All"]
    assert await reads_of(village, str(uuid4())) == []


async def test_by_http_the_purpose_comes_as_an_extension(village: Story) -> None:
    (one,) = await village.do(OFFICER, "registerPerson", name="拟某甲", divisionCode=VILLAGE)
    ask = village.ask
    body = {"query": PERSON, "variables": {"id": one, "least": village.position}}
    said = {"purpose": "信访答复", "matter": "2016-3"}
    assert (
        await ask.http.post("/graphql", json={**body, "extensions": said}, headers=ask.headers(CLERK))
    ).status_code == 200
    for wrong in ({"purpose": 3}, {"purpose": "长" * 201}, {"matter": ["x"]}):
        refused = await ask.http.post("/graphql", json={**body, "extensions": wrong}, headers=ask.headers(CLERK))
        assert (refused.status_code, "purpose" in refused.text) == (400, True)
    assert [(read["purpose"], read["matter"]) for read in await reads_of(village, one)] == [("信访答复", "2016-3")]


async def test_nobody_else_may_ask_who_read(village: Story) -> None:
    asked = {"person": str(uuid4()), "since": "2016-01-01", "until": "2016-01-31"}
    assert await village.ask.codes(READS, CLERK, **asked) == ["FORBIDDEN"]
    assert await village.ask.codes(READS, AUDITOR, **asked | {"until": "2018-01-01"}) == ["BAD_USER_INPUT"]
    assert await village.ask.codes(READS, AUDITOR, **asked | {"until": "2015-12-31"}) == ["BAD_USER_INPUT"]


async def test_many_at_once_are_noted_together_and_none_is_lost(village: Story, database_url: str) -> None:
    ledger, people = PersonReads(database_url), [uuid4() for _ in range(200)]
    await asyncio.gather(*(ledger.note(PersonRead(CLERK, "", "", "Q", id.bytes)) for id in people))
    await ledger.note(PersonRead(CLERK, "", "", "Two", people[0].bytes + people[1].bytes))
    since, until = datetime(2020, 1, 1, tzinfo=CHINA), datetime(2100, 1, 1, tzinfo=CHINA)
    found = {id: await ledger.of_person(id, since, until, "440704", 10) for id in people}
    assert [len(found[id]) for id in people[:2]] == [2, 2]
    assert [len(found[id]) for id in people[2:]] == [1] * 198
    assert await ledger.of_person(people[0], since, until, "440704001", 10) == [], "readers of another division"
    straddling = UUID(bytes=(people[0].bytes + people[1].bytes)[8:24])
    assert await ledger.of_person(straddling, since, until, "440704", 10) == [], "no id begins within another"
    await ledger.close()


async def test_what_is_noted_stays(village: Story, database_url: str) -> None:
    await village.do(OFFICER, "registerPerson", name="拟某甲", divisionCode=VILLAGE)
    await village.ask.data("{ persons { nodes { id } } }", CLERK)
    connection = await connect(database_url, "appender")
    try:
        for statement in ("DELETE FROM log.person_read", "UPDATE log.person_read SET actor = 'x'"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
    finally:
        await connection.close()


async def test_what_can_not_be_noted_is_not_answered(village: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    (one,) = await village.do(OFFICER, "registerPerson", name="拟某甲", divisionCode=VILLAGE)

    async def broken(self: PersonReads, reads: list[PersonRead]) -> None:
        raise Unavailable("查阅记录暂不可写。")

    monkeypatch.setattr(PersonReads, "_insert", broken)
    for ask in (village.ask, village.ask.executed):
        body = await ask(PERSON, CLERK, id=one, least=village.position)
        assert (body.get("data"), body["errors"][0]["extensions"]["code"]) == (None, "UNAVAILABLE")
