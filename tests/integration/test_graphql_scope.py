"""What a caller may not see is not there: in lists, single records, nested ones, timelines and the past."""

from datetime import date
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import pytest

from api.access import Scope, ScopeRefused
from api.graphql.arguments import Environment
from api.graphql.engine import Caller
from domain.access import Area
from tests.fixtures import api
from tests.fixtures.api import Asking, District, actor, moment
from tests.fixtures.read_rows import COMMUNITIES, HEAD, STREETS

ask, district = api.ask, api.district

OWN, OTHER = COMMUNITIES[0], COMMUNITIES[2]
ROLES = ("street_officer", "community_worker", "auditor")


def rows(district: District, kind: str, scope: str) -> list[dict[str, Any]]:
    """The live rows of a kind whose present owner lies in a division."""
    return [row for row in district.rows.live[kind] if row["scope"].startswith(scope)]


@pytest.mark.parametrize("times", ["", f'asOf: "{moment(HEAD)}"', 'effectiveOn: "2016-06-01"'])
async def test_a_single_record_of_another_division_is_not_found(ask: Asking, district: District, times: str) -> None:
    person = rows(district, "person", OTHER)[0]["id"]
    case = rows(district, "case", OTHER)[0]["id"]
    household = rows(district, "household", OTHER)[0]["id"]
    query = f"""{{
        person(id: "{person}", {times}) {{ id }} case(id: "{case}", {times}) {{ id }}
        household(id: "{household}", {times}) {{ id }} }}"""
    nothing = {"person": None, "case": None, "household": None}
    assert await ask.data(query, actor("street_officer", OWN)) == nothing
    assert await ask.executed(query, actor("street_officer", OWN)) == {"data": nothing}
    found = await ask.data(query, actor("street_officer", OTHER[:9]))
    assert found == {"person": {"id": str(person)}, "case": {"id": str(case)}, "household": {"id": str(household)}}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("division", [OWN, STREETS[1]])
async def test_lists_hold_the_own_subtree_and_nothing_else(
    ask: Asking, district: District, role: str, division: str
) -> None:
    query = """{ persons(first: 1000) { totalCount nodes { id } } cases(first: 1000) { totalCount nodes { id } }
        payments(first: 1000) { totalCount nodes { id } } households(first: 1000) { totalCount nodes { id } } }"""
    found = await ask.data(query, actor(role, division))
    for name, kind in (("persons", "person"), ("cases", "case"), ("payments", "payment"), ("households", "household")):
        mine = {str(row["id"]) for row in rows(district, kind, division)}
        assert {node["id"] for node in found[name]["nodes"]} == mine
        assert found[name]["totalCount"] == len(mine)


async def test_the_past_is_under_the_same_scope_whatever_division_it_was_in(ask: Asking, district: District) -> None:
    past = district.rows.past["person"]
    gone = next(row for row in past if row["division_code"] == OWN and row["scope"] != OWN)
    time = moment(gone["from_pos"])
    query = f'{{ person(id: "{gone["id"]}", asOf: "{time}") {{ id divisionCode }} }}'
    # It was a person of our community then, but belongs to another one now.
    assert await ask.data(query, actor("community_worker", OWN)) == {"person": None}
    found = await ask.data(query, actor("community_worker", gone["scope"]))
    assert found == {"person": {"id": str(gone["id"]), "divisionCode": OWN}}
    listed = await ask.data(
        f'{{ persons(first: 1000, asOf: "{moment(HEAD // 2)}") {{ nodes {{ id }} }} }}', actor("auditor", OWN)
    )
    mine = {str(row["id"]) for row in rows(district, "person", OWN)}
    assert {node["id"] for node in listed["persons"]["nodes"]} <= mine


async def test_nested_records_of_other_divisions_are_left_out(ask: Asking, district: District) -> None:
    homes = {row["id"]: row for row in district.rows.live["household"]}
    away = next(
        row
        for row in district.rows.live["person"]
        if row["household_id"] and not homes[row["household_id"]]["scope"].startswith(row["scope"][:9])
    )
    query = f"""{{ person(id: "{away["id"]}") {{ id householdId household {{ id address }}
        memberships {{ household {{ id members {{ person {{ id name }} }} }} }} }} }}"""
    mine = actor("street_officer", away["scope"][:9])
    found = (await ask.data(query, mine))["person"]
    # The id is the person's own particular; the household behind it belongs to another street.
    assert found["householdId"] == str(away["household_id"])
    assert found["household"] is None
    assert found["memberships"] == []
    assert (await ask.executed(query, mine))["data"]["person"] == found
    assert (await ask.data(query))["person"]["household"]["id"] == str(away["household_id"])


async def test_a_timeline_shows_nothing_of_other_divisions(ask: Asking, district: District) -> None:
    entry = rows(district, "timeline", OTHER)[0]
    query = f'{{ timeline(subject: "{entry["subject"]}", first: 100) {{ totalCount nodes {{ position }} }} }}'
    assert (await ask.data(query, actor("street_officer", OWN)))["timeline"] == {"totalCount": 0, "nodes": []}
    assert (await ask.data(query, actor("auditor", OTHER)))["timeline"]["totalCount"] > 0


async def test_a_timeline_shows_only_areas_of_the_role(ask: Asking, district: District) -> None:
    areas = {}
    for role in ("district_clerk", "grid_worker", "finance_officer"):
        seen = set()
        for subject in {row["subject"] for row in district.rows.live["timeline"]}:
            query = f'{{ timeline(subject: "{subject}", first: 100) {{ nodes {{ area }} }} }}'
            seen |= {node["area"] for node in (await ask.data(query, actor(role)))["timeline"]["nodes"]}
        areas[role] = seen
    assert areas["district_clerk"] == {area.name for area in Area} - {"RIGHTS"}
    assert areas["grid_worker"] == {"REGISTRY", "GRID"}
    assert areas["finance_officer"] == {"ASSISTANCE", "FUNDS", "CARE", "MEDICAL", "PROCUREMENT"}


@pytest.mark.parametrize("role", ["visitor", "hospital_desk", "audit_admin", "security_admin", "administrator"])
async def test_a_role_without_areas_sees_nothing(ask: Asking, district: District, role: str) -> None:
    person = district.rows.live["person"][0]["id"]
    query = f"""{{ person(id: "{person}") {{ id }} persons {{ totalCount nodes {{ id }} }}
        cases {{ totalCount }} payments {{ totalCount }} findings {{ totalCount }} quarantine {{ totalCount }} }}"""
    found = await ask.data(query, actor(role))
    none = {"totalCount": 0}
    assert found == {
        "person": None,
        "persons": {"totalCount": 0, "nodes": []},
        **dict.fromkeys(("cases", "payments", "findings", "quarantine"), none),
    }


async def test_an_area_that_is_not_the_roles_is_empty_also_when_nested(ask: Asking, district: District) -> None:
    query = "{ cases(first: 3) { nodes { applicantId applicant { id } totals { paidFen } } } persons { totalCount } }"
    found = await ask.data(query, actor("finance_officer"))
    assert found["persons"]["totalCount"] == 0
    assert [node["applicant"] for node in found["cases"]["nodes"]] == [None, None, None]
    assert all(node["totals"] for node in found["cases"]["nodes"])


async def test_masks_follow_the_role_compiled_and_executed(ask: Asking, district: District) -> None:
    person = next(row for row in district.rows.live["person"] if row["citizen_id"] and row["phone"])
    case = next(row for row in district.rows.live["case"] if row["account"])
    query = f'{{ person(id: "{person["id"]}") {{ citizenId phone }} case(id: "{case["id"]}") {{ account }} }}'
    identity, phone = person["citizen_id"], person["phone"]
    hidden, short = identity[:6] + "*" * 12, phone[:3] + "****"
    last = "****" + case["account"][-4:]
    for role, expected in {
        "district_clerk": ({"citizenId": identity, "phone": phone}, {"account": case["account"]}),
        "community_worker": ({"citizenId": hidden, "phone": phone}, {"account": last}),
        "auditor": ({"citizenId": identity, "phone": short}, {"account": last}),
        "grid_worker": ({"citizenId": hidden, "phone": phone}, None),
        "finance_officer": (None, {"account": case["account"]}),
        "assessor": ({"citizenId": hidden, "phone": phone}, None),
    }.items():
        for found in (await ask(query, actor(role)), await ask.executed(query, actor(role))):
            assert found == {"data": {"person": expected[0], "case": expected[1]}}, role


@pytest.mark.parametrize("setting", ["lo", "visit"])
async def test_a_connection_under_another_scope_refuses_instead_of_leaking(ask: Asking, setting: str) -> None:
    pool = ask.service.running().pool
    today = date(2016, 1, 11)
    mine, theirs = Scope.of(actor("visitor", OWN), today), Scope.of(actor("visitor", OTHER), today)
    engine = ask.service.running()
    document = engine.documents.get("{ persons { nodes { id } } }", None)
    statement = document.statement(engine.compiler, {}, frozenset())
    values = [get(Environment({})) for get in statement.gets]
    await pool.read(mine, statement.sql, values)
    slot = pool._exact(mine)
    assert slot is not None
    await slot.connection.fetch("SELECT set_config($1, $2, false)", f"minzheng.{setting}", getattr(theirs, setting))
    pool._release(slot)
    with pytest.raises(ScopeRefused):
        await pool.read(mine, statement.sql, values)
    await pool.read(mine, statement.sql, values)  # that connection is gone


async def test_a_connection_that_was_never_set_shows_nothing(ask: Asking, district: District) -> None:
    connection = await asyncpg.connect(
        district.url, server_settings={"role": "minzheng_reader", "search_path": "read_test"}
    )
    try:
        for table in ("person", "case_total", "payment", "timeline", "division", "person_history"):
            assert await connection.fetchval(f"SELECT count(*) FROM {table}") == 0
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.fetch("SELECT * FROM timeline_subject")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("INSERT INTO division SELECT * FROM division")
    finally:
        await connection.close()


async def test_the_ids_of_the_persons_in_an_answer_come_with_it(ask: Asking, district: District) -> None:
    engine = ask.service.running()
    query = """{ persons(first: 5) { nodes { id memberships { person { id } household { headId } } } }
        cases(first: 4) { nodes { applicantId payments(first: 2) { nodes { payeeId } } } } }"""
    document = engine.documents.get(query, None)
    caller = Caller.of(actor())
    statement = document.statement(engine.compiler, {}, caller.actor.clear)
    body, ids = await engine.run(statement, Environment({}), caller)
    said = {UUID(bytes=ids[i : i + 16]) for i in range(0, len(ids), 16)}
    shown: set[str] = set()

    def gather(value: Any, key: str = "") -> None:
        if isinstance(value, dict):
            for name, inner in value.items():
                gather(inner, name)
        elif isinstance(value, list):
            for inner in value:
                gather(inner, key)
        elif value is not None and key in ("id", "headId", "applicantId", "payeeId"):
            shown.add(value)

    gather(orjson.loads(body))
    assert {str(id) for id in said} >= shown
    assert len(ids) % 16 == 0


async def test_the_quarantine_is_under_the_same_scope_and_hides_raw_cells(ask: Asking, district: District) -> None:
    connection = await asyncpg.connect(district.admin_url)
    try:
        file = await connection.fetchval(
            "INSERT INTO connectors.file (id, source, kind, sha256, export_on, key_holder, expires_on, layout) VALUES "
            "(gen_random_uuid(), 'population', 'person', '', '2015-12-01', gen_random_uuid(), '2016-12-01', '') "
            "RETURNING id"
        )
        for division, area in ((OWN, "registry"), (OTHER, "registry"), (OWN, "assistance")):
            await connection.execute(
                "INSERT INTO connectors.quarantine (id, file_id, source, kind, area, division_code, row_number, "
                "export_on, reason, message, column_names, fields, sealed) VALUES (gen_random_uuid(), $1, "
                "'population', 'person', $2, $3, 7, '2015-12-01', 'bad_date', '日期有误', '{出生日期}', '{b}', '')",
                file,
                area,
                division,
            )
        query = """{ quarantine(filter: {state: OPEN}) { totalCount nodes { division: divisionCode area stateLabel
            columnNames rowNumber message } } }"""
        everything = (await ask.data(query))["quarantine"]
        assert everything["totalCount"] == 3
        assert everything["nodes"][0]["columnNames"] == ["出生日期"]
        mine = (await ask.data(query, actor("grid_worker", OWN)))["quarantine"]
        assert [(node["division"], node["area"]) for node in mine["nodes"]] == [(OWN, "REGISTRY")]
        assert await ask.executed(query) == {"data": {"quarantine": everything}}
    finally:
        await connection.execute("DELETE FROM connectors.quarantine; DELETE FROM connectors.file")
        await connection.close()


async def test_a_log_entry_is_there_for_whoever_sees_it_on_a_timeline(ask: Asking) -> None:
    assert await ask.data("{ logEntry(position: 1) { topic } }") == {"logEntry": None}
    assert await ask.data("{ logEntry(position: 0) { topic } }") == {"logEntry": None}
