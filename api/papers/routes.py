"""The addresses of papers, each behind the same bearer token as GraphQL and under the same scope.

    POST /documents?case=…&kind=…[&corrects=…]   the file itself as the body, its name in Content-Disposition
    GET  /documents/{id}                         the content
    GET  /notices/{id}.html, .pdf                a notice as it was issued
    GET  /notices/{id}/receipt.html, .pdf        the slip for its service (送达回证)
    GET  /forms/visit.html, .pdf[?case=…]        the visit form, blank without a case
    GET  /forms/publicity.html, .pdf?case=…      the public notice of one or several cases

Every reading of a paper is one line of the log `minzheng.access`, with ids, role and division, without personal data.
"""

import asyncio
import logging
import re
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote
from uuid import UUID

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.auth import Authenticator
from api.papers.printing import Printing
from api.plain import HEADERS, answered, known_id
from domain.access import Actor
from domain.assistance.documents import LARGEST, media_type_of
from domain.assistance.sheets import Sheet, page
from domain.codes import DocumentKind, MediaType
from domain.errors import BadInput, NotFound
from infra.documents import DocumentVault, open_document_store

if TYPE_CHECKING:
    from api.platform import Platform

_access = logging.getLogger("minzheng.access")
_SHOWN = {"content-security-policy": "frame-ancestors 'none'"}
"""A PDF of our own, which browsers show in a viewer that a sandbox would forbid."""
_NAME = re.compile(r"filename\*=UTF-8''([^;\s]+)", re.IGNORECASE)
_PLAIN_NAME = re.compile(r'filename="([^"]*)"', re.IGNORECASE)


class _TooLarge(BadInput):
    """The body is larger than a paper may be."""

    status = 413


class _WrongType(BadInput):
    """The body is declared as something that is not taken."""

    status = 415


def add_papers(service: FastAPI, platform: "Platform", authenticator: Authenticator) -> None:
    """Put the addresses into the service."""
    if not _access.handlers:
        _access.addHandler(logging.StreamHandler())
        _access.setLevel(logging.INFO)
    vault = DocumentVault(platform.store, open_document_store(platform.settings), platform.dispatcher)
    papers = _Papers(vault, Printing(platform.store), platform)
    for path, method, handler in (
        ("/documents", "POST", papers.upload),
        ("/documents/{id}", "GET", papers.download),
        ("/notices/{id}/receipt.{form}", "GET", papers.receipt),
        ("/notices/{id}.{form}", "GET", papers.notice),
        ("/forms/visit.{form}", "GET", papers.visit_form),
        ("/forms/publicity.{form}", "GET", papers.public_notice),
    ):
        service.add_route(path, answered(handler, authenticator, platform.dispatcher.rights), methods=[method])


class _Papers:
    """One handler an address."""

    def __init__(self, vault: DocumentVault, printing: Printing, platform: "Platform") -> None:
        self._vault = vault
        self._printing = printing
        self._font = platform.settings.font_file
        self._digest = platform.keyring.digest
        self._drawing = asyncio.Lock()

    async def upload(self, request: Request, actor: Actor) -> Response:
        """A paper comes in."""
        asked = request.query_params
        case_id = _id(asked.get("case", ""), "case")
        kind = _kind(asked.get("kind", ""))
        corrects = asked.get("corrects")
        content = await _body(request)
        done = await self._vault.attach(
            actor,
            case_id=case_id,
            kind=kind,
            content=content,
            file_name=_file_name(request.headers.get("content-disposition", "")),
            corrects_id=_id(corrects, "corrects") if corrects else None,
        )
        told = {
            "id": str(done.id),
            "position": done.position,
            "mediaType": done.media_type.value,
            "size": done.size,
            "sha256": done.sha256,
        }
        return JSONResponse(told, 201, {**HEADERS, "location": f"/documents/{done.id}"})

    async def download(self, request: Request, actor: Actor) -> Response:
        """A paper's content."""
        id = known_id(request.path_params["id"])
        found = await self._vault.read(actor, id)
        self._note(actor, "document", id, found.document.case_id)
        name = quote(found.document.file_name or f"{found.document.kind.label}", safe="")
        headers = {**HEADERS, "content-disposition": f"attachment; filename*=UTF-8''{name}"}
        return Response(found.content, media_type=found.document.media_type.value, headers=headers)

    async def notice(self, request: Request, actor: Actor) -> Response:
        """A notice."""
        id = known_id(request.path_params["id"])
        printed = await self._printing.notice(actor, id)
        self._note(actor, "notice", id, printed.notice.case_id)
        return await self._drawn(printed.sheet, request, printed.html, printed.notice.notice_no)

    async def receipt(self, request: Request, actor: Actor) -> Response:
        """The slip for its service."""
        id = known_id(request.path_params["id"])
        sheet = await self._printing.receipt(actor, id)
        self._note(actor, "receipt", id, None)
        return await self._drawn(sheet, request)

    async def visit_form(self, request: Request, actor: Actor) -> Response:
        """The visit form."""
        asked = request.query_params.get("case")
        case_id = _id(asked, "case") if asked else None
        sheet = await self._printing.visit_form(actor, case_id)
        if case_id is not None:
            self._note(actor, "visit form", case_id, case_id)
        return await self._drawn(sheet, request)

    async def public_notice(self, request: Request, actor: Actor) -> Response:
        """The public notice."""
        ids = [_id(text, "case") for text in request.query_params.getlist("case")]
        return await self._drawn(await self._printing.public_notice(actor, ids), request)

    async def _drawn(self, sheet: Sheet, request: Request, html: str = "", number: str = "") -> Response:
        form = request.path_params["form"]
        if form == "html":
            return Response(html or page(sheet), media_type="text/html; charset=utf-8", headers=HEADERS)
        if form != "pdf":
            raise NotFound("只有 .html 和 .pdf 两种格式。")
        from api.papers.pdf import pdf_of  # a fifth of a second to import, and not needed to start

        async with self._drawing:  # one at a time: the library keeps fonts for the whole process
            drawn = await asyncio.to_thread(pdf_of, sheet, self._font)
        name = quote(f"{sheet.name}{number}.pdf", safe="")
        headers = {**HEADERS, **_SHOWN, "content-disposition": f"inline; filename*=UTF-8''{name}"}
        return Response(drawn, media_type="application/pdf", headers=headers)

    def _note(self, actor: Actor, what: str, id: UUID, case_id: UUID | None) -> None:
        """Who read what: the account as a keyed hash, by which an auditor finds one that is named."""
        account = self._digest("account", actor.name).hex()[:12]
        role, division = actor.role.value, actor.division_code
        _access.info("read %s %s case=%s role=%s division=%s account=%s", what, id, case_id, role, division, account)


async def _body(request: Request) -> bytes:
    """The whole body, never more than a paper may have; raises BadInput."""
    declared = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if declared and declared != "application/octet-stream" and declared not in set(MediaType):
        raise _WrongType("请把文件本身作为请求正文，Content-Type 为 application/pdf、image/jpeg 或 image/png。", "file")
    too_large = _TooLarge(f"文件超过 {LARGEST // 1024 // 1024} MB；请压缩或分成几个文件。", "file")
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > LARGEST:
        raise too_large
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > LARGEST:
            raise too_large
    if declared in set(MediaType) and declared != (shown := media_type_of(bytes(content))):
        raise BadInput(f"声明的类型是 {declared}，内容却是{shown.label}；请核对文件。", "file")
    return bytes(content)


def _file_name(disposition: str) -> str:
    """The file's own name as the sender gives it, without folders: a text that is kept sealed, never a path."""
    found = _NAME.search(disposition)
    plain = _PLAIN_NAME.search(disposition)
    name = unquote(found[1]) if found else (plain[1] if plain else "")
    return "".join(c for c in re.split(r"[/\\]", name)[-1] if c.isprintable())


def _kind(text: str) -> DocumentKind:
    return DocumentKind.parse(text.lower(), "kind")


def _id(text: str, field: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise BadInput(f"{field} 应为标识（UUID）。", field) from None
