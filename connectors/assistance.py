"""The assistance system's rows of cases and members."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from types import MappingProxyType
from uuid import UUID

from connectors.deciding import Handler, Row, Turn, fact_of, reject
from connectors.facts import CaseFact, MemberFact, MemberState
from connectors.payments import Grants, Payments
from connectors.people import citizen_ids, demand_same_name, person_from_row
from connectors.reading.rows import Reason, RowFault
from connectors.world import World
from domain.assistance import Case
from domain.clock import at, first_day, next_month
from domain.codes import CaseState, CloseReason, HouseholdKind, Relation
from domain.kernel import ERASED
from domain.registry import Household, Person

SOURCE = "assistance"

_GONE = frozenset({MemberState.DEAD, MemberState.MARRIED, MemberState.IN_PRISON, MemberState.SPLIT})
"""States in which a person is no longer covered, whatever the row's flag says."""


def handlers(world: World) -> MappingProxyType[str, Handler]:
    """How each kind of the assistance system's rows is decided."""
    return MappingProxyType(
        {"cases": Cases(world), "members": Members(world), "payments": Payments(world), "grants": Grants(world)}
    )


def case_id(world: World, case_no: str) -> UUID:
    """The case that the assistance system calls this."""
    return world.derive("case", SOURCE, case_no)


def co_living_id(world: World, case_no: str) -> UUID:
    """The co-living household that a case is for."""
    return world.derive("household", SOURCE, case_no)


def by_case(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    """Neighbouring rows of one case together."""
    run: list[Row] = []
    for row in rows:
        fact = fact_of(row)
        assert isinstance(fact, CaseFact | MemberFact)
        if run and getattr(run[0].parsed.fact, "case_no", None) != fact.case_no:
            yield run
            run = []
        run.append(row)
    if run:
        yield run


class Cases:
    """Treatment periods: the first opens the case, each next one changes the amount, an end without a next closes."""

    def __init__(self, world: World) -> None:
        self._world = world

    def runs(self, rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
        """Periods of one case together."""
        return by_case(rows)

    async def load(self, facts: Sequence[CaseFact]) -> None:
        """The cases, their households and their heads."""
        world = self._world
        world.resolve(citizen_ids(facts, "head_id"))
        ids = [id for f in facts for id in (case_id(world, f.case_no), co_living_id(world, f.case_no))]
        heads = [world.person_id(f.head_id) or world.reserved_id(f.head_id) for f in facts]
        await world.load([*ids, *heads])

    def apply(self, run: Sequence[Row], turn: Turn) -> None:
        """Report the periods in the order of their months."""
        rows = sorted(run, key=lambda row: _period(row).start_month)
        for index, row in enumerate(rows):
            following = _period(rows[index + 1]).start_month if index + 1 < len(rows) else ""
            if turn.repeats(row):
                continue
            try:
                self._apply(_period(row), row, following, turn)
            except RowFault as fault:
                reject(row, fault, turn)

    def _apply(self, fact: CaseFact, row: Row, following: str, turn: Turn) -> None:
        world, start = self._world, first_day(fact.start_month)
        case = world.get(Case, case_id(world, fact.case_no))
        if case is not None and case.scheme is not fact.scheme:
            message = "与此证号已登记的救助类型不同；证号有误，或应使用新证号。"
            raise RowFault(Reason.INCONSISTENT, message, ("scheme", "case_no"))
        head = person_from_row(
            world, fact.head_id, fact.head_name, fact.division_code, fact.on or start, "head_name", "head_id"
        )
        if case is None:
            case = self._open(fact, head, turn)
        elif case.applicant_id != head.id:
            self._change_head(case, head, turn)
        moment = turn.at(start)
        self._grant(case, fact, moment)
        if fact.account and case.account != ERASED:
            case.report_account(moment, account=fact.account, bank=fact.bank or "")
        if fact.division_code != case.division_code and not following:
            case.report_moved(at(turn.export_on), to_division_code=fact.division_code, moved_on=turn.export_on)
        if fact.end_month and not _continues(case, fact, following):
            after = turn.at(first_day(next_month(fact.end_month)))
            case.report_closed(after, reason=fact.stop_reason or CloseReason.EXPIRED, end_month=fact.end_month)
        turn.change(head)
        turn.change(case)
        turn.record(row)
        turn.decision.touched[case.id] = fact.covered_count

    def _grant(self, case: Case, fact: CaseFact, moment: datetime) -> None:
        """Report the amount. A correction of an earlier period leaves the later ones as they are."""
        if case.state is not CaseState.CLOSED or case.amount_for(fact.start_month) != fact.monthly_fen:
            later = [due for due in case.entitlement.steps if due.month > fact.start_month]
            closed, end = case.state is CaseState.CLOSED, case.end_month
            case.report_granted(
                moment,
                monthly_fen=fact.monthly_fen,
                start_month=fact.start_month,
                monthly_income_fen=fact.monthly_income_fen,
                self_care=fact.self_care,
            )
            if closed and any(due.amount_fen is not None for due in later):
                for due in later:
                    if due.amount_fen is not None:
                        case.report_granted(moment, monthly_fen=due.amount_fen, start_month=due.month)
                case.report_closed(moment, reason=fact.stop_reason or CloseReason.OTHER, end_month=end)

    def _open(self, fact: CaseFact, head: Person, turn: Turn) -> Case:
        world = self._world
        on = fact.on or first_day(fact.start_month)
        household = world.get(Household, co_living_id(world, fact.case_no))
        if household is None:
            household = Household.form(
                co_living_id(world, fact.case_no),
                turn.at(on),
                kind=HouseholdKind.CO_LIVING,
                household_no=fact.case_no,
                division_code=fact.division_code,
                address=None,
                from_on=on,
            )
            world.add(household)
        household.report_member(turn.at(on), person_id=head.id, relation=Relation.HEAD, effective_on=on)
        case = Case.apply_for(
            case_id(world, fact.case_no),
            turn.at(on),
            scheme=fact.scheme,
            case_no=fact.case_no,
            household_id=household.id,
            applicant_id=head.id,
            member_ids=(head.id,),
            cause=fact.cause,
            urban_rural=fact.urban_rural,
            division_code=fact.division_code,
            from_on=on,
        )
        world.add(case)
        turn.change(head)
        turn.change(household)
        return case

    def _change_head(self, case: Case, head: Person, turn: Turn) -> None:
        household = self._world.get(Household, case.household_id)
        if household is not None:
            household.report_head(at(turn.export_on), person_id=head.id, effective_on=turn.export_on)
            turn.change(household)


def _period(row: Row) -> CaseFact:
    fact = fact_of(row)
    assert isinstance(fact, CaseFact)
    return fact


def _continues(case: Case, fact: CaseFact, following: str) -> bool:
    """Whether another period follows this one: in the file right behind it, or known to the case from earlier files."""
    if following == next_month(fact.end_month):
        return True
    return any(step.month > fact.end_month and step.amount_fen is not None for step in case.entitlement.steps)


class Members:
    """Members of a case's household, all rows of a case together: who lives there, and who is covered."""

    def __init__(self, world: World) -> None:
        self._world = world

    def runs(self, rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
        """Members of one case together."""
        return by_case(rows)

    async def load(self, facts: Sequence[MemberFact]) -> None:
        """The cases, their households, and everyone named."""
        world = self._world
        world.resolve(citizen_ids(facts, "citizen_id"))
        ids = [id for f in facts for id in (case_id(world, f.case_no), co_living_id(world, f.case_no))]
        persons = [self._person_id(fact) for fact in facts]
        await world.load([*ids, *persons])

    def _person_id(self, fact: MemberFact) -> UUID:
        if fact.citizen_id:
            return self._world.person_id(fact.citizen_id) or self._world.reserved_id(fact.citizen_id)
        born = fact.birth_on.isoformat() if fact.birth_on else ""
        return self._world.derive("person", SOURCE, fact.case_no, fact.name, born)

    def apply(self, run: Sequence[Row], turn: Turn) -> None:
        """Report the memberships; with the last row, who is covered from when on."""
        world = self._world
        case_no = _member(run[0]).case_no
        case = world.get(Case, case_id(world, case_no))
        household = world.get(Household, co_living_id(world, case_no))
        if case is None or household is None:
            for row in run:
                message = "没有此证号的救助个案；请先导入个案，或核对证号，再重试。"
                reject(row, RowFault(Reason.UNKNOWN_CASE, message, ("case_no",)), turn)
            return
        understood = [row for row in run if not turn.repeats(row) and self._join(case, household, row, turn)]
        for row in understood:
            if row is understood[-1]:
                self._cover(case, [_member(row) for row in understood], turn)
            turn.change(household)
            for person in self._new(_member(row)):
                turn.change(person)
            turn.record(row)
        turn.decision.touched[case.id] = None

    def _new(self, fact: MemberFact) -> list[Person]:
        person = self._world.get(Person, self._person_id(fact))
        return [person] if person is not None and person.pending_events else []

    def _join(self, case: Case, household: Household, row: Row, turn: Turn) -> bool:
        """Report one membership; False where the row goes to quarantine."""
        fact = _member(row)
        on = fact.on or case.applied_on or turn.export_on
        try:
            person = self._person(fact, case, on)
        except RowFault as fault:
            reject(row, fault, turn)
            return False
        if fact.state in _GONE:
            left = _left_on(fact, person, turn)
            household.report_member_left(turn.at(left), person_id=person.id, reason=fact.state.label, effective_on=left)
        else:
            household.report_member(turn.at(on), person_id=person.id, relation=fact.relation, effective_on=on)
        return True

    def _person(self, fact: MemberFact, case: Case, on: date) -> Person:
        if fact.citizen_id:
            return person_from_row(self._world, fact.citizen_id, fact.name, case.division_code, on)
        id = self._person_id(fact)
        person = self._world.get(Person, id)
        if person is None:
            person = Person.register(
                id, at(on), name=fact.name, division_code=case.division_code, birth_on=fact.birth_on
            )
            self._world.add(person)
        demand_same_name(person, fact.name)
        return person

    def _cover(self, case: Case, facts: Sequence[MemberFact], turn: Turn) -> None:
        """Whoever is covered is so from the first month on; whoever is gone was, until the day that is known."""
        steps = case.entitlement.steps
        start = first_day(steps[0].month) if steps else case.applied_on or turn.export_on
        covered = dict.fromkeys(case.member_ids)
        for fact in facts:
            id = self._person_id(fact)
            if not fact.covered:
                covered.pop(id, None)
            elif id not in covered and (fact.state not in _GONE or self._was_there(fact, start)):
                covered[id] = None
        known_before = len(case.rosters.lists) > 1
        on = max((fact.on for fact in facts if fact.on), default=turn.export_on) if known_before else start
        if covered:  # a case that covers nobody ends by its own row, not by the list of its members
            case.report_members(turn.at(on), member_ids=tuple(covered), from_on=on)
        self._uncover(case, facts, turn)
        turn.change(case)

    def _was_there(self, fact: MemberFact, start: date) -> bool:
        person = self._world.get(Person, self._person_id(fact))
        return person is not None and person.died_on is not None and person.died_on >= start

    def _uncover(self, case: Case, facts: Sequence[MemberFact], turn: Turn) -> None:
        gone = []
        for fact in facts:
            person = self._world.get(Person, self._person_id(fact))
            if fact.state in _GONE and person is not None and person.id in case.member_ids:
                gone.append((_left_on(fact, person, turn), person.id, fact.state.label))
        for left, id, reason in sorted(gone):
            rest = tuple(member for member in case.member_ids if member != id)
            if rest:
                case.report_members(turn.at(left), member_ids=rest, from_on=left, reason=reason)


def _left_on(fact: MemberFact, person: Person, turn: Turn) -> date:
    """When someone who is gone left: the day of death, the row's date, or at the latest the day of the export."""
    if fact.state is MemberState.DEAD and person.died_on is not None:
        return person.died_on
    return fact.on or turn.export_on


def _member(row: Row) -> MemberFact:
    fact = fact_of(row)
    assert isinstance(fact, MemberFact)
    return fact
