"""Rows about benefits: who is on a roster, what was paid, who has a certificate, what somebody draws in a month.

A person has one benefit of a kind, whichever system or desk it came from: rosters, wide rows and applications meet in
it. What contradicts the rules is recorded all the same, with a finding.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from types import MappingProxyType
from uuid import UUID

from connectors.deciding import Handler, Row, Turn, fact_of, singly
from connectors.facts import (
    AllowanceFact,
    AllowancePaymentFact,
    CertificateFact,
    PaymentState,
    RosterExit,
    SubsidiesFact,
)
from connectors.people import citizen_ids, demand_person, person_from_row
from connectors.reading.rows import Reason, RowFault
from connectors.world import World
from domain.care import Benefit, BenefitPayment, DisabilityCertificate
from domain.care.benefits.amounts import Known, Refusal, schedule
from domain.care.benefits.basis import NOTHING
from domain.care.benefits.contradictions import of_benefit, of_lines, of_payment, on_roll_after_death
from domain.care.benefits.exclusion import Line
from domain.care.benefits.lines import lines_of
from domain.clock import at, first_day, month_of
from domain.codes import BenefitEnd, BenefitKind, HeldLine, PaymentKind, PopulationKind
from domain.errors import ParameterNotInForce
from domain.findings import FindingDraft
from domain.kernel import ERASED
from domain.parameters import official_parameters
from domain.registry import Person

ELDERCARE, DISABILITY = "eldercare", "disability"
AGE = BenefitKind.OLD_AGE_ALLOWANCE
_ENDS = {
    RosterExit.DEAD: BenefitEnd.DECEASED,
    RosterExit.MOVED_OUT: BenefitEnd.MOVED_OUT,
    RosterExit.OTHER: BenefitEnd.OTHER,
}


def eldercare_handlers(world: World) -> MappingProxyType[str, Handler]:
    """How the eldercare system's rows about benefits are decided."""
    return MappingProxyType({"allowances": Allowances(world), "allowance_payments": AllowancePayments(world)})


def disability_handlers(world: World) -> MappingProxyType[str, Handler]:
    """How the disability system's rows are decided."""
    return MappingProxyType({"certificates": Certificates(world), "subsidies": Subsidies(world)})


class _OfPersons:
    """Rows that each speak of one person, who is registered from the row where nobody knows the number yet."""

    def __init__(self, world: World) -> None:
        self._world = world

    def runs(self, rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
        """Each row by itself."""
        return singly(rows)

    def _resolved(self, facts: Sequence[AllowanceFact | CertificateFact | SubsidiesFact]) -> list[UUID]:
        """The ids of the persons named, known or reserved."""
        world = self._world
        world.resolve(citizen_ids(facts, "citizen_id"))
        return [world.person_id(fact.citizen_id) or world.reserved_id(fact.citizen_id) for fact in facts]

    def _benefit(self, person: Person, kind: BenefitKind, division_code: str, since: date, turn: Turn) -> Benefit:
        """The person's benefit of a kind; enrolled now where there is none."""
        id = Benefit.id_for(person.id, kind)
        benefit = self._world.get(Benefit, id)
        if benefit is None:
            since = min(since, turn.export_on)
            benefit = Benefit.apply_for(
                id,
                at(since),
                person_id=person.id,
                kind=kind,
                basis=NOTHING,
                applied_on=since,
                division_code=division_code,
            )
            self._world.add(benefit)
        return benefit

    def _held(self, person: Person) -> tuple[Benefit, ...]:
        """The person's benefits that are loaded."""
        return tuple(self._world.many(Benefit, _ids_of(person.id)).values())


class Allowances(_OfPersons):
    """The roster of the old-age allowance: enrolled, of another amount, moved, struck off (注销)."""

    async def load(self, facts: Sequence[AllowanceFact]) -> None:
        """The persons and their benefits."""
        persons = self._resolved(facts)
        await self._world.load([*persons, *(id for person in persons for id in _ids_of(person))])

    def apply(self, run: Sequence[Row], turn: Turn) -> None:
        """Report what the roster says of a person."""
        (row,) = run
        fact = fact_of(row)
        assert isinstance(fact, AllowanceFact)
        start = first_day(fact.start_month)
        person = person_from_row(self._world, fact.citizen_id, fact.name, fact.division_code, fact.on or start)
        known = _known(person, fact.division_code)
        amounts = _amounts(fact, known, month_of(turn.export_on))
        benefit = self._benefit(person, AGE, fact.division_code, start, turn)
        for month, fen in amounts:
            benefit.report_paid(turn.at(first_day(month)), monthly_fen=fen, start_month=month)
        if fact.division_code != benefit.division_code:
            benefit.report_transferred(at(turn.export_on), to_division_code=fact.division_code, moved_on=turn.export_on)
        if fact.cancelled_on is not None and fact.exit is not None:
            end = _last_month(fact.cancelled_on, fact.exit, person)
            benefit.report_ended(turn.at(fact.cancelled_on), reason=_ENDS[fact.exit], end_month=end)
        if fact.account and person.account != ERASED:
            own = fact.account_name in (None, fact.name)
            person.report_account(
                at(turn.export_on),
                account=fact.account,
                account_name=None if own else fact.account_name,
                bank=fact.bank or "",
            )
        turn.change(person)
        turn.change(benefit)
        month = min(max(fact.start_month, _latest(benefit)), month_of(turn.export_on))
        turn.find(of_benefit(benefit, known, official_parameters(), month), row)
        turn.find(of_lines(benefit, lines_of(person.id, month, self._held(person), (), NOTHING), month), row)
        turn.find(on_roll_after_death(benefit, person, month_of(turn.export_on)), row)
        turn.record(row)


class AllowancePayments(_OfPersons):
    """What was paid of the old-age allowance. Whoever was paid must be on the roster."""

    async def load(self, facts: Sequence[AllowancePaymentFact]) -> None:
        """The persons, their allowances and the payments of these months."""
        world = self._world
        world.resolve(citizen_ids(facts, "citizen_id"))
        ids = []
        for fact in facts:
            person = world.person_id(fact.citizen_id)
            if person is not None:
                benefit = Benefit.id_for(person, AGE)
                ids += [person, benefit, *(id for id, *_ in _payments(fact, benefit))]
        await world.load(ids)

    def apply(self, run: Sequence[Row], turn: Turn) -> None:
        """Report each month's payment, or what has changed about it."""
        (row,) = run
        fact = fact_of(row)
        assert isinstance(fact, AllowancePaymentFact)
        person = demand_person(self._world, fact.citizen_id, fact.name)
        benefit = self._world.get(Benefit, Benefit.id_for(person.id, AGE))
        if benefit is None:
            message = "高龄津贴名册中没有此人；请先导入名册，再重试。"
            raise RowFault(Reason.NO_PREDECESSOR, message, ("citizen_id",))
        for id, month, fen, kind in _payments(fact, benefit.id):
            payment = self._world.get(BenefitPayment, id)
            if payment is None:
                payment = self._issue(id, fact, benefit, (month, fen, kind), turn)
            elif turn.knows(row):
                payment.report_amount(at(turn.export_on), amount_fen=fen, reason="来源系统更正")
            else:
                again = _again(id, fact)
                earlier = payment
                payment = self._world.get(BenefitPayment, again) or self._issue(
                    again, fact, benefit, (month, fen, kind), turn
                )
                turn.find(of_payment(payment, benefit, person, (earlier,)), row)
            if fact.state is PaymentState.RETURNED:
                on = fact.paid_on or turn.export_on
                reason = fact.return_reason or "银行退回"
                payment.report_returned(turn.at(on), reason=reason, effective_on=on)
            turn.change(payment)
            if kind is not PaymentKind.BACK_PAY:
                turn.find(of_payment(payment, benefit, person), row)
        turn.record(row)

    def _issue(
        self, id: UUID, fact: AllowancePaymentFact, benefit: Benefit, what: tuple[str, int, PaymentKind], turn: Turn
    ) -> BenefitPayment:
        month, fen, kind = what
        on = fact.paid_on or first_day(month)
        payment = BenefitPayment.report_issued(
            id,
            turn.at(on),
            benefit_id=benefit.id,
            person_id=benefit.person_id,
            benefit=benefit.kind,
            kind=kind,
            month=month,
            amount_fen=fen,
            division_code=benefit.division_code,
            account=fact.account,
            batch_no=fact.batch_no,
            fund_source=fact.fund_source,
            effective_on=on,
        )
        self._world.add(payment)
        return payment


class Certificates(_OfPersons):
    """Disability certificates: issued, renewed, cancelled."""

    async def load(self, facts: Sequence[CertificateFact]) -> None:
        """The persons and their certificates."""
        persons = self._resolved(facts)
        await self._world.load([*persons, *map(DisabilityCertificate.id_for, persons)])

    def apply(self, run: Sequence[Row], turn: Turn) -> None:
        """Report the certificate."""
        (row,) = run
        fact = fact_of(row)
        assert isinstance(fact, CertificateFact)
        on = min(fact.from_on or turn.export_on, turn.export_on)
        person = person_from_row(self._world, fact.citizen_id, fact.name, fact.division_code, on)
        certificate = self._world.get(DisabilityCertificate, DisabilityCertificate.id_for(person.id))
        if certificate is None:
            certificate = DisabilityCertificate.certify(
                turn.at(on),
                person_id=person.id,
                category=fact.category,
                grade=fact.grade,
                from_on=on,
                valid_to_on=fact.valid_to_on,
                division_code=fact.division_code,
            )
            self._world.add(certificate)
        elif fact.cancelled_on is None:
            certificate.report_certified(
                turn.at(on), category=fact.category, grade=fact.grade, from_on=on, valid_to_on=fact.valid_to_on
            )
        if fact.cancelled_on is not None:
            certificate.report_cancelled(
                turn.at(fact.cancelled_on), reason=fact.cancel_reason or "来源系统注销", from_on=fact.cancelled_on
            )
        if fact.division_code != certificate.division_code:
            certificate.transfer(at(turn.export_on), to_division_code=fact.division_code, moved_on=turn.export_on)
        turn.change(person)
        turn.change(certificate)
        turn.record(row)


class Subsidies(_OfPersons):
    """Wide rows: everything somebody draws in a month, a column for each benefit.

    A column without an amount says nothing: such files are extracts, and an end is reported by its own system.
    """

    async def load(self, facts: Sequence[SubsidiesFact]) -> None:
        """The persons and their benefits."""
        persons = self._resolved(facts)
        await self._world.load([*persons, *(id for person in persons for id in _ids_of(person))])

    def apply(self, run: Sequence[Row], turn: Turn) -> None:
        """Report each benefit that has an amount, and what may not be paid together."""
        (row,) = run
        fact = fact_of(row)
        assert isinstance(fact, SubsidiesFact)
        month = fact.month or month_of(turn.export_on)
        start = first_day(month)
        person = person_from_row(self._world, fact.citizen_id, fact.name, fact.division_code, start)
        known = _known(person, fact.division_code)
        drawn = []
        for kind, fen in _columns(fact):
            benefit = self._benefit(person, kind, fact.division_code, start, turn)
            benefit.report_paid(turn.at(start), monthly_fen=fen, start_month=month)
            drawn.append(benefit)
            turn.change(benefit)
            turn.find(of_benefit(benefit, known, official_parameters(), month), row)
            turn.find(on_roll_after_death(benefit, person, month), row)
        turn.change(person)
        lines = (*lines_of(person.id, month, self._held(person), (), NOTHING), *_elsewhere(fact))
        turn.find(_once(draft for benefit in drawn for draft in of_lines(benefit, lines, month)), row)
        turn.record(row)


def _columns(fact: SubsidiesFact) -> Iterator[tuple[BenefitKind, int]]:
    columns = (
        (BenefitKind.DIS_LIVING, fact.living_fen),
        (BenefitKind.DIS_NURSING, fact.nursing_fen),
        (AGE, fact.old_age_fen),
    )
    return ((kind, fen) for kind, fen in columns if fen)


def _elsewhere(fact: SubsidiesFact) -> Iterator[Line]:
    """Assistance that the row speaks of: it is a case's, which another system reports."""
    columns = ((HeldLine.DIBAO, fact.dibao_fen), (HeldLine.TEKUN, fact.tekun_fen))
    return (Line(kind, fen, kind.value) for kind, fen in columns if fen)


def _once(drafts: Iterable[FindingDraft]) -> list[FindingDraft]:
    return list({draft.key: draft for draft in drafts}.values())


def _amounts(fact: AllowanceFact, known: Known, upto: str) -> list[tuple[str, int]]:
    """The amounts by month: the roster's own, or by age and the amounts then in force where it has none."""
    if fact.monthly_fen is not None:
        return [(fact.start_month, fact.monthly_fen)]
    try:
        found = schedule(AGE, known, official_parameters(), fact.start_month, max(upto, fact.start_month))
    except ParameterNotInForce:
        message = "名册没有金额，而当时没有高龄津贴标准；请补填金额，或先补录标准。"
        raise RowFault(Reason.MISSING, message, ("amount", "start_month")) from None
    if isinstance(found, Refusal):
        message = f"名册没有金额，按年龄和户籍又不在发放范围：{found.reason}请核对，或补填实发金额。"
        raise RowFault(Reason.INCONSISTENT, message, ("start_month", "amount"))
    return [(step.month, step.computed.amount_fen) for step in found]


def _payments(fact: AllowancePaymentFact, benefit_id: UUID) -> Iterator[tuple[UUID, str, int, PaymentKind]]:
    """Each payment a row comes to: id, month, amount, kind."""
    for month in fact.months:
        yield BenefitPayment.id_for(benefit_id, month), month, fact.monthly_fen, PaymentKind.REGULAR
    for month in fact.back_months:
        paid = fact.months[0]
        yield BenefitPayment.id_for(benefit_id, f"{month} in {paid}"), month, fact.back_fen, PaymentKind.BACK_PAY


def _again(id: UUID, fact: AllowancePaymentFact) -> UUID:
    """The id of a further payment of the same month, by its batch and day."""
    return BenefitPayment.id_for(id, f"{fact.batch_no} {fact.paid_on}")


def _ids_of(person_id: UUID) -> list[UUID]:
    return [Benefit.id_for(person_id, kind) for kind in BenefitKind]


def _known(person: Person, division_code: str) -> Known:
    return Known(division_code, person.birth_on, person.kind is PopulationKind.REGISTERED)


def _last_month(cancelled_on: date, exit: RosterExit, person: Person) -> str:
    """The last month due: that of the death where it is known, else the one in which the roster struck off."""
    if exit is RosterExit.DEAD and person.died_on is not None:
        return month_of(person.died_on)
    return month_of(cancelled_on)


def _latest(benefit: Benefit) -> str:
    return benefit.entitlement.latest_month() or ""
