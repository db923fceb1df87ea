"""What only the read models can tell of facilities at once: whose they are, and how full."""

from dataclasses import dataclass
from uuid import UUID

from domain.kernel import Reading


@dataclass(frozen=True, slots=True)
class FacilitiesRunBy(Reading):
    """A wish for the facilities of a division's subtree, not closed, that an organisation of this name runs.

    Answered with their ids, in order, at the log's head. A facility names its operator by name alone.
    """

    division_code: str
    operator: str


@dataclass(frozen=True, slots=True)
class ResidentsOf(Reading):
    """A wish for how many people live in a facility at the log's head, those on leave among them."""

    division_code: str
    facility_id: UUID
