"""Payrolls and budgets: exact to the fen, three hands, nothing twice, nothing left out in silence."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from domain.access import Actor, RoleCode
from domain.assistance import Payment, dibao
from domain.assistance.contradictions import of_bank_answer
from domain.codes import FundSource, HoldReason, PaymentKind, PayrollState, Scheme, Supplement, UrbanRural
from domain.errors import BadInput, NotFound, RuleViolated
from domain.findings import Finding
from domain.funds import Budget, Payroll
from domain.funds.commands import (
    AdjustBudget,
    ApproveBudget,
    ApprovePayroll,
    CancelPayroll,
    CheckPayroll,
    PreparePayroll,
    ReconcilePayroll,
    SendPayroll,
)
from domain.funds.due import UNKNOWN, DueCases, DueRow, DueTable, Held, plan, rule_amounts, still_due
from domain.kernel import ERASED
from tests.unit.domain.samples import PARAMETERS, paying, payment
from tests.unit.domain.specification import NOW, given

PREPARER, CHECKER, APPROVER = (Actor(n, RoleCode.FINANCE_OFFICER, "440704") for n in ("甲", "乙", "丙"))
MONTH = "2015-12"


def row(due_fen: int = 75_000, **fields: Any) -> DueRow:
    """A household of three with 900 yuan, due 750 for the month and not paid."""
    whole = {
        "owner_id": uuid4(),
        "household_id": uuid4(),
        "payee_id": uuid4(),
        "division_code": "440704004203",
        "month": MONTH,
        "due_fen": due_fen,
        "paid_fen": 0,
        "payments": 0,
        "pending": False,
        "dead": False,
        "account": "6222000000000000",
        "urban_rural": "urban",
        "persons": 3,
        "income_fen": 90_000,
        "supplements": "",
        "member_ids": (),
        "settled": True,
        **fields,
    }
    return DueRow(**whole)


def budget(amount_fen: int = 10_000_000, **fields: Any) -> Budget:
    whole: dict[str, Any] = {
        "year": 2015,
        "source": FundSource.DISTRICT,
        "scheme": Scheme.DIBAO,
        "division_code": "440704",
        "amount_fen": amount_fen,
        "legal_basis": "江海财〔2015〕1号",
        "by": "甲",
        **fields,
    }
    return Budget.approve(NOW, **whole)


def payroll(*rows: DueRow, money: Budget | None = None) -> Payroll:
    """A payroll that the first hand has prepared."""
    table = DueTable(7, rows or (row(),))
    return Payroll.prepare(
        NOW,
        batch_no="B1",
        scheme=Scheme.DIBAO,
        month=MONTH,
        since=MONTH,
        division_code="440704",
        budget_id=(money or budget()).id,
        fund_source=FundSource.DISTRICT,
        plan=plan(table, Scheme.DIBAO, PARAMETERS),
        by=PREPARER.name,
    )


def approved(*rows: DueRow, money: Budget | None = None) -> Payroll:
    made = payroll(*rows, money=money)
    made.check(NOW, by=CHECKER.name, note="")
    made.approve(NOW, by=APPROVER.name)
    return made


def payments_of(made: Payroll) -> list[Payment]:
    """The payments that issuing makes of a payroll's lines."""
    found = []
    for _, line in made.issued_lines():
        case = paying()
        paid = payment(case, line.month, line.amount_fen, kind=line.kind, account="6222000000000000")
        again = Payment.report_issued(
            made.payment_id(line),
            NOW,
            **{
                name: getattr(paid, name)
                for name in ("case_id", "household_id", "payee_id", "kind", "month", "amount_fen", "division_code")
            },
            account=paid.account,
            batch_no=made.batch_no,
            fund_source="区财政",
            effective_on=NOW.date(),
        )
        found.append(again)
    return found


class TestWhatIsDue:
    def test_what_is_missing_of_a_month_is_paid(self) -> None:
        fresh, short, done = row(), row(paid_fen=70_000, payments=1), row(paid_fen=75_000, payments=1)
        made = plan(DueTable(1, (fresh, short, done)), Scheme.DIBAO, PARAMETERS)
        assert [(line.owner_id, line.kind, line.amount_fen) for line in made.lines] == [
            (fresh.owner_id, PaymentKind.REGULAR, 75_000),
            (short.owner_id, PaymentKind.BACK_PAY, 5_000),
        ]
        assert made.held == ()

    @pytest.mark.parametrize(
        ("fields", "reason"),
        [
            ({"dead": True}, HoldReason.DEAD),
            ({"account": None}, HoldReason.NO_ACCOUNT),
            ({"account": ERASED}, HoldReason.ERASED),
            ({"pending": True}, HoldReason.PENDING),
            ({"paid_fen": 80_000, "payments": 1}, HoldReason.OVERPAID),
        ],
    )
    def test_what_cannot_be_paid_is_held_with_its_reason(self, fields: dict[str, Any], reason: HoldReason) -> None:
        made = plan(DueTable(1, (row(**fields),)), Scheme.DIBAO, PARAMETERS)
        assert made.lines == ()
        assert [held.reason for held in made.held] == [reason]

    @drawn(st.lists(st.tuples(st.integers(0, 10**7), st.integers(0, 10**7), st.booleans(), st.booleans()), max_size=40))
    def test_nothing_is_lost_and_nothing_paid_twice(self, cases: list[tuple[int, int, bool, bool]]) -> None:
        rows = [row(due, paid_fen=paid, payments=int(paid > 0), dead=dead, pending=p) for due, paid, dead, p in cases]
        made = plan(DueTable(1, rows), Scheme.DIBAO, PARAMETERS)
        told = {line.owner_id: line.amount_fen for line in made.lines}
        held = {line.owner_id: line.amount_fen for line in made.held}
        assert not told.keys() & held.keys()
        for each in rows:
            missing = each.due_fen - each.paid_fen
            assert {**told, **held}.get(each.owner_id, 0) == abs(missing)
            if each.owner_id in told:
                assert each.paid_fen + told[each.owner_id] == each.due_fen
        assert made.total_fen == sum(told.values())

    @drawn(
        st.lists(
            st.tuples(
                st.sampled_from(list(UrbanRural)),
                st.integers(1, 9),
                st.integers(0, 10**6),
                st.lists(st.sampled_from(list(Supplement)), max_size=3),
                st.sampled_from(["2011-06", "2013-02", "2015-12"]),
            ),
            min_size=1,
            max_size=30,
        )
    )
    def test_the_whole_district_is_computed_as_one_case_is(self, cases: list[Any]) -> None:
        rows = [
            row(urban_rural=kind.value, persons=n, income_fen=income, supplements=",".join(extra), month=month)
            for kind, n, income, extra, month in cases
        ]
        whole = rule_amounts(rows, Scheme.DIBAO, PARAMETERS).tolist()
        for (kind, n, income, extra, month), amount in zip(cases, whole, strict=True):
            alone = dibao.compute(
                PARAMETERS,
                date.fromisoformat(f"{month}-01"),
                division_code="440704004203",
                urban_rural=kind,
                persons=n,
                monthly_income_fen=income,
                supplements=tuple(extra),
            )
            assert amount == alone.amount_fen

    def test_what_the_formula_cannot_say(self) -> None:
        rows = [row(income_fen=None), row(month="1999-01")]
        assert rule_amounts(rows, Scheme.DIBAO, PARAMETERS).tolist() == [UNKNOWN, UNKNOWN]
        assert rule_amounts(rows, Scheme.TEKUN, PARAMETERS).tolist() == [UNKNOWN, UNKNOWN]

    def test_what_has_changed_since_it_was_drawn_up(self) -> None:
        same, other, gone, dead, done = row(), row(), row(), row(), row()
        lines = list(enumerate(plan(DueTable(1, (same, other, gone, dead, done)), Scheme.DIBAO, PARAMETERS).lines, 1))
        now = (
            same._replace(pending=True),
            other._replace(due_fen=80_000),
            dead._replace(dead=True),
            done._replace(paid_fen=75_000, payments=1),
        )
        payable, held = still_due(lines, DueTable(2, now))
        assert [each.line.owner_id for each in payable] == [same.owner_id]
        assert [(line.number, line.reason) for line in held] == [
            (2, HoldReason.CHANGED),
            (3, HoldReason.CHANGED),
            (4, HoldReason.DEAD),
            (5, HoldReason.PAID),
        ]


class TestPrepare:
    def ask(self, money: Budget, **fields: Any) -> PreparePayroll:
        return PreparePayroll(scheme=Scheme.DIBAO, month=MONTH, budget_id=money.id, **fields)

    def test_lines_and_holds(self) -> None:
        money = budget()
        world = given(money).reading(DueCases, DueTable(9, (row(), row(dead=True), row(60_000))))
        made = world.when(self.ask(money, batch_no="B7"), by=PREPARER).then(
            Payroll.Created, Payroll.Listed, Payroll.Withheld
        )
        assert (made.id, made.total_fen, len(made.lines)) == (Payroll.id_for("B7"), 135_000, 2)
        assert made.fund_source is FundSource.DISTRICT

    def test_a_thousand_lines_an_event(self) -> None:
        rows = tuple(row() for _ in range(2_500))
        made = payroll(*rows)
        listed = [event for event in made.pending_events if isinstance(event, Payroll.Listed)]
        assert [(event.first, len(event.lines)) for event in listed] == [(1, 1000), (1001, 1000), (2001, 500)]
        assert [line.owner_id for line in made.lines] == [each.owner_id for each in rows]

    def test_amounts_off_the_rule_are_counted_for_the_checker(self) -> None:
        created = payroll(row(), row(70_000), row(income_fen=None)).pending_events[0]
        assert isinstance(created, Payroll.Created)
        assert created.off_rule_count == 1

    def test_refusals(self) -> None:
        money = budget()
        world = given(money, payroll()).reading(DueCases, DueTable(1, ()))
        world.when(self.ask(money, batch_no="B2")).refused("没有应发未发")
        world.when(self.ask(money, batch_no="B1")).refused("批次编号 B1 已使用")
        world.when(PreparePayroll(scheme=Scheme.DIBAO, month=MONTH, budget_id=uuid4())).refused("先下达预算")
        world.when(self.ask(money, since="2016-01")).refused("补发起始月份应不晚于所属月份")
        world.when(self.ask(money, since="2013-01")).refused("相距不超过 24 个月")
        world.when(PreparePayroll(scheme=Scheme.DIBAO, month="2016-01", budget_id=money.id)).refused("尚未开始")
        world.when(PreparePayroll(scheme=Scheme.DIBAO, month="12月", budget_id=money.id)).refused("YYYY-MM", BadInput)


class TestThreeHands:
    def test_prepared_checked_approved(self) -> None:
        money = budget()
        made = payroll(money=money)
        checked = given(made).when(CheckPayroll(payroll_id=made.id), by=CHECKER).then(Payroll.Checked)
        done = given(checked, money).when(ApprovePayroll(payroll_id=made.id), by=APPROVER)
        done.then(Payroll.Approved, Budget.Committed, amount_fen=75_000)

    def test_nobody_acts_twice(self) -> None:
        made = payroll()
        given(made).when(CheckPayroll(payroll_id=made.id), by=PREPARER).refused("您已编制此批次")
        made.check(NOW, by=CHECKER.name, note="")
        world = given(made, budget())
        world.when(ApprovePayroll(payroll_id=made.id), by=PREPARER).refused("您已编制此批次")
        world.when(ApprovePayroll(payroll_id=made.id), by=CHECKER).refused("您已复核此批次")

    def test_the_order_of_steps(self) -> None:
        made = payroll()
        given(made, budget()).when(ApprovePayroll(payroll_id=made.id), by=APPROVER).refused("现为“已编制”，不能审批")
        given(made).when(CancelPayroll(payroll_id=made.id, reason=" ")).refused("须写明原因")
        gone = given(made).when(CancelPayroll(payroll_id=made.id, reason="重编")).then(Payroll.Cancelled)
        given(gone).when(CheckPayroll(payroll_id=made.id), by=CHECKER).refused("现为“已作废”")
        sent = SendPayroll(payroll_id=made.id, file_sha256="0", line_count=1, total_fen=75_000)
        given(made).when(sent).refused("不能生成银行代发文件")

    def test_the_budget_must_be_the_right_one_and_enough(self) -> None:
        for money, text in (
            (budget(amount_fen=74_999), "不足批次合计 750元"),
            (budget(year=2014), "此预算用于 2014 年最低生活保障"),
            (budget(scheme=Scheme.TEKUN), "此预算用于 2015 年特困人员供养"),
        ):
            made = payroll(money=money)
            made.check(NOW, by=CHECKER.name, note="")
            given(made, money).when(ApprovePayroll(payroll_id=made.id), by=APPROVER).refused(text)

    def test_a_payroll_without_its_budget(self) -> None:
        made = payroll()
        made.check(NOW, by=CHECKER.name, note="")
        given(made).when(ApprovePayroll(payroll_id=made.id), by=APPROVER).refused("没有此批次所列的预算")
        given().when(CheckPayroll(payroll_id=made.id), by=CHECKER).refused("", NotFound)


class TestIssuedAndReconciled:
    def held(self, made: Payroll, number: int) -> Held:
        line = made.lines[number - 1]
        return Held(number, line.owner_id, line.division_code, line.month, line.amount_fen, HoldReason.DEAD)

    def test_what_is_held_is_not_issued(self) -> None:
        made = approved(row(), row(60_000))
        made.report_issued(NOW, [self.held(made, 1)])
        assert (made.state, made.issued_count, made.issued_fen) == (PayrollState.ISSUED, 1, 60_000)
        assert [number for number, _ in made.issued_lines()] == [2]
        assert made.line(1) is None
        assert made.line(2) == made.lines[1]
        assert made.line(0) is made.line(3) is None
        made.report_issued(NOW, [])
        assert made.issued_count == 1

    def test_the_file_must_come_to_the_same(self) -> None:
        made = approved(row(), row(60_000))
        made.report_issued(NOW, [])
        wrong = SendPayroll(payroll_id=made.id, file_sha256="0", line_count=2, total_fen=134_999)
        given(made).when(wrong).refused("不符，不能送银行")
        right = SendPayroll(payroll_id=made.id, file_sha256="0", line_count=2, total_fen=135_000)
        sent = given(made).when(right).then(Payroll.Sent)
        given(sent).when(right).then(Payroll.Sent)

    @drawn(st.lists(st.sampled_from(["cleared", "returned", "open", "short"]), min_size=1, max_size=12))
    def test_every_fen_is_somewhere(self, fates: list[str]) -> None:
        money = budget()
        made = approved(*(row(10_000 + n) for n in range(len(fates))), money=money)
        money.commit(NOW, payroll_id=made.id, scheme=Scheme.DIBAO, month=MONTH, amount_fen=made.total_fen)
        made.report_issued(NOW, [])
        paid = payments_of(made)
        for each, fate in zip(paid, fates, strict=True):
            if fate in ("cleared", "short"):
                each.report_cleared(NOW, amount_fen=each.amount_fen - (fate == "short"), effective_on=NOW.date())
            elif fate == "returned":
                each.report_returned(NOW, reason="账号有误", effective_on=NOW.date())
        done = given(made, money, *paid).when(ReconcilePayroll(payroll_id=made.id), by=CHECKER)
        answers = done.aggregates[0].answers  # type: ignore[attr-defined]
        assert answers.cleared_fen + answers.returned_fen + answers.open_fen == made.issued_fen
        assert answers.difference_fen == -fates.count("short")
        assert money.free_fen + money.committed_fen + money.spent_fen == money.amount_fen
        assert money.spent_fen == answers.cleared_fen + answers.difference_fen
        assert money.committed_fen == answers.open_fen
        assert (made.state is PayrollState.RECONCILED) == ("open" not in fates)
        findings = [event for event in done.events if isinstance(event, Finding.Created)]
        assert len(findings) == ("short" in fates)

    def test_a_return_after_the_money_had_arrived(self) -> None:
        money = budget()
        made = approved(money=money)
        money.commit(NOW, payroll_id=made.id, scheme=Scheme.DIBAO, month=MONTH, amount_fen=made.total_fen)
        made.report_issued(NOW, [])
        (paid,) = payments_of(made)
        paid.report_cleared(NOW, amount_fen=paid.amount_fen, effective_on=NOW.date())
        reconcile = ReconcilePayroll(payroll_id=made.id)
        given(made, money, paid).when(reconcile).then(Payroll.Reconciled, Budget.Settled, spent_fen=75_000)
        given(made, money, paid).when(reconcile).then()
        paid.report_returned(NOW, reason="销户", effective_on=NOW.date())
        again = given(made, money, paid).when(reconcile)
        again.then(Payroll.Reconciled, Budget.Settled, spent_fen=-75_000, released_fen=75_000)
        assert money.free_fen == money.amount_fen


class TestBank:
    def test_an_answer_that_agrees(self) -> None:
        paid = payment(paying(), account="6222000000000000")
        assert of_bank_answer(paid, paid.amount_fen, "6222000000000000", cleared=True) == ()
        assert of_bank_answer(paid, paid.amount_fen, None, cleared=True) == ()

    def test_what_differs(self) -> None:
        paid = payment(paying(), account="6222000000000000")
        (draft,) = of_bank_answer(paid, paid.amount_fen - 100, "6222000000000001", cleared=True)
        assert draft.amount_fen == -100
        assert "银行账号与发放账号不同" in draft.detail
        assert "6222" not in draft.detail
        paid.report_returned(NOW, reason="账号有误", effective_on=NOW.date())
        (draft,) = of_bank_answer(paid, paid.amount_fen, None, cleared=True)
        assert "已登记退回，银行又报告入账" in draft.detail


class TestBudget:
    def ask(self, **fields: Any) -> ApproveBudget:
        whole: dict[str, Any] = {
            "year": 2015,
            "source": FundSource.LOTTERY,
            "scheme": Scheme.DIBAO,
            "amount_fen": 100,
            "legal_basis": "文号",
            **fields,
        }
        return ApproveBudget(**whole)

    def test_once_a_year_and_source(self) -> None:
        first = given().when(self.ask(), by=PREPARER).then(Budget.Created)
        given(first).when(self.ask(), by=PREPARER).refused("预算已下达")
        given(first).when(self.ask(source=FundSource.CITY), by=PREPARER).then(Budget.Created)

    def test_refusals(self) -> None:
        given().when(self.ask(amount_fen=0)).refused("应大于 0")
        given().when(self.ask(legal_basis=" ")).refused("须写明预算文件")
        given().when(self.ask(year=1999)).refused("预算年度")
        money = budget(amount_fen=100)
        for delta, basis, text in ((0, "文号", "不能为 0"), (1, "", "须写明"), (-101, "文号", "可用余额只有 1元")):
            given(money).when(AdjustBudget(budget_id=money.id, delta_fen=delta, legal_basis=basis)).refused(text)
        with pytest.raises(RuleViolated, match="没有占用"):
            money.settle(NOW, payroll_id=uuid4(), spent_fen=1, released_fen=0)

    @drawn(st.lists(st.tuples(st.sampled_from("cas"), st.integers(0, 5_000)), max_size=30))
    def test_what_is_promised_spent_and_free_is_all_there_is(self, steps: list[tuple[str, int]]) -> None:
        money = budget(amount_fen=20_000)
        held: list[UUID] = []
        for what, fen in steps:
            try:
                if what == "c":
                    held.append(uuid4())
                    money.commit(NOW, payroll_id=held[-1], scheme=Scheme.DIBAO, month=MONTH, amount_fen=fen)
                elif what == "a":
                    money.adjust(NOW, delta_fen=fen - 2_500, legal_basis="文号", by="甲")
                elif held:  # the bank's answer to one payroll; nothing that came back is taken back later
                    use = money._use(held.pop(0))
                    if use is not None:
                        spent = min(fen, use.committed_fen)
                        given_back = use.committed_fen - spent
                        money.settle(NOW, payroll_id=use.payroll_id, spent_fen=spent, released_fen=given_back)
            except RuleViolated:
                continue
            assert money.free_fen >= 0
            assert money.free_fen + money.committed_fen + money.spent_fen == money.amount_fen


class TestReportedDeaths:
    """X2: of a household's line only the share of whoever is reported to have died waits (上报死亡待核实)."""

    def test_the_others_are_paid_and_the_share_waits(self) -> None:
        waits = row(doubtful=1)
        drawn_up = plan(DueTable(1, [waits]), Scheme.DIBAO, PARAMETERS)
        (line,) = drawn_up.lines
        assert (line.amount_fen, line.withheld_fen, drawn_up.held) == (50_000, 25_000, ())
        ((number, payable, _),) = still_due([(1, line)], DueTable(2, [waits]))[0]
        assert (number, payable.amount_fen) == (1, 50_000)

    def test_whoever_lives_alone_is_neither_paid_nor_stopped(self) -> None:
        (held,) = plan(DueTable(1, [row(persons=1, doubtful=1)]), Scheme.DIBAO, PARAMETERS).held
        assert (held.reason, held.amount_fen) == (HoldReason.DEATH_REPORTED, 75_000)

    def test_a_false_report_is_made_up_for_and_nothing_twice(self) -> None:
        paid = row(paid_fen=50_000, payments=1)
        (line,) = plan(DueTable(1, [paid]), Scheme.DIBAO, PARAMETERS).lines
        assert (line.kind, line.amount_fen) == (PaymentKind.BACK_PAY, 25_000)
        (held,) = plan(DueTable(1, [paid._replace(doubtful=1)]), Scheme.DIBAO, PARAMETERS).held
        assert (held.reason, held.amount_fen) == (HoldReason.DEATH_REPORTED, 25_000)

    def test_reported_after_the_payroll_was_drawn_up_the_line_is_held(self) -> None:
        before = row()
        (line,) = plan(DueTable(1, [before]), Scheme.DIBAO, PARAMETERS).lines
        payable, (held,) = still_due([(1, line)], DueTable(2, [before._replace(doubtful=1)]))
        assert (payable, held.reason) == ([], HoldReason.CHANGED)

    @drawn(st.integers(1, 500_000), st.integers(1, 6), st.integers(0, 6), st.integers(0, 500_000))
    def test_never_more_than_due_and_never_a_share_twice(
        self, due: int, persons: int, doubtful: int, paid: int
    ) -> None:
        each = row(due, persons=persons, doubtful=min(doubtful, persons), paid_fen=min(paid, due))
        made = plan(DueTable(1, [each]), Scheme.DIBAO, PARAMETERS)
        given_out = sum(line.amount_fen for line in made.lines)
        withheld = sum(line.withheld_fen for line in made.lines) + sum(held.amount_fen for held in made.held)
        assert given_out + withheld == each.due_fen - each.paid_fen
        assert all(line.amount_fen > 0 for line in made.lines)
