"""What commands at a hospital's window have in common: whose window it is, and what a person's year has used."""

from collections.abc import Generator
from datetime import date, datetime
from typing import Any
from uuid import UUID

from domain.access import DISTRICT, RoleCode
from domain.errors import NotFound
from domain.kernel import Decision, Load, LoadMany, Wish
from domain.medical.accumulator import Accumulator
from domain.medical.category import MedicalCategory
from domain.medical.hospital import Hospital
from domain.medical.split import Terms, Used, limits
from domain.medical.visit import MedicalVisit, Standing
from domain.parameters import Parameters

DESKS = frozenset({RoleCode.HOSPITAL_DESK}) | DISTRICT
"""A hospital's own window; the district's clerks for a hospital that can't reach the platform."""


def own_hospital(hospital_id: UUID, by: Decision) -> Generator[Wish, Any, Hospital]:
    """The hospital, if the caller may act for it; another hospital's desk doesn't find it. Raises NotFound."""
    hospital: Hospital = yield Load(Hospital, hospital_id)
    if by.actor.role is RoleCode.HOSPITAL_DESK and not hospital.has_desk(by.actor.name, by.today):
        raise NotFound("没有找到此记录，或不属于您所在的医院。")
    return hospital


def own_visit(visit_id: UUID, by: Decision) -> Generator[Wish, Any, tuple[MedicalVisit, Hospital]]:
    """The visit and its hospital, if the caller may act for that. Raises NotFound."""
    visit: MedicalVisit = yield Load(MedicalVisit, visit_id)
    hospital = yield from own_hospital(visit.hospital_id, by)
    return visit, hospital


def category_of(person_id: UUID) -> Generator[Wish, Any, MedicalCategory | None]:
    """The person's categories; None where the person never had one."""
    id = MedicalCategory.id_for(person_id)
    found: dict[UUID, MedicalCategory] = yield LoadMany(MedicalCategory, (id,))
    return found.get(id)


def year_of(
    person_id: UUID, year: int, division_code: str, at: datetime
) -> Generator[Wish, Any, tuple[Accumulator, bool]]:
    """What the person's year has used, and whether it was there before."""
    id = Accumulator.id_for(person_id, year)
    found: dict[UUID, Accumulator] = yield LoadMany(Accumulator, (id,))
    if id in found:
        return found[id], True
    return Accumulator.open(at, person_id=person_id, year=year, division_code=division_code), False


def used_in(person_id: UUID, year: int) -> Generator[Wish, Any, Used]:
    """What the person's year has used by now."""
    id = Accumulator.id_for(person_id, year)
    found: dict[UUID, Accumulator] = yield LoadMany(Accumulator, (id,))
    return found[id].used if id in found else Used()


def standing(parameters: Parameters, terms: Terms, used: Used, on: date) -> Standing:
    """What a category gives in the year of a day and what of it is used; raises ParameterNotInForce."""
    deductible, cap = limits(parameters, terms)
    return Standing(on.year, deductible, used.deductible_fen, cap, used.assistance_fen)
