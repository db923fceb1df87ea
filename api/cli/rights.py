"""`minzheng rights`: the first security administrator of an installation, whom nobody else could let in."""

from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.base import on_platform, out
from domain.errors import RuleViolated

if TYPE_CHECKING:
    from api.platform import Platform

group = typer.Typer(help="账号权限。", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Put the group into the command line."""
    app.add_typer(group, name="rights")


@group.callback()
def _group() -> None:
    """Keeps the verb's name on the command line, although it is the only one."""


@group.command(epilog="示例：minzheng rights first 安全管理员甲 --basis 江民任〔2026〕1号")
def first(
    account: Annotated[str, typer.Argument(help="账号，与统一认证中的用户名一致。")],
    basis: Annotated[str, typer.Option("--basis", help="任命文件及文号。")],
) -> None:
    """登记首名安全管理员；已有管理员时一律拒绝，此后的权限由其在平台上授予。"""

    async def work(platform: "Platform") -> int:
        from domain.access import SYSTEM, RoleCode
        from domain.rights import GrantRight

        dispatcher = platform.dispatcher
        await dispatcher.rights.refresh()
        if dispatcher.rights.any_granting():
            raise RuleViolated("已有安全管理员或系统管理员，请由其在平台上授予权限（grantRight）。")
        command = GrantRight(
            account=account,
            granted_role=RoleCode.SECURITY_ADMIN,
            division_code=SYSTEM.division_code,
            from_on=platform.settings.now().date(),
            basis=basis,
        )
        return (await dispatcher.dispatch(command, SYSTEM)).position

    out.print(f"已登记首名安全管理员 {account}（日志位置 {on_platform(work)}）。")
