"""The disclosure platform's rows: what villages posted, and whether in time."""

from collections.abc import Iterator, Sequence
from types import MappingProxyType
from uuid import UUID

from connectors.deciding import Handler, Row, Turn, fact_of, singly
from connectors.facts import DisclosureFact
from connectors.world import World
from domain.civic import Disclosure
from domain.civic.reported import of_disclosure
from domain.clock import at
from domain.parameters import official_parameters

SOURCE = "civic"


def handlers(world: World) -> MappingProxyType[str, Handler]:
    """How each kind of rows is decided."""
    return MappingProxyType({"disclosures": Disclosures(world)})


class Disclosures:
    """Postings. What was listed as due on the platform is the same disclosure: the posting closes it."""

    def __init__(self, world: World) -> None:
        self._world = world

    def runs(self, rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
        """Each row by itself."""
        return singly(rows)

    async def load(self, facts: Sequence[DisclosureFact]) -> None:
        """The disclosures that the rows speak of."""
        await self._world.load([_id(fact) for fact in facts])

    def apply(self, run: Sequence[Row], turn: Turn) -> None:
        """Report the posting; a late one is a finding."""
        (row,) = run
        fact = fact_of(row)
        assert isinstance(fact, DisclosureFact)
        when = at(turn.export_on)
        disclosure = self._world.get(Disclosure, _id(fact))
        if disclosure is None:
            disclosure = Disclosure.open(
                _id(fact),
                when,
                topic=fact.topic,
                period=fact.period,
                division_code=fact.division_code,
                post_by=None,
                by="",
            )
            self._world.add(disclosure)
        first = disclosure.posted_version is None
        disclosure.report_posted(when, place=fact.place, content_hash=fact.content_hash, posted_on=fact.posted_on)
        turn.change(disclosure)
        if first:
            turn.find(of_disclosure(disclosure, fact.posted_on, official_parameters()), row)
        turn.record(row)


def _id(fact: DisclosureFact) -> UUID:
    return Disclosure.id_for(fact.division_code, fact.topic, fact.period)
