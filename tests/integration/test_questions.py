"""The ready queries of docs/questions.md, as they stand there, against answers computed from the log alone."""

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from domain.assistance import Case
from domain.codes import CaseState, WorkStep
from domain.workdays import working_days_after
from tests.fixtures import story as told
from tests.fixtures.story import CLERK, OFFICER, REVIEWER, WORKER, Story

village = told.village

PAGE = Path(__file__).parents[2] / "docs" / "questions.md"
QUERIES = dict(re.findall(r"```graphql\n(query (\w+).*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL))
QUERIES = {name: text for text, name in QUERIES.items()}
RUNNING = {CaseState.ACCEPTED, CaseState.VERIFIED, CaseState.REVIEWED, CaseState.PUBLICISED, CaseState.OBJECTED}


async def advance(story: Story, steps: int) -> None:
    """Take the case so many steps further; the notice hangs from 11 to 18 January."""
    visit = {"finding": "AS_STATED", "report": "属实", "visitedOn": "2016-01-11"}
    verified = {"monthlyIncomeFen": 20_000, "propertyWithinLimits": True, "conclusion": "属实"}
    way: list[tuple[Any, str, dict[str, Any]]] = [
        (OFFICER, "acceptCase", {}),
        (WORKER, "recordVisit", visit),
        (OFFICER, "verifyCase", verified),
        (REVIEWER, "reviewCase", {"opinion": "GRANT"}),
        (WORKER, "postNotice", {"noticeNo": "1"}),
    ]
    for by, command, given in way[:steps]:
        await story.do(by, command, **given)


async def people(story: Story) -> dict[str, Case]:
    """A district of cases at every stage; what the log says of each, without any read model."""
    ids = []
    for number in range(8):
        ids.append(await story.applies(number))
        await advance(story, number)
        if number == 2:
            await story.do(OFFICER, "discloseRelative", staff="某村委会主任", relation="SIBLINGS")
    await story.do(WORKER, "fileObjection", reason="某")  # the last of them
    story.on("2016-01-19")
    story.case = ids[6]
    await story.do(CLERK, "confirmCase", variableIncome=True)
    story.case = ids[5]
    await story.do(CLERK, "confirmCase")
    loaded = await story.store.load_many(Case, [UUID(id) for id in ids])
    return {str(id): case for id, case in loaded.items()}


def test_every_query_of_the_page_is_asked_here() -> None:
    here = Path(__file__)
    asked = "".join(path.read_text(encoding="utf-8") for path in here.parent.glob("test_questions*.py"))
    assert len(QUERIES) == 14
    assert all(f'"{name}"' in asked for name in QUERIES)


async def test_every_question_has_the_answer_of_the_log(village: Story) -> None:
    cases = await people(village)
    today = village.today.date()

    async def ask(name: str, by: Any = CLERK, **variables: Any) -> list[dict[str, Any]]:
        text = QUERIES[name].replace("first:", f"minPosition: {village.position}, first:")
        (found,) = (await village.ask.data(text, by, **variables)).values()
        nodes: list[dict[str, Any]] = found["nodes"]
        assert found["totalCount"] == len(nodes)
        return nodes

    soon = working_days_after(date(2016, 1, 11), 30)  # the demo's cases were accepted on that day
    for day in (soon, soon - timedelta(days=1)):
        expected = {id for id, case in cases.items() if case.state in RUNNING and case.due_on <= day}  # type: ignore[operator]
        assert {node["id"] for node in await ask("DeadlinesSoon", soon=day.isoformat())} == expected
        assert bool(expected) == (day == soon)

    month = {"from": "2016-02-01", "to": "2016-02-29"}
    changed = {node["id"]: node["monthlyYuan"] for node in await ask("AmountsChanged", **month)}
    assert changed == {id: f"{c.monthly_fen / 100:.2f}" for id, c in cases.items() if c.start_month == "2016-02"}
    assert len(changed) == 2

    queue = await ask("MyQueue", OFFICER)
    due = [node["dueOn"] for node in queue]
    assert due == sorted(due)
    assert {(node["caseId"], node["step"]) for node in queue} == {
        (id, step.name) for id, case in cases.items() if (step := street_step(case)) is not None
    }

    ending = await ask("NoticesEnding", OFFICER, today="2016-01-18")
    assert {node["id"]: node["objectedOn"] for node in ending} == {
        id: "2016-01-11" if case.state is CaseState.OBJECTED else None
        for id, case in cases.items()
        if case.notice_to == date(2016, 1, 18)
    }
    assert await ask("NoticesEnding", OFFICER, today=today.isoformat()) == []

    rechecks = await ask("Rechecks", OFFICER, until="2016-12-31")
    assert {node["caseId"] for node in rechecks} == {id for id, case in cases.items() if case.recheck_months == 6}
    assert [node["dueOn"] for node in rechecks] == ["2016-08-01"]

    related = await ask("UnvisitedRelatives")
    assert {node["id"] for node in related} == {
        id for id, case in cases.items() if case.staff_relative and not case.officially_visited
    }
    assert [node["relativeOf"] for node in related] == ["某村委会主任"]


def street_step(case: Case) -> WorkStep | None:
    """What a street has to do next, from the state that the case's own events leave."""
    match case.state:
        case CaseState.APPLIED:
            return WorkStep.ACCEPT
        case CaseState.ACCEPTED:
            return WorkStep.INVESTIGATE if case.visited_on is None else WorkStep.VERIFY
        case CaseState.VERIFIED:
            return WorkStep.REVIEW
        case CaseState.OBJECTED:
            return WorkStep.REINVESTIGATE
        case CaseState.PAYING:
            return WorkStep.RECHECK
        case _:
            return None
