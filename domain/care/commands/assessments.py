"""Decisions about ability assessments: request, assign, score, sign, review, tell, dispute; and about assessors."""

from collections.abc import Generator
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar
from uuid import UUID

from domain.access import CASEWORKERS, DISTRICT, OFFICIALS, Actor, RoleCode, account_id
from domain.care.assessment import UNDER_WAY, Assessment, in_force
from domain.care.assessor import Assessor, assessor_id
from domain.care.scales import Circumstances, Graded, demand_axes, demand_scores, grade, items
from domain.clock import months_after
from domain.codes import AssessmentEnd, AssessmentReason, AssessmentState, ConflictKind, Scale
from domain.errors import BadInput, NotFound, RuleViolated
from domain.kernel import Command, Decided, Decision, Doc, Load, LoadMany, LoadTagged
from domain.registry.facility import Facility
from domain.registry.person import Person
from domain.registry.places import demand_division
from domain.rights import Account
from domain.workdays import days_after

AssessmentId = Annotated[UUID, Doc("评估标识")]
AccountName = Annotated[str, Doc("评估人员账号")]
ASSESSORS = frozenset({RoleCode.ASSESSOR})
_WITHDRAWN = (AssessmentEnd.WITHDRAWN, AssessmentEnd.DEATH, AssessmentEnd.MOVED_OUT)


@dataclass(frozen=True, kw_only=True)
class RequestAssessment(Command):
    """申请老年人能力评估。"""

    ROLES: ClassVar = CASEWORKERS
    person_id: Annotated[UUID, Doc("人员标识")]
    reason: Annotated[AssessmentReason, Doc("评估事由")]
    provider_id: Annotated[UUID | None, Doc("拟提供服务的设施，评估人员须与其无利害关系")] = None

    def decide(self, by: Decision) -> Decided:
        if self.reason is AssessmentReason.DISPUTE:
            raise BadInput("对结果有异议的，请在原评估上登记异议。", "reason")
        person: Person = yield Load(Person, self.person_id)
        if person.died_on is not None:
            raise RuleViolated("此人已登记死亡或死亡线索待核实，不能申请评估。")
        if self.provider_id is not None:
            found: dict[UUID, Facility] = yield LoadMany(Facility, (self.provider_id,))
            if not found:
                raise BadInput("没有此设施，请核对。", "provider_id")
        known: dict[UUID, Assessment] = yield LoadTagged(Assessment, (f"person:{person.id}",))
        if any(other.state in UNDER_WAY or other.state is AssessmentState.DISPUTED for other in known.values()):
            raise RuleViolated("此人已有评估在办理，不重复申请。")
        assessment = Assessment.request(
            by.new_id,
            by.now,
            person_id=person.id,
            reason=self.reason,
            division_code=person.division_code,
            provider_id=self.provider_id,
            assign_by=by.due("care.assessment_assign", person.division_code),
            by=by.actor.name,
        )
        return (assessment,)


@dataclass(frozen=True, kw_only=True)
class AssignAssessment(Command):
    """分派评估：由至少两名与服务机构无利害关系的评估人员共同进行；提交前可以改派。"""

    ROLES: ClassVar = OFFICIALS
    assessment_id: AssessmentId
    assessors: Annotated[tuple[str, ...], Doc("评估人员账号，至少两名")]

    def decide(self, by: Decision) -> Decided:
        assessment: Assessment = yield Load(Assessment, self.assessment_id)
        division = assessment.division_code
        due_on = by.due("care.assessment_score", division)
        organisation = yield from self._independent(assessment, due_on)
        people: dict[UUID, Person] = yield LoadMany(Person, (assessment.person_id,))
        known: dict[UUID, Assessment] = yield LoadTagged(Assessment, (f"person:{assessment.person_id}",))
        person = people[assessment.person_id]
        assessment.assign(
            by.now,
            assessors=self.assessors,
            least=by.parameters.value("care.assessors_min", division, by.today),
            organisation=organisation,
            due_on=due_on,
            contact=(person.name, person.phone, person.address),
            earlier=in_force(known.values(), by.today),
            by=by.actor.name,
        )
        return (assessment,)

    def _independent(self, assessment: Assessment, due_on: date) -> Generator[Any, Any, str]:
        """Raise where one of them may not assess; gives the organisations they work for."""
        ids = {assessor_id(account): account for account in self.assessors}
        found: dict[UUID, Assessor] = yield LoadMany(Assessor, tuple(ids))
        if missing := [account for id, account in ids.items() if id not in found]:
            raise RuleViolated(f"账号 {'、'.join(missing)[:60]} 没有登记为评估人员，请先登记。")
        accounts: dict[UUID, Account] = yield LoadMany(Account, tuple(map(account_id, self.assessors)))
        for account in self.assessors:
            acts = Actor(account, RoleCode.ASSESSOR, assessment.division_code)
            if not any(each.account == account and each.may(acts, due_on) for each in accounts.values()):
                raise RuleViolated(f"账号 {account} 在 {due_on} 没有覆盖此人所在区划的评估权限；请先授予。")
        wanted = () if assessment.provider_id is None else (assessment.provider_id,)
        providers: dict[UUID, Facility] = yield LoadMany(Facility, wanted)
        names = [name for provider in providers.values() for name in (provider.name, provider.operator)]
        for assessor in found.values():
            assessor.demand_independent(assessment.provider_id, names)
        if assessment.disputes is not None:
            first: dict[UUID, Assessment] = yield LoadMany(Assessment, (assessment.disputes,))
            if any(set(each.assessors) & set(self.assessors) for each in first.values()):
                raise RuleViolated("重新评估须由原评估人员以外的人员进行。")
        return "、".join(dict.fromkeys(each.organisation for each in found.values()))


@dataclass(frozen=True, kw_only=True)
class SubmitAssessment(Command):
    """提交评估结果（GB/T 42195-2022）：由被分派的评估人员之一提交，等级由系统得出，其他评估人员会签。"""

    ROLES: ClassVar = ASSESSORS
    assessment_id: AssessmentId
    scores: Annotated[tuple[int, ...], Doc("26 项分值，按标准附录的顺序")]
    assessed_on: Annotated[date, Doc("评估日期")]
    coma: Annotated[bool, Doc("是否处于昏迷状态")] = False
    dementia: Annotated[bool, Doc("是否确诊痴呆（F00–F03）或其他精神和行为障碍（F04–F99）")] = False
    risk_events: Annotated[int, Doc("近 30 天照护风险事件次数（跌倒、噎食、走失、自伤等）")] = 0

    def decide(self, by: Decision) -> Decided:
        assessment: Assessment = yield Load(Assessment, self.assessment_id)
        if len(self.scores) != len(items()):
            raise BadInput(f"应填写 {len(items())} 项分值，填写了 {len(self.scores)} 项。", "scores")
        points = demand_scores({item.code: own for item, own in zip(items(), self.scores, strict=True)})
        graded = grade(points, Circumstances(self.coma, self.dementia, self.risk_events))
        assessment.score(
            by.now,
            scale=Scale.GBT_42195,
            scores=points,
            graded=graded,
            assessed_on=self.assessed_on,
            by=by.actor.name,
            review_by=by.due("care.assessment_review", assessment.division_code),
        )
        return (assessment,)


@dataclass(frozen=True, kw_only=True)
class SubmitOlderAssessment(Command):
    """提交按 MZ/T 039-2013 进行的评估结果：登记四项分级和评定等级，不与其他标准换算。"""

    ROLES: ClassVar = ASSESSORS
    assessment_id: AssessmentId
    axes: Annotated[tuple[int, ...], Doc("日常生活活动、精神状态、感知觉与沟通、社会参与四项分级，各 0 至 3")]
    grade: Annotated[int, Doc("评定等级，0 至 3")]
    assessed_on: Annotated[date, Doc("评估日期")]

    def decide(self, by: Decision) -> Decided:
        assessment: Assessment = yield Load(Assessment, self.assessment_id)
        demand_axes(self.axes, self.grade)
        assessment.score(
            by.now,
            scale=Scale.MZT_039,
            scores=self.axes,
            graded=Graded(sum(self.axes), self.grade, self.grade, (), ()),
            assessed_on=self.assessed_on,
            by=by.actor.name,
            review_by=by.due("care.assessment_review", assessment.division_code),
        )
        return (assessment,)


@dataclass(frozen=True, kw_only=True)
class SignAssessment(Command):
    """会签评估结果：由共同评估的其他人员本人确认。"""

    ROLES: ClassVar = ASSESSORS
    assessment_id: AssessmentId

    def decide(self, by: Decision) -> Decided:
        assessment: Assessment = yield Load(Assessment, self.assessment_id)
        assessment.sign(by.now, by=by.actor.name)
        return (assessment,)


@dataclass(frozen=True, kw_only=True)
class SendAssessmentBack(Command):
    """退回评估：审核发现问题的，退回原评估人员重新评估。"""

    ROLES: ClassVar = OFFICIALS
    assessment_id: AssessmentId
    reason: Annotated[str, Doc("退回原因，不写个人信息")]

    def decide(self, by: Decision) -> Decided:
        assessment: Assessment = yield Load(Assessment, self.assessment_id)
        due_on = by.due("care.assessment_score", assessment.division_code)
        assessment.send_back(by.now, reason=self.reason, by=by.actor.name, due_on=due_on)
        return (assessment,)


@dataclass(frozen=True, kw_only=True)
class ReviewAssessment(Command):
    """审核评估结果：由未参加评估的工作人员审核。"""

    ROLES: ClassVar = OFFICIALS
    assessment_id: AssessmentId

    def decide(self, by: Decision) -> Decided:
        assessment: Assessment = yield Load(Assessment, self.assessment_id)
        assessment.review(
            by.now,
            least=by.parameters.value("care.assessors_min", assessment.division_code, by.today),
            by=by.actor.name,
            tell_by=by.due("care.assessment_tell", assessment.division_code),
        )
        return (assessment,)


@dataclass(frozen=True, kw_only=True)
class TellAssessment(Command):
    """告知评估结果：已告知本人或家属，结果自今日起生效；此前有效的结果同时失效。"""

    ROLES: ClassVar = OFFICIALS
    assessment_id: AssessmentId

    def decide(self, by: Decision) -> Decided:
        assessment: Assessment = yield Load(Assessment, self.assessment_id)
        known: dict[UUID, Assessment] = yield LoadTagged(Assessment, (f"person:{assessment.person_id}",))
        others = [other for other in known.values() if other.id != assessment.id]
        months = by.parameters.value("care.assessment_validity", assessment.division_code, by.today)
        days = by.parameters.value("care.dispute_days", assessment.division_code, by.today)
        valid_to = months_after(by.today, months)
        assessment.take_effect(
            by.now,
            earlier=in_force(others, by.today),
            valid_to=valid_to,
            dispute_by=days_after(by.today, days),
            renew_by=valid_to,
            by=by.actor.name,
        )
        ended = [other for other in others if by.actor.covers(other.division_code)]
        for other in ended:
            other.give_way(by.now, to=assessment)
        return (assessment, *(other for other in ended if other.pending_events))


@dataclass(frozen=True, kw_only=True)
class DisputeAssessment(Command):
    """登记对评估结果的异议：在期限内提出的，另派评估人员重新评估，完成前原结果继续有效。"""

    ROLES: ClassVar = CASEWORKERS
    assessment_id: AssessmentId
    reason: Annotated[str, Doc("异议的理由，加密保存")]

    def decide(self, by: Decision) -> Decided:
        assessment: Assessment = yield Load(Assessment, self.assessment_id)
        assessment.dispute(by.now, reason=self.reason, reassessment_id=by.new_id, by=by.actor.name)
        again = Assessment.request(
            by.new_id,
            by.now,
            person_id=assessment.person_id,
            reason=AssessmentReason.DISPUTE,
            division_code=assessment.division_code,
            provider_id=assessment.provider_id,
            disputes=assessment.id,
            assign_by=by.due("care.assessment_assign", assessment.division_code),
            by=by.actor.name,
        )
        return again, assessment


@dataclass(frozen=True, kw_only=True)
class CancelAssessment(Command):
    """终止评估：本人撤回、去世或迁出的。"""

    ROLES: ClassVar = OFFICIALS
    assessment_id: AssessmentId
    reason: Annotated[AssessmentEnd, Doc("终止的原因")]

    def decide(self, by: Decision) -> Decided:
        assessment: Assessment = yield Load(Assessment, self.assessment_id)
        if self.reason not in _WITHDRAWN:
            raise BadInput("终止评估的原因应为本人撤回、去世或迁出。", "reason")
        if assessment.state not in UNDER_WAY:
            raise RuleViolated(f"评估现为“{assessment.state.label}”，不能终止。")
        wanted = () if assessment.disputes is None else (assessment.disputes,)
        disputed: dict[UUID, Assessment] = yield LoadMany(Assessment, wanted)
        assessment.cancel(by.now, reason=self.reason, by=by.actor.name)
        for each in disputed.values():
            each.withdraw_dispute(by.now, by=by.actor.name)
        return (assessment, *(each for each in disputed.values() if each.pending_events))


@dataclass(frozen=True, kw_only=True)
class ExpireAssessment(Command):
    """登记评估结果失效：有效期满，或本人去世、迁出。"""

    ROLES: ClassVar = OFFICIALS
    assessment_id: AssessmentId
    reason: Annotated[AssessmentEnd, Doc("失效的原因")]

    def decide(self, by: Decision) -> Decided:
        assessment: Assessment = yield Load(Assessment, self.assessment_id)
        if self.reason is AssessmentEnd.SUPERSEDED:
            raise BadInput("新的评估结果生效时，原结果自动失效，无需登记。", "reason")
        assessment.expire(by.now, reason=self.reason, effective_on=by.today)
        if not assessment.pending_events:
            raise RuleViolated(f"评估现为“{assessment.state.label}”，没有有效的结果。")
        return (assessment,)


@dataclass(frozen=True, kw_only=True)
class RegisterAssessor(Command):
    """登记评估人员及其所属评估机构。"""

    ROLES: ClassVar = DISTRICT
    account: AccountName
    organisation: Annotated[str, Doc("所属评估机构名称")]
    division_code: Annotated[str, Doc("执业区划代码")]
    qualification_no: Annotated[str, Doc("评估员证书编号")] = ""

    def decide(self, by: Decision) -> Decided:
        known: dict[UUID, Assessor] = yield LoadMany(Assessor, (assessor_id(self.account),))
        if known:
            raise RuleViolated(f"账号 {self.account} 已登记为评估人员。")
        assessor = Assessor.register(
            by.now,
            account=self.account,
            organisation=self.organisation,
            qualification_no=self.qualification_no,
            division_code=demand_division(self.division_code),
            by=by.actor.name,
        )
        return (assessor,)


@dataclass(frozen=True, kw_only=True)
class DeclareConflict(Command):
    """申报利害关系：评估人员本人申报，或由区民政登记；此后不再分派与该机构有关的评估。"""

    ROLES: ClassVar = ASSESSORS | DISTRICT
    account: AccountName
    facility_id: Annotated[UUID, Doc("有利害关系的设施")]
    kind: Annotated[ConflictKind, Doc("何种利害关系")]

    def decide(self, by: Decision) -> Decided:
        if by.actor.role is RoleCode.ASSESSOR and self.account != by.actor.name:
            raise NotFound("只能申报您本人的利害关系。")
        found: dict[UUID, Assessor] = yield LoadMany(Assessor, (assessor_id(self.account),))
        places: dict[UUID, Facility] = yield LoadMany(Facility, (self.facility_id,))
        if not found or not places:
            raise BadInput("没有此评估人员或设施的登记，请核对。", "account")
        (assessor,) = found.values()
        assessor.declare(by.now, facility_id=self.facility_id, kind=self.kind, by=by.actor.name)
        return (assessor,)


@dataclass(frozen=True, kw_only=True)
class EndConflict(Command):
    """登记评估人员的利害关系已经解除。"""

    ROLES: ClassVar = DISTRICT
    account: AccountName
    facility_id: Annotated[UUID, Doc("设施标识")]
    reason: Annotated[str, Doc("解除的原因")]

    def decide(self, by: Decision) -> Decided:
        assessor: Assessor = yield Load(Assessor, assessor_id(self.account))
        assessor.end_conflict(by.now, facility_id=self.facility_id, reason=self.reason, by=by.actor.name)
        return (assessor,)


@dataclass(frozen=True, kw_only=True)
class EndAssessor(Command):
    """注销评估人员。"""

    ROLES: ClassVar = DISTRICT
    account: AccountName
    reason: Annotated[str, Doc("注销的原因")]

    def decide(self, by: Decision) -> Decided:
        assessor: Assessor = yield Load(Assessor, assessor_id(self.account))
        assessor.end(by.now, reason=self.reason, by=by.actor.name)
        return (assessor,)
