"""Days reconciled to the last line, months cleared by two hands, and claims from the street to their payment."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from domain.access import Actor, RoleCode
from domain.codes import (
    AccumulatorCause,
    ClaimState,
    DifferenceKind,
    FundSource,
    MaCategory,
    MedType,
    SettlementCancelReason,
    SettlementState,
)
from domain.errors import BadInput, NotFound, RuleViolated
from domain.findings import Finding
from domain.medical import Accumulator, Clearing, DailyReconciliation, ManualClaim, Settlement
from domain.medical.claim import Receipts
from domain.medical.commands import (
    ApproveManualClaim,
    FileManualClaim,
    ObjectToManualClaim,
    PayClearing,
    PayManualClaim,
    PrepareClearing,
    PubliciseManualClaim,
    ReconcileDay,
    RefuseManualClaim,
    ResolveDifference,
    ReviewManualClaim,
    WithdrawClearing,
)
from domain.medical.reconciliation import FileLine, Sums, lines_of, read_file
from tests.unit.domain.medical_samples import (
    DESK,
    FINANCE,
    OTHER_DESK,
    TODAY,
    categories,
    discharged,
    hospital,
    settled,
    year_of,
)
from tests.unit.domain.samples import on, person
from tests.unit.domain.specification import CLERK, NOW, STREET, Given, assert_replays, given

PLACE = hospital()
PERSON = uuid4()
TOMORROW = NOW + timedelta(days=1)
NEXT_YEAR = on("2016-01-05")
BILLS = {"total_fen": 3_000_000, "in_scope_fen": 2_600_000, "basic_fen": 1_905_000}
LINE = "S1,0,30000.00,4865.00"


def bill(number: str = "S1") -> Settlement:
    """A settlement of today."""
    return settled(discharged(PLACE, PERSON, f"J{number}"), number)


def reconcile(file: str) -> ReconcileDay:
    """Today's file."""
    return ReconcileDay(hospital_id=PLACE.id, business_on=TODAY, file=file)


def reconciled(*bills: Settlement, file: str = LINE) -> tuple[Given, DailyReconciliation]:
    """A world in which today was compared with the file."""
    outcome = given(PLACE, *bills).when(reconcile(file), by=DESK, now=TOMORROW)
    day = outcome.aggregates[0]
    assert isinstance(day, DailyReconciliation)
    return given(PLACE, *bills, day), day


class TestTheDay:
    def test_agrees_line_by_line(self) -> None:
        first = bill()
        outcome = given(PLACE, first).when(reconcile(LINE), by=DESK, now=TOMORROW)
        outcome.then(DailyReconciliation.Created, DailyReconciliation.Compared, Settlement.Reconciled)
        compared = outcome.events[1]
        assert isinstance(compared, DailyReconciliation.Compared)
        assert (compared.ours, compared.theirs) == (Sums(1, 3_000_000, 486_500),) * 2
        assert (compared.diff_fen, compared.differences, compared.resolve_by) == (0, (), None)
        assert first.state is SettlementState.RECONCILED

    def test_names_every_difference_and_raises_a_finding_for_it_once(self) -> None:
        first, second = bill(), bill("S2")
        file = f"结算ID,退费标志,医疗费总额,医疗救助支出\n{LINE[:-2]}01\nS9\t0\t10\t1.5"
        world = given(PLACE, first, second)
        outcome = world.when(reconcile(file), by=DESK, now=TOMORROW)
        outcome.then(
            *(DailyReconciliation.Created, DailyReconciliation.Compared),
            *(Finding.Created, Finding.Created, Finding.Created),
        )
        day = outcome.aggregates[0]
        assert isinstance(day, DailyReconciliation)
        assert [(d.settlement_no, d.kind) for d in day.unresolved] == [
            ("S1", DifferenceKind.AMOUNT),
            ("S2", DifferenceKind.ONLY_HERE),
            ("S9", DifferenceKind.ONLY_THERE),
        ]
        assert first.state is SettlementState.SETTLED
        again = given(PLACE, first, second, *outcome.aggregates)
        assert again.when(reconcile(file), by=DESK, now=TOMORROW).events == ()
        right = again.when(reconcile(f"{LINE}\nS2,0,30000,4865"), by=DESK, now=TOMORROW)
        right.then(DailyReconciliation.Compared, Settlement.Reconciled, Settlement.Reconciled)
        assert day.unresolved == ()

    def test_counts_what_was_undone_as_minus_one_on_its_own_day(self) -> None:
        first = bill()
        first.cancel(TOMORROW, reason=SettlementCancelReason.WRONG_FEES, reissue_by=None, by="x")
        assert list(lines_of([first], TODAY)) == [FileLine("S1", False, 3_000_000, 486_500)]
        undone = list(lines_of([first], TOMORROW.date()))
        assert (undone, Sums.of(undone)) == (
            [FileLine("S1", True, 3_000_000, 486_500)],
            Sums(-1, -3_000_000, -486_500),
        )
        assert [first.fund_on(day) for day in (TODAY, TOMORROW.date())] == [486_500, -486_500]

    def test_what_was_reversed_on_its_own_day_has_never_been(self) -> None:
        first = bill()
        first.mark_unknown(NOW, message_no="M", by="x", reverse_by=TODAY)
        first.reverse(NOW, message_no="M", by="x")
        assert list(lines_of([first], TODAY)) == []

    def test_is_over_before_it_is_compared_and_its_hospital_s_own(self) -> None:
        given(PLACE).when(reconcile(""), by=DESK).refused("次日对账")
        given(PLACE).when(reconcile(""), by=OTHER_DESK, now=TOMORROW).refused("不属于您所在的医院", NotFound)
        given(PLACE).when(reconcile(""), by=CLERK, now=TOMORROW).then(
            DailyReconciliation.Created, DailyReconciliation.Compared
        )

    @pytest.mark.parametrize("file", ["S1,2,1,1", "S1,0,1", "S1,0,1.234,1", "S1,0,一,1", ",0,1,1", f"{LINE}\n{LINE}"])
    def test_files_that_cannot_be_read_name_the_line(self, file: str) -> None:
        day = DailyReconciliation.start(TOMORROW, hospital_id=PLACE.id, business_on=TODAY, division_code="440704")
        with pytest.raises(BadInput, match=r"第 \d 行|出现两次"):
            day.compare(TOMORROW, ours=(), theirs=read_file(file), by="x", resolve_by=TODAY)

    def test_a_difference_is_looked_into(self) -> None:
        first = bill()
        world, day = reconciled(first, file="")
        fields: dict[str, Any] = {"hospital_id": PLACE.id, "business_on": TODAY}
        resolve = ResolveDifference(settlement_no="S1", note="医院漏报，次日补报", **fields)
        world.when(ResolveDifference(settlement_no="S1", note=" ", **fields), by=FINANCE).refused("核实方式")
        world.when(resolve, by=FINANCE, now=TOMORROW).then(DailyReconciliation.Resolved, Settlement.Reconciled)
        assert (day.unresolved, first.state) == ((), SettlementState.RECONCILED)
        world.when(resolve, by=FINANCE, now=TOMORROW).refused("没有结算 S1 的未核实差异")
        assert_replays(day)

    @drawn(
        st.lists(
            st.builds(FileLine, st.sampled_from("ABCD"), st.booleans(), st.integers(0, 99), st.integers(0, 99)),
            unique_by=lambda line: (line.settlement_no, line.refund),
        ),
        st.lists(
            st.builds(FileLine, st.sampled_from("ABCD"), st.booleans(), st.integers(0, 99), st.integers(0, 99)),
            unique_by=lambda line: (line.settlement_no, line.refund),
        ),
    )
    def test_differences_explain_the_sums(self, ours: list[FileLine], theirs: list[FileLine]) -> None:
        day = DailyReconciliation.start(TOMORROW, hospital_id=PLACE.id, business_on=TODAY, division_code="440704")
        found = day.compare(TOMORROW, ours=ours, theirs=theirs, by="x", resolve_by=TODAY)
        signed = sum((-1 if d.refund else 1) * (d.ours_assistance_fen - d.theirs_assistance_fen) for d in found)
        assert signed == day.ours.assistance_fen - day.theirs.assistance_fen
        assert (found == ()) == (sorted(ours) == sorted(theirs))


class TestTheMonth:
    PREPARE = PrepareClearing(hospital_id=PLACE.id, month="2015-12")

    def pay(self, clearing: Clearing) -> PayClearing:
        return PayClearing(clearing_id=clearing.id, fund_source=FundSource.DISTRICT, voucher_no="拨1")

    def test_is_paid_by_another_hand_than_prepared_it(self) -> None:
        first = bill()
        world, day = reconciled(first)
        clearing = world.when(self.PREPARE, by=FINANCE, now=NEXT_YEAR).then(
            Clearing.Created, amount_fen=486_500, count=1, settlement_ids=(first.id,)
        )
        ready = given(PLACE, first, day, clearing)
        ready.when(self.pay(clearing), by=FINANCE, now=NEXT_YEAR).refused("您已编制此清算")
        ready.when(self.pay(clearing), now=NEXT_YEAR).then(Clearing.Paid, Settlement.Cleared, month="2015-12")
        assert first.state is SettlementState.CLEARED
        ready.when(self.pay(clearing), now=NEXT_YEAR).refused("不能审批拨付")

    def test_waits_for_every_day_difference_and_pending_reversal(self) -> None:
        first, second = bill(), bill("S2")
        given(PLACE).when(self.PREPARE, now=NEXT_YEAR).refused("没有与该医院的结算")
        given(PLACE, first).when(self.PREPARE, now=NEXT_YEAR).refused("1 日未对账")
        world, day = reconciled(first, second)
        world.when(self.PREPARE, now=NEXT_YEAR).refused("差异未核实（2015-12-10）")
        world, day = reconciled(first, second, file=f"{LINE}\nS2,0,30000,4865")
        world.when(self.PREPARE, now=NOW).refused("尚未结束")
        third = bill("S3")
        given(PLACE, first, second, third, day).when(self.PREPARE, now=NEXT_YEAR).refused("对账后又有变动")
        pending = bill("S4")
        pending.mark_unknown(NOW, message_no="M", by="x", reverse_by=TODAY)
        given(PLACE, first, second, day, pending).when(self.PREPARE, now=NEXT_YEAR).refused("结果不明（S4）")

    def test_is_drawn_up_anew_where_something_changed(self) -> None:
        first = bill()
        world, day = reconciled(first)
        clearing = world.when(self.PREPARE, by=FINANCE, now=NEXT_YEAR).aggregates[0]
        assert isinstance(clearing, Clearing)
        first.cancel(on("2015-12-31"), reason=SettlementCancelReason.PATIENT, reissue_by=None, by="x")
        last = DailyReconciliation.start(
            NEXT_YEAR, hospital_id=PLACE.id, business_on=date(2015, 12, 31), division_code="440704"
        )
        lines = list(lines_of([first], date(2015, 12, 31)))
        last.compare(NEXT_YEAR, ours=lines, theirs=lines, by="x", resolve_by=TODAY)
        ready = given(PLACE, first, day, last, clearing)
        ready.when(self.pay(clearing), now=NEXT_YEAR).refused("现应清算 0元（编制时 4865元）")
        ready.when(self.PREPARE, by=FINANCE, now=NEXT_YEAR).refused("不能重新编制")
        withdraw = WithdrawClearing(clearing_id=clearing.id, reason="有退费")
        ready.when(withdraw, by=FINANCE, now=NEXT_YEAR).then(Clearing.Withdrawn)
        ready.when(self.PREPARE, by=FINANCE, now=NEXT_YEAR).then(Clearing.Redrawn, amount_fen=0, settlement_ids=())

    def test_what_is_undone_later_counts_in_the_month_of_that_day(self) -> None:
        first = bill()
        first.cancel(NEXT_YEAR, reason=SettlementCancelReason.WRONG_FEES, reissue_by=None, by="x")
        days = (date(2015, 12, 10), date(2016, 1, 5))
        compared = []
        for day in days:
            lines = list(lines_of([first], day))
            one = DailyReconciliation.start(
                on("2016-02-01"), hospital_id=PLACE.id, business_on=day, division_code="440704"
            )
            one.compare(on("2016-02-01"), ours=lines, theirs=lines, by="x", resolve_by=TODAY)
            compared.append(one)
        world = given(PLACE, first, *compared)
        late = on("2016-02-02")
        world.when(self.PREPARE, now=late).then(Clearing.Created, amount_fen=486_500)
        january = PrepareClearing(hospital_id=PLACE.id, month="2016-01")
        world.when(january, now=late).then(Clearing.Created, amount_fen=-486_500, count=-1)


class TestClaims:
    def file(self, person_id: Any, **fields: Any) -> FileManualClaim:
        told = {
            "person_id": person_id,
            "med_type": MedType.INPATIENT,
            "admitted_on": date(2015, 11, 1),
            "discharged_on": date(2015, 11, 20),
            "invoice_no": "票1",
            "summary": "外地医院",
            **BILLS,
            **fields,
        }
        return FileManualClaim(**told)

    def claim(self, *states: str, category: MaCategory = MaCategory.MARGIN) -> ManualClaim:
        made = ManualClaim.file(
            uuid4(),
            on("2015-11-25"),
            person_id=PERSON,
            visit_id=None,
            category=category,
            med_type=MedType.INPATIENT,
            admitted_on=date(2015, 11, 1),
            discharged_on=date(2015, 11, 20),
            receipts=Receipts(**BILLS),
            invoice_no="票1",
            summary="外地医院",
            by="street",
            review_by=TODAY,
            division_code="440704004203",
        )
        if "reviewed" in states:
            made.review(on("2015-11-26"), receipts=made.receipts, note="属实", by="street")
        if "publicised" in states:
            days = {"from_on": date(2015, 11, 27), "to_on": date(2015, 12, 4), "decide_by": TODAY}
            made.publicise(on("2015-11-26"), notice_no="公1", **days)
        return made

    def test_are_taken_by_the_street_for_whoever_has_a_category(self) -> None:
        someone = person()
        mine = categories(someone.id, MaCategory.MARGIN)
        made = (
            given(someone, mine)
            .when(self.file(someone.id), by=STREET)
            .then(ManualClaim.Created, category=MaCategory.MARGIN, review_by=date(2015, 12, 24))
        )
        assert made.receipts.base_fen == 695_000
        assert ManualClaim.Created.KEY_HOLDER == ManualClaim.Objected.KEY_HOLDER == "person_id"
        given(someone, mine, made).when(self.file(someone.id), by=STREET).refused("此票据已申请过")
        given(someone).when(self.file(someone.id), by=STREET).refused("不是医疗救助对象")
        none = categories(someone.id, from_on=date(2015, 12, 1))
        given(someone, none).when(self.file(someone.id), by=STREET).refused("不属于医疗救助对象")
        more = self.file(someone.id, basic_fen=2_999_999, si_fen=2)
        given(someone, mine).when(more, by=STREET).refused("大于医疗费总额")
        late = self.file(someone.id, discharged_on=date(2015, 12, 11))
        given(someone, mine).when(late, by=STREET).refused("出院日期不能晚于今天")

    def test_are_not_taken_for_what_the_hospital_settled(self) -> None:
        someone = person()
        visit, year = discharged(PLACE, someone.id), year_of(someone.id)
        bill = settled(visit, year=year)
        world = given(someone, categories(someone.id), visit, bill)
        world.when(self.file(someone.id, visit_id=visit.id), by=STREET).refused("已在医院同步结算")

    def test_go_by_a_notice_to_the_district_and_use_the_same_year(self) -> None:
        made = self.claim()
        review = ReviewManualClaim(claim_id=made.id, note="属实", **BILLS)
        given(made).when(review, by=STREET).then(ManualClaim.Reviewed)
        notice = PubliciseManualClaim(claim_id=made.id, notice_no="公1", from_on=date(2015, 12, 1))
        given(made).when(notice, by=STREET).then(
            ManualClaim.Publicised, to_on=date(2015, 12, 8), decide_by=date(2015, 12, 22)
        )
        approve = ApproveManualClaim(claim_id=made.id)
        given(made).when(approve, now=on("2015-12-08")).refused("期满前不能核准")
        outcome = given(made).when(approve)
        outcome.then(ManualClaim.Approved, Accumulator.Created, Accumulator.Changed, cause=AccumulatorCause.CLAIMED)
        assert made.amount_fen == (695_000 - 200_000) * 6_000 // 10_000
        year = outcome.aggregates[1]
        assert isinstance(year, Accumulator)
        assert (year.used.deductible_fen, year.used.assistance_fen) == (200_000, 297_000)
        pay = PayManualClaim(claim_id=made.id, voucher_no="付1")
        given(made).when(pay).refused("您已核准此申请")
        given(made).when(pay, by=FINANCE).then(ManualClaim.Paid, amount_fen=297_000)
        given(made).when(pay, by=FINANCE).refused("不能支付")
        assert_replays(made)

    def test_come_back_to_the_street_after_an_objection(self) -> None:
        made = self.claim("reviewed", "publicised")
        objection = ObjectToManualClaim(claim_id=made.id, objection="已由商业保险报销")
        given(made).when(objection, by=STREET).then(ManualClaim.Objected)
        given(made).when(ApproveManualClaim(claim_id=made.id)).refused("不能作出决定")
        lower = ReviewManualClaim(claim_id=made.id, note="核减", supplement_fen=695_000, **BILLS)
        given(made).when(lower, by=STREET).then(ManualClaim.Reviewed)
        assert (made.state, made.receipts.base_fen) == (ClaimState.REVIEWED, 0)

    def test_refusals(self) -> None:
        made = self.claim("reviewed", "publicised")
        reviewer = Actor("street", RoleCode.DISTRICT_CLERK, "440704")
        given(made).when(ApproveManualClaim(claim_id=made.id), by=reviewer).refused("您已审核此申请")
        used = year_of(PERSON)
        used.book(NOW, source_id=uuid4(), uses=used.used._replace(assistance_fen=5_000_000, deductible_fen=200_000))
        given(made, used).when(ApproveManualClaim(claim_id=made.id)).refused("救助金额为 0")
        given(made).when(RefuseManualClaim(claim_id=made.id, reason=" ")).refused("写明理由")
        given(made).when(RefuseManualClaim(claim_id=made.id, reason="限额已用完")).then(ManualClaim.Refused)
        given(made).when(RefuseManualClaim(claim_id=made.id, reason="x")).refused("不能作出决定")
        with pytest.raises(RuleViolated, match="票据号"):
            ManualClaim.file(
                uuid4(),
                NOW,
                person_id=PERSON,
                visit_id=None,
                category=MaCategory.DIBAO,
                med_type=MedType.INPATIENT,
                admitted_on=TODAY,
                discharged_on=TODAY,
                receipts=Receipts(1, 1),
                invoice_no=" ",
                summary="x",
                by="x",
                review_by=TODAY,
                division_code="440704",
            )
