"""Rows of the log as public CloudEvents: built from the stored payload, without any key, so that nothing sealed leaks.

`sequence` is the log's position, which a receiver compares to notice what is missing or came twice; `id` is the event's
own name for ever, `stream@version`.
"""

from typing import NamedTuple

import orjson

from connectors.public import CATALOGUE
from domain.clock import CHINA
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
    raw = orjson.loads(row.payload)
    if row.schema_version < getattr(said.event, "class_version", 1):
        said.upcast(raw, row.schema_version)
    subject = f"{said.subject_kind}:{raw[said.of] if said.of else row.stream_id}"
    event = {
        "specversion": "1.0",
        "id": f"{row.stream_id}@{row.version}",
        "source": SOURCE,
        "type": said.type,
        "subject": subject,
        "time": row.occurred.astimezone(CHINA).isoformat(),
        "datacontenttype": "application/json",
        "sequence": f"{row.position:020d}",
        "recordedtime": row.recorded_at.astimezone(CHINA).isoformat(),
        "division": row.division,
        "data": {public: raw.get(own) for own, public in said.keys},
    }
    return PublicMessage(said.context, subject.encode(), orjson.dumps(event), row.position)


__all__ = ["CONTENT_TYPE", "SOURCE", "PublicMessage", "public_message"]
