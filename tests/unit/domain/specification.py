"""Given some aggregates, when a command is given, then these events happen, or it is refused.

    given(case).when(AcceptCase(case_id=case.id)).then(Case.Accepted)
    given(case).when(AcceptCase(case_id=case.id)).refused("不能受理")

What the dispatcher would answer from the log is answered from the given aggregates. Every aggregate a command returns
is also rebuilt from its events alone and compared with the live one.
"""

from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from domain.access import Actor, RoleCode
from domain.assistance import Case
from domain.assistance.case_facts import IN_FORCE
from domain.clock import at
from domain.errors import MinzhengError, NotFound, RuleViolated
from domain.kernel import (
    ActiveCases,
    ActiveCasesAt,
    Aggregate,
    Command,
    Decision,
    Event,
    FindPerson,
    Load,
    LoadHistory,
    LoadMany,
    LoadTagged,
    Reading,
    Wish,
    tags_of,
)
from domain.parameters import Parameters, official_parameters
from domain.registry.person import Person

NOW = at(date(2015, 12, 10), 9)
"""The tests' present, in the demo district's own year."""
CLERK = Actor("district", RoleCode.DISTRICT_CLERK, "440704")
STREET = Actor("street", RoleCode.STREET_OFFICER, "440704004")

_HISTORY: dict[int, tuple[Aggregate, list[Event]]] = {}
"""Events by their aggregate's identity; the aggregate is kept too, or another could take its identity over."""


def history(aggregate: Aggregate) -> list[Event]:
    """Every event of an aggregate that this module has seen, old and new."""
    _, past = _HISTORY.setdefault(id(aggregate), (aggregate, []))
    past.extend(aggregate.collect_events())  # type: ignore[arg-type]
    return past


def rebuilt(events: list[Event]) -> Aggregate:
    """The aggregate that these events make."""
    aggregate: Aggregate | None = None
    for event in events:
        aggregate = event.mutate(aggregate)
    assert aggregate is not None
    return aggregate


@dataclass
class Outcome:
    """What came of a command."""

    aggregates: tuple[Aggregate, ...] = ()
    events: tuple[Event, ...] = ()
    error: MinzhengError | None = None

    def then(self, *expected: type[Event], **fields: Any) -> Any:
        """Exactly these events happened, the last of them with these fields; gives the first aggregate."""
        if self.error is not None:
            raise AssertionError(f"refused: {self.error}") from self.error
        assert [type(event) for event in self.events] == list(expected)
        for name, value in fields.items():
            assert getattr(self.events[-1], name) == value, name
        return self.aggregates[0]

    def refused(self, text: str, kind: type[MinzhengError] = RuleViolated) -> None:
        """Nothing happened, and the error says this."""
        assert self.error is not None, "was not refused"
        assert isinstance(self.error, kind), repr(self.error)
        assert text in str(self.error)


@dataclass
class Given:
    """A world of aggregates, and what the read models would tell."""

    aggregates: dict[UUID, Aggregate] = field(default_factory=dict)
    told: dict[type[Reading], Any] = field(default_factory=dict)

    def reading(self, wish: type[Reading], answer: Any) -> "Given":
        """The read models answer this wish so."""
        return Given(self.aggregates, {**self.told, wish: answer})

    def when(
        self,
        command: Command,
        by: Actor = CLERK,
        now: datetime = NOW,
        parameters: Parameters | None = None,
        new_id: UUID | None = None,
    ) -> Outcome:
        """Give the command and see what comes of it; the given aggregates stay as they were."""
        assert by.role in command.ROLES, f"{by.role} may not give {type(command).__name__}"
        before = {id: len(history(aggregate)) for id, aggregate in self.aggregates.items()}
        course = command.decide(Decision(by, now, new_id or uuid4(), parameters or official_parameters()))
        answer: Any = None
        try:
            while True:
                answer = self._answer(course.send(answer))
        except StopIteration as done:
            changed: tuple[Aggregate, ...] = done.value
        except MinzhengError as error:
            for aggregate in self.aggregates.values():
                assert not aggregate.pending_events, "a refused command changed something"
            return Outcome(error=error)
        events: list[Event] = []
        for aggregate in changed:
            past = history(aggregate)
            events.extend(past[before.get(aggregate.id, 0) :])
            assert rebuilt(past) == aggregate, "replayed otherwise than lived"
        return Outcome(changed, tuple(events))

    def _answer(self, wish: Wish) -> Any:
        match wish:
            case Load(kind, id):
                found = self.aggregates.get(id)
                if not isinstance(found, kind):
                    raise NotFound("nothing there")
                return found
            case LoadHistory(kind, id):
                if not isinstance(self.aggregates.get(id), kind):
                    raise NotFound("nothing there")
                return tuple(history(self.aggregates[id]))
            case LoadMany(kind, ids):
                return {id: self.aggregates[id] for id in ids if isinstance(self.aggregates.get(id), kind)}
            case LoadTagged(kind, subjects):
                return {id: a for id, a in self.aggregates.items() if isinstance(a, kind) and _tags(a) & {*subjects}}
            case Reading():
                return self.told[type(wish)]
            case ActiveCases(schemes, division, upto):
                cases = [a for a in self.aggregates.values() if isinstance(a, Case) and a.scheme in schemes]
                found = [c for c in cases if c.state in IN_FORCE and c.division_code.startswith(division)]
                return ActiveCasesAt(upto or 100, tuple(sorted((c.household_id, c.id) for c in found)))
            case FindPerson(citizen_id):
                return next(
                    (a.id for a in self.aggregates.values() if isinstance(a, Person) and a.citizen_id == citizen_id),
                    None,
                )


def given(*aggregates: Aggregate) -> Given:
    """The world before a command."""
    for aggregate in aggregates:
        history(aggregate)
    return Given({aggregate.id: aggregate for aggregate in aggregates})


def _tags(aggregate: Aggregate) -> set[str]:
    return {tag for event in history(aggregate) for tag in tags_of(aggregate, event)}


def assert_replays(aggregate: Aggregate) -> None:
    """The aggregate equals the one its events make."""
    events = [*history(aggregate)]
    alone = rebuilt(deepcopy(events))
    assert alone == aggregate


__all__ = ["CLERK", "NOW", "STREET", "Given", "Outcome", "assert_replays", "given", "history", "rebuilt"]
