"""Papers of a case: attached with their content, taken back."""

from dataclasses import dataclass
from typing import Annotated, ClassVar
from uuid import UUID

from domain.access import CASEWORKERS
from domain.assistance.case import Case
from domain.assistance.documents import Document
from domain.codes import DocumentKind, MediaType
from domain.errors import NotFound, RuleViolated
from domain.kernel import Command, Decided, Decision, Doc, Load, LoadTagged


@dataclass(frozen=True, kw_only=True)
class AttachDocument(Command):
    """上传附件：内容已加密存入文件库，此处登记其摘要。"""

    ROLES: ClassVar = CASEWORKERS
    MUTATION: ClassVar[bool] = False
    document_id: Annotated[UUID, Doc("附件标识，即文件库中的名称")]
    case_id: Annotated[UUID, Doc("个案标识")]
    kind: Annotated[DocumentKind, Doc("附件种类")]
    media_type: Annotated[MediaType, Doc("文件类型")]
    size: Annotated[int, Doc("字节数")]
    sha256: Annotated[str, Doc("内容的 SHA-256")]
    sealed_sha256: Annotated[str, Doc("密文的 SHA-256")]
    file_name: Annotated[str, Doc("文件名，加密保存")] = ""
    corrects_id: Annotated[UUID | None, Doc("所替换的附件标识，该附件随之撤回")] = None

    def decide(self, by: Decision) -> Decided:
        case: Case = yield Load(Case, self.case_id)
        present: dict[UUID, Document] = yield LoadTagged(Document, (f"case:{case.id}",))
        for known in present.values():
            if known.sha256 == self.sha256 and not known.withdrawn and known.id != self.corrects_id:
                raise RuleViolated(f"同一文件已作为附件 {known.id} 登记，不必重复上传。")
        added = Document.attach(
            self.document_id,
            by.now,
            case=case,
            kind=self.kind,
            media_type=self.media_type,
            size=self.size,
            sha256=self.sha256,
            sealed_sha256=self.sealed_sha256,
            file_name=self.file_name,
            corrects_id=self.corrects_id,
        )
        if self.corrects_id is None:
            return (added,)
        corrected = present.get(self.corrects_id)
        if corrected is None:
            raise NotFound("没有找到所替换的附件，请核对附件标识。")
        corrected.withdraw(by.now, case=case, reason="以新文件替换", replaced_by=added.id)
        return (added, corrected)


@dataclass(frozen=True, kw_only=True)
class WithdrawDocument(Command):
    """撤回附件：误传或无效的附件，写明原因；内容按档案保管期限保留。"""

    ROLES: ClassVar = CASEWORKERS
    document_id: Annotated[UUID, Doc("附件标识")]
    reason: Annotated[str, Doc("撤回原因，不写个人信息")]

    def decide(self, by: Decision) -> Decided:
        document: Document = yield Load(Document, self.document_id)
        case: Case = yield Load(Case, document.case_id)
        document.withdraw(by.now, case=case, reason=self.reason)
        return (document,)
