"""GraphQL over HTTP and graphql-transport-ws, as clients speak them."""

import asyncio
import gzip
import json
from contextlib import suppress
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.fixtures import api
from tests.fixtures.api import Asking, running

ask, district = api.ask, api.district

NEW, OLD = "application/graphql-response+json", "application/json"
QUERY = "{ persons(first: 1) { totalCount } }"


async def post(ask: Asking, body: Any, accept: str = NEW, **headers: str) -> Any:
    """A POST with the asker's token."""
    sent = {**ask.headers(), "accept": accept, "content-type": "application/json", **headers}
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return await ask.http.post("/graphql", content=content, headers=sent)


@pytest.mark.parametrize(("accept", "answered"), [(NEW, NEW), (OLD, OLD), ("*/*", OLD), (f"{NEW}, {OLD};q=0.9", NEW)])
async def test_the_accepted_media_type_is_answered(ask: Asking, accept: str, answered: str) -> None:
    response = await post(ask, {"query": QUERY}, accept)
    assert response.status_code == 200
    assert response.headers["content-type"] == f"{answered}; charset=utf-8"
    assert response.json()["data"]["persons"]["totalCount"] > 0


@pytest.mark.parametrize("query", ["{", "{ nothing }", "query Q($n: Int!) { cases(first: $n) { totalCount } }"])
async def test_requests_that_are_not_answered(ask: Asking, query: str) -> None:
    new = await post(ask, {"query": query})
    assert new.status_code == 400
    assert "data" not in new.json()
    assert new.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    old = await post(ask, {"query": query}, OLD)
    assert old.status_code == 200
    assert old.json() == new.json()


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'"x"', b"{}", b'{"query": 7}', b'{"query": "{ __typename }", "variables": "x"}']
)
async def test_bodies_that_are_no_request(ask: Asking, body: bytes) -> None:
    response = await post(ask, body)
    assert response.status_code == 400
    assert response.json()["errors"]


async def test_other_ways_of_asking(ask: Asking) -> None:
    assert (await post(ask, b"query=x", **{"content-type": "text/plain"})).status_code == 415
    assert (await post(ask, {"query": QUERY}, "text/plain")).status_code == 406
    assert (await post(ask, b" " * 300_000)).status_code == 413
    wrong = await ask.http.put("/graphql", content=b"{}")
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "GET, POST")
    got = await ask.http.get("/graphql", params={"query": QUERY}, headers={**ask.headers(), "accept": NEW})
    assert got.json()["data"]["persons"]["totalCount"] > 0
    changing = (
        'mutation { closeCase(input: {caseId: "00000000-0000-0000-0000-000000000000", reason: OTHER}) { position } }'
    )
    refused = await ask.http.get("/graphql", params={"query": changing}, headers={**ask.headers(), "accept": NEW})
    assert refused.status_code == 400


async def test_without_a_token_only_the_schema_is_told(ask: Asking) -> None:
    for accept in (NEW, OLD):
        for headers in ({}, {"authorization": "Bearer nonsense"}):
            response = await ask.http.post("/graphql", json={"query": QUERY}, headers={"accept": accept, **headers})
            assert response.status_code == 401
            assert response.headers["www-authenticate"] == "Bearer"
            assert response.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    told = await ask.http.post("/graphql", json={"query": "{ __schema { queryType { name } } }"})
    assert told.json() == {"data": {"__schema": {"queryType": {"name": "Query"}}}}
    hidden = "query Q($x: Boolean!) { __typename persons @include(if: $x) { totalCount } }"
    response = await ask.http.post("/graphql", json={"query": hidden, "variables": {"x": True}})
    assert response.status_code == 401


async def test_operations_are_chosen_by_name(ask: Asking) -> None:
    query = "query A { persons { totalCount } } query B { me { name } }"
    found = (await post(ask, {"query": query, "operationName": "B"})).json()
    assert set(found["data"]) == {"me"}
    assert (await post(ask, {"query": query})).status_code == 400
    assert (await post(ask, {"query": query, "operationName": "C"})).status_code == 400


async def test_browsers_get_the_page(ask: Asking) -> None:
    response = await ask.http.get("/graphql", headers={"accept": "text/html,*/*;q=0.8", "accept-encoding": "gzip"})
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.headers["content-encoding"] == "gzip"
    assert "connect-src 'self'" in response.headers["content-security-policy"]
    assert "民政平台" in response.text


async def test_health_and_metrics(ask: Asking) -> None:
    assert (await ask.http.get("/healthz")).json() == {"status": "ok"}
    ready = await ask.http.get("/readyz")
    assert (ready.status_code, ready.json()["status"]) == (200, "ready")
    await post(ask, {"query": QUERY})
    text = (await ask.http.get("/metrics")).text
    assert 'minzheng_graphql_requests_total{how="compiled"}' in text
    assert "minzheng_graphql_seconds_bucket" in text


async def said(socket: ClientConnection, *messages: dict[str, Any]) -> dict[str, Any]:
    """Send messages; the next one that comes back, which is text."""
    for message in messages:
        await socket.send(json.dumps(message))
    received = await asyncio.wait_for(socket.recv(), 10)
    assert isinstance(received, str)
    answer: dict[str, Any] = json.loads(received)
    return answer


async def test_queries_over_a_websocket(ask: Asking) -> None:
    async with running(ask) as address, connect(f"ws://{address}/graphql", subprotocols=["graphql-transport-ws"]) as ws:  # type: ignore[list-item]
        assert (await said(ws, {"type": "connection_init", "payload": ask.headers()}))["type"] == "connection_ack"
        assert await said(ws, {"type": "ping"}) == {"type": "pong"}
        asked = {"type": "subscribe", "id": "1", "payload": {"query": QUERY}}
        answer = await said(ws, asked)
        assert (answer["type"], answer["id"]) == ("next", "1")
        assert answer["payload"]["data"]["persons"]["totalCount"] > 0
        assert await said(ws) == {"type": "complete", "id": "1"}
        wrong = await said(ws, {"type": "subscribe", "id": "2", "payload": {"query": "{ nothing }"}})
        assert (wrong["type"], wrong["payload"][0]["extensions"]["code"]) == ("error", "BAD_USER_INPUT")
        for id in ("3", "4"):
            await ws.send(json.dumps({**asked, "id": id}))
        kinds = [(await said(ws))["type"] for _ in range(4)]
        assert sorted(kinds) == ["complete", "complete", "next", "next"]


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        ([{"type": "subscribe", "id": "1", "payload": {"query": QUERY}}], 4401),
        ([{"type": "connection_init", "payload": {"Authorization": "Bearer no"}}], 4403),
        (["nonsense"], 4400),
        ([{"type": "connection_init"}, {"type": "connection_init"}], 4429),
        ([{"type": "connection_init"}, {"type": "subscribe", "id": 1}], 4400),
    ],
)
async def test_a_websocket_that_misbehaves_is_closed(ask: Asking, messages: list[Any], code: int) -> None:
    async with running(ask) as address, connect(f"ws://{address}/graphql", subprotocols=["graphql-transport-ws"]) as ws:  # type: ignore[list-item]
        for message in messages:
            await ws.send(message if isinstance(message, str) else json.dumps(message))
        with suppress(ConnectionClosed):
            async for _ in ws:
                pass
        await ws.wait_closed()
        assert ws.close_code == code


async def test_real_http(ask: Asking) -> None:
    async with running(ask) as address:
        reader, writer = await asyncio.open_connection(*address.split(":"))
        body = json.dumps({"query": QUERY}).encode()
        token = ask.headers()["Authorization"]
        writer.write(
            f"POST /graphql HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode()
            + body
        )
        answer = await reader.read()
        writer.close()
        assert b"200 OK" in answer
        assert b'"totalCount"' in answer


def test_gzip_is_what_browsers_unpack() -> None:
    from api.graphql.page import page

    assert gzip.decompress(page(True)).startswith(b"\n  <!doctype html>")
