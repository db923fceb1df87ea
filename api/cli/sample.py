"""`minzheng sample`: a seed to draw a verification sample by, and whether a draw was what it had to be."""

import secrets
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from api.cli.base import FAILED, on_platform, out, print_json

if TYPE_CHECKING:
    from api.platform import Platform
    from infra.draws import Verified

group = typer.Typer(help="抽样入户核查。", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="以 JSON 输出。")]


def add_to(app: typer.Typer) -> None:
    """Put the group into the command line."""
    app.add_typer(group, name="sample")


@group.command(epilog="示例：minzheng sample seed")
def seed(as_json: Json = False) -> None:
    """生成一个随机种子及其散列：先公布散列（openCampaign），抽样时再公布种子（drawSample）。"""
    from domain.assistance.drawing import hash_of

    made = secrets.token_hex(32)
    if as_json:
        print_json({"seed": made, "seedHash": hash_of(made)})
        return
    out.print(f"种子（抽样前保密）：{made}")
    out.print(f"散列（现在公布）：{hash_of(made)}")


@group.command(epilog="示例：minzheng sample verify 5e638a37-4ec5-58da-a41a-6610c38785ed")
def verify(
    campaign: Annotated[UUID, typer.Argument(metavar="CAMPAIGN_ID", help="抽样核查标识。")], as_json: Json = False
) -> None:
    """只凭事件日志重算一次抽样：名单是否未被改动，本轮两年是否重复；不符时退出码为 1。"""

    async def work(platform: "Platform") -> "Verified":
        from infra.draws import verify_draw

        return await verify_draw(platform.store, campaign)

    found = on_platform(work)
    if as_json:
        print_json({"year": found.year, "unaltered": found.unaltered, "checks": found.checks})
    else:
        for check in found.checks:
            out.print(f"{'✓' if check.holds else '✗'} {check.text}")
        out.print(f"{found.year} 年抽样：{'未被改动' if found.unaltered else '与日志不符'}", style="bold")
    if not found.unaltered:
        raise typer.Exit(FAILED)
