"""`minzheng document`, `minzheng documents` and `minzheng notice`: papers from the command line."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from api.cli.base import FAILED, err, on_platform, out, print_json
from domain.access import Actor, RoleCode
from domain.codes import DocumentKind

if TYPE_CHECKING:
    from api.papers.printing import Printed
    from api.platform import Platform
    from domain.assistance.sheets import Sheet
    from infra.documents import Attached, Checked, Content, DocumentVault

document = typer.Typer(help="附件：加密存入文件库，按个案登记。", no_args_is_help=True)
documents = typer.Typer(help="文件库。", no_args_is_help=True)
notice = typer.Typer(help="通知书。", no_args_is_help=True)
Role = Annotated[str, typer.Option("--role", help="以何角色办理。")]
Division = Annotated[str, typer.Option("--division", help="该角色所辖区划代码。")]
Name = Annotated[str, typer.Option("--name", help="经办账号。")]
Json = Annotated[bool, typer.Option("--json", help="以 JSON 输出。")]
_CLERK, _DISTRICT, _ACCOUNT = RoleCode.DISTRICT_CLERK.value, "440704", "cli"


def add_to(app: typer.Typer) -> None:
    """Put the groups into the command line."""
    app.add_typer(document, name="document")
    app.add_typer(documents, name="documents")
    app.add_typer(notice, name="notice")


@document.command(epilog="示例：minzheng document add 回证.pdf --case <个案标识> --kind 送达回证")
def add(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="PDF、JPEG 或 PNG 文件。")],
    case: Annotated[UUID, typer.Option("--case", help="个案标识。")],
    kind: Annotated[str, typer.Option("--kind", help="附件种类，例如 收入证明、送达回证、入户照片。")],
    corrects: Annotated[UUID | None, typer.Option("--corrects", help="所替换的附件标识。")] = None,
    role: Role = _CLERK,
    division: Division = _DISTRICT,
    name: Name = _ACCOUNT,
    as_json: Json = False,
) -> None:
    """上传一份附件。"""
    actor, chosen = _actor(role, division, name), DocumentKind.parse(kind, "kind")

    async def work(platform: "Platform") -> "Attached":
        return await _vault(platform).attach(
            actor, case_id=case, kind=chosen, content=file.read_bytes(), file_name=file.name, corrects_id=corrects
        )

    done = on_platform(work)
    if as_json:
        print_json(done)
    else:
        out.print(f"已登记附件 {done.id}（{chosen.label}，{done.size} 字节，SHA-256 {done.sha256}）")


@document.command(epilog="示例：minzheng document get <附件标识> --out 回证.pdf")
def get(
    id: Annotated[UUID, typer.Argument(metavar="ID", help="附件标识。")],
    target: Annotated[Path, typer.Option("--out", help="写入的文件。")],
    role: Role = _CLERK,
    division: Division = _DISTRICT,
    name: Name = _ACCOUNT,
) -> None:
    """取出一份附件的内容。"""
    actor = _actor(role, division, name)

    async def work(platform: "Platform") -> "Content":
        return await _vault(platform).read(actor, id)

    found = on_platform(work)
    target.write_bytes(found.content)
    err.print(f"已写入 {target}（{found.document.kind.label}，{found.document.size} 字节）")


@documents.command(epilog="示例：minzheng documents check --json")
def check(as_json: Json = False) -> None:
    """核对文件库与日志：缺失、被改动、没有登记的内容；有缺失或改动时退出码不为 0。"""

    async def work(platform: "Platform") -> "Checked":
        return await _vault(platform).check()

    found = on_platform(work)
    if as_json:
        print_json({"documents": found.documents, "troubles": [(t.value, id) for t, id in found.troubles]})
    else:
        for trouble, id in found.troubles:
            out.print(f"{trouble.label}  {id}")
        out.print(f"登记的附件 {found.documents} 份，问题 {len(found.troubles)} 处。")
    if found.harmful:
        raise typer.Exit(FAILED)


@notice.command("print", epilog="示例：minzheng notice print <通知书标识> --pdf 通知书.pdf")
def print_notice(
    id: Annotated[UUID, typer.Argument(metavar="ID", help="通知书标识。")],
    pdf: Annotated[Path | None, typer.Option("--pdf", help="写入的 PDF 文件。")] = None,
    html: Annotated[Path | None, typer.Option("--html", help="写入的 HTML 文件；都不给则写到标准输出。")] = None,
    receipt: Annotated[Path | None, typer.Option("--receipt", help="写入送达回证的 PDF 文件。")] = None,
    role: Role = _CLERK,
    division: Division = _DISTRICT,
    name: Name = _ACCOUNT,
) -> None:
    """打印一份通知书，与制发时逐字相同。"""
    from api.papers.pdf import pdf_of
    from infra.settings import load_settings

    actor = _actor(role, division, name)

    async def work(platform: "Platform") -> "tuple[Printed, Sheet]":
        from api.papers.printing import Printing

        printing = Printing(platform.store)
        return await printing.notice(actor, id), await printing.receipt(actor, id)

    printed, slip = on_platform(work)
    font = load_settings().font_file
    for target, sheet in ((pdf, printed.sheet), (receipt, slip)):
        if target is not None:
            target.write_bytes(pdf_of(sheet, font))
    if html is not None:
        html.write_text(printed.html, encoding="utf-8")
    elif pdf is None and receipt is None:
        sys.stdout.write(printed.html)
    err.print(f"{printed.notice.kind.label} {printed.notice.notice_no}")


def _actor(role: str, division: str, name: str) -> Actor:
    return Actor(name, RoleCode.parse(role, "role"), division)


def _vault(platform: "Platform") -> "DocumentVault":
    from infra.documents import DocumentVault, open_document_store

    return DocumentVault(platform.store, open_document_store(platform.settings), platform.dispatcher)
