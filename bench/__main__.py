"""`python -m bench [NAME…]`: run the benchmarks and keep their figures as JSON in bench/results/."""

import importlib
import json
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

NAMES = ("append", "tail", "importing", "projections", "graphql", "payroll", "messages", "start")
RESULTS = Path(__file__).parent / "results"


def run(names: list[str]) -> dict[str, Any]:
    """Run the named benchmarks one after another; every one has the machine to itself."""
    figures: dict[str, Any] = {}
    for name in names:
        print(f"\n== {name} ==", flush=True)
        figures[name] = importlib.import_module(f"bench.{name}").main([])
    return figures


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return {
        "commit": commit.stdout.strip(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "measuredAt": datetime.now(UTC).isoformat(timespec="seconds"),
    }


if __name__ == "__main__":
    chosen = sys.argv[1:] or list(NAMES)
    unknown = [name for name in chosen if name not in NAMES]
    if unknown:
        sys.exit(f"Unknown benchmark {unknown[0]!r}; there are: {', '.join(NAMES)}.")
    results = {"machine": machine(), "figures": run(chosen)}
    RESULTS.mkdir(exist_ok=True)
    target = RESULTS / f"{'-'.join(sys.argv[1:]) or 'all'}.json"
    target.write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"\nwritten: {target.relative_to(Path.cwd()) if target.is_relative_to(Path.cwd()) else target}")
