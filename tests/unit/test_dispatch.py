"""The one path of every command, on the log in memory: authorised, decided on fresh state, appended once."""

import asyncio
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar
from uuid import UUID, uuid4

import pytest

from domain.access import OFFICIALS, Actor, RoleCode
from domain.assistance.commands import AdoptStandard
from domain.clock import at
from domain.errors import BadInput, Forbidden, IdentifierTaken, NotFound, RuleViolated, VersionConflict
from domain.kernel import Decided, Decision, LoadTagged
from domain.registry import Person
from domain.registry.commands import ConfirmDeath, MovePerson, RegisterPerson, ReportDeath
from infra.codec import Envelope, EventCodec
from infra.dispatch import Dispatcher
from infra.keys import FileMasterKey, KeyRing
from infra.log import Append, Appended, MemoryLog
from infra.store import EventStore

NOW = at(date(2015, 12, 31), 9)
CLERK = Actor("clerk", RoleCode.DISTRICT_CLERK, "440704")
WAIHAI = Actor("waihai", RoleCode.STREET_OFFICER, "440704004")
LILE = Actor("lile", RoleCode.STREET_OFFICER, "440704005")
AUDITOR = Actor("auditor", RoleCode.AUDITOR, "440704")
MA_SAN = "440704004202"
ELSEWHERE = "440704005201"


class ContestedLog(MemoryLog):
    """A log where someone else is first, `rivals` times."""

    def __init__(self) -> None:
        super().__init__()
        self.rivals = 0

    async def append(self, item: Append) -> Appended:
        if self.rivals:
            self.rivals -= 1
            raise VersionConflict("moved on")
        return await super().append(item)


@pytest.fixture
def log() -> ContestedLog:
    return ContestedLog()


@pytest.fixture
def store(log: ContestedLog) -> EventStore:
    keyring = KeyRing(log, FileMasterKey(b"0" * 32))
    return EventStore(log, EventCodec(keyring), keyring)


@pytest.fixture
def dispatcher(store: EventStore) -> Dispatcher:
    return Dispatcher(store, lambda: NOW)


async def registered(dispatcher: Dispatcher, **fields: object) -> UUID:
    command = RegisterPerson(**{"name": "林测试", "division_code": MA_SAN, **fields})  # type: ignore[arg-type]
    return (await dispatcher.dispatch(command, CLERK)).ids[0]


async def test_an_answer_names_the_position_and_what_was_changed(dispatcher: Dispatcher, store: EventStore) -> None:
    done = await dispatcher.dispatch(RegisterPerson(name="林测试", division_code=MA_SAN), WAIHAI)
    rows = await store.log.read(0, 10)
    assert (done.position, len(done.ids), done.repeated) == (1, 1, False)
    assert (rows[0].actor, rows[0].role, rows[0].division) == ("waihai", "street_officer", MA_SAN)
    assert rows[0].correlation_id is not None
    assert "林测试".encode() not in rows[0].payload


async def test_a_role_that_may_not_is_refused_before_anything_is_looked_at(dispatcher: Dispatcher) -> None:
    with pytest.raises(Forbidden, match="审计人员"):
        await dispatcher.dispatch(ReportDeath(person_id=uuid4(), died_on=date(2015, 1, 1), evidence="x"), AUDITOR)


async def test_another_departments_caseworker_only_reads(dispatcher: Dispatcher) -> None:
    clerk = Actor("财政局某", RoleCode.DISTRICT_CLERK, "440704", "finance")
    with pytest.raises(Forbidden, match="只能查询"):
        await dispatcher.dispatch(ReportDeath(person_id=uuid4(), died_on=date(2015, 1, 1), evidence="x"), clerk)


async def test_another_streets_person_looks_like_none_at_all(dispatcher: Dispatcher) -> None:
    person = await registered(dispatcher)
    errors = []
    for id in (person, uuid4()):
        with pytest.raises(NotFound) as caught:
            await dispatcher.dispatch(ReportDeath(person_id=id, died_on=date(2015, 1, 1), evidence="走访"), LILE)
        errors.append(str(caught.value).replace(str(id), "ID"))
    assert errors[0] == errors[1]


async def test_nothing_is_created_outside_ones_own_divisions(dispatcher: Dispatcher, store: EventStore) -> None:
    with pytest.raises(Forbidden, match=MA_SAN):
        await dispatcher.dispatch(RegisterPerson(name="林测试", division_code=MA_SAN), LILE)
    assert await store.log.head() == 0


async def test_what_one_hands_over_may_leave_ones_divisions(dispatcher: Dispatcher, store: EventStore) -> None:
    person = await registered(dispatcher)
    move = MovePerson(person_id=person, to_division_code=ELSEWHERE, moved_on=date(2015, 12, 1))
    await dispatcher.dispatch(move, WAIHAI)
    moved = await store.load(Person, person)
    assert moved is not None
    assert moved.division_code == ELSEWHERE
    with pytest.raises(NotFound):
        await dispatcher.dispatch(move, WAIHAI)


@dataclass(frozen=True, kw_only=True)
class MoveTagged:
    """What a command does; no subclass of Command, which would be one of the product's."""

    ROLES: ClassVar = OFFICIALS
    subject: str

    def decide(self, by: Decision) -> Decided:
        found: dict[UUID, Person] = yield LoadTagged(Person, (self.subject,))
        for person in found.values():
            person.move(by.now, to_division_code=ELSEWHERE, moved_on=date(2015, 12, 1))
        return tuple(found.values())


async def test_what_is_found_by_a_tag_is_changed_only_by_whom_it_belonged_to(dispatcher: Dispatcher) -> None:
    person = await registered(dispatcher)
    command: Any = MoveTagged(subject=f"person:{person}")
    with pytest.raises(NotFound):
        await dispatcher.dispatch(command, LILE)  # where it would go, not where it is
    assert (await dispatcher.dispatch(command, WAIHAI)).ids == (person,)


async def test_a_rule_refuses_and_nothing_is_written(dispatcher: Dispatcher, store: EventStore) -> None:
    person = await registered(dispatcher)
    confirm = ConfirmDeath(person_id=person, died_on=date(2015, 12, 1), confirmed_by="死亡医学证明")
    await dispatcher.dispatch(confirm, CLERK)
    head = await store.log.head()
    with pytest.raises(RuleViolated):
        await dispatcher.dispatch(confirm, CLERK)
    assert await store.log.head() == head


async def test_a_lost_race_is_decided_again(dispatcher: Dispatcher, log: ContestedLog) -> None:
    person = await registered(dispatcher)
    log.rivals = 3
    done = await dispatcher.dispatch(ReportDeath(person_id=person, died_on=date(2015, 12, 1), evidence="走访"), CLERK)
    assert done.position == 2
    log.rivals = 99
    with pytest.raises(VersionConflict):
        await dispatcher.dispatch(RegisterPerson(name="林甲", division_code=MA_SAN), CLERK)


async def test_a_key_of_a_failed_append_is_not_used_again(
    dispatcher: Dispatcher, log: ContestedLog, store: EventStore
) -> None:
    log.rivals = 2
    person = await registered(dispatcher)
    assert set(await log.keys([person])) == {person}
    fresh = KeyRing(log, FileMasterKey(b"0" * 32))
    loaded = await EventStore(log, EventCodec(fresh), fresh).load(Person, person)
    assert loaded is not None
    assert loaded.name == "林测试"


async def test_the_same_mutation_id_repeats_nothing(dispatcher: Dispatcher, store: EventStore) -> None:
    command = RegisterPerson(name="林测试", division_code=MA_SAN)
    first = await dispatcher.dispatch(command, CLERK, "m-1")
    again = await dispatcher.dispatch(command, CLERK, "m-1")
    assert (again.position, again.ids, again.repeated) == (first.position, first.ids, True)
    assert await store.log.head() == 1
    with pytest.raises(BadInput, match="clientMutationId"):
        await dispatcher.dispatch(RegisterPerson(name="林乙", division_code=MA_SAN), CLERK, "m-1")
    other_caller = await dispatcher.dispatch(command, WAIHAI, "m-1")
    assert not other_caller.repeated


async def test_the_same_mutation_id_at_the_same_moment_is_one_mutation(
    dispatcher: Dispatcher, store: EventStore
) -> None:
    command = RegisterPerson(name="林测试", division_code=MA_SAN)
    answers = await asyncio.gather(*(dispatcher.dispatch(command, CLERK, "m-1") for _ in range(20)))
    assert await store.log.head() == 1
    assert {answer.position for answer in answers} == {1}
    rows = await store.log.read(0, 10)
    assert {answer.ids for answer in answers} == {(rows[0].stream_id,)}


async def test_one_citizen_id_belongs_to_one_person(dispatcher: Dispatcher, store: EventStore) -> None:
    person = await registered(dispatcher, citizen_id="990000195001010019")
    assert await store.find_person("990000195001010019") == person
    with pytest.raises((RuleViolated, IdentifierTaken)):
        await registered(dispatcher, citizen_id="990000195001010019")


async def test_an_adopted_standard_holds_for_the_next_decision(dispatcher: Dispatcher, store: EventStore) -> None:
    adopt = AdoptStandard(
        param_code="dibao.standard.urban", value=60000, from_on=date(2016, 1, 1), basis="江民〔2015〕示例1号"
    )
    await dispatcher.dispatch(adopt, CLERK)
    with pytest.raises(RuleViolated, match="相同"):
        await dispatcher.dispatch(adopt, CLERK)
    other = Dispatcher(store, lambda: NOW)
    with pytest.raises(RuleViolated, match="相同"):
        await other.dispatch(adopt, CLERK)


async def test_saving_needs_no_envelope_division(store: EventStore) -> None:
    person = Person.register(uuid4(), NOW, name="林测试", division_code=MA_SAN)
    await store.save([person], Envelope(actor="x"))
    assert (await store.log.read(0, 1))[0].division == MA_SAN
