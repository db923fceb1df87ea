"""Care of the old and the disabled: benefits paid to one person, and what stands beside them."""

from domain.care.benefit import Benefit
from domain.care.benefit_payment import BenefitPayment
from domain.care.certificate import DisabilityCertificate

__all__ = ["Benefit", "BenefitPayment", "DisabilityCertificate"]
