"""The parameters in force: the official ones and every standard the district adopted, read from the log."""

from uuid import UUID

from domain.assistance.standards import Standard, with_standards
from domain.parameters import Parameters
from domain.parameters.loading import official_parameters
from infra.log import pages
from infra.store import EventStore

STANDARDS = "standards:district"
"""Tag of everything that happens to an adopted standard."""


class CurrentParameters:
    """Official parameters with the adopted standards; asks the log each time for what came since the last."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self._position = 0
        self._standards: dict[UUID, Standard] = {}
        self._parameters = official_parameters()

    async def get(self) -> Parameters:
        """The parameters as the log has them now."""
        async for rows in pages(self._store.log, STANDARDS, self._position):
            changed = {row.stream_id for row in rows}
            self._standards.update(await self._store.load_many(Standard, list(changed)))
            self._parameters = with_standards(official_parameters(), self._standards.values())
            self._position = rows[-1].position
        return self._parameters

    async def standards(self) -> list[Standard]:
        """Every standard ever adopted, in the order of adoption."""
        await self.get()
        return sorted(self._standards.values(), key=lambda standard: standard.created_on)
