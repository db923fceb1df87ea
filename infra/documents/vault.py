"""Papers in and out: checked, sealed under the household's key, stored, recorded; and opened for those who may.

A stored content is `MZD1`, the algorithm's number in one byte, then nonce, ciphertext and tag. It is bound to its id
and this header, so that it opens nowhere else; it is sealed in one piece (domain/assistance/documents.py says how large
it may be), so that a part of it opens not at all. Destroying the household's key makes it unreadable in every copy.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from hashlib import sha256
from typing import cast
from uuid import UUID, uuid4

from cryptography.exceptions import InvalidTag

from domain.access import CASEWORKERS, Actor, Area, PersonalClass, RoleCode
from domain.assistance import Case, Document
from domain.assistance.commands import AttachDocument
from domain.assistance.documents import LARGEST, media_type_of
from domain.codes import Code, DocumentKind, MediaType
from domain.errors import BadInput, Forbidden, MinzhengError, NotFound, Unavailable
from infra.dispatch import Dispatcher, division_of
from infra.documents.store import DocumentStore
from infra.log import LogEvent
from infra.store import EventStore

READERS = CASEWORKERS | {RoleCode.AUDITOR}
"""Roles that may read papers of a case at all."""
_CLASSES = {
    DocumentKind.IDENTITY: PersonalClass.IDENTITY,
    DocumentKind.HOUSEHOLD_BOOK: PersonalClass.IDENTITY,
    DocumentKind.AUTHORISATION: PersonalClass.IDENTITY,
    DocumentKind.DISABILITY: PersonalClass.IDENTITY,
    DocumentKind.INCOME: PersonalClass.ACCOUNT,
    DocumentKind.PROPERTY: PersonalClass.ACCOUNT,
}
"""What a paper shows of people, where it is more than their circumstances; who may not see that, may not open it."""
_MAGIC = b"MZD1"
_HEADER = len(_MAGIC) + 1
_BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Attached:
    """A paper that was recorded, and the log position that says so."""

    id: UUID
    position: int
    media_type: MediaType
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Content:
    """A paper with its content, opened."""

    document: Document
    content: bytes


class Trouble(Code):
    """文件库检查结果"""

    MISSING = "missing", "缺失"
    ALTERED = "altered", "与登记的摘要不符"
    ORPHANED = "orphaned", "没有登记"


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check of the whole store found: how many papers are recorded, and what is wrong with which."""

    documents: int
    troubles: tuple[tuple[Trouble, UUID], ...]

    @property
    def harmful(self) -> bool:
        """Whether anything recorded is lost or changed; what nobody recorded does no harm."""
        return any(trouble is not Trouble.ORPHANED for trouble, _ in self.troubles)


class DocumentVault:
    """The papers of every case."""

    def __init__(self, store: EventStore, documents: DocumentStore, dispatcher: Dispatcher) -> None:
        self._store = store
        self._documents = documents
        self._dispatcher = dispatcher

    async def attach(
        self,
        actor: Actor,
        *,
        case_id: UUID,
        kind: DocumentKind,
        content: bytes,
        file_name: str = "",
        corrects_id: UUID | None = None,
    ) -> Attached:
        """Take a paper in: the content first, then the event; raises like the dispatcher, and BadInput for the file.

        What a refused command leaves behind is removed; what a crash leaves behind, nothing names, and `check` lists.
        """
        if actor.role not in AttachDocument.ROLES:
            raise Forbidden(f"角色“{actor.role.label}”无权上传附件。")
        case = await self.case_for(actor, case_id)
        if not 0 < len(content) <= LARGEST:
            raise BadInput(f"文件应大于 0、不超过 {LARGEST // 1024 // 1024} MB；请压缩或分成几个文件。", "file")
        media_type = media_type_of(content)
        id, digest = uuid4(), sha256(content).hexdigest()
        await self._store.ensure_key(case.household_id)
        sealed = self._seal(id, case.household_id, content)
        await self._documents.put(id, sealed)
        command = AttachDocument(
            document_id=id,
            case_id=case_id,
            kind=kind,
            media_type=media_type,
            size=len(content),
            sha256=digest,
            sealed_sha256=sha256(sealed).hexdigest(),
            file_name=file_name,
            corrects_id=corrects_id,
        )
        try:
            done = await self._dispatcher.dispatch(command, actor)
        except Unavailable:
            raise  # it may have been recorded all the same
        except MinzhengError:
            await self._documents.remove(id)
            raise
        return Attached(id, done.position, media_type, len(content), digest)

    async def read(self, actor: Actor, id: UUID) -> Content:
        """A paper's content for someone who may see it.

        Raises NotFound where it lies outside the actor's divisions and areas or was erased, Forbidden where the role
        may not see what such a paper shows, Unavailable where the store lost or changed it.
        """
        document = await self._store.load(Document, id)
        if document is None or not await self._visible(actor, document):
            raise NotFound(f"没有找到附件 {id}，或不在您的管辖范围内。")
        needed = _CLASSES.get(document.kind, PersonalClass.CIRCUMSTANCES)
        if actor.role not in READERS or needed not in actor.clear:
            raise Forbidden(f"角色“{actor.role.label}”无权查看{document.kind.label}。")
        sealed = await self._documents.get(id)
        if sealed is None:
            raise Unavailable("附件内容不在文件库中；请告知管理员，用 minzheng documents check 查明。")
        content = await self._open(document, sealed)
        if content is None:
            raise NotFound("附件内容已随家庭的个人信息依法删除。")
        return Content(document, content)

    async def case_for(self, actor: Actor, case_id: UUID) -> Case:
        """The case, for someone who may see it; raises NotFound."""
        case = await self._store.load(Case, case_id)
        if case is None or not actor.covers(case.division_code) or Area.ASSISTANCE not in actor.areas:
            raise NotFound(f"没有找到 case:{case_id}，或不在您的管辖范围内。")
        return case

    async def check(self) -> Checked:
        """Compare the whole store with the log, by what is stored: no key is needed, and nothing is opened."""
        stored = await self._documents.ids()  # first: what comes in meanwhile has its event later
        count, troubles, named = 0, [], set()
        async for row in self._recorded():
            event = cast(Document.Created, self._store.codec.decode(row, with_personal=False))
            count += 1
            named.add(row.stream_id)
            sealed = await self._documents.get(row.stream_id)
            if sealed is None:
                troubles.append((Trouble.MISSING, row.stream_id))
            elif sha256(sealed).hexdigest() != event.sealed_sha256:
                troubles.append((Trouble.ALTERED, row.stream_id))
        troubles += [(Trouble.ORPHANED, id) for id in sorted(stored - named)]
        return Checked(count, tuple(troubles))

    async def _recorded(self) -> AsyncIterator[LogEvent]:
        after, head = 0, await self._store.log.head()
        while rows := await self._store.log.read(after, _BATCH, head, topics=[Document.Created.TOPIC]):
            for row in rows:
                yield row
            after = rows[-1].position

    async def _visible(self, actor: Actor, document: Document) -> bool:
        return Area.ASSISTANCE in actor.areas and actor.covers(await division_of(self._store, document))

    def _seal(self, id: UUID, holder: UUID, content: bytes) -> bytes:
        header = _MAGIC + bytes([self._store.keyring.suite_of(holder)])
        return header + self._store.keyring.seal(holder, content, header + id.bytes)

    async def _open(self, document: Document, sealed: bytes) -> bytes | None:
        """The content; None where its key is destroyed. Raises Unavailable where it is not what was stored."""
        keyring, header = self._store.keyring, sealed[:_HEADER]
        await keyring.preload([document.household_id])
        content: bytes | None = None
        intact = sha256(sealed).hexdigest() == document.sealed_sha256
        if intact:
            try:
                content = keyring.open(document.household_id, sealed[_HEADER:], header + document.id.bytes)
            except InvalidTag:
                intact = False
        if not intact or (content is not None and sha256(content).hexdigest() != document.sha256):
            raise Unavailable("附件内容与登记的摘要不符，可能被改动，已停止提供；请告知管理员。")
        return content
