"""The way by HTTPS: one message a request, signed, with a key by which the receiver knows a repetition.

A platform that does not answer is asked again, later and later; nobody else waits for it. What it refuses for good (the
message itself is wrong to it) is noted as its answer, and the next one follows: a refusal is for people to look into.
"""

import asyncio
import hashlib
import hmac
import logging
import random
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from connectors.database import Tables
from connectors.following import following
from connectors.platforms.declaration import Platform
from connectors.platforms.shape import PlatformMessage, Shape
from domain.errors import BadSetting, PlaceTaken, Unavailable
from infra.log import MOVE
from infra.settings import Settings
from infra.store import EventStore
from infra.tasks import pause

SIGNATURE = "Minzheng-Signature"
"""`t=<seconds>,v1=<hex>`: HMAC-SHA256 of `<seconds>.<body>` under the platform's key."""
_AT_ONCE = 500
_WITHIN = 20.0
_FIRST, _MOST = 0.5, 60.0
"""Seconds before the second attempt, doubled for each further one, up to the most; each by chance up to half more."""
_REFUSED = frozenset({400, 409, 410, 413, 422})
"""Answers that no repetition will change."""
_logger = logging.getLogger(__name__)


def signature(key: bytes, at: int, body: bytes) -> str:
    """What stands in the signature's header."""
    mac = hmac.new(key, f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={mac}"


def read_key(settings: Settings, platform: Platform) -> bytes:
    """The platform's key; raises BadSetting where there is none."""
    folder = settings.platform_secrets
    path = None if folder is None else folder / f"{platform.name}.key"
    if path is None or not path.is_file():
        raise BadSetting(
            f"平台 {platform.name} 没有签名密钥；请把双方约定的密钥放入 "
            f"{path or Path('目录') / (platform.name + '.key')}，并用 MINZHENG_PLATFORM_SECRETS 指明目录。",
            "MINZHENG_PLATFORM_SECRETS",
        )
    return path.read_bytes().strip()


def follower(platform: Platform) -> str:
    """Under which name the log keeps how far a platform has come."""
    return f"platform:{platform.name}"


@dataclass(slots=True)
class HttpsDelivery:
    """Delivers one platform's messages in their order. `client` posts them."""

    store: EventStore
    settings: Settings
    platform: Platform
    tables: Tables
    client: httpx.AsyncClient
    report: Callable[[str], None] = lambda text: None

    async def run(self, stop: asyncio.Event) -> None:
        """Deliver what is recorded until `stop` is set. Raises BadSetting where there is no key."""
        key = read_key(self.settings, self.platform)
        while not stop.is_set():
            try:
                await self._deliver(key, stop)
            except Unavailable as error:
                self.report(str(error))
                await pause(stop, _FIRST)
            except PlaceTaken:  # another process delivers to it: it is looked at anew
                await pause(stop, _MOST)

    async def _deliver(self, key: bytes, stop: asyncio.Event) -> None:
        log, shape = self.store.log, Shape(self.platform, self.store)
        place = await log.place(follower(self.platform))
        previous = await self._previous()
        async with aclosing(following(log, place, _AT_ONCE, stop, _MOST)) as batches:
            async for rows in batches:
                for message in await shape.messages(rows, previous):
                    if not await self._insist(message, previous, place, key, stop):
                        return
                    place = previous = message.position
                if rows and rows[-1].position > place:
                    if not await log.move(follower(self.platform), place, rows[-1].position):
                        raise PlaceTaken("Another process delivers to this platform.")
                    place = rows[-1].position

    async def _insist(
        self, message: PlatformMessage, previous: int, place: int, key: bytes, stop: asyncio.Event
    ) -> bool:
        """Try until it is answered; False where `stop` was set before."""
        failures = 0
        while not stop.is_set():
            if await self._paused():
                await pause(stop, 1.0)
                continue
            answer = await self._post(message, key)
            if isinstance(answer, httpx.Response):
                await self._answered(message, previous, place, answer)
                return True
            failures += 1
            wait = min(_MOST, _FIRST * 2**failures) * random.uniform(1, 1.5)
            await self._failed(failures, answer, wait)
            await pause(stop, wait)
        return False

    async def _post(self, message: PlatformMessage, key: bytes) -> httpx.Response | str:
        """The platform's answer; or why there is none that counts."""
        at = int(datetime.now(UTC).timestamp())
        headers = {
            "Content-Type": "application/cloudevents+json",
            "Idempotency-Key": message.id,
            SIGNATURE: signature(key, at, message.value),
        }
        try:
            answer = await self.client.post(self.platform.url, content=message.value, headers=headers, timeout=_WITHIN)
        except httpx.HTTPError as error:
            return type(error).__name__
        if answer.is_success or answer.status_code in _REFUSED:
            return answer
        return f"HTTP {answer.status_code}"

    async def _answered(self, message: PlatformMessage, previous: int, place: int, answer: httpx.Response) -> None:
        """Note the answer, and that the message is done with, in one transaction. Raises PlaceTaken."""
        async with self.tables.transaction(durable=True) as connection:
            if not await connection.fetchval(MOVE, follower(self.platform), place, message.position):
                raise PlaceTaken("Another process delivers to this platform.")
            await connection.execute(
                """INSERT INTO connectors.receipt (platform, position, previous, accepted, status, reference, digest)
                VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (platform, position) DO UPDATE SET
                    accepted = excluded.accepted, status = excluded.status, reference = excluded.reference,
                    digest = excluded.digest, at = excluded.at""",
                self.platform.name,
                message.position,
                previous,
                answer.is_success,
                answer.status_code,
                answer.headers.get("Receipt", "")[:200],
                hashlib.sha256(message.value).digest(),
            )
            await connection.execute(
                """INSERT INTO connectors.platform (name) VALUES ($1) ON CONFLICT (name) DO UPDATE
                SET failures = 0, error = '', retry_at = NULL, changed_at = now()""",
                self.platform.name,
            )

    async def _failed(self, failures: int, why: str, wait: float) -> None:
        _logger.warning("platform %s: %s", self.platform.name, why)
        async with self.tables.transaction() as connection:
            await connection.execute(
                """INSERT INTO connectors.platform (name, failures, error, retry_at) VALUES ($1, $2, $3, $4)
                ON CONFLICT (name) DO UPDATE SET failures = $2, error = $3, retry_at = $4, changed_at = now()""",
                self.platform.name,
                failures,
                why,
                datetime.now(UTC) + timedelta(seconds=wait),
            )

    async def _paused(self) -> bool:
        async with self.tables.transaction() as connection:
            paused = await connection.fetchval(
                "SELECT paused FROM connectors.platform WHERE name = $1", self.platform.name
            )
        return bool(paused)

    async def _previous(self) -> int:
        async with self.tables.transaction() as connection:
            last = await connection.fetchval(
                "SELECT max(position) FROM connectors.receipt WHERE platform = $1", self.platform.name
            )
        return int(last or 0)


__all__ = ["SIGNATURE", "HttpsDelivery", "follower", "read_key", "signature"]
