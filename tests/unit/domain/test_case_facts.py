"""What sources report of a case: nothing is refused, and nothing is recorded where nothing changes."""

from datetime import date
from uuid import uuid4

import pytest

from domain.assistance import Case, Payment
from domain.codes import CaseState, CloseReason, Scheme, SelfCare, Supplement
from tests.unit.domain.samples import OTHER_VILLAGE, PARAMETERS, applied, closed, on, payment, refused, suspended
from tests.unit.domain.specification import assert_replays, history

AT = on("2015-02-03")


def names(case: Case | Payment) -> list[str]:
    assert_replays(case)
    return [type(event).__name__ for event in history(case)]


def granted(**fields: object) -> Case:
    case = applied()
    case.report_granted(AT, monthly_fen=75_000, start_month="2015-02", **fields)
    return case


class TestGranted:
    def test_the_first_report_confirms(self) -> None:
        case = granted()
        assert names(case) == ["Created", "Confirmed"]
        assert (case.state, case.start_month, case.monthly_fen) == (CaseState.PAYING, "2015-02", 75_000)
        assert [case.amount_for(month) for month in ("2015-01", "2015-02", "2019-01")] == [None, 75_000, 75_000]

    def test_income_is_kept_with_the_rules_own_result(self) -> None:
        case = granted(monthly_income_fen=60_000, parameters=PARAMETERS)
        assert names(case) == ["Created", "VerificationReported", "Confirmed"]
        assert history(case)[-1].computed.amount_fen == 105_000

    def test_older_than_every_parameter_it_is_kept_without(self) -> None:
        case = applied()
        case.report_granted(AT, monthly_fen=1, start_month="2009-02", monthly_income_fen=60_000, parameters=PARAMETERS)
        assert history(case)[-1].computed is None

    def test_tekun_is_computed_without_income(self) -> None:
        case = applied(Scheme.TEKUN, members=(uuid4(),))
        case.report_granted(AT, monthly_fen=92_000, start_month="2015-02", parameters=PARAMETERS)
        assert history(case)[-1].computed.amount_fen == 92_000

    def test_the_same_again_changes_nothing(self) -> None:
        case = granted(monthly_income_fen=90_000, parameters=PARAMETERS)
        before = names(case)
        case.report_granted(AT, monthly_fen=75_000, start_month="2015-02", monthly_income_fen=90_000)
        case.report_granted(AT, monthly_fen=75_000, start_month="2015-06")
        assert names(case) == before

    def test_another_amount_recalculates_from_its_month(self) -> None:
        case = granted()
        case.report_granted(AT, monthly_fen=80_000, start_month="2015-07")
        event = history(case)[-1]
        assert (event.old_fen, event.new_fen, event.from_on) == (75_000, 80_000, date(2015, 7, 1))
        case.report_granted(AT, monthly_fen=75_000, start_month="2015-02")
        assert names(case) == ["Created", "Confirmed", "Recalculated"]

    def test_an_earlier_period_learnt_late_goes_before(self) -> None:
        case = granted()
        case.report_granted(AT, monthly_fen=60_000, start_month="2014-06")
        assert [case.amount_for(month) for month in ("2014-05", "2014-06", "2015-02")] == [None, 60_000, 75_000]
        assert case.monthly_fen == 75_000

    def test_while_suspended_it_waits(self) -> None:
        case = suspended()
        case.report_granted(on("2015-09-03"), monthly_fen=80_000, start_month="2015-10")
        assert (case.amount_for("2015-10"), case.monthly_fen) == (None, 80_000)
        case.report_granted(on("2015-09-03"), monthly_fen=80_000, start_month="2015-10")
        case.report_resumed(on("2015-11-03"), reason="", from_on=date(2015, 11, 1))
        assert case.amount_for("2015-11") == 80_000
        assert names(case)[-3:] == ["Suspended", "Recalculated", "Resumed"]

    def test_after_closing_it_confirms_anew(self) -> None:
        case = closed()
        case.report_granted(on("2015-10-03"), monthly_fen=70_000, start_month="2015-10")
        assert names(case)[-2:] == ["Closed", "Confirmed"]
        assert case.entitled_months("2015-11") == (
            *("2015-02", "2015-03", "2015-04", "2015-05", "2015-06"),
            *("2015-10", "2015-11"),
        )

    def test_a_closed_period_read_again_changes_nothing(self) -> None:
        case = closed()
        before = names(case)
        case.report_granted(on("2015-10-03"), monthly_fen=75_000, start_month="2015-02", end_month="2015-06")
        case.report_granted(on("2015-10-03"), monthly_fen=75_000, start_month="2015-02")
        assert names(case) == before

    def test_an_earlier_period_of_a_closed_case_is_corrected_alone(self) -> None:
        case = granted()
        case.report_granted(AT, monthly_fen=80_000, start_month="2015-05")
        case.report_closed(AT, reason=CloseReason.OTHER, end_month="2015-06")
        for fen in (75_000, 70_000, 70_000):
            case.report_granted(on("2015-10-03"), monthly_fen=fen, start_month="2015-02")
        assert names(case)[2:] == ["Recalculated", "Closed", "Recalculated"]
        assert [case.amount_for(m) for m in ("2015-02", "2015-05", "2015-07")] == [70_000, 80_000, None]
        assert (case.state, case.monthly_fen) == (CaseState.CLOSED, 80_000)

    def test_even_a_refused_case(self) -> None:
        case = refused()
        case.report_granted(AT, monthly_fen=75_000, start_month="2015-02")
        assert case.state is CaseState.PAYING

    def test_supplements_and_self_care_stay_known(self) -> None:
        case = granted(monthly_income_fen=90_000, supplements=(Supplement.MINOR,), self_care=SelfCare.PARTIAL)
        case.report_granted(AT, monthly_fen=75_000, start_month="2015-02", monthly_income_fen=90_000)
        assert (case.supplements, case.self_care) == ((Supplement.MINOR,), SelfCare.PARTIAL)
        assert names(case) == ["Created", "VerificationReported", "Confirmed"]

    def test_temporary_assistance_is_complete_with_its_grant(self) -> None:
        case = applied(Scheme.TEMP)
        for _ in range(2):
            case.report_temp_granted(AT, amount_fen=321_700, month="2015-02")
        assert names(case) == ["Created", "Confirmed", "Closed"]
        assert (case.state, case.entitled_months("2015-12")) == (CaseState.CLOSED, ("2015-02",))


class TestOtherFacts:
    def test_members_in_any_order(self) -> None:
        case = granted()
        one, two, three = case.member_ids
        case.report_members(AT, member_ids=(three, two, one), from_on=date(2015, 3, 1))
        case.report_members(AT, member_ids=(one, two), from_on=date(2015, 3, 5))
        assert names(case) == ["Created", "Confirmed", "MembersChanged"]
        assert history(case)[-1].left_ids == (three,)
        assert (case.members_for("2015-03"), case.members_for("2015-04")) == ((one, two, three), (one, two))

    def test_the_account(self) -> None:
        case = granted()
        for account in ("1", "1", "2"):
            case.report_account(AT, account=account, bank="农业银行")
        assert names(case)[2:] == ["AccountChanged", "AccountChanged"]

    def test_suspension_and_resumption(self) -> None:
        case = granted()
        case.report_resumed(AT, reason="", from_on=date(2015, 5, 1))
        for _ in range(2):
            case.report_suspended(AT, reason="", from_on=date(2015, 4, 15))
        for _ in range(2):
            case.report_resumed(AT, reason="", from_on=date(2015, 7, 1))
        assert names(case)[2:] == ["Suspended", "Resumed"]
        assert [case.amount_for(month) for month in ("2015-04", "2015-05", "2015-07")] == [75_000, None, 75_000]

    def test_closing_and_a_corrected_end(self) -> None:
        case = granted()
        for end in ("2015-06", "2015-06", "2015-08"):
            case.report_closed(AT, reason=CloseReason.DECEASED, end_month=end)
        assert names(case)[2:] == ["Closed", "Closed"]
        assert case.entitled_months("2015-12")[-1] == "2015-08"

    def test_closing_what_was_never_granted(self) -> None:
        case = applied()
        case.report_closed(AT, reason=CloseReason.VOLUNTARY, end_month="")
        assert (case.state, case.entitled_months("2015-12")) == (CaseState.CLOSED, ())
        assert_replays(case)

    def test_moving(self) -> None:
        case = granted()
        for _ in range(2):
            case.report_moved(AT, to_division_code=OTHER_VILLAGE, moved_on=date(2015, 3, 1))
        assert names(case)[2:] == ["Transferred"]
        assert case.division_code == OTHER_VILLAGE

    def test_a_payment(self) -> None:
        paid = payment(granted())
        for amount in (75_000, 70_000, 70_000):
            paid.report_amount(AT, amount_fen=amount, reason="")
        for _ in range(2):
            paid.report_returned(AT, reason="", effective_on=date(2015, 3, 12))
        assert names(paid) == ["Created", "Corrected", "Returned"]
        paid.report_amount(AT, amount_fen=1, reason="")
        assert history(paid)[-1].corrects_version == 2


@pytest.mark.parametrize("income", [None, 90_000])
def test_what_an_amount_is_computed_from(income: int | None) -> None:
    case = applied()
    if income is not None:
        case.report_verification(AT, monthly_income_fen=income)
        case.report_verification(AT, monthly_income_fen=income)
    assert case.version == (1 if income is None else 2)
    assert (case.basis() is None) is (income is None)
    assert applied(Scheme.TEMP).basis() is None
