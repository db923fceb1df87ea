"""Messages as a file: CSV or a workbook, one line a message, and beside it what the receiver checks it by.

The same messages always make the same content. A file appears whole under its name, and its description
(`….json`) last: whoever finds that finds the file.
"""

import csv
import hashlib
import io
import json
import os
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from connectors.platforms.declaration import Platform
from connectors.platforms.shape import PlatformMessage
from domain.clock import CHINA

_FIXED = ("日志位置", "上一条", "消息标识", "类型", "主体", "区划代码", "业务时间", "登记时间")
_EPOCH = (2000, 1, 1)
"""Workbooks hold the time of their making, which would make the same messages another file."""


@dataclass(frozen=True, slots=True)
class Made:
    """A file that was written."""

    path: Path
    count: int
    digest: bytes


def write_parcel(
    platform: Platform, messages: Sequence[PlatformMessage], path: Path, *, number: int = 0, format: str = ""
) -> Made:
    """Write messages and their description, in place of what stands there; safe on disk when it returns.

    Raises OSError.
    """
    write = _workbook if (format or platform.format) == "xlsx" else _delimited
    content = write(platform, messages)
    digest = hashlib.sha256(content).digest()
    _put(path, content)
    told = {
        "platform": platform.name,
        "number": number,
        "file": path.name,
        "count": len(messages),
        "first": messages[0].position if messages else 0,
        "last": messages[-1].position if messages else 0,
        "previous": messages[0].previous if messages else 0,
        "sha256": digest.hex(),
    }
    _put(path.with_suffix(".json"), json.dumps(told, ensure_ascii=False, indent=1).encode())
    return Made(path, len(messages), digest)


def _put(path: Path, content: bytes) -> None:
    """Have a file appear whole, or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.part")
    with unfinished.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _lines(platform: Platform, messages: Iterable[PlatformMessage]) -> Iterator[tuple[Any, ...]]:
    columns = platform.columns
    for message in messages:
        yield (
            *(message.position, message.previous, message.id, message.type, message.subject, message.division),
            message.occurred.astimezone(CHINA).isoformat(),
            message.recorded_at.astimezone(CHINA).isoformat(),
            *(_text(message.values.get(name)) for name in columns),
        )


def _delimited(platform: Platform, messages: Sequence[PlatformMessage]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow((*_FIXED, *platform.columns))
    writer.writerows(_lines(platform, messages))
    return text.getvalue().encode("utf-8-sig")  # the mark by which Excel knows UTF-8


def _workbook(platform: Platform, messages: Sequence[PlatformMessage]) -> bytes:
    from openpyxl import Workbook  # a fifth of a second that no other way needs to wait for
    from openpyxl.cell import WriteOnlyCell

    amounts = _amounts(platform)
    book = Workbook(write_only=True)
    sheet = book.create_sheet(platform.name)

    def cell(name: str, value: Any) -> Any:
        if name in amounts and value:
            made = WriteOnlyCell(sheet, Decimal(value))  # type: ignore[arg-type]  # its stubs know no decimals
            made.number_format = "0.00"
            return made
        made = WriteOnlyCell(sheet, value)
        if isinstance(value, str):
            made.data_type = "s"  # never a formula, whatever somebody's name begins with
        return made

    names = (*_FIXED, *platform.columns)
    sheet.append([cell("", name) for name in names])
    for line in _lines(platform, messages):
        sheet.append([cell(name, value) for name, value in zip(names, line, strict=True)])
    return _saved(book)


def _saved(book: Any) -> bytes:
    """A workbook's bytes without the time of its making."""
    book.properties.created = datetime(*_EPOCH)
    made, same = io.BytesIO(), io.BytesIO()
    book.save(made)
    with zipfile.ZipFile(made) as parts, zipfile.ZipFile(same, "w", zipfile.ZIP_DEFLATED) as rewritten:
        for part in parts.infolist():
            content = parts.read(part)
            if part.filename == "docProps/core.xml":
                content = _without_time(content)
            rewritten.writestr(zipfile.ZipInfo(part.filename, (*_EPOCH, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return same.getvalue()


def _without_time(core: bytes) -> bytes:
    """Saving notes the moment, whatever was set."""
    return re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>2000-01-01T00:00:00Z", core)


def _amounts(platform: Platform) -> frozenset[str]:
    """The columns that hold amounts in yuan and nothing else."""
    forms: dict[str, set[str]] = {}
    for told in platform.events.values():
        for shown in (*told.fields, *told.person, *told.opened):
            forms.setdefault(shown.name, set()).add(shown.form)
    return frozenset(name for name, found in forms.items() if found == {"yuan"})


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


__all__ = ["Made", "write_parcel"]
