"""Decisions about cases in force."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from domain.access import CASEWORKERS, DISTRICT, OFFICIALS
from domain.assistance.case import Case
from domain.assistance.commands.verification import end_verifications
from domain.assistance.handing_over import hand_over
from domain.assistance.recalculation import recalculate
from domain.assistance.visit import Visit, demand_rechecked
from domain.clock import first_month_from
from domain.codes import CloseReason
from domain.errors import RuleViolated
from domain.kernel import Command, Decided, Decision, Doc, Load, LoadMany, LoadTagged
from domain.registry.household import Household
from domain.registry.person import Person, PersonState
from domain.registry.places import demand_division

CaseId = Annotated[UUID, Doc("个案标识")]
_ON_FINDINGS = frozenset({CloseReason.INCOME_ABOVE, CloseReason.FRAUD, CloseReason.OTHER})
"""Reasons that a visitor's finding may stand behind; who died, moved away or gave up is no such case."""


@dataclass(frozen=True, kw_only=True)
class AdjustCase(Command):
    """调整金额：自指定月份起按现行标准和最新核对结果重新计算。"""

    ROLES: ClassVar = DISTRICT
    case_id: CaseId
    from_month: Annotated[str, Doc("自何月起 YYYY-MM")]
    cause: Annotated[str, Doc("调整原因")]

    def decide(self, by: Decision) -> Decided:
        case: Case = yield Load(Case, self.case_id)
        case.adjust(by.now, parameters=by.parameters, from_month=self.from_month, cause=self.cause)
        return (case,)


@dataclass(frozen=True, kw_only=True)
class SuspendCase(Command):
    """停发：书面写明理由，复核后恢复或结案。"""

    ROLES: ClassVar = DISTRICT
    case_id: CaseId
    reason: Annotated[str, Doc("停发理由")]
    from_on: Annotated[date, Doc("自何日起")]

    def decide(self, by: Decision) -> Decided:
        case: Case = yield Load(Case, self.case_id)
        demand_rechecked((yield LoadTagged(Visit, (f"household:{case.household_id}",))).values())
        case.suspend(by.now, reason=self.reason, from_on=self.from_on)
        return (case,)


@dataclass(frozen=True, kw_only=True)
class ResumeCase(Command):
    """恢复发放。"""

    ROLES: ClassVar = DISTRICT
    case_id: CaseId
    reason: Annotated[str, Doc("恢复理由")]
    from_on: Annotated[date, Doc("自何日起")]

    def decide(self, by: Decision) -> Decided:
        case: Case = yield Load(Case, self.case_id)
        case.resume(by.now, reason=self.reason, from_on=self.from_on)
        return (case,)


@dataclass(frozen=True, kw_only=True)
class CloseCase(Command):
    """结案（清退）：写明原因和最后发放月份。"""

    ROLES: ClassVar = DISTRICT
    case_id: CaseId
    reason: Annotated[CloseReason, Doc("结案原因")]
    end_month: Annotated[str, Doc("最后发放月份 YYYY-MM")]

    def decide(self, by: Decision) -> Decided:
        case: Case = yield Load(Case, self.case_id)
        if self.reason in _ON_FINDINGS:
            demand_rechecked((yield LoadTagged(Visit, (f"household:{case.household_id}",))).values())
        case.close(by.now, reason=self.reason, end_month=self.end_month)
        return (case, *(yield from end_verifications(case, by)))


@dataclass(frozen=True, kw_only=True)
class TransferCase(Command):
    """移交：个案随家庭转到另一街道或村（社区），不重新申请；由它引起的转介和追回一并移交。"""

    ROLES: ClassVar = OFFICIALS
    case_id: CaseId
    to_division_code: Annotated[str, Doc("接收地区划代码")]
    moved_on: Annotated[date, Doc("移交日期")]

    def decide(self, by: Decision) -> Decided:
        case: Case = yield Load(Case, self.case_id)
        demand_division(self.to_division_code, "to_division_code")
        return (yield from hand_over(case, self.to_division_code, self.moved_on, by))


@dataclass(frozen=True, kw_only=True)
class ChangeCaseMembers(Command):
    """变更保障对象：增员或减员；增额随即按规则重算，减额和退出另由人工决定。"""

    ROLES: ClassVar = OFFICIALS
    case_id: CaseId
    member_ids: Annotated[tuple[UUID, ...], Doc("变更后的全部保障对象标识")]
    reason: Annotated[str, Doc("变更原因")]
    from_on: Annotated[date, Doc("自何日起")]

    def decide(self, by: Decision) -> Decided:
        case: Case = yield Load(Case, self.case_id)
        household: Household = yield Load(Household, case.household_id)
        joining = tuple(member for member in self.member_ids if member not in case.member_ids)
        if not set(joining) <= set(household.members):
            raise RuleViolated("新增的保障对象应是该家庭成员，请先登记家庭成员。")
        persons: dict[UUID, Person] = yield LoadMany(Person, joining)
        if any(p.state not in (PersonState.PROVISIONAL, PersonState.VERIFIED) for p in persons.values()):
            raise RuleViolated("新增的保障对象中有人已死亡、迁出或已合并，请核对人员登记。")
        case.change_members(by.now, member_ids=self.member_ids, reason=self.reason, from_on=self.from_on)
        recalculate(case, by.parameters, first_month_from(self.from_on), by.now, cause="保障对象变更")
        return (case,)


@dataclass(frozen=True, kw_only=True)
class ChangeCaseAccount(Command):
    """变更发放账户。"""

    ROLES: ClassVar = CASEWORKERS
    case_id: CaseId
    account: Annotated[str, Doc("银行账号")]
    bank: Annotated[str, Doc("开户银行")]

    def decide(self, by: Decision) -> Decided:
        case: Case = yield Load(Case, self.case_id)
        case.change_account(by.now, account=self.account, bank=self.bank)
        return (case,)


@dataclass(frozen=True, kw_only=True)
class CorrectCaseAmount(Command):
    """更正核定金额的差错：指明所更正的那一条记录，原记录保留可查。"""

    ROLES: ClassVar = DISTRICT
    case_id: CaseId
    corrects_version: Annotated[int, Doc("所更正记录的版本")]
    new_fen: Annotated[int, Doc("更正后的金额（分）")]
    reason: Annotated[str, Doc("更正原因")]

    def decide(self, by: Decision) -> Decided:
        case: Case = yield Load(Case, self.case_id)
        case.correct_amount(by.now, corrects_version=self.corrects_version, new_fen=self.new_fen, reason=self.reason)
        return (case,)
