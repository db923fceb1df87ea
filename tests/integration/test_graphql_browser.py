"""The GraphiQL page in a real browser: it comes up, knows the schema, answers, and asks no other host for anything.

Runs where Chromium is; continuous integration demands it (`CI=true`), elsewhere the run's summary says that it did
not happen.
"""

import asyncio
import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from api.graphql.page import DEFAULT_QUERY
from tests.fixtures import api
from tests.fixtures.api import Asking, running

ask, district = api.ask, api.district

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)


NOT_RUN = "GraphiQL in a browser: not run, there is no Chromium here"


@pytest.fixture
def browser(record_property: Callable[[str, object], None], capfd: pytest.CaptureFixture[str]) -> str:
    """The browser's path; where there is none, continuous integration fails, and elsewhere it is said aloud."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), "")
    if not found:
        assert os.environ.get("CI") != "true", "continuous integration needs Chromium"
        record_property("not_run", NOT_RUN)
        with capfd.disabled():
            print(f"\n*** {NOT_RUN}", file=sys.stderr)
    return found


async def dump(path: str, url: str, directory: Path) -> tuple[str, set[str]]:
    """The page's DOM once it has settled, and every host that was asked for anything."""
    log = directory / "net.json"
    process = await asyncio.create_subprocess_exec(
        path,
        *FLAGS,
        f"--user-data-dir={directory / 'profile'}",
        f"--log-net-log={log}",
        "--timeout=20000",
        "--virtual-time-budget=15000",
        "--dump-dom",
        url,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        out, _ = await asyncio.wait_for(process.communicate(), 90)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return out.decode(), hosts(log.read_text(encoding="utf-8"))


def hosts(log: str) -> set[str]:
    """Hosts that the page itself asked, by a net log, which may end in the middle.

    The browser's own requests (it calls its maker whatever it is told) have no page as their initiator.
    """
    try:
        events = json.loads(log)["events"]
    except ValueError:
        events = json.loads(log.rstrip().rstrip(",") + "]}")["events"]
    found = set()
    for event in events:
        asked = event.get("params", {})
        if isinstance(asked, dict) and str(asked.get("initiator", "")).startswith("http") and "url" in asked:
            found.add(urlsplit(asked["url"]).netloc)
    return found - {""}


async def test_the_page_comes_up_and_asks_no_other_host(ask: Asking, browser: str, tmp_path: Path) -> None:
    if not browser:
        return
    async with running(ask) as address:
        dom, asked = await dump(browser, f"http://{address}/graphql?query={quote(DEFAULT_QUERY)}", tmp_path)
    assert asked == {address}
    assert "graphiql-container" in dom
    assert "民政平台 GraphQL" in dom
    assert "Overview" in dom
