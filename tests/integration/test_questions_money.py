"""The ready queries about money, samples and readers, for auditors and the district: one month, one cycle, one person.

What is expected is added up from the aggregates that the log's events leave, or worked out in plain Python.
"""

import hashlib
from datetime import datetime
from typing import Any

from domain.access import Actor, RoleCode
from domain.assistance import Case, Payment
from domain.clock import CHINA
from domain.codes import BenefitKind
from domain.funds import Payroll
from domain.kernel import Aggregate
from domain.medical import Settlement
from tests.fixtures import story as told
from tests.fixtures.questions import answer, ask, projected
from tests.fixtures.story import CLERK, OFFICER, VILLAGE, Story
from tests.integration.test_benefits import elder as old
from tests.integration.test_benefits import enrolled
from tests.integration.test_medical import DESK, PRINTED, hospital, patient, stay
from tests.integration.test_payroll import FINANCE, answers, bank, bank_file, budgeted, granted, issued, prepared
from tests.integration.test_visits import SEED, VISITOR, allocate, drawn, households, morning, result
from tests.integration.test_visits import granted as right

village = told.village
assert bank is not None

AUDITOR = Actor("审计员", RoleCode.AUDITOR, "440704", "audit")


async def all_of(story: Story, kind: type[Aggregate]) -> list[Any]:
    """Every aggregate of a kind that the log has, folded from its events."""
    created = kind.Created.TOPIC  # type: ignore[attr-defined]  # every aggregate has one
    rows = await story.store.log.read(0, 100_000, topics=(created,))
    return list((await story.store.load_many(kind, [row.stream_id for row in rows])).values())


async def test_a_months_money_as_auditors_and_the_district_ask(village: Story, bank: Any) -> None:
    story = village
    place = await hospital_bills(story)
    paid, returned = await granted(story, 1), await granted(story, 2)
    budget = await budgeted(story)
    story.on("2016-02-15")
    payroll = await prepared(story, budget, "2016-02", batchNo="B-1")
    await issued(story, payroll)
    content = (await bank_file(story, payroll)).content
    await bank("回盘.csv", answers(content, failed="拟某甲2"))
    await story.do(FINANCE, "reconcilePayroll", payrollId=payroll)
    now = datetime.now(CHINA)
    # The household's income rises in March: what was known of February stays what it was.
    story.case = paid
    story.on("2016-03-02")
    await story.do(OFFICER, "verifyCase", monthlyIncomeFen=50_000, propertyWithinLimits=True, conclusion="属实")
    story.case = ""

    await hospital_cleared(story, place)
    await projected(story)
    await agreed(story)
    await rebuilt(story, paid, now)
    await changed(story, {paid: False, returned: True})
    await viewed(story, paid)
    await excluded(story)


async def hospital_bills(story: Story) -> str:
    """A bill that was cancelled and settled again."""
    place = await hospital(story, DESK, "H1")
    await patient(story)
    visit = await stay(story, place, "J1")
    for number in ("S1", "S2"):
        (bill,) = await story.do(DESK, "preSettleBill", visitId=visit, settlementNo=number)
        await story.do(DESK, "settleBill", settlementId=bill, **PRINTED)
        if number == "S1":
            await story.do(DESK, "cancelSettlement", settlementId=bill, reason="WRONG_FEES")
    return place


async def hospital_cleared(story: Story, place: str) -> None:
    """The day compared, the month cleared."""
    lines = "结算ID,退费标志,医疗费总额,医疗救助支出\nS1,0,30000,4865\nS1,1,-30000,-4865\nS2,0,30000,4865"
    await story.do(DESK, "reconcileDay", hospitalId=place, businessOn="2016-01-11", file=lines)
    (clearing,) = await story.do(FINANCE, "prepareClearing", hospitalId=place, month="2016-01")
    await story.do(CLERK, "payClearing", clearingId=clearing, fundSource="DISTRICT", voucherNo="拨1")


async def agreed(story: Story) -> None:
    """Auditor 6: what was granted, listed, issued, answered by the bank; and what hospitals were cleared."""
    found = await answer(story.ask, "TotalsAgree", AUDITOR, month=["2016-01", "2016-02"])
    (batch,) = found["payrolls"]["nodes"]
    payments = [each for each in await all_of(story, Payment) if each.batch_no == "B-1"]
    cases = await all_of(story, Case)
    assert batch["totalFen"] == sum(case.amount_for("2016-02") or 0 for case in cases) == 180_000
    assert batch["issuedFen"] == sum(payment.amount_fen for payment in payments)
    back = sum(payment.amount_fen for payment in payments if payment.returned)
    assert (batch["returnedFen"], batch["clearedFen"]) == (back, batch["issuedFen"] - back) == (90_000, 90_000)
    assert (batch["openFen"], batch["differenceFen"]) == (0, 0)
    (made,) = await all_of(story, Payroll)
    assert [batch[name] for name in ("preparedBy", "checkedBy", "approvedBy")] == [
        *(made.prepared_by, made.checked_by, made.approved_by)
    ]
    settled = [each for each in await all_of(story, Settlement) if each.booked]
    (month,) = found["hospitalMonths"]["nodes"]
    (clearing,) = found["clearings"]["nodes"]
    assert month["assistanceFen"] == month["clearedFen"] == clearing["amountFen"] == 486_500
    assert (len(settled), clearing["count"], month["madeCount"] - month["undoneCount"]) == (1, 1, 1)


async def rebuilt(story: Story, case: str, now: datetime) -> None:
    """Auditor 1: standard by persons, less income, is what was paid; by whom it was decided stands beside it."""
    known = {"asOf": now.isoformat(), "day": "2016-02-01", "subject": f"case:{case}"}
    found = await answer(story.ask, "RebuildPayment", AUDITOR, case=case, month=["2016-02"], **known)
    (payment,) = found["payments"]["nodes"]
    then, trace = found["case"], found["case"]["computed"]
    standard = 55_000  # yuan 550 a person in a village from 2016, domain/parameters/dibao.yaml
    due = max(standard * then["memberCount"] - then["monthlyIncomeFen"], 0)
    assert (then["memberCount"], then["monthlyIncomeFen"], due) == (2, 20_000, 90_000)
    assert due == then["monthlyFen"] == trace["amount_fen"]
    assert payment["yuan"] == f"{due // 100}.{due % 100:02}"
    assert any(code.startswith("dibao.standard") for code in trace["parameters"])
    assert len(set(payment["payroll"].values())) == 3
    rows = await story.store.log.tagged(f"case:{case}")
    assert [entry["position"] for entry in found["timeline"]["nodes"]] == [row.position for row in rows]


async def changed(story: Story, returned: dict[str, bool]) -> None:
    """District clerk 3: what was paid for the month, and what came back and why."""
    found = await answer(story.ask, "PaymentsMade", CLERK, month=["2016-02"])
    numbers = {str(case.id): case.case_no for case in await all_of(story, Case)}
    assert {row["case"]["caseNo"]: (row["yuan"], row["returned"]) for row in found["payments"]["nodes"]} == {
        numbers[case]: ("900.00", back) for case, back in returned.items()
    }
    assert {row["reason"] for row in found["payments"]["nodes"] if row["returned"]} == {"账号户名不符"}
    assert found["benefitPayments"]["totalCount"] == 0


async def viewed(story: Story, case: str) -> None:
    """Auditor 4: who looked, and what for; the auditor who asks has looked at nobody."""
    (head,) = [each.applicant_id for each in await all_of(story, Case) if str(each.id) == case]
    today = datetime.now(CHINA).date().isoformat()  # readings are noted by the real clock
    asked = {"person": str(head), "since": today, "until": today}
    before = await ask(story.ask, "WhoViewed", AUDITOR, **asked)
    month = {"month": ["2016-02"]}
    await answer(story.ask, "PaymentsMade", CLERK, purpose="核对二月发放", **month)
    found = await ask(story.ask, "WhoViewed", AUDITOR, **asked)
    new = found[: len(found) - len(before)]
    assert [(read["actor"], read["purpose"], read["operation"]) for read in new] == [
        (CLERK.name, "核对二月发放", "PaymentsMade")
    ]


async def excluded(story: Story) -> None:
    """District clerk 5: two sources pay one person two nursing benefits, and another that goes with both."""
    both, one = await old(story, "拟某庚", "1926-02-20"), await old(story, "拟某辛", "1926-02-20")
    for person, kind, fen in (
        *((both, BenefitKind.NURSING_HOME, 15_000), (both, BenefitKind.DIS_NURSING, 20_000)),
        *((both, BenefitKind.OLD_AGE_ALLOWANCE, 3_000), (one, BenefitKind.DIS_NURSING, 20_000)),
    ):
        await enrolled(story, person, kind, fen)
    await projected(story)
    (found,) = await ask(story.ask, "ExcludedBenefits", CLERK, month="2016-02")
    assert (found["personId"], found["divisionCode"]) == (both, VILLAGE)
    assert {(found["one"], found["oneFen"]), (found["other"], found["otherFen"])} == {
        *(("NURSING_HOME", 15_000), ("DIS_NURSING", 20_000)),
    }
    assert await ask(story.ask, "ExcludedBenefits", CLERK, month="2015-12") == []


def digest(texts: list[str]) -> str:
    """SHA-256 of lines, as docs/sampling.md writes it for whoever recomputes a draw by hand."""
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


def lots(homes: list[str]) -> list[str]:
    """Households in the order of the lot: by the hash of seed and id."""
    return sorted(homes, key=lambda home: hashlib.sha256(f"{SEED}:{home}".encode()).hexdigest())


async def test_two_years_samples_and_what_a_visitor_is_given(village: Story) -> None:
    """Auditor 2: by the published seeds, half of the homes the first year, and the second whoever was not met."""
    story = village
    homes = list(await households(story, 3))
    campaign, visits = await drawn(story)
    await right(story, VISITOR, "2016-04-30")
    await allocate(story, campaign, visits)
    await projected(story)
    mine = await ask(story.ask, "MyVisits", VISITOR)
    first = lots(homes)[:2]  # half of three, rounded up
    assert {visit["householdId"] for visit in visits} == set(first)
    assert {visit["id"] for visit in mine} == {visit["id"] for visit in visits}
    await morning(story, "2016-03-10")
    met = visits[0]["householdId"]
    await story.do(VISITOR, "submitVisitResult", **result(visits[0]))
    await morning(story, "2017-03-01")
    (second,) = await story.do(CLERK, "openCampaign", year=2017, seedHash=hashlib.sha256(SEED.encode()).hexdigest())
    await story.do(CLERK, "closeCampaign", campaignId=campaign)
    await story.do(CLERK, "drawSample", campaignId=second, seed=SEED)
    await projected(story)
    found = {row["year"]: row for row in await ask(story.ask, "Samples", AUDITOR, cycle=[2016, 2017])}
    rest = [home for home in lots(homes) if home != met]
    for year, listed in ((2016, first), (2017, rest)):
        row = found[year]
        assert row["seedHash"] == hashlib.sha256(row["seed"].encode()).hexdigest()
        assert row["openedOn"] <= row["drawnOn"]
        assert {node["householdId"] for node in row["visits"]["nodes"]} == set(listed)
        assert (row["householdCount"], row["listDigest"]) == (len(listed), digest(listed))
    assert met not in {node["householdId"] for node in found[2017]["visits"]["nodes"]}
    assert (found[2016]["populationCount"], found[2017]["leftOutCount"]) == (3, 1)
