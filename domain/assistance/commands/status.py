"""Decisions that end a procedure without money: recognition of a household's status, and termination by the street."""

from dataclasses import dataclass
from typing import Annotated, ClassVar
from uuid import UUID

from domain.access import DISTRICT, OFFICIALS
from domain.assistance.case import Case
from domain.assistance.case_facts import IN_FORCE
from domain.assistance.commands.applications import demand_living
from domain.assistance.contradictions import EXCLUSIVE
from domain.codes import CloseReason
from domain.errors import RuleViolated
from domain.kernel import Command, Decided, Decision, Doc, Load, LoadMany, LoadTagged
from domain.registry.person import Person

CaseId = Annotated[UUID, Doc("个案标识")]


@dataclass(frozen=True, kw_only=True)
class TerminateCase(Command):
    """终止办理：申请人拒不配合核查或逾期不补正，街道书面说明理由后终止；可依复议决定或判决重新办理。"""

    ROLES: ClassVar = OFFICIALS
    case_id: CaseId
    reason: Annotated[str, Doc("不予配合的情形和终止理由，不写个人信息")]
    letter_no: Annotated[str, Doc("终止办理通知书文号")]

    def decide(self, by: Decision) -> Decided:
        case: Case = yield Load(Case, self.case_id)
        case.terminate(by.now, reason=self.reason, letter_no=self.letter_no, by=by.actor.name)
        return (case,)


@dataclass(frozen=True, kw_only=True)
class RecogniseCase(Command):
    """认定低保边缘家庭或刚性支出困难家庭：公示期满后作出，有效期由参数确定；复核后再次办理即为延续。"""

    ROLES: ClassVar = DISTRICT
    case_id: CaseId

    def decide(self, by: Decision) -> Decided:
        case: Case = yield Load(Case, self.case_id)
        persons: dict[UUID, Person] = yield LoadMany(Person, case.member_ids)
        demand_living(persons)
        others: dict[UUID, Case] = yield LoadTagged(Case, tuple(f"person:{member}" for member in case.member_ids))
        for other in others.values():
            shared = set(case.member_ids) & set(other.member_ids)
            if other.scheme in EXCLUSIVE and other.state in IN_FORCE and shared:
                raise RuleViolated(
                    f"家庭成员中有人已在个案 {other.case_no} 享受{other.scheme.label}，不需另行认定；"
                    "其余成员可变更后办理。"
                )
        case.recognise(
            by.now,
            parameters=by.parameters,
            by=by.actor.name,
            announce_by=by.due("limits.announcement", case.division_code),
        )
        return (case,)


@dataclass(frozen=True, kw_only=True)
class EndStatus(Command):
    """终止认定：复核后不再符合条件，或家庭自愿退出；自次日起不再是认定的困难家庭。"""

    ROLES: ClassVar = DISTRICT
    case_id: CaseId
    reason: Annotated[CloseReason, Doc("终止原因")]

    def decide(self, by: Decision) -> Decided:
        case: Case = yield Load(Case, self.case_id)
        case.end_status(by.now, reason=self.reason, by=by.actor.name)
        return (case,)
