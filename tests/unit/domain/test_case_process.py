"""The way of the law from acceptance to decision: one success each, and every refusal; limits over holidays."""

from datetime import date
from uuid import uuid4

import pytest

from domain.access import Actor, RoleCode
from domain.assistance import Case
from domain.assistance.commands import (
    AcceptCase,
    AnnounceGrant,
    AnswerObjection,
    AssignWork,
    ConfirmCase,
    ConfirmTemporaryAssistance,
    DiscloseRelative,
    ExtendDeadline,
    FileObjection,
    PostNotice,
    ReceiveSupplement,
    RecordCommunityReview,
    RecordVisit,
    RefuseCase,
    ReopenCase,
    RequestSupplement,
    ReviewCase,
    ServeRefusal,
    VerifyCase,
)
from domain.clock import at
from domain.codes import CaseState, Opinion, Relation, Scheme, VisitFinding, WorkStep
from domain.workdays import working_days_between, years_without_table
from tests.unit.domain.samples import (
    accepted,
    applied,
    closed,
    on,
    paying,
    publicised,
    refused,
    reviewed,
    verified,
)
from tests.unit.domain.specification import CLERK, NOW, STREET, given

COMMUNITY = Actor("community", RoleCode.COMMUNITY_WORKER, "440704004203")
SECOND = Actor("street-2", RoleCode.STREET_OFFICER, "440704004")


class TestVisit:
    def command(self, case: Case, **fields: object) -> RecordVisit:
        told = {"finding": VisitFinding.AS_STATED, "report": "三人同住", "visited_on": NOW.date(), **fields}
        return RecordVisit(case_id=case.id, **told)

    def test_the_community_calls_on_a_household(self) -> None:
        case = accepted()
        given(case).when(self.command(case), by=COMMUNITY).then(Case.Visited, verify_by=date(2015, 2, 28))
        assert (case.state, case.visited_on) == (CaseState.ACCEPTED, NOW.date())

    def test_a_household_that_is_paid_is_called_on_too(self) -> None:
        case = paying()
        given(case).when(self.command(case)).then(Case.Visited, verify_by=None)

    @pytest.mark.parametrize(
        ("case", "fields", "text"),
        [
            (applied(), {}, "不能登记入户核查"),
            (closed(), {}, "不能登记入户核查"),
            (accepted(), {"report": " "}, "写明入户核查情况"),
            (accepted(), {"visited_on": date(2015, 12, 11)}, "不能晚于今天"),
        ],
    )
    def test_refusals(self, case: Case, fields: dict[str, object], text: str) -> None:
        given(case).when(self.command(case, **fields)).refused(text)


class TestStaffRelatives:
    def test_officials_themselves_have_to_call_on_them(self) -> None:
        case = verified()
        disclosed = DiscloseRelative(case_id=case.id, staff="某村委会主任", relation=Relation.SIBLINGS)
        given(case).when(disclosed, by=COMMUNITY).then(Case.RelativeDisclosed)
        visit = RecordVisit(
            case_id=case.id, finding=VisitFinding.AS_STATED, report="属实", visited_on=date(2015, 12, 9)
        )
        review = ReviewCase(case_id=case.id, opinion=Opinion.GRANT)
        given(case).when(visit, by=COMMUNITY).then(Case.Visited, official=False)
        given(case).when(review).refused("须由街道或区级工作人员入户核查")
        missed = RecordVisit(
            case_id=case.id, finding=VisitFinding.NOT_REACHED, report="家中无人", visited_on=date(2015, 12, 9)
        )
        given(case).when(missed, by=STREET).then(Case.Visited, official=True)
        given(case).when(review).refused("须由街道或区级工作人员入户核查")
        given(case).when(visit, by=STREET).then(Case.Visited, official=True)
        given(case).when(review).then(Case.Reviewed)

    def test_refusals(self) -> None:
        case, over = verified(), closed()
        blank = DiscloseRelative(case_id=case.id, staff=" ", relation=Relation.SON)
        given(case).when(blank).refused("写明工作人员")
        late = DiscloseRelative(case_id=over.id, staff="某", relation=Relation.SON)
        given(over).when(late).refused("不能办理近亲属备案")


class TestCommunityReview:
    def test_counts_are_kept_and_decide_nothing(self) -> None:
        case = verified()
        command = RecordCommunityReview(case_id=case.id, for_count=9, against_count=2, held_on=NOW.date())
        given(case).when(command, by=COMMUNITY).then(Case.CommunityReviewHeld, for_count=9, against_count=2)
        assert case.state is CaseState.VERIFIED

    def test_refusals(self) -> None:
        case, done = verified(), paying()
        empty = RecordCommunityReview(case_id=case.id, for_count=0, against_count=0, held_on=NOW.date())
        given(case).when(empty).refused("大于零")
        late = RecordCommunityReview(case_id=done.id, for_count=1, against_count=0, held_on=NOW.date())
        given(done).when(late).refused("不能登记民主评议")


class TestThreeHands:
    def prepared(self, by: Actor = STREET) -> Case:
        case = accepted()
        given(case).when(
            VerifyCase(case_id=case.id, monthly_income_fen=90_000, property_within_limits=True, conclusion="属实"),
            by=by,
        ).then(Case.VerificationReported, by=by.name, review_by=date(2015, 2, 28))
        return case

    def visited(self, by: Actor = STREET) -> Case:
        case = self.prepared(by)
        case.record_visit(
            NOW, finding=VisitFinding.AS_STATED, report="属实", by="x", official=False, visited_on=NOW.date()
        )
        return case

    def test_who_prepared_does_not_review(self) -> None:
        case = self.visited()
        command = ReviewCase(case_id=case.id, opinion=Opinion.GRANT)
        given(case).when(command, by=STREET).refused("您已为此个案登记核对结果，不能再提出审核意见")
        given(case).when(command, by=SECOND).then(Case.Reviewed, by="street-2", publicise_by=date(2015, 2, 28))

    def test_nobody_is_reviewed_unvisited(self) -> None:
        case = self.prepared()
        given(case).when(ReviewCase(case_id=case.id, opinion=Opinion.GRANT), by=SECOND).refused("尚未入户核查")

    @pytest.mark.parametrize("hand", ["prepared", "reviewed"])
    def test_who_prepared_or_reviewed_does_not_decide(self, hand: str) -> None:
        case = publicised()
        case.hands = case.hands._replace(**{hand: CLERK.name})
        given(case).when(ConfirmCase(case_id=case.id)).refused("不能再作出决定")

    def test_nor_refuse(self) -> None:
        case = self.prepared(CLERK)
        given(case).when(RefuseCase(case_id=case.id, reason="不配合")).refused("不能再作出决定")

    def test_nor_grant_temporary_assistance(self) -> None:
        case = accepted(Scheme.TEMP)
        case.verify(NOW, monthly_income_fen=0, property_within_limits=True, conclusion="", by=STREET.name)
        command = ConfirmTemporaryAssistance(case_id=case.id, months=1)
        given(case).when(command, by=STREET).refused("不能再作出决定")

    def test_verifying_again_changes_the_first_hand(self) -> None:
        case = reviewed()
        assert case.hands.reviewed == "reviewing"
        again = VerifyCase(case_id=case.id, monthly_income_fen=1, property_within_limits=True, conclusion="x")
        given(case).when(again).refused("不能登记核对结果")


class TestNotice:
    def test_seven_days_and_ten_working_days_to_decide(self) -> None:
        case = reviewed()
        given(case).when(PostNotice(case_id=case.id, notice_no=" 公示〔2015〕9号 "), by=COMMUNITY).then(
            Case.NoticePosted,
            notice_no="公示〔2015〕9号",
            from_on=date(2015, 12, 10),
            to_on=date(2015, 12, 17),
            decide_by=date(2015, 12, 17),  # the whole case was due before: only the notice itself still has to run
        )
        assert (case.state, case.notice_to) == (CaseState.PUBLICISED, date(2015, 12, 17))

    def test_a_notice_that_would_end_on_spring_festival_hangs_until_the_first_working_day_after_it(self) -> None:
        case = reviewed()
        case.extend_deadline(on("2015-01-13"), due_on=date(2016, 3, 31), reason="需跨区核对")
        given(case).when(PostNotice(case_id=case.id, notice_no="1"), now=on("2016-02-02")).then(
            Case.NoticePosted,
            # Seven days from 2 February end on the 9th, a holiday; the 14th, a Sunday, is made up for: people work.
            to_on=date(2016, 2, 14),
            decide_by=date(2016, 2, 26),
        )

    def test_no_decision_before_it_has_run(self) -> None:
        case = publicised()
        for day in ("2015-01-13", "2015-01-20"):
            given(case).when(ConfirmCase(case_id=case.id), now=on(day)).refused("公示期至 2015-01-20 届满")
        given(case).when(ConfirmCase(case_id=case.id), now=on("2015-01-21")).then(
            Case.Confirmed,
            by="district",
            announce_by=date(2015, 1, 26),
            recheck_by=date(2016, 2, 1),
            recheck_months=12,
        )

    @pytest.mark.parametrize(
        ("case", "fields", "text"),
        [
            (verified(), {}, "不能公示"),
            (reviewed(), {"from_on": date(2015, 12, 11)}, "不能晚于今天"),
        ],
    )
    def test_refusals(self, case: Case, fields: dict[str, date], text: str) -> None:
        given(case).when(PostNotice(case_id=case.id, notice_no="1", **fields)).refused(text)


class TestObjection:
    def test_it_is_looked_into_and_everything_after_it_comes_again(self) -> None:
        case = publicised()
        now = on("2015-01-16")
        given(case).when(FileObjection(case_id=case.id, reason="某邻居称其有出租屋"), by=COMMUNITY, now=now).then(
            Case.ObjectionFiled, answer_by=date(2015, 2, 28)
        )
        given(case).when(ConfirmCase(case_id=case.id), now=on("2015-02-02")).refused("现为“有异议”")
        given(case).when(RefuseCase(case_id=case.id, reason="x"), now=now).refused("现为“有异议”")
        given(case).when(
            AnswerObjection(case_id=case.id, upheld=False, note="房屋为祖屋自住"), by=STREET, now=now
        ).then(Case.ObjectionAnswered, by="street", review_by=date(2015, 2, 28))
        assert (case.state, case.notice_to, case.hands) == (CaseState.VERIFIED, None, ("street", ""))
        again = ReviewCase(case_id=case.id, opinion=Opinion.GRANT)
        given(case).when(again, by=STREET, now=now).refused("登记核对结果")
        given(case).when(again, by=SECOND, now=now).then(Case.Reviewed)

    def test_refusals(self) -> None:
        case, silent = verified(), publicised()
        given(case).when(FileObjection(case_id=case.id, reason="x")).refused("不能登记异议")
        given(silent).when(FileObjection(case_id=silent.id, reason=" ")).refused("写明异议内容")
        given(silent).when(AnswerObjection(case_id=silent.id, upheld=True, note="x")).refused("不能登记异议核查结果")


class TestClock:
    def test_it_stands_still_while_papers_are_missing(self) -> None:
        case = applied()
        given(case).when(AcceptCase(case_id=case.id), now=on("2016-01-11")).then(
            Case.Accepted,
            investigate_by=date(2016, 1, 14),
            # 14 working days in January, 1 to 6 February (Saturday the 6th is worked), none from the 7th to the 13th,
            # Sunday the 14th (worked), 15 to 19, 22 to 25: 14 + 6 + 1 + 5 + 4 = 30.
            due_on=date(2016, 2, 25),
        )
        given(case).when(RequestSupplement(case_id=case.id, missing="收入证明"), by=STREET, now=on("2016-01-29")).then(
            Case.SupplementRequested, effective_on=date(2016, 1, 29)
        )
        given(case).when(RefuseCase(case_id=case.id, reason="x"), now=on("2016-02-02")).refused("等待补充材料")
        # Back on 16 February: nine working days later, though eighteen days have passed.
        assert working_days_between(date(2016, 1, 29), date(2016, 2, 16)) == 9
        given(case).when(ReceiveSupplement(case_id=case.id), by=STREET, now=on("2016-02-16")).then(
            Case.SupplementReceived, former_due_on=date(2016, 2, 25), due_on=date(2016, 3, 9)
        )
        assert (case.due_on, case.clock_stopped_on) == (date(2016, 3, 9), None)

    def test_refusals(self) -> None:
        case = accepted()
        given(case).when(ReceiveSupplement(case_id=case.id)).refused("没有在等待补充材料")
        given(case).when(RequestSupplement(case_id=case.id, missing=" ")).refused("一次性写明")
        given(case).when(RequestSupplement(case_id=case.id, missing="x")).then(Case.SupplementRequested)
        given(case).when(RequestSupplement(case_id=case.id, missing="y")).refused("已在等待补充材料")
        paid = paying()
        given(paid).when(RequestSupplement(case_id=paid.id, missing="x")).refused("不能要求补充材料")

    def test_a_complicated_case_has_fifteen_more_working_days_once(self) -> None:
        case = accepted()
        given(case).when(ExtendDeadline(case_id=case.id, reason="需跨区核对"), by=STREET).then(
            Case.DeadlineExtended, former_due_on=date(2015, 2, 28), due_on=date(2015, 3, 20)
        )
        given(case).when(ExtendDeadline(case_id=case.id, reason="再延"), by=STREET).refused("只能延长一次")

    def test_a_year_without_holidays_is_told_of_in_time(self) -> None:
        assert years_without_table(date(2016, 9, 30)) == ()
        assert years_without_table(date(2016, 10, 1)) == (2017,)
        assert years_without_table(date(2017, 11, 1)) == (2017, 2018)


class TestAfterwards:
    def test_a_grant_is_announced(self) -> None:
        case, open_case = paying(), verified()
        given(case).when(AnnounceGrant(case_id=case.id, notice_no="长期公示1"), by=COMMUNITY).then(
            Case.Announced, from_on=NOW.date()
        )
        given(open_case).when(AnnounceGrant(case_id=open_case.id, notice_no="1")).refused("不能公布救助结果")

    def test_a_refusal_is_served(self) -> None:
        case, paid = refused(), paying()
        served = {"letter_no": "江民不确〔2015〕1号", "proof": "直接送达", "served_on": NOW.date()}
        given(case).when(ServeRefusal(case_id=case.id, **served), by=STREET).then(Case.RefusalServed)
        given(paid).when(ServeRefusal(case_id=paid.id, **served)).refused("不能登记送达")
        given(case).when(ServeRefusal(case_id=case.id, **{**served, "proof": ""})).refused("送达方式")

    def test_the_refusal_letter_is_due_in_three_working_days(self) -> None:
        case = verified(income_fen=200_000)
        given(case).when(RefuseCase(case_id=case.id, reason="收入超过标准"), now=on("2016-02-05")).then(
            Case.Refused,
            serve_by=date(2016, 2, 15),
            by="district",  # 6 and 14 February are worked, 7 to 13 are not
        )

    def test_a_reopened_case_is_to_be_decided_anew_and_needs_no_second_notice(self) -> None:
        case = refused()
        given(case).when(ReopenCase(case_id=case.id, basis="江行复〔2015〕3号"), now=on("2016-02-05")).then(
            Case.Reopened, due_on=date(2016, 3, 23)
        )
        case.verify(on("2016-02-15"), monthly_income_fen=90_000, property_within_limits=True, conclusion="属实", by="x")
        given(case).when(ConfirmCase(case_id=case.id), now=on("2016-02-16")).then(Case.Confirmed)

    def test_half_yearly_rechecks(self) -> None:
        case = publicised()
        given(case).when(ConfirmCase(case_id=case.id, variable_income=True)).then(
            Case.Confirmed, recheck_by=date(2016, 7, 1), recheck_months=6
        )
        again = VerifyCase(case_id=case.id, monthly_income_fen=90_000, property_within_limits=True, conclusion="属实")
        given(case).when(again, now=on("2016-06-20")).then(
            Case.VerificationReported, recheck_by=date(2016, 12, 1), review_by=None
        )

    def test_papers_of_urgent_relief_are_due_afterwards(self) -> None:
        case = applied(Scheme.TEMP, members=(uuid4(),))
        urgent = ConfirmTemporaryAssistance(case_id=case.id, months=1, urgent=True)
        given(case).when(urgent, now=at(date(2016, 2, 5), 20)).then(Case.Confirmed, papers_by=date(2016, 2, 24))

    def test_work_is_assigned(self) -> None:
        case = accepted()
        command = AssignWork(case_id=case.id, step=WorkStep.INVESTIGATE, assignee=" 麦二 ")
        given(case).when(command, by=STREET).then(Case.WorkAssigned, assignee="麦二")
