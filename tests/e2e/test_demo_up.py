"""The whole platform as its users start it: serving while it imports, killed at any moment, nothing lost or doubled."""

import csv
import http.client
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from connectors.demo import Dirt, Manifest
from domain.codes import FindingRule

PERSONS = 1_000
SEED_OF_KILLS = 20151231
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
pytestmark = pytest.mark.slow


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def minzheng(data: Path, *arguments: str, check: bool = True) -> "subprocess.CompletedProcess[str]":
    """Run one verb on a data directory."""
    return subprocess.run(
        [sys.executable, "-m", "api.cli", *arguments],
        env={**os.environ, "MINZHENG_DATA_DIR": str(data)},
        capture_output=True,
        text=True,
        check=check,
        timeout=120,
    )


class Up:
    """One run of `minzheng up`."""

    def __init__(self, data: Path, persons: int = PERSONS) -> None:
        self.data, self.port = data, free_port()
        self.said: list[str] = []
        environment = {**os.environ, "PORT": str(self.port), "DATA_DIR": str(data), "PERSONS": str(persons)}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "api.cli", "up"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line.rstrip())

    @property
    def output(self) -> str:
        return "\n".join(self.said)

    def until(self, text: str, seconds: float = 120) -> None:
        """Wait until the run has said this."""
        deadline = time.monotonic() + seconds
        while text not in self.output:
            assert self.process.poll() is None, self.output
            assert "已放弃" not in self.output, self.output
            assert time.monotonic() < deadline, f"“{text}” was not said:\n{self.output}"
            time.sleep(0.05)

    def children(self) -> list[psutil.Process]:
        """Its own children, without the database."""
        found = psutil.Process(self.process.pid).children(recursive=True)
        return [process for process in found if "api.cli" in command_of(process)]

    def kill(self) -> None:
        """End all its processes on the spot, as a power failure would; the database goes on."""
        victims = [*self.children(), psutil.Process(self.process.pid)]
        for victim in victims:
            with suppress(psutil.NoSuchProcess):
                victim.kill()
        psutil.wait_procs(victims, 10)
        self._close()

    def stop(self, ending: signal.Signals = signal.SIGINT) -> int:
        """Ctrl-C, or another way to end it; the exit code."""
        self.process.send_signal(ending)
        code = self.process.wait(60)
        self._close()
        return code

    def _close(self) -> None:
        self.process.wait(10)
        self._listener.join(10)
        assert self.process.stdout is not None
        self.process.stdout.close()

    def ask(self, query: str, **variables: Any) -> Any:
        """The data of a GraphQL query, asked with the printed token."""
        found = re.search(r'"Authorization": "(Bearer [^"]+)"', self.output)
        assert found is not None
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        body = json.dumps({"query": query, "variables": variables})
        headers = {"Authorization": found[1], "Content-Type": "application/json"}
        connection.request("POST", "/graphql", body, headers)
        answer = json.loads(connection.getresponse().read())
        connection.close()
        assert "errors" not in answer, answer
        return answer["data"]


def command_of(process: psutil.Process) -> str:
    """Its command line; empty once it has ended, though nobody may have noticed yet."""
    try:
        return " ".join(process.cmdline())
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return ""


def manifest_of(data: Path) -> Manifest:
    return Manifest.read(data / "demo" / "files")


def events_of(data: Path) -> Counter[tuple[str, str, str, str]]:
    """What the log holds, without what chance or keys decide: ids, ciphertexts."""
    rows = [json.loads(line) for line in minzheng(data, "log", "export").stdout.splitlines()]
    assert [row["position"] for row in rows] == list(range(1, len(rows) + 1))
    found: Counter[tuple[str, str, str, str]] = Counter()
    for row in rows:
        row["payload"].pop("_sealed", None)
        payload = _UUID.sub("*", json.dumps(row["payload"], sort_keys=True))
        found[row["topic"], row["occurred_at"], row["source"], payload] += 1
    return found


def of_files(events: Counter[tuple[str, str, str, str]]) -> Counter[tuple[str, str, str, str]]:
    """What files brought, to the letter.

    What deadlines and rules make of it follows the platform's clock and what is known when they look.
    """
    return Counter({event: times for event, times in events.items() if event[2]})


def findings_of(events: Counter[tuple[str, str, str, str]]) -> Counter[str]:
    """How many findings there are of each rule, whoever found them first."""
    found: Counter[str] = Counter()
    for (topic, _, _, payload), times in events.items():
        if topic == "findings.FindingRaised":
            found[json.loads(payload)["rule"]] += times
    return found


@contextmanager
def folder() -> Iterator[Path]:
    """A data directory outside pytest's own, which every pytest that starts makes private again."""
    directory = Path(tempfile.mkdtemp(prefix="mzup"))
    try:
        yield directory / "data"
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
def data() -> Iterator[Path]:
    with folder() as directory:
        yield directory


@pytest.fixture(scope="module")
def finished() -> Iterator[Up]:
    """A run that has imported the whole district and still serves."""
    with folder() as directory:
        run = Up(directory)
        try:
            run.until("演示区已导入", 300)
            minzheng(directory, "process", "--once")
            yield run
        finally:
            if run.process.poll() is None:
                run.stop()


def test_serves_before_the_import_is_done(finished: Up) -> None:
    order = [finished.output.index(text) for text in ("已就绪", "正在导入演示区", "[1/", "演示区已导入")]
    assert order == sorted(order)


def test_answers_for_a_person(finished: Up) -> None:
    folder = finished.data / "demo" / "files"
    with (folder / "人口_江南街道_20151201.csv").open(encoding="gb18030", newline="") as file:
        head = next(row for row in csv.DictReader(file) if row["与户主关系"] == "户主")
    query = """query($id: String!) { person(citizenId: $id) { name birthOn
        memberships { relation household { householdNo } } timeline(first: 5) { nodes { title source } } } }"""
    person = finished.ask(query, id=head["公民身份号码"].strip())["person"]
    assert person["name"] == head["姓名"]
    assert person["birthOn"] == head["出生日期"]
    assert head["户号"] in [each["household"]["householdNo"] for each in person["memberships"]]
    assert "登记人员" in [entry["title"] for entry in person["timeline"]["nodes"]]


def test_the_import_found_what_was_planted(finished: Up) -> None:
    manifest = manifest_of(finished.data)
    dirt, totals = Counter(manifest.dirt), manifest.totals
    counts = finished.ask(
        """{ persons(first: 1) { totalCount } cases(first: 1) { totalCount } payments(first: 1) { totalCount }
        quarantine(first: 1) { totalCount } findings(first: 1000) { nodes { rule } } }"""
    )
    assert counts["persons"]["totalCount"] == totals["persons"]
    assert counts["cases"]["totalCount"] == totals["cases"] + totals["temporary_times"]
    paid = totals["payments"] + totals["temporary_times"] + dirt[Dirt.PAID_TWICE]
    assert counts["payments"]["totalCount"] == paid
    kinds = (
        Dirt.WRONG_CHECK_DIGIT, Dirt.IMPOSSIBLE_DATE, Dirt.UNKNOWN_CODE, Dirt.MISSING_CELL, Dirt.STREET_MISSING,
        Dirt.OTHER_NAME, Dirt.UNKNOWN_CASE,
    )  # fmt: skip
    waiting = sum(each.quarantined + each.early for each in manifest.expected.values())  # those that entered included
    assert counts["quarantine"]["totalCount"] == sum(dirt[kind] for kind in kinds) + waiting
    others = Counter({FindingRule(rule).name: count for rule, count in manifest.findings.items()})
    assert Counter(node["rule"] for node in counts["findings"]["nodes"]) == others + Counter(
        {
            "PAID_AFTER_DEATH": dirt[Dirt.PAID_AFTER_DEATH],
            "AMOUNT_OFF_RULE": dirt[Dirt.AMOUNT_OFF_RULE],
            "AMOUNT_DIFFERS": dirt[Dirt.PAYMENT_DIFFERS] + dirt[Dirt.CORRECTED_PAYMENT],
            "PAID_TWICE": dirt[Dirt.PAID_TWICE],
            "EXCLUSIVE_SCHEMES": dirt[Dirt.EXCLUSIVE_SCHEMES],
            "SERVICE_WHILE_AWAY": dirt[Dirt.SERVICE_IN_HOSPITAL],  # no feed sees it: a rule across systems does
        }
    )


def test_the_readme_s_queries_answer_as_they_stand_there(finished: Up) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    me, paying, person, past, findings = re.findall(r"```graphql\n(.*?)```", readme, re.S)
    assert finished.ask(me)["me"]["roleLabel"] == "区级经办人员"
    case = finished.ask(paying.replace("440704004", "440704"))["cases"]["nodes"][0]
    who = finished.ask(person, id=case["applicant"]["id"])["person"]
    theirs = next(each["case"] for each in who["cases"] if each["case"]["caseNo"] == case["caseNo"])
    assert who["name"] == case["applicant"]["name"]
    assert who["memberships"]
    assert theirs["payments"]["nodes"]
    titles = [entry["title"] for entry in who["timeline"]["nodes"]]
    assert {"登记人员", "申请救助", "确认救助"} <= set(titles)
    then = finished.ask(past, id=case["applicant"]["id"], then="2015-12-31T00:00:00+08:00")
    assert then["known"] is None  # nothing had been recorded yet
    assert then["true"]["division"]["name"]
    assert finished.ask(findings)["findings"]["totalCount"] > 0
    told = minzheng(finished.data, "case", "replay", theirs["id"]).stdout
    for payment in theirs["payments"]["nodes"]:
        assert f"{payment['amountFen'] // 100}元" in told
    assert set(titles) - {"登记人员", "加入家庭", "变更个人信息", "发放"} <= {t for t in titles if t in told}


def test_a_case_is_told_from_the_log(finished: Up) -> None:
    case_no = finished.ask("{ cases(first: 1, filter: {scheme: [DIBAO]}) { nodes { caseNo } } }")["cases"]["nodes"]
    told = minzheng(finished.data, "case", "replay", case_no[0]["caseNo"]).stdout
    for word in (
        "申请救助",
        "确认救助",
        "按规则复核：",
        "（与核定金额一致）",
        "采用参数：dibao.standard",
        "逐月发放",
        "来源：assistance",
    ):
        assert word in told
    assert minzheng(finished.data, "case", "replay", "X1", check=False).returncode == 1
    before = minzheng(finished.data, "case", "replay", case_no[0]["caseNo"], "--as-of", "2016-01-01", check=False)
    assert before.returncode == 1
    assert before.stderr.count("\n") == 1


def test_views_equal_a_rebuild_and_the_same_files_bring_nothing_new(finished: Up) -> None:
    assert minzheng(finished.data, "projections", "verify").returncode == 0
    head = json.loads(minzheng(finished.data, "log", "head", "--json").stdout)["position"]
    files = finished.data / "demo" / "files"
    again = minzheng(
        finished.data, "import", "--source", "population", "--json", "--export-date", "2015-12-01",
        str(files / "人口_外海街道社区_20151201.csv"),
    )  # fmt: skip
    report = json.loads(again.stdout)
    assert (report["recorded"], report["events"]) == (0, 0)
    assert json.loads(minzheng(finished.data, "log", "head", "--json").stdout)["position"] == head


def test_a_killed_child_is_replaced_while_the_others_serve(finished: Up) -> None:
    projecting = next(child for child in finished.children() if "project" in command_of(child))
    projecting.kill()
    finished.until("“读模型”进程意外结束")
    assert finished.ask("{ me { name } }")["me"]["name"]
    deadline = time.monotonic() + 20
    while not any("project" in command_of(child) for child in finished.children()):
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.timeout(600)
def test_killed_at_random_moments_it_ends_with_the_same_log_and_views(finished: Up, data: Path) -> None:
    # The same key gives cases the same ids, and so the same order where cases are gone through by id.
    data.mkdir()
    shutil.copy2(finished.data / "master.key", data / "master.key")
    chance = random.Random(SEED_OF_KILLS)
    kills = 0
    for first in ("正在启动", "民政平台已就绪", "正在导入演示区", "[3/", "[8/"):
        run = Up(data)
        run.until(first)
        time.sleep(chance.uniform(0.0, 0.4))
        run.kill()
        kills += 1
        if (data / "demo" / "imported").exists():
            break
    assert kills >= 4, "killed too late to show anything"
    run = Up(data)
    try:
        run.until("民政平台已就绪")
        if not (data / "demo" / "imported").exists():
            run.until("演示区已导入", 300)
        minzheng(data, "process", "--once")
        here, there = events_of(data), events_of(finished.data)
        assert of_files(here) == of_files(there)
        assert findings_of(here) == findings_of(there)
        assert minzheng(data, "projections", "verify").returncode == 0
    finally:
        code = run.stop()
    assert code == 0
    assert "已停止" in run.output
    assert not (data / "postgres" / "postmaster.pid").exists(), "the database goes on though nobody uses it"


def test_one_clear_line_where_the_port_is_taken(data: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = minzheng(data, "up", "--port", str(port), check=False)
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"minzheng: 端口 {port}")
    assert refused.stderr.count("\n") == 1
    assert not data.exists()


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGHUP], ids=["Ctrl-C", "terminal closed"])
def test_stopping_leaves_nothing_behind(data: Path, ending: signal.Signals) -> None:
    run = Up(data)
    run.until("正在导入演示区")
    family = psutil.Process(run.process.pid).children(recursive=True)
    postmaster = psutil.Process(int((data / "postgres" / "postmaster.pid").read_text().split()[0]))
    assert command_of(postmaster)
    assert run.stop(ending) == 0
    assert not any(command_of(process) for process in [*family, postmaster])
