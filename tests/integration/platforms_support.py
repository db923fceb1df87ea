"""What tests of platforms share: a receiver by HTTPS, people who die, and what an installation runs for a platform."""

import asyncio
import hashlib
import hmac
import http.server
import json
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any

import httpx

from connectors.database import Tables
from connectors.importer import Importer
from connectors.platforms.declaration import Platform, read_platform
from connectors.platforms.deliveries import Deliveries
from connectors.platforms.delivery import Delivery, follower
from connectors.platforms.https import SIGNATURE
from connectors.platforms.inbox import Inbox
from connectors.platforms.standing import standings
from connectors.platforms.ways import Way
from domain.clock import at
from infra.codec import Envelope
from infra.log import EventLog
from infra.settings import Settings
from infra.store import EventStore
from tests.integration.messages_support import running

KEY = b"agreed upon"
EVENTS = """
events:
  registry.PersonMoved:
    type: 迁移
    fields: {from_division_code: 原区划, to_division_code: 现区划, moved_on: 迁移日期}
    person: {citizen_id: 公民身份号码, name: 姓名}
  registry.DeathConfirmed:
    type: 死亡
    fields: {died_on: 死亡日期}
    person: {citizen_id: 公民身份号码, name: 姓名}
  registry.DeathReversed:
    fields: [corrects_version]
    person: {citizen_id: 公民身份号码, name: 姓名}
"""


def declared(way: str) -> Platform:
    """The population platform by another way: `way` is that part of the declaration."""
    return read_platform(_text(way), "population.yaml")


def _text(way: str) -> str:
    head = 'name: population\ntitle: 人口\ndivision: "440704"\nsource: population\n'
    return f"{head}{way.strip()}\n{EVENTS}"


def installed(folder: Path, way: str) -> Settings:
    """An installation in a folder that uses this platform alone, with its key."""
    (folder / "secrets").mkdir(exist_ok=True)
    (folder / "platforms").mkdir(exist_ok=True)
    (folder / "secrets" / "population.key").write_bytes(KEY + b"\n")
    (folder / "platforms" / "population.yaml").write_text(_text(way), encoding="utf-8")
    return Settings(
        data_dir=folder,
        platforms=str(folder / "platforms"),
        platform_secrets=folder / "secrets",
        platform_files=folder / "exchange",
        today=date(2015, 12, 31),
    )


async def dies(store: EventStore, people: list[Any], day: int = 20) -> None:
    """They die, one after another."""
    for one in people:
        one.report_death(at(date(2015, 12, day)), died_on=date(2015, 12, day), evidence="", confirmed_by="医院")
    await store.save(people, Envelope(actor="导入", source="population", division="440704004"))


class Receiver:
    """A platform's HTTP service on this machine; `answers` are given in turn, then 202 for ever."""

    def __init__(self) -> None:
        self.had: list[tuple[str, dict[str, Any]]] = []
        self.answers: list[int] = []
        self.list = ""
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = receiver.answers.pop(0) if receiver.answers else 202
                if status < 300 or status == 422:
                    receiver.take(dict(self.headers), body)
                self.send_response(status)
                self.send_header("Receipt", f"r-{len(receiver.had)}")
                self._answer("身份证号码与姓名不符" if status == 422 else "")

            def do_GET(self) -> None:
                self.send_response(200)
                self._answer(receiver.list)

            def _answer(self, text: str) -> None:
                self.send_header("Content-Type", "text/plain; charset=utf-8")
                self.send_header("Content-Length", str(len(text.encode())))
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_: Any) -> None:
                """Nobody listens."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/events"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def way(self) -> str:
        """That part of a declaration that leads here."""
        return f"way: https\nurl: {self.url}\nlist: {self.url}"

    def take(self, headers: dict[str, str], body: bytes) -> None:
        """Check the signature as a receiver has to, and keep the message."""
        time, mac = (part.partition("=")[2] for part in headers[SIGNATURE].split(","))
        assert hmac.compare_digest(mac, hmac.new(KEY, f"{time}.".encode() + body, hashlib.sha256).hexdigest())
        self.had.append((headers["Idempotency-Key"], json.loads(body)))

    def close(self) -> None:
        """Be away."""
        self._server.shutdown()
        self._server.server_close()


@asynccontextmanager
async def delivering(store: EventStore, platform: Platform, tables: Tables, way: Way) -> AsyncIterator[None]:
    """What delivers to a platform runs meanwhile."""
    async with running(Delivery(store, platform, tables, way, Inbox(tables, store)).run):
        yield


@asynccontextmanager
async def working(store: EventStore, settings: Settings, importer: Importer) -> AsyncIterator[None]:
    """All that runs for the platforms in use: out, back, and into the log."""
    stop, told = asyncio.Event(), []
    async with httpx.AsyncClient() as client:
        works = Deliveries(store, settings, importer, client, told.append).works(stop)
        running = [asyncio.create_task(work) for work in works]
        try:
            yield
        finally:
            stop.set()
            await asyncio.gather(*running)


async def caught_up(log: EventLog, platform: Platform) -> bool:
    """Whether a platform has been told everything."""
    return await log.place(follower(platform)) == await log.head()


async def failed(log: EventLog, settings: Settings, tables: Tables, times: int = 2) -> bool:
    """Whether the only platform has not answered so often."""
    (state,) = await standings(log, settings, tables)
    return state.failures >= times
