"""Social assistance: cases, whom they cover, every payment, and what has been paid in total."""

from domain.assistance import Case, NoticeSeries
from domain.assistance.standards import Standard
from domain.kernel import Event
from projections.assistance.cases import CaseMemberRow, CaseRow, Cases, trace
from projections.assistance.papers import DocumentRow, NoticeRow, Papers
from projections.assistance.payments import CaseTotalRow, PaymentRow, Payments


class Assistance(Cases, Payments, Papers):
    """Cases, payments and papers.

    What a source reports takes its place in business order; a decision made on the platform holds from its date on,
    over what was planned for later.
    """

    name = "assistance"
    version = 3
    views = (CaseRow, PaymentRow, CaseTotalRow, CaseMemberRow, DocumentRow, NoticeRow)
    contexts = ("assistance",)
    # Decisions read the standards the district adopted from the log itself; no view shows them yet.
    ignores = (
        *(event for event in vars(Standard).values() if isinstance(event, type) and issubclass(event, Event)),
        Case.WorkAssigned,  # in work.py
        NoticeSeries.Created,  # the numbers stand on the notices themselves
        NoticeSeries.Taken,
    )


__all__ = [
    "Assistance",
    "CaseMemberRow",
    "CaseRow",
    "CaseTotalRow",
    "DocumentRow",
    "NoticeRow",
    "PaymentRow",
    "trace",
]
