"""`make run` from a fresh clone with a warm package cache: seconds until it serves, and until the demo is imported.

Clones the repository into an empty folder, runs `make run` there on a free port and asks like a user would: /readyz
for serving, and the log's and the projections' positions standing still behind the import's last line for imported.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
IMPORTED = re.compile(r"演示区已导入")
_LIMIT = 600.0


def main(argv: list[str]) -> dict[str, Any]:
    """Run once with 20,000 persons (or the number given); prints and returns the seconds."""
    persons = int(argv[0]) if argv else 20_000
    folder = Path(tempfile.mkdtemp(prefix="mzstart"))
    clone = folder / "minzheng"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    try:
        figures = _measure(clone, persons)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{'persons':>10} {'serving s':>10} {'imported s':>11}")
    print(f"{persons:>10} {figures['servingSeconds']:>10} {figures['importedSeconds']:>11}")
    return figures


def _measure(clone: Path, persons: int) -> dict[str, Any]:
    port = _free_port()
    output = clone.parent / "output.txt"
    environ = {k: v for k, v in os.environ.items() if not k.startswith("MINZHENG_")}
    environ |= {"PORT": str(port), "PERSONS": str(persons), "DATA_DIR": str(clone.parent / "data")}
    begun = time.monotonic()
    with output.open("w") as file:
        process = subprocess.Popen(
            ["make", "run"], cwd=clone, env=environ, stdout=file, stderr=file, start_new_session=True
        )
    try:
        serving = _until(lambda: _ready(port), process, output, begun)
        imported = _until(lambda: bool(IMPORTED.search(output.read_text())), process, output, begun)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(60)
    return {"persons": persons, "servingSeconds": serving, "importedSeconds": imported}


def _until(done: Any, process: "subprocess.Popen[bytes]", output: Path, begun: float) -> float:
    while not done():
        elapsed = time.monotonic() - begun
        if process.poll() is not None or elapsed > _LIMIT:
            raise SystemExit(f"make run did not get there in {elapsed:.0f} s:\n{output.read_text()[-2000:]}")
        time.sleep(0.2)
    return round(time.monotonic() - begun, 1)


def _ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
