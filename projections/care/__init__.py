"""Care: beds and who has them, stays, ability assessments, services at home and other support."""

from projections.care.assessments import (
    AssessmentRow,
    Assessments,
    AssessorConflictRow,
    AssessorRow,
    MyAssessmentRow,
    MyConflictRow,
)
from projections.care.beds import BedRow, Beds, FacilityBedsRow
from projections.care.orders import Orders, PurchasedHoursRow, ServiceOrderRow, SupportServiceRow
from projections.care.stays import CareRecordRow, Stays


class Care(Beds, Stays, Assessments, Orders):
    """Beds, stays, assessments and services."""

    name = "care"
    version = 1
    views = (
        *(BedRow, FacilityBedsRow, CareRecordRow),
        *(AssessmentRow, MyAssessmentRow, AssessorRow, AssessorConflictRow, MyConflictRow),
        *(ServiceOrderRow, PurchasedHoursRow, SupportServiceRow),
    )
    contexts = ("care",)
    followers = {BedRow: "count_bed"}  # noqa: RUF012 - read once, as in payments


__all__ = ["AssessmentRow", "BedRow", "Care", "CareRecordRow", "FacilityBedsRow", "MyAssessmentRow", "ServiceOrderRow"]
