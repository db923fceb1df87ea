"""The ready queries of those who see only their own: grid workers, assessors, a hospital's window.

What is expected is worked out from what the people of the story did, in plain Python; where a state matters, from the
aggregates that the log's events leave.
"""

from datetime import date
from typing import Any
from uuid import UUID

from domain.access import Actor, RoleCode
from domain.care.scales import items
from domain.clock import at
from domain.codes import GridLevel, IncidentState
from domain.grid import Incident, NeedClue
from domain.medical import Settlement
from infra.deadlines import Deadlines
from tests.fixtures import story as told
from tests.fixtures.questions import answer, ask, projected
from tests.fixtures.story import CLERK, OFFICER, VILLAGE, WORKER, Story
from tests.integration.test_care import FIRST, SECOND, THIRD, assessed, assessors, elder, home
from tests.integration.test_medical import DESK, OTHER_DESK, PRINTED, hospital, patient, stay
from tests.integration.test_visits import granted, morning

village = told.village

WALKER = Actor("网格员甲", RoleCode.GRID_WORKER, VILLAGE)
OTHER = Actor("网格员乙", RoleCode.GRID_WORKER, VILLAGE)
FOURTH = Actor("评估丁", RoleCode.ASSESSOR, "440704")
AUDITOR = Actor("审计员", RoleCode.AUDITOR, "440704", "audit")
GRIDS = {f"{VILLAGE}001": WALKER, f"{VILLAGE}002": OTHER}
ONE, TWO = GRIDS
# name, birth date, living, grid, met this month
RESIDENTS = (
    ("拟某甲", "1930-05-01", "ALONE", ONE, False),
    ("拟某乙", "1936-01-11", "ALONE", ONE, False),  # 80 today
    ("拟某丙", "1936-01-12", "ALONE", ONE, False),
    ("拟某丁", "1930-05-01", "WITH_FAMILY", ONE, False),
    ("拟某戊", "1930-05-01", "ALONE", ONE, True),
    ("拟某己", "1930-05-01", "ALONE", TWO, False),
)


def unmet(grid: str) -> set[str]:
    """Who of a grid is 80 on 11 January 2016, lives alone, and was not met."""
    born_by = date(1936, 1, 11)
    return {
        name
        for name, born, living, at, met in RESIDENTS
        if at == grid and living == "ALONE" and not met and date.fromisoformat(born) <= born_by
    }


async def test_what_a_grid_worker_asks(village: Story) -> None:
    story = village
    for code, worker in GRIDS.items():
        await story.do(OFFICER, "defineGrid", code=code, name=code[-3:], fromOn="2016-01-01")
        await story.do(OFFICER, "assignGridWorker", code=code, worker=worker.name, fromOn="2016-01-11")
    ids = {}
    for name, born, living, grid, met in RESIDENTS:
        given = {"name": name, "divisionCode": VILLAGE, "birthOn": born, "phone": "138", "address": "一巷1号"}
        (ids[name],) = await story.do(OFFICER, "registerPerson", **given)
        survey = {"living": living, "surveyedOn": "2016-01-11", "gridCode": grid}
        await story.do(GRIDS[grid], "surveyResident", personId=ids[name], **survey)
        if met:
            await story.do(GRIDS[grid], "logGridVisit", personId=ids[name], result="WELL", visitedOn="2016-01-11")
    await story.do(WORKER, "allocateMonthlyVisits", divisionCode=VILLAGE)

    fire = {"type": "FIRE", "urgency": "I", "divisionCode": VILLAGE, "place": "一巷1号门口", "text": "楼道冒烟"}
    incidents, clues = [], []
    for handler in (WALKER, WALKER, OTHER, None):
        (one,) = await story.do(OTHER, "reportIncident", **fire)
        incidents.append(one)
        if handler is not None:
            await story.do(WORKER, "acceptIncident", incidentId=one)
            await story.do(WORKER, "dispatchIncident", incidentId=one, handler=handler.name)
    await story.do(WALKER, "resolveIncident", incidentId=incidents[0], measure="已扑灭")
    await story.do(OFFICER, "verifyIncident", incidentId=incidents[0], passed=True)
    await story.do(WORKER, "closeIncident", incidentId=incidents[0], note="已告知")
    for number, (finder, name) in enumerate(((WALKER, "拟某甲"), (WALKER, "拟某乙"), (OTHER, "拟某己"))):
        clues += await story.do(finder, "reportNeedClue", personId=ids[name], need="TEMP", text="住院")
        if number == 0:
            await story.do(WORKER, "acceptNeedClue", clueId=clues[0])
    dead = {"diedOn": "2016-01-10", "evidence": "走访"}
    for name in ("拟某丙", "拟某丁"):
        await story.do(WALKER, "reportDeath", personId=ids[name], **dead)
    await story.do(OFFICER, "confirmDeath", personId=ids["拟某丁"], diedOn="2016-01-10", confirmedBy="证明")
    (move,) = await story.do(
        WALKER, "reportMove", personId=ids["拟某戊"], movedOn="2016-01-09", evidence="邻居", toPlace="外市"
    )
    await projected(story)

    for code, worker in GRIDS.items():
        me = {"me": worker.name}
        found = await ask(story.ask, "AloneUnvisited", worker)
        assert {(row["name"], row["worker"], row["dueOn"]) for row in found} == {
            (name, worker.name, "2016-01-31") for name in unmet(code)
        }
        found = await ask(story.ask, "MyGridVisits", worker)
        assert {(row["person"]["name"], row["resident"]["gridCode"]) for row in found} == {
            (name, code) for name in unmet(code)
        }
        found = await ask(story.ask, "MyIncidents", worker, **me)
        loaded = await story.store.load_many(Incident, [UUID(id) for id in incidents])
        assert {(row["id"], row["dueAt"], row["place"]) for row in found} == {
            (str(id), each.due_at.isoformat(), "一巷1号门口")
            for id, each in loaded.items()
            if each.handler == worker.name and each.state is not IncidentState.CLOSED and each.due_at is not None
        }
        assert len(found) == 1
        known = await story.store.load_many(NeedClue, [UUID(id) for id in clues])
        mine = {str(id): known[UUID(id)] for id in (clues[:2] if worker is WALKER else clues[2:])}
        found = await ask(story.ask, "MyClues", worker, **me)
        assert {row["id"]: (row["state"], row["acceptedOn"]) for row in found} == {
            id: (clue.state.name, "2016-01-11" if id == clues[0] else None) for id, clue in mine.items()
        }
        found = await ask(story.ask, "ResidentChanges", worker)
        assert {(row["kind"], row["person"]["id"], row["happenedOn"]) for row in found} == {
            ("DEATH", ids["拟某丙"], "2016-01-10"),
            ("MOVE", ids["拟某戊"], "2016-01-09"),
        }
    assert move in {row["id"] for row in await ask(story.ask, "ResidentChanges", WALKER)}
    away = Actor("别村网格员", RoleCode.GRID_WORKER, "440704001001")
    for name in ("AloneUnvisited", "MyGridVisits", "ResidentChanges"):
        assert await answer(story.ask, name, away) == {
            field: [] if name == "AloneUnvisited" else {"totalCount": 0, "nodes": []}
            for field in await answer(story.ask, name, away)
        }
    await queue_of_the_street(story, incidents, clues)


async def queue_of_the_street(story: Story, incidents: list[str], clues: list[str]) -> None:
    """What has gone up to the street is in its officer's queue, in the order of its days; what went further is not."""
    for moment in (at(date(2016, 1, 11), 9, 31), at(date(2016, 1, 14), 9)):
        story.today = moment
        await Deadlines(story.store, lambda: story.today).run_pending()
        story.position = await story.store.log.head()
        await projected(story)
        found = await ask(story.ask, "MyTasks", OFFICER)
        loaded = await story.store.load_many(Incident, [UUID(id) for id in incidents])
        known = await story.store.load_many(NeedClue, [UUID(id) for id in clues])
        assert {task["subject"] for task in found} == {
            *(f"incident:{id}" for id, each in loaded.items() if each.level is GridLevel.STREET and each.due_at),
            *(f"clue:{id}" for id, each in known.items() if each.level is GridLevel.STREET),
        }
        assert [task["dueAt"] for task in found] == sorted(task["dueAt"] for task in found)
        assert len(found) == (1 if moment.day == 11 else 2)
    assert await ask(story.ask, "MyTasks", told.STRANGER) == []


def graded(scores: list[int], worse: int = 0) -> tuple[int, int, str]:
    """Total, grade, and the items that drove it, by the standard's bands and nothing of the platform."""
    bands = ((90, 0), (66, 1), (46, 2), (30, 3), (0, 4))
    total = sum(scores)
    least, by_points = next((least, grade) for least, grade in bands if total >= least)
    del least
    wanted = next((least for least, grade in bands if grade == by_points - 1), 0)
    lost = sorted(
        ((item.most - own, item.name) for item, own in zip(items(), scores, strict=True)), key=lambda x: -x[0]
    )
    chosen: list[str] = []
    while by_points and total + sum(loss for loss, _ in lost[: len(chosen)]) < wanted:
        chosen.append(lost[len(chosen)][1])
    return total, min(by_points + worse, 4), "、".join(chosen)


async def test_what_an_assessor_asks(village: Story) -> None:
    story = village
    facility, beds = await home(story)
    await assessors(story)
    await granted(story, FOURTH, to_on=None)
    named = {"organisation": "江门评估中心", "divisionCode": "440704"}
    await story.do(CLERK, "registerAssessor", account=FOURTH.name, **named)
    await morning(story, "2016-01-11")
    person = await elder(story)
    first = await assessed(story, person, facility)
    await story.do(FIRST, "declareConflict", account=FIRST.name, facilityId=facility, kind="RELATIVE")
    await projected(story)
    severe = [0] * 12 + [item.most for item in items()[12:]]
    total, grade, drivers = graded(severe, worse=1)
    (mine,) = await ask(story.ask, "MyAssessments", FIRST)
    assert (mine["id"], mine["earlierGrade"], mine["total"], mine["grade"]) == (first, None, str(total), str(grade))
    assert mine["drivers"] == drivers
    (conflict,) = await ask(story.ask, "MyConflicts", FIRST)
    assert conflict["facility"] == {"name": "麻三养老院", "operator": "晨光中心"}
    assert await ask(story.ask, "MyConflicts", SECOND) == []

    # A dispute, and two others who find otherwise: the first result is overturned, and they see what it was.
    (again, *_) = await story.do(WORKER, "disputeAssessment", assessmentId=first, reason="当日发烧")
    await projected(story)
    (mine,) = await ask(story.ask, "MyDisputed", FIRST)
    assert (mine["id"], mine["disputed"], mine["upheld"]) == (first, True, None)
    others = [THIRD.name, FOURTH.name]
    await story.do(OFFICER, "assignAssessment", assessmentId=again, assessors=others)
    await projected(story)
    (mine,) = await ask(story.ask, "MyAssessments", THIRD)
    assert (mine["id"], mine["name"], mine["earlierGrade"], mine["grade"]) == (again, "拟某甲", str(grade), None)
    assert mine["dueOn"] == "2016-01-25"  # ten working days
    milder = [item.most - (item.most > 3 and place % 2) for place, item in enumerate(items())]
    given = {"assessmentId": again, "scores": milder, "assessedOn": "2016-01-11"}
    await story.do(THIRD, "submitAssessment", **given)
    await story.do(FOURTH, "signAssessment", assessmentId=again)
    for step in ("reviewAssessment", "tellAssessment"):
        await story.do(told.REVIEWER, step, assessmentId=again)
    await projected(story)
    total, grade, drivers = graded(milder)
    (mine,) = await ask(story.ask, "MyAssessments", FOURTH)
    assert (mine["total"], mine["grade"], mine["drivers"]) == (str(total), str(grade), drivers)
    (mine,) = await ask(story.ask, "MyDisputed", SECOND)
    assert (mine["id"], mine["upheld"]) == (first, False)
    assert await ask(story.ask, "MyDisputed", THIRD) == []
    assert await ask(story.ask, "MyAssessments", Actor("无关", RoleCode.ASSESSOR, "440704")) == []
    await beds_of_the_district(story, person, facility, beds)


async def beds_of_the_district(story: Story, person: str, facility: str, beds: list[str]) -> None:
    """Beside it a second house; who is 60 is registered, and not everybody."""
    (second,) = await story.do(CLERK, "registerFacility", name="东升敬老院", kind="RURAL_HOME", divisionCode=VILLAGE)
    more = await story.do(CLERK, "addBeds", facilityId=second, bedNos=["1", "2", "3"])
    stay = {"personId": person, "bedId": beds[0], "admissionNo": "R1", "admittedOn": "2016-01-11"}
    await story.do(WORKER, "admitToCare", **stay)
    born = {"拟某六十": "1956-01-11", "拟某未满": "1956-01-12", "拟某外来": "1940-01-01"}
    for name, day in born.items():
        kind = {"kind": "FLOATING"} if name == "拟某外来" else {}
        await story.do(OFFICER, "registerPerson", name=name, divisionCode=VILLAGE, birthOn=day, **kind)
    await projected(story)
    found = await answer(story.ask, "Beds", CLERK, born="1956-01-11")
    assert found["elderly"]["totalCount"] == 2  # the elder of 1940 and who is 60 today
    free = {row["facility"]["name"]: (row["total"], row["available"]) for row in found["facilityBeds"]["nodes"]}
    assert free == {"麻三养老院": (len(beds), len(beds) - 1), "东升敬老院": (len(more), len(more))}
    assert facility


def half(fen: int, percent: int) -> int:
    """So many per cent, half up to one fen."""
    return (fen * percent + 50) // 100


async def test_what_a_hospital_desk_asks(village: Story) -> None:
    """Residents at a second-level hospital: 75% above 600 yuan; in dibao 70% of the rest, 80,000 yuan a year."""
    story = village
    place, _ = await hospital(story, DESK, "H1"), await hospital(story, OTHER_DESK, "H2")
    await patient(story)
    visit = await stay(story, place, "J1")
    await projected(story)
    seen = await ask(story.ask, "Stay", DESK, visit=visit)
    assert (seen["categoryLabel"], seen["capYuan"], seen["capUsedYuan"]) == ("低保对象", "80,000.00", "0.00")
    assert seen["deductibleYuan"] == seen["deductibleUsedYuan"] == "0.00"

    basic = half(2_600_000 - 60_000, 75)
    helped = half(2_600_000 - basic, 70)
    (bill,) = await story.do(DESK, "preSettleBill", visitId=visit, settlementNo="S1")
    await projected(story)
    seen = await ask(story.ask, "Bill", DESK, settlement=bill)
    assert (seen["basicYuan"], seen["siYuan"]) == (yuan(basic), "0.00")  # 18,000 have to be borne before it
    assert (seen["assistanceYuan"], seen["personYuan"]) == (yuan(helped), yuan(3_000_000 - basic - helped))
    assert (seen["booked"], seen["reverseBy"]) == (False, None)
    # No answer came: it is booked all the same, as the log says.
    await story.do(DESK, "settleBill", settlementId=bill, **PRINTED)
    await story.do(DESK, "reportSettlementUnknown", settlementId=bill, messageNo="M1")
    await projected(story)
    seen = await ask(story.ask, "Bill", DESK, settlement=bill)
    settled = await story.store.load(Settlement, UUID(bill))
    assert settled is not None
    assert (seen["booked"], seen["stateLabel"]) == (True, settled.state.label)
    await story.do(DESK, "confirmSettlement", settlementId=bill, note="补查")

    # A second stay of the year: of the cap, what is left after the first.
    second = await stay(story, place, "J2")
    await story.do(DESK, "preSettleBill", visitId=second, settlementNo="S2")
    await projected(story)
    seen = await ask(story.ask, "Stay", DESK, visit=second)
    assert (seen["capYuan"], seen["capUsedYuan"]) == ("80,000.00", yuan(helped))
    await story.do(DESK, "cancelSettlement", settlementId=bill, reason="WRONG_FEES")

    story.on("2016-01-12")
    theirs = f"S1,0,30000,{plain(helped + 1)}\nS1,1,-30000,-{plain(helped)}"
    lines = f"结算ID,退费标志,医疗费总额,医疗救助支出\n{theirs}"
    await story.do(DESK, "reconcileDay", hospitalId=place, businessOn="2016-01-11", file=lines)
    await projected(story)
    found = await answer(story.ask, "ToReissue", DESK, yesterday="2016-01-11")
    (cancelled,) = found["settlements"]["nodes"]
    assert (cancelled["settlementNo"], cancelled["cancelledOn"]) == ("S1", "2016-01-11")
    (difference,) = found["reconciliationDifferences"]["nodes"]
    assert (difference["settlementNo"], difference["refund"]) == ("S1", False)
    assert (difference["oursAssistanceYuan"], difference["theirsAssistanceYuan"]) == (yuan(helped), yuan(helped + 1))
    assert await answer(story.ask, "Bill", OTHER_DESK, settlement=bill) == {"settlement": None}
    assert await answer(story.ask, "Stay", OTHER_DESK, visit=visit) == {"medicalVisit": None}
    nothing: dict[str, Any] = {"totalCount": 0, "nodes": []}
    found = await answer(story.ask, "ToReissue", OTHER_DESK, yesterday="2016-01-11")
    assert found == {"settlements": nothing, "reconciliationDifferences": nothing}


def yuan(fen: int) -> str:
    """As amounts are shown."""
    return f"{fen // 100:,}.{fen % 100:02}"


def plain(fen: int) -> str:
    """As a hospital's file writes them."""
    return f"{fen // 100}.{fen % 100:02}"
