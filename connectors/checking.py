"""What contradicts the rules in cases, looked for once all rows of a file are in.

Row by row would be too early: a case's members come behind it, or in another file.
"""

from collections.abc import Mapping
from uuid import UUID

from connectors.deciding import Decider, Decision, Origin, Turn
from connectors.footprint import footprints
from connectors.world import World
from domain.assistance import Case
from domain.assistance.contradictions import EXCLUSIVE, of_case
from domain.codes import FindingRule
from domain.errors import VersionConflict
from domain.findings import FindingDraft
from domain.parameters import Parameters
from domain.registry import Person

_ATTEMPTS = 5


async def record_findings(
    decider: Decider, cases: Mapping[UUID, int | None], parameters: Parameters, origin: Origin
) -> Decision:
    """Look at these cases and record what contradicts the rules. Raises VersionConflict if others keep being first."""
    world = decider.world
    for attempt in range(_ATTEMPTS):
        decision = await check_cases(world, cases, parameters, origin)
        if not decision.append.events:
            return decision
        try:
            appended = await world.log.append(decision.append)
        except VersionConflict:
            world.keyring.forget(decision.append.keys)
            decider.forget()
            if attempt == _ATTEMPTS - 1:
                raise
            continue
        world.keyring.confirm(decision.append.keys)
        world.note(appended.first, appended.last)
        return decision
    raise AssertionError  # pragma: no cover - the loop returns or raises


async def check_cases(
    world: World, cases: Mapping[UUID, int | None], parameters: Parameters, origin: Origin
) -> Decision:
    """Findings of these cases. With a number, the file said that the case covers so many persons.

    The amount is judged only where everyone covered is known, since it is computed from their number.
    """
    turn = Turn(origin, world)
    await world.load(cases)
    persons = {id for case in world.many(Case, cases).values() for id in case.member_ids}
    exclusive = {id for case in world.many(Case, cases).values() if case.scheme in EXCLUSIVE for id in case.member_ids}
    found = await footprints(world, exclusive)
    await world.load([*persons, *(id for footprint in found.values() for id in footprint.cases)])
    for id, expected in cases.items():
        case = world.get(Case, id)
        if case is None:
            continue
        others = {other: None for member in case.member_ids if member in found for other in found[member].cases}
        drafts = of_case(
            case,
            world.many(Person, case.member_ids),
            parameters,
            [known for other in others if (known := world.get(Case, other)) is not None],
        )
        complete = expected is None or expected == len(case.member_ids)
        turn.find((draft for draft in drafts if complete or not _needs_members(draft)), None)
    await turn.raise_findings()
    return turn.finish()


def _needs_members(draft: FindingDraft) -> bool:
    return draft.rule is FindingRule.AMOUNT_OFF_RULE
