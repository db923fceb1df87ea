"""The eldercare system's rows: facilities, stays and beds, assessments, services at home."""

from collections.abc import Iterator, Sequence
from datetime import date
from types import MappingProxyType
from typing import TypeVar
from uuid import UUID

from connectors.deciding import Handler, Row, Turn, fact_of, singly
from connectors.facts.eldercare import AssessmentFact, FacilityFact, ServiceFact, StayFact
from connectors.people import citizen_ids, person_from_row
from connectors.reading.rows import Reason, RowFault
from connectors.world import World
from domain.care import Assessment, Bed, ServiceOrder, Stay
from domain.care.assessment import HOLDS
from domain.care.bed import bed_id
from domain.care.contradictions import (
    bed_given_twice,
    days_in,
    of_assessment,
    service_amount,
    services_while_away,
    stay_after_death,
    two_stays,
)
from domain.care.stay import stay_id
from domain.clock import at, months_after
from domain.codes import (
    AssessmentReason,
    DischargeReason,
    FacilityState,
    LeaveReason,
    Payer,
    ReleaseReason,
    StayKind,
    StayState,
)
from domain.kernel import Aggregate
from domain.parameters import official_parameters
from domain.registry import Facility, Person
from domain.registry.facility import facility_id

SOURCE = "eldercare"
A = TypeVar("A", bound=Aggregate)


def handlers(world: World) -> MappingProxyType[str, Handler]:
    """How each kind of the eldercare system's rows is decided."""
    return MappingProxyType(
        {
            "facilities": Facilities(world),
            "stays": Stays(world),
            "assessments": Assessments(world),
            "services": Services(world),
        }
    )


class Facilities:
    """A facility as it stands: registered when its name is new, changed where the row says otherwise."""

    def __init__(self, world: World) -> None:
        self._world = world

    def runs(self, rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
        """Each row by itself."""
        return singly(rows)

    async def load(self, facts: Sequence[FacilityFact]) -> None:
        """The facilities by their names."""
        await self._world.load([facility_id(fact.name) for fact in facts], ())

    def apply(self, run: Sequence[Row], turn: Turn) -> None:
        """Report how it stands."""
        (row,) = run
        fact = fact_of(row)
        assert isinstance(fact, FacilityFact)
        facility = self._world.get(Facility, facility_id(fact.name))
        if facility is None:
            facility = Facility.register(
                turn.at(fact.opened_on or turn.export_on),
                name=fact.name,
                kind=fact.kind,
                division_code=fact.division_code,
                state=fact.state or FacilityState.OPERATING,
                operator_mode=fact.operator_mode,
                operator=fact.operator or "",
                address=fact.address or "",
                bed_capacity=fact.bed_capacity or 0,
                area_m2=fact.area_m2,
                opened_on=fact.opened_on,
            )
            self._world.add(facility)
        else:
            on = turn.export_on
            facility.report_details(
                at(on),
                effective_on=on,
                operator_mode=fact.operator_mode,
                operator=fact.operator,
                address=fact.address,
                bed_capacity=fact.bed_capacity,
                area_m2=fact.area_m2,
                opened_on=fact.opened_on,
            )
            if fact.state is not None:
                facility.report_state(at(on), state=fact.state, effective_on=on, reason="来源系统")
        turn.change(facility)
        turn.record(row)


class _OfPersons:
    """What rows about persons have in common: who they are, and what else of a kind is known of them."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._known: dict[UUID, dict[UUID, None]] = {}
        """Ids of the person's stays, assessments or orders, oldest first."""

    def runs(self, rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
        """Each row by itself."""
        return singly(rows)

    async def _load_persons(self, facts: Sequence[object], *kinds: type[Aggregate]) -> None:
        """Whom the facts name, and their aggregates of these kinds, wherever in the district they are."""
        world = self._world
        numbers = citizen_ids(facts, "citizen_id")
        world.resolve(numbers)
        known = [id for number in numbers if (id := world.person_id(number)) is not None]
        new = [world.reserved_id(number) for number in numbers if world.person_id(number) is None]
        await world.load(known, [*known, *new])
        await world.settle()  # what the batch before decided about the same persons has to be there to be found
        tags = [f"person:{id}" for id in known]
        self._known = {}
        for kind in kinds:
            found = await world.store.load_tagged(kind, tags)
            await world.load(found, ())
            for aggregate in world.many(kind, found).values():
                self._note(aggregate)

    def _note(self, aggregate: Aggregate) -> None:
        person = getattr(aggregate, "person_id", None)
        if isinstance(person, UUID):
            self._known.setdefault(person, {})[aggregate.id] = None

    def _of(self, kind: type[A], person: Person) -> list[A]:
        return list(self._world.many(kind, self._known.get(person.id, ())).values())

    def _facility(self, name: str) -> Facility:
        facility = self._world.get(Facility, facility_id(name))
        if facility is None:
            message = "没有此名称的设施；请先导入设施名册，或核对名称。"
            raise RowFault(Reason.NO_PREDECESSOR, message, ("facility",))
        return facility


class Stays(_OfPersons):
    """A stay as it stands, and the bed it is in."""

    async def load(self, facts: Sequence[StayFact]) -> None:
        """Persons with their other stays, facilities, the stays and beds that the rows name."""
        await self._load_persons(facts, Stay)
        ids = [facility_id(fact.facility) for fact in facts]
        ids += [self._stay_id(fact) for fact in facts]
        ids += [bed_id(facility_id(fact.facility), fact.bed_no) for fact in facts if fact.bed_no]
        await self._world.load(ids, ())
        stays = self._world.many(Stay, [self._stay_id(fact) for fact in facts])
        await self._world.load([stay.bed_id for stay in stays.values() if stay.bed_id is not None], ())

    def _stay_id(self, fact: StayFact) -> UUID:
        """By its number in the house; else by who came when, which only the source's key tells."""
        if fact.admission_no:
            return stay_id(facility_id(fact.facility), fact.admission_no)
        return self._world.derive("stay", SOURCE, fact.facility, fact.citizen_id, fact.admitted_on.isoformat())

    def apply(self, run: Sequence[Row], turn: Turn) -> None:
        """Report how it stands; what two houses or two persons claim at once is a finding."""
        (row,) = run
        fact = fact_of(row)
        assert isinstance(fact, StayFact)
        facility = self._facility(fact.facility)
        stay = self._world.get(Stay, self._stay_id(fact))
        person = person_from_row(self._world, fact.citizen_id, fact.name, facility.division_code, fact.admitted_on)
        if stay is not None and stay.person_id != person.id:
            message = "此入院编号已登记给另一人；请核对编号。"
            raise RowFault(Reason.IDENTITY, message, ("admission_no", "citizen_id"))
        new = stay is None
        stay = stay or self._admitted(fact, facility, person, turn)
        bed = self._bed(fact, facility, turn)
        changed_on = fact.discharged_on or turn.export_on
        former = None if stay.bed_id is None else self._world.get(Bed, stay.bed_id)
        if bed is not None:
            stay.report_bed(turn.at(fact.admitted_on if new else changed_on), bed_id=bed.id, effective_on=changed_on)
        stay.report_state(turn.at(changed_on), state=fact.state, effective_on=changed_on, reason=fact.reason)
        self._settle(fact, person, bed, former, changed_on, turn)
        drafts = [
            *(bed_given_twice(bed, changed_on) if bed is not None else ()),
            *two_stays(stay, self._of(Stay, person)),
            *stay_after_death(stay, person.died_on, turn.export_on),
        ]
        for aggregate in (person, stay, bed, former):
            if aggregate is not None:
                turn.change(aggregate)
        turn.find(drafts, row)
        turn.record(row)

    def _admitted(self, fact: StayFact, facility: Facility, person: Person, turn: Turn) -> Stay:
        state = StayState.REGISTERED if fact.state is StayState.REGISTERED else StayState.ADMITTED
        stay = Stay.admit(
            self._stay_id(fact),
            turn.at(fact.admitted_on),
            person_id=person.id,
            facility_id=facility.id,
            admission_no=fact.admission_no,
            kind=StayKind.RESIDENT,
            payer=Payer.GOVERNMENT if fact.purchased else Payer.SELF,
            division_code=facility.division_code,
            effective_on=fact.admitted_on,
            state=state,
        )
        self._world.add(stay)
        self._note(stay)
        return stay

    def _bed(self, fact: StayFact, facility: Facility, turn: Turn) -> Bed | None:
        if not fact.bed_no:
            return None
        bed = self._world.get(Bed, bed_id(facility.id, fact.bed_no))
        if bed is None:
            bed = Bed.add(
                turn.at(fact.admitted_on),
                facility_id=facility.id,
                bed_no=fact.bed_no,
                division_code=facility.division_code,
                effective_on=fact.admitted_on,
                room=fact.room or "",
                kind=fact.bed_kind,
            )
            self._world.add(bed)
        return bed

    def _settle(
        self, fact: StayFact, person: Person, bed: Bed | None, former: Bed | None, on: date, turn: Turn
    ) -> None:
        """Whose bed it is now. A stay that is over only frees a bed: who had it before says nothing of today."""
        moment = turn.at(on)
        if former is not None and former is not bed:
            former.report_released(moment, person_id=person.id, reason=ReleaseReason.CHANGED_BED, effective_on=on)
        if bed is None:
            return
        if fact.state is StayState.DISCHARGED:
            dead = fact.reason is DischargeReason.DEATH
            reason = ReleaseReason.DEATH if dead else ReleaseReason.DISCHARGE
            bed.report_released(moment, person_id=person.id, reason=reason, effective_on=on)
        elif fact.state is StayState.AWAY:
            bed.report_held(moment, person_id=person.id, reason=LeaveReason.OTHER, effective_on=on)
        elif fact.state is StayState.ADMITTED:
            since = on if person.id in bed.persons else fact.admitted_on
            bed.report_occupied(turn.at(since), person_id=person.id, effective_on=since)


class Assessments(_OfPersons):
    """Results that hold, each on its own scale; the latest of them stands."""

    async def load(self, facts: Sequence[AssessmentFact]) -> None:
        """Persons with their other assessments, and the assessments that the rows name."""
        await self._load_persons(facts, Assessment)
        await self._world.load([self._assessment_id(fact) for fact in facts], ())

    def _assessment_id(self, fact: AssessmentFact) -> UUID:
        day = fact.assessed_on.isoformat()
        return self._world.derive("assessment", SOURCE, fact.citizen_id, day, fact.scale.value)

    def apply(self, run: Sequence[Row], turn: Turn) -> None:
        """Report the result; too few assessors, or one who reviewed, is a finding."""
        (row,) = run
        fact = fact_of(row)
        assert isinstance(fact, AssessmentFact)
        person = self._person(fact)
        division, moment = person.division_code, turn.at(fact.assessed_on)
        assessment = self._world.get(Assessment, self._assessment_id(fact))
        if assessment is None:
            assessment = Assessment.request(
                self._assessment_id(fact),
                moment,
                person_id=person.id,
                reason=AssessmentReason.SUBSIDY,
                division_code=division,
            )
            self._world.add(assessment)
            self._note(assessment)
        parameters = official_parameters()
        months = parameters.value("care.assessment_validity", division, fact.assessed_on)
        assessment.report_result(
            moment,
            scale=fact.scale,
            grade=fact.grade,
            total=fact.total,
            assessed_on=fact.assessed_on,
            valid_to=fact.valid_to or months_after(fact.assessed_on, months),
            assessors=tuple(self._who(name) for name in fact.assessors),
            reviewer=self._who(fact.reviewer) if fact.reviewer else "",
        )
        others = [other for other in self._of(Assessment, person) if other.id != assessment.id]
        self._latest(assessment, others, turn)
        least = parameters.value("care.assessors_min", division, fact.assessed_on)
        turn.change(person)
        turn.change(assessment)
        turn.find(of_assessment(assessment, least), row)
        turn.record(row)

    def _person(self, fact: AssessmentFact) -> Person:
        known = self._world.person(fact.citizen_id)
        if known is None and not fact.division_code:
            message = "人口登记中没有此号码，行中也没有街道和社区；请先登记此人，或补全区划。"
            raise RowFault(Reason.UNKNOWN_PERSON, message, ("citizen_id",))
        return person_from_row(self._world, fact.citizen_id, fact.name, fact.division_code, fact.assessed_on)

    def _who(self, name: str) -> str:
        """An assessor as the log may know one: the same name gives the same mark, and no mark gives a name."""
        return str(self._world.derive("assessor", SOURCE, name))

    def _latest(self, one: Assessment, others: Sequence[Assessment], turn: Turn) -> None:
        """Whatever is older than the latest result no longer holds."""
        holding = [each for each in (one, *others) if each.state in HOLDS and each.effective_on is not None]
        latest = max(holding, key=lambda each: (each.effective_on or date.min, str(each.id)))
        for each in holding:
            if each is not latest:
                each.give_way(turn.at(latest.effective_on or turn.export_on), to=latest)
                turn.change(each)


class Services(_OfPersons):
    """Services that were given, and what was paid for them."""

    async def load(self, facts: Sequence[ServiceFact]) -> None:
        """Persons with their stays, facilities, and the orders that the rows name."""
        await self._load_persons(facts, Stay)
        ids = [facility_id(fact.facility) for fact in facts]
        await self._world.load([*ids, *(self._order_id(fact) for fact in facts)], ())

    def _order_id(self, fact: ServiceFact) -> UUID:
        return self._world.derive("service order", SOURCE, fact.order_no)

    def apply(self, run: Sequence[Row], turn: Turn) -> None:
        """Report the service; one on a day in an institution, or for another amount, is a finding."""
        (row,) = run
        fact = fact_of(row)
        assert isinstance(fact, ServiceFact)
        facility = self._facility(fact.facility)
        order = self._world.get(ServiceOrder, self._order_id(fact))
        person = person_from_row(self._world, fact.citizen_id, fact.name, facility.division_code, fact.served_on)
        if order is not None and order.person_id != person.id:
            raise RowFault(Reason.IDENTITY, "此服务单号已登记给另一人；请核对。", ("order_no", "citizen_id"))
        moment = turn.at(fact.served_on)
        if order is None:
            order = ServiceOrder.draft(
                self._order_id(fact),
                moment,
                person_id=person.id,
                facility_id=facility.id,
                service=fact.service,
                payer=Payer.GOVERNMENT if fact.purchased else Payer.SELF,
                unit_count=fact.units,
                unit_minutes=fact.minutes // fact.units,
                price_fen=fact.price_fen,
                planned_on=fact.served_on,
                division_code=person.division_code,
                order_no=fact.order_no,
            )
            self._world.add(order)
        order.report_given(
            moment, minutes=fact.minutes, served_on=fact.served_on, units=fact.units, amount_fen=fact.amount_fen
        )
        away = [span for stay in self._of(Stay, person) for span in days_in(stay)]
        turn.change(person)
        turn.change(order)
        turn.find([*services_while_away([order], away), *service_amount(order)], row)
        turn.record(row)
