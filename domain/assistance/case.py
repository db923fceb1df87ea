"""An assistance case from application to closing and reopening: what may be decided on it.

Its state and events stand in case_record.py, the facts sources report of it in case_facts.py.
"""

from datetime import date, datetime
from typing import ClassVar, Self
from uuid import UUID

from domain.assistance.case_facts import CaseFacts
from domain.assistance.case_record import CaseRecord
from domain.codes import Cause, Scheme, UrbanRural


class Case(CaseFacts):
    """One household's case in one scheme."""

    TOPIC: ClassVar[str] = "assistance.Case"

    class Created(CaseRecord.Created):
        """Someone applied. Named again, since the library would make up another first event for a subclass."""

    @classmethod
    def apply_for(
        cls,
        id: UUID,
        at: datetime,
        *,
        scheme: Scheme,
        case_no: str,
        household_id: UUID,
        applicant_id: UUID,
        member_ids: tuple[UUID, ...],
        cause: Cause,
        urban_rural: UrbanRural,
        division_code: str,
        from_on: date,
    ) -> Self:
        """A new case; eligibility is for the decision, not the application."""
        return cls.create(
            cls.Created,
            id=id,
            at=at,
            scheme=scheme,
            case_no=case_no,
            household_id=household_id,
            applicant_id=applicant_id,
            member_ids=member_ids,
            cause=cause,
            urban_rural=urban_rural,
            division_code=division_code,
            from_on=from_on,
        )
