"""A month's money by GraphQL: prepared, checked, approved, issued, sent to the bank, answered by it, reconciled."""

import csv
import io
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from connectors.importer import Importer, opened_importer
from domain.access import Actor, RoleCode
from infra.log import PostgresLog
from infra.settings import Settings
from tests.fixtures import story as told
from tests.fixtures.story import CLERK, OFFICER, REVIEWER, STRANGER, WORKER, Story

story, village = told.story, told.village

FINANCE = Actor("财务己", RoleCode.FINANCE_OFFICER, "440704")
CASHIER = Actor("财务庚", RoleCode.FINANCE_OFFICER, "440704")
PAYROLL = """query Payroll($id: UUID!, $least: Position) { payroll(id: $id, minPosition: $least) {
    batchNo state totalYuan lineCount heldCount offRuleCount issuedCount issuedYuan clearedYuan returnedYuan openCount
    differenceFen preparedBy checkedBy approvedBy fileSha256
    lines { nodes { number month kind yuan ruleFen held } }
    budget { yuan committedYuan spentYuan freeYuan } } }"""
MONEY = """query Money($id: UUID!, $least: Position) { case(id: $id, minPosition: $least) {
    payments { nodes { month kind yuan returned clearedOn clearedFen reason } }
    totals { paidYuan paidCount } } }"""


async def granted(story: Story, number: int = 1, account: bool = True) -> str:
    """A household of two granted 900 yuan a month; the month after the grant has begun."""
    story.on("2016-01-11")
    case = await story.applies(number)
    if account:
        await story.do(WORKER, "changeCaseAccount", account=f"62000000000000000{number}", bank="某某银行")
    await story.do(OFFICER, "acceptCase")
    visit = {"finding": "AS_STATED", "report": "属实", "visitedOn": "2016-01-11"}
    await story.do(WORKER, "recordVisit", **visit)
    await story.do(OFFICER, "verifyCase", monthlyIncomeFen=20_000, propertyWithinLimits=True, conclusion="属实")
    await story.do(REVIEWER, "reviewCase", opinion="GRANT")
    await story.do(WORKER, "postNotice", noticeNo=f"公示〔2016〕{number}号")
    story.on("2016-01-20")
    await story.do(CLERK, "confirmCase")
    return case


async def budgeted(story: Story, fen: int = 100_000_000) -> str:
    story.case = ""
    given = {"year": 2016, "source": "DISTRICT", "scheme": "DIBAO", "legalBasis": "江海财〔2016〕1号"}
    (budget,) = await story.do(FINANCE, "approveBudget", amountFen=fen, **given)
    return budget


async def prepared(story: Story, budget: str, month: str, **given: Any) -> str:
    story.case = ""
    (payroll,) = await story.do(CLERK, "preparePayroll", scheme="DIBAO", month=month, budgetId=budget, **given)
    return payroll


async def issued(story: Story, payroll: str) -> None:
    await story.do(FINANCE, "checkPayroll", payrollId=payroll)
    await story.do(CASHIER, "approvePayroll", payrollId=payroll)
    await story.issuing.run_pending()
    story.position = await story.store.log.head()


async def payroll_of(story: Story, payroll: str) -> Any:
    return (await story.ask.data(PAYROLL, FINANCE, id=payroll, least=story.position))["payroll"]


async def money_of(story: Story, case: str) -> Any:
    return (await story.ask.data(MONEY, CLERK, id=case, least=story.position))["case"]


async def bank_file(story: Story, payroll: str, by: Actor = FINANCE) -> Any:
    answer = await story.ask.http.get(f"/payrolls/{payroll}/bank-file", headers=story.ask.headers(by))
    story.position = await story.store.log.head()
    return answer


def answers(content: bytes, failed: str = "", amount: str = "") -> str:
    """What the bank sends back for a file: its lines, all paid but the one to this name."""
    lines = list(csv.reader(io.StringIO(content.decode("gb18030"))))
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([*lines[1], "处理结果", "失败原因", "入账日期"])
    for line in lines[2:]:
        line[5] = amount or line[5]
        result = ("失败", "账号户名不符") if line[2] == failed else ("成功", "")
        writer.writerow([*line, *result, "2016-02-16"])
    return out.getvalue()


@pytest.fixture
async def bank(log: PostgresLog, database_url: str, tmp_path: Path, village: Story) -> Any:
    """Takes a file of the bank in, as `minzheng import --source bank` does."""
    settings = Settings(data_dir=tmp_path, today="2016-02-16")  # type: ignore[arg-type]  # parsed by the settings

    async def take_in(name: str, content: str) -> Any:
        path = tmp_path / name
        path.write_bytes(content.encode("gb18030"))
        importer: Importer
        async with opened_importer(log, database_url, settings) as importer:
            report = await importer.import_file(path, "bank")
        village.position = await log.head()
        return report

    return take_in


async def test_a_month_from_its_preparation_to_the_banks_answer(village: Story, bank: Any) -> None:
    story = village
    paid, returned = await granted(story, 1), await granted(story, 2)
    homeless = await granted(story, 3, account=False)
    budget = await budgeted(story)
    story.on("2016-02-15")
    payroll = await prepared(story, budget, "2016-02", batchNo="2016-02-低保")
    seen = await payroll_of(story, payroll)
    assert (seen["state"], seen["lineCount"], seen["totalYuan"], seen["heldCount"]) == ("PREPARED", 2, "1,800.00", 1)
    assert seen["offRuleCount"] == 0
    assert [(x["number"], x["yuan"], x["ruleFen"], x["held"]) for x in seen["lines"]["nodes"]] == [
        (0, "900.00", None, "NO_ACCOUNT"),
        (1, "900.00", 90_000, None),
        (2, "900.00", 90_000, None),
    ]

    # Three hands, and nothing leaves before all of them have acted.
    await story.refused(CLERK, "checkPayroll", "您已编制此批次", payrollId=payroll)
    await story.refused(FINANCE, "approvePayroll", "不能审批", payrollId=payroll)
    assert (await bank_file(story, payroll)).status_code == 422
    await story.do(FINANCE, "checkPayroll", payrollId=payroll, note="相符")
    await story.refused(FINANCE, "approvePayroll", "您已复核此批次", payrollId=payroll)
    await story.do(CASHIER, "approvePayroll", payrollId=payroll)
    assert await story.issuing.run_pending() == {UUID(payroll): 2}
    assert await story.issuing.run_pending() == {}
    story.position = await story.store.log.head()
    seen = await payroll_of(story, payroll)
    assert (seen["state"], seen["issuedCount"], seen["issuedYuan"]) == ("ISSUED", 2, "1,800.00")
    assert seen["budget"] == {
        "yuan": "1,000,000.00",
        "committedYuan": "1,800.00",
        "spentYuan": "0.00",
        "freeYuan": "998,200.00",
    }

    # The bank's file: the same bytes each time, for those who may send it.
    first, second = await bank_file(story, payroll), await bank_file(story, payroll, CASHIER)
    assert first.status_code == 200
    assert first.content == second.content
    assert "拟某甲1" in first.content.decode("gb18030")
    assert (await bank_file(story, payroll, STRANGER)).status_code == 404
    assert (await bank_file(story, payroll, Actor("区审计", RoleCode.AUDITOR, "440704"))).status_code == 403

    # One has arrived, one comes back; the same file again changes nothing.
    reply = answers(first.content, failed="拟某甲2")
    report = await bank("回盘20160216.csv", reply)
    assert (report.counts.recorded, report.counts.quarantined) == (2, 0)
    assert (await bank("回盘20160216.csv", reply)).counts.recorded == 0
    await story.do(FINANCE, "reconcilePayroll", payrollId=payroll)
    seen = await payroll_of(story, payroll)
    got = (seen["state"], seen["clearedYuan"], seen["returnedYuan"], seen["openCount"], seen["differenceFen"])
    assert got == ("RECONCILED", "900.00", "900.00", 0, 0)
    assert (seen["budget"]["spentYuan"], seen["budget"]["committedYuan"]) == ("900.00", "0.00")
    assert seen["budget"]["freeYuan"] == "999,100.00"
    assert (await money_of(story, paid))["totals"] == {"paidYuan": "900.00", "paidCount": 1}
    (failed,) = (await money_of(story, returned))["payments"]["nodes"]
    assert (failed["returned"], failed["reason"], failed["clearedOn"]) == (True, "账号户名不符", None)
    assert (await money_of(story, homeless))["payments"]["nodes"] == []

    # Next month makes up for what came back and what had no account, as soon as there is one.
    story.case = returned
    await story.do(WORKER, "changeCaseAccount", account="6200000000000000099", bank="某某银行")
    story.case = homeless
    await story.do(WORKER, "changeCaseAccount", account="6200000000000000098", bank="某某银行")
    story.on("2016-03-10")
    payroll = await prepared(story, budget, "2016-03", since="2016-02")
    seen = await payroll_of(story, payroll)
    assert sorted((x["month"], x["kind"], x["yuan"]) for x in seen["lines"]["nodes"]) == [
        ("2016-02", "BACK_PAY", "900.00"),
        ("2016-02", "REGULAR", "900.00"),
        ("2016-03", "REGULAR", "900.00"),
        ("2016-03", "REGULAR", "900.00"),
        ("2016-03", "REGULAR", "900.00"),
    ]
    await issued(story, payroll)
    assert (await money_of(story, returned))["totals"] == {"paidYuan": "1,800.00", "paidCount": 2}
    story.case = ""
    await story.refused(CLERK, "preparePayroll", "没有应发未发", scheme="DIBAO", month="2016-03", budgetId=budget)


async def test_what_changes_after_the_approval_is_held(village: Story) -> None:
    story = village
    stays, stops = await granted(story, 1), await granted(story, 2)
    budget = await budgeted(story)
    story.on("2016-02-15")
    payroll = await prepared(story, budget, "2016-02")
    await story.do(FINANCE, "checkPayroll", payrollId=payroll)
    await story.do(CASHIER, "approvePayroll", payrollId=payroll)
    story.case = stops
    await story.do(CLERK, "suspendCase", reason="拒绝复核", fromOn="2016-02-01")
    await story.issuing.run_pending()
    story.position = await story.store.log.head()
    seen = await payroll_of(story, payroll)
    assert (seen["lineCount"], seen["issuedCount"], seen["issuedYuan"]) == (2, 1, "900.00")
    assert sorted(str(line["held"]) for line in seen["lines"]["nodes"]) == ["CHANGED", "None"]
    assert (await money_of(story, stops))["payments"]["nodes"] == []
    assert len((await money_of(story, stays))["payments"]["nodes"]) == 1


async def test_the_dead_are_not_paid(village: Story) -> None:
    story = village
    await granted(story, 1)
    budget = await budgeted(story)
    seen = await story.ask.data(
        "query P($least: Position) { persons(first: 10, minPosition: $least) { nodes { id name } } }",
        CLERK,
        least=story.position,
    )
    head = next(p["id"] for p in seen["persons"]["nodes"] if p["name"] == "拟某甲1")
    story.case = ""
    story.on("2016-02-10")
    await story.do(OFFICER, "reportDeath", personId=head, diedOn="2016-01-25", evidence="村委会报告")
    story.on("2016-02-15")
    # Only reported: it stops nothing. Confirmed: nobody is paid for February until the case is changed.
    payroll = await prepared(story, budget, "2016-02")
    await story.do(CLERK, "cancelPayroll", payrollId=payroll, reason="等待死亡确认")
    await story.do(CLERK, "confirmDeath", personId=head, diedOn="2016-01-25", confirmedBy="派出所")
    given = {"scheme": "DIBAO", "month": "2016-02", "budgetId": budget}
    await story.refused(CLERK, "preparePayroll", "另有 1 笔因故不能列入", **given)


async def test_a_budget_is_not_overdrawn(village: Story) -> None:
    story = village
    await granted(story, 1)
    budget = await budgeted(story, fen=50_000)
    story.on("2016-02-15")
    payroll = await prepared(story, budget, "2016-02")
    await story.do(FINANCE, "checkPayroll", payrollId=payroll)
    await story.refused(CASHIER, "approvePayroll", "预算可用余额 500元，不足批次合计 900元", payrollId=payroll)
    more = {"deltaFen": 40_000, "legalBasis": "江海财〔2016〕9号"}
    await story.do(FINANCE, "adjustBudget", budgetId=budget, **more)
    await story.do(CASHIER, "approvePayroll", payrollId=payroll)
    less = {"deltaFen": -1, "legalBasis": "江海财〔2016〕10号"}
    await story.refused(FINANCE, "adjustBudget", "可用余额只有 0元", budgetId=budget, **less)


async def test_a_bank_that_answers_otherwise(village: Story, bank: Any) -> None:
    story = village
    case = await granted(story, 1)
    budget = await budgeted(story)
    story.on("2016-02-15")
    payroll = await prepared(story, budget, "2016-02", batchNo="B-1")
    await issued(story, payroll)
    content = (await bank_file(story, payroll)).content
    report = await bank("一.csv", answers(content, amount="905.00"))
    assert (report.counts.recorded, report.counts.findings) == (1, 1)
    # A line that was never issued, and a batch of somebody else's: they wait with their reason.
    stray = "代发批次号,序号,金额,处理结果\nB-1,2,900.00,成功\nB-9,1,900.00,成功\n"
    report = await bank("二.csv", stray)
    assert (report.counts.recorded, report.counts.quarantined) == (0, 2)
    await story.do(FINANCE, "reconcilePayroll", payrollId=payroll)
    seen = await payroll_of(story, payroll)
    assert (seen["clearedYuan"], seen["differenceFen"], seen["budget"]["spentYuan"]) == ("900.00", 500, "905.00")
    found = await story.ask.data(
        "query F($least: Position) { findings(first: 9, minPosition: $least) { nodes { rule amountFen detail } } }",
        CLERK,
        least=story.position,
    )
    rules = sorted((f["rule"], f["amountFen"]) for f in found["findings"]["nodes"])
    assert rules == [("BANK_DIFFERS", 500), ("BATCH_TOTALS", 500)]
    await story.do(FINANCE, "reconcilePayroll", payrollId=payroll)
    assert (await money_of(story, case))["payments"]["nodes"][0]["clearedFen"] == 90_500


async def test_a_run_that_was_cut_off_goes_on_and_pays_nobody_twice(village: Story) -> None:
    story = village
    cases = [await granted(story, number) for number in (1, 2, 3)]
    budget = await budgeted(story)
    story.on("2016-02-15")
    payroll = await prepared(story, budget, "2016-02")
    await story.do(FINANCE, "checkPayroll", payrollId=payroll)
    await story.do(CASHIER, "approvePayroll", payrollId=payroll)
    # One line was paid before the run broke off, another from the desk.
    story.case = cases[2]
    await story.do(CLERK, "issuePayment", month="2016-02", batchNo="手工", fundSource="区财政")
    kept = story.issuing._append

    async def broken(payroll: Any, payable: Any) -> Any:
        await kept(payroll, payable[:1])
        raise ConnectionError

    story.issuing._append = broken  # type: ignore[method-assign]
    with pytest.raises(ConnectionError):
        await story.issuing.run_pending()
    story.issuing._append = kept  # type: ignore[method-assign]
    assert list((await story.issuing.run_pending()).values()) == [2]
    story.position = await story.store.log.head()
    for case in cases:
        assert (await money_of(story, case))["totals"] == {"paidYuan": "900.00", "paidCount": 1}
    seen = await payroll_of(story, payroll)
    assert sorted(str(line["held"]) for line in seen["lines"]["nodes"]) == ["None", "None", "PAID"]
