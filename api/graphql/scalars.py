"""Scalars of our own. Int has 32 bits: too few for a district's yearly total in fen, and for log positions.

Read fields hold what PostgreSQL wrote as JSON, so serialising passes it on; parsing is strict.
"""

from datetime import date, datetime
from typing import Any, NewType
from uuid import UUID as Uuid

import strawberry
from strawberry.types.scalar import ScalarDefinition

from domain.clock import CHINA

Fen = NewType("Fen", int)
Position = NewType("Position", int)
Whole = NewType("Whole", int)
Document = NewType("Document", object)
_LIMIT = 2**63


def _integer(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not -_LIMIT <= value < _LIMIT:
        raise ValueError("应为整数")
    return value


def _position(value: Any) -> int:
    if _integer(value) < 0:
        raise ValueError("日志位置不能为负数")
    return int(value)


def _date(value: Any) -> date:
    try:
        if not isinstance(value, str) or len(value) != 10:
            raise ValueError
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError("日期应为 YYYY-MM-DD，例如 2015-12-31") from None


def _time(value: Any) -> datetime:
    try:
        if not isinstance(value, str) or len(value) < 16:
            raise ValueError
        parsed = datetime.fromisoformat(value)
        # Far from the ends of the calendar, where shifting to another zone overflows.
        if not 1 < parsed.year < 9999:
            raise ValueError
    except ValueError:
        raise ValueError("时间应为 ISO 8601，例如 2015-12-31T09:30:00+08:00") from None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=CHINA)


def _uuid(value: Any) -> Uuid:
    try:
        if not isinstance(value, str) or len(value) not in (32, 36):
            raise ValueError
        return Uuid(value)
    except ValueError:
        raise ValueError("标识应为 UUID") from None


def _as_text(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(CHINA).isoformat()
    return value.isoformat() if isinstance(value, date) else value


def _as_uuid(value: Any) -> Any:
    return str(value) if isinstance(value, Uuid) else value


def _same(value: Any) -> Any:
    return value


def _scalar(name: str, description: str, parse: Any, serialize: Any = _same) -> ScalarDefinition:
    return strawberry.scalar(name=name, description=description, serialize=serialize, parse_value=parse)


SCALARS: dict[object, ScalarDefinition] = {
    Fen: _scalar("Fen", "金额，单位为分，64 位整数 · an amount in fen (1/100 yuan), a 64-bit integer", _integer),
    Position: _scalar("Position", "日志位置，从 1 起无间断 · a position in the event log, gapless from 1", _position),
    Whole: _scalar("Whole", "整数，64 位 · a whole number of 64 bits, in a unit that stands beside it", _integer),
    Document: _scalar("JSON", "JSON 文档 · a JSON document", _same),
    date: _scalar("Date", "日期 YYYY-MM-DD · a day of the district, ISO 8601", _date, _as_text),
    datetime: _scalar("DateTime", "时间，ISO 8601，输出为 +08:00 · an instant, ISO 8601", _time, _as_text),
    Uuid: _scalar("UUID", "标识 · a UUID", _uuid, _as_uuid),
}
"""Python type → GraphQL scalar, for the schema's configuration."""
