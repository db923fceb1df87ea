"""The verification centre's rows: what banks and offices answered about a household."""

from collections.abc import Iterator, Sequence
from types import MappingProxyType
from uuid import UUID

from connectors.deciding import Handler, Row, Turn, fact_of, singly
from connectors.facts import EconAnswerFact
from connectors.people import citizen_ids, demand_person
from connectors.reading.rows import Reason, RowFault
from connectors.world import World
from domain.assistance import EconVerification
from domain.assistance.verification_record import Answer
from domain.clock import at

SOURCE = "econ"
_REQUEST_NO = "request_no"


def handlers(world: World) -> MappingProxyType[str, Handler]:
    """How each kind of the verification centre's rows is decided."""
    return MappingProxyType({"answers": Answers(world)})


class Answers:
    """Answers to queries. The request must be known; what nobody asked for or allowed becomes a finding."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._requests: dict[str, UUID] = {}
        """Verifications by the request numbers of the present batch."""

    def runs(self, rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
        """Each row by itself."""
        return singly(rows)

    async def load(self, facts: Sequence[EconAnswerFact]) -> None:
        """The verifications behind the request numbers, those whom the rows speak of, and the households' keys."""
        world = self._world
        numbers = citizen_ids(facts, "citizen_id")
        world.resolve(numbers)
        digests = {fact.request_no: world.keyring.digest(_REQUEST_NO, fact.request_no) for fact in facts}
        owners = await world.log.identifiers(list(digests.values()))
        self._requests = {no: owners[digest] for no, digest in digests.items() if digest in owners}
        persons = [id for number in numbers if (id := world.person_id(number)) is not None]
        await world.load([*self._requests.values(), *persons], ())
        found = world.many(EconVerification, self._requests.values())
        await world.load((), [verification.household_id for verification in found.values()])

    def apply(self, run: Sequence[Row], turn: Turn) -> None:
        """Report the answer, in whatever state the verification is."""
        (row,) = run
        fact = fact_of(row)
        assert isinstance(fact, EconAnswerFact)
        id = self._requests.get(fact.request_no)
        verification = None if id is None else self._world.get(EconVerification, id)
        if verification is None:
            message = "没有此编号的核对请求；请核对编号，再重试。"
            raise RowFault(Reason.UNKNOWN_REQUEST, message, (_REQUEST_NO,))
        person = demand_person(self._world, fact.citizen_id, fact.name) if fact.citizen_id else None
        said = Answer(None if person is None else person.id, fact.result, fact.value_fen, fact.detail)
        answered_on = fact.on or turn.export_on
        new = verification.report_answer(at(turn.export_on), source=fact.source, said=said, answered_on=answered_on)
        if new:
            turn.change(verification)
            turn.find(verification.contradictions(fact.source, said, answered_on), row)
        turn.record(row)
