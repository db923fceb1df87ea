"""One row read: its fact or its fault, what names its record, what its content is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from connectors.facts import AnyFact, Fact
from domain.codes import Code


class Reason(Code):
    """待处理原因"""

    UNREADABLE = "unreadable", "内容无法识别"
    MISSING = "missing", "必填项为空"
    INCONSISTENT = "inconsistent", "同一行的内容互相矛盾"
    SHIFTED = "shifted", "整行无法读取"
    IDENTITY = "identity", "号码与姓名不符"
    UNKNOWN_PERSON = "unknown_person", "人口登记中没有此人"
    UNKNOWN_CASE = "unknown_case", "没有对应的救助个案"
    UNKNOWN_BATCH = "unknown_batch", "没有对应的发放批次或序号"
    UNKNOWN_REQUEST = "unknown_request", "没有对应的核对请求"
    UNKNOWN_MESSAGE = "unknown_message", "没有报送过此消息"
    NO_PREDECESSOR = "no_predecessor", "此记录所依据的前一记录尚未到达"
    ERASED = "erased", "个人信息已依法删除"


TOO_EARLY = frozenset(
    {
        Reason.UNKNOWN_PERSON,
        Reason.UNKNOWN_CASE,
        Reason.UNKNOWN_BATCH,
        Reason.UNKNOWN_REQUEST,
        Reason.NO_PREDECESSOR,
    }
)
"""Reasons that go away by themselves when what the row builds on has arrived: such rows are read again then."""


class RowFault(Exception):
    """Why a row can't be recorded. `fields` are the mapping's fields at fault; the text holds no personal data."""

    def __init__(self, reason: Reason, message: str, fields: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.fields = tuple(fields)


class Fault(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A RowFault as it travels: with the columns' titles as they stand in the file."""

    reason: Reason
    message: str
    fields: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of rows: how a row's values become its fact.

    `build` raises RowFault. `together` is the fact's field by which neighbouring rows stay in one chunk, so that the
    chunks don't decide what a case looks like.
    """

    build: Callable[[dict[str, Any]], Fact]
    together: str = ""


class Parsed(msgspec.Struct, array_like=True, gc=False):
    """One row. `key` and `content` are canonical texts that are hashed under a key and never stored.

    `key` is empty where the fields that name the record can't be read. `rests` are the row without the fields of each
    fault that waits in quarantine (for a faulty row: without its own), by which a repaired row is known again.
    `cells` is the row as it stood, packed.
    """

    number: int
    key: str
    content: str
    cells: bytes
    fact: AnyFact | None = None
    fault: Fault | None = None
    rests: tuple[str, ...] = ()
    division: str = ""
    """Of a faulty row, if that much can be read: whose row it is."""
    mark: str = ""
    """Of a message: its own identity, which a file's row does not have."""
    deleted: bool = False
    """The source says that it no longer has this record."""
