"""The community grid (社区网格): grids and their workers, incidents, clues to needs, residents and visits to them."""

from domain.grid.clue import NeedClue
from domain.grid.grid import Grid
from domain.grid.incident import Incident
from domain.grid.move import MoveReport
from domain.grid.places import PropertyManagement, PublicFacility
from domain.grid.resident import Resident

__all__ = ["Grid", "Incident", "MoveReport", "NeedClue", "PropertyManagement", "PublicFacility", "Resident"]
