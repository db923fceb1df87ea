"""Care of the old and the disabled in the read models: benefits, and what was paid for them."""

from projections.care.benefits import BenefitPaymentRow, BenefitRow, Benefits
from projections.care.certificates import Certificates, DisabilityCertificateRow
from projections.care.premiums import ElderCardRow, PremiumRow, Premiums


class Care(Benefits, Certificates, Premiums):
    """Benefits and their payments, certificates, premiums and cards."""

    name = "care"
    version = 1
    views = (BenefitRow, BenefitPaymentRow, DisabilityCertificateRow, PremiumRow, ElderCardRow)
    contexts = ("care",)


__all__ = ["BenefitPaymentRow", "BenefitRow", "Care", "DisabilityCertificateRow", "ElderCardRow", "PremiumRow"]
