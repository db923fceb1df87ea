"""JSON Schemas of the public types, and the AsyncAPI document of every topic: both follow from the catalogue."""

import types
import typing
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from connectors.kafka.topics import public_topic, quarantine_topic, source_topics
from connectors.public import CATALOGUE, CONTEXTS, Public
from connectors.public.kinds import PREFIX
from connectors.public.messages import SOURCE
from domain.codes import Code

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_PLAIN: Mapping[type, Mapping[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    date: {"type": "string", "format": "date"},
    datetime: {"type": "string", "format": "date-time"},
    UUID: {"type": "string", "format": "uuid"},
}
_UNITS = {
    "Fen": "金额，分 · amount in fen",
    "Bp": "万分比 · basis points",
    "Month": "月份 YYYY-MM · month",
    "Code": "区划代码等代码 · code",
    "On": "日期 · day",
}


def data_schema(said: Public) -> dict[str, Any]:
    """The schema of a type's `data`."""
    properties = {public: _with_unit(public, _schema(said.hints[own])) for own, public in said.keys}
    return {
        "$schema": _DIALECT,
        "$id": f"urn:{said.type}",
        "title": f"{said.event.TITLE} · {said.event.TOPIC.partition('.')[2]}",
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def event_schema(said: Public) -> dict[str, Any]:
    """The schema of a type's whole CloudEvent."""
    text = {"type": "string"}
    attributes = {
        "specversion": {"const": "1.0"},
        "id": {**text, "description": "事件的永久标识 流@版本 · the event's name for ever"},
        "source": {"const": SOURCE},
        "type": {"const": said.type},
        "subject": {
            **text,
            "pattern": f"^{said.subject_kind}:",
            "description": "同一主体的消息保持先后 · keeps its order",
        },
        "time": {**text, "format": "date-time", "description": "业务时间 · business time"},
        "datacontenttype": {"const": "application/json"},
        "sequence": {**text, "pattern": "^[0-9]{20}$", "description": "日志位置 · position in the log"},
        "recordedtime": {**text, "format": "date-time", "description": "登记时间 · time of recording"},
        "division": {**text, "description": "区划代码 · division"},
        "data": data_schema(said),
    }
    return {"type": "object", "properties": attributes, "required": list(attributes)}


def asyncapi(prefix: str, version: str) -> dict[str, Any]:
    """The AsyncAPI 3 document: what an installation sends and takes in, topic by topic."""
    messages: dict[str, Any] = {
        said.type: {
            "name": said.type,
            "title": said.event.TITLE,
            "contentType": "application/cloudevents+json",
            "payload": event_schema(said),
            "bindings": {"kafka": {"key": {"type": "string", "pattern": f"^{said.subject_kind}:"}}},
        }
        for said in CATALOGUE.values()
    }
    channels: dict[str, Any] = {}
    operations: dict[str, Any] = {}
    for context in CONTEXTS:
        name = f"public.{context}"
        topic = public_topic(context, prefix)
        mine = [said.type for said in CATALOGUE.values() if said.context == context]
        channels[name] = _channel(topic.name, topic.partitions, mine)
        operations[f"send.{context}"] = {"action": "send", "channel": {"$ref": f"#/channels/{name}"}}
    for topic in source_topics(prefix):
        name = topic.name.removeprefix(f"{prefix}.")
        channels[name] = _channel(topic.name, topic.partitions, ["SourceChange"])
        operations[f"receive.{name}"] = {"action": "receive", "channel": {"$ref": f"#/channels/{name}"}}
    topic = quarantine_topic(prefix)
    channels["quarantine"] = _channel(topic.name, topic.partitions, ["RowQuarantined"])
    operations["send.quarantine"] = {"action": "send", "channel": {"$ref": "#/channels/quarantine"}}
    messages["SourceChange"] = _SOURCE_CHANGE
    messages["RowQuarantined"] = _ROW_QUARANTINED
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "民政平台消息接口 · minzheng messages",
            "version": version,
            "description": "每条公开消息恰好一次、同一主体保持先后；sequence 为日志位置，可据以核对。",
        },
        "defaultContentType": "application/cloudevents+json",
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages},
    }


_SOURCE_CHANGE: Mapping[str, Any] = {
    "name": "SourceChange",
    "title": "来源系统的变更",
    "summary": "CloudEvents 1.0（结构化或二进制）或 Debezium 变更消息；data 为一条记录：列名（与文件相同）和值。",
    "contentType": "application/cloudevents+json",
    "payload": {"type": "object"},
}


_ROW_QUARANTINED: Mapping[str, Any] = {
    "name": "RowQuarantined",
    "title": "待处理通知",
    "summary": "来源系统的一行（一条）未能识别、已更正或已入库：在哪里、为什么，没有内容。同一通知重复时 id 相同。",
    "contentType": "application/cloudevents+json",
    "payload": {
        "type": "object",
        "properties": {
            "id": {"type": "string", "description": "待处理记录@状态 · entry@state"},
            "type": {"const": f"{PREFIX}.quarantine.RowQuarantined.v1"},
            "data": {
                "type": "object",
                "properties": {
                    "source": {"type": "string", "description": "来源系统 · source"},
                    "kind": {"type": "string", "description": "记录类别 · kind"},
                    "place": {"type": "string", "description": "文件摘要，或 kafka:主题/分区 · where it stood"},
                    "row": {"type": "integer", "description": "行号，或分区中的位置 · row or offset"},
                    "on": {"type": "string", "format": "date", "description": "导出或变更日期 · day"},
                    "state": {"enum": ["open", "mended", "recorded"], "description": "待处理、已更正、已入库 · state"},
                    "reason": {"type": "string", "description": "原因代码 · reason"},
                    "message": {"type": "string", "description": "原因 · why"},
                    "columns": {"type": "array", "items": {"type": "string"}, "description": "所涉列名 · columns"},
                },
            },
        },
    },
}


def _channel(address: str, partitions: int, messages: Sequence[str]) -> dict[str, Any]:
    return {
        "address": address,
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
        "bindings": {"kafka": {"topic": address, "partitions": partitions}},
    }


def _with_unit(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    unit = next((text for ending, text in _UNITS.items() if name.endswith(ending) or name == ending.lower()), None)
    return schema if unit is None or "description" in schema else {**schema, "description": unit}


def _schema(hint: Any) -> dict[str, Any]:
    if hint in _PLAIN:
        return dict(_PLAIN[hint])
    if isinstance(hint, type) and issubclass(hint, Code):
        labels = "；".join(f"{member.value} {member.label}" for member in hint)
        return {"type": "string", "enum": [member.value for member in hint], "description": labels}
    arguments = typing.get_args(hint)
    if typing.get_origin(hint) in (types.UnionType, typing.Union):
        (inner,) = (part for part in arguments if part is not type(None))
        return {"anyOf": [_schema(inner), {"type": "null"}]}
    if typing.get_origin(hint) is tuple:
        return {"type": "array", "items": _schema(arguments[0])}
    if isinstance(hint, type) and issubclass(hint, tuple):  # a point: longitude and latitude
        parts = typing.get_type_hints(hint)
        return {"type": "array", "prefixItems": [_schema(part) for part in parts.values()], "maxItems": len(parts)}
    raise TypeError(f"no JSON Schema for {hint}")


__all__ = ["asyncapi", "data_schema", "event_schema"]
