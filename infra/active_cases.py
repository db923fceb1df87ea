"""Which cases are in force at a position of the log: what a sample is drawn from, and drawn again to verify it.

Read from the log itself and not from a read model, so that the draw and whoever verifies it years later look at the
same thing: every case's own events up to that position, replayed. That takes a second or two for three thousand cases,
twice a year.
"""

from uuid import UUID

from domain.assistance.case import Case
from domain.assistance.case_facts import IN_FORCE
from domain.kernel import ActiveCases, ActiveCasesAt
from infra.log import pages
from infra.store import EventStore

_CHUNK = 200


async def active_cases(store: EventStore, wish: ActiveCases) -> ActiveCasesAt:
    """The cases in force at the wish's position, or at the log's head."""
    upto = await store.log.head() if wish.upto is None else wish.upto
    found: list[tuple[UUID, UUID]] = []
    for scheme in wish.schemes:
        ids = await cases_of(store, scheme, upto)
        for start in range(0, len(ids), _CHUNK):  # whole cases are not kept, only whose they are
            cases = await store.load_many(Case, ids[start : start + _CHUNK], upto, with_personal=False)
            found += (
                (case.household_id, case.id)
                for case in cases.values()
                if case.state in IN_FORCE and case.division_code.startswith(wish.division_code)
            )
    return ActiveCasesAt(upto, tuple(sorted(found)))


async def cases_of(store: EventStore, scheme: str, upto: int | None = None) -> list[UUID]:
    """Every case of a scheme, of those applied for by position `upto` if given, by the tag of its application."""
    ids: dict[UUID, None] = {}
    async for rows in pages(store.log, f"scheme:{scheme}"):
        applied = (row for row in rows if row.topic == Case.Created.TOPIC)  # payrolls and budgets name schemes too
        ids.update((row.stream_id, None) for row in applied if upto is None or row.position <= upto)
    return list(ids)
