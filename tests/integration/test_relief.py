"""A typhoon from warning to verified report, each officer with their own token; stock that two reach for at once."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

from domain.access import Actor, RoleCode
from domain.clock import at
from domain.codes import ReliefItem
from domain.errors import RuleViolated
from domain.relief import Stock
from domain.relief.commands import AllocateStock
from infra.deadlines import Deadlines
from infra.dispatch import Dispatcher
from infra.log import PostgresLog
from tests.fixtures import story as told
from tests.fixtures.story import CLERK, OFFICER, STRANGER, VILLAGE, WORKER, Story

village = told.village

FINANCE = Actor("财务子", RoleCode.FINANCE_OFFICER, "440704")
CITY = Actor("市平台", RoleCode.PLATFORM, "440704")
AUDITOR = Actor("审计癸", RoleCode.AUDITOR, "440704")
REVIEWER = Actor("街道审核丙", RoleCode.STREET_OFFICER, VILLAGE[:9])
DISASTER = """query D($id: UUID!, $least: Position) { disaster(id: $id, minPosition: $least) {
    kind state stateLabel occurredAt reliefBy alarmAt level listMade affectedCodes verifiedReportNo
    units { divisionCode dueStage dueAt reportCount lateCount missedCount }
    reports { reportNo divisionCode stage late corrects correctedBy affectedCount deadCount lossFen lossYuan }
    clocks { divisionCode headCount inTimeCount lateCount waitingCount overdueCount safeCount }
    allocations { allocationNo item qtyCount deliveredCount state } } }"""
AFFECTED = """query A($filter: AffectedFilter, $least: Position) {
    affectedPersons(filter: $filter, minPosition: $least, first: 50) { totalCount nodes {
        id personId headCount state reliefBy waiting late firstAfterMinutes person { name }
        deliveries { version items afterMinutes voided } } } }"""
TASKS = """query T($filter: TaskFilter, $least: Position) {
    tasks(filter: $filter, minPosition: $least, first: 50) { nodes { step task dueAt role divisionCode } } }"""


async def seen(story: Story, disaster: str, by: Actor = CLERK) -> dict[str, Any]:
    """The disaster as somebody sees it now."""
    found: dict[str, Any] = (await story.ask.data(DISASTER, by, id=disaster, least=story.position))["disaster"]
    return found


async def people(story: Story, by: Actor, **filter: Any) -> list[dict[str, Any]]:
    """The affected people somebody sees."""
    found = await story.ask.data(AFFECTED, by, filter=filter, least=story.position)
    nodes: list[dict[str, Any]] = found["affectedPersons"]["nodes"]
    return nodes


async def tasks(story: Story, by: Actor, **filter: Any) -> list[tuple[str, str]]:
    """What is due, and when."""
    found = await story.ask.data(TASKS, by, filter={"open": True, **filter}, least=story.position)
    return [(task["step"], task["dueAt"]) for task in found["tasks"]["nodes"]]


def clock(story: Story, hour: int, minute: int = 0) -> None:
    """The story's day at another time."""
    story.today = at(story.today.date(), hour, minute)


async def test_a_typhoon_from_its_warning_to_the_verified_report(village: Story, log: PostgresLog) -> None:
    story = village
    (one,) = await story.do(OFFICER, "registerPerson", name="拟某甲", divisionCode=VILLAGE)
    (two,) = await story.do(OFFICER, "registerPerson", name="拟某乙", divisionCode=VILLAGE)
    warned = {"kind": "TYPHOON", "title": "台风试验", "affectedCodes": [VILLAGE], "warning": "橙色预警"}
    ring = [[1131000000, 225000000], [1132000000, 225000000], [1132000000, 226000000]]
    (disaster,) = await story.do(CLERK, "registerDisaster", **warned, area=ring)
    shelter = str(uuid4())
    await story.do(WORKER, "evacuatePersons", disasterId=disaster, personIds=[one], facilityId=shelter)

    clock(story, 12)
    await story.do(CLERK, "recordDisasterOccurrence", disasterId=disaster, occurredAt="2016-01-11T11:00:00+08:00")
    now = await seen(story, disaster)
    assert (now["state"], now["reliefBy"]) == ("OCCURRED", "2016-01-11T23:00:00+08:00")
    assert [(u["divisionCode"], u["dueAt"]) for u in now["units"]] == [
        *(("440704", "2016-01-11T13:00:00+08:00"), (VILLAGE[:9], "2016-01-11T12:00:00+08:00"))
    ]
    assert ("RELIEF_FIRST", "2016-01-11T23:00:00+08:00") in await tasks(story, WORKER)
    elsewhere = await seen(story, disaster, STRANGER)  # everybody may know of the disaster itself
    assert (elsewhere["state"], elsewhere["reliefBy"]) == (now["state"], now["reliefBy"])
    assert (elsewhere["units"], elsewhere["reports"], elsewhere["clocks"]) == ([], [], [])

    await story.do(CLERK, "listVulnerablePersons", disasterId=disaster, personIds=[two])
    (listed,) = await people(story, WORKER, state="TO_CHECK")
    assert (listed["person"]["name"], listed["waiting"]) == ("拟某乙", True)
    assert await people(story, STRANGER) == []
    crowd = {"headCount": 10, "facilityId": shelter, "divisionCode": VILLAGE}
    (group,) = await story.do(WORKER, "evacuateGroup", disasterId=disaster, **crowd)

    report = {"disasterId": disaster, "affectedCount": 30, "evacuatedCount": 11, "lossFen": 1_234_500}
    clock(story, 12, 30)
    await story.do(OFFICER, "fileDisasterReport", stage="INITIAL", **report)
    clock(story, 12, 50)
    await story.do(CLERK, "fileDisasterReport", disasterId=disaster, stage="INITIAL", sumUnits=True)
    reports = (await seen(story, disaster))["reports"]
    assert [(r["divisionCode"], r["late"], r["affectedCount"]) for r in reports] == [
        *((VILLAGE[:9], True, 30), ("440704", False, 30))
    ]
    assert reports[0]["lossYuan"] == "12,345.00"

    water = {"disasterId": disaster, "items": ["WATER"], "counts": [2]}
    await story.do(WORKER, "deliverRelief", personIds=[one], **water)
    clock(story, 23, 30)
    deadlines = Deadlines(story.store, lambda: story.today)
    await deadlines.run_pending()
    assert await deadlines.run_pending() == 0
    told_group = {"affectedId": group, "headCount": 4, "items": ["INSTANT_FOOD"], "counts": [4]}
    await story.do(WORKER, "deliverReliefToGroup", **told_group)
    (clocks,) = (await seen(story, disaster))["clocks"]
    assert clocks == {
        "divisionCode": VILLAGE,
        **{"headCount": 12, "inTimeCount": 1, "lateCount": 4, "waitingCount": 7, "overdueCount": 11, "safeCount": 0},
    }
    await story.do(WORKER, "checkVulnerablePerson", affectedId=listed["id"], affected=False)
    (first,) = await people(story, WORKER, personId=one)
    assert (first["late"], first["firstAfterMinutes"], first["deliveries"][0]["items"]) == (False, 110, "饮用水 2")
    assert [each["headCount"] for each in await people(story, OFFICER, waiting=True)] == [10]

    void = {"affectedId": first["id"], "version": first["deliveries"][0]["version"], "reason": "误登"}
    await story.do(WORKER, "voidReliefDelivery", **void)
    (first,) = await people(story, WORKER, personId=one)
    assert (first["waiting"], first["firstAfterMinutes"], first["deliveries"][0]["voided"]) == (True, None, True)
    early = {"deliveredAt": "2016-01-11T12:30:00+08:00"}
    await story.do(WORKER, "deliverRelief", personIds=[one], **early, **water)
    (first,) = await people(story, WORKER, personId=one)
    assert (first["waiting"], first["late"], first["firstAfterMinutes"]) == (False, False, 90)

    story.on("2016-01-12")
    clock(story, 8)
    await story.do(CLERK, "fileZeroReport", disasterId=disaster)
    clock(story, 10)
    await deadlines.run_pending()
    stranger = {"disasterId": disaster, "kind": "DEAD", "name": "拟某丙", "divisionCode": VILLAGE}
    (dead,) = await story.do(OFFICER, "recordCasualty", happenedAt="2016-01-11T15:00:00+08:00", **stranger)
    await story.do(CLERK, "stabiliseDisaster", disasterId=disaster)
    verified = {"disasterId": disaster, "stage": "VERIFIED", "affectedCount": 31, "lossFen": 1_234_500}
    await story.refused(CLERK, "fileDisasterReport", "名单上 1 人", **verified)
    await story.do(CLERK, "fileDisasterReport", deadCount=1, **verified)
    correction = {"disasterId": disaster, "reportNo": 3, "affectedCount": 32, "deadCount": 1, "note": "漏报"}
    await story.do(CLERK, "correctDisasterReport", **correction)
    now = await seen(story, disaster)
    assert (now["state"], now["verifiedReportNo"]) == ("VERIFIED", 3)
    own = [r for r in now["reports"] if r["divisionCode"] == "440704"]
    assert [(r["stage"], r["corrects"], r["correctedBy"], r["affectedCount"]) for r in own] == [
        *(("INITIAL", None, None, 30), ("ZERO", None, None, 30)),
        *(("VERIFIED", None, 4, 31), ("VERIFIED", 3, None, 32)),
    ]
    street = next(u for u in now["units"] if u["divisionCode"] == VILLAGE[:9])
    assert (street["missedCount"], street["lateCount"], street["dueStage"]) == (2, 1, "VERIFIED")
    assert ("RELIEF_REPORT", "2016-01-17T23:59:00+08:00") in await tasks(story, OFFICER)
    names = "query C($least: Position) { casualties(minPosition: $least, first: 5) { nodes { id name state } } }"
    for who, name in ((OFFICER, "拟某丙"), (AUDITOR, "****"), (CITY, "****")):
        (entry,) = (await story.ask.data(names, who, least=story.position))["casualties"]["nodes"]
        assert (entry["id"], entry["name"], entry["state"]) == (dead, name, "DEAD")
    got = await story.ask.http.get(f"/disasters/{disaster}/report.csv", headers=story.ask.headers(CITY))
    lines = got.text.lstrip("\ufeff").splitlines()
    assert (got.status_code, lines[0]) == (200, "灾情报告,台风试验")
    assert next(line for line in lines if line.startswith("江海区,核报")).startswith(
        "江海区,核报,4,2016-01-12 10:00,32,"
    )
    assert sum("已由第 4 号更正" in line for line in lines) == 1
    assert "合计,12,1,4,6,11,1" in lines
    assert "拟某" not in got.text
    street_only = await story.ask.http.get(f"/disasters/{disaster}/report.csv", headers=story.ask.headers(OFFICER))
    assert "已由第 4 号更正" not in street_only.text
    missing = await story.ask.http.get(f"/disasters/{uuid4()}/report.csv", headers=story.ask.headers(CITY))
    assert missing.status_code == 404
    rows = await log.read(0, 1000)
    assert not any("拟某丙".encode() in row.payload for row in rows)


async def test_relief_money_from_the_nomination_to_the_payment(village: Story) -> None:
    story = village
    (who,) = await story.do(OFFICER, "registerPerson", name="拟某甲", divisionCode=VILLAGE)
    struck = {"kind": "FLOOD", "title": "洪涝", "affectedCodes": [VILLAGE], "occurredAt": "2016-01-11T06:00:00+08:00"}
    disaster = (await story.do(CLERK, "registerDisaster", **struck))[0]
    asked = {"kind": "REBUILD", "personId": who, "headCount": 3, "situation": "正屋全倒", "disasterId": disaster}
    (aid,) = await story.do(WORKER, "applyForReliefAid", nominated=True, **asked)
    assert ("RELIEF_AID_REVIEW", "2016-01-19T00:00:00+08:00") in await tasks(story, WORKER, personId=who)
    graded = {"grade": "COLLAPSED", "rooms": 2, "assessedOn": "2016-01-11", "report": "承重墙倒塌"}
    await story.do(OFFICER, "assessHouseDamage", aidId=aid, **graded)
    await story.do(WORKER, "reviewReliefAid", aidId=aid, forCount=9, againstCount=0, heldOn="2016-01-11")
    await story.do(WORKER, "postReliefAidNotice", aidId=aid, noticeNo="公示1号")
    await story.refused(OFFICER, "submitReliefAid", "公示至 2016-01-18", aidId=aid, opinion="属实")
    story.on("2016-01-19")
    await story.do(REVIEWER, "submitReliefAid", aidId=aid, opinion="属实")
    await story.do(CLERK, "decideReliefAid", aidId=aid)
    assert [step for step, _ in await tasks(story, CLERK, personId=who)] == ["RELIEF_AID_PAY"]
    paid = {"aidId": aid, "fundSource": "DISTRICT", "paymentNo": "支1", "paidOn": "2016-01-19"}
    await story.refused(CLERK, "payReliefAid", "已审批此项救助", **paid)
    await story.do(FINANCE, "payReliefAid", **paid)
    query = """query R($id: UUID!, $least: Position) { reliefAid(id: $id, minPosition: $least) {
        state open yuan situation damageReport submittedBy decidedBy person { name } } }"""
    found = (await story.ask.data(query, OFFICER, id=aid, least=story.position))["reliefAid"]
    assert (found["state"], found["open"], found["yuan"], found["situation"]) == (
        *("PAID", False, "25,000.00", "正屋全倒"),
    )
    masked = (await story.ask.data(query, CITY, id=aid, least=story.position))["reliefAid"]
    assert (masked["situation"], masked["damageReport"], masked["person"]) == ("****", "****", None)
    assert (await story.ask.data(query, STRANGER, id=aid, least=story.position))["reliefAid"] is None
    assert await tasks(story, CLERK, personId=who) == []

    (other,) = await story.do(OFFICER, "registerPerson", name="拟某乙", divisionCode=VILLAGE)
    for person, heads in ((who, 1), (other, 2)):
        winter = {"kind": "WINTER_SPRING", "personId": person, "headCount": heads, "season": 2015}
        await story.do(WORKER, "applyForReliefAid", situation="缺粮", **winter)
    listed = {"season": 2015, "divisionCode": VILLAGE}
    votes = {"forCount": 20, "againstCount": 1, "heldOn": "2016-01-19"}
    assert len(await story.do(WORKER, "reviewWinterList", **listed, **votes)) == 2
    await story.do(WORKER, "postWinterListNotice", **listed, noticeNo="冬春公示1号")
    story.on("2016-01-27")
    await story.do(REVIEWER, "submitWinterList", **listed, opinion="同意上报")
    await story.do(CLERK, "decideWinterList", **listed)
    query = """query W($least: Position) { reliefAids(minPosition: $least, first: 9, filter: {season: 2015}) { nodes {
        state amountFen noticeNo } } }"""
    nodes = (await story.ask.data(query, OFFICER, least=story.position))["reliefAids"]["nodes"]
    assert sorted(node["amountFen"] for node in nodes) == [18_000, 36_000]
    assert {(node["state"], node["noticeNo"]) for node in nodes} == {("APPROVED", "冬春公示1号")}


async def test_two_officers_who_reach_for_the_same_goods_never_take_more_than_there_is(village: Story) -> None:
    story = village
    place = str(uuid4())
    goods = {"facilityId": place, "item": "TENT"}
    bought = {"qtyCount": 50, "unitFen": 45_000, "origin": "PURCHASE", "voucherNo": "采1"}
    (stock,) = await story.do(CLERK, "receiveStock", **goods, **bought)
    await story.do(CLERK, "putAwayStock", **goods, lotNo=1, acceptedCount=50)
    dispatcher = Dispatcher(story.store, lambda: story.today)

    async def take(number: int) -> bool:
        command = AllocateStock(
            facility_id=UUID(place),
            allocation_no=f"调{number}",
            items=(ReliefItem.TENT,),
            counts=(9,),
            to_division_code=VILLAGE,
        )
        try:
            await dispatcher.dispatch(command, CLERK)
        except RuleViolated:
            return False
        return True

    taken = []
    for start in range(0, 8, 2):
        taken += await asyncio.gather(take(start), take(start + 1))
    assert sum(taken) == 5
    left = await story.store.load(Stock, UUID(stock))
    assert left is not None
    assert left.balance == 5
    slip = {**goods, "allocationNo": f"调{taken.index(True)}"}
    await story.do(CLERK, "shipStock", **slip)
    await story.do(CLERK, "deliverStock", **slip, qtyCount=9, receiptNo="签1")
    query = """query S($least: Position) { stocks(minPosition: $least, first: 5) { nodes {
        item freeCount allocatedCount shippedCount deliveredCount valueFen
        allocations { state } movements { move qtyCount } } } }"""
    (row,) = (await story.ask.data(query, CLERK, least=story.position))["stocks"]["nodes"]
    assert (row["freeCount"], row["allocatedCount"], row["deliveredCount"]) == (5, 36, 9)
    assert row["valueFen"] == 5 * 45_000
    assert sorted(each["state"] for each in row["allocations"]) == ["ALLOCATED"] * 4 + ["DONE"]
    assert [each["move"] for each in row["movements"]][-2:] == ["SHIPPED", "DELIVERED"]
    needs = """query N($least: Position) { stockNeeds(minPosition: $least) {
        persons coveredPersons items { item requiredCount availableCount shortCount } } }"""
    found = (await story.ask.data(needs, CLERK, least=story.position))["stockNeeds"]
    assert (found["persons"], found["coveredPersons"]) == (300, 0)
    assert found["items"][0] == {"item": "TENT", "requiredCount": 75, "availableCount": 5, "shortCount": 70}
    assert (await story.ask.data("{ stocks(first: 5) { totalCount } }", OFFICER))["stocks"]["totalCount"] == 0
    await story.refused(OFFICER, "shipStock", "没有找到", "NOT_FOUND", **slip)
