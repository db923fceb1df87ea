"""Decisions about households."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from domain.access import CASEWORKERS
from domain.codes import HouseholdKind, Relation
from domain.errors import RuleViolated
from domain.kernel import Command, Decided, Decision, Doc, Load
from domain.registry.household import Household
from domain.registry.person import Person, PersonState
from domain.registry.places import demand_division

HouseholdId = Annotated[UUID, Doc("家庭标识")]
PersonId = Annotated[UUID, Doc("人员标识")]


def _demand_present(person: Person) -> None:
    if person.state not in (PersonState.PROVISIONAL, PersonState.VERIFIED):
        raise RuleViolated(f"此人现为“{person.state.label}”，不能登记为家庭成员。")


@dataclass(frozen=True, kw_only=True)
class FormHousehold(Command):
    """立户：登记一个家庭及其户主。户籍家庭、居住家庭、共同生活家庭分别登记，不混用。"""

    ROLES: ClassVar = CASEWORKERS
    kind: Annotated[HouseholdKind, Doc("家庭类别")]
    head_id: Annotated[UUID, Doc("户主人员标识")]
    division_code: Annotated[str, Doc("区划代码")]
    household_no: Annotated[str, Doc("户号，可空")] = ""
    address: Annotated[str | None, Doc("地址")] = None
    from_on: Annotated[date | None, Doc("立户日期，默认为今天")] = None

    def decide(self, by: Decision) -> Decided:
        head: Person = yield Load(Person, self.head_id)
        _demand_present(head)
        from_on = self.from_on or by.today
        household = Household.form(
            by.new_id,
            by.now,
            kind=self.kind,
            household_no=self.household_no,
            division_code=demand_division(self.division_code),
            address=self.address,
            from_on=from_on,
        )
        household.join(by.now, person_id=self.head_id, relation=Relation.HEAD, effective_on=from_on)
        return (household,)


@dataclass(frozen=True, kw_only=True)
class JoinHousehold(Command):
    """登记家庭成员：出生、婚嫁、迁入等。"""

    ROLES: ClassVar = CASEWORKERS
    household_id: HouseholdId
    person_id: PersonId
    relation: Annotated[Relation, Doc("与户主关系")]
    effective_on: Annotated[date, Doc("加入日期")]

    def decide(self, by: Decision) -> Decided:
        household: Household = yield Load(Household, self.household_id)
        person: Person = yield Load(Person, self.person_id)
        _demand_present(person)
        household.join(by.now, person_id=person.id, relation=self.relation, effective_on=self.effective_on)
        return (household,)


@dataclass(frozen=True, kw_only=True)
class LeaveHousehold(Command):
    """登记成员退出家庭：分户、迁出、死亡等。"""

    ROLES: ClassVar = CASEWORKERS
    household_id: HouseholdId
    person_id: PersonId
    reason: Annotated[str, Doc("退出原因")]
    effective_on: Annotated[date, Doc("退出日期")]

    def decide(self, by: Decision) -> Decided:
        household: Household = yield Load(Household, self.household_id)
        household.leave(by.now, person_id=self.person_id, reason=self.reason, effective_on=self.effective_on)
        return (household,)


@dataclass(frozen=True, kw_only=True)
class ChangeHouseholdHead(Command):
    """变更户主：由现有成员接任，其他成员与新户主的关系随后登记。"""

    ROLES: ClassVar = CASEWORKERS
    household_id: HouseholdId
    person_id: Annotated[UUID, Doc("新户主人员标识")]
    effective_on: Annotated[date, Doc("变更日期")]

    def decide(self, by: Decision) -> Decided:
        household: Household = yield Load(Household, self.household_id)
        household.change_head(by.now, person_id=self.person_id, effective_on=self.effective_on)
        return (household,)


@dataclass(frozen=True, kw_only=True)
class RelocateHousehold(Command):
    """变更家庭地址或所属村（社区）。"""

    ROLES: ClassVar = CASEWORKERS
    household_id: HouseholdId
    division_code: Annotated[str, Doc("新的区划代码")]
    moved_on: Annotated[date, Doc("变更日期")]
    address: Annotated[str | None, Doc("新的地址；不填表示未知")] = None

    def decide(self, by: Decision) -> Decided:
        household: Household = yield Load(Household, self.household_id)
        demand_division(self.division_code)
        household.relocate(by.now, division_code=self.division_code, address=self.address, moved_on=self.moved_on)
        return (household,)


@dataclass(frozen=True, kw_only=True)
class DissolveHousehold(Command):
    """注销家庭。"""

    ROLES: ClassVar = CASEWORKERS
    household_id: HouseholdId
    from_on: Annotated[date, Doc("注销日期")]

    def decide(self, by: Decision) -> Decided:
        household: Household = yield Load(Household, self.household_id)
        household.dissolve(by.now, from_on=self.from_on)
        return (household,)
