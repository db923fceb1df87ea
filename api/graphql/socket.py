"""The graphql-transport-ws protocol: queries and mutations over a WebSocket, several at a time.

Text frames only (clients refuse binary ones). The token comes as `Authorization` in the payload of connection_init,
or in the handshake's headers.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any, Protocol

import orjson
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from api.graphql.engine import Answer, Caller, Request, stated
from domain.errors import BadInput, MinzhengError
from infra.tasks import end

PROTOCOL = "graphql-transport-ws"
_INIT_WITHIN = 10.0
_MOST_OPERATIONS = 50
_LONGEST = 256 * 1024


class Answering(Protocol):
    """What a socket needs of the front."""

    async def caller(self, header: bytes | None) -> Caller | None:
        """Who a header names."""

    async def answer(self, request: Request, header: bytes | None) -> Answer:
        """Answer a request."""


class _Close(Exception):
    """Close the socket with a code of the protocol."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


async def serve_socket(
    front: Answering,
    scope: MutableMapping[str, Any],
    receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
    send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
) -> None:
    """Serve one WebSocket until it is closed."""
    socket = WebSocket(scope, receive, send)
    if PROTOCOL not in scope.get("subprotocols", ()):
        await socket.close(4406)
        return
    await socket.accept(subprotocol=PROTOCOL)
    session = _Session(front, socket, dict(scope["headers"]).get(b"authorization"))
    try:
        await session.run()
    except _Close as closing:
        if socket.application_state is WebSocketState.CONNECTED:
            await socket.close(closing.code, str(closing))
    except WebSocketDisconnect:
        pass
    finally:
        await session.end()


class _Session:
    def __init__(self, front: Answering, socket: WebSocket, header: bytes | None) -> None:
        self._front = front
        self._socket = socket
        self._header = header
        self._running: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        try:
            message = await asyncio.wait_for(self._message(), _INIT_WITHIN)
        except TimeoutError:
            raise _Close(4408, "Connection initialisation timeout") from None
        if message["type"] != "connection_init":
            raise _Close(4401, "Unauthorized")
        await self._initialise(message.get("payload"))
        while True:
            await self._handle(await self._message())

    async def end(self) -> None:
        for task in list(self._running.values()):
            await end(task)

    async def _message(self) -> dict[str, Any]:
        text = await self._socket.receive_text()
        try:
            message = orjson.loads(text) if len(text) <= _LONGEST else None
        except ValueError:
            message = None
        if not isinstance(message, dict) or not isinstance(message.get("type"), str):
            raise _Close(4400, "Invalid message")
        return message

    async def _initialise(self, payload: Any) -> None:
        given = payload.get("Authorization", payload.get("authorization")) if isinstance(payload, dict) else None
        if isinstance(given, str):
            self._header = given.encode("latin-1", "replace")
        try:
            await self._front.caller(self._header)
        except MinzhengError:
            raise _Close(4403, "Forbidden") from None
        await self._socket.send_text('{"type":"connection_ack"}')

    async def _handle(self, message: dict[str, Any]) -> None:
        match message:
            case {"type": "ping"}:
                await self._socket.send_text('{"type":"pong"}')
            case {"type": "pong"}:
                pass
            case {"type": "subscribe", "id": str(name), "payload": {"query": str(query), **rest}}:
                await self._subscribe(name, query, {str(key): value for key, value in rest.items()})
            case {"type": "complete", "id": str(name)}:
                if (task := self._running.pop(name, None)) is not None:
                    task.cancel()
            case {"type": "connection_init"}:
                raise _Close(4429, "Too many initialisation requests")
            case _:
                raise _Close(4400, "Invalid message")

    async def _subscribe(self, name: str, query: str, rest: dict[str, Any]) -> None:
        variables, operation = rest.get("variables") or {}, rest.get("operationName")
        if not isinstance(variables, dict) or not isinstance(operation, str | None):
            raise _Close(4400, "Invalid message")
        extensions = rest.get("extensions") or {}
        try:
            said = stated(extensions if isinstance(extensions, dict) else {"purpose": 0})
        except BadInput:
            raise _Close(4400, "Invalid message") from None
        if name in self._running:
            raise _Close(4409, "Subscriber already exists")
        if len(self._running) >= _MOST_OPERATIONS:
            raise _Close(4429, "Too many operations")
        request = Request(query, variables, operation, *said)
        self._running[name] = asyncio.create_task(self._operation(name, request))

    async def _operation(self, name: str, request: Request) -> None:
        answer = await self._front.answer(request, self._header)
        id = orjson.dumps(name).decode()
        self._running.pop(name, None)
        with suppress(WebSocketDisconnect, RuntimeError):
            if answer.error:
                errors = orjson.dumps(orjson.loads(answer.body)["errors"]).decode()
                await self._socket.send_text(f'{{"id":{id},"type":"error","payload":{errors}}}')
                return
            await self._socket.send_text(f'{{"id":{id},"type":"next","payload":{answer.body.decode()}}}')
            await self._socket.send_text(f'{{"id":{id},"type":"complete"}}')
