"""Care: beds and who has them, stays, ability assessments, services at home, benefits and what was paid for them."""

from domain.care import AgeRoll
from projections.care.assessments import (
    AssessmentRow,
    Assessments,
    AssessorConflictRow,
    AssessorRow,
    MyAssessmentRow,
    MyConflictRow,
)
from projections.care.beds import BedRow, Beds, FacilityBedsRow
from projections.care.benefits import BenefitPaymentRow, BenefitRow, Benefits
from projections.care.certificates import Certificates, DisabilityCertificateRow
from projections.care.orders import Orders, PurchasedHoursRow, ServiceOrderRow, SupportServiceRow
from projections.care.premiums import ElderCardRow, PremiumRow, Premiums
from projections.care.stays import CareRecordRow, Stays


class Care(Beds, Stays, Assessments, Orders, Benefits, Certificates, Premiums):
    """Beds, stays, assessments, services, benefits and their payments, certificates, premiums and cards."""

    name = "care"
    version = 2
    views = (
        *(BedRow, FacilityBedsRow, CareRecordRow),
        *(AssessmentRow, MyAssessmentRow, AssessorRow, AssessorConflictRow, MyConflictRow),
        *(ServiceOrderRow, PurchasedHoursRow, SupportServiceRow),
        *(BenefitRow, BenefitPaymentRow, DisabilityCertificateRow, PremiumRow, ElderCardRow),
    )
    contexts = ("care",)
    ignores = (AgeRoll.Created, AgeRoll.Called)  # what they lead to are duties
    followers = {BedRow: "count_bed"}  # noqa: RUF012 - read once, as in payments


__all__ = [
    "AssessmentRow",
    "BedRow",
    "BenefitPaymentRow",
    "BenefitRow",
    "Care",
    "CareRecordRow",
    "DisabilityCertificateRow",
    "ElderCardRow",
    "FacilityBedsRow",
    "MyAssessmentRow",
    "PremiumRow",
    "ServiceOrderRow",
]
