"""Fraud found, heard, taken back and fined, by GraphQL alone; a case's own queue and the queue beside it."""

from typing import Any

from domain.access import Actor, RoleCode
from infra.log import PostgresLog
from tests.fixtures import story as told
from tests.fixtures.story import CLERK, OFFICER, REVIEWER, STRANGER, WORKER, Story
from tests.integration.test_referrals import does

story, village = told.story, told.village

CASHIER = Actor("财务己", RoleCode.FINANCE_OFFICER, "440704", "finance")
SECOND = Actor("区经办子", RoleCode.DISTRICT_CLERK, "440704")
SEEN = """query R($id: UUID!, $least: Position, $as: DateTime) {
    recovery(id: $id, minPosition: $least, asOf: $as) { state hearing open amountFen decidedFen recoveryLeftFen
        recoveryLeftYuan fineFen fineLeftFen outcome writtenOffFen statementBy hearingRequestBy payBy facts minutes
        presidedBy receipts { part method amountFen voucherNo receivedOn } } }"""
CASE_QUEUE = ("ANNOUNCE", "RECHECK")


async def paid(story: Story) -> None:
    """The case is confirmed on 3 February and paid 900 yuan for March and April 2016."""
    await story.do(OFFICER, "acceptCase")
    await story.do(WORKER, "recordVisit", finding="AS_STATED", report="属实", visitedOn="2016-01-11")
    verified = {"monthlyIncomeFen": 20_000, "propertyWithinLimits": True, "conclusion": "属实"}
    await story.do(OFFICER, "verifyCase", **verified)
    await story.do(REVIEWER, "reviewCase", opinion="GRANT")
    await story.do(WORKER, "postNotice", noticeNo="公示〔2016〕1号")
    story.on("2016-02-03")
    await story.do(CLERK, "confirmCase")
    for month in ("2016-03", "2016-04"):
        story.on(f"{month}-10")
        await story.do(CASHIER, "issuePayment", month=month, batchNo=month, fundSource="区财政")


async def seen(story: Story, recovery: str, by: Actor = CLERK) -> Any:
    """The recovery as somebody sees it now."""
    return (await story.ask.data(SEEN, by, id=recovery, least=story.position))["recovery"]


async def beside(story: Story) -> list[tuple[str, str]]:
    """What is to be done beside the case's own way."""
    return [item for item in await story.queue(CLERK) if item[0] not in CASE_QUEUE]


async def found(story: Story, reason: str, amount: int = 90_000) -> str:
    """The street finds 900 yuan too much."""
    story.on("2016-05-03")
    months = {"fromMonth": "2016-04", "toMonth": "2016-04", "amountFen": amount}
    return (await story.do(OFFICER, "findOverpayment", reason=reason, facts="另有铺面出租，月租八百", **months))[0]


async def decided(story: Story, recovery: str) -> None:
    """Told on 4 May, answered until the 11th, ordered back on the 12th."""
    story.on("2016-05-04")
    letter = {"letterNo": "告知〔2016〕1号", "proof": "直接送达", "servedOn": "2016-05-04"}
    await does(story, OFFICER, "notifyRecovery", recoveryId=recovery, **letter)
    story.on("2016-05-12")
    order = {"amountFen": 90_000, "grounds": "属实，申辩不成立", "letterNo": "追回〔2016〕1号"}
    await does(story, CLERK, "decideRecovery", recoveryId=recovery, **order)


async def test_fraud_is_heard_taken_back_and_fined(story: Story, log: PostgresLog) -> None:
    await paid(story)
    await story.refused(
        OFFICER,
        "findOverpayment",
        "实际发放的 900元",
        fromMonth="2016-04",
        toMonth="2016-04",
        amountFen=90_001,
        reason="FRAUD",
        facts="x",
    )
    recovery = await found(story, "FRAUD")
    assert await beside(story) == [("NOTIFY_RECOVERY", "2016-05-10")]
    await decided(story, recovery)
    assert await beside(story) == [("COLLECT", "2016-06-12")]  # the 11th is off for Dragon Boat, the 12th worked
    offer = {"letterNo": "听告〔2016〕1号", "servedOn": "2016-05-12"}
    await does(story, CLERK, "offerHearing", recoveryId=recovery, **offer)
    assert await beside(story) == [("HEARING", "2016-05-19"), ("COLLECT", "2016-06-12")]

    case, story.case = story.case, ""
    fine = {"amountFen": 180_000, "grounds": "骗取救助", "letterNo": "罚〔2016〕1号", "recoveryId": recovery}
    await story.refused(CLERK, "decideFine", "前申请听证", **fine)
    story.on("2016-05-19")
    await story.do(OFFICER, "requestHearing", recoveryId=recovery, requestedOn="2016-05-18")
    await story.refused(CLERK, "decideFine", "听证举行前", **fine)
    notice = {"recoveryId": recovery, "letterNo": "听通〔2016〕1号", "place": "区民政局二楼"}
    await story.refused(CLERK, "scheduleHearing", "最早可在 2016-05-26", hearingOn="2016-05-25", **notice)
    await story.do(CLERK, "scheduleHearing", hearingOn="2016-05-31", **notice)
    story.case = case
    assert await beside(story) == [("HEARING", "2016-05-31"), ("COLLECT", "2016-06-12")]
    story.case = ""
    story.on("2016-06-01")
    await story.do(SECOND, "holdHearing", recoveryId=recovery, minutes="当事人承认出租铺面", heldOn="2016-06-01")
    await story.refused(CLERK, "decideFine", "900元 至 2700元", **{**fine, "amountFen": 270_001})
    await story.do(CLERK, "decideFine", **fine)
    story.case = case
    assert await beside(story) == [("COLLECT", "2016-06-12"), ("COLLECT_FINE", "2016-07-01")]

    # The case is closed for fraud; what is owed stays in the queue.
    await story.do(CLERK, "closeCase", reason="FRAUD", endMonth="2016-05")
    assert await story.queue(CLERK) == [("COLLECT", "2016-06-12"), ("COLLECT_FINE", "2016-07-01")]
    story.on("2016-06-10")
    money = {"recoveryId": recovery, "method": "REFUND", "receivedOn": "2016-06-10"}
    await does(story, CASHIER, "receiveRecovery", part="RECOVERY", amountFen=90_000, voucherNo="收1", **money)
    assert await story.queue(CLERK) == [("COLLECT_FINE", "2016-07-01")]
    part = {"part": "FINE", "voucherNo": "国库1", **money}
    await does(story, CASHIER, "receiveRecovery", amountFen=79_999, **part)
    now = await seen(story, recovery)
    assert (now["recoveryLeftFen"], now["fineLeftFen"], now["state"]) == (0, 100_001, "DECIDED")
    await does(story, CASHIER, "receiveRecovery", amountFen=100_001, **part)
    now = await seen(story, recovery)
    assert (now["state"], now["outcome"], now["open"], now["presidedBy"]) == ("CLOSED", "PAID", False, SECOND.name)
    assert sum(receipt["amountFen"] for receipt in now["receipts"]) == now["decidedFen"] + now["fineFen"] == 270_000
    assert await story.queue(CLERK) == []

    # A court finds the fine too high after it was paid: the difference goes back, to the fen.
    story.on("2016-09-01")
    judgment = {"basis": "江海法行初〔2016〕7号", "decidedFen": 90_000, "fineFen": 99_999}
    await does(story, CLERK, "reviseRecovery", recoveryId=recovery, **judgment)
    assert await story.queue(CLERK) == [("REFUND", "2016-09-18")]  # Mid-Autumn: the 18th, a Sunday, is worked
    back = {"recoveryId": recovery, "part": "FINE", "voucherNo": "退1", "refundedOn": "2016-09-01"}
    await does(story, CASHIER, "refundRecovery", amountFen=80_001, **back)
    now = await seen(story, recovery)
    assert (now["state"], now["outcome"], now["open"]) == ("CLOSED", "PAID", False)
    assert sum(receipt["amountFen"] for receipt in now["receipts"]) == now["decidedFen"] + now["fineFen"] == 189_999
    assert await story.queue(CLERK) == []

    rows = await log.read(0, 1000)
    assert not any("铺面".encode() in row.payload for row in rows)
    assert (await seen(story, recovery, CASHIER))["facts"] == "****"
    assert await seen(story, recovery, STRANGER) is None


async def test_an_official_error_is_taken_back_without_a_fine(story: Story) -> None:
    await paid(story)
    recovery = await found(story, "OFFICIAL_ERROR")
    await decided(story, recovery)
    story.case = ""
    offer = {"letterNo": "1", "servedOn": "2016-05-12", "recoveryId": recovery}
    await story.refused(CLERK, "offerHearing", "经办差错不予罚款", **offer)
    fine = {"amountFen": 90_000, "grounds": "x", "letterNo": "1", "recoveryId": recovery}
    await story.refused(CLERK, "decideFine", "经办差错不予罚款", **fine)
    money = {"recoveryId": recovery, "part": "RECOVERY", "receivedOn": "2016-05-12", "voucherNo": "1"}
    await story.refused(CLERK, "receiveRecovery", "由不同的人办理", method="REFUND", amountFen=30_000, **money)
    await story.refused(CASHIER, "receiveRecovery", "书面同意", method="DEDUCTION", amountFen=30_000, **money)
    await story.do(OFFICER, "consentToDeduction", recoveryId=recovery, consentNo="同意书1号")
    await story.do(CASHIER, "receiveRecovery", method="DEDUCTION", amountFen=30_000, **money)
    await story.refused(CASHIER, "receiveRecovery", "待收 600元", method="REFUND", amountFen=60_001, **money)
    off = {"recoveryId": recovery, "outcome": "WRITTEN_OFF", "grounds": "区政府常务会议纪要〔2016〕5号"}
    await story.refused(CLERK, "closeRecovery", "不能再核销", **off)
    await story.do(SECOND, "closeRecovery", **off)
    now = await seen(story, recovery)
    assert (now["outcome"], now["writtenOffFen"], now["recoveryLeftYuan"]) == ("WRITTEN_OFF", 60_000, "0.00")
    assert await beside(story) == []


async def test_two_overpayments_of_one_case_have_items_of_their_own(story: Story) -> None:
    await paid(story)
    first = await found(story, "LATE_REPORT")
    again = {"reason": "LATE_REPORT", "facts": "x", "amountFen": 1}
    await story.refused(OFFICER, "findOverpayment", "不能重复登记", fromMonth="2016-03", toMonth="2016-04", **again)
    story.on("2016-05-04")
    (second,) = await story.do(OFFICER, "findOverpayment", fromMonth="2016-03", toMonth="2016-03", **again)
    assert await beside(story) == [("NOTIFY_RECOVERY", "2016-05-10"), ("NOTIFY_RECOVERY", "2016-05-11")]
    await story.do(OFFICER, "assignWork", step="NOTIFY_RECOVERY", item=second, assignee="街道审核丙")
    assert await story.queue(OFFICER, assignee="街道审核丙") == [("NOTIFY_RECOVERY", "2016-05-11")]
    letter = {"letterNo": "1", "proof": "直接送达", "servedOn": "2016-05-04"}
    await does(story, OFFICER, "notifyRecovery", recoveryId=first, **letter)
    assert await beside(story) == [("NOTIFY_RECOVERY", "2016-05-11"), ("DECIDE_RECOVERY", "2016-05-25")]
    query = """query C($id: UUID!, $least: Position) { case(id: $id, minPosition: $least) {
        recoveries { id state yuan } } }"""
    by_case = (await story.ask.data(query, CLERK, id=story.case, least=story.position))["case"]["recoveries"]
    assert {r["id"]: (r["state"], r["yuan"]) for r in by_case} == {
        first: ("NOTIFIED", "900.00"),
        second: ("FOUND", "0.01"),
    }
