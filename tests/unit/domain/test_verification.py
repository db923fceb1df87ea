"""Economic-status verification: one success of every step, every refusal, and what never happens by itself."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from domain.access import Actor, RoleCode
from domain.assistance import Case, EconVerification
from domain.assistance.commands import (
    CancelVerification,
    CloseCase,
    ConfirmCase,
    ContestVerification,
    OpenVerification,
    RefuseCase,
    ReportVerification,
    ReverifyVerification,
    RevokeAuthorization,
    SendQueries,
    TransferCase,
    VerifyCase,
    WithdrawCase,
)
from domain.assistance.verification_record import Answer
from domain.clock import months_after
from domain.codes import (
    CaseState,
    CloseReason,
    EconConclusion,
    EconQueryState,
    EconResult,
    EconSource,
    EconState,
    FindingRule,
    HouseholdKind,
)
from domain.errors import MinzhengError, NotFound
from domain.findings import Finding
from domain.registry import Person
from tests.unit.domain.samples import OTHER_VILLAGE, accepted, household, on, paying, person, publicised, verified
from tests.unit.domain.specification import CLERK, STREET, assert_replays, given
from tests.unit.domain.verifications import (
    BANK,
    COMMUNITY,
    SECOND,
    TAX,
    VEHICLE,
    answer,
    left,
    sign,
    step_by_step,
    told,
    world,
)


class TestOpening:
    def test_every_living_adult_has_to_authorise(self) -> None:
        it = world()
        opened = it.when(it.command(OpenVerification)).then(
            EconVerification.Created, member_ids=it.adults, sequence=1, authorise_by=date(2015, 1, 14)
        )
        assert opened.id == EconVerification.id_for(it.case.id, 1)
        assert opened.state is EconState.AUTHORISING
        assert opened.request_no.startswith("HD-2015-")

    def test_someone_is_an_adult_from_the_eighteenth_birthday_on(self) -> None:
        it = world()
        eve = it.when(it.command(OpenVerification), day="2026-01-07").then(EconVerification.Created)
        assert it.child not in eve.member_ids
        day = it.when(it.command(OpenVerification), day="2026-01-08").then(EconVerification.Created)
        assert day.member_ids == (*it.adults, it.child)

    def test_of_a_registered_household_only_those_the_case_covers(self) -> None:
        head, lodger = person(), person(citizen_id=None)
        home = household(head, lodger, kind=HouseholdKind.REGISTERED)
        case = accepted(members=(head.id,), household_id=home.id)
        given(case, home, head, lodger).when(OpenVerification(case_id=case.id), by=STREET).then(
            EconVerification.Created, member_ids=(head.id,)
        )

    def test_a_household_of_minors_authorises_through_its_applicant(self) -> None:
        child = person(citizen_id=None, birth_on=date(2010, 1, 1))
        home = household(child)
        guardian = uuid4()
        case = accepted(members=(child.id,), household_id=home.id, applicant_id=guardian)
        given(case, home, child).when(OpenVerification(case_id=case.id), by=STREET).then(
            EconVerification.Created, member_ids=(guardian,)
        )

    def test_one_at_a_time(self) -> None:
        it = world()
        running = step_by_step(it, "open")
        it.when(it.command(OpenVerification), running).refused("已有一次核对正在办理")
        done = step_by_step(world(), "report")
        assert done.state is EconState.REPORTED
        again = EconVerification.open(
            on("2016-01-07"),
            case_id=done.case_id,
            household_id=done.household_id,
            division_code=done.division_code,
            member_ids=done.member_ids,
            earlier=(done,),
            by="",
            authorise_by=date(2016, 1, 14),
        )
        assert (again.sequence, again.id) == (2, EconVerification.id_for(done.case_id, 2))

    def test_not_of_a_case_that_is_over(self) -> None:
        it = world()
        it.case.withdraw(on("2015-01-06"), reason="")
        it.when(it.command(OpenVerification)).refused("不能核对经济状况")


class TestAuthorisation:
    def test_nobody_is_asked_before_everyone_has_signed(self) -> None:
        it = world()
        verification = step_by_step(it, "open")
        first, second = it.adults
        it.when(it.command(SendQueries), verification).refused("尚有 2 名成年成员没有有效授权")
        it.when(sign(it, first), verification, by=COMMUNITY).then(
            EconVerification.AuthorizationSigned, complete=False, send_by=None, valid_to=date(2016, 1, 7)
        )
        it.when(it.command(SendQueries), verification).refused("尚有 1 名")
        it.when(sign(it, second), verification, by=COMMUNITY).then(
            EconVerification.AuthorizationSigned, complete=True, send_by=date(2015, 1, 12)
        )
        assert verification.state is EconState.AUTHORISED

    def test_a_lapsed_one_is_none(self) -> None:
        it = world()
        verification = step_by_step(it, "open")
        for adult in it.adults:
            it.when(sign(it, adult, valid_to=date(2015, 1, 9)), verification).then(EconVerification.AuthorizationSigned)
        it.when(it.command(SendQueries), verification, day="2015-01-10").refused("尚有 2 名")
        it.when(it.command(SendQueries, sources=(BANK,)), verification, day="2015-01-09").then(
            EconVerification.QuerySent
        )

    def test_one_taken_back_stops_further_queries(self) -> None:
        it = world()
        verification = step_by_step(it, "sign")
        back = it.command(RevokeAuthorization, person_id=it.adults[0])
        it.when(back, verification, by=COMMUNITY).then(
            EconVerification.AuthorizationRevoked, authorise_by=date(2015, 1, 14)
        )
        assert verification.state is EconState.AUTHORISING
        it.when(it.command(SendQueries), verification).refused("尚有 1 名")
        it.when(back, verification).refused("没有可以撤回的授权")
        it.when(sign(it, it.adults[0]), verification).then(EconVerification.AuthorizationSigned, complete=True)
        it.when(it.command(SendQueries, sources=(BANK,)), verification).then(EconVerification.QuerySent)

    def test_one_taken_back_after_the_query_stops_answers_and_further_sources(self) -> None:
        it = world()
        verification = step_by_step(it, "send")
        back = it.command(RevokeAuthorization, person_id=it.adults[0])
        it.when(back, verification, day="2015-01-08").then(EconVerification.AuthorizationRevoked)
        it.when(it.command(SendQueries, sources=(VEHICLE,)), verification, day="2015-01-08").refused("尚有 1 名")
        late = answer(it, answered_on=date(2015, 1, 8))
        it.when(late, verification, day="2015-01-08").refused("已撤回授权")
        it.when(answer(it), verification, day="2015-01-08").then(EconVerification.QueryAnswered)

    def test_who_turned_adult_meanwhile_has_to_sign_too(self) -> None:
        it = world()
        verification = step_by_step(it, "open")
        for adult in it.adults:
            long = sign(it, adult, valid_to=date(2030, 1, 1))
            it.when(long, verification).then(EconVerification.AuthorizationSigned)
        it.when(it.command(SendQueries), verification, day="2026-01-08").refused("尚有 1 名")

    def test_refusals(self) -> None:
        it = world()
        verification = step_by_step(it, "open")
        adult = it.adults[0]
        it.when(sign(it, uuid4()), verification).refused("不是该家庭成员")
        it.when(sign(it, adult, signed_on=date(2015, 1, 8)), verification).refused("不能晚于今天")
        it.when(sign(it, adult, valid_to=date(2015, 1, 6)), verification).refused("早于签署日期")
        it.when(sign(it, adult)).refused("没有启动过")
        other = world()
        done = step_by_step(other, "report")
        other.when(sign(other, other.adults[0]), done).refused("现为“已出具报告”，不能登记授权")

    def test_a_stranger_s_case_is_not_found(self) -> None:
        it = world()
        given().when(it.command(OpenVerification)).refused("nothing", NotFound)


class TestQueries:
    def test_all_sources_where_none_is_named(self) -> None:
        it = world()
        verification = step_by_step(it, "sign")
        it.when(it.command(SendQueries), verification).then(
            *[EconVerification.QuerySent] * len(EconSource),
            source=EconSource.FUNERAL,
            member_ids=it.adults,
            answer_by=date(2015, 1, 14),
            report_by=None,
        )
        assert verification.state is EconState.SENT
        it.when(it.command(SendQueries), verification).refused("没有可以查询的来源")
        it.when(it.command(SendQueries, sources=(BANK,)), verification).refused("“银行存款”等待答复")

    def test_the_first_one_says_when_the_report_is_due_and_each_what_it_is_for(self) -> None:
        it = world()
        verification = step_by_step(it, "sign")
        it.when(it.command(SendQueries, sources=(BANK,)), verification).then(
            EconVerification.QuerySent,
            report_by=date(2015, 1, 21),
            purpose="最低生活保障审核确认（N440704201500001）",
        )

    def test_the_purpose_in_a_case_that_is_paid(self) -> None:
        it = world(paying)
        verification = step_by_step(it, "sign")
        sent = it.when(it.command(SendQueries, sources=(BANK,)), verification)
        assert "最低生活保障复核" in sent.events[-1].purpose  # type: ignore[attr-defined]

    def test_a_source_answers_of_the_household_or_of_everyone(self) -> None:
        it = world()
        verification = step_by_step(it, "send")
        first, second = it.adults
        said = {"source": BANK, "result": EconResult.FOUND, "value_fen": 123_456}
        it.when(answer(it, **said, person_id=first, detail="尾号1234"), verification).then(
            EconVerification.QueryAnswered, complete=False, waiting=2
        )
        assert left(verification) == [BANK, TAX]
        it.when(answer(it, person_id=second), verification).then(
            EconVerification.QueryAnswered, complete=True, waiting=1
        )
        assert left(verification) == [TAX]
        assert verification.state is EconState.PARTIAL
        it.when(answer(it, source=TAX), verification).then(EconVerification.QueryAnswered, complete=True, waiting=0)
        assert left(verification) == []

    def test_an_answer_is_corrected_until_the_report(self) -> None:
        it = world()
        verification = step_by_step(it, "answer")
        it.when(answer(it), verification).refused("已经登记")
        more = answer(it, result=EconResult.FOUND, value_fen=1)
        it.when(more, verification).then(EconVerification.QueryAnswered, complete=True, waiting=0)
        assert [said.value_fen for said in verification.queries[BANK].answers] == [1]

    @pytest.mark.parametrize(
        ("fields", "text"),
        [
            ({"source": VEHICLE}, "没有向“车辆”发出过查询"),
            ({"person_id": uuid4()}, "没有此人"),
            ({"answered_on": date(2015, 1, 6)}, "与今天之间"),
            ({"answered_on": date(2015, 1, 8)}, "与今天之间"),
            ({"value_fen": -1, "result": EconResult.FOUND}, "不能为负"),
            ({"value_fen": 1}, "不应有金额"),
            ({"value_fen": 1, "result": EconResult.NOT_IDENTIFIABLE}, "不应有金额"),
        ],
    )
    def test_refused_answers(self, fields: dict[str, Any], text: str) -> None:
        it = world()
        verification = step_by_step(it, "send")
        it.when(answer(it, **fields), verification).refused(text)

    def test_who_did_not_answer_in_time_can_be_asked_again(self) -> None:
        it = world()
        verification = step_by_step(it, "send")
        assert verification.due_on == date(2015, 1, 14)
        it.when(answer(it, source=BANK, person_id=it.adults[0]), verification).then(EconVerification.QueryAnswered)
        verification.lapse(on("2015-01-14"))
        assert left(verification, EconQueryState.WAITING) == [BANK, TAX]
        it.when(answer(it, source=TAX), verification).then(EconVerification.QueryAnswered)
        verification.lapse(on("2015-01-16"))
        assert_replays(verification)
        assert left(verification, EconQueryState.TIMED_OUT) == [BANK]
        assert left(verification) == [BANK]
        it.when(it.command(SendQueries, sources=(TAX,)), verification, day="2015-01-16").refused("“税务”已答复")
        it.when(it.command(SendQueries, sources=(BANK,)), verification, day="2015-01-16").then(
            EconVerification.QuerySent, round=2, answer_by=date(2015, 1, 23), report_by=None
        )
        rest = answer(it, person_id=it.adults[1], answered_on=date(2015, 1, 16))
        it.when(rest, verification, day="2015-01-16").then(EconVerification.QueryAnswered, complete=True)

    def test_a_late_answer_still_counts_before_the_report(self) -> None:
        it = world()
        verification = step_by_step(it, "send")
        verification.lapse(on("2015-01-15"))
        assert_replays(verification)
        it.when(answer(it, answered_on=date(2015, 1, 15)), verification, day="2015-01-15").then(
            EconVerification.QueryAnswered, complete=True, waiting=0
        )
        assert verification.unanswered == (TAX,)


class TestReport:
    def test_it_waits_for_those_who_still_have_time(self) -> None:
        it = world()
        verification = step_by_step(it, "send")
        it.when(it.command(ReportVerification, **told()), verification).refused("银行存款、税务")

    def test_it_names_those_who_did_not_answer(self) -> None:
        it = world()
        verification = step_by_step(it, "send")
        it.when(answer(it, source=TAX), verification).then(EconVerification.QueryAnswered)
        verification.lapse(on("2015-01-15"))
        assert_replays(verification)
        outcome = it.when(it.command(ReportVerification, **told()), verification, day="2015-01-15")
        outcome.then(EconVerification.EconReported, unanswered=(BANK,), by=STREET.name, valid_to=date(2015, 7, 15))
        assert "未答复：银行存款" in outcome.events[-1].gist()

    def test_where_nobody_answered_it_can_only_say_so(self) -> None:
        it = world()
        verification = step_by_step(it, "send")
        verification.lapse(on("2015-01-15"))
        assert_replays(verification)
        it.when(it.command(ReportVerification, **told()), verification).refused("没有来源答复")
        honest = it.command(ReportVerification, **told(conclusion=EconConclusion.INCOMPLETE))
        it.when(honest, verification).then(EconVerification.EconReported, unanswered=(BANK, TAX))

    def test_income_at_the_standard_is_for_people_to_look_into(self) -> None:
        it = world()
        verification = step_by_step(it, "answer")
        before = it.case.version
        outcome = it.when(it.command(ReportVerification, **told(monthly_income_fen=165_000)), verification)
        outcome.then(EconVerification.EconReported, EconVerification.IncomeAboveFound, Finding.Created)
        above, finding = outcome.events[-2:]
        assert (above.excess_fen, above.recheck_by) == (0, date(2015, 1, 28))  # type: ignore[attr-defined]
        assert finding.rule is FindingRule.INCOME_ABOVE_STANDARD  # type: ignore[attr-defined]
        assert (it.case.version, it.case.state) == (before, CaseState.ACCEPTED)

    def test_the_finding_comes_once(self) -> None:
        it = world()
        verification = step_by_step(it, "answer")
        above = told(monthly_income_fen=200_000)
        outcome = it.when(it.command(ReportVerification, **above), verification)
        finding = outcome.aggregates[1]
        it.when(it.command(ContestVerification, reason="某"), verification).then(EconVerification.Contested)
        again = it.command(ReverifyVerification, upheld=False, **above)
        it.when(again, verification, finding, by=SECOND).then(
            EconVerification.Reverified, EconVerification.IncomeAboveFound, excess_fen=35_000
        )

    def test_less_than_the_standard_raises_nothing(self) -> None:
        it = world()
        verification = step_by_step(it, "answer")
        below = it.command(ReportVerification, **told(monthly_income_fen=164_999))
        it.when(below, verification).then(EconVerification.EconReported)

    def test_refusals(self) -> None:
        it = world()
        signed = step_by_step(it, "sign")
        it.when(it.command(ReportVerification, **told()), signed).refused("现为“已授权”")
        answered = step_by_step(it, "answer")
        negative = it.command(ReportVerification, **told(monthly_income_fen=-1))
        it.when(negative, answered).refused("不能为负")

    def test_it_expires_by_itself(self) -> None:
        verification = step_by_step(world(), "report")
        assert (verification.due_on, verification.valid_to) == (date(2015, 7, 7), date(2015, 7, 7))
        verification.lapse(on("2015-07-07"))
        assert verification.state is EconState.REPORTED
        verification.lapse(on("2015-07-08"))
        assert_replays(verification)
        assert (verification.state, verification.due_on) == (EconState.EXPIRED, None)


class TestContest:
    def test_another_hand_verifies_again(self) -> None:
        it = world()
        verification = step_by_step(it, "report")
        contest = it.command(ContestVerification, reason="存款是他人的")
        it.when(contest, verification, by=COMMUNITY).then(EconVerification.Contested, reverify_by=date(2015, 1, 21))
        again = it.command(ReverifyVerification, upheld=True, **told(monthly_income_fen=10_000))
        it.when(again, verification, by=STREET).refused("请由其他经办人办理")
        it.when(again, verification, by=SECOND).then(EconVerification.Reverified, by=SECOND.name, upheld=True)
        assert (verification.state, verification.monthly_income_fen) == (EconState.REVERIFIED, 10_000)
        it.when(contest, verification).refused("不能提出异议")

    def test_sources_can_be_asked_anew(self) -> None:
        it = world()
        verification = step_by_step(it, "contest")
        it.when(it.command(SendQueries, sources=(BANK,)), verification).then(EconVerification.QuerySent, round=2)
        again = it.command(ReverifyVerification, upheld=True, **told())
        it.when(again, verification, by=SECOND).refused("银行存款")
        it.when(answer(it, result=EconResult.FOUND, value_fen=5), verification).then(EconVerification.QueryAnswered)
        assert verification.state is EconState.CONTESTED
        it.when(again, verification, by=SECOND).then(EconVerification.Reverified)

    def test_refusals(self) -> None:
        it = world()
        early = step_by_step(it, "answer")
        it.when(it.command(ContestVerification, reason="某"), early).refused("不能提出异议")
        verification = step_by_step(it, "report")
        it.when(it.command(ContestVerification, reason=" "), verification).refused("写明异议内容")
        again = it.command(ReverifyVerification, upheld=True, **told())
        it.when(again, verification, by=SECOND).refused("不能登记复核结果")


class TestTheCase:
    @pytest.mark.parametrize(("upto", "text"), [("open", "尚未出具报告"), ("send", "尚未出具"), ("contest", "有异议")])
    def test_nothing_is_verified_or_confirmed_meanwhile(self, upto: str, text: str) -> None:
        it = world(publicised)
        verification = step_by_step(it, upto)
        it.when(it.command(ConfirmCase), verification, by=CLERK, day="2015-01-21").refused(text)
        it = world()
        verification = step_by_step(it, upto)
        record = {"monthly_income_fen": 90_000, "property_within_limits": True, "conclusion": ""}
        it.when(it.command(VerifyCase, **record), verification).refused(text)

    def test_a_report_lets_people_go_on_and_decides_nothing(self) -> None:
        it = world()
        verification = step_by_step(it, "report")
        assert it.case.monthly_income_fen is None
        record = {"monthly_income_fen": 80_000, "property_within_limits": True, "conclusion": ""}
        it.when(it.command(VerifyCase, **record), verification).then(Case.VerificationReported)
        it = world(publicised)
        verification = step_by_step(it, "report")
        it.when(it.command(ConfirmCase), verification, by=CLERK, day="2015-01-21").then(Case.Confirmed)

    def test_nobody_is_refused_on_a_contested_result(self) -> None:
        it = world(lambda **fields: verified(income_fen=200_000, **fields))
        verification = step_by_step(it, "contest")
        refuse = it.command(RefuseCase, reason="收入超过标准")
        it.when(refuse, verification, by=CLERK, day="2015-01-20").refused("有异议")

    def test_it_ends_with_its_case(self) -> None:
        it = world(lambda **fields: verified(income_fen=200_000, **fields))
        verification = step_by_step(it, "send")
        refuse = it.command(RefuseCase, reason="收入超过标准")
        it.when(refuse, verification, by=CLERK, day="2015-01-20").then(Case.Refused, EconVerification.Cancelled)
        it = world()
        verification = step_by_step(it, "sign")
        it.when(it.command(WithdrawCase), verification).then(Case.Withdrawn, EconVerification.Cancelled)
        it = world(paying)
        verification, close = step_by_step(it, "sign"), {"reason": CloseReason.VOLUNTARY, "end_month": "2015-02"}
        it.when(it.command(CloseCase, **close), verification, by=CLERK).then(Case.Closed, EconVerification.Cancelled)
        it = world()
        verification = step_by_step(it, "report")
        it.when(it.command(WithdrawCase), verification).then(Case.Withdrawn)

    def test_it_is_ended_with_a_reason_before_the_report(self) -> None:
        it = world()
        verification = step_by_step(it, "send")
        it.when(it.command(CancelVerification, reason=" "), verification).refused("写明原因")
        it.when(it.command(CancelVerification, reason="误启动"), verification).then(EconVerification.Cancelled)
        record = {"monthly_income_fen": 90_000, "property_within_limits": True, "conclusion": ""}
        it.when(it.command(VerifyCase, **record), verification).then(Case.VerificationReported)
        done = step_by_step(world(), "report")
        assert done.due_on is not None
        done.end_with_case(on("2015-02-01"))
        assert done.state is EconState.REPORTED

    def test_it_follows_its_case_to_another_street(self) -> None:
        it = world()
        verification = step_by_step(it, "send")
        move = it.command(TransferCase, to_division_code=OTHER_VILLAGE, moved_on=date(2015, 1, 7))
        it.when(move, verification).then(Case.Transferred)
        theirs = Actor("street-5", RoleCode.STREET_OFFICER, "440704005")
        it.when(answer(it), verification, by=theirs).then(EconVerification.Followed, EconVerification.QueryAnswered)
        assert verification.division_code == OTHER_VILLAGE


class TestFacts:
    """What a file of the verification centre says is recorded, whatever it says."""

    def said(self, **fields: Any) -> Answer:
        return Answer(**{"person_id": None, "result": EconResult.FOUND, "value_fen": 100, "detail": None, **fields})

    def test_an_answer_to_a_query(self) -> None:
        verification = step_by_step(world(), "send")
        day = date(2015, 1, 8)
        assert verification.report_answer(on("2015-01-09"), source=BANK, said=self.said(), answered_on=day)
        assert not verification.report_answer(on("2015-01-10"), source=BANK, said=self.said(), answered_on=day)
        assert [*verification.contradictions(BANK, self.said(), day)] == []
        assert_replays(verification)
        assert (verification.unanswered, verification.state) == ((TAX,), EconState.PARTIAL)

    def test_what_nobody_asked_for(self) -> None:
        it = world()
        verification = step_by_step(it, "send")
        day, stranger = date(2015, 1, 8), self.said(person_id=uuid4())
        verification.report_answer(on("2015-01-08"), source=VEHICLE, said=self.said(), answered_on=day)
        verification.report_answer(on("2015-01-08"), source=BANK, said=stranger, answered_on=day)
        assert_replays(verification)
        drafts = [*verification.contradictions(VEHICLE, self.said(), day)]
        drafts += verification.contradictions(BANK, stranger, day)
        assert [draft.rule for draft in drafts] == [FindingRule.ANSWER_UNASKED] * 2
        assert verification.queries[VEHICLE].round == 0
        assert verification.due_on == date(2015, 1, 14)
        it.when(it.command(SendQueries, sources=(VEHICLE,)), verification).then(EconVerification.QuerySent, round=1)

    def test_after_an_authorisation_was_taken_back(self) -> None:
        it = world()
        verification = step_by_step(it, "send")
        back = it.command(RevokeAuthorization, person_id=it.adults[0])
        it.when(back, verification, day="2015-01-08").then(EconVerification.AuthorizationRevoked)
        before, after = date(2015, 1, 7), date(2015, 1, 8)
        verification.report_answer(on("2015-01-09"), source=BANK, said=self.said(), answered_on=after)
        (draft,) = verification.contradictions(BANK, self.said(), after)
        assert draft.rule is FindingRule.ANSWER_UNASKED
        assert "撤回" in draft.detail
        assert [*verification.contradictions(BANK, self.said(), before)] == []

    def test_after_the_report(self) -> None:
        verification = step_by_step(world(), "report")
        day = date(2015, 1, 20)
        assert verification.report_answer(on("2015-01-06"), source=BANK, said=self.said(), answered_on=day)
        assert verification.modified_on == on("2015-01-07"), "a file may be older than what is known"
        (draft,) = verification.contradictions(BANK, self.said(), day)
        assert draft.rule is FindingRule.ANSWER_AFTER_REPORT
        assert verification.state is EconState.REPORTED


def test_a_month_has_its_last_day() -> None:
    assert months_after(date(2015, 8, 31), 6) == date(2016, 2, 29)
    assert months_after(date(2015, 1, 7), 12) == date(2016, 1, 7)
    assert months_after(date(2015, 12, 31), 1) == date(2016, 1, 31)


def test_errors_name_nobody() -> None:
    it = world()
    verification = step_by_step(it, "open")
    error = it.when(it.command(SendQueries), verification).error
    assert isinstance(error, MinzhengError)
    assert not any(a.name in str(error) for a in it.home if isinstance(a, Person))
