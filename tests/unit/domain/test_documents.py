"""Papers of a case: what is taken, what is refused, what is taken back."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.access import Actor, RoleCode
from domain.assistance import Case, Document
from domain.assistance.commands import AttachDocument, WithdrawDocument
from domain.assistance.documents import LARGEST, media_type_of
from domain.codes import DocumentKind, MediaType
from domain.errors import BadInput, NotFound
from tests.unit.domain.samples import VILLAGE, accepted
from tests.unit.domain.specification import STREET, given

COMMUNITY = Actor("village", RoleCode.COMMUNITY_WORKER, VILLAGE)


def attach(case: Case, **fields: Any) -> AttachDocument:
    """A scan of an income certificate."""
    content: dict[str, Any] = {"media_type": MediaType.PDF, "size": 1200, "sha256": "aa", "sealed_sha256": "bb"}
    return AttachDocument(
        **{"document_id": uuid4(), "case_id": case.id, "kind": DocumentKind.INCOME, **content, **fields}
    )


class TestAttaching:
    def test_it_belongs_to_the_case_and_its_household(self) -> None:
        case = accepted()
        command = attach(case, file_name=" 拟某甲收入.pdf ")
        added = (
            given(case)
            .when(command, by=COMMUNITY)
            .then(Document.Created, household_id=case.household_id, file_name="拟某甲收入.pdf", division_code=VILLAGE)
        )
        assert added.id == command.document_id
        assert added.owner() == (Case, case.id)

    @pytest.mark.parametrize("size", [0, LARGEST + 1])
    def test_it_has_a_size_that_is_taken(self, size: int) -> None:
        case = accepted()
        given(case).when(attach(case, size=size)).refused("20 MB", BadInput)

    def test_the_same_file_is_not_attached_twice(self) -> None:
        case = accepted()
        first = given(case).when(attach(case)).then(Document.Created)
        given(case, first).when(attach(case)).refused(str(first.id))

    def test_a_correction_names_what_it_corrects(self) -> None:
        case = accepted()
        first = given(case).when(attach(case)).then(Document.Created)
        command = attach(case, sha256="cc", corrects_id=first.id)
        given(case, first).when(command).then(
            Document.Created, Document.Withdrawn, replaced_by=command.document_id, case_id=case.id
        )
        again = attach(case, corrects_id=uuid4())
        given(case).when(again).refused("所替换的附件", NotFound)

    def test_its_file_name_is_no_part_of_what_a_timeline_shows(self) -> None:
        case = accepted()
        outcome = given(case).when(attach(case, file_name="拟某甲.pdf"))
        assert outcome.events[0].gist() == "收入证明（PDF 文件，2 KB）"


class TestWithdrawing:
    def test_it_stays_visible_and_counts_no_more(self) -> None:
        case = accepted()
        added = given(case).when(attach(case)).then(Document.Created)
        gone = (
            given(case, added)
            .when(WithdrawDocument(document_id=added.id, reason="传错个案"), by=STREET)
            .then(Document.Withdrawn, replaced_by=None)
        )
        assert gone.withdrawn
        given(case, gone).when(WithdrawDocument(document_id=added.id, reason="再次")).refused("已撤回")
        given(case, gone).when(attach(case)).then(Document.Created)

    def test_a_reason_is_needed(self) -> None:
        case = accepted()
        added = given(case).when(attach(case)).then(Document.Created)
        given(case, added).when(WithdrawDocument(document_id=added.id, reason=" ")).refused("写明原因")

    def test_after_a_move_the_new_street_answers(self) -> None:
        case = accepted()
        added: Document = given(case).when(attach(case)).then(Document.Created)
        case.transfer(case.modified_on, to_division_code="440704001015", moved_on=case.modified_on.date())
        moved = given(case, added).when(WithdrawDocument(document_id=added.id, reason="重复")).then(Document.Withdrawn)
        assert moved.division_code == "440704001015"


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"%PDF-1.7 \x00", MediaType.PDF),
        (b"\xff\xd8\xff\xe0 JFIF", MediaType.JPEG),
        (b"\x89PNG\r\n\x1a\n\x00", MediaType.PNG),
    ],
)
def test_the_type_is_what_the_first_bytes_show(content: bytes, found: MediaType) -> None:
    assert media_type_of(content) is found


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 docx", b"MZ\x90", b"<html>", b"\xff\xd8", b" %PDF-1.4"])
def test_other_types_are_refused(content: bytes) -> None:
    with pytest.raises(BadInput, match="另存为 PDF"):
        media_type_of(content)


def test_an_id_that_was_taken_is_the_documents_own() -> None:
    case, id = accepted(), UUID(int=7)
    assert given(case).when(attach(case, document_id=id)).then(Document.Created).id == id
