"""`minzheng payroll`: the bank's file of a payroll, and issuing approved ones now."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from api.cli.base import on_platform, out
from domain.errors import BadInput
from domain.formulas import yuan

if TYPE_CHECKING:
    from api.platform import Platform
    from connectors.bank_file import BankFile

group = typer.Typer(help="发放批次。", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Put the group into the command line."""
    app.add_typer(group, name="payroll")


@group.command(
    "bank-file",
    epilog="示例：minzheng payroll bank-file 201604-DIBAO-440704004-3F2A --out 代发.csv --token $(minzheng token …)",
)
def bank_file(
    payroll: Annotated[str, typer.Argument(metavar="BATCH", help="批次编号或批次标识（UUID）。")],
    to: Annotated[Path, typer.Option("--out", help="写到此文件；已存在时不覆盖。")],
    token: Annotated[str, typer.Option("--token", envvar="MINZHENG_TOKEN", help="办理人的令牌；登记为送银行的人。")],
) -> None:
    """生成银行代发文件，并登记文件摘要、笔数和合计；同一批次的文件内容每次相同。"""

    async def work(platform: "Platform") -> "BankFile":
        from api.auth import Authenticator
        from connectors.bank_file import make_bank_file
        from projections.funds.bank_lines import bank_lines_reader

        identity = await Authenticator(platform.settings).authenticate(f"Bearer {token}")
        return await make_bank_file(
            platform.store,
            bank_lines_reader(platform.log, platform.databases.url),
            platform.dispatcher,
            identity.actor,
            _payroll_id(payroll.strip()),
        )

    if to.exists():
        raise BadInput(f"{to} 已存在；请换一个文件名，或先移走原文件。", "out")
    file = on_platform(work)
    # Names and account numbers: for whoever made it, and nobody else on this machine.
    with os.fdopen(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as written:
        written.write(file.content)
    out.print(f"{to}：{file.line_count} 笔，合计 {yuan(file.total_fen)}，SHA-256 {file.sha256}")


@group.command(epilog="示例：minzheng payroll issue")
def issue() -> None:
    """立即发放全部已审批的批次；平时由 minzheng process 自动办理。"""

    async def work(platform: "Platform") -> dict[UUID, int]:
        from infra.issuing import Issuing
        from projections.funds.due import due_reader

        due = due_reader(platform.log, platform.databases.url)
        return await Issuing(platform.store, platform.settings.now, due).run_pending()

    done = on_platform(work)
    for id, count in done.items():
        out.print(f"{id}：发放 {count} 笔")
    if not done:
        out.print("没有已审批待发放的批次。")


def _payroll_id(given: str) -> UUID:
    from domain.funds import Payroll

    try:
        return UUID(given)
    except ValueError:
        return Payroll.id_for(given)
