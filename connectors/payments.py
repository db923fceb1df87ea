"""The assistance system's rows of money paid: payrolls and temporary grants."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from connectors.deciding import Row, Turn, fact_of, singly
from connectors.facts import GrantFact, PaymentFact, PaymentState
from connectors.people import citizen_ids, demand_same_name, person_from_row
from connectors.reading.rows import Reason, RowFault
from connectors.world import World
from domain.assistance import Case, Payment
from domain.assistance.contradictions import of_payment
from domain.clock import at, first_day, month_of
from domain.codes import HouseholdKind, PaymentKind, Relation, Scheme, UrbanRural
from domain.registry import Household, Person

SOURCE = "assistance"


class Payments:
    """Lines of payrolls. The case must be known; what contradicts it becomes a finding."""

    def __init__(self, world: World) -> None:
        self._world = world

    def runs(self, rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
        """Each row by itself."""
        return singly(rows)

    async def load(self, facts: Sequence[PaymentFact]) -> None:
        """The cases, the payments of the same months, the payees and everyone the cases cover."""
        world = self._world
        world.resolve(citizen_ids(facts, "citizen_id"))
        ids = []
        for fact in facts:
            ids += [self._case_id(fact), self._slot(fact), self._own_id(fact)]
        payees = [id for fact in facts if fact.citizen_id and (id := world.person_id(fact.citizen_id))]
        await world.load([*ids, *payees], ())
        persons: dict[UUID, None] = {}
        households = []
        for fact in facts:
            case = world.get(Case, self._case_id(fact))
            if case is not None:
                persons.update(dict.fromkeys((*case.members_for(fact.month), case.applicant_id)))
                households.append(case.household_id)
        await world.load(persons, households)

    def _case_id(self, fact: PaymentFact) -> UUID:
        return self._world.derive("case", SOURCE, fact.case_no)

    def _slot(self, fact: PaymentFact) -> UUID:
        """The first payment of a case in a month has an id without its batch, so that a second one is noticed.

        A regular one has the id it would have if it were paid from the platform, where it can then not be paid again.
        """
        case = self._case_id(fact)
        if fact.kind is PaymentKind.REGULAR:
            return Payment.id_for(case, fact.month)
        return self._world.derive("payment", str(case), fact.month, fact.kind.value)

    def _own_id(self, fact: PaymentFact) -> UUID:
        """The id of a further payment of the month."""
        return self._world.derive("payment", str(self._case_id(fact)), fact.month, fact.kind.value, fact.batch_no)

    def apply(self, run: Sequence[Row], turn: Turn) -> None:
        """Report the payment, or what has changed about it."""
        (row,) = run
        fact = fact_of(row)
        assert isinstance(fact, PaymentFact)
        world = self._world
        case = world.get(Case, self._case_id(fact))
        if case is None:
            message = "没有此证号的救助个案；请先导入个案，或核对证号，再重试。"
            raise RowFault(Reason.UNKNOWN_CASE, message, ("case_no",))
        payee = self._payee(fact, case)
        slot, own = world.get(Payment, self._slot(fact)), world.get(Payment, self._own_id(fact))
        payment = (own or slot) if turn.knows(row) else None
        earlier = (slot,) if slot is not None and slot is not payment else ()
        if payment is None:
            payment = self._issue(self._own_id(fact) if slot else self._slot(fact), fact, case, payee, turn)
        else:
            payment.report_amount(at(turn.export_on), amount_fen=fact.amount_fen, reason="来源系统更正")
        if fact.state is PaymentState.RETURNED:
            on = fact.on or turn.export_on
            payment.report_returned(at(on), reason=fact.return_reason or "银行退回", effective_on=on)
        turn.change(payment)
        concerned = world.many(Person, (*case.members_for(fact.month), payment.payee_id))
        turn.find(of_payment(payment, case, concerned, earlier), row)
        turn.record(row)

    def _payee(self, fact: PaymentFact, case: Case) -> UUID:
        person = self._world.person(fact.citizen_id)
        if fact.citizen_id and person is None:
            message = "人口登记中没有此号码；请先登记此人，或核对号码，再重试。"
            raise RowFault(Reason.UNKNOWN_PERSON, message, ("citizen_id",))
        if person is None:
            return case.applicant_id
        demand_same_name(person, fact.name)
        return person.id

    def _issue(self, id: UUID, fact: PaymentFact, case: Case, payee: UUID, turn: Turn) -> Payment:
        on = fact.on or first_day(fact.month)
        payment = Payment.report_issued(
            id,
            turn.at(on),
            case_id=case.id,
            household_id=case.household_id,
            payee_id=payee,
            kind=fact.kind,
            month=fact.month,
            amount_fen=fact.amount_fen,
            division_code=case.division_code,
            account=fact.account,
            batch_no=fact.batch_no,
            fund_source=fact.fund_source,
            effective_on=on,
        )
        self._world.add(payment)
        return payment


class Grants:
    """Temporary assistance: each grant is a case of its own with one payment."""

    def __init__(self, world: World) -> None:
        self._world = world

    def runs(self, rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
        """Each row by itself."""
        return singly(rows)

    async def load(self, facts: Sequence[GrantFact]) -> None:
        """The grants' cases and payments, the grantees and their households."""
        world = self._world
        world.resolve(citizen_ids(facts, "citizen_id"))
        ids = []
        for fact in facts:
            person = world.person_id(fact.citizen_id) or world.reserved_id(fact.citizen_id)
            ids += [self._case_id(fact), self._payment_id(fact), person, self._household_id(person)]
        await world.load(ids)

    def _case_id(self, fact: GrantFact) -> UUID:
        return self._world.derive("case", SOURCE, "grant", fact.grant_no)

    def _payment_id(self, fact: GrantFact) -> UUID:
        return self._world.derive("payment", SOURCE, "grant", fact.grant_no)

    def _household_id(self, person: UUID) -> UUID:
        """Grants name one person; further members of the household are not in the file."""
        return self._world.derive("household", SOURCE, "grantee", str(person))

    def apply(self, run: Sequence[Row], turn: Turn) -> None:
        """Report the grant and its payment, or another amount for them."""
        (row,) = run
        fact = fact_of(row)
        assert isinstance(fact, GrantFact)
        world, moment = self._world, at(fact.paid_on)
        case, payment = world.get(Case, self._case_id(fact)), world.get(Payment, self._payment_id(fact))
        if case is not None and case.applicant_id != world.person_id(fact.citizen_id):
            raise RowFault(Reason.IDENTITY, "此编号已登记在另一人名下；请核对编号。", ("grant_no", "citizen_id"))
        person = person_from_row(world, fact.citizen_id, fact.name, fact.division_code, fact.paid_on)
        if case is None:
            case = self._open(fact, person, turn)
        case.report_temp_granted(moment, amount_fen=fact.amount_fen, month=month_of(fact.paid_on))
        if payment is None:
            payment = self._pay(fact, case, turn)
        else:
            payment.report_amount(at(turn.export_on), amount_fen=fact.amount_fen, reason="来源系统更正")
        turn.change(person)
        turn.change(case)
        turn.change(payment)
        turn.record(row)

    def _open(self, fact: GrantFact, person: Person, turn: Turn) -> Case:
        world, moment = self._world, at(fact.paid_on)
        household = world.get(Household, self._household_id(person.id))
        if household is None:
            household = Household.form(
                self._household_id(person.id),
                moment,
                kind=HouseholdKind.CO_LIVING,
                household_no="",
                division_code=fact.division_code,
                address=None,
                from_on=fact.paid_on,
            )
            world.add(household)
        household.report_member(moment, person_id=person.id, relation=Relation.HEAD, effective_on=fact.paid_on)
        village = len(fact.division_code) == 12 and fact.division_code[9:] >= "200"
        case = Case.apply_for(
            self._case_id(fact),
            moment,
            scheme=Scheme.TEMP,
            case_no=fact.grant_no,
            household_id=household.id,
            applicant_id=person.id,
            member_ids=(person.id,),
            cause=fact.cause,
            urban_rural=UrbanRural.RURAL if village else UrbanRural.URBAN,
            division_code=fact.division_code,
            from_on=fact.paid_on,
        )
        world.add(case)
        turn.change(person)
        turn.change(household)
        return case

    def _pay(self, fact: GrantFact, case: Case, turn: Turn) -> Payment:
        payment = Payment.report_issued(
            self._payment_id(fact),
            at(fact.paid_on),
            case_id=case.id,
            household_id=case.household_id,
            payee_id=case.applicant_id,
            kind=PaymentKind.ONE_OFF,
            month=month_of(fact.paid_on),
            amount_fen=fact.amount_fen,
            division_code=case.division_code,
            account=None,
            batch_no="",
            fund_source=fact.fund_source,
            effective_on=fact.paid_on,
        )
        self._world.add(payment)
        return payment
