"""What the chaos must find: the roles with one of their protections taken away. `python -m tests.chaos.weaknesses`.

Each weakness is one that a program has which keeps its place beside its work instead of with it; a moment lies between
the two, in which a fault can come. A chaos run that finds nothing in these would prove nothing of the others.
"""

import asyncio
import sys
import time
from collections.abc import Callable, Sequence

import msgspec

from connectors.kafka.sending import Record, Sender
from connectors.platforms.delivery import Delivery, follower
from connectors.platforms.ways import Parcel
from infra.log import Append, Appended, PostgresLog

_MOMENT = 1.0
"""Seconds, long enough for a handful of faults to hit: a relay has something to send once or twice a second here."""


def relay_tells_late() -> None:
    """The relay's position is committed after its messages: what lies between is sent twice."""
    begin, send, places = Sender.begin, Sender.send, dict[int, int]()

    def begun(self: Sender) -> int:
        places[id(self)] = 0
        places[id(self)] = begin(self)
        return places[id(self)]

    def sent(self: Sender, messages: Sequence[Record], position: int) -> None:
        if messages:
            send(self, messages, places[id(self)])
            time.sleep(_MOMENT)
        send(self, (), position)
        places[id(self)] = position

    Sender.begin, Sender.send = begun, sent  # type: ignore[method-assign]


def relay_tells_early() -> None:
    """The relay's position is committed before its messages: what lies between is lost."""
    send = Sender.send

    def sent(self: Sender, messages: Sequence[Record], position: int) -> None:
        send(self, (), position)
        if messages:
            time.sleep(_MOMENT)
            send(self, messages, position)

    Sender.send = sent  # type: ignore[method-assign]


def inbound_moves_early() -> None:
    """A partition's place is moved on before its messages are in the log."""
    append = PostgresLog.append

    async def appended(self: PostgresLog, what: Append) -> Appended:
        if what.moves and what.events:
            await append(self, Append((), moves=what.moves))
            await asyncio.sleep(_MOMENT)
            what = msgspec.structs.replace(what, moves=())
        return await append(self, what)

    PostgresLog.append = appended  # type: ignore[method-assign]


def platform_moves_early() -> None:
    """How far a platform has come is noted before it was handed over; the way of single messages is left as it is."""
    insist = Delivery._insist

    async def insisted(self: Delivery, parcel: Parcel, stop: asyncio.Event) -> bool:
        if self.way.at_once == 1:
            return await insist(self, parcel, stop)
        await self.store.log.move(follower(self.platform), parcel.after, parcel.upto)
        await asyncio.sleep(_MOMENT)
        return await insist(self, Parcel(parcel.messages, parcel.upto, parcel.upto, parcel.number), stop)

    Delivery._insist = insisted  # type: ignore[method-assign]


WEAKNESSES: dict[str, Callable[[], None]] = {
    weakness.__name__.replace("_", "-"): weakness
    for weakness in (relay_tells_late, relay_tells_early, inbound_moves_early, platform_moves_early)
}


if __name__ == "__main__":
    from api.cli import main

    WEAKNESSES[sys.argv[1]]()
    del sys.argv[1]
    main()
