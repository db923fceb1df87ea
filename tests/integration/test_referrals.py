"""A need handed over to another department and back, each with their own token; what a department may see."""

from typing import Any

from domain.access import Actor, RoleCode
from infra.log import PostgresLog
from tests.fixtures import story as told
from tests.fixtures.story import CLERK, OFFICER, STRANGER, VILLAGE, WORKER, Story

story, village = told.story, told.village

SCHOOLS = Actor("教育局辛", RoleCode.DEPARTMENT_OFFICER, "440704", "education")
HOUSES = Actor("住建局壬", RoleCode.DEPARTMENT_OFFICER, "440704", "housing")
NEED = {"department": "HOUSING", "need": "EDU", "contact": "拟某甲1，电话 13800000000", "summary": "长子高一学费无着"}
LIST = """query List($filter: ReferralFilter, $least: Position) {
    referrals(filter: $filter, minPosition: $least, first: 50) { totalCount nodes {
        id area need department state open waitsFor dueOn contact summary madeBy result answer returnReason note
        person { id name } case { id caseNo } } } }"""


async def does(story: Story, by: Actor, command: str, **given: Any) -> str:
    """A command that is not about the story's case; the first id it answers with."""
    case, story.case = story.case, ""
    try:
        return (await story.do(by, command, **given))[0]
    finally:
        story.case = case


async def listed(story: Story, by: Actor, **filter: Any) -> list[dict[str, Any]]:
    """The referrals that somebody sees."""
    found = (await story.ask.data(LIST, by, filter=filter, least=story.position))["referrals"]
    nodes: list[dict[str, Any]] = found["nodes"]
    assert found["totalCount"] == len(nodes)
    return nodes


async def applicant_of(story: Story) -> str:
    """The id of the applicant of the story's case."""
    query = "query A($id: UUID!, $least: Position) { case(id: $id, minPosition: $least) { applicantId } }"
    found = await story.ask.data(query, CLERK, id=story.case, least=story.position)
    return str(found["case"]["applicantId"])


async def test_handed_over_sent_back_redirected_answered_and_told(story: Story) -> None:
    head = await applicant_of(story)
    referral = await does(story, WORKER, "referNeed", personId=head, caseId=story.case, **NEED)
    (seen,) = await listed(story, HOUSES, open=True)
    assert (seen["state"], seen["dueOn"], seen["waitsFor"]) == ("MADE", "2016-01-14", "HOUSING")
    assert await listed(story, SCHOOLS) == []
    assert await story.queue(WORKER) == [("ACCEPT", "2016-01-14")]

    story.on("2016-01-12")
    await does(story, HOUSES, "returnReferral", referralId=referral, reason="属教育部门职责")
    assert ("FEEDBACK", "2016-01-15") in await story.queue(WORKER, assignee=WORKER.name)
    await does(story, WORKER, "redirectReferral", referralId=referral, department="EDUCATION")
    assert await story.queue(WORKER, assignee=WORKER.name) == []
    assert await listed(story, HOUSES) == []

    story.on("2016-01-13")
    await does(story, SCHOOLS, "acceptReferral", referralId=referral)
    (seen,) = await listed(story, SCHOOLS)
    assert (seen["dueOn"], seen["contact"], seen["summary"]) == ("2016-02-03", NEED["contact"], NEED["summary"])
    story.on("2016-02-03")
    answer = {"result": "GRANTED", "answer": "本学期学费全免"}
    await does(story, SCHOOLS, "answerReferral", referralId=referral, **answer)
    # Over Spring Festival: 6 February is worked, 7 to 13 February are off.
    assert ("FEEDBACK", "2016-02-06") in await story.queue(WORKER, assignee=WORKER.name)
    (seen,) = await listed(story, WORKER, waitsFor=["CIVIL_AFFAIRS"])
    assert (seen["answer"], seen["result"], seen["madeBy"]) == ("本学期学费全免", "GRANTED", WORKER.name)

    await does(story, WORKER, "closeReferral", referralId=referral, note="2月3日上门告知")
    assert await story.queue(WORKER, step="FEEDBACK") == []
    assert await listed(story, WORKER, open=True) == []
    timeline = "query T($id: UUID!) { case(id: $id) { timeline(first: 50) { nodes { title detail } } } }"
    found = (await story.ask.data(timeline, OFFICER, id=story.case))["case"]["timeline"]["nodes"]
    assert [entry["title"] for entry in found if "转" in entry["title"]] == [
        *("转介", "退回转介", "改转", "受理转介", "答复转介", "办结转介")
    ]
    assert not any("学费" in entry["detail"] for entry in found)


async def test_a_department_sees_what_it_needs_and_nothing_around_it(story: Story, log: PostgresLog) -> None:
    head = await applicant_of(story)
    await does(story, WORKER, "referNeed", personId=head, caseId=story.case, **NEED)
    (seen,) = await listed(story, HOUSES)
    assert (seen["person"], seen["case"]) == (None, None)
    query = "{ cases(first: 5) { totalCount } persons(first: 5) { totalCount } workItems(first: 5) { totalCount } }"
    everything = await story.ask.data(query, HOUSES)
    assert {name: found["totalCount"] for name, found in everything.items()} == dict.fromkeys(everything, 0)
    (by_street,) = await listed(story, OFFICER)
    assert (by_street["person"]["id"], by_street["case"]["id"]) == (head, story.case)
    assert await listed(story, STRANGER) == []
    auditor = Actor("审计癸", RoleCode.AUDITOR, "440704")
    assert (await listed(story, auditor))[0]["contact"] == "****"
    rows = await log.read(0, 1000)
    assert not any("学费".encode() in row.payload or b"13800000000" in row.payload for row in rows)


async def test_a_department_answers_only_its_own_and_decides_nothing_else(story: Story) -> None:
    head = await applicant_of(story)
    referral = await does(story, WORKER, "referNeed", personId=head, caseId=story.case, **NEED)
    await story.refused(SCHOOLS, "acceptCase", "无权办理", "FORBIDDEN")
    story.case = ""
    await story.refused(SCHOOLS, "acceptReferral", "不由您所在的部门承办", "NOT_FOUND", referralId=referral)
    await story.refused(HOUSES, "closeReferral", "无权办理", "FORBIDDEN", referralId=referral, note="x")
    await story.refused(CLERK, "acceptReferral", "无权办理", "FORBIDDEN", referralId=referral)


async def test_somebody_without_a_case_is_helped_too(village: Story) -> None:
    (person,) = await village.do(OFFICER, "registerPerson", name="拟某庚", divisionCode=VILLAGE)
    referral = await does(village, WORKER, "referNeed", personId=person, **NEED)
    await does(village, HOUSES, "acceptReferral", referralId=referral)
    await does(village, HOUSES, "answerReferral", referralId=referral, result="REFUSED", answer="收入超过限额")
    (seen,) = await listed(village, WORKER)
    assert (seen["case"], seen["person"]["id"], seen["state"]) == (None, person, "ANSWERED")
    assert await listed(village, STRANGER) == []
    assert await village.queue(WORKER) == []  # what hangs on no case is followed in its own list


async def test_a_case_takes_its_referral_along(story: Story) -> None:
    head = await applicant_of(story)
    referral = await does(story, WORKER, "referNeed", personId=head, caseId=story.case, **NEED)
    await does(story, HOUSES, "returnReferral", referralId=referral, reason="属教育部门职责")
    await story.do(CLERK, "transferCase", toDivisionCode="440704001001", movedOn="2016-01-11")
    assert await listed(story, OFFICER) == []
    (seen,) = await listed(story, STRANGER)
    assert seen["id"] == referral
    assert ("FEEDBACK", "2016-01-14") in await story.queue(STRANGER)
    await does(story, STRANGER, "redirectReferral", referralId=referral, department="EDUCATION")
    assert [r["id"] for r in await listed(story, SCHOOLS)] == [referral]


async def test_a_joint_conference_gives_departments_tasks(story: Story) -> None:
    both = {"departments": ["CIVIL_AFFAIRS", "EDUCATION"], "heldOn": "2016-01-08"}
    conference = await does(story, CLERK, "holdConference", topic="困难学生帮扶", caseIds=[story.case], **both)
    task = {"task": "核定全区困难学生名单", "department": "EDUCATION", "dueOn": "2016-02-29"}
    await does(story, CLERK, "assignConferenceTask", conferenceId=conference, **task)
    query = """query T($least: Position) { conferenceTasks(filter: {open: true}, minPosition: $least, first: 5) {
        nodes { taskNo task dueOn department conference { topic } } } }"""

    async def tasks(by: Actor) -> list[dict[str, Any]]:
        found = await story.ask.data(query, by, least=story.position)
        nodes: list[dict[str, Any]] = found["conferenceTasks"]["nodes"]
        return nodes

    (mine,) = await tasks(SCHOOLS)
    assert (mine["task"], mine["dueOn"], mine["conference"]) == (task["task"], "2016-02-29", None)
    assert await tasks(HOUSES) == []
    await does(story, SCHOOLS, "finishConferenceTask", conferenceId=conference, taskNo=1, result="名单 37 人")
    assert await tasks(SCHOOLS) == []
    query_all = """query C($least: Position) { conferences(minPosition: $least, first: 5) { nodes {
        topic departments tasks { taskNo open result doneBy } } } }"""
    (met,) = (await story.ask.data(query_all, CLERK, least=story.position))["conferences"]["nodes"]
    assert met["tasks"] == [{"taskNo": 1, "open": False, "result": "名单 37 人", "doneBy": SCHOOLS.name}]
    assert met["departments"] == ["civil_affairs", "education"]
