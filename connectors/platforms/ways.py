"""What every way to a platform has in common: parcels go out by it, and what the platform has can be asked of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from connectors.platforms.shape import PlatformMessage


class NotDelivered(Exception):
    """It did not arrive, or nobody knows whether it did: to be tried again. The text names a cause, never a person."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """Messages that go together: all that the log has for the platform behind `after`, up to `upto`.

    `number` counts the files of a platform from 1; other ways have none.
    """

    messages: Sequence[PlatformMessage]
    after: int
    upto: int
    number: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a platform said to one message at once. `reason` is why it refused, in its own words."""

    message: PlatformMessage
    accepted: bool
    status: int = 0
    reference: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Delivered:
    """A parcel that has arrived: what was answered at once, and for a file its name and the hash of its content."""

    answers: Sequence[Answer] = ()
    name: str = ""
    digest: bytes = b""


class Listed(NamedTuple):
    """One message that a platform has."""

    sequence: int
    id: str


class Way(Protocol):
    """One way to one platform."""

    at_once: int
    """Most messages of a parcel."""
    every: float
    """Seconds for which messages are gathered; 0: they go as they come."""

    async def deliver(self, parcel: Parcel) -> Delivered:
        """Hand a parcel over; the same one again changes nothing. Raises NotDelivered."""
        ...

    async def listed(self, parcel: Parcel, day: str) -> Sequence[Listed] | None:
        """What the platform has of these messages and more of the day; None where that can't be asked.

        Raises NotDelivered.
        """
        ...

    async def close(self) -> None:
        """Let go of what is open."""
        ...


__all__ = ["Answer", "Delivered", "Listed", "NotDelivered", "Parcel", "Way"]
