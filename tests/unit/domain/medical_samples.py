"""Hospitals, categories, visits and settlements as the tests need them, in one line each."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

from domain.access import Actor, RoleCode
from domain.codes import HospitalLevel, InsuranceType, MaCategory, MedType
from domain.kernel import Aggregate
from domain.medical import Accumulator, Hospital, MedicalCategory, MedicalVisit, Settlement
from domain.medical.split import Bill, Outcome, Printed, Terms, Used, outcome
from domain.medical.visit import Expenses, Standing
from tests.unit.domain.samples import PARAMETERS, VILLAGE, on

DESK = Actor("中心医院窗口", RoleCode.HOSPITAL_DESK, "440704")
OTHER_DESK = Actor("别院窗口", RoleCode.HOSPITAL_DESK, "440704")
FINANCE = Actor("财务", RoleCode.FINANCE_OFFICER, "440704")
TODAY = date(2015, 12, 10)
EXAMPLE = Bill(3_000_000, 2_600_000)
"""The reference's example: 30,000 yuan, of which 26,000 lie in scope."""


def hospital(code: str = "H44070400001", desk: str = DESK.name, **fields: Any) -> Hospital:
    """A second-level hospital under agreement since 2014, and its window."""
    given = {
        "code": code,
        "title": "某中心医院",
        "level": HospitalLevel.SECOND,
        "agreement_no": "协〔2014〕1号",
        "from_on": date(2014, 1, 1),
        "to_on": date(2020, 12, 31),
        "by": "district",
        "division_code": "440704",
        **fields,
    }
    made = Hospital.designate(on("2014-01-01"), **given)
    made.bind_desk(on("2014-01-01"), account=desk, from_on=date(2014, 1, 1), to_on=date(2020, 12, 31), by="district")
    return made


def categories(person_id: UUID, category: MaCategory = MaCategory.DIBAO, **fields: Any) -> MedicalCategory:
    """A person's category by a case, since 2015 unless given."""
    made = MedicalCategory.register(on("2015-01-01"), person_id=person_id, division_code=VILLAGE)
    span = {"from_on": date(2015, 1, 1), "basis": "个案", "case_id": uuid4(), **fields}
    made.open(on("2015-01-01"), category=category, **span)
    return made


def terms(category: MaCategory = MaCategory.DIBAO, **fields: Any) -> Terms:
    """A resident in a second-level hospital's ward."""
    given = {
        "division_code": VILLAGE,
        "on": TODAY,
        "insurance": InsuranceType.RESIDENT,
        "level": HospitalLevel.SECOND,
        "med_type": MedType.INPATIENT,
        "category": category,
        **fields,
    }
    return Terms(**given)


def admitted(at: Hospital, person_id: UUID, number: str = "J1", **fields: Any) -> MedicalVisit:
    """A stay of a resident since 1 December 2015."""
    given = {
        "person_id": person_id,
        "hospital_id": at.id,
        "visit_no": number,
        "med_type": MedType.INPATIENT,
        "insurance": InsuranceType.RESIDENT,
        "ward": None,
        "admitted_on": date(2015, 12, 1),
        "diagnosis": None,
        "by": DESK.name,
        "division_code": VILLAGE,
        **fields,
    }
    return MedicalVisit.admit(on("2015-12-01"), **given)


def discharged(
    at: Hospital, person_id: UUID, number: str = "J1", bill: Bill = EXAMPLE, category: MaCategory = MaCategory.DIBAO
) -> MedicalVisit:
    """The stay with its costs, over since 9 December 2015."""
    visit = admitted(at, person_id, number)
    left = bill.total_fen - bill.in_scope_fen
    visit.upload(on("2015-12-09"), expenses=Expenses(bill.total_fen, bill.in_scope_fen, left), by=DESK.name)
    visit.resolve(
        on("2015-12-01"), on_that_day=category, as_of_on=date(2015, 12, 1), standing=Standing(2015, 0, 0, 0, 0)
    )
    visit.discharge(on("2015-12-09"), discharged_on=date(2015, 12, 9), diagnosis=None, by=DESK.name)
    return visit


def opened(visit: MedicalVisit, number: str = "S1", settled_on: date = TODAY, **fields: Any) -> Settlement:
    """A settlement that nothing was said of yet."""
    given = {
        "visit_id": visit.id,
        "hospital_id": visit.hospital_id,
        "person_id": visit.person_id,
        "settlement_no": number,
        "insurance": visit.insurance,
        "level": HospitalLevel.SECOND,
        "med_type": visit.med_type,
        "settled_on": settled_on,
        "replaces_id": None,
        "division_code": visit.division_code,
        **fields,
    }
    return Settlement.open(on(settled_on.isoformat()), **given)


def result(settlement: Settlement, bill: Bill, used: Used, category: MaCategory = MaCategory.DIBAO) -> Outcome:
    """What the bill comes to."""
    return outcome(PARAMETERS, settlement.terms(category), bill, used)


def shown(visit: MedicalVisit, number: str = "S1", bill: Bill = EXAMPLE, used: Used = Used()) -> Settlement:  # noqa: B008
    """Pre-settled today."""
    made = opened(visit, number)
    made.show(on("2015-12-10"), outcome=result(made, bill, used, visit.category), settled_on=TODAY, by=DESK.name)
    return made


def settled(
    visit: MedicalVisit, number: str = "S1", bill: Bill = EXAMPLE, year: Accumulator | None = None
) -> Settlement:
    """Settled today, and booked in the year that is given."""
    made = shown(visit, number, bill, year.used if year else Used())
    now = result(made, bill, year.used if year else Used(), visit.category)
    made.settle(on("2015-12-10"), outcome=now, printed=Printed.of(now.split), by=DESK.name)
    if year is not None:
        year.book(on("2015-12-10"), source_id=made.id, uses=now.uses)
    return made


def year_of(person_id: UUID, year: int = 2015) -> Accumulator:
    """A year of which nothing is used."""
    return Accumulator.open(on(f"{year}-01-01"), person_id=person_id, year=year, division_code=VILLAGE)


def events_of(*aggregates: Aggregate) -> list[str]:
    """Names of what happened and is not saved yet."""
    return [type(event).__name__ for aggregate in aggregates for event in aggregate.pending_events]
