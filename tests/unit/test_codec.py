"""Events to rows and back, for every event class there is."""

import asyncio
import dataclasses
import enum
import json
import types
import typing
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any, ClassVar, get_args, get_origin, get_type_hints
from uuid import UUID, uuid4

import msgspec
import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import domain.contexts  # noqa: F401  # so that every event class is known
from domain import kernel
from domain.clock import CHINA
from domain.kernel import ERASED, Event, event_classes, personal_fields
from infra.codec import Envelope, EventCodec
from infra.keys import SM4_GCM, FileMasterKey, KeyRing
from infra.log import Append, LogEvent, MemoryLog, NewEvent

MASTER = FileMasterKey(bytes(range(32)))
WHEN = datetime(2015, 12, 1, 7, 30, tzinfo=CHINA)
ENVELOPE = Envelope(
    "officer-17", "street_officer", "民政科", "990102001", "basis", "population", "m-1", uuid4(), uuid4()
)


class Paper(kernel.Aggregate):
    """Has what no real event has yet: personal parts of several kinds, another's key, an older version."""

    TOPIC: ClassVar[str] = "codec_test.Paper"
    SUBJECT: ClassVar[str] = "paper"

    class Created(kernel.Created):
        """Every aggregate has one."""

        TOPIC = "codec_test.PaperCreated"

    class Filed(kernel.Event):
        """Second version: `title` was called `heading`, and `pages` did not exist."""

        TOPIC = "codec_test.PaperFiled"
        KEY_HOLDER = "person_id"
        class_version = 2
        person_id: UUID
        title: str
        pages: tuple[int, ...]
        witnesses: tuple[kernel.PersonalText, ...] | None
        note: kernel.PersonalText | None

        @staticmethod
        def upcast_v1_v2(state: dict[str, Any]) -> None:
            """Bring a first-version payload up to date."""
            state["title"] = state.pop("heading")
            state["pages"] = []


Paper.TOPIC = ""  # known as an aggregate only while this module's tests run


@pytest.fixture(autouse=True, scope="module")
def _paper_is_known() -> Iterator[None]:
    Paper.TOPIC = "codec_test.Paper"
    yield
    Paper.TOPIC = ""


def strategy_of(hint: Any) -> st.SearchStrategy[Any]:
    """Values of an event field's type."""
    origin = get_origin(hint)
    if origin is typing.Annotated:
        return strategy_of(get_args(hint)[0])
    if origin in (types.UnionType, typing.Union):
        return st.one_of(*map(strategy_of, get_args(hint)))
    if origin is tuple:
        first, *rest = get_args(hint)
        many = st.lists(strategy_of(first), max_size=3).map(tuple)
        return many if rest == [...] else st.tuples(*map(strategy_of, (first, *rest)))
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return st.sampled_from(hint)
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        parts = get_type_hints(hint, include_extras=True)
        names = [field.name for field in dataclasses.fields(hint) if field.init]
        return st.builds(hint, **{name: strategy_of(parts[name]) for name in names})
    if isinstance(hint, type) and issubclass(hint, tuple):  # a NamedTuple
        return st.builds(hint, **{name: strategy_of(part) for name, part in get_type_hints(hint).items()})
    return PLAIN[hint]


PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    int: st.integers(-(2**63), 2**63 - 1),
    bool: st.booleans(),
    date: st.dates(date(1850, 1, 1), date(2150, 1, 1)),
    datetime: st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1), timezones=st.just(CHINA)),
    UUID: st.uuids(),
    types.NoneType: st.none(),
}


def events_of(cls: type[Event]) -> st.SearchStrategy[Event]:
    """Any event of a class, as its aggregate would trigger it."""
    hints = get_type_hints(cls, include_extras=True)
    own = {
        f.name: strategy_of(hints[f.name]) for f in dataclasses.fields(cls) if f.name not in EventCodec.ENVELOPE_FIELDS
    }
    envelope = {
        "originator_id": st.uuids(),
        "originator_version": st.integers(1, 2**31 - 1),
        "timestamp": PLAIN[datetime],
    }
    if "originator_topic" in hints:
        owner = next(a.TOPIC for a in kernel.aggregate_classes().values() if cls in vars(a).values())
        envelope["originator_topic"] = st.just(owner)
    return st.builds(cls, **own, **envelope)


def row_of(new: NewEvent) -> LogEvent:
    """The row that the log would answer: PostgreSQL gives times in UTC."""
    fields = msgspec.structs.asdict(new) | {"occurred_at": new.occurred_at and new.occurred_at.astimezone(UTC)}
    return LogEvent(**fields, position=1, recorded_at=datetime.now(UTC))


def codec_for(event: Event, **options: int) -> EventCodec:
    """A codec whose key ring knows the event's holder."""
    ring = KeyRing(MemoryLog(), MASTER, **options)
    asyncio.run(ring.preload([getattr(event, type(event).KEY_HOLDER)]))
    return EventCodec(ring)


@pytest.mark.parametrize("topic", sorted(event_classes()))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_every_event_comes_back_as_it_was(topic: str, data: st.DataObject) -> None:
    check_round_trip(data.draw(events_of(event_classes()[topic])))


@settings(max_examples=25, deadline=None)
@given(event=events_of(Paper.Filed))
def test_an_event_with_every_kind_of_personal_part_comes_back(event: Event) -> None:
    check_round_trip(event)


def check_round_trip(event: Event) -> None:
    """Encode, decode, compare; look at what the payload holds."""
    cls = type(event)
    codec = codec_for(event)
    new = codec.encode(event, ENVELOPE, ("a:1",))
    assert new.topic == cls.TOPIC
    back = codec.decode(row_of(new))
    assert back == event
    assert {k: type(v) for k, v in vars(back).items()} == {k: type(v) for k, v in vars(event).items()}
    assert back.timestamp.utcoffset() == CHINA.utcoffset(None)
    payload = json.loads(new.payload)
    assert not payload.keys() & {"originator_id", "originator_version", "timestamp", *personal_fields(cls)}
    assert (
        new.payload
        == json.dumps(payload, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        .replace("\x7f", "\x7f")
        .encode()
    ), "canonical: sorted, nothing between"


def filed(**fields: Any) -> Paper.Filed:
    """One paper."""
    values: dict[str, Any] = {
        "originator_id": uuid4(),
        "originator_version": 3,
        "timestamp": WHEN,
        "person_id": uuid4(),
        "title": "申请",
        "pages": (1, 2),
        "witnesses": ("李四", "王五"),
        "note": "有病史",
    }
    made: Paper.Filed = Paper.Filed(**values | fields)
    return made


def test_the_envelope_stands_beside_the_payload() -> None:
    event = filed()
    new = codec_for(event).encode(event, ENVELOPE, ["paper:1", "division:1"])
    assert (new.stream_id, new.version, new.occurred_at) == (event.originator_id, 3, WHEN)
    assert (new.schema_version, new.tags, new.crypto_suite) == (2, ("paper:1", "division:1"), 1)
    for name in ("actor", "role", "org", "division", "basis", "source", "message_id", "correlation_id", "causation_id"):
        assert getattr(new, name) == getattr(ENVELOPE, name), name


def test_personal_parts_are_nowhere_in_the_row() -> None:
    event = filed()
    codec = codec_for(event)
    row = row_of(codec.encode(event, ENVELOPE))
    for word in ("李四", "王五", "有病史"):
        assert word.encode() not in row.payload
        assert json.dumps(word)[1:-1].encode() not in row.payload
    assert codec.decode(row) == event
    assert codec.holders([row]) == {event.person_id}


@pytest.mark.parametrize("suite", [1, SM4_GCM])
def test_a_row_moved_to_another_place_does_not_open(suite: int) -> None:
    event = filed()
    codec = codec_for(event, suite=suite)
    row = row_of(codec.encode(event, ENVELOPE))
    assert row.crypto_suite == suite
    for moved in ({"stream_id": uuid4()}, {"version": 4}):
        with pytest.raises(InvalidTag):
            codec.decode(msgspec.structs.replace(row, **moved))


def test_without_personal_nothing_is_opened() -> None:
    event = filed()
    row = row_of(codec_for(event).encode(event, ENVELOPE))
    stranger = EventCodec(KeyRing(MemoryLog(), FileMasterKey(bytes(32))))  # neither the key nor the master key
    back = stranger.decode(row, with_personal=False)
    assert isinstance(back, Paper.Filed)
    assert (back.title, back.pages, back.note) == ("申请", (1, 2), ERASED)
    assert str(back.witnesses) == ERASED


def test_nothing_personal_given_seals_nothing() -> None:
    event = filed(witnesses=None, note=None)
    codec = codec_for(event)
    new = codec.encode(event, ENVELOPE)
    assert new.crypto_suite == 0
    assert codec.decode(row_of(new)) == event


async def test_after_erasure_an_event_reads_as_erased_and_stays_whole() -> None:
    log = MemoryLog()
    ring = KeyRing(log, MASTER)
    codec = EventCodec(ring)
    event = filed(originator_version=1)
    await ring.preload([event.person_id])
    await log.append(Append((codec.encode(event, ENVELOPE),), keys=ring.take_new()))
    (before,) = await log.stream(event.originator_id)
    assert codec.decode(before) == event
    await log.destroy_key(event.person_id)
    ring.drop(event.person_id)
    await ring.preload([event.person_id])
    (after,) = await log.stream(event.originator_id)
    assert after == before, "the log is as it was"
    back = codec.decode(after)
    assert isinstance(back, Paper.Filed)
    assert (back.title, back.pages, back.note) == ("申请", (1, 2), ERASED)


def test_older_payloads_are_brought_up_to_date() -> None:
    event = filed()
    codec = codec_for(event)
    new = codec.encode(event, ENVELOPE)
    payload = msgspec.json.decode(new.payload)
    del payload["pages"]
    payload["heading"] = payload.pop("title")
    old = msgspec.structs.replace(row_of(new), payload=msgspec.json.encode(payload), schema_version=1)
    back = codec.decode(old)
    assert isinstance(back, Paper.Filed)
    assert (back.title, back.pages, back.note) == ("申请", (), "有病史")


def test_the_librarys_interface_keeps_the_business_time() -> None:
    event = filed()
    codec = codec_for(event)
    stored = codec.to_stored_event(event)
    assert codec.to_domain_event(stored) == event


def test_floats_are_refused() -> None:
    class Scale(kernel.Aggregate):
        TOPIC = "codec_test.Scale"

        class Created(kernel.Created):
            TOPIC = "codec_test.ScaleCreated"

        class Weighed(kernel.Event):
            TOPIC = "codec_test.Weighed"
            kilograms: float

    values: dict[str, Any] = {"originator_id": uuid4(), "originator_version": 1, "timestamp": WHEN, "kilograms": 1.5}
    event = Scale.Weighed(**values)
    try:
        with pytest.raises(TypeError, match="no floats"):
            codec_for(event).encode(event, ENVELOPE)
    finally:
        Scale.TOPIC = ""  # so that no other test finds it among the event classes
