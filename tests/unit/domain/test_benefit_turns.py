"""Benefits that turn by themselves: noticed ahead, decided by people."""

from datetime import date

from domain.care import Benefit
from domain.care.benefits.basis import Basis
from domain.care.commands import AdjustBenefit
from domain.clock import at
from domain.codes import BenefitEnd, BenefitKind, DisabilityCategory, DisabilityGrade
from tests.unit.domain.specification import given, history
from tests.unit.domain.test_benefit_commands import CLERK, NOW, certificate, dues, elder, granted


class TestTurns:
    """What the rule gives differently by itself is noticed ahead, and decided by people."""

    def test_a_birthday_is_noticed_the_month_before(self) -> None:
        who = elder(date(1926, 6, 9))
        benefit = granted(who)
        assert benefit.lapses_at == at(date(2016, 5, 1))
        benefit.lapse(at(date(2016, 4, 30), 23))
        assert benefit.turn_month == "2016-06"
        benefit.lapse(NOW)
        benefit.lapse(NOW)
        assert [type(e) for e in history(benefit)][-1] is Benefit.TurnDue
        assert (benefit.lapses_at, benefit.turn_asked) == (None, "2016-06")
        assert dues(benefit, "2016-06") == [3_000]  # nothing changes by itself
        command = AdjustBenefit(benefit_id=benefit.id, from_month="2016-06", cause="满90周岁")
        given(who, benefit).when(command, CLERK, NOW).then(Benefit.AmountChanged, turn_month="2026-06")
        assert (benefit.turn_month, benefit.turn_asked) == ("2026-06", "")

    def test_a_certificate_that_was_renewed_leaves_the_amount_and_the_next_turn(self) -> None:
        who = elder(date(1980, 1, 1))
        held = certificate(who, valid_to_on=date(2016, 6, 30))
        basis = Basis(category=DisabilityCategory.LIMB, grade=DisabilityGrade.ONE, valid_to=date(2016, 6, 30))
        benefit = granted(who, BenefitKind.DIS_NURSING, basis)
        benefit.lapse(at(date(2016, 6, 1)))
        held.renew(
            NOW,
            category=DisabilityCategory.LIMB,
            grade=DisabilityGrade.ONE,
            from_on=date(2016, 6, 2),
            valid_to_on=date(2026, 6, 1),
        )
        command = AdjustBenefit(benefit_id=benefit.id, from_month="2016-07", cause="换证")
        given(who, held, benefit).when(command, CLERK, NOW).then(Benefit.TurnSettled, Benefit.BasisChanged)
        assert (benefit.turn_month, benefit.turn_asked) == ("2026-07", "")
        given(who, held, benefit).when(command, CLERK, NOW).then()

    def test_what_a_source_reports_or_has_ended_turns_nothing(self) -> None:
        benefit = granted(elder(date(1926, 6, 9)))
        benefit.end(NOW, reason=BenefitEnd.OTHER, end_month="2016-05")
        assert benefit.lapses_at is None
        benefit.lapse(at(date(2017, 1, 1)))
        assert not any(isinstance(e, Benefit.TurnDue) for e in history(benefit))
