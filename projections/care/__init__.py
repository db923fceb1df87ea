"""Care of the old and the disabled in the read models: benefits, and what was paid for them."""

from projections.care.benefits import BenefitPaymentRow, BenefitRow, Benefits
from projections.care.certificates import Certificates, DisabilityCertificateRow


class Care(Benefits, Certificates):
    """Benefits and their payments."""

    name = "care"
    version = 1
    views = (BenefitRow, BenefitPaymentRow, DisabilityCertificateRow)
    contexts = ("care",)


__all__ = ["BenefitPaymentRow", "BenefitRow", "Care", "DisabilityCertificateRow"]
