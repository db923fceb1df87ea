"""Categories, visits, and what a year has used, in the read models."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar
from uuid import UUID

from domain.access import Area, PersonalClass
from domain.codes import AccumulatorCause, InsuranceType, MaCategory, MedType, VisitState, Ward
from domain.medical import Accumulator, MedicalCategory, MedicalVisit
from infra.log import LogEvent
from projections.kernel.changes import Changes, Projection, handles
from projections.kernel.tables import COUNTED, FEN, Doc, Many, Masked, One, Owner, Relations, view
from projections.medical.hospitals import WINDOW

PERSON = Owner("medical_person", "person_id")
"""Rows about a person belong to where the person lives now."""


@view(
    "medical_category",
    area=Area.MEDICAL,
    key=("person_id", "category", "given_by"),
    owner=PERSON,
    scope_from="division_code",
    order=("from_on", "person_id", "category", "given_by"),
)
@dataclass
class MedicalCategoryRow:
    """医疗救助身份"""

    person_id: Annotated[UUID, Doc("人员标识")]
    category: Annotated[MaCategory, Doc("医疗救助对象类别")]
    given_by: Annotated[str, Doc("由哪个个案取得；空为人工登记")]
    case_id: Annotated[UUID | None, Doc("个案标识")]
    from_on: Annotated[date, Doc("首日")]
    to_on: Annotated[date | None, Doc("末日；空为长期")]
    basis: Annotated[str, Doc("依据")]
    ended_reason: Annotated[str | None, Doc("终止原因")]
    held: Annotated[str | None, Doc("暂停使用的原因；空为可用")]
    division_code: Annotated[str, Doc("登记时的区划代码")]

    RELATIONS: ClassVar[Relations] = {
        "person": One("person", local="person_id"),
        "case": One("case", local="case_id"),
    }
    FILTERS: ClassVar[tuple[str, ...]] = ("person_id", "category", "case_id", "to_on", "division_code")


@view(
    "medical_visit",
    area=Area.MEDICAL,
    owner=PERSON,
    scope_from="division_code",
    order=("admitted_on", "id"),
    indexes=(("hospital_id", "admitted_on", "id"), ("person_id", "admitted_on", "id")),
    through=WINDOW,
)
@dataclass
class MedicalVisitRow:
    """就诊"""

    id: Annotated[UUID, Doc("就诊标识")]
    visit_no: Annotated[str, Doc("就诊ID")]
    person_id: Annotated[UUID, Doc("患者人员标识")]
    hospital_id: Annotated[UUID, Doc("定点医疗机构标识")]
    med_type: Annotated[MedType, Doc("医疗类别")]
    insurance: Annotated[InsuranceType, Doc("险种类别")]
    ward: Annotated[Ward | None, Doc("特殊病区")]
    state: Annotated[VisitState, Doc("就诊状态")]
    admitted_on: Annotated[date, Doc("就诊（入院）日期")]
    discharged_on: Annotated[date | None, Doc("出院日期")]
    category: Annotated[MaCategory | None, Doc("医疗救助对象类别（入院、出院两日中较优的）")]
    category_as_of: Annotated[date | None, Doc("最近一次确定身份所依据的日期")]
    year: Annotated[int | None, Doc("累计年度")]
    deductible_fen: Annotated[int | None, Doc("医疗救助年度起付线"), FEN]
    deductible_used_fen: Annotated[int | None, Doc("其中已累计"), FEN]
    cap_fen: Annotated[int | None, Doc("医疗救助年度限额"), FEN]
    cap_used_fen: Annotated[int | None, Doc("其中已使用"), FEN]
    total_fen: Annotated[int | None, Doc("医疗费总额"), FEN]
    in_scope_fen: Annotated[int | None, Doc("符合政策范围金额"), FEN]
    own_expense_fen: Annotated[int | None, Doc("全自费金额"), FEN]
    over_limit_fen: Annotated[int | None, Doc("超限价自费费用"), FEN]
    first_share_fen: Annotated[int | None, Doc("先行自付金额"), FEN]
    diagnosis: Annotated[str | None, Doc("诊断"), Masked(PersonalClass.HEALTH)]
    division_code: Annotated[str, Doc("登记时患者的区划代码")]

    RELATIONS: ClassVar[Relations] = {
        "person": One("person", local="person_id"),
        "hospital": One("hospital", local="hospital_id"),
        "settlements": Many("settlement", on="visit_id", order=("settled_on",)),
    }
    FILTERS: ClassVar[tuple[str, ...]] = (
        "visit_no",
        "person_id",
        "hospital_id",
        "med_type",
        "state",
        "category",
        "admitted_on",
        "discharged_on",
        "division_code",
    )


@view(
    "accumulator",
    area=Area.MEDICAL,
    owner=PERSON,
    scope_from="division_code",
    order=("year", "id"),
    indexes=(("person_id", "year"),),
)
@dataclass
class AccumulatorRow:
    """年度累计"""

    id: Annotated[UUID, Doc("年度累计标识")]
    person_id: Annotated[UUID, Doc("人员标识")]
    year: Annotated[int, Doc("年度")]
    basic_fen: Annotated[int, Doc("基本医保已支付"), FEN]
    si_deductible_fen: Annotated[int, Doc("大病保险起付线已累计"), FEN]
    si_fen: Annotated[int, Doc("大病保险已支付"), FEN]
    deductible_fen: Annotated[int, Doc("医疗救助起付线已累计"), FEN]
    assistance_fen: Annotated[int, Doc("医疗救助已支付"), FEN]
    settlement_count: Annotated[int, Doc("计入的结算笔数"), COUNTED]
    claim_count: Annotated[int, Doc("计入的事后救助件数"), COUNTED]
    division_code: Annotated[str, Doc("建立时的区划代码")]

    RELATIONS: ClassVar[Relations] = {"person": One("person", local="person_id")}
    FILTERS: ClassVar[tuple[str, ...]] = ("person_id", "year", "assistance_fen", "division_code")


class Visits(Projection):
    """Categories, visits and years. A part of the projection `Medical`, never run by itself."""

    @handles(MedicalCategory.Opened)
    def opened(self, event: MedicalCategory.Opened, at: LogEvent, to: Changes) -> None:
        """A category holds."""
        to.put(
            MedicalCategoryRow,
            (event.person_id, event.category, _given_by(event.case_id)),
            on=event.from_on,
            case_id=event.case_id,
            from_on=event.from_on,
            to_on=event.to_on,
            basis=event.basis,
            division_code=at.division,
        )

    @handles(MedicalCategory.Ended)
    def ended(self, event: MedicalCategory.Ended, at: LogEvent, to: Changes) -> None:
        """It holds until a day."""
        key = (event.person_id, event.category, _given_by(event.case_id))
        on = event.timestamp.date()
        to.patch(MedicalCategoryRow, key, on=on, to_on=event.last_on, ended_reason=event.reason)

    @handles(MedicalCategory.Held, MedicalCategory.Released)
    def held(self, event: MedicalCategory.Held | MedicalCategory.Released, at: LogEvent, to: Changes) -> None:
        """Nothing new rests on it, or may again."""
        reason = event.reason if isinstance(event, MedicalCategory.Held) else None
        to.patch_group(MedicalCategoryRow, "person_id", event.person_id, on=event.timestamp.date(), held=reason)

    @handles(MedicalVisit.Created)
    def admitted(self, event: MedicalVisit.Created, at: LogEvent, to: Changes) -> None:
        """A visit."""
        to.insert(
            MedicalVisitRow,
            event.originator_id,
            on=event.admitted_on,
            visit_no=event.visit_no,
            person_id=event.person_id,
            hospital_id=event.hospital_id,
            med_type=event.med_type,
            insurance=event.insurance,
            ward=event.ward,
            state=VisitState.ADMITTED,
            admitted_on=event.admitted_on,
            diagnosis=event.diagnosis,
            division_code=event.division_code,
        )

    @handles(MedicalVisit.CategoryResolved)
    def resolved(self, event: MedicalVisit.CategoryResolved, at: LogEvent, to: Changes) -> None:
        """What it is settled by."""
        columns: dict[str, Any] = {
            "category": event.category,
            "category_as_of": event.as_of_on,
            **event.standing._asdict(),
        }
        to.patch(MedicalVisitRow, event.originator_id, on=event.as_of_on, **columns)

    @handles(MedicalVisit.ExpensesUploaded)
    def uploaded(self, event: MedicalVisit.ExpensesUploaded, at: LogEvent, to: Changes) -> None:
        """What it costs."""
        to.patch(MedicalVisitRow, event.originator_id, on=event.timestamp.date(), **event.expenses._asdict())

    @handles(MedicalVisit.Discharged)
    def discharged(self, event: MedicalVisit.Discharged, at: LogEvent, to: Changes) -> None:
        """The patient left."""
        said: dict[str, Any] = {"state": VisitState.DISCHARGED, "discharged_on": event.discharged_on}
        if event.diagnosis is not None:
            said["diagnosis"] = event.diagnosis
        to.patch(MedicalVisitRow, event.originator_id, on=event.discharged_on, **said)

    @handles(MedicalVisit.Voided)
    def voided(self, event: MedicalVisit.Voided, at: LogEvent, to: Changes) -> None:
        """A mistake."""
        to.patch(MedicalVisitRow, event.originator_id, on=event.timestamp.date(), state=VisitState.VOIDED)

    @handles(Accumulator.Created)
    def year_opened(self, event: Accumulator.Created, at: LogEvent, to: Changes) -> None:
        """A year of which nothing is used: from its first day, since its settlements arrive in any order."""
        to.insert(
            AccumulatorRow,
            event.originator_id,
            on=date(event.year, 1, 1),
            person_id=event.person_id,
            year=event.year,
            division_code=event.division_code,
        )

    @handles(Accumulator.Changed)
    def year_changed(self, event: Accumulator.Changed, at: LogEvent, to: Changes) -> None:
        """More or less of it is used; visits of that year show it, wherever they are."""
        on, used = event.timestamp.date(), event.used
        booked = event.cause in (AccumulatorCause.SETTLED, AccumulatorCause.CLAIMED)
        settled = 0 if event.cause is AccumulatorCause.CLAIMED else 1 if booked else -1
        claimed = 1 if event.cause is AccumulatorCause.CLAIMED else 0
        sums: dict[str, Any] = {"settlement_count": settled, "claim_count": claimed}
        to.add(AccumulatorRow, event.originator_id, on=on, assign=used._asdict(), **sums)
        now: dict[str, Any] = {"deductible_used_fen": used.deductible_fen, "cap_used_fen": used.assistance_fen}
        to.patch_group(MedicalVisitRow, "person_id", event.person_id, on=on, where={"year": event.year}, **now)


def _given_by(case_id: UUID | None) -> str:
    return "" if case_id is None else str(case_id)
