"""Social assistance: cases from application to closing, every payment, and what stands beside them.

Dibao, tekun and temporary assistance are paid; margin and rigid-expense households are recognised. Referrals, recovered
overpayments, joint conferences and complaints have streams of their own.
"""

from domain.assistance.case import Case
from domain.assistance.complaint import Complaint
from domain.assistance.conference import Conference
from domain.assistance.documents import Document
from domain.assistance.notices import Notice, NoticeSeries
from domain.assistance.payment import Payment
from domain.assistance.recovery import Recovery
from domain.assistance.referral import Referral
from domain.assistance.sampling import Campaign
from domain.assistance.standards import Standard
from domain.assistance.verification import EconVerification
from domain.assistance.visit import Visit

__all__ = [
    "Campaign",
    "Case",
    "Complaint",
    "Conference",
    "Document",
    "EconVerification",
    "Notice",
    "NoticeSeries",
    "Payment",
    "Recovery",
    "Referral",
    "Standard",
    "Visit",
]
