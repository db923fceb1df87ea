"""Ability assessments: the scale, who may assess, review and dispute, and how long a result holds."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from domain.access import Actor, RoleCode
from domain.care import Assessment, Assessor
from domain.care.assessment import in_force
from domain.care.commands import (
    AssignAssessment,
    CancelAssessment,
    DeclareConflict,
    DisputeAssessment,
    EndAssessor,
    ExpireAssessment,
    RegisterAssessor,
    RequestAssessment,
    ReviewAssessment,
    SendAssessmentBack,
    SignAssessment,
    SubmitAssessment,
    SubmitOlderAssessment,
    TellAssessment,
)
from domain.care.scales import Circumstances, bands, demand_scores, grade, grade_of, items, label_of
from domain.codes import AssessmentEnd, AssessmentReason, AssessmentState, ConflictKind, Scale
from domain.errors import BadInput, NotFound, RuleViolated
from tests.unit.domain.care_samples import (
    FULL,
    SEVERE,
    TODAY,
    assessor,
    assigned,
    effective,
    elder,
    facility,
    requested,
)
from tests.unit.domain.samples import VILLAGE, on
from tests.unit.domain.specification import STREET, assert_replays, given

FIRST, SECOND = Actor("甲", RoleCode.ASSESSOR, "440704"), Actor("乙", RoleCode.ASSESSOR, "440704")
REVIEWER = Actor("审核", RoleCode.STREET_OFFICER, "440704004")
POINTS = st.tuples(*(st.integers(0, item.most) for item in items()))


def submit(of: Assessment, scores: tuple[int, ...] = SEVERE, **more: Any) -> SubmitAssessment:
    return SubmitAssessment(assessment_id=of.id, scores=scores, assessed_on=date(2015, 12, 9), **more)


class TestScale:
    def test_as_the_standard_counts_it(self) -> None:
        domains: dict[str, int] = {}
        for item in items():
            domains[item.domain] = domains.get(item.domain, 0) + 1
        assert list(domains.values()) == [8, 4, 9, 5]
        assert (len(items()), sum(FULL)) == (26, 90)
        covered = [total for band in bands() for total in range(band.least, band.most + 1)]
        assert sorted(covered) == list(range(91))

    @pytest.mark.parametrize(
        ("total", "wanted"), [(90, 0), (89, 1), (66, 1), (65, 2), (46, 2), (45, 3), (30, 3), (29, 4), (0, 4)]
    )
    def test_thresholds(self, total: int, wanted: int) -> None:
        assert grade_of(total) == wanted

    def test_circumstances_make_it_worse(self) -> None:
        assert grade(FULL, Circumstances()).grade == 0
        assert grade(FULL, Circumstances(dementia=True)).grade == 1
        assert grade(FULL, Circumstances(risk_events=1)).grade == 0
        both = grade(FULL, Circumstances(dementia=True, risk_events=2))
        assert (both.by_points, both.grade, len(both.upgrades)) == (0, 2, 2)
        assert grade(FULL, Circumstances(coma=True)).grade == 4
        assert grade((0,) * 26, Circumstances(dementia=True, risk_events=9)).grade == 4

    def test_what_drove_the_grade_is_the_fewest_items_without_whose_loss_it_were_milder(self) -> None:
        graded = grade(SEVERE, Circumstances())
        # 43 points; three more make grade 2, and feeding alone has lost four.
        assert (graded.total, graded.by_points, graded.drivers) == (43, 3, ("B.1.1",))
        assert grade(FULL, Circumstances()).drivers == ()

    @examples(POINTS)
    def test_drivers_restored_make_the_grade_milder_and_one_fewer_does_not(self, points: tuple[int, ...]) -> None:
        graded = grade(points, Circumstances())
        most = {item.code: item.most for item in items()}
        lost = {item.code: item.most - own for item, own in zip(items(), points, strict=True)}
        if graded.by_points:
            restored = graded.total + sum(lost[code] for code in graded.drivers)
            assert grade_of(restored) < graded.by_points
            assert grade_of(restored - lost[graded.drivers[-1]]) == graded.by_points
            worst = max(lost.values())
            assert lost[graded.drivers[0]] == worst <= max(most.values())
        assert grade_of(graded.total) == graded.by_points

    @examples(POINTS, st.booleans(), st.booleans(), st.integers(0, 5))
    def test_never_milder_than_the_points_say(
        self, points: tuple[int, ...], coma: bool, dementia: bool, events: int
    ) -> None:
        graded = grade(points, Circumstances(coma, dementia, events))
        assert graded.by_points <= graded.grade <= 4

    def test_wrong_points_are_named(self) -> None:
        scores = {item.code: item.most for item in items()}
        with pytest.raises(BadInput, match="“上下楼梯”的分值应为 0 至 3"):
            demand_scores({**scores, "B.2.4": 4})
        with pytest.raises(BadInput, match="尚有 1 项未评分：进食"):
            demand_scores({code: points for code, points in scores.items() if code != "B.1.1"})
        with pytest.raises(BadInput, match=r"X\.1"):
            demand_scores({**scores, "X.1": 1})

    def test_each_scale_has_its_own_words(self) -> None:
        assert label_of(Scale.GBT_42195, 3) == "能力重度受损（重度失能）"
        assert label_of(Scale.MZT_039, 3) == "重度失能"
        assert label_of(Scale.LOCAL, 2) == "失能"
        with pytest.raises(BadInput, match="0 至 3"):
            label_of(Scale.MZT_039, 4)


class TestRequest:
    def test_assessors_are_named_within_five_working_days(self) -> None:
        who = elder()
        ask = RequestAssessment(person_id=who.id, reason=AssessmentReason.SUBSIDY)
        made = given(who).when(ask).then(Assessment.Created, assign_by=date(2015, 12, 17), division_code=VILLAGE)
        given(who, made).when(ask).refused("已有评估在办理")

    def test_a_dispute_is_entered_where_it_is_about(self) -> None:
        who = elder()
        ask = RequestAssessment(person_id=who.id, reason=AssessmentReason.DISPUTE)
        given(who).when(ask).refused("登记异议", BadInput)


class TestAssignment:
    def test_two_independent_ones_with_what_they_need(self) -> None:
        who = elder(phone="13800000000", address="一巷1号")
        made = requested(who)
        by = (*assessor("甲"), *assessor("乙"))
        ask = AssignAssessment(assessment_id=made.id, assessors=("甲", "乙"))
        done = given(who, made, *by).when(ask, STREET)
        done.then(Assessment.Assigned, due_on=date(2015, 12, 24), phone="13800000000", organisation="江门市评估中心")

    @pytest.mark.parametrize("names", [("甲",), ("甲", "甲")])
    def test_one_is_not_enough(self, names: tuple[str, ...]) -> None:
        who = elder()
        made = requested(who)
        ask = AssignAssessment(assessment_id=made.id, assessors=names)
        given(who, made, *assessor("甲")).when(ask, STREET).refused("至少 2 名不同的评估人员")

    def test_not_who_works_for_the_provider_or_has_something_to_do_with_it(self) -> None:
        who, home = elder(), facility()
        made = requested(who, provider=home.id)
        ask = AssignAssessment(assessment_id=made.id, assessors=("甲", "乙"))
        theirs = (*assessor("甲", "晨光养老服务中心"), *assessor("乙"))
        given(who, made, home, *theirs).when(ask, STREET).refused("就是服务机构")
        tied = (*assessor("甲"), *assessor("乙"))
        tied[0].declare(on("2015-12-01"), facility_id=home.id, kind=ConflictKind.RELATIVE, by="甲")
        given(who, made, home, *tied).when(ask, STREET).refused("应当回避")
        given(who, made, home, *assessor("甲"), *assessor("乙")).when(ask, STREET).then(Assessment.Assigned)

    def test_not_who_is_unknown_ended_or_without_a_right(self) -> None:
        who = elder()
        made = requested(who)
        ask = AssignAssessment(assessment_id=made.id, assessors=("甲", "乙"))
        given(who, made, *assessor("甲")).when(ask, STREET).refused("账号 乙 没有登记为评估人员")
        first, right = assessor("甲")
        given(who, made, first, *assessor("乙")).when(ask, STREET).refused("没有覆盖此人所在区划的评估权限")
        first.end(on("2015-12-01"), reason="离职", by="district")
        given(who, made, first, right, *assessor("乙")).when(ask, STREET).refused("已注销")

    def test_reassigned_before_anybody_scored(self) -> None:
        who = elder()
        made = assigned(who)
        ask = AssignAssessment(assessment_id=made.id, assessors=("丙", "丁"))
        others = (*assessor("丙"), *assessor("丁"))
        given(who, made, *others).when(ask, STREET).then(Assessment.Assigned, former=("甲", "乙"))


class TestScoring:
    def test_one_hands_in_the_other_signs_a_third_reviews(self) -> None:
        who = elder()
        made = assigned(who)
        done = given(who, made).when(submit(made, dementia=True), FIRST)
        made = done.then(Assessment.Scored, total="43", by_points="3", grade="4", drivers="B.1.1")
        assert (made.grade, made.result) == (4, "能力完全丧失（完全失能）")
        review = ReviewAssessment(assessment_id=made.id)
        given(who, made).when(review, REVIEWER).refused("尚未会签：乙")
        given(who, made).when(SignAssessment(assessment_id=made.id), FIRST).refused("已提交或会签")
        made = given(who, made).when(SignAssessment(assessment_id=made.id), SECOND).then(Assessment.Signed)
        made = given(who, made).when(review, REVIEWER).then(Assessment.Reviewed, tell_by=date(2015, 12, 17))
        told = given(who, made).when(TellAssessment(assessment_id=made.id), REVIEWER)
        made = told.then(Assessment.TookEffect, valid_to=date(2016, 12, 10), changed=False)
        assert made.in_force_on(TODAY)
        assert not made.in_force_on(date(2016, 12, 11))

    def test_strangers_are_told_of_nothing(self) -> None:
        made = assigned(elder())
        stranger = Actor("戊", RoleCode.ASSESSOR, "440704")
        given(made).when(submit(made), stranger).refused("不是分派给您的", NotFound)
        given(made).when(SignAssessment(assessment_id=made.id), stranger).refused("不是分派给您的", NotFound)

    def test_assessors_do_not_review_themselves(self) -> None:
        made = given(one := assigned(elder(), ("审核", "乙"))).when(submit(one), SECOND).then(Assessment.Scored)
        made.sign(on("2015-12-10"), by="审核")
        given(made).when(ReviewAssessment(assessment_id=made.id), REVIEWER).refused("审核人不能是参加评估的人员")

    def test_wrong_points_change_nothing(self) -> None:
        made = assigned(elder())
        given(made).when(submit(made, (1, 2)), FIRST).refused("应填写 26 项分值", BadInput)
        given(made).when(submit(made, (9, *SEVERE[1:])), FIRST).refused("“进食”", BadInput)
        given(made).when(submit(made, risk_events=-1), FIRST).refused("不能为负", BadInput)

    def test_the_older_scale_is_kept_as_it_is(self) -> None:
        made = assigned(elder())
        ask = SubmitOlderAssessment(assessment_id=made.id, axes=(2, 1, 0, 2), grade=2, assessed_on=TODAY)
        made = given(made).when(ask, FIRST).then(Assessment.Scored, scale=Scale.MZT_039, scores="2,1,0,2", total="")
        assert made.result == "中度失能"
        wrong = SubmitOlderAssessment(assessment_id=made.id, axes=(2, 1, 0), grade=2, assessed_on=TODAY)
        given(made).when(wrong, FIRST).refused("四项分级", BadInput)

    def test_sent_back_and_scored_again(self) -> None:
        made = given(one := assigned(elder())).when(submit(one), FIRST).then(Assessment.Scored)
        back = SendAssessmentBack(assessment_id=made.id, reason="漏评用药管理")
        made = given(made).when(back, REVIEWER).then(Assessment.SentBack, due_on=date(2015, 12, 24))
        assert made.signed == ()
        given(made).when(submit(made, FULL), SECOND).then(Assessment.Scored, grade="0", by="乙")


class TestEffect:
    def test_a_new_result_ends_the_one_before_and_says_whether_it_changed(self) -> None:
        who = elder()
        old = effective(who, scores=FULL)
        new = assigned(who)
        new.score(
            on("2015-12-10"),
            scale=Scale.GBT_42195,
            scores=SEVERE,
            graded=grade(SEVERE, Circumstances()),
            assessed_on=TODAY,
            by="甲",
            review_by=TODAY,
        )
        new.sign(on("2015-12-10"), by="乙")
        new.review(on("2015-12-10"), least=2, by="x", tell_by=TODAY)
        done = given(who, old, new).when(TellAssessment(assessment_id=new.id))
        done.then(Assessment.TookEffect, Assessment.Expired, reason=AssessmentEnd.SUPERSEDED)
        assert done.events[0].changed  # type: ignore[attr-defined]
        assert in_force((old, new), TODAY) is new
        assert_replays(old)

    @pytest.mark.parametrize(("scores", "upheld"), [(SEVERE, True), (FULL, False)])
    def test_a_dispute_is_looked_at_by_others_and_upheld_or_overturned(
        self, scores: tuple[int, ...], upheld: bool
    ) -> None:
        who = elder()
        first = effective(who)
        ask = DisputeAssessment(assessment_id=first.id, reason="评估时正发烧")
        done = given(who, first).when(ask)
        again = done.then(Assessment.Created, Assessment.Disputed)
        assert (again.disputes, first.state, first.in_force_on(TODAY)) == (first.id, AssessmentState.DISPUTED, True)
        same = AssignAssessment(assessment_id=again.id, assessors=("甲", "丙"))
        known = (*assessor("甲"), *assessor("丙"), *assessor("丁"))
        given(who, first, again, *known).when(same, STREET).refused("原评估人员以外")
        other = AssignAssessment(assessment_id=again.id, assessors=("丙", "丁"))
        sent = given(who, first, again, *known).when(other, STREET)
        again = sent.then(Assessment.Assigned, earlier_grade="3", earlier_scale=Scale.GBT_42195)
        third = Actor("丙", RoleCode.ASSESSOR, "440704")
        again = given(who, first, again).when(submit(again, scores), third).then(Assessment.Scored)
        again.sign(on("2015-12-10"), by="丁")
        again.review(on("2015-12-10"), least=2, by="x", tell_by=TODAY)
        told = given(who, first, again).when(TellAssessment(assessment_id=again.id))
        told.then(Assessment.TookEffect, Assessment.Reassessed, upheld=upheld)
        assert in_force((first, again), TODAY) is again

    def test_not_after_the_days_for_it(self) -> None:
        made = effective(elder())
        with pytest.raises(RuleViolated, match="异议期限已于 2016-01-04 届满"):
            made.dispute(on("2016-01-05"), reason="不服", reassessment_id=uuid4(), by="village")

    def test_a_withdrawn_dispute_leaves_it_as_it_was(self) -> None:
        who = elder()
        first = effective(who)
        done = given(who, first).when(DisputeAssessment(assessment_id=first.id, reason="不服"))
        again = done.then(Assessment.Created, Assessment.Disputed)
        end = CancelAssessment(assessment_id=again.id, reason=AssessmentEnd.WITHDRAWN)
        given(who, first, again).when(end).then(Assessment.Cancelled, Assessment.DisputeWithdrawn)
        assert first.state is AssessmentState.EFFECTIVE

    def test_it_expires_after_its_last_day_and_a_death_ends_it_twice(self) -> None:
        made = effective(elder())
        over = ExpireAssessment(assessment_id=made.id, reason=AssessmentEnd.TIME)
        given(made).when(over).refused("尚未届满")
        for _ in range(2):
            made.expire(on("2015-12-10"), reason=AssessmentEnd.DEATH, effective_on=TODAY)
            made.cancel(on("2015-12-10"), reason=AssessmentEnd.DEATH)
        assert made.state is AssessmentState.EXPIRED
        given(made).when(over).refused("没有有效的结果")
        assert_replays(made)

    def test_it_goes_along_with_the_person(self) -> None:
        made = assigned(elder())
        for _ in range(2):
            made.transfer(on("2015-12-10"), to_division_code="440704005211", moved_on=TODAY)
        assert [type(e).__name__ for e in made.pending_events].count("Transferred") == 1
        assert made.division_code == "440704005211"

    def test_an_erased_grade_is_none(self) -> None:
        made = effective(elder())
        made.grade_text = "〔已删除〕"
        assert made.grade is None
        with pytest.raises(RuleViolated, match="没有结果"):
            _ = made.result


class TestFacts:
    def test_a_result_of_a_source_holds_whoever_assessed(self) -> None:
        made = Assessment.request(
            uuid4(), on("2015-01-05"), person_id=uuid4(), reason=AssessmentReason.SUBSIDY, division_code=VILLAGE
        )
        made.report_result(
            on("2015-01-05"),
            scale=Scale.LOCAL,
            grade=1,
            assessed_on=date(2015, 1, 5),
            valid_to=date(2016, 1, 5),
            assessors=("甲",),
            reviewer="甲",
        )
        assert (made.grade, made.result, made.in_force_on(TODAY)) == (1, "半失能", True)
        assert_replays(made)


class TestAssessors:
    def test_registered_once_and_declaring_for_themselves(self) -> None:
        ask = RegisterAssessor(account="甲", organisation="评估中心", division_code="440704")
        known = given().when(ask).then(Assessor.Created)
        given(known).when(ask).refused("已登记为评估人员")
        home = facility()
        tie = DeclareConflict(account="甲", facility_id=home.id, kind=ConflictKind.EMPLOYED)
        given(known, home).when(tie, SECOND).refused("您本人的", NotFound)
        known = given(known, home).when(tie, FIRST).then(Assessor.ConflictDeclared)
        given(known, home).when(tie, FIRST).refused("已经申报")
        given(known).when(EndAssessor(account="甲", reason="离职")).then(Assessor.Ended)
        assert isinstance(known.id, UUID)


class TestWhatLapses:
    def test_a_result_ends_by_itself_after_its_last_day(self) -> None:
        made = effective(elder())
        made.lapse(on("2016-12-05"))
        assert made.state is AssessmentState.EFFECTIVE
        for _ in range(2):
            made.lapse(on("2016-12-06"))
        assert (made.state, made.lapses_at) == (AssessmentState.EXPIRED, None)
        assert [type(e).__name__ for e in made.pending_events].count("Expired") == 1
        assert_replays(made)

    def test_what_a_source_reported_never_lapses(self) -> None:
        made = Assessment.request(
            uuid4(), on("2015-01-05"), person_id=uuid4(), reason=AssessmentReason.SUBSIDY, division_code=VILLAGE
        )
        day = date(2015, 1, 5)
        made.report_result(on("2015-01-05"), scale=Scale.LOCAL, grade=1, assessed_on=day, valid_to=day)
        assert made.lapses_at is None
        assert not made.in_force_on(date(2015, 1, 6))
