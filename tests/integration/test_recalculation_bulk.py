"""A whole district recalculated at once comes to what each case loaded by itself comes to."""

import random
from collections import Counter
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.assistance import Case, Standard
from domain.assistance.recalculation import Outcome, recalculate
from domain.clock import at, month_of, next_month
from domain.codes import Scheme
from domain.errors import RuleViolated, Unavailable
from domain.funds.due import DueCases, DueTable
from domain.parameters import official_parameters
from infra.codec import EventCodec
from infra.keys import FileMasterKey, KeyRing
from infra.parameters import CurrentParameters
from infra.recalculation import Recalculation
from infra.store import EventStore
from projections.funds.due import due_reader
from tests.integration.projections_support import World, world
from tests.integration.test_due import DESK, FIRST, decide, granted

__all__ = ["world"]

pytestmark = pytest.mark.usefixtures("projected")

TODAY, FROM = at(date(2015, 12, 20), 9), date(2016, 1, 1)
MONTH = month_of(FROM)


async def decided_upon(world: World, seed: int) -> list[UUID]:
    """Cases on which people have decided this and that, and a raised standard."""
    chance = random.Random(seed)
    cases = []
    for number in range(20):
        case, others = granted(world, number)
        cases.append(case)
        await world.record(*others, case)  # type: ignore[arg-type]  # aggregates
    for day in sorted(FIRST + timedelta(days=chance.randrange(20, 700)) for _ in range(120)):
        case = chance.choice(cases)
        try:
            decide(chance, case, day)
        except RuleViolated:
            continue
        await world.record(case, envelope=DESK)
    await raise_standard(world)
    return [case.id for case in cases]


async def raise_standard(world: World) -> None:
    standard = Standard.adopt(
        world.id(),
        TODAY,
        parameters=official_parameters(),
        param_code="dibao.standard.urban",
        value=61_000,
        division_code="440704",
        from_on=FROM,
        legal_basis="江海民〔2015〕9号",
    )
    await world.record(standard, envelope=DESK)
    await world.runner().catch_up()


def bulk(world: World, due: Any = None) -> Recalculation:
    ring = KeyRing(world.log, FileMasterKey(bytes(32)))  # a process that starts anew
    store = EventStore(world.log, EventCodec(ring), ring)
    return Recalculation(store, lambda: TODAY, due or due_reader(world.log, world.url))


async def expected(world: World, ids: list[UUID]) -> tuple[Counter[Outcome], dict[UUID, list[int | None]]]:
    """What each case comes to by itself, without anything being recorded."""
    parameters = await CurrentParameters(world.store).get()
    cases = await world.store.load_many(Case, ids)
    outcomes = Counter(recalculate(case, parameters, MONTH, TODAY) for case in cases.values())
    del outcomes[Outcome.NOT_CONCERNED]  # whether they are looked at at all is not the point
    return outcomes, {id: amounts(case) for id, case in cases.items()}


def counted(found: Counter[Outcome]) -> Counter[Outcome]:
    """What came to something."""
    return Counter({outcome: number for outcome, number in found.items() if outcome is not Outcome.NOT_CONCERNED})


def amounts(case: Case) -> list[int | None]:
    return [case.amount_for(next_month("2014-01", n)) for n in range(30)]


@pytest.mark.parametrize("seed", [1, 2])
async def test_the_same_as_one_by_one(world: World, seed: int) -> None:
    ids = await decided_upon(world, seed)
    outcomes, each = await expected(world, ids)
    (found,) = (await bulk(world).run_pending()).values()
    assert counted(found) == +outcomes
    assert found[Outcome.RECALCULATED] > 3
    cases = await world.store.load_many(Case, ids)
    assert {id: amounts(case) for id, case in cases.items()} == each
    assert await bulk(world).run_pending() == {}


async def test_who_decides_meanwhile_comes_first(world: World) -> None:
    await decided_upon(world, 1)
    reader = due_reader(world.log, world.url)

    async def slow(wish: DueCases) -> DueTable:
        table = await reader(wish)
        for row in table.rows[:3]:
            case = await world.store.load(Case, row.owner_id)
            assert case is not None
            case.suspend(TODAY, reason="群众反映", from_on=FROM)
            await world.record(case, envelope=DESK)
        return table

    wish = DueCases(scheme=Scheme.DIBAO, months=(MONTH,), division_code="440704")
    before = {row.owner_id for row in (await reader(wish)).rows[:3]}
    await bulk(world, slow).run_pending()
    for case in (await world.store.load_many(Case, list(before))).values():
        assert case.amount_for(MONTH) is None


async def test_without_the_read_models_every_case_is_loaded(world: World) -> None:
    ids = await decided_upon(world, 2)
    outcomes, each = await expected(world, ids)

    async def away(wish: DueCases) -> DueTable:
        raise Unavailable("not now")

    (found,) = (await bulk(world, away).run_pending()).values()
    assert counted(found) == +outcomes
    assert {id: amounts(case) for id, case in (await world.store.load_many(Case, ids)).items()} == each


async def test_a_case_that_moved_on_between_the_read_and_the_append(world: World) -> None:
    ids = await decided_upon(world, 1)
    kept = world.log.heads

    async def heads(asked: Any) -> Any:
        found = await kept(asked)
        case = await world.store.load(Case, next(iter(found)))
        assert case is not None
        case.change_account(TODAY, account="6200000000000000777", bank="某行")
        await world.record(case, envelope=DESK)
        return found

    outcomes, each = await expected(world, ids)
    made = bulk(world)
    made._store.log.heads = heads  # type: ignore[method-assign]
    (found,) = (await made.run_pending()).values()
    assert counted(found) == +outcomes
    assert {id: amounts(case) for id, case in (await world.store.load_many(Case, ids)).items()} == each
