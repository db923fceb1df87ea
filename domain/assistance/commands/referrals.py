"""Decisions about referrals: caseworkers hand over, redirect and close; the department accepts, sends back, answers.

What a department without an account here answers on paper is entered by the district, with the number of the letter.
"""

from dataclasses import dataclass
from typing import Annotated, ClassVar
from uuid import UUID

from domain.access import CASEWORKERS, DEPARTMENTS, DISTRICT
from domain.assistance.case import Case
from domain.assistance.referral import Referral
from domain.codes import Department, Need, ReferralResult, ReferralState
from domain.errors import NotFound, RuleViolated
from domain.kernel import Command, Decided, Decision, Doc, Load, LoadTagged
from domain.registry.person import Person

ReferralId = Annotated[UUID, Doc("转介标识")]
LetterNo = Annotated[str, Doc("部门书面复函文号；由区民政代为登记时必填")]


@dataclass(frozen=True, kw_only=True)
class ReferNeed(Command):
    """转介：申请人需要教育、住房、法律、医疗、就业、慈善等其他帮助的，转交有关部门办理并反馈。"""

    ROLES: ClassVar = CASEWORKERS
    person_id: Annotated[UUID, Doc("需要帮助的人")]
    need: Annotated[Need, Doc("需要何种帮助")]
    department: Annotated[Department, Doc("承办部门")]
    contact: Annotated[str, Doc("当事人姓名和联系方式，供承办部门联系，加密保存")]
    summary: Annotated[str, Doc("情况和需求，只写办理所必需的，加密保存")]
    case_id: Annotated[UUID | None, Doc("由哪个救助个案引起；没有个案的不填")] = None

    def decide(self, by: Decision) -> Decided:
        person: Person = yield Load(Person, self.person_id)
        division = person.division_code
        if self.case_id is not None:
            case: Case = yield Load(Case, self.case_id)
            if person.id not in (*case.member_ids, case.applicant_id):
                raise RuleViolated("当事人不是该个案的申请人或保障对象；与个案无关的转介请不填个案。")
            division = case.division_code
        known: dict[UUID, Referral] = yield LoadTagged(Referral, (f"person:{person.id}",))
        if any(other.need is self.need and other.state is not ReferralState.CLOSED for other in known.values()):
            raise RuleViolated(f"当事人的{self.need.label}已在转介办理中，不重复转介；有新情况请告知承办部门。")
        referral = Referral.make(
            by.new_id,
            by.now,
            person_id=person.id,
            case_id=self.case_id,
            need=self.need,
            department=self.department,
            contact=self.contact,
            summary=self.summary,
            by=by.actor.name,
            accept_by=by.due("limits.referral_acceptance", division),
            division_code=division,
        )
        return (referral,)


@dataclass(frozen=True, kw_only=True)
class AcceptReferral(Command):
    """受理转介：承办部门接收转来的事项。"""

    ROLES: ClassVar = DEPARTMENTS
    referral_id: ReferralId

    def decide(self, by: Decision) -> Decided:
        referral: Referral = yield Load(Referral, self.referral_id)
        _demand_department(referral, by)
        answer_by = by.due("limits.referral_answer", referral.division_code)
        referral.accept(by.now, by=by.actor.name, answer_by=answer_by)
        return (referral,)


@dataclass(frozen=True, kw_only=True)
class ReturnReferral(Command):
    """退回转介：不属于本部门职责的，说明理由退回转出单位。"""

    ROLES: ClassVar = DEPARTMENTS | DISTRICT
    referral_id: ReferralId
    reason: Annotated[str, Doc("退回理由，不写个人信息")]
    letter_no: LetterNo = ""

    def decide(self, by: Decision) -> Decided:
        referral: Referral = yield Load(Referral, self.referral_id)
        _demand_department(referral, by, self.letter_no)
        redirect_by = by.due("limits.referral_feedback", referral.division_code)
        referral.send_back(
            by.now, reason=self.reason, by=by.actor.name, redirect_by=redirect_by, letter_no=self.letter_no
        )
        return (referral,)


@dataclass(frozen=True, kw_only=True)
class AnswerReferral(Command):
    """答复转介：承办部门写明办理结果。"""

    ROLES: ClassVar = DEPARTMENTS | DISTRICT
    referral_id: ReferralId
    result: Annotated[ReferralResult, Doc("办理结果")]
    answer: Annotated[str, Doc("结果说明，加密保存")]
    letter_no: LetterNo = ""

    def decide(self, by: Decision) -> Decided:
        referral: Referral = yield Load(Referral, self.referral_id)
        _demand_department(referral, by, self.letter_no)
        feedback_by = by.due("limits.referral_feedback", referral.division_code)
        referral.answer(
            by.now,
            result=self.result,
            answer=self.answer,
            by=by.actor.name,
            feedback_by=feedback_by,
            letter_no=self.letter_no,
        )
        return (referral,)


@dataclass(frozen=True, kw_only=True)
class RedirectReferral(Command):
    """改转：被退回的转介改由其他部门承办。"""

    ROLES: ClassVar = CASEWORKERS
    referral_id: ReferralId
    department: Annotated[Department, Doc("改由哪个部门承办")]

    def decide(self, by: Decision) -> Decided:
        referral: Referral = yield Load(Referral, self.referral_id)
        accept_by = by.due("limits.referral_acceptance", referral.division_code)
        referral.redirect(by.now, department=self.department, by=by.actor.name, accept_by=accept_by)
        return (referral,)


@dataclass(frozen=True, kw_only=True)
class CloseReferral(Command):
    """办结转介：已将结果告知当事人；当事人不再需要或没有部门承办的，写明原因办结。"""

    ROLES: ClassVar = CASEWORKERS
    referral_id: ReferralId
    note: Annotated[str, Doc("何时、以何种方式告知；未经答复的写明原因；不写个人信息")]

    def decide(self, by: Decision) -> Decided:
        referral: Referral = yield Load(Referral, self.referral_id)
        referral.close(by.now, note=self.note, by=by.actor.name)
        return (referral,)


def _demand_department(referral: Referral, by: Decision, letter_no: str = "") -> None:
    """What another department has is not there for this one, as in its lists; the district enters letters of all."""
    if by.actor.role in DISTRICT:
        if not letter_no.strip():
            raise RuleViolated("代承办部门登记的，请填写该部门书面复函的文号。")
    elif by.actor.department != referral.department.value:
        raise NotFound(f"没有找到 referral:{referral.id}，或不由您所在的部门承办。")
