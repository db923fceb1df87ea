"""The plan's figures of care, relief and oversight on a random district, held against a recount of the log's events."""

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from domain.assistance import Campaign, Case, Complaint, Visit
from domain.assistance.oversight import INDICATORS as OVERSIGHT
from domain.assistance.oversight import WRONG
from domain.care import Bed, Benefit, BenefitPayment, DisabilityCertificate, ElderCard, Premium, SupportService
from domain.care.benefits.basis import Basis
from domain.care.indicators import CHILDREN
from domain.care.indicators import INDICATORS as CARE
from domain.clock import at as instant
from domain.clock import first_day, next_month
from domain.codes import (
    AidKind,
    BedKind,
    BenefitKind,
    CareLevel,
    CasualtyKind,
    CasualtyState,
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
    SampleFinding,
    StockOrigin,
    SupportKind,
    VisitFinding,
)
from domain.findings import Finding
from domain.formulas import Computed
from domain.kernel import Aggregate
from domain.parameters import official_parameters
from domain.registry import Facility, Person
from domain.registry.divisions import official_divisions
from domain.relief import Affected, Casualty, Disaster, ReliefAid, Stock
from domain.relief.indicators import INDICATORS as RELIEF
from domain.relief.norms import persons_provided
from infra.log import PostgresLog
from tests.fixtures import story as telling
from tests.fixtures.api import actor
from tests.fixtures.story import Story
from tests.integration.projections_support import CLERK, World, case, household
from tests.integration.relief_support import relief
from tests.integration.sampling_support import sampled

village = telling.village

PLACES = ("440704001001", "440704001015", "440704004203", "440704004204", "440704005001")
"""The first is no community that the register of divisions has, as a source may write."""
ALL = (*CARE, *CHILDREN, *RELIEF, *OVERSIGHT)
FIGURES = """query F($names: [String!], $period: String!, $division: String, $parts: Breakdown, $at: Position,
    $least: Position) { indicators(names: $names, period: $period, division: $division, by: $parts, atPosition: $at,
    minPosition: $least) { name value divisionCode planValue target position } }"""
Counts = dict[str, Counter[str]]
"""By name, by the division of twelve digits."""


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


STOCK: dict[type, Callable[[Any], tuple[int, int]]] = {
    Stock.Received: lambda e: (e.qty_count * e.put_away, e.qty_count * e.unit_fen * e.put_away),
    Stock.PutAway: lambda e: (e.accepted_count, e.accepted_count * e.unit_fen),
    Stock.Allocated: lambda e: (-e.qty_count, -e.value_fen),
    Stock.Returned: lambda e: (e.qty_count, e.value_fen),
    Stock.Scrapped: lambda e: (-e.qty_count, -e.value_fen) if e.allocation_id is None else (0, 0),
    Stock.Counted: lambda e: (e.counted_count - e.booked_count, e.value_delta_fen),
    Stock.IssueReported: lambda e: (-e.qty_count, -e.value_fen),
}
"""What an event adds to the pieces that may be given out, and to their worth."""


class Recount:
    """The same counts from the events alone, in the order of the log."""

    def __init__(self, events: Iterable[tuple[Any, str]], begins: date, last: date) -> None:
        self.begins, self.last = begins, last
        self.found: Counts = defaultdict(Counter)
        self.events = list(events)
        self.persons: dict[UUID, dict[str, Any]] = {}
        self.facilities: dict[UUID, dict[str, Any]] = {}
        self.items: dict[str, Counter[ReliefItem]] = defaultdict(Counter)
        self.kinds: dict[str, set[ReliefItem]] = defaultdict(set)
        self._persons()
        self._facilities()
        self._care()
        self._relief()
        self._oversight()

    def within(self, day: date | None) -> bool:
        """Whether a day is in the period."""
        return day is not None and self.begins <= day <= self.last

    def of(self, *classes: type) -> list[Any]:
        """Events of these classes."""
        return [event for event, _ in self.events if isinstance(event, classes)]

    def _persons(self) -> None:
        for event in self.of(Person.Created):
            where = {"here": True, "then": event.division_code, "since": event.timestamp.date()}
            self.persons[event.originator_id] = {"born": event.birth_on, "kind": event.kind, **where}
        for event in self.of(Person.Moved):
            if event.moved_on <= self.last:
                self.persons[event.originator_id]["then"] = event.to_division_code
        for event in self.of(Person.MovedOut, Person.DeathConfirmed):
            gone = event.moved_on if isinstance(event, Person.MovedOut) else event.died_on
            if gone <= self.last:
                self.persons[event.originator_id]["here"] = False
        for one in self.persons.values():
            born = one["born"]
            if (
                born is not None
                and one["since"] <= self.last
                and one["here"]
                and born.replace(year=born.year + 60) <= self.last
            ):
                self.found["elderly_actual"][one["then"]] += 1
                self.found["elderly_registered"][one["then"]] += one["kind"] is PopulationKind.REGISTERED

    def _facilities(self) -> None:
        for event in self.of(Facility.Created):
            if event.timestamp.date() <= self.last:
                told = {name: getattr(event, name) for name in ("kind", "state", "division_code", "bed_capacity")}
                self.facilities[event.originator_id] = {**told, "area": event.area_m2 or 0}
        for event in self.of(Facility.StatusChanged):
            if event.effective_on <= self.last:
                self.facilities[event.originator_id]["state"] = event.state
        out = (FacilityState.PLANNED, FacilityState.CLOSED)
        near = {"HOME_HQ", "HOME_STATION", "HAPPINESS_HOME", "DAY_CARE", "COMPREHENSIVE"}
        for one in self.facilities.values():
            where, known = one["division_code"], one["state"] not in out
            if known and one["kind"] in ("INST", "RURAL_HOME", "COMPREHENSIVE"):
                self.found["bed_capacity"][where] += one["bed_capacity"]
            if known and one["kind"] == "WAREHOUSE":
                self.found["warehouse_m2"][where] += one["area"]
            if one["kind"] in near and one["state"] in ("operating", "rectifying") and where in COMMUNITIES:
                self.found["home_care_divisions"][where] = 1
        for event in self.of(Bed.Created):
            facility = self.facilities.get(event.facility_id)
            if event.effective_on <= self.last and event.kind is BedKind.INSTITUTION:
                self.found["beds"][event.division_code] += facility is None or facility["state"] not in out

    def _care(self) -> None:
        found, amounts, lines = self.found, dict[UUID, int](), dict[str, set[UUID]]()
        payments = {e.originator_id: e for e in self.of(BenefitPayment.Created)}
        amounts = {id: e.amount_fen for id, e in payments.items()}
        amounts |= {e.originator_id: e.amount_fen for e in self.of(BenefitPayment.Corrected)}
        for event in self.of(BenefitPayment.Created, BenefitPayment.Returned):
            paid = payments[event.originator_id]
            if paid.benefit is BenefitKind.OLD_AGE_ALLOWANCE and self.within(event.effective_on):
                what = "paid" if event is paid else "returned"
                found[f"old_age_{what}_fen"][paid.division_code] += amounts[paid.originator_id]
                if event is paid:
                    lines.setdefault(paid.division_code, set()).add(paid.benefit_id)
        found["old_age_persons"].update({where: len(ids) for where, ids in lines.items()})
        gone = {e.originator_id for e in self.of(ElderCard.Cancelled) if e.timestamp.date() <= self.last}
        for event in self.of(ElderCard.Created):
            found["elder_cards"][event.division_code] += event.from_on <= self.last and event.originator_id not in gone
        undone = {e.originator_id for e in self.of(Premium.Cancelled)}
        insured: dict[PremiumKind, set[UUID]] = defaultdict(set)
        for event in self.of(Premium.Created):
            if event.originator_id in undone:
                continue
            covered = event.year == self.last.year
            if covered:
                insured[event.kind].add(event.person_id)
            if event.kind is PremiumKind.ELDER_ACCIDENT:
                found["elder_insured"][event.division_code] += covered
            else:
                found[f"{event.kind.value}_premium_persons"][event.division_code] += covered
                fen = event.amount_fen * self.within(event.timestamp.date())
                found[f"{event.kind.value}_premium_fen"][event.division_code] += fen
        self._disabled(insured)
        self._services()

    def _disabled(self, insured: dict[PremiumKind, set[UUID]]) -> None:
        year = self.last.replace(month=1, day=1)
        off = {e.originator_id for e in self.of(DisabilityCertificate.Cancelled) if e.from_on <= year}
        for event in self.of(DisabilityCertificate.Created):
            valid = event.valid_to_on is None or event.valid_to_on >= year
            if event.originator_id in off or not valid or event.from_on > year:
                continue
            severe, mind = event.grade_code in ("1", "2"), event.category_code in ("5", "6")
            for kind, entitled in ((PremiumKind.MEDICAL, severe or mind), (PremiumKind.PENSION, severe)):
                has = entitled and event.person_id in insured[kind]
                self.found[f"disabled_{kind.value}_entitled"][event.division_code] += entitled
                self.found[f"disabled_{kind.value}_insured"][event.division_code] += has

    def _services(self) -> None:
        times = {e.originator_id: e.times for e in self.of(SupportService.Created, SupportService.Corrected)}
        voided = {e.originator_id for e in self.of(SupportService.Voided)}
        for event in self.of(SupportService.Created):
            counted = self.within(event.effective_on) and event.originator_id not in voided
            if not counted or event.kind not in (SupportKind.REHAB, SupportKind.NURSING):
                continue
            many = times[event.originator_id]
            self.found[f"{event.kind.value}_times"][event.division_code] += many
            born = self.persons[event.person_id]["born"]
            if event.kind is SupportKind.REHAB and born and event.effective_on < born.replace(year=born.year + 7):
                self.found["child_rehab_times"][event.division_code] += many

    def _relief(self) -> None:
        found = self.found
        states = {e.originator_id: CasualtyState(e.kind.value) for e in self.of(Casualty.Created)}
        states |= {e.originator_id: e.state for e in self.of(Casualty.Changed)}
        for event in self.of(Casualty.Created):
            name = {"dead": "disaster_deaths", "missing": "disaster_missing"}.get(states[event.originator_id])
            if name and self.within(event.happened_at.date()):
                found[name][event.division_code] += 1
        aid = {e.originator_id: e for e in self.of(ReliefAid.Created)}
        places = {e.originator_id: e.division_code for e in self.of(ReliefAid.Created)}
        places |= {e.originator_id: e.to_division_code for e in self.of(ReliefAid.Transferred)}
        amounts = {e.originator_id: e.amount_fen for e in self.of(ReliefAid.Paid)}
        paid: dict[UUID, date | None] = {}
        for event in self.of(ReliefAid.Paid, ReliefAid.PaymentReturned):
            paid[event.originator_id] = event.effective_on if isinstance(event, ReliefAid.Paid) else None
        for id, day in paid.items():
            what = "housing" if aid[id].kind is AidKind.REBUILD else "living"
            found[f"disaster_{what}_aid_fen"][places[id]] += amounts[id] * self.within(day)
        struck = {e.originator_id for e in self.of(Disaster.Occurred) if self.within(e.occurred_at.date())}
        known = {e.originator_id: e for e in self.of(Affected.Created)}
        stand = {id: [0, 0, e.head_count] for id, e in known.items()}
        classes = (Affected.Relieved, Affected.DeliveryVoided, Affected.ClockStarted)
        for event in self.of(*classes, Affected.Recounted, Affected.Checked):
            if isinstance(event, Affected.Recounted):
                stand[event.originator_id][2] = event.waiting_count
            elif isinstance(event, Affected.Checked):
                stand[event.originator_id][2] += event.waiting_delta
            else:
                first = event.first
                stand[event.originator_id] = [first.in_time_count, first.late_count, first.waiting_count]
        for id, counts in stand.items():
            for name, count in zip(("in_time", "late", "waiting"), counts, strict=True):
                many = count * (known[id].disaster_id in struck)
                found[f"relief_{name}_persons"][known[id].division_code] += many
        self._stock()

    def _stock(self) -> None:
        made = {e.originator_id: e for e in self.of(Stock.Created) if e.timestamp.date() <= self.last}
        free, worth = Counter[UUID](), Counter[UUID]()
        for event in self.of(*STOCK):
            moved = STOCK[type(event)](event) if event.timestamp.date() <= self.last else (0, 0)
            free[event.originator_id] += moved[0]
            worth[event.originator_id] += moved[1]
        for id, event in made.items():
            where = event.division_code
            self.found["stock_pieces"][where] += max(0, free[id])
            self.found["stock_value_fen"][where] += worth[id]
            self.items[where][event.item] += free[id]
            if free[id] > 0:
                self.kinds[where].add(event.item)

    def _oversight(self) -> None:
        found = self.found
        visited = {e.originator_id: e.effective_on for e in self.of(Case.Visited) if e.effective_on <= self.last}
        closed = {e.originator_id: first_day(next_month(e.end_month)) for e in self.of(Case.Closed)}
        for event in self.of(Case.Created):
            ended = closed.get(event.originator_id)
            on_rolls = event.timestamp.date() <= self.last and (ended is None or ended >= self.begins)
            found["dibao_rolls_persons"][event.division_code] += on_rolls
            seen = on_rolls and self.within(visited.get(event.originator_id))
            found["dibao_rolls_visited_persons"][event.division_code] += seen
        self._samples()
        state: dict[UUID, str] = {}
        rules = {e.originator_id: e for e in self.of(Finding.Created)}
        for event, _ in self.events:
            if event.originator_id in rules:
                name = type(event).__name__
                before = state.get(event.originator_id, "")
                state[event.originator_id] = "wrong" if name == "Confirmed" or before == "wrong" else name
        for id, event in rules.items():
            counted = state[id] == "wrong" and event.rule in WRONG and self.within(event.effective_on)
            found["wrong_grants"][event.division_code] += counted
        upheld = {e.originator_id for e in self.of(Complaint.Answered) if e.upheld}
        for event in self.of(Complaint.Created):
            filed = self.within(event.timestamp.date())
            found["complaints"][event.division_code] += filed
            found["complaints_upheld"][event.division_code] += filed and event.originator_id in upheld

    def _samples(self) -> None:
        years = {e.originator_id: e.year for e in self.of(Campaign.Created)}
        for event in self.of(Campaign.SampleDrawn):
            if years[event.originator_id] == self.last.year:
                said = (event.household_count, event.population_count, event.left_out_count)
                for name, count in zip(("households", "population", "left_out"), said, strict=True):
                    self.found[f"sample_{name}"]["440704"] += count
        for event in self.of(Visit.ResultSubmitted, Visit.RecheckDone):
            confirmed = isinstance(event, Visit.RecheckDone) or event.finding is SampleFinding.AS_STATED
            if years[event.campaign_id] == self.last.year and confirmed:
                name = "rechecked" if isinstance(event, Visit.RecheckDone) else "confirmed"
                self.found[f"sample_{name}"]["440704"] += 1
        drawn: dict[UUID, set[int]] = defaultdict(set)
        for event in self.of(Campaign.HouseholdsDrawn):
            for household_id in event.households:
                drawn[household_id].add(years[event.originator_id])
        homes = {e.household_id: e.division_code for e in self.of(Case.Created)}
        for household_id, of in drawn.items():
            twice = {2014, 2015} <= of and self.last.year in of
            self.found["sample_drawn_twice"][homes[household_id]] += twice

    def value(self, name: str, code: str) -> int | None:
        """An indicator of a division, parts included."""
        here = [where for where in {*PLACES, *self.items, *self.kinds} if where.startswith(code)]
        if name == "stock_kinds":
            return len(set[ReliefItem]().union(*(self.kinds[where] for where in here)))
        if name == "stock_persons":
            balances = Counter[ReliefItem]()
            for where in here:
                balances.update(self.items[where])
            return persons_provided(balances, official_parameters(), code, self.last)
        if name.startswith("dibao_standard"):
            if code not in REGISTERED:
                return None
            return official_parameters().value(name.replace("_", ".", 2), code, self.last)
        counts = {count: self._sum(count, code) for count in BY_NAME[name].counts}
        return BY_NAME[name].value(counts)

    def _sum(self, count: str, code: str) -> int:
        if count == "care_communities":
            return sum(each.startswith(code) for each in COMMUNITIES)
        return sum(many for where, many in self.found[count].items() if where.startswith(code))


BY_NAME = {each.name: each for each in ALL}
REGISTERED = {record.code for record in official_divisions()}
COMMUNITIES = {code for code in REGISTERED if len(code) == 12}


async def test_every_figure_is_what_the_log_says(village: Story, log: PostgresLog) -> None:
    story, made = village, Making(11)
    story.on("2016-12-30")
    people: list[Person] = []
    marks: list[int] = []
    for year in (2014, 2015):
        new = [made.person(year) for _ in range(40)]
        people += new
        batches: list[list[Aggregate]] = [list(new), *(made.facility(year) for _ in range(30))]
        batches += [made.cared(each, year) for each in new]
        batches += [made.disaster(new, year), made.disaster(new, year), made.watched(new[:12], year)]
        for batch in batches:
            story.position = (await story.store.save(batch, CLERK)).last
        marks.append(story.position)
    rows = await log.read(0, 10_000_000)
    await story.store.keyring.preload(story.store.codec.holders(rows))
    events = [(story.store.codec.decode(row), row) for row in rows]
    seen = Counter[str]()
    for period, begins, last, at in (
        ("2015", date(2015, 1, 1), date(2015, 12, 31), marks[1]),
        ("2014", date(2014, 1, 1), date(2014, 12, 31), marks[1]),
        ("2014", date(2014, 1, 1), date(2014, 12, 31), marks[0]),
        ("2015", date(2015, 1, 1), date(2015, 12, 31), marks[0]),
        ("2015-04/2015-09", date(2015, 4, 1), date(2015, 9, 30), marks[1]),
    ):
        told = Recount([(event, "") for event, row in events if row.position <= at], begins, last)
        given = {"names": list(BY_NAME), "period": period, "least": story.position}
        for by, when in ((None, at), ("STREET", at), ("COMMUNITY", at), *([(None, None)] if at == marks[1] else [])):
            found = await story.ask.data(FIGURES, actor("auditor"), parts=by, at=when, **given)
            codes = {row["divisionCode"] for row in found["indicators"]}
            assert codes >= ({"440704"} if by is None else {place[: 9 if by == "STREET" else 12] for place in PLACES})
            for row in found["indicators"]:
                code = row["divisionCode"]
                if by is not None and len(code) < (9 if by == "STREET" else 12):
                    continue  # what is in no part
                assert row["value"] == told.value(row["name"], code), (row, period, at)
                seen[row["name"]] += bool(row["value"])
    await _who_counts_what(story)
    assert set(BY_NAME) - set(seen) == set()
    assert [name for name, many in seen.items() if not many] == []


async def _who_counts_what(story: Story) -> None:
    """A street counts what the district counts of it; whoever plans beds counts the old, but no children's services."""
    given = {"period": "2015", "least": story.position}
    names = list(BY_NAME)
    whole = await story.ask.data(FIGURES, actor("auditor"), names=names, parts="STREET", **given)
    for street in ("440704001", "440704004"):
        own = await story.ask.data(FIGURES, actor("street_officer", street), names=names, **given)
        assert own["indicators"] == [row for row in whole["indicators"] if row["divisionCode"] == street]
    money = actor("finance_officer")
    old = await story.ask.data(FIGURES, money, names=["elderly_actual", "beds_per_1000_actual"], **given)
    assert all(row["value"] for row in old["indicators"])
    assert await story.ask.codes(FIGURES, money, names=["child_rehab_times"], **given) == ["FORBIDDEN"]
    assert await story.ask.codes(FIGURES, actor("grid_worker"), names=["beds"], **given) == ["FORBIDDEN"]
