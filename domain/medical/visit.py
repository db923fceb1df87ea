"""A visit to a hospital (就诊): admission, category, expenses, discharge. An outpatient's begins and ends on one day.

What the patient has is health data: sealed under the person's own key, and never in a gist, tag or message.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import ClassVar, NamedTuple, Self
from uuid import UUID, uuid5

from domain import kernel
from domain.codes import InsuranceType, MaCategory, MedType, VisitState, Ward
from domain.errors import RuleViolated
from domain.kernel import NO_ID, PersonalText
from domain.medical.category import better


class Expenses(NamedTuple):
    """What a hospital charges, in fen, as the national interface divides it."""

    total_fen: int = 0
    in_scope_fen: int = 0
    own_expense_fen: int = 0
    """Not covered at all (全自费)."""
    over_limit_fen: int = 0
    """Above a price limit (超限价自费)."""
    first_share_fen: int = 0
    """The insured's own share before anything is counted (先行自付)."""

    @property
    def imbalance_fen(self) -> int:
        """How much the parts are beyond the total; 0 where they add up."""
        return self.in_scope_fen + self.own_expense_fen + self.over_limit_fen + self.first_share_fen - self.total_fen


class Standing(NamedTuple):
    """What a category gives in a year, and what of it is used, in fen."""

    year: int
    deductible_fen: int
    deductible_used_fen: int
    cap_fen: int
    cap_used_fen: int


class MedicalVisit(kernel.Aggregate):
    """One visit of one person to one hospital."""

    TOPIC: ClassVar[str] = "medical.Visit"
    SUBJECT: ClassVar[str] = "medical_visit"
    division_code: str = ""
    person_id: UUID = NO_ID
    hospital_id: UUID = NO_ID
    visit_no: str = ""
    med_type: MedType = MedType.INPATIENT
    insurance: InsuranceType = InsuranceType.RESIDENT
    ward: Ward | None = None
    admitted_on: date | None = None
    discharged_on: date | None = None
    state: VisitState = VisitState.ADMITTED
    category: MaCategory = MaCategory.NONE
    at_admission: MaCategory = MaCategory.NONE
    expenses: Expenses | None = None

    class Created(kernel.Created):
        """The hospital registered the visit; what the patient has is sealed under the person's key."""

        TOPIC = "medical.PatientAdmitted"
        TITLE = "登记就诊"
        KEY_HOLDER: ClassVar[str] = "person_id"
        person_id: UUID
        hospital_id: UUID
        visit_no: str
        med_type: MedType
        insurance: InsuranceType
        ward: Ward | None
        admitted_on: date
        diagnosis: PersonalText | None
        by: str
        division_code: str

        def gist(self) -> str:
            return f"{self.med_type.label}，{self.admitted_on}"

    class CategoryResolved(kernel.Event):
        """Which category the visit is settled by: the better of its days so far. `as_of_on` is the last one looked at.

        With it, what the category gives in the year and what of that is used.
        """

        TOPIC = "medical.CategoryResolved"
        TITLE = "确定医疗救助身份"
        category: MaCategory
        on_that_day: MaCategory
        as_of_on: date
        standing: Standing

        def apply(self, aggregate: "MedicalVisit") -> None:
            if aggregate.admitted_on == self.as_of_on:
                aggregate.at_admission = self.on_that_day
            aggregate.category = self.category

        def gist(self) -> str:
            return f"{self.category.label}（{self.as_of_on}）"

    class ExpensesUploaded(kernel.Event):
        """What it costs by now; a later upload takes the place of an earlier one."""

        TOPIC = "medical.ExpensesUploaded"
        TITLE = "上传费用"
        expenses: Expenses
        by: str

        def apply(self, aggregate: "MedicalVisit") -> None:
            aggregate.expenses = self.expenses

    class Discharged(kernel.Event):
        """The patient left."""

        TOPIC = "medical.PatientDischarged"
        TITLE = "出院"
        KEY_HOLDER: ClassVar[str] = "person_id"
        person_id: UUID
        discharged_on: date
        diagnosis: PersonalText | None
        by: str

        def apply(self, aggregate: "MedicalVisit") -> None:
            aggregate.discharged_on = self.discharged_on
            aggregate.state = VisitState.DISCHARGED

        def gist(self) -> str:
            return f"{self.discharged_on}"

    class Voided(kernel.Event):
        """The registration was a mistake."""

        TOPIC = "medical.AdmissionVoided"
        TITLE = "撤销就诊登记"
        reason: str
        by: str

        def apply(self, aggregate: "MedicalVisit") -> None:
            aggregate.state = VisitState.VOIDED

        def gist(self) -> str:
            return self.reason

    def subjects(self) -> Iterable[str]:
        """A visit's events stand on the timelines of its person, and are found by its hospital."""
        yield f"person:{self.person_id}"
        yield f"hospital:{self.hospital_id}"

    @staticmethod
    def id_for(hospital_id: UUID, visit_no: str) -> UUID:
        """The id of a hospital's visit with this number (就诊ID)."""
        return uuid5(hospital_id, f"visit {visit_no}")

    @classmethod
    def admit(
        cls,
        at: datetime,
        *,
        person_id: UUID,
        hospital_id: UUID,
        visit_no: str,
        med_type: MedType,
        insurance: InsuranceType,
        ward: Ward | None,
        admitted_on: date,
        diagnosis: str | None,
        by: str,
        division_code: str,
    ) -> Self:
        """Register a visit; raises RuleViolated where it lacks its number or begins in the future."""
        if not visit_no.strip():
            raise RuleViolated("登记就诊须填写就诊ID。")
        if admitted_on > at.date():
            raise RuleViolated("就诊（入院）日期不能晚于今天。")
        if ward is not None and med_type is not MedType.INPATIENT:
            raise RuleViolated(f"{ward.label}按住院结算，医疗类别应为“{MedType.INPATIENT.label}”。")
        return cls.report_admitted(
            at,
            person_id=person_id,
            hospital_id=hospital_id,
            visit_no=visit_no.strip(),
            med_type=med_type,
            insurance=insurance,
            ward=ward,
            admitted_on=admitted_on,
            diagnosis=diagnosis,
            by=by,
            division_code=division_code,
        )

    @classmethod
    def report_admitted(
        cls,
        at: datetime,
        *,
        person_id: UUID,
        hospital_id: UUID,
        visit_no: str,
        med_type: MedType,
        insurance: InsuranceType,
        ward: Ward | None,
        admitted_on: date,
        diagnosis: str | None,
        by: str,
        division_code: str,
    ) -> Self:
        """A source reports a visit."""
        return cls.create(
            cls.Created,
            id=cls.id_for(hospital_id, visit_no),
            at=at,
            person_id=person_id,
            hospital_id=hospital_id,
            visit_no=visit_no,
            med_type=med_type,
            insurance=insurance,
            ward=ward,
            admitted_on=admitted_on,
            diagnosis=diagnosis or None,
            by=by,
            division_code=division_code,
        )

    def resolve(self, at: datetime, *, on_that_day: MaCategory, as_of_on: date, standing: Standing) -> MaCategory:
        """Look at the category of another of its days; the better one so far counts, and is given back."""
        best = on_that_day if as_of_on == self.admitted_on else better(self.at_admission, on_that_day)
        self.record(
            self.CategoryResolved,
            at=at,
            category=best,
            on_that_day=on_that_day,
            as_of_on=as_of_on,
            standing=standing,
        )
        return best

    def upload(self, at: datetime, *, expenses: Expenses, by: str) -> None:
        """Say what it costs; raises RuleViolated where the parts don't add up or the visit is no longer one."""
        self.demand_valid()
        if min(expenses) < 0:
            raise RuleViolated("费用各项不能为负数；退费请办理撤销结算。")
        if expenses.imbalance_fen:
            raise RuleViolated(
                f"全自费、超限价、先行自付与政策范围内费用之和，与医疗费总额相差 {expenses.imbalance_fen} 分；"
                "请核对后重新上传。"
            )
        self.report_expenses(at, expenses=expenses, by=by)

    def report_expenses(self, at: datetime, *, expenses: Expenses, by: str) -> None:
        """A source says what it cost; the same again records nothing."""
        if expenses != self.expenses:
            self.record(self.ExpensesUploaded, at=at, expenses=expenses, by=by)

    def discharge(self, at: datetime, *, discharged_on: date, diagnosis: str | None, by: str) -> None:
        """The patient leaves; raises RuleViolated where that can't be."""
        if self.state is not VisitState.ADMITTED:
            raise RuleViolated(f"就诊现为“{self.state.label}”，不能办理出院。")
        if discharged_on > at.date() or (self.admitted_on is not None and discharged_on < self.admitted_on):
            raise RuleViolated("出院日期不能早于入院日期，也不能晚于今天。")
        self.report_discharged(at, discharged_on=discharged_on, diagnosis=diagnosis, by=by)

    def report_discharged(self, at: datetime, *, discharged_on: date, diagnosis: str | None, by: str) -> None:
        """A source says that the patient left; the same day again records nothing."""
        if discharged_on != self.discharged_on:
            self.record(
                self.Discharged,
                at=at,
                person_id=self.person_id,
                discharged_on=discharged_on,
                diagnosis=diagnosis or None,
                by=by,
            )

    def void(self, at: datetime, *, reason: str, by: str) -> None:
        """Take a mistaken registration back; whoever calls has seen that nothing of it is settled."""
        self.demand_valid()
        if not reason.strip():
            raise RuleViolated("撤销就诊登记须写明原因。")
        self.record(self.Voided, at=at, reason=reason.strip(), by=by)

    def demand_valid(self) -> None:
        """Raise RuleViolated where the registration was taken back."""
        if self.state is VisitState.VOIDED:
            raise RuleViolated("此就诊登记已撤销；请重新登记就诊。")

    def overlaps(self, other: "MedicalVisit") -> bool:
        """Whether two stays in hospital share days beyond that of a transfer."""
        stays = self.med_type is other.med_type is MedType.INPATIENT and VisitState.VOIDED not in (
            self.state,
            other.state,
        )
        if not stays or self.id == other.id or self.admitted_on is None or other.admitted_on is None:
            return False
        mine, theirs = self.discharged_on or date.max, other.discharged_on or date.max
        return self.admitted_on < theirs and other.admitted_on < mine
