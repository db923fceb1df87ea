"""Child processes of one run: started, watched, restarted where they die, and never left behind.

Each child has a pipe for its standard input that its parent never writes to. When the parent ends, however it ends,
the pipe closes and the child ends too (`end_with_parent`).
"""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from domain.errors import Unavailable

_PATIENCE = 15.0
"""Seconds a child has to end once it was asked to."""
_SPAN, _MOST = 60.0, 5
"""A child that dies `_MOST` times within `_SPAN` seconds will not live the next time either."""


@dataclass(slots=True)
class Child:
    """One role and its present process. `once` marks work that is done when it exits with 0."""

    name: str
    arguments: list[str]
    once: bool = False
    deaths: list[float] = field(default_factory=list)
    process: subprocess.Popen[bytes] | None = None
    done: bool = False


class Children:
    """The processes of one run."""

    def __init__(
        self,
        environment: dict[str, str],
        report: Callable[[str], None],
        command: Sequence[str] = (sys.executable, "-m", "api.cli"),
        *,
        debug: bool = False,
    ) -> None:
        self._environment = environment
        self._command = tuple(command)
        self._common = ("--with-parent", "--debug") if debug else ("--with-parent",)
        self._report = report
        self._children: list[Child] = []

    def start(self, name: str, arguments: list[str], *, once: bool = False) -> Child:
        """Start `minzheng ARGUMENTS` as a child."""
        child = Child(name, arguments, once)
        self._children.append(child)
        self._spawn(child)
        return child

    async def watch(self, stop: asyncio.Event) -> None:
        """Until `stop` is set: restart what dies. Raises Unavailable where one keeps dying."""
        while not stop.is_set():
            for child in self._children:
                self._look_after(child)
            try:
                await asyncio.wait_for(stop.wait(), 0.2)
            except TimeoutError:
                continue

    async def end(self) -> None:
        """Ask every child to end and wait for it; whoever does not is killed."""
        alive = [c.process for c in self._children if c.process is not None and c.process.poll() is None]
        for process in alive:
            process.terminate()
        await asyncio.gather(*(asyncio.to_thread(_outlast, process) for process in alive))

    def _look_after(self, child: Child) -> None:
        if child.done or child.process is None or (code := child.process.poll()) is None:
            return
        if child.once and code == 0:
            child.done = True
            _close(child.process)
            return
        _close(child.process)
        now = time.monotonic()
        child.deaths = [*(at for at in child.deaths if now - at < _SPAN), now]
        how = f"被信号 {signal.Signals(-code).name} 终止" if code < 0 else f"退出码 {code}"
        if len(child.deaths) < _MOST:
            self._report(f"“{child.name}”进程意外结束（{how}），正在重新启动。")
            self._spawn(child)
            return
        child.done = True
        if not child.once:
            raise Unavailable(f"“{child.name}”进程一分钟内 {_MOST} 次意外结束（{how}），已停止运行；原因见上面的输出。")
        self._report(f"“{child.name}”多次未能完成（{how}），已放弃；其余服务照常。下次启动时会从中断处继续。")

    def _spawn(self, child: Child) -> None:
        child.process = subprocess.Popen(
            [*self._command, *child.arguments, *self._common],
            stdin=subprocess.PIPE,
            env=self._environment,
            start_new_session=True,  # Ctrl-C is the parent's to handle
        )


def _outlast(process: "subprocess.Popen[bytes]") -> None:
    try:
        process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    _close(process)


def _close(process: "subprocess.Popen[bytes]") -> None:
    """Let go of the pipe of a child that has ended."""
    if process.stdin is not None:
        process.stdin.close()


def end_with_parent() -> None:
    """In a child: ask this process to end as soon as the parent's end of standard input closes."""

    def wait_for_end() -> None:
        while os.read(0, 4096):
            pass
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(_PATIENCE)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=wait_for_end, name="end-with-parent", daemon=True).start()
