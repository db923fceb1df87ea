"""Contradictions between what sources report and the rules."""

from datetime import date
from uuid import UUID, uuid4

import pytest

from domain.assistance import Case, Payment
from domain.assistance.contradictions import of_case, of_death, of_payment
from domain.codes import FindingRule, PaymentKind, Scheme
from domain.findings import Finding, FindingDraft
from domain.parameters import ParameterVersion, Unit
from domain.registry import Person
from tests.unit.domain.samples import PARAMETERS, VILLAGE, applied, closed, on, paying, payment, person

AT = on("2015-06-03")


def dead(day: date, **fields: object) -> Person:
    who = person(**fields)
    who.report_death(on("2015-06-01"), died_on=day, evidence="殡葬")
    return who


def known(*persons: Person) -> dict[UUID, Person]:
    return {who.id: who for who in persons}


def look(paid: Payment, case: Case, *persons: Person, before: tuple[Payment, ...] = ()) -> tuple[FindingDraft, ...]:
    return of_payment(paid, case, known(*persons), before)


class TestPayments:
    def test_what_is_due_is_no_finding(self) -> None:
        case = paying()
        assert look(payment(case), case) == ()

    def test_another_amount(self) -> None:
        case = paying()
        (found,) = look(payment(case, amount_fen=80_050), case)
        assert (found.rule, found.amount_fen, found.month) == (FindingRule.AMOUNT_DIFFERS, 5_050, "2015-03")
        assert (found.subject, found.detail) == (f"case:{case.id}", "2015-03 核定 750元，实发 800.50元。")

    def test_too_little_counts_below_zero(self) -> None:
        case = paying()
        assert look(payment(case, amount_fen=70_000), case)[0].amount_fen == -5_000

    @pytest.mark.parametrize(("case", "month"), [(paying(), "2015-01"), (closed(), "2015-07"), (applied(), "2015-03")])
    def test_outside_entitlement(self, case: Case, month: str) -> None:
        (found,) = look(payment(case, month), case)
        assert (found.rule, found.amount_fen) == (FindingRule.PAID_NOT_ENTITLED, 75_000)

    def test_twice(self) -> None:
        case = paying()
        first, second = payment(case), payment(case)
        (found,) = look(second, case, before=(payment(case, "2015-04"), first, first))
        assert found.rule is FindingRule.PAID_TWICE
        assert found.evidence == (f"case:{case.id}@{case.version}", f"payment:{first.id}@1", f"payment:{second.id}@1")

    def test_what_was_returned_is_not_paid(self) -> None:
        case = paying()
        first, second = payment(case), payment(case)
        first.report_returned(AT, reason="", effective_on=date(2015, 3, 12))
        assert look(second, case, before=(first, second)) == ()
        assert look(first, case, before=(second,)) == ()

    def test_back_pay_is_beside_the_amount(self) -> None:
        case = paying()
        back = payment(case, amount_fen=5_000, kind=PaymentKind.BACK_PAY)
        assert look(back, case, before=(payment(case),)) == ()


class TestDeath:
    def test_of_the_only_member(self) -> None:
        who = dead(date(2015, 2, 20))
        case = paying(members=(who.id,), income_fen=0)
        (found,) = look(payment(case, amount_fen=55_000), case, who)
        assert (found.rule, found.person_id, found.amount_fen) == (FindingRule.PAID_AFTER_DEATH, who.id, 55_000)
        assert found.evidence[-1].startswith("payment:")

    def test_the_month_of_death_is_still_due(self) -> None:
        who = dead(date(2015, 3, 1))
        case = paying(members=(who.id,), income_fen=0)
        assert look(payment(case, amount_fen=55_000), case, who) == ()

    def test_of_one_member_of_several_by_head(self) -> None:
        who = dead(date(2015, 2, 20))
        case = paying(members=(uuid4(), who.id, uuid4()))
        (found,) = look(payment(case), case, who)
        assert found.amount_fen == 25_000
        assert found.subject == f"person:{who.id}"

    def test_not_of_a_member_who_had_left(self) -> None:
        who = dead(date(2015, 2, 20))
        case = paying(members=(uuid4(), who.id, uuid4()))
        case.report_members(AT, member_ids=case.member_ids[::2], from_on=date(2015, 3, 1))
        assert look(payment(case), case, who) == ()

    def test_of_a_payee_not_covered(self) -> None:
        who = dead(date(2015, 2, 20))
        case = paying()
        (found,) = look(payment(case, payee_id=who.id), case, who)
        assert found.amount_fen == 75_000
        assert "领取人" in found.detail

    def test_learnt_after_the_payments_it_is_the_same_finding(self) -> None:
        who = dead(date(2015, 2, 20))
        case = paying(members=(uuid4(), who.id, uuid4()))
        months = [payment(case, month) for month in ("2015-02", "2015-03", "2015-04")]
        months[2].report_returned(AT, reason="", effective_on=date(2015, 4, 12))
        late = of_death(who, months, {case.id: case})
        assert [found.key for found in late] == [found.key for paid in months for found in look(paid, case, who)]
        assert late[0].evidence[-1].startswith("person:")
        assert "死亡信息在后" in late[0].detail

    def test_without_the_cases_only_the_payees_own(self) -> None:
        who = dead(date(2015, 2, 20))
        case = paying(members=(uuid4(), who.id))
        assert of_death(who, [payment(case)]) == ()
        assert len(of_death(who, [payment(case, payee_id=who.id)])) == 1

    def test_of_the_living(self) -> None:
        who = person()
        case = paying(members=(who.id,), income_fen=0)
        assert of_death(who, [payment(case)], {case.id: case}) == ()

    def test_before_the_application(self) -> None:
        who = dead(date(2014, 12, 31))
        case = paying(members=(uuid4(), who.id, uuid4()))
        (found,) = of_case(case, known(who), PARAMETERS, ())
        assert (found.rule, found.amount_fen) == (FindingRule.DEAD_MEMBER, 25_000)
        alive_then = dead(date(2015, 1, 5))
        case = paying(members=(alive_then.id,), income_fen=0)
        assert of_case(case, known(alive_then), PARAMETERS, ()) == ()


class TestAmountOffRule:
    def reported(self, monthly_fen: int) -> Case:
        case = applied()
        case.report_granted(AT, monthly_fen=monthly_fen, start_month="2015-02", monthly_income_fen=90_000)
        return case

    def test_a_grant_off_the_rule(self) -> None:
        (found,) = of_case(self.reported(80_000), {}, PARAMETERS, ())
        assert (found.rule, found.amount_fen, found.month) == (FindingRule.AMOUNT_OFF_RULE, 5_000, "2015-02")
        assert found.evidence[0] == "parameter:dibao.standard.rural@440704/2015-01-01"

    def test_a_grant_by_the_rule(self) -> None:
        assert of_case(self.reported(75_000), {}, PARAMETERS, ()) == ()

    def test_a_standard_raised_since(self) -> None:
        raised = ParameterVersion(
            "dibao.standard.rural", "", 60_000, Unit.FEN, "440704", date(2016, 1, 1), None, "示例"
        )
        parameters = PARAMETERS.with_versions([raised])
        assert of_case(self.reported(75_000), {}, parameters, ()) == ()
        (found,) = of_case(self.reported(75_000), {}, parameters, (), on=date(2016, 1, 1))
        assert (found.amount_fen, found.month) == (-15_000, "2016-01")

    def test_without_income_or_parameters_there_is_nothing_to_hold_it_against(self) -> None:
        case = applied()
        case.report_granted(AT, monthly_fen=1, start_month="2015-02")
        assert of_case(case, {}, PARAMETERS, ()) == ()
        assert of_case(self.reported(1), {}, PARAMETERS, (), on=date(2009, 1, 1)) == ()
        case = self.reported(1)
        case.report_suspended(AT, reason="", from_on=date(2015, 7, 1))
        assert of_case(case, {}, PARAMETERS, ()) == ()


class TestExclusive:
    def test_dibao_and_tekun_at_once(self) -> None:
        who = uuid4()
        dibao = paying(members=(uuid4(), who), income_fen=0)
        tekun = paying(Scheme.TEKUN, members=(who,), income_fen=0)
        for one, other in ((dibao, tekun), (tekun, dibao)):
            (found,) = of_case(one, {}, PARAMETERS, (other, one))
            assert (found.rule, found.person_id, found.month) == (FindingRule.EXCLUSIVE_SCHEMES, who, "2015-02")
            assert found.amount_fen == 55_000
        keys = {of_case(a, {}, PARAMETERS, (b,))[0].key for a, b in ((dibao, tekun), (tekun, dibao))}
        assert len(keys) == 1, "one finding, whichever case is looked at"

    def test_one_after_the_other(self) -> None:
        who = uuid4()
        dibao = closed(members=(who,), income_fen=0)
        tekun = applied(Scheme.TEKUN, members=(who,))
        tekun.report_granted(AT, monthly_fen=92_000, start_month="2015-07")
        assert of_case(tekun, {}, PARAMETERS, (dibao,)) == ()

    def test_from_the_month_in_which_both_cover_the_person(self) -> None:
        who = uuid4()
        dibao = paying(members=(uuid4(), who), income_fen=0)
        tekun = paying(Scheme.TEKUN, members=(uuid4(),), income_fen=0)
        tekun.report_members(AT, member_ids=(*tekun.member_ids, who), from_on=date(2015, 6, 1))
        found = of_case(dibao, {}, PARAMETERS, (tekun,))
        assert [draft.month for draft in found] == ["2015-06"]

    def test_temporary_assistance_excludes_nothing(self) -> None:
        who = uuid4()
        temporary = applied(Scheme.TEMP, members=(who,))
        temporary.report_temp_granted(AT, amount_fen=100_000, month="2015-06")
        assert of_case(paying(members=(who,), income_fen=0), {}, PARAMETERS, (temporary,)) == ()


def test_a_draft_becomes_a_finding() -> None:
    case = paying()
    (draft,) = look(payment(case, amount_fen=80_000), case)
    finding = Finding.raise_for(uuid4(), AT, **draft.fields())
    assert (finding.rule, finding.subject, finding.division_code) == (draft.rule, draft.subject, VILLAGE)
