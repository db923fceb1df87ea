"""Addresses for municipal and provincial platforms themselves: what they send back, and what they should have of a day.

They hold no account of ours: a request is signed with the key that both have, over its body or (without one) over the
day that is asked for.
"""

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import orjson
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.plain import HEADERS, guarded
from connectors.database import Tables
from connectors.kafka.messages import Said, Unintelligible, understand
from connectors.platforms.declaration import Platform as Receiver
from connectors.platforms.declaration import load_platforms
from connectors.platforms.https import SIGNATURE, is_signed, read_key
from connectors.platforms.inbox import Inbox
from connectors.platforms.reconciling import expected, summed_up
from domain.errors import BadInput, BadSetting, Unauthenticated

if TYPE_CHECKING:
    from api.platform import Platform

_MOST_BYTES = 1 << 20


def add_exchange(service: FastAPI, platform: "Platform", tables: Tables) -> None:
    """Put the addresses into the service."""
    inbox = Inbox(tables, platform.store)

    def receiver(name: str, header: str, signed: bytes) -> Receiver:
        """The platform that signed this. Whoever is none, or signed something else, learns nothing from the answer."""
        found = next((each for each in load_platforms(platform.settings.platforms) if each.name == name), None)
        try:
            key = b"" if found is None else read_key(platform.settings, name)
        except BadSetting:
            found = None
        if found is None or not is_signed(key, header, signed, datetime.now(UTC)):
            raise Unauthenticated("签名不对、已过期，或没有此平台；请按接口文档以双方的密钥签名。")
        return found

    async def back(request: Request) -> Response:
        """Keep what a platform sends back; the same message again gets the same receipt."""
        body = await _body(request)
        sender = receiver(request.path_params["name"], request.headers.get(SIGNATURE, ""), body)
        said = _said(request, body)
        await inbox.prepare(sender.name)
        async with tables.transaction(durable=True) as connection:
            number, new = await inbox.put(connection, sender.name, said)
        receipt = f"{sender.name}/{number}"
        return JSONResponse({"receipt": receipt, "new": new}, 202, {**HEADERS, "receipt": receipt})

    async def day(request: Request) -> Response:
        """What a platform should have of a day: count and digest as headers, the list as CSV."""
        text = request.path_params["day"]
        asker = receiver(request.path_params["name"], request.headers.get(SIGNATURE, ""), text.encode())
        try:
            on = date.fromisoformat(text)
        except ValueError:
            raise BadInput("地址中应为日期；例如 2016-01-04。", "day") from None
        ours = await expected(platform.store, asker, on)
        told = summed_up(ours)
        lines = "".join(f"{each.sequence:020d},{each.id}\r\n" for each in ours)
        headers = {**HEADERS, "minzheng-count": str(told.count), "minzheng-digest": told.digest}
        return Response(f"sequence,id\r\n{lines}", media_type="text/csv; charset=utf-8", headers=headers)

    service.add_route("/platforms/{name}/back", guarded(back), methods=["POST"])
    service.add_route("/platforms/{name}/days/{day}", guarded(day), methods=["GET"])


async def _body(request: Request) -> bytes:
    """The body, where it is no larger than a message may be."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > _MOST_BYTES:
            raise BadInput(f"消息超过 {_MOST_BYTES >> 20} MiB；请一条一次发送。", "body")
    return bytes(body)


def _said(request: Request, body: bytes) -> Said:
    """What the message says; raises BadInput with the reason where it says nothing."""
    headers = [(name, value.encode()) for name, value in request.headers.items() if name.startswith("ce-")]
    named = [(f"ce_{name.removeprefix('ce-')}", value) for name, value in headers]
    named.append(("content-type", request.headers.get("content-type", "").encode()))
    key = request.headers.get("idempotency-key", "")
    try:
        orjson.loads(body)
        said = understand(body, named, datetime.now(UTC), f"idempotency-key {key}" if key else "")
    except orjson.JSONDecodeError:
        raise BadInput("消息不是 JSON；请检查编码（UTF-8）后重发。", "body") from None
    except Unintelligible as error:
        raise BadInput(str(error), "body") from None
    if said is None or not said.mark:
        raise BadInput("消息没有内容或自己的标识（CloudEvents 的 id，或 Idempotency-Key）；请补上后重发。", "body")
    return said


__all__ = ["add_exchange"]
