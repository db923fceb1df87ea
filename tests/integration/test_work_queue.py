"""The queue's traffic light and numbers, and decisions on many cases at once, each by itself."""

import json
import os
import subprocess
import sys
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from domain.access import Actor
from domain.assistance import Case
from domain.lights import light_of, near_until
from domain.parameters import official_parameters
from infra.log import PostgresLog
from tests.fixtures import story as told
from tests.fixtures.story import CLERK, OFFICER, REVIEWER, STRANGER, WORKER, Story

village = told.village

ITEMS = """query Items($least: Position) { workItems(minPosition: $least, first: 500) {
    nodes { caseId step open dueOn light lightLabel case { workItems { step light } } } } }"""
SUMMARY = """query Summary($least: Position, $mine: Boolean!, $division: String) {
    workSummary(minPosition: $least, mine: $mine, division: $division) {
        step stepLabel role roleLabel red yellow green total } }"""
OUTCOMES = "outcomes { caseId ok code message position repeated } done failed position"


async def batch(story: Story, by: Actor, name: str, ids: list[str], **given: Any) -> Any:
    """What became of a batch."""
    kind = f"{name[0].upper()}{name[1:]}Input"
    query = f"mutation Batch($input: {kind}!) {{ done: {name}(input: $input) {{ {OUTCOMES} }} }}"
    done = (await story.ask.data(query, by, input={"caseIds": ids, **given}))["done"]
    story.position = max(story.position, done["position"])
    return done


async def notices(story: Story, count: int) -> list[str]:
    """Cases whose notice hangs from 11 to 18 January."""
    ids = []
    story.on("2016-01-11")
    for number in range(count):
        ids.append(await story.applies(number))
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
    story.case = ""
    return ids


async def test_the_light_is_of_the_day_one_looks(village: Story) -> None:
    await village.applies(1)  # due on 14 January
    seen = {}
    for day in ("2016-01-08", "2016-01-11", "2016-01-14", "2016-01-15"):
        village.on(day)
        found = (await village.ask.data(ITEMS, OFFICER, least=village.position))["workItems"]["nodes"]
        seen[day] = [(item["step"], item["light"], item["lightLabel"]) for item in found]
        assert [item["light"] for item in found[0]["case"]["workItems"]] == [seen[day][0][1]]
    assert seen == {
        "2016-01-08": [("ACCEPT", "GREEN", "未到期")],
        "2016-01-11": [("ACCEPT", "YELLOW", "即将到期")],
        "2016-01-14": [("ACCEPT", "YELLOW", "即将到期")],
        "2016-01-15": [("ACCEPT", "RED", "已逾期")],
    }
    await village.do(OFFICER, "acceptCase")
    found = await village.ask.data(ITEMS, OFFICER, least=village.position)
    lights = {item["step"]: item["light"] for item in found["workItems"]["nodes"]}
    assert lights == {"ACCEPT": None, "INVESTIGATE": "YELLOW"}
    assert found == (await village.ask.executed(ITEMS, OFFICER, least=village.position))["data"]


async def test_the_numbers_are_those_of_the_list(village: Story) -> None:
    for day, number in (("2016-01-05", 1), ("2016-01-11", 2), ("2016-01-13", 3)):
        village.on(day)
        await village.applies(number)
    await village.do(OFFICER, "assignWork", step="ACCEPT", assignee=OFFICER.name)
    await village.do(OFFICER, "acceptCase")
    await village.do(OFFICER, "assignWork", step="INVESTIGATE", assignee=OFFICER.name)
    await notices(village, 2)
    today = village.today.date()
    near = near_until(official_parameters(), "440704", today)

    async def numbers(by: Actor, mine: bool = False, division: str | None = None) -> dict[str, list[int]]:
        given = {"least": village.position, "mine": mine, "division": division}
        rows = (await village.ask.data(SUMMARY, by, **given))["workSummary"]
        assert all(row["total"] == row["red"] + row["yellow"] + row["green"] for row in rows)
        assert all(row["stepLabel"] and row["roleLabel"] for row in rows)
        return {row["step"]: [row["red"], row["yellow"], row["green"]] for row in rows}

    listed = (await village.ask.data(ITEMS, CLERK, least=village.position))["workItems"]["nodes"]
    counted: Counter[tuple[str, str]] = Counter()
    for item in listed:
        if item["open"]:
            light = light_of(date.fromisoformat(item["dueOn"]), today, near)
            assert item["light"] == light.name
            counted[item["step"], light.name] += 1
    expected = {step: [counted[step, light] for light in ("RED", "YELLOW", "GREEN")] for step, _ in counted}
    assert await numbers(CLERK) == await numbers(OFFICER) == expected
    assert expected["ACCEPT"] == [1, 1, 0]
    assert expected["DECIDE"][2] == 2
    assert await numbers(OFFICER, mine=True) == {"INVESTIGATE": [0, 0, 1]}
    assert await numbers(STRANGER) == {}
    assert await numbers(CLERK, division="440704001") == {}
    given = {"least": village.position, "mine": False, "division": "440704"}
    assert await village.ask.codes(SUMMARY, OFFICER, **given) == ["NOT_FOUND"]


async def test_each_case_of_a_batch_is_decided_by_itself(village: Story) -> None:
    ids = await notices(village, 4)
    village.case = ids[2]
    await village.do(WORKER, "fileObjection", reason="某")
    village.case = ""
    village.on("2016-01-19")
    unknown = "00000000-0000-4000-8000-000000000001"
    wanted = [ids[0], ids[1], ids[2], unknown, ids[3]]
    done = await batch(village, CLERK, "confirmCases", wanted, clientMutationId="决定一批")
    assert [outcome["caseId"] for outcome in done["outcomes"]] == wanted
    assert [(o["ok"], o["code"], o["repeated"]) for o in done["outcomes"]] == [
        *((True, None, False), (True, None, False)),
        *((False, "RULE_VIOLATED", False), (False, "NOT_FOUND", False)),
        (True, None, False),
    ]
    assert (done["done"], done["failed"]) == (3, 2)
    assert "有异议" in done["outcomes"][2]["message"]
    positions = [o["position"] for o in done["outcomes"] if o["ok"]]
    assert len(set(positions)) == 3
    head = await village.store.log.head()

    # Sent again, what was done is not done again; what was not is tried again.
    again = await batch(village, CLERK, "confirmCases", wanted, clientMutationId="决定一批")
    assert [(o["ok"], o["repeated"], o["position"]) for o in again["outcomes"] if o["ok"]] == [
        (True, True, position) for position in positions
    ]
    assert again["failed"] == 2
    assert await village.store.log.head() == head
    loaded = await village.store.load_many(Case, [UUID(id) for id in ids])
    assert [loaded[UUID(id)].state.name for id in ids] == ["PAYING", "PAYING", "OBJECTED", "PAYING"]

    published = await batch(village, WORKER, "announceGrants", [ids[0], ids[1]], noticeNo="公示〔2016〕9号")
    assert published["done"] == 2
    assigned = await batch(village, OFFICER, "assignWorkOfCases", ids, step="RECHECK", assignee=OFFICER.name)
    assert assigned["done"] == 4
    mine = await village.queue(OFFICER, assignee=OFFICER.name)
    assert [step for step, _ in mine] == ["RECHECK"] * 3


async def test_a_batch_gives_nobody_more_than_its_command(village: Story) -> None:
    ids = await notices(village, 1)
    village.on("2016-01-19")
    by_street = await batch(village, OFFICER, "confirmCases", ids)
    assert [o["code"] for o in by_street["outcomes"]] == ["FORBIDDEN"]
    elsewhere = await batch(village, STRANGER, "assignWorkOfCases", ids, step="DECIDE", assignee="某")
    assert [o["code"] for o in elsewhere["outcomes"]] == ["NOT_FOUND"]
    query = "mutation B($input: ConfirmCasesInput!) { confirmCases(input: $input) { done } }"
    assert await village.ask.codes(query, CLERK, input={"caseIds": []}) == ["BAD_USER_INPUT"]
    many = [f"00000000-0000-4000-8000-{n:012d}" for n in range(101)]
    assert await village.ask.codes(query, CLERK, input={"caseIds": many}) == ["BAD_USER_INPUT"]
    assert await village.ask.codes(query, CLERK, input={"caseIds": ids, "clientMutationId": ""}) == ["BAD_USER_INPUT"]
    same = await batch(village, CLERK, "confirmCases", [ids[0], ids[0]])
    assert (same["done"], len(same["outcomes"])) == (1, 1)


async def test_reminders_name_what_is_urgent_today(
    village: Story, log: PostgresLog, database_url: str, tmp_path: Path
) -> None:
    await village.applies(1)
    await village.look()
    village.on("2016-01-13")

    def reminded(today: str) -> list[dict[str, Any]]:
        environment = {
            **os.environ,
            "MINZHENG_DATABASE_URL": database_url,
            "MINZHENG_DATA_DIR": str(tmp_path),
            "MINZHENG_TODAY": today,
        }
        command = [sys.executable, "-m", "api.cli", "reminders", "--json"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        found: list[dict[str, Any]] = json.loads(done.stdout)
        return found

    head = await log.head()
    assert reminded("2016-01-05") == []
    (near,) = reminded("2016-01-12")
    assert (near["step"], near["light"], near["dueOn"]) == ("ACCEPT", "YELLOW", "2016-01-14")
    assert [item["light"] for item in reminded("2016-02-01")] == ["RED"]
    assert await log.head() == head  # nothing is recorded by looking
