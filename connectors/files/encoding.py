"""Which encoding a text file has, guessed from its content and told to the clerk.

UTF-8 (with and without BOM), UTF-16 with BOM (Excel's "Unicode text"), GB18030 (which contains GBK and GB2312), and
files in which one of them was once read as the other and saved again (乱码). The last are read back where nothing was
lost; a cell in which bytes were lost keeps U+FFFD, and its row goes to quarantine.
"""

import codecs
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from domain.errors import UnreadableFile

LOST = "\ufffd"
"""Stands where a character can't be restored."""

_CHUNK = 1 << 20
_HEAD = 1 << 16
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8（带 BOM）"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)


@dataclass(frozen=True, slots=True)
class Encoding:
    """How to read a text file: `codec`, then `repair` on each cell where the text had been misread before."""

    codec: str
    note: str
    """What the clerk is told."""
    repair: Callable[[str], str] | None = None


def guess_encoding(path: Path, vocabulary: Iterable[str]) -> Encoding:
    """The file's encoding. `vocabulary` are words (column titles) that a file read rightly contains.

    Raises UnreadableFile where no reading gives text.
    """
    with path.open("rb") as file:
        start = file.read(4)
    for bom, codec, note in _BOMS:
        if start.startswith(bom):
            plain = Encoding(codec, note)
            break
    else:
        plain = _without_bom(path)
    head = read_head(path, plain.codec)
    if "\x00" in head:
        raise UnreadableFile("文件不是文本，也不是可识别的表格；请导出为 CSV、XLSX 或 XLS 后再导入。")
    return _misread(plain, head, tuple(vocabulary))


def read_head(path: Path, codec: str) -> str:
    """The first 64 KiB as text, whole characters only."""
    with path.open("rb") as file:
        return codecs.getincrementaldecoder(codec)("replace").decode(file.read(_HEAD))


def _without_bom(path: Path) -> Encoding:
    if _decodes(path, "utf-8"):
        return Encoding("utf-8", "UTF-8")
    if _decodes(path, "gb18030"):
        return Encoding("gb18030", "GB18030（GBK）")
    with path.open("rb") as file:
        head = file.read(_HEAD)
    utf8, gbk = (head.decode(codec, "replace").count(LOST) for codec in ("utf-8", "gb18030"))
    codec = "utf-8" if utf8 <= gbk else "gb18030"
    return Encoding(codec, f"{codec.upper()}（有损坏的字节，含损坏字符的行将进入待处理）")


def _decodes(path: Path, codec: str) -> bool:
    decoder = codecs.getincrementaldecoder(codec)("strict")
    with path.open("rb") as file:
        try:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _western(misread: str) -> bytes:
    """Back to bytes what was read as Windows-1252, whose five unused bytes were read as Latin-1."""
    return b"".join(_western_byte(character) for character in misread)


def _western_byte(character: str) -> bytes:
    try:
        return character.encode("cp1252")
    except UnicodeEncodeError:
        return character.encode("latin-1", "replace")


def _chinese(misread: str) -> bytes:
    return misread.replace(LOST, "?").encode("gb18030", "replace")


@dataclass(frozen=True, slots=True)
class _Misreading:
    note: str
    to_bytes: Callable[[str], bytes]
    codec: str

    def repair(self, misread: str) -> str:
        return misread if misread.isascii() else self.to_bytes(misread).decode(self.codec, "replace")


_MISREADINGS = (
    _Misreading("UTF-8 曾被误当作 GBK 打开后另存，已还原", _chinese, "utf-8"),
    _Misreading("GBK 曾被误当作西文打开后另存，已还原", _western, "gb18030"),
    _Misreading("UTF-8 曾被误当作西文打开后另存，已还原", _western, "utf-8"),
)


def _misread(plain: Encoding, head: str, vocabulary: tuple[str, ...]) -> Encoding:
    best, best_hits = plain, _hits(head, vocabulary)
    lines = head.splitlines()[:50]
    for misreading in _MISREADINGS:
        repaired = "\n".join(misreading.repair(line) for line in lines)
        if (hits := _hits(repaired, vocabulary)) > best_hits:
            best, best_hits = Encoding(plain.codec, f"{plain.note}；{misreading.note}", misreading.repair), hits
    if best.repair is None and best_hits == 0 and ("锟斤拷" in head or head.count(LOST) > len(head) // 10):
        raise UnreadableFile("文件的汉字已被替换成乱码（锟斤拷），无法还原；请从来源系统重新导出。")
    return best


def _hits(text: str, vocabulary: tuple[str, ...]) -> int:
    return sum(word in text for word in vocabulary if len(word) > 1)
