"""Social organisations: the register, yearly duties, the abnormal list, sanctions, and who may get a contract."""

from datetime import date
from uuid import uuid4

import pytest

from domain.codes import AbnormalReason, OrgInspectionResult, OrgKind, OrgState, PenaltyKind
from domain.errors import BadInput, RuleViolated
from domain.kernel import personal_fields, tags_of
from domain.procurement import CreditCodeClaim, Organisation
from domain.procurement.commands import (
    ChangeOrganisation,
    CorrectInspection,
    DeregisterOrganisation,
    FileOrganisationReport,
    InspectOrganisation,
    ListOrganisationAbnormal,
    PenaliseOrganisation,
    PrepareOrganisation,
    RegisterOrganisation,
    ReinstateOrganisation,
    RevokeOrganisation,
    UnlistOrganisation,
)
from domain.procurement.organisation import due_after
from tests.unit.domain.purchases import CODE, OTHER, preparing, registered, scored, signed
from tests.unit.domain.samples import on
from tests.unit.domain.specification import CLERK, NOW, given, history

TODAY = date(2015, 12, 10)


def inspected(result: OrgInspectionResult = OrgInspectionResult.PASSED) -> Organisation:
    """One whose year 2014 was reported and inspected."""
    made = registered()
    dates = {"was_due_on": date(2015, 3, 31), "report_by": date(2016, 3, 31), "inspect_by": date(2015, 6, 1)}
    made.file_report(on("2015-03-20"), year=2014, by="other", **dates)
    made.inspect(on("2015-05-20"), year=2014, result=result, note="财务不规范", by="district")
    return made


class TestRegister:
    def test_prepared_and_registered_by_two_hands_with_the_days_to_come(self) -> None:
        given().when(
            PrepareOrganisation(name="江海区阳光社工中心", kind=OrgKind.PRIVATE_NON_ENTERPRISE, social_work=True),
            by=OTHER,
        ).then(Organisation.Created, by="other", division_code="440704004")
        made = preparing()
        command = RegisterOrganisation(organisation_id=made.id, credit_code=CODE.lower(), representative="拟某甲")
        given(made).when(command).then(Organisation.Registered, CreditCodeClaim.Created, credit_code=CODE)
        registered_event = history(made)[-1]
        assert isinstance(registered_event, Organisation.Registered)
        # 31 March 2016 is a Thursday, 31 May 2016 a Tuesday.
        assert (registered_event.report_by, registered_event.inspect_by) == (date(2016, 3, 31), date(2016, 5, 31))
        assert made.state is OrgState.REGISTERED
        assert f"credit_code:{CODE}" in tags_of(made, registered_event)

    def test_refusals(self) -> None:
        made, claimed = preparing(by="district"), preparing()
        told = {"credit_code": CODE, "representative": "拟某甲"}
        given(made).when(RegisterOrganisation(organisation_id=made.id, **told)).refused("请由其他经办人")
        foundation = preparing(kind=OrgKind.FOUNDATION)
        command = RegisterOrganisation(organisation_id=foundation.id, **told)
        given(foundation).when(command).refused("与填报的基金会不符", BadInput)
        given(made).when(RegisterOrganisation(organisation_id=made.id, credit_code="1", representative="")).refused(
            "现为 1 位", BadInput
        )
        outcome = given(claimed).when(RegisterOrganisation(organisation_id=claimed.id, **told))
        second = preparing()
        command = RegisterOrganisation(organisation_id=second.id, **told)
        given(second, *outcome.aggregates).when(command).refused("已登记给另一社会组织")
        given(claimed).when(RegisterOrganisation(organisation_id=claimed.id, **told)).refused("不能登记")

    def test_who_represents_it_is_sealed(self) -> None:
        assert personal_fields(Organisation.Registered) == personal_fields(Organisation.Changed) == ("representative",)

    def test_its_entry_changes(self) -> None:
        made = registered()
        command = ChangeOrganisation(organisation_id=made.id, certified_count=12, local=False)
        given(made).when(command).then(Organisation.Changed, certified_count=12, local=False, representative=None)
        given(made).when(ChangeOrganisation(organisation_id=made.id)).refused("请填写要变更的内容")
        given(made).when(ChangeOrganisation(organisation_id=made.id, certified_count=-1)).refused("不能为负数")


class TestYearlyDuties:
    def test_report_then_inspection(self) -> None:
        made = registered()
        world = given(made)
        world.when(InspectOrganisation(organisation_id=made.id, year=2014, result=OrgInspectionResult.PASSED)).refused(
            "尚未报送"
        )
        report = FileOrganisationReport(organisation_id=made.id, year=2014)
        world.when(report, by=OTHER).then(
            Organisation.Reported,
            was_due_on=date(2015, 3, 31),
            report_by=date(2016, 3, 31),
            inspect_by=date(2015, 6, 1),  # 31 May 2015 is a Sunday
        )
        assert "逾期报送" in history(made)[-1].gist()
        world.when(report).refused("已报送")
        command = InspectOrganisation(organisation_id=made.id, year=2014, result=OrgInspectionResult.BASIC)
        world.when(command).then(Organisation.Inspected, corrects_version=None)
        assert made.state is OrgState.GOOD
        world.when(command).refused("已有年检结论")

    @pytest.mark.parametrize("year", [2013, 2015])
    def test_only_for_years_that_are_over(self, year: int) -> None:
        made = registered()
        given(made).when(FileOrganisationReport(organisation_id=made.id, year=year)).refused("年度应在")

    def test_a_failed_inspection_says_why_and_blocks_contracts_until_put_right(self) -> None:
        made = inspected(OrgInspectionResult.FAILED)
        assert made.state is OrgState.REGISTERED
        with pytest.raises(RuleViolated, match="年检不合格，不能承接"):
            made.demand_good_standing(TODAY)
        version = made.version
        fixed = {"organisation_id": made.id, "year": 2014, "result": OrgInspectionResult.PASSED}
        given(made).when(CorrectInspection(note=" ", **fixed)).refused("更正年检结论须写明原因")
        given(made).when(CorrectInspection(note="复核账目", **fixed)).then(
            Organisation.Inspected, corrects_version=version, result=OrgInspectionResult.PASSED
        )
        made.demand_good_standing(TODAY)
        assert made.state is OrgState.GOOD
        given(made).when(CorrectInspection(note="复核账目", **fixed)).refused("无须更正")

    def test_days_due_roll_over_days_off(self) -> None:
        assert due_after(2014, 5) == date(2015, 6, 1)
        assert due_after(2014, 12) == date(2015, 12, 31)


class TestStanding:
    def test_on_the_abnormal_list_and_off_it(self) -> None:
        made = inspected()
        listed = ListOrganisationAbnormal(
            organisation_id=made.id, reason=AbnormalReason.UNREACHABLE, letter_no="江民〔2015〕3号"
        )
        given(made).when(listed).then(Organisation.ListedAbnormal)
        with pytest.raises(RuleViolated, match="列入异常名录”，不能承接"):
            made.demand_good_standing(TODAY)
        given(made).when(listed).refused("不能列入异常名录")
        command = UnlistOrganisation(organisation_id=made.id, reason="误列", mistaken=True)
        given(made).when(command).then(Organisation.Unlisted, corrects_version=made.version - 1)
        assert made.state is OrgState.GOOD
        made.demand_good_standing(TODAY)

    def test_a_penalty_that_hurts_needs_the_time_for_a_hearing(self) -> None:
        made = registered()
        stop = {"organisation_id": made.id, "kind": PenaltyKind.SUSPEND, "reason": "超出业务范围", "letter_no": "1号"}
        until = {"suspended_to": date(2016, 3, 31)}
        given(made).when(PenaliseOrganisation(**stop, **until)).refused("听证告知书")
        # Five working days after Thursday the 3rd end on the 10th, which is today.
        given(made).when(PenaliseOrganisation(heard_on=date(2015, 12, 3), **stop, **until)).refused("听证告知书")
        given(made).when(PenaliseOrganisation(heard_on=date(2015, 12, 2), **stop, **until)).then(Organisation.Penalised)
        with pytest.raises(RuleViolated, match="限期停止活动至 2016-03-31"):
            made.demand_good_standing(TODAY)
        made.demand_good_standing(date(2016, 4, 1))
        warn = {**stop, "kind": PenaltyKind.WARNING}
        given(made).when(PenaliseOrganisation(**warn)).then(Organisation.Penalised, amount_fen=0)
        given(made).when(PenaliseOrganisation(amount_fen=1, **warn)).refused("不填写金额")
        fine = {**stop, "kind": PenaltyKind.FINE, "heard_on": date(2015, 11, 2)}
        given(made).when(PenaliseOrganisation(**fine)).refused("须填写金额")

    def test_revoked_and_reinstated_to_what_it_was(self) -> None:
        made = inspected()
        told = {"organisation_id": made.id, "reason": "骗取登记", "letter_no": "江民罚〔2015〕1号"}
        given(made).when(RevokeOrganisation(**told)).refused("听证告知书")
        given(made).when(RevokeOrganisation(heard_on=date(2015, 11, 20), **told)).then(Organisation.Revoked)
        with pytest.raises(RuleViolated, match="已撤销登记"):
            made.demand_good_standing(TODAY)
        given(made).when(RevokeOrganisation(heard_on=date(2015, 11, 20), **told)).refused("不能撤销登记")
        given(made).when(ReinstateOrganisation(organisation_id=made.id, basis="江府行复〔2015〕9号")).then(
            Organisation.Reinstated, state=OrgState.GOOD
        )

    def test_reinstated_to_the_abnormal_list_it_was_on(self) -> None:
        made = inspected()
        made.list_abnormal(NOW, reason=AbnormalReason.OTHER, letter_no="1号", by="district")
        made.revoke(NOW, reason="x", letter_no="2号", heard=True, by="district")
        made.reinstate(NOW, basis="判决", by="district")
        assert made.state is OrgState.ABNORMAL
        made.unlist(NOW, reason="已改正", by="district")
        assert made.state is OrgState.GOOD

    def test_given_up_only_when_its_contracts_are_done(self) -> None:
        made = registered()
        command = DeregisterOrganisation(organisation_id=made.id, reason="自行解散，清算完毕")
        given(made, signed(organisation=made.id)).when(command).refused("还有 1 个未办结")
        given(made, signed(organisation=uuid4())).when(command).then(Organisation.Deregistered)
        other = registered()
        paid = scored(organisation=other.id)
        given(other, paid).when(DeregisterOrganisation(organisation_id=other.id, reason="x")).refused("未办结")


class TestWhatTheRegisterReports:
    def test_opens_no_work_and_repeats_nothing(self) -> None:
        made = Organisation.report_known(
            Organisation.id_for(CODE),
            on("2015-12-01"),
            name="江海区晨光社工中心",
            kind=OrgKind.PRIVATE_NON_ENTERPRISE,
            sponsor="",
            local=True,
            social_work=True,
            division_code="440704004",
            credit_code=CODE,
            representative="拟某甲",
            certified_count=8,
            registered_on=date(2012, 5, 4),
        )
        entered = history(made)[-1]
        assert isinstance(entered, Organisation.Registered)
        assert (entered.report_by, entered.inspect_by, entered.true_from()) == (None, None, date(2012, 5, 4))
        now = {"effective_on": TODAY}
        made.report_details(NOW, representative=None, local=True, social_work=True, certified_count=8, **now)
        made.report_inspected(NOW, year=2014, result=OrgInspectionResult.PASSED, **now)
        made.report_inspected(NOW, year=2014, result=OrgInspectionResult.PASSED, **now)
        made.report_state(NOW, state=OrgState.GOOD, reason="", **now)
        made.report_state(NOW, state=OrgState.ABNORMAL, reason="", **now)
        made.report_state(NOW, state=OrgState.ABNORMAL, reason="", **now)
        made.report_state(NOW, state=OrgState.REGISTERED, reason="已改正", **now)
        made.report_inspected(NOW, year=2014, result=OrgInspectionResult.FAILED, **now)
        kinds = [type(event).__name__ for event in history(made)]
        assert kinds == ["Created", "Registered", "Inspected", "ListedAbnormal", "Unlisted", "Inspected"]
        last = history(made)[-1]
        assert isinstance(last, Organisation.Inspected)
        assert last.corrects_version == 3
        assert not made.in_good_standing(TODAY)
        assert CLERK.covers(made.division_code)
