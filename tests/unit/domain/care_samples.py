"""Facilities, beds and assessed persons as the tests of care need them."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

from domain.access import RoleCode, account_id
from domain.care import Assessment, Assessor, Bed, ServiceOrder
from domain.care.scales import Circumstances, grade, items
from domain.codes import (
    AssessmentReason,
    FacilityKind,
    FacilityState,
    HomeService,
    OperatorMode,
    Payer,
    Scale,
)
from domain.registry import Facility, Person
from domain.rights import Account
from tests.unit.domain.samples import VILLAGE, on, person

TODAY = date(2015, 12, 10)
FULL = tuple(item.most for item in items())
"""All 90 points."""
SEVERE = (*(0,) * 12, *FULL[12:])
"""43 points: nothing of self-care and movement."""


def facility(kind: FacilityKind = FacilityKind.INST, **fields: Any) -> Facility:
    """A facility at work in the village."""
    given = {"name": "外海养老院", "division_code": VILLAGE, "operator": "晨光养老服务中心", **fields}
    mode = OperatorMode.PUBLIC_BUILT_PRIVATE_RUN
    return Facility.register(
        on("2015-01-05"), kind=kind, operator_mode=mode, **{"state": FacilityState.OPERATING, **given}
    )


def bed(of: Facility, bed_no: str = "201-1") -> Bed:
    """A free bed."""
    return Bed.add(
        on("2015-01-05"),
        facility_id=of.id,
        bed_no=bed_no,
        division_code=of.division_code,
        effective_on=date(2015, 1, 5),
    )


def elder(birth_on: date = date(1949, 12, 31), **fields: Any) -> Person:
    """Somebody of 65 years."""
    return person(citizen_id=None, birth_on=birth_on, **fields)


def assessor(account: str, organisation: str = "江门市评估中心") -> tuple[Assessor, Account]:
    """An assessor with the right to act in the whole district."""
    known = Assessor.register(
        on("2015-01-05"),
        account=account,
        organisation=organisation,
        qualification_no="",
        division_code="440704",
        by="district",
    )
    right = Account.open(on("2015-01-05"), account=account, division_code="440704")
    right.grant(
        on("2015-01-05"),
        right_id=account_id(account),
        role=RoleCode.ASSESSOR,
        division_code="440704",
        department="civil_affairs",
        from_on=date(2015, 1, 5),
        to_on=None,
        basis="聘用",
        visitor_until=date(2015, 6, 5),
    )
    return known, right


def requested(of: Person, provider: UUID | None = None) -> Assessment:
    """An assessment somebody asked for."""
    return Assessment.request(
        uuid4(),
        on("2015-12-01"),
        person_id=of.id,
        reason=AssessmentReason.ADMISSION,
        division_code=VILLAGE,
        provider_id=provider,
        assign_by=date(2015, 12, 8),
        by="village",
    )


def assigned(of: Person, assessors: tuple[str, ...] = ("甲", "乙"), **fields: Any) -> Assessment:
    """An assessment that two are to make."""
    made = requested(of, **fields)
    made.assign(
        on("2015-12-02"),
        assessors=assessors,
        least=2,
        organisation="江门市评估中心",
        due_on=date(2015, 12, 16),
        contact=(of.name, of.phone, of.address),
        earlier=None,
        by="street",
    )
    return made


def effective(of: Person, scores: tuple[int, ...] = SEVERE, **fields: Any) -> Assessment:
    """An assessment that holds from 5 December 2015 for a year."""
    made = assigned(of, **fields)
    made.score(
        on("2015-12-03"),
        scale=Scale.GBT_42195,
        scores=scores,
        graded=grade(scores, Circumstances()),
        assessed_on=date(2015, 12, 3),
        by=made.assessors[0],
        review_by=date(2015, 12, 10),
    )
    made.sign(on("2015-12-03"), by=made.assessors[1])
    made.review(on("2015-12-04"), least=2, by="reviewing", tell_by=date(2015, 12, 11))
    made.take_effect(
        on("2015-12-05"),
        earlier=None,
        valid_to=date(2016, 12, 5),
        dispute_by=date(2016, 1, 4),
        renew_by=date(2016, 12, 5),
        by="reviewing",
    )
    return made


def order(of: Person, at: Facility, payer: Payer = Payer.GOVERNMENT, **fields: Any) -> ServiceOrder:
    """Two hours of help for 10 December 2015, at 30 yuan each."""
    given = {"unit_count": 2, "unit_minutes": 60, "price_fen": 3_000, "planned_on": TODAY, **fields}
    return ServiceOrder.draft(
        uuid4(),
        on("2015-12-09"),
        person_id=of.id,
        facility_id=at.id,
        service=HomeService.CLEANING,
        payer=payer,
        division_code=VILLAGE,
        by="village",
        **given,
    )
