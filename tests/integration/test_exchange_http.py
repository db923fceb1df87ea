"""What platforms send to us over HTTP and ask of us, signed; and how the exchange stands, in GraphQL."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.app import Service, create_app
from api.graphql.engine import Caller, Request
from api.platform import Databases, Platform
from connectors.database import Tables
from connectors.platforms.https import SIGNATURE, signature
from connectors.platforms.inbox import Inbox
from connectors.platforms.standing import set_paused
from domain.access import Actor, RoleCode
from domain.clock import CHINA
from infra.codec import EventCodec
from infra.dispatch import Dispatcher
from infra.keys import KeyRing, open_master_key
from infra.log import PostgresLog
from infra.settings import Settings
from infra.store import EventStore
from tests.fixtures.api import migrate_reads
from tests.integration.messages_support import people
from tests.integration.platforms_support import KEY, installed

ANSWER = {
    "specversion": "1.0",
    "id": "a1",
    "source": "/population",
    "type": "cn.example.answers.v1",
    "data": {"消息标识": "x@1", "处理结果": "退回", "说明": "查无此人"},
}


class Desk:
    """The service with one platform, and the platform's own side of it."""

    def __init__(self, service: Service, http: httpx.AsyncClient, platform: Platform, tables: Tables) -> None:
        self.service = service
        self.http = http
        self.platform = platform
        self.tables = tables
        self.inbox = Inbox(tables, platform.store)

    async def post(self, body: bytes, *, key: bytes = KEY, name: str = "population", **headers: str) -> httpx.Response:
        """What the platform posts, signed."""
        at = int(datetime.now(UTC).timestamp())
        signed = {SIGNATURE: signature(key, at, body), **headers}
        return await self.http.post(f"/platforms/{name}/back", content=body, headers=signed)

    async def day(self, day: str, *, signed: str = "") -> httpx.Response:
        """What the platform asks of a day."""
        at = int(datetime.now(UTC).timestamp())
        headers = {SIGNATURE: signature(KEY, at, (signed or day).encode())}
        return await self.http.get(f"/platforms/population/days/{day}", headers=headers)

    async def status(self, role: str = "district_clerk") -> Any:
        """The exchange as GraphQL tells it."""
        query = """{ syncStatus { sources { source } relays { shard position lag }
            platforms { name title way divisionCode position lag state failures error retryAt refused waiting
                checkedOn differences } } }"""
        by = Actor("someone", RoleCode(role), "440704", "civil_affairs")
        answer = await self.service.running().answer(Request(query, {}), Caller.of(by))
        body = json.loads(answer.body)
        assert "errors" not in body
        return body["data"]["syncStatus"]


@pytest.fixture
async def desk(
    log: PostgresLog, tables: Tables, database_url: str, admin_url: str, tmp_path: Path
) -> AsyncIterator[Desk]:
    await migrate_reads(admin_url)
    way = "way: https\nurl: https://platform.invalid/events"
    settings: Settings = installed(tmp_path, way).model_copy(update={"database_url": database_url})
    keyring = KeyRing(log, open_master_key(settings))
    codec = EventCodec(keyring)
    store = EventStore(log, codec, keyring)
    platform = Platform(
        settings, Databases(database_url, admin_url), log, keyring, codec, store, Dispatcher(store, settings.now)
    )
    service = create_app(platform, connections=2)
    async with service.router.lifespan_context(service):
        transport = httpx.ASGITransport(service)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
            yield Desk(service, http, platform, tables)


async def test_what_a_platform_posts_is_kept_once_with_a_receipt(desk: Desk) -> None:
    body = json.dumps(ANSWER, ensure_ascii=False).encode()
    first, again = await desk.post(body), await desk.post(body)
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json() == {"receipt": "population/0", "new": True}
    assert again.json() == {"receipt": "population/0", "new": False}
    assert first.headers["receipt"] == "population/0"
    (kept,) = await desk.inbox.read("population", 0, 10)
    assert kept.said is not None
    assert kept.said.cells == ("x@1", "退回", "查无此人")
    binary = json.dumps(ANSWER["data"]).encode()
    headers = {"ce-specversion": "1.0", "ce-id": "b2", "ce-source": "/population", "ce-type": "cn.example.answers.v1"}
    assert (await desk.post(binary, **headers, **{"content-type": "application/json"})).json()["new"]


@pytest.mark.parametrize(
    ("change", "status"),
    [({"key": b"other"}, 401), ({"name": "moon"}, 401), ({"Minzheng-Signature": "t=1,v1=00"}, 401)],
)
async def test_whoever_did_not_sign_learns_nothing(desk: Desk, change: dict[str, Any], status: int) -> None:
    answer = await desk.post(json.dumps(ANSWER).encode(), **change)
    assert answer.status_code == status
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "UNAUTHENTICATED"
    assert "moon" not in error["message"]
    assert await desk.inbox.next_number("population") == 0


async def test_what_says_nothing_is_refused_with_the_reason(desk: Desk) -> None:
    for body, words in (
        (b"not json", "不是 JSON"),
        (b"{}", "CloudEvents"),
        (json.dumps({**ANSWER, "data": {"a": {"b": 1}}}).encode(), "展开嵌套"),
        (json.dumps({"op": "c", "after": {"a": 1}, "source": {}}).encode(), "标识"),
        (b"x" * (1 << 20) + b"x", "1 MiB"),
    ):
        answer = await desk.post(body)
        assert answer.status_code == 400
        assert words in answer.json()["errors"][0]["message"]
    assert await desk.inbox.next_number("population") == 0


async def test_a_platform_can_ask_what_it_should_have_of_a_day(desk: Desk) -> None:
    await people(desk.platform.store, 2)
    today = datetime.now(UTC).astimezone(CHINA).date()
    answers = [await desk.day((today + timedelta(days=days)).isoformat()) for days in (0, 1)]
    lines = [line for answer in answers for line in answer.text.splitlines()[1:]]
    assert len(lines) == 2, "also where midnight passes meanwhile"
    assert sum(int(answer.headers["minzheng-count"]) for answer in answers) == 2
    assert answers[0].text.startswith("sequence,id\r\n")
    assert (await desk.day("2016-01-04", signed="2016-01-05")).status_code == 401
    assert (await desk.day("yesterday")).status_code == 400


async def test_how_it_stands_is_told_and_why_only_to_some(desk: Desk) -> None:
    await people(desk.platform.store, 1)
    await desk.post(json.dumps(ANSWER).encode())
    async with desk.tables.transaction() as connection:
        await connection.execute("UPDATE connectors.platform SET failures = 3, error = 'HTTP 503'")
    status = await desk.status()
    assert (status["sources"], status["relays"]) == (None, []), "without Kafka there are none"
    (told,) = status["platforms"]
    assert (told["name"], told["title"], told["way"], told["divisionCode"]) == ("population", "人口", "https", "440704")
    assert (told["state"], told["failures"], told["error"]) == ("RETRYING", 3, "HTTP 503")
    head = await desk.platform.log.head()
    assert (told["position"], told["lag"], told["waiting"], told["checkedOn"]) == (0, head, 1, None)
    (less,) = (await desk.status("community_worker"))["platforms"]
    assert less["error"] == "详见管理员"
    await set_paused(desk.platform.settings, desk.tables, "population", paused=True)
    assert (await desk.status())["platforms"][0]["state"] == "PAUSED"
