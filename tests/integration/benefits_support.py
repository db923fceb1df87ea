"""Benefits, their payments and disability certificates in any state, for tests of the read models."""

import random
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from uuid import UUID

from domain.care import Benefit, BenefitPayment, DisabilityCertificate, ElderCard, Premium
from domain.care.benefits.amounts import Known
from domain.care.benefits.basis import Basis
from domain.clock import at as instant
from domain.clock import month_of, next_month
from domain.codes import (
    BenefitEnd,
    BenefitHold,
    BenefitKind,
    CareLevel,
    DisabilityCategory,
    DisabilityGrade,
    ElderCardKind,
    FundSource,
    LifeProof,
    PaymentKind,
    PremiumKind,
)
from domain.formulas import Computed
from domain.kernel import Aggregate
from domain.parameters import official_parameters
from domain.registry import Person

_OLD = date(1925, 6, 1)


def cared_for(id: UUID, chance: random.Random, someone: Person, on: date) -> tuple[Aggregate, ...]:
    """A benefit some steps further with its payments, or a certificate."""
    if chance.randrange(4) == 0:
        return (_certificate(chance, someone, on),)
    return (*_benefit(id, chance, someone, on), _card(chance, someone, on), _premium(chance, someone, on))


def _some(chance: random.Random, steps: Sequence[Callable[[], object]]) -> None:
    for step in steps[: chance.randrange(len(steps) + 1)]:
        step()


def _benefit(id: UUID, chance: random.Random, someone: Person, on: date) -> tuple[Aggregate, ...]:
    now, due, month = instant(on), on + timedelta(days=14), month_of(on)
    later, parameters = next_month(month), official_parameters()
    made = Benefit.apply_for(
        id,
        now,
        person_id=someone.id,
        kind=BenefitKind.OLD_AGE_ALLOWANCE,
        basis=Basis(level=CareLevel.MILD),
        applied_on=on,
        division_code=someone.division_code,
        by=chance.choice(("甲", "")),
        review_by=chance.choice((due, None)),
        start=next_month(month, -chance.randrange(3)),
    )
    if chance.randrange(5) == 0:
        made.withdraw(now, reason="放弃", by="甲")
        return (made,)
    known = Known(made.division_code, _OLD)
    payment = _paid(made, chance, month, on)
    _some(
        chance,
        [
            lambda: made.approve(now, by="乙", decide_by=due, note="属实"),
            lambda: made.grant(now, by="丙", known=known, parameters=parameters, lines={}),
            lambda: made.lapse(instant(max(on, date(2015, 5, 2)))),
            lambda: made.adjust(now, known=known, parameters=parameters, from_month=later, cause="核定", by="丙"),
            lambda: made.hold_line(now, reason=BenefitHold.DEATH_REPORTED, from_month=later, decide_by=due),
            lambda: made.release_line(now, reason="在世", by="乙"),
            lambda: made.prove_life(now, method=LifeProof.REMOTE, proved_on=on, validity_months=12),
            lambda: made.change_basis(now, basis=Basis(level=CareLevel.SEVERE), cause="复评"),
            lambda: made.report_paid(now, monthly_fen=12_300, start_month=later),
            lambda: made.suspend(now, reason="联系不上", from_month=later, by="丙"),
            lambda: made.resume(now, reason="已联系", from_month=later, by="丙"),
            lambda: made.transfer(now, to_division_code="440704002001", moved_on=on),
            lambda: made.end(now, reason=BenefitEnd.DECEASED, end_month=chance.choice((month, later)), by="丙"),
            lambda: made.find_overpaid(now, paid={month: 99_000, later: 1}),
            lambda: made.reinstate(now, reason="误报"),
        ],
    )
    if chance.randrange(6) == 0 and not made.in_force and made.open:
        made.refuse(now, reason="材料不实", by="丁", known=Known("440704001001", None), parameters=parameters, lines={})
    return (made, payment)


def _paid(benefit: Benefit, chance: random.Random, month: str, on: date) -> BenefitPayment:
    now = instant(on)
    paid = BenefitPayment.report_issued(
        BenefitPayment.id_for(benefit.id, month),
        now,
        benefit_id=benefit.id,
        person_id=benefit.person_id,
        benefit=benefit.kind,
        kind=PaymentKind.REGULAR,
        month=month,
        amount_fen=3_000,
        division_code=benefit.division_code,
        account=chance.choice((None, "6200000000000000001")),
        batch_no="批次1",
        fund_source="区财政",
        effective_on=on,
    )
    _some(
        chance,
        [
            lambda: paid.report_amount(now, amount_fen=3_100, reason="更正"),
            lambda: paid.report_cleared(now, amount_fen=3_100, effective_on=on),
            lambda: paid.report_returned(now, reason="销户", effective_on=on),
        ],
    )
    return paid


def _card(chance: random.Random, someone: Person, on: date) -> Aggregate:
    now, kind = instant(on), chance.choice(list(ElderCardKind))
    made = ElderCard.issue(now, person_id=someone.id, kind=kind, card_no="A1", division_code="440704001001", by="甲")
    _some(
        chance,
        [
            lambda: made.cancel(now, reason="遗失", by="甲"),
            lambda: made.replace(now, card_no="A2", by="甲"),
        ],
    )
    return made


def _premium(chance: random.Random, someone: Person, on: date) -> Aggregate:
    now = instant(on)
    made = Premium.enrol(
        now,
        person_id=someone.id,
        kind=chance.choice(list(PremiumKind)),
        year=on.year,
        computed=Computed(5_000, "", (), ()),
        fund_source=FundSource.LOTTERY,
        division_code="440704001001",
        by="甲",
    )
    _some(chance, [lambda: made.cancel(now, reason="错保", by="甲")])
    return made


def _certificate(chance: random.Random, someone: Person, on: date) -> Aggregate:
    now, ends = instant(on), chance.choice((None, on + timedelta(days=900)))
    made = DisabilityCertificate.certify(
        now,
        person_id=someone.id,
        category=DisabilityCategory.LIMB,
        grade=DisabilityGrade.THREE,
        from_on=on,
        valid_to_on=ends,
        division_code=someone.division_code,
        evaluate_by=chance.choice((None, on)),
    )
    _some(
        chance,
        [
            lambda: made.report_certified(
                now, category=DisabilityCategory.LIMB, grade=DisabilityGrade.TWO, from_on=on, valid_to_on=None
            ),
            lambda: made.lapse(instant(on + timedelta(days=901))),
            lambda: made.cancel(now, reason="收回", from_on=on + timedelta(days=30)),
            lambda: made.transfer(now, to_division_code="440704002001", moved_on=on),
        ],
    )
    return made
