"""The population system's rows: persons and their registered households, moves, deaths."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from types import MappingProxyType
from uuid import UUID

from connectors.deciding import ERASED_MESSAGE, Handler, Row, Turn, fact_of, singly
from connectors.facts import DeathFact, HouseholdFact, MoveFact, MoveKind, PersonFact
from connectors.footprint import Footprint, footprints
from connectors.people import citizen_ids, demand_person, demand_same_name
from connectors.reading.rows import Reason, RowFault
from connectors.world import World
from domain.assistance import Case, Payment
from domain.assistance.contradictions import of_death
from domain.care import BenefitPayment
from domain.care.benefits.contradictions import paid_after_death
from domain.clock import at
from domain.codes import HouseholdKind, PopulationKind, Relation
from domain.kernel import ERASED
from domain.registry import Household, Person

SOURCE = "population"
HEADS = (Relation.HEAD, Relation.SELF)


def handlers(world: World) -> MappingProxyType[str, Handler]:
    """How each kind of the population system's rows is decided."""
    return MappingProxyType(
        {
            "persons": Persons(world),
            "households": Households(world),
            "moves": Moves(world),
            "deaths": Deaths(world),
        }
    )


def household_id(world: World, kind: HouseholdKind, division_code: str, household_no: str) -> UUID:
    """A registered or residential household: its number is unique within its street."""
    return world.derive("household", SOURCE, kind.value, division_code[:9], household_no)


def _kind_of(population: PopulationKind) -> HouseholdKind:
    """Who is registered here stands in a registered household; others only live together."""
    return HouseholdKind.REGISTERED if population is PopulationKind.REGISTERED else HouseholdKind.RESIDENTIAL


class Persons:
    """Rows of the register: person, household, membership."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._moved_house: dict[UUID, Footprint] = {}
        self._standing: set[UUID] = set()
        """Households that may have members without a citizen ID."""
        self._households: dict[int, UUID | None] = {}

    def runs(self, rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
        """Each row by itself."""
        return singly(rows)

    async def load(self, facts: Sequence[PersonFact]) -> None:
        """Persons by citizen ID or provisional key, their households, and households they may have left."""
        world = self._world
        self._households.clear()
        world.resolve(citizen_ids(facts, "citizen_id"))
        ids: list[UUID] = []
        holders: list[UUID] = []
        for fact in facts:
            if fact.citizen_id:
                known = world.person_id(fact.citizen_id)
                ids.extend([known] if known is not None else [])
                holders.extend([world.reserved_id(fact.citizen_id)] if known is None else [])
            if (household := self._household_id(fact)) is not None:
                ids.append(household)
                holders.append(household)
        await world.load(ids, holders)
        self._standing = {id for id in holders if world.get(Household, id) is not None}
        await world.load([id for fact in facts if (id := self._former_id(fact)) is not None])
        await self._load_former_households(facts)

    def _former_id(self, fact: PersonFact) -> UUID | None:
        """The id under which the row's person may be known without a citizen ID.

        Nobody can be in a household that is itself new, which spares the search for most rows of a first import.
        """
        if fact.citizen_id is None:
            return self._provisional_id(fact)
        if self._world.person_id(fact.citizen_id) is not None or self._household_id(fact) not in self._standing:
            return None
        return self._provisional_id(fact)

    def _provisional_id(self, fact: PersonFact) -> UUID | None:
        """The id of a person without a citizen ID: by household, name and birth date, so that a later row with the
        citizen ID finds it; by the number the source made up where it gives no household."""
        if fact.birth_on is not None and fact.household_no:
            street, born = fact.division_code[:9], fact.birth_on.isoformat()
            return self._world.derive("person", SOURCE, street, fact.household_no, fact.name, born)
        return self._world.derive("person", SOURCE, fact.provisional_no) if fact.provisional_no else None

    def _household_id(self, fact: PersonFact) -> UUID | None:
        """The row's household: asked for again and again while the batch is decided, and so kept by the fact."""
        try:
            return self._households[id(fact)]
        except KeyError:
            found = None
            if fact.household_no:
                kind = _kind_of(fact.population)
                found = household_id(self._world, kind, fact.division_code, fact.household_no)
            self._households[id(fact)] = found
            return found

    async def _load_former_households(self, facts: Sequence[PersonFact]) -> None:
        """For known persons who now stand in another household: where they stood before."""
        movers: dict[UUID, None] = {}
        for fact in facts:
            person = self._world.person(fact.citizen_id)
            household_id = self._household_id(fact)
            if person is None or household_id is None:
                continue
            household = self._world.get(Household, household_id)
            if household is None or person.id not in household.members:
                movers[person.id] = None
        self._moved_house = await footprints(self._world, movers)
        await self._world.load(id for footprint in self._moved_house.values() for id in footprint.households)

    def apply(self, run: Sequence[Row], turn: Turn) -> None:
        """Report the person, then the household and the membership."""
        (row,) = run
        fact = fact_of(row)
        assert isinstance(fact, PersonFact)
        person = self._known(fact)
        if person is None:
            person, on = self._register(fact, turn), fact.on or turn.export_on
        else:
            on = self._update(person, fact, turn)
        if fact.relation is not None and not person.death_confirmed and not person.moved_out:
            self._join(person, fact, on, turn)
        turn.record(row)

    def _known(self, fact: PersonFact) -> Person | None:
        person = self._world.person(fact.citizen_id)
        if person is not None:
            demand_same_name(person, fact.name)
            if person.name == ERASED:
                raise RowFault(Reason.ERASED, ERASED_MESSAGE)
            return person
        provisional = self._former_id(fact)
        person = None if provisional is None else self._world.get(Person, provisional)
        # Someone registered under this key with a citizen ID of their own is another person.
        return None if person is not None and fact.citizen_id and person.citizen_id is not None else person

    def _register(self, fact: PersonFact, turn: Turn) -> Person:
        id = self._world.reserved_id(fact.citizen_id) if fact.citizen_id else self._provisional_id(fact)
        if id is None:
            raise RowFault(Reason.MISSING, "没有公民身份号码时，须填写户号和出生日期才能登记。", ("citizen_id",))
        person = Person.register(
            id,
            at(fact.on or turn.export_on),
            name=fact.name,
            division_code=fact.division_code,
            citizen_id=fact.citizen_id,
            sex=fact.sex,
            birth_on=fact.birth_on,
            kind=fact.population,
            phone=fact.phone,
            address=fact.address,
        )
        self._world.add(person)
        if fact.citizen_id:
            self._world.own(fact.citizen_id, id)
        elif (household := self._household_id(fact)) is not None:
            self._standing.add(household)
        turn.change(person)
        return person

    def _update(self, person: Person, fact: PersonFact, turn: Turn) -> date:
        """Report what the row says of a known person; returns the day on which that is true.

        The register gives the day of first entry again and again; a change is dated by it only when it is news.
        """
        last = person.modified_on.date()
        on = fact.on if fact.on is not None and fact.on > last else turn.export_on
        moment = at(on)
        if fact.citizen_id and person.citizen_id is None:
            person.report_verified(
                moment, citizen_id=fact.citizen_id, match_source=SOURCE, birth_on=fact.birth_on, sex=fact.sex
            )
            self._world.own(fact.citizen_id, person.id)
        person.report_details(moment, name=None, phone=fact.phone, address=fact.address)
        # A register written before the person's last known change tells of the past.
        if on >= last and not person.death_confirmed and not person.moved_out:
            person.report_move(moment, to_division_code=fact.division_code, moved_on=on)
        turn.change(person)
        return on

    def _join(self, person: Person, fact: PersonFact, on: date, turn: Turn) -> None:
        id = self._household_id(fact)
        if id is None or fact.relation is None:
            return
        head = fact.relation in HEADS
        household = self._world.get(Household, id)
        if household is None:
            household = Household.form(
                id,
                at(on),
                kind=_kind_of(fact.population),
                household_no=fact.household_no or "",
                division_code=fact.division_code,
                address=fact.address,
                from_on=on,
            )
            self._world.add(household)
        elif head and household.head_id in (None, person.id) and on >= household.modified_on.date():
            household.report_relocated(at(on), division_code=fact.division_code, address=fact.address, moved_on=on)
        if person.id not in household.members:
            self._leave_others(person, household, on, turn)
        household.report_member(at(on), person_id=person.id, relation=fact.relation, effective_on=on)
        turn.change(household)

    def _leave_others(self, person: Person, joined: Household, on: date, turn: Turn) -> None:
        """Nobody stands in two households of one kind."""
        footprint = self._moved_house.get(person.id)
        for id in footprint.households if footprint else ():
            former = self._world.get(Household, id)
            if former is not None and former.id != joined.id and former.kind is joined.kind:
                former.report_member_left(at(on), person_id=person.id, reason="转入其他户", effective_on=on)
                turn.change(former)


class Households:
    """Rows of the list of households."""

    def __init__(self, world: World) -> None:
        self._world = world

    def runs(self, rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
        """Each row by itself."""
        return singly(rows)

    async def load(self, facts: Sequence[HouseholdFact]) -> None:
        """The households and their heads."""
        self._world.resolve(citizen_ids(facts, "head_id"))
        known = (self._world.person_id(fact.head_id) for fact in facts if fact.head_id)
        await self._world.load([self._id(fact) for fact in facts] + [id for id in known if id is not None])

    def _id(self, fact: HouseholdFact) -> UUID:
        return household_id(self._world, HouseholdKind.REGISTERED, fact.division_code, fact.household_no)

    def apply(self, run: Sequence[Row], turn: Turn) -> None:
        """Form the household, or report where it is now."""
        (row,) = run
        fact = fact_of(row)
        assert isinstance(fact, HouseholdFact)
        head = self._world.person(fact.head_id)
        household, on = self._world.get(Household, self._id(fact)), fact.on or turn.export_on
        if household is None:
            household = Household.form(
                self._id(fact),
                at(on),
                kind=HouseholdKind.REGISTERED,
                household_no=fact.household_no,
                division_code=fact.division_code,
                address=fact.address,
                from_on=on,
            )
            self._world.add(household)
        else:
            on = max(on, turn.export_on)
            household.report_relocated(at(on), division_code=fact.division_code, address=fact.address, moved_on=on)
        if head is not None:
            household.report_member(at(on), person_id=head.id, relation=Relation.HEAD, effective_on=on)
        turn.change(household)
        turn.record(row)


class Moves:
    """Rows of the list of moves. The persons must be registered."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._footprints: dict[UUID, Footprint] = {}

    def runs(self, rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
        """Each row by itself."""
        return singly(rows)

    async def load(self, facts: Sequence[MoveFact]) -> None:
        """The persons, and the households of those who leave."""
        await _load_persons(self._world, facts)
        leaving = [fact.citizen_id for fact in facts if fact.move is MoveKind.OUT]
        self._footprints = await footprints(self._world, _known_ids(self._world, leaving))
        await self._world.load(id for footprint in self._footprints.values() for id in footprint.households)

    def apply(self, run: Sequence[Row], turn: Turn) -> None:
        """Report the move."""
        (row,) = run
        fact = fact_of(row)
        assert isinstance(fact, MoveFact)
        person = demand_person(self._world, fact.citizen_id, fact.name)
        on = fact.on or turn.export_on
        if fact.move is MoveKind.OUT:
            person.report_moved_out(at(on), to_place=fact.to_place or "", moved_on=on)
            _leave_households(self._world, self._footprints.get(person.id), person, "迁出", on, turn)
        elif fact.move is MoveKind.BACK:
            person.report_move_reversed(at(on), from_on=on)
        if fact.to_division_code is not None:
            person.report_move(at(on), to_division_code=fact.to_division_code, moved_on=on)
        turn.change(person)
        turn.record(row)


class Deaths:
    """Rows of the list of deaths. What was paid afterwards becomes findings."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._footprints: dict[UUID, Footprint] = {}

    def runs(self, rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
        """Each row by itself."""
        return singly(rows)

    async def load(self, facts: Sequence[DeathFact]) -> None:
        """The persons, their households and cases, and what these were paid."""
        world = self._world
        await _load_persons(world, facts)
        self._footprints = await footprints(world, _known_ids(world, [f.citizen_id for f in facts]), payments=True)
        found = self._footprints.values()
        await world.load(
            id
            for footprint in found
            for id in (*footprint.households, *footprint.cases, *footprint.payments, *footprint.benefit_payments)
        )

    def apply(self, run: Sequence[Row], turn: Turn) -> None:
        """Report the death, the end of memberships where it is confirmed, and payments that came after it."""
        (row,) = run
        fact = fact_of(row)
        assert isinstance(fact, DeathFact)
        person = demand_person(self._world, fact.citizen_id, fact.name)
        confirmed_by = (fact.evidence or "来源系统确认") if fact.confirmed else ""
        on = fact.died_on
        person.report_death(at(on), died_on=on, evidence=fact.evidence or "", confirmed_by=confirmed_by)
        turn.change(person)
        footprint = self._footprints.get(person.id)
        if person.death_confirmed:
            _leave_households(self._world, footprint, person, "死亡", on, turn)
        if footprint is not None:
            cases = self._world.many(Case, footprint.cases)
            payments = self._world.many(Payment, footprint.payments).values()
            turn.find(of_death(person, payments, cases), row)
            drawn = self._world.many(BenefitPayment, footprint.benefit_payments).values()
            turn.find(paid_after_death(person, drawn), row)
        turn.record(row)


async def _load_persons(world: World, facts: Sequence[MoveFact] | Sequence[DeathFact]) -> None:
    world.resolve(citizen_ids(facts, "citizen_id"))
    await world.load(_known_ids(world, [fact.citizen_id for fact in facts]))


def _known_ids(world: World, numbers: Iterable[str]) -> list[UUID]:
    return [id for number in numbers if (id := world.person_id(number)) is not None]


def _leave_households(
    world: World, footprint: Footprint | None, person: Person, reason: str, on: date, turn: Turn
) -> None:
    """End memberships of the population system's households; co-living ones are the assistance system's to report."""
    for id in footprint.households if footprint else ():
        household = world.get(Household, id)
        if household is not None and household.kind is not HouseholdKind.CO_LIVING:
            household.report_member_left(at(on), person_id=person.id, reason=reason, effective_on=on)
            turn.change(household)


__all__ = ["Deaths", "Households", "Moves", "Persons", "handlers", "household_id"]
