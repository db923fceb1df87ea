"""Whatever happens to a verification, the read models and the queue say of it what the aggregate itself does."""

import random
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.assistance import Case, EconVerification
from domain.assistance.verification import OPEN, Excess, Result
from domain.assistance.verification_record import Answer
from domain.clock import at as instant
from domain.codes import EconConclusion, EconQueryState, EconResult, EconSource, EconState, WorkStep
from domain.errors import RuleViolated
from domain.kernel import NO_ID
from projections import Assistance
from projections.work import Work
from tests.integration.projections_support import CLERK, DAY, NORTH, SOURCE, SOUTH, World, case, household, person
from tests.unit.test_projections_apply import only, tables, world

__all__ = ["world"]

SOURCES = (EconSource.BANK, EconSource.TAX, EconSource.VEHICLE)


class Life:
    """One verification on which anything is tried, day by day; what the rules forbid does not happen."""

    def __init__(self, chance: random.Random, verification: EconVerification, household: tuple[UUID, ...]) -> None:
        self.chance = chance
        self.it = verification
        self.home = household
        self.day = DAY

    def step(self) -> bool:
        """Try one thing; whether a source file said it."""
        self.day += timedelta(days=self.chance.choice((0, 0, 1, 2)))
        try:
            return self._try(self.chance.randrange(13))
        except RuleViolated:
            return False

    def _try(self, what: int) -> bool:
        it, chance, day = self.it, self.chance, self.day
        now, later = instant(day, 9), day + timedelta(days=chance.choice((1, 5, 30)))
        who, source = chance.choice(self.home), chance.choice(SOURCES)
        result = Result(chance.choice([*EconConclusion]), chance.randrange(200_000), True, chance.choice(("", "记")))
        excess = Excess(chance.randrange(9), later) if chance.random() < 0.3 else None
        match what:
            case 0 | 1 | 2:
                it.sign(now, person_id=who, household=self.home, signed_on=day, valid_to=later, send_by=later)
            case 3:
                it.revoke(now, person_id=who, authorise_by=later)
            case 4 | 5:
                sources, days = chance.sample(SOURCES, chance.randrange(3)), {"answer_by": later, "report_by": later}
                it.send(now, sources=sources, adults=self.home, purpose="审核", by="甲", **days)
            case 6 | 7:
                said = Answer(chance.choice((None, *self.home)), EconResult.FOUND, chance.randrange(3), None)
                it.answer(now, source=source, said=said, answered_on=day)
            case 8:
                said = Answer(chance.choice((None, *self.home)), EconResult.FOUND, chance.randrange(3), "详")
                written = day - timedelta(days=chance.randrange(9))  # the export may be older than what we know
                return it.report_answer(instant(written), source=source, said=said, answered_on=written)
            case 9:
                it.report(now, result=result, by=chance.choice("甲乙"), valid_to=later, excess=excess)
            case 10:
                it.contest(now, reason="某", reverify_by=later)
            case 11:
                again = {"by": chance.choice("甲乙"), "valid_to": later, "excess": excess}
                it.reverify(now, upheld=True, result=result, **again)
            case _:
                if chance.random() < 0.1:
                    it.cancel(now, reason="误")
                it.lapse(now)
        return False


async def lived(world: World, seed: int) -> tuple[Case, EconVerification]:
    """A household whose verification had a life of its own, in the log."""
    chance = random.Random(seed)
    people = [person(world), person(world)]
    home = household(world, *people)
    one = case(world, home, *people)
    ids = tuple(each.id for each in people)
    opened = {"case_id": one.id, "household_id": home.id, "division_code": NORTH, "member_ids": ids, "by": "甲"}
    made = EconVerification.open(instant(DAY, 9), earlier=(), authorise_by=DAY, **opened)
    await world.record(*people, home, one, made)
    life = Life(chance, made, ids)
    for _ in range(60):
        authorised = all(made.authorised(id, life.day) for id in ids)
        said = life.step()
        for event in made.pending_events:
            if isinstance(event, EconVerification.QuerySent):
                assert authorised or all(made.authorised(id, life.day) for id in ids), "asked without leave"
        if made.pending_events:
            await world.record(made, envelope=SOURCE if said else CLERK)
    return one, made


@pytest.mark.parametrize("seed", range(40))
async def test_read_models_and_queue_agree_with_the_aggregate(world: World, seed: int) -> None:
    one, it = await lived(world, seed)
    assert await world.store.load(EconVerification, it.id) == it
    made = await tables(world, Assistance(), batch=random.Random(seed).choice((1, 3, 500)))
    row = only(made.read("verification"))
    told = (row["state"], row["monthly_income_fen"], row["valid_until"], row["reported_by"] or "")
    assert told == (it.state, it.monthly_income_fen, it.valid_to, it.reported_by)
    queries = made.read("verification_query")
    assert {key[1]: (q["status"], q["round"], q["answer_by"]) for key, q in queries.items()} == {
        source: (query.state, query.round, query.answer_by) for source, query in it.queries.items()
    }
    assert {q["open"] for q in queries.values() if q["round"]} <= {it.state in OPEN}
    answers = made.read("verification_answer")
    for source, query in it.queries.items():
        for answer in query.answers:
            found = answers[it.id, source, answer.person_id or NO_ID]
            assert (found["result"], found["detail"]) == (answer.result, answer.detail)
            assert found["value"] == (f"{answer.value_fen / 100:.2f}元" if answer.value_fen else "")
    for (_, who), given in made.read("verification_authorization").items():
        mine = it.authorizations.get(who)
        expected = (mine.signed_on, mine.valid_to, mine.revoked_on) if mine else (None, None, None)
        assert (given["signed_on"], given["valid_until"], given["revoked_on"]) == expected
    assert_queue(await tables(world, Work()), one, it)


def assert_queue(made: Any, one: Case, it: EconVerification) -> None:
    """The open steps are those that the verification's state leaves to be done."""
    steps = {key[1] for key, row in made.read("work_item").items() if row["open"]}
    waiting = any(query.state is EconQueryState.WAITING for query in it.queries.values())
    assert (WorkStep.ECON_REPORT in steps) == (it.state in (EconState.SENT, EconState.PARTIAL))
    assert (WorkStep.ECON_REVERIFY in steps) == (it.state is EconState.CONTESTED)
    assert (WorkStep.ECON_ANSWERS in steps) == (waiting and it.state in OPEN)
    assert (WorkStep.ECON_SEND in steps) == (it.state is EconState.AUTHORISED)
    if it.state is EconState.AUTHORISING:
        assert WorkStep.ECON_AUTHORISE in steps
    if it.state not in OPEN:
        assert not steps & {WorkStep.ECON_AUTHORISE, WorkStep.ECON_SEND, WorkStep.ECON_ANSWERS}


async def test_what_hangs_on_a_case_goes_along_with_it(world: World) -> None:
    one, _ = await lived(world, 3)
    one.report_moved(instant(DAY + timedelta(days=200)), to_division_code=SOUTH, moved_on=DAY + timedelta(days=200))
    await world.record(one)
    made = await tables(world, Assistance())
    names = [name for name in made.rows if name.startswith("verification")]
    assert len(names) == 4
    scopes = {live.scope for name in names for live in made.rows[name].values()}
    assert scopes == {SOUTH}
