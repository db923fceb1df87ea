"""What every event log does, proved on the one in PostgreSQL and on the one in memory."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from domain.errors import IdentifierTaken, PlaceTaken, VersionConflict
from infra.log import (
    Append,
    EventLog,
    HolderKey,
    Identifier,
    LogEvent,
    MemoryLog,
    Move,
    NewEvent,
    PostgresLog,
    RecordState,
)
from tests.fixtures.log_items import DAY, event, said


@pytest.fixture(params=["memory", "postgres"])
async def log(request: pytest.FixtureRequest) -> AsyncIterator[EventLog]:
    """Each test runs on both logs."""
    if request.param == "memory":
        yield MemoryLog()
    else:
        postgres = PostgresLog(request.getfixturevalue("database_url"))
        yield postgres
        await postgres.close()


async def test_positions_have_no_gaps_and_start_at_one(log: EventLog) -> None:
    assert await log.head() == 0
    a, b = uuid4(), uuid4()
    first = await log.append(Append((event(a, 1), event(a, 2))))
    second = await log.append(Append((event(b, 1),)))
    assert (first.first, first.last, first.duplicate) == (1, 2, False)
    assert (second.first, second.last) == (3, 3)
    assert await log.head() == 3
    assert [e.position for e in await log.read(0, 10)] == [1, 2, 3]


async def test_heads_of_streams(log: EventLog) -> None:
    a, b, unknown = uuid4(), uuid4(), uuid4()
    await log.append(Append((event(a, 1), event(b, 1), event(a, 2))))
    await log.append(Append((event(b, 2),)))
    assert await log.heads([a, b, unknown]) == {a: (2, 3), b: (2, 4)}
    assert await log.heads([]) == {}


async def test_an_event_comes_back_as_it_was_appended(log: EventLog) -> None:
    before = datetime.now(UTC) - timedelta(minutes=1)
    new = NewEvent(
        uuid4(),
        1,
        "registry.PersonMoved",
        bytes(range(256)),
        schema_version=3,
        tags=("person:1", "division:990102001"),
        occurred_at=datetime(2015, 12, 1, 8, 30, tzinfo=UTC),
        actor="officer-17",
        role="street_officer",
        org="民政科",
        division="990102001",
        basis="沪民救〔2015〕1号",
        source="population",
        message_id="m-1",
        correlation_id=uuid4(),
        causation_id=uuid4(),
        crypto_suite=1,
    )
    await log.append(Append((new,)))
    (row,) = await log.stream(new.stream_id)
    assert isinstance(row, LogEvent)
    for name in NewEvent.__struct_fields__:
        assert getattr(row, name) == getattr(new, name), name
    assert (row.position, row.row_format) == (1, 1)
    assert row.recorded_at > before
    assert isinstance(row.payload, bytes)
    assert isinstance(row.tags, tuple)


async def test_without_a_business_time_the_recorded_time_stands(log: EventLog) -> None:
    stream = uuid4()
    await log.append(Append((event(stream, 1),)))
    (row,) = await log.stream(stream)
    assert row.occurred == row.occurred_at == row.recorded_at


@pytest.mark.parametrize("start", [0, 1])
async def test_a_stream_may_start_at_zero_or_one(log: EventLog, start: int) -> None:
    stream = uuid4()
    await log.append(Append((event(stream, start),)))
    await log.append(Append((event(stream, start + 1), event(stream, start + 2))))
    assert [e.version for e in await log.stream(stream)] == [start, start + 1, start + 2]
    assert [e.version for e in await log.stream(stream, after_version=start)] == [start + 1, start + 2]


@pytest.mark.parametrize("versions", [(2,), (1,), (0,), (4,), (3, 5), (3, 3), (3, 2)])
async def test_a_version_that_is_not_next_conflicts_and_writes_nothing(log: EventLog, versions: tuple[int]) -> None:
    stream, other = uuid4(), uuid4()
    await log.append(Append((event(stream, 1), event(stream, 2))))
    with pytest.raises(VersionConflict):
        await log.append(Append((event(other, 1), *(event(stream, version) for version in versions))))
    assert await log.head() == 2
    assert await log.stream(other) == []
    assert (await log.append(Append((event(stream, 3),)))).first == 3


async def test_a_stream_may_not_start_in_the_middle(log: EventLog) -> None:
    with pytest.raises(VersionConflict):
        await log.append(Append((event(uuid4(), 2),)))


async def test_items_may_change_many_streams_at_once(log: EventLog) -> None:
    a, b = uuid4(), uuid4()
    await log.append(Append((event(a, 1), event(b, 1), event(a, 2), event(b, 2))))
    both = await log.streams([a, b, (unknown := uuid4())])
    assert [e.position for e in both[a]] == [1, 3]
    assert [e.position for e in both[b]] == [2, 4]
    assert both[unknown] == []


async def test_one_conflict_fails_its_caller_only(log: EventLog) -> None:
    taken = uuid4()
    await log.append(Append((event(taken, 1),)))
    streams = [uuid4() for _ in range(99)]
    items = [Append((event(stream, 1),)) for stream in streams]
    items.insert(50, Append((event(taken, 1),)))
    outcomes = await asyncio.gather(*map(log.append, items), return_exceptions=True)
    assert [type(o) for o in outcomes if isinstance(o, Exception)] == [VersionConflict]
    assert isinstance(outcomes[50], VersionConflict)
    assert sorted(o.first for o in outcomes if not isinstance(o, BaseException)) == list(range(2, 101))
    assert {e.stream_id for e in await log.read(0, 1000)} == {taken, *streams}


async def test_of_rivals_for_one_version_one_wins(log: EventLog) -> None:
    stream = uuid4()
    outcomes = await asyncio.gather(
        *(log.append(Append((event(stream, 1),))) for _ in range(40)), return_exceptions=True
    )
    assert sum(isinstance(o, VersionConflict) for o in outcomes) == 39
    assert await log.head() == 1


async def test_one_callers_appends_to_a_stream_keep_their_order(log: EventLog) -> None:
    stream = uuid4()
    await asyncio.gather(*(log.append(Append((event(stream, version),))) for version in range(1, 60)))
    assert [e.version for e in await log.stream(stream)] == list(range(1, 60))


async def test_reading_in_pages(log: EventLog) -> None:
    stream = uuid4()
    await log.append(Append(tuple(event(stream, version) for version in range(1, 26))))
    assert [e.position for e in await log.read(10, 5)] == [11, 12, 13, 14, 15]
    assert [e.position for e in await log.read(10, 50, upto=12)] == [11, 12]
    assert [e.position for e in await log.read(-3, 2)] == [1, 2]
    assert await log.read(25, 5) == []
    assert await log.read(10, 5, upto=10) == await log.read(10, 5, upto=3) == []


async def test_reading_some_topics(log: EventLog) -> None:
    stream = uuid4()
    topics = ["a", "b", "c", "a", "b", "c", "a"]
    await log.append(Append(tuple(NewEvent(stream, v, topic, b"{}") for v, topic in enumerate(topics, 1))))
    assert [e.position for e in await log.read(0, 10, topics=["a", "c"])] == [1, 3, 4, 6, 7]
    assert [e.position for e in await log.read(1, 2, topics=["a"])] == [4, 7]
    assert [e.position for e in await log.read(0, 10, upto=4, topics=["a"])] == [1, 4]
    assert await log.read(0, 10, topics=["d"]) == []


async def test_tags_find_events_in_order(log: EventLog) -> None:
    a, b = uuid4(), uuid4()
    own = f"person:{a}"
    await log.append(Append((event(a, 1, tags=(own, "division:1")), event(b, 1, tags=(f"case:{b}", own)))))
    await log.append(Append((event(a, 2, tags=(own,)), event(b, 2, tags=("division:1",)))))
    assert [e.position for e in await log.tagged(own)] == [1, 2, 3]
    assert [e.position for e in await log.tagged("division:1")] == [1, 4]
    assert [e.position for e in await log.tagged(own, after=1, limit=1)] == [2]
    assert [e.position for e in await log.tagged(f"case:{b}")] == [2]
    assert await log.tagged("division") == []
    assert await log.tagged(f"person:{b}") == []


async def test_position_at_a_time(log: EventLog) -> None:
    assert await log.position_at(datetime.now(UTC)) == 0
    stream = uuid4()
    for version in range(1, 10):
        await log.append(Append((event(stream, version),)))
    rows = await log.read(0, 100)
    times = [row.recorded_at for row in rows]
    assert times == sorted(set(times)), "each append has a later time"
    for row in rows:
        assert await log.position_at(row.recorded_at) == row.position
        assert await log.position_at(row.recorded_at - timedelta(microseconds=1)) == row.position - 1
    assert await log.position_at(times[-1] + timedelta(days=1)) == 9


async def test_a_message_is_recorded_once(log: EventLog) -> None:
    stream = uuid4()
    item = Append((event(stream, 1), event(stream, 2)), (said("a"),))
    first = await log.append(item)
    again = await log.append(item)
    assert again.duplicate
    assert (again.first, again.last) == (first.first, first.last) == (1, 2)
    assert await log.head() == 2


async def test_a_record_may_go_from_a_to_b_and_back(log: EventLog) -> None:
    stream = uuid4()
    days = [DAY, DAY + timedelta(1), DAY + timedelta(2)]
    for version, (content, day) in enumerate(zip("ABA", days, strict=True), 1):
        message = said(content, on=day)
        assert not (await log.append(Append((event(stream, version),), (message,)))).duplicate
        assert await log.records("population", [message.record]) == {message.record: RecordState(message.content, day)}
    assert await log.head() == 3


async def test_some_messages_known_is_a_conflict(log: EventLog) -> None:
    await log.append(Append((event(uuid4(), 1),), (said("a"),)))
    with pytest.raises(VersionConflict):
        await log.append(Append((event(uuid4(), 1),), (said("a"), said("b"))))
    asked = [(m.record, m.message) for m in (said("a"), said("b"))]
    assert await log.known_messages("population", asked) == {said("a").message}
    assert await log.head() == 1


async def test_the_same_message_twice_in_an_item_is_a_conflict(log: EventLog) -> None:
    with pytest.raises(VersionConflict):
        await log.append(Append((event(uuid4(), 1),), (said("a"), said("a"))))
    assert await log.head() == 0


async def test_rivals_with_one_message_write_it_once(log: EventLog) -> None:
    stream = uuid4()
    item = Append((event(stream, 1),), (said("a"),))
    outcomes = await asyncio.gather(*(log.append(item) for _ in range(30)))
    assert sum(not o.duplicate for o in outcomes) == 1
    assert {(o.first, o.last) for o in outcomes} == {(1, 1)}


async def test_messages_of_another_source_are_others(log: EventLog) -> None:
    message, other = said("a"), said("a", source="medical")
    await log.append(Append((event(uuid4(), 1),), (message,)))
    assert await log.known_messages("medical", [(message.record, message.message)]) == set()
    assert await log.records("medical", [message.record]) == {}
    assert not (await log.append(Append((event(uuid4(), 1),), (other,)))).duplicate
    assert await log.known_messages("medical", [(message.record, message.message)]) == {message.message}


async def test_a_message_may_give_no_event(log: EventLog) -> None:
    await log.append(Append((event(uuid4(), 1),)))
    appended = await log.append(Append((), (said("a"),)))
    assert (appended.first, appended.last, appended.duplicate) == (2, 1, False)
    assert (await log.append(Append((), (said("a"),)))).duplicate
    later = said("b", on=DAY + timedelta(1))
    await log.append(Append((), (later,)))
    assert (await log.records("population", [later.record]))[later.record].content == later.content


async def test_items_of_any_size_share_a_round(log: EventLog) -> None:
    a, b = uuid4(), uuid4()
    items = [
        Append((event(a, 1), event(a, 2)), (said("1"),)),
        Append((), (said("2", record="2"),)),
        Append((event(b, 1),)),
    ]
    outcomes = await asyncio.gather(*map(log.append, items))
    assert [tuple(o) for o in outcomes] == [(1, 2, False), (3, 2, False), (3, 3, False)]


async def test_many_messages_and_conflicts_in_one_round(log: EventLog) -> None:
    known = said("known", record="k")
    taken = uuid4()
    await log.append(Append((event(taken, 1),), (known,)))
    items = [
        Append((event(s := uuid4(), 1), event(s, 2)), (said("1", record="1"),)),
        Append((event(taken, 1),), (said("2", record="2"),)),
        Append((event(uuid4(), 1),), (known,)),
        Append((event(uuid4(), 1),), (said("3", record="3"),)),
    ]
    outcomes = await asyncio.gather(*map(log.append, items), return_exceptions=True)
    assert isinstance(outcomes[1], VersionConflict)
    assert [o for i, o in enumerate(outcomes) if i != 1] == [(2, 3, False), (1, 1, True), (4, 4, False)]
    for item, outcome in zip(items, outcomes, strict=True):
        if not isinstance(outcome, BaseException):
            assert await log.append(item) == outcome._replace(duplicate=True)
    assert await log.records("population", [said("2", record="2").record]) == {}


async def test_an_identifier_has_one_owner(log: EventLog) -> None:
    mine, yours, digest = uuid4(), uuid4(), bytes(range(32))
    await log.append(Append((event(mine, 1),), identifiers=(Identifier(digest, "citizen_id", mine),)))
    await log.append(Append((event(mine, 2),), identifiers=(Identifier(digest, "citizen_id", mine),)))
    with pytest.raises(IdentifierTaken):
        await log.append(Append((event(yours, 1),), identifiers=(Identifier(digest, "citizen_id", yours),)))
    assert await log.identifiers([digest, bytes(32)]) == {digest: mine}
    assert await log.stream(yours) == []


async def test_of_rivals_for_an_identifier_one_wins(log: EventLog) -> None:
    items = [
        Append((event(owner, 1),), identifiers=(Identifier(bytes(32), "citizen_id", owner),))
        for owner in (uuid4() for _ in range(20))
    ]
    outcomes = await asyncio.gather(*map(log.append, items), return_exceptions=True)
    assert sum(isinstance(o, IdentifierTaken) for o in outcomes) == 19
    assert await log.head() == 1


async def test_a_holder_has_one_key(log: EventLog) -> None:
    holder = uuid4()
    key = HolderKey(holder, b"wrapped", "master", 1)
    await log.append(Append((event(holder, 1),), keys=(key,)))
    await log.append(Append((event(holder, 2),), keys=(key,)))
    with pytest.raises(VersionConflict):
        await log.append(Append((event(holder, 3),), keys=(HolderKey(holder, b"other", "master", 1),)))
    assert await log.keys([holder, uuid4()]) == {holder: key}


async def test_a_destroyed_key_stays_destroyed(log: EventLog) -> None:
    holder, keyless = uuid4(), uuid4()
    key = HolderKey(holder, b"wrapped", "master", 1)
    await log.append(Append((event(holder, 1),), keys=(key,)))
    assert await log.destroy_key(holder)
    assert not await log.destroy_key(holder)
    assert not await log.destroy_key(keyless)
    found = await log.keys([holder, keyless])
    assert {k: v.wrapped for k, v in found.items()} == {holder: b"", keyless: b""}
    for again in (key, HolderKey(keyless, b"new", "master", 1)):
        with pytest.raises(VersionConflict):
            await log.append(Append((event(uuid4(), 1),), keys=(again,)))


async def test_a_follower_moves_on_from_where_it_stands(log: EventLog) -> None:
    assert await log.place("a") == 0
    assert not await log.move("a", 3, 4), "it never stood there"
    assert await log.move("a", 0, 7)
    assert not await log.move("a", 0, 9), "another process has moved it"
    assert await log.move("a", 7, 9)
    assert (await log.place("a"), await log.place("b")) == (9, 0)


async def test_tailing_gives_what_was_and_what_comes(log: EventLog) -> None:
    stream = uuid4()
    await log.append(Append(tuple(event(stream, version) for version in range(1, 8))))
    seen: list[int] = []

    async def follow() -> None:
        async for batch in log.tail(2, limit=3):
            assert 0 < len(batch) <= 3
            seen.extend(e.position for e in batch)
            if seen[-1] == 12:
                return

    follower = asyncio.create_task(follow())
    await asyncio.sleep(0.05)
    for version in range(8, 13):
        await log.append(Append((event(stream, version),)))
    await asyncio.wait_for(follower, 5)
    assert seen == list(range(3, 13))


async def test_nothing_asked_gives_nothing(log: EventLog) -> None:
    assert await log.streams([]) == {}
    assert await log.identifiers([]) == {}
    assert await log.keys([]) == {}
    assert await log.known_messages("population", []) == set()
    assert await log.records("population", []) == {}


async def test_what_cannot_be_stored_fails_alone(log: EventLog) -> None:
    if isinstance(log, MemoryLog):
        stream = uuid4()
        await log.append(Append((event(stream, 1, actor="a"),)))
        return
    good = [Append((event(uuid4(), 1),)) for _ in range(10)]
    bad = Append((event(uuid4(), 1, actor="a\x00b"),))
    outcomes = await asyncio.gather(*map(log.append, [*good, bad]), return_exceptions=True)
    assert [type(o).__name__ for o in outcomes if isinstance(o, Exception)] == ["BadInput"]
    assert await log.head() == 10


async def test_a_follower_moves_on_with_what_it_brought_or_not_at_all(log: EventLog) -> None:
    a = uuid4()
    await log.append(Append((event(a, 1),), moves=(Move("topic/0", 0, 7), Move("topic/1", 0, 3))))
    assert (await log.place("topic/0"), await log.place("topic/1")) == (7, 3)
    with pytest.raises(VersionConflict):
        await log.append(Append((event(a, 1),), moves=(Move("topic/0", 7, 9),)))
    assert await log.place("topic/0") == 7, "nothing was brought"
    for stale in (Move("topic/0", 0, 9), Move("topic/0", 8, 9), Move("topic/2", 1, 2)):
        with pytest.raises(PlaceTaken):
            await log.append(Append((event(a, 2),), moves=(Move("topic/1", 3, 4), stale)))
    assert (await log.head(), await log.place("topic/1")) == (1, 3), "a worker that was replaced changes nothing"
    await log.append(Append((), moves=(Move("topic/0", 7, 9),)))
    assert (await log.head(), await log.place("topic/0")) == (1, 9), "what brings nothing is gone past"


async def test_whoever_repeats_a_move_learns_that_it_was_made(log: EventLog) -> None:
    item = Append((event(uuid4(), 1),), messages=(said("one"),), moves=(Move("topic/0", 0, 5),))
    await log.append(item)
    with pytest.raises(PlaceTaken):
        await log.append(item)
    assert (await log.head(), await log.place("topic/0")) == (1, 5)
    again = await log.append(Append(item.events, item.messages, moves=(Move("topic/0", 5, 6),)))
    assert (again.duplicate, await log.place("topic/0")) == (True, 5), "a duplicate writes nothing, a move neither"


async def test_two_who_move_the_same_follower_at_once_are_told_apart(log: EventLog) -> None:
    items = [Append((event(uuid4(), 1),), moves=(Move("topic/0", 0, 1),)) for _ in range(8)]
    plain = [Append((event(uuid4(), 1),)) for _ in range(8)]
    results = await asyncio.gather(*(log.append(item) for item in (*items, *plain)), return_exceptions=True)
    assert [type(result) for result in results[:8]].count(PlaceTaken) == 7
    assert not any(isinstance(result, Exception) for result in results[8:])
    assert await log.head() == 9
