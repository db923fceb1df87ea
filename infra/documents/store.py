"""Where sealed contents lie: a folder, or a bucket of an S3-compatible server by setting.

Only ids name contents, so no name that a user gave ever becomes a path. A content is written once and never changed;
it is there before the event that names it, so that no event ever names nothing.
"""

import asyncio
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import ParamSpec, Protocol, TypeVar
from uuid import UUID, uuid4

from domain.errors import BadSetting, Conflict, Unavailable
from infra.settings import Settings

P = ParamSpec("P")
T = TypeVar("T")

_SUFFIX = ".mzd"


class DocumentStore(Protocol):
    """Sealed contents by id. Every method may raise Unavailable."""

    async def put(self, id: UUID, sealed: bytes) -> None:
        """Keep a new content, durably and whole, before returning; raises Conflict where the id is taken."""
        ...

    async def get(self, id: UUID) -> bytes | None:
        """The content; None where there is none."""
        ...

    async def remove(self, id: UUID) -> None:
        """Let go of a content that no event names; nothing happens where there is none."""
        ...

    async def ids(self) -> set[UUID]:
        """Every id that has a content."""
        ...


class FolderStore:
    """Contents as files that only the service's user may read, two hexadecimal digits to a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, id: UUID, sealed: bytes) -> None:
        """See DocumentStore: a temporary file, synced, then linked under its name, and the folder synced."""
        await _apart(self._write, id, sealed)

    async def get(self, id: UUID) -> bytes | None:
        """See DocumentStore."""
        return await _apart(self._read, id)

    async def remove(self, id: UUID) -> None:
        """See DocumentStore."""
        await _apart(self._path(id).unlink, missing_ok=True)

    async def ids(self) -> set[UUID]:
        """See DocumentStore."""
        return await _apart(lambda: set(self._names()))

    def _path(self, id: UUID) -> Path:
        return self._folder / id.hex[-2:] / f"{id}{_SUFFIX}"

    def _write(self, id: UUID, sealed: bytes) -> None:
        path = self._path(id)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary = path.with_name(f".{uuid4().hex}")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(sealed)
                file.flush()
                os.fsync(file.fileno())
            os.link(temporary, path)  # unlike a rename it never replaces what is there
        except FileExistsError:
            raise Conflict(f"文件库中已有 {id}，请重新上传。") from None
        finally:
            temporary.unlink()
        for folder in (path.parent, self._folder):
            _sync(folder)

    def _read(self, id: UUID) -> bytes | None:
        try:
            return self._path(id).read_bytes()
        except FileNotFoundError:
            return None

    def _names(self) -> Iterator[UUID]:
        for path in self._folder.glob(f"*/*{_SUFFIX}"):
            with suppress(ValueError):
                yield UUID(path.name.removesuffix(_SUFFIX))


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


async def _apart(work: Callable[P, T], *given: P.args, **named: P.kwargs) -> T:
    """Work of the file system in a thread; raises Unavailable for what the system says of it."""
    try:
        return await asyncio.to_thread(work, *given, **named)
    except OSError as error:
        raise Unavailable(
            f"文件库暂时不能读写（{error.strerror or type(error).__name__}），请检查磁盘后再试。"
        ) from error


def open_document_store(settings: Settings) -> DocumentStore:
    """The store of the settings; raises BadSetting where a bucket is set without its server or keys."""
    if not settings.documents:
        return FolderStore(settings.data_dir / "documents")
    from infra.documents.s3 import Bucket, S3Store

    bucket, _, prefix = settings.documents.removeprefix("s3://").strip("/").partition("/")
    needed = {
        "MINZHENG_DOCUMENTS_ENDPOINT": settings.documents_endpoint,
        "MINZHENG_DOCUMENTS_ACCESS_KEY": settings.documents_access_key,
        "MINZHENG_DOCUMENTS_SECRET_KEY": settings.documents_secret_key,
    }
    if missing := [name for name, value in needed.items() if not value]:
        raise BadSetting(f"MINZHENG_DOCUMENTS is set, but not {', '.join(missing)}; set it as well.", missing[0])
    return S3Store(
        Bucket(
            endpoint=settings.documents_endpoint,
            name=bucket,
            prefix=prefix,
            region=settings.documents_region,
            access_key=settings.documents_access_key,
            secret_key=settings.documents_secret_key,
        )
    )
