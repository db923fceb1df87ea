"""Rows of the log as public CloudEvents: built from the stored payload, without any key, so that nothing sealed leaks.

`sequence` is the log's position, which a receiver compares to notice what is missing or came twice; `id` is the event's
own name for ever, `stream@version`.
"""

from typing import Any, NamedTuple

import orjson

from connectors.public import CATALOGUE
from domain.clock import CHINA
from infra.codec import plain_fields
from infra.log import LogEvent

SOURCE = "/minzheng"
CONTENT_TYPE = b"application/cloudevents+json; charset=UTF-8"


class PublicMessage(NamedTuple):
    """One message: the context whose topic it goes to, the key whose order it keeps, and the CloudEvent."""

    context: str
    key: bytes
    value: bytes
    position: int


def public_message(row: LogEvent) -> PublicMessage | None:
    """What is said in public of an event; None where nothing is."""
    said = CATALOGUE.get(row.topic)
    if said is None:
        return None
    raw = plain_fields(row)
    subject = f"{said.subject_kind}:{raw[said.of] if said.of else row.stream_id}"
    data = {public: raw.get(own) for own, public in said.keys}
    recorded = row.recorded_at.astimezone(CHINA).isoformat()
    return PublicMessage(
        said.context,
        subject.encode(),
        cloud_event(row, said.type, subject, data, recordedtime=recorded),
        row.position,
    )


def event_id(row: LogEvent) -> str:
    """An event's name for ever."""
    return f"{row.stream_id}@{row.version}"


def cloud_event(row: LogEvent, type: str, subject: str, data: dict[str, Any], **extensions: str) -> bytes:
    """What is said of an event, as a structured CloudEvent 1.0."""
    event = {
        "specversion": "1.0",
        "id": event_id(row),
        "source": SOURCE,
        "type": type,
        "subject": subject,
        "time": row.occurred.astimezone(CHINA).isoformat(),
        "datacontenttype": "application/json",
        "sequence": f"{row.position:020d}",
        **extensions,
        "division": row.division,
        "data": data,
    }
    return orjson.dumps(event)


__all__ = ["CONTENT_TYPE", "SOURCE", "PublicMessage", "cloud_event", "event_id", "public_message"]
