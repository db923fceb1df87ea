"""Care by GraphQL, each with their own token: a home opens, an elder is assessed, admitted, away, and served at home.

And what an assessor sees: their own assessments, whatever they ask for.
"""

import asyncio
from typing import Any

from domain.access import Actor, RoleCode
from domain.care.scales import items
from infra.deadlines import Deadlines
from infra.log import PostgresLog
from tests.fixtures import story as told
from tests.fixtures.story import CLERK, OFFICER, REVIEWER, STRANGER, VILLAGE, WORKER, Story
from tests.integration.test_visits import granted, morning, over_http

village = told.village

FIRST, SECOND = Actor("评估甲", RoleCode.ASSESSOR, "440704"), Actor("评估乙", RoleCode.ASSESSOR, "440704")
THIRD = Actor("评估丙", RoleCode.ASSESSOR, "440704")
FINANCE = Actor("财务己", RoleCode.FINANCE_OFFICER, "440704")
SEVERE = [0] * 12 + [item.most for item in items()[12:]]
CAUGHT_UP = """query L($p: Position) { careRecords(minPosition: $p) { totalCount }
    facilities(minPosition: $p) { totalCount } }"""
MINE = """{ myAssessments { totalCount nodes { id name phone address
    dueOn state earlierGrade grade drivers upgrades signed disputed upheld } }
    myConflicts { nodes { kind facility { name } } } }"""
TASKS = """query Tasks($filter: TaskFilter!, $least: Position) { tasks(filter: $filter, minPosition: $least) {
    nodes { step dueOn role rule escalated about } } }"""
FREE = """{ facilities(filter: {kind: [INST]}) { nodes {
    name state bedCapacity bedCounts { total available occupied held cleaning } } } }"""
EVERYTHING = """{ persons { totalCount } assessments { totalCount } careRecords { totalCount } beds { totalCount }
    serviceOrders { totalCount } supportServices { totalCount } tasks { totalCount } cases { totalCount } }"""


async def tasks(story: Story, by: Actor = CLERK, **filter: Any) -> list[tuple[str, str, bool]]:
    """Open tasks of care as somebody sees them: step, day, whether they are late."""
    given = {"open": True, "area": ["CARE"], **filter}
    found = (await story.ask.data(TASKS, by, filter=given, least=story.position))["tasks"]["nodes"]
    return sorted((node["step"], node["dueOn"], node["escalated"]) for node in found)


async def asked(story: Story, query: str, by: Actor, name: str, **variables: Any) -> list[dict[str, Any]]:
    """The rows of a list, once the read models have caught up."""
    await story.ask.data(CAUGHT_UP, CLERK, p=story.position)
    found = await over_http(story, query, by, **variables)
    assert "errors" not in found, found
    nodes: list[dict[str, Any]] = found["data"][name]["nodes"]
    return nodes


async def home(story: Story) -> tuple[str, list[str]]:
    """A home at work with two beds."""
    named = {"name": "麻三养老院", "kind": "INST", "divisionCode": VILLAGE, "bedCapacity": 2, "operator": "晨光中心"}
    (facility,) = await story.do(CLERK, "registerFacility", **named)
    await story.refused(CLERK, "openFacility", "须先向区民政部门备案", facilityId=facility, openedOn="2016-01-11")
    await story.do(CLERK, "fileFacility", facilityId=facility, filingNo="江备1号")
    await story.do(CLERK, "openFacility", facilityId=facility, openedOn="2016-01-11")
    return facility, await story.do(WORKER, "addBeds", facilityId=facility, bedNos=["201-1", "201-2"])


async def elder(story: Story, name: str = "拟某甲") -> str:
    """Somebody who has a telephone and an address."""
    given = {"name": name, "divisionCode": VILLAGE, "birthOn": "1940-03-03"}
    (person,) = await story.do(OFFICER, "registerPerson", **given, phone="075012345678", address="麻三村一巷1号")
    return person


async def assessors(story: Story) -> None:
    """Three who may assess."""
    for who in (FIRST, SECOND, THIRD):
        await granted(story, who, to_on=None)
        given = {"account": who.name, "organisation": "江门评估中心", "divisionCode": "440704"}
        await story.do(CLERK, "registerAssessor", **given)
    await morning(story, "2016-01-11")


async def assessed(story: Story, person: str, facility: str | None = None) -> str:
    """An assessment that holds."""
    wanted = {"personId": person, "reason": "ADMISSION", "providerId": facility}
    (one,) = await story.do(WORKER, "requestAssessment", **wanted)
    await story.do(OFFICER, "assignAssessment", assessmentId=one, assessors=[FIRST.name, SECOND.name])
    day = story.today.date().isoformat()
    await story.do(FIRST, "submitAssessment", assessmentId=one, scores=SEVERE, assessedOn=day, dementia=True)
    await story.do(SECOND, "signAssessment", assessmentId=one)
    await story.do(REVIEWER, "reviewAssessment", assessmentId=one)
    await story.do(REVIEWER, "tellAssessment", assessmentId=one)
    return one


async def test_assessed_admitted_away_overdue_and_home_again(village: Story) -> None:
    story = village
    facility, beds = await home(story)
    person = await elder(story)
    await assessors(story)
    stay = {"personId": person, "bedId": beds[0], "admissionNo": "R1", "admittedOn": "2016-01-11"}
    await story.refused(WORKER, "admitToCare", "没有有效的能力评估结果", **stay)
    one = await assessed(story, person, facility)
    (record,) = (await story.do(WORKER, "admitToCare", **stay))[:1]
    other = await elder(story, "拟某乙")
    await assessed(story, other)
    await story.refused(WORKER, "admitToCare", "不能再安排他人", **stay | {"personId": other, "admissionNo": "R2"})
    (seen,) = await asked(story, FREE, STRANGER, "facilities")
    assert seen["bedCounts"] == {"total": 2, "available": 1, "occupied": 1, "held": 0, "cleaning": 0}

    story.on("2016-01-12")
    left = {"stayId": record, "reason": "HOSPITAL", "leftOn": "2016-01-12"}
    await story.do(WORKER, "startCareLeave", **left)
    assert ("BED_HELD", "2016-02-12", False) in await tasks(story, WORKER)
    deadlines = Deadlines(story.store, lambda: story.today)
    story.on("2016-02-12")
    assert await deadlines.run_pending() == 0
    story.on("2016-02-13")
    assert await deadlines.run_pending() == 1
    assert await deadlines.run_pending() == 0
    story.position = await story.store.log.head()
    assert ("BED_HELD", "2016-02-12", True) in await tasks(story, OFFICER, step=["BED_HELD"])
    held = "{ beds(filter: {overdue: true}) { nodes { bedNo state releaseBy light facility { name } } } }"
    (late,) = await asked(story, held, WORKER, "beds")
    assert (late["bedNo"], late["state"], late["light"]) == ("201-1", "HELD", "RED")

    await story.do(WORKER, "endCareLeave", stayId=record, backOn="2016-02-13")
    assert not [task for task in await tasks(story, WORKER) if task[0] == "BED_HELD"]
    gone = {"stayId": record, "reason": "HOME", "dischargedOn": "2016-02-13"}
    await story.do(WORKER, "dischargeFromCare", **gone)
    query = """query R { careRecords { nodes { state dischargeReason person { id } facility { name } bed { state }
        assessment { id gradeLabel drivers upgrades } } } }"""
    (row,) = await asked(story, query, OFFICER, "careRecords")
    assert (row["state"], row["dischargeReason"], row["bed"]["state"]) == ("DISCHARGED", "HOME", "CLEANING")
    assert row["assessment"] == {
        "id": one,
        "gradeLabel": "能力完全丧失（完全失能）",
        "drivers": "进食",
        "upgrades": "确诊痴呆或其他精神和行为障碍，提高一级",
    }
    (masked,) = await asked(story, query, WORKER, "careRecords")
    assert masked["assessment"]["gradeLabel"] == "****"
    assert await asked(story, query, STRANGER, "careRecords") == []
    timeline = "query T($id: UUID!) { facility(id: $id) { timeline(first: 50) { nodes { title detail } } } }"
    entries = (await story.ask.data(timeline, OFFICER, id=facility))["facility"]["timeline"]["nodes"]
    titles = [entry["title"] for entry in entries]
    assert {"登记设施", "设施状态变更", "登记床位", "入住登记", "床位保留逾期", "返院", "离院", "腾床"} <= {*titles}
    assert not any("失能" in entry["detail"] or "拟某" in entry["detail"] for entry in entries)


async def test_an_assessor_sees_their_own_assessments_and_nothing_else(village: Story, log: PostgresLog) -> None:
    story = village
    facility, _ = await home(story)
    person = await elder(story)
    await assessors(story)
    (one,) = await story.do(WORKER, "requestAssessment", personId=person, reason="SUBSIDY", providerId=facility)
    assert ("ASSIGN_ASSESSMENT", "2016-01-18", False) in await tasks(story)
    tie = {"facilityId": facility, "kind": "RELATIVE"}
    await story.do(FIRST, "declareConflict", account=FIRST.name, **tie)
    both = {"assessmentId": one, "assessors": [FIRST.name, SECOND.name]}
    await story.refused(OFFICER, "assignAssessment", "应当回避", **both)
    await story.do(CLERK, "endConflict", account=FIRST.name, facilityId=facility, reason="亲属已离院")
    await story.do(OFFICER, "assignAssessment", **both)

    (mine,) = await asked(story, MINE, FIRST, "myAssessments")
    assert (mine["name"], mine["phone"], mine["address"]) == ("拟某甲", "075012345678", "麻三村一巷1号")
    assert (mine["dueOn"], mine["state"], mine["grade"]) == ("2016-01-25", "ASSIGNED", None)
    assert await asked(story, MINE, THIRD, "myAssessments") == []
    assert await asked(story, MINE, OFFICER, "myAssessments") == []
    for count in (await over_http(story, EVERYTHING, FIRST))["data"].values():
        assert count["totalCount"] == 0
    given = {"scores": SEVERE, "assessedOn": "2016-01-11", "assessmentId": one}
    await story.refused(THIRD, "submitAssessment", "不是分派给您的", "NOT_FOUND", **given)

    await story.do(FIRST, "submitAssessment", **given)
    await story.refused(REVIEWER, "reviewAssessment", "尚未会签", assessmentId=one)
    await story.do(SECOND, "signAssessment", assessmentId=one)
    await story.do(REVIEWER, "reviewAssessment", assessmentId=one)
    (mine,) = await asked(story, MINE, SECOND, "myAssessments")
    assert (mine["name"], mine["phone"], mine["grade"], mine["drivers"]) == ("", None, "3", "进食")
    await story.do(REVIEWER, "tellAssessment", assessmentId=one)
    assert await tasks(story) == [("RENEW_ASSESSMENT", "2017-01-11", False)]

    (again,) = (await story.do(WORKER, "disputeAssessment", assessmentId=one, reason="当日发烧"))[:1]
    (mine,) = await asked(story, MINE, FIRST, "myAssessments")
    assert (mine["disputed"], mine["upheld"]) == (True, None)
    rest = {"assessmentId": again, "assessors": [SECOND.name, THIRD.name]}
    await story.refused(OFFICER, "assignAssessment", "原评估人员以外", **rest)
    deadlines = Deadlines(story.store, lambda: story.today)
    await morning(story, "2017-01-11")
    assert await deadlines.run_pending() == 0
    await morning(story, "2017-01-12")
    assert await deadlines.run_pending() == 1
    story.position = await story.store.log.head()
    state = "query S { assessments(filter: {inForce: true}) { nodes { id } } }"
    assert await asked(story, state, OFFICER, "assessments") == []
    for row in await log.read(0, 10_000):
        for secret in ("当日发烧", "075012345678", "一巷1号", "B.1.1", "0,0,0,0"):
            assert secret.encode() not in row.payload, row.topic


async def test_a_service_at_home_from_the_order_to_the_money(village: Story, log: PostgresLog) -> None:
    story = village
    person = await elder(story)
    await assessors(story)
    await assessed(story, person)
    station = {"name": "麻三服务站", "kind": "HOME_STATION", "divisionCode": VILLAGE}
    (facility,) = await story.do(CLERK, "registerFacility", **station)
    await story.do(CLERK, "openFacility", facilityId=facility, openedOn="2016-01-11")
    wanted = {"personId": person, "facilityId": facility, "service": "BATH", "unitCount": 2, "unitMinutes": 60}
    wanted |= {"priceFen": 3_050, "plannedOn": "2016-01-11", "payer": "GOVERNMENT", "guaranteedAs": "TEKUN"}
    (order,) = await story.do(WORKER, "orderService", **wanted)
    (much,) = await story.do(WORKER, "orderService", **wanted | {"unitCount": 19})
    await story.do(OFFICER, "approveOrder", orderId=order)
    await story.refused(OFFICER, "approveOrder", "共 1260 分钟", orderId=much)
    await story.do(WORKER, "dispatchOrder", orderId=order, workerNo="07")
    await story.do(WORKER, "acceptOrder", orderId=order, workerNo="07")
    await story.do(WORKER, "checkIn", orderId=order, place="22.5701,113.1402")
    story.today = story.today.replace(hour=11, minute=30)
    await story.do(WORKER, "checkOut", orderId=order)
    await story.refused(FINANCE, "settleOrder", "不能结算", orderId=order, invoiceNo="1")
    said = {"rating": "GOOD", "confirmedBy": "ELDER"}
    await story.do(WORKER, "confirmOrder", orderId=order, **said)
    await story.refused(WORKER, "confirmOrder", "不能确认", orderId=order, **said)
    await story.do(FINANCE, "settleOrder", orderId=order, invoiceNo="FP1")
    await story.refused(FINANCE, "settleOrder", "不能结算", orderId=order, invoiceNo="FP1")
    query = """query O { serviceOrders(filter: {state: [SETTLED]}) { nodes { minutes servedUnits priceFen amountFen
        checkInPlace rating invoiceNo } } purchasedHours { nodes { month usedMinutes quotaMinutes } } }"""
    (row,) = await asked(story, query, OFFICER, "serviceOrders")
    assert (row["minutes"], row["servedUnits"], row["amountFen"]) == (150, 2, 6_100)
    assert row["checkInPlace"] == "22.5701,113.1402"
    (hours,) = await asked(story, query, OFFICER, "purchasedHours")
    assert hours == {"month": "2016-01", "usedMinutes": 120, "quotaMinutes": 1_200}
    device = {"personId": person, "kind": "DEVICE", "item": "助行器", "provider": "辅具站", "givenOn": "2016-01-11"}
    await story.do(WORKER, "recordSupportService", **device, costFen=35_000, fundSource="LOTTERY")
    support = "query D { supportServices { nodes { kind item costFen fundSource } } }"
    (given,) = await asked(story, support, OFFICER, "supportServices")
    assert (given["item"], given["costFen"]) == ("助行器", 35_000)
    assert (await asked(story, support, WORKER, "supportServices"))[0]["item"] == "****"
    for event in await log.read(0, 10_000):
        assert b"22.5701" not in event.payload
        assert "助行器".encode() not in event.payload


async def test_what_is_given_at_once_is_given_once(village: Story) -> None:
    story = village
    _, beds = await home(story)
    named = {"name": "东升养老院", "kind": "INST", "divisionCode": VILLAGE, "operator": "阳光中心"}
    (second,) = await story.do(CLERK, "registerFacility", **named)
    await story.do(CLERK, "fileFacility", facilityId=second, filingNo="江备2号")
    await story.do(CLERK, "openFacility", facilityId=second, openedOn="2016-01-11")
    (elsewhere,) = await story.do(WORKER, "addBeds", facilityId=second, bedNos=["1"])
    await assessors(story)
    people = [await elder(story, f"拟某{name}") for name in "甲乙"]
    for person in people:
        await assessed(story, person)

    def admit(person: str, bed: str, number: str) -> Any:
        stay = {"personId": person, "bedId": bed, "admissionNo": number, "admittedOn": "2016-01-11"}
        return story._give(OFFICER, "admitToCare", stay)

    async def only_one(*given: Any) -> None:
        bodies = await asyncio.gather(*given)
        refused = [body["errors"][0]["message"] for body in bodies if "errors" in body]
        assert len(refused) == len(given) - 1, bodies

    # One person, two houses; then one bed, two persons (whoever is left after that has no house yet).
    await only_one(admit(people[0], beds[0], "R1"), admit(people[0], elsewhere, "R1"))
    await only_one(admit(people[1], beds[1], "R2"), admit(people[1], beds[1], "R3"))

    (station,) = await story.do(CLERK, "registerFacility", name="麻三服务站", kind="HOME_STATION", divisionCode=VILLAGE)
    await story.do(CLERK, "openFacility", facilityId=station, openedOn="2016-01-11")
    third = await elder(story, "拟某丙")
    await assessed(story, third)
    wanted = {"personId": third, "facilityId": station, "service": "BATH", "unitCount": 15, "unitMinutes": 60}
    wanted |= {"priceFen": 3_000, "plannedOn": "2016-01-12", "payer": "GOVERNMENT", "guaranteedAs": "TEKUN"}
    orders = [(await story.do(WORKER, "orderService", **wanted))[0] for _ in range(2)]
    await only_one(*(story._give(OFFICER, "approveOrder", {"orderId": order}) for order in orders))
