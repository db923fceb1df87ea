"""Events to rows and back: canonical JSON, personal fields sealed together under their holder's key.

The payload holds an event's own fields, sorted, without floats; its bytes are what is hashed and never re-encoded. What
the envelope already says (stream, version, business time) is not repeated in it.
"""

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, NotRequired, TypedDict, cast, get_type_hints
from uuid import UUID

import msgspec
from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import JSONTranscoder, Mapper, StoredEvent
from eventsourcing.utils import resolve_topic

import domain.contexts
from domain.clock import CHINA
from domain.kernel import ERASED, Aggregate, Event, aggregate_classes, event_classes, personal_fields
from infra.keys import KeyRing
from infra.log import LogEvent, NewEvent

_ENVELOPE = ("originator_id", "originator_version", "timestamp", "originator_topic")
_SEALED = "_sealed"
"""The sealed personal fields; JSON has no bytes, so msgspec writes them in base64."""
_CANONICAL = msgspec.json.Encoder(order="sorted")


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who recorded something, from where, and on what basis."""

    actor: str = ""
    role: str = ""
    org: str = ""
    division: str = ""
    """Division of the event; empty: the aggregate's own."""
    basis: str = ""
    source: str = ""
    message_id: str = ""
    correlation_id: UUID | None = None
    causation_id: UUID | None = None


class EventCodec(Mapper[UUID]):
    """The library's Mapper for our events. The keys of the holders concerned must be loaded in the key ring."""

    ENVELOPE_FIELDS: ClassVar[tuple[str, ...]] = _ENVELOPE

    def __init__(self, keyring: KeyRing) -> None:
        super().__init__(JSONTranscoder())
        self._keyring = keyring

    def encode(self, event: Event, envelope: Envelope, tags: Sequence[str] = ()) -> NewEvent:
        """The row of an event; raises RuleViolated when its holder has been erased."""
        plan = _plan(type(event))
        sealed, payload = self._payload(plan, event, {})
        return NewEvent(  # by position: this runs for every event of an import
            event.originator_id,
            event.originator_version,
            plan.topic,
            payload,
            plan.class_version,
            tuple(tags),
            event.timestamp,
            envelope.actor,
            envelope.role,
            envelope.org,
            envelope.division,
            envelope.basis,
            envelope.source,
            envelope.message_id,
            envelope.correlation_id,
            envelope.causation_id,
            self._keyring.suite if sealed else 0,
        )

    def decode(self, row: LogEvent, *, with_personal: bool = True) -> Event:
        """The event of a row. Personal fields read ERASED once their holder's key is destroyed.

        Without `with_personal` nothing is decrypted and they read ERASED as well.
        """
        plan = _plan_of(row.topic)
        state = plan.read(row.payload, row.schema_version)
        # Whatever zone the driver answers in: the domain takes a day from it, and a day is a day in China.
        happened = row.occurred.astimezone(CHINA)
        return self._event(plan, state, row.stream_id, row.version, happened, with_personal)

    def holders(self, rows: Iterable[LogEvent]) -> set[UUID]:
        """Whose keys are needed to decode these rows."""
        return {_plan_of(row.topic).holder_of(row) for row in rows if row.crypto_suite}

    def pending_holders(self, aggregates: Iterable[Aggregate]) -> set[UUID]:
        """Whose keys are needed to encode what these aggregates have pending."""
        return self.holders_of(event for aggregate in aggregates for event in aggregate.pending_events)

    def holders_of(self, events: Iterable[Any]) -> set[UUID]:
        """Whose keys are needed to encode these events."""
        holders = set()
        for event in events:
            plan = _plan(type(event))
            if plan.personal:
                holders.add(getattr(event, plan.holder))
        return holders

    # The library's own interface, which knows no envelope: the business time then stands in the payload.

    def to_stored_event(self, domain_event: DomainEventProtocol[UUID]) -> StoredEvent:
        """A stored event; events that are not ours go the library's way."""
        if not isinstance(domain_event, Event):
            return super().to_stored_event(domain_event)
        plan = _plan(type(domain_event))
        extra: dict[str, Any] = {"timestamp": domain_event.timestamp}
        if plan.class_version > 1:
            extra["class_version"] = plan.class_version
        _, payload = self._payload(plan, domain_event, extra)
        return StoredEvent(domain_event.originator_id, domain_event.originator_version, plan.topic, payload)

    def to_domain_event(self, stored_event: StoredEvent) -> DomainEventProtocol[UUID]:
        """The event of a stored event; events that are not ours go the library's way."""
        cls = resolve_topic(stored_event.topic)
        if not issubclass(cls, Event):
            return super().to_domain_event(stored_event)
        plan = _plan(cls)
        raw = msgspec.json.decode(stored_event.state)
        version = raw.pop("class_version", 1)
        timestamp = msgspec.convert(raw.pop("timestamp"), plan.time_type)
        state = plan.upcast(raw, version)
        stream = cast(UUID, stored_event.originator_id)
        return self._event(plan, state, stream, stored_event.originator_version, timestamp, True)

    def _payload(self, plan: "_Plan", event: Event, extra: dict[str, Any]) -> tuple[bool, bytes]:
        """Whether anything was sealed, and the payload: the event's fields and `extra` ones."""
        values = vars(event)
        state = {name: values[name] for name in plan.plain}
        if extra:
            state.update(extra)
        if plan.personal and (personal := {n: v for n in plan.personal if (v := values[n]) is not None}):
            aad = _aad_of(plan, event.originator_id, event.originator_version)
            state[_SEALED] = self._keyring.seal(values[plan.holder], _CANONICAL.encode(personal), aad)
            return True, _CANONICAL.encode(state)
        return False, _CANONICAL.encode(state)

    def _event(
        self, plan: "_Plan", state: dict[str, Any], stream: UUID, version: int, timestamp: Any, with_personal: bool
    ) -> Event:
        state["originator_id"] = stream
        state["originator_version"] = version
        state["timestamp"] = timestamp
        if plan.aggregate_topic:
            state["originator_topic"] = plan.aggregate_topic
        if plan.personal:
            sealed = state.pop(_SEALED, None)
            for name in plan.personal:
                state[name] = None
            if sealed is not None:
                self._unseal(plan, state, sealed, with_personal)
        event = object.__new__(plan.cls)
        object.__setattr__(event, "__dict__", state)
        return event

    def _unseal(self, plan: "_Plan", state: dict[str, Any], sealed: bytes, with_personal: bool) -> None:
        plain = None
        if with_personal:
            aad = _aad_of(plan, state["originator_id"], state["originator_version"])
            plain = self._keyring.open(state[plan.holder], sealed, aad)
        if plain is None:
            state.update(dict.fromkeys(plan.personal, ERASED))
        else:
            state.update(plan.personal_decoder.decode(plain))


def plain_fields(row: LogEvent) -> dict[str, Any]:
    """An event's stored fields as plain JSON, of its class's present version; nothing sealed is opened."""
    raw: dict[str, Any] = msgspec.json.decode(row.payload)
    _plan_of(row.topic).bring(raw, row.schema_version)
    return raw


def _aad_of(plan: "_Plan", stream: UUID, version: int) -> bytes:
    """Binds a ciphertext to its place: moved to another row it no longer opens."""
    return (stream.int << 64 | version).to_bytes(24, "big") + plan.topic_bytes


class _Plan:
    """How one event class is written and read; made once."""

    def __init__(self, cls: type[Event], topic: str, aggregate_topic: str) -> None:
        self.cls = cls
        self.topic = topic
        self.topic_bytes = topic.encode()
        self.aggregate_topic = aggregate_topic
        self.class_version: int = getattr(cls, "class_version", 1)
        self.personal = personal_fields(cls)
        self.holder = cls.KEY_HOLDER
        hints = get_type_hints(cls)
        self.time_type = hints["timestamp"]
        fields = {
            f.name: hints[f.name]
            for f in dataclasses.fields(cls)
            if f.name not in _ENVELOPE and f.name not in self.personal
        }
        if any(_holds_float(hint) for hint in fields.values()):
            raise TypeError(f"{topic}: no floats in events; money is int fen, ratios are basis points")
        shape = TypedDict(f"{cls.__name__}Payload", {**fields, _SEALED: NotRequired[bytes]})  # type: ignore[misc]
        self.shape = shape
        self.plain = tuple(fields)
        personal = TypedDict(  # type: ignore[misc]  # fields of the class
            f"{cls.__name__}Personal", {name: NotRequired[hints[name]] for name in self.personal}
        )
        self.personal_decoder = msgspec.json.Decoder(personal)
        self._decoder = msgspec.json.Decoder(shape)
        self._holder_decoder = (
            None
            if self.holder == "originator_id"
            else msgspec.json.Decoder(msgspec.defstruct("Holder", [(self.holder, UUID)]))
        )

    def read(self, payload: bytes, schema_version: int) -> dict[str, Any]:
        """The payload's fields in their Python types, brought up to the class's version."""
        if schema_version >= self.class_version:
            return cast("dict[str, Any]", self._decoder.decode(payload))
        return self.upcast(msgspec.json.decode(payload), schema_version)

    def upcast(self, raw: dict[str, Any], version: int) -> dict[str, Any]:
        """Run the class's upcasters (`upcast_v1_v2`, …) on raw JSON, then give the fields their types."""
        self.bring(raw, version)
        return cast("dict[str, Any]", msgspec.convert(raw, self.shape))

    def bring(self, raw: dict[str, Any], version: int) -> None:
        """Raw JSON of an older version to the class's, in place."""
        while version < self.class_version:
            getattr(self.cls, f"upcast_v{version}_v{version + 1}")(raw)
            version += 1

    def holder_of(self, row: LogEvent) -> UUID:
        """Whose key a row's personal fields are sealed under."""
        if self._holder_decoder is None:
            return row.stream_id
        return cast(UUID, getattr(self._holder_decoder.decode(row.payload), self.holder))


def _holds_float(hint: Any) -> bool:
    return hint is float or any(_holds_float(part) for part in getattr(hint, "__args__", ()))


@cache
def _plans() -> dict[str, _Plan]:
    owners = {
        event: aggregate.TOPIC
        for aggregate in aggregate_classes().values()
        for event in vars(aggregate).values()
        if isinstance(event, type) and issubclass(event, Event) and "originator_topic" in event.__dataclass_fields__
    }
    return {topic: _Plan(cls, topic, owners.get(cls, "")) for topic, cls in event_classes().items()}


_BY_CLASS: dict[type, _Plan] = {}


def _plan(cls: type) -> _Plan:
    plan = _BY_CLASS.get(cls)
    if plan is None:
        plan = next((p for p in _plans().values() if p.cls is cls), None)
        if plan is None:
            _plans.cache_clear()  # an aggregate was imported since
            plan = next(p for p in _plans().values() if p.cls is cls)
        _BY_CLASS[cls] = plan
    return plan


_BY_TOPIC: dict[str, _Plan] = {}


def _plan_of(topic: str) -> _Plan:
    plan = _BY_TOPIC.get(topic)
    if plan is None:
        if topic not in _plans():
            _plans.cache_clear()  # an aggregate was imported since
        plan = _BY_TOPIC[topic] = _plans()[topic]
    return plan


__all__ = ["Envelope", "EventCodec", "domain", "plain_fields"]
