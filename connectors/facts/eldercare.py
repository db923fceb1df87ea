"""What the eldercare system says: facilities, stays, assessments, services at home."""

from datetime import date

from connectors.facts.base import Fact
from domain.codes import (
    BedKind,
    Code,
    DischargeReason,
    FacilityKind,
    FacilityState,
    HomeService,
    OperatorMode,
    Scale,
    StayState,
)


class AbilityResult(Code):
    """失能评估结果"""

    ABLE = "able", "自理"
    PARTIAL = "partial", "半失能"
    UNABLE = "unable", "失能"


class FacilityFact(Fact, frozen=True, array_like=True, gc=False, kw_only=True):
    """A facility as it stands now."""

    name: str
    kind: FacilityKind
    division_code: str
    state: FacilityState | None = None
    operator_mode: OperatorMode | None = None
    operator: str | None = None
    address: str | None = None
    bed_capacity: int | None = None
    area_m2: int | None = None
    opened_on: date | None = None


class StayFact(Fact, frozen=True, array_like=True, gc=False, kw_only=True):
    """Somebody's stay as it stands now. `admission_no` is empty where the file has none."""

    admission_no: str
    facility: str
    citizen_id: str
    name: str
    state: StayState
    admitted_on: date
    discharged_on: date | None = None
    reason: DischargeReason = DischargeReason.OTHER
    bed_kind: BedKind = BedKind.INSTITUTION
    bed_no: str | None = None
    room: str | None = None
    purchased: bool = False


class AssessmentFact(Fact, frozen=True, array_like=True, gc=False, kw_only=True):
    """A result that holds; `grade` on its own scale, `assessors` and `reviewer` by name, never stored as such."""

    citizen_id: str
    name: str
    scale: Scale
    grade: int
    assessed_on: date
    division_code: str = ""
    total: int | None = None
    valid_to: date | None = None
    assessors: tuple[str, ...] = ()
    reviewer: str | None = None


class ServiceFact(Fact, frozen=True, array_like=True, gc=False, kw_only=True):
    """A service that was given; money in fen, time in minutes."""

    order_no: str
    citizen_id: str
    name: str
    facility: str
    service: HomeService
    served_on: date
    minutes: int
    units: int
    price_fen: int
    amount_fen: int | None = None
    purchased: bool = False
