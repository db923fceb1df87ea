"""Registry: divisions, persons and households, the subjects that every other context speaks of."""

from domain.registry.divisions import Division
from domain.registry.household import Household
from domain.registry.person import Person

__all__ = ["Division", "Household", "Person"]
