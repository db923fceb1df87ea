"""A grid worker's days by GraphQL, each with their own token: what they see, do, and owe, and what stays theirs."""

from datetime import datetime, timedelta
from typing import Any

import httpx

from domain.access import Actor, RoleCode
from domain.clock import CHINA
from infra.deadlines import Deadlines
from infra.log import PostgresLog
from tests.fixtures import story as told
from tests.fixtures.story import CLERK, OFFICER, STRANGER, VILLAGE, WORKER, Story

story, village = told.story, told.village

CODE = f"{VILLAGE}001"
WALKER = Actor("网格员甲", RoleCode.GRID_WORKER, VILLAGE)
OTHER = Actor("网格员乙", RoleCode.GRID_WORKER, VILLAGE)
AUDITOR = Actor("审计癸", RoleCode.AUDITOR, "440704")
FIRE = {"type": "FIRE", "urgency": "I", "divisionCode": VILLAGE, "place": "一巷1号门口", "text": "楼道冒烟"}
SQUARE = "113.10,22.50 113.11,22.50 113.11,22.51 113.10,22.51 113.10,22.50"

INCIDENTS = """query I($filter: IncidentFilter, $least: Position) { incidents(filter: $filter, minPosition: $least,
    first: 20) { nodes { id type urgency state level dueAt gridCode place text reporter phone handler late measure
    location escalatedAt grid { name workers { worker } } } } }"""
QUEUE = """query Q($filter: TaskFilter!, $least: Position) { tasks(filter: $filter, minPosition: $least,
    first: 50) { nodes { step role area subject dueOn dueAt assignee escalated light person { name } } } }"""
ALONE = """query A($mine: Boolean!, $least: Position, $month: String) { aloneUnvisited(mine: $mine, minPosition: $least,
    month: $month) { personId name birthOn gridCode metOn worker dueOn } }"""
MINE = """{ myGridVisits(first: 20) { nodes { id dueOn purpose
    person { name phone address citizenId } resident { living gridCode } } } }"""
CLUES = """query C($filter: ClueFilter, $least: Position) { clues(filter: $filter, minPosition: $least, first: 20) {
    nodes { id need state dueOn text answer level person { name } case { caseNo } } } }"""
STATISTICS = """query S($least: Position) { incidentStatistics(since: "2016-01-01", until: "2016-01-31",
    minPosition: $least) { streetCode typeLabel reported open resolved late escalated duplicates } }"""


async def asked(story: Story, query: str, by: Actor, **variables: Any) -> Any:
    """The answer's one field."""
    (answer,) = (await story.ask.data(query, by, least=story.position, **variables)).values()
    return answer["nodes"] if isinstance(answer, dict) and "nodes" in answer else answer


async def mapped(story: Story, path: str, by: Actor | None) -> httpx.Response:
    """A GeoJSON address, asked for by somebody."""
    return await story.ask.http.get(path, headers=story.ask.headers(by) if by is not None else {})


async def own(story: Story, by: Actor) -> list[dict[str, Any]]:
    """The visits that are somebody's own, asked for over HTTP: there the business date is the service's."""
    await asked(story, INCIDENTS, CLERK)  # waits for the read models
    answer = await story.ask.http.post("/graphql", json={"query": MINE}, headers=story.ask.headers(by))
    nodes: list[dict[str, Any]] = answer.json()["data"]["myGridVisits"]["nodes"]
    return nodes


async def walked(story: Story) -> None:
    """The village has a grid, and the grid a worker."""
    await story.do(OFFICER, "defineGrid", code=CODE, name="第一网格", fromOn="2016-01-01", polygon=SQUARE)
    await story.do(OFFICER, "assignGridWorker", code=CODE, worker=WALKER.name, fromOn="2016-01-11")


async def born(story: Story, name: str, citizen_id: str | None, birth: str) -> str:
    """Somebody of the village."""
    fields = {"name": name, "divisionCode": VILLAGE, "birthOn": birth, "phone": "13800000000", "address": "一巷1号"}
    (id,) = await story.do(OFFICER, "registerPerson", **fields)
    assert citizen_id is None
    return id


async def test_an_incident_from_the_report_to_the_end(village: Story, log: PostgresLog) -> None:
    await walked(village)
    said = {**FIRE, "point": "113.1050000001,22.5050000009", "reporter": "拟某报", "phone": "13900000000"}
    (incident,) = await village.do(WALKER, "reportIncident", **said)
    (seen,) = await asked(village, INCIDENTS, WALKER, filter={"open": True})
    assert (seen["gridCode"], seen["dueAt"], seen["state"]) == (CODE, "2016-01-11T09:30:00+08:00", "REPORTED")
    assert seen["grid"] == {"name": "第一网格", "workers": [{"worker": WALKER.name}]}
    assert (seen["phone"], seen["text"]) == ("13900000000", "****")
    (seen,) = await asked(village, INCIDENTS, AUDITOR)
    assert (seen["reporter"], seen["place"][3:], seen["text"]) == ("拟某报****", "****", "****")
    assert await asked(village, INCIDENTS, STRANGER) == []
    (item,) = await asked(village, QUEUE, WALKER, filter={"open": True})
    assert (item["step"], item["role"], item["area"]) == ("INCIDENT_ACCEPT", "COMMUNITY_WORKER", "GRID")
    assert (item["dueAt"], item["subject"]) == ("2016-01-11T09:30:00+08:00", f"incident:{incident}")

    timer = Deadlines(village.store, lambda: village.today)
    village.today += timedelta(minutes=31)
    assert await timer.run_pending() == 1
    await village.refused(WORKER, "acceptIncident", "已升级到街道", incidentId=incident)
    await village.do(OFFICER, "acceptIncident", incidentId=incident)
    await village.do(OFFICER, "dispatchIncident", incidentId=incident, handler=WALKER.name)
    (item,) = await asked(village, QUEUE, WALKER, filter={"open": True, "assignee": WALKER.name})
    assert (item["step"], item["role"], item["dueAt"]) == (
        *("INCIDENT_RESOLVE", "STREET_OFFICER", "2016-01-11T11:31:00+08:00"),
    )
    await village.refused(OTHER, "resolveIncident", "已派给", incidentId=incident, measure="x")
    await village.do(WALKER, "startIncident", incidentId=incident)
    await village.do(WALKER, "resolveIncident", incidentId=incident, measure="电动车拖离")
    await village.refused(WALKER, "verifyIncident", "处置人以外", incidentId=incident, passed=True)
    await village.do(OTHER, "verifyIncident", incidentId=incident, passed=True)
    await village.do(WORKER, "closeIncident", incidentId=incident, note="电话告知")
    (seen,) = await asked(village, INCIDENTS, OFFICER)
    assert (seen["state"], seen["level"], seen["late"]) == ("CLOSED", "STREET", False)
    assert (seen["measure"], seen["text"]) == ("电动车拖离", "楼道冒烟")
    assert await asked(village, QUEUE, OFFICER, filter={"open": True}) == []

    steps = "query T($id: UUID!) { incident(id: $id) { timeline(first: 50) { nodes { title detail } } } }"
    entries = (await village.ask.data(steps, OFFICER, id=incident))["incident"]["timeline"]["nodes"]
    assert [entry["title"] for entry in entries] == [
        *(
            "上报网格事件",
            "逾期升级",
            "受理网格事件",
            "派遣网格事件",
            "开始处置",
            "处置完毕",
            "核查通过",
            "网格事件结案",
        )
    ]
    assert not any("电动车" in entry["detail"] for entry in entries)
    (twin,) = await village.do(WALKER, "reportIncident", **FIRE)
    await village.do(WORKER, "markIncidentDuplicate", incidentId=twin, originalId=incident)
    assert await asked(village, STATISTICS, CLERK) == [
        {"streetCode": "440704004", "typeLabel": "消防安全", "reported": 1, "open": 0, "resolved": 1, "late": 0}
        | {"escalated": 1, "duplicates": 1}
    ]
    rows = await log.read(0, 1000)
    hidden = ("楼道冒烟", "13900000000", "一巷1号", "电动车", "拟某报")
    assert not any(text.encode() in row.payload for row in rows for text in hidden)


async def test_the_map_shows_what_lies_in_ones_divisions(village: Story) -> None:
    await walked(village)
    await village.do(WALKER, "reportIncident", **FIRE, point="113.105,22.505")
    await village.do(WALKER, "reportIncident", **FIRE)  # without a point it is on no map
    await asked(village, INCIDENTS, WALKER)  # waits for the read models
    answer = await mapped(village, "/grids.geojson", WALKER)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/geo+json")
    (grid,) = answer.json()["features"]
    assert grid["properties"] == {"code": CODE, "name": "第一网格", "division_code": VILLAGE}
    assert grid["geometry"]["coordinates"][0][0] == grid["geometry"]["coordinates"][0][-1] == [113.10, 22.50]
    (place,) = (await mapped(village, "/incidents.geojson", CLERK)).json()["features"]
    assert place["geometry"] == {"type": "Point", "coordinates": [113.105, 22.505]}
    assert set(place["properties"]) == {
        *("type", "urgency", "state", "level", "division_code", "grid_code", "reported_at")
    }
    assert (await mapped(village, "/grids.geojson", STRANGER)).json()["features"] == []
    assert (await mapped(village, "/grids.geojson?division=440704001", STRANGER)).json()["features"] == []
    assert (await mapped(village, f"/grids.geojson?division={VILLAGE}", STRANGER)).status_code == 404
    finance = Actor("财务", RoleCode.FINANCE_OFFICER, "440704")
    assert (await mapped(village, "/incidents.geojson", finance)).status_code == 403
    assert (await mapped(village, "/grids.geojson", None)).status_code == 401
    (seen,) = (await village.ask.data("{ grids(first: 5) { nodes { polygon } } }", WALKER))["grids"]["nodes"]
    assert seen["polygon"] == grid["geometry"]


async def test_those_who_live_alone_are_called_on(village: Story) -> None:
    await walked(village)
    old = await born(village, "拟某寿", None, "1935-12-31")
    young = await born(village, "拟某轻", None, "1936-01-12")  # 80 tomorrow
    together = await born(village, "拟某同", None, "1930-01-01")
    for person, living in ((old, "ALONE"), (young, "ALONE"), (together, "WITH_FAMILY")):
        said = {"personId": person, "living": living, "surveyedOn": "2016-01-11", "gridCode": CODE}
        await village.do(WALKER, "surveyResident", **said)
    (found,) = await asked(village, ALONE, WALKER, mine=True)
    assert (found["personId"], found["name"], found["gridCode"], found["metOn"]) == (old, "拟某寿", CODE, None)
    assert await asked(village, ALONE, OTHER, mine=True) == []
    assert [row["personId"] for row in await asked(village, ALONE, OTHER, mine=False)] == [old]
    assert await asked(village, ALONE, STRANGER, mine=False) == []

    noted = "query R($id: UUID!, $on: Date!) { personReads(person: $id, since: $on, until: $on) { actor operation } }"
    now = datetime.now(CHINA).date().isoformat()  # readings are noted by the real clock
    auditor = Actor("审计己", RoleCode.AUDITOR, "440704", "audit")
    reads = (await village.ask.data(noted, auditor, id=old, on=now))["personReads"]
    assert {read["actor"] for read in reads} == {WALKER.name, OTHER.name}
    assert (await village.ask.data(noted, auditor, id=together, on=now))["personReads"] == []
    figures = """query F($least: Position) { gridFigures(minPosition: $least) {
        gridCode households persons women children elders aged alone dibao tekun } }"""
    counted = {"gridCode": CODE, "households": 0, "persons": 3, "women": 0, "children": 0, "elders": 3, "aged": 2}
    assert await asked(village, figures, WALKER) == [{**counted, "alone": 2, "dibao": None, "tekun": None}]
    assert await asked(village, figures, OFFICER) == [{**counted, "alone": 2, "dibao": 0, "tekun": 0}]
    assert await asked(village, figures, STRANGER) == []
    await village.do(WORKER, "allocateMonthlyVisits", divisionCode=VILLAGE)
    await village.refused(WORKER, "allocateMonthlyVisits", "没有可以分派", divisionCode=VILLAGE)
    await village.refused(WORKER, "allocateMonthlyVisits", "管辖范围", "FORBIDDEN", divisionCode="440704004")
    (mine,) = await own(village, WALKER)
    assert (mine["dueOn"], mine["resident"]) == ("2016-01-31", {"living": "ALONE", "gridCode": CODE})
    assert mine["person"] == {
        **{"name": "拟某寿", "phone": "13800000000", "address": "一巷1号", "citizenId": None},
    }
    # The database shows a worker's own to nobody else: not to another worker of the village, not to the district.
    for somebody in (OTHER, WORKER, CLERK, AUDITOR, Actor(WALKER.name, RoleCode.COMMUNITY_WORKER, VILLAGE)):
        assert await own(village, somebody) == []
    (found,) = await asked(village, ALONE, WALKER, mine=True)
    assert (found["worker"], found["dueOn"]) == (WALKER.name, "2016-01-31")

    village.on("2016-02-02")  # overdue, and still to be made
    assert [row["id"] for row in await own(village, WALKER)] == [mine["id"]]
    missed = {"personId": old, "result": "NOT_MET", "visitedOn": "2016-02-02", "note": "无人应门"}
    await village.do(WALKER, "logGridVisit", **missed)
    assert {row["personId"] for row in await asked(village, ALONE, WALKER, mine=True)} == {old, young}
    await village.do(WALKER, "logGridVisit", personId=old, result="WELL", visitedOn="2016-02-02")
    assert await own(village, WALKER) == []
    assert [row["personId"] for row in await asked(village, ALONE, WALKER, mine=True)] == [young]
    january = await asked(village, ALONE, WALKER, mine=True, month="2016-01")
    assert {row["personId"] for row in january} == {old, young}  # 80 before its end
    visits = "{ gridVisits(first: 9) { nodes { state result worker note } } }"
    seen = (await village.ask.data(visits, OFFICER))["gridVisits"]["nodes"]
    assert sorted((row["state"], row["result"]) for row in seen) == [("MADE", "NOT_MET"), ("MADE", "WELL")]


async def test_a_clue_is_answered_and_its_finder_told(story: Story) -> None:
    query = "query A($id: UUID!, $least: Position) { case(id: $id, minPosition: $least) { applicantId } }"
    head = (await story.ask.data(query, CLERK, id=story.case, least=story.position))["case"]["applicantId"]
    case, story.case = story.case, ""
    (clue,) = await story.do(WALKER, "reportNeedClue", personId=head, need="TEMP", text="住院无力支付")
    (seen,) = await asked(story, CLUES, WALKER, filter={"foundBy": [WALKER.name]})
    assert (seen["state"], seen["dueOn"], seen["person"]["name"]) == ("REPORTED", "2016-01-13", "拟某甲1")
    assert (seen["text"], seen["case"]) == ("****", None)
    story.on("2016-01-14")
    assert await Deadlines(story.store, lambda: story.today).run_pending() >= 1
    await story.refused(WORKER, "acceptNeedClue", "已升级到街道", clueId=clue)
    await story.do(OFFICER, "acceptNeedClue", clueId=clue)
    await story.do(OFFICER, "linkNeedClue", clueId=clue, caseId=case)
    await story.do(OFFICER, "answerNeedClue", clueId=clue, answer="已受理临时救助")
    (seen,) = await asked(story, CLUES, OFFICER)
    assert (seen["state"], seen["level"], seen["answer"]) == ("ANSWERED", "STREET", "已受理临时救助")
    assert seen["case"]["caseNo"]
    (seen,) = await asked(story, CLUES, WALKER)
    assert (seen["answer"], seen["case"]) == ("****", None)  # a grid worker reads no cases
    items = await asked(story, QUEUE, OFFICER, filter={"open": True, "area": ["GRID"]})
    assert [(item["step"], item["role"]) for item in items] == [("CLUE_FEEDBACK", "STREET_OFFICER")]
    await story.do(OFFICER, "feedBackNeedClue", clueId=clue, note="当面告知")
    assert await story.ask.data("{ cases(first: 1) { totalCount } }", WALKER) == {"cases": {"totalCount": 0}}


async def test_deaths_and_moves_wait_to_be_confirmed(village: Story) -> None:
    dead, moved = await born(village, "拟某甲", None, "1930-01-01"), await born(village, "拟某乙", None, "1950-01-01")
    await village.do(WALKER, "reportDeath", personId=dead, diedOn="2016-01-10", evidence="入户走访")
    said = {"movedOn": "2016-01-09", "evidence": "邻居反映", "toDivisionCode": "440704001001"}
    (report,) = await village.do(WALKER, "reportMove", personId=moved, **said)
    query = """query R($least: Position) { residentChanges(filter: {open: true}, minPosition: $least, first: 9) {
        nodes { kind happenedOn reportedBy confirmBy toDivisionCode person { name state divisionCode } } } }"""
    seen = sorted(await asked(village, query, WALKER), key=lambda row: row["kind"])
    assert [(row["kind"], row["reportedBy"], row["confirmBy"]) for row in seen] == [
        ("DEATH", WALKER.name, None),
        ("MOVE", WALKER.name, "2016-01-14"),
    ]
    assert [row["person"]["state"] for row in seen] == ["PROVISIONAL", "PROVISIONAL"]
    assert {row["person"]["divisionCode"] for row in seen} == {VILLAGE}
    await village.refused(WALKER, "confirmMove", "无权办理", "FORBIDDEN", reportId=report)
    await village.do(WORKER, "confirmMove", reportId=report)
    await village.do(OFFICER, "confirmDeath", personId=dead, diedOn="2016-01-10", confirmedBy="死亡医学证明")
    assert await asked(village, query, OFFICER) == []
    persons = "query P($least: Position) { persons(minPosition: $least, first: 9) { nodes { id state } } }"
    assert [row["id"] for row in await asked(village, persons, STRANGER)] == [moved]
    assert {row["state"] for row in await asked(village, persons, WORKER)} == {"DECEASED"}
