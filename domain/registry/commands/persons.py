"""Decisions about persons."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from domain.access import CASEWORKERS, OFFICIALS, RoleCode
from domain.codes import PopulationKind, Sex
from domain.errors import BadInput, RuleViolated
from domain.identity import parse_citizen_id
from domain.kernel import Command, Decided, Decision, Doc, FindPerson, Load
from domain.registry.person import Person
from domain.registry.places import demand_division

PersonId = Annotated[UUID, Doc("人员标识")]

GRID_AND_CASEWORKERS = CASEWORKERS | {RoleCode.GRID_WORKER}


@dataclass(frozen=True, kw_only=True)
class RegisterPerson(Command):
    """登记人员：有公民身份号码的按号码核实，没有的登记为待核实。"""

    ROLES: ClassVar = CASEWORKERS
    name: Annotated[str, Doc("姓名")]
    division_code: Annotated[str, Doc("居住地区划代码")]
    citizen_id: Annotated[str | None, Doc("公民身份号码，15 位旧号码自动升为 18 位")] = None
    sex: Annotated[Sex | None, Doc("性别；有号码时由号码得出")] = None
    birth_on: Annotated[date | None, Doc("出生日期；有号码时由号码得出")] = None
    kind: Annotated[PopulationKind, Doc("人口类型")] = PopulationKind.REGISTERED
    phone: Annotated[str | None, Doc("联系电话")] = None
    address: Annotated[str | None, Doc("住址")] = None

    def decide(self, by: Decision) -> Decided:
        if not self.name.strip():
            raise BadInput("姓名不能为空。", "name")
        number, sex, birth_on = None, self.sex or Sex.UNKNOWN, self.birth_on
        if self.citizen_id is not None:
            known = parse_citizen_id(self.citizen_id)
            number, sex, birth_on = known.number18, known.sex, known.birth_on
            if self.birth_on not in (None, birth_on) or self.sex not in (None, Sex.UNKNOWN, Sex.UNSTATED, sex):
                raise RuleViolated("填写的性别或出生日期与公民身份号码不符，请核对证件。")
            if (yield FindPerson(number)) is not None:
                raise RuleViolated("该公民身份号码已登记，请查找原有人员记录，不要重复登记。")
        if birth_on is not None and birth_on > by.today:
            raise RuleViolated("出生日期不能晚于今天，请核对。")
        person = Person.register(
            by.new_id,
            by.now,
            name=self.name.strip(),
            division_code=demand_division(self.division_code),
            citizen_id=number,
            sex=sex,
            birth_on=birth_on,
            kind=self.kind,
            phone=self.phone,
            address=self.address,
        )
        return (person,)


@dataclass(frozen=True, kw_only=True)
class VerifyPerson(Command):
    """核实待核实人员的身份：补登公民身份号码。"""

    ROLES: ClassVar = OFFICIALS
    person_id: PersonId
    citizen_id: Annotated[str, Doc("公民身份号码")]
    match_source: Annotated[str, Doc("核实依据，如“公安户籍”")]

    def decide(self, by: Decision) -> Decided:
        person: Person = yield Load(Person, self.person_id)
        number = parse_citizen_id(self.citizen_id)
        other = yield FindPerson(number.number18)
        if other is not None and other != person.id:
            raise RuleViolated("该公民身份号码已属于另一条人员记录；如为同一人，请办理合并。")
        person.verify(by.now, citizen_id=number, match_source=self.match_source)
        return (person,)


@dataclass(frozen=True, kw_only=True)
class CorrectPersonDetails(Command):
    """更正人员的姓名、电话或住址；未填写的项不变。"""

    ROLES: ClassVar = CASEWORKERS
    person_id: PersonId
    name: Annotated[str | None, Doc("更正后的姓名")] = None
    phone: Annotated[str | None, Doc("更正后的电话；空文本表示删除")] = None
    address: Annotated[str | None, Doc("更正后的住址；空文本表示删除")] = None
    corrects_version: Annotated[int | None, Doc("所更正的记录版本；不是更正错误而是情况变化时不填")] = None

    def decide(self, by: Decision) -> Decided:
        person: Person = yield Load(Person, self.person_id)
        if self.name is not None and not self.name.strip():
            raise BadInput("姓名不能为空。", "name")
        person.correct_details(
            by.now, name=self.name, phone=self.phone, address=self.address, corrects_version=self.corrects_version
        )
        return (person,)


@dataclass(frozen=True, kw_only=True)
class ChangePersonAccount(Command):
    """变更个人发放账户（一卡通）：个人待遇发到此账户。"""

    ROLES: ClassVar = OFFICIALS
    person_id: PersonId
    account: Annotated[str, Doc("银行账号，加密保存")]
    bank: Annotated[str, Doc("开户行")]
    account_name: Annotated[str | None, Doc("户名；是本人账户的不填，加密保存")] = None

    def decide(self, by: Decision) -> Decided:
        person: Person = yield Load(Person, self.person_id)
        person.change_account(by.now, account=self.account, account_name=self.account_name, bank=self.bank.strip())
        return (person,)


@dataclass(frozen=True, kw_only=True)
class ReportDeath(Command):
    """上报死亡线索：待街道或区确认，确认前不停发。"""

    ROLES: ClassVar = GRID_AND_CASEWORKERS
    person_id: PersonId
    died_on: Annotated[date, Doc("死亡日期")]
    evidence: Annotated[str, Doc("线索来源，如“入户走访”")]

    def decide(self, by: Decision) -> Decided:
        person: Person = yield Load(Person, self.person_id)
        if person.died_on is not None:
            raise RuleViolated("此人已有死亡登记或上报，无需重复上报。")
        if self.died_on > by.today:
            raise RuleViolated("死亡日期不能晚于今天，请核对。")
        person.report_death(by.now, died_on=self.died_on, evidence=self.evidence)
        return (person,)


@dataclass(frozen=True, kw_only=True)
class ConfirmDeath(Command):
    """确认死亡：此后次月起停发与其有关的救助。"""

    ROLES: ClassVar = OFFICIALS
    person_id: PersonId
    died_on: Annotated[date, Doc("死亡日期")]
    confirmed_by: Annotated[str, Doc("确认依据或机关，如“死亡医学证明”")]

    def decide(self, by: Decision) -> Decided:
        person: Person = yield Load(Person, self.person_id)
        person.confirm_death(by.now, died_on=self.died_on, confirmed_by=self.confirmed_by)
        return (person,)


@dataclass(frozen=True, kw_only=True)
class ReverseDeath(Command):
    """撤销死亡登记：此人在世，恢复原来的状态。"""

    ROLES: ClassVar = OFFICIALS
    person_id: PersonId
    reason: Annotated[str, Doc("撤销原因及依据")]

    def decide(self, by: Decision) -> Decided:
        person: Person = yield Load(Person, self.person_id)
        person.reverse_death(by.now, reason=self.reason)
        return (person,)


@dataclass(frozen=True, kw_only=True)
class MovePerson(Command):
    """办理区内迁移：变更居住地村（社区）。"""

    ROLES: ClassVar = CASEWORKERS
    person_id: PersonId
    to_division_code: Annotated[str, Doc("迁入地区划代码")]
    moved_on: Annotated[date, Doc("迁移日期")]

    def decide(self, by: Decision) -> Decided:
        person: Person = yield Load(Person, self.person_id)
        demand_division(self.to_division_code, "to_division_code")
        person.move(by.now, to_division_code=self.to_division_code, moved_on=self.moved_on)
        return (person,)


@dataclass(frozen=True, kw_only=True)
class MovePersonOut(Command):
    """办理迁出本区。"""

    ROLES: ClassVar = CASEWORKERS
    person_id: PersonId
    to_place: Annotated[str, Doc("迁往地")]
    moved_on: Annotated[date, Doc("迁出日期")]

    def decide(self, by: Decision) -> Decided:
        person: Person = yield Load(Person, self.person_id)
        person.move_out(by.now, to_place=self.to_place, moved_on=self.moved_on)
        return (person,)


@dataclass(frozen=True, kw_only=True)
class ReversePersonMove(Command):
    """撤销迁出：登记有误，或此人已迁回本区。"""

    ROLES: ClassVar = CASEWORKERS
    person_id: PersonId
    from_on: Annotated[date, Doc("自何日起重新在本区")]

    def decide(self, by: Decision) -> Decided:
        person: Person = yield Load(Person, self.person_id)
        person.reverse_move(by.now, from_on=self.from_on)
        return (person,)


@dataclass(frozen=True, kw_only=True)
class MergePersons(Command):
    """合并重复的人员记录：两条记录为同一人，以后者为准；原记录及其历史保留。"""

    ROLES: ClassVar = OFFICIALS
    from_id: Annotated[UUID, Doc("被合并的人员标识")]
    into_id: Annotated[UUID, Doc("保留的人员标识")]

    def decide(self, by: Decision) -> Decided:
        person: Person = yield Load(Person, self.from_id)
        into: Person = yield Load(Person, self.into_id)
        person.merge(by.now, into=into)
        return (person,)


@dataclass(frozen=True, kw_only=True)
class UnmergePerson(Command):
    """拆分误合并的人员记录：恢复为独立的人员和原来的状态。"""

    ROLES: ClassVar = OFFICIALS
    person_id: PersonId

    def decide(self, by: Decision) -> Decided:
        person: Person = yield Load(Person, self.person_id)
        person.unmerge(by.now)
        return (person,)
