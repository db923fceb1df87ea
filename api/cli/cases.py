"""`minzheng case`: a case told step by step from the log alone."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from api.cli.base import on_platform, out
from domain.clock import CHINA
from domain.errors import BadInput, NotFound

if TYPE_CHECKING:
    from api.cli.replay import Told
    from api.platform import Platform
    from infra.log import LogEvent

group = typer.Typer(help="救助个案。", no_args_is_help=True)
_BATCH = 1_000


def add_to(app: typer.Typer) -> None:
    """Put the group into the command line."""
    app.add_typer(group, name="case")


@group.command(
    epilog="示例：minzheng case replay C440704001201100001 或 minzheng case replay <个案标识> --as-of 2015-12-31T12:00"
)
def replay(
    case: Annotated[str, typer.Argument(metavar="ID", help="个案标识（UUID）或低保证号、救助证编号、临时救助编号。")],
    as_of: Annotated[str, typer.Option("--as-of", help="只看当时已记录的事件，例如 2026-01-31T09:00。")] = "",
) -> None:
    """从事件日志逐步重现一个个案：何时、发生何事、由谁、依据哪项规则和参数、金额如何得出。"""
    moment = _moment(as_of) if as_of else None

    async def work(platform: "Platform") -> "list[Told]":
        from api.cli.replay import tell
        from infra.parameters import CurrentParameters

        case_id = await _case_id(platform, case.strip())
        upto = await platform.log.position_at(moment) if moment else await platform.log.head()
        rows = await _tagged(platform, f"case:{case_id}", upto)
        if not any(row.stream_id == case_id for row in rows):
            raise NotFound(f"日志中没有个案“{case[:40]}”{'在该时刻以前的记录' if moment else ''}；请核对标识。")
        return tell(rows, case_id, platform.codec, await CurrentParameters(platform.store).get())

    for number, step in enumerate(on_platform(work), 1):
        out.print(f"{number}. {step.when}  {step.title}", style="bold")
        for line in step.lines:
            out.print(f"   {line}")


async def _case_id(platform: "Platform", given: str) -> UUID:
    try:
        return UUID(given)
    except ValueError:
        pass
    from connectors.assistance import SOURCE, case_id
    from connectors.world import World

    world = World(platform.store)
    grant = world.derive("case", SOURCE, "grant", given)
    return grant if await platform.log.stream(grant) else case_id(world, given)


async def _tagged(platform: "Platform", tag: str, upto: int) -> "list[LogEvent]":
    rows: list[LogEvent] = []
    after = 0
    while batch := await platform.log.tagged(tag, after, _BATCH):
        rows.extend(row for row in batch if row.position <= upto)
        after = batch[-1].position
        if len(batch) < _BATCH or after >= upto:
            break
    return rows


def _moment(text: str) -> datetime:
    """A time as people write it, +08:00 where it names no zone; a day means its end."""
    try:
        if len(text) == 10:
            day = date.fromisoformat(text)
            return datetime(day.year, day.month, day.day, 23, 59, 59, 999_999, CHINA)
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(f"时间“{text[:30]}”应写作 2015-12-31 或 2015-12-31T09:00。", "as-of") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=CHINA)
