"""The ready queries about figures, findings and platforms (docs/questions.md), against the log of the imported demo."""

import asyncio
from collections import Counter
from typing import Any

import pytest

from domain.access import Actor, RoleCode
from domain.assistance import Case
from domain.assistance.dibao import standard_code
from domain.clock import first_day
from domain.codes import FindingRule, PaymentKind, Scheme, UrbanRural
from domain.findings import Finding
from domain.parameters import official_parameters
from domain.registry import Person
from infra.log import PostgresLog
from tests.fixtures import demo as district
from tests.fixtures import story as telling
from tests.fixtures.api import Asking, actor
from tests.fixtures.demo import Imported
from tests.fixtures.figures import everything, of_month
from tests.fixtures.questions import QUERIES, ask, projected
from tests.fixtures.story import CLERK, OFFICER, REVIEWER, VILLAGE, WORKER, Story

imported, demo, village = district.imported, district.demo, telling.village


@pytest.fixture(scope="module")
def told(imported: Imported) -> Any:
    """What the log itself says."""
    return asyncio.run(everything(imported))


async def raised(imported: Imported, rule: FindingRule) -> list[Any]:
    """The findings of a rule that the log has, each with the actors of the events it names."""
    log = PostgresLog(imported.url)
    try:
        store = imported.platform(log).store
        rows = [row for row in await log.read(0, 10_000_000) if row.topic == Finding.Created.TOPIC]
        events: Any = [store.codec.decode(row) for row in rows]
        return [event for event in events if event.rule is rule]
    finally:
        await log.close()


async def test_average_gaps(demo: Asking, told: Any) -> None:
    due: Counter[tuple[str, str]] = Counter()
    persons: Counter[tuple[str, str]] = Counter()
    for case in told[0]:
        amount = case.amount_for("2015-12") if case.scheme is Scheme.DIBAO else None
        if amount is not None:
            key = (f"{case.urban_rural.label}低保月人均补差", case.division_code[:9])
            due[key] += amount
            persons[key] += len(case.members_for("2015-12"))
    found = await ask(demo, "AverageGaps", actor(), period="2015-12")
    assert len(found) == 6
    assert {(row["label"], row["divisionCode"]): row["value"] for row in found} == {
        (label, street): round(due[label, street] / persons[label, street]) if persons[label, street] else None
        for label in ("城镇低保月人均补差", "农村低保月人均补差")
        for street in ("440704001", "440704004", "440704005")
    }
    assert {row["target"] for row in found} == {38_400, 18_600}


async def test_paid_above_the_standard_in_the_demo(demo: Asking, told: Any) -> None:
    def above(case: Case) -> bool:
        due, income = case.amount_for("2015-12"), case.monthly_income_fen
        if case.scheme is not Scheme.DIBAO or due is None or income is None:
            return False
        standard = official_parameters().value(
            standard_code(case.urban_rural), case.division_code, first_day("2015-12")
        )
        return income >= standard * len(case.members_for("2015-12"))

    found = await ask(demo, "PaidAboveStandard", actor(), on="2015-12-31")
    assert {row["caseId"] for row in found} == {str(case.id) for case in told[0] if above(case)}


async def test_conflicting_benefits_and_payments_after_death(demo: Asking, imported: Imported) -> None:
    conflicts = await raised(imported, FindingRule.EXCLUSIVE_SCHEMES)
    found = await ask(demo, "ConflictingBenefits", actor())
    assert len(found) == len(conflicts) > 0
    assert {node["personId"] for node in found} == {str(event.person_id) for event in conflicts}

    deaths = await raised(imported, FindingRule.PAID_AFTER_DEATH)
    found = await ask(demo, "PaidAfterDeath", actor("auditor"))
    assert len(found) == len(deaths) > 0
    assert {(node["personId"], node["month"], node["yuan"]) for node in found} == {
        (str(event.person_id), event.month, f"{event.amount_fen / 100:,.2f}") for event in deaths
    }
    for node in found:
        assert any(entry["actor"] for entry in node["case"]["timeline"]["nodes"])
        assert any(each.startswith("payment:") for each in node["evidence"])


async def test_grants_payments_and_returns(demo: Asking, told: Any) -> None:
    for period in ("2013-06", "2015-11"):
        expected = of_month(period, told)
        found = await ask(demo, "Agreement", actor("auditor"), period=period)
        sums: Counter[str] = Counter()
        for row in found:
            sums[row["name"]] += row["value"]
        for name in ("dibao", "tekun"):
            due, issued, back = (expected[f"{name}_{kind}_fen"] for kind in ("due", "issued_for", "returned_for"))
            assert sums[f"{name}_due_fen"] == due > 0
            assert sums[f"{name}_unpaid_fen"] == due - issued + back


async def test_what_a_municipal_platform_is_told(demo: Asking, imported: Imported, told: Any) -> None:
    platform = Actor("市平台", RoleCode.PLATFORM, "4407")
    expected = of_month("2015-12", told)
    month = {row["name"]: row["value"] for row in await ask(demo, "MonthlyStatistics", platform, period="2015-12")}
    assert month["dibao_persons"] == expected["dibao_persons"] > 0
    assert month["tekun_persons"] == expected["tekun_persons"]
    assert month["dibao_net_fen"] == expected["dibao_paid_fen"] - expected["dibao_returned_fen"]

    log = PostgresLog(imported.url)
    try:
        store = imported.platform(log).store
        on_rolls = {
            scheme: {
                m for c in told[0] if c.scheme is scheme and c.amount_for("2015-12") for m in c.members_for("2015-12")
            }
            for scheme in (Scheme.DIBAO, Scheme.TEKUN)
        }
        some = [*sorted(on_rolls[Scheme.DIBAO])[:3], *sorted(on_rolls[Scheme.TEKUN])[:3]]
        gone = {m for c in told[0] for m in c.member_ids} - on_rolls[Scheme.DIBAO] - on_rolls[Scheme.TEKUN]
        persons = await store.load_many(Person, [*some, *sorted(gone)[:3]])
    finally:
        await log.close()
    asked = 0
    for person in persons.values():
        if person.citizen_id:
            asked += 1
            found = await ask(demo, "PersonStatus", platform, citizenId=person.citizen_id, on="2015-12-01")
            assert found == {
                "dibao": person.id in on_rolls[Scheme.DIBAO],
                "tekun": person.id in on_rolls[Scheme.TEKUN],
            }
    assert asked > 5
    unknown = await ask(demo, "PersonStatus", platform, citizenId="11010519491231002X", on="2015-12-01")
    assert unknown == {"dibao": False, "tekun": False}
    away = Actor("邻区", RoleCode.PLATFORM, "440703")
    assert await ask(demo, "PersonStatus", away, citizenId=persons[some[0]].citizen_id, on="2015-12-01") == unknown
    assert await demo.codes(QUERIES["PersonStatus"], actor("grid_worker"), citizenId="11010519491231002X") == [
        "FORBIDDEN"
    ]


async def test_small_grants_and_a_recheck_above_the_standard(village: Story) -> None:
    """A street's small grant, and a family whose recheck shows as much income as the standard."""
    (head,) = await village.do(OFFICER, "registerPerson", name="拟某甲", divisionCode=VILLAGE)
    home = {"kind": "CO_LIVING", "householdNo": "A1", "divisionCode": VILLAGE, "headId": head}
    (household,) = await village.do(OFFICER, "formHousehold", **home)
    asked = {"scheme": "TEMP", "householdId": household, "applicantId": head, "cause": "ILLNESS"}
    (village.case,) = await village.do(WORKER, "applyForAssistance", memberIds=[head], **asked)
    await village.do(OFFICER, "confirmTemporaryAssistance", months=1, urgent=True)
    await village.do(CLERK, "issuePayment", month="2016-01", batchNo="L1", fundSource="区级")
    await projected(village)
    year = await ask(village.ask, "SmallGrants", OFFICER, year="2016")
    assert {row["name"]: row["value"] for row in year} == {
        **{"temp_small_times": 1, "temp_times": 1},
        **{"temp_small_fen": 55_000, "temp_net_fen": 55_000},
    }

    await village.applies(2)
    verified = {"propertyWithinLimits": True, "conclusion": "属实"}
    visit = {"finding": "AS_STATED", "report": "属实", "visitedOn": "2016-01-11"}
    for by, command, given in (
        (OFFICER, "acceptCase", {}),
        (OFFICER, "recordVisit", visit),
        (OFFICER, "verifyCase", {**verified, "monthlyIncomeFen": 20_000}),
        (REVIEWER, "reviewCase", {"opinion": "GRANT"}),
        (WORKER, "postNotice", {"noticeNo": "1"}),
    ):
        await village.do(by, command, **given)
    village.on("2016-01-19")
    await village.do(CLERK, "confirmCase")
    for day, income, expected in (("2016-03-01", 109_999, []), ("2016-03-02", 110_000, [(110_000, 55_000, 0)])):
        village.on(day)
        await village.do(OFFICER, "verifyCase", **verified, monthlyIncomeFen=income)
        await projected(village)
        found = await ask(village.ask, "PaidAboveStandard", CLERK)
        assert [(r["monthlyIncomeFen"], r["standardFen"], r["overFen"]) for r in found] == expected
    assert found[0]["caseId"] == village.case
    assert await ask(village.ask, "PaidAboveStandard", CLERK, on="2016-03-01") == []
    # The district adopts a higher standard: the same income is below it from then on.
    village.on("2016-03-05")
    village.case = ""
    adopted = {"value": 60_000, "divisionCode": "440704", "fromOn": "2016-04-01", "basis": "区文件"}
    for kind in UrbanRural:
        await village.do(CLERK, "adoptStandard", paramCode=standard_code(kind), **adopted)
    assert len(await ask(village.ask, "PaidAboveStandard", CLERK)) == 1
    assert await ask(village.ask, "PaidAboveStandard", CLERK, on="2016-04-01") == []


def test_payments_of_the_demo_are_of_every_kind(told: Any) -> None:
    assert {payment.kind for payment in told[1]} >= {PaymentKind.REGULAR, PaymentKind.ONE_OFF}
