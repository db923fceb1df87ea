"""What platforms say about messages they had, as a source of rows: a refusal or another content becomes a finding."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from uuid import UUID

from connectors.deciding import Handler, Row, Turn, fact_of, singly
from connectors.facts import PlatformAnswerFact
from connectors.reading.rows import Reason, RowFault
from connectors.world import World
from domain.assistance import Case
from domain.findings.exchange import Concerned, answered
from domain.kernel import Aggregate
from domain.registry import Person

SOURCE = "platforms"


def handlers(world: World) -> Mapping[str, Handler]:
    """How each kind of rows is decided."""
    return MappingProxyType({"answers": Answers(world)})


class Answers:
    """Answers to messages. What was told is known by its stream and version."""

    def __init__(self, world: World) -> None:
        self._world = world

    def runs(self, rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
        """Each row by itself."""
        return singly(rows)

    async def load(self, facts: Sequence[PlatformAnswerFact]) -> None:
        """The records that the messages told of."""
        await self._world.load([fact.stream for fact in facts], ())

    def apply(self, run: Sequence[Row], turn: Turn) -> None:
        """Nothing of the record changes: somebody is to look into what the platform said."""
        (row,) = run
        fact = fact_of(row)
        assert isinstance(fact, PlatformAnswerFact)
        concerned = self._world.get(Aggregate, fact.stream)
        if concerned is None or not 1 <= fact.version <= concerned.version:
            message = "本平台没有报送过这条消息；请核对消息标识。"
            raise RowFault(Reason.UNKNOWN_MESSAGE, message, ("message",))
        told = _told_of(concerned, fact.version)
        draft = answered(fact.platform, told, fact.outcome, fact.reason, fact.on or turn.export_on)
        if draft is not None:
            turn.find((draft,), row)
        turn.record(row)


def _told_of(aggregate: Aggregate, version: int) -> Concerned:
    case = aggregate.id if isinstance(aggregate, Case) else getattr(aggregate, "case_id", None)
    person = aggregate.id if isinstance(aggregate, Person) else getattr(aggregate, "person_id", None)
    return Concerned(
        subject=f"{aggregate.SUBJECT}:{aggregate.id}",
        version=version,
        division_code=aggregate.division_code,
        case_id=case if isinstance(case, UUID) else None,
        person_id=person if isinstance(person, UUID) else None,
    )
