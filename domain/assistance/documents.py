"""Papers of a case (附件): scans and photos whose content lies in the document store, sealed under the household's key.

The log holds what identifies a content beyond doubt (its hash in clear and as stored), never the content, and the file
name only as ciphertext. A paper is its own stream, so that ten photos sent at once do not get in each other's way.
"""

from datetime import date, datetime
from typing import ClassVar, Self
from uuid import UUID

from domain import kernel
from domain.assistance.case import Case
from domain.codes import DocumentKind, MediaType
from domain.errors import BadInput, RuleViolated
from domain.kernel import NO_ID, PersonalText

LARGEST = 20 * 1024 * 1024
"""Bytes of the largest content: a scanned file of some forty pages at 300 dpi. It is sealed in one piece in memory,
so that a truncated or altered content can't be mistaken for a whole one."""
LONGEST_NAME = 200
_SIGNATURES = {
    MediaType.PDF: b"%PDF-",
    MediaType.JPEG: b"\xff\xd8\xff",
    MediaType.PNG: b"\x89PNG\r\n\x1a\n",
}


def media_type_of(content: bytes) -> MediaType:
    """The type its first bytes show; raises BadInput where it is none that is taken.

    Office files are refused: they change when they are opened and may carry programs.
    """
    for media_type, signature in _SIGNATURES.items():
        if content.startswith(signature):
            return media_type
    raise BadInput("文件类型不能识别；只收 PDF、JPEG、PNG，Word、Excel 文件请先另存为 PDF。", "file")


class Document(kernel.Aggregate):
    """One paper of a case; it belongs to whoever is responsible for the case now."""

    TOPIC: ClassVar[str] = "assistance.Document"
    SUBJECT: ClassVar[str] = "document"
    division_code: str = ""
    case_id: UUID = NO_ID
    household_id: UUID = NO_ID
    kind: DocumentKind = DocumentKind.OTHER
    media_type: MediaType = MediaType.PDF
    size: int = 0
    sha256: str = ""
    sealed_sha256: str = ""
    file_name: str | None = None
    withdrawn: bool = False

    class Created(kernel.Created):
        """A paper came in. `sha256` is of the content, `sealed_sha256` of what the store holds (hexadecimal)."""

        TOPIC = "assistance.DocumentAttached"
        TITLE = "上传附件"
        KEY_HOLDER: ClassVar[str] = "household_id"
        case_id: UUID
        household_id: UUID
        kind: DocumentKind
        media_type: MediaType
        size: int
        sha256: str
        sealed_sha256: str
        file_name: PersonalText | None
        corrects_id: UUID | None
        division_code: str

        def gist(self) -> str:
            return f"{self.kind.label}（{self.media_type.label}，{-(-self.size // 1024)} KB）"

    class Withdrawn(kernel.Event):
        """It no longer counts; `replaced_by` takes its place. The content stays for as long as the file is kept."""

        TOPIC = "assistance.DocumentWithdrawn"
        TITLE = "撤回附件"
        case_id: UUID
        reason: str
        replaced_by: UUID | None
        division_code: str

        def apply(self, aggregate: "Document") -> None:
            aggregate.withdrawn = True
            aggregate.division_code = self.division_code

        def gist(self) -> str:
            return self.reason

    def owner(self) -> tuple[type[kernel.Aggregate], UUID]:
        """Its case."""
        return Case, self.case_id

    @classmethod
    def attach(
        cls,
        id: UUID,
        at: datetime,
        *,
        case: Case,
        kind: DocumentKind,
        media_type: MediaType,
        size: int,
        sha256: str,
        sealed_sha256: str,
        file_name: str,
        corrects_id: UUID | None = None,
    ) -> Self:
        """A paper whose content lies in the store already."""
        if not 0 < size <= LARGEST:
            raise BadInput(f"文件应大于 0、不超过 {LARGEST // 1024 // 1024} MB；请压缩或分成几个文件。", "file")
        if len(file_name) > LONGEST_NAME:
            raise BadInput(f"文件名不能超过 {LONGEST_NAME} 个字符。", "file_name")
        return cls.create(
            cls.Created,
            id=id,
            at=at,
            case_id=case.id,
            household_id=case.household_id,
            kind=kind,
            media_type=media_type,
            size=size,
            sha256=sha256,
            sealed_sha256=sealed_sha256,
            file_name=file_name.strip() or None,
            corrects_id=corrects_id,
            division_code=case.division_code,
        )

    def withdraw(self, at: datetime, *, case: Case, reason: str, replaced_by: UUID | None = None) -> None:
        """Take a mistaken paper back; raises RuleViolated when that was done already."""
        if self.case_id != case.id:
            raise RuleViolated("此附件不属于该个案，请核对附件标识。")
        if self.withdrawn:
            raise RuleViolated("此附件已撤回，不能重复撤回。")
        if not reason.strip():
            raise RuleViolated("撤回附件须写明原因。")
        self.record(
            self.Withdrawn,
            at=at,
            case_id=self.case_id,
            reason=reason.strip(),
            replaced_by=replaced_by,
            division_code=case.division_code,
        )

    @property
    def attached_on(self) -> date:
        """The day it came in."""
        return self.created_on.date()
