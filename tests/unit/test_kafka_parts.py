"""The small decisions of messages in and out, without any broker."""

import asyncio
import time
from datetime import date
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from jsonschema import Draft202012Validator

from connectors.deciding import Decision, Origin
from connectors.kafka.frames import Assigned, Done, Frame, Rows, pack
from connectors.kafka.intray import Intray
from connectors.kafka.sending import _start
from connectors.kafka.taking import Taken, Taking
from connectors.kafka.topics import Partition, all_topics, source_of, source_topic
from connectors.mapping.store import sources
from connectors.pipeline import Batch, Outcome, Pipeline
from connectors.public import CATALOGUE, CONTEXTS
from connectors.public.kinds import camel
from connectors.public.schemas import asyncapi, data_schema
from connectors.reading.frames import LENGTH
from connectors.reading.reader import CHUNK
from connectors.reading.rows import Parsed
from domain.errors import BadSetting, Unavailable, VersionConflict
from domain.kernel import personal_fields
from infra.log import Append


def rows(first: int, count: int, kind: str = "persons", partition: int = 0) -> Rows:
    parsed = [Parsed(number, f"k{number}", "", b"") for number in range(first, first + count)]
    return Rows("t", partition, first, first + count - 1, "population", kind, b"", date(2015, 12, 30), parsed)


def fed(*frames: Frame, end: bool = True) -> asyncio.StreamReader:
    stream = asyncio.StreamReader()
    for frame in frames:
        packed = pack(frame)
        stream.feed_data(len(packed).to_bytes(LENGTH, "big") + packed)
    if end:
        stream.feed_eof()
    return stream


class TestIntray:
    async def test_neighbours_are_put_together_and_nothing_else(self) -> None:
        assigned = Assigned([("t", 0, 0, 9)])
        intray = Intray(fed(rows(0, 3), rows(3, 2), rows(5, 1, "deaths"), rows(6, 1), assigned, rows(7, 1), end=False))
        await asyncio.sleep(0.05)
        found = [await intray.next() for _ in range(5)]
        spans = [(f.first, f.last, f.kind, len(f.rows)) for f in found if isinstance(f, Rows)]
        assert spans == [(0, 4, "persons", 5), (5, 5, "deaths", 1), (6, 6, "persons", 1), (7, 7, "persons", 1)]
        assert found[3] == assigned, "what is told of partitions keeps its place"
        await intray.close()

    async def test_no_more_is_put_together_than_is_decided_at_once(self) -> None:
        intray = Intray(fed(rows(0, 600), rows(600, 600), rows(1200, 400), end=False))
        await asyncio.sleep(0.05)
        found = [await intray.next(), await intray.next()]
        spans = [(f.first, f.last, [row.number for row in f.rows]) for f in found if isinstance(f, Rows)]
        assert spans == [(0, CHUNK - 1, [*range(CHUNK)]), (CHUNK, 1599, [*range(CHUNK, 1600)])]
        await intray.close()

    async def test_a_slow_reader_is_not_run_over(self) -> None:
        stream = fed(*(rows(number * 1000, 1000) for number in range(12)), end=False)
        intray = Intray(stream)
        await asyncio.sleep(0.1)
        assert len(intray._frames) == 3, "the rest stays in the pipe"
        for _ in range(12):
            await intray.next()
        await intray.close()

    async def test_the_end_is_told_after_what_came_before(self) -> None:
        intray = Intray(fed(rows(0, 1)))
        await asyncio.sleep(0.05)
        assert isinstance(await intray.next(), Rows)
        with pytest.raises(Unavailable, match="意外结束"):
            await intray.next()
        await intray.close()


class Steps:
    """What a pipeline does, as told: how writing each batch ends, in the order of the attempts."""

    def __init__(self, **outcomes: list[Outcome | Exception]) -> None:
        self.done: list[str] = []
        self.forgotten = 0
        self.free = asyncio.Event()
        """Until it is set, nothing ends that is being written."""
        self._outcomes = outcomes
        self.pipeline = Pipeline(self._decide, self._write, 0.001, "enough")
        world = SimpleNamespace(settle=None, keyring=SimpleNamespace(forget=lambda keys: None))
        self._decider: Any = SimpleNamespace(world=world, forget=self._forget)

    def batch(self, name: str, kind: str = "persons") -> Batch:
        origin = Origin("population", kind, date(2015, 12, 30), UUID(int=0), name)
        return Batch(rows=(), origin=origin, decider=self._decider)

    def _forget(self) -> None:
        self.forgotten += 1

    async def _decide(self, batch: Batch) -> Decision:
        self.done.append(f"decide {batch.origin.file_mark}")
        return Decision(Append(()))

    async def _write(self, batch: Batch, last: bool) -> Outcome:
        self.done.append(f"write {batch.origin.file_mark}")
        await self.free.wait()
        outcome = self._outcomes.get(batch.origin.file_mark, [Outcome.WRITTEN]).pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def take(self, *batches: Batch) -> None:
        for batch in batches:
            await self.pipeline.take(batch)
        await self.pipeline.finish()


class TestLostPartitions:
    """Another worker has moved a partition's place on, and Kafka goes on giving it to us."""

    here = Partition("minzheng.source.grid.v1", 0)

    def taking(self) -> Taking:
        async def told(done: Done) -> None: ...

        nothing: Any = None
        return Taking(nothing, nothing, Taken(), told, asyncio.Event())

    async def test_what_still_comes_is_left_alone_at_first(self) -> None:
        taking = self.taking()
        taking._lost[self.here] = time.monotonic()
        await taking._put_in(rows_of(self.here))

    async def test_then_all_begins_anew(self) -> None:
        taking = self.taking()
        taking._lost[self.here] = time.monotonic() - 60
        with pytest.raises(Unavailable, match="重新开始读取"):
            await taking._put_in(rows_of(self.here))

    @pytest.mark.parametrize("again", [True, False])
    async def test_not_where_kafka_has_said_so_meanwhile(self, again: bool) -> None:
        taking = self.taking()
        taking._lost[self.here] = time.monotonic() - 60
        if again:
            taking.begin(self.here, 9)
        else:
            taking.give_up(self.here)
        await taking._put_in(rows_of(self.here))


def rows_of(partition: Partition) -> Rows:
    """A frame of tombstones."""
    return Rows(partition.topic, partition.partition, 3, 4, "grid", "", b"", date(2015, 12, 31), [])


class TestPipeline:
    async def test_one_is_decided_while_the_one_before_is_written(self) -> None:
        steps = Steps()
        taking = asyncio.create_task(steps.take(steps.batch("a"), steps.batch("b"), steps.batch("c")))
        await asyncio.sleep(0.01)
        assert steps.done == ["decide a", "decide b", "write a"] or steps.done == ["decide a", "write a", "decide b"]
        assert not steps.pipeline.idle
        steps.free.set()
        await taking
        assert sorted(steps.done[3:]) == ["decide c", "write b", "write c"]
        assert steps.pipeline.idle
        assert steps.forgotten == 0

    @pytest.mark.parametrize(
        ("outcome", "then"),
        [
            (Outcome.REFUSED, ["decide a", "write a", "decide b", "write b"]),
            (Outcome.PASSED, ["decide b", "write b"]),
        ],
    )
    async def test_nothing_is_built_on_what_was_not_written_as_decided(self, outcome: Outcome, then: list[str]) -> None:
        steps = Steps(a=[outcome, Outcome.WRITTEN])
        taking = asyncio.create_task(steps.take(steps.batch("a"), steps.batch("b")))
        await asyncio.sleep(0.01)
        steps.free.set()
        await taking
        assert steps.done[3:] == then
        assert steps.forgotten == 1

    async def test_another_kind_is_decided_once_it_finds_everything_in_the_log(self) -> None:
        steps = Steps()
        taking = asyncio.create_task(steps.take(steps.batch("a"), steps.batch("b", "deaths")))
        await asyncio.sleep(0.01)
        assert steps.done == ["decide a", "write a"]
        steps.free.set()
        await taking
        assert steps.done[2:] == ["decide b", "write b"]

    async def test_what_others_keep_refusing_is_given_up(self) -> None:
        steps = Steps(a=[Outcome.REFUSED] * 9)
        steps.free.set()
        with pytest.raises(VersionConflict, match="enough"):
            await steps.take(steps.batch("a"))
        assert steps.done.count("write a") == 8
        assert steps.pipeline.idle

    async def test_an_error_in_writing_is_told_and_what_was_decided_ahead_is_forgotten(self) -> None:
        steps = Steps(a=[Unavailable("away")])
        ahead = steps.batch("b")
        taking = asyncio.create_task(steps.take(steps.batch("a"), ahead))
        await asyncio.sleep(0.01)
        steps.free.set()
        with pytest.raises(Unavailable):
            await taking
        assert ahead.decision is None
        assert "write b" not in steps.done
        await steps.pipeline.finish()


@pytest.mark.parametrize(
    ("positions", "mine", "start"),
    [
        ({}, "0/1", 0),
        ({"0/1": 70}, "0/1", 70),
        ({"0/2": 70, "1/2": 65}, "1/2", 65),
        ({"0/1": 70}, "1/2", 70),
        ({"0/2": 90, "1/2": 90}, "0/1", 90),
        ({"0/1": 50, "0/2": 90, "1/2": 90}, "0/1", 90),
        ({"0/1": 50, "0/2": 90}, "1/2", 50),
        ({"0/1": 50, "population": 20}, "population", 20),
        ({"0/1": 50}, "population", 0),
        ({"population": 20}, "0/1", 0),
    ],
)
def test_where_a_sender_goes_on(positions: dict[str, int], mine: str, start: int) -> None:
    assert _start(positions, mine) == start


@pytest.mark.parametrize("positions", [{"0/2": 90, "1/2": 89}, {"0/2": 90}, {"0/1": 90, "0/2": 95}])
def test_shards_that_have_not_come_together_are_not_left(positions: dict[str, int]) -> None:
    with pytest.raises(BadSetting, match="尚未发到同一位置"):
        _start(positions, "0/3")


class TestCatalogue:
    def test_every_schema_is_one_and_nothing_personal_is_in_it(self) -> None:
        for said in CATALOGUE.values():
            schema = data_schema(said)
            Draft202012Validator.check_schema(schema)
            assert not set(said.names) & set(personal_fields(said.event))
            assert list(schema["properties"]) == [camel(name) for name in said.names]

    def test_no_free_text_is_said(self) -> None:
        """Clerks write names into notes and reasons: only codes, days, amounts, ids, and titles of public things."""
        free = {"note", "reason", "detail", "text", "opinion", "answer", "grounds", "result", "explanation", "basis"}
        texts = [
            f"{s.event.TOPIC}.{name}"
            for s in CATALOGUE.values()
            for name in s.names
            if name in free and s.hints[name] is str
        ]
        assert texts == []

    def test_the_document_names_every_topic_and_every_type(self) -> None:
        document = asyncapi("minzheng", "1")
        addresses = {channel["address"] for channel in document["channels"].values()}
        assert addresses == {topic.name for topic in all_topics("minzheng")} - {"minzheng.relay.v1"}
        own = {"SourceChange", "RowQuarantined"}
        assert set(document["components"]["messages"]) == {said.type for said in CATALOGUE.values()} | own
        for channel in document["channels"].values():
            for reference in channel["messages"].values():
                name = reference["$ref"].rpartition("/")[2]
                assert name in document["components"]["messages"]

    def test_every_context_says_something(self) -> None:
        assert set(CONTEXTS) == {"registry", "assistance", "care", "medical", "grid", "relief", "procurement", "civic"}


def test_names_of_topics_and_places() -> None:
    assert [source_of(source_topic(source, "x.y")) for source in sources()] == list(sources())
    assert Partition("minzheng.source.grid.v1", 2).follower == "kafka:minzheng.source.grid.v1/2"
