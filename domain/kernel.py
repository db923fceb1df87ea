"""What every context is made of: aggregates, their events, the commands given to them, and who gives them.

Aggregates are those of the `eventsourcing` library. An event class stands inside its aggregate, says in `apply` what
it changes, and never checks anything: rules stand in the aggregate's public methods, because `apply` runs again on
every replay and a rule tightened there would make old history unloadable.

Two kinds of public methods: `report_…` takes a fact from a source system and never refuses (it happened); every other
one is a decision made on this platform and may raise RuleViolated.
"""

import dataclasses
from collections.abc import Generator, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Annotated, Any, ClassVar, Self, TypeVar, get_args, get_origin, get_type_hints
from uuid import UUID

import eventsourcing.domain as es

from domain.access import Actor, RoleCode
from domain.parameters import Parameters, official_parameters
from domain.workdays import working_days_after


class Personal:
    """Marks an event field that stands in the log only as ciphertext under its holder's key."""


@dataclass(frozen=True, slots=True)
class Doc:
    """What a field means, in Chinese: `amount_fen: Annotated[int, Doc("金额（分）")]`. Shown wherever the field is."""

    text: str


PersonalText = Annotated[str, Personal]
NO_ID = UUID(int=0)
"""Stands in an aggregate's field until its first event gives the id."""
ERASED = "〔已删除〕"
"""What a personal text reads as once its holder's key is destroyed."""

SUBJECT_FIELDS = {
    "person_id": "person",
    "head_id": "person",
    "former_head_id": "person",
    "applicant_id": "person",
    "payee_id": "person",
    "into_id": "person",
    "member_ids": "person",
    "left_ids": "person",
    "household_id": "household",
    "case_id": "case",
    "payment_id": "payment",
    "benefit_id": "benefit",
    "facility_id": "facility",
    "disaster_id": "disaster",
    "aid_list_id": "aid_list",
    "organisation_id": "organisation",
    "purchase_id": "purchase",
    "scheme": "scheme",
    "queue": "queue",
}
"""Event fields that name another subject, or a tuple of them: the event is tagged with it and stands there too."""


class Event(es.AggregateEvent):
    """A change of an aggregate. `timestamp` is when it happened in the district (business time, +08:00)."""

    TOPIC: ClassVar[str] = ""
    TITLE: ClassVar[str] = ""
    """What it is called on a timeline, in Chinese."""
    KEY_HOLDER: ClassVar[str] = "originator_id"
    """Name of the field whose UUID holds the key of this event's personal fields."""

    def gist(self) -> str:
        """The gist in a line, in Chinese and without personal data; empty where the title says it all."""
        return ""

    def true_from(self) -> date:
        """The day from which this change is true: the first of its `…_on` fields, else the day it happened."""
        name = _effective_field(type(self))
        value = getattr(self, name) if name else None
        return value if isinstance(value, date) else self.timestamp.date()


class Created(Event, es.AggregateCreated):
    """The first event of an aggregate."""


@cache
def _effective_field(cls: type) -> str:
    for given in dataclasses.fields(cls):
        if given.name in ("effective_on", "from_on", "moved_on", "died_on"):
            return given.name
    return ""


class Aggregate(es.Aggregate):
    """Base of every aggregate: it has a kind (the first half of its tags) and a division that owns it."""

    TOPIC: ClassVar[str] = ""
    SUBJECT: ClassVar[str] = ""
    division_code: str = ""  # repeated in each aggregate, where its first event's field of the same name fills it

    def __init_subclass__(cls, **options: Any) -> None:
        """Take the event classes as they stand in this class and its bases.

        Where an aggregate has no base class of its own for its events, the library makes each of them a second time,
        on one that it makes: half of what importing the domain would cost.
        """
        setattr(cls, "Event", Event)  # noqa: B010  # a plain assignment would be a declaration
        for base in cls.__mro__[1:]:
            for name, value in vars(base).items():
                if isinstance(value, type) and issubclass(value, Event) and name not in vars(cls):
                    setattr(cls, name, value)
        super().__init_subclass__(**options)

    def owner(self) -> "tuple[type[Aggregate], UUID] | None":
        """Kind and id of the aggregate whose division this one belongs to now; None: its own `division_code` says.

        A case that moves to another street takes its papers along without an event in each of them.
        """
        return None

    def subjects(self) -> Iterable[str]:
        """Tags of subjects, beside those an event's own fields name, on whose timelines its events stand."""
        return ()

    @classmethod
    def create(cls, event_class: type[Created], *, id: UUID, at: datetime, **fields: Any) -> Self:
        """A new aggregate from its first event, happened `at`."""
        return cls._create(event_class, id=id, timestamp=at, **fields)

    def record(self, event_class: type[Event], *, at: datetime, **fields: Any) -> None:
        """Trigger one event that happened `at`; it is applied now and appended when the aggregate is saved."""
        self.trigger_event(event_class, timestamp=at, **fields)


TIMERS = "timers:district"
"""Tag of every aggregate in which something lapses by itself: by it those that may are found."""


class Timed(Aggregate):
    """An aggregate in which something lapses by itself when its time is over.

    The moment is decided in the domain and stands in an event; what a source reports gives none, so that history
    never lapses. A subclass that adds subjects of its own yields `TIMERS` too.
    """

    @property
    def lapses_at(self) -> datetime | None:
        """The moment from which the next thing has lapsed; None where nothing does."""
        return None

    def lapse(self, at: datetime, owner: "Aggregate | None" = None) -> None:
        """Record what has lapsed at that moment, each thing once. `owner` is whom `owner()` names."""

    def subjects(self) -> Iterable[str]:
        """Found by its tag."""
        yield TIMERS


A = TypeVar("A", bound=Aggregate)
C = TypeVar("C")


def replayed(events: Iterable[Event]) -> Any:
    """The aggregate that these events make, from its first one on; None where there are none."""
    aggregate: Aggregate | None = None
    for event in events:
        aggregate = event.mutate(aggregate)
    return aggregate


def tags_of(aggregate: Aggregate, event: Event) -> tuple[str, ...]:
    """Subject tags of an event: its aggregate, whatever its fields name, its aggregate's subjects, its division."""
    tags = {f"{aggregate.SUBJECT}:{aggregate.id}": None}
    for name, kind in _subject_fields(type(event)):
        value = getattr(event, name)
        for named in value if isinstance(value, tuple) else (value,):
            if named is not None:
                tags[f"{kind}:{named}"] = None
    for tag in aggregate.subjects():
        tags[tag] = None
    if aggregate.division_code:
        tags[f"division:{aggregate.division_code}"] = None
    return tuple(tags)


def tags_of_first(kind: type[Aggregate], event: Event) -> tuple[str, ...]:
    """What `tags_of` says of the first event of an aggregate that adds no subjects of its own, without making one."""
    tags = {f"{kind.SUBJECT}:{event.originator_id}": None}
    for name, subject in _subject_fields(type(event)):
        value = getattr(event, name)
        for named in value if isinstance(value, tuple) else (value,):
            if named is not None:
                tags[f"{subject}:{named}"] = None
    if division := getattr(event, "division_code", ""):
        tags[f"division:{division}"] = None
    return tuple(tags)


@cache
def _subject_fields(cls: type) -> tuple[tuple[str, str], ...]:
    return tuple((f.name, SUBJECT_FIELDS[f.name]) for f in dataclasses.fields(cls) if f.name in SUBJECT_FIELDS)


@cache
def personal_fields(cls: type) -> tuple[str, ...]:
    """Names of an event class's fields that are stored as ciphertext."""
    hints = get_type_hints(cls, include_extras=True)
    return tuple(f.name for f in dataclasses.fields(cls) if _mentions_personal(hints[f.name]))


def _mentions_personal(hint: Any) -> bool:
    if get_origin(hint) is Annotated:
        return Personal in get_args(hint)[1:]
    return any(_mentions_personal(part) for part in get_args(hint))


def aggregate_classes() -> dict[str, type[Aggregate]]:
    """Every aggregate class that is imported, by topic."""
    return {cls.TOPIC: cls for cls in _subclasses(Aggregate) if cls.TOPIC}


def event_classes() -> dict[str, type[Event]]:
    """Every event class that stands in an imported aggregate, by topic."""
    found = {}
    for aggregate in aggregate_classes().values():
        for value in vars(aggregate).values():
            if isinstance(value, type) and issubclass(value, Event) and value.TOPIC:
                found[value.TOPIC] = value
    return found


def command_classes() -> dict[str, type["Command"]]:
    """Every command class that is imported, by name."""
    return {cls.__name__: cls for cls in sorted(_subclasses(Command), key=lambda cls: cls.__name__)}


def _subclasses(cls: type[C]) -> Iterable[type[C]]:
    for child in cls.__subclasses__():
        yield child
        yield from _subclasses(child)


@dataclass(frozen=True, slots=True)
class Load:
    """A command's wish for one aggregate: answered with it; the dispatcher raises NotFound where there is none."""

    kind: type[Aggregate]
    id: UUID


@dataclass(frozen=True, slots=True)
class LoadMany:
    """A wish for several aggregates of a kind: answered with a dict by id, without those that don't exist.

    With `upto` as they were at that position of the log.
    """

    kind: type[Aggregate]
    ids: tuple[UUID, ...]
    upto: int | None = None


@dataclass(frozen=True, slots=True)
class LoadTagged:
    """A wish for the aggregates of a kind that have an event tagged with one of these subjects (`person:…`).

    Answered with a dict by id, over all divisions: rules that exclude each other hold for the whole district.
    """

    kind: type[Aggregate]
    subjects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LoadHistory:
    """A wish for one aggregate's events, oldest first: for what an event said and the aggregate does not keep.

    NotFound like Load; `replayed` gives the aggregate as of any of them.
    """

    kind: type[Aggregate]
    id: UUID


@dataclass(frozen=True, slots=True)
class FindPerson:
    """A wish for the person id behind a citizen ID: answered with a UUID or None."""

    citizen_id: str


@dataclass(frozen=True, slots=True)
class ActiveCases:
    """A wish for every case of these schemes in a division's subtree that is in force: answered with an ActiveCasesAt.

    As the log says it at position `upto`, or at its head: the position is in the answer, and whoever replays the log up
    to there finds the same.
    """

    schemes: tuple[str, ...]
    division_code: str
    upto: int | None = None


@dataclass(frozen=True, slots=True)
class ActiveCasesAt:
    """Cases in force at a position of the log, as (household, case), by their ids."""

    position: int
    cases: tuple[tuple[UUID, UUID], ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """What a command may know besides aggregates: who decides, when (business clock), an id for what it creates.

    `parameters` are the official ones unless the dispatcher adds the standards the district adopted.
    """

    actor: Actor
    now: datetime
    new_id: UUID
    parameters: Parameters = field(default_factory=official_parameters)

    @property
    def today(self) -> date:
        """The business date."""
        return self.now.date()

    def due(self, limit: str, division_code: str, start: date | None = None) -> date:
        """The last day of today's limit in working days that starts then (today); raises ParameterNotInForce."""
        days = self.parameters.value(limit, division_code, self.today)
        return working_days_after(self.today if start is None else start, days)


class Reading:
    """A wish for what only the read models can tell at once, such as everything that is due in a month.

    A subclass is a frozen dataclass with a `division_code`: what is told lies in that division's subtree, which must
    be the actor's. Where it is read is for the composition root to say; the answer names the log position it holds at.
    """

    division_code: str


Wish = Load | LoadHistory | LoadMany | LoadTagged | FindPerson | Reading | ActiveCases
Decided = Generator[Wish, Any, tuple[Aggregate, ...]]
"""A command's course: it yields wishes, is sent the answers, and returns the aggregates it changed or created."""


class Command:
    """A decision someone wants to make on the platform.

    A subclass is a frozen dataclass and at once the GraphQL input (this base is no dataclass, or strawberry could not
    make an input of it); its docstring is the Chinese description users see. Who gives it and from where are never
    its fields. `identifiers` of new persons are claimed by the dispatcher from the events.
    """

    ROLES: ClassVar[frozenset[RoleCode]] = frozenset()
    """Roles that may give it."""
    MUTATION: ClassVar[bool] = True
    """Whether GraphQL offers it; not where it comes with more than its fields, such as a file."""

    def decide(self, by: Decision) -> Decided:
        """Make the decision; raises RuleViolated, NotFound or BadInput."""
        raise RuleViolatedByDesign(type(self).__name__)
        yield  # pragma: no cover - makes this a generator, as every override is


class RuleViolatedByDesign(Exception):
    """A command class without `decide`: a fault of the program, not of its user."""
