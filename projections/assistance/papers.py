"""Papers in the read models: what was attached to a case, which notices were issued, and how they were served."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from domain.access import Area, PersonalClass
from domain.assistance import Document, Notice
from domain.codes import DocumentKind, MediaType, NoticeKind, ServiceMethod
from infra.log import LogEvent
from projections.kernel.changes import Changes, Projection, handles
from projections.kernel.tables import Doc, Masked, One, Owner, Relations, view


@view(
    "document",
    area=Area.ASSISTANCE,
    scope_from="division_code",
    owner=Owner("case", "case_id"),
    order=("attached_on", "id"),
    temporal=False,
)
@dataclass
class DocumentRow:
    """附件"""

    id: Annotated[UUID, Doc("附件标识；内容见 GET /documents/标识")]
    case_id: Annotated[UUID, Doc("个案标识")]
    kind: Annotated[DocumentKind, Doc("附件种类")]
    media_type: Annotated[MediaType, Doc("文件类型")]
    size: Annotated[int, Doc("字节数")]
    sha256: Annotated[str, Doc("内容的 SHA-256")]
    file_name: Annotated[str | None, Doc("文件名"), Masked(PersonalClass.CIRCUMSTANCES)]
    division_code: Annotated[str, Doc("上传时的区划代码")]
    attached_on: Annotated[date, Doc("上传日期")]
    attached_by: Annotated[str, Doc("上传的账号")]
    corrects_id: Annotated[UUID | None, Doc("所替换的附件标识")]
    withdrawn: Annotated[bool, Doc("是否已撤回")]
    withdrawn_on: Annotated[date | None, Doc("撤回日期")]
    replaced_by: Annotated[UUID | None, Doc("替换它的附件标识")]
    reason: Annotated[str | None, Doc("撤回原因")]

    RELATIONS: ClassVar[Relations] = {"case": One("case", local="case_id")}
    FILTERS: ClassVar[tuple[str, ...]] = ("case_id", "kind", "division_code", "attached_on", "withdrawn")


@view(
    "notice",
    area=Area.ASSISTANCE,
    scope_from="division_code",
    owner=Owner("case", "case_id"),
    order=("issued_on", "notice_no", "id"),
    indexes=(("notice_no",), ("served", "scope", "serve_by", "id")),
    temporal=False,
)
@dataclass
class NoticeRow:
    """通知书"""

    id: Annotated[UUID, Doc("通知书标识；打印见 GET /notices/标识.pdf")]
    case_id: Annotated[UUID, Doc("个案标识")]
    kind: Annotated[NoticeKind, Doc("通知书种类")]
    notice_no: Annotated[str, Doc("文号")]
    office: Annotated[str, Doc("制发机关")]
    division_code: Annotated[str, Doc("制发时的区划代码")]
    issued_on: Annotated[date, Doc("制发日期")]
    issued_by: Annotated[str, Doc("制发的账号")]
    serve_by: Annotated[date, Doc("送达期限")]
    html_sha256: Annotated[str, Doc("通知书 HTML 的 SHA-256")]
    served: Annotated[bool, Doc("是否已送达")]
    served_on: Annotated[date | None, Doc("送达日期")]
    method: Annotated[ServiceMethod | None, Doc("送达方式")]
    proof: Annotated[str | None, Doc("送达凭证"), Masked(PersonalClass.CIRCUMSTANCES)]
    proof_id: Annotated[UUID | None, Doc("送达回证附件标识")]
    posted_on: Annotated[date | None, Doc("发出公告的日期")]

    RELATIONS: ClassVar[Relations] = {
        "case": One("case", local="case_id"),
        "proof_document": One("document", local="proof_id"),
    }
    FILTERS: ClassVar[tuple[str, ...]] = (
        "case_id",
        "kind",
        "notice_no",
        "division_code",
        "issued_on",
        "serve_by",
        "served",
        "method",
    )


class Papers(Projection):
    """What happens to papers. A part of the projection `Assistance`, never run by itself."""

    @handles(Document.Created)
    def attached(self, event: Document.Created, at: LogEvent, to: Changes) -> None:
        """A paper came in."""
        on = event.true_from()
        to.insert(
            DocumentRow,
            event.originator_id,
            on=on,
            case_id=event.case_id,
            kind=event.kind,
            media_type=event.media_type,
            size=event.size,
            sha256=event.sha256,
            file_name=event.file_name,
            division_code=event.division_code,
            attached_on=on,
            attached_by=at.actor,
            corrects_id=event.corrects_id,
        )

    @handles(Document.Withdrawn)
    def taken_back(self, event: Document.Withdrawn, at: LogEvent, to: Changes) -> None:
        """It no longer counts."""
        on = event.true_from()
        to.patch(
            DocumentRow,
            event.originator_id,
            on=on,
            withdrawn=True,
            withdrawn_on=on,
            replaced_by=event.replaced_by,
            reason=event.reason,
        )

    @handles(Notice.Created)
    def notice_issued(self, event: Notice.Created, at: LogEvent, to: Changes) -> None:
        """A notice has its number."""
        to.insert(
            NoticeRow,
            event.originator_id,
            on=event.issued_on,
            case_id=event.case_id,
            kind=event.kind,
            notice_no=event.notice_no,
            office=event.terms.office,
            division_code=event.division_code,
            issued_on=event.issued_on,
            issued_by=at.actor,
            serve_by=event.serve_by,
            html_sha256=event.html_sha256,
        )

    @handles(Notice.Served)
    def notice_served(self, event: Notice.Served, at: LogEvent, to: Changes) -> None:
        """It has reached its recipient."""
        to.patch(
            NoticeRow,
            event.originator_id,
            on=event.effective_on,
            served=True,
            served_on=event.effective_on,
            method=event.method,
            proof=event.proof,
            proof_id=event.proof_id,
            posted_on=event.posted_on,
        )
