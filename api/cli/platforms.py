"""Verbs of the municipal and provincial platforms: how it stands with each, pause, resume, tell again, check."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.base import err, local, on_platform, out, run

if TYPE_CHECKING:
    from api.platform import Platform
    from connectors.platforms.standing import Standing
    from connectors.platforms.ways import Listed


def add_to(app: typer.Typer) -> None:
    """Put the verbs into the command line."""
    platform = typer.Typer(
        help="上级平台：发到哪里、暂停、恢复、重发、核对。", no_args_is_help=True, rich_markup_mode=None
    )
    platform.command("list", epilog="示例：minzheng platform list")(platforms)
    platform.command(epilog="示例：minzheng platform pause population")(pause)
    platform.command(epilog="示例：minzheng platform resume population")(resume)
    platform.command(epilog="示例：minzheng platform replay population --since 2015-12-01")(replay)
    platform.command(epilog="示例：minzheng platform snapshot population --to 快照")(snapshot)
    platform.command(epilog="示例：minzheng platform answers population")(answers)
    platform.command(epilog="示例：minzheng platform check population --day 2016-01-04 --theirs 清单.csv")(check)
    app.add_typer(platform, name="platform")


def platforms() -> None:
    """列出在用的平台：方式、已发到的日志位置、落后多少、是否暂停、最近的失败和核对。"""

    async def work(platform: "Platform") -> None:
        from connectors.database import Tables
        from connectors.platforms.standing import standings

        tables, head = Tables(platform.databases.url), await platform.log.head()
        typer.echo("平台\t方式\t位置\t落后\t状态\t退回\t回流未入库\t最近核对")
        try:
            for each in await standings(platform.log, platform.settings, tables):
                line = (each.name, each.way, each.position, head - each.position, state_of(each))
                typer.echo("\t".join(map(str, (*line, each.refused, each.waiting, _checked(each)))))
        finally:
            await tables.close()

    on_platform(work)


def state_of(standing: "Standing") -> str:
    """How it stands, in a word or a sentence."""
    if standing.paused:
        return "暂停"
    if standing.failures:
        until = f"，{local(standing.retry_at)} 再试" if standing.retry_at else ""
        return f"{'断开' if standing.broken else '重试中'}：失败 {standing.failures} 次（{standing.error}）{until}"
    if standing.back_error:
        return f"回流取不到（{standing.back_error}）"
    return "正常"


def _checked(standing: "Standing") -> str:
    if standing.checked is None:
        return "尚未"
    return f"{standing.checked} {f'差 {standing.differences} 处' if standing.differences else '一致'}"


def pause(name: Annotated[str, typer.Argument(help="平台的名称。")]) -> None:
    """暂停向一个平台发送；其他平台照常。"""
    _set_paused(name, True)


def resume(name: Annotated[str, typer.Argument(help="平台的名称。")]) -> None:
    """恢复发送，从停下处继续。"""
    _set_paused(name, False)


def _set_paused(name: str, paused: bool) -> None:
    async def work(platform: "Platform") -> None:
        from connectors.importer import opened_importer
        from connectors.platforms.standing import set_paused

        async with opened_importer(platform.log, platform.databases.url, platform.settings) as importer:
            await set_paused(platform.settings, importer.tables, name, paused=paused)
        out.print(f"{name}：{'已暂停' if paused else '已恢复'}。")

    on_platform(work)


def replay(
    name: Annotated[str, typer.Argument(help="以 HTTPS 发送的平台的名称。")],
    since: Annotated[str, typer.Option("--since", help="从这一天登记的事件起重发。")] = "",
    position: Annotated[int, typer.Option("--from", help="从此日志位置之后重发；0 为全部。", min=0)] = 0,
) -> None:
    """从某日或某个日志位置起重发；接收方按 Idempotency-Key 和 sequence 识别重复。"""

    async def work(platform: "Platform") -> int:
        from datetime import date

        from connectors.platforms.standing import replay_from
        from domain.clock import at
        from domain.errors import BadInput

        start = position
        if since:
            try:
                start = await platform.log.position_at(at(date.fromisoformat(since)))
            except ValueError:
                raise BadInput(f"“{since[:20]}”不是日期；例如 2015-12-01。", "since") from None
        await replay_from(platform.log, platform.settings, name, start)
        return start

    out.print(f"{name}：从日志位置 {on_platform(work)} 之后重发。")


def snapshot(
    name: Annotated[str, typer.Argument(help="平台的名称。")],
    to: Annotated[Path, typer.Option("--to", help="写到此目录。")],
    format: Annotated[str, typer.Option("--format", help="csv 或 xlsx；缺省按平台的声明。")] = "",
) -> None:
    """写出此平台至今应有的全部消息（分文件，附说明）；对方装入后从其末尾位置接着收。"""
    if format not in ("", "csv", "xlsx"):
        raise typer.BadParameter("只能是 csv 或 xlsx。", param_hint="--format")

    async def work(platform: "Platform") -> None:
        from connectors.platforms.snapshot import write_snapshot
        from connectors.platforms.standing import in_use

        made = await write_snapshot(platform.store, in_use(platform.settings, name), to, format=format)
        out.print(f"{name}：{made.count} 条，{len(made.files)} 个文件，到日志位置 {made.position}，写在 {to}。")

    on_platform(work)


def answers(
    name: Annotated[str, typer.Argument(help="平台的名称。")],
    last: Annotated[int, typer.Option("--last", help="最近几条。", min=1, max=1000)] = 20,
) -> None:
    """打印平台发回的原始内容（可能含个人信息），一行一条；180 天后不可再读。"""

    async def work(platform: "Platform") -> None:
        import orjson

        from connectors.database import Tables
        from connectors.platforms.inbox import Inbox
        from connectors.platforms.standing import in_use

        tables = Tables(platform.databases.url)
        try:
            in_use(platform.settings, name)
            inbox = Inbox(tables, platform.store)
            behind = await inbox.next_number(name)
            for each in await inbox.read(name, max(0, behind - last), last):
                said = each.said
                content = None if said is None else dict(zip(said.columns, said.cells, strict=False))
                line = {"number": each.number, "receivedAt": each.received_at, "content": content}
                typer.echo(orjson.dumps(line).decode())
        finally:
            await tables.close()

    on_platform(work)


def check(
    name: Annotated[str, typer.Argument(help="平台的名称。")],
    day: Annotated[str, typer.Option("--day", help="登记的日期；缺省为昨天。")] = "",
    theirs: Annotated[Path | None, typer.Option("--theirs", help="对方清单：CSV，sequence、id 两列。")] = None,
) -> None:
    """逐日核对：当日应有的消息数和摘要；给出对方清单的，列出差异。有差异时退出码为 1。"""
    from connectors.platforms.reconciling import differences, expected, read_list, summed_up

    async def work(platform: "Platform") -> "list[Listed]":
        from datetime import UTC, date, datetime, timedelta

        from connectors.platforms.standing import in_use
        from domain.clock import CHINA
        from domain.errors import BadInput

        try:
            on = date.fromisoformat(day) if day else datetime.now(UTC).astimezone(CHINA).date() - timedelta(days=1)
        except ValueError:
            raise BadInput(f"“{day[:20]}”不是日期；例如 2016-01-04。", "day") from None
        return await expected(platform.store, in_use(platform.settings, name), on)

    ours = on_platform(work)
    made = summed_up(ours)
    typer.echo(f"数量 {made.count}  位置 {made.first} 至 {made.last}  摘要 {made.digest}")
    if theirs is None:
        return

    async def compare() -> list[str]:
        found = differences(ours, read_list(theirs))
        return [f"{each.sequence}\t{each.id}\t{each.how}" for each in found]

    lines = run(compare())
    for line in lines:
        typer.echo(line)
    if lines:
        err.print(f"minzheng: 有 {len(lines)} 处差异。")
        raise typer.Exit(1)
    typer.echo("与对方清单一致。")
