"""`minzheng log`: the event log itself."""

import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from api.cli.base import err, local, on_platform, out, print_json

if TYPE_CHECKING:
    from api.platform import Platform
    from infra.log import LogEvent

group = typer.Typer(help="事件日志。", no_args_is_help=True)
_BATCH = 5_000


def add_to(app: typer.Typer) -> None:
    """Put the group into the command line."""
    app.add_typer(group, name="log")


@group.command(epilog="示例：minzheng log head --json")
def head(as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出。")] = False) -> None:
    """显示日志末尾的位置。"""

    async def work(platform: "Platform") -> "tuple[int, LogEvent | None]":
        position = await platform.log.head()
        last = await platform.log.read(position - 1, 1) if position else []
        return position, last[0] if last else None

    position, last = on_platform(work)
    if as_json:
        print_json({"position": position, "recordedAt": last.recorded_at if last else None})
    elif last is None:
        out.print("日志为空。")
    else:
        out.print(f"位置 {position}，最后记录于 {local(last.recorded_at)}（{last.topic}）")


@group.command(epilog="示例：minzheng log export --after 0 --out log.jsonl")
def export(
    target: Annotated[Path | None, typer.Option("--out", help="写入的文件；不给则写到标准输出。")] = None,
    after: Annotated[int, typer.Option("--after", help="从该位置之后开始。")] = 0,
    upto: Annotated[int | None, typer.Option("--upto", help="到该位置为止；不给则到末尾。")] = None,
) -> None:
    """按位置顺序导出事件，每行一个 JSON；个人信息保持密文。"""

    async def work(platform: "Platform", file: IO[bytes]) -> int:
        last = await platform.log.head() if upto is None else upto
        position, count = after, 0
        while batch := await platform.log.read(position, _BATCH, last):
            file.writelines(msgspec.json.encode(_exported(row)) + b"\n" for row in batch)
            position, count = batch[-1].position, count + len(batch)
        return count

    if target is None:
        count = on_platform(lambda platform: work(platform, sys.stdout.buffer))
    else:
        with target.open("wb") as file:
            count = on_platform(lambda platform: work(platform, file))
    err.print(f"已导出 {count} 个事件。")


def _exported(row: "LogEvent") -> dict[str, Any]:
    """A row as JSON: the payload as it is stored, since it is canonical JSON itself."""
    fields = {name: getattr(row, name) for name in row.__struct_fields__ if name != "payload"}
    return {**fields, "payload": msgspec.Raw(row.payload)}
