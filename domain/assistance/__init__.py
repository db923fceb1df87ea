"""Social assistance: dibao, tekun and temporary assistance from application to closing, and every payment."""

from domain.assistance.case import Case
from domain.assistance.payment import Payment
from domain.assistance.sampling import Campaign
from domain.assistance.standards import Standard
from domain.assistance.verification import EconVerification
from domain.assistance.visit import Visit

__all__ = ["Campaign", "Case", "EconVerification", "Payment", "Standard", "Visit"]
