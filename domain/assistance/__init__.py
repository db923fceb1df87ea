"""Social assistance: dibao, tekun and temporary assistance from application to closing, and every payment."""

from domain.assistance.case import Case
from domain.assistance.documents import Document
from domain.assistance.notices import Notice, NoticeSeries
from domain.assistance.payment import Payment
from domain.assistance.standards import Standard

__all__ = ["Case", "Document", "Notice", "NoticeSeries", "Payment", "Standard"]
