"""Figures of cases that are decided, refused, moved to another street: whose they are, and that they stay so."""

from typing import Any

from domain.access import Actor, RoleCode
from tests.fixtures import story as told
from tests.fixtures.story import CLERK, OFFICER, REVIEWER, STRANGER, VILLAGE, WORKER, Story

village = told.village

FIGURES = """query Figures($names: [String!], $period: String!, $division: String, $at: Position, $least: Position) {
    indicators(names: $names, period: $period, division: $division, atPosition: $at, minPosition: $least) {
        name value position } }"""


async def figure(story: Story, by: Actor, name: str, period: str, **given: Any) -> Any:
    """One figure as someone sees it."""
    found = await story.ask.data(FIGURES, by, names=[name], period=period, least=story.position, **given)
    return found["indicators"][0]["value"]


async def granted(story: Story, number: int) -> None:
    """A dibao case that is confirmed on 19 January 2016, paid from February."""
    story.on("2016-01-11")
    await story.applies(number)
    visit = {"finding": "AS_STATED", "report": "属实", "visitedOn": "2016-01-11"}
    verified = {"monthlyIncomeFen": 20_000, "propertyWithinLimits": True, "conclusion": "属实"}
    for by, command, fields in (
        (OFFICER, "acceptCase", {}),
        (OFFICER, "recordVisit", visit),
        (OFFICER, "verifyCase", verified),
        (REVIEWER, "reviewCase", {"opinion": "GRANT"}),
        (WORKER, "postNotice", {"noticeNo": "1"}),
    ):
        await story.do(by, command, **fields)
    story.on("2016-01-19")
    await story.do(CLERK, "confirmCase")


async def test_a_moved_case_stays_in_the_figures_of_its_time(village: Story) -> None:
    await granted(village, 1)
    village.on("2016-04-20")
    before = village.position
    await village.do(CLERK, "transferCase", toDivisionCode="440704001001", movedOn="2016-03-10")
    months = ("2016-01", "2016-02", "2016-03", "2016-04")

    async def seen(by: Actor, **given: Any) -> list[int]:
        return [await figure(village, by, "dibao_persons", month, **given) for month in months]

    # It was the village's on the first day of March, and is the other street's since.
    assert await seen(OFFICER) == await seen(CLERK, division=OFFICER.division_code) == [0, 2, 2, 0]
    assert await seen(STRANGER) == await seen(CLERK, division=STRANGER.division_code) == [0, 0, 0, 2]
    assert await seen(CLERK) == [0, 2, 2, 2]
    assert await seen(OFFICER, at=before) == [0, 2, 2, 2]  # as it was known before the move was recorded
    assert await seen(STRANGER, at=before) == [0, 0, 0, 0]
    # The record itself is the new street's alone.
    assert await village.ask.data("{ cases { nodes { id } } }", OFFICER) == {"cases": {"nodes": []}}


async def test_what_was_decided_and_whether_in_time(village: Story) -> None:
    await granted(village, 1)
    village.on("2016-01-11")
    await village.applies(2)
    await village.do(OFFICER, "acceptCase")
    rich = {"monthlyIncomeFen": 900_000, "propertyWithinLimits": True, "conclusion": "属实"}
    await village.do(OFFICER, "recordVisit", finding="AS_STATED", report="属实", visitedOn="2016-01-11")
    await village.do(OFFICER, "verifyCase", **rich)
    village.on("2016-06-01")  # months late
    await village.do(CLERK, "refuseCase", reason="收入超过标准")

    async def seen(name: str, *periods: str) -> list[Any]:
        return [await figure(village, CLERK, name, period) for period in periods]

    assert await seen("decided_cases", "2016-01", "2016-02", "2016-06", "2016") == [1, 0, 1, 2]
    assert await seen("refused_cases", "2016-01", "2016-06", "2016") == [0, 1, 1]
    assert await seen("decided_in_time", "2016-01", "2016-02", "2016-06", "2016") == [10_000, None, 0, 5_000]
    assert await seen("dibao_new_households", "2016-01", "2016-02", "2016-03", "2016") == [0, 1, 0, 1]
    assert await seen("dibao_visited_persons", "2016-01", "2016-02", "2016") == [4, 0, 4]
    assert await seen("dibao_due_fen", "2016-02", "2016") == [90_000, 450_000]  # five months have begun
    assert await seen("dibao_avg_gap", "2016-01", "2016") == [None, 45_000]


async def test_a_suspension_counts_from_the_month_it_holds_for(village: Story) -> None:
    await granted(village, 1)
    village.on("2016-04-20")
    await village.do(CLERK, "suspendCase", reason="查无此户", fromOn="2016-04-15")
    village.on("2016-06-20")
    await village.do(CLERK, "resumeCase", reason="已核实", fromOn="2016-06-10")
    village.on("2016-09-20")
    await village.do(CLERK, "closeCase", reason="INCOME_ABOVE", endMonth="2016-08")
    months = [f"2016-{n:02d}" for n in range(3, 10)]
    assert [await figure(village, CLERK, "dibao_due_fen", month) for month in months] == [
        *(90_000, 90_000, 0, 0, 90_000, 90_000, 0),
    ]
    closed = [await figure(village, CLERK, "dibao_closed_persons", month) for month in months]
    assert closed == [0, 0, 0, 0, 0, 0, 2]
    assert await figure(village, CLERK, "dibao_removal_rate", "2016") == 10_000


async def test_tekun_by_self_care_which_not_everyone_may_read(village: Story) -> None:
    (head,) = await village.do(OFFICER, "registerPerson", name="拟某甲", divisionCode=VILLAGE)
    home = {"kind": "CO_LIVING", "householdNo": "A1", "divisionCode": VILLAGE, "headId": head}
    (household,) = await village.do(OFFICER, "formHousehold", **home)
    asked = {"scheme": "TEKUN", "householdId": household, "applicantId": head, "cause": "NO_WORKER"}
    (village.case,) = await village.do(WORKER, "applyForAssistance", memberIds=[head], **asked)
    verified = {"monthlyIncomeFen": 0, "propertyWithinLimits": True, "conclusion": "属实", "selfCare": "PARTIAL"}
    visit = {"finding": "AS_STATED", "report": "属实", "visitedOn": "2016-01-11"}
    for by, command, fields in (
        (OFFICER, "acceptCase", {}),
        (OFFICER, "recordVisit", visit),
        (OFFICER, "verifyCase", verified),
        (REVIEWER, "reviewCase", {"opinion": "GRANT"}),
        (WORKER, "postNotice", {"noticeNo": "1"}),
    ):
        await village.do(by, command, **fields)
    village.on("2016-01-19")
    await village.do(CLERK, "confirmCase")
    village.on("2016-03-01")
    names = [f"tekun_persons{level}" for level in ("", "_full", "_partial", "_none", "_unknown")]
    assert [await figure(village, CLERK, name, "2016-02") for name in names] == [1, 0, 1, 0, 0]
    assert [await figure(village, CLERK, name, "2016-01") for name in names] == [0, 0, 0, 0, 0]

    query = "{ cases { nodes { selfCare selfCareLabel } } }"
    finance = Actor("财务己", RoleCode.FINANCE_OFFICER, "440704")
    clear = {"cases": {"nodes": [{"selfCare": "PARTIAL", "selfCareLabel": "半护理"}]}}
    masked = {"cases": {"nodes": [{"selfCare": None, "selfCareLabel": None}]}}
    for by, expected in ((OFFICER, clear), (finance, masked)):
        assert await village.ask.data(query, by) == expected
        assert (await village.ask.executed(query, by))["data"] == expected


async def test_a_decision_holds_over_what_was_planned_for_later(village: Story) -> None:
    """Granted from February, suspended in January: the case, its figures and its queue all say so."""
    await granted(village, 1)
    village.on("2016-01-25")
    await village.do(CLERK, "suspendCase", reason="举家外出", fromOn="2016-01-25")
    village.on("2016-03-05")
    assert [(await village.look(then=day))["state"] for day in ("2016-01-20", "2016-01-26", "2016-02-01")] == [
        *("PUBLICISED", "SUSPENDED", "SUSPENDED"),
    ]
    assert (await village.look())["state"] == "SUSPENDED"
    assert [await figure(village, CLERK, "dibao_due_fen", month) for month in ("2016-02", "2016-03")] == [0, 0]
