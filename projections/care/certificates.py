"""Disability certificates in the read models.

Who may see health data sees category and grade; others see that there is one, and until when.
"""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar
from uuid import UUID

from domain.access import Area, PersonalClass
from domain.care import DisabilityCertificate
from infra.log import LogEvent
from projections.kernel.changes import Changes, Projection, handles
from projections.kernel.tables import Doc, Many, Masked, One, Relations, view


@view(
    "disability_certificate",
    area=Area.CARE,
    scope_from="division_code",
    order=("from_on", "id"),
    indexes=(("person_id",),),
)
@dataclass
class DisabilityCertificateRow:
    """残疾人证"""

    id: Annotated[UUID, Doc("残疾人证标识")]
    person_id: Annotated[UUID, Doc("人员标识")]
    division_code: Annotated[str, Doc("区划代码")]
    category: Annotated[
        str, Doc("残疾类别代码（GB/T 26341：1视力 2听力 3言语 4肢体 5智力 6精神 7多重）"), Masked(PersonalClass.HEALTH)
    ]
    grade: Annotated[str, Doc("残疾等级，一级最重"), Masked(PersonalClass.HEALTH)]
    from_on: Annotated[date, Doc("发证日期")]
    valid_to_on: Annotated[date | None, Doc("有效期截止日；空为长期")]
    expired: Annotated[bool, Doc("到期未换证")]
    cancelled_on: Annotated[date | None, Doc("自何日起注销；空为未注销")]
    evaluate_by: Annotated[date | None, Doc("据以核定两项补贴的期限；来源系统报告的为空")]

    RELATIONS: ClassVar[Relations] = {
        "person": One("person", local="person_id"),
        "benefits": Many("benefit", on="person_id", local="person_id", order=("applied_on",)),
    }
    FILTERS: ClassVar[tuple[str, ...]] = (
        "person_id",
        "division_code",
        "from_on",
        "valid_to_on",
        "expired",
        "cancelled_on",
        "evaluate_by",
    )


class Certificates(Projection):
    """What happens to disability certificates. A part of the projection `Care`, never run by itself."""

    @handles(DisabilityCertificate.Created)
    def certified(self, event: DisabilityCertificate.Created, at: LogEvent, to: Changes) -> None:
        """A first certificate."""
        to.insert(
            DisabilityCertificateRow,
            event.originator_id,
            on=event.from_on,
            person_id=event.person_id,
            division_code=event.division_code,
            category=event.category_code,
            grade=event.grade_code,
            from_on=event.from_on,
            valid_to_on=event.valid_to_on,
            evaluate_by=event.evaluate_by,
        )

    @handles(DisabilityCertificate.Renewed)
    def recertified(self, event: DisabilityCertificate.Renewed, at: LogEvent, to: Changes) -> None:
        """Issued anew."""
        said: dict[str, Any] = {"category": event.category_code, "grade": event.grade_code, "from_on": event.from_on}
        said |= {
            "valid_to_on": event.valid_to_on,
            "expired": False,
            "cancelled_on": None,
            "evaluate_by": event.evaluate_by,
        }
        row, key = DisabilityCertificateRow, event.originator_id
        to.patch(row, key, on=event.from_on, decided=at.decided, **said)

    @handles(DisabilityCertificate.Cancelled)
    def certificate_cancelled(self, event: DisabilityCertificate.Cancelled, at: LogEvent, to: Changes) -> None:
        """No longer valid."""
        row, key, on = DisabilityCertificateRow, event.originator_id, event.from_on
        to.patch(row, key, on=on, decided=at.decided, cancelled_on=on, evaluate_by=event.evaluate_by)

    @handles(DisabilityCertificate.Expired)
    def certificate_expired(self, event: DisabilityCertificate.Expired, at: LogEvent, to: Changes) -> None:
        """Its last day stands in the row already; from now on somebody has noticed."""
        to.patch(DisabilityCertificateRow, event.originator_id, on=event.from_on, decided=True, expired=True)

    @handles(DisabilityCertificate.Transferred)
    def certificate_moved(self, event: DisabilityCertificate.Transferred, at: LogEvent, to: Changes) -> None:
        """Along with its holder."""
        row, key = DisabilityCertificateRow, event.originator_id
        to.patch(row, key, on=event.moved_on, decided=at.decided, division_code=event.to_division_code)
