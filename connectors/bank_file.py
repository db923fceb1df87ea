"""The file a bank pays from (代发文件): one line a payment, always the same bytes for the same payments.

A title row with the control totals, then a header and the lines, in GB18030 as the banks' own systems write. What the
bank sends back has the same columns with the result behind them (mapping/bank.returns.yaml).
"""

import csv
import io
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from domain.access import Actor
from domain.errors import NotFound
from domain.funds.commands import SendPayroll
from domain.funds.payroll import BankLine, Payroll
from infra.dispatch import Dispatcher
from infra.store import EventStore

ENCODING = "gb18030"
Lines = Callable[[Payroll], Awaitable[Sequence[BankLine]]]
"""Reads the issued lines of a payroll, in their order."""
HEADER = ("代发批次号", "序号", "户名", "账号", "开户行", "金额", "用途")


@dataclass(frozen=True, slots=True)
class BankFile:
    """A file's content and what it comes to."""

    name: str
    content: bytes
    line_count: int
    total_fen: int
    position: int = 0
    """Where its making stands in the log."""

    @property
    def sha256(self) -> str:
        """The content's hash, in hex."""
        return sha256(self.content).hexdigest()


def compose(payroll: Payroll, lines: Sequence[BankLine]) -> BankFile:
    """The file of these lines."""
    total = sum(line.amount_fen for line in lines)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([f"{payroll.scheme.label}代发 批次 {payroll.batch_no} 共 {len(lines)} 笔 合计 {_yuan(total)} 元"])
    writer.writerow(HEADER)
    for line in lines:
        purpose = f"{line.month} {payroll.scheme.label}"
        writer.writerow(
            (payroll.batch_no, line.number, line.name, line.account, line.bank, _yuan(line.amount_fen), purpose)
        )
    name = f"{payroll.batch_no}.csv"
    return BankFile(name, text.getvalue().encode(ENCODING), len(lines), total)


async def make_bank_file(
    store: EventStore, lines: Lines, dispatcher: Dispatcher, actor: Actor, payroll_id: UUID
) -> BankFile:
    """Make a payroll's file for someone who may send it, and record that and its hash before it is handed out.

    Raises Forbidden, NotFound and RuleViolated as the command does, Unavailable where the read models lag behind.
    """
    payroll = await store.load(Payroll, payroll_id)
    if payroll is None or not actor.covers(payroll.division_code):
        raise NotFound(f"没有找到 payroll:{payroll_id}，或不在您的管辖范围内。")
    file = BankFile("", b"", 0, 0)
    if actor.role in SendPayroll.ROLES:
        file = compose(payroll, await lines(payroll))
    done = await dispatcher.dispatch(
        SendPayroll(
            payroll_id=payroll_id, file_sha256=file.sha256, line_count=file.line_count, total_fen=file.total_fen
        ),
        actor,
    )
    return BankFile(file.name, file.content, file.line_count, file.total_fen, done.position)


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"
