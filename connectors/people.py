"""Who a row speaks of: the person behind a citizen ID, whose name must agree."""

from collections.abc import Iterable
from datetime import date

from connectors.reading.rows import Reason, RowFault
from connectors.reading.values import same_name
from connectors.world import World
from domain.clock import at
from domain.identity import parse_citizen_id
from domain.kernel import ERASED
from domain.registry import Person


def demand_same_name(person: Person, name: str | None, field: str = "name", number: str = "citizen_id") -> None:
    """The name in the row is the person's; raises RowFault where the number belongs to someone with another name."""
    if name and person.name != ERASED and not same_name(person.name, name):
        raise RowFault(Reason.IDENTITY, "此号码在人口登记中是另一个姓名；号码或姓名有误，请核对证件。", (field, number))


def demand_person(world: World, citizen_id: str, name: str | None) -> Person:
    """The registered person; raises RowFault where nobody has the number, or someone with another name."""
    person = world.person(citizen_id)
    if person is None:
        raise RowFault(
            Reason.UNKNOWN_PERSON, "人口登记中没有此号码；请先登记此人，或核对号码，再重试。", ("citizen_id",)
        )
    demand_same_name(person, name)
    return person


def person_from_row(
    world: World,
    citizen_id: str,
    name: str,
    division_code: str,
    first_seen: date,
    field: str = "name",
    number: str = "citizen_id",
) -> Person:
    """The person with this citizen ID; registered from what the row says where nobody knows the number yet."""
    person = world.person(citizen_id)
    if person is not None:
        demand_same_name(person, name, field, number)
        return person
    identity = parse_citizen_id(citizen_id)
    person = Person.register(
        world.reserved_id(citizen_id),
        at(max(first_seen, identity.birth_on)),
        name=name,
        division_code=division_code,
        citizen_id=citizen_id,
        sex=identity.sex,
        birth_on=identity.birth_on,
    )
    world.add(person)
    world.own(citizen_id, person.id)
    return person


def citizen_ids(facts: Iterable[object], *fields: str) -> list[str]:
    """The citizen IDs that facts name, each once."""
    found = dict.fromkeys(getattr(fact, field, None) for fact in facts for field in fields)
    return [number for number in found if number]
