"""`minzheng projections`: the read models, how far they are, rebuilding and verifying them."""

from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.base import counting, on_platform, out, print_json, print_rows
from domain.errors import BadInput, Conflict

if TYPE_CHECKING:
    from api.platform import Platform
    from projections.kernel.changes import Projection
    from projections.kernel.place import Live
    from projections.kernel.rebuild import Rebuilt
    from projections.kernel.verify import Verified

group = typer.Typer(help="读模型。", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="以 JSON 输出。")]


def add_to(app: typer.Typer) -> None:
    """Put the group into the command line."""
    app.add_typer(group, name="projections")


@group.command(epilog="示例：minzheng projections status --json")
def status(as_json: Json = False) -> None:
    """显示每个读模型的位置、落后多少、是否停下。"""

    async def work(platform: "Platform") -> "tuple[int, dict[str, Live]]":
        return await platform.log.head(), await platform.runner().status()

    head, found = on_platform(work)
    if as_json:
        print_json({"head": head, "projections": {name: _state(live, head) for name, live in found.items()}})
        return
    rows = [
        (
            live.name,
            str(live.version),
            str(live.position),
            str(max(0, head - live.position)),
            _STATES[live.state],
            live.error,
        )
        for live in found.values()
    ]
    print_rows(
        ("读模型", "版本", "位置", "落后", "状态", "原因"),
        rows,
        "还没有读模型；请先运行 minzheng project 或 minzheng up。",
    )


@group.command(epilog="示例：minzheng projections rebuild assistance")
def rebuild(
    names: Annotated[list[str] | None, typer.Argument(help="读模型的名称；不给则为全部。", show_default=False)] = None,
    as_json: Json = False,
) -> None:
    """从日志重建读模型；查询照常进行，完成后切换到新表。"""

    async def work(platform: "Platform") -> "list[Rebuilt]":
        from projections.kernel.rebuild import rebuild as build

        with counting("重建读模型") as progress:
            return await build(platform.log, platform.codec, platform.databases.url, _chosen(names), progress=progress)

    built = on_platform(work)
    if as_json:
        print_json(built)
        return
    for one in built:
        out.print(f"{one.name}：已重建到位置 {one.position}，用时 {one.seconds:.1f} 秒")


@group.command(epilog="示例：minzheng projections verify")
def verify(
    names: Annotated[list[str] | None, typer.Argument(help="读模型的名称；不给则为全部。", show_default=False)] = None,
    as_json: Json = False,
) -> None:
    """把现用的表与从日志重建的表逐行比较；有差异即失败。"""

    async def work(platform: "Platform") -> "list[Verified]":
        from projections.kernel.verify import verify as compare

        return await compare(platform.log, platform.codec, platform.databases.url, _chosen(names))

    found = on_platform(work)
    if as_json:
        print_json(found)
    for one in found if not as_json else ():
        out.print(f"{one.name}：位置 {one.position}，比较 {one.rows} 行，{one.differing} 行不同")
        for difference in one.differences:
            where = "、".join(difference.columns) or _MISSING[difference.missing]
            out.print(f"  {difference.table} {difference.key}：{where}")
    differing = [one.name for one in found if one.differing]
    if differing:
        raise Conflict(f"读模型 {'、'.join(differing)} 与日志不一致；请运行 minzheng projections rebuild 重建。")


_STATES = {"running": "运行", "stopped": "已停下"}
_MISSING = {"live": "现用的表中没有", "rebuilt": "重建的表中没有"}


def _state(live: "Live", head: int) -> dict[str, object]:
    return {
        "version": live.version,
        "position": live.position,
        "lag": max(0, head - live.position),
        "state": live.state,
        "error": live.error,
    }


def _chosen(names: list[str] | None) -> "list[Projection]":
    from projections import PROJECTIONS

    known = {projection.name: projection for projection in PROJECTIONS}
    if unknown := [name for name in names or () if name not in known]:
        raise BadInput(f"没有读模型“{unknown[0][:40]}”；可用：{'、'.join(known)}。", "name")
    return [known[name] for name in names] if names else list(known.values())
