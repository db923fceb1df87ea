"""One message at a time, for whoever tries the interface or looks at what went out."""

import json
from uuid import uuid4

import orjson

from connectors.kafka.client import TopicPartition, consumer, producer, translated
from connectors.kafka.topics import public_topic, source_topic
from connectors.mapping import builtin_mappings
from connectors.public import CONTEXTS
from domain.errors import BadInput
from infra.settings import Settings

_TYPE = "cn.jianghai"


def send_record(settings: Settings, source: str, kind: str, data: str) -> str:
    """Send one record as a structured CloudEvent; the topic it went to. Raises BadInput, Unavailable."""
    kinds = [mapping.kind for mapping in builtin_mappings() if mapping.source == source]
    if kind not in kinds:
        raise BadInput(f"没有来源 {source[:40]} 的 {kind[:40]}；可用：{'、'.join(kinds) or '无此来源'}。", "kind")
    try:
        record = orjson.loads(data)
    except orjson.JSONDecodeError:
        raise BadInput('记录不是有效的 JSON；例如 \'{"姓名": "…"}\'。', "data") from None
    event = {
        "specversion": "1.0",
        "id": str(uuid4()),
        "source": f"/{source}",
        "type": f"{_TYPE}.{source}.{kind}.v1",
        "time": settings.now().isoformat(),
        "data": record,
    }
    topic = source_topic(source, settings.kafka_prefix)
    sender = producer(settings)
    try:
        with translated("发送消息"):
            headers = [("content-type", b"application/cloudevents+json")]
            sender.send(topic, orjson.dumps(event), headers=headers).get(timeout=30)
    finally:
        sender.close(timeout=5)
    return topic


def last_messages(settings: Settings, context: str, count: int) -> list[str]:
    """The last committed messages of a public topic, by their place in the log. Raises BadInput, Unavailable."""
    if context not in CONTEXTS:
        raise BadInput(f"没有公开主题 {context[:40]}；可用：{'、'.join(CONTEXTS)}。", "context")
    topic = public_topic(context, settings.kafka_prefix).name
    reader = consumer(settings)
    found: list[str] = []
    try:
        with translated("读取公开消息"):
            places = [TopicPartition(topic, number) for number in reader.partitions_for_topic(topic) or ()]
            first, after = reader.beginning_offsets(places), reader.end_offsets(places)
            reader.assign(places)
            for place in places:  # each message of a transaction of its own stands beside its end's mark
                reader.seek(place, max(first[place], after[place] - 2 * count - 1))
            while any(reader.position(place) < after[place] for place in places):
                for records in reader.poll(500).values():
                    found.extend(record.value.decode() for record in records)
    finally:
        reader.close()
    return sorted(found, key=lambda text: str(json.loads(text)["sequence"]))[-count:]


__all__ = ["last_messages", "send_record"]
