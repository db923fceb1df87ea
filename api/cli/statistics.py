"""`minzheng statistics`: the tables that offices hand in, and the file that everyone may read."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.base import on_platform, out, print_json
from domain.errors import BadInput

if TYPE_CHECKING:
    from api.platform import Platform
    from api.statistics.open_data import OpenData
    from api.statistics.table import Table

group = typer.Typer(help="统计报表和公开数据。", invoke_without_command=True)
Division = Annotated[str, typer.Option("--division", help="统计该区划及其下级。")]
Position = Annotated[int | None, typer.Option("--position", help="按此日志位置所知重做；不给则为现在。")]


def add_to(app: typer.Typer) -> None:
    """Put the group into the command line."""
    app.add_typer(group, name="statistics")


@group.callback(
    epilog="示例：minzheng statistics --period 2015-06 --out 月报.xlsx 或 minzheng statistics --period 2015 --json"
)
def statistics(
    context: typer.Context,
    period: Annotated[str, typer.Option("--period", help="月报写作 2015-06，年报写作 2015。")] = "",
    division: Division = "440704",
    file: Annotated[Path | None, typer.Option("--out", help="写入的文件，.xlsx 或 .csv。")] = None,
    position: Position = None,
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出。")] = False,
) -> None:
    """社会救助统计月报、年报：按街道和村、社区列出户数、人数、金额，核对合计后写成表格。"""
    if context.invoked_subcommand is not None:
        return
    if not period:
        raise BadInput("请用 --period 给出统计期间，例如 2015-06 或 2015。", "period")
    if file is None and not as_json:
        raise BadInput("请用 --out 给出要写入的文件，或用 --json 输出。", "out")

    async def work(platform: "Platform") -> "Table":
        from api.cli.reading import engine_of
        from api.statistics.asking import Asker
        from api.statistics.table import make_table

        async with engine_of(platform) as engine:
            return await make_table(Asker(engine, division, position), period)

    table = on_platform(work)
    if file is not None:
        from api.statistics.files import write_table

        write_table(table, file)
    if as_json:
        print_json(_as_json(table))
    elif file is not None:
        out.print(f"已写入 {file}：{table.title}，{len(table.lines)} 行，数据截至日志位置 {table.position}。")


@group.command("open-data", epilog="示例：minzheng statistics open-data --year 2015 --out 公开数据.csv")
def open_data(
    year: Annotated[str, typer.Option("--year", help="年份，例如 2015。")],
    file: Annotated[Path, typer.Option("--out", help="写入的文件，.csv 或 .json。")],
    division: Division = "440704",
    position: Position = None,
) -> None:
    """公开数据：按街道和村、社区公布一年的指标，隐去小数值和可据以推算的数据，不含任何个人信息。"""

    async def work(platform: "Platform") -> "OpenData":
        from api.cli.reading import engine_of
        from api.statistics.asking import Asker
        from api.statistics.open_data import make_open_data

        def order(key: str) -> bytes:
            return platform.keyring.digest("open data order", f"{year} {key}")

        source = "江海区民政局统一社会服务信息平台"
        async with engine_of(platform) as engine:
            asker = Asker(engine, division, position)
            return await make_open_data(asker, year, order, platform.settings.now(), source)

    data = on_platform(work)
    from api.statistics.open_data import write_open_data

    write_open_data(data, file)
    hidden = sum(bool(row["suppressed"]) for row in data.rows)
    out.print(f"已写入 {file}：{len(data.rows)} 行，其中隐去 {hidden} 行。")


def _as_json(table: "Table") -> dict[str, object]:
    return {
        "title": table.title,
        "period": table.period,
        "division": table.division,
        "position": table.position,
        "columns": [
            {"group": c.group, "title": c.title, "indicator": c.indicator, "cumulative": c.cumulative}
            for c in table.columns
        ],
        "rows": [
            {
                "divisionCode": line.code,
                "divisionName": line.name,
                "level": line.level,
                "values": [None if v is None else v if isinstance(v, int) else f"{v:.2f}" for v in line.values],
            }
            for line in table.lines
        ],
    }
