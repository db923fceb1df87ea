"""What every verb shares: settings, an open platform, output, and one clear line where something goes wrong."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from domain.clock import CHINA
from domain.errors import MinzhengError
from infra.settings import Settings, load_settings

if TYPE_CHECKING:
    from api.platform import Platform

T = TypeVar("T")

FAILED, MISUSED, INTERRUPTED = 1, 2, 130
"""Exit codes beside 0: the work failed, the command line was wrong, Ctrl-C."""

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def on_platform(work: "Callable[[Platform], Awaitable[T]]", settings: Settings | None = None) -> T:
    """Open the platform, do the work on it, close it; the platform's modules are imported only now."""
    from api.platform import open_platform

    async def opened() -> T:
        async with open_platform(settings or load_settings()) as platform:
            return await work(platform)

    return run(opened())


def run(work: Awaitable[T]) -> T:
    """Run to the end on uvloop where it is installed."""

    async def main() -> T:
        return await work

    try:
        import uvloop
    except ImportError:  # pragma: no cover - a platform without uvloop
        return asyncio.run(main())
    return uvloop.run(main())


def stop_on_signals() -> asyncio.Event:
    """An event that Ctrl-C, SIGTERM and a closed terminal set, instead of ending the process on the spot."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


def local(moment: datetime) -> str:
    """A recorded time as people of the district read it."""
    return f"{moment.astimezone(CHINA):%Y-%m-%d %H:%M:%S}"


def print_json(value: Any) -> None:
    """One JSON document on one line of standard output."""
    sys.stdout.write(msgspec.json.encode(value, order="deterministic").decode() + "\n")


def print_rows(titles: Sequence[str], rows: Sequence[Sequence[str]], empty: str) -> None:
    """A table on a terminal, TAB-separated lines elsewhere, or a sentence where there is nothing to show."""
    if not rows:
        out.print(empty)
        return
    if not out.is_terminal:
        sys.stdout.writelines("\t".join(row) + "\n" for row in (titles, *rows))
        return
    table = Table(*titles, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*row)
    out.print(table)


@contextmanager
def counting(title: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on standard error, told (done, total); nothing where that is no terminal."""
    with Progress(console=err, transient=True, disable=not err.is_terminal) as progress:
        task = progress.add_task(title, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def run_app(app: typer.Typer, arguments: Sequence[str]) -> int:
    """Run a command line and return its exit code; `--debug`, anywhere in it, lets a traceback through."""
    debug = "--debug" in arguments
    try:
        code = app([a for a in arguments if a != "--debug"], standalone_mode=False)
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has seen enough; a second error at exit would say nothing more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except Exception as error:
        if debug:
            raise
        message, code = _one_line(error)
        sys.stderr.write(f"minzheng: {message}\n")
        return code
    return code if isinstance(code, int) else 0


def _one_line(error: Exception) -> tuple[str, int]:
    if isinstance(error, MinzhengError):
        return " ".join(str(error).split()), FAILED
    if hasattr(error, "format_message"):  # a fault in the command line itself; typer's classes for it move about
        return f"{error.format_message()} 用法见 --help。", MISUSED
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}：{error.strerror}。", FAILED
    return f"程序内部错误（{type(error).__name__}）；请加 --debug 重新运行并把输出交给维护人员。", FAILED
