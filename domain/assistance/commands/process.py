"""Decisions on the way from acceptance to decision: visit, review, notice, objection, and the clock."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from domain.access import CASEWORKERS, OFFICIALS
from domain.assistance.case import Case
from domain.assistance.notices import Notice, unserved_refusal, waiting_to_be_served
from domain.codes import Opinion, Relation, ServiceMethod, VisitFinding, WorkStep
from domain.errors import RuleViolated
from domain.kernel import Command, Decided, Decision, Doc, Load, LoadTagged
from domain.workdays import days_after, working_days_after, working_days_between

CaseId = Annotated[UUID, Doc("个案标识")]


@dataclass(frozen=True, kw_only=True)
class DiscloseRelative(Command):
    """近亲属备案：申请家庭成员是经办人员或村（居）委会成员的近亲属；备案后须由街道或区级工作人员入户核查。"""

    ROLES: ClassVar = CASEWORKERS
    case_id: CaseId
    staff: Annotated[str, Doc("工作人员姓名和单位，加密保存")]
    relation: Annotated[Relation, Doc("与该工作人员的关系")]

    def decide(self, by: Decision) -> Decided:
        case: Case = yield Load(Case, self.case_id)
        case.disclose_relative(by.now, staff=self.staff, relation=self.relation)
        return (case,)


@dataclass(frozen=True, kw_only=True)
class RecordVisit(Command):
    """登记入户核查：何日到户、与申报是否一致、所见情况。"""

    ROLES: ClassVar = CASEWORKERS
    case_id: CaseId
    finding: Annotated[VisitFinding, Doc("核查结论")]
    report: Annotated[str, Doc("核查情况，加密保存")]
    visited_on: Annotated[date, Doc("入户日期")]

    def decide(self, by: Decision) -> Decided:
        case: Case = yield Load(Case, self.case_id)
        case.record_visit(
            by.now,
            finding=self.finding,
            report=self.report,
            by=by.actor.name,
            official=by.actor.role in OFFICIALS,
            visited_on=self.visited_on,
        )
        return (case,)


@dataclass(frozen=True, kw_only=True)
class RecordCommunityReview(Command):
    """登记民主评议结果。"""

    ROLES: ClassVar = CASEWORKERS
    case_id: CaseId
    for_count: Annotated[int, Doc("同意人数")]
    against_count: Annotated[int, Doc("不同意人数")]
    held_on: Annotated[date, Doc("评议日期")]

    def decide(self, by: Decision) -> Decided:
        case: Case = yield Load(Case, self.case_id)
        case.record_community_review(
            by.now, for_count=self.for_count, against_count=self.against_count, held_on=self.held_on
        )
        return (case,)


@dataclass(frozen=True, kw_only=True)
class ReviewCase(Command):
    """街道审核：提出审核意见；审核人不能是登记核对结果的人。"""

    ROLES: ClassVar = OFFICIALS
    case_id: CaseId
    opinion: Annotated[Opinion, Doc("审核意见")]
    note: Annotated[str, Doc("意见说明")] = ""

    def decide(self, by: Decision) -> Decided:
        case: Case = yield Load(Case, self.case_id)
        case.review(by.now, opinion=self.opinion, note=self.note, by=by.actor.name)
        return (case,)


@dataclass(frozen=True, kw_only=True)
class PostNotice(Command):
    """公示：自张贴之日起按规定日数，末日逢节假日顺延。"""

    ROLES: ClassVar = CASEWORKERS
    case_id: CaseId
    notice_no: Annotated[str, Doc("公示编号")]
    from_on: Annotated[date | None, Doc("张贴日期；不填为今天")] = None

    def decide(self, by: Decision) -> Decided:
        case: Case = yield Load(Case, self.case_id)
        posted = self.from_on or by.today
        days = by.parameters.value("limits.public_notice", case.division_code, posted)
        to_on = days_after(posted, days)
        deciding = by.parameters.value("limits.decision", case.division_code, posted)
        case.post_notice(
            by.now,
            notice_no=self.notice_no,
            from_on=posted,
            to_on=to_on,
            decide_by=working_days_after(to_on, deciding),
        )
        return (case,)


@dataclass(frozen=True, kw_only=True)
class FileObjection(Command):
    """登记异议：公示期间有人提出异议，须重新调查、重新公示。"""

    ROLES: ClassVar = CASEWORKERS
    case_id: CaseId
    reason: Annotated[str, Doc("异议人及内容，加密保存")]

    def decide(self, by: Decision) -> Decided:
        case: Case = yield Load(Case, self.case_id)
        case.object(by.now, reason=self.reason)
        return (case,)


@dataclass(frozen=True, kw_only=True)
class AnswerObjection(Command):
    """登记异议核查结果；此后重新审核、重新公示。"""

    ROLES: ClassVar = OFFICIALS
    case_id: CaseId
    upheld: Annotated[bool, Doc("异议是否成立")]
    note: Annotated[str, Doc("核查结果，不写个人信息")]

    def decide(self, by: Decision) -> Decided:
        case: Case = yield Load(Case, self.case_id)
        case.answer_objection(by.now, upheld=self.upheld, note=self.note, by=by.actor.name)
        return (case,)


@dataclass(frozen=True, kw_only=True)
class RequestSupplement(Command):
    """要求补充材料：自当日起停止计算办结期限。"""

    ROLES: ClassVar = OFFICIALS
    case_id: CaseId
    missing: Annotated[str, Doc("所缺材料，一次性写明")]

    def decide(self, by: Decision) -> Decided:
        case: Case = yield Load(Case, self.case_id)
        case.request_supplement(by.now, missing=self.missing)
        return (case,)


@dataclass(frozen=True, kw_only=True)
class ReceiveSupplement(Command):
    """登记补充材料已齐：办结期限按等待的工作日数顺延。"""

    ROLES: ClassVar = OFFICIALS
    case_id: CaseId

    def decide(self, by: Decision) -> Decided:
        case: Case = yield Load(Case, self.case_id)
        stopped, due = case.clock_stopped_on or by.today, case.due_on or by.today
        waited = working_days_between(stopped, by.today)
        case.receive_supplement(by.now, due_on=working_days_after(due, waited))
        return (case,)


@dataclass(frozen=True, kw_only=True)
class ExtendDeadline(Command):
    """延长办结期限：情况复杂的个案延长一次，并写明原因。"""

    ROLES: ClassVar = OFFICIALS
    case_id: CaseId
    reason: Annotated[str, Doc("延长原因")]

    def decide(self, by: Decision) -> Decided:
        case: Case = yield Load(Case, self.case_id)
        total = by.parameters.value("limits.case_total", case.division_code, by.today)
        extended = by.parameters.value("limits.case_extended", case.division_code, by.today)
        due = working_days_after(case.due_on or by.today, extended - total)
        case.extend_deadline(by.now, due_on=due, reason=self.reason)
        return (case,)


@dataclass(frozen=True, kw_only=True)
class AnnounceGrant(Command):
    """公布救助结果：确认后在村（社区）长期公示保障对象和金额。"""

    ROLES: ClassVar = CASEWORKERS
    case_id: CaseId
    notice_no: Annotated[str, Doc("公示编号")]

    def decide(self, by: Decision) -> Decided:
        case: Case = yield Load(Case, self.case_id)
        case.announce(by.now, notice_no=self.notice_no, from_on=by.today)
        return (case,)


@dataclass(frozen=True, kw_only=True)
class ServeRefusal(Command):
    """登记不予确认通知书的送达；通知书在本平台制发的，用其文号并一并登记（公告送达、附送达回证请用 serveNotice）。"""

    ROLES: ClassVar = OFFICIALS
    case_id: CaseId
    letter_no: Annotated[str, Doc("通知书文号；在本平台制发的可不填")] = ""
    proof: Annotated[str, Doc("送达方式及凭证，如 直接送达、邮寄单号")]
    served_on: Annotated[date, Doc("送达日期")]
    method: Annotated[ServiceMethod, Doc("送达方式")] = ServiceMethod.DIRECT

    def decide(self, by: Decision) -> Decided:
        case: Case = yield Load(Case, self.case_id)
        issued: dict[UUID, Notice] = yield LoadTagged(Notice, (f"case:{case.id}",))
        notice = unserved_refusal(issued.values(), case)
        number = self.letter_no or (notice.notice_no if notice is not None else "")
        if notice is not None and number != notice.notice_no:
            raise RuleViolated(f"不予确认通知书已制发，文号为 {notice.notice_no}；请按此文号登记送达。")
        if notice is not None:
            days = by.parameters.value("limits.public_service", case.division_code, self.served_on)
            notice.serve(
                by.now,
                case=case,
                method=self.method,
                proof=self.proof,
                served_on=self.served_on,
                public_days=days,
                queue_by=waiting_to_be_served(n for n in issued.values() if n.id != notice.id and n.case_id == case.id),
            )
        case.serve_refusal(by.now, letter_no=number, proof=self.proof, served_on=self.served_on)
        return (case,) if notice is None else (case, notice)


@dataclass(frozen=True, kw_only=True)
class AssignWork(Command):
    """分派待办：把个案的一个办理环节交给本单位的一个账号；不填账号为退回本单位。"""

    ROLES: ClassVar = OFFICIALS
    case_id: CaseId
    step: Annotated[WorkStep, Doc("办理环节")]
    assignee: Annotated[str, Doc("经办账号")] = ""
    item: Annotated[str, Doc("同一环节有多项时的事项标识，如转介、追回的标识")] = ""

    def decide(self, by: Decision) -> Decided:
        case: Case = yield Load(Case, self.case_id)
        case.assign(by.now, step=self.step, assignee=self.assignee, item=self.item)
        return (case,)
