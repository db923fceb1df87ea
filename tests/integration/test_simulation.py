"""What a changed standard would do, asked by GraphQL: exact, within one's own divisions, and nothing is recorded."""

import pytest

from domain.access import Actor, RoleCode
from tests.fixtures import story as told
from tests.fixtures.story import CLERK, OFFICER, STRANGER, VILLAGE, Story
from tests.integration.test_questions import advance

ASK = """query WhatIf($changes: [String!]!, $month: String, $division: String) {
    simulate(changes: $changes, month: $month, division: $division) {
        position month monthlyCostFen monthlyCostYuan gaining losing entering leaving unknown
        changes { code name before after unitLabel legalBasis }
        lines { streetCode scheme fund households persons beforeFen afterFen costFen }
        cases { caseId divisionCode beforeFen afterFen } } }"""
RAISED = ["dibao.standard.rural=600元", "dibao.standard.urban=600元"]
village = told.village
GRID = Actor("网格员", RoleCode.GRID_WORKER, VILLAGE)


async def paid(story: Story) -> str:
    """A household of two with 300 yuan that is paid 800 yuan from February 2016."""
    case = await story.applies()
    await advance(story, 5)
    story.on("2016-01-19")
    await story.do(CLERK, "confirmCase")
    return case


@pytest.mark.timeout(120)
async def test_a_raised_standard_is_tried_and_nothing_recorded(village: Story) -> None:
    case = await paid(village)
    head = await village.store.log.head()
    found = (await village.ask.data(ASK, CLERK, changes=RAISED, month="2016-02"))["simulate"]
    (moved,) = found["cases"]
    assert (moved["caseId"], moved["afterFen"] - moved["beforeFen"]) == (case, 10_000)
    (line,) = found["lines"]
    assert (line["streetCode"], line["fund"], line["persons"], line["costFen"]) == ("440704004", None, 2, 10_000)
    assert (found["position"], found["gaining"], found["monthlyCostYuan"]) == (head, 1, "100.00")
    assert [change["after"] for change in found["changes"]] == [60_000, 60_000]
    lowered = (await village.ask.data(ASK, CLERK, changes=["dibao.standard.rural=100元"], month="2016-02"))["simulate"]
    assert (lowered["leaving"], lowered["monthlyCostFen"]) == (1, -moved["beforeFen"])
    elsewhere = (await village.ask.data(ASK, CLERK, changes=["dibao.standard.rural@440704001=600元"]))["simulate"]
    assert elsewhere["cases"] == []
    assert await village.store.log.head() == head


async def test_one_tries_it_for_ones_own_divisions(village: Story) -> None:
    await paid(village)
    own = (await village.ask.data(ASK, OFFICER, changes=RAISED, month="2016-02"))["simulate"]
    assert own["gaining"] == 1
    theirs = (await village.ask.data(ASK, STRANGER, changes=RAISED, month="2016-02"))["simulate"]
    assert (theirs["gaining"], theirs["lines"]) == (0, [])
    assert await village.ask.codes(ASK, STRANGER, changes=RAISED, division="440704004") == ["NOT_FOUND"]
    assert await village.ask.codes(ASK, GRID, changes=RAISED) == ["FORBIDDEN"]
    for wrong in ("dibao.standard.rural", "=600元", "no.such=1元", "dibao.standard.rural=6%"):
        assert await village.ask.codes(ASK, CLERK, changes=[wrong]) == ["BAD_USER_INPUT"], wrong
    assert await village.ask.codes(ASK, CLERK, changes=RAISED, month="2016-13") == ["BAD_USER_INPUT"]
