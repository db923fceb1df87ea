"""What lapses by itself: once, on the day after its last one, however often the process is cut off."""

import asyncio
from datetime import date, datetime

import pytest

from domain.assistance import EconVerification
from domain.assistance.verification_record import Answer
from domain.clock import at
from domain.codes import CloseReason, EconQueryState, EconResult, EconSource, EconState
from infra.codec import Envelope, EventCodec
from infra.deadlines import Deadlines
from infra.keys import FileMasterKey, KeyRing
from infra.log import Append, Appended, MemoryLog
from infra.store import EventStore
from tests.unit.domain.samples import on, paying
from tests.unit.domain.specification import history
from tests.unit.domain.verifications import step_by_step, world

LAST = date(2015, 1, 14)
"""By this day the sources have to answer."""


class Died(Exception):
    """The process is gone."""


class StopsAfter(MemoryLog):
    """A log whose process dies after some appends."""

    def __init__(self) -> None:
        super().__init__()
        self.left = 1_000_000

    async def append(self, item: Append) -> Appended:
        if self.left == 0:
            raise Died
        self.left -= 1
        return await super().append(item)


class Clock:
    """A business clock that the test sets."""

    def __init__(self, day: date) -> None:
        self.day = day

    def __call__(self) -> datetime:
        return at(self.day, 9)


@pytest.fixture
def log() -> StopsAfter:
    return StopsAfter()


@pytest.fixture
def store(log: StopsAfter) -> EventStore:
    keyring = KeyRing(log, FileMasterKey(b"0" * 32))
    return EventStore(log, EventCodec(keyring), keyring)


async def sent(store: EventStore, upto: str = "send") -> EconVerification:
    """A verification whose bank and tax office were asked on 7 January 2015."""
    verification = step_by_step(world(), upto)
    verification.pending_events.extend(history(verification))  # the specification has collected them
    await store.save([verification], Envelope())
    return verification


async def topics(store: EventStore) -> list[str]:
    return [row.topic.removeprefix("assistance.Econ") for row in await store.log.read(0, 1000)]


async def test_who_has_not_answered_on_the_last_day_is_late_on_the_next(store: EventStore) -> None:
    verification, clock = await sent(store), Clock(LAST)
    watch = Deadlines(store, clock)
    assert await watch.run_pending() == 0
    clock.day = date(2015, 1, 15)
    assert await watch.run_pending() == 1
    late = [row for row in await store.log.read(0, 1000) if row.topic == EconVerification.QueryTimedOut.TOPIC]
    events = [store.codec.decode(row) for row in late]
    assert [(e.source, e.waiting, e.effective_on) for e in events] == [  # type: ignore[attr-defined]
        (EconSource.BANK, 1, clock.day),
        (EconSource.TAX, 0, clock.day),
    ]
    assert {(row.actor, row.source) for row in late} == {("minzheng", "deadlines")}
    loaded = await store.load(EconVerification, verification.id)
    assert loaded is not None
    assert {query.state for query in loaded.queries.values()} == {EconQueryState.TIMED_OUT}


async def test_again_and_by_another_process_nothing_lapses_twice(store: EventStore) -> None:
    await sent(store)
    clock = Clock(date(2015, 2, 1))
    assert await Deadlines(store, clock).run_pending() == 1
    before = await topics(store)
    assert before.count("QueryTimedOut") == 2
    clock.day = date(2015, 3, 1)
    assert [await Deadlines(store, clock).run_pending() for _ in range(2)] == [0, 0]
    both = Deadlines(store, clock), Deadlines(store, clock)
    await asyncio.gather(*(watch.run_pending() for watch in both))
    assert await topics(store) == before


async def test_two_at_once_record_one_time_out(store: EventStore) -> None:
    await sent(store)
    both = Deadlines(store, Clock(date(2015, 2, 1))), Deadlines(store, Clock(date(2015, 2, 1)))
    await asyncio.gather(*(watch.run_pending() for watch in both))
    assert (await topics(store)).count("QueryTimedOut") == 2  # bank and tax office


async def test_an_answer_in_time_is_never_late(store: EventStore) -> None:
    verification, clock = await sent(store), Clock(LAST)
    watch = Deadlines(store, clock)
    await watch.run_pending()
    loaded = await store.load(EconVerification, verification.id)
    assert loaded is not None
    for source in (EconSource.BANK, EconSource.TAX):
        said = Answer(None, EconResult.NOTHING, 0, None)
        loaded.report_answer(at(LAST), source=source, said=said, answered_on=LAST)
    await store.save([loaded], Envelope())
    clock.day = date(2015, 1, 15)
    assert await watch.run_pending() == 0


async def test_a_report_expires_after_half_a_year(store: EventStore) -> None:
    verification, clock = await sent(store, "report"), Clock(date(2015, 7, 7))
    watch = Deadlines(store, clock)
    assert await watch.run_pending() == 0
    clock.day = date(2015, 7, 8)
    assert await watch.run_pending() == 1
    loaded = await store.load(EconVerification, verification.id)
    assert loaded is not None
    assert loaded.state is EconState.EXPIRED


async def test_of_a_case_that_a_source_closed_nothing_is_waited_for(store: EventStore) -> None:
    it = world(paying)
    verification = step_by_step(it, "send")
    it.case.report_closed(on("2015-01-10"), reason=CloseReason.VOLUNTARY, end_month="2015-02")
    for aggregate in (it.case, verification):
        aggregate.pending_events.extend(history(aggregate))
    await store.save([it.case, verification], Envelope())
    assert await Deadlines(store, Clock(date(2015, 1, 15))).run_pending() == 1
    found = await topics(store)
    assert (found.count("Cancelled"), found.count("QueryTimedOut")) == (1, 0)


async def test_an_answer_that_nobody_asked_for_has_no_day(store: EventStore) -> None:
    verification = await sent(store, "sign")
    loaded = await store.load(EconVerification, verification.id)
    assert loaded is not None
    said = Answer(None, EconResult.NOTHING, 0, None)
    loaded.report_answer(at(LAST), source=EconSource.TAX, said=said, answered_on=date(2010, 1, 1))
    await store.save([loaded], Envelope())
    assert await Deadlines(store, Clock(date(2030, 1, 1))).run_pending() == 0


@pytest.mark.parametrize("appends", range(3))
async def test_cut_off_anywhere_it_ends_with_the_same_log(appends: int, store: EventStore, log: StopsAfter) -> None:
    for _ in range(3):
        await sent(store)
    log.left = appends
    clock = Clock(date(2015, 1, 15))
    with pytest.raises(Died):
        await Deadlines(store, clock).run_pending()
    log.left = 1_000_000
    assert await Deadlines(store, clock).run_pending() == 3 - appends
    assert (await topics(store)).count("QueryTimedOut") == 6


async def test_it_follows_until_it_is_stopped(store: EventStore) -> None:
    await sent(store)
    stop, clock = asyncio.Event(), Clock(LAST)
    head = await store.log.head()
    running = asyncio.create_task(Deadlines(store, clock).follow(stop, every=0.005))
    await asyncio.sleep(0.02)
    clock.day = date(2015, 1, 15)
    async with asyncio.timeout(10):
        async for rows in store.log.tail(head):
            assert {row.topic for row in rows} == {EconVerification.QueryTimedOut.TOPIC}
            break
    stop.set()
    await running
