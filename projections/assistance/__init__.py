"""Social assistance: cases, whom they cover, every payment and its totals, referrals, recoveries, complaints."""

from domain.assistance import Case
from domain.assistance.standards import Standard
from domain.kernel import Event
from projections.assistance.cases import CaseMemberRow, CaseRow, Cases, trace
from projections.assistance.complaints import ComplaintRow, Complaints
from projections.assistance.conferences import ConferenceRow, Conferences, ConferenceTaskRow
from projections.assistance.payments import CaseTotalRow, PaymentRow, Payments
from projections.assistance.recoveries import Recoveries, RecoveryReceiptRow, RecoveryRow
from projections.assistance.referrals import ReferralRow, Referrals


class Assistance(Cases, Payments, Referrals, Recoveries, Complaints, Conferences):
    """Cases and payments, and what stands beside them.

    What a source reports takes its place in business order; a decision made on the platform holds from its date on,
    over what was planned for later.
    """

    name = "assistance"
    version = 3
    views = (
        *(CaseRow, PaymentRow, CaseTotalRow, CaseMemberRow, ReferralRow, RecoveryRow, RecoveryReceiptRow),
        *(ComplaintRow, ConferenceRow, ConferenceTaskRow),
    )
    contexts = ("assistance",)
    # Decisions read the standards the district adopted from the log itself; no view shows them yet.
    ignores = (
        *(event for event in vars(Standard).values() if isinstance(event, type) and issubclass(event, Event)),
        Case.WorkAssigned,  # in work.py
    )


__all__ = ["Assistance", "CaseMemberRow", "CaseRow", "CaseTotalRow", "PaymentRow", "trace"]
