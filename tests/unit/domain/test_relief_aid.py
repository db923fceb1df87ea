"""Relief money: applied for or nominated, reviewed, publicised, submitted, decided, paid, by different hands."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from domain.access import Actor, RoleCode
from domain.codes import AidKind, AidState, FundSource, HouseDamage, HouseholdKind
from domain.relief import ReliefAid
from domain.relief.amounts import aid_list_id, amount_of
from domain.relief.commands import (
    ApplyForReliefAid,
    AssessHouseDamage,
    DecideReliefAid,
    DecideWinterList,
    HoldReliefAid,
    ObjectToReliefAid,
    PayReliefAid,
    PostReliefAidNotice,
    PostWinterListNotice,
    RefuseReliefAid,
    ReleaseReliefAid,
    ReturnReliefAidPayment,
    ReviewReliefAid,
    ReviewWinterList,
    SubmitReliefAid,
    SubmitWinterList,
    WithdrawReliefAid,
)
from tests.unit.domain.reliefs import applied_aid, publicised_aid, struck, submitted_aid, warned
from tests.unit.domain.samples import OTHER_VILLAGE, PARAMETERS, VILLAGE, household, person
from tests.unit.domain.specification import CLERK, NOW, STREET, given, history

WORKER = Actor("community", RoleCode.COMMUNITY_WORKER, VILLAGE)
PAYER = Actor("finance", RoleCode.FINANCE_OFFICER, "440704")
TODAY = NOW.date()


class TestCourse:
    def test_from_the_application_to_the_payment(self) -> None:
        disaster, who = struck(), person()
        told: dict[str, Any] = {"kind": AidKind.REBUILD, "person_id": who.id, "head_count": 3, "situation": "全倒"}
        asked = ApplyForReliefAid(**told, disaster_id=disaster.id, nominated=True)
        world = given(disaster, who)
        aid = world.when(asked, by=WORKER).then(ReliefAid.Created, review_by=date(2015, 12, 17), aid_list_id=None)
        world = given(disaster, who, aid)
        world.when(asked, by=WORKER).refused("不重复申请")
        vote = ReviewReliefAid(aid_id=aid.id, for_count=12, against_count=1, held_on=TODAY)
        world.when(vote, by=WORKER).refused("先评定房屋损坏等级")
        grade = AssessHouseDamage(aid_id=aid.id, grade=HouseDamage.SEVERE, rooms=2, assessed_on=TODAY, report="墙裂")
        world.when(grade, by=STREET).then(ReliefAid.DamageAssessed)
        world.when(vote, by=WORKER).then(ReliefAid.Reviewed, passed=True, again=False)
        world.when(PostReliefAidNotice(aid_id=aid.id, notice_no="公1"), by=WORKER).then(
            ReliefAid.NoticePosted, to_on=date(2015, 12, 17), submit_by=date(2015, 12, 24)
        )
        submit = SubmitReliefAid(aid_id=aid.id, opinion="属实")
        world.when(submit, by=STREET, now=NOW + timedelta(days=7)).refused("公示至 2015-12-17")
        after = NOW + timedelta(days=8)
        world.when(submit, by=STREET, now=after).then(ReliefAid.Submitted)
        decided = world.when(DecideReliefAid(aid_id=aid.id), now=after)
        decided.then(ReliefAid.Decided, amount_fen=800_000, by="district")
        assert aid.due_fen == 800_000
        pay = PayReliefAid(aid_id=aid.id, fund_source=FundSource.DISTRICT, payment_no="支 1", paid_on=after.date())
        world.when(pay, now=after).refused("已审批此项救助")
        world.when(pay, by=PAYER, now=after).then(ReliefAid.Paid, amount_fen=800_000)
        assert (aid.state, aid.due_fen) == (AidState.PAID, 0)
        world.when(pay, by=PAYER, now=after).refused("须为：待支付")
        back = ReturnReliefAidPayment(aid_id=aid.id, reason="户名不符", returned_on=after.date())
        world.when(back, by=PAYER, now=after).then(ReliefAid.PaymentReturned, amount_fen=800_000)
        assert aid.due_fen == 800_000
        world.when(back, by=PAYER, now=after).refused("没有可退回的支付")

    def test_an_objection_is_deliberated_on_again(self) -> None:
        aid = publicised_aid(struck())
        world, hanging = given(aid), NOW - timedelta(days=9)
        objection = ObjectToReliefAid(aid_id=aid.id, reason="另有住房")
        world.when(objection, by=WORKER).refused("公示已于 2015-12-01 期满")
        world.when(objection, by=WORKER, now=hanging).then(ReliefAid.Objected)
        world.when(SubmitReliefAid(aid_id=aid.id, opinion="x"), by=STREET).refused("有异议")
        vote: dict[str, Any] = {"aid_id": aid.id, "held_on": hanging.date()}
        again = ReviewReliefAid(**vote, for_count=9, against_count=2)
        world.when(again, by=WORKER).then(ReliefAid.Reviewed, again=True, passed=True)
        assert aid.state is AidState.PUBLICISED
        world.when(SubmitReliefAid(aid_id=aid.id, opinion="异议不成立"), by=STREET).then(ReliefAid.Submitted)

    def test_what_the_community_votes_down_is_refused_by_the_district(self) -> None:
        aid = applied_aid(kind=AidKind.WINTER_SPRING)
        world = given(aid)
        refuse = RefuseReliefAid(aid_id=aid.id, reason="家庭有稳定收入")
        world.when(refuse).refused("须为：待审批")
        vote = ReviewReliefAid(aid_id=aid.id, for_count=2, against_count=2, held_on=TODAY)
        world.when(vote, by=WORKER).then(ReliefAid.Reviewed, passed=False, next_by=None)
        world.when(PostReliefAidNotice(aid_id=aid.id, notice_no="x"), by=WORKER).refused("须为：待公示")
        world.when(RefuseReliefAid(aid_id=aid.id, reason=" ")).refused("写明理由")
        world.when(refuse).then(ReliefAid.Refused)

    def test_refused_or_withdrawn_it_may_be_applied_for_again_and_only_then(self) -> None:
        disaster, who = struck(), person()
        told: dict[str, Any] = {"kind": AidKind.TRANSITION, "person_id": who.id, "head_count": 2, "situation": "无房住"}
        asked = ApplyForReliefAid(**told, disaster_id=disaster.id, days=30)
        first = given(disaster, who).when(asked).then(ReliefAid.Created)
        world = given(disaster, who, first)
        withdraw = WithdrawReliefAid(aid_id=first.id, reason="投靠亲属")
        world.when(withdraw).then(ReliefAid.Withdrawn)
        world.when(withdraw).refused("此申请已撤回")
        second = world.when(asked).then(ReliefAid.Created)
        assert second.id != first.id
        given(disaster, who, first, second).when(asked).refused("不重复申请")


class TestOneHome:
    def test_one_family_has_it_once_whoever_applies(self) -> None:
        disaster, head, spouse = struck(), person(), person(citizen_id=None)
        apart = household(head, spouse, kind=HouseholdKind.REGISTERED)
        theirs = applied_aid(disaster, person_id=spouse.id)
        told: dict[str, Any] = {"kind": AidKind.REBUILD, "head_count": 3, "situation": "全倒"}
        asked = ApplyForReliefAid(**told, person_id=head.id, disaster_id=disaster.id)
        given(disaster, head, spouse, apart, theirs).when(asked).then(ReliefAid.Created)
        home = household(head, spouse)
        world = given(disaster, head, spouse, home, theirs)
        world.when(asked).refused("同户的其他成员已申请倒损住房恢复重建补助")
        other = ApplyForReliefAid(**{**told, "kind": AidKind.WINTER_SPRING}, person_id=head.id, season=2015)
        world.when(other).then(ReliefAid.Created)
        theirs.withdraw(NOW, reason="改由户主申请")
        history(theirs)
        world.when(asked).then(ReliefAid.Created)


class TestHands:
    def test_three_people_and_a_payer(self) -> None:
        mine = publicised_aid(struck(), by="street")
        given(mine).when(SubmitReliefAid(aid_id=mine.id, opinion="x"), by=STREET).refused("不能再审核")
        entered = submitted_aid(struck(), by="district")
        given(entered).when(DecideReliefAid(aid_id=entered.id)).refused("登记录入")
        submitted = submitted_aid(struck())
        same = Actor("street", RoleCode.DISTRICT_CLERK, "440704")
        given(submitted).when(DecideReliefAid(aid_id=submitted.id), by=same).refused("提出审核意见")
        given(submitted).when(RefuseReliefAid(aid_id=submitted.id, reason="x"), by=same).refused("提出审核意见")

    def test_held_money_is_not_paid_until_released(self) -> None:
        aid = submitted_aid(struck())
        world = given(aid)
        world.when(DecideReliefAid(aid_id=aid.id)).then(ReliefAid.Decided)
        hold = HoldReliefAid(aid_id=aid.id, reason="户主去世，待核实")
        world.when(hold).then(ReliefAid.Held)
        world.when(hold).refused("已暂缓支付")
        assert aid.due_fen == 0
        pay = PayReliefAid(aid_id=aid.id, fund_source=FundSource.CITY, payment_no="支1", paid_on=TODAY)
        world.when(pay, by=PAYER).refused("暂缓支付：户主去世")
        world.when(ReleaseReliefAid(aid_id=aid.id, reason="由配偶领取")).then(ReliefAid.Released)
        world.when(pay, by=PAYER).then(ReliefAid.Paid)
        world.when(ReleaseReliefAid(aid_id=aid.id, reason="x")).refused("无需恢复")


class TestForProcesses:
    def test_said_twice_nothing_happens_twice(self) -> None:
        aid = submitted_aid(struck())
        for _ in range(2):
            aid.hold(NOW, reason="死亡")
            aid.transfer(NOW, to_division_code=OTHER_VILLAGE, moved_on=TODAY)
        for _ in range(2):
            aid.release(NOW, reason="误报")
        kinds = [type(e) for e in history(aid)][-3:]
        assert kinds == [ReliefAid.Held, ReliefAid.Transferred, ReliefAid.Released]
        assert aid.division_code == OTHER_VILLAGE
        for _ in range(2):
            aid.withdraw(NOW, reason="户主死亡，由家属另行申请")
        aid.hold(NOW, reason="死亡")
        assert [type(e) for e in history(aid)][-1] is ReliefAid.Withdrawn


class TestWinterLists:
    def test_a_communitys_list_goes_on_together_and_the_odd_one_alone(self) -> None:
        aids = [applied_aid(kind=AidKind.WINTER_SPRING, head_count=n) for n in (1, 2, 3)]
        world = given(*aids)
        place: dict[str, Any] = {"season": 2015, "division_code": VILLAGE}
        world.when(PostWinterListNotice(**place, notice_no="公1"), by=WORKER).refused("没有“待公示”的")
        vote = ReviewReliefAid(aid_id=aids[2].id, for_count=1, against_count=9, held_on=TODAY)
        world.when(vote, by=WORKER).then(ReliefAid.Reviewed)
        every = ReviewWinterList(**place, for_count=20, against_count=0, held_on=TODAY)
        world.when(every, by=WORKER).then(ReliefAid.Reviewed, ReliefAid.Reviewed)
        world.when(every, by=WORKER).refused("逐户办理")
        world.when(PostWinterListNotice(**place, notice_no="公1"), by=WORKER).then(*[ReliefAid.NoticePosted] * 2)
        submit = SubmitWinterList(**place, opinion="同意")
        world.when(submit, by=STREET).refused("期满后才能审核")
        after = NOW + timedelta(days=8)
        world.when(submit, by=STREET, now=after).then(*[ReliefAid.Submitted] * 2)
        outcome = world.when(DecideWinterList(**place), now=after)
        outcome.then(*[ReliefAid.Decided] * 2)
        amounts = [e.amount_fen for e in outcome.events if isinstance(e, ReliefAid.Decided)]
        assert amounts == [18_000, 36_000]
        assert aids[2].state is AidState.APPLIED

    def test_entries_are_tagged_with_their_list(self) -> None:
        (created,) = history(applied_aid(kind=AidKind.WINTER_SPRING))
        assert isinstance(created, ReliefAid.Created)
        assert created.aid_list_id == aid_list_id(VILLAGE, 2015)


class TestRefusals:
    def test_of_applications(self) -> None:
        disaster, who = struck(), person()
        world = given(disaster, who)
        told: dict[str, Any] = {"person_id": who.id, "head_count": 3, "situation": "全倒"}
        asked: dict[str, Any] = {**told, "kind": AidKind.REBUILD, "disaster_id": disaster.id}
        world.when(ApplyForReliefAid(**{**asked, "disaster_id": None})).refused("由哪次灾害引起")
        world.when(ApplyForReliefAid(**{**asked, "head_count": 0})).refused("人数应大于 0")
        world.when(ApplyForReliefAid(**{**asked, "situation": ""})).refused("写明受灾")
        world.when(ApplyForReliefAid(**{**asked, "kind": AidKind.TRANSITION})).refused("填写天数")
        winter = {**told, "kind": AidKind.WINTER_SPRING}
        world.when(ApplyForReliefAid(**winter)).refused("填写年度")
        world.when(ApplyForReliefAid(**winter, season=2013)).refused("年度应为 2014 或 2015")
        warning = warned()
        given(warning, who).when(ApplyForReliefAid(**{**asked, "disaster_id": warning.id})).refused("尚未登记发生")
        who.report_death(NOW, died_on=TODAY, evidence="x", confirmed_by="公安")
        given(disaster, who).when(ApplyForReliefAid(**asked)).refused("由本户其他成员申请")

    def test_of_grades_and_votes(self) -> None:
        aid = applied_aid(struck())
        world = given(aid)
        grade: dict[str, Any] = {"aid_id": aid.id, "grade": HouseDamage.COLLAPSED, "rooms": 1, "assessed_on": TODAY}
        world.when(AssessHouseDamage(**{**grade, "rooms": 0})).refused("间数应大于 0")
        world.when(AssessHouseDamage(**{**grade, "assessed_on": TODAY + timedelta(days=1)})).refused("不能晚于今天")
        winter = applied_aid(kind=AidKind.WINTER_SPRING)
        given(winter).when(AssessHouseDamage(**{**grade, "aid_id": winter.id})).refused("不评定房屋损坏")
        vote: dict[str, Any] = {"aid_id": winter.id, "held_on": TODAY}
        given(winter).when(ReviewReliefAid(**vote, for_count=0, against_count=0)).refused("同意和不同意的人数")

    @pytest.mark.parametrize("damage", [HouseDamage.NONE, None])
    def test_a_sound_house_gives_nothing(self, damage: HouseDamage | None) -> None:
        with pytest.raises(Exception, match="没有重建补助"):
            amount_of(AidKind.REBUILD, PARAMETERS, VILLAGE, TODAY, head_count=1, days=0, damage=damage)


@drawn(st.integers(1, 12), st.integers(1, 90))
def test_transitional_aid_is_heads_times_days_times_the_rate(heads: int, days: int) -> None:
    said: dict[str, Any] = {"head_count": heads, "days": days, "damage": None}
    computed = amount_of(AidKind.TRANSITION, PARAMETERS, VILLAGE, TODAY, **said)
    assert computed.amount_fen == heads * days * 2_000
    assert computed.parameters == (
        *("relief.transition.longest@440704/2011-01-01", "relief.transition.daily@440704/2011-01-01"),
    )
    assert computed.steps[-1].value == computed.amount_fen


def test_the_district_decides_and_others_do_not() -> None:
    assert RoleCode.STREET_OFFICER not in DecideReliefAid.ROLES
    assert CLERK.role not in SubmitReliefAid.ROLES
    with pytest.raises(Exception, match="1 至 90 日"):
        amount_of(AidKind.TRANSITION, PARAMETERS, VILLAGE, TODAY, head_count=1, days=91, damage=None)
    assert ReliefAid.id_for(AidKind.REBUILD, 1, uuid4()) != ReliefAid.id_for(AidKind.REBUILD, 1, uuid4())
