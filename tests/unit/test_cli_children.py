"""Child processes: restarted when they die, given up when they keep dying, never left behind."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from api.cli.children import Child, Children
from domain.errors import Unavailable

_SLEEP = "import time; time.sleep(60)"


def children(code: str, said: list[str]) -> Children:
    """Children that run a line of Python instead of a verb."""
    return Children(dict(os.environ), said.append, (sys.executable, "-c", code))


def process_of(child: Child) -> "subprocess.Popen[bytes]":
    assert child.process is not None
    return child.process


async def until(what: object, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not what():  # type: ignore[operator]
        assert time.monotonic() < deadline, "took too long"
        await asyncio.sleep(0.05)


async def test_a_killed_child_is_reported_and_started_again() -> None:
    said: list[str] = []
    family = children(_SLEEP, said)
    child = family.start("读模型", [])
    stop = asyncio.Event()
    watching = asyncio.create_task(family.watch(stop))
    first = process_of(child).pid
    process_of(child).kill()
    await until(lambda: process_of(child).pid != first)
    assert said == ["“读模型”进程意外结束（被信号 SIGKILL 终止），正在重新启动。"]
    stop.set()
    await watching
    await family.end()
    assert process_of(child).returncode == -signal.SIGTERM


async def test_a_child_that_keeps_dying_ends_the_run() -> None:
    said: list[str] = []
    family = children("raise SystemExit(3)", said)
    family.start("API", [])
    with pytest.raises(Unavailable, match=r"API.*退出码 3"):
        await asyncio.wait_for(family.watch(asyncio.Event()), 30)
    assert len(said) == 4


async def test_work_done_once_is_not_started_again(tmp_path: Path) -> None:
    said: list[str] = []
    family = children(f"open({str(tmp_path / 'ran')!r}, 'a').write('x')", said)
    child = family.start("导入", [], once=True)
    stop = asyncio.Event()
    watching = asyncio.create_task(family.watch(stop))
    await until(lambda: child.done)
    await asyncio.sleep(0.5)
    stop.set()
    await watching
    assert (tmp_path / "ran").read_text() == "x"
    assert said == []


async def test_work_that_never_succeeds_is_given_up_while_the_rest_goes_on() -> None:
    said: list[str] = []
    family = children("raise SystemExit(1)", said)
    child = family.start("导入", [], once=True)
    stop = asyncio.Event()
    watching = asyncio.create_task(family.watch(stop))
    await until(lambda: child.done, 30)
    assert not watching.done()
    assert "已放弃" in said[-1]
    stop.set()
    await watching


async def test_a_deaf_child_is_killed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("api.cli.children._PATIENCE", 0.5)
    ready = tmp_path / "ready"
    family = children(
        f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); open({str(ready)!r}, 'w'); {_SLEEP}", []
    )
    child = family.start("API", [])
    await until(ready.exists)
    await family.end()
    assert process_of(child).returncode == -signal.SIGKILL


def test_a_child_ends_with_its_parent() -> None:
    code = f"from api.cli.children import end_with_parent; end_with_parent(); print(flush=True); {_SLEEP}"
    process = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdout.readline()
    assert process.poll() is None
    process.stdin.close()
    assert process.wait(10) == -signal.SIGTERM
    process.stdout.close()
