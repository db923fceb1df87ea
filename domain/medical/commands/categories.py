"""Decisions about categories of medical assistance by hand, where no case gives them."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from domain.access import DISTRICT, OFFICIALS
from domain.codes import MaCategory
from domain.errors import NotFound
from domain.kernel import Command, Decided, Decision, Doc, Load
from domain.medical.category import MedicalCategory
from domain.medical.commands.desks import category_of
from domain.registry.person import Person

PersonId = Annotated[UUID, Doc("人员标识")]


@dataclass(frozen=True, kw_only=True)
class OpenMedicalCategory(Command):
    """登记医疗救助身份：个案确认后由系统自动登记；系统未能登记，或依其他文件认定的，由区民政人工登记。"""

    ROLES: ClassVar = DISTRICT
    person_id: PersonId
    category: Annotated[MaCategory, Doc("医疗救助对象类别")]
    from_on: Annotated[date, Doc("自何日起")]
    basis: Annotated[str, Doc("依据（文件及文号）")]
    to_on: Annotated[date | None, Doc("至何日止；不填为长期")] = None

    def decide(self, by: Decision) -> Decided:
        person: Person = yield Load(Person, self.person_id)
        categories = yield from category_of(person.id)
        if categories is None:
            categories = MedicalCategory.register(by.now, person_id=person.id, division_code=person.division_code)
        categories.open(by.now, category=self.category, from_on=self.from_on, to_on=self.to_on, basis=self.basis)
        return (categories,)


@dataclass(frozen=True, kw_only=True)
class EndMedicalCategory(Command):
    """终止人工登记的医疗救助身份；由个案取得的随个案终止。在院患者的本次住院不受影响。"""

    ROLES: ClassVar = DISTRICT
    person_id: PersonId
    last_on: Annotated[date, Doc("最后一日")]
    reason: Annotated[str, Doc("原因，不写个人信息")]

    def decide(self, by: Decision) -> Decided:
        categories = yield from category_of(self.person_id)
        if categories is None:
            raise NotFound("该人员没有医疗救助身份。")
        categories.end(by.now, case_id=None, last_on=self.last_on, reason=self.reason)
        return (categories,)


@dataclass(frozen=True, kw_only=True)
class HoldMedicalCategory(Command):
    """暂停使用医疗救助身份：核实期间不办理新的预结算，已在院的照常。"""

    ROLES: ClassVar = OFFICIALS
    person_id: PersonId
    reason: Annotated[str, Doc("原因，不写个人信息")]

    def decide(self, by: Decision) -> Decided:
        categories = yield from category_of(self.person_id)
        if categories is None:
            raise NotFound("该人员没有医疗救助身份。")
        categories.hold(by.now, reason=self.reason)
        return (categories,)


@dataclass(frozen=True, kw_only=True)
class ReleaseMedicalCategory(Command):
    """恢复使用医疗救助身份。"""

    ROLES: ClassVar = OFFICIALS
    person_id: PersonId
    reason: Annotated[str, Doc("核实结果，不写个人信息")]

    def decide(self, by: Decision) -> Decided:
        categories = yield from category_of(self.person_id)
        if categories is None:
            raise NotFound("该人员没有医疗救助身份。")
        categories.release(by.now, reason=self.reason)
        return (categories,)
