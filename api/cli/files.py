"""`minzheng import`: files of source systems into the log."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from api.cli.base import err, on_platform, out, print_json
from domain.errors import BadInput

if TYPE_CHECKING:
    from api.platform import Platform
    from connectors.importer import Importer, Options, Report, Seen

_SHOWN_FAULTS = 12


def add_to(app: typer.Typer) -> None:
    """Put the verb into the command line."""
    app.command("import", epilog="示例：minzheng import --source population 人口_20151201.csv 死亡名单.xlsx")(
        import_files
    )


def import_files(
    files: Annotated[list[Path], typer.Argument(help="CSV、XLSX、XLS 或 JSON 行文件，按次序导入。", metavar="FILE…")],
    source: Annotated[
        str,
        typer.Option(
            "--source", help="来源系统：population（人口）、assistance（社会救助）等；不认识的名称会列出全部。"
        ),
    ],
    mapping: Annotated[Path | None, typer.Option("--mapping", help="本单位的映射文件（YAML）。")] = None,
    export_date: Annotated[str, typer.Option("--export-date", help="导出日期；不给则取自文件名，否则为今天。")] = "",
    sheet: Annotated[str, typer.Option("--sheet", help="工作表名称；不给则自动选择。")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只试算，不写入任何内容。")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出，每个文件一行。")] = False,
) -> None:
    """导入来源系统的文件；同一文件再次导入不会重复记录，中断后再次导入从中断处继续。"""
    export_on = _day(export_date) if export_date else None

    async def work(platform: "Platform") -> None:
        from connectors.importer import Options, opened_importer

        options = Options(mapping=mapping, export_on=export_on, sheet=sheet, dry_run=dry_run)
        async with opened_importer(platform.log, platform.databases.url, platform.settings) as importer:
            for path in files:
                report = await import_one(importer, path, source, options, described=not as_json)
                if as_json:
                    print_json(report.as_json())
                else:
                    _show(report)

    on_platform(work)


async def import_one(
    importer: "Importer", path: Path, source: str, options: "Options", *, described: bool = True
) -> "Report":
    """Import one file with a progress bar on a terminal; `described` says first what the file was taken for."""
    with bar(path.name) as watch:
        return await importer.import_file(
            path,
            source,
            options,
            progress=watch,
            described=(lambda found, day: err.print(f"{path.name}：{found.kind_title}，{found.format}，导出日期 {day}"))
            if described
            else None,
        )


@contextmanager
def bar(name: str) -> "Iterator[Callable[[Seen], None]]":
    """A bar for one file: share done, rows, what became of them."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[counts]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as progress:
        task = progress.add_task(name, total=1.0, counts="")

        def watch(seen: "Seen") -> None:
            counts = seen.counts
            told = f"{seen.row} 行，记录 {counts.recorded}，重复 {counts.duplicates}，待处理 {counts.quarantined}"
            progress.update(task, completed=seen.done, counts=told)

        yield watch


def summary(report: "Report") -> str:
    """What has become of a file, in one line."""
    counts = report.counts
    parts = [f"读取 {counts.read} 行", f"记录 {counts.recorded}", f"重复 {counts.duplicates}"]
    if counts.outdated:
        parts.append(f"（其中过时 {counts.outdated}）")
    parts.append(f"待处理 {counts.quarantined}")
    if counts.findings:
        parts.append(f"疑点 {counts.findings}")
    if counts.mended:
        parts.append(f"更正了待处理 {counts.mended}")
    if report.entered:
        parts.append(f"先到的记录随之入库 {report.entered}")
    return "，".join(parts)


def _show(report: "Report") -> None:
    mode = "（试算，未写入）" if report.dry_run else "（从中断处继续）" if report.resumed else ""
    out.print(f"{Path(report.path).name}{mode}：{summary(report)}")
    for kind, count in report.skipped.items():
        out.print(f"  略过 {kind} {count} 行")
    if report.unused_columns:
        out.print(f"  未使用的列：{'、'.join(report.unused_columns)}")
    worst = sorted(report.faults.items(), key=lambda pair: -pair[1])
    for (reason, columns), count in worst[:_SHOWN_FAULTS]:
        out.print(f"  待处理 {count} 行：{reason}{f'（{columns}）' if columns else ''}")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput(f"导出日期“{text[:20]}”应写作 2015-12-31。", "export-date") from None
