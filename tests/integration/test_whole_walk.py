"""One dibao case from the counter to the bank's answer and its recheck, by GraphQL and command line alone.

Clerk, street officers, community worker, finance and a purchased visitor, each with their own token, over Spring
Festival 2016 (7 to 13 February off, Saturday the 6th and Sunday the 14th worked). docs/case-walk.md tells the same.
"""

import asyncio
import csv
import io
import os
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from api.cli.app import app
from api.cli.base import run_app
from domain.access import Actor, RoleCode
from domain.assistance.drawing import hash_of
from infra.deadlines import Deadlines
from infra.log import PostgresLog
from tests.fixtures import story as told
from tests.fixtures.story import CLERK, OFFICER, REVIEWER, STREET, WORKER, Story

story, village = told.story, told.village

PREPARER = Actor("财务己", RoleCode.FINANCE_OFFICER, "440704")
CASHIER = Actor("财务庚", RoleCode.FINANCE_OFFICER, "440704")
SECURITY = Actor("安全管理员", RoleCode.SECURITY_ADMIN, "440704")
VISITOR = Actor("社工甲", RoleCode.VISITOR, STREET)
SEED = "2016年3月21日由三人各写一段、合起来才成的种子，公布散列前封存：7f3a9c"
PDF = b"%PDF-1.4 1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj trailer<</Root 1 0 R>>"
ALL = """query All($id: UUID!, $least: Position) { case(id: $id, minPosition: $least) {
    state monthlyYuan startMonth recheckOn dueOn preparedBy reviewedBy decidedBy
    documents { kind } notices { noticeNo kind servedOn }
    verifications { state conclusion unanswered queries { source status } }
    payments { nodes { month yuan clearedOn returned fundSource payroll { batchNo approvedBy } } }
    totals { paidYuan paidCount } sampleVisits { nodes { state finding visitor } }
    timeline(first: 100) { nodes { title actor } } } }"""


class Walk:
    """The story with a command line beside it."""

    def __init__(self, story: Story, capfd: pytest.CaptureFixture[str]) -> None:
        self.story = story
        self._capfd = capfd

    async def cli(self, *arguments: str) -> str:
        """Run `minzheng ARGUMENTS`, which must succeed, on the story's day; what it says."""
        os.environ["MINZHENG_TODAY"] = self.story.today.date().isoformat()
        self._capfd.readouterr()
        code = await asyncio.to_thread(run_app, app, arguments)
        said = self._capfd.readouterr()
        assert code == 0, said.err
        self.story.position = await self.story.store.log.head()
        return said.out

    async def token(self, who: Actor) -> str:
        """A token from the command line, as a user of the development installation gets it."""
        claims = ("--role", who.role.value, "--division", who.division_code, "--name", who.name)
        return (await self.cli("token", *claims)).strip()

    async def look(self) -> Any:
        """Everything about the case."""
        return (await self.story.ask.data(ALL, CLERK, id=self.story.case, least=self.story.position))["case"]

    async def page(self, path: str, by: Actor) -> str:
        """The text of a PDF."""
        answer = await self.story.ask.http.get(path, headers=self.story.ask.headers(by))
        assert answer.status_code == 200, answer.text
        document = pypdfium2.PdfDocument(answer.content)
        text = "".join(page.get_textpage().get_text_range() for page in document)
        return "".join(text.split())


@pytest.fixture
def walk(
    story: Story,
    log: PostgresLog,
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> Walk:
    """The village's story; its command line works on the same installation."""
    monkeypatch.setenv("MINZHENG_DATABASE_URL", database_url)
    monkeypatch.setenv("MINZHENG_DATA_DIR", os.fspath(tmp_path))
    monkeypatch.setenv("MINZHENG_TODAY", "2016-01-11")
    return Walk(story, capfd)


async def at_the_counter(walk: Walk) -> None:
    """Monday 11 January: applied, accepted with a numbered notice, papers attached, sources asked."""
    story = walk.story
    assert await story.queue(OFFICER) == [("ACCEPT", "2016-01-14")]
    await story.do(OFFICER, "acceptCase")
    (notice, *_) = await story.do(OFFICER, "issueNotice", kind="ACCEPTANCE")
    assert "至迟于2016年2月25日办结" in await walk.page(f"/notices/{notice}.pdf", OFFICER)
    sent = await story.ask.http.post(
        f"/documents?case={story.case}&kind=收入证明",
        content=PDF,
        headers=story.ask.headers(WORKER) | {"Content-Type": "application/pdf"},
    )
    assert sent.status_code == 201, sent.text
    await served(story, notice)
    await story.do(OFFICER, "openVerification")
    for member in await members(story):
        await story.do(WORKER, "signAuthorization", personId=member, signedOn="2016-01-11")
    await story.do(OFFICER, "sendQueries", sources=["BANK", "TAX"])
    await story.do(WORKER, "changeCaseAccount", account="6200000000000000011", bank="样例银行")


async def served(story: Story, notice: str) -> None:
    """The applicant signs for a notice today."""
    given = {"noticeId": notice, "method": "DIRECT", "servedOn": story.today.date().isoformat(), "proof": "申请人签收"}
    case, story.case = story.case, ""
    await story.do(OFFICER, "serveNotice", **given)
    story.case = case


async def members(story: Story) -> list[str]:
    asked = "query M($id: UUID!, $p: Position) { case(id: $id, minPosition: $p) { memberIds } }"
    found: list[str] = (await story.ask.data(asked, CLERK, id=story.case, p=story.position))["case"]["memberIds"]
    return found


async def looked_into(walk: Walk) -> None:
    """Visit and community review; the bank answers, the tax office doesn't; papers missing over Spring Festival."""
    story = walk.story
    story.on("2016-01-13")
    visit = {"finding": "AS_STATED", "report": "两人同住平房，无车无铺", "visitedOn": "2016-01-12"}
    await story.do(WORKER, "recordVisit", **visit)
    await story.do(WORKER, "recordCommunityReview", forCount=11, againstCount=1, heldOn="2016-01-13")
    await story.do(OFFICER, "recordAnswer", source="BANK", result="NOTHING", answeredOn="2016-01-13")
    income = {"monthlyIncomeFen": 20_000, "propertyWithinLimits": True, "conclusion": "属实"}
    await story.refused(OFFICER, "verifyCase", "核对", **income)  # the sources still have time
    story.on("2016-01-19")
    assert await Deadlines(story.store, lambda: story.today).run_pending() == 1
    told = {"monthlyIncomeFen": 20_000, "propertyWithinLimits": True, "conclusion": "CONSISTENT"}
    await story.do(OFFICER, "reportVerification", **told)
    seen = (await walk.look())["verifications"][0]
    assert (seen["state"], seen["unanswered"]) == ("REPORTED", ["tax"])

    story.on("2016-01-29")
    await story.do(OFFICER, "requestSupplement", missing="务工收入证明")
    story.on("2016-02-16")
    await story.do(OFFICER, "receiveSupplement")
    assert (await walk.look())["dueOn"] == "2016-03-09"  # nine working days of waiting later than 25 February
    await story.do(OFFICER, "verifyCase", **income)


async def decided(walk: Walk) -> None:
    """Reviewed by another officer, hung out for seven days, confirmed by the district, told in writing, published."""
    story = walk.story
    await story.refused(OFFICER, "reviewCase", "请由其他经办人办理", opinion="GRANT")
    await story.do(REVIEWER, "reviewCase", opinion="GRANT")
    await story.do(WORKER, "postNotice", noticeNo="公示〔2016〕3号")
    sheet = await walk.page(f"/forms/publicity.pdf?case={story.case}", WORKER)
    assert "拟某甲1" in sheet
    assert "6200000000000000011" not in sheet
    story.on("2016-02-23")
    await story.refused(CLERK, "confirmCase", "公示期至 2016-02-23 届满")
    story.on("2016-02-24")
    await story.do(CLERK, "confirmCase", variableIncome=True)
    (notice, *_) = await story.do(CLERK, "issueNotice", kind="CONFIRMATION")
    letter = await walk.page(f"/notices/{notice}.pdf", CLERK)
    # (550 − 200 ÷ 2) × 2 = 900 yuan, in figures and in the capitals that cannot be altered.
    assert "900.00元" in letter
    assert "玖佰元整" in letter
    await served(story, notice)
    await story.do(WORKER, "announceGrant", noticeNo="长期公示〔2016〕2号")
    seen = await walk.look()
    assert (seen["state"], seen["monthlyYuan"], seen["startMonth"]) == ("PAYING", "900.00", "2016-03")
    hands = (seen["preparedBy"], seen["reviewedBy"], seen["decidedBy"])
    assert hands == (OFFICER.name, REVIEWER.name, CLERK.name)


async def paid(walk: Walk, folder: Path) -> None:
    """March's payroll by three hands, the bank's file out and its answer in, reconciled."""
    story = walk.story
    story.on("2016-03-10")
    case, story.case = story.case, ""
    given = {"year": 2016, "source": "DISTRICT", "scheme": "DIBAO", "legalBasis": "江海财〔2016〕1号"}
    (budget,) = await story.do(PREPARER, "approveBudget", amountFen=100_000_00, **given)
    month = {"scheme": "DIBAO", "month": "2016-03", "budgetId": budget, "batchNo": "2016-03-DIBAO"}
    (payroll,) = await story.do(CLERK, "preparePayroll", **month)
    await story.refused(CLERK, "checkPayroll", "您已编制此批次", payrollId=payroll)
    await story.do(PREPARER, "checkPayroll", payrollId=payroll)
    await story.do(CASHIER, "approvePayroll", payrollId=payroll)
    assert "发放 1 笔" in await walk.cli("payroll", "issue")

    out, back = folder / "代发.csv", folder / "回盘_20160315.csv"
    await walk.cli(
        "payroll", "bank-file", "2016-03-DIBAO", "--out", os.fspath(out), "--token", await walk.token(PREPARER)
    )
    (_, header, line) = csv.reader(io.StringIO(out.read_text("gb18030")))
    assert line[2:6] == ["拟某甲1", "6200000000000000011", "样例银行", "900.00"]
    story.on("2016-03-15")
    answered = io.StringIO()
    csv.writer(answered).writerows(([*header, "处理结果", "入账日期"], [*line, "成功", "2016-03-14"]))
    back.write_text(answered.getvalue(), "gb18030")
    assert "记录 1" in await walk.cli("import", "--source", "bank", os.fspath(back))
    await story.do(PREPARER, "reconcilePayroll", payrollId=payroll)
    story.case = case
    seen = await walk.look()
    (payment,) = seen["payments"]["nodes"]
    assert payment == {
        "month": "2016-03",
        "yuan": "900.00",
        "clearedOn": "2016-03-14",
        "returned": False,
        "fundSource": "区财政",
        "payroll": {"batchNo": "2016-03-DIBAO", "approvedBy": CASHIER.name},
    }
    assert seen["totals"] == {"paidYuan": "900.00", "paidCount": 1}


async def visited(walk: Walk) -> None:
    """The year's sample: a purchased visitor sees this household for as long as it is theirs to visit."""
    story = walk.story
    story.on("2016-03-21")
    case, story.case = story.case, ""
    right = {"account": VISITOR.name, "grantedRole": "VISITOR", "divisionCode": STREET, "basis": "采购合同3号"}
    await story.do(SECURITY, "grantRight", **right, fromOn="2016-03-21", toOn="2016-05-31")
    (campaign,) = await story.do(CLERK, "openCampaign", year=2016, seedHash=hash_of(SEED))
    await story.do(CLERK, "drawSample", campaignId=campaign, seed=SEED)
    asked = "query V($p: Position) { visits(minPosition: $p) { nodes { id householdId } } }"
    (visit,) = (await story.ask.data(asked, CLERK, p=story.position))["visits"]["nodes"]
    homes = {"householdIds": [visit["householdId"]], "visitor": VISITOR.name, "dueOn": "2016-04-30"}
    await story.do(CLERK, "allocateVisits", campaignId=campaign, **homes)
    await story.ask.service.running().dispatcher.rights.refresh()
    own = "{ myVisits { nodes { id name memberCount } } cases { totalCount } persons { totalCount } }"
    await story.ask.data(asked, CLERK, p=story.position)
    headers = story.ask.headers(VISITOR)
    seen = (await story.ask.http.post("/graphql", json={"query": own}, headers=headers)).json()["data"]
    assert seen["myVisits"]["nodes"] == [{"id": visit["id"], "name": "拟某甲1", "memberCount": 2}]
    assert seen["cases"]["totalCount"] == seen["persons"]["totalCount"] == 0
    met = {"finding": "AS_STATED", "report": "两人在家", "visitedOn": "2016-03-21"}
    await story.do(VISITOR, "submitVisitResult", visitId=visit["id"], **met)
    await story.ask.data(asked, CLERK, p=story.position)
    seen = (await story.ask.http.post("/graphql", json={"query": own}, headers=headers)).json()["data"]
    assert seen["myVisits"]["nodes"] == []
    await walk.cli("sample", "verify", campaign)
    story.case = case


async def test_from_the_counter_to_the_bank_and_the_recheck(walk: Walk, tmp_path: Path) -> None:
    story = walk.story
    await at_the_counter(walk)
    await looked_into(walk)
    await decided(walk)
    await paid(walk, tmp_path)
    await visited(walk)

    story.on("2016-08-22")
    assert ("RECHECK", "2016-09-01") in await story.queue(OFFICER)
    income = {"monthlyIncomeFen": 30_000, "propertyWithinLimits": True, "conclusion": "务工收入增加"}
    await story.do(OFFICER, "verifyCase", **income)
    await story.do(CLERK, "adjustCase", fromMonth="2016-09", cause="定期复核")
    (notice, *_) = await story.do(CLERK, "issueNotice", kind="CHANGE")
    assert "捌佰元整" in await walk.page(f"/notices/{notice}.pdf", CLERK)
    await served(story, notice)
    seen = await walk.look()
    assert (seen["monthlyYuan"], seen["recheckOn"]) == ("800.00", "2017-02-01")
    assert [step for step, _ in await story.queue(OFFICER)] == ["RECHECK"]
    told = await walk.cli("case", "replay", story.case)
    for step in ("申请救助", "受理申请", "制发通知书", "公示", "确认救助", "发放", "银行入账", "调整金额"):
        assert step in told, step
    assert "玖佰" not in told
    assert [visit["state"] for visit in seen["sampleVisits"]["nodes"]] == ["VISITED"]
    titles = [entry["title"] for entry in seen["timeline"]["nodes"]]
    assert titles.index("确认救助") < titles.index("发放") < titles.index("银行入账")
