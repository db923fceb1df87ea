"""All verbs together."""

import typer

from api.cli import (
    cases,
    demo,
    doctor,
    files,
    log,
    papers,
    payrolls,
    platforms,
    rights,
    running,
    sample,
    simulate,
    statistics,
    sync,
    token,
    views,
    worklists,
)

app = typer.Typer(
    name="minzheng",
    help="民政：区级统一社会服务信息平台。各命令的示例见“minzheng 命令 --help”。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def _main(debug: bool = typer.Option(False, "--debug", help="出错时显示完整的调用栈。")) -> None:
    """Stands before every verb; `--debug` is taken out of the command line before it gets here."""


for module in (
    *(running, sync, platforms, files, demo, token, log, views, cases, papers, payrolls),
    *(worklists, statistics, simulate, sample, rights, doctor),
):
    module.add_to(app)
