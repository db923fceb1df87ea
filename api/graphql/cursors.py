"""Opaque cursors: the values a list is ordered by at one row, with a version and a tag of that order.

They are made in SQL. A cursor opens nothing: whatever it says, rows are read under the caller's scope.
"""

import base64
import binascii
import zlib
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson

from domain.errors import BadInput
from projections.kernel.tables import Column

_VERSION = "1"


def cursor_tag(view: str, order: Sequence[str]) -> str:
    """What tells the cursors of differently ordered lists apart."""
    return f"{zlib.crc32(':'.join((view, *order)).encode()):08x}"


def cursor_sql(view: str, order: Sequence[str], alias: str) -> str:
    """The expression that makes the cursor of row `alias`."""
    values = ", ".join(f"{alias}.{name}" for name in order)
    made = f"json_build_array('{_VERSION}', '{cursor_tag(view, order)}', {values})::text"
    return f"rtrim(translate(encode(convert_to({made}, 'UTF8'), 'base64'), E'+/\\n', '-_'), '=')"


def read_cursor(text: str, view: str, columns: Sequence[Column]) -> list[Any]:
    """The values a cursor holds, as their columns' types; raises BadInput where it isn't one of this list."""
    try:
        if len(text) > 2000:
            raise ValueError
        raw = orjson.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
        version, tag, *values = raw
        if version != _VERSION or tag != cursor_tag(view, [column.name for column in columns]):
            raise ValueError
        return [_value(value, column) for value, column in zip(values, columns, strict=True)]
    except (ValueError, TypeError, AttributeError, binascii.Error):
        raise BadInput("after 不是此列表的游标；请使用上一页的 endCursor。", "after") from None


def _value(value: Any, column: Column) -> Any:
    if column.type is int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValueError
        return value
    if not isinstance(value, str) or "\0" in value:
        raise ValueError
    if column.type is UUID:
        return UUID(value)
    if column.type is datetime:
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if column.type is date else value
