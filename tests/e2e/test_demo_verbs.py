"""The verbs of an installation with a database of its own: migrate, import, project, and working through what waits."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from connectors.demo import Dirt, Manifest, generate

pytestmark = pytest.mark.slow
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def environment(admin_url: str, tmp_path: Path) -> dict[str, str]:
    """What an administrator sets: a database, a folder for the keys, the demo's business date."""
    return {
        **os.environ,
        "MINZHENG_DATABASE_URL": admin_url,
        "MINZHENG_DATA_DIR": str(tmp_path / "data"),
        "MINZHENG_TODAY": "2015-12-31",
    }


@pytest.fixture
def minzheng(environment: dict[str, str]) -> Run:
    """Runs one verb."""

    def run(*arguments: str, code: int = 0) -> "subprocess.CompletedProcess[str]":
        done = subprocess.run(
            [sys.executable, "-m", "api.cli", *arguments], env=environment, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done

    return run


@pytest.fixture
def district(tmp_path: Path) -> tuple[Path, Manifest]:
    folder = tmp_path / "district"
    return folder, generate(folder, 600, 3)


@contextmanager
def projecting(environment: dict[str, str]) -> Iterator[None]:
    process = subprocess.Popen([sys.executable, "-m", "api.cli", "project"], env=environment)
    try:
        yield
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0


def until_projected(minzheng: Run) -> None:
    deadline = time.monotonic() + 60
    while True:
        status = json.loads(minzheng("projections", "status", "--json").stdout)
        lags = [each["lag"] for each in status["projections"].values()]
        if len(lags) >= 4 and not any(lags):
            return
        assert time.monotonic() < deadline, status
        time.sleep(0.2)


def imported(minzheng: Run, folder: Path, file: str, source: str, *more: str) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(
        minzheng("import", "--source", source, "--json", *more, str(folder / file)).stdout
    )
    return report


def test_from_files_to_lists_and_back_again(
    minzheng: Run, environment: dict[str, str], district: tuple[Path, Manifest]
) -> None:
    folder, manifest = district
    assert "最新" in minzheng("migrate").stdout
    persons = [file for file in manifest.files if file.content == "persons" and "_20151201" in file.path]

    # A rehearsal decides everything and records nothing.
    before = json.loads(minzheng("log", "head", "--json").stdout)["position"]
    rehearsed = imported(minzheng, folder, persons[0].path, "population", "--dry-run")
    assert rehearsed["dryRun"] is True
    assert json.loads(minzheng("log", "head", "--json").stdout)["position"] == before

    # The import does what the rehearsal said; again it records nothing.
    first = imported(minzheng, folder, persons[0].path, "population")
    assert {key: first[key] for key in ("read", "recorded", "duplicates", "quarantined", "events")} == {
        key: rehearsed[key] for key in ("read", "recorded", "duplicates", "quarantined", "events")
    }
    assert first["read"] == persons[0].rows == first["recorded"] + first["duplicates"] + first["quarantined"]
    again = imported(minzheng, folder, persons[0].path, "population")
    assert (again["recorded"], again["events"]) == (0, 0)
    for file in persons[1:]:
        imported(minzheng, folder, file.path, "population")

    with projecting(environment):
        until_projected(minzheng)
        waiting = json.loads(minzheng("quarantine", "list", "--json").stdout)
        planted = (Dirt.WRONG_CHECK_DIGIT, Dirt.UNKNOWN_CODE, Dirt.OTHER_NAME)
        assert len(waiting) >= sum(manifest.dirt[kind] for kind in planted)
        assert minzheng("quarantine", "list").stdout.count("\n") == len(waiting) + 1

        # A clerk corrects one row; a plain retry leaves the others waiting.
        nameless = next(row for row in waiting if row["reason"] == "missing")
        mended = minzheng("quarantine", "retry", nameless["id"], "--set", "姓名=拟补名", "--json").stdout
        assert json.loads(mended)["recorded"] == 1
        rest = json.loads(minzheng("quarantine", "retry", "--json").stdout)
        assert (rest["recorded"], rest["waiting"]) == (0, len(waiting) - 1)
        assert len(json.loads(minzheng("quarantine", "list", "--json").stdout)) == len(waiting) - 1

        until_projected(minzheng)
        assert json.loads(minzheng("findings", "list", "--json").stdout) == []
        checks = json.loads(minzheng("doctor", "--json").stdout)
        assert {check["health"] for check in checks} == {"ok"}
        assert environment["MINZHENG_DATABASE_URL"] not in json.dumps(checks)
        minzheng("projections", "rebuild", "registry")
        minzheng("projections", "verify")


def test_mistakes_are_said_in_one_line(minzheng: Run, tmp_path: Path) -> None:
    minzheng("migrate")
    (tmp_path / "letter.csv").write_text("Sehr geehrte Damen und Herren\n")
    for arguments in (
        ("import", "--source", "population", str(tmp_path / "letter.csv")),
        ("import", "--source", "population", str(tmp_path / "nowhere.csv")),
        ("import", "--source", "martians", str(tmp_path / "letter.csv")),
        ("quarantine", "retry", "--set", "姓名=x"),
        ("projections", "verify"),
    ):
        failed = minzheng(*arguments, code=1)
        assert failed.stderr.startswith("minzheng: "), failed.stderr
        assert failed.stderr.count("\n") == 1


def test_an_unreachable_database_is_one_line(environment: dict[str, str], minzheng: Run) -> None:
    environment["MINZHENG_DATABASE_URL"] = "postgresql://nobody:secret@127.0.0.1:1/none"
    for verb in (("log", "head"), ("doctor",)):
        failed = minzheng(*verb, code=1)
        assert failed.stderr.count("\n") == 1
        assert "secret" not in failed.stderr + failed.stdout
