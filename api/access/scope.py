"""What a connection is set to before it reads for someone."""

from dataclasses import dataclass
from datetime import date

from domain.access import Actor
from projections.kernel.scope import AREAS, HI, LO, VISIT, session_scope

_LEVELS = (2, 4, 6, 9)
"""Lengths of the division codes above a community's: province, city, district, street."""


@dataclass(frozen=True, slots=True)
class Scope:
    """A range of division codes `lo <= code < hi`, comma-separated areas, and whose visits. Only `of` makes one."""

    lo: str
    hi: str
    areas: str
    level: int
    """Length of the division's code class: 2, 4, 6, 9 or 12. Connections, and so cached plans, are kept apart by it."""
    visit: str = ""

    @classmethod
    def of(cls, actor: Actor, today: date | None = None) -> "Scope":
        """The scope of an actor; a visitor's only with the business date shows their visits."""
        settings = session_scope(actor, today)
        length = len(actor.division_code)
        level = next((known for known in _LEVELS if length <= known), 12)
        return cls(settings[LO], settings[HI], settings[AREAS], level, settings[VISIT])

    @property
    def settings(self) -> dict[str, str]:
        """The session settings that put a connection under this scope."""
        return {LO: self.lo, HI: self.hi, AREAS: self.areas, VISIT: self.visit}

    @property
    def values(self) -> tuple[str, str, str, str]:
        """The same, as the first four parameters of every read statement."""
        return self.lo, self.hi, self.areas, self.visit
