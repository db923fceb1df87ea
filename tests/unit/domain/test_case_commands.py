"""Decisions about cases: one success each, and every refusal."""

from datetime import date
from uuid import uuid4

import pytest

from domain.assistance import Case
from domain.assistance.commands import (
    AcceptCase,
    AdjustCase,
    ApplyForAssistance,
    ChangeCaseAccount,
    ChangeCaseMembers,
    CloseCase,
    ConfirmCase,
    ConfirmTemporaryAssistance,
    CorrectCaseAmount,
    RefuseCase,
    ReopenCase,
    ResumeCase,
    ReturnCase,
    SuspendCase,
    TransferCase,
    VerifyCase,
    WithdrawCase,
)
from domain.codes import CaseState, Cause, CloseReason, HouseholdKind, Scheme, SelfCare, Supplement, UrbanRural
from domain.errors import BadInput, NotFound
from domain.parameters import ParameterVersion, Unit
from domain.registry import Household, Person
from tests.unit.domain.samples import (
    OTHER_VILLAGE,
    PARAMETERS,
    VILLAGE,
    accepted,
    applied,
    closed,
    household,
    on,
    paying,
    person,
    publicised,
    refused,
    suspended,
    verified,
)
from tests.unit.domain.specification import NOW, STREET, given

DAY = date(2015, 12, 1)


def withdrawn() -> Case:
    case = applied()
    case.withdraw(on("2015-01-20"), reason="")
    return case


class TestApply:
    def family(self) -> tuple[Household, Person, Person]:
        head, child = person(), person(citizen_id=None)
        return household(head, child), head, child

    def command(self, where: Household, *members: Person, scheme: Scheme = Scheme.DIBAO) -> ApplyForAssistance:
        return ApplyForAssistance(
            scheme=scheme,
            household_id=where.id,
            applicant_id=members[0].id,
            member_ids=tuple(member.id for member in members),
            cause=Cause.ILLNESS,
        )

    def test_a_co_living_household_applies(self) -> None:
        where, head, child = self.family()
        case = (
            given(where, head, child)
            .when(self.command(where, head, child))
            .then(Case.Created, scheme=Scheme.DIBAO, division_code=VILLAGE, urban_rural=UrbanRural.RURAL)
        )
        assert (case.state, case.applied_on, case.member_ids) == (CaseState.APPLIED, NOW.date(), (head.id, child.id))
        assert case.case_no.startswith("DIBAO-2015-")

    def test_another_kind_of_household_is_refused_for_dibao_only(self) -> None:
        head = person()
        where = household(head, kind=HouseholdKind.REGISTERED)
        given(where, head).when(self.command(where, head)).refused("共同生活家庭")
        given(where, head).when(self.command(where, head, scheme=Scheme.TEMP)).then(Case.Created)

    def test_strangers_and_doubles_are_refused(self) -> None:
        where, head, child = self.family()
        world = given(where, head, child)
        world.when(self.command(where, head, person())).refused("应是该家庭成员")
        world.when(self.command(where, head, head)).refused("不能重复")
        nobody = ApplyForAssistance(
            scheme=Scheme.DIBAO, household_id=where.id, applicant_id=head.id, member_ids=(), cause=Cause.ILLNESS
        )
        world.when(nobody).refused("至少一人")

    def test_the_dead_are_refused(self) -> None:
        where, head, child = self.family()
        child.confirm_death(on("2015-11-10"), died_on=date(2015, 11, 3), confirmed_by="证明")
        given(where, head, child).when(self.command(where, head, child)).refused("已死亡")

    def test_a_dissolved_household_is_refused(self) -> None:
        where, head, child = self.family()
        where.dissolve(on("2015-10-01"), from_on=date(2015, 10, 1))
        given(where, head, child).when(self.command(where, head, child)).refused("已注销")


class TestIntake:
    def test_accepting_counts_thirty_working_days(self) -> None:
        case = applied()
        given(case).when(AcceptCase(case_id=case.id), by=STREET).then(Case.Accepted, due_on=date(2016, 1, 22))
        assert (case.state, case.due_on) == (CaseState.ACCEPTED, date(2016, 1, 22))

    def test_temporary_assistance_has_fifteen(self) -> None:
        case = applied(Scheme.TEMP)
        given(case).when(AcceptCase(case_id=case.id)).then(Case.Accepted, due_on=date(2015, 12, 31))

    def test_a_returned_case_can_be_accepted(self) -> None:
        case = applied()
        given(case).when(ReturnCase(case_id=case.id, missing=" 户口簿 ")).then(Case.Returned, missing="户口簿")
        given(case).when(AcceptCase(case_id=case.id)).then(Case.Accepted)

    @pytest.mark.parametrize("case", [accepted(), paying(), closed()])
    def test_accepting_is_refused(self, case: Case) -> None:
        given(case).when(AcceptCase(case_id=case.id)).refused("不能受理")

    def test_returning_is_refused(self) -> None:
        case, new = accepted(), applied()
        given(case).when(ReturnCase(case_id=case.id, missing="x")).refused("不能退回补正")
        given(new).when(ReturnCase(case_id=new.id, missing=" ")).refused("一次性写明")

    def test_a_due_day_must_lie_ahead(self) -> None:
        with pytest.raises(Exception, match="晚于受理日期"):
            applied().accept(on("2015-01-06"), due_on=date(2015, 1, 6))

    def test_withdrawing(self) -> None:
        case = verified()
        given(case).when(WithdrawCase(case_id=case.id, reason="找到工作")).then(Case.Withdrawn)
        assert case.state is CaseState.WITHDRAWN

    @pytest.mark.parametrize("case", [paying(), closed(), refused()])
    def test_withdrawing_is_refused(self, case: Case) -> None:
        given(case).when(WithdrawCase(case_id=case.id)).refused("不能撤回")


class TestVerify:
    def command(self, case: Case, **fields: object) -> VerifyCase:
        given = {"monthly_income_fen": 90_000, "property_within_limits": True, "conclusion": "属实", **fields}
        return VerifyCase(case_id=case.id, **given)

    def test_an_accepted_case_is_verified(self) -> None:
        case = accepted()
        command = self.command(case, supplements=(Supplement.ELDERLY,))
        given(case).when(command, by=STREET).then(Case.VerificationReported, supplements=(Supplement.ELDERLY,))
        assert (case.state, case.monthly_income_fen) == (CaseState.VERIFIED, 90_000)

    def test_a_case_in_force_stays_in_force(self) -> None:
        case = paying()
        given(case).when(self.command(case, monthly_income_fen=100_000)).then(Case.VerificationReported)
        assert (case.state, case.monthly_income_fen) == (CaseState.PAYING, 100_000)

    @pytest.mark.parametrize(
        ("case", "fields", "text"),
        [
            (applied(), {}, "不能登记核对结果"),
            (closed(), {}, "不能登记核对结果"),
            (accepted(), {"monthly_income_fen": -1}, "不能为负"),
            (accepted(), {"supplements": (Supplement.MINOR,) * 4}, "超过保障人数"),
            (accepted(Scheme.TEKUN), {}, "生活自理能力"),
        ],
    )
    def test_refusals(self, case: Case, fields: dict[str, object], text: str) -> None:
        given(case).when(self.command(case, **fields)).refused(text)


class TestConfirm:
    def test_dibao_by_the_rule_from_the_next_month(self) -> None:
        case = publicised()
        given(case).when(ConfirmCase(case_id=case.id)).then(
            Case.Confirmed, monthly_fen=75_000, start_month="2016-01", end_month="", from_on=date(2016, 1, 1)
        )
        assert case.state is CaseState.PAYING
        assert [case.amount_for(month) for month in ("2015-12", "2016-01", "2020-01")] == [None, 75_000, 75_000]

    def test_tekun_by_the_rule(self) -> None:
        case = publicised(Scheme.TEKUN, members=(uuid4(),), income_fen=0)
        given(case).when(ConfirmCase(case_id=case.id)).then(Case.Confirmed, monthly_fen=92_000)

    @pytest.mark.parametrize(
        ("case", "text"),
        [
            (accepted(), "不能确认"),
            (paying(), "不能确认"),
            (publicised(income_fen=165_000), "不低于保障标准合计 1650元"),
            (publicised(property_ok=False), "财产超过"),
            (publicised(Scheme.TEKUN, members=(uuid4(),), income_fen=60_000), "不低于保障标准"),
            (verified(Scheme.TEMP), "按计发月数"),
        ],
    )
    def test_refusals(self, case: Case, text: str) -> None:
        given(case).when(ConfirmCase(case_id=case.id)).refused(text)

    def test_eligibility_needs_income_and_is_not_for_temporary_assistance(self) -> None:
        assert applied().ineligible(PARAMETERS, DAY) == "家庭收入尚未核对。"
        assert verified(Scheme.TEMP).ineligible(PARAMETERS, DAY) is None
        reported = applied()
        reported.report_granted(on("2015-02-03"), monthly_fen=75_000, start_month="2015-02")
        command = AdjustCase(case_id=reported.id, from_month="2015-12", cause="x")
        given(reported).when(command).refused("收入尚未核对，不能计算金额")

    def test_a_dead_member_is_refused(self) -> None:
        who = person()
        who.confirm_death(on("2015-11-10"), died_on=date(2015, 11, 3), confirmed_by="证明")
        case = verified(members=(who.id,), income_fen=0)
        given(case, who).when(ConfirmCase(case_id=case.id)).refused("已死亡")

    def test_a_member_of_another_case_in_force_is_refused(self) -> None:
        who = uuid4()
        case, other = publicised(members=(who,), income_fen=0), paying(Scheme.TEKUN, members=(who,), income_fen=0)
        given(case, other).when(ConfirmCase(case_id=case.id)).refused("已在个案 N440704201500001 享受特困人员供养")

    def test_a_member_of_a_closed_case_is_not(self) -> None:
        who = uuid4()
        case, other = publicised(members=(who,), income_fen=0), closed(members=(who,), income_fen=0)
        given(case, other).when(ConfirmCase(case_id=case.id)).then(Case.Confirmed)

    def test_only_a_reopened_case_may_start_otherwise(self) -> None:
        case = publicised()
        command = ConfirmCase(case_id=case.id, start_month="2015-10")
        given(case).when(command).refused("起发月份由规则确定")
        again = refused()
        again.reopen(on("2015-11-01"), basis="江行复〔2015〕3号")
        again.verify(on("2015-11-02"), monthly_income_fen=90_000, property_within_limits=True, conclusion="属实")
        given(again).when(ConfirmCase(case_id=again.id, start_month="2015-02")).then(
            Case.Confirmed, start_month="2015-02", monthly_fen=75_000
        )

    def test_an_unknown_case_is_not_found(self) -> None:
        given().when(ConfirmCase(case_id=uuid4())).refused("", NotFound)


class TestTemporary:
    def test_the_street_decides_small_amounts(self) -> None:
        case = verified(Scheme.TEMP, members=(uuid4(),))
        command = ConfirmTemporaryAssistance(case_id=case.id, months=1)
        given(case).when(command, by=STREET).then(Case.Confirmed, monthly_fen=55_000, end_month="2015-12")
        assert (case.amount_for("2015-12"), case.amount_for("2016-01")) == (55_000, None)

    def test_large_amounts_are_the_districts(self) -> None:
        case = verified(Scheme.TEMP, members=(uuid4(),))
        command = ConfirmTemporaryAssistance(case_id=case.id, months=6)
        given(case).when(command, by=STREET).refused("超过街道审批上限 1000元")
        given(case).when(command).then(Case.Confirmed, monthly_fen=330_000)

    def test_urgent_relief_comes_before_the_papers(self) -> None:
        case = applied(Scheme.TEMP, members=(uuid4(),))
        command = ConfirmTemporaryAssistance(case_id=case.id, months=1)
        given(case).when(command).refused("不能确认")
        urgent = ConfirmTemporaryAssistance(case_id=case.id, months=1, urgent=True)
        given(case).when(urgent).then(Case.Confirmed)

    @pytest.mark.parametrize("months", [0, 7])
    def test_months_beyond_the_cap_are_refused(self, months: int) -> None:
        case = verified(Scheme.TEMP)
        given(case).when(ConfirmTemporaryAssistance(case_id=case.id, months=months)).refused("1 至 6 个月")

    def test_another_scheme_is_refused(self) -> None:
        case = verified()
        given(case).when(ConfirmTemporaryAssistance(case_id=case.id, months=1)).refused("只有临时救助")


class TestRefuseAndReopen:
    def test_refusing_keeps_the_computation(self) -> None:
        case = verified(income_fen=200_000)
        event = given(case).when(RefuseCase(case_id=case.id, reason="收入超过标准"))
        event.then(Case.Refused, reason="收入超过标准")
        assert event.events[-1].computed.amount_fen == 0

    def test_an_eligible_household_cannot_be_refused(self) -> None:
        case = verified()
        given(case).when(RefuseCase(case_id=case.id, reason="不配合")).refused("每月 750元")

    def test_an_unverified_one_can(self) -> None:
        case = accepted()
        given(case).when(RefuseCase(case_id=case.id, reason="拒绝核对")).then(Case.Refused, computed=None)

    def test_refusals(self) -> None:
        case, other = paying(), verified(income_fen=200_000)
        given(case).when(RefuseCase(case_id=case.id, reason="x")).refused("不能作出不予确认决定")
        given(other).when(RefuseCase(case_id=other.id, reason=" ")).refused("书面写明理由")

    @pytest.mark.parametrize("case", [closed(), refused()])
    def test_reopening(self, case: Case) -> None:
        given(case).when(ReopenCase(case_id=case.id, basis="江行复〔2015〕3号")).then(Case.Reopened)
        assert (case.state, case.end_month) == (CaseState.ACCEPTED, "")

    def test_reopening_is_refused(self) -> None:
        case, ended = paying(), closed()
        given(case).when(ReopenCase(case_id=case.id, basis="x")).refused("不能重新办理")
        given(ended).when(ReopenCase(case_id=ended.id, basis=" ")).refused("判决文号")


class TestAdjust:
    def test_by_income_verified_anew(self) -> None:
        case = paying()
        case.verify(on("2015-11-02"), monthly_income_fen=60_000, property_within_limits=True, conclusion="收入下降")
        command = AdjustCase(case_id=case.id, from_month="2015-12", cause="收入变化")
        given(case).when(command).then(
            Case.Recalculated, old_fen=75_000, new_fen=105_000, from_on=date(2015, 12, 1), cause="收入变化"
        )
        assert (case.amount_for("2015-11"), case.amount_for("2015-12")) == (75_000, 105_000)

    def test_by_a_new_standard(self) -> None:
        case = paying()
        raised = ParameterVersion(
            "dibao.standard.rural", "", 60_000, Unit.FEN, "440704", date(2016, 1, 1), None, "示例"
        )
        command = AdjustCase(case_id=case.id, from_month="2016-01", cause="提标")
        given(case).when(command, parameters=PARAMETERS.with_versions([raised])).then(Case.Recalculated, new_fen=90_000)

    def test_refusals(self) -> None:
        case, ended, richer = paying(), closed(), paying()
        richer.verify(on("2015-11-02"), monthly_income_fen=170_000, property_within_limits=True, conclusion="就业")
        world = given(case, ended, richer)
        world.when(AdjustCase(case_id=case.id, from_month="2015-12", cause="x")).refused("无需调整")
        world.when(AdjustCase(case_id=case.id, from_month="2015-01", cause="x")).refused("不在保障期内")
        world.when(AdjustCase(case_id=ended.id, from_month="2015-12", cause="x")).refused("不能调整金额")
        world.when(AdjustCase(case_id=richer.id, from_month="2015-12", cause="x")).refused("请办理结案")
        world.when(AdjustCase(case_id=case.id, from_month="12月", cause="x")).refused("YYYY-MM", BadInput)


class TestSuspendResumeClose:
    def test_suspending_and_resuming(self) -> None:
        case = paying()
        stop = SuspendCase(case_id=case.id, reason="未按期复核", from_on=date(2015, 12, 1))
        given(case).when(stop).then(Case.Suspended)
        assert (case.state, case.amount_for("2015-12")) == (CaseState.SUSPENDED, None)
        go_on = ResumeCase(case_id=case.id, reason="已复核", from_on=date(2016, 1, 1))
        given(case).when(go_on).then(Case.Resumed)
        assert [case.amount_for(month) for month in ("2015-11", "2015-12", "2016-01")] == [75_000, None, 75_000]

    def test_suspending_and_resuming_are_refused(self) -> None:
        case, stopped = paying(), suspended()
        world = given(case, stopped)
        world.when(SuspendCase(case_id=stopped.id, reason="x", from_on=DAY)).refused("不能停发")
        world.when(SuspendCase(case_id=case.id, reason=" ", from_on=DAY)).refused("书面写明理由")
        world.when(ResumeCase(case_id=case.id, reason="x", from_on=DAY)).refused("不能恢复发放")

    @pytest.mark.parametrize("case", [paying(), suspended()])
    def test_closing(self, case: Case) -> None:
        command = CloseCase(case_id=case.id, reason=CloseReason.INCOME_ABOVE, end_month="2015-12")
        given(case).when(command).then(Case.Closed, end_month="2015-12", from_on=date(2016, 1, 1))
        assert (case.state, case.amount_for("2016-01")) == (CaseState.CLOSED, None)

    def test_closing_is_refused(self) -> None:
        ended, case, waiting = closed(), paying(), verified()
        world = given(ended, case, waiting)
        for other in (ended, waiting):
            command = CloseCase(case_id=other.id, reason=CloseReason.OTHER, end_month="2015-12")
            world.when(command).refused("不能结案")
        early = CloseCase(case_id=case.id, reason=CloseReason.OTHER, end_month="2014-12")
        world.when(early).refused("不能早于起发月份 2015-02 的上月")
        wrong = CloseCase(case_id=case.id, reason=CloseReason.OTHER, end_month="2015年12月")
        world.when(wrong).refused("YYYY-MM", BadInput)


class TestTransfer:
    def test_to_another_street(self) -> None:
        case = paying()
        command = TransferCase(case_id=case.id, to_division_code=OTHER_VILLAGE, moved_on=DAY)
        given(case).when(command).then(Case.Transferred, from_division_code=VILLAGE, to_division_code=OTHER_VILLAGE)
        assert (case.division_code, case.amount_for("2015-12")) == (OTHER_VILLAGE, 75_000)

    def test_refusals(self) -> None:
        case, ended = paying(), closed()
        world = given(case, ended)
        world.when(TransferCase(case_id=case.id, to_division_code=VILLAGE, moved_on=DAY)).refused("相同")
        world.when(TransferCase(case_id=ended.id, to_division_code=OTHER_VILLAGE, moved_on=DAY)).refused("不能移交")
        away = TransferCase(case_id=case.id, to_division_code="440703002001", moved_on=DAY)
        world.when(away).refused("不是江海区", BadInput)


class TestMembersAndAccount:
    def test_a_member_joins_and_the_amount_rises(self) -> None:
        head, child = person(), person(citizen_id=None)
        where = household(head, child)
        case = paying(members=(head.id,), income_fen=30_000, household_id=where.id)
        command = ChangeCaseMembers(
            case_id=case.id, member_ids=(head.id, child.id), reason="出生", from_on=date(2015, 12, 5)
        )
        given(case, where, head, child).when(command).then(
            Case.MembersChanged, Case.Recalculated, old_fen=25_000, new_fen=80_000, from_on=date(2016, 1, 1)
        )
        assert (case.members_for("2015-12"), case.members_for("2016-01")) == ((head.id,), (head.id, child.id))

    def test_a_member_leaves_and_the_amount_waits_for_a_decision(self) -> None:
        head, child = person(), person()
        where = household(head, child)
        case = paying(members=(head.id, child.id), income_fen=0, household_id=where.id)
        command = ChangeCaseMembers(case_id=case.id, member_ids=(head.id,), reason="出嫁", from_on=date(2016, 1, 1))
        given(case, where).when(command).then(Case.MembersChanged, left_ids=(child.id,))
        assert case.monthly_fen == 110_000

    def test_refusals(self) -> None:
        head, child, late = person(), person(), person()
        late.confirm_death(on("2015-11-10"), died_on=date(2015, 11, 3), confirmed_by="证明")
        where = household(head, child, late)
        case = paying(members=(head.id,), income_fen=0, household_id=where.id)
        ended = closed(members=(head.id,), income_fen=0, household_id=where.id)
        world = given(case, ended, where, head, child, late)

        def change(which: Case, *members: Person, reason: str = "出生") -> ChangeCaseMembers:
            ids = tuple(member.id for member in members)
            return ChangeCaseMembers(case_id=which.id, member_ids=ids, reason=reason, from_on=DAY)

        world.when(change(case)).refused("至少一人")
        world.when(change(case, child, child)).refused("不能重复")
        world.when(change(case, head)).refused("没有变化")
        world.when(change(case, head, person())).refused("应是该家庭成员")
        world.when(change(case, head, late)).refused("已死亡")
        world.when(change(case, head, child, reason=" ")).refused("写明原因")
        world.when(change(ended, head, child)).refused("不能变更保障对象")

    def test_the_account(self) -> None:
        case = paying()
        command = ChangeCaseAccount(case_id=case.id, account="6228480000000000", bank="农业银行")
        given(case).when(command).then(Case.AccountChanged, household_id=case.household_id, bank="农业银行")
        given(case).when(command).refused("没有变化")

    def test_the_account_is_refused(self) -> None:
        case, ended = paying(), withdrawn()
        world = given(case, ended)
        world.when(ChangeCaseAccount(case_id=case.id, account=" ", bank="x")).refused("填写银行账号")
        world.when(ChangeCaseAccount(case_id=ended.id, account="1", bank="x")).refused("不能变更账户")


class TestCorrectAmount:
    def test_it_names_what_it_corrects(self) -> None:
        case = paying()
        case.verify(on("2015-06-02"), monthly_income_fen=60_000, property_within_limits=True, conclusion="x")
        case.adjust(on("2015-06-20"), parameters=PARAMETERS, from_month="2015-07", cause="x")
        command = CorrectCaseAmount(case_id=case.id, corrects_version=7, new_fen=70_000, reason="录入差错")
        given(case).when(command).then(
            Case.AmountCorrected, corrects_version=7, old_fen=75_000, new_fen=70_000, from_on=date(2015, 2, 1)
        )
        assert (case.amount_for("2015-06"), case.amount_for("2015-07"), case.monthly_fen) == (70_000, 105_000, 105_000)

    @pytest.mark.parametrize(
        ("version", "new_fen", "reason", "text"),
        [
            (3, 70_000, "差错", "第 3 条记录没有核定金额"),
            (7, 75_000, "差错", "应不同于原金额 750元"),
            (7, -1, "差错", "不为负"),
            (7, 70_000, " ", "写明原因"),
        ],
    )
    def test_refusals(self, version: int, new_fen: int, reason: str, text: str) -> None:
        case = paying()
        command = CorrectCaseAmount(case_id=case.id, corrects_version=version, new_fen=new_fen, reason=reason)
        given(case).when(command).refused(text)


def test_self_care_decides_the_care_part_of_tekun() -> None:
    case = accepted(Scheme.TEKUN, members=(uuid4(),))
    command = VerifyCase(
        case_id=case.id,
        monthly_income_fen=0,
        property_within_limits=True,
        conclusion="评估",
        self_care=SelfCare.NONE,
    )
    given(case).when(command).then(Case.VerificationReported, self_care=SelfCare.NONE)
    case = publicised(Scheme.TEKUN, members=(uuid4(),), income_fen=0, self_care=SelfCare.NONE)
    given(case).when(ConfirmCase(case_id=case.id), now=on("2017-03-01")).then(
        Case.Confirmed, monthly_fen=92_000 + 81_000
    )
