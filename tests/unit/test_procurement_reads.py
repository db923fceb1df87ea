"""Whatever happens to a purchase, an organisation or a disclosure, the read models and the queue say what it is."""

import random
from contextlib import suppress
from datetime import date
from typing import Any

import pytest

from domain.civic import CommunityRecord, Disclosure, Election, VillageDecision, Volunteer
from domain.civic.committee import Seats
from domain.civic.decision import Vote
from domain.codes import (
    AbnormalReason,
    CommunityRecordKind,
    DecisionStep,
    DisclosureTopic,
    FundSource,
    MilestoneState,
    OrgInspectionResult,
    OrgState,
    PenaltyKind,
    PurchaseState,
    RecordResult,
    WorkStep,
)
from domain.errors import RuleViolated
from domain.procurement import SupportFund
from domain.procurement.contract import Dimensions
from projections import Civic, Funds, Procurement, Timeline
from projections.kernel.memory import MemoryTables
from projections.work import Work
from tests.integration.projections_support import CLERK, World
from tests.unit.domain.purchases import EVEN, accept, budget, registered, signed, terms
from tests.unit.domain.samples import VILLAGE, on
from tests.unit.domain.test_purchase_payments import try_step
from tests.unit.test_projections_apply import only, tables, world

__all__ = ["world"]

STEPS = ("deliver", "reject", "accept", "less", "ask", "approve", "refuse", "return", "end", "score")


def queue(made: MemoryTables) -> set[tuple[str, str]]:
    """Open steps and their items."""
    return {(row["step"], row["item"]) for row in made.read("work_item").values() if row["open"]}


@pytest.mark.parametrize("seed", range(12))
async def test_a_purchase_reads_as_it_is_whatever_happened(world: World, seed: int) -> None:
    chance = random.Random(seed)
    monies = (budget(), budget(source=FundSource.STREET, division_code="440704004"))
    project = signed(3_000, 2_000, 4_000, money=tuple((money, 4_500) for money in monies))
    for _ in range(80):
        with suppress(RuleViolated):
            amount = chance.choice((0, 500, 2_000, 3_000, 4_000))
            try_step(project, monies, chance.choice(STEPS), chance.randrange(1, 5), amount, chance.choice(monies))
    await world.record(project, *monies, envelope=CLERK)
    made = await tables(world, Procurement(), batch=chance.choice((1, 4, 50)))
    row = only(made.read("purchase"))
    assert (row["state"], row["amount_fen"], row["reserved_fen"]) == (project.state, 9_000, 9_000)
    assert (row["accepted_fen"], row["paid_fen"], row["score_bp"]) == (
        *(project.accepted_fen, project.paid_fen, project.score_bp),
    )
    milestones = [made.read("purchase_milestone")[project.id, each.term.no] for each in project.milestones]
    assert [(each["state"], each["accepted_fen"] or 0, each["paid_fen"]) for each in milestones] == [
        (each.state, each.accepted_fen, each.paid_fen) for each in project.milestones
    ]
    payments = made.read("purchase_payment")
    assert [payments[project.id, each.no]["state"] for each in project.instalments] == [
        each.state for each in project.instalments
    ]
    spent = {row["budget_id"]: row["spent_fen"] for row in made.read("purchase_funding").values()}
    assert spent == {money.id: money.spent_fen for money in monies}
    budgets = (await tables(world, Funds())).read("budget")
    for money in monies:
        told = budgets[money.id]
        assert (told["committed_fen"], told["spent_fen"], told["free_fen"]) == (
            *(money.committed_fen, money.spent_fen, money.free_fen),
        )
    open_items = queue(await tables(world, Work()))
    by_state = {(WorkStep.DELIVER.value, str(m.term.no)) for m in project.milestones if m.state is MilestoneState.DUE}
    assert {item for item in open_items if item[0] == WorkStep.DELIVER} == by_state
    waiting = (WorkStep.EVALUATE_SERVICE.value, "") in open_items
    assert waiting == (project.state is PurchaseState.ACCEPTED)
    final = max((m.term.no for m in project.milestones if m.state is MilestoneState.ACCEPTED), default=0)
    owed = {
        str(m.term.no)
        for m in project.milestones
        if m.accepted_fen > m.paid_fen and (project.score_bp is not None or m.term.no not in (3, final))
    }
    assert owed <= {item for step, item in open_items if step == WorkStep.PAY_SERVICE}


async def test_an_organisation_and_what_is_due_of_it(world: World) -> None:
    made = registered()
    made.file_report(
        on("2015-03-20"),
        year=2014,
        was_due_on=date(2015, 3, 31),
        report_by=date(2016, 3, 31),
        inspect_by=date(2015, 6, 1),
        by="other",
    )
    await world.record(made, envelope=CLERK)
    assert queue(await tables(world, Work())) == {("org_report", ""), ("org_inspection", "")}
    made.inspect(on("2015-05-20"), year=2014, result=OrgInspectionResult.FAILED, note="账目不清", by="district")
    made.correct_inspection(on("2015-06-01"), year=2014, result=OrgInspectionResult.PASSED, note="复核", by="district")
    made.penalise(
        on("2015-07-01"),
        kind=PenaltyKind.FINE,
        reason="超范围活动",
        letter_no="1号",
        amount_fen=100_000,
        suspended_to=None,
        heard=True,
        by="district",
    )
    made.list_abnormal(on("2015-08-01"), reason=AbnormalReason.UNREACHABLE, letter_no="2号", by="district")
    made.revoke(on("2015-09-01"), reason="违法", letter_no="3号", heard=True, by="district")
    await world.record(made, envelope=CLERK)
    read = await tables(world, Procurement())
    row = only(read.read("organisation"))
    assert (row["state"], row["ended_on"]) == (OrgState.REVOKED, date(2015, 9, 1))
    assert only(read.read("organisation", effective=date(2015, 7, 1)))["state"] == OrgState.GOOD
    assert only(read.read("organisation", effective=date(2015, 8, 2)))["state"] == OrgState.ABNORMAL
    year = only(read.read("organisation_year"))
    assert (year["reported_on"], year["result"], year["corrected"]) == (
        *(date(2015, 3, 20), OrgInspectionResult.PASSED, True),
    )
    assert only(read.read("organisation_penalty"))["amount_fen"] == 100_000
    assert queue(await tables(world, Work())) == set()
    made.reinstate(on("2015-10-01"), basis="判决", by="district")
    await world.record(made, envelope=CLERK)
    row = only((await tables(world, Procurement())).read("organisation"))
    assert (row["state"], row["ended_on"]) == (OrgState.ABNORMAL, None)


async def test_who_serves_is_settled_and_the_organisation_knows_its_contracts(world: World) -> None:
    centre, other = registered(), registered()
    project = signed(organisation=centre.id)
    project.hold(on("2015-03-01"), standing=OrgState.ABNORMAL, take_over_by=date(2015, 3, 2), by="x")
    await world.record(project, envelope=CLERK)
    assert ("take_over", "") in queue(await tables(world, Work()))
    project.hand_over(on("2015-03-02"), party=other.party, basis="三方协议", by="x")
    await world.record(project, envelope=CLERK)
    assert ("take_over", "") not in queue(await tables(world, Work()))
    row = only((await tables(world, Procurement())).read("purchase"))
    assert (row["organisation_id"], row["held"]) == (other.id, None)
    timeline = (await tables(world, Timeline())).read("timeline")
    seen = {key[0] for key in timeline}
    assert {f"organisation:{centre.id}", f"organisation:{other.id}", f"purchase:{project.id}"} <= seen


async def test_a_closed_purchase_leaves_nothing_to_do(world: World) -> None:
    money = budget()
    project = signed(100, money=((money, 100),))
    accept(project, 1)
    project.evaluate(
        on("2015-06-05"),
        marks=Dimensions(9_000, 9_000, 9_000, 9_000),
        weights=EVEN,
        least_bp=7_000,
        evaluator="三方",
        note="",
        by="other",
        pay_by=date(2015, 7, 1),
    )
    await world.record(project, envelope=CLERK)
    assert queue(await tables(world, Work())) == {("pay_service", "1"), ("contract_ending", "")}
    project.prepare_payment(on("2015-06-08"), milestone_no=1, amount_fen=100, budget_id=money.id, by="money")
    project.approve_payment(on("2015-06-09"), payment_no=1, by="payer")
    await world.record(project, envelope=CLERK)
    assert queue(await tables(world, Work())) == {("contract_ending", "")}
    project.close(on("2015-06-10"), by="money")
    await world.record(project, envelope=CLERK)
    assert queue(await tables(world, Work())) == set()


async def test_an_amended_contract_has_its_new_milestones_and_days(world: World) -> None:
    project = signed(100, 100, 100)
    accept(project, 1)
    for amounts in ((100, 50, 50, 50), (100, 80)):
        project.amend(
            on("2015-06-10"),
            ends_on=date(2015, 11, 30),
            terms=terms(*amounts),
            basis="补充协议",
            by="x",
            more_bp=1_000,
            most_months=36,
        )
    await world.record(project, envelope=CLERK)
    made = await tables(world, Procurement())
    rows = [row for _, row in sorted(made.read("purchase_milestone").items(), key=lambda item: item[0][1])]
    assert [(row["no"], row["amount_fen"], row["state"], row["open"]) for row in rows] == [
        *((1, 100, MilestoneState.ACCEPTED, False), (2, 80, MilestoneState.DUE, True)),
        *((3, 50, MilestoneState.DROPPED, False), (4, 50, MilestoneState.DROPPED, False)),
    ]
    row = only(made.read("purchase"))
    assert (row["amount_fen"], row["accepted_fen"], row["ends_on"]) == (180, 100, date(2015, 11, 30))
    items = (await tables(world, Work())).read("work_item")
    due = {(row["step"], row["item"]): row["due_on"] for row in items.values() if row["open"]}
    assert due[WorkStep.CONTRACT_ENDING, ""] == date(2015, 11, 30)
    assert {item for step, item in due if step == WorkStep.DELIVER} == {"2"}


async def test_disclosures_due_posted_corrected_and_questioned(world: World) -> None:
    made = Disclosure.open(
        world.id(),
        on("2015-10-01"),
        topic=DisclosureTopic.FINANCE,
        period="2015-Q3",
        division_code=VILLAGE,
        post_by=date(2015, 10, 12),
        by="worker",
    )
    await world.record(made, envelope=CLERK)
    assert queue(await tables(world, Work())) == {("disclose", "")}
    made.post(on("2015-10-20"), place="公开栏", content_hash="ab" * 32, posted_on=date(2015, 10, 19), by="worker")
    fixed: dict[str, Any] = {"content_hash": "cd" * 32, "posted_on": date(2015, 10, 25), "reason": "合计有误"}
    made.correct(on("2015-10-25"), place="公开栏", by="worker", **fixed)
    made.question(on("2015-10-26"), question="拟某甲问", by="worker", answer_by=date(2015, 11, 9))
    await world.record(made, envelope=CLERK)
    assert queue(await tables(world, Work())) == {("answer_question", "")}
    row = only((await tables(world, Civic())).read("disclosure"))
    assert (row["open"], row["due_on"], row["posted_on"]) == (True, date(2015, 11, 9), date(2015, 10, 19))
    assert (row["corrected"], row["content_hash"], row["question"]) == (True, "cd" * 32, "拟某甲问")
    made.answer(on("2015-10-30"), answer="见明细", by="worker")
    await world.record(made, envelope=CLERK)
    assert queue(await tables(world, Work())) == set()


async def test_governance_reads_as_corrected(world: World) -> None:
    decision = VillageDecision.propose(
        world.id(), on("2015-11-02"), matter="修路", held_on=date(2015, 11, 1), division_code=VILLAGE, by="w"
    )
    decision.take(on("2015-11-05"), step=DecisionStep.CONSULTED, vote=None, note="", held_on=date(2015, 11, 4), by="w")
    lost, won = Vote(60, 50, 25, 25), Vote(60, 50, 26, 24)
    step = DecisionStep.REVIEWED
    decision.take(on("2015-11-08"), step=step, vote=lost, note="", held_on=date(2015, 11, 7), by="w")
    decision.correct(on("2015-11-09"), vote=won, note="漏计", held_on=date(2015, 11, 7), by="w")
    election = Election.hold(
        on("2014-04-01"),
        year=2014,
        seats=Seats(5, 5, True, 900, 800),
        held_on=date(2014, 3, 20),
        division_code=VILLAGE,
        by="s",
    )
    election.correct(on("2014-05-01"), seats=Seats(5, 4, True, 900, 800), reason="误填", by="s")
    record = CommunityRecord.make(
        world.id(),
        on("2014-06-02"),
        kind=CommunityRecordKind.MODEL_COMMUNITY,
        subject_text="",
        result=RecordResult.DONE,
        participants=0,
        basis="",
        held_on=date(2014, 6, 1),
        division_code=VILLAGE,
        by="s",
    )
    record.correct(
        on("2015-02-01"),
        result=RecordResult.TITLED,
        participants=0,
        reason="获命名",
        held_on=date(2015, 1, 8),
        by="s",
    )
    helper = Volunteer.enrol(on("2015-11-01"), person_id=world.id(), division_code=VILLAGE, by="w")
    helper.serve(on("2015-11-21"), activity="探访", minutes=120, served_on=date(2015, 11, 20), by="w")
    helper.correct_service(on("2015-11-22"), no=1, minutes=90, activity="探访", by="w")
    await world.record(decision, election, record, helper, envelope=CLERK)
    read = await tables(world, Civic())
    row = only(read.read("village_decision"))
    assert (row["step"], row["open"], row["agreed"]) == (step, True, True)
    steps = read.read("village_decision_step")
    assert (steps[decision.id, 3]["for_count"], steps[decision.id, 3]["corrected"]) == (26, True)
    assert only(read.read("election", effective=date(2014, 4, 1)))["cross_count"] == 4
    assert only(read.read("community_record"))["result"] == RecordResult.TITLED
    assert only(read.read("community_record", effective=date(2014, 7, 1)))["result"] == RecordResult.DONE
    assert only(read.read("volunteer"))["minutes"] == 90
    assert only(read.read("volunteer_service"))["minutes"] == 90


async def test_what_a_fund_is_short_of_is_seen(world: World) -> None:
    fund = SupportFund.open(on("2014-01-05"), division_code="440704", by="m")
    fund.set_year(on("2014-01-05"), year=2014, amount_fen=32_000_000, least_fen=33_000_000, legal_basis="x", by="m")
    await world.record(fund, envelope=CLERK)
    row = only((await tables(world, Procurement())).read("support_fund_year"))
    assert (row["short_fen"], row["corrected"]) == (1_000_000, False)
