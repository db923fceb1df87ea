"""One dibao case from the counter to its announced grant and recheck, by GraphQL alone, each with their own token.

The district's clock stands in early 2016, so that every limit runs over Spring Festival (7 to 13 February off, Saturday
the 6th and Sunday the 14th worked). docs/case-walk.md tells the same story.
"""

from domain.access import Actor, RoleCode
from infra.log import PostgresLog
from tests.fixtures import story as told
from tests.fixtures.story import CLERK, OFFICER, REVIEWER, STRANGER, WORKER, Story

story, village = told.story, told.village


async def accepted_and_verified(story: Story) -> None:
    """From the counter to the verification's result, with papers missing over Spring Festival."""
    assert await story.queue(OFFICER) == [("ACCEPT", "2016-01-14")]
    await story.do(OFFICER, "acceptCase")
    assert await story.queue(OFFICER) == [("INVESTIGATE", "2016-01-14")]
    assert (await story.look())["dueOn"] == "2016-02-25"

    story.on("2016-01-13")
    visit = {"finding": "AS_STATED", "report": "两人同住平房，无车无铺", "visitedOn": "2016-01-12"}
    await story.do(WORKER, "recordVisit", **visit)
    await story.do(WORKER, "recordCommunityReview", forCount=11, againstCount=1, heldOn="2016-01-13")
    assert await story.queue(OFFICER) == [("VERIFY", "2016-02-25")]

    story.on("2016-01-29")
    await story.do(OFFICER, "requestSupplement", missing="务工收入证明")
    assert (await story.look())["waitingSince"] == "2016-01-29"
    story.on("2016-02-16")
    await story.do(OFFICER, "receiveSupplement")
    seen = await story.look()
    assert (seen["dueOn"], seen["waitingSince"]) == ("2016-03-09", None)
    assert await story.queue(OFFICER) == [("VERIFY", "2016-03-09")]  # what was due with the case moved along

    await story.do(OFFICER, "verifyCase", monthlyIncomeFen=20_000, propertyWithinLimits=True, conclusion="属实")


async def reviewed_and_posted(story: Story, notice: str) -> None:
    """The second hand's opinion, and the notice board."""
    await story.refused(OFFICER, "reviewCase", "请由其他经办人办理", opinion="GRANT")
    await story.do(REVIEWER, "reviewCase", opinion="GRANT", note="符合条件")
    assert await story.queue(WORKER, role="COMMUNITY_WORKER") == [("PUBLICISE", "2016-03-09")]
    await story.do(WORKER, "postNotice", noticeNo=notice)


async def test_from_the_counter_to_the_recheck(story: Story) -> None:
    await accepted_and_verified(story)
    await reviewed_and_posted(story, "公示〔2016〕3号")
    seen = await story.look()
    assert (seen["state"], seen["noticeFrom"], seen["noticeTo"]) == ("PUBLICISED", "2016-02-16", "2016-02-23")

    # A neighbour objects: what was found out stays the household's own, and everything after it comes again.
    story.on("2016-02-18")
    await story.do(WORKER, "fileObjection", reason="邻居某称其在外有铺面")
    story.on("2016-02-24")
    await story.refused(CLERK, "confirmCase", "有异议")
    assert await story.queue(OFFICER) == [("REINVESTIGATE", "2016-03-09")]
    await story.do(OFFICER, "answerObjection", upheld=False, note="铺面为同名他人所有")
    await reviewed_and_posted(story, "公示〔2016〕5号")

    story.on("2016-03-02")
    await story.refused(CLERK, "confirmCase", "公示期至 2016-03-02 届满")
    story.on("2016-03-03")
    assert await story.queue(CLERK, role="DISTRICT_CLERK") == [("DECIDE", "2016-03-09")]
    await story.refused(STRANGER, "reviewCase", "没有找到", "NOT_FOUND", opinion="GRANT")
    await story.do(CLERK, "confirmCase", variableIncome=True)
    await story.refused(CLERK, "confirmCase", "现为“发放中”")

    seen = await story.look()
    # (550 − 200 ÷ 2) × 2 = 900 yuan, from the month after the decision; half a year later it is looked at again.
    assert (seen["state"], seen["monthlyYuan"], seen["startMonth"]) == ("PAYING", "900.00", "2016-04")
    hands = (seen["preparedBy"], seen["reviewedBy"], seen["decidedBy"])
    assert hands == (OFFICER.name, REVIEWER.name, CLERK.name)
    assert await story.queue(WORKER, role="COMMUNITY_WORKER") == [("ANNOUNCE", "2016-03-08")]
    await story.do(WORKER, "announceGrant", noticeNo="长期公示〔2016〕2号")
    assert await story.queue(OFFICER) == [("RECHECK", "2016-10-01")]

    story.on("2016-09-20")
    await story.do(OFFICER, "verifyCase", monthlyIncomeFen=20_000, propertyWithinLimits=True, conclusion="复核属实")
    assert await story.queue(OFFICER) == [("RECHECK", "2017-03-01")]
    assert (await story.look())["recheckOn"] == "2017-03-01"


async def test_the_timeline_tells_it_and_the_past_stays(story: Story) -> None:
    await accepted_and_verified(story)
    await reviewed_and_posted(story, "公示〔2016〕3号")
    seen = await story.look()
    titles = [entry["title"] for entry in seen["timeline"]["nodes"]]
    assert titles == [
        *(
            "申请救助",
            "受理申请",
            "入户核查",
            "民主评议",
            "要求补充材料",
            "补充材料齐全",
            "登记核对结果",
            "街道审核",
            "公示",
        ),
    ]
    assert seen["timeline"]["nodes"][-1]["actor"] == WORKER.name
    assert [(w["step"], w["open"], w["dueOn"]) for w in seen["workItems"]] == [
        ("ACCEPT", False, "2016-01-14"),
        ("INVESTIGATE", False, "2016-01-14"),
        ("DECIDE", True, "2016-03-08"),
        ("PUBLICISE", False, "2016-03-09"),
        ("REVIEW", False, "2016-03-09"),
        ("VERIFY", False, "2016-03-09"),
    ]
    then = await story.look(then="2016-02-05")
    assert (then["state"], then["waitingSince"], then["dueOn"]) == ("ACCEPTED", "2016-01-29", "2016-02-25")


async def test_queues_are_ones_own(story: Story) -> None:
    assert await story.queue(OFFICER) == await story.queue(CLERK) == await story.queue(WORKER)
    assert await story.queue(STRANGER) == []
    await story.do(OFFICER, "assignWork", step="ACCEPT", assignee="街道经办乙")
    assert await story.queue(OFFICER, assignee="街道经办乙") == [("ACCEPT", "2016-01-14")]
    assert await story.queue(OFFICER, assignee="街道审核丙") == []
    await story.do(OFFICER, "returnCase", missing="户口簿")
    assert await story.queue(OFFICER) == []


async def test_a_case_takes_its_work_along_to_another_street(story: Story) -> None:
    await story.do(CLERK, "transferCase", toDivisionCode="440704001001", movedOn="2016-01-11")
    assert await story.queue(OFFICER) == []
    assert await story.queue(STRANGER) == [("ACCEPT", "2016-01-14")]


async def test_what_was_found_at_home_is_not_for_everyone(story: Story, log: PostgresLog) -> None:
    await story.do(OFFICER, "acceptCase")
    await story.do(WORKER, "recordVisit", finding="DIFFERENT", report="墙角有两台新空调", visitedOn="2016-01-11")
    finance = Actor("财务己", RoleCode.FINANCE_OFFICER, "440704")
    assert (await story.look(WORKER))["visitReport"] == "墙角有两台新空调"
    assert (await story.look(finance))["visitReport"] == "****"
    rows = await log.read(0, 1000)
    assert rows
    assert not any("空调".encode() in row.payload for row in rows)
