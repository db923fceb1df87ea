"""Who in a place can hardly help themselves when a disaster strikes: the wish that the read models answer."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

from domain.kernel import Reading


@dataclass(frozen=True, slots=True)
class VulnerablePersons(Reading):
    """A wish for the living persons of these divisions' subtrees of whom one of these holds: in dibao or tekun, a
    disability certificate in force `on`, born by `born_by`, or said to live alone.

    `division_code` covers all of them. Answered with a `VulnerablePerson` each, by division and id, at the log's head.
    """

    division_code: str
    codes: tuple[str, ...]
    born_by: date
    on: date


class VulnerablePerson(NamedTuple):
    """One of them: where they live, and their grid where one is known. Why they are listed is their own business."""

    person_id: UUID
    division_code: str
    grid_code: str
