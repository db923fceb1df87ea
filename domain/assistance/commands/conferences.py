"""Decisions about joint conferences: civil affairs calls them, each department reports on its own tasks."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from domain.access import DEPARTMENTS, DISTRICT
from domain.assistance.case import Case
from domain.assistance.conference import Conference
from domain.codes import Department
from domain.errors import NotFound, RuleViolated
from domain.kernel import Command, Decided, Decision, Doc, Load, LoadMany

ConferenceId = Annotated[UUID, Doc("联席会议标识")]


@dataclass(frozen=True, kw_only=True)
class HoldConference(Command):
    """登记社会救助联席会议：议题、参加部门和涉及的个案。"""

    ROLES: ClassVar = DISTRICT
    topic: Annotated[str, Doc("议题，不写个人信息")]
    departments: Annotated[tuple[Department, ...], Doc("参加部门")]
    held_on: Annotated[date, Doc("会议日期")]
    case_ids: Annotated[tuple[UUID, ...], Doc("涉及的救助个案")] = ()

    def decide(self, by: Decision) -> Decided:
        cases: dict[UUID, Case] = yield LoadMany(Case, self.case_ids)
        for id in self.case_ids:
            if id not in cases or not by.actor.covers(cases[id].division_code):
                raise NotFound(f"没有找到 case:{id}，或不在您的管辖范围内。")
        conference = Conference.hold(
            by.new_id,
            by.now,
            topic=self.topic,
            case_ids=self.case_ids,
            departments=self.departments,
            held_on=self.held_on,
            division_code=by.actor.division_code,
        )
        return (conference,)


@dataclass(frozen=True, kw_only=True)
class AssignConferenceTask(Command):
    """交办联席会议事项：由哪个部门在何日前办理。"""

    ROLES: ClassVar = DISTRICT
    conference_id: ConferenceId
    task: Annotated[str, Doc("交办事项，不写个人信息")]
    department: Annotated[Department, Doc("承办部门")]
    due_on: Annotated[date, Doc("办理期限")]

    def decide(self, by: Decision) -> Decided:
        conference: Conference = yield Load(Conference, self.conference_id)
        conference.assign(by.now, task=self.task, department=self.department, due_on=self.due_on)
        return (conference,)


@dataclass(frozen=True, kw_only=True)
class FinishConferenceTask(Command):
    """办结联席会议事项：承办部门写明办理结果。"""

    ROLES: ClassVar = DISTRICT | DEPARTMENTS
    conference_id: ConferenceId
    task_no: Annotated[int, Doc("事项序号")]
    result: Annotated[str, Doc("办理结果，不写个人信息")]
    letter_no: Annotated[str, Doc("部门书面复函文号；由区民政代为登记其他部门的事项时必填")] = ""

    def decide(self, by: Decision) -> Decided:
        conference: Conference = yield Load(Conference, self.conference_id)
        own = conference.owner_of(self.task_no).value == by.actor.department
        if not own and by.actor.role not in DISTRICT:
            raise NotFound(f"第 {self.task_no} 项交办事项不由您所在的部门承办。")
        if not own and not self.letter_no.strip():
            raise RuleViolated("代其他部门登记办结的，请填写该部门书面复函的文号。")
        conference.finish(by.now, task_no=self.task_no, result=self.result, by=by.actor.name, letter_no=self.letter_no)
        return (conference,)
