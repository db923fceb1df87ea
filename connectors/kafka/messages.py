"""What a message of a source system says: CloudEvents 1.0 in both content modes, and Debezium change envelopes.

A message carries one record as columns and values, read by the same mappings as a file's row. Columns are named by
their titles in the source, or by the mapping's own field names.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import orjson
from cloudevents.core.bindings.kafka import KafkaMessage, from_kafka
from cloudevents.core.exceptions import CloudEventValidationError
from cloudevents.core.formats.json import JSONFormat

from connectors.files.cells import Cell
from domain.clock import CHINA

_FORMAT = JSONFormat()
_STRUCTURED = b"application/cloudevents"
_EPOCH = date(1970, 1, 1)
_TAKEN_BACK = "d"
_OPERATIONS = frozenset("crud")
"""Debezium: create, read (snapshot), update, delete."""


class Unintelligible(Exception):
    """A message that can't be understood; the text is one sentence for the clerk and holds nothing of the message."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a message says of one record. `names` are what may name its kind (a type's parts, a table), likeliest first.

    `mark` tells it from every other message of its source: the same one again has the same. `deleted` means that the
    source no longer has the record, as which it gives what it had.
    """

    names: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[Cell, ...]
    on: date
    mark: str
    deleted: bool = False


def understand(value: bytes | None, headers: Sequence[tuple[str, bytes]], sent_at: datetime, place: str) -> Said | None:
    """What a message says; None for a tombstone, which only tells Kafka what may be forgotten.

    `place` names the message where it has no identity of its own (`topic/partition@offset`), `sent_at` its time.
    Raises Unintelligible.
    """
    if value is None:
        return None
    given = dict(headers)
    if any(name.lower().startswith("ce_") for name in given) or _is_structured(given, value):
        return _cloud_event(value, given, sent_at, place)
    body = _json(value)
    return _change(body, sent_at, place)


def _is_structured(headers: Mapping[str, bytes], value: bytes) -> bool:
    kind = headers.get("content-type", b"")
    return kind.startswith(_STRUCTURED) or (not kind and b'"specversion"' in value)


def _cloud_event(value: bytes, headers: Mapping[str, bytes], sent_at: datetime, place: str) -> Said | None:
    try:
        event = from_kafka(KafkaMessage(dict(headers), None, value), _FORMAT)
    except (CloudEventValidationError, ValueError, KeyError, TypeError, AttributeError):
        raise Unintelligible(
            "不是有效的 CloudEvents 1.0 消息（缺少必需属性，或不是 JSON）；请来源系统更正后重发。"
        ) from None
    data: Any = event.get_data()
    if isinstance(data, (bytes, str)) and data:
        data = _json(data)
    if not data:
        return None
    mark = f"{event.get_source()}\n{event.get_id()}"
    said_at = event.get_time() or sent_at
    if isinstance(data, dict) and ("op" in data or isinstance(data.get("payload"), dict)):
        return _change(data, said_at, mark)  # Debezium's own converter writes its envelopes as CloudEvents
    names = [part for part in reversed(event.get_type().split(".")) if not _is_version(part)]
    subject = event.get_subject()
    return _said(tuple(names) + ((subject,) if subject else ()), data, _day(said_at), mark)


def _is_version(part: str) -> bool:
    return part[:1] in "vV" and part[1:].isdigit()


def _change(body: Any, sent_at: datetime, place: str) -> Said | None:
    """A Debezium envelope, with its schema (`schema`, `payload`) or without."""
    schema, change = None, body
    if isinstance(body, dict) and "payload" in body:
        schema, change = body.get("schema"), body["payload"]
    if change is None:
        return None
    if not isinstance(change, dict) or str(change.get("op")) not in _OPERATIONS:
        raise Unintelligible("既不是 CloudEvents，也不是 Debezium 变更消息；请来源系统按接口文档发送。")
    deleted = change["op"] == _TAKEN_BACK
    side = "before" if deleted else "after"
    row = change.get(side)
    if not isinstance(row, dict):
        raise Unintelligible(f"变更消息缺少 {side}；请来源系统开启完整的行镜像（REPLICA IDENTITY FULL 等）后重发。")
    types = _types(schema, side)
    plain = {name: _plain(value, types.get(name)) for name, value in row.items()}
    source = change.get("source") if isinstance(change.get("source"), dict) else {}
    assert isinstance(source, dict)
    at = source.get("ts_ms") or change.get("ts_ms")
    day = _day(_changed_at(at) if isinstance(at, (int, float)) and at else sent_at)
    table = str(source.get("table") or "")
    names = tuple(name for name in (table, table.lower(), table.lower().rpartition("_")[2]) if name)
    return _said(names, plain, day, _debezium_mark(source) or place, deleted=deleted)


def _changed_at(ms: float) -> datetime:
    try:
        return datetime.fromtimestamp(ms / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        raise Unintelligible("变更消息的时间（ts_ms）超出范围；请来源系统检查后重发。") from None


def _debezium_mark(source: Mapping[str, Any]) -> str:
    """Where the change stands in its database's own log. Debezium sends it again with the same place after a crash.

    A snapshot's rows all stand at one place: they have none of their own.
    """
    if str(source.get("snapshot", "false")).lower() not in ("false", "", "none"):
        return ""
    parts = [source.get(name) for name in ("lsn", "gtid", "file", "pos", "row", "scn", "change_lsn", "event_serial_no")]
    if not any(part is not None for part in parts):
        return ""
    where = (source.get("connector"), source.get("name"), source.get("db"), source.get("table"))
    return "\x1f".join(str(part) for part in (*where, *parts))


def _said(names: tuple[str, ...], data: Any, on: date, mark: str, *, deleted: bool = False) -> Said:
    if not isinstance(data, dict) or not data:
        raise Unintelligible("消息内容应为一条记录（JSON 对象：列名和值）；请来源系统按接口文档发送。")
    return Said(names, tuple(data), tuple(map(_cell, data.values())), on, mark, deleted)


def _cell(value: Any) -> Cell:
    if isinstance(value, bool):
        return "是" if value else "否"
    if value is None or isinstance(value, (str, int, float, date)):
        return value
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return "、".join(value)
    raise Unintelligible("记录的值只能是文字、数字、是否或空；请来源系统展开嵌套的内容。")


def _day(at: datetime) -> date:
    return (at if at.tzinfo is not None else at.replace(tzinfo=CHINA)).astimezone(CHINA).date()


def _json(value: bytes | str) -> Any:
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        raise Unintelligible("消息不是 JSON；请来源系统检查编码（UTF-8）后重发。") from None


def _types(schema: Any, side: str) -> dict[str, Mapping[str, Any]]:
    """The columns' declared types, by name."""
    fields = schema.get("fields", ()) if isinstance(schema, dict) else ()
    fields = fields if isinstance(fields, list) else ()
    row = next((part for part in fields if isinstance(part, dict) and part.get("field") == side), {})
    columns = row.get("fields", ())
    return {
        part["field"]: part
        for part in (columns if isinstance(columns, list) else ())
        if isinstance(part, dict) and isinstance(part.get("field"), str)
    }


def _plain(value: Any, declared: Mapping[str, Any] | None) -> Any:
    """A value of a database's column as a cell: Debezium writes days and decimals as numbers and bytes."""
    kind = (declared or {}).get("name") or ""
    if value is None or not kind:
        return value
    try:
        if kind in ("io.debezium.time.Date", "org.apache.kafka.connect.data.Date"):
            return _EPOCH + timedelta(days=value)
        if kind in ("io.debezium.time.Timestamp", "org.apache.kafka.connect.data.Timestamp"):
            return _moment(value / 1_000)
        if kind in ("io.debezium.time.MicroTimestamp", "io.debezium.time.NanoTimestamp"):
            return _moment(value / (1e6 if "Micro" in kind else 1e9))
        if kind == "io.debezium.time.ZonedTimestamp":
            return datetime.fromisoformat(value).astimezone(CHINA).replace(tzinfo=None)
        if kind == "org.apache.kafka.connect.data.Decimal":
            unscaled = int.from_bytes(base64.b64decode(value, validate=True), "big", signed=True)
            return str(Decimal(unscaled).scaleb(-int((declared or {})["parameters"]["scale"])))
    except (ValueError, TypeError, KeyError, OverflowError):
        raise Unintelligible("变更消息的值与其声明的类型不符；请来源系统检查 Debezium 的配置。") from None
    return value


def _moment(seconds: float) -> datetime:
    """A time without a zone, as the database has it: Debezium writes it as if it were UTC."""
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)


__all__ = ["Said", "Unintelligible", "understand"]
