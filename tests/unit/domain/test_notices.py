"""Numbered notices: what each may rest on, its number, its text, its service."""

from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from domain.access import Actor
from domain.assistance import Case, Document, Notice, NoticeSeries
from domain.assistance.commands import IssueNotice, ServeNotice, ServeRefusal
from domain.assistance.letters import Told, hash_of, letter, letter_html
from domain.assistance.notices import ground_of
from domain.codes import CloseReason, DocumentKind, MediaType, NoticeKind, Scheme, ServiceMethod
from domain.errors import NotFound
from domain.kernel import Aggregate, replayed
from domain.registry import Person
from tests.unit.domain import samples
from tests.unit.domain.samples import OTHER_VILLAGE, PARAMETERS, on
from tests.unit.domain.specification import CLERK, NOW, STREET, given, history

GOLDEN = Path(__file__).parent / "golden"
ISSUED = (Notice.Created, NoticeSeries.Created, NoticeSeries.Taken)


def applicant() -> Person:
    """The head of the household, as notices address it."""
    return samples.person(name="拟某甲", citizen_id=None)


def issue(case: Case, kind: NoticeKind, *others: Aggregate, by: Actor = CLERK) -> Any:
    """The outcome of issuing a notice."""
    return given(case, *others).when(IssueNotice(case_id=case.id, kind=kind), by=by)


def issued(case: Case, person: Person, kind: NoticeKind, *, by: Actor = CLERK) -> Notice:
    """A notice as the command makes it."""
    notice: Notice = issue(case, kind, person, by=by).then(*ISSUED)
    return notice


def told(case: Case, person: Person, notice: Notice) -> Told:
    """What a reader of the log makes the notice of."""
    events = [event for event in history(case) if event.originator_version <= notice.rests_on]
    return Told(
        notice.kind, events[-1], replayed(events), person.name, notice.notice_no, notice.issued_on, notice.terms
    )


class Ready:
    """A person with a case in each state that notices are issued in."""

    def __init__(self) -> None:
        self.person = applicant()
        self.members = (self.person.id, uuid4(), uuid4())

    def case(self, kind: NoticeKind) -> Case:
        """A case that a notice of this kind can tell of."""
        match kind:
            case NoticeKind.ACCEPTANCE:
                return samples.accepted(members=self.members)
            case NoticeKind.SUPPLEMENT:
                made = samples.applied(members=self.members)
                made.send_back(on("2015-01-06"), missing="户口簿复印件；务工收入证明")
            case NoticeKind.REFUSAL:
                made = samples.verified(income_fen=200_000, members=self.members)
                made.refuse(on("2015-01-20"), reason="收入超过标准", parameters=PARAMETERS, serve_by=date(2015, 1, 23))
            case NoticeKind.CONFIRMATION:
                made = samples.paying(members=self.members)
            case NoticeKind.CHANGE:
                made = samples.paying(members=self.members)
                made.verify(on("2015-06-10"), monthly_income_fen=60_000, property_within_limits=True, conclusion="复核")
                made.adjust(on("2015-06-11"), parameters=PARAMETERS, from_month="2015-07", cause="收入减少")
            case NoticeKind.STOP:
                made = samples.suspended(members=self.members)
        return made


class TestIssuing:
    @pytest.mark.parametrize("kind", NoticeKind)
    def test_the_text_is_the_golden_one(self, kind: NoticeKind) -> None:
        ready = Ready()
        case = ready.case(kind)
        notice = issued(case, ready.person, kind)
        made = told(case, ready.person, notice)
        assert hash_of(letter_html(made, notice.template)) == notice.html_sha256
        sheet = letter(made)
        text = "\n".join((*sheet.title, sheet.number, *(line.text for line in sheet.body)))  # type: ignore[union-attr]
        assert text == (GOLDEN / f"notice-1-{kind.value}.txt").read_text("utf-8").rstrip("\n")

    def test_the_html_of_template_1_stays_as_it_is(self) -> None:
        ready = Ready()
        case = ready.case(NoticeKind.CONFIRMATION)
        notice = issued(case, ready.person, NoticeKind.CONFIRMATION)
        assert letter_html(told(case, ready.person, notice)) == (GOLDEN / "notice-1.html").read_text("utf-8")

    def test_it_is_made_again_whatever_became_of_the_case(self) -> None:
        ready = Ready()
        case = ready.case(NoticeKind.CONFIRMATION)
        notice = issued(case, ready.person, NoticeKind.CONFIRMATION)
        case.suspend(on("2015-12-11"), reason="未复核", from_on=date(2016, 1, 1))
        assert hash_of(letter_html(told(case, ready.person, notice))) == notice.html_sha256

    def test_a_name_cannot_become_markup(self) -> None:
        ready = Ready()
        ready.person = samples.person(name="<script>拟&某</script>", citizen_id=None)
        ready.members = (ready.person.id,)
        case = ready.case(NoticeKind.ACCEPTANCE)
        notice = issued(case, ready.person, NoticeKind.ACCEPTANCE)
        html = letter_html(told(case, ready.person, notice))
        assert "<script>" not in html
        assert "&lt;script&gt;拟&amp;某" in html

    @pytest.mark.parametrize("kind", NoticeKind)
    def test_a_case_that_does_not_fit_is_refused(self, kind: NoticeKind) -> None:
        ready = Ready()
        other = samples.applied(members=ready.members)
        issue(other, kind, ready.person).refused(f"不能制发{kind.label}")

    def test_one_notice_for_one_event(self) -> None:
        ready = Ready()
        case = ready.case(NoticeKind.STOP)
        notice = issued(case, ready.person, NoticeKind.STOP)
        issue(case, NoticeKind.STOP, ready.person, notice).refused(notice.notice_no)
        case.resume(on("2015-12-11"), reason="已复核", from_on=date(2016, 1, 1))
        issue(case, NoticeKind.STOP, ready.person, notice).refused("不能制发")
        case.suspend(on("2015-12-12"), reason="再次", from_on=date(2016, 2, 1))
        assert issued(case, ready.person, NoticeKind.STOP).rests_on > notice.rests_on

    def test_a_case_that_closed_is_told_of_its_closing(self) -> None:
        ready = Ready()
        case = samples.paying(members=ready.members)
        case.close(on("2015-06-20"), reason=CloseReason.INCOME_ABOVE, end_month="2015-06")
        notice = issued(case, ready.person, NoticeKind.STOP)
        text = letter_html(told(case, ready.person, notice))
        assert "自2015年7月1日起停发，最后发放月份为2015年6月" in text
        assert "收入超过标准" in text

    def test_missing_papers_while_the_clock_stands(self) -> None:
        ready = Ready()
        case = samples.accepted(members=ready.members)
        issue(case, NoticeKind.SUPPLEMENT, ready.person).refused("不能制发补正材料通知书")
        case.request_supplement(on("2015-01-07"), missing="残疾证")
        text = letter_html(told(case, ready.person, issued(case, ready.person, NoticeKind.SUPPLEMENT)))
        assert "残疾证" in text
        assert "不计算办理期限" in text

    def test_an_unknown_applicant(self) -> None:
        case = samples.paying()
        issue(case, NoticeKind.CONFIRMATION).refused("申请人", NotFound)


class TestWhoSigns:
    def test_streets_sign_what_comes_before_a_decision_and_the_district_decisions(self) -> None:
        ready = Ready()
        street = issued(ready.case(NoticeKind.ACCEPTANCE), ready.person, NoticeKind.ACCEPTANCE, by=STREET)
        district = issued(ready.case(NoticeKind.REFUSAL), ready.person, NoticeKind.REFUSAL)
        assert (street.terms.office, street.terms.remedies) == ("江门市江海区外海街道办事处", "")
        assert (district.terms.office, district.terms.review_days) == ("江门市江海区民政局", 60)
        issue(ready.case(NoticeKind.STOP), NoticeKind.STOP, ready.person, by=STREET).refused("须由区民政局制发")

    def test_small_temporary_assistance_is_the_streets_own(self) -> None:
        ready = Ready()
        case = samples.verified(Scheme.TEMP, members=ready.members[:1])
        case.confirm_temporary(on("2015-01-20"), months=1, parameters=PARAMETERS, by_street=True)
        notice = issued(case, ready.person, NoticeKind.CONFIRMATION, by=STREET)
        assert notice.terms.office == "江门市江海区外海街道办事处"
        assert "一次性临时救助550.00元（大写：人民币伍佰伍拾元整）" in letter_html(told(case, ready.person, notice))

    def test_remedies_are_those_of_the_day(self) -> None:
        ready = Ready()
        case = ready.case(NoticeKind.REFUSAL)
        command = IssueNotice(case_id=case.id, kind=NoticeKind.REFUSAL)
        early = given(case, ready.person).when(command, now=on("2015-04-30")).then(*ISSUED)
        late = given(case, ready.person).when(command, now=on("2024-03-01")).then(*ISSUED)
        assert (early.terms.lawsuit_months, late.terms.lawsuit_months) == (3, 6)
        assert late.terms.review_law == "《中华人民共和国行政复议法》第二十条"

    def test_without_a_law_no_notice(self) -> None:
        ready = Ready()
        case = ready.case(NoticeKind.REFUSAL)
        command = IssueNotice(case_id=case.id, kind=NoticeKind.REFUSAL)
        given(case, ready.person).when(command, now=on("2014-04-30")).refused("没有登记法律依据")


class TestNumbers:
    def test_each_office_kind_and_year_counts_for_itself(self) -> None:
        ready = Ready()
        case = ready.case(NoticeKind.ACCEPTANCE)
        command = IssueNotice(case_id=case.id, kind=NoticeKind.ACCEPTANCE)
        first = given(case, ready.person).when(command)
        notice, series = first.aggregates
        assert (notice.notice_no, series.last) == ("江海外海救受〔2015〕1号", 1)  # type: ignore[attr-defined]
        other = ready.case(NoticeKind.ACCEPTANCE)
        second = given(other, ready.person, series).when(IssueNotice(case_id=other.id, kind=NoticeKind.ACCEPTANCE))
        second.then(Notice.Created, NoticeSeries.Taken, serial=2)
        assert second.events[0].notice_no == "江海外海救受〔2015〕2号"  # type: ignore[attr-defined]
        elsewhere = samples.accepted(members=ready.members, division_code=OTHER_VILLAGE)
        assert issued(elsewhere, ready.person, NoticeKind.ACCEPTANCE).notice_no == "江海礼乐救受〔2015〕1号"
        next_year = given(case, ready.person, series).when(command, now=on("2016-01-04")).then(*ISSUED)
        assert next_year.notice_no == "江海外海救受〔2016〕1号"

    def test_whoever_opens_a_series_makes_the_same_stream(self) -> None:
        ids = {NoticeSeries.id_of("440704", kind, year) for kind in NoticeKind for year in (2015, 2016)}
        assert len(ids) == 12
        assert NoticeSeries.id_of("440704", NoticeKind.STOP, 2016) in ids


class TestServing:
    def served(self, notice: Notice, *others: Aggregate, **fields: Any) -> Any:
        """The outcome of registering its service."""
        said = {"method": ServiceMethod.DIRECT, "served_on": NOW.date(), "proof": "本人签收", **fields}
        return given(notice, *others).when(ServeNotice(notice_id=notice.id, **said), by=STREET)

    def test_it_is_due_and_then_served(self) -> None:
        ready = Ready()
        case = ready.case(NoticeKind.CONFIRMATION)
        notice = issued(case, ready.person, NoticeKind.CONFIRMATION)
        assert notice.serve_by == date(2015, 12, 15)
        done = self.served(notice, case).then(Notice.Served, queue_by=None, effective_on=NOW.date())
        self.served(done, case).refused("不能重复登记")

    def test_the_queue_waits_for_the_other_notices_of_the_case(self) -> None:
        ready = Ready()
        case = ready.case(NoticeKind.ACCEPTANCE)
        first = issued(case, ready.person, NoticeKind.ACCEPTANCE)
        case.request_supplement(on("2015-12-11"), missing="残疾证")
        command = IssueNotice(case_id=case.id, kind=NoticeKind.SUPPLEMENT)
        second = given(case, ready.person, first).when(command, now=on("2015-12-14")).then(*ISSUED)
        assert (first.serve_by, second.serve_by) == (date(2015, 12, 15), date(2015, 12, 17))
        assert history(second)[0].queue_by == first.serve_by  # type: ignore[attr-defined]
        self.served(first, case, second).then(Notice.Served, queue_by=second.serve_by)

    @pytest.mark.parametrize("day", [date(2015, 12, 9), date(2015, 12, 11)])
    def test_not_before_it_was_issued_nor_in_the_future(self, day: date) -> None:
        ready = Ready()
        case = ready.case(NoticeKind.CONFIRMATION)
        self.served(issued(case, ready.person, NoticeKind.CONFIRMATION), case, served_on=day).refused("送达日期")

    def test_proof_is_needed(self) -> None:
        ready = Ready()
        case = ready.case(NoticeKind.CONFIRMATION)
        self.served(issued(case, ready.person, NoticeKind.CONFIRMATION), case, proof=" ").refused("送达凭证")

    def test_a_public_announcement_has_to_run(self) -> None:
        ready = Ready()
        case = ready.case(NoticeKind.STOP)
        notice = issued(case, ready.person, NoticeKind.STOP)
        public: dict[str, Any] = {"notice_id": notice.id, "method": ServiceMethod.PUBLIC, "proof": "区政府网站公告"}
        posted = {**public, "posted_on": date(2015, 12, 10)}
        early = ServeNotice(**posted, served_on=date(2016, 2, 5))
        given(notice, case).when(early, now=on("2016-02-05")).refused("满 60 日（2016-02-14）")
        given(notice, case).when(ServeNotice(**public, served_on=NOW.date())).refused("发出公告的日期")
        right = ServeNotice(**posted, served_on=date(2016, 2, 14))
        given(notice, case).when(right, now=on("2016-02-15")).then(Notice.Served, posted_on=date(2015, 12, 10))

    def test_the_signed_slip_is_a_paper_of_the_same_case(self) -> None:
        ready = Ready()
        case, other = ready.case(NoticeKind.CONFIRMATION), samples.accepted()
        notice = issued(case, ready.person, NoticeKind.CONFIRMATION)
        slip, foreign = paper(case, DocumentKind.PROOF_OF_SERVICE), paper(other, DocumentKind.PROOF_OF_SERVICE)
        wrong = paper(case, DocumentKind.INCOME)
        self.served(notice, case, foreign, proof_id=foreign.id).refused("没有找到", NotFound)
        self.served(notice, case, wrong, proof_id=wrong.id).refused("不是送达回证")
        self.served(notice, case, slip, proof_id=slip.id).then(Notice.Served, proof_id=slip.id)


class TestRefusals:
    def test_its_service_is_the_cases_own_step(self) -> None:
        ready = Ready()
        case = ready.case(NoticeKind.REFUSAL)
        notice = issued(case, ready.person, NoticeKind.REFUSAL)
        assert history(notice)[0].queue_by is None  # type: ignore[attr-defined]
        assert notice.serve_by == date(2015, 1, 23)
        command = ServeNotice(
            notice_id=notice.id, method=ServiceMethod.LEFT, served_on=NOW.date(), proof="见证人：村干部"
        )
        given(notice, case).when(command).then(
            Notice.Served, Case.RefusalServed, letter_no=notice.notice_no, proof="留置送达"
        )

    def test_the_other_command_takes_its_number_and_serves_it_too(self) -> None:
        ready = Ready()
        case = ready.case(NoticeKind.REFUSAL)
        notice = issued(case, ready.person, NoticeKind.REFUSAL)
        said: dict[str, Any] = {"case_id": case.id, "proof": "本人签收", "served_on": NOW.date()}
        given(case, notice).when(ServeRefusal(**said, letter_no="另号")).refused(notice.notice_no)
        given(case).when(ServeRefusal(**said)).refused("通知书文号")
        given(case, notice).when(ServeRefusal(**said)).then(Case.RefusalServed, Notice.Served, proof="本人签收")


def paper(case: Case, kind: DocumentKind) -> Document:
    """A scanned paper of a case."""
    what = {"media_type": MediaType.PDF, "size": 10, "sha256": "aa", "sealed_sha256": "bb", "file_name": ""}
    return Document.attach(uuid4(), NOW, case=case, kind=kind, **what)  # type: ignore[arg-type]


def test_a_ground_is_the_last_event_of_its_kind() -> None:
    case = samples.suspended()
    case.resume(on("2015-10-01"), reason="已复核", from_on=date(2015, 10, 1))
    case.suspend(on("2015-11-01"), reason="再次", from_on=date(2015, 12, 1))
    found = ground_of(NoticeKind.STOP, history(case), case)
    assert found.originator_version == case.version
