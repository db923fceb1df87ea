"""The plan's figures counted anew from the log's events alone, independently of the read models."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any
from uuid import UUID

from domain.assistance import Campaign, Case, Complaint, Visit
from domain.assistance.oversight import INDICATORS as OVERSIGHT
from domain.assistance.oversight import WRONG
from domain.care import Bed, BenefitPayment, DisabilityCertificate, ElderCard, Premium, SupportService
from domain.care.indicators import CHILDREN
from domain.care.indicators import INDICATORS as CARE
from domain.clock import first_day, next_month
from domain.codes import (
    AidKind,
    BedKind,
    BenefitKind,
    CasualtyState,
    FacilityState,
    PopulationKind,
    PremiumKind,
    ReliefItem,
    SampleFinding,
    SupportKind,
)
from domain.findings import Finding
from domain.parameters import official_parameters
from domain.registry import Facility, Person
from domain.registry.divisions import official_divisions
from domain.relief import Affected, Casualty, Disaster, ReliefAid, Stock
from domain.relief.indicators import INDICATORS as RELIEF
from domain.relief.norms import persons_provided
from tests.integration.plan_figures_district import PLACES

ALL = (*CARE, *CHILDREN, *RELIEF, *OVERSIGHT)
BY_NAME = {each.name: each for each in ALL}
REGISTERED = {record.code for record in official_divisions()}
COMMUNITIES = {code for code in REGISTERED if len(code) == 12}
Counts = dict[str, Counter[str]]
"""By name, by the division of twelve digits."""


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
