"""The way by HTTPS: one message a request, signed, with a key by which the receiver knows a repetition."""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import httpx

from connectors.platforms.declaration import Platform
from connectors.platforms.reconciling import parse_list
from connectors.platforms.ways import Answer, Delivered, Listed, NotDelivered, Parcel
from domain.errors import BadSetting, UnreadableFile
from infra.settings import Settings

SIGNATURE = "Minzheng-Signature"
"""`t=<seconds>,v1=<hex>`: HMAC-SHA256 of `<seconds>.<body>` under the platform's key."""
_WITHIN = 20.0
_REFUSED = frozenset({400, 409, 410, 413, 422})
"""Answers that no repetition will change."""
_FRESH = 300
"""Seconds by which a signature's time may differ from ours."""


def signature(key: bytes, at: int, body: bytes) -> str:
    """What stands in the signature's header."""
    mac = hmac.new(key, f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={mac}"


def is_signed(key: bytes, header: str, body: bytes, now: datetime) -> bool:
    """Whether a header signs this body under the key, and not long ago."""
    time, _, _ = header.partition(",")
    at = time.removeprefix("t=")
    if not (at.isascii() and at.isdigit() and len(at) < 12) or abs(int(at) - now.timestamp()) > _FRESH:
        return False
    return hmac.compare_digest(signature(key, int(at), body).encode(), header.encode())


def read_key(settings: Settings, name: str) -> bytes:
    """A platform's key; raises BadSetting where there is none."""
    return read_secret(settings, f"{name}.key", f"平台 {name} 没有签名密钥；请把双方约定的密钥放入")


def read_secret(settings: Settings, file: str, what: str) -> bytes:
    """A file of the secrets' folder; raises BadSetting saying `what` is missing and where it is to be put."""
    folder = settings.platform_secrets
    path = None if folder is None else folder / file
    if path is None or not path.is_file():
        raise BadSetting(
            f"{what} {path or Path('目录') / file}，并用 MINZHENG_PLATFORM_SECRETS 指明目录。",
            "MINZHENG_PLATFORM_SECRETS",
        )
    return path.read_bytes().strip()


class Https:
    """Posts messages to a platform; `client` is shared with others."""

    at_once = 1
    every = 0.0

    def __init__(self, platform: Platform, settings: Settings, client: httpx.AsyncClient) -> None:
        """Raises BadSetting where there is no key."""
        self._platform = platform
        self._key = read_key(settings, platform.name)
        self._client = client

    async def deliver(self, parcel: Parcel) -> Delivered:
        """Post it. What the platform refuses for good is an answer: the message itself is wrong to it."""
        (message,) = parcel.messages
        headers = {
            "Content-Type": "application/cloudevents+json",
            "Idempotency-Key": message.id,
            SIGNATURE: signature(self._key, int(datetime.now(UTC).timestamp()), message.value),
        }
        try:
            answer = await self._client.post(
                self._platform.url, content=message.value, headers=headers, timeout=_WITHIN
            )
        except httpx.HTTPError as error:
            raise NotDelivered(type(error).__name__) from None
        if not answer.is_success and answer.status_code not in _REFUSED:
            raise NotDelivered(f"HTTP {answer.status_code}")
        reference = answer.headers.get("Receipt", "")[:200]
        reason = "" if answer.is_success else answer.text[:500]
        return Delivered((Answer(message, answer.is_success, answer.status_code, reference, reason),))

    async def listed(self, parcel: Parcel, day: str) -> Sequence[Listed] | None:
        """Ask its list of the day, where the declaration says at which address."""
        if not self._platform.list:
            return None
        stamp = int(datetime.now(UTC).timestamp())
        headers = {SIGNATURE: signature(self._key, stamp, day.encode())}
        try:
            answer = await self._client.get(self._platform.list, params={"day": day}, headers=headers, timeout=_WITHIN)
            answer.raise_for_status()
            return parse_list(answer.text)
        except httpx.HTTPError as error:
            raise NotDelivered(type(error).__name__) from None
        except UnreadableFile as error:
            raise NotDelivered(str(error)) from None

    async def close(self) -> None:
        """The client is others' too."""


__all__ = ["SIGNATURE", "Https", "is_signed", "read_key", "read_secret", "signature"]
