"""Complaints and joint conferences: one success each, and every refusal."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from domain.access import Actor, RoleCode
from domain.assistance import Case, Complaint, Conference
from domain.assistance.commands import (
    AcceptComplaint,
    AnswerComplaint,
    AssignConferenceTask,
    FileComplaint,
    FinishConferenceTask,
    HoldConference,
)
from domain.codes import ComplaintState, Department, Opinion, VisitFinding
from domain.errors import BadInput, NotFound
from domain.kernel import tags_of
from tests.unit.domain.samples import OTHER_VILLAGE, PARAMETERS, accepted, on, paying
from tests.unit.domain.specification import CLERK, NOW, STREET, given

SECOND = Actor("district-2", RoleCode.DISTRICT_CLERK, "440704")
HEALTH = Actor("doctor", RoleCode.DEPARTMENT_OFFICER, "440704", "health")
SCHOOLS = Actor("schools", RoleCode.DEPARTMENT_OFFICER, "440704", "education")


def filed(about_case: Case | None = None, about_division: str = "440704004", **fields: Any) -> Complaint:
    """Somebody complained at the district's counter."""
    told = {
        "about_case": about_case.id if about_case else None,
        "about_division": about_case.division_code if about_case else about_division,
        "complainant": "拟某丙",
        "text": "入户时态度恶劣",
        "taken_by": "district",
        "accept_by": date(2015, 12, 17),
        "division_code": "440704",
        **fields,
    }
    return Complaint.file(uuid4(), NOW, **told)


def looked_into(complaint: Complaint) -> Complaint:
    """It is being looked into."""
    complaint.accept(NOW, by="district", answer_by=date(2015, 12, 31))
    return complaint


def handled() -> Case:
    """A case on which five people worked."""
    case = accepted()
    case.record_visit(
        NOW, finding=VisitFinding.AS_STATED, report="x", by="visitor", official=True, visited_on=NOW.date()
    )
    case.verify(NOW, monthly_income_fen=90_000, property_within_limits=True, conclusion="", by="preparer")
    case.review(NOW, opinion=Opinion.GRANT, note="", by="reviewer")
    days = {"from_on": date(2015, 12, 1), "to_on": date(2015, 12, 8), "decide_by": date(2015, 12, 20)}
    case.post_notice(NOW, notice_no="1", **days)
    case.object(NOW, reason="邻居")
    case.answer_objection(NOW, upheld=False, note="不实", by="investigator")
    case.review(NOW, opinion=Opinion.GRANT, note="", by="reviewer")
    case.post_notice(NOW, notice_no="2", **days)
    case.confirm(NOW, parameters=PARAMETERS, by="decider")
    return case


class TestComplaint:
    def test_somebody_complains_about_a_case(self) -> None:
        case = paying()
        command = FileComplaint(text="未告知理由", complainant="拟某丙", about_case=case.id)
        complaint = (
            given(case)
            .when(command)
            .then(
                Complaint.Created,
                about_division=case.division_code,
                accept_by=date(2015, 12, 17),
                division_code="440704",
            )
        )
        event = given(case).when(command).events[0]
        assert not [tag for tag in tags_of(complaint, event) if tag.startswith(("case:", "person:"))]

    def test_somebody_complains_about_an_office_without_a_name(self) -> None:
        outcome = given().when(FileComplaint(text="窗口无人", about_division="440704004"), by=STREET)
        outcome.then(Complaint.Created, complainant=None, division_code="440704004")
        assert outcome.events[0].gist() == "匿名投诉 440704004"

    def test_a_complaint_is_about_one_thing(self) -> None:
        case = paying()
        both = FileComplaint(text="x", about_case=case.id, about_division="440704004")
        given(case).when(both).refused("二者填一项")
        given(case).when(FileComplaint(text="x")).refused("二者填一项")
        given(case).when(FileComplaint(text=" ", about_case=case.id)).refused("写明投诉内容")
        given(case).when(FileComplaint(text="x", about_division="990099")).refused("", BadInput)

    def test_it_is_accepted_and_answered_in_time(self) -> None:
        complaint = filed()
        given(complaint).when(AcceptComplaint(complaint_id=complaint.id)).then(
            Complaint.Accepted, answer_by=date(2015, 12, 31)
        )
        answer = AnswerComplaint(complaint_id=complaint.id, upheld=True, answer="已批评教育并致歉")
        given(complaint).when(answer).then(Complaint.Answered, upheld=True, by="district")
        assert complaint.state is ComplaintState.ANSWERED
        given(complaint).when(answer).refused("已答复”，不能答复")

    @pytest.mark.parametrize("account", ["visitor", "preparer", "reviewer", "investigator", "decider"])
    def test_nobody_answers_for_what_they_did_themselves(self, account: str) -> None:
        case = handled()
        complaint = looked_into(filed(case))
        answer = AnswerComplaint(complaint_id=complaint.id, upheld=False, answer="不属实")
        own = Actor(account, RoleCode.DISTRICT_CLERK, "440704")
        given(case, complaint).when(answer, by=own).refused("您经办过被投诉的个案")
        given(case, complaint).when(answer, by=SECOND).then(Complaint.Answered)

    def test_no_office_answers_for_itself(self) -> None:
        complaint = looked_into(filed())
        answer = AnswerComplaint(complaint_id=complaint.id, upheld=False, answer="不属实")
        given(complaint).when(answer, by=STREET).refused("被投诉的单位不能答复")
        given(complaint).when(answer, by=CLERK).then(Complaint.Answered)
        district = looked_into(filed(about_division="440704"))
        given(district).when(AnswerComplaint(complaint_id=district.id, upheld=True, answer="属实")).then(
            Complaint.Answered
        )

    def test_one_step_after_the_other(self) -> None:
        new, open_one = filed(), looked_into(filed())
        given(new).when(AnswerComplaint(complaint_id=new.id, upheld=True, answer="x")).refused("待受理”，不能答复")
        given(open_one).when(AcceptComplaint(complaint_id=open_one.id)).refused("核查中”，不能受理")
        given(open_one).when(AnswerComplaint(complaint_id=open_one.id, upheld=True, answer="")).refused("处理结果")


def held(*cases: Case) -> Conference:
    """Three departments met on 9 December."""
    return Conference.hold(
        uuid4(),
        on("2015-12-09"),
        topic="因病致贫家庭",
        case_ids=tuple(case.id for case in cases),
        departments=(Department.CIVIL_AFFAIRS, Department.HEALTH, Department.EDUCATION),
        held_on=date(2015, 12, 9),
        division_code="440704",
    )


def with_task() -> Conference:
    """Health has something to do."""
    conference = held()
    conference.assign(NOW, task="家庭医生签约", department=Department.HEALTH, due_on=date(2015, 12, 31))
    return conference


class TestConference:
    def command(self, **fields: Any) -> HoldConference:
        both = (Department.CIVIL_AFFAIRS, Department.HEALTH)
        return HoldConference(**{"topic": "x", "departments": both, "held_on": NOW.date(), **fields})

    def test_departments_meet_about_cases(self) -> None:
        case = paying()
        outcome = given(case).when(self.command(case_ids=(case.id, case.id)))
        conference = outcome.then(Conference.Created, case_ids=(case.id,))
        assert f"case:{case.id}" in tags_of(conference, outcome.events[0])

    def test_refusals(self) -> None:
        case = paying(division_code=OTHER_VILLAGE)
        elsewhere = Actor("x", RoleCode.DISTRICT_CLERK, "440704004")
        given().when(self.command(held_on=date(2015, 12, 11))).refused("不能晚于今天")
        given().when(self.command(departments=(Department.HEALTH,) * 2)).refused("至少有两个部门")
        given().when(self.command(topic=" ")).refused("会议议题")
        given().when(self.command(case_ids=(uuid4(),))).refused("没有找到", NotFound)
        given(case).when(self.command(case_ids=(case.id,)), by=elsewhere).refused("没有找到", NotFound)

    def test_tasks_have_an_owner_and_a_day(self) -> None:
        conference = with_task()
        give = {"conference_id": conference.id, "task": "助学", "department": Department.EDUCATION}
        given(conference).when(AssignConferenceTask(due_on=date(2015, 12, 20), **give)).then(
            Conference.TaskAssigned, task_no=2
        )
        given(conference).when(AssignConferenceTask(due_on=NOW.date(), **give)).refused("期限应晚于今天")
        blank = AssignConferenceTask(due_on=date(2015, 12, 20), **{**give, "task": " "})
        given(conference).when(blank).refused("写明交办事项")

    def test_the_department_reports_what_it_did(self) -> None:
        conference = with_task()
        done = FinishConferenceTask(conference_id=conference.id, task_no=1, result="已签约 12 户")
        given(conference).when(done, by=SCHOOLS).refused("不由您所在的部门承办", NotFound)
        given(conference).when(done, by=CLERK).refused("书面复函的文号")
        given(conference).when(done, by=HEALTH).then(Conference.TaskDone, by="doctor")
        given(conference).when(done, by=HEALTH).refused("已办结")

    def test_what_it_reports_on_paper_is_entered_by_the_district(self) -> None:
        conference = with_task()
        letter = FinishConferenceTask(conference_id=conference.id, task_no=1, result="已签约", letter_no="江卫函1号")
        given(conference).when(letter, by=CLERK).then(Conference.TaskDone, letter_no="江卫函1号", by="district")

    def test_no_such_task_and_no_result(self) -> None:
        conference = with_task()
        for task_no in (0, 2, -1):
            missing = FinishConferenceTask(conference_id=conference.id, task_no=task_no, result="x")
            given(conference).when(missing, by=HEALTH).refused("共 1 项")
        blank = FinishConferenceTask(conference_id=conference.id, task_no=1, result=" ")
        given(conference).when(blank, by=HEALTH).refused("写明办理结果")
