"""Economic-status verification whole, by GraphQL and by file: who authorised, who answered and not, and who decides.

The sources have five working days: those asked on Monday 11 January 2016 are late from the 19th on.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from connectors.importer import Importer, Options, Report, opened_importer
from connectors.quarantine import Quarantine
from connectors.retry import retry
from domain.access import Actor, RoleCode
from domain.assistance import EconVerification
from domain.codes import EconQueryState, EconSource, FindingRule
from domain.findings import Finding
from domain.kernel import ERASED, Event
from infra.codec import EventCodec
from infra.deadlines import Deadlines
from infra.keys import KeyRing, open_master_key
from projections import Assistance
from projections.kernel.verify import verify
from projections.work import Work
from tests.files.make import citizen_id, table, write_csv, write_xlsx
from tests.fixtures import story as told
from tests.fixtures.questions import ask, projected
from tests.fixtures.story import CLERK, OFFICER, REVIEWER, STRANGER, VILLAGE, WORKER, Story

village = told.village

FINANCE = Actor("财务己", RoleCode.FINANCE_OFFICER, "440704")
TITLES = ("核对编号", "姓名", "身份证号", "数据来源", "核对结果", "金额", "明细", "答复日期")
SEEN = """query Seen($id: UUID!, $least: Position) {
    case(id: $id, minPosition: $least) {
        state monthlyIncomeYuan findings(first: 9) { nodes { ruleLabel amountFen } }
        verifications {
            id requestNo state reportBy unanswered conclusion monthlyIncomeYuan validUntil reportedBy reverifiedBy
            note contestReason excessYuan upheld reason
            authorizations { personId signedOn validUntil revokedOn }
            queries { source status round open sentOn answerBy answeredOn timedOutOn purpose }
            answers { source personId result value detail asked } } } }"""


class Home:
    """A household of two adults and a child, whose head applied; the story is about its case."""

    def __init__(self, story: Story, head: str, spouse: str, number: int) -> None:
        self.story = story
        self.head = head
        self.spouse = spouse
        self.ids = (citizen_id(2 * number + 1), citizen_id(2 * number + 2))

    async def look(self, by: Actor = CLERK) -> Any:
        """The case with its verifications as someone sees them."""
        return (await self.story.ask.data(SEEN, by, id=self.story.case, least=self.story.position))["case"]

    async def verification(self, by: Actor = CLERK) -> Any:
        """The only verification."""
        (found,) = (await self.look(by))["verifications"]
        return found

    async def authorised(self) -> None:
        """Opened, and signed by both adults."""
        await self.story.do(OFFICER, "openVerification")
        for adult in (self.head, self.spouse):
            await self.story.do(WORKER, "signAuthorization", personId=adult, signedOn=self.day())

    async def asked(self, *sources: str) -> None:
        """These sources are asked."""
        await self.authorised()
        await self.story.do(OFFICER, "sendQueries", sources=list(sources))

    def day(self) -> str:
        """Today."""
        return self.story.today.date().isoformat()


async def applies(story: Story, number: int = 1) -> Home:
    """A family applies, and the street accepts."""
    story.case = ""
    people = []
    for who, id in (("甲", citizen_id(2 * number + 1)), ("乙", citizen_id(2 * number + 2))):
        given = {"name": f"拟某{who}", "divisionCode": VILLAGE, "citizenId": id}
        people += await story.do(OFFICER, "registerPerson", **given)
    child = {"name": "拟某丙", "divisionCode": VILLAGE, "birthOn": "2008-05-05"}
    people += await story.do(OFFICER, "registerPerson", **child)
    home = {"kind": "CO_LIVING", "householdNo": f"B{number}", "divisionCode": VILLAGE, "headId": people[0]}
    (household,) = await story.do(OFFICER, "formHousehold", **home)
    for person, relation in zip(people[1:], ("SPOUSE", "SON"), strict=True):
        joins = {"relation": relation, "effectiveOn": story.today.date().isoformat()}
        await story.do(OFFICER, "joinHousehold", householdId=household, personId=person, **joins)
    asked = {"scheme": "DIBAO", "householdId": household, "applicantId": people[0], "cause": "ILLNESS"}
    (story.case,) = await story.do(WORKER, "applyForAssistance", memberIds=people, **asked)
    await story.do(OFFICER, "acceptCase")
    return Home(story, people[0], people[1], number)


def row(request: str, source: str, result: str = "无", **more: Any) -> dict[str, Any]:
    """A line of the verification centre's file."""
    return {"核对编号": request, "数据来源": source, "核对结果": result, "答复日期": "2016-01-14", **more}


class Centre:
    """The verification centre, whose files come in on the story's day."""

    def __init__(self, importer: Importer, folder: Path) -> None:
        self.importer = importer
        self.folder = folder

    async def sends(self, *rows: dict[str, Any], name: str = "核对答复.csv", on: str = "2016-01-15") -> Report:
        """A file of answers."""
        path = self.folder / name
        if path.suffix == ".xlsx":
            write_xlsx(path, [TITLES, *table(rows, TITLES)])
        else:
            write_csv(path, rows, TITLES)
        return await self.importer.import_file(path, "econ", Options(export_on=date.fromisoformat(on)))


@asynccontextmanager
async def centre_of(story: Story, folder: Path) -> AsyncIterator[Centre]:
    """The importer beside the service, on the same log and keys."""
    settings = story.ask.settings.model_copy(update={"today": date(2016, 12, 31)})
    async with opened_importer(story.store.log, settings.database_url, settings) as importer:
        yield Centre(importer, folder)


@pytest.fixture
async def centre(village: Story, tmp_path: Path) -> AsyncIterator[Centre]:
    """The verification centre."""
    async with centre_of(village, tmp_path) as found:
        yield found


async def events(story: Story, kind: type[Event]) -> list[Any]:
    """The log's events of a class, in order, read by nobody else before."""
    keyring = KeyRing(story.store.log, open_master_key(story.ask.settings))
    codec = EventCodec(keyring)
    rows = [r for r in await story.store.log.read(0, 100_000) if r.topic == kind.TOPIC]
    await keyring.preload(codec.holders(rows))
    return [codec.decode(r) for r in rows]


async def caught_up(story: Story) -> None:
    """Whoever looks next sees what was recorded by others than the story's people."""
    story.position = await story.store.log.head()


async def test_from_authorisation_to_reverification(village: Story, centre: Centre) -> None:
    home = await applies(village)

    # Nobody is asked before both adults have signed; the child of seven signs nothing.
    await village.refused(WORKER, "openVerification", "无权办理", "FORBIDDEN")
    await village.refused(STRANGER, "openVerification", "没有找到", "NOT_FOUND")
    await village.do(OFFICER, "openVerification")
    assert await village.queue(WORKER, role="COMMUNITY_WORKER") == [("ECON_AUTHORISE", "2016-01-18")]
    await village.refused(OFFICER, "openVerification", "已有一次核对正在办理")
    await village.refused(OFFICER, "sendQueries", "尚有 2 名成年成员没有有效授权")
    await village.do(WORKER, "signAuthorization", personId=home.head, signedOn="2016-01-11")
    await village.refused(OFFICER, "sendQueries", "尚有 1 名")
    await village.do(WORKER, "signAuthorization", personId=home.spouse, signedOn="2016-01-11")
    assert ("ECON_SEND", "2016-01-14") in await village.queue(OFFICER)
    seen = await home.verification()
    assert {a["personId"] for a in seen["authorizations"]} == {home.head, home.spouse}
    assert {a["validUntil"] for a in seen["authorizations"]} == {"2017-01-11"}
    assert seen["state"] == "AUTHORISED"

    # Three sources are asked; while they have time, nothing is reported, and nothing is decided on the case.
    await village.do(OFFICER, "sendQueries", sources=["BANK", "TAX", "VEHICLE"])
    assert {("ECON_ANSWERS", "2016-01-18"), ("ECON_REPORT", "2016-01-25")} <= set(await village.queue(OFFICER))
    record = {"monthlyIncomeFen": 30_000, "propertyWithinLimits": True, "conclusion": "属实"}
    await village.refused(OFFICER, "verifyCase", "尚未出具报告", **record)
    village.on("2016-01-13")
    found = {
        "source": "BANK",
        "personId": home.head,
        "result": "FOUND",
        "valueFen": 1_234_567,
        "detail": "存折尾号6789",
    }
    await village.do(OFFICER, "recordAnswer", answeredOn="2016-01-12", **found)
    report = {"conclusion": "DIFFERENT", "monthlyIncomeFen": 200_000, "propertyWithinLimits": True}
    await village.refused(OFFICER, "reportVerification", "银行存款、税务、车辆", **report)

    # The centre's file: of the spouse, of the household, of something nobody asked, and of another request.
    village.on("2016-01-15")
    request = seen["requestNo"]
    taken = await centre.sends(
        row(request, "银行", 姓名="拟某乙", 身份证号=home.ids[1]),
        row(request, "税务局", "有", 金额="3500.50", 明细="工资薪金"),
        row(request, "房产", "有", 明细="外海某房"),
        row("HD-2016-没有此号", "银行"),
        name="核对答复_20160115.xlsx",
    )
    assert (taken.counts.recorded, taken.counts.quarantined, taken.counts.findings) == (3, 1, 1)
    await caught_up(village)
    seen = await home.verification()
    assert {q["source"]: (q["status"], q["round"]) for q in seen["queries"]} == {
        "BANK": ("ANSWERED", 1),
        "TAX": ("ANSWERED", 1),
        "VEHICLE": ("WAITING", 1),
        "REAL_ESTATE": ("ANSWERED", 0),
    }
    assert {(a["source"], a["value"], a["asked"]) for a in seen["answers"]} == {
        ("BANK", "12345.67元", True),
        ("BANK", "", True),
        ("TAX", "3500.50元", True),
        ("REAL_ESTATE", "", False),
    }
    assert seen["state"] == "PARTIAL"

    # The vehicle office does not answer: late on the day after its last, once, and the report says so.
    watch = Deadlines(village.store, lambda: village.today)
    village.on("2016-01-18")
    assert await watch.run_pending() == 0
    village.on("2016-01-19")
    assert [await watch.run_pending(), await watch.run_pending()] == [1, 0]
    await caught_up(village)
    assert ("ECON_ANSWERS", "2016-01-18") not in await village.queue(OFFICER)
    before = (await home.look())["monthlyIncomeYuan"]
    await village.do(OFFICER, "reportVerification", note="银行存款与申报不符", **report)
    seen = await home.verification()
    assert (seen["state"], seen["unanswered"], seen["validUntil"]) == ("REPORTED", ["vehicle"], "2016-07-19")
    assert seen["excessYuan"] == "350.00"  # 2,000 − 550 × 3

    # Above the standard: work for people and a finding, and the case stays as it was.
    assert ("ECON_ABOVE", "2016-02-14") in await village.queue(OFFICER)
    looked = await home.look()
    assert (looked["state"], looked["monthlyIncomeYuan"]) == ("ACCEPTED", before)
    assert {f["ruleLabel"]: f["amountFen"] for f in looked["findings"]["nodes"]} == {
        FindingRule.INCOME_ABOVE_STANDARD.label: 35_000,
        FindingRule.ANSWER_UNASKED.label: 0,
    }

    # The household contests it, and another hand verifies again.
    await village.do(WORKER, "contestVerification", reason="存折是代邻居保管")
    await village.refused(OFFICER, "verifyCase", "有异议", **record)
    assert ("ECON_REVERIFY", "2016-02-02") in await village.queue(OFFICER)
    again = {"upheld": True, "conclusion": "CONSISTENT", "monthlyIncomeFen": 30_000, "propertyWithinLimits": True}
    await village.refused(OFFICER, "reverifyVerification", "请由其他经办人办理", **again)
    village.on("2016-01-25")
    await village.do(REVIEWER, "reverifyVerification", note="邻居某已书面说明", **again)
    seen = await home.verification()
    assert (seen["state"], seen["reportedBy"], seen["reverifiedBy"]) == ("REVERIFIED", OFFICER.name, REVIEWER.name)
    assert (seen["monthlyIncomeYuan"], seen["excessYuan"], seen["upheld"]) == ("300.00", None, True)
    await village.do(OFFICER, "verifyCase", **record)
    assert not [step for step, _ in await village.queue(OFFICER) if step.startswith("ECON")]

    # Half a year later it is too old.
    village.on("2016-07-26")
    assert await watch.run_pending() == 1
    await caught_up(village)
    assert (await home.verification())["state"] == "EXPIRED"
    codec = EventCodec(KeyRing(village.store.log, open_master_key(village.ask.settings)))
    url = village.ask.settings.database_url
    compared = await verify(village.store.log, codec, url, [Assistance(), Work()])
    assert [result.differing for result in compared] == [0, 0]


async def test_what_banks_say_is_not_for_everyone(village: Story) -> None:
    home = await applies(village)
    await home.asked("BANK")
    said = {"source": "BANK", "result": "FOUND", "valueFen": 7_654_321, "detail": "理财产品两笔"}
    await village.do(OFFICER, "recordAnswer", answeredOn="2016-01-11", **said)
    report = {"conclusion": "CONSISTENT", "monthlyIncomeFen": 10_000, "propertyWithinLimits": True}
    await village.do(OFFICER, "reportVerification", note="理财已赎回治病", **report)
    await village.do(WORKER, "contestVerification", reason="邻居误认的产品")

    (answer,) = (await home.verification())["answers"]
    assert (answer["value"], answer["detail"]) == ("76543.21元", "理财产品两笔")
    masked = await home.verification(FINANCE)
    assert [masked["note"], masked["contestReason"]] == ["****", "****"]
    assert [(a["value"], a["detail"]) for a in masked["answers"]] == [("****", "****")]
    worker = await home.verification(WORKER)  # who collects signatures need not know what banks said
    assert (worker["contestReason"], worker["note"]) == ("邻居误认的产品", "****")
    assert [(a["value"], a["detail"]) for a in worker["answers"]] == [("****", "****")]
    assert (await village.ask.data(SEEN, STRANGER, id=village.case, least=village.position))["case"] is None
    rows = await village.store.log.read(0, 1000)
    for text in ("理财", "赎回", "误认"):
        assert not any(text.encode() in row.payload for row in rows)
    titles = await village.ask.data(
        """query T($subject: String!, $least: Position) {
            timeline(subject: $subject, minPosition: $least, first: 50) { nodes { title detail } } }""",
        subject=f"person:{home.head}",
        least=village.position,
    )
    seen = {node["title"]: node["detail"] for node in titles["timeline"]["nodes"]}
    assert "银行存款，最低生活保障审核确认" in seen["发出核对查询"]  # whoever is looked up can see for what


async def test_a_revoked_authorisation_stops_queries_and_a_late_answer_is_a_finding(
    village: Story, centre: Centre
) -> None:
    home = await applies(village)
    await home.asked("BANK")
    village.on("2016-01-13")
    await village.do(WORKER, "revokeAuthorization", personId=home.spouse)
    await village.refused(OFFICER, "sendQueries", "尚有 1 名", sources=["TAX"])
    late = {"source": "BANK", "result": "NOTHING", "answeredOn": "2016-01-13"}
    await village.refused(OFFICER, "recordAnswer", "已撤回授权", **late)
    assert ("ECON_AUTHORISE", "2016-01-20") in await village.queue(CLERK)
    request = (await home.verification())["requestNo"]
    taken = await centre.sends(row(request.lower(), "银行", "有", 金额=5))
    assert (taken.counts.recorded, taken.counts.findings) == (1, 1)
    (finding,) = await events(village, Finding.Created)
    assert (finding.rule, finding.amount_fen) == (FindingRule.ANSWER_UNASKED, 500)
    await caught_up(village)
    assert (await home.verification())["queries"][0]["status"] == "ANSWERED"

    # Answers are facts in any state; after the report they are for people to look at.
    report = {"conclusion": "INCOMPLETE", "monthlyIncomeFen": 0, "propertyWithinLimits": True}
    await village.do(OFFICER, "reportVerification", **report)
    corrected = row(request, "银行", "有", 金额=6, 答复日期="2016-01-12")
    assert (await centre.sends(corrected, on="2016-01-20")).counts.findings == 1
    assert [f.rule for f in await events(village, Finding.Created)][1:] == [FindingRule.ANSWER_AFTER_REPORT]
    again = await centre.sends(corrected, on="2016-01-20")
    assert (again.counts.duplicates, again.counts.events) == (1, 0)


async def test_nothing_more_is_kept_of_a_household_that_was_erased(village: Story, centre: Centre) -> None:
    home = await applies(village)
    await home.asked("BANK", "TAX")
    said = {"source": "TAX", "result": "FOUND", "detail": "工资", "answeredOn": "2016-01-11"}
    await village.do(OFFICER, "recordAnswer", **said)
    one = EconVerification.id_for(UUID(village.case), 1)
    loaded = await village.store.load(EconVerification, one)
    assert loaded is not None
    await village.store.log.destroy_key(loaded.household_id)
    village.store.keyring.drop(loaded.household_id)
    again = await village.store.load(EconVerification, one)
    assert again is not None
    assert [answer.detail for answer in again.queries[EconSource.TAX].answers] == [ERASED]
    taken = await centre.sends(row(loaded.request_no, "银行", "有", 明细="存折"))
    assert (taken.counts.recorded, taken.counts.quarantined) == (0, 1)
    assert [row.reason.value for row in await Quarantine(centre.importer.tables).rows()] == ["erased"]


async def test_rows_that_can_not_be_recorded_wait(village: Story, centre: Centre) -> None:
    home = await applies(village)
    await home.authorised()
    request = (await home.verification())["requestNo"]
    report = await centre.sends(
        row("HD-2015-000000000000", "银行"),
        row(request, "银行", 姓名="拟某甲", 身份证号=home.ids[1]),
        row(request, "银行", 身份证号=citizen_id(99)),
        row(request, "银行", "无", 金额=5),
        row(request, "彩票"),
        row(request, "银行", 姓名="拟某甲"),
        row(request, "银行", "也许"),
        row(request, "税务", 答复日期="2017-01-01"),
    )
    assert (report.counts.recorded, report.counts.quarantined) == (0, 8)
    waiting = sorted(await Quarantine(centre.importer.tables).rows(), key=lambda row: row.row_number)
    assert [row.reason.value for row in waiting] == [
        "unknown_request",
        "identity",
        "unknown_person",
        "inconsistent",
        "unreadable",
        "missing",
        "unreadable",
        "inconsistent",
    ]
    assert waiting[0].columns == ("核对编号",)
    assert (await retry(centre.importer, reason="unknown_request")).waiting == 1
    mended = await centre.sends(row(request, "银行", 姓名="拟某乙", 身份证号=home.ids[1]), on="2016-01-16")
    assert (mended.counts.recorded, mended.counts.mended) == (1, 1)


async def test_a_case_takes_its_verification_along(village: Story) -> None:
    home = await applies(village)
    await home.asked("BANK")
    await village.do(CLERK, "transferCase", toDivisionCode="440704001001", movedOn="2016-01-11")
    said = {"source": "BANK", "result": "NOTHING", "answeredOn": "2016-01-11"}
    await village.refused(OFFICER, "recordAnswer", "没有找到", "NOT_FOUND", **said)
    await village.do(STRANGER, "recordAnswer", **said)
    assert (await home.verification(STRANGER))["state"] == "PARTIAL"


async def test_the_same_click_twice_opens_one(village: Story) -> None:
    await applies(village)
    once = {"clientMutationId": "m-1"}
    assert await village.do(OFFICER, "openVerification", **once) == await village.do(
        OFFICER, "openVerification", **once
    )
    assert len(await events(village, EconVerification.Created)) == 1


async def test_which_sources_have_not_answered(village: Story, centre: Centre) -> None:
    """The ready query of docs/questions.md, against what the log's own events leave open."""
    homes = []
    for number in range(1, 5):
        home = await applies(village, number)
        await home.asked("BANK", "TAX", "HOUSING_FUND")
        homes.append((home, village.case, (await home.verification())["requestNo"]))
    village.on("2016-01-12")
    (_, first, request), (_, second, _), (_, third, _), _ = homes
    await centre.sends(row(request, "银行", 答复日期="2016-01-12"), on="2016-01-12")
    village.case = second
    for source in ("BANK", "TAX", "HOUSING_FUND"):
        said = {"source": source, "result": "NOTHING", "answeredOn": "2016-01-12"}
        await village.do(OFFICER, "recordAnswer", **said)
    village.case = third
    await village.do(OFFICER, "withdrawCase", reason="自愿")
    village.on("2016-01-19")
    await Deadlines(village.store, lambda: village.today).run_pending()
    village.case = first
    await village.do(OFFICER, "sendQueries", sources=["TAX"])

    expected = await open_sources(village)
    await projected(village)
    found = await ask(village.ask, "UnansweredSources", OFFICER)
    got = {(n["caseId"], n["source"]): (n["status"], n["answerBy"]) for n in found}
    assert got == expected
    assert len(found) == 5
    assert expected[first, "TAX"] == ("WAITING", "2016-01-26")
    assert {n["verification"]["requestNo"] for n in found} == {request, homes[3][2]}
    assert await ask(village.ask, "UnansweredSources", STRANGER) == []

    lists = """query Lists($id: UUID!, $state: [EconState!], $street: String, $least: Position) {
        verification(id: $id, minPosition: $least) { requestNo case { id } }
        verifications(filter: {state: $state, division: $street}, first: 9) { nodes { caseId state } }
        verificationQueries(filter: {division: $street, source: [BANK]}, first: 9) { totalCount } }"""
    one = str(EconVerification.id_for(UUID(first), 1))
    asked = {"id": one, "state": ["SENT", "CANCELLED"], "street": "440704004", "least": village.position}
    seen = await village.ask.data(lists, **asked)
    assert seen["verification"] == {"requestNo": request, "case": {"id": first}}
    states = {node["caseId"]: node["state"] for node in seen["verifications"]["nodes"]}
    assert states == {third: "CANCELLED", homes[3][1]: "SENT"}
    assert seen["verificationQueries"]["totalCount"] == 4
    elsewhere = await village.ask.data(lists, **asked | {"street": "440704001"})
    assert elsewhere["verifications"]["nodes"] == []


async def open_sources(story: Story) -> dict[tuple[str, str], tuple[str, str]]:
    """By case and source what is unanswered in verifications without a result: from the queries and answers alone."""
    over = {EconVerification.EconReported, EconVerification.Reverified, EconVerification.Cancelled}
    ended = {event.originator_id for kind in over for event in await events(story, kind)}
    answered = {(e.originator_id, e.source) for e in await events(story, EconVerification.QueryAnswered) if e.complete}
    late = {(e.originator_id, e.source, e.round) for e in await events(story, EconVerification.QueryTimedOut)}
    found = {}
    for sent in await events(story, EconVerification.QuerySent):
        if sent.originator_id not in ended and (sent.originator_id, sent.source) not in answered:
            timed_out = (sent.originator_id, sent.source, sent.round) in late
            status = EconQueryState.TIMED_OUT if timed_out else EconQueryState.WAITING
            found[str(sent.case_id), EconSource(sent.source).name] = (status.name, sent.answer_by.isoformat())
    return found
