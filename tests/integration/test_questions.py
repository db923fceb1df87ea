"""The ready queries of docs/questions.md, as they stand there, against answers computed from the log alone."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from domain.access import Actor, RoleCode
from domain.assistance import Case
from domain.codes import CaseState, WorkStep
from domain.workdays import working_days_after
from tests.fixtures import story as told
from tests.fixtures.questions import answer, ask, projected
from tests.fixtures.story import CLERK, OFFICER, REVIEWER, WORKER, Story
from tests.integration.test_medical import patient

village = told.village

RUNNING = {CaseState.ACCEPTED, CaseState.VERIFIED, CaseState.REVIEWED, CaseState.PUBLICISED, CaseState.OBJECTED}


async def advance(story: Story, steps: int) -> None:
    """Take the case so many steps further; the notice hangs from 11 to 18 January."""
    visit = {"finding": "AS_STATED", "report": "属实", "visitedOn": "2016-01-11"}
    verified = {"monthlyIncomeFen": 20_000, "propertyWithinLimits": True, "conclusion": "属实"}
    way: list[tuple[Any, str, dict[str, Any]]] = [
        (OFFICER, "acceptCase", {}),
        (WORKER, "recordVisit", visit),
        (OFFICER, "verifyCase", verified),
        (REVIEWER, "reviewCase", {"opinion": "GRANT"}),
        (WORKER, "postNotice", {"noticeNo": "1"}),
    ]
    for by, command, given in way[:steps]:
        await story.do(by, command, **given)


async def people(story: Story) -> dict[str, Case]:
    """A district of cases at every stage; what the log says of each, without any read model."""
    ids = []
    for number in range(8):
        ids.append(await story.applies(number))
        await advance(story, number)
        if number == 2:
            await story.do(OFFICER, "discloseRelative", staff="某村委会主任", relation="SIBLINGS")
    await story.do(WORKER, "fileObjection", reason="某")  # the last of them
    story.on("2016-01-19")
    story.case = ids[6]
    await story.do(CLERK, "confirmCase", variableIncome=True)
    story.case = ids[5]
    await story.do(CLERK, "confirmCase")
    loaded = await story.store.load_many(Case, [UUID(id) for id in ids])
    return {str(id): case for id, case in loaded.items()}


async def other_notices(story: Story) -> tuple[str, str]:
    """Two that hang from 11 to 18 January: winter relief, and a medical claim that somebody objected to."""
    story.case = ""
    person = await patient(story)
    winter = {"kind": "WINTER_SPRING", "personId": person, "headCount": 1, "season": 2015}
    (aid,) = await story.do(WORKER, "applyForReliefAid", situation="缺粮", **winter)
    votes = {"forCount": 9, "againstCount": 0, "heldOn": "2016-01-11"}
    await story.do(WORKER, "reviewReliefAid", aidId=aid, **votes)
    await story.do(WORKER, "postReliefAidNotice", aidId=aid, noticeNo="冬春1号")
    bills = {"totalFen": 3_000_000, "inScopeFen": 2_600_000, "basicFen": 1_905_000}
    stay = {"medType": "INPATIENT", "admittedOn": "2016-01-02", "dischargedOn": "2016-01-09"}
    said = {"invoiceNo": "票1", "summary": "某院", **stay, **bills}
    (claim,) = await story.do(WORKER, "fileManualClaim", personId=person, **said)
    await story.do(OFFICER, "reviewManualClaim", claimId=claim, note="属实", **bills)
    await story.do(WORKER, "publiciseManualClaim", claimId=claim, noticeNo="公1", fromOn="2016-01-11")
    await story.do(WORKER, "objectToManualClaim", claimId=claim, objection="非本人")
    return aid, claim


async def test_every_question_has_the_answer_of_the_log(village: Story) -> None:
    aid, claim = await other_notices(village)
    cases = await people(village)
    today = village.today.date()
    await projected(village)
    auditor = Actor("审计员", RoleCode.AUDITOR, "440704", "audit")

    soon = working_days_after(date(2016, 1, 11), 30)  # the demo's cases were accepted on that day
    for day in (soon, soon - timedelta(days=1)):
        expected = {id for id, case in cases.items() if case.state in RUNNING and case.due_on <= day}  # type: ignore[operator]
        assert {node["id"] for node in await ask(village.ask, "DeadlinesSoon", CLERK, soon=day.isoformat())} == expected
        assert bool(expected) == (day == soon)

    month = {"from": "2016-02-01", "to": "2016-02-29"}
    changed = {node["id"]: node["monthlyYuan"] for node in await ask(village.ask, "AmountsChanged", CLERK, **month)}
    assert changed == {id: f"{c.monthly_fen / 100:.2f}" for id, c in cases.items() if c.start_month == "2016-02"}
    assert len(changed) == 2

    queue = await ask(village.ask, "MyQueue", OFFICER)
    due = [node["dueOn"] for node in queue]
    assert due == sorted(due)
    assert {(node["caseId"], node["step"]) for node in queue} == {
        (id, step.name) for id, case in cases.items() if (step := street_step(case)) is not None
    }

    ending = await ask(village.ask, "NoticesEnding", OFFICER, today="2016-01-18")
    assert {node["id"]: node["objectedOn"] for node in ending} == {
        id: "2016-01-11" if case.state is CaseState.OBJECTED else None
        for id, case in cases.items()
        if case.notice_to == date(2016, 1, 18)
    }
    assert await ask(village.ask, "NoticesEnding", OFFICER, today=today.isoformat()) == []

    hanging = await answer(village.ask, "OtherNoticesEnding", OFFICER, today="2016-01-18")
    assert [(row["id"], row["objection"]) for row in hanging["reliefAids"]["nodes"]] == [(aid, None)]
    assert [(row["id"], row["objection"]) for row in hanging["manualClaims"]["nodes"]] == [(claim, "非本人")]
    later = await answer(village.ask, "OtherNoticesEnding", OFFICER, today=today.isoformat())
    assert {part["totalCount"] for part in later.values()} == {0}

    rechecks = await ask(village.ask, "Rechecks", OFFICER, until="2016-12-31")
    assert {node["caseId"] for node in rechecks} == {id for id, case in cases.items() if case.recheck_months == 6}
    assert [node["dueOn"] for node in rechecks] == ["2016-08-01"]

    related = await ask(village.ask, "UnvisitedRelatives", auditor)
    assert {node["id"] for node in related} == {
        id for id, case in cases.items() if case.staff_relative and not case.officially_visited
    }
    assert [node["relativeOf"] for node in related] == ["****"]  # whose relative it is stays with the caseworkers


async def test_who_could_do_what_and_how_samples_were_drawn(village: Story) -> None:
    admin = Actor("安全管理员", RoleCode.SECURITY_ADMIN, "440704")
    visitor = Actor("社工甲", RoleCode.VISITOR, "440704004")
    auditor = Actor("审计员", RoleCode.AUDITOR, "440704", "audit")

    async def accounts(day: str) -> list[tuple[str, str]]:
        await projected(village)
        found = await ask(village.ask, "WhoCouldDoWhat", auditor, day=day)
        return [(node["account"], node["lastOn"]) for node in found]

    base = {"divisionCode": "440704004", "basis": "任命", "fromOn": "2016-01-11"}
    await village.do(admin, "grantRight", account="街道乙", grantedRole="STREET_OFFICER", **base)
    await village.do(admin, "grantRight", account="社工甲", grantedRole="VISITOR", toOn="2016-01-20", **base)
    village.on("2016-01-15")
    await village.do(admin, "withdrawRight", account="街道乙", reason="调离")
    assert await accounts("2016-01-10") == []
    assert await accounts("2016-01-14") == [("社工甲", "2016-01-20"), ("街道乙", "2999-12-31")]
    assert await accounts("2016-01-15") == [("社工甲", "2016-01-20"), ("街道乙", "2016-01-15")]
    assert await accounts("2016-01-16") == [("社工甲", "2016-01-20")]
    assert await accounts("2016-01-21") == []

    (campaign,) = await village.do(CLERK, "openCampaign", year=2016, seedHash="ab" * 32)
    await projected(village)
    (found,) = await ask(village.ask, "Samples", auditor, cycle=[2016, 2017])
    assert (found["id"], found["seedHash"], found["seed"]) == (campaign, "ab" * 32, None)
    assert await ask(village.ask, "MyVisits", visitor) == []  # tests/integration/test_visits.py has some


def street_step(case: Case) -> WorkStep | None:
    """What a street has to do next, from the state that the case's own events leave."""
    match case.state:
        case CaseState.APPLIED:
            return WorkStep.ACCEPT
        case CaseState.ACCEPTED:
            return WorkStep.INVESTIGATE if case.visited_on is None else WorkStep.VERIFY
        case CaseState.VERIFIED:
            return WorkStep.REVIEW
        case CaseState.OBJECTED:
            return WorkStep.REINVESTIGATE
        case CaseState.PAYING:
            return WorkStep.RECHECK
        case _:
            return None
