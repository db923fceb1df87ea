"""Decisions about complaints."""

from dataclasses import dataclass
from typing import Annotated, ClassVar
from uuid import UUID

from domain.access import CASEWORKERS, OFFICIALS
from domain.assistance.case import Case
from domain.assistance.complaint import Complaint
from domain.errors import RuleViolated
from domain.kernel import Command, Decided, Decision, Doc, Load, LoadMany
from domain.registry.places import demand_division

ComplaintId = Annotated[UUID, Doc("投诉标识")]


@dataclass(frozen=True, kw_only=True)
class FileComplaint(Command):
    """登记投诉：对个案办理或对单位的投诉，可以匿名；由登记的单位及其上级可见。"""

    ROLES: ClassVar = CASEWORKERS
    text: Annotated[str, Doc("投诉内容，加密保存")]
    complainant: Annotated[str, Doc("投诉人及联系方式，加密保存；不填为匿名")] = ""
    about_case: Annotated[UUID | None, Doc("被投诉的个案")] = None
    about_division: Annotated[str, Doc("被投诉单位的区划代码；投诉个案的不填")] = ""

    def decide(self, by: Decision) -> Decided:
        if (self.about_case is None) is not bool(self.about_division):
            raise RuleViolated("请填写被投诉的个案或单位，二者填一项。")
        place = self.about_division
        if self.about_case is None:
            demand_division(place, "about_division")
        else:
            case: Case = yield Load(Case, self.about_case)
            place = case.division_code
        office = by.actor.division_code
        complaint = Complaint.file(
            by.new_id,
            by.now,
            about_case=self.about_case,
            about_division=place,
            complainant=self.complainant,
            text=self.text,
            taken_by=by.actor.name,
            accept_by=by.due("limits.complaint_acceptance", office),
            division_code=office,
        )
        return (complaint,)


@dataclass(frozen=True, kw_only=True)
class AcceptComplaint(Command):
    """受理投诉。"""

    ROLES: ClassVar = OFFICIALS
    complaint_id: ComplaintId

    def decide(self, by: Decision) -> Decided:
        complaint: Complaint = yield Load(Complaint, self.complaint_id)
        complaint.accept(by.now, by=by.actor.name, answer_by=by.due("limits.complaint_answer", complaint.division_code))
        return (complaint,)


@dataclass(frozen=True, kw_only=True)
class AnswerComplaint(Command):
    """答复投诉：写明是否属实和处理结果；经办过该个案的人和被投诉的单位不能答复。"""

    ROLES: ClassVar = OFFICIALS
    complaint_id: ComplaintId
    upheld: Annotated[bool, Doc("投诉是否属实")]
    answer: Annotated[str, Doc("核查情况和处理结果，加密保存")]

    def decide(self, by: Decision) -> Decided:
        complaint: Complaint = yield Load(Complaint, self.complaint_id)
        handlers: tuple[str, ...] = ()
        if complaint.about_case is not None:
            cases: dict[UUID, Case] = yield LoadMany(Case, (complaint.about_case,))
            handlers = cases[complaint.about_case].handlers
        complaint.answer(
            by.now,
            upheld=self.upheld,
            answer=self.answer,
            by=by.actor.name,
            handlers=handlers,
            office=by.actor.division_code,
        )
        return (complaint,)
