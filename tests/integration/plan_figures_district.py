"""A random district of care, relief and oversight, for the plan's figures."""

import random
from collections.abc import Callable
from datetime import date, timedelta

from domain.assistance import Case, Complaint
from domain.assistance.oversight import WRONG
from domain.care import Bed, Benefit, BenefitPayment, DisabilityCertificate, ElderCard, Premium, SupportService
from domain.care.benefits.basis import Basis
from domain.clock import at as instant
from domain.codes import (
    BedKind,
    BenefitKind,
    CareLevel,
    CasualtyKind,
    CloseReason,
    DisabilityCategory,
    DisabilityGrade,
    ElderCardKind,
    FacilityKind,
    FacilityState,
    FindingRule,
    FundSource,
    PaymentKind,
    PopulationKind,
    PremiumKind,
    ReliefItem,
    StockOrigin,
    SupportKind,
    VisitFinding,
)
from domain.findings import Finding
from domain.formulas import Computed
from domain.kernel import Aggregate
from domain.registry import Facility, Person
from domain.relief import Casualty, Disaster, ReliefAid, Stock
from tests.integration.projections_support import World, case, household
from tests.integration.relief_support import relief
from tests.integration.sampling_support import sampled

PLACES = ("440704001001", "440704001015", "440704004203", "440704004204", "440704005001")
"""The first is no community that the register of divisions has, as a source may write."""


class Making:
    """Random aggregates of a small district, in business order."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.again: list[Case] = []
        """Cases drawn last year that are drawn again, which should not be."""
        self.world = World(*(None,) * 5, self.chance)  # type: ignore[arg-type]  # only makes ids

    def day(self, year: int) -> date:
        """A day of a year."""
        return date(year, 1, 1) + timedelta(days=self.chance.randrange(365))

    def place(self) -> str:
        """A community."""
        return self.chance.choice(PLACES)

    def person(self, year: int) -> Person:
        """Somebody of any age who may move, leave or die in the year."""
        chance, on = self.chance, date(year, 1, 1)
        born = date(chance.choice((1925, 1940, 1950, 1954, 1955, 1956, 1990, 2008, 2011)), chance.randrange(1, 13), 15)
        made = Person.register(
            self.world.id(),
            instant(on),
            name="拟某甲",
            division_code=self.place(),
            birth_on=None if chance.randrange(15) == 0 else born,
            kind=chance.choice(list(PopulationKind)[:2]),
        )
        when = self.day(year)
        match chance.randrange(6):
            case 0:
                made.report_move(instant(when), to_division_code=self.place(), moved_on=when)
            case 1:
                made.report_moved_out(instant(when), to_place="外地", moved_on=when)
            case 2:
                made.report_death(instant(when), died_on=when, evidence="证明", confirmed_by="公安")
            case 3:
                made.report_death(instant(when), died_on=when, evidence="证明")
        return made

    def facility(self, year: int) -> list[Aggregate]:
        """A facility of any kind, in any state, with beds."""
        chance, on = self.chance, date(year, 1, 1)
        made = Facility.register(
            instant(on),
            name=f"设施{chance.randrange(10**9)}",
            kind=chance.choice(list(FacilityKind)),
            division_code=chance.choice((*PLACES, PLACES[1][:9])),
            bed_capacity=chance.randrange(40),
            area_m2=chance.choice((None, 300)),
        )
        then = on
        for state in (FacilityState.OPERATING, FacilityState.RECTIFYING, FacilityState.CLOSED)[: chance.randrange(4)]:
            then += timedelta(days=chance.randrange(1, 150))
            made.report_state(instant(then), state=state, effective_on=then)
        beds = []
        for number in range(chance.randrange(5)):
            when, kind = self.day(year), chance.choice(list(BedKind))
            where = {"facility_id": made.id, "bed_no": str(number), "division_code": made.division_code}
            beds.append(Bed.add(instant(when), effective_on=when, kind=kind, **where))  # type: ignore[arg-type]
        return [made, *beds]

    def cared(self, someone: Person, year: int) -> list[Aggregate]:
        """An allowance paid, a card, premiums, a certificate, services."""
        chance, when = self.chance, self.day(year)
        now, where, who = instant(when), someone.division_code, someone.id
        kind = chance.choice((BenefitKind.OLD_AGE_ALLOWANCE, BenefitKind.DIS_LIVING))
        line = Benefit.apply_for(
            self.world.id(),
            now,
            person_id=who,
            kind=kind,
            basis=Basis(level=CareLevel.MILD),
            applied_on=when,
            division_code=where,
            by="",
            review_by=None,
            start=f"{when:%Y-%m}",
        )
        made: list[Aggregate] = [line]
        for month in range(1, chance.randrange(2, 6)):
            on = date(year, month, 10)
            paid = BenefitPayment.report_issued(
                BenefitPayment.id_for(line.id, f"{on:%Y-%m}"),
                instant(on),
                benefit_id=line.id,
                person_id=who,
                benefit=kind,
                kind=PaymentKind.REGULAR,
                month=f"{on:%Y-%m}",
                amount_fen=chance.choice((3_000, 10_000)),
                division_code=where,
                account=None,
                batch_no="批次",
                fund_source="区财政",
                effective_on=on,
            )
            if chance.randrange(4) == 0:
                paid.report_amount(instant(on), amount_fen=4_000, reason="更正")
            if chance.randrange(4) == 0:
                back = on + timedelta(days=25)
                paid.report_returned(instant(back), reason="销户", effective_on=back)
            made.append(paid)
        card = ElderCard.issue(
            now, person_id=who, kind=chance.choice(list(ElderCardKind)), card_no="A1", division_code=where, by="甲"
        )
        if chance.randrange(3) == 0:
            card.cancel(now + timedelta(days=20), reason="遗失", by="甲")
        made.append(card)
        for insurance in PremiumKind:
            if chance.randrange(2):
                enrolled = Premium.enrol(
                    now,
                    person_id=who,
                    kind=insurance,
                    year=year,
                    computed=Computed(5_000, "", (), ()),
                    fund_source=FundSource.LOTTERY,
                    division_code=where,
                    by="甲",
                )
                if chance.randrange(4) == 0:
                    enrolled.cancel(now, reason="错保", by="甲")
                made.append(enrolled)
        if chance.randrange(2):
            issued = self.day(year - 1)
            paper = DisabilityCertificate.certify(
                instant(issued),
                person_id=who,
                category=chance.choice(list(DisabilityCategory)),
                grade=chance.choice(list(DisabilityGrade)),
                from_on=issued,
                valid_to_on=chance.choice((None, date(year, 6, 1), date(year - 1, 12, 31))),
                division_code=where,
                evaluate_by=None,
            )
            if chance.randrange(4) == 0:
                paper.cancel(instant(date(year, 1, 1)), reason="收回", from_on=date(year, 1, 1))
            made.append(paper)
        return [*made, *self.services(someone, year)]

    def services(self, someone: Person, year: int) -> list[Aggregate]:
        """Services given, some set right, some voided."""
        chance, made = self.chance, list[Aggregate]()
        for _ in range(chance.randrange(4)):
            when = self.day(year)
            given = SupportService.give(
                self.world.id(),
                instant(when),
                person_id=someone.id,
                kind=chance.choice(list(SupportKind)),
                item="某",
                provider="站",
                cost_fen=100,
                fund_source=FundSource.CITY,
                division_code=someone.division_code,
                effective_on=when,
                times=chance.randrange(1, 9),
            )
            if chance.randrange(3) == 0:
                given.correct(instant(when), times=2, cost_fen=1, fund_source=FundSource.CITY, reason="误", by="甲")
            if chance.randrange(5) == 0:
                given.void(instant(when), reason="误", by="甲")
            made.append(given)
        return made

    def disaster(self, people: list[Person], year: int) -> list[Aggregate]:
        """A disaster with what hangs on it, people who died or are missing, money that was paid or sent back."""
        chance, on = self.chance, self.day(year)
        made = relief(self.world.id, chance, people[:6], on)
        struck = next(each for each in made if isinstance(each, Disaster))
        assert struck.occurred_at is not None
        for kind in CasualtyKind:
            said = {"name": "拟某", "particulars": "落水", "happened_at": struck.occurred_at, "by": "丙"}
            where = {"disaster_id": struck.id, "person_id": None, "division_code": self.place()}
            made.append(Casualty.enter(self.world.id(), struck.occurred_at, kind=kind, **where, **said))  # type: ignore[arg-type]
        return [*made, *(self.winter(each, year) for each in people[6:20]), *self.stock(year)]

    def winter(self, someone: Person, year: int) -> ReliefAid:
        """Winter and spring aid that a source says was paid, perhaps another amount than was granted."""
        when, place = self.day(year), someone.division_code
        told = {"season": self.day(year).toordinal(), "head_count": 1, "situation": "某"}
        made = ReliefAid.report_winter(instant(when), person_id=someone.id, division_code=place, **told)  # type: ignore[arg-type]
        if self.chance.randrange(2):
            made.report_decided(instant(when), amount_fen=30_000)
        paid = {"payment_no": "支", "fund_source": FundSource.DISTRICT}
        made.report_paid(instant(when), amount_fen=self.chance.choice((30_000, 40_000)), paid_on=when, **paid)  # type: ignore[arg-type]
        return made

    def stock(self, year: int) -> list[Aggregate]:
        """A warehouse's stock of every item with a norm, and of some without."""
        chance, place, made = self.chance, self.world.id(), list[Aggregate]()
        for item in list(ReliefItem)[:: chance.choice((1, 2))]:
            when = self.day(year)
            book = Stock.open(instant(when), facility_id=place, item=item, division_code=self.place())
            many = {"origin": StockOrigin.OPENING, "voucher_no": ""}
            book.report_received(instant(when), qty_count=chance.randrange(1, 900), unit_fen=990, **many)  # type: ignore[arg-type]
            if chance.randrange(3) == 0:
                book.report_issued(instant(when), qty_count=950, voucher_no="出", issued_on=when, disaster_id=None)
            made.append(book)
        return made

    def watched(self, homes: list[Person], year: int) -> list[Aggregate]:
        """Dibao cases visited or not, closed or not; the year's sample; findings and complaints about them."""
        chance, made, cases = self.chance, list[Aggregate](), list[Case]()
        for one in homes:
            home = household(self.world, one, division=one.division_code, on=date(year, 1, 1))
            granted = case(self.world, home, one, on=date(year, 1, 2))
            made += [home, granted]
            cases.append(granted)
        made += sampled([*cases[: len(cases) // 2], *self.again], date(year, 3, 1))
        self.again = cases[:2]
        for one in cases:
            when = self.day(year)
            if chance.randrange(2):
                visit = {"finding": VisitFinding.AS_STATED, "report": "属实", "by": "乙", "official": True}
                one.record_visit(instant(when), visited_on=when, **visit)  # type: ignore[arg-type]
            if chance.randrange(3) == 0:
                one.report_closed(instant(when), reason=CloseReason.VOLUNTARY, end_month=f"{when:%Y-%m}")
            if chance.randrange(2):
                made.append(self.finding(one, when))
            if chance.randrange(2):
                made.append(self.complaint(one, when))
        return made

    def finding(self, one: Case, when: date) -> Finding:
        """A finding, at some stage."""
        raised = Finding.raise_for(
            self.world.id(),
            instant(when),
            rule=self.chance.choice((*WRONG, FindingRule.AMOUNT_DIFFERS)),
            subject=f"case:{one.id}",
            division_code=one.division_code,
            effective_on=when,
            detail="某",
            evidence=(),
            case_id=one.id,
        )
        then, due = instant(when), when + timedelta(days=30)
        steps: list[Callable[[], None]] = [
            lambda: raised.confirm(then, assessment="属实", by="甲", rectify_by=due),
            lambda: raised.rectify(then, action="已追回", by="乙", review_by=due),
            lambda: raised.resolve(then, outcome="办结", by="甲"),
        ]
        for step in self.chance.choice((steps[:0], steps[:1], steps[:2], steps, steps[2:])):
            step()
        return raised

    def complaint(self, one: Case, when: date) -> Complaint:
        """A complaint, answered or not."""
        made = Complaint.file(
            self.world.id(),
            instant(when),
            about_case=one.id,
            about_division=one.division_code,
            complainant="",
            text="某",
            taken_by="甲",
            accept_by=when,
            division_code=one.division_code,
        )
        if self.chance.randrange(2):
            made.accept(instant(when), by="乙", answer_by=when)
            upheld = self.chance.choice((True, False))
            made.answer(instant(when), upheld=upheld, answer="某", by="丙", handlers=(), office="440704")
        return made
