"""Benefits by GraphQL: applied for, granted, paid through the payroll, answered by the bank, ended, recovered."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.care import Benefit
from domain.care.age_roll import WithoutAllowance
from domain.care.benefits.amounts import births_reaching
from domain.care.benefits.basis import NOTHING
from domain.clock import at, first_day
from domain.codes import BenefitKind
from infra.codec import Envelope
from projections.care.ages import without_allowance_reader
from tests.fixtures import story as told
from tests.fixtures.story import CLERK, OFFICER, REVIEWER, STRANGER, VILLAGE, WORKER, Story
from tests.integration.test_payroll import CASHIER, FINANCE, answers, bank, bank_file, issued, payroll_of

village = told.village
assert bank is not None

BENEFITS = """query Benefits($filter: BenefitFilter!, $least: Position, $then: Date) {
    benefits(filter: $filter, minPosition: $least, effectiveOn: $then, first: 50) { nodes {
        id kind state monthlyYuan startMonth endMonth endReason held waiting dueOn basis computed divisionCode
        overpaidYuan overpaidFrom overpaidTo
        payments { nodes { month kind yuan returned clearedOn account } } } } }"""


async def elder(story: Story, name: str, born: str, account: str = "", **fields: Any) -> str:
    """Somebody of the village; with an account of their own where one is given."""
    given = {"name": name, "divisionCode": VILLAGE, "birthOn": born, **fields}
    (person,) = await story.do(OFFICER, "registerPerson", **given)
    if account:
        await story.do(OFFICER, "changePersonAccount", personId=person, account=account, bank="某某银行")
    return person


async def granted(story: Story, person: str, kind: str = "OLD_AGE_ALLOWANCE", **fields: Any) -> str:
    (benefit,) = await story.do(WORKER, "applyForBenefit", personId=person, kind=kind, **fields)
    await story.do(OFFICER, "approveBenefit", benefitId=benefit)
    await story.do(CLERK, "grantBenefit", benefitId=benefit)
    return benefit


async def benefits(story: Story, by: Any = CLERK, then: str | None = None, **filter: Any) -> list[Any]:
    found = await story.ask.data(BENEFITS, by, filter=filter, least=story.position, then=then)
    nodes: list[Any] = found["benefits"]["nodes"]
    return nodes


async def payroll(story: Story, budget: str, month: str, **given: Any) -> str:
    scheme = {"scheme": "OLD_AGE_ALLOWANCE", "month": month, "budgetId": budget}
    (id,) = await story.do(CLERK, "preparePayroll", **scheme, **given)
    return id


async def budget_of(story: Story, scheme: str = "OLD_AGE_ALLOWANCE") -> str:
    given = {"year": 2016, "source": "DISTRICT", "scheme": scheme, "legalBasis": "江海财〔2016〕3号"}
    (budget,) = await story.do(FINANCE, "approveBudget", amountFen=100_000_000, **given)
    return budget


async def test_a_months_allowances_from_application_to_the_bank(village: Story, bank: Any) -> None:
    story = village
    story.on("2016-01-11")
    eighty = await elder(story, "拟某甲", "1935-11-20", "6200000000000000001")
    ninety = await elder(story, "拟某乙", "1926-02-28", "6200000000000000002")
    poor = await elder(story, "拟某丙", "1930-05-01")
    one = await granted(story, eighty)  # timely: from November, the month the age was reached in
    two = await granted(story, ninety)
    three = await granted(story, poor)
    await story.refused(WORKER, "applyForBenefit", "不能重复申请", personId=eighty, kind="OLD_AGE_ALLOWANCE")
    young = await elder(story, "拟某丁", "1950-01-01")
    await story.refused(WORKER, "applyForBenefit", "才到龄", personId=young, kind="OLD_AGE_ALLOWANCE")

    # Beside the money stands what it was computed from, for whoever may see health data.
    (seen,) = await benefits(story, personId=[eighty])
    assert (seen["state"], seen["monthlyYuan"], seen["startMonth"]) == ("PAYING", "30.00", "2015-11")
    assert seen["computed"]["parameters"] == ["benefits.old_age.80@4407/2012-01-01"]
    (masked,) = await benefits(story, WORKER, personId=[eighty])
    assert masked["computed"] != seen["computed"]
    assert "benefits.old_age" not in str(masked)
    assert await benefits(story, STRANGER, personId=[eighty]) == []

    # The 90th birthday is known ahead; the month before, nothing changes yet.
    born = {"fromMonth": "2016-02", "cause": "满90周岁"}
    await story.do(CLERK, "adjustBenefit", benefitId=two, **born)
    budget = await budget_of(story)
    story.on("2016-02-15")
    drawn = await payroll(story, budget, "2016-02", since="2015-11")
    made = await payroll_of(story, drawn)
    lines = sorted((x["month"], x["yuan"], x["held"] or "") for x in made["lines"]["nodes"])
    assert lines == [
        ("2015-11", "30.00", ""),
        ("2015-12", "30.00", ""),
        ("2016-01", "30.00", ""),
        ("2016-01", "30.00", ""),
        ("2016-01", "30.00", "NO_ACCOUNT"),
        ("2016-02", "100.00", ""),
        ("2016-02", "30.00", ""),
        ("2016-02", "30.00", "NO_ACCOUNT"),
    ]
    assert (made["totalYuan"], made["offRuleCount"]) == ("250.00", 0)

    # Somebody reports a death after it was drawn up: that line alone waits.
    await story.do(FINANCE, "checkPayroll", payrollId=drawn)
    held = {"benefitId": one, "reason": "DEATH_REPORTED", "fromMonth": "2016-02"}
    await story.do(REVIEWER, "holdBenefit", **held)
    await story.do(CASHIER, "approvePayroll", payrollId=drawn)
    await story.issuing.run_pending()
    story.position = await story.store.log.head()
    made = await payroll_of(story, drawn)
    assert (made["issuedCount"], made["issuedYuan"]) == (5, "220.00")
    (seen,) = await benefits(story, waiting=True)
    assert (seen["id"], seen["held"], seen["dueOn"]) == (one, "DEATH_REPORTED", "2016-02-18")
    assert [(p["month"], p["yuan"]) for p in seen["payments"]["nodes"]] == [
        ("2015-11", "30.00"),
        ("2015-12", "30.00"),
        ("2016-01", "30.00"),
    ]

    # The bank pays from the persons' own accounts, and sends one line back.
    file = await bank_file(story, drawn)
    text = file.content.decode("gb18030")
    assert text.startswith("高龄津贴代发 批次") or '"高龄津贴代发' in text
    assert ("拟某乙" in text, "6200000000000000002" in text, "拟某丙" in text) == (True, True, False)
    report = await bank("回盘.csv", answers(file.content, failed="拟某乙"))
    assert (report.counts.recorded, report.counts.quarantined) == (5, 0)
    await story.do(FINANCE, "reconcilePayroll", payrollId=drawn)
    made = await payroll_of(story, drawn)
    assert (made["state"], made["clearedYuan"], made["returnedYuan"]) == ("RECONCILED", "90.00", "130.00")

    # False alarm, and the poor one has an account now: the next payroll makes up for everything, and nothing twice.
    await story.do(REVIEWER, "releaseBenefit", benefitId=one, reason="电话核实在世")
    await story.do(OFFICER, "changePersonAccount", personId=poor, account="6200000000000000003", bank="某某银行")
    story.on("2016-03-10")
    again = await payroll(story, budget, "2016-03", since="2015-11")
    made = await payroll_of(story, again)
    assert sorted((x["month"], x["kind"], x["yuan"]) for x in made["lines"]["nodes"]) == [
        ("2016-01", "BACK_PAY", "30.00"),
        ("2016-01", "REGULAR", "30.00"),
        ("2016-02", "BACK_PAY", "100.00"),
        ("2016-02", "REGULAR", "30.00"),
        ("2016-02", "REGULAR", "30.00"),
        ("2016-03", "REGULAR", "100.00"),
        ("2016-03", "REGULAR", "30.00"),
        ("2016-03", "REGULAR", "30.00"),
    ]
    await issued(story, again)
    given = {"scheme": "OLD_AGE_ALLOWANCE", "month": "2016-03", "budgetId": budget, "since": "2015-11"}
    await story.refused(CLERK, "preparePayroll", "没有应发未发", **given)

    # A death learnt late: what was paid after it is to be recovered, month by month.
    await story.do(CLERK, "confirmDeath", personId=eighty, diedOn="2016-01-20", confirmedBy="派出所")
    await story.do(CLERK, "endBenefit", benefitId=one, reason="DECEASED", endMonth="2016-01")
    (seen,) = await benefits(story, personId=[eighty])
    got = (seen["state"], seen["endMonth"], seen["overpaidYuan"], seen["overpaidFrom"], seen["overpaidTo"])
    assert got == ("ENDED", "2016-01", "60.00", "2016-02", "2016-03")
    (then,) = await benefits(story, personId=[eighty], then="2016-01-31")
    assert then["state"] == "PAYING"
    story.on("2016-04-10")
    last = await payroll(story, budget, "2016-04")
    made = await payroll_of(story, last)
    assert sorted(x["yuan"] for x in made["lines"]["nodes"]) == ["100.00", "30.00"]
    assert three


async def test_two_subsidies_of_a_disabled_person(village: Story) -> None:
    story = village
    story.on("2016-01-11")
    person = await elder(story, "拟某戊", "1980-01-01", "6200000000000000005")
    certificate = {"personId": person, "category": "LIMB", "grade": "ONE", "fromOn": "2015-06-01"}
    await story.do(OFFICER, "certifyDisability", validToOn="2016-03-31", **certificate)
    nursing = await granted(story, person, "DIS_NURSING")
    await story.refused(REVIEWER, "certifyDisability", "没有变化", validToOn="2016-03-31", **certificate)
    (living,) = await story.do(WORKER, "applyForBenefit", personId=person, kind="DIS_LIVING")
    await story.do(OFFICER, "approveBenefit", benefitId=living)
    await story.refused(CLERK, "grantBenefit", "不是低保家庭", benefitId=living)
    await story.do(REVIEWER, "refuseBenefit", benefitId=living, reason="不在低保家庭")

    look = """query C($person: [UUID!], $least: Position) { disabilityCertificates(filter: {personId: $person},
        minPosition: $least) { nodes { category grade validToOn evaluateBy } } }"""
    for by, shown in ((OFFICER, ("4", "1")), (WORKER, None)):
        found = await story.ask.data(look, by, person=[person], least=story.position)
        (node,) = found["disabilityCertificates"]["nodes"]
        assert (node["validToOn"], node["evaluateBy"]) == ("2016-03-31", "2016-01-25")
        assert ((node["category"], node["grade"]) == ("4", "1")) is (shown is not None)

    budget = await budget_of(story, "DIS_NURSING")
    story.on("2016-02-15")
    given = {"scheme": "DIS_NURSING", "month": "2016-02", "since": "2016-01", "budgetId": budget}
    (drawn,) = await story.do(CLERK, "preparePayroll", **given)
    made = await payroll_of(story, drawn)
    assert [(x["month"], x["yuan"], x["ruleFen"]) for x in made["lines"]["nodes"]] == [
        ("2016-01", "200.00", None),
        ("2016-02", "200.00", None),
    ]
    # In March the certificate runs out: nothing is adjusted to nothing, people end it.
    await story.refused(CLERK, "adjustBenefit", "已到期", benefitId=nursing, fromMonth="2016-04", cause="残疾人证到期")
    await story.do(CLERK, "endBenefit", benefitId=nursing, reason="CERTIFICATE_EXPIRED", endMonth="2016-03")
    (seen,) = await benefits(story, kind=["DIS_NURSING"])
    assert (seen["state"], seen["endReason"], seen["endMonth"]) == ("ENDED", "CERTIFICATE_EXPIRED", "2016-03")


@pytest.mark.parametrize("to", ["440704005211"])
async def test_who_moves_is_paid_on_without_a_gap(village: Story, to: str) -> None:
    story = village
    story.on("2016-01-11")
    person = await elder(story, "拟某己", "1930-01-01", "6200000000000000006")
    benefit = await granted(story, person)
    story.on("2016-02-20")
    await story.do(OFFICER, "movePerson", personId=person, toDivisionCode=to, movedOn="2016-02-18")
    await story.do(CLERK, "transferBenefit", benefitId=benefit, toDivisionCode=to, movedOn="2016-02-18")
    budget = await budget_of(story)
    story.on("2016-03-10")
    drawn = await payroll(story, budget, "2016-03", since="2016-01")
    made = await payroll_of(story, drawn)
    assert [(x["month"], x["yuan"]) for x in made["lines"]["nodes"]] == [
        ("2016-01", "30.00"),
        ("2016-02", "30.00"),
        ("2016-03", "30.00"),
    ]
    assert await benefits(story, OFFICER) == []
    (seen,) = await benefits(story, CLERK)
    assert seen["divisionCode"] == to


QUESTIONS = """query Q($month: String, $least: Position) {
    conflictingBenefits(month: $month, minPosition: $least) { personId one oneFen other otherFen rule }
    ageMilestones(month: $month, minPosition: $least) { name age birthOn benefitId monthlyFen changed } }"""


async def enrolled(story: Story, person: str, kind: BenefitKind, fen: int, start: str = "2016-01") -> None:
    """A source pays the person a benefit: nobody looked at what else there is."""
    since = at(first_day(start))
    benefit = Benefit.apply_for(
        uuid4(),
        since,
        person_id=UUID(person),
        kind=kind,
        basis=NOTHING,
        applied_on=first_day(start),
        division_code=VILLAGE,
    )
    benefit.report_paid(since, monthly_fen=fen, start_month=start)
    envelope = Envelope(actor="导入", role="administrator", source="eldercare")
    story.position = (await story.store.save([benefit], envelope)).last


async def test_who_holds_what_excludes_each_other_and_who_comes_of_age(village: Story, database_url: str) -> None:
    story = village
    story.on("2016-02-10")
    both = await elder(story, "拟某庚", "1926-02-20")
    reaches = await elder(story, "拟某辛", "1936-02-29")
    await elder(story, "拟某壬", "1936-03-01")
    dead = await elder(story, "拟某癸", "1936-02-10")
    await story.do(CLERK, "confirmDeath", personId=dead, diedOn="2016-02-01", confirmedBy="派出所")
    await enrolled(story, both, BenefitKind.NURSING_HOME, 15_000)
    await enrolled(story, both, BenefitKind.DIS_NURSING, 20_000)
    await enrolled(story, both, BenefitKind.OLD_AGE_ALLOWANCE, 3_000)
    await enrolled(story, both, BenefitKind.OLD_AGE_ALLOWANCE, 3_000, start="2016-02")
    found = await story.ask.data(QUESTIONS, CLERK, month="2016-02", least=story.position)
    conflicts = {(x["one"], x["oneFen"], x["other"], x["otherFen"], x["rule"]) for x in found["conflictingBenefits"]}
    assert conflicts == {
        ("OLD_AGE_ALLOWANCE", 3_000, "OLD_AGE_ALLOWANCE", 3_000, "同一待遇同一月份只能享受一份"),
        ("NURSING_HOME", 15_000, "DIS_NURSING", 20_000, "同类护理补贴只能择高享受一项"),
    }
    assert {x["personId"] for x in found["conflictingBenefits"]} == {both}
    assert [(x["name"], x["age"], x["monthlyFen"], x["changed"]) for x in found["ageMilestones"]] == [
        ("拟某庚", 90, 3_000, False),
        ("拟某庚", 90, 3_000, True),
        ("拟某辛", 80, None, False),
    ]
    read = without_allowance_reader(story.store.log, database_url)
    born = tuple(day for age in (80, 90, 100) for day in births_reaching("2016-02", age))
    prompted = await read(WithoutAllowance("440704", born))
    assert prompted == ((UUID(reaches), VILLAGE, date(1936, 2, 29)),), "who has no allowance, and lives"
    assert await read(WithoutAllowance("440703", born)) == ()
    earlier = await story.ask.data(QUESTIONS, CLERK, month="2016-01", least=story.position)
    assert [x["one"] for x in earlier["conflictingBenefits"]] == ["NURSING_HOME"]
    elsewhere = await story.ask.data(QUESTIONS, STRANGER, month="2016-02", least=story.position)
    assert elsewhere == {"conflictingBenefits": [], "ageMilestones": []}

    # A payroll pays none of two lines of the same benefit, until people have looked at them.
    for person in (both, reaches):
        await story.do(OFFICER, "changePersonAccount", personId=person, account="6200000000000000007", bank="某行")
    budget = await budget_of(story)
    given = {"scheme": "OLD_AGE_ALLOWANCE", "month": "2016-02", "budgetId": budget}
    await story.refused(CLERK, "preparePayroll", "另有 2 笔因故不能列入", **given)

    # Everybody of a division who is entitled is insured for the year, and nobody twice.
    enrol = {"kind": "ELDER_ACCIDENT", "year": 2016, "fundSource": "LOTTERY"}
    assert len(await story.do(CLERK, "enrolPremiums", **enrol)) == 3
    await story.refused(CLERK, "enrolPremiums", "没有尚未列入", **enrol)
    look = """query P($least: Position) { premiums(minPosition: $least, first: 9) {
        nodes { kind year yuan toOn cancelled person { name } } } }"""
    nodes = (await story.ask.data(look, CLERK, least=story.position))["premiums"]["nodes"]
    assert {(n["year"], n["yuan"], n["toOn"]) for n in nodes} == {(2016, "50.00", "2016-12-31")}
    assert sorted(n["person"]["name"] for n in nodes) == ["拟某壬", "拟某庚", "拟某辛"]
    await story.do(WORKER, "issueElderCard", personId=both, kind="ELDER", cardNo="J-1")
