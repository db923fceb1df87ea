"""Reading lists: filters, pages, limits, and errors that say what was wrong."""

from datetime import date

import pytest

from domain.access import HANDED_OVER
from tests.fixtures import api
from tests.fixtures.api import Asking, District, actor
from tests.fixtures.read_rows import COMMUNITIES, STREETS

ask, district = api.ask, api.district


async def test_pages_hold_every_row_once_in_order(ask: Asking, district: District) -> None:
    query = """query Q($after: String) { cases(first: 7, after: $after) {
        nodes { id caseNo divisionCode } edges { cursor }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""
    seen, after = [], None
    while True:
        page = (await ask.data(query, after=after))["cases"]
        assert page["pageInfo"]["hasPreviousPage"] is (after is not None)
        assert page["pageInfo"]["startCursor"] == page["edges"][0]["cursor"]
        seen += page["nodes"]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert len(seen) == len(district.rows.live["case"])
    keys = [(row["divisionCode"], row["caseNo"], row["id"]) for row in seen]
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)


async def test_an_empty_page_has_no_cursors(ask: Asking) -> None:
    page = await ask.data("{ cases(first: 0) { nodes { id } pageInfo { hasNextPage startCursor endCursor } } }")
    assert page["cases"] == {
        "nodes": [],
        "pageInfo": {"hasNextPage": True, "startCursor": None, "endCursor": None},
    }


async def test_filters_narrow_and_combine(ask: Asking, district: District) -> None:
    live = district.rows.live["case"]
    two, spring = ("C0001", "C0002"), (date(2015, 1, 1), date(2015, 6, 30))
    for text, matches in (
        ("{state: PAYING}", lambda row: row["state"] == "paying"),
        (
            "{state: [PAYING, CLOSED], scheme: DIBAO}",
            lambda row: row["state"] in ("paying", "closed") and row["scheme"] == "DIBAO",
        ),
        ("{state: []}", lambda row: False),
        (f'{{division: "{STREETS[0]}"}}', lambda row: row["scope"].startswith(STREETS[0])),
        (
            f'{{division: "{COMMUNITIES[3]}", caseNo: ["C0001", "C0002"]}}',
            lambda row: row["scope"] == COMMUNITIES[3] and row["case_no"] in two,
        ),
        (
            '{appliedOn: {from: "2015-01-01", to: "2015-06-30"}}',
            lambda row: spring[0] <= row["applied_on"] <= spring[1],
        ),
    ):
        found = await ask.data(f"{{ cases(filter: {text}) {{ totalCount }} }}")
        assert found["cases"]["totalCount"] == sum(map(matches, live)), text


@pytest.mark.parametrize(
    ("filter", "named"),
    [
        ("{state: PAYNG}", "PAYNG"),
        ("{stat: PAYING}", "stat"),
        ("{state: null}", "state"),
        ('{division: "江海区"}', "division"),
        ('{division: ""}', "division"),
        ('{division: "440704%"}', "division"),
        ("{appliedOn: {}}", "appliedOn"),
        ("{appliedOn: {from: null}}", "appliedOn"),
        ('{appliedOn: {from: "2015-02-30"}}', "2015-02-30"),
        ('{householdId: "x"}', "x"),
    ],
)
async def test_a_filter_that_is_not_understood_is_refused_and_named(ask: Asking, filter: str, named: str) -> None:
    body = await ask(f"{{ cases(filter: {filter}) {{ totalCount nodes {{ id }} }} }}")
    assert body.get("data") is None
    assert [error["extensions"]["code"] for error in body["errors"]] == ["BAD_USER_INPUT"]
    assert named in body["errors"][0]["message"]


async def test_an_unknown_value_in_a_variable_is_refused_and_named(ask: Asking) -> None:
    query = "query Q($f: CaseFilter) { cases(filter: $f) { totalCount } }"
    for value, named in (({"state": ["PAYNG"]}, "PAYNG"), ({"stat": "PAYING"}, "stat"), ({"state": None}, "state")):
        body = await ask(query, f=value)
        assert body["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
        assert named in body["errors"][0]["message"]
    assert (await ask.data(query, f=None))["cases"]["totalCount"] == (await ask.data(query))["cases"]["totalCount"]


async def test_a_cursor_that_was_made_up_or_belongs_elsewhere_is_refused(ask: Asking) -> None:
    cursor = (await ask.data("{ cases(first: 1) { edges { cursor } } }"))["cases"]["edges"][0]["cursor"]
    for other in ("", "x", "!!", "WyIxIl0", cursor[:-3], cursor + "AAAA", cursor.swapcase()):
        body = await ask("query Q($c: String) { cases(after: $c) { nodes { id } } }", c=other)
        assert body["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT", "field": "after"}, other
    assert await ask.codes("query Q($c: String) { persons(after: $c) { nodes { id } } }", c=cursor) == [
        "BAD_USER_INPUT"
    ]
    # One field's mistake leaves the others answered.
    body = await ask(
        '{ me { name } person(id: "00000000-0000-0000-0000-000000000000") { payments(after: "x") { totalCount } } }'
    )
    assert body["data"]["me"]["name"].startswith("district_clerk")


@pytest.mark.parametrize("first", [-1, 1001, 2**31 - 1])
async def test_a_page_size_beyond_the_limits_is_refused(ask: Asking, first: int) -> None:
    assert await ask.codes(f"{{ cases(first: {first}) {{ totalCount nodes {{ id }} }} }}") == ["BAD_USER_INPUT"]
    query = "query Q($n: Int!) { cases(first: $n) { nodes { id } } }"
    assert await ask.codes(query, n=first) == ["BAD_USER_INPUT"]


async def test_values_beyond_what_the_database_holds_are_refused(ask: Asking) -> None:
    query = "query Q($m: [String!]) { payments(filter: {month: $m}) { totalCount } }"
    assert await ask.codes(query, m=["2015\u000001"]) == ["BAD_USER_INPUT"]


async def test_deep_wide_and_expensive_documents_are_refused(ask: Asking) -> None:
    deep = "household { members { person { " * 8 + "id" + " } } }" * 8
    for text in (
        f"{{ persons {{ nodes {{ {deep} }} }} }}",
        "{ " + "me { name } " * 3000 + "}",
        "{ " + " ".join(f"a{i}: me {{ name }}" for i in range(150)) + " }",
        "{ persons(first: 1000) { nodes { payments(first: 1000) { nodes { id } } } } }",
        "{ a" * 400 + "}" * 400,
    ):
        assert set(await ask.codes(text)) == {"TOO_COMPLEX"}, text[:60]
    # Fragments that spread each other twice grow without growing.
    fragments = " ".join(
        f"fragment F{i} on Person {{ a{i}: household {{ ...G{i} }} b{i}: household {{ ...G{i} }} }} "
        f"fragment G{i} on Household {{ head {{ ...F{i + 1} }} }}"
        for i in range(12)
    )
    bomb = f"{{ persons {{ nodes {{ ...F0 }} }} }} {fragments} fragment F12 on Person {{ id }}"
    assert await ask.codes(bomb) == ["TOO_COMPLEX"]
    cycle = "{ persons { nodes { ...A } } } fragment A on Person { household { head { ...A } } }"
    assert await ask.codes(cycle) == ["BAD_USER_INPUT"]


async def test_a_person_is_named_by_id_or_citizen_id_not_both_and_not_neither(ask: Asking) -> None:
    assert await ask.codes("{ person { id } }") == ["BAD_USER_INPUT"]
    both = '{ person(id: "00000000-0000-0000-0000-000000000000", citizenId: "440704199001010012") { id } }'
    assert await ask.codes(both) == ["BAD_USER_INPUT"]
    body = await ask('{ person(citizenId: "44070419900101001") { id } }')
    assert body["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert "44070419900101001" not in body["errors"][0]["message"]


async def test_waiting_for_a_position_that_does_not_come_is_unavailable(
    ask: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.graphql.engine._WAIT", 0.2)
    assert await ask.codes("{ persons(minPosition: 5000) { totalCount } }") == ["UNAVAILABLE"]
    assert await ask.codes("{ persons(minPosition: 1000) { totalCount } }") == []
    assert await ask.codes('{ persons(asOf: "2026-01-01T00:00:00+08:00") { totalCount } }') == ["UNAVAILABLE"]


async def test_me_and_the_state_of_the_read_models(ask: Asking) -> None:
    query = "{ me { role roleLabel divisionCode areas clear } projectionStatus { name position lag state } }"
    found = await ask.data(query, actor("community_worker", COMMUNITIES[0]))
    assert found["me"] == {
        "role": "COMMUNITY_WORKER",
        "roleLabel": "村（社区）工作人员",
        "divisionCode": COMMUNITIES[0],
        "areas": [
            *("REGISTRY", "ASSISTANCE", "CARE", "GRID", "RELIEF", "CIVIC", "PROCESSES"),
            *(area.name for area in HANDED_OVER.values()),
        ],
        "clear": ["CONTACT", "CIRCUMSTANCES", "LOCATION"],
    }
    names = {status["name"] for status in found["projectionStatus"]}
    assert names == {"registry", "assistance", "work", "funds", "timeline", "findings", "rights", "tasks", "medical"}


async def test_directives_fragments_aliases_and_typename_are_compiled(ask: Asking) -> None:
    query = """query Q($yes: Boolean!, $no: Boolean!) { __typename c: cases(first: 1) { ...Page @include(if: $yes)
        edges @skip(if: $yes) { cursor } } me: persons(first: 1) @include(if: $no) { totalCount } }
        fragment Page on CaseConnection { __typename nodes { __typename ... on Case { number: caseNo } } }"""
    answer = await ask.answer(query, yes=True, no=False)
    assert answer.compiled
    found = await ask.data(query, yes=True, no=False)
    assert set(found) == {"__typename", "c"}
    assert found["c"]["__typename"] == "CaseConnection"
    assert set(found["c"]["nodes"][0]) == {"__typename", "number"}
    long = "a" * 64
    answer = await ask.answer(f"{{ {long}: cases(first: 1) {{ totalCount }} }}")
    assert not answer.compiled
    assert long.encode() in answer.body
