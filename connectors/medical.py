"""Rows of the settlement systems: visits, and settlements with the rows by which two systems undo them.

The insurer's system adds a row with flag 1 that names the original; the civil-affairs one marks the original 01, adds
a negative row 02 that points to it, and a new row 00. Either way the original was settled and then undone, each on its
own day, and what it had used of the year is given back exactly.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from types import MappingProxyType
from uuid import UUID

from connectors.deciding import Handler, Row, Turn, fact_of, singly
from connectors.facts import AdmissionFact, EntryState, SettlementFact
from connectors.people import citizen_ids, demand_person
from connectors.reading.rows import Reason, RowFault
from connectors.world import World
from domain.clock import at
from domain.codes import AccumulatorCause
from domain.errors import ParameterNotInForce
from domain.medical import Accumulator, Hospital, MedicalCategory, MedicalVisit, Settlement
from domain.medical.contradictions import category_for, of_difference, of_settlement, of_undone, of_visit
from domain.medical.resettling import computed_here
from domain.medical.settlement import OVER
from domain.medical.split import Bill, Outcome, Split, Used, is_large
from domain.parameters import official_parameters
from domain.registry import Person

SOURCE = "medical"
_ORDER = {EntryState.NORMAL: 0, EntryState.REVERSED: 1, EntryState.REVERSAL: 2}
"""What undoes something comes after it, however the file is sorted."""
AnyMedicalFact = AdmissionFact | SettlementFact


def handlers(world: World) -> MappingProxyType[str, Handler]:
    """How each kind of the settlement systems' rows is decided."""
    settlements = Settlements(world)
    return MappingProxyType({"admissions": Admissions(world), "settlements": settlements, "onestop": settlements})


class Visits:
    """Who visits which hospital, and what stands in the way: common to all kinds of rows."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._of_person: dict[UUID, set[UUID]] = {}
        """Visits of the persons of this batch, those that it adds included."""

    async def load_visits(self, facts: Sequence[AnyMedicalFact]) -> list[UUID]:
        """Have hospitals, patients and all their visits at hand; the patients' ids."""
        world = self._world
        world.resolve(citizen_ids(facts, "citizen_id"))
        persons = [id for fact in facts if (id := world.person_id(fact.citizen_id)) is not None]
        known = await world.store.load_tagged(MedicalVisit, [f"person:{id}" for id in dict.fromkeys(persons)])
        # What earlier batches added may not stand in the log yet.
        self._of_person = {id: self._of_person.get(id, set()) for id in persons}
        for visit in known.values():
            self._of_person.setdefault(visit.person_id, set()).add(visit.id)
        hospitals = [Hospital.id_for(fact.hospital_code) for fact in facts]
        visits = [self._visit_id(fact) for fact in facts]
        categories = [MedicalCategory.id_for(id) for id in persons]
        await world.load([*hospitals, *visits, *known, *categories], ())
        await world.load(persons)
        return persons

    def hospital(self, fact: AnyMedicalFact) -> Hospital:
        """The hospital; raises RowFault where nobody has registered it."""
        found = self._world.get(Hospital, Hospital.id_for(fact.hospital_code))
        if found is None:
            message = "没有此编码的定点医疗机构；请先登记定点协议，或核对编码，再重试。"
            raise RowFault(Reason.NO_PREDECESSOR, message, ("hospital_code",))
        return found

    def known(self, fact: AnyMedicalFact, person: Person) -> MedicalVisit | None:
        """The visit; None where it has not arrived. Raises RowFault where it is somebody else's."""
        visit = self._world.get(MedicalVisit, self._visit_id(fact))
        if visit is not None and visit.person_id != person.id:
            raise RowFault(Reason.IDENTITY, "此就诊ID已登记在另一人名下；请核对。", ("visit_no", "citizen_id"))
        return visit

    def report(self, fact: AnyMedicalFact, hospital: Hospital, person: Person, row: Row, turn: Turn) -> MedicalVisit:
        """Report the visit and, where the row has it, the discharge."""
        assert fact.admitted_on is not None
        visit, by = self.known(fact, person), turn.origin.actor.name
        if visit is None:
            visit = MedicalVisit.report_admitted(
                turn.at(fact.admitted_on),
                person_id=person.id,
                hospital_id=hospital.id,
                visit_no=fact.visit_no,
                med_type=fact.med_type,
                insurance=fact.insurance,
                ward=None,
                admitted_on=fact.admitted_on,
                diagnosis=fact.diagnosis,
                by=by,
                division_code=person.division_code,
            )
            self._world.add(visit)
        if fact.discharged_on is not None:
            left = turn.at(fact.discharged_on)
            visit.report_discharged(left, discharged_on=fact.discharged_on, diagnosis=None, by=by)
        others = self._world.many(MedicalVisit, self._of_person.get(person.id, ())).values()
        turn.find(of_visit(visit, person.died_on, others), row)
        self._of_person.setdefault(person.id, set()).add(visit.id)
        turn.change(visit)
        return visit

    def _visit_id(self, fact: AnyMedicalFact) -> UUID:
        return MedicalVisit.id_for(Hospital.id_for(fact.hospital_code), fact.visit_no)


class Admissions:
    """Visits."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._visits = Visits(world)

    def runs(self, rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
        """Each row by itself."""
        return singly(rows)

    async def load(self, facts: Sequence[AdmissionFact]) -> None:
        """Hospitals, patients, and all visits of theirs."""
        await self._visits.load_visits(facts)

    def apply(self, run: Sequence[Row], turn: Turn) -> None:
        """Report the visit."""
        (row,) = run
        fact = fact_of(row)
        assert isinstance(fact, AdmissionFact)
        hospital = self._visits.hospital(fact)
        person = demand_person(self._world, fact.citizen_id, fact.name)
        self._visits.report(fact, hospital, person, row, turn)
        turn.record(row)


class Settlements:
    """Settlements. The visit must be known, unless the row tells of it; what contradicts the rules is a finding."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._visits = Visits(world)
        self._undone_here: set[UUID] = set()
        """What rows of this batch undo by a row of its own."""

    def runs(self, rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
        """Each row by itself, what undoes another after it."""
        return singly(sorted(rows, key=lambda row: _ORDER[_fact(row).state]))

    async def load(self, facts: Sequence[SettlementFact]) -> None:
        """Visits as above, the settlements and those they undo, and the years of both."""
        world = self._world
        persons = await self._visits.load_visits(facts)
        undone = {self._original_id(fact) for fact in facts if fact.state is EntryState.REVERSAL}
        self._undone_here = undone
        await world.load([*(self._id(fact) for fact in facts), *undone], ())
        years = {fact.settled_on.year for fact in facts}
        years |= {original.year for original in world.many(Settlement, undone).values()}
        await world.load([Accumulator.id_for(id, year) for id in dict.fromkeys(persons) for year in years], ())
        later = [
            entry.source_id
            for original in world.many(Settlement, undone).values()
            if (year := world.get(Accumulator, Accumulator.id_for(original.person_id, original.year))) is not None
            for entry in year.entries
        ]
        await world.load(later, ())

    def apply(self, run: Sequence[Row], turn: Turn) -> None:
        """Report the settlement, or that one was undone."""
        (row,) = run
        fact = _fact(row)
        hospital = self._visits.hospital(fact)
        person = demand_person(self._world, fact.citizen_id, fact.name)
        if fact.state is EntryState.REVERSAL:
            self._undo(fact, person, row, turn)
        else:
            self._settle(fact, hospital, person, row, turn)
        turn.record(row)

    def _settle(self, fact: SettlementFact, hospital: Hospital, person: Person, row: Row, turn: Turn) -> None:
        settlement = self._world.get(Settlement, self._id(fact))
        visit = self._visits.known(fact, person)
        if fact.admitted_on is not None:
            visit = self._visits.report(fact, hospital, person, row, turn)
        if visit is None:
            message = "此就诊尚未登记；请先导入就诊登记，或核对就诊ID，再重试。"
            raise RowFault(Reason.NO_PREDECESSOR, message, ("visit_no",))
        if settlement is None:
            settlement = self._made(fact, hospital, visit, row, turn)
        else:
            self._compare(settlement, fact, visit, row, turn)
        if fact.state is EntryState.REVERSED and settlement.id not in self._undone_here:
            self._cancel(settlement, visit, turn.export_on, row, turn)  # the row that says when has not come (yet)

    def _made(self, fact: SettlementFact, hospital: Hospital, visit: MedicalVisit, row: Row, turn: Turn) -> Settlement:
        moment = turn.at(fact.settled_on)
        settlement = Settlement.open(
            moment,
            visit_id=visit.id,
            hospital_id=hospital.id,
            person_id=visit.person_id,
            settlement_no=fact.settlement_no,
            insurance=fact.insurance,
            level=hospital.level,
            med_type=fact.med_type,
            settled_on=fact.settled_on,
            replaces_id=None,
            division_code=visit.division_code,
        )
        self._world.add(settlement)
        categories = self._world.get(MedicalCategory, MedicalCategory.id_for(visit.person_id))
        year = self._year(settlement, turn)
        category, split, parameters = category_for(visit, categories), _split(fact), official_parameters()
        uses = Used(basic_fen=split.basic_fen, si_fen=split.si_fen, assistance_fen=split.assistance_fen)
        try:
            large = is_large(parameters, settlement.terms(category), split)
        except ParameterNotInForce:
            large = False
        outcome = Outcome(category, _bill(fact), split, uses, year.used, None, large)
        settlement.report_made(moment, outcome=outcome, by=turn.origin.actor.name)
        year.book(moment, source_id=settlement.id, uses=uses)
        turn.change(settlement)
        turn.change(year)
        turn.find(of_settlement(settlement, visit, categories, year, parameters), row)
        return settlement

    def _compare(self, settlement: Settlement, fact: SettlementFact, visit: MedicalVisit, row: Row, turn: Turn) -> None:
        """A settlement that is known: of this platform's own, a difference is a finding; of the source's, a fault."""
        bill, split = _bill(fact), _split(fact)
        if settlement.computed is not None:
            turn.find(of_difference(settlement, visit, bill, split), row)
        elif (settlement.bill.total_fen, settlement.split) != (bill.total_fen, split):
            message = "此结算已登记且金额不同；已结算的不能改写，请以退费（冲正）和新的结算更正。"
            raise RowFault(Reason.INCONSISTENT, message, ("settlement_no", "total"))

    def _undo(self, fact: SettlementFact, person: Person, row: Row, turn: Turn) -> None:
        settlement = self._world.get(Settlement, self._original_id(fact))
        if settlement is None:
            message = "原结算尚未到达；请先导入原结算，或核对原结算ID（原流水号），再重试。"
            raise RowFault(Reason.NO_PREDECESSOR, message, ("original_no",))
        if settlement.person_id != person.id:
            raise RowFault(Reason.IDENTITY, "原结算登记在另一人名下；请核对。", ("original_no", "citizen_id"))
        visit = self._world.get(MedicalVisit, settlement.visit_id)
        assert visit is not None, "a settlement's visit is one of its person's, and those are loaded"
        self._cancel(settlement, visit, fact.settled_on, row, turn)

    def _cancel(self, settlement: Settlement, visit: MedicalVisit, on: date, row: Row, turn: Turn) -> None:
        """Undo it on that day; once."""
        if settlement.state in OVER:
            return
        moment = turn.at(on)
        settlement.report_cancelled(moment, cancelled_on=on, by=turn.origin.actor.name)
        year = self._year(settlement, turn)
        others = self._world.many(Settlement, [entry.source_id for entry in year.after(settlement.id)])
        later = [id for id, other in others.items() if computed_here(other)]
        year.restore(moment, source_id=settlement.id, cause=AccumulatorCause.CANCELLED)
        turn.find(of_undone(settlement, visit, later, on), row)
        turn.change(settlement)
        turn.change(year)

    def _year(self, settlement: Settlement, turn: Turn) -> Accumulator:
        id = Accumulator.id_for(settlement.person_id, settlement.year)
        year = self._world.get(Accumulator, id)
        if year is None:
            year = Accumulator.open(
                at(min(settlement.settled_on, turn.export_on)),
                person_id=settlement.person_id,
                year=settlement.year,
                division_code=settlement.division_code,
            )
            self._world.add(year)
        return year

    def _id(self, fact: SettlementFact) -> UUID:
        return Settlement.id_for(Hospital.id_for(fact.hospital_code), fact.settlement_no)

    def _original_id(self, fact: SettlementFact) -> UUID:
        return Settlement.id_for(Hospital.id_for(fact.hospital_code), fact.original_no)


def _fact(row: Row) -> SettlementFact:
    fact = fact_of(row)
    assert isinstance(fact, SettlementFact)
    return fact


def _bill(fact: SettlementFact) -> Bill:
    return Bill(
        fact.total_fen,
        fact.in_scope_fen,
        fact.supplement_fen,
        fact.hospital_fen,
        fact.account_fen,
        fact.family_account_fen,
    )


def _split(fact: SettlementFact) -> Split:
    return Split(
        fact.basic_fen,
        fact.si_fen,
        fact.supplement_fen,
        fact.assistance_fen,
        fact.hospital_fen,
        fact.account_fen,
        fact.family_account_fen,
        fact.cash_fen,
    )
