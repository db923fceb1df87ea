"""`minzheng simulate`: what a changed parameter would do to the district; nothing is recorded."""

from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.base import on_platform, out, print_json

if TYPE_CHECKING:
    from api.platform import Platform
    from domain.simulation import Simulation

_SHOWN = 10


def add_to(app: typer.Typer) -> None:
    """Put the verb into the command line."""
    app.command(epilog="示例：minzheng simulate --set dibao.standard.rural=600元 --month 2016-01")(simulate)


def simulate(
    changes: Annotated[list[str], typer.Option("--set", help="参数变化：代码=数值，或 代码@区划=数值；可重复。")],
    month: Annotated[str, typer.Option("--month", help="按何月试算；不给则为下月。")] = "",
    division: Annotated[str, typer.Option("--division", help="试算该区划及其下级。")] = "440704",
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出。")] = False,
) -> None:
    """试算参数调整：谁增谁减、各街道和资金来源每月增支多少；不写入任何记录。"""

    async def work(platform: "Platform") -> "Simulation":
        from api.graphql.simulation import parse_changes
        from domain.access import Actor, RoleCode
        from domain.clock import month_of, next_month
        from domain.simulation import Supported, changed
        from domain.simulation import simulate as run

        dispatcher = platform.dispatcher
        when = month or next_month(month_of(dispatcher.now().date()))
        parameters = await dispatcher.parameters.get()
        versions = changed(parameters, parse_changes(changes), when, division)
        auditor = Actor("minzheng", RoleCode.AUDITOR, division)
        table = await dispatcher.read(Supported(month=when, division_code=division), auditor)
        return run(table, parameters, versions, when)

    result = on_platform(work)
    if as_json:
        from api.graphql.simulation import as_answer

        print_json(as_answer(result))
        return
    _show(result)


def _show(result: "Simulation") -> None:
    from domain.formulas import yuan

    for version, before in zip(result.changes, result.replaced, strict=True):
        out.print(f"{version.name}（{version.code}）：{before.value} → {version.value} {version.unit.label}")
    lines = result.lines
    cost = sum(line.cost_fen for line in lines)
    out.print(f"{result.month} 起每月{'增支' if cost >= 0 else '减支'} {yuan(abs(cost))}，日志位置 {result.position}。")
    out.print(
        f"增加 {sum(line.gaining for line in lines)} 户，减少 {sum(line.losing for line in lines)} 户，"
        f"新进 {sum(line.entering for line in lines)} 户，退出 {sum(line.leaving for line in lines)} 户，"
        f"无法试算 {sum(line.unknown for line in lines)} 户。"
    )
    for line in lines:
        fund = line.fund or "尚未发放"
        out.print(
            f"  {line.street} {line.scheme.label}（{fund}）：{line.households} 户 {line.persons} 人，"
            f"{yuan(line.before_fen)} → {yuan(line.after_fen)}"
        )
    for moved in result.moved[:_SHOWN]:
        out.print(f"  个案 {moved.case_id}：{yuan(moved.before_fen)} → {yuan(moved.after_fen)}")
