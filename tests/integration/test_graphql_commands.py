"""Decisions through the API, and reading one's own writes: log, projections and GraphQL together."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.app import create_app
from api.platform import open_divisions
from infra.log import PostgresLog
from projections import PROJECTIONS
from projections.kernel.runner import Runner
from tests.fixtures.api import Asking, actor, migrate_reads, platform_on

COMMUNITY, OTHER = "440704001001", "440704002001"

REGISTER = """mutation Register($input: RegisterPersonInput!) {
    registerPerson(input: $input) { position ids repeated clientMutationId } }"""
PERSON = """query Person($id: UUID!, $least: Position) { person(id: $id, minPosition: $least) {
    name citizenId stateLabel divisionCode sexLabel birthOn timeline { totalCount nodes { title position } } } }"""


@pytest.fixture
async def live(log: PostgresLog, database_url: str, admin_url: str, tmp_path: Path) -> AsyncIterator[Asking]:
    """The service over an empty log, with projections running beside it."""
    await migrate_reads(admin_url)
    platform = platform_on(database_url, admin_url, tmp_path, log)
    await open_divisions(platform)
    runner = Runner(log, platform.codec, database_url, PROJECTIONS)
    await runner.catch_up()
    stop = asyncio.Event()
    running = asyncio.create_task(runner.run(stop))
    service = create_app(platform, connections=4)
    try:
        async with (
            service.router.lifespan_context(service),
            httpx.AsyncClient(transport=httpx.ASGITransport(service), base_url="http://test") as http,
        ):
            yield Asking(service, platform.settings, http)
    finally:
        stop.set()
        await running


def citizen(serial: int) -> str:
    """A citizen ID with a right check digit."""
    from stdnum.cn.ric import calc_check_digit

    body = f"44070419500101{serial:03d}"
    return body + str(calc_check_digit(body + "0"))


async def registered(live: Asking, **input: Any) -> dict[str, Any]:
    """The result of registering someone."""
    given = {"name": "陈某", "divisionCode": COMMUNITY, **input}
    result: dict[str, Any] = (await live.data(REGISTER, input=given))["registerPerson"]
    return result


async def test_one_reads_what_one_wrote(live: Asking) -> None:
    for serial in range(5):
        made = await registered(live, citizenId=citizen(serial), clientMutationId=f"m{serial}")
        assert made["clientMutationId"] == f"m{serial}"
        found = await live.data(PERSON, id=made["ids"][0], least=made["position"])
        assert found["person"]["name"] == "陈某"
        assert found["person"]["stateLabel"] == "已核实"
        assert found["person"]["birthOn"] == "1950-01-01"
        assert found["person"]["timeline"]["nodes"][0]["position"] == made["position"]


async def test_a_retry_repeats_nothing_and_another_use_of_the_id_is_refused(live: Asking) -> None:
    given = {"name": "李某", "divisionCode": COMMUNITY, "clientMutationId": "once"}
    first = (await live.data(REGISTER, input=given))["registerPerson"]
    again = (await live.data(REGISTER, input=given))["registerPerson"]
    assert again == {**first, "repeated": True}
    body = await live(REGISTER, input={**given, "name": "另一人"})
    assert body["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT", "field": "clientMutationId"}


async def test_a_person_is_found_by_citizen_id_through_the_identifier_table(live: Asking) -> None:
    number = citizen(7)
    made = await registered(live, citizenId=number)
    query = "query Q($c: String!, $p: Position) { person(citizenId: $c, minPosition: $p) { id citizenId } }"
    found = await live.data(query, c=f" {number.lower()} ", p=made["position"])
    assert found == {"person": {"id": made["ids"][0], "citizenId": number}}
    assert await live.data(query, actor("street_officer", OTHER), c=number, p=made["position"]) == {"person": None}
    assert (await live.data(query, c=citizen(8)))["person"] is None
    # A worker who holds the card finds the person, and sees no more of the number than before.
    worker = await live.data(query, actor("community_worker", COMMUNITY), c=number)
    assert worker["person"]["citizenId"] == number[:6] + "*" * 12
    listed = await live.data("query Q($c: String!) { persons(filter: {citizenId: $c}) { totalCount } }", c=number)
    assert listed["persons"]["totalCount"] == 1


async def test_refusals_have_their_codes_and_the_place(live: Asking) -> None:
    made = await registered(live, citizenId=citizen(1))
    person = made["ids"][0]
    cases: list[tuple[str, Any, str]] = [
        (REGISTER, {"input": {"name": "王", "divisionCode": COMMUNITY, "citizenId": citizen(1)}}, "RULE_VIOLATED"),
        (REGISTER, {"input": {"name": "王", "divisionCode": COMMUNITY, "citizenId": "123"}}, "BAD_USER_INPUT"),
        (REGISTER, {"input": {"name": " ", "divisionCode": COMMUNITY}}, "BAD_USER_INPUT"),
        (REGISTER, {"input": {"name": "王", "divisionCode": COMMUNITY, "colour": "red"}}, "BAD_USER_INPUT"),
    ]
    for query, variables, code in cases:
        body = await live(query, **variables)
        assert body["errors"][0]["extensions"]["code"] == code, body
    report = """mutation M($p: UUID!) {
        reportDeath(input: {personId: $p, diedOn: "2015-01-01", evidence: "报告"}) { position } }"""
    assert await live.codes(report, actor("auditor"), p=person) == ["FORBIDDEN"]
    assert await live.codes(report, actor("community_worker", OTHER), p=person) == ["NOT_FOUND"]
    assert await live.codes(report, p="00000000-0000-0000-0000-000000000000") == ["NOT_FOUND"]
    assert "errors" not in await live(report, p=person)


async def test_as_of_is_a_time_of_recording(live: Asking) -> None:
    made = await registered(live)
    person = made["ids"][0]
    await live.data(PERSON, id=person, least=made["position"])
    asked = "query Q($p: Position!) { logEntry(position: $p) { recordedAt topic tags } }"
    entry = await live.data(asked, p=made["position"])
    assert entry["logEntry"]["topic"] == "registry.PersonRegistered"
    assert f"person:{person}" in entry["logEntry"]["tags"]
    change = 'mutation M($p: UUID!) { correctPersonDetails(input: {personId: $p, name: "陈改"}) { position } }'
    later = (await live.data(change, p=person))["correctPersonDetails"]["position"]
    query = """query Q($id: UUID!, $then: DateTime!, $least: Position!) {
        now: person(id: $id, minPosition: $least) { name } then: person(id: $id, asOf: $then) { name }
        before: person(id: $id, asOf: "2000-01-01T00:00:00+08:00") { name } }"""
    found = await live.data(query, id=person, then=entry["logEntry"]["recordedAt"], least=later)
    assert found == {"now": {"name": "陈改"}, "then": {"name": "陈某"}, "before": None}
    assert await live.data(asked, actor("auditor", OTHER), p=later) == {"logEntry": None}


async def test_mixed_documents_are_answered_too(live: Asking) -> None:
    made = await registered(live)
    query = """query Q($id: UUID!, $p: Position) {
        me { name } person(id: $id, minPosition: $p) { name household { id } } }"""
    answer = await live.answer(query, id=made["ids"][0], p=made["position"])
    assert not answer.compiled
    found = await live.data(query, id=made["ids"][0], p=made["position"])
    assert found["person"] == {"name": "陈某", "household": None}
