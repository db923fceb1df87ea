"""The one path of every command: authorise, load, decide, append, answer with the position."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID, uuid4

import msgspec

from domain.access import Actor
from domain.errors import BadInput, Forbidden, NotFound, VersionConflict
from domain.kernel import (
    ActiveCases,
    Aggregate,
    Command,
    Decided,
    Decision,
    FindPerson,
    Load,
    LoadHistory,
    LoadMany,
    LoadTagged,
    Reading,
    Wish,
    replayed,
)
from domain.rights import Account
from infra.active_cases import active_cases
from infra.codec import Envelope
from infra.log.types import PLATFORM, SourceMessage
from infra.parameters import CurrentParameters
from infra.rights import Rights
from infra.store import EventStore
from infra.tasks import fewer_collections

Reader = Callable[[Any], Awaitable[Any]]
"""Answers one kind of `Reading`."""
_NO_READERS: Mapping[type[Reading], Reader] = MappingProxyType({})
_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Dispatched:
    """What became of a command: the log position to wait for, and the ids it changed or created, in its order."""

    position: int
    ids: tuple[UUID, ...]
    repeated: bool = False
    """The same command had been carried out before under this client's mutation id; nothing was done again."""


class Dispatcher:
    """Carries commands out on the store, under the business clock `now` and the `rights` recorded.

    `readers` answer from the read models.
    """

    def __init__(
        self,
        store: EventStore,
        now: Callable[[], datetime],
        rights: Rights | None = None,
        readers: Mapping[type[Reading], Reader] = _NO_READERS,
    ) -> None:
        self._store = store
        self._readers = readers
        self._now = now
        self._parameters = CurrentParameters(store)
        self.rights = rights or Rights(store, now)

    @property
    def now(self) -> Callable[[], datetime]:
        """The business clock that decisions are made by."""
        return self._now

    @property
    def parameters(self) -> CurrentParameters:
        """The parameters in force, as the log has them."""
        return self._parameters

    async def dispatch(self, command: Command, actor: Actor, client_mutation_id: str = "") -> Dispatched:
        """Carry a command out.

        Raises Forbidden where the role may not give it or the account has no right in force, NotFound where something
        it names does not exist or lies outside the actor's divisions, RuleViolated where a rule forbids it,
        VersionConflict where others kept being first, BadInput where `client_mutation_id` was used for another command.
        """
        if not actor.may_decide:
            raise Forbidden("其他部门的经办人员只能查询，不能办理；请由民政部门办理。")
        if actor.role not in command.ROLES:
            raise Forbidden(f"角色“{actor.role.label}”无权办理此事项（{type(command).__name__}）。")
        await self.rights.refresh()
        actor = self.rights.admitted(actor)
        message = self._message(command, actor, client_mutation_id) if client_mutation_id else None
        if message is not None and (earlier := await self._earlier(message)) is not None:
            return earlier
        for attempt in range(_ATTEMPTS):
            try:
                return await self._attempt(command, actor, message)
            except VersionConflict:
                if attempt == _ATTEMPTS - 1:
                    raise
                # The repeated command may itself have been the one that was first.
                if message is not None and (earlier := await self._earlier(message)) is not None:
                    return earlier
        raise AssertionError  # pragma: no cover - the loop returns or raises

    async def read(self, wish: Reading, actor: Actor) -> Any:
        """What the read models tell of a whole division; raises Forbidden where it is not the actor's."""
        return await Course(self._store, actor, self._readers).answer(wish)

    async def _attempt(self, command: Command, actor: Actor, message: SourceMessage | None) -> Dispatched:
        course = Course(self._store, actor, self._readers)
        decision = Decision(actor, self._now(), uuid4(), await self._parameters.get())
        changed = await course.run(command.decide(decision))
        course.check(changed)
        envelope = Envelope(
            actor=actor.name,
            role=actor.role.value,
            org=actor.department,
            basis=_basis(command, actor),
            message_id=message.message.hex() if message else "",
            correlation_id=uuid4(),
        )
        appended = await self._store.save(changed, envelope, messages=(message,) if message else ())
        if appended.duplicate and message is not None and (earlier := await self._earlier(message)) is not None:
            return earlier  # the same mutation, sent twice at once: the other one was first
        if any(isinstance(aggregate, Account) for aggregate in changed):
            await self.rights.refresh()
        return Dispatched(appended.last, tuple(aggregate.id for aggregate in changed))

    def _message(self, command: Command, actor: Actor, client_mutation_id: str) -> SourceMessage:
        digest = self._store.keyring.digest
        body = msgspec.json.encode(command, order="sorted").decode()
        key = digest("mutation", f"{actor.name}\n{client_mutation_id}")[:16]
        content = digest("mutation content", f"{type(command).__name__}\n{body}")[:16]
        return SourceMessage(PLATFORM, key, key, content, self._now().date())

    async def _earlier(self, message: SourceMessage) -> Dispatched | None:
        states = await self._store.log.records(message.source, [message.record])
        state = states.get(message.record)
        if state is None:
            return None
        if state.content != message.content:
            raise BadInput("clientMutationId 已用于另一项操作；请换一个新的值。", "clientMutationId")
        recorded = await self._store.recorded_by(message)
        return Dispatched(recorded.last, recorded.streams, repeated=True)


def _basis(command: Command, actor: Actor) -> str:
    """On what somebody acts: what the command names, and for whom a deputy does it."""
    parts = (str(getattr(command, "basis", "") or ""), f"代 {actor.acts_for} 办理" if actor.acts_for else "")
    return "；".join(filter(None, parts))


class Course:
    """One run of a generator that yields wishes: answers them and remembers what it was shown."""

    def __init__(self, store: EventStore, actor: Actor, readers: Mapping[type[Reading], Reader]) -> None:
        self._store = store
        self._actor = actor
        self._readers = readers
        self._divisions: dict[UUID, str] = {}

    async def run(self, course: Decided) -> tuple[Aggregate, ...]:
        """The aggregates that a command's `decide`, or a rule's `react`, has changed."""
        answer: Any = None
        with ExitStack() as stack:
            while True:
                try:
                    wish = course.send(answer)
                except StopIteration as done:
                    return tuple(done.value)
                if isinstance(wish, Reading):  # answered with everything of a district
                    stack.enter_context(fewer_collections())
                answer = await self.answer(wish)

    async def answer(self, wish: Wish) -> Any:
        """What is wished for, as far as it is the actor's."""
        match wish:
            case Load(kind, id):
                return await self._within(kind, id, await self._store.load(kind, id))
            case LoadHistory(kind, id):
                events = await self._store.history(kind, id)
                await self._within(kind, id, replayed(events))
                return events
            case LoadMany(kind, ids, upto):
                return await self._known(await self._store.load_many(kind, ids, upto))
            case LoadTagged(kind, subjects):
                return await self._known(await self._store.load_tagged(kind, subjects))
            case FindPerson(citizen_id):
                return await self._store.find_person(citizen_id)
            case ActiveCases():
                return await active_cases(self._store, wish)
            case Reading(division_code=division):
                if not self._actor.covers(division):
                    raise Forbidden(f"区划 {division} 不在您的管辖范围内，不能在此办理。")
                return await self._readers[type(wish)](wish)

    async def _within(self, kind: type[Aggregate], id: UUID, aggregate: Aggregate | None) -> Aggregate:
        if aggregate is not None:
            await self._known({id: aggregate})
        if aggregate is None or not self._actor.covers(self._divisions[id]):
            raise NotFound(f"没有找到 {kind.SUBJECT}:{id}，或不在您的管辖范围内。")
        return aggregate

    async def _known(self, found: dict[UUID, Any]) -> dict[UUID, Any]:
        self._divisions |= await divisions_of(self._store, found.values())
        return found

    def check(self, changed: tuple[Aggregate, ...]) -> None:
        """Everything a command changes was in the actor's divisions before, and what it creates is there now."""
        for aggregate in changed:
            before = self._divisions.get(aggregate.id)
            if not self._actor.covers(aggregate.division_code if before is None else before):
                if before is None:
                    raise Forbidden(f"区划 {aggregate.division_code} 不在您的管辖范围内，不能在此办理。")
                raise NotFound(f"没有找到 {aggregate.SUBJECT}:{aggregate.id}，或不在您的管辖范围内。")


async def divisions_of(store: EventStore, aggregates: Iterable[Aggregate]) -> dict[UUID, str]:
    """The divisions that aggregates belong to now, by their ids: their owners' where they have any."""
    owned = [(aggregate, aggregate.owner()) for aggregate in aggregates]
    owners: dict[UUID, Aggregate] = {}
    for kind in {owner[0] for _, owner in owned if owner is not None}:
        ids = {owner[1] for _, owner in owned if owner is not None and owner[0] is kind}
        owners |= await store.load_many(kind, list(ids))
    return {
        aggregate.id: aggregate.division_code if owner is None else owners.get(owner[1], aggregate).division_code
        for aggregate, owner in owned
    }


async def division_of(store: EventStore, aggregate: Aggregate) -> str:
    """The division an aggregate belongs to now."""
    return (await divisions_of(store, [aggregate]))[aggregate.id]
