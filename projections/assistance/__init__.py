"""Social assistance: cases, whom they cover, every payment, how they are verified, and what stands beside them."""

from domain.assistance import Case, EconVerification, NoticeSeries, Visit
from domain.assistance.standards import Standard
from domain.kernel import Event
from projections.assistance.cases import CaseMemberRow, CaseRow, Cases, trace
from projections.assistance.complaints import ComplaintRow, Complaints
from projections.assistance.conferences import ConferenceRow, Conferences, ConferenceTaskRow
from projections.assistance.papers import DocumentRow, NoticeRow, Papers
from projections.assistance.payments import CaseTotalRow, PaymentRow, Payments
from projections.assistance.recoveries import Recoveries, RecoveryReceiptRow, RecoveryRow
from projections.assistance.referrals import ReferralRow, Referrals
from projections.assistance.sampling import CampaignRow, MyVisitRow, Sampling, VisitRow
from projections.assistance.verification import (
    VerificationAnswerRow,
    VerificationAuthorizationRow,
    VerificationQueryRow,
    VerificationRow,
    Verifications,
)


class Assistance(Cases, Payments, Verifications, Sampling, Referrals, Recoveries, Complaints, Conferences, Papers):
    """Cases and payments, how they are verified, and what stands beside them.

    What a source reports takes its place in business order; a decision made on the platform holds from its date on,
    over what was planned for later.
    """

    name = "assistance"
    version = 9
    views = (
        *(CaseRow, PaymentRow, CaseTotalRow, CaseMemberRow),
        *(VerificationRow, VerificationAuthorizationRow, VerificationQueryRow, VerificationAnswerRow),
        *(CampaignRow, VisitRow, MyVisitRow),
        *(ReferralRow, RecoveryRow, RecoveryReceiptRow, ComplaintRow, ConferenceRow, ConferenceTaskRow),
        *(DocumentRow, NoticeRow),
    )
    contexts = ("assistance",)
    # Decisions read the standards the district adopted from the log itself; no view shows them yet.
    ignores = (
        *(event for event in vars(Standard).values() if isinstance(event, type) and issubclass(event, Event)),
        Case.WorkAssigned,  # in work.py
        EconVerification.Followed,  # its rows are their case's
        Visit.Transferred,  # a visit's row goes along with its case
        NoticeSeries.Created,  # the numbers stand on the notices themselves
        NoticeSeries.Taken,
    )


__all__ = [
    "Assistance",
    "CampaignRow",
    "CaseMemberRow",
    "CaseRow",
    "CaseTotalRow",
    "DocumentRow",
    "MyVisitRow",
    "NoticeRow",
    "PaymentRow",
    "VisitRow",
    "trace",
]
