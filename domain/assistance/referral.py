"""A person's need that another department answers for (一门受理、转办): handed over, accepted or sent back, answered.

Whoever took the application at the counter refers; the department answers by its own account; whoever referred tells
the applicant what came of it and closes. Which department answers for a need is said in each referral, since duties
move between departments.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import ClassVar, Self
from uuid import UUID

from domain import kernel
from domain.codes import Department, Need, ReferralResult, ReferralState
from domain.errors import RuleViolated
from domain.kernel import NO_ID, PersonalText
from domain.wording import written


class Referral(kernel.Aggregate):
    """One need of one person, on its way through the departments until the person has the answer."""

    TOPIC: ClassVar[str] = "assistance.Referral"
    SUBJECT: ClassVar[str] = "referral"
    division_code: str = ""
    person_id: UUID = NO_ID
    case_id: UUID | None = None
    need: Need = Need.OTHER
    department: Department = Department.CIVIL_AFFAIRS
    by: str = ""
    state: ReferralState = ReferralState.MADE

    class Created(kernel.Created):
        """Handed over to a department, which accepts it or sends it back by `accept_by`.

        Who the person is, how to reach them and what they need is sealed under the person's own key. `by` made it
        and will be told the answer.
        """

        TOPIC = "assistance.ReferralMade"
        TITLE = "转介"
        KEY_HOLDER: ClassVar[str] = "person_id"
        person_id: UUID
        case_id: UUID | None
        need: Need
        department: Department
        contact: PersonalText
        summary: PersonalText
        by: str
        accept_by: date
        division_code: str

        def gist(self) -> str:
            return f"{self.need.label}，转{self.department.label}"

    class Accepted(kernel.Event):
        """The department takes it on and answers by `answer_by`."""

        TOPIC = "assistance.ReferralAccepted"
        TITLE = "受理转介"
        case_id: UUID | None
        by: str
        answer_by: date

        def apply(self, aggregate: "Referral") -> None:
            aggregate.state = ReferralState.ACCEPTED

        def gist(self) -> str:
            return f"答复期限 {self.answer_by}"

    class Returned(kernel.Event):
        """The department is not the one for it; whoever made it finds the right one by `redirect_by`."""

        TOPIC = "assistance.ReferralReturned"
        TITLE = "退回转介"
        case_id: UUID | None
        department: Department
        reason: str
        letter_no: str
        by: str
        redirect_by: date
        made_by: str

        def apply(self, aggregate: "Referral") -> None:
            aggregate.state = ReferralState.RETURNED

        def gist(self) -> str:
            return f"{self.department.label}：{self.reason}"

    class Redirected(kernel.Event):
        """Handed over to another department."""

        TOPIC = "assistance.ReferralRedirected"
        TITLE = "改转"
        case_id: UUID | None
        department: Department
        by: str
        accept_by: date

        def apply(self, aggregate: "Referral") -> None:
            aggregate.state = ReferralState.MADE
            aggregate.department = self.department

        def gist(self) -> str:
            return self.department.label

    class Answered(kernel.Event):
        """What the department did; the text is the person's own. They are to be told by `feedback_by`.

        With a `letter_no` the department answered on paper, and `by` entered it here.
        """

        TOPIC = "assistance.ReferralAnswered"
        TITLE = "答复转介"
        KEY_HOLDER: ClassVar[str] = "person_id"
        person_id: UUID
        case_id: UUID | None
        result: ReferralResult
        answer: PersonalText
        letter_no: str
        by: str
        feedback_by: date
        made_by: str

        def apply(self, aggregate: "Referral") -> None:
            aggregate.state = ReferralState.ANSWERED

        def gist(self) -> str:
            return self.result.label

    class Closed(kernel.Event):
        """The person was told, or the need is gone, or no department answers for it: `note` says which and how."""

        TOPIC = "assistance.ReferralClosed"
        TITLE = "办结转介"
        case_id: UUID | None
        note: str
        by: str

        def apply(self, aggregate: "Referral") -> None:
            aggregate.state = ReferralState.CLOSED

        def gist(self) -> str:
            return self.note

    class Transferred(kernel.Event):
        """Its case went to another street or community, and this goes along."""

        TOPIC = "assistance.ReferralTransferred"
        TITLE = "随个案移交转介"
        case_id: UUID | None
        to_division_code: str
        moved_on: date

        def apply(self, aggregate: "Referral") -> None:
            aggregate.division_code = self.to_division_code

    def subjects(self) -> Iterable[str]:
        """A referral's events stand on the timelines of its person and its case."""
        yield f"person:{self.person_id}"
        if self.case_id is not None:
            yield f"case:{self.case_id}"

    @classmethod
    def make(
        cls,
        id: UUID,
        at: datetime,
        *,
        person_id: UUID,
        case_id: UUID | None,
        need: Need,
        department: Department,
        contact: str,
        summary: str,
        by: str,
        accept_by: date,
        division_code: str,
    ) -> Self:
        """Hand a person's need over to a department."""
        return cls.create(
            cls.Created,
            id=id,
            at=at,
            person_id=person_id,
            case_id=case_id,
            need=need,
            department=department,
            contact=written(contact, "请写明当事人姓名和联系方式，供承办部门联系。"),
            summary=written(summary, "请写明需要帮助的情况。"),
            by=by,
            accept_by=accept_by,
            division_code=division_code,
        )

    def accept(self, at: datetime, *, by: str, answer_by: date) -> None:
        """The department takes it on."""
        self._demand("受理", ReferralState.MADE)
        self.record(self.Accepted, at=at, case_id=self.case_id, by=by, answer_by=answer_by)

    def send_back(self, at: datetime, *, reason: str, by: str, redirect_by: date, letter_no: str = "") -> None:
        """The department is not competent, as may turn out after it took the matter on."""
        self._demand("退回", ReferralState.MADE, ReferralState.ACCEPTED)
        self.record(
            self.Returned,
            at=at,
            case_id=self.case_id,
            department=self.department,
            reason=written(reason, "退回转介须写明理由，并尽可能指明有权办理的部门。"),
            letter_no=letter_no.strip(),
            by=by,
            redirect_by=redirect_by,
            made_by=self.by,
        )

    def redirect(self, at: datetime, *, department: Department, by: str, accept_by: date) -> None:
        """Hand it over to another department than the one that sent it back."""
        self._demand("改转", ReferralState.RETURNED)
        if department is self.department:
            raise RuleViolated(f"{department.label}已退回此转介，请改转其他部门，或说明原因后办结。")
        self.record(self.Redirected, at=at, case_id=self.case_id, department=department, by=by, accept_by=accept_by)

    def answer(
        self, at: datetime, *, result: ReferralResult, answer: str, by: str, feedback_by: date, letter_no: str = ""
    ) -> None:
        """Say what came of it. A department that answers by a letter may do so without having accepted it here."""
        on_paper = (ReferralState.MADE,) if letter_no.strip() else ()
        self._demand("答复", ReferralState.ACCEPTED, *on_paper)
        self.record(
            self.Answered,
            at=at,
            person_id=self.person_id,
            case_id=self.case_id,
            result=result,
            answer=written(answer, "请写明办理结果；不予救助的写明理由。"),
            letter_no=letter_no.strip(),
            by=by,
            feedback_by=feedback_by,
            made_by=self.by,
        )

    def close(self, at: datetime, *, note: str, by: str) -> None:
        """The person knows the answer; or it is closed without one, and the note says why.

        What a department works on is closed after it answered or sent it back.
        """
        self._demand("办结", ReferralState.ANSWERED, ReferralState.RETURNED, ReferralState.MADE)
        demand = "请写明何时、以何种方式告知当事人；未经答复办结的写明原因。"
        self.record(self.Closed, at=at, case_id=self.case_id, note=written(note, demand), by=by)

    def go_along(self, at: datetime, *, to_division_code: str, moved_on: date) -> None:
        """Belong to where its case belongs now."""
        self.record(self.Transferred, at=at, case_id=self.case_id, to_division_code=to_division_code, moved_on=moved_on)

    def _demand(self, what: str, *states: ReferralState) -> None:
        if self.state not in states:
            allowed = "、".join(state.label for state in states)
            raise RuleViolated(f"转介现为“{self.state.label}”，不能{what}；须为：{allowed}。")
