"""Verbs of the messages in and out: `sync` runs them, `topics` makes and checks what they run on."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.base import err, on_platform, out, run, stop_on_signals
from api.cli.children import end_with_parent

if TYPE_CHECKING:
    from api.platform import Platform


def add_to(app: typer.Typer) -> None:
    """Put the verbs into the command line."""
    app.command(epilog="示例：minzheng sync in、minzheng sync out --shard 0")(sync)
    app.command(epilog="示例：minzheng topics；minzheng topics --accept-gap minzheng.source.population.v1/0")(topics)
    app.command(epilog="示例：minzheng asyncapi > asyncapi.json")(asyncapi)
    message = typer.Typer(help="一条条地看和试消息。", no_args_is_help=True, rich_markup_mode=None)
    message.command(epilog="示例：minzheng message send population persons '{\"姓名\": …}'")(send)
    message.command(epilog="示例：minzheng message read registry --last 5")(read)
    app.add_typer(message, name="message")


def sync(
    direction: Annotated[
        str,
        typer.Argument(help="in 接入来源系统的消息，out 发送公开消息，platforms 与上级平台往来；不给则全部。"),
    ] = "all",
    shard: Annotated[int | None, typer.Option("--shard", help="只运行这一个发送分片；缺省为全部。")] = None,
    with_parent: Annotated[bool, typer.Option("--with-parent", hidden=True)] = False,
) -> None:
    """只运行消息收发，直到被停止：来源主题进日志，公开事件出到 Kafka，与上级平台往来。"""
    if direction not in ("in", "out", "platforms", "all"):
        raise typer.BadParameter("只能是 in、out、platforms 或 all。", param_hint="DIRECTION")
    if with_parent:
        end_with_parent()

    async def work(platform: "Platform") -> None:
        import httpx

        from connectors.importer import opened_importer
        from connectors.kafka.inbound import Inbound
        from connectors.kafka.notices import Notices
        from connectors.kafka.relay import public_relay
        from connectors.platforms.deliveries import Deliveries

        stop, settings = stop_on_signals(), platform.settings
        async with (
            opened_importer(platform.log, platform.databases.url, settings) as importer,
            opened_importer(platform.log, platform.databases.url, settings) as returned,
            httpx.AsyncClient() as client,
        ):
            working = []
            if direction in ("in", "all"):
                working.append(Inbound(importer, report=_warn).run(stop))
            if direction in ("out", "all"):
                shards = range(settings.kafka_shards) if shard is None else (shard,)
                working.extend(
                    public_relay(platform.log, settings, number, settings.kafka_shards, report=_warn).run(stop)
                    for number in shards
                )
                working.append(Notices(settings, importer.tables, _warn).run(stop))
            if direction in ("platforms", "all"):
                working.extend(Deliveries(platform.store, settings, returned, client, _warn).works(stop))
            tasks = [asyncio.create_task(one) for one in working]
            try:
                await asyncio.gather(*tasks)
            finally:
                for task in tasks:
                    task.cancel()

    on_platform(work)


def topics(
    accept_gap: Annotated[
        str, typer.Option("--accept-gap", help="放弃此分区（主题/编号）中已丢失的消息，从现有最早一条继续。")
    ] = "",
) -> None:
    """建立缺少的 Kafka 主题，列出各主题的分区和消息数。"""
    if accept_gap:
        on_platform(lambda platform: _accept(platform, accept_gap))
        return
    run(_list())


async def _list() -> None:
    from rich.table import Table

    from connectors.kafka.administration import make_topics, sizes
    from connectors.kafka.topics import all_topics
    from connectors.platforms.declaration import by_topic
    from infra.settings import load_settings

    settings = load_settings()
    topics = all_topics(settings.kafka_prefix, by_topic(settings))
    made = await asyncio.to_thread(make_topics, settings, topics)
    table = Table("主题", "分区", "消息", "")
    for found in await asyncio.to_thread(sizes, settings, topics):
        table.add_row(found.name, str(found.partitions), str(found.messages), "新建" if found.name in made else "")
    out.print(table)


async def _accept(platform: "Platform", name: str) -> None:
    from connectors.kafka.administration import beginning
    from connectors.kafka.topics import Partition
    from domain.errors import BadInput

    topic, _, number = name.rpartition("/")
    if not topic or not number.isdigit():
        raise BadInput(f"“{name[:80]}”应写作 主题/分区编号。", "accept_gap")
    partition = Partition(topic, int(number))
    first = await asyncio.to_thread(beginning, platform.settings, partition)
    place = await platform.log.place(partition.follower)
    if not await platform.log.move(partition.follower, place, first):
        raise BadInput("此分区正在被读取；请先停止 minzheng sync 再试。", "accept_gap")
    out.print(f"{partition}：原来读到 {place}，现从 {first} 继续。")


def send(
    source: Annotated[str, typer.Argument(help="来源系统，如 population。")],
    kind: Annotated[str, typer.Argument(help="记录种类，如 persons。")],
    data: Annotated[str, typer.Argument(help="一条记录：列名和值，JSON。")],
) -> None:
    """把一条记录作为 CloudEvents 消息发到来源主题（试用和补报）。"""
    from connectors.kafka.trying import send_record
    from infra.settings import load_settings

    async def work() -> str:
        return await asyncio.to_thread(send_record, load_settings(), source, kind, data)

    out.print(f"已发送到 {run(work())}。")


def read(
    context: Annotated[str, typer.Argument(help="领域，如 registry、assistance。")],
    last: Annotated[int, typer.Option("--last", help="最近几条。", min=1, max=1000)] = 10,
) -> None:
    """打印公开主题最近的几条消息，按日志位置先后，一行一条。"""
    from connectors.kafka.trying import last_messages
    from infra.settings import load_settings

    async def work() -> list[str]:
        return await asyncio.to_thread(last_messages, load_settings(), context, last)

    for line in run(work()):
        typer.echo(line)


def asyncapi() -> None:
    """打印消息接口文档（AsyncAPI 3，JSON）。"""
    import json
    from importlib.metadata import version

    from connectors.public.schemas import asyncapi as document
    from infra.settings import load_settings

    made = document(load_settings().kafka_prefix, version("minzheng"))
    typer.echo(json.dumps(made, ensure_ascii=False, indent=2))


def _warn(text: str) -> None:
    err.print(text, markup=False)
