"""`make run KAFKA=local` as its users see it: a message enters a source topic and leaves on the public one."""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.e2e.test_demo_up import free_port
from tests.files.make import person
from tests.fixtures.kafka import Topics

pytestmark = pytest.mark.slow


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="mz", ignore_cleanup_errors=True) as name:
        yield Path(name)


def broker_of(up: "subprocess.Popen[bytes]", log: Path) -> str:
    """The address of the broker that this run has started, once it says so."""
    deadline = time.monotonic() + 90
    while (found := re.search(r"Kafka +(127\.0\.0\.1:\d+)", log.read_text())) is None:
        assert up.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.2)
    return found[1]


def sync_status(port: int, token: str) -> dict[str, Any]:
    """How messages stand, by GraphQL."""
    question = b'{"query": "{ syncStatus { sources { source lag gap } platforms { name lag } } }"}'
    headers = {"content-type": "application/json", "authorization": f"Bearer {token}"}
    asked = urllib.request.Request(f"http://127.0.0.1:{port}/graphql", question, headers)
    with urllib.request.urlopen(asked, timeout=30) as answer:
        return dict(json.load(answer)["data"]["syncStatus"])


def test_a_message_comes_in_and_goes_out(kafka: Topics, folder: Path) -> None:
    """`kafka` says whether a broker can be had; this run starts its own."""
    port, log = free_port(), folder / "up.log"
    own = {
        "MINZHENG_DATA_DIR": str(folder / "data"),
        "MINZHENG_TODAY": "2015-12-31",
        "MINZHENG_PLATFORMS": "population",
    }
    environ = {**os.environ, **own}
    with log.open("w") as output:
        up = subprocess.Popen(
            [sys.executable, "-m", "api.cli", "up"],
            env={**environ, "KAFKA": "local", "PORT": str(port), "DATA_DIR": str(folder / "data"), "DEMO": "0"},
            stdout=output,
            stderr=output,
        )

    def verb(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "api.cli", *arguments], env=environ, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout

    try:
        environ["MINZHENG_KAFKA"] = broker_of(up, log)
        listed = verb("topics")
        assert all(name in listed for name in ("minzheng.source.grid.v1", "minzheng.public.care.v1"))
        assert "minzheng.out.population.v1" in listed
        sent = verb("message", "send", "population", "persons", json.dumps(person(1), ensure_ascii=False))
        assert "minzheng.source.population.v1" in sent
        lines: list[str] = []
        deadline = time.monotonic() + 60
        while len(lines) < 3 and time.monotonic() < deadline:
            lines = [
                line
                for line in verb("message", "read", "registry", "--last", "3").splitlines()
                if "Household" in line or "PersonRegistered" in line or "MemberJoined" in line
            ]
        types = [json.loads(line)["type"].split(".")[-2] for line in lines]
        assert types == ["PersonRegistered", "HouseholdFormed", "MemberJoined"], log.read_text()
        assert person(1)["姓名"] not in "".join(lines)
        checked = verb("doctor")
        assert "消息接入" in checked
        assert "0 条未接入" in checked
        assert re.search(r"消息发送 0/1 +日志位置 \d+，落后 0", checked), checked
        assert verb("platform", "list").splitlines()[1].startswith("population\tkafka\t")
        status = sync_status(port, verb("token", "--role", "administrator", "--division", "440704").strip())
        assert {"source": "population", "lag": 0, "gap": False} in status["sources"]
        assert [platform["name"] for platform in status["platforms"]] == ["population"]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/asyncapi.json", timeout=10) as answer:
            assert json.load(answer)["asyncapi"] == "3.0.0"
    finally:
        family = psutil.Process(up.pid).children(recursive=True)
        up.terminate()
        assert up.wait(60) == 0, log.read_text()
    _, alive = psutil.wait_procs(family, timeout=20)
    assert not alive, "the broker goes with it"
