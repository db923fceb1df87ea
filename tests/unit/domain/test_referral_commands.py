"""Referrals to other departments and back: one success each, and every refusal."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from domain.access import Actor, Area, RoleCode
from domain.assistance import Case, Referral
from domain.assistance.commands import (
    AcceptReferral,
    AnswerReferral,
    CloseReferral,
    RedirectReferral,
    ReferNeed,
    ReturnReferral,
    TransferCase,
)
from domain.codes import Department, Need, ReferralResult, ReferralState
from domain.errors import BadInput, NotFound
from domain.kernel import command_classes
from tests.unit.domain.samples import OTHER_VILLAGE, PARAMETERS, VILLAGE, accepted, applied, on, person
from tests.unit.domain.specification import CLERK, NOW, STREET, given

COMMUNITY = Actor("community", RoleCode.COMMUNITY_WORKER, VILLAGE)
SCHOOLS = Actor("schools", RoleCode.DEPARTMENT_OFFICER, "440704", "education")
HOUSES = Actor("houses", RoleCode.DEPARTMENT_OFFICER, "440704", "housing")


def made(case: Case | None = None, **fields: Any) -> Referral:
    """A child's schooling, handed over by the community."""
    given_fields = {
        "person_id": case.applicant_id if case else uuid4(),
        "case_id": case.id if case else None,
        "need": Need.EDU,
        "department": Department.EDUCATION,
        "contact": "拟某甲，138****",
        "summary": "长子读高一，交不起学费",
        "by": "community",
        "accept_by": date(2015, 12, 15),
        "division_code": VILLAGE,
        **fields,
    }
    return Referral.make(uuid4(), on("2015-12-09"), **given_fields)


def accepted_one(**fields: Any) -> Referral:
    """One that the department works on."""
    referral = made(**fields)
    referral.accept(NOW, by="schools", answer_by=date(2015, 12, 31))
    return referral


def returned() -> Referral:
    """One that came back."""
    referral = made()
    referral.send_back(NOW, reason="属住房部门", by="schools", redirect_by=date(2015, 12, 15))
    return referral


def answered(**fields: Any) -> Referral:
    """One with an answer that the person doesn't know yet."""
    referral = accepted_one(**fields)
    referral.answer(NOW, result=ReferralResult.GRANTED, answer="免学费", by="schools", feedback_by=date(2015, 12, 15))
    return referral


class TestHandingOver:
    def command(self, **fields: Any) -> ReferNeed:
        told = {"need": Need.EDU, "department": Department.EDUCATION, "contact": "拟某甲", "summary": "学费", **fields}
        return ReferNeed(**told)

    def test_the_counter_hands_a_need_over(self) -> None:
        head = person()
        case = accepted(members=(head.id, uuid4()))
        command = self.command(person_id=head.id, case_id=case.id)
        given(case, head).when(command, by=COMMUNITY).then(
            Referral.Created, accept_by=date(2015, 12, 15), by="community", division_code=case.division_code
        )

    def test_a_person_without_a_case_is_helped_too(self) -> None:
        head = person()
        given(head).when(self.command(person_id=head.id)).then(Referral.Created, case_id=None)

    def test_the_same_need_is_not_handed_over_twice_at_once(self) -> None:
        head = person()
        first = made(person_id=head.id)
        world = given(head, first)
        world.when(self.command(person_id=head.id)).refused("教育救助已在转介办理中")
        world.when(self.command(person_id=head.id, need=Need.LEGAL)).then(Referral.Created)
        first.close(NOW, note="不再需要", by="community")
        world.when(self.command(person_id=head.id)).then(Referral.Created)

    def test_refusals(self) -> None:
        head, case = person(), accepted()
        world = given(head, case)
        world.when(self.command(person_id=head.id, case_id=case.id)).refused("不是该个案的申请人或保障对象")
        world.when(self.command(person_id=head.id, contact=" ")).refused("姓名和联系方式")
        world.when(self.command(person_id=head.id, summary="")).refused("需要帮助的情况")
        world.when(self.command(person_id=uuid4())).refused("nothing", NotFound)

    def test_personal_texts_are_under_the_persons_own_key(self) -> None:
        assert Referral.Created.KEY_HOLDER == Referral.Answered.KEY_HOLDER == "person_id"


class TestTheDepartment:
    def test_accepts_and_answers(self) -> None:
        referral = made()
        world = given(referral)
        world.when(AcceptReferral(referral_id=referral.id), by=SCHOOLS).then(
            Referral.Accepted, answer_by=date(2015, 12, 31), by="schools"
        )
        answer = AnswerReferral(referral_id=referral.id, result=ReferralResult.REFUSED, answer="已享受免学费")
        world.when(answer, by=SCHOOLS).then(Referral.Answered, feedback_by=date(2015, 12, 15), made_by="community")
        assert referral.state is ReferralState.ANSWERED

    @pytest.mark.parametrize("referral", [made(), accepted_one()], ids=["new", "accepted"])
    def test_sends_back_what_is_not_its_own(self, referral: Referral) -> None:
        back = ReturnReferral(referral_id=referral.id, reason="属住房部门职责")
        given(referral).when(back, by=SCHOOLS).then(Referral.Returned, redirect_by=date(2015, 12, 15))

    def test_does_not_find_what_is_another_departments(self) -> None:
        referral = accepted_one()
        for command in (
            AcceptReferral(referral_id=referral.id),
            ReturnReferral(referral_id=referral.id, reason="不管"),
            AnswerReferral(referral_id=referral.id, result=ReferralResult.OTHER, answer="无"),
        ):
            given(referral).when(command, by=HOUSES).refused("不由您所在的部门承办", NotFound)

    def test_may_answer_on_paper_and_the_district_enters_it(self) -> None:
        referral = made()
        told = {"result": ReferralResult.GRANTED, "answer": "免学费"}
        unnamed = AnswerReferral(referral_id=referral.id, **told)  # type: ignore[arg-type]
        given(referral).when(unnamed, by=CLERK).refused("书面复函的文号")
        back = ReturnReferral(referral_id=referral.id, reason="属住房部门")
        given(referral).when(back, by=CLERK).refused("书面复函的文号")
        letter = AnswerReferral(referral_id=referral.id, letter_no="江教函〔2015〕8号", **told)  # type: ignore[arg-type]
        given(referral).when(letter, by=CLERK).then(Referral.Answered, letter_no="江教函〔2015〕8号", by="district")
        other = made()
        back = ReturnReferral(referral_id=other.id, reason="属住房部门", letter_no="江教函〔2015〕9号")
        given(other).when(back, by=CLERK).then(Referral.Returned, letter_no="江教函〔2015〕9号")

    def test_takes_one_step_after_the_other(self) -> None:
        new, working, back = made(), accepted_one(), returned()
        answer = AnswerReferral(referral_id=new.id, result=ReferralResult.GRANTED, answer="免")
        given(new).when(answer, by=SCHOOLS).refused("待受理”，不能答复")
        given(working).when(AcceptReferral(referral_id=working.id), by=SCHOOLS).refused("不能受理")
        given(back).when(AcceptReferral(referral_id=back.id), by=SCHOOLS).refused("不能受理")
        given(working).when(ReturnReferral(referral_id=working.id, reason=" "), by=SCHOOLS).refused("写明理由")
        blank = AnswerReferral(referral_id=working.id, result=ReferralResult.GRANTED, answer="")
        given(working).when(blank, by=SCHOOLS).refused("写明办理结果")

    def test_may_do_nothing_else(self) -> None:
        theirs = {name for name, command in command_classes().items() if RoleCode.DEPARTMENT_OFFICER in command.ROLES}
        assert theirs == {"AcceptReferral", "ReturnReferral", "AnswerReferral", "FinishConferenceTask"}
        assert SCHOOLS.areas == {Area.EDUCATION}
        with pytest.raises(BadInput, match="只办理转来的事项"):
            Actor("x", RoleCode.DISTRICT_CLERK, "440704", "education")


class TestTheWayBack:
    def test_another_department_is_found(self) -> None:
        referral = returned()
        same = RedirectReferral(referral_id=referral.id, department=Department.EDUCATION)
        given(referral).when(same, by=COMMUNITY).refused("已退回此转介")
        other = RedirectReferral(referral_id=referral.id, department=Department.HOUSING)
        given(referral).when(other, by=COMMUNITY).then(Referral.Redirected, accept_by=date(2015, 12, 15))
        given(referral).when(AcceptReferral(referral_id=referral.id), by=SCHOOLS).refused("不由您", NotFound)
        given(referral).when(AcceptReferral(referral_id=referral.id), by=HOUSES).then(Referral.Accepted)

    def test_only_what_came_back_is_redirected(self) -> None:
        referral = accepted_one()
        other = RedirectReferral(referral_id=referral.id, department=Department.HOUSING)
        given(referral).when(other).refused("不能改转")

    @pytest.mark.parametrize("referral", [answered(), returned(), made()], ids=["answered", "returned", "new"])
    def test_the_person_is_told_and_it_is_closed(self, referral: Referral) -> None:
        close = CloseReferral(referral_id=referral.id, note="2015-12-10 电话告知")
        given(referral).when(close, by=COMMUNITY).then(Referral.Closed, by="community")
        given(referral).when(close, by=COMMUNITY).refused("已办结”，不能办结")

    def test_closing_says_how_the_person_was_told(self) -> None:
        referral = answered()
        given(referral).when(CloseReferral(referral_id=referral.id, note=" ")).refused("以何种方式告知")

    def test_what_a_department_works_on_is_not_closed_behind_its_back(self) -> None:
        referral = accepted_one()
        given(referral).when(CloseReferral(referral_id=referral.id, note="不再需要")).refused("办理中”，不能办结")


def test_a_case_takes_its_referrals_along() -> None:
    case = applied()
    referral = made(case)
    move = TransferCase(case_id=case.id, to_division_code=OTHER_VILLAGE, moved_on=NOW.date())
    given(case, referral).when(move).then(Case.Transferred, Referral.Transferred, to_division_code=OTHER_VILLAGE)
    assert referral.division_code == case.division_code


def test_limits_are_parameters() -> None:
    for code, days in (("acceptance", 3), ("answer", 15), ("feedback", 3)):
        assert PARAMETERS.value(f"limits.referral_{code}", VILLAGE, NOW.date()) == days
    assert STREET.covers(VILLAGE)
