"""Care of the elderly and the disabled: beds, stays, ability assessments, services at home, and benefits of one person.

Facilities themselves belong to the registry, since other contexts have theirs too (warehouses, shelters).
"""

from domain.care.age_roll import AgeRoll
from domain.care.assessment import Assessment
from domain.care.assessor import Assessor
from domain.care.bed import Bed
from domain.care.benefit import Benefit
from domain.care.benefit_payment import BenefitPayment
from domain.care.certificate import DisabilityCertificate
from domain.care.elder_card import ElderCard
from domain.care.hours import PurchasedHours
from domain.care.order import ServiceOrder
from domain.care.premium import Premium
from domain.care.stay import Stay
from domain.care.support import SupportService

__all__ = [
    "AgeRoll",
    "Assessment",
    "Assessor",
    "Bed",
    "Benefit",
    "BenefitPayment",
    "DisabilityCertificate",
    "ElderCard",
    "Premium",
    "PurchasedHours",
    "ServiceOrder",
    "Stay",
    "SupportService",
]
