"""Social assistance: cases, whom they cover, every payment and their totals, and verification by sample."""

from domain.assistance import Case, EconVerification, Visit
from domain.assistance.standards import Standard
from domain.kernel import Event
from projections.assistance.cases import CaseMemberRow, CaseRow, Cases, trace
from projections.assistance.payments import CaseTotalRow, PaymentRow, Payments
from projections.assistance.sampling import CampaignRow, MyVisitRow, Sampling, VisitRow
from projections.assistance.verification import (
    VerificationAnswerRow,
    VerificationAuthorizationRow,
    VerificationQueryRow,
    VerificationRow,
    Verifications,
)


class Assistance(Cases, Payments, Verifications, Sampling):
    """Cases, payments, economic-status verifications, and verification by sample.

    What a source reports takes its place in business order; a decision made on the platform holds from its date on,
    over what was planned for later.
    """

    name = "assistance"
    version = 6
    views = (
        CaseRow,
        PaymentRow,
        CaseTotalRow,
        CaseMemberRow,
        VerificationRow,
        VerificationAuthorizationRow,
        VerificationQueryRow,
        VerificationAnswerRow,
        CampaignRow,
        VisitRow,
        MyVisitRow,
    )
    contexts = ("assistance",)
    # Decisions read the standards the district adopted from the log itself; no view shows them yet.
    ignores = (
        *(event for event in vars(Standard).values() if isinstance(event, type) and issubclass(event, Event)),
        Case.WorkAssigned,  # in work.py
        EconVerification.Followed,  # its rows are their case's
        Visit.Transferred,  # a visit's row goes along with its case
    )


__all__ = [
    "Assistance",
    "CampaignRow",
    "CaseMemberRow",
    "CaseRow",
    "CaseTotalRow",
    "MyVisitRow",
    "PaymentRow",
    "VisitRow",
    "trace",
]
