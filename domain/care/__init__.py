"""Care of the old and the disabled: benefits paid to one person, and what stands beside them."""

from domain.care.benefit import Benefit
from domain.care.benefit_payment import BenefitPayment
from domain.care.certificate import DisabilityCertificate
from domain.care.elder_card import ElderCard
from domain.care.premium import Premium

__all__ = ["Benefit", "BenefitPayment", "DisabilityCertificate", "ElderCard", "Premium"]
