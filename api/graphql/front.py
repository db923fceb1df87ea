"""GraphQL over HTTP as a bare ASGI application: nothing stands between a request and its cached plan.

Follows the GraphQL-over-HTTP draft: `application/graphql-response+json` where it is accepted, with 4xx for requests
that are not answered; `application/json` with 200 otherwise, as older clients expect.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs

import orjson

from api.auth import Authenticator
from api.graphql.documents import Recent
from api.graphql.engine import Answer, Caller, Engine, Request, stated
from api.graphql.errors import refusal
from api.graphql.metrics import REQUESTS
from api.graphql.page import page
from api.graphql.socket import serve_socket
from domain.errors import BadInput, MinzhengError

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_RESPONSE = b"application/graphql-response+json"
_JSON = b"application/json"
_STATUS = {"UNAUTHENTICATED": 401, "FORBIDDEN": 403, "UNAVAILABLE": 503, "INTERNAL": 500}


class Rejected(Exception):
    """The HTTP request itself is not one that GraphQL over HTTP allows."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Front:
    """The ASGI application at /graphql."""

    def __init__(self, engine: Callable[[], Engine], authenticator: Authenticator) -> None:
        self._engine = engine
        self._authenticator = authenticator
        self._callers: Recent[str, tuple[Caller, float, int]] = Recent(4096)
        self._media: Recent[bytes, bytes] = Recent(256)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one HTTP request or WebSocket."""
        if scope["type"] == "websocket":
            await serve_socket(self, scope, receive, send)
            return
        headers = dict(scope["headers"])
        method = scope["method"]
        accept = headers.get(b"accept", b"*/*")
        if method == "GET" and b"text/html" in accept:
            await _send_page(headers, send)
            return
        media = self._media.use(accept) or self._negotiate(accept)
        try:
            if not media:
                raise Rejected(406, "Accept 应包含 application/graphql-response+json 或 application/json。")
            request = await self._request(method, headers, scope, receive)
        except Rejected as rejected:
            await _send_rejection(rejected, media or _JSON, send)
            return
        answer = await self.answer(request, headers.get(b"authorization"), only_read=method == "GET")
        await _send(answer, media, send)

    async def answer(self, request: Request, header: bytes | None, *, only_read: bool = False) -> Answer:
        """Answer a request under whatever its `Authorization` header allows."""
        started = time.perf_counter()
        try:
            caller = await self.caller(header)
        except MinzhengError as error:
            return Answer(orjson.dumps({"errors": [refusal(error)]}), error=error.code)
        answer = await self._engine().answer(request, caller, only_read=only_read)
        how = answer.error or ("compiled" if answer.compiled else "executed")
        REQUESTS.count(how, time.perf_counter() - started)
        return answer

    async def caller(self, header: bytes | None) -> Caller | None:
        """Who asks; None without a header. Raises Unauthenticated, and Forbidden without a right in force.

        A caller is remembered until their token expires or any right, or the day, changes.
        """
        if header is None:
            return None
        text = header.decode("latin-1")
        known = self._callers.use(text)
        engine = self._engine()
        if known is not None and known[1] > time.time() and known[2] == engine.dispatcher.rights.epoch:
            return known[0]
        identity = await self._authenticator.authenticate(text)
        epoch = engine.dispatcher.rights.epoch
        caller = engine.caller(identity.actor)
        self._callers.keep(text, (caller, identity.expires, epoch))
        return caller

    def _negotiate(self, accept: bytes) -> bytes:
        """The media type to answer with; empty where none of ours is accepted."""
        ranges = [part.split(b";")[0].strip().lower() for part in accept.split(b",")]
        if _RESPONSE in ranges:
            media = _RESPONSE
        else:
            ours = any(part in (_JSON, b"application/*", b"*/*", b"") for part in ranges)
            media = _JSON if ours else b""
        if media and len(accept) < 1000:
            self._media.keep(accept, media)
        return media

    async def _request(self, method: str, headers: dict[bytes, bytes], scope: Scope, receive: Receive) -> Request:
        if method == "POST":
            kind = headers.get(b"content-type", b"").split(b";")[0].strip().lower()
            if kind != _JSON:
                raise Rejected(415, "Content-Type 应为 application/json。")
            return _from_body(await _body(receive, self._engine().limits.body))
        if method == "GET":
            return _from_query(scope["query_string"])
        raise Rejected(405, "请用 POST（或 GET 查询）访问 /graphql。")


async def _body(receive: Receive, most: int) -> bytes:
    message = await receive()
    body: bytes = message.get("body", b"")
    while message.get("more_body"):
        if len(body) > most:
            break
        message = await receive()
        body += message.get("body", b"")
    if message["type"] == "http.disconnect":
        raise asyncio.CancelledError
    if len(body) > most:
        raise Rejected(413, f"请求过大，上限为 {most} 字节。")
    return body


def _from_body(body: bytes) -> Request:
    try:
        given = orjson.loads(body)
    except ValueError:
        raise Rejected(400, "请求正文不是有效的 JSON。") from None
    if not isinstance(given, dict):
        raise Rejected(400, "请求正文应为一个 JSON 对象。")
    return _checked(given)


def _from_query(raw: bytes) -> Request:
    try:
        given: dict[str, Any] = {
            name: values[0] for name, values in parse_qs(raw.decode("ascii"), strict_parsing=bool(raw)).items()
        }
        for name in ("variables", "extensions"):
            if name in given:
                given[name] = orjson.loads(given[name])
    except ValueError:
        raise Rejected(400, "查询参数有误；variables 应为 JSON 对象。") from None
    return _checked(given)


def _checked(given: dict[str, Any]) -> Request:
    query, variables, name = given.get("query"), given.get("variables"), given.get("operationName")
    if not isinstance(query, str) or not query:
        raise Rejected(400, "缺少 query（字符串）。")
    if not isinstance(variables, dict | None):
        raise Rejected(400, "variables 应为 JSON 对象。")
    if not isinstance(name, str | None):
        raise Rejected(400, "operationName 应为字符串。")
    extensions = given.get("extensions")
    if not isinstance(extensions, dict | None):
        raise Rejected(400, "extensions 应为 JSON 对象。")
    return Request(query, variables or {}, name or None, *_stated(extensions or {}))


def _stated(extensions: dict[str, Any]) -> tuple[str, str]:
    try:
        return stated(extensions)
    except BadInput as error:
        raise Rejected(400, str(error)) from None


async def _send(answer: Answer, media: bytes, send: Send) -> None:
    status = 200
    if answer.error and (media is _RESPONSE or answer.error == "UNAUTHENTICATED"):
        status = _STATUS.get(answer.error, 400)
    headers = [
        (b"content-type", media + b"; charset=utf-8"),
        (b"content-length", b"%d" % len(answer.body)),
        (b"cache-control", b"no-store"),
    ]
    if status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


async def _send_rejection(rejected: Rejected, media: bytes, send: Send) -> None:
    body = orjson.dumps({"errors": [refusal(BadInput(str(rejected)))]})
    headers = [(b"content-type", media + b"; charset=utf-8"), (b"content-length", b"%d" % len(body))]
    if rejected.status == 405:
        headers.append((b"allow", b"GET, POST"))
    await send({"type": "http.response.start", "status": rejected.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _send_page(headers: dict[bytes, bytes], send: Send) -> None:
    packed = b"gzip" in headers.get(b"accept-encoding", b"")
    body = await asyncio.to_thread(page, packed)
    sent = [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-length", b"%d" % len(body)),
        (b"vary", b"accept, accept-encoding"),
        # Nothing of the page may reach another host, whatever a query's answer holds.
        (
            b"content-security-policy",
            b"default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; connect-src 'self' ws: wss:; "
            b"frame-ancestors 'none'",
        ),
    ]
    if packed:
        sent.append((b"content-encoding", b"gzip"))
    await send({"type": "http.response.start", "status": 200, "headers": sent})
    await send({"type": "http.response.body", "body": body})
