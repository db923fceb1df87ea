"""Verbs that run the platform: `up`, and one role each for many processes on one log."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.base import on_platform, out, run, stop_on_signals
from api.cli.children import end_with_parent

if TYPE_CHECKING:
    from api.platform import Platform

WithParent = Annotated[bool, typer.Option("--with-parent", hidden=True)]


def add_to(app: typer.Typer) -> None:
    """Put the verbs into the command line."""
    app.command(epilog="示例：minzheng up --port 8000 --data-dir ./data --persons 20000")(up)
    app.command(epilog="示例：minzheng serve --port 8000")(serve)
    app.command(epilog="示例：minzheng project 或 minzheng project registry assistance")(project)
    app.command(epilog="示例：minzheng process")(process)
    app.command(epilog="示例：MINZHENG_DATABASE_URL=postgresql://… minzheng migrate")(migrate)


def up(
    port: Annotated[int | None, typer.Option("--port", help="端口；缺省为环境变量 PORT 或 8000。")] = None,
    data_dir: Annotated[Path | None, typer.Option("--data-dir", help="数据目录；缺省为 DATA_DIR 或 data。")] = None,
    persons: Annotated[int | None, typer.Option("--persons", help="演示区人数；缺省为 PERSONS 或 20000。")] = None,
    demo: Annotated[bool | None, typer.Option("--demo/--no-demo", help="是否导入演示区；缺省按 DEMO，为导入。")] = None,
) -> None:
    """启动整个平台：内置 PostgreSQL、API、读模型；首次启动时生成并导入演示区。"""
    import os

    from api.up import Options, options_from
    from api.up import up as run_up

    default = options_from(os.environ)
    options = Options(
        port=default.port if port is None else port,
        data_dir=default.data_dir if data_dir is None else data_dir,
        persons=default.persons if persons is None else persons,
        demo=default.demo if demo is None else demo,
        kafka=default.kafka,
    )
    run(run_up(options))


def serve(
    host: Annotated[str, typer.Option("--host", help="监听地址。")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", help="端口。")] = 8000,
    with_parent: WithParent = False,
) -> None:
    """只运行 API（GraphQL、健康检查、指标）。"""
    if with_parent:
        end_with_parent()

    async def work(platform: "Platform") -> None:
        from api.app import create_app, serving

        # uvicorn raises the signal again once it has stopped: ours then only lets the platform close in peace.
        stop_on_signals()
        await serving(create_app(platform), host, port, timeout_graceful_shutdown=5).serve()

    on_platform(work)


def project(
    names: Annotated[list[str] | None, typer.Argument(help="读模型的名称；不给则为全部。", show_default=False)] = None,
    with_parent: WithParent = False,
) -> None:
    """只运行读模型：把日志中的新事件写入查询表，直到被停止。"""
    if with_parent:
        end_with_parent()

    async def work(platform: "Platform") -> None:
        await platform.runner(tuple(names or ())).run(stop_on_signals())

    on_platform(work)


def process(
    once: Annotated[bool, typer.Option("--once", help="只办完跨系统规则截至目前该办的，然后结束。")] = False,
    with_parent: WithParent = False,
) -> None:
    """只运行后续处理：标准调整后逐一重算，已审批的批次逐户发放，到期的登记逾期，跨系统规则随事件办理，直到被停止。"""
    if with_parent:
        end_with_parent()

    async def work(platform: "Platform") -> None:
        from api.platform import readers
        from infra.deadlines import Deadlines
        from infra.issuing import Issuing
        from infra.processes import Processes
        from infra.recalculation import Recalculation
        from projections.funds.due import due_reader

        stop, store, now = stop_on_signals(), platform.store, platform.settings.now
        due = due_reader(platform.log, platform.databases.url)
        rules = Processes(store, now, readers(platform.log, platform.databases.url))
        if once:
            out.print(f"跨系统规则已办到日志第 {await rules.catch_up()} 条。")
            return
        followers = (Recalculation(store, now, due), Issuing(store, now, due), Deadlines(store, now), rules)
        following = [asyncio.create_task(follower.follow(stop)) for follower in followers]
        try:
            await asyncio.gather(*following)  # the first failure ends them all: whoever started us starts us again
        finally:
            for task in following:
                task.cancel()

    on_platform(work)


def migrate() -> None:
    """建立或更新日志、接入和读模型的数据库结构；可重复执行。"""

    async def work(platform: "Platform") -> int:
        from api.platform import migrate_all, open_divisions

        await migrate_all(platform.databases)
        return await open_divisions(platform)

    opened = on_platform(work)
    out.print("数据库结构已是最新。" + (f"已登记 {opened} 个行政区划。" if opened else ""))
