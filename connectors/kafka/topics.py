"""The topics: names, partitions and settings; and where a message stands."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from connectors.mapping.store import sources
from connectors.public import CONTEXTS

_SOURCE = ".source."
_VERSION = ".v1"
_MONTH_MS = 31 * 24 * 3_600_000


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic as it is made. `configs` are Kafka's own, beside how many replicas must be in step."""

    name: str
    partitions: int = 3
    configs: tuple[tuple[str, str], ...] = ()


class Partition(NamedTuple):
    """One partition of a topic."""

    topic: str
    partition: int

    @property
    def follower(self) -> str:
        """The name under which the log keeps how far the partition was taken in."""
        return f"kafka:{self.topic}/{self.partition}"

    def __str__(self) -> str:
        """As people write it."""
        return f"{self.topic}/{self.partition}"


@dataclass(frozen=True, slots=True)
class Incoming:
    """A partition that is read: taken in up to `place` of the messages from `first` to before `next`."""

    partition: Partition
    place: int
    first: int
    next: int

    @property
    def lag(self) -> int:
        """Messages not taken in yet."""
        return max(0, self.next - max(self.place, self.first))

    @property
    def gap(self) -> bool:
        """Whether messages are gone that nobody has read, or the topic is another one than it was.

        Nobody goes past that unasked.
        """
        return self.place < self.first or self.place > self.next

    @property
    def gap_told(self) -> str:
        """What an operator is told where there is one."""
        return (
            f"{self.partition}：已读到 {self.place}，而 Kafka 现有 {self.first} 至 {self.next}，"
            "中间的消息已经丢失或主题被重建；"
            f"请先向对方补取，再运行 minzheng topics --accept-gap {self.partition}。"
        )


def source_topic(source: str, prefix: str) -> str:
    """Where a source system's changes come in. `prefix` is the installation's (`minzheng`)."""
    return f"{prefix}{_SOURCE}{source}{_VERSION}"


def source_topics(prefix: str) -> tuple[Topic, ...]:
    """The topics of every source there is a mapping for: kept for a month, which is how long we may be away."""
    return tuple(
        Topic(source_topic(source, prefix), configs=(("retention.ms", str(_MONTH_MS)),)) for source in sources()
    )


def public_topic(context: str, prefix: str) -> Topic:
    """Where a context's public events go out: kept for a year, and six partitions for as many readers at once."""
    return Topic(f"{prefix}.public.{context}{_VERSION}", 6, (("retention.ms", str(12 * _MONTH_MS)),))


def platform_topic(platform: str, prefix: str) -> Topic:
    """What one platform gets: a single partition, so that it has everything in one order."""
    return Topic(f"{prefix}.out.{platform}{_VERSION}", 1, (("retention.ms", str(3 * _MONTH_MS)),))


def back_topic(platform: str, prefix: str) -> Topic:
    """Where one platform sends back what it refuses, has otherwise, or has of its own."""
    return Topic(f"{prefix}.back.{platform}{_VERSION}", 1, (("retention.ms", str(_MONTH_MS)),))


def quarantine_topic(prefix: str) -> Topic:
    """Where sources are told what of theirs waits in quarantine."""
    return Topic(f"{prefix}.quarantine{_VERSION}", 3, (("retention.ms", str(3 * _MONTH_MS)),))


def relay_topic(prefix: str) -> Topic:
    """How far each relay has come, in the very transactions that send what it stands for."""
    return Topic(f"{prefix}.relay{_VERSION}", 1, (("cleanup.policy", "compact"),))


def all_topics(prefix: str, platforms: Iterable[str] = ()) -> tuple[Topic, ...]:
    """Every topic of an installation; `platforms` are those that take their messages from one."""
    outgoing = (public_topic(context, prefix) for context in CONTEXTS)
    theirs = (make(platform, prefix) for platform in platforms for make in (platform_topic, back_topic))
    return (*source_topics(prefix), *outgoing, *theirs, quarantine_topic(prefix), relay_topic(prefix))


def source_of(topic: str) -> str:
    """Whose changes a source topic holds."""
    return topic.partition(_SOURCE)[2].removesuffix(_VERSION)


__all__ = [
    "Incoming",
    "Partition",
    "Topic",
    "all_topics",
    "back_topic",
    "platform_topic",
    "public_topic",
    "quarantine_topic",
    "relay_topic",
    "source_of",
    "source_topic",
    "source_topics",
]
