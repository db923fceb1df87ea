"""What the population system says: persons, households, moves, deaths."""

from datetime import date

from connectors.facts.base import Fact
from domain.codes import Code, PopulationKind, Relation, Sex


class MoveKind(Code):
    """变动类型"""

    WITHIN = "within", "区内迁移"
    OUT = "out", "迁出"
    BACK = "back", "迁回"


class PersonFact(Fact, frozen=True, array_like=True, gc=False, kw_only=True):
    """A person of the register, and the household the person is registered in (if `household_no` is given)."""

    name: str
    division_code: str
    citizen_id: str | None = None
    provisional_no: str | None = None
    sex: Sex = Sex.UNKNOWN
    birth_on: date | None = None
    population: PopulationKind = PopulationKind.REGISTERED
    household_no: str | None = None
    relation: Relation | None = None
    address: str | None = None
    phone: str | None = None


class HouseholdFact(Fact, frozen=True, array_like=True, gc=False, kw_only=True):
    """A registered household by itself."""

    household_no: str
    division_code: str
    head_id: str | None = None
    address: str | None = None


class MoveFact(Fact, frozen=True, array_like=True, gc=False, kw_only=True):
    """A person moved within the district (`to_division_code`), out of it (`to_place`) or back into it."""

    name: str | None
    citizen_id: str
    move: MoveKind
    to_division_code: str | None = None
    to_place: str | None = None
    reason: str | None = None


class DeathFact(Fact, frozen=True, array_like=True, gc=False, kw_only=True):
    """A person died `died_on`; confirmed where the row names the cremation or says so."""

    name: str | None
    citizen_id: str
    died_on: date
    confirmed: bool
    evidence: str | None = None
