"""The document store in a bucket of an S3-compatible server (MinIO, Ceph, a cloud's object storage).

Written on the standard library: five requests need no client library of a hundred thousand lines, and AWS signature
version 4 is forty lines, checked against the published examples. Requests run in threads, like files.
"""

import asyncio
import hmac
import http.client
import ssl
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import quote, urlsplit
from uuid import UUID

from domain.errors import BadSetting, Unavailable

_SUFFIX = ".mzd"
_TIMEOUT = 30
_LARGEST_ANSWER = 64 * 1024 * 1024
_SERVICE = "s3"
_ALGORITHM = "AWS4-HMAC-SHA256"


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where contents go, and the keys to it."""

    endpoint: str
    name: str
    prefix: str
    region: str
    access_key: str
    secret_key: str = field(repr=False)


class S3Store:
    """Contents as objects `prefix/id.mzd`, addressed by path (`endpoint/bucket/key`)."""

    def __init__(self, bucket: Bucket, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        parts = urlsplit(bucket.endpoint)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/"):
            raise BadSetting("MINZHENG_DOCUMENTS_ENDPOINT must be http(s)://host:port.", "MINZHENG_DOCUMENTS_ENDPOINT")
        self._bucket = bucket
        self._secure, self._host = parts.scheme == "https", parts.netloc
        self._now = now

    async def put(self, id: UUID, sealed: bytes) -> None:
        """See DocumentStore: the server takes an object whole or not at all, and checks its hash."""
        if await self._ask("PUT", self._key(id), sealed) is None:
            raise self._no_bucket()

    async def get(self, id: UUID) -> bytes | None:
        """See DocumentStore."""
        return await self._ask("GET", self._key(id))

    async def remove(self, id: UUID) -> None:
        """See DocumentStore."""
        await self._ask("DELETE", self._key(id))

    async def ids(self) -> set[UUID]:
        """See DocumentStore."""
        found: set[UUID] = set()
        asked = {"list-type": "2", "prefix": f"{self._bucket.prefix}/" if self._bucket.prefix else ""}
        while True:
            answer = await self._ask("GET", "", query=asked)
            if answer is None:
                raise self._no_bucket()
            listed = ElementTree.fromstring(answer)
            for key in listed.iterfind(".//{*}Key"):
                with suppress(ValueError):
                    found.add(UUID((key.text or "").rpartition("/")[2].removesuffix(_SUFFIX)))
            following = listed.findtext("{*}NextContinuationToken")
            if not following:
                return found
            asked = {**asked, "continuation-token": following}

    def _no_bucket(self) -> Unavailable:
        return Unavailable(f"文件库中没有存储桶 {self._bucket.name}，请先建立。")

    def _key(self, id: UUID) -> str:
        return f"{self._bucket.prefix}/{id}{_SUFFIX}".lstrip("/")

    async def _ask(
        self, method: str, key: str, body: bytes = b"", query: Mapping[str, str] | None = None
    ) -> bytes | None:
        """The answer's body; None where there is no such object. Raises Unavailable."""
        path = "/" + quote(f"{self._bucket.name}/{key}".rstrip("/"), safe="/-_.~")
        try:
            status, answer = await asyncio.to_thread(self._request, method, path, query or {}, body)
        except (OSError, http.client.HTTPException) as error:
            raise Unavailable(f"文件库暂时无法访问（{type(error).__name__}），请稍后再试。") from error
        if status == 404:
            return None
        if status in (401, 403):
            raise Unavailable("文件库拒绝访问；请检查 MINZHENG_DOCUMENTS_ACCESS_KEY、…_SECRET_KEY 和服务器时钟。")
        if status >= 300:
            raise Unavailable(f"文件库答复状态 {status}，请稍后再试。")
        return answer

    def _request(self, method: str, path: str, query: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        asked = _canonical_query(query)
        headers = {
            "host": self._host,
            "x-amz-content-sha256": sha256(body).hexdigest(),
            "x-amz-date": f"{self._now():%Y%m%dT%H%M%SZ}",
        }
        headers["authorization"] = authorization(self._bucket, method, path, asked, headers)
        if self._secure:
            connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                self._host, timeout=_TIMEOUT, context=ssl.create_default_context()
            )
        else:
            connection = http.client.HTTPConnection(self._host, timeout=_TIMEOUT)
        try:
            connection.request(method, f"{path}?{asked}" if asked else path, body or None, headers)
            answer = connection.getresponse()
            content = answer.read(_LARGEST_ANSWER + 1)
        finally:
            connection.close()
        if len(content) > _LARGEST_ANSWER:
            raise http.client.HTTPException("answer too large")
        return answer.status, content


def authorization(bucket: Bucket, method: str, path: str, query: str, headers: Mapping[str, str]) -> str:
    """The Authorization header by AWS signature version 4.

    `path` and `query` are already in canonical form; `headers` have lower-case names, all of them are signed, and
    `x-amz-date` and `x-amz-content-sha256` are among them.
    """
    moment, signed = headers["x-amz-date"], ";".join(sorted(headers))
    canonical = "\n".join(
        (
            method,
            path,
            query,
            *(f"{name}:{headers[name].strip()}" for name in sorted(headers)),
            "",
            signed,
            headers["x-amz-content-sha256"],
        )
    )
    scope = f"{moment[:8]}/{bucket.region}/{_SERVICE}/aws4_request"
    text = "\n".join((_ALGORITHM, moment, scope, sha256(canonical.encode()).hexdigest()))
    key = f"AWS4{bucket.secret_key}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    return f"{_ALGORITHM} Credential={bucket.access_key}/{scope},SignedHeaders={signed},Signature={signature}"


def _canonical_query(query: Mapping[str, str]) -> str:
    return "&".join(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in sorted(query.items()))
