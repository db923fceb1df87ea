"""A stay at a designated hospital from admission to the month's clearing, by GraphQL, with what each may see."""

import asyncio
from typing import Any

import orjson
import pytest

from api.graphql.engine import Request
from domain.access import Actor, RoleCode
from domain.errors import Forbidden
from domain.medical.indicators import INDICATORS
from infra.log import PostgresLog
from tests.fixtures import story as told
from tests.fixtures.story import CLERK, OFFICER, STRANGER, VILLAGE, WORKER, Story

village = told.village

DESK = Actor("中心医院窗口", RoleCode.HOSPITAL_DESK, "440704")
OTHER_DESK = Actor("别院窗口", RoleCode.HOSPITAL_DESK, "440704")
SECURITY = Actor("安全管理员", RoleCode.SECURITY_ADMIN, "440704")
FINANCE = Actor("财务子", RoleCode.FINANCE_OFFICER, "440704")
AUDITOR = Actor("审计癸", RoleCode.AUDITOR, "440704")
CITIZEN = "990000195001011011"

STAY = """query Stay($id: UUID!, $least: Position) { medicalVisit(id: $id, minPosition: $least) {
    state category deductibleFen deductibleUsedFen capFen capUsedFen totalFen diagnosis person { id }
    hospital { title } settlements { settlementNo state booked assistanceFen personFen } } }"""
BILL = """query Bill($id: UUID!, $least: Position) { settlement(id: $id, minPosition: $least) {
    state booked basicFen siFen assistanceYuan personFen cashFen fundsFen totalFen capUsedBeforeFen computed
    replaces { settlementNo } replacement { settlementNo } } }"""
SEEN = """query Seen($least: Position) { medicalVisits(minPosition: $least, first: 9) { totalCount }
    settlements(minPosition: $least, first: 9) { totalCount } accumulators(first: 9) { totalCount }
    hospitalMonths(first: 9) { totalCount } reconciliations(first: 9) { totalCount } clearings(first: 9) { totalCount }
    persons(first: 9) { totalCount } cases(first: 9) { totalCount } workItems(first: 9) { totalCount }
    myHospitals(first: 9) { nodes { hospital { title } } } medicalCategories(first: 9) { totalCount } }"""
MONTHS = """query Months($least: Position) { hospitalMonths(minPosition: $least, first: 9) { nodes {
    month madeCount undoneCount totalFen assistanceFen personFen clearedFen } } }"""
YEARS = """query Years($least: Position) { accumulators(minPosition: $least, first: 9) { nodes {
    year deductibleFen assistanceFen settlementCount } } }"""


async def asked(story: Story, query: str, by: Actor, **variables: Any) -> Any:
    """The data that somebody from outside is answered: with their rights in force, and on the story's day."""
    engine = story.ask.service.running()
    caller = engine.caller(by)
    answer = await engine.answer(Request(query, {"least": story.position, **variables}), caller)
    body = orjson.loads(answer.body)
    assert "errors" not in body, body["errors"]
    return body["data"]


async def figures(story: Story, by: Actor, period: str = "2016-01") -> dict[str, int]:
    """The indicators of medical assistance of a month."""
    query = """query F($names: [String!], $period: String!, $least: Position) {
        indicators(names: $names, period: $period, minPosition: $least) { name value } }"""
    names = [indicator.name for indicator in INDICATORS]
    found = await asked(story, query, by, names=names, period=period)
    return {each["name"]: each["value"] for each in found["indicators"]}


async def tasks(story: Story, by: Actor) -> list[str]:
    """Open tasks of medical assistance."""
    query = """query T($least: Position) { tasks(filter: {open: true, area: [MEDICAL]}, minPosition: $least, first: 9) {
        nodes { step dueOn } } }"""
    return [node["step"] for node in (await asked(story, query, by))["tasks"]["nodes"]]


async def hospital(story: Story, desk: Actor, code: str) -> str:
    """A hospital under agreement, and its window: the right by one hand, the hospital by another."""
    (place,) = await story.do(
        CLERK,
        "designateHospital",
        code=code,
        title=f"医院{code}",
        level="SECOND",
        agreementNo=f"协{code}",
        fromOn="2015-01-01",
        toOn="2017-12-31",
    )
    window = {"account": desk.name, "toOn": "2016-12-31", "fromOn": "2016-01-11"}
    await story.refused(CLERK, "bindDesk", "没有医院结算窗口权限", hospitalId=place, **window)
    right = {"grantedRole": "HOSPITAL_DESK", "divisionCode": "440704", "basis": "协议", **window}
    await story.do(SECURITY, "grantRight", **right)
    await story.do(CLERK, "bindDesk", hospitalId=place, **window)
    return place


async def patient(story: Story) -> str:
    """Somebody in dibao."""
    who = {"name": "拟某甲", "divisionCode": VILLAGE, "citizenId": CITIZEN}
    (person,) = await story.do(OFFICER, "registerPerson", **who)
    given = {"category": "DIBAO", "fromOn": "2016-01-01", "basis": "江海低保〔2016〕1号"}
    await story.do(CLERK, "openMedicalCategory", personId=person, **given)
    return person


async def stay(story: Story, place: str, number: str) -> str:
    """In and out of hospital with the reference's bill."""
    who = {"citizenId": CITIZEN, "visitNo": number, "medType": "INPATIENT", "insurance": "RESIDENT"}
    (visit,) = await story.do(DESK, "admitPatient", hospitalId=place, admittedOn="2016-01-11", diagnosis="肺炎", **who)
    (again,) = await story.do(DESK, "admitPatient", hospitalId=place, admittedOn="2016-01-11", diagnosis="肺炎", **who)
    assert again == visit, "the same registration again does nothing"
    costs = {"totalFen": 3_000_000, "inScopeFen": 2_600_000, "ownExpenseFen": 400_000}
    await story.do(DESK, "uploadExpenses", visitId=visit, **costs)
    await story.do(DESK, "dischargePatient", visitId=visit, dischargedOn="2016-01-11")
    return visit


PRINTED = {"totalFen": 3_000_000, "fundsFen": 2_391_500, "hospitalFen": 0, "personFen": 608_500}


async def test_a_stay_from_admission_to_the_hospital_s_money(village: Story, log: PostgresLog) -> None:
    story = village
    place, other = await hospital(story, DESK, "H1"), await hospital(story, OTHER_DESK, "H2")
    person = await patient(story)
    visit = await stay(story, place, "J1")

    # What the window asks: category, what is left, the split of this bill.
    seen = (await asked(story, STAY, DESK, id=visit))["medicalVisit"]
    assert (seen["category"], seen["capFen"], seen["capUsedFen"]) == ("DIBAO", 8_000_000, 0)
    assert (seen["diagnosis"], seen["person"], seen["hospital"]["title"]) == ("肺炎", None, "医院H1")
    (bill,) = await story.do(DESK, "preSettleBill", visitId=visit, settlementNo="S1")
    shown = (await asked(story, BILL, DESK, id=bill))["settlement"]
    assert (shown["basicFen"], shown["siFen"], shown["assistanceYuan"]) == (1_905_000, 0, "4,865.00")
    assert (shown["personFen"], shown["booked"], shown["state"]) == (608_500, False, "PRE_SETTLED")
    assert "medical.ma.ratio.dibao@440704/2014-01-01" in shown["computed"]["parameters"]

    # Booked once; the window of another hospital finds nothing of it.
    settle = {"settlementId": bill, **PRINTED}
    await story.refused(OTHER_DESK, "settleBill", "不属于您所在的医院", "NOT_FOUND", **settle)
    await story.refused(DESK, "settleBill", "相差", **{**settle, "personFen": 1})
    await story.do(DESK, "settleBill", **settle)
    await story.do(DESK, "settleBill", **settle)
    await story.do(DESK, "reportSettlementUnknown", settlementId=bill, messageNo="M1")
    assert await tasks(story, CLERK) == ["MEDICAL_REVERSAL"]
    unknown = (await asked(story, BILL, DESK, id=bill))["settlement"]
    assert (unknown["state"], unknown["booked"]) == ("PENDING_REVERSAL", True), "timed out: booked here"
    await story.do(DESK, "confirmSettlement", settlementId=bill, note="补查")
    assert await tasks(story, CLERK) == []

    # Cancelled and issued again: caps restored, both stand in the month.
    await story.do(DESK, "cancelSettlement", settlementId=bill, reason="WRONG_FEES")
    (year,) = (await asked(story, YEARS, CLERK))["accumulators"]["nodes"]
    assert year == {"year": 2016, "deductibleFen": 0, "assistanceFen": 0, "settlementCount": 0}
    assert await tasks(story, CLERK) == ["MEDICAL_REISSUE"]
    (second,) = await story.do(DESK, "preSettleBill", visitId=visit, settlementNo="S2")
    await story.do(DESK, "settleBill", settlementId=second, **PRINTED)
    after = (await asked(story, BILL, DESK, id=second))["settlement"]
    assert (after["replaces"]["settlementNo"], after["state"]) == ("S1", "SETTLED")
    left = (await asked(story, STAY, DESK, id=visit))["medicalVisit"]
    assert left["capUsedFen"] == 486_500
    assert await tasks(story, CLERK) == []

    money = {"ma_times": 1, "ma_fen": 486_500, "ma_avg_fen": 486_500, "ma_inpatient_ratio": 7_000}
    assert await figures(story, CLERK) == {**money, "ma_hospitals": 2}
    assert (await figures(story, STRANGER))["ma_times"] == 0
    await _cleared(story, place)
    await _seen(story, other, person)
    rows = await log.read(0, 1000)
    assert not any("肺炎".encode() in row.payload for row in rows)
    assert not any("肺炎" in tag for row in rows for tag in row.tags)


async def _cleared(story: Story, place: str) -> None:
    """The day is reconciled with a difference, then without; the month is cleared by two hands."""
    day = {"hospitalId": place, "businessOn": "2016-01-11"}
    await story.refused(DESK, "reconcileDay", "请次日对账", **day, file="")
    story.on("2016-01-12")
    lines = "结算ID,退费标志,医疗费总额,医疗救助支出\nS1,0,30000,4865\nS1,1,-30000,-4865\n"
    await story.do(DESK, "reconcileDay", **day, file=lines + "S2,0,30000.00,4865.01")
    query = """query D($least: Position) {
        reconciliationDifferences(filter: {open: true}, minPosition: $least, first: 5) {
            nodes { settlementNo kind oursAssistanceFen theirsAssistanceFen } }
        findings(filter: {rule: [MEDICAL_DIFFERENCE]}, minPosition: $least, first: 5) { totalCount } }"""
    found = await asked(story, query, DESK)
    assert found["reconciliationDifferences"]["nodes"] == [
        {"settlementNo": "S2", "kind": "AMOUNT", "oursAssistanceFen": 486_500, "theirsAssistanceFen": 486_501}
    ]
    assert (await asked(story, query, CLERK))["findings"]["totalCount"] == 1
    assert await tasks(story, CLERK) == ["MEDICAL_DIFFERENCE"]
    month = {"hospitalId": place, "month": "2016-01"}
    await story.refused(FINANCE, "prepareClearing", "尚未结束", **month)
    story.on("2016-02-02")
    await story.refused(FINANCE, "prepareClearing", "对账差异未核实", **month)
    await story.do(DESK, "reconcileDay", **day, file=lines + "S2,0,30000.00,4865.00")
    assert await tasks(story, CLERK) == []
    (clearing,) = await story.do(FINANCE, "prepareClearing", **month)
    pay = {"clearingId": clearing, "fundSource": "DISTRICT", "voucherNo": "拨1"}
    await story.refused(FINANCE, "payClearing", "您已编制此清算", **pay)
    await story.do(CLERK, "payClearing", **pay)
    (sums,) = (await asked(story, MONTHS, AUDITOR))["hospitalMonths"]["nodes"]
    assert sums == {
        "month": "2016-01",
        "madeCount": 2,
        "undoneCount": 1,
        "totalFen": 3_000_000,
        "assistanceFen": 486_500,
        "personFen": 608_500,
        "clearedFen": 486_500,
    }


async def _seen(story: Story, other: str, person: str) -> None:
    """Who sees what: a window its own hospital, and nothing of anybody else."""
    own = await asked(story, SEEN, DESK)
    assert own.pop("myHospitals")["nodes"] == [{"hospital": {"title": "医院H1"}}]
    counts = {name: found["totalCount"] for name, found in own.items()}
    ours = {"medicalVisits": 1, "settlements": 2, "hospitalMonths": 1, "reconciliations": 1, "clearings": 1}
    assert counts == {**dict.fromkeys(counts, 0), **ours}
    theirs = await asked(story, SEEN, OTHER_DESK)
    assert theirs.pop("myHospitals")["nodes"] == [{"hospital": {"title": "医院H2"}}]
    assert {found["totalCount"] for found in theirs.values()} == {0}
    posing = Actor(DESK.name, RoleCode.VISITOR, "440704")
    with pytest.raises(Forbidden):  # the same account in another role sees nothing of it
        await asked(story, SEEN, posing)
    for stranger in (STRANGER, WORKER):
        elsewhere = await asked(story, SEEN, stranger)
        assert (elsewhere["medicalVisits"]["totalCount"], elsewhere["settlements"]["totalCount"]) == (0, 0)
    officer = await asked(story, SEEN, OFFICER)
    assert (officer["settlements"]["totalCount"], officer["accumulators"]["totalCount"]) == (2, 1)
    await story.do(CLERK, "releaseDesk", hospitalId=await _id(story, "H1"), account=DESK.name, reason="离岗")
    gone = await asked(story, SEEN, DESK)
    gone.pop("myHospitals")
    assert {found["totalCount"] for found in gone.values()} == {0}
    timeline = """query T($id: UUID!) { person(id: $id) { timeline(first: 50) { nodes { title detail } } } }"""
    nodes = (await story.ask.data(timeline, CLERK, id=person))["person"]["timeline"]["nodes"]
    titles = [node["title"] for node in nodes]
    assert {"登记就诊", "预结算", "结算", "撤销结算", "年度累计变动", "结算已清算"} <= set(titles)
    assert other


async def _id(story: Story, code: str) -> Any:
    query = "query H($code: String!) { hospitals(filter: {code: [$code]}, first: 1) { nodes { id } } }"
    return (await story.ask.data(query, CLERK, code=code))["hospitals"]["nodes"][0]["id"]


async def test_two_windows_at_once_meet_in_the_patient_s_year(village: Story) -> None:
    """Two bills of one person at the same moment: neither is lost, and the cap is counted over both."""
    story = village
    place = await hospital(story, DESK, "H1")
    await patient(story)
    visits = [await stay(story, place, number) for number in ("J1", "J2")]
    bills = []
    for number, visit in enumerate(visits, 1):
        bills += await story.do(DESK, "preSettleBill", visitId=visit, settlementNo=f"S{number}")
    both = [story._give(DESK, "settleBill", {"settlementId": bill, **PRINTED}) for bill in bills]
    answers = await asyncio.gather(*both)
    refused = [body for body in answers if "errors" in body]
    booked = len(answers) - len(refused)
    story.position = max(body["data"]["done"]["position"] for body in answers if "errors" not in body)
    (year,) = (await asked(story, YEARS, CLERK))["accumulators"]["nodes"]
    assert year["settlementCount"] == booked >= 1
    assert year["assistanceFen"] == booked * 486_500
    assert all("重新预结算" in body["errors"][0]["message"] for body in refused)


async def test_a_claim_afterwards_from_the_street_to_its_payment(village: Story) -> None:
    story = village
    person = await patient(story)
    bills = {"totalFen": 3_000_000, "inScopeFen": 2_600_000, "basicFen": 1_905_000}
    (claim,) = await story.do(
        WORKER,
        "fileManualClaim",
        personId=person,
        medType="INPATIENT",
        admittedOn="2016-01-02",
        dischargedOn="2016-01-09",
        invoiceNo="票1",
        summary="外地医院，肺炎",
        **bills,
    )
    assert await tasks(story, OFFICER) == ["MEDICAL_CLAIM_REVIEW"]
    await story.do(OFFICER, "reviewManualClaim", claimId=claim, note="票据属实", **bills)
    await story.do(WORKER, "publiciseManualClaim", claimId=claim, noticeNo="公1", fromOn="2016-01-12")
    await story.refused(CLERK, "approveManualClaim", "期满前不能核准", claimId=claim)
    story.on("2016-01-20")
    await story.do(CLERK, "approveManualClaim", claimId=claim)
    await story.refused(CLERK, "payManualClaim", "您已核准", claimId=claim, voucherNo="付1")
    await story.do(FINANCE, "payManualClaim", claimId=claim, voucherNo="付1")
    query = """query C($least: Position) { manualClaims(minPosition: $least, first: 5) { nodes {
        state category baseFen amountFen summary } } }"""
    (seen,) = (await asked(story, query, OFFICER))["manualClaims"]["nodes"]
    assert seen == {
        "state": "PAID",
        "category": "DIBAO",
        "baseFen": 695_000,
        "amountFen": 486_500,
        "summary": "外地医院，肺炎",
    }
    money = {"ma_times": 1, "ma_fen": 486_500, "ma_avg_fen": 486_500, "ma_inpatient_ratio": 7_000}
    assert await figures(story, AUDITOR) == {**money, "ma_hospitals": 0}
    (masked,) = (await asked(story, query, AUDITOR))["manualClaims"]["nodes"]
    assert masked["summary"] == "****"
    (year,) = (await asked(story, YEARS, CLERK))["accumulators"]["nodes"]
    assert (year["assistanceFen"], year["settlementCount"]) == (486_500, 0)
