"""Households that are recognised and not paid, and procedures that the street ends, by GraphQL alone."""

from typing import Any

from tests.fixtures import story as told
from tests.fixtures.story import CLERK, OFFICER, REVIEWER, STRANGER, VILLAGE, WORKER, Story
from tests.integration.test_recovery import CASHIER, SECOND

village, story = told.village, told.story

SEEN = """query C($id: UUID!, $least: Position, $then: Date) { case(id: $id, minPosition: $least, effectiveOn: $then) {
    state stateLabel schemeLabel monthlyFen recognisedOn validUntil suggests computed recheckOn necessaryExpenseFen
    closeReason reason decidedBy payments(first: 5) { nodes { id } } } }"""


async def seen(story: Story, **variables: Any) -> Any:
    """The case as the district sees it."""
    return (await story.ask.data(SEEN, CLERK, id=story.case, least=story.position, **variables))["case"]


async def applies(village: Story, scheme: str) -> None:
    """A person who lives alone applies for a scheme."""
    village.case = ""
    (person,) = await village.do(OFFICER, "registerPerson", name="拟某甲", divisionCode=VILLAGE)
    home = {"kind": "CO_LIVING", "householdNo": "A1", "divisionCode": VILLAGE, "headId": person}
    (household,) = await village.do(OFFICER, "formHousehold", **home)
    asked = {"scheme": scheme, "householdId": household, "applicantId": person, "cause": "ILLNESS"}
    (village.case,) = await village.do(WORKER, "applyForAssistance", memberIds=[person], **asked)


async def publicised(village: Story, **verified: Any) -> None:
    """The same way as dibao goes, until the notice has run."""
    await village.do(OFFICER, "acceptCase")
    await village.do(WORKER, "recordVisit", finding="AS_STATED", report="属实", visitedOn="2016-01-11")
    await village.do(OFFICER, "verifyCase", propertyWithinLimits=True, conclusion="属实", **verified)
    await village.do(REVIEWER, "reviewCase", opinion="GRANT")
    await village.do(WORKER, "postNotice", noticeNo="公示〔2016〕1号")
    village.on("2016-01-19")


async def test_a_margin_household_from_the_counter_to_its_renewal(village: Story) -> None:
    await applies(village, "DIBAO_MARGIN")
    await publicised(village, monthlyIncomeFen=60_000)
    await village.refused(CLERK, "confirmCase", "请办理认定")
    await village.do(CLERK, "recogniseCase")
    now = await seen(village)
    assert (now["stateLabel"], now["monthlyFen"], now["validUntil"]) == ("已认定", 0, "2017-01-18")
    assert now["computed"]["steps"][-1]["value"] == 82_500  # 1.5 × 550 yuan
    assert await village.queue(OFFICER) == [("ANNOUNCE", "2016-01-22"), ("RECHECK", "2016-12-18")]

    # Nothing is ever paid for a status.
    paid = {"month": "2016-02", "batchNo": "1", "fundSource": "区财政"}
    village.on("2016-02-10")
    await village.refused(CASHIER, "issuePayment", "不在该个案的保障期内", **paid)
    assert now["payments"]["nodes"] == []

    village.on("2016-12-19")
    await village.do(WORKER, "announceGrant", noticeNo="长期公示1号")
    again = {"monthlyIncomeFen": 70_000, "propertyWithinLimits": True, "conclusion": "复核属实"}
    await village.do(OFFICER, "verifyCase", **again)
    assert await village.queue(CLERK) == [("DECIDE", "2017-01-18")]
    await village.do(CLERK, "recogniseCase")
    assert (await seen(village))["validUntil"] == "2017-12-18"
    assert (await seen(village, then="2016-06-01"))["validUntil"] == "2017-01-18"
    await village.do(SECOND, "endStatus", reason="INCOME_ABOVE")
    assert await village.queue(CLERK) == []
    assert (await seen(village))["closeReason"] == "INCOME_ABOVE"


async def test_a_household_of_rigid_expense(village: Story) -> None:
    await applies(village, "RIGID_EXPENSE")
    await publicised(village, monthlyIncomeFen=100_000, necessaryExpenseFen=70_000)
    await village.do(CLERK, "recogniseCase")
    now = await seen(village)
    assert (now["state"], now["necessaryExpenseFen"]) == ("RECOGNISED", 70_000)


async def test_who_is_refused_dibao_learns_of_the_margin(village: Story) -> None:
    await applies(village, "DIBAO")
    await publicised(village, monthlyIncomeFen=60_000)
    await village.do(CLERK, "refuseCase", reason="人均收入超过低保标准")
    assert (await seen(village))["suggests"] == "DIBAO_MARGIN"


async def test_the_street_ends_a_procedure_and_an_order_reopens_it(story: Story) -> None:
    await story.do(OFFICER, "acceptCase")
    told_why = {"reason": "三次约定入户均拒绝", "letterNo": "终止〔2016〕1号"}
    await story.refused(OFFICER, "terminateCase", "书面写明", reason=" ", letterNo="1")
    await story.refused(WORKER, "terminateCase", "无权办理", "FORBIDDEN", **told_why)
    await story.do(OFFICER, "terminateCase", **told_why)
    now = await seen(story)
    assert (now["state"], now["reason"], now["decidedBy"]) == ("TERMINATED", told_why["reason"], OFFICER.name)
    assert await story.queue(CLERK) == []
    await story.refused(OFFICER, "acceptCase", "已终止办理")
    await story.do(CLERK, "reopenCase", basis="江府行复〔2016〕1号")
    assert await story.queue(OFFICER) == [("VERIFY", "2016-02-25")]


COMPLAINTS = """query L($filter: ComplaintFilter, $least: Position) { complaints(filter: $filter, minPosition: $least,
    first: 5) { nodes { id state open dueOn text complainant anonymous upheld answer case { id } } } }"""


async def test_a_complaint_is_answered_by_somebody_else_and_in_time(story: Story) -> None:
    await story.do(OFFICER, "acceptCase")
    await story.do(OFFICER, "recordVisit", finding="AS_STATED", report="属实", visitedOn="2016-01-11")
    case, story.case = story.case, ""
    (complaint,) = await story.do(CLERK, "fileComplaint", text="街道干部入户时索要烟酒", aboutCase=case)
    await story.do(CLERK, "acceptComplaint", complaintId=complaint)

    async def listed(by: Any) -> list[dict[str, Any]]:
        found = await story.ask.data(COMPLAINTS, by, filter={"open": True}, least=story.position)
        nodes: list[dict[str, Any]] = found["complaints"]["nodes"]
        return nodes

    (seen_by_district,) = await listed(CLERK)
    assert (seen_by_district["dueOn"], seen_by_district["anonymous"]) == ("2016-02-01", True)
    assert seen_by_district["case"] == {"id": case}
    # The street of the case learns nothing of it: not in its list, its queue, or the case's timeline.
    assert await listed(OFFICER) == await listed(STRANGER) == []
    timeline = "query T($id: UUID!) { case(id: $id) { timeline(first: 50) { nodes { title } } } }"
    titles = (await story.ask.data(timeline, OFFICER, id=case))["case"]["timeline"]["nodes"]
    assert not any("投诉" in entry["title"] for entry in titles)
    answer = {"complaintId": complaint, "upheld": False, "answer": "查无实据"}
    await story.refused(OFFICER, "answerComplaint", "没有找到", "NOT_FOUND", **answer)
    await story.do(CLERK, "answerComplaint", **answer)
    assert await listed(CLERK) == []
