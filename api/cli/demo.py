"""`minzheng demo`: the files of the fictitious district."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.base import on_platform, out, print_json

if TYPE_CHECKING:
    from api.platform import Platform

group = typer.Typer(help="演示区：生成虚构的江海区来源文件。", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Put the group into the command line."""
    app.add_typer(group, name="demo")


@group.command(epilog="示例：minzheng demo generate --out ./demo --persons 20000 --seed 1")
def generate(
    out_dir: Annotated[Path, typer.Option("--out", help="存放文件的空文件夹。")],
    persons: Annotated[int, typer.Option("--persons", help="人数；江海区约 164600 人。")] = 20_000,
    seed: Annotated[int, typer.Option("--seed", help="随机种子；同一种子生成同样的文件。")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出清单。")] = False,
) -> None:
    """生成人口、救助个案、发放名册等来源文件，以及清单 manifest.json。"""
    from connectors.demo import generate as write_district

    manifest = write_district(out_dir, persons, seed)
    if as_json:
        print_json(manifest)
        return
    out.print(
        f"已在 {out_dir} 生成 {len(manifest.files)} 个文件，共 {manifest.rows} 行；清单：{out_dir / 'manifest.json'}"
    )


@group.command(epilog="示例：minzheng demo load --dir ./data/demo --persons 20000")
def load(
    folder: Annotated[Path, typer.Option("--dir", help="存放演示区文件和进度的文件夹。")],
    persons: Annotated[int, typer.Option("--persons", help="人数。")] = 20_000,
    seed: Annotated[int, typer.Option("--seed", help="随机种子。")] = 1,
    with_parent: Annotated[bool, typer.Option("--with-parent", hidden=True)] = False,
) -> None:
    """生成演示区（如尚未生成）并按正常途径导入；中断后再次运行从中断处继续。"""
    from api.cli.children import end_with_parent
    from api.up import load_demo

    if with_parent:
        end_with_parent()
    on_platform(lambda platform: load_demo(platform, folder, persons, seed))


@group.command(epilog="示例：MINZHENG_DATA_DIR=data minzheng demo desk（先运行 make run，等演示区导入完毕）")
def desk() -> None:
    """在已导入的演示区里办一个月的业务（2015年12月）：各环节的个案、通知书、核对、转介、投诉、预算和发放批次；可重复运行。"""

    async def work(platform: "Platform") -> int:
        from api.desk import sit_down
        from api.platform import readers

        return await sit_down(platform.store, readers(platform.log, platform.databases.url))

    out.print(f"已办理 {on_platform(work)} 个演示个案；待办见 workItems，批次见 payrolls，转介见 referrals。")
