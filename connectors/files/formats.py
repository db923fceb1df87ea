"""Formats, told apart by content: a suffix says how a file was named, not what it is.

`.xls` files of old systems are as often xlsx, CSV or an HTML table as they are Excel 97.
"""

from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from connectors.files.delimited import delimited_sheet
from connectors.files.encoding import Encoding, guess_encoding, read_head
from connectors.files.json_lines import json_sheet
from connectors.files.markup import html_sheets, xml_sheets
from connectors.files.table import Sheet
from connectors.files.workbook import small_workbook_sheets, streamed_sheets
from domain.errors import UnreadableFile

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SMALL_SHEET = 64 << 20
"""Bytes of sheet XML up to which the whole sheet is held in memory (16 times as fast; about twice this size)."""

Described = Iterator[tuple[str, Sheet]]


def read_sheets(path: Path, vocabulary: Collection[str]) -> Described:
    """The file's sheets in order, each with a description for the clerk; opened one by one as they are asked for."""
    try:
        with path.open("rb") as file:
            start = file.read(512)
    except OSError as error:
        raise UnreadableFile(f"文件打不开（{error.strerror}）；请检查路径和权限。") from error
    if not start.strip():
        raise UnreadableFile("文件是空的；请重新导出。")
    if start.startswith(_ZIP):
        return _zipped(path)
    if start.startswith(_OLE):
        return _old_excel(path)
    return _text(path, vocabulary)


def _zipped(path: Path) -> Described:
    try:
        with ZipFile(path) as archive:
            sizes = {info.filename: info.file_size for info in archive.infolist()}
    except BadZipFile:
        raise UnreadableFile("XLSX 文件不完整；请重新下载或导出。") from None
    sheets = [size for name, size in sizes.items() if name.startswith("xl/worksheets/")]
    if "xl/workbook.xml" in sizes and max(sheets, default=0) > _SMALL_SHEET:
        return _described("XLSX", streamed_sheets(path))
    if "xl/workbook.xml" in sizes:
        return _described("XLSX", small_workbook_sheets(path))
    if "xl/workbook.bin" in sizes:
        return _described("XLSB", small_workbook_sheets(path))
    if "content.xml" in sizes and "mimetype" in sizes:
        return _described("ODS", small_workbook_sheets(path))
    raise UnreadableFile("这是压缩包，不是表格；请解压后逐个导入。")


def _old_excel(path: Path) -> Described:
    with path.open("rb") as file:
        head = file.read(1 << 16)
    if "EncryptedPackage".encode("utf-16-le") in head:
        raise UnreadableFile("文件设有打开密码；请取消密码另存后再导入。")
    return _described("XLS", small_workbook_sheets(path))


def _text(path: Path, vocabulary: Collection[str]) -> Described:
    encoding = guess_encoding(path, vocabulary)
    head = read_head(path, encoding.codec).lstrip("\ufeff \t\r\n")
    lowered = head[:2048].lower()
    if "urn:schemas-microsoft-com:office:spreadsheet" in lowered:
        return _described("XML 电子表格", xml_sheets(path))
    if head.startswith("<") and ("<table" in head.lower() or "<html" in lowered):
        return _told("HTML 表格", encoding, html_sheets(path, encoding))
    reader: Callable[[Path, Encoding, Collection[str]], Sheet]
    name, reader = ("JSON", json_sheet) if head.startswith(("{", "[{")) else ("CSV", delimited_sheet)
    return _told(name, encoding, iter([reader(path, encoding, vocabulary)]))


def _described(name: str, sheets: Iterator[Sheet]) -> Described:
    for sheet in sheets:
        yield f"{name}，工作表“{sheet.name}”" if sheet.name else name, sheet


def _told(name: str, encoding: Encoding, sheets: Iterator[Sheet]) -> Described:
    for sheet in sheets:
        yield f"{name}，编码 {encoding.note}{sheet.name and '，' + sheet.name}", sheet
