"""What the process that reads Kafka tells the one that decides, and back."""

from collections.abc import Callable
from datetime import date

import msgspec

from connectors.reading.rows import Parsed


class Rows(msgspec.Struct, frozen=True, tag="rows"):
    """Messages of one partition that are decided together: of one kind, layout and day; offsets `first` to `last`.

    `layout` is the packed `Layout` by which quarantined ones can be read again. Without a kind they were tombstones.
    """

    topic: str
    partition: int
    first: int
    last: int
    source: str
    kind: str
    layout: bytes
    on: date
    rows: list[Parsed]


class Assigned(msgspec.Struct, frozen=True, tag="assigned"):
    """These partitions are ours from now on: (topic, partition, first offset there is, next one there will be)."""

    partitions: list[tuple[str, int, int, int]]


class Revoked(msgspec.Struct, frozen=True, tag="revoked"):
    """These partitions are ours no longer."""

    partitions: list[tuple[str, int]]


class Failure(msgspec.Struct, frozen=True, tag="failure"):
    """Kafka can't be read now; the process ends, and is started again later."""

    message: str


Frame = Rows | Assigned | Revoked | Failure


class Places(msgspec.Struct, frozen=True, tag="places"):
    """The answer to `Assigned`: where to go on in each partition (topic, partition, offset); others are left alone."""

    partitions: list[tuple[str, int, int]]


class Done(msgspec.Struct, frozen=True, tag="done"):
    """Everything before this offset is in the log: told to Kafka, for those who watch the lag."""

    topic: str
    partition: int
    offset: int


Order = Places | Done

pack = msgspec.msgpack.Encoder().encode
unpack_frame: Callable[[bytes], Frame] = msgspec.msgpack.Decoder(Frame).decode
pack_order = msgspec.json.encode
unpack_order: Callable[[bytes], Order] = msgspec.json.Decoder(Order).decode
