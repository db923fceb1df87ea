"""Papers over HTTP and GraphQL: a notice from its number to its proof of service, attachments, forms."""

import asyncio
import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

import httpx
import pypdfium2
import pytest

from api.cli.app import app
from api.cli.base import FAILED, run_app
from domain.access import Actor, RoleCode
from domain.assistance.documents import LARGEST
from infra.documents import FolderStore
from infra.log import PostgresLog
from tests.fixtures import story as told
from tests.fixtures.story import CLERK, OFFICER, REVIEWER, STRANGER, WORKER, Story
from tests.integration.test_case_walk import accepted_and_verified, reviewed_and_posted

story, village = told.story, told.village

PDF = b"%PDF-1.7\n a scan"
SECURITY = Actor("安全管理员", RoleCode.SECURITY_ADMIN, "440704")
FINANCE = Actor("财务己", RoleCode.FINANCE_OFFICER, "440704")
PAPERS = """query Papers($id: UUID!, $least: Position) { case(id: $id, minPosition: $least) {
    documents { id kind fileName size sha256 withdrawn attachedBy replacedBy }
    notices { id kind htmlSha256 noticeNo office issuedOn serveBy served servedOn method proof proofDocument { kind } }
    timeline(first: 50) { nodes { title detail } } } }"""


async def upload(story: Story, by: Actor, kind: str, content: bytes = PDF, **more: Any) -> httpx.Response:
    """Send a file for the story's case."""
    headers = {**story.ask.headers(by), "content-type": "application/pdf", **more.pop("headers", {})}
    query = {"case": story.case, "kind": kind, **more}
    return await story.ask.http.post("/documents", params=query, content=content, headers=headers)


async def fetch(story: Story, by: Actor, address: str, **query: Any) -> httpx.Response:
    """Get a paper."""
    return await story.ask.http.get(address, params=query, headers=story.ask.headers(by))


async def papers(story: Story, by: Actor = CLERK) -> Any:
    """The case's papers as someone sees them."""
    return (await story.ask.data(PAPERS, by, id=story.case, least=story.position))["case"]


def text_of(pdf: bytes) -> str:
    """The text of a PDF without blanks and line ends."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        pages = [document[number].get_textpage().get_text_range() for number in range(len(document))]
        return "".join("".join(pages).split())
    finally:
        document.close()


def code_of(response: httpx.Response) -> str:
    """The code of the one error."""
    (error,) = response.json()["errors"]
    return str(error["extensions"]["code"])


def named(name: str) -> dict[str, str]:
    """The header that gives a file's name."""
    return {"content-disposition": f"attachment; filename*=UTF-8''{quote(name)}"}


@contextmanager
def of_no_case(story: Story) -> Iterator[None]:
    """Commands that name something else than the story's case."""
    case, story.case = story.case, ""
    try:
        yield
    finally:
        story.case = case


async def issue(story: Story, by: Actor, kind: str) -> str:
    """Issue a notice; its id."""
    notice, *_ = await story.do(by, "issueNotice", kind=kind)
    return notice


async def test_from_acceptance_to_proof_of_service(story: Story) -> None:
    await story.do(OFFICER, "acceptCase")
    await story.refused(STRANGER, "issueNotice", "没有找到", "NOT_FOUND", kind="ACCEPTANCE")
    notice = await issue(story, OFFICER, "ACCEPTANCE")
    assert (await fetch(story, STRANGER, f"/notices/{notice}.pdf")).status_code == 404
    assert (await fetch(story, FINANCE, f"/notices/{notice}.pdf")).status_code == 403
    assert ("SERVE_NOTICE", "2016-01-14") in await story.queue(OFFICER)

    html = await fetch(story, OFFICER, f"/notices/{notice}.html")
    assert html.headers["content-type"] == "text/html; charset=utf-8"
    assert "江海外海救受〔2016〕1号" in html.text
    assert "拟某甲1：" in html.text
    assert "至迟于2016年2月25日办结" in html.text
    pdf = await fetch(story, OFFICER, f"/notices/{notice}.pdf")
    assert pdf.headers["content-type"] == "application/pdf"
    assert "江海外海救受〔2016〕1号拟某甲1：你户于2016年1月11日提出的最低生活保障申请" in text_of(pdf.content)
    slip = await fetch(story, OFFICER, f"/notices/{notice}/receipt.pdf")
    assert "受送达人拟某甲1" in text_of(slip.content)

    story.on("2016-01-12")
    sent = await upload(story, OFFICER, "送达回证", headers=named("拟某甲回证.pdf"))
    assert sent.status_code == 201, sent.text
    proof = {"proof": "拟某甲签收", "proofId": sent.json()["id"]}
    with of_no_case(story):
        served = {"noticeId": notice, "method": "DIRECT", "servedOn": "2016-01-12", **proof}
        await story.refused(STRANGER, "serveNotice", "没有找到", "NOT_FOUND", **served)
        await story.do(OFFICER, "serveNotice", **served)

    seen = await papers(story)
    assert seen["notices"] == [
        {
            "id": notice,
            "htmlSha256": sha256(html.content).hexdigest(),
            "kind": "ACCEPTANCE",
            "noticeNo": "江海外海救受〔2016〕1号",
            "office": "江门市江海区外海街道办事处",
            "issuedOn": "2016-01-11",
            "serveBy": "2016-01-14",
            "served": True,
            "servedOn": "2016-01-12",
            "method": "DIRECT",
            "proof": "拟某甲签收",
            "proofDocument": {"kind": "PROOF_OF_SERVICE"},
        }
    ]
    timeline = [(entry["title"], entry["detail"]) for entry in seen["timeline"]["nodes"]]
    assert timeline[-3:] == [
        ("制发通知书", "受理通知书 江海外海救受〔2016〕1号"),
        ("上传附件", "送达回证（PDF 文件，1 KB）"),
        ("送达通知书", "江海外海救受〔2016〕1号，直接送达"),
    ]
    assert "SERVE_NOTICE" not in [step for step, _ in await story.queue(OFFICER)]
    assert (await papers(story, FINANCE))["notices"][0]["proof"] == "****"
    assert (await fetch(story, OFFICER, f"/notices/{notice}.html")).text == html.text


async def test_a_grant_on_paper_and_on_the_notice_board(story: Story, log: PostgresLog) -> None:
    await accepted_and_verified(story)
    await reviewed_and_posted(story, "公示〔2016〕3号")
    board = text_of((await fetch(story, WORKER, "/forms/publicity.pdf", case=story.case)).content)
    assert "最低生活保障拟确认对象公示公示〔2016〕3号" in board
    assert "1拟某甲1麻三村2900.00" in board
    assert "公示期自2016年2月16日至2016年2月23日" in board
    assert "拟某乙1" not in board, "nobody but the head is named"

    story.on("2016-02-24")
    await story.do(CLERK, "confirmCase")
    await story.refused(OFFICER, "issueNotice", "须由区民政局制发", kind="CONFIRMATION")
    notice = await issue(story, CLERK, "CONFIRMATION")
    await story.refused(CLERK, "issueNotice", "江海民救确〔2016〕1号", kind="CONFIRMATION")
    text = text_of((await fetch(story, CLERK, f"/notices/{notice}.pdf")).content)
    assert "决定自2016年3月起给予最低生活保障，保障2人，每月900.00元（大写：人民币玖佰元整）。" in text
    assert "60日内向江门市江海区人民政府申请行政复议" in text
    await story.do(WORKER, "announceGrant", noticeNo="长期公示〔2016〕2号")
    board = (await fetch(story, WORKER, "/forms/publicity.html", case=story.case)).text
    assert "长期公示〔2016〕2号" in board
    assert "<td>拟某甲1</td><td>麻三村</td><td>2</td><td>900.00</td>" in board

    # The same for ever, but for a person who was erased.
    await story.do(CLERK, "suspendCase", reason="未复核", fromOn="2016-04-01")
    again = await fetch(story, CLERK, f"/notices/{notice}.html")
    (seen,) = (await papers(story))["notices"]
    digest = (await story.ask.data("query N($id: UUID!) { notice(id: $id) { htmlSha256 } }", CLERK, id=notice))[
        "notice"
    ]
    assert sha256(again.content).hexdigest() == digest["htmlSha256"]
    assert seen["noticeNo"] == "江海民救确〔2016〕1号"


async def test_whose_right_is_withdrawn_reads_no_paper(story: Story) -> None:
    await story.do(OFFICER, "acceptCase")
    notice = await issue(story, OFFICER, "ACCEPTANCE")
    right = {"account": OFFICER.name, "grantedRole": "STREET_OFFICER", "divisionCode": OFFICER.division_code}
    with of_no_case(story):
        await story.do(SECURITY, "grantRight", **right, fromOn="2016-01-11", basis="任命")
        assert (await fetch(story, OFFICER, f"/notices/{notice}.html")).status_code == 200
        await story.do(SECURITY, "withdrawRight", account=OFFICER.name, reason="调离")
    for path in (f"/notices/{notice}.html", "/forms/visit.pdf", f"/payrolls/{notice}/bank-file"):
        answer = await fetch(story, OFFICER, path)
        assert (answer.status_code, code_of(answer)) == (403, "FORBIDDEN")


async def test_a_refusal_is_served_by_either_command(story: Story) -> None:
    await story.do(OFFICER, "acceptCase")
    await issue(story, OFFICER, "ACCEPTANCE")
    await story.do(CLERK, "refuseCase", reason="不配合核查")
    notice = await issue(story, CLERK, "REFUSAL")
    assert await story.queue(CLERK, role="DISTRICT_CLERK") == [("SERVE", "2016-01-14")]
    await story.do(OFFICER, "serveRefusal", proof="本人签收", servedOn="2016-01-11")
    # The notice of acceptance is to be served all the same.
    assert await story.queue(CLERK) == [("SERVE_NOTICE", "2016-01-14")]
    (seen,) = (each for each in (await papers(story))["notices"] if each["kind"] == "REFUSAL")
    assert (seen["id"], seen["served"], seen["method"]) == (notice, True, "DIRECT")


async def test_numbers_have_no_gaps_however_many_issue_at_once(village: Story) -> None:
    cases = []
    for number in range(1, 5):
        cases.append(await village.applies(number))
        await village.do(OFFICER, "acceptCase")
    village.case = ""
    kind = {"kind": "ACCEPTANCE"}
    await asyncio.gather(*(village.do(OFFICER, "issueNotice", caseId=case, **kind) for case in cases))
    query = "{ notices(first: 10) { nodes { noticeNo caseId } } }"
    for _ in range(100):
        found = (await village.ask.data(query, CLERK))["notices"]["nodes"]
        if len(found) == len(cases):
            break
        await asyncio.sleep(0.05)
    assert [each["noticeNo"] for each in found] == [f"江海外海救受〔2016〕{n}号" for n in range(1, 5)]
    assert {each["caseId"] for each in found} == set(cases)


class TestAttachments:
    async def test_they_go_up_and_come_down(self, story: Story, tmp_path: Path) -> None:
        image = b"\x89PNG\r\n\x1a\n pixels"
        false = await upload(story, WORKER, "VISIT_PHOTO", image)
        assert (false.status_code, "内容却是PNG" in false.text) == (400, True)
        headers = {**named("../../etc/墙.png"), "content-type": "image/png"}
        sent = await upload(story, WORKER, "VISIT_PHOTO", image, headers=headers)
        told = sent.json()
        assert told["mediaType"] == "image/png"
        story.position = told["position"]
        came = await fetch(story, WORKER, f"/documents/{told['id']}")
        assert came.content == image
        assert came.headers["content-type"] == "image/png"
        assert came.headers["content-disposition"] == f"attachment; filename*=UTF-8''{quote('墙.png')}"
        assert came.headers["x-content-type-options"] == "nosniff"
        assert came.headers["cache-control"] == "no-store"
        (seen,) = (await papers(story))["documents"]
        assert (seen["fileName"], seen["attachedBy"]) == ("墙.png", WORKER.name)
        assert (await papers(story, FINANCE))["documents"][0]["fileName"] == "****"
        stored = {path.parent.parent for path in (tmp_path / "documents").rglob("*.mzd")}
        assert stored == {tmp_path / "documents"}

    async def test_errors_say_what_to_do(self, story: Story) -> None:
        ask, by = story.ask, OFFICER
        assert (await ask.http.get(f"/documents/{uuid4()}")).status_code == 401
        for address in (f"/documents/{uuid4()}", "/documents/..%2f..%2fmaster.key", "/documents/x", "/notices/x.pdf"):
            response = await fetch(story, by, address)
            assert response.status_code == 404, address
        for status, code, sent in (
            (400, "BAD_USER_INPUT", upload(story, by, "没有这种")),
            (400, "BAD_USER_INPUT", upload(story, by, "收入证明", b"PK\x03\x04 docx")),
            (400, "BAD_USER_INPUT", upload(story, by, "收入证明", b"")),
            (413, "BAD_USER_INPUT", upload(story, by, "收入证明", PDF + bytes(LARGEST))),
            (415, "BAD_USER_INPUT", upload(story, by, "收入证明", headers={"content-type": "multipart/form-data"})),
            (404, "NOT_FOUND", upload(story, STRANGER, "收入证明")),
            (403, "FORBIDDEN", upload(story, FINANCE, "收入证明")),
            (404, "NOT_FOUND", upload(story, by, "收入证明", corrects=str(uuid4()))),
        ):
            response = await sent
            assert (response.status_code, code_of(response)) == (status, code), response.text
        assert (await papers(story))["documents"] == []
        same = [await upload(story, by, "收入证明"), await upload(story, by, "收入证明")]
        assert [each.status_code for each in same] == [201, 422]

    async def test_a_body_without_a_length_is_counted_as_it_comes(self, story: Story) -> None:
        async def endless() -> Any:
            yield PDF
            for _ in range(LARGEST // 1024 // 1024 + 1):
                yield bytes(1024 * 1024)

        headers = {**story.ask.headers(OFFICER), "content-type": "application/pdf"}
        query = {"case": story.case, "kind": "income"}
        response = await story.ask.http.post("/documents", params=query, content=endless(), headers=headers)
        assert response.status_code == 413

    async def test_others_find_nothing_and_roles_see_no_more_than_theirs(self, story: Story) -> None:
        id = (await upload(story, OFFICER, "收入证明")).json()["id"]
        for by, status in ((OFFICER, 200), (CLERK, 200), (STRANGER, 404), (WORKER, 403), (FINANCE, 403)):
            assert (await fetch(story, by, f"/documents/{id}")).status_code == status, by.name
        grid = Actor("网格庚", RoleCode.GRID_WORKER, "440704")
        assert (await fetch(story, grid, f"/documents/{id}")).status_code == 404

    async def test_a_replaced_paper_stays_visible(self, story: Story) -> None:
        first = (await upload(story, OFFICER, "收入证明")).json()["id"]
        second = (await upload(story, OFFICER, "收入证明", PDF + b"2", corrects=first)).json()
        story.position = second["position"]
        seen = {each["id"]: each for each in (await papers(story))["documents"]}
        assert (seen[first]["withdrawn"], seen[first]["replacedBy"]) == (True, second["id"])
        assert not seen[second["id"]]["withdrawn"]
        assert (await fetch(story, OFFICER, f"/documents/{first}")).status_code == 200

    async def test_after_erasure_neither_paper_nor_letter_can_be_read(self, story: Story, log: PostgresLog) -> None:
        await story.do(OFFICER, "acceptCase")
        notice = await issue(story, OFFICER, "ACCEPTANCE")
        id = (await upload(story, OFFICER, "收入证明")).json()["id"]
        who = await story.ask.data(
            "query C($id: UUID!, $least: Position) { case(id: $id, minPosition: $least) { householdId applicantId } }",
            CLERK,
            id=story.case,
            least=story.position,
        )
        ring = story.store.keyring
        for holder in (UUID(who["case"]["householdId"]), UUID(who["case"]["applicantId"])):
            assert await log.destroy_key(holder)
            ring.drop(holder)
        for address in (f"/documents/{id}", f"/notices/{notice}.html"):
            response = await fetch(story, OFFICER, address)
            assert response.status_code == 404
            assert "依法删除" in response.text

    async def test_each_reading_is_a_line_without_personal_data(
        self, story: Story, caplog: pytest.LogCaptureFixture
    ) -> None:
        id = (await upload(story, OFFICER, "收入证明", headers=named("拟某甲.pdf"))).json()["id"]
        with caplog.at_level(logging.INFO, "minzheng.access"):
            await fetch(story, OFFICER, f"/documents/{id}")
            await fetch(story, STRANGER, f"/documents/{id}")
        (line,) = caplog.messages
        assert f"read document {id} case={story.case} role=street_officer division=440704004 account=" in line
        assert "拟某甲" not in line
        assert OFFICER.name not in line


class TestForms:
    async def test_a_visit_form_for_a_case_or_blank(self, story: Story) -> None:
        filled = text_of((await fetch(story, WORKER, "/forms/visit.pdf", case=story.case)).content)
        assert "社会救助家庭入户核查表" in filled
        assert "拟某甲1户主" in filled
        assert "拟某乙1子" in filled
        blank = text_of((await fetch(story, WORKER, "/forms/visit.pdf")).content)
        assert "社会救助家庭入户核查表" in blank
        assert "拟某" not in blank
        assert (await fetch(story, STRANGER, "/forms/visit.pdf", case=story.case)).status_code == 404
        assert (await fetch(story, FINANCE, "/forms/visit.pdf")).status_code == 403
        assert (await fetch(story, WORKER, "/forms/visit.docx")).status_code == 404

    async def test_nothing_is_hung_out_before_its_time(self, story: Story) -> None:
        response = await fetch(story, WORKER, "/forms/publicity.pdf", case=story.case)
        assert response.status_code == 422
        assert "先登记公示" in response.text
        assert (await fetch(story, WORKER, "/forms/publicity.pdf")).status_code == 400
        assert (await fetch(story, STRANGER, "/forms/publicity.pdf", case=story.case)).status_code == 404

    async def test_an_opinion_against_is_not_hung_out_as_one_for(self, story: Story) -> None:
        await quickly_verified(story)
        await story.do(REVIEWER, "reviewCase", opinion="REFUSE")
        await story.do(WORKER, "postNotice", noticeNo="公示〔2016〕3号")
        response = await fetch(story, WORKER, "/forms/publicity.pdf", case=story.case)
        assert (response.status_code, "建议不予确认" in response.text) == (422, True)

    async def test_households_of_one_notice_hang_on_one_sheet(self, village: Story) -> None:
        cases = []
        for number in (1, 2):
            cases.append(await village.applies(number))
            await quickly_verified(village)
            await village.do(REVIEWER, "reviewCase", opinion="GRANT")
            await village.do(WORKER, "postNotice", noticeNo="公示〔2016〕3号")
        both = await village.ask.http.get(
            "/forms/publicity.html", params=[("case", case) for case in cases], headers=village.ask.headers(WORKER)
        )
        assert both.status_code == 200, both.text
        assert "<td>1</td><td>拟某甲1</td>" in both.text
        assert "<td>2</td><td>拟某甲2</td>" in both.text


async def quickly_verified(story: Story) -> None:
    """Accepted, visited and verified on one day."""
    await story.do(OFFICER, "acceptCase")
    visit = {"finding": "AS_STATED", "report": "属实", "visitedOn": "2016-01-11"}
    await story.do(WORKER, "recordVisit", **visit)
    await story.do(OFFICER, "verifyCase", monthlyIncomeFen=30_000, propertyWithinLimits=True, conclusion="属实")


async def test_the_command_line(
    story: Story,
    log: PostgresLog,
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    await story.do(OFFICER, "acceptCase")
    notice = await issue(story, OFFICER, "ACCEPTANCE")
    monkeypatch.setenv("MINZHENG_DATABASE_URL", database_url)
    monkeypatch.setenv("MINZHENG_DATA_DIR", os.fspath(tmp_path))
    scan = tmp_path / "回证.pdf"
    scan.write_bytes(PDF)

    async def run(*arguments: str) -> tuple[int, str]:
        code = await asyncio.to_thread(run_app, app, arguments)
        return code, capfd.readouterr().out

    code, out = await run("document", "add", f"{scan}", "--case", story.case, "--kind", "送达回证", "--json")
    assert code == 0
    id = json.loads(out)["id"]
    assert (await run("document", "get", id, "--out", f"{tmp_path / 'back.pdf'}"))[0] == 0
    assert (tmp_path / "back.pdf").read_bytes() == PDF
    other = ("--role", "street_officer", "--division", "440704001")
    assert (await run("document", "get", id, "--out", f"{tmp_path / 'no.pdf'}", *other))[0] == FAILED
    assert not (tmp_path / "no.pdf").exists()
    assert json.loads((await run("documents", "check", "--json"))[1]) == {"documents": 1, "troubles": []}
    orphan = uuid4()
    await FolderStore(tmp_path / "documents").put(orphan, b"left by a crash")
    assert (await run("documents", "check"))[0] == 0
    (stored,) = (tmp_path / "documents").rglob(f"{id}.mzd")
    stored.unlink()
    code, out = await run("documents", "check", "--json")
    assert code == FAILED
    assert sorted(json.loads(out)["troubles"]) == [["missing", id], ["orphaned", str(orphan)]]
    printed = (
        "--pdf",
        f"{tmp_path / 'a.pdf'}",
        "--html",
        f"{tmp_path / 'a.html'}",
        "--receipt",
        f"{tmp_path / 'r.pdf'}",
    )
    assert (await run("notice", "print", notice, *printed))[0] == 0
    assert "受理通知书" in text_of((tmp_path / "a.pdf").read_bytes())
    assert "江海外海救受〔2016〕1号" in (tmp_path / "a.html").read_text("utf-8")
    assert "送达回证" in text_of((tmp_path / "r.pdf").read_bytes())
