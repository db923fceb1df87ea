"""Care of the elderly and the disabled: beds, stays, ability assessments, services at home and what else was given.

Facilities themselves belong to the registry, since other contexts have theirs too (warehouses, shelters).
"""

from domain.care.assessment import Assessment
from domain.care.assessor import Assessor
from domain.care.bed import Bed
from domain.care.hours import PurchasedHours
from domain.care.order import ServiceOrder
from domain.care.stay import Stay
from domain.care.support import SupportService

__all__ = ["Assessment", "Assessor", "Bed", "PurchasedHours", "ServiceOrder", "Stay", "SupportService"]
