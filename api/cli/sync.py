"""Verbs of the messages in and out: `sync` runs them, `topics` makes and checks what they run on."""

import asyncio
from pathlib import Path
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
    platform = typer.Typer(help="上级平台：发到哪里、暂停、恢复、重发。", no_args_is_help=True, rich_markup_mode=None)
    platform.command("list", epilog="示例：minzheng platform list")(platforms)
    platform.command(epilog="示例：minzheng platform pause population")(pause)
    platform.command(epilog="示例：minzheng platform resume population")(resume)
    platform.command(epilog="示例：minzheng platform replay population --since 2015-12-01")(replay)
    platform.command(epilog="示例：minzheng platform check population --day 2016-01-04 --theirs 清单.csv")(check)
    app.add_typer(platform, name="platform")


def sync(
    direction: Annotated[str, typer.Argument(help="in 接入来源系统的消息，out 发送公开消息；不给则两者。")] = "both",
    shard: Annotated[int | None, typer.Option("--shard", help="只运行这一个发送分片；缺省为全部。")] = None,
    with_parent: Annotated[bool, typer.Option("--with-parent", hidden=True)] = False,
) -> None:
    """只运行消息收发：Kafka 的来源主题进日志，日志的公开事件出到 Kafka，直到被停止。"""
    if direction not in ("in", "out", "both"):
        raise typer.BadParameter("只能是 in、out 或 both。", param_hint="DIRECTION")
    if with_parent:
        end_with_parent()

    async def work(platform: "Platform") -> None:
        import httpx

        from connectors.importer import opened_importer
        from connectors.kafka.inbound import Inbound
        from connectors.kafka.relay import public_relay
        from connectors.platforms.deliveries import deliveries

        stop, settings = stop_on_signals(), platform.settings
        async with (
            opened_importer(platform.log, platform.databases.url, settings) as importer,
            httpx.AsyncClient() as client,
        ):
            working = []
            if direction != "out":
                working.append(Inbound(importer, report=_warn).run(stop))
            if direction != "in":
                shards = range(settings.kafka_shards) if shard is None else (shard,)
                working.extend(
                    public_relay(platform.log, settings, number, settings.kafka_shards, report=_warn).run(stop)
                    for number in shards
                )
                working.extend(deliveries(platform.store, settings, importer.tables, client, stop, _warn))
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


def platforms() -> None:
    """列出在用的平台：方式、已发到的日志位置、落后多少、是否暂停、最近的失败。"""

    async def work(platform: "Platform") -> None:
        from connectors.importer import opened_importer
        from connectors.platforms.deliveries import states

        async with opened_importer(platform.log, platform.databases.url, platform.settings) as importer:
            head = await platform.log.head()
            typer.echo("平台\t方式\t位置\t落后\t状态")
            for state in await states(platform.log, platform.settings, importer.tables):
                stands = (
                    "暂停"
                    if state.paused
                    else f"失败 {state.failures} 次（{state.error}）"
                    if state.failures
                    else "正常"
                )
                line = f"{state.name}\t{state.way}\t{state.position}\t{head - state.position}\t{stands}"
                typer.echo(line)

    on_platform(work)


def pause(name: Annotated[str, typer.Argument(help="平台的名称。")]) -> None:
    """暂停向一个平台发送；其他平台照常。"""
    _set_paused(name, True)


def resume(name: Annotated[str, typer.Argument(help="平台的名称。")]) -> None:
    """恢复发送，从停下处继续。"""
    _set_paused(name, False)


def _set_paused(name: str, paused: bool) -> None:
    async def work(platform: "Platform") -> None:
        from connectors.importer import opened_importer
        from connectors.platforms.deliveries import set_paused

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

        from connectors.platforms.deliveries import replay_from
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


def check(
    name: Annotated[str, typer.Argument(help="平台的名称。")],
    day: Annotated[str, typer.Option("--day", help="登记的日期；缺省为昨天。")] = "",
    theirs: Annotated[Path | None, typer.Option("--theirs", help="对方清单：CSV，sequence、id 两列。")] = None,
) -> None:
    """逐日核对：当日应有的消息数和摘要；给出对方清单的，列出差异。有差异时退出码为 1。"""
    from connectors.platforms.reconciling import differences, expected, read_list, summed_up

    async def work(platform: "Platform") -> list[tuple[int, str]]:
        from datetime import UTC, date, datetime, timedelta

        from connectors.platforms.deliveries import in_use
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
