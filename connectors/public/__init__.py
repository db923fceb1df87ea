"""The catalogue of what leaves the district: every public type, by the event it is said of."""

from collections.abc import Mapping
from types import MappingProxyType

from connectors.public import assistance, care, civic, grid, medical, procurement, registry, relief
from connectors.public.kinds import Public

_ALL = (
    *(*registry.PUBLIC, *assistance.PUBLIC, *care.PUBLIC, *medical.PUBLIC),
    *(*grid.PUBLIC, *relief.PUBLIC, *procurement.PUBLIC, *civic.PUBLIC),
)
CATALOGUE: Mapping[str, Public] = MappingProxyType({said.event.TOPIC: said for said in _ALL})
"""Public types by the topic of their event."""
CONTEXTS = tuple(dict.fromkeys(said.context for said in _ALL))
"""The contexts that say anything, each with a topic of its own."""

__all__ = ["CATALOGUE", "CONTEXTS", "Public"]
